"""What is read out of a typed guess, and what is said about it: twins of predict.js."""

import re
import unicodedata
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from statistics import median

ASK = "Write your guess down before you read on."
LARGEST = 1e15
BINS = 12
TIMES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "k": 1e3}
PERCENT = ("%", "percent", "per cent")
FAMILIES = ((1, 2, 5), (1, 3), (1,))
EXPONENTS = range(-12, 16)


def grouped(x: float, digits: int) -> str:
    """A number with so many decimals, a half rounded up, and thousands apart.

    >>> grouped(-1234.5, 0)
    '\u22121,235'
    """
    text = f"{Decimal(abs(x)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):,f}"
    return f"\u2212{text}" if x < 0 and re.search("[1-9]", text) else text


def decimals_of(x: float) -> int:
    """How many decimals show a number exactly, or its first six digits.

    >>> [decimals_of(x) for x in (70, 0.5, 1 / 27)]
    [0, 1, 7]
    """
    for digits in range(12):
        text = grouped(abs(x), digits).replace(",", "")
        if float(text) == abs(x) or len(text.replace(".", "").lstrip("0")) >= 6:
            return digits
    return 12


def plain(x: float) -> str:
    """A number as short as it is.

    >>> plain(1557611200.0)
    '1,557,611,200'
    """
    return grouped(x, decimals_of(x))


def with_unit(text: str, unit: str) -> str:
    """A number's text with its unit behind it.

    >>> with_unit("70", "names"), with_unit("70", "")
    ('70 names', '70')
    """
    return f"{text} {unit}" if unit else text


def _squeeze(text: str) -> str:
    """Small letters, one kind of space and minus."""
    even = unicodedata.normalize("NFKC", text).replace("\u2212", "-").lower()
    return re.sub(r"\s+", " ", even).strip()


def word_of(text: str) -> str:
    """What two texts have in common that count as the same word.

    >>> word_of("  The  End ") == word_of("the end")
    True
    """
    return _squeeze(text).replace("\u00df", "ss")


def _with_point(text: str) -> str:
    """Digits with a point for decimals, out of any use of comma and point."""
    commas, points = text.count(","), text.count(".")
    if commas and points:
        mark = "," if text.rindex(",") > text.rindex(".") else "."
        group = "." if mark == "," else ","
        pattern = rf"[+-]?[0-9]{{1,3}}(?:\{group}[0-9]{{3}})+\{mark}[0-9]*"
        found = re.fullmatch(pattern, text)
        return text.replace(group, "").replace(mark, ".") if found else ""
    if commas > 1 or points > 1:
        group = "," if commas else "."
        pattern = rf"[+-]?[0-9]{{1,3}}(?:\{group}[0-9]{{3}})+"
        return text.replace(group, "") if re.fullmatch(pattern, text) else ""
    if re.fullmatch(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}", text):
        return text.replace(",", "")
    return text.replace(",", ".")


def _number(text: str) -> float | None:
    made = _with_point(text)
    if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,3})?", made):
        return None
    return float(made)


def _without_words(text: str, unit: str) -> str:
    """A squeezed number without "about" before it and its unit after it."""
    text = re.sub(r"^(~|\u2248|about ) ?", "", text)
    named = _squeeze(unit)
    for name in PERCENT if named in PERCENT else (named, named.removesuffix("s")):
        if name and re.search(r"[0-9. ]$", text.removesuffix(name)):
            return text.removesuffix(name).strip()
    return text


def read_number(text: str, unit: str = "") -> float | None:
    """The number somebody typed, None if it is none.

    The decimals stand after a comma or a point; three digits after a single comma are
    thousands. Also read: 1 000, 1/6, 1.5 million, ~70, and the unit after the number.

    >>> [read_number(text) for text in ("0,5", "1,000", "1.000,5", "20k", "many")]
    [0.5, 1000.0, 1000.5, 20000.0, None]
    >>> read_number("70 %", "percent"), read_number("70 %", "names")
    (70.0, None)
    """
    text = _without_words(_squeeze(text), unit)
    times = next((name for name in TIMES if text.endswith(name)), "")
    text = text[: len(text) - len(times)]
    text = re.sub(r"([0-9])[ '\u2019_](?=[0-9]{3}(?![0-9]))", r"\1", text)
    if re.search("[0-9] +[0-9]", text):
        return None
    parts = [_number(part) for part in text.replace(" ", "").split("/")]
    if len(parts) > 2 or None in parts:
        return None
    numerator, denominator = [*(part or 0.0 for part in parts), 1.0][:2]
    if denominator == 0:
        return None
    value = numerator / denominator * TIMES.get(times, 1.0)
    return value if abs(value) <= LARGEST else None


