"""What a real model said before it learned anything new, so that it is not lost.

A model that learns a few talks forgets some of what it could do. So each batch holds a
row of another kind: an answer that the model itself gave to an everyday question
(rehearsal). There no next token is learned; the model shall predict what it predicts
without LoRA, and the loss is how far it has moved away (the KL divergence).
"""

import json
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.batches import Batch
from course_lib.chat import (
    ChatTemplate,
    Example,
    Message,
    answer_batch,
    answer_loss,
)
from course_lib.device import device_of
from course_lib.engine.downloads import DATA
from course_lib.gpt import GPT
from course_lib.lora import without_lora
from course_lib.train.gradients import some_rows

OWN_ANSWERS = DATA / "everyday_answers.jsonl"
KEPT = -1
"""A target that stands for all that the model without LoRA would predict there."""


def own_examples(
    template: ChatTemplate, size: int, path: Path = OWN_ANSWERS
) -> list[Example]:
    """Each answer twice: in a chat, and alone as a text, both up to `size` tokens.

    The end mark of an answer is in neither, because most of them were cut.

    >>> from string import printable
    >>> from course_lib.chat import ChatMLTemplate
    >>> from course_lib.tokenizer import CharTokenizer
    >>> marked = CharTokenizer(printable, special_tokens=ChatMLTemplate.MARKS)
    >>> chat, alone, *_ = own_examples(ChatMLTemplate(marked), 512)
    >>> marked.decode(alone.tokens[:25]), sum(chat.loss_mask) - sum(alone.loss_mask)
    ('As the sun dipped into th', 1)
    """
    found = []
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        asked = template.prompt([Message("user", row["question"])])
        said = template.tokenizer.encode(row["answer"])
        found += [
            Example([*asked, *said], [False] * len(asked) + [True] * len(said)),
            Example(said, [False] + [True] * (len(said) - 1)),
        ]
    return [Example(tokens[:size], mask[:size]) for tokens, mask in found]


def kept_batch(learned: list[Example], kept: list[Example]) -> Batch:
    """A batch of both kinds; where something is kept the target is `KEPT`.

    >>> example = Example([7, 8, 9], [False, True, True])
    >>> kept_batch([example], [example]).targets.tolist()
    [[8, 9], [-1, -1]]
    """
    inputs, targets, weights = answer_batch([*learned, *kept])
    assert weights is not None
    rows = torch.arange(len(targets))[:, None] >= len(learned)
    return Batch(inputs, targets.masked_fill(rows & (weights > 0), KEPT), weights)


def keeping_loss(model: nn.Module, batch: Batch) -> Tensor:
    """The mean over what is learned (cross-entropy) and what is kept (KL divergence).

    Source: the KL divergence to the model before, as Li and Hoiem 2016, Learning
    without Forgetting.

    >>> from course_lib.gpt import GPTConfig
    >>> from course_lib.lora import add_lora
    >>> model = add_lora(GPT(GPTConfig(vocab_size=9, emb_dim=16, n_layers=1)))
    >>> batch = kept_batch([], [Example([7, 8, 9], [False, True, True])])
    >>> keeping_loss(model, batch).item()  # nothing has moved
    0.0
    """
    n = int((batch.targets != KEPT).all(dim=1).sum())  # what is kept comes last
    found = []
    for rows, loss in ((slice(n), answer_loss), (slice(n, None), _moved)):
        part = some_rows(batch, rows)
        if len(part.inputs):
            found.append(loss(model, part) * _count(part))
    return torch.stack(found).sum() / _count(batch)


def _count(batch: Batch) -> float:
    assert batch.weights is not None
    return float(batch.weights.sum())


def _moved(model: nn.Module, batch: Batch) -> Tensor:
    """How far what a model predicts is from what it predicts without LoRA, in nats."""
    assert isinstance(model, GPT)
    assert batch.weights is not None
    length = int(batch.weights.any(dim=0).nonzero().max()) + 1  # no filling behind
    inputs = batch.inputs[:, :length].to(device_of(model))
    kept = batch.weights[:, :length].to(inputs.device) > 0
    head = model.embedding if model.config.tied else model.head

    def predicted() -> Tensor:
        stream = model(inputs, features=True)[kept]  # (K, C)
        return F.linear(stream, head.weight).log_softmax(dim=-1)  # (K, V)

    with torch.no_grad(), without_lora(model):
        before = predicted()
    return F.kl_div(predicted(), before, log_target=True, reduction="batchmean")
