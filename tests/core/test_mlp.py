"""mlp: the network against its formula written out, and its parameter count."""

import pytest
import torch
from torch.testing import assert_close

from course_lib.mlp import NameMLP, NameMLPConfig


def make(seed: int = 0, **sizes: int) -> NameMLP:
    return NameMLP(NameMLPConfig(**sizes), torch.Generator().manual_seed(seed))


def test_forward_is_head_of_tanh_of_hidden_of_joined_embeddings() -> None:
    model, tokens = make(context_size=2), torch.tensor([[0, 5], [26, 1]])
    w = model.state_dict()
    for row, logits in zip(tokens.tolist(), model(tokens), strict=True):
        x = torch.cat([w["embedding.weight"][token] for token in row])
        h = torch.tanh(w["hidden.weight"] @ x + w["hidden.bias"])
        assert_close(logits, w["head.weight"] @ h + w["head.bias"])


@pytest.mark.parametrize("hidden_dim", [1, 46, 47, 64])
def test_default_sizes_have_297_plus_58_parameters_per_hidden_unit(
    hidden_dim: int,
) -> None:
    model = make(hidden_dim=hidden_dim)
    count = sum(p.numel() for p in model.parameters())
    assert count == 297 + 58 * hidden_dim


def test_weights_come_from_the_generator_alone() -> None:
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first = make(seed=3).state_dict()
    torch.manual_seed(2)
    second, other = make(seed=3).state_dict(), make(seed=4).state_dict()
    for name, weight in first.items():
        assert weight.equal(second[name])
        assert not weight.equal(other[name])
    torch.set_rng_state(state)


@pytest.mark.parametrize(
    "name", ["vocab_size", "context_size", "emb_dim", "hidden_dim"]
)
@pytest.mark.parametrize("value", [0, -2, 1.5])
def test_config_names_a_bad_size(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{name} is {value}: use an integer >= 1"):
        NameMLPConfig(**{name: value})


@pytest.mark.parametrize("shape", [(3,), (5, 2), (5, 4), (2, 5, 3)])
def test_forward_names_tokens_of_another_shape(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"this model reads \(batch, 3\)"):
        make()(torch.zeros(shape, dtype=torch.int64))
