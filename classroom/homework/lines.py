"""Which line of the student's raised an error?"""

import linecache
import re
import traceback
from collections.abc import Iterable

from classroom.homework.assignment import TASK
from classroom.homework.hints import IN_CHECK

FRAME = re.compile(r"(\d{1,6}): (.*)")


def line_of_error(error: BaseException) -> str:
    """The innermost line of an answer cell on the way to an error, in this kernel.

    Returns:
        `line 3: return x / 0`, or IN_CHECK when no answer cell is on that way.
    """
    if isinstance(error, SyntaxError) and error.lineno:
        return f"line {error.lineno}: {(error.text or '').strip()}"
    for frame, number in reversed(list(traceback.walk_tb(error.__traceback__))):
        lines = linecache.getlines(frame.f_code.co_filename)
        if TASK.search("".join(lines)) and number <= len(lines):
            return f"line {number}: {lines[number - 1].strip()}"
    return IN_CHECK


def line_of_trace(trace: str, answers: Iterable[str]) -> str:
    r"""The same from the text of a trace, which is believed where it fits the answers.

    Args:
        trace: a line `3: return x / 0` for each frame, the innermost last; untrusted.
        answers: the student's cells.

    >>> cell = "# TASK f\ndef f(x):\n    return x / 0"
    >>> line_of_trace("1: f(2)\n3:     return x / 0\n9: in some library", [cell])
    'line 3: return x / 0'
    >>> line_of_trace("1: round(f(2))", [cell]), line_of_trace("", [cell])
    ('in the check', '')
    """
    own = {
        (number, line.strip())
        for answer in answers
        for number, line in enumerate(answer.split("\n"), 1)
    }
    frames = [found for line in trace.split("\n") if (found := FRAME.match(line))]
    for frame in reversed(frames):
        number, text = int(frame[1]), frame[2].strip()
        if text and (number, text) in own:
            return f"line {number}: {text}"
    return IN_CHECK if frames else ""
