"""Whatever file is handed in: it is read, or refused with a reason; it does no harm."""

import csv
import io
import json
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from classroom.homework import grade, report
from classroom.homework.collect import collect
from classroom.homework.compare import parse_number, same_value
from classroom.homework.execution import Run
from classroom.homework.forbid import Names
from classroom.homework.grading_run import GradingRun
from classroom.homework.hints import Outcome, property_hint
from classroom.homework.marking import judge
from classroom.homework.merge import Merged, merge
from classroom.homework.pages import student_page
from classroom.homework.sandbox import Limits, no_walls
from classroom.homework.submission import (
    MAX_BYTES,
    MAX_CELLS,
    MAX_SOURCE,
    read_submission,
)
from tests.classroom.toy_homework import (
    Notebook,
    answered,
    cell_of,
    code_cell,
    points,
    save,
    solutions,
    toy,
)

SEED = 9
LONG = MAX_SOURCE - 100
linux = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="file names of Linux"
)
Change = Callable[[Notebook], None]


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """Stop what would take for ever."""

    def stop(*args: object) -> None:
        raise TimeoutError(f"more than {seconds} s")

    if not hasattr(signal, "SIGALRM"):  # Windows
        yield
        return
    old = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, old)


def merged(path: Path) -> Merged:
    return merge(toy(), read_submission(path), SEED)


def runs(path: Path) -> list[tuple[str, str, bool]]:
    """The code that a submission runs: the same code gets the same points."""
    return [(c.key, c.source.strip(), c.pristine) for c in merged(path).cells]


def honest(folder: Path) -> list[tuple[str, str, bool]]:
    return runs(save(answered(), folder / "honest.ipynb"))


def one_cell(cell: object) -> bytes:
    return json.dumps({"cells": [cell], "nbformat": 4}).encode()


NO_NOTEBOOKS = {
    "an empty file": (b"", "the file is empty: save the notebook"),
    "blank lines": (b" \n\n\t", "the file is empty"),
    "a zip": (b"PK\x03\x04....", "it is a zip, not a notebook: unpack it"),
    "a cut file": (json.dumps(answered()).encode()[:-900], "the file is cut off"),
    "one brace": (b"{", "the file is cut off"),
    "text": (b"I did it on paper", "not a notebook$"),
    "a web page": (b"<!DOCTYPE html><html>", "it is a web page, not a notebook"),
    "a conflict": (
        b'{"cells": [\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> theirs\n]}\n',
        "it holds git's conflict marks",
    ),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not a notebook$"),
    "zero bytes": (bytes(1000), "not a notebook$"),
    "half a UTF-16 letter": (b"\xff\xfe{", "not a notebook|cut off"),
    "a list": (b"[]", "JSON, but without cells"),
    "a number": (b"7", "JSON, but without cells"),
    "a huge number": (b"9" * 100_000, "not a notebook"),
    "null": (b"null", "JSON, but without cells"),
    "no cells": (b"{}", "JSON, but without cells"),
    "cells that are a number": (b'{"cells": 7}', "JSON, but without cells"),
    "cells that are a table": (b'{"cells": {"a": 1}}', "JSON, but without cells"),
    "sheets that are a number": (b'{"worksheets": 7}', "JSON, but without cells"),
    "cells that are numbers": (b'{"cells": [1, null, [], "x"]}', "no code cell"),
    "cells of no type": (one_cell({"source": "# TASK double"}), "no code cell"),
    "a type that is a list": (one_cell({"cell_type": ["code"]}), "no code cell"),
    "a source that is a number": (
        one_cell({"cell_type": "code", "source": 7}),
        "no code cell",
    ),
    "a million brackets": (b"[" * 10**6, "nested too deeply|not a notebook"),
    "a million braces": (b'{"cells":' * 10**6, "nested too deeply|cut off"),
    "too many cells": (
        json.dumps({"cells": [code_cell("x")] * (MAX_CELLS + 1)}).encode(),
        f"{MAX_CELLS + 1} cells, at most {MAX_CELLS}",
    ),
    "a huge cell": (
        one_cell(code_cell("x" * (MAX_SOURCE + 1))),
        "a cell of more than 200,000 characters",
    ),
}


