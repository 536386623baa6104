"""How fast a BPE tokenizer learns and encodes, as ratios within one run.

Repeat it with `python benchmarks/bench_tokenizer.py --text FILE` (about two minutes),
and `--minbpe FOLDER` where a copy of karpathy/minbpe lies. Without `--text` it takes
the fetched tinyshakespeare, else a megabyte of Tiny World. All ways get the same text,
pattern and vocabulary of 1,024, and CPU seconds of one thread are measured. The slow
ways see only a stated part of the text. Nothing is written.
"""

import argparse
import os
import platform
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import tiktoken
import tiktoken._educational as educational
import tokenizers

from course_lib.engine.downloads import FETCHED
from course_lib.engine.reading import read_text
from course_lib.tokenizer import GPT2_PATTERN, BPETokenizer, train_bpe
from course_lib.tokenizer.bpe import compile_pattern
from course_lib.tokenizer.learn import count_pieces
from tiny_world import World

VOCAB_SIZE = 1024
OURS = "course_lib: unique pieces, counts kept up to date"
FLOOR = "floor: the engine without a merge"
Rows = Iterator[str]


def timed(work: Callable[[], Any], rounds: int = 1) -> tuple[float, Any]:
    """The least CPU seconds of some rounds, and what the last one gave."""
    least, given = float("inf"), None
    for _ in range(rounds):
        start = time.process_time()
        given = work()
        least = min(least, time.process_time() - start)
    return least, given


def naive(text: str) -> set[bytes]:
    """Lesson 10's way: count all pairs of all pre-tokens anew before each merge."""
    words = [
        list(piece.encode()) for piece in compile_pattern(GPT2_PATTERN).findall(text)
    ]
    tokens = [bytes([i]) for i in range(256)]
    while len(tokens) < VOCAB_SIZE:
        counts = Counter(pair for word in words for pair in pairwise(word))
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        words = [joined(word, best, len(tokens)) for word in words]
        tokens.append(tokens[best[0]] + tokens[best[1]])
    return set(tokens)


def joined(word: list[int], pair: tuple[int, int], token: int) -> list[int]:
    """The word with the token in place of each pair."""
    merged: list[int] = []
    for part in word:
        if merged and (merged[-1], part) == pair:
            merged[-1] = token
        else:
            merged.append(part)
    return merged


def ours(text: str) -> BPETokenizer:
    """The library's way."""
    return train_bpe(text, VOCAB_SIZE, special_tokens=())


def hugging_face(text: str) -> tokenizers.Tokenizer:
    """Hugging Face's trainer, in Rust."""
    tokenizer = untrained()
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        [text],
        tokenizers.trainers.BpeTrainer(
            vocab_size=VOCAB_SIZE, initial_alphabet=alphabet, show_progress=False
        ),
    )
    return tokenizer


def untrained() -> tokenizers.Tokenizer:
    """A byte-level BPE tokenizer of Hugging Face that cuts as GPT-2 does."""
    pre = tokenizers.pre_tokenizers
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    cut = pre.Split(tokenizers.Regex(GPT2_PATTERN), behavior="isolated")
    bytes_of = pre.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre.Sequence([cut, bytes_of])
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    return tokenizer


def minbpe_of(folder: Path | None) -> Any:
    """The class RegexTokenizer of minbpe, None without a folder."""
    if folder is None:
        return None
    if not (folder / "minbpe" / "regex.py").is_file():
        raise SystemExit(f"{folder} holds no minbpe/regex.py")
    sys.path.insert(0, str(folder))
    from minbpe import RegexTokenizer

    return RegexTokenizer


def minbpe_trained(regex_tokenizer: Any, text: str) -> Any:
    """Trained by minbpe."""
    tokenizer = regex_tokenizer(GPT2_PATTERN)
    tokenizer.train(text, VOCAB_SIZE)
    return tokenizer


def tokens_of(trained: Any) -> set[bytes]:
    """The tokens that a way has learned, as bytes."""
    if isinstance(trained, BPETokenizer):
        return set(trained.ranks)
    if isinstance(trained, tokenizers.Tokenizer):
        letters = {letter: byte for byte, letter in byte_letters().items()}
        return {bytes(letters[c] for c in token) for token in trained.get_vocab()}
    if isinstance(trained, set | dict):
        return set(trained)
    return set(trained.vocab.values())


