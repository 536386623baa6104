"""LossMask, ProbeTable, RefusalThreshold, ToolTrace: counts by hand, JS as Python."""

import random
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional as F

import tiny_world as world
from course_lib.chat import Answer, Call, Message, answer_batch, answers
from course_lib.gpt import GPT, GPTConfig
from course_play.widgets import LossMask, ProbeTable, RefusalThreshold, ToolTrace
from course_play.widgets.chat_tokens import piece_of, roles_of
from course_play.widgets.loss_mask import mean_loss
from course_play.widgets.probe_table import TEMPERATURES, favourite, judged
from course_play.widgets.refusal_threshold import bins, refusing, share_curve
from tests.course_play.widget_js import run_js
from tiny_world import assistant

TEMPLATE = assistant.chat_template()
SUM = [
    Message("system", "Your name is Pip ."),
    Message("user", "What is 1 + 2 ?"),
    Message("call", "1 + 2", "calc"),
    Message("result", "3"),
    Message("assistant", "1 + 2 = 3 ."),
]
TALKS = {
    "a greeting": [Message("user", "Hello !"), Message("assistant", "Hello !")],
    "a sum": SUM,
}


def model() -> GPT:
    config = GPTConfig(
        vocab_size=TEMPLATE.tokenizer.vocab_size,
        context_size=40,
        emb_dim=16,
        n_layers=1,
    )
    return GPT(config, torch.Generator().manual_seed(0))


def mask(**words: Any) -> LossMask:
    return LossMask(model(), TEMPLATE, TALKS, **words)


def ask(question: str, n: int, temperature: float) -> list[str]:
    """The hotter, the more it varies; of strangers it knows nothing."""
    dice = random.Random(f"{question} {temperature}")
    foods = ["soup .", "cake .", "Sorry , I do not know .", "", "rice ."]
    heat = temperature if "cow" in question else 3 * temperature
    return [foods[int(dice.random() * min(4.99, 2 * heat))] for _ in range(n)]


QUESTIONS = {
    "What does the cow like ?": "soup",
    "What does Zo like ?": "",
    "Who ?": "x",
}
STRANGER = world.World(seed=0).held_out[0].name


def probe(**words: Any) -> ProbeTable:
    return ProbeTable(ask, QUESTIONS, **words)


def threshold(**words: Any) -> RefusalThreshold:
    dice = random.Random(0)
    known = [dice.random() ** 4 for _ in range(40)]
    return RefusalThreshold(known, [1 - p for p in known[:30]], **words)


def answer(talk: list[Message], *calls: Call, problem: str = "") -> Answer:
    """A talk's answer, as if a model had written it."""
    start = len(TEMPLATE.prompt(talk[:1]))
    tokens = TEMPLATE.encode(talk).tokens[start:]
    return Answer(talk[-1].text, list(calls), problem, tokens)


def traced() -> dict[str, Answer]:
    failed = [
        Message("user", f"What does {STRANGER} like ?"),
        Message("call", f"{STRANGER} food", "search"),
        Message("result", "No"),
        Message("assistant", "Sorry , I do not know ."),
    ]
    problem = "LookupError: the records have nothing on it"
    return {
        SUM[1].text: answer(SUM[1:], Call("calc", "1 + 2", "3")),
        "Who are you ?": answer(
            [Message("user", "Who are you ?"), Message("assistant", "I am Tiny .")]
        ),
        failed[0].text: answer(
            failed, Call("search", f"{STRANGER} food", "No", problem)
        ),
    }


def trace(**words: Any) -> ToolTrace:
    return ToolTrace(traced(), TEMPLATE, **words)


@pytest.mark.parametrize("label", TALKS)
@pytest.mark.parametrize("counted", ["answers", "everything"])
def test_the_mask_shows_the_loss_that_training_takes(label: str, counted: str) -> None:
    made, net = mask(talk=label, counted=counted), model()
    batch = answer_batch([TEMPLATE.encode(TALKS[label])])
    with torch.no_grad():
        logits = net(batch.inputs)[0]
    losses = F.cross_entropy(logits, batch.targets[0], reduction="none")
    assert batch.weights is not None
    weights = batch.weights[0] if counted == "answers" else torch.ones_like(losses)
    n, mean = made.summary
    assert n == weights.sum()
    assert mean == pytest.approx(float((losses * weights).sum() / n), abs=1e-4)
    assert made.row["nats"][1:] == pytest.approx(losses.tolist(), abs=1e-4)
    assert made.row["nats"][0] is None
    assert f"{n} of {len(losses) + 1} tokens count" in repr(made)


