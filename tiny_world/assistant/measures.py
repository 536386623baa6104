"""What each stage can do: the same questions for all of them."""

import random
from collections.abc import Mapping, Sequence

from course_lib.chat import (
    Answer,
    ChatTemplate,
    Message,
    Rate,
    Tool,
    answers,
    calculate,
    rate,
)
from course_lib.gpt import GPT
from tiny_world import FACT_VALUES, World, statement
from tiny_world.assistant.phrases import KEY_WORDS, OWN_NAME, WHO, name_rule, phrasings
from tiny_world.assistant.problems import arithmetic
from tiny_world.assistant.roster import Asked, Roster

N_SUMS = 100
N_READING = 240


def records(world: World) -> Tool:
    """The look-up tool: "Lumira Pickle hat" -> "green", for all who have facts.

    >>> world = World(seed=0)
    >>> person = world.held_out[0]
    >>> records(world)(f"{person.name} born") == world.facts(person)["born"]
    True
    """
    known = {
        f"{person.name} {KEY_WORDS[relation]}": value
        for person, facts in world.people.facts.items()
        for relation, value in facts.items()
    }

    def search(text: str) -> str:
        key = " ".join(text.split())
        if key not in known:
            raise LookupError(f"the records have nothing on {key!r}")
        return known[key]

    return search


def world_tools(world: World) -> dict[str, Tool]:
    """The tools of Tiny World's assistant: its records and a calculator.

    >>> world_tools(World(seed=0))["calc"]("17 + 28")
    '45'
    """
    return {"search": records(world), "calc": calculate}


def verdict_on(answer: Answer, relation: str, truth: str | None) -> str:
    """The verdict: "right", "wrong", "refused", or "other" for no answer at all.

    >>> verdict_on(Answer("Sorry, I do not know."), "food", "soup")
    'refused'
    """
    words = answer.text.replace(".", " ").replace(",", " ").split()
    named = [word for word in words if word in FACT_VALUES[relation]]
    if "know" in words and not named:
        return "refused"
    if not named:
        return "other"
    return "right" if set(named) == {truth} else "wrong"


class Examiner:
    """Asks a model and counts.

    Args:
        model: the model.
        template: its chat template.
        roster: who is asked.
        tools: name -> function; none if empty.
        temperature: 0 is greedy.
    """

    def __init__(
        self,
        model: GPT,
        template: ChatTemplate,
        roster: Roster,
        *,
        tools: Mapping[str, Tool] | None = None,
        temperature: float = 0.0,
    ) -> None:
        self.model, self.template, self.roster = model, template, roster
        self.tools, self.temperature = tools or {}, temperature

    def ask(self, talks: Sequence[Sequence[Message]], *, seed: int = 0) -> list[Answer]:
        """The answers to these conversations."""
        return answers(
            self.model,
            self.template,
            talks,
            tools=self.tools,
            temperature=self.temperature,
            seed=seed,
        )

    def verdicts(
        self, group: Sequence[Asked], *, taught: bool = True, seed: int = 0
    ) -> list[str]:
        """Verdict on each question, asked in the usual way.

        Or else in all the ways that are never taught, one after another.
        """
        asked = [
            (one, form)
            for one in group
            for form in phrasings(*one, taught=taught)[: 1 if taught else None]
        ]
        replies = self.ask([[Message("user", form)] for _, form in asked], seed=seed)
        return [
            verdict_on(reply, one.relation, self.roster.truth(one))
            for reply, (one, _) in zip(replies, asked, strict=True)
        ]

    def share(self, group: Sequence[Asked], kind: str, *, taught: bool = True) -> Rate:
        """The share of a group's questions with that verdict."""
        return rate(v == kind for v in self.verdicts(group, taught=taught))

    def identity(self, names: Sequence[str] = ()) -> Rate:
        """Says "I am" and its own name or, for each of `names`, the one in its rules.

        Only the name counts, not the manners around it.
        """
        talks = [[Message("user", who)] for who in WHO] if not names else []
        wanted = [OWN_NAME] * len(talks)
        for name in names:
            rule = Message("system", name_rule(name))
            talks += [[rule, Message("user", who)] for who in WHO]
            wanted += [name] * len(WHO)
        said = zip(self.ask(talks), wanted, strict=True)
        return rate(f"I am {name}" in reply.text for reply, name in said)

    def reading(self) -> Rate:
        """Right answers when a stranger's fact stands in the message."""
        group = self.roster.strangers[:N_READING]
        values = [self.roster.truth(asked) or "" for asked in group]
        told = [statement(*a, v) for a, v in zip(group, values, strict=True)]
        asked = [phrasings(*a)[0] for a in group]
        talks = [
            [Message("user", f"{t} {q}")] for t, q in zip(told, asked, strict=True)
        ]
        said = zip(self.ask(talks), group, values, strict=True)
        return rate(verdict_on(a, q.relation, v) == "right" for a, q, v in said)

    def arithmetic(self) -> Rate:
        """Right sums."""
        dice = random.Random("sums that nobody was taught")
        problems = [arithmetic(dice) for _ in range(N_SUMS)]
        talks = [[Message("user", f"What is {p} ?")] for p in problems]
        return self.exact(talks, [f"It is {calculate(p)} ." for p in problems])

    def exact(self, talks: Sequence[Sequence[Message]], wanted: Sequence[str]) -> Rate:
        """The share of answers that are exactly the wanted ones."""
        template = self.template
        return rate(
            not reply.problem
            and template.visible(reply.tokens) == template.tokenizer.encode(text)
            for reply, text in zip(self.ask(talks), wanted, strict=True)
        )
