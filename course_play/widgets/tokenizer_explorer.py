"""Lesson 10: any text as a tokenizer sees it, merge by merge."""

import struct
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import traitlets

from course_lib.engine.ranks import PretrainedTokenizer
from course_lib.engine.vocabulary import PATTERNS, VocabularyTokenizer
from course_lib.tokenizer import GPT2_PATTERN, BPETokenizer
from course_lib.tokenizer.bpe import compile_pattern
from course_lib.tokenizer.interface import check_text
from course_play.widgets.base import CourseWidget, module_text, style_text

if TYPE_CHECKING:
    from course_play.plots import Picture

LONGEST = 300
MOST_ROWS, WIDEST = 9, 44
_VISIBLE = str.maketrans(
    {" ": "\u2423", "\n": "\u23ce", "\t": "\u21e5", "\r": "\u240d"}
)
_Known = BPETokenizer | PretrainedTokenizer | VocabularyTokenizer


@cache
def _splitter(pattern: str) -> Callable[[str], list[str]]:
    split: Callable[[str], list[str]] = compile_pattern(pattern).findall
    return split


class Growth(NamedTuple):
    """A text on its way from bytes to tokens."""

    token: int | None
    """The id that the last merge has made; None at the start."""
    pair: tuple[bytes, bytes] | None
    """What it was made of."""
    pieces: list[list[bytes]]
    """For each pre-token its tokens so far."""

    @property
    def tokens(self) -> list[bytes]:
        """The tokens of the whole text."""
        return [token for parts in self.pieces for token in parts]


def _lowest_pair(parts: list[bytes], ids: Mapping[bytes, int]) -> tuple[float, int]:
    """The lowest id that two neighbours make up, and where they stand."""
    joined = [parts[i] + parts[i + 1] for i in range(len(parts) - 1)]
    found = [(ids[both], i) for i, both in enumerate(joined) if both in ids]
    return min(found, default=(float("inf"), -1))


def grow_tokens(
    text: str, ids: Mapping[bytes, int], pattern: str = GPT2_PATTERN
) -> list[Growth]:
    """All states of a text from bytes to tokens; a merge is done everywhere at once.

    >>> [g.tokens for g in grow_tokens("nana", {b"na": 256})]
    [[b'n', b'a', b'n', b'a'], [b'na', b'na']]
    """
    pieces = [
        [bytes([b]) for b in piece.encode()] for piece in _splitter(pattern)(text)
    ]
    states = [Growth(None, None, pieces)]
    while True:
        lowest = min((_lowest_pair(p, ids)[0] for p in pieces), default=float("inf"))
        if lowest == float("inf"):
            return states
        pair, merged = None, []
        for parts in pieces:
            while (found := _lowest_pair(parts, ids))[0] == lowest:
                a, b = parts[found[1] : found[1] + 2]
                pair = pair or (a, b)
                parts = [*parts[: found[1]], a + b, *parts[found[1] + 2 :]]
            merged.append(parts)
        pieces = merged
        states.append(Growth(int(lowest), pair, pieces))


def show_bytes(token: bytes) -> str:
    r"""Bytes as one reads them: whole characters as such, parts of one in hex.

    >>> show_bytes(b" a"), show_bytes(b"\xe0\xa4")
    ('␣a', 'E0 A4')
    """
    try:
        return token.decode().translate(_VISIBLE)
    except UnicodeDecodeError:
        return token.hex(" ").upper()


def _checked_tokenizer(tokenizer: object) -> tuple[_Known, str]:
    """The tokenizer, and the name of the pattern by which it cuts."""
    if not isinstance(tokenizer, _Known):
        raise ValueError(
            f"tokenizer is a {type(tokenizer).__name__}: give a BPETokenizer"
        )
    if isinstance(tokenizer, PretrainedTokenizer) and tokenizer.name == "gpt2":
        return tokenizer, "gpt-2"
    for name, pattern in PATTERNS.items():
        if tokenizer.pattern == pattern:
            return tokenizer, name
    raise ValueError(
        f"the tokenizer cuts by {tokenizer.pattern!r}: the explorer knows "
        "GPT2_PATTERN and SMOLLM_PATTERN only"
    )


def _checked_text(text: str) -> str:
    check_text(text)
    if len(text) > LONGEST:
        raise ValueError(f"text has {len(text)} characters: use at most {LONGEST}")
    return text


