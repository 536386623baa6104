"""The preset lora: conversations become small matrices beside a real model."""

import hashlib
import json
import re
import string
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch

from classroom import cli
from course_lib.batches import Batch, batch_loss
from course_lib.chat import ChatMLTemplate, Message
from course_lib.engine import smollm
from course_lib.engine.chat_files import load_conversations, placed_conversations
from course_lib.engine.downloads import DATA
from course_lib.engine.presets import Job, own_talks
from course_lib.engine.presets.own_answers import (
    KEPT,
    OWN_ANSWERS,
    keeping_loss,
    own_examples,
)
from course_lib.engine.presets.own_talks import (
    RECIPE,
    fitted,
    own_talks_job,
    talk_batches,
)
from course_lib.engine.smollm import Real, load_beside, load_smollm2
from course_lib.files import load_checkpoint, save
from course_lib.gpt import GPT, GPTConfig
from course_lib.tokenizer import CharTokenizer
from course_lib.train.gradients import some_rows
from tiny_world.assistant.voices import voice_of

MARKED = CharTokenizer(string.printable, special_tokens=ChatMLTemplate.MARKS)
TEMPLATE = ChatMLTemplate(MARKED, "Be kind.")
ZOO, QUESTIONS = DATA / "zoo_guide.jsonl", DATA / "zoo_questions.jsonl"


def toy(seed: int = 0) -> Real:
    config = GPTConfig(
        vocab_size=MARKED.vocab_size,
        context_size=1024,
        emb_dim=32,
        n_layers=1,
        activation="swiglu",
        hidden_dim=40,
    )
    model = GPT(config, torch.Generator().manual_seed(seed)).eval()
    return Real(model, MARKED, TEMPLATE)


def talk(*texts: str, system: str = "") -> list[dict[str, str]]:
    roles = ("user", "assistant") * len(texts)
    said = [{"role": r, "content": t} for r, t in zip(roles, texts, strict=False)]
    return [{"role": "system", "content": system}, *said] if system else said


def written(folder: Path, *talks: list[dict[str, str]]) -> Path:
    path = folder / "talks.jsonl"
    path.write_text("\n".join(json.dumps({"messages": one}) for one in talks), "utf-8")
    return path


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    return written(tmp_path, *(talk(f"Hello {i}?", f"Yes, {i}.") for i in range(12)))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A toy in the real model's place."""
    path = tmp_path / "smollm2.safetensors"
    save(path, toy().model, MARKED, smollm.FACTS)
    monkeypatch.setattr(smollm, "smollm2_path", lambda folder=None: path)
    monkeypatch.chdir(tmp_path)
    return path


def course(*words: object) -> int:
    with pytest.raises(SystemExit) as stopped:
        cli.main([str(word) for word in words])
    return int(stopped.value.code or 0)


def test_all_talks_are_learned_equally_often_and_only_their_answers() -> None:
    talks = [[Message("user", f"Say {c}"), Message("assistant", c)] for c in "abcdefg"]
    batch_at = talk_batches(talks, TEMPLATE, 3, 200, seed=1)
    read, learned = Counter[str](), ""
    for step in range(7):
        batch = batch_at(step)
        assert batch.weights is not None
        learned += MARKED.decode(batch.targets[batch.weights == 1].tolist())
        read.update(
            re.findall(r"Say (\w)", MARKED.decode(batch.inputs.flatten().tolist()))
        )
    assert len(set(read.values())) == 1
    assert Counter(learned.replace("<|im_end|>", "")) == read
    assert learned.count("<|im_end|>") == sum(read.values())
    again = talk_batches(talks, TEMPLATE, 3, 200, seed=1)(3)
    assert torch.equal(again.inputs, batch_at(3).inputs)


def test_talks_of_other_rules_are_not_joined_and_rows_keep_their_size() -> None:
    rules = [("Be kind.", "k"), ("Be rude.", "r")]
    talks = [
        [Message("system", rule), Message("user", word * 9), Message("assistant", word)]
        for rule, word in rules * 4
    ]
    batch_at = talk_batches(talks, TEMPLATE, 4, 260, seed=0)
    for step in range(6):
        batch = batch_at(step)
        assert batch.inputs.shape[1] < 260
        for row in batch.inputs:
            text = MARKED.decode(row.tolist())
            assert ("kkk" in text) != ("rrr" in text)
            assert text.count("system") == 1


