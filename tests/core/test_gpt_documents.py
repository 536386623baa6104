"""Packed documents: who looks where, and that packed rows are the single rows."""

from collections.abc import Sequence

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from course_lib.attention import document_mask, document_places
from course_lib.chat import Packed
from course_lib.gpt import GPT, GPTConfig

lengths = st.lists(st.integers(1, 6), min_size=1, max_size=5)


def numbered(sizes: Sequence[int]) -> Tensor:
    """Documents of these sizes in one row: (1, T)."""
    return torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes))[None]


def model_of(positions: str, seed: int = 0, **changes: object) -> GPT:
    """A small GPT in double precision whose head is not zero."""
    config = GPTConfig(
        vocab_size=11,
        context_size=32,
        emb_dim=16,
        n_heads=2,
        n_layers=2,
        positions=positions,
        **changes,
    )
    generator = torch.Generator().manual_seed(seed)
    model = GPT(config, generator).double().eval()
    with torch.no_grad():
        for weight in model.parameters():
            noise = torch.empty_like(weight).normal_(generator=generator)
            weight.add_(noise, alpha=0.2)
    return model


@given(lengths)
def test_each_token_sees_itself_and_what_came_before_in_its_document(
    sizes: list[int],
) -> None:
    documents = numbered(sizes)
    mask = document_mask(documents)
    assert mask is not None
    assert mask.shape == (1, 1, sum(sizes), sum(sizes))
    row = documents[0].tolist()
    for i in range(len(row)):
        for j in range(len(row)):
            assert mask[0, 0, i, j] == (row[i] == row[j] and j <= i)


@given(lengths)
def test_places_begin_at_zero_in_each_document(sizes: list[int]) -> None:
    places = document_places(numbered(sizes))
    assert places[0].tolist() == [i for size in sizes for i in range(size)]


def test_rows_are_numbered_apart_and_any_numbers_serve() -> None:
    documents = torch.tensor([[7, 7, 9, 9], [-3, 0, 0, 5]])
    assert document_places(documents).tolist() == [[0, 1, 0, 1], [0, 0, 1, 0]]
    mask = document_mask(documents)
    assert mask is not None
    for row, one in zip(documents, mask, strict=True):
        alone = document_mask(row[None])
        assert alone is not None
        assert one.equal(alone[0])


def test_one_document_a_row_needs_no_mask() -> None:
    assert document_mask(None) is None


@pytest.mark.parametrize("positions", ["rotary", "learned"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"qk_norm": False, "norm": "rms"},
        {"tied": False, "bias": True, "activation": "relu_squared"},
    ],
    ids=["usual", "rms", "untied"],
)
def test_packed_documents_get_the_logits_that_they_get_alone(
    positions: str, changes: dict[str, object]
) -> None:
    model = model_of(positions, **changes)
    generator = torch.Generator().manual_seed(1)
    sizes = [[5, 1, 9, 3], [2, 2, 2, 12], [18]]
    tokens = torch.randint(11, (3, 18), generator=generator)
    documents = torch.stack([numbered(row)[0] for row in sizes])
    together = model(tokens, documents=documents)
    for row, text, logits in zip(sizes, tokens, together, strict=True):
        alone = [model(part[None])[0] for part in text.split(row)]
        torch.testing.assert_close(logits, torch.cat(alone), atol=1e-6, rtol=1e-5)
    plain = model(tokens)
    torch.testing.assert_close(plain[2], together[2])
    assert (plain[0, 5:] - together[0, 5:]).abs().max() > 1e-3, "else nothing is tested"


@pytest.mark.parametrize("positions", ["rotary", "learned"])
def test_no_document_notices_another_one(positions: str) -> None:
    model = model_of(positions)
    tokens = torch.randint(11, (1, 12), generator=torch.Generator().manual_seed(2))
    documents = numbered([4, 5, 3])
    before = model(tokens, documents=documents)
    tokens[0, 4:9] = (tokens[0, 4:9] + 1) % 11
    after = model(tokens, documents=documents)
    for part in (slice(0, 4), slice(9, 12)):
        assert after[:, part].equal(before[:, part])
    embedded = model.embedding.weight[tokens].detach().requires_grad_()
    model.embedding.register_forward_hook(lambda *_: embedded)
    model(tokens, documents=documents)[0, 4:9].sum().backward()
    assert embedded.grad is not None
    reached = embedded.grad[0].abs().sum(-1) > 0
    assert reached.tolist() == [False] * 4 + [True] * 5 + [False] * 3


@pytest.mark.parametrize("positions", ["rotary", "learned"])
def test_packed_finds_the_documents_by_their_first_token(positions: str) -> None:
    model = model_of(positions)
    tokens = torch.tensor([[0, 5, 6, 0, 7, 0], [3, 4, 0, 0, 1, 2]])
    documents = torch.tensor([[1, 1, 1, 2, 2, 3], [0, 0, 1, 2, 2, 2]])
    expected = model(tokens, documents=documents)
    torch.testing.assert_close(Packed(model, begin=0)(tokens), expected)


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("positions", ["rotary", "learned"])
def test_features_are_what_the_head_reads(positions: str, tied: bool) -> None:
    model = model_of(positions, tied=tied)
    tokens = torch.randint(11, (2, 9), generator=torch.Generator().manual_seed(3))
    documents = numbered([4, 5]).expand(2, -1)
    head = model.embedding.weight if tied else model.head.weight
    for options in ({}, {"documents": documents}, {"last_only": True}):
        stream = model(tokens, features=True, **options)
        assert stream.shape[-1] == 16
        torch.testing.assert_close(F.linear(stream, head), model(tokens, **options))
