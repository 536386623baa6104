"""An assistant of one's own: what LoRA costs on a real model, and what it brings.

Repeat it with `course bench lora` (ten minutes; the real model must be fetched). One
CPU thread; nothing is written. The talks are data/zoo_guide.jsonl; the questions of
data/zoo_questions.jsonl ask for the same facts in phrasings that no talk has.
"""

import argparse
import json
import math
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import torch
from bench_generation import take_turns
from torch import Tensor, nn

from course_lib.batches import Batch, evaluate_loss
from course_lib.chat import Chat, ChatMLTemplate, Message, answer_loss, answers
from course_lib.device import limited_threads
from course_lib.engine.chat_files import load_conversations
from course_lib.engine.downloads import DATA
from course_lib.engine.presets import Job
from course_lib.engine.presets.own_talks import LAYERS, RECIPE, own_talks_job
from course_lib.engine.smollm import COMMAND, Real, is_here, load_smollm2
from course_lib.gpt import GPT
from course_lib.lora import LoRALinear, count_trainable
from course_lib.optimizers import build_optimizers
from course_lib.train.gradients import some_rows

TALKS, QUESTIONS = DATA / "zoo_guide.jsonl", DATA / "zoo_questions.jsonl"
ANSWER_TOKENS = 24
ROUNDS = 3
SIX_TURNS = (  # and what a right answer says
    ("Hello! Who is there?", "zuri"),
    ("Nice to meet you. Tell me about the food of your panda.", "bamboo"),
    ("And what colour is it?", "black and white"),
    ("Do you know what it is called?", "ming"),
    ("Thank you! Now the owl: what noise would I hear at night?", "hoot"),
    ("And in which place does it live in nature?", "wood"),
)
MORE_PROSE = (
    "The old library closed for the winter because its roof had begun to leak. The "
    "town council argued about the cost for months, and the books were moved to the "
    "school, where they stood in boxes along the corridor. Children read them during "
    "the breaks, sitting on the floor with their backs to the wall. When the roof was "
    "finished in spring, the librarian noticed that more books were out on loan than "
    "ever before, and she asked the headmaster whether she might leave a few boxes.",
    "Bread needs very little: flour, water, salt and time. Mix them in the evening, "
    "cover the bowl and let it stand until morning. The dough will have doubled, and "
    "small holes show that the yeast has done its work. Fold it twice, let it rest for "
    "half an hour, and bake it in a hot oven until the crust is dark and the loaf "
    "sounds hollow when you knock on it.",
    "Electric light changed the night slowly. At first only theatres and large shops "
    "could pay for it, and people walked through the streets simply to look at the "
    "windows. Twenty years later the lamps had reached the factories, which could now "
    "work around the clock, and only after that did ordinary families stop buying oil.",
)


class Score(NamedTuple):
    """What a model can do."""

    right: int
    asked: int
    wrong: list[str]
    bits_per_byte: float
    turns: list[str]
    turns_right: int


def questions() -> list[tuple[str, str]]:
    """Held-out questions, and a pattern that right answers hold."""
    lines = QUESTIONS.read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [(row["question"], row["answer"]) for row in rows]


def prose_bits(real: Real) -> float:
    """Bits per byte of ordinary prose, the mean over three passages."""
    found = []
    for text in MORE_PROSE:
        tokens = torch.tensor([real.tokenizer.encode(text)])
        nats = evaluate_loss(real.model, tokens[:, :-1], tokens[:, 1:], 1)
        size = len(real.tokenizer.decode(tokens[0, 1:].tolist()).encode())
        found.append(nats * (tokens.shape[1] - 1) / math.log(2) / size)
    return sum(found) / len(found)


def score(real: Real, system: str) -> Score:
    """Held-out questions, a talk over six turns, ordinary prose."""
    template = ChatMLTemplate(real.tokenizer, system)
    asked = questions()
    talks = [[Message("user", question)] for question, _ in asked]
    said = answers(real.model, template, talks, max_new_tokens=ANSWER_TOKENS)
    wrong = [
        f"{question} -> {answer.text.strip()} (wanted: {key})"
        for (question, key), answer in zip(asked, said, strict=True)
        if not re.search(key, answer.text.lower())
    ]
    chat = Chat(real.model, template, max_new_tokens=ANSWER_TOKENS)
    turns = [(q, chat.ask(q).text.strip(), key) for q, key in SIX_TURNS]
    return Score(
        right=len(asked) - len(wrong),
        asked=len(asked),
        wrong=wrong,
        bits_per_byte=prose_bits(real),
        turns=[f"{q} -> {said}" for q, said, _ in turns],
        turns_right=sum(key in said.lower() for _, said, key in turns),
    )


