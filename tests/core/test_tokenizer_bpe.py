"""Learning merges: the fast way against a naive one, and against tiktoken's own."""

import random
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import pytest
import tiktoken._educational as educational
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.tokenizer import GPT2_PATTERN, train_bpe
from course_lib.tokenizer.bpe import Pair
from course_lib.tokenizer.learn import count_pieces, learn_merges


def replace_pair(word: list[int], pair: Pair, token: int) -> list[int]:
    """Put `token` in place of each pair, from left to right."""
    merged: list[int] = []
    for part in word:
        if merged and (merged[-1], part) == pair:
            merged[-1] = token
        else:
            merged.append(part)
    return merged


def naive_merges(pieces: list[bytes], n_merges: int) -> list[Pair]:
    """Count everything anew before each merge; ties by the smaller ids."""
    words = [list(piece) for piece in pieces]
    merges: list[Pair] = []
    while len(merges) < n_merges:
        counts = Counter(p for word in words for p in pairwise(word))
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        words = [replace_pair(word, best, 256 + len(merges)) for word in words]
        merges.append(best)
    return merges


PIECES = st.lists(
    st.binary(min_size=1, max_size=12)
    | st.text(st.sampled_from("aab"), min_size=1, max_size=20).map(str.encode),
    min_size=1,
    max_size=30,
)


@settings(deadline=None, max_examples=120)
@given(PIECES, st.integers(0, 40))
def test_the_merges_are_those_of_the_naive_way(
    pieces: list[bytes], n_merges: int
) -> None:
    assert learn_merges(Counter(pieces), n_merges) == naive_merges(pieces, n_merges)


SYLLABLES = ("ba", "na", "ki", "lo", "e", "st", "न", "ing", "1", "'s", "  ")


def random_corpus(seed: int, syllables: Sequence[str] = SYLLABLES) -> str:
    rng = random.Random(seed)
    words = ["".join(rng.choices(syllables, k=rng.randint(1, 4))) for _ in range(150)]
    weights = [1 / (i + 1) for i in range(len(words))]
    return " ".join(rng.choices(words, weights, k=1500))


@pytest.mark.parametrize("seed", range(5))
def test_encoding_by_ranks_equals_applying_the_merges_in_their_order(seed: int) -> None:
    """The naive encoder goes through all merges; tiktoken looks for the lowest rank."""
    tokenizer = train_bpe(random_corpus(seed), 340)
    for text in (random_corpus(seed), random_corpus(seed + 100)):
        tokens = []
        for piece in tokenizer.split(text):
            word = list(piece.encode())
            for i, pair in enumerate(tokenizer.merges):
                word = replace_pair(word, pair, 256 + i)
            tokens += word
        assert tokens == tokenizer.encode(text)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_text_does_not_matter(seed: int) -> None:
    words = random_corpus(seed).split()
    forward = train_bpe(words, 300)
    assert train_bpe(reversed(words), 300).merges == forward.merges


def test_ties_go_to_the_smaller_ids() -> None:
    tokenizer = train_bpe("zy ba dc", 259, pattern=r"\w+", special_tokens=())
    pairs = [tokenizer.token_bytes(256 + i) for i in range(3)]
    assert pairs == [b"ba", b"dc", b"zy"]
    same_left = train_bpe("ac ab", 257, pattern=r"\w+", special_tokens=())
    assert same_left.token_bytes(256) == b"ab"


def without_ties(text: str, n_merges: int) -> int:
    """How many merges in a row are decided by frequency alone."""
    words = [list(piece) for piece in count_pieces(text, GPT2_PATTERN).elements()]
    for done in range(n_merges):
        counts = Counter(p for word in words for p in pairwise(word))
        (best, first), (_, second) = counts.most_common(2)
        if first == second:
            return done
        words = [replace_pair(word, best, 256 + done) for word in words]
    return n_merges


@pytest.mark.parametrize("seed", range(6))
def test_the_merges_are_tiktokens_own_where_no_tie_decides(seed: int) -> None:
    text = random_corpus(seed, "abcdefg")
    n_merges = without_ties(text, 60)
    assert n_merges >= 5
    theirs = educational.bpe_train(text, 256 + n_merges, GPT2_PATTERN, visualise=None)
    ours = train_bpe(text, 256 + n_merges, special_tokens=())
    assert ours.ranks == theirs
    engine = educational.SimpleBytePairEncoding(
        pat_str=GPT2_PATTERN, mergeable_ranks=theirs
    )
    assert ours.encode(text) == engine.encode(text, visualise=None)


def test_a_text_may_come_in_chunks() -> None:
    lines = [f"{line}\n" for line in random_corpus(0).split()]
    chunked = train_bpe((line for line in lines), 300)
    counted = Counter[bytes]()
    for line in lines:
        counted.update(count_pieces(line, GPT2_PATTERN))
    assert list(chunked.merges) == learn_merges(counted, 300 - 257)


def test_nothing_is_learned_from_special_tokens_or_across_them() -> None:
    text = "ab<|endoftext|>" * 50 + "xy xy"
    tokenizer = train_bpe(text, 256 + 1 + 2)
    assert [tokenizer.token_bytes(i) for i in (256, 257)] == [b"ab", b"xy"]


@pytest.mark.parametrize(
    ("text", "vocab_size", "message"),
    [
        ("", 300, "the text is empty"),
        ([], 300, "the text is empty"),
        (["", ""], 300, "the text is empty"),
        ("<|endoftext|>", 300, "the text is empty"),
        ("ab", 256, "vocab_size is 256: 256 bytes and 1 special tokens need at least"),
        ("ab", -1, "vocab_size is -1"),
        ("ab", 300, "after 1 merges no pair is left: use at most 258"),
    ],
)
def test_what_cannot_be_trained_is_refused(
    text: str, vocab_size: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        train_bpe(text, vocab_size)
