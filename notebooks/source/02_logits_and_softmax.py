# %% [markdown]
# # 2. Logits and softmax
#
# **How do scores become probabilities?**
#
# A language model never says "the next letter is `a`". It gives every letter a
# score. This lesson turns such scores into probabilities, by hand, in two lines.
#
# - **You will** build the softmax, break it with a large number, mend it, and find
#   a wrong number on a lecture slide.
# - **You need** a little Python. No calculus, no neural networks.
# - **Time** 25 minutes.
# - **Back** [0. Start here](00_start_here.ipynb) ·
#   **Next** [3. Cross-entropy](03_cross_entropy.ipynb)

# %%
import math

import torch

from course_lib import functional
from course_play.plots import plot_probs
from course_play.reveal import reveal
from course_play.widgets import SoftmaxBars

torch.set_printoptions(precision=4, sci_mode=False)

# %% [markdown]
# ## Predict first
#
# Someone writes an Indian name. It begins with `aar`. What comes next?
#
# A model answers with scores. It gives `a` the score 2.1 and the full stop, which
# means "the name ends here", the score 0.5. Such a raw score is called a **logit**.
# It can be any real number: negative, zero, large.
#
# **How many times more likely is `a` than the full stop?** Type your guess in place
# of `None`. A wrong guess helps you more than no guess. (`"?"` only shows the answer.)

# %%
my_guess = None

# %% tags=["hide-input"]
# the answer: open this after your guess
print(reveal(my_guess, math.exp(2.1 - 0.5)))

# %% [markdown]
# Did you divide the scores, or subtract them? The rest of this lesson shows where the
# true number comes from.
#
# ## Build it by hand
#
# We take three letters only: the full stop (it counts as a letter here), `a` and `b`.
# Probabilities cannot be negative, and they must add up to 1. Scores obey neither rule.
# So we repair one fault at a time.
#
# **Step 1: make every number positive.** The exponential function $e^z$ does that. Each
# point of score multiplies it by the same number, $e$. It turns 0 into 1, negative
# numbers into positive ones below 1, and it keeps the order.

# %%
letters = [".", "a", "b"]
logits = torch.tensor([0.5, 2.1, 0.3])
positive = logits.exp()
positive

# %% [markdown]
# **Step 2: make the sum 1.** Divide each number by the sum of all.

# %%
probs = positive / positive.sum()
probs, probs.sum()

# %% [markdown]
# These two steps are the **softmax**. As a formula, with $z_i$ for the logit of
# letter $i$ and $\sum_j$ for "add up over all letters $j$":
#
# $$p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$$
#
# > **For children (and for the rest of us).** There is a raffle. Each letter trades
# > its score for tickets, and every extra point of score multiplies the number of
# > tickets by the same factor. All tickets go into one drum. Your chance to win is
# > your share of the tickets in the drum.


# %%
def softmax_by_hand(z):
    tickets = z.exp()
    return tickets / tickets.sum()


assert torch.isclose(softmax_by_hand(logits).sum(), torch.tensor(1.0))
softmax_by_hand(logits)

# %% [markdown]
# ### Only differences count
#
# Divide the probability of `a` by that of the full stop. Both have the same sum under
# the line, so it cancels, and one exponential of a **difference** is left:
#
# $$\frac{p_a}{p_{.}} = \frac{e^{z_a}}{e^{z_{.}}} = e^{z_a - z_{.}}$$

# %% tags=["ledger:A8"]
ratio = probs[1] / probs[0]
assert math.isclose(ratio, math.exp(2.1 - 0.5), rel_tol=1e-6)
print(f"p(a) / p(.) = {ratio:.2f}, and e to the 1.6 = {math.exp(1.6):.2f}")

# %% [markdown]
# That was the answer to your guess. If only differences count, then adding the same
# number to *every* logit must change nothing. Does it?

# %% tags=["ledger:A8"]
for constant in (0, 10, -10):
    print(f"{constant:+3d} to all:", softmax_by_hand(logits + constant))
    torch.testing.assert_close(softmax_by_hand(logits + constant), probs)

# %% [markdown]
# And how small can a probability become? Give `b` a terrible score. Its share gets
# tiny, but in mathematics a share of the tickets is never exactly zero: a softmax rules
# nothing out.

# %% tags=["ledger:A8"]
hopeless = softmax_by_hand(torch.tensor([0.5, 2.1, -20.0]))
assert (hopeless > 0).all()
print(f"p(b) at a logit of -20: {hopeless[2]:.1e}")

# %% [markdown]
# ### Break it
#
# You have just seen that a constant changes nothing. Now add 1,000.

# %%
broken = softmax_by_hand(logits + 1000)
assert broken.isnan().all()
broken

