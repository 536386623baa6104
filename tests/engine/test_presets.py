"""presets: every recipe starts, on texts nobody here wrote, and goes on exactly."""

import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import tiny_world as world
from classroom import cli
from course_lib.engine import presets
from course_lib.engine.checkpoint_file import from_metadata
from course_lib.engine.presets import PRESETS, adapted, prepare
from course_lib.files import load_checkpoint
from course_lib.gpt import GPTConfig, count_parameters
from course_lib.mlp import NameMLPConfig
from course_lib.tokenizer import CharTokenizer

TEXT = "Der Fuchs läuft über den Zaun. नमस्ते! The fox, naïve, ran home.\n" * 60
SMALL = {"emb_dim": 16, "n_heads": 2, "n_layers": 1, "context_size": 16}


def course(*words: object) -> int:
    """Run a command in this process; returns its exit code."""
    with pytest.raises(SystemExit) as stopped:
        cli.main([str(word) for word in words])
    return int(stopped.value.code or 0)


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "novel.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("kind", [None, "bpe"])
def test_every_preset_starts_at_ln_v_and_learns(
    text: Path, name: str, kind: str | None
) -> None:
    own = {"text": text, "tokenizer": kind, "vocab_size": 300}
    if name in ("names", "world"):
        own = {}
    shape = {"hidden_dim": 8} if name == "names" else SMALL
    job = prepare(
        name, shape=shape, recipe={"steps": 3}, batch_size=8, device="cpu", **own
    )
    records = list(job.start())
    V = job.model.config.vocab_size
    assert records[0].val_loss_nats == pytest.approx(math.log(V), rel=0.05)
    assert records[-1].val_loss_nats < records[0].val_loss_nats
    assert next(iter(job.lines.values())) == pytest.approx(math.log(V), rel=0.01)
    assert job.sample(job.model.eval()) == records[-1].sample


def test_sizes_are_as_the_table_says() -> None:
    sizes = {
        name: count_parameters(preset.model)
        for name, preset in PRESETS.items()
        if not isinstance(preset.model, NameMLPConfig)
    }
    assert sizes["gpt2-small"] == 124_439_808
    assert sizes["world"] == pytest.approx(0.6e6, rel=0.1)
    # nanoGPT's with the same layers has 804,096 for the 65 characters of its text.
    assert count_parameters(replace(PRESETS["shakespeare"].model, vocab_size=65)) < 8e5


def test_bits_per_byte_do_not_depend_on_the_tokenizer(text: Path) -> None:
    found = {}
    for kind in ("characters", "bpe"):
        job = prepare(
            "shakespeare", text=text, tokenizer=kind, vocab_size=300, shape=SMALL,
            tokens_at=text.with_suffix(f".{kind}"), device="cpu",
        )  # fmt: skip
        assert job.bytes_per_token is not None
        nats_per_byte = math.log(9)
        loss = nats_per_byte * job.bytes_per_token
        found[kind] = job.bits_per_byte(loss)
        part = job.tokenizer.decode(job.tokenizer.encode(TEXT))
        assert part == TEXT
    assert found["characters"] == pytest.approx(math.log2(9))
    assert found["bpe"] == pytest.approx(math.log2(9))
    assert prepare("names", device="cpu").bits_per_byte(1.0) is None


def test_the_floor_of_tiny_world_is_the_one_of_its_held_out_words() -> None:
    job = prepare("world", device="cpu", shape={"context_size": 32, **{"n_layers": 1}})
    held = world.token_rows(world.World(seed=0), "val", 0, 128, 33)
    assert job.floor_nats == pytest.approx(held.nats[:, 1:].mean().item())
    assert job.metadata["tokenizer"] == {"kind": "world"}


def test_tokens_are_written_once_and_again_for_another_text(text: Path) -> None:
    def make(**own: object) -> None:
        prepare("shakespeare", text=text, shape=SMALL, device="cpu", **own)

    make()
    path = text.with_suffix(".tokens")
    first = path.stat().st_mtime_ns
    make()
    assert path.stat().st_mtime_ns == first
    make(tokenizer="bpe", vocab_size=300)
    assert path.stat().st_mtime_ns > first
    path.write_bytes(b"cut")
    make()
    text.write_text(TEXT[::-1], encoding="utf-8")
    tokenizer = CharTokenizer.from_text(TEXT)
    make(tokenizer=tokenizer)
    from course_lib.engine.token_files import TokenFile

    assert TokenFile(path).tokens.tolist() == tokenizer.encode(TEXT[::-1])


