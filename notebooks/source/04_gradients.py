# %% [markdown]
# # 4. Gradients
#
# **How does a model become better?**
#
# Not by measuring. You can compute a loss a thousand times, and the model stays as it
# was. A model becomes better because we ask a second question about the same number:
# *which way is down?* In this lesson you answer it for one letter of `asha`, by hand.
# Then you write the loop that trains every neural network, and a table that knows
# nothing learns to write names.
#
# - **You will** find the slope of the loss by trying, by the formula p - y, and
#   by a small machine of your own; then train a table in torch, line by line.
# - **You need** lesson 1 (shapes), lesson [2](02_logits_and_softmax.ipynb) (logits,
#   softmax) and lesson [3](03_cross_entropy.ipynb) (the loss). No calculus.
# - **Time** 110 minutes; 80 without the parts marked *more*, which you may skip on a
#   first reading. Take it in two halves: the second one begins at *The training loop*.
# - **Back** [3. Cross-entropy](03_cross_entropy.ipynb) · **Next** [5.
#   Counting](05_counting.ipynb)

# %%
import math
import random
import warnings

import torch
from torch.nn import functional as F

from course_lib import names, ngram
from course_play.boxes import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PINK,
    Node,
    plot_flow,
    plot_graph,
)
from course_play.panels import plot_marked
from course_play.plots import plot_curves
from course_play.widgets import GradientSteps, Predict

torch.set_printoptions(precision=3, sci_mode=False)
train_names = names.split_names(names.load_names()).train  # as in all lessons
V = names.VOCAB_SIZE  # 27: the full stop and 26 letters

# %% [markdown]
# ## Predict first
#
# The table of lesson 0 reads `asha`. It has seen the first `a`, and the `s` comes. The
# table had given the `s` a probability of only 0.049, so it was surprised. Soon you
# will have a recipe that changes all the scores of this row a little, in order to make
# the `s` more likely. It raises the score of the `s` and lowers the other 26.

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
row_a = (ngram.bigram_counts(train_names)[1] + 1).double().log()  # (27,), after a
p_row = row_a.softmax(dim=0)  # (27,)
s_came = torch.arange(V) == names.encode("s")[0]  # (27,)
lowered = (p_row - s_came.double())[~s_came]  # (26,), what each other score loses
choices = {p_row[~s_came].argmax().item(): "the one that was most likely"}
choices |= {p_row[~s_came].argmin().item(): "the one that was least likely"}
Predict(
    "Whose score does the recipe lower most, among the 26 that did not come?",
    choices[lowered.argmax().item()],
    options=(*choices.values(), "all of them equally"),
    because="At a learning rate of 1, each score loses the probability that it had.",
)

# %% [markdown]
# ## Build it by hand
#
# ### Measuring changes nothing
#
# Here is the prediction again: the row of the letter `a`, as 27 logits. As in lessons 2
# and 3 they are the logarithms of the counts plus 1. We compute the loss of this one
# prediction three times. (The logits are `float64`, numbers with about 16 digits,
# because we are going to look at very small changes.)

# %% tags=["ledger:A6"]
counts = ngram.bigram_counts(train_names)  # (27, 27), as in lesson 1
a, s = names.encode("as")  # 1 and 19
logits = (counts[a] + 1).double().log()  # (27,), the row of a
target = torch.tensor(s)  # the letter that came

# (27,) and () -> ()
measured = [F.cross_entropy(logits, target).item() for _ in range(3)]
assert len(set(measured)) == 1
print("loss:", [f"{loss:.3f}" for loss in measured])

# %% [markdown]
# The number 3.015 is the second line of the table in lesson 3. You can go through the
# six steps of that lesson as often as you like, and the prediction does not become
# better. A thermometer does not heat the room.
#
# ### Wiggle one number
#
# So we ask: what *would* happen if the score of the `s` were a tiny bit higher? We try.

# %%
wiggled = logits.clone()  # a copy, so that the old logits stay
wiggled[s] += 0.01
change = F.cross_entropy(wiggled, target).item() - measured[0]
print(f"score of s + 0.01: the loss changes by {change:.4f}")
print(f"that is {change / 0.01:.2f} for each point of score")

# %% [markdown]
# "How much the loss changes for each point of score" is called a **slope** (elsewhere:
# derivative). This slope is negative, because a higher score for the `s` means a lower
# loss. That is no surprise. New is that you know *how much* lower.
#
# We do the same with each of the 27 scores. To be more exact, we move each of them up
# and down by very little: the loss at +0.0001, minus the loss at -0.0001, divided by
# the distance of the two points, 0.0002. This method is called **finite differences**.


# %%
def slope_of(i, z, nudge=1e-4):
    """How much the loss of `target` changes for each point of score i."""
    up, down = z.clone(), z.clone()  # (27,), (27,)
    up[i] += nudge
    down[i] -= nudge
    change = F.cross_entropy(up, target) - F.cross_entropy(down, target)
    return change.item() / (2 * nudge)


by_wiggling = torch.tensor([slope_of(i, logits) for i in range(V)]).double()  # (27,)
print(by_wiggling)

# %% [markdown]
# There are 27 slopes, one for each score. Such a list is called the **gradient** of the
# loss. It has the same shape as the scores, always. Only one of its numbers is
# negative: that of the `s`.
#
# ### The formula: p minus y
#
# You have seen these numbers before. Let us put the probabilities beside them. In the
# column `y` stands the **one-hot** row of the letter that came (lesson 3): 1 for the
# `s` and 0 for all the others.

