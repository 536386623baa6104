"""Modules as one classic script: a page that is opened from a disk loads no others.

Each module becomes a constant that is closed off from the others, after those that it
imports, so names never meet. Modules live in this folder, or are the widgets' own:
`base.js` has the maths and the elements.
"""

import re
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
WIDGETS = HERE.parent / "widgets"

_IMPORT = re.compile(r'^import\s*\{([^}]*)\} from "[./\w]+/(\w+)\.js";\n', re.MULTILINE)
_KIND = r"(?:async )?(?:const|let|function\*?|class)"
_EXPORT = re.compile(rf"^export (?={_KIND}\b)", re.MULTILINE)
_DEFAULT = re.compile(r"^export default .*\n", re.MULTILINE)
_EXPORTED = re.compile(rf"^export {_KIND} (\w+)", re.MULTILINE)


def _source(name: str) -> str:
    own, widgets = (folder / f"{name}.js" for folder in (HERE, WIDGETS))
    return (own if own.exists() else widgets).read_text("utf-8")


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
    code = _DEFAULT.sub("", _IMPORT.sub(r"const {\1} = \2_js;\n", source))
    exported = ", ".join(_EXPORTED.findall(source))
    return (
        f"const {name}_js = (() => {{\n{_EXPORT.sub('', code)}\n"
        f"return {{ {exported} }};\n}})();\n"
    )


def bundle(*names: str) -> str:
    """Modules and all that they need, as constants `<module>_js`."""
    parts = dict.fromkeys(part for name in names for part in parts_of(name))
    return "".join(_closed(part) for part in parts)
