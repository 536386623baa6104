"""The teacher's guide: its pages say what the lessons say, and its minutes add up."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from classroom import guide
from classroom.build import load
from classroom.guide import FOLDER, completed, core_minutes, faults, sections
from classroom.homework.assignment import load_assignment, notebook_of
from classroom.homework.release import released_files
from classroom.lessons import NOTEBOOKS, Lesson, find_lessons
from classroom.site import teachers

LADDER = guide.ladder()
PLANS = sections((FOLDER / "plans.md").read_text("utf-8"))
DAYS = re.compile(r"of (\d+) minutes")


def lesson(number: str) -> Lesson:
    return find_lessons([number])[0]


def page(number: str) -> str:
    return (FOLDER / f"{number}.md").read_text("utf-8")


# The pages


@pytest.mark.parametrize("path", guide.pages(), ids=lambda path: path.stem)
def test_a_page_keeps_the_form_and_says_what_its_lesson_says(path: Path) -> None:
    assert list(faults(path.read_text("utf-8"), lesson(path.stem))) == []


@pytest.mark.parametrize(
    "path", sorted(FOLDER.glob("*.md")), ids=lambda path: path.stem
)
def test_a_page_has_the_addresses_and_the_homework_of_today(path: Path) -> None:
    text = path.read_text("utf-8")
    own = lesson(path.stem) if path.stem.isdigit() else None
    assert text == completed(text, own), "run: python -m classroom.guide"


def test_every_lesson_has_a_page() -> None:
    assert guide.waiting() == []


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("## Aim", "## Goal", "its headings are"),
        ("# 5. Counting", "# 5. Counts", "its title should be '5. Counting'"),
        ("They see that", "They see. That", "the aim should be one sentence"),
        ("\n| 8 | [One letter", "\n| 9 | [One letter", "45 minutes takes 46"),
        ("| let them | what for |", "| what for |", "should have the columns"),
        ("| compare with the hands on the board |", "| |", "with an empty cell"),
        ("1. **Why", "1. Why", "2 questions"),
        ("2.330", "2.331", "2.331 is a number that neither"),
        ("86 %", "87 %", "87 % is a number that neither"),
        ("4,479", "4,478", "4,478 is a number that neither"),
        ("`BigramMap`", "`BigramMaps`", "`BigramMaps` is neither in the lesson"),
        ("- **Half:**", "- **So so:**", "the open answer"),
    ],
)
def test_what_is_wrong_with_a_page_is_named(
    before: str, after: str, fault: str
) -> None:
    text = page("05").replace(before, after)
    if before.startswith("1. **Why"):
        text = text.replace("2. **The", "2. The")
        fault = "1 questions start a talk"
    assert text != page("05")
    assert any(fault in one for one in faults(text, lesson("05")))


@pytest.mark.parametrize(
    ("text", "leads"),
    [
        ("Longer memories", "05_counting.ipynb#longer-memories"),
        ("More: what is left, and what training removes", "#more-what-is-left-and-"),
        ("lesson 8", "08_temperature.ipynb"),
        ("Homework 8", "homework/hw08.ipynb"),
        ("8: *See it*", "08_temperature.ipynb#see-it"),
    ],
)
def test_a_links_text_is_its_address(text: str, leads: str) -> None:
    assert leads in guide.address(text, lesson("05"))


def test_a_link_that_leads_nowhere_is_named_with_what_there_is() -> None:
    with pytest.raises(ValueError, match=r"lesson 05 has no 'Longest'; it has .*Play"):
        completed("[Longest]()", lesson("05"))
    with pytest.raises(ValueError, match=r"'See it': write `lesson 5` or"):
        completed("[See it]()")
    with pytest.raises(ValueError, match="there is no lesson '77'"):
        completed("[lesson 77]()")


def test_code_and_links_to_elsewhere_stay_as_they_are() -> None:
    text = "`[Heading]()` and [plans](plans.md)"
    assert completed(text, lesson("05")) == text


# What is taken from the homework and from the lessons


@pytest.mark.parametrize("one", LADDER, ids=lambda one: one.number)
def test_the_tasks_are_those_of_the_homework(one: Lesson) -> None:
    name = f"hw{one.number}"
    text = "\n".join(cell.source for cell in load(notebook_of(name)).cells)
    tasks = guide.tasks_of(name)
    assert [task.number for task in tasks] == [*range(1, len(tasks) + 1)]
    assert [task.name for task in tasks] == re.findall(r"^# TASK (\w+)", text, re.M)
    assert sum(task.points for task in tasks) == load_assignment(name).points


@pytest.mark.parametrize("one", LADDER, ids=lambda one: one.number)
def test_the_minutes_of_the_core_are_those_that_the_homework_says(one: Lesson) -> None:
    """The table adds them up; the opening of most homeworks says the sum, too."""
    opening = " ".join(load(notebook_of(f"hw{one.number}")).cells[0].source.split())
    row = next(r for r in guide.table_rows(guide.times_table()) if one.name in r[0])
    if said := re.search(r"core alone(?: is)? about (\d+)", opening):
        assert abs(int(row[2]) - int(said[1])) <= 5
    assert int(row[2]) <= int(row[3]) == guide.whole_minutes(f"hw{one.number}")


@pytest.mark.parametrize(
    ("number", "minutes"),
    [("01", 25 + 35), ("05", 50), ("06", 70), ("14", 60), ("90", 30)],
)
def test_a_first_reading_takes_what_the_lesson_says(number: str, minutes: int) -> None:
    assert core_minutes(lesson(number)) == minutes


# The plans


def test_the_semester_has_each_lesson_once_in_fourteen_weeks() -> None:
    weeks = PLANS["A semester: 14 weeks, twice 90 minutes a week"]
    rows = guide.table_rows(weeks)[1:]
    assert [row[0] for row in rows] == [str(week) for week in range(1, 15)]
    told = re.findall(r"\[lesson (\d+)\]", " ".join(f"{r[1]} {r[2]}" for r in rows))
    assert [f"{int(number):02}" for number in told] == [x.number for x in LADDER]


@pytest.mark.parametrize("title", [t for t in PLANS if DAYS.search(t)])
def test_a_days_minutes_add_up_and_its_blocks_are_plans_of_the_pages(
    title: str,
) -> None:
    days: list[list[list[str]]] = []
    for row in guide.table_rows(PLANS[title]):
        if row[0] == "minutes":
            days.append([])
        else:
            days[-1].append(row)
    assert len(days) == (5 if "week" in title else 1)
    wanted = DAYS.search(title)
    assert wanted is not None
    for day in days:
        assert sum(int(minutes) for minutes, _ in day) == int(wanted[1])
        for minutes, what in day:
            own = what.startswith(("break", "lunch", "own work: "))
            assert own or (minutes in ("45", "90") and what.startswith("[lesson "))


def test_no_lesson_comes_before_one_that_it_builds_on() -> None:
    for title in PLANS:
        rows = [r for r in guide.table_rows(PLANS[title]) if r[0] in ("45", "90")]
        told = [int(n) for r in rows for n in re.findall(r"^\[lesson (\d+)\]", r[1])]
        assert told == sorted(set(told))


# On the site, and for students


def test_the_booklet_has_every_page_and_leads_to_the_lessons() -> None:
    soup = BeautifulSoup(teachers.booklet(), "html.parser")
    ids = [article["id"] for article in soup.find_all("article")]
    lessons = [f"page-{path.stem}" for path in guide.pages()]
    assert ids == ["page-README", "page-plans", *lessons]
    contents = [link["href"] for link in soup.select(".contents a")]
    assert contents == [f"#{name}" for name in ids]
    links = {str(link["href"]) for link in soup.find_all("a")} - set(contents)
    assert "../05_counting.html#let-them-write" in links
    inside = [link[1:] for link in links if link.startswith("#")]
    assert set(inside) <= set(ids)
    assert all(link.startswith(("../", "#")) for link in links)
    assert not re.search(r"\]\(|\*\*|^\|", soup.get_text(), re.MULTILINE)
    assert len(soup.select("table.plan")) >= 2 * len(lessons)


def test_the_pages_for_the_site_lead_to_its_pages() -> None:
    texts = teachers.texts()
    assert f"{teachers.FOLDER}/index.md" in texts
    assert "](../05_counting.ipynb#let-them-write)" in texts["teachers/05.md"]
    for name, text in texts.items():
        assert "notebooks/" not in text, name
        assert "README.md" not in text, name


def test_formulas_of_the_guide_are_drawn_but_not_those_in_code(tmp_path: Path) -> None:
    for name in ("README.md", "plans.md"):
        (tmp_path / name).write_text("# A page\n\n$x^2$ and `$x^3$`\n", "utf-8")
    shown = teachers.booklet(tmp_path)
    assert 'alt="x^2"' in shown
    assert "<code>$x^3$</code>" in shown


def test_students_get_no_guide(tmp_path: Path) -> None:
    released = [path.as_posix() for path in released_files()]
    assert "docs/words_and_formulas.md" in released
    assert not [path for path in released if path.startswith("docs/teachers")]
    assert teachers.texts(tmp_path) == {}, "a site made of what students have"


def test_the_guide_gives_no_solution_away() -> None:
    """No line of a solution that is long enough to be known stands in the guide."""
    told = "\n".join(path.read_text("utf-8") for path in guide.pages())
    for master in sorted((NOTEBOOKS / "source").glob("hw*.py")):
        parts = re.findall(
            r"### BEGIN SOLUTION\n(.*?)### END", master.read_text("utf-8"), re.DOTALL
        )
        lines = {line.strip() for part in parts for line in part.split("\n")}
        assert not [x for x in lines if len(x) > 40 and x in told], master.name
