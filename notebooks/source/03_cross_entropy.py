# %% [markdown]
# # 3. Cross-entropy
#
# **How wrong was the prediction?**
#
# A model gave probabilities to 27 letters. Then the next letter arrived. This lesson
# turns "how surprised was the model?" into one number, the number that every language
# model is trained to make small: the **loss**.
#
# - **You will** compute the loss in six small steps, see why it is a logarithm, and
#   catch four wrong statements that are often taught.
# - **You need** [lesson 2](02_logits_and_softmax.ipynb): logits and softmax.
# - **Time** 35 minutes.
# - **Back** [2. Logits and softmax](02_logits_and_softmax.ipynb) ·
#   **Next** [4. Gradients](04_gradients.ipynb)

# %%
import math

import torch
from torch.nn import functional as F

from course_lib import functional, names
from course_play.plots import plot_curves
from course_play.reveal import reveal
from course_play.widgets import SurprisalCurve

torch.set_printoptions(precision=4, sci_mode=False)

# %% [markdown]
# ## Predict first
#
# Two models look at the same name. The first gave the letter that really came a
# probability of one half. The second gave it one quarter. The second was more
# surprised, so its loss is larger. **By how much?** (A hint from lesson 0: surprise is
# measured with the natural logarithm.)

# %%
my_guess = None

# %% tags=["hide-input"]
# the answer: open this after your guess
print(reveal(my_guess, math.log(2), digits=3))

# %% [markdown]
# Remember the answer. You will meet it whenever a probability is halved.
#
# ## Build it by hand
#
# The loss of one prediction is minus the natural logarithm of the probability that
# the model gave to the letter that came. Its unit is the **nat**. Only the true
# letter's probability counts.

# %% tags=["ledger:C1", "ledger:C2", "ledger:C3", "ledger:C8"]
for p in (1.00, 0.95, 0.58, 0.50, 0.10, 0.01):
    print(f"p = {p:.2f}: loss = -ln p = {0 - math.log(p):.4f} nats")

losses = -torch.linspace(0.01, 1, 100).log()
assert (losses.diff() < 0).all()  # the lower p, the higher the loss, always

# %% [markdown]
# To be certain and right costs nothing. To give the truth one chance in a hundred is
# expensive. The lower the probability, the higher the loss, without exception.
#
# > **For children (and for the rest of us).** The loss counts surprise. The sun rises:
# > no surprise. A coin shows heads: a little surprise. Your cat says "good morning":
# > a great surprise. A good guesser is rarely surprised.
#
# **Why a logarithm?** A name is right only if every letter is right, so the
# probability of a name is a *product*. A product of many small numbers soon becomes too
# small to handle. The logarithm turns it into a *sum*, one term for each letter.

# %%
letter_probs = [0.12, 0.58, 0.30, 0.25, 0.61]
product = math.prod(letter_probs)
total = sum(-math.log(p) for p in letter_probs)
assert math.isclose(-math.log(product), total)
print(f"probability of the name {product:.5f}, its loss {total:.3f} nats")

# %% [markdown]
# ### Six steps
#
# Now for real: two names, three positions in each, 27 scores at each position. A
# language model predicts at *every* position, not only at the end, so six predictions
# are scored at once. The scores here are random numbers: they know nothing, and yet take
# sides.

# %% tags=["ledger:A1"]
generator = torch.Generator().manual_seed(2)
logits = torch.randn(2, 3, 27, generator=generator)  # (names, positions, letters)
targets = torch.tensor([names.encode("aar"), names.encode("neh")])
assert logits.shape[:-1] == targets.shape
targets

# %% [markdown]
# **Steps 1, 2 and 3:** from logits to probabilities, with lesson 2's softmax; then keep
# the probability of the target only, one number for each position.

# %% tags=["ledger:A5"]
probs = functional.softmax(logits)  # step 2, from the logits of step 1
assert torch.allclose(probs.sum(-1), torch.ones(2, 3))
# step 3: gather picks, at each position, the entry whose index is the target
target_probs = probs.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
target_probs

