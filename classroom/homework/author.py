"""From a master to a homework: `source/hwNN_topic.py` -> notebook and assignment.

The master holds the solutions. It is tried with several seeds, and refused unless every
check ends in a value that depends on the seed, no check passes on the empty answer, the
bank's wrong answers fail and its right ones pass, and what passes a check with the
public seed passes it with every other one.
"""

import ast
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat

from classroom import build
from classroom.homework import bank as banks
from classroom.homework import gate
from classroom.homework.assignment import (
    PUBLIC_SEED,
    SEED,
    Assignment,
    Step,
    for_seed,
    homework_name,
    keys_of,
)
from classroom.homework.trial import Trial, Variant, run_trials
from classroom.kernel import Notebook
from classroom.lessons import NOTEBOOKS, PACKAGES, LessonError, short

SEEDS = (PUBLIC_SEED, 20, 4711)
MORE_SEEDS, MORE_S = range(101, 114), 60  # for the master alone, as far as time allows
TASKS = range(3, 6)
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
IMPORT = re.compile(rf"^\s*(?:from|import)\s+({'|'.join(PACKAGES)})\b", re.MULTILINE)
STUB = 'raise NotImplementedError("write your answer here")'
BADGES = """\
# BADGES  run this cell first: every check then says at once whether it passes
try:
    from classroom.homework.badges import watch
    watch("{name}")
except ImportError:
    print("The course is not installed here: compare the outputs yourself.")"""


@dataclass(frozen=True)
class Master:
    """A homework's source and bank, read but not run.

    Attributes:
        name: `hw02`.
        path: the source.
        notebook: its cells, with solutions.
        steps: those of its cells that count, with solutions.
        bank: right and wrong answers.
        digest: a hash of both texts.
    """

    name: str
    path: Path
    notebook: Notebook
    steps: tuple[Step, ...]
    bank: tuple[banks.Answer, ...]
    digest: str

    @property
    def title(self) -> str:
        """The heading of the notebook."""
        found = build.HEADING.search(self.notebook.cells[0].source)
        return found[1] if found else self.name


def find_masters(
    wanted: Sequence[str] = (), notebooks: Path = NOTEBOOKS
) -> dict[str, Path]:
    """Name -> source of every homework, or of those wanted.

    Raises:
        ValueError: a wanted one has no master.
    """
    sources = sorted((notebooks / "source").glob("hw[0-9][0-9]_*.py"))
    masters = {path.stem[:4]: path for path in sources}
    names = [homework_name(word) for word in wanted] or list(masters)
    for name in names:
        if name not in masters:
            known = ", ".join(masters) or "none"
            raise ValueError(f"{name} has no master; masters: {known}")
    return {name: masters[name] for name in names}


def read_master(path: Path, folder: Path = banks.FOLDER) -> Master:
    """Read a master and its bank.

    Raises:
        LessonError: either is missing or malformed.
    """
    name = path.stem[:4]
    notebook = build.read_source(path)
    badges = nbformat.v4.new_code_cell(BADGES.format(name=name), id="badges")
    badges.metadata.line = notebook.cells[0].metadata.line
    notebook.cells.insert(1, badges)
    cells = [(cell.cell_type, cell.source) for cell in notebook.cells]
    pairs = zip(keys_of(cells), cells, strict=True)
    steps = tuple(Step(key, source) for key, (_, source) in pairs if key)
    answers = banks.load_bank(name, folder)
    texts = path.read_bytes() + (folder / f"{name}.py").read_bytes()
    digest = hashlib.sha256(texts).hexdigest()[:16]
    master = Master(name, path, notebook, steps, tuple(answers), digest)
    faults = list(_form_faults(master))
    if faults:
        raise LessonError(short(path), "\n".join(faults))
    return master


def strip_solution(source: str) -> str:
    r"""The text with each solution replaced by a stub, or by the `# ~ ` lines below it.

    >>> print(strip_solution("def f(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n"
    ...     "    ### END SOLUTION\n    # ~ return x + x + x"))
    def f(x):
        return x + x + x
    """
    kept: list[str] = []
    inside = False
    pending = ""
    for line in source.split("\n"):
        broken = re.match(r"(\s*)# ~ ?(.*)", line)
        if pending and not broken:
            kept.append(pending)
        if BEGIN in line:
            inside = True
        elif END in line:
            inside = False
            pending = f"{line[: line.index(END)]}{STUB}"
            continue
        elif not inside:
            kept.append(f"{broken[1]}{broken[2]}" if broken else line)
        pending = ""
    return "\n".join([*kept, *([pending] if pending else [])])


def _form_faults(master: Master) -> Iterator[str]:
    """What can be seen without running it."""
    tasks = [step.task for step in master.steps if step.kind == "task"]
    checked = {step.task for step in master.steps if step.kind == "check"}
    if len(tasks) not in TASKS:
        yield f"has {len(tasks)} tasks, use {TASKS[0]} to {TASKS[-1]}"
    if len(set(tasks)) < len(tasks):
        yield f"a task is there twice: {tasks}"
    if set(tasks) != checked:
        yield f"tasks {sorted(tasks)}, but checks for {sorted(checked)}"
    if not any(step.kind == "open" for step in master.steps):
        yield "has no open question: a text cell that begins <!-- OPEN name -->"
    first = next((s for s in master.steps if s.kind == "given"), None)
    if first is None or not SEED.search(first.source):
        yield "the first code cell has no line SEED = 1"
    yield from _bank_faults(master.bank, tasks)
    seen: set[str] = set()
    for step in master.steps:
        yield from (f"{step.key}: {why}" for why in _cell_faults(step, seen))
        seen |= {step.task} if step.kind == "task" else set()


