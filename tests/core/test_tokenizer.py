"""Tokenizers: exact round trips, refusals, text files, facts, real rank files."""

import hashlib
import json
import os
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.engine import downloads as texts
from course_lib.engine.checkpoint_file import from_metadata, to_metadata
from course_lib.engine.downloads import CORPORA, FETCHED
from course_lib.engine.ranks import RANK_FILES, PretrainedTokenizer, pretrained_encoding
from course_lib.engine.splits import (
    split_now,
    table_date,
    texts_with_splits,
    true_splits,
    write_table,
)
from course_lib.tokenizer import (
    BPETokenizer,
    CharTokenizer,
    Tokenizer,
    train_bpe,
)
from course_lib.tokenizer.engine import text_blocks
from tiny_world import WorldTokenizer

CORPUS = "low lower lowest, newest and widest: न म 🙂 <|endoftext|> it's 2026.\n\n" * 9
END = "<|endoftext|>"


def bpe() -> BPETokenizer:
    return train_bpe(CORPUS, 290)


def here(name: str) -> bool:
    return (FETCHED / CORPORA[RANK_FILES[name]].file_name).is_file()


def needs(name: str) -> pytest.MarkDecorator:
    why = f"no rank file of {name}: course data fetch {RANK_FILES[name]}"
    return pytest.mark.skipif(not here(name), reason=why)


# ---- round trips -------------------------------------------------------------------

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@settings(deadline=None, max_examples=120)
@given(ANY_TEXT)
def test_any_unicode_comes_back_exactly(text: str) -> None:
    tokenizer = TRAINED
    tokens = tokenizer.encode(text)
    assert tokenizer.decode(tokens) == text
    assert all(0 <= token < tokenizer.vocab_size for token in tokens)
    assert b"".join(map(tokenizer.token_bytes, tokens)) == text.encode()


TRAINED = bpe()


@settings(deadline=None, max_examples=120)
@given(ANY_TEXT | st.text(st.sampled_from("lowerst \n'🙂न1!")))
def test_the_readable_way_gives_the_tokens_of_tiktokens_engine(text: str) -> None:
    pieces = TRAINED.split(text)
    assert "".join(pieces) == text
    by_hand = [token for piece in pieces for token in TRAINED.encode_piece(piece)]
    assert by_hand == TRAINED.encode(text)


@settings(deadline=None, max_examples=100)
@given(st.text(st.sampled_from("ab1 .\n"), min_size=1), st.sampled_from([r"\w+", "b"]))
def test_a_pattern_that_leaves_characters_out_loses_nothing(
    text: str, pattern: str
) -> None:
    tokenizer = BPETokenizer([(97, 98)], pattern=pattern)
    assert tokenizer.decode(tokenizer.encode(text)) == text
    by_hand = [t for p in tokenizer.split(text) for t in tokenizer.encode_piece(p)]
    assert by_hand == tokenizer.encode(text)


def test_every_byte_is_a_token() -> None:
    tokenizer = BPETokenizer([], special_tokens=())
    assert tokenizer.vocab_size == 256
    assert [tokenizer.token_bytes(i) for i in range(256)] == [
        bytes([i]) for i in range(256)
    ]
    assert tokenizer.encode("न") == list("न".encode())


def test_half_a_character_is_marked_in_text_and_kept_in_bytes() -> None:
    tokens = BPETokenizer([]).encode("न")
    assert BPETokenizer([]).decode(tokens[:2]) == "�"
    assert BPETokenizer([]).decode_bytes(tokens[:2]) == "न".encode()[:2]


@pytest.mark.slow
@pytest.mark.parametrize("character", [" ", "\n", "a"])
def test_three_million_times_one_character_do_not_stop_it(character: str) -> None:
    text = "x" + character * 3_000_000 + "x"
    tokenizer = BPETokenizer([])
    assert tokenizer.decode(tokenizer.encode(text)) == text


