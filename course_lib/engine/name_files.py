"""A list of names as people have it: one a line, in any alphabet, read with care."""

import re
import reprlib
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from course_lib.engine.reading import read_text, summary
from course_lib.names import ALPHABET, END

MAX_FILE_BYTES = 64 * 2**20
MAX_LETTERS = 1000
"""Above it each letter is too rare to be learned by a small network."""
LONGEST_NAME = 60
HEADERS = {"name", "names", "first name", "firstname", "given name", "forename"}
_JOINTS = "'-\u00b7 \u200c\u200d"  # between letters: O'Neil, Jean-Luc, Anna Maria
_SAME = str.maketrans({"\u2018": "'", "\u2019": "'", "\u2010": "-", "\u2011": "-"})
_INVISIBLE = "\ufeff\u200b\u200e\u200f"
_RARE_SCRIPT = 0.01
"""Below this share of a list's letters, those of another script may be a slip."""
_AS_TEXT = "learn the list as a text: course train --preset shakespeare --text FILE"


def read_names(path: Path, say: Callable[[str], object] | None = None) -> list[str]:
    """The names of a file, see `course_lib.names.load_names`.

    >>> from course_lib.names import NAMES_FILE
    >>> read_names(NAMES_FILE)[0].isalpha()
    True
    """
    names: dict[str, None] = {}
    done = Counter[str]()
    lines = read_text(path, max_bytes=MAX_FILE_BYTES).splitlines()
    for number, line in enumerate(lines, start=1):
        written = _only_cell(line, f"{path}, line {number:,}")
        name = as_listed(written)
        if not name:
            done["blank lines left out"] += 1
        elif not names and name.lower().replace("_", " ") in HEADERS:
            done[f"header {written!r} left out"] += 1
        elif name in names:
            done["repeats left out"] += 1
        else:
            check_name(name, f"{path}, line {number:,}")
            names[name] = None
            if written != written.lower():
                done["written with capitals"] += 1
    if not names:
        raise ValueError(f"{path} holds no names: write one name a line")
    if len(letters := set().union(*names)) > MAX_LETTERS:
        raise ValueError(
            f"{path} uses {len(letters):,} different letters, above {MAX_LETTERS:,}: "
            f"{_AS_TEXT}"
        )
    if say and done:
        say(summary(path, done))
    if say and (strange := unusual(names)):
        say(_told(path, strange))
    return list(names)


def _only_cell(line: str, where: str) -> str:
    """The one entry of a line, without the spaces, quotes and marks around it."""
    cells = [
        cell.strip().strip(_INVISIBLE + '"').strip()
        for cell in re.split("[,;\t]", line)
    ]
    cells = [cell for cell in cells if cell]
    if len(cells) > 1:
        raise ValueError(
            f"{where}: {reprlib.repr(line)} has {len(cells)} columns: keep only "
            "the names"
        )
    return cells[0] if cells else ""


def as_listed(name: str) -> str:
    """A name as the lists hold it: lower case, one code for each letter (NFC).

    >>> as_listed("ZOE\u0308"), as_listed("İpek"), as_listed(" O’Neil ")
    ('zoë', 'ipek', "o'neil")
    """
    name = name.lower().replace("i\u0307", "i")  # the Turkish capital
    return " ".join(unicodedata.normalize("NFC", name).translate(_SAME).split())


def check_name(name: str, where: str) -> None:
    """Refuse what cannot be a name, with the place and the cure.

    Raises:
        ValueError: for the end mark, a digit or an invisible character in it, no letter
            at all, or more than `LONGEST_NAME` of them.

    >>> check_name("o'neil", "line 3")
    """
    for letter in name:
        if cure := _cure(letter):
            raise ValueError(f"{where}: {reprlib.repr(name)} holds {letter!r}: {cure}")
    if not any(map(str.isalpha, name)):
        raise ValueError(f"{where}: {name!r} holds no letter: take the line out")
    if len(name) > LONGEST_NAME:
        raise ValueError(
            f"{where}: {len(name)} letters are too many for a name: write one a line"
        )


def _cure(letter: str) -> str:
    """Why a character cannot stand in a name and what to do, "" if it can."""
    kind = unicodedata.category(letter)[0]
    if letter == ALPHABET[END]:
        return "the dot marks the end of a name here; write the name without it"
    if kind == "N":
        return f"a name holds no digits; take them out, or {_AS_TEXT} --context 32"
    if kind == "C" and letter not in _JOINTS:
        return "it is invisible; type this name again"
    return ""


def unusual(names: Iterable[str]) -> dict[str, int]:
    r"""Characters that may be slips, the most frequent first, and how often they occur.

    They are marks other than ' - · and the space, and the letters of a script that is
    rare in this list: a Cyrillic \u0430 in a Latin name looks the same and is another
    letter.

    >>> unusual(["nidoran♀", "nidoran♂", "o'neil", "åsa-lena"])
    {'♀': 1, '♂': 1}
    >>> list(unusual(["\u0430sha", *["asha"] * 99])) == ["\u0430"]
    True
    """
    counts = Counter[str]()
    for name in names:
        counts.update(name)
    scripts = Counter[str]()
    for letter, n in counts.items():
        scripts[_script(letter)] += n
    rare = _RARE_SCRIPT * scripts.total()
    return {
        letter: n
        for letter, n in counts.most_common()
        if letter not in _JOINTS
        and (
            unicodedata.category(letter)[0] not in "LM"
            or scripts[_script(letter)] < rare
        )
    }


def _told(path: Path, strange: dict[str, int]) -> str:
    listed = ", ".join(f"{letter!r} ({n:,})" for letter, n in strange.items())
    return (
        f"{path}: unusual characters, kept as letters: {listed}; if they are slips, "
        "correct the file"
    )


def _script(letter: str) -> str:
    """LATIN, HANGUL, ...: the first word of a letter's name; "" for all other signs."""
    if unicodedata.category(letter)[0] != "L":
        return ""
    return unicodedata.name(letter, "").partition(" ")[0]
