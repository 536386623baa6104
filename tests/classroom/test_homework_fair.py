"""Unusual but honest notebooks of the first homework: what each of them is worth.

Nothing here is an attack. Whoever solved all tasks gets all points, whatever stands
around the answers; OWN_FAULT lists the few that changed a value, and what that costs.
"""

import json
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from classroom.homework import author
from classroom.homework.assignment import load_assignment, notebook_of
from classroom.homework.merge import merge
from classroom.homework.submission import read_submission
from tests.classroom.many_runs import mark_many
from tests.classroom.toy_homework import Notebook, cell_of, code_cell, save

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no fork")
Change = Callable[[Notebook], None]
SEED = 4711
ALL = 11
TASKS = ("softmax", "logit", "hidden_logit", "log_softmax")
ROW = "torch.tensor([1.0, 2.0, 3.0])"


@cache
def master() -> author.Master:
    return author.read_master(author.find_masters()["hw02"])


def solution(task: str) -> str:
    return next(step.source for step in master().steps if step.key == f"task:{task}")


def solved() -> Notebook:
    notebook: Notebook = json.loads(notebook_of("hw02").read_text("utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
        key = cell["metadata"].get("homework", "")
        if key.startswith("task:"):
            cell["source"] = solution(key[5:])
    return notebook


def beside(text: str, key: str = "task:softmax") -> Change:
    """A cell of one's own below this one."""

    def change(notebook: Notebook) -> None:
        at = notebook["cells"].index(cell_of(notebook, key))
        notebook["cells"].insert(at + 1, code_cell(text))

    return change


def inside(before: str = "", after: str = "", key: str = "task:softmax") -> Change:
    """More text in a cell."""

    def change(notebook: Notebook) -> None:
        cell = cell_of(notebook, key)
        cell["source"] = f"{before}{cell['source']}{after}"

    return change


def instead(text: str, task: str = "softmax") -> Change:
    """Another answer."""

    def change(notebook: Notebook) -> None:
        cell_of(notebook, f"task:{task}")["source"] = f"# TASK {task}\n{text}"

    return change


def replaced(old: str, new: str, key: str) -> Change:
    def change(notebook: Notebook) -> None:
        cell = cell_of(notebook, key)
        assert old in cell["source"]
        cell["source"] = cell["source"].replace(old, new)

    return change


def everywhere(old: str, new: str) -> Change:
    def change(notebook: Notebook) -> None:
        for cell in notebook["cells"]:
            cell["source"] = cell["source"].replace(old, new)

    return change


def metadata(of: dict[str, Any], keep: bool = False) -> Change:
    """As another editor saves it."""

    def change(notebook: Notebook) -> None:
        notebook["metadata"] = of
        for cell in notebook["cells"]:
            cell.pop("id", None)
            cell["metadata"] = of | (cell["metadata"] if keep else {})

    return change


def answers_in_one_cell(notebook: Notebook) -> None:
    text = "\n\n\n".join(map(solution, TASKS))
    for task in TASKS[1:]:
        notebook["cells"].remove(cell_of(notebook, f"task:{task}"))
    cell_of(notebook, "task:softmax")["source"] = text


def two_answers_in_one_cell(notebook: Notebook) -> None:
    cell_of(notebook, "task:softmax")["source"] += "\n\n" + solution("logit")
    notebook["cells"].remove(cell_of(notebook, "task:logit"))


def all_in_one_cell(notebook: Notebook) -> None:
    codes = [c["source"] for c in notebook["cells"] if c["cell_type"] == "code"]
    notebook["cells"] = [code_cell("\n\n".join(codes))]


def answer_and_check_merged(notebook: Notebook) -> None:
    check = cell_of(notebook, "check:hidden_logit:1")
    cell_of(notebook, "task:hidden_logit")["source"] += "\n\n" + check["source"]
    notebook["cells"].remove(check)


def pasted_at_the_end(notebook: Notebook) -> None:
    cell = cell_of(notebook, "task:softmax")
    notebook["cells"].append(code_cell(cell["source"]))
    cell["source"] = "# TASK softmax\ndef softmax(logits):\n    raise ValueError"


def pasted_below_without_its_head(notebook: Notebook) -> None:
    cell = cell_of(notebook, "task:softmax")
    at = notebook["cells"].index(cell) + 1
    notebook["cells"].insert(at, code_cell(cell["source"].partition("\n")[2]))
    cell["source"] = "# TASK softmax\ndef softmax(logits):\n    raise ValueError"


def text_between_all_cells(notebook: Notebook) -> None:
    note = {"cell_type": "markdown", "metadata": {}, "source": "my note"}
    notebook["cells"] = [x for cell in notebook["cells"] for x in (cell, dict(note))]


def head_lost_metadata_kept(notebook: Notebook) -> None:
    cell = cell_of(notebook, "task:softmax")
    cell["source"] = cell["source"].partition("\n")[2]


def helper_deleted(notebook: Notebook) -> None:
    notebook["cells"].remove(cell_of(notebook, "given:0"))


def head_and_metadata_lost(notebook: Notebook) -> None:
    for task in TASKS:
        cell = cell_of(notebook, f"task:{task}")
        cell |= {"source": cell["source"].partition("\n")[2], "metadata": {}}


def untouched_checks_deleted(notebook: Notebook) -> None:
    notebook["cells"] = [c for c in notebook["cells"] if "# CHECK" not in c["source"]]


TRY_OUTS = {
    "own function called": f"softmax({ROW})",
    "own function plotted": (
        f"import matplotlib.pyplot as plt\nplt.plot(softmax({ROW}).tolist())"
    ),
    "compared with torch": f"assert torch.allclose(softmax({ROW}), {ROW}.softmax(-1))",
    "the text's own advice": "log_softmax(torch.tensor([0.0, 200.0]))",
    "a loop over seeds": "for SEED in (3, 2, 1):\n    print(softmax(torch.rand(3)))",
    "a seed in a tuple": "SEED, n = 5, 3",
    "a seed in a block": "if True:\n    SEED = 5",
    "a seed from int": "SEED = int(5)",
    "a seed of text": "SEED = 'x'",
    "a plain seed": "SEED = 7",
    "two digits": "torch.set_printoptions(precision=2)",
    "three digits": "torch.set_printoptions(precision=3)",
    "eight digits": "torch.set_printoptions(precision=8)",
    "the short profile": "torch.set_printoptions(profile='short')",
    "few elements": "torch.set_printoptions(threshold=3)",
    "scientific": "torch.set_printoptions(sci_mode=True)",
    "narrow": "torch.set_printoptions(linewidth=20)",
    "%precision": "%precision 2",
    "numpy's digits": "import numpy as np\nnp.set_printoptions(precision=1)",
    "no pretty print": "%pprint",
    "float64 for all": "torch.set_default_dtype(torch.float64)",
    "float16 for all": "torch.set_default_dtype(torch.float16)",
    "another device": "torch.set_default_device('meta')",
    "the cpu": "torch.set_default_device('cpu')",
    "no gradients": "torch.set_grad_enabled(False)",
    "warnings are errors": "import warnings\nwarnings.simplefilter('error')",
    "numpy raises": "import numpy as np\nnp.seterr(all='raise')",
    "threads": "torch.set_num_threads(2)",
    "seeds": "import random\nrandom.seed(3)\ntorch.manual_seed(5)",
    "deterministic": "torch.use_deterministic_algorithms(True)",
    "all values shown": (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "InteractiveShell.ast_node_interactivity = 'all'"
    ),
    "a progress bar": "from tqdm.auto import tqdm\nfor i in tqdm(range(3)): pass",
    "many prints": "for i in range(10_000): print(i)",
    "logging": "import logging\nlogging.basicConfig(level=logging.DEBUG)",
    "autoreload": "%load_ext autoreload\n%autoreload 2",
    "Colab's drive": "from google.colab import drive\ndrive.mount('/content')",
    "another folder": "import os\nos.chdir('/')",
    "low recursion limit": "import sys\nsys.setrecursionlimit(120)",
    "high recursion limit": "import sys\nsys.setrecursionlimit(20_000)",
    "letters of the world": "größe = 'ß'\nπ = 3.14\nprint(größe, π)",
    "%xmode": "%xmode Verbose",
    "%%timeit": f"%%timeit -n 1 -r 1\nsoftmax({ROW})",
    "%%capture": f"%%capture out\nprint(softmax({ROW}))",
    "a syntax error": "def f(:\n    pass",
    "a wrong indent": "if True:\nx = 1",
    "an error": "1 / 0",
    "input": "name = input('who? ')",
    "await": "import asyncio\nawait asyncio.sleep(0)",
    "newer syntax": "type Row = list[float]\ndef f[T](x: T) -> T: return x",
    "newest syntax": "try: pass\nexcept ValueError, TypeError: pass\nt'{SEED}'",
    "print replaced": "print = lambda *a: None",
    "a widget": "import ipywidgets as w\nw.interact(lambda x: x, x=3)",
    "help": "torch.exp?",
    "a command": "!echo hello",
    "files": "files = !ls",
    "the helper again": (
        "def seeded(n):\n    return torch.Generator().manual_seed(1000 * SEED + n)"
    ),
    "the library looked at": "import course_lib\ncourse_lib.__path__",
    "a tab": "if True:\n\tx = 1",
    "nothing": "",
    "a closed figure": "import matplotlib.pyplot as plt\nplt.close('all')",
    "a class": "class Softmax:\n    def __call__(self, x): return softmax(x)",
    "the stub again": "def try_out(x):\n    raise NotImplementedError",
}
ANSWERS: dict[str, Change] = {
    "a lambda": instead(
        "softmax = lambda z: (z - z.amax(-1, True)).exp() / "
        "(z - z.amax(-1, True)).exp().sum(-1, True)"
    ),
    "a class": instead(
        "class Soft:\n    def __call__(self, z):\n"
        "        e = (z - z.amax(-1, keepdim=True)).exp()\n"
        "        return e / e.sum(-1, keepdim=True)\nsoftmax = Soft()"
    ),
    "numpy": instead(
        "import numpy as np\ndef softmax(z):\n    z = z.numpy()\n"
        "    e = np.exp(z - z.max(-1, keepdims=True))\n"
        "    return e / e.sum(-1, keepdims=True)"
    ),
    "a list": instead(
        "def softmax(z):\n    e = (z - z.amax(-1, keepdim=True)).exp()\n"
        "    return (e / e.sum(-1, keepdim=True)).tolist()"
    ),
    "float64": instead(
        "def softmax(z):\n    e = (z.double() - z.amax(-1, keepdim=True)).exp()\n"
        "    return e / e.sum(-1, keepdim=True)"
    ),
    "with a gradient": instead(
        "def softmax(z):\n    z = z.clone().requires_grad_()\n"
        "    e = (z - z.amax(-1, keepdim=True)).exp()\n"
        "    return e / e.sum(-1, keepdim=True)"
    ),
    "in place": instead(
        "def softmax(z):\n    z -= z.amax(-1, keepdim=True)\n    z.exp_()\n"
        "    z /= z.sum(-1, keepdim=True)\n    return z"
    ),
    "type hints": instead(
        "def softmax(z: torch.Tensor) -> torch.Tensor:\n"
        "    e = (z - (top := z.amax(-1, keepdim=True))).exp()\n"
        "    return e / e.sum(-1, keepdim=True)"
    ),
    "float64 set inside": inside("torch.set_default_dtype(torch.float64)\n"),
    "print settings inside": inside("torch.set_printoptions(precision=1)\n"),
    "a seed inside": inside("SEED = 3\n", "\nfor SEED in range(3): pass"),
    "a try-out inside": inside(after=f"\n\nprint(softmax({ROW}), {ROW}.softmax(-1))"),
    "a comment above": inside("# my answer\n"),
    "the stub left below": inside(after="\n    raise NotImplementedError"),
    "no blank": replaced("# TASK", "#TASK", "task:softmax"),
    "a tensor for a float": instead(
        "def hidden_logit(shown, prob, n_hidden):\n    t = shown.double().exp()\n"
        "    return ((t[0] / prob - t.sum()) / n_hidden).log().item()",
        "hidden_logit",
    ),
}
NOTEBOOKS: dict[str, Change] = {
    "untouched but solved": lambda notebook: None,
    "answers in one cell": answers_in_one_cell,
    "two answers in one cell": two_answers_in_one_cell,
    "all in one cell": all_in_one_cell,
    "answer and check merged": answer_and_check_merged,
    "pasted at the end": pasted_at_the_end,
    "pasted below, without its head": pasted_below_without_its_head,
    "text between all cells": text_between_all_cells,
    "the head lost": head_lost_metadata_kept,
    "the helper deleted": helper_deleted,
    "checks deleted": untouched_checks_deleted,
    "another seed in the set-up": replaced("SEED = 1", "SEED = 42", "given:0"),
    "two digits in the set-up": replaced("precision=4", "precision=2", "given:0"),
    "Windows": everywhere("\n", "\r\n"),
    "tabs": everywhere("    ", "\t"),
    "Colab": metadata({"colab": {"provenance": []}, "accelerator": "GPU"}),
    "VS Code": metadata({"vscode": {"languageId": "python"}}, keep=True),
    "Deepnote": metadata(
        {"deepnote_cell_type": "code", "deepnote_to_be_reexecuted": 1}
    ),
    "Kaggle": metadata({"_kg_hide-input": True, "trusted": True}),
}
OWN_FAULT: dict[str, tuple[Change, int, str]] = {
    "the library in an answer": (
        inside("from course_play import plots\n"),
        8,
        "course_play",
    ),
    "names from torch": (beside("from torch import *"), 6, "TypeError"),
    "math is numpy": (beside("import numpy as math\ndel math.log"), 9, "log"),
    "another dice": (
        beside("def seeded(n):\n    return torch.Generator().manual_seed(n)"),
        0,
        "differ",
    ),
    "a tensor, not a float": (
        instead(
            "def hidden_logit(shown, prob, n_hidden):\n    return torch.tensor('x')",
            "hidden_logit",
        ),
        9,
        "",
    ),
}
KINDS: dict[str, Change] = {
    **{f"try-out: {name}": beside(text) for name, text in TRY_OUTS.items()},
    **{f"answer: {name}": change for name, change in ANSWERS.items()},
    **{f"notebook: {name}": change for name, change in NOTEBOOKS.items()},
}


def test_honest_notebooks_keep_all_their_points(tmp_path: Path) -> None:
    assignment = author.references(master(), SEED)
    kinds = KINDS | {name: change for name, (change, _, _) in OWN_FAULT.items()}
    handed_in = []
    for change in kinds.values():
        notebook = solved()
        change(notebook)
        path = save(notebook, tmp_path / "hw02.ipynb")
        handed_in.append(merge(assignment, read_submission(path), SEED))
    marks = dict(zip(kinds, mark_many(assignment, handed_in), strict=True))
    lost = {
        name: (
            marks[name].points,
            *sorted({c.hint for c in marks[name].checks if c.hint}),
        )
        for name in KINDS
        if marks[name].points != ALL
    }
    assert lost == {}
    for name, (_, points, word) in OWN_FAULT.items():
        assert marks[name].points == points, name
        assert any(word in f"{c.hint} {c.shown}" for c in marks[name].checks if c.hint)
    assert len(kinds) >= 101


def test_without_a_task_line_and_metadata_nothing_is_found(tmp_path: Path) -> None:
    notebook = solved()
    head_and_metadata_lost(notebook)
    cells = read_submission(save(notebook, tmp_path / "hw02.ipynb"))
    with pytest.raises(ValueError, match="no answer to a task of hw02 is in it"):
        merge(load_assignment("hw02"), cells, 1)
