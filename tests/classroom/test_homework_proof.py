"""The seal of the gate: what breaks it, and what leaves it alone."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from classroom.homework import proof
from classroom.homework.assignment import from_json, to_json
from tests.classroom.toy_homework import toy

NAMES = "data/names.txt"  # what the toy reads


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / NAMES).write_text("ada\n", "utf-8")
    return tmp_path


def test_a_seal_holds_through_the_file(root: Path) -> None:
    made = proof.sealed(toy(), root)
    assert made.proof
    assert proof.is_proven(made, root)
    assert proof.is_proven(from_json(to_json(made), root), root)
    assert proof.sealed(made, root) == made


@pytest.mark.parametrize(
    "change",
    [
        {"proof": ""},
        {"master": "another master or bank"},
        {"values": {"check:double:1": "[1]"}},
        {"mistakes": ()},
        {"seed": 2},
    ],
)
def test_another_master_bank_or_reference_breaks_it(
    root: Path, change: dict[str, object]
) -> None:
    made = replace(proof.sealed(toy(), root), **change)  # type: ignore[arg-type]
    assert not proof.is_proven(made, root)


def test_other_data_break_it(root: Path) -> None:
    made = proof.sealed(toy(), root)
    (root / NAMES).write_text("bob\n", "utf-8")
    assert not proof.is_proven(made, root)
    (root / NAMES).unlink()
    with pytest.raises(ValueError, match=f"hw77 reads {NAMES}, which is not there"):
        proof.is_proven(made, root)


@pytest.mark.parametrize(
    ("module", "old", "new", "breaks"),
    [
        ("gate", "MAX_SECONDS = 60", "MAX_SECONDS = 61", True),
        ("compare", "def same_value(", "def same_value_(", True),
        ("gate", "MAX_SECONDS = 60", "MAX_SECONDS = (60)  # a minute", False),
        ("gate", '"""Why a', '"""The reasons why a', False),
        ("gate", '"""Checks that one', '"""All checks that one', False),
        ("grade", "def ", "def another_", False),  # it marks, but opens no gate
    ],
)
def test_the_code_that_decides_breaks_it_and_its_comments_do_not(
    tmp_path: Path, module: str, old: str, new: str, breaks: bool
) -> None:
    shutil.copytree(proof.HERE, tmp_path, dirs_exist_ok=True)
    path = tmp_path / f"{module}.py"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    assert (proof.tool_digest(tmp_path) != proof.tool_digest()) is breaks
