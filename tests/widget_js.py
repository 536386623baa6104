"""Runs the widgets' JavaScript in Node, for tests that compare it with Python."""

import json
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

WIDGETS = Path(__file__).parent.parent / "course_lib" / "widgets"


def find_node() -> str | None:
    """Node on PATH, else the one that ships inside the playwright package."""
    if found := shutil.which("node"):
        return found
    spec = find_spec("playwright")
    if spec is None or spec.origin is None:
        return None
    shipped = Path(spec.origin).parent / "driver" / "node"
    return str(shipped) if shipped.exists() else None


def run_js(folder: Path, program: str, cases: Any) -> Any:
    """Give `cases` to `program`, an ES module body that sets `answer` from `cases`.

    The widgets' modules lie beside the program: `import { f } from "./base.js";`.
    One process for all cases, JSON in and JSON out.
    """
    node = find_node()
    if node is None:
        pytest.skip("no Node: neither `node` on PATH nor the playwright package")
    for source in WIDGETS.glob("*.js"):
        shutil.copy(source, folder)
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "program.js").write_text(
        'import { readFileSync } from "node:fs";\n'
        'const cases = JSON.parse(readFileSync(0, "utf8"));\nlet answer;\n'
        f"{program}\nprocess.stdout.write(JSON.stringify(answer));\n"
    )
    done = subprocess.run(
        [node, "program.js"],
        cwd=folder,
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