def test_without_gpt2s_ranks_our_own_tokenizer_takes_their_place(
    text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> None:
        raise FileNotFoundError("the rank file of gpt2 is not here: fetch it.\nOr not.")

    monkeypatch.setattr(presets.texts, "PretrainedTokenizer", absent)
    job = prepare("gpt2-small", text=text, vocab_size=300, shape=SMALL, device="cpu")
    assert job.metadata["tokenizer"]["kind"] == "bpe"
    assert "the rank file of gpt2 is not here" in job.note
    assert "300 tokens" in job.note
    with pytest.raises(FileNotFoundError, match="fetch it"):
        prepare("gpt2-small", text=text, tokenizer="gpt2", shape=SMALL, device="cpu")


def test_without_a_size_a_short_text_gets_as_many_merges_as_it_has(
    text: Path,
) -> None:
    job = prepare("shakespeare", text=text, tokenizer="bpe", shape=SMALL, device="cpu")
    merges = job.metadata["tokenizer"]["merges"]
    assert 0 < len(merges) < 200
    text.write_text(TEXT + "qxqzqw", encoding="utf-8")  # no pair of it comes twice
    again = prepare(
        "shakespeare", text=text, tokenizer="bpe", shape=SMALL, device="cpu"
    )
    assert again.metadata["tokenizer"]["merges"] == merges
    with pytest.raises(ValueError, match="vocab_size is 4096, but after"):
        prepare("shakespeare", text=text, tokenizer="bpe", vocab_size=4096)


def test_a_text_far_too_short_is_said_before_training(text: Path) -> None:
    def note(steps: int) -> str:
        job = prepare(
            "shakespeare", text=text, shape=SMALL, batch_size=10, device="cpu",
            recipe={"steps": steps},
        )  # fmt: skip
        return job.note

    n_tokens = len(TEXT) - round(len(TEXT) * 0.1)
    enough = 15 * n_tokens // 160
    assert note(enough) == ""
    assert "read 30 times. Expect over-fitting" in note(2 * enough)


def test_a_large_vocabulary_is_rounded_up_for_the_matrix_products(text: Path) -> None:
    alphabet = "".join(map(chr, range(0x4E00, 0x4E00 + 1030)))
    text.write_text(alphabet * 3, encoding="utf-8")
    job = prepare("shakespeare", text=text, shape=SMALL, device="cpu")
    assert job.tokenizer.vocab_size == 1030
    assert job.model.config.vocab_size == 1088


def test_a_rounded_vocabulary_is_written_with_to_its_last_token_and_no_further(
    text: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alphabet = "".join(map(chr, range(0x4E00, 0x4E00 + 1030)))
    text.write_text(alphabet * 3, encoding="utf-8")
    out = tmp_path / "signs.safetensors"
    words = ["train", "--preset", "shakespeare", "--text", text, "--out", out, *TINY]
    assert course(*words, "--steps", 2) == 0
    capsys.readouterr()
    hot = ["--temperature", 30, "--slide", "-n", 3, "--prompt", alphabet[0]]
    assert course("generate", out, *hot) == 0
    written = capsys.readouterr().out.replace("\n---\n", "")
    assert len(written) == 3 * 201 + 1
    assert set(written) <= {*alphabet, "\n"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"novel\.txt is empty"),
        (b"ab" * 400 + b"\xff", "line 1: byte 0xff at offset 800 is not UTF-8"),
        (b"a short text", "the text has 12 tokens: .* a context of 64 needs 650"),
    ],
)
def test_a_text_that_cannot_serve_is_refused(
    text: Path, content: bytes, message: str
) -> None:
    text.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        prepare("shakespeare", text=text, device="cpu")


def test_unknown_settings_and_kinds_are_named(text: Path) -> None:
    with pytest.raises(ValueError, match="GPTConfig has no setting 'depth'; it has"):
        prepare("world", shape={"depth": 2})
    with pytest.raises(ValueError, match="tokenizer is 'words': use characters"):
        prepare("shakespeare", text=text, tokenizer="words")
    with pytest.raises(ValueError, match="batch_size is 0"):
        prepare("world", batch_size=0)
    with pytest.raises(ValueError, match=r"Tiny World has \d+ words"):
        prepare("world", shape={"vocab_size": 300})


