"""lens: what it reports against the model's own arithmetic."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.testing import assert_close

from course_lib.attention import MultiHeadAttention
from course_lib.cache import KVCache
from course_lib.gpt import GPT, Block, GPTConfig
from course_lib.lens import (
    attention_weights,
    head_means,
    heads_off,
    logit_lens,
    residual_stream,
)

B, T, V = 2, 7, 11
KINDS = {
    "ours": {},
    "like GPT-2": {"positions": "learned", "qk_norm": False, "bias": True},
    "untied": {"tied": False, "norm": "rms", "activation": "relu_squared"},
}


def make(kind: str = "ours", **sizes: int) -> GPT:
    """A small GPT, its weights large enough that every part matters."""
    sizes = {"emb_dim": 16, "n_heads": 4, "n_layers": 2, "context_size": 16} | sizes
    config = GPTConfig(vocab_size=V, **sizes, **KINDS[kind])  # type: ignore[arg-type]
    model = GPT(config, torch.Generator().manual_seed(0))
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.3 * torch.randn(weight.shape, generator=generator))
    return model.eval()


def some_tokens() -> Tensor:
    return torch.randint(V, (B, T), generator=torch.Generator().manual_seed(2))


def attention_of(model: GPT, layer: int) -> MultiHeadAttention:
    block = model.blocks[layer]
    assert isinstance(block, Block)
    return block.attention


def inputs_of(model: GPT, layer: int) -> tuple[Tensor, Tensor | None]:
    """What the attention of this layer reads, and its rotations."""
    stream = residual_stream(model, some_tokens())[layer]
    block = model.blocks[layer]
    assert isinstance(block, Block)
    table = model.table[:, :T] if model.config.positions == "rotary" else None
    return block.norm_1(stream), table


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_weights_times_values_are_the_modules_own_output(kind: str) -> None:
    model = make(kind)
    weights = attention_weights(model, some_tokens())
    assert weights.shape == (2, B, 4, T, T)
    for layer in range(2):
        x, table = inputs_of(model, layer)
        attention = attention_of(model, layer)
        values = attention.heads(x, table)[2]  # (B, H, T, D)
        by_hand = attention.proj((weights[layer] @ values).transpose(1, 2).flatten(2))
        assert_close(by_hand, attention(x, table))


@pytest.mark.parametrize("kind", KINDS)
def test_rows_of_weights_sum_to_1_and_never_look_ahead(kind: str) -> None:
    weights = attention_weights(make(kind), some_tokens())
    assert_close(weights.sum(dim=-1), torch.ones(2, B, 4, T))
    assert (weights.triu(diagonal=1) == 0).all()
    assert not weights.requires_grad


@torch.no_grad()
def test_residual_stream_begins_with_embeddings_and_ends_before_the_norm() -> None:
    model, tokens = make("like GPT-2"), some_tokens()
    stream = residual_stream(model, tokens)
    assert stream.shape == (3, B, T, 16)
    start = model.embedding(tokens) + model.position_embedding.weight[:T]
    assert_close(stream[0], start)
    for layer, block in enumerate(model.blocks):
        assert_close(stream[layer + 1], block(stream[layer]))
    assert_close(
        F.linear(model.norm(stream[-1]), model.embedding.weight), model(tokens)
    )


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_logit_lens_ends_with_the_models_answer(kind: str) -> None:
    model, tokens = make(kind), some_tokens()
    logits = logit_lens(model, tokens)
    assert logits.shape == (3, B, T, V)
    assert_close(logits[-1], model(tokens))


@torch.no_grad()
def test_logit_lens_of_a_shallow_model_is_what_it_says_before_its_last_block() -> None:
    model, tokens = make(), some_tokens()
    shallow = make(n_layers=1)
    kept = {k: w for k, w in model.state_dict().items() if not k.startswith("blocks.1")}
    shallow.load_state_dict(kept)
    assert_close(logit_lens(model, tokens)[1], shallow(tokens))


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_heads_off_equals_zeroing_their_columns_of_proj(kind: str) -> None:
    model, tokens = make(kind), some_tokens()
    heads = [(0, 1), (0, 3), (1, 0)]
    with heads_off(model, heads):
        silenced = model(tokens)
    edited = make(kind)
    D = edited.config.head_dim
    for layer, head in heads:
        weight = attention_of(edited, layer).proj.weight
        weight[:, head * D : (head + 1) * D] = 0
    assert_close(silenced, edited(tokens))
    assert (silenced - model(tokens)).abs().max() > 0.01


@pytest.mark.parametrize("kind", KINDS)
@torch.no_grad()
def test_head_means_are_weights_times_values_averaged(kind: str) -> None:
    model = make(kind)
    weights, means = (
        attention_weights(model, some_tokens()),
        head_means(model, some_tokens()),
    )
    assert means.shape == (2, 4, model.config.head_dim)
    for layer in range(2):
        x, table = inputs_of(model, layer)
        values = attention_of(model, layer).heads(x, table)[2]  # (B, H, T, D)
        assert_close(means[layer], (weights[layer] @ values).mean(dim=(0, 2)))


@torch.no_grad()
def test_with_means_a_head_adds_the_same_at_each_position() -> None:
    model, tokens = make(), some_tokens()
    means = head_means(model, tokens)
    with heads_off(model, [(1, j) for j in range(4)], means):
        changed = residual_stream(model, tokens)
        silent = model(tokens)
    x = residual_stream(model, tokens)[1]
    added = attention_of(model, 1).proj(means[1].flatten())  # the same everywhere
    block = model.blocks[1]
    assert isinstance(block, Block)
    x = x + added
    assert_close(changed[2], x + block.down(block.inner(block.norm_2(x))))
    with heads_off(model, [(1, j) for j in range(4)]):
        assert (model(tokens) - silent).abs().max() > 0.01


@torch.no_grad()
def test_with_zeros_for_means_a_head_is_off() -> None:
    model, tokens = make(), some_tokens()
    zeros = torch.zeros(2, 4, model.config.head_dim)
    with heads_off(model, [(0, 1), (1, 2)]):
        off = model(tokens)
    with heads_off(model, [(0, 1), (1, 2)], zeros):
        assert model(tokens).equal(off)


def test_means_of_another_model_are_refused() -> None:
    with (
        pytest.raises(ValueError, match=r"means are \(2, 4\).*needs \(2, 4, 4\)"),
        heads_off(make(), [(0, 1)], torch.zeros(2, 4)),
    ):
        pass


@torch.no_grad()
def test_with_all_heads_off_words_do_not_see_each_other() -> None:
    model, tokens = make(), some_tokens()
    with heads_off(model, [(i, j) for i in range(2) for j in range(4)]):
        assert_close(model(tokens)[:, -1:], model(tokens[:, -1:]))


@torch.no_grad()
def test_heads_off_works_with_a_cache() -> None:
    model, tokens = make(), some_tokens()
    with heads_off(model, [(0, 2), (1, 1)]):
        whole = model(tokens)
        cache = KVCache(model.config.cache_shape, B)
        parts = [model(tokens[:, :4], cache), model(tokens[:, 4:], cache)]
    assert_close(torch.cat(parts, dim=1), whole)


@torch.no_grad()
def test_the_model_is_whole_again_after_looking_also_after_an_error() -> None:
    model, tokens = make(), some_tokens()
    before = model(tokens)
    attention_weights(model, tokens)
    residual_stream(model, tokens)
    with heads_off(model, []):
        assert model(tokens).equal(before)
    with pytest.raises(KeyError), heads_off(model, [(0, 0)]):
        raise KeyError
    with pytest.raises(ValueError, match="this model reads"):
        attention_weights(model, tokens.repeat(1, 9))
    with pytest.raises(ValueError, match="this model reads"):
        residual_stream(model, tokens[0])
    assert model(tokens).equal(before)
    hooks = [len(module._forward_pre_hooks) for module in model.modules()]
    assert sum(hooks) == 0


@pytest.mark.parametrize("head", [(2, 0), (0, 4), (-1, 0), (0, -1)])
def test_a_head_that_is_not_there_is_named(head: tuple[int, int]) -> None:
    model = make()
    with (
        pytest.raises(ValueError, match=r"no head .*layers are 0 .. 1, heads 0 .. 3"),
        heads_off(model, [head]),
    ):
        pass


@torch.no_grad()
def test_looking_leaves_gradients_to_the_model() -> None:
    model, tokens = make(), some_tokens()
    with torch.enable_grad(), heads_off(model, [(0, 1)]):
        model(tokens).sum().backward()
    D, grad = model.config.head_dim, attention_of(model, 0).proj.weight.grad
    assert grad is not None
    assert (grad[:, D : 2 * D] == 0).all()
    assert (grad[:, :D] != 0).any()
