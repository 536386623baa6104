"""Who is who: in the roster, in the results of every run, in a teacher's tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from classroom.homework.roster import Line, find_lines

NONE: Mapping[str, str] = {}


@dataclass(frozen=True)
class Student:
    """A student of the class.

    Attributes:
        id: what the tables say.
        name: the full name, or the id.
        line: what the roster says; an empty line for who is not in it.
        enrolled: is there a roster, and does it have this student?
    """

    id: str
    name: str
    line: Line
    enrolled: bool


class People:
    """All students: those of the roster, and whoever handed something in."""

    def __init__(
        self,
        roster: Sequence[Line],
        codes: Mapping[str, str],
        names: Mapping[str, str] = NONE,
    ) -> None:
        """Begin with the roster.

        Args:
            roster: [] without one.
            codes: code name -> student.
            names: how the results call a student, in small letters -> who that is.
        """
        self.names = names
        self.has_roster = bool(roster)
        self.lines = list(roster)
        self.outside: set[str] = set()
        self.codes = {code.casefold(): student for code, student in codes.items()}
        self.doubts: list[str] = []

    @property
    def students(self) -> list[Student]:
        """In the order of their names."""
        found = [self.student(line.student) for line in self.lines]
        return sorted(found, key=lambda one: (one.name.casefold(), one.id))

    def student(self, who: str) -> Student:
        """The student with this id."""
        line = next(line for line in self.lines if line.student == who)
        enrolled = self.has_roster and who not in self.outside
        return Student(who, line.name or who, line, enrolled)

    def enter(self, aliases: Sequence[str], name: str = "") -> str:
        """The id of who handed something in; a new student, if nobody fits.

        Args:
            aliases: how files, course sites and the run call this student, the surest
                first.
            name: the full name, if the run knows it.
        """
        told = (self.names.get(alias.casefold()) for alias in aliases)
        said = next(filter(None, told), None)
        enrolled = [line for line in self.lines if line.student not in self.outside]
        found = find_lines(enrolled, [said] if said else [*aliases, name])
        if not found:  # of those without a roster, only the whole name is sure
            others = [Line(who, "") for who in self.outside]
            found = find_lines(others, [said or aliases[0]])
        if len(found) == 1:
            return found[0].student
        who = aliases[0]
        if found:
            could = ", ".join(line.student for line in found)
            self.doubts.append(f"{who} could be {could}: say in names.csv who it is")
        if who not in [line.student for line in self.lines]:
            self.lines.append(Line(who, name, tuple(aliases)))
            self.outside.add(who)
        return who

    def find(self, word: str) -> str | None:
        """The id of whom a teacher's table means; None if it is nobody, or unclear.

        A number that lost its zeros in a spreadsheet still finds its student.
        """
        if code := self.codes.get(word.strip().casefold()):
            return code
        found = find_lines(self.lines, [word])
        if not found and word.strip().isdigit():
            bare = word.strip().lstrip("0")
            found = [
                line
                for line in self.lines
                if any(x.isdigit() and x.lstrip("0") == bare for x in _ids(line))
            ]
        return found[0].student if len(found) == 1 else None

    def with_aliases(self, who: str, aliases: Sequence[str]) -> None:
        """Remember more names of a student, for the runs and tables to come."""
        for i, line in enumerate(self.lines):
            if line.student == who and who in self.outside:
                ids = dict.fromkeys([*line.ids, *aliases])
                self.lines[i] = replace(line, ids=tuple(filter(None, ids)))


def _ids(line: Line) -> tuple[str, ...]:
    return (line.student, *line.ids)