# %% [markdown]
# `nan` means "not a number". The mathematics is right, the computer is not: a
# 32-bit number has no room for $e^{1000}$. It becomes infinity, and infinity divided
# by infinity is nothing sensible. This is called **overflow**.

# %%
largest = torch.finfo(torch.float32).max
print(
    f"the largest float32 is {largest:.1e}, the exponential of {math.log(largest):.1f}"
)

# %% [markdown]
# The cure is the fact that broke it: a constant changes nothing. So we subtract the
# largest logit first. Then the largest becomes 0, its exponential is 1, and nothing
# can overflow.


# %%
def softmax(z):
    tickets = (z - z.max()).exp()
    return tickets / tickets.sum()


# near 1,000 a 32-bit number has fewer decimals left, hence the tolerance
torch.testing.assert_close(softmax(logits + 1000), probs, rtol=1e-3, atol=1e-4)
softmax(logits + 1000)

# %% [markdown]
# ### What the scores are called, and why
#
# Take the logarithm of the probabilities and compare it with the logits we started
# from.

# %% tags=["ledger:A7", "ledger:D7"]
gap = logits - probs.log()
assert (gap - gap[0]).abs().max() < 1e-6
print("log p:       ", probs.log())
print("logit - log p:", gap)

# %% [markdown]
# The gap is the same for every letter. So this is what **logits** are:
# *logarithms of probabilities, up to one common constant*. The softmax removes the
# constant.
#
# The word is older than language models, and many notes mix up two things. The **logit
# function** takes one probability $p$ and gives $\log\frac{p}{1-p}$. The fraction is
# called the **odds**: how often yes for each no. With only two choices, the difference
# of the two logits is exactly that number, and the softmax becomes the **sigmoid**
# function, $1/(1+e^{-x})$, of the difference $x$.

# %% tags=["ledger:A7"]
two = torch.tensor([2.1, 0.5])
p = softmax(two)[0]
torch.testing.assert_close(p, torch.sigmoid(two[0] - two[1]))
torch.testing.assert_close(functional.logit(p), two[0] - two[1])
print(f"p = {p:.3f}, logit(p) = {functional.logit(p):.3f}")
print(f"difference of the logits = {two[0] - two[1]:.3f}")

# %% [markdown]
# ## Compare with torch
#
# You built it; torch has it; the course library has it. They must agree, also on
# numbers that are out of reach for the naive form.

# %%
generator = torch.Generator().manual_seed(1)
for scale in (1, 10, 1000):
    z = scale * torch.randn(27, generator=generator)
    torch.testing.assert_close(softmax(z), torch.softmax(z, dim=-1))
    torch.testing.assert_close(functional.softmax(z), torch.softmax(z, dim=-1))
print("by hand = torch = course_lib at scales 1, 10 and 1000")

# %% [markdown]
# The library adds one thing. A probability can be so small that the computer rounds it
# to 0, and then its logarithm is minus infinity. `log_softmax` computes the logarithm
# without the probability in between, so nothing is lost. Lesson 3 needs that.

# %%
z = torch.tensor([0.0, -200.0])
print("log(softmax):", softmax(z).log())
print("log_softmax: ", functional.log_softmax(z))
torch.testing.assert_close(functional.log_softmax(z), torch.log_softmax(z, -1))

# %% [markdown]
# ## See it
#
# Now all 27 letters, as our names model will have them. The other 24 share one low
# score, chosen so that `a` gets 58 %. (How do you choose it? See "Catch the slide"
# below.)

# %%
alphabet = ".abcdefghijklmnopqrstuvwxyz"
all_logits = torch.tensor([0.5, 2.1, 0.3] + [-2.108] * 24)
plot_probs(
    softmax(all_logits), list(alphabet), "One high score takes more than half", mark="a"
)

# %% [markdown]
# ## Play with it
#
# Drag a score and watch *all* bars move: the tickets of one letter are the bad luck
# of the others. By keyboard: press Tab to reach a slider, then use the arrow keys.
#
# - **Slide `a` up to 5.** What happens to the other bars, although you never touched
#   their scores?
# - **Slide "add to all"** from one end to the other. What moves, and what does not?

# %%
SoftmaxBars([0.5, 2.1, 0.3, -1.0, -2.0], [".", "a", "b", "i", "n"])

# %% [markdown]
# ## Why does this work?
#
# **Why the exponential, of all functions?** Because a network *adds* its evidence.
# Suppose one clue is worth $+1$ for `a`, and a second clue is worth $+1$ too. Added
# scores become multiplied odds, and that is how independent clues combine in
# probability. Compute it.

# %% tags=["ledger:D12"]
one_clue = softmax(torch.tensor([1.0, 0.0]))
two_clues = softmax(torch.tensor([2.0, 0.0]))
odds_1, odds_2 = one_clue[0] / one_clue[1], two_clues[0] / two_clues[1]
torch.testing.assert_close(odds_2, odds_1 * odds_1)
print(
    f"odds after one clue {odds_1:.3f}, after two {odds_2:.3f} = {odds_1:.3f} squared"
)

