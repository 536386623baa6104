"""What a CUDA device does: 124M in training, a real model's writing and LoRA, floors.

    python benchmarks/bench_gpu.py [--nanogpt DIR] [--small]

DIR is a copy of nanoGPT (github.com/karpathy/nanoGPT): it trains the same model on the
same batches in the same run. Speeds are medians of steps that each end with a wait for
the device. --small takes tiny models on any device, to see that all of it runs. The
models' weights are random where that changes no speed. Nothing is kept.
"""

import argparse
import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import torch
from bench_training import load_nanogpt, their_model

from course_lib.batches import Batch, batch_loss, token_windows
from course_lib.engine.speed import flops_per_token, flops_utilisation, peak_flops
from course_lib.generate import generate
from course_lib.gpt import GPT, GPTConfig, gpt2_config
from course_lib.lora import add_lora
from course_lib.optimizers import build_optimizers
from course_lib.train import TrainConfig, train

RECIPE = TrainConfig(
    steps=60,
    learning_rate=1e-3,
    betas=(0.9, 0.99),
    warmup_steps=5,
    weight_decay=0.1,
    grad_clip=1.0,
    precision="bfloat16",
)
WARM = 20
"""Steps left out: kernels are compiled and chosen in them."""
SMOLLM2 = GPTConfig(
    vocab_size=49_152,
    context_size=2048,
    emb_dim=576,
    n_heads=9,
    n_kv_heads=3,
    n_layers=30,
    activation="swiglu",
    hidden_dim=1536,
    qk_norm=False,
)
"""The shape of the real model of part IV."""
BATCHES = 8


class Sizes(NamedTuple):
    """How large everything is."""

    gpt: GPTConfig
    rows: int
    real: GPTConfig
    n_new: int
    talk: int
    """Tokens of a row while LoRA learns."""


FULL = Sizes(
    replace(gpt2_config("small"), vocab_size=50_304, bias=False), 32, SMOLLM2, 200, 256
)
"""The vocabulary is a multiple of 64, as nanoGPT pads it."""
TINY = GPTConfig(
    vocab_size=256,
    context_size=32,
    emb_dim=32,
    n_heads=2,
    n_layers=2,
    positions="learned",
    qk_norm=False,
    activation="gelu_tanh",
)
SMALL = Sizes(
    TINY,
    4,
    replace(SMOLLM2, vocab_size=256, emb_dim=36, n_layers=2, hidden_dim=64),
    20,
    32,
)


def new_model(config: GPTConfig, device: torch.device) -> GPT:
    """A model with random weights on the device."""
    return GPT(config, torch.Generator().manual_seed(0)).to(device)


def wait(device: torch.device) -> None:
    """Until the device has done what it was told."""
    if device.type == "cuda":
        torch.cuda.synchronize()


def median_seconds(
    work: Callable[[], object], device: torch.device, rounds: int = 20
) -> float:
    """Median time of a piece of work; a quarter of the rounds more warm up."""
    taken = []
    for _ in range(rounds + rounds // 4 + 1):
        wait(device)
        start = time.perf_counter()
        work()
        wait(device)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken[-rounds:])


def batches(config: GPTConfig, rows: int, device: torch.device) -> list[Batch]:
    """Random tokens: their speed is that of a text."""
    T, n = config.context_size, config.vocab_size
    drawn = torch.randint(n, (rows * BATCHES * (T + 1),), device=device)
    whole = token_windows(drawn, T)
    cuts = [slice(i * rows, (i + 1) * rows) for i in range(BATCHES)]
    parts = [(whole.inputs[cut], whole.targets[cut]) for cut in cuts]
    return [Batch(x.contiguous(), y.contiguous()) for x, y in parts]


def training(sizes: Sizes, device: torch.device, nanogpt: Any) -> Iterator[str]:
    """The 124M model in bfloat16, beside nanoGPT's loop on the same batches."""
    given = batches(sizes.gpt, sizes.rows, device)
    model = new_model(sizes.gpt, device)
    records = train(model, lambda step: given[step % BATCHES], RECIPE)
    ours = statistics.median([r.tokens_per_second for r in records][WARM:-1])
    peak = peak_flops(device, "bfloat16")
    used = flops_utilisation(model, ours, peak)
    yield f"ours | {ours:,.0f} | {used:.1%} | {_memory(device)}"
    if nanogpt is None:
        yield "nanoGPT | not given | |"
        return
    del model, records
    theirs = their_model(nanogpt, sizes.gpt).to(device)
    if device.type == "cuda":
        theirs = torch.compile(theirs)
        torch.cuda.reset_peak_memory_stats()
    speeds = list(their_speeds(theirs, given, device))
    speed = statistics.median(speeds[WARM:])
    share = flops_per_token(new_model(sizes.gpt, device)) * speed / peak
    yield f"nanoGPT | {speed:,.0f} | {share:.1%} | {_memory(device)}"
    yield f"ours / nanoGPT | {ours / speed:.2f} | |"


