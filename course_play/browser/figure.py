"""The picture of the whole model as one script and one style sheet for a page.

`figure_script()` sets `courseFigure.mount(el, { gpt, words })`, see `whole_model.js`; a
page that is opened from a disk can load it. `figure_module()` is the same as an ES
module. The model and its words come from the engine's scripts, see `export.py`:

    courseEngine.courseIn("models/").voice("base").then(({ model, words }) =>
      courseFigure.mount(element, { gpt: model, words }));

The picture wants room: from 1,000 pixels on, the answers stand beside it.
"""

import re
from pathlib import Path

HERE = Path(__file__).parent
WIDGETS = HERE.parent / "widgets"

_IMPORT = re.compile(r'^import \{([^}]*)\} from "([./\w]+)/(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:const|function)\b)", re.MULTILINE)
_EXPORTED = re.compile(r"^export (?:const|function) (\w+)", re.MULTILINE)


def _source(name: str) -> str:
    folder = WIDGETS if name == "base" else HERE
    return (folder / f"{name}.js").read_text("utf-8")


def _parts(name: str, above: tuple[str, ...] = ()) -> list[str]:
    """A module and all it imports, each after what it needs.

    Raises:
        ValueError: for modules that import each other in a circle.
    """
    if name in above:
        raise ValueError(f"{' -> '.join((*above, name))}: break this circle of imports")
    needed = [other for _, _, other in _IMPORT.findall(_source(name))]
    below = [part for other in needed for part in _parts(other, (*above, name))]
    return [*dict.fromkeys(below), name]


def _closed(name: str) -> str:
    """A module as a constant: its names stay inside, but for those it exports."""
    source = _source(name)
    code = _IMPORT.sub(r"const {\1} = \3;\n", source)
    exported = ", ".join(_EXPORTED.findall(source))
    return (
        f"const {name} = (() => {{\n{_EXPORT.sub('', code)}\n"
        f"return {{ {exported} }};\n}})();\n"
    )


def _code() -> str:
    return "".join(_closed(part) for part in _parts("whole_model"))


def figure_script() -> str:
    """All of the figure as one classic script, which sets `courseFigure`.

    >>> "import" in [line.split(" ")[0] for line in figure_script().splitlines()]
    False
    """
    mounted = "globalThis.courseFigure = { mount: whole_model.mount };"
    return f'(() => {{\n"use strict";\n{_code()}{mounted}\n}})();\n'


def write_figure(folder: Path) -> None:
    """Write `figure.js` and `figure.css` for a site into a folder, which is made.

    Raises:
        OSError: if the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"figure.js": figure_script(), "figure.css": figure_style()}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def figure_module() -> str:
    """All of the figure as one ES module, which exports `mount`.

    >>> figure_module().splitlines()[-1]
    'export const { mount } = whole_model;'
    """
    return f"{_code()}export const {{ mount }} = whole_model;\n"


def figure_style() -> str:
    """The style sheet of the figure: that of all widgets, and its own.

    >>> figure_style().startswith("/* What every widget")
    True
    """
    sheets = [WIDGETS / "base.css", HERE / "whole_model.css"]
    return "".join(sheet.read_text("utf-8") for sheet in sheets)
