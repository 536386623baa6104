"""Pairs of your own lead somewhere: a reward model, and DPO, from a file of pairs."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from course_lib.chat import ChatTemplate, Message
from course_lib.engine.pair_files import TextPair, load_pairs
from course_lib.gpt import GPT
from course_lib.preferences import (
    DPOConfig,
    Pair,
    RewardConfig,
    RewardModel,
    frozen_copy,
    pair_rows,
    reward_accuracy,
    scored,
    split_pairs,
    train_dpo,
    train_reward,
)
from tiny_world.assistant.stages import PREFERENCE, Report, quiet

LEAST = 10
"""Pairs that are needed at least."""


@dataclass(frozen=True)
class Learned:
    """What came of the pairs."""

    policy: GPT
    """The model, after DPO."""
    reward_model: RewardModel
    reward_right: float
    """The share of held-out pairs that the reward model puts in the right order."""
    policy_right: float
    """The same of the policy: it has raised the chosen answer more."""
    n_learned: int
    n_held_out: int


def encoded(template: ChatTemplate, pairs: Sequence[TextPair]) -> list[Pair]:
    """Pairs of texts as the tokens of a template.

    Raises:
        ValueError: naming the pair (from 1) that holds a word it does not know.

    >>> from tiny_world.assistant.stages import chat_template
    >>> [pair] = encoded(chat_template(), [TextPair("Hello !", "Sure !", "No .")])
    >>> chat_template().tokenizer.decode(pair.chosen)
    'Sure! <end>'
    """
    found = []
    for number, pair in enumerate(pairs, 1):
        try:
            prompt = template.prompt([Message("user", pair.prompt)])
            sides = [template.tokenizer.encode(side) for side in pair[1:]]
        except ValueError as error:
            raise ValueError(f"pair {number}: {error}") from None
        chosen, rejected = ([*side, template.end] for side in sides)
        found.append(Pair(prompt, chosen, rejected))
    return found


def learn_pairs(
    model: GPT,
    template: ChatTemplate,
    pairs: Path | Sequence[TextPair],
    *,
    dpo: DPOConfig | None = None,
    reward: RewardConfig | None = None,
    report: Report = quiet,
    say: Callable[[str], object] | None = None,
) -> Learned:
    """A reward model and DPO from pairs; a fifth of the prompts is held out.

    Args:
        model: to begin from; it is left alone.
        template: its chat template.
        pairs: the pairs, or a file of them in TRL's form; see `load_pairs`.
        dpo: how to train the policy.
        reward: how to train the reward model.
        report: is told how it goes.
        say: is told on one line what was converted in a file.

    Raises:
        ValueError: for pairs that cannot be learned from, or too few of them.

    >>> from tiny_world.assistant.shipped import load_stage
    >>> from tiny_world.assistant.stages import chat_template
    >>> pairs = [TextPair(f"{i} + 1", "Sure !", "No .") for i in range(10)]
    >>> short = {"dpo": DPOConfig(steps=1), "reward": RewardConfig(steps=1)}
    >>> learn_pairs(load_stage("sft").model, chat_template(), pairs, **short).n_held_out
    2
    """
    texts = load_pairs(pairs, say) if isinstance(pairs, Path) else pairs
    if len(texts) < LEAST:
        raise ValueError(f"{len(texts)} pairs: give {LEAST} or more")
    learned, held = split_pairs(encoded(template, texts))
    size = model.config.context_size
    longest = max(len(p.prompt) + max(map(len, p[1:])) for p in (*learned, *held))
    if longest > size:
        raise ValueError(f"a pair has {longest} tokens; the model reads {size}")
    judge = RewardModel(model, model.config.emb_dim).requires_grad_(True)
    config = reward or RewardConfig(steps=60)
    for record in train_reward(judge, learned, config):
        report("reward", record.step, config.steps, record.loss_nats)
    policy, reference = deepcopy(model).requires_grad_(True), frozen_copy(model)
    how = dpo or DPOConfig(**PREFERENCE)
    for record in train_dpo(policy, reference, learned, how, template.loss_mask):
        report("dpo", record.step, how.steps, record.loss_nats)
    rows = pair_rows(held, None, template.loss_mask)
    raised = scored(policy.eval(), rows).total - scored(reference, rows).total
    good, bad = raised.chunk(2)
    return Learned(
        policy=policy,
        reward_model=judge,
        reward_right=reward_accuracy(judge, held),
        policy_right=(good > bad).float().mean().item(),
        n_learned=len(learned),
        n_held_out=len(held),
    )
