"""Every homework as it is committed: in step, and no wrong answer gets through."""

import re
from pathlib import Path

import pytest

from classroom.homework import author, publish
from classroom.homework.assignment import (
    Assignment,
    find_assignments,
    load_assignment,
    notebook_of,
)
from classroom.homework.compare import same_value
from classroom.homework.proof import is_proven
from classroom.lessons import NOTEBOOKS, find_lessons

MASTERS = author.find_masters()
each_master = pytest.mark.parametrize("name", MASTERS)
SAMPLE = ("hw02", "hw11", "hw20")  # run anew in any case: early, middle, late
FASTEST_S = 60


@each_master
def test_the_homework_is_in_step_with_its_master(name: str) -> None:
    assert publish.drift(MASTERS[name]) == []


def test_every_homework_has_a_master_and_a_lesson() -> None:
    assert find_assignments() == list(MASTERS)
    built = sorted(path.stem for path in (NOTEBOOKS / "homework").glob("*.ipynb"))
    assert built == list(MASTERS)
    lessons = [f"hw{x.number}" for x in find_lessons() if not x.is_appendix]
    assert [name for name in lessons if name not in MASTERS] == []


def assert_same_references(one: Assignment, other: Assignment) -> None:
    """Compare as marking does: another processor gives other last digits."""
    assert one.values.keys() == other.values.keys()
    for key, value in one.values.items():
        assert same_value(value, other.values[key]), key


@pytest.mark.slow
@each_master
def test_the_bank_is_caught_and_the_gate_is_open(
    name: str, capsys: pytest.CaptureFixture[str], pytestconfig: pytest.Config
) -> None:
    """The build proved it and left a seal: run it where that broke, or with --all."""
    master, stored = author.read_master(MASTERS[name]), load_assignment(name)
    fits = stored.master == master.digest and is_proven(stored)
    if fits and not pytestconfig.getoption("all"):
        return
    assignment, trials, scores = author.try_master(master, author.SEEDS[:2])
    seconds = max(trial.seconds for trial in trials)
    with capsys.disabled():
        caught = ", ".join(f"{score.mutation_score:.0%}" for score in scores)
        print(
            f"\n{name}: {scores[0].wrong} wrong answers caught with their hints "
            f"{caught}; {scores[0].passed} right ones pass; {seconds:.1f} s"
        )
    assert all(score.mutation_score == 1 for score in scores)
    assert all(score.passed == score.right for score in scores)
    assert seconds < FASTEST_S
    assert_same_references(stored, assignment)


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLE)
def test_a_sample_gives_the_stored_references_and_mistakes_again(name: str) -> None:
    """What no seal knows: another Python, torch or processor than the build's."""
    stored = load_assignment(name)
    made = author.references(author.read_master(MASTERS[name]), stored.seed)
    assert_same_references(stored, made)
    for old, new in zip(stored.mistakes, made.mistakes, strict=True):
        assert (old.task, old.name, old.hint) == (new.task, new.name, new.hint)
        for key, value in old.values.items():
            assert same_value(value, new.values[key]), (old.name, key)


@each_master
def test_the_homework_says_how_long_it_takes(name: str) -> None:
    head = author.read_master(MASTERS[name]).notebook.cells[0].source
    assert re.search(r"About \d+ minutes", head)
    assert re.search(rf"\]\(\.\./{name[2:]}_\w+\.ipynb\)", head)


@each_master
def test_the_links_of_a_homework_lead_somewhere(name: str) -> None:
    notebook = notebook_of(name)
    text = "\n".join(cell.source for cell in author.build.load(notebook).cells)
    links = re.findall(r"\]\(([^)#\s]+\.ipynb)\)", text)
    assert links
    missing = [link for link in links if not (notebook.parent / link).exists()]
    assert missing == []


@each_master
def test_no_solution_is_in_what_students_get(name: str) -> None:
    built = [notebook_of(name), Path(publish.FOLDER / f"{name}.json")]
    master = author.read_master(MASTERS[name])
    texts = [path.read_text("utf-8") for path in built]
    assert not any(author.BEGIN in text or author.END in text for text in texts)
    given = "\n".join(author.strip_solution(step.source) for step in master.steps)
    for step in (step for step in master.steps if step.kind == "task"):
        solution = re.search(
            rf"{author.BEGIN}\n(.*?)\n\s*{author.END}", step.source, re.S
        )
        assert solution is not None
        for line in solution[1].splitlines():
            if len(line.strip()) > 30 and line.strip() not in given:
                assert all(line.strip() not in text for text in texts), line
