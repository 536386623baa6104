"""How fast the names model learns and writes, as ratios within one run.

Repeat it with `python benchmarks/bench_names.py` (one thread, under a minute).
Each ratio compares ways to the same result, measured in turns in CPU seconds of one
thread, so it holds on other and on busy machines. Nothing is written.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping

import torch
from torch import Tensor, nn

from course_lib.batches import (
    Batch,
    BatchSource,
    batch_loss,
    evaluate_loss,
    full_batch,
    mini_batches,
)
from course_lib.device import limited_threads
from course_lib.generate import sample_names
from course_lib.mlp import NameMLP, NameMLPConfig
from course_lib.names import (
    ALPHABET,
    VOCAB_SIZE,
    distinct_windows,
    load_names,
    split_names,
    windows,
)
from course_lib.ngram import context_entropy
from course_lib.train import TrainConfig, train

CONTEXT = 3
GOAL_NATS = 2.20
N_NAMES = 10_000


def new_model() -> NameMLP:
    """The same untrained model each time."""
    return NameMLP(NameMLPConfig(), torch.Generator().manual_seed(0))


def seconds(work: Callable[[], object]) -> float:
    """How much CPU time `work` takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def take_turns(
    ways: Mapping[str, Callable[[], object]], rounds: int
) -> dict[str, float]:
    """Median seconds of each way; a busy moment hits all of them alike."""
    for work in ways.values():
        work()  # warm up
    times = [
        {name: seconds(work) for name, work in ways.items()} for _ in range(rounds)
    ]
    return {name: statistics.median(t[name] for t in times) for name in ways}


def steps_with(loss_of: Callable[[nn.Module], Tensor]) -> Callable[[], list[float]]:
    """Work that makes five AdamW updates and gives their losses."""

    def work() -> list[float]:
        model, losses = new_model(), []
        optimizer = torch.optim.AdamW(model.parameters(), 0.01, fused=True)
        for _ in range(5):
            loss = loss_of(model)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            losses.append(loss.item())
        return losses

    return work


def exact_gradient_trick(names: list[str]) -> Iterator[str]:
    """(a) All windows against the distinct ones, weighted by how often they occur."""
    x, y = windows(names, CONTEXT)
    pairs = distinct_windows(names, CONTEXT)
    contexts, rows = torch.unique(x, dim=0, return_inverse=True)
    cells = torch.bincount(rows * VOCAB_SIZE + y, minlength=len(contexts) * VOCAB_SIZE)
    counts = cells.view(-1, VOCAB_SIZE).float()
    ways = {
        f"full batch: {len(y):,} windows": steps_with(
            lambda model: batch_loss(model, Batch(x, y))
        ),
        f"exact-gradient trick: {len(pairs[1]):,} distinct windows": steps_with(
            lambda model: batch_loss(model, Batch(*pairs))
        ),
        f"the same with one row for each of {len(contexts):,} contexts": steps_with(
            lambda model: (
                -(counts * model(contexts).log_softmax(-1)).sum() / counts.sum()
            )
        ),
    }
    took = take_turns(ways, 5)
    slowest = max(took.values())
    for label, t in took.items():
        yield f"{label} | {t / 5 * 1e3:.1f} ms | {slowest / t:.1f}"
    yield f"floor: as many times fewer rows | | {len(y) / len(pairs[1]):.1f}"
    yield f"floor of the last way | | {len(y) / len(contexts):.1f}"
    losses = torch.tensor([work() for work in ways.values()])
    gap = (losses - losses[0]).abs().max()
    yield f"largest difference of the losses in 5 steps: {gap:.0e} nats"


@torch.no_grad()
def generate_name(model: nn.Module, generator: torch.Generator) -> str:
    """The lesson's loop: one name, one letter at a time."""
    context, name = [0] * CONTEXT, ""
    while len(name) < 30:
        probs = torch.softmax(model(torch.tensor([context])), dim=-1)
        token = int(torch.multinomial(probs, 1, generator=generator))
        if token == 0:
            break
        name += ALPHABET[token]
        context = [*context[1:], token]
    return name


