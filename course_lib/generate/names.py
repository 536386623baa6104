"""Whole names, with a model that reads a fixed window of letters.

Shape letters: `B` batch, `T` = context_size, `V` vocabulary.
"""

import torch
from torch import Tensor, nn

from course_lib.choices import check_least
from course_lib.device import device_of
from course_lib.names import ALPHABET, END, encode
from course_lib.sampling import next_probs

LONGEST_NAME = 30
"""Where a name is cut, for a model may go on for ever: twice the longest real one."""


@torch.inference_mode()
def sample_names(
    model: nn.Module,
    n_names: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    generator: torch.Generator | None = None,
    prompt: str = "",
    alphabet: str = ALPHABET,
) -> list[str]:
    """Write `n_names` names, all of them one letter further at each step.

    A name is cut after `LONGEST_NAME` letters.

    Args:
        model: has `context_size` = T; maps tokens (B, T) to logits (B, V).
        n_names: how many.
        temperature: see `next_probs`.
        top_k: see `next_probs`.
        top_p: see `next_probs`.
        generator: on the CPU, draws the letters there, wherever the model is; None
            takes torch's global one.
        prompt: the letters that every name begins with.
        alphabet: of the model, the end mark first.

    Raises:
        ValueError: for a bad knob, `n_names` below 1, or a prompt that is too long or
            holds a letter that the model does not know.

    >>> from course_lib.ngram import NGram
    >>> sample_names(NGram.fit(["asha"], 2), 2)
    ['asha', 'asha']
    """
    check_least(1, n_names=n_names)
    device = device_of(model)
    codes = torch.tensor([ord(letter) for letter in alphabet], dtype=torch.int32)
    given = _given(prompt, alphabet)  # (P,)
    letters = codes[END].repeat(n_names, LONGEST_NAME)
    letters[:, : len(given)] = codes[given]
    writing = torch.arange(n_names)  # rows that have not ended yet
    T = int(model.context_size)  # type: ignore[arg-type]
    seen = torch.cat([torch.full((T,), END), given])  # (T + P,)
    contexts = seen[len(given) :].repeat(n_names, 1)  # (B, T)
    for t in range(len(given), LONGEST_NAME):
        logits = model(contexts.to(device))
        probs = next_probs(logits, temperature=temperature, top_k=top_k, top_p=top_p)
        token = torch.multinomial(probs.cpu(), 1, generator=generator)  # (B, 1)
        alive = token.squeeze(1) != END
        writing, token = writing[alive], token[alive]
        if not len(writing):
            break
        letters[writing, t] = codes[token.squeeze(1)]
        contexts = torch.cat([contexts[alive], token], dim=1)[:, 1:]
    text = letters.numpy().astype("<u4").tobytes().decode("utf-32-le")
    rows = range(0, len(text), LONGEST_NAME)
    return [text[i : i + LONGEST_NAME].rstrip(".") for i in rows]


def _given(prompt: str, alphabet: str) -> Tensor:
    """The letters of a prompt, checked: int64 (P,)."""
    if alphabet[END] in prompt:
        raise ValueError(f"prompt is {prompt!r}: {alphabet[END]!r} ends a name")
    if len(prompt) >= LONGEST_NAME:
        raise ValueError(
            f"prompt has {len(prompt)} letters: use fewer than {LONGEST_NAME}"
        )
    return torch.tensor(encode(prompt, alphabet), dtype=torch.int64)
