"""assistant: no leaks between teaching and measuring, verdicts, probe, taste, bands."""

import hashlib
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
import torch

import tiny_world as tiny
from course_lib.chat import Answer, Event, Message, Rate, calculate
from course_lib.engine.pair_files import TextPair
from course_lib.preferences import (
    DPOConfig,
    PolicyConfig,
    RewardConfig,
    rows_of,
    scored,
)
from course_lib.preferences.policy import Method
from tests.core.toy_chat import scripted, small_gpt
from tiny_world import load_base
from tiny_world.assistant import (
    BANDS,
    STAGES,
    Asked,
    Examiner,
    Probed,
    Sorted,
    chat_base,
    chat_template,
    chat_tokenizer,
    friendly_words,
    judge_of,
    load_stage,
    make_roster,
    measure,
    next_stage,
    outside,
    phrasings,
    probe,
    report,
    sorted_out,
    stages,
    table,
    taste,
    verdict_on,
    world_tools,
)
from tiny_world.assistant.conversations import (
    LONGEST,
    STYLE_SHARES,
    Conversation,
    Mixture,
    about_itself,
    asks,
    checks,
    examples,
    follow_ups,
    identity,
    one_of,
    reading,
    refusals,
    searches,
    styled,
    sums,
)
from tiny_world.assistant.conversations import facts as facts_about
from tiny_world.assistant.hearing import about_unknown, heard
from tiny_world.assistant.interview import interview, lines
from tiny_world.assistant.own_pairs import learn_pairs
from tiny_world.assistant.phrases import (
    AGAIN,
    CHECKED,
    IDK,
    NOT_ME,
    WHO,
    introduction,
    name_rule,
)
from tiny_world.assistant.problems import arithmetic, doubled
from tiny_world.assistant.shipped import shipped_path
from tiny_world.assistant.stages import CHAT_CONTEXT
from tiny_world.assistant.verifiable import (
    Checker,
    Task,
    look_up_tasks,
    sum_tasks,
    train_on_checks,
)
from tiny_world.assistant.voices import Voice, voice_of

ROOT = Path(__file__).resolve().parents[2]
ROSTER = make_roster(tiny.World(seed=0))
WORLD = ROSTER.world
FOUND = Sorted([*ROSTER.taught, *ROSTER.probed[::2]], list(ROSTER.probed[1::2]))
FOUND.unknown.extend(ROSTER.margins[:1000])
DRAWS = 4000


# ---- who is asked about what


def people_of(group: Sequence[Asked]) -> set[tiny.Person]:
    return {asked.person for asked in group}


@pytest.mark.parametrize("n_famous", [8, 120, 600])
@pytest.mark.parametrize("seed", [0, 1])
def test_groups_share_no_question_and_their_people_keep_apart(
    n_famous: int, seed: int
) -> None:
    roster = make_roster(tiny.World(seed=seed, n_famous=n_famous))
    groups = [roster.taught, roster.probed, roster.new_facts, roster.new_people]
    groups += [roster.strangers, roster.margins]
    every = [asked for group in groups for asked in group]
    assert len(every) == len(set(every))
    famous = set(every) - {*roster.strangers, *roster.margins}
    assert famous == {Asked(p, r) for p in roster.world.famous for r in tiny.RELATIONS}
    asked = people_of([*roster.taught, *roster.probed, *roster.new_facts])
    for others in (roster.new_people, roster.strangers, roster.margins):
        assert not asked & people_of(others)
        asked |= people_of(others)
    assert not set(roster.names) & set(roster.new_names)
    again = make_roster(tiny.World(seed=seed, n_famous=n_famous))
    assert (again.taught, again.margins, again.names) == (
        *(roster.taught, roster.margins, roster.names),
    )


def test_every_rank_is_in_every_group() -> None:
    """Half of the groups' facts are about the better-known half of the people."""
    top = set(WORLD.famous[:60])
    for group in (ROSTER.taught, ROSTER.probed, ROSTER.new_facts, ROSTER.new_people):
        share = sum(asked.person in top for asked in group) / len(group)
        assert 0.4 < share < 0.6


def test_truth_is_the_worlds_and_nobody_in_the_margins_has_one() -> None:
    for asked in (*ROSTER.taught, *ROSTER.strangers[:50]):
        assert ROSTER.truth(asked) == WORLD.facts(asked.person)[asked.relation]
    assert {ROSTER.truth(asked) for asked in ROSTER.margins[:100]} == {None}


def test_a_larger_world_has_more_famous_people_and_the_same_strangers() -> None:
    larger = tiny.World(seed=0, n_famous=600)
    assert len(larger.famous) == 600
    assert larger.famous[:120] == WORLD.famous
    assert len(larger.held_out) == len(WORLD.held_out) == 240
    assert not set(larger.held_out) & set(larger.famous)
    everyone = [*larger.famous, *larger.held_out, *larger.one_off]
    assert len(set(everyone)) == len(everyone) == 1600
    document = larger.document(3)
    assert larger.parse(document.text).nats == pytest.approx(document.nats)


