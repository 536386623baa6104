"""The ledger of a lesson: how many facts its cells prove while they run."""

import ast

from classroom.kernel import Notebook


def count_facts(notebook: Notebook) -> int:
    """The `assert` statements and `assert_...` calls in a notebook's code cells."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return sum(count_facts_in(cell.source) for cell in cells)


def count_facts_in(code: str) -> int:
    """The same for one cell; a statement in a loop counts once.

    >>> count_facts_in("assert x > 0; torch.testing.assert_close(x, y); print(x)")
    2
    """
    try:
        tree = ast.parse(code)
    except SyntaxError:  # a line for IPython, such as %matplotlib
        return 0
    return sum(isinstance(n, ast.Assert) or _asserts(n) for n in ast.walk(tree))


def _asserts(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else None
    name = function.id if isinstance(function, ast.Name) else name
    return name is not None and name.startswith("assert_")
