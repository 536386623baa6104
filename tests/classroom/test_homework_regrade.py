"""Marked again with the same seed: one student, one task; what was is kept."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from classroom.homework import author, grade, regrade, report
from classroom.homework.assignment import Assignment, Step, from_json
from classroom.homework.grading_run import GradingRun
from classroom.homework.marking import CheckMark, Mark
from classroom.homework.sandbox import Limits, no_walls
from tests.classroom.toy_homework import toy
from tests.classroom.toy_term import HandIn, judged, marked


@pytest.fixture
def run(tmp_path: Path) -> GradingRun:
    wrong = {"ada": HandIn(), "bob": HandIn(("double",)), "cyd": HandIn(("longest",))}
    return marked(tmp_path, "hw77-marked", wrong)


def generous(assignment: Assignment, submitted: object, *args: object) -> Mark:
    """Everything is right now, with what the checks are worth now."""
    checks = (
        CheckMark(s.key, s.task, s.label, s.points, s.points, "", "new")
        for s in assignment.checks
    )
    return Mark(tuple(checks))


def again(
    run: GradingRun, monkeypatch: pytest.MonkeyPatch, only: list[str], task: str
) -> dict[str, int]:
    """Mark again; student -> points in the table afterwards."""
    monkeypatch.setattr(grade, "mark_submission", generous)
    who = regrade.chosen(run, only)
    fresh = regrade.begin(run, who, task)
    done = lambda record: None  # noqa: E731
    assert grade.grade_all(fresh, no_walls, Limits(), 1, done, who, task) == {}
    return {row["student"]: row["points"] for row in report.write_reports(fresh)}


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def test_one_student_is_marked_again_with_the_same_seed(
    run: GradingRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert again(run, monkeypatch, ["bob"], "") == {"ada": 10, "bob": 10, "cyd": 6}
    kept = run.folder / "history" / "001"
    record = run.record_of(run.entries[1]).name
    assert read(kept / record)["points"] == 7
    assert {path.name for path in kept.iterdir()} == {record, "run.json", "why.json"}
    assert read(kept / "why.json") == {
        "what": "marked again: all tasks",
        "students": ["bob"],
    }
    assert read(run.record_of(run.entries[1]))["seed"] == run.assignment.seed


def changed_master(
    monkeypatch: pytest.MonkeyPatch, **sources: str
) -> list[tuple[object, int]]:
    """The master as a teacher corrected it; what references were asked for."""
    steps = [
        replace(step, source=sources.get(step.key.replace(":", "_"), step.source))
        for step in toy().steps
    ]
    new = replace(toy(), steps=tuple(steps), master="new")
    asked: list[tuple[object, int]] = []

    def references(master: object, seed: int) -> Assignment:
        asked.append((master, seed))
        return replace(new, values={**new.values, "check:longest:1": "'new'"})

    monkeypatch.setattr(author, "find_masters", lambda names: dict.fromkeys(names))
    monkeypatch.setattr(author, "read_master", lambda path: "the master")
    monkeypatch.setattr(author, "references", references)
    return asked


@pytest.mark.parametrize("word", ["longest", "3"])
def test_one_task_is_marked_again_as_it_is_now(
    word: str, run: GradingRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    better = "# CHECK longest 6 points\nlongest(names)"
    asked = changed_master(monkeypatch, check_longest_1=better)
    found = again(run, monkeypatch, [], word)
    # Only `longest` is new: bob's 3 points for `double` stay lost.
    assert found == {"ada": 12, "bob": 9, "cyd": 12}
    assert asked == [("the master", run.assignment.seed)]
    state = run.folder / "run.json"
    assert from_json(state.read_bytes(), state).values["check:longest:1"] == "'new'"
    bob = read(run.record_of(run.entries[1]))
    assert bob["worth"] == 12
    shown = {check["key"]: check["shown"] for check in bob["checks"]}
    assert shown["check:longest:1"] == "new"
    assert shown["check:double:1"] == ""
    old = from_json((run.folder / "history" / "001" / "run.json").read_bytes(), state)
    assert old.points == 10


def test_a_homework_whose_set_up_changed_is_not_mixed(
    run: GradingRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed_master(monkeypatch, given_0="SEED = 1\n")
    with pytest.raises(ValueError, match=r"set-up cells of hw77 have changed since"):
        regrade.begin(run, run.entries, "longest")
    assert not (run.folder / "history").exists()


@pytest.mark.parametrize(
    ("only", "why"),
    [
        ("eve", r"'eve' handed nothing in here; there are ada, bob, cyd"),
        ("", r"'' handed nothing in"),
    ],
)
def test_who_is_not_there_is_named(run: GradingRun, only: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        regrade.chosen(run, [only])


@pytest.mark.parametrize("task", ["0", "4", "why", "Double"])
def test_a_task_that_is_not_there_is_named(run: GradingRun, task: str) -> None:
    with pytest.raises(ValueError, match=r"the tasks of hw77 are double, shares, long"):
        regrade.begin(run, run.entries, task)


def test_where_nothing_was_marked_nothing_is_marked_again(tmp_path: Path) -> None:
    run = marked(tmp_path, "hw77-marked", {"ada": HandIn()})
    run.record_of(run.entries[0]).unlink()
    with pytest.raises(ValueError, match="nothing was marked here yet"):
        regrade.begin(run, run.entries, "")


def test_a_second_time_is_kept_beside_the_first(
    run: GradingRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    again(run, monkeypatch, ["bob"], "")
    monkeypatch.undo()
    monkeypatch.setattr(grade, "mark_submission", judged)
    bob = regrade.chosen(run, ["BOB"])
    regrade.begin(run, bob, "")
    grade.grade_all(run, no_walls, Limits(), 1, again=bob)
    name = run.record_of(bob[0]).name
    kept = [
        read(p / name)["points"] for p in sorted((run.folder / "history").iterdir())
    ]
    assert kept == [7, 10]
    assert read(run.record_of(bob[0]))["points"] == 7


def test_cells_of_a_task_keep_their_places() -> None:
    old = [Step("given:0", "a"), Step("task:f", "f"), Step("check:f:1", "1")]
    old += [Step("given:1", "b"), Step("check:f:2", "2"), Step("task:g", "g")]
    new = [Step("task:f", "F"), Step("check:f:1", "I"), Step("check:f:2", "II")]
    new += [Step("check:f:3", "III"), Step("task:g", "G")]
    mixed = regrade._with_task(old, new, "f")
    assert [step.source for step in mixed] == ["a", "F", "I", "b", "II", "III", "g"]
