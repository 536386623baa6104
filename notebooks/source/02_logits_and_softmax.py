# %% [markdown]
# # 2. Logits and softmax
#
# **How do scores become probabilities?**
#
# In lesson 0 you built a language model by counting, and its probabilities were shares:
# so many of all. The neural networks of this course do not count. They calculate, and
# what comes out at the end is a **score** for every letter: any number, also a negative
# one. In this lesson you turn scores into probabilities, in two steps, for one row of scores
# and then for many rows at once.
#
# - **You will** build the softmax with the numbers of one example, break it with a large
#   score, repair it, and find a wrong number on a slide.
# - **You need** lesson 0 (the table of pairs) and lesson 1 (shapes, `dim`, `keepdim`,
#   broadcasting). No neural network yet.
# - **Time** 60 minutes. On a first reading, skip the parts marked *more*: then 45.
# - **Back** [1. Tensors](01_tensors.ipynb) ·
#   **Next** [3. Cross-entropy](03_cross_entropy.ipynb)

# %%
import math

import torch

from course_lib import functional, names, ngram
from course_play.boxes import Grid, plot_flow, plot_grids
from course_play.panels import plot_panels
from course_play.plots import plot_probs
from course_play.widgets import Predict, SoftmaxBars

torch.set_printoptions(precision=3, sci_mode=False)

# %% [markdown]
# ## Predict first
#
# We read the name `asha` letter by letter. So far we have `as`. A model has given scores
# to three letters that might come next:
#
# | letter | score |
# |---|---|
# | `h` | 1.0 |
# | `a` | 0.0 |
# | `u` | -0.6 |
#
# A higher score means that the model finds the letter more likely. Later we turn the
# scores into three probabilities that add up to 1.
#
# Now somebody adds 10 to *every* score: 11.0, 10.0 and 9.4. Make a guess before you read
# on. You cannot know the answer yet, but you can have an opinion.

# %% tags=["hide-input"]
# the answer is computed here; open this cell after your guess
before = torch.tensor([1.0, 0.0, -0.6]).softmax(dim=0)[0]
after = torch.tensor([11.0, 10.0, 9.4]).softmax(dim=0)[0]
changed = "it rises" if after > before + 1e-5 else "it falls"
Predict(
    "All scores rise by 10. What happens to the probability of h?",
    "it stays the same" if abs(after - before) < 1e-5 else changed,
    options=("it rises", "it stays the same", "it falls"),
    because="Only differences between scores count, and no difference has changed.",
)

# %% [markdown]
# ## Build it by hand
#
# ### A raffle
#
# Think of a raffle. Every letter holds some tickets, one ticket is drawn, and the letter
# on it comes next. The probability of a letter is its **share** of all the tickets.
#
# The table of lesson 0 wrote its names with such a raffle: there, a letter had one ticket
# for each time that it was counted. Here the letters have scores, and a score cannot be a
# number of tickets, because it may be negative. So the letters first *trade* their
# scores for tickets.
#
# **Step 1: from scores to tickets.** A score $z$ buys $e^z$ tickets, with
# $e = 2.718...$: every whole point of score multiplies the tickets by $e$. (Parts of a
# ticket are allowed.) A score of 0 buys one ticket. A negative score buys less than one
# ticket, but always more than none.
#
# You know powers from school: $e^2 = e \cdot e$, $e^0 = 1$, and $e^{-1} = 1/e$, which is
# small but not negative. For scores between whole numbers the computer knows the answer:
# `exp`, the **exponential function**. It undoes the natural logarithm of lesson 0: the
# logarithm of $e^z$ is $z$.
#
# Why $e$, and not 2 or 10? Any number above 1 would do. With another one the scores would
# only be measured in another unit. $e$ is the custom, because it makes the calculation in
# lesson 4 short.

# %%
letters = ["h", "a", "u"]
scores = torch.tensor([1.0, 0.0, -0.6])  # (3,)
tickets = scores.exp()  # (3,), all above 0
tickets

