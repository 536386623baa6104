"""Writing text: pieces, half characters, stop strings, prompts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.generate import generate_texts, stream_text
from course_lib.generate.texts import TextPieces, end_tokens, prompt_tokens
from course_lib.gpt import GPT, GPTConfig
from course_lib.tokenizer import CharTokenizer, train_bpe
from tiny_world import VOCAB_SIZE, WorldTokenizer

LETTERS = CharTokenizer("abc ", special_tokens=["<|endoftext|>"])
BYTES = train_bpe("x", 257)
WORDS = WorldTokenizer()
MODEL = GPT(GPTConfig(vocab_size=5, context_size=64, emb_dim=16, n_layers=1)).eval()


@given(st.text(max_size=12), st.text(max_size=6))
def test_pieces_put_together_are_the_text(prompt: str, text: str) -> None:
    tokens = BYTES.encode(prompt)
    pieces = TextPieces(BYTES, tokens)
    shown = [pieces.add(token) for token in BYTES.encode(text)]
    assert "".join(shown) + pieces.rest() == text


def test_half_a_character_waits() -> None:
    pieces = TextPieces(BYTES, [])
    shown = [pieces.add(token) for token in BYTES.encode("aé🙂")]
    assert shown == ["a", "", "é", "", "", "", "🙂"]


def test_bytes_that_are_no_character_do_not_wait_for_ever() -> None:
    pieces = TextPieces(BYTES, [])
    smile = BYTES.encode("🙂")
    shown = [pieces.add(token) for token in [*smile[:2], *BYTES.encode("abcd")]]
    assert "".join(shown).endswith("abcd")
    cut = TextPieces(BYTES, [])
    assert cut.add(smile[0]) == ""
    assert cut.rest() == "\ufffd"


def test_words_get_their_spaces_from_the_prompt() -> None:
    pieces = TextPieces(WORDS, WORDS.encode("Good"))
    assert [pieces.add(t) for t in WORDS.encode("night, Puff!")] == [
        *(" night", ",", " Puff", "!")
    ]


@given(st.text("ab", max_size=20), st.lists(st.text("ab", min_size=1), max_size=3))
def test_text_ends_before_the_first_stop_string(text: str, stop: list[str]) -> None:
    pieces = TextPieces(LETTERS, [], stop)
    shown = "".join(pieces.add(token) for token in LETTERS.encode(text))
    shown += pieces.rest()
    ends = [len(text[:i]) for i in range(len(text)) if text[:i].endswith(tuple(stop))]
    ends += [len(text)] if text.endswith(tuple(stop)) else []
    if not ends:  # never more than the text, and all of it
        assert shown == text
    else:
        seen = text[: ends[0]]
        first = min(seen.find(s) for s in stop if s in seen)
        assert shown == text[:first]


def test_stream_and_batch_write_the_same() -> None:
    prompts = ["abc", "a", "b c a b"]
    together = generate_texts(MODEL, LETTERS, prompts, max_new_tokens=30, seeds=4)
    for i, prompt in enumerate(prompts):
        pieces = stream_text(MODEL, LETTERS, prompt, max_new_tokens=30, seed=4 + i)
        assert "".join(pieces) == together[i]


PADDED = GPT(GPTConfig(vocab_size=64, context_size=64, emb_dim=16, n_layers=1)).eval()


def test_a_padded_model_writes_no_token_that_the_tokenizer_lacks() -> None:
    hot = {"max_new_tokens": 40, "temperature": 100.0}
    texts = generate_texts(PADDED, LETTERS, ["a"] * 8, seeds=0, **hot)
    assert set("".join(texts)) <= set("abc ")
    for seed, text in enumerate(texts):  # the end of a document is one of the five
        assert "".join(stream_text(PADDED, LETTERS, "a", seed=seed, **hot)) == text
    with pytest.raises(ValueError, match=r"top_k is 6: use 1 \.\. 5"):
        generate_texts(PADDED, LETTERS, ["a"], max_new_tokens=2, top_k=6)


def test_a_stop_string_cuts_the_stream() -> None:
    [free] = generate_texts(MODEL, LETTERS, ["a"], max_new_tokens=40, seeds=[2])
    stop = free[4:6]
    first = free.find(stop)
    options = {"max_new_tokens": 40, "stop": [stop]}
    assert "".join(stream_text(MODEL, LETTERS, "a", seed=2, **options)) == free[:first]


def test_a_prompt_begins_where_a_document_ends() -> None:
    assert end_tokens(LETTERS) == [4]
    assert end_tokens(CharTokenizer("ab")) == []
    assert prompt_tokens(MODEL, LETTERS, "ab") == [4, 0, 1]
    assert prompt_tokens(MODEL, CharTokenizer("ab"), "ab") == [0, 1]


def test_a_text_from_nothing_begins_without_a_space() -> None:
    model = GPT(GPTConfig(vocab_size=VOCAB_SIZE, emb_dim=16, n_layers=1)).eval()
    [text] = generate_texts(model, WORDS, [""], max_new_tokens=3, seeds=[1])
    assert text == text.strip() != ""
    assert "".join(stream_text(model, WORDS, "", max_new_tokens=3, seed=1)) == text


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(ValueError, match="the prompt is empty"):
        generate_texts(MODEL, CharTokenizer("ab"), [""], max_new_tokens=3)
    with pytest.raises(ValueError, match=f"{VOCAB_SIZE} tokens and the model 5"):
        generate_texts(MODEL, WORDS, ["Good"], max_new_tokens=3)
    for stop in ("ab", ["a", ""]):
        with pytest.raises(ValueError, match="give a list of strings, none empty"):
            next(stream_text(MODEL, LETTERS, "a", max_new_tokens=3, stop=stop))
    with pytest.raises(ValueError, match="prompt 1 has 65 tokens"):
        generate_texts(MODEL, LETTERS, ["a" * 64], max_new_tokens=3)
