"""quantize: error bounds of the rounding, and what the model loses."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.testing import assert_close

from course_lib.engine.quantize import (
    Int8Linear,
    int8_product_works,
    quantize_rows,
    quantized,
    weight_bytes,
)
from course_lib.generate import generate
from course_lib.gpt import GPT, GPTConfig, gpt2_config


def dice(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_no_weight_moves_by_more_than_half_a_scale() -> None:
    weight = torch.randn(40, 64, generator=dice()) * torch.logspace(-6, 3, 40)[:, None]
    numbers, scales = quantize_rows(weight)
    assert numbers.abs().amax(1).eq(127).all()
    gap = (numbers * scales[:, None] - weight).abs()
    assert (gap <= scales[:, None] * 0.5001).all()
    assert quantize_rows(torch.zeros(2, 3))[0].eq(0).all()


@pytest.mark.parametrize("n_rows", [1, 4, 33])
@pytest.mark.parametrize("bias", [True, False])
def test_the_layer_multiplies_with_its_rounded_weights(n_rows: int, bias: bool) -> None:
    linear = nn.Linear(64, 48, bias=bias)
    layer = Int8Linear(linear.weight, linear.bias)
    x = torch.randn(n_rows, 1, 64, generator=dice(1))
    rounded = layer.numbers * layer.scales[:, None]
    expected = F.linear(x, rounded, linear.bias)
    assert_close(layer(x), expected, rtol=0, atol=1e-3 * expected.abs().max().item())
    layer.packed = None
    assert_close(layer(x), expected)


def test_a_row_does_not_depend_on_the_others() -> None:
    layer = Int8Linear(torch.randn(48, 64, generator=dice()), None)
    x = torch.randn(5, 64, generator=dice(1)) * torch.logspace(-9, 6, 5)[:, None]
    alone = torch.cat([layer(row[None]) for row in x])
    assert_close(layer(x), alone, rtol=1e-6, atol=0)
    assert layer(torch.zeros(1, 64)).eq(0).all()


def test_this_machine_has_the_fast_product() -> None:
    engines = torch.backends.quantized.supported_engines
    assert int8_product_works() or "fbgemm" not in engines


@pytest.mark.parametrize("width", [3, 7, 8, 17, 40])
def test_any_width_is_multiplied_rightly(width: int) -> None:
    weight = torch.randint(-127, 128, (5, width), generator=dice(3)).float()
    weight[:, 0] = 127
    x = torch.randint(-9, 10, (2, width), generator=dice(4)).float()
    assert_close(Int8Linear(weight, None)(x), x @ weight.T, rtol=1e-3, atol=0.5)


@pytest.mark.parametrize(
    "config",
    [
        GPTConfig(vocab_size=99, emb_dim=64, n_layers=2),
        GPTConfig(vocab_size=99, emb_dim=64, n_layers=2, tied=False),
        GPTConfig(
            vocab_size=99, emb_dim=64, positions="learned", qk_norm=False, bias=True
        ),
    ],
)
def test_a_quantized_model_says_nearly_the_same(config: GPTConfig) -> None:
    model = GPT(config, dice()).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.1 * torch.randn(weight.shape, generator=dice(weight.numel()))
        small = quantized(model)
        tokens = torch.randint(99, (4, 32), generator=dice(2))
        expected, logits = model(tokens), small(tokens)
    gap = (logits.log_softmax(-1) - expected.log_softmax(-1)).abs().mean()
    assert gap < 0.05 * expected.log_softmax(-1).std()
    assert not any(weight.requires_grad for weight in small.parameters())
    assert model.config == config
    assert weight_bytes(small) < 0.3 * weight_bytes(model)


def test_a_quantized_model_writes_and_a_step_is_a_reading() -> None:
    model = quantized(GPT(GPTConfig(vocab_size=20, emb_dim=32, n_layers=2), dice()))
    rows = generate(model, [[1, 2, 3], [4]], max_new_tokens=6, temperature=0)
    assert [len(row) for row in rows] == [6, 6]
    alone = generate(model, [[4]], max_new_tokens=6, temperature=0)
    assert alone == rows[1:]


def test_int8_twice_is_refused() -> None:
    small = quantized(GPT(GPTConfig(vocab_size=5, emb_dim=16, n_layers=1)))
    with pytest.raises(ValueError, match="int8 weights already"):
        quantized(small)


def test_gpt2_reads_as_many_bytes_as_it_has_weights_but_positions() -> None:
    with torch.device("meta"):
        model = GPT(gpt2_config("small"))
    n_weights = sum(weight.numel() for weight in model.parameters())
    assert weight_bytes(model) == 4 * (n_weights - 1024 * 768)
    assert math.isclose(weight_bytes(model), 494.6e6, rel_tol=1e-3)
