"""The widgets' JavaScript and CSS files: offline, accessible, one scope."""

import re
from pathlib import Path

import pytest

from course_play.widgets import WIDGETS
from course_play.widgets.base import module_text
from tests.course_play.widget_js import WIDGETS as FOLDER
from tests.course_play.widget_js import run_js

SVG_SPACE = "http://www.w3.org/2000/svg"


def test_each_module_loads_as_the_browser_gets_it(tmp_path: Path) -> None:
    """Base and widget in one scope: a name used twice would be a syntax error."""
    modules = list(WIDGETS.values())
    for module in modules:
        text = module_text(module)
        assert "import {" not in text
        (tmp_path / f"one_{module}.js").write_text(text, encoding="utf-8")
    program = """
answer = [];
for (const name of cases) {
  const { default: widget } = await import(`../one_${name}.js`);
  answer.push(typeof widget.render);
}"""
    assert run_js(tmp_path, program, modules) == ["function"] * len(modules)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.[jc]s*")), ids=lambda p: p.name)
def test_no_file_reaches_for_the_network_or_writes_raw_html(path: Path) -> None:
    text = path.read_text("utf-8").replace(SVG_SPACE, "")
    words = (
        "https?:|@import|fetch\\(|XMLHttpRequest|WebSocket|import\\(|innerHTML|eval\\("
    )
    assert re.findall(words, text) == []
    assert re.findall(r"url\((?!#)", text) == []


def test_keys_are_kept_from_jupyterlab_and_sliders_named_in_one_place() -> None:
    """What `h` and `slider` do for all is typed nowhere else, so nobody forgets it."""
    texts = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.js")}
    for words in ("data-lm-suppress-shortcuts", 'type: "range"', "save_changes"):
        assert [name for name in texts if words in texts[name]] == ["base.js"], words
    (attributes,) = re.findall(r'type: "range"[^}]*', texts["base.js"])
    assert '"aria-label": label' in attributes


def luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb" (WCAG 2.2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("colour", "least"),
    [("ink", 7), ("muted", 4.5), ("green", 4.5), ("focus", 4.5)]
    + [(graphic, 3) for graphic in ("blue", "orange", "pink", "edge")],
)
def test_colours_stand_out_on_light_and_dark_grounds(colour: str, least: float) -> None:
    """Text needs 4.5, parts of a picture 3; grounds: ours, JupyterLab's, tinted."""
    css = (FOLDER / "base.css").read_text("utf-8")
    pair = re.search(rf"--ltg-{colour}:.*?light-dark\((#\w+), (#\w+)\)", css)
    assert pair is not None
    for ground in ("#ffffff", "#f2f2f2"):
        assert contrast(pair[1], ground) >= least
    for ground in ("#16181c", "#212121", "#2d2d2d"):
        assert contrast(pair[2], ground) >= least


def test_a_module_without_the_base_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lonely.js").write_text("export default {};", "utf-8")
    monkeypatch.setattr("course_play.widgets.base.HERE", tmp_path)
    with pytest.raises(ValueError, match=r"lonely\.js has 0 statements"):
        module_text("lonely")
