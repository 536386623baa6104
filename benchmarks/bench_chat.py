"""Chat on one CPU thread: packing against padding, many answers at once against one.

Repeat it with `course bench chat` (about a minute). All ways of a table take turns in
one run, in CPU seconds. The talks and the models are those of lessons 20 to 23; nothing
is written.
"""

import argparse
import os
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import NamedTuple

import torch
from bench_generation import take_turns
from torch import nn

from course_lib.batches import Batch, batch_loss
from course_lib.chat import Chat, Example, Message, Packed, answer_batch, answers
from course_lib.device import limited_threads
from course_lib.generate import generate
from tiny_world import World
from tiny_world.assistant import (
    Roster,
    chat_template,
    load_stage,
    make_roster,
    phrasings,
    world_tools,
)
from tiny_world.assistant.conversations import examples
from tiny_world.assistant.mixtures import tools_mixture

ROW = 128
N_EXAMPLES = 256
BATCH_TOKENS = 1024
N_QUESTIONS = 64


class Feed(NamedTuple):
    """Batches that hold the same talks, one way or another."""

    model: nn.Module
    batches: list[Batch]


def learn(feed: Feed) -> Callable[[], object]:
    """One pass over the batches, forwards and backwards."""

    def work() -> None:
        for batch in feed.batches:
            feed.model.zero_grad()
            loss = batch_loss(feed.model, batch)
            loss.backward()  # type: ignore[no-untyped-call]

    return work


def padded_batches(some: list[Example]) -> list[Batch]:
    """Batches of about BATCH_TOKENS tokens, one talk a row."""
    longest = max(len(example.tokens) for example in some)
    size = max(1, BATCH_TOKENS // longest)
    return [answer_batch(some[i : i + size]) for i in range(0, len(some), size)]


def cut(whole: Batch, n_rows: int) -> list[Batch]:
    """A batch as several of so many rows."""
    inputs, targets, weights = whole
    return [
        Batch(
            inputs[i : i + n_rows],
            targets[i : i + n_rows],
            None if weights is None else weights[i : i + n_rows],
        )
        for i in range(0, len(inputs), n_rows)
    ]


def pack(examples: list[Example], length: int) -> Batch:
    """Several examples in each row of `length` tokens, the longest placed first.

    The first token of an example is never a target, so nothing is predicted across a
    border; that nothing looks across one is up to `Packed`. Rows are filled with the
    first example's first token, which opens a document of its own, without weight.
    """
    rows: list[list[Example]] = []
    for example in sorted(examples, key=lambda e: len(e.tokens), reverse=True):
        size = len(example.tokens)
        for row in rows:  # first fit, decreasing
            if sum(len(e.tokens) for e in row) + size <= length:
                row.append(example)
                break
        else:
            rows.append([example])
    begin = examples[0].tokens[0]
    tokens = [[t for e in row for t in e.tokens] for row in rows]
    learned = [[x for e in row for x in (False, *e.loss_mask[1:])] for row in rows]
    fill = [length - len(row) for row in tokens]
    ids = torch.tensor([r + [begin] * n for r, n in zip(tokens, fill, strict=True)])
    weights = torch.tensor(
        [r + [False] * n for r, n in zip(learned, fill, strict=True)]
    )
    return Batch(ids[:, :-1], ids[:, 1:], weights[:, 1:].float())


def packing(roster: Roster, rounds: int) -> Iterator[str]:
    """The lines of the first table: useful tokens a second, and the filling."""
    stage = load_stage("tools")
    make = examples(chat_template(), tools_mixture(roster, stage.found))
    dice = random.Random(0)
    some = [make(dice) for _ in range(N_EXAMPLES)]
    useful = sum(len(example.tokens) - 1 for example in some)
    rows = BATCH_TOKENS // ROW
    n_rows = -(-useful // (ROW - 1))  # what is full has no talk beside another
    full = torch.randint(1, 300, (n_rows, ROW), generator=torch.manual_seed(0))
    full_batch = Batch(full[:, :-1], full[:, 1:])
    begin = chat_template().ids["<eot>"]
    model = stage.model.train()
    by_length = sorted(some, key=lambda example: len(example.tokens))
    feeds = {
        "padded to the longest of the batch": Feed(model, padded_batches(some)),
        "the same, talks of like length together": Feed(
            model, padded_batches(by_length)
        ),
        "packed": Feed(Packed(deepcopy(model), begin), cut(pack(some, ROW), rows)),
        "floor: full rows, no borders": Feed(deepcopy(model), cut(full_batch, rows)),
    }
    took = take_turns({name: learn(feed) for name, feed in feeds.items()}, rounds)
    slowest = took["padded to the longest of the batch"]
    for name, feed in feeds.items():
        n_places = sum(batch.inputs.numel() for batch in feed.batches)
        filling = 1 - useful / n_places
        speed = useful / took[name]
        yield f"{name} | {filling:.0%} | {speed:,.0f} | {slowest / took[name]:.2f}"


def answering(roster: Roster, stage: str, rounds: int) -> Iterator[str]:
    """The lines of the second table: questions answered in a second."""
    model, template = load_stage(stage).model, chat_template()
    tools = world_tools(roster.world)
    asked = [phrasings(*one)[0] for one in roster.strangers[:N_QUESTIONS]]
    talks = [[Message("user", text)] for text in asked]

    def one_by_one() -> list[str]:
        return [Chat(model, template, tools=tools).ask(text).text for text in asked]

    def at_once() -> list[str]:
        return [a.text for a in answers(model, template, talks, tools=tools)]

    if one_by_one() != at_once():
        raise SystemExit("the two ways give different answers: nothing is compared")
    prompts = [template.prompt(talk) for talk in talks]
    written = [len(a.tokens) for a in answers(model, template, talks, tools=tools)]
    ways: dict[str, Callable[[], object]] = {
        "one by one": one_by_one,
        "all at once": at_once,
        "floor: as many tokens at once, no tools, no text": lambda: generate(
            model,
            prompts,
            max_new_tokens=max(written),
            ended=lambda row, new: len(new) == written[row],
            temperature=0.0,
        ),
    }
    took = take_turns(ways, rounds)
    for name, spent in took.items():
        ratio = took["one by one"] / spent
        yield f"{name} | {len(talks) / spent:,.0f} | {ratio:.1f}"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    roster = make_roster(World(seed=0))
    cores = f"{os.cpu_count()} CPU cores, one thread used"
    print(f"{cores}, torch {torch.__version__}")
    with limited_threads(1):
        print(f"\nTraining on {N_EXAMPLES} talks | filling | useful tokens/s | ratio")
        print(*packing(roster, options.rounds), sep="\n")
        for stage in ("tools", "honest"):
            print(f"\n{N_QUESTIONS} questions, stage {stage} | answers/s | ratio")
            print(*answering(roster, stage, options.rounds), sep="\n")


if __name__ == "__main__":
    main()
