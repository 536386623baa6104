"""What a homework is: pristine cells, reference values, and mistakes that are known.

The format lives in the text of the cells, so that it survives every editor:

    # TASK softmax forbid: softmax      opens an answer cell
    # CHECK softmax 2 points: rows      opens a check cell; it ends in a value
    SEED = 1                            another number when the homework is graded
    # NEEDS data/names.txt              a file that the homework reads
    <!-- OPEN why -->                   opens a text cell that a person reads
"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from classroom.lessons import NOTEBOOKS, ROOT, short

TASK = re.compile(r"^# *TASK +(\w+)(?: +forbid: *([\w. ]+?))?[ \t]*$", re.MULTILINE)
CHECK = re.compile(
    r"^# *CHECK +(\w+) +(\d+) +points?(?:: *(.+?))?[ \t]*$", re.MULTILINE
)
BADGES = re.compile(r"^# *BADGES\b", re.MULTILINE)
OPEN = re.compile(r"^<!-- *OPEN +(\w+) *-->", re.MULTILINE)
NEEDS = re.compile(r"^# *NEEDS +(.+?)[ \t]*$", re.MULTILINE)
SEED = re.compile(r"^SEED *= *\d+", re.MULTILINE)
PUBLIC_SEED = 1
FOLDER = ROOT / "data" / "homework"


@dataclass(frozen=True)
class Step:
    r"""A pristine cell that matters for the marks.

    >>> check = Step("check:softmax:1", "# CHECK softmax 2 points: rows\nsoftmax(x)")
    >>> check.kind, check.task, check.points, check.label
    ('check', 'softmax', 2, 'rows')
    """

    key: str
    source: str

    @property
    def kind(self) -> str:
        """`task`, `check`, `given`, `badges` or `open`."""
        return self.key.partition(":")[0]

    @property
    def task(self) -> str:
        """The task that this cell answers, checks or asks about."""
        return self.key.split(":")[1]

    @property
    def points(self) -> int:
        """What a check is worth; 0 for every other cell."""
        found = CHECK.search(self.source) if self.kind == "check" else None
        return int(found[2]) if found else 0

    @property
    def label(self) -> str:
        """What a check looks at, in the author's words; "" without any."""
        found = CHECK.search(self.source)
        return (found[3] or "") if found else ""

    @property
    def forbidden(self) -> frozenset[str]:
        """Names that the answer to this task must not use."""
        found = TASK.search(self.source) if self.kind == "task" else None
        return frozenset((found[2] or "").split()) if found else frozenset()


@dataclass(frozen=True)
class Mistake:
    """A known wrong answer: what each check prints for it, and what to say then."""

    task: str
    name: str
    hint: str
    values: dict[str, str]


@dataclass(frozen=True)
class Assignment:
    """A homework as students get it, with what its checks print for one seed.

    Attributes:
        name: `hw02`.
        title: the heading of the notebook.
        steps: the cells in order, answers empty.
        seed: the seed of `values` and of the mistakes' values.
        values: key of a check -> the text of its `Out[ ]` for the right answer.
        mistakes: the bank of mistakes, on the same seed.
        master: a hash of the master and the bank it was made from.
        prose: the text cells that ask nothing, so that a student's are known.
        second_seed: a second seed, with which `course check` runs the answers again.
        second: what the checks print for it.
        proof: the seal of the gate, see `classroom.homework.proof`.
    """

    name: str
    title: str
    steps: tuple[Step, ...]
    seed: int
    values: dict[str, str]
    mistakes: tuple[Mistake, ...]
    master: str
    prose: tuple[str, ...] = ()
    second_seed: int = 0
    second: dict[str, str] = field(default_factory=dict)
    proof: str = ""

    @property
    def checks(self) -> list[Step]:
        """The check cells, in order."""
        return [step for step in self.steps if step.kind == "check"]

    @property
    def points(self) -> int:
        """What the whole homework is worth."""
        return sum(check.points for check in self.checks)

    @property
    def needs(self) -> list[str]:
        """The files it reads, relative to the course."""
        return needed(self.steps)

    def mistakes_of(self, task: str) -> list[Mistake]:
        """The known wrong answers to one task."""
        return [mistake for mistake in self.mistakes if mistake.task == task]