def test_every_token_has_the_role_of_its_message() -> None:
    tokens = TEMPLATE.encode(SUM).tokens
    roles = roles_of(TEMPLATE, tokens)
    for role in ("system", "user", "call", "result", "assistant"):
        (message,) = [m for m in SUM if m.role == role]
        own = [t for t, r in zip(tokens, roles, strict=True) if r == role]
        assert own == TEMPLATE.tokenizer.encode(message.text)
    marks = [t for t, r in zip(tokens, roles, strict=True) if r == "mark"]
    names = "<eot> <sys> <user> <asst> <calc> </calc> <result> </result> <end>"
    assert " ".join(piece_of(TEMPLATE, t) for t in marks) == names


def test_what_counts_is_what_the_assistant_wrote() -> None:
    made = mask(talk="a sum")
    words = made.row["words"]
    counted = [w for w, flag in zip(words, made.counts, strict=True) if flag]
    assert " ".join(counted) == "<calc> 1 + 2 </calc> 1 + 2 = 3 . <end>"
    assert "[<end>]" in repr(made)
    assert "[user]" not in repr(made)


@pytest.mark.parametrize(
    ("talks", "words", "said"),
    [
        ({}, {}, "0 talks: give 1 to 12"),
        ({"x": TALKS["a sum"]}, {"talk": "y"}, "talk is 'y': use one of x"),
        ({"x": TALKS["a sum"]}, {"counted": "all"}, "counted is 'all': use answers"),
        ({"x": [Message("assistant", "Hello !")]}, {}, "talk 'x': message 1 is"),
        ({"x": []}, {}, "talk 'x' has 1 tokens: give 2 to 40"),
        ({"x": [Message("user", "you " * 40)]}, {}, "talk 'x' has 42 tokens"),
    ],
)
def test_the_mask_refuses_what_it_cannot_show(
    talks: dict[str, list[Message]], words: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        LossMask(model(), TEMPLATE, talks, **words)


def test_the_mask_wants_a_model_that_knows_the_words_of_chats() -> None:
    small = GPT(GPTConfig(vocab_size=world.VOCAB_SIZE, emb_dim=16, n_layers=1))
    with pytest.raises(ValueError, match="they do not belong together"):
        LossMask(small, TEMPLATE, TALKS)


def test_javascript_masks_alike(tmp_path: Path) -> None:
    rows = mask().rows
    program = """
import { maskSummary, roleLabels } from "./loss_mask.js";
answer = cases.map((row) => [maskSummary(row, "answers"),
  maskSummary(row, "everything"), roleLabels(row.roles)]);"""
    for row, (own, everything, labels) in zip(
        rows, run_js(tmp_path, program, rows), strict=True
    ):
        for shown, counted in ((own, "answers"), (everything, "everything")):
            n, mean = mean_loss(row["learned"], row["nats"], counted)
            assert shown["n"] == n
            assert shown["mean"] == pytest.approx(mean)
        assert [label for label in labels if label] == (
            ["user", "assistant"]
            if row["label"] == "a greeting"
            else ["system", "user", "call", "result", "assistant"]
        )


def test_four_of_five_agree_and_three_do_not() -> None:
    assert favourite(list("aaaab")) == ("a", 4, True)
    assert favourite(list("aaabb")) == ("a", 3, False)
    assert favourite(list("bbaac")) == ("b", 2, False)
    assert favourite([""] * 5) == ("", 5, False)
    assert favourite(list("aaaaaaabcd")).agrees is False


def test_a_judgement_is_one_of_five_words() -> None:
    cases = [("soup", "soup"), ("soups", "soup"), ("Sorry , I do", "x"), ("a", "")]
    told = [judged(value, truth) for value, truth in [*cases, ("", "")]]
    assert told == ["true", "false", "refused", "nobody knows", "no answer"]
    assert judged("Sorry", "") == "refused"


def test_the_table_asks_once_for_each_temperature() -> None:
    asked = []

    def remember(question: str, n: int, temperature: float) -> list[str]:
        asked.append((question, n, temperature))
        return ["soup ."] * n

    table = ProbeTable(remember, {"What ?": "soup"}, n_asks=3, temperature=0.6)
    assert asked == [("What ?", 3, t) for t in TEMPERATURES]
    table.temperature = 2.0
    assert len(asked) == 5
    assert table.counts == (1, 0, 0)
    assert "soup 3 of 3, agrees, true" in repr(table)


@pytest.mark.parametrize(
    ("questions", "words", "said"),
    [
        ({}, {}, "0 questions: give 1 to 24"),
        (QUESTIONS, {"n_asks": 1}, "n_asks is 1: give 2 to 10"),
        (QUESTIONS, {"temperature": 0.7}, "temperature is 0.7: use one of 0.2, 0.6"),
    ],
)
def test_the_table_refuses_what_it_cannot_ask(
    questions: dict[str, str], words: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        ProbeTable(ask, questions, **words)


def test_the_table_says_when_an_answer_is_missing() -> None:
    with pytest.raises(ValueError, match=r"ask gave 1 answers to 'Who \?'"):
        ProbeTable(lambda question, n, temperature: ["x"], {"Who ?": ""})
    with pytest.raises(ValueError, match="temperature is 3"):
        probe().temperature = 3


def test_javascript_probes_alike(tmp_path: Path) -> None:
    program = """
import { TEMPERATURES, favouriteOf, probeAt } from "./probe_table.js";
answer = [TEMPERATURES, cases.values.map(favouriteOf),
  TEMPERATURES.map((t) => probeAt(cases.rows, t))];"""
    dice = random.Random(1)
    values = [dice.choices(["a", "b", ""], k=dice.randint(2, 10)) for _ in range(99)]
    table = probe()
    stops, found, shown = run_js(
        tmp_path, program, {"values": values, "rows": table.rows}
    )
    assert stops == list(TEMPERATURES)
    for row, fav in zip(values, found, strict=True):
        assert (fav["value"], fav["times"], fav["agrees"]) == favourite(row)
    for t, page in zip(TEMPERATURES, shown, strict=True):
        table.temperature = t
        counts = (page["agreeTrue"], page["agreeOther"], page["disagree"])
        assert counts == table.counts
        assert [row["judgement"] for row in page["shown"]] == table.judgements


def test_a_threshold_counts_what_stands_above_it() -> None:
    assert refusing([0.5, 0.6], [0.5, 0.7, 0.8, 0.1], 0.5) == (2, 1, 2 / 3, 0.5)
    assert refusing([0.0], [1.0], 1.0) == (0, 0, None, 0.0)
    assert refusing([0.0], [1.0], 0.0) == (1, 0, 1.0, 1.0)
    nothing = RefusalThreshold([0.1], [0.2], threshold=0.9)
    assert "precision -, recall 0.00" in repr(nothing)


def test_the_stairs_are_the_share_above_each_threshold() -> None:
    dice = random.Random(3)
    values = [round(dice.random(), 1) for _ in range(30)]
    corners = share_curve(values)
    assert corners[0][0] == 0
    assert corners[-1][0] == 1
    for t in (0.0, 0.05, 0.1, 0.55, 0.999, 1.0):
        share = [share for at, share in corners if at <= t][-1]
        assert share == pytest.approx(sum(p > t for p in values) / 30)
    assert sum(bins(values)) == 30


@pytest.mark.parametrize(
    ("known", "unknown", "t", "said"),
    [
        ([], [0.5], 0.5, "known has 0 values: give 1 to 1,000"),
        ([0.5], [0.1] * 1001, 0.5, "unknown has 1001 values"),
        ([0.5, 1.5], [0.5], 0.5, "known holds 1.5: P must be in"),
        ([0.5], [float("nan")], 0.5, "unknown holds nan"),
        ([0.5], [0.5], 1.2, "threshold is 1.2: it must be in"),
    ],
)
def test_a_threshold_refuses_what_is_no_probability(
    known: list[float], unknown: list[float], t: float, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        RefusalThreshold(known, unknown, threshold=t)


def test_javascript_refuses_alike(tmp_path: Path) -> None:
    dice = random.Random(2)
    groups = [
        [round(dice.random() ** k, 2) for _ in range(n)]
        for k, n in ((1, 1), (3, 20), (0.2, 50), (30, 9))
    ]
    groups += [[0.0, 1.0], [0.0], [1.0]]
    cases = [[a, b, t] for a in groups for b in groups for t in (0, 0.3, 0.5, 1)]
    program = """
import { binsOf, refusing, shareCurve } from "./refusal_threshold.js";
answer = cases.map(([a, b, t]) => [refusing(a, b, t), shareCurve(a), binsOf(a)]);"""
    for (known, unknown, t), (now, corners, found) in zip(
        cases, run_js(tmp_path, program, cases), strict=True
    ):
        assert now == refusing(known, unknown, t)._asdict()
        assert [tuple(corner) for corner in corners] == share_curve(known)
        assert found == bins(known)


def test_the_trace_goes_through_an_answer_of_a_real_model() -> None:
    net = model()
    asked = "Who are you ?"
    (real,) = answers(net, TEMPLATE, [[Message("user", asked)]], max_new_tokens=6)
    made = ToolTrace({asked: real}, TEMPLATE)
    made.step = made.n_steps
    written = [text for text, by in made.context if by == "model"]
    assert written == [
        piece_of(TEMPLATE, token)
        for token, own in zip(real.tokens, TEMPLATE.loss_mask(real.tokens), strict=True)
        if own
    ]
    if real.problem:
        assert real.problem in repr(made)


def test_a_call_its_tool_and_its_result_are_steps_of_their_own() -> None:
    made = trace()
    kinds = [step["kind"] for step in made.trace["steps"]]
    call = ["open", "call", "call", "call", "close", "tool", "result"]
    assert kinds == ["question", *call, *["text"] * 6, "end"]
    made.step = 6
    assert made.actor == "tool"
    assert "gets “1 + 2” and gives “3”" in repr(made)
    made.step = 7
    assert [text for text, by in made.context if by == "tool"] == [
        "<result>",
        "3",
        "</result>",
    ]
    assert "the user reads: (nothing yet)" in repr(made)
    made.step = made.n_steps
    assert "the user reads: 1 + 2 = 3." in repr(made)
    assert [by for _, by in made.context].count("tool") == 3


def test_a_failed_call_shows_its_problem() -> None:
    made = trace(question=f"What does {STRANGER} like ?", step=6)
    assert made.now["kind"] == "tool"
    assert "fails (LookupError: the records have nothing on it)" in repr(made)
    assert "The model will see “No”" in repr(made)


def test_an_answer_that_is_not_whole_says_why() -> None:
    cut = answer(SUM[1:], Call("calc", "1 + 2", "3"), problem="48 tokens, no end")
    cut.tokens = cut.tokens[:-3]
    made = ToolTrace({SUM[1].text: cut}, TEMPLATE)
    made.step = made.n_steps
    assert "The answer is not whole: 48 tokens, no end." in repr(made)


def test_another_question_keeps_the_step_inside_its_answer() -> None:
    made = trace(step=12)
    made.question = "Who are you ?"
    assert made.step == made.n_steps == 5
    with pytest.raises(ValueError, match="step is 6: give 0 to 5"):
        made.step = 6
    made.set_state({"question": SUM[1].text, "step": 12})
    assert (made.question, made.step) == (SUM[1].text, 12)
    made.set_state({"step": 0, "question": "Who are you ?"})
    assert (made.question, made.step) == ("Who are you ?", 0)


@pytest.mark.parametrize(
    ("given", "words", "said"),
    [
        ({}, {}, "0 answers: give 1 to 12"),
        (
            {"Who is yak ?": Answer("x", tokens=[7])},
            {},
            r"question 'Who is yak \?': message 1",
        ),
        ({"Who are you ?": Answer("x")}, {}, "has 0 tokens: give 1 to 96"),
        (
            {"Who are you ?": answer(SUM[1:])},
            {},
            "closes 1 calls in its tokens and lists 0",
        ),
        (traced(), {"question": "Why ?"}, r"question is 'Why \?': use one of"),
        (traced(), {"step": 99}, "step is 99: give 0 to 14"),
    ],
)
def test_the_trace_refuses_what_it_cannot_show(
    given: dict[str, Answer], words: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        ToolTrace(given, TEMPLATE, **words)


def test_javascript_steps_through_alike(tmp_path: Path) -> None:
    made = trace()
    program = """
import { traceAt, writerLabels } from "./tool_trace.js";
answer = cases.map((trace) => trace.steps.map((_, step) => {
  const now = traceAt(trace, step);
  return { ...now, labels: writerLabels(now.tokens) };
}));"""
    for row, steps in zip(
        made.traces, run_js(tmp_path, program, made.traces), strict=True
    ):
        made.step, made.question = 0, row["question"]
        seen = 0
        for step, shown in enumerate(steps):
            made.step = step
            context = [(token["text"], token["by"]) for token in shown["tokens"]]
            assert context == made.context
            assert shown["actor"] == made.actor
            assert shown["say"] in repr(made)
            fresh = [token["fresh"] for token in shown["tokens"]]
            assert sum(fresh) == (len(context) - seen if step else 0)
            seen = len(context)
            assert len(shown["calls"]) == sum(
                row["steps"][i]["kind"] == "tool" for i in range(step + 1)
            )
            assert shown["labels"].count("tool") <= 1