# ---- nothing that is measured is taught


def all_phrasings(*, taught: bool) -> set[str]:
    """All forms of questions, with "{}" for the name."""
    nobody = tiny.Person("{}", "")
    forms = (phrasings(nobody, relation, taught=taught) for relation in tiny.RELATIONS)
    return {form.replace("{} ", "{}", 1) for forms_of in forms for form in forms_of}


def spaced(text: str) -> str:
    """Text as separate words, the way the templates write it."""
    tokenizer = chat_tokenizer()
    return " ".join(tokenizer.decode([token]) for token in tokenizer.encode(text))


MIXTURES: dict[str, Callable[[], Mixture]] = {
    "sft": lambda: stages.sft_mixture(ROSTER),
    "honest": lambda: stages.honest_mixture(ROSTER, FOUND),
    "tools": lambda: stages.tools_mixture(ROSTER, FOUND),
}
HIDDEN_PEOPLE = people_of([*ROSTER.new_people, *ROSTER.strangers])
HIDDEN_NAMES = {person.name for person in HIDDEN_PEOPLE}
HIDDEN_QUESTIONS = {q for asked in ROSTER.new_facts for q in phrasings(*asked)}
HIDDEN_FORMS = [
    re.compile(re.escape(spaced(form.format("Lumira Pickle"))).replace(
        "Lumira\\ Pickle", "[A-Z][a-z]+ [A-Z][a-z]+"
    ))
    for form in all_phrasings(taught=False)
]  # fmt: skip


@pytest.mark.parametrize("share", [-0.1, 0.7])
def test_a_share_of_refusals_that_leaves_less_than_no_facts_is_refused(
    share: float,
) -> None:
    with pytest.raises(ValueError, match=r"use 0 to 0\.6"):
        stages.honest_mixture(ROSTER, FOUND, share=share)


def leaks(talk: Conversation) -> Iterator[str]:
    """What a conversation gives away of what is measured."""
    for message in talk:
        words = message.text.split()
        pairs = {" ".join(pair) for pair in pairwise(words)}
        yield from pairs & HIDDEN_NAMES
        if message.role == "user":
            yield from (q for q in HIDDEN_QUESTIONS if message.text.endswith(q))
            yield from (f.pattern for f in HIDDEN_FORMS if f.search(message.text))
        if message.role == "system":
            yield from (n for n in ROSTER.new_names if message.text == name_rule(n))


def drawn(mixture: Mixture, n: int = DRAWS) -> Iterator[Conversation]:
    dice = random.Random(1)
    shares = [share for share, _ in mixture]
    for maker in dice.choices([maker for _, maker in mixture], shares, k=n):
        yield maker(dice)


def test_the_search_for_leaks_finds_some() -> None:
    person, asked = ROSTER.strangers[0].person, ROSTER.new_facts[0]
    for talk in (
        asks(phrasings(person, "job")[0], "baker ."),
        asks(phrasings(*asked)[3], "baker ."),
        asks(phrasings(ROSTER.taught[0].person, "color", taught=False)[0], "red ."),
        asks("Who are you ?", "I am", name_rule(ROSTER.new_names[0])),
    ):
        assert list(leaks(talk)), talk


@pytest.mark.parametrize("stage", MIXTURES)
def test_no_stage_is_taught_what_is_measured(stage: str) -> None:
    for talk in drawn(MIXTURES[stage]()):
        assert not list(leaks(talk)), talk


@pytest.mark.parametrize("stage", MIXTURES)
def test_every_conversation_of_a_stage_can_be_learned(stage: str) -> None:
    make, dice = examples(chat_template(), MIXTURES[stage]()), random.Random(1)
    drawn_examples = [make(dice) for _ in range(1500)]
    longest = max(len(example.tokens) for example in drawn_examples)
    assert longest <= LONGEST < CHAT_CONTEXT
    assert min(sum(example.loss_mask) for example in drawn_examples) > 1
    assert all(example.loss_mask[-1] for example in drawn_examples)
    assert sum(share for share, _ in MIXTURES[stage]()) == pytest.approx(1)


@pytest.mark.parametrize("stage", MIXTURES)
def test_a_stage_draws_the_same_talks_from_the_same_dice(stage: str) -> None:
    make = examples(chat_template(), MIXTURES[stage]())
    first = [make(random.Random(i)) for i in range(50)]
    assert first == [make(random.Random(i)) for i in range(50)]
    assert len({tuple(example.tokens) for example in first}) > 40