# %% tags=["ledger:A6"]
probs = logits.softmax(dim=0)  # (27,)
y = F.one_hot(target, V).double()  # (27,)
print("letter   slope       p    y    p - y")
for i in names.encode(".nrls"):
    p_minus_y = probs[i] - y[i]
    print(
        f"   {names.ALPHABET[i]}    {by_wiggling[i]:+.3f}   {probs[i]:.3f}   "
        f"{y[i]:.0f}   {p_minus_y:+.3f}"
    )

# %% [markdown]
# Look at the columns `slope` and `p - y`: they are equal. The loss has a slope for each
# score; for short, we say "the slope of the letter". The slope of every letter that did
# not come is its own probability. The slope of the `s` is its probability *minus 1*. So
# the whole gradient fits into one line:
#
# $$\frac{\partial L}{\partial z} = p - y$$
#
# Read the left side as "how much the loss $L$ changes for each point of the logit $z$".
# Here is the check for all 27, and two things that always hold: only the slope of the
# target is negative, and all slopes together are 0.

# %% tags=["ledger:A6"]
gradient = probs - y  # (27,)
torch.testing.assert_close(gradient, by_wiggling, rtol=1e-4, atol=1e-6)
assert torch.equal(gradient < 0, y == 1)
assert abs(gradient.sum()) < 1e-12
print(f"at s: {probs[s]:.3f} - 1 = {gradient[s]:.3f}")
print(f"all together: {abs(gradient.sum()):.3f}")

# %% [markdown]
# ### A step downhill
#
# A positive slope means: a higher score, a higher loss. We want a lower loss, so we go
# the other way and *subtract* the gradient from the logits. How much of it? We multiply
# the gradient by a factor that we choose, the **learning rate** (elsewhere: step size).
# Here we take 1, and we do it five times.

# %% tags=["ledger:A6", "ledger:A9"]
learning_rate = 1.0
z, p, p_by_step = logits, probs, [probs[s].item()]
print(f"at the start: p(s) = {p[s]:.3f}, loss = {-p[s].log():.3f}")
for step in range(1, 6):
    z = z - learning_rate * (p - y)  # (27,), against the slope
    p = z.softmax(dim=0)  # (27,)
    p_by_step.append(p[s].item())
    print(f"after step {step}: p(s) = {p[s]:.3f}, loss = {-p[s].log():.3f}")

assert p_by_step == sorted(p_by_step)  # each step makes the s more likely

# %% [markdown]
# *This* makes it better. The loss measures, its gradient says which way, and the step
# moves. The method is called **gradient descent**, and every language model learns by
# it.
#
# Look at what a step does. With a learning rate of 1, each wrong letter loses as much
# score as the probability it held, and the `s` gains the sum of all that. (With a rate
# of 0.1 everything is a tenth of it.) So the wrong letter that was most likely loses
# most: here it is the full stop. (That answers the question at the beginning.) And the
# surer the model becomes of the `s`, the smaller the steps are, because nothing is left
# to correct.
#
# > **For children (and for the rest of us).** You stand on a hill in thick fog, and you
# > want to go down into the valley. You see nothing. But your feet feel which way the
# > ground falls. Take a small step that way. Feel again. Step again.
#
# Was that a good thing for the other names? The row of `a` is used whenever an `a` was
# read. Let us measure it on *everything* that came after an `a` in the training names:
# the loss of each letter, weighted by how often the letter came.

# %%
shares = counts[a] / counts[a].sum()  # (27,), what really comes after an a
for what, scores in {"before": logits, "after": z}.items():
    mean_loss = -(shares * scores.log_softmax(dim=0)).sum()  # ()
    print(f"{what:6s} loss on all {counts[a].sum()} letters after a: {mean_loss:.2f}")

# %% [markdown]
# It became worse. The row now expects an `s` after every `a`, as if all names were
# `asha`. One letter is not enough to learn from. So in the second half of this lesson
# we take the *mean* loss over many letters and follow its gradient.
#
# ### Why p - y? The chain rule
#
# Wiggling needs two measurements of the loss for each number. Large models have
# billions of numbers, so it is hopeless. The formula needs one measurement for all.
# Where does it come from?
#
# We follow a smaller example: the next letter of `asha`. After the second letter, the
# `s`, lesson 2 gave three letters the scores 1.0, 0.0 and -0.6, and in our name the `h`
# comes. The loss is minus the logarithm of a fraction. The logarithm makes a difference
# of it:
#
# $$L = -\ln \frac{e^{z_h}}{S} = \ln S - z_h
#   \qquad\text{with}\qquad S = e^{z_h} + e^{z_a} + e^{z_u}$$
#
# ($S$ is the number of all tickets in the raffle of lesson 2.) We compute the loss in
# small pieces. This direction, from the scores to the loss, is called the **forward
# pass**.

# %%
z_h, z_a, z_u = 1.0, 0.0, -0.6
e_h, e_a, e_u = math.exp(z_h), math.exp(z_a), math.exp(z_u)
S = e_h + e_a + e_u
ln_S = math.log(S)
L = ln_S - z_h
print(f"S = {S:.3f}, ln S = {ln_S:.3f}, L = {L:.3f}, and p(h) = {e_h / S:.3f}")

# %% [markdown]
# Think of gears. If one gear turns the next one twice as fast, and this one turns a
# third one three times as fast, then the third gear turns 2 x 3 times as fast as the
# first. Our pieces are such gears: a score moves $e^z$, that moves $S$, that moves
# $\ln S$, and that moves $L$. So **slopes in a row are multiplied**. This is the
# **chain rule**. (The chain rule of probability in lesson 3 is another thing with the
# same name.)
#
# We need the slopes of two functions only. Wiggle them at a few places:

