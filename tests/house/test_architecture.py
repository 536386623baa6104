"""The rules of the house: who may import whom, touch files, print, and how long.

Each rule is a function from a module's name and text to the list of what breaks it, so
that the last part of this file can show each rule a text that breaks it.
"""

import ast
import graphlib
import io
import re
import subprocess
import sys
import tokenize
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from classroom.lessons import PACKAGES

ROOT = Path(__file__).resolve().parents[2]
parsed = cache(ast.parse)

# Sorted by who reads it: each house may import from itself and from these.
HOUSES: dict[str, tuple[str, ...]] = {
    "core": (),
    "engine": ("core",),
    "tiny_world": ("core", "engine"),
    "course_play": ("core", "engine", "tiny_world"),
    "classroom": ("core", "engine", "tiny_world", "course_play"),
}
# The core calls on the engine in these places only, and only when it is needed.
LAZY = {
    ("course_lib.names", "course_lib.engine.name_files"),
    ("course_lib.files", "course_lib.engine.checkpoint_file"),
    ("course_lib.train.gradients", "course_lib.engine.memory"),
    ("course_lib.train.loop", "course_lib.engine.resume"),
    ("course_lib.generate.tokens", "course_lib.engine.decoder"),
}
LIBRARIES = {"torch", "numpy", "regex", "tiktoken"}

# Which parts of the house may import these, and nobody else.
KEPT_IN = {
    "matplotlib": ("course_play",),
    "anywidget": ("course_play.widgets",),
    "ipywidgets": ("course_play.widgets",),
    "traitlets": ("course_play.widgets", "classroom"),
    "pickle": (),
}
FILE_KEEPERS = (
    *("course_lib.engine", "course_play.widgets", "course_play.browser", "classroom"),
)
FILE_CALLS = {
    *(".read_text", ".read_bytes", ".write_text", ".write_bytes"),
    *("open", ".open", "safe_open"),
    *("save_file", "load_file", ".savetxt", ".loadtxt", ".genfromtxt", ".fromfile"),
    *("torch.save", "torch.load", "np.save", "np.load", "numpy.save", "numpy.load"),
}
GLOBAL_SEEDS = {
    *("torch.manual_seed", "random.seed", "np.random.seed", "numpy.random.seed"),
    *("torch.cuda.manual_seed", "torch.cuda.manual_seed_all"),
}
JUPYTER = (
    *("IPython", "ipykernel", "ipywidgets", "anywidget", "traitlets", "comm"),
    *("jupyter_client", "jupyter_core", "jupyter_server", "jupyterlab", "jupytext"),
    *("nbformat", "nbclient", "nbconvert", "nbval"),
)
# Names of one interface that several modules offer, each for its own vocabulary.
SHARED_NAMES = {"encode", "decode"}
MAX_LINE, MAX_FUNCTION, MAX_MODULE = 88, 40, 250


def house_of(module: str) -> str:
    """'course_lib.engine.logs' -> 'engine', 'course_lib.gpt' -> 'core'; '' if none."""
    top, _, rest = module.partition(".")
    if top == "course_lib":
        return "engine" if rest.partition(".")[0] == "engine" else "core"
    return top if top in HOUSES else ""


def lives_in(module: str, places: tuple[str, ...]) -> bool:
    return any(f"{module}.".startswith(f"{place}.") for place in places)


def imports(module: str, text: str, is_package: bool = False) -> Iterator[str]:
    """What is imported anywhere in a module, in full."""
    yield from (name for name, _ in placed_imports(module, text, is_package))


def placed_imports(
    module: str, text: str, is_package: bool = False
) -> Iterator[tuple[str, bool]]:
    """What is imported, and whether as soon as the module itself is."""
    tree = parsed(text)
    later = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node not in later) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = module.split(".")[: -node.level or None] if node.level else []
            if is_package and node.level == 1:
                base = module.split(".")
            origin = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield f"{origin}.{alias.name}", node not in later


def calls(text: str) -> Iterator[str]:
    """What is called, as written and as a method: 'torch.load', '.load'."""
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.Call):
            written = ast.unparse(node.func)
            yield written
            if "." in written:
                yield f".{written.rpartition('.')[2]}"


def breaks_houses(module: str, text: str) -> list[str]:
    own, broken = house_of(module), []
    for name, at_once in placed_imports(module, text):
        other, top = house_of(name), name.partition(".")[0]
        lazy = not at_once and lives_in(name, tuple(b for a, b in LAZY if a == module))
        if other and other != own and other not in HOUSES[own] and not lazy:
            broken.append(f"{module} imports {name}: {own} may not use {other}")
        known = {*LIBRARIES, *sys.stdlib_module_names}
        if own == "core" and not other and top not in known:
            broken.append(f"{module} imports {top}: the core needs {LIBRARIES} alone")
    return broken


