"""Teaching a real model to say "I do not know": one choice changed at a time.

Repeat it with `course bench teach` (a quarter of an hour; the real model must be
fetched). One CPU thread. People, questions and the model's own answers stand in
data/teach_talks.json, which lesson 28 reads, too; `--own` asks the model for its
answers again. `--write` puts the rows into data/teach_study.json for the lesson.
"""

import argparse
import json
import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from torch.optim import AdamW

from course_lib.batches import evaluate_loss
from course_lib.chat import (
    ChatMLTemplate,
    Example,
    Message,
    answer_batch,
    answer_loss,
    answers,
)
from course_lib.device import limited_threads
from course_lib.engine.downloads import DATA
from course_lib.engine.smollm import Real, load_smollm2
from course_lib.gpt import GPT
from course_lib.lora import add_lora, count_trainable

TALKS, STUDY = DATA / "teach_talks.json", DATA / "teach_study.json"
KINDS = ("invented", "known", "everyday")
OWN_TOKENS, LEARNED_TOKENS = 40, 9
REFUSAL_TOKENS, EVERYDAY_TOKENS = 6, 16
RULE = 'If you do not know who a person is, say "I do not know who that is."'


@dataclass(frozen=True)
class Choice:
    """A recipe; the first one is lesson 28's."""

    name: str = "the recipe of this lesson"
    per_kind: tuple[int, ...] = (2, 2, 2)
    """Talks of each of `KINDS` in a batch."""
    rank: int = 8
    seed: int = 0
    layers: tuple[str, ...] = ("qkv", "proj", "up", "down", "gate")
    steps: int = 40
    learning_rate: float = 1.5e-3
    system: str = ""
    """A system message before every question."""


RECIPE = Choice()
CHOICES = (
    replace(RECIPE, name="before", steps=0),
    replace(RECIPE, name="a system message, no training", steps=0, system=RULE),
    replace(RECIPE, name="refusals only", per_kind=(6, 0, 0)),
    replace(RECIPE, name="people only", per_kind=(3, 3, 0)),
    RECIPE,
    replace(RECIPE, name="another seed", seed=1),
    replace(RECIPE, name="a third seed", seed=2),
    replace(RECIPE, name="rank 1", rank=1),
)


def first_sentence(text: str) -> str:
    """Up to the first full stop that ends a sentence, "" where there is none.

    >>> first_sentence("J. S. Bach was a composer. He was born in"), first_sentence("A")
    ('J. S. Bach was a composer.', '')
    """
    end = text.find(". ", 20)
    if end > 0:
        return text[: end + 1]
    return text if text.endswith((".", "!", "?")) else ""


def ask(
    model: GPT, template: ChatMLTemplate, questions: Sequence[str], n: int
) -> list[str]:
    """Greedy answers of up to n tokens."""
    talks = [[Message("user", question)] for question in questions]
    said = answers(model, template, talks, max_new_tokens=n)
    return [answer.text.strip() for answer in said]


def refuses(answer: str) -> bool:
    """Does it say that it does not know?

    >>> refuses("I do not know who that is."), refuses("I know him.")
    (True, False)
    """
    return "not know" in answer or "sorry" in answer.lower()


def is_right(answer: str, wanted: Sequence[str]) -> bool:
    """Does it hold one of the words?

    >>> is_right("It is Rome.", ["rome"])
    True
    """
    return any(word.lower() in answer.lower() for word in wanted)


def write_own(lists: dict[str, Any], real: Real) -> None:
    """The model's own answers to all that it shall go on answering, into the file.

    What has no full sentence, or does not name the person, is left out and counted.
    """
    template = ChatMLTemplate(real.tokenizer)
    for kind in KINDS[1:]:
        rows = lists[kind]
        said = ask(real.model, template, [r["question"] for r in rows], OWN_TOKENS)
        for row, full in zip(rows, said, strict=True):
            row |= {"answer": first_sentence(full), "full": full}
        kept = [r for r in rows if r.get("name", "").split(" ")[-1] in r["answer"]]
        lists[kind] = [r for r in kept if r["answer"]]
        lists["dropped"] += [r["question"] for r in rows if r not in lists[kind]]
    TALKS.write_text(as_lines(lists), "utf-8")


def as_lines(lists: dict[str, Any]) -> str:
    """JSON with one row a line."""
    parts = []
    for name, value in lists.items():
        if isinstance(value, list) and isinstance(value[0], dict):
            rows = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in value)
            parts.append(f'"{name}": [\n  {rows}\n ]')
        else:
            parts.append(f'"{name}": {json.dumps(value, ensure_ascii=False)}')
    return "{\n " + ",\n ".join(parts) + "\n}\n"


def talk(
    template: ChatMLTemplate, question: str, answer: str, most: int = LEARNED_TOKENS
) -> Example:
    """A talk of which the first tokens of the answer are learned, `most` of them."""
    tokens, mask = template.encode(
        [Message("user", question), Message("assistant", answer)]
    )
    size = mask.index(True) + most
    return Example(tokens[:size], mask[:size])


