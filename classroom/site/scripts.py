"""Widgets, their states and modules as scripts that work from a folder of files.

A browser does not let a page from a folder fetch a file or import a module. It does run
a `<script src=...>`, so each file here is a classic script that hands over a text:
`course.take(kind, name, value)`. `static/live.js` makes modules of the texts.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from classroom.states import States
from course_play.widgets.base import HERE, IMPORT

Value = Any


def handed_over(kind: str, name: str, value: Value) -> str:
    r"""One script that hands a value to the page.

    >>> handed_over("module", "base", "let a")
    'course.take("module", "base", "let a");\n'
    """
    words = (json.dumps(x, sort_keys=True, ensure_ascii=False) for x in (name, value))
    return f'course.take("{kind}", {", ".join(words)});\n'


def write_scripts(folder: Path, kind: str, values: dict[str, Value]) -> None:
    """One file for each value: `<folder>/<kind>/<name>.js`."""
    for name, value in values.items():
        target = folder / kind / f"{name}.js"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(handed_over(kind, name, value), encoding="utf-8")


def widget_modules() -> dict[str, dict[str, Value]]:
    """Every widget's own module: its text, its style, the modules it imports.

    >>> widget_modules()["softmax_bars"]["needs"]
    ['base']
    """
    found = {}
    for script in sorted(HERE.glob("*.js")):
        text = script.read_text("utf-8")
        style = script.with_suffix(".css")
        found[script.stem] = {
            "text": text,
            "style": style.read_text("utf-8") if style.exists() else "",
            "needs": IMPORT.findall(text),
        }
    return found


def with_imports(names: Iterable[str]) -> list[str]:
    """Modules of widgets and all that these import, each once.

    >>> with_imports(["softmax_bars", "logit_lens"])
    ['softmax_bars', 'logit_lens', 'base', 'own_text']
    """
    known = widget_modules()
    found = list(dict.fromkeys(names))
    for name in found:  # grows while it is read
        found += [need for need in known[name]["needs"] if need not in found]
    return found


def state_values(name: str, shown: States) -> dict[str, Value]:
    """The states of one page, by the names that its places carry."""
    return {
        f"{name}/{cell}/{kept['picture']}": {
            key: kept[key] for key in ("state", "buffers")
        }
        for cell, many in shown.items()
        for kept in many
    }