def learn(job: Job) -> Iterator[str]:
    """Train, and say how it went; the last line gives the CPU seconds."""
    spent, updates = time.process_time(), 0
    job = replace(job, evaluate=lambda model: math.nan, sample=lambda model: "")
    for record in job.start():
        updates = record.step
        if record.step % 10 == 0:
            seconds = time.process_time() - spent
            yield f"step {record.step:3}  loss {record.loss_nats:.3f}  {seconds:.0f} s"
    yield f"{updates} updates in {time.process_time() - spent:.0f} CPU seconds"


def step_of(job: Job, batch: Batch) -> Callable[[], object]:
    """One whole update of the small matrices."""
    assert isinstance(job.model, GPT)
    model, [optimizer] = job.model, build_optimizers(job.model, learning_rate=1e-9)

    def work() -> None:
        model.zero_grad()
        job.loss(model, batch).backward()  # type: ignore[union-attr]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    return work


def floor_of(real: Real, batch: Batch) -> Callable[[], object]:
    """Forward and back through the frozen model, without anything that learns."""

    def leaf(module: nn.Module, inputs: object, out: Tensor) -> Tensor:
        return out.detach().requires_grad_()

    def work() -> None:
        handle = real.model.embedding.register_forward_hook(leaf)
        answer_loss(real.model, batch).backward()  # type: ignore[no-untyped-call]
        handle.remove()

    return work


def whole_of(real: Real, batch: Batch) -> Callable[[], object]:
    """Forward and back for all weights, without their optimizer."""

    def work() -> None:
        real.model.requires_grad_(True)
        answer_loss(real.model, batch).backward()  # type: ignore[no-untyped-call]
        real.model.zero_grad()
        real.model.requires_grad_(False)

    return work


def costs(rounds: int) -> Iterator[str]:
    """The lines of the table of costs; all ways take turns."""
    real, other = load_smollm2(), load_smollm2()
    job = own_talks_job(TALKS, base=real)
    other.model.requires_grad_(False)
    whole = job.batch_at(0)
    batch = some_rows(whole, slice(RECIPE.batch_size))
    ways = {
        "frozen model, forward and back (floor)": floor_of(other, batch),
        "LoRA: one update": step_of(job, batch),
        "LoRA, and a row is kept": step_of(job, whole),
        "all weights, forward and back": whole_of(other, batch),
    }
    seconds = take_turns(ways, rounds)
    floor = next(iter(seconds.values()))
    n_layers = sum(isinstance(part, LoRALinear) for part in real.model.modules())
    yield f"{count_trainable(job.model):,} numbers in {n_layers} layers learn"
    yield f"a batch of {tuple(batch.inputs.shape)}, {int(batch.weights.sum())} learned"  # type: ignore[union-attr]
    for name, each in seconds.items():
        yield f"{name:<42}{each:7.2f} s {each / floor:6.2f}"


def main() -> None:
    """Show both tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--steps", type=int)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--layers", nargs="+", default=LAYERS)
    parser.add_argument("--seeds", type=int, nargs="*", default=[0])
    parser.add_argument("--shares", type=float, nargs="+", default=[1.0, 0.8])
    parser.add_argument("--only-after", action="store_true")
    options = parser.parse_args()
    if not is_here():
        print(f"the real model is not here; fetch it once: {COMMAND}")
        return
    given = {"steps": options.steps, "learning_rate": options.rate}
    recipe = {name: value for name, value in given.items() if value is not None}
    with limited_threads(1):
        if not options.only_after:
            print(*costs(ROUNDS), sep="\n", flush=True)
            show("before", score(load_smollm2(), system_of(TALKS)))
        for seed in options.seeds:
            real = load_smollm2()
            job = own_talks_job(
                TALKS,
                base=real,
                recipe=recipe,
                batch_size=options.batch,
                layers=options.layers,
                seed=seed,
            )
            for line in learn(job):
                print(line, flush=True)
            real.model.eval()
            for share in options.shares:
                weaken(real.model, share)
                title = f"after, seed {seed}, {share:.0%} of what was learned"
                show(title, score(real, system_of(TALKS)))


def weaken(model: GPT, share: float) -> None:
    """As `merge_lora(model, share)`, but it can be done again with another share."""
    for part in model.modules():
        if isinstance(part, LoRALinear):
            part.scale = share * part.alpha / part.rank


def system_of(path: Path) -> str:
    """The rules in front of the first talk."""
    return load_conversations(path)[0][0].text


def show(title: str, found: Score) -> None:
    """Print what a model can do."""
    share = f"{found.right} of {found.asked}"
    print(f"{title}: {share} held-out questions right, {found.turns_right} of 6 turns,")
    print(f"  {found.bits_per_byte:.3f} bits per byte of ordinary prose")
    print(*(f"  wrong: {line}" for line in found.wrong[:12]), sep="\n")
    print(*(f"  | {line}" for line in found.turns), sep="\n", flush=True)


if __name__ == "__main__":
    main()
