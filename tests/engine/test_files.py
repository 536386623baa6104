"""files: the old file or the whole new one, whatever goes wrong."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from course_lib.engine.writing import write_atomically


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


KILLED = """
import os, signal, sys
from pathlib import Path
from course_lib.engine.writing import appearing
with appearing(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    print("writing", flush=True)
    if sys.argv[2] == "wait":
        sys.stdin.read()
    else:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def left_in(folder: Path, seconds_ago: float) -> list[str]:
    """Make the unfinished files old; returns their names."""
    parts = [path for path in folder.iterdir() if path.suffix == ".part"]
    for path in parts:
        then = path.stat().st_mtime - seconds_ago
        os.utime(path, (then, then))
    return [path.name for path in parts]


@pytest.mark.skipif(os.name == "nt", reason="signals are sent the POSIX way")
def test_what_a_killed_writer_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    command = [sys.executable, "-c", KILLED, str(path)]
    killed = subprocess.run([*command, "die"], stdout=subprocess.PIPE)
    assert killed.returncode == -signal.SIGKILL
    [left] = left_in(tmp_path, seconds_ago=0)
    write_atomically(path, b"new")
    assert (tmp_path / left).exists()  # perhaps somebody has just begun it
    keep = [".a.bin.backup01", ".b.bin.abcdefgh.part", "a.bin.abcdefgh.part"]
    for name in keep:
        (tmp_path / name).write_bytes(b"mine")
    left_in(tmp_path, seconds_ago=3600)
    write_atomically(path, b"newer")
    assert sorted(os.listdir(tmp_path)) == sorted(["a.bin", *keep])


@pytest.mark.skipif(os.name == "nt", reason="locks are the POSIX way")
def test_a_file_that_another_process_is_writing_is_not_swept(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    command = [sys.executable, "-c", KILLED, str(path), "wait"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"writing\n"
        [left] = left_in(tmp_path, seconds_ago=3600)
        write_atomically(path, b"ours")
        assert (tmp_path / left).exists()
        writer.communicate(b"go on")
    assert path.read_bytes() == b"half"
    assert os.listdir(tmp_path) == ["a.bin"]
