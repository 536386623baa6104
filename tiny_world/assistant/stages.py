"""The stages from a base model to a preferred assistant, and their recipes.

| stage | begins as | learns | by |
|---|---|---|---|
| base | nothing | to go on with any document of Tiny World | next words |
| sft | base | to answer | demonstrations |
| honest | sft | to say that it does not know | demonstrations, from a probe |
| tools | honest | to look things up and to calculate | demonstrations |
| preferred | tools | the manners that people like | DPO on comparisons |
"""

import random
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import torch

from course_lib.chat import (
    ChatTemplate,
    Example,
    answer_batches,
    grow,
    warm_start,
)
from course_lib.gpt import GPT
from course_lib.preferences import DPOConfig, frozen_copy, train_dpo
from course_lib.train import TrainConfig, train
from tiny_world import EOT, World, encode
from tiny_world.assistant.conversations import (
    Conversation,
    Mixture,
    animals,
    examples,
    small_talk,
    sums,
)
from tiny_world.assistant.measures import Examiner
from tiny_world.assistant.mixtures import (
    Sorted,
    among,
    honest_mixture,
    sft_mixture,
    taught_facts,
    tools_mixture,
)
from tiny_world.assistant.phrases import LIKE, MARKERS, chat_tokenizer
from tiny_world.assistant.probe import probe, sorted_out
from tiny_world.assistant.roster import Roster
from tiny_world.assistant.taste import Judge

STAGES = ("base", "sft", "honest", "tools", "preferred")
PREFERENCE_RANKS = 80
"""A judge asks about so many of the best-known people."""
N_MARGINS = 1500
PREFERENCE: dict[str, Any] = {
    "steps": 60,
    "beta": 0.5,
    "learning_rate": 6e-5,
}
"""How the last stage is trained. The best policy on this leash raises the odds of an
answer that people like better by 2 (a taste of 1 / `NOISE`) / 0.5 = 4 nats: enough."""
N_ROUNDS = 2
"""Rounds of comparisons. The second one compares what the model says by then, and so
mends what the first has spoilt ("I do not understand" where it meant "know")."""
CHAT_CONTEXT = 256
"""Tokens that the assistant reads: eight short turns, or more."""
RECIPES: dict[str, dict[str, Any]] = {
    "sft": {"steps": 150},
    "honest": {"steps": 150, "batch_size": 24, "replay": 0.15},
    "tools": {
        "steps": 450,
        "batch_size": 12,
        "learning_rate": 6e-4,
        "replay": 0.15,
        "full": True,
    },
}
"""How each stage of demonstrations is tuned, where `tune`'s defaults do not serve."""

Report = Callable[[str, int, int, float], None]
"""Told the stage, the step, the number of steps and the loss."""


def quiet(stage: str, step: int, steps: int, loss: float) -> None:
    """Report nothing.

    >>> quiet("sft", 0, 150, 6.0)
    """


def chat_template() -> ChatTemplate:
    """The chat template of Tiny World's assistant.

    >>> chat_template().markers.end
    '<end>'
    """
    return ChatTemplate(chat_tokenizer(), MARKERS)


def chat_base(base: GPT, seed: int = 0) -> GPT:
    """The base model with the words that only chats use.

    Two special tokens begin as the words that play their part in quizzes.

    >>> from tiny_world import load_base
    >>> chat_base(load_base()).config.vocab_size == chat_tokenizer().vocab_size
    True
    """
    generator = torch.Generator().manual_seed(seed)
    tokenizer = chat_tokenizer()
    longer = replace(base.config, context_size=CHAT_CONTEXT)
    reader = GPT(longer)  # rotary positions: no parameter more
    reader.load_state_dict(base.state_dict())
    model = grow(reader, tokenizer.vocab_size, generator)
    like = {
        tokenizer.special_tokens[mark]: tokenizer.encode(word)[0]
        for mark, word in LIKE.items()
    }
    warm_start(model, like)
    return model


def tune(
    model: GPT,
    mixture: Mixture,
    *,
    steps: int,
    batch_size: int = 14,
    learning_rate: float = 4e-4,
    replay: float = 0.0,
    full: bool = False,
    world: World | None = None,
    seed: int = 0,
    report: Report = quiet,
    stage: str = "sft",
) -> GPT:
    """Supervised fine-tuning: a copy of the model, trained on a mixture of talks.

    The loss counts on what the assistant writes, and nowhere else; of the share
    `replay` of the examples, which are documents of the world, everything counts. With
    `full`, conversations fill the context, see `examples`.

    Source: Ouyang et al. 2022, section 3.1; hyperparameters are ours.

    >>> from tiny_world.assistant.roster import make_roster
    >>> from tiny_world import load_base
    >>> from tiny_world import World
    >>> roster = make_roster(World(seed=0))
    >>> model = chat_base(load_base())
    >>> tune(model, sft_mixture(roster), steps=1, batch_size=2) is model
    False
    """
    tuned = deepcopy(model)
    config = TrainConfig(
        steps=steps,
        learning_rate=learning_rate,
        betas=(0.9, 0.98),
        warmup_steps=min(20, steps),
        grad_clip=1.0,
        eval_every=steps,
    )
    talks = examples(chat_template(), mixture, full=full)
    make = with_documents(talks, replay, world or World())
    batches = answer_batches(make, batch_size, seed=seed)
    for record in train(tuned, batches, config):
        report(stage, record.step, steps, record.loss_nats)
    return tuned.eval()


