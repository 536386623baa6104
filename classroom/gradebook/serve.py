"""The page for marking answers in words, on this computer only.

Off by default: it runs while `course gradebook DIR --answers` does, on 127.0.0.1, and
its address holds a token that is drawn anew each time. What is saved goes into
`decisions/words.csv` at once, line by line, and nowhere else.
"""

import json
import secrets
import threading
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from classroom.gradebook.cells import number, shown
from classroom.gradebook.decisions import HEADS, read_decisions
from classroom.gradebook.make import DECISIONS, Term, open_term
from classroom.gradebook.runs import open_questions, question_text
from classroom.gradebook.tables import add_row
from classroom.gradebook.words import answers_to
from classroom.gradebook.words_page import Question, list_page, question_page

HOST = "127.0.0.1"
MAX_BODY = 100_000


class ConflictError(ValueError):
    """The table says something else than the page showed."""


class Desk:
    """What the page may read and write."""

    def __init__(self, folder: Path, anonymous: bool) -> None:
        """Args: the term's folder; are students shown under code names?"""
        self.folder = folder
        self.anonymous = anonymous
        self.lock = threading.Lock()
        self.term = open_term(folder)
        told = self.term.book.decisions
        self.anonymous |= told.is_on("anonymous")

    def questions(self) -> list[Question]:
        """All questions with their answers, as the tables are at this moment."""
        with self.lock:
            self.term = open_term(self.folder)
            term = self.term
            return [
                self._question(term, homework.name, name)
                for homework in term.book.homeworks
                for name in open_questions(homework.assignment)
            ]

    def has(self, homework: str, name: str) -> bool:
        """Is there such a question?"""
        return any(
            hw.name == homework and name in open_questions(hw.assignment)
            for hw in self.term.book.homeworks
        )

    def question(self, homework: str, name: str) -> Question | None:
        """One of them; None if there is none of this name."""
        asked = (
            q for q in self.questions() if (q.homework, q.name) == (homework, name)
        )
        return next(asked, None)

    def _question(self, term: Term, homework: str, name: str) -> Question:
        book = term.book
        assignment = next(h for h in book.homeworks if h.name == homework).assignment
        scores = [book.scores[student.id, homework] for student in book.students]
        names = {student.id: student.name for student in book.students}
        answers = []
        for answer in answers_to(book.words, scores, name):
            who = self._called(term, answer.student)
            full = "" if self.anonymous else names[answer.student]
            label = f"{full} ({who})" if full not in ("", who) else who
            answers.append((label, who, answer))
        answers.sort(key=lambda found: found[0] if self.anonymous else "")
        return Question(
            homework,
            name,
            assignment.title,
            question_text(assignment, name),
            book.words.criteria(homework, name),
            answers,
        )

    def _called(self, term: Term, student: str) -> str:
        return term.key.of(student) if self.anonymous else student

    def save(self, homework: str, name: str, what: Mapping[str, Any]) -> dict[str, Any]:
        """Put a mark into the table.

        Args:
            homework: `hw03`.
            name: of the question.
            what: student, rubric (numbers of lines), points ("" for the rubric's sum),
                comment, of_text, and was: what the page showed before.

        Raises:
            ConflictError: somebody else has changed the mark meanwhile.
            ValueError: the points are no number, or the like.
            OSError: the table is open in a spreadsheet that locks it.
        """
        points = number(str(what["points"]))
        ticks = sorted({int(tick) for tick in what["rubric"]})
        if points is not None and points < 0:
            raise ValueError("points below 0")
        with self.lock:
            words, people = self.term.book.words, self.term.book.words.people
            words.refresh(read_decisions(self.term.out / DECISIONS))
            who = people.find(str(what["student"]))
            if who is None:
                raise ValueError(f"there is no student {what['student']!r}")
            key = homework, name, who
            self._refuse_conflict(key, what["was"], str(what["of_text"]))
            student = words.called.get(key) or self._called(self.term, who)
            row = {
                "homework": homework,
                "question": name,
                "student": student,
                "rubric": " ".join(map(str, ticks)),
                "points": "" if points is None else points,
                "comment": str(what["comment"]),
                "of text": str(what["of_text"]),
            }
            path = self.term.out / DECISIONS / "words.csv"
            style = self.term.book.decisions.style
            add_row(path, row, ("homework", "question", "student"), style)
            words.refresh(read_decisions(self.term.out / DECISIONS))
            mark = words.marks.get(key)
            reached = words.points(mark, homework, name) if mark else 0.0
            return {"marked": bool(mark and mark.counts), "points": shown(reached)}

    def _refuse_conflict(
        self, key: tuple[str, str, str], was: Mapping[str, Any], of_text: str
    ) -> None:
        mark = self.term.book.words.marks.get(key)
        if mark is None or (mark.of_text and mark.of_text != of_text):
            return  # nothing that counts is replaced
        old = (list(mark.ticked), mark.points, mark.comment.split())
        page = (
            sorted(int(tick) for tick in was["rubric"]),
            number(str(was["points"])),
            str(was["comment"]).split(),
        )
        if old != page:
            raise ConflictError(
                f"{mark.where} has changed meanwhile: load the page again"
            )

    def add_criterion(self, homework: str, name: str, what: Mapping[str, Any]) -> None:
        """Add a line to the rubric.

        Raises:
            ValueError: no points, or nothing that they are for.
        """
        points = number(str(what["points"]))
        text = str(what["what"]).strip()
        if points is None or not text:
            raise ValueError("say what it is for, and how many points")
        with self.lock:
            cells = dict(
                zip(HEADS["rubric.csv"], (homework, name, points, text), strict=True)
            )
            path = self.term.out / DECISIONS / "rubric.csv"
            add_row(path, cells, (), self.term.book.decisions.style)