def _memory(device: torch.device) -> str:
    if device.type != "cuda":
        return ""
    return f"{torch.cuda.max_memory_allocated() / 2**30:.1f} GiB"


def their_speeds(
    model: Any, given: list[Batch], device: torch.device
) -> Iterator[float]:
    """The loop of their train.py: autocast, fused AdamW, clipping; tokens a second."""
    with redirect_stdout(StringIO()):
        optimizer = model.configure_optimizers(0.1, 1e-3, (0.9, 0.99), device.type)
    for batch, _ in zip(itertools.cycle(given), range(RECIPE.steps), strict=False):
        start = time.perf_counter()
        with torch.amp.autocast(device.type, dtype=torch.bfloat16):
            _, loss = model(batch.inputs, batch.targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        loss.item()
        yield batch.targets.numel() / (time.perf_counter() - start)


def bandwidth(device: torch.device) -> float:
    """Bytes a second that come out of the device's memory, by summing up a tensor."""
    n_bytes = 4 * 2**28 if device.type == "cuda" else 4 * 2**24
    many = torch.ones(n_bytes // 4, device=device)
    return n_bytes / median_seconds(many.sum, device)


def writing(sizes: Sizes, device: torch.device) -> Iterator[str]:
    """A token at a time, greedy; the floor reads each weight once a token."""
    speed = bandwidth(device)
    for precision in (torch.float32, torch.bfloat16):
        model = new_model(sizes.real, device).to(precision).eval()
        n_bytes = sum(p.numel() * p.element_size() for p in model.parameters())
        for rows in (1, 16):
            prompts = [[1, 2, 3]] * rows

            def write(model: GPT = model, prompts: list[list[int]] = prompts) -> None:
                generate(model, prompts, max_new_tokens=sizes.n_new, temperature=0)

            tokens = rows * sizes.n_new / median_seconds(write, device, 3)
            share = tokens / rows * n_bytes / speed
            name = str(precision).removeprefix("torch.")
            yield f"{name}, {rows} at once | {tokens:,.0f} | {share:.2f}"
    yield f"memory: {speed / 1e9:,.0f} GB/s"


def lora(sizes: Sizes, device: torch.device) -> Iterator[str]:
    """One step of LoRA against a forward and a backward of all weights alone."""
    shape = (8, sizes.talk)
    tokens = torch.randint(sizes.real.vocab_size, shape, device=device)
    batch = Batch(tokens, tokens)
    whole = new_model(sizes.real, device)

    def forward_backward(model: GPT) -> None:
        batch_loss(model, batch).backward()  # type: ignore[no-untyped-call]

    small = add_lora(new_model(sizes.real, device), rank=8)
    optimizers = build_optimizers(small, learning_rate=1e-3)

    def step() -> None:
        forward_backward(small)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()

    floor = median_seconds(lambda: forward_backward(whole), device)
    taken = median_seconds(step, device)
    n = tokens.numel()
    yield f"LoRA, a whole step | {n / taken:,.0f} | {taken / floor:.2f}"
    yield f"all weights, forward and backward alone | {n / floor:,.0f} | 1"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--nanogpt", type=Path)
    parser.add_argument("--small", action="store_true")
    options = parser.parse_args()
    there = torch.cuda.is_available()
    if not there and not options.small:
        print("no CUDA device: nothing was measured (--small runs anywhere)")
        return
    device = torch.device("cuda" if there else "cpu")
    torch.set_float32_matmul_precision("high")
    where = (SMALL if options.small else FULL, device)
    nanogpt = load_nanogpt(options.nanogpt) if options.nanogpt else None
    name = torch.cuda.get_device_name() if there else "a CPU: these are no figures"
    print(f"{name}, torch {torch.__version__}, CUDA {torch.version.cuda}")
    start = time.perf_counter()
    for title, lines in (
        ("training, bfloat16 | tokens/s | used | memory", training(*where, nanogpt)),
        ("writing, the real model's shape | tokens/s | of the floor", writing(*where)),
        ("LoRA, float32 | tokens/s | / forward and backward", lora(*where)),
    ):
        print(f"\n{title}", flush=True)
        for line in lines:
            print(line, flush=True)
    print(f"\n{time.perf_counter() - start:.0f} s in all")


if __name__ == "__main__":
    main()
