"""Stored runs: what takes minutes to train, kept as a small file with its recipe.

`data/snapshots/world_gpt.json` holds the loss of a small GPT on Tiny World, for lesson
07, which is not about GPTs yet. `course snapshots` makes it again.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from course_lib import world
from course_lib.batches import evaluate_loss, world_batches
from course_lib.classroom.lessons import ROOT
from course_lib.files import write_atomically
from course_lib.gpt import GPT, GPTConfig
from course_lib.train import Record, TrainConfig, train

WORLD_GPT = ROOT / "data" / "snapshots" / "world_gpt.json"
MODEL = GPTConfig(vocab_size=world.VOCAB_SIZE)
RECIPE = TrainConfig(
    steps=3000,
    learning_rate=4e-3,
    warmup_steps=50,
    weight_decay=0.1,
    grad_clip=1.0,
    eval_every=100,
)
N_ROWS, LENGTH = 8, 128
HELD_OUT_ROWS = 128


def train_world_gpt(
    steps: int | None = None, report: Callable[[Record], None] = lambda record: None
) -> dict[str, Any]:
    """Train the GPT on Tiny World, seed 0, and say what its losses were.

    Args:
        steps: stop after this many updates of the same run; None for all.
        report: is given each record.

    Returns:
        The sizes, the recipe, `curve` with rows (step, held-out loss in nats per
        word), `floor_nats` of the same words, and `by_tag` with (loss, floor, words)
        for each kind of marked word.
    """
    tiny_world = world.World(seed=0)
    held = world.token_rows(tiny_world, "val", 0, HELD_OUT_ROWS, LENGTH + 1)
    inputs, targets = held.tokens[:, :-1], held.tokens[:, 1:]
    model = GPT(MODEL, torch.Generator().manual_seed(0))
    curve = []
    for record in train(
        model,
        world_batches(tiny_world, N_ROWS, LENGTH),
        RECIPE,
        evaluate=lambda m: evaluate_loss(m, inputs, targets, batch_size=8),
    ):
        report(record)
        if record.val_loss_nats is not None:
            curve.append([record.step, round(record.val_loss_nats, 4)])
        if record.step == steps:
            break
    model.eval()
    return {
        "model": asdict(MODEL),
        "recipe": asdict(RECIPE),
        "words_per_step": N_ROWS * LENGTH,
        "floor_nats": round(held.nats[:, 1:].mean().item(), 4),
        "curve": curve,
        "by_tag": _by_tag(model, held),
    }


@torch.no_grad()
def _by_tag(model: GPT, held: world.TokenRows) -> dict[str, list[float]]:
    """Loss and floor in nats, and the number of words, for each tag."""
    targets = held.tokens[:, 1:]
    logits: Tensor = model(held.tokens[:, :-1])
    losses = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    tags, floors = held.tags[:, 1:].flatten(), held.nats[:, 1:].flatten()
    rows = {}
    for i, tag in enumerate(world.TAGS):
        chosen = tags == i
        if chosen.any():
            loss, floor = losses[chosen].mean().item(), floors[chosen].mean().item()
            rows[tag or "other"] = [round(loss, 4), round(floor, 4), int(chosen.sum())]
    return rows


def write_world_gpt(report: Callable[[Record], None]) -> None:
    """Train the whole run and store it, as text that ends with a new line."""
    stored = train_world_gpt(report=report)
    text = json.dumps(stored, indent=1).replace("\n   ", " ").replace("\n  ]", " ]")
    write_atomically(WORLD_GPT, f"{text}\n".encode())
