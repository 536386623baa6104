"""Making a homework: the gate refuses a weak one, the notebook has no solutions."""

import json
import re
from pathlib import Path

import pytest

from classroom.homework import author, bank, publish
from classroom.homework.assignment import from_json, load_assignment, to_json, with_seed
from classroom.homework.trial import run_trials
from classroom.lessons import LessonError
from tests.classroom.toy_homework import BANK, MASTER, read_toy, toy, write_toy


def refusal(folder: Path, master: str = MASTER, answers: str = BANK) -> str:
    """Why the gate is shut."""
    with pytest.raises(LessonError) as caught:
        author.try_master(read_toy(folder, master, answers))
    return str(caught.value)


def test_a_good_master_passes_the_gate(tmp_path: Path) -> None:
    assignment, trials, scores = author.try_master(read_toy(tmp_path))
    assert assignment.points == 10
    assert [trial.seed for trial in trials] == list(author.SEEDS)
    assert all(score.mutation_score == 1 for score in scores)
    assert all((score.wrong, score.passed) == (9, 6) for score in scores)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (
            "double([random.Random(SEED + i).randrange(1000) for i in range(4)])",
            "double([1, 2, 3])",
            "check:double:1 does not depend on SEED",
        ),
        (
            "[longest(random.Random(SEED + i).sample(names, 9)) for i in range(3)]",
            "print(longest(names))",
            "check:longest:1: prints: end it with the value itself",
        ),
        (
            "[longest(random.Random(SEED + i).sample(names, 9)) for i in range(3)]",
            "x = longest(names)",
            "does not end in a value",
        ),
        (
            "[longest(random.Random(SEED + i).sample(names, 9)) for i in range(3)]",
            "[i + SEED for i in range(3)]",
            "check:longest:1 passes without an answer",
        ),
        ("return [2 * n for n in numbers]", "return 1 / 0", "check:double:1 gives no"),
        ("dice = random.Random(SEED)", "dice = 1 / 0", "given:0 stops with ZeroDiv"),
        ("SEED = 1", "SEEDS = 1", "the first code cell has no line SEED = 1"),
        ("<!-- OPEN why -->", "", "has no open question"),
        ("    ### END SOLUTION\n\n# %%\n# CHECK double", "\n# %%\n# CHECK double",
         "task:double: has no ### BEGIN SOLUTION"),
        ("# CHECK longest 4 points", "# CHECK largest 4 points", "but checks for"),
        ("import random", "import random\nfrom course_lib import mlp",
         "imports course_lib, which holds solutions"),
        ("# NEEDS data/names.txt", "# NEEDS data/nothing.txt", "which is missing"),
        ("# NEEDS data/names.txt", "# NEEDS ../etc/passwd", "inside the course"),
    ],
)  # fmt: skip
def test_the_gate_refuses_a_weak_master(
    tmp_path: Path, old: str, new: str, why: str
) -> None:
    assert old in MASTER
    assert why in refusal(tmp_path, MASTER.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("return [n * n for n in numbers]", "return [2 * n for n in numbers]",
         "double: squares: wrong, but passes every check"),
        ("return [n + n for n in numbers]", "return [n for n in numbers]",
         "double: adds: right, but fails check:double:1"),
        ("return numbers\n", "return [n * n for n in numbers]\n",
         "gets another hint"),
        ("# WRONG longest: the shortest", "# WRONG shortest: the shortest",
         "the bank answers a task that is not there"),
        ("# RIGHT longest: sorted\ndef longest(words):\n"
         "    return sorted(words, key=lambda word: -len(word))[0]\n", "# RIGHT double:"
         " again\ndef double(x):\n    return [n + n for n in x]\n",
         "longest: the bank needs 3 wrong and 2 right answers"),
        ("# WRONG double: squares", "# WRANG double: squares", "does not begin with"),
        ("# RIGHT double: adds\n", "# RIGHT double: adds\n# HINT but why\n",
         "a right answer has no hint"),
    ],
)  # fmt: skip
def test_the_gate_refuses_a_weak_bank(
    tmp_path: Path, old: str, new: str, why: str
) -> None:
    assert old in BANK
    assert why in refusal(tmp_path, answers=BANK.replace(old, new, 1))


