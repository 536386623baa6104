"""Writing with a GPT: against the plain loop without a cache, row by row."""

import math
from collections import Counter
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from course_lib.cache import KVCache
from course_lib.engine.decoder import Decoder
from course_lib.generate import generate, stream
from course_lib.gpt import GPT, GPTConfig
from course_lib.lens import heads_off
from course_lib.sampling import Dice, next_probs

SIZES = {"vocab_size": 30, "context_size": 16, "emb_dim": 32, "n_layers": 2}
CONFIGS = {
    "rotary": GPTConfig(**SIZES),
    "rotary, plain": GPTConfig(**SIZES, qk_norm=False, norm="rms", tied=False),
    "learned": GPTConfig(
        **SIZES, positions="learned", qk_norm=False, bias=True, activation="gelu_tanh"
    ),
    "learned, qk-norm": GPTConfig(
        **SIZES, positions="learned", activation="relu_squared", dropout=0.2
    ),
}
PROMPTS = [[3, 1, 4, 1, 5, 9, 2, 6], [7], [2, 7, 1]]


def dice(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def stirred(config: GPTConfig) -> GPT:
    """A model with no weight at rest: all parts take part."""
    model = GPT(config, dice()).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.15 * torch.randn(weight.shape, generator=dice(weight.numel()))
    return model


MODELS = {name: stirred(config) for name, config in CONFIGS.items()}
every_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
MODEL = MODELS["rotary"]


@torch.no_grad()
def greedy_loop(model: GPT, prompt: list[int], n: int) -> list[int]:
    """The definition: read all from the start for each token, no cache."""
    text = list(prompt)
    for _ in range(n):
        text.append(int(model(torch.tensor([text]))[0, -1].argmax()))
    return text[len(prompt) :]


@every_model
@torch.inference_mode()
def test_the_decoder_gives_the_logits_of_the_model(model: GPT) -> None:
    tokens = torch.randint(30, (3, 16), generator=dice(1))
    cache = KVCache(model.config.cache_shape, 3)
    model(tokens[:, :5], cache)
    decoder = Decoder(model, cache)
    steps = [decoder(tokens[:, t]) for t in range(5, 16)]
    assert_close(torch.stack(steps, 1), model(tokens)[:, 5:], atol=1e-5, rtol=0)
    with pytest.raises(ValueError, match="the cache has 16 columns and all are filled"):
        decoder(tokens[:, 0])


@every_model
@torch.inference_mode()
def test_the_decoder_reads_ragged_rows_as_if_alone(model: GPT) -> None:
    texts = [torch.randint(30, (n,), generator=dice(n)) for n in (16, 11, 9)]
    heads = [text[:-8] for text in texts]
    n_pad = torch.tensor([8 - len(head) for head in heads])
    cache = KVCache(model.config.cache_shape, 3, size=16, n_pad=n_pad)
    rows = torch.zeros(3, 8, dtype=torch.int64)
    for row, head, pad in zip(rows, heads, n_pad, strict=True):
        row[pad:] = head
    first = model(rows, cache, last_only=True)[:, 0]
    decoder = Decoder(model, cache)
    tails = torch.stack([text[-8:] for text in texts], 1)
    logits = torch.stack([first, *map(decoder, tails)], 1)
    alone = torch.stack([model(text[None])[0, -9:] for text in texts])
    assert_close(logits, alone, atol=1e-5, rtol=0)


@every_model
def test_greedy_text_is_that_of_the_plain_loop(model: GPT) -> None:
    written = generate(model, PROMPTS, max_new_tokens=8, temperature=0)
    assert written == [greedy_loop(model, prompt, 8) for prompt in PROMPTS]


def test_a_short_row_writes_on_when_a_long_one_is_full() -> None:
    written = generate(MODEL, PROMPTS, max_new_tokens=99, temperature=0)
    assert [len(row) for row in written] == [9, 16, 14]  # the last token is not read
    assert written == [
        greedy_loop(MODEL, prompt, len(row))
        for prompt, row in zip(PROMPTS, written, strict=True)
    ]


@every_model
@pytest.mark.parametrize("when_full", ["stop", "slide"])
def test_a_row_writes_the_same_in_any_company(model: GPT, when_full: str) -> None:
    options = {"max_new_tokens": 25, "when_full": when_full, "temperature": 1.3}
    together = generate(model, PROMPTS, seeds=[5, 6, 7], **options)
    for i, prompt in enumerate(PROMPTS):
        assert generate(model, [prompt], seeds=[5 + i], **options) == [together[i]]
    backwards = generate(model, PROMPTS[::-1], seeds=[7, 6, 5], **options)
    assert backwards[::-1] == together
    assert generate(model, PROMPTS, seeds=5, **options) == together


def test_the_same_seed_writes_the_same_however_long() -> None:
    long = generate(MODEL, [[1]], max_new_tokens=15, seeds=3)[0]
    assert generate(MODEL, [[1]], max_new_tokens=6, seeds=3)[0] == long[:6]
    assert generate(MODEL, [[1]], max_new_tokens=15, seeds=4)[0] != long
    fresh = {tuple(generate(MODEL, [[1]], max_new_tokens=15)[0]) for _ in range(3)}
    assert len(fresh) == 3


def sliding_loop(model: GPT, prompt: list[int], n: int) -> list[int]:
    """The definition of sliding: at a full window go on with its newer half."""
    size, window, written = model.config.context_size, list(prompt), []
    for _ in range(n):
        written += greedy_loop(model, window, 1)
        window.append(written[-1])
        if len(window) > size:
            window = window[-(size // 2) :]
    return written


@every_model
def test_sliding_forgets_the_older_half(model: GPT) -> None:
    written = generate(
        model, PROMPTS, max_new_tokens=40, temperature=0, when_full="slide"
    )
    assert written == [sliding_loop(model, prompt, 40) for prompt in PROMPTS]


def test_stop_tokens_end_a_row_and_are_not_written() -> None:
    free = generate(MODEL, PROMPTS, max_new_tokens=8, temperature=0)
    stop = [free[0][3], free[2][0]]
    cut = generate(MODEL, PROMPTS, max_new_tokens=8, temperature=0, stop_tokens=stop)
    for row, whole in zip(cut, free, strict=True):
        ends = [i for i, token in enumerate(whole) if token in stop]
        assert row == whole[: min(ends, default=None)]
    assert cut[2] == []


def test_a_stream_shows_each_step_and_none_for_rows_that_have_ended() -> None:
    def two(row: int, written: list[int]) -> bool:
        return row == 1 and len(written) == 2

    steps = list(stream(MODEL, PROMPTS, max_new_tokens=4, ended=two, temperature=0))
    assert [step[1] is None for step in steps] == [False, False, True, True]
    rows = generate(MODEL, PROMPTS, max_new_tokens=4, temperature=0)
    assert [[step[0] for step in steps], [step[2] for step in steps]] == rows[::2]


def chi2(tokens: list[int], probs: Tensor) -> float:
    counts, n = Counter(tokens), len(tokens)
    assert all(probs[token] > 0 for token in counts)
    kept = [i for i, p in enumerate(probs.tolist()) if p > 0]
    return sum((counts[i] - n * probs[i].item()) ** 2 / (n * probs[i]) for i in kept)


@pytest.mark.parametrize(
    "knobs",
    [
        {},
        {"temperature": 0.5},
        {"top_k": 5},
        {"top_p": 0.8, "temperature": 2.0},
        {"min_p": 0.3},
        {"top_k": 9, "top_p": 0.9, "min_p": 0.1, "temperature": 1.5},
    ],
)
def test_tokens_occur_as_often_as_next_probs_says(knobs: dict) -> None:
    logits = torch.randn(30, generator=dice(2))
    n = 4000
    throws = Dice([[]] * n, list(range(n)), 30, **knobs)
    tokens = throws.draw(logits.expand(n, 30)).tolist()
    tokens += throws.draw(logits.expand(n, 30)).tolist()
    probs = next_probs(logits, **knobs)
    freedom = max(1, int((probs > 0).sum()) - 1)
    assert chi2(tokens, probs) < freedom + 4 * math.sqrt(2 * freedom) + 4


@pytest.mark.parametrize("temperature", [1e-3, 1e-300])
def test_dice_survive_a_tiny_temperature(temperature: float) -> None:
    logits = torch.tensor([[3.0, 90.0, 80.0, -math.inf]])
    assert Dice([[]], [0], 4, temperature=temperature).draw(logits).item() == 1


@pytest.mark.parametrize("knobs", [{"top_k": 1}, {"top_k": 7}, {"top_p": 0.5}])
@pytest.mark.parametrize("V", [40, 41])
def test_of_tied_logits_the_lower_index_goes_first(knobs: dict, V: int) -> None:
    steps = torch.tensor([0.0, 1.0, 1.0, 0.0]).repeat(11)[:V]  # two heights, tied
    for logits in (torch.zeros(V), steps):
        probs = next_probs(logits, **knobs)
        n = 300
        drawn = Dice([[]] * n, list(range(n)), V, **knobs).draw(logits.expand(n, V))
        assert set(drawn.tolist()) == set(probs.nonzero().flatten().tolist())


def test_the_best_one_is_the_greedy_one_also_in_bfloat16() -> None:
    logits = torch.randn(200, 5000, generator=dice(6)).bfloat16()
    best = logits.topk(2).values
    assert (best[:, 0] == best[:, 1]).any()  # there are ties at the top
    seeds, texts = list(range(200)), [[]] * 200
    greedy = Dice(texts, seeds, 5000, temperature=0).draw(logits)
    assert greedy.tolist() == [row.index(max(row)) for row in logits.tolist()]
    assert Dice(texts, seeds, 5000, top_k=1).draw(logits).equal(greedy)


def test_half_precision_logits_reach_every_token() -> None:
    V, n = 600, 4000
    logits = torch.zeros(1, V).bfloat16().expand(n, V)
    drawn = Dice([[]] * n, list(range(n)), V).draw(logits)
    assert len(set(drawn.tolist())) > 0.98 * V


@pytest.mark.parametrize(
    "knobs", [{}, {"temperature": 0}, {"temperature": 9}, {"top_k": 3}, {"min_p": 0.1}]
)
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_logits_that_are_no_numbers_give_no_token(knobs: dict, bad: float) -> None:
    logits = torch.zeros(2, 5)
    if bad == -math.inf:
        logits[1] = bad  # no token is left
    else:
        logits[1, 2] = bad
    with pytest.raises(ValueError, match="the model's logits are not numbers"):
        Dice([[], []], [0, 1], 5, **knobs).draw(logits)
    with pytest.raises(ValueError, match="the model's logits are not numbers"):
        next_probs(logits, **knobs)


@pytest.mark.parametrize("knobs", [{}, {"temperature": 0}, {"top_k": 4}, {"top_p": 1}])
def test_a_token_with_logit_minus_infinity_is_never_drawn(knobs: dict) -> None:
    logits = torch.tensor([-math.inf, 0.0, -math.inf, -9.0, -math.inf])
    n = 200
    drawn = Dice([[]] * n, list(range(n)), 5, **knobs).draw(logits.expand(n, 5))
    assert set(drawn.tolist()) <= {1, 3}
    assert next_probs(logits, **knobs)[[0, 2, 4]].sum() == 0


@pytest.mark.parametrize("knobs", [{}, {"temperature": 0}, {"top_k": 2}])
def test_a_model_that_breaks_while_it_writes_is_said(knobs: dict) -> None:
    model = stirred(CONFIGS["learned"])
    with torch.no_grad():
        model.position_embedding.weight[3] = math.nan  # not among the first readings
    assert len(generate(model, [[1, 2]], max_new_tokens=2, **knobs)[0]) == 2
    with pytest.raises(ValueError, match="logits are not numbers"):
        generate(model, [[1, 2]], max_new_tokens=3, **knobs)


@pytest.mark.parametrize(
    "knobs",
    [
        {"temperature": 0},
        {"temperature": 50.0},
        {"temperature": 50.0, "top_k": 26},
        {"temperature": 50.0, "top_p": 0.99},
        {"temperature": 50.0, "min_p": 0.01, "repetition_penalty": 1.5},
    ],
)
def test_rows_that_only_pad_the_embedding_are_never_drawn(knobs: dict) -> None:
    model = stirred(CONFIGS["rotary"])
    with torch.no_grad():
        model.embedding.weight[26:] *= 50  # four rows that would often be the largest
    options = {"max_new_tokens": 12, "seeds": 0, **knobs}
    prompts = [[1 + i] for i in range(20)]
    padded = generate(model, prompts, **options, vocab_size=26)
    assert max(max(row) for row in padded) < 26
    options["top_k"] = None
    assert max(max(row) for row in generate(model, prompts, **options)) >= 26


def test_min_p_is_a_share_of_the_largest() -> None:
    logits = torch.tensor([0.5, 0.25, 0.15, 0.1]).log()
    assert_close(next_probs(logits, min_p=0.4), torch.tensor([2, 1, 0, 0]) / 3)
    assert_close(next_probs(logits, min_p=1.0), torch.tensor([1.0, 0, 0, 0]))


def test_repetition_penalty_is_that_of_hugging_face() -> None:
    transformers = pytest.importorskip("transformers")
    theirs = transformers.RepetitionPenaltyLogitsProcessor(penalty=1.7)
    logits = torch.randn(2, 30, generator=dice(3))
    texts = [[1, 2, 3], [4, 4, 5]]
    expected = theirs(torch.tensor(texts), logits.clone()).argmax(-1)
    ours = Dice(texts, [0, 1], 30, temperature=0, repetition_penalty=1.7)
    assert ours.draw(logits).equal(expected)


def test_repetition_penalty_breaks_a_loop() -> None:
    free = generate(MODEL, [[1]], max_new_tokens=16, temperature=0)[0]
    guarded = generate(
        MODEL, [[1]], max_new_tokens=16, temperature=0, repetition_penalty=1e6
    )[0]
    assert len(set(guarded)) == 16 > len(set(free))


def test_a_long_prompt_is_refused_or_cut_and_said() -> None:
    long = [token % 30 for token in range(20)]
    with pytest.raises(ValueError, match=r"prompt 2 has 20 tokens and .* reads 16"):
        generate(MODEL, [[1], long], max_new_tokens=4)
    told: list[tuple[int, list[int]]] = []
    cut = generate(
        MODEL,
        [[1], long],
        max_new_tokens=4,
        temperature=0,
        dropped=lambda row, tokens: told.append((row, tokens)),
    )
    assert told == [(1, long[:8])]
    assert cut[1] == greedy_loop(MODEL, long[8:], 4)


def test_a_prompt_may_fill_the_context() -> None:
    full = list(range(16))
    assert generate(MODEL, [full], max_new_tokens=5, temperature=0) == [
        greedy_loop(MODEL, full, 1)
    ]


@pytest.mark.parametrize(
    ("prompts", "options", "message"),
    [
        ([], {}, "there are no prompts"),
        ([[1], []], {}, "prompt 2 is empty"),
        ([[1], [5, 30]], {}, r"prompt 2 holds token 30: this model knows 0 \.\. 29"),
        ([[-1]], {}, "prompt 1 holds token -1"),
        ([[1]], {"max_new_tokens": 0}, "max_new_tokens is 0"),
        ([[1]], {"when_full": "wait"}, "when_full is 'wait'"),
        ([[1]], {"seeds": [1, 2]}, "there are 2 seeds for 1 prompts"),
        ([[1]], {"top_k": 31}, r"top_k is 31: use 1 \.\. 30"),
        ([[1]], {"min_p": 0}, r"min_p is 0: use a number in \(0, 1\]"),
        ([[1]], {"repetition_penalty": 0}, "repetition_penalty is 0"),
        ([[1]], {"repetition_penalty": 1e300}, "1e\\+300: .* at most 1,000,000"),
        ([[1]], {"vocab_size": 31}, "vocab_size is 31: this model has rows for 30"),
        ([[1]], {"vocab_size": 9, "top_k": 10}, r"top_k is 10: use 1 \.\. 9"),
        ([[1]], {"temperature": -1}, "temperature is -1"),
    ],
)
def test_bad_requests_are_named(
    prompts: list[list[int]], options: dict, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        generate(MODEL, prompts, **{"max_new_tokens": 3, **options})


def test_broken_weights_are_said() -> None:
    model = stirred(CONFIGS["rotary"])
    with torch.no_grad():
        model.blocks[0].up.weight[0, 0] = math.nan
    with pytest.raises(ValueError, match="logits are not numbers"):
        generate(model, [[1]], max_new_tokens=3)


def test_a_model_in_training_is_put_back_even_if_the_stream_is_left() -> None:
    model = MODELS["learned, qk-norm"].train()
    steps: Iterator = stream(model, [[1]], max_new_tokens=5, temperature=0)
    first = next(steps)
    assert not model.training
    steps.close()
    assert model.training
    assert [first] == generate(model.eval(), [[1]], max_new_tokens=1, temperature=0)
    assert all(weight.requires_grad for weight in model.parameters())


def test_hooks_are_asked() -> None:
    free = generate(MODEL, PROMPTS, max_new_tokens=8, temperature=0)
    with heads_off(MODEL, [(0, 0), (1, 1)]):
        silent = generate(MODEL, PROMPTS, max_new_tokens=8, temperature=0)
        loops = [greedy_loop(MODEL, prompt, 8) for prompt in PROMPTS]
    assert silent == loops != free
