"""Which names does an answer use? Those that its functions reach, and no others.

Cells are read in the order in which they run, and never run. A name leads to what it
was bound to: a function to the names in its body, a helper to what it is made of. What
merely stands beside an answer (a try-out, a plot, a comparison with torch) is reached
by nothing. It is a look at the text: it teaches, it does not protect.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

# More than any honest notebook has: what lies beyond is not read.
MOST_SIGNS, MOST_STATEMENTS, MOST_BINDINGS = 1_000_000, 20_000, 100
LONGEST, MOST_MAGICS, MOST_CELLS = 20_000, 50, 40  # for IPython's slow reading
BY_TEXT = {  # what reaches a name without writing it
    *("globals", "setattr", "vars", "__dict__", "__import__", "import_module"),
    *("exec", "eval", "run_cell", "user_ns", "__getattribute__"),
}
RUN_TEXT = {"eval", "exec", "compile"}  # re.compile and model.eval are others
PYTHON_MAGICS = {"time", "timeit", "capture", "prun", "python", "debug"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError, RuntimeError)


@dataclass(eq=False)
class Binding:
    """What a name was bound to.

    Attributes:
        ours: does it stand in one of the homework's own cells?
        uses: attributes, parts of imports, names that nobody had bound.
        made_of: what it looked up when it was made, by name.
        looks_up: the names that it looks up when it is called.
    """

    ours: bool
    uses: set[str] = field(default_factory=set)
    made_of: dict[str, list["Binding"]] = field(default_factory=dict)
    looks_up: set[str] = field(default_factory=set)


class Names:
    r"""All that the cells read so far have bound.

    >>> names = Names()
    >>> names.read("S = lambda x: torch.softmax(x, -1)", ours=False)
    True
    >>> names.read("def f(x):\n    return S(x)\nf(x).gelu()", ours=False)
    True
    >>> sorted(names.used_by({"f"}))
    ['softmax', 'torch']
    """

    def __init__(self) -> None:
        self.bound: dict[str, list[Binding]] = {}
        self.by_text: set[str] = set()
        """Words of the student's cells that can reach any name unseen."""
        self.signs, self.statements, self.cells = 0, 0, 0

    def read(self, source: str, *, ours: bool) -> bool:
        """Read a cell; False when it is too long or deep, so that nothing is known.

        A cell with an error in it binds nothing: it cannot run either.
        """
        self.signs += len(source)
        if self.signs > MOST_SIGNS or self.statements > MOST_STATEMENTS:
            return False
        try:
            for nodes, certain in _statements(self._parse(source)):
                self.statements += 1
                if self.statements > MOST_STATEMENTS:
                    return False
                self._bind(_Look(nodes), certain=certain or ours, ours=ours)
        except SyntaxError:
            return self._cannot_run(source)
        except UNREADABLE:
            return False
        return True

    def _cannot_run(self, source: str) -> bool:
        """Is it an error for IPython, too, whatever it may be to us?"""
        lines = [line for line in source.splitlines() if line.strip(" #")]
        word = lines[0].split()[0] if len(lines) == 1 else ""
        return word not in PYTHON_MAGICS  # a line alone is a magic without its sign

    def _parse(self, source: str) -> list[ast.stmt]:
        try:
            return ast.parse(source).body
        except SyntaxError as error:
            magics = sum(source.count(sign) for sign in "%!?")
            if (
                len(source) > LONGEST
                or magics > MOST_MAGICS
                or self.cells >= MOST_CELLS
            ):
                raise ValueError("too long for IPython's reading") from error
        from IPython.core.inputtransformer2 import TransformerManager

        self.cells += 1
        manager = TransformerManager()  # type: ignore[no-untyped-call]
        body = ast.parse(manager.transform_cell(source)).body
        parts: list[ast.stmt] = []
        for statement in body:
            text = _in_magic(statement)
            parts += self._parse(text) if text else [statement]
        return parts

    def _bind(self, look: "_Look", *, certain: bool, ours: bool) -> None:
        if not ours:
            self.by_text |= BY_TEXT & (look.uses | look.now | look.late)
        found = Binding(ours, look.uses, {}, look.late - look.own)
        for name in look.now - look.own:
            found.made_of[name] = list(self.bound.get(name, []))
        for name in look.bound | look.changed:
            before = self.bound.get(name, [])
            sure = certain and name not in look.changed
            self.bound[name] = [found] if sure else [*before, found][-MOST_BINDINGS:]

    def used_by(self, roots: Iterable[str]) -> set[str]:
        """The names that the student's code behind `roots` uses, and does not define.

        What the homework itself defines counts as used; its own code is passed through.
        """
        used: set[str] = set()
        waiting = [one for name in roots for one in self.bound.get(name, [])]
        seen: set[int] = set()
        while waiting:
            one = waiting.pop()
            if id(one) in seen:
                continue
            seen.add(id(one))
            reached = {name: self.bound.get(name, []) for name in one.looks_up}
            for name, targets in (*one.made_of.items(), *reached.items()):
                waiting += targets
                if not one.ours and all(target.ours for target in targets):
                    used.add(name)
            if not one.ours:
                used |= one.uses
        return used


