"""Values compared as text, and what is said about a wrong one."""

import itertools
import random
import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from classroom.homework.assignment import Mistake, find_assignments, load_assignment
from classroom.homework.compare import MAX_TEXT, same_value
from classroom.homework.hints import (
    IN_CHECK,
    STOPPED,
    Outcome,
    explain,
    find_mistake,
    property_hint,
)
from classroom.homework.marking import check_hint
from tests.classroom.toy_homework import toy


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
        ("(1, 2)", "[1, 2]"),
        ("[(1, 2), (3, 4)]", "tensor([[1, 2],\n        [3, 4]])"),
        ("[1]", "(1,)"),
        ("[[1, 2], [3]]", "([1, 2], (3,))"),
        ("[0.5, 0.25]", "[tensor(0.5000), tensor(0.2500, dtype=torch.float64)]"),
        ("[0.5]", "[tensor(0.5000, grad_fn=<DivBackward0>)]"),
        ("[True, False]", "array([ True, False])"),
        ("[1, 2]", "deque([1, 2], maxlen=2)"),
        ("[1, 2]", "dict_values([1, 2])"),
        ("(2, 3)", "torch.Size([2, 3])"),
        ("{'a': 2}", "Counter({'a': 2})"),
        ("[[], 1]", "[tensor([], size=(0, 3), dtype=torch.int64), tensor(1)]"),
        ("tensor([1.])", "Parameter containing:\ntensor([1.], requires_grad=True)"),
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
        ("[[1, 2]]", "[1, 2]"),
        ("[1, 2]", "{1, 2}"),
        ("0.5", "tensor([0.5000])"),
        ("['(']", "['[']"),
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


ASSIGNMENTS = [load_assignment(name) for name in find_assignments()]
REFERENCES = [(one, step) for one in ASSIGNMENTS for step in one.checks]
ODD = ("1e308", "-1e308", "1e-320", "nan", "inf", "-inf", "0.", "0", "7", "None", "'a'")
ODD += ("True", "[", "]", "(", ")", ",", "tensor(", "{", ":", "\\", '"', "<map at 0>")
NUMBER = re.compile(r"(?<![\w.])\d[\w.]*")


def _spoilt(reference: str) -> st.SearchStrategy[str]:
    """The reference with other numbers in it, or anything."""
    odd = st.sampled_from(ODD)

    def put(new: list[str]) -> str:
        rest = itertools.cycle(new)
        return NUMBER.sub(lambda _: next(rest), reference)

    return st.one_of(
        st.lists(odd, min_size=1, max_size=4).map(put),
        st.lists(odd, max_size=40).map(", ".join),
        st.lists(odd, max_size=40).map("".join),
    )


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_whatever_the_answer_says_there_is_a_hint(data: st.DataObject) -> None:
    assignment, step = data.draw(st.sampled_from(REFERENCES))
    outcome = Outcome(data.draw(_spoilt(assignment.values[step.key])))
    hint = check_hint(assignment, step, outcome)
    assert bool(hint) != same_value(assignment.values[step.key], outcome.text)


