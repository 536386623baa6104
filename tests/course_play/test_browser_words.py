"""What the browser makes of texts: the words of Tiny World, sums, Python's spelling."""

import difflib
import random
from pathlib import Path
from typing import Any

import pytest

from course_lib.chat import calculate
from course_play.browser.export import world_told
from tests.course_play.widget_js import BROWSER, run_js
from tiny_world import SPECIAL_TOKENS, VOCABULARY, World, WorldTokenizer, split_words
from tiny_world.assistant import chat_tokenizer, heard, make_roster
from tiny_world.assistant.hearing import about_unknown
from tiny_world.assistant.phrases import CHAT_WORDS

ODD = [
    *("", " ", "\t\n", "\x1c\x85", "\ufeff", "\u200b", "é", "ß", "ſ", "İ", "ı", "🙂"),
    *("'", '"', "\\", "<eot>", "<calc>", "</result>", "<nothing>", "<>", "< eot >"),
    *("the", "Cow", "COW", "clover", "Clover", "zork", "blub", "x" * 40, "x" * 260),
    *("What's", "who\u2019s", "don't", "17", "3.5", "×", "\u2212", "नमस्ते", "\x00"),
]


def ask(folder: Path, program: str, cases: Any) -> Any:
    return run_js(folder, program, cases, BROWSER)


def outcome(act: Any, *words: Any) -> Any:
    """What comes out, or why nothing does."""
    try:
        return act(*words)
    except ValueError as error:
        return {"error": str(error)}


def mixed_texts(n: int, seed: int) -> list[str]:
    """Texts of known words, near ones and odd signs."""
    rng = random.Random(seed)
    pool = [*VOCABULARY, *CHAT_WORDS]
    texts = []
    for _ in range(n):
        parts = []
        for _ in range(rng.randint(0, 8)):
            word = rng.choice(pool if rng.random() < 0.8 else ODD)
            if rng.random() < 0.15:
                word = rng.choice([word.upper(), word.lower(), word[:-1], word + "s"])
            parts.append(word)
        texts.append(rng.choice([" ", "", "  "]).join(parts))
    return texts


SETUP = """
import { Words, splitWords } from "./words.js";
const tried = (act) => {
  try { return act(); } catch (error) {
    if (error.name !== "ValueError") throw error;
    return { error: error.message };
  }
};
const wordsOf = (extra) => new Words({ vocabulary: cases.world.vocabulary,
  special: cases.world.special, extra });
"""


@pytest.mark.parametrize("extra", [(), CHAT_WORDS], ids=["world", "chat"])
def test_words_are_read_written_and_refused_as_in_python(
    tmp_path: Path, extra: tuple[str, ...]
) -> None:
    tokenizer = WorldTokenizer(extra)
    texts = [*ODD, *mixed_texts(600, seed=len(extra))]
    program = f"""{SETUP}
const words = wordsOf(cases.extra);
answer = cases.texts.map((text) => [splitWords(text), tried(() => words.encode(text)),
  words.spell(text), tried(() => words.decode(words.encode(words.spell(text))))]);"""
    cases = {"world": world_told(World(seed=0)), "extra": extra, "texts": texts}
    for text, found in zip(texts, ask(tmp_path, program, cases), strict=True):
        assert found[0] == split_words(text)
        assert found[1] == outcome(tokenizer.encode, text), text
        assert found[2] == tokenizer.spell(text), text
        again = outcome(lambda t: tokenizer.decode(tokenizer.encode(t)), found[2])
        assert found[3] == again


def test_special_tokens_in_a_text_are_named(tmp_path: Path) -> None:
    program = f"""{SETUP}
const words = wordsOf([]);
answer = cases.texts.map((text) => tried(() => words.encode(text)));"""
    texts = [f"It said {word}" for word in SPECIAL_TOKENS]
    cases = {"world": world_told(World(seed=0)), "texts": texts}
    for text, found in zip(texts, ask(tmp_path, program, cases), strict=True):
        assert found == outcome(WorldTokenizer().encode, text)
        assert "special token" in found["error"]


def test_an_id_out_of_range_is_named(tmp_path: Path) -> None:
    program = f"""{SETUP}
answer = tried(() => wordsOf([]).decode([3, 389]));"""
    found = ask(tmp_path, program, {"world": world_told(World(seed=0))})
    assert found == outcome(WorldTokenizer().decode, [3, 389])


def test_typed_messages_are_heard_as_in_python(tmp_path: Path) -> None:
    tokenizer = chat_tokenizer()
    texts = [*ODD, *mixed_texts(600, seed=2), "what's the job of lumira clover?"]
    program = f"""{SETUP}
import {{ aboutUnheard, heard }} from "./hearing.js";
const words = wordsOf(cases.extra);
answer = cases.texts.map((text) => {{
  const {{ text: told, unknown }} = heard(text, words, cases.world);
  return [told, unknown, unknown.length ? aboutUnheard(unknown, words) : ""];
}});"""
    cases = {"world": world_told(World(seed=0)), "extra": CHAT_WORDS, "texts": texts}
    for text, found in zip(texts, ask(tmp_path, program, cases), strict=True):
        told, unknown = heard(text, tokenizer)
        said = about_unknown(unknown, tokenizer) if unknown else ""
        assert found == [told, list(unknown), said], text