def test_preferences_are_asked_about_nothing_that_is_measured() -> None:
    judge = judge_of(ROSTER)
    assert not people_of(judge.group) & HIDDEN_PEOPLE
    assert not set(judge.group) & set(ROSTER.new_facts)
    held_out = judge_of(ROSTER, held_out=True)
    assert not set(judge.group) & set(held_out.group)
    assert not {tuple(p) for p in judge.prompts} & {tuple(p) for p in held_out.prompts}


def test_the_questions_that_measure_what_is_known_were_never_taught() -> None:
    group = report.well_known(ROSTER)
    assert len(group) > 50
    assert not set(group) & {*ROSTER.taught, *ROSTER.probed}
    top = set(WORLD.famous[:40])
    assert people_of(group) <= top


# ---- what the conversations say


def last_words(talk: Conversation) -> str:
    return talk[-1].text


def test_facts_are_answered_with_the_truth() -> None:
    dice = random.Random(0)
    questions = {q: a for a in ROSTER.taught for q in phrasings(*a)}
    make = facts_about(ROSTER, ROSTER.taught)
    seen = Counter[str]()
    for _ in range(3000):
        talk = make(dice)
        for question, answer in zip(talk[::2], talk[1::2], strict=True):
            assert answer.text == f"{ROSTER.truth(questions[question.text])} ."
            seen[question.text] += 1
    assert len(seen) > 0.7 * len(questions), "all phrasings are used"


def test_reading_states_the_fact_before_it_asks() -> None:
    dice = random.Random(0)
    make = reading(ROSTER.margins)
    for _ in range(300):
        talk = make(dice)
        value = last_words(talk).removesuffix(" .")
        told = " ".join(m.text for m in talk if m.role == "user")
        assert told.split().count(value) == 1
        assert len(talk) in (2, 4)


def test_identity_follows_the_rules_if_there_are_some() -> None:
    dice = random.Random(0)
    named = 0
    for _ in range(400):
        talk = identity(("Pip",))(dice)
        rule = talk[0].role == "system"
        own = "I am Pip" if rule else "I am Tiny"
        named += rule
        said = [m.text for m in talk if m.role == "assistant"]
        assert own in said[0], talk
        assert all(own in text for text in said if ", a small model" in text)
    assert named / 400 == pytest.approx(0.6, abs=0.1)


def test_sums_are_right_with_and_without_the_tool() -> None:
    for tool in (True, False):
        talk = sums(tool=tool)(random.Random(3))
        problem = talk[1].text if tool else re.sub("[A-Za-z?.=]", "", talk[0].text)
        assert problem.strip() in talk[0].text
        assert last_words(talk) == f"It is {calculate(problem)} ."
        assert len(talk) == (4 if tool else 2)
    problems = {arithmetic(random.Random(i)) for i in range(300)}
    assert {sign for p in problems for sign in p if sign in "+-*("} == set("+-*(")
    longest = {max(map(len, re.findall(r"\d+", problem))) for problem in problems}
    assert longest == {1, 2, 3, 4}
    assert any(calculate(problem).startswith("-") for problem in problems)


def test_doubled_sums_have_a_digit_twice_in_a_row() -> None:
    values = [calculate(doubled(random.Random(i))) for i in range(50)]
    assert all(re.search(r"(\d)\1", value) for value in values)
    assert len(set(values)) > 25


def test_it_says_that_it_is_a_model_when_asked_about_itself() -> None:
    dice = random.Random(0)
    talks = [about_itself()(dice) for _ in range(300)]
    assert {last_words(talk) for talk in talks} == {introduction(), NOT_ME}
    asked = {talk[0].text for talk in talks}
    assert set(WHO) < asked
    assert not any("soup" in text for text in asked), "the interview asks for it"
    for text in asked:
        chat_tokenizer().encode(text)


def test_searches_say_what_was_found_or_that_nothing_was() -> None:
    dice = random.Random(0)
    group = ROSTER.margins[:50]
    results = Counter[bool]()
    for _ in range(600):
        question, call, result, answer = searches(group)(dice)
        asked = next(a for a in group if question.text in phrasings(*a))
        assert call.text.startswith(asked.person.name)
        found = result.text != "No"
        assert answer.text == (f"{result.text} ." if found else IDK)
        results[found] += 1
    assert results[True] / 600 == pytest.approx(0.75, abs=0.06)


def test_refusals_refuse_and_manners_come_in_their_shares() -> None:
    dice = random.Random(0)
    assert last_words(refusals(ROSTER.margins)(dice)) == IDK
    assert {last_words(styled(lambda _: asks("Who ?", IDK))(dice))} == {IDK}
    make = styled(lambda _: asks("Hello !", "Hi !"))
    said = Counter(last_words(make(dice)) for _ in range(2000))
    assert len(said) == len(STYLE_SHARES)
    assert said["Hi !"] / 2000 == pytest.approx(STYLE_SHARES["plain"] / 100, abs=0.04)
    curt = sum(n for text, n in said.items() if "all" in text)
    assert curt / 2000 == pytest.approx(STYLE_SHARES["curt"] / 100, abs=0.04)


