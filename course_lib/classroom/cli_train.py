"""`course train`: a model from the terminal."""

import math
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.console import Console

from course_lib.classroom.cli_names import DEFAULT_FILE, NamesFile, split_file

if TYPE_CHECKING:  # torch takes seconds to import: only inside the commands
    from torch import nn

    from course_lib.batches import BatchSource
    from course_lib.mlp import NameMLP
    from course_lib.names import NameSplits
    from course_lib.train import Record, TrainConfig

REPORTS = 10


def register(app: typer.Typer) -> None:
    """Add `course train`."""
    app.command(epilog="Example: course train names --steps 2000 --seed 1")(train)


def train(
    preset: Annotated[str, typer.Argument(help="What to train: names.")] = "names",
    steps: Annotated[int, typer.Option(min=1, help="Updates.")] = 2000,
    hidden: Annotated[int, typer.Option(min=1, help="Hidden units.")] = 64,
    batch: Annotated[int, typer.Option(min=1, help="Windows in a batch.")] = 256,
    learning_rate: Annotated[float, typer.Option(help="At the start.")] = 1e-2,
    seed: Annotated[int, typer.Option(help="Of the first weights and batches.")] = 0,
    out: Annotated[Path, typer.Option(help="Where to save.")] = DEFAULT_FILE,
    names: NamesFile = None,
    device: Annotated[
        str | None, typer.Option(help="cpu, cuda or mps; without: the best there is.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the saved state.")
    ] = False,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Start again; the old file is kept as .old."),
    ] = False,
) -> None:
    """Train a names model, held-out loss and reference lines beside it.

    Ctrl-C saves the last state; --resume goes on from it as if nothing had happened.
    """
    _check_request(preset, out, resume, overwrite)
    from course_lib.train import TrainConfig
    from course_lib.train import train as training

    console = Console(highlight=False, markup=False, soft_wrap=True)
    splits = split_file(names)
    config = TrainConfig(
        steps=steps,
        learning_rate=learning_rate,
        eval_every=math.ceil(steps / REPORTS),
    )
    model, batch_at, evaluate = _names_run(splits, hidden, batch, seed, device)
    _print_lines(console, splits, model)
    if overwrite and out.exists():
        out.replace(out.with_name(f"{out.name}.old"))
    if resume:
        _check_same_run(out, config)
    records = training(model, batch_at, config, evaluate=evaluate, checkpoint=out)
    _show(console, records, steps, out)


def _names_run(
    splits: "NameSplits", hidden: int, batch: int, seed: int, device: str | None
) -> "tuple[NameMLP, BatchSource, Callable[[nn.Module], float]]":
    """The model, its batches and its held-out loss, all on one device."""
    import torch

    from course_lib.batches import evaluate_loss, mini_batches
    from course_lib.device import pick_device
    from course_lib.mlp import NameMLP, NameMLPConfig
    from course_lib.names import windows

    where = pick_device(device)
    shape = NameMLPConfig(hidden_dim=hidden)
    model = NameMLP(shape, generator=torch.Generator().manual_seed(seed)).to(where)
    x, y = (part.to(where) for part in windows(splits.train, shape.context_size))
    held = [part.to(where) for part in windows(splits.val, shape.context_size)]
    batch_at = mini_batches(x, y, batch, seed=seed)
    return model, batch_at, lambda trained: evaluate_loss(trained, held[0], held[1])


def _check_request(preset: str, out: Path, resume: bool, overwrite: bool) -> None:
    """Refuse, before any work, what cannot end well."""
    if preset != "names":
        raise ValueError(f"there is no preset {preset!r}; presets: names")
    if resume and overwrite:
        raise ValueError("--resume and --overwrite exclude each other")
    if resume and not out.exists():
        raise ValueError(f"{out}: nothing to resume; leave out --resume")
    if out.is_dir():
        raise ValueError(f"{out} is a folder; give a file name")
    if out.exists() and not (resume or overwrite):
        raise ValueError(f"{out} exists; add --resume or --overwrite, or change --out")
    out.parent.mkdir(parents=True, exist_ok=True)


def _check_same_run(out: Path, config: "TrainConfig") -> None:
    """Say in the words of the command line which option differs from the saved run."""
    from course_lib.checkpoint import load_checkpoint

    saved = load_checkpoint(out).facts.get("config", {})
    for name in ("steps", "learning_rate"):
        was, now = saved.get(name), getattr(config, name)
        if was != now:
            option = f"--{name.replace('_', '-')}"
            raise ValueError(f"{out} was begun with {option} {was}, not {now}")


def _print_lines(console: Console, splits: "NameSplits", model: "NameMLP") -> None:
    """The facts that hold before training: sizes and the reference lines."""
    from course_lib.names import VOCAB_SIZE
    from course_lib.ngram import context_entropy

    T = model.context_size
    floor = context_entropy(splits.train, T)
    pair = context_entropy(splits.train, 1)
    counts = f"{len(splits.train):,} names to learn from, {len(splits.val):,} held out"
    console.print(f"{counts}; {model.config.n_parameters:,} parameters")
    console.print("reference lines, nats per letter of the training names:")
    console.print(f"  {math.log(VOCAB_SIZE):.3f}  ln {VOCAB_SIZE}: knows nothing")
    console.print(f"  {pair:.3f}  the floor with 1 letter seen (bigram table)")
    console.print(f"  {floor:.3f}  the floor with {T} letters seen, by counting")


def _show(console: Console, records: "Iterator[Record]", steps: int, out: Path) -> None:
    """Follow a training run on the terminal until it ends or is stopped."""
    run = cast("Generator[Record]", records)  # closing it saves the state
    start, first, step = time.perf_counter(), -1, 0
    recent: list[float] = []
    try:
        with closing(run), _bar(console, steps) as advance:
            for record in run:
                first = record.step if first < 0 else first
                step = record.step
                recent.append(record.loss_nats)
                advance(step, record.loss_nats)
                if record.val_loss_nats is not None:
                    mean = sum(recent) / len(recent)
                    held = f"held out {record.val_loss_nats:.3f}"
                    console.print(f"step {step:6,}  train {mean:.3f}  {held}")
                    recent.clear()
    except KeyboardInterrupt:
        from course_lib.checkpoint import load_checkpoint

        saved = load_checkpoint(out).facts["step"] if out.exists() else 0
        console.print(f"the state after {saved:,} updates is saved in {out}")
        console.print("to go on: the same command with --resume")
        raise typer.Exit(130) from None
    took = time.perf_counter() - start
    console.print(f"{step - first:,} updates in {took:.1f} s; saved in {out}")
    console.print(f"now: course generate {out}")


@contextmanager
def _bar(console: Console, steps: int) -> Iterator[Callable[[int, float], None]]:
    """A progress bar on a terminal; nothing elsewhere."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    done = TextColumn(f"{{task.completed:,.0f}} of {steps:,}")
    loss = TextColumn("train {task.fields[loss]:.2f}")
    progress = Progress(
        *(BarColumn(), done, loss, TimeRemainingColumn()),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with progress:
        task = progress.add_task("train", total=steps, loss=math.nan)
        yield lambda step, nats: progress.update(task, completed=step, loss=nats)
