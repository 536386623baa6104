"""The prompt box: what the model writes, its surprise, what it has copied."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional as F

import tiny_world as world
from course_lib.generate import generate
from course_lib.gpt import GPT, GPTConfig
from course_play.widgets.prompt_box import PromptBox, surprise_level
from tests.course_play.widget_js import run_js

KNOWN = world.encode("Once there was a shy cow. It said moo.")


def model() -> GPT:
    config = GPTConfig(
        vocab_size=world.VOCAB_SIZE, context_size=40, emb_dim=16, n_layers=1
    )
    made = GPT(config, torch.Generator().manual_seed(0))
    with torch.no_grad():
        made.embedding.weight *= 30  # some words become likely
    return made.eval()


def box(**words: Any) -> PromptBox:
    return PromptBox(
        model(), world.WorldTokenizer(), KNOWN, **{"prompt": "It said", **words}
    )


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_it_writes_what_generate_writes(temperature: float) -> None:
    made = box(temperature=temperature, n_new=9, seed=4)
    begin = [0, *world.encode("It said")]
    (written,) = generate(
        model(),
        [begin],
        max_new_tokens=9,
        stop_tokens=[0],
        seeds=4,
        temperature=temperature,
    )
    shown = world.decode(written) + ["(end)"] * (len(written) < 9)
    assert made.answer["words"] == ["It", "said", *shown]


def test_the_surprise_is_the_loss_of_each_word() -> None:
    made = box(n_new=5, stop=None)
    tokens = torch.tensor([[0, *world.encode(made.answer["words"])]])
    with torch.no_grad():
        logits = model()(tokens[:, :-1])[0]
    loss = F.cross_entropy(logits, tokens[0, 1:], reduction="none")
    torch.testing.assert_close(
        torch.tensor(made.answer["nats"]), loss, atol=1e-4, rtol=1e-4
    )
    best = logits.softmax(-1).max(-1)
    for (word, p), i, q in zip(
        [row[0] for row in made.answer["expected"]],
        best.indices,
        best.values,
        strict=True,
    ):
        assert word == world.VOCABULARY[i]
        assert math.isclose(p, q, abs_tol=1e-5)


def test_the_first_word_has_no_surprise_if_nothing_stands_before_it() -> None:
    made = box(start=None)
    assert made.answer["nats"][0] is None
    assert made.answer["expected"][0] == []
    made.word = 0
    assert "in place of" not in repr(made)
    assert made.picture().alt


def test_the_copy_meter_counts_the_longest_known_piece() -> None:
    made = box(prompt="The shy cow . It said moo .", n_new=1)
    assert made.answer["longest"] == [1, 7]
    assert made.answer["copied"][:8] == [0, *[7] * 7]
    assert "has 7 words, 0 of them the model's" in made.copy_line()
    assert "(a new text has 14 on average)" in box(fresh=14.2).copy_line()


def test_a_prompt_that_cannot_be_read_is_said_and_changes_nothing() -> None:
    made = box()
    before = dict(made.answer)
    made.prompt = "It said yak"
    assert "word 3 is 'yak'" in made.error
    assert "was not read" in repr(made)
    assert made.answer == before
    made.prompt = "It said " + "moo " * 40
    assert "use at most 38" in made.error
    made.prompt = "It"
    assert made.error == ""


def test_a_prompt_gets_the_capitals_of_the_only_word_that_fits() -> None:
    made = box()
    made.prompt = "once there was a shy Cow"
    assert made.prompt == "once there was a shy cow".replace("o", "O", 1)
    assert made.error == ""
    made.prompt = "IT said moo"  # It, or it?
    assert "near words: It, it" in made.error or "near words: it, It" in made.error


def test_one_change_of_several_traits_gets_one_answer() -> None:
    made = box()
    answers = []
    made.observe(answers.append, "answer")
    with made.hold_trait_notifications():
        made.prompt, made.asked, made.roll = "The cow", 1, 1
        made.temperature = 1.0
    assert len(answers) == 1
    assert made.answered == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"n_new": 0}, r"n_new is 0: use 1 \.\. 39"),
        ({"n_new": 40}, r"n_new is 40: use 1 \.\. 39"),
        ({"temperature": 2.5}, "temperature is 2.5"),
        ({"prompt": "yak"}, "prompt 'yak': word 1 is 'yak'"),
        ({"prompt": "", "start": None}, "it is empty"),
    ],
)
def test_it_refuses_what_it_cannot_show(words: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        box(**words)


def test_a_word_outside_the_text_is_refused() -> None:
    with pytest.raises(ValueError, match="word is 99: it must be in"):
        box().word = 99


def test_javascript_marks_the_words_as_python_does(tmp_path: Path) -> None:
    made = box(temperature=1.0, seed=3, start=None)
    program = """
        import { surpriseLevel, wordMarks, summary } from "./prompt_box.js";
        answer = [cases.levels.map(surpriseLevel), wordMarks(cases.answer, "surprise"),
          wordMarks(cases.answer, "copies"), summary(cases.answer)];"""
    levels = [0, 0.05, 0.1, 0.99, 1, 2.99, 3, 9]
    cases = {"levels": levels, "answer": made.answer}
    theirs, surprise, copies, told = run_js(tmp_path, program, cases)
    assert theirs == [surprise_level(x) for x in levels]
    nats = made.answer["nats"]
    assert [m["level"] for m in surprise] == [
        0 if x is None else surprise_level(x) for x in nats
    ]
    assert [m["below"] for m in surprise] == made._numbers()
    made.mark = "copies"
    assert [m["below"] for m in copies] == made._numbers()
    own = [x for x in nats[2:] if x is not None]
    assert math.isclose(told["mean"], sum(own) / len(own))
    assert f"has {told['copied']} words, {told['ownCopied']} of" in made.copy_line()