def test_true_answers_are_found_as_in_python(tmp_path: Path) -> None:
    world = World(seed=0)
    roster = make_roster(world)
    rng = random.Random(0)
    told = world_told(world)
    names = [person.name for person in (*world.famous, *world.held_out, *world.one_off)]
    forms = [form for forms in told["phrasings"].values() for form in forms]
    questions = [rng.choice(forms).replace("{}", rng.choice(names)) for _ in range(60)]
    questions += [q.replace(" ?", "?") for q in questions[:9]] + ["Who are you?", ""]
    program = """
import { truthTold } from "./voices.js";
answer = cases.questions.map((question) => truthTold(question, cases.world));"""
    found = ask(tmp_path, program, {"world": told, "questions": questions})
    assert found == [roster.truth_told(question) for question in questions]
    assert sum(map(bool, found)) > 10


def test_python_is_spelled_as_python_does(tmp_path: Path) -> None:
    rng = random.Random(1)
    letters = [chr(i) for i in range(0x250)] + list("ΣσςﬀK☃\u2028\U0001f642\ue000")
    texts = [*ODD, *letters, *("".join(rng.sample(letters, 5)) for _ in range(300))]
    program = """
import { caseFold, lengthOf, repr, splitBlanks } from "./python.js";
answer = cases.map((text) => [repr(text), splitBlanks(text), lengthOf(text),
  caseFold(text)]);"""
    for text, found in zip(texts, ask(tmp_path, program, texts), strict=True):
        assert found == [repr(text), text.split(), len(text), text.casefold()], text


def test_near_words_are_those_of_difflib(tmp_path: Path) -> None:
    rng = random.Random(2)
    pool = [word.casefold() for word in VOCABULARY]
    cases = []
    for _ in range(150):
        word = list(rng.choice(pool))
        for _ in range(rng.randint(0, 3)):
            word[rng.randrange(len(word)) :][:1] = rng.choice("abcdeilnorst")
            word.insert(rng.randrange(len(word) + 1), rng.choice("aeiou"))
        cases.append(["".join(word), rng.randint(1, 3), rng.choice([0.6, 0.8])])
    program = """
import { closeMatches } from "./python.js";
answer = cases.rows.map(([word, n, cutoff]) =>
  closeMatches(word, cases.pool, n, cutoff));"""
    found = ask(tmp_path, program, {"pool": pool, "rows": cases})
    for (word, n, cutoff), near in zip(cases, found, strict=True):
        assert near == difflib.get_close_matches(word, pool, n, cutoff), word


def sums(n: int, seed: int) -> list[str]:
    """Expressions, and what only looks like one."""
    rng = random.Random(seed)

    def expression(depth: int) -> str:
        kind = rng.random()
        if depth == 0 or kind < 0.35:
            digits = str(rng.choice([0, 7, 17, 28, 1234, 10**14, 10**16]))
            tail = rng.choice(["", "", "", ".", ".5", ".25", ".12345", ".00005"])
            return rng.choice([digits + tail] * 6 + [".5", "007", "00", "0.1", "..."])
        if kind < 0.45:
            return f"({expression(depth - 1)})"
        if kind < 0.55:
            return rng.choice("+-") + expression(depth - 1)
        sign = rng.choice(["+", "-", "*", "/", " + ", " * ", "/", "**", "//"])
        return expression(depth - 1) + sign + expression(depth - 1)

    whole = [expression(rng.randint(0, 4)) for _ in range(n)]
    noise = [
        "".join(rng.choices("0123456789.+-*/() ", k=rng.randint(0, 14)))
        for _ in range(n)
    ]
    return [*whole, *noise, "1" * 100, "1" * 101, " " * 1001, "(" * 50 + "1" + ")" * 49]


def test_the_calculator_reads_and_refuses_what_pythons_does(tmp_path: Path) -> None:
    cases = sums(3000, seed=3)
    program = """
import { calculate } from "./calculator.js";
answer = cases.map((text) => {
  try { return calculate(text); } catch (error) {
    if (error.name !== "ValueError") throw error;
    return { error: error.message };
  }
});"""
    found = ask(tmp_path, program, cases)
    for text, told in zip(cases, found, strict=True):
        assert told == outcome(calculate, text), text
    assert sum(isinstance(told, str) for told in found) > 500


@pytest.mark.parametrize(
    "text", ["What is 17", "1 + x", "1,2", "process.exit()", "2 = 3"]
)
def test_the_calculator_refuses_words(tmp_path: Path, text: str) -> None:
    program = """
import { calculate } from "./calculator.js";
try { answer = calculate(cases); } catch (error) { answer = error.name; }"""
    assert ask(tmp_path, program, text) == "ValueError"
    with pytest.raises(ValueError, match=r"cannot (read|calculate)"):
        calculate(text)
