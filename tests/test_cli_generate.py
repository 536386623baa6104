"""course generate with a GPT: text as the library writes it, errors in one line."""

from pathlib import Path

import pytest
import torch

from course_lib.checkpoint import save_checkpoint
from course_lib.classroom import cli
from course_lib.generate import generate_texts
from course_lib.gpt import GPT, GPTConfig
from course_lib.pretrained import save_gpt
from course_lib.tokenizer import CharTokenizer, to_facts

LETTERS = CharTokenizer("abcd ")
MODEL = GPT(
    GPTConfig(vocab_size=5, context_size=32, emb_dim=16, n_layers=1),
    torch.Generator().manual_seed(0),
).eval()


def course(*words: object) -> int:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["generate", *(str(word) for word in words)])
    return int(stopped.value.code or 0)


@pytest.fixture
def gpt(tmp_path: Path) -> Path:
    path = tmp_path / "gpt.safetensors"
    save_gpt(path, MODEL, {"tokenizer": to_facts(LETTERS)})
    return path


def test_the_terminal_shows_what_the_library_writes(
    gpt: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--temperature", 0.9, "--top-k", 4, "--max-tokens", 12, "--seed", 3)
    assert course(gpt, "--prompt", "ab", "-n", 2, *options) == 0
    first, second = generate_texts(
        MODEL,
        LETTERS,
        ["ab", "ab"],
        max_new_tokens=12,
        seeds=3,
        temperature=0.9,
        top_k=4,
    )
    assert capsys.readouterr().out == f"ab{first}\n---\nab{second}\n"


def test_stop_strings_and_sliding(
    gpt: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = (gpt, "--prompt", "a", "--seed", 1)
    assert course(*options) == 0
    assert len(capsys.readouterr().out) == 33 + 1  # the context is full
    assert course(*options, "--slide", "--max-tokens", 70) == 0
    free = capsys.readouterr().out
    assert len(free) == 71 + 1
    assert course(*options, "--stop", free[5:7], "--stop", "dddddd") == 0
    assert capsys.readouterr().out.strip("\n") == free[: free.find(free[5:7], 1)]


def test_int8_writes(gpt: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert course(gpt, "--prompt", "ab", "--int8", "--repetition-penalty", 1.2) == 0
    assert capsys.readouterr().out.startswith("ab")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--prompt", ""], "the prompt is empty"),
        (["--prompt", "xyz"], "'x'"),
        (["--prompt", "a" * 33], "prompt 1 has 33 tokens and this model reads 32"),
        (["--prompt", "a", "--top-k", "6"], "top_k is 6: use 1 .. 5"),
        (["--prompt", "a", "--min-p", "2"], "min_p is 2.0"),
        (["--prompt", "a", "--max-tokens", "0"], "--max-tokens"),
        (["--prompt", "a", "--stop", ""], "none empty"),
        (["--names", "list.txt"], "--names is for names"),
    ],
)
def test_bad_requests_are_one_line(
    gpt: Path, options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert course(gpt, *options) == 2
    shown = capsys.readouterr()
    [line] = shown.err.strip().splitlines()
    assert message in line
    assert shown.out == ""


def test_files_that_cannot_write_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mute, odd = tmp_path / "mute.safetensors", tmp_path / "odd.safetensors"
    save_gpt(mute, MODEL)
    assert course(mute, "--prompt", "a") == 2
    assert "a GPT without its tokenizer" in capsys.readouterr().err
    save_checkpoint(odd, {}, {"model": {"wheels": 4}})
    assert course(odd) == 2
    assert "does not hold a names model or a GPT" in capsys.readouterr().err
    assert course(odd, "--prompt", "a") == 2
    assert "--prompt is for a GPT" in capsys.readouterr().err
