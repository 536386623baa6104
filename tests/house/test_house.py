"""The papers of the house agree: packages, licences, CI, and no private places."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from classroom.lessons import PACKAGES

ROOT = Path(__file__).resolve().parents[2]
CONDA_NAMES = {"pytorch": "torch", "matplotlib-base": "matplotlib"}
BY_PIP_ONLY = {"playwright", "axe-playwright-python"}  # not on conda-forge
CONDA_ONLY = {"python", "pip"}

Ranges = dict[str, SpecifierSet]


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def pyproject() -> dict[str, Any]:
    return tomllib.loads(read("pyproject.toml"))


def ranges(lines: list[str]) -> Ranges:
    found = [Requirement(line) for line in lines]
    return {canonicalize_name(r.name): r.specifier for r in found}


def wanted() -> Ranges:
    """Package -> range: dependencies, the test extra and the build backend."""
    table = pyproject()
    project = table["project"]
    extra = project["optional-dependencies"]["test"]
    build = table["build-system"]["requires"]
    return ranges([*project["dependencies"], *extra, *build])


def conda_ranges(specs: list[str]) -> Ranges:
    return {CONDA_NAMES.get(name, name): r for name, r in ranges(specs).items()}


def test_conda_gets_the_packages_and_ranges_of_pyproject() -> None:
    environment = yaml.safe_load(read("environment.yml"))
    assert environment["channels"] == ["conda-forge"]
    *specs, by_pip = environment["dependencies"]
    assert by_pip == {"pip": ["-e ."]}
    conda = conda_ranges(specs)
    expected = {name: r for name, r in wanted().items() if name not in BY_PIP_ONLY}
    assert {n: r for n, r in conda.items() if n not in CONDA_ONLY} == expected
    oldest = SpecifierSet(pyproject()["project"]["requires-python"])
    assert set(oldest) <= set(conda["python"])


def test_a_range_that_differs_is_noticed() -> None:
    assert conda_ranges(["pytorch>=2.6"]) == ranges(["torch>=2.6"])
    assert conda_ranges(["pytorch>=2.5"]) != ranges(["torch>=2.6"])
    assert conda_ranges(["nbformat>=5.10"]) != ranges(["nbformat>=5.10,<6"])


def pins() -> dict[str, str]:
    lines = read("constraints.txt").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def test_the_tested_set_obeys_the_ranges() -> None:
    tested = pins()
    for name, allowed in wanted().items():
        assert name in tested, f"{name} has no tested version"
        assert tested[name] in allowed, f"{name}=={tested[name]} is outside {allowed}"


def test_the_tested_set_is_plain_and_sorted() -> None:
    lines = [x for x in read("constraints.txt").splitlines() if not x.startswith("#")]
    names = [line.partition("==")[0] for line in lines]
    assert names == sorted(set(names))
    assert names == [canonicalize_name(name) for name in names]
    assert all(Version(v).local is None for v in pins().values())


def test_every_python_can_have_the_tested_set() -> None:
    """Also the first of a line: Debian 12 has 3.11.2."""
    oldest = pyproject()["project"]["requires-python"].removeprefix(">=")
    for name, version in pins().items():
        try:
            metadata = distribution(name).metadata
        except PackageNotFoundError:
            continue  # of another platform
        if metadata["Version"].partition("+")[0] == version:
            allowed = SpecifierSet(metadata["Requires-Python"] or "")
            for python in (f"{oldest}.0", "3.12.0", "3.13.0", "3.14.0"):
                assert python in allowed, f"{name}=={version} needs Python {allowed}"


def test_a_bundle_asks_for_the_build_backend_of_pyproject() -> None:
    (backend,) = pyproject()["build-system"]["requires"]
    assert backend in read("classroom/installing/bundle.py")


def test_every_kind_of_install_tells_jupyterlab_to_keep_the_widgets(
    tmp_path: Path,
) -> None:
    pytest.importorskip("setuptools", minversion="77")
    (settings,) = pyproject()["tool"]["setuptools"]["data-files"].values()
    files = ["pyproject.toml", "setup.py", "README.md", "LICENSE", "LICENSE-TEXT"]
    files += ["classroom/lessons.py", "classroom/released.py"]  # setup.py reads them
    for name in [*files, *(f"{name}/__init__.py" for name in PACKAGES), *settings]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for kind in ("build_wheel", "build_editable"):
        code = f"from setuptools.build_meta import {kind} as b; b({kind!r})"
        command = [sys.executable, "-W", "ignore", "-c", code]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
        (wheel,) = (tmp_path / kind).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            (name,) = [n for n in archive.namelist() if ".data/data/share/" in n]
            told = json.loads(archive.read(name))
        # JupyterLab reads overrides.d/*.json below the prefix that it is installed in
        place = "share/jupyter/lab/settings/overrides.d/from-logits-to-gpt.json"
        assert name.endswith(f".data/data/{place}")
        assert told["@jupyter-widgets/jupyterlab-manager:plugin"]["saveState"] is True


def test_the_licences_are_there_and_named() -> None:
    project = pyproject()["project"]
    assert project["license-files"] == ["LICENSE", "LICENSE-TEXT"]
    assert read("LICENSE").startswith("MIT License\n")
    assert "https://creativecommons.org/licenses/by/4.0/" in read("LICENSE-TEXT")
    citation = yaml.safe_load(read("CITATION.cff"))
    assert citation["version"] == project["version"]
    assert " AND ".join(citation["license"]) == project["license"]


def test_ci_runs_the_readmes_test_command() -> None:
    script = read(".ci/run")
    assert script.rstrip().endswith('exec python3 start.py test "$@"')
    if os.name == "posix":
        done = subprocess.run(["bash", "-n", str(ROOT / ".ci/run")], check=False)
        assert done.returncode == 0
    workflow = yaml.safe_load(read(".github/workflows/ci.yml"))
    commands = [s["run"] for s in workflow["jobs"]["test"]["steps"] if "run" in s]
    assert commands == [".ci/run"]


def test_ci_tries_the_computers_that_the_readme_names() -> None:
    jobs = yaml.safe_load(read(".github/workflows/ci.yml"))["jobs"]
    matrix = jobs["computers"]["strategy"]["matrix"]
    assert matrix["system"] == ["windows-latest", "macos-latest"]
    pythons = ["3.11", "3.12", "3.13", "3.14"]
    assert matrix["python"] == jobs["test"]["strategy"]["matrix"]["python"] == pythons
    commands = [s["run"] for s in jobs["computers"]["steps"] if "run" in s]
    for words in ("setup", "doctor --report", "run 00", "check hw00", "test -m quick"):
        assert any(words in command for command in commands), words


def test_the_readme_names_the_commands() -> None:
    readme = read("README.md")
    assert "python3 start.py\n" in readme
    assert "python3 start.py test" in readme


def test_the_commit_hooks_work_offline() -> None:
    repos = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]
    assert {repo["repo"] for repo in repos} == {"local"}


def tracked_files() -> list[Path]:
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("not a git checkout")
    paths = [ROOT / name for name in done.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def private_places() -> set[str]:
    """What only this machine has: its folders, and where its pip looks for packages."""
    done = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True
    )
    kept = re.findall(r"(?:index-url|find-links)='(.*)'", done.stdout)
    sources = {word for line in kept for word in re.split(r"\s|\\n", line)}
    folders = {f"{folder}/" for folder in (ROOT, ROOT.parent, Path.home())}
    places = {place for place in sources | folders if "pypi.org" not in place}
    return places - {"", "//", "/tmp/", "/home/", "/Users/"}


def names_one_of(text: str, places: set[str]) -> list[str]:
    return [p for p in sorted(places) if re.search(rf"(?<![\w.]){re.escape(p)}", text)]


def test_no_tracked_file_names_a_private_place() -> None:
    places, found = private_places(), {}
    for path in tracked_files():
        try:
            named = names_one_of(path.read_text("utf-8"), places)
        except UnicodeDecodeError:
            continue  # a picture
        if named:
            found[str(path.relative_to(ROOT))] = named
    assert not found


def test_a_private_place_is_noticed() -> None:
    assert f"{ROOT}/" in private_places()
    assert names_one_of("kept in /srv/me/course", {"/srv/me/"}) == ["/srv/me/"]
    assert names_one_of("kept in data/srv/me/course", {"/srv/me/"}) == []


ORDER = {
    "test_unit.py": "def test_unit(): pass\n",
    "test_parallel.py": "def test_processes(): pass\n",
    "test_a_browser.py": (
        "import pytest\n@pytest.mark.browser\ndef test_browser(): pass\n"
    ),
    "test_a_slow.py": "import pytest\n@pytest.mark.slow\ndef test_slow(): pass\n",
    "test_static.py": "def test_static(): pass\n",
    "test_thorough.py": (
        "import pytest\n@pytest.mark.slow\n@pytest.mark.thorough\n"
        "def test_thorough(): pass\n"
    ),
    "a_module.py": "def f():\n    '''\n    >>> 1\n    1\n    '''\n",
}


FEW = ["-p", "no:nbval"]  # it alone takes seconds to import
UNITS = ["test_static", "test_processes", "test_unit", "a_module.f"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "collected"),
    [
        ([], [*UNITS, "test_browser", "test_slow"]),
        (["--all"], [*UNITS, "test_browser", "test_slow", "test_thorough"]),
        (["-m", "quick"], [name for name in UNITS if name != "test_processes"]),
    ],
)
def test_fast_checks_run_first_and_thorough_ones_if_asked(
    tmp_path: Path, words: list[str], collected: list[str]
) -> None:
    for name, text in ORDER.items():
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "conftest.py").write_text(read("tests/conftest.py"), "utf-8")
    settings = (
        "[pytest]\naddopts = --doctest-modules\nmarkers =\n"
        " browser: b\n slow: s\n quick: q\n thorough: t\n"
    )
    (tmp_path / "pytest.ini").write_text(settings, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", *FEW, *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if "::" in line]
    assert [line.rpartition("::")[2] for line in lines] == collected
