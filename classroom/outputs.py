"""Does a lesson come out again on this machine? The stored outputs are the reference.

A number that comes out of training or of a long sum differs in its last digits from one
processor to the next. A cell with such numbers says so once, in its tags:

    # %% tags=["close"]                      decimals: by two units of their last digit
    # %% tags=["close:0.05"]                 ... or by so much, if that is more
    # %% tags=["close:0.05", "counts:3"]     and whole numbers by so much
    # %% tags=["words:0.3"]                  up to this share of words: sampled text

All other cells, and the words around the numbers in every cell, have to be equal. With
`-p classroom.outputs` nbval compares like this.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, TypeAlias

from classroom.kernel import kernel_environment

Output: TypeAlias = Any  # nbformat.NotebookNode, or the same as a plain dict

UNITS = 2
# A number in a text: 1,234 or 0.25 or -3.1e-05, but not the 2 of layer_2.
NUMBER = re.compile(
    r"(?<![\w.])(?:(?<!\w)[-+])?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)"
    r"(?:\.\d+)?(?:e[-+]?\d+)?"
)
# nbformat's schema checker is imported without the grammar that slows it down.
NBVAL = (
    "import sys; sys.modules['rfc3987_syntax'] = None; "
    "import pytest; sys.exit(pytest.main(sys.argv[1:]))"
)
TAG = re.compile(r"(close|counts|words)(?::(\d+(?:\.\d+)?))?")


@dataclass(frozen=True)
class Tolerance:
    """How far what a cell says may be from what is stored.

    Attributes:
        decimals: for numbers with a decimal point; two units of the last digit always.
        counts: for whole numbers.
        words: the share of words that may be others, where a model wrote them.
    """

    decimals: float = 0.0
    counts: float = 0.0
    words: float = 0.0

    @classmethod
    def of(cls, tags: Sequence[str]) -> "Tolerance | None":
        """What the tags of a cell allow; None when its numbers have to be equal.

        Raises:
            ValueError: a tag begins like one of these but cannot be read.

        >>> Tolerance.of(["ledger:A8", "close:0.05"])
        Tolerance(decimals=0.05, counts=0.0, words=0.0)
        >>> Tolerance.of(["ledger:A8"]) is None
        True
        """
        allowed: dict[str, float] = {}
        for tag in tags:
            if not tag.startswith(("close", "counts", "words")):
                continue
            found = TAG.fullmatch(tag)
            if found is None or (found[1] != "close" and found[2] is None):
                forms = "close, close:0.05, counts:3 or words:0.3"
                raise ValueError(f"tag {tag!r} cannot be read: write {forms}")
            allowed[found[1]] = float(found[2] or 0)
        if not allowed:
            return None
        order = ("close", "counts", "words")
        return cls(*(allowed.get(name, 0.0) for name in order))


CLOSE = Tolerance()


def repeats(reference: str, text: str, tolerance: Tolerance | None) -> bool:
    """Does `text` say what `reference` said, with its numbers within the tolerance?

    >>> repeats("loss 2.80 after 300 steps", "loss 2.81 after 300 steps", CLOSE)
    True
    >>> repeats("loss 2.80 after 300 steps", "loss 2.83 after 300 steps", CLOSE)
    False
    >>> repeats("loss 2.80 after 300 steps", "loss 2.80 after 301 steps", CLOSE)
    False
    """
    if tolerance is None or reference == text:
        return reference == text
    lines, others = reference.splitlines(), text.splitlines()
    if len(lines) != len(others):
        return False
    old, new = _words(reference).split(), _words(text).split()
    if 1 - SequenceMatcher(None, old, new, autojunk=False).ratio() > tolerance.words:
        return False
    return all(
        _near(want, have, tolerance)
        for line, other in zip(lines, others, strict=True)
        if _words(line) == _words(other)
        for want, have in zip(NUMBER.findall(line), NUMBER.findall(other), strict=True)
    )


def _words(text: str) -> str:
    """The text without its numbers; a longer number may move what stands beside it."""
    return " ".join(NUMBER.sub(" # ", text).split())


def _near(want: str, have: str, tolerance: Tolerance) -> bool:
    units = [_unit(number) for number in (want, have)]
    if units == [0.0, 0.0]:
        allowed = tolerance.counts
    else:  # Python prints 0.5 for 0.50: the finer of the two says how many digits
        allowed = max(tolerance.decimals, UNITS * min(unit for unit in units if unit))
    distance = abs(float(want.replace(",", "")) - float(have.replace(",", "")))
    return distance <= allowed * (1 + 1e-9)


def _unit(number: str) -> float:
    """One unit of the last digit of a decimal number; 0 for a whole number.

    >>> _unit("0.25"), _unit("3.1e-05"), _unit("1,234")
    (0.01, 1e-06, 0.0)
    """
    mantissa, _, exponent = number.partition("e")
    if "." not in mantissa and not exponent:
        return 0.0
    return float(f"1e{int(exponent or 0) - len(mantissa.partition('.')[2])}")


def settle(
    outputs: Sequence[Output], stored: Sequence[Output], tolerance: Tolerance | None
) -> None:
    """Put the stored text in place of each new one that repeats it, in place.

    Args:
        outputs: of a cell that has just run.
        stored: of the same cell in the notebook.
        tolerance: of its tags.
    """
    places = _texts(stored)
    for kind, found in _texts(outputs).items():
        for (new, key), (old, _) in zip(found, places.get(kind, []), strict=False):
            if repeats(old[key], new[key], tolerance):
                new[key] = old[key]


def _texts(outputs: Sequence[Output]) -> dict[str, list[tuple[Output, str]]]:
    """Where texts stand, for each kind in order: an output may have more kinds live."""
    found: dict[str, list[tuple[Output, str]]] = {}
    for output in outputs:
        if output["output_type"] == "stream":
            found.setdefault(output["name"], []).append((output, "text"))
        for kind, text in output.get("data", {}).items():
            if isinstance(text, str):
                found.setdefault(kind, []).append((output["data"], kind))
    return found


def rerun(
    notebook: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Execute a notebook as a reader would, with nbval: every output must come again.

    Args:
        notebook: the executed notebook; it is not changed.
        environment: variables to set on top, such as `ATEN_CPU_CAPABILITY`.

    Returns:
        pytest's process: return code 0 when all cells repeat, its report in `stdout`.
    """
    options = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=600"]
    quiet = ["-q", "--tb=short", "-p", "no:cacheprovider", "-c", os.devnull]
    tolerant = ["-p", "classroom.outputs"]
    words = [*options, *quiet, *tolerant, notebook.name]
    return subprocess.run(
        [sys.executable, "-c", NBVAL, *words],
        cwd=notebook.parent,
        env=kernel_environment() | dict(environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    )


def pytest_configure() -> None:
    """As a plugin of pytest: nbval's cells are compared like this."""
    from nbval.plugin import IPyNbCell

    as_text = IPyNbCell.compare_outputs

    def compare_outputs(
        cell: Any, test: Any, ref: Any, skip_compare: Any = None
    ) -> Any:
        settle(test, ref, Tolerance.of(cell.cell.metadata.get("tags", [])))
        return as_text(cell, test, ref, skip_compare)

    IPyNbCell.compare_outputs = compare_outputs
