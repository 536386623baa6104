"""The real model itself, where it was fetched: equal to transformers, and it talks."""

import re
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from course_lib.chat import Chat, Message
from course_lib.engine import downloads, smollm
from course_lib.engine.huggingface import save_llama
from course_lib.engine.smollm import load_smollm2
from course_lib.generate import generate

pytestmark = [pytest.mark.slow, pytest.mark.model]
LOST = set(map(chr, (4, 6, 19, 20, 22, 29, *range(0x40000, 0xC0000))))
"""Control characters, and four-byte ones that nobody uses."""
WORDS = "It's 25 degrees, 7 of them too hot! naïve café\n  def add(x1, y2): return 42 "


def published_engine() -> Any:
    """Hugging Face's tokenizer of this model, from the packed file's own lists."""
    import gguf

    tokenizers = pytest.importorskip("tokenizers")
    fields = gguf.GGUFReader(downloads.FETCHED / "smollm2.gguf").fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    merges = fields["tokenizer.ggml.merges"].contents()
    ids = {token: i for i, token in enumerate(tokens)}
    pairs = [tuple(merge.split(" ")) for merge in merges]
    engine = tokenizers.Tokenizer(tokenizers.models.BPE(ids, pairs))
    cut = tokenizers.pre_tokenizers
    engine.pre_tokenizer = cut.Sequence(
        [cut.Digits(individual_digits=True), cut.ByteLevel(add_prefix_space=False)]
    )
    return engine


@pytest.fixture(scope="module")
def smol() -> smollm.Real:
    return load_smollm2()


def test_its_logits_and_words_are_those_of_transformers(
    smol: smollm.Real, tmp_path: Path
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        transformers = pytest.importorskip("transformers")
        transformers.utils.logging.disable_progress_bar()
        save_llama(tmp_path, smol.model)
        theirs = transformers.LlamaForCausalLM.from_pretrained(tmp_path).eval()
    text = "In 1969 the first people walked on the Moon. हिन्दी 🙂 def f(x): return 2"
    tokens = torch.tensor([smol.tokenizer.encode(text)])
    with torch.inference_mode():
        logits = theirs(tokens).logits
        torch.testing.assert_close(smol.model(tokens), logits, atol=1e-3, rtol=0)
        written = theirs.generate(
            tokens,
            attention_mask=torch.ones_like(tokens),
            max_new_tokens=12,
            do_sample=False,
            pad_token_id=0,
        )
    ours = generate(smol.model, tokens.tolist(), max_new_tokens=12, temperature=0)
    assert ours[0] == written[0, tokens.shape[1] :].tolist()


def test_its_ids_are_those_of_hugging_faces_engine(smol: smollm.Real) -> None:
    theirs = published_engine()

    @settings(max_examples=600, deadline=None)
    @given(st.text() | st.text("ab 1 2\n'st½²٣é  -") | st.text(WORDS, max_size=80))
    @example("  5 \n 77 it's 2's don'T")
    @example("🏳️‍🌈 हिन्दी 한국어 e\u0301 \U0001f9d1\u200d\U0001f680")
    def same(text: str) -> None:
        if LOST & set(text):
            with pytest.raises(ValueError, match="has no token for it"):
                smol.tokenizer.encode(text)
            return
        ids = smol.tokenizer.encode(text)
        assert ids == theirs.encode(text, add_special_tokens=False).ids
        assert smol.tokenizer.decode(ids) == text

    same()


def test_it_has_a_token_for_every_character_that_is_in_use(smol: smollm.Real) -> None:
    in_use = {*map(chr, range(0xD800)), *map(chr, range(0xE000, 0x323B0))}
    text = "".join(sorted(in_use - LOST))
    assert smol.tokenizer.decode(smol.tokenizer.encode(text)) == text
    for character in LOST & in_use:
        with pytest.raises(ValueError, match=re.escape(repr(character))):
            smol.tokenizer.encode(f"good {character}")


def test_a_conversation_has_the_form_its_makers_gave(smol: smollm.Real) -> None:
    talk = [
        Message("user", "Hi"),
        Message("assistant", "Yes"),
        Message("user", "2"),
    ]
    tokens = smol.template.prompt(talk)
    assert smol.tokenizer.decode(tokens) == (
        f"<|im_start|>system\n{smollm.SYSTEM}<|im_end|>\n<|im_start|>user\nHi"
        "<|im_end|>\n<|im_start|>assistant\nYes<|im_end|>\n<|im_start|>user\n2"
        "<|im_end|>\n<|im_start|>assistant\n"
    )
    example = smol.template.encode(talk[:2])
    learned = [t for t, ours in zip(*example, strict=True) if ours]
    assert smol.tokenizer.decode(learned) == "Yes<|im_end|>"
    whole = smol.tokenizer.decode(example.tokens)
    assert smol.tokenizer.encode(whole, allow_special=True) == example.tokens


def test_it_knows_the_capital_of_france(smol: smollm.Real) -> None:
    chat = Chat(smol.model, smol.template, max_new_tokens=12)
    assert "Paris" in chat.ask("What is the capital of France?").text
    assert len(chat.messages) == 2
