"""Preference buttons, the reward frontier and the stage switcher."""

import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch

from course_lib.chat import Chat, Event, Message
from course_lib.gpt import GPT, GPTConfig
from course_play.widgets.preference_buttons import PreferenceButtons, TextPair, tally
from course_play.widgets.reward_frontier import (
    FrontierPoint,
    RewardFrontier,
    kl_share,
    kl_ticks,
    reward_range,
)
from course_play.widgets.stage_switcher import StageSwitcher
from tests.course_play.widget_js import run_js
from tiny_world.assistant import chat_template
from tiny_world.assistant.voices import Voice

CASES = [
    ("Who are you ?", "I am Tiny .", "You silly ."),
    ("Where does it live ?", "barn .", "Sure ! barn ."),
    ("Hi !", "Hi !", "friend friend friend"),
]
POINTS = [
    FrontierPoint(0.3, 1.9, 2.0, ("Sure ! soup .",), 1.4),
    FrontierPoint(0.0, -12.3, 105.0, ("friend friend friend", "friend"), 23.7),
    FrontierPoint(0.1, 2.5, 9.0, (), 3.0),
]


# ---- preference buttons ------------------------------------------------------------


def test_choices_become_pairs_and_what_cannot_be_said_is_left_out() -> None:
    buttons = PreferenceButtons(CASES)
    assert buttons.pairs == []
    buttons.choices = ["b", "skip", "a"]
    assert buttons.pairs == [
        TextPair("Who are you ?", "You silly .", "I am Tiny ."),
        TextPair("Hi !", "Hi !", "friend friend friend"),
    ]
    assert repr(buttons) == (
        "PreferenceButtons: all 3 decided\n  2 pairs (1 A, 1 B), 1 cannot say"
    )
    buttons.choices = buttons.choices[:-1]
    assert "case 3 of 3" in repr(buttons)
    assert "1 pair (0 A, 1 B), 1 cannot say" in repr(buttons)


def test_the_picture_shows_the_case_and_at_the_end_the_counts() -> None:
    buttons = PreferenceButtons(CASES)
    assert "I am Tiny" in buttons.picture().alt
    buttons.choices = ["a", "a", "b"]
    (axes,) = buttons.picture().figure.axes
    assert [patch.get_height() for patch in axes.patches] == [2, 1, 0]


