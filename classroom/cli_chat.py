"""`course chat`: talk to a stage, or to several side by side."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated

import typer

from classroom.cli_words import LARGEST_SEED, errors_in_options, in_options

if TYPE_CHECKING:  # torch takes seconds to import: only inside the command
    from tiny_world.assistant.voices import Voice

REAL = "smollm2"
SHOWN = ("base", "sft", "honest", "tools", "preferred")
HELP = """\
Type a message and press Enter. Commands:
  /examples      what one might say
  /words         the words it knows
  /people        whom it has read about
  /reset         forget the conversation
  /trace         show or hide the tool calls
  /quit          leave (so does Ctrl-D)"""

Who = Annotated[
    list[str] | None,
    typer.Argument(
        help="Stages (base, sft, honest, tools, preferred), smollm2 (a real "
        "model, if fetched), files, a folder."
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
Seed = Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="Of the dice.")]
MaxTokens = Annotated[
    int | None,
    typer.Option(min=1, help="The most in one answer [default: 48; smollm2: 256]."),
]


def register(app: typer.Typer) -> None:
    """Add `course chat`."""
    app.command(epilog="Example: course chat preferred smollm2")(chat)


def chat(
    who: Who = None,
    say: Say = None,
    system: System = "",
    temperature: Temperature = 0.0,
    seed: Seed = 0,
    max_tokens: MaxTokens = None,
) -> None:
    """Talk to every stage from base model to assistant, side by side.

    Without names: the preferred assistant that came with the course. Exit code 1 says
    that a message (--say, or from a pipe) was refused.
    """
    from tiny_world.assistant.voices import voice_of

    with errors_in_options():
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
        names = ", ".join(v.name for v in voices)
        typer.echo(f"You talk to: {names}. /examples, /people, /words, /help, /quit")
        typer.echo(_examples(voices))
    if _talk(voices, lines, interactive) and not interactive:
        raise typer.Exit(1)


def _places(words: list[str]) -> Iterator[str | Path]:
    """The stages and files that are meant; a folder stands for its stages."""
    for word in words:
        path = Path(word)
        if not path.is_dir():
            yield word if word in (*_stages(), REAL) else _file(path)
            continue
        files = [path / f"{stage}.safetensors" for stage in _stages()]
        there = [file for file in files if file.exists()]
        if not there:
            raise ValueError(f"{path} holds no stages: course train --preset pipeline")
        yield from there


def _stages() -> tuple[str, ...]:
    from tiny_world.assistant import STAGES

    return STAGES


def _file(path: Path) -> Path:
    if not path.exists():
        raise ValueError(
            f"{path} is neither a file nor a stage: use {', '.join(_stages())}, {REAL}"
        )
    return path


def _lines() -> Iterator[str]:
    """What the user types, line by line, until the end of the input."""
    while True:
        try:
            yield input("you: " if sys.stdin.isatty() else "")
        except EOFError:
            if sys.stdin.isatty():
                typer.echo()
            return


def _talk(voices: "list[Voice]", lines: Iterable[str], echo: bool) -> int:
    """Answer line by line; returns how many messages were refused."""
    trace, n_refused = True, 0
    for line in lines:
        words = line.strip()
        if words == "/quit":
            break
        if words == "/reset":
            for voice in voices:
                voice.reset()
            typer.echo("forgotten")
        elif words == "/trace":
            trace = not trace
            typer.echo(f"tool calls are {'shown' if trace else 'hidden'}")
        elif words.startswith("/"):
            typer.echo(_help(words, voices))
        elif words:
            if not echo:
                typer.echo(f"you: {words}")
            answered = [_answer(voice, words, trace) for voice in voices]
            n_refused += not all(answered)
    return n_refused


def _help(command: str, voices: "list[Voice]") -> str:
    """What a command shows that changes nothing."""
    if command == "/examples":
        return _examples(voices)
    if command not in ("/words", "/people"):
        return HELP
    for voice in voices:
        if command == "/words" and voice.words:
            return _wrapped(" ".join(sorted(voice.words, key=str.lower)))
        if command == "/people" and voice.people:
            names = (name.replace(" ", "_") for name in voice.people)
            return _wrapped(", ".join(names)).replace("_", " ")
    return "any text" if command == "/words" else "nobody in particular"


def _wrapped(text: str) -> str:
    return fill(text, 80, break_on_hyphens=False)


def _examples(voices: "list[Voice]") -> str:
    """What one might say to the last of the voices."""
    said = next((v.examples for v in reversed(voices) if v.examples), ())
    return f"try: {'  '.join(said)}" if said else "say anything"


def _answer(voice: "Voice", words: str, trace: bool) -> bool:
    """Show one voice's answer as it comes; False if it could not read the words."""
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
        more = f"; /words lists all {len(voice.words)}" if voice.words else ""
        typer.echo(f"[! {in_options(' '.join(str(error).split()))}{more}]")
        return False
    typer.echo()
    return True
