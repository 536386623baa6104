"""`course grade --only ada`, `--task softmax`: marked again, with the same seed.

For an answer that ran into a limit on a busy machine, or a check that was corrected
after the class was marked. What was recorded before goes to `history/`, never away.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from classroom.homework import author
from classroom.homework.assignment import Assignment, Step, to_json
from classroom.homework.collect import Entry
from classroom.homework.grading_run import GradingRun, Record, read_record
from classroom.homework.pages import one_line
from classroom.homework.roster import Line, find_lines
from course_lib.engine.writing import write_atomically

HISTORY = "history"


def chosen(run: GradingRun, words: Sequence[str]) -> list[Entry]:
    """The students that are meant, by the table's name, full name or file; else all.

    Raises:
        ValueError: a word names nobody, or several.
    """
    there = [entry for entry in run.entries if entry.path is not None]
    if not words:
        return there
    lines = [Line(e.student, e.name, (e.key, e.file, *e.aliases)) for e in there]
    found = list[Entry]()
    for word in words:
        hits = find_lines(lines, [word])
        if len(hits) != 1:
            who = ", ".join(one_line(line.student) for line in hits or lines[:8])
            why = "could be" if hits else "handed nothing in here; there are"
            raise ValueError(f"--only {word!r} {why} {who}")
        found.append(there[lines.index(hits[0])])
    return found


def corrected(run: GradingRun, word: str) -> GradingRun:
    """The run with one task's cells and references as the master has them now.

    Args:
        run: a run that was marked.
        word: the task, or its number in the notebook.

    Raises:
        ValueError: there is no such task, or the set-up cells have changed, too.
        LessonError: the master fails with this seed.
    """
    old = run.assignment
    tasks = list(dict.fromkeys(check.task for check in old.checks))
    if word.isdigit() and 0 < int(word) <= len(tasks):
        word = tasks[int(word) - 1]
    if word not in tasks:
        raise ValueError(
            f"--task {word!r}: the tasks of {old.name} are {', '.join(tasks)}"
        )
    master = author.read_master(author.find_masters([old.name])[old.name])
    new = author.references(master, old.seed)
    if _of_kind(old, "given") != _of_kind(new, "given"):
        both = f"the set-up cells of {old.name} have changed since"
        raise ValueError(f"{both}: mark all of it again, into another --out")
    steps = _with_task(old.steps, new.steps, word)
    values = {k: v for k, v in old.values.items() if k.split(":")[1] != word}
    values |= {k: v for k, v in new.values.items() if k.split(":")[1] == word}
    mistakes = [m for m in old.mistakes if m.task != word] + new.mistakes_of(word)
    mixed = replace(
        old,
        steps=steps,
        values=values,
        mistakes=tuple(mistakes),
        master=new.master,
    )
    return replace(run, assignment=mixed)


def _of_kind(assignment: Assignment, kind: str) -> list[str]:
    return [step.source for step in assignment.steps if step.kind == kind]


def _with_task(old: Sequence[Step], new: Sequence[Step], task: str) -> tuple[Step, ...]:
    """The old cells, those of one task replaced by the new ones."""

    def own(step: Step) -> bool:
        return step.kind in ("task", "check") and step.task == task

    # Given cells may stand between a task's checks: each check keeps its place.
    fresh = {step.key: step for step in new if own(step)}
    kept = [fresh.pop(s.key, None) if own(s) else s for s in old]
    steps = [step for step in kept if step is not None]
    last = max(i for i, step in enumerate(steps) if own(step))
    return (*steps[: last + 1], *fresh.values(), *steps[last + 1 :])


def put_aside(run: GradingRun, entries: Sequence[Entry], why: str) -> Path:
    """Copy what is recorded of these students, and the run's references, to history.

    Args:
        run: the run as it was.
        entries: who is marked again.
        why: what is done, for people.
    """
    number = 1 + sum(1 for _ in (run.folder / HISTORY).glob("[0-9]*"))
    place = run.folder / HISTORY / f"{number:03}"
    place.mkdir(parents=True, mode=0o700)
    shutil.copy2(run.folder / "run.json", place)
    for entry in entries:
        if (record := run.record_of(entry)).is_file():
            shutil.copy2(record, place)
    told = {"what": why, "students": [entry.student for entry in entries]}
    write_atomically(place / "why.json", f"{json.dumps(told, indent=1)}\n".encode())
    return place


def begin(run: GradingRun, entries: Sequence[Entry], task: str) -> GradingRun:
    """Put aside what was, and return the run to mark with; see `joined`.

    Raises:
        ValueError: nothing was marked yet; see `corrected`.
    """
    if not any(run.record_of(entry).is_file() for entry in entries):
        raise ValueError("nothing was marked here yet: leave --only and --task out")
    again = corrected(run, task) if task else run
    put_aside(run, entries, f"marked again: {task or 'all tasks'}")
    if task:
        write_atomically(run.folder / "run.json", to_json(again.assignment))
        (run.folder / "run.json").chmod(0o600)
    return again


def joined(run: GradingRun, entry: Entry, fresh: Record, task: str) -> Record:
    """The new record; with a task, only its checks are new.

    Args:
        run: what `begin` returned.
        entry: the student.
        fresh: the record of the run that has just ended.
        task: the task's name or number; "" for all.
    """
    old = read_record(run.record_of(entry))
    if not task or old is None or old["why"] or fresh["why"]:
        return fresh
    names = list(dict.fromkeys(check.task for check in run.assignment.checks))
    name = names[int(task) - 1] if task.isdigit() else task
    new = {c["key"]: c for c in fresh["checks"] if c["task"] == name}
    before = {c["key"]: c for c in old["checks"] if c["task"] != name}
    order = [check.key for check in run.assignment.checks]
    checks = [(new | before)[key] for key in order if key in new | before]
    points = sum(check["points"] for check in checks)
    return fresh | {
        "checks": checks,
        "points": points,
        "worth": sum(check["worth"] for check in checks),
        "stops": list(dict.fromkeys([*old["stops"], *fresh["stops"]])),
    }
