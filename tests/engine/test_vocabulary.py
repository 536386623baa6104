"""Published vocabularies: the ids of Hugging Face's engine, and what is refused."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from course_lib.engine.checkpoint_file import from_metadata, to_metadata
from course_lib.engine.vocabulary import (
    PATTERNS,
    SMOLLM_PATTERN,
    VocabularyTokenizer,
    byte_symbols,
)
from course_lib.names import load_names
from course_lib.tokenizer import END_OF_TEXT, train_bpe

tokenizers = pytest.importorskip("tokenizers")
TEXT = (
    "It's 25 degrees, 7 of them too hot! Ĝi estas naïve: the cat's café was shut.\n"
    "  def add(x1, y2):\n        return x1 + 42   # three   spaces\n\n\t½ and ² and ٣\n"
)
SPECIAL = [END_OF_TEXT, "<|im_start|>", "<|im_end|>"]


def published() -> tuple[list[str], list[str]]:
    """A vocabulary with its merges, in visible characters, as others publish them."""
    text = TEXT * 3 + " ".join(load_names())
    learned = train_bpe(text, 406, special_tokens=(), pattern=SMOLLM_PATTERN)
    symbols = {byte: c for c, byte in byte_symbols().items()}
    shown = ["".join(symbols[b] for b in learned.token_bytes(i)) for i in range(406)]
    merges = [f"{shown[a]} {shown[b]}" for a, b in learned.merges]
    return SPECIAL + shown, merges


VOCABULARY, MERGES = published()
OURS = VocabularyTokenizer(VOCABULARY, SPECIAL, SMOLLM_PATTERN)


def theirs() -> "tokenizers.Tokenizer":
    """The same in Hugging Face's engine: digits one by one, then GPT-2's pattern."""
    ids = {token: i for i, token in enumerate(VOCABULARY)}
    pairs = [tuple(merge.split(" ")) for merge in MERGES]
    engine = tokenizers.Tokenizer(tokenizers.models.BPE(ids, pairs))
    cut = tokenizers.pre_tokenizers
    engine.pre_tokenizer = cut.Sequence(
        [cut.Digits(individual_digits=True), cut.ByteLevel(add_prefix_space=False)]
    )
    engine.decoder = tokenizers.decoders.ByteLevel()
    return engine


THEIRS = theirs()


@settings(max_examples=1500)
@given(st.text() | st.text("ab 1 2\n'st½²٣é  -") | st.text(TEXT, max_size=80))
@example("a  5").via("spaces before a digit")
@example("a \n 5").via("white space of several kinds before a digit")
@example("it's 2's don'T ' 5").via("contractions")
@example("🏳️‍🌈 हिन्दी 한국어 e\u0301").via("joined characters")
def test_ids_are_those_of_hugging_faces_engine(text: str) -> None:
    ids = OURS.encode(text)
    assert ids == THEIRS.encode(text, add_special_tokens=False).ids
    assert OURS.decode(ids) == text


def test_each_byte_has_a_visible_character_of_its_own() -> None:
    symbols = byte_symbols()
    assert sorted(symbols.values()) == list(range(256))
    assert not any(unicodedata.category(c) in ("Cc", "Zs") for c in symbols)
    assert all(symbols[chr(b)] == b for b in range(33, 127))


def test_special_tokens_are_text_unless_allowed() -> None:
    assert len(OURS.encode("<|im_end|>")) > 1
    assert OURS.encode("a<|im_end|>", allow_special=True)[-1] == 2
    assert OURS.decode([1, 2]) == "<|im_start|><|im_end|>"
    assert OURS.end_of_text == END_OF_TEXT
    assert OURS.vocab_size == 409


def test_it_is_stored_and_made_again() -> None:
    again = from_metadata(to_metadata(OURS))
    assert isinstance(again, VocabularyTokenizer)
    assert again.encode(TEXT) == OURS.encode(TEXT)
    assert again.special_tokens == OURS.special_tokens
    assert again.pattern == OURS.pattern


@pytest.mark.parametrize("text", ["\x04", "good, then \x04", "\x04" * 9, "é\x04 5"])
def test_a_character_that_no_token_stands_for_is_named(text: str) -> None:
    tokens = [t for t in VOCABULARY if byte_symbols().get(t) != 4]
    lacking = VocabularyTokenizer(tokens, SPECIAL, SMOLLM_PATTERN)
    place = text.index("\x04") + 1
    with pytest.raises(ValueError, match=rf"character {place} is '\\x04'"):
        lacking.encode(text)
    assert lacking.vocab_size == len(VOCABULARY) - 1
    with pytest.raises(ValueError, match="ids of this tokenizer lie in"):
        lacking.decode([lacking.vocab_size])


@pytest.mark.parametrize(
    ("tokens", "special", "message"),
    [
        (["a", "a"], [], "token 1 is 'a', as token 0"),
        (["a", "b c"], [], "token 1 is 'b c': ' ' stands for no byte"),
        (["a"], ["<end>"], "the special token '<end>' is not among the tokens"),
    ],
)
def test_a_broken_list_is_named(
    tokens: list[str], special: list[str], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        VocabularyTokenizer(tokens, special)


def test_the_known_ways_to_cut_are_named_as_llama_cpp_does() -> None:
    assert set(PATTERNS) == {"gpt-2", "smollm"}
