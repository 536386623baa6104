"""Llama-shaped models against transformers, both directions, and what is refused."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from course_lib.cache import KVCache
from course_lib.engine.decoder import Decoder
from course_lib.engine.gpt2_layout import config_to_gpt2
from course_lib.engine.huggingface import load_llama, save_llama
from course_lib.engine.llama_layout import (
    config_from_llama,
    config_to_llama,
    llama_config,
)
from course_lib.files import load, save
from course_lib.generate import generate
from course_lib.gpt import GPT, GPTConfig, count_parameters
from course_lib.lens import attention_weights, heads_off, logit_lens
from course_lib.optimizers import Muon, build_optimizers, orthogonalize
from tests.engine.models import dice, stirred

TINY = llama_config(
    vocab_size=97,
    context_size=32,
    emb_dim=48,
    n_heads=6,
    n_kv_heads=2,
    n_layers=3,
    hidden_dim=80,
    rotary_base=1e5,
    norm_eps=1e-5,
)
KINDS = {
    "grouped": TINY,
    "one key head": replace(TINY, n_kv_heads=1),
    "each its own keys": replace(TINY, n_kv_heads=None),
    "own head": replace(TINY, tied=False),
    "usual numbers": replace(TINY, rotary_base=None, norm_eps=None, hidden_dim=None),
}
each_kind = pytest.mark.parametrize("config", KINDS.values(), ids=KINDS)


def some_tokens(*shape: int, seed: int = 5) -> torch.Tensor:
    return torch.randint(97, shape, generator=dice(seed))


@each_kind
def test_transformers_loads_our_weights_and_computes_the_same(
    transformers: Any, tmp_path: Path, config: GPTConfig
) -> None:
    ours = stirred(config)
    save_llama(tmp_path, ours)
    theirs = transformers.LlamaForCausalLM.from_pretrained(
        tmp_path, local_files_only=True
    ).eval()
    tokens = some_tokens(2, 9)
    with torch.inference_mode():
        logits = theirs(tokens).logits
        assert logits.std() > 0.1
        torch.testing.assert_close(ours(tokens), logits, atol=1e-4, rtol=0)
        written = theirs.generate(
            tokens,
            attention_mask=torch.ones_like(tokens),
            max_new_tokens=20,
            min_new_tokens=20,
            do_sample=False,
            eos_token_id=None,
            pad_token_id=0,
        )
    new = generate(ours, tokens.tolist(), max_new_tokens=20, temperature=0)
    assert new == written[:, 9:].tolist()


def test_we_load_what_transformers_writes(transformers: Any, tmp_path: Path) -> None:
    settings = config_to_llama(TINY)
    theirs = transformers.LlamaForCausalLM(transformers.LlamaConfig(**settings)).eval()
    theirs.save_pretrained(tmp_path)
    ours = load_llama(tmp_path)
    assert ours.config == TINY
    tokens = some_tokens(2, 9)
    with torch.inference_mode():
        torch.testing.assert_close(
            ours(tokens), theirs(tokens).logits, atol=1e-4, rtol=0
        )


@each_kind
def test_step_by_step_with_a_cache_equals_one_go(config: GPTConfig) -> None:
    model, tokens = stirred(config), some_tokens(3, 12)
    with torch.inference_mode():
        whole = model(tokens)
        cache = KVCache(config.cache_shape, batch_size=3)
        read = Decoder(model, cache)
        first = model(tokens[:, :4], cache)
        steps = [read(tokens[:, i]) for i in range(4, 8)]
        with_modules = [model(tokens[:, i : i + 1], cache)[:, 0] for i in range(8, 12)]
    parts = torch.cat([first, torch.stack([*steps, *with_modules], dim=1)], dim=1)
    torch.testing.assert_close(parts, whole, atol=1e-4, rtol=1e-4)


def test_prompts_of_different_length_write_what_each_writes_alone() -> None:
    model = stirred(TINY)
    prompts = [some_tokens(n, seed=n).tolist() for n in (3, 9, 5)]
    together = generate(model, prompts, max_new_tokens=12, temperature=0)
    alone = [generate(model, [p], max_new_tokens=12, temperature=0)[0] for p in prompts]
    assert together == alone


def test_fewer_key_heads_are_a_smaller_cache() -> None:
    small, large = (
        KVCache(config.cache_shape, 1).n_bytes
        for config in (TINY, replace(TINY, n_kv_heads=None))
    )
    assert 3 * small == large


def test_parameters_are_counted_as_a_sum_by_hand() -> None:
    block = 48 * (48 + 2 * 16) + 48 * 48 + 3 * 48 * 80 + 2 * 48
    assert count_parameters(TINY) == 97 * 48 + 3 * block + 48


def test_the_lens_sees_the_heads_that_share_their_keys() -> None:
    model, tokens = stirred(TINY), some_tokens(2, 7)
    weights = attention_weights(model, tokens)
    assert weights.shape == (3, 2, 6, 7, 7)
    torch.testing.assert_close(weights.sum(-1), torch.ones(3, 2, 6, 7))
    with torch.inference_mode():
        logits = model(tokens)
        torch.testing.assert_close(logit_lens(model, tokens)[-1], logits)
        with heads_off(model, [(0, 5)]):
            assert not torch.allclose(model(tokens), logits)


def test_muon_takes_queries_keys_and_values_one_by_one() -> None:
    model = GPT(TINY, dice())
    muon, rest = build_optimizers(model, "muon")
    assert isinstance(muon, Muon)
    weight = model.blocks[0].attention.qkv.weight
    gate = model.blocks[0].gate.weight
    [group] = [g for g in muon.param_groups if any(p is weight for p in g["params"])]
    assert group["parts"] == (48, 16, 16)
    assert any(p is gate for g in muon.param_groups for p in g["params"])
    assert not any(p is weight for g in rest.param_groups for p in g["params"])
    before = weight.detach().clone()
    weight.grad = torch.randn(weight.shape, generator=dice(3))
    muon.step()
    wanted = torch.cat(
        [orthogonalize(part) for part in weight.grad.split([48, 16, 16])]
    )
    moved = (weight - before).detach() / -0.02 / (80 / 48) ** 0.5
    torch.testing.assert_close(moved, wanted, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("half", [torch.bfloat16, torch.float16])
def test_a_file_in_half_precision_comes_as_float32(
    tmp_path: Path, half: torch.dtype
) -> None:
    model = stirred(TINY)
    save(tmp_path / "m.safetensors", model.to(half))
    loaded = load(tmp_path / "m.safetensors").model
    assert {p.dtype for p in loaded.parameters()} == {torch.float32}
    rounded = stirred(TINY)
    with torch.no_grad():
        for weight in rounded.parameters():
            weight.copy_(weight.to(half))
    tokens = some_tokens(1, 6)
    torch.testing.assert_close(loaded(tokens), rounded(tokens))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model_type": "mistral"}, "model_type is 'mistral': only 'llama'"),
        ({"hidden_act": "gelu"}, "hidden_act is 'gelu': only 'silu'"),
        ({"attention_bias": True}, "attention_bias is True"),
        ({"rope_scaling": {"type": "linear"}}, "rope_scaling is"),
        ({"rope_parameters": {"rope_type": "yarn"}}, "rope_type is 'yarn'"),
        ({"head_dim": 16}, "head_dim is 16"),
        ({"hidden_size": 50}, "emb_dim is 50"),
        ({"num_key_value_heads": 4}, "n_kv_heads is 4: use a divisor of n_heads = 6"),
        ({"intermediate_size": 0}, "hidden_dim is 0: use an integer >= 1"),
    ],
)
def test_settings_that_cannot_be_followed_are_named(
    change: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        config_from_llama(config_to_llama(TINY) | change)


def test_a_missing_setting_is_named() -> None:
    settings = config_to_llama(TINY)
    del settings["vocab_size"]
    with pytest.raises(ValueError, match="vocab_size is missing"):
        config_from_llama(settings)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"positions": "learned"}, "positions is 'learned': a Llama has 'rotary'"),
        ({"norm": "layer"}, "norm is 'layer'"),
        ({"activation": "gelu"}, "activation is 'gelu'"),
        ({"qk_norm": True}, "qk_norm is True"),
        ({"bias": True}, "bias is True"),
    ],
)
def test_what_a_llama_lacks_is_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        config_to_llama(replace(TINY, **change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"activation": "swiglu"}, "activation is 'swiglu': a GPT-2 has one of"),
        ({"n_kv_heads": 2}, "n_kv_heads is 2: a GPT-2 has None"),
        ({"hidden_dim": 99}, "hidden_dim is 99"),
        ({"norm_eps": 1e-3}, "norm_eps is 0.001"),
    ],
)
def test_what_a_gpt_2_lacks_is_named(change: dict[str, Any], message: str) -> None:
    form = replace(
        TINY,
        **{"positions": "learned", "norm": "layer", "bias": True},
        **{"activation": "gelu_tanh", "n_kv_heads": None, "hidden_dim": None},
        **{"norm_eps": None},
    )
    config_to_gpt2(form)
    with pytest.raises(ValueError, match=message):
        config_to_gpt2(replace(form, **change))


def test_all_that_does_not_fit_is_listed(tmp_path: Path) -> None:
    save_llama(tmp_path, stirred(TINY))
    tensors = load_file(tmp_path / "model.safetensors")
    del tensors["model.layers.1.self_attn.k_proj.weight"]
    tensors["model.layers.0.mlp.up_proj.weight"] = torch.zeros(2, 2)
    tensors["model.extra"] = torch.zeros(1)
    save_file(tensors, tmp_path / "model.safetensors")
    with pytest.raises(ValueError, match="does not fit") as caught:
        load_llama(tmp_path)
    assert "1 missing: model.layers.1.self_attn.k_proj.weight" in str(caught.value)
    assert "1 left over: model.extra" in str(caught.value)
    assert "up_proj.weight is (2, 2), expected (80, 48)" in str(caught.value)


def test_a_cut_file_is_named(tmp_path: Path) -> None:
    save_llama(tmp_path, stirred(TINY))
    file = tmp_path / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-7])
    with pytest.raises(ValueError, match="is cut short"):
        load_llama(tmp_path)


def test_a_folder_without_settings_is_named(tmp_path: Path) -> None:
    save_llama(tmp_path, stirred(TINY))
    (tmp_path / "config.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"there is no config\.json"):
        load_llama(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps([1]), "utf-8")
    with pytest.raises(ValueError, match="holds no settings"):
        load_llama(tmp_path)
