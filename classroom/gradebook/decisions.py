"""What a teacher decided, in tables that belong to the teacher.

They are made once, with a line of explanation each; after that only the teacher, and
the page that marks answers in words on the teacher's click, write to them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from classroom.gradebook.cells import day_first, moment, number
from classroom.gradebook.tables import Row, Style, Table, begin_table, read_table
from classroom.homework.roster import Line, read_roster

ALL = "*"
EXCUSED = "excused"
HEADS = {
    "homeworks.csv": (
        *("homework", "due", "grace minutes", "percent a day", "most percent"),
        *("weight", "name on the course site"),
    ),
    "points.csv": ("homework", "student", "task", "points", "reason"),
    "rubric.csv": ("homework", "question", "points", "for what"),
    "words.csv": (
        *("homework", "question", "student", "rubric", "points", "comment"),
        "of text",
    ),
    "times.csv": ("homework", "student", "handed in", "run"),
    "extensions.csv": ("homework", "student", "due", "reason"),
    "names.csv": ("in the results", "student"),
    "settings.csv": ("setting", "value", "what it means"),
    "scale.csv": ("from percent", "grade"),
}
NEEDED = {
    "homeworks.csv": ("homework",),
    "points.csv": ("homework", "student", "task", "points", "reason"),
    "rubric.csv": ("homework", "question", "points", "for what"),
    "words.csv": ("homework", "question", "student", "points"),
    "times.csv": ("homework", "student", "handed in"),
    "extensions.csv": ("homework", "student", "due", "reason"),
    "names.csv": ("in the results", "student"),
    "settings.csv": ("setting", "value"),
    "scale.csv": ("from percent", "grade"),
}
SETTINGS = (
    ("drop worst", "0", "so many homeworks with the lowest percent do not count"),
    ("trust file dates", "no", "yes: points are taken off by a file's date, too"),
    ("several hand-ins", "best", "best, or last: which result of a homework counts"),
    ("first in dates", "", "day or month: what 3/4/2026 begins with"),
    ("anonymous", "no", "yes: answers in words are marked under code names"),
)
FIRST = {
    "homeworks.csv": [(ALL, "", 0, 0, 100, 1, "")],
    "settings.csv": SETTINGS,
}


@dataclass(frozen=True)
class Rules:
    """What holds for one homework.

    Attributes:
        due: until when it is in time; None: never late.
        grace_minutes: so much later is still in time.
        percent_a_day: of the points reached, for each day begun since `due`.
        most_percent: never more than this.
        weight: in the total; None: as much as its points.
        column: what the course site calls it; "" for its title.
    """

    due: datetime | None = None
    grace_minutes: float = 0.0
    percent_a_day: float = 0.0
    most_percent: float = 100.0
    weight: float | None = 1.0
    column: str = ""


@dataclass(frozen=True)
class Override:
    """Points by hand: for a task, a question, or with task `*` for all of it.

    `points` is None for who is excused: the homework does not count.
    """

    homework: str
    student: str
    task: str
    points: float | None
    reason: str
    where: str


@dataclass(frozen=True)
class Criterion:
    """One thing that an answer in words gets points for."""

    points: float
    what: str


@dataclass(frozen=True)
class WordsMark:
    """The mark of one answer in words.

    Attributes:
        ticked: the criteria that are met, from 1.
        points: by hand; None takes the sum of what is ticked.
        comment: for the student.
        of_text: a hash of the text that was marked; "" if it was marked by hand.
        where: file and line.
    """

    ticked: tuple[int, ...]
    points: float | None
    comment: str
    of_text: str
    where: str

    @property
    def counts(self) -> bool:
        """Is it a mark, and not only a comment that waits for one?"""
        return bool(self.ticked) or self.points is not None


@dataclass
class Decisions:
    """All tables of a teacher.

    Attributes:
        folder: where they lie.
        style: of the teacher's spreadsheet, as `settings.csv` was saved.
        settings: name -> value.
        rules: homework -> what holds; `*` for those without a line.
        rubric: (homework, question) -> criteria, in order.
        overrides: points by hand, in the order of the lines.
        words: (homework, question, whom the line names, the mark).
        times: (homework, whom the line names, when, where, the run or "" for all).
        extensions: (homework, whom the line names, the later date due, where).
        names: how the results call a student -> whom the line names.
        scale: (from percent, grade), the highest first.
        roster: the class; [] without `roster.csv`.
        problems: lines that could not be understood, each with its place.
    """

    folder: Path
    style: Style = field(default_factory=Style)
    settings: dict[str, str] = field(default_factory=dict)
    rules: dict[str, Rules] = field(default_factory=dict)
    rubric: dict[tuple[str, str], list[Criterion]] = field(default_factory=dict)
    overrides: list[Override] = field(default_factory=list)
    words: list[tuple[str, str, str, WordsMark]] = field(default_factory=list)
    times: list[tuple[str, str, datetime, str, str]] = field(default_factory=list)
    extensions: list[tuple[str, str, datetime, str]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    scale: list[tuple[float, str]] = field(default_factory=list)
    roster: list[Line] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def rules_of(self, homework: str) -> Rules:
        """What holds for a homework."""
        return self.rules.get(homework, self.rules.get(ALL, Rules()))

    def is_on(self, setting: str) -> bool:
        """Does a setting say yes (oui, ja)?"""
        return self.settings.get(setting, "").casefold() in ("yes", "ja", "oui", "1")

    @property
    def drop_worst(self) -> int:
        """So many homeworks do not count."""
        return int(self.settings.get("drop worst") or 0)


def begin(folder: Path, style: Style) -> list[str]:
    """Make the tables that are not there yet; returns their names."""
    return [
        name
        for name, head in HEADS.items()
        if begin_table(folder / name, head, FIRST.get(name, ()), style)
    ]


def read_decisions(folder: Path) -> Decisions:
    """Everything that the tables say; what cannot be understood is listed."""
    found = Decisions(folder)
    settings = _table(found, "settings.csv")
    if settings:
        found.style = settings.style
        found.settings = {r["setting"].casefold(): r["value"] for r in settings.rows}
        if not (found.settings.get("drop worst") or "0").isdigit():
            found.problems.append("settings.csv: drop worst is a whole number")
            found.settings["drop worst"] = "0"
    _each(found, "homeworks.csv", _read_rules)
    _each(found, "points.csv", _read_override)
    _each(found, "rubric.csv", _read_criterion)
    own = folder / "words.csv"  # it comes last, and counts
    for path in [*sorted({*folder.glob("words*.csv")} - {own}), own]:
        _each(found, path.name, _read_words)
    _each(found, "times.csv", _read_time)
    _each(found, "extensions.csv", _read_extension)
    _each(found, "names.csv", _read_name)
    _each(found, "scale.csv", _read_scale)
    found.scale.sort(reverse=True)
    if (folder / "roster.csv").exists():
        found.roster = read_roster(folder / "roster.csv")
    return found


def _table(found: Decisions, name: str) -> Table | None:
    path = found.folder / name
    kind = "words.csv" if name.startswith("words") else name
    return read_table(path, NEEDED[kind]) if path.exists() else None


def _each(
    found: Decisions,
    name: str,
    read: Callable[[Decisions, Row, bool | None], None],
) -> None:
    """Read the lines of a table; one that is wrong is named and left out."""
    table = _table(found, name)
    if table is None:
        return
    days_first = _days_first(found, table)
    for row in sorted(table.rows, key=lambda row: row["homework"] != ALL):
        try:
            read(found, row, days_first)
        except ValueError as error:
            found.problems.append(f"{row.where}: {error}")


def _days_first(found: Decisions, table: Table) -> bool | None:
    said = found.settings.get("first in dates", "").casefold()
    if said in ("day", "month"):
        return said == "day"
    return day_first(row[x] for row in table.rows for x in ("due", "handed in"))


def homework_key(word: str) -> str:
    """`hw03` for "3", "03", "HW3"; `*` for all.

    >>> homework_key("3"), homework_key("HW03"), homework_key("*")
    ('hw03', 'hw03', '*')
    """
    bare = word.strip().casefold().removeprefix("hw").strip(" _-")
    return f"hw{bare.zfill(2)}" if bare.isdigit() else word.strip().casefold()


def _positive(row: Row, column: str, instead: float) -> float:
    value = number(row[column])
    if value is not None and value < 0:
        raise ValueError(f"{column} is {row[column]}, less than 0")
    return instead if value is None else value


def _read_rules(found: Decisions, row: Row, days_first: bool | None) -> None:
    base = found.rules.get(ALL, Rules())
    weight: float | None = base.weight
    if row["weight"].casefold() == "points":
        weight = None
    elif row["weight"]:
        weight = _positive(row, "weight", 1.0)
    most = _positive(row, "most percent", base.most_percent)
    found.rules[homework_key(row["homework"])] = Rules(
        due=moment(row["due"], days_first) or base.due,
        grace_minutes=_positive(row, "grace minutes", base.grace_minutes),
        percent_a_day=_positive(row, "percent a day", base.percent_a_day),
        most_percent=min(most, 100.0),
        weight=weight,
        column=row["name on the course site"],
    )


def _read_override(found: Decisions, row: Row, days_first: bool | None) -> None:
    if not row["reason"]:
        raise ValueError("no reason: say why, the student reads it")
    points = None
    if row["points"].casefold() != EXCUSED:
        points = _positive(row, "points", -1.0)
        if points < 0:
            raise ValueError(f"no points: write a number, or {EXCUSED}")
    key = homework_key(row["homework"])
    task = row["task"] or ALL
    if points is None and task != ALL:
        raise ValueError(f"{EXCUSED} is for a whole homework: task {ALL}")
    found.overrides.append(
        Override(key, row["student"], task, points, row["reason"], row.where)
    )


def _read_criterion(found: Decisions, row: Row, days_first: bool | None) -> None:
    points = number(row["points"])
    if points is None:
        raise ValueError("no points: what is it worth?")
    key = (homework_key(row["homework"]), row["question"])
    found.rubric.setdefault(key, []).append(Criterion(points, row["for what"]))


def _read_words(found: Decisions, row: Row, days_first: bool | None) -> None:
    ticks = row["rubric"].replace(",", " ").replace(";", " ").split()
    if not all(tick.isdigit() for tick in ticks):
        raise ValueError(f"rubric {row['rubric']!r}: numbers of lines, like 1 3")
    points = None if not row["points"] else _positive(row, "points", 0.0)
    if points is None and not ticks and not row["comment"]:
        return  # nothing yet
    numbers = tuple(map(int, ticks))
    mark = WordsMark(numbers, points, row["comment"], row["of text"], row.where)
    key = homework_key(row["homework"])
    found.words.append((key, row["question"], row["student"], mark))


def _read_time(found: Decisions, row: Row, days_first: bool | None) -> None:
    when = moment(row["handed in"], days_first)
    if when is not None:
        key = homework_key(row["homework"])
        found.times.append((key, row["student"], when, row.where, row["run"]))


def _read_extension(found: Decisions, row: Row, days_first: bool | None) -> None:
    due = moment(row["due"], days_first)
    if due is None:
        raise ValueError("no date: until when?")
    key = homework_key(row["homework"])
    found.extensions.append((key, row["student"], due, row.where))


def _read_name(found: Decisions, row: Row, days_first: bool | None) -> None:
    found.names[row["in the results"].casefold()] = row["student"]


def _read_scale(found: Decisions, row: Row, days_first: bool | None) -> None:
    start = number(row["from percent"].rstrip(" %"))
    if start is not None:
        found.scale.append((start, row["grade"]))


def grade_for(percent: float, scale: Sequence[tuple[float, str]]) -> str:
    """The grade of a percentage; "" without a scale, or below all of it.

    >>> grade_for(69.96, [(90.0, "A"), (70.0, "B")]), grade_for(70, [(70.0, "B")])
    ('', 'B')
    """
    return next((grade for start, grade in scale if percent >= start), "")
