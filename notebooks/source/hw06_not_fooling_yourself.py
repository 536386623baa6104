# %% [markdown]
# # Homework 6: not fooling yourself
#
# Four tasks with checks, and one question in words. It belongs to
# [lesson 6](../06_not_fooling_yourself.ipynb).
#
# | task | what it trains | minutes |
# |---|---|---|
# | 1 *core* | fix a split that leaks | 15 |
# | 2 *core* | how low a loss can get | 20 |
# | 3 *core* | interpolation | 20 |
# | 4 *more* | a standard error, and who is ahead | 30 |
#
# About 95 minutes in all, with 10 for the question at the end; the core alone about 65.
# All cells together run in a few seconds.
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is correct and, if not, what kind of
# mistake it looks like. What counts is the saved file, so save before you hand it in.
# `python3 start.py check hw06` says what the file is worth.

# %%
# NEEDS data/names.txt
import hashlib
import math
from collections import Counter
from pathlib import Path

import torch

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked
LETTERS = ".abcdefghijklmnopqrstuvwxyz"
NAMES = Path("../../data/names.txt").read_text(encoding="utf-8").split()


def seeded(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


def draw_names(number, n):
    """n different names from the list."""
    order = torch.randperm(len(NAMES), generator=seeded(number)).tolist()
    return [NAMES[i] for i in order[:n]]


# %% [markdown]
# As in homework 5, a question is a pair of strings: the context of `k` letters, and the
# letter that came.


# %%
def questions(names, k):
    """Every (context of k letters, next letter) in the names, in order."""
    pairs = []
    for name in names:
        path = "." * k + name + "."
        pairs += [(path[i : i + k], path[i + k]) for i in range(len(name) + 1)]
    return pairs


questions(["asha"], 2)

# %% [markdown]
# ## Task 1 (core): fix a split that leaks
#
# Real lists hold some names several times. Here is such a list, and a program that
# splits its questions: nine tenths to count, one tenth held out. To decide by chance,
# and yet always in the same way, it uses `tenth`, a number from 0 to 9 that depends on
# a text.


# %%
def tenth(text):
    """A number from 0 to 9 that depends on the text alone, as if it were drawn."""
    return hashlib.sha256(f"{SEED} {text}".encode()).digest()[0] % 10


def crowd(number):
    """700 names, 400 different ones: some are there two or three times."""
    drawn = draw_names(number, 400)
    drawn += drawn[:200] + drawn[:100]
    order = torch.randperm(700, generator=seeded(number + 1)).tolist()
    return [drawn[i] for i in order]


def known_share(train, held_out):
    """The share of held-out questions that, with their answer, are in train too."""
    seen = set(map(tuple, train))
    return sum(tuple(question) in seen for question in held_out) / len(held_out)


# %% [markdown]
# The program puts single questions into the two parts. With its split, six letters of
# memory look excellent on "new" questions. No wonder: run it, and see that about four
# in five of them, with their answers, were counted.
#
#     known_share(*split(crowd(7), 6))
#
# Fix it. **Names** must be kept apart, not questions. All questions of a name are held
# out if `tenth(name)` is 9, else all of them are counted. A name that stands in the
# list three times is asked three times. The answer stays a pair of lists, train and
# held out, as `questions` gives them. (The share will not sink to 0: even a new name
# can begin like a known one.)


# %%
# TASK split
def split(names, context_size):
    """Two lists of questions: to count, and held out."""
    ### BEGIN SOLUTION
    counted = [name for name in names if tenth(name) < 9]
    held_out = [name for name in names if tenth(name) == 9]
    return questions(counted, context_size), questions(held_out, context_size)
    ### END SOLUTION
    # ~ asked = questions(names, context_size)
    # ~ train = [q for i, q in enumerate(asked) if tenth(str(i)) < 9]
    # ~ held_out = [q for i, q in enumerate(asked) if tenth(str(i)) == 9]
    # ~ return train, held_out


# %%
# CHECK split 1 point: how many questions are in each part, for two lists
[[len(part) for part in split(crowd(number), 3)] for number in (7, 9)]

# %%
# CHECK split 2 points: the share of held-out questions known, by letters of memory
[round(known_share(*split(crowd(11), k)), 4) for k in (2, 4, 6)]

# %% [markdown]
# ## Task 2 (core): how low can a loss get?
#
# Somebody reports the training loss of a network that sees `k` letters. Is it possible? You
# need no network to tell. Write two functions.
#
# `floor(names, k)`: the entropy, in nats, of the next letter given the `k` before it,
# counted in these names without any smoothing. It is the mean over all questions, and
# no model that sees `k` letters can have a smaller loss on these names.
#
# `letters_needed(names, claim)`: the smallest `k`, from 0 on, at which a loss of
# `claim` is possible, that is, where the floor is not above the claim. An integer. In
# the checks there is always one.
#
# Small enough to do on paper: `floor(["ab", "ac"], 1)` is about 0.2310 (after `a` there are
# two equally likely answers, all else is certain), and with 0 letters the floor is 1.3297.
# On the whole list, `letters_needed(NAMES, 1.54)` must be 4: who reports a training loss of
# 1.54 with three letters has used another list, or has made a mistake.


# %%
# TASK floor
def floor(names, k):
    """Entropy of the next letter given the k before it, in nats, as a float."""
    ### BEGIN SOLUTION
    pairs = questions(names, k)
    totals = Counter(context for context, _ in pairs)
    counts = Counter(pairs)
    costs = [-n * math.log(n / totals[q[0]]) for q, n in counts.items()]
    return sum(costs) / len(pairs)
    ### END SOLUTION


def letters_needed(names, claim):
    """The smallest memory with which a loss of `claim` is possible, an integer."""
    ### BEGIN SOLUTION
    k = 0
    while floor(names, k) > claim:
        k += 1
    return k
    ### END SOLUTION


# %%
# CHECK floor 1 point: 0 to 4 letters of memory
drawn = draw_names(13, 400)
[round(float(floor(drawn, k)), 4) for k in range(5)]

# %%
# CHECK floor 1 point: twenty claims
claims = (0.9 + 2 * torch.rand(20, generator=seeded(14))).tolist()
drawn = draw_names(13, 400)
[letters_needed(drawn, claim) for claim in claims]

# %% [markdown]
# The floor says what is possible on the names that were counted. Whether a model that
# comes near it is any good, held-out names decide.
#
# ## Task 3 (core): ask the shorter memory
#
# Write `interpolate(names, k, strength)`. Like `ngram` in homework 5 it returns a
# **function**: called with a context of `k` letters and a letter, two strings, it gives the
# probability of the letter after this context, a float.
#
# $$p_k = \frac{\text{count}_k + s \cdot p_{k-1}}{\text{total}_k + s}$$
#
# Here $s$ is the `strength`, a number above 0, and $p_{k-1}$ is the probability of the same
# letter after the context without its **first** letter, found in the same way. When no letter
# of the context is left, the counts are those of all letters, and in place of a shorter
# opinion stands 1/27. The context may be one that never came.
#
# With one name and one letter of memory:
#
#     model = interpolate(["ab"], 1, 1.0)
#     model(".", "a"), model("z", "a")  # about 0.6296, 0.2593
#
# The second one: no context was `z`, so it is what a memory of 0 letters says,
# (1 + 1/27) / (3 + 1).


# %%
# TASK interpolate
def interpolate(names, k, strength):
    """A function (context, letter) -> probability, mixed with all shorter memories."""
    ### BEGIN SOLUTION
    asked = [pair for length in range(k + 1) for pair in questions(names, length)]
    counts = Counter(asked)
    totals = Counter(context for context, _ in asked)

    def prob(context, letter):
        shorter = prob(context[1:], letter) if context else 1 / 27
        count = counts[context, letter]
        return (count + strength * shorter) / (totals[context] + strength)

    return prob
    ### END SOLUTION


# %%
# CHECK interpolate 1 point: two letters of memory, also contexts that never came
model = interpolate(draw_names(15, 100), 2, 3 + SEED % 5)
asked = [("..", "a"), (".s", "h"), ("an", "."), ("an", "z"), ("zq", "a"), ("qa", "n")]
[round(float(model(context, letter)), 4) for context, letter in asked]

# %%
# CHECK interpolate 1 point: without memory, with few names
model = interpolate(draw_names(16, 3), 0, 5.0)
[round(float(model("", letter)), 4) for letter in (".", "a", "n", "z")]


# %%
# For the next check: the mean surprise of a model about some questions.
def surprise(model, asked):
    """The loss in nats for each letter; infinite where the model says 'impossible'."""
    probs = [float(model(context, letter)) for context, letter in asked]
    return sum(-math.log(p) if p > 0 else math.inf for p in probs) / len(probs)


# %%
# CHECK interpolate 1 point: held-out loss with 1, 3 and 5 letters of memory
drawn = draw_names(17, 900)
counted, held_out = drawn[:800], drawn[800:]
models = {k: interpolate(counted, k, 20.0) for k in (1, 3, 5)}
[round(surprise(model, questions(held_out, k)), 3) for k, model in models.items()]

# %% [markdown]
# In homework 5 six letters of memory were much worse than one on names that had not been counted.
# Here the longer memory does no harm. Which strength is the best for your model? Try some.
#
# ## Task 4 (more): how much of it is luck?
#
# Now the losses are given: a list with one entry for each name, and this entry is the list of
# the losses of its letters.


# %%
def draw_losses(number, n):
    """The losses of n names, letter by letter; some names are harder than others."""
    generator = seeded(number)
    lengths = torch.randint(3, 10, (n,), generator=generator).tolist()
    hard = torch.rand(n, generator=generator).tolist()
    letters = [torch.rand(length, generator=generator).tolist() for length in lengths]
    return [[1 + h + 2 * x for x in one] for h, one in zip(hard, letters, strict=True)]


draw_losses(1, 2)

# %% [markdown]
# Write two functions.
#
# `standard_error(losses)` returns a list of two numbers: the **mean loss** per letter, over all
# letters, and its **standard error by names**, with the formula of the lesson. For each name take
# its *surplus*, the sum of its losses minus the mean times the number of its letters. Then
#
# $$\text{standard error} = \frac{\text{standard deviation of the surplus}}{\sqrt{n}}
# / \text{mean number of letters}$$
#
# for $n$ names. The standard deviation is that of torch's `std()`, which divides by $n - 1$.
#
# `lead(a, b)`: two models have read the **same** names. By how many standard errors is `a`
# ahead of `b`? That is the mean of the differences (`b` minus `a`, letter by letter),
# divided by the standard error of these differences. It is positive if `a` has the lower loss.
#
#     standard_error([[1.0, 3.0], [2.0], [4.0, 2.0, 3.0]])  # about [2.5, 0.3819]
#     lead([[1.0, 3.0], [2.0], [4.0]], [[1.0, 4.0], [2.5], [4.0]])  # about 1.7010


# %%
# TASK standard_error
def standard_error(losses):
    """[mean loss of a letter, its standard error by names]."""
    ### BEGIN SOLUTION
    totals = torch.tensor([sum(one) for one in losses], dtype=torch.float64)
    lengths = torch.tensor([len(one) for one in losses], dtype=torch.float64)
    mean = totals.sum() / lengths.sum()
    surplus = totals - mean * lengths
    error = surplus.std() / math.sqrt(len(losses)) / lengths.mean()
    return [mean.item(), error.item()]
    ### END SOLUTION


def lead(a, b):
    """By how many standard errors the losses `a` are ahead of `b`, names paired."""
    ### BEGIN SOLUTION
    differences = [
        [y - x for x, y in zip(of_a, of_b, strict=True)]
        for of_a, of_b in zip(a, b, strict=True)
    ]
    mean, error = standard_error(differences)
    return mean / error
    ### END SOLUTION


# %%
# CHECK standard_error 1 point: the mean and its error, for 12 names and for 200
lists = [draw_losses(19, 12), draw_losses(20, 200)]
[[round(float(x), 4) for x in standard_error(losses)] for losses in lists]

# %%
# CHECK standard_error 2 points: the lead over a slightly worse model and a slightly better
losses = draw_losses(21, 100)
generator = seeded(22)
noise = [torch.randn(len(one), generator=generator).tolist() for one in losses]
pairs = [
    list(zip(one, two, strict=True)) for one, two in zip(losses, noise, strict=True)
]
others = [[[x + c + 0.3 * y for x, y in one] for one in pairs] for c in (0.05, -0.02)]
[round(float(lead(losses, other)), 2) for other in others]

# %% [markdown]
# ## A question in words
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN essays -->
# A school has 300 essays by 40 pupils. You want a model that writes on in the style of
# such an essay, and you want to know how well it will do for a **new** pupil. How do
# you split the data? Name one thing that may still leak. And why would a shuffle of
# single sentences give a better number and a worse answer? Four sentences are enough.
#
# ...
