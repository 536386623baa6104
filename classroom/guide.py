"""The teacher's guide: a page a lesson in `docs/teachers`, completed and checked.

A page is written by hand, but what the course knows already is not typed again: after
a change, `python -m classroom.guide` fills in the addresses of the links `[Heading]()`
and the table of the homework, and names what is wrong. The form of a page stands in
`CONTRIBUTING.md`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from classroom import build
from classroom.homework.assignment import load_assignment, notebook_of
from classroom.kernel import Notebook
from classroom.lessons import ROOT, Lesson, find_lessons

FOLDER = ROOT / "docs" / "teachers"
TO_NOTEBOOKS = "../../notebooks/"
"""The lessons, seen from a page of the guide."""
SECTIONS = (
    *("Aim", "In 45 minutes", "In 90 minutes", "Questions that start a talk"),
    *("What they get wrong", "On the board", "Homework", "What to skip"),
)
COLUMNS = ("minutes", "on the screen", "let them", "what for")
MARKS = ("<!-- written by python -m classroom.guide -->", "<!-- end -->")
WRITTEN = re.compile(f"{re.escape(MARKS[0])}.*?{re.escape(MARKS[1])}", re.DOTALL)
PAGE_LINK = re.compile(r"`[^`\n]+`|\[(?P<text>[^\]]+)\]\((?P<to>[^)\s]*)\)")
"""A link, or code, in which nothing is one."""
FILLED = re.compile(rf"(?:{re.escape(TO_NOTEBOOKS)}(?!source/).*)?")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?(?: ?%|(?![\w]))")
CODE_NAME = re.compile(r"`([A-Za-z_][\w.]*)`")
TASK = re.compile(
    r"^## Task (\d+)(?: \(\*?(core|more)\*?(?:, (\d+) minutes)?\))?: (.+)$"
)
TASK_ROW = re.compile(r"^\| (\d+) \*(?:core|more)\* \|.*\| (\d+) \|$", re.MULTILINE)
IN_ALL = re.compile(r"[Aa]bout (\d+) minutes")
TIMES = (
    r"(?P<a>\d+) minutes to read, (?P<b>\d+) more",
    r"then (?P<a>\d+)\.",
    r"(?P<a>\d+) (?:minutes )?without",
    r"(?P<a>\d+) minutes",
)
"""How lessons say what their core takes; the first that is found holds."""


loaded = cache(build.load)


@dataclass(frozen=True)
class Task:
    """A task of a homework, as its notebook and its data have it."""

    number: int
    name: str
    title: str
    kind: str
    """`core` or `more`; "" where the homework does not say."""
    minutes: int | None
    points: int


def title_of(notebook: Notebook) -> str:
    """The heading of a notebook."""
    return str(notebook.cells[0].source.split("\n", 1)[0].lstrip("# "))


def core_minutes(lesson: Lesson) -> int:
    """What a first reading of a lesson takes, by its own words."""
    said = re.search(r"\*\*Time\*\*(.*?)\n- \*\*", _prose(lesson), re.DOTALL)
    assert said, f"{lesson.name} does not say how long it takes"
    words = " ".join(said[1].split())
    found = next(filter(None, (re.search(form, words) for form in TIMES)))
    return sum(int(n) for n in found.groupdict().values())


def tasks_of(name: str) -> list[Task]:
    """The tasks of homework `name`, in order."""
    given = load_assignment(name)
    cells = loaded(notebook_of(name)).cells
    rows = dict(TASK_ROW.findall(cells[0].source))
    names = [step.task for step in given.steps if step.kind == "task"]
    heads = [
        m for c in cells for line in c.source.split("\n") if (m := TASK.match(line))
    ]
    tasks = []
    for task, head in zip(names, heads, strict=True):
        number, kind, minutes, title = head.groups()
        minutes = minutes or rows.get(number)
        points = sum(check.points for check in given.checks if check.task == task)
        many = int(minutes) if minutes else None
        tasks.append(Task(int(number), task, title, kind or "", many, points))
    return tasks


def whole_minutes(name: str) -> int:
    """What homework `name` takes in all, by its own words."""
    opening = loaded(notebook_of(name)).cells[0].source
    said = IN_ALL.search(" ".join(opening.split()))
    assert said, f"{name} does not say how long it takes"
    return int(said[1])


def homework_table(name: str) -> str:
    """What `tasks_of` knows, as Markdown."""
    lines = [
        "| task | name | core or more | minutes | points |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {t.number}. {t.title} | `{t.name}` | {t.kind} | {t.minutes or ''} "
        f"| {t.points} |"
        for t in tasks_of(name)
    ]
    whole = f"About {whole_minutes(name)} minutes in all, with the question in words."
    return "\n".join([*lines, "", whole])


def times_table() -> str:
    """What each lesson and its homework take, as Markdown."""
    lines = [
        "| lesson | first reading | homework, core | in all |",
        "|---|---|---|---|",
    ]
    for lesson in ladder():
        name = f"hw{lesson.number}"
        whole, more = (
            whole_minutes(name),
            (t for t in tasks_of(name) if t.kind != "core"),
        )
        core = whole - sum(task.minutes or 0 for task in more)
        title = title_of(loaded(lesson.notebook)).partition(". ")[2]
        link = f"[lesson {int(lesson.number)}]({TO_NOTEBOOKS}{lesson.name}.ipynb)"
        row = f"| {link}: {title} | {core_minutes(lesson)} | {core} | {whole} |"
        lines.append(row)
    return "\n".join(lines)


def ladder() -> list[Lesson]:
    """The lessons that have a page: no appendix, and no teacher's own."""
    return [x for x in find_lessons() if not x.is_own and not x.is_appendix]


