"""`pip install` of a wheel: the course without its folder, and a folder of one's own.

The environment is a new one. It borrows the packages that the course needs from the
one that runs this test, and has the course itself from the wheel.
"""

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from classroom import lab, own_folder, released
from classroom.homework import copies, release
from classroom.lessons import ROOT
from tests.classroom.test_homework_student import hw02, put

WIDGET = "from course_play.widgets import SoftmaxBars; print(len(SoftmaxBars._esm))"
WHERE = "import course_lib, tiny_world, classroom; print(course_lib.__file__)"
SETTINGS = "share/jupyter/lab/settings/overrides.d/from-logits-to-gpt.json"


@dataclass(frozen=True)
class Installed:
    """An environment with the course, and a student's empty home."""

    wheel: Path
    archive: Path
    prefix: Path
    home: Path

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a program of the environment in the home, as a new user would."""
        program = self.prefix / "bin" / words[0]
        clean = {"HOME": str(self.home), "PATH": os.defpath, "OMP_NUM_THREADS": "1"}
        return subprocess.run(
            [str(program), *words[1:]],
            cwd=self.home,
            env=clean,
            capture_output=True,
            text=True,
            check=False,
        )


def build(source: Path, target: Path) -> tuple[Path, Path]:
    """A wheel and a source archive of the course in a folder."""
    code = "from setuptools import build_meta as b; import sys; b.build_{}(sys.argv[1])"
    for kind in ("wheel", "sdist"):
        command = [sys.executable, "-W", "ignore", "-c", code.format(kind), str(target)]
        subprocess.run(command, cwd=source, check=True, capture_output=True)
    (wheel,), (archive,) = target.glob("*.whl"), target.glob("*.tar.gz")
    return wheel, archive


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    if os.name == "nt":
        pytest.skip("the borrowed packages are found by the paths of Linux and macOS")
    pytest.importorskip("setuptools", minversion="77")
    place = tmp_path_factory.mktemp("installed")
    release.release(place / "released")  # what students get can be built, too
    wheel, archive = build(place / "released", place / "dist")
    prefix, home = place / "env", place / "home"
    venv = [sys.executable, "-m", "venv", "--without-pip", str(prefix)]
    subprocess.run(venv, check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(prefix / "bin" / "python")]
    flags = ["install", "-q", "--no-deps", "--no-index", "--no-compile"]
    clean = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    subprocess.run([*pip, *flags, str(wheel)], check=True, env=clean)
    (packages,) = prefix.glob("lib/python*/site-packages")
    borrowed = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "zz_borrowed.pth").write_text("\n".join(borrowed), "utf-8")
    home.mkdir()
    return Installed(wheel, archive, prefix, home)


@pytest.mark.slow
def test_a_wheel_holds_what_students_get_and_no_solution(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as wheel:
        names = wheel.namelist()
    folder = "from_logits_to_gpt"
    ours = {n for n in names if n.startswith(f"{folder}/")}
    assert ours == {
        f"{folder}/{path.as_posix()}" for path in released.installed_files()
    }
    assert not [n for n in names if "/source/hw" in n or "/tests/" in n]
    assert [n for n in names if n.endswith(SETTINGS)]
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if "-" not in top} == {folder, f"{folder}.pth"}


@pytest.mark.slow
def test_an_archive_of_the_source_holds_all_that_a_wheel_is_built_from(
    installed: Installed,
) -> None:
    with tarfile.open(installed.archive) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {path.as_posix() for path in released.released_files()} <= names


@pytest.mark.slow
def test_a_lesson_runs_with_its_data_and_its_widgets(installed: Installed) -> None:
    where = installed.run("python", "-P", "-c", WHERE)
    assert where.stdout.startswith(str(installed.prefix)), where.stderr
    assert int(installed.run("python", "-P", "-c", WIDGET).stdout) > 1000
    done = installed.run("course", "run", "02")
    assert done.returncode == 0, done.stderr
    assert "02_logits_and_softmax  ok" in done.stdout


@pytest.mark.slow
def test_a_student_works_in_a_copy_that_is_never_overwritten(
    installed: Installed,
) -> None:
    first = installed.run("course", "start")
    course = installed.home / own_folder.NAME
    assert f"{course}: " in first.stdout, first.stderr
    own = put(hw02(), course / "notebooks" / "homework" / "hw02.ipynb")
    answered = own.read_bytes()
    (course / "notebooks" / "00_start_here.ipynb").unlink()
    again = installed.run("course", "start")
    assert "1 files are new" in again.stdout
    assert "1 differ from the course's, kept: notebooks/homework/hw02" in again.stdout
    assert own.read_bytes() == answered
    checked = installed.run("course", "check", "hw02")
    assert "11 of 11 points" in checked.stdout, checked.stderr
    assert str(own) in checked.stdout.replace("\n", "")


@pytest.mark.slow
@pytest.mark.parametrize("command", ["build", "release out", "grade ."])
def test_what_pip_cannot_bring_is_said_in_one_line(
    installed: Installed, command: str
) -> None:
    done = installed.run("course", *command.split())
    assert done.returncode == 2
    assert "pip brings the course without its tests and solutions" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.fixture
def by_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As if pip had brought the course; returns the student's home."""
    for module in (own_folder, copies):
        monkeypatch.setattr(module, "IS_INSTALLED", True)
    home = tmp_path / "home"
    monkeypatch.setattr(Path, "home", lambda: home)
    return home


def test_the_lab_opens_the_copies_around_a_folder_else_those_in_the_home(
    by_pip: Path, tmp_path: Path
) -> None:
    made = own_folder.notebooks_to_open(tmp_path)
    assert made == by_pip / own_folder.NAME / "notebooks"
    assert (made / "14_gpt.ipynb").is_file()
    assert not (made / "source").exists()
    other = tmp_path / "term" / "course"
    own_folder.start(other)
    assert own_folder.notebooks_to_open(other / "data") == other / "notebooks"
    command = lab.lab_command("00", port=1, browser=False, notebooks=made)
    assert f"--ServerApp.root_dir={made}" in command


def test_check_finds_the_copy_in_the_home_from_anywhere(
    by_pip: Path, tmp_path: Path
) -> None:
    own_folder.start(own_folder.of_this_user())
    found = copies.nearest_notebook("hw02", tmp_path)
    assert found == by_pip / own_folder.NAME / "notebooks" / "homework" / "hw02.ipynb"
    assert f"{Path(sys.executable)} -m classroom.cli" in copies.check_command(
        "hw02", tmp_path
    ) or copies.check_command("hw02", tmp_path).startswith("course check")


def test_a_copy_reads_the_data_and_the_words_as_the_course_does(tmp_path: Path) -> None:
    made = own_folder.start(tmp_path / "own")
    assert made.kept == []
    homework = made.folder / "notebooks" / "homework"
    names = homework / "../../data/names.txt"
    assert names.read_bytes() == (ROOT / "data" / "names.txt").read_bytes()
    assert (made.folder / "notebooks" / "../docs/words_and_formulas.md").is_file()
    assert json.loads((homework / "hw02.ipynb").read_text("utf-8"))["nbformat"] == 4


def test_a_file_or_a_whole_course_is_no_place_for_copies(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(ValueError, match="is a file: name a folder"):
        own_folder.start(tmp_path / "file")
    with pytest.raises(ValueError, match="holds a whole course: work in it"):
        own_folder.start(ROOT)
