"""token_files: any size, whole or not at all, the place of a bad byte."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.batches import token_batches, token_windows
from course_lib.engine.token_files import (
    HEADER_BYTES,
    TokenFile,
    text_pieces,
    write_tokens,
)
from course_lib.tokenizer import BPETokenizer, CharTokenizer, train_bpe

TEXT = "The fox said ring.\nIt went home; it’s fine — नमस्ते दुनिया 🦊 end.\n" * 30
BPE = train_bpe(TEXT, 300)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=80), st.integers(1, 20))
def test_pieces_are_the_text_whatever_their_size(text: str, size: int) -> None:
    import tempfile

    expected = text.replace("\r\n", "\n").replace("\r", "\n")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.txt")
        path.write_bytes(text.encode())
        if "\0" in text or not text.strip():
            with pytest.raises(ValueError, match=r"is empty|not UTF-8"):
                list(text_pieces(path, size))
        else:
            assert "".join(text_pieces(path, size)) == expected.removeprefix("\ufeff")


@pytest.mark.parametrize("size", [40, 1000, 1 << 20])
@pytest.mark.parametrize("tokenizer", [BPE, CharTokenizer.from_text(TEXT)])
def test_tokens_of_pieces_are_the_tokens_of_the_whole(
    tmp_path: Path, size: int, tokenizer: BPETokenizer | CharTokenizer
) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    pieces = text_pieces(tmp_path / "a.txt", size)
    file = write_tokens(tmp_path / "a.tokens", pieces, tokenizer)
    assert file.tokens.tolist() == tokenizer.encode(TEXT)
    assert file.n_bytes == len(TEXT.encode())
    assert file.vocab_size == tokenizer.vocab_size
    assert sorted(os.listdir(tmp_path)) == ["a.tokens", "a.txt"]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"fine\n" * 500 + b"b\xffd\n", "line 501: byte 0xff at offset 2,501"),
        (b"\xff", "line 1: byte 0xff at offset 0 "),
        ("é".encode() * 99 + b"\xc3", "byte 0xc3 at offset 198 "),
        ("é".encode() * 99 + b"\xc3x", "byte 0xc3 at offset 198 "),
        (b"\xef\xbb\xbfab\xfe", "byte 0xfe at offset 5 "),
        ("text".encode("utf-16-le"), "byte 0x00 at offset 1 "),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_a_bad_byte_is_told_with_its_place_and_nothing_is_left(
    tmp_path: Path, content: bytes, place: str, size: int
) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(ValueError, match=place):
        write_tokens(tmp_path / "out", text_pieces(tmp_path / "a.txt", size), BPE)
    assert os.listdir(tmp_path) == ["a.txt"]


def test_an_empty_file_and_no_file_are_told_apart(tmp_path: Path) -> None:
    for content in (b"", b" \n\n", b"\xef\xbb\xbf"):
        (tmp_path / "a.txt").write_bytes(content)
        with pytest.raises(ValueError, match=r"a\.txt is empty"):
            list(text_pieces(tmp_path / "a.txt"))
    with pytest.raises(FileNotFoundError):
        list(text_pieces(tmp_path / "b.txt"))


class Wide:
    """As many ids as o200k has."""

    vocab_size = 200_019

    def encode(self, text: str) -> list[int]:
        return [200_018, 65_536, len(text)]


def test_large_vocabularies_take_four_bytes_and_documents_an_end(
    tmp_path: Path,
) -> None:
    file = write_tokens(tmp_path / "w", ["a", "bc"], Wide(), end_token=7)
    assert file.tokens.tolist() == [200_018, 65_536, 1, 7, 200_018, 65_536, 2, 7]
    with pytest.raises(ValueError, match="a token is 200019"):
        write_tokens(tmp_path / "w", ["a"], Wide(), end_token=200_019)
    assert len(TokenFile(tmp_path / "w")) == 8


def test_a_file_cut_short_or_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w"
    facts = {"source": "a.txt"}
    assert write_tokens(path, [TEXT], BPE, metadata=facts).metadata == facts
    whole = path.read_bytes()
    for data in (b"", whole[:100], b"x" * 9000):
        path.write_bytes(data)
        with pytest.raises(ValueError, match="not a file of tokens"):
            TokenFile(path)
    path.write_bytes(whole[:-1])
    with pytest.raises(ValueError, match=r"do not fit its .* tokens"):
        TokenFile(path)
    with pytest.raises(ValueError, match=r"the metadata of .* is too long"):
        write_tokens(path, [TEXT], BPE, metadata={"a": "b" * HEADER_BYTES})


def test_a_full_disk_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    def full_disk(*args: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match=r"No space left on device: .*w"):
        write_tokens(tmp_path / "w", [TEXT], BPE)
    assert os.listdir(tmp_path) == []


def test_batches_of_a_mapped_file_are_those_of_its_tokens(tmp_path: Path) -> None:
    file = write_tokens(tmp_path / "w", [TEXT], BPE)
    tensor = torch.from_numpy(np.asarray(file.tokens, dtype=np.int64))
    mapped, held = token_batches(file.tokens, 4, 8), token_batches(tensor, 4, 8)
    for step in (0, 1, 77):
        a, b = mapped(step), held(step)
        assert a.inputs.equal(b.inputs)
        assert a.targets.equal(b.targets)
        assert a.inputs.dtype == torch.int64
        assert a.inputs[:, 1:].equal(a.targets[:, :-1])
    assert not mapped(0).inputs.equal(mapped(1).inputs)
    other = token_batches(file.tokens, 4, 8, seed=1)
    assert not mapped(0).inputs.equal(other(0).inputs)


def test_batches_reach_the_first_and_the_last_token() -> None:
    source = token_batches(torch.arange(10), 64, 7)
    starts = {int(row[0]) for step in range(5) for row in source(step).inputs}
    assert starts == {0, 1, 2}
    assert max(int(source(s).targets.max()) for s in range(5)) == 9


def test_windows_hold_each_token_once_as_a_target() -> None:
    inputs, targets, _ = token_windows(torch.arange(101), 10)
    assert targets.flatten().tolist() == list(range(1, 101))
    assert inputs.flatten().tolist() == list(range(100))
    few = token_windows(torch.arange(101), 10, most=3)
    assert few.inputs[:, 0].tolist() == [0, 30, 60]
    assert len(token_windows(torch.arange(101), 10, most=99).inputs) == 10


def test_a_text_shorter_than_the_context_is_refused() -> None:
    for use in (lambda t: token_batches(t, 2, 64), lambda t: token_windows(t, 64)):
        with pytest.raises(ValueError, match="64 tokens: a context of 64 needs 65"):
            use(torch.arange(64))
        use(torch.arange(65))
    with pytest.raises(ValueError, match="batch_size is 0"):
        token_batches(torch.arange(65), 0, 8)
    with pytest.raises(ValueError, match="context_size is 0"):
        token_windows(torch.arange(65), 0)


def test_split_holds_the_end_out(tmp_path: Path) -> None:
    file = write_tokens(
        tmp_path / "w", ["abcdefghij" * 10], CharTokenizer("abcdefghij")
    )
    train, val = file.split(0.1)
    assert (len(train), len(val)) == (90, 10)
    assert val.tolist() == list(range(10))
    with pytest.raises(ValueError, match="held_out is 1: use a share"):
        file.split(1)


@pytest.mark.slow
def test_a_large_file_is_mapped_not_read(tmp_path: Path) -> None:
    import tracemalloc

    path = tmp_path / "large.txt"
    with path.open("w", encoding="utf-8") as file:
        for _ in range(8):
            file.write("to be or not to be " * 60_000)  # 9 MB
    tokenizer = CharTokenizer("bento r")
    tracemalloc.start()
    try:
        pieces = text_pieces(path, 1 << 16)
        tokens = write_tokens(tmp_path / "large.tokens", pieces, tokenizer)
        token_batches(tokens.tokens, 4, 64)(5)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(tokens) == path.stat().st_size
    assert peak < path.stat().st_size / 2