def test_a_row_that_overflows_has_a_hint() -> None:
    for assignment, step in REFERENCES:
        reference = assignment.values[step.key]
        for odd in ("1e308", "-1e308", "1.7e308"):
            assert property_hint(reference, Outcome(NUMBER.sub(odd, reference)))


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
        ("[1.5, 2.5]", "[[1, 2], [2, 3, 4]]", "Part 1 of your value is a list of 2"),
        ("[[1, 2], [3]]", "[[1, 2], [3, 4]]", "Part 2 of your value has 2 parts, not"),
        ("0.5", "[0.5, 0.5]", "Your value is a list of 2: a number is asked for."),
        ("[0.5, 1.0]", "0.5", "Your value is a number: a list of 2 is asked for."),
        ("[0.21, 0.39]", "[-0.21, -0.39]", "The sign is wrong"),
        ("[0.21, 0.39]", "[0.39, 0.21]", "in the wrong order"),
        ("[0.21, 0.39]", "[0.42, 0.78]", "the same factor"),
        ("[0.21, 0.39]", "[1.21, 1.39]", "the same amount"),
        ("[0.21, 0.39]", "[nan, 0.39]", "There is a nan"),
        ("[0.21, 0.39]", "[inf, 0.39]", "There is an infinity"),
        ("[0.21, 0.39]", "[0.21, -0.5]", "are negative"),
        ("[-0.21, -0.39]", "[-0.21, 0.5]", "are positive"),
        ("[0.2134, 0.3912]", "[0.2136, 0.391]", "rounded early"),
        ("[0.21, 0.39]", "[0.5, 0.1]", "2 of your 2 numbers differ."),
        ("[0.21, 0.39]", "[0.21, 0.1]", "1 of your 2 numbers differ."),
        ("[0.21, 0.39]", "[0.3, 0.3]", "All your numbers are the same"),
        ("[981, 7]", "[981.4, 7]", "A whole number is asked for"),
        ("[0, 1, 1]", "[0, 0, 0]", "All your numbers are the same"),
        ("[3, 5]", "[6, 10]", "the same factor"),
        ("[True, False]", "[1, 0]", "True or False is asked for."),
        ("[True, False, True]", "[True, True, True]", "1 of your 3 words differ."),
        ("[('a', 1), ('b', 2)]", "[('a', 2), ('b', 4)]",
         "The texts are right. About the numbers: All your numbers are off by one and"),
        ("[('a', 1), ('b', 2)]", "[('a', 1), ('c', 2)]",
         "The numbers are right, but 1 of your 2 texts differ."),
        ("[('a', 1), ('b', 2)]", "[('a', 1)]", "Your value has 1 part, not 2."),
        ("[('a', 1), ('b', 2)]", "[('a', 1), ('b', None)]", "There is a None"),
        ("[('a', 1)]", "[('a', '1')]", "is a text: a number is asked for."),
        ("[1, 2]", "<map at 0x7f0>", "take its parts out, with `list(...)`"),
        ("[1, 2]", "<generator object f at 0x7f0>", "take its parts out"),
        ("[1, 2]", "<function __main__.f(x)>", "Your value is a function: call it."),
        ("[1, 2]", "{1, 2}", "a set or a dictionary"),
        ("[0.21, 0.39]", "'abc'", "what kind of thing is yours?"),
        ("['b', 'a']", "['a', 'b']", "in the wrong order"),
        ("['b', 'a']", "[1, 2]", "has words in it"),
        ("['b', 'a']", "['c', 'd']", "2 of your 2 texts differ."),
        ("[1]", "x" * (MAX_TEXT + 1), "far too long"),
    ],
)  # fmt: skip
def test_the_broken_property_is_told(reference: str, answer: str, told: str) -> None:
    assert told in property_hint(reference, Outcome(answer))


@pytest.mark.parametrize(
    ("reference", "answer", "untrue"),
    [
        ("[981, 7]", "[981.4, 7]", "rounded"),
        ("[20000, 7]", "[20001, 7]", "rounded"),
        ("[0, 1, 1, 0]", "[0, 0, 0, 0]", "factor"),
        ("[0, 1, 1, 0]", "[2, 1, 1, 3]", "factor"),
        ("[0, 0, 1]", "[1, 1, 2, 1]", "factor"),
        ("[2, 2]", "[3, 3]", "amount"),
    ],
)
def test_no_hint_says_what_is_not_so(reference: str, answer: str, untrue: str) -> None:
    assert not same_value(reference, answer)
    assert untrue not in property_hint(reference, Outcome(answer))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("NotImplementedError: write your answer here", "Not answered yet."),
        ("NameError: name 'f' is not defined", "`f` does not exist"),
        ("SyntaxError: invalid syntax", "Python cannot read your answer"),
        ("", "gives nothing (None)"),
        ("ValueError: no\nmore", "stopped with an error: ValueError: no more"),
        ("ValueError: " + "x" * 900, "x ..."),
        ("TypeError: type NoneType doesn't define __round__ method", "nothing (None)"),
        ("TypeError: float() argument must be a string or a real number, not "
         "'NoneType'", "nothing (None)"),
        ("TypeError: unsupported operand type(s) for *: 'float' and 'NoneType'",
         "unsupported operand"),
        (f"{STOPPED}more than 5 s", "This was stopped: more than 5 s."),
    ],
)  # fmt: skip
def test_an_error_is_told(error: str, told: str) -> None:
    assert told in property_hint("1", Outcome(error=error))


def test_an_error_is_told_with_the_line_of_the_student() -> None:
    error = "ZeroDivisionError: division by zero"
    hint = property_hint("1", Outcome(None, error, "line 3: return x / 0"))
    said = f"Your answer stopped with an error: {error} (line 3: return x / 0)"
    assert hint == said
    hint = property_hint("1", Outcome(None, "TypeError: no len()", IN_CHECK))
    assert hint == "The check cannot use what your answer gives: TypeError: no len()"
    none = Outcome(None, "TypeError: 'NoneType' object is not iterable", IN_CHECK)
    assert "is a `return` missing?" in property_hint("1", none)


def test_each_check_gets_the_mistake_that_fits_it() -> None:
    mistakes = [
        Mistake("f", "one", "hint 1", {"a": "[1]", "b": "[5]"}),
        Mistake("f", "two", "hint 2", {"b": "[2]"}),
        Mistake("f", "three", "hint 3", {"b": "[2]", "c": "[3]"}),
    ]
    failed = {"a": "[1]", "b": "[2]", "c": "[3]", "d": "[4]"}
    found = explain({key: Outcome(value) for key, value in failed.items()}, mistakes)
    names = {key: mistake.name for key, mistake in found.items()}
    assert names == {"a": "one", "b": "three", "c": "three"}


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
