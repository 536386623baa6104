"""Lessons 19 and 27: a GPT goes on; every word shows surprise or copying."""

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import torch
import traitlets

from course_lib.copies import CopyMeter
from course_lib.functional import log_softmax
from course_lib.generate import generate
from course_lib.gpt import GPT
from course_lib.tokenizer import Tokenizer
from course_play.widgets.base import CourseWidget, module_text, style_text
from course_play.widgets.typed import with_capitals

if TYPE_CHECKING:
    from course_play.plots import Picture

HOTTEST = 2.0
N_EXPECTED = 5
LEVELS = (0.1, 1.0, 3.0)
"""Nats below which a word is expected, likely or unlikely; above: a surprise."""
LEVEL_NAMES = ("expected", "likely", "unlikely", "a surprise")
MARKS = ("surprise", "copies")
WORDS_IN_A_ROW = 11


def surprise_level(nats: float) -> int:
    """0 expected, 1 likely, 2 unlikely, 3 a surprise.

    >>> [surprise_level(-math.log(p)) for p in (0.99, 0.5, 0.2, 0.01)]
    [0, 1, 2, 3]
    """
    return sum(nats >= limit for limit in LEVELS)


class PromptBox(CourseWidget):
    """A text box: the model writes on, and each word says how surprised it was.

    The number below a word is its surprise, -ln p in nats, or, if you mark copies, how
    long the longest piece is, of those it belongs to, that stands word for word in
    what the model has read. Choose a word to see what else the model expected there.
    Everything is computed in Python, so the box needs a live kernel to answer.

    Args:
        model: a GPT.
        words: its tokenizer.
        known: token ids of what it has read, or of a part of it.
        prompt: the text to go on from.
        start: a token put before the prompt, such as the end mark that stands between
            documents; None for none (the prompt must then not be empty).
        stop: a token that ends the text; None for none.
        n_new: the most that it writes, in tokens.
        temperature: 0 (greedy) to 2.
        seed: of the dice.
        fresh: the mean longest piece of NEW texts by the author of `known`, to compare.
        examples: prompts to take by one click.

    Raises:
        ValueError: naming what is out of range, or why the prompt cannot be read.

    >>> import tiny_world as world
    >>> from course_lib.gpt import GPTConfig
    >>> model = GPT(GPTConfig(vocab_size=world.VOCAB_SIZE, emb_dim=16, n_layers=1))
    >>> box = PromptBox(model, world.WorldTokenizer(), [0, 1, 2], prompt="It said")
    >>> box.prompt = "It went home to the"
    >>> len(box.answer["words"]) - box.answer["n_prompt"]
    24
    """

    _esm = module_text("prompt_box")
    _css = style_text("prompt_box")
    prompt = traitlets.Unicode("").tag(sync=True)
    temperature = traitlets.Float(0.0).tag(sync=True)
    roll = traitlets.Int(0).tag(sync=True)
    mark = traitlets.Enum(MARKS, "surprise").tag(sync=True)
    word = traitlets.Int(0).tag(sync=True)
    asked = traitlets.Int(0).tag(sync=True)
    answered = traitlets.Int(0).tag(sync=True)
    answer: Any = traitlets.Dict().tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)
    examples = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(
        self,
        model: GPT,
        words: Tokenizer,
        known: Iterable[int],
        *,
        prompt: str = "",
        start: int | None = 0,
        stop: int | None = 0,
        n_new: int = 24,
        temperature: float = 0.0,
        seed: int = 0,
        fresh: float | None = None,
        examples: Sequence[str] = (),
    ) -> None:
        if not 1 <= n_new < model.config.context_size:
            most = model.config.context_size - 1
            raise ValueError(f"n_new is {n_new}: use 1 .. {most}")
        self._model, self._words, self._meter = model, words, CopyMeter(known)
        self._begin = [] if start is None else [start]
        self._stop = [] if stop is None else [stop]
        self._n_new, self._seed, self._fresh = n_new, seed, fresh
        self._question: tuple[object, ...] = ()
        super().__init__(
            prompt=prompt, temperature=temperature, examples=list(examples)
        )
        self._ask()
        if self.error:
            raise ValueError(f"prompt {prompt!r}: {self.error}")
        traits = ["prompt", "temperature", "roll", "asked"]
        self.observe(lambda change: self._ask(), traits)

    @traitlets.validate("prompt")
    def _as_written(self, proposal: Any) -> str:
        return with_capitals(self._words, proposal["value"])

    @traitlets.validate("temperature")
    def _in_range(self, proposal: Any) -> float:
        value: float = proposal["value"]
        if not 0 <= value <= HOTTEST:
            raise ValueError(f"temperature is {value}: use 0 (greedy) to {HOTTEST:g}")
        return value

    @traitlets.validate("word")
    def _inside(self, proposal: Any) -> int:
        value: int = proposal["value"]
        last = len(self.answer.get("words", ())) - 1
        if not 0 <= value <= max(last, 0):
            raise ValueError(f"word is {value}: it must be in 0 .. {last}")
        return value

    def _ask(self) -> None:
        """Let the model write on; a prompt that cannot be read changes nothing."""
        question = (self.prompt, self.temperature, self.roll, self.asked)
        if question == self._question:
            return  # several traits changed at once: one answer is enough
        self._question = question
        with self.hold_sync():
            self.answered = self.asked
            try:
                answer = self._answer()
            except ValueError as error:
                self.error = str(error)
                return
            self.error = ""
            self.word = 0
            self.answer = answer
            self.word = min(answer["n_prompt"], len(answer["words"]) - 1)

    def _answer(self) -> dict[str, Any]:
        asked = self._words.encode(self.prompt)
        begin = [*self._begin, *asked]
        room = self._model.config.context_size - len(begin)
        if not begin:
            raise ValueError("it is empty: type a word")
        if room < 1:
            most = self._model.config.context_size - 1 - len(self._begin)
            raise ValueError(f"it has {len(asked)} tokens: use at most {most}")
        (written,) = generate(
            self._model,
            [begin],
            max_new_tokens=min(self._n_new, room),
            stop_tokens=self._stop,
            seeds=self._seed + 1009 * self.roll,
            temperature=self.temperature,
            vocab_size=self._words.vocab_size,
        )
        tokens = begin + written
        if len(written) < min(self._n_new, room):
            tokens += self._stop
        shown = tokens[len(self._begin) :]
        if not shown:
            raise ValueError("the model says nothing after it")
        run = self._meter.longest(shown)
        return {
            "n_prompt": len(asked),
            "words": [self._piece(token) for token in shown],
            "copied": self._meter.cover(shown),
            "longest": list(run),
            "fresh": self._fresh,
            **self._expected(tokens),
        }

    def _piece(self, token: int) -> str:
        text = self._words.decode([token])
        return "(end)" if [token] == self._stop else text.replace("\n", "⏎") or "·"

    @torch.inference_mode()
    def _expected(self, tokens: list[int]) -> dict[str, Any]:
        """Surprise at each shown token, None at a first one; what was likeliest."""
        device = next(self._model.parameters()).device
        was_training = self._model.training
        logits = self._model.eval()(torch.tensor([tokens[:-1]], device=device))[0]
        self._model.train(was_training)
        logits = logits[:, : self._words.vocab_size]  # no rows that only pad
        log_p = log_softmax(logits.double().cpu())  # (T - 1, V)
        picked = -log_p.gather(1, torch.tensor(tokens[1:])[:, None])[:, 0]
        nats: list[float | None] = [round(x, 6) + 0.0 for x in picked.tolist()]
        best = log_p.sort(dim=1, descending=True, stable=True)
        rows: list[list[list[Any]]] = [
            [
                [self._piece(i), round(math.exp(x), 6)]
                for i, x in zip(ids, row, strict=True)
            ]
            for ids, row in zip(
                best.indices[:, :N_EXPECTED].tolist(),
                best.values[:, :N_EXPECTED].tolist(),
                strict=True,
            )
        ]
        if not self._begin:  # nothing stands before the first word
            nats, rows = [None, *nats], [[], *rows]
        return {"nats": nats, "expected": rows}

    def _numbers(self) -> list[str]:
        """What stands below each word."""
        if self.mark == "copies":
            return [str(n) for n in self.answer["copied"]]
        return ["-" if x is None else f"{x:.2f}" for x in self.answer["nats"]]

    def copy_line(self) -> str:
        """The reading of the copy meter in words.

        >>> import tiny_world as world
        >>> from course_lib.gpt import GPTConfig
        >>> model = GPT(GPTConfig(vocab_size=world.VOCAB_SIZE, emb_dim=16, n_layers=1))
        >>> known = world.encode("It said moo .".split())
        >>> box = PromptBox(model, world.WorldTokenizer(), known, prompt="It said moo.")
        >>> box.copy_line().startswith("the longest known piece has")
        True
        """
        start, length = self.answer["longest"]
        own = max(0, start + length - max(start, self.answer["n_prompt"]))
        line = f"the longest known piece has {length} words, {own} of them the model's"
        if self._fresh is None:
            return line
        return f"{line} (a new text has {self._fresh:.0f} on average)"

    def describe(self) -> str:
        """Prompt, continuation, surprises, the copy meter and the chosen word."""
        words, n = self.answer["words"], self.answer["n_prompt"]
        own = [x for x in self.answer["nats"][n:] if x is not None]
        lines = [
            f"PromptBox: T = {self.temperature:.2f}, {len(words) - n} words written",
            f"  you:   {' '.join(words[:n])}",
            f"  model: {' '.join(words[n:])}",
            f"  its surprise: {sum(own) / max(1, len(own)):.2f} nats per word, "
            f"{max(own, default=0):.2f} at most",
            f"  copy meter: {self.copy_line()}",
        ]
        told = [f"{word} {p:.2f}" for word, p in self.answer["expected"][self.word][:3]]
        if told:
            lines.append(f"  in place of {words[self.word]!r}: {', '.join(told)}")
        if self.error:
            lines.append(f"  the prompt {self.prompt!r} was not read: {self.error}")
        return "\n".join(lines)

    def picture(self) -> "Picture":
        """The words in rows, tinted by surprise or by copying, a number below each."""
        from course_play.plots import BLUE, ORANGE, Picture, new_axes

        words, n = self.answer["words"], self.answer["n_prompt"]
        n_rows = math.ceil(len(words) / WORDS_IN_A_ROW)
        figure, axes = new_axes(8.2, 0.62 * n_rows + 0.6)
        longest = max(1, *self.answer["copied"])
        for i, (word, number) in enumerate(zip(words, self._numbers(), strict=True)):
            y, x = divmod(i, WORDS_IN_A_ROW)
            if self.mark == "copies":
                color, alpha = ORANGE, 0.5 * self.answer["copied"][i] / longest
            else:
                level = surprise_level(self.answer["nats"][i] or 0)
                color, alpha = (BLUE, 0.0) if not level else (ORANGE, 0.18 * level)
            box = {"facecolor": (color, alpha), "edgecolor": "none", "pad": 2.5}
            weight = "bold" if i < n else "normal"
            axes.text(x, -y, word, ha="center", size=8, bbox=box, weight=weight)
            axes.text(x, -y - 0.42, number, ha="center", size=7, color="#555555")
        axes.set(xlim=(-0.6, WORDS_IN_A_ROW - 0.4), ylim=(-n_rows + 0.4, 0.6))
        axes.axis("off")
        below = "surprise in nats" if self.mark == "surprise" else "length of the copy"
        axes.set_title(f"Your words (bold), then the model's; below: {below}")
        model = " ".join(words[n:])
        return Picture(
            figure,
            f"After “{' '.join(words[:n])}” the model writes “{model}”; "
            f"{self.copy_line()}.",
        )