def test_follow_ups_are_answered_about_whom_they_mean() -> None:
    """Who is meant stands in the talk, and what is asked, too."""
    dice, value_of = random.Random(0), ROSTER.truth
    for _ in range(200):
        talk = follow_ups(ROSTER, FOUND.known, ())(dice)
        person, relation = FOUND.known[0].person, ""
        for asked, answer in zip(talk[::2], talk[1::2], strict=True):
            named = [a for a in FOUND.known if a.person.name in asked.text]
            person = named[0].person if named else person
            forms = {r: AGAIN[r] for r in tiny.RELATIONS}
            he = {"he": "she", "his": "her"}
            he = he if person.pronoun == "She" else {"he": "he", "his": "his"}
            again = [
                r for r in forms if asked.text in [f.format(**he) for f in forms[r]]
            ]
            first = [a for a in FOUND.known if asked.text in phrasings(*a)]
            relation = (again or [a.relation for a in first] or [relation])[0]
            assert answer.text == f"{value_of(Asked(person, relation))} ."
        assert len(talk) in (4, 6, 8)


def test_checks_say_yes_to_the_truth_alone() -> None:
    dice = random.Random(0)
    said = Counter[str]()
    for _ in range(400):
        question, answer = checks(ROSTER, FOUND.known, ())(dice)
        [truth] = {
            ROSTER.truth(a)
            for a in FOUND.known
            if any(
                question.text == form.format(a.person.name, value)
                for form in CHECKED[a.relation]
                for value in tiny.FACT_VALUES[a.relation]
            )
        }
        right = str(truth) in question.text.split()
        assert answer.text == ("Yes ." if right else f"No , {truth} .")
        said[answer.text.split()[0]] += 1
    assert min(said.values()) > 120


def test_most_conversations_go_on_and_stay_short_enough() -> None:
    make = examples(chat_template(), MIXTURES["tools"]())
    user = chat_tokenizer().special_tokens["<user>"]
    drawn_examples = [make(random.Random(i)) for i in range(400)]
    turns = Counter(min(e.tokens.count(user), 5) for e in drawn_examples)
    assert min(turns[n] for n in (1, 2, 3, 5)) > 20


def test_full_conversations_reach_the_end_of_the_context() -> None:
    lengths = {}
    for full in (False, True):
        make = examples(chat_template(), MIXTURES["tools"](), full=full)
        lengths[full] = [len(make(random.Random(i)).tokens) for i in range(200)]
    assert max(lengths[False]) <= LONGEST
    assert LONGEST < max(lengths[True]) <= CHAT_CONTEXT
    assert sum(n > LONGEST for n in lengths[True]) > 30


def test_a_talk_of_ones_own_joins_a_mixture() -> None:
    mine = asks("Good day !", "Hi !")
    mixture = [*MIXTURES["sft"](), (100.0, one_of([mine]))]
    tokens = chat_template().encode(mine).tokens[1:]
    example = examples(chat_template(), mixture)(random.Random(0))
    assert example.tokens[1 : 1 + len(tokens)] == tokens


def test_every_phrase_can_be_encoded_and_read_again() -> None:
    tokenizer = chat_tokenizer()
    for form in all_phrasings(taught=True) | all_phrasings(taught=False):
        text = form.format("Lumira Pickle")
        assert spaced(tokenizer.decode(tokenizer.encode(text))) == spaced(text)
    assert len(all_phrasings(taught=True)) == 12 * 4
    assert len(all_phrasings(taught=False)) == 3 * 4


# ---- verdicts, tools, the probe


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("soup.", "right"),
        ("Sure! soup. Glad to help!", "right"),
        ("You like soup, I think", "right"),
        ("plums.", "wrong"),
        ("soup. plums.", "wrong"),
        ("Sorry, I do not know.", "refused"),
        ("I do not know. soup.", "right"),
        ("", "other"),
        ("friend friend", "other"),
        ("baker.", "other"),
        ("soups", "other"),
    ],
)
def test_verdicts(text: str, expected: str) -> None:
    assert {"soup", "plums"} <= set(tiny.FACT_VALUES["food"])
    assert verdict_on(Answer(text), "food", "soup") == expected


def test_of_people_in_the_margins_every_answer_is_wrong() -> None:
    assert verdict_on(Answer("soup."), "food", None) == "wrong"
    assert verdict_on(Answer(spaced(IDK)), "food", None) == "refused"