@cache
def headings_of(lesson: Lesson) -> dict[str, str]:
    """Heading without its marks -> the end of an address that leads to it."""
    heads = re.findall(r"^(#{1,3}) (.+)$", FENCE.sub("", _prose(lesson)), re.MULTILINE)
    found: dict[str, str] = {}
    for level, text in heads:
        plain = re.sub(r"[*`]", "", text)
        anchor = re.sub(r"[^\w\- ]", "", re.sub(r"\$[^$]*\$", "", plain).lower())
        part = "" if level == "#" else f"#{anchor.strip().replace(' ', '-')}"
        found.setdefault(plain, f"{lesson.name}.ipynb{part}")
    return found


@cache
def _prose(lesson: Lesson) -> str:
    cells = build.read_source(lesson.source).cells
    return "\n\n".join(c.source for c in cells if c.cell_type == "markdown")


def address(text: str, lesson: Lesson | None = None) -> str:
    """Where a link of the guide leads, by its text.

    `lesson 8` and `homework 8` lead there, `8: A heading` to a part of lesson 8, and
    any other text to that heading of the page's own lesson.

    Raises:
        ValueError: there is none; the message lists the headings.
    """
    plain = " ".join(re.sub(r"[*`]", "", text).split())
    if whole := re.fullmatch(r"(?i:(lesson|homework)) (\d+)", plain):
        name = find_lessons([whole[2]])[0].name
        own = whole[1].lower() == "homework"
        return f"homework/hw{int(whole[2]):02}.ipynb" if own else f"{name}.ipynb"
    if part := re.fullmatch(r"(\d+): (.+)", plain):
        lesson, plain = find_lessons([part[1]])[0], part[2]
    if lesson is None:
        raise ValueError(f"{text!r}: write `lesson 5` or `5: A heading of it`")
    known = headings_of(lesson)
    if plain not in known:
        raise ValueError(f"lesson {lesson.number} has no {plain!r}; it has {[*known]}")
    return known[plain]


def completed(text: str, lesson: Lesson | None = None) -> str:
    """A page with the addresses of its links and with the table of its homework.

    Raises:
        ValueError: a link's text leads nowhere.
    """

    def fill(found: re.Match[str]) -> str:
        if found["text"] is None or not FILLED.fullmatch(found["to"]):
            return found[0]
        return f"[{found['text']}]({TO_NOTEBOOKS}{address(found['text'], lesson)})"

    table = homework_table(f"hw{lesson.number}") if lesson else times_table()
    whole = f"{MARKS[0]}\n\n{table}\n\n{MARKS[1]}"
    return PAGE_LINK.sub(fill, WRITTEN.sub(lambda _: whole, text))


def sections(text: str) -> dict[str, str]:
    """The parts of a page under its second headings, in order."""
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], map(str.strip, parts[2::2]), strict=True))


def table_rows(text: str) -> list[list[str]]:
    """The cells of all tables in a text, without the rows of dashes."""
    lines = [line for line in text.split("\n") if line.startswith("|")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in rows if set("".join(row)) - set("-: ")]


