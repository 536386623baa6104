"""A homework of three small tasks without torch, and submissions to it.

It stands for all homeworks where a test is about how they are made, run and marked.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from classroom.homework import author, publish
from classroom.homework.assignment import Assignment
from classroom.homework.marking import Mark, mark_submission
from classroom.homework.sandbox import Limits, Walls
from classroom.homework.submission import read_submission

MASTER = """\
# %% [markdown]
# # Homework 77: a toy

# %%
# NEEDS data/names.txt
import random

SEED = 1
dice = random.Random(SEED)
names = open("../../data/names.txt").read().split()

# %%
# TASK double forbid: sum
def double(numbers):
    ### BEGIN SOLUTION
    return [2 * n for n in numbers]
    ### END SOLUTION

# %%
# CHECK double 1 point: whole numbers
double([random.Random(SEED + i).randrange(1000) for i in range(4)])

# %%
# CHECK double 2 points: decimals
double([random.Random(SEED + i).random() for i in range(4)])

# %%
# TASK shares
def shares(numbers):
    ### BEGIN SOLUTION
    total = sum(numbers)
    return [round(n / total, 4) for n in numbers]
    ### END SOLUTION

# %%
# CHECK shares 3 points: they add up to one
shares([random.Random(SEED + i).randrange(1, 99) for i in range(5)])

# %%
# TASK longest
def longest(words):
    ### BEGIN SOLUTION
    return max(words, key=len)
    ### END SOLUTION
    # ~ return min(words, key=len)

# %%
# CHECK longest 4 points
[longest(random.Random(SEED + i).sample(names, 9)) for i in range(3)]

# %% [markdown]
# <!-- OPEN why -->
# Why?
#
# ...
"""

BANK = """\
# %%
# WRONG double: squares
# HINT This is what you get when a number is multiplied by itself.
def double(numbers):
    return [n * n for n in numbers]

# %%
# WRONG double: the first is left out
def double(numbers):
    return [2 * n for n in numbers[1:]]

# %%
# WRONG double: as they are
# HINT Nothing happened to your numbers.
def double(numbers):
    return numbers

# %%
# RIGHT double: adds
def double(numbers):
    return [n + n for n in numbers]

# %%
# RIGHT double: with numpy
import numpy as np

def double(numbers):
    return (np.array(numbers) * 2).tolist()

# %%
# WRONG shares: of the largest
# HINT These are shares of the largest number. Of what should they be shares?
def shares(numbers):
    return [round(n / max(numbers), 4) for n in numbers]

# %%
# WRONG shares: the wrong way round
def shares(numbers):
    return [round(n / sum(numbers), 4) for n in numbers][::-1]

# %%
# WRONG shares: negative
def shares(numbers):
    return [round(-n / sum(numbers), 4) for n in numbers]

# %%
# RIGHT shares: with a loop
def shares(numbers):
    total = 0
    for n in numbers:
        total += n
    return [round(n / total, 4) for n in numbers]

# %%
# RIGHT shares: not rounded
def shares(numbers):
    return [n / sum(numbers) for n in numbers]

# %%
# WRONG longest: the shortest
# HINT This is the shortest: look at the direction.
def longest(words):
    return min(words, key=len)

# %%
# WRONG longest: the last in the alphabet
# HINT These are the last in the alphabet: which key is compared?
def longest(words):
    return max(words)

# %%
# WRONG longest: only its length
def longest(words):
    return len(max(words, key=len))

# %%
# RIGHT longest: sorted
def longest(words):
    return sorted(words, key=lambda word: -len(word))[0]

# %%
# RIGHT longest: with a loop
def longest(words):
    best = words[0]
    for word in words:
        if len(word) > len(best):
            best = word
    return best
"""

TASKS = ("double", "shares", "longest")
WORTH = 10
SECRET = 31337
Notebook = dict[str, Any]


def write_toy(folder: Path, master: str = MASTER, bank: str = BANK) -> Path:
    """Write a master and its bank; returns the master's path."""
    (folder / "hw77.py").write_text(bank, "utf-8")
    path = folder / "hw77_toy.py"
    path.write_text(master, "utf-8")
    return path


def read_toy(folder: Path, master: str = MASTER, bank: str = BANK) -> author.Master:
    return author.read_master(write_toy(folder, master, bank), folder)


@cache
def _built(seed: int) -> tuple[Assignment, str, tuple[tuple[str, str], ...]]:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        master = read_toy(Path(name))
        assignment = author.references(master, seed)
        notebook = publish.make_notebook(master, assignment).decode()
        sources = tuple(
            (step.task, step.source) for step in master.steps if step.kind == "task"
        )
        return assignment, notebook, sources


def toy(seed: int = SECRET) -> Assignment:
    """The toy with the references of a seed."""
    return _built(seed)[0]


def solutions() -> dict[str, str]:
    """Task -> the answer cell that is right."""
    return dict(_built(1)[2])


def answered(**answers: str) -> Notebook:
    """The students' notebook with every task solved, but for these answers.

    `answered(double="def double(x): return x")`; the head of the cell is added.
    """
    notebook: Notebook = json.loads(_built(1)[1])
    cells = solutions() | {
        task: source if "# TASK" in source else f"# TASK {task}\n{source}"
        for task, source in answers.items()
    }
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
        key = cell["metadata"].get("homework", "")
        if key.startswith("task:"):
            cell["source"] = cells[key[5:]]
    return notebook


def cell_of(notebook: Notebook, key: str) -> dict[str, Any]:
    """The cell of a notebook with this key in its metadata."""
    cells: list[dict[str, Any]] = notebook["cells"]
    return next(c for c in cells if c["metadata"].get("homework") == key)


def code_cell(source: str, **metadata: object) -> dict[str, Any]:
    """A cell that a student added."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": f"own-{abs(hash(source)) % 10**9}",
        "metadata": metadata,
        "outputs": [],
        "source": source,
    }


def save(notebook: object, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook), "utf-8")
    return path


def mark_toy(
    notebook: object, folder: Path, walls: Walls, limits: Limits | None = None
) -> Mark:
    """Hand a notebook in and mark it with the secret seed."""
    path = save(notebook, folder / "submission.ipynb")
    few = limits or Limits(wall_s=90, cell_s=20)
    return mark_submission(toy(), read_submission(path), walls, few)


def points(mark: Mark) -> dict[str, int]:
    """Task -> points reached."""
    reached = dict.fromkeys(TASKS, 0)
    for check in mark.checks:
        reached[check.task] += check.points
    return reached
