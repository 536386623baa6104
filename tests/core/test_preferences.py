"""preferences: closed forms, answers only, DPO and reward models on two models."""

import math
from collections.abc import Sequence
from copy import deepcopy

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.gpt import GPT, GPTConfig
from course_lib.mlp import NameMLP, NameMLPConfig
from course_lib.names import END, encode, windows
from course_lib.preferences import (
    DPOConfig,
    NameSequences,
    Pair,
    RewardConfig,
    RewardModel,
    bradley_terry_loss,
    dpo_loss,
    frozen_copy,
    pair_rows,
    reward_accuracy,
    rewards_of,
    rows_of,
    sample_sequences,
    scored,
    split_pairs,
    train_dpo,
    train_reward,
)
from course_lib.train import Record

LN_2 = torch.tensor(math.log(2))
TINY = GPTConfig(vocab_size=27, context_size=16, emb_dim=16, n_layers=1)


def dice(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def name_model() -> NameSequences:
    return NameSequences(NameMLP(NameMLPConfig(), dice()))


def tiny_gpt(dropout: float = 0.0) -> GPT:
    config = GPTConfig(**{**vars(TINY), "dropout": dropout})
    model = GPT(config, dice())
    with torch.no_grad():  # the zeros of the start, too
        for weight in model.parameters():
            weight += 0.1 * torch.randn(weight.shape, generator=dice(1))
    return model.eval()


BOTH = pytest.mark.parametrize("make", [name_model, tiny_gpt], ids=["names", "gpt"])


def likes_a(answer: Sequence[int]) -> bool:
    return answer[-2:] == [1, END]  # a name that ends with "a"


def taste(n: int = 40) -> list[Pair]:
    """Random names; the one that ends with "a" was preferred."""
    drawn = torch.randint(2, 27, (n, 2, 4), generator=dice(5)).tolist()
    return [Pair([END], [*a[:3], 1, END], [*b, END]) for a, b in drawn]


# The losses in closed form


def test_dpo_is_exactly_ln_2_while_the_policy_is_its_reference() -> None:
    chosen, rejected = -50 * torch.rand(2, 32, generator=dice())
    loss, margins = dpo_loss(chosen, rejected, chosen, rejected, beta=0.3)
    assert loss == LN_2
    assert margins.tolist() == [0.0] * 32


def test_dpo_is_the_logistic_loss_of_the_margin() -> None:
    sides = -5 * torch.rand(4, 8, generator=dice(), dtype=torch.float64)
    loss, margins = dpo_loss(*sides, beta=0.7)
    by_hand = (sides[0] - sides[2]) - (sides[1] - sides[3])
    torch.testing.assert_close(margins, by_hand)
    torch.testing.assert_close(loss, (1 + (-0.7 * by_hand).exp()).log().mean())


def test_the_gradient_of_dpo_weighs_a_pair_by_how_wrong_it_is() -> None:
    """Rafailov et al. 2023, below eq. 7: beta * sigmoid(-beta * margin) a pair."""
    sides = -5 * torch.rand(4, 8, generator=dice(), dtype=torch.float64)
    sides.requires_grad_()
    loss, margins = dpo_loss(*sides, beta=0.7)
    (found,) = torch.autograd.grad(loss, sides)
    weight = 0.7 * torch.sigmoid(-0.7 * margins).detach() / 8
    wanted = torch.stack([-weight, weight, weight, -weight])
    torch.testing.assert_close(found, wanted)


@pytest.mark.parametrize("size", [200.0, 1e6])
def test_the_losses_survive_huge_differences(size: float) -> None:
    high, low = torch.tensor([size], requires_grad=True), torch.zeros(1)
    assert bradley_terry_loss(high, low) == 0
    loss = bradley_terry_loss(low, high)
    assert loss == size
    loss.backward()
    assert high.grad == 1
    assert dpo_loss(low, high, low, low, beta=1.0)[0] == size


def test_bradley_terry_sees_differences_only() -> None:
    a, b = torch.randn(2, 8, generator=dice(), dtype=torch.float64)
    loss = bradley_terry_loss(a, b)
    torch.testing.assert_close(loss, -(a.exp() / (a.exp() + b.exp())).log().mean())
    torch.testing.assert_close(bradley_terry_loss(a + 7, b + 7), loss)
    assert bradley_terry_loss(torch.zeros(4), torch.zeros(4)) == LN_2


def test_bradley_terry_learns_the_log_of_the_odds() -> None:
    """Who wins three games of four is worth ln 3 more."""
    rewards = nn.Parameter(torch.zeros(2, dtype=torch.float64))
    optimizer = torch.optim.LBFGS([rewards], max_iter=50, tolerance_grad=1e-10)
    won, lost = torch.tensor([0, 0, 0, 1]), torch.tensor([1, 1, 1, 0])

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = bradley_terry_loss(rewards[won], rewards[lost])
        loss.backward()
        return loss

    optimizer.step(closure)
    gap = (rewards[0] - rewards[1]).item()
    assert gap == pytest.approx(math.log(3), abs=1e-6)


# Log-probabilities: of the answer, and of nothing else

PROMPTS = [[0, 3, 4], [0], [0, 5]]
ANSWERS = [[6, 0], [7, 8, 9, 0], [1]]


@BOTH
@torch.no_grad()
def test_log_p_is_the_sum_over_the_answers_tokens(make) -> None:
    model = make().eval()
    found = scored(model, rows_of(PROMPTS, ANSWERS)).total
    for prompt, answer, total in zip(PROMPTS, ANSWERS, found, strict=True):
        by_hand, text = 0.0, list(prompt)
        for token in answer:  # one token after the other, no padding
            probs = model(torch.tensor([text]))[0, -1].softmax(-1)
            by_hand += math.log(probs[token])
            text.append(token)
        assert total.item() == pytest.approx(by_hand, abs=1e-4)


class Table(nn.Module):
    """A model that says at each place what the table says, whatever it reads."""

    def __init__(self, logits: Tensor) -> None:
        super().__init__()
        self.logits = nn.Parameter(logits)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.logits[:, : tokens.shape[1]]


def all_but_the_second(answer: Sequence[int]) -> list[bool]:
    return [i != 1 for i in range(len(answer))]


def test_prompt_padding_and_tool_results_do_not_count() -> None:
    rows = rows_of(PROMPTS, ANSWERS, mask_of=all_but_the_second)
    assert rows.loss_mask.int().tolist() == [
        [0, 0, 0, 1, 0],
        [0, 1, 0, 1, 1],
        [0, 0, 1, 0, 0],
    ]
    table = Table(torch.randn(3, 5, 10, generator=dice()))
    before = scored(table, rows).total
    (slopes,) = torch.autograd.grad(before.sum(), table.logits)
    counts = rows.loss_mask.roll(-1, dims=1)  # what a place says is about the next one
    assert (slopes.abs().sum(-1) > 0).equal(counts)
    with torch.no_grad():
        noise = 9 * torch.randn(3, 5, 10, generator=dice(1))
        table.logits += noise * ~counts[..., None]
    assert scored(table, rows).total.equal(before)


@BOTH
@torch.no_grad()
def test_what_fills_a_row_up_changes_nothing(make) -> None:
    model, rows = make().eval(), rows_of(PROMPTS, ANSWERS)
    before = scored(model, rows).total
    rows.tokens[0, 5:], rows.tokens[2, 3:] = 11, 12
    assert scored(model, rows).total.equal(before)


@pytest.mark.parametrize(
    ("prompts", "answers", "message"),
    [
        ([[1]], [], "1 prompts for 0 answers"),
        ([], [], "0 prompts for 0 answers"),
        ([[1], []], [[1], [2]], "a prompt or an answer is empty"),
        ([[1]], [[]], "a prompt or an answer is empty"),
    ],
)
def test_rows_need_a_prompt_and_an_answer(prompts, answers, message) -> None:
    with pytest.raises(ValueError, match=message):
        rows_of(prompts, answers)


@torch.no_grad()
@pytest.mark.parametrize("context_size", [1, 3, 8])
def test_a_names_model_scores_the_windows_of_names(context_size: int) -> None:
    model = NameMLP(NameMLPConfig(context_size=context_size), dice())
    for name in ("asha", "jo", "maximiliana"):
        contexts, targets = windows([name], context_size)
        tokens = torch.tensor([[END, *encode(name), END]])
        assert tokens[0, 1:].equal(targets)
        logits = NameSequences(model)(tokens[:, :-1])[0]
        torch.testing.assert_close(logits, model(contexts))
        features = NameSequences(model)(tokens[:, :-1], features=True)[0]
        torch.testing.assert_close(model.head(features), logits)


@torch.no_grad()
def test_samples_come_as_often_as_the_model_says() -> None:
    table = nn.Embedding.from_pretrained(torch.randn(3, 3, generator=dice()))
    prompts = [[0]] * 4000
    drawn = sample_sequences(table, prompts, 0, end=2, max_new_tokens=2)
    assert drawn == sample_sequences(table, prompts, 0, end=2, max_new_tokens=2)
    assert drawn != sample_sequences(table, prompts, 1, end=2, max_new_tokens=2)
    everything = [[2], *([a, b] for a in (0, 1) for b in (0, 1, 2))]
    probs = scored(table, rows_of([[0]] * 7, everything)).total.exp()
    assert probs.sum().item() == pytest.approx(1, abs=1e-6)
    for answer, p in zip(everything, probs.tolist(), strict=True):
        spread = math.sqrt(p * (1 - p) / 4000)
        assert drawn.count(answer) / 4000 == pytest.approx(p, abs=4 * spread)


def test_prompts_of_two_lengths_are_refused_in_sampling() -> None:
    with pytest.raises(ValueError, match="different lengths"):
        sample_sequences(name_model(), [[0], [0, 1]], 0, end=0, max_new_tokens=2)


# The reference


def test_a_frozen_copy_is_apart_asleep_and_without_gradients() -> None:
    model = tiny_gpt(dropout=0.5).train()
    copy = frozen_copy(model)
    assert model.training
    assert not any(part.training for part in copy.modules())
    assert not any(p.requires_grad for p in copy.parameters())
    with torch.no_grad():
        model.embedding.weight += 1
    assert not copy.embedding.weight.equal(model.embedding.weight)


def test_a_reference_that_could_change_is_refused() -> None:
    policy, pairs = tiny_gpt(dropout=0.5), taste()
    with pytest.raises(ValueError, match=r"policy itself: use frozen_copy"):
        train_dpo(policy, policy, pairs, DPOConfig())
    with pytest.raises(ValueError, match=r"learns: use frozen_copy"):
        train_dpo(policy, deepcopy(policy).eval(), pairs, DPOConfig())
    awake = frozen_copy(policy).train()
    with pytest.raises(ValueError, match="the reference is in training mode"):
        train_dpo(policy, awake, pairs, DPOConfig())
    partly = frozen_copy(policy)
    partly.blocks[0].dropout.train()
    with pytest.raises(ValueError, match="the reference is in training mode"):
        train_dpo(policy, partly, pairs, DPOConfig())


def test_dpo_of_a_model_with_dropout_starts_at_ln_2_all_the_same() -> None:
    policy = tiny_gpt(dropout=0.5).train()
    first = next(train_dpo(policy, frozen_copy(policy), taste(), DPOConfig()))
    assert first.loss_nats == LN_2
    assert first.measures == {"margin": 0.0, "right": 0.0}


# DPO


def run_dpo(make, seed: int = 0) -> tuple[list[Record], nn.Module, nn.Module]:
    policy = make()
    reference = frozen_copy(policy)
    config = DPOConfig(steps=30, batch_size=8, learning_rate=1e-2, seed=seed)
    return list(train_dpo(policy, reference, taste(), config)), policy, reference


def same_weights(a: nn.Module, b: nn.Module) -> bool:
    ours, theirs = a.state_dict(), b.state_dict()
    return all(ours[name].equal(theirs[name]) for name in ours)


@BOTH
def test_dpo_raises_the_margin_and_leaves_the_reference_alone(make) -> None:
    records, policy, reference = run_dpo(make)
    assert [record.step for record in records] == list(range(31))
    assert all(set(record.measures) == {"margin", "right"} for record in records)
    assert records[0].loss_nats == LN_2
    assert records[-1].loss_nats < 0.5
    assert records[-1].measures["margin"] > 5
    assert records[-1].measures["right"] == 1
    assert same_weights(reference, make())
    assert all(p.grad is None for p in reference.parameters())
    rows = pair_rows(taste())
    with torch.no_grad():
        sides = scored(policy, rows).total.chunk(2)
        before = scored(reference, rows).total.chunk(2)
    _, margins = dpo_loss(*sides, *before, beta=0.1)
    assert (margins > 0).all()


@BOTH
def test_dpo_is_the_same_for_the_same_seed(make) -> None:
    (first, a, _), (again, b, _), (other, c, _) = (run_dpo(make, s) for s in (0, 0, 1))
    assert first == again
    assert same_weights(a, b)
    assert first != other
    assert not same_weights(a, c)


def test_dpo_learns_nothing_from_what_a_tool_said() -> None:
    policy = tiny_gpt()
    pairs = [Pair([0], [5, 6], [5, 7]), Pair([0, 1], [5, 6], [5, 9])]

    def largest_slope(*written) -> float:
        record = next(
            train_dpo(policy, frozen_copy(policy), pairs, DPOConfig(steps=1), *written)
        )
        assert record.loss_nats == LN_2
        return max(p.grad.abs().max().item() for p in policy.parameters())

    assert largest_slope(all_but_the_second) < 1e-7
    assert largest_slope() > 1e-3


@pytest.mark.parametrize("beta", [0.0, -1.0, math.nan])
def test_dpo_wants_a_leash(beta: float) -> None:
    with pytest.raises(ValueError, match=r"beta is .*: use a number above 0"):
        DPOConfig(beta=beta)


def test_training_without_pairs_or_steps_is_refused() -> None:
    model = name_model()
    with pytest.raises(ValueError, match="no pairs to learn from"):
        train_dpo(model, frozen_copy(model), [], DPOConfig())
    with pytest.raises(ValueError, match="no pairs to learn from"):
        train_reward(RewardModel(model, 64), [], RewardConfig())
    for wrong in ({"steps": 0}, {"learning_rate": -1.0}, {"learning_rate": math.nan}):
        with pytest.raises(
            ValueError,
            match=r"steps is 0: use an integer|learning_rate is .*: use a number above",
        ):
            next(train_dpo(model, frozen_copy(model), taste(), DPOConfig(**wrong)))


def test_a_loss_that_is_no_number_stops_the_training() -> None:
    model = name_model()
    reference = frozen_copy(model)
    with torch.no_grad():
        model.model.head.bias[3] = math.inf
    with pytest.raises(FloatingPointError, match="lower learning_rate"):
        list(train_dpo(model, reference, taste(), DPOConfig()))


# Reward models


@BOTH
def test_a_reward_model_starts_at_ln_2_and_learns_the_taste(make) -> None:
    body, pairs = make(), taste()
    before = deepcopy(body)
    model = RewardModel(body, 64 if make is name_model else 16, pool="mean")
    assert set(rewards_of(model, PROMPTS, ANSWERS)) == {0.0}
    config = RewardConfig(steps=60, batch_size=16, learning_rate=1e-2)
    records = list(train_reward(model, pairs[:30], config))
    assert [record.step for record in records] == list(range(61))
    assert records[0].loss_nats == LN_2
    assert records[0].measures == {"right": 0.0}
    assert records[-1].loss_nats < 0.1
    assert reward_accuracy(model, pairs[30:]) >= 0.8  # held out
    assert same_weights(body, before)  # the body was copied
    again = RewardModel(before, model.head.in_features, pool="mean")
    assert list(train_reward(again, pairs[:30], config)) == records
    assert same_weights(again, model)


@BOTH
@pytest.mark.parametrize("pool", ["last", "mean"])
@torch.no_grad()
def test_a_reward_is_read_off_the_answers_features(make, pool) -> None:
    body = make().eval()
    model = RewardModel(body, 64 if make is name_model else 16, pool=pool).eval()
    model.head.weight.normal_(generator=dice())
    found = rewards_of(model, PROMPTS, ANSWERS)
    for prompt, answer, reward in zip(PROMPTS, ANSWERS, found, strict=True):
        features = body(torch.tensor([prompt + answer]), features=True)[0]
        own = features[-1:] if pool == "last" else features[len(prompt) :]
        by_hand = F.linear(own.mean(0), model.head.weight, model.head.bias)
        assert reward == pytest.approx(by_hand.item(), abs=1e-4)


def test_a_reward_model_reads_the_last_or_the_mean() -> None:
    with pytest.raises(ValueError, match="pool is 'max': use last or mean"):
        RewardModel(name_model(), 64, pool="max")


def test_equal_rewards_are_not_in_the_right_order() -> None:
    assert reward_accuracy(RewardModel(name_model(), 64), taste()) == 0


# Pairs


def test_pairs_are_split_by_prompt() -> None:
    pairs = [Pair([0, i % 10], [i], [i + 1]) for i in range(50)]
    train, held = split_pairs(pairs)
    prompts = [{tuple(pair.prompt) for pair in part} for part in (train, held)]
    assert prompts[0].isdisjoint(prompts[1])
    assert list(map(len, prompts)) == [8, 2]
    assert sorted(train + held) == sorted(pairs)
    assert split_pairs(pairs) == (train, held)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_a_split_with_an_empty_side_is_refused(n: int) -> None:
    pairs = [Pair([i], [1], [2]) for i in range(n)]
    with pytest.raises(ValueError, match=rf"{n} prompts cannot be split at 0\.2"):
        split_pairs(pairs)