@settings(deadline=None)
@given(st.text(st.sampled_from("a \n")), st.integers(1, 4))
def test_blocks_cut_only_long_white_space(text: str, block: int) -> None:
    blocks = text_blocks(text, block)
    assert "".join(blocks) == text
    for part in blocks:
        runs = "".join("." if c.isspace() else "x" for c in part).split("x")
        assert max(map(len, runs)) < 2 * block
    if "  " not in text.replace("\n", " ") and block > 1:
        assert len(blocks) <= 1


# ---- special tokens, wrong input ---------------------------------------------------


@pytest.mark.parametrize(
    "tokenizer",
    [TRAINED, CharTokenizer.from_text(CORPUS, special_tokens=[END])],
    ids=["bpe", "characters"],
)
def test_special_tokens_in_a_text_are_text_unless_allowed(
    tokenizer: BPETokenizer | CharTokenizer,
) -> None:
    text = f"low{END}low"
    special = tokenizer.special_tokens[END]
    plain = tokenizer.encode(text)
    assert special not in plain
    assert tokenizer.decode(plain) == text
    tokens = tokenizer.encode(text, allow_special=True)
    assert tokens.count(special) == 1
    assert tokenizer.decode(tokens) == text


def test_of_two_special_tokens_the_longer_counts() -> None:
    names = ["<|a|>", "<|a|>b"]
    for tokenizer in (
        BPETokenizer([], special_tokens=names),
        CharTokenizer("ab<|>", special_tokens=names),
    ):
        tokens = tokenizer.encode("<|a|>b", allow_special=True)
        assert tokenizer.decode(tokens) == "<|a|>b"
    assert tokens == [tokenizer.special_tokens["<|a|>b"]]


@pytest.mark.parametrize("tokens", [[0, -1], [0, 10**12], [1, 290]])
def test_ids_out_of_range_are_named(tokens: list[int]) -> None:
    for tokenizer in (TRAINED, CharTokenizer("ab")):
        with pytest.raises(ValueError, match=rf"token 2 is {tokens[1]}: ids .* lie in"):
            tokenizer.decode(tokens)
    with pytest.raises(ValueError, match=r"token 1 is 290: ids .* \[0, 289\]"):
        TRAINED.token_bytes(290)


def test_ids_may_come_from_torch_but_not_as_fractions() -> None:
    tokens = TRAINED.encode("lowest")
    assert TRAINED.decode(torch.tensor(tokens)) == "lowest"
    with pytest.raises(TypeError):
        TRAINED.decode([1.5])  # type: ignore[list-item]


def test_a_lone_surrogate_is_refused_everywhere() -> None:
    for call in (TRAINED.encode, TRAINED.split, lambda t: train_bpe(t, 257)):
        with pytest.raises(ValueError, match=r"character 3 is .*ud800.*half a char"):
            call("ab\ud800c")


@pytest.mark.parametrize(
    ("merges", "message"),
    [
        ([(97, 300)], r"merge 1 is \(97, 300\): .* ids in \[0, 255\]"),
        ([(97, 98), (257, 97)], r"merge 2 is \(257, 97\)"),
        ([(-1, 98)], r"merge 1 is \(-1, 98\)"),
        ([(97, 97), (256, 97), (97, 256)], r"merge 3 .* b'aaa' is token 257 already"),
    ],
)
def test_merges_that_cannot_be_are_refused(
    merges: list[tuple[int, int]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        BPETokenizer(merges)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(a", "pattern '\\(a': "),
        ("(a)|b", "has a group that captures"),
        (r"(?r)\w+", "pattern "),  # only Python's engine reads it
    ],
)
def test_a_pattern_that_cannot_serve_is_refused(pattern: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        BPETokenizer([], pattern=pattern)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["<a>", "<a>"], "'<a>' is there twice"),
        ([""], "special token ''"),
        (["a b"], "special token 'a b': use a name without spaces"),
        ("<a>", "give a list of names"),
    ],
)
def test_special_tokens_that_cannot_serve_are_refused(
    names: list[str], message: str
) -> None:
    for make in (BPETokenizer, CharTokenizer):
        with pytest.raises(ValueError, match=message):
            make("", special_tokens=names) if make is BPETokenizer else make(
                "ab", special_tokens=names
            )


