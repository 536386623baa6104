"""Is one printed value the other one?

Another correct formula, or another processor, moves the last printed digit. So decimal
numbers may differ by one unit in their last digit (or 1e-4 of their size, or 1e-5 of
the largest decimal beside them); integers, words, strings, shapes have to be equal.
What holds the parts does not matter: tensor, array, plain number, and of which dtype,
list or tuple.
"""

import math
import re

MAX_TEXT = 20_000
RELATIVE, OF_LARGEST = 1e-4, 1e-5
COARSEST, FINE = 1e-2, 1e-3
# A quoted string, a number or a word, or one sign, escaped or not. Linear in the text,
# which may be hostile: no branch can begin where another has matched, and an escaped
# quote opens nothing.
TOKEN = re.compile(
    r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\""
    r"|[-+]?[\w.]+(?:(?<=[eE])[-+]\d+)?|\\.|[^\w\s]"
)


HOLDER = re.compile(r"tensor|array|np\.\w+|torch\.Size|deque|Counter|dict_\w+")
SAME = {"np.True_": "True", "np.False_": "False"}
ATTRIBUTES = {"dtype", "grad_fn", "requires_grad", "device", "size", "maxlen"}
LISTS = {"(": "[", ")": "]"}


def plain_tokens(text: str) -> list[str]:
    """The parts of a printed value, without what holds the numbers.

    >>> plain_tokens("(tensor([0.5, 1.], dtype=torch.float64), np.True_)")
    ['(', '[', '0.5', ',', '1.', ']', ',', 'True', ')']
    """
    tokens: list[str] = []
    kept: list[bool] = []  # does each open bracket stay?
    rest = TOKEN.findall(text.replace("Parameter containing:", ""))
    at = 0
    while at < len(rest):
        token, after = rest[at], rest[at + 1 : at + 3]
        holder = after[:1] == ["("] and HOLDER.fullmatch(token)
        if holder:
            at += 1
            kept.append(False)
        elif token == "," and after[1:] == ["="] and after[0] in ATTRIBUTES:
            at = _last_of_attribute(rest, at)
        elif token != ")" or not kept or kept.pop():
            kept += [True] if token == "(" else []
            tokens.append(SAME.get(token, token))
        at += 1
    return tokens


def _last_of_attribute(tokens: list[str], comma: int) -> int:
    """Where `, size=(0, 3)` ends that begins with this comma."""
    depth = 0
    for at in range(comma + 1, len(tokens)):
        depth += (tokens[at] in "([") - (tokens[at] in ")]")
        if depth < 0 or (depth == 0 and tokens[at] == ","):
            return at - 1
    return len(tokens) - 1


def one_kind(tokens: list[str]) -> list[str]:
    """The same parts with every tuple turned into a list.

    >>> one_kind(plain_tokens("(1, (2,))"))
    ['[', '1', ',', '[', '2', ']', ']']
    """
    kept: list[str] = []
    for token in tokens:
        if token in ("]", ")") and kept[-1:] == [","]:  # (1,)
            kept.pop()
        kept.append(LISTS.get(token, token))
    return kept


def parse_number(token: str) -> tuple[float, float] | None:
    """(value, one unit of its last digit) of a number, (value, 0) of an integer.

    torch prints `1.` for a float without a fraction: that counts as `1.0000`.

    >>> parse_number("0.25"), parse_number("1.2e-3"), parse_number("7")
    ((0.25, 0.01), (0.0012, 0.0001), (7.0, 0.0))
    >>> parse_number("1."), parse_number("seven")
    ((1.0, 0.0001), None)
    """
    if len(token) >= 40 or "_" in token:
        return None
    try:
        value = float(token)
    except ValueError:
        return None
    mantissa, _, exponent = token.lower().partition("e")
    if not math.isfinite(value) or not ("." in mantissa or exponent):
        return value, 0.0
    decimals = len(mantissa.partition(".")[2]) or (1 if exponent else 4)
    power = min(int(exponent or 0) - decimals, 308)  # 0e999 is a number, too
    return value, 10.0**power


def same_value(reference: str, answer: str) -> bool:
    """Do two printed values agree within the tolerance above?

    Args:
        reference: trusted text.
        answer: any text at all.

    >>> same_value("[0.25, 0.7501]", "[0.2501, 0.7500]")
    True
    >>> same_value("[3, 'a b']", "[4, 'a b']"), same_value("'a b'", "'a  b'")
    (False, False)
    >>> same_value("tensor([0.5000])", "array([0.5], dtype=float32)")
    True
    >>> same_value("[(1, 2), 0.5]", "([1, 2], tensor(0.5000, grad_fn=<MeanBackward0>))")
    True
    """
    if len(answer) > 2 * len(reference) + 1000:
        return False
    want, have = one_kind(plain_tokens(reference)), one_kind(plain_tokens(answer))
    if len(want) != len(have):
        return False
    numbers = [parse_number(token) for token in want]
    decimals = [abs(n[0]) for n in numbers if n and n[1]]
    largest = max(decimals, default=0.0)
    # Python prints 0.5 for 0.5000: the numbers beside it say how many digits there are.
    plain = [n[1] for n, t in zip(numbers, want, strict=True) if n and "e" not in t]
    finest = min([unit for unit in plain if unit], default=COARSEST)
    return all(
        token == other or (number is not None and _near(number, other, largest, finest))
        for token, other, number in zip(want, have, numbers, strict=True)
    )


def _near(
    number: tuple[float, float], token: str, largest: float, finest: float
) -> bool:
    other = parse_number(token)
    if other is None or not math.isfinite(number[0]):
        return False
    if number[1] == 0:  # an integer: 2 and 2.0 are the same, 2 and 2.01 are not
        return number[0] == other[0]
    unit = max(min(number[1], finest, COARSEST), min(other[1], FINE))
    allowed = max(1.01 * unit, RELATIVE * abs(number[0]), OF_LARGEST * largest)
    return abs(number[0] - other[0]) <= allowed
