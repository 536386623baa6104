"""Lesson 22: an answer token by token: the call, the tool, its result, the answer."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import traitlets

from course_lib.chat import Answer, Call, ChatTemplate, Message
from course_play.widgets.base import CourseWidget, module_text, style_text
from course_play.widgets.chat_tokens import Chip, draw_chips, piece_of

if TYPE_CHECKING:
    from course_play.plots import Picture

MOST_QUESTIONS = 12
MOST_TOKENS = 96
TEMPLATE = "template"
WRITERS = ("you", TEMPLATE, "model", "tool")
ACTORS = {"question": "you", "tool": "tool", "result": "tool"}
"""Kind of step -> who acts in it; the model in all others."""

SAYINGS = {
    "open": "The model writes {0}: it opens a call of the tool {1}.",
    "call": "The model writes “{0}”, a part of the call.",
    "close": "The model writes {0}: the call is whole, and the model waits.",
    "text": "The model writes “{0}”, a part of the answer.",
    "end": "The model writes {0}: the answer is whole.",
}
"""Of the steps in which the model writes a token {0}; {1} is the tool."""
RESULT = "The result joins the context. The model reads it and did not write it."


class ToolTrace(CourseWidget):
    """Steps through an answer: who writes what, and when the tool is at work.

    Args:
        answers: question -> the answer to it, 1 to 12; an answer has its tokens and
            calls (see `course_lib.chat.answers`).
        template: the one that they were asked with.
        question: the one shown at first; "" for the first.
        step: the step shown at first, from 0, the question.

    Raises:
        ValueError: naming the question that cannot be encoded or whose answer is too
            long or has other calls than tokens, an unknown question, or a step out of
            range.

    >>> from course_lib.chat import Call
    >>> from tiny_world.assistant import chat_template
    >>> template = chat_template()
    >>> talk = [Message("user", "What is it ?"), Message("call", "a cow", "search"),
    ...         Message("result", "soup"), Message("assistant", "soup .")]
    >>> tokens = template.encode(talk).tokens[7:]
    >>> answer = Answer("soup.", [Call("search", "a cow", "soup")], tokens=tokens)
    >>> trace = ToolTrace({"What is it ?": answer}, template, step=5)
    >>> trace
    ToolTrace: What is it ?
      step 5 of 9, tool: The tool search gets “a cow” and gives “soup”. This happens \
