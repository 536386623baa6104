"""ngram: counting against dictionaries, and exact floors."""

import math
from collections import Counter, defaultdict

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.testing import assert_close

from course_lib.batches import evaluate_loss
from course_lib.names import ALPHABET, VOCAB_SIZE, encode, load_names, windows
from course_lib.ngram import NGram, bigram_counts, context_entropies, context_entropy

NAMES = load_names()[::9]
some_names = st.lists(st.text("abcz", min_size=1, max_size=5), min_size=1, max_size=6)
tokens_for = st.integers(0, 2**31)


def count_by_hand(texts: list[str], context_size: int) -> dict[str, Counter]:
    table: dict[str, Counter] = defaultdict(Counter)
    for text in texts:
        padded = "." * context_size + text + "."
        for i in range(context_size, len(padded)):
            table[padded[i - context_size : i]][padded[i]] += 1
    return table


def random_tokens(n: int, context_size: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(VOCAB_SIZE, (n, context_size), generator=generator)


def test_bigram_counts_equal_a_dictionary() -> None:
    table = count_by_hand(NAMES, 1)
    expected = [[table[a][b] for b in ALPHABET] for a in ALPHABET]
    assert bigram_counts(NAMES).tolist() == expected


@pytest.mark.parametrize("context_size", range(7))
def test_fit_gives_the_shares_counted_in_a_dictionary(context_size: int) -> None:
    table = count_by_hand(NAMES, context_size)
    contexts = torch.tensor([encode(c) for c in table]).long()
    probs = NGram.fit(NAMES, context_size)(contexts).exp()
    expected = [[n[b] / n.total() for b in ALPHABET] for n in table.values()]
    assert_close(probs, torch.tensor(expected))


@pytest.mark.parametrize("context_size", range(7))
def test_context_entropy_is_the_training_loss_of_the_unsmoothed_ngram(
    context_size: int,
) -> None:
    model = NGram.fit(NAMES, context_size)
    loss = evaluate_loss(model, *windows(NAMES, context_size))
    assert context_entropy(NAMES, context_size) == pytest.approx(loss, rel=1e-5)


@given(some_names)
def test_more_context_never_raises_the_floor(texts: list[str]) -> None:
    floors = context_entropies(texts, 6)
    assert len(floors) == 7
    for longer, shorter in zip(floors[1:], floors, strict=False):
        assert -1e-12 <= longer <= shorter + 1e-12


def test_floor_without_context_is_the_entropy_of_the_letters() -> None:
    letters = Counter("".join(f"{name}." for name in NAMES))
    total = letters.total()
    expected = -sum(n / total * math.log(n / total) for n in letters.values())
    assert context_entropy(NAMES, 0) == pytest.approx(expected)


@given(some_names, st.integers(0, 4), st.floats(0, 5), st.booleans(), tokens_for)
def test_rows_sum_to_one_for_seen_and_unseen_contexts(
    texts: list[str], context_size: int, strength: float, mixed: bool, seed: int
) -> None:
    model = NGram.fit(texts, context_size, strength=strength, interpolate=mixed)
    seen, _ = windows(texts, context_size)
    probs = model(torch.cat([seen, random_tokens(8, context_size, seed)])).exp()
    assert_close(probs.sum(-1), torch.ones(len(probs)))


def test_strength_is_add_k_smoothing() -> None:
    table, strength = count_by_hand(NAMES, 1)["a"], 2.7
    expected = [(table[b] + 0.1) / (table.total() + 2.7) for b in ALPHABET]
    probs = NGram.fit(NAMES, 1, strength=strength)(torch.tensor([[1]])).exp()
    assert_close(probs[0], torch.tensor(expected))


def test_interpolation_mixes_in_the_shorter_context_by_strength() -> None:
    long, short = count_by_hand(NAMES, 1)["a"], count_by_hand(NAMES, 0)[""]
    strength = 3.0
    expected = []
    for b in ALPHABET:
        prior = (short[b] + strength / VOCAB_SIZE) / (short.total() + strength)
        expected.append((long[b] + strength * prior) / (long.total() + strength))
    model = NGram.fit(NAMES, 1, strength=strength, interpolate=True)
    assert_close(model(torch.tensor([[1]])).exp()[0], torch.tensor(expected))


def test_unseen_context_gets_the_prior() -> None:
    unseen = torch.tensor([encode("zzz")])
    flat = NGram.fit(["asha"], 3)(unseen).exp()
    assert_close(flat, torch.full((1, VOCAB_SIZE), 1 / VOCAB_SIZE))
    mixed = NGram.fit(["asha"], 3, interpolate=True)(unseen).exp()
    assert_close(mixed, NGram.fit(["asha"], 0)(unseen[:, :0]).exp())


@pytest.mark.parametrize(
    ("context_size", "strength", "message"),
    [
        (-1, 0.0, r"context_size is -1: use 0 \.\. 12"),
        (13, 0.0, r"context_size is 13: use 0 \.\. 12"),
        (2, -0.5, r"strength is -0\.5"),
        (2, math.nan, "strength is nan"),
        (2, math.inf, "strength is inf"),
    ],
)
def test_fit_names_a_bad_setting(
    context_size: int, strength: float, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        NGram.fit(NAMES, context_size, strength=strength)


def test_longest_context_keeps_contexts_apart() -> None:
    texts = ["z" * 12 + "a", "y" * 12 + "b"]
    model = NGram.fit(texts, 12)
    probs = model(torch.tensor([encode("z" * 12), encode("y" * 12)])).exp()
    assert probs[0, 1] == probs[1, 2] == 1


def test_tokens_of_another_width_are_named() -> None:
    model = NGram.fit(NAMES, 2)
    for tokens in (random_tokens(4, 3), random_tokens(1, 2)[0]):
        with pytest.raises(ValueError, match=r"this model reads \(batch, 2\)"):
            model(tokens)
