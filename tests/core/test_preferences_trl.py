"""preferences against TRL: the same losses and gradients from TRL's own trainers.

Their trainers are built, but not run: `compute_loss` gets the rows that we use.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from course_lib.preferences import (
    Pair,
    RewardModel,
    bradley_terry_loss,
    dpo_loss,
    frozen_copy,
    pair_rows,
    rows_of,
    scored,
    surrogate,
)

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

V, END, PAD = 20, 18, 19
PAIRS = [
    Pair([1, 2, 3], [4, 5, END], [6, END]),
    Pair([7], [8, END], [9, 10, 11, 12, END]),
    Pair([13, 14], [15, 16, 17, END], [15, END]),
]


@pytest.fixture(scope="module")
def trl() -> Any:
    """The library, imported quietly."""
    library = pytest.importorskip("trl")
    library.DPOTrainer, library.GRPOTrainer, library.RewardTrainer  # noqa: B018
    return library


@pytest.fixture(scope="module")
def tokenizer(trl: Any) -> Any:
    """Words "w0" to "w17", <end> and <pad>."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = {f"w{i}": i for i in range(18)} | {"<end>": END, "<pad>": PAD}
    inner = Tokenizer(models.WordLevel(words, unk_token="<pad>"))
    inner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, eos_token="<end>", pad_token="<pad>"
    )


def gpt2(kind: str, seed: int = 0) -> Any:
    """A tiny GPT-2 of transformers in which every weight matters."""
    import transformers

    config = transformers.GPT2Config(
        vocab_size=V, n_positions=16, n_embd=16, n_layer=1, n_head=2, num_labels=1,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
        bos_token_id=END, eos_token_id=END, pad_token_id=PAD,
    )  # fmt: skip
    model = getattr(transformers, kind)(config)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(0.5 * torch.randn(weight.shape, generator=generator))
    return model.eval()


class Ours(nn.Module):
    """A model of transformers as a model of sequences: tokens to logits or features."""

    def __init__(self, theirs: Any) -> None:
        super().__init__()
        self.theirs = theirs

    def forward(self, tokens: Tensor, *, features: bool = False) -> Tensor:
        if features:
            return self.theirs.transformer(tokens).last_hidden_state
        return self.theirs(tokens).logits


def trainer(trl: Any, name: str, rows: Sequence[dict], folder: Path, **how: Any) -> Any:
    """A trainer that was set up as a user would, on the CPU, without a run."""
    from datasets import IterableDataset

    settings = {"output_dir": str(folder), "use_cpu": True, "bf16": False}
    settings |= {"report_to": "none", "max_steps": 1, **how.pop("settings", {})}
    return getattr(trl, f"{name}Trainer")(
        args=getattr(trl, f"{name}Config")(**settings),
        train_dataset=IterableDataset.from_generator(lambda: iter(rows)),
        **how,
    )


def slopes(loss: Tensor, model: nn.Module) -> list[Tensor]:
    weights = [p for p in model.parameters() if p.requires_grad]
    found = torch.autograd.grad(loss, weights, allow_unused=True)
    return [torch.zeros(1) if slope is None else slope for slope in found]


def assert_same(ours: Callable[[], Tensor], theirs: Tensor, model: nn.Module) -> None:
    """The same loss and the same gradient of every weight."""
    theirs_slopes, loss = slopes(theirs, model), ours()
    torch.testing.assert_close(loss, theirs, rtol=1e-5, atol=1e-6)
    assert max(slope.abs().max() for slope in theirs_slopes) > 1e-2
    for our, their in zip(slopes(loss, model), theirs_slopes, strict=True):
        torch.testing.assert_close(our, their, rtol=1e-4, atol=1e-5)


def in_words(tokens: Sequence[int]) -> str:
    return "".join(f" w{token}" for token in tokens if token != END)


def text_pairs() -> list[dict[str, str]]:
    """With the spaces that TRL wants between prompt and answer, and no end marks."""
    return [
        {side: in_words(tokens) for side, tokens in pair._asdict().items()}
        for pair in PAIRS
    ]


