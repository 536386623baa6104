"""What stands in a cell after a spreadsheet in some country has saved it."""

import math
import re
from collections.abc import Iterable
from datetime import datetime, time

NUMBER = re.compile(r"-?(?:\d+(?:[.,]\d*)?|[.,]\d+)")
ISO = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)(?:[T ]+(.*))?")
DOTTED = re.compile(r"(\d\d?)\.(\d\d?)\.(\d{4}|\d\d)(?:,?\s+(.*))?")
SLASHED = re.compile(r"(\d\d?)/(\d\d?)/(\d{4}|\d\d)(?:,?\s+(.*))?")
CLOCK = re.compile(r"(\d\d?)[:h](\d\d)(?:[:m](\d\d)(?:\.\d+)?)?\s*([AaPp]\.?[Mm]\.?)?")
ENDS = time(23, 59, 59)
"""A date without a time is due at the end of the day."""


def number(text: str) -> float | None:
    """The number in a cell, with a point or a comma; None for an empty cell.

    Raises:
        ValueError: it is none; the text says what a spreadsheet may have done.

    >>> number("2,5"), number("2.5"), number(" ")
    (2.5, 2.5, None)
    """
    plain = text.strip().replace("\u00a0", "").replace("\u202f", "")
    if not plain:
        return None
    if NUMBER.fullmatch(plain):
        found = float(plain.replace(",", "."))
        if math.isfinite(found):
            return found
    if re.search(r"[A-Za-zÀ-ÿ]", plain) and re.search(r"\d", plain):
        cure = "did a spreadsheet make a date of 2.5? Write 2,5 there"
        raise ValueError(f"{text!r} is no number: {cure}")
    raise ValueError(f"{text!r} is no number")


def shown(value: float, comma: bool = False) -> str:
    """A number as people write it, to two decimals.

    >>> shown(7.0), shown(2.5, comma=True), shown(2 / 3)
    ('7', '2,5', '0.67')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    text = "0" if text in ("-0", "") else text
    return text.replace(".", ",") if comma else text


def day_first(cells: Iterable[str]) -> bool | None:
    """Do dates like 3/4/2026 begin with the day? None if no cell tells.

    >>> day_first(["3/4/2026", "30/11/2026"]), day_first(["11/30/2026"])
    (True, False)
    """
    for cell in cells:
        if found := SLASHED.match(cell.strip()):
            first, second = int(found[1]), int(found[2])
            if max(first, second) > 12 >= min(first, second):
                return first > 12
    return None


def moment(text: str, days_first: bool | None = None) -> datetime | None:
    """The date and time in a cell; None for an empty one.

    Args:
        text: 2026-11-30 23:59, 30.11.2026 23:59, 30/11/2026 or 11/30/2026, with a
            clock of 24 hours or AM and PM, or without one: then the end of the day.
        days_first: what 3/4/2026 means, see `day_first`.

    Raises:
        ValueError: it is none, or can be read in two ways.

    >>> moment("30.11.2026 8:05"), moment("11/30/26 11:59 PM", False)
    (datetime.datetime(2026, 11, 30, 8, 5), datetime.datetime(2026, 11, 30, 23, 59))
    """
    plain = text.strip()
    if not plain:
        return None
    if found := ISO.fullmatch(plain):
        year, month, day, clock = found.groups()
    elif found := DOTTED.fullmatch(plain):
        day, month, year, clock = found.groups()
    elif found := SLASHED.fullmatch(plain):
        day, month, year, clock = _slashed(plain, found, days_first)
    else:
        raise ValueError(f"{text!r} is no date: write it like 2026-11-30 23:59")
    whole = int(year) + (2000 if len(year) == 2 else 0)
    try:
        date = datetime(whole, int(month), int(day))
        return datetime.combine(date, _clock(clock))
    except ValueError:
        raise ValueError(
            f"{text!r} is no date: write it like 2026-11-30 23:59"
        ) from None


def _slashed(
    text: str, found: re.Match[str], days_first: bool | None
) -> tuple[str, str, str, str | None]:
    first, second, year, clock = found.groups()
    alone = day_first([text])
    days_first = alone if alone is not None else days_first
    if days_first is None and first != second:
        raise ValueError(
            f"{text!r} can be read in two ways: write it like 2026-11-30, or say in "
            "settings.csv what comes first in your dates, day or month"
        )
    return (first, second, year, clock) if days_first else (second, first, year, clock)


def _clock(text: str | None) -> time:
    if not text or not text.strip():
        return ENDS
    bare = re.sub(r"(?:[+-]\d\d:?\d\d|Z)$", "", text.strip())
    found = CLOCK.fullmatch(bare.strip())
    if not found:
        raise ValueError(text)
    hour = int(found[1])
    if found[4]:
        hour = hour % 12 + (12 if found[4].lower().startswith("p") else 0)
    return time(hour, int(found[2]), int(found[3] or 0))


def instant(text: str) -> datetime:
    """An ISO time with its distance to UTC, as the clock here shows it.

    >>> instant("2026-11-30T22:59+00:00") == instant("2026-11-30T23:59+01:00")
    True
    """
    return datetime.fromisoformat(text).astimezone().replace(tzinfo=None)
