"""The course on the computers that students have: Windows, macOS, other locales."""

import ast
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest

from tests.house.test_architecture import OTHERS, ROOT, TEXTS
from tests.house.test_house import tracked_files

RESERVED = {
    *("con", "prn", "aux", "nul"),
    *(f"{port}{number}" for port in ("com", "lpt") for number in range(10)),
}
LONGEST = 120
"""Windows allows 260 characters; the rest is for the folder of the course."""
POSIX_ONLY = (
    *("fcntl", "resource", "termios", "tty", "pty", "pwd", "grp", "readline"),
    "syslog",
)
POSIX_CALLS = (
    *("os.fork", "os.getuid", "os.geteuid", "os.setsid", "os.killpg", "os.uname"),
    *("os.sched_getaffinity", "os.statvfs", "os.mkfifo", "os.chown", "os.getpgid"),
    *("os.waitpid", "os.O_DIRECTORY", "os.O_NOFOLLOW", "os.O_NONBLOCK"),
    *("signal.SIGKILL", "signal.SIGHUP", "signal.SIGALRM", "signal.setitimer"),
)
LINUX_MODULES = {
    "classroom.homework.sandbox",  # bubblewrap: only Linux has it
    "classroom.homework.watch",
    "classroom.homework.execution",
    "classroom.homework.runner",
}
"""They build the walls around the homework of others and are not asked elsewhere."""
SOURCES = {
    **{n: t for n, t in TEXTS.items() if n not in LINUX_MODULES},
    **{path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in OTHERS},
}


def bad_names(names: list[str]) -> list[str]:
    """What a Windows or macOS disk could not hold beside the others."""
    every = {
        str(p) for n in names for p in (PurePosixPath(n), *PurePosixPath(n).parents)
    }
    folded = Counter(name.casefold() for name in every)
    bad = [name for name in every if folded[name.casefold()] > 1]
    for name in names:
        parts = PurePosixPath(name).parts
        wrong = any(
            part.split(".")[0].casefold() in RESERVED
            or re.search(r'[<>:"\\|?*\x00-\x1f]|[. ]$', part)
            or not part.isascii()
            for part in parts
        )
        bad += [name] if wrong or len(name) > LONGEST else []
    return sorted(set(bad))


def test_every_file_name_fits_every_disk() -> None:
    assert not bad_names([p.relative_to(ROOT).as_posix() for p in tracked_files()])


@pytest.mark.parametrize(
    "names",
    [
        *(["data/aux.txt"], ["nul"], ["a/b?.py"], ["docs/x."], ["ä.py"], ["x" * 121]),
        *(["a/B.py", "a/b.py"], ["Docs/x.md", "docs/y.md"]),
    ],
)
def test_a_name_that_fits_only_here_is_noticed(names: list[str]) -> None:
    assert bad_names(names)


def test_every_checkout_has_the_same_bytes() -> None:
    tracked_files()  # skips where this is no git checkout
    done = subprocess.run(
        ["git", "ls-files", "--eol"], cwd=ROOT, capture_output=True, check=True
    )
    odd = []
    for line in done.stdout.decode().splitlines():
        stored, _, rules = line.split("\t")[0].split(maxsplit=2)
        is_text = stored in ("i/lf", "i/none")
        if stored in ("i/crlf", "i/mixed") or (is_text and "eol=lf" not in rules):
            odd.append(line)
    assert not odd


NOT_FILES = ("lab", "figure", "self", "os", "webbrowser", "packed", "archive")
"""What stands before `.open(` elsewhere than with paths."""


def unsaid_encodings(text: str) -> Iterator[int]:
    """Lines that open a text file without saying how its letters are stored."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or says_encoding(node):
            continue
        owner, _, name = ast.unparse(node.func).rpartition(".")
        words = node.args[0 if owner else 1 :]
        if name in ("read_text", "write_text"):
            unsaid = len(node.args) <= (name == "write_text")
        elif name == "open" and owner not in NOT_FILES and not is_null(node):
            modes = [k.value for k in node.keywords if k.arg == "mode"] or words[:1]
            unsaid = not modes or (
                isinstance(modes[0], ast.Constant) and "b" not in str(modes[0].value)
            )
        else:
            unsaid = False
        if unsaid:
            yield node.lineno


def says_encoding(node: ast.Call) -> bool:
    return bool({"encoding", None} & {keyword.arg for keyword in node.keywords})


def is_null(node: ast.Call) -> bool:
    return bool(node.args) and ast.unparse(node.args[0]) == "os.devnull"


def test_every_text_file_is_opened_with_its_encoding() -> None:
    odd = [
        f"{n}:{line}" for n, text in SOURCES.items() for line in unsaid_encodings(text)
    ]
    assert not odd, "\n".join(odd)


@pytest.mark.parametrize(
    ("text", "n_found"),
    [
        ("open(p)", 1),
        ("open(p, 'w')", 1),
        ("open(p, 'rb')", 0),
        ("open(p, encoding='utf-8')", 0),
        ("path.open()", 1),
        ("path.open('ab')", 0),
        ("path.read_text()", 1),
        ("path.read_text('utf-8')", 0),
        ("path.write_text(x)", 1),
        ("path.write_text(x, 'utf-8')", 0),
        ("os.open(p, flags)", 0),
    ],
)
def test_an_unsaid_encoding_is_noticed(text: str, n_found: int) -> None:
    assert len(list(unsaid_encodings(text))) == n_found


def swaps(text: str) -> Iterator[int]:
    """Lines that rename a file by hand: Windows refuses that for a moment at times."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            n_words = len(node.args) + len(node.keywords)
            by_path = node.func.attr in ("replace", "rename") and n_words == 1
            keywords = any(keyword.arg is None for keyword in node.keywords)
            by_os = ast.unparse(node.func) in ("os.replace", "os.rename")
            if (by_path and node.args and not keywords) or by_os:
                yield node.lineno


