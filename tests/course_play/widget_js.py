"""Runs the widgets' JavaScript in Node, for tests that compare it with Python."""

import json
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

WIDGETS = Path(__file__).parents[2] / "course_play" / "widgets"
BROWSER = WIDGETS.parent / "browser"


def nodes() -> Iterator[str]:
    """Every Node there may be: on PATH, then the one inside the playwright package."""
    yield from filter(None, (shutil.which(name) for name in ("node", "nodejs")))
    spec = find_spec("playwright")
    if spec is not None and spec.origin is not None:
        yield str(Path(spec.origin).parent / "driver" / "node")


def first_that_runs(candidates: Iterable[str]) -> tuple[str | None, str]:
    """The first Node that runs a module, or None and what became of each."""
    why = []
    for node in candidates:
        command = [node, "--input-type=module", "--eval", 'import "node:fs";']
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        except (OSError, subprocess.TimeoutExpired) as error:
            why.append(f"{node}: {error}")
            continue
        if done.returncode == 0:
            return node, ""
        why.append(f"{node}: {' '.join(done.stderr.split())[:200] or 'it fails'}")
    return None, "; ".join(why) or "neither `node` on PATH nor the playwright package"


@cache
def find_node() -> tuple[str | None, str]:
    """As `first_that_runs`, for this machine."""
    return first_that_runs(nodes())


def run_js(folder: Path, program: str, cases: Any, modules: Path = WIDGETS) -> Any:
    """Give `cases` to `program`, an ES module body that sets `answer` from `cases`.

    The program lies among the modules of a folder, the widgets':
    `import { f } from "./base.js";`. One process for all cases, JSON in and JSON out.
    """
    node, why = find_node()
    if node is None:
        pytest.skip(f"no Node that runs: {why}")
    home = folder / modules.name
    for place in (WIDGETS, BROWSER):
        (folder / place.name).mkdir(exist_ok=True)
        for source in place.glob("*.js"):
            shutil.copy(source, folder / place.name)
    (folder / "package.json").write_text('{"type": "module"}', "utf-8")
    (home / "program.js").write_text(
        'import { readFileSync } from "node:fs";\n'
        'const cases = JSON.parse(readFileSync(0, "utf8"));\nlet answer;\n'
        f"{program}\nprocess.stdout.write(JSON.stringify(answer));\n",
        "utf-8",
    )
    done = subprocess.run(
        [node, "program.js"],
        cwd=home,
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