# %%
nudge = 1e-6
print("  x    e^x   its slope    1/x   slope of ln x")
for x in (0.5, 1.0, 2.0):
    slope_exp = (math.exp(x + nudge) - math.exp(x - nudge)) / (2 * nudge)
    slope_log = (math.log(x + nudge) - math.log(x - nudge)) / (2 * nudge)
    print(
        f"{x}  {math.exp(x):.3f}       {slope_exp:.3f}  {1 / x:.3f}  {slope_log:10.3f}"
    )
    assert math.isclose(slope_exp, math.exp(x), rel_tol=1e-6)
    assert math.isclose(slope_log, 1 / x, rel_tol=1e-6)

# %% [markdown]
# The slope of $e^x$ is $e^x$ itself, and the slope of $\ln x$ is $1/x$. Now we walk
# back from the loss to the scores, and at each gear we multiply. This direction is
# called the **backward pass**. We write `d_x` for "the slope of the loss towards `x`".

# %%
d_ln_S = 1.0  # L = ln S - z_h grows as ln S grows
d_S = (1 / S) * d_ln_S  # the slope of ln S is 1/S
d_e_h, d_e_a, d_e_u = d_S, d_S, d_S  # a sum passes each change on as it is
d_z_a = e_a * d_e_a  # the slope of e^z is e^z
d_z_u = e_u * d_e_u
through_S, direct = e_h * d_e_h, -1.0  # two ways lead from z_h to L
d_z_h = through_S + direct
print(f"a {d_z_a:+.3f}, u {d_z_u:+.3f}")
print(f"h {through_S:+.3f} {direct:+.3f} = {d_z_h:+.3f}")

# %% [markdown]
# Only `z_h` has two ways to the loss: one through $S$, and a direct one, with the slope
# $-1$. **Slopes of different ways are added.** Here is the whole computation as a
# drawing, a **computation graph**. In each box stands the value of the forward pass,
# and below it, in orange, the slope of the backward pass.

# %%
slopes_h = f"{through_S:.3f} - 1 = {d_z_h:.3f}"
nodes = {
    "z_a": Node("$z_a$", f"{z_a}", f"{d_z_a:+.3f}", BLUE),
    "z_u": Node("$z_u$", f"{z_u}", f"{d_z_u:+.3f}", BLUE),
    "z_h": Node("$z_h$, two ways to $L$", f"{z_h}", slopes_h, BLUE),
    "e_a": Node("$e^{z_a}$", f"{e_a:.3f}", f"{d_e_a:+.3f}"),
    "e_u": Node("$e^{z_u}$", f"{e_u:.3f}", f"{d_e_u:+.3f}"),
    "e_h": Node("$e^{z_h}$", f"{e_h:.3f}", f"{d_e_h:+.3f}"),
    "S": Node("$S$, the sum", f"{S:.3f}", f"{d_S:+.3f}"),
    "ln_S": Node(r"$\ln S$", f"{ln_S:.3f}", f"{d_ln_S:+.3f}"),
    "L": Node(r"$L = \ln S - z_h$", f"{L:.3f}", "1", ORANGE),
}
edges = [("z_a", "e_a"), ("z_u", "e_u"), ("z_h", "e_h"), ("e_a", "S"), ("e_u", "S")]
edges += [("e_h", "S"), ("S", "ln_S"), ("ln_S", "L"), ("z_h", "L")]
plot_graph(nodes, edges, "Values run forward, slopes run backward")

# %% [markdown]
# Two arrows leave `z_h`. The upper one brings back the slope 0.637, the lower one -1,
# and their sum -0.363 stands below the box. Read the way of `z_u` from the right to the
# left: 1, times 1 (the slope of the difference), times 0.234 (the slope of the
# logarithm, $1/S$), times 1 (the sum), times
# 0.549 (the slope of $e^z$), is 0.129. And 0.549 / 4.267 is the share of the `u` in
# lesson 2. In letters: the slope is $e^{z_u} / S$, and this is the softmax. So the $p$
# of the formula is the slope of $\ln S$, and the $-y$ is the slope of $-z_h$. There is
# nothing else in it.

# %%
p_h, p_a, p_u = e_h / S, e_a / S, e_u / S
assert math.isclose(d_z_h, p_h - 1)  # p - y, for the letter that came
assert math.isclose(d_z_a, p_a)
assert math.isclose(d_z_u, p_u)

# %% [markdown]
# To compute all slopes in this way, from the loss backward, is called
# **backpropagation**.
#
# ### *More:* a machine that multiplies slopes
#
# Nobody walks backward by hand through a network. A machine does it, and it is small.
# We need a number that *remembers* which numbers it was computed from. They are its
# **parents**, and with each parent we store the slope of this one step.


# %%
class Value:
    """A number that remembers where it came from."""

    def __init__(self, data, parents=()):
        self.data = data  # the number
        self.parents = parents  # pairs: (a number it came from, slope of this step)
        self.grad = 0.0  # the slope of the loss towards it; comes later


# %% [markdown]
# > **Python: classes.** `Value(3.0)` makes an object and calls `__init__` with it as
# > `self`. The object keeps what is stored under `self.data`, `self.parents` and
# > `self.grad`.
#
# Now four operations. Each one computes its result and writes down the parents with
# their slopes. A sum passes a change on as it is, so its slopes are 1. In a product $x
# \cdot w$, if $x$ grows by a little, the product grows by $w$ times as much, so the
# slope towards one factor is the other factor.