def byte_letters() -> dict[int, str]:
    """GPT-2's letter for each byte: itself if it can be printed, else from U+0100."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return {b: chr(b) for b in plain} | {b: chr(256 + i) for i, b in enumerate(others)}


def training(text: str, part: str, regex_tokenizer: Any) -> Rows:
    """CPU seconds of each way, on the whole text and on a part."""
    whole: dict[str, Callable[[str], Any]] = {
        OURS: ours,
        "Hugging Face tokenizers (Rust)": hugging_face,
    }
    slow: dict[str, Callable[[str], Any]] = {
        "lesson 10's form: count anew before each merge": naive,
        "tiktoken._educational": lambda t: educational.bpe_train(
            t, VOCAB_SIZE, GPT2_PATTERN, visualise=None
        ),
    }
    if regex_tokenizer:
        slow["minbpe, regex"] = lambda t: minbpe_trained(regex_tokenizer, t)
    for chunk, ways in ((text, whole), (part, whole | slow)):
        yield f"\n{len(chunk):,} characters | CPU seconds | times ours | same tokens"
        took, tokens = {}, {}
        for label, way in ways.items():
            took[label], trained = timed(partial(way, chunk))
            tokens[label] = tokens_of(trained)
        for label in ways:
            same = len(tokens[label] & tokens[OURS]) - 256
            ratio = took[label] / took[OURS]
            yield f"{label} | {took[label]:.2f} | {ratio:.2f} | {same} of 768"
        floor, _ = timed(partial(count_pieces, chunk, GPT2_PATTERN), 3)
        ratio = floor / took[OURS]
        yield f"floor: only cut and count the pieces | {floor:.2f} | {ratio:.2f} |"


def as_hugging_face(tokenizer: BPETokenizer) -> tokenizers.Tokenizer:
    """The same merges in Hugging Face's engine."""
    letters = byte_letters()
    name = ["".join(letters[b] for b in token) for token in tokenizer.ranks]
    twin = untrained()
    twin.model = tokenizers.models.BPE(
        vocab={letter: i for i, letter in enumerate(name)},
        merges=[(name[a], name[b]) for a, b in tokenizer.merges],
    )
    return twin


def as_tiktoken(tokenizer: BPETokenizer) -> tiktoken.Encoding:
    """The same merges in an engine of its own."""
    return tiktoken.Encoding(
        "ours",
        pat_str=GPT2_PATTERN,
        mergeable_ranks=tokenizer.ranks,
        special_tokens={},
    )


def encoding(text: str, part: str, regex_tokenizer: Any) -> Rows:
    """Megabytes a second of each way, all with our merges and the same ids."""
    tokenizer = ours(text)
    engine, twin = as_tiktoken(tokenizer), as_hugging_face(tokenizer)
    readable = educational.SimpleBytePairEncoding(
        pat_str=GPT2_PATTERN, mergeable_ranks=tokenizer.ranks
    )
    ways: dict[str, tuple[str, Callable[[str], list[int]]]] = {
        "course_lib: tiktoken's engine, our merges": (text, tokenizer.encode),
        "tiktoken itself, our merges": (text, engine.encode_ordinary),
        "Hugging Face tokenizers (Rust)": (text, lambda t: twin.encode(t).ids),
        "course_lib: the readable way (Python)": (
            part,
            lambda t: [
                i for p in tokenizer.split(t) for i in tokenizer.encode_piece(p)
            ],
        ),
        "tiktoken._educational (Python)": (
            part,
            lambda t: readable.encode(t, visualise=None),
        ),
    }
    if regex_tokenizer:
        theirs = regex_tokenizer(GPT2_PATTERN)
        theirs.merges = {pair: 256 + i for i, pair in enumerate(tokenizer.merges)}
        ways["minbpe, regex (Python)"] = (part, theirs.encode_ordinary)
    ways[FLOOR] = (text, BPETokenizer([]).encode)
    yield "\nEncoding | MB/s | times ours"
    first = None
    for label, (chunk, encode) in ways.items():
        rounds = 5 if chunk is text else 1
        took, ids = timed(lambda e=encode, c=chunk: e(c), rounds)  # type: ignore[misc]
        assert label == FLOOR or ids == tokenizer.encode(chunk), label
        speed = len(chunk.encode()) / took / 1e6
        first = first or speed
        yield f"{label} | {speed:.2f} | {speed / first:.2f}"


def chosen_text(path: Path | None) -> tuple[str, str]:
    """The text to measure on, and what it is."""
    fetched = FETCHED / "tinyshakespeare.txt"
    if path is not None or fetched.is_file():
        return read_text(path or fetched), (path or fetched).name
    documents = islice(World(seed=0).stream(), 9_000)
    return "\n".join(d.text for d in documents), "Tiny World"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", type=Path, help="a .txt, such as tinyshakespeare")
    parser.add_argument("--minbpe", type=Path, help="a folder with a copy of minbpe")
    parser.add_argument("--part", type=int, default=100_000, help="for the slow ways")
    options = parser.parse_args()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    os.environ["RAYON_NUM_THREADS"] = "1"
    text, name = chosen_text(options.text)
    part = text[: options.part]
    regex_tokenizer = minbpe_of(options.minbpe)
    versions = ", ".join(f"{p} {version(p)}" for p in ("tiktoken", "tokenizers"))
    print(f"{os.cpu_count()} CPU cores, one thread used; {versions}")
    print(f"Python {platform.python_version()}; {name}, {len(text):,} characters")
    for rows in (training, encoding):
        for row in rows(text, part, regex_tokenizer):
            print(row, flush=True)


if __name__ == "__main__":
    main()