def faults(text: str, lesson: Lesson) -> Iterator[str]:
    """What is wrong with the page of a lesson, in words."""
    parts = sections(text)
    if tuple(parts) != SECTIONS:
        yield f"its headings are {list(parts)}, and should be {list(SECTIONS)}"
        return
    title = title_of(loaded(lesson.notebook))
    if text.split("\n", 1)[0] != f"# {title}":
        yield f"its title should be {title!r}, as the lesson's"
    if not re.fullmatch(r"[^.?!]+\.", " ".join(parts["Aim"].split())):
        yield "the aim should be one sentence"
    for minutes in (45, 90):
        yield from _faults_of_plan(parts[f"In {minutes} minutes"], minutes)
    n_questions = len(re.findall(r"^\d\. \*\*", parts[SECTIONS[3]], re.MULTILINE))
    if not 2 <= n_questions <= 3:
        yield f"{n_questions} questions start a talk: two or three, as `1. **Why?**`"
    if len(re.findall(r"^- \*\*", parts["What they get wrong"], re.MULTILINE)) < 3:
        yield "what they get wrong: three or more, as `- **what they say.** Answer`"
    if not FENCE.search(parts["On the board"]):
        yield "the picture for the board should stand between ``` lines"
    if re.findall(r"^- \*\*(\w+)", parts["Homework"], re.M) != [
        "Good",
        "Half",
        "Wrong",
    ]:
        yield "the open answer: `- **Good:**`, `- **Half:**`, `- **Wrong:**`"
    yield from _unknown(text, lesson)


def _faults_of_plan(text: str, minutes: int) -> Iterator[str]:
    rows = table_rows(text)
    if not rows or tuple(rows[0]) != COLUMNS:
        yield f"the plan of {minutes} minutes should have the columns {COLUMNS}"
        return
    total = sum(int(row[0]) for row in rows[1:])
    if total != minutes:
        yield f"the plan of {minutes} minutes takes {total}"
    for row in rows[1:]:
        if len(row) != len(COLUMNS) or not all(row):
            yield f"the plan of {minutes} minutes has a row with an empty cell: {row}"


def _unknown(text: str, lesson: Lesson) -> Iterator[str]:
    """Names and numbers of a page that neither the lesson nor its homework has.

    Whole numbers below 100 may be the teacher's own: people, minutes, tries.
    """
    own = WRITTEN.sub("", text)
    words = PAGE_LINK.sub(lambda found: found["text"] or found[0], own)
    known = shown(lesson)
    for name in sorted(set(CODE_NAME.findall(FENCE.sub("", words)))):
        if not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", known):
            yield f"`{name}` is neither in the lesson nor in its homework"
    numbers = set(map(_plain, NUMBER.findall(known)))
    for number in sorted(set(NUMBER.findall(words))):
        small = number.isdigit() and int(number) < 100
        if not small and _plain(number) not in numbers:
            yield f"{number} is a number that neither lesson nor homework shows"


def _plain(number: str) -> str:
    return number.replace(",", "").replace(" ", "").rstrip("%")


@cache
def shown(lesson: Lesson) -> str:
    """All that a lesson and its homework show: texts, programs, outputs, pictures."""
    parts: list[str] = []
    for path in (lesson.notebook, notebook_of(f"hw{lesson.number}")):
        for cell in loaded(path).cells:
            parts.append(cell.source)
            for output in cell.get("outputs", []):
                parts.append(str(output.get("text", "")))
                parts.append(str(output.get("data", {}).get("text/plain", "")))
                parts.append(str(output.get("metadata", {})))
    return "\n".join(parts)


def pages(folder: Path = FOLDER) -> list[Path]:
    """The pages of the lessons, in order."""
    return sorted(folder.glob("[0-9][0-9].md"))


def waiting(folder: Path = FOLDER) -> list[str]:
    """Numbers of lessons that have no page yet."""
    there = {page.stem for page in pages(folder)}
    return [lesson.number for lesson in ladder() if lesson.number not in there]


def main() -> int:
    """Complete all pages, and say what is wrong with them."""
    lost = 0
    for page in sorted(FOLDER.glob("*.md")):
        lesson = find_lessons([page.stem])[0] if page.stem.isdigit() else None
        try:
            text = completed(page.read_text("utf-8"), lesson)
        except ValueError as error:
            found = [str(error)]
        else:
            page.write_text(text, "utf-8")
            found = list(faults(text, lesson)) if lesson else []
        lost += len(found)
        print("".join(f"{page.name}: {fault}\n" for fault in found), end="")
    print(f"{len(pages())} pages; still to write: {', '.join(waiting()) or 'none'}")
    return 1 if lost else 0


if __name__ == "__main__":
    raise SystemExit(main())
