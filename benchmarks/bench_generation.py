"""How fast a GPT writes: ours, Hugging Face's, nanoGPT's, and the memory's own speed.

Repeat it with `course bench generation`, or, with a copy of nanoGPT beside,
`python benchmarks/bench_generation.py --nanogpt DIR`. All write with random weights,
one text, one thread, in turns, in CPU seconds; `--tiny` leaves the 124M model out.
Nothing is written.
"""

import argparse
import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import torch
from torch.nn import functional as F

from course_lib.device import limited_threads
from course_lib.engine.quantize import quantized, weight_bytes
from course_lib.generate import generate
from course_lib.gpt import GPT, GPTConfig, gpt2_config

TINY = GPTConfig(
    vocab_size=65,
    context_size=64,
    emb_dim=128,
    n_heads=4,
    n_layers=4,
    positions="learned",
    qk_norm=False,
    activation="gelu_tanh",
    bias=True,
)
"""nanoGPT's configuration for a CPU; the biases make it Hugging Face's GPT-2, too."""
Way = Callable[[], object]


def take_turns(ways: Mapping[str, Way], rounds: int) -> dict[str, float]:
    """Median CPU seconds of each way; a busy moment hits all of them alike."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, work in ways.items():
            start = time.process_time()
            work()
            if turn:  # the first warms up
                times[name].append(time.process_time() - start)
    return {name: statistics.median(spent) for name, spent in times.items()}


def ours(model: GPT, prompt: list[int], n_new: int) -> Way:
    """Our way to write one text."""
    return lambda: generate(model, [prompt], max_new_tokens=n_new, seeds=0)


def hugging_face(config: GPTConfig, prompt: list[int], n_new: int) -> Way | None:
    """`transformers`' way, with its cache; None if it is not installed."""
    try:
        import transformers
    except ImportError:
        return None
    model = transformers.GPT2LMHeadModel(
        transformers.GPT2Config(
            vocab_size=config.vocab_size,
            n_positions=config.context_size,
            n_embd=config.emb_dim,
            n_layer=config.n_layers,
            n_head=config.n_heads,
            bos_token_id=None,
            eos_token_id=None,
        )
    ).eval()
    tokens = torch.tensor([prompt])
    options = {"max_new_tokens": n_new, "do_sample": True, "top_k": 0}
    options |= {"use_cache": True, "pad_token_id": 0}
    mask = torch.ones_like(tokens)
    return lambda: model.generate(tokens, attention_mask=mask, **options)


def nano_gpt(
    folder: Path | None, config: GPTConfig, prompt: list[int], n_new: int
) -> Way | None:
    """NanoGPT's way, which has no cache; None without a copy of it."""
    if folder is None:
        return None
    if not (folder / "model.py").is_file():
        raise SystemExit(f"{folder} holds no model.py: give a copy of nanoGPT")
    sys.path.insert(0, str(folder))
    import model as nanogpt

    with redirect_stdout(StringIO()):  # it says how many parameters there are
        model = nanogpt.GPT(
            nanogpt.GPTConfig(
                block_size=config.context_size,
                vocab_size=config.vocab_size,
                n_layer=config.n_layers,
                n_head=config.n_heads,
                n_embd=config.emb_dim,
                dropout=0.0,
                bias=config.bias,
            )
        ).eval()
    tokens = torch.tensor([prompt])
    return lambda: model.generate(tokens, n_new)


def memory_speed(n_bytes: int = 400_000_000) -> float:
    """Bytes a second that one thread reads, summing memory no cache can hold."""
    memory = torch.ones(n_bytes // 4)
    return n_bytes / take_turns({"read": memory.sum}, 5)["read"]


def race(
    config: GPTConfig, n_prompt: int, n_new: int, rounds: int, nanogpt: Path | None
) -> Iterator[str]:
    """The lines of one table: who writes how many tokens a second."""
    model = GPT(config, torch.Generator().manual_seed(0)).eval()
    small = quantized(model)
    prompt = [i % config.vocab_size for i in range(n_prompt)]
    all_ways = {
        "nanoGPT (no cache)": nano_gpt(nanogpt, config, prompt, n_new),
        "Hugging Face, cache": hugging_face(config, prompt, n_new),
        "ours, float32": ours(model, prompt, n_new),
        "ours, int8 weights": ours(small, prompt, n_new),
    }
    ways = {name: way for name, way in all_ways.items() if way is not None}
    took = take_turns(ways, rounds)
    speeds = {name: n_new / spent for name, spent in took.items()}
    bandwidth = memory_speed()
    for label, kind in (("float32", model), ("int8", small)):
        speeds[f"floor: {label} weights read once"] = bandwidth / weight_bytes(kind)
    for name, speed in speeds.items():
        ratios = [
            f"{speed / speeds[peer]:.2f}" if peer in speeds else ""
            for peer in ("nanoGPT (no cache)", "Hugging Face, cache")
        ]
        yield f"{name} | {speed:,.1f} | {' | '.join(ratios)}"
    yield f"memory: {bandwidth / 1e9:.1f} GB/s"


@torch.no_grad()
def int8_loss() -> Iterator[str]:
    """What int8 weights cost the base model of Tiny World, nats per word."""
    from tiny_world import World, load_base, token_rows

    model = load_base()
    rows = token_rows(World(seed=0), "val", start=0, n_rows=16, length=129)
    x, y = rows.tokens[:, :-1], rows.tokens[:, 1:]
    floor = rows.nats[:, 1:].mean().item()
    small = quantized(model)
    column_wise = torch.stack([_step_loss(small, x[i], y[i]) for i in range(len(x))])
    for label, loss in (
        ("floor", floor),
        ("float32", F.cross_entropy(model(x).flatten(0, 1), y.flatten()).item()),
        ("int8 weights", column_wise.mean().item()),
    ):
        yield f"{label} | {loss:.4f}"


def _step_loss(model: GPT, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The loss of one row read token by token: the way a text is written."""
    from course_lib.cache import KVCache
    from course_lib.engine.decoder import Decoder

    with torch.inference_mode():
        read = Decoder(model, KVCache(model.config.cache_shape, 1))
        logits = torch.cat([read(token[None]) for token in x])
        return F.cross_entropy(logits, y)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--nanogpt", type=Path, help="a folder with nanoGPT's model.py")
    parser.add_argument("--tiny", action="store_true", help="without the 124M model")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    cores = f"{os.cpu_count()} CPU cores, one thread used"
    print(f"{cores}, torch {torch.__version__}")
    head = "tokens/s | / nanoGPT | / Hugging Face"
    with limited_threads(1):
        print(f"\nTiny model, 1 -> 64 tokens | {head}")
        print(*race(TINY, 1, 63, options.rounds, options.nanogpt), sep="\n")
        print("\nBase model of Tiny World, held out | nats per word")
        print(*int8_loss(), sep="\n")
        if not options.tiny:
            print(f"\n124M, 32 -> 160 tokens | {head}")
            rounds = max(1, options.rounds // 2)
            print(*race(gpt2_config(), 32, 128, rounds, options.nanogpt), sep="\n")


if __name__ == "__main__":
    main()
