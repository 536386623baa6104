"""start.py and its set-up, with a small script in the place of Python, pip and uv."""

import ast
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from classroom.installing import (
    bundle,
    installer,
    model,
    packages,
    places,
    programs,
    report,
    setting_up,
)

ROOT = Path(__file__).resolve().parents[2]
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
posix_only = pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script")

STAND_IN = f"""#!{sys.executable} -IS
import json, os, pathlib, sys
here = pathlib.Path(__file__).parent
plan = json.loads((here / "plan.json").read_text())
args = sys.argv[1:]
with open(here / "log.txt", "a") as log:
    log.write(json.dumps(args) + "\\n")
if "import torch" in args[-1]:
    print("torch", plan["torch"]) if plan["torch"] else sys.exit(1)
elif "sysconfig" in args[-1]:
    print(here / "packages")
elif args[-1] == "list":
    print(plan["settings"])
elif "--dry-run" in args:
    where = "cpu" if "{CPU_INDEX}" in args else "own"
    sys.exit(args[-1] not in plan[where].split())
elif args[-1] == "uv" and plan["uv"]:
    (here / "uv").write_text(pathlib.Path(__file__).read_text())
    (here / "uv").chmod(0o755)
elif plan["fails"] in args or args[-1] == "uv":
    print("WARNING: slow disk\\nERROR: No space left on device\\n")
    sys.exit(1)
"""
PLAN = {
    "torch": "",
    "own": "torch==2.13.0",
    "cpu": "torch==2.13.0 torch==2.13.0+cpu",
    "fails": "-",
    "uv": "",
    "settings": "",
}


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
        self.root, self.home = folder, folder / ".venv"
        self.home.mkdir()
        self.mark = self.home / "course-stamp"
        (folder / "pyproject.toml").write_text("[project]\n", "utf-8")
        text = "numpy==2.4.6\ntorch==2.13.0\n"
        (folder / "constraints.txt").write_text(text, "utf-8")
        self.script = self.home / "python"
        self.script.write_text(STAND_IN, "utf-8")
        self.script.chmod(0o755)
        self.plan()
        place = places.Place(self.home, self.script)
        monkeypatch.setattr(sys, "path", list(sys.path))
        monkeypatch.setenv("PYTHONUTF8", "1")
        for module in (
            self.start,
            bundle,
            model,
            packages,
            places,
            programs,
            report,
            setting_up,
        ):
            monkeypatch.setattr(module, "ROOT", folder, raising=False)
        for module in (bundle, report, setting_up):
            monkeypatch.setattr(module, "environment", lambda: place)
        monkeypatch.setattr(programs, "LOG", folder / "build" / "setup.log")
        monkeypatch.setattr(report, "LOG", folder / "build" / "setup.log")
        monkeypatch.setattr(model, "FETCHED", folder / "data" / "fetched")
        monkeypatch.setattr(model.Model, "begin", lambda self: None)
        monkeypatch.setattr(packages.sys, "platform", "linux")
        monkeypatch.setattr(packages.shutil, "which", lambda name: None)
        exists = os.path.exists
        without = lambda path: "nvidia" not in str(path) and exists(path)  # noqa: E731
        monkeypatch.setattr(packages.os.path, "exists", without)
        for name in ("COURSE_TORCH", "COURSE_MODEL", "COURSE_INSTALLER"):
            monkeypatch.delenv(name, raising=False)

    def plan(self, **changes: str) -> None:
        plan = json.dumps(PLAN | changes)
        (self.home / "plan.json").write_text(plan, "utf-8")

    def asked(self) -> list[list[str]]:
        log = (self.home / "log.txt").read_text("utf-8")
        return [json.loads(line) for line in log.splitlines()]

    def installs(self) -> list[list[str]]:
        return [a for a in self.asked() if "install" in a and "--dry-run" not in a]

    def set_up(self, *more: str, source: Path | None = None) -> Path:
        return setting_up.set_up(more, source)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    return House(tmp_path, monkeypatch)


SETTING_UP = [ROOT / "start.py", *(ROOT / "classroom" / "installing").glob("*.py")]


@pytest.mark.parametrize("path", SETTING_UP, ids=lambda path: path.stem)
def test_the_set_up_needs_the_standard_library_only(path: Path) -> None:
    ours = {"classroom", "course_lib"}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        assert {n.split(".")[0] for n in names} <= sys.stdlib_module_names | ours