outside the model.
      context: <eot> <user> What is it ? <asst> <search> a cow </search>
      the user reads: (nothing yet)
    >>> trace.step = 6
    >>> trace.context[-3:]
    [('<result>', 'tool'), ('soup', 'tool'), ('</result>', 'tool')]
    """

    _esm = module_text("tool_trace")
    _css = style_text("tool_trace")
    traces: Any = traitlets.List(traitlets.Dict()).tag(sync=True)
    question = traitlets.Unicode("").tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)

    def __init__(
        self,
        answers: Mapping[str, Answer],
        template: ChatTemplate,
        *,
        question: str = "",
        step: int = 0,
    ) -> None:
        if not 1 <= len(answers) <= MOST_QUESTIONS:
            raise ValueError(f"{len(answers)} answers: give 1 to {MOST_QUESTIONS}")
        traces = [_trace(template, asked, answer) for asked, answer in answers.items()]
        first = question or next(iter(answers))
        _check_question(first, traces)
        super().__init__(traces=traces, question=first, step=step)
        self.observe(self._stay_inside, "question")

    def _stay_inside(self, change: Any) -> None:
        self.step = min(self.step, self.n_steps)

    @traitlets.validate("question")
    def _known_question(self, proposal: Any) -> str:
        question: str = proposal["value"]
        _check_question(question, self.traces)
        return question

    @traitlets.validate("step")
    def _step_fits(self, proposal: Any) -> int:
        step: int = proposal["value"]
        if not 0 <= step <= self.n_steps:
            raise ValueError(f"step is {step}: give 0 to {self.n_steps}")
        return step

    @property
    def trace(self) -> dict[str, Any]:
        """The answer shown: its tokens, steps and calls."""
        found: dict[str, Any] = next(
            trace for trace in self.traces if trace["question"] == self.question
        )
        return found

    @property
    def n_steps(self) -> int:
        """The last step of this answer."""
        return len(self.trace["steps"]) - 1

    @property
    def now(self) -> dict[str, Any]:
        """This step: its kind, what it says, what the user has read."""
        found: dict[str, Any] = self.trace["steps"][self.step]
        return found

    @property
    def actor(self) -> str:
        """Who acts in this step: "you", "model" or "tool"."""
        return ACTORS.get(self.now["kind"], "model")

    @property
    def context(self) -> list[tuple[str, str]]:
        """The tokens in the context now, each with who wrote it, see `WRITERS`."""
        return [(text, by) for text, by in self.trace["tokens"][: self.now["n"]]]

    def describe(self) -> str:
        """The step, the context, and what the user has read."""
        return "\n".join(
            [
                f"ToolTrace: {self.question}",
                f"  step {self.step} of {self.n_steps}, {self.actor}: "
                f"{self.now['say']}",
                f"  context: {' '.join(text for text, _ in self.context)}",
                f"  the user reads: {self.now['read'] or '(nothing yet)'}",
            ]
        )

    def picture(self) -> "Picture":
        """The context in rows, tinted by who wrote it; what a tool wrote is framed."""
        from course_play.plots import BLUE, GREEN, GREY, ORANGE

        colors = dict(zip(WRITERS, (BLUE, GREY, ORANGE, GREEN), strict=True))
        context = self.context
        before = ["", *(by for _, by in context[:-1])]
        chips = [
            Chip(
                text, colors[by], by == "tool", by if by not in (old, TEMPLATE) else ""
            )
            for (text, by), old in zip(context, before, strict=True)
        ]
        return draw_chips(
            chips,
            f"Step {self.step} of {self.n_steps}; framed: not written by the model",
            "The context as tokens, each with who wrote it. "
            + self.describe().replace("\n ", ";"),
        )


def _check_question(question: str, traces: Sequence[Mapping[str, Any]]) -> None:
    known = [trace["question"] for trace in traces]
    if question not in known:
        raise ValueError(f"question is {question!r}: use one of {known}")


def _check_answer(template: ChatTemplate, question: str, answer: Answer) -> None:
    if not 1 <= len(answer.tokens) <= MOST_TOKENS:
        raise ValueError(
            f"the answer to {question!r} has {len(answer.tokens)} tokens: give 1 to "
            f"{MOST_TOKENS}"
        )
    closed = sum(token in template.closes for token in answer.tokens)
    if closed != len(answer.calls):
        raise ValueError(
            f"the answer to {question!r} closes {closed} calls in its tokens and lists "
            f"{len(answer.calls)}"
        )


def _trace(template: ChatTemplate, question: str, answer: Answer) -> dict[str, Any]:
    """An answer as the widget keeps it."""
    try:
        prompt = template.prompt([Message("user", question)])
    except ValueError as error:
        raise ValueError(f"question {question!r}: {error}") from None
    _check_answer(template, question, answer)
    marks = set(template.ids.values())
    flags = template.loss_mask(answer.tokens)
    return {
        "question": question,
        "tokens": [
            *(
                [piece_of(template, t), TEMPLATE if t in marks else "you"]
                for t in prompt
            ),
            *(
                [piece_of(template, t), "model" if own else "tool"]
                for t, own in zip(answer.tokens, flags, strict=True)
            ),
        ],
        "steps": [
            {
                "kind": kind,
                "n": len(prompt) + n,
                "calls": n_calls,
                "say": say,
                "read": template.tokenizer.decode(template.visible(answer.tokens[:n])),
            }
            for kind, n, n_calls, say in _steps(template, answer)
        ],
        "calls": [
            {"tool": c.tool, "text": c.text, "result": c.result, "problem": c.problem}
            for c in answer.calls
        ],
    }


def _steps(
    template: ChatTemplate, answer: Answer
) -> Iterator[tuple[str, int, int, str]]:
    """Kind, answer tokens and calls so far, and a sentence, step by step."""
    asked = f"You ask. After {template.markers.assistant} the model is due."
    yield "question", 0, 0, asked
    flags, calls, inside = template.loss_mask(answer.tokens), 0, False
    for n, token in enumerate(answer.tokens, 1):
        if not flags[n - 1]:  # the result, all of it in one step
            if n == len(flags) or flags[n]:
                yield "result", n, calls, RESULT
            continue
        kind = _kind(template, token, inside=inside)
        inside = kind in ("open", "call")
        tool = template.opens.get(token) or template.closes.get(token, "")
        say = SAYINGS[kind].format(piece_of(template, token), tool)
        yield kind, n, calls, say
        if kind == "close":
            calls += 1
            yield "tool", n, calls, _work(answer.calls[calls - 1])
    if answer.problem:
        problem = f"The answer is not whole: {answer.problem}."
        yield "problem", len(answer.tokens), calls, problem


def _kind(template: ChatTemplate, token: int, *, inside: bool) -> str:
    """What the model does by writing a token."""
    if token in template.opens:
        return "open"
    if token in template.closes:
        return "close"
    if token == template.end:
        return "end"
    return "call" if inside else "text"


def _work(call: Call) -> str:
    """What the tool did, in a sentence."""
    given = f"The tool {call.tool} gets “{call.text}” and"
    if call.problem:
        return f"{given} fails ({call.problem}). The model will see “{call.result}”."
    return f"{given} gives “{call.result}”. This happens outside the model."