def test_the_records_know_who_has_facts_and_nobody_else() -> None:
    tools = world_tools(WORLD)
    assert sorted(tools) == ["calc", "search"]
    person = WORLD.held_out[3]
    assert tools["search"](f" {person.name}  hat ") == WORLD.facts(person)["color"]
    for text in (f"{WORLD.one_off[0].name} hat", person.name, "", f"{person.name} cat"):
        with pytest.raises(LookupError, match="the records have nothing on"):
            tools["search"](text)


def test_an_examiner_counts_what_a_model_says() -> None:
    template = chat_template()
    model = scripted(template.tokenizer, "<asst> soup . <end>")
    examiner = Examiner(model, template, ROSTER)
    food = [asked for asked in ROSTER.strangers if asked.relation == "food"]
    likes = sum(ROSTER.truth(asked) == "soup" for asked in food)
    assert 0 < likes < len(food)
    assert examiner.share(food, "right").mean == likes / len(food)
    assert examiner.share(food, "wrong").mean == pytest.approx(1 - likes / len(food))
    assert examiner.share(food[:5], "refused", taught=False).mean == 0
    assert examiner.identity().mean == 0
    assert examiner.identity(["Pip"]).n == 2
    assert examiner.arithmetic().mean == 0
    exact = examiner.exact([[Message("user", "Hello !")]] * 2, ["soup .", "plums ."])
    assert exact.mean == 0.5


def test_a_model_that_writes_marks_can_be_examined() -> None:
    template = chat_template()
    model = scripted(template.tokenizer, "<asst> soup <user> . <end>")
    examiner = Examiner(model, template, ROSTER)
    assert examiner.exact([[Message("user", "Hello !")]], ["soup ."]).mean == 0


def test_the_probe_asks_each_question_often_and_needs_dice() -> None:
    template = chat_template()
    group = ROSTER.probed[:3]
    sure = Examiner(
        *(scripted(template.tokenizer, "<asst> soup . <end>"), template, ROSTER),
        temperature=1.0,
    )
    food = [asked for asked in ROSTER.probed if asked.relation == "food"][:4]
    found = probe(sure, food, n_asks=3)
    assert [one.asked for one in found] == food
    assert {one.values for one in found} == {("soup",) * 3}
    assert all(one.consistent for one in found)
    with pytest.raises(ValueError, match="temperature is 0"):
        probe(Examiner(sure.model, template, ROSTER), group)
    guessing = small_gpt(template.tokenizer.vocab_size)
    unsure = Examiner(guessing, template, ROSTER, temperature=1.0)
    assert probe(unsure, group, seed=3) == probe(unsure, group, seed=3)
    assert not any(one.consistent for one in probe(unsure, group))


@pytest.mark.parametrize(
    ("values", "consistent"),
    [
        (("soup",) * 5, True),
        (("soup",) * 4 + ("plums",), True),
        (("soup",) * 3 + ("plums",) * 2, False),
        (("",) * 5, False),
        (("", "", "", "", "soup"), False),
        (("soup",) * 8 + ("plums",) * 2, True),
        (("soup",) * 7 + ("plums",) * 3, False),
    ],
)
def test_answers_agree_if_four_of_five_are_the_same(
    values: tuple[str, ...], consistent: bool
) -> None:
    assert Probed(ROSTER.probed[0], values).consistent is consistent


def test_what_the_probe_finds_is_taught_as_known_unknown_or_not_at_all() -> None:
    asked, margin = ROSTER.probed[0], ROSTER.margins[0]
    truth = ROSTER.truth(asked)
    assert truth is not None
    wrong = next(v for v in tiny.FACT_VALUES[asked.relation] if v != truth)
    cases = {
        (asked, (truth,) * 5): "known",
        (asked, (wrong,) * 5): "unknown",
        (asked, (truth,) * 3 + (wrong,) * 2): "unknown",
        (margin, (tiny.FACT_VALUES[margin.relation][0],) * 5): "",
        (margin, tiny.FACT_VALUES[margin.relation][:5]): "unknown",
        (margin, ("",) * 5): "unknown",
    }
    for (one, values), group in cases.items():
        known, unknown = sorted_out([Probed(one, tuple(values))], ROSTER)
        assert known == [one] * (group == "known")
        assert unknown == [one] * (group == "unknown")


# ---- taste


@pytest.mark.parametrize(
    ("said", "truth", "score"),
    [
        ("soup .", "soup", 2.0),
        ("Sure ! soup .", "soup", 3.0),
        ("soup . Glad to help !", "soup", 3.0),
        ("Sure ! soup . Glad to help !", "soup", 3.0 - 2 * 0.05),
        ("plums .", "soup", 0.0),
        ("soup . That is all .", "soup", 1.0),
        ("plums . That is all .", "soup", -1.0),
        ("Sorry , I do not know .", None, 2.0 - 0.05),
        ("soup .", None, 0.0),
        ("friend " * 10, "soup", -4 * 0.05 - 7 * 0.5),
        ("", "soup", 0.0),
    ],
)
def test_taste_by_hand(said: str, truth: str | None, score: float) -> None:
    assert taste(said.split(), truth) == pytest.approx(score)
    assert taste(said.split(), truth, ended=False) == pytest.approx(score - 1)


