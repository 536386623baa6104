"""Every public function of the library shows an example that runs as a doctest."""

import ast
from collections.abc import Iterator
from pathlib import Path

LIBRARY = Path(__file__).resolve().parent.parent / "course_lib"
# `World.document` shows the kinds of document; a download needs a network.
# These train for minutes, or measure what was trained so: README and tests show them.
LONG = {"prefer", "run_pipeline", "run_own", "make_shipped"}
WITHOUT = {"story", "code", "echo", "download", "measure", "manners"} | LONG


def functions_without_example(text: str) -> Iterator[str]:
    """Names of public functions whose docstring holds no `>>>`."""
    for node in ast.parse(text).body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        if ">>>" not in (ast.get_docstring(node) or ""):
            yield node.name


def test_every_public_function_shows_an_example() -> None:
    found = {
        name
        for path in LIBRARY.rglob("*.py")
        if "classroom" not in path.parts
        for name in functions_without_example(path.read_text("utf-8"))
    }
    assert found - WITHOUT == set()


def test_a_function_without_an_example_is_noticed() -> None:
    assert list(functions_without_example('def f():\n    """Do."""')) == ["f"]