def test_a_long_talk_is_cut_at_an_answer_and_named(tmp_path: Path) -> None:
    long = talk("Hi?", "Yes.", "And?", "No. " * 99)
    path = written(tmp_path, talk("Hi?", "Yes."), long)
    notes: list[str] = []
    found = fitted(placed_conversations(path), TEMPLATE, 200, path, notes.append)
    assert [len(one) for one in found.talks] == [2, 2]
    assert re.search(
        r"1 talk is longer than 200 tokens; .* line 2 \(4\d\d tok", notes[0]
    )
    assert "2 of 4 messages stay" in notes[0]
    path = written(tmp_path, talk("Hi?", "Yes."), talk("Hi?", "No. " * 99))
    with pytest.raises(
        ValueError, match=r"line 2: its first answer ends at token 4\d\d"
    ):
        fitted(placed_conversations(path), TEMPLATE, 200, path, notes.append)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (talk("Hi?", " "), r"talks.jsonl, line 2: message 2 \(assistant\) is empty"),
        ([{"role": "owl", "content": "Hoo"}], "line 2: message 1: role is 'owl', use"),
        (talk("Hi?"), "line 2: it ends with user: there is no answer to learn"),
        (
            [*talk("Hi?"), {"role": "call", "content": "1"}, *talk("", "3")[1:]],
            "line 2",
        ),
    ],
)
def test_a_line_that_cannot_be_learned_is_named(
    wrong: Any, said: str, tmp_path: Path
) -> None:
    path = written(tmp_path, talk("Hi?", "Yes."), wrong)
    with pytest.raises(ValueError, match=said):
        own_talks_job(path, base=toy(), device="cpu")


def test_the_most_frequent_rules_are_those_of_the_chat(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        talk("Hi?", "Yes.", system="Be Pip."),
        talk("Hi?", "Yes.", system="Be Zuri."),
        talk("Hi?", "Yes.", system="Be Zuri."),
        talk("Hi?", "Yes."),
    )
    job = own_talks_job(path, base=toy(), device="cpu")
    assert job.metadata["system"] == "Be Zuri."
    assert job.metadata["examples"] == ["Hi?"]


def test_at_the_start_only_what_is_learned_has_a_loss(chats: Path) -> None:
    job = own_talks_job(chats, base=toy(), device="cpu")
    batch = job.batch_at(0)
    learned = some_rows(batch, slice(RECIPE.batch_size))
    assert batch.weights is not None
    assert learned.weights is not None
    share = learned.weights.sum() / batch.weights.sum()
    wanted = batch_loss(job.model, learned) * share
    torch.testing.assert_close(job.loss(job.model, batch), wanted)


def kept_part(job: Job, step: int) -> Batch:
    """The row of a batch that is kept, with nothing to learn beside it."""
    return some_rows(job.batch_at(step), slice(-1, None))


def test_what_is_kept_is_what_the_model_said_before_it_learned(chats: Path) -> None:
    job = own_talks_job(chats, base=toy(), device="cpu", recipe={"steps": 3})
    kept = kept_part(job, 0)
    learned_at = kept.targets >= 0
    assert ((kept.targets == KEPT) | (kept.weights == 0)).all()
    before = toy().model(kept.inputs).log_softmax(-1)  # (1, T, V)
    for _ in job.start():
        pass
    moved = keeping_loss(job.model, kept)
    now = job.model(kept.inputs).log_softmax(-1)
    divergence = (before.exp() * (before - now)).sum(-1)[~learned_at].mean()
    assert moved > 1e-6
    torch.testing.assert_close(moved, divergence, rtol=1e-3, atol=1e-7)


