"""The steps of the set-up: bundles, half packages, signs of life, the report."""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from classroom.installing import bundle, installer, model, places, programs, report
from course_lib.engine import writing

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """A small bundle for this computer."""
    (tmp_path / bundle.WHEELS).mkdir()
    (tmp_path / bundle.DATA).mkdir()
    (tmp_path / bundle.WHEELS / "a-1-py3-none-any.whl").write_bytes(b"a wheel")
    (tmp_path / bundle.DATA / "model.gguf").write_bytes(b"a model")
    bundle._write_list(tmp_path, bundle.here())
    return tmp_path


def test_a_bundle_is_listed_with_sizes_and_hashes(stick: Path) -> None:
    facts = json.loads((stick / bundle.LIST).read_text("utf-8"))
    assert facts["python"] == "{}.{}".format(*sys.version_info)
    assert facts["files"]["data/model.gguf"] == [
        7,
        hashlib.sha256(b"a model").hexdigest(),
    ]
    assert bundle.checked(stick) == stick / bundle.WHEELS


def changed(name: str, content: bytes | None) -> Callable[[Path], None]:
    def change(stick: Path) -> None:
        (stick / name).unlink()
        if content is not None:
            (stick / name).write_bytes(content)

    return change


def for_others(**facts: str) -> Callable[[Path], None]:
    def change(stick: Path) -> None:
        path = stick / bundle.LIST
        text = json.dumps(json.loads(path.read_text("utf-8")) | facts)
        path.write_text(text, "utf-8")

    return change


WHEEL = "wheels/a-1-py3-none-any.whl"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (changed(WHEEL, None), r"The bundle lacks .*a-1-py3.*; make or copy it once"),
        (changed(WHEEL, b"a wh"), r"a-1-py3.*whl is cut short \(4 of 7 bytes\)"),
        (changed(WHEEL, b"A WHEEL"), r"a-1-py3.*whl is damaged \(its sha256 is"),
        (changed(bundle.LIST, None), r"holds no whole bundle \(bundle.json\)"),
        (changed(bundle.LIST, b"{"), r"bundle\.json is damaged"),
        (for_others(platform="beos_ppc"), r"is for beos_ppc with Python .*, this is "),
        (for_others(python="3.9"), r"Python 3\.9, this is .* --python 3\.1\d"),
    ],
    ids=["missing", "cut", "damaged", "no list", "bad list", "platform", "python"],
)
def test_a_bundle_that_does_not_serve_says_why(
    stick: Path, change: Callable[[Path], None], message: str
) -> None:
    change(stick)
    with pytest.raises(SystemExit, match=message):
        bundle.checked(stick)


def test_wheels_of_older_systems_serve_a_platform_too() -> None:
    assert bundle.wheel_platforms("win_amd64") == ["win_amd64"]
    linux = bundle.wheel_platforms("linux_x86_64")
    assert {"manylinux_2_28_x86_64", "manylinux2014_x86_64"} <= set(linux)
    assert "macosx_11_0_universal2" in bundle.wheel_platforms("macosx_arm64")


def test_this_computer_is_a_platform_that_bundles_know() -> None:
    assert places.platform_tag() in bundle.UV_NAMES


def test_a_folder_that_is_too_long_for_windows_is_refused() -> None:
    long = Path("C:/") / ("x" * places.LONGEST_HOME)
    with pytest.raises(SystemExit, match=r"is 3 letters too long.*Move the course"):
        places.check_length(long, long_paths=False)
    places.check_length(long, long_paths=True)
    places.check_length(Path("C:/course/.venv"), long_paths=False)
    if os.name == "posix":
        places.check_length(long)


def a_package(folder: Path, name: str, listed: str) -> Path:
    info = folder / f"{name}-1.dist-info"
    info.mkdir()
    (folder / f"{name}.py").write_text("x = 1\n", "utf-8")
    (info / "RECORD").write_text(listed, "utf-8")
    return info


