"""Other front doors: conda, Binder, a dev container, images; read by their tools."""

import ast
import json
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from classroom.released import released_files

ROOT = Path(__file__).resolve().parents[2]
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
TORCH_NAMES = {"pytorch": "torch", "matplotlib-base": "matplotlib"}


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def oldest_python() -> SpecifierSet:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    return SpecifierSet(project["requires-python"])


def test_conda_reads_the_environment_and_finds_the_tested_set_in_it() -> None:
    missing = "no rattler; pip install py-rattler"
    rattler = pytest.importorskip("rattler", reason=missing)
    *specs, _ = yaml.safe_load(read("environment.yml"))["dependencies"]
    lines = [x for x in read("constraints.txt").splitlines() if not x.startswith("#")]
    tested = dict(line.split("==") for line in lines)
    for text in specs:
        spec = rattler.MatchSpec(text, strict=True)
        name = spec.name.normalized
        version = tested.get(TORCH_NAMES.get(name, name))
        if version is not None:
            allowed = rattler.VersionSpec(str(spec.version))
            assert allowed.matches(rattler.Version(version)), text


def test_binder_installs_the_tested_set_and_the_course_as_it_is() -> None:
    script = ROOT / ".binder" / "postBuild"
    for path in (script, ROOT / ".binder" / "start"):
        assert os.access(path, os.X_OK)
        assert subprocess.run(["bash", "-n", str(path)], check=False).returncode == 0
    text = read(".binder/postBuild")
    assert f"--extra-index-url {CPU_INDEX}" in text
    assert "-c constraints.txt" in text
    assert text.rstrip().endswith("-e .")
    version = read(".binder/runtime.txt").strip().removeprefix("python-")
    assert version in oldest_python()


def test_repo2docker_finds_both_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = "no repo2docker; pip install jupyter-repo2docker"
    packs = pytest.importorskip("repo2docker.buildpacks", reason=missing)
    monkeypatch.chdir(ROOT)
    pack = packs.PythonBuildPack(".")
    pack.platform = "linux/amd64"
    assert not packs.DockerBuildPack(".").detect()
    assert not packs.CondaBuildPack(".").detect()
    assert pack.detect()
    assert "RUN ./.binder/postBuild" in pack.render()
    assert pack.get_start_script().endswith(".binder/start")


def dev_container() -> Any:
    return json.loads(read(".devcontainer/devcontainer.json"))


def test_the_dev_container_sets_up_as_the_readme_does() -> None:
    made = dev_container()
    assert made["postCreateCommand"].endswith("python3 start.py setup")
    assert made["image"].rpartition(":")[2] in oldest_python()
    settings = made["customizations"]["vscode"]["settings"]
    python = settings["python.defaultInterpreterPath"]
    assert (
        python == "${containerWorkspaceFolder}/.venv/bin/python"
    )  # as start.py has it


def test_no_image_for_students_is_made_where_solutions_are() -> None:
    text = read("docs/Containerfile")
    stages = re.findall(r"^FROM \S+ AS (\w+)$", text, re.MULTILINE)
    assert stages == ["student", "homework"]  # the last one is made without --target
    student, homework = text.split("FROM ")[1:]
    assert "\nCOPY . " in student
    assert "COPY . " not in homework
    for image in (student, homework):
        assert CPU_INDEX in image
    names = {path.as_posix() for path in released_files()}
    assert {"docs/Containerfile", "docs/jupyterhub_config.py", "setup.py"} <= names
    for page in (text, read("docs/hub.md")):
        assert re.search(r"-f \S+/docs/Containerfile \S+$", page, re.MULTILINE)


def test_the_hub_is_told_one_core_a_student_and_to_end_idle_kernels() -> None:
    told: dict[str, Any] = {}
    for node in ast.parse(read("docs/jupyterhub_config.py")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.value) != "get_config()":
            told[ast.unparse(node.targets[0])] = ast.literal_eval(node.value)
    assert told["c.Spawner.environment"]["OMP_NUM_THREADS"] == "1"
    assert any("cull_idle_timeout" in word for word in told["c.Spawner.args"])
    assert not [name for name in told if "Authenticator" in name]  # the hub's own