@pytest.mark.parametrize(
    ("cases", "said"),
    [
        ([], "0 cases: give 1 to 200"),
        (CASES * 67, "201 cases"),
        ([("Hi !", "Hi !")], r"case 1 is \('Hi !', 'Hi !'\): give the texts"),
        ([*CASES, ("Hi !", "yes", "yes")], "case 4, .*yes.*the same"),
        ([("Hi !", "yes", " ")], "case 1, .*B is empty"),
        ([("Hi !", "yes", "\ud800")], "case 1, .*half a character"),
    ],
)
def test_buttons_refuse_cases_that_teach_nothing(cases: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        PreferenceButtons(cases)


@pytest.mark.parametrize(
    ("choices", "said"),
    [(["c"], "choice 'c': use one of"), (["a"] * 4, "4 choices for 3 cases")],
)
def test_buttons_refuse_other_choices(choices: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        PreferenceButtons(CASES).choices = choices


def test_javascript_counts_and_undoes_as_python_does(tmp_path: Path) -> None:
    program = """
        import { after, meaningOf, soFar, tally } from "./preference_buttons.js";
        answer = [cases.choices.map(tally), cases.choices.map(soFar),
          cases.keys.map(meaningOf), cases.choices.map((one) => after(one, "a", 3)),
          cases.choices.map((one) => after(one, "undo", 3))];"""
    choices = [[], ["a"], ["a", "b", "skip"]]
    keys = ["a", "B", " ", "u", "x", "Enter"]
    counts, told, meanings, more, less = run_js(
        tmp_path, program, {"choices": choices, "keys": keys}
    )
    assert counts == [tally(one)._asdict() for one in choices]
    for one, said in zip(choices, told, strict=True):
        buttons = PreferenceButtons(CASES)
        buttons.choices = one
        assert said in repr(buttons)
    assert meanings == ["a", "b", "skip", "undo", None, None]
    assert more == [["a"], ["a", "a"], ["a", "b", "skip"]]
    assert less == [[], [], ["a", "b"]]


# ---- reward frontier ---------------------------------------------------------------


def test_points_stand_in_order_of_beta_and_the_chosen_one_speaks() -> None:
    frontier = RewardFrontier(POINTS)
    assert [row["beta"] for row in frontier.points] == [0.3, 0.1, 0.0]
    assert frontier.point == POINTS[0]
    frontier.at = 2
    assert frontier.point == POINTS[1]
    assert "true taste -12.30, KL 105.00 nats, reward model 23.70" in repr(frontier)
    assert repr(frontier).count("says:") == 2
    assert "highest true taste, 2.50, is at beta 0.1, KL 9.00 nats" in repr(frontier)
    assert RewardFrontier(POINTS, beta=0.1).at == 1


def test_the_picture_draws_both_rewards_where_both_are_known() -> None:
    (axes,) = RewardFrontier(POINTS).picture().figure.axes
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["true taste", "reward model"]
    plain = [point._replace(hacked=None) for point in POINTS]
    (axes,) = RewardFrontier(plain).picture().figure.axes
    assert axes.get_legend() is None
    assert "reward model" not in repr(RewardFrontier(plain))


def test_the_title_names_every_beta_that_ties_and_what_the_reward_model_likes() -> None:
    (axes,) = RewardFrontier(POINTS).picture().figure.axes
    told = "The true taste is highest at β = 0.1, the reward model at β = 0"
    assert axes.get_title() == told
    assert axes.get_ylabel() == "true taste and reward model"
    tied = [*POINTS, FrontierPoint(0.2, 2.45, 4.0, (), 2.0)]
    (axes,) = RewardFrontier(tied).picture().figure.axes
    assert "β = 0.2 and 0.1" in axes.get_title()
    assert "is at beta 0.2, KL 4.00 nats; beta 0.1" in repr(RewardFrontier(tied))


def test_models_that_never_moved_can_be_drawn() -> None:
    still = [FrontierPoint(beta, 1.0, 0.0, ()) for beta in (0.0, 1.0)]
    assert RewardFrontier(still).picture().png()


@pytest.mark.parametrize(
    ("points", "beta", "said"),
    [
        (POINTS[:1], None, "1 points: give 2 to 20"),
        (POINTS, 0.2, "beta is 0.2: use one of 0.3, 0.1, 0"),
        ([*POINTS, POINTS[0]], None, "beta 0.3 is given twice"),
        ([*POINTS, FrontierPoint(-1, 0, 0, ())], None, "beta is -1: give 0 or more"),
        ([*POINTS, FrontierPoint(1, math.nan, 0, ())], None, "reward is nan at beta 1"),
        ([*POINTS, FrontierPoint(1, 0, math.inf, ())], None, "kl is inf at beta 1"),
        ([*POINTS, FrontierPoint(1, 0, 0, ("x",) * 9)], None, "has 9 samples"),
    ],
)
def test_the_frontier_refuses_what_it_cannot_draw(
    points: list[FrontierPoint], beta: float | None, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        RewardFrontier(points, beta=beta)


def test_samples_given_as_one_text_and_places_outside_are_refused() -> None:
    bare: Any = "Sure !"
    with pytest.raises(ValueError, match="samples are 'Sure !': give a tuple"):
        RewardFrontier([*POINTS, FrontierPoint(1, 0, 0, bare)])
    with pytest.raises(ValueError, match=r"at is 3: it must be in 0 \.\. 2"):
        RewardFrontier(POINTS).at = 3


def test_javascript_places_the_points_as_python_does(tmp_path: Path) -> None:
    program = """
        import { fittingLabels, klShare, klTicks, mostKl, nearest, rewardRange }
          from "./reward_frontier.js";
        answer = { shares: cases.kls.map((kl) => klShare(kl, 105)),
          ticks: cases.mosts.map((most) => klTicks(most)),
          most: [mostKl([3, 100]), mostKl([0, -0.01])],
          range: cases.rewards.map(rewardRange),
          near: nearest([[0, 0], [10, 0], [10, 8]], [9, 5]),
          labels: fittingLabels([[50, 50, "a"], [52, 50, "b"], [300, 50, "c"]],
            [[50, 50], [52, 50], [300, 50]], [1, 0, 2], [0, 600]),
          below: fittingLabels([[50, 50, "a"]], [[50, 50], [50, 40]], [0], [0, 600]),
          wedged: fittingLabels([[50, 50, "a"]], [[50, 50], [50, 40], [50, 65]], [0],
            [0, 600]) };"""
    kls, mosts = [-0.01, 0.0, 0.3, 25.0, 105.0], [0.4, 1.0, 12.6, 110.25]
    rewards = [[0.0], [1.0, 1.2], [-12.3, 23.7, 2.0]]
    got = run_js(tmp_path, program, {"kls": kls, "mosts": mosts, "rewards": rewards})
    assert got["shares"] == pytest.approx([kl_share(kl, 105) for kl in kls])
    for most, ticks in zip(mosts, got["ticks"], strict=True):
        assert ticks == pytest.approx(kl_ticks(most))
        shares = [kl_share(tick, most) for tick in ticks]
        gaps = [b - a for a, b in pairwise(shares)]
        assert min(gaps) >= 0.08
        assert max(shares) <= 1
    assert got["most"] == [105, 1]
    for row, ends in zip(rewards, got["range"], strict=True):
        assert ends == pytest.approx(reward_range(row))
    assert got["near"] == 2
    above, below, apart = got["labels"]
    assert below is not None  # the first in order is always shown
    assert apart is not None
    assert above is None or abs(above[1] - below[1]) >= 14
    assert got["below"] == [[50, 72]]  # another mark stands just above it
    assert got["wedged"] == [[50, 38]]


# ---- stage switcher ----------------------------------------------------------------


def chat(seed: int = 0, temperature: float = 0.0) -> Chat:
    template = chat_template()
    V = template.tokenizer.vocab_size
    config = GPTConfig(vocab_size=V, emb_dim=16, n_layers=1)
    model = GPT(config, torch.Generator().manual_seed(0)).eval()
    return Chat(model, template, max_new_tokens=9, temperature=temperature, seed=seed)


def talker(name: str, made: Chat) -> Voice:
    return Voice(name, made.stream, made)


def user_of_tools(words: str) -> Iterator[Event]:
    yield Event("call", "search: Ana home")
    yield Event("result", "Larkton")
    yield Event("text", " Larkton")
    yield Event("text", " .")
    yield Event("notice", "cut")


def switcher(**words: Any) -> StageSwitcher:
    echo = Voice("base", lambda text: iter([Event("text", f"{text} yes")]), None)
    voices = [echo, talker("sft", chat()), Voice("tools", user_of_tools, None)]
    return StageSwitcher(voices, **{"question": "Who are you ?", **words})


def test_each_voice_answers_as_it_does_alone() -> None:
    made = switcher()
    assert made.answers["sft"]["text"] == chat().ask("Who are you ?").text.strip()
    assert "  base goes on: Who are you ? yes\n" in repr(made)
    assert made.answers["tools"]["calls"] == ["search: Ana home → Larkton"]
    assert "tools goes on: Larkton . (cut)\n    used search: Ana home" in repr(made)


def test_every_question_is_asked_afresh_and_the_voice_stays_as_it_was() -> None:
    own = chat(seed=5, temperature=1.0)
    own.ask("Hello !")
    before, seed = list(own.messages), own.seed
    made = StageSwitcher([talker("sft", own)], question="Who are you ?")
    first = made.answers["sft"]["text"]
    made.question = "The cow ?"
    made.question = "Who are you ?"
    assert made.answers["sft"]["text"] == first
    assert (own.messages, own.seed) == (before, seed)
    alone = chat(seed=seed, temperature=1.0)
    assert first == alone.ask("Who are you ?").text.strip()


def test_the_system_message_reaches_those_who_take_turns() -> None:
    seen = []
    own = chat()

    def say(text: str) -> Iterator[Event]:
        seen.extend(own.messages)
        yield Event("text", text)

    StageSwitcher([Voice("sft", say, own)], question="Hi", system="It said moo .")
    assert seen == [Message("system", "It said moo .")]
    with pytest.raises(ValueError, match=r"sft cannot read the system message.*yak"):
        StageSwitcher([talker("sft", chat())], question="Hi", system="yak")


def test_a_word_that_a_voice_does_not_know_is_said_in_its_place() -> None:
    made = switcher(question="Who said yak ?")
    assert "'yak'" in made.answers["sft"]["error"]
    assert "sft cannot answer: word 3 is 'yak'" in repr(made)
    assert made.answers["base"]["error"] == ""
    made.question = " "
    assert "the question is empty" in made.answers["base"]["error"]
    made.question = "moo " * 80
    assert "has 320 characters: use at most 300" in made.answers["base"]["error"]
    made.question = "The cow ?"
    assert made.answers["sft"]["error"] == ""


def test_a_question_and_its_number_that_come_together_are_answered_once() -> None:
    made = switcher()
    rounds: list[int] = []
    made.observe(lambda change: rounds.append(len(change["new"])), "answers")
    made.set_state({"question": "The cow ?", "asked": 1})
    assert rounds == [0, 1, 2, 3]
    assert {answer["to"] for answer in made.answers.values()} == {1}
    made.set_state({"asked": 2})  # the same words again
    assert {answer["to"] for answer in made.answers.values()} == {2}


def test_a_question_gets_the_capitals_that_the_voices_know() -> None:
    made = switcher()
    made.question = "Where was the Cow born ?"
    assert made.question == "Where was the cow born ?"
    assert made.answers["sft"]["error"] == ""
    echo = Voice("base", lambda text: iter([Event("text", text)]), None)
    assert StageSwitcher([echo], question="where ?").question == "where ?"


def test_the_true_answer_is_told_and_who_has_it() -> None:
    truths = {"Who are you ?": "Larkton", "The cow ?": ""}
    made = switcher(truth=truths.__getitem__)
    assert made.truth == "Larkton"
    assert [made.answers[name]["true"] for name in made.names] == [False, False, True]
    assert "\n  true answer: Larkton\n" in repr(made)
    assert "tools goes on: Larkton . (cut) (has the true answer)" in repr(made)
    assert "“Who are you ?” (Larkton is true)" in made.picture().alt
    made.question = "The cow ?"
    assert "true" not in repr(made)
    assert not any(answer["true"] for answer in made.answers.values())


def test_hidden_voices_keep_their_place_and_their_answers() -> None:
    made = switcher(shown=["tools"])
    assert repr(made).endswith("hidden: base, sft")
    assert set(made.answers) == {"base", "sft", "tools"}
    made.shown = ["tools", "base"]
    assert made.shown == ["base", "tools"]
    made.shown = []
    assert "nobody is shown" in made.picture().alt
    with pytest.raises(ValueError, match=r"shown has 'gpt': use names of \['base'"):
        made.shown = ["gpt"]


def test_shown_voices_are_asked_first_and_cards_fill_one_by_one() -> None:
    made = switcher(shown=["tools"])
    seen: list[list[str]] = []
    made.observe(lambda change: seen.append(list(change["new"])), "answers")
    made.question = "The cow ?"
    assert seen == [[], ["tools"], ["tools", "base"], ["tools", "base", "sft"]]


@pytest.mark.parametrize(
    ("names", "words", "said"),
    [
        ([], {}, "0 voices: give 1 to 8"),
        ("abcdefghi", {}, "9 voices"),
        ("aa", {}, "name 'a': give each voice a name of its own"),
        (" ", {}, "name ' '"),
        ("a", {"question": ""}, "the question is empty"),
        ("a", {"question": "moo " * 80}, "320 characters: use at most 300"),
        ("a", {"shown": ["b"]}, "shown has 'b'"),
    ],
)
def test_the_switcher_refuses_what_it_cannot_show(
    names: str, words: dict[str, Any], said: str
) -> None:
    voices = [Voice(name, user_of_tools, None) for name in names]
    with pytest.raises(ValueError, match=said):
        StageSwitcher(voices, **{"question": "Hi", **words})


def test_javascript_reads_the_answers_as_python_tells_them(tmp_path: Path) -> None:
    program = """
        import { cardOf, commonError, switched } from "./stage_switcher.js";
        const bad = (text) => ({ state: "error", text });
        answer = [cases.states.map((state) => state.names.map((name) =>
          cardOf(name, state))), switched(["a", "b", "c"], ["c"], "a"),
          switched(["a", "b", "c"], ["a", "c"], "c"),
          [["x", "x"], ["x", "y"], []].map((texts) => commonError(texts.map(bad))),
          commonError([bad("x"), { state: "answer", text: "x" }])];"""
    made = switcher(question="Who said yak ?")
    names = ("names", "completes", "asked", "answers")
    now = {name: getattr(made, name) for name in names}
    later = {**now, "asked": 1}
    cards, on, off, common, mixed = run_js(tmp_path, program, {"states": [now, later]})
    base, sft, tools = cards[0]
    assert base["state"] == tools["state"] == "answer"
    assert base["text"] == made.answers["base"]["text"]
    assert base["note"] == "goes on with your words"
    assert tools["calls"] == made.answers["tools"]["calls"]
    assert tools["note"].endswith("; cut")
    assert sft["state"] == "error"
    assert f"{sft['note']}: {sft['text']}" in repr(made)
    assert {card["state"] for card in cards[1]} == {"waiting"}
    assert (on, off) == (["a", "c"], ["a"])
    assert (common, mixed) == (["x", "", ""], "")


@pytest.mark.parametrize(
    "make",
    [
        lambda: PreferenceButtons(CASES),
        lambda: RewardFrontier(POINTS),
        switcher,
    ],
    ids=["buttons", "frontier", "switcher"],
)
def test_it_comes_with_the_same_png_alt_text_and_words_each_time(make: Any) -> None:
    data, metadata = make()._repr_mimebundle_()
    again, _ = make()._repr_mimebundle_()
    assert data["image/png"] == again["image/png"]
    assert data["text/plain"] == again["text/plain"] == repr(make())
    assert len(metadata["image/png"]["alt"]) > 20
