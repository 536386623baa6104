"""The walls around a run: what is seen from inside, and how much may be taken."""

import ast
import ctypes
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from classroom.homework import execution, runner, sandbox, watch
from classroom.homework.execution import run_cells
from classroom.homework.merge import MergedCell
from classroom.homework.sandbox import (
    ENVIRONMENT,
    INSIDE,
    Limits,
    NoSandboxError,
    Place,
    Walls,
    find_container,
    find_walls,
)
from classroom.lessons import ROOT
from tests.classroom.toy_homework import answered, mark_toy, points

SECRET = "xyzzy-the-teachers-token"
SYSTEM_PYTHON = "/usr/bin/python3"
NOBODY = ["--reuid=65534", "--regid=65534", "--clear-groups"]
Probe = Any
linux = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the walls are bubblewrap's, on Linux"
)


def walls_of_nobody(folder: Path) -> Walls:
    """The walls that a user without any rights puts up, tried out as that user.

    `bwrap` is found through PATH: what is found here gives root's rights away first.
    """
    programs = [shutil.which(name) for name in ("setpriv", "bwrap", "env")]
    if os.geteuid() != 0 or not all(programs) or not Path(SYSTEM_PYTHON).exists():
        pytest.skip("only root, with setpriv and a system's Python, can become nobody")
    setpriv, bwrap, _ = programs
    folder.mkdir()
    program = folder / "bwrap"
    program.write_text(
        f'#!/bin/sh\nexec {setpriv} {" ".join(NOBODY)} {bwrap} "$@"\n', "utf-8"
    )
    program.chmod(0o755)
    packages = [Path(p) for p in sys.path if p.endswith("site-packages")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "geteuid", lambda: 65534)
        patch.setattr(sys, "executable", SYSTEM_PYTHON)
        patch.setattr(sandbox, "python_folders", lambda: packages)
        patch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        found = find_walls()

    def walls(files: Path) -> Place:
        os.chown(files.parent, 65534, 65534)  # as if nobody had made it
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "geteuid", lambda: 65534)
            place = found(files)
        more = ["/usr/bin/env", f"PYTHONPATH={':'.join(map(str, packages))}"]
        return replace(place, prefix=[*place.prefix, *more], python=SYSTEM_PYTHON)

    return walls


