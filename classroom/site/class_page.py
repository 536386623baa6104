"""The site for a class in one room: what is typed into *Predict* comes together.

`course site --class FOLDER` shows the site to the network of the room, where students
open it on their own devices. A page gets one script more, which sends what is guessed;
the teacher's address has a key, and with it the pages show the guesses of all. They lie
in the folder, one small file each (`course_play.widgets.class_guesses`).
"""

import json
import secrets
import socket
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from classroom.questions import Question, questions
from course_play.widgets.class_guesses import gathered, leave

HERE = Path(__file__).parent
SCRIPT = "_static/class.js"
LONGEST_MESSAGE = 4_000
MOST_FILES = 20_000
"""Guesses that a folder takes before somebody must be playing tricks."""


class ClassServer(ThreadingHTTPServer):
    """The pages, and the guesses typed into them.

    Args:
        site: the folder of the finished site.
        guesses: the folder of the class's guesses.
        address: where to listen.
        asked: the questions that may be answered; those of all lessons by default.
    """

    daemon_threads = True

    def __init__(
        self,
        site: Path,
        guesses: Path,
        address: tuple[str, int],
        asked: list[Question] | None = None,
    ) -> None:
        self.site, self.guesses = site, guesses
        self.key = secrets.token_urlsafe(6)
        found = questions() if asked is None else asked
        self.questions = {question.text: question for question in found}
        super().__init__(address, _Handler)

    def take(self, message: dict[str, Any]) -> str:
        """Keep a guess; returns what is wrong with it, "" if nothing is."""
        try:
            words = [message[name] for name in ("question", "guess", "guesser")]
        except KeyError as missing:
            return f"the message lacks {missing}"
        if not all(isinstance(word, str) for word in words):
            return "question, guess and guesser are words"
        text, guess, guesser = words
        question = self.questions.get(text)
        if question is None:
            return f"no lesson asks {text[:80]!r}"
        if guess and not question.accepts(guess):
            return f"{guess[:80]!r} does not answer {text!r}"
        if len(list(self.guesses.glob("*.json"))) >= MOST_FILES:
            return f"{MOST_FILES:,} guesses are enough for one folder"
        leave(self.guesses, text, guess, f"page {guesser}")
        return ""

    def all_guesses(self) -> dict[str, list[str]]:
        """The guesses of all questions that can be read as such."""
        return {
            text: [g for g in said if self.questions[text].accepts(g)]
            for text, said in gathered(self.guesses).items()
            if text in self.questions
        }


class _Handler(SimpleHTTPRequestHandler):
    server: ClassServer
    timeout = 60

    def __init__(self, *args: Any) -> None:
        super().__init__(*args, directory=str(args[2].site))

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == f"/{SCRIPT}":
            self._answer(200, (HERE / "class.js").read_bytes(), "text/javascript")
        elif path.endswith((".html", "/")):
            self._page()
        else:
            super().do_GET()

    def _page(self) -> None:
        """A page of the site, with the script of the class in its head."""
        file = Path(self.translate_path(self.path))
        file = file / "index.html" if file.is_dir() else file
        if not file.is_file():
            self.send_error(404)
            return
        up = "../" * (len(file.relative_to(self.server.site).parts) - 1)
        script = f'<script src="{up}{SCRIPT}"></script>'
        page = file.read_text("utf-8").replace("</head>", f"{script}</head>", 1)
        self._answer(200, page.encode(), "text/html; charset=utf-8")

    def do_POST(self) -> None:
        try:
            if self.headers.get_content_type() != "application/json":
                raise ValueError("a message is JSON")  # no form of another site is
            length = int(self.headers.get("Content-Length") or 0)
            if not 0 < length <= LONGEST_MESSAGE:
                raise ValueError(f"a message of {length} bytes")
            message = json.loads(self.rfile.read(length))
            if not isinstance(message, dict):
                raise TypeError("a message is an object")
            self._reply(urlsplit(self.path).path, message)
        except (ValueError, TypeError) as error:
            self._say(400, {"wrong": str(error)})
        except OSError as error:
            self._say(500, {"wrong": f"the guess could not be kept: {error.strerror}"})

    def _reply(self, path: str, message: dict[str, Any]) -> None:
        if path == "/class/guess":
            wrong = self.server.take(message)
            self._say(400 if wrong else 200, {"wrong": wrong})
        elif path != "/class/guesses":
            self._say(404, {"wrong": f"nothing is at {path}"})
        elif not secrets.compare_digest(str(message.get("key")), self.server.key):
            self._say(403, {"wrong": "only the teacher's address shows all guesses"})
        else:
            self._say(200, self.server.all_guesses())

    def _say(self, code: int, value: dict[str, Any]) -> None:
        self._answer(code, json.dumps(value).encode(), "application/json")

    def _answer(self, code: int, data: bytes, kind: str) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: who asks for what is nobody's business."""


def address_here() -> str:
    """The address of this computer in the network of the room.

    >>> address_here().count(".")
    3
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(("192.0.2.1", 9))  # nothing is sent; it only finds the way
            return str(asking.getsockname()[0])
        except OSError:
            return "127.0.0.1"
