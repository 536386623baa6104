"""Walls around a run: what it can see, and how much it may take.

On Linux bubblewrap gives a run a file system of its own (the system and this Python,
read-only; a small disk in memory to write to), no network, no other processes, no
environment. Elsewhere a container does. Limits on memory, time, processes, files and
output hold for the whole tree of processes, with walls or without.
"""

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from classroom.homework.workplace import PINNED
from classroom.lessons import PACKAGES, ROOT

INSIDE = "/homework"
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin")
SYSTEM_FILES = (
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/etc/alternatives"),
)
ENV = "/usr/bin/env"
DISK_MB, SHARED_MB = 256, 64
DISKS = {"/dev/shm": SHARED_MB, "/tmp": DISK_MB}  # in memory, the run's own
ENVIRONMENT = {
    "HOME": "/tmp",
    "TMPDIR": "/tmp",
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "IPYTHONDIR": "/tmp/ipython",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "JUPYTER_DATA_DIR": "/tmp/jupyter",
    "PYTHONDONTWRITEBYTECODE": "1",
    **PINNED,
}


class NoSandboxError(Exception):
    """There are no walls to be had here; the text says how to get some."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a submission may take.

    Attributes:
        wall_s: seconds for the whole run.
        cell_s: seconds for one cell.
        cpu_s: seconds of CPU for one process.
        memory_mb: resident memory of all processes together; address space of each.
        processes: processes and threads together.
        file_mb: size of one file.
        open_files: open files of one process.
        output_kb: what may leave the sandbox.
    """

    wall_s: int = 300
    cell_s: int = 60
    cpu_s: int = 300
    memory_mb: int = 4000
    processes: int = 128
    file_mb: int = 100
    open_files: int = 512
    output_kb: int = 4000

    def __post_init__(self) -> None:
        """Refuse limits under which nothing can run."""
        for name, value in asdict(self).items():
            if value < 1:
                raise ValueError(f"{name}={value}: a limit is 1 or more")


@dataclass(frozen=True)
class Place:
    """Where a run happens.

    Attributes:
        prefix: the words before the command.
        folder: where the run's files are, seen from inside.
        python: the interpreter, seen from inside.
        stop: a command that ends it for certain, when killing its process does not.
    """

    prefix: list[str]
    folder: str
    python: str = sys.executable
    stop: tuple[str, ...] = ()


Walls = Callable[[Path], Place]  # takes the folder with the run's files


def no_walls(folder: Path) -> Place:
    """The student's code may do all that you may."""
    return Place([], str(folder))


def find_walls(hidden: Sequence[Path] = ()) -> Walls:
    """Bubblewrap around this Python, tried out once.

    Args:
        hidden: folders that no run may see, wherever they lie.

    Raises:
        NoSandboxError: it is missing or does not work here.
    """
    if not sys.platform.startswith("linux"):
        raise NoSandboxError(
            "bubblewrap is for Linux; here let a container do it: --container IMAGE"
        )
    program = shutil.which("bwrap")
    if program is None:
        cure = "on Debian or Ubuntu: sudo apt install bubblewrap"
        raise NoSandboxError(f"bubblewrap is not installed; {cure}")
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        cure = "on Debian or Ubuntu: sudo apt install util-linux"
        raise NoSandboxError(f"setpriv is not installed; {cure}")
    trouble = ""
    for nested in (["--disable-userns"], []):  # newer than bubblewrap 0.7
        # /proc/1/environ inside is what bubblewrap itself was given.
        prefix = [ENV, "-i", program, *_walls(nested, hidden)]
        trouble = _try_out(prefix)
        if not trouble:
            return lambda folder: Place(_with_files(prefix, folder), INSIDE)
        if "disable-userns" not in trouble:
            break
    raise NoSandboxError(f"bubblewrap does not work here: {trouble}{_cure(trouble)}")


def _try_out(prefix: list[str]) -> str:
    """What a Python inside complains of; nothing when it runs."""
    command = [*_entered(prefix), sys.executable, "-c", "print('inside')"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60
    )
    inside = done.stdout.strip() == "inside"
    return "" if inside else done.stderr.strip()[-400:] or f"exit {done.returncode}"


def _cure(trouble: str) -> str:
    if "uid map" in trouble or "namespace" in trouble or "ermission" in trouble:
        return (
            "; user namespaces are switched off: on Ubuntu 23.10 or newer allow bwrap "
            "in AppArmor (sudo apt install apparmor-profiles, then copy the profile "
            "bwrap-userns-restrict to /etc/apparmor.d), or run in a container"
        )
    return ""


