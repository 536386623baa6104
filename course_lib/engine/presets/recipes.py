"""The recipes: sizes and settings that were found to work."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from course_lib.gpt import GPTConfig, gpt2_config
from course_lib.mlp import NameMLPConfig
from course_lib.train import TrainConfig

Shape = NameMLPConfig | GPTConfig
ConfigT = TypeVar("ConfigT", Shape, TrainConfig)
REPORTS = 10


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A recipe: the model's sizes, how to train, what text it reads.

    >>> PRESETS["world"].batch_size
    8
    """

    about: str
    model: Shape
    """Its vocabulary size is put in when the tokenizer is known."""
    config: TrainConfig
    batch_size: int
    """Rows in a batch."""
    tokenizer: str = ""
    """"characters", "bpe" or "gpt2"; "" where the text has its own tokens."""


PRESETS: dict[str, Preset] = {
    "names": Preset(
        about="a two-layer network that invents names",
        model=NameMLPConfig(),
        config=TrainConfig(steps=2000),
        batch_size=256,
    ),
    "world": Preset(
        about="a GPT that writes Tiny World",
        model=GPTConfig(vocab_size=1),
        config=TrainConfig(
            steps=2200,
            optimizer="muon",
            learning_rate=5e-3,
            betas=(0.9, 0.98),
            warmup_steps=66,
            weight_decay=0.1,
            grad_clip=1.0,
        ),
        batch_size=8,
    ),
    "shakespeare": Preset(
        about="a modern GPT on the characters of a text",
        model=GPTConfig(
            vocab_size=1,
            context_size=64,
            n_layers=4,
            norm="rms",
            activation="relu_squared",
        ),
        config=TrainConfig(
            steps=1000,
            optimizer="muon",
            learning_rate=5e-3,
            betas=(0.9, 0.95),
            warmup_steps=20,
            grad_clip=1.0,
        ),
        batch_size=12,
        tokenizer="characters",
    ),
    "gpt2-small": Preset(
        about="GPT-2 small from scratch, for a GPU",
        model=gpt2_config("small"),
        config=TrainConfig(
            steps=19_000,
            learning_rate=6e-4,
            betas=(0.9, 0.95),
            schedule="cosine",
            warmup_steps=700,
            final_fraction=0.1,
            weight_decay=0.1,
            grad_clip=1.0,
            accumulate=40,
        ),
        batch_size=480,
        tokenizer="gpt2",
    ),
}
"""Name -> recipe."""


def adapted(
    preset: Preset,
    shape: Mapping[str, Any],
    recipe: Mapping[str, Any],
    batch_size: int | None,
) -> Preset:
    """A preset with other values; warm-up and reports keep their share of the steps.

    Raises:
        ValueError: for a setting that does not exist, or a value that cannot serve.

    >>> adapted(PRESETS["world"], {}, {"steps": 220}, None).config.warmup_steps
    7
    """
    if batch_size is not None and batch_size < 1:
        raise ValueError(f"batch_size is {batch_size}: use 1 or more")
    config, settings = preset.config, dict(recipe)
    steps = settings.get("steps", config.steps)
    warmup = round(config.warmup_steps * steps / config.steps)
    settings = {"warmup_steps": warmup, "eval_every": math.ceil(steps / REPORTS)}
    model = preset.model
    return replace(
        preset,
        model=_changed(model, shape),
        config=_changed(config, settings | dict(recipe)),
        batch_size=batch_size or preset.batch_size,
    )


def _changed(settings: ConfigT, changes: Mapping[str, Any]) -> ConfigT:
    """A config with other values; says which names it knows if one is unknown."""
    known = list(settings.__dataclass_fields__)
    for name in changes:
        if name not in known:
            kind = type(settings).__name__
            raise ValueError(f"{kind} has no setting {name!r}; it has {known}")
    return replace(settings, **changes)
