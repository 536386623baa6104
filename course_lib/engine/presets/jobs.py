"""A run that is ready to start: model, batches, held-out loss, on one device."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from course_lib.batches import (
    BatchSource,
    batch_loss,
    evaluate_loss,
    mini_batches,
    token_batches,
    token_windows,
)
from course_lib.device import pick_device
from course_lib.engine.checkpoint_file import to_metadata
from course_lib.engine.presets.lists import (
    alphabet_line,
    reference_lines,
    split_list,
)
from course_lib.engine.presets.recipes import PRESETS, Preset, adapted
from course_lib.engine.presets.texts import (
    bytes_per_token,
    fetched_text,
    first_choice,
    made_tokenizer,
    note_on_length,
    tokens_of,
)
from course_lib.engine.resume import FileCheckpointer
from course_lib.engine.token_files import TokenFile
from course_lib.generate import generate, sample_names
from course_lib.generate.texts import end_tokens
from course_lib.gpt import GPT, GPTConfig
from course_lib.mlp import NameMLP, NameMLPConfig
from course_lib.names import ALPHABET, alphabet_of, windows
from course_lib.tokenizer import CharTokenizer, Tokenizer
from course_lib.train import Checkpointer, Record, TrainConfig, train
from course_lib.train.gradients import Loss

HELD_OUT_TOKENS = 1 << 14
SAMPLE_TOKENS = 60


@dataclass(frozen=True, kw_only=True)
class Job:
    """A run that is ready to start, on its device.

    >>> job = prepare("world", recipe={"steps": 2}, device="cpu")
    >>> type(job.model).__name__, job.config.steps
    ('GPT', 2)
    """

    preset: str
    model: nn.Module
    batch_at: BatchSource
    """The whole batch of each step, for all processes together."""
    evaluate: Callable[[nn.Module], float]
    """The held-out loss in nats per token."""
    sample: Callable[[nn.Module], str]
    """A text that the model writes, always from the same dice."""
    config: TrainConfig
    metadata: dict[str, Any]
    """Kept in the checkpoint: what kind of model it is, and its tokenizer."""
    about: str
    """How much there is to learn from, in words."""
    note: str = ""
    """What the user should know; often nothing."""
    lines: dict[str, float] = field(default_factory=dict)
    """Losses known in advance, in nats per token, by what they mean."""
    tokenizer: Tokenizer | None = None
    """None for names."""
    bytes_per_token: float | None = None
    """Of the held-out text: turns nats per token into bits per byte."""
    floor_nats: float | None = None
    """The held-out loss of a perfect model, where it is known."""
    loss: Loss = batch_loss
    """Of a batch; see `train`."""
    measured: str = "held out"
    """What `evaluate` measures, in a word or two."""
    trainable_only: bool = False
    """Checkpoints leave the frozen weights out; see `FileCheckpointer`."""

    def start(self, checkpoint: Path | Checkpointer | None = None) -> Iterator[Record]:
        """The records of the run; see `train`."""
        if self.trainable_only and isinstance(checkpoint, Path):
            checkpoint = FileCheckpointer(
                checkpoint, self.config.keep_last, trainable_only=True
            )
        return train(
            self.model,
            self.batch_at,
            self.config,
            loss=self.loss,
            evaluate=self.evaluate,
            sample=self.sample,
            checkpoint=checkpoint,
            metadata=self.metadata,
        )

    def bits_per_byte(self, loss_nats: float) -> float | None:
        """A held-out loss on a scale that does not depend on the tokenizer."""
        if self.bytes_per_token is None:
            return None
        return loss_nats / math.log(2) / self.bytes_per_token


def prepare(
    name: str,
    *,
    text: Path | None = None,
    tokens_at: Path | None = None,
    tokenizer: Tokenizer | str | None = None,
    vocab_size: int | None = None,
    shape: Mapping[str, Any] | None = None,
    recipe: Mapping[str, Any] | None = None,
    batch_size: int | None = None,
    seed: int = 0,
    device: str | torch.device | None = None,
    people: int | None = None,
) -> Job:
    """Put together a preset's model, batches and held-out loss.

    Args:
        name: a key of PRESETS.
        text: a .txt of any size (for names: a list); None takes what the course has.
        tokens_at: the file of tokens to make, or to use again; beside the text if None.
        tokenizer: "characters", "bpe" (learned from the text), "gpt2", or one that is
            there already.
        vocab_size: of a tokenizer to be learned.
        shape: sizes of the model that differ from the preset's.
        recipe: settings of its `TrainConfig` that differ. Without a precision a GPT
            trains in bfloat16 on CUDA and in float32 elsewhere.
        batch_size: rows in a batch.
        seed: of the first weights and of the batches.
        device: see `pick_device`.
        people: how many famous ones Tiny World has; 120 if not given.

    Raises:
        ValueError: for an unknown preset or setting, or a text that cannot serve.
        FileNotFoundError: if there is no text.

    >>> prepare("novel")
    Traceback (most recent call last):
    ...
    ValueError: there is no preset 'novel'; presets: names, world, shakespeare, \
