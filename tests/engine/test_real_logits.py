"""The real model: our logits, and the table of transformers' logits of lesson 26.

`python -m tests.engine.test_real_logits` writes the table anew (data/README.md).
"""

import hashlib
import json
import re
from typing import Any

import pytest
import torch

from course_lib.engine.downloads import CORPORA, DATA, FETCHED
from course_lib.engine.smollm import load_smollm2

TABLE = DATA / "smollm2_logits.json"
TEXT = "The little dog ran into the garden, because it had heard a strange noise."
EVERY = 4096
"""Besides the best ones, the logit of every so-manieth token is kept."""


def transformers_table() -> dict[str, Any]:
    """What transformers computes from the packed file, with its own tokenizer."""
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    packed = {"gguf_file": CORPORA["smollm2"].file_name, "local_files_only": True}
    tokenizer = transformers.AutoTokenizer.from_pretrained(FETCHED, **packed)
    tokens = tokenizer(TEXT)["input_ids"]
    theirs = transformers.AutoModelForCausalLM.from_pretrained(FETCHED, **packed)
    with torch.inference_mode():
        logits = theirs.eval()(torch.tensor([tokens])).logits[0].float()  # (T, V)
    sample = list(range(0, logits.shape[1], EVERY))
    source = packed["gguf_file"]
    return {
        "made_by": f"transformers {transformers.__version__}, from {source}",
        "text": TEXT,
        "tokens": tokens,
        "best": logits.argmax(-1).tolist(),
        "sample": sample,
        "logits": [[round(x, 4) for x in row] for row in logits[:, sample].tolist()],
        "largest": [round(x, 4) for x in logits.amax(-1).tolist()],
    }


def as_text(table: dict[str, Any]) -> str:
    """JSON with one row of numbers a line."""
    lines = []
    for name, value in table.items():
        if name == "logits":
            rows = ",\n  ".join(json.dumps(row) for row in value)
            lines.append(f' "{name}": [\n  {rows}\n ]')
        else:
            lines.append(f' "{name}": {json.dumps(value)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def stored() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(TABLE.read_text("utf-8"))
    return table


def test_the_table_is_the_one_in_the_readme() -> None:
    readme = (DATA / "README.md").read_text("utf-8")
    pinned = re.findall(rf"sha256 of `{TABLE.name}`: `([0-9a-f]{{64}})`", readme)
    assert pinned == [hashlib.sha256(TABLE.read_bytes()).hexdigest()]
    assert as_text(stored()) == TABLE.read_text("utf-8")


@pytest.mark.model
@pytest.mark.slow
def test_our_logits_are_those_of_transformers() -> None:
    real, table = load_smollm2(), stored()
    assert real.tokenizer.encode(table["text"]) == table["tokens"]
    with torch.inference_mode():
        logits = real.model(torch.tensor([table["tokens"]]))[0]
    # Ours are kept at 16 bits; test_smollm_real compares the same weights to 0.001.
    torch.testing.assert_close(
        logits[:, table["sample"]], torch.tensor(table["logits"]), atol=0.06, rtol=0
    )
    torch.testing.assert_close(
        logits.amax(-1), torch.tensor(table["largest"]), atol=0.06, rtol=0
    )
    assert logits.argmax(-1).tolist() == table["best"]


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore")
def test_transformers_computes_the_table_again() -> None:
    pytest.importorskip("transformers")
    table, again = stored(), transformers_table()
    for name in ("logits", "largest"):
        old, new = torch.tensor(table.pop(name)), torch.tensor(again.pop(name))
        torch.testing.assert_close(new, old, atol=1e-3, rtol=0)
    assert again | {"made_by": table["made_by"]} == table


if __name__ == "__main__":
    TABLE.write_text(as_text(transformers_table()), "utf-8")