# %% [markdown]
# **Step 2: from tickets to shares.** Divide each number by the sum of all.

# %%
total = tickets.sum()  # (), one number
shares = tickets / total  # (3,), they add up to 1
assert torch.isclose(shares.sum(), torch.tensor(1.0))
print(f"there are {total:.3f} tickets")
for letter, z, t, p in zip(letters, scores, tickets, shares, strict=True):
    print(f"{letter}: score {z:4.1f} -> tickets {t:.3f} -> share {p:.3f}")

# %% [markdown]
# Read the line of `h` with me. The letter has the score 1.0, so it holds $e^1 = 2.718$
# tickets. All three letters together hold 4.267. So the share of `h` is 2.718 divided by
# 4.267, which is 0.637. Here is the same for all three letters.

# %%
panels = {"score z": scores, "tickets, e to the z": tickets, "share of all": shares}
plot_panels(
    {name: values.tolist() for name, values in panels.items()},
    letters,
    "Tickets are never negative, and shares add up to 1",
)

# %% [markdown]
# The first panel has a negative bar. In the second panel no bar is negative. In the third
# panel `h` is still 2.718 times as high as `a`, but now the three bars add up to 1.
#
# The two steps together are called the **softmax**. The scores are called **logits**. As
# a formula, with $z_i$ for the logit of letter $i$, and $\sum_j$ for "add up over all
# letters $j$":
#
# $$p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$$
#
# And as code:


# %%
def softmax_of_a_row(z):
    """One row of logits to probabilities, (V,) -> (V,)."""
    tickets = z.exp()  # (V,)
    return tickets / tickets.sum()  # (V,) divided by one number


assert torch.equal(softmax_of_a_row(scores), shares)

# %% [markdown]
# > **In one plain sentence.** Every letter trades its score for tickets, and its
# > probability is its share of all the tickets.
#
# ### Only differences count
#
# How many times more likely is `h` than `a`? Divide one share by the other. Both shares
# were divided by the same total, so the total cancels, and what is left is the
# exponential of a **difference**:
#
# $$\frac{p_h}{p_a} = \frac{e^{z_h}}{e^{z_a}} = e^{z_h - z_a}$$

# %% tags=["ledger:A8"]
ratio = shares[0] / shares[1]
assert math.isclose(ratio, math.exp(1.0 - 0.0), rel_tol=1e-6)
print(f"p(h) / p(a) = {ratio:.3f}, and e to the (1.0 - 0.0) = {math.exp(1):.3f}")

# %% [markdown]
# One point of difference always means "2.718 times as likely", wherever the two scores
# lie, and however many other letters there are. This **ratio test** is a quick way to
# check any softmax that you meet.
#
# It also answers the question at the start. If we add 10 to every score, every letter gets
# $e^{10}$ times as many tickets as before. All numbers of tickets grow by the same factor,
# and so does their sum. So the shares do not change.

# %% tags=["ledger:A8"]
for constant in (0, 10, -10):
    moved = softmax_of_a_row(scores + constant)
    print(f"{constant:+3d} to every score: {moved}")
    torch.testing.assert_close(moved, shares)

# %% [markdown]
# (`torch.testing.assert_close` stops the notebook if two tensors differ by more than rounding
# errors.)
#
# Could we not divide the scores themselves by their sum, without any tickets? Try it:

# %%
for z in (scores, scores + 10):
    print(f"scores {z}: divided by their sum {z / z.sum()}")

# %% [markdown]
# The first result cannot be probabilities, because one number is negative and another one
# is above 1. And with 10 points more for every letter the result is quite another one,
# although no letter has gained anything on another.
#
# And how small can a share become? Give `u` a terrible score. Its share becomes tiny. But
# on paper $e^z$ is never exactly 0, so a softmax never says "impossible".

# %% tags=["ledger:A8"]
hopeless = softmax_of_a_row(torch.tensor([1.0, 0.0, -20.0]))
assert (hopeless > 0).all()
print(f"with a score of -20, u has one ticket in {1e-9 / hopeless[2]:.1f} billion")

