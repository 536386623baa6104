"""GGUF files: written by the official package, read into our model, refused by name."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from course_lib.engine.filling import rows_of_parts
from course_lib.engine.gguf_file import KINDS, read_gguf
from course_lib.engine.llama_layout import gguf_names, llama_config
from course_lib.gpt import GPT, GPTConfig
from course_lib.tokenizer import END_OF_TEXT
from tests.engine.models import dice, stirred

gguf = pytest.importorskip("gguf", reason="the package gguf is not installed")
TINY = llama_config(
    vocab_size=64,
    context_size=32,
    emb_dim=64,
    n_heads=4,
    n_kv_heads=2,
    n_layers=2,
    hidden_dim=96,
    rotary_base=1e5,
    norm_eps=1e-5,
)
TOKENS = [END_OF_TEXT, *"abcdefghijklmnopqrstuvwxyz", *map(str, range(10)), "Ġ"]
TOKENS += [f"{letter}n" for letter in "abcdefghijklmnopqrstuvwx"]
TOKENS += ["<|im_start|>", "<|im_end|>"]


def in_pairs(weight: torch.Tensor, n_heads: int) -> torch.Tensor:
    """What llama.cpp's converter does to queries and keys."""
    rows, columns = weight.shape
    halves = weight.view(n_heads, 2, rows // n_heads // 2, columns)
    return halves.swapaxes(1, 2).reshape(rows, columns)


def add_settings(writer: Any, config: GPTConfig, settings: dict[str, Any]) -> None:
    numbers: dict[str, Any] = {
        "llama.block_count": config.n_layers,
        "llama.context_length": config.context_size,
        "llama.embedding_length": config.emb_dim,
        "llama.feed_forward_length": config.inner_dim,
        "llama.attention.head_count": config.n_heads,
        "llama.attention.head_count_kv": config.kv_heads,
        "llama.rope.freq_base": config.rotary_base,
        "llama.attention.layer_norm_rms_epsilon": config.norm_eps,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "smollm",
        "tokenizer.chat_template": "{{ a }}",
    } | settings
    for name, value in numbers.items():
        if isinstance(value, str):
            writer.add_string(name, value)
        elif isinstance(value, float):
            writer.add_float32(name, value)
        else:
            writer.add_uint32(name, value)
    writer.add_token_list(TOKENS)
    writer.add_token_types([3 if "|" in token else 1 for token in TOKENS])


def write(
    path: Path,
    model: GPT,
    kind: str = "F32",
    settings: dict[str, Any] | None = None,
    leave_out: str = "",
) -> None:
    """A file as llama.cpp's converter writes it, with some settings changed."""
    config, kinds = model.config, gguf.GGMLQuantizationType
    writer = gguf.GGUFWriter(path, "llama")
    add_settings(writer, config, settings or {})
    weights = dict(model.named_parameters())
    for ours, theirs in gguf_names(config).items():
        whole = weights[ours].detach()
        rows = rows_of_parts(whole, theirs, config)
        for name, part in zip(theirs, whole.split(rows), strict=True):
            if name == leave_out:
                continue
            if "attn_q" in name or "attn_k" in name:
                heads = config.n_heads if "attn_q" in name else config.kv_heads
                part = in_pairs(part, heads)
            stored = kinds["F32" if part.ndim == 1 else kind]
            data = gguf.quantize(part.contiguous().numpy(), stored)
            writer.add_tensor(name, data, raw_dtype=stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@pytest.mark.parametrize("tied", [True, False])
def test_a_model_comes_back_as_it_was_written(tmp_path: Path, tied: bool) -> None:
    model = stirred(replace(TINY, tied=tied))
    write(tmp_path / "m.gguf", model)
    read = read_gguf(tmp_path / "m.gguf")
    assert read.model.config == model.config
    assert not read.model.training
    assert read.template == "{{ a }}"
    for name, weight in model.state_dict().items():
        torch.testing.assert_close(read.model.state_dict()[name], weight)
    tokens = torch.randint(64, (2, 9), generator=dice(5))
    torch.testing.assert_close(read.model(tokens), model(tokens))


@pytest.mark.parametrize(
    ("kind", "error"), [("F16", 1e-3), ("Q8_0", 0.01), ("Q4_1", 0.1)]
)
def test_few_bits_come_near(tmp_path: Path, kind: str, error: float) -> None:
    model = stirred(TINY)
    write(tmp_path / "m.gguf", model, kind)
    read = dict(read_gguf(tmp_path / "m.gguf").model.named_parameters())
    for name, weight in model.named_parameters():
        if weight.ndim == 2:
            wrong = (read[name] - weight).abs().max() / weight.abs().max()
            assert wrong < error, name
            assert wrong > 0, name


def test_a_block_of_four_bits_is_a_scale_a_least_value_and_32_numbers() -> None:
    block = np.zeros(20, dtype=np.uint8)
    block[:2] = np.frombuffer(np.float16(0.5).tobytes(), dtype=np.uint8)
    block[2:4] = np.frombuffer(np.float16(-3).tobytes(), dtype=np.uint8)
    block[4:] = np.arange(16) | (15 - np.arange(16)) << 4
    values = gguf.dequantize(block, gguf.GGMLQuantizationType.Q4_1)
    low, high = np.arange(16), 15 - np.arange(16)
    assert values.tolist() == [0.5 * q - 3 for q in (*low, *high)]


def test_the_tokenizer_cuts_digits_one_by_one(tmp_path: Path) -> None:
    write(tmp_path / "m.gguf", stirred(TINY))
    tokenizer = read_gguf(tmp_path / "m.gguf").tokenizer
    assert tokenizer.end_of_text == END_OF_TEXT
    tokens = tokenizer.encode("an 42")
    assert [tokenizer.token_bytes(t) for t in tokens] == [b"an", b" ", b"4", b"2"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"general.architecture": "gemma3"}, "its architecture is 'gemma3'"),
        ({"llama.rope.scaling.type": "yarn"}, "llama.rope.scaling.type is 'yarn'"),
        ({"llama.rope.dimension_count": 8}, "llama.rope.dimension_count is 8"),
        ({"llama.attention.head_count_kv": 3}, "n_kv_heads is 3"),
        ({"tokenizer.ggml.model": "llama"}, "its tokenizer is 'llama'"),
        ({"tokenizer.ggml.pre": "qwen2"}, r"its tokenizer is 'gpt2' \('qwen2'\)"),
        ({"llama.block_count": 3}, "9 missing: blk.2.attn_norm.weight"),
    ],
)
def test_what_cannot_be_followed_is_named(
    tmp_path: Path, settings: dict[str, Any], message: str
) -> None:
    model = stirred(TINY)
    architecture = settings.pop("general.architecture", None)
    write(tmp_path / "m.gguf", model, settings=settings)
    if architecture:
        data = (tmp_path / "m.gguf").read_bytes()
        old = b"\x05\0\0\0\0\0\0\0llama"
        new = len(architecture).to_bytes(8, "little") + architecture.encode()
        (tmp_path / "m.gguf").write_bytes(data.replace(old, new, 1))
    with pytest.raises(ValueError, match=message):
        read_gguf(tmp_path / "m.gguf")


