"""What Sphinx is told: which theme, which extensions, and how a formula is drawn.

It is loaded by Sphinx as an extension, too. Formulas become drawings while the site is
built, so that no page needs a library for mathematics or a font of its own.
"""

import html
import re
from functools import cache
from typing import Any

from docutils import nodes

from course_play.diagrams import draw_formula

TITLE = "From Logits to GPT"
SCRIPTS = ("live.js", "answers.js", "present.js", "page.js")
SVG_TAG = re.compile(r"<svg[^>]*>")
NOT_FOR_PAGES = re.compile(
    r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>"
    r"|<style.*?</style>|<g id=\"patch_1\">.*?</g>",  # the paper, which is white
    re.DOTALL,
)
GLYPH = re.compile(
    r'<path id="([^"]+)"(?: d="([^"]*)")? transform="([^"]*)"\s*/>'  # a space has no d
)
USE = re.compile(r'<use xlink:href="#([^"]+)" transform="([^"]*)"\s*/>')
NAMED = re.compile(r"<defs>\s*</defs>|(?<=<g) id=\"[^\"]*\"")
SPACE = re.compile(r"\s*\n\s*|(?<=[A-Z]) (?=[-\d])")
"""What a path can do without."""
SIZE = re.compile(r'\s(?:width|height)="[^"]*"')


def settings() -> dict[str, Any]:
    """The values that a `conf.py` would hold."""
    return {
        "project": TITLE,
        "html_title": TITLE,
        "author": "The From Logits to GPT authors",
        "language": "en",
        "extensions": ["myst_nb", "classroom.site.look"],
        "html_theme": "furo",
        "html_static_path": ["_static"],
        "html_extra_path": ["_extra"],
        "exclude_patterns": ["_extra", "_static"],
        "html_js_files": [(name, {"defer": "defer"}) for name in SCRIPTS],
        "html_css_files": ["site.css", "rooms.css"],
        "html_math_renderer": "drawn",
        "html_copy_source": False,
        "html_show_sourcelink": False,
        "html_show_copyright": False,
        "html_show_sphinx": False,
        "html_show_search_summary": False,
        "html_last_updated_fmt": None,
        "nb_execution_mode": "off",
        "nb_merge_streams": True,
        "nb_render_text_lexer": "none",
        "myst_enable_extensions": ["dollarmath"],
        "myst_heading_anchors": 3,
        "myst_links_external_new_tab": False,
        "pygments_style": "default",
        "html_theme_options": {
            "navigation_with_keys": True,
            "top_of_page_buttons": [],
            "sidebar_hide_name": False,
        },
    }


@cache
def drawn_formula(tex: str, own_line: bool) -> str:
    r"""A formula as an SVG of the page's own colour; as typed if it cannot be drawn.

    >>> drawn_formula("x_i", False)[:38]
    '<svg class="course-formula" role="img"'
    >>> drawn_formula("\\nothing{", False)
    '<code class="course-formula">\\nothing{</code>'
    """
    words = " ".join(tex.split())
    try:
        svg, height, depth = draw_formula(words)
    except ValueError:
        return f'<code class="course-formula">{html.escape(words)}</code>'
    body = _without_names(NOT_FOR_PAGES.sub("", svg.decode("utf-8")).strip())
    opening = SVG_TAG.search(body)
    assert opening, "matplotlib writes one svg element"
    place = f"height:{height:.3f}em;vertical-align:-{depth:.3f}em"
    kind = "course-formula course-formula-own" if own_line else "course-formula"
    ours = (
        f'<svg class="{kind}" role="img" aria-label="{html.escape(words, quote=True)}"'
        f' style="{place}"{SIZE.sub("", opening[0])[4:]}'
    )
    return body.replace(opening[0], ours, 1)


def _without_names(svg: str) -> str:
    """A drawing whose letters stand in their places, not under names to refer to.

    A page has many drawings, and in HTML a name may be given once in a page.
    """
    glyphs = {name: (path, own) for name, path, own in GLYPH.findall(svg)}

    def placed(found: re.Match[str]) -> str:
        path, own = glyphs[found[1]]
        return f'<path d="{path}" transform="{found[2]} {own}"/>' if path else ""

    drawing = NAMED.sub("", USE.sub(placed, GLYPH.sub("", svg)))
    return SPACE.sub("", drawing)


def _visit_inline(translator: Any, node: Any) -> None:
    translator.body.append(drawn_formula(node.astext(), False))
    raise nodes.SkipNode


def _visit_own_line(translator: Any, node: Any) -> None:
    drawn = drawn_formula(node.astext(), True)
    translator.body.append(f'<div class="course-formula-line">{drawn}</div>')
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    """What Sphinx calls when it loads this module."""
    app.add_html_math_renderer(
        "drawn",
        inline_renderers=(_visit_inline, None),
        block_renderers=(_visit_own_line, None),
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}
