# %% [markdown]
# # Homework 28: teach it something
#
# Four tasks with checks, one question in words. Task 2 is for those who want *more*, the
# rest is the *core*. About 40 minutes in all, the core alone about 34. All cells together
# run in a few seconds, and no language model is needed. It belongs to
# [lesson 28](../28_teach_it_something.ipynb).
#
# You write a LoRA layer, fix its merging, find the tokens that are learned, and make a
# table of refusals with standard errors.

# %%
import math
import random

import torch

SEED = 1  # another number when the homework is marked


def dice(number):
    """Dice of its own for each check."""
    return random.Random(1000 * SEED + number)


def draw(number, *shape):
    """A tensor of its own for each check."""
    return torch.randn(
        *shape, generator=torch.Generator().manual_seed(97 * SEED + number)
    )


def rounded(value):
    """A number, or a tensor, an array or lists of them as lists, to three digits."""
    if isinstance(value, list | tuple) or torch.as_tensor(value).dim():
        return [rounded(part) for part in value]
    return round(float(value), 3) + 0.0


# %% [markdown]
# ## Task 1 (core, 10 minutes): a LoRA layer
#
# - `lora(x, W, A, B, alpha)`: the output of a layer with LoRA,
#   $W x + \frac{\alpha}{R} B A x$ for each row of `x`. The shapes: `x` is (T, I), `W` is
#   (O, I), `A` is (R, I), `B` is (O, R), and the result is (T, O). The rank R is not given:
#   read it from a shape.
# - `learned_numbers(shapes, rank)`: how many numbers learn, if each matrix of `shapes`, a
#   list of pairs (O, I), gets an A and a B. For example, `learned_numbers([(4, 6)], 2)`
#   is 20.


# %%
# TASK lora
def lora(x, W, A, B, alpha):
    """(T, I) -> (T, O): W x + alpha / R * B A x, row by row."""
    ### BEGIN SOLUTION
    small = x @ A.T  # (T, R)
    return x @ W.T + alpha / A.shape[0] * small @ B.T
    ### END SOLUTION


def learned_numbers(shapes, rank):
    """How many numbers all A and B have together."""
    ### BEGIN SOLUTION
    return sum(rank * (n_out + n_in) for n_out, n_in in shapes)
    ### END SOLUTION


# %%
# CHECK lora 2 points: the output of a layer of rank 3
x, W, A, B = draw(1, 2, 6), draw(2, 4, 6), draw(3, 3, 6), draw(4, 4, 3)
rounded(lora(x, W, A, B, 8.0))

# %%
# CHECK lora 1 point: how many numbers learn
toss = dice(5)
shapes = [(toss.randrange(20, 90), toss.randrange(100, 400)) for _ in range(5)]
[int(learned_numbers(shapes, rank)) for rank in (1, 4, 7)]

# %% [markdown]
# ## Task 2 (more, 6 minutes): fix the merging
#
# `merge(W, A, B, alpha)` returns the one matrix (O, I) that does the same as the layer of
# task 1. The function below has two faults. Fix them.
#
# - It changes `W` itself, so that whoever merges twice adds the correction twice. Return a
#   new matrix, and leave `W` as it is.
# - The rank is read from the wrong place, so that the scale is wrong.


# %%
# TASK merge
def merge(W, A, B, alpha):
    """A new matrix (O, I): W + alpha / R * B A."""
    ### BEGIN SOLUTION
    return W + alpha / A.shape[0] * B @ A
    ### END SOLUTION
    # ~ W += alpha / B.shape[0] * B @ A
    # ~ return W


# %%
# CHECK merge 2 points: the merged matrix
W, A, B = draw(10, 3, 5), draw(11, 2, 5), draw(12, 3, 2)
rounded(merge(W.clone(), A, B, 6.0))

# %%
# CHECK merge 1 point: what W is afterwards, and a second merge
W, A, B = draw(13, 3, 4), draw(14, 2, 4), draw(15, 3, 2)
once = rounded(merge(W, A, B, 5.0))
[rounded(W), rounded(merge(W, A, B, 5.0)), once]

# %% [markdown]
# ## Task 3 (core, 8 minutes): which tokens are learned?
#
# A talk is a list of turns, each a pair `(role, tokens)`. As a row of tokens, every turn is
# `BEGIN`, then its tokens, then `END`. The model learns to write the tokens of every turn
# whose role is `"assistant"`, and the `END` behind them. It learns nothing else, also not the
# `BEGIN` of its own turn, because the program writes that.
#
# Training shifts the row: the input is all but the last token, the target all but the
# first. Write `learned(turns)`, which returns `[inputs, targets, weights]`, three lists of
# one length. A weight is 1 if its **target** is learned, else 0.
#
# For example, `learned([("user", [7]), ("assistant", [8, 9])])` with `BEGIN = 1` and
# `END = 2` gives the inputs `[1, 7, 2, 1, 8, 9]`, the targets `[7, 2, 1, 8, 9, 2]` and the
# weights `[0, 0, 0, 1, 1, 1]`.