def test_what_came_in_half_is_brought_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = a_package(tmp_path, "whole", "whole.py,sha256=x,6\nwhole.pyc,,\n")
    cut = a_package(tmp_path, "cut", "cut.py,sha256=x,99\n")
    gone = a_package(tmp_path, "gone", "gone.py,sha256=x,6\ngone/more.py,,\n")
    unlisted = a_package(tmp_path, "unlisted", "")
    (unlisted / "RECORD").unlink()
    monkeypatch.setattr(places, "_packages_of", lambda place: tmp_path)
    place = places.Place(tmp_path, Path(sys.executable))
    assert places.forget_halves(place) == ["cut", "gone", "unlisted"]
    assert whole.exists()
    assert not any(info.exists() for info in (cut, gone, unlisted))


def test_all_packages_here_are_whole() -> None:
    """The rule fits what pip and uv really write."""
    folder = Path(pytest.__file__).parents[1]
    infos = list(folder.glob("*.dist-info"))
    assert len(infos) > 100
    assert [i.name for i in infos if not places._is_whole(i)] == []


def test_the_settings_of_pip_reach_uv() -> None:
    listing = (
        ":env:.find-links='https://files/x'\n"
        "global.index-url='https://first'\n"
        r"global.extra-index-url='https://second\nhttps://third'" + "\n"
        "global.cert='/etc/own.pem'\n"
        "global.trusted-host='first'\n"
        "global.timeout='60'\n"
        "global.index-url=damaged\n"
    )
    flags, env = installer.as_uv(installer.pip_settings(listing))
    assert flags == [
        *("--default-index", "https://first"),
        *("--index", "https://second", "--index", "https://third"),
        *("--find-links", "https://files/x"),
        *("--allow-insecure-host", "first"),
        *("--index-strategy", "unsafe-best-match"),
    ]
    assert env == {"SSL_CERT_FILE": "/etc/own.pem", "UV_HTTP_TIMEOUT": "60"}


def test_a_long_silence_shows_the_last_words(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "SIGN_S", 0.05)
    monkeypatch.setattr(programs, "log", lambda *_: None)
    code = "print('fetching much', flush=True); import time; time.sleep(2)"
    assert programs.run(sys.executable, "-c", code) == (0, "fetching much")
    signs = capfd.readouterr().out.splitlines()
    assert any(sign.endswith(" s  fetching much") for sign in signs)
    assert all(len(sign) < 80 for sign in signs)


def test_a_program_that_came_in_half_is_no_program(tmp_path: Path) -> None:
    (tmp_path / "uv").write_bytes(b"half of it")
    code, said = programs.run(tmp_path / "uv", "--version")
    assert code == 126
    assert "Permission denied" in said or os.name == "nt"
    assert programs.run(tmp_path / "absent")[0] == 126


def test_a_program_that_fails_is_quoted() -> None:
    said = "error: Request failed\n  cause: cannot connect\n  cause: no such host\n"
    assert programs.reason(said) == "error: Request failed (no such host)"
    assert programs.reason("WARNING: a\nlast words\n") == "last words"
    assert programs.reason("") == "no reason"


def test_a_model_in_the_background_ends_with_whoever_started_it() -> None:
    code = (
        "import subprocess, sys, time\n"
        "late = 'import os, sys, threading' + sys.argv[1].split('threading', 1)[1]\n"
        "late = late.split('from course_lib')[0] + 'import time; time.sleep(60)'\n"
        "p = subprocess.Popen([sys.executable, '-c', late], stdin=subprocess.PIPE)\n"
        "print(p.pid, flush=True); time.sleep(60)\n"
    )
    words = [sys.executable, "-c", code, model.WATCHED]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        child = int(starter.stdout.readline())
        starter.kill()
    for _ in range(200):
        if not _runs(child):
            return
        time.sleep(0.1)
    raise AssertionError("it is still running")


