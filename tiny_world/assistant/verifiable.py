"""Questions whose answers a program can check: the reward is 1 if right, else 0.

No person compares anything here, and no reward model is learned: what is right can be
calculated, or looked up.
"""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from course_lib.chat import ChatTemplate, Message, Rate, Tool, answers, calculate, rate
from course_lib.choices import check_choice
from course_lib.gpt import GPT
from course_lib.preferences import group_advantages, rows_of, scored
from tiny_world.assistant.phrases import phrasings
from tiny_world.assistant.problems import arithmetic
from tiny_world.assistant.roster import Asked, Roster

MAX_NEW_TOKENS = 48
Method = Literal["reinforce", "grpo"]


class Task(NamedTuple):
    """A question and what its answer must hold."""

    asked: str
    truth: str


def sum_tasks(
    n: int, *, seed: int = 0, make: Callable[[random.Random], str] = arithmetic
) -> list[Task]:
    """Sums to calculate.

    >>> sum_tasks(1)[0].asked.startswith("What is ")
    True
    """
    dice = random.Random(f"checked sums {seed}")
    problems = [make(dice) for _ in range(n)]
    return [Task(f"What is {problem} ?", calculate(problem)) for problem in problems]


def look_up_tasks(
    roster: Roster, group: Sequence[Asked], *, taught: bool = True
) -> list[Task]:
    """Questions of a group, in each phrasing that training uses, or that it never does.

    >>> from tiny_world.assistant.roster import make_roster
    >>> from tiny_world import World
    >>> roster = make_roster(World(seed=0))
    >>> len(look_up_tasks(roster, roster.taught[:1], taught=False))
    3
    """
    return [
        Task(asked, roster.truth(one) or "know")
        for one in group
        for asked in phrasings(*one, taught=taught)
    ]


class Checker:
    """Asks a model the questions of some tasks, and checks what it says.

    Args:
        template: of the chats.
        tasks: what is asked.
        tools: that the model may use.
    """

    def __init__(
        self,
        template: ChatTemplate,
        tasks: Sequence[Task],
        tools: Mapping[str, Tool] | None = None,
    ) -> None:
        self.template, self.tools = template, dict(tools or {})
        self.talks = {
            tuple(template.prompt(talk)): (talk, task.truth)
            for task in tasks
            for talk in [[Message("user", task.asked)]]
        }
        self.prompts = [list(prompt) for prompt in self.talks]

    def sample(
        self,
        model: GPT,
        prompts: Sequence[Sequence[int]],
        seed: int,
        temperature: float = 1.0,
    ) -> list[list[int]]:
        """Answers as tokens, with the tools; calls, results and end marks too."""
        replies = answers(
            model,
            self.template,
            [self.talks[tuple(prompt)][0] for prompt in prompts],
            tools=self.tools,
            max_new_tokens=MAX_NEW_TOKENS,
            temperature=temperature,
            seed=seed,
        )
        return [reply.tokens for reply in replies]

    def reward(
        self, prompts: Sequence[Sequence[int]], replies: Sequence[Sequence[int]]
    ) -> list[float]:
        """1 for an answer that came to its end and is right, else 0.

        Of a sum the last number counts.
        """
        return [
            float(self._right(reply, self.talks[tuple(prompt)][1]))
            for prompt, reply in zip(prompts, replies, strict=True)
        ]

    def _right(self, reply: Sequence[int], truth: str) -> bool:
        said = self.template.tokenizer.decode(self.template.visible(reply))
        found = re.findall(r"-? ?\d+", said) if truth[-1].isdecimal() else said.split()
        words = [word.replace(" ", "").strip(".,!") for word in found]
        right = words[-1:] == [truth] if truth[-1].isdecimal() else truth in words
        return reply[-1] == self.template.end and right

    def share(self, model: GPT, *, temperature: float = 0.0, seed: int = 1) -> Rate:
        """The share of right answers."""
        replies = self.sample(model, self.prompts, seed, temperature)
        return rate(r == 1.0 for r in self.reward(self.prompts, replies))


@dataclass(frozen=True, kw_only=True)
class RLConfig:
    """How to train on rewards that a program gives."""

    method: Method = "grpo"
    """"reinforce": better than the mean of the step; "grpo": better than the other
    answers to the same prompt, in units of their spread."""
    steps: int = 40
    """Updates."""
    prompts_per_step: int = 8
    """Different prompts at each sampling."""
    samples_per_prompt: int = 8
    """Answers to each."""
    learning_rate: float = 2e-4
    """AdamW's, from the first step on."""
    seed: int = 0
    """Of prompts and samples."""

    def __post_init__(self) -> None:
        check_choice("method", self.method, Method)


class RLStep(NamedTuple):
    """What one update saw."""

    step: int
    reward: float
    """The share of right answers among the samples, before the update."""
    spread: float
    """The share of prompts with right and wrong answers: only they teach in GRPO."""


def advantages_of(rewards: Tensor, method: Method) -> Tensor:
    """How much better than usual each answer is: (B, G) -> (B, G).

    >>> rewards = torch.tensor([[1.0, 1.0], [1.0, 0.0]])
    >>> advantages_of(rewards, "reinforce").tolist()
    [[0.25, 0.25], [0.25, -0.75]]
    >>> advantages_of(rewards, "grpo").round(decimals=1).tolist()
    [[0.0, 0.0], [1.0, -1.0]]
    """
    if method == "reinforce":
        return rewards - rewards.mean()
    return group_advantages(rewards)


def train_on_checks(
    policy: GPT, checker: Checker, config: RLConfig
) -> Iterator[RLStep]:
    """Reinforcement learning with verifiable rewards; the policy is trained in place.

    Sample answers, check them, and make those more probable that were better than
    usual. No KL: a reward that is true leaves nothing to hack, and the run is short.

    Source: Williams 1992 (REINFORCE); Shao et al. 2024 (GRPO).

    >>> from tiny_world import load_base
    >>> from tiny_world.assistant.stages import chat_base, chat_template
    >>> checker = Checker(chat_template(), sum_tasks(2))
    >>> config = RLConfig(steps=1, prompts_per_step=1, samples_per_prompt=2)
    >>> [one.reward for one in train_on_checks(chat_base(load_base()), checker, config)]
    [0.0]
    """
    optimizer = torch.optim.AdamW(
        policy.parameters(), lr=config.learning_rate, weight_decay=0.0
    )
    policy.eval()
    for step in range(config.steps):
        dice = random.Random(f"checks {config.seed}, step {step}")
        prompts = dice.choices(checker.prompts, k=config.prompts_per_step)
        asked = [prompt for prompt in prompts for _ in range(config.samples_per_prompt)]
        replies = checker.sample(policy, asked, dice.randrange(2**31))
        rewards = torch.tensor(checker.reward(asked, replies)).view(len(prompts), -1)
        advantages = advantages_of(rewards, config.method).flatten()
        rows = rows_of(asked, replies, mask_of=checker.template.loss_mask)
        log_p = scored(policy, rows)  # (B G, T), with a gradient
        gain = (advantages[:, None] * log_p.picked * log_p.loss_mask).sum()
        loss = -gain / log_p.loss_mask.sum()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
        optimizer.step()
        mixed = (rewards.std(dim=1) > 0).float().mean().item()
        yield RLStep(step, rewards.mean().item(), mixed)
