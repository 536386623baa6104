"""Stored runs: what takes minutes to train, kept as a small file with its recipe.

`data/snapshots/world_base.safetensors` is the base model of Tiny World, which lessons
12 to 23 use; `world_base.json` says how it was trained, how its loss fell and what it
can do. `course snapshots` makes both again.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

import tiny_world as world
from classroom.lessons import ROOT
from course_lib.batches import evaluate_loss
from course_lib.engine.presets import PRESETS
from course_lib.engine.writing import write_atomically
from course_lib.files import save
from course_lib.gpt import GPT, GPTConfig
from course_lib.train import Record, train

STORED_RUN = ROOT / "data" / "snapshots" / "world_base.json"
PRESET = PRESETS["world"]
RECIPE = replace(PRESET.config, eval_every=100)
SHAPE = GPTConfig(vocab_size=world.VOCAB_SIZE)
LENGTH = 128
HELD_OUT_ROWS = 128


def train_world_base(
    steps: int | None = None, report: Callable[[Record], None] = lambda record: None
) -> tuple[GPT, dict[str, Any]]:
    """Train the base model on Tiny World, seed 0, and say what became of it.

    Args:
        steps: stop after this many updates of the same run; None for all.
        report: is given each record.

    Returns:
        The model, and: its sizes, the recipe, `curve` with rows (step, held-out loss
        in nats per word), `floor_nats` of the same words, `by_tag` with (loss, floor,
        share of best guesses that are right, words) for each kind of marked word, and
        `working_memory`, see there.
    """
    tiny_world = world.World(seed=0)
    held = held_out_rows(tiny_world)
    inputs, targets = held.tokens[:, :-1], held.tokens[:, 1:]
    model = GPT(SHAPE, torch.Generator().manual_seed(0))
    curve = []
    for record in train(
        model,
        world.world_batches(tiny_world, PRESET.batch_size, LENGTH),
        RECIPE,
        evaluate=lambda m: evaluate_loss(m, inputs, targets, batch_size=8),
    ):
        report(record)
        if record.val_loss_nats is not None:
            curve.append([record.step, round(record.val_loss_nats, 4)])
        if record.step == steps:
            break
    model.eval()
    return model, {
        "model": asdict(SHAPE),
        "recipe": asdict(RECIPE),
        "tokenizer": {"kind": "world"},
        "words_per_step": PRESET.batch_size * LENGTH,
        "floor_nats": round(held.nats[:, 1:].mean().item(), 4),
        "curve": curve,
        "by_tag": by_tag(model, held),
        "working_memory": round(working_memory(model, tiny_world), 4),
    }


def held_out_rows(tiny_world: world.World) -> world.TokenRows:
    """The rows of Tiny World that the stored run was measured on."""
    return world.token_rows(tiny_world, "val", 0, HELD_OUT_ROWS, LENGTH + 1)


@torch.no_grad()
def by_tag(model: GPT, held: world.TokenRows) -> dict[str, list[float]]:
    """Loss and floor in nats, share of right guesses, number of words, by tag."""
    targets = held.tokens[:, 1:].flatten()
    logits: Tensor = model(held.tokens[:, :-1]).flatten(0, 1)
    losses = F.cross_entropy(logits, targets, reduction="none")
    right = (logits.argmax(-1) == targets).float()
    tags, floors = held.tags[:, 1:].flatten(), held.nats[:, 1:].flatten()
    rows = {}
    for i, tag in enumerate(world.TAGS):
        chosen = tags == i
        if chosen.any():
            means = [column[chosen].mean().item() for column in (losses, floors, right)]
            rows[tag or "other"] = [*(round(x, 4) for x in means), int(chosen.sum())]
    return rows


@torch.no_grad()
def working_memory(model: GPT, tiny_world: world.World) -> float:
    """Share of right answers about strangers when the fact stands in the prompt.

    The model has never met these people: what it says it has read just before.
    """
    right, n_questions = 0, 0
    for person in tiny_world.held_out:
        for relation, value in tiny_world.facts(person).items():
            told = world.statement(person, relation, value)
            asked = world.question(person, relation)
            prompt = f"{world.EOT} {told} Question : {asked} Answer :"
            logits = model(torch.tensor([world.encode(prompt.split())]))[0, -1]
            right += world.VOCABULARY[int(logits.argmax())] == value
            n_questions += 1
    return right / n_questions


def write_world_base(report: Callable[[Record], None]) -> None:
    """Train the whole run and store the model and its history."""
    model, facts = train_world_base(report=report)
    save(world.WORLD_BASE, model, world.WorldTokenizer())
    text = json.dumps(facts, indent=1).replace("\n   ", " ").replace("\n  ]", " ]")
    write_atomically(STORED_RUN, f"{text}\n".encode())
