"""The preset "lora": your own talks, learned by a real model.

The weights of SmolLM2 stay as they are; small matrices beside them learn the answers
(see `course_lib.lora`), and keep what the model said before (see `own_answers`). What
the run leaves is the small file alone: the base is large, it is on the disk already,
and its fingerprint says whether it is the right one.
"""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from course_lib.batches import BatchSource, evaluate_loss, fingerprint
from course_lib.chat import (
    ChatMLTemplate,
    Example,
    Message,
    answers,
)
from course_lib.device import pick_device
from course_lib.engine.chat_files import placed_conversations
from course_lib.engine.presets.jobs import Job
from course_lib.engine.presets.own_answers import (
    keeping_loss,
    kept_batch,
    own_examples,
)
from course_lib.engine.presets.recipes import Preset, adapted
from course_lib.engine.presets.texts import bytes_per_token
from course_lib.engine.smollm import NAME, Real, free_memory, is_here, load_smollm2
from course_lib.gpt import GPT, GPTConfig
from course_lib.lora import add_lora, count_trainable, lora_metadata
from course_lib.tokenizer import Tokenizer
from course_lib.train import TrainConfig

PRESET = "lora"
RECIPE = Preset(
    about="your own talks, learned by a real model",
    model=GPTConfig(vocab_size=1),  # not used: the base has its own
    config=TrainConfig(
        steps=80,
        learning_rate=1.8e-3,
        betas=(0.9, 0.99),
        warmup_steps=5,
        grad_clip=1.0,
        compile=False,  # the loss switches LoRA off and on
    ),
    batch_size=3,
)
"""Beside the 3 rows that are learned each batch has one to keep, see `own_answers`."""
RANK, ALPHA = 8, 16.0
LAYERS = ("qkv", "proj", "gate", "up", "down")
"""The wide layers, too: without them the loss falls more slowly (RESULTS.md)."""
REPORTS = 4
"""The base is large: a sample and a measure cost as much as a step."""
MOST_JOINED = 4
"""So many talks, one to this, become one example: later turns are learned, too."""
ROW_TOKENS = 160
"""Short talks are joined to examples of about so many tokens."""
CONTEXT = 512
"""The most tokens of an example."""
SYSTEM = "You are a helpful assistant."
"""Stands before talks that bring no system message."""
SAMPLE_TOKENS = 40
MEMORY_BYTES = 17 * 10**8
"""Talks like the zoo's, one row at a time: 1.5 GB were seen."""
PROSE = (
    "The ferry left before the fog had lifted. On the upper deck a woman in a green "
    "coat counted her bags for the third time, and the boy beside her asked when they "
    "would see the island. Nobody knew. The engine kept one low note, gulls came and "
    "went, and after a while the captain walked down from the bridge with a pot of "
    "tea, which he shared with everyone who had brought a cup.",
    "To mend a puncture, take the wheel off the bicycle and let out what air is left. "
    "Lift one side of the tyre over the rim, pull out the tube and pump it up a "
    "little. Hold it under water: where small bubbles rise, there is the hole. Dry the "
    "place, rub it with sandpaper, put glue on it and wait until it is almost dry.",
)
"""Ordinary English of another kind: how much of it does the model forget?"""


class Talks(NamedTuple):
    """Conversations that fit, with what a chat needs to know of them."""

    talks: list[list[Message]]
    system: str
    """The system message that most of them have."""


