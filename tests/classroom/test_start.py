"""start.py, with a small script in the place of Python and pip."""

import ast
import importlib.util
import json
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
posix_only = pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script")

STAND_IN = f"""#!{sys.executable} -IS
import json, pathlib, sys
here = pathlib.Path(__file__).parent
plan = json.loads((here / "plan.json").read_text())
args = sys.argv[1:]
with open(here / "log.txt", "a") as log:
    log.write(json.dumps(args) + "\\n")
if "import torch" in args[-1]:
    print("torch", plan["torch"]) if plan["torch"] else sys.exit(1)
elif "--report" in args:
    version = plan["cpu" if "{CPU_INDEX}" in args else "plain"]
    report = {{"install": [{{"metadata": {{"version": version}}}}]}}
    pathlib.Path(args[args.index("--report") + 1]).write_text(json.dumps(report))
    sys.exit(not version)
elif plan["fails"] in args:
    print("WARNING: slow disk\\nERROR: No space left on device\\n")
    sys.exit(1)
"""


def load_start() -> ModuleType:
    spec = importlib.util.spec_from_file_location("start", ROOT / "start.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class House:
    """start.py in a folder of its own, and what it asked the stand-in to do."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.start: Any = load_start()
        self.home = folder / ".venv"
        self.home.mkdir()
        self.mark = self.home / "course-stamp"
        (folder / "pyproject.toml").write_text("[project]\n")
        (folder / "constraints.txt").write_text("numpy==2.4.6\ntorch==2.13.0\n")
        self.script = self.home / "python"
        self.script.write_text(STAND_IN)
        self.script.chmod(0o755)
        self.plan()
        monkeypatch.setattr(self.start, "ROOT", folder)
        monkeypatch.setattr(self.start.sys, "platform", "linux")
        monkeypatch.setattr(self.start, "environment", lambda: (self.home, self.script))
        monkeypatch.setattr(self.start.shutil, "which", lambda name: None)
        exists = os.path.exists
        without = lambda path: "nvidia" not in str(path) and exists(path)  # noqa: E731
        monkeypatch.setattr(self.start.os.path, "exists", without)
        monkeypatch.delenv("COURSE_TORCH", raising=False)

    def plan(self, **changes: str) -> None:
        plan = {"torch": "", "plain": "2.13.0", "cpu": "2.13.0+cpu", "fails": "-"}
        (self.home / "plan.json").write_text(json.dumps(plan | changes))

    def asked(self) -> list[list[str]]:
        log = self.home / "log.txt"
        return [json.loads(line) for line in log.read_text().splitlines()]

    def installs(self) -> list[list[str]]:
        return [a for a in self.asked() if "install" in a and "--dry-run" not in a]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    return House(tmp_path, monkeypatch)


def test_start_needs_the_standard_library_only_and_stays_short() -> None:
    text = (ROOT / "start.py").read_text("utf-8")
    assert sum(bool(line.strip()) for line in text.splitlines()) <= 200
    for node in ast.walk(ast.parse(text)):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        assert {n.split(".")[0] for n in names} <= sys.stdlib_module_names


def test_start_can_be_read_by_an_old_python() -> None:
    ast.parse((ROOT / "start.py").read_text("utf-8"), feature_version=(3, 7))


def test_an_old_python_is_told_what_to_do(house: House) -> None:
    with pytest.raises(SystemExit, match=r"This is Python 3\.10\.4, the course needs"):
        house.start.check_python((3, 10, 4))
    house.start.check_python((3, 11, 0))


def test_the_stamp_changes_with_what_a_set_up_depends_on(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stamp(choice: str = "cpu") -> str:
        return str(house.start.stamp(house.home, choice))

    seen = [stamp(), stamp("cuda")]
    for name in ("pyproject.toml", "constraints.txt", ".venv/pyvenv.cfg"):
        (tmp_path / name).write_text("changed")
        seen.append(stamp())
    assert len(set(seen)) == 5
    assert stamp() == seen[-1]


@posix_only
def test_torch_comes_first_and_alone_then_the_rest(
    house: House, tmp_path: Path
) -> None:
    assert house.start.set_up() == house.script
    newer_pip, torch, setuptools, rest = house.installs()
    assert newer_pip[-1] == "pip>=23.2"
    assert "torch==2.13.0" in torch
    assert "--no-compile" in torch
    assert CPU_INDEX in torch  # the plain index has the CUDA build only
    assert "setuptools>=77" in setuptools
    assert ".[test]" in rest
    limits = (house.home / "course-constraints.txt").read_text()
    assert limits == "numpy==2.4.6\ntorch==2.13.0\n"


@posix_only
def test_the_second_start_skips_the_set_up(house: House, tmp_path: Path) -> None:
    house.start.set_up()
    before = house.asked()
    house.start.set_up()
    assert house.asked() == before
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'changed'\n")
    house.start.set_up()
    assert len(house.asked()) > len(before)


@posix_only
def test_a_broken_install_leaves_no_stamp_and_is_done_again(house: House) -> None:
    house.mark.write_text("of an earlier set-up")
    house.plan(fails="-e")
    with pytest.raises(SystemExit) as caught:
        house.start.set_up()
    assert str(caught.value) == (
        "Could not install the packages: ERROR: No space left on device | "
        "Check the network and the free disk space, then start again."
    )
    assert not house.mark.exists()
    house.plan()
    house.start.set_up()
    assert house.mark.exists()


@posix_only
def test_pips_own_settings_are_asked_before_pytorchs_index(house: House) -> None:
    house.plan(plain="2.13.0+cpu")
    house.start.set_up()
    assert not any(CPU_INDEX in words for words in house.asked())


@posix_only
@pytest.mark.parametrize(
    ("offers", "message"),
    [
        ({"cpu": "2.13.0"}, r"Only the CUDA build .* or set COURSE_TORCH=cuda"),
        ({"cpu": "", "plain": ""}, r"No torch==2\.13\.0 for linux can be reached"),
    ],
    ids=["only CUDA", "nothing"],
)
def test_without_a_cpu_build_nothing_is_installed(
    house: House, offers: dict[str, str], message: str
) -> None:
    house.plan(**offers)
    with pytest.raises(SystemExit, match=message):
        house.start.set_up()
    assert len(house.installs()) == 1  # pip itself
    assert not house.mark.exists()


@posix_only
def test_an_nvidia_driver_or_the_user_chooses_the_cuda_build(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_TORCH", "cuda")
    house.start.set_up()
    assert not any("--dry-run" in words for words in house.asked())
    assert "torch==2.13.0" in house.installs()[1]
    monkeypatch.delenv("COURSE_TORCH")
    seen = {"nvidia-smi": "/usr/bin/nvidia-smi"}
    monkeypatch.setattr(house.start.shutil, "which", seen.get)
    assert house.start.torch_choice() == "cuda"


@posix_only
@pytest.mark.parametrize(
    ("there", "asked", "kept"),
    [
        ("2.9.1+cpu ", "", True),
        ("2.9.1+cu130 13.0", "", True),
        ("2.9.1+cpu ", "cpu", True),
        ("2.9.1+cpu ", "cuda", False),
        ("2.9.1+cu130 13.0", "cpu", False),
        ("2.9.1+cu130 13.0", "keep", True),
        ("2.5.1 ", "", False),
    ],
)
def test_a_torch_that_serves_is_kept(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    there: str,
    asked: str,
    kept: bool,
) -> None:
    monkeypatch.setenv("COURSE_TORCH", asked)
    house.plan(torch=there)
    house.start.set_up()
    assert any("torch==2.13.0" in words for words in house.installs()) is not kept
    version = "2.9.1" if kept else "2.13.0"
    limits = (house.home / "course-constraints.txt").read_text()
    assert limits.endswith(f"torch=={version}\n")


@posix_only
@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ("gpu", "COURSE_TORCH='gpu': set it to cpu, cuda or keep"),
        ("keep", r"COURSE_TORCH=keep, but no torch 2\.6 or newer is there"),
    ],
)
def test_a_choice_that_cannot_be_followed_is_refused(
    house: House, monkeypatch: pytest.MonkeyPatch, choice: str, message: str
) -> None:
    monkeypatch.setenv("COURSE_TORCH", choice)
    with pytest.raises(SystemExit, match=message):
        house.start.set_up()


@posix_only
def test_conda_keeps_the_versions_it_chose(house: House) -> None:
    (house.home / "conda-meta").mkdir()
    house.plan(torch="2.9.1 ")
    house.start.set_up()
    limits = (house.home / "course-constraints.txt").read_text()
    assert limits == "torch==2.9.1"


@posix_only
@pytest.mark.parametrize("works", [True, False])
def test_uv_is_used_where_it_is_and_pip_where_it_fails(
    house: House, monkeypatch: pytest.MonkeyPatch, works: bool
) -> None:
    folder = house.home / "uv"
    folder.mkdir()
    uv = folder / "python"
    uv.write_text(STAND_IN)
    uv.chmod(0o755)
    plan = json.loads((house.home / "plan.json").read_text())
    (folder / "plan.json").write_text(
        json.dumps(plan | {"fails": "-" if works else "-e"})
    )
    monkeypatch.setattr(house.start.shutil, "which", {"uv": str(uv)}.get)
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    house.start.set_up()
    words = json.loads((folder / "log.txt").read_text())
    assert words[:2] == ["pip", "install"]
    assert f"--find-links={folder}" in words
    by_pip = any(".[test]" in asked for asked in house.installs())
    assert by_pip is not works


@posix_only
def test_a_python_without_ensurepip_is_told_the_package(house: House) -> None:
    code = "import sys; sys.exit('The virtual environment: ensurepip is not available')"
    with pytest.raises(SystemExit, match="sudo apt install python3-venv"):
        house.start.must("prepare .venv", sys.executable, "-c", code)


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ([], ["-P", "-m", "classroom.cli", "lab"]),
        (["run", "01"], ["-P", "-m", "classroom.cli", "run", "01"]),
        (["test"], ["-m", "pytest", "-n3"]),
        (["test", "-m", "quick"], ["-m", "pytest", "-n2", "-m", "quick"]),
        (["test", "a/b.py::c", "-x"], ["-m", "pytest", "a/b.py::c", "-x"]),
    ],
)
@posix_only
def test_other_words_are_handed_over(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    words: list[str],
    command: list[str],
) -> None:
    def execv(python: str, given: list[str]) -> None:
        assert given == [str(house.script), *command]
        raise EOFError

    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.py").touch()
    monkeypatch.setattr(house.start.os, "execv", execv)
    with pytest.raises(EOFError):
        house.start.main(words)


@posix_only
def test_setup_hands_nothing_over(house: House) -> None:
    assert house.start.main(["setup"]) == 0
    assert house.mark.exists()


def raises(error: BaseException) -> Any:
    def set_up() -> None:
        raise error

    return set_up


def test_ctrl_c_ends_with_130(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(house.start, "set_up", raises(KeyboardInterrupt()))
    assert house.start.main(["setup"]) == 130
    assert "stopped" in capsys.readouterr().out


def test_a_full_disk_is_one_clear_line(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.start, "set_up", raises(OSError(28, "No space left")))
    with pytest.raises(SystemExit, match=r"The set-up cannot go on: .*No space left"):
        house.start.main(["setup"])


def test_help_sets_nothing_up(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert house.start.main(["--help"]) == 0
    assert "python3 start.py test" in capsys.readouterr().out
    assert not house.mark.exists()


def test_an_active_environment_is_used_but_not_condas_base(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = load_start()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert start.environment()[0] == tmp_path  # a virtual environment
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    assert start.environment()[0] == ROOT / ".venv"
    (tmp_path / "conda-meta").mkdir()
    assert start.environment() == (tmp_path, Path(sys.executable))
    (tmp_path / "condabin").mkdir()
    assert start.environment()[0] == ROOT / ".venv"


@posix_only
def test_a_servers_own_environment_is_used_as_it_is(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.start.os, "access", lambda *_: False)
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    assert house.start.set_up() == house.script
    assert house.installs() == []
    assert not house.mark.exists()
    assert os.environ["PYTHONPATH"] == str(house.start.ROOT)
    (asked,) = [words for words in house.asked() if words[0] == "-c"]
    assert "classroom" in asked[1]


@posix_only
def test_a_servers_environment_without_the_packages_is_named(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.start.os, "access", lambda *_: False)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    house.plan(fails="-c")
    with pytest.raises(
        SystemExit, match=r"cannot be written, and lacks: .* \| Ask its"
    ):
        house.start.set_up()
    assert house.installs() == []
