"""Values compared as text, and what is said about a wrong one."""

import random

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from toy_homework import toy

from course_lib.classroom.homework.assignment import Mistake
from course_lib.classroom.homework.compare import MAX_TEXT, same_value
from course_lib.classroom.homework.hints import (
    STOPPED,
    Outcome,
    find_mistake,
    property_hint,
)
from course_lib.classroom.homework.marking import check_hint


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ("0.1234", "0.1235"),
        ("tensor([0.5000, 1.0000])", "[0.5, 1.0]"),
        ("tensor([0.5000, 1.0000])", "tensor([0.5, 1.0], dtype=torch.float64)"),
        ("tensor(0.5000)", "tensor(0.5000, grad_fn=<MeanBackward0>)"),
        ("tensor(0.5000)", "np.float64(0.5)"),
        ("[True, 3]", "[np.True_, np.int64(3)]"),
        ("array([[1., 2.]])", "tensor([[1.0000, 2.0000]])"),
        ("[1, 2]", "[1.0, 2.0]"),
        ("tensor([6.5264e-02, 2.4440e-01])", "tensor([0.0653, 0.2444])"),
        ("12345.678", "12345.9"),
        ("[0.5, 0.1234]", "[0.50003, 0.12341]"),
        ("(1,\n 2)", "(1, 2)"),
        ("tensor([1., 2.])", "tensor([1.0000, 2.0000])"),
        ("'a'", "'a'"),
        ("nan", "nan"),
    ],
)
def test_these_are_the_same(reference: str, answer: str) -> None:
    assert same_value(reference, answer)


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ("0.1234", "0.1237"),
        ("[0.5, 0.1234]", "[0.55, 0.1234]"),  # Python prints 0.5 for 0.5000
        ("tensor([1., 0.])", "tensor([0.3000, 0.7000])"),
        ("1e-05", "2e-05"),
        ("7", "8"),
        ("7", "7.01"),
        ("['a b']", "['a  b']"),
        ("'a'", "'b'"),
        ("'a'", "a"),
        ("True", "False"),
        ("True", "1"),
        ("[1, 2]", "[1, 2, 3]"),
        ("[1, 2]", "[[1, 2]]"),
        ("0.5", "nan"),
        ("inf", "-inf"),
        ("0.5", ""),
        ("0.1182", "tensor([0.])"),
    ],
)
def test_these_are_different(reference: str, answer: str) -> None:
    assert not same_value(reference, answer)


def variants_of_softmax(z: torch.Tensor) -> list[object]:
    """Five right ways, in other precisions and libraries."""
    x = z.numpy()
    e = np.exp(x - x.max(-1, keepdims=True))
    d = z.double()
    return [
        z.softmax(-1),
        torch.from_numpy(e / e.sum(-1, keepdims=True)),
        e / e.sum(-1, keepdims=True),
        d.softmax(-1),
        (d - d.logsumexp(-1, keepdim=True)).exp().tolist(),
    ]


def test_right_answers_are_never_refused_and_wrong_ones_never_taken() -> None:
    generator = torch.Generator().manual_seed(0)
    for _ in range(400):
        z = torch.randn(3, 5, generator=generator) * 3
        first, *others = map(repr, variants_of_softmax(z))
        assert all(same_value(first, other) for other in others)
        assert not same_value(first, repr(z.softmax(0)))
        assert not same_value(first, repr((z * 1.01).softmax(-1)))


@given(st.text(), st.text())
def test_any_text_can_be_compared(reference: str, answer: str) -> None:
    assert same_value(reference, reference)
    assert same_value(reference, answer) in (True, False)


@pytest.mark.parametrize("piece", ["'", '"', "\\", "(", "tensor(", "1e", "-", ".", ","])
def test_hostile_texts_come_to_an_end(piece: str) -> None:
    text = piece * (MAX_TEXT // len(piece))
    assert same_value(text, text)
    assert not same_value(text, text + "x")
    assert property_hint("[0.1, 0.2]", Outcome(text))


@pytest.mark.parametrize(
    ("reference", "answer", "told"),
    [
        ("[0.2, 0.8]", "[[0.2, 0.8]]", "the shape (1, 2), not (2,)"),
        ("[[0.2, 0.8], [0.5, 0.5]]", "[[0.2, 0.9], [0.5, 0.5]]", "Each right row adds"),
        ("[1.5, 2.5]", "[[1.5, 2.5], [2.5, 2.5, 3.5]]", "holds 5 numbers, not 2"),
        ("[0.21, 0.39]", "[-0.21, -0.39]", "The sign is wrong"),
        ("[0.21, 0.39]", "[0.39, 0.21]", "in the wrong order"),
        ("[0.21, 0.39]", "[0.42, 0.78]", "the same factor"),
        ("[0.21, 0.39]", "[1.21, 1.39]", "the same amount"),
        ("[0.21, 0.39]", "[nan, 0.39]", "There is a nan"),
        ("[0.21, 0.39]", "[inf, 0.39]", "There is an infinity"),
        ("[0.21, 0.39]", "[0.21, -0.5]", "are negative"),
        ("[-0.21, -0.39]", "[-0.21, 0.5]", "are positive"),
        ("[0.2134, 0.3912]", "[0.2136, 0.391]", "rounded early"),
        ("[0.21, 0.39]", "[0.5, 0.1]", "Some of your numbers differ."),
        ("[0.21, 0.39]", "'abc'", "what kind of thing is yours?"),
        ("['b', 'a']", "['a', 'b']", "in the wrong order"),
        ("['b', 'a']", "[1, 2]", "has words in it"),
        ("['b', 'a']", "['c', 'd']", "Your value differs."),
        ("[1]", "x" * (MAX_TEXT + 1), "far too long"),
    ],
)
def test_the_broken_property_is_told(reference: str, answer: str, told: str) -> None:
    assert told in property_hint(reference, Outcome(answer))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("NotImplementedError: write your answer here", "Not answered yet."),
        ("NameError: name 'f' is not defined", "`f` does not exist"),
        ("SyntaxError: invalid syntax", "Python cannot read your answer"),
        ("", "gives nothing (None)"),
        ("ValueError: no", "stopped with an error"),
        (f"{STOPPED}more than 5 s", "This was stopped: more than 5 s."),
    ],
)
def test_an_error_is_told(error: str, told: str) -> None:
    assert told in property_hint("1", Outcome(error=error))


def test_the_mistake_that_explains_most_is_found() -> None:
    mistakes = [
        Mistake("f", "one", "hint 1", {"a": "[1]", "b": "[5]"}),
        Mistake("f", "two", "hint 2", {"a": "[1]", "b": "[2]"}),
    ]
    found = find_mistake({"a": Outcome("[1]"), "b": Outcome("[2]")}, mistakes)
    assert found is mistakes[1]
    assert find_mistake({"a": Outcome("[9]")}, mistakes) is None


def test_no_hint_holds_a_number_of_the_reference() -> None:
    assignment = toy()
    dice = random.Random(0)
    for step in assignment.checks:
        for _ in range(50):
            wrong = [round(dice.uniform(-9, 9), 4) for _ in range(dice.randrange(1, 6))]
            hint = check_hint(assignment, step, Outcome(str(wrong)))
            assert hint
            assert not any(c.isdigit() and len(c) > 2 for c in hint.split())