# %%
def add(x, w):
    return Value(x.data + w.data, [(x, 1.0), (w, 1.0)])


def multiply(x, w):
    return Value(x.data * w.data, [(x, w.data), (w, x.data)])


Value.__add__ = add  # now Python calls add(x, w) where we write x + w
Value.__mul__ = multiply  # and multiply(x, w) where we write x * w


# %%
def exp(x):
    return Value(math.exp(x.data), [(x, math.exp(x.data))])  # its own slope


def log(x):
    return Value(math.log(x.data), [(x, 1 / x.data)])


Value.exp, Value.log = exp, log  # now x.exp() and x.log() work, as in torch


# %% [markdown]
# (Usually such functions are written inside the class, as in homework 4. Here we add
# them one by one, to read them one by one.)
#
# For the backward pass we need the numbers in a good order: a number may hand its slope
# on only when it is complete, that is, after everything computed *from* it has been
# visited. So we list all numbers with the parents first, and later walk through the
# list from its end.


# %%
def in_order(result):
    """All numbers behind `result`, each one after its parents."""
    order = []

    def visit(value):
        if value not in order:
            for parent, _ in value.parents:
                visit(parent)
            order.append(value)

    visit(result)
    return order


x = Value(3.0)
print([value.data for value in in_order(x * x + x)])

# %% [markdown]
# First `x` itself, then the product, then the sum: each number after its parents. In
# another order, if the product handed its slope on before the sum had sent it one, it
# would hand on 0.
#
# And this is backpropagation. Each number hands its own slope on to its parents,
# multiplied by the slope of the step. A number that was used twice gets two such
# messages, and they are added: therefore `+=`.


# %%
def backward(result):
    """Write the slope of `result` into the .grad of every number behind it."""
    result.grad = 1.0
    for value in reversed(in_order(result)):
        for parent, slope in value.parents:
            parent.grad += slope * value.grad


# %% [markdown]
# Try it on something that you can check in your head. At $x = 3$, $x \cdot x + x$ is
# 12. The three uses of $x$ send it the slopes 3, 3 and 1.

# %%
x = Value(3.0)
result = x * x + x
backward(result)
print("value", result.data, "slope", x.grad)
assert x.grad == 7.0

# %% [markdown]
# Now the loss of the `s` after `a`, with all 27 scores. The machine has never heard of
# $p - y$.

# %% tags=["ledger:A6"]
scores = [Value(score) for score in logits.tolist()]  # 27 Values
total = Value(0.0)
for score in scores:
    total = total + score.exp()
loss = total.log() + Value(-1.0) * scores[s]  # ln S - z
backward(loss)

by_machine = torch.tensor([score.grad for score in scores]).double()  # (27,)
print("the slopes of the machine:", by_machine[:3])
torch.testing.assert_close(by_machine, gradient, rtol=1e-5, atol=1e-6)
print(f"loss {loss.data:.3f}, slope of s {scores[s].grad:.3f}")

# %% [markdown]
# ## Compare with torch
#
# Torch has the same machine, and it is called **autograd**. The line `requires_grad_()`
# tells torch to remember the parents of everything that is computed from this tensor.
# `backward()` walks back, and the slopes then stand in `.grad`.

# %% tags=["ledger:A6"]
z = logits.clone().requires_grad_()  # (27,)
loss = F.cross_entropy(z, target)  # ()
loss.backward()
by_chain_rule = logits.exp() / logits.exp().sum() - y  # (27,), d_z from above

for found in (by_wiggling, gradient, by_chain_rule):
    torch.testing.assert_close(z.grad, found, rtol=1e-4, atol=1e-6)
print("wiggled = formula = chain rule = torch:", z.grad[:3])

# %% [markdown]
# Three ways of yours, and torch agrees with all of them. (If you built the machine in
# the part marked *more*, it was the fourth.) From now on torch does it, and you know
# what it does: it multiplies slopes in a row and adds slopes of different ways.
#
# ## See it
#
# We move only the score of the `s` and draw the loss. Three places are marked, with the
# slope of the curve there, which is p - 1.

# %%
along = torch.linspace(2, 13, 111).double()  # (111,)
moved = logits.repeat(111, 1)  # (27,) -> (111, 27)
moved[:, s] = along
p_s = moved.softmax(dim=1)[:, s]  # (111,)
places = {}
for score in (logits[s].item(), 8.5, 11.5):
    i = (along - score).abs().argmin()
    places[f"slope {p_s[i] - 1:.2f}"] = (along[i].item(), -p_s[i].log().item())
plot_marked(
    (along.tolist(), (-p_s.log()).tolist()),
    places,
    "The slope goes from -1 to 0 as p(s) grows",
    xlabel="score of s (the first mark is ours; the other 26 stay)",
    ylabel="loss in nats",
)

# %% [markdown]
# At our score p(s) is small, so the slope is nearly -1, and the curve is nearly a
# straight line. Farther to the right it bends, because p(s) comes near to 1. So **a
# slope is true only close by**: remember this when you choose a learning rate.
#
# ## Play with it
#
# Five symbols after an `a`, with scores like those of our row, and the `s` came. (The
# picture writes "onehot" for our $y$.) By keyboard: Tab moves from control to control,
# Space presses a button, the arrow keys move the slider.
#
# - **Press "One step" until `s` is ahead.** Which wrong symbol loses most in the first
#   step? What happens to the arrows?
# - **Press "Reset", slide the learning rate to 5, and take one step.** What is
#   different?

