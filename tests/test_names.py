"""names: the file, the letters, the split and the windows."""

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F
from torch.testing import assert_close

from course_lib.mlp import NameMLP, NameMLPConfig
from course_lib.names import (
    ALPHABET,
    decode,
    distinct_windows,
    encode,
    load_names,
    novelty,
    split_names,
    windows,
)

name = st.text("abcz", min_size=1, max_size=6)
names = st.lists(name, min_size=1, max_size=8)


@given(st.text(ALPHABET))
def test_decode_undoes_encode(text: str) -> None:
    tokens = encode(text)
    assert decode(tokens) == decode(torch.tensor(tokens)) == text
    assert [ALPHABET[token] for token in tokens] == list(text)


def test_encode_and_decode_name_what_they_do_not_know() -> None:
    with pytest.raises(ValueError, match="'Asha' holds 'A'"):
        encode("Asha")
    for bad in (27, -1):
        with pytest.raises(ValueError, match=rf"token {bad} is outside 0 \.\. 26"):
            decode([1, bad])


def naive_windows(texts: list[str], context_size: int) -> list[tuple[str, str]]:
    pairs = []
    for text in texts:
        context = "." * context_size
        for letter in text + ".":
            pairs.append((context, letter))
            context = (context + letter)[1:] if context_size else ""
    return pairs


@given(names, st.integers(0, 6))
def test_windows_equal_a_letter_by_letter_loop(
    texts: list[str], context_size: int
) -> None:
    contexts, targets = windows(texts, context_size)
    assert contexts.shape == (len(targets), context_size)
    assert contexts.dtype == targets.dtype == torch.int64
    rows = [decode(row) for row in contexts.tolist()]
    assert list(zip(rows, decode(targets), strict=True)) == naive_windows(
        texts, context_size
    )


@given(names, st.integers(0, 4))
def test_distinct_windows_are_the_windows_counted(
    texts: list[str], context_size: int
) -> None:
    contexts, targets, counts = distinct_windows(texts, context_size)
    pairs = naive_windows(texts, context_size)
    rows = [decode(row) for row in contexts.tolist()]
    told = dict(zip(zip(rows, decode(targets), strict=True), counts, strict=True))
    assert len(told) == len(targets)
    assert told == {pair: pairs.count(pair) for pair in pairs}


def test_distinct_windows_give_the_loss_and_gradient_of_all_windows() -> None:
    texts = load_names()[:300]
    model = NameMLP(NameMLPConfig(), torch.Generator().manual_seed(0)).double()
    x, y = windows(texts, 3)
    full = F.cross_entropy(model(x), y)
    expected = torch.autograd.grad(full, list(model.parameters()))
    x, y, counts = distinct_windows(texts, 3)
    losses = F.cross_entropy(model(x), y, reduction="none")
    weighted = (losses * counts).sum() / counts.sum()
    assert_close(weighted, full)
    assert_close(torch.autograd.grad(weighted, list(model.parameters())), expected)


def test_windows_refuse_nothing_and_negative_contexts() -> None:
    with pytest.raises(ValueError, match="names is empty"):
        windows([], 3)
    with pytest.raises(ValueError, match="context_size is -1"):
        distinct_windows(["asha"], -1)


def test_split_is_a_partition_of_about_80_10_10() -> None:
    everyone = load_names()
    train, val, test = split_names(everyone)
    assert sorted(train + val + test) == sorted(everyone)
    assert len(train) / len(everyone) == pytest.approx(0.8, abs=0.03)
    assert len(val) / len(everyone) == pytest.approx(0.1, abs=0.03)


def test_a_name_keeps_its_place_when_others_are_added() -> None:
    everyone = load_names()
    small, large = split_names(everyone[::3]), split_names(everyone)
    for part_small, part_large in zip(small, large, strict=True):
        assert set(part_small) <= set(part_large)


def test_split_depends_on_the_seed_and_refuses_nothing() -> None:
    everyone = load_names()
    assert split_names(everyone, seed=1) == split_names(everyone, seed=1)
    assert split_names(everyone, seed=1) != split_names(everyone, seed=2)
    with pytest.raises(ValueError, match="names is empty"):
        split_names([])


def test_novelty_is_the_share_of_unknown_samples() -> None:
    assert novelty(["asha", "asha", "zorin", "ravi"], {"asha"}) == 0.5
    with pytest.raises(ValueError, match="samples is empty"):
        novelty([], ["asha"])


def test_load_names_reads_any_line_ends(tmp_path: Path) -> None:
    file = tmp_path / "names.txt"
    for data in (b"asha\nravi\n", b"asha\r\nravi\r\n", b"asha\nravi"):
        file.write_bytes(data)
        assert load_names(file) == ["asha", "ravi"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"asha\nra\xffvi\n", "line 2: byte 0xff is not UTF-8: save it as UTF-8"),
        (b"asha\n\nravi\n", "line 2 is empty: remove it"),
        (b"asha\n  \nravi\n", "line 2 is empty: remove it"),
        (b"asha\nRavi\n", "line 2: 'Ravi' holds 'R': write it in lower case"),
        (b"asha\nra vi\n", "line 2: 'ra vi' holds ' ': use a-z only"),
        (b"asha\nravi.\n", "line 2: 'ravi.' holds '.': use a-z only"),
        ("asha\nrené\n".encode(), "line 2: 'rené' holds 'é': use a-z only"),
        (b"asha\nravi\nasha\n", "line 3: 'asha' stands on line 1 already: remove one"),
        (b"", "holds no names: write one a-z name a line"),
    ],
)
def test_load_names_says_which_line_and_what_to_do(
    tmp_path: Path, data: bytes, message: str
) -> None:
    file = tmp_path / "names.txt"
    file.write_bytes(data)
    with pytest.raises(ValueError, match=r"names\.txt") as caught:
        load_names(file)
    assert message in str(caught.value)


def test_load_names_tells_when_there_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.txt"):
        load_names(tmp_path / "none.txt")