# %% [markdown]
# **Steps 4, 5 and 6:** logarithm, average, minus sign.

# %% tags=["ledger:A5"]
log_probs = target_probs.log()  # step 4
average = log_probs.mean()  # step 5
loss = -average  # step 6
print("log-probabilities:", log_probs.flatten())
print(f"average {average:.4f}, loss {loss:.4f}")

# %% [markdown]
# Look at the signs. A probability is at most 1, and the logarithm of 1 is 0, so a
# *log-probability* is never positive. The *loss* turns the sign round, so it is never
# negative. "The loss is a negative value" is a slip you will read often.

# %% tags=["ledger:A3", "ledger:A4"]
assert (log_probs <= 0).all()
assert loss >= 0
is_target = F.one_hot(targets, 27).bool()  # True at the letters that came
raised = logits + 2 * is_target  # two points more for each of them
better = -functional.softmax(raised)[is_target].log().mean()
print(f"raise the true letters' scores: loss {loss:.2f} -> {better:.2f}, towards 0")
assert better < loss

# %% [markdown]
# ### The other way to write it
#
# Papers write the loss as a double sum over positions $t$ and letters $v$:
#
# $$L = -\sum_t \sum_v y_{tv} \log p_{tv}$$
#
# Here $y_{tv}$ is 1 for the true letter and 0 for all others: a **one-hot** row. The
# zeros switch off every letter except the target. And mind the sum over $t$: torch and
# this course take the *mean* over the positions, so that long texts do not look worse.

# %% tags=["ledger:B37"]
y = F.one_hot(targets, 27)
double_sum = -(y * probs.log()).sum()
torch.testing.assert_close(double_sum, loss * targets.numel())
print(f"sum {double_sum:.4f} = mean {loss:.4f} times {targets.numel()} predictions")

# %% [markdown]
# ### Never take the logarithm of a softmax
#
# The six steps are right on paper. In the computer a hopeless score can become a
# probability of exactly 0, and its logarithm is minus infinity. `log_softmax` skips
# the dangerous middle. With it the six steps shrink to three lines.


# %% tags=["ledger:A5"]
def cross_entropy(logits, targets):
    log_probs = functional.log_softmax(logits)  # steps 1, 2 and 4
    picked = log_probs.gather(-1, targets.unsqueeze(-1))  # step 3
    return -picked.mean()  # steps 5 and 6


extreme = torch.tensor([1000.0, 0.0])
print("six steps:  ", functional.softmax(extreme).log())
print("log_softmax:", functional.log_softmax(extreme))

# %% [markdown]
# ## Compare with torch
#
# Three lines by hand, one line in torch, one in the library.

# %% tags=["ledger:A5"]
flat = F.cross_entropy(logits.view(6, 27), targets.view(6))  # one row a prediction
torch.testing.assert_close(loss, flat, rtol=1e-6, atol=1e-6)
torch.testing.assert_close(cross_entropy(logits, targets), flat)
torch.testing.assert_close(functional.cross_entropy(logits, targets), flat)
print(f"six steps = three lines = torch = course_lib = {flat:.4f}")

# %% [markdown]
# ## See it

# %%
xs = torch.linspace(0.005, 1, 200)
plot_curves(
    {"-ln p": (xs.tolist(), (-xs.log()).tolist())},
    "Each halving of p adds the same loss",
    xlabel="probability of the letter that came",
    ylabel="loss in nats",
    lines={"27 equal": math.log(27), "p = 0.25": math.log(4), "p = 0.5": math.log(2)},
)

# %% [markdown]
# The dashed lines mark one half, one quarter, and a model without any idea, which
# gives each of 27 letters the same chance.
#
# ## Play with it
#
# Drag the point along the curve, or use the arrow keys.
#
# - **Slide from 1 to one half, then on to one quarter.** How much does the loss grow
#   each time? It is the number you guessed at the start.
# - **Slide towards 0.** The slider stops at 0.01. Does the loss stop there?

