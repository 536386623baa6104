"""A notebook with widgets that was run, saved and closed, and is opened again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from classroom.page import export_page

from .lab import VIEW_MIME, Lab

CELL = """\
from course_play.widgets import SoftmaxBars
bars = SoftmaxBars([2.0, 1.0, 0.1], ["tea", "coffee", "water"])
bars.temperature = 2.0
bars"""
NUMBERS = "root => root.innerText"


@pytest.fixture(scope="module")
def saved(lab: Lab) -> dict[str, Any]:
    """The file of a notebook whose only cell shows a widget."""
    with lab.show(CELL, name="saved.ipynb") as notebook:
        notebook.widget(0).wait_for()
        return notebook.save()


def test_the_picture_beside_the_widget_has_its_words(saved: dict[str, Any]) -> None:
    (output,) = saved["cells"][0]["outputs"]
    assert {VIEW_MIME, "image/png", "text/plain"} <= set(output["data"])
    assert "tea" in output["metadata"]["image/png"]["alt"]


def test_a_saved_widget_is_alive_when_the_file_is_opened_again(
    lab: Lab, saved: dict[str, Any]
) -> None:
    with lab.open("saved.ipynb") as notebook:
        root = notebook.widget(0)
        root.wait_for()
        before = root.evaluate(NUMBERS)
        slider = root.locator("input[type=range] >> nth=0")
        slider.focus()
        lab.page.keyboard.press("ArrowRight")
        lab.wait_until(lambda: root.evaluate(NUMBERS) != before)
        assert notebook.undrawn() == []
        assert notebook.complaints() == []


def test_a_file_from_a_stranger_shows_the_picture(
    lab: Lab, saved: dict[str, Any]
) -> None:
    saved["cells"][0]["source"] += "  # signed by nobody"
    file = lab.server.folder / "strange.ipynb"
    file.write_text(json.dumps(saved), encoding="utf-8")
    with lab.open("strange.ipynb") as notebook:
        picture = notebook.output_area(0).locator("img")
        picture.wait_for()
        assert picture.evaluate("image => image.naturalWidth") > 100
        assert notebook.undrawn() == []


def test_an_exported_page_needs_no_network(
    lab: Lab, saved: dict[str, Any], tmp_path: Path
) -> None:
    text = {"cell_type": "markdown", "metadata": {}, "id": "text"}
    more = {**text, "source": "So $e^{z_i} \\ge 0$."}
    file = tmp_path / "mine.ipynb"
    file.write_text(json.dumps({**saved, "cells": [*saved["cells"], more]}), "utf-8")
    asked: list[str] = []
    page = lab.page.context.new_page()
    try:
        page.on("request", lambda request: asked.append(request.url))
        page.goto(export_page(file, tmp_path).as_uri())
        picture, formula = page.locator("img").all()
        assert "tea" in (picture.get_attribute("alt") or "")
        assert formula.get_attribute("alt") == r"e^{z_i} \ge 0"
        for image in (picture, formula):
            image.wait_for()
            assert image.evaluate("image => image.naturalWidth") > 10
        assert [url[:5] for url in asked if not url.startswith("data:")] == ["file:"]
    finally:
        page.close()
