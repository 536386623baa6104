"""Following a training run on the terminal."""

import math
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from rich.console import Console

if TYPE_CHECKING:  # torch takes seconds to import: only inside the commands
    from course_lib.engine.presets import Job
    from course_lib.train import Record


def follow(console: Console, job: "Job", out: Path, log: Path | None) -> None:
    """Train until the job is done or stopped, and say how it goes.

    Args:
        console: where to say it.
        job: see `course_lib.engine.presets`.
        out: the checkpoint.
        log: see `course_lib.engine.logs`; None for none.
    """
    from course_lib.engine.logs import logged, open_log

    logs = [] if log is None else [open_log(log)]
    run = cast("Generator[Record]", logged(job.start(out), *logs))
    try:
        _say_before(console, job)
        _show(console, job, run, out)
    except KeyboardInterrupt:
        _say_kept(console, out)
        raise


def _say_kept(console: Console, out: Path) -> None:
    """What is there after a run was stopped; it may not have begun yet."""
    from course_lib.files import load_checkpoint

    old = out.with_name(f"{out.name}.old")
    if out.exists():
        saved = load_checkpoint(out).metadata["step"]
        console.print(f"the state after {saved:,} updates is saved in {out}")
        console.print("to go on: the same command with --resume")
        return
    there = f"; the run before is in {old}" if old.exists() else ""
    console.print(f"stopped before the first update: nothing is saved{there}")


def _say_before(console: Console, job: "Job") -> None:
    """The metadata that hold before training: sizes and the reference lines."""
    n_parameters = sum(p.numel() for p in job.model.parameters())
    console.print(f"{job.about}; {n_parameters:,} parameters")
    if job.note:
        console.print(job.note)
    if not job.lines:
        return
    unit = "letter of the training names" if job.preset == "names" else "token"
    console.print(f"reference lines, nats per {unit}:")
    for meaning, nats in job.lines.items():
        console.print(f"  {nats:.3f}  {meaning}")


def _show(console: Console, job: "Job", run: "Generator[Record]", out: Path) -> None:
    start, first, step = time.perf_counter(), -1, 0
    recent: list[float] = []
    speeds: list[float] = []
    with closing(run), _bar(console, job.config.steps) as advance:
        for record in run:
            first = record.step if first < 0 else first
            step = record.step
            recent.append(record.loss_nats)
            speeds.append(record.tokens_per_second)
            advance(step, record.loss_nats)
            if record.val_loss_nats is not None:
                console.print(_line(job, record, sum(recent) / len(recent)))
                recent.clear()
            if record.sample is not None:
                console.print("  | " + record.sample.replace("\n", "\n  | "))
    took = time.perf_counter() - start
    console.print(f"{step - first:,} updates in {took:.1f} s; saved in {out}")
    if step == first:
        console.print(f"it had all its updates: add --steps {2 * step:,} to train on")
    if step - first >= 2 and not job.trainable_only:  # frozen weights cost less
        console.print(_speed(job, speeds))
    then = "chat" if job.trainable_only else "generate"
    console.print(f"now: course {then} {out}")


def _line(job: "Job", record: "Record", mean: float) -> str:
    """What there is to say at an evaluation."""
    held = record.val_loss_nats
    assert held is not None
    parts = [f"step {record.step:6,}  train {mean:.3f}  {job.measured} {held:.3f}"]
    bits = job.bits_per_byte(held)
    if bits is not None:
        parts.append(f"{bits:.3f} bits per byte")
    if job.floor_nats is not None:
        parts.append(f"{held / job.floor_nats - 1:.1%} above the floor")
    return "  ".join(parts)


def _speed(job: "Job", speeds: list[float]) -> str:
    """Tokens a second, and what share of the machine's operations they took."""
    from statistics import median

    from course_lib.device import device_of, limited_threads, threads_for
    from course_lib.engine.speed import flops_utilisation, peak_flops

    speed = median(speeds[1:-1] or speeds)
    n_threads = threads_for(sum(p.numel() for p in job.model.parameters()))
    with limited_threads(n_threads):
        peak = peak_flops(device_of(job.model), job.config.precision)
    share = flops_utilisation(job.model, speed, peak)
    return (
        f"{speed:,.0f} tokens a second, {share:.0%} of the {peak / 1e9:,.0f} GFLOP/s "
        "that this device can do"
    )


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
