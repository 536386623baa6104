"""What a machine needs for the course, looked at one thing at a time."""

import importlib.metadata
import os
import shutil
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from packaging.requirements import Requirement

from classroom.lessons import IS_INSTALLED, NOTEBOOKS, ROOT, find_lessons

OLDEST_PYTHON = (3, 11)
GIGABYTE = 1e9
DISTRIBUTION = "from-logits-to-gpt"
SET_UP = (
    "pip install -U from-logits-to-gpt" if IS_INSTALLED else "python3 start.py setup"
)


@dataclass(frozen=True)
class Finding:
    """One line of the report: ok, a note, or a problem that stops the course."""

    name: str
    state: Literal["ok", "note", "problem"]
    text: str

    def __str__(self) -> str:
        return f"{self.state:<7}  {self.name:<10}  {self.text}"


def examine() -> Iterator[Finding]:
    """Look at everything, from the ground up; a look that breaks is a problem."""
    for look in _LOOKS:
        name = look.__name__.removeprefix("look_at_")
        try:
            yield look(name)
        except Exception as error:
            text = f"{type(error).__name__}: {' '.join(str(error).split())}"
            yield Finding(name, "problem", f"{text}; if unsure, run: {SET_UP}")


def look_at_python(name: str) -> Finding:
    """Python itself."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        text = f"{version} is too old; install Python {oldest} or newer"
        return Finding(name, "problem", text)
    return Finding(name, "ok", f"{version} in {sys.prefix}")


def look_at_packages(name: str) -> Finding:
    """The packages the course needs, beside the versions it was tested with."""
    listed = [Requirement(r) for r in importlib.metadata.requires(DISTRIBUTION) or []]
    needed = [r for r in listed if r.marker is None or r.marker.evaluate({"extra": ""})]
    bad = [trouble for r in needed if (trouble := _trouble(r))]
    if bad:
        return Finding(name, "problem", f"{', '.join(bad)}; run: {SET_UP}")
    tested = _tested_versions()
    here = {r.name: importlib.metadata.version(r.name).split("+")[0] for r in needed}
    others = [
        f"{package} {version} (tested {tested[package]})"
        for package, version in here.items()
        if tested.get(package, version) != version
    ]
    if others:
        text = f"not the tested versions, should work: {', '.join(others)}"
        return Finding(name, "note", text)
    return Finding(name, "ok", f"{len(needed)} needed, all here")


def _trouble(requirement: Requirement) -> str:
    try:
        version = importlib.metadata.version(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        return f"{requirement.name} is missing"
    if requirement.specifier.contains(version, prereleases=True):
        return ""
    return f"{requirement.name} is {version}, needed {requirement.specifier}"


def _tested_versions() -> dict[str, str]:
    """The pins of constraints.txt."""
    file = ROOT / "constraints.txt"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    pins = [line.split("#")[0].split(";")[0].strip() for line in lines]
    pairs = [pin.split("==", 1) for pin in pins if "==" in pin]
    return {package: version.split("+")[0] for package, version in pairs}


def look_at_torch(name: str) -> Finding:
    """The torch build: does it compute?"""
    import torch

    total = float(torch.ones(3).softmax(dim=0).sum())
    if abs(total - 1) > 1e-6:
        return Finding(name, "problem", f"softmax sums to {total}; reinstall torch")
    build = f"CUDA {torch.version.cuda}" if torch.version.cuda else "CPU build"
    return Finding(name, "ok", f"{torch.__version__}, {build}")


def look_at_device(name: str) -> Finding:
    """The device models train on."""
    import torch

    from course_lib.device import pick_device

    device = pick_device()
    if device.type == "cuda":
        return Finding(name, "ok", f"cuda, {torch.cuda.get_device_name(device)}")
    if device.type == "cpu" and Path("/proc/driver/nvidia/version").exists():
        text = "cpu, though there is an NVIDIA GPU: this torch cannot use it; to change"
        cure = f"run: COURSE_TORCH=cuda {SET_UP}"
        cure = "install a CUDA build of torch" if IS_INSTALLED else cure
        return Finding(name, "note", f"{text} that, {cure}")
    return Finding(name, "ok", device.type)


def look_at_threads(name: str) -> Finding:
    """CPU cores, and how many of them torch takes."""
    import torch

    cores = os.cpu_count() or 1
    threads = torch.get_num_threads()
    return Finding(name, "ok", f"up to {threads} of {cores} cores; small models use 1")


def look_at_disk(name: str) -> Finding:
    """Room for checkpoints and fetched data."""
    free = shutil.disk_usage(ROOT).free / GIGABYTE
    if free < 0.1:
        return Finding(name, "problem", f"{free:.2f} GB free; make room for 1 GB")
    if free < 1:
        return Finding(name, "note", f"{free:.2f} GB free; 1 GB is comfortable")
    return Finding(name, "ok", f"{free:.0f} GB free")


def look_at_writing(name: str) -> Finding:
    """May we write where notebooks and checkpoints go?"""
    for folder in (Path.home(),) if IS_INSTALLED else (NOTEBOOKS, ROOT):
        try:
            tempfile.TemporaryFile(dir=folder).close()
        except OSError as error:
            text = f"{folder} cannot be written ({error.strerror})"
            return Finding(name, "problem", f"{text}; copy the course to your folder")
    return Finding(name, "ok", str(ROOT))


def look_at_lessons(name: str) -> Finding:
    """The notebooks, and the list of names they start from."""
    from course_lib.names import load_names

    lessons = find_lessons()
    missing = [lesson.number for lesson in lessons if not lesson.notebook.exists()]
    if missing or not lessons:
        text = f"notebooks missing: {', '.join(missing) or 'all'}; run: course build"
        return Finding(name, "problem", text)
    return Finding(name, "ok", f"{len(lessons)} notebooks, {len(load_names()):,} names")


def look_at_kernel(name: str) -> Finding:
    """The Jupyter kernel that runs the lessons."""
    from classroom.kernel import kernel_command

    return Finding(name, "ok", f"python3 = {kernel_command()[0]}")


def look_at_browser(name: str) -> Finding:
    """Something to show JupyterLab in."""
    try:
        webbrowser.get()
    except webbrowser.Error:
        text = "none found; course lab --no-browser prints an address to open"
        return Finding(name, "note", text)
    return Finding(name, "ok", "JupyterLab can open a window")


def look_at_tokenizers(name: str) -> Finding:
    """Rank files of the real tokenizers; the lessons that show them say so."""
    from course_lib.engine.downloads import CORPORA, verify

    states = {c: s for c, s in verify().items() if c.endswith("_base")}
    ready = [c for c, state in states.items() if state == "ok"]
    if len(ready) == len(states):
        return Finding(name, "ok", f"{', '.join(ready)}")
    size = sum(CORPORA[c].n_bytes for c in states) / 1e6
    text = f"{len(ready)} of {len(states)} fetched; the first lessons need none;"
    return Finding(name, "note", f"{text} for all ({size:.0f} MB): course data fetch")


def look_at_model(name: str) -> Finding:
    """The real model of part IV."""
    from course_lib.engine.smollm import COMMAND, is_here

    if is_here():
        return Finding(name, "ok", "smollm2, a real language model for part IV")
    fetch = "course data fetch smollm2" if IS_INSTALLED else COMMAND
    text = f"not fetched; only part IV needs it (93 MB): {fetch}"
    return Finding(name, "note", text)


def look_at_sandbox(name: str) -> Finding:
    """The walls around the homework of others."""
    from classroom.homework.sandbox import NoSandboxError, find_walls

    try:
        find_walls()
    except NoSandboxError as error:
        text = f"only for teachers, to mark homework: {error}"
        return Finding(name, "note", text)
    return Finding(name, "ok", "bubblewrap works, course grade can mark homework")


_LOOKS: tuple[Callable[[str], Finding], ...] = (
    look_at_python,
    look_at_packages,
    look_at_torch,
    look_at_device,
    look_at_threads,
    look_at_disk,
    look_at_writing,
    look_at_lessons,
    look_at_kernel,
    look_at_browser,
    look_at_tokenizers,
    look_at_model,
    look_at_sandbox,
)