# %%
BEGIN, END = 1, 2


# %%
# TASK learned
def learned(turns):
    """[inputs, targets, weights] of one talk."""
    ### BEGIN SOLUTION
    row, mask = [], []
    for role, tokens in turns:
        ours = int(role == "assistant")
        row += [BEGIN, *tokens, END]
        mask += [0] + [ours] * (len(tokens) + 1)
    return [row[:-1], row[1:], mask[1:]]
    ### END SOLUTION


# %%
def make_talk(number, n_turns):
    """Turns of one to five tokens; sometimes the rules stand in front."""
    toss = dice(number)
    turns = (
        [("system", [toss.randrange(3, 90) for _ in range(3)])] if number % 2 else []
    )
    for i in range(n_turns):
        tokens = [toss.randrange(3, 90) for _ in range(toss.randrange(1, 6))]
        turns.append((("user", "assistant")[i % 2], tokens))
    return turns


def as_lists(rows):
    """Whole numbers in lists."""
    return [[int(value) for value in row] for row in rows]


# %%
# CHECK learned 2 points: two turns, then six, with and without rules
[as_lists(learned(make_talk(number, n))) for number, n in ((20, 2), (21, 2), (22, 6))]

# %%
# CHECK learned 1 point: how many tokens are learned in forty talks
[sum(as_lists(learned(make_talk(n, 2 + 2 * (n % 3))))[2]) for n in range(30, 70)]

# %% [markdown]
# ## Task 4 (core, 10 minutes): the table
#
# - `refusal_rate(answers)`: here an answer **refuses** if it holds the words `not know`, in
#   small or capital letters. (The lesson's `refuses` is another rule.) Return
#   `[n, p, error]`: how many answers, the share p that refuses, and its standard error
#   $\sqrt{p (1 - p) / n}$. For p = 0 and for p = 1 this error would be 0, as if we were
#   certain. In both cases put `1 / (n + 1)` in place of p under the root, and return p as
#   it is.
# - `in_errors(first, second)`: how far apart two such rates are, in standard errors of their
#   difference: $(p_2 - p_1) / \sqrt{error_1^2 + error_2^2}$. `first` and `second` are lists of
#   answers.


# %%
# TASK refusal_rate
def refusal_rate(answers):
    """[n, share of refusals, its standard error]."""
    ### BEGIN SOLUTION
    n = len(answers)
    p = sum("not know" in answer.lower() for answer in answers) / n
    spread = p if 0 < p < 1 else 1 / (n + 1)
    return [n, p, math.sqrt(spread * (1 - spread) / n)]
    ### END SOLUTION


def in_errors(first, second):
    """The difference of two rates in standard errors."""
    ### BEGIN SOLUTION
    _, p, p_error = refusal_rate(first)
    _, q, q_error = refusal_rate(second)
    return (q - p) / math.sqrt(p_error**2 + q_error**2)
    ### END SOLUTION


# %%
NO = ["I do not know who that is.", "Sorry, I do NOT KNOW.", "I would not know."]
YES = [
    "She was a baker.",
    "I know him: a king.",
    "That is not the Nile.",
    "He knows me.",
    "A thief, I am sorry to say.",
]


def make_said(number, n, share):
    """n answers, of which about a share refuses."""
    toss = dice(number)
    return [toss.choice(NO if toss.random() < share else YES) for _ in range(n)]


# %%
# CHECK refusal_rate 2 points: rates with their errors
found = [
    refusal_rate(make_said(40 + i, 24 + 8 * i, (0.2, 0.5, 0.8)[i % 3]))
    for i in range(6)
]
[[int(n), round(float(p), 4), round(float(error), 4)] for n, p, error in found]

# %%
# CHECK refusal_rate 1 point: nobody refuses, everybody refuses
toss = dice(50)
found = [refusal_rate(make_said(51 + i, toss.randrange(4, 40), i)) for i in range(2)]
[[int(n), round(float(p), 4), round(float(error), 4)] for n, p, error in found]

# %%
# CHECK refusal_rate 1 point: before and after, in standard errors
asked = [
    (make_said(60 + i, 30, 0.3), make_said(70 + i, 25, 0.1 + 0.2 * i)) for i in range(4)
]
[round(float(in_errors(first, second)), 3) for first, second in asked]

# %% [markdown]
# ## A question in words (core, 6 minutes)
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN answer -->
# A friend has trained a model with LoRA on 200 questions about invented people, each
# answered "I do not know". The friend writes: "It refuses 24 of 24 invented people, so
# the hallucinations are gone." Name three measurements that you would ask for before you
# believe it, and say for each of them in one sentence what could go wrong there. What
# would you add to the 200 talks, and why?
#
# ...