@pytest.fixture(scope="module", params=["this user", "nobody"])
def walls(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Walls:
    """Bubblewrap's walls, put up by this user and by one without any rights."""
    try:
        if request.param == "this user":
            return find_walls()
        return walls_of_nobody(tmp_path_factory.mktemp("nobody") / "bin")
    except NoSandboxError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def own_walls() -> Walls:
    """Bubblewrap's walls, put up by this user."""
    try:
        return find_walls()
    except NoSandboxError as error:
        pytest.skip(str(error))


@pytest.fixture
def files() -> Iterator[Path]:
    """A run's folder, where anybody can reach it."""
    with tempfile.TemporaryDirectory(prefix="course-walls-") as name:
        Path(name).chmod(0o755)
        folder = Path(name, "files")
        folder.mkdir()
        (folder / "run.ipynb").write_text("{}", "utf-8")
        yield folder


def inside(walls: Walls, files: Path, code: str) -> Probe:
    """What a program inside the walls finds: it prints JSON."""
    place = walls(files)
    head = "import ctypes, json, os, socket, subprocess, sys\n"
    command = [*place.prefix, place.python, "-c", head + textwrap.dedent(code)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


TELL_FILES = """
    seen, real = [], ("/proc", "/sys", "/dev", "/usr", *sys.argv[1:])
    for folder, folders, files in os.walk("/"):
        folders[:] = [f for f in folders if os.path.join(folder, f) not in {known!r}]
        seen += [os.path.join(folder, name) for name in files]
    print(json.dumps(seen))
"""


@linux
def test_only_the_system_and_the_runs_files_are_seen(walls: Walls, files: Path) -> None:
    shown = [str(folder) for folder in sandbox.python_folders()]
    shown += [p for p in sys.path if p.endswith("site-packages")]
    known = ["/proc", "/sys", "/dev", "/usr", *shown]
    seen = inside(walls, files, TELL_FILES.format(known=known))
    allowed = (INSIDE, *sandbox.SYSTEM_FILES)
    assert [path for path in seen if not path.startswith(allowed)] == []
    assert f"{INSIDE}/run.ipynb" in seen


@linux
def test_the_courses_and_the_teachers_files_are_not_seen(
    walls: Walls, files: Path, tmp_path: Path
) -> None:
    secrets = {
        *(ROOT / "notebooks", ROOT / "tests", ROOT / "course_lib", ROOT / "data"),
        *(ROOT / ".git", Path.home() / ".ssh", Path.home() / ".bashrc"),
        *map(Path, ("/etc/shadow", "/etc/passwd", "/etc/hosts", "/etc/resolv.conf")),
        *map(Path, ("/var/log", "/run", "/home", "/media", "/mnt", "/boot", "/opt")),
        *map(Path, ("/proc/kcore", "/proc/1/root/etc/shadow", "/dev/sda", "/dev/vda")),
        *(Path(tempfile.gettempdir(), "pytest-of-root"), tmp_path / "run.json"),
    }
    (tmp_path / "run.json").write_text(SECRET, "utf-8")
    code = f"""
        def readable(path):
            try:
                return bool(os.listdir(path) if os.path.isdir(path) else open(path))
            except OSError:
                return False
        print(json.dumps([p for p in {sorted(map(str, secrets))!r} if readable(p)]))
    """
    assert inside(walls, files, code) == []


@linux
def test_no_environment_is_seen(
    walls: Walls, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_TOKEN", SECRET)
    code = """
        texts = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                texts[pid] = open(f"/proc/{pid}/environ").read()
            except OSError as error:
                texts[pid] = ""
        print(json.dumps([dict(os.environ), texts]))
    """
    variables, texts = inside(walls, files, code)
    assert {k: v for k, v in variables.items() if k in ENVIRONMENT} == ENVIRONMENT
    assert set(variables) - set(ENVIRONMENT) <= {"PWD", "LC_CTYPE", "PYTHONPATH"}
    assert 1 <= len(texts) <= 3  # bubblewrap's own, and the program
    assert [pid for pid, text in texts.items() if SECRET in text] == []


@linux
def test_there_is_no_network_and_no_name_is_resolved(walls: Walls, files: Path) -> None:
    abstract = f"\0course-{os.getpid()}"
    with (
        socket.create_server(("127.0.0.1", 0)) as here,
        closing(socket.socket(socket.AF_UNIX)) as unix,
    ):
        unix.bind(abstract)
        unix.listen()
        port = here.getsockname()[1]
        code = f"""
            def tried(family, kind, address):
                try:
                    with socket.socket(family, kind) as one:
                        one.settimeout(3)
                        one.connect(address)
                        one.send(b"x")
                    return True
                except OSError:
                    return False
            inet, stream, datagram = socket.AF_INET, socket.SOCK_STREAM, 2
            reached = [tried(inet, stream, ("127.0.0.1", {port}))]
            reached += [tried(inet, stream, ("1.1.1.1", 443))]
            reached += [tried(inet, datagram, ("8.8.8.8", 53))]
            reached += [tried(socket.AF_INET6, stream, ("::1", {port}))]
            reached += [tried(socket.AF_UNIX, stream, {abstract!r})]
            try:
                reached.append(bool(socket.getaddrinfo("example.org", 80)))
            except OSError:
                reached.append(False)
            print(json.dumps([reached, [name for _, name in socket.if_nameindex()]]))
        """
        reached, devices = inside(walls, files, code)
    assert reached == [False] * 6
    assert devices == ["lo"]


@linux
def test_the_program_inside_has_no_rights(walls: Walls, files: Path) -> None:
    code = """
        lines = open("/proc/self/status").read().splitlines()
        status = dict(line.split(":", 1) for line in lines)
        def refused(what):
            try:
                what()
            except OSError:
                return True
        tried = [
            refused(lambda: os.setuid(0)),
            refused(lambda: os.kill(1, 9)) or os.path.exists("/proc/1"),
            refused(lambda: os.chroot("/tmp")),
            refused(lambda: os.mknod("/tmp/disk", 0o60666, 0x801)),
            ctypes.CDLL(None).sethostname(b"x", 1) == -1,
            ctypes.CDLL(None).mount(b"none", b"/tmp", b"tmpfs", 0, None) == -1,
        ]
        pids = [p for p in os.listdir("/proc") if p.isdigit()]
        print(json.dumps([status, tried, os.getuid(), len(pids), os.getsid(0)]))
    """
    status, tried, user, processes, session = inside(walls, files, code)
    sets = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
    assert [int(status[name], 16) for name in sets] == [0] * 5
    assert status["NoNewPrivs"].strip() == "1"
    assert all(tried)
    assert user not in (0, 65534)
    assert processes <= 3
    assert session <= 2  # no terminal to type into


@linux
def test_only_a_small_disk_can_be_written_to(walls: Walls, files: Path) -> None:
    packages = next(p for p in sys.path if p.endswith("site-packages"))
    code = f"""
        places = {["/usr", "/etc", "/", "/dev", INSIDE, packages, "/proc", "/sys"]!r}
        def written(place):
            try:
                open(f"{{place}}/new", "w").close()
                return True
            except OSError:
                return False
        def filled(place):
            size = 0
            try:
                with open(f"{{place}}/big", "wb") as file:
                    while size < 500:
                        size += file.write(bytes(1 << 20)) >> 20
            except OSError:
                pass
            return size
        print(json.dumps([[p for p in places if written(p)],
                          filled("/tmp"), filled("/dev/shm")]))
    """
    changed, disk, shared = inside(walls, files, code)
    assert changed == []
    assert 200 <= disk <= sandbox.DISK_MB
    assert 50 <= shared <= sandbox.SHARED_MB
    assert list(files.iterdir()) == [files / "run.ipynb"]


@linux
def test_a_hidden_folder_is_not_seen_even_beside_the_packages(
    own_walls: Walls, files: Path
) -> None:
    where = Path(sys.prefix, f"hidden-{os.getpid()}")
    where.mkdir()
    try:
        (where / "run.json").write_text(SECRET, "utf-8")
        tell = f"print(json.dumps(os.listdir({str(where)!r})))"
        assert inside(own_walls, files, tell) == ["run.json"]
        assert inside(find_walls([where]), files, tell) == []
    finally:
        shutil.rmtree(where)


@linux
def test_a_course_that_pip_has_installed_is_not_seen_either(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = Path(sys.prefix, f"course-{os.getpid()}")
    (course / "course_lib").mkdir(parents=True)
    try:
        monkeypatch.setattr(sys, "path", [*sys.path, str(course)])
        tell = f"print(json.dumps(os.listdir({str(course)!r})))"
        assert inside(find_walls(), files, tell) == []
    finally:
        shutil.rmtree(course)


def cells(*sources: str) -> list[MergedCell]:
    return [MergedCell(f"task:t{i}", text, False) for i, text in enumerate(sources)]


def value_of(walls: Walls, source: str, limits: Limits | None = None) -> str:
    few = limits or Limits(wall_s=40, cell_s=10)
    run = run_cells(cells(source), [], walls, few)
    return run.outcomes[0].text


@linux
@pytest.mark.slow
def test_a_submission_is_marked_behind_walls(
    walls: Walls, files: Path, tmp_path: Path
) -> None:
    place = walls(files)
    command = [*place.prefix, place.python, "-c", "import nbval, ipykernel, psutil"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"{place.python} cannot use these packages: {done.stderr[-200:]}")
    swap = answered(double="import os\ndef double(n): os._exit(1)")
    assert points(mark_toy(swap, tmp_path, walls)) == {
        "double": 0,
        "shares": 3,
        "longest": 4,
    }


def key_in_the_session(text: bytes) -> int:
    """Leave a key where Kerberos leaves tickets; its number, or -1 without a ring."""
    if platform.machine() not in runner.MACHINES:
        return -1
    number = runner.DENIED["add_key"][list(runner.MACHINES).index(platform.machine())]
    words = (b"user", b"course-test", text, len(text), -3)
    return int(ctypes.CDLL(None).syscall(number, *words))


@linux
@pytest.mark.slow
def test_the_limits_are_in_force_and_calls_are_denied(own_walls: Walls) -> None:
    key = key_in_the_session(SECRET.encode())
    machine = list(runner.MACHINES).index(platform.machine())
    denied = {name: numbers[machine] for name, numbers in runner.DENIED.items()}
    source = f"""
        import ctypes, errno, os, resource, socket
        libc = ctypes.CDLL(None, use_errno=True)
        kinds = ("AS", "FSIZE", "CPU", "NPROC", "NOFILE", "CORE")
        kinds = [getattr(resource, f"RLIMIT_{{kind}}") for kind in kinds]
        numbers = [resource.getrlimit(kind) for kind in kinds]
        def tried(number, *words):
            ctypes.set_errno(0)
            libc.syscall(number, *(words or (0, 0, 0, 0, 0, 0)))
            return errno.errorcode.get(ctypes.get_errno(), "done")
        calls = {{name: tried(number) for name, number in {denied!r}.items()}}
        def opened(family):
            try:
                socket.socket(family, socket.SOCK_STREAM).close()
                return "done"
            except OSError as error:
                return errno.errorcode[error.errno]
        calls |= {{family: opened(family) for family in (1, 2, 10, 38, 40)}}
        calls["the key"] = tried({denied["keyctl"]}, 10, -3, b"user", b"course-test", 0)
        [numbers, calls, open("/proc/self/oom_score_adj").read().strip()]
    """
    limits = Limits(
        **{"wall_s": 40, "cell_s": 10, "cpu_s": 60, "memory_mb": 3000},
        **{"processes": 100, "file_mb": 7, "open_files": 300},
    )
    value = value_of(own_walls, textwrap.dedent(source), limits)
    numbers, calls, score = ast.literal_eval(value)
    wanted = [3000 << 20, 7 << 20, 60, 100, 300, 0]
    assert numbers == [(number, number) for number in wanted]
    families = {1: "done", 2: "done", 10: "done", 38: "ENOSYS", 40: "ENOSYS"}
    assert calls == dict.fromkeys([*denied, "the key"], "ENOSYS") | families
    assert score == "1000"
    if key >= 0:  # it was there to be found
        search = (denied["keyctl"], 10, -3, b"user", b"course-test", 0)
        assert ctypes.CDLL(None).syscall(*search) == key


@linux
@pytest.mark.slow
def test_a_crowd_of_processes_comes_last(own_walls: Walls) -> None:
    source = """
        import os, subprocess, time
        before = os.nice(0)
        crowd = [subprocess.Popen(["sleep", "30"]) for _ in range(20)]
        end = time.monotonic() + 8
        ranks = {before}
        while ranks != {19} and time.monotonic() < end:
            time.sleep(0.1)
            ranks = {os.getpriority(os.PRIO_PROCESS, p.pid) for p in crowd}
        [os.nice(0), ranks]
    """
    assert value_of(own_walls, textwrap.dedent(source)) == "[19, {19}]"
    assert watch.CROWD < 20


# From the kernel's tables: arch/x86/entry/syscalls/syscall_64.tbl and
# include/uapi/asm-generic/unistd.h
TABLES = {
    "x86_64": "ptrace 101 keyctl 250 bpf 321 process_vm_readv 310 io_uring_setup 425",
    "aarch64": "ptrace 117 keyctl 219 bpf 280 process_vm_readv 270 io_uring_setup 425",
}


@pytest.mark.parametrize("machine", TABLES)
def test_the_filter_denies_what_it_names_and_nothing_else(machine: str) -> None:
    words = TABLES[machine].split()
    for name, number in zip(words[::2], map(int, words[1::2]), strict=True):
        assert runner.DENIED[name][list(runner.MACHINES).index(machine)] == number
    denied = {
        numbers[list(runner.MACHINES).index(machine)]
        for numbers in runner.DENIED.values()
    }
    arch, clone, socket_call = runner.MACHINES[machine]
    allowed = {
        number
        for number in range(500)
        if answer(runner.filter_steps(machine), arch, number, 0) == "yes"
    }
    assert allowed == set(range(500)) - denied
    steps = runner.filter_steps(machine)
    assert answer(steps, arch + 1, 0, 0) == "no"  # of another machine: other numbers
    assert answer(steps, arch, 1 << 30, 0) == "no"
    assert answer(steps, arch, clone, 0x1000_0000 | 17) == "no"
    assert answer(steps, arch, clone, 17) == "yes"
    families = {f for f in range(50) if answer(steps, arch, socket_call, f) == "yes"}
    assert families == set(range(17))


def answer(
    steps: list[tuple[int, int, int, int]], arch: int, number: int, argument: int
) -> str:
    """What the kernel would make of a call: a machine for the six codes in use."""
    told = {0: number, 4: arch, 16: argument}
    held, at = 0, 0
    while True:
        code, yes, no, operand = steps[at]
        at += 1
        if code == 0x20:
            held = told[operand]
        elif code == 0x06:
            return "yes" if operand == 0x7FFF_0000 else "no"
        else:
            test = {0x15: held == operand, 0x35: held >= operand, 0x45: held & operand}
            at += yes if test[code] else no


@linux
def test_a_machine_short_of_memory_costs_nobody_points(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watch, "LEAST_FREE", 2.0)
    one = watch.Watch(Limits(), threading.Event())
    watch.run_watched(["sleep", "99"], dict(os.environ), one)
    assert (one.why, one.blameless) == (watch.FULL, True)
    with pytest.raises(RuntimeError, match="the machine is short of memory"):
        run_cells(cells("1"), [], sandbox.no_walls, Limits(wall_s=40, cell_s=10))


def test_all_runs_of_a_submission_share_a_budget(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, given = [0.0], list[int]()

    def hangs(cells: object, needs: object, walls: object, one: watch.Watch) -> None:
        given.append(one.limits.wall_s)
        clock[0] += one.limits.wall_s - (len(given) == 1)  # the first: one second less
        for i in range(len(given)):
            one.data += b'{"i": %d, "state": "start"}\n' % i
            one.data += b'{"i": %d, "state": "done"}\n' % (i - 1)
        one.why = "too long"

    monkeypatch.setattr(execution.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(execution, "_run_once", hangs)
    run = run_cells(cells("1", "2", "3"), [], sandbox.no_walls, Limits(wall_s=100))
    assert given == [100, 100, 1]
    assert run.seconds == 200


def test_missing_programs_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    for system, why in (("linux", "bubblewrap is not installed"), ("win32", "Linux")):
        monkeypatch.setattr(sys, "platform", system)
        with pytest.raises(NoSandboxError, match=why):
            find_walls()
    with pytest.raises(NoSandboxError, match="docker or podman is not installed"):
        find_container("course", Limits())


@linux
@pytest.mark.parametrize(
    ("says", "why"),
    [
        ("setting up uid map: Permission denied", "user namespaces are switched off"),
        ("", "bubblewrap does not work here: exit 3"),
    ],
)
def test_walls_that_do_not_stand_are_not_used(
    says: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bwrap"
    program.write_text(f"#!/bin/sh\necho '{says}' >&2\nexit 3\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(NoSandboxError, match=why):
        find_walls()


DOCKER = """\
#!{python}
# A container engine without walls: it writes its words down and runs the command.
import json, os, sys
words = sys.argv[1:]
with open({log!r}, "a") as log:
    log.write(json.dumps(words) + "\\n")
if words[0] == "run":
    mount = next(w for w in words if w.startswith("--mount="))
    source = next(p for p in mount.split(",") if p.startswith("source="))[7:]
    command = words[words.index("course-image") + 1 :]
    command = [w.replace("/homework", source, 1) if w.startswith("/") else w
               for w in command]
    os.execv({python!r}, [{python!r}, *command[1:]])
"""


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `docker` on PATH; returns the file with what it was told, a line a call."""
    log, programs = tmp_path / "docker.log", tmp_path / "bin"
    programs.mkdir()
    program = programs / "docker"
    program.write_text(DOCKER.format(python=sys.executable, log=str(log)), "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    return log


@linux
@pytest.mark.slow
def test_a_container_is_closed_and_is_killed_in_the_end(
    docker: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_TOKEN", SECRET)
    limits = Limits(wall_s=60, cell_s=20, memory_mb=3000, processes=100)
    walls = find_container("course-image", limits)
    mark = mark_toy(answered(double="x = 1"), tmp_path, walls, limits)
    assert points(mark) == {"double": 0, "shares": 3, "longest": 4}
    start, stop = map(json.loads, docker.read_text("utf-8").splitlines())
    closed = ["--network=none", "--read-only", "--cap-drop=ALL", "--rm"]
    closed += ["--security-opt=no-new-privileges", "--user=65534:65534"]
    closed += ["--memory=3000m", "--pids-limit=100"]
    assert [word for word in closed if word not in start] == []
    mounts = [word for word in start if word.startswith(("--mount", "-v", "--volume"))]
    assert len(mounts) == 1
    assert mounts[0].endswith(f"target={INSIDE},readonly")
    assert not any(SECRET in word or "--privileged" in word for word in start)
    named = [word for word in start if word.startswith("--name=")]
    assert stop == ["kill", named[0].removeprefix("--name=")]


def run_course_folders(folder: Path) -> list[Path]:
    return [p for p in folder.iterdir() if p.name.startswith("course-homework-")]


@linux
@pytest.mark.slow
def test_nothing_is_left_of_a_run(
    own_walls: Walls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No process, no file, no open pipe, no thread; with what resists being killed."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    source = """
        import os, signal, subprocess, sys
        deaf = "from signal import *; import time; deaf = (SIGHUP, SIGINT, SIGTERM); "
        deaf += "[signal(x, SIG_IGN) for x in deaf]; time.sleep(123456)"
        for _ in range(3):
            subprocess.Popen([sys.executable, "-c", deaf], start_new_session=True)
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.execvp("sleep", ["sleep", "123456"])
                os._exit(0)
        1
    """
    before = len(psutil.Process().open_files()), psutil.Process().num_fds()
    threads = threading.active_count()
    assert value_of(own_walls, textwrap.dedent(source)) == "1"
    assert list(scratch.iterdir()) == []
    now = len(psutil.Process().open_files()), psutil.Process().num_fds()
    assert now == before
    assert threading.active_count() == threads
    left = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            left += [process] if "123456" in " ".join(process.cmdline()) else []
    # one that was killed may still be dying
    alive = psutil.wait_procs(left, timeout=10)[1]
    assert alive == []
