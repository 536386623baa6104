"""What a class guesses: left by notebooks and pages, gathered, shown as bars."""

import json
import os
import stat
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from classroom.cli import app
from classroom.questions import Question, histogram, questions, report
from classroom.site.class_page import ClassServer
from course_play.widgets import Predict
from course_play.widgets.class_guesses import FOLDER, gathered, leave, me


def number_question() -> Question:
    """A question of the course whose answer is a number."""
    return next(q for q in questions() if q.state["numeric"] and not q.state["options"])


def choice_question() -> Question:
    """A question of the course that has options."""
    return next(q for q in questions() if q.state["options"])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ClassServer]:
    site, guesses = tmp_path / "site", tmp_path / "guesses"
    (site / "homework").mkdir(parents=True)
    guesses.mkdir()
    (site / "index.html").write_text("<head></head>front", encoding="utf-8")
    (site / "homework" / "hw01.html").write_text("<head></head>hw", encoding="utf-8")
    (tmp_path / "secret.html").write_text("<head></head>mine", encoding="utf-8")
    with ClassServer(site, guesses, ("127.0.0.1", 0)) as made:
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def ask(server: ClassServer, path: str, message: object = None) -> tuple[int, str]:
    """Status and text of an answer."""
    data = None if message is None else json.dumps(message).encode()
    address = f"http://127.0.0.1:{server.server_address[1]}{path}"
    kind = {"Content-Type": "application/json"}
    try:
        request = urllib.request.Request(address, data, kind)
        with urllib.request.urlopen(request) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_every_lesson_question_is_found_with_its_answer() -> None:
    found = questions()
    assert len({q.lesson.number for q in found}) >= 25
    for question in found:
        box = question.box()
        box.guesses = list(question.state["options"][:1]) or ["1"]
        box.shown = True
        assert box.verdict()[0].startswith("The answer is ")


def test_a_typed_guess_goes_to_the_folder_that_the_variable_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Predict("How many?", 167)
    box.set_state({"guesses": ["60"]})  # nobody asked for it to be shared
    monkeypatch.setenv(FOLDER, str(tmp_path))
    assert gathered(tmp_path) == {}
    box.set_state({"guesses": ["60", "70"]})
    assert gathered(tmp_path) == {"How many?": ["70"]}
    box.guesses = ["80"]  # by code, not by hand
    assert gathered(tmp_path) == {"How many?": ["70"]}
    box.set_state({"guesses": []})
    assert gathered(tmp_path) == {}


def test_a_missing_folder_is_a_warning_and_the_box_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path / "gone"))
    box = Predict("How many?", 167)
    with pytest.warns(UserWarning, match="your class does not see this guess"):
        box.set_state({"guesses": ["60"]})
    assert box.guesses == ["60"]


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_a_guess_can_be_left_where_a_student_cannot_list(tmp_path: Path) -> None:
    folder = tmp_path / "guesses"
    folder.mkdir()
    folder.chmod(stat.S_IWUSR | stat.S_IXUSR)
    try:
        path = leave(folder, "How many?", "60", me())
        assert stat.S_IMODE(path.stat().st_mode) == 0o644  # the teacher can read it
    finally:
        folder.chmod(0o700)
    assert gathered(folder) == {"How many?": ["60"]}


def test_what_is_no_guess_is_left_alone(tmp_path: Path) -> None:
    for name, text in {
        "a.json": "not json",
        "b.json": "[1]",
        "c.json": '{"question": 1, "guess": "x"}',
        "notes.txt": '{"question": "q", "guess": "x"}',
        ".d.json.part": '{"question": "q", "guess": "x"}',
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert gathered(tmp_path) == {}


def test_bars_count_each_guess_once() -> None:
    box = Predict("Which?", "b", options=["a", "b", "c"])
    assert histogram(["b", "a", "b", "b"], box) == [
        "  a ###### 1",
        "  b #################### 3",
        "  c 0",
    ]


def test_the_command_shows_a_class_and_the_answer_on_request(tmp_path: Path) -> None:
    question = choice_question()
    options, lesson = question.state["options"], question.lesson.number
    for who, guess in enumerate([options[0], options[0], options[1], "no option"]):
        leave(tmp_path, question.text, guess, str(who))
    shown = CliRunner().invoke(app, ["guesses", str(tmp_path)]).output
    assert shown.startswith(f"{lesson}: {question.text}")
    assert f"{'#' * 20} 2\n" in shown
    assert "The answer is" not in shown
    with_answers = "\n".join(report(tmp_path, answers=True))
    assert "The answer is" in with_answers
    assert "of 3 guesses" in with_answers
    empty = tmp_path / "none"
    empty.mkdir()
    assert "no guesses" in CliRunner().invoke(app, ["guesses", str(empty)]).output


def test_pages_carry_the_script_of_the_class(server: ClassServer) -> None:
    assert '<script src="_static/class.js"></script></head>' in ask(server, "/")[1]
    assert 'src="../_static/class.js"' in ask(server, "/homework/hw01.html")[1]
    assert "course:live" in ask(server, "/_static/class.js")[1]
    for path in ("/../secret.html", "/%2e%2e/secret.html", "/nothing.html"):
        assert ask(server, path)[0] == 404
    assert "class.js" not in (server.site / "index.html").read_text("utf-8")


def test_a_later_guess_of_a_browser_takes_the_place_of_its_earlier_one(
    server: ClassServer,
) -> None:
    text = number_question().text
    for guesser, guess in (
        ("x", "60"),
        ("y", "70"),
        ("x", "65"),
        ("z", "1"),
        ("z", ""),
    ):
        sent = {"question": text, "guess": guess, "guesser": guesser}
        assert ask(server, "/class/guess", sent)[0] == 200
    status, said = ask(server, "/class/guesses", {"key": server.key})
    assert status == 200
    assert {k: sorted(v) for k, v in json.loads(said).items()} == {text: ["65", "70"]}


@pytest.mark.parametrize(
    ("path", "message", "status", "wrong"),
    [
        ("/class/guesses", {"key": "x"}, 403, "only the teacher's address"),
        ("/class/guesses", {}, 403, "only the teacher's address"),
        ("/class/guess", {"question": "who?", "guess": "1"}, 400, "lacks 'guesser'"),
        (
            "/class/guess",
            {"question": "who?", "guess": "1", "guesser": "x"},
            400,
            "no lesson asks 'who?'",
        ),
        ("/class/guess", [1], 400, "an object"),
        ("/class/guess", {"guess": "x" * 5000}, 400, "bytes"),
        ("/elsewhere", {}, 404, "nothing is at /elsewhere"),
    ],
)
def test_what_is_no_guess_gets_a_clear_answer(
    server: ClassServer, path: str, message: object, status: int, wrong: str
) -> None:
    got, said = ask(server, path, message)
    assert got == status
    assert wrong in json.loads(said)["wrong"]
    assert not list(server.guesses.iterdir())


def test_a_word_where_a_number_is_asked_is_refused(server: ClassServer) -> None:
    sent = {"question": number_question().text, "guess": "many", "guesser": "x"}
    status, said = ask(server, "/class/guess", sent)
    assert status == 400
    assert "'many' does not answer" in said