def needed(steps: Sequence[Step]) -> list[str]:
    r"""The files that `# NEEDS` lines name, each once.

    >>> needed([Step("given:0", "# NEEDS data/names.txt\nSEED = 1")])
    ['data/names.txt']
    """
    lines = [found[1] for step in steps for found in NEEDS.finditer(step.source)]
    return list(dict.fromkeys(word for line in lines for word in line.split()))


def with_seed(source: str, seed: int) -> str:
    r"""The text with every `SEED = n` line set to `seed`.

    >>> with_seed("import torch\nSEED = 1", 77)
    'import torch\nSEED = 77'
    """
    return SEED.sub(f"SEED = {seed}", source)


def keys_of(cells: Sequence[tuple[str, str]]) -> list[str | None]:
    """Stable keys for the cells of a trusted notebook, None for plain prose.

    Args:
        cells: (cell type, source) in order.

    >>> keys_of([("markdown", "# Title"), ("code", "x = 1"), ("code", "# TASK f")])
    [None, 'given:0', 'task:f']
    """
    keys: list[str | None] = []
    given, checks = 0, dict[str, int]()
    for kind, source in cells:
        task, check, asks = TASK.match(source), CHECK.match(source), OPEN.match(source)
        if kind != "code":
            keys.append(f"open:{asks[1]}" if asks else None)
        elif check:
            checks[check[1]] = checks.get(check[1], 0) + 1
            keys.append(f"check:{check[1]}:{checks[check[1]]}")
        elif task:
            keys.append(f"task:{task[1]}")
        elif BADGES.match(source):
            keys.append("badges:0")
        else:
            keys.append(f"given:{given}")
            given += 1
    return keys


def to_json(assignment: Assignment) -> bytes:
    """The bytes of the assignment's file, the same in every build."""
    text = json.dumps(asdict(assignment), indent=1, ensure_ascii=False, sort_keys=True)
    return f"{text}\n".encode()


def load_assignment(name: str, folder: Path = FOLDER) -> Assignment:
    """The assignment `name`: "4", "04" and "hw04" are the same.

    Raises:
        ValueError: there is none of this name, or its file is damaged.
    """
    name = homework_name(name)
    path = folder / f"{name}.json"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in folder.glob("hw*.json"))) or "none"
        raise ValueError(f"there is no homework {name!r}; there are: {known}")
    return from_json(path.read_bytes(), path)


def from_json(content: bytes, path: Path) -> Assignment:
    """The assignment in a file's bytes.

    Raises:
        ValueError: they are damaged; `path` is named.
    """
    try:
        raw = json.loads(content)
        steps = tuple(Step(**step) for step in raw.pop("steps"))
        mistakes = tuple(Mistake(**mistake) for mistake in raw.pop("mistakes"))
        prose = tuple(raw.pop("prose", ()))
        return Assignment(steps=steps, mistakes=mistakes, prose=prose, **raw)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        where = short(path)
        raise ValueError(f"{where} is damaged ({error}); fetch it again") from error


def find_assignments(folder: Path = FOLDER) -> list[str]:
    """The names of all assignments, in order."""
    return sorted(path.stem for path in folder.glob("hw[0-9][0-9].json"))


def homework_name(word: str) -> str:
    """`hw04` for "4", "04", "hw04" or a path with hw04 in its name.

    >>> homework_name("4"), homework_name("ada_HW04-Copy1.ipynb")
    ('hw04', 'hw04')
    """
    stem = Path(word).stem.lower()
    named = re.search(r"hw\d\d", stem)
    return named[0] if named else f"hw{stem.removeprefix('hw').zfill(2)}"


def notebook_of(name: str, notebooks: Path = NOTEBOOKS) -> Path:
    """Where the homework's notebook lies in the course.

    >>> notebook_of("hw04", Path("notebooks")).as_posix()
    'notebooks/homework/hw04.ipynb'
    """
    return notebooks / "homework" / f"{name}.ipynb"


def for_seed(
    assignment: Assignment,
    seed: int,
    values: dict[str, str],
    mistakes: Sequence[Mistake],
) -> Assignment:
    """The same homework with the references of another seed."""
    return replace(assignment, seed=seed, values=values, mistakes=tuple(mistakes))
