"""The guess before the answer: what a lesson says when it reveals the truth."""

import math


def reveal(guess: float | str | None, truth: float | str, digits: int = 2) -> str:
    """One line that names the truth and, if there was a guess, how far off it was.

    Args:
        guess: what the student typed; None for no guess yet.
        truth: the right answer, a number or a word.
        digits: decimals shown for numbers.

    Raises:
        ValueError: if the guess is not a number where the truth is one.

    >>> reveal(None, 4.953)
    'The answer is 4.95. You made no guess yet: type one above and run again.'
    >>> reveal(5, 4.953)
    'The answer is 4.95. You said 5.00, which is 0.05 away.'
    >>> reveal("B", "a")
    'The answer is a. You said B.'
    """
    shown = truth if isinstance(truth, str) else f"{truth:.{digits}f}"
    start = f"The answer is {shown}."
    if guess is None:
        return f"{start} You made no guess yet: type one above and run again."
    if isinstance(truth, str):
        right = str(guess).strip().lower() == truth.lower()
        return f"{start} You said {guess}{', exactly right' if right else ''}."
    if isinstance(guess, str) or not math.isfinite(guess):
        raise ValueError(f"my_guess is {guess!r}: type a number, such as 3 or 0.25")
    distance = abs(guess - truth)
    return f"{start} You said {guess:.{digits}f}, which is {distance:.{digits}f} away."
