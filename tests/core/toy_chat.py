"""Models that say what a test wants, and tokenizers that know the marks of a chat."""

from itertools import pairwise

import torch
from torch import Tensor, nn

from course_lib.chat import ChatTemplate, Markers
from course_lib.gpt import GPT, GPTConfig
from course_lib.tokenizer import CharTokenizer, Tokenizer, train_bpe

MARKERS = Markers(tools={"calc": ("<|calc|>", "<|/calc|>")})
PLAIN = Markers()
SAMPLE = "Who are you? I am Tiny, a small model. What is 17 + 28? " * 3


def char_template(alphabet: str, markers: Markers = MARKERS) -> ChatTemplate:
    """A template whose tokenizer knows these characters."""
    tokenizer = CharTokenizer(alphabet, special_tokens=markers.names)
    return ChatTemplate(tokenizer, markers)


def byte_template(markers: Markers = MARKERS) -> ChatTemplate:
    """A template whose tokenizer knows every text: bytes and ten merges."""
    size = 256 + 10 + len(markers.names)
    tokenizer = train_bpe(SAMPLE, size, special_tokens=markers.names)
    return ChatTemplate(tokenizer, markers)


def small_gpt(vocab_size: int, context_size: int = 128, seed: int = 0) -> GPT:
    """A GPT that has learned nothing."""
    config = GPTConfig(
        vocab_size=vocab_size,
        context_size=context_size,
        emb_dim=16,
        n_heads=2,
        n_layers=1,
    )
    return GPT(config, torch.Generator().manual_seed(seed)).eval()


def scripted(tokenizer: Tokenizer, *texts: str, context_size: int = 128) -> GPT:
    """A GPT that writes what follows in these texts; special tokens count as such.

    The next token depends on the last one alone: no token may be followed by two.
    """
    model = small_gpt(tokenizer.vocab_size, context_size)
    next_of: dict[int, int] = {}
    for text in texts:
        for one, other in pairwise(tokenizer.encode(text, allow_special=True)):
            assert next_of.setdefault(one, other) == other, (text, one)
    table = torch.tensor([next_of.get(t, 0) for t in range(tokenizer.vocab_size)])

    def say(module: nn.Module, args: tuple[Tensor, ...], logits: Tensor) -> Tensor:
        chosen = table[args[0][:, -logits.shape[1] :]]
        return torch.full_like(logits, -40.0).scatter(-1, chosen[..., None], 40.0)

    model.register_forward_hook(say)
    return model
