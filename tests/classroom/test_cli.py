"""The course command: help, exit codes, one clear line when something is wrong."""

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from classroom import (
    cli,
    cli_extras,
    cli_lessons,
    doctor,
    kernel,
    lab,
    lessons,
    progress,
)
from classroom.homework import author
from classroom.lessons import Lesson, LessonError
from course_lib.files import load_checkpoint, save_checkpoint
from course_lib.names import load_names

COMMANDS = ["lab", "run", "build", "doctor", "data", "train", "generate", "chat"]
COMMANDS += [
    "check",
    "release",
    "grade",
    "snapshots",
    "bench",
    "data list",
    "data fetch",
    "data verify",
]

LESSON = """\
# %% [markdown]
# # 0. Small

# %%
assert 1 + 1 == 2
1 + 1
"""


def course(*words: object) -> int:
    """Run a command in this process; returns its exit code."""
    with pytest.raises(SystemExit) as stopped:
        cli.main([str(word) for word in words])
    return int(stopped.value.code or 0)


def one_line(text: str) -> str:
    [line] = text.strip().splitlines()
    assert line.startswith("course: ")
    assert "Traceback" not in line
    return line


@pytest.fixture
def own_lessons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with one lesson, 00_small; returns its notebooks folder."""
    notebooks = tmp_path / "notebooks"
    (notebooks / "source").mkdir(parents=True)
    (notebooks / "source" / "00_small.py").write_text(LESSON, encoding="utf-8")

    def find(wanted: list[str] = ()) -> list[Lesson]:  # type: ignore[assignment]
        return lessons.find_lessons(wanted, notebooks)

    for module in (cli_lessons, lab, doctor):
        monkeypatch.setattr(module, "find_lessons", find)
    monkeypatch.setattr(cli_lessons, "orphans", lambda: lessons.orphans(notebooks))
    monkeypatch.setattr(author, "find_masters", lambda names: {})
    return notebooks


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_has_help_with_an_example(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert course(*command.split(), "--help") == 0
    text = capsys.readouterr().out
    assert "Usage: course" in text
    assert f"Example: course {command}".strip() in text


def test_course_alone_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    course()
    shown = capsys.readouterr()
    assert all(command in shown.out for command in COMMANDS[:8])
    assert shown.err == ""


def test_help_does_not_wait_for_torch_or_jupyter() -> None:
    code = (
        "import sys; from classroom import cli; "
        "print([m for m in ('torch', 'nbformat', 'jupytext', 'matplotlib', "
        "'jupyterlab', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["cook"], "No such command 'cook'"),
        (["train", "--stepps", "3"], "--stepps"),
        (["train", "--steps", "0"], "--steps"),
        (["train", "--preset", "novel"], "no preset 'novel'; presets: names, world"),
        (["train", "--layers", "2"], "--layers goes with --preset world or"),
        (["train", "--preset", "world", "--text", "a"], "--text goes with --preset"),
        (["train", "--preset", "gpt2-small"], "needs a text: give --text FILE"),
        (["train", "--resume", "--overwrite"], "exclude each other"),
        (
            ["train", "--learning-rate", "0"],
            "--learning-rate is 0.0: use a number above 0",
        ),
        (["train", "--muon-learning-rate", "0"], "--muon-learning-rate goes with"),
        (
            ["train", "--preset", "world", "--muon-learning-rate", "0"],
            "--muon-learning-rate is 0.0: use a number above 0",
        ),
        (["train", "--precision", ""], "--precision is ''"),
        (["train", "--preset", "world", "--width", "30"], "--width is 30: use a"),
        (["train", "--seed", "-1"], "Invalid value for '--seed'"),
        (
            ["generate", "x", "--seed", str(2**32)],
            "Invalid value for '--seed'",
        ),
        (["chat", "--seed", str(2**32)], "Invalid value for '--seed'"),
        (["train", "--batch", "100000000000"], "Invalid value for '--batch'"),
        (["chat", "--temperature", "-1"], "--temperature is -1.0: use a number > 0"),
        (["chat", "sft", "--system", "Be a parrot"], "not in the vocabulary of"),
        (["build", "--execute"], "--execute goes with --check"),
        (["run", "77"], "there is no lesson '77'"),
        (["lab", "01", "02"], "one lesson at a time"),
        (["lab", "--port", "0"], "--port"),
        (["generate", "nowhere.safetensors"], "nowhere.safetensors is missing"),
        (["data", "fetch", "moby-dick"], "there is no file 'moby-dick'; files: "),
        (["bench", "nothing"], "there is no benchmark 'nothing'"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert course(*words) == 2
    assert message in one_line(capsys.readouterr().err)


def test_debug_shows_the_traceback() -> None:
    with pytest.raises(ValueError, match="no lesson '77'"):
        cli.main(["run", "77", "--debug"])


def test_an_unexpected_error_names_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(numbers: object) -> None:
        raise ZeroDivisionError("division\nby zero")

    monkeypatch.setattr(cli_lessons, "_some", fail)
    assert course("run") == 1
    line = one_line(capsys.readouterr().err)
    assert "ZeroDivisionError: division by zero (--debug shows where)" in line


def test_a_full_disk_is_said_with_the_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(numbers: object) -> None:
        raise OSError(28, "No space left on device", "runs/x")

    monkeypatch.setattr(cli_lessons, "_some", fail)
    assert course("run") == 1
    assert "runs/x: No space left on device" in one_line(capsys.readouterr().err)


def test_ctrl_c_is_no_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(numbers: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli_lessons, "_some", stop)
    assert course("run") == 130
    assert capsys.readouterr().err == "course: stopped\n"


def test_run_says_time_and_facts_and_writes_nothing(
    own_lessons: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert course("run") == 0
    first, total = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"00_small +ok +\d+\.\d s +1 facts", first)
    assert re.fullmatch(r"1 lesson +ok +\d+\.\d s +1 facts asserted", total)
    assert sorted(path.name for path in own_lessons.iterdir()) == ["source"]


def test_run_counts_appendices_apart(
    own_lessons: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (own_lessons / "source" / "90_more.py").write_text(LESSON, encoding="utf-8")
    assert course("run") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:2]] == ["00_small", "90_more"]
    assert lines[2].startswith("1 lesson, 1 appendix  ok")
    some = cli_lessons.find_lessons(["90"])
    assert cli_lessons._count(some * 2) == "2 appendices"


def test_run_leaves_out_what_needs_a_model_that_is_not_here(
    own_lessons: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from course_lib.engine import smollm

    (own_lessons / "source" / "26_real.py").write_text(LESSON, encoding="utf-8")
    monkeypatch.setattr(smollm, "is_here", lambda: False)
    assert course("run") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split(maxsplit=1)[0] == "26_real"
    assert lines[0].endswith("left out, it needs a model: course data fetch smollm2")
    assert lines[-1].startswith("1 lesson ")
    monkeypatch.setattr(smollm, "is_here", lambda: True)
    assert course("run") == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("2 lessons ")


def test_build_check_and_a_failure(
    own_lessons: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert course("build", "--check") == 1
    assert "missing; run: course build" in capsys.readouterr().out
    assert course("build", "0") == 0
    said = capsys.readouterr().out
    assert "00_small" in said
    assert "built, build again to seal" in said
    source = own_lessons / "source" / "00_small.py"
    source.write_text(LESSON.replace("== 2", "== 3"), encoding="utf-8")
    old = (own_lessons / "00_small.ipynb").read_bytes()
    for word in ("build", "run"):
        assert course(word) == 1
        said = capsys.readouterr().err
        assert 'source/00_small.py:5, cell 2, under "0. Small"' in said
        assert "AssertionError" in said
    assert (own_lessons / "00_small.ipynb").read_bytes() == old


def test_check_execute_sees_an_output_that_nobody_computed(
    own_lessons: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from classroom import build, lint

    monkeypatch.setattr(lint, "find_faults", lambda notebook, name: [])
    monkeypatch.setattr(build, "render", lambda lesson, on_cell: new)
    [lesson] = cli_lessons.find_lessons()
    notebook = build.read_source(lesson.source)
    build.clean(notebook)
    notebook.cells[1].execution_count = 1
    new = build.serialise(notebook)
    lesson.notebook.write_bytes(new)
    assert course("build", "--check", "--execute") == 0
    lesson.notebook.write_bytes(new + b"\n")
    assert course("build", "--check") == 0
    assert course("build", "--check", "--execute") == 1
    assert "a new build gives other bytes" in capsys.readouterr().out
    (own_lessons / "05_gone.ipynb").write_text("{}", "utf-8")
    assert course("build", "--check") == 1
    assert "05_gone.ipynb: no source builds it" in capsys.readouterr().err


def test_lab_opens_the_lesson_and_passes_options_on(
    own_lessons: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(lab.os, "execve", lambda path, args, env: started.append(args))
    (own_lessons / "00_small.ipynb").write_text("{}", "utf-8")
    assert course("lab", "--no-browser", "--port", 9000, "--", "--ip", "0.0.0.0") == 0
    [command] = started
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert "--LabApp.default_url=/lab/tree/00_small.ipynb" in command
    assert "--port=9000" in command
    assert "--no-browser" in command
    assert command[-2:] == ["--ip", "0.0.0.0"]
    (folder,) = [word for word in command if "app_settings_dir" in word]
    written = Path(folder.partition("=")[2], "overrides.json").read_text("utf-8")
    assert json.loads(written) == lab.SETTINGS
    assert lab.SETTINGS.items() >= json.loads(lab.PACKAGED.read_text("utf-8")).items()


def test_lab_wants_a_built_notebook(
    own_lessons: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert course("lab") == 2
    assert "00_small.ipynb is missing" in one_line(capsys.readouterr().err)


def test_doctor_is_content_with_this_machine(
    own_lessons: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (own_lessons / "00_small.ipynb").write_text("{}", "utf-8")
    code = course("doctor")
    text = capsys.readouterr().out
    assert code == 0, text
    for name in ("python", "packages", "torch", "device", "disk", "kernel"):
        assert re.search(rf"^(ok|note) +{name} ", text, re.MULTILINE)


def test_doctor_fails_on_a_real_problem_only(
    own_lessons: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken() -> list[str]:
        raise RuntimeError("no such\nkernel")

    monkeypatch.setattr(kernel, "kernel_command", broken)
    assert course("doctor") == 1
    text = capsys.readouterr().out
    assert "problem  kernel      RuntimeError: no such kernel" in text
    assert "problem  lessons     notebooks missing: 00; run: course build" in text


def test_the_kernel_is_this_interpreter() -> None:
    assert Path(kernel.kernel_command()[0]).samefile(sys.executable)


def test_a_package_too_old_or_missing_is_named() -> None:
    from packaging.requirements import Requirement

    assert doctor._trouble(Requirement("pytest>=8")) == ""
    assert "pytest is" in doctor._trouble(Requirement("pytest<1"))
    assert doctor._trouble(Requirement("no-such-thing")) == "no-such-thing is missing"


def test_train_then_generate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "runs" / "names.safetensors"
    assert course("train", "--steps", 20, "--hidden", 8, "--out", out) == 0
    text = capsys.readouterr().out
    assert "761 parameters" in text
    assert "3.296  ln 27" in text
    assert "held out" in text
    assert course("generate", out, "-n", 3, "--temperature", 0.8, "--seed", 1) == 0
    first = capsys.readouterr()
    lines = first.out.splitlines()
    assert len(lines) == 3
    assert all(re.search(r"  (new|memorised)\b", line) for line in lines)
    assert " of 3 new" in first.err
    assert course("generate", out, "-n", 3, "--temperature", 0.8, "--seed", 1) == 0
    assert capsys.readouterr().out == first.out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--temperature", -1], "--temperature is -1.0"),
        (["--temperature", "nan"], "--temperature is nan"),
        (["--top-k", 28], "--top-k is 28: use 1 .. 27\n"),
        (["--top-p", 0], "--top-p is 0.0: use a number in (0, 1]\n"),
        (["--min-p", 0], "--min-p is for a GPT"),
    ],
)
def test_generate_refuses_bad_knobs(
    trained: Path,
    options: list[object],
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert course("generate", trained, *options) == 2
    said = capsys.readouterr().err
    assert one_line(said)
    assert message in said


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "names.safetensors"
    assert course("train", "--steps", 4, "--hidden", 8, "--out", out) == 0
    return out


def test_a_saved_run_is_not_overwritten_by_accident(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = trained.read_bytes()
    same = ["--steps", 4, "--hidden", 8, "--out", trained]
    assert course("train", *same) == 2
    assert "exists; add --resume or --overwrite" in one_line(capsys.readouterr().err)
    assert course("train", "--resume", *same) == 0
    assert "0 updates" in capsys.readouterr().out
    assert course("train", "--resume", "--out", trained) == 0  # the saved settings
    assert (
        "it had all its updates: add --steps 8 to train on" in capsys.readouterr().out
    )
    assert trained.read_bytes() == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--steps", 3], "was begun with --steps 4, not 3: use 4 or more"),
        (["--hidden", 9], "was begun with --hidden 8, not 9"),
        (["--learning-rate", 1], "was begun with --learning-rate 0.01, not 1.0"),
        (["--seed", 1], "other data: give the same --names, --batch and --seed"),
        (["--batch", 3], "other data: give the same --names, --batch and --seed"),
        (["--preset", "world"], "was begun with --preset names"),
    ],
)
def test_a_run_that_goes_on_differently_is_refused_by_the_option(
    trained: Path,
    options: list[object],
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = trained.read_bytes()
    assert course("train", "--resume", "--out", trained, *options) == 2
    assert message in one_line(capsys.readouterr().err)
    assert trained.read_bytes() == before


def test_resume_trains_longer_and_says_at_which_rate(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "names.safetensors"
    out.write_bytes(trained.read_bytes())
    assert course("train", "--resume", "--steps", 8, "--out", out) == 0
    said = capsys.readouterr().out
    assert "--steps 4 becomes 8" in said
    assert "goes on at 0.005 after update 4" in said  # half of 0.01, falling to 0
    assert "4 updates in" in said
    facts = load_checkpoint(out).metadata
    assert (facts["step"], facts["config"]["steps"]) == (8, 8)


def test_a_model_without_a_run_cannot_be_resumed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "bare.safetensors"
    save_checkpoint(out, {}, {"preset": "names"})
    assert course("train", "--resume", "--out", out) == 2
    assert "holds a model, but no run to resume" in one_line(capsys.readouterr().err)


def test_sizes_that_no_memory_holds_are_named_by_their_options(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for size in (10**13, 10**18):
        words = ["train", "--hidden", size, "--out", tmp_path / "n.safetensors"]
        assert course(*words) == 2
        assert "use a smaller --batch" in one_line(capsys.readouterr().err)
    assert os.listdir(tmp_path) == []


def test_ctrl_c_before_the_first_update_claims_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(progress, "_say_before", stop)
    out = tmp_path / "names.safetensors"
    assert course("train", "--hidden", 8, "--out", out) == 130
    said = capsys.readouterr()
    assert said.out == "stopped before the first update: nothing is saved\n"
    assert said.err == "course: stopped\n"
    assert not out.exists()
    out.write_bytes(b"before")
    assert course("train", "--hidden", 8, "--out", out, "--overwrite") == 130
    assert f"the run before is in {out}.old" in capsys.readouterr().out


def test_an_import_that_ctrl_c_broke_is_no_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def half_imported(numbers: object) -> None:
        with suppress(KeyboardInterrupt):  # as some extension modules do
            signal.raise_signal(signal.SIGINT)
        raise AttributeError("module 'numpy' has no attribute 'intp'")

    monkeypatch.setattr(cli_lessons, "_some", half_imported)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert course("run") == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert capsys.readouterr().err == "course: stopped\n"


def test_the_handlers_of_signals_are_put_back() -> None:
    before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    assert course("cook") == 2
    assert before == [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]


def test_overwrite_starts_again_and_keeps_the_old_file(tmp_path: Path) -> None:
    out = tmp_path / "names.safetensors"
    same = ["--steps", 2, "--hidden", 8, "--out", out]
    assert course("train", *same) == 0
    before = out.read_bytes()
    assert course("train", *same, "--seed", 1, "--overwrite") == 0
    assert out.with_name("names.safetensors.old").read_bytes() == before
    assert out.read_bytes() != before


def test_a_checkpoint_cut_in_half_is_refused(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    half = tmp_path / "half.safetensors"
    half.write_bytes(trained.read_bytes()[:500])
    assert course("generate", half) == 2
    assert "cut short, damaged" in one_line(capsys.readouterr().err)


def test_your_own_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own.txt"
    own.write_text("\n".join(load_names()[:60]) + "\n", encoding="utf-8")
    out = tmp_path / "own.safetensors"
    assert course("train", "--steps", 2, "--names", own, "--out", out) == 0
    assert course("generate", out, "-n", 2, "--names", own) == 0
    capsys.readouterr()


def test_your_own_names_in_another_alphabet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own, out = tmp_path / "own.txt", tmp_path / "own.safetensors"
    names = [a + b + "å" for a in ("Zoë-", "ñ", "한") for b in "aiou지नी"]
    own.write_text("Name\n" + "\n".join(names * 2), encoding="utf-16")
    assert course("train", "--steps", 2, "--names", own, "--out", out) == 0
    said = capsys.readouterr().out
    letters = set("".join(names).lower())
    assert f"ln {len(letters) + 1}: knows nothing" in said
    assert f"{own}: header 'Name' left out (1), written with capitals (7), " in said
    assert f"repeats left out ({len(names)})" in said
    assert f"alphabet: {len(letters) + 1} signs, the end mark . and - a i o u z" in said
    assert (
        course("generate", out, "-n", 3, "--prompt", "ZOE\u0308", "--names", own) == 0
    )
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert all(re.fullmatch(r"zoë.*  (new|memorised)\b.*", line) for line in lines)
    assert set("".join(line.split("  ")[0] for line in lines)) <= letters
    assert course("generate", out, "-n", 1) == 0
    shown = capsys.readouterr()
    assert "new" not in shown.out
    assert "with --names LIST" in shown.err
    for prompt, message in (("x", "'x' holds 'x': only '."), ("å.", "'.' ends a name")):
        assert course("generate", out, "--prompt", prompt) == 2
        assert message in one_line(capsys.readouterr().err)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"asha\n\nra3vi\n", "line 3: 'ra3vi' holds '3'"),
        (b"asha\nrav\xff\n", "line 2: byte 0xff"),
        (b"PK\x03\x04", "is a zip file: unpack it"),
        (b"asha\n", "too few"),
        (b"", "holds no names"),
    ],
)
def test_a_bad_list_of_names_is_refused_with_its_line(
    tmp_path: Path, content: bytes, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own.txt"
    own.write_bytes(content)
    out = tmp_path / "own.safetensors"
    assert course("train", "--names", own, "--out", out) == 2
    assert message in one_line(capsys.readouterr().err)
    assert not out.exists()


@pytest.mark.skipif(os.name == "nt", reason="signals are sent the POSIX way")
@pytest.mark.parametrize(("sent", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_in_training_saves_the_state_and_says_so(
    tmp_path: Path, sent: str, code: int
) -> None:
    out = tmp_path / "names.safetensors"
    words = ["train", "--steps", "1000000", "--hidden", "8", "--out", str(out)]
    command = [sys.executable, "-m", "classroom.cli", *words]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = ""
        for line in process.stdout:
            if line.startswith("step      0") and "step" not in said:
                process.send_signal(getattr(signal, sent))
            said += line
        errors = process.stderr.read()
    assert process.returncode == code
    assert re.search(rf"after [\d,]+ updates is saved in {re.escape(str(out))}", said)
    assert errors == "course: stopped\n"
    assert out.exists()


def test_data_comes_from_a_folder_by_its_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import hashlib
    from dataclasses import replace

    from course_lib.engine import downloads as text

    content = b"a small text\n"
    small = replace(
        text.CORPORA["tinyshakespeare"],
        sha256=hashlib.sha256(content).hexdigest(),
        n_bytes=len(content),
    )
    gpt2 = text.CORPORA["gpt2-small"]
    known = {"tinyshakespeare": small, "gpt2-small": gpt2}
    monkeypatch.setattr(text, "CORPORA", known)
    monkeypatch.setattr(text, "FETCHED", tmp_path / "fetched")
    stick = tmp_path / "stick"
    stick.mkdir()
    assert course("data", "fetch", "--from", stick) == 1
    assert "holds no file" in capsys.readouterr().err
    (stick / "any-name.txt").write_bytes(content)
    assert course("data", "fetch", "--from", stick) == 0  # without the large one
    assert "tinyshakespeare: ok" in capsys.readouterr().out
    (tmp_path / "fetched" / "tinyshakespeare.txt").write_bytes(b"damaged")
    assert course("data", "fetch", "tinyshakespeare", "--from", stick) == 0
    assert "kept the damaged file as" in capsys.readouterr().err
    assert course("data", "fetch", "gpt2-small", "--from", stick) == 1
    assert "548,105,171 bytes and the sha256 248dfc391186" in capsys.readouterr().err


def test_data_list_and_verify(capsys: pytest.CaptureFixture[str]) -> None:
    assert course("data", "list") == 0
    assert "tinyshakespeare" in capsys.readouterr().out
    course("data", "verify")
    assert re.search(r"^ok +names.txt$", capsys.readouterr().out, re.MULTILINE)


def test_bench_runs_the_scripts_and_reports_a_failure(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    monkeypatch.setattr(cli_extras, "ROOT", tmp_path)
    assert course("bench") == 2
    (folder / "bench_good.py").write_text("print('11 times')", "utf-8")
    (folder / "bench_bad.py").write_text("raise SystemExit(3)", "utf-8")
    assert course("bench", "good") == 0
    assert "11 times" in capfd.readouterr().out
    assert course("bench") == 1
    assert "failed: bad" in capfd.readouterr().err


def test_a_lesson_error_is_shown_as_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(numbers: object) -> None:
        raise LessonError("source/00.py:5, cell 2", "ValueError: x\n  line")

    monkeypatch.setattr(cli_lessons, "_some", fail)
    assert course("run") == 1
    said = capsys.readouterr().err
    assert said == "course: source/00.py:5, cell 2\nValueError: x\n  line\n"
