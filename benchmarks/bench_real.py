"""How fast the real model reads and writes: ours, Hugging Face's, and the floors.

Repeat it with `course bench real`. All ways take the same weights and one thread, in
turns, in CPU seconds. The floor of writing is the memory's speed: every weight is read
once for each token. The floor of reading is the matrix products alone. Nothing is kept.
"""

import argparse
import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import torch
from bench_generation import Way, memory_speed, take_turns
from torch.nn import functional as F

from course_lib.cache import KVCache
from course_lib.chat import Message
from course_lib.device import limited_threads
from course_lib.engine.huggingface import save_llama
from course_lib.engine.quantize import quantized, weight_bytes
from course_lib.engine.smollm import COMMAND, Real, is_here, load_smollm2
from course_lib.generate import generate
from course_lib.gpt import GPT

N_NEW = 40


def prompt_of(real: Real) -> list[int]:
    """A short question in its chat form: about 40 tokens."""
    return real.template.prompt([Message("user", "What is the capital of France?")])


def hugging_face(model: GPT) -> object:
    """The same weights in transformers."""
    import transformers

    transformers.utils.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as folder:
        save_llama(Path(folder), model)
        return transformers.LlamaForCausalLM.from_pretrained(folder).eval()


def their_way(theirs: object, prompt: list[int]) -> Way:
    """Its own `generate`, with a cache, greedy, to the same length."""
    tokens = torch.tensor([prompt])
    settings = {
        "attention_mask": torch.ones_like(tokens),
        "max_new_tokens": N_NEW,
        "min_new_tokens": N_NEW,
        "do_sample": False,
        "pad_token_id": 0,
    }
    return lambda: theirs.generate(tokens, **settings)  # type: ignore[attr-defined]


def our_way(model: GPT, prompt: list[int]) -> Way:
    """`course_lib.generate`, greedy."""
    return lambda: generate(model, [prompt], max_new_tokens=N_NEW, temperature=0)


def without_cache(model: GPT, prompt: list[int]) -> Way:
    """Everything is read again for each token; a quarter of them are written."""

    @torch.inference_mode()
    def write() -> None:
        text = list(prompt)
        for _ in range(N_NEW // 4):
            logits = model(torch.tensor([text]), last_only=True)
            text.append(int(logits[0, -1].argmax()))

    return write


def writing(real: Real, rounds: int) -> Iterator[str]:
    """Tokens a second, and their share of the floor."""
    model, prompt = real.model, prompt_of(real)
    theirs, small = hugging_face(model), quantized(model)
    half = real.model.__class__(model.config).bfloat16().eval()
    half.load_state_dict(model.state_dict())
    took = take_turns(
        {
            "Hugging Face": their_way(theirs, prompt),
            "ours": our_way(model, prompt),
            "ours, int8 weights": our_way(small, prompt),
            "ours, bfloat16": our_way(half, prompt),
            "ours, no cache": without_cache(model, prompt),
            "products": products(model, 1),
        },
        rounds,
    )
    took["ours, no cache"] *= 4
    alone = 1 / took.pop("products")
    bandwidth = memory_speed()
    floor = bandwidth / weight_bytes(model)
    for name, spent in took.items():
        speed = N_NEW / spent
        ratio = took["Hugging Face"] / spent
        yield f"{name} | {speed:.1f} | {ratio:.2f} | {speed / floor:.2f}"
    yield f"matrix products alone | {alone:.1f} | | {alone / floor:.2f}"
    yield f"floor: float32 weights read once | {floor:.1f} | | 1"
    yield f"memory: {bandwidth / 1e9:.1f} GB/s"


def products(model: GPT, n: int) -> Way:
    """The matrix products of reading n tokens, attention's too, and nothing else."""
    config = model.config
    layers = [x for x in model.blocks.modules() if isinstance(x, torch.nn.Linear)]
    inputs = {w: torch.ones(n, w) for w in (config.emb_dim, config.inner_dim)}
    q, kv = (
        torch.ones(1, heads, n, config.head_dim)
        for heads in (config.n_heads, config.kv_heads)
    )

    @torch.inference_mode()
    def multiply() -> None:
        for layer in layers:
            F.linear(inputs[layer.in_features], layer.weight)
        for _ in range(config.n_layers):
            F.scaled_dot_product_attention(q, kv, kv, is_causal=True, enable_gqa=True)
        F.linear(inputs[config.emb_dim][:1], model.embedding.weight)

    return multiply


def reading(real: Real, rounds: int) -> Iterator[str]:
    """Reading a prompt against its matrix products."""
    model = real.model
    for n in (40, 200, 1000):
        tokens = torch.arange(n)[None] + 1000

        @torch.inference_mode()
        def read(tokens: torch.Tensor = tokens) -> None:
            cache = KVCache(model.config.cache_shape, 1, size=tokens.shape[1])
            model(tokens, cache, last_only=True)

        took = take_turns({"read": read, "floor": products(model, n)}, rounds)
        ratio = took["read"] / took["floor"]
        yield f"{n} | {took['read']:.2f} | {took['floor']:.2f} | {ratio:.2f}"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    print(f"{os.cpu_count()} CPU cores, one thread used, torch {torch.__version__}")
    if not is_here():
        print(f"no real model: {COMMAND}")
        return
    with limited_threads(1):
        real = load_smollm2()
        n = len(prompt_of(real))
        print(f"\n{n} -> {n + N_NEW} tokens | tokens/s | / Hugging Face | / floor")
        print(*writing(real, options.rounds), sep="\n")
        print("\nReading, tokens | CPU s | products alone, s | ratio")
        print(*reading(real, options.rounds), sep="\n")


if __name__ == "__main__":
    main()
