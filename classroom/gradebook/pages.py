"""The teacher's page of the term, and the page of likeness.

Plain HTML without a script; everything that came out of a submission is shown as text.
"""

import html
import statistics
from collections.abc import Iterator, Mapping, Sequence

from classroom.gradebook.book import Book
from classroom.gradebook.cells import shown
from classroom.gradebook.exports import EXPORTS, worth_of
from classroom.gradebook.scores import Homework, Score
from classroom.gradebook.similar import MOST, Likeness
from classroom.homework.pages import escape, histogram, one_line, page_of

STYLE = """
.wide { overflow-x: auto; }
.wide table { width: auto; min-width: 100%; }
.wide td, .wide th { overflow-wrap: normal; }
.wide th:first-child, .wide td:first-child { position: sticky; left: 0;
  background: Canvas; }
.wide tr.dim { color: GrayText; }
td.points small { display: block; }
small { font-size: .8em; }
s { opacity: .75; }
.look { border-left: 6px solid var(--wrong); padding: .1rem 1rem; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
.pair pre { border-left: 3px solid #8886; padding-left: .5rem; margin: 0; }
.pair h4 { margin: .3rem 0; }
mark { background: #E69F0055; color: inherit; }
summary { cursor: pointer; padding: .3rem 0; }
@media (max-width: 40rem) { .pair { grid-template-columns: 1fr; } }
"""


def book_page(
    book: Book, links: Mapping[str, str], alike: Mapping[str, Sequence[Likeness]]
) -> bytes:
    """All students and all homeworks of the term.

    Args:
        book: the term.
        links: student -> the page to hand back; name of a run -> its class page.
        alike: homework -> pairs of students.
    """
    title = "Grade book"
    body = [f"<h1>{title}</h1>"]
    outside = sum(not s.enrolled for s in book.students if book.decisions.roster)
    more = f", {outside} of them not in the roster" if outside else ""
    count = len(book.homeworks)
    body.append(
        f"<p>{len(book.students)} students{more}, {count} homework"
        f"{'s' if count != 1 else ''}.</p>"
    )
    body += _look_at(book, alike)
    body += _homeworks(book, links)
    percents = [t.percent for t in book.totals.values() if t.percent is not None]
    if percents:
        body.append("<h2>The class so far, in percent</h2>")
        body.append(histogram([round(min(max(p, 0), 100)) for p in percents], 100))
        mean, middle = statistics.fmean(percents), statistics.median(percents)
        body.append(f"<p>Mean {mean:.1f} %, median {middle:.1f} %.</p>")
    body += _everyone(book, links)
    return page_of(title, body, STYLE)


def _look_at(book: Book, alike: Mapping[str, Sequence[Likeness]]) -> Iterator[str]:
    """What a person has to look at."""
    found = [escape(problem) for problem in book.problems]
    waiting = sum(len(score.waiting) for score in book.scores.values())
    if waiting:
        found.append(
            f"{waiting} answers in words have no mark yet and do not count so far: "
            "<code>course gradebook DIR --answers</code>"
        )
    worthless = [
        f"{homework.name} {step.task}"
        for homework in book.homeworks
        for step in homework.assignment.steps
        if step.kind == "open" and not book.words.worth(homework.name, step.task)
    ]
    if worthless:
        names = escape(", ".join(worthless))
        found.append(f"worth nothing until rubric.csv says more: {names}")
    unknown = [
        f"{score.homework} of {score.student}"
        for score in book.scores.values()
        if score.unknown
    ]
    if unknown:
        found.append(f"could not be marked: {escape(', '.join(unknown))}")
    found += [
        f"{escape(score.homework)} of {escape(score.student)}: "
        f"{escape(score.lateness.note)}"
        for score in book.scores.values()
        if score.lateness.late and not score.lateness.percent and score.lateness.note
    ]
    if pairs := sum(map(len, alike.values())):
        word = "pair" if pairs == 1 else "pairs"
        link = f'<a href="similar.html">{pairs} {word} of answers that are alike</a>'
        found.append(link)
    if found:
        yield '<h2>To look at</h2><div class="look"><ul>'
        yield from (f"<li>{line}</li>" for line in found)
        yield "</ul></div>"


def _homeworks(book: Book, links: Mapping[str, str]) -> Iterator[str]:
    yield '<h2>Homeworks</h2><div class="wide" tabindex="0" role="region" '
    yield 'aria-label="Homeworks"><table><tr><th>homework</th><th>due</th>'
    heads = ("worth", "mean", "median", "missing", "late", "waiting")
    yield from (f'<th class="points">{head}</th>' for head in heads)
    yield "<th>runs</th></tr>"
    for homework in book.homeworks:
        scores = [book.scores[s.id, homework.name] for s in book.students]
        there = [s for s in scores if s.result and s.result.record]
        points = [score.points for score in there]
        due = homework.rules.due
        cells = (
            shown(worth_of(book, homework)),
            shown(statistics.fmean(points)) if points else "",
            shown(statistics.median(points)) if points else "",
            str(len(scores) - len(there)),
            str(sum(score.lateness.late for score in there)),
            str(sum(bool(score.waiting) for score in there)),
        )
        yield f"<tr><td>{escape(homework.title)}</td>"
        yield f"<td>{f'{due:%Y-%m-%d %H:%M}' if due else ''}</td>"
        yield from (f'<td class="points">{cell}</td>' for cell in cells)
        runs = [run.folder.name for run in homework.runs]
        linked = [_link(links.get(run), run) for run in runs]
        yield f"<td>{', '.join(linked)}</td></tr>"
    yield "</table></div>"


