"""The floors of the house: who may import whom, touch files, print, and how long.

Each rule is a function from a module's name and text to the list of what breaks it, so
that the last part of this file can show each rule a text that breaks it.
"""

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "course_lib"

# From the ground up: a module imports only from floors below its own. A package
# (world, widgets, classroom) is one module here: inside it anything goes.
FLOORS: dict[str, tuple[str, ...]] = {
    "cellar": ("files", "reading", "download", "predict", "interrupts", "chat_rows"),
    "0 ground": ("device", "functional", "names", "world", "text", "copies"),
    "1 layers": (
        *("tokenizer", "token_files", "ngram", "mlp", "attention"),
        *("checkpoint", "optimizers"),
    ),
    "2 model": ("gpt", "batches"),
    "3 use": (
        *("train", "logs", "generate", "quantize", "pretrained", "lens", "plots"),
    ),
    "4 runs": ("presets", "chat", "preferences", "diagrams"),
    "5 scale": ("parallel", "assistant"),
    "6 touch": ("widgets",),
    "classroom": ("classroom",),
}
HEIGHT = {name: i for i, floor in enumerate(FLOORS.values()) for name in floor}

# Which parts of the house may import these, and nobody else.
KEPT_IN = {
    "matplotlib": {"plots", "diagrams", "widgets"},
    "anywidget": {"widgets"},
    "ipywidgets": {"widgets"},
    "traitlets": {"widgets", "classroom"},
    "pickle": set[str](),
}
FILE_KEEPERS = {
    *("files", "reading", "download", "names", "text", "tokenizer"),
    *("token_files", "checkpoint", "train", "logs", "pretrained", "parallel"),
    *("chat", "preferences", "widgets", "classroom"),
}
FILE_CALLS = {
    *("open", "read_text", "read_bytes", "write_text", "write_bytes", "safe_open"),
    *("save_file", "load_file", "savetxt", "loadtxt", "genfromtxt", "fromfile"),
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
MAX_LINE, MAX_FUNCTION, MAX_MODULE = 88, 40, 300


def part_of(module: str) -> str:
    """'course_lib.world.pen' -> 'world'; '' for the package itself."""
    return f"{module}.".split(".")[1]


def imports(module: str, text: str, is_package: bool = False) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = module.split(".")[: -node.level or None] if node.level else []
            if is_package and node.level == 1:
                base = module.split(".")
            origin = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def calls(text: str) -> Iterator[str]:
    """What is called, as written and by its last name: 'torch.load', 'load'."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            written = ast.unparse(node.func)
            yield written
            if "." in written:
                yield written.rpartition(".")[2]


def breaks_floors(module: str, text: str) -> list[str]:
    own = part_of(module)
    if own and own not in HEIGHT:
        return [f"{module} has no floor: give it one in FLOORS"]
    found = [part_of(n) for n in imports(module, text) if n.startswith(PACKAGE + ".")]
    return [
        f"{module} imports {other}, which is not on a lower floor"
        for other in found
        if own and other != own and HEIGHT.get(other, 99) >= HEIGHT[own]
    ]


def breaks_keeping(module: str, text: str) -> list[str]:
    names = {name.partition(".")[0] for name in imports(module, text)}
    return [
        f"{module} imports {name}, which belongs in {sorted(KEPT_IN[name])}"
        for name in sorted(names & KEPT_IN.keys())
        if part_of(module) not in KEPT_IN[name]
    ]


def breaks_files(module: str, text: str) -> list[str]:
    if part_of(module) in FILE_KEEPERS:
        return []
    wrong = sorted(FILE_CALLS & set(calls(text)))
    return [f"{module} touches files: {', '.join(wrong)}"] if wrong else []


def breaks_quiet(module: str, text: str) -> list[str]:
    """The language-model wing neither prints nor seeds anything globally."""
    if part_of(module) == "classroom":
        return []
    wrong = sorted(({"print"} | GLOBAL_SEEDS) & set(calls(text)))
    return [f"{module} calls {name}" for name in wrong]


def breaks_sizes(name: str, text: str) -> list[str]:
    """Long lines, functions (docstrings are free) and modules (tests may be long)."""
    lines = [re.sub(r"  # (noqa|type:).*", "", line) for line in text.splitlines()]
    broken = [
        f"{name}, line {i}: {len(line)} characters"
        for i, line in enumerate(lines, start=1)
        if len(line) > MAX_LINE
    ]
    if len(lines) > MAX_MODULE and not name.startswith("tests"):
        broken.append(f"{name}: {len(lines)} lines")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            n_lines = (node.end_lineno or 0) - node.lineno + 1
            n_lines -= len((ast.get_docstring(node, clean=False) or "").splitlines())
            if n_lines > MAX_FUNCTION:
                broken.append(f"{name}: {node.name} has {n_lines} lines")
    return broken


def breaks_once(texts: dict[str, str]) -> list[str]:
    """No name and no body is defined twice at top level."""
    names: Counter[str] = Counter()
    bodies: dict[str, str] = {}
    broken = []
    for module, text in texts.items():
        tops = [n for n in ast.parse(text).body if isinstance(n, DEFINITIONS)]
        for node in tops:
            if part_of(module) != "classroom":  # its functions are named as commands
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


PATHS = sorted((ROOT / PACKAGE).rglob("*.py"))
TEXTS = {module_name(path): path.read_text("utf-8") for path in PATHS}
OTHERS = [
    ROOT / "start.py",
    *(p for f in (".ci", "benchmarks") for p in (ROOT / f).rglob("*.py")),
    *(p for p in (ROOT / "tests").rglob("*.py") if p.parent.name != "homework"),
]
Rule = Callable[[str, str], list[str]]
RULES: list[Rule] = [breaks_floors, breaks_keeping, breaks_files, breaks_quiet]


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


def test_floors_below_the_widgets_import_without_jupyter() -> None:
    low = [m for m in TEXTS if HEIGHT.get(part_of(m), 0) < HEIGHT["widgets"]]
    assert "course_lib.train" in low
    done = imports_without_jupyter(low)
    assert done.returncode == 0, done.stderr


def test_the_import_without_jupyter_can_fail() -> None:
    done = imports_without_jupyter(["course_lib.widgets.base"])
    assert done.returncode == 1
    assert "ModuleNotFoundError: no " in done.stderr


LONG_FUNCTION = "def f():\n    '''One.\n    Two.\n    '''\n" + "    x = 1\n" * 40
FIT_FUNCTION = "def f():\n    '''One.\n    Two.\n    '''\n" + "    x = 1\n" * 38


@pytest.mark.parametrize(
    ("rule", "module", "bad"),
    [
        (breaks_floors, "course_lib.names", "from course_lib.text import fetch"),
        (breaks_floors, "course_lib.mlp", "import course_lib.train"),
        (breaks_floors, "course_lib.mlp", "def f():\n  from course_lib import plots"),
        (breaks_floors, "course_lib.mlp", "from . import plots"),
        (breaks_floors, "course_lib.train", "from course_lib.classroom import lab"),
        (breaks_floors, "course_lib.newcomer", "x = 1"),
        (breaks_keeping, "course_lib.mlp", "import matplotlib.pyplot as plt"),
        (breaks_keeping, "course_lib.plots", "from traitlets import Int"),
        (breaks_keeping, "course_lib.classroom.lab", "import pickle"),
        (breaks_files, "course_lib.mlp", "with open('x') as f: pass"),
        (breaks_files, "course_lib.mlp", "Path('x').read_text()"),
        (breaks_files, "course_lib.gpt", "torch.load('x')"),
        (breaks_quiet, "course_lib.train", "print('step')"),
        (breaks_quiet, "course_lib.train", "torch.manual_seed(1)"),
        (breaks_sizes, "any.py", "x = 1\n" * 301),
        (breaks_sizes, "any.py", "x = 1  # " + "." * 80),
        (breaks_sizes, "any.py", LONG_FUNCTION),
    ],
)
def test_each_rule_can_fail(rule: Rule, module: str, bad: str) -> None:
    assert len(rule(module, bad)) == 1


@pytest.mark.parametrize(
    ("rule", "module", "good"),
    [
        (breaks_floors, "course_lib.mlp", "from course_lib.names import encode"),
        (breaks_floors, "course_lib.world.pen", "from course_lib.world import tales"),
        (breaks_floors, "course_lib.classroom.cli", "from course_lib import train"),
        (breaks_keeping, "course_lib.plots", "from matplotlib.figure import Figure"),
        (breaks_files, "course_lib.names", "Path('x').read_bytes()"),
        (breaks_files, "course_lib.mlp", "model.load(weights)"),
        (breaks_quiet, "course_lib.mlp", "torch.Generator().manual_seed(1)"),
        (breaks_quiet, "course_lib.classroom.cli", "print('hello')"),
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