def edges_of(values: Sequence[float]) -> list[float]:
    """Where the bars of a histogram begin: up to 12 of them, at round numbers.

    Numbers that lie a factor of 100 apart get edges that grow by factors.

    >>> edges_of([3, 41, 77])
    [0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0]
    >>> edges_of([2, 300])
    [2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0]
    """
    low, high = min(values), max(values)
    if low == high:
        return [low]
    if low > 0 and high / low >= 100:
        for family in FAMILIES:
            edges = [float(f"{m}e{e}") for e in EXPONENTS for m in family]
            first = max(i for i, edge in enumerate(edges) if edge <= low or i == 0)
            found = [edge for edge in edges[first:] if edge <= high]
            if len(found) <= BINS:
                return found
    whole = all(value == int(value) for value in values)
    steps = [float(f"{m}e{e}") for e in EXPONENTS for m in (1, 2, 5)]
    for step in steps[steps.index(1.0) if whole else 0 :]:
        first, last = (int((x / step + 1e-9) // 1) for x in (low, high))
        if last - first < BINS:
            return [float(f"{i * step:.12g}") for i in range(first, last + 1)]
    return [low]


def bin_of(edges: Sequence[float], value: float) -> int:
    """The bar a value is in: the last that begins at or below it.

    >>> bin_of([0, 10, 20], 10), bin_of([0, 10, 20], 999)
    (1, 2)
    """
    near = value + 1e-9 * abs(value)
    return max((i for i, edge in enumerate(edges) if edge <= near), default=0)


def how_far(guess: float, answer: float, digits: int, unit: str = "") -> str:
    """Difference and ratio of a guess and the answer, in words.

    >>> how_far(60, 167, 0)
    '107 below the answer, which is about 2.8 times as large'
    >>> how_far(190, 167, 0)
    '23 above the answer, 14 % more'
    """
    gap = abs(guess - answer)
    far = grouped(gap, max(digits, decimals_of(guess)))
    if not re.search("[1-9]", far):
        return "that is the answer"
    side = "above" if guess > answer else "below"
    points = _squeeze(unit) in PERCENT
    said = f"{far}{' percentage points' if points else ''} {side} the answer"
    if guess > 0 and answer > 0 and max(guess, answer) / min(guess, answer) >= 1.95:
        ratio = max(guess, answer) / min(guess, answer)
        times = grouped(ratio, int(ratio < 9.95)).removesuffix(".0")
        if guess > answer:
            return f"{said}, about {times} times as large"
        return f"{said}, which is about {times} times as large"
    if answer == 0 or points:
        return said
    share = 100 * gap / abs(answer)
    part = "less than 1 %" if share < 1 else f"{grouped(share, 0)} %"
    return f"{said}, {part} {'more' if guess > answer else 'less'}"


def number_verdict(
    guesses: Sequence[float], answer: float, digits: int, unit: str = ""
) -> list[str]:
    """What is said of one number or of those of a class, beside the answer.

    >>> number_verdict([60], 167, 0, "names")[1]
    'You said 60 names: 107 below the answer, which is about 2.8 times as large.'
    """

    def told(guess: float) -> str:
        far = how_far(guess, answer, digits, unit)
        return f"{with_unit(plain(guess), unit)}: {far}."

    truth = f"The answer is {with_unit(grouped(answer, digits), unit)}."
    if len(guesses) == 1:
        return [truth, f"You said {told(guesses[0])}"]
    closest = min(guesses, key=lambda guess: abs(guess - answer))
    return [
        truth,
        f"The closest of {len(guesses)} guesses is {told(closest)}",
        f"The middle one (the median) is {told(median(guesses))}",
    ]


def word_verdict(guesses: Sequence[str], answer: str) -> list[str]:
    """The same of words or options.

    >>> word_verdict([" Soup"], "soup")
    ['The answer is soup.', 'You said so.']
    >>> word_verdict(["tea", "soup", "rice"], "soup")
    ['The answer is soup.', '1 of 3 guesses says so.']
    """
    truth = f"The answer is {answer}."
    equal = sum(word_of(guess) == word_of(answer) for guess in guesses)
    if len(guesses) == 1:
        return [truth, "You said so." if equal else f"You said {guesses[0]}."]
    says = "says" if equal == 1 else "say"
    return [truth, f"{equal} of {len(guesses)} guesses {says} so."]