# %%
five = ".nrls"
picked = logits[torch.tensor(names.encode(five))]  # (5,)
GradientSteps((picked - picked.mean()).round(decimals=2), list(five), "s")

# %% [markdown]
# ## Build it by hand
#
# ### The training loop
#
# Now we train a whole table, from nothing. It has one row of 27 scores for each letter
# before, as in lesson 2, but nobody counts. All scores start at 0. Numbers that
# training changes are called **parameters** (elsewhere: weights), and all scores of
# this table are parameters.
#
# The data are all pairs of the training names: the letter before, and the letter that
# came after it. `names.windows` lists them as in lesson 1.

# %%
contexts, after = names.windows(train_names, context_size=1)  # (N, 1) and (N,)
before = contexts[:, 0]  # (N,)
N = len(after)
W = torch.zeros(V, V, requires_grad=True)  # (27, 27): the parameters
print(f"{N:,} pairs, {W.numel()} parameters")

# %% [markdown]
# `requires_grad=True` is the first line of every training: it tells torch to remember
# what is computed from `W`. What does this table write before it has learned anything?
# (The writing is that of lesson 0: draw a letter from the row of the letter before.)


# %%
def write_name(table, generator):
    """A name of at most 12 letters, drawn from a (27, 27) table of probabilities."""
    name, letter = "", 0  # 0 is the full stop
    while len(name) < 12:
        letter = generator.choices(range(V), weights=table[letter])[0]
        if letter == 0:
            break
        name += names.ALPHABET[letter]
    return name


untrained = W.detach().softmax(dim=1).tolist()  # 27 rows of 27 probabilities
generator = random.Random(5)
print(", ".join(write_name(untrained, generator) for _ in range(6)))

# %% [markdown]
# (`detach()` gives the same numbers without their memory of parents; to write names, we
# need no slopes.)
#
# **One step, line by line.** The step has four parts.
#
# **Forward.** Look up the row of each letter before, and compute the mean loss.

# %%
logits = W[before]  # (N,) row numbers -> (N, 27)
loss = F.cross_entropy(logits, after)  # (N, 27) and (N,) -> ()
print(f"loss {loss.item():.3f}, and ln 27 = {math.log(V):.3f}")
assert math.isclose(loss.item(), math.log(V), rel_tol=1e-5)

# %% [markdown]
# All scores are equal, so each symbol has p = 1/27. You knew this number before the
# cell ran, and that makes it a good check: a fresh model should start near ln V.
#
# **Backward.** One call fills `W.grad`, which has the shape of `W`.

# %%
loss.backward()
print("W.grad has the shape", tuple(W.grad.shape))
for letter in ".ns":
    print(f"after a, slope of {letter}: {W.grad[a, names.encode(letter)[0]]:+.4f}")

# %% [markdown]
# The slopes of common letters after `a` are negative, so their scores will rise. Where
# do the numbers come from? Each pair with an `a` before sends $p - y$ to the row of
# `a`, and the loss is the mean over N pairs. The mean of the one-hot rows $y$ is the
# list of *shares*: how often each letter came. So the slopes of the row are
#
# $$\frac{\text{pairs with an a before}}{N} \cdot (p - \text{shares})$$

# %%
p = W[a].detach().softmax(dim=0)  # (27,), each 1/27
part = counts[a].sum() / N  # the share of pairs with an a before
torch.testing.assert_close(W.grad[a], part * (p - shares), rtol=1e-3, atol=1e-6)
print(f"{part:.2f} of all pairs have an a before: {part:.2f} * (p - shares)")

# %% [markdown]
# Remember this formula: **the gradient is 0 when the probabilities of the model are the
# shares in the data.** Lesson 5 shows what follows from it.
#
# **Update.** Go against the slope. The learning rate is 10, which looks large. But the
# slopes are small, because the loss is a mean over all pairs, and each row has only a
# part of them. (A row of a rare letter has a very small part, so it learns slowest.) At
# the end of the lesson we look at other rates.

# %%
with torch.no_grad():
    W -= 10 * W.grad  # (27, 27)

# %% [markdown]
# The line `with torch.no_grad():` tells torch: do not remember this. The update is no
# part of the model, it is something that *we* do to the parameters. You will soon see
# what happens without it.
#
# **Clear.** Throw the used slopes away, because the next `backward()` would add to
# them.

# %%
W.grad = None
print(f"loss after one step: {F.cross_entropy(W[before], after).item():.3f}")

# %%
plot_flow(
    [
        ("forward", "logits = W[...]\nloss = cross_entropy"),
        ("backward", "loss.backward()\nfills W.grad"),
        ("update", "with torch.no_grad():\nW -= rate * W.grad"),
        ("clear", "W.grad = None"),
        ("and round again", "forward,\nwith the next pairs"),
    ],
    "The training loop: four parts, then the first one again",
    colors=[BLUE, ORANGE, GREEN, PINK, GREY],
)

# %% [markdown]
# ### A batch is enough
#
# The step looked at all N pairs. That is slow, and it is not needed. We draw a small
# **batch** of pairs at random, say 256, and take the gradient of their mean loss. It is
# an estimate of the gradient of all pairs. Gradient descent with random batches is
# called **stochastic gradient descent**, **SGD** ("stochastic" means "by chance").