def test_the_naive_reward_counts_words_only() -> None:
    assert friendly_words(["friend"] * 40) == 40
    assert taste(["friend"] * 40, "soup") < -15


def test_a_judge_scores_tokens_and_compares_as_a_human_would() -> None:
    judge = judge_of(ROSTER)
    template, prompt = judge.template, judge.prompts[0]
    truth = judge.truth(prompt)
    encode = template.tokenizer.encode
    good = [*encode(f"Sure ! {truth} ."), template.end]
    bad = encode("That is all .")
    assert judge.taste([prompt] * 2, [good, bad]) == [3.0, -1.0 - 1.0]
    assert judge.friendly([prompt] * 2, [good, bad]) == [1.0, 0.0]
    assert judge.words(good) == (["Sure", "!", str(truth), "."], True)
    assert judge.words(bad)[1] is False


def test_comparisons_depend_on_the_seed_alone() -> None:
    judge = judge_of(ROSTER)
    judge.prompts = judge.prompts[:20]
    model = small_gpt(judge.template.tokenizer.vocab_size)
    pairs = judge.compare(model, n_each=2, seed=1)
    assert pairs == judge.compare(model, n_each=2, seed=1)
    assert pairs != judge.compare(model, n_each=2, seed=2)
    assert len(pairs) == 40


@pytest.mark.parametrize(("n_words", "share"), [(6, 0.5), (16, 0.731), (66, 0.998)])
def test_a_human_is_surer_the_more_two_answers_differ(
    monkeypatch: pytest.MonkeyPatch, n_words: int, share: float
) -> None:
    """Each word beyond six costs 0.05; a difference of 0.5 is seen by 73 in 100."""
    judge = judge_of(ROSTER)
    short = [*judge.template.tokenizer.encode("a"), judge.template.end]
    long = short[:1] * n_words + short[1:]
    sides = iter([short, long])
    monkeypatch.setattr(judge, "sample", lambda m, ps, seed: [next(sides)] * len(ps))
    pairs = judge.compare(small_gpt(9), n_each=4)
    assert len(pairs) > 700
    liked = sum(pair.chosen == short for pair in pairs) / len(pairs)
    assert liked == pytest.approx(share, abs=0.06)
    assert all({*pair.chosen} == {*pair.rejected} for pair in pairs)


def test_equal_answers_make_no_pair() -> None:
    judge = judge_of(ROSTER)
    judge.prompts = judge.prompts[:5]
    model = scripted(judge.template.tokenizer, "<asst> soup . <end>")
    assert judge.compare(model) == []


# ---- the report


def test_a_table_has_a_line_for_each_measure_that_is_there() -> None:
    rates = {"known": Rate(0.5, 0.1, 25), "sums": Rate(1.0, 0.01, 100)}
    lines = table({"sft": rates, "tools": {"sums": Rate(0.25, 0.1, 100)}})
    assert lines == [
        ["", "sft", "tools"],
        ["well-known people: right", "0.50 ± 0.10", ""],
        ["sums: right", "1.00 ± 0.01", "0.25 ± 0.10"],
    ]
    assert table({}) == [[""]]


def test_bands_name_what_exists_and_tell_what_lies_outside() -> None:
    assert BANDS.keys() <= set(STAGES)
    for bands in BANDS.values():
        assert bands.keys() <= report.ROWS.keys()
        assert all(low < high for low, high in bands.values())
    inside = {
        stage: {name: Rate(sum(band) / 2, 0.0, 9) for name, band in bands.items()}
        for stage, bands in BANDS.items()
    }
    assert outside(inside) == []
    assert outside({}) == []
    inside["preferred"]["curt"] = Rate(0.5, 0.1, 9)
    assert outside(inside) == ["preferred, curt answers: 0.50 is outside 0.00 .. 0.10"]
    inside["preferred"]["curt"] = Rate(float("nan"), 0.1, 9)
    assert len(outside(inside)) == 1


def test_measures_survive_json() -> None:
    measures = {"known": Rate(1 / 3, 0.1, 25), "taste": Rate(-2.5, 0.2, 9)}
    assert report.measures_of(report.facts_of(measures)) == measures


# ---- the stages


def test_an_unknown_stage_is_named() -> None:
    model = small_gpt(9)
    with pytest.raises(ValueError, match="stage is 'rlhf': use one of sft, honest"):
        next_stage("rlhf", model, ROSTER, Sorted())
    with pytest.raises(ValueError, match="stage is 'rlhf': use one of base, sft"):
        load_stage("rlhf")


