"""The verdict under a check cell, as soon as the student runs it.

The kernel only passes the printed text on. A process of its own holds the references
and judges, so that nothing a student's cell replaces can turn a verdict; without an
answer from it there is no badge of either colour.

    python -P -m classroom.homework.badges hw04      (that process)
"""

import contextlib
import hashlib
import html
import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from classroom.homework.assignment import (
    BADGES,
    CHECK,
    TASK,
    Assignment,
    Step,
    load_assignment,
)
from classroom.homework.compare import MAX_TEXT
from classroom.homework.copies import HAND_IN, check_command, other_version
from classroom.homework.hints import Outcome
from classroom.homework.lines import line_of_error
from classroom.homework.marking import check_hint
from classroom.homework.settings import settings_code
from classroom.lessons import PACKAGES, ROOT, settings_folder
from course_lib.engine.writing import write_atomically

WAIT_S = 5.0
SUBMIT = "classroom.homework.submit"
OWN_LIBRARY = re.compile(
    rf"^\s*(?:from|import)\s+({'|'.join(PACKAGES)})\b", re.MULTILINE
)
ABSENT = (
    "It holds finished code, so an answer that needs it fails when it is marked. "
    "To look something up in a cell of its own is fine."
)
RIGHT, WRONG, UNKNOWN = "#009E73", "#D55E00", "#777777"


def watch(name: str) -> None:
    """Show a badge under every check cell of this notebook from now on.

    Args:
        name: the homework, `hw04`.

    Raises:
        ValueError: there is no such homework here.
    """
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        raise ValueError("badges belong in a notebook: open it in JupyterLab")
    assignment = load_assignment(name)
    watcher = _Watcher(shell, assignment)
    ours = {"pre_run_cell": watcher.before_cell, "post_run_cell": watcher.after_cell}
    for event, callback in ours.items():
        for old in [f for f in shell.events.callbacks[event] if _is_ours(f)]:
            shell.events.unregister(event, old)
        shell.events.register(event, callback)
    here = Path.cwd()
    print(f"{assignment.title}: {assignment.points} points in {_checks(assignment)}.")
    print(f"What is the saved file worth? In a terminal: {check_command(name, here)}")
    if os.environ.get(HAND_IN):
        print(f"Hand it in, when it is saved: {check_command(name, here, 'submit')}")
        print(f'or in a cell: from {SUBMIT} import submit; submit("{name}")')
    if other := other_version(name, here):
        print(f"Note: {other}.")


def _checks(assignment: Assignment) -> str:
    return f"{len(assignment.checks)} checks; each says at once whether it passes"


def _is_ours(callback: Any) -> bool:
    return isinstance(getattr(callback, "__self__", None), _Watcher)


class _Watcher:
    """The kernel's side: sends what a check printed, shows what comes back."""

    def __init__(self, shell: Any, assignment: Assignment) -> None:
        self.shell = shell
        self.name = assignment.name
        self.judge = _Judge(assignment.name)
        self.journal = Journal(assignment.name)
        self.seed = assignment.seed
        self.code = compile(settings_code(assignment.steps), "<settings>", "exec")

    def before_cell(self, info: Any) -> None:
        """A check runs under the same seed and settings as when it is marked."""
        if CHECK.search(info.raw_cell or ""):
            self.shell.user_ns["SEED"] = self.seed
            exec(self.code, {})  # noqa: S102  # our own text

    def after_cell(self, result: Any) -> None:
        """IPython calls this after every cell."""
        source = (result.info.raw_cell or "").strip()
        task = TASK.search(source)
        if task and not CHECK.search(source):
            self.journal.note(task[1], source)
        if not CHECK.search(source):
            own = OWN_LIBRARY.search(source)
            if own and not BADGES.search(source):
                self.show(_badge(UNKNOWN, f"{own[1]} is not there later", ABSENT))
            return
        error = result.error_before_exec or result.error_in_exec
        value = None
        if error is None and result.result is not None:
            formats = self.shell.display_formatter.format(result.result)[0]
            value = str(formats.get("text/plain", ""))[: MAX_TEXT + 1]
        why = "" if error is None else f"{type(error).__name__}: {error}"[:1000]
        where = "" if error is None else line_of_error(error)[:1000]
        seed = self.shell.user_ns.get("SEED")
        badge = self.judge.ask(
            source=source, value=value, error=why, where=where, seed=str(seed)
        )
        self.show(badge)

    def show(self, badge: dict[str, str]) -> None:
        """Put a badge under the cell."""
        self.shell.display_pub.publish(
            {"text/html": badge["html"], "text/plain": badge["text"]}
        )


