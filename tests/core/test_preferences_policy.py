"""preferences.policy: gradients against enumeration, the clip, the KL, and hacking."""

import itertools
import math
from collections.abc import Sequence
from copy import deepcopy
from functools import partial

import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Categorical, kl_divergence

from course_lib.batches import mini_batches
from course_lib.gpt import GPT, GPTConfig
from course_lib.mlp import NameMLP, NameMLPConfig
from course_lib.names import END, load_names, windows
from course_lib.preferences import (
    DPOConfig,
    NameSequences,
    Pair,
    PolicyConfig,
    frozen_copy,
    group_advantages,
    kl_per_token,
    rows_of,
    sample_sequences,
    scored,
    surrogate,
    train_dpo,
    train_policy,
)
from course_lib.train import Record, TrainConfig, train


def dice(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


# The exact KL


def test_the_kl_is_that_of_torch_distributions() -> None:
    p, q = torch.randn(2, 5, 7, 11, generator=dice(), dtype=torch.float64)
    p, q = p.log_softmax(-1), q.log_softmax(-1)
    wanted = kl_divergence(Categorical(logits=p), Categorical(logits=q))
    torch.testing.assert_close(kl_per_token(p, q), wanted)
    assert kl_per_token(p, p).abs().max() == 0


def test_the_gradient_of_the_kl_is_zero_where_the_two_agree() -> None:
    logits = torch.randn(3, 7, generator=dice(), dtype=torch.float64)
    moving = logits.clone().requires_grad_()
    kl = kl_per_token(moving.log_softmax(-1), logits.log_softmax(-1))
    (slope,) = torch.autograd.grad(kl.sum(), moving)
    assert slope.abs().max() < 1e-12


def test_the_estimate_that_others_use_has_the_exact_kl_as_its_mean() -> None:
    """Schulman's k3, q/p - log q/p - 1, over the tokens that p draws."""
    p, q = torch.randn(2, 11, generator=dice(), dtype=torch.float64)
    p, q = p.log_softmax(-1), q.log_softmax(-1)
    k3 = (q - p).exp() - (q - p) - 1
    torch.testing.assert_close((p.exp() * k3).sum(), kl_per_token(p, q))


# Advantages


def test_advantages_of_a_group_have_mean_0_and_spread_1() -> None:
    rewards = 3 + 5 * torch.randn(6, 8, generator=dice())
    found = group_advantages(rewards)
    torch.testing.assert_close(found.mean(1), torch.zeros(6), atol=1e-5, rtol=0)
    spread = found.std(1, correction=0)
    torch.testing.assert_close(spread, torch.ones(6), atol=1e-3, rtol=0)
    torch.testing.assert_close(
        group_advantages(2 * rewards + 9), found, atol=1e-3, rtol=0
    )
    centred = group_advantages(rewards, scale=False)
    torch.testing.assert_close(centred, rewards - rewards.mean(1, keepdim=True))


@pytest.mark.parametrize("scale", [True, False])
def test_a_group_of_equals_teaches_nothing(scale: bool) -> None:
    found = group_advantages(torch.full((2, 4), 0.7), scale=scale)
    assert found.abs().max() < 1e-3


# The clip: (ratio, advantage) -> (value, slope of log p), clip 0.2


@pytest.mark.parametrize(
    ("ratio", "advantage", "value", "slope"),
    [
        (1.1, 2.0, 2.2, 2.2),  # inside
        (1.5, 2.0, 2.4, 0.0),  # good, and probable enough
        (0.5, 2.0, 1.0, 1.0),  # good, but it has become rarer
        (0.5, -2.0, -1.6, 0.0),  # bad, and rare enough
        (1.5, -2.0, -3.0, -3.0),  # bad, but it has become more probable
        (0.9, -2.0, -1.8, -1.8),  # inside
    ],
)
def test_the_clip_stops_what_has_gone_far_enough(
    ratio: float, advantage: float, value: float, slope: float
) -> None:
    log_p = torch.tensor([[math.log(ratio)]], requires_grad=True)
    gain = surrogate(log_p, torch.zeros(1, 1), torch.tensor([advantage]), clip=0.2)
    gain.sum().backward()
    assert gain.item() == pytest.approx(value, rel=1e-5)
    assert log_p.grad.item() == pytest.approx(slope, rel=1e-5, abs=1e-9)
    free = surrogate(log_p, torch.zeros(1, 1), torch.tensor([advantage]))
    assert free.item() == pytest.approx(ratio * advantage, rel=1e-5)


@pytest.mark.parametrize("clip", [None, 0.2])
def test_at_ratio_1_the_gradient_is_reinforce(clip: float | None) -> None:
    log_p = torch.randn(3, 5, generator=dice(), requires_grad=True)
    advantages = torch.randn(3, generator=dice(1))
    gain = surrogate(log_p, log_p.detach(), advantages, clip).sum()
    (found,) = torch.autograd.grad(gain, log_p)
    (wanted,) = torch.autograd.grad((log_p * advantages[:, None]).sum(), log_p)
    torch.testing.assert_close(found, wanted)


# The gradient of the expected reward, by enumeration: 3 words, word 2 ends

STOP, N = 2, 4000
EVERYTHING = [
    [*start, *last]
    for n in range(3)
    for start in itertools.product((0, 1), repeat=n)
    for last in ([(STOP,)] if n < 2 else [(0,), (1,), (STOP,)])
]


def zeros_in(answers: Sequence[Sequence[int]]) -> Tensor:
    return torch.tensor([float(a.count(0)) for a in answers])


def bigram() -> nn.Embedding:
    table = torch.randn(3, 3, generator=dice(2))
    return nn.Embedding.from_pretrained(table, freeze=False)


def exact_gradient(model: nn.Embedding) -> Tensor:
    log_p = scored(model, rows_of([[0]] * len(EVERYTHING), EVERYTHING)).total
    assert log_p.exp().sum().item() == pytest.approx(1, abs=1e-6)
    expected = (log_p.exp() * zeros_in(EVERYTHING)).sum()
    return torch.autograd.grad(expected, model.weight)[0]


def gradients(model: nn.Embedding, answers, advantages: Tensor) -> Tensor:
    """Of what each answer contributes, (B, 3, 3)."""
    now = scored(model, rows_of([[0]] * len(answers), answers))
    gain = surrogate(now.picked, now.picked.detach(), advantages)
    each = (gain * now.loss_mask).sum(1)
    slopes = [
        torch.autograd.grad(one, model.weight, retain_graph=True)[0] for one in each
    ]
    return torch.stack(slopes)


@pytest.mark.parametrize("baseline", [0.0, 0.9])
def test_reinforce_is_right_on_average_for_any_baseline(baseline: float) -> None:
    model = bigram()
    slopes = gradients(model, EVERYTHING, zeros_in(EVERYTHING) - baseline)
    log_p = scored(model, rows_of([[0]] * len(EVERYTHING), EVERYTHING)).total
    mean = (log_p.exp().detach()[:, None, None] * slopes).sum(0)
    exact = exact_gradient(model)
    assert exact.abs().max() > 0.1
    torch.testing.assert_close(mean, exact, atol=1e-6, rtol=0)


def test_a_broken_policy_is_said_and_draws_nothing() -> None:
    broken = nn.Embedding.from_pretrained(torch.tensor([[0.0, math.nan]] * 2))
    with pytest.raises(ValueError, match="the model's logits are not numbers"):
        sample_sequences(broken, [[0]], 0, end=1, max_new_tokens=3)


def test_reinforce_from_samples_is_right_within_their_error() -> None:
    model = bigram()
    answers = sample_sequences(model, [[0]] * N, 0, end=STOP, max_new_tokens=3)
    every = gradients(model, EVERYTHING, zeros_in(EVERYTHING))
    table = dict(zip(map(tuple, EVERYTHING), every, strict=True))
    slopes = torch.stack([table[tuple(answer)] for answer in answers])
    error = slopes.std(0) / math.sqrt(N)
    off = (slopes.mean(0) - exact_gradient(model)).abs()
    assert (off <= 4 * error + 1e-7).all()
    assert error.max() < 0.05


def test_the_first_step_of_training_follows_the_expected_reward() -> None:
    """Answers of one length, so that the mean over tokens is half that over answers."""
    model = bigram()
    all_of_them = [[a, b] for a in range(3) for b in range(3)]
    log_p = scored(model, rows_of([[0]] * 9, all_of_them)).total
    expected = (log_p.exp() * zeros_in(all_of_them)).sum()
    (exact,) = torch.autograd.grad(expected, model.weight)
    config = PolicyConfig(steps=1, prompts_per_step=1, samples_per_prompt=N)
    sampler = partial(sample_sequences, end=99, max_new_tokens=2)
    reference, rewards = frozen_copy(model), []

    def reward_zeros(prompts, answers) -> list[float]:
        rewards.extend(zeros_in(answers).tolist())
        return rewards

    next(train_policy(model, reference, [[0]], reward_zeros, sampler, config))
    spread = torch.tensor(rewards).std(correction=0)  # by which rewards are divided
    found = -2 * spread * model.weight.grad
    assert exact.abs().max() > 0.1
    torch.testing.assert_close(found, exact, atol=0.03, rtol=0)


# Training: names and a tiny GPT


@pytest.fixture(scope="module")
def names_base() -> NameSequences:
    """A name generator after 400 updates, frozen."""
    model = NameMLP(NameMLPConfig(), dice())
    source = mini_batches(*windows(load_names(), 3), 256, seed=0)
    list(train(model, source, TrainConfig(steps=400)))
    return frozen_copy(NameSequences(model))


def gpt_base() -> GPT:
    config = GPTConfig(vocab_size=27, context_size=16, emb_dim=16, n_layers=1)
    return frozen_copy(GPT(config, dice()))


def ends_in_a(prompts, answers) -> list[float]:
    return [float(list(answer[-2:]) == [1, END]) for answer in answers]


def letters_a(prompts, answers) -> list[float]:
    return [float(answer.count(1)) for answer in answers]


write_names = partial(sample_sequences, end=END, max_new_tokens=12)


def learner(base):
    return deepcopy(base).requires_grad_(True)


def run_policy(base, reward=ends_in_a, **how) -> tuple[list[Record], nn.Module]:
    policy = learner(base)
    settings = {"prompts_per_step": 1, "samples_per_prompt": 16, **how}
    config = PolicyConfig(**settings)
    steps = train_policy(policy, base, [[END]], reward, write_names, config)
    return list(steps), policy


@pytest.mark.parametrize("kind", ["names", "gpt"])
def test_policy_training_is_the_same_for_the_same_seed(names_base, kind) -> None:
    base = names_base if kind == "names" else gpt_base()
    before = deepcopy(base.state_dict())
    records, policy = run_policy(base, letters_a, steps=6)
    assert [record.step for record in records] == list(range(7))
    assert all(set(record.measures) == {"reward", "kl"} for record in records)
    assert records[0].measures["kl"] == 0
    assert all(record.measures["kl"] > 0 for record in records[1:])
    again, twin = run_policy(base, letters_a, steps=6)
    assert again == records
    for name, weight in policy.state_dict().items():
        assert twin.state_dict()[name].equal(weight)
        assert base.state_dict()[name].equal(before[name])
    assert run_policy(base, letters_a, steps=6, seed=1)[0] != records


def test_samples_are_drawn_anew_for_each_update(names_base) -> None:
    calls = []

    def sampler(model, prompts, seed):
        calls.append((len(prompts), seed))
        return write_names(model, prompts, seed)

    config = PolicyConfig(steps=3, prompts_per_step=2)
    policy = learner(names_base)
    list(train_policy(policy, names_base, [[END]], ends_in_a, sampler, config))
    assert [n for n, _ in calls] == [16] * 4  # the last is only measured
    assert len(set(calls)) == 4


@torch.no_grad()
def test_the_kl_in_the_records_is_that_of_the_answers(names_base) -> None:
    policy, drawn = learner(names_base), []
    policy.model.head.bias += torch.randn(27, generator=dice(3))

    def sampler(model, prompts, seed):
        drawn.extend(write_names(model, prompts, seed))
        return drawn

    config = PolicyConfig(steps=1, prompts_per_step=1)
    with torch.enable_grad():
        steps = train_policy(policy, names_base, [[END]], ends_in_a, sampler, config)
        record = next(steps)
    by_hand = 0.0
    for answer in drawn:
        text = torch.tensor([[END, *answer[:-1]]])
        p, q = (Categorical(logits=model(text)) for model in (policy, names_base))
        by_hand += kl_divergence(p, q).sum().item() / len(drawn)
    assert record.measures["kl"] == pytest.approx(by_hand, rel=1e-4)
    reward = sum(ends_in_a(None, drawn)) / len(drawn)
    assert record.measures["reward"] == pytest.approx(reward)


def look(model: nn.Module, n: int = 500) -> tuple[float, float]:
    """Mean reward, and the share of names that are different."""
    written = write_names(model, [[END]] * n, 9)
    return sum(ends_in_a(None, written)) / n, len({tuple(w) for w in written}) / n


MANY = {"steps": 60, "samples_per_prompt": 64}


def test_a_reward_without_a_leash_is_hacked_and_with_one_it_is_not(names_base) -> None:
    reward, distinct = look(names_base)
    assert reward < 0.4
    assert distinct > 0.9
    free, hacker = run_policy(names_base, learning_rate=1e-2, beta=0.0, **MANY)
    reward, distinct = look(hacker)
    assert reward > 0.95
    assert distinct < 0.3  # a few short names again and again
    held, honest = run_policy(names_base, learning_rate=1e-2, beta=0.25, **MANY)
    reward, distinct = look(honest)
    assert reward > 0.8
    assert distinct > 0.7
    assert held[-1].measures["kl"] < free[-1].measures["kl"] / 2


def test_dpo_learns_the_same_taste_from_pairs_alone(names_base) -> None:
    written = write_names(names_base, [[END]] * 1500, 3)
    liked = dict(zip(map(tuple, written), ends_in_a(None, written), strict=True))
    good = [list(name) for name, reward in liked.items() if reward]
    bad = [list(name) for name, reward in liked.items() if not reward]
    pairs = [Pair([END], a, b) for a, b in zip(good, bad, strict=False)]
    policy = learner(names_base)
    config = DPOConfig(steps=60, batch_size=32, learning_rate=5e-3, beta=0.5)
    list(train_dpo(policy, names_base, pairs, config))
    reward, distinct = look(policy)
    assert reward > 0.85
    assert distinct > 0.5


# What is refused


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"steps": 0}, "steps is 0: use an integer >= 1"),
        ({"prompts_per_step": 0}, "prompts_per_step is 0: use an integer >= 1"),
        ({"samples_per_prompt": 1}, "samples_per_prompt is 1: use 2 or more"),
        ({"beta": -0.1}, "beta is -0.1: use 0 or more"),
    ],
)
def test_settings_that_cannot_serve_are_refused(settings, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PolicyConfig(**settings)


def test_a_policy_needs_prompts_and_a_frozen_reference(names_base) -> None:
    policy, rest = learner(names_base), (ends_in_a, write_names, PolicyConfig())
    with pytest.raises(ValueError, match="there are no prompts to answer"):
        train_policy(policy, names_base, [], *rest)
    with pytest.raises(ValueError, match="use frozen_copy"):
        train_policy(policy, policy, [[END]], *rest)
    with pytest.raises(ValueError, match="use frozen_copy"):
        train_policy(policy, learner(names_base), [[END]], *rest)


@pytest.mark.parametrize("rewards", [[1.0], [1.0] * 9, [1.0] * 7 + [math.nan]])
def test_every_answer_needs_one_finite_reward(names_base, rewards) -> None:
    config = PolicyConfig(prompts_per_step=1)
    policy = learner(names_base)
    steps = train_policy(
        policy, names_base, [[END]], lambda *_: rewards, write_names, config
    )
    with pytest.raises(
        ValueError, match=r"rewards of 8 answers are \[1.0.* one finite"
    ):
        next(steps)