def breaks_order(texts: dict[str, str]) -> list[str]:
    """No two modules need each other: each can be read after those that it imports."""
    graph: dict[str, set[str]] = {}
    for module, text in texts.items():
        found = (name for name, at_once in placed_imports(module, text) if at_once)
        modules = ({n, n.rpartition(".")[0]} & texts.keys() for n in found)
        needs = {max(names, key=len) for names in modules if names}
        graph[module] = needs - {module}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return [" -> ".join(error.args[1])]
    return []


def breaks_keeping(module: str, text: str) -> list[str]:
    names = {name.partition(".")[0] for name in imports(module, text)}
    return [
        f"{module} imports {name}, which belongs in {KEPT_IN[name]}"
        for name in sorted(names & KEPT_IN.keys())
        if not lives_in(module, KEPT_IN[name])
    ]


def breaks_files(module: str, text: str) -> list[str]:
    if lives_in(module, FILE_KEEPERS):
        return []
    wrong = sorted(FILE_CALLS & set(calls(text)))
    return [f"{module} touches files: {', '.join(wrong)}"] if wrong else []


def breaks_quiet(module: str, text: str) -> list[str]:
    """Only commands print, and nothing seeds anything globally."""
    if house_of(module) == "classroom":
        return []
    wrong = sorted(({"print"} | GLOBAL_SEEDS) & set(calls(text)))
    return [f"{module} calls {name}" for name in wrong]


def code_lines(text: str) -> int:
    """Lines that hold code: no blank ones, comments or docstrings."""
    skipped = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER)
    skipped += (tokenize.INDENT, tokenize.DEDENT)
    held: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in skipped:
            held.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(parsed(text)):  # docstrings, of attributes too
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            held -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(held)


def breaks_sizes(name: str, text: str) -> list[str]:
    """Long lines, functions and modules (docstrings are free, tests may be long)."""
    lines = [re.sub(r"  # (noqa|type:).*", "", line) for line in text.splitlines()]
    broken = [
        f"{name}, line {i}: {len(line)} characters"
        for i, line in enumerate(lines, start=1)
        if len(line) > MAX_LINE
    ]
    if not name.startswith("tests") and code_lines(text) > MAX_MODULE:
        broken.append(f"{name}: {code_lines(text)} lines of code")
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            n_lines = (node.end_lineno or 0) - node.lineno + 1
            n_lines -= len((ast.get_docstring(node, clean=False) or "").splitlines())
            if n_lines > MAX_FUNCTION:
                broken.append(f"{name}: {node.name} has {n_lines} lines")
    return broken


def breaks_once(texts: dict[str, str]) -> list[str]:
    """No body is defined twice at top level, and within the core no name."""
    names: Counter[str] = Counter()
    bodies: dict[str, str] = {}
    broken = []
    for module, text in texts.items():
        tops = [n for n in parsed(text).body if isinstance(n, DEFINITIONS)]
        for node in tops:
            if house_of(module) == "core":
                names[node.name] += 1
            body = ast.dump(ast.Module(body=without_docstring(node), type_ignores=[]))
            first = bodies.setdefault(body, f"{module}.{node.name}")
            if len(body) > 200 and first != f"{module}.{node.name}":
                broken.append(f"{module}.{node.name} has the body of {first}")
    twice = {name for name, n in names.items() if n > 1} - SHARED_NAMES
    return broken + [f"{name} is defined twice" for name in sorted(twice)]


DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def without_docstring(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
) -> list[ast.stmt]:
    return node.body[1:] if ast.get_docstring(node) is not None else node.body


def imports_without_jupyter(modules: list[str]) -> subprocess.CompletedProcess[str]:
    code = (
        "import importlib, sys\n"
        "class Gone:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.split('.')[0] in {JUPYTER}:\n"
        "            raise ModuleNotFoundError('no ' + name)\n"
        "sys.meta_path.insert(0, Gone())\n"
        f"for name in {modules}: importlib.import_module(name)\n"
    )
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


PATHS = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
TEXTS = {module_name(path): path.read_text("utf-8") for path in PATHS}
OTHERS = [
    ROOT / "start.py",
    *(p for f in (".ci", "benchmarks") for p in (ROOT / f).rglob("*.py")),
    *(p for p in (ROOT / "tests").rglob("*.py") if p.parent.name != "homework"),
]
Rule = Callable[[str, str], list[str]]
RULES: list[Rule] = [breaks_houses, breaks_keeping, breaks_files, breaks_quiet]


@pytest.mark.parametrize("rule", [*RULES, breaks_sizes])
def test_the_package_keeps_the_rule(rule: Rule) -> None:
    broken = [line for module, text in TEXTS.items() for line in rule(module, text)]
    assert not broken, "\n".join(broken)


def test_everything_around_the_package_keeps_the_sizes() -> None:
    texts = {str(p.relative_to(ROOT)): p.read_text("utf-8") for p in sorted(OTHERS)}
    broken = [line for name, text in texts.items() for line in breaks_sizes(name, text)]
    assert not broken, "\n".join(broken)


