"""The page that a newcomer reads: its files are there, its names can be imported."""

import ast
import re
from importlib import import_module
from inspect import isfunction
from pathlib import Path

from classroom.lessons import NOTEBOOKS, Lesson

ROOT = Path(__file__).resolve().parents[2]
CORE = ROOT / "course_lib"
PAGE = (CORE / "README.md").read_text("utf-8")
ROW = re.compile(r"^\| `(course_lib[\w.]+)` \| (.+) \|$", re.MULTILINE)
API = {
    module: set(re.findall(r"`(\w+)`", names)) for module, names in ROW.findall(PAGE)
}


def names_used(text: str) -> set[tuple[str, str]]:
    """Module and name of all that a lesson takes from the library."""
    tree, modules, found = ast.parse(text), dict[str, str](), set[tuple[str, str]]()
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        for alias in node.names:
            whole = f"{node.module}.{alias.name}"
            if node.module == "course_lib" or whole in API:
                modules[alias.asname or alias.name] = whole
            elif node.module.startswith("course_lib"):
                found.add((node.module, alias.name))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in modules:
            found.add((modules[ast.unparse(node.value)], node.attr))
    return found


def test_every_name_on_the_page_can_be_imported() -> None:
    assert len(API) > 20
    for module, names in API.items():
        there = dir(import_module(module))
        assert names <= set(there), f"{module}: {names - set(there)}"


def test_every_function_on_the_page_shows_an_example() -> None:
    for module, names in API.items():
        for name in names:
            found = getattr(import_module(module), name)
            if isfunction(found):
                assert ">>>" in (found.__doc__ or ""), f"{module}.{name}"


def test_the_page_has_every_name_that_a_lesson_uses() -> None:
    for source in sorted((NOTEBOOKS / "source").glob("[0-9]*.py")):
        if Lesson(source).is_own:
            continue
        for module, name in sorted(names_used(source.read_text("utf-8"))):
            assert name in API.get(module, ()), f"{source.name}: {module}.{name}"


def test_a_name_that_is_missing_on_the_page_is_noticed() -> None:
    text = "from course_lib import gpt\nfrom course_lib.mlp import New\ngpt.NEW"
    assert names_used(text) == {("course_lib.gpt", "NEW"), ("course_lib.mlp", "New")}


def test_every_file_on_the_page_is_there_and_every_file_is_on_the_page() -> None:
    named = set(re.findall(r"`((?:\.\./)?[\w/]+(?:\.py|/))`", PAGE))
    missing = [name for name in sorted(named) if not (CORE / name).exists()]
    assert not missing
    parts = {p.name for p in CORE.glob("*.py")} | {f"{p.name}/" for p in CORE.iterdir()}
    modules = {p for p in parts if not p.startswith("__") and "." not in p[:-3]}
    packages = {p for p in modules if (CORE / p / "__init__.py").exists()}
    files = {p for p in modules if p.endswith(".py")}
    assert (files | packages) - named == set()


# A lesson and a module of the core that it builds, or builds on
Landings = set[tuple[str, str]]
LADDER_ROW = re.compile(r"^\| \[(\d\d) .*\|(.+)\|.*\|$", re.MULTILINE)
READING_ROW = re.compile(r"^\| ([\d, ]+) \| (.+?) \|", re.MULTILINE)


def landings(ladder: str, names: set[str]) -> Landings:
    """From the column "lands in" of the ladder, as far as it is about the core."""
    rows = LADDER_ROW.findall(ladder)
    found = {(n, name) for n, cell in rows for name in re.findall(r"`(\w+)`", cell)}
    return {(n, name) for n, name in found if name in names}


def readings(page: str, lessons: set[str]) -> Landings:
    """From the first table of the page, as far as the lessons are there already."""
    rows = READING_ROW.findall(page)
    return {
        (n, name)
        for numbers, cell in rows
        for n in numbers.split(", ")
        for name in re.findall(r"`(\w+)[./]", cell)
        if n in lessons
    }


def test_the_reading_order_is_that_of_the_ladder() -> None:
    ladder = (ROOT / "README.md").read_text("utf-8")
    modules = {p.stem for p in CORE.iterdir() if p.stem not in ("engine", "README")}
    built = landings(ladder, modules)
    lessons = {n for n, _ in LADDER_ROW.findall(ladder)}
    assert len(built) > 20
    assert len(lessons) > 20
    read = readings(PAGE, lessons)
    assert read - built == set(), "in course_lib/README.md and not in the ladder"
    assert built - read == set(), "in the ladder and not in course_lib/README.md"


def test_a_lesson_that_has_got_another_number_is_noticed() -> None:
    ladder = "| [07 The net](a.ipynb) | Why? | a net | `mlp` `engine` | [x](b.ipynb) |"
    page = "| 05, 07 | `mlp.py`, `train/loop.py` | a net |"
    assert landings(ladder, {"mlp", "train"}) == {("07", "mlp")}
    assert readings(page, {"07"}) == {("07", "mlp"), ("07", "train")}
    assert readings(page, {"06"}) == set()