@pytest.mark.parametrize(
    ("numbers", "why"),
    [
        (
            "[SEED % 20]",
            "check:double:1 does not depend on SEED: 1 and 101 give",
        ),
        (
            "[2 if SEED == 1 else SEED]",
            "'double: squares' passes it with SEED = 1",
        ),
    ],
)
def test_the_gate_refuses_a_check_that_luck_passes(
    tmp_path: Path, numbers: str, why: str
) -> None:
    old = "[random.Random(SEED + i).randrange(1000) for i in range(4)]"
    master = read_toy(tmp_path, MASTER.replace(old, numbers, 1))
    trials = author.try_master(master)[1]
    with pytest.raises(LessonError, match=re.escape(why)):
        author.refuse_luck(master, trials)


def test_a_missing_bank_is_named(tmp_path: Path) -> None:
    path = write_toy(tmp_path)
    (tmp_path / "hw77.py").unlink()
    with pytest.raises(LessonError, match="a homework needs its bank"):
        author.read_master(path, tmp_path)


def test_the_notebook_holds_stubs_locks_and_references(tmp_path: Path) -> None:
    master = read_toy(tmp_path)
    assignment = author.try_master(master)[0]
    content = publish.make_notebook(master, assignment).decode()
    assert "SOLUTION" not in content
    assert "2 * n" not in content
    cells = {
        cell["metadata"].get("homework"): cell
        for cell in json.loads(content)["cells"]
        if "homework" in cell["metadata"]
    }
    task, check = cells["task:double"], cells["check:double:1"]
    assert "".join(task["source"]).endswith(f"    {author.STUB}")
    assert task["metadata"]["deletable"] is False
    assert "editable" not in task["metadata"]
    assert check["metadata"]["editable"] is check["metadata"]["deletable"] is False
    (output,) = check["outputs"]
    shown = "".join(output["data"]["text/plain"])
    assert shown == assignment.values["check:double:1"]
    assert "return min(words" in "".join(cells["task:longest"]["source"])


def test_two_builds_are_the_same_bytes(tmp_path: Path) -> None:
    master = read_toy(tmp_path)
    one, two = (author.try_master(master)[0] for _ in range(2))
    assert to_json(one) == to_json(two)
    assert publish.make_notebook(master, one) == publish.make_notebook(master, two)


def test_an_assignment_survives_its_file(tmp_path: Path) -> None:
    assignment = toy()
    assert from_json(to_json(assignment), tmp_path) == assignment


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"steps": 3}', b"\xff"])
def test_a_damaged_assignment_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "hw03.json").write_bytes(content)
    with pytest.raises(ValueError, match=r"hw03\.json is damaged"):
        load_assignment("3", tmp_path)


def test_an_unknown_homework_lists_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "hw03.json").write_bytes(b"")
    with pytest.raises(ValueError, match="no homework 'hw04'; there are: hw03"):
        load_assignment("hw04", tmp_path)


def test_every_seed_line_is_set() -> None:
    text = with_seed("SEED = 1\nx = SEED\n SEED = 1\nSEED=12", 5)
    assert text == "SEED = 5\nx = SEED\n SEED = 1\nSEED = 5"


def test_a_trial_that_dies_is_reported(tmp_path: Path) -> None:
    master = read_toy(
        tmp_path, MASTER.replace("import random", "import os\nimport random")
    )
    killer = [
        type(step)(step.key, "import os; os._exit(3)")
        if step.key == "task:double"
        else step
        for step in master.steps
    ]
    with pytest.raises(RuntimeError, match="exit code 3"):
        run_trials(killer, [1])


def test_all_variants_of_the_bank_are_tried_with_every_seed(tmp_path: Path) -> None:
    master = read_toy(tmp_path)
    variants = [answer.variant for answer in master.bank]
    for trial in run_trials(master.steps, [3, 4], variants):
        assert set(trial.outcomes) == {"", *(v.name for v in variants)}


def test_hints_are_several_lines_of_one_answer() -> None:
    text = "# %%\n# WRONG f: x\n# HINT One\n# HINT two.\nf = 1\n"
    (answer,) = bank.parse_bank(text, "hw.py")
    assert (answer.hint, answer.source) == ("One two.", "f = 1")


def test_a_title_stands_once_in_a_bank() -> None:
    text = "# %%\n# WRONG f: x\nf = 1\n" * 2
    with pytest.raises(LessonError, match=re.escape("'f: x' is there twice")):
        bank.parse_bank(text, "hw.py")
