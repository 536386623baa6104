"""Lessons 20, 23, 25 and 28: one question, several models' answers side by side."""

import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import traitlets

from course_lib.chat import Chat, Message
from course_play.widgets.base import CourseWidget, module_text, style_text
from course_play.widgets.typed import with_capitals
from tiny_world import split_words

if TYPE_CHECKING:
    from course_play.plots import Picture
    from tiny_world.assistant.voices import Voice

MOST = 8
LONGEST = 300
NAME_WIDTH = 0.2


@contextmanager
def _afresh(chat: Chat | None, system: str, seed: int) -> Iterator[None]:
    """A conversation with nothing in it but the rules; the old one comes back."""
    if chat is None:
        yield
        return
    before = chat.messages, chat.seed
    chat.messages = [Message("system", system)] if system else []
    chat.seed = seed
    try:
        yield
    finally:
        chat.messages, chat.seed = before


class StageSwitcher(CourseWidget):
    """Ask once; each voice answers in a card of its own, and forgets the question.

    Everything is computed in Python, so a new question needs a live kernel; all voices
    answer it, so that showing and hiding them needs none. A voice without turns (a base
    model) goes on with your words.

    Args:
        voices: 1 to 8, with different names; see `tiny_world.assistant.voices`.
        question: what is asked at first, up to 300 characters.
        system: rules that every voice with turns gets; "" for none.
        shown: the names that are shown at first; None for all.
        truth: question to the true answer, "" where there is none; None for no such
            thing.
        examples: questions to take by one click.

    Raises:
        ValueError: for no voices or too many, a name that is empty, twice there or
            unknown, an empty or long question, or rules with an unknown word.

    >>> from tiny_world.assistant.voices import Voice
    >>> from course_lib.chat import Event
    >>> echo = Voice("echo", lambda words: iter([Event("text", words)]), None)
    >>> StageSwitcher([echo], question="Who are you ?")
    StageSwitcher: Who are you ?
      echo goes on: Who are you ?
    """

    _esm = module_text("stage_switcher")
    _css = style_text("stage_switcher")
    names: Any = traitlets.List().tag(sync=True)
    completes: Any = traitlets.List().tag(sync=True)
    question = traitlets.Unicode("").tag(sync=True)
    shown: Any = traitlets.List().tag(sync=True)
    asked = traitlets.Int(0).tag(sync=True)
    answers: Any = traitlets.Dict().tag(sync=True)
    truth = traitlets.Unicode("").tag(sync=True)
    examples = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(
        self,
        voices: Sequence["Voice"],
        *,
        question: str,
        system: str = "",
        shown: Sequence[str] | None = None,
        truth: Callable[[str], str] | None = None,
        examples: Sequence[str] = (),
    ) -> None:
        names = [voice.name for voice in voices]
        if not 1 <= len(names) <= MOST:
            raise ValueError(f"{len(names)} voices: give 1 to {MOST}")
        for name in names:
            if not name.strip() or names.count(name) > 1:
                raise ValueError(f"name {name!r}: give each voice a name of its own")
        if problem := _problem_of(question):
            raise ValueError(problem)
        self._voices, self._system = list(voices), system
        self._seeds = [voice.chat.seed if voice.chat else 0 for voice in voices]
        self._check_system()
        self._truth, self._question = truth, ("", -1)
        chats = [voice.chat for voice in voices if voice.chat is not None]
        self._tokenizer = chats[0].template.tokenizer if chats else None
        super().__init__(
            names=names,
            completes=[voice.name for voice in voices if voice.chat is None],
            shown=names if shown is None else list(shown),
            question=question,
            examples=list(examples),
        )
        self._ask()
        self.observe(lambda change: self._ask(), ["question", "asked"])

    def _check_system(self) -> None:
        for voice in self._voices:
            if voice.chat is None or not self._system:
                continue
            try:
                voice.chat.template.encode([Message("system", self._system)])
            except ValueError as error:
                raise ValueError(
                    f"{voice.name} cannot read the system message: {error}"
                ) from None

    @traitlets.validate("question")
    def _as_written(self, proposal: Any) -> str:
        return with_capitals(self._tokenizer, proposal["value"])

    @traitlets.validate("shown")
    def _known_names(self, proposal: Any) -> list[str]:
        chosen = list(proposal["value"])
        for name in chosen:
            if name not in self.names:
                raise ValueError(f"shown has {name!r}: use names of {self.names}")
        return [name for name in self.names if name in chosen]

    def _ask(self) -> None:
        """Let every voice answer, those that are shown first; cards fill one by one."""
        question = self.question
        if (question, self.asked) == self._question:
            return  # both traits changed at once: one round of answers is enough
        self._question = (question, self.asked)
        self.answers = {}
        self.truth = self._truth(question) if self._truth else ""
        for voice, seed in sorted(
            zip(self._voices, self._seeds, strict=True),
            key=lambda one: one[0].name not in self.shown,
        ):
            answer = self._answer(voice, question, seed)
            self.answers = {**self.answers, voice.name: answer}

    def _answer(self, voice: "Voice", question: str, seed: int) -> dict[str, Any]:
        """What a voice says to a question, its calls, and why it does not answer."""
        text, calls, notices = "", list[str](), list[str]()
        error = _problem_of(question)
        try:
            with _afresh(voice.chat, self._system, seed):
                for event in () if error else voice.say(question):
                    if event.kind == "text":
                        text += event.text
                    elif event.kind == "call":
                        calls.append(event.text)
                    elif event.kind == "result" and calls:
                        calls[-1] += f" → {event.text}"
                    else:
                        notices.append(event.text)
        except ValueError as refusal:
            error = str(refusal)
        return {
            "to": self.asked,
            "text": text.strip(),
            "calls": calls,
            "notice": "; ".join(notices),
            "error": error,
            "true": bool(self.truth) and self.truth in split_words(text),
        }

    def _told(self, name: str) -> str:
        """One voice in a line of text."""
        answer = self.answers[name]
        if answer["error"]:
            return f"{name} cannot answer: {answer['error']}"
        verb = " goes on" if name in self.completes else ""
        line = f"{name}{verb}: {' '.join(answer['text'].split()) or '(nothing)'}"
        notes = [answer["notice"], "has the true answer" if answer["true"] else ""]
        return line + "".join(f" ({note})" for note in notes if note)

    def describe(self) -> str:
        """The question; name and answer of each voice that is shown, its calls."""
        lines = [f"StageSwitcher: {self.question}"]
        if self.truth:
            lines.append(f"  true answer: {self.truth}")
        for name in self.shown:
            lines.append(f"  {self._told(name)}")
            lines += [f"    used {call}" for call in self.answers[name]["calls"]]
        hidden = [name for name in self.names if name not in self.shown]
        return "\n".join(lines + [f"  hidden: {', '.join(hidden)}"] * bool(hidden))

    def picture(self) -> "Picture":
        """The question as title; below it each name and its answer."""
        from course_play.plots import GREY, Picture, new_axes

        rows: list[tuple[str, list[str], list[str]]] = []
        for name in self.shown:
            answer = self.answers[name]
            said = answer["error"] or answer["text"] or "(nothing)"
            lines = textwrap.wrap(said, 70, max_lines=4, placeholder=" ...")
            rows.append((name, answer["calls"], lines))
        n_lines = sum(len(calls) + len(lines) + 0.6 for _, calls, lines in rows)
        figure, axes = new_axes(7.0, 0.7 + 0.21 * max(n_lines, 2))
        true = f" ({self.truth} is true)" if self.truth else ""
        axes.set(xlim=(0, 1), ylim=(-n_lines, 0.6), title=f"“{self.question}”{true}")
        axes.axis("off")
        y = 0.0
        for name, calls, lines in rows:
            axes.text(0, y, name, weight="bold", va="top", size=9.5)
            for call in calls:
                axes.text(NAME_WIDTH, y, f"used {call}", va="top", size=8, color=GREY)
                y -= 1
            for line in lines:
                axes.text(NAME_WIDTH, y, line, va="top", size=9.5)
                y -= 1
            y -= 0.6
        told = "; ".join(self._told(name) for name in self.shown) or "nobody is shown"
        return Picture(figure, f"Answers to “{self.question}”{true}. {told}.")


def _problem_of(question: str) -> str:
    """Why a question cannot be asked; empty if it can."""
    if not question.strip():
        return "the question is empty: type one"
    if len(question) > LONGEST:
        return f"the question has {len(question)} characters: use at most {LONGEST}"
    return ""
