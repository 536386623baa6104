"""Modules as one classic script: a page that is opened from a disk loads no others.

Each module becomes a constant that is closed off from the others, after those that it
imports, so names never meet. Modules live in this folder; `base.js`, which has the maths
and the elements, is the widgets' own.
"""

import re
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
WIDGETS = HERE.parent / "widgets"

_IMPORT = re.compile(r'^import \{([^}]*)\} from "[./\w]+/(\w+)\.js";\n', re.MULTILINE)
_KIND = r"(?:async )?(?:const|let|function\*?|class)"
_EXPORT = re.compile(rf"^export (?={_KIND}\b)", re.MULTILINE)
_EXPORTED = re.compile(rf"^export {_KIND} (\w+)", re.MULTILINE)


def _source(name: str) -> str:
    folder = WIDGETS if name == "base" else HERE
    return (folder / f"{name}.js").read_text("utf-8")


def parts_of(name: str, above: Sequence[str] = ()) -> list[str]:
    """A module and all that it imports, each after what it needs.

    Raises:
        ValueError: for modules that import each other in a circle.

    >>> parts_of("weights")
    ['python', 'config', 'gpt', 'weights']
    """
    if name in above:
        raise ValueError(f"{' -> '.join((*above, name))}: break this circle of imports")
    needed = [other for _, other in _IMPORT.findall(_source(name))]
    below = [part for other in needed for part in parts_of(other, (*above, name))]
    return [*dict.fromkeys(below), name]


def _closed(name: str) -> str:
    """A module as a constant: its names stay inside, but for those it exports."""
    source = _source(name)
    code = _IMPORT.sub(r"const {\1} = \2_js;\n", source)
    exported = ", ".join(_EXPORTED.findall(source))
    return (
        f"const {name}_js = (() => {{\n{_EXPORT.sub('', code)}\n"
        f"return {{ {exported} }};\n}})();\n"
    )


def bundle(name: str) -> str:
    """A module and all that it needs, as constants `<module>_js`."""
    return "".join(_closed(part) for part in parts_of(name))