def test_warm_up_and_reports_follow_the_number_of_steps() -> None:
    for steps in (1, 19, 1000, 4400):
        config = adapted(PRESETS["world"], {}, {"steps": steps}, None).config
        assert config.warmup_steps == round(steps * 0.03)
        assert config.eval_every == math.ceil(steps / 10)
    config = adapted(PRESETS["world"], {}, {"steps": 9, "warmup_steps": 2}, 3).config
    assert config.warmup_steps == 2


TINY = ["--layers", 1, "--width", 16, "--heads", 2, "--context", 16, "--batch", 4]


def test_course_train_on_any_text_saves_what_generate_needs(
    text: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, log = tmp_path / "runs" / "novel.safetensors", tmp_path / "runs" / "novel.csv"
    words = ["train", "--preset", "shakespeare", "--text", text, "--out", out, *TINY]
    words += ["--steps", 20, "--log", log, "--keep", 2, "--save-every", 8]
    assert course(*words) == 0
    said = capsys.readouterr().out
    for part in ("tokens to learn from", "ln ", "bits per byte", "tokens a second"):
        assert part in said
    facts = load_checkpoint(out).metadata
    assert facts["kind"] == "gpt"
    assert GPTConfig(**facts["model"]).n_layers == 1
    tokenizer = from_metadata(facts["tokenizer"])
    assert tokenizer.decode(tokenizer.encode("naïve")) == "naïve"
    assert len(log.read_text("utf-8").splitlines()) == 22
    assert (out.parent / "novel-16.safetensors").exists()
    assert course(*words) == 2
    assert "exists; add --resume" in capsys.readouterr().err
    assert course(*words, "--resume", "--accumulate", 2) == 0
    assert "0 updates" in capsys.readouterr().out
    assert course(*words, "--resume", "--layers", 2) == 2
    assert "was begun with --layers 1, not 2" in capsys.readouterr().err
    assert course(*words, "--resume", "--tokenizer", "bpe") == 2
    assert "with --tokenizer characters, not bpe" in capsys.readouterr().err
    text.write_text(TEXT[::-1], encoding="utf-8")
    assert course(*words, "--resume") == 2
    assert "the same --text, --batch and --seed" in capsys.readouterr().err


def test_course_train_on_tiny_world_says_how_far_the_floor_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "w.safetensors"
    words = ["train", "--preset", "world", "--out", out, *TINY, "--steps", 4]
    assert course(*words) == 0
    assert "% above the floor" in capsys.readouterr().out


def test_a_run_that_leaves_the_numbers_says_so_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", "--out", tmp_path / "n", "--learning-rate", "1e38"]
    assert course(*words, "--steps", 50, "--hidden", 4) == 1
    said = capsys.readouterr().err
    assert said.startswith("course: the loss is ")
    assert "lower --learning-rate;" in said or said.endswith("--learning-rate\n")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals are sent the POSIX way")
def test_a_run_killed_at_any_moment_ends_with_the_same_weights(tmp_path: Path) -> None:
    words = ["train", "--preset", "world", *map(str, TINY), "--steps", "60"]
    words += ["--save-every", "5", "--device", "cpu"]

    command = [sys.executable, "-m", "classroom.cli", *words]
    command += ["--out", str(tmp_path / "parts")]
    assert course(*words, "--out", tmp_path / "whole") == 0
    for least in (5, 30):
        more = ["--resume"] if (tmp_path / "parts").exists() else []
        with subprocess.Popen([*command, *more], stdout=subprocess.DEVNULL) as run:
            while _step(tmp_path / "parts") < least and run.poll() is None:
                time.sleep(0.01)
            run.send_signal(signal.SIGKILL)
        assert least <= _step(tmp_path / "parts") <= 60
    assert course(*words, "--out", tmp_path / "parts", "--resume") == 0
    parts, whole = (load_checkpoint(tmp_path / name) for name in ("parts", "whole"))
    assert parts.metadata == whole.metadata
    assert parts.tensors.keys() == whole.tensors.keys()
    for name, tensor in whole.tensors.items():
        assert torch.equal(tensor, parts.tensors[name]), name


def _step(path: Path) -> int:
    return int(load_checkpoint(path).metadata["step"]) if path.exists() else -1
