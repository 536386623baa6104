"""Lesson 08: the name generator under your hands: temperature, top-k, top-p."""

import copy
import math
import textwrap
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

import torch
import traitlets

from course_lib.functional import entropy, nats_to_bits
from course_lib.mlp import NameMLP
from course_lib.names import ALPHABET, END, decode, encode, labels_of
from course_lib.sampling import next_probs
from course_play.widgets.base import (
    CourseWidget,
    draw_index,
    module_text,
    mulberry32,
    style_text,
)

if TYPE_CHECKING:
    from course_play.plots import Picture

HOTTEST = 3.0
MAX_LEN = 30
LONGEST_PROMPT = 20

RESTAURANT = (
    (0.0, "you order your favourite dish. Every evening. For ever."),
    (0.35, "nearly always the favourite; the rest of the menu gathers dust."),
    (0.75, "mostly favourites, with a second choice now and then."),
    (1.15, "you order each dish exactly as often as you like it."),
    (1.7, "tonight you fancy something you seldom eat: fun, at some risk."),
    (2.4, "you hardly look at what you like; some plates go back untouched."),
    (HOTTEST, "eyes closed, finger on the menu: almost any dish may come."),
)
"""Up to which temperature which sentence holds; written for this course."""


def _checked_knob(name: str, value: Any, alphabet: str) -> Any:
    """The value of a slider, or a ValueError that says what it takes."""
    if name == "temperature" and not 0 <= value <= HOTTEST:
        raise ValueError(f"temperature is {value}: use 0 (greedy) to {HOTTEST:g}")
    V = len(alphabet)
    if name == "top_k" and value is not None and not 1 <= value <= V:
        raise ValueError(f"top_k is {value}: use 1 .. {V}, or None for all")
    if name == "top_p" and value is not None and not 0 < value <= 1:
        raise ValueError(f"top_p is {value}: use a number in (0, 1], or None for all")
    if name == "prompt":
        if strange := [x for x in value if x not in alphabet[END + 1 :]]:
            known = "a-z" if alphabet == ALPHABET else alphabet[END + 1 :]
            raise ValueError(f"prompt {value!r} holds {strange[0]!r}: use {known} only")
        if len(value) > LONGEST_PROMPT:
            raise ValueError(
                f"prompt has {len(value)} letters: use at most {LONGEST_PROMPT}"
            )
    return value


def _checked_model(model: object, vocab_size: int) -> NameMLP:
    if not isinstance(model, NameMLP):
        raise ValueError(f"model is a {type(model).__name__}: give a NameMLP")
    if model.config.vocab_size != vocab_size:
        raise ValueError(
            f"the model's vocab_size is {model.config.vocab_size}, its alphabet has "
            f"{vocab_size} letters: give the alphabet of its list"
        )
    return model


