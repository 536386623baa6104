"""A notebook as one HTML file that needs no network and no kernel.

In the place of each widget stands its picture with its words, and formulas are drawn.
`jupyter nbconvert --to course-page FILE` and JupyterLab's menu ("Save and Export")
offer the same as `course export`.
"""

import base64
import copy
import html
import re
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from nbconvert.exporters.html import HTMLExporter

from classroom import build
from classroom.kernel import Notebook
from course_play.diagrams import draw_formula

FORMULA = re.compile(r"\$\$(?P<own_line>.+?)\$\$|\$(?P<inside>[^$]+?)\$", re.DOTALL)
DATE = re.compile(rb"\s*<dc:date>.*?</dc:date>", re.DOTALL)
"""When matplotlib drew a picture: left out, so that two builds are the same bytes."""
VERBATIM = ["code", "pre", "script", "style", "title"]
# No scripts: those of the standard page come from the network. And nbconvert leaves the
# words of a picture out. What JupyterLab shows folded is folded here, too.
TEMPLATE = """{% extends 'lab/index.html.j2' %}
{% block html_head_js %}{% endblock %}
{% block html_head_js_mathjax %}{% endblock %}
{% block html_head_js_mermaidjs %}{% endblock %}
{% block input_group scoped %}
{% if cell.metadata.get('jupyter', {}).get('source_hidden') %}
<details><summary>The code, for after your guess</summary>{{ super() }}</details>
{% else %}{{ super() }}{% endif %}
{% endblock %}
{% block data_png scoped %}
<div class="jp-RenderedImage jp-OutputArea-output {{ extra_class }}">
<img alt="{{ output.metadata.get('image/png', {}).get('alt', '') | e }}"
 src="data:image/png;base64,{{ output.data['image/png'] | e }}"></div>
{% endblock %}"""


class PageExporter(HTMLExporter):
    """nbconvert's page, made to be read without a network."""

    export_from_notebook = "Course page (works offline)"

    def __init__(self, **options: Any) -> None:
        own = {"raw_template": TEMPLATE, "embed_images": True}
        super().__init__(**own, **options)  # type: ignore[no-untyped-call]

    def from_notebook_node(  # type: ignore[override]  # HTMLExporter's own way
        self, nb: Notebook, resources: dict[str, Any] | None = None, **more: Any
    ) -> tuple[str, dict[str, Any]]:
        """The page, and nbconvert's resources."""
        shown = copy.deepcopy(nb)
        build.clean(shown)
        page, resources = super().from_notebook_node(shown, resources, **more)
        soup = BeautifulSoup(page, "html.parser")
        for text in soup.find_all(string=FORMULA):
            if text.find_parent(VERBATIM) is None:
                drawn = BeautifulSoup(with_formulas(str(text)), "html.parser")
                text.replace_with(*list(drawn.contents))
        return str(soup), resources


def with_formulas(text: str) -> str:
    """Plain text as HTML with its formulas drawn; those that cannot be stay as typed.

    >>> with_formulas("2 < 3")
    '2 &lt; 3'
    >>> with_formulas("so $x^2$ is")[:32]
    'so <img alt="x^2" src="data:imag'
    """
    parts, at = list[str](), 0
    for found in FORMULA.finditer(text):
        parts += [html.escape(text[at : found.start()]), _drawn(found)]
        at = found.end()
    return "".join([*parts, html.escape(text[at:])])


def _drawn(found: re.Match[str]) -> str:
    tex = " ".join((found["own_line"] or found["inside"]).split())
    try:
        svg, height, depth = draw_formula(tex)
    except ValueError:  # what matplotlib cannot set, a reader still can
        return html.escape(found[0])
    source = base64.b64encode(DATE.sub(b"", svg)).decode("ascii")
    place = f"height: {height:.3f}em; vertical-align: -{depth:.3f}em; display: inline"
    if found["own_line"]:
        place = f"height: {height:.3f}em; display: block; margin: 0.8em auto"
    words = html.escape(tex, quote=True)
    return (
        f'<img alt="{words}" src="data:image/svg+xml;base64,{source}" style="{place}"/>'
    )


def export_page(notebook: Path, folder: Path) -> Path:
    """Write `notebook` as a page into `folder`; returns the page.

    Raises:
        LessonError: it is missing or not a notebook.
    """
    from course_lib.engine.writing import write_atomically

    node = build.load(notebook)
    name = {"name": notebook.stem, "path": str(notebook.resolve().parent)}
    page, _ = PageExporter().from_notebook_node(node, {"metadata": name})
    target = folder / f"{notebook.stem}.html"
    write_atomically(target, page.encode())
    return target
