"""The course's models in Chromium: how soon they are there, how fast they write.

A page from `file://` loads the scripts that `course_play/browser/export.py` writes,
then reads, writes and answers; Python writes the same texts with one thread. Times are
of the processor (Chromium gives its thread's), so that other work on the machine
matters less.
Then Python alone: what half precision changes in what the base model writes.

    python benchmarks/bench_browser.py [FOLDER]
"""

from __future__ import annotations

import gzip
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from course_lib.generate import generate
from course_lib.gpt import GPT
from course_play.browser.export import write_all
from tests.browser.chromium import chromium, why_no_browser
from tiny_world import World, load_base, token_rows
from tiny_world.assistant import STAGES

if TYPE_CHECKING:
    from playwright.sync_api import Page

N_PREFIXES = 160
PAGE = """<!doctype html><meta charset="utf-8"><title>bench</title>
<script src="models/engine.js"></script>
<script>const course = courseEngine.courseIn('models/');</script>"""
LOAD = """async (name) => {
    const told = await course.world();
    const start = performance.now();
    const script = document.createElement('script');
    script.src = `models/${name}.js`;
    document.head.append(script);
    await new Promise((done) => { script.onload = done; });
    const read = performance.now();
    courseEngine.voiceOf(courseModels[name], told);
    return [read - start, performance.now() - read];
}"""
WRITE = """async ([prompts, most]) => {
    const { model } = await course.voice('base');
    const write = (prompt) => courseEngine.generate(model, prompt,
        { max_new_tokens: most, temperature: 0 });
    model.rewind(0);
    return prompts.map(write);
}"""
READER = "() => course.reader().then(() => 0)"
BOX = """async (prompts) => {
    const { model, words } = await course.voice('base');
    const setting = { model, words, known: await course.reader() };
    prompts.forEach((prompt, roll) => courseEngine.promptAnswer(setting,
        { prompt, temperature: 1, roll, fresh: null }));
}"""
STAGE = """async ([name, questions]) => {
    const voice = await course.voice(name);
    for (const question of questions) courseEngine.stageAnswer(voice, question);
}"""


class Clock:
    """Runs programs in a page and tells the seconds of the processor they took."""

    def __init__(self, page: Page) -> None:
        self.page, self.session = page, page.context.new_cdp_session(page)
        self.session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def now(self) -> float:
        """Seconds that the page's thread has worked."""
        told = self.session.send("Performance.getMetrics")["metrics"]
        seconds: float = {x["name"]: x["value"] for x in told}["TaskDuration"]
        return seconds

    def run(self, program: str, given: Any) -> tuple[float, Any]:
        """Seconds, and what the program gave."""
        before = self.now()
        found = self.page.evaluate(program, given)
        return self.now() - before, found


def measure_page(page: Page, base: GPT) -> None:
    """Loading, writing and answering in the browser."""
    clock = Clock(page)
    for name in STAGES:
        seconds, (read, made) = clock.run(LOAD, name)
        print(
            f"{name:10s} {1000 * seconds:4.0f} ms "
            f"(by the clock {read:.0f} + {made:.0f})"
        )
    prompts = [[0, *row] for row in texts(12, 8)]
    for turn in range(4):
        seconds, written = clock.run(WRITE, [prompts, 100])
        n = sum(map(len, written))
        start = time.process_time()
        ours = [
            generate(base, [p], max_new_tokens=100, temperature=0)[0] for p in prompts
        ]
        theirs = time.process_time() - start
        print(
            f"round {turn}: {n / seconds:.0f} tokens a second in the browser, ", end=""
        )
        print(f"{n / theirs:.0f} by Python; the same: {ours == written}")
    asked = ["Once there was a shy", "It said", "The cow", "Where does the"] * 3
    print(
        f"prompt box: reader ready in {1000 * clock.run(READER, 0)[0]:.0f} ms, ", end=""
    )
    print(f"an answer takes {1000 * clock.run(BOX, asked)[0] / len(asked):.0f} ms")
    questions = ["What is 17 + 28 ?", "Who are you ?", "Where was Belora Maple born ?"]
    for name in STAGES:
        seconds, _ = clock.run(STAGE, [name, questions])
        print(f"an answer of {name:10s} {1000 * seconds / len(questions):.0f} ms")


def texts(n_rows: int, length: int) -> list[list[int]]:
    """Beginnings of texts that the model has not read."""
    rows: list[list[int]] = token_rows(
        World(seed=0), "val", 0, n_rows, length
    ).tokens.tolist()
    return rows


def halved() -> GPT:
    """The base model with the weights that a page gets."""
    model = load_base()
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(weight.half())
    return model


def measure_halves(base: GPT) -> None:
    """What half precision changes: greedy texts, and the surprise at words."""
    whole, rows = load_base(), texts(N_PREFIXES, 40)
    prompts = [row[: 1 + i % 40] for i, row in enumerate(rows)]
    both = [
        generate(m, prompts, max_new_tokens=24, stop_tokens=[0], temperature=0)
        for m in (whole, base)
    ]
    same = sum(a == b for a, b in zip(*both, strict=True))
    with torch.inference_mode():
        nats = [m(torch.tensor(rows)).log_softmax(-1) for m in (whole, base)]
    targets = torch.tensor(rows)[:, 1:, None]
    gap = (nats[0] - nats[1])[:, :-1].gather(2, targets).abs()
    print(f"half precision: {same} of {N_PREFIXES} greedy texts of 24 words are those")
    print(
        f"of float32; a surprise differs by {gap.mean():.5f} nats, {gap.max():.3f} at"
    )
    print("most")


def main() -> None:
    """Write the scripts, open a page, measure, print."""
    if why := why_no_browser():
        raise SystemExit(why)
    torch.set_num_threads(1)
    base = halved()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else scratch)
        for path in write_all(folder / "models"):
            data = path.read_bytes()
            packed = len(gzip.compress(data, 6))
            print(f"{path.name:14s} {len(data):10,} bytes, {packed:10,} gzipped")
        (folder / "page.html").write_text(PAGE, encoding="utf-8")
        with chromium(Path(scratch) / "profile", 1000, 700) as context:
            page = context.pages[0]
            page.goto((folder / "page.html").as_uri())
            measure_page(page, base)
            print(f"Chromium {context.browser.version}" if context.browser else "")
    measure_halves(base)


if __name__ == "__main__":
    main()