def own_talks_job(
    chats: Path,
    *,
    base: Real | None = None,
    recipe: Mapping[str, Any] | None = None,
    batch_size: int | None = None,
    context_size: int | None = None,
    layers: Sequence[str] = LAYERS,
    seed: int = 0,
    device: str | torch.device | None = None,
) -> Job:
    """Put LoRA beside a real model, and make batches of conversations.

    Args:
        chats: see `load_conversations`.
        base: the model; None loads SmolLM2.
        recipe: settings of its `TrainConfig` that differ.
        batch_size: examples in a batch.
        context_size: the most tokens of an example; longer talks are cut, and the note
            says which.
        layers: which matrices of every block learn, see `add_lora`.
        seed: of the small matrices and of the batches.
        device: see `pick_device`.

    Raises:
        ValueError: naming the line of a conversation that cannot be learned, and why.
        FileNotFoundError: if there is no such file, or the model was not fetched.
        MemoryError: if the model would not fit.

    >>> own_talks_job(Path("nowhere.jsonl"))
    Traceback (most recent call last):
    ...
    FileNotFoundError: nowhere.jsonl: there are no conversations here
    """
    notes, where = list[str](), _place(device)
    placed = placed_conversations(chats, notes.append)
    model, tokenizer, makers = base or _real_model()
    size = min(context_size or CONTEXT, model.config.context_size)
    talks, system = fitted(placed, makers, size, chats, notes.append)
    preset = adapted(RECIPE, {}, _filled(recipe or {}, batch_size), batch_size)
    kept, template = own_examples(makers, size), ChatMLTemplate(tokenizer, system)
    batch_at = talk_batches(talks, template, preset.batch_size, size, kept, seed=seed)
    add_lora(model, RANK, ALPHA, layers, torch.Generator().manual_seed(seed))
    facts = {**lora_metadata(model), "preset": PRESET, "base": NAME, "system": system}
    facts |= {"tokens_a_row": size, "data": fingerprint(batch_at(0))}
    questions = list(dict.fromkeys(_first_question(talk) for talk in talks))
    x, y = _prose(tokenizer)
    return Job(
        preset=PRESET,
        model=model.to(where),
        batch_at=batch_at,
        evaluate=lambda model: evaluate_loss(model, x, y),
        sample=_sampler(template, questions),
        config=preset.config,
        metadata={**facts, "examples": questions[:3]},
        about=f"{len(talks):,} talks, {count_trainable(model):,} numbers that learn",
        note="\n".join(notes),
        tokenizer=tokenizer,
        bytes_per_token=bytes_per_token(tokenizer, y),
        loss=keeping_loss,
        measured="other English",
        trainable_only=True,
    )


def _place(device: str | torch.device | None) -> torch.device:
    return device if isinstance(device, torch.device) else pick_device(device)


def _real_model() -> Real:
    """The base, if there is enough memory to train beside it."""
    free = free_memory()
    if is_here() and free is not None and free < MEMORY_BYTES:
        raise MemoryError(
            f"training needs {MEMORY_BYTES / 1e9:.0f} GB of memory and "
            f"{free / 1e9:.1f} GB are free: close other notebooks and programs"
        )
    return load_smollm2()


def fitted(
    placed: Sequence[tuple[str, list[Message]]],
    template: ChatMLTemplate,
    size: int,
    path: Path,
    note: Callable[[str], object],
) -> Talks:
    """The conversations as far as `size` tokens reach, and their system message.

    Raises:
        ValueError: naming the line of a talk that cannot be encoded, or whose first
            answer does not fit.

    >>> from string import printable
    >>> from course_lib.tokenizer import CharTokenizer
    >>> marked = CharTokenizer(printable, special_tokens=ChatMLTemplate.MARKS)
    >>> talk = [Message("user", "Hi?"), Message("assistant", "Hi")] * 2
    >>> placed = [("line 1", talk)]
    >>> found = fitted(placed, ChatMLTemplate(marked), 85, Path("a.jsonl"), print)
    a.jsonl: 1 talk is longer than 85 tokens; its end is left out: line 1 (90 tokens, \
2 of 4 messages stay)
    >>> len(found.talks[0]), found.system
    (2, 'You are a helpful assistant.')
    """
    systems = Counter(_rules(talk) for _, talk in placed if _rules(talk))
    system = systems.most_common(1)[0][0] if systems else SYSTEM
    template = ChatMLTemplate(template.tokenizer, system)
    talks, cut = [], []
    for place, talk in placed:
        try:
            n_tokens = len(template.encode(talk).tokens)
        except ValueError as error:
            raise ValueError(f"{path}, {place}: {error}") from None
        kept = list(talk)
        while len(template.encode(kept).tokens) > size:
            ends = [i for i, m in enumerate(kept) if m.role == "assistant"]
            if len(ends) < 2:
                raise ValueError(
                    f"{path}, {place}: its first answer ends at token "
                    f"{len(template.encode(kept).tokens):,} and {size:,} are read: "
                    "shorten it, or give a larger context_size"
                )
            kept = kept[: ends[-2] + 1]
        if len(kept) < len(talk):
            stay = f"{len(kept)} of {len(talk)} messages stay"
            cut.append(f"{place} ({n_tokens:,} tokens, {stay})")
        talks.append(kept)
    if cut:
        many = f"{len(cut)} talks are" if len(cut) > 1 else "1 talk is"
        shown = ", ".join(cut[:5]) + (f" and {len(cut) - 5} more" * (len(cut) > 5))
        its = "their ends are" if len(cut) > 1 else "its end is"
        note(f"{path}: {many} longer than {size} tokens; {its} left out: {shown}")
    return Talks(talks, system)


