"""Names for marking without names: the same for a student all term.

Who is who stands in a key file of its own, beside the grade book and not in it.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from pathlib import Path

from classroom.gradebook.tables import Style, read_table, write_table

COLOURS = (
    *("amber", "azure", "black", "blue", "bronze", "brown", "coral", "copper"),
    *("gold", "green", "grey", "indigo", "ivory", "lilac", "olive", "orange"),
    *("pearl", "pink", "purple", "red", "ruby", "silver", "white", "yellow"),
)
ANIMALS = (
    *("badger", "bear", "beaver", "bison", "crane", "deer", "dolphin", "falcon"),
    *("finch", "fox", "gecko", "hare", "heron", "ibis", "jay", "koala"),
    *("lark", "lynx", "magpie", "mole", "newt", "otter", "owl", "panda"),
    *("puffin", "raven", "robin", "seal", "stork", "swan", "tern", "wren"),
)
HEAD = ("code name", "student")
SECRET = "(secret)"  # the name of a line
PRIVATE = 0o600


class Key:
    """The key: code name -> student, and a secret for names of pages.

    Attributes:
        path: the file.
        codes: code name -> student.
        secret: so that nobody computes the address of a classmate's page.
    """

    def __init__(self, path: Path) -> None:
        """Read the key at `path`, or begin one.

        Raises:
            ValueError: the file is damaged.
        """
        self.path = path
        self.codes: dict[str, str] = {}
        self.secret = ""
        if path.exists():
            rows = {r[HEAD[0]]: r[HEAD[1]] for r in read_table(path, HEAD).rows}
            self.secret = rows.pop(SECRET, "")
            self.codes = rows
        self.secret = self.secret or secrets.token_hex(16)

    def of(self, student: str) -> str:
        """The code name of a student who has one."""
        return next(code for code, who in self.codes.items() if who == student)

    def give(self, students: Sequence[str], style: Style) -> None:
        """Draw code names for those who have none, and keep the file.

        Raises:
            ValueError: more students than names.
        """
        have = set(self.codes.values())
        free = [f"{c} {a}" for c in COLOURS for a in ANIMALS]
        free = [name for name in free if name not in self.codes]
        missing = [student for student in students if student not in have]
        if len(missing) > len(free):
            raise ValueError(f"{self.path}: no code names are left for {len(missing)}")
        for student in missing:
            self.codes[free.pop(secrets.randbelow(len(free)))] = student
        if missing or not self.path.exists():
            rows = [(SECRET, self.secret), *sorted(self.codes.items())]
            write_table(self.path, HEAD, rows, style)
            self.path.chmod(PRIVATE)

    def page_name(self, student: str) -> str:
        """A name for a student's folder that nobody else can compute."""
        mark = hmac.new(self.secret.encode(), student.encode(), hashlib.sha256)
        kept = "".join(x if x.isascii() and x.isalnum() else "_" for x in student)
        return f"{kept.strip('_')[:40] or 'student'}-{mark.hexdigest()[:12]}"
