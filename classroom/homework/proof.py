"""What a homework's file says of its gate: that it was open, and for which tool.

The gate runs a master and its whole bank, which takes long. So a build seals what came
out of it with a hash over three things: the file itself (with the hash of master and
bank in it), the data that the homework reads, and the code that decided. While the seal
fits, nothing that the verdict depends on has changed, but for Python and its packages.
"""

import ast
import hashlib
import json
from dataclasses import replace
from functools import cache
from pathlib import Path

from classroom.homework.assignment import Assignment, to_json
from classroom.lessons import ROOT

HERE = Path(__file__).parent
PACKAGE = "classroom.homework"
BEGINS = "author"  # the module that runs masters; what it imports decides with it


def sealed(assignment: Assignment, root: Path = ROOT) -> Assignment:
    """The same homework with a seal that says: the gate was open for this.

    Raises:
        ValueError: a file that the homework reads is missing.
    """
    return replace(assignment, proof=_seal(assignment, root))


def is_proven(assignment: Assignment, root: Path = ROOT) -> bool:
    """Is this what came out of an open gate, by the tool and data as they are now?"""
    return assignment.proof == _seal(assignment, root)


def _seal(assignment: Assignment, root: Path) -> str:
    parts = [tool_digest().encode(), to_json(replace(assignment, proof=""))]
    for name in assignment.needs:
        path = root / name
        if not path.is_file():
            raise ValueError(f"{assignment.name} reads {name}, which is not there")
        parts.append(path.read_bytes())
    hashes = [hashlib.sha256(part).digest() for part in parts]
    return hashlib.sha256(b"".join(hashes)).hexdigest()[:16]


@cache
def tool_digest(folder: Path = HERE) -> str:
    """A hash of the code that decides, without its comments and docstrings.

    It is the module `author` and all of this package that it imports, directly or not.
    """
    trees = dict[str, ast.Module]()
    waiting = [BEGINS]
    while waiting:
        name = waiting.pop()
        path = folder / f"{name}.py"
        if name not in trees and path.is_file():
            trees[name] = ast.parse(path.read_bytes())
            waiting += _imported(trees[name])
    plain = {name: _plain(tree) for name, tree in trees.items()}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _imported(tree: ast.Module) -> list[str]:
    """The modules of this package that may be meant by its imports."""
    names = list[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    inside = [name.removeprefix(f"{PACKAGE}.") for name in names if PACKAGE in name]
    return [name.partition(".")[0] for name in inside]


def plain_hash(text: bytes) -> str:
    """A hash of a module's code, without its comments and docstrings.

    >>> plain_hash(b"x = 1  # one") == plain_hash(b"x = (1)")
    True
    """
    plain = json.dumps(_plain(ast.parse(text)), sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def _plain(node: object) -> object:
    """A tree as JSON, the same by every Python: no positions, no empty fields."""
    if isinstance(node, list):
        return [_plain(one) for one in node]
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = dict(ast.iter_fields(node))
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    if isinstance(node, documented) and ast.get_docstring(node, clean=False):
        fields["body"] = node.body[1:]
    kept = {key: _plain(one) for key, one in fields.items() if one not in (None, [])}
    return {type(node).__name__: kept}
