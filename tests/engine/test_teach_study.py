"""data/teach_study.json: what lesson 28 prints is what was measured and pinned."""

import hashlib
import json
import re

from course_lib.engine.downloads import DATA

STUDY = DATA / "teach_study.json"
ROWS = json.loads(STUDY.read_text("utf-8"))


def test_the_study_is_the_one_that_the_page_of_the_data_pins() -> None:
    page = (DATA / "README.md").read_text("utf-8")
    pinned = re.findall(r"sha256 of `teach_study\.json`: `([0-9a-f]{64})`", page)
    assert pinned == [hashlib.sha256(STUDY.read_bytes()).hexdigest()]


def test_each_training_differs_from_the_recipe_in_one_choice() -> None:
    before, recipe, *others = ROWS
    assert before["trained"] == 0
    for row in others:
        differs = [k for k, v in recipe["choice"].items() if row["choice"][k] != v]
        assert len(differs) == 2, differs  # its name and one choice


def test_all_were_asked_the_same_number_of_questions() -> None:
    for group in ("invented", "real"):
        assert len({row[group]["asked"] for row in ROWS}) == 1
        assert all(0 <= row[group]["refused"] <= row[group]["asked"] for row in ROWS)
