"""What a build says of a lesson: run once more in a fresh kernel, it came out the same.

A build whose code cells have the outputs that the notebook had before seals the lesson.
Its file in `data/lessons` keeps a hash of those cells, of each module of the course
that the kernel had loaded, of the course's data, and the circumstances: processor,
Python, packages. While all of it is as it was, the tests take the seal's word; else
they run the lesson again, and say why.
"""

import hashlib
import json
import platform
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version

from classroom.homework.proof import plain_hash
from classroom.kernel import kernel_environment
from classroom.lessons import PACKAGES, ROOT, Lesson
from course_lib.engine.writing import write_atomically

NO_INPUT = ("fetched", "homework", "lessons", "widgets")
"""Folders of `data` that no lesson reads, or that are pinned by hashes of their own."""
STAGE_FILES, STAGES_BY = "assistant_", "tiny_world.assistant.shipped"
"""The assistant's stages, and the module through which alone a lesson reads them."""
DECIDING = ("torch", "numpy", "matplotlib", "ipykernel", "ipywidgets", "tiktoken")
ALWAYS = "classroom.kernel"  # its environment is the lesson's


def code_hash(notebook: bytes) -> str:
    """A hash of a notebook's code cells with their tags and outputs; prose is free.

    Of what is no notebook it is "".
    """
    try:
        every = json.loads(notebook)["cells"]
        cells = [cell for cell in every if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError):
        return ""
    return _hash(json.dumps(cells, sort_keys=True).encode())


def write(lesson: Lesson, loaded: Iterable[str]) -> None:
    """Seal the notebook on disk, which a run has just confirmed.

    Args:
        lesson: the lesson.
        loaded: the modules that its kernel had loaded in the end.
    """
    own = {name for name in loaded if name.partition(".")[0] in PACKAGES}
    text = json.dumps(_facts(lesson, sorted({*own, ALWAYS})), indent=1)
    lesson.seal.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(lesson.seal, f"{text}\n".encode())


def why_broken(lesson: Lesson) -> str:
    """What has changed since the lesson was sealed; "" while the seal fits."""
    if not lesson.seal.exists():
        return "it has no seal"
    try:
        then = dict(json.loads(lesson.seal.read_bytes()))
    except (ValueError, TypeError):
        return "its seal cannot be read"
    now = _facts(lesson, [name for name in then if name.partition(".")[0] in PACKAGES])
    changed = [key for key in {**now, **then} if then.get(key) != now.get(key)]
    return f"changed since its seal: {', '.join(changed)}" if changed else ""


def _facts(lesson: Lesson, modules: Iterable[str]) -> Mapping[str, str]:
    modules = list(modules)
    stages = {"stages of the assistant": _data_hash(stages=True)}
    return {
        "code and outputs": code_hash(lesson.notebook.read_bytes()),
        **_circumstances(),
        "data": _data_hash(),
        **(stages if STAGES_BY in modules else {}),
        **{name: _module_hash(name) for name in modules},
    }


@cache
def _circumstances() -> dict[str, str]:
    """What the last digits depend on beside the course: processor and packages."""
    import torch

    kind = torch.backends.cpu.get_cpu_capability()
    threads = kernel_environment()["OMP_NUM_THREADS"]
    return {
        "processor": f"{platform.machine()}, {kind}, threads: {threads}",
        "python": ".".join(map(str, sys.version_info[:2])),
        **{name: version(name) for name in DECIDING},
    }


@cache
def _data_hash(stages: bool = False) -> str:
    """A hash of the data that every lesson may read, or of the assistant's stages."""
    folder = ROOT / "data"
    paths = sorted(p for p in folder.rglob("*") if p.suffix != ".md" and p.is_file())
    inputs = [
        path
        for path in paths
        if path.relative_to(folder).parts[0] not in NO_INPUT
        and path.name.startswith(STAGE_FILES) == stages
    ]
    return _hash(b"".join(hashlib.sha256(p.read_bytes()).digest() for p in inputs))


@cache
def _module_hash(name: str) -> str:
    """A hash of a module's code without comments and docstrings; "" if it is gone."""
    path = ROOT.joinpath(*name.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return plain_hash(file.read_bytes())
    return ""


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
