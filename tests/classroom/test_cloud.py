"""Notebooks for Colab and Kaggle: one cell in front brings the course, or rests."""

import os
import re
import subprocess
import sys
from importlib.metadata import (
    PackageNotFoundError,
    packages_distributions,
    requires,
)
from pathlib import Path
from typing import Any

import nbformat
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from classroom import cloud
from classroom.cli_site import CLOUD
from classroom.lessons import PACKAGES, ROOT
from classroom.site.buttons import Elsewhere
from tests.classroom.test_installed import Installed, installed

__all__ = ["installed"]  # a fixture
HW02 = "notebooks/homework/hw02.ipynb"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the branch."""
    target = tmp_path_factory.mktemp("cloud")
    cloud.write_notebooks(target, "me/course", "main")
    return target


def cells(path: Path) -> list[Any]:
    return list(nbformat.read(path, 4).cells)


def test_each_notebook_is_as_built_but_for_one_cell(written: Path) -> None:
    names = cloud.notebooks()
    assert len(names) == 59
    for name in names:
        stored, made = cells(ROOT / name), cells(written / name)
        (added,) = [cell for cell in made if cell not in stored]
        assert made.index(added) == 1
        assert [cell for cell in made if cell is not added] == stored
        assert "me/course/archive/refs/heads/main.zip" in added.source
        assert f'arrive("{name.parent.as_posix()}")' in added.source
        assert (added.outputs, added.execution_count) == ([], None)


def test_two_writings_are_equal_byte_for_byte(written: Path, tmp_path: Path) -> None:
    cloud.write_notebooks(tmp_path, "me/course", "main")
    assert (tmp_path / HW02).read_bytes() == (written / HW02).read_bytes()


def test_elsewhere_the_cell_does_nothing(written: Path, tmp_path: Path) -> None:
    source = cells(written / HW02)[1].source
    clean = {k: v for k, v in os.environ.items() if k not in source}
    code = f"import sys\n{source}\nassert 'classroom' not in sys.modules"
    command = [sys.executable, "-I", "-c", code]
    done = subprocess.run(command, cwd=tmp_path, env=clean, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert list(tmp_path.iterdir()) == []


def test_buttons_lead_to_the_branch_only_where_it_is_written() -> None:
    assert list(Elsewhere("me/course").links(HW02)) == ["Binder"]
    links = Elsewhere("me/course", cloud=CLOUD).links(HW02)
    stored = f"github.com/me/course/blob/{CLOUD}/{HW02}"
    assert links["Colab"].endswith(stored.replace(".com", "", 1))
    assert links["Kaggle"].endswith(stored.replace("/", "%2F"))
    workflow = (ROOT / ".github" / "workflows" / "site.yml").read_text("utf-8")
    assert "--cloud build/cloud" in workflow
    assert f'git push -qf "$WHERE" {CLOUD}\n' in workflow


ONLY_THESE = """
import importlib, sys
from importlib.machinery import PathFinder

class Only(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        spec = super().find_spec(name, path, target)
        where = f"{spec.origin} {spec.submodule_search_locations}" if spec else ""
        top = name.partition(".")[0]
        own = top in ALLOWED or top.endswith("__mypyc")  # part of a compiled package
        return spec if own or "-packages" not in where else None

sys.meta_path = [Only if one is PathFinder else one for one in sys.meta_path]
for name in MODULES:
    importlib.import_module(name)
"""


def with_all_they_need(names: set[str]) -> set[str]:
    """These distributions, and those that they ask for and that are here."""
    found, waiting = set[str](), [*names]
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        try:
            asked = [Requirement(line) for line in requires(name) or []]
        except PackageNotFoundError:
            continue
        found.add(name)
        plain = [r for r in asked if not r.marker or r.marker.evaluate({"extra": ""})]
        waiting += [requirement.name for requirement in plain]
    return found


def test_lessons_and_badges_import_nothing_that_such_a_computer_lacks() -> None:
    theirs = {"torch", "numpy", "ipywidgets", "ipykernel"}  # Colab and Kaggle have them
    there = with_all_they_need({*cloud.NEEDED, *theirs})
    tops = packages_distributions().items()
    allowed = {t for t, d in tops if {canonicalize_name(x) for x in d} & there}
    texts = [
        path.read_text("utf-8") for path in ROOT.glob("notebooks/source/[0-9]*.py")
    ]
    line = re.compile(rf"^from ((?:{'|'.join(PACKAGES)})[\w.]*) import", re.MULTILINE)
    modules = {name for text in texts for name in line.findall(text)}
    assert len(modules) > 20
    ours = {*modules, "classroom.homework.badges", "classroom.own_folder"}
    given = f"ALLOWED = {allowed | set(PACKAGES)!r}\nMODULES = {sorted(ours)!r}"
    command = [sys.executable, "-c", given + ONLY_THESE]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_on_such_a_computer_it_brings_the_course_and_the_lesson_runs(
    installed: Installed, written: Path, tmp_path: Path
) -> None:
    """It has the packages but not the course; the flag names the wheel."""
    prefix, place = tmp_path / "env", tmp_path / "content"
    place.mkdir()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", prefix], check=True)
    (packages,) = prefix.glob("lib/python*/site-packages")
    borrowed = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "zz_borrowed.pth").write_text("\n".join(borrowed), "utf-8")
    for name in ("notebooks/02_logits_and_softmax.ipynb", f"{HW02[:-8]}05.ipynb"):
        sources = [c.source for c in cells(written / name) if c.cell_type == "code"]
        bring, *first = [text for text in sources[:3] if "# BADGES" not in text][:2]
        assert "names" in first[0] or "torch" in first[0]
        code = "\n".join(
            [bring, *first, "import course_lib; print(course_lib.__file__)"]
        )
        done = _run(prefix, place, code, installed.wheel)
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[-1].startswith(str(packages))


def _run(
    prefix: Path, place: Path, code: str, wheel: Path
) -> "subprocess.CompletedProcess[str]":
    environment = {
        "HOME": str(place),
        "PATH": os.defpath,
        "COURSE_INSTALL": str(wheel),
        "PIP_NO_INDEX": "1",
        "MPLBACKEND": "agg",
    }
    return subprocess.run(
        [str(prefix / "bin" / "python"), "-c", code],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
