"""GPT-2's layout against transformers, both directions, and what is refused."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from course_lib.engine.gpt2_layout import (
    config_from_gpt2,
    config_to_gpt2,
    gpt2_names,
    turned,
)
from course_lib.engine.huggingface import load_gpt2
from course_lib.files import load, save
from course_lib.gpt import GPT, GPTConfig, gpt2_config
from tests.engine.models import dice, stirred

TINY = replace(
    gpt2_config(), vocab_size=97, context_size=32, emb_dim=48, n_heads=4, n_layers=3
)
WEIGHTS, SETTINGS = "model.safetensors", "config.json"


def save_as_gpt2(folder: Path, model: GPT) -> None:
    """Write a GPT as transformers wants to find it."""
    weights = dict(model.named_parameters())
    tensors = {
        theirs: turned(theirs, weights[ours].detach()).contiguous()
        for ours, theirs in gpt2_names(model.config).items()
    }
    folder.mkdir(exist_ok=True)
    (folder / SETTINGS).write_text(json.dumps(config_to_gpt2(model.config)), "utf-8")
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})


def theirs_from(library: Any, folder: Path) -> Any:
    loaded = library.GPT2LMHeadModel.from_pretrained(folder, local_files_only=True)
    return loaded.eval()


@torch.inference_mode()
def greedy(model: GPT, tokens: Tensor, n_new: int) -> Tensor:
    for _ in range(n_new):
        tokens = torch.cat([tokens, model(tokens)[:, -1:].argmax(-1)], 1)
    return tokens


@torch.inference_mode()
def assert_same_model(ours: GPT, theirs: Any, n_new: int) -> None:
    """Same logits within 1e-4, and the same greedy tokens."""
    tokens = torch.randint(ours.config.vocab_size, (2, 9), generator=dice(5))
    logits = theirs(tokens).logits
    assert logits.std() > 0.1
    torch.testing.assert_close(ours(tokens), logits, atol=1e-4, rtol=0)
    written = theirs.generate(
        tokens,
        attention_mask=torch.ones_like(tokens),
        max_new_tokens=n_new,
        min_new_tokens=n_new,
        do_sample=False,
        eos_token_id=None,
        pad_token_id=0,
    )
    assert greedy(ours, tokens, n_new).tolist() == written.tolist()


def test_we_load_what_transformers_writes(transformers: Any, tmp_path: Path) -> None:
    config = transformers.GPT2Config(
        vocab_size=97, n_positions=32, n_embd=48, n_layer=3, n_head=4
    )
    torch.manual_seed(0)
    theirs = transformers.GPT2LMHeadModel(config).eval()
    with torch.no_grad():
        for weight in theirs.parameters():
            weight += 0.1 * torch.randn(weight.shape, generator=dice(2))
    theirs.save_pretrained(tmp_path)
    ours = load_gpt2(tmp_path)
    assert ours.config == TINY
    assert not ours.training
    assert_same_model(ours, theirs, n_new=20)


@pytest.mark.parametrize(
    "config",
    [
        TINY,
        replace(TINY, tied=False),
        replace(TINY, activation="gelu"),
        replace(TINY, activation="relu_squared"),
    ],
    ids=["gpt2", "untied", "gelu", "relu_squared"],
)
def test_transformers_loads_our_weights_in_its_layout(
    transformers: Any, tmp_path: Path, config: GPTConfig
) -> None:
    ours = stirred(config)
    save_as_gpt2(tmp_path, ours)
    assert_same_model(ours, theirs_from(transformers, tmp_path), n_new=20)


@torch.no_grad()
def random_gpt2() -> GPT:
    """The 124M weights drawn once, without the start that would be thrown away."""
    with torch.device("meta"):
        model = GPT(gpt2_config())
    generator = dice()
    for name, weight in model.to_empty(device="cpu").named_parameters():
        torch.nn.init.normal_(weight, std=0.04, generator=generator)
        if "norm" in name and name.endswith("weight"):
            weight += 1
    return model.eval()


@pytest.mark.slow
def test_gpt2_small_is_the_same_model_both_ways(
    transformers: Any, tmp_path: Path
) -> None:
    ours = random_gpt2()
    save_as_gpt2(tmp_path / "ours", ours)
    theirs = theirs_from(transformers, tmp_path / "ours")
    assert theirs.num_parameters() == 124_439_808
    assert_same_model(ours, theirs, n_new=4)
    del ours
    theirs.save_pretrained(tmp_path / "theirs")
    again = load_gpt2(tmp_path / "theirs" / WEIGHTS)  # its size tells its settings
    assert again.config == gpt2_config()
    assert_same_model(again, theirs, n_new=4)


def test_weights_come_back_from_its_layout_bit_for_bit(tmp_path: Path) -> None:
    ours = stirred(replace(TINY, dropout=0.1))
    save_as_gpt2(tmp_path, ours)
    again = load_gpt2(tmp_path)
    assert again.config == TINY  # what the file says about dropout is not used
    for (name, a), b in zip(ours.named_parameters(), again.parameters(), strict=True):
        assert torch.equal(a, b), name
        assert b.requires_grad
        assert b.is_contiguous()


def change(folder: Path, alter: Any) -> None:
    """Write the folder's weights anew after `alter(tensors)`."""
    tensors = load_file(folder / WEIGHTS)
    tensors = {name: w.clone() for name, w in tensors.items()}
    save_file(alter(tensors) or tensors, folder / WEIGHTS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A tiny GPT-2 as transformers wants it."""
    save_as_gpt2(tmp_path, stirred(TINY))
    return tmp_path


def same_as_stirred(folder: Path) -> bool:
    tokens = torch.arange(20)[None]
    return torch.equal(load_gpt2(folder)(tokens), stirred(TINY)(tokens))


def test_the_prefix_may_be_left_out(folder: Path) -> None:
    change(folder, lambda t: {n.removeprefix("transformer."): w for n, w in t.items()})
    assert same_as_stirred(folder)


def test_stored_masks_and_a_tied_head_are_no_surplus(folder: Path) -> None:
    def alter(tensors: dict[str, Tensor]) -> None:
        tensors["transformer.h.0.attn.bias"] = torch.ones(1, 1, 32, 32)
        tensors["transformer.h.2.attn.masked_bias"] = torch.tensor(-1e4)
        tensors["lm_head.weight"] = tensors["transformer.wte.weight"].clone()

    change(folder, alter)
    assert same_as_stirred(folder)


def test_another_head_than_the_embedding_is_refused_where_they_are_tied(
    folder: Path,
) -> None:
    change(folder, lambda t: {**t, "lm_head.weight": torch.zeros(97, 48)})
    with pytest.raises(ValueError, match=r"lm_head\.weight is not the embedding"):
        load_gpt2(folder)


def test_half_precision_becomes_float32(folder: Path) -> None:
    change(folder, lambda t: {name: w.bfloat16() for name, w in t.items()})
    model = load_gpt2(folder)
    assert {w.dtype for w in model.parameters()} == {torch.float32}
    torch.testing.assert_close(
        model.embedding.weight, stirred(TINY).embedding.weight, atol=2e-3, rtol=1e-2
    )


def test_weights_in_several_files_are_put_together(folder: Path) -> None:
    tensors = load_file(folder / WEIGHTS)
    parts = {"a.safetensors": {}, "b.safetensors": {}}  # type: dict[str, Any]
    for i, (name, weight) in enumerate(tensors.items()):
        parts["ab"[i % 2] + ".safetensors"][name] = weight.clone()
    for name, part in parts.items():
        save_file(part, folder / name)
    (folder / WEIGHTS).unlink()
    where = {name: file for file, part in parts.items() for name in part}
    index = folder / f"{WEIGHTS}.index.json"
    index.write_text(json.dumps({"weight_map": where}), "utf-8")
    assert same_as_stirred(folder)
    (folder / "b.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match=r"parts are missing: b\.safetensors"):
        load_gpt2(folder)
    index.write_text(
        json.dumps({"weight_map": {"wte.weight": "../b.safetensors"}}), "utf-8"
    )
    with pytest.raises(ValueError, match="does not say which files"):
        load_gpt2(folder)


def test_missing_extra_and_misshapen_weights_are_all_listed(folder: Path) -> None:
    def alter(tensors: dict[str, Tensor]) -> None:
        del tensors["transformer.wpe.weight"], tensors["transformer.h.1.ln_2.bias"]
        tensors["transformer.h.3.ln_1.bias"] = torch.zeros(48)
        tensors["score.weight"] = torch.zeros(2, 48)
        turned = tensors["transformer.h.0.mlp.c_fc.weight"].T.contiguous()
        tensors["transformer.h.0.mlp.c_fc.weight"] = turned

    change(folder, alter)
    with pytest.raises(ValueError, match="does not fit") as caught:
        load_gpt2(folder)
    said = str(caught.value)
    assert "2 missing: " in said
    assert "2 left over: " in said
    assert "1 of another shape: " in said
    for name in ("wpe.weight", "h.1.ln_2.bias", "h.3.ln_1.bias", "score.weight"):
        assert f"transformer.{name}" in said
    assert "h.0.mlp.c_fc.weight is (192, 48), expected (48, 192)" in said
    assert "\n" not in said


def test_whole_numbers_are_no_weights(folder: Path) -> None:
    change(folder, lambda t: {n: w.to(torch.int8) for n, w in t.items()})
    with pytest.raises(ValueError, match=r"wte\.weight' is torch\.int8"):
        load_gpt2(folder)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"activation_function": "silu"}, "activation_function is 'silu'"),
        ({"scale_attn_by_inverse_layer_idx": True}, "inverse_layer_idx is True"),
        ({"scale_attn_weights": False}, "scale_attn_weights is False"),
        ({"reorder_and_upcast_attn": True}, "reorder_and_upcast_attn is True"),
        ({"add_cross_attention": True}, "add_cross_attention is True"),
        ({"layer_norm_epsilon": 1e-6}, "layer_norm_epsilon is 1e-06"),
        ({"model_type": "gpt_neo"}, "model_type is 'gpt_neo'"),
        ({"n_inner": 100}, r"n_inner is 100: only 4 \* n_embd = 3072"),
        ({"pruned_heads": {"0": [1]}}, "pruned_heads"),
        ({"quantization_config": {"bits": 4}}, "quantization_config"),
        ({"n_head": 7}, "emb_dim is 768"),
        ({"n_layer": "12"}, "n_layers is '12'"),
    ],
)
def test_settings_that_we_cannot_follow_are_refused(
    folder: Path, settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        config_from_gpt2(settings)
    (folder / SETTINGS).write_text(json.dumps(settings), "utf-8")
    with pytest.raises(ValueError, match=f"{SETTINGS}: .*{said}"):
        load_gpt2(folder)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (GPTConfig(vocab_size=9), "positions is 'rotary': a GPT-2 has 'learned'"),
        (replace(TINY, norm="rms"), "norm is 'rms'"),
        (replace(TINY, qk_norm=True), "qk_norm is True"),
        (replace(TINY, bias=False), "bias is False"),
    ],
)
def test_only_a_gpt2_is_described_as_a_gpt2(config: GPTConfig, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        config_to_gpt2(config)


def test_the_end_token_is_gpt2s_own_only_in_its_vocabulary() -> None:
    assert config_to_gpt2(gpt2_config())["eos_token_id"] == 50_256
    assert config_to_gpt2(TINY)["eos_token_id"] is None


@pytest.mark.parametrize(
    ("size", "n_parameters"),
    [
        ("small", 124_439_808),
        ("medium", 354_823_168),
        ("large", 774_030_080),
        ("xl", 1_557_611_200),
    ],
)
def test_the_published_sizes_survive_the_settings_and_count_right(
    size: str, n_parameters: int
) -> None:
    config = gpt2_config(size)
    assert config_from_gpt2(config_to_gpt2(config)) == config
    with torch.device("meta"):
        weights = dict(GPT(config).named_parameters())
    assert set(weights) == set(gpt2_names(config))
    assert sum(w.numel() for w in weights.values()) == n_parameters


def test_files_that_are_not_there_are_named(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no model\.safetensors"):
        load_gpt2(tmp_path / "nowhere")
    (folder / SETTINGS).unlink()
    with pytest.raises(FileNotFoundError, match=r"no config\.json here"):
        load_gpt2(folder)
    with pytest.raises(ValueError, match="not the embedding of a published GPT-2"):
        load_gpt2(folder / WEIGHTS)


def test_a_damaged_file_is_named(folder: Path) -> None:
    whole = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"model\.safetensors is cut short, damaged"):
        load_gpt2(folder)
    for text, said in (("{", "is not JSON"), ("[1]", "holds no settings but a list")):
        (folder / WEIGHTS).write_bytes(whole)
        (folder / SETTINGS).write_text(text, "utf-8")
        with pytest.raises(ValueError, match=said):
            load_gpt2(folder)


@pytest.mark.parametrize(
    "config", [TINY, GPTConfig(vocab_size=11, emb_dim=16, n_heads=2, n_layers=1)]
)
def test_a_course_checkpoint_comes_back_whole(
    tmp_path: Path, config: GPTConfig
) -> None:
    model = stirred(config)
    save(tmp_path / "m.safetensors", model, metadata={"seed": 3})
    again = load(tmp_path / "m.safetensors").model
    tokens = torch.arange(8)[None]
    assert again.config == config
    assert not again.training
    assert torch.equal(model(tokens), again(tokens))


def test_a_checkpoint_without_a_gpt_is_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match="not a course checkpoint"):
        load(folder / WEIGHTS)
