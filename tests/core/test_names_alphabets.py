"""Lists in other alphabets go through all of the name generator."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
import regex
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from course_lib.engine.name_files import unusual
from course_lib.generate import sample_names
from course_lib.mlp import NameMLP, NameMLPConfig
from course_lib.names import (
    ALPHABET,
    alphabet_of,
    decode,
    distinct_windows,
    encode,
    labels_of,
    load_names,
    split_names,
    windows,
)
from course_lib.ngram import NGram, bigram_counts, context_entropies, context_entropy

SWEDISH = """
Åsa Björn Märta Örjan Göran Håkan Sören Åke Pär Jörgen Östen Märit Britt-Marie
Karl-Åke Gun-Britt Lars-Göran Ingegärd Frö Vår Ängla Torbjörn Solbritt Hjördis Mårten
"""
FRENCH = """
Amélie Zoé Chloé Jean-Luc Anne-Sophie François Gaëlle Loïc Noël Maëlys Jérôme Hélène
Benoît Anaïs Cécile Marie-Ève Léa Théo Agnès Irène Joël Aimée Stéphane Jean-François
"""
IRISH = """
Seán Róisín Aoife Niamh Caoimhe Tadhg Pádraig Sinéad Órla Ciarán O’Brien O'Neil
D’Arcy Máire Eoghan Siobhán O'Shea Gráinne Bláthnaid Fionn O'Hara Cillian Oisín Éabha
"""
KOREAN = """
민준 서준 예준 도윤 시우 주원 하준 지호 지후 준서 서연 서윤 지우 서현 민서 하은 하윤
윤서 지유 지민 채원 은우 유준 수아 다은 예은 소율 시윤 건우 현우
"""
HINDI = """
आरव विवान आदित्य विहान अर्जुन साई रेयांश कृष्ण ईशान शौर्य अनन्या आद्या दिया पीहू मीरा
सान्वी किआरा अनिका काव्या प्रिया श्रेया रिया राहुल रोहन सूरज दीपक लक्ष्मी पूजा सीता गीता
"""
LISTS = {
    "Swedish": SWEDISH,
    "French": FRENCH,
    "Irish": IRISH,
    "Korean": KOREAN,
    "Hindi": HINDI,
}
SIGNS = {"Swedish": "-åäö", "French": "-éëîïôè", "Irish": "'áéíó"}


def read(text: str) -> tuple[list[str], list[str]]:
    """A list as `load_names` gives it, and the lines that were said."""
    said: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "own.txt")
        file.write_text("\n".join(text.split()), encoding="utf-8")
        return load_names(file, said.append), said


@pytest.fixture(params=LISTS, ids=str)
def own(request: pytest.FixtureRequest) -> list[str]:
    return read(LISTS[request.param])[0]


def test_the_alphabet_comes_from_the_list_sorted_with_the_end_mark_first(
    own: list[str],
) -> None:
    alphabet = alphabet_of(own)
    assert alphabet[0] == "."
    assert list(alphabet[1:]) == sorted(set("".join(own)))
    assert alphabet_of(own[::-1]) == alphabet
    for name in own:
        tokens = encode(name, alphabet)
        assert decode(tokens, alphabet) == name
        assert all(0 < token < len(alphabet) for token in tokens)


@pytest.mark.parametrize(("language", "signs"), SIGNS.items())
def test_accents_hyphens_and_apostrophes_are_letters(language: str, signs: str) -> None:
    names, said = read(LISTS[language])
    assert set(signs) <= set(alphabet_of(names))
    assert not unusual(names)
    assert all("unusual" not in line for line in said)
    assert names == [name.lower() for name in names]


def test_all_tables_count_in_the_alphabet_of_the_list(own: list[str]) -> None:
    alphabet = alphabet_of(own)
    V, pairs = len(alphabet), "".join(f".{name}." for name in own)
    table = bigram_counts(own, alphabet)
    assert table.shape == (V, V)
    a, b = own[0][:2]
    expected = sum(name[i : i + 2] == a + b for name in own for i in range(len(name)))
    assert table[alphabet.index(a), alphabet.index(b)] == expected
    assert table.sum() == len(pairs) - len(own)
    assert table[0].sum() == table[:, 0].sum() == len(own)
    floors = context_entropies(own, 4, alphabet)
    assert floors == [context_entropy(own, k, alphabet) for k in range(5)]
    x, y, counts = distinct_windows(own, 2, alphabet)
    assert counts.sum() == sum(len(name) + 1 for name in own)
    loss = F.cross_entropy(NGram.fit(own, 2, alphabet=alphabet)(x), y, reduction="none")
    assert (counts @ loss / counts.sum()).item() == pytest.approx(floors[2], abs=1e-6)


def test_a_table_of_any_alphabet_is_that_of_renamed_letters() -> None:
    ours, theirs = ["abba", "cab", "bac"], ["åßßå", "नåß", "ßåन"]
    alphabet = alphabet_of(theirs)  # .ßåन, in the order b a c
    order = torch.tensor(encode(".bac"))
    assert bigram_counts(theirs, alphabet).equal(bigram_counts(ours)[order][:, order])
    for strength in (0.0, 2.5):
        known = NGram.fit(ours, 2, strength=strength, interpolate=True)
        other = NGram.fit(
            theirs, 2, strength=strength, interpolate=True, alphabet=alphabet
        )
        x, y = windows(ours, 2)
        x2, y2 = windows(theirs, 2, alphabet)
        if strength == 0:
            torch.testing.assert_close(
                known(x)[torch.arange(len(y)), y], other(x2)[torch.arange(len(y)), y2]
            )
        torch.testing.assert_close(other(x2).exp().sum(-1), torch.ones(len(x2)))


def test_a_context_that_would_not_fit_into_one_key_is_refused() -> None:
    many = [chr(0xAC00 + i) for i in range(300)]
    alphabet = alphabet_of(many)
    assert NGram.fit(many, 7, alphabet=alphabet).context_size == 7
    with pytest.raises(ValueError, match=r"context_size is 8: use 0 \.\. 7"):
        NGram.fit(many, 8, alphabet=alphabet)


def trained_on(names: list[str], alphabet: str) -> NameMLP:
    generator = torch.Generator().manual_seed(0)
    shape = NameMLPConfig(vocab_size=len(alphabet), hidden_dim=100)
    model, (x, y) = NameMLP(shape, generator), windows(names, 3, alphabet)
    adam = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(150):
        adam.zero_grad()
        F.cross_entropy(model(x), y).backward()
        adam.step()
    return model


def test_a_network_learns_the_list_and_writes_in_its_alphabet(own: list[str]) -> None:
    alphabet = alphabet_of(own)
    model = trained_on(own, alphabet)
    x, y = windows(own, 3, alphabet)
    loss = F.cross_entropy(model(x), y).item()
    floor = context_entropy(own, 3, alphabet)
    assert floor < loss < floor + 0.1
    generator = torch.Generator().manual_seed(0)
    written = sample_names(model, 50, generator=generator, alphabet=alphabet)
    assert set("".join(written)) <= set(alphabet[1:])
    assert sum(name in own for name in written) > 10
    begun = sample_names(model, 3, prompt=own[0][:2], alphabet=alphabet)
    assert all(name.startswith(own[0][:2]) for name in begun)


def test_composed_and_decomposed_letters_are_one() -> None:
    names, said = read("Åsa A\u030asa ZOE\u0308 Zoë")
    assert names == ["åsa", "zoë"]
    assert "repeats left out (2)" in said[0]


def test_a_hindi_vowel_sign_is_a_letter_and_clusters_would_be_many_and_rare() -> None:
    names, _ = read(HINDI)
    assert "मीरा" in names
    assert len("मीरा") == 4
    assert {"ा", "ी", "्"} <= set(alphabet_of(names))
    clusters = regex.findall(r"\X", " ".join(names))
    once = [c for c in set(clusters) if clusters.count(c) == 1]
    letters = "".join(names)
    rare = [c for c in set(letters) if letters.count(c) == 1]
    assert len(set(clusters)) > 1.5 * len(set(letters))
    assert len(once) / len(set(clusters)) > 2 * len(rare) / len(set(letters))


def test_a_korean_syllable_is_a_letter_also_when_it_is_typed_in_parts() -> None:
    names, _ = read("민준 \u1106\u1175\u11ab\u110c\u116e\u11ab 서연")
    assert names == ["민준", "서연"]
    assert alphabet_of(names) == ".민서연준"


def test_unusual_characters_are_kept_counted_and_said() -> None:
    names, said = read("nidoran♀ nidoran♂ farfetch’d type_null ho_oh nidoran♀")
    assert names == ["nidoran♀", "nidoran♂", "farfetch'd", "type_null", "ho_oh"]
    assert said[-1].endswith(
        "unusual characters, kept as letters: '_' (2), '♀' (1), '♂' (1); if they are "
        "slips, correct the file"
    )
    assert set("_♀♂'") <= set(alphabet_of(names))


def test_a_letter_of_another_script_that_looks_the_same_is_said() -> None:
    names, said = read(f"{' '.join(load_names()[:200])} аsha")
    assert len(names) == 201
    assert "unusual characters, kept as letters: 'а' (1)" in said[-1]


def test_two_scripts_that_both_belong_to_a_list_are_not_unusual() -> None:
    assert unusual(["さくら", "タロウ", "花子"]) == {}
    assert unusual(read(HINDI)[0] + load_names()[:30]) == {}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Porygon2", "holds '2': a name holds no digits; take them out, or learn the"),
        ("राम१", "holds '१': a name holds no digits"),
        (
            "J.R",
            "holds '.': the dot marks the end of a name here; write the name witho",
        ),
        ("a\x07b", r"holds '\x07': it is invisible; type this name again"),
        ("a\u202eb", r"holds '\u202e': it is invisible"),
        ("\u093f", "holds no letter: take the line out"),
        ("♀♂", "holds no letter: take the line out"),
    ],
)
def test_what_cannot_be_in_a_name_is_refused_with_a_cure(
    name: str, message: str
) -> None:
    with pytest.raises(ValueError, match=r"own\.txt, line 2: ") as caught:
        read(f"asha {name}")
    assert message in str(caught.value)


def test_a_name_with_the_end_mark_has_no_alphabet() -> None:
    with pytest.raises(ValueError, match=r"holds '\.', the end mark"):
        alphabet_of(["asha", "j.r"])


def test_signs_that_cannot_stand_alone_have_a_label() -> None:
    assert labels_of(ALPHABET) == list(ALPHABET)
    assert labels_of(". 'é민ि\u200c") == [".", "␣", "'", "é", "민", "◌ि", "U+200C"]


letters = st.text("aåéß'- ंि민ё", min_size=1, max_size=6)
checks: dict[str, Callable[[list[str], str], object]] = {
    "split": lambda names, _: (
        sorted(name for part in split_names(names) for name in part) == sorted(names)
    ),
    "labels": lambda _, alphabet: len(labels_of(alphabet)) == len(alphabet),
    "windows": lambda names, alphabet: (
        decode(windows(names, 1, alphabet)[1], alphabet)
        == "".join(f"{name}." for name in names)
    ),
}


@pytest.mark.parametrize("check", checks)
@given(names=st.lists(letters, min_size=1, max_size=5))
def test_any_letters_survive(check: str, names: list[str]) -> None:
    assert checks[check](names, alphabet_of(names))