# %%
generator = torch.Generator().manual_seed(0)
pick = torch.randint(N, (256,), generator=generator)  # (256,) numbers of pairs
print("three of them:", pick[:3], "before", before[pick[:3]], "after", after[pick[:3]])
print(f"all pairs are {N / 256:.0f} times as many as a batch")

# %% [markdown]
# So one step costs about a hundredth of the work, and we can take a hundred times as
# many steps.
#
# ### *More:* how rough is a batch?
#
# Let us look at the gradient at the start of the training, for one batch and for the
# mean of 200 batches.


# %%
def gradient_at_start(pairs):
    """The gradient (27, 27) of the mean loss of some pairs, all scores being 0."""
    W = torch.zeros(V, V, requires_grad=True)
    F.cross_entropy(W[before[pairs]], after[pairs]).backward()
    return W.grad


# %% tags=["close"]
batches = torch.randint(N, (200, 256), generator=generator)  # (200, 256)
of_all = gradient_at_start(torch.arange(N))  # (27, 27)
by_batch = torch.stack([gradient_at_start(pairs) for pairs in batches])  # (200, 27, 27)
print("after a   all pairs   one batch   mean of 200")
for i in names.encode(".ns"):
    found = (of_all[a, i], by_batch[0, a, i], by_batch[:, a, i].mean())
    print(f"   {names.ALPHABET[i]}   " + "".join(f"{x:12.4f}" for x in found))

# %% [markdown]
# One batch is rough. Where the true slope is near 0, a batch can even have the wrong
# sign: the share of the `s` after `a`, 0.049, is not far from the 1/27 = 0.037 that the
# table says at the start, so its slope is small. But a batch is not wrong in the same
# direction each time, so *on average* the batches are correct.
#
# ### The whole loop
#
# Here it is. Learn it by heart: it is the same for every model in this course.


# %%
def train(learning_rate, n_steps):
    """A trained table (27, 27) and the loss of each batch."""
    generator = torch.Generator().manual_seed(0)
    W, losses = torch.zeros(V, V, requires_grad=True), []
    for _ in range(n_steps):
        pick = torch.randint(N, (256,), generator=generator)  # (256,)
        loss = F.cross_entropy(W[before[pick]], after[pick])  # forward
        loss.backward()  # backward
        with torch.no_grad():
            W -= learning_rate * W.grad  # update
        W.grad = None  # clear
        losses.append(loss.item())
    return W.detach(), losses


# %% tags=["ledger:A10"]
W, losses = train(learning_rate=10, n_steps=2000)

# %% [markdown]
# Has it learned? A batch says it only roughly, so we measure on all pairs. Beside it
# stands the table of *counted* shares that lesson 0 found. (Here nothing is added to
# the counts, because we only score pairs that came. Therefore the numbers are a little
# lower than in lesson 3.)

# %% tags=["close", "ledger:A9"]
counted = counts / counts.sum(dim=1, keepdim=True)  # (27, 27) / (27, 1)
counted_loss = -counted[before, after].log().mean().item()
trained_loss = F.cross_entropy(W[before], after).item()
print(
    f"before {math.log(V):.2f}, after {trained_loss:.2f}, counting {counted_loss:.2f}"
)
assert counted_loss < trained_loss < counted_loss + 0.03

# %% tags=["close:0.05"]
ends = range(20, len(losses) + 1, 20)
means = [sum(losses[end - 20 : end]) / 20 for end in ends]  # of 20 batches each
plot_curves(
    {"loss of 20 batches": (list(ends), means)},
    "Training comes down to the loss of counting",
    xlabel="step",
    ylabel="loss in nats, mean of 20 batches",
    lines={"counting": counted_loss, "ln 27": math.log(V)},
)

# %% [markdown]
# Nobody has counted anything, and yet the table has arrived where counting is. The
# curve goes up and down, because each batch is another one. And now the table writes.
# The random seed is the same as before the training.

# %% tags=["words:0.5"]
trained = W.softmax(dim=1)  # (27, 27)
generator = random.Random(5)
print("before:", ", ".join(write_name(untrained, generator) for _ in range(6)))
generator = random.Random(5)
print("after: ", ", ".join(write_name(trained.tolist(), generator) for _ in range(6)))

# %% [markdown]
# What has happened to `asha`? Here are its five letters in nats, as in lesson 3.

# %% tags=["close:0.1"]
print("after  comes   -ln p before   trained   counted")
sums = [0.0, 0.0, 0.0]
for pair in (".a", "as", "sh", "ha", "a."):
    i, j = names.encode(pair)
    surprise = [-math.log(p) for p in (untrained[i][j], trained[i, j], counted[i, j])]
    sums = [old + new for old, new in zip(sums, surprise, strict=True)]
    print(f"  {pair[0]}      {pair[1]}   " + "".join(f"{x:10.2f}" for x in surprise))
print("sum          " + "".join(f"{x:10.2f}" for x in sums))
assert abs(sums[1] - sums[2]) < 0.5

# %% [markdown]
# The sum for the whole name has fallen to about half. We did not train on `asha` alone:
# we trained on all names, and `asha` is like many of them. (The trained column differs
# a little from the counted one, up and down, because the last batches still push the
# table about.)
#
# ### Three mistakes that everybody makes
#
# **The first: no `no_grad`.** Torch watches everything that is computed with `W`, and a
# change in place would turn `W` itself into a computed number. So torch refuses.

# %%
W = torch.zeros(V, V, requires_grad=True)
F.cross_entropy(W[before], after).backward()
try:
    W -= 10 * W.grad
except RuntimeError as error:
    print(error)

