"""The guess before the answer: what a lesson says when it reveals the truth."""

import math

NO_GUESS = 'No guess yet. Type one above and run both cells; "?" shows the answer.'
SKIP = "?"


def reveal(
    guess: float | str | None, truth: float | str, digits: int = 2, also: str = ""
) -> str:
    """The truth and how far off the guess was; without a guess, neither.

    So a stored notebook, and a projected one, does not give the answer away.

    Args:
        guess: what the student typed; None for no guess yet, "?" to see the answer.
        truth: the right answer, a number or a word.
        digits: decimals shown for numbers.
        also: more lines that would give the answer away, shown with it.

    Raises:
        ValueError: if the guess is not a number where the truth is one.

    >>> reveal(5, 4.953)
    'The answer is 4.95. You said 5.00, which is 0.05 away.'
    >>> reveal("B", "a")
    'The answer is a. You said B.'
    >>> reveal("?", 4.953)
    'The answer is 4.95.'
    >>> reveal(None, 4.953)
    'No guess yet. Type one above and run both cells; "?" shows the answer.'
    """
    if guess is None:
        return NO_GUESS
    shown = truth if isinstance(truth, str) else f"{truth:.{digits}f}"
    said = "" if guess == SKIP else f" {_compare(guess, truth, digits)}"
    return f"The answer is {shown}.{said}" + (f"\n{also}" if also else "")


def _compare(guess: float | str, truth: float | str, digits: int) -> str:
    """The guess beside the truth."""
    if isinstance(truth, str):
        right = str(guess).strip().lower() == truth.lower()
        return f"You said {guess}{', exactly right' if right else ''}."
    if isinstance(guess, str) or not math.isfinite(guess):
        shown = f"my_guess is {guess!r}"
        raise ValueError(f'{shown}: type a number, such as 3 or 0.25, or "?"')
    away = abs(guess - truth)
    return f"You said {guess:.{digits}f}, which is {away:.{digits}f} away."
