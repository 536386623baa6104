"""Models and words of the course as scripts for a page that is opened from a disk.

A page from `file://` may load scripts, but neither modules nor data. So all that the
browser needs is written as classic scripts: `engine_script` is the code, and each model
is a script of its own, which pages share. The same files give the same bytes.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any


from course_lib.gpt import GPT

HERE = Path(__file__).parent
MODULES = ("gpt", "weights")
"""The modules in the order in which one script holds them: each after what it needs."""

_IMPORT = re.compile(r'^import\s*\{[^}]*\}\s*from\s*"\./(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:const|let|function|class)\b)", re.M)
_EXPORTED = re.compile(
    r"^export (?:async )?(?:const|let|function\*?|class)\s+(\w+)", re.MULTILINE
)


def engine_script() -> str:
    """All modules as one classic script, which sets `courseEngine`.

    >>> engine_script().count("import {")
    0
    """
    texts = [(HERE / f"{name}.js").read_text("utf-8") for name in MODULES]
    names = [name for text in texts for name in _EXPORTED.findall(text)]
    code = "\n".join(_EXPORT.sub("", _IMPORT.sub("", text)) for text in texts)
    return (
        f'(() => {{\n"use strict";\n{code}\n'
        f"globalThis.courseEngine = {{ {', '.join(names)} }};\n}})();\n"
    )


def packed(model: GPT) -> dict[str, Any]:
    """A GPT as `weights.js` reads it: config, index, and halves in base64.

    Raises:
        ValueError: for weights that half precision cannot hold.

    >>> from course_lib.gpt import GPTConfig
    >>> model = GPT(GPTConfig(vocab_size=3, emb_dim=8, n_heads=2, n_layers=1))
    >>> packed(model)["index"][0]
    ['embedding.weight', 24]
    """
    index, halves = [], bytearray()
    for name, weight in model.state_dict().items():
        half = weight.detach().cpu().half()
        if not half.isfinite().all():
            raise ValueError(f"{name} holds a number that half precision cannot hold")
        index.append([name, weight.numel()])
        halves += half.contiguous().numpy().astype("<f2").tobytes()
    config = asdict(model.config)
    return {"config": config, "index": index, "halves": _base64(bytes(halves))}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _assignment(place: str, name: str, value: Mapping[str, Any]) -> str:
    """A script that puts a value under a name into a table of the page."""
    told = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return f"(globalThis.{place} ??= {{}})[{json.dumps(name)}] = {told};\n"