# %% [markdown]
# ### Where our three scores came from
#
# They were not invented. Look into the table of lesson 0: which letter came how often
# after an `s`? Each count is a number of tickets. To get a score from a number of
# tickets, we undo the exponential, and that is what the natural **logarithm** does.
#
# (As in lesson 0 we add 1 to every count, so that no letter has 0 tickets. A 0 has no
# logarithm.)

# %%
train_names = names.split_names(names.load_names()).train  # as in lessons 0 and 1
counts = ngram.bigram_counts(train_names) + 1  # (27, 27)
after_s = counts[names.encode("s")[0]]  # (27,), one row
three = after_s[torch.tensor(names.encode("hau"))]  # (3,), the letters h, a, u
log_counts = three.log()  # (3,)
print("tickets:", three.tolist())
print("their logarithms:", log_counts)
print("the same, minus that of a:", log_counts - log_counts[1])

# %% [markdown]
# The last line, rounded to one decimal, is 1.0, 0.0, -0.6: our three scores. We were allowed
# to subtract the same number from all of them, because only differences count.
#
# So a logit is **the logarithm of a number of tickets**. What has this to do with the
# probability? Take the `h`. It holds 2.718 of 4.267 tickets, so its probability is
# 2.718 / 4.267. The logarithm turns the division into a subtraction: the logarithm of the
# probability is the logit of `h`, minus ln 4.267. For the other letters it is the same, also
# minus ln 4.267. In one sentence: *logits are logarithms of probabilities, up to one constant
# that is the same for all letters.* Let us check this sentence.

# %% tags=["ledger:A7", "ledger:D7"]
gap = scores - shares.log()  # (3,)
assert (gap - gap[0]).abs().max() < 1e-6
print("logits:                ", scores)
print("log of the probability:", shares.log())
print("difference:            ", gap)
print(f"ln of all the tickets:   {total.log():.3f}")

# %% [markdown]
# The difference is the same for all three letters, and it is the logarithm of the total
# number of tickets.
#
# A neural network does not know any counts. It *learns* to put out good logits, and they
# may be shifted by any constant. The softmax does not care.
#
# ### Many rows at once
#
# To read `asha`, a model predicts five times: before each of the four letters, and once
# more for the end. So logits come as a table, with one row for each prediction. Each row
# is a raffle of its own. Take two rows: what follows an `s`, as before, and what follows an
# `h`. In the table, 6, 619 and 82 tickets belong to the pairs `hh`, `ha` and `hu`, so we
# take their logarithms, and again we subtract that of the `a`. Then we round to one decimal.

# %%
after_h = counts[names.encode("h")[0]][torch.tensor(names.encode("hau"))]  # (3,)
print("tickets after h:", after_h.tolist())
print("logits:", after_h.log() - after_h[1].log())

# %%
two_rows = torch.tensor([[1.0, 0.0, -0.6], [-4.6, 0.0, -2.0]])  # (2, 3)
wrong = softmax_of_a_row(two_rows)  # (2, 3)
print(wrong)
print("sum of everything:", round(wrong.sum().item(), 3))
print("sum of each row:  ", wrong.sum(dim=-1))

# %% [markdown]
# This is wrong. Our function threw all six letters into one drum: the *whole table* adds
# up to 1, and no row does. We need one sum for each row. You know the tool from lesson 1:
# `sum(dim=-1)` adds along the last dimension (in a table that is `dim=1`), and
# `keepdim=True` leaves that dimension in place with length 1, so that each row is divided
# by its own sum.

# %%
tickets = two_rows.exp()  # (2, 3)
sums = tickets.sum(dim=-1, keepdim=True)  # (2, 1), one sum a row
rows = tickets / sums  # (2, 3) / (2, 1) -> (2, 3), by broadcasting
torch.testing.assert_close(rows.sum(dim=-1), torch.ones(2))
torch.testing.assert_close(rows[0], shares)

