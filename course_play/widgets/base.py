"""What every widget of the course shares.

A widget is one file trio: `softmax_bars.py`, `softmax_bars.js` and, only if it needs
rules of its own, `softmax_bars.css`. No bundler, no network: the browser gets one ES
module, made by `module_text`. CONTRIBUTING.md says step by step how to add one.

**JavaScript.** `x.js` starts with ONE statement that imports from the base,
`import { h, slider } from "./base.js";` (over several lines if need be), then its pure
functions as `export function ...`, then `function render({ model, el })` and, last,
`export default { render };`. Node imports the files as they are (that is how the tests
compare the maths); for the browser the import is dropped and `base.js` is put in front,
so the names of `x.js` must differ from those of `base.js`: read its export list first.
Widgets that show curves of a training import from "./curves.js" in the same way.

- `const scope = openScope()` first; every listener goes through `scope.listen(node,
  "input", f)` or `scope.watch(model, ["temperature"], f)`; `return scope.close` last.
- `const root = frame(el, { name: "x", title, hint })` is the card everything lives in.
- Traits change by `put(model, { step: 2 })`, and nowhere else; Bytes are read by
  `numbersOf`. Knobs: `slider`, `boundSlider` and `boundCheck` (tied to a trait),
  `radios`, `menu`, `button`; `h` keeps their keys from JupyterLab.
- Words: `liveRegion(scope)` (speaks 400 ms after the last change), `statusLine` (an
  alert, at once), `tiles` (label and number), `fixed`, `percent`, `toBits`, `plural`.
- A picture is `fitted(scope, (width) => ({ node, update }))`: drawn for the room it
  gets, one unit for each 1/14 of the reader's letter height.
- A chart: `plot({ left, right, top, base, x, y })` turns numbers into places and makes
  the parts of its axes; then `pathThrough`, `place`, `drag`, `pointIn`, `keyTo` and the
  classes `ltg-tick`, `ltg-over`, `ltg-mark`, `ltg-guide`. Bars are `columns`, the cut
  ones hatched.
- Dice: `mulberry32(seed)` and `drawIndex(probs, u)` here, `mulberry32` and `draw_index`
  in Python, give the same letters on both sides.
- Knobs stand first, in `h("div", { class: "ltg-knobs" }, ...)`, and stay in sight; in
  `ltg-sides` picture and numbers stand side by side where there is room.
- Colour is never the only cue: add a hatch, a dash, a shape or a word. Give what is
  told by shades alone the class `ltg-heat`, the chosen one among many `ltg-frame` and
  `ltg-framed`: so both survive forced colours.

**Python.** Subclass `CourseWidget`, put `_esm = module_text("x")` and
`_css = style_text("x")` in the class body, synced state in traitlets, and write

- `describe() -> str`: what is shown now, in lines of text, deterministic. It is the
  `__repr__`: nbval compares it, terminals and screen readers read it;
- `picture() -> Picture`: the matplotlib twin with alt text, for where nothing is live.

Check arguments in `__init__` before `super().__init__(...)` and raise `ValueError`
naming the value.

**CSS.** `base.css` holds colours as `--ltg-blue`, `--ltg-orange`, `--ltg-green`,
`--ltg-pink`, `--ltg-muted`, `--ltg-line`, `--ltg-tint`, right in light and dark.
Classes start with `ltg-`. Letters have one of the sizes `--ltg-small`, `--ltg-size`,
`--ltg-large` and `--ltg-huge`, or ems; `@container` counts in ems. Every widget brings
`base.css` along, so a rule that overrules it must say more: `.ltg.ltg-x .ltg-sides`.
"""

import base64
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget

if TYPE_CHECKING:
    from course_play.plots import Picture

HERE = Path(__file__).parent
IMPORT = re.compile(r'^import\s*\{[^}]*\}\s*from\s*"\./(\w+)\.js";\n', re.MULTILINE)


def _source(name: str) -> str:
    return (HERE / f"{name}.js").read_text("utf-8")


def _parts(name: str) -> list[str]:
    """A module and all it imports, each after what it needs: the base comes first."""
    found = [] if name == "base" else IMPORT.findall(_source(name))
    if name != "base" and found.count("base") != 1:
        raise ValueError(
            f"{name}.js has {found.count('base')} statements "
            '`import { ... } from "./base.js";`, it needs exactly one'
        )
    needed = [part for other in found for part in _parts(other)]
    return [*dict.fromkeys(needed), name]


def module_text(name: str) -> str:
    """The ES module of a widget: `base.js`, then `<name>.js` without its imports.

    What it imports besides the base (`curves.js`) stands between the two.

    Raises:
        ValueError: if a file does not import from the base exactly once.

    >>> "import {" in module_text("softmax_bars")
    False
    """
    return "".join(IMPORT.sub("", _source(part)) for part in _parts(name))


def style_text(name: str) -> str:
    """The style sheet of a widget: `base.css`, then those of its own files, if any.

    >>> style_text("softmax_bars").startswith("/* What every widget")
    True
    """
    sheets = [HERE / f"{part}.css" for part in _parts(name)]
    return "".join(sheet.read_text("utf-8") for sheet in sheets if sheet.exists())


def mulberry32(seed: int) -> Iterator[float]:
    """Endless uniforms in [0, 1), the same numbers as `mulberry32` in `base.js`.

    Source: Tommy Ettinger 2017, public domain; 32 bits of state, for dice in widgets.

    >>> next(mulberry32(0))
    0.26642920868471265
    """
    mask = 0xFFFFFFFF
    state = seed & mask
    while True:
        state = (state + 0x6D2B79F5) & mask
        t = ((state ^ state >> 15) * (state | 1)) & mask
        t = ((t + (((t ^ t >> 7) * (t | 61)) & mask)) & mask) ^ t
        yield (t ^ t >> 14) / 2**32


def draw_index(probs: Sequence[float], u: float) -> int:
    """The first index whose running sum of `probs` (V,) exceeds `u`, 0 <= u < 1.

    >>> [draw_index([0.5, 0.0, 0.5], u) for u in (0.1, 0.5, 0.9)]
    [0, 2, 2]
    """
    total, last = 0.0, 0
    for i, p in enumerate(probs):
        if p > 0:
            total, last = total + p, i
            if u < total:
                return i
    return last  # rounding left the sum a hair under 1


class CourseWidget(anywidget.AnyWidget):
    """A picture you can touch: live in the browser, PNG and text everywhere else.

    A subclass gives `_esm`, `_css`, `describe` and `picture` (see the module's text).
    """

    def describe(self) -> str:
        """What is shown now, in lines of text; the same state gives the same text."""
        raise NotImplementedError(f"{type(self).__name__} must define describe()")

    def picture(self) -> "Picture":
        """What is shown now, as a matplotlib picture with alt text."""
        raise NotImplementedError(f"{type(self).__name__} must define picture()")

    def __repr__(self) -> str:
        return self.describe()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The live view, its PNG twin with alt text, and the text."""
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        picture = self.picture()
        data["image/png"] = base64.b64encode(picture.png()).decode("ascii")
        data["text/plain"] = self.describe()
        return data, {**metadata, "image/png": {"alt": picture.alt}}
