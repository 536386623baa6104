"""From key press to changed picture: our slider against `interact`, in one session.

Both draw the softmax of the same logits. Ours is an anywidget that draws in the
browser; the other is what a notebook usually has, `ipywidgets.interact` around a
matplotlib plot, where every key travels to the kernel and a new PNG travels back.
The floor is one frame of the screen, 17 ms: nothing is seen sooner.

    python benchmarks/bench_widgets.py [PRESSES]
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.browser.chromium import why_no_browser
from tests.browser.lab import Lab, Notebook

if TYPE_CHECKING:
    from playwright.sync_api import Locator

PRESSES = 40
ROUNDS = 2
OURS = """
from course_play.widgets import SoftmaxBars
SoftmaxBars([0.0, 1.0, 0.1], ["tea", "coffee", "water"])
"""
THEIRS = """
import ipywidgets, torch
import matplotlib.pyplot as plt
def bars(z):
    plt.figure(figsize=(6, 3))
    plt.bar(["tea", "coffee", "water"], torch.tensor([z, 1.0, 0.1]).softmax(0))
    plt.ylim(0, 1)
    plt.show()
ipywidgets.interact(bars, z=ipywidgets.FloatSlider(0, min=-6, max=6, step=0.1));
"""
# Resolves to the milliseconds from the key until the new picture was on the screen.
ARM = """root => {
    const look = () => root.querySelector('img')?.src
        ?? [...root.querySelectorAll('.ltg-fill')].map(bar => bar.style.width).join();
    const before = look();
    window.measured = new Promise(resolve => {
        let pressed = 0;
        document.addEventListener('keydown', () => { pressed = performance.now(); },
            { once: true, capture: true });
        const observer = new MutationObserver(async () => {
            const now = look();
            if (!pressed || !now || now === before) return;
            observer.disconnect();
            await root.querySelector('img')?.decode();
            requestAnimationFrame(() =>  // this one draws it, at the next it was seen
                requestAnimationFrame(() => resolve(performance.now() - pressed)));
        });
        observer.observe(root,
            { subtree: true, childList: true, attributes: true });
    }); }"""


def press_and_time(notebook: Notebook, root: Locator, knob: str, key: str) -> float:
    """Press a key on a slider; return the milliseconds until the picture changed."""
    page = notebook.lab.page
    root.evaluate(ARM)
    root.locator(knob).first.focus()
    page.keyboard.press(key)
    took: float = page.evaluate("() => window.measured")
    return took


def measure(presses: int) -> dict[str, list[float]]:
    """Time both sliders in turns in one notebook: milliseconds of each press."""
    knobs = {"anywidget (ours)": "input", "interact + matplotlib": ".noUi-handle"}
    times: dict[str, list[float]] = {name: [] for name in knobs}
    with Lab.start() as lab, lab.show(OURS, THEIRS, name="bench.ipynb") as notebook:
        for _ in range(ROUNDS):
            for cell, (name, knob) in enumerate(knobs.items()):
                root = notebook.output_area(cell).first
                root.scroll_into_view_if_needed()
                press_and_time(notebook, root, knob, "ArrowRight")  # warm
                for _ in range(presses // ROUNDS):
                    took = press_and_time(notebook, root, knob, "ArrowRight")
                    times[name].append(took)
    return times


def main() -> None:
    """Print the median of each way and their ratio."""
    presses = int(sys.argv[1]) if len(sys.argv) > 1 else PRESSES
    if missing := why_no_browser():
        print(f"not measured: {missing}")
        return
    times = measure(presses)
    print(f"key press to picture, {presses} presses each, ms")
    print(f"{'':24}{'median':>8}{'slowest':>9}")
    for name, each in times.items():
        print(f"{name:24}{statistics.median(each):8.0f}{max(each):9.0f}")
    ours, theirs = (statistics.median(each) for each in times.values())
    print(f"{'ratio':24}{theirs / ours:7.1f}x   (floor: one frame, 17 ms)")


if __name__ == "__main__":
    main()
