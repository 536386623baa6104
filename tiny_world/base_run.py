"""The run that makes a base model of Tiny World; `course train --preset world`."""

import math
from dataclasses import replace

import torch

from course_lib.batches import evaluate_loss
from course_lib.engine.checkpoint_file import to_metadata
from course_lib.engine.presets.jobs import HELD_OUT_TOKENS, Job, writer
from course_lib.engine.presets.recipes import Preset
from course_lib.engine.presets.texts import bytes_per_token
from course_lib.generate.texts import end_tokens
from course_lib.gpt import GPT, GPTConfig
from tiny_world.base import world_batches
from tiny_world.corpus import World, token_rows
from tiny_world.people import N_FAMOUS
from tiny_world.words import WorldTokenizer

WORLD_ROWS = 128


def world_job(
    preset: Preset,
    shape: GPTConfig,
    seed: int,
    device: torch.device,
    people: int | None = None,
) -> Job:
    """The run that makes a base model, ready to start; see `prepare`.

    Raises:
        ValueError: for another vocabulary size than Tiny World's.
    """
    T = shape.context_size
    tiny_world = World(0, N_FAMOUS if people is None else people)
    held = token_rows(tiny_world, "val", 0, WORLD_ROWS, T + 1)
    inputs, targets = held.tokens[:, :-1], held.tokens[:, 1:]
    floor = held.nats[:, 1:].mean().item()
    tokenizer = WorldTokenizer()
    V = tokenizer.vocab_size
    if shape.vocab_size not in (1, V):
        raise ValueError(f"vocab_size is {shape.vocab_size}: Tiny World has {V} words")
    shape = replace(shape, vocab_size=V)
    made_of = {"kind": "gpt", "preset": "world", "tokenizer": to_metadata(tokenizer)}
    rows = max(1, HELD_OUT_TOKENS // 16 // T)
    return Job(
        preset="world",
        model=GPT(shape, generator=torch.Generator().manual_seed(seed)).to(device),
        batch_at=world_batches(tiny_world, preset.batch_size, T),
        evaluate=lambda model: evaluate_loss(model, inputs, targets, rows),
        sample=writer(tokenizer, targets.new_tensor(end_tokens(tokenizer))),
        config=preset.config,
        metadata=made_of,
        about="Tiny World without end to learn from, "
        f"{targets.numel():,} words held out",
        lines={
            f"ln {V}: knows nothing": math.log(V),
            "the floor of the held-out words": floor,
        },
        tokenizer=tokenizer,
        bytes_per_token=bytes_per_token(tokenizer, targets),
        floor_nats=floor,
    )
