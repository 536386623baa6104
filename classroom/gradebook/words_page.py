"""The page on which answers in words are marked, a question a page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from classroom.gradebook.cells import shown
from classroom.gradebook.decisions import Criterion
from classroom.gradebook.words import Answer, text_mark
from classroom.homework.pages import MAX_WORDS, STYLE, escape

HERE = Path(__file__).parent
SCRIPT = (HERE / "words.js").read_text("utf-8")
OWN_STYLE = (HERE / "words.css").read_text("utf-8")


@dataclass(frozen=True)
class Question:
    """A question of a homework, and how far its answers are marked.

    Attributes:
        homework: `hw03`.
        name: of the question.
        title: of the homework.
        asked: the question itself.
        criteria: its rubric.
        answers: (whom people read, whom the table means, answer).
    """

    homework: str
    name: str
    title: str
    asked: str
    criteria: Sequence[Criterion]
    answers: Sequence[tuple[str, str, Answer]]

    @property
    def written(self) -> list[tuple[str, str, Answer]]:
        """Where there is something to read."""
        return [found for found in self.answers if found[-1].text]

    @property
    def marked(self) -> int:
        """How many of those have a mark."""
        return sum(
            bool(a.mark and a.mark.counts and not a.stale) for *_, a in self.written
        )


def list_page(questions: Sequence[Question], nonce: str) -> bytes:
    """All questions of the term, and how many answers wait."""
    body = ["<h1>Answers in words</h1><ul class='questions'>"]
    for one in questions:
        worth = sum(max(c.points, 0.0) for c in one.criteria)
        done = f"{one.marked} of {len(one.written)} marked"
        value = f"{shown(worth)} points" if worth else "worth nothing yet"
        body.append(
            f'<li><a href="{one.homework}/{escape(one.name)}">{escape(one.title)}, '
            f"{escape(one.name)}</a> <span>{done}, {value}</span></li>"
        )
    body.append("</ul><p>End the program with Ctrl-C in its terminal; then ")
    body.append("<code>course gradebook</code> makes the book again.</p>")
    return _page("Answers in words", body, nonce, script=False)


def question_page(one: Question, nonce: str) -> bytes:
    """All answers to one question, each with its rubric and a field for points."""
    body = [f'<p><a href="../">All questions</a></p><h1>{escape(one.title)}</h1>']
    body.append(f'<p class="asked">{escape(one.asked, MAX_WORDS)}</p>')
    body += _rubric(one)
    empty = len(one.answers) - len(one.written)
    none = f" {empty} wrote nothing and get 0." if empty else ""
    body.append(
        f'<div class="bar"><p aria-live="polite"><b><span id="done">{one.marked}'
        f"</span> of {len(one.written)}</b> marked.{none}</p>"
        '<label><input type="checkbox" id="hide"> hide what is marked</label></div>'
    )
    body += [_answer(one, i, *found) for i, found in enumerate(one.written)]
    if not one.written:
        body.append("<p>Nobody wrote anything.</p>")
    return _page(f"{one.homework} {one.name}", body, nonce)


def _rubric(one: Question) -> Iterator[str]:
    worth = sum(max(c.points, 0.0) for c in one.criteria)
    yield f"<details{'' if one.criteria else ' open'}><summary>Rubric: "
    yield f"{shown(worth)} points</summary>" if worth else "worth nothing yet</summary>"
    yield "<ol>"
    for criterion in one.criteria:
        yield f"<li>{escape(criterion.what)} ({shown(criterion.points)})</li>"
    yield (
        '</ol><form id="criterion"><label>For what? <input name="what" required '
        'maxlength="300"></label> <label>Points <input name="points" required '
        'inputmode="decimal" size="4"></label> <button>Add to the rubric</button>'
        '<span class="state" role="status"></span></form><p>To change or remove a '
        "line, edit decisions/rubric.csv and load this page again.</p></details>"
    )


def _answer(one: Question, i: int, label: str, who: str, answer: Answer) -> str:
    mark = None if answer.stale else answer.mark
    ticked = mark.ticked if mark else ()
    by_hand = "" if mark is None or mark.points is None else shown(mark.points)
    boxes = "".join(
        f'<label><input type="checkbox" name="tick" value="{n}" '
        f'data-points="{c.points:g}"{" checked" if n in ticked else ""}> '
        f"{escape(c.what)} <small>({shown(c.points)})</small></label>"
        for n, c in enumerate(one.criteria, start=1)
    )
    legend = f"<fieldset><legend>Rubric</legend>{boxes}</fieldset>" if boxes else ""
    stale = "<p>The text has changed since it was marked.</p>" if answer.stale else ""
    more = escape(answer.more, MAX_WORDS)
    beside = f'<details><summary>Elsewhere</summary><div class="text">{more}</div>'
    stale += f"{beside}</details>" if more else ""
    state = "saved" if mark else ""
    comment = escape(mark.comment, MAX_WORDS) if mark else ""
    return (
        f'<article class="{"marked" if mark else ""}" data-student="{escape(who)}" '
        f'data-text="{text_mark(answer.text)}">'
        f'<h2 id="a{i}">{escape(label)}</h2>{stale}'
        f'<div class="text">{escape(answer.text, MAX_WORDS)}</div>'
        f'<form aria-labelledby="a{i}">{legend}<p><label>Points '
        f'<input name="points" inputmode="decimal" size="5" value="{by_hand}" '
        f'placeholder="rubric" aria-describedby="s{i}"></label> '
        f'<span class="state" id="s{i}" role="status">{state}</span></p>'
        f'<label class="comment">Comment for the student<textarea name="comment" '
        f'rows="2" maxlength="5000">{comment}</textarea></label></form></article>'
    )


def _page(title: str, body: Sequence[str], nonce: str, script: bool = True) -> bytes:
    code = f'<script nonce="{nonce}">{SCRIPT}</script>' if script else ""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}{OWN_STYLE}</style></head><body>"
        f"<main>{''.join(body)}</main>{code}</body></html>\n"
    ).encode()
