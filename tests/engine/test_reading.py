"""reading: any text comes in, and what is no text is named with what to do about it."""

import bz2
import gzip
import json
import lzma
import os
import sqlite3
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.engine.reading import read_json_rows, read_text, text_chunks

TEXT = "Zoë, O'Neil\nनमस्ते 한글 🙂\n\nlast line"
MARKED = ("utf-8-sig", "utf-16", "utf-32")  # Python writes their marks
SWAPPED = {"utf-16-be": b"\xfe\xff", "utf-32-be": b"\0\0\xfe\xff"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.txt"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", *MARKED, *SWAPPED])
def test_a_text_is_read_in_any_unicode_and_with_any_line_ends(
    path: Path, encoding: str, end: str
) -> None:
    data = TEXT.replace("\n", end).encode(encoding)
    path.write_bytes(SWAPPED.get(encoding, b"") + data)
    assert read_text(path) == TEXT
    for size in (1, 2, 3, 7):
        assert "".join(text_chunks(path, size)) == TEXT


@given(st.binary(max_size=60))
def test_any_bytes_give_a_text_or_a_reason_on_one_line(data: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "a")
        file.write_bytes(data)
        text = reason = ""
        try:
            text = read_text(file)
        except ValueError as error:
            reason = str(error)
        assert not {"\0", "\r"} & set(text)
        assert not reason or (reason.startswith(str(file)) and "\n" not in reason)


def zipped(path: Path, *names: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "text")


def database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("create table t (x)")
    connection.commit()
    connection.close()


FOREIGN = {
    "an Excel file: save it as text": lambda p: zipped(p, "x.xml", "xl/workbook.xml"),
    "a Word document: save it as plain": lambda p: zipped(p, "a", "word/document.xml"),
    "a PowerPoint file: save its text": lambda p: zipped(p, "ppt/presentation.xml"),
    "a LibreOffice document: save it": lambda p: zipped(p, "mimetype", "content.xml"),
    "a zip file: unpack it": lambda p: zipped(p, "names.txt"),
    "a gzip file: unpack": lambda p: p.write_bytes(gzip.compress(b"text")),
    "a bzip2 file: unpack": lambda p: p.write_bytes(bz2.compress(b"text")),
    "an xz file: unpack": lambda p: p.write_bytes(lzma.compress(b"text")),
    "an old Excel or Word": lambda p: p.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    ),
    "a PDF: save or copy its": lambda p: p.write_bytes(b"%PDF-1.7\nall in ASCII\n"),
    "a rich text document": lambda p: p.write_bytes(b"{\\rtf1\\ansi Hello}"),
    "a picture: give a text": lambda p: p.write_bytes(b"\x89PNG\r\n\x1a\n\0\0"),
    "a table for programs: write it": lambda p: p.write_bytes(b"PAR1\x15\x04"),
    "a table for programs": database,
    "only a pointer .*: git lfs pull": lambda p: p.write_bytes(
        b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\n"
    ),
    "a folder: name a file in it": lambda p: p.mkdir(),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_what_is_no_text_is_named_with_the_cure(path: Path, what: str) -> None:
    FOREIGN[what](path)
    with pytest.raises(ValueError, match=rf"a\.txt is {what}"):
        read_text(path)


def test_a_damaged_zip_file_is_a_zip_file(path: Path) -> None:
    zipped(path, "xl/workbook.xml")
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(ValueError, match=r"a\.txt is a zip file"):
        read_text(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_pipes_and_devices_are_refused_and_never_waited_for(path: Path) -> None:
    os.mkfifo(path)
    for place in (path, Path("/dev/zero")):
        with pytest.raises(ValueError, match="is a pipe or a device, not a file: save"):
            read_text(place)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("Åsa\n".encode("latin-1"), r"line 1: byte 0xc5 .* UTF-8 \(.*it is 'Å'\)"),
        (b"a\nb\x81", "line 2: byte 0x81 at offset 3 is not UTF-8 text: save the"),
        (b"a\r\rb\xff", "line 3: byte 0xff at offset 4"),
        ("Anna\n".encode("utf-16-le"), "byte 0x00 at offset 1 .*may be UTF-16 without"),
        ("Anna\n".encode("utf-16-be"), "byte 0x00 at offset 0 .*may be UTF-16 without"),
        (b"\x7fELF" + bytes(40), "byte 0x00 at offset 4 .*: choose a text file"),
        (b"text and then \0", "byte 0x00 at offset 14 .*: choose a text file"),
        ("ab\n".encode("utf-16") + b"\0\xd8", "line 2: .*offset 8 is not UTF-16 text"),
    ],
)
def test_a_byte_that_is_no_text_is_told_with_its_place_and_the_cure(
    path: Path, data: bytes, reason: str
) -> None:
    path.write_bytes(data)
    with pytest.raises(ValueError, match=reason):
        read_text(path)


def test_a_text_that_is_too_large_or_absent_is_refused(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_text(path)
    path.write_bytes(b"x" * 101)
    with pytest.raises(ValueError, match="holds 101 bytes, the limit is 100: cut it"):
        read_text(path, max_bytes=100)


ROWS = [{"a": 1, "b": "x\u2028y"}, {"a": [2]}, {"a": {}}]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(map(json.dumps, ROWS)),
        "\r\n\r\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS) + "\r\n",
        json.dumps(ROWS),
        json.dumps(ROWS, indent=2),
        "\n".join(json.dumps(row, indent=2) for row in ROWS),
    ],
    ids=["a line each", "Windows", "one list", "a list on many lines", "many lines"],
)
def test_json_rows_stand_on_lines_or_in_one_list(path: Path, text: str) -> None:
    path.write_bytes(text.encode())
    assert read_json_rows(path, "rows", lambda row: row) == ROWS


def test_lists_on_lines_are_one_row_each(path: Path) -> None:
    path.write_text("\n[1]\n\n[2, 3]\n", "utf-8")
    assert read_json_rows(path, "rows", lambda row: row) == [[1], [2, 3]]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": 1}\n{"a": 1', "line 2: it is not JSON: .* at character 8"),
        ('[{"a": 1},\n{"a": 2,}]', "line 2: it is not JSON"),
        ('[{"a": 1},\n{"b": 2}]', "item 2: no a"),
        ('{\n"a": 1}\n{\n"b": 2}', "line 3: no a"),
        ('{"a": 1}\n\n{"b": 2}', "line 3: no a"),
        ("[" * 100_000, "line 1: it is not JSON: too deep"),
        ("[]", "holds no rows: one JSON object a line"),
    ],
)
def test_a_bad_row_is_named_with_its_place(path: Path, text: str, reason: str) -> None:
    def item(row: dict[str, int]) -> int:
        if "a" not in row:
            raise ValueError("no a")
        return row["a"]

    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=rf"a\.txt,? {reason}"):
        read_json_rows(path, "rows", item)
