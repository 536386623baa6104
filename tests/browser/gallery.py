"""Every widget as full as its lesson makes it, drawn on one page without a kernel."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from ipywidgets.widgets.widget import _remove_buffers

from course_play.widgets import WIDGETS
from tests.course_play.widget_examples import example_of

if TYPE_CHECKING:
    from course_play.widgets.base import CourseWidget

PAGE = """<!doctype html><meta charset="utf-8"><title>widgets</title><style>
:root { --jp-content-font-size1: 14px; } body { margin: 0; font-family: sans-serif; }
.shelf { padding: 8px; }</style><body><script type="module">
const modules = new Map();
const load = async (text) => {
    if (!modules.has(text)) {
        const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
        modules.set(text, (await import(url)).default);
    }
    const found = modules.get(text);
    return typeof found === 'function' ? found() : found;
};
/** What anywidget gives a view, without a kernel behind it. */
function modelOf(state) {
    const readers = new Map();
    return {
        get: (name) => state[name],
        set(name, value) {
            if (state[name] === value) return;
            state[name] = value;
            for (const read of readers.get(`change:${name}`) ?? []) read();
        },
        on: (event, read) => {
            if (!readers.has(event)) readers.set(event, new Set());
            readers.get(event).add(read);
        },
        off: (event, read) => readers.get(event)?.delete(read),
        save_changes() {}, send() {},
    };
}
const bytesOf = (text) => new DataView(
    Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
window.show = async ({ name, script, style, state, buffers }) => {
    const shelf = document.createElement('div');
    shelf.className = 'shelf';
    shelf.id = name;
    const sheet = document.createElement('style');
    sheet.textContent = style;
    const el = document.createElement('div');
    shelf.append(sheet, el);
    document.body.append(shelf);
    for (const [key, text] of Object.entries(buffers)) state[key] = bytesOf(text);
    const model = modelOf(state);
    const widget = await load(script);
    await widget.initialize?.({ model });
    await widget.render({ model, el });
};
window.ready = true;
</script></body>"""


def portable(name: str, widget: CourseWidget) -> dict[str, Any]:
    """What a page needs to draw the widget: script, style and state."""
    state, paths, buffers = _remove_buffers(widget.get_state())
    own = {k: v for k, v in state.items() if not k.startswith("_")}
    found = {
        path[0]: base64.b64encode(bytes(buffer)).decode("ascii")
        for path, buffer in zip(paths, buffers, strict=True)
    }
    skip = {"layout", "tabbable", "tooltip", "comm"}
    own = {k: v for k, v in own.items() if k not in skip}
    return {
        "name": name,
        "script": str(widget._esm),
        "style": str(widget._css),
        "state": json.loads(json.dumps(own)),
        "buffers": found,
    }


def everything() -> list[dict[str, Any]]:
    """All widgets, ready for a page."""
    examples = {name: example_of(name) for name in WIDGETS}
    return [portable(name, (e.full or e.make)()) for name, e in examples.items()]
