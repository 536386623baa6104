"""The style rules, each on a notebook that breaks it."""

import base64

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from classroom.lint import HEADINGS, Fault, find_faults
from course_play.reveal import reveal
from course_play.widgets import Predict

PROSE = " ".join(["word"] * 150)
FOLD = "<details><summary>Answer</summary>"


def good() -> nbformat.NotebookNode:
    cells = [new_markdown_cell(f"# 4. Counting\n\n{PROSE}")]
    for heading in HEADINGS:
        cells += [
            new_markdown_cell(f"## {heading}\n\n{PROSE}"),
            new_code_cell("1 + 1"),
            new_code_cell("assert 1 < 2"),
        ]
    return new_notebook(cells=cells)


def faults(notebook: nbformat.NotebookNode) -> list[Fault]:
    return find_faults(notebook, "04_counting")


def picture(**metadata: object) -> nbformat.NotebookNode:
    data = {"image/png": base64.b64encode(b"png").decode(), "text/plain": "a picture"}
    return new_output("display_data", data=data, metadata=metadata)


def test_a_lesson_in_style_has_no_faults() -> None:
    notebook = good()
    notebook.cells[2].outputs = [picture(**{"image/png": {"alt": "a rising line"}})]
    assert faults(notebook) == []


def test_a_heading_of_our_own_should_be_smaller() -> None:
    notebook = good()
    notebook.cells[1].source += "\n\n## Surprise"
    assert "use ###: ['Surprise']" in str(faults(notebook)[0])
    notebook.cells[1].source = notebook.cells[1].source.replace("## Surp", "### Surp")
    assert faults(notebook) == []


@pytest.mark.parametrize(
    ("first", "message"),
    [
        ("# 5. Counting", 'should begin "# 4. "'),
        ("Hello", "has 0 titles"),
        ("# 4. Counting\n# 4. Again", "has 2 titles"),
        ("Hello\n\n# 4. Counting", "not the first line"),
    ],
)
def test_the_title_is_checked(first: str, message: str) -> None:
    notebook = good()
    notebook.cells[0].source = first
    assert message in str(faults(notebook)[0])


def test_a_comment_in_a_code_block_is_no_heading() -> None:
    notebook = good()
    notebook.cells[1].source += "\n\n```python\n# a comment\n```"
    assert faults(notebook) == []


def test_how_a_lesson_is_cut_is_its_author_s_business() -> None:
    notebook = good()
    notebook.cells[1].source = "## Surprise"
    notebook.cells += [new_code_cell("\n".join(["1"] * 26)) for _ in range(21)]
    found = faults(notebook)
    assert len(found) > 20
    assert not any(fault.serious for fault in found)


def test_a_teachers_own_lesson_gets_advice_alone() -> None:
    notebook = new_notebook(cells=[new_code_cell("!ls /home/me")])
    assert any(fault.serious for fault in find_faults(notebook, "49_ours"))
    own = find_faults(notebook, "50_ours")
    assert "no shell" in " ".join(map(str, own))
    assert not any(fault.serious for fault in own)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("print(reveal(my_guess, math.log(27)))", 'fold it with tags=["hide-input"]'),
        ('Predict("How many?", 27)', 'fold it with tags=["hide-input"]'),
        ("x = f()\nassert x > 3\n\n\nprint(reveal(my_guess, x))", "in a later cell"),
    ],
)
def test_the_answer_does_not_stand_under_the_question(code: str, message: str) -> None:
    notebook = good()
    notebook.cells[2].source = code
    [fault] = faults(notebook)
    assert message in str(fault)
    assert fault.serious
    notebook.cells[2].metadata["tags"] = ["hide-input"]
    folded = code.replace("assert x > 3", "x")
    notebook.cells[2].source = f"# the answer\n{folded}"
    assert faults(notebook) == []
    notebook.cells[2].source = folded  # its first line would stay in sight
    assert "begin with a comment" in str(faults(notebook)[0])