def talk_batches(
    talks: Sequence[Sequence[Message]],
    template: ChatMLTemplate,
    batch_size: int,
    size: int,
    kept: Sequence[Example] = (),
    *,
    seed: int = 0,
) -> BatchSource:
    """Examples of one to a few talks, one after the other: (batch_size, T) a step.

    All talks are learned equally often. They are dealt to the rows, each to the one
    that is shortest so far, so that little is filling; talks of other rules (a system
    message) are not joined.

    Args:
        talks: see `fitted`.
        template: puts them into tokens.
        batch_size: rows.
        size: the most tokens of a row.
        kept: one of them joins each batch, see `own_examples`.
        seed: of the order.

    >>> from string import printable
    >>> from course_lib.tokenizer import CharTokenizer
    >>> marked = CharTokenizer(printable, special_tokens=ChatMLTemplate.MARKS)
    >>> talk = [Message("user", "Hi?"), Message("assistant", "Hi")]
    >>> batch_at = talk_batches([talk], ChatMLTemplate(marked), 3, 90)
    >>> batch_at(0).inputs.shape[0]
    3
    """
    lengths = [len(template.encode(talk).tokens) for talk in talks]
    mean = sum(lengths) / len(talks)
    joins = round(min(ROW_TOKENS, size) / mean)
    dealt = batch_size * max(1, min(MOST_JOINED, joins))

    @lru_cache(maxsize=4)
    def order(n: int, round_number: int) -> list[int]:
        places = list(range(n))
        random.Random(f"talks {seed}, round {round_number}").shuffle(places)
        return places

    def batch_at(step: int) -> Any:
        rows: list[list[int]] = [[] for _ in range(batch_size)]
        for i in range(step * dealt, (step + 1) * dealt):
            talk = order(len(talks), i // len(talks))[i % len(talks)]
            fits = [row for row in rows if _may_join(talks, lengths, row, talk, size)]
            if fits:
                shortest = min(fits, key=lambda row: sum(lengths[t] for t in row))
                shortest.append(talk)
        full = [[talks[i] for i in row] for row in rows if row]
        learned = [joined(row, template) for row in full]
        own = []
        if kept:
            own = [kept[order(len(kept), step // len(kept))[step % len(kept)]]]
        return kept_batch(learned, own)

    return batch_at


def _may_join(
    talks: Sequence[Sequence[Message]],
    lengths: Sequence[int],
    row: Sequence[int],
    talk: int,
    size: int,
) -> bool:
    if not row:
        return True
    if len(row) == MOST_JOINED or sum(lengths[t] for t in row) + lengths[talk] > size:
        return False
    return _rules(talks[row[0]]) == _rules(talks[talk])


def _rules(talk: Sequence[Message]) -> str:
    return talk[0].text if talk[0].role == "system" else ""


def joined(talks: Sequence[Sequence[Message]], template: ChatMLTemplate) -> Example:
    """Several talks as one conversation, the first one's system message in front.

    >>> from string import printable
    >>> from course_lib.tokenizer import CharTokenizer
    >>> marked = CharTokenizer(printable, special_tokens=ChatMLTemplate.MARKS)
    >>> talk = [Message("user", "Hi?"), Message("assistant", "Hi")]
    >>> sum(joined([talk, talk], ChatMLTemplate(marked)).loss_mask)  # H i <|im_end|>
    6
    """
    first, *others = talks
    later = [m for talk in others for m in talk if m.role != "system"]
    return template.encode([*first, *later])


def _first_question(talk: Sequence[Message]) -> str:
    return next(message.text for message in talk if message.role == "user")


def _filled(recipe: Mapping[str, Any], batch_size: int | None) -> dict[str, Any]:
    """A recipe with what was left open: few reports, and one row at a time."""
    steps = int(recipe.get("steps", RECIPE.config.steps))
    n_rows = (batch_size or RECIPE.batch_size) + 1  # and the one that is kept
    return {"eval_every": -(-steps // REPORTS), "accumulate": n_rows, **recipe}


def _prose(tokenizer: Tokenizer) -> tuple[Tensor, Tensor]:
    """Inputs and targets (1, T) of ordinary English."""
    tokens = torch.tensor([tokenizer.encode("\n\n".join(PROSE))])
    return tokens[:, :-1], tokens[:, 1:]


def _sampler(
    template: ChatMLTemplate, questions: Sequence[str]
) -> Callable[[nn.Module], str]:
    """Asks what the first talk and the middle one ask."""
    asked = list(dict.fromkeys([questions[0], questions[len(questions) // 2]]))
    talks = [[Message("user", question)] for question in asked]

    def sample(model: nn.Module) -> str:
        assert isinstance(model, GPT)
        said = answers(model, template, talks, max_new_tokens=SAMPLE_TOKENS)
        lines = zip(asked, said, strict=True)
        return "\n".join(f"{asked} -> {answer.text.strip()}" for asked, answer in lines)

    return sample