# %% [markdown]
# "A leaf" is a tensor that you made yourself: it stands at the beginning of the graph,
# and it has no parents. Torch stores `.grad` only for leaves.
#
# **The second: a new tensor.** So somebody writes `W = W - 10 * W.grad`, and there is
# no error. But this line does not change `W`. It computes a *new* tensor from the old
# one and gives it the name `W`. The new one has parents, so it is not a leaf, and the
# next `backward()` stores nothing in it.

# %%
W = W - 10 * W.grad  # looks harmless
F.cross_entropy(W[before], after).backward()
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # torch warns about it; we look ourselves
    print("leaf:", W.is_leaf, "  grad:", W.grad)
    try:
        W = W - 10 * W.grad
    except TypeError as error:
        print(error)

# %% [markdown]
# The first step works, and the second one fails. If you ever read "NoneType" in a
# training loop, look for a line that makes a new `W`. The correct form changes the old
# tensor in place: `W -= ...`, inside `no_grad`.
#
# **The third: no clearing.** This one gives no error at all. Slopes are added to what
# stands in `.grad`, because slopes of different ways are added. Ask twice, and you get
# double:

# %%
W = torch.zeros(V, V, requires_grad=True)
F.cross_entropy(W[before], after).backward()
once = W.grad[a, s].item()
F.cross_entropy(W[before], after).backward()
print(f"asked once {once:+.5f}, asked twice {W.grad[a, s].item():+.5f}")
assert math.isclose(W.grad[a, s].item(), 2 * once, rel_tol=1e-5)

# %% [markdown]
# In a loop all old slopes pile up. Here is our loop of 2,000 steps once more, *without*
# the line that clears.

# %% tags=["close:20"]
generator = torch.Generator().manual_seed(0)
W = torch.zeros(V, V, requires_grad=True)
for _ in range(2000):
    pick = torch.randint(N, (256,), generator=generator)  # (256,)
    F.cross_entropy(W[before[pick]], after[pick]).backward()
    with torch.no_grad():
        W -= 10 * W.grad
never_cleared = F.cross_entropy(W[before], after).item()
print(f"never cleared: {never_cleared:.2f} instead of {trained_loss:.2f}")
assert never_cleared > trained_loss + 1

# %% [markdown]
# ### How large should the learning rate be?
#
# Let us take *one* step from the start, with the gradient of all pairs, and try many
# learning rates for it. What is the loss after this step?