def _link(address: str | None, text: str) -> str:
    if not address:
        return escape(text)
    return f'<a href="{html.escape(address)}">{escape(text)}</a>'


def _everyone(book: Book, links: Mapping[str, str]) -> Iterator[str]:
    yield "<h2>Everyone</h2><p>Points of what can be reached. <s>Struck</s>: among "
    yield "the worst, does not count. *: an answer in words waits for a mark.</p>"
    yield '<div class="wide" tabindex="0" role="region" aria-label="Everyone">'
    yield "<table><tr><th>student</th>"
    for homework in book.homeworks:
        yield f'<th class="points">{escape(homework.name)}</th>'
    graded = bool(book.decisions.scale)
    yield '<th class="points">total</th>'
    yield ('<th class="points">grade</th>' if graded else "") + "</tr>"
    for student in book.students:
        yield f"<tr><td>{_link(links.get(student.id), student.name)}"
        other = f"<br><small>{escape(student.id)}</small>"
        yield (other if student.id != student.name else "") + "</td>"
        for homework in book.homeworks:
            yield _cell(book.scores[student.id, homework.name])
        total = book.totals[student.id]
        percent = "" if total.percent is None else f"{total.percent:.1f} %"
        yield f'<td class="points"><b>{percent}</b>{"*" if total.open else ""}</td>'
        if graded:
            yield f'<td class="points">{escape(total.grade)}</td>'
        yield "</tr>"
    yield "</table></div><p>As tables: gradebook.csv"
    yield "".join(f", exports/{name}" for name in EXPORTS) + ".</p>"


def _cell(score: Score) -> str:
    """Points of one homework, and what is special about them."""
    notes = []
    if score.excused:
        text = "excused"
    elif score.unknown:
        text = "?"
    elif score.result is None or score.result.record is None:
        text = shown(score.points)
        notes.append("missing")
    else:
        text = f"{shown(score.points)} / {shown(score.worth)}"
    if score.lateness.percent and not score.whole:
        notes.append(f"late, −{shown(score.lateness.percent)} %")
    elif score.lateness.late:
        notes.append("late")
    by_hand = any(part.automatic is not None for part in score.parts)
    if score.whole or by_hand:
        notes.append("by hand")
    text = f"<s>{text}</s>" if score.dropped else text
    star = "*" if score.waiting else ""
    small = f"<small>{', '.join(notes)}</small>" if notes else ""
    return f'<td class="points">{text}{star}{small}</td>'


def similar_page(
    book: Book,
    alike: Mapping[str, Sequence[Likeness]],
    texts: Mapping[tuple[str, str], Mapping[str, str]],
) -> bytes:
    """Pairs of answers that are alike, side by side.

    Args:
        book: the term.
        alike: homework -> pairs.
        texts: (homework, student) -> task -> the answer.
    """
    title = "Answers that are alike"
    body = [f"<h1>{title}</h1>"]
    body.append(
        "<p>Names, layout and comments do not matter here, and what the notebook gave "
        "or more than a tenth of the class wrote does not count. What only 2 of 60 "
        "wrote counts five bits, what 6 of them wrote three. <b>A pair is a place to "
        "look, and proves nothing</b>: two who learned together, or from the same "
        "page, write alike. The percentage says how much of what is rare in the one "
        f"answer is in the other. At most {MOST} pairs a homework are shown, the most "
        "striking first: stop where the bits fall off.</p>"
    )
    names = {student.id: student.name for student in book.students}
    for homework in book.homeworks:
        pairs = alike.get(homework.name, ())
        if pairs:
            body.append(f"<h2>{escape(homework.title)}</h2>")
        for pair in pairs:
            body += _pair(homework, pair, names, texts)
    if not any(alike.values()):
        body.append("<p>None in this term.</p>")
    return page_of(title, body, STYLE)


def _pair(
    homework: Homework,
    pair: Likeness,
    names: Mapping[str, str],
    texts: Mapping[tuple[str, str], Mapping[str, str]],
) -> Iterator[str]:
    both = [one_line(names[who]) for who in (pair.first, pair.second)]
    told = ", ".join(f"{task} {100 * a.share:.0f} %" for task, a in pair.tasks.items())
    head = f"{both[0]} and {both[1]}: {pair.bits:.0f} bits ({told})"
    yield f"<details><summary>{escape(head)}</summary>"
    for task, alike in pair.tasks.items():
        lines = alike.first, alike.second
        yield f'<h3>{escape(task)}</h3><div class="pair">'
        for who, name, marked in zip(
            (pair.first, pair.second), both, lines, strict=True
        ):
            text = texts.get((homework.name, who), {}).get(task, "")
            yield f"<div><h4>{escape(name)}</h4>"
            yield f"<pre>{_marked(text, marked)}</pre></div>"
        yield "</div>"
    yield "</details>"


def _marked(text: str, lines: set[int]) -> str:
    shown_lines = [
        f"<mark>{escape(line)}</mark>" if number in lines else escape(line)
        for number, line in enumerate(text.splitlines(), start=1)
    ]
    return "\n".join(shown_lines)
