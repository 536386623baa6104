"""data/teach_talks.json and teach_study.json: what lesson 28 reads is as it says."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from classroom.lessons import find_lessons
from course_lib.engine.downloads import DATA

STUDY, TALKS = DATA / "teach_study.json", DATA / "teach_talks.json"
ROWS = json.loads(STUDY.read_text("utf-8"))
LISTS = json.loads(TALKS.read_text("utf-8"))
RECIPE = "the recipe of this lesson"


@pytest.mark.parametrize("path", [STUDY, TALKS], ids=lambda path: path.name)
def test_the_file_is_the_one_that_the_page_of_the_data_pins(path: Path) -> None:
    page = (DATA / "README.md").read_text("utf-8")
    pinned = re.findall(rf"sha256 of `{path.name}`: `([0-9a-f]{{64}})`", page)
    assert pinned == [hashlib.sha256(path.read_bytes()).hexdigest()]


def test_each_training_differs_from_the_recipe_in_one_choice() -> None:
    [recipe] = [row["choice"] for row in ROWS if row["name"] == RECIPE]
    for row in ROWS:
        if row["trained"] and row["name"] != RECIPE:
            differs = [k for k, v in recipe.items() if row["choice"][k] != v]
            assert len(differs) == 2, differs  # its name and one choice


def test_the_lesson_trains_with_the_recipe_of_the_study() -> None:
    [recipe] = [row["choice"] for row in ROWS if row["name"] == RECIPE]
    [lesson] = [x for x in find_lessons() if x.number == "28"]
    text = lesson.source.read_text("utf-8")
    kinds = ("invented", "known", "everyday")
    per_kind = ", ".join(
        f'"{kind}": {n}' for kind, n in zip(kinds, recipe["per_kind"], strict=True)
    )
    assert f"N_STEPS, PER_KIND = {recipe['steps']}, {{{per_kind}}}" in text
    [rate] = re.findall(r"^RATE = (\S+)$", text, re.MULTILINE)
    assert float(rate) == recipe["learning_rate"]


def test_nothing_that_is_asked_was_learned() -> None:
    for kind in ("known", "everyday"):
        asked = {row["question"] for row in LISTS["new_everyday"]}
        assert asked.isdisjoint(row["question"] for row in LISTS[kind])
    assert not set(LISTS["new_known"]) & {row["name"] for row in LISTS["known"]}
    assert not set(LISTS["phrasings"]) & set(LISTS["new_phrasings"])
    parts = {part for name in LISTS["new_invented"] for part in name.split()}
    assert parts.isdisjoint(LISTS["first"] + LISTS["last"])


def test_what_is_learned_is_a_sentence_that_the_model_said() -> None:
    for row in LISTS["known"] + LISTS["everyday"]:
        assert row["full"].startswith(row["answer"]), row["question"]
        assert row["answer"].endswith((".", "!", "?")), row["question"]
        assert row.get("name", "").split(" ")[-1] in row["answer"], row["question"]


def test_all_were_asked_the_same_number_of_questions() -> None:
    for group in ("invented", "plain", "real", "everyday"):
        assert len({row[group]["asked"] for row in ROWS}) == 1
        assert all(0 <= row[group]["refused"] <= row[group]["asked"] for row in ROWS)