# %% tags=["close"]
start = torch.zeros(V, V, requires_grad=True)
F.cross_entropy(start[before], after).backward()
start, of_all = start.detach(), start.grad  # (27, 27), (27, 27)
rates = torch.arange(0, 401, 10)  # (41,)
after_step = [F.cross_entropy((start - r * of_all)[before], after) for r in rates]
best = rates[torch.stack(after_step).argmin()].item()
at = {"stay": 0, "lowest": best, "too far": 400}
plot_marked(
    (rates.tolist(), [x.item() for x in after_step]),
    {name: (r, after_step[r // 10].item()) for name, r in at.items()},
    "A step can be too short, and it can be too long",
    xlabel="learning rate of this one step",
    ylabel="loss after the step, in nats",
)

# %% [markdown]
# At first a longer step is better. But the slope is true only close by. A step that is
# too long jumps over the valley and lands on the other side, higher up.
#
# Why do we not take the best rate of this picture, then? Because it is the best one for
# the first step only. Later some rows have nearly arrived and need short steps, and
# there is the noise of the batches. So people first try learning rates in steps of ten,
# and then finer ones (lesson 7), and look at the loss after some training:

# %% tags=["close:0.5"]
for rate in (0.1, 1, 10, 100):
    table, _ = train(rate, n_steps=500)
    print(f"learning rate {rate:5}: {F.cross_entropy(table[before], after):.2f}")

# %% [markdown]
# With 0.1 the table has gone less than a third of the way from 3.30 to 2.33 when the
# steps are used up; with more steps it would come down further. With 100 it jumps about
# and does not settle. The answer depends on the model and on the batch: larger batches
# have less noise and allow larger rates, and lesson 5 takes 50 with all pairs at once.
# So the learning rate is the first thing to try when a training does not work.
#
# ## Why does this work?
#
# **Why is the slope enough?** Because a step is small. Close by, the loss is nearly a
# straight line in each parameter, and the gradient says for all of them at once which
# way is down.
#
# **What changes in a large model?** Only the forward pass. There the logits are not
# looked up, they are computed in many steps, and backpropagation carries $p - y$ back
# through all of them. The four parts of the loop stay.
#
# ### *More:* one gear further
#
# Suppose that a model computes three numbers from the text, its **features** (we call
# them clues here), and that each letter has a weight for each clue. The score of a
# letter is the sum of its weights times the clues.

# %% tags=["ledger:A9"]
clues = torch.tensor([1.0, -0.5, 2.0])  # (3,)
weights = torch.zeros(V, 3, requires_grad=True)  # (27, 3)
scores = (weights * clues).sum(dim=1)  # (27, 3) -> (27,)
F.cross_entropy(scores, target).backward()
p_minus_y = scores.detach().softmax(dim=0) - F.one_hot(target, V)  # (27,)
torch.testing.assert_close(weights.grad, p_minus_y.unsqueeze(1) * clues)
print("slopes at s:", weights.grad[s], "= (p - y) * clues")

# %% [markdown]
# Each weight's slope is the $p - y$ of its letter, times the clue that the weight was
# multiplied with. That is the chain rule, one gear further.
#
# ### *More:* so why does the accuracy rise?
#
# Training never looks at the **accuracy**, the share of hits (lesson 3), because it has
# no useful slope: if you wiggle a score a little, the favourite stays the favourite,
# and the accuracy does not change. It rises as a *side effect*: if the probability of
# the letter that comes is raised often enough, it overtakes the others.
#
# But loss and accuracy can also go different ways. Suppose that there are only two
# letters, so that the correct one is the favourite if its p is above one half. Here is
# this p in four questions, before and after some training (the numbers are invented).

# %% tags=["ledger:A6"]
p_before = torch.tensor([0.51, 0.51, 0.51, 0.01])  # (4,)
p_after = torch.tensor([0.49, 0.49, 0.49, 0.45])  # (4,)
for what, p in {"before": p_before, "after": p_after}.items():
    mean_loss, accuracy = -p.log().mean(), (p > 0.5).float().mean()
    print(f"{what:6s} loss {mean_loss:.2f}, accuracy {accuracy:.2f}")
assert p_after.log().mean() > p_before.log().mean()  # a lower loss
assert (p_after > 0.5).sum() < (p_before > 0.5).sum()  # and fewer hits

# %% [markdown]
# The loss has fallen, because one very bad answer has become less bad. The accuracy has
# fallen, too.
#
# ## Check yourself
#
# ### Fix the slide
#
# "The loss is the signal that changes the parameters." This is nearly correct. Which
# part of the loss is the signal? Think, and then look: we add 100 to the loss.

# %% tags=["ledger:A9"]
z = torch.zeros(V, requires_grad=True)  # (27,)
(F.cross_entropy(z, target) + 100).backward()
with_100, z.grad = z.grad, None
F.cross_entropy(z, target).backward()
print(f"slope of s: {with_100[s]:.3f} with the 100, {z.grad[s]:.3f} without")
assert torch.equal(with_100, z.grad)

# %% [markdown]
# The loss is enormous, and no parameter notices. The signal is not how *high* the loss
# is. It is how the loss *changes*.
#
# ### Questions
#
# **1.** The slopes of the 27 logits of one prediction always add up to 0. Why?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The probabilities add up to 1, and the one-hot row adds up to 1, so their difference
# adds up to 0. Another reason: if you add the same number to all logits, nothing
# changes (lesson 2). So the loss has no slope in this direction.
#
# </details>
#
# **2.** A model gives the letter that comes a probability of 0.999. How strongly does
# this letter change the model?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Hardly at all: the slope of its score is 0.999 - 1 = -0.001. What a model already
# knows teaches it nearly nothing.
#
# </details>
#
# **3.** A training loop prints 3.30, 3.30, 3.30, 3.30. Name two mistakes that could be
# the reason.
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The learning rate is far too small; or the update is missing; or it changes a copy
# (for example `W.clone()`) and not `W` itself. (Without `backward()` the update fails,
# because `W.grad` is None.)
#
# </details>
#
# **4.** Your loss jumps up and down and does not fall. What do you try first?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Check that the slopes are cleared in each step. Then take a smaller learning rate.
#
# </details>
#
# **5.** Your turn. Write the training loop into the cell below, without looking. Then
# train the table on the names that begin with `k` only, and let it write six names.
# Which row can you write down before the training, and which loss will the first letter
# have?

# %%
k_names = [name for name in train_names if name[0] == "k"]
# your loop:

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>Answer to the last question</summary>
#
# The row of the full stop: p = 1 for the `k`, because no other letter begins a name. So
# the first letter costs nearly 0.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** Measuring improves nothing. The gradient says which way the loss falls,
#   and a small step that way makes the model better.
# - **Formula.** For one prediction $\partial L / \partial z = p - y$; a step is $W
#   \leftarrow W - \text{rate} \cdot \partial L / \partial W$. Slopes in a row are
#   multiplied, slopes of different ways are added.
# - **Pitfall.** Clear the slopes in every step; change `W` in place, inside `no_grad`;
#   never make a new `W`. And start with the right check: the first loss of a fresh
#   model is near ln V.
#
# | line of the loop | what it does | shape |
# |---|---|---|
# | `W = torch.zeros(V, V, requires_grad=True)` | torch watches these | (V, V) |
# | `pick = torch.randint(N, (B,))` | draws a batch | (B,) |
# | `logits = W[before[pick]]` | forward: scores | (B, V) |
# | `loss = F.cross_entropy(logits, after[pick])` | forward: mean loss | () |
# | `loss.backward()` | backward: fills `W.grad` | (V, V) |
# | `with torch.no_grad(): W -= rate * W.grad` | update, in place | (V, V) |
# | `W.grad = None` | clear | |
#
# | here | elsewhere |
# |---|---|
# | slope | derivative, partial derivative |
# | to wiggle | finite differences, numerical gradient, gradient check |
# | gradient | `grad`, $\nabla L$ |
# | learning rate | step size, lr, $\eta$ |
# | parameters | weights |
# | batch | mini-batch |
# | update, clear | `optimizer.step()`, `optimizer.zero_grad()` |
# | your `Value` | autograd, automatic differentiation |
#
# - **Moved into the library:** nothing. From now on torch's `backward()` walks back for
#   you, as you did by hand for three scores.
#
# **Homework:** [Homework 4](homework/hw04.ipynb), about 90 minutes, of which 55 are
# core. A badge under each check says at once whether your answer is correct.
#
# **Next:** the trained table arrived at the loss of counting. Was that luck? And how
# far does counting get, with a longer memory? [5. Counting](05_counting.ipynb)
