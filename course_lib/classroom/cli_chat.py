"""`course chat`: talk to a stage, or to several side by side."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:  # torch takes seconds to import: only inside the command
    from course_lib.assistant.voices import Voice

SHOWN = ("base", "sft", "honest", "tools", "preferred")
HELP = """\
Type a message and press Enter. Commands:
  /reset         forget the conversation
  /trace         show or hide the tool calls
  /quit          leave (so does Ctrl-D)"""

Who = Annotated[
    list[str] | None,
    typer.Argument(
        help="Stages (base, sft, honest, tools, mannered, preferred), files, a folder."
    ),
]
Say = Annotated[
    list[str] | None,
    typer.Option(help="Say this and leave; may be repeated."),
]
System = Annotated[
    str, typer.Option(help='Rules, such as "Your name is Pip ."; not for base.')
]
Temperature = Annotated[float, typer.Option(help="0 is greedy.")]
Seed = Annotated[int, typer.Option(min=0, help="Of the dice.")]
MaxTokens = Annotated[int, typer.Option(min=1, help="The most in one answer.")]


def register(app: typer.Typer) -> None:
    """Add `course chat`."""
    app.command(epilog="Example: course chat sft tools")(chat)


def chat(
    who: Who = None,
    say: Say = None,
    system: System = "",
    temperature: Temperature = 0.0,
    seed: Seed = 0,
    max_tokens: MaxTokens = 48,
) -> None:
    """Talk to every stage from base model to assistant, side by side.

    Without names: the preferred assistant that came with the course.
    """
    from course_lib.assistant.voices import voice_of

    voices = [
        voice_of(
            place,
            system=system,
            temperature=temperature,
            seed=seed,
            max_new_tokens=max_tokens,
        )
        for place in _places(who or ["preferred"])
    ]
    lines = say if say else _lines()
    interactive = not say and sys.stdin.isatty()
    if interactive:
        typer.echo(f"You talk to: {', '.join(v.name for v in voices)}. /help, /quit")
    _talk(voices, lines, interactive)


def _places(words: list[str]) -> Iterator[str | Path]:
    """The stages and files that are meant; a folder stands for its stages."""
    for word in words:
        path = Path(word)
        if not path.is_dir():
            yield word if word in _stages() else _file(path)
            continue
        files = [path / f"{stage}.safetensors" for stage in _stages()]
        there = [file for file in files if file.exists()]
        if not there:
            raise ValueError(f"{path} holds no stages: course train --preset pipeline")
        yield from there


def _stages() -> tuple[str, ...]:
    from course_lib.assistant import STAGES

    return STAGES


def _file(path: Path) -> Path:
    if not path.exists():
        raise ValueError(
            f"{path} is neither a file nor a stage: use {', '.join(_stages())}"
        )
    return path


def _lines() -> Iterator[str]:
    """What the user types, line by line, until the end of the input."""
    while True:
        try:
            yield input("you: " if sys.stdin.isatty() else "")
        except EOFError:
            return


def _talk(voices: "list[Voice]", lines: Iterator[str] | list[str], echo: bool) -> None:
    trace = True
    for line in lines:
        words = line.strip()
        if words == "/quit":
            return
        if words == "/reset":
            for voice in voices:
                voice.reset()
            typer.echo("forgotten")
        elif words == "/trace":
            trace = not trace
            typer.echo(f"tool calls are {'shown' if trace else 'hidden'}")
        elif words.startswith("/"):
            typer.echo(HELP)
        elif words:
            if not echo:
                typer.echo(f"you: {words}")
            for voice in voices:
                _answer(voice, words, trace)


def _answer(voice: "Voice", words: str, trace: bool) -> None:
    """Show one voice's answer as it comes."""
    typer.echo(f"{voice.name}: ", nl=False)
    fresh = True  # nothing stands in this line but the name
    try:
        for event in voice.say(words):
            if event.kind == "text":
                typer.echo(event.text.lstrip() if fresh else event.text, nl=False)
                fresh = False
            elif trace or event.kind == "notice":
                mark = {"call": "->", "result": "<-", "notice": "!"}[event.kind]
                typer.echo(f"[{mark} {event.text}] ", nl=False)
    except ValueError as error:
        typer.echo(f"[! {' '.join(str(error).split())}]", nl=False)
    typer.echo()