# %%
plot_grids(
    [
        Grid(tickets, "tickets", ["after s", "after h"], letters),
        Grid(sums, "sums"),
        Grid(rows, "shares", columns=letters),
    ],
    "Each row is divided by its own sum",
    signs=["÷", "="],
)

# %% [markdown]
# The first row is the raffle that we had before. The second row is new: after an `h`, the
# letter `a` gets most of the tickets. (Without `keepdim` you would meet the bug of lesson
# 1: torch refuses, or, if the table is square, divides each *column*.)
#
# Now the real thing: all five predictions for `asha`, each over all letters. In the comments,
# `V` is the number of letters, and three dots stand for any number of dimensions before it,
# so that the function works for a row, for a table and for a stack of tables.


# %%
def softmax_of_rows(z):
    """Logits to probabilities along the last dimension, (..., V) -> (..., V)."""
    tickets = z.exp()  # (..., V)
    return tickets / tickets.sum(dim=-1, keepdim=True)  # (..., V) / (..., 1)


seen = torch.tensor(names.encode(".asha"))  # (5,): the full stop is the start
logits = counts[seen].log()  # (5, 27)
probs = softmax_of_rows(logits)  # (5, 27)
row_sums = counts[seen].sum(dim=-1, keepdim=True)  # (5, 1)
torch.testing.assert_close(probs, counts[seen] / row_sums)
print(tuple(logits.shape), "->", tuple(probs.shape))

# %% [markdown]
# The assert says that we got back the table of lesson 1: counts divided by the sum of their
# row. It must be so, because the exponential undoes the logarithm. Which letters does the
# table expect at each place? (`topk(3)` finds the three largest numbers of a row.)

# %%
for letter, row in zip(".asha", probs, strict=True):
    best = row.topk(3)  # .values and .indices, as with max
    told = [
        f"{names.ALPHABET[i]} {p:.2f}"
        for i, p in zip(best.indices.tolist(), best.values.tolist(), strict=True)
    ]
    print(f"after {letter}:  " + "   ".join(told))

# %% [markdown]
# The first line is the start of the name, and a `.` among the expected letters means that
# the name ends. The lines after the two `a` are equal, because this model sees one letter
# only.
#
# ### Break it
#
# A constant changes nothing. So let us add 1,000 to our three scores.

# %%
broken = softmax_of_rows(scores + 1000)
assert broken.isnan().all()
broken

# %% [markdown]
# `nan` means "not a number". The mathematics is correct, but the computer has a limit. A
# 32-bit number (float32) cannot be larger than the number below, and $e^{1000}$ is far
# beyond it. The computer stores infinity, and infinity divided by infinity has no value.
# This is called **overflow**.

# %%
largest = torch.finfo(torch.float32).max
print(f"the largest float32 is {largest:.1e}, that is e to the {math.log(largest):.1f}")
print("e to the 1000, as a float32:", torch.tensor(1000.0).exp().item())

# %% [markdown]
# So a logit of 89 is enough to break our function. The cure uses the fact that a constant
# changes nothing: before the exponential, subtract from each row its **largest** logit.
# Then the largest becomes 0 and buys one ticket, all others buy at most one, and nothing
# can overflow. Note that each row needs its own maximum, so `keepdim` is needed again. And
# `max(dim=...)` gives back two things, the values and their places; we want the values.


# %%
def softmax(z):
    """Logits to probabilities along the last dimension, (..., V) -> (..., V)."""
    largest = z.max(dim=-1, keepdim=True).values  # (..., 1)
    tickets = (z - largest).exp()  # (..., V), each between 0 and 1
    return tickets / tickets.sum(dim=-1, keepdim=True)  # (..., V)


# a float32 has seven digits; near 1,000 only three are left after the point
torch.testing.assert_close(softmax(scores + 1000), shares, rtol=1e-3, atol=1e-4)
softmax(scores + 1000)

# %% [markdown]
# This is the whole softmax, with the shapes for `asha`:

