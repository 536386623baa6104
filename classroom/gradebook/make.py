"""`course gradebook`: all results of a term into one folder.

gradebook/decisions/     the teacher's tables: made once, never replaced
gradebook/book.html      everybody, and what to look at
gradebook/similar.html   answers that are alike
gradebook/gradebook.csv  the same table for a spreadsheet
gradebook/to_mark/       answers in words that wait, as tables to fill in
gradebook/feedback/      a folder a student, to hand back
gradebook/exports/       for course sites
gradebook/history.csv    what changed, and when: lines are only added
gradebook-key/key.csv        code names, and who is behind them: beside the book
"""

import locale
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from classroom.gradebook import decisions, exports, feedback, history, pages
from classroom.gradebook.book import Book, make_book
from classroom.gradebook.codenames import Key
from classroom.gradebook.people import People
from classroom.gradebook.runs import Run, find_runs, open_questions, read_run
from classroom.gradebook.similar import Likeness, find_alike
from classroom.gradebook.tables import Style, style_of, write_table
from classroom.gradebook.words import answers_to, text_mark
from classroom.homework.intake import close_to_others
from classroom.homework.submission import read_submission
from course_lib.engine.writing import write_atomically

FOLDER, KEY, DECISIONS = "gradebook", "gradebook-key/key.csv", "decisions"
Texts = dict[tuple[str, str], dict[str, str]]


@dataclass(frozen=True)
class Term:
    """A term's folder, opened.

    Attributes:
        folder: where the results lie.
        out: the grade book's folder in it.
        book: as results and decisions are now.
        key: code names.
        made: tables that were made just now.
    """

    folder: Path
    out: Path
    book: Book
    key: Key
    made: tuple[str, ...]


def open_term(folder: Path, language: str = "") -> Term:
    """Read everything; the teacher's tables are made where they are missing.

    Args:
        folder: with the results of `course grade`.
        language: of the spreadsheet, `en`, `de` or `fr`, for tables that are new; ""
            takes that of this computer.

    Raises:
        ValueError: there are no results, or a table cannot be read.
    """
    out = folder / FOLDER
    runs, unread = _read_runs(folder)
    close_to_others(out)
    made = decisions.begin(out / DECISIONS, style_of(language or _language()))
    told = decisions.read_decisions(out / DECISIONS)
    told.problems += unread
    close_to_others((folder / KEY).parent)
    key = Key(folder / KEY)
    book = make_book(runs, told, People(told.roster, key.codes, told.names))
    key.give([student.id for student in book.students], told.style)
    return Term(folder, out, book, key, tuple(made))


def _read_runs(folder: Path) -> tuple[list[Run], list[str]]:
    """The runs that are finished, and what is wrong with others.

    Raises:
        ValueError: there is none that can be read.
    """
    runs, problems = list[Run](), list[str]()
    for path in find_runs(folder):
        try:
            runs.append(read_run(path))
        except ValueError as error:
            problems.append(str(error))
    if not runs:
        raise ValueError(problems[0])
    return runs, problems


def _language() -> str:
    """What the spreadsheet of this computer speaks, as far as its settings tell."""
    names = ("LC_ALL", "LC_NUMERIC", "LANG")
    said = next((os.environ[name] for name in names if os.environ.get(name)), "")
    return said or locale.getlocale()[0] or "en"


def write_term(term: Term) -> dict[str, list[Likeness]]:
    """Write tables and pages; returns the pairs that are alike, by homework."""
    book, out, style = term.book, term.out, term.book.decisions.style
    alike, texts = likeness(book)
    links = _write_feedback(term)
    for homework in book.homeworks:
        for run in homework.runs:
            there = os.path.relpath(run.folder, out)
            links[run.folder.name] = f"{Path(there).as_posix()}/class.html"
    page = pages.similar_page(book, alike, texts)
    write_atomically(out / "similar.html", page)
    write_table(out / "gradebook.csv", *_table(book), style)
    for name, export in exports.EXPORTS.items():
        write_atomically(out / "exports" / name, export(book))
    for homework in book.homeworks:
        if pages_zip := exports.moodle_feedback(book, homework):
            name = f"moodle_feedback_{homework.name}.zip"
            write_atomically(out / "exports" / name, pages_zip)
    _write_to_mark(term, style)
    history.remember(book, out, style)
    write_atomically(out / "book.html", pages.book_page(book, links, alike))
    return alike


