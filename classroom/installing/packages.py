"""Which build of torch, then all packages within the tested set of versions."""

import os
import re
import shutil
import sys
from collections.abc import Sequence

from classroom.installing.installer import Installer, pip_installer
from classroom.installing.places import Place
from classroom.installing.programs import ROOT, fail, run, say

TORCH_INDEX = "https://download.pytorch.org/whl"
CUDA = "cu130"


def torch_choice() -> str:
    """The build of torch to install: "cpu", "cuda", or "keep" what is there.

    Raises:
        SystemExit: COURSE_TORCH says something else.
    """
    choice = os.environ.get("COURSE_TORCH", "")
    if choice not in ("", "cpu", "cuda", "keep"):
        raise SystemExit(f"COURSE_TORCH={choice!r}: set it to cpu, cuda or keep")
    gpu = shutil.which("nvidia-smi") or os.path.exists("/proc/driver/nvidia/version")
    return choice or ("cuda" if gpu else "cpu")


def tested_versions() -> str:
    """The text of constraints.txt."""
    return (ROOT / "constraints.txt").read_text("utf-8")


def tested_torch() -> str:
    """The requirement of torch in constraints.txt, "torch==2.13.0"."""
    return str(re.findall(r"(?m)^torch==\S+", tested_versions())[0])


def torch_words(installer: Installer, choice: str, torch: str) -> list[str]:
    """What to ask for to get this build: a requirement, and where to look for it.

    The CPU build is asked for at the usual places first, then at PyTorch's own.

    Raises:
        SystemExit: the build cannot be reached from here.
    """
    if (sys.platform, choice) == ("win32", "cuda"):
        return [f"{torch}+{CUDA}", "--extra-index-url", f"{TORCH_INDEX}/{CUDA}"]
    if (sys.platform, choice) != ("linux", "cpu"):
        return [torch]
    for index in ([], ["--extra-index-url", f"{TORCH_INDEX}/cpu"]):
        if installer.offers(f"{torch}+cpu", *index):
            return [f"{torch}+cpu", *index]
    if installer.offers(torch):
        only = "Only the CUDA build of torch (several GB) can be reached from here."
        raise SystemExit(f"{only} Open {TORCH_INDEX}/cpu or set COURSE_TORCH=cuda")
    cure = "Check the network and the proxy, or try another Python version."
    raise SystemExit(f"No {torch} for {sys.platform} can be reached. {cure}")


def torch_there(place: Place) -> tuple[str, str]:
    """Version and build ("cpu", "cuda") of a torch that works and serves; else ""."""
    show = "import torch as t; print('torch', t.__version__, t.version.cuda or '')"
    said = run(place.python, "-c", show)[1]
    found = re.search(r"(?m)^torch ((\d+)\.(\d+)\S*) ?(.*)", said)
    if found and (int(found[2]), int(found[3])) >= (2, 6):
        return found[1], "cuda" if found[4] else "cpu"
    return "", ""


def install(
    place: Place,
    installer: Installer,
    choice: str,
    extras: Sequence[str],
    bundled: bool = False,
) -> None:
    """Install torch and all the rest in one go, so that unpacking waits for nothing.

    Args:
        place: where.
        installer: uv or pip.
        choice: the build of torch.
        extras: of pyproject.toml.
        bundled: does the installer know one build only, that of a folder?

    Raises:
        SystemExit: it cannot be done; the text says why.
    """
    version, build = torch_there(place)
    asked = os.environ.get("COURSE_TORCH")
    words: list[str] = []
    if not version or (asked in ("cpu", "cuda") and asked != build):
        if choice == "keep":
            raise SystemExit("COURSE_TORCH=keep, but no torch 2.6 or newer is there")
        torch = tested_torch()
        words = [torch] if bundled else torch_words(installer, choice, torch)
        if version:
            installer.remove("torch")
        version = torch.partition("==")[2]
        say(f"installing {words[0]} and the other packages ...")
    else:
        say(f"torch {version} is here; installing the other packages ...")
    limits = place.home / "course-constraints.txt"
    limits.write_text(_limits(place, version.partition("+")[0]), "utf-8")
    words += ["-e", f".[{','.join(extras)}]", "pip", "-c", str(limits)]
    code, output = installer.run(*words)
    if code and installer.is_uv:
        say("uv could not do it; pip tries ...")
        installer = pip_installer(place, installer.flags[1:] if bundled else ())
        code, output = installer.run(*words)
    if code:
        fail("install the packages", output)


def _limits(place: Place, torch: str) -> str:
    """The versions that may be taken; conda's own obey pyproject's ranges."""
    tested = "torch==" if (place.home / "conda-meta").is_dir() else tested_versions()
    return re.sub(r"(?m)^torch==.*", f"torch=={torch}", tested)
