"""`course generate`: let a trained model write."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from classroom.cli_names import DEFAULT_FILE, NamesFile
from classroom.cli_words import LARGEST_SEED, errors_in_options, was_given

if TYPE_CHECKING:  # torch takes seconds to import: only inside the commands
    from course_lib.files import Loaded
    from course_lib.gpt import GPT
    from course_lib.sampling import Knobs
    from course_lib.tokenizer import Tokenizer

NAMES, TOKENS = 10, 200
MEMORISED = "memorised"
HELD_OUT = "new, and in the held-out list"
ONLY_GPT = (
    *("--min-p", "--repetition-penalty", "--max-tokens", "--stop"),
    *("--slide", "--int8"),
)


File = Annotated[Path, typer.Argument(help="A file that course train saved.")]
Prompt = Annotated[
    str | None, typer.Option(help="What to go on with: a text, or letters of a name.")
]
Count = Annotated[
    int | None,
    typer.Option("-n", min=1, help=f"How many names ({NAMES}) or texts (1)."),
]
Temperature = Annotated[float, typer.Option(help="0 is greedy.")]
TopK = Annotated[
    int | None, typer.Option(help="Only the k most probable letters or tokens.")
]
TopP = Annotated[float | None, typer.Option(help="Only the best mass p, 0 to 1.")]
MinP = Annotated[
    float | None,
    typer.Option(help="GPT: only tokens with this share of the best one's p."),
]
Penalty = Annotated[
    float | None, typer.Option(help="GPT: above 1, repeats become rarer.")
]
MaxTokens = Annotated[
    int | None, typer.Option(min=1, help=f"GPT: the most to write ({TOKENS}).")
]
Stop = Annotated[
    list[str] | None, typer.Option(help="GPT: end before this; may be repeated.")
]
Slide = Annotated[
    bool,
    typer.Option(
        "--slide", help="GPT: when the context is full, forget its older half."
    ),
]
Int8 = Annotated[
    bool, typer.Option("--int8", help="GPT: weights of one byte, faster if large.")
]
Seed = Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="Of the dice.")]


def register(app: typer.Typer) -> None:
    """Add `course generate`."""
    app.command(
        epilog="Example: course generate runs/names.safetensors -n 5 --temperature 0.8"
    )(generate)


def generate(
    checkpoint: File = DEFAULT_FILE,
    prompt: Prompt = None,
    count: Count = None,
    temperature: Temperature = 1.0,
    top_k: TopK = None,
    top_p: TopP = None,
    min_p: MinP = None,
    repetition_penalty: Penalty = None,
    max_tokens: MaxTokens = None,
    stop: Stop = None,
    slide: Slide = False,
    int8: Int8 = False,
    seed: Seed = 0,
    names: NamesFile = None,
) -> None:
    """Write with a trained model: names, or a GPT's text as it comes.

    Names are marked new or memorised: memorised ones stand in the training names. With
    a model of your own list, give the same --names.
    """
    given = dict(locals())
    with errors_in_options():
        write(given)


def write(given: dict[str, Any]) -> None:
    """Write as the options say; `given` holds their values by name."""
    path, names, seed = given["checkpoint"], given["names"], given["seed"]
    stored = _load(path)
    knobs: Knobs = {name: given[name] for name in ("temperature", "top_k", "top_p")}  # type: ignore[assignment]
    if not _is_gpt(stored):
        for option in ONLY_GPT:
            if was_given(given[option.removeprefix("--").replace("-", "_")]):
                raise ValueError(f"{option} is for a GPT; {path} writes names")
        prompt, count = given["prompt"] or "", given["count"] or NAMES
        _write_names(stored, prompt, count, seed, names, knobs)
        return
    if names is not None:
        raise ValueError(f"--names is for names; {path} is a GPT")
    knobs["min_p"] = given["min_p"]
    if given["repetition_penalty"] is not None:
        knobs["repetition_penalty"] = given["repetition_penalty"]
    if stored.tokenizer is None:
        raise ValueError(f"{path} holds a GPT without its tokenizer: it cannot write")
    options: dict[str, Any] = {"stop": given["stop"] or (), **knobs}
    options["max_new_tokens"] = given["max_tokens"] or TOKENS
    if given["slide"]:
        options |= {"when_full": "slide", "dropped": _say_dropped}
    seeds = range(seed, seed + (given["count"] or 1))
    model = _with_one_byte(stored.model) if given["int8"] else stored.model
    _write_texts(model, stored.tokenizer, given["prompt"] or "", seeds, options)


def _say_dropped(row: int, tokens: list[int]) -> None:
    """The beginning of a prompt did not fit into the context."""
    typer.echo(
        f"the prompt is too long: its first {len(tokens)} tokens are not read", err=True
    )


def _write_texts(
    model: "GPT",
    tokenizer: "Tokenizer",
    prompt: str,
    seeds: range,
    options: dict[str, Any],
) -> None:
    """Show the prompt and what comes, as it comes, one text after the other."""
    from course_lib.generate import stream_text

    for seed in seeds:
        if seed > seeds.start:
            typer.echo("---")
        for i, piece in enumerate(
            stream_text(model, tokenizer, prompt, seed=seed, **options)
        ):
            typer.echo((prompt if i == 0 else "") + piece, nl=False)
        typer.echo()


def _write_names(
    stored: "Loaded",
    prompt: str,
    count: int,
    seed: int,
    names: Path | None,
    knobs: "Knobs",
) -> None:
    import torch

    from course_lib.engine.name_files import as_listed
    from course_lib.generate import sample_names
    from course_lib.names import ALPHABET

    alphabet = _alphabet(stored)
    marks = _marks(names) if names or alphabet == ALPHABET else {}
    samples = sample_names(
        stored.model,
        count,
        generator=torch.Generator().manual_seed(seed),
        prompt=as_listed(prompt),
        alphabet=alphabet,
        **knobs,  # type: ignore[misc]
    )
    width = max(len(name) for name in samples)
    for name in samples:
        typer.echo(f"{name:<{width}}  {marks.get(name, 'new')}" if marks else name)
    if marks:
        new = sum(marks.get(name) != MEMORISED for name in samples)
        typer.echo(f"{new} of {count} new", err=True)
    else:
        typer.echo("with --names LIST they are marked new or memorised", err=True)


def _marks(names: Path | None) -> dict[str, str]:
    """What to say of the names of a list when a model writes them."""
    from course_lib.engine.presets.lists import split_list

    train, *held_out = split_list(names)
    marks = {name: HELD_OUT for part in held_out for name in part}
    return marks | dict.fromkeys(train, MEMORISED)


def _with_one_byte(model: "GPT") -> "GPT":
    from course_lib.engine.quantize import quantized

    return quantized(model)


def _alphabet(stored: "Loaded") -> str:
    """Of a names model; without one in the file, the course's own."""
    from course_lib.names import ALPHABET

    return str(getattr(stored.tokenizer, "alphabet", ALPHABET))


def _load(path: Path) -> "Loaded":
    if not path.exists():
        raise ValueError(f"{path} is missing; make it with: course train --out {path}")
    from course_lib.files import load

    return load(path)


def _is_gpt(stored: "Loaded") -> bool:
    from course_lib.gpt import GPT

    return isinstance(stored.model, GPT)
