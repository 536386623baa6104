"""What a student gets back: a folder of pages, with every decision and its reason."""

from collections.abc import Iterator, Mapping
from typing import Any

from classroom.gradebook.book import Book
from classroom.gradebook.cells import shown
from classroom.gradebook.people import Student
from classroom.gradebook.runs import question_text
from classroom.gradebook.scores import Homework, Part, Score
from classroom.homework.pages import MAX_WORDS, check_row, escape, page_of

STYLE = """
ul.rubric { list-style: none; padding: 0; }
s { opacity: .75; }
blockquote { border-left: 6px solid #0072B2; margin: .5rem 0; padding: .1rem 1rem; }
"""


def term_page(book: Book, student: Student) -> bytes:
    """A student's term: every homework, what counts, and the total so far."""
    total = book.totals[student.id]
    body = [f"<h1>{escape(student.name)}</h1>"]
    if total.percent is not None:
        so_far = " so far; something still waits for a mark" if total.open else ""
        grade = f", grade {escape(total.grade)}" if total.grade else ""
        body.append(f"<p><b>{total.percent:.1f} %</b>{grade}{so_far}.</p>")
    body.append("<table><tr><th>homework</th><th class='points'>points</th>")
    body.append("<th class='points'>percent</th><th>notes</th></tr>")
    for homework in book.homeworks:
        body.append(_term_row(homework, book.scores[student.id, homework.name]))
    body.append("</table>")
    if few := book.decisions.drop_worst:
        which = "homework" if few == 1 else f"{few} homeworks"
        body.append(f"<p>The worst {which} (struck through) will not count.</p>")
    return page_of(student.name, body, STYLE)


def _term_row(homework: Homework, score: Score) -> str:
    name = escape(homework.title)
    if score.result and score.result.record:
        name = f'<a href="{homework.name}.html">{name}</a>'
    points = f"{shown(score.points)} / {shown(score.worth)}"
    percent = "" if score.percent is None else f"{score.percent:.0f} %"
    if score.excused:
        points = "excused"
    elif score.unknown:
        points = "not marked yet"
    if score.dropped:
        points, percent = f"<s>{points}</s>", f"<s>{percent}</s>"
    return (
        f'<tr><td>{name}</td><td class="points">{points}</td><td class="points">'
        f"{percent}</td><td>{escape('; '.join(notes_of(score)))}</td></tr>"
    )


def notes_of(score: Score) -> Iterator[str]:
    """What is special about a homework, for the student."""
    if score.whole:
        yield score.whole.reason
    elif score.result is None or (not score.result.record and not score.unknown):
        yield score.result.why if score.result else "nothing was handed in"
    if score.lateness.percent and not score.whole:
        yield f"{score.lateness.note}: {shown(score.lateness.percent)} % off"
    for name in score.waiting:
        yield f"{name} waits for a mark"


def homework_page(
    book: Book, student: Student, homework: Homework, alone: bool = False
) -> bytes:
    """One homework: checks and hints, points by hand, words and their marks.

    Args:
        book: the term.
        student: who gets it.
        homework: which.
        alone: does it come without the page of the term?
    """
    score = book.scores[student.id, homework.name]
    assert score.result is not None
    record: Mapping[str, Any] = score.result.record or {}
    body = [] if alone else ['<p><a href="index.html">All homeworks</a></p>']
    body.append(f"<h1>{escape(homework.title)}</h1>")
    total = f"{shown(score.points)} of {shown(score.worth)} points"
    body.append(f"<p>{escape(student.name)}: <b>{total}</b></p>")
    notes = list(notes_of(score))
    if notes:
        body += ["<ul>", *(f"<li>{escape(note)}</li>" for note in notes), "</ul>"]
    body += _by_hand(score)
    body.append("<h2>Checks</h2><table><tr><th>task</th>")
    body.append('<th>looks at</th><th class="points">points</th><th>hint</th></tr>')
    body += [check_row(check) for check in record["checks"]]
    body.append("</table>")
    body += _remarks(record)
    body += _words(book, homework, score, record["opens"])
    body.append(
        f"<p>Marked with <code>SEED = {record['seed']}</code>: put this number into "
        "your notebook to see the same values.</p>"
    )
    return page_of(f"{homework.title}: {student.name}", body, STYLE)


def _by_hand(score: Score) -> Iterator[str]:
    """The points that a teacher changed, and why."""
    changed = [part for part in score.parts if part.automatic is not None]
    if changed:
        yield "<h2>Points by hand</h2><table><tr><th>task</th>"
        yield '<th class="points">checks</th><th class="points">counts</th>'
        yield "<th>reason</th></tr>"
    for part in changed:
        yield f'<tr><td>{escape(part.name)}</td><td class="points">'
        yield f"{shown(part.automatic or 0.0)} / {shown(part.worth)}</td>"
        yield f'<td class="points"><b>{shown(part.points or 0.0)}</b></td>'
        yield f"<td>{escape(part.reason)}</td></tr>"
    if changed:
        yield "</table>"


def _remarks(record: Mapping[str, Any]) -> Iterator[str]:
    remarks = [*record["notes"], *(f"stopped: {stop}" for stop in record["stops"])]
    if remarks:
        yield "<h2>Notes</h2><ul>"
        yield from (f"<li>{escape(remark)}</li>" for remark in remarks)
        yield "</ul>"


def _words(
    book: Book, homework: Homework, score: Score, opens: Mapping[str, str]
) -> Iterator[str]:
    parts = {part.name: part for part in score.parts}
    for name, text in opens.items():
        part = parts.get(name)
        yield f"<h2>In your words: {escape(name)}</h2>"
        if asked := question_text(homework.assignment, name):
            yield f"<p>{escape(asked)}</p>"
        yield f"<pre>{escape(text, MAX_WORDS) or 'no answer'}</pre>"
        if part is not None and part.worth:
            yield from _words_mark(book, homework.name, part)


def _words_mark(book: Book, homework: str, part: Part) -> Iterator[str]:
    if part.points is None:
        yield "<p>It waits for a mark.</p>"
        return
    yield f"<p><b>{shown(part.points)} of {shown(part.worth)} points</b></p>"
    criteria = book.words.criteria(homework, part.name)
    if part.ticked:
        yield '<ul class="rubric">'
        for number, criterion in enumerate(criteria, start=1):
            mark = "✓" if number in part.ticked else "–"
            worth = shown(criterion.points)
            yield f"<li>{mark} {escape(criterion.what)} ({worth})</li>"
        yield "</ul>"
    if part.reason:
        yield f"<blockquote>{escape(part.reason, MAX_WORDS)}</blockquote>"
