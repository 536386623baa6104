"""The library's names for settings, in the words of the command line."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

NAMES = {
    **{"n_layers": "--layers", "n_heads": "--heads", "emb_dim": "--width"},
    **{"hidden_dim": "--hidden", "context_size": "--context", "n_famous": "--people"},
    **{"vocab_size": "--vocab", "batch_size": "--batch", "keep_last": "--keep"},
    **{"n_names": "-n", "max_new_tokens": "--max-tokens", "save_every": "--save-every"},
    **{"learning_rate": "--learning-rate", "top_k": "--top-k", "top_p": "--top-p"},
    **{"muon_learning_rate": "--muon-learning-rate", "min_p": "--min-p"},
    **{"repetition_penalty": "--repetition-penalty"},
}
"""Setting -> its option, where the setting's name can be nothing else."""
PLAIN = ("temperature", "steps", "accumulate", "precision", "tokenizer", "stop", "seed")
"""Settings with the name of their option; in a message, "steps is 0" means one."""
PHRASES = (
    (r"lower --learning-rate, set grad_clip or warmup_steps", "lower --learning-rate"),
    (r"give `dropped` to let", "add --slide to let"),
    (r"set accumulate=(\d+)", r"add --accumulate \1"),
    (r"set recompute=True", "add --recompute"),
    (r"a smaller context\b", "a smaller --context"),
    (r",? or None\b[^:;,]*", ""),
)
"""What a program would do, and what somebody at a terminal does."""

LARGEST_SEED = 2**32 - 1
"""Every command takes seeds from 0 to this, numpy's range."""

_NAME = re.compile(r"(?<![-\w])(" + "|".join(NAMES) + r")(?!\w)")
_PLAIN = re.compile(r"^(device|" + "|".join(PLAIN) + r")(?= (?:is\b|'))")


def in_options(message: str) -> str:
    """A message of the library for somebody at a terminal.

    >>> in_options("top_k is 28: use 1 .. 27, or None for all")
    '--top-k is 28: use 1 .. 27'
    """
    message = _NAME.sub(lambda found: NAMES[found[1]], message)
    message = _PLAIN.sub(r"--\1", message)
    for pattern, words in PHRASES:
        message = re.sub(pattern, words, message)
    return message


@contextmanager
def errors_in_options() -> Iterator[None]:
    """Let the errors of the library name the options of the command line.

    >>> with errors_in_options():
    ...     raise ValueError("emb_dim is 0: use an integer >= 1")
    Traceback (most recent call last):
    ...
    ValueError: --width is 0: use an integer >= 1
    """
    try:
        yield
    except ValueError as error:
        raise ValueError(in_options(str(error))) from error
    except (FloatingPointError, MemoryError) as error:
        raise CannotGoOnError(in_options(str(error))) from error
    except RuntimeError as error:
        if not any(words in str(error) for words in _TOO_LARGE):
            raise
        raise ValueError(
            "this does not fit in memory: use a smaller --batch, --context, --width, "
            "--hidden, --layers or --vocab"
        ) from error


_TOO_LARGE = (  # torch's words for sizes that no machine has
    *("can't allocate memory", "not enough memory", "out of memory"),
    *("Storage size calculation overflowed", "numel: integer multiplication overflow"),
)


class CannotGoOnError(Exception):
    """A training run that cannot go on, said in the words of the command line."""


def was_given(values: object) -> bool:
    """Is this the value of an option that was given? 0 and "" are values, too.

    >>> [was_given(value) for value in (None, False, [], 0, 0.0, "")]
    [False, False, False, True, True, True]
    """
    return not (values is None or values is False or values == [])
