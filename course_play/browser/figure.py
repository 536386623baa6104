"""The picture of the whole model as one script and one style sheet for a page.

`figure_script()` sets `courseFigure.mount(el, { gpt, words })`, see `whole_model.js`; a
page that is opened from a disk can load it. `figure_module()` is the same as an ES
module. The model and its words come from the engine's scripts, see `export.py`:

    courseEngine.courseIn("models/").voice("base").then(({ model, words }) =>
      courseFigure.mount(element, { gpt: model, words }));

The picture wants room: from 1,000 pixels on, the answers stand beside it. The network
of names has a smaller one, `courseFigure.mountNames(el, { weights, sizes })`.
"""

from pathlib import Path

from course_play.browser.bundle import HERE, WIDGETS, bundle


def figure_script() -> str:
    """All of the figure as one classic script, which sets `courseFigure`.

    >>> "import" in [line.split(" ")[0] for line in figure_script().splitlines()]
    False
    """
    mounted = (
        "globalThis.courseFigure = "
        "{ mount: whole_model_js.mount, mountNames: whole_names_js.mount };"
    )
    both = bundle("whole_model", "whole_names")
    return f'(() => {{\n"use strict";\n{both}{mounted}\n}})();\n'


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
    'export const { mount } = whole_model_js;'
    """
    return f"{bundle('whole_model')}export const {{ mount }} = whole_model_js;\n"


def figure_style() -> str:
    """The style sheet of the figure: that of all widgets, and its own.

    >>> figure_style().startswith("/* What every widget")
    True
    """
    sheets = [WIDGETS / "base.css", HERE / "whole_model.css"]
    return "".join(sheet.read_text("utf-8") for sheet in sheets)
