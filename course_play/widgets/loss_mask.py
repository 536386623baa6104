"""Lesson 20: conversations as tokens: who wrote each, which the loss counts."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
import traitlets

from course_lib.chat import ChatTemplate, Message
from course_lib.functional import log_softmax
from course_lib.gpt import GPT
from course_play.widgets.base import CourseWidget, module_text, style_text
from course_play.widgets.chat_tokens import ROLES, Chip, draw_chips, piece_of, roles_of

if TYPE_CHECKING:
    from course_play.plots import Picture

MOST_TALKS = 12
MOST_TOKENS = 256
COUNTED = ("answers", "everything")


class Counted(NamedTuple):
    """What the loss is made of."""

    n: int
    """How many tokens count."""
    mean: float
    """Their mean loss in nats; 0 if none counts."""


def counts(
    learned: Sequence[bool], nats: Sequence[float | None], counted: str
) -> list[bool]:
    """Which tokens count; the first is predicted by nobody and never does.

    >>> counts([False, False, True], [None, 2.0, 1.0], "answers")
    [False, False, True]
    >>> counts([False, False, True], [None, 2.0, 1.0], "everything")
    [False, True, True]
    """
    everything = counted == "everything"
    return [
        loss is not None and (everything or own)
        for own, loss in zip(learned, nats, strict=True)
    ]


def mean_loss(
    learned: Sequence[bool], nats: Sequence[float | None], counted: str
) -> Counted:
    """How many tokens count, and their mean loss in nats.

    >>> mean_loss([False, False, True, True], [None, 7.0, 1.0, 0.5], "answers")
    Counted(n=2, mean=0.75)
    """
    flags = counts(learned, nats, counted)
    own = [x for x, flag in zip(nats, flags, strict=True) if flag and x is not None]
    return Counted(len(own), sum(own) / max(1, len(own)))


class LossMask(CourseWidget):
    """The tokens of a conversation, which of them the loss counts, what each costs.

    Everything is computed when the widget is made: the switch and the choice of the
    conversation need no kernel.

    Args:
        model: a GPT that knows the template's tokens.
        template: turns conversations into tokens.
        talks: label -> conversation, 1 to 12 of them.
        talk: the label of the one shown at first; "" for the first.
        counted: "answers" or "everything".

    Raises:
        ValueError: naming the conversation that cannot be encoded or is too long, an
            unknown label, or another `counted`.

    >>> from course_lib.gpt import GPTConfig
    >>> from tiny_world.assistant import chat_template
    >>> template, V = chat_template(), chat_template().tokenizer.vocab_size
    >>> model = GPT(GPTConfig(vocab_size=V, emb_dim=16, n_layers=1))
    >>> hello = [Message("user", "Hello!"), Message("assistant", "Hello!")]
    >>> mask = LossMask(model, template, {"a greeting": hello})
    >>> mask.summary.n  # Hello ! <end>
    3
    >>> mask.counted = "everything"
    >>> mask.summary.n
    7
    """

    _esm = module_text("loss_mask")
    _css = style_text("loss_mask")
    rows: Any = traitlets.List(traitlets.Dict()).tag(sync=True)
    talk = traitlets.Unicode("").tag(sync=True)
    counted = traitlets.Unicode("answers").tag(sync=True)

    def __init__(
        self,
        model: GPT,
        template: ChatTemplate,
        talks: Mapping[str, Sequence[Message]],
        *,
        talk: str = "",
        counted: str = "answers",
    ) -> None:
        if not 1 <= len(talks) <= MOST_TALKS:
            raise ValueError(f"{len(talks)} talks: give 1 to {MOST_TALKS}")
        rows = [
            _masked(model, template, label, messages)
            for label, messages in talks.items()
        ]
        super().__init__(rows=rows, talk=talk or next(iter(talks)), counted=counted)

    @traitlets.validate("talk")
    def _known_talk(self, proposal: Any) -> str:
        talk: str = proposal["value"]
        labels = [row["label"] for row in self.rows]
        if talk not in labels:
            raise ValueError(f"talk is {talk!r}: use one of {', '.join(labels)}")
        return talk

    @traitlets.validate("counted")
    def _known_counted(self, proposal: Any) -> str:
        counted: str = proposal["value"]
        if counted not in COUNTED:
            raise ValueError(f"counted is {counted!r}: use {' or '.join(COUNTED)}")
        return counted

    @property
    def row(self) -> dict[str, Any]:
        """The conversation shown: its words, roles, which are learned, their nats."""
        found: dict[str, Any] = next(r for r in self.rows if r["label"] == self.talk)
        return found

    @property
    def counts(self) -> list[bool]:
        """Of each token: does it count?"""
        return counts(self.row["learned"], self.row["nats"], self.counted)

    @property
    def summary(self) -> Counted:
        """How many tokens count, and their mean loss in nats."""
        return mean_loss(self.row["learned"], self.row["nats"], self.counted)

    def describe(self) -> str:
        """The tokens, those that count in brackets, and the loss of those."""
        words, nats = self.row["words"], self.row["nats"]
        marked = [
            f"[{word}]" if flag else word
            for word, flag in zip(words, self.counts, strict=True)
        ]
        costs = [
            f"{word} {loss:.2f}"
            for word, loss, flag in zip(words, nats, self.counts, strict=True)
            if flag
        ]
        n, mean = self.summary
        return "\n".join(
            [
                f"LossMask: {self.talk}, the loss counts "
                f"{'the answers' if self.counted == 'answers' else 'everything'}",
                f"  {' '.join(marked)}   ([..] counts)",
                f"  {n} of {len(words)} tokens count, mean loss {mean:.2f} nats",
                f"  {', '.join(costs)}",
            ]
        )

    def picture(self) -> "Picture":
        """The tokens in rows, tinted by role, framed where they count."""
        from course_play.plots import BLUE, GREEN, GREY, ORANGE, PINK

        colors = dict(zip(ROLES, (PINK, BLUE, ORANGE, GREEN, GREEN, GREY), strict=True))
        roles, nats = self.row["roles"], self.row["nats"]
        chips = [
            Chip(
                word,
                colors[role],
                framed=flag,
                above=role if role not in ("mark", before) else "",
                below="-" if loss is None else f"{loss:.2f}",
            )
            for word, role, before, loss, flag in zip(
                self.row["words"],
                roles,
                ["", *roles[:-1]],
                nats,
                self.counts,
                strict=True,
            )
        ]
        n, mean = self.summary
        return draw_chips(
            chips,
            f"Framed: the {n} tokens that count, mean loss {mean:.2f} nats",
            f"A conversation as tokens with the loss of each below it. "
            f"{self.describe()}".replace("\n ", ";"),
        )


@torch.inference_mode()
def _masked(
    model: GPT, template: ChatTemplate, label: str, messages: Sequence[Message]
) -> dict[str, Any]:
    """A conversation as the widget keeps it."""
    try:
        tokens, learned = template.encode(messages)
    except ValueError as error:
        raise ValueError(f"talk {label!r}: {error}") from None
    most = min(MOST_TOKENS, model.config.context_size)
    if not 2 <= len(tokens) <= most:
        raise ValueError(f"talk {label!r} has {len(tokens)} tokens: give 2 to {most}")
    if max(tokens) >= model.config.vocab_size:
        raise ValueError(
            f"talk {label!r} has the token {max(tokens)} and the model "
            f"{model.config.vocab_size}: they do not belong together (see `grow`)"
        )
    device, was_training = next(model.parameters()).device, model.training
    logits = model.eval()(torch.tensor([tokens[:-1]], device=device))[0]
    model.train(was_training)
    log_p = log_softmax(logits.double().cpu())  # (T - 1, V)
    picked = -log_p.gather(1, torch.tensor(tokens[1:])[:, None])[:, 0]
    return {
        "label": label,
        "words": [piece_of(template, token) for token in tokens],
        "roles": roles_of(template, tokens),
        "learned": learned,
        "nats": [None, *(round(x, 6) + 0.0 for x in picked.tolist())],
    }
