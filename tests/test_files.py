"""files: the old file or the whole new one, whatever goes wrong."""

import errno
import os
from pathlib import Path

import pytest

from course_lib.files import write_atomically


def full_disk(*args: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def read_only(*args: object, **kwargs: object) -> None:
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), "somewhere")


def test_write_makes_the_folder_and_replaces_the_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "a.bin"
    for data in (b"first", b"", bytes(range(256)) * 1000):
        write_atomically(path, data)
        assert path.read_bytes() == data
    assert os.listdir(path.parent) == ["a.bin"]


@pytest.mark.parametrize("call", ["fsync", "replace", "chmod"])
def test_full_disk_names_the_file_and_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, call, full_disk)
    with pytest.raises(OSError, match=r"No space left on device: .*a\.bin") as caught:
        write_atomically(path, b"new")
    assert caught.value.errno == errno.ENOSPC
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.bin"]


def test_read_only_folder_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.mkstemp", read_only)  # chmod does not stop root
    with pytest.raises(PermissionError, match=r"Permission denied: .*a\.bin"):
        write_atomically(tmp_path / "a.bin", b"new")
    assert os.listdir(tmp_path) == []


def test_a_file_where_the_folder_should_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"mine")
    with pytest.raises(OSError, match="taken"):
        write_atomically(tmp_path / "taken" / "a.bin", b"new")
    assert (tmp_path / "taken").read_bytes() == b"mine"


def test_a_folder_in_the_files_place_is_said_and_kept(tmp_path: Path) -> None:
    (tmp_path / "a.bin").mkdir()
    with pytest.raises(OSError, match=r"a\.bin"):
        write_atomically(tmp_path / "a.bin", b"new")
    assert os.listdir(tmp_path) == ["a.bin"]


def test_ctrl_c_while_writing_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*args: object) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.bin"]
