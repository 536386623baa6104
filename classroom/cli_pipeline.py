"""`course train --preset pipeline`: every stage of an assistant by one command."""

import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from classroom.cli_words import was_given
from course_lib.engine.writing import put_in_place

if TYPE_CHECKING:  # torch takes seconds to import: only inside the commands
    import torch

    from tiny_world.assistant.report import Measures

QUIET_SECONDS = 5
"""Lines in a log are at least so far apart."""
NOT_FOR_PIPELINE = ("accumulate", "recompute", "precision", "save_every", "keep", "log")


def begin(
    given: Mapping[str, Any], shape: Mapping[str, Any], recipe: Mapping[str, Any]
) -> None:
    """Make what is missing in the folder, show each stage and then the table.

    Args:
        given: the options of `course train` by name.
        shape: sizes of the model that were given.
        recipe: settings of the base model's training that were given.
    """
    folder = given["out"] or Path("runs") / "pipeline"
    console = Console(highlight=False, markup=False, soft_wrap=True)
    _check(given, folder)
    if given["overwrite"]:
        _set_aside(folder)
    console.print(f"making an assistant in {folder}, stage by stage")
    from course_lib.device import pick_device

    device = pick_device(given["device"])
    try:
        if given["text"]:
            _own(console, given, folder, device, shape, recipe)
        else:
            _world(console, given, folder, device, shape, recipe)
    except KeyboardInterrupt:
        if any(folder.glob("*.safetensors")):
            console.print(f"what is done is kept in {folder}; go on with --resume")
        else:
            console.print("stopped before the first update: nothing is saved")
        raise


def _check(given: Mapping[str, Any], folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file; a pipeline needs a folder: change --out")
    if bool(given["text"]) != bool(given["chats"]):
        raise ValueError("--text and --chats go together: what to read, how to answer")
    if given["text"] and given["people"]:
        raise ValueError("--people is for Tiny World; leave it out with --text")
    begun = folder.is_dir() and any(folder.glob("*.safetensors"))
    if begun and not (given["resume"] or given["overwrite"]):
        raise ValueError(f"{folder} holds stages; add --resume or --overwrite")
    if given["resume"] and not begun:
        raise ValueError(f"{folder}: nothing to resume; leave out --resume")


def _set_aside(folder: Path) -> None:
    for path in sorted(folder.glob("*.safetensors")):
        put_in_place(path, path.with_name(f"{path.name}.old"))


def _world(
    console: Console,
    given: Mapping[str, Any],
    folder: Path,
    device: "torch.device",
    shape: Mapping[str, Any],
    recipe: Mapping[str, Any],
) -> None:
    from tiny_world.assistant import outside, plan_for, run_pipeline

    plan = plan_for(
        device, seed=given["seed"], people=given["people"], shape=shape, recipe=recipe
    )
    console.print(f"{plan.people} famous people, seed {plan.seed}, on {device}")
    results: dict[str, Measures] = {}
    begun = time.perf_counter()
    with Bar(console) as bar:
        for made in run_pipeline(folder, plan, device=device, report=bar.report):
            results[made.stage] = made.measures
            how = "was there" if made.found_before else bar.took()
            console.print(f"{made.stage:<10} {made.path}  ({how})")
    show(console, results)
    for line in outside(results):
        console.print(f"note: {line}")
    console.print(f"{time.perf_counter() - begun:.0f} s in all")
    console.print(f"now: course chat {folder}")


def _own(
    console: Console,
    given: Mapping[str, Any],
    folder: Path,
    device: "torch.device",
    shape: Mapping[str, Any],
    recipe: Mapping[str, Any],
) -> None:
    from tiny_world.assistant.own import run_own

    with Bar(console) as bar:
        stages = run_own(
            folder,
            given["text"],
            given["chats"],
            seed=given["seed"],
            shape=shape,
            recipe=recipe,
            tokenizer="bpe" if given["tokenizer"] is None else given["tokenizer"],
            vocab_size=given["vocab"],
            device=device,
            report=bar.report,
            note=console.print,
        )
        for made in stages:
            how = "was there" if made.found_before else bar.took()
            loss = f"held out {made.loss_nats:.3f} nats per token"
            console.print(f"{made.stage:<5} {made.path}  {loss}  ({how})")
    console.print(f"now: course chat {folder}")


def show(console: Console, results: "Mapping[str, Measures]") -> None:
    """The table of results."""
    from tiny_world.assistant import table

    header, *lines = table(results)
    shown = Table(*header, title="What each stage can do (share ± standard error)")
    for label, *cells in lines:
        if console.width < 120:  # no room for the errors
            cells = [cell.partition(" ")[0] for cell in cells]
        shown.add_row(label, *cells)
    console.print(shown)


class Bar:
    """A progress bar on a terminal; a line for every tenth elsewhere."""

    def __init__(self, console: Console) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self.console, self.stage, self.begun = console, "", time.perf_counter()
        self.said = -math.inf
        self.progress = Progress(
            TextColumn("{task.description:<10}"),
            BarColumn(),
            TextColumn("{task.completed:,.0f} of {task.total:,.0f}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> "Bar":
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def report(self, stage: str, step: int, steps: int, loss: float) -> None:
        """Show how far a stage is."""
        if stage != self.stage:
            self.stage, self.said = stage, -math.inf  # a new stage is always said
            for task in self.progress.task_ids:
                self.progress.remove_task(task)
            self.task = self.progress.add_task(stage, total=steps)
        self.progress.update(self.task, completed=step)
        now = time.perf_counter()
        if self.console.is_terminal or now - self.said < QUIET_SECONDS:
            return
        self.said = now
        how = "" if math.isnan(loss) else f" step {step:,} of {steps:,}, {loss:.2f}"
        self.console.print(f"{stage:<10}{how}")

    def took(self) -> str:
        """Seconds since this was asked last."""
        now = time.perf_counter()
        seconds, self.begun = now - self.begun, now
        return f"{seconds:.0f} s"


def check_options(given: Mapping[str, Any]) -> None:
    """Refuse options that a pipeline has no use for."""
    for name in NOT_FOR_PIPELINE:
        if was_given(given[name]):
            option = f"--{name.replace('_', '-')}"
            raise ValueError(f"{option} does not go with --preset pipeline")
