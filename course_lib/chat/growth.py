"""New rows in the embedding: how a trained model gets new special tokens."""

from collections.abc import Mapping
from dataclasses import replace

import torch

from course_lib.gpt import GPT


@torch.no_grad()
def grow(model: GPT, vocab_size: int, generator: torch.Generator | None = None) -> GPT:
    """The same model with a larger vocabulary, (V, C) -> (vocab_size, C).

    What it says about the old tokens stays as it was, up to the share that the new ones
    take. A new row is the mean of the old ones plus noise of their spread: the new
    tokens begin as words among words.

    Args:
        model: any GPT; it is left alone.
        vocab_size: of the new one.
        generator: draws the noise; None takes torch's global one.

    Raises:
        ValueError: if the vocabulary would shrink.

    Source: Hewitt 2021, "Initializing new word embeddings for pretrained models".

    >>> from course_lib.gpt import GPTConfig
    >>> model = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_layers=1))
    >>> grow(model, 12)(torch.tensor([[11]])).shape
    torch.Size([1, 1, 12])
    """
    old = model.config.vocab_size
    if vocab_size < old:
        raise ValueError(f"vocab_size is {vocab_size}: the model has {old} already")
    grown = GPT(replace(model.config, vocab_size=vocab_size), generator)
    weights = dict(model.state_dict())
    for name in ("embedding.weight", "head.weight"):
        if name not in weights:
            continue
        rows = weights[name]
        new = rows.new_empty(vocab_size - old, rows.shape[1])
        noise = torch.empty(new.shape).normal_(generator=generator).to(new)
        new.copy_(rows.mean(0) + noise * rows.std(0))
        weights[name] = torch.cat([rows, new])
    grown.load_state_dict(weights)
    return grown.to(model.embedding.weight.device).train(model.training)


@torch.no_grad()
def warm_start(model: GPT, like: Mapping[int, int]) -> None:
    """Let tokens begin as copies of others that play their part, in place.

    A marker that opens the answer may begin as the ":" after which the base model has
    read answers; it then knows at once what to do there.

    Args:
        model: any GPT.
        like: token -> the token it begins as.

    >>> from course_lib.gpt import GPTConfig
    >>> model = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_layers=1))
    >>> warm_start(model, {7: 2})
    >>> bool((model.embedding.weight[7] == model.embedding.weight[2]).all())
    True
    """
    new, old = list(like), list(like.values())
    model.embedding.weight[new] = model.embedding.weight[old]
    if not model.config.tied:
        model.head.weight[new] = model.head.weight[old]
