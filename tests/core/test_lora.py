"""LoRA: equal to peft, without effect at the start, small in its file."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from course_lib.batches import Batch, batch_loss
from course_lib.cache import KVCache
from course_lib.chat import answer_loss
from course_lib.engine.decoder import Decoder
from course_lib.engine.quantize import quantized
from course_lib.engine.resume import FileCheckpointer
from course_lib.files import load, load_checkpoint, save
from course_lib.generate import generate
from course_lib.gpt import GPT, GPTConfig
from course_lib.lens import heads_off
from course_lib.lora import (
    LoRALinear,
    add_lora,
    base_fingerprint,
    count_trainable,
    load_lora,
    lora_metadata,
    merge_lora,
    save_lora,
    without_lora,
)
from course_lib.optimizers import build_optimizers
from course_lib.train import TrainConfig, train

SHAPES: dict[str, dict[str, Any]] = {
    "ours": {},
    "llama": {
        "n_kv_heads": 2,
        "norm": "rms",
        "activation": "swiglu",
        "qk_norm": False,
        "hidden_dim": 40,
    },
    "gpt2": {
        "positions": "learned",
        "activation": "gelu_tanh",
        "qk_norm": False,
        "bias": True,
        "tied": False,
    },
}
ALL = ("qkv", "proj", "up", "down")


def dice(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def toy(shape: str = "llama", seed: int = 0) -> GPT:
    config = GPTConfig(
        vocab_size=13,
        context_size=16,
        emb_dim=32,
        n_heads=4,
        n_layers=2,
        **SHAPES[shape],
    )
    return GPT(config, dice(seed)).eval()


@torch.no_grad()
def learned(model: GPT, seed: int = 5) -> GPT:
    """As after a training: B is no longer zero."""
    generator = dice(seed)
    for part in model.modules():
        if isinstance(part, LoRALinear):
            part.lora_b.weight.normal_(std=0.1, generator=generator)
    return model


def some_tokens(rows: int = 3, length: int = 9) -> Tensor:
    return torch.randint(13, (rows, length), generator=dice(9))


@pytest.mark.parametrize("shape", SHAPES)
def test_it_changes_nothing_at_the_start(shape: str) -> None:
    model, tokens = toy(shape), some_tokens()
    before = model(tokens)
    assert torch.equal(
        add_lora(model, rank=4, layers=ALL, generator=dice())(tokens), before
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_without_lora_it_is_the_base_again_and_afterwards_what_it_had_learned(
    shape: str,
) -> None:
    model, tokens = toy(shape), some_tokens()
    before = model(tokens, features=True)
    learned(add_lora(model, rank=4, layers=ALL, generator=dice()))
    after = model(tokens, features=True)
    assert not torch.allclose(after, before)
    with without_lora(model):
        assert torch.equal(model(tokens, features=True), before)
    assert torch.equal(model(tokens, features=True), after)


def test_the_layer_is_the_formula_of_the_paper() -> None:
    base = nn.Linear(6, 4)
    layer = LoRALinear(base, rank=2, alpha=3, generator=dice())
    nn.init.normal_(layer.lora_b.weight, generator=dice(1))
    x = torch.randn(5, 6, generator=dice(2))
    B, A = layer.lora_b.weight, layer.lora_a.weight
    by_hand = x @ (base.weight + 3 / 2 * B @ A).T + base.bias
    torch.testing.assert_close(layer(x), by_hand)


def test_it_equals_peft() -> None:
    peft = pytest.importorskip("peft")
    model, rival = toy("llama"), toy("llama")
    add_lora(model, rank=4, alpha=12, layers=("qkv", "proj", "gate"), generator=dice())
    config = peft.LoraConfig(r=4, lora_alpha=12, target_modules=["qkv", "proj", "gate"])
    rival = peft.inject_adapter_in_model(config, rival)
    learned(model)
    theirs = dict(rival.named_parameters())
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_" in name:
                for ours in ("lora_a", "lora_b"):
                    their = f"{ours[:-1]}{ours[-1].upper()}.default"
                    if ours in name:
                        theirs[name.replace(ours, their)].copy_(weight)
    tokens = some_tokens()
    torch.testing.assert_close(model(tokens), rival(tokens))
    assert count_trainable(model) == count_trainable(rival)
    for one in (model, rival):
        batch_loss(one, Batch(tokens[:, :-1], tokens[:, 1:])).backward()  # type: ignore[no-untyped-call]
    for name, weight in model.named_parameters():
        if "lora_a" in name:
            their = theirs[name.replace("lora_a", "lora_A.default")].grad
            torch.testing.assert_close(weight.grad, their)


@pytest.mark.parametrize("shape", SHAPES)
def test_merged_it_is_a_plain_model_with_the_same_logits(shape: str) -> None:
    model, tokens = learned(add_lora(toy(shape), rank=4, layers=ALL)), some_tokens()
    expected = model(tokens)
    names = toy(shape).state_dict().keys()
    merged = merge_lora(model)
    torch.testing.assert_close(merged(tokens), expected)
    assert merged.state_dict().keys() == names
    assert count_trainable(merged) == count_trainable(toy(shape))


def test_only_the_small_matrices_get_gradients_and_updates() -> None:
    model, tokens = add_lora(toy(), rank=4, generator=dice()), some_tokens()
    frozen = {n: p.clone() for n, p in model.named_parameters() if "lora" not in n}
    config = TrainConfig(steps=3, learning_rate=0.01)
    batch = Batch(tokens[:, :-1], tokens[:, 1:])
    losses = []
    for record in train(model, lambda step: batch, config):
        losses.append(record.loss_nats)
        if record.step < config.steps:
            for name, weight in model.named_parameters():
                assert (weight.grad is not None) == ("lora" in name), name
    assert losses[-1] < losses[0]
    for name, weight in model.named_parameters():
        if "lora" not in name:
            assert torch.equal(weight, frozen[name]), name


def test_the_count_is_that_of_the_paper_by_hand() -> None:
    C, R, inner, kv = 32, 4, 40, 2 * 2 * 8
    qkv, proj = R * (C + C + kv), R * (C + C)
    assert count_trainable(add_lora(toy(), rank=R)) == 2 * (qkv + proj)
    down = 2 * R * (inner + C)
    assert count_trainable(add_lora(toy(), rank=R, layers=("down",))) == down


def test_the_same_generator_gives_the_same_weights_and_no_global_draws() -> None:
    models = [toy(), toy()]
    before = torch.get_rng_state()
    one, two = (add_lora(model, generator=dice(3)).state_dict() for model in models)
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_first_a_has_the_width_that_is_said() -> None:
    layer = LoRALinear(nn.Linear(400, 400), rank=50, generator=dice())
    assert layer.lora_a.weight.std().item() == pytest.approx(1 / 20, rel=0.02)


@pytest.mark.parametrize("shape", SHAPES)
def test_token_by_token_it_says_the_same(shape: str) -> None:
    model = learned(add_lora(toy(shape), rank=4, layers=ALL))
    tokens = some_tokens()
    expected = model(tokens)
    cache = KVCache(model.config.cache_shape, batch_size=3)
    with torch.inference_mode():
        model(tokens[:, :4], cache)
        decoder = Decoder(model, cache)
        assert decoder.plain
        steps = [decoder(tokens[:, i]) for i in range(4, 9)]
    torch.testing.assert_close(torch.stack(steps, 1), expected[:, 4:])
    assert torch.equal(model(tokens), expected)  # no weight was changed on the way


def test_generation_is_that_of_the_merged_model() -> None:
    model, prompts = learned(add_lora(toy(), rank=4)), [[1, 2, 3], [4]]
    options: dict[str, Any] = {"max_new_tokens": 8, "temperature": 0.0, "seeds": [0, 1]}
    written = generate(model, prompts, **options)
    assert generate(merge_lora(model), prompts, **options) == written


def test_both_optimizers_take_the_small_matrices_alone() -> None:
    small = add_lora(toy(), rank=4)
    wanted = {id(p) for p in small.parameters() if p.requires_grad}
    for kind in ("adamw", "muon"):
        optimizers = build_optimizers(small, kind)  # type: ignore[arg-type]
        groups = [group for one in optimizers for group in one.param_groups]
        found = [id(p) for group in groups for p in group["params"]]
        assert set(found) == wanted, kind
        assert len(found) == len(wanted), kind


def test_a_head_can_be_switched_off_and_weights_rounded() -> None:
    model, tokens = learned(add_lora(toy(), rank=4, layers=ALL)), some_tokens()
    with heads_off(model, [(0, 1)]):
        expected = model(tokens)
    small = quantized(model)(tokens)
    merge_lora(model)
    with heads_off(model, [(0, 1)]):
        torch.testing.assert_close(model(tokens), expected)
    assert (small - model(tokens)).abs().max() < 0.1


def test_the_loss_on_answers_is_that_of_the_whole_batch() -> None:
    tokens, model = some_tokens(), add_lora(toy("gpt2"), rank=2)
    weights = (torch.rand(3, 8, generator=dice(1)) < 0.4).float()
    for w in (weights, None):
        batch = Batch(tokens[:, :-1], tokens[:, 1:], w)
        torch.testing.assert_close(answer_loss(model, batch), batch_loss(model, batch))


def test_what_cannot_serve_is_refused_and_the_model_left_alone() -> None:
    model = toy()
    with pytest.raises(
        ValueError, match="no layer 'gates': use gate, up, down, qkv, proj"
    ):
        add_lora(model, layers=("qkv", "gates"))
    with pytest.raises(ValueError, match="layers are 'up': name one or more"):
        add_lora(model, layers="up")
    with pytest.raises(ValueError, match=r"rank is 33: use an integer in 1 \.\. 32"):
        add_lora(model, rank=33, layers=("up",))
    with pytest.raises(ValueError, match="rank is 0: use"):
        add_lora(model, rank=0)
    with pytest.raises(ValueError, match="alpha is nan: use a number above 0"):
        add_lora(model, alpha=math.nan)
    with pytest.raises(ValueError, match="has no LoRA layers: add_lora"):
        merge_lora(model)
    with pytest.raises(ValueError, match="LoRA layers of one rank"):
        lora_metadata(model)
    assert count_trainable(model) == sum(p.numel() for p in model.parameters())
    with pytest.raises(ValueError, match="has LoRA layers already"):
        add_lora(add_lora(model))
    with pytest.raises(ValueError, match=r"share is 1\.2: use one above 0"):
        merge_lora(model, 1.2)


def test_a_share_of_what_was_learned_lies_between_both_models() -> None:
    old, model = toy(), learned(add_lora(toy(), rank=4, layers=ALL))
    full = {n: p.weight for n, p in model.named_modules() if isinstance(p, LoRALinear)}
    part = dict(merge_lora(model, 0.8).named_parameters())
    for name, weight in old.named_parameters():
        new = full.get(name.removesuffix(".weight"), weight)
        torch.testing.assert_close(part[name], 0.2 * weight + 0.8 * new)


def test_the_small_file_comes_back(tmp_path: Path) -> None:
    path, tokens = tmp_path / "small.safetensors", some_tokens()
    model = learned(add_lora(toy(), rank=2, alpha=5, layers=("proj", "up")))
    save_lora(path, model, {"about": "a zoo"})
    other = toy()
    metadata = load_lora(path, other)
    assert metadata["about"] == "a zoo"
    assert metadata["lora"]["layers"] == ["proj", "up"]
    assert torch.equal(other(tokens), model(tokens))
    numbers = sum(t.numel() for t in load_checkpoint(path).tensors.values())
    assert numbers == count_trainable(model)


def test_the_small_file_of_another_base_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "small.safetensors"
    save_lora(path, add_lora(toy(seed=0)), {"base": "smollm2"})
    other = toy(seed=1)
    with pytest.raises(ValueError, match="beside another base, smollm2, fingerprint"):
        load_lora(path, other)
    assert not any(isinstance(part, LoRALinear) for part in other.modules())
    changed = toy(seed=0)
    with torch.no_grad():
        changed.norm.weight[3] += 1e-6
    with pytest.raises(ValueError, match="load the base it was trained beside"):
        load_lora(path, changed)


def test_the_fingerprint_is_of_the_numbers_only() -> None:
    half = toy().half()
    assert base_fingerprint(half) == base_fingerprint(half.float())
    assert base_fingerprint(learned(add_lora(toy()))) == base_fingerprint(toy())
    assert base_fingerprint(toy(seed=1)) != base_fingerprint(toy())


def test_a_cut_or_changed_small_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "small.safetensors"
    save_lora(path, add_lora(toy()))
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    with pytest.raises(ValueError, match="is cut short, damaged"):
        load_lora(path, toy())
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(ValueError, match="checksum"):
        load_lora(path, toy())


def test_whole_and_small_files_are_not_mixed_up(tmp_path: Path) -> None:
    path, model = tmp_path / "file.safetensors", learned(add_lora(toy()))
    with pytest.raises(ValueError, match=r"merge_lora.* first, or keep the small"):
        save(path, model)
    save_lora(path, model)
    with pytest.raises(ValueError, match="not the model they belong to: talk to it"):
        load(path)
    save(path, merge_lora(model))
    with pytest.raises(ValueError, match=r"holds no LoRA weights: read it with files"):
        load_lora(path, toy())
    tokens = some_tokens()
    assert torch.equal(load(path).model(tokens), model(tokens))


def run_of(model: GPT, path: Path, steps: int) -> list[float]:
    tokens = some_tokens()
    batch = Batch(tokens[:, :-1], tokens[:, 1:])
    records = train(
        model,
        lambda step: batch,
        TrainConfig(steps=6, learning_rate=0.01),
        checkpoint=FileCheckpointer(path, trainable_only=True),
        metadata=lora_metadata(model),
    )
    losses = []
    for record in records:
        losses.append(record.loss_nats)
        if record.step == steps:
            break
    records.close()  # type: ignore[attr-defined]
    return losses


def test_a_run_keeps_the_small_weights_and_goes_on_exactly(tmp_path: Path) -> None:
    def fresh() -> GPT:
        return add_lora(toy(), rank=2, generator=dice())

    whole, path = tmp_path / "whole", tmp_path / "run"
    model = fresh()
    expected = run_of(model, whole, 6)
    first = run_of(fresh(), path, 3)
    names = load_checkpoint(path).tensors
    assert all("lora_" in name or name.startswith("random") for name in names)
    assert [*first[:3], *run_of(fresh(), path, 6)] == expected
    other = toy()
    assert load_lora(path, other)["step"] == 6
    assert torch.equal(other(some_tokens()), model(some_tokens()))
    strange = add_lora(toy(seed=1), rank=2)
    with pytest.raises(ValueError, match="was trained with lora"):
        run_of(strange, path, 6)