class _Judge:
    """The process that knows the references, started once and asked by lines."""

    def __init__(self, name: str) -> None:
        command = [sys.executable, "-P", "-m", __name__, name]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def ask(self, **question: str | None) -> dict[str, str]:
        """The badge for a check; a grey one when no answer comes."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        answer: list[bytes] = []
        out = self.process.stdout
        reader = threading.Thread(
            target=lambda: answer.append(out.readline()), daemon=True
        )
        try:
            self.process.stdin.write(json.dumps(question).encode() + b"\n")
            self.process.stdin.flush()
            reader.start()
            reader.join(WAIT_S)
            found = json.loads(answer[0])
            return {"html": str(found["html"]), "text": str(found["text"])}
        except (OSError, ValueError, IndexError, KeyError):
            self._end()
            lost = "The process that judges is gone: run the BADGES cell again."
            return _badge(UNKNOWN, "No verdict", lost)

    def _end(self) -> None:
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                assert pipe is not None
                pipe.close()
        self.process.wait()


class Journal:
    """Which answers were run last, so that `course check` notices an unsaved file."""

    def __init__(self, name: str) -> None:
        self.path = settings_folder("homework") / f"{name}.json"

    def read(self) -> dict[str, dict[str, Any]]:
        """Task -> hash of the cell that ran last, where, when (seconds since 1970)."""
        try:
            raw = json.loads(self.path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return raw if isinstance(raw, dict) else {}

    def note(self, task: str, source: str) -> None:
        """Remember this answer; a full disk must not disturb the student."""
        here = {"folder": os.getcwd(), "time": time.time()}
        notes = self.read() | {task: {"hash": digest(source), **here}}
        try:
            write_atomically(self.path, json.dumps(notes).encode())
        except OSError:
            return


def digest(source: str) -> str:
    """A hash of a cell's text, blind to white space around it."""
    return hashlib.sha256(source.strip().encode("utf-8", "replace")).hexdigest()[:16]


def unsaved(name: str, file: Path, answers: dict[str, str]) -> list[str]:
    """Tasks whose answer was run after the file was saved, and differs from it.

    Args:
        name: the homework.
        file: the notebook on disk.
        answers: task -> the answer cell in that file.
    """
    saved = file.stat().st_mtime
    notes = Journal(name).read()
    return [
        task
        for task, source in answers.items()
        if task in notes
        and notes[task].get("folder") == str(file.resolve().parent)
        and notes[task].get("hash") != digest(source)
        and notes[task].get("time", 0) > saved
    ]


def judge_check(
    assignment: Assignment, source: str, outcome: Outcome, seed: str
) -> dict[str, str]:
    """The badge for a check cell that has just run."""
    found = CHECK.search(source)
    task = found[1] if found else "?"
    step = next((s for s in assignment.checks if s.source.strip() == source), None)
    if step is None:
        put_back = (
            "Edited, or another version: the course's own comes when it is marked."
        )
        return _badge(UNKNOWN, f"{task}: not this course's check cell", put_back)
    if seed != str(assignment.seed):
        text = f"SEED is {seed} here; the values beside it are for {assignment.seed}."
        return _badge(UNKNOWN, f"{_title(assignment, step)}: no verdict", text)
    hint = check_hint(assignment, step, outcome)
    if hint:
        return _badge(WRONG, f"✗ {_title(assignment, step)}: not yet", hint)
    points = "1 point" if step.points == 1 else f"{step.points} points"
    return _badge(RIGHT, f"✓ {_title(assignment, step)}: right, {points}", "")


def _title(assignment: Assignment, step: Step) -> str:
    own = [check for check in assignment.checks if check.task == step.task]
    label = f" ({step.label})" if step.label else ""
    return f"{step.task}, check {own.index(step) + 1} of {len(own)}{label}"


def _badge(colour: str, title: str, text: str) -> dict[str, str]:
    style = f"border-left:6px solid {colour};padding:2px 0 2px 10px;margin:4px 0"
    more = f"<br>{html.escape(text)}" if text else ""
    page = f'<div style="{style}" role="status"><b>{html.escape(title)}</b>{more}</div>'
    return {"html": page, "text": f"{title}. {text}".strip()}


def main(name: str) -> None:
    """The judging process: a question a line on stdin, a badge a line on stdout."""
    assignment = load_assignment(name)
    for line in sys.stdin:
        asked = json.loads(line)
        outcome = Outcome(asked["value"], asked["error"], asked.get("where", ""))
        badge = judge_check(assignment, asked["source"], outcome, asked["seed"])
        sys.stdout.write(json.dumps(badge) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