class SamplingLab(CourseWidget):
    """Sliders for temperature, top-k, top-p; next-letter bars; live names.

    The browser gets the weights and computes everything itself, from dice that stay
    the same while a slider moves. `probs` and `names` are the same numbers in Python.

    Args:
        model: the trained `NameMLP`.
        known_names: what it learned from; a name found there is marked memorised.
        alphabet: of the model, the end mark first, see `names.alphabet_of`.
        prompt: the letters so far.
        temperature: 0 (greedy) to 3.
        top_k: 1 .. the length of the alphabet, None for all letters.
        top_p: in (0, 1], None for all the mass.
        n_names: how many names to write, 1 .. 40.
        seed: of the dice.

    Raises:
        ValueError: naming the value that is out of range.

    >>> from course_lib.mlp import NameMLPConfig
    >>> model = NameMLP(NameMLPConfig(), torch.Generator().manual_seed(0))
    >>> lab = SamplingLab(model, ["asha"], prompt="ash", temperature=0, n_names=2)
    >>> lab.top_p = 0.5
    >>> sum(lab.probs)
    1.0
    """

    _esm = module_text("sampling_lab")
    _css = style_text("sampling_lab")
    alphabet = traitlets.Unicode(ALPHABET).tag(sync=True)
    weights = traitlets.Bytes().tag(sync=True)
    context_size = traitlets.Int().tag(sync=True)
    emb_dim = traitlets.Int().tag(sync=True)
    hidden_dim = traitlets.Int().tag(sync=True)
    known = traitlets.Unicode().tag(sync=True)
    prompt = traitlets.Unicode("").tag(sync=True)
    temperature = traitlets.Float(1.0).tag(sync=True)
    top_k = traitlets.Int(None, allow_none=True).tag(sync=True)
    top_p = traitlets.Float(None, allow_none=True).tag(sync=True)
    n_names = traitlets.Int(10).tag(sync=True)
    max_len = traitlets.Int(MAX_LEN).tag(sync=True)
    seed = traitlets.Int(0).tag(sync=True)
    roll = traitlets.Int(0).tag(sync=True)
    restaurant: Any = traitlets.List().tag(sync=True)

    def __init__(
        self,
        model: NameMLP,
        known_names: Iterable[str],
        *,
        alphabet: str = ALPHABET,
        prompt: str = "",
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        n_names: int = 10,
        seed: int = 0,
    ) -> None:
        config = _checked_model(model, len(alphabet)).config
        knobs = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
        for name, value in {**knobs, "prompt": prompt}.items():
            _checked_knob(name, value, alphabet)
        if not 1 <= n_names <= 40:
            raise ValueError(f"n_names is {n_names}: use 1 to 40")
        self._model = copy.deepcopy(model).cpu().double().eval()
        self._known = frozenset(known_names)
        numbers = torch.cat(
            [p.detach().flatten().float().cpu() for p in model.parameters()]
        )
        super().__init__(
            alphabet=alphabet,
            weights=numbers.numpy().astype("<f4").tobytes(),
            context_size=config.context_size,
            emb_dim=config.emb_dim,
            hidden_dim=config.hidden_dim,
            known="\n".join(sorted(self._known)),
            prompt=prompt,
            n_names=n_names,
            seed=seed,
            restaurant=[list(line) for line in RESTAURANT],
            **knobs,
        )

    @traitlets.validate("temperature", "top_k", "top_p", "prompt")
    def _knob_in_range(self, proposal: Any) -> Any:
        return _checked_knob(proposal["trait"].name, proposal["value"], self.alphabet)

    @torch.inference_mode()
    def _logits(self, texts: list[str]) -> torch.Tensor:
        """The scores of the next letter after each text, (B, V)."""
        padded = [
            [END] * self.context_size + encode(text, self.alphabet) for text in texts
        ]
        tokens = torch.tensor([row[-self.context_size :] for row in padded])
        logits: torch.Tensor = self._model(tokens)
        return logits

    def _probs_after(self, texts: list[str]) -> list[list[float]]:
        """The distribution of the next letter after each text, (B, V)."""
        probs: list[list[float]] = next_probs(
            self._logits(texts),
            temperature=self.temperature,
            top_k=self.top_k,
            top_p=self.top_p,
        ).tolist()
        return probs

    @property
    def probs(self) -> list[float]:
        """What comes after the prompt: V probabilities, the end mark first."""
        return self._probs_after([self.prompt])[0]

    @property
    def names(self) -> list[str]:
        """The names on show, each beginning with the prompt."""
        uniforms = mulberry32(self.seed + 0x9E3779B1 * self.roll)
        dice = [list(islice(uniforms, self.max_len)) for _ in range(self.n_names)]
        texts = [self.prompt] * self.n_names
        writing = list(range(self.n_names))
        for t in range(self.max_len - len(self.prompt)):
            if not writing:
                break
            rows = self._probs_after([texts[i] for i in writing])
            drawn = [
                (i, draw_index(probs, dice[i][t]))
                for i, probs in zip(writing, rows, strict=True)
            ]
            writing = [i for i, token in drawn if token != END]
            for i, token in drawn:
                if token != END:
                    texts[i] += decode([token], self.alphabet)
        return texts

    @property
    def memorised(self) -> list[bool]:
        """For each of `names`: does it stand in the list the model learned from?"""
        return [name in self._known for name in self.names]

    def _knobs_in_words(self) -> str:
        top_k = "off" if self.top_k is None else self.top_k
        top_p = "off" if self.top_p is None else f"{self.top_p:.2f}"
        return f"T = {self.temperature:.2f}, top-k {top_k}, top-p {top_p}"

    def _ranked(self) -> list[tuple[str, float]]:
        """Letters that can come next, the likeliest first."""
        labels = labels_of(self.alphabet)
        pairs = [(a, p) for a, p in zip(labels, self.probs, strict=True) if p > 0]
        return sorted(pairs, key=lambda pair: -pair[1])

    def describe(self) -> str:
        """The likeliest next letters, how uncertain they are, and the names."""
        ranked = self._ranked()
        nats = float(entropy(torch.tensor(self.probs, dtype=torch.float64)))
        line = next(text for limit, text in RESTAURANT if self.temperature <= limit)
        named = [
            f"{name or '(no letter)'} ({'memorised' if old else 'new'})"
            for name, old in zip(self.names, self.memorised, strict=True)
        ]
        return "\n".join(
            [
                f"SamplingLab: after {self.prompt!r} at {self._knobs_in_words()}",
                *(
                    f"  {a} {100 * p:3.0f} % {'#' * round(40 * p)}"
                    for a, p in ranked[:8]
                ),
                f"  entropy {nats:.2f} nats = {nats_to_bits(nats):.2f} bits, "
                f"{math.exp(nats):.1f} effective choices, "
                f"{len(ranked)} of {len(self.alphabet)} letters can come",
                f"  at the restaurant: {line}",
                f"  names: {', '.join(named)}",
            ]
        )

    def _names_in_lines(self) -> str:
        """The names with their marks, in lines short enough for the picture."""
        shown = [
            f"{name}\N{NO-BREAK SPACE}{'=' if old else '+'}"
            for name, old in zip(self.names, self.memorised, strict=True)
        ]
        half = (len(shown) + 1) // 2
        lines = [
            line
            for part in (shown[:half], shown[half:])
            for line in textwrap.wrap("   ".join(part), 90)
        ]
        legend = "a name marked + is new, = is memorised; a hatched bar is cut"
        return "\n".join([*lines, legend])

    def picture(self) -> "Picture":
        """The bars, tallest first, cut ones hatched, with the names below."""
        from course_play.plots import (
            BLUE,
            GREY,
            PAPER,
            Picture,
            hatch_bar,
            label_bars,
            new_axes,
        )

        probs = self.probs
        before = next_probs(
            self._logits([self.prompt])[0], temperature=self.temperature
        )
        order = sorted(range(len(probs)), key=lambda i: -float(before[i]))
        cut = [i for i in order if probs[i] == 0]
        figure, axes = new_axes(7.2, 3.4)
        bars = axes.bar(
            range(len(probs)),
            [float(before[i]) if i in cut else probs[i] for i in order],
            color=BLUE,
        )
        for bar, i in zip(bars, order, strict=True):
            if i in cut:
                hatch_bar(bar, PAPER, GREY, "////")
        labels = labels_of(self.alphabet)
        label_bars(axes, [labels[i] for i in order])
        where = f"After “{self.prompt}”" if self.prompt else "First letter"
        axes.set(title=f"{where}: {self._knobs_in_words()}", ylabel="probability")
        figure.supxlabel(self._names_in_lines(), fontsize=9)
        ranked = ", ".join(f"{a} {p:.2f}" for a, p in self._ranked()[:6])
        return Picture(
            figure,
            f"Bars of the next letter, the tallest: {ranked}; {len(cut)} letters cut. "
            f"Names: {', '.join(self.names)}; {sum(self.memorised)} memorised.",
        )