def draws_and_lookups(n_draws: int) -> Callable[[], object]:
    """The floor of sampling: `n_draws` uniform numbers, each one table look-up."""
    table = torch.zeros(len(ALPHABET) ** CONTEXT, dtype=torch.int64)

    def work() -> torch.Tensor:
        return table[(torch.rand(n_draws) * len(table)).long()]

    return work


def sampling(model: NameMLP) -> Iterator[str]:
    """(b) Names one at a time, and all at once."""
    dice = torch.Generator().manual_seed(0)
    n_slow = N_NAMES // 50
    letters = sum(
        len(name) + 1 for name in sample_names(model, N_NAMES, generator=dice)
    )
    ways: dict[str, Callable[[], object]] = {
        "one at a time": lambda: [generate_name(model, dice) for _ in range(n_slow)],
        "batched": lambda: sample_names(model, N_NAMES, generator=dice),
        "floor": draws_and_lookups(letters),
    }
    took = take_turns(ways, 5)
    took["one at a time"] *= N_NAMES / n_slow
    labels = {
        "one at a time": "one letter at a time (the lesson's loop)",
        "batched": "sample_names(model): all names at once",
        "floor": f"floor: {letters:,} uniform draws and look-ups",
    }
    for way, label in labels.items():
        ratio = took["one at a time"] / took[way]
        yield f"{label} | {N_NAMES / took[way]:,.0f} names/s | {ratio:,.0f}"


def time_to_goal(source: BatchSource, config: TrainConfig, held_out: Batch) -> str:
    """Seconds, without those of evaluation, until the held-out loss is at the goal."""
    model, spent = new_model(), 0.0
    records = train(model, source, config)
    while True:
        start = time.process_time()
        record = next(records, None)
        spent += time.process_time() - start
        if record is None:
            return f"not reached in {spent:.2f} s | {config.steps}"
        if record.step % config.eval_every == 0:
            loss = evaluate_loss(model, held_out.inputs, held_out.targets)
            if loss <= GOAL_NATS:
                return f"{spent:.2f} s | {record.step}"


def learning(train_names: list[str], held_out: Batch) -> Iterator[str]:
    """(c) Seconds to a held-out loss by three ways of making batches."""
    x, y = windows(train_names, CONTEXT)
    exact = full_batch(*distinct_windows(train_names, CONTEXT))
    seed = TrainConfig(steps=300, schedule="constant", eval_every=10)
    mini = TrainConfig(steps=1000, eval_every=25)
    for label, source, config in (
        ("full batch (the lesson's loop)", full_batch(x, y), seed),
        ("exact-gradient trick", exact, seed),
        ("mini-batches of 256", mini_batches(x, y, 256), mini),
    ):
        yield f"{label} | {time_to_goal(source, config, held_out)}"


def trained_model(train_names: list[str]) -> NameMLP:
    """A model that writes names of a usual length."""
    model, pairs = new_model(), windows(train_names, CONTEXT)
    for _ in train(model, mini_batches(*pairs, 256), TrainConfig(steps=1000)):
        pass
    return model


def main() -> None:
    """Print the three tables."""
    names = split_names(load_names())
    cores = f"{os.cpu_count()} CPU cores, one thread used"
    print(f"{cores}, torch {torch.__version__}; {len(names.train):,} training names")
    with limited_threads(1):
        print("\nOne full-batch step | time | times faster")
        print(*exact_gradient_trick(names.train), sep="\n")
        print(f"\n{N_NAMES:,} names | speed | times faster")
        print(*sampling(trained_model(names.train)), sep="\n")
        floor = context_entropy(names.train, CONTEXT)
        goal = f"held-out {GOAL_NATS:.2f} nats, training floor {floor:.2f}"
        print(f"\nTo {goal} | time | steps")
        held_out = Batch(*windows(names.val, CONTEXT))
        print(*learning(names.train, held_out), sep="\n")


if __name__ == "__main__":
    main()
