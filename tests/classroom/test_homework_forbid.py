"""`forbid`: try-outs of every kind cost nothing, and no disguise hides a shortcut."""

import re
from collections.abc import Sequence
from functools import cache

import pytest

from classroom.homework import author
from classroom.homework.assignment import Step, load_assignment
from classroom.homework.forbid import Names, bound_names
from classroom.homework.merge import Merged, merge
from classroom.homework.submission import SubmittedCell

NAMES = [
    name
    for name in author.find_masters()
    if any(step.forbidden for step in load_assignment(name).steps)
]
Steps = tuple[Step, ...]


@cache
def solved(name: str) -> Steps:
    """The cells of a homework with the right answers."""
    steps = author.read_master(author.find_masters()[name]).steps
    return tuple(step for step in steps if step.kind != "open")


def handed_in(
    name: str,
    task: str,
    answer: str | None = None,
    above: Sequence[str] = (),
    below: Sequence[str] = (),
) -> Merged:
    """The right answers, but for one task, and cells of the student's around it."""
    cells: list[SubmittedCell] = []
    for step in solved(name):
        ours = step.task == task and step.kind == "task"
        cells += [SubmittedCell(text, True, None) for text in above if ours]
        source = step.source if answer is None or not ours else answer
        cells.append(SubmittedCell(source, True, step.key))
        cells += [SubmittedCell(text, True, None) for text in below if ours]
    return merge(load_assignment(name), cells, 5)


def tasks(name: str) -> list[Step]:
    steps = load_assignment(name).steps
    return [step for step in steps if step.kind == "task" and step.forbidden]


TRY_OUTS = """\
print({w}(torch.tensor([1.0, 2.0, 3.0])))
mine, theirs = {f}(scores), torch.{w}(scores)
torch.testing.assert_close({f}(scores), scores.{w}(-1))
assert torch.allclose({f}(scores), torch.nn.functional.{w}(scores, dim=-1))
for one in range(3): plt.plot(one, {w}(one).{w}())
def compare(scores): return ({f}(scores) - torch.{w}(scores)).abs().max()
torch.{w}?
%timeit {w}(scores)
from torch import {w} as torchs_own
x = {{"mine": {f}, "theirs": torch.{w}}}
row = probs = scores = logits = a = torch.{w}(scores)
with torch.no_grad(): scores = torch.{w}(scores)
answers = !echo {w}
"""


@pytest.mark.parametrize("name", NAMES)
def test_try_outs_beside_an_answer_cost_nothing(name: str) -> None:
    for step in tasks(name):
        own = sorted(bound_names(step.source) or {step.task})[-1]  # or a class
        for word in sorted(step.forbidden):
            text = TRY_OUTS.format(w=word, f=own)
            cells = text.splitlines()
            answer = next(s.source for s in solved(name) if s.key == step.key)
            assert handed_in(name, step.task, None, cells, cells).forbidden == {}
            joined = f"{answer}\n\n{text}"
            assert handed_in(name, step.task, joined).forbidden == {}
        assert handed_in(name, step.task).notes == ()


def test_the_checks_own_text_merged_into_an_answer_is_not_the_students() -> None:
    answer, check = (
        next(s.source for s in solved("hw02") if s.key == key)
        for key in ("task:hidden_logit", "check:hidden_logit:1")
    )
    assert ".softmax(" in check
    ours = handed_in("hw02", "hidden_logit", f"{answer}\n\n{check}")
    assert (ours.forbidden, ours.notes) == ({}, ())


DISGUISES = {
    "plain": "{head}\ndef {f}(*a):\n    return {w}(*a)",
    "a question mark": "{head}\nprint?\ndef {f}(*a):\n    return {w}(*a)",
    "a command": "{head}\nfiles = !ls\ndef {f}(*a):\n    return {w}(*a)",
    "a line magic": "{head}\n%matplotlib inline\ndef {f}(*a):\n    return {w}(*a)",
    "timed": "%%time\n{head}\ndef {f}(*a):\n    return {w}(*a)",
    "timed and captured": "%%time\n%%capture\n{head}\ndef {f}(*a): return {w}(*a)",
    "await": "{head}\nawait nothing()\ndef {f}(*a):\n    return {w}(*a)",
    "a lambda": "{head}\n{f} = lambda *a: {w}(*a)",
    "a name for it": "{head}\n{f} = {w}",
    "a default": "{head}\ndef {f}(*a, S={w}):\n    return S(*a)",
    "in a branch": "{head}\nif 1:\n    def {f}(*a): return {w}(*a)",
    "two names on": "{head}\ndef fast(*a): return {w}(*a)\n{f} = lambda x: fast(x)",
    "a helper that is renamed": (
        "{head}\nfast = {w}\nold = fast\nfast = 1\ndef {f}(*a): return old(*a)"
    ),
    "a table": "{head}\nt = {{}}\nt[1] = {w}\ndef {f}(*a): return t[1](*a)",
    "from a function": "{head}\ndef make():\n    global fast\n    fast = {w}\n"
    "make()\ndef {f}(*a): return fast(*a)",
    "a class": "{head}\nclass G:\n    def fast(self, *a): return {w}(*a)\n"
    "def {f}(*a): return G().fast(*a)",
    "a generator": "{head}\ndef {f}(*a): return [{w}(x) for x in a]",
}
HELPERS = {
    "a helper above": "S = lambda *a: {w}(*a)",
    "a timed helper above": "%time S = lambda *a: {w}(*a)",
    "a helper above, with a command": "x = !ls\ndef S(*a):\n    return {w}(*a)",
}
BUILT_IN = {"eval", "read_at_once"}