@pytest.mark.parametrize("beta", [0.1, 0.7])
def test_dpo_is_theirs(trl: Any, tokenizer: Any, tmp_path: Path, beta: float) -> None:
    policy, reference = gpt2("GPT2LMHeadModel"), gpt2("GPT2LMHeadModel", seed=1)
    theirs = trainer(
        *(trl, "DPO", text_pairs(), tmp_path),
        settings={"beta": beta},
        model=policy,
        ref_model=reference,
        processing_class=tokenizer,
    )
    rows = list(theirs.train_dataset)  # they add the end marks
    keys = ("prompt_ids", "chosen_ids", "rejected_ids")
    assert [tuple(row[key] for key in keys) for row in rows] == PAIRS
    their_loss = theirs.compute_loss(theirs.model, theirs.data_collator(rows))

    def ours() -> Tensor:
        sides = scored(Ours(policy), pair_rows(PAIRS)).total.chunk(2)
        before = scored(frozen_copy(Ours(reference)), pair_rows(PAIRS)).total.chunk(2)
        return dpo_loss(*sides, *before, beta=beta)[0]

    assert_same(ours, their_loss, policy)


def test_the_reward_loss_is_theirs(trl: Any, tokenizer: Any, tmp_path: Path) -> None:
    model = gpt2("GPT2ForSequenceClassification")
    texts = text_pairs()
    theirs = trainer(
        trl, "Reward", texts, tmp_path, model=model, processing_class=tokenizer
    )
    rows = [
        {"chosen_ids": p.prompt + p.chosen, "rejected_ids": p.prompt + p.rejected}
        for p in PAIRS
    ]
    their_loss = theirs.compute_loss(theirs.model, theirs.data_collator(rows))
    reward = RewardModel(Ours(model), 16)
    reward.backbone.theirs = model  # not the copy
    reward.head.weight, reward.head.bias = model.score.weight, None

    def ours() -> Tensor:
        return bradley_terry_loss(*reward(pair_rows(PAIRS)).chunk(2))

    assert_same(ours, their_loss, model)


def not_the_second(answer: Sequence[int]) -> list[bool]:
    return [i != 1 for i in range(len(answer))]


def grpo_trainer(trl: Any, tokenizer: Any, policy: Any, folder: Path) -> Any:
    """With the mean over all tokens, as ours, and without their estimate of the KL."""
    settings = {"loss_type": "bnpo", "beta": 0.0, "epsilon": 0.2}
    return trainer(
        *(trl, "GRPO", [{"prompt": "w1 w2"}] * 4, folder),
        settings={**settings, "num_generations": 2, "per_device_train_batch_size": 4},
        model=policy,
        reward_funcs=lambda completions, **_: [0.0] * len(completions),
        processing_class=tokenizer,
    )


@pytest.mark.parametrize("tools", [False, True])
def test_the_clipped_loss_is_theirs(
    trl: Any, tokenizer: Any, tmp_path: Path, tools: bool
) -> None:
    policy, generator = gpt2("GPT2LMHeadModel"), torch.Generator().manual_seed(2)
    prompts = [[1, 2], [3, 4], [5, 6], [7, 8]]
    answers = [[9, 10, 11, END], [12, END], [13, 14, 15, 16], [17, 9, END]]
    advantages = torch.tensor([1.0, -0.5, -2.0, 0.7])
    written = {"mask_of": not_the_second} if tools else {}
    rows = rows_of(prompts, answers, **written)
    with torch.no_grad():
        moved = 0.3 * torch.randn(rows.tokens[:, 1:].shape, generator=generator)
        old_log_p = scored(Ours(policy), rows).picked - moved
    assert not (abs(moved.exp() - 1) < 0.2).all()  # some are outside the clip
    theirs = grpo_trainer(trl, tokenizer, policy, tmp_path)
    filled = rows_of(prompts, answers).loss_mask[:, 2:].long()
    inputs = {
        "prompt_ids": torch.tensor(prompts),
        "prompt_mask": torch.ones(4, 2, dtype=torch.int64),
        "completion_ids": rows.tokens[:, 2:],
        "completion_mask": filled,
        "old_per_token_logps": old_log_p[:, 1:],
        "advantages": advantages,
    }
    if tools:
        inputs["tool_mask"] = rows.loss_mask[:, 2:].long()
    their_loss = theirs.compute_loss(theirs.model.eval(), inputs)

    def ours() -> Tensor:
        now = scored(Ours(policy), rows)
        gain = surrogate(now.picked, old_log_p, advantages, clip=0.2)
        return -(gain * now.loss_mask).sum() / now.loss_mask.sum()

    assert_same(ours, their_loss, policy)