class TokenizerExplorer(CourseWidget):
    """A text box, its coloured tokens, and a slider from bytes to tokens.

    Args:
        tokenizer: a `BPETokenizer` that cuts by GPT2_PATTERN, GPT-2's own or SmolLM2's.
        text: what stands in the box at first.
        examples: texts to take by one click.

    Raises:
        ValueError: for another kind of tokenizer, or a text that is too long.

    >>> tokenizer = BPETokenizer([(97, 110), (256, 97)])
    >>> explorer = TokenizerExplorer(tokenizer, text="banana")
    >>> explorer.tokens
    [b'b', b'an', b'ana']
    >>> explorer.step = 1
    >>> explorer
    TokenizerExplorer: 'banana' after merge 1 of 2: a + n → an, token 256
      b|an|an|a
      6 characters, 6 bytes, 4 tokens, 1.50 bytes per token
      ids 98 256 256 97
    """

    _esm = module_text("tokenizer_explorer")
    _css = style_text("tokenizer_explorer")
    vocab = traitlets.Bytes().tag(sync=True)
    first = traitlets.Int(0).tag(sync=True)
    cut = traitlets.Enum(tuple(PATTERNS), "gpt-2").tag(sync=True)
    longest = traitlets.Int(LONGEST).tag(sync=True)
    text = traitlets.Unicode("").tag(sync=True)
    step = traitlets.Int(None, allow_none=True).tag(sync=True)
    examples = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(
        self,
        tokenizer: _Known,
        text: str = "strawberry",
        *,
        examples: Sequence[str] = (),
    ) -> None:
        known, cut = _checked_tokenizer(tokenizer)
        self._encode, self._ids = known.encode, known.ranks
        in_order = sorted(self._ids, key=self._ids.__getitem__)
        super().__init__(
            vocab=b"".join(struct.pack("<H", len(t)) + t for t in in_order),
            first=self._ids[in_order[0]],
            cut=cut,
            text=self._checked(text),
            examples=[self._checked(example) for example in examples],
        )

    def _checked(self, text: str) -> str:
        _checked_text(text)
        self._encode(text)  # a published vocabulary may lack a byte
        return text

    @traitlets.validate("text")
    def _text_fits(self, proposal: Any) -> str:
        return self._checked(proposal["value"])

    @traitlets.validate("step")
    def _step_is_whole(self, proposal: Any) -> int | None:
        step: int | None = proposal["value"]
        if step is not None and step < 0:
            raise ValueError(f"step is {step}: use 0 (bytes) or more, None for the end")
        return step

    @property
    def states(self) -> list[Growth]:
        """From bytes to tokens, one state for each merge that this text needs."""
        return grow_tokens(self.text, self._ids, PATTERNS[self.cut])

    def _now(self) -> tuple[int, list[Growth]]:
        states = self.states
        last = len(states) - 1
        return last if self.step is None else min(self.step, last), states

    @property
    def tokens(self) -> list[bytes]:
        """The tokens on show."""
        at, states = self._now()
        return states[at].tokens

    def describe(self) -> str:
        """The tokens on show, the last merge, the counts and the ids."""
        at, states = self._now()
        tokens = states[at].tokens
        n_chars, n_bytes = len(self.text), sum(map(len, tokens))
        each = f"{n_bytes / len(tokens):.2f}" if tokens else "no"
        return "\n".join(
            [
                f"TokenizerExplorer: {self.text!r} after {self._merge_in_words()}",
                f"  {'|'.join(map(show_bytes, tokens))}",
                f"  {n_chars} characters, {n_bytes} bytes, {len(tokens)} tokens, "
                f"{each} bytes per token",
                f"  ids {' '.join(str(self._ids[token]) for token in tokens)}",
            ]
        )

    def _merge_in_words(self) -> str:
        at, states = self._now()
        done = f"merge {at} of {len(states) - 1}"
        if (pair := states[at].pair) is None:
            return done
        a, b = map(show_bytes, pair)
        joined = show_bytes(pair[0] + pair[1])
        return f"{done}: {a} + {b} → {joined}, token {states[at].token}"

    def picture(self) -> "Picture":
        """Rows of boxes, from the bytes at the top to the tokens on show."""
        from course_play.plots import COLORS, GREY, Picture, new_axes

        at, states = self._now()
        rows = _chosen_rows(states[: at + 1])
        figure, axes = new_axes(7.2, 0.9 + 0.36 * len(rows))
        axes.set_axis_off()
        for y, (number, state) in enumerate(rows):
            axes.text(-0.6, y, f"{number}", ha="right", va="center", color=GREY)
            for i, (start, token) in enumerate(_boxes(state)):
                color, line = COLORS[i % 4], ("-", "--", "-.", ":")[i % 4]
                axes.barh(y, len(token) - 0.16, 0.74, start + 0.08, color=f"{color}2A")
                under = [start + 0.12, start + len(token) - 0.12]
                axes.plot(under, [y + 0.37] * 2, color=color, linestyle=line, lw=2.5)
                middle = start + len(token) / 2
                axes.text(
                    middle, y, _drawn(token), ha="center", va="center", fontsize=9
                )
        width = min(WIDEST, max(8, sum(map(len, states[at].tokens))))
        axes.set(xlim=(-2, width), ylim=(len(rows) - 0.4, -0.6))
        shown = [_drawn(token) for token in states[at].tokens]
        axes.set_title(f"{len(shown)} tokens after {at} merges, from bytes downwards")
        told = "|".join(map(show_bytes, states[at].tokens))
        return Picture(
            figure, f"Rows of boxes that join: {self._merge_in_words()}: {told}"
        )


def _chosen_rows(states: list[Growth]) -> list[tuple[int, Growth]]:
    """Some of the states with their numbers, the first and the last among them."""
    last = len(states) - 1
    n = min(MOST_ROWS, len(states))
    numbers = sorted({round(i * last / max(1, n - 1)) for i in range(n)})
    return [(i, states[i]) for i in numbers]


def _boxes(state: Growth) -> list[tuple[int, bytes]]:
    """Where each token begins, in bytes; what does not fit is left out."""
    boxes, start = [], 0
    for token in state.tokens:
        if start + len(token) > WIDEST:
            break
        boxes.append((start, token))
        start += len(token)
    return boxes


def _drawn(token: bytes) -> str:
    """As `show_bytes`, in hex also where the font of pictures has no such letter."""
    shown = show_bytes(token)
    known = all(" " <= c <= "\u024f" or c in _VISIBLE.values() for c in shown)
    return shown if known else token.hex(" ").upper()
