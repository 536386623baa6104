"""Measure how tall the live pictures of a site are, and write it for the next build.

    .venv/bin/python -m classroom.cli site build/site
    .venv/bin/python .ci/rooms.py build/site

A page keeps that much room free for a picture of its kind, so that nothing moves when
it comes alive. To run again when a widget has become much taller or lower.
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.chromium import chromium  # noqa: E402

TARGET = ROOT / "classroom" / "site" / "static" / "rooms.css"
HEAD = "/* The least height of each live picture; made by .ci/rooms.py. */\n"
WIDTHS = {
    390: "screen and (scripting: enabled)",
    1280: "screen and (scripting: enabled) and (min-width: 46em)",
}
ALIVE = "place => place.dataset.live"
HEIGHTS = """all => all.map(
    (place) => [place.dataset.widget, Math.floor(place.firstChild.offsetHeight)])"""


def heights(site: Path, width: int) -> dict[str, int]:
    """Kind of widget -> the least height in pixels that one of them has."""
    found: dict[str, int] = {}
    with (
        tempfile.TemporaryDirectory() as profile,
        chromium(Path(profile), width, 900) as context,
    ):
        page = context.pages[0]
        for path in sorted(site.glob("*.html")):
            if 'class="course-widget"' not in path.read_text("utf-8"):
                continue
            page.goto(path.as_uri())
            for place in page.locator(".course-widget").all():
                place.scroll_into_view_if_needed()
                page.wait_for_function(
                    "p => p.dataset.live", arg=place.element_handle()
                )
            places = page.locator(".course-widget")
            for kind, height in places.evaluate_all(HEIGHTS):
                found[kind] = min(height, found.get(kind, height))
    return found


def style(by_kind: dict[str, int]) -> str:
    """The rules for one width."""
    return "".join(
        f'.course-widget[data-widget="{kind}"] {{ min-height: {height}px; }}\n'
        for kind, height in sorted(by_kind.items())
    )


def main() -> None:
    """Measure at each width and write the style sheet."""
    site = Path(sys.argv[1])
    parts = [
        f"@media {where} {{\n{style(heights(site, width))}}}\n"
        for width, where in WIDTHS.items()
    ]
    TARGET.write_text(HEAD + "".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
