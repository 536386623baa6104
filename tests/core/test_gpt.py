"""The GPT: what it computes, what it starts with, what it refuses."""

import math
from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from course_lib.cache import KVCache
from course_lib.gpt import GPT, GPTConfig, count_parameters, gpt2_config

MODERN = GPTConfig(vocab_size=50, context_size=16, emb_dim=32, n_layers=2)
CLASSIC = replace(
    MODERN, positions="learned", activation="gelu_tanh", qk_norm=False, bias=True
)
BARE = replace(MODERN, norm="rms", activation="relu_squared", tied=False)
CONFIGS = pytest.mark.parametrize(
    "config", [MODERN, CLASSIC, BARE], ids=["modern", "classic", "bare"]
)


def dice(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def stirred(config: GPTConfig) -> GPT:
    """A model in which every weight matters, the zeros of the start too."""
    model, generator = GPT(config, dice()), dice(1)
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.1 * torch.randn(weight.shape, generator=generator)
    return model.eval()


@CONFIGS
@torch.no_grad()
def test_gpt_never_sees_the_future(config: GPTConfig):
    model = stirred(config)
    tokens = torch.randint(50, (1, 12), generator=dice(2))
    changed = tokens.clone()
    changed[0, 8:] = (changed[0, 8:] + 1) % 50
    before, after = model(tokens), model(changed)
    torch.testing.assert_close(before[:, :8], after[:, :8])
    assert not torch.allclose(before[:, 8:], after[:, 8:])


@CONFIGS
@torch.no_grad()
def test_order_matters(config: GPTConfig):
    model = stirred(config)
    one, two = model(torch.tensor([[3, 4, 5]])), model(torch.tensor([[4, 3, 5]]))
    assert not torch.allclose(one[0, -1], two[0, -1], atol=1e-3)


@CONFIGS
@torch.no_grad()
def test_reading_with_a_cache_changes_nothing(config: GPTConfig):
    model = stirred(config)
    tokens = torch.randint(50, (3, 14), generator=dice(3))
    cache = KVCache(config.cache_shape, 3)
    pieces = [model(part, cache) for part in tokens.split([5, 1, 1, 7], dim=1)]
    torch.testing.assert_close(torch.cat(pieces, 1), model(tokens), atol=1e-5, rtol=0)
    assert cache.length == 14


@CONFIGS
@torch.no_grad()
def test_padded_rows_read_as_if_alone(config: GPTConfig):
    model = stirred(config)
    texts = [torch.randint(50, (n,), generator=dice(n)) for n in (9, 4, 1)]
    rows = torch.stack([F.pad(text, (9 - len(text), 0)) for text in texts])
    n_pad = torch.tensor([9 - len(text) for text in texts])
    cache = KVCache(config.cache_shape, 3, n_pad=n_pad)
    last = torch.cat([model(rows[:, :7], cache), model(rows[:, 7:], cache)], 1)[:, -1]
    alone = torch.stack([model(text[None])[0, -1] for text in texts])
    torch.testing.assert_close(last, alone, atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    "config",
    [
        GPTConfig(vocab_size=389),
        GPTConfig(vocab_size=389, positions="learned", qk_norm=False, bias=True),
        replace(gpt2_config(), n_layers=2),
        GPTConfig(vocab_size=65, context_size=64, n_layers=4, tied=False, norm="rms"),
    ],
)
@torch.no_grad()
def test_loss_starts_at_ln_v(config: GPTConfig):
    tokens = torch.randint(config.vocab_size, (2, 64), generator=dice(4))
    logits = GPT(config, dice()).eval()(tokens)
    loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())
    assert loss.item() == pytest.approx(math.log(config.vocab_size), rel=0.02)


def test_first_weights_depend_on_the_generator_alone():
    one, two, other = (GPT(MODERN, dice(seed)) for seed in (5, 5, 6))
    same = [
        torch.equal(a, b)
        for a, b in zip(one.parameters(), two.parameters(), strict=True)
    ]
    assert all(same)
    assert not torch.equal(one.embedding.weight, other.embedding.weight)


@pytest.mark.parametrize(
    ("size", "n_parameters"),
    [
        ("small", 124_439_808),
        ("medium", 354_823_168),
        ("large", 774_030_080),
        ("xl", 1_557_611_200),
    ],
)
def test_gpt2_has_its_published_number_of_parameters(size: str, n_parameters: int):
    assert count_parameters(gpt2_config(size)) == n_parameters


def test_parameters_add_up_by_formula():
    V, T, C, L = 50, 16, 32, 2
    block = 12 * C * C + 2 * C + 1  # matrices, two norms, the gain
    assert count_parameters(MODERN) == V * C + L * block + C
    biases = 2 * C + 3 * C + C + 4 * C + C - 1  # norms and projections; no gain
    assert count_parameters(CLASSIC) == (V + T) * C + L * (block + biases) + 2 * C
    assert count_parameters(BARE) == 2 * V * C + L * block + C


def test_dropout_works_in_training_only():
    model = GPT(replace(MODERN, dropout=0.5), dice())
    tokens = torch.randint(50, (1, 8), generator=dice())
    with torch.random.fork_rng(devices=[]):
        assert not torch.equal(model(tokens), model(tokens))
    model.eval()
    torch.testing.assert_close(model(tokens), model(tokens))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"emb_dim": 30}, "multiple of 2 \\* n_heads = 8"),
        ({"emb_dim": 30, "positions": "learned"}, "multiple of n_heads = 4"),
        ({"n_layers": 0}, "n_layers is 0"),
        ({"vocab_size": 2.5}, "vocab_size is 2.5"),
        ({"positions": "none"}, "positions is 'none': use rotary or learned"),
        ({"norm": "batch"}, "norm is 'batch'"),
        ({"activation": "relu"}, "activation is 'relu'"),
        ({"dropout": 1.0}, "dropout is 1.0"),
    ],
)
def test_config_refuses(changes: dict[str, object], message: str):
    with pytest.raises(ValueError, match=message):
        replace(MODERN, **changes)  # type: ignore[arg-type]


def test_unknown_gpt2_size_is_refused():
    with pytest.raises(ValueError, match="use small, medium, large, xl"):
        gpt2_config("huge")


@torch.no_grad()
def test_texts_that_are_too_long_are_refused():
    model = GPT(MODERN)
    with pytest.raises(ValueError, match="up to 16"):
        model(torch.zeros(1, 17, dtype=torch.int64))
    cache = KVCache(MODERN.cache_shape, 1)
    model(torch.zeros(1, 10, dtype=torch.int64), cache)
    with pytest.raises(ValueError, match="after 10"):
        model(torch.zeros(1, 7, dtype=torch.int64), cache)


def test_cache_with_gradients_is_refused():
    cache = KVCache(MODERN.cache_shape, 1)
    with pytest.raises(ValueError, match="inference_mode"):
        GPT(MODERN)(torch.zeros(1, 2, dtype=torch.int64), cache)