# %%
T, V = logits.shape  # T positions, V letters
plot_flow(
    [
        ("logits", f"({T}, {V})\nany number"),
        ("shifted", f"({T}, {V})\nat most 0"),
        ("tickets", f"({T}, {V})\nfrom 0 to 1"),
        ("shares", f"({T}, {V})\nrows sum to 1"),
    ],
    "The softmax of the five rows for asha",
    arrows=[f"- max\n({T}, 1)", "exp", f"÷ sum\n({T}, 1)"],
)

# %% [markdown]
# ### The logarithm of a softmax
#
# One problem is left, at the other end. On paper a share is never 0, but a computer rounds a
# very small share to 0, and the logarithm of 0 is minus infinity. Often we want the
# *logarithm* of a probability (lesson 3 is all about it). The part *Where our three scores
# came from* showed that it is the logit minus the logarithm of the sum of all tickets. (In
# papers and in torch, log is the natural logarithm, our ln.)
#
# $$\log p_i = z_i - \log \sum_j e^{z_j}$$
#
# So we can calculate it without the share in between. The sum needs the same protection
# against overflow as before: we shift the logits first.


# %%
def log_softmax(z):
    """Logits to logarithms of probabilities, (..., V) -> (..., V)."""
    shifted = z - z.max(dim=-1, keepdim=True).values  # (..., V), at most 0
    log_sum = shifted.exp().sum(dim=-1, keepdim=True).log()  # (..., 1)
    return shifted - log_sum  # (..., V)


z = torch.tensor([0.0, -200.0])
print("softmax, then log:", softmax(z).log())
print("log_softmax:      ", log_softmax(z))

# %% [markdown]
# ## Compare with torch
#
# You built it, torch has it, and the course library has it. All three must agree, also on
# logits that are too large for the simple form. In torch you name the dimension along
# which the letters compete: `dim=-1`, the last one. (`torch.randn` makes random numbers
# around 0, positive and negative.)

# %%
generator = torch.Generator().manual_seed(1)
for scale in (1, 10, 1000):
    z = scale * torch.randn(5, names.VOCAB_SIZE, generator=generator)  # (5, 27)
    torch.testing.assert_close(softmax(z), torch.softmax(z, dim=-1))
    torch.testing.assert_close(functional.softmax(z), torch.softmax(z, dim=-1))
    torch.testing.assert_close(log_softmax(z), torch.log_softmax(z, dim=-1))
print("by hand = torch = course_lib, for logits around 1, 10 and 1000")

# %% [markdown]
# ## See it
#
# Here is the third row for `asha`, over all letters: what the table expects after the `s`.
# Our three letters `h`, `a` and `u` have the tallest bars. But the share of `h` is smaller now
# than among the three, because the other 24 letters hold tickets, too.

# %%
plot_probs(
    probs[2],
    list(names.ALPHABET),
    f"After s, h gets {probs[2].max():.0%} of the tickets",
    mark="h",
)

# %% [markdown]
# A share depends on who takes part in the raffle:

# %%
for who in ("hau", "haui.", names.ALPHABET):
    of_all = after_s[torch.tensor(names.encode(who))].sum()  # tickets of these letters
    print(f"h among {len(who):2} letters: {three[0] / of_all:.3f}")

# %% [markdown]
# ## Play with it
#
# Drag a score and watch *all* bars move. When one letter buys more tickets, the shares of
# all the others fall, although they keep their own tickets. (By keyboard: press Tab to
# reach a slider, then use the arrow keys.)
#
# - **Slide `u` up until it has about one half of everything.** Which score does it have
#   then? (Add up the tickets of the other four letters: `u` must hold as many alone.)
# - **Slide "add to all"** from one end to the other. What moves, and what does not?