def _in_magic(statement: ast.stmt) -> str:
    """The Python text inside `%time ...` or below `%%time`; "" for all else."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    function = call.func if isinstance(call, ast.Call) else None
    if not isinstance(function, ast.Attribute) or not isinstance(call, ast.Call):
        return ""
    text = call.args[-1] if call.args else None
    if function.attr not in ("run_cell_magic", "run_line_magic"):
        return ""
    name = call.args[0]
    if not isinstance(name, ast.Constant) or name.value not in PYTHON_MAGICS:
        return ""
    return str(text.value) if isinstance(text, ast.Constant) else ""


def _statements(body: Sequence[ast.stmt]) -> Iterator[tuple[list[ast.AST], bool]]:
    """The simple statements in order, each with: is it sure to run?"""
    waiting: list[tuple[ast.AST, bool]] = [(node, True) for node in reversed(body)]
    while waiting:
        node, certain = waiting.pop()
        blocks = [part for name in BLOCKS for part in _listed(node, name)]
        if not blocks or isinstance(node, DEFINITIONS):
            yield [node], certain and not isinstance(node, ast.AugAssign)
            continue
        yield [x for x in ast.iter_child_nodes(node) if x not in blocks], False
        waiting += [(part, False) for part in reversed(blocks)]


def _listed(node: ast.AST, name: str) -> list[ast.AST]:
    value = getattr(node, name, None)
    return value if isinstance(value, list) else []


class _Look:
    """The names in a statement, by what is done with them.

    Attributes:
        uses: attributes and imports.
        now: looked up when the statement runs.
        late: looked up when a function in it is called.
        own: names of its functions, of no interest outside.
        bound: what it binds in the notebook.
        changed: what it changes, or binds from inside a function.
    """

    def __init__(self, nodes: Sequence[ast.AST]) -> None:
        self.uses, self.now, self.late = set[str](), set[str](), set[str]()
        self.own, self.bound, self.changed = set[str](), set[str](), set[str]()
        self._of_self: set[str] = set()
        self._methods: set[str] = set()
        waiting = [(node, False, False) for node in nodes]
        while waiting:
            node, late, local = waiting.pop()
            self._note(node, late, local)
            inside = late or isinstance(node, FUNCTIONS)
            deeper = local or isinstance(node, (*FUNCTIONS, ast.ClassDef))
            waiting += [(x, inside, deeper) for x in ast.iter_child_nodes(node)]
        self.uses |= self._of_self - self._methods
        self.own -= self.changed

    def _note(self, node: ast.AST, late: bool, local: bool) -> None:
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                (self.late if late else self.now).add(node.id)
            else:
                (self.own if local else self.bound).add(node.id)
        elif isinstance(node, ast.Attribute | ast.Subscript):
            self._note_part(node, local)
        elif isinstance(node, DEFINITIONS):
            (self.own if local else self.bound).add(node.name)
            self._methods |= {node.name} if local else set()
        elif isinstance(node, ast.Import | ast.ImportFrom):
            self._note_import(node, local)
        else:
            self._note_rest(node)

    def _note_rest(self, node: ast.AST) -> None:
        if isinstance(node, ast.arg):
            self.own.add(node.arg)
        elif isinstance(node, ast.Global):
            self.changed |= set(node.names)
        elif isinstance(node, ast.comprehension):
            names = (x for x in ast.walk(node.target) if isinstance(x, ast.Name))
            self.own |= {x.id for x in names}
        elif isinstance(node, ast.Call) and len(node.args) > 1:
            word = node.args[1]
            if isinstance(node.func, ast.Name) and node.func.id == "getattr":
                text = word.value if isinstance(word, ast.Constant) else ""
                self.uses.add(str(text))

    def _note_part(self, node: ast.Attribute | ast.Subscript, local: bool) -> None:
        base = node.value.id if isinstance(node.value, ast.Name) else ""
        load = isinstance(node.ctx, ast.Load)
        if not load and not local and base:
            self.changed.add(base)
        if not isinstance(node, ast.Attribute):
            return
        if base in ("self", "cls"):
            (self._of_self if load else self._methods).add(node.attr)
        elif node.attr not in RUN_TEXT or base in ("builtins", "__builtins__"):
            self.uses.add(node.attr)

    def _note_import(self, node: ast.Import | ast.ImportFrom, local: bool) -> None:
        module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
        for alias in node.names:
            plain = isinstance(node, ast.Import) and not alias.asname
            path = f"{module}.{alias.name}"
            parts = [alias.name.partition(".")[0]] if plain else path.split(".")
            self.uses |= set(parts)
            (self.own if local else self.bound).add(alias.asname or parts[-1])


def same_names(used: Iterable[str], forbidden: Iterable[str]) -> list[str]:
    """The used names that are forbidden; `Softmax` and `_softmax` are `softmax`, too.

    >>> same_names({"LogSoftmax", "exp"}, {"softmax", "log_softmax"})
    ['LogSoftmax']
    """
    banned = {name.lower().replace("_", "") for name in forbidden}
    return sorted(name for name in used if name.lower().replace("_", "") in banned)


def free_names(source: str) -> set[str]:
    """The names that a trusted cell looks up, and does not bind in its functions.

    >>> sorted(free_names("[f(x) for x in names]"))
    ['f', 'names']
    """
    look = _Look(ast.parse(source).body)
    return (look.now | look.late) - look.own


def bound_names(source: str) -> set[str]:
    """The names that a trusted cell binds.

    >>> sorted(bound_names("def f(x): return x"))
    ['f']
    """
    return _Look(ast.parse(source).body).bound
