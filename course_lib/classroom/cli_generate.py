"""`course generate`: let a trained model write."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from course_lib.classroom.cli_names import DEFAULT_FILE, NamesFile, split_file

if TYPE_CHECKING:  # torch takes seconds to import: only inside the commands
    from course_lib.mlp import NameMLP


def register(app: typer.Typer) -> None:
    """Add `course generate`."""
    app.command(
        epilog="Example: course generate runs/names.safetensors -n 5 --temperature 0.8"
    )(generate)


def generate(
    checkpoint: Annotated[
        Path, typer.Argument(help="A file that course train saved.")
    ] = DEFAULT_FILE,
    count: Annotated[int, typer.Option("-n", min=1, help="How many names.")] = 10,
    temperature: Annotated[float, typer.Option(help="0 is greedy.")] = 1.0,
    top_k: Annotated[
        int | None, typer.Option(help="Only the k best letters, 1 to 27.")
    ] = None,
    top_p: Annotated[
        float | None, typer.Option(help="Only the best mass p, 0 to 1.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the dice.")] = 0,
    names: NamesFile = None,
) -> None:
    """Write names with a trained model; each is marked new or memorised.

    Memorised: it stands in the training names. With a model of your own list, give
    the same --names.
    """
    import torch

    from course_lib.generate import sample_names

    model = _load(checkpoint)
    splits = split_file(names)
    knobs = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
    dice = torch.Generator().manual_seed(seed)
    samples = sample_names(model, count, generator=dice, **knobs)  # type: ignore[arg-type]
    known, held_out = set(splits.train), {*splits.val, *splits.test}
    width = max(len(name) for name in samples)
    new = 0
    for name in samples:
        mark = "memorised" if name in known else "new"
        new += name not in known
        note = ", and in the held-out list" if name in held_out else ""
        typer.echo(f"{name:<{width}}  {mark}{note}")
    typer.echo(f"{new} of {count} new", err=True)


def _load(path: Path) -> "NameMLP":
    from course_lib.checkpoint import load_checkpoint, load_weights
    from course_lib.mlp import NameMLP, NameMLPConfig

    if not path.exists():
        raise ValueError(f"{path} is missing; make it with: course train --out {path}")
    stored = load_checkpoint(path)
    try:
        model = NameMLP(NameMLPConfig(**stored.facts["model"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path} does not hold a names model") from error
    load_weights(model, stored)
    return model.eval()
