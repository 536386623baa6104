"""The `course` command: one entry point, one clear line when something is wrong.

Exit codes: 0 all well, 1 a check or a lesson failed, 2 wrong usage or bad input,
130 stopped with Ctrl-C, 143 stopped by SIGTERM (129 by a terminal that was closed).
"""

import io
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated

import typer

from classroom import (
    cli_chat,
    cli_extras,
    cli_generate,
    cli_gradebook,
    cli_homework,
    cli_lessons,
    cli_site,
    cli_snapshots,
    cli_train,
)
from classroom.cli_words import CannotGoOnError
from classroom.lessons import LessonError
from course_lib.engine.interrupts import stopping_alike

STOPPED = 130
KILLED_BY = 128
"""Added to a signal's number: the exit code that shells give for it."""

app = typer.Typer(
    name="course",
    help="From Logits to GPT: open, run, build and check the course.",
    epilog="Example: course lab 03",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
cli_lessons.register(app)
cli_homework.register(app)
cli_gradebook.register(app)
cli_train.register(app)
cli_generate.register(app)
cli_chat.register(app)
cli_extras.register(app)
cli_snapshots.register(app)
cli_site.register(app)


@app.callback()
def _settings(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error.")
    ] = False,
) -> None:
    """From Logits to GPT: open, run, build and check the course."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one `course` command and exit with its code.

    Args:
        arguments: the words after `course`; None takes them from the command line.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    own = words[: words.index("--")] if "--" in words else words
    for stream in (sys.stdout, sys.stderr):
        _take_any_text(stream)
    with stopping_alike() as came:
        try:
            code = app(
                words_without_debug(words), prog_name="course", standalone_mode=False
            )
        except Exception as error:
            if "--debug" in own:
                raise
            # An import that was interrupted may fail later, with an error of its own.
            stopped = bool(came) and not isinstance(error, OSError)
            if not (stopped or isinstance(error, typer.Abort)):
                sys.exit(_report(error))
            code = STOPPED
        except KeyboardInterrupt:
            code = STOPPED
    if code == STOPPED:
        _say("stopped")
        code = KILLED_BY + came[0] if came else code
    sys.exit(code if isinstance(code, int) else 0)


def _take_any_text(stream: object) -> None:
    r"""Let a stream show letters that its encoding lacks as \u1234.

    A pipe or a file on Windows has a code page of 256 letters.
    """
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")


def words_without_debug(words: Sequence[str]) -> list[str]:
    """`--debug` may stand anywhere before a lone `--`.

    >>> words_without_debug(["run", "--debug", "3"])
    ['run', '3']
    """
    end = words.index("--") if "--" in words else len(words)
    return [word for word in words[:end] if word != "--debug"] + list(words[end:])


def _report(error: Exception) -> int:
    """Say what went wrong on stderr; returns the exit code."""
    if hasattr(error, "format_message"):  # typer's own usage errors
        text, code = f"{error.format_message()} (--help shows how)", 2
        if not error.format_message():  # a bare `course`: the help is shown already
            return code
    elif isinstance(error, LessonError | CannotGoOnError):
        text, code = str(error), 1
    elif isinstance(error, ValueError | FileNotFoundError):
        text, code = _one_line(error), 2
    elif isinstance(error, OSError):
        text, code = _one_line(error), 1
    else:
        text = f"{type(error).__name__}: {_one_line(error)} (--debug shows where)"
        code = 1
    _say(text)
    return code


def _say(text: str) -> None:
    with suppress(OSError):  # the terminal may be closed
        sys.stderr.write(f"course: {text}\n")


def _one_line(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split())


if __name__ == "__main__":
    main()