def test_characters_outside_the_alphabet_are_named() -> None:
    letters = CharTokenizer("ab", special_tokens=["<end>"])
    with pytest.raises(ValueError, match=r"character 3 is 'न', which is not in .* 2 "):
        letters.encode("abन")
    with pytest.raises(ValueError, match="character 7 is 'c'"):
        letters.encode("b<end>c", allow_special=True)
    with pytest.raises(ValueError, match="the alphabet is empty"):
        CharTokenizer("")
    with pytest.raises(ValueError, match="'b' is in the alphabet twice"):
        CharTokenizer("abcb")
    with pytest.raises(ValueError, match="the text is empty"):
        CharTokenizer.from_text("")


# ---- files and facts ---------------------------------------------------------------

STORED: list[Tokenizer] = [
    TRAINED,
    CharTokenizer("ab\n\"न🙂'\\", special_tokens=["<end>"]),
    BPETokenizer([(97, 97)], pattern=r"\w+", special_tokens=["<a>", "<b>"]),
    WorldTokenizer(),
]


@pytest.mark.parametrize("tokenizer", STORED, ids=lambda t: type(t).__name__)
def test_a_tokenizer_comes_back_from_its_metadata(tokenizer: Tokenizer) -> None:
    text = json.dumps(to_metadata(tokenizer))  # what a checkpoint holds
    again = from_metadata(json.loads(text))
    assert type(again) is type(tokenizer)
    assert to_metadata(again) == to_metadata(tokenizer)
    assert again.vocab_size == tokenizer.vocab_size
    assert dict(again.special_tokens) == dict(tokenizer.special_tokens)
    every = list(range(tokenizer.vocab_size))
    assert again.decode(every) == tokenizer.decode(every)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "words"}, "kind 'words': known are characters, bpe"),
        ({"merges": None}, "kind 'bpe' misses"),
        ({"merges": ["1 2 3"]}, "merge '1 2 3': two ids are wanted"),
        ({"merges": ["a b"]}, "merge 'a b'"),
        ({"merges": [12]}, "kind 'bpe' misses"),
        ({"pattern": "("}, "pattern '\\('"),
        ({"special_tokens": ["x", "x"]}, "'x' is there twice"),
    ],
)
def test_metadata_that_cannot_serve_is_refused(
    change: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        from_metadata(to_metadata(TRAINED) | change)


def test_missing_facts_and_strange_tokenizers_are_refused() -> None:
    with pytest.raises(ValueError, match="kind 'characters' misses: 'alphabet'"):
        from_metadata({"kind": "characters"})

    class Strange(CharTokenizer):
        pass

    assert to_metadata(Strange("ab"))["kind"] == "characters"
    with pytest.raises(ValueError, match="a list cannot be stored"):
        to_metadata([])  # type: ignore[arg-type]


# ---- real rank files ---------------------------------------------------------------


@pytest.mark.parametrize("name", RANK_FILES)
def test_a_missing_rank_file_is_two_clear_lines(name: str, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="course data fetch") as caught:
        pretrained_encoding(name, tmp_path)
    assert len(str(caught.value).splitlines()) == 2
    assert "train_bpe" in str(caught.value)


def test_a_rank_file_with_a_wrong_hash_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / CORPORA["r50k_base"].file_name
    path.write_bytes(b"IQ== 0\n")
    with pytest.raises(ValueError, match="is not the rank file of gpt2"):
        pretrained_encoding("gpt2", tmp_path)
    assert path.read_bytes() == b"IQ== 0\n"
    assert texts.verify(tmp_path)["r50k_base"] == "damaged"


@needs("gpt2")
@pytest.mark.parametrize("before", [None, "/somewhere/else"])
def test_asking_tiktoken_leaves_the_environment_as_it_was(
    monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    monkeypatch.delenv("TIKTOKEN_CACHE_DIR", raising=False)
    if before:
        monkeypatch.setenv("TIKTOKEN_CACHE_DIR", before)
    assert pretrained_encoding("gpt2").n_vocab == 50_257
    assert os.environ.get("TIKTOKEN_CACHE_DIR") == before


@needs("gpt2")
def test_gpt2_as_a_tokenizer_of_the_course() -> None:
    tokenizer = PretrainedTokenizer("gpt2")
    assert tokenizer.encode("Hello") == [15496]
    assert dict(tokenizer.special_tokens) == {END: 50_256}
    assert tokenizer.encode(END, allow_special=True) == [50_256]
    assert to_metadata(tokenizer) == {"kind": "pretrained", "name": "gpt2"}
    assert repr(from_metadata(to_metadata(tokenizer))) == repr(tokenizer)
    assert len(tokenizer.ranks) == 50_256


@needs("gpt2")
def test_our_gpt2_pattern_cuts_as_gpt2s_own(tmp_path: Path) -> None:
    theirs = PretrainedTokenizer("gpt2")
    ranks = theirs.ranks
    text = "It's 25 degrees,  isn't\tit?\n\n  'Tis न म 🙂 x\u00a0y\u0085z  \n"
    pieces = TRAINED.split(text)
    tokens = [t for p in pieces for t in theirs.encode(p)]
    assert tokens == theirs.encode(text)
    assert len(ranks) == 50_256


@needs("cl100k")
def test_a_gap_in_a_published_encoding_is_named() -> None:
    with pytest.raises(ValueError, match=r"no such token.*100256"):
        PretrainedTokenizer("cl100k").decode([100_256])


# ---- the table of true splits ------------------------------------------------------


@pytest.mark.parametrize("name", RANK_FILES)
def test_the_table_is_what_tiktoken_says(name: str) -> None:
    if not here(name):
        pytest.skip(f"no rank file: course data fetch {RANK_FILES[name]}")
    for text in texts_with_splits():
        assert true_splits(text)[name] == split_now(text, name), text


def test_the_table_holds_what_the_lessons_discuss() -> None:
    found = {
        text: [str(split) for split in true_splits(text).values()]
        for text in ("ChatGPT", "unhappiness", "Nipun", "Aarav", "strawberry")
    }
    assert found == {
        "ChatGPT": ["Chat|G|PT", "Chat|G|PT", "Chat|GPT"],
        "unhappiness": ["un|h|appiness"] * 3,
        "Nipun": ["N|ip|un", "N|ip|un", "N|ipun"],
        "Aarav": ["A|ar|av"] * 3,
        "strawberry": ["st|raw|berry", "str|aw|berry", "st|raw|berry"],
    }
    assert str(true_splits(" Aarav")["o200k"]) == " Aar|av"
    assert {len(s.ids) for s in true_splits(" strawberry").values()} == {1}
    assert [len(s.ids) for s in true_splits("नमस्ते").values()] == [12, 6, 4]


def test_the_pieces_of_the_table_join_to_the_text() -> None:
    for text in texts_with_splits():
        for split in true_splits(text).values():
            assert len(split.ids) == len(split.pieces)
            if not any("\\x" in piece for piece in split.pieces):
                assert "".join(split.pieces) == text


def test_a_text_outside_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="'blueberry' is not in the table"):
        true_splits("blueberry")


@pytest.mark.skipif(not all(map(here, RANK_FILES)), reason="rank files are missing")
def test_making_the_table_anew_gives_the_same_bytes(tmp_path: Path) -> None:
    write_table(texts_with_splits(), table_date(), tmp_path / "table.json")
    made = hashlib.sha256((tmp_path / "table.json").read_bytes()).hexdigest()
    committed = (texts.DATA / "token_splits.json").read_bytes()
    assert made == hashlib.sha256(committed).hexdigest()
