"""Drive JupyterLab as a student does: open a notebook, run all, touch its widgets.

    with Lab.start() as lab, lab.open("01_softmax.ipynb") as notebook:
        notebook.run_all()
        assert notebook.complaints() == []

Nothing here sleeps for a fixed time: every wait is for something to be true, and its
timeout is the bound at which the wait counts as failed.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .chromium import chromium
from .server import ROOT, Server, serve

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Error, Locator, Page

NOTEBOOKS = ROOT / "notebooks"
ELSEWHERE = re.compile(r"^(?!(https?|wss?)://127\.0\.0\.1[:/])(https?|wss?):")
LOAD_MS = 120_000
RUN_MS = 600_000
REACT_MS = 120_000  # milliseconds on an idle machine
VIEW_MIME = "application/vnd.jupyter.widget-view+json"
IN_THE_WAY = ".jp-Dialog, .jp-Stdin-input"
WIDGET = ".ltg"
NO_WIDGET = re.compile("model not found|error displaying widget|loading widget", re.I)
# JupyterLab says this of its own requests whenever a kernel is shut down.
NOISE = re.compile("Canceled future for")
THEMES = {False: "JupyterLab Light", True: "JupyterLab Dark"}

# `notebook` in the scripts below is the notebook panel in front.
PANEL = "const notebook = window.jupyterapp.shell.currentWidget;"
KERNEL_READY = f"""() => {{ {PANEL}
    const session = notebook?.sessionContext;
    const kernel = session?.session?.kernel;
    return Boolean(notebook?.context?.isReady && session.isReady
        && kernel?.connectionStatus === 'connected' && kernel.status === 'idle'); }}"""
DRAWN = f"""() => {{ {PANEL}
    const cells = notebook.content.widgets;
    const texts = cells.filter(cell => cell.model.type === 'markdown');
    return cells.length > 0 && cells.every(cell => !cell.isPlaceholder())
        && texts.every(cell => cell.node.querySelector('.jp-RenderedMarkdown > *'))
        && [...notebook.node.querySelectorAll('img')].every(one => one.complete); }}"""
NONE_RAN = f"""() => {{ {PANEL}
    return notebook.content.widgets.every(cell =>
        cell.model.type !== 'code' || cell.model.executionCount === null); }}"""
ALL_DONE = f"""() => {{ {PANEL}
    if (document.querySelector('{IN_THE_WAY}')) return true;
    const cells = notebook.content.widgets.map(cell => cell.model).filter(model =>
        model.type === 'code' && model.sharedModel.getSource().trim());
    const ran = cells.every(model => model.executionCount !== null);
    const stopped = cells.some(model => [...Array(model.outputs.length).keys()]
        .some(i => model.outputs.get(i).type === 'error'));
    const busy = cells.some(model => model.executionState === 'running')
        || notebook.sessionContext.session.kernel.status !== 'idle';
    return (ran || stopped) && !busy; }}"""
ASK = f"""async expression => {{ {PANEL}
    const kernel = notebook.sessionContext.session.kernel;
    const future = kernel.requestExecute({{ code: '', silent: true,
        store_history: false, user_expressions: {{ answer: expression }} }});
    return (await future.done).content.user_expressions.answer; }}"""
OUTPUTS = f"""() => {{ {PANEL}
    return notebook.content.widgets.map(cell => cell.model.type === 'code'
        ? cell.model.sharedModel.getOutputs() : []); }}"""


def write_notebook(path: Path, cells: Sequence[str]) -> None:
    """Write a notebook of code cells, which runs on after a cell that raises."""
    blocks: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"cell-{index}",
            "metadata": {"tags": ["raises-exception"]},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        for index, source in enumerate(cells)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {
        "cells": blocks,
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(notebook), encoding="utf-8")


@dataclass
class Lab:
    """One JupyterLab on a copy of `notebooks/`, seen through one Chromium page."""

    server: Server
    page: Page
    outside: list[str] = field(default_factory=list)
    """Addresses outside this machine that the page asked for; none was let through."""
    console: list[str] = field(default_factory=list)
    """Errors that the page wrote to its console or did not catch."""

    @classmethod
    @contextlib.contextmanager
    def start(cls, *, width: int = 1280, height: int = 900) -> Iterator[Lab]:
        """Serve a copy of the notebooks and open JupyterLab on it."""
        with contextlib.ExitStack() as stack:
            scratch = Path(tempfile.mkdtemp(prefix="course-notebooks-"))
            stack.callback(shutil.rmtree, scratch, ignore_errors=True)
            folder = scratch / "notebooks"
            if NOTEBOOKS.is_dir():
                skip = shutil.ignore_patterns(".ipynb_checkpoints", "source")
                shutil.copytree(NOTEBOOKS, folder, ignore=skip)
            folder.mkdir(exist_ok=True)
            server = stack.enter_context(serve(folder))
            context = stack.enter_context(chromium(scratch / "profile", width, height))
            context.set_default_timeout(REACT_MS)
            lab = cls(server, context.pages[0])
            lab._listen()
            lab._load()
            yield lab

    def _listen(self) -> None:
        """Record what the page complains of, and stop what would leave the machine."""

        def outside(url: str) -> None:
            if ELSEWHERE.match(url):
                self.outside.append(url)

        def console(message: ConsoleMessage) -> None:
            if message.type == "error" and not NOISE.search(message.text):
                url = message.location.get("url", "")
                self.console.append(f"{message.text} ({url})")

        def uncaught(error: Error) -> None:
            if not NOISE.search(error.message):
                self.console.append(f"{error.message} {error.stack or ''}")

        self.page.context.route(ELSEWHERE, lambda route: route.abort())
        self.page.on("request", lambda request: outside(request.url))
        self.page.on("websocket", lambda socket: outside(socket.url))
        self.page.on("console", console)
        self.page.on("pageerror", uncaught)

    def _load(self) -> None:
        self.page.goto(f"{self.server.url}/lab?reset&token={self.server.token}")
        self.page.wait_for_function("() => window.jupyterapp", timeout=LOAD_MS)
        self.page.evaluate("async () => { await window.jupyterapp.restored; }")

    def command(self, name: str, **arguments: Any) -> None:
        """Start a JupyterLab command without awaiting it (a dialog would hang us)."""
        self.page.evaluate(
            "([name, args]) => { window.jupyterapp.commands.execute(name, args); }",
            [name, arguments],
        )

    def theme(self, *, dark: bool) -> None:
        """Switch JupyterLab, and what the page is told of the system, light or dark."""
        self.page.emulate_media(color_scheme="dark" if dark else "light")
        self.command("apputils:change-theme", theme=THEMES[dark])
        light = "false" if dark else "true"
        selector = f"body[data-jp-theme-light='{light}']"
        self.page.wait_for_selector(selector, state="attached", timeout=LOAD_MS)

    def wait_until(
        self, true: Callable[[], bool], *, timeout_ms: float = REACT_MS
    ) -> None:
        """Let the page work until `true()`; raise TimeoutError if it never is."""
        deadline = time.monotonic() + timeout_ms / 1000
        while not true():
            if time.monotonic() > deadline:
                raise TimeoutError(f"not true after {timeout_ms / 1000:g} s: {true}")
            self.page.wait_for_timeout(20)

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[Notebook]:
        """Open a notebook and wait for its kernel; close it at the end."""
        self.outside.clear()
        self.console.clear()
        self.command("docmanager:open", path=name, factory="Notebook")
        in_front = f"() => {{ {PANEL} return notebook?.context?.path === '{name}'; }}"
        self.page.wait_for_function(in_front, timeout=LOAD_MS)
        self.page.wait_for_function(KERNEL_READY, timeout=LOAD_MS)
        try:
            yield Notebook(self, name)
        finally:
            self._close()

    def _close(self) -> None:
        """Shut the kernel of the notebook in front down and close it, unsaved."""
        self.page.evaluate(
            f"""async () => {{ {PANEL}
            document.querySelectorAll('.jp-Dialog').forEach(dialog => dialog.remove());
            await notebook.sessionContext.shutdown();
            notebook.context.model.dirty = false;
            notebook.dispose(); }}"""
        )

    @contextlib.contextmanager
    def show(self, *cells: str, name: str = "shown.ipynb") -> Iterator[Notebook]:
        """Write these code cells as a notebook, open it and run all."""
        write_notebook(self.server.folder / name, cells)
        with self.open(name) as notebook:
            notebook.run_all()
            yield notebook


@dataclass
class Notebook:
    """The notebook in front."""

    lab: Lab
    name: str

    def wait_until_drawn(self) -> None:
        """Wait until every text and picture of the stored notebook is there."""
        self.lab.page.wait_for_function(DRAWN, timeout=LOAD_MS)

    def run_all(self, *, timeout_ms: float = RUN_MS) -> None:
        """Run all cells; return when all ran, one failed, or a dialog is in the way."""
        self.lab.command("notebook:clear-all-cell-outputs")
        self.lab.page.wait_for_function(NONE_RAN)
        self.lab.command("notebook:run-all-cells")
        self.lab.page.wait_for_function(ALL_DONE, timeout=timeout_ms, polling=100)

    def outputs(self) -> list[list[dict[str, Any]]]:
        """Return the outputs of every cell, in nbformat; none for a text cell."""
        outputs: list[list[dict[str, Any]]] = self.lab.page.evaluate(OUTPUTS)
        return outputs

    def save(self) -> dict[str, Any]:
        """Save as Ctrl-S does; return the file."""
        self.lab.page.evaluate(
            f"async () => {{ {PANEL} await notebook.context.save(); }}"
        )
        text = (self.lab.server.folder / self.name).read_text("utf-8")
        saved: dict[str, Any] = json.loads(text)
        return saved

    def complaints(self) -> list[str]:
        """Return all that went wrong so far, as a student or the network would see."""
        questions = self.lab.page.locator(IN_THE_WAY).all_inner_texts()
        errors = [
            f"cell {index}: {output['ename']}: {output['evalue']}"
            for index, cell in enumerate(self.outputs())
            for output in cell
            if output["output_type"] == "error"
        ]
        return [
            *errors,
            *(f"waits for an answer: {text}" for text in questions),
            *(f"console: {text}" for text in self.lab.console),
            *(f"left this machine: {url}" for url in self.lab.outside),
        ]

    def widget_cells(self) -> list[int]:
        """Return the indices of the cells whose output is a live widget."""
        return [
            index
            for index, cell in enumerate(self.outputs())
            if any(VIEW_MIME in output.get("data", {}) for output in cell)
        ]

    def output_area(self, cell: int) -> Locator:
        """Return what is drawn under a cell."""
        cells = self.lab.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell")
        return cells.nth(cell).locator(".jp-OutputArea-output")

    def widget(self, cell: int) -> Locator:
        """Return the root of the course widget that is drawn under a cell."""
        return self.output_area(cell).locator(WIDGET).first

    def undrawn(self) -> list[str]:
        """Return the texts that JupyterLab shows in the place of a widget."""
        areas = self.lab.page.locator(".jp-OutputArea-output")
        return areas.filter(has_text=NO_WIDGET).all_inner_texts()

    def ask(self, expression: str) -> str:
        """Return what `repr` of an expression is in the kernel now."""
        reply = self.lab.page.evaluate(ASK, expression)
        if reply["status"] != "ok":
            raise ValueError(f"{expression}: {reply['ename']}: {reply['evalue']}")
        text: str = reply["data"]["text/plain"]
        return text
