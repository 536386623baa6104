"""A right value in another container or of another type is right, at every check.

Each task's own solution is dressed up: what its functions give is turned into lists,
tuples, arrays, 0-d tensors, float64. What has to be of one type says so in the bank:

    # KEPT once lists arrays: a gradient flows through the loss
"""

import ast
import re
from pathlib import Path

import pytest

from classroom.homework import author
from classroom.homework import bank as banks
from classroom.homework.assignment import load_assignment
from classroom.homework.compare import same_value
from classroom.homework.proof import is_proven
from classroom.homework.trial import Variant, run_trials

MASTERS = author.find_masters()
SAMPLE = ("hw02", "hw07", "hw15")
KEPT = re.compile(r"^# KEPT (\w+) ([\w ]+): .+$", re.MULTILINE)
KINDS = ("lists", "tuples", "arrays", "tensors", "scalars")
DRESS = """

import inspect as _inspect
import numpy as _numpy
import torch as _torch


def _dressed(value, kind):
    if _inspect.isfunction(value):
        return _dress(value, kind, [0])
    if isinstance(value, _numpy.ndarray):
        value = _torch.from_numpy(value)
    if isinstance(value, _torch.Tensor):
        return {
            "lists": value.tolist,
            "tuples": lambda: _dressed(value.tolist(), kind),
            "arrays": lambda: value.detach().numpy(),
            "tensors": lambda: value.double() if value.is_floating_point() else value,
            "scalars": lambda: [*map(_torch.clone, value)] if value.dim() else value,
        }[kind]()
    if isinstance(value, dict):
        return {key: _dressed(one, kind) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        parts = [_dressed(one, kind) for one in value]
        if kind == "arrays" and all(type(one) in (int, float) for one in value):
            return _numpy.array(value)
        if kind == "tensors" and value and all(type(x) in (int, float) for x in value):
            return _torch.tensor(value, dtype=_torch.float64 if any(
                type(x) is float for x in value) else None)
        return tuple(parts) if kind in ("tuples", "arrays") else parts
    if type(value) in (int, float):
        if kind == "scalars":
            return _torch.tensor(value)
        if kind == "tensors":
            return _torch.tensor(value).double() if type(value) is float else value
        return _numpy.asarray(value)[()] if kind == "arrays" else value
    return value


def _dress(function, kind, depth):
    def dressed(*args, **kwargs):
        depth[0] += 1
        try:
            value = function(*args, **kwargs)
        finally:
            depth[0] -= 1
        return value if depth[0] else _dressed(value, kind)

    return dressed


_depth = [0]
"""


def dressed(step: author.Step, kind: str) -> Variant:
    """The solution of a task, whose functions give values of another kind."""
    functions = [
        n for n in ast.parse(step.source).body if isinstance(n, ast.FunctionDef)
    ]
    lines = [f"{f.name} = _dress({f.name}, {kind!r}, _depth)" for f in functions]
    source = "\n".join([step.source, DRESS, *lines])
    return Variant(f"{step.task} {kind}", step.task, source)


@pytest.mark.slow
@pytest.mark.parametrize("name", MASTERS)
def test_a_right_value_is_right_in_any_container(
    name: str, pytestconfig: pytest.Config
) -> None:
    """All where the seal of the gate broke and with --all, else a sample."""
    sealed = name not in SAMPLE and is_proven(load_assignment(name))
    if sealed and not pytestconfig.getoption("all"):
        return
    master = author.read_master(MASTERS[name])
    text = Path(banks.FOLDER, f"{name}.py").read_text("utf-8")
    kept = {(f[1], kind) for f in KEPT.finditer(text) for kind in f[2].split()}
    tasks = [step for step in master.steps if step.kind == "task"]
    variants = [dressed(step, kind) for step in tasks for kind in KINDS]
    (trial,) = run_trials(master.steps, [author.PUBLIC_SEED], variants)
    refused = {}
    for variant in variants:
        for key, outcome in trial.outcomes[variant.name].items():
            if not same_value(trial.outcomes[""][key].text, outcome.value or ""):
                why = f"{key}: {outcome.text}"
                refused[variant.task, variant.name.split()[-1]] = why
    wrong = {pair: why for pair, why in refused.items() if pair not in kept}
    assert not wrong, "\n".join(map(str, wrong.items()))
    assert kept <= refused.keys(), "what is KEPT should be refused"
