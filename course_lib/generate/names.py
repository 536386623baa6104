"""Whole names, with a model that reads a fixed window of letters.

Shape letters: `B` batch, `T` = context_size, `V` vocabulary.
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from course_lib.device import device_of
from course_lib.generate.sampling import next_probs
from course_lib.names import ALPHABET, END, encode
from course_lib.ngram import ContextTable


@torch.inference_mode()
def sample_names(
    model: nn.Module,
    n_names: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    max_len: int = 30,
    generator: torch.Generator | None = None,
    prompt: str = "",
    alphabet: str = ALPHABET,
) -> list[str]:
    """Write `n_names` names, all of them one letter further at each step.

    Args:
        model: has `context_size` = T; maps tokens (B, T) to logits (B, V).
        n_names: how many.
        temperature: see `next_probs`.
        top_k: see `next_probs`.
        top_p: see `next_probs`.
        max_len: a name is cut after this many letters.
        generator: on the CPU, draws the letters there, wherever the model is; None
            takes torch's global one.
        prompt: the letters that every name begins with.
        alphabet: of the model, the end mark first.

    Raises:
        ValueError: for a bad knob, `n_names` or `max_len` below 1, or a prompt that is
            too long or holds a letter that the model does not know.

    >>> from course_lib.ngram import NGram
    >>> sample_names(NGram.fit(["asha"], 2), 2)
    ['asha', 'asha']
    """
    for label, value in (("n_names", n_names), ("max_len", max_len)):
        if value < 1:
            raise ValueError(f"{label} is {value}: use 1 or more")
    probs_of = partial(next_probs, temperature=temperature, top_k=top_k, top_p=top_p)
    draw = _drawer(model, probs_of, generator)
    codes = torch.tensor([ord(letter) for letter in alphabet], dtype=torch.int32)
    given = _given(prompt, alphabet, max_len)  # (P,)
    letters = codes[END].repeat(n_names, max_len)
    letters[:, : len(given)] = codes[given]
    writing = torch.arange(n_names)  # rows that have not ended yet
    T = int(model.context_size)  # type: ignore[arg-type]
    seen = torch.cat([torch.full((T,), END), given])  # (T + P,)
    contexts = seen[len(given) :].repeat(n_names, 1)  # (B, T)
    for t in range(len(given), max_len):
        token = draw(contexts)  # (B, 1)
        alive = token.squeeze(1) != END
        writing, token = writing[alive], token[alive]
        if not len(writing):
            break
        letters[writing, t] = codes[token.squeeze(1)]
        contexts = torch.cat([contexts[alive], token], dim=1)[:, 1:]
    text = letters.numpy().astype("<u4").tobytes().decode("utf-32-le")
    return [text[i : i + max_len].rstrip(".") for i in range(0, len(text), max_len)]


def _given(prompt: str, alphabet: str, max_len: int) -> Tensor:
    """The letters of a prompt, checked: int64 (P,)."""
    if alphabet[END] in prompt:
        raise ValueError(f"prompt is {prompt!r}: {alphabet[END]!r} ends a name")
    if len(prompt) >= max_len:
        raise ValueError(f"prompt has {len(prompt)} letters: use fewer than {max_len}")
    return torch.tensor(encode(prompt, alphabet), dtype=torch.int64)


Drawer = Callable[[Tensor], Tensor]
"""Draws the next tokens (B, 1) of contexts (B, T)."""


def _drawer(
    model: nn.Module,
    probs_of: Callable[[Tensor], Tensor],
    generator: torch.Generator | None,
) -> Drawer:
    if isinstance(model, ContextTable):  # apply the knobs once, then only look up
        probs = probs_of(model.logits).cpu()
        sums = ContextTable(probs.cumsum(-1), model.context_size)
        return lambda contexts: _land(sums(contexts), generator)
    device = device_of(model)
    return lambda contexts: torch.multinomial(  # the dice are thrown on the CPU
        probs_of(model(contexts.to(device))).cpu(), 1, generator=generator
    )


def _land(sums: Tensor, generator: torch.Generator | None) -> Tensor:
    """The token (B, 1) whose stretch of the cumulative sums (B, V) a dart hits.

    The distribution of `torch.multinomial`, from one uniform draw in place of V.
    """
    dart = torch.rand(len(sums), 1, generator=generator) * sums[:, -1:]
    return torch.searchsorted(sums, dart, right=True)
