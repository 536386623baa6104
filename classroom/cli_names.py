"""What the commands for models of names share."""

from pathlib import Path
from typing import Annotated

import typer

DEFAULT_FILE = Path("runs/names.safetensors")

NamesFile = Annotated[
    Path | None,
    typer.Option("--names", help="Your own list, one name a line, any alphabet."),
]