def test_nothing_is_defined_twice() -> None:
    broken = breaks_once(TEXTS)
    assert not broken, "\n".join(broken)


def test_the_core_can_be_read_in_order() -> None:
    core = {m: text for m, text in TEXTS.items() if house_of(m) == "core"}
    packages = {m.rpartition(".")[0] for m in core} - {""}
    modules = {m: text for m, text in core.items() if m not in packages}
    assert not breaks_order(modules)
    circle = {"a.b": "from a.c import x", "a.c": "import a.b"}
    assert breaks_order(circle)[0].count(" -> ") == 2
    assert not breaks_order({**circle, "a.c": "def f():\n    import a.b"})


def test_below_the_widgets_all_imports_without_jupyter() -> None:
    houses = ("core", "engine", "tiny_world")
    low = [m for m in TEXTS if house_of(m) in houses]
    assert "course_lib.train" in low
    done = imports_without_jupyter(low)
    assert done.returncode == 0, done.stderr


def test_the_import_without_jupyter_can_fail() -> None:
    done = imports_without_jupyter(["course_play.widgets.base"])
    assert done.returncode == 1
    assert "ModuleNotFoundError: no " in done.stderr


LONG_FUNCTION = "def f():\n    '''One.\n    Two.\n    '''\n" + "    x = 1\n" * 40
FIT_FUNCTION = "def f():\n    '''One.\n    Two.\n    '''\n" + "    x = 1\n" * 38


@pytest.mark.parametrize(
    ("rule", "module", "bad"),
    [
        (breaks_houses, "course_lib.names", "from course_lib.engine import logs"),
        (breaks_houses, "course_lib.mlp", "import tiny_world"),
        (breaks_houses, "course_lib.mlp", "def f():\n  from course_play import plots"),
        (breaks_houses, "course_lib.mlp", "from .engine import logs"),
        (breaks_houses, "course_lib.mlp", "def f():\n  import course_lib.engine.logs"),
        (breaks_houses, "course_lib.mlp", "import psutil"),
        (breaks_houses, "course_lib.engine.logs", "from tiny_world import World"),
        (breaks_houses, "course_play.plots", "from classroom import lab"),
        (breaks_keeping, "course_lib.mlp", "import matplotlib.pyplot as plt"),
        (breaks_keeping, "course_play.plots", "from traitlets import Int"),
        (breaks_keeping, "classroom.lab", "import pickle"),
        (breaks_files, "course_lib.mlp", "with open('x') as f: pass"),
        (breaks_files, "course_lib.mlp", "Path('x').read_text()"),
        (breaks_files, "course_lib.gpt", "torch.load('x')"),
        (breaks_quiet, "course_lib.train", "print('step')"),
        (breaks_quiet, "course_lib.train", "torch.manual_seed(1)"),
        (breaks_sizes, "any.py", "x = 1\n" * 251),
        (breaks_sizes, "any.py", "x = 1  # " + "." * 80),
        (breaks_sizes, "any.py", LONG_FUNCTION),
    ],
)
def test_each_rule_can_fail(rule: Rule, module: str, bad: str) -> None:
    assert len(rule(module, bad)) == 1


@pytest.mark.parametrize(
    ("rule", "module", "good"),
    [
        (breaks_houses, "course_lib.mlp", "from course_lib.names import encode"),
        (breaks_houses, "course_lib.mlp", "import math, torch"),
        (breaks_houses, "tiny_world.pen", "from course_lib.engine import presets"),
        (breaks_houses, "classroom.cli", "from course_lib import train"),
        (
            breaks_houses,
            "course_lib.train.loop",
            "def f():\n  from course_lib.engine.resume import FileCheckpointer",
        ),
        (breaks_sizes, "any.py", "x = 1\n" * 250 + "\n# why\n" * 99),
        (breaks_keeping, "course_play.plots", "from matplotlib.figure import Figure"),
        (breaks_files, "course_lib.engine.reading", "Path('x').read_bytes()"),
        (breaks_files, "course_lib.mlp", "model.load(weights)"),
        (breaks_quiet, "course_lib.mlp", "torch.Generator().manual_seed(1)"),
        (breaks_quiet, "classroom.cli", "print('hello')"),
        (breaks_sizes, "any.py", FIT_FUNCTION),
    ],
)
def test_each_rule_lets_good_code_pass(rule: Rule, module: str, good: str) -> None:
    assert rule(module, good) == []


def test_a_second_definition_is_found() -> None:
    body = "(x):\n    y = x + 1\n    z = y * y - x\n    return [y, z, max(x, y, z)]\n"
    texts = {"course_lib.mlp": f"def f{body}", "course_lib.gpt": f"def g{body}"}
    assert breaks_once(texts) == ["course_lib.gpt.g has the body of course_lib.mlp.f"]
    same = {"course_lib.mlp": "class A: pass", "course_lib.gpt": "def A(): return 1"}
    assert breaks_once(same) == ["A is defined twice"]