def _runs(number: int) -> bool:
    try:
        return bool(psutil.Process(number).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_a_report_holds_no_names_and_no_passwords(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = tmp_path / "Lea Müller"
    monkeypatch.setattr(Path, "home", lambda: home)
    monkeypatch.setattr(report, "_user", lambda: "lea.mueller")
    monkeypatch.setattr(report.platform, "node", lambda: "LEAS-LAPTOP")
    monkeypatch.chdir(tmp_path)
    lines = [
        f"course: {home / 'course'}",
        f"again: {str(home / 'x').upper()}",
        f"{home.parent / 'Lea Müllerstein'} is another folder",
        "index: https://lea.mueller:pa55@mirror/simple?key=pa55",
        "host leas-laptop, user LEA.MUELLER",
    ]
    text = report.write([("This computer", lines)]).read_text("utf-8")
    assert text.splitlines() == [
        "This computer",
        "-------------",
        f"course: ~{os.sep}course",
        f"again: ~{os.sep}X",
        f"{home.parent / 'Lea Müllerstein'} is another folder",
        "index: https://***@mirror/simple?***",
        "host COMPUTER, user USER",
    ]


def test_a_report_holds_names_that_are_no_text(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    path = report.write([("One", ["bytes: \udcc4"])])
    assert path.read_text("utf-8").endswith("bytes: \\udcc4\n")


def test_a_report_from_a_folder_that_cannot_be_written_goes_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Path, "cwd", lambda: tmp_path / "gone")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert report.write([("One", ["line"])]) == tmp_path / report.FILE


def test_the_report_tells_what_a_helper_needs() -> None:
    text = "\n".join(report.machine())
    for word in ("system: ", "python: ", "encodings: ", "columns: ", "disk: "):
        assert word in text


def test_a_failed_set_up_can_be_reported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(report, "LOG", tmp_path / "setup.log")
    (tmp_path / "setup.log").write_text("== installing\nERROR: no room\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert "doctor --report" in report.after_a_failure("No room", ["doctor"])
    said = report.after_a_failure("No room", ["doctor", "--report"])
    assert said == f"No room | written down in {tmp_path / report.FILE}"
    text = (tmp_path / report.FILE).read_text("utf-8")
    assert "ERROR: no room" in text


class Scanner:
    """A virus scanner that has a file open for its first looks."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def replace(self, source: Path, target: Path) -> None:
        self.looks -= 1
        if self.looks >= 0:
            raise PermissionError(13, "used by another process", str(target))
        os.rename(source, target)


@pytest.mark.parametrize(("windows", "looks"), [(True, 0), (True, 3), (False, 0)])
def test_a_rename_waits_for_a_virus_scanner(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, windows: bool, looks: int
) -> None:
    monkeypatch.setattr(writing, "WINDOWS", windows)
    monkeypatch.setattr(writing, "WAITS_S", (0.0,) * 4)
    monkeypatch.setattr(writing.os, "replace", Scanner(looks).replace)
    writing.write_atomically(tmp_path / "a.txt", b"whole")
    assert (tmp_path / "a.txt").read_bytes() == b"whole"


@pytest.mark.parametrize(("windows", "looks"), [(True, 5), (False, 1)])
def test_a_rename_that_stays_forbidden_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, windows: bool, looks: int
) -> None:
    monkeypatch.setattr(writing, "WINDOWS", windows)
    monkeypatch.setattr(writing, "WAITS_S", (0.0,) * 4)
    monkeypatch.setattr(writing.os, "replace", Scanner(looks).replace)
    with pytest.raises(PermissionError, match="used by another process"):
        writing.write_atomically(tmp_path / "a.txt", b"whole")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_any_name_serves(tmp_path: Path) -> None:
    """Spaces, umlauts and an emoji in the path of the course."""
    folder = tmp_path / "Mein Kurs Ärger 🙂"
    (folder / "classroom").mkdir(parents=True)
    for name in ("start.py", "pyproject.toml", "constraints.txt"):
        (folder / name).write_bytes((ROOT / name).read_bytes())
    for name in ("classroom/installing", "course_lib/engine"):
        (folder / name).mkdir(parents=True)
        for path in (ROOT / name).glob("*.py"):
            (folder / name / path.name).write_bytes(path.read_bytes())
    plain = {
        "PYTHONUTF8": "0",
        "LC_ALL": "C.UTF-8",
        "PYTHONIOENCODING": "cp1252",
        "PYTHONPATH": "",
    }
    old_locale = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-S", folder / "start.py", "doctor", "--report"],
        cwd=folder,
        env={**os.environ, **plain, **old_locale, "COURSE_TORCH": "gpu"},
        capture_output=True,
        check=False,
    )
    assert b"COURSE_TORCH='gpu': set it to cpu, cuda or keep" in done.stderr
    assert folder.name in (folder / report.FILE).read_text("utf-8")
    code = "from classroom.installing.programs import ROOT, say, take_any_text\n"
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"{code}take_any_text(); say(ROOT)"],
        cwd=folder,
        env={**os.environ, **plain},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"Mein Kurs \xc4rger \\U0001f642" in done.stdout
