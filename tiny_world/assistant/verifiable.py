"""Questions whose answers a program can check: the reward is 1 if right, else 0.

No person compares anything here, and no reward model is learned: what is right can be
calculated, or looked up.
"""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from torch import nn

from course_lib.chat import ChatTemplate, Message, Rate, Tool, answers, calculate, rate
from course_lib.gpt import GPT
from course_lib.preferences import PolicyConfig, frozen_copy, train_policy
from course_lib.train import Record
from tiny_world.assistant.phrases import phrasings
from tiny_world.assistant.problems import arithmetic
from tiny_world.assistant.roster import Asked, Roster

MAX_NEW_TOKENS = 48


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
        model: nn.Module,
        prompts: Sequence[Sequence[int]],
        seed: int,
        temperature: float = 1.0,
    ) -> list[list[int]]:
        """Answers as tokens, with the tools; calls, results and end marks too."""
        assert isinstance(model, GPT)
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


def train_on_checks(
    policy: GPT, checker: Checker, config: PolicyConfig
) -> Iterator[Record]:
    """Reinforcement learning with verifiable rewards; the policy is trained in place.

    It is `train_policy` with the checker's questions, answers and rewards. A reward
    that is true leaves nothing to hack, so `PolicyConfig(beta=0)` serves in short runs.

    Source: Williams 1992 (REINFORCE); Shao et al. 2024 (GRPO); Lambert et al. 2024
    (verifiable rewards).

    >>> from tiny_world import load_base
    >>> from tiny_world.assistant.stages import chat_base, chat_template
    >>> checker = Checker(chat_template(), sum_tasks(2))
    >>> config = PolicyConfig(steps=1, prompts_per_step=1, samples_per_prompt=2)
    >>> records = train_on_checks(chat_base(load_base()), checker, config)
    >>> next(records).measures["reward"]
    0.0
    """
    return train_policy(
        policy,
        frozen_copy(policy),
        checker.prompts,
        checker.reward,
        checker.sample,
        config,
        checker.template.loss_mask,
    )