def test_a_kind_of_numbers_that_we_do_not_read_is_named(tmp_path: Path) -> None:
    write(tmp_path / "m.gguf", stirred(TINY), "Q5_0")
    with pytest.raises(ValueError, match=f"is stored as Q5_0: {', '.join(KINDS)}"):
        read_gguf(tmp_path / "m.gguf")


def test_a_missing_weight_is_listed(tmp_path: Path) -> None:
    write(tmp_path / "m.gguf", stirred(TINY), leave_out="blk.1.ffn_up.weight")
    with pytest.raises(ValueError, match=r"1 missing: blk\.1\.ffn_up\.weight"):
        read_gguf(tmp_path / "m.gguf")


@pytest.mark.parametrize("share", [0.0, 0.001, 0.02, 0.5, 0.99])
def test_a_cut_file_is_named(tmp_path: Path, share: float) -> None:
    write(tmp_path / "m.gguf", stirred(TINY))
    data = (tmp_path / "m.gguf").read_bytes()
    (tmp_path / "m.gguf").write_bytes(data[: int(share * len(data))])
    with pytest.raises(ValueError, match="cut short, damaged or not a GGUF file"):
        read_gguf(tmp_path / "m.gguf")


def test_another_kind_of_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(b"PK\x03\x04" * 100)
    with pytest.raises(ValueError, match="not a GGUF file"):
        read_gguf(tmp_path / "m.gguf")
