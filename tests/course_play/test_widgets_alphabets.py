"""The widgets of the name generator, with lists in other alphabets."""

import random
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from course_lib.mlp import NameMLP, NameMLPConfig
from course_lib.names import ALPHABET, alphabet_of, encode, labels_of
from course_lib.ngram import bigram_counts
from course_play.widgets import BigramMap, GuessGame, SamplingLab, guess_game
from tests.course_play.widget_js import run_js

LISTS = {
    "Swedish": ["åsa", "björn", "märta", "örjan", "göran", "karl-åke", "sören"],
    "Irish": ["seán", "róisín", "o'brien", "d'arcy", "niamh", "máire", "órla"],
    "Korean": ["김민준", "이서연", "박지후", "최하은", "김서준", "이지우"],
    "Hindi": ["मीरा", "आरव", "विवान", "सीता", "गीता", "लक्ष्मी", "रोहन"],
    "Pokemon": ["nidoran♀", "nidoran♂", "pikachu", "ho_oh", "abra", "mew two"],
}


@pytest.fixture(params=LISTS, ids=str)
def own(request: pytest.FixtureRequest) -> list[str]:
    return LISTS[request.param]


def fresh_model(alphabet: str) -> NameMLP:
    config = NameMLPConfig(vocab_size=len(alphabet), hidden_dim=9)
    model = NameMLP(config, torch.Generator().manual_seed(1))
    with torch.no_grad():
        model.head.weight *= 3  # livelier than fresh weights
    return model


def test_the_game_takes_its_letters_from_the_list(own: list[str]) -> None:
    game = GuessGame(own)
    alphabet = alphabet_of(own)
    assert game.alphabet == alphabet
    assert len(game.table) == len(game.table[0]) == len(alphabet)
    for name in game.hidden:
        for letter in f"{name}.":
            assert game.guess(letter).truth == letter
    assert game.score.yours == game.score.letters
    picture = GuessGame(own).picture()
    assert f"Bars of {len(alphabet)} letters" in picture.alt
    assert picture.png()
    with pytest.raises(ValueError, match="letter is '€': give one of"):
        GuessGame(own).guess("€")


def test_names_of_two_syllables_can_be_hidden_where_there_are_no_longer_ones() -> None:
    assert len(GuessGame(["민준", "서연", "지후", "하은"]).hidden) == 2


def test_the_game_says_how_a_name_must_be_written() -> None:
    with pytest.raises(ValueError, match="name 'Åsa' must be written 'åsa'"):
        GuessGame(["Åsa", "björn"])
    with pytest.raises(ValueError, match="'björn2' holds '2'"):
        GuessGame(["åsa", "björn2"])


def test_the_lab_takes_the_alphabet_of_its_model(own: list[str]) -> None:
    alphabet = alphabet_of(own)
    lab = SamplingLab(fresh_model(alphabet), own, alphabet=alphabet, prompt=own[0][:2])
    assert len(lab.probs) == len(alphabet)
    assert set("".join(lab.names)) <= set(alphabet[1:])
    assert all(name.startswith(own[0][:2]) for name in lab.names)
    assert f"of {len(alphabet)} letters can come" in repr(lab)
    assert lab.picture().png()
    with pytest.raises(ValueError, match=f"use 1 .. {len(alphabet)}"):
        lab.top_k = len(alphabet) + 1
    with pytest.raises(ValueError, match="holds '€': use"):
        lab.prompt = "€"


def test_the_lab_wants_the_alphabet_when_the_model_has_another() -> None:
    model = fresh_model(alphabet_of(LISTS["Hindi"]))
    with pytest.raises(ValueError, match="its alphabet has 27 letters: give the alpha"):
        SamplingLab(model, LISTS["Hindi"])


def test_the_map_writes_names_of_the_list_and_shows_its_labels(own: list[str]) -> None:
    alphabet = alphabet_of(own)
    chart = BigramMap(bigram_counts(own, alphabet), list(alphabet))
    pairs = {pair for name in own for pair in pairwise(f".{name}.")}
    for _ in range(20):
        assert {*pairwise(f".{chart.whole_name()}.")} <= pairs
    chart.pick(own[0][-1])
    shown = labels_of(own[0][-1])[0]
    assert f"after {own[0][-1]!r}" in repr(chart)
    assert f"  walk: {shown}" in repr(chart)
    assert chart.picture().png()


def test_the_browser_shows_letters_as_python_does(tmp_path: Path) -> None:
    alphabets = [ALPHABET, ". 'é민ि\u200c𞤀-♀", *map(alphabet_of, LISTS.values())]
    program = """
import { labelsOf } from "./base.js";
answer = cases.map(labelsOf);"""
    assert run_js(tmp_path, program, alphabets) == [labels_of(a) for a in alphabets]


BOTH = """
import { playGame } from "./guess_game.js";
import { dice, makeReader, writeNames } from "./sampling_lab.js";
const floats = (hex) => new Float32Array(Uint8Array.from(hex.match(/../g),
  (pair) => parseInt(pair, 16)).buffer);
answer = cases.map((c) => {
  const { letters, prompt } = c;
  const game = playGame(c.hidden, c.table, c.guesses, letters);
  const reader = makeReader(floats(c.weights), { ...c.sizes, letters });
  const written = writeNames(reader, { prompt, letters, rows: dice(...c.dice),
    maxLen: c.dice[3], knobs: { temperature: 1, topK: null, topP: null } });
  return { favourites: game.turns.map((turn) => turn.favourite),
    names: written.map(({ text }) => text) };
});"""


def test_the_browser_plays_and_writes_in_every_alphabet(tmp_path: Path) -> None:
    rng = random.Random(0)
    cases, expected = [], []
    two_units = ["𞤢𞤣", "𞤣𞤤𞤢", "𞤤𞤣𞤢𞤣"]  # each letter is two code units in the browser
    for own in [*LISTS.values(), two_units]:
        alphabet = alphabet_of(own)
        game = GuessGame(own)
        truth = "".join(f"{name}." for name in game.hidden)
        guesses = "".join(c if rng.random() < 0.5 else alphabet[1] for c in truth)
        prompt = own[0][:1]
        lab = SamplingLab(fresh_model(alphabet), own, alphabet=alphabet, prompt=prompt)
        turns = guess_game.play_game(game.hidden, game.table, guesses, alphabet)
        favourites = [encode(turn.favourite, alphabet)[0] for turn in turns]
        expected.append({"favourites": favourites, "names": lab.names})
        cases.append(
            {
                "letters": list(alphabet),
                "hidden": game.hidden,
                "table": game.table,
                "guesses": guesses,
                "weights": lab.weights.hex(),
                "sizes": {"contextSize": 3, "embDim": 10, "hiddenDim": 9},
                "dice": [lab.seed, lab.roll, lab.n_names, lab.max_len],
                "prompt": prompt,
            }
        )
    assert run_js(tmp_path, BOTH, cases) == expected