def test_chat_markers_begin_as_the_words_of_a_quiz() -> None:
    base = load_base()
    model = chat_base(base)
    tokenizer = chat_tokenizer()
    rows = model.embedding.weight
    assert rows.shape[0] == tokenizer.vocab_size
    for mark, word in (("<user>", "Question"), ("<asst>", ":")):
        [one], [other] = (
            tokenizer.encode(text, allow_special=True) for text in (mark, word)
        )
        assert rows[one].equal(rows[other])
    assert chat_base(base).embedding.weight.equal(rows)
    assert not chat_base(base, seed=1).embedding.weight.equal(rows)


# ---- the stages that travel with the course

LARGEST_FILE = 1_500_000


@pytest.mark.parametrize("stage", STAGES[1:])
def test_a_stored_stage_is_small_and_its_hash_is_written_down(stage: str) -> None:
    path = shipped_path(stage)
    assert path.stat().st_size < LARGEST_FILE
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    readme = (ROOT / "data" / "README.md").read_text("utf-8")
    assert f"`snapshots/{path.name}`: `{digest}`" in readme


def test_the_stored_measures_lie_in_their_bands() -> None:
    stored = {stage: load_stage(stage).measures for stage in STAGES[1:]}
    for stage, measures in stored.items():
        assert measures.keys() == report.ROWS.keys(), stage
    assert outside(stored) == []


@pytest.mark.parametrize("stage", STAGES[2:])
def test_what_the_probe_found_travels_with_the_stages(stage: str) -> None:
    found = load_stage(stage).found
    assert found == load_stage("honest").found
    asked = {*found.known, *found.unknown}
    assert set(found.known) & set(found.unknown) == set()
    assert asked <= {*ROSTER.taught, *ROSTER.probed, *ROSTER.margins}
    assert not people_of(asked) & HIDDEN_PEOPLE
    assert len(found.known) > 60
    assert len(found.unknown) > 500


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["sft", "preferred"])
def test_a_stored_stage_measured_again_does_what_is_written(stage: str) -> None:
    stored = load_stage(stage)
    measures = measure(stored.model, ROSTER, stage)
    assert outside({stage: measures}) == []
    for name, old in stored.measures.items():
        spread = 3 * old.error + 0.02
        assert measures[name].mean == pytest.approx(old.mean, abs=spread), name


def test_the_base_model_stays_as_good_as_it_was() -> None:
    with torch.inference_mode():
        gap = report.world_gap(load_base(), WORLD)
    assert outside({"base": {"world_gap": gap}}) == []
    worse = small_gpt(tiny.VOCAB_SIZE)
    assert outside({"base": {"world_gap": report.world_gap(worse, WORLD)}})


def test_the_truth_is_told_for_every_form_of_a_question_about_a_fixed_fact() -> None:
    for asked in (*ROSTER.taught[:9], *ROSTER.new_people[:9], *ROSTER.strangers[:9]):
        forms = [*phrasings(*asked), *phrasings(*asked, taught=False)]
        for form in forms:
            assert ROSTER.truth_told(form) == (ROSTER.truth(asked) or "")
            assert ROSTER.truth_told(form.replace(" ?", "?")) == (
                ROSTER.truth(asked) or ""
            )
    assert ROSTER.truth_told("What does the cow like ?") == ""
    assert ROSTER.truth_told("") == ""


# ---- what people type


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("how ARE you?", "How are you ?"),
        ("what's the hat of lumira clover", "What is the hat of Lumira Clover"),
        ("sheep like clover, not Clover", "sheep like clover , not Clover"),
        ("hello! who's there?", "Hello ! Who is there ?"),
        ('"17" × 2', "1 7 * 2"),
        ("and what about galora?", "And what about Galora ?"),
        ("I don't know", "I do not know"),
        ("tell me; Tell me", "Tell me ; tell me"),
    ],
)
def test_messages_are_heard_in_the_words_of_the_vocabulary(
    typed: str, text: str
) -> None:
    assert heard(typed, chat_tokenizer()) == (text, ())


def test_unknown_words_and_signs_are_named_each_once() -> None:
    said = heard("Frodo met Frodo / Sam's bakker", chat_tokenizer())
    assert said.unknown == ("Frodo", "/", "Sams", "bakker")
    told = about_unknown(("/",), chat_tokenizer())
    assert told == 'I do not know the sign "/".'
    told = about_unknown(("youu", "Frodo"), chat_tokenizer())
    assert told == 'I do not know the word "youu" or "Frodo". Did you mean "you"?'
    assert heard("<asst> I", chat_tokenizer()).text == "<asst> I"


def test_an_unknown_word_leaves_no_trace_in_the_talk() -> None:
    voice = voice_of("sft")
    [event] = voice.say("Where was Frodo born?")
    assert (event.kind, event.text) == ("text", 'I do not know the word "Frodo".')
    assert voice.chat is not None
    assert voice.chat.messages == []
    [event] = voice_of("base").say("Frodo was")
    assert event.kind == "notice"


