"""What a late hand-in costs."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from classroom.gradebook.decisions import Rules

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Lateness:
    """When something was handed in, and what that means.

    Attributes:
        when: None if nobody knows.
        source: how we know: `times.csv`, `receipt`, `file`; "" if we do not.
        late: after the date due and the grace?
        percent: taken off the points that were reached.
        note: what a person should know; "" if nothing.
    """

    when: datetime | None = None
    source: str = ""
    late: bool = False
    percent: float = 0.0
    note: str = ""


def judge(
    rules: Rules, when: datetime | None, source: str, counts: bool, flagged: bool
) -> Lateness:
    """What a hand-in at a time costs.

    Args:
        rules: of the homework.
        when: it was handed in; None if nobody knows.
        source: how we know.
        counts: are points taken off? (Not for a file's date, unless told so.)
        flagged: does the course site call it late?

    >>> due = datetime(2026, 11, 30, 23, 59)
    >>> rules = Rules(due=due, grace_minutes=30, percent_a_day=10.0)
    >>> late = due + timedelta(hours=25)
    >>> judge(rules, late, "receipt", True, False).percent
    20.0
    """
    if rules.due is None or when is None:
        said = "the course site calls it late; when was it handed in?"
        note = said if flagged and rules.percent_a_day else ""
        return Lateness(when, source if when else "", flagged, 0.0, note)
    over = when - rules.due
    if over <= timedelta(minutes=rules.grace_minutes):
        return Lateness(when, source)
    days = math.ceil(over / DAY)
    percent = min(rules.most_percent, days * rules.percent_a_day)
    length = f"{days} day{'s' if days > 1 else ''} begun"
    if not counts:
        note = f"its file is of {when:%Y-%m-%d %H:%M}, {length} late: nothing taken off"
        return Lateness(when, source, True, 0.0, note if percent else "")
    return Lateness(when, source, True, percent, f"{length} late")
