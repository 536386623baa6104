"""Who is in the class: the CSV that a spreadsheet or a course site writes.

The columns of Canvas, Moodle, Blackboard, Google and GitHub Classroom, Gradescope and
nbgrader are known, and those of a list made by hand: `student`, and `name` if wanted.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from classroom.homework.spreadsheet import read_rows

# The first that a line has is what the student is called in the tables.
IDS = (
    *("sis login id", "login id", "login", "username", "user name", "netid"),
    *("github_username", "student_id", "student id", "sid", "sis user id"),
    *("id number", "id", "identifier"),
)
FIRST = ("first name", "first_name", "firstname", "given name")
LAST = ("last name", "surname", "last_name", "lastname", "family name")
FULL = ("name", "full name", "full_name", "student name")
EMAILS = ("email address", "email", "e-mail", "mail")
NOBODY = ("points possible", "student, test", "test student")  # lines of Canvas
KNOWN = "student, name, first name, last name, email, login, username, id, id number"


@dataclass(frozen=True)
class Line:
    """A student in the roster.

    Attributes:
        student: what the tables call this student.
        name: the full name; "" without.
        ids: other ways to say who it is: numbers, logins, mail addresses.
        cells: column, in small letters -> what the file says there.
    """

    student: str
    name: str
    ids: tuple[str, ...] = ()
    cells: Mapping[str, str] = field(default_factory=dict, compare=False)

    def answers_to(self, alias: str) -> Iterator[bool]:
        """By an id? By the words of the name? By its letters (Canvas: lovelaceada)?"""
        yield _plain(alias) in map(_plain, (self.student, *self.ids))
        yield bool(_words(alias)) and sorted(_words(alias)) == sorted(_words(self.name))
        words = _words(self.name)
        turns = ("".join(words[i:] + words[:i]) for i in range(len(words)))
        yield "".join(_words(alias)) in turns


def find_lines(roster: Sequence[Line], aliases: Sequence[str]) -> list[Line]:
    """The lines that one of these may mean: by id, else by name. Two are a doubt.

    >>> ada = Line("alove", "Ada Lovelace", ("12345",))
    >>> [len(find_lines([ada], [x])) for x in ("ALOVE", "Lovelace, Ada", "lovelaceada")]
    [1, 1, 1]
    >>> find_lines([ada], ["love"])
    []
    """
    for alias in filter(None, aliases):
        answers = [tuple(line.answers_to(alias)) for line in roster]
        for way in zip(*answers, strict=True):
            if any(way):
                return [line for line, same in zip(roster, way, strict=True) if same]
    return []


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _words(text: str) -> list[str]:
    """Letters and digits only, without accents, which sites write in several ways."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(x for x in apart if not unicodedata.combining(x) and x not in "'’")
    return re.findall(r"[^\W_]+", bare)


def read_roster(path: Path) -> list[Line]:
    """The students in a CSV, in order.

    Raises:
        ValueError: it cannot be read, or no column says who the students are.
    """
    rows = read_rows(path, "a roster").rows
    head = [name.strip().lower() for name in rows[0]] if rows else []
    if not {"student", *IDS, *FULL, *LAST, *EMAILS} & set(head):
        raise ValueError(
            f"{path}: no column says who the students are (found: "
            f"{', '.join(filter(None, head)) or 'none'}); understood are {KNOWN}"
        )
    cells = [dict(zip(head, map(str.strip, row), strict=False)) for row in rows[1:]]
    lines = [line for line in map(_line, cells) if line is not None]
    return list({line.student: line for line in lines}.values())


def _line(row: dict[str, str]) -> Line | None:
    """A student; None for a line that is about nobody."""

    def first_of(names: Sequence[str]) -> str:
        return next((row[name] for name in names if row.get(name)), "")

    ids = [row[name] for name in IDS if row.get(name)]
    parts = [first_of(names) for names in (FIRST, LAST)]
    name = first_of(FULL) or " ".join(filter(None, parts))
    if who := row.get("student", ""):
        if who.lower().startswith(NOBODY):
            return None
        if ids:  # Canvas: "Lovelace, Ada" and her login
            name = name or " ".join(reversed(who.split(", ", 1)))
        else:
            ids = [who]
    if mail := first_of(EMAILS):
        ids += [mail, mail.partition("@")[0]]
    if not (ids or name):
        return None
    return Line(ids[0] if ids else name, name, tuple(ids), row)