def test_files_change_their_names_in_one_place() -> None:
    allowed = "course_lib.engine.writing"
    odd = [
        f"{name}:{line}"
        for name, text in TEXTS.items()
        for line in swaps(text)
        if name != allowed
    ]
    assert not odd, "\n".join(odd)


def test_a_swap_by_hand_is_noticed() -> None:
    assert len(list(swaps("part.replace(path); os.replace(a, b); a.rename(b)"))) == 3
    assert not list(swaps("text.replace('a', 'b'); replace(entry, path=None)"))


def linux_calls(text: str) -> list[str]:
    """What only POSIX systems have, used without asking whether it is there."""
    found = {
        ast.unparse(n)
        for n in ast.walk(ast.parse(text))
        if isinstance(n, ast.Attribute)
    }
    return [name for name in POSIX_CALLS if name in found and not asks_for(name, text)]


def asks_for(name: str, text: str) -> bool:
    """Does the module look whether the system has it, or a sister of it?"""
    signs = {"os.waitpid": "fork", "os.O_DIRECTORY": "supports_dir_fd"}
    word = signs.get(name, name.partition(".")[2])
    return f'"{word}"' in text or f"os.{word}" in text.replace(name, "")


def test_what_only_linux_has_is_asked_for_first() -> None:
    odd = {
        module: calls
        for module, text in TEXTS.items()
        if module not in LINUX_MODULES and (calls := linux_calls(text))
    }
    assert not odd


def test_a_call_that_only_linux_has_is_noticed() -> None:
    assert linux_calls("import os\nx = os.getuid()") == ["os.getuid"]
    assert not linux_calls('if hasattr(os, "getuid"):\n    x = os.getuid()')


@pytest.mark.slow
def test_the_course_imports_where_posix_modules_are_missing() -> None:
    modules = sorted(TEXTS)
    code = (
        "import importlib, sys\n"
        "import torch, matplotlib, IPython, jupyterlab, nbclient, jupyter_client\n"
        "import nbval, nbconvert, anywidget, psutil\n"
        "class Gone:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name in {POSIX_ONLY}: raise ModuleNotFoundError('no ' + name)\n"
        "sys.meta_path.insert(0, Gone())\n"
        f"for name in {POSIX_ONLY}: sys.modules.pop(name, None)\n"
        f"for name in {modules}: importlib.import_module(name)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr[-2000:]


ODD_LOCALES = {
    "Windows, Western Europe": {"PYTHONUTF8": "0", "PYTHONIOENCODING": "cp1252"},
    "an old console": {"PYTHONUTF8": "0", "PYTHONIOENCODING": "cp437"},
    "plain C": {"PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"},
}


@pytest.mark.parametrize("settings", ODD_LOCALES.values(), ids=list(ODD_LOCALES))
@pytest.mark.parametrize(
    "words",
    [["--help"], ["check", "hw02"], ["data", "list"], ["generate", "--help"]],
    ids=" ".join,
)
def test_a_command_says_all_in_any_code_page(
    settings: dict[str, str], words: list[str]
) -> None:
    wide = {"COLUMNS": "80", "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "classroom.cli", *words],
        env={**os.environ, **wide, **settings},
        cwd=ROOT,
        capture_output=True,
    )
    said = done.stdout + done.stderr
    assert b"UnicodeEncodeError" not in said
    assert b"Traceback" not in said
    assert b"\x1b[" not in said  # NO_COLOR
    code_page = settings.get("PYTHONIOENCODING", "ascii")
    lines = said.decode(code_page).splitlines()
    assert lines
    assert max(len(line) for line in lines) <= 80 or words[0] != "--help"
