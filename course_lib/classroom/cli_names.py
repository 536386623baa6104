"""What the commands for models of names share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:  # torch takes seconds to import: only inside the commands
    from course_lib.names import NameSplits

DEFAULT_FILE = Path("runs/names.safetensors")

NamesFile = Annotated[
    Path | None,
    typer.Option("--names", help="Your own list, one a-z name a line."),
]


def split_file(path: Path | None) -> "NameSplits":
    """The names of a file, or the course's own, in three parts."""
    from course_lib.names import NAMES_FILE, load_names, split_names

    names = load_names(path or NAMES_FILE)
    splits = split_names(names)
    if not (splits.train and splits.val):
        raise ValueError(
            f"{path} holds {len(names)} names: too few to hold some out; "
            "give 30 or more"
        )
    return splits