def test_a_batch_in_parts_has_the_gradient_of_the_whole(chats: Path) -> None:
    found = []
    for parts in (1, 3):
        recipe = {"steps": 4, "accumulate": parts, "learning_rate": 0.01}
        job = own_talks_job(chats, base=toy(), device="cpu", recipe=recipe)
        *_, last = job.start()
        found.append(last.loss_nats)
    assert found[0] == pytest.approx(found[1], rel=1e-4)


@pytest.mark.parametrize("batch_size", [None, 2])
def test_the_rows_of_a_batch_go_one_after_the_other(
    chats: Path, batch_size: int | None
) -> None:
    job = own_talks_job(chats, base=toy(), device="cpu", batch_size=batch_size)
    assert job.config.accumulate == len(job.batch_at(0).inputs)


def test_every_own_answer_is_kept_equally_often_in_a_chat_and_alone() -> None:
    own = own_examples(TEMPLATE, 512)
    talks = [[Message("user", "Hi?"), Message("assistant", "Hi")]]
    batch_at = talk_batches(talks, TEMPLATE, 1, 512, own, seed=2)
    rows = [MARKED.decode(batch_at(i).inputs[-1].tolist()) for i in range(len(own))]
    assert (
        len(set(rows))
        == len(own)
        == 2 * len(OWN_ANSWERS.read_text("utf-8").splitlines())
    )
    assert sum("assistant" in row for row in rows) == len(own) // 2


def test_the_own_answers_are_those_that_the_page_of_the_data_pins() -> None:
    page = (DATA / "README.md").read_text("utf-8")
    pinned = re.findall(rf"sha256 of `{OWN_ANSWERS.name}`: `([0-9a-f]{{64}})`", page)
    assert pinned == [hashlib.sha256(OWN_ANSWERS.read_bytes()).hexdigest()]


def test_other_english_is_not_among_the_own_answers() -> None:
    text = OWN_ANSWERS.read_text("utf-8").lower()
    for passage in own_talks.PROSE:
        words = passage.lower().split()
        fives = {" ".join(words[i : i + 5]) for i in range(len(words) - 4)}
        assert not [five for five in fives if five in text]


