"""The search for a Node that works: a broken one is passed over, none skips a test."""

import os
import shutil
from pathlib import Path

import pytest

from tests.course_play import widget_js

BROKEN = """#!/bin/sh
echo "$0: error while loading shared libraries: libatomic.so.1: cannot open" >&2
exit 127
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the fakes are shell scripts")


def fake(folder: Path, text: str, name: str = "node") -> str:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, "utf-8")
    path.chmod(0o755)
    return str(path)


def test_a_node_that_does_not_run_is_passed_over(tmp_path: Path) -> None:
    broken = fake(tmp_path / "broken", BROKEN)
    works = fake(tmp_path / "works", "#!/bin/sh\nexit 0\n")
    assert widget_js.first_that_runs([broken, works]) == (works, "")
    assert widget_js.first_that_runs([works, broken]) == (works, "")


def test_what_became_of_each_is_said_if_none_runs(tmp_path: Path) -> None:
    broken = fake(tmp_path / "broken", BROKEN)
    not_a_program = fake(tmp_path / "text", "text")
    absent = str(tmp_path / "absent")
    node, why = widget_js.first_that_runs([broken, not_a_program, absent])
    assert node is None
    first, second, third = why.split("; ")
    assert first.startswith(f"{broken}: ")
    assert "libatomic.so.1: cannot open" in first
    assert second.startswith(f"{not_a_program}: ")
    assert "No such file" in third
    assert "playwright" in widget_js.first_that_runs([])[1]


def test_a_broken_node_on_path_is_followed_by_the_other_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = fake(tmp_path, BROKEN)
    real = shutil.which("node")
    monkeypatch.setenv("PATH", str(tmp_path))
    first, *others = widget_js.nodes()
    assert first == broken
    if real is not None:
        fake(tmp_path, f'#!/bin/sh\nexec "{real}" "$@"\n', "nodejs")
        assert list(widget_js.nodes())[:2] == [broken, str(tmp_path / "nodejs")]
        found, _ = widget_js.first_that_runs(widget_js.nodes())
        assert found == str(tmp_path / "nodejs")
    elif others:
        assert others[-1].endswith("node")


def test_without_a_node_that_runs_a_test_is_skipped_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = fake(tmp_path, BROKEN)
    monkeypatch.setattr(
        widget_js, "find_node", lambda: widget_js.first_that_runs([broken])
    )
    with pytest.raises(pytest.skip.Exception, match=r"no Node that runs: .*libatomic"):
        widget_js.run_js(tmp_path, "answer = cases;", [])


def test_the_node_of_this_machine_runs_a_program(tmp_path: Path) -> None:
    assert widget_js.run_js(tmp_path, "answer = cases.map((x) => 2 * x);", [1, 4]) == [
        *(2, 8)
    ]
