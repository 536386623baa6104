"""The page for answers in words: who may open it, and what it saves."""

import http.client
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from classroom.gradebook.serve import HOST, Desk, make_server
from classroom.gradebook.words import text_mark
from tests.classroom.test_gradebook import RUBRIC, book_of, points
from tests.classroom.toy_term import HandIn, decide, marked

LONG = "It holds because " + "very " * 600 + "true. <b>End</b>"


class Browser:
    """Asks the page as a browser does."""

    def __init__(self, address: str) -> None:
        found = re.fullmatch(r"http://([\d.]+):(\d+)(/[\w-]{22}/)", address)
        assert found is not None
        assert found[1] == HOST
        self.port, self.root = int(found[2]), found[3]
        self.origin = f"http://{HOST}:{self.port}"

    def ask(
        self, way: str, path: str, what: object = None, **headers: str
    ) -> tuple[int, str, Any]:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=30)
        body = None if what is None else json.dumps(what)
        kind = {"Content-Type": "application/json", "Origin": self.origin}
        sent = {**(kind if body else {}), **headers}
        connection.request(way, path, body, sent)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text, answer.headers

    def get(self, path: str = "") -> str:
        status, text, _ = self.ask("GET", self.root + path)
        assert status == 200
        return text

    def save(self, **what: object) -> tuple[int, Any]:
        fields = {"rubric": [], "points": "", "comment": ""}
        fields |= {"was": {"rubric": [], "points": "", "comment": ""}}
        fields |= {"student": "ada", "of_text": text_mark(LONG)} | what
        status, text, _ = self.ask("POST", f"{self.root}hw77/why", fields)
        return status, json.loads(text)


@pytest.fixture
def term(tmp_path: Path) -> Path:
    given = {"ada": HandIn(words=LONG), "bob": HandIn(words="So."), "cyd": HandIn()}
    marked(tmp_path, "hw77-marked", given)
    decide(tmp_path, "rubric.csv", RUBRIC)
    return tmp_path


@pytest.fixture
def browser(term: Path) -> Iterator[Browser]:
    yield from served(Desk(term, False))


def served(desk: Desk) -> Iterator[Browser]:
    server, address = make_server(desk)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield Browser(address)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_all_answers_stand_on_one_page_in_full(browser: Browser) -> None:
    assert "0 of 2 marked, 2 points" in browser.get()
    page = browser.get("hw77/why")
    assert "very true. &lt;b&gt;End&lt;/b&gt;" in page
    assert page.count("<article") == 2
    assert "1 wrote nothing and get 0." in page


def test_a_mark_is_in_the_table_and_in_the_book_at_once(
    browser: Browser, term: Path
) -> None:
    assert browser.save(rubric=[1], comment="Good;\n=no") == (
        200,
        {"marked": True, "points": "1.5"},
    )
    table = (term / "gradebook" / "decisions" / "words.csv").read_text("utf-8-sig")
    assert table.splitlines()[1].startswith("hw77,why,ada,1,,")
    assert "'=no" in table
    assert points(book_of(term))["ada"] == 11.5
    assert "1 of 2 marked" in browser.get()
    was = {"rubric": [1], "points": "", "comment": "Good;\n=no"}
    status, told = browser.save(rubric=[1], points="0,75", comment="x", was=was)
    assert (status, told["points"]) == (200, "0.75")
    assert points(book_of(term))["ada"] == 10.75
    was = {"rubric": [1], "points": "0,75", "comment": "x"}
    assert browser.save(was=was)[1]["marked"] is False
    assert book_of(term).scores["ada", "hw77"].waiting == ["why"]


def test_what_was_changed_elsewhere_is_not_replaced(
    browser: Browser, term: Path
) -> None:
    head = "homework,question,student,rubric,points,comment,mine\n"
    path = decide(term, "words.csv", head + "hw77,why,ada,,2,,a note\n")
    status, told = browser.save(points="1")
    assert status == 409
    assert "words.csv, line 2 has changed meanwhile" in told["error"]
    was = {"rubric": [], "points": "2", "comment": ""}
    assert browser.save(points="1", was=was)[0] == 200
    assert "a note" in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ({"points": "two"}, "'two' is no number"),
        ({"points": "-1"}, "points below 0"),
        ({"student": "eve"}, "there is no student 'eve'"),
        ({"rubric": ["x"]}, "invalid literal"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_reason(
    browser: Browser, term: Path, what: dict[str, object], why: str
) -> None:
    status, told = browser.save(**what)
    assert status == 400
    assert why in told["error"]
    assert points(book_of(term))["ada"] == 10.0


def test_nobody_without_the_address_gets_anything(browser: Browser) -> None:
    fields = {"rubric": [], "points": "9", "comment": "", "student": "ada"}
    good = {**fields, "was": fields, "of_text": ""}
    place = f"{browser.root}hw77/why"
    for way, path, what, headers in (
        ("GET", "/", None, {}),
        ("GET", "/hw77/why", None, {}),
        ("GET", f"/{'x' * 22}/", None, {}),
        ("GET", browser.root, None, {"Host": "evil.example"}),
        ("POST", "/hw77/why", good, {}),
        ("POST", place, good, {"Origin": "http://evil.example"}),
        ("POST", place, good, {"Origin": "null"}),
        ("POST", place, good, {"Content-Type": "text/plain"}),
        ("POST", place, good, {"Host": f"evil.example:{browser.port}"}),
    ):
        status, text, _ = browser.ask(way, path, what, **headers)
        assert status == 404
        assert "ada" not in text
    assert "0 of 2 marked" in browser.get()


def test_a_page_runs_no_script_but_its_own(browser: Browser) -> None:
    _, page, headers = browser.ask("GET", f"{browser.root}hw77/why")
    nonce = re.findall(
        r"script-src 'nonce-([\w-]+)'", headers["Content-Security-Policy"]
    )
    assert page.count("<script") == 1
    assert f'<script nonce="{nonce[0]}">' in page
    assert headers["Referrer-Policy"] == "no-referrer"


def test_too_much_is_not_read(browser: Browser) -> None:
    status, told = browser.save(comment="x" * 200_000)
    assert (status, told["error"]) == (400, "too long")


def test_a_rubric_grows_on_the_page(browser: Browser, term: Path) -> None:
    place = f"{browser.root}hw77/why/rubric"
    status, _, _ = browser.ask("POST", place, {"points": "0,5", "what": "an example"})
    assert status == 200
    assert "an example <small>(0.5)</small>" in browser.get("hw77/why")
    assert book_of(term).words.worth("hw77", "why") == 2.5
    status, text, _ = browser.ask("POST", place, {"points": "", "what": "x"})
    assert (status, json.loads(text)["error"]) == (
        400,
        "say what it is for, and how many points",
    )


def test_code_names_stand_for_names(term: Path) -> None:
    desk = Desk(term, True)
    for browser in served(desk):
        page = browser.get("hw77/why")
        assert "ada" not in page
        assert "bob" not in page
        code = desk.term.key.of("ada")
        assert code in page
        assert browser.save(student=code, points="2")[0] == 200
    table = (term / "gradebook" / "decisions" / "words.csv").read_text("utf-8-sig")
    assert f"hw77,why,{code},,2," in table
    assert points(book_of(term))["ada"] == 12.0
