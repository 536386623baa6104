"""An assistant of your own: from any .txt, and talks that show how to answer."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import torch

from course_lib.batches import batch_loss
from course_lib.chat import (
    ChatTemplate,
    Example,
    Markers,
    Message,
    answer_batch,
    answer_batches,
    grow,
)
from course_lib.engine.chat_files import load_conversations
from course_lib.engine.checkpoint_file import from_metadata, to_metadata
from course_lib.engine.presets import Job, prepare
from course_lib.files import load, load_checkpoint, save
from course_lib.gpt import GPT
from course_lib.tokenizer import Tokenizer
from course_lib.train import TrainConfig, train
from tiny_world.assistant.stages import Report, quiet

TEXT_PRESET = "shakespeare"
SFT_STEPS = 300
Note = Callable[[str], object]
"""Told what the user should know."""


class OwnStage(NamedTuple):
    """A stage of an own assistant."""

    stage: str
    path: Path
    loss_nats: float
    """Held out, per token: of the text, or of the answers."""
    found_before: bool


def with_markers(tokenizer: Tokenizer, markers: Markers) -> Tokenizer:
    """The same tokenizer with the template's markers as further special tokens.

    Raises:
        ValueError: for a tokenizer that cannot take any.

    >>> from course_lib.tokenizer import CharTokenizer
    >>> with_markers(CharTokenizer("ab"), Markers()).vocab_size
    7
    """
    metadata = to_metadata(tokenizer)
    if "special_tokens" not in metadata:
        raise ValueError(
            f"a {metadata['kind']} tokenizer takes no further special tokens"
        )
    old = list(metadata["special_tokens"])
    new = [name for name in markers.names if name not in old]
    return from_metadata({**metadata, "special_tokens": [*old, *new]})


def run_own(
    folder: Path,
    text: Path,
    chats: Path,
    *,
    seed: int = 0,
    shape: Mapping[str, Any] | None = None,
    recipe: Mapping[str, Any] | None = None,
    tokenizer: str = "bpe",
    vocab_size: int | None = None,
    device: torch.device | None = None,
    report: Report = quiet,
    note: Note | None = None,
) -> Iterator[OwnStage]:
    """Train a base model on a text and teach it to answer by conversations.

    Stages that are in the folder already are not made again.

    Args:
        folder: where "base" and "sft" are kept.
        text: any .txt.
        chats: see `load_conversations`; a tenth of them is held out.
        seed: of weights and batches.
        shape: sizes of the model that differ from the preset's.
        recipe: settings of the base model's training that differ.
        tokenizer: "bpe" (takes any text) or "characters".
        vocab_size: of the tokenizer.
        device: where to train.
        report: is told how it goes.
        note: is told what the user should know before it begins.

    Raises:
        ValueError: for a text or conversations that cannot serve; before any training.
    """
    talks = load_conversations(chats, note)
    job = prepare(
        TEXT_PRESET,
        text=text,
        tokens_at=Path(folder) / "text.tokens",
        tokenizer=tokenizer,
        vocab_size=vocab_size,
        shape={"context_size": 128, **(shape or {})},
        recipe=recipe,
        seed=seed,
        device=device,
    )
    template, examples = _lessons(job, talks)
    path = Path(folder) / "base.safetensors"
    there = path.exists()
    if not there:
        _learn_text(job, path, report, note)
    yield OwnStage("base", path, load_checkpoint(path).metadata["loss"], there)
    base = load(path).model.to(device)
    path = Path(folder) / "sft.safetensors"
    there = path.exists()
    if not there:
        model, loss = _taught(base, template, examples, seed, report)
        save(path, model, template.tokenizer, {"stage": "sft", "loss": loss})
    yield OwnStage("sft", path, load_checkpoint(path).metadata["loss"], there)


def _learn_text(job: Job, path: Path, report: Report, note: Note | None) -> None:
    """Train the base model, from its last checkpoint if there is one, and keep it."""
    if job.note and note is not None:
        note(job.note)
    running = path.with_name("base_running.safetensors")
    for record in job.start(running):
        report("base", record.step, job.config.steps, record.loss_nats)
    assert isinstance(job.model, GPT)
    loss = job.evaluate(job.model)
    save(path, job.model.eval(), job.tokenizer, {"stage": "base", "loss": loss})
    running.unlink(missing_ok=True)


def _lessons(
    job: Job, talks: Sequence[Sequence[Message]]
) -> tuple[ChatTemplate, list[Example]]:
    """All conversations as tokens; refuses one that does not fit."""
    assert isinstance(job.model, GPT)
    assert job.tokenizer is not None
    template = ChatTemplate(with_markers(job.tokenizer, Markers()))
    context_size, examples = job.model.config.context_size, []
    for number, talk in enumerate(talks, 1):
        try:
            example = template.encode(talk)
        except ValueError as error:
            raise ValueError(f"conversation {number}: {error}") from None
        if len(example.tokens) > context_size:
            raise ValueError(
                f"conversation {number} has {len(example.tokens)} tokens and the model "
                f"reads {context_size}: shorten it, or give a larger --context"
            )
        examples.append(example)
    if len(examples) < 10:
        raise ValueError(f"{len(examples)} conversations: give 10 or more")
    return template, examples


def _taught(
    base: GPT,
    template: ChatTemplate,
    examples: Sequence[Example],
    seed: int,
    report: Report,
) -> tuple[GPT, float]:
    """The base model after SFT, and its loss on the conversations held out."""
    shuffled = list(examples)
    random.Random(f"own {seed}").shuffle(shuffled)
    held, learned = shuffled[: len(shuffled) // 10], shuffled[len(shuffled) // 10 :]
    size = max(base.config.vocab_size, template.tokenizer.vocab_size)
    model = grow(base, size, torch.Generator().manual_seed(seed))
    config = TrainConfig(
        steps=SFT_STEPS,
        learning_rate=5e-4,
        betas=(0.9, 0.98),
        warmup_steps=min(20, SFT_STEPS),
        grad_clip=1.0,
        eval_every=50,
    )

    @torch.no_grad()
    def held_out(model: torch.nn.Module) -> float:
        return batch_loss(model, answer_batch(held)).item()

    best, weights = float("inf"), deepcopy(model.state_dict())
    batches = answer_batches(lambda dice: dice.choice(learned), 16, seed=seed)
    for record in train(model, batches, config, evaluate=held_out):
        report("sft", record.step, config.steps, record.loss_nats)
        if record.val_loss_nats is not None and record.val_loss_nats < best:
            best, weights = record.val_loss_nats, deepcopy(model.state_dict())
    model.load_state_dict(weights)
    return model.eval(), best