# %%
SurprisalCurve(p=0.58)

# %% [markdown]
# ## Why does this work?
#
# **Why not simply count right and wrong?** Because this loss pays for honesty. Say a
# letter really comes 70 % of the time. Which probability should a model announce to
# have the smallest average loss? Try all of them.

# %% tags=["ledger:C5"]
truth = 0.7
said = torch.linspace(0.01, 0.99, 99)
# with chance 0.7 the loss is -ln(said), with chance 0.3 it is -ln(1 - said)
expected = -(truth * said.log() + (1 - truth) * (1 - said).log())
best = said[expected.argmin()]
assert abs(best - truth) < 0.006
print(f"truth {truth}: the smallest expected loss is at {best:.2f}")

plot_curves(
    {"expected loss": (said.tolist(), expected.tolist())},
    "The honest answer costs least",
    xlabel="probability the model announces (truth: 0.70)",
    ylabel="expected loss in nats",
    lines={"entropy": functional.entropy(torch.tensor([0.7, 0.3])).item()},
)

# %% [markdown]
# The best answer is the truth: neither bolder nor more timid. A measure with this
# property is called a **proper score**. That is what "the model learns to be confident
# only when it is right" means. A model whose "70 %" come true 70 times in 100 is
# **calibrated**.
#
# The lowest point is not zero. It is the **entropy** of the truth: the surprise that
# remains when you know everything that can be known. What a model pays on top is
# called the **Kullback-Leibler divergence**, KL for short.

# %% tags=["ledger:C5"]
world, model = torch.tensor([0.7, 0.3]), torch.tensor([0.9, 0.1])  # too bold
paid = -(world * model.log()).sum()
best, extra = functional.entropy(world), functional.kl_divergence(world, model)
torch.testing.assert_close(paid, best + extra)
print(f"a bold model pays {paid:.4f} = entropy {best:.4f} + KL {extra:.4f}")

# %% [markdown]
# ### Is this the loss I learned before?
#
# Students meet this formula under four names. They are one and the same. Take a
# yes-or-no question: "yes" has the logit 1.3, "no" has 0, and the answer is "yes".

# %% tags=["ledger:A15"]
z, yes = torch.tensor([[0.0, 1.3]]), torch.tensor([1])
log_p = functional.log_softmax(z)
truth = F.one_hot(yes, 2).float()[0]
divergence = functional.kl_divergence(truth, log_p[0].exp())
losses = {
    "logistic loss": F.binary_cross_entropy_with_logits(z[0, 1], truth[1]),
    "two-class cross-entropy": functional.cross_entropy(z, yes),
    "negative log-likelihood": F.nll_loss(log_p, yes),
    "KL + entropy": divergence + functional.entropy(truth),
}
for name, value in losses.items():
    print(f"{name:24s}{value:.4f}")
    torch.testing.assert_close(value, losses["logistic loss"])

# %% [markdown]
# ### Perplexity and bits
#
# Two other ways to say the same number. **Perplexity**, $e^{L}$, says how many equally
# likely choices would be as hard. **Bits** count the surprise in halvings.

# %%
for told in (math.log(27), 2.0, math.log(2)):
    choices, bits = functional.perplexity(told), functional.nats_to_bits(told)
    print(f"{told:.2f} nats = {bits:.2f} bits = {choices:.1f} equal choices")

# %% [markdown]
# ## Check yourself
#
# ### Catch the slide
#
# **Slide 1.** "95 % confident but wrong: the loss is 3.0." Where did the other 5 % go?

# %% tags=["ledger:C4"]
all_on_truth = -math.log(0.05)
spread_evenly = -math.log(0.05 / 26)
print(f"all 5 % on the true letter:       {all_on_truth:.4f}")
print(f"5 % spread over 26 other letters: {spread_evenly:.4f}")
assert spread_evenly > 2 * all_on_truth