@pytest.mark.parametrize("name", NAMES)
def test_a_lazy_answer_is_caught_in_each_disguise(name: str) -> None:
    for step in tasks(name):
        own = sorted(bound_names(step.source) or {step.task})[-1]  # or a class
        head = next(line for line in step.source.splitlines() if "# TASK" in line)
        word = sorted(step.forbidden & BUILT_IN or step.forbidden)[0]
        used = word if word in BUILT_IN else f"torch.nn.functional.{word}"
        for title, form in DISGUISES.items():
            answer = form.format(head=head, f=own, w=used)
            found = handed_in(name, step.task, answer).forbidden
            assert found == {step.task: [word]}, title
        calls = f"{head}\ndef {own}(*a):\n    return S(*a)"
        for title, form in HELPERS.items():
            helper = form.format(w=used)
            found = handed_in(name, step.task, calls, [helper]).forbidden
            assert found == {step.task: [word]}, title
        found = handed_in(name, step.task, None, (), [f"{own} = {used}"]).forbidden
        assert found == {step.task: [word]}


@pytest.mark.parametrize(
    "answer",
    [
        "from torch import softmax",
        "from torch import softmax as s\nsoftmax = s",
        "from torch import *\ndef softmax(x): return log_softmax(x, -1).exp()",
        "import torch.nn.functional as F\nsoftmax = F.softmax",
        "def softmax(x): return getattr(torch, 'softmax')(x, -1)",
        "softmax = torch.nn.Softmax(-1)",
        "def softmax(x): return torch.special.softmax(x, -1)",
        "class softmax(torch.nn.Module):\n    def __new__(c, x): return x.softmax(-1)",
    ],
)
def test_torchs_softmax_is_known_by_all_its_names(answer: str) -> None:
    found = handed_in("hw02", "softmax", f"# TASK softmax\n{answer}").forbidden
    assert list(found) == ["softmax"]


@pytest.mark.parametrize(
    ("name", "task", "answer"),
    [
        (
            "hw02",
            "softmax",
            "class Tools:\n    def softmax(self, x): return x.exp()\n"
            "    def all(self, x): return self.softmax(x)\n"
            "def softmax(x): return Tools().all(x)",
        ),
        ("hw02", "log_softmax", "def log_softmax(x): return softmax(x).log()"),
        ("hw02", "softmax", "softmax = None\ndef softmax(softmax): return softmax"),
        (
            "hw22",
            "calculate",
            "import re\ndef calculate(text): return re.compile('x').sub('', text)",
        ),
    ],
)
def test_ones_own_functions_may_have_any_name(
    name: str, task: str, answer: str
) -> None:
    ours = handed_in(name, task, f"# TASK {task}\n{answer}")
    assert ours.forbidden == {}


def test_the_first_try_with_torch_is_forgotten_when_the_answer_replaces_it() -> None:
    tried = "softmax = lambda x: torch.softmax(x, -1)"
    assert handed_in("hw02", "softmax", None, [tried]).forbidden == {}


@pytest.mark.parametrize(
    "beside",
    [
        "%pip install -q torch",
        "!pip list",
        "def broken(:",
        "  x = 1\n y = 2",
        "cd ..",
        "%%bash\nls",
    ],
)
def test_a_try_out_that_cannot_run_or_is_no_python_is_no_suspicion(beside: str) -> None:
    assert handed_in("hw02", "softmax", None, [beside]).notes == ()


@pytest.mark.parametrize(
    "beside",
    [
        "globals()['softmax'] = getattr(torch, 'soft' + 'max')",
        "setattr(torch.Tensor, 'f', 1)",
        "eval('torch.soft' + 'max')",
        "get_ipython().user_ns['softmax'] = 1",
        "get_ipython().run_cell('1')",
    ],
)
def test_what_can_reach_any_name_unseen_is_shown_to_the_teacher(beside: str) -> None:
    (note,) = handed_in("hw02", "softmax", None, [beside]).notes
    assert "can reach a name that " in note
    assert note.endswith("forbids: look yourself")


def test_what_is_too_long_to_be_read_is_shown_to_the_teacher() -> None:
    notes = handed_in("hw02", "softmax", None, ["x[0] = x\n" * 30_000]).notes
    assert any("was not read" in note for note in notes)
    notes = handed_in("hw02", "softmax", None, ["time S = torch.softmax"]).notes
    assert any("was not read" in note for note in notes)


def test_no_answer_is_too_long_to_be_looked_at() -> None:
    names = Names()
    assert names.read("x = [1]\n" * 10_000, ours=False)
    assert not names.read("x[0] = x\n" * 30_000, ours=False)
    assert not names.read("x = 1", ours=False)
    assert not Names().read("!ls\n" * 200, ours=False)


def test_the_bank_of_right_answers_is_never_accused() -> None:
    for name in NAMES:
        bank = author.read_master(author.find_masters()[name]).bank
        for answer in (answer for answer in bank if answer.right):
            head = next(
                s.source for s in solved(name) if s.key == f"task:{answer.task}"
            )
            line = re.search(r"^# *TASK.*", head, re.MULTILINE)
            assert line is not None
            text = f"{line[0]}\n{answer.source}"
            found = handed_in(name, answer.task, text).forbidden
            assert found == {}, answer.title