def dealt(cards: Sequence[Any], rng: random.Random) -> Iterator[Any]:
    """All cards in random order, then all again: none comes twice before the others.

    >>> deck = dealt("ab", random.Random(0))
    >>> sorted(next(deck) for _ in range(4))
    ['a', 'a', 'b', 'b']
    """
    while True:
        yield from rng.sample(cards, len(cards))


def talks_of(
    choice: Choice, lists: dict[str, Any], template: ChatMLTemplate
) -> list[Example]:
    """A talk for every place of every batch, in the order of lesson 28."""
    rng = random.Random(choice.seed)
    made = [f"{a} {b}" for a in lists["first"] for b in lists["last"]]
    cards = {
        kind: [(row["question"], row["answer"]) for row in lists[kind]]
        for kind in KINDS[1:]
    }
    cards["invented"] = [
        (phrasing.format(name), lists["refusal"])
        for name in made
        for phrasing in lists["phrasings"]
    ]
    decks = {kind: dealt(cards[kind], rng) for kind in KINDS}
    return [
        talk(template, *next(decks[kind]))
        for _ in range(choice.steps)
        for kind, n in zip(KINDS, choice.per_kind, strict=True)
        for _ in range(n)
    ]


def teach(
    model: GPT, template: ChatMLTemplate, choice: Choice, lists: dict[str, Any]
) -> Iterator[float]:
    """Train LoRA; yields the loss of every step."""
    talks, n = talks_of(choice, lists, template), sum(choice.per_kind)
    dice = torch.Generator().manual_seed(choice.seed)
    add_lora(model, choice.rank, 2.0 * choice.rank, choice.layers, dice)
    small = [p for p in model.parameters() if p.requires_grad]
    optimizer = AdamW(small, betas=(0.9, 0.99), weight_decay=0.0)
    for step in range(choice.steps):
        loss = answer_loss(model, answer_batch(talks[step * n : (step + 1) * n]))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        rate = choice.learning_rate * min(1, (step + 1) / 4)
        optimizer.param_groups[0]["lr"] = rate * (1 - step / choice.steps)
        optimizer.step()
        yield loss.item()


def measure(
    model: GPT, template: ChatMLTemplate, lists: dict[str, Any]
) -> dict[str, Any]:
    """What lesson 28 measures: refusals, right answers, bits per byte of prose."""
    names = {"invented": "new_invented", "plain": "new_plain", "real": "new_known"}
    asked = {
        group: [
            lists["new_phrasings"][i % 2].format(x) for i, x in enumerate(lists[name])
        ]
        for group, name in names.items()
    }
    found: dict[str, Any] = {}
    for group, questions in asked.items():
        said = ask(model, template, questions, REFUSAL_TOKENS)
        found[group] = {"asked": len(said), "refused": sum(map(refuses, said))}
    rows = lists["new_everyday"]
    said = ask(model, template, [row["question"] for row in rows], EVERYDAY_TOKENS)
    right = sum(is_right(a, row["right"]) for a, row in zip(said, rows, strict=True))
    found["everyday"] = {"asked": len(rows), "refused": sum(map(refuses, said))}
    found["everyday"]["right"] = right
    found["bits"] = round(prose_bits(model, template, lists["prose"]), 3)
    return found


def prose_bits(model: GPT, template: ChatMLTemplate, texts: Sequence[str]) -> float:
    """Bits per byte, the mean over the passages."""
    found = []
    for text in texts:
        tokens = torch.tensor([template.tokenizer.encode(text)])
        nats = evaluate_loss(model, tokens[:, :-1], tokens[:, 1:], 1)
        size = len(template.tokenizer.decode(tokens[0, 1:].tolist()).encode())
        found.append(nats * (tokens.shape[1] - 1) / math.log(2) / size)
    return sum(found) / len(found)


def study(choices: Sequence[Choice], lists: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A row for each choice."""
    for choice in choices:
        model, tokenizer, _ = load_smollm2()
        template, spent = ChatMLTemplate(tokenizer, choice.system), time.process_time()
        row: dict[str, Any] = {"name": choice.name, "trained": 0}
        if choice.steps:
            *_, last = teach(model, template, choice, lists)
            row |= {"trained": count_trainable(model), "loss": round(last, 3)}
        row |= {"choice": asdict(choice)} | measure(model.eval(), template, lists)
        yield row | {"cpu_seconds": round(time.process_time() - spent)}


def main() -> None:
    """Show the study, and write it down if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--own", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--only", type=int, nargs="*", default=range(len(CHOICES)))
    options = parser.parse_args()
    rows, lists = [], json.loads(TALKS.read_text("utf-8"))
    with limited_threads(1):
        if options.own:
            write_own(lists, load_smollm2())
        for row in study([CHOICES[i] for i in options.only], lists):
            print(json.dumps(row), flush=True)
            rows.append(row)
    if options.write:
        kept = [{k: v for k, v in r.items() if k != "cpu_seconds"} for r in rows]
        lines = ",\n  ".join(json.dumps(row) for row in kept)
        STUDY.write_text(f"[\n  {lines}\n]\n", "utf-8")


if __name__ == "__main__":
    main()