@pytest.mark.parametrize("name", NO_NOTEBOOKS)
def test_what_is_no_notebook_is_refused_with_a_reason(
    name: str, tmp_path: Path
) -> None:
    content, why = NO_NOTEBOOKS[name]
    (tmp_path / "a.ipynb").write_bytes(content)
    with at_most(60), pytest.raises(ValueError, match=why):
        read_submission(tmp_path / "a.ipynb")


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "a.ipynb").open("wb") as file:
        file.truncate(50 * MAX_BYTES)
    with pytest.raises(ValueError, match="larger than 16 MB: clear the outputs"):
        read_submission(tmp_path / "a.ipynb")


@linux
@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("link", "it is a link, not a file"),
        ("link to nothing", "it is a link, not a file"),
        ("pipe", "it is not a regular file"),
        ("folder", "it is not a regular file"),
        ("nothing", "cannot be read"),
    ],
)
def test_only_a_regular_file_is_opened(kind: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind != "nothing":
        target = "nowhere" if "nothing" in kind else "secret.ipynb"
        save(answered(), tmp_path / "secret.ipynb")
        path.symlink_to(tmp_path / target)
    with at_most(60), pytest.raises(ValueError, match=why):
        read_submission(path)


def in_format_3(notebook: Notebook) -> Notebook:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["input"] = cell.pop("source")
    return {"nbformat": 3, "worksheets": [{"cells": notebook["cells"]}, 7, {}]}


def in_lines(notebook: Notebook) -> Notebook:
    for cell in notebook["cells"]:
        cell["source"] = [*cell["source"].splitlines(keepends=True), None, 7]
    return notebook


ENCODED: dict[str, Callable[[Notebook], bytes]] = {
    "byte order mark": lambda n: b"\xef\xbb\xbf" + json.dumps(n).encode(),
    "UTF-16, little end first": lambda n: (
        b"\xff\xfe" + json.dumps(n).encode("utf-16le")
    ),
    "UTF-16, big end first": lambda n: b"\xfe\xff" + json.dumps(n).encode("utf-16be"),
    "Latin-1": lambda n: json.dumps(n | {"x": "é"}, ensure_ascii=False).encode(
        "latin1"
    ),
    "broken UTF-8": lambda n: json.dumps(n).encode().replace(b"Why?", b"Why\xe9\xff"),
    "Windows ends of lines": lambda n: json.dumps(n).replace("\\n", "\\r\\n").encode(),
    "no indent, no end": lambda n: json.dumps(n, separators=(",", ":")).encode(),
    "numbers that are none": lambda n: json.dumps(n | {"x": float("nan")}).encode(),
    "a field twice": lambda n: b'{"cells": 7, ' + json.dumps(n).encode()[1:],
    "format 3": lambda n: json.dumps(in_format_3(n)).encode(),
    "sources as lists": lambda n: json.dumps(in_lines(n)).encode(),
}


@pytest.mark.parametrize("name", ENCODED)
def test_the_answers_are_found_in_any_encoding(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_bytes(ENCODED[name](answered()))
    assert runs(tmp_path / "a.ipynb") == honest(tmp_path)
    assert merged(tmp_path / "a.ipynb").missing == ()


def without_metadata(notebook: Notebook) -> None:
    """As Colab and other editors save it."""
    notebook["metadata"] = {"colab": {"provenance": []}}
    for cell in notebook["cells"]:
        cell.pop("id", None)
        cell["metadata"] = {"id": "x"}


def odd_metadata(notebook: Notebook) -> None:
    odd = [None, 7, "x", [], {"homework": 7}, {"homework": ["task:double"]}]
    odd += [{"homework": "check:double:1"}, {"homework": "\ud800"}, {"homework": {}}]
    for i, cell in enumerate(notebook["cells"]):
        cell["metadata"] = odd[i % len(odd)]
        cell["id"] = odd[-i % len(odd)]


def lying_metadata(notebook: Notebook) -> None:
    labelled = [c for c in notebook["cells"] if "homework" in c["metadata"]]
    keys = [cell["metadata"]["homework"] for cell in labelled]
    for cell, key in zip(labelled, [*keys[1:], keys[0]], strict=True):
        if cell["cell_type"] == "code" and not key.startswith("open"):
            cell["metadata"] = {"homework": key}


def same_ids(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["id"] = "same"


def forged_outputs(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            data = {"text/plain": "[1]", "text/html": "<script>alert(1)</script>"}
            output = {"output_type": "execute_result", "data": data, "metadata": 7}
            cell |= {"outputs": [output, 7, None], "execution_count": "x" * 9999}


def evil_kernel_and_tags(notebook: Notebook) -> None:
    spec = {"name": "sh -c 'touch /tmp/pwned'", "argv": ["rm", "-rf", "/"]}
    notebook["metadata"] = {"kernelspec": spec, "language_info": {"name": "sh"}}
    tags = [
        "raises-exception",
        "skip-execution",
        "nbval-skip",
        "nbval-raises-exception",
    ]
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = [*tags, "nbval-ignore-output", 7]


def no_checks(notebook: Notebook) -> None:
    notebook["cells"] = [c for c in notebook["cells"] if "# CHECK" not in c["source"]]


def edited_checks(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        if cell["source"].startswith("# CHECK"):
            head = cell["source"].splitlines()[0].replace("1 point", "99 points")
            cell["source"] = f"{head}\nraise SystemExit\n[1, 2, 3]"


def checks_as_text(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        if cell["source"].startswith("# CHECK"):
            cell["cell_type"] = "markdown"


def checks_twice_and_backwards(notebook: Notebook) -> None:
    is_check = [c["source"].startswith("# CHECK") for c in notebook["cells"]]
    pairs = list(zip(notebook["cells"], is_check, strict=True))
    checks = [cell for cell, check in pairs if check]
    notebook["cells"] = [cell for cell, check in pairs if not check]
    notebook["cells"] += [*reversed(checks), *checks]


def no_set_up(notebook: Notebook) -> None:
    notebook["cells"].remove(cell_of(notebook, "given:0"))


def tasks_backwards(notebook: Notebook) -> None:
    notebook["cells"].reverse()


def answers_as_text(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        if cell["source"].startswith("# TASK"):
            cell["cell_type"] = "raw"


def merged_with_the_check(notebook: Notebook) -> None:
    """What Jupyter's "merge cells" makes of an answer and its check."""
    answer = cell_of(notebook, "task:shares")
    check = cell_of(notebook, "check:shares:1")
    notebook["cells"].remove(check)
    answer["source"] += f"\n\n{check['source']}"
    del answer["metadata"]["homework"]


HARMLESS: list[Change] = [
    *(without_metadata, odd_metadata, lying_metadata, same_ids, forged_outputs),
    *(evil_kernel_and_tags, no_checks, edited_checks, checks_as_text),
    *(checks_twice_and_backwards, no_set_up, tasks_backwards, answers_as_text),
]


@pytest.mark.parametrize("change", HARMLESS, ids=lambda change: change.__name__)
def test_what_stands_around_the_answers_does_not_matter(
    change: Change, tmp_path: Path
) -> None:
    notebook = answered()
    change(notebook)
    path = save(notebook, tmp_path / "a.ipynb")
    assert runs(path) == honest(tmp_path)
    assert merged(path).missing == ()


def test_edited_checks_are_put_back_and_reported(tmp_path: Path) -> None:
    notebook = answered()
    edited_checks(notebook)
    notes = merged(save(notebook, tmp_path / "a.ipynb")).notes
    told = [
        f"{task}: a check cell, edited or of another version, put back"
        for task in solutions()
    ]
    assert list(notes) == told


def test_an_answer_merged_with_its_check_still_counts(tmp_path: Path) -> None:
    notebook = answered()
    merged_with_the_check(notebook)
    ours = merged(save(notebook, tmp_path / "a.ipynb"))
    assert ours.missing == ()
    (answer,) = [c for c in ours.cells if c.key == "task:shares" and not c.pristine]
    assert answer.source.startswith(solutions()["shares"])
    assert [c.key for c in ours.cells if c.pristine].count("check:shares:1") == 1


def test_copied_answers_run_in_order_and_own_cells_stay(tmp_path: Path) -> None:
    notebook = answered()
    at = notebook["cells"].index(cell_of(notebook, "task:double"))
    notebook["cells"].insert(at + 1, code_cell(solutions()["double"] + "\nagain = 1"))
    notebook["cells"].insert(at + 1, code_cell("# what I tried\n%timeit\nprint(names)"))
    ours = merged(save(notebook, tmp_path / "a.ipynb"))
    own = [c.source for c in ours.cells if c.key == "task:double"]
    assert [source.partition("\n")[0] for source in own] == [
        "# TASK double forbid: sum",
        "# what I tried",
        "# TASK double forbid: sum",
    ]
    assert "double: several answer cells, all run in order" in ours.notes


def test_a_missing_answer_costs_only_its_own_task(tmp_path: Path) -> None:
    notebook = answered()
    notebook["cells"].remove(cell_of(notebook, "task:double"))
    ours = merged(save(notebook, tmp_path / "a.ipynb"))
    assert ours.missing == ("double",)
    assert ours.notes == ("double: its answer cell is missing",)
    kept = [cell for cell in honest(tmp_path) if cell[0] != "task:double"]
    assert [(c.key, c.source.strip(), c.pristine) for c in ours.cells] == kept


@pytest.mark.parametrize("end", ["\n", "\r", "\u2028", "\x0c", "\x85"])
def test_nbval_finds_no_orders_in_comments(end: str, tmp_path: Path) -> None:
    from nbval.plugin import find_comment_markers

    words = ("NBVAL_SKIP", "NBVAL_RAISES_EXCEPTION", "PYTEST_VALIDATE_IGNORE_OUTPUT")
    orders = end.join(f"  ##  {word}" for word in words)
    notebook = answered(double=f"x = 1{end}{orders}{end}")
    ours = merged(save(notebook, tmp_path / "a.ipynb"))
    found = [list(find_comment_markers(cell.source)) for cell in ours.cells]
    assert all(markers == [] for markers in found)


@pytest.mark.parametrize("line", ["SEED = 1", "SEED=1", "SEED  =  77  # mine"])
def test_a_seed_in_an_answer_is_the_seed_of_the_run(line: str, tmp_path: Path) -> None:
    notebook = answered(double=f"{line}\ndef double(n): return n")
    ours = merged(save(notebook, tmp_path / "a.ipynb"))
    (answer,) = [cell for cell in ours.cells if cell.key == "task:double"]
    assert re.search(rf"^SEED = {SEED}\b", answer.source, re.MULTILINE)


def test_the_tasks_of_another_homework_are_named_in_short(tmp_path: Path) -> None:
    cells = [code_cell(f"# TASK {'a' * i}") for i in range(1, 180)]
    cells.append(code_cell("x = 1", homework="task:\x1b[31m<b>"))
    path = save({"cells": cells}, tmp_path / "a.ipynb")
    with pytest.raises(ValueError, match="it answers a, aa, aaa, aaaa, aaaaa: is th"):
        merged(path)


HARD = {
    "parentheses": "(" * LONG,
    "brackets": "[" * LONG,
    "minus signs": f"{'-' * LONG}1",
    "not": f"{'not ' * (LONG // 4)}1",
    "lambdas": f"{'lambda:' * (LONG // 7)}1",
    "powers": f"{'2**' * (LONG // 3)}2",
    "sums": f"1{'+1' * (LONG // 2)}",
    "attributes": f"x{'.a' * (LONG // 2)}",
    "calls": f"f{'()' * (LONG // 2)}",
    "awaits": f"{'await ' * (LONG // 6)}x",
    "f-strings": "f'{" * (LONG // 3),
    "quotes": "'" * LONG,
    "backslashes": "\\" * LONG,
    "indents": "\n".join(f"{' ' * i}if 1:" for i in range(600)),
    "digits": f"x = {'9' * LONG}",
    "null bytes": f"x = 1{chr(0) * 100}",
    "lone surrogates": "x = '\ud800\udfff'",
    "lines": "\n" * LONG,
    "lines of a blank": " \n" * (LONG // 2),
    "old Mac lines": "\r" * LONG,
    "separators": "\u2028" * LONG,
    "hashes": "#" * LONG,
    "hashes apart": "# " * (LONG // 2),
    "a check that never ends": f"# CHECK a 1 point: a{' ' * LONG}x",
    "a task that never ends": f"# TASK a forbid: a{' ' * LONG}!",
    "a name that never ends": f"# TASK {'a' * LONG}",
    "a question that never ends": f"<!-- OPEN{' ' * LONG}",
    "a seed that never ends": f"SEED ={' ' * LONG}",
    "many checks": "# CHECK a 1\n" * (LONG // 12),
    "percent signs": "%" * LONG,
}


@pytest.mark.parametrize("name", HARD)
@pytest.mark.parametrize("head", ["", "# TASK double forbid: sum\n"])
def test_a_source_that_is_hard_to_read_is_read(
    name: str, head: str, tmp_path: Path
) -> None:
    notebook = answered()
    cell_of(notebook, "task:double")["source"] = head + HARD[name]
    path = save(notebook, tmp_path / "a.ipynb")
    with at_most(60):
        ours = merged(path)
        Names().read(HARD[name], ours=False)
    assert ours.missing == ()
    others = [c for c in honest(tmp_path) if c[0] not in ("task:double", "given:0")]
    ran = [(c.key, c.source.strip(), c.pristine) for c in ours.cells]
    assert [cell for cell in ran if cell in others] == others


@pytest.mark.parametrize(
    "text",
    [
        *("0e999", "0e-999", "-0.0E+99999999999", "1e-99999", "9" * 39, "0e٩٩٩٩"),
        *("nan", "-inf", "1_0", "+", ".", "e", "١٢", "\ud800"),
    ],
)
def test_no_number_is_too_odd_to_be_compared(text: str) -> None:
    parse_number(text)
    assert not same_value("[0.25, 0.75]", f"[{text}, {text}]")
    assert property_hint("[0.25, 0.75]", Outcome(f"[{text}, {text}]"))


@pytest.mark.parametrize("piece", ["\\'", "'\\", '"\\', "'\"\\", "\\", "e+", "np.a("])
def test_no_value_is_too_odd_to_be_compared(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    with at_most(60):
        for reference in ("[0.25, 0.75]", "'a'", text[:-1]):
            assert not same_value(reference, text)
            assert property_hint(reference, Outcome(text))


def test_no_nest_is_too_deep_to_be_compared() -> None:
    for depth in range(200, 1000, 3):
        for inner in ("", "1", "1, [1]"):
            value = f"{'[' * depth}{inner}{']' * depth}"
            assert property_hint("[[1, 2], [3, 4]]", Outcome(value))


BAD_FILES: dict[str, bytes] = {
    name.replace(" ", "-"): content for name, (content, _) in NO_NOTEBOOKS.items()
}


def class_of_broken_files(folder: Path) -> None:
    """One honest student among all that can be wrong with a file."""
    save(answered(), folder / "ada.ipynb")
    for name, content in BAD_FILES.items():
        (folder / f"{name}.ipynb").write_bytes(content)
    (folder / "link.ipynb").symlink_to(folder / "ada.ipynb")
    (folder / "folder-link").symlink_to(folder.parent)
    os.mkfifo(folder / "pipe.ipynb")
    (folder / "hollow" / "a" / "b" / "c").mkdir(parents=True)
    (folder / "hollow" / "hw77.ipynb").symlink_to("/etc/passwd")
    save(answered(), folder / "deep/a/b/c/d/e/f/hw77.ipynb")
    (folder / "empty").mkdir()
    with (folder / "big1.ipynb").open("wb") as big:
        big.truncate(2 * MAX_BYTES)
    with (folder / "big2.ipynb").open("wb") as big:
        big.truncate(2 * MAX_BYTES)


@linux
def test_a_class_of_broken_files_is_marked_to_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    class_of_broken_files(folder)
    run = GradingRun(tmp_path / "out", toy(), tuple(collect(folder)), False)
    assert grade.grade_all(run, no_walls, Limits(wall_s=60, cell_s=20), 2) == {}
    rows = report.write_reports(run)
    assert len(rows) == len(run.entries) == len(BAD_FILES) + 9
    assert {row["student"]: row["points"] for row in rows if row["points"]} == {
        "ada": 10
    }
    assert [row["student"] for row in rows if not row["why"]] == ["ada"]
    whys = {row["student"]: row["why"] for row in rows}
    assert whys["hollow"] == whys["link"]
    assert whys["pipe"] == "it is not a regular file"
    assert whys["deep"] == whys["empty"] == "no notebook in the folder"
    notes = {row["student"]: row["notes"] for row in rows}
    assert notes["big1"] == notes["link"] == []  # not "the very same file"
    assert run.waiting() == []


NAMES = [
    *(b"caf\xe9", b"caf\xff", b"Ada", b"ada", b"ADA", b"a.b", b"a.c", b"CON", b"nul"),
    *("e\u0301va".encode(), "\xe9va".encode(), b"x" * 240, b"a\nb", b"a\tb", b"-rf"),
    *(b"=1+1", b"@SUM(A1)", b"x;=1+1", b"%s%n", b"`id`", b"$(id)", b"'a'", b'"b"'),
    *(b"<script>alert(1)<", b"\x1b[31mred", "\u202egnp".encode(), b"a&b", b"..", b"~"),
]


@linux
def test_no_two_students_share_a_record_whatever_their_names(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in NAMES:
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name + b".ipynb")).touch()
    entries = collect(folder)
    run = GradingRun(tmp_path / "out", toy(), tuple(entries), False)
    assert len(entries) == len(NAMES)
    assert len({run.record_of(entry) for entry in entries}) == len(entries)
    assert all(run.record_of(e).parent == run.folder / "records" for e in entries)
    assert grade.grade_all(run, no_walls, Limits(), 1) == {}
    rows = report.write_reports(run)
    assert len({row["page"].casefold() for row in rows}) == len(entries)
    for row in rows:
        assert "empty" in row["why"]
        f"{row['student']} {row['why']} {row['notes']}".encode()  # can be printed


HOSTILE = "</pre></td><script>alert(1)</script>\x1b]0;x\x07\u202e\u2066\ud800\x00<i>"
FORMULA = '=HYPERLINK("http://x",1);=1+1'


def hostile_record(folder: Path) -> tuple[GradingRun, dict[str, Any]]:
    """A run with one record that has hostile text in every field that can hold it."""
    notebook = answered()
    text = {"cell_type": "markdown", "metadata": {}, "source": ""}
    text["source"] = f"<!-- OPEN why -->\n{HOSTILE}{FORMULA}"
    notebook["cells"].append(text)
    name = "=cmd|'/c calc'!A1 <img src=x onerror=alert(1)>\u202e"
    roster = folder / "roster.csv"
    with roster.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["student", "name"], ["eve", name], ["+1", "@x"]])
    path = save(notebook, folder / "in" / "eve.ipynb")
    save(notebook, folder / "in" / "eve (1).ipynb")
    run = GradingRun(
        folder / "out", toy(), tuple(collect(folder / "in", roster)), False
    )
    ours = merge(toy(), read_submission(path), toy().seed)
    outcomes = {
        i: Outcome(HOSTILE if i % 2 else None, "" if i % 2 else HOSTILE)
        for i in range(len(ours.cells))
    }
    mark = judge(toy(), ours, Run(outcomes, (f"double: {HOSTILE}",), 1.0, 1))
    assert sum(points(mark).values()) == 0
    return run, {
        "checks": [vars(check) for check in mark.checks],
        "opens": dict(mark.opens),
        "stops": list(mark.stops),
        "notes": [HOSTILE, FORMULA],
    }


def test_hostile_text_is_dead_on_every_page(tmp_path: Path) -> None:
    run, hostile = hostile_record(tmp_path)
    for entry in run.entries:
        blank = grade.grade_one(run, entry.__class__(entry.student), no_walls, Limits())
        record = blank | hostile | {"name": entry.name, "why": HOSTILE}
        run.record_of(entry).parent.mkdir(parents=True, exist_ok=True)
        run.record_of(entry).write_text(json.dumps(record), "utf-8")
        page = student_page(record, "toy").decode()
        assert "alert(1)" in page
    report.write_reports(run)
    pages = [run.folder / "class.html", *(run.folder / "feedback").iterdir()]
    assert len(pages) == 3
    for page in pages:
        text = page.read_text("utf-8")
        assert not re.search("<(script|img|i>)", text)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text)
        assert "default-src 'none'" in text
    text = (run.folder / "grades.csv").read_text("utf-8-sig")
    assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069]", text)
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    parts = [part.strip() for cell in cells for part in re.split("[;,|]", cell)]
    assert any("HYPERLINK" in part for part in parts)
    assert not any(re.match(r"[-=+@%]", part) for part in parts if part != "-")
    (run.folder / "grades.json").read_text("ascii")


def text_cell(source: str, kind: str = "markdown", **metadata: object) -> Notebook:
    return {"cell_type": kind, "metadata": metadata, "source": source}


ANSWER = "Because a sum has no order.\n\nAnd so on."
QUESTION = "<!-- OPEN why -->\nWhy?\n\n..."


def in_the_cell(notebook: Notebook) -> None:
    cell_of(notebook, "open:why")["source"] = QUESTION.replace("...", ANSWER)


def below_the_question(notebook: Notebook) -> None:
    first, second = ANSWER.split("\n\n")
    notebook["cells"] += [text_cell(first), text_cell(second)]


def below_as_raw(notebook: Notebook) -> None:
    notebook["cells"].append(text_cell(ANSWER, "raw"))


def below_as_code(notebook: Notebook) -> None:
    notebook["cells"] += [code_cell("x = 1"), code_cell(ANSWER), code_cell("print(x)")]


def the_question_as_code(notebook: Notebook) -> None:
    cell = cell_of(notebook, "open:why")
    cell |= {"cell_type": "code", "source": QUESTION.replace("...", ANSWER)}


def the_question_as_raw_without_its_text(notebook: Notebook) -> None:
    cell_of(notebook, "open:why").update(cell_type="raw", source=ANSWER)


def the_question_made_again(notebook: Notebook) -> None:
    cell = cell_of(notebook, "open:why")
    notebook["cells"].remove(cell)
    notebook["cells"].append(text_cell(f"Why?\n\n{ANSWER}"))


def above_the_question(notebook: Notebook) -> None:
    at = notebook["cells"].index(cell_of(notebook, "open:why"))
    notebook["cells"].insert(at, text_cell(ANSWER))


def in_the_heading(notebook: Notebook) -> None:
    notebook["cells"][0]["source"] += f"\n\n{ANSWER}"


WRITTEN: list[Change] = [
    *(in_the_cell, below_the_question, below_as_raw, below_as_code),
    *(the_question_as_code, the_question_as_raw_without_its_text),
    *(the_question_made_again, above_the_question, in_the_heading),
]


@pytest.mark.parametrize("metadata", [True, False])
@pytest.mark.parametrize("change", WRITTEN, ids=lambda change: change.__name__)
def test_an_answer_in_words_is_found_where_it_was_written(
    change: Change, metadata: bool, tmp_path: Path
) -> None:
    notebook = answered()
    change(notebook)
    if not metadata and change is not the_question_as_raw_without_its_text:
        without_metadata(notebook)
    ours = merged(save(notebook, tmp_path / "a.ipynb"))
    assert ours.opens == {"why": ANSWER}
    assert ours.missing == ()


def test_no_text_is_lost_and_none_is_invented(tmp_path: Path) -> None:
    notebook = answered()
    assert merged(save(notebook, tmp_path / "a.ipynb")).opens == {"why": ""}
    in_the_cell(notebook)
    notebook["cells"].insert(2, text_cell("A note of mine."))
    ours = merged(save(notebook, tmp_path / "a.ipynb"))
    assert ours.opens == {"why": ANSWER, "elsewhere in the notebook": "A note of mine."}


def test_an_older_assignment_knows_its_own_text_by_the_locks(tmp_path: Path) -> None:
    cells = read_submission(save(answered(), tmp_path / "a.ipynb"))
    assert merge(replace(toy(), prose=()), cells, SEED).opens == {"why": ""}


def test_an_answer_in_a_newer_python_is_named_as_such(tmp_path: Path) -> None:
    notebook = answered(double="match = (", shares="def shares(n): return n")
    notebook["metadata"] = {"language_info": {"name": "python", "version": "3.99.1"}}
    ours = ".".join(map(str, sys.version_info[:2]))
    told = f"double: written with Python 3.99, read here by {ours}"
    notes = merged(save(notebook, tmp_path / "a.ipynb")).notes
    assert [note for note in notes if "Python" in note and "plain" not in note] == [
        told
    ]
    notebook["metadata"] = {"language_info": {"version": ["3.99"]}}
    notes = merged(save(notebook, tmp_path / "a.ipynb")).notes
    assert not [note for note in notes if "written with" in note]
