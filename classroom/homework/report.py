"""What a grading run leaves for people: `grades.csv`, `grades.json`, pages.

All is made from the records, one at a time, and can be made again at any time.
"""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from classroom.homework.assignment import Step
from classroom.homework.collect import Entry
from classroom.homework.grade import NO_TROUBLES, UNMARKED, new_record, record_of
from classroom.homework.grading_run import GradingRun, Record, read_record
from classroom.homework.intake import file_name
from classroom.homework.pages import class_page, student_page
from classroom.homework.spreadsheet import safe_cell
from course_lib.engine.writing import write_atomically


def write_reports(
    run: GradingRun, troubles: Mapping[str, str] = NO_TROUBLES
) -> list[Record]:
    """Write everything; returns one short record a student.

    The class page comes last: when it is there, the run's seed is out.

    Args:
        run: the run, marked as far as it could be.
        troubles: see `grade.grade_all`.
    """
    twins = _twins(run)
    rows = []
    for entry in run.entries:
        row, page = _row(run, entry, troubles)
        write_atomically(run.folder / "feedback" / row["page"], page)
        if same := twins.get(row["student"]):  # for the teacher's eyes
            row["notes"] += [f"the very same file as {', '.join(same)}"]
        rows.append(row)
    pages = {row["page"] for row in rows}
    for old in (run.folder / "feedback").glob("*.html"):
        if old.name not in pages:  # of a student whom the roster calls otherwise now
            old.unlink()
    checks = {check_name(check): check.label for check in run.assignment.checks}
    worth = run.assignment.points
    write_atomically(run.folder / "grades.csv", _csv(run, rows, [*checks]))
    write_atomically(run.folder / "grades.json", _json(run, rows))
    page = class_page(run.assignment.title, rows, checks, worth)
    write_atomically(run.folder / "class.html", page)
    return rows


def _row(
    run: GradingRun, entry: Entry, troubles: Mapping[str, str]
) -> tuple[Record, bytes]:
    """A student's short record and page, whatever is in the long one."""
    try:
        record = record_of(run, entry, troubles)
        page = student_page(record, run.assignment.title)
        return brief(record, entry.key), page
    except Exception as error:  # the others get their pages
        why = f"{UNMARKED}: {type(error).__name__}: {error}"
        lost = new_record(run, entry, why)
        return brief(lost, entry.key), student_page(lost, run.assignment.title)


def brief(record: Record, key: str = "") -> Record:
    """What the tables need of a record.

    Args:
        record: of a student.
        key: the student as the files tell, which names the record.
    """
    passed = {
        f"{check['task']} {check['key'].split(':')[2]}": check["points"]
        == check["worth"]
        for check in record["checks"]
    }
    names = ("student", "name", "points", "worth", "why", "late", "stops")
    short: dict[str, Any] = {name: record[name] for name in names}
    answered = {name: bool(text) for name, text in record["opens"].items()}
    page = f"{file_name(record['student'])}.html"
    hints = [[check["task"], check["hint"]] for check in record["checks"]]
    return short | {
        "key": key,
        "hints": [hint for i, hint in enumerate(hints) if hint not in hints[:i]],
        "notes": list(record["notes"]),
        "passed": passed,
        "answered": answered,
        "seconds": record["seconds"],
        "page": page,
    }


def check_name(check: Step) -> str:
    """`softmax 1`, unique in a homework."""
    return f"{check.task} {check.key.split(':')[2]}"


def _twins(run: GradingRun) -> dict[str, list[str]]:
    """Student -> others whose file has the same bytes."""
    groups: defaultdict[Any, list[str]] = defaultdict(list)
    for entry in run.entries:
        record = read_record(run.record_of(entry))
        if entry.path and record and not record.get("blank", True):
            groups[record.get("digest")].append(entry.student)
    return {
        student: [other for other in group if other != student]
        for group in groups.values()
        if len(group) > 1
        for student in group
    }


def _csv(run: GradingRun, rows: list[Record], checks: list[str]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    opens = [step.task for step in run.assignment.steps if step.kind == "open"]
    head = ["student", "name", "points", "worth", *checks]
    writer.writerow([*head, *opens, "late", "notes", "seconds", "seed"])
    worth = {check_name(c): c.points for c in run.assignment.checks}
    for row in rows:
        texts = [row["why"], *row["notes"], *(f"stopped: {s}" for s in row["stops"])]
        writer.writerow(
            [
                *(safe_cell(row["student"]), safe_cell(row["name"])),
                *(row["points"], row["worth"]),
                *(worth[c] if row["passed"].get(c) else 0 for c in checks),
                *("written" if row["answered"].get(o) else "" for o in opens),
                "late" if row["late"] else "",
                safe_cell("; ".join(text for text in texts if text)),
                *(row["seconds"], run.assignment.seed),
            ]
        )
    return ("\ufeff" + file.getvalue()).encode()


def _json(run: GradingRun, rows: list[Record]) -> bytes:
    assignment = run.assignment
    facts = {
        "homework": assignment.name,
        "title": assignment.title,
        "master": assignment.master,
        "seed": assignment.seed,
        "worth": assignment.points,
        "students": rows,
    }
    return f"{json.dumps(facts, indent=1, sort_keys=True)}\n".encode()