gpt2-small
    """
    if name not in PRESETS:
        raise ValueError(f"there is no preset {name!r}; presets: {', '.join(PRESETS)}")
    where = pick_device(device) if not isinstance(device, torch.device) else device
    recipe = dict(recipe or {})
    if where.type == "cuda" and name != "names":
        recipe.setdefault("precision", "bfloat16")
    preset = adapted(PRESETS[name], shape or {}, recipe, batch_size)
    if isinstance(preset.model, NameMLPConfig):
        return _names_job(preset, preset.model, text, seed, where)
    if name == "world":  # the engine does not know Tiny World: it is asked for here
        make: Callable[..., Job] = import_module("tiny_world.base_run").world_job
        return make(preset, preset.model, seed, where, people)
    path, note = text or fetched_text(name), ""
    if tokenizer is None:
        tokenizer, note = first_choice(preset.tokenizer, path, vocab_size)
    elif isinstance(tokenizer, str):
        tokenizer = made_tokenizer(tokenizer, path, vocab_size)
    tokens = tokens_of(path, tokens_at or path.with_suffix(".tokens"), tokenizer)
    job = _text_job(preset, preset.model, tokens, tokenizer, seed, where)
    note = f"{note}\n{job.note}".strip()
    return replace(
        job, preset=name, metadata={**job.metadata, "preset": name}, note=note
    )


def _dice(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _names_job(
    preset: Preset,
    shape: NameMLPConfig,
    path: Path | None,
    seed: int,
    device: torch.device,
) -> Job:
    notes: list[str] = []
    splits, T = split_list(path, notes.append), shape.context_size
    letters = alphabet_of(name for part in splits for name in part)
    own = {}
    if letters != ALPHABET:
        own = {"tokenizer": to_metadata(CharTokenizer(letters))}
        notes.append(alphabet_line(letters))
    x, y = (part.to(device) for part in windows(splits.train, T, letters))
    held = [part.to(device) for part in windows(splits.val, T, letters)]

    def sample(model: nn.Module) -> str:
        return ", ".join(sample_names(model, 8, generator=_dice(0), alphabet=letters))

    shape = replace(shape, vocab_size=len(letters))
    return Job(
        preset="names",
        model=NameMLP(shape, generator=_dice(seed)).to(device),
        batch_at=mini_batches(x, y, preset.batch_size, seed=seed),
        evaluate=lambda model: evaluate_loss(model, held[0], held[1]),
        sample=sample,
        config=preset.config,
        metadata={"kind": "names", "preset": "names", **own},
        about=f"{len(splits.train):,} names to learn from, {len(splits.val):,} held "
        "out",
        note="\n".join(notes),
        lines=reference_lines(splits, T, letters),
    )


def _text_job(
    preset: Preset,
    shape: GPTConfig,
    file: TokenFile,
    tokenizer: Tokenizer,
    seed: int,
    device: torch.device,
) -> Job:
    V, T = tokenizer.vocab_size, shape.context_size
    # Rows of the embedding that no token uses: matrix products like round sizes.
    padded = V if V < 1024 else math.ceil(V / 64) * 64
    train_tokens, val_tokens = file.split()
    if len(val_tokens) <= T:
        raise ValueError(
            f"the text has {len(file):,} tokens: a tenth is held out, and a context of "
            f"{T} needs {10 * (T + 1):,}; give a longer text or a smaller context"
        )
    held = token_windows(val_tokens, T, most=max(1, HELD_OUT_TOKENS // T))
    rows = max(1, HELD_OUT_TOKENS // 16 // T)
    n_read = preset.config.steps * preset.batch_size * T
    return Job(
        preset="",
        model=GPT(replace(shape, vocab_size=padded), _dice(seed)).to(device),
        batch_at=token_batches(train_tokens, preset.batch_size, T, seed=seed),
        evaluate=lambda model: evaluate_loss(model, held.inputs, held.targets, rows),
        sample=writer(tokenizer, held.inputs[0, :1]),
        config=preset.config,
        metadata={"kind": "gpt", "tokenizer": to_metadata(tokenizer)},
        about=f"{len(train_tokens):,} tokens to learn from, {len(val_tokens):,} held "
        f"out, {V:,} different ones",
        note=note_on_length(len(train_tokens), n_read),
        lines={f"ln {V}: knows nothing": math.log(V)},
        tokenizer=tokenizer,
        bytes_per_token=bytes_per_token(tokenizer, held.targets),
    )


def writer(tokenizer: Tokenizer, prompt: Tensor) -> Callable[[nn.Module], str]:
    """Lets a GPT write on after `prompt`, as far as its context reaches.

    >>> write = writer(CharTokenizer("ab"), torch.tensor([0]))
    >>> config = GPTConfig(vocab_size=2, emb_dim=16, n_heads=2, n_layers=1)
    >>> len(write(GPT(config)))
    60
    """
    first = prompt.tolist()

    def write(model: nn.Module) -> str:
        assert isinstance(model, GPT)
        [tokens] = generate(
            model,
            [first],
            max_new_tokens=min(SAMPLE_TOKENS, model.config.context_size - len(first)),
            stop_tokens=end_tokens(tokenizer),
            seeds=[0],
            temperature=0.8,
            vocab_size=tokenizer.vocab_size,
        )
        return tokenizer.decode(tokens)

    return write