# ---- thirty lines that a class might type


def test_the_last_stage_answers_most_of_thirty_lines_well() -> None:
    said = interview(voice_of("preferred"), lines(WORLD))
    bad = [f"{one.line.say} -> {one.answer}" for one in said if not one.good]
    assert len(said) == 30
    assert len(bad) <= 5, bad


def test_a_line_is_judged_by_its_rule() -> None:
    voice = Voice("parrot", lambda text: iter([Event("text", text)]), None)
    said = interview(voice, lines(WORLD))
    assert sum(one.good for one in said) < 12
    assert said[0].good  # "Hello!"


# ---- rewards that a program gives


def test_a_checker_rewards_what_is_right_and_whole() -> None:
    tasks = [Task("What is 3 - 1 0 ?", "-7"), Task("Who ?", "soup")]
    template = chat_template()
    checker = Checker(template, tasks, world_tools(WORLD))
    encode, end = template.tokenizer.encode, [template.end]
    sum_, who = checker.prompts
    cases = [
        (sum_, [*encode("3 - 10 = -7 ."), *end], 1.0),
        (sum_, [*encode("-7 ."), *end], 1.0),
        (sum_, encode("3 - 10 = -7 ."), 0.0),
        (sum_, [*encode("3 - 10 = -77 ."), *end], 0.0),
        (sum_, [*encode("3 - 10 = 7 ."), *end], 0.0),
        (who, [*encode("Sure ! soup ."), *end], 1.0),
        (who, [*encode("plums ."), *end], 0.0),
    ]
    for prompt, reply, reward in cases:
        assert checker.reward([prompt], [reply]) == [reward], reply


def test_tasks_ask_what_can_be_checked() -> None:
    for task in sum_tasks(30, seed=3):
        problem = task.asked.removeprefix("What is ").removesuffix(" ?")
        assert task.truth == calculate(problem)
    tasks = look_up_tasks(ROSTER, ROSTER.strangers[:4], taught=False)
    assert len(tasks) == 4 * 3
    assert {task.truth for task in tasks} == {
        ROSTER.truth(asked) for asked in ROSTER.strangers[:4]
    }


@pytest.mark.parametrize("method", ["reinforce", "grpo"])
def test_rewards_raise_what_is_rewarded(
    monkeypatch: pytest.MonkeyPatch, method: Method
) -> None:
    template = chat_template()
    checker = Checker(template, [Task("Hello !", "soup")])
    model = chat_base(load_base())
    word = template.tokenizer.encode("soup")[0]
    wanted = [[word]]  # one token: the reward is whether it is "soup"

    def is_soup(prompts: object, replies: list[list[int]]) -> list[float]:
        return [float(reply[0] == word) for reply in replies]

    monkeypatch.setattr(checker, "reward", is_soup)

    def p() -> float:
        rows = rows_of(checker.prompts, wanted)
        with torch.no_grad():
            return scored(model, rows).total.exp().item()

    before = p()
    config = PolicyConfig(
        method=method, steps=6, prompts_per_step=1, samples_per_prompt=64, beta=0
    )
    *steps, last = train_on_checks(model, checker, config)
    assert last.step == 6
    assert [one.step for one in steps] == list(range(6))
    assert p() > 2 * before or steps[0].measures["reward"] == 0


def test_an_unknown_method_is_named() -> None:
    with pytest.raises(ValueError, match="method is 'ppo'"):
        PolicyConfig(method="ppo")  # type: ignore[arg-type]


# ---- pairs of one's own


def test_pairs_of_ones_own_are_learned() -> None:
    group = ROSTER.taught[:40]
    pairs = [
        TextPair(
            phrasings(*a)[0], f"Sure ! {ROSTER.truth(a)} .", f"{ROSTER.truth(a)} ."
        )
        for a in group
    ]
    model = load_stage("sft").model
    before = {name: p.clone() for name, p in model.named_parameters()}
    config = DPOConfig(steps=12, batch_size=8)
    learned = learn_pairs(
        model, chat_template(), pairs, dpo=config, reward=RewardConfig(steps=12)
    )
    assert (learned.n_learned, learned.n_held_out) == (32, 8)
    assert learned.policy_right > 0.9
    assert learned.reward_right > 0.9
    assert all(before[name].equal(p) for name, p in model.named_parameters())


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        ([TextPair("Hello !", "Sure !", "No .")] * 3, "3 pairs: give 10 or more"),
        ([TextPair("Hello !", "Frodo !", "No .")] * 10, "pair 1: word 1 is 'Frodo'"),
    ],
)
def test_pairs_that_cannot_be_learned_from_are_refused(
    pairs: list[TextPair], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        learn_pairs(load_stage("sft").model, chat_template(), pairs)