# %%
SoftmaxBars([1.0, 0.0, -0.6, -1.3, -1.6], ["h", "a", "u", "i", "."])

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The slider stops at 1.4, near enough. The other four hold
# $e^{1.0} + e^{0.0} + e^{-1.3} + e^{-1.6} = 4.19$ tickets, so the exact score
# is ln 4.19 = 1.43.
#
# </details>
#
# And let the softmax write. We start at the full stop, draw a letter from the row of
# probabilities, and go to the row of that letter, until the full stop comes. In torch,
# `torch.multinomial` draws.


# %%
def write_name(generator):
    row, name = 0, ""  # row 0: the full stop, the start
    while len(name) < 20:
        probs = softmax(counts[row].log())  # (27,)
        row = torch.multinomial(probs, 1, generator=generator).item()
        if row == 0:
            break
        name += names.ALPHABET[row]
    return name


generator = torch.Generator().manual_seed(3)
print(", ".join(write_name(generator) for _ in range(8)))

# %% [markdown]
# ## Why does this work?
#
# **Does the softmax favour large scores?** That depends on the *scale* of the scores. If
# all logits are multiplied by ten, all differences are ten times as large, and the winner
# takes nearly everything. If all are divided by ten, the shares become almost equal.
# Lesson 8 uses exactly this to make a model bold or careful, and calls it *temperature*.

# %% tags=["ledger:A8"]
for scale in (0.1, 1.0, 10.0):
    print(f"logits x {scale:4}: {softmax(scale * scores)}")

# %% [markdown]
# In the last line the softmax does nearly what a maximum does: the largest score gets
# nearly everything. In the other lines it shares. This is where the name comes from: a *soft*
# maximum.
#
# ### *More:* why the exponential?
#
# There are many ways to make a score positive. The exponential is chosen because it turns
# sums into products. A network gets its scores by *adding* many small contributions, and
# for independent clues probability asks us to *multiply*. A small game shows what this
# means.
#
# Somebody has written down one letter, `h` or `a`; a coin decided which. Two friends look at
# it through fog. Each of them reads the letter correctly in 73.1 % of all cases, and their
# errors have nothing to do with each other: they are **independent**. Both friends say "`h`".
# How sure can you be?
#
# We have chosen the 73.1 % so that one friend is worth exactly one point of score:

# %%
one_friend = softmax(torch.tensor([1.0, 0.0]))[0].item()
print(f"one friend says h: p(h) = {one_friend:.3f}")

# %% [markdown]
# Now two friends. There are two ways in which both can say "`h`": the letter is an `h`,
# and both are correct, or the letter is an `a`, and both are wrong. Each way has a
# probability, and p(h) is the share of the first.

# %% tags=["ledger:D12"]
both_correct = 0.5 * one_friend * one_friend  # the coin, friend 1, friend 2
both_wrong = 0.5 * (1 - one_friend) * (1 - one_friend)
p_h = both_correct / (both_correct + both_wrong)
two_points = softmax(torch.tensor([2.0, 0.0]))[0].item()
assert math.isclose(p_h, two_points, rel_tol=1e-6)
print(f"two friends say h: p(h) = {p_h:.3f}; softmax of a lead of 2: {two_points:.3f}")

# %% [markdown]
# Two friends are worth two points: *adding* the scores gave the correct probability. If
# you do not trust the formula, let the computer play the game a hundred thousand times.
# (`~` turns True into False and False into True.)

# %%
generator = torch.Generator().manual_seed(0)
is_h = torch.rand(100_000, generator=generator) < 0.5  # (100000,), the coin
correct = torch.rand(2, 100_000, generator=generator) < one_friend  # (2, 100000)
says_h = torch.where(correct, is_h, ~is_h)  # (2, 100000), what each friend says

# %% [markdown]
# We look only at the games in which both friends said "`h`". In which share of them was it
# an `h`? Chance makes this share differ a little from the exact number, in so many games by
# less than 0.01.

# %%
both = says_h[0] & says_h[1]  # (100000,), True where both said h
share_h = is_h[both].float().mean().item()
print(f"both say h in {both.sum()} games, and it is an h in {share_h:.3f} of them")
assert abs(share_h - two_points) < 0.01

