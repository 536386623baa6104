"""The guesses of a class in one folder: a small file for each guesser and question.

Nothing is shared unless somebody asks for it: a notebook leaves its guesses in the
folder that the environment variable COURSE_GUESSES names, and a page of the site that
`course site --class FOLDER` shows leaves those that are typed there. A later
guess of the same guesser takes the place of the earlier one.
"""

import getpass
import hashlib
import json
import os
import platform
import warnings
from pathlib import Path

from course_lib.engine.writing import write_atomically

FOLDER = "COURSE_GUESSES"
"""The environment variable with the folder of a class."""
LONGEST = 60
"""Letters of a guess, as many as its box takes."""


def me() -> str:
    """A code for who guesses on this machine: of login and machine, not to be read.

    >>> len(me())
    12
    """
    return _code(f"{getpass.getuser()}@{platform.node()}")


def _code(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def leave(folder: Path, question: str, guess: str, guesser: str) -> Path:
    """Put a guess into the folder of a class; an empty one takes it out again.

    Args:
        folder: where the class's guesses lie. It need not be readable for students.
        question: the question as its box asks it.
        guess: what was typed or chosen.
        guesser: any word that stands for one person.

    Returns:
        The file that holds the guess.

    Raises:
        OSError: the folder is not there, or nothing can be written to it.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for guesser, guess in (("ada", "60"), ("bo", "70"), ("ada", "65")):
    ...         _ = leave(Path(folder), "How many?", guess, guesser)
    ...     sorted(gathered(Path(folder))["How many?"])
    ['65', '70']
    """
    path = Path(folder) / f"{_code(question)}-{_code(guesser)}.json"
    if not path.parent.is_dir():
        raise FileNotFoundError(2, "no such folder for a class's guesses", str(folder))
    if guess:
        kept = {"question": question, "guess": guess[:LONGEST]}
        write_atomically(path, f"{json.dumps(kept, ensure_ascii=False)}\n".encode())
    else:
        path.unlink(missing_ok=True)
    return path


def gathered(folder: Path) -> dict[str, list[str]]:
    """All guesses in a class's folder, by question; files that are no guess are left.

    Raises:
        OSError: the folder is not there or cannot be read.
    """
    found: dict[str, list[str]] = {}
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".json") or name.startswith("."):
            continue
        try:
            kept = json.loads(Path(folder, name).read_text("utf-8"))
            question, guess = kept["question"], kept["guess"]
        except (OSError, ValueError, LookupError, TypeError):
            continue
        if isinstance(question, str) and isinstance(guess, str):
            found.setdefault(question, []).append(guess[:LONGEST])
    return found


def share(question: str, guess: str) -> None:
    """Leave a guess where COURSE_GUESSES says; a warning, no error, if that fails."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return
    try:
        leave(Path(folder).expanduser(), question, guess, me())
    except OSError as error:
        warnings.warn(f"your class does not see this guess: {error}", stacklevel=2)
