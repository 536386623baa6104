"""The tokenizer explorer: the same merges in Python, in JavaScript and in tiktoken."""

import random
from itertools import pairwise
from pathlib import Path

import pytest

from course_lib.engine.downloads import FETCHED
from course_lib.engine.ranks import PretrainedTokenizer
from course_lib.engine.vocabulary import SMOLLM_PATTERN as SMOLLM
from course_lib.engine.vocabulary import VocabularyTokenizer, byte_symbols
from course_lib.names import load_names
from course_lib.tokenizer import (
    GPT2_PATTERN,
    BPETokenizer,
    CharTokenizer,
    train_bpe,
)
from course_play.widgets import TokenizerExplorer
from course_play.widgets.tokenizer_explorer import LONGEST, grow_tokens, show_bytes
from tests.course_play.widget_js import run_js

Known = BPETokenizer | PretrainedTokenizer | VocabularyTokenizer
TRAINED = train_bpe([*load_names()[:800], " it's the low lowest न नम 🙂🙂\n\n"], 500)
SIGNS = [*"aabeinrst", " ", " ", "\n", "'s", "12", "!", "é", "न", "स्ते", "🙂", "\u0085"]


def random_texts(n: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    made = ["".join(rng.choices(SIGNS, k=rng.randint(0, 40))) for _ in range(n)]
    return ["", " ", "strawberry", "It's 25 degrees,  too hot!\t\n", *made]


def js_states(
    tmp_path: Path, tokenizer: Known, texts: list[str]
) -> list[list[list[list[str]]]]:
    made = TokenizerExplorer(tokenizer)
    program = """
import { growTokens, showBytes, unpackTokens } from "./tokenizer_explorer.js";
const bytes = cases.vocab.match(/../g).map((pair) => parseInt(pair, 16));
const ids = unpackTokens(new DataView(new Uint8Array(bytes).buffer), cases.first);
answer = cases.texts.map((text) => growTokens(text, ids, cases.cut).map((state) => [
  [String(state.token), ...(state.pair ?? []).map(showBytes)],
  ...state.pieces.map((parts) => parts.map(showBytes))]));"""
    cases = {"vocab": made.vocab.hex(), "first": made.first, "cut": made.cut}
    return run_js(tmp_path, program, cases | {"texts": texts})  # type: ignore[no-any-return]


def python_states(
    tokenizer: Known, text: str, pattern: str = GPT2_PATTERN
) -> list[list[list[str]]]:
    return [
        [
            [
                "null" if state.token is None else str(state.token),
                *map(show_bytes, state.pair or ()),
            ],
            *([show_bytes(b) for b in parts] for parts in state.pieces),
        ]
        for state in grow_tokens(text, tokenizer.ranks, pattern)
    ]


def test_every_state_is_the_same_in_both_languages(tmp_path: Path) -> None:
    texts = random_texts(150, seed=0)
    found = js_states(tmp_path, TRAINED, texts)
    for text, js in zip(texts, found, strict=True):
        assert js == python_states(TRAINED, text), text
    assert max(len(states) for states in found) > 8


def test_the_last_state_is_what_tiktokens_engine_says() -> None:
    for text in random_texts(200, seed=1):
        tokens = grow_tokens(text, TRAINED.ranks)[-1].tokens
        assert [TRAINED.ranks[t] for t in tokens] == TRAINED.encode(text)


@pytest.mark.skipif(
    not (FETCHED / "0ea1e91bbb3a60f729a8dc8f777fd2fc07cd8df4").is_file(),
    reason="no rank file of gpt2: course data fetch r50k_base",
)
def test_gpt2_itself_can_be_explored(tmp_path: Path) -> None:
    gpt2 = PretrainedTokenizer("gpt2")
    texts = random_texts(30, seed=2)
    for text, js in zip(texts, js_states(tmp_path, gpt2, texts), strict=True):
        assert js == python_states(gpt2, text)
        tokens = grow_tokens(text, gpt2.ranks)[-1].tokens
        assert [gpt2.ranks[t] for t in tokens] == gpt2.encode(text)
    assert TokenizerExplorer(gpt2, "strawberry").tokens == [b"st", b"raw", b"berry"]


def published() -> VocabularyTokenizer:
    """Its ids begin behind the special tokens, and it cuts each digit off."""
    visible = {byte: symbol for symbol, byte in byte_symbols().items()}
    merged = [
        token for token in TRAINED.ranks if not any(c in b"0123456789" for c in token)
    ]
    tokens = ["".join(visible[b] for b in token) for token in merged]
    digits = [visible[b] for b in b"0123456789"]
    return VocabularyTokenizer(["<s>", "<e>", *digits, *tokens], ["<s>", "<e>"], SMOLLM)


def test_a_published_vocabulary_can_be_explored(tmp_path: Path) -> None:
    tokenizer = published()
    texts = [*random_texts(60, seed=3), "12 345, a 6  7"]
    found = js_states(tmp_path, tokenizer, texts)
    for text, js in zip(texts, found, strict=True):
        assert js == python_states(tokenizer, text, SMOLLM)
        tokens = grow_tokens(text, tokenizer.ranks, SMOLLM)[-1].tokens
        assert [tokenizer.ranks[t] for t in tokens] == tokenizer.encode(text)
    explorer = TokenizerExplorer(tokenizer, "12")
    assert (explorer.first, explorer.cut) == (2, "smollm")
    assert explorer.tokens == [b"1", b"2"]


def test_a_byte_that_a_vocabulary_lacks_is_refused() -> None:
    few = VocabularyTokenizer(["<s>", "a", "b"], ["<s>"], SMOLLM)
    with pytest.raises(ValueError, match="character 2 is 'c'"):
        TokenizerExplorer(few, "ac")


def test_each_state_joins_to_the_text_and_has_fewer_tokens() -> None:
    states = TokenizerExplorer(TRAINED, "sharada and नमस्ते 🙂").states
    for before, after in pairwise(states):
        assert b"".join(after.tokens).decode() == "sharada and नमस्ते 🙂"
        assert len(after.tokens) < len(before.tokens)
        assert after.token is not None
        assert before.token is None or before.token < after.token
        assert after.pair is not None
        assert TRAINED.ranks[b"".join(after.pair)] == after.token


def test_the_step_chooses_the_state_and_past_the_end_is_the_end() -> None:
    explorer = TokenizerExplorer(TRAINED, "sharada")
    whole = explorer.tokens
    explorer.step = 0
    assert explorer.tokens == [bytes([b]) for b in b"sharada"]
    assert "after merge 0 of" in repr(explorer)
    explorer.step = 1_000
    assert explorer.tokens == whole
    with pytest.raises(ValueError, match="step is -1"):
        explorer.step = -1


def test_what_it_cannot_show_is_refused() -> None:
    with pytest.raises(ValueError, match="tokenizer is a CharTokenizer: give a BPE"):
        TokenizerExplorer(CharTokenizer("ab"))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="the explorer knows GPT2_PATTERN and"):
        TokenizerExplorer(BPETokenizer([], pattern=r"\w+"))
    long = "a" * (LONGEST + 1)
    with pytest.raises(ValueError, match="text has 301 characters: use at most 300"):
        TokenizerExplorer(TRAINED, long)
    with pytest.raises(ValueError, match="301 characters"):
        TokenizerExplorer(TRAINED, examples=[long])
    explorer = TokenizerExplorer(TRAINED)
    with pytest.raises(ValueError, match="301 characters"):
        explorer.text = long


@pytest.mark.parametrize("text", ["", "a", "नमस्ते 🙂\n", "lowest " * 40])
def test_its_picture_can_draw_any_text(text: str) -> None:
    explorer = TokenizerExplorer(TRAINED, text)
    picture = explorer.picture()
    assert picture.png().startswith(b"\x89PNG")
    assert "merge" in picture.alt
    assert repr(explorer).startswith(f"TokenizerExplorer: {text!r}")
