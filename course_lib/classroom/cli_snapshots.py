"""`course snapshots`: train the stored runs again."""

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from course_lib.train import Record


def register(app: typer.Typer) -> None:
    """Add this module's command to the `course` command."""
    app.command(epilog="Example: course snapshots")(snapshots)


def snapshots() -> None:
    """Make the base model of Tiny World again; it takes some minutes.

    On the same machine the files come out the same; on another processor a loss may
    differ in the last digits.
    """
    from course_lib.classroom.lessons import short
    from course_lib.classroom.snapshots import RECIPE, STORED_RUN, write_world_base
    from course_lib.pretrained import WORLD_BASE

    def report(record: "Record") -> None:
        if record.val_loss_nats is not None:
            held = f"held out {record.val_loss_nats:.4f} nats per word"
            typer.echo(f"step {record.step:5,} of {RECIPE.steps:,}  {held}")

    write_world_base(report)
    typer.echo(f"written: {short(WORLD_BASE)} and {short(STORED_RUN)}")
