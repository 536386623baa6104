# %% [markdown]
# # Homework 15: taking a trained model apart
#
# Four tasks with checks, one question in words. Tasks 1 and 2 and the question are the
# *core*. Tasks 3 and 4 are for those who want *more*. About 80 minutes in all, the core
# alone about 35. All cells together run in some seconds. It belongs to
# [lesson 15](../15_taking_apart.ipynb).
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is correct and, if not, what kind of
# mistake it looks like. Your work counts as saved in the file, so save before you hand
# it in; `python3 start.py check hw15` says what the file is worth.

# %%
import math

import torch
from torch.nn import functional as F

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked


def seeded(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


def as_table(value):
    """One tensor of what may also be a list: of numbers, of lists, of tensors."""
    if isinstance(value, list | tuple):
        return torch.stack([as_table(part) for part in value])
    return torch.as_tensor(value)


def noise(*shape, number):
    """Random numbers of this shape, in double precision."""
    return torch.randn(shape, generator=seeded(number)).double()


def between(low, high, number, n=1):
    """n random whole numbers, low <= number < high."""
    return torch.randint(low, high, (n,), generator=seeded(number)).tolist()


def causal_softmax(scores):
    """Attention weights, (..., T, T) -> (..., T, T): rows sum to 1, no look ahead."""
    future = torch.ones_like(scores, dtype=torch.bool).triu(diagonal=1)
    return scores.masked_fill(future, -math.inf).softmax(dim=-1)


# %% [markdown]
# ## Task 1 (core, 15 minutes): a score for each head
#
# `weights` holds the attention weights of H heads in one text of T tokens, (H, T, T): the
# number in row t and column s of a head says how much position t looks at position s.
# Write two functions. Each returns H numbers, as a list or a tensor.
#
# - `previous_token_score(weights)`: the mean weight from a position to the one just
#   before it. Position 0 has none before it and does not count.
# - `induction_score(weights, tokens)`: `tokens` has the T ids of the text. At position t,
#   the *right places* are all positions just after an **earlier** occurrence of the same
#   token as at t. Add up the weights on the right places of t. The score is the mean of
#   this sum over all positions t that have at least one right place.
#
# An example: for `tokens = [7, 4, 7, 7]` position 2 has one right place, 1, because a 7
# stands at 0. Position 3 has two: place 1, after the 7 at 0, and place 3 itself, after
# the 7 at 2. Positions 0 and 1 have none and do not count. So the score of a head is
# (`weights[2, 1]` + `weights[3, 1]` + `weights[3, 3]`) / 2.


# %%
# TASK scores
def previous_token_score(weights):
    """How much each head looks one position back, (H, T, T) -> (H,)."""
    ### BEGIN SOLUTION
    return weights.diagonal(-1, dim1=1, dim2=2).mean(dim=-1)
    ### END SOLUTION


def induction_score(weights, tokens):
    """How much each head looks just after its own token, (H, T, T), (T,) -> (H,)."""
    ### BEGIN SOLUTION
    same = tokens[:, None] == tokens[None, :]
    goals = same.tril(-1).roll(1, dims=1)
    hit = (weights * goals).sum(dim=-1)
    return hit[:, goals.any(dim=-1)].mean(dim=-1)
    ### END SOLUTION


# %%
def random_weights(number, H, T):
    """Attention weights of some heads, (H, T, T)."""
    return causal_softmax(2 * noise(H, T, T, number=number))


# %%
# CHECK scores 1 point: one position back
torch.as_tensor(previous_token_score(random_weights(1, 3, 6)))

# %%
# CHECK scores 2 points: the example above; then a longer text
weights = random_weights(2, 3, 4), random_weights(3, 3, 15)
texts = torch.tensor([7, 4, 7, 7]), torch.tensor(between(0, 4, 4, n=15))
[
    torch.as_tensor(induction_score(w, t)).tolist()
    for w, t in zip(weights, texts, strict=True)
]

# %% [markdown]
# One of these twelve heads looks back, and another one copies. Which are they?

# %%
# CHECK scores 1 point: the best head of each kind; their scores
tokens = torch.tensor(between(0, 5, 5, n=20))
scores = 2 * noise(12, 20, 20, number=6)
neighbour, copier = torch.randperm(12, generator=seeded(7))[:2].tolist()
scores[neighbour] += 9 * torch.eye(20).roll(-1, dims=1)
found = (tokens[:, None] == tokens).tril(-1).roll(1, dims=1)
scores[copier] += 9 * found
both = (
    previous_token_score(causal_softmax(scores)),
    induction_score(causal_softmax(scores), tokens),
)
both = [torch.as_tensor(one) for one in both]
[value for one in both for value in (int(one.argmax()), one.max().item())]

# %% [markdown]
# ## Task 2 (core, 15 minutes): is the switch fair?
#
# In a layer each head has found a vector of D numbers at each position: `found` is
# (T, H, D). At each position the H vectors are put side by side, head 0 first, and
# multiplied by `W_o`, (H * D, C). That is what the layer adds to the stream, (T, C).
#
# Write `how_far(found, W_o, head)`. It switches off one head (a whole number) in two
# ways and returns two numbers, first for **zero-ablation** (zeros in place of what the
# head found), then for **mean-ablation** (its mean over the T positions). Each number
# says how far the sum that the layer adds *moves*: the length (the square root of the
# sum of squares) of the change at each position; then the mean of these T lengths.


# %%
# TASK how_far
def how_far(found, W_o, head):
    """(T, H, D), (H * D, C), a head -> how far the output moves: zero, mean."""
    ### BEGIN SOLUTION
    moved = []
    for instead in (0, found[:, head].mean(dim=0)):
        changed = found.clone()
        changed[:, head] = instead
        change = (changed - found).flatten(1) @ W_o
        moved.append(change.norm(dim=-1).mean().item())
    return moved
    ### END SOLUTION


# %%
# CHECK how_far 1 point: three positions, two heads
found = noise(3, 2, 2, number=10)
[round(float(n), 4) for n in how_far(found, noise(4, 5, number=11), 1)]

# %%
# CHECK how_far 1 point: four heads; and `found` is as it was
found = noise(5, 4, 3, number=12)
far = [how_far(found, noise(12, 6, number=13), head) for head in range(4)]
[[round(float(n), 4) for row in far for n in row], found[:, 2]]

# %% [markdown]
# Now a layer with a trap. One head adds nearly the same large vector at every position, as
# a bias does. Another one adds smaller vectors, a different one at each position. Which
# head seems to matter most by zeros, and which by the mean?

# %%
# CHECK how_far 2 points: the most important head, in both ways, and how far
same, busy, *others = torch.randperm(5, generator=seeded(14)).tolist()
found = noise(8, 5, 4, number=15) / 10
found[:, same] += 2 + noise(4, number=16) / 4
found[:, busy] *= 8
far = [how_far(found, noise(20, 6, number=17), head) for head in range(5)]
best = [max(range(5), key=lambda head: float(far[head][way])) for way in (0, 1)]
[*best, *(round(float(max(row[way] for row in far)), 3) for way in (0, 1))]

# %% [markdown]
# By zeros, the head that says nothing of the text seems to be the most important one. So
# the mean is the fairer test here. (It is not always milder: lesson 15 met a head for
# which it is harder. That head finds very different vectors, so their mean is no usual
# find.)
#
# ## Task 3 (more, 20 minutes): wire an induction pair
#
# Two heads in a row read a code: after `: dax cow wug pig dax` comes `cow`. Here you
# set their weights by hand. The vector of a position has 34 numbers in four parts, and
# each part has a slice of its own:
#
# | slice | columns | what it holds | at the start |
# |---|---|---|---|
# | `WORD` | 0 to 7 | the word that stands here | a single 1 |
# | `PLACE` | 8 to 17 | the place where it stands | a single 1 |
# | `BROUGHT` | 18 to 25 | the word that the first layer has brought here | zeros |
# | `ANSWER` | 26 to 33 | the word that is answered | zeros |
#
# In a drawing, for the short text `: dax cow dax`. What does the last position answer?
#
# ```
# place                 0       1       2       3
# WORD                  :       dax     cow     dax
# BROUGHT by layer 1    :       :       dax     cow     the word one place before
# layer 2, place 3                      fits            my WORD is dax: whose BROUGHT
# ANSWER                                        cow     is dax? The WORD there is cow.
# ```
#
# Lesson 12: a head is two tables (the QK circuit and the OV circuit). Both are C by C
# here:
#
# - In `pattern` the number in row i and column j says how well **i in the position that
#   looks** fits **j in the position looked at**.
# - In `passed_on` it says how much of number i in the position looked at is **added to
#   number j** of the position that looks.

# %%
VOCABULARY = [":", "dax", "wug", "fep", "cow", "pig", "hen", "owl"]
V, T = len(VOCABULARY), 10
WORD, PLACE = slice(0, V), slice(V, V + T)
BROUGHT, ANSWER = slice(V + T, 2 * V + T), slice(2 * V + T, 3 * V + T)
C = 3 * V + T


def run_layers(text, layers):
    """The answers at all places of a text of T words, (T, V)."""
    stream = torch.zeros(T, C)
    stream[range(T), [VOCABULARY.index(word) for word in text]] = 1
    stream[:, PLACE] = torch.eye(T)
    for layer in layers:
        pattern, passed_on = (as_table(table).float() for table in layer)
        weights = causal_softmax(stream @ pattern @ stream.T)
        stream = stream + weights @ stream @ passed_on
    return stream[:, ANSWER]


# %% [markdown]
# An example of a layer: each position looks at all places where its **own word**
# stands, and answers with that word.

# %%
pattern, passed_on = torch.zeros(2, C, C)
pattern[WORD, WORD] = 100 * torch.eye(V)
passed_on[WORD, ANSWER] = torch.eye(V)
text = [":", "dax", "cow", "wug", "pig", "fep", "hen", "wug", "owl", "dax"]
run_layers(text, [(pattern, passed_on)])[-1]

# %% [markdown]
# Write `wire()`, which returns a list of two layers, each a pair `(pattern,
# passed_on)`.
#
# - The first brings each position the word that stands **one place before** it, into
#   `BROUGHT`. (Place 0 has no place before it. It can only look at itself, so it brings
#   its own word `:`.)
# - The second looks at the positions whose `BROUGHT` slice holds **my own word**, and
#   puts the words that stand there into my `ANSWER`.
#
# Write 100 where something fits, 1 where something is passed on, 0 everywhere else. (Why
# 100? The scores of what fits become so large that softmax gives them all the weight.) If
# a code word has been told twice with two meanings, both are answered with one half.
# (A code word that has never been told fits nowhere. Then all scores are 0, the layer looks
# at all places alike, and the answer is a mixture of all words so far. The second check has
# such rows, too.)


# %%
# TASK wire
def wire():
    """Two layers that read codes, a list of two pairs of tables (C, C)."""
    ### BEGIN SOLUTION
    pattern_1, passed_on_1, pattern_2, passed_on_2 = torch.zeros(4, C, C)
    pattern_1[PLACE, PLACE] = 100 * torch.eye(T).roll(-1, dims=1).tril()
    passed_on_1[WORD, BROUGHT] = torch.eye(V)
    pattern_2[WORD, BROUGHT] = 100 * torch.eye(V)
    passed_on_2[WORD, ANSWER] = torch.eye(V)
    return [(pattern_1, passed_on_1), (pattern_2, passed_on_2)]
    ### END SOLUTION


# %%
# CHECK wire 2 points: eight texts, each asks for the meaning of a word (a row each)
answers = []
for number in range(200, 208):
    codes, animals = (
        torch.randperm(n, generator=seeded(number)).tolist() for n in (3, 4)
    )
    pairs = [(1 + c, 4 + a) for c, a in zip(codes, animals[:3], strict=True)]
    chosen = [*pairs[0], *pairs[1], *pairs[2], *pairs[1], pairs[number % 3][0]]
    text = [":", *(VOCABULARY[i] for i in chosen)]
    answers.append(run_layers(text, wire())[-1])
torch.stack(answers)

# %%
# CHECK wire 2 points: words with two or three meanings, three answers in each text
answers = []
for number, plan in enumerate(["awbxayaza", "awbwaxbzb", "awaxbyaza", "awaxaybza"]):
    codes, animals = (
        torch.randperm(n, generator=seeded(250 + number)).tolist() for n in (3, 4)
    )
    numbers = dict(zip("abwxyz", [*codes[:2], *animals], strict=True))
    chosen = [numbers[sign] + (1 if sign in "ab" else 4) for sign in plan]
    text = [":", *(VOCABULARY[i] for i in chosen)]
    answers.append(run_layers(text, wire())[5::2])
torch.stack(answers)

# %% [markdown]
# ## Task 4 (more, 25 minutes): who pulled the arrow?
#
# Take one position. `stream` holds its vector at each depth, $(L + 1, C)$: row 0 is what
# goes into the first block, row $d$ what comes out of block $d$. `head` is $(V, C)$, and the
# last norm has no weights.
#
# - `lens(stream, head)`: the **logit lens**. The last norm and the head on each depth,
#   $(L + 1, V)$.
# - `pull(stream, head, a, b)`: a tensor of $L + 1$ numbers that says who made token `a`
#   win against token `b` at the end. The **lead** of `a` is its logit less the logit of
#   `b`. Number 0 is what row 0 brought to it, number $d$ what block $d$ *added*.
#
# How can a lead be divided up, if there is a norm? The final vector is a sum: row 0
# plus what each block added. The last norm subtracts the mean from the sum and divides
# what is left by one number, its **size**: the square root of the *mean* of its squares.
# So do with each piece what happens to the sum: subtract the piece's mean, and divide by
# the **final** vector's size, the same number for all. Then take the dot product with the
# direction from `b` to `a`. The numbers of `pull` add up to the lead in the last row of
# `lens`.
#
# An example: `stream` is `[[3., 1.], [1., 5.]]`, `head` is `[[1., 0.], [0., 1.]]`. The
# final vector has mean 3, and without it is -2, 2: size 2, the root of (4 + 4) / 2. Row
# 0 is without its mean 1, -1, so it brings token 0 a lead of (1 - (-1)) / 2 = 1. The
# block added -2, 4, without the mean -3, 3: a lead of -3. Together -2. (Never mind the
# small `eps` of the norm.)


# %%
# TASK pull
def lens(stream, head):
    """Logits at each depth, (L + 1, C) -> (L + 1, V)."""
    ### BEGIN SOLUTION
    return F.layer_norm(stream, stream.shape[-1:]) @ head.T
    ### END SOLUTION


def pull(stream, head, a, b):
    """What each depth adds to the lead of a over b, (L + 1, C) -> (L + 1,)."""
    ### BEGIN SOLUTION
    size = stream[-1].std(correction=0)
    pieces = torch.cat([stream[:1], stream.diff(dim=0)])
    centred = pieces - pieces.mean(dim=-1, keepdim=True)
    return centred @ (head[a] - head[b]) / size
    ### END SOLUTION


# %%
# CHECK pull 1 point: the logit lens at four depths
stream = noise(4, 6, number=30).cumsum(dim=0) + 1
head = noise(5, 6, number=31)
lens(stream, head)

# %%
# CHECK pull 2 points: who pulled
a = between(0, 4, 32)[0]
pulls = pull(stream, head, a, 4), pull(2 * stream.flip(0), head, 4, a)
torch.stack([torch.as_tensor(one) for one in pulls])

# %% [markdown]
# ## A question in words
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN proof -->
# A friend shows you a map of attention: just before the model says where the cow slept,
# a head looks at `cow` with a weight of 0.9. "So that head is the reason for the
# answer." Which experiment do you propose? Name two results that it could have, and say
# what each of them would mean.
#
# ...
