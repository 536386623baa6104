"""Tools that a model may call: a calculator, and what happens when a tool fails.

A tool is a function from a text to a text. What it raises becomes an error result that
the model sees; nothing that a model writes is ever executed.
"""

import ast
import operator
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

Tool = Callable[[str], str]
"""Takes the text of a call; gives a text, or raises ValueError or LookupError."""

LONGEST = 100
"""Characters that the calculator reads at most."""
LARGEST = 10**15
"""No number on the way may be larger."""

_BINARY: dict[type, Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_UNARY: dict[type, Callable[[Fraction], Fraction]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}


@dataclass(frozen=True)
class Call:
    """One call of a tool, for the trace."""

    tool: str
    """Its name."""
    text: str
    """What it was given."""
    result: str
    """What the model got to see."""
    problem: str = ""
    """Why it failed; empty if it did not."""


def calculate(expression: str) -> str:
    """The value of an arithmetic expression: numbers, + - * / and parentheses.

    The text is parsed and the tree is walked by hand: it is never evaluated as Python.
    Fractions keep the value exact; it is shown as a whole number or with up to four
    decimals. Spaces between digits do not matter: models write "1 7".

    Raises:
        ValueError: for anything else, a division by zero, or too large a number.

    >>> calculate("(1 7 + 28) * 2"), calculate("1 / 3")
    ('90', '0.3333')
    >>> calculate("__import__('os')")
    Traceback (most recent call last):
    ...
    ValueError: cannot calculate a Call: use numbers, + - * / and ( )
    """
    if len(expression) > 10 * LONGEST:  # do not even look for the spaces in it
        raise ValueError(f"an expression has 1 to {LONGEST} characters")
    text = "".join(expression.split())
    if not text or len(text) > LONGEST:
        raise ValueError(
            f"an expression has 1 to {LONGEST} characters, not {len(text)}"
        )
    return _shown(_value(_parsed(text)))


def _parsed(text: str) -> ast.expr:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Python reads "1if" and only warns
            return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ValueError(f"cannot read {text!r} as arithmetic") from None


def _shown(value: Fraction) -> str:
    """A whole number, or up to four decimals, rounded exactly."""
    scaled = round(value * 10**4)
    whole, rest = divmod(abs(scaled), 10**4)
    text = f"{whole}.{rest:04}".rstrip("0").rstrip(".")
    return f"-{text}" if scaled < 0 else text


def _value(node: ast.expr) -> Fraction:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return _bounded(Fraction(str(node.value)))
    if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
        return _UNARY[type(node.op)](_value(node.operand))
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        left, right = _value(node.left), _value(node.right)
        if isinstance(node.op, ast.Div) and right == 0:
            raise ValueError("cannot divide by zero")
        return _bounded(_BINARY[type(node.op)](left, right))
    name = type(getattr(node, "op", node)).__name__
    raise ValueError(f"cannot calculate a {name}: use numbers, + - * / and ( )")


def _bounded(value: Fraction) -> Fraction:
    if abs(value) > LARGEST or value.denominator > LARGEST:
        raise ValueError("a number on the way is too large for the calculator")
    return value


def call_tool(tools: Mapping[str, Tool], name: str, text: str, failure: str) -> Call:
    """Use a tool; if it cannot be used, the model sees `failure` and you see why.

    >>> call_tool({"calc": calculate}, "calc", "1 + 1", failure="No").result
    '2'
    >>> call_tool({}, "calc", "1 + 1", failure="No")
    Call(tool='calc', text='1 + 1', result='No', problem="there is no tool 'calc'")
    """
    if name not in tools:
        return Call(name, text, failure, f"there is no tool {name!r}")
    try:
        result: object = tools[name](text)
    except Exception as error:  # a tool is somebody else's code: the talk must go on
        return Call(name, text, failure, f"{type(error).__name__}: {error}")
    if not isinstance(result, str):
        problem = f"{name!r} gave {type(result).__name__}, not a text"
        return Call(name, text, failure, problem)
    return Call(name, text, result)
