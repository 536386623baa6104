"""`course snapshots`: train the stored runs again."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from course_lib.train import Record

WHAT = ("all", "world", "assistant")


def register(app: typer.Typer) -> None:
    """Add this module's command to the `course` command."""
    app.command(epilog="Example: course snapshots assistant")(snapshots)


def snapshots(
    what: Annotated[str, typer.Argument(help="all, world or assistant.")] = "all",
) -> None:
    """Make the stored models again: Tiny World's base model, and its assistant.

    It takes some minutes. On the same machine the files come out the same; on another
    processor a loss may differ in the last digits.
    """
    if what not in WHAT:
        raise ValueError(f"{what!r} is not stored: use {', '.join(WHAT)}")
    if what != "assistant":
        _world()
    if what != "world":
        _assistant()


def _world() -> None:
    from classroom.lessons import short
    from classroom.snapshots import RECIPE, STORED_RUN, write_world_base
    from tiny_world import WORLD_BASE

    def report(record: "Record") -> None:
        if record.val_loss_nats is not None:
            held = f"held out {record.val_loss_nats:.4f} nats per word"
            typer.echo(f"step {record.step:5,} of {RECIPE.steps:,}  {held}")

    write_world_base(report)
    typer.echo(f"written: {short(WORLD_BASE)} and {short(STORED_RUN)}")


def _assistant() -> None:
    from classroom.lessons import short
    from tiny_world.assistant.shipped import make_shipped

    def report(stage: str, step: int, steps: int, loss: float) -> None:
        if step in (0, steps - 1):
            typer.echo(f"{stage:<10} step {step:3,} of {steps:,}  loss {loss:.3f}")

    for path in make_shipped(report=report):
        typer.echo(f"written: {short(path)}")
