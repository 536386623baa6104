"""Who prefers what: a simulated human, and a naive reward that can be hacked.

The taste is hidden from the models: they see only which of two answers was preferred.
"""

import math
import random
from collections.abc import Sequence

from course_lib.chat import ChatTemplate, Message, answers
from course_lib.gpt import GPT
from course_lib.preferences import Pair
from tiny_world.assistant.measures import world_tools
from tiny_world.assistant.phrases import FRIENDLY, phrasings
from tiny_world.assistant.roster import Asked, Roster

NOISE = 0.5
"""How unsure the human is: a difference of this much is chosen by 73 in 100."""
MAX_NEW_TOKENS = 32
_POLITE = ("Sure !", "Glad to help !", "Please ask me more !")
_CURT = "That is all ."


def taste(words: Sequence[str], truth: str | None, *, ended: bool = True) -> float:
    """What the simulated human feels about an answer; about 3 at best.

    Right 2 (where nobody knows the truth, None: to say so); polite 1; curt -1; every
    word beyond six -0.05; more than three friendly words -0.5 each; never ending -1.

    >>> taste("Sure ! soup .".split(), "soup")
    3.0
    >>> taste("plums . That is all .".split(), "soup")
    -1.0
    """
    text = " ".join(words)
    right = "know" in words if truth is None else truth in words
    score = 2.0 * right + any(polite in text for polite in _POLITE)
    score -= 1.0 * (_CURT in text)
    score -= 0.05 * max(0, len(words) - 6)
    score -= 0.5 * max(0, friendly_words(words) - 3)
    return score - (not ended)


def friendly_words(words: Sequence[str]) -> int:
    """A naive reward: how many friendly words there are. Easy to measure, easy to hack.

    >>> friendly_words("Sure ! soup . Glad to help !".split())
    3
    """
    return sum(word in FRIENDLY for word in words)


class Judge:
    """Scores answers given as tokens, for questions of a roster.

    Args:
        template: of the chats.
        roster: knows the truth.
        group: the questions that will be asked.
        before: what was said before each of them; they are then asked in all phrasings
            in turn. Without it nothing was said, and the usual phrasing is asked.
    """

    def __init__(
        self,
        template: ChatTemplate,
        roster: Roster,
        group: Sequence[Asked],
        before: Sequence[Sequence[Message]] = (),
    ) -> None:
        self.template, self.roster, self.group = template, roster, list(group)
        self.tools = world_tools(roster.world)
        forms = [phrasings(*asked) for asked in group]
        said = [f[i % len(f) if before else 0] for i, f in enumerate(forms)]
        talks = [
            [*told, Message("user", asked)]
            for asked, told in zip(said, before or [()] * len(group), strict=True)
        ]
        self.prompts = [template.prompt(talk) for talk in talks]
        self._talks = {
            tuple(prompt): talk
            for prompt, talk in zip(self.prompts, talks, strict=True)
        }
        self._asked = {
            tuple(prompt): asked
            for prompt, asked in zip(self.prompts, self.group, strict=True)
        }

    def words(self, answer: Sequence[int]) -> tuple[list[str], bool]:
        """The words that the user reads, and whether the answer came to its end."""
        ended = bool(answer) and answer[-1] == self.template.end
        decode = self.template.tokenizer.decode
        return [decode([token]) for token in self.template.visible(answer)], ended

    def truth(self, prompt: Sequence[int]) -> str | None:
        """The right answer to a prompt of this judge; None if there is none."""
        return self.roster.truth(self._asked[tuple(prompt)])

    def taste(
        self, prompts: Sequence[Sequence[int]], replies: Sequence[Sequence[int]]
    ) -> list[float]:
        """The hidden taste of each answer."""
        scores = []
        for prompt, answer in zip(prompts, replies, strict=True):
            words, ended = self.words(answer)
            scores.append(taste(words, self.truth(prompt), ended=ended))
        return scores

    def friendly(
        self, prompts: Sequence[Sequence[int]], replies: Sequence[Sequence[int]]
    ) -> list[float]:
        """The naive reward of each answer."""
        return [float(friendly_words(self.words(answer)[0])) for answer in replies]

    def sample(
        self, model: GPT, prompts: Sequence[Sequence[int]], seed: int
    ) -> list[list[int]]:
        """Answers at temperature 1, with the tools; calls, results, end marks too."""
        talks = [self._talks[tuple(prompt)] for prompt in prompts]
        replies = answers(
            model,
            self.template,
            talks,
            tools=self.tools,
            max_new_tokens=MAX_NEW_TOKENS,
            temperature=1.0,
            seed=seed,
        )
        return [reply.tokens for reply in replies]

    def compare(self, model: GPT, n_each: int = 2, seed: int = 0) -> list[Pair]:
        """Let the simulated human choose between two answers, `n_each` times a prompt.

        Pairs of equal answers are left out. A human is not always sure: the better one
        is chosen with probability sigmoid(difference / NOISE).
        """
        dice = random.Random(f"preferences {seed}")
        asked = [prompt for prompt in self.prompts for _ in range(n_each)]
        first = self.sample(model, asked, seed=2 * seed * len(asked))
        second = self.sample(model, asked, seed=(2 * seed + 1) * len(asked))
        pairs = []
        for prompt, a, b in zip(asked, first, second, strict=True):
            if a == b:
                continue
            difference = self.taste([prompt], [a])[0] - self.taste([prompt], [b])[0]
            likes_a = dice.random() < 1 / (1 + math.exp(-difference / NOISE))
            pairs.append(Pair(prompt, a, b) if likes_a else Pair(prompt, b, a))
        return pairs
