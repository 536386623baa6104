"""Lesson 26: which token comes next, of tens of thousands, and one drawn at a time."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
import traitlets
from torch import Tensor

from course_lib.cache import KVCache
from course_lib.functional import entropy, nats_to_bits
from course_lib.gpt import GPT
from course_lib.sampling import check_knobs, next_probs
from course_lib.tokenizer import Tokenizer
from course_play.widgets.base import (
    CourseWidget,
    draw_index,
    module_text,
    mulberry32,
    style_text,
)
from course_play.widgets.typed import with_capitals

if TYPE_CHECKING:
    from course_play.plots import Picture

HOTTEST = 3.0
N_BARS = 12
LONGEST = 256
"""Tokens of a text, at the most."""
_KNOBS = ("temperature", "top_k", "top_p")


class Reader:
    """Scores the token after a text, and reads again only what has changed in it.

    >>> from course_lib.gpt import GPTConfig
    >>> config = GPTConfig(vocab_size=9, emb_dim=16, n_heads=2, n_layers=1)
    >>> reader = Reader(GPT(config).eval(), 8)
    >>> a, b = reader([1, 2, 3]), reader([1, 2, 4])
    >>> reader.n_read  # 1, 2, 3, and then 4
    4
    """

    def __init__(self, model: GPT, size: int) -> None:
        device = model.embedding.weight.device
        self.model, self.known, self.n_read = model, list[int](), 0
        self.cache = KVCache(
            model.config.cache_shape,
            1,
            size=size,
            device=device,
            dtype=model.embedding.weight.dtype,
        )

    @torch.inference_mode()
    def __call__(self, tokens: Sequence[int]) -> Tensor:
        """The logits of the next token, float64 on the CPU: (V,)."""
        same = 0
        for old, new in zip(self.known, tokens[:-1], strict=False):
            if old != new:
                break
            same += 1
        new_tokens = torch.tensor([tokens[same:]], device=self.cache.rooms.device)
        self.cache.length, self.known = same, list[int]()
        logits: Tensor = self.model(new_tokens, self.cache, last_only=True)[0, 0]
        self.known, self.n_read = list(tokens), self.n_read + len(tokens) - same
        return logits.double().cpu()


class TokenLab(CourseWidget):
    """A text box, bars of the likeliest next tokens, three knobs, and dice.

    Python reads the text (only what has changed in it) and sends the tallest bars, so
    a vocabulary may be large. It needs a live kernel to answer.

    Args:
        model: a GPT; it is read in evaluation mode.
        tokenizer: of the same vocabulary.
        text: what stands in the box at first.
        start: a token put before the text, such as an end mark; None for none (the
            text must then not be empty).
        temperature: 0 (greedy) to 3.
        top_k: only the k most probable tokens; None for all.
        top_p: in (0, 1], None for all the mass.
        seed: of the dice.
        examples: texts to take by one click.

    Raises:
        ValueError: naming what is out of range, or why the text cannot be read.

    >>> import tiny_world as world
    >>> from course_lib.gpt import GPTConfig
    >>> model = GPT(GPTConfig(vocab_size=world.VOCAB_SIZE, emb_dim=16, n_layers=1))
    >>> lab = TokenLab(model, world.WorldTokenizer(), "It said", temperature=0)
    >>> lab.answer["kept"]
    1
    >>> lab.roll += 1  # draw a word
    >>> len(lab.answer["pieces"])
    3
    """

    _esm = module_text("token_lab")
    _css = style_text("token_lab")
    text = traitlets.Unicode("").tag(sync=True)
    temperature = traitlets.Float(1.0).tag(sync=True)
    top_k = traitlets.Int(None, allow_none=True).tag(sync=True)
    top_p = traitlets.Float(None, allow_none=True).tag(sync=True)
    roll = traitlets.Int(0).tag(sync=True)
    answer: Any = traitlets.Dict().tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)
    vocab_size = traitlets.Int().tag(sync=True)
    examples = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(
        self,
        model: GPT,
        tokenizer: Tokenizer,
        text: str = "",
        *,
        start: int | None = None,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int = 0,
        examples: Sequence[str] = (),
    ) -> None:
        size = min(LONGEST, model.config.context_size)
        self._reader, self._tokenizer = Reader(model.eval(), size), tokenizer
        self._begin = [] if start is None else [start]
        self._seed, self._size = seed, size
        self._tokens, self._logits = list[int](), torch.empty(0)
        super().__init__(
            vocab_size=tokenizer.vocab_size,
            text=text,
            temperature=temperature,
            top_k=top_k,
            top_p=top_p,
            examples=list(examples),
        )
        self._read()
        if self.error:
            raise ValueError(f"text {text!r}: {self.error}")
        self.observe(lambda change: self._read(), "text")
        self.observe(lambda change: self._choose(), list(_KNOBS))
        self.observe(lambda change: self._draw(), "roll")

    @traitlets.validate("text")
    def _as_written(self, proposal: Any) -> str:
        return with_capitals(self._tokenizer, proposal["value"])

    @traitlets.validate(*_KNOBS)
    def _in_range(self, proposal: Any) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        if name == "temperature" and not 0 <= value <= HOTTEST:
            raise ValueError(f"temperature is {value}: use 0 (greedy) to {HOTTEST:g}")
        check_knobs(self.vocab_size, **{name: value})
        return value

    def _read(self) -> None:
        """Score what comes after the text; one that cannot be read changes nothing."""
        if self.text == self._tokenizer.decode(self._tokens) and self._tokens:
            tokens = self._tokens  # drawn: half a character may stand at the end
        else:
            try:
                tokens = self._tokenizer.encode(self.text)
            except ValueError as error:
                self.error = str(error)
                return
        n, most = len(tokens), self._size - len(self._begin)
        if not (self._begin or tokens):
            self.error = "it is empty: type a word"
        elif n > most:
            self.error = f"it has {n} tokens: use at most {most}"
        else:
            self.error, self._tokens = "", tokens
            logits = self._reader([*self._begin, *tokens])
            self._logits = logits[: self.vocab_size]
            self._choose()

    def _choose(self) -> None:
        """The distribution under the knobs, its tallest bars for the browser."""
        before = next_probs(self._logits, temperature=self.temperature)
        probs = self.probs
        order = before.argsort(descending=True, stable=True)[:N_BARS].tolist()
        nats = float(entropy(probs))
        self.answer = {
            "pieces": [self._piece(token) for token in self._tokens],
            "bars": [
                [self._piece(i), round(float(probs[i]), 6), round(float(before[i]), 6)]
                for i in order
            ],
            "kept": int((probs > 0).sum()),
            "cut": round(float(before[probs == 0].sum()), 6),
            "nats": round(nats, 6) + 0.0,
        }

    @property
    def probs(self) -> Tensor:
        """What comes next, under the knobs: float64 (V,)."""
        knobs: dict[str, Any] = {name: getattr(self, name) for name in _KNOBS}
        return next_probs(self._logits, **knobs)

    def _draw(self) -> None:
        """Put a token behind the text, by dice of the roll."""
        if len(self._tokens) + len(self._begin) == self._size:
            self.error = f"the text is full: {len(self._tokens)} tokens"
            return
        u = next(mulberry32(self._seed + 0x9E3779B1 * self.roll))
        drawn = draw_index(self.probs.tolist(), u)
        self._tokens = [*self._tokens, drawn]
        self.text = self._tokenizer.decode(self._tokens)

    def _piece(self, token: int) -> str:
        text = self._tokenizer.decode([token])
        return text.replace(" ", "\u2423").replace("\n", "\u23ce") or "·"

    def _knobs_in_words(self) -> str:
        top_k = "off" if self.top_k is None else self.top_k
        top_p = "off" if self.top_p is None else f"{self.top_p:.2f}"
        return f"T = {self.temperature:.2f}, top-k {top_k}, top-p {top_p}"

    def describe(self) -> str:
        """The text, its likeliest next tokens, how many can come."""
        answer = self.answer
        nats, kept = answer["nats"], answer["kept"]
        rows = [
            f"  {piece:14} {100 * p:5.1f} % {'#' * round(30 * p)}"
            for piece, p, _ in answer["bars"][:8]
        ]
        cut = f", {100 * answer['cut']:.1f} % cut" if answer["cut"] else ""
        lines = [
            f"TokenLab: after {self.text!r} at {self._knobs_in_words()}",
            *rows,
            f"  entropy {nats:.2f} nats = {nats_to_bits(nats):.2f} bits, "
            f"{math.exp(nats):.1f} effective choices",
            f"  {kept:,} of {self.vocab_size:,} tokens can come{cut}",
        ]
        if self.error:
            lines.append(f"  this text was not read: {self.error}")
        return "\n".join(lines)

    def picture(self) -> "Picture":
        """Lying bars of the likeliest tokens; what is cut is hatched."""
        from course_play.plots import BLUE, GREY, PAPER, Picture, hatch_bar, new_axes

        bars = self.answer["bars"]
        figure, axes = new_axes(6.4, 0.24 * len(bars) + 1.0)
        shown = [p if p > 0 else before for _, p, before in bars]
        drawn = axes.barh(range(len(bars)), shown, color=BLUE)
        for bar, (_, p, before) in zip(drawn, bars, strict=True):
            if p == 0 and before > 0:
                hatch_bar(bar, PAPER, GREY, "////")
        axes.bar_label(drawn, [f" {100 * p:.1f} %" for p in shown], fontsize=8)
        axes.set_yticks(
            range(len(bars)), [_drawn(row[0]) for row in bars], parse_math=False
        )
        axes.invert_yaxis()
        axes.margins(x=0.12)
        end = self.text if len(self.text) < 40 else f"…{self.text[-38:]}"
        axes.set_title(f"After “{end}”: {self._knobs_in_words()}", parse_math=False)
        axes.set_xlabel("probability (a hatched bar is cut)")
        told = ", ".join(f"{piece} {100 * p:.1f} %" for piece, p, _ in bars[:6])
        return Picture(
            figure,
            f"Bars of the next token after “{self.text}”, the tallest: {told}; "
            f"{self.answer['kept']:,} of {self.vocab_size:,} tokens can come.",
        )


def _drawn(piece: str) -> str:
    """As it is, but for letters that the font of pictures does not have."""
    known = (" " <= c <= "\u024f" or c in "\u2423\u23ce\u2018\u2019" for c in piece)
    return "".join(c if ok else "?" for c, ok in zip(piece, known, strict=True))
