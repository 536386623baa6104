"""The picture of the network of names: its numbers are those of torch."""

from pathlib import Path

import pytest
import torch

from course_lib.mlp import NameMLP, NameMLPConfig
from course_lib.names import ALPHABET
from course_play.widgets.base import draw_index, mulberry32
from tests.course_play.test_browser_words import ask

PROGRAM = """
import { makeMlp } from "../widgets/sampling_lab.js";
import { readName } from "./whole_names.js";
const sizes = { contextSize: 3, embDim: 10, hiddenDim: 64,
  letters: [...cases.letters] };
const network = makeMlp(Float32Array.from(cases.weights), sizes);
answer = cases.texts.map(([text, temp, seed]) =>
  readName(network, text, sizes, { temp, seed }));"""


def test_every_number_of_the_picture_is_torchs(tmp_path: Path) -> None:
    model = NameMLP(NameMLPConfig(hidden_dim=64), torch.Generator().manual_seed(0))
    weights = torch.cat([p.detach().flatten() for p in model.parameters()])
    texts = [["", 1.0, 0], ["a", 0.5, 3], ["ash", 2.0, 1], ["benjamin", 0.1, 7]]
    cases = {"letters": ALPHABET, "weights": weights.tolist(), "texts": texts}
    for (text, temp, seed), seen in zip(
        texts, ask(tmp_path, PROGRAM, cases), strict=True
    ):
        tokens = torch.tensor([[ALPHABET.index(x) for x in f"...{text}"[-3:]]])
        assert seen["tokens"] == tokens[0].tolist()
        with torch.no_grad():
            embedded = model.embedding(tokens).flatten(1)
            before = model.hidden(embedded)
            logits = model(tokens)[0]
        probs = (logits.double() / temp).softmax(-1)
        for name, wanted in {
            "embedded": embedded[0],
            "before": before[0],
            "hidden": before[0].tanh(),
            "logits": logits,
            "probs": probs,
        }.items():
            assert seen[name] == pytest.approx(wanted.tolist(), abs=1e-5), name
        order = probs.argsort(descending=True, stable=True).tolist()
        u = next(mulberry32(1000 * seed + len(text)))
        assert seen["u"] == u
        assert seen["id"] == order[draw_index([probs[i].item() for i in order], u)]