def with_documents(
    make: Callable[[random.Random], Example], share: float, world: World
) -> Callable[[random.Random], Example]:
    """Examples, among them so large a share of the base model's own documents.

    What is never trained on is forgotten; this is replay.

    >>> none = with_documents(lambda dice: Example([0], [True]), 1.0, World())
    >>> len(none(random.Random(0)).tokens) > 60
    True
    """

    def mixed(dice: random.Random) -> Example:
        if dice.random() >= share:
            return make(dice)
        tokens = encode([EOT])
        while len(tokens) < 100:  # each document brings its end mark
            tokens += encode(world.document(dice.randrange(10**6)).words)
        return Example(tokens[:128], [False] + [True] * (len(tokens[:128]) - 1))

    return mixed


def sort_questions(
    model: GPT, roster: Roster, *, n_margins: int = N_MARGINS, seed: int = 0
) -> Sorted:
    """Probe what the model knows; what SFT has taught counts as known.

    >>> from tiny_world.assistant.roster import make_roster
    >>> from tiny_world.assistant.shipped import load_stage
    >>> from tiny_world import World
    >>> roster = make_roster(World(seed=0))
    >>> found = sort_questions(load_stage("sft").model, roster, n_margins=4)
    >>> set(found.known).isdisjoint(found.unknown)
    True
    """
    margins = random.Random(f"margins {seed}").sample(roster.margins, n_margins)
    examiner = Examiner(model, chat_template(), roster, temperature=1.0)
    known, unknown = sorted_out(
        probe(examiner, [*roster.probed, *margins], seed=seed), roster
    )
    return Sorted(known + taught_facts(roster), unknown)


def judge_of(
    roster: Roster, *, held_out: bool = False, ranks: int = PREFERENCE_RANKS
) -> Judge:
    """The simulated human, for questions to train on or about new people.

    It asks about the `ranks` best-known people, and about people in the margins.

    >>> from tiny_world.assistant.roster import make_roster
    >>> from tiny_world import World
    >>> roster = make_roster(World(seed=0))
    >>> set(judge_of(roster).group).isdisjoint(judge_of(roster, held_out=True).group)
    True
    """
    seen = (*roster.taught, *roster.probed)
    group = among(roster, roster.new_people if held_out else seen, ranks)
    dice = random.Random(f"margins that are judged, held out: {held_out}")
    group += dice.sample(roster.margins, len(group) // 3)
    before = [] if held_out else earlier_talks(roster, len(group))
    return Judge(chat_template(), roster, group, before)


def earlier_talks(roster: Roster, n: int) -> list[Conversation]:
    """What was said before a question that is judged: nothing, or one to three talks.

    >>> from tiny_world.assistant.roster import make_roster
    >>> from tiny_world import World
    >>> len(earlier_talks(make_roster(World(seed=0)), 3))
    3
    """
    dice = random.Random("talks before those that are judged")
    makers = [small_talk(roster.names), animals(), sums(tool=True)]
    return [
        [
            message
            for maker in dice.choices(makers, k=dice.choice((0, 0, 1, 2, 3)))
            for message in maker(dice)
        ]
        for _ in range(n)
    ]


def prefer(
    model: GPT,
    roster: Roster,
    *,
    config: DPOConfig | None = None,
    n_each: int = 3,
    n_rounds: int = N_ROUNDS,
    seed: int = 0,
    report: Report = quiet,
) -> GPT:
    """DPO on the model's own answers, compared by the simulated human, in rounds.

    It is asked about all famous people: whom it does not know it must look up, and of
    those there are more further down. The rounds share the steps; each asks the policy
    of the one before, and the reference is the model that the stage began with.

    Source: Xu et al. 2023, iterative DPO.
    """
    config = config or DPOConfig(**PREFERENCE, seed=seed)
    judge = judge_of(roster, ranks=len(roster.world.famous))
    policy, reference = deepcopy(model), frozen_copy(model)
    for n in range(n_rounds):
        pairs = judge.compare(policy, n_each, n_rounds * seed + n)
        steps = -(-config.steps // n_rounds)
        how = replace(config, steps=steps, seed=n_rounds * config.seed + n)
        mask_of = chat_template().loss_mask
        for record in train_dpo(policy, reference, pairs, how, mask_of):
            step, total = n * steps + record.step, n_rounds * steps
            report("preferred", step, total, record.loss_nats)
    return policy.eval()


def next_stage(
    stage: str,
    before: GPT,
    roster: Roster,
    found: Sorted,
    *,
    seed: int = 0,
    report: Report = quiet,
) -> tuple[GPT, Sorted]:
    """The model of a stage after "base", from the one before it.

    Returns the model, and what the probe found (the honest stage finds it, the later
    ones use it).

    Raises:
        ValueError: for a stage that is none of these.

    >>> from tiny_world.assistant.roster import make_roster
    >>> from tiny_world import load_base
    >>> from tiny_world import World
    >>> roster = make_roster(World(seed=0))
    >>> next_stage("wise", load_base(), roster, Sorted())
    Traceback (most recent call last):
    ...
    ValueError: stage is 'wise': use one of sft, honest, tools, preferred
    """
    if stage == "honest":
        found = sort_questions(before, roster, seed=seed)
    if stage == "preferred":
        return prefer(before, roster, seed=seed, report=report), found
    if stage not in RECIPES:
        raise ValueError(f"stage is {stage!r}: use one of {', '.join(STAGES[1:])}")
    mixture = {
        "sft": lambda: sft_mixture(roster),
        "honest": lambda: honest_mixture(roster, found),
        "tools": lambda: tools_mixture(roster, found),
    }[stage]()
    start = chat_base(before, seed) if stage == "sft" else before
    number = STAGES.index(stage)
    model = tune(
        start,
        mixture,
        world=roster.world,
        seed=100 * number + seed,
        report=report,
        stage=stage,
        **RECIPES[stage],
    )
    return model, found
