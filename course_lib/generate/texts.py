"""Writing text: readable pieces as they come, and strings to stop at."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Unpack

from course_lib.generate.tokens import Dropped, WhenFull, generate, stream
from course_lib.gpt import GPT
from course_lib.sampling import Knobs
from course_lib.tokenizer import Tokenizer

UNFINISHED = "\ufffd"
"""What half a character decodes to."""


def stream_text(
    model: GPT,
    tokenizer: Tokenizer,
    prompt: str,
    *,
    max_new_tokens: int,
    stop: Sequence[str] = (),
    seed: int | None = None,
    when_full: WhenFull = "stop",
    dropped: Dropped | None = None,
    **knobs: Unpack[Knobs],
) -> Iterator[str]:
    """Yield what the model writes after `prompt`, piece by piece.

    It ends at the end of a document, before the first of the `stop` strings, and where
    `course_lib.generate.stream` ends. Half a character, or half a stop string, waits
    until the rest is there.

    Raises:
        ValueError: for what `stream` or the tokenizer refuses, an empty stop string,
            or a tokenizer of another size than the model.

    >>> from course_lib.gpt import GPTConfig
    >>> from course_lib.tokenizer import CharTokenizer
    >>> model = GPT(GPTConfig(vocab_size=2, emb_dim=16, n_heads=2, n_layers=1))
    >>> pieces = stream_text(model, CharTokenizer("ab"), "ab", max_new_tokens=5)
    >>> len("".join(pieces))
    5
    """
    tokens = prompt_tokens(model, tokenizer, prompt)
    pieces = TextPieces(tokenizer, tokens if prompt else [], stop)
    steps = stream(
        model,
        [tokens],
        max_new_tokens=max_new_tokens,
        stop_tokens=end_tokens(tokenizer),
        seeds=None if seed is None else [seed],
        when_full=when_full,
        dropped=dropped,
        vocab_size=tokenizer.vocab_size,
        **knobs,
    )
    for [token] in steps:
        if token is not None and (piece := pieces.add(token)):
            yield piece
        if pieces.stopped:
            return
    if rest := pieces.rest():
        yield rest


def generate_texts(
    model: GPT,
    tokenizer: Tokenizer,
    prompts: Sequence[str],
    *,
    max_new_tokens: int,
    seeds: Sequence[int] | int | None = None,
    **knobs: Unpack[Knobs],
) -> list[str]:
    """What the model writes after each prompt, all at once; see `stream_text`.

    >>> from course_lib.gpt import GPTConfig
    >>> from course_lib.tokenizer import CharTokenizer
    >>> model = GPT(GPTConfig(vocab_size=2, emb_dim=16, n_heads=2, n_layers=1))
    >>> letters = CharTokenizer("ab")
    >>> texts = generate_texts(model, letters, ["a", "bb"], max_new_tokens=5)
    >>> [len(text) for text in texts]
    [5, 5]
    """
    tokens = [prompt_tokens(model, tokenizer, prompt) for prompt in prompts]
    written = generate(
        model,
        tokens,
        max_new_tokens=max_new_tokens,
        stop_tokens=end_tokens(tokenizer),
        seeds=seeds,
        vocab_size=tokenizer.vocab_size,
        **knobs,
    )
    texts = []
    for prompt, before, new in zip(prompts, tokens, written, strict=True):
        pieces = TextPieces(tokenizer, before if prompt else [])
        texts.append("".join(map(pieces.add, new)) + pieces.rest())
    return texts


def end_tokens(tokenizer: Tokenizer) -> list[int]:
    """The tokens that end a document.

    >>> from course_lib.tokenizer import END_OF_TEXT, CharTokenizer
    >>> end_tokens(CharTokenizer("ab", special_tokens=[END_OF_TEXT]))
    [2]
    """
    special, name = tokenizer.special_tokens, tokenizer.end_of_text
    return [special[name]] if name in special else []


def prompt_tokens(model: GPT, tokenizer: Tokenizer, prompt: str) -> list[int]:
    """The tokens of a prompt, as at the start of a document.

    If there is a token that ends documents, it comes first, as it does in training.

    Raises:
        ValueError: if the tokenizer is not the model's, or knows no such text.

    >>> from course_lib.gpt import GPTConfig
    >>> from course_lib.tokenizer import CharTokenizer
    >>> model = GPT(GPTConfig(vocab_size=2, emb_dim=16, n_heads=2, n_layers=1))
    >>> prompt_tokens(model, CharTokenizer("ab"), "ba")
    [1, 0]
    """
    check_vocabulary(model, tokenizer)
    tokens = end_tokens(tokenizer)[:1] + tokenizer.encode(prompt)
    if not tokens:
        raise ValueError("the prompt is empty: give the first word or letter")
    return tokens


def check_vocabulary(model: GPT, tokenizer: Tokenizer) -> None:
    """Raise ValueError for a tokenizer with more tokens than the model knows.

    >>> from course_lib.gpt import GPTConfig
    >>> from course_lib.tokenizer import CharTokenizer
    >>> model = GPT(GPTConfig(vocab_size=2, emb_dim=16, n_heads=2, n_layers=1))
    >>> check_vocabulary(model, CharTokenizer("ab"))
    """
    size = model.config.vocab_size
    if tokenizer.vocab_size > size:
        raise ValueError(
            f"the tokenizer has {tokenizer.vocab_size} tokens and the model {size}: "
            "they do not belong together (see `grow`)"
        )


class TextPieces:
    """Turns tokens that come one by one into text that is ready to be shown.

    Args:
        tokenizer: gives the text.
        prompt: the tokens before; a word may look different after another one.
        stop: strings at which the text ends, themselves not shown.

    >>> from course_lib.tokenizer import CharTokenizer
    >>> letters = CharTokenizer("abc")
    >>> pieces = TextPieces(letters, [], ["cb"])
    >>> [pieces.add(token) for token in letters.encode("acab")]
    ['a', '', 'ca', 'b']
    """

    def __init__(
        self, tokenizer: Tokenizer, prompt: Iterable[int], stop: Sequence[str] = ()
    ) -> None:
        if isinstance(stop, str) or not all(stop):
            raise ValueError(f"stop is {stop!r}: give a list of strings, none empty")
        self.tokenizer, self.stop = tokenizer, tuple(stop)
        self.tokens = list(prompt)[-1:]  # what is decoded again with the next token
        self.n_shown = len(self.tokens)  # so many of them are shown already
        self.waiting = ""
        self.stopped = False

    def add(self, token: int) -> str:
        """Take one more token; returns the text that can be shown now."""
        if self.stopped:
            return ""
        self.tokens.append(token)
        before = self.tokenizer.decode(self.tokens[: self.n_shown])
        text = self.tokenizer.decode(self.tokens)
        if text.endswith(UNFINISHED) and len(self.tokens) < self.n_shown + 4:
            return ""  # a character has at most four bytes
        self.tokens = self.tokens[self.n_shown :]
        self.n_shown = len(self.tokens)
        self.waiting += text[len(before) :]
        return self._show()

    def rest(self) -> str:
        """What still waits when no more tokens come."""
        if self.stopped:
            return ""
        before = self.tokenizer.decode(self.tokens[: self.n_shown])
        text = self.waiting + self.tokenizer.decode(self.tokens)[len(before) :]
        self.waiting, self.stopped = "", True
        return text

    def _show(self) -> str:
        found = [at for at in map(self.waiting.find, self.stop) if at >= 0]
        if found:
            self.stopped = True
            return self.waiting[: min(found)]
        begun = (s[:n] for s in self.stop for n in range(1, len(s)))
        held = max((len(b) for b in begun if self.waiting.endswith(b)), default=0)
        cut = len(self.waiting) - held
        shown, self.waiting = self.waiting[:cut], self.waiting[cut:]
        return shown