def _write_feedback(term: Term) -> dict[str, str]:
    """The students' pages; returns student -> address of the first one."""
    book, links, kept = term.book, dict[str, str](), set[Path]()
    for student in book.students:
        place = term.out / "feedback" / term.key.page_name(student.id)
        found = {place / "index.html": feedback.term_page(book, student)}
        for homework in book.homeworks:
            result = book.scores[student.id, homework.name].result
            if result is not None and result.record:
                page = feedback.homework_page(book, student, homework)
                found[place / f"{homework.name}.html"] = page
        for path, content in found.items():
            write_atomically(path, content)
        kept |= found.keys()
        links[student.id] = f"feedback/{place.name}/index.html"
    for old in {*(term.out / "feedback").glob("*/*.html")} - kept:
        old.unlink()  # of a student whom the roster calls otherwise now
        if not any(old.parent.iterdir()):
            old.parent.rmdir()
    return links


def _table(book: Book) -> tuple[list[str], list[list[object]]]:
    """The book as a table: points, what is special, percent and grade."""
    head = ["student", "name"]
    for homework in book.homeworks:
        head += [homework.name, f"{homework.name} of", f"{homework.name} notes"]
    rows: list[list[object]] = []
    for student in book.students:
        row: list[object] = [student.id, student.name]
        for homework in book.homeworks:
            score = book.scores[student.id, homework.name]
            notes = list(feedback.notes_of(score))
            notes += ["does not count: among the worst"] if score.dropped else []
            hidden = score.excused or score.unknown
            row += [None if hidden else score.points, score.worth, "; ".join(notes)]
        total = book.totals[student.id]
        rows.append([*row, total.percent, total.grade, total.open])
    return [*head, "total percent", "grade", "something waits for a mark"], rows


def _write_to_mark(term: Term, style: Style) -> None:
    """Answers that wait, as tables: fill in points, put the file with the decisions."""
    place, book = term.out / "to_mark", term.book
    anonymous = book.decisions.is_on("anonymous")
    kept = set[Path]()
    for homework in book.homeworks:
        for question in open_questions(homework.assignment):
            scores = [book.scores[s.id, homework.name] for s in book.students]
            rows = [
                (
                    *(homework.name, question),
                    term.key.of(one.student) if anonymous else one.student,
                    *("", "", "", text_mark(one.text), one.text),
                )
                for one in answers_to(book.words, scores, question)
                if one.text and (one.mark is None or not one.mark.counts or one.stale)
            ]
            if rows:
                path = place / f"words-{homework.name}-{question}.csv"
                head = (*decisions.HEADS["words.csv"], "what was written")
                write_table(path, head, sorted(rows), style)
                kept.add(path)
    for old in {*place.glob("words-*.csv")} - kept:
        old.unlink()


def likeness(book: Book) -> tuple[dict[str, list[Likeness]], Texts]:
    """(homework -> pairs that are alike, (homework, student) -> task -> answer)."""
    alike, texts = dict[str, list[Likeness]](), Texts()
    for homework in book.homeworks:
        steps = homework.assignment.steps
        given = {s.task: s.source for s in steps if s.kind in ("task", "open")}
        own = dict(_answers(book, homework.name, given))
        texts |= {(homework.name, who): answers for who, answers in own.items()}
        questions = [*open_questions(homework.assignment)]
        alike[homework.name] = find_alike(own, given, questions)
    return alike, texts


def _answers(
    book: Book, homework: str, given: Mapping[str, str]
) -> Iterator[tuple[str, dict[str, str]]]:
    """(student, task or question -> what was handed in), of whom there is a file."""
    for student in book.students:
        result = book.scores[student.id, homework].result
        if result is None or result.file is None or result.record is None:
            continue
        try:
            cells = read_submission(result.file)
        except ValueError:
            continue
        found: dict[str, str] = {}
        for cell in cells:
            kind, _, task = (cell.key or "").partition(":")
            source = cell.source
            if kind == "task" and source.strip() != given.get(task, "").strip():
                found[task] = f"{found[task]}\n{source}" if task in found else source
        opens = result.record["opens"].items()
        found |= {name: text for name, text in opens if text}
        if found:
            yield student.id, found
