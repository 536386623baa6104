"""names: the file, the letters, the split and the windows."""

import tempfile
from functools import partial
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F
from torch.testing import assert_close

from course_lib.generate import sample_names
from course_lib.mlp import NameMLP, NameMLPConfig
from course_lib.names import (
    ALPHABET,
    NAMES_FILE,
    alphabet_of,
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


def told(file: Path, data: bytes) -> tuple[list[str], str]:
    file.write_bytes(data)
    said: list[str] = []
    return load_names(file, said.append), "".join(said)


@pytest.mark.parametrize(
    ("data", "names", "said"),
    [
        (b"\xef\xbb\xbfylva\nbo\n", ["ylva", "bo"], ""),
        (b" ylva\t\n  bo", ["ylva", "bo"], ""),
        (b"ylva\n\n \nbo\n\n", ["ylva", "bo"], "blank lines left out (3)"),
        (b"Ylva\nBO\n", ["ylva", "bo"], "written with capitals (2)"),
        (b"bo\nBo\nbo \nylva\n", ["bo", "ylva"], "repeats left out (2)"),
        (b"Name\nylva\n", ["ylva"], "header 'Name' left out (1)"),
        (b'"First_Name"\n"ylva"\n', ["ylva"], "header 'First_Name' left out (1)"),
        (b"name;\nylva;\nbo;\n", ["ylva", "bo"], "header 'name' left out (1)"),
        (b"ylva\nname\n", ["ylva", "name"], ""),
        ("Åsa\n".encode("utf-16"), ["åsa"], "written with capitals (1)"),
        ("ZOE\u0308\nZoë\n".encode(), ["zoë"], "repeats left out (1)"),
        ("O’Neil\nJean\u2010Luc\n".encode(), ["o'neil", "jean-luc"], "capitals (2)"),
        ("anna\xa0 maria\n".encode(), ["anna maria"], ""),
        ("İPEK\nΝΙΚΟΣ\nGROẞ\n".encode(), ["ipek", "νικος", "groß"], "capitals (3)"),
        ("한글\nदेवनागरी\nЁлка\n".encode(), ["한글", "देवनागरी", "ёлка"], "capitals (1)"),
    ],
)
def test_a_list_is_taken_as_a_person_would_and_it_is_said(
    tmp_path: Path, data: bytes, names: list[str], said: str
) -> None:
    found, line = told(tmp_path / "own.txt", data)
    assert found == names
    assert said in line
    assert bool(said) == bool(line)
    assert "\n" not in line


def test_a_list_with_thousands_of_repeats_is_read_and_counted(tmp_path: Path) -> None:
    ours = load_names()
    lines = [name.title() for name in ours] + ours[:2539] + ["", "", ""]
    found, line = told(tmp_path / "own.txt", "\n".join(lines).encode())
    assert found == ours
    assert "repeats left out (2,539)" in line
    assert "blank lines left out (2)" in line  # the third is the last line's end


def test_nothing_is_left_out_of_our_own_list_and_the_alphabet_stays() -> None:
    def say(line: str) -> None:
        raise AssertionError(line)

    names = load_names(NAMES_FILE, say)
    assert "".join(f"{name}\n" for name in names).encode() == NAMES_FILE.read_bytes()
    assert alphabet_of(names) == alphabet_of(["bo"]) == ALPHABET


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"asha\nra\xffvi\n", "line 2: byte 0xff at offset 7 is not UTF-8"),
        (b"asha\n\nra3vi\n", "line 3: 'ra3vi' holds '3': a name holds no digits"),
        (b"asha\nravi.\n", "line 2: 'ravi.' holds '.': the dot marks the end of"),
        ("asha\na\u202eb\n".encode(), r"line 2: 'a\u202eb' holds '\u202e'"),
        (b"id,name\n1,asha\n", "line 1: 'id,name' has 2 columns: keep only the names"),
        (b"asha\tf\n", r"line 1: 'asha\tf' has 2 columns"),
        (b"asha\n-\n", "line 2: '-' holds no letter: take the line out"),
        (b"asha\n" + b"b" * 61, "line 2: 61 letters are too many for a name"),
        (b"\n\n", "holds no names: write one name a line"),
        (b"Name\n", "holds no names"),
        (
            "\n".join(chr(0x4E00 + i) for i in range(1001)).encode(),
            "uses 1,001 different letters, above 1,000: learn the list as a text: c",
        ),
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
    assert "\n" not in str(caught.value)


anything = st.text(st.characters(codec="utf-8"), max_size=30)


@given(st.lists(anything, max_size=6))
def test_any_list_gives_names_that_are_read_alike_again_or_a_reason(
    lines: list[str],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "own.txt")
        file.write_text("\n".join(lines), encoding="utf-8", newline="")
        try:
            names = load_names(file)
        except ValueError:
            return
        alphabet = alphabet_of(names)
        assert len(set(names)) == len(names)
        for name in names:
            assert decode(encode(name, alphabet), alphabet) == name
        file.write_text("\n".join(["x", *names]), encoding="utf-8")
        assert load_names(file) == list(dict.fromkeys(["x", *names]))


def test_windows_of_any_alphabet_are_those_of_renamed_letters() -> None:
    ours, theirs = ["abba", "cab"], ["åßßå", "नåß"]
    alphabet = alphabet_of(theirs)
    assert alphabet == ".ßåन"
    renamed = str.maketrans("abc", "åßन")
    for T in (0, 2):
        x, y = windows(theirs, T, alphabet)
        expected, following = windows(ours, T)
        texts = [decode(row).translate(renamed) for row in expected.tolist()]
        assert [decode(row, alphabet) for row in x.tolist()] == texts
        assert decode(y, alphabet) == decode(following).translate(renamed)


class Chain(nn.Module):
    """After ß comes å, after å the end; sees two letters."""

    context_size = 2

    def __init__(self) -> None:
        super().__init__()
        table = torch.full((3, 3), -1e9)
        table[0, 1] = table[1, 2] = table[2, 0] = 0.0
        self.table = nn.Parameter(table)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.table[tokens[:, -1]]


def test_names_are_written_in_their_alphabet_and_go_on_after_a_prompt() -> None:
    write = partial(sample_names, Chain(), 2, alphabet=".ßå")
    assert write() == ["ßå"] * 2
    assert write(prompt="å") == ["å"] * 2
    assert write(prompt="ååß") == ["ååßå"] * 2
    assert write(prompt="ß" * 29) == ["ß" * 29 + "å"] * 2
    with pytest.raises(ValueError, match="prompt has 30 letters: use fewer than 30"):
        write(prompt="ß" * 30)
    with pytest.raises(ValueError, match=r"prompt is 'å\.': '\.' ends a name"):
        write(prompt="å.")
    with pytest.raises(ValueError, match=r"'x' holds 'x': only '\.ßå' are known"):
        write(prompt="x")


def test_a_letter_outside_another_alphabet_is_named() -> None:
    with pytest.raises(ValueError, match=r"'жå' holds 'ж': only '\.ßå' are known"):
        encode("жå", ".ßå")


def test_load_names_tells_when_there_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.txt"):
        load_names(tmp_path / "none.txt")
