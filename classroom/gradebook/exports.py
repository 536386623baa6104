"""Tables in the forms that Moodle, Canvas and Gradescope document.

Moodle: Grades, Import, CSV file. A column says who (email address, ID number or
username), each other column is a grade item; columns are mapped by hand on import.
    docs.moodle.org: Grade import

Canvas: Grades, Import. Student, ID, SIS User ID, SIS Login ID, Section, then the
assignments, "Title (id)" for one that exists; the second line has the points possible.
    Canvas guides: How do I import grades in the Gradebook?

Gradescope takes no grades from a file. It writes such a table (Assignments, Download
Grades), which many tools read; ours has the same columns.

Moodle takes feedback back, too: Assignment, Upload multiple feedback files in a zip.
Its files lie where the hand-ins lay in Moodle's own download.

Cells stay as the sites need them, so numbers have a point; texts cannot be formulas.
"""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import timedelta

from classroom.gradebook.book import Book
from classroom.gradebook.cells import shown
from classroom.gradebook.feedback import homework_page
from classroom.gradebook.people import Student
from classroom.gradebook.scores import Homework, Score
from classroom.homework.roster import EMAILS, FIRST, LAST
from classroom.homework.spreadsheet import safe_cell, written

CANVAS_IDS = {
    "ID": ("id",),
    "SIS User ID": ("sis user id",),
    "SIS Login ID": ("sis login id", "login id", "login", "username"),
    "Section": ("section",),
}
MOODLE_IDS = {
    "Username": ("username", "user name", "login"),
    "ID number": ("id number", "student id", "student_id", "sid"),
    "Email address": EMAILS,
}
MOODLE_FOLDER = re.compile(r"[^/_]+_\d+_assignsubmission_[a-z]+_?")
EPOCH = (1980, 1, 1, 0, 0, 0)
NUMBERS = ("sid", "student id", "student_id", "id number", "sis user id")


def moodle(book: Book) -> bytes:
    """A line a student, a column a homework, and the percentage of the term."""
    head = [*MOODLE_IDS, *map(column, book.homeworks), "Course total (percent)"]
    rows: list[list[object]] = [[*head]]
    for student in book.students:
        total = book.totals[student.id].percent
        ids = [_cell(student, names) for names in MOODLE_IDS.values()]
        ids[0] = ids[0] or ("" if any(ids) else safe_cell(student.id))
        scores = [_points(book.scores[student.id, h.name]) for h in book.homeworks]
        rows.append([*ids, *scores, "" if total is None else shown(total)])
    return written(rows)


def canvas(book: Book) -> bytes:
    """Canvas's own grade book, with a column a homework."""
    columns = [_in_canvas(homework, book.students) for homework in book.homeworks]
    worth = [shown(worth_of(book, homework)) for homework in book.homeworks]
    blanks = [""] * len(CANVAS_IDS)
    rows: list[list[object]] = [["Student", *CANVAS_IDS, *columns]]
    rows.append(["    Points Possible", *blanks, *worth])
    for student in book.students:
        ids = [_cell(student, names) for names in CANVAS_IDS.values()]
        ids[2] = ids[2] or ("" if any(ids[:2]) else safe_cell(student.id))
        name = student.line.cells.get("student") or ", ".join(_last_first(student))
        scores = [
            "EX"
            if book.scores[student.id, h.name].excused
            else _points(book.scores[student.id, h.name])
            for h in book.homeworks
        ]
        rows.append([safe_cell(name), *ids, *scores])
    return written(rows)


def gradescope(book: Book) -> bytes:
    """The columns of Gradescope's own download of all assignments."""
    head = ["First Name", "Last Name", "SID", "Email", "Sections"]
    for homework in book.homeworks:
        name = column(homework)
        ends = ("Max Points", "Submission Time", "Lateness (H:M:S)")
        head += [name, *(f"{name} - {end}" for end in ends)]
    rows: list[list[object]] = [[*head, "Total Lateness (H:M:S)"]]
    for student in book.students:
        last, first = (*_last_first(student), "")[:2]
        ids = [_cell(student, x) for x in (NUMBERS, EMAILS, ("section", "sections"))]
        ids[0] = ids[0] or safe_cell(student.id)
        row: list[object] = [safe_cell(first), safe_cell(last), *ids]
        lateness = timedelta()
        for homework in book.homeworks:
            score = book.scores[student.id, homework.name]
            late = _over(homework, score)
            lateness += late
            when = score.lateness.when
            sent = f"{when:%Y-%m-%d %H:%M:%S}" if when else ""
            worth = shown(worth_of(book, homework))
            row += [_points(score), worth, sent, _clock(late)]
        rows.append([*row, _clock(lateness)])
    return written(rows)


EXPORTS = {"moodle.csv": moodle, "canvas.csv": canvas, "gradescope.csv": gradescope}


def moodle_feedback(book: Book, homework: Homework) -> bytes:
    """A zip with each student's page in the folder that Moodle gave the student.

    Empty when the hand-ins did not come from Moodle. The same pages, the same bytes.
    """
    file, found = io.BytesIO(), False
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as pages:
        for student in book.students:
            result = book.scores[student.id, homework.name].result
            record = result.record if result else None
            folder = (record or {}).get("file", "").partition("/")[0]
            if record and MOODLE_FOLDER.fullmatch(folder):
                found = True
                name = zipfile.ZipInfo(f"{folder}/{homework.name}.html", EPOCH)
                name.compress_type = zipfile.ZIP_DEFLATED
                pages.writestr(name, homework_page(book, student, homework, True))
    return file.getvalue() if found else b""


def column(homework: Homework) -> str:
    """What a homework is called on the course site."""
    return safe_cell(homework.rules.column or homework.title)


def _in_canvas(homework: Homework, students: Sequence[Student]) -> str:
    """The same with Canvas's number, where its export in the roster tells it."""
    heads = {head for student in students[:1] for head in student.line.cells}
    title = re.escape(homework.title.lower())
    found = (re.fullmatch(rf"{title} \((\d+)\)", head) for head in heads)
    number = next((one[1] for one in found if one), "")
    alone = number and not homework.rules.column
    return safe_cell(f"{homework.title} ({number})") if alone else column(homework)


def worth_of(book: Book, homework: Homework) -> float:
    """What a homework is worth, its answers in words included."""
    assignment = homework.assignment
    questions = [step.task for step in assignment.steps if step.kind == "open"]
    words = sum(book.words.worth(homework.name, question) for question in questions)
    return assignment.points + words


def _points(score: Score) -> str:
    """The points for a site; empty for what does not count, so nothing is replaced."""
    return "" if score.excused or score.unknown else shown(score.points)


def _cell(student: Student, names: Sequence[str]) -> str:
    cells: Mapping[str, str] = student.line.cells
    return safe_cell(next((cells[name] for name in names if cells.get(name)), ""))


def _last_first(student: Student) -> list[str]:
    """[last name, first names], or one name that cannot be split surely."""
    cells = student.line.cells
    parts = [
        next((cells[n] for n in names if cells.get(n)), "") for names in (LAST, FIRST)
    ]
    if any(parts):
        return [part for part in parts if part]
    words = student.name.split()
    return [words[-1], " ".join(words[:-1])] if len(words) > 1 else words


def _over(homework: Homework, score: Score) -> timedelta:
    due, when = homework.rules.due, score.lateness.when
    return max(when - due, timedelta()) if due and when else timedelta()


def _clock(time: timedelta) -> str:
    """H:M:S, also beyond a day.

    >>> _clock(timedelta(days=1, minutes=5))
    '24:05:00'
    """
    seconds = int(time.total_seconds())
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