def make_server(desk: Desk, port: int = 0) -> tuple[ThreadingHTTPServer, str]:
    """(server, its address with the token), on this computer only; 0: any port."""
    token = secrets.token_urlsafe(16)

    class Page(_Page):
        pass

    Page.desk, Page.token = desk, token
    server = ThreadingHTTPServer((HOST, port), Page)
    Page.origin = f"http://{HOST}:{server.server_address[1]}"
    return server, f"{Page.origin}/{token}/"


class _Page(BaseHTTPRequestHandler):
    """Answers the browser of the one who has the address."""

    desk: Desk
    token: str
    origin: str
    server_version = "gradebook"
    sys_version = ""
    timeout = 60

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the token stands in every line."""

    def do_GET(self) -> None:
        """The list of questions, or one question."""
        try:
            self._page(self._words())
        except (ValueError, OSError) as error:
            self._send(HTTPStatus.CONFLICT, str(error).encode(), "text/plain")

    def _page(self, words: list[str] | None) -> None:
        if words is None:
            return self._send(HTTPStatus.NOT_FOUND, b"not here", "text/plain")
        nonce = secrets.token_urlsafe(12)
        if not words:
            page = list_page(self.desk.questions(), nonce)
            return self._send(HTTPStatus.OK, page, "text/html", nonce)
        one = self.desk.question(*words) if len(words) == 2 else None
        if one is None:
            return self._send(HTTPStatus.NOT_FOUND, b"no such question", "text/plain")
        return self._send(HTTPStatus.OK, question_page(one, nonce), "text/html", nonce)

    def do_POST(self) -> None:
        """A mark, or a line of the rubric."""
        words = self._words()
        mine = self.headers.get("Origin") == self.origin
        kind = self.headers.get("Content-Type", "").partition(";")[0]
        if not words or not mine or kind != "application/json":
            return self._send(HTTPStatus.NOT_FOUND, b'{"error": "not here"}')
        try:
            length = int(self.headers.get("Content-Length", ""))
            if not 0 <= length <= MAX_BODY:
                raise ValueError("too long")
            what = json.loads(self.rfile.read(length))
            return self._told(self._act(words, what))
        except ConflictError as error:
            return self._told({"error": str(error)}, HTTPStatus.CONFLICT)
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            return self._told({"error": str(error)}, HTTPStatus.BAD_REQUEST)
        except OSError as error:
            lost = (
                f"the table cannot be written ({error.strerror}): is it open elsewhere?"
            )
            return self._told({"error": lost}, HTTPStatus.CONFLICT)

    def _act(self, words: list[str], what: Mapping[str, Any]) -> dict[str, Any]:
        homework, name, *rest = words
        if not self.desk.has(homework, name):
            raise ValueError("no such question")
        if rest == ["rubric"]:
            self.desk.add_criterion(homework, name, what)
            return {}
        if rest:
            raise ValueError("not here")
        return self.desk.save(homework, name, what)

    def _words(self) -> list[str] | None:
        """The parts of the address behind the token; None without the token."""
        host = self.headers.get("Host", "")
        token, _, rest = self.path.lstrip("/").partition("/")
        known = secrets.compare_digest(token.encode(), self.token.encode())
        if not known or f"http://{host}" != self.origin:
            return None
        return [part for part in rest.split("/") if part]

    def _told(
        self, answer: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK
    ) -> None:
        self._send(status, json.dumps(answer).encode())

    def _send(
        self,
        status: HTTPStatus,
        content: bytes,
        kind: str = "application/json",
        nonce: str = "",
    ) -> None:
        policy = (
            "default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; "
            f"script-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'"
        )
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", policy)
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)