# %% [markdown]
# The word *independent* matters. If the second friend only repeats what the first one
# says, then the second voice adds nothing:

# %%
repeated = says_h[0] & says_h[0]  # friend 2 says what friend 1 says
share_h = is_h[repeated].float().mean().item()
print(f"a friend who repeats: it is an h in {share_h:.3f} of the games")
assert abs(share_h - one_friend) < 0.01

# %% [markdown]
# That is the probability for one friend (up to chance). A model that adds two points for
# the same clue is too sure of itself.
#
# ### *More:* the logit function, and the sigmoid
#
# The word "logit" is older than language models, and two different things share it.
#
# - The **logit function** takes *one* probability $p$ to $\ln\frac{p}{1-p}$. The fraction
#   is called the **odds**: how many yes for each no.
# - **Logits** are what this lesson is about: a whole row of scores.
#
# The two meet when there are only two choices. Then the softmax depends on one number
# only, the difference $x$ of the two logits, and it has a name of its own, the **sigmoid**
# (also: logistic function): $1/(1+e^{-x})$. The logit function undoes it: from the
# probability back to the difference.

# %% tags=["ledger:A7"]
two = torch.tensor([1.0, -0.6])  # the scores of h and u alone
x = two[0] - two[1]
p = softmax(two)[0]
torch.testing.assert_close(p, torch.sigmoid(x))
torch.testing.assert_close(functional.logit(p), x)
print(f"difference {x:.3f}  ->  sigmoid {p:.3f}  ->  logit function {p.logit():.3f}")

# %% [markdown]
# ## Check yourself
#
# ### Fix the slide
#
# Some slides and blog posts that circulate contain small errors. Finding them is a good
# exercise, and you will meet one now and then in this course. This line shows a model
# after the letters `aar`, with the scores of the full stop, of `a` and of `b`:
#
# `logits = [0.5, 2.1, 0.3, ...]`, `softmax(logits) = [0.12, 0.58, 0.08, ...]`
#
# One of the three probabilities cannot be correct, whatever stands behind the dots. Find
# it with the ratio test: which two of them fit together?

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
claims = {"0.12": 0.12, "0.58": 0.58, "0.08": 0.08}
z_all, p_all = torch.tensor([0.5, 2.1, 0.3]), torch.tensor(list(claims.values()))
misfit = (p_all.log() - z_all) - (p_all.log() - z_all).median()  # 0 where it fits
Predict(
    "The slide's logits are 0.5, 2.1 and 0.3. Which probability does not fit?",
    list(claims)[int(misfit.abs().argmax())],
    options=tuple(claims),
    because="0.58 / 0.12 = 4.8, and e to the (2.1 - 0.5) is 5.0: that fits, up to "
    "rounding. 0.08 / 0.12 = 0.67, but e to the (0.3 - 0.5) is 0.82.",
)

# %% tags=["ledger:C7"]
on_slide = torch.tensor([0.5, 2.1, 0.3])
claimed = torch.tensor([0.12, 0.58, 0.08])
by_logits = (on_slide - on_slide[0]).exp()
for letter, said, true in zip(".ab", claimed / claimed[0], by_logits, strict=True):
    print(f"p({letter}) / p(.): the slide says {said:.2f}, its logits say {true:.2f}")
assert 0.575 / 0.125 < by_logits[1] < 0.585 / 0.115  # .575 is rounded to .58
assert by_logits[2] > 0.085 / 0.115  # no rounding makes .08 fit

# %% [markdown]
# The second line agrees, if we allow for rounding. The third does not.
#
# ### *More:* repair the slide
#
# We keep the 0.58 of `a` and compute what should stand there. What is left belongs to the
# other 24 letters. If they share it equally, we can even find out their logit.

# %% tags=["ledger:C7"]
p_a = 0.58
p_end, p_b = p_a * math.exp(0.5 - 2.1), p_a * math.exp(0.3 - 2.1)
rest = 1 - p_a - p_end - p_b
other = 2.1 + math.log(rest / 24 / p_a)  # ratio to a -> difference to 2.1
print(f"p(b) = {p_b:.3f}; the 24 others share {rest:.3f}: a logit of {other:.3f} each")