def _walls(nested: Sequence[str], hidden: Sequence[Path]) -> list[str]:
    """Bubblewrap's arguments, up to the files of one run."""
    words = ["--die-with-parent", "--new-session", "--clearenv", "--unshare-pid"]
    words += ["--unshare-net", "--unshare-ipc", "--unshare-uts"]
    words += ["--unshare-cgroup-try", "--hostname", "homework"]
    if os.geteuid() == 0:  # a user of its own for each run comes with setpriv
        words += ["--cap-drop", "ALL"]
        for right in ("SETUID", "SETGID", "SETPCAP"):  # setpriv needs and drops them
            words += ["--cap-add", f"CAP_{right}"]
    else:
        words += ["--unshare-user", *nested, "--uid", "1000", "--gid", "1000"]
    words += [*_system(), "--proc", "/proc", "--dev", "/dev"]
    for path, size_mb in DISKS.items():
        words += ["--size", str(size_mb << 20), "--perms", "1777", "--tmpfs", path]
    words += ["--remount-ro", "/dev", *_pythons([*_courses(), *hidden])]
    for name, text in ENVIRONMENT.items():
        words += ["--setenv", name, text]
    return words


def _system() -> list[str]:
    """The system's programs and libraries, read-only."""
    words: list[str] = []
    for path in SYSTEM:
        if os.path.islink(path):
            words += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            words += ["--ro-bind", path, path]
    for path in SYSTEM_FILES:
        words += ["--ro-bind-try", path, path]
    return words


def _courses() -> list[Path]:
    """Every copy of the course: this one, and one that pip has installed beside it."""
    installed = [Path(p) for p in sys.path if Path(p, PACKAGES[0]).is_dir()]
    return [ROOT, *(path for path in installed if path != ROOT)]


def _pythons(secret: Sequence[Path]) -> list[str]:
    """This Python and its packages, read-only, without the secret folders."""
    folders = python_folders()
    roots = [Path("/usr"), *folders]
    hidden = [x for x in secret if any(x.is_relative_to(root) for root in roots)]
    words: list[str] = []
    # From the outside in: the course's own environment lies inside the course.
    for folder in sorted({*folders, *hidden}, key=lambda folder: len(folder.parts)):
        words += _bound(folder) if folder in folders else ["--tmpfs", str(folder)]
    return words


def python_folders() -> list[Path]:
    """Where this Python and its packages are, outside /usr."""
    links = [Path(sys.executable), *Path(sys.executable).parents][:1]
    real = [link.resolve().parent.parent for link in links]
    packages = [Path(p) for p in sys.path if p.endswith(("-packages",))]
    folders = [Path(sys.base_prefix), Path(sys.prefix), *real, *packages]
    found: list[Path] = []
    for folder in folders:
        inside = any(folder.is_relative_to(f) for f in [Path("/usr"), *found])
        if folder.is_dir() and not inside:
            found.append(folder)
    return found


def _bound(path: Path, inside: str | None = None) -> list[str]:
    """A read-only view; parents are made, for bubblewrap would copy their modes."""
    target = Path(inside or path)
    words: list[str] = []
    for parent in list(reversed(target.parents))[1:]:
        if str(parent) != "/tmp":
            words += ["--perms", "0755", "--dir", str(parent)]
    return [*words, "--ro-bind", str(path), str(target)]


def _with_files(prefix: Sequence[str], folder: Path) -> list[str]:
    return _entered([*prefix, *_bound(folder, INSIDE)])


def _entered(prefix: Sequence[str]) -> list[str]:
    """The end of bubblewrap's words, and for root the change to a nameless user."""
    words = [*prefix, "--chdir", "/tmp", "--remount-ro", "/", "--"]
    if os.geteuid() != 0:
        return words
    user = 100_000 + secrets.randbelow(1_000_000)  # processes are counted per user
    words += ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    return [*words, "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]


def find_container(image: str, limits: Limits, engine: str = "") -> Walls:
    """A container for each run, by Docker or Podman.

    Args:
        image: an image with `python3` and the course's packages.
        limits: the container's own memory and number of processes.
        engine: `docker` or `podman`; without: whichever is there.

    Raises:
        NoSandboxError: there is no engine.
    """
    names = [engine] if engine else ["docker", "podman"]
    program = next((path for name in names if (path := shutil.which(name))), None)
    if program is None:
        raise NoSandboxError(f"{' or '.join(names)} is not installed or not on PATH")
    words = [program, "run", "--rm", "--interactive", "--init", "--network=none"]
    words += ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"]
    words += [f"--memory={limits.memory_mb}m", f"--pids-limit={limits.processes}"]
    words += [f"--tmpfs=/tmp:rw,exec,size={DISK_MB}m", "--user=65534:65534"]
    words += [f"--shm-size={SHARED_MB}m", "--workdir=/tmp"]
    variables = {name: text for name, text in ENVIRONMENT.items() if name != "PATH"}
    words += [f"--env={name}={text}" for name, text in variables.items()]

    def walls(folder: Path) -> Place:
        mount = f"--mount=type=bind,source={folder},target={INSIDE},readonly"
        name = f"homework-{secrets.token_hex(8)}"
        prefix = [*words, f"--name={name}", mount, image]
        return Place(prefix, INSIDE, "python3", (program, "kill", name))

    return walls