def test_a_stored_question_is_not_answered() -> None:
    box = Predict("How many?", 27)
    notebook = good()
    notebook.cells[2].source = '# a guess first\nPredict("How many?", 27)'
    notebook.cells[2].metadata["tags"] = ["hide-input"]
    asked = new_output("execute_result", data={"text/plain": repr(box)})
    notebook.cells[2].outputs = [asked]
    assert faults(notebook) == []
    notebook.cells[2].outputs = [asked, new_output("stream", text="27\n")]
    assert "more than the question" in str(faults(notebook)[0])
    box.guesses, box.shown = ["3"], True
    asked.data["text/plain"] = repr(box)
    notebook.cells[2].outputs = [asked]
    assert "more than the question" in str(faults(notebook)[0])


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("\n".join(["1"] * 26), "26 lines of code"),
        (f"x = '{'x' * 90}'", "a line of 96 characters"),
        ("!pip install torch", "no shell"),
        ("%pip install torch", "no shell"),
        ("!ls", "no shell"),
        ("import requests", "no network"),
        ("url = 'https://example.org'", "no network"),
        ("open('/home/me/x.txt')", "absolute path /home/me"),
        (r"open('C:\\me\\x.txt')", "absolute path C:"),
    ],
)
def test_code_that_a_lesson_must_not_have(code: str, message: str) -> None:
    notebook = good()
    notebook.cells[2].source = code
    [fault] = faults(notebook)
    assert message in str(fault)
    assert "cell 3" in fault.where


@pytest.mark.parametrize(
    "code", ["x = 7 % 3", "x = a / home / b", "ok = not x  # !pip", "p = 'a/tmp/b'"]
)
def test_code_that_only_looks_forbidden(code: str) -> None:
    notebook = good()
    notebook.cells[2].source = code
    assert faults(notebook) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("![](map.png)", "map.png has no alt text"),
        ("![a map](https://example.org/map.png)", "needs the network"),
        ('<img src="map.png">', "has no alt text"),
        ("see /home/me/x.txt", "absolute path"),
        (f"{FOLD}\n`raw`\n\n</details>", "stays raw without empty lines"),
        (f"{FOLD}\n\nan answer\n</details>", "stays raw without empty lines"),
    ],
)
def test_text_that_a_lesson_must_not_have(text: str, message: str) -> None:
    notebook = good()
    notebook.cells[1].source += f"\n\n{text}"
    assert message in str(faults(notebook)[0])


def test_a_folded_answer_with_empty_lines_around_it_is_fine() -> None:
    notebook = good()
    notebook.cells[1].source += f"\n\n{FOLD}\n\nThe letter `i`.\n\n</details>"
    assert faults(notebook) == []


def test_a_link_to_a_paper_is_fine() -> None:
    notebook = good()
    notebook.cells[1].source += "\n\n[Shannon](https://example.org/shannon.pdf)"
    assert faults(notebook) == []


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (picture(), "no alt text"),
        (picture(**{"image/png": {"alt": " "}}), "no alt text"),
        (new_output("stream", name="stderr", text="careful"), "stderr"),
        (new_output("error", ename="E", evalue="e", traceback=[]), "stores an error"),
        (
            new_output(
                "display_data",
                data={"application/vnd.jupyter.widget-view+json": {}},
            ),
            "live widget",
        ),
        (
            new_output("execute_result", data={"text/plain": "<f at 0x7f12345678>"}),
            "memory address",
        ),
        (new_output("stream", text="in /home/me/course\n"), "absolute path"),
    ],
)
def test_outputs_that_a_lesson_must_not_store(
    output: nbformat.NotebookNode, message: str
) -> None:
    notebook = good()
    notebook.cells[2].outputs = [output]
    [fault] = faults(notebook)
    assert message in str(fault)
    assert fault.serious


def test_a_long_decimal_is_only_advice() -> None:
    notebook = good()
    notebook.cells[2].outputs = [new_output("stream", text="loss 1.38629436\n")]
    [fault] = faults(notebook)
    assert not fault.serious
    assert "1.38629436" in str(fault)


@pytest.mark.parametrize(
    ("output", "quiet"),
    [
        (new_output("stream", text=f"{reveal(None, 4.95)}\n"), True),
        (new_output("stream", text=f"small: {reveal(None, 124.4)}\n"), True),
        (new_output("stream", text=f"{reveal('?', 4.95)}\n"), False),
        (new_output("stream", text=f"{reveal(None, 4.95)}\n4 and 0.95\n"), False),
        (new_output("execute_result", data={"text/plain": "4.95"}), False),
    ],
)
def test_a_stored_prediction_has_no_answer_below_it(
    output: nbformat.NotebookNode, quiet: bool
) -> None:
    notebook = good()
    notebook.cells[2].source = "# the answer\nprint(reveal(my_guess, 4.95))"
    notebook.cells[2].metadata["tags"] = ["hide-input"]
    notebook.cells[2].outputs = [output]
    found = [f.message for f in faults(notebook)]
    assert found == [] if quiet else "before a guess" in found[0]
