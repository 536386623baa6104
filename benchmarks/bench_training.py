"""How fast a GPT learns, against nanoGPT on the same work in the same run.

    python benchmarks/bench_training.py --text FILE --nanogpt DIR [--long]

FILE is tinyshakespeare or any other text, DIR a copy of nanoGPT (github.com/karpathy/
nanoGPT); what is not given is left out. --long adds the run to nanoGPT's held-out loss,
its documented 2,000 steps on a CPU: several minutes. One thread, CPU seconds. What a
CUDA device does is measured by bench_gpu.py. Nothing is written to the course.
"""

import argparse
import importlib.util
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from course_lib.batches import token_batches, token_windows
from course_lib.device import limited_threads
from course_lib.engine.presets import prepare
from course_lib.engine.presets.texts import fetched_text
from course_lib.engine.speed import flops_per_token
from course_lib.engine.token_files import TokenFile
from course_lib.gpt import GPT, GPTConfig
from course_lib.train import TrainConfig, train

CONTEXT, ROWS, THEIR_STEPS, OUR_STEPS = 64, 12, 2000, 320
SHORT_RUN = {
    "learning_rate": 1e-2,
    "betas": (0.8, 0.95),
    "muon_momentum": 0.8,
    "warmup_steps": 10,
}
"""What a run as short as ours likes, searched on this text (RESULTS.md)."""
OUR_SHAPE, OUR_ROWS = {"n_layers": 3}, 8
STEPS_A_TURN, TURNS = 10, 25
SAME = GPTConfig(
    vocab_size=65,
    context_size=CONTEXT,
    n_layers=4,
    positions="learned",
    qk_norm=False,
)
THEIR_RECIPE = TrainConfig(  # config/train_shakespeare_char.py and the README's line
    steps=THEIR_STEPS,
    learning_rate=1e-3,
    betas=(0.9, 0.99),
    schedule="cosine",
    warmup_steps=100,
    final_fraction=0.1,
    weight_decay=0.1,
    grad_clip=1.0,
)