def test_the_set_up_runs_without_any_package() -> None:
    needs = "course_lib.engine.downloads, classroom.installing.setting_up"
    words = [sys.executable, "-I", "-S", "-c"]
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {needs}"
    done = subprocess.run([*words, code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_start_itself_stays_short() -> None:
    text = (ROOT / "start.py").read_text("utf-8")
    assert sum(bool(line.strip()) for line in text.splitlines()) <= 120


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
        return places.stamp(house.home, choice)

    seen = [stamp(), stamp("cuda")]
    for name in ("pyproject.toml", "constraints.txt", ".venv/pyvenv.cfg"):
        (tmp_path / name).write_text("changed", "utf-8")
        seen.append(stamp())
    assert len(set(seen)) == 5
    assert stamp() == seen[-1]


@posix_only
def test_without_uv_pip_installs_all_in_one_go(house: House) -> None:
    assert house.set_up() == house.script
    no_uv, newer_pip, rest = house.installs()
    assert no_uv[-1] == "uv"
    assert newer_pip[-1] == "pip>=23.2"
    assert rest[:3] == ["-m", "pip", "install"]
    assert {"--no-compile", "torch==2.13.0+cpu", ".[model,site]"} <= set(rest)
    assert CPU_INDEX in rest  # the plain index has the CUDA build only
    limits = (house.home / "course-constraints.txt").read_text("utf-8")
    assert limits == "numpy==2.4.6\ntorch==2.13.0\n"


@posix_only
def test_uv_comes_into_the_environment_and_installs(house: House) -> None:
    house.plan(uv="yes", settings="global.extra-index-url='https://mirror/x'")
    house.set_up()
    fetched, rest = house.installs()
    assert fetched[-1] == "uv"
    assert rest[:2] == ["pip", "install"]
    assert rest[rest.index("--index") + 1] == "https://mirror/x"
    assert "--no-compile" not in rest  # an option of pip's
    assert {"torch==2.13.0+cpu", ".[model,site]", "pip"} <= set(rest)


@posix_only
def test_tests_need_more_than_lessons_do(house: House) -> None:
    house.set_up()
    house.set_up("test")
    assert ".[model,site,test]" in house.installs()[-1]
    before = house.asked()
    house.set_up()
    assert house.asked() == before  # what is more serves, too


@posix_only
def test_the_second_start_skips_the_set_up(house: House, tmp_path: Path) -> None:
    house.set_up()
    before = house.asked()
    house.set_up()
    assert house.asked() == before
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'changed'\n", "utf-8")
    house.set_up()
    assert len(house.asked()) > len(before)


@posix_only
def test_a_model_that_was_cut_off_is_brought_by_the_next_start(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(self: model.Model, place: places.Place) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(model.Model, "finish", killed)
        with pytest.raises(KeyboardInterrupt):
            house.set_up()
    packages_came = house.installs()
    house.set_up()
    assert house.installs() == packages_came
    assert house.asked()[-1][-3:] == ["data", "fetch", "smollm2"]
    after = house.asked()
    house.set_up()
    assert house.asked() == after


@posix_only
def test_a_bundle_takes_the_place_of_every_index(house: House) -> None:
    house.plan(uv="yes")
    stick = house.root / "stick"
    (stick / bundle.WHEELS).mkdir(parents=True)
    (stick / bundle.DATA).mkdir()
    bundle._write_list(stick, bundle.here())
    house.set_up(source=stick)
    fetched, rest = house.installs()
    only = ["--no-index", "--find-links", str(stick / bundle.WHEELS)]
    assert " ".join(only) in " ".join(fetched)
    assert rest[:6] == ["pip", "install", "--offline", *only]
    assert rest[6] == "torch==2.13.0"  # the one that is there
    assert house.asked()[-1][-2:] == ["--from", str(stick / bundle.DATA)]


@posix_only
def test_a_broken_install_leaves_no_stamp_and_is_done_again(house: House) -> None:
    house.mark.write_text("of an earlier set-up", "utf-8")
    house.plan(fails="-e")
    with pytest.raises(SystemExit) as caught:
        house.set_up()
    assert str(caught.value) == (
        "Could not install the packages: ERROR: No space left on device | "
        "Check the network and the free disk space, then start again."
    )
    assert not house.mark.exists()
    house.plan()
    house.set_up()
    assert house.mark.exists()


@posix_only
def test_pips_own_settings_are_asked_before_pytorchs_index(house: House) -> None:
    house.plan(own="torch==2.13.0 torch==2.13.0+cpu")
    house.set_up()
    assert not any(CPU_INDEX in words for words in house.asked())


@posix_only
@pytest.mark.parametrize(
    ("offers", "message"),
    [
        ({"cpu": "torch==2.13.0"}, r"Only the CUDA build .* or set COURSE_TORCH=cuda"),
        ({"cpu": "", "own": ""}, r"No torch==2\.13\.0 for linux can be reached"),
    ],
    ids=["only CUDA", "nothing"],
)
def test_without_a_cpu_build_nothing_is_installed(
    house: House, offers: dict[str, str], message: str
) -> None:
    house.plan(**offers)
    with pytest.raises(SystemExit, match=message):
        house.set_up()
    assert len(house.installs()) == 2  # uv in vain, pip itself
    assert not house.mark.exists()


@posix_only
def test_an_nvidia_driver_or_the_user_chooses_the_cuda_build(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_TORCH", "cuda")
    house.set_up()
    assert not any("--dry-run" in words for words in house.asked())
    assert "torch==2.13.0" in house.installs()[-1]
    monkeypatch.delenv("COURSE_TORCH")
    seen = {"nvidia-smi": "/usr/bin/nvidia-smi"}
    monkeypatch.setattr(packages.shutil, "which", seen.get)
    assert packages.torch_choice() == "cuda"


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
    house.set_up()
    asked = " ".join(house.installs()[-1])
    assert ("torch==2.13.0" in asked) is not kept
    version = "2.9.1" if kept else "2.13.0"
    limits = (house.home / "course-constraints.txt").read_text("utf-8")
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
        house.set_up()


@posix_only
def test_conda_keeps_the_versions_it_chose(house: House) -> None:
    (house.home / "conda-meta").mkdir()
    house.plan(torch="2.9.1 ")
    house.set_up()
    limits = (house.home / "course-constraints.txt").read_text("utf-8")
    assert limits == "torch==2.9.1"


@posix_only
def test_where_uv_fails_pip_goes_on(house: House) -> None:
    house.plan(uv="yes")
    house.set_up()
    folder = house.root / "uv"
    folder.mkdir()
    (house.home / "uv").replace(folder / "uv")
    broken = json.dumps(PLAN | {"fails": "-e"})
    (folder / "plan.json").write_text(broken, "utf-8")
    (folder / "log.txt").touch()
    house.mark.unlink()
    place = places.Place(house.home, house.script)
    uv = installer.uv_installer(str(folder / "uv"), place)
    packages.install(place, uv, "cpu", ["model"])
    assert house.installs()[-1][:3] == ["-m", "pip", "install"]
    assert ".[model]" in house.installs()[-1]


@posix_only
def test_a_python_without_ensurepip_is_told_the_package(house: House) -> None:
    code = "import sys; sys.exit('The virtual environment: ensurepip is not available')"
    with pytest.raises(SystemExit, match="sudo apt install python3-venv"):
        programs.must("prepare .venv", sys.executable, "-c", code)


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
    def set_up(*_: Any) -> None:
        raise error

    return set_up


def test_ctrl_c_ends_with_130(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setting_up, "set_up", raises(KeyboardInterrupt()))
    assert house.start.main(["setup"]) == 130
    assert "stopped" in capsys.readouterr().out


def test_a_full_disk_is_one_clear_line(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setting_up, "set_up", raises(OSError(28, "No space left")))
    with pytest.raises(SystemExit, match=r"The set-up cannot go on: .*No space left"):
        house.start.main(["setup"])


def test_help_sets_nothing_up(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert house.start.main(["--help"]) == 0
    assert "python3 start.py test" in capsys.readouterr().out
    assert not house.mark.exists()


def test_an_active_environment_is_used_but_not_condas_base(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert places.environment()[0] == tmp_path  # a virtual environment
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    assert places.environment()[0] == ROOT / ".venv"
    (tmp_path / "conda-meta").mkdir()
    assert places.environment() == (tmp_path, Path(sys.executable))
    (tmp_path / "condabin").mkdir()
    assert places.environment()[0] == ROOT / ".venv"


@posix_only
def test_a_servers_own_environment_is_used_as_it_is(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setting_up.os, "access", lambda *_: False)
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    assert house.set_up() == house.script
    assert house.installs() == []
    assert not house.mark.exists()
    assert os.environ["PYTHONPATH"] == str(house.root)
    (asked,) = [words for words in house.asked() if words[0] == "-c"]
    assert "classroom" in asked[1]


@posix_only
def test_a_servers_environment_without_the_packages_is_named(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setting_up.os, "access", lambda *_: False)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    house.plan(fails="-c")
    with pytest.raises(
        SystemExit, match=r"cannot be written, and lacks: .* \| Ask its"
    ):
        house.set_up()
    assert house.installs() == []