def _bank_faults(bank: Sequence[banks.Answer], tasks: list[str]) -> Iterator[str]:
    for answer in bank:
        if answer.task not in tasks:
            yield f"the bank answers a task that is not there: {answer.title}"
    for task in tasks:
        own = [answer for answer in bank if answer.task == task]
        if sum(a.right for a in own) < 2 or sum(not a.right for a in own) < 3:
            yield f"{task}: the bank needs 3 wrong and 2 right answers at least"


def _cell_faults(step: Step, seen: set[str]) -> Iterator[str]:
    if step.kind == "open":
        return
    try:
        tree = ast.parse(step.source)
    except SyntaxError as error:
        yield f"not Python: {error}"
        return
    imports = IMPORT.search(step.source)
    if imports and step.kind != "badges":
        yield f"imports {imports[1]}, which holds solutions"
    if step.kind == "task" and (BEGIN not in step.source or END not in step.source):
        yield f"has no {BEGIN} ... {END}"
    if step.kind != "check":
        return
    if step.task not in seen:
        yield "stands above its task"
    calls = [n.func for n in ast.walk(tree) if isinstance(n, ast.Call)]
    if {getattr(call, "id", "") for call in calls} & {"print", "display"}:
        yield "prints: end it with the value itself"
    elif not isinstance(tree.body[-1], ast.Expr):
        yield "does not end in a value: the last line must be an expression"


def try_master(
    master: Master, seeds: Sequence[int] = SEEDS
) -> tuple[Assignment, list[Trial], list[banks.Score]]:
    """Run a master, its stubs and its bank, and apply the gate.

    Returns:
        The assignment for the first seed, the trials, and the bank's score per seed.

    Raises:
        LessonError: the gate is shut; the text has one line per reason.
    """
    stubs = [
        Variant(f"{step.task}: stub", step.task, strip_solution(step.source))
        for step in master.steps
        if step.kind == "task"
    ]
    answers = [answer.variant for answer in master.bank]
    try:
        trials = run_trials(master.steps, seeds, [*stubs, *answers])
    except (RuntimeError, ValueError) as error:
        raise LessonError(short(master.path), str(error)) from error
    faults = [fault for trial in trials for fault in gate.trial_faults(trial)]
    if not faults:
        faults = [*gate.seed_faults(trials), *gate.stub_faults(trials, stubs)]
    if faults:
        raise LessonError(short(master.path), "\n".join(dict.fromkeys(faults)))
    assignments = [_assignment(master, trial) for trial in trials]
    pairs = zip(trials, assignments, strict=True)
    scores = [banks.score_bank(master.bank, t, a) for t, a in pairs]
    problems = [line for score in scores for line in score.problems]
    if problems:
        raise LessonError(short(master.path), "\n".join(dict.fromkeys(problems)))
    first, *others = assignments
    if others:
        second = others[0]
        first = replace(first, second_seed=second.seed, second=second.values)
    return first, trials, scores


def refuse_luck(master: Master, trials: Sequence[Trial]) -> None:
    """See that nothing passes a check only because of the seed.

    No constant may pass with two of many seeds, and no wrong answer of the bank with
    the public seed if it fails with another.

    Args:
        master: the homework.
        trials: of several seeds, the public one first, with the bank.

    Raises:
        LessonError: something does; the text names the checks.
    """
    n_more = int(MORE_S / max(0.1, *(trial.seconds for trial in trials)))
    try:
        more = run_trials(master.steps, MORE_SEEDS[:n_more])
    except RuntimeError as error:
        raise LessonError(short(master.path), str(error)) from error
    faults = [*gate.seed_faults([*trials, *more])]
    faults += gate.public_faults(master.bank, trials)
    if faults:
        raise LessonError(short(master.path), "\n".join(dict.fromkeys(faults)))


def references(master: Master, seed: int) -> Assignment:
    """The homework with the values and mistakes of another seed.

    Raises:
        LessonError: the master fails with this seed.
    """
    answers = [answer.variant for answer in master.bank if answer.hint]
    try:
        (trial,) = run_trials(master.steps, [seed], answers)
    except (RuntimeError, ValueError) as error:
        raise LessonError(short(master.path), str(error)) from error
    faults = list(gate.trial_faults(trial))
    if faults:
        raise LessonError(short(master.path), "\n".join(faults))
    return _assignment(master, trial)


def _assignment(master: Master, trial: Trial) -> Assignment:
    values = {key: outcome.text for key, outcome in trial.outcomes[""].items()}
    steps = tuple(Step(s.key, strip_solution(s.source)) for s in master.steps)
    cells = [(cell.cell_type, cell.source) for cell in master.notebook.cells]
    keyed = zip(keys_of(cells), cells, strict=True)
    prose = tuple(source.strip() for key, (_, source) in keyed if key is None)
    empty = Assignment(
        master.name, master.title, steps, 0, {}, (), master.digest, prose
    )
    return for_seed(empty, trial.seed, values, banks.learn_mistakes(master.bank, trial))