def load_nanogpt(folder: Path) -> ModuleType:
    """Their model.py as a module."""
    spec = importlib.util.spec_from_file_location("nanogpt", folder / "model.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["nanogpt"] = module
    spec.loader.exec_module(module)
    return module


def their_model(nanogpt: ModuleType, config: GPTConfig, dropout: float = 0.0) -> Any:
    """Their GPT of the sizes of `config`, without biases, as their training has it."""
    shape = nanogpt.GPTConfig(
        block_size=config.context_size,
        vocab_size=config.vocab_size,
        n_layer=config.n_layers,
        n_head=config.n_heads,
        n_embd=config.emb_dim,
        dropout=dropout,
        bias=False,
    )
    torch.manual_seed(1337)
    with redirect_stdout(StringIO()):
        return nanogpt.GPT(shape)


def their_steps(
    model: Any, path: Path, rows: int, config: TrainConfig
) -> Iterator[int]:
    """The body of their train.py on a CPU: batch, loss, gradient, clip, update."""
    with redirect_stdout(StringIO()):
        optimizer = model.configure_optimizers(0.1, 1e-3, config.betas, "cpu")
    size = model.config.block_size

    def get_batch() -> tuple[Tensor, Tensor]:
        data = np.memmap(path, dtype=np.uint16, mode="r")
        ix = torch.randint(len(data) - size, (rows,))
        pairs = [
            torch.stack(
                [torch.from_numpy(data[i : i + size].astype(np.int64)) for i in at]
            )
            for at in (ix, ix + 1)
        ]
        return pairs[0], pairs[1]

    x, y = get_batch()
    for step in range(config.steps):
        for group in optimizer.param_groups:
            group["lr"] = config.learning_rate_at(step)
        _, loss = model(x, y)
        x, y = get_batch()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        loss.item()
        yield step


def cpu_seconds(steps: Iterator[Any], n: int) -> float:
    """CPU time of the next `n` steps."""
    start = time.process_time()
    for _ in range(n):
        next(steps)
    return time.process_time() - start


@torch.no_grad()
def held_out(logits_of: Callable[[Tensor], Tensor], tokens: Any) -> float:
    """Mean nats over the whole held-out text, the same windows for everybody."""
    windows, total = token_windows(tokens, CONTEXT), 0.0
    inputs, targets = torch.split(windows.inputs, 64), torch.split(windows.targets, 64)
    for x, y in zip(inputs, targets, strict=True):
        logits = logits_of(x).flatten(0, 1)
        total += float(
            nn.functional.cross_entropy(logits, y.flatten(), reduction="sum")
        )
    return total / windows.targets.numel()


def same_work(tokens: Any, path: Path, nanogpt: ModuleType | None) -> Iterator[str]:
    """(a) The same architecture, batch and optimizer, step for step."""
    many = replace(THEIR_RECIPE, steps=STEPS_A_TURN * (TURNS + 1) + 10)
    model = GPT(SAME, torch.Generator().manual_seed(0))
    ways: dict[str, Iterator[Any]] = {
        "ours": iter(train(model, token_batches(tokens, ROWS, CONTEXT), many))
    }
    counts = {"ours": sum(p.numel() for p in model.parameters())}
    if nanogpt is not None:
        theirs = their_model(nanogpt, SAME)
        ways["nanoGPT"] = their_steps(theirs, path, ROWS, many)
        counts["nanoGPT"] = sum(p.numel() for p in theirs.parameters())
    for steps in ways.values():
        cpu_seconds(steps, 10)  # warm up
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(TURNS):
        for name, steps in ways.items():
            times[name].append(cpu_seconds(steps, STEPS_A_TURN))
    for name, taken in times.items():
        step = statistics.median(taken) / STEPS_A_TURN
        speed = ROWS * CONTEXT / step
        yield f"{name}: {counts[name]:,} parameters, {speed:,.0f} tokens/s"
    if nanogpt is not None:
        pairs = zip(times["nanoGPT"], times["ours"], strict=True)
        ratio = statistics.median(theirs / ours for theirs, ours in pairs)
        yield f"ours against nanoGPT, tokens/s: {ratio:.2f} (target 1.05)"
    a = torch.ones(512, 512)
    products = (a @ a for _ in range(40))
    peak = 2 * 512**3 / min(cpu_seconds(products, 1) for _ in range(40))
    floor = peak / flops_per_token(model)
    yield f"floor: {floor:,.0f} tokens/s at the {peak / 1e9:.0f} GFLOP/s of a product"


def our_recipe(text: Path, folder: Path, steps: int) -> tuple[nn.Module, float]:
    """The preset `shakespeare`, smaller; returns the model and its CPU seconds."""
    job = prepare(
        "shakespeare",
        text=text,
        tokens_at=folder / "text.tokens",
        shape=OUR_SHAPE,
        recipe={"steps": steps, **SHORT_RUN},
        batch_size=OUR_ROWS,
        device="cpu",
    )
    start = time.process_time()
    for _ in replace(job, evaluate=lambda model: 0.0).start():
        pass
    return job.model, time.process_time() - start


def to_their_loss(
    text: Path, folder: Path, held: Any, path: Path, nanogpt: ModuleType | None
) -> Iterator[str]:
    """(b) CPU time to the held-out loss of nanoGPT's documented run."""
    model, ours = our_recipe(text, folder, OUR_STEPS)
    loss = held_out(model.eval(), held)
    size = sum(p.numel() for p in model.parameters())
    yield (
        f"our recipe: {size:,} parameters, {OUR_STEPS} steps, {ours:.0f} CPU s, "
        f"held out {loss:.3f}"
    )
    if nanogpt is None:
        return
    theirs = their_model(nanogpt, SAME)
    taken = cpu_seconds(their_steps(theirs, path, ROWS, THEIR_RECIPE), THEIR_STEPS)
    theirs.eval()
    size = sum(p.numel() for p in theirs.parameters())
    their_loss = held_out(lambda x: theirs(x.contiguous(), x.contiguous())[0], held)
    yield (
        f"nanoGPT: {size:,} parameters, {THEIR_STEPS} steps, {taken:.0f} CPU s, "
        f"held out {their_loss:.3f}"
    )
    yield f"ours takes {ours / taken:.2f} of nanoGPT's time (target 0.15)"
    if loss > their_loss:
        yield "but our loss is the larger one: more steps are needed"


def main() -> None:
    """Print what was measured, line by line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--text", type=Path)
    parser.add_argument("--nanogpt", type=Path)
    parser.add_argument("--long", action="store_true")
    given = parser.parse_args()
    nanogpt = load_nanogpt(given.nanogpt) if given.nanogpt else None
    try:
        text = given.text or fetched_text("shakespeare")
    except FileNotFoundError as error:
        print(f"training on a CPU was left out: {error}")
    else:
        with limited_threads(1), tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            prepare("shakespeare", text=text, tokens_at=folder / "text.tokens")
            learned, held = TokenFile(folder / "text.tokens").split()
            np.asarray(learned, dtype=np.uint16).tofile(folder / "train.bin")
            for line in same_work(learned, folder / "train.bin", nanogpt):
                print(line, flush=True)
            if given.long:
                long = to_their_loss(text, folder, held, folder / "train.bin", nanogpt)
                for line in long:
                    print(line, flush=True)


if __name__ == "__main__":
    main()