def test_a_run_shows_how_it_goes_and_the_file_talks(
    here: Path, chats: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ("train", "--preset", "lora", "--chats", chats, "--device", "cpu")
    assert course(*common, "--steps", 4, "--out", "pip.safetensors") == 0
    said = capsys.readouterr().out
    assert "12 talks, 3,264 numbers that learn" in said
    assert "other English" in said
    assert "Hello 0? -> " in said
    assert "now: course chat pip.safetensors" in said
    say = ("--say", "Hello 3?", "--max-tokens", 4)
    assert course("chat", "pip.safetensors", *say) == 0
    assert capsys.readouterr().out.startswith("you: Hello 3?\npip: ")
    voice = voice_of(Path("pip.safetensors"), max_new_tokens=4)
    assert voice.name == "pip"
    assert voice.examples == ("Hello 0?", "Hello 1?", "Hello 2?")
    names = load_checkpoint(Path("pip.safetensors")).tensors
    assert not any("embedding" in name or ".base." in name for name in names)


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(
    here: Path,
    chats: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    common = ("train", "--preset", "lora", "--chats", chats, "--device", "cpu")
    assert course(*common, "--steps", 8, "--out", "whole.safetensors") == 0
    asked, sampler = [], own_talks._sampler

    def stopping(*words: Any) -> Any:
        def sample(model: Any) -> str:
            asked.append(1)
            if len(asked) == 3:
                raise KeyboardInterrupt
            return sampler(*words)(model)

        return sample

    monkeypatch.setattr(own_talks, "_sampler", stopping)
    assert course(*common, "--steps", 8, "--out", "run.safetensors") == 130
    said = capsys.readouterr().out
    assert "the state after 4 updates is saved in run.safetensors" in said
    monkeypatch.setattr(own_talks, "_sampler", sampler)
    assert course(*common, "--resume", "--out", "run.safetensors") == 0
    run, whole = (load_checkpoint(Path(f"{n}.safetensors")) for n in ("run", "whole"))
    assert run.metadata == whole.metadata
    for name, tensor in whole.tensors.items():
        assert torch.equal(run.tensors[name], tensor), name


def test_what_cannot_be_begun_or_gone_on_with_is_said(
    here: Path, chats: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    common = ("train", "--preset", "lora", "--device", "cpu", "--out", "a.safetensors")

    def refused(*words: object) -> str:
        assert course(*common, *words) == 2
        return capsys.readouterr().err

    assert "--preset lora needs --chats FILE.jsonl" in refused()
    assert "--layers goes with" in refused("--chats", chats, "--layers", 2)
    assert "give a larger --context" in refused("--chats", chats, "--context", 40)
    assert course(*common, "--chats", chats, "--steps", 1) == 0
    assert "add --resume" in refused("--chats", chats)
    assert "was begun with --context 512" in refused(
        "--chats", chats, "--context", 99, "--resume"
    )
    other = tmp_path / "other.jsonl"
    other.write_text(chats.read_text("utf-8").replace("Yes", "No"), "utf-8")
    assert "give the same --chats, --batch and --seed" in refused(
        "--chats", other, "--resume", "--steps", 2
    )
    save(here, toy(seed=1).model, MARKED, smollm.FACTS)
    assert course("chat", "a.safetensors", "--say", "Hi") == 2
    assert "beside another base, smollm2, fingerprint" in capsys.readouterr().err


def test_without_the_real_model_one_line_says_what_to_do(
    chats: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    real = smollm.smollm2_path
    monkeypatch.setattr(smollm, "smollm2_path", lambda folder=None: real(tmp_path))
    out = tmp_path / "a.safetensors"
    assert course("train", "--preset", "lora", "--chats", chats, "--out", out) == 2
    said = capsys.readouterr().err
    assert "fetch it once (93 MB): python3 start.py data fetch smollm2" in said
    assert len(said.strip().splitlines()) == 1


def facts_of(talks: list[list[Message]]) -> dict[str, set[str]]:
    """Answer -> the questions that it is given to."""
    found: dict[str, set[str]] = {}
    for one in talks:
        for asked, said in pairwise(one):
            if asked.role == "user":
                found.setdefault(said.text, set()).add(asked.text)
    return found


def test_the_zoos_talks_are_whole_and_held_out_questions_are_not_in_them() -> None:
    talks = load_conversations(ZOO)
    assert len(talks) >= 100
    assert sum(len(one) > 3 for one in talks) > 50  # more than one turn
    questions = {m.text for one in talks for m in one if m.role == "user"}
    rows = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    assert len(rows) == 40
    answers = " ".join(m.text.lower() for one in talks for m in one)
    for row in rows:
        assert row["question"] not in questions
        assert re.search(row["answer"], answers), row


def test_each_fact_of_the_zoo_has_one_answer_and_two_phrasings() -> None:
    talks = load_conversations(ZOO)
    full = {a: q for a, q in facts_of(talks).items() if re.match(r"(The|Our) ", a)}
    facts = [a for a in full if re.search(r" (eats|lives|is called) ", a)]
    assert len(facts) >= 60
    given: dict[str, set[str]] = {}
    for answer, asked in facts_of(talks).items():
        for question in asked:
            given.setdefault(question, set()).add(answer)
    by_name = {q: a for q, a in given.items() if " it" not in q.lower()}
    assert all(len(a) == 1 for a in by_name.values()), "one question, two answers"


@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.model
def test_a_few_steps_teach_the_real_model_the_zoo(tmp_path: Path) -> None:
    path = tmp_path / "zoo.safetensors"
    job = own_talks_job(ZOO, recipe={"steps": 6, "warmup_steps": 1}, device="cpu")
    assert sum(p.requires_grad for p in job.model.parameters()) == 10 * 30
    losses = [record.loss_nats for record in job.start(path)]
    assert losses[-1] < losses[0] - 0.5
    assert path.stat().st_size < 30e6
    taught = load_beside(path)
    batch = some_rows(job.batch_at(99), slice(RECIPE.batch_size))
    fresh = batch_loss(load_smollm2().model, batch)
    assert batch_loss(taught.model, batch) < fresh - 0.5
