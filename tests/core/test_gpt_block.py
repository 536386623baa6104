"""gpt.Block: equal to torch's layer, and what holds whatever its weights are."""

import copy
import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.gpt import GPT, Block, GPTConfig
from course_lib.lens import residual_stream

C, H, T = 16, 4, 6
TO_TORCH = {
    "norm_1": "norm1",
    "norm_2": "norm2",
    "attention.qkv": "self_attn.in_proj",
    "attention.proj": "self_attn.out_proj",
    "up": "linear1",
    "down": "linear2",
}
VARIANTS = {
    "gpt2": {"positions": "learned", "qk_norm": False, "bias": True},
    "modern": {},
    "rms, squared relu": {"norm": "rms", "activation": "relu_squared"},
}
each_variant = pytest.mark.parametrize(
    "changes", VARIANTS.values(), ids=VARIANTS.keys()
)


def make_block(**changes: object) -> Block:
    """A block in float64 whose weights, all of them, are random."""
    config = GPTConfig(vocab_size=5, emb_dim=C, n_heads=H, **changes)  # type: ignore[arg-type]
    block = Block(config).double()
    dice = torch.Generator().manual_seed(0)
    for weight in block.parameters():
        nn.init.normal_(weight, mean=0.2, std=0.4, generator=dice)
    return block


def stream(size: float = 1.0) -> Tensor:
    dice = torch.Generator().manual_seed(1)
    return size * torch.randn(2, T, C, dtype=torch.float64, generator=dice)


@pytest.mark.parametrize("bias", [False, True])
def test_the_block_is_torchs_layer_with_norms_first_and_a_causal_mask(
    bias: bool,
) -> None:
    block = make_block(positions="learned", qk_norm=False, bias=bias)
    theirs = nn.TransformerEncoderLayer(
        *(C, H, 4 * C, 0.0),
        activation="gelu",
        batch_first=True,
        norm_first=True,
        bias=bias,
        dtype=torch.float64,
    )
    for ours, name in TO_TORCH.items():
        for kind in ("weight", "bias")[: 1 + bias]:
            key = f"{name}_{kind}" if "in_proj" in name else f"{name}.{kind}"
            theirs.get_parameter(key).data = block.get_parameter(f"{ours}.{kind}").data
    future = nn.Transformer.generate_square_subsequent_mask(T, dtype=torch.float64)
    torch.testing.assert_close(block(stream()), theirs(stream(), future))


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("gelu", lambda x: x / 2 * (1 + torch.erf(x / math.sqrt(2)))),
        ("gelu_tanh", lambda x: F.gelu(x, approximate="tanh")),
        ("relu_squared", lambda x: x.clamp_min(0) ** 2),
    ],
)
def test_the_feed_forward_layer_bends_as_configured(name: str, formula: object) -> None:
    block = make_block(activation=name)
    block.attention.proj.weight.data.zero_()
    x = stream()
    inner = formula(block.norm_2(x) @ block.up.weight.T)  # type: ignore[operator]
    torch.testing.assert_close(block(x) - x, inner @ block.down.weight.T)


@each_variant
def test_a_block_whose_parts_are_silent_passes_the_stream_on(
    changes: dict[str, object],
) -> None:
    block = make_block(**changes)
    for part in (block.attention.proj, block.down):
        for weight in part.parameters():
            weight.data.zero_()
    torch.testing.assert_close(block(stream()), stream(), rtol=0, atol=0)


@each_variant
def test_a_louder_stream_gets_the_same_additions(changes: dict[str, object]) -> None:
    block = make_block(**changes)
    added = [block(stream(size)) - stream(size) for size in (1e4, 1e6)]
    torch.testing.assert_close(added[0], added[1], rtol=1e-2, atol=1e-2)


@each_variant
def test_every_parameter_of_a_block_gets_a_gradient(changes: dict[str, object]) -> None:
    block = make_block(**changes)
    block(stream()).square().sum().backward()
    for name, weight in block.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.abs().max() > 0, name


@each_variant
def test_a_block_hands_the_gradient_on_through_skip_and_parts(
    changes: dict[str, object],
) -> None:
    block = make_block(**changes)
    dice = torch.Generator().manual_seed(2)
    nudge = torch.randn(2, T, C, dtype=torch.float64, generator=dice)
    x = stream().requires_grad_()
    (slope,) = torch.autograd.grad(block(x).sin().sum(), x)
    ends = [block(stream() + s * 1e-6 * nudge).sin().sum() for s in (1, -1)]
    expected = (ends[0] - ends[1]) / 2e-6
    torch.testing.assert_close((slope * nudge).sum(), expected, rtol=1e-5, atol=1e-5)


def test_without_positions_the_last_token_sees_the_others_as_a_bag() -> None:
    block = make_block(positions="learned")
    x = stream()
    turned = torch.cat([x[:, :-1].flip(1), x[:, -1:]], dim=1)
    torch.testing.assert_close(block(x)[:, -1], block(turned)[:, -1])


def test_dropout_falls_on_what_is_added_never_on_the_stream() -> None:
    block = make_block(dropout=0.5)
    block.attention.proj.weight.data.zero_()
    x = stream()
    quiet = copy.deepcopy(block).eval()
    torch.testing.assert_close(quiet(x), quiet(x), rtol=0, atol=0)
    added, whole = block(x) - x, quiet(x) - x
    dropped = added.abs() < 1e-9
    assert 0.3 < dropped.double().mean() < 0.7
    torch.testing.assert_close(added[~dropped], 2 * whole[~dropped])


def test_fresh_outputs_are_so_small_that_depth_does_not_swell_the_stream() -> None:
    sizes = []
    for n_layers in (2, 8, 32):
        config = GPTConfig(vocab_size=27, emb_dim=32, n_heads=2, n_layers=n_layers)
        model = GPT(config, torch.Generator().manual_seed(0))
        last = residual_stream(model, torch.arange(27)[None])[-1]
        sizes.append(last.square().mean().sqrt().item())
    assert max(sizes) < 1.5 * min(sizes)