# %% [markdown]
# **Why not simply divide the scores by their sum?** Try it. A constant would change the
# answer, and with scores of both signs it is no probability at all.
#
# **Does the softmax "emphasise" the large scores?** It depends on the scale. Large
# differences become extreme ratios, small differences almost vanish. That is the
# handle which lesson 8 will call *temperature*.

# %% tags=["ledger:A8"]
for z in ([1.0, 2.0], [101.0, 102.0], [-1.0, 3.0]):
    shares = torch.tensor(z) / sum(z)
    print(f"scores {z}: divided {shares}, softmax {softmax(torch.tensor(z))}")

for scale in (0.1, 1.0, 10.0):
    print(f"logits x {scale:4}:", softmax(scale * logits))

# %% [markdown]
# ## Check yourself
#
# ### Catch the slide
#
# A lecture shows this line for our model after `aar`:
#
# `logits = [0.5, 2.1, 0.3, ...]`, `softmax(logits) = [0.12, 0.58, 0.08, ...]`
#
# One of the three probabilities cannot be right, whatever hides behind the dots.
# Which one? You need only ratios: the dots cancel.

# %% tags=["ledger:C7"]
slide = torch.tensor([0.12, 0.58, 0.08])
told = slide / slide[0]
true = (logits - logits[0]).exp()
for letter, t, e in zip(letters, told, true, strict=True):
    print(f"p({letter}) / p(.): the slide says {t:.2f}, the logits say {e:.2f}")
assert 0.575 / 0.125 < true[1] < 0.585 / 0.115  # .58 and .12 may be rounded
assert true[2] > 0.085 / 0.115  # .08 and .12 cannot, however kindly you round

# %% [markdown]
# The second line is fine within rounding. The third is not. What should stand there?
# And which score must each of the other 24 letters have, if they share what is left?

# %% tags=["ledger:C7"]
p_a = 0.58
p_end, p_b = p_a * math.exp(0.5 - 2.1), p_a * math.exp(0.3 - 2.1)
rest = 1 - p_a - p_end - p_b
other = 2.1 + math.log(rest / 24 / p_a)
print(f"p(.) = {p_end:.3f}, p(b) = {p_b:.3f}, the other 24 share {rest:.3f}")
print(f"logit of each other letter: {other:.3f}\n")

mended = softmax(torch.tensor([0.5, 2.1, 0.3] + [other] * 24))
assert math.isclose(mended[1], 0.58, abs_tol=1e-6)
zeros = softmax(torch.tensor([0.5, 2.1, 0.3] + [0.0] * 24))
print("mended slide:       ", mended[:3])
print("24 others at 0:     ", zeros[:3])
print("only three letters: ", softmax(logits))

# %% [markdown]
# Look at the last three lines. The same three logits give three different answers,
# because a softmax is always over *the whole list*. Dots on a slide hide the part
# that decides.
#
# ### Questions
#
# **1.** All 27 logits are equal to 7. What is the probability of each letter?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# One twenty-seventh. Only differences count, and there are none. The 7 is the
# constant that the softmax removes.
#
# </details>
#
# **2.** The logit of `a` is larger than that of `b` by the natural logarithm of 2.
# What do you know about their probabilities?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# `a` is exactly twice as likely as `b`, whatever the other letters do, because the
# ratio is the exponential of the difference.
#
# </details>
#
# **3.** A friend says: "The model's output for `a` is 2.1, so it is 210 % sure."
# What do you answer?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# A logit is not a probability. It says nothing without the other logits: next to a
# 0.5 it is high, next to a 9 it is hopeless.
#
# </details>
#
# **4.** Your turn: find the logit that `b` needs so that it becomes exactly as likely
# as `a` in our three-letter example. Check it with `softmax`.
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The same logit as `a`, 2.1. Equal probabilities mean a difference of zero.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** Logits are scores; the softmax turns them into shares of a whole.
# - **Formula.** $p_i = e^{z_i} / \sum_j e^{z_j}$. Only differences count: the ratio of
#   two probabilities is $e^{z_i - z_j}$.
# - **Pitfall.** Never take the exponential of a raw logit: subtract the largest first.
#   And never read a softmax from half of its list.
# - **Moved into the library:** `course_lib.functional.softmax`, `log_softmax`,
#   `sigmoid`, `logit`.
#
# **Homework:** [Homework 2](homework/hw02.ipynb), about 40 minutes. A badge under
# each check says at once whether your answer is right.
#
# **Next:** the model said 58 % for `a`. The name goes on with `a`. Was that a good
# prediction? [3. Cross-entropy](03_cross_entropy.ipynb) gives it a number.