# %% [markdown]
# So the corrected slide needs its dots. With other letters behind them, the same three
# logits give other probabilities:

# %%
fixed = softmax(torch.tensor([0.5, 2.1, 0.3] + [other] * 24))
assert math.isclose(fixed[1], 0.58, abs_tol=1e-6)
zeros = softmax(torch.tensor([0.5, 2.1, 0.3] + [0.0] * 24))
print("others as computed: ", fixed[:3])
print("others at 0:        ", zeros[:3])
print("no other letters:   ", softmax(on_slide))

# %% [markdown]
# A softmax is always over the *whole* list. The dots on the slide hide the part that decides.
#
# ### Questions
#
# **1.** All 27 logits are equal to 7. What is the probability of each letter?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# 1/27. Only differences count, and here all differences are 0. The 7 is a constant, and
# the softmax removes it.
#
# </details>
#
# **2.** The logit of `a` is larger than that of `b` by ln 2, the natural logarithm of 2.
# What do you know about their probabilities?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# `a` is exactly twice as likely as `b`, because the ratio is the exponential of the
# difference. It does not matter what the other letters do.
#
# </details>
#
# **3.** A friend says: "The model's output for `a` is 2.1, so it is 210 % sure." What do
# you answer?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# A logit is not a probability. Alone it says nothing: next to a logit of 0.5 it is high,
# next to a logit of 9 it is low.
#
# </details>
#
# **4.** `logits` has the shape (4, 10, 27): four names, ten positions, 27 letters. Along
# which dimension do you take the softmax, and what shape have the sums with `keepdim=True`?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Along the last dimension, `dim=-1`, because the 27 letters compete with each other. The sums
# have the shape (4, 10, 1).
#
# </details>
#
# **5.** Your turn. Change the score of `u` so that `h` gets exactly one half of all
# tickets. Calculate first: how many tickets may `u` hold? The cell tells you when you
# have it.

# %%
score_of_u = -0.6  # change this number
mine = softmax(torch.tensor([1.0, 0.0, score_of_u]))
found = math.isclose(mine[0], 0.5, abs_tol=0.001)
print(f"p(h) = {mine[0]:.3f}:", "you have found it" if found else "not one half yet")

# %% [markdown]
# ## Recap
#
# - **Idea.** Logits are scores. The softmax trades them for tickets and gives each letter
#   its share.
# - **Formula.** $p_i = e^{z_i} / \sum_j e^{z_j}$. Only differences count: the ratio of two
#   probabilities is $e^{z_i - z_j}$.
# - **Pitfall.** Subtract the largest logit of each row first, and sum along the
#   dimension of the letters with `keepdim=True`. Never read a softmax from half of its list.
#
# | step | shape for N predictions, V letters |
# |---|---|
# | logits | (N, V) |
# | maximum of each row, sum of each row (`keepdim=True`) | (N, 1) |
# | tickets, probabilities | (N, V) |
#
# | here | elsewhere |
# |---|---|
# | logits, scores | unnormalised log-probabilities; sometimes "activations of the last layer" |
# | tickets | unnormalised probabilities |
# | sum of all tickets | partition function, normalising constant |
# | softmax | normalised exponential; Boltzmann or Gibbs distribution in physics |
# | sigmoid | logistic function, expit |
#
# - **Moved into the library:** `course_lib.functional.softmax`, `log_softmax`, `sigmoid`,
#   `logit`.
#
# **Homework:** [Homework 2](homework/hw02.ipynb), about 55 minutes, of which 35 are core. A
# badge under each check says at once whether your answer is correct.
#
# **Next:** after `as` the table gave `h` a large share, and in `asha` the `h` really came.
# After `a` it gave `s` a small share, and the `s` came all the same. How good were these
# predictions? [3. Cross-entropy](03_cross_entropy.ipynb) gives them a number.