# %% [markdown]
# The slide is right only if the model's second choice was the truth and took all that
# was left. If the rest is spread evenly, the loss is more than twice as large.
#
# **Slide 2.** "The model keeps the few letters with the highest probabilities and then
# computes the cross-entropy." Try it with three letters kept.

# %% tags=["ledger:A2"]
third_best = logits.topk(3, dim=-1).values[..., -1:]
cut = logits.masked_fill(logits < third_best, -math.inf)  # e to that is 0
print(f"loss over all 27 letters: {functional.cross_entropy(logits, targets):.2f}")
print("loss over the best three:", functional.cross_entropy(cut, targets).item())

# %% [markdown]
# One target among those cut, and the loss is infinite. Training uses the softmax over
# the **whole** vocabulary. Keeping the best few belongs to *writing* text, in lesson 8.
#
# **Slide 3.** "After `aar` comes `a`, which is index 1." The index is right. Is it true
# of our names? Count.

# %% tags=["ledger:C6"]
contexts, following = names.windows(names.load_names(), context_size=3)
after_aar = following[(contexts == torch.tensor(names.encode("aar"))).all(1)]
share = torch.bincount(after_aar, minlength=27) / len(after_aar)
for i in share.argsort(descending=True, stable=True)[:3].tolist():
    print(f"aar -> {names.ALPHABET[i]}: {share[i]:.0%} of {len(after_aar)}")
print(f"entropy of what follows aar: {functional.entropy(share):.2f} nats")
assert names.encode("a") == [1]

# %% [markdown]
# "The true next letter" is not one letter. It is a **distribution**: a list of shares.
# The best average loss here, for a model that sees only `aar`, is the entropy of that
# distribution.
#
# **Slide 4** is the line you mended in lesson 2: logits 0.5, 2.1, 0.3 and dots. What
# is the loss if `a` comes? The dots decide again.

# %% tags=["ledger:C7", "ledger:C8"]
a = torch.tensor([1])
others = {"at -2.108": [-2.108] * 24, "at 0": [0.0] * 24, "left out": []}
for what, rest in others.items():
    z = torch.tensor([[0.5, 2.1, 0.3, *rest]])
    print(f"24 others {what:9s}: the loss is {functional.cross_entropy(z, a):.4f}")

# %% [markdown]
# ### Questions
#
# **1.** What is the loss of a model that gives all 27 letters the same probability?
# Does it depend on the letter that comes?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The natural logarithm of 27, whatever comes. Random scores that take sides cost more, as
# above. An untrained model should begin near ln 27; lesson 7 checks it.
#
# </details>
#
# **2.** Two models have the same accuracy: both put the right letter first in 6 of 10
# cases. Can their losses differ?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Yes. Accuracy asks only who came first. The loss asks how much probability the truth
# received, also when it came second.
#
# </details>
#
# **3.** A model announces a probability of exactly 0, and the letter comes. What is the
# loss, and what do you conclude?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Infinite. Never say never: on paper a softmax cannot give exactly 0, but a table of
# counts can. Lesson 5 has to deal with that.
#
# </details>
#
# **4.** Your turn: which single target in the six-step example cost most? Find it in
# `target_probs`, then lower its loss by changing one logit.
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The `n` of `neh`: `target_probs.argmin()` says 3, counted through both rows. Add 2 to
# `logits[1, 0, 14]`, and the loss falls.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** The loss is the surprise about what came, averaged over all predictions.
# - **Formula.** $L = -\frac{1}{N}\sum_n \log p_n(\text{target})$, in nats; perplexity
#   is $e^{L}$.
# - **Pitfall.** Use `log_softmax`, and all of the vocabulary. A loss is never negative.
# - **Moved into the library:** `course_lib.functional.cross_entropy`, `entropy`,
#   `kl_divergence`, `perplexity`, `nats_to_bits`.
#
# **Homework:** [Homework 3](homework/hw03.ipynb), about 45 minutes. A badge under
# each check says at once whether your answer is right.
#
# **Next:** you can measure how wrong a prediction is. But measuring improves nothing.
# What does? [4. Gradients](04_gradients.ipynb)
