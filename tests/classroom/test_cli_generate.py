"""course generate with a GPT: text as the library writes it, errors in one line."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from classroom import cli
from course_lib.files import save, save_checkpoint
from course_lib.generate import generate_texts
from course_lib.gpt import GPT, GPTConfig
from course_lib.mlp import NameMLP, NameMLPConfig
from course_lib.tokenizer import CharTokenizer

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
    save(path, MODEL, LETTERS)
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


def test_with_slide_a_prompt_that_is_too_long_is_cut_and_said(
    gpt: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    long = "abcd" * 10
    assert course(gpt, "--prompt", long, "--slide", "--max-tokens", 40) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith(long)
    assert len(shown.out) == 40 + 40 + 1
    assert "its first 24 tokens are not read" in shown.err


def test_a_model_with_more_rows_than_letters_writes_letters_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "padded.safetensors"
    config = GPTConfig(vocab_size=64, context_size=32, emb_dim=16, n_layers=1)
    save(path, GPT(config), LETTERS)
    hot = (path, "--prompt", "a", "--temperature", 50, "-n", 3)
    assert course(*hot) == 0
    assert set(capsys.readouterr().out) <= {*"abcd -\n"}


FOREIGN = "नमस्ते दुनिया। "


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_page_of_256_letters_ends_neither_training_nor_writing(
    tmp_path: Path, encoding: str
) -> None:
    (tmp_path / "hindi.txt").write_text(FOREIGN * 60, encoding="utf-8")
    out = str(tmp_path / "hindi.safetensors")
    sizes = ["--layers", "1", "--width", "16", "--heads", "2", "--context", "16"]
    train = ["train", "--preset", "shakespeare", "--text", "hindi.txt", *sizes]
    script = "import sys; from classroom import cli\n"
    for words in ([*train, "--steps", "2"], ["generate", "--prompt", FOREIGN[:3]]):
        place = ["--out", out] if words[0] == "train" else [out]
        script += f"try: cli.main({[words[0], *place, *words[1:]]!r})\n"
        script += "except SystemExit as end: print('code', end.code)\n"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.stdout.count("code 0\n") == 2, done.stdout + done.stderr
    first = FOREIGN[0]  # as such, where click writes UTF-8 in place of ASCII
    assert first in done.stdout or ascii(first)[1:-1] in done.stdout


def test_int8_writes(gpt: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert course(gpt, "--prompt", "ab", "--int8", "--repetition-penalty", 1.2) == 0
    assert capsys.readouterr().out.startswith("ab")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--prompt", ""], "the prompt is empty"),
        (["--prompt", "xyz"], "'x'"),
        (["--prompt", "a" * 33], "or add --slide to let the oldest go"),
        (["--prompt", "a", "--top-k", "6"], "--top-k is 6: use 1 .. 5"),
        (["--prompt", "a", "--min-p", "2"], "--min-p is 2.0"),
        (["--prompt", "a", "--repetition-penalty", "0"], "--repetition-penalty is 0.0"),
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
    assert not re.search(r"None|`|[a-z]_[a-z]", line.replace(str(gpt), ""))
    assert shown.out == ""


def test_files_that_cannot_write_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mute, odd = tmp_path / "mute.safetensors", tmp_path / "odd.safetensors"
    save(mute, MODEL)
    assert course(mute, "--prompt", "a") == 2
    assert "a GPT without its tokenizer" in capsys.readouterr().err
    save_checkpoint(odd, {}, {"model": {"wheels": 4}})
    assert course(odd) == 2
    assert "does not hold a names model or a GPT" in capsys.readouterr().err
    save(odd, NameMLP(NameMLPConfig()))
    assert course(odd, "--stop", "a") == 2
    assert "--stop is for a GPT" in capsys.readouterr().err
