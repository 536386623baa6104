"""The table of results: every measure of every stage."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional as F

import tiny_world as world
from course_lib.chat import Rate, rate
from course_lib.device import device_of
from course_lib.gpt import GPT
from tiny_world.assistant.measures import Examiner, world_tools
from tiny_world.assistant.roster import Asked, Roster
from tiny_world.assistant.stages import STAGES, chat_base, chat_template, judge_of

N_STRANGERS = 480
WORLD_ROWS = 32
Measures = dict[str, Rate]


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    label: str
    """What is measured, in words."""
    better: str
    """"high" or "low"; "" where it depends on the stage."""


ROWS = {
    "known": Row("well-known people: right", "high"),
    "untaught": Row("the same, in a phrasing never taught", "high"),
    "hallucinated": Row("strangers: a wrong answer", "low"),
    "refused": Row("strangers: says it does not know", ""),
    "stranger_right": Row("strangers: right", ""),
    "reading": Row("strangers, the fact in the message: right", "high"),
    "own_name": Row("says its own name", "high"),
    "given_name": Row("takes a new name from its rules", "high"),
    "sums": Row("sums: right", ""),
    "polite": Row("polite answers", "high"),
    "curt": Row("curt answers", "low"),
    "taste": Row("how the simulated human likes it, of 3", "high"),
    "world_gap": Row("Tiny World: nats per word above the floor", "low"),
}


def well_known(roster: Roster) -> list[Asked]:
    """Questions on the best-known people that no stage has been taught to answer.

    >>> from tiny_world.assistant.roster import make_roster
    >>> len(well_known(make_roster(world.World(seed=0))))
    66
    """
    new = roster.well_known(roster.new_people)
    return new + roster.well_known(roster.new_facts)


def measure(model: GPT, roster: Roster, stage: str) -> Measures:
    """All measures of one stage; tools are there from the stage "tools" on.

    A base model is asked in the chat format, too, which it has never seen.
    """
    chat = chat_base(model) if stage == "base" else model
    with_tools = STAGES.index(stage) >= STAGES.index("tools")
    tools = world_tools(roster.world) if with_tools else {}
    examiner = Examiner(chat, chat_template(), roster, tools=tools)
    verdicts = examiner.verdicts(roster.strangers[:N_STRANGERS])
    known = well_known(roster)
    return {
        "known": examiner.share(known, "right"),
        "untaught": examiner.share(known, "right", taught=False),
        "hallucinated": rate(v == "wrong" for v in verdicts),
        "refused": rate(v == "refused" for v in verdicts),
        "stranger_right": rate(v == "right" for v in verdicts),
        "reading": examiner.reading(),
        "own_name": examiner.identity(),
        "given_name": examiner.identity(roster.new_names),
        "sums": examiner.arithmetic(),
        **manners(chat, roster),
        "world_gap": world_gap(model, roster.world),
    }


def manners(model: GPT, roster: Roster, *, seed: int = 12_345) -> Measures:
    """Polite, curt, and how much it is liked, drawn for people never asked about."""
    judge = judge_of(roster, held_out=True)
    prompts = judge.prompts * 2
    replies = judge.sample(model, prompts, seed)
    words = [judge.words(reply)[0] for reply in replies]
    liked = torch.tensor(judge.taste(prompts, replies))
    error = liked.std().item() / len(liked) ** 0.5
    return {
        "polite": rate(bool({"Sure", "Glad", "Please"} & {*said}) for said in words),
        "curt": rate("all" in said for said in words),
        "taste": Rate(liked.mean().item(), error, len(liked)),
    }


@torch.no_grad()
def world_gap(model: GPT, tiny: world.World) -> Rate:
    """What the model has forgotten of Tiny World: loss above the floor, per word.

    Only the words of documents count as candidates: the marks of chats, which a chat
    model has moved, do not.

    >>> from tiny_world import load_base
    >>> world_gap(load_base(), world.World(seed=0)).mean < 0.06
    True
    """
    length = min(128, model.config.context_size)
    rows = world.token_rows(tiny, "val", 0, WORLD_ROWS, length + 1)
    tokens, device = rows.tokens, device_of(model)
    logits = model(tokens[:, :-1].to(device)).cpu()[..., : world.VOCAB_SIZE]
    marks = len(world.SPECIAL_TOKENS)
    logits[..., 1:marks] = -torch.inf  # all but the end mark of documents
    losses = F.cross_entropy(
        logits.flatten(0, 1), tokens[:, 1:].flatten(), reduction="none"
    )
    gaps = losses - rows.nats[:, 1:].flatten()
    return Rate(gaps.mean().item(), gaps.std().item() / len(gaps) ** 0.5, len(gaps))


def table(results: Mapping[str, Measures]) -> list[list[str]]:
    """Rows of text: a header, then one line for each measure.

    >>> table({"sft": {"known": Rate(0.97, 0.02, 66)}})[1]
    ['well-known people: right', '0.97 ± 0.02']
    """
    stages = list(results)
    lines = [["", *stages]]
    for name, row in ROWS.items():
        cells = [str(results[s][name]) if name in results[s] else "" for s in stages]
        if any(cells):
            lines.append([row.label, *cells])
    return lines


def facts_of(measures: Measures) -> dict[str, list[float]]:
    """Measures as values that JSON can hold.

    >>> facts_of({"known": Rate(0.5, 0.1, 25)})
    {'known': [0.5, 0.1, 25]}
    """
    return {name: [m.mean, m.error, m.n] for name, m in measures.items()}


def measures_of(facts: Mapping[str, Any]) -> Measures:
    """The inverse of `facts_of`.

    >>> measures_of(facts_of({"known": Rate(0.5, 0.1, 25)}))
    {'known': Rate(mean=0.5, error=0.1, n=25)}
    """
    return {name: Rate(*values) for name, values in facts.items()}


BANDS: dict[str, dict[str, tuple[float, float]]] = {
    "base": {"world_gap": (0.0, 0.06)},
    "sft": {
        "known": (0.85, 1.0),
        "hallucinated": (0.8, 1.0),
        "reading": (0.9, 1.0),
        "own_name": (0.9, 1.0),
        "given_name": (0.8, 1.0),
    },
    "honest": {"known": (0.85, 1.0), "hallucinated": (0.0, 0.15)},
    "tools": {"known": (0.85, 1.0), "stranger_right": (0.95, 1.0), "sums": (0.7, 1.0)},
    "preferred": {"curt": (0.0, 0.1), "stranger_right": (0.9, 1.0)},
}
"""Stage -> measure -> where it lay for every seed that was tried."""


def outside(results: Mapping[str, Measures]) -> list[str]:
    """What lies outside its band, in words; empty if all is well.

    >>> outside({"sft": {"known": Rate(0.5, 0.1, 66)}})
    ['sft, well-known people: right: 0.50 is outside 0.85 .. 1.00']
    """
    found = []
    for stage, bands in BANDS.items():
        for name, (low, high) in bands.items():
            value = results.get(stage, {}).get(name)
            if value is not None and not low <= value.mean <= high:
                found.append(
                    f"{stage}, {ROWS[name].label}: {value.mean:.2f} is outside "
                    f"{low:.2f} .. {high:.2f}"
                )
    return found
