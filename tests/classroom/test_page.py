"""A notebook as a page: no script, no network, pictures and formulas in it."""

import json
import re
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from classroom import cli, page
from classroom.states import WIDGET_VIEW
from course_play.diagrams import draw_formula

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "notebooks" / "source").glob("*.py"))
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A notebook as a student saved it: a widget, its picture, and its state."""
    data = {WIDGET_VIEW: {"model_id": "a1"}, "image/png": PNG, "text/plain": "bars"}
    view = new_output("display_data", data, metadata={"image/png": {"alt": "Bars"}})
    only_live = new_output("display_data", {WIDGET_VIEW: {"model_id": "a1"}})
    notebook = new_notebook(
        cells=[
            new_code_cell("bars", outputs=[only_live, view], execution_count=1),
            new_markdown_cell("So $p < 1$.\n\n$$L = -\\ln p$$\n\n`$HOME` costs 5 $."),
        ],
        metadata={"widgets": {"application/vnd.jupyter.widget-state+json": {}}},
    )
    file = tmp_path / "mine.ipynb"
    file.write_text(json.dumps(notebook), "utf-8")
    return file


def test_a_page_has_pictures_and_formulas_and_nothing_from_elsewhere(
    saved: Path,
) -> None:
    text = page.export_page(saved, saved.parent).read_text("utf-8")
    images = re.findall(r"<img[^>]*>", text)
    assert [re.findall('alt="([^"]*)"', tag)[0] for tag in images] == [
        "Bars",
        "p &lt; 1",
        r"L = -\ln p",
    ]
    assert all('src="data:image/' in tag for tag in images)
    assert "<script" not in text
    assert "widget-view" not in text
    assert "<code>$HOME</code> costs 5 $." in text


def test_every_formula_of_the_course_can_be_drawn() -> None:
    for source in SOURCES:
        prose = re.sub(r"(?m)^(?!#).*$|^# ?", "", source.read_text("utf-8"))
        prose = re.sub(r"(?s)```.*?```|`[^`]*`", "", prose)
        for found in page.FORMULA.finditer(prose):
            tex = found["own_line"] or found["inside"]
            draw_formula(" ".join(tex.split()))


def test_a_formula_that_cannot_be_drawn_stays_as_it_was_typed() -> None:
    assert page.with_formulas(r"a $\nosuch{x}<1$") == r"a $\nosuch{x}&lt;1$"


def test_nbconvert_and_the_menu_of_jupyterlab_find_the_page() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (line,) = project["entry-points"]["nbconvert.exporters"].items()
    assert EntryPoint(*line, "nbconvert.exporters").load() is page.PageExporter
    assert page.PageExporter.export_from_notebook


def test_export_writes_where_it_is_told_and_names_what_is_missing(
    saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pages = saved.parent / "pages"
    with pytest.raises(SystemExit) as done:
        cli.main(["export", str(saved), "--to", str(pages)])
    assert done.value.code == 0
    assert [file.name for file in pages.iterdir()] == ["mine.html"]
    for wrong, said in (("99", "there is no lesson '99'"), ("no.ipynb", "missing")):
        with pytest.raises(SystemExit) as done:
            cli.main(["export", wrong, "--to", str(pages)])
        assert done.value.code in (1, 2)
        assert said in capsys.readouterr().err


def test_the_code_of_an_answer_is_folded_as_in_jupyterlab(tmp_path: Path) -> None:
    hidden = new_code_cell("# the answer\n6 * 7", metadata={"tags": ["hide-input"]})
    file = tmp_path / "asked.ipynb"
    cells = [new_code_cell("my_guess = None"), hidden]
    file.write_text(json.dumps(new_notebook(cells=cells)), "utf-8")
    text = page.export_page(file, tmp_path).read_text("utf-8")
    folded = re.findall(r"<details>(.*?)</details>", text, re.DOTALL)
    assert len(folded) == 1
    assert "the answer" in folded[0]
    assert "my_guess" not in folded[0]
