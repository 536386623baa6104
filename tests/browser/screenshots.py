"""Pictures of the lessons and widgets as JupyterLab shows them, for people to look at.

python -m tests.browser.screenshots OUT           every lesson, light and dark
python -m tests.browser.screenshots OUT 01 06     these lessons
python -m tests.browser.screenshots OUT --widgets only the widgets of the lessons
python -m tests.browser.screenshots --readme      the pictures of the README
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .chromium import why_no_browser
from .lab import NOTEBOOKS, Lab, Notebook
from .server import ROOT
from .student import HOMEWORK, WRONG, badge, cell_with, run

if TYPE_CHECKING:
    from playwright.sync_api import Locator

IMAGES = ROOT / "docs" / "images"
PAGE_HEIGHT = 1700
LARGEST_KB = 150
COLORS = 128
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
SCROLLER = f"{PANEL} .jp-WindowedPanel-outer"
SCROLL = """(panel, top) => { panel.scrollTo(0, top);
    return [panel.scrollTop, panel.clientHeight, panel.scrollHeight]; }"""
NAME = "root => [...root.classList].find(c => c.startsWith('ltg-'))?.slice(4)"
THEMES = {"light": False, "dark": True}


class Shown(NamedTuple):
    """A widget that the README shows, the lesson it is in, and how its knobs stand."""

    lesson: str
    widget: str
    knobs: tuple[tuple[str, str], ...] = ()


README = (
    Shown("08", "sampling-lab", (("Name so far", "sha"), ("Top-k", "9"))),
    Shown("07", "training-curve"),
    Shown("05", "bigram-map"),
    Shown("23", "stage-switcher"),
)


def lessons(chosen: list[str]) -> list[str]:
    """Return the notebooks whose number was chosen; all of them if none was.

    Raises:
        ValueError: for a number that no lesson has.
    """
    found = sorted(path.name for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
    numbers = {name[:2] for name in found}
    if unknown := [number for number in chosen if number not in numbers]:
        raise ValueError(f"no lesson {unknown[0]!r}; there are {sorted(numbers)}")
    return [name for name in found if not chosen or name[:2] in chosen]


def shoot_pages(notebook: Notebook, stem: Path) -> Iterator[Path]:
    """Write a lesson as pages of PAGE_HEIGHT pixels from top to bottom."""
    panel = notebook.lab.page.locator(SCROLLER)
    top = page = 0
    while True:
        at, height, whole = panel.evaluate(SCROLL, top)
        page += 1
        file = stem.with_name(f"{stem.name}_{page}.png")
        panel.screenshot(path=file, animations="disabled")
        yield file
        top = at + height
        if top >= whole - 1:
            return


def shoot_widgets(notebook: Notebook) -> Iterator[tuple[str, Locator]]:
    """Yield the name and the drawn root of each widget of a lesson."""
    for cell in notebook.widget_cells():
        root = notebook.widget(cell)
        root.wait_for()
        yield root.evaluate(NAME), root


def shoot_lesson(lab: Lab, name: str, folder: Path, *, pages: bool) -> None:
    """Run a lesson and write its pages and widgets, light and dark."""
    number = name[:2]
    with lab.open(name) as notebook:
        notebook.run_all()
        for line in notebook.complaints():
            print(f"{name}: {line}")
        for theme, dark in THEMES.items():
            lab.theme(dark=dark)
            for widget, root in shoot_widgets(notebook):
                file = folder / f"{number}_{widget}_{theme}.png"
                root.screenshot(path=file, animations="disabled")
                print(file)
            if pages:
                for file in shoot_pages(notebook, folder / f"{number}_{theme}"):
                    print(file)


def save_small(png: bytes, file: Path) -> None:
    """Write a PNG with few colours; raise ValueError if it is still too large."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").quantize(COLORS).save(file, optimize=True)
    kilobytes = file.stat().st_size / 1024
    if kilobytes > LARGEST_KB:
        raise ValueError(f"{file} has {kilobytes:.0f} KB; {LARGEST_KB} is the most")
    print(f"{file} {kilobytes:.0f} KB")


def shoot_readme(lab: Lab) -> None:
    """Write the pictures of the README into docs/images/, in the light theme."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for shown in README:
        [name] = lessons([shown.lesson])
        with lab.open(name) as notebook:
            notebook.run_all()
            roots = dict(shoot_widgets(notebook))
            for label, value in shown.knobs:
                roots[shown.widget].get_by_label(label).fill(value)
            lab.page.evaluate("() => document.activeElement.blur()")
            png = roots[shown.widget].screenshot(animations="disabled")
            save_small(png, IMAGES / f"{shown.widget.replace('-', '_')}.png")


def shoot_badge(lab: Lab) -> None:
    """Write the picture of a wrong answer and its badge into docs/images/."""
    with lab.open(HOMEWORK) as notebook:
        for text in ("# BADGES", "SEED = 1"):
            run(cell_with(notebook, text))
        run(cell_with(notebook, "# TASK softmax"), WRONG)
        check = cell_with(notebook, "# CHECK softmax 1 point: many rows")
        run(check)
        badge(check, "✗")
        lab.page.evaluate("() => document.activeElement.blur()")
        png = check.screenshot(animations="disabled")
        save_small(png, IMAGES / "homework_badge.png")


def main() -> None:
    """Take the pictures that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, help="where pictures go")
    parser.add_argument("numbers", nargs="*", help="lessons, such as 01 06")
    parser.add_argument("--widgets", action="store_true", help="leave out the pages")
    parser.add_argument("--readme", action="store_true", help="fill docs/images/")
    options = parser.parse_intermixed_args()
    if missing := why_no_browser():
        parser.exit(1, f"{missing}\n")
    if not options.readme and options.folder is None:
        parser.error("say into which folder the pictures go")
    with Lab.start(height=PAGE_HEIGHT) as lab:
        lab.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
        if options.readme:
            shoot_readme(lab)
            shoot_badge(lab)
        if options.folder is not None:
            options.folder.mkdir(parents=True, exist_ok=True)
            for name in lessons(options.numbers):
                shoot_lesson(lab, name, options.folder, pages=not options.widgets)


if __name__ == "__main__":
    main()
