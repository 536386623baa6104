# %% [markdown]
# # 4. Gradients
#
# **Why does measuring make it better?**
#
# It does not. You can measure a loss a thousand times, and the model stays as it was.
# What improves a model is a second question about the same number: *which way is
# down?* This lesson answers it for one prediction, three times over, by hand.
#
# - **You will** find the slope of the loss by wiggling numbers, then by a formula of
#   two letters, then with a small machine that works as torch does.
# - **You need** [lesson 3](03_cross_entropy.ipynb): the loss. No calculus.
# - **Time** 40 minutes.
# - **Back** [3. Cross-entropy](03_cross_entropy.ipynb) ·
#   **Next** [5. Counting](05_counting.ipynb)

# %%
import math

import torch
from torch.nn import functional as F

from course_lib import functional, names
from course_play.plots import plot_curves
from course_play.reveal import reveal
from course_play.widgets import GradientSteps
from course_play.widgets.gradient_steps import descend

torch.set_printoptions(precision=4, sci_mode=False)
logits = torch.tensor([0.5, 2.1, 0.3] + [-2.108] * 24, dtype=torch.float64)
a = torch.tensor(1)  # the index of the letter that came

# %% [markdown]
# ## Predict first
#
# Our example from lesson 2 again. After `aar` the model gives 27 scores, and the
# softmax makes p(a) = 0.58 out of them. The name does go on with `a`.
#
# Soon you will have a recipe that changes all 27 scores a little, in the direction
# that helps most. **How large is p(a) after one step of that recipe**, taken at its
# natural size? ("Learning rate 1", as you will call it then.)

# %%
my_guess = None

# %% tags=["hide-input"]
# the answer: open this after your guess
print(reveal(my_guess, descend(logits, target=1, rates=[1.0])[-1].probs[1].item()))

# %% [markdown]
# ## Build it by hand
#
# First the bad news. Here is the measurement from lesson 3, three times.

# %% tags=["ledger:A6"]
measured = [functional.cross_entropy(logits, a).item() for _ in range(3)]
assert len(set(measured)) == 1
print(f"p(a) = {functional.softmax(logits)[a]:.2f}")
print("loss:", [f"{loss:.4f}" for loss in measured])

# %% [markdown]
# Logits, probabilities, target, logarithm, average, minus sign: six steps, and nothing
# got better. A thermometer does not heat the room.
#
# ### Wiggle one number
#
# Now ask: what *would* happen if the score of `a` were a tiny bit higher?

# %%
wiggled = logits.clone()
wiggled[a] += 0.01
change = (functional.cross_entropy(wiggled, a) - measured[0]).item()
print(f"score of a + 0.01: the loss changes by {change:.4f}")
print(f"that is {change / 0.01:.2f} for each point of score")

# %% [markdown]
# "How much the loss changes for each point of score" is called a **slope**. This one
# is negative: a higher score for `a`, a lower loss. Of course. But now you know *how
# much*.
#
# We do the same with every one of the 27 scores. To be exact we wiggle both up and
# down, by very little. (That is why the logits above are `float64`: tiny differences
# need many digits.)


# %%
def slope_of(loss, z, i, nudge=1e-4):
    up, down = z.clone(), z.clone()
    up[i] += nudge
    down[i] -= nudge
    return (loss(up) - loss(down)).item() / (2 * nudge)


def loss_at(z):
    return functional.cross_entropy(z, a)


slopes = torch.tensor([slope_of(loss_at, logits, i) for i in range(27)])
slopes

# %% [markdown]
# 27 slopes, one for each score. Such a list is called the **gradient**. Only one of
# its numbers is negative. And you have seen the others before, in lesson 2. Where?
#
# In the softmax: the slope of every wrong letter is *its own probability*. The slope of
# the right letter is its probability **minus 1**. Write $y$ for the one-hot list of
# lesson 3 (1 for the letter that came, 0 for all others), and all 27 slopes fit into
# one line:
#
# $$\frac{\partial L}{\partial z} = p - y$$
#
# Read the left side as "how much $L$ changes for each point of $z$".

# %% tags=["ledger:A6"]
probs, y = functional.softmax(logits), F.one_hot(a, 27).double()
gradient = probs - y
print("letter    slope    p - y")
for i in range(4):
    print(f"{names.ALPHABET[i]:>6}  {slopes[i]:+.4f}  {gradient[i]:+.4f}")
torch.testing.assert_close(gradient, slopes.double(), rtol=1e-4, atol=1e-6)
assert (gradient < 0).tolist() == (y == 1).tolist()  # only the target's is negative
assert abs(gradient.sum()) < 1e-12
print(f"at a: {probs[a]:.2f} - 1 = {gradient[a]:.2f}")
print(f"all 27 together: {abs(gradient.sum()):.4f}")

# %% [markdown]
# ### Walk downhill
#
# A slope tells you the way *up*. So we go the other way: subtract the gradient from the
# logits. How much of it? That factor is the **learning rate**. We take 1, and we do
# it five times.

# %% tags=["ledger:A6", "ledger:A9"]
z, learning_rate, p_by_step = logits.clone(), 1.0, []
for step in range(6):
    p = functional.softmax(z)
    p_by_step.append(round(p[a].item(), 2))
    print(f"step {step}: p(a) = {p[a]:.2f}, loss = {-p[a].log():.2f}")
    z = z - learning_rate * (p - y)
assert p_by_step == [0.58, 0.69, 0.76, 0.81, 0.84, 0.86]

# %% [markdown]
# *This* makes it better. The loss measures; its gradient points; the step moves. The
# walk is called **gradient descent**, and every language model learns by it.
#
# > **For children (and for the rest of us).** You stand on a hill in thick fog, and you
# > want to go down to the valley. You see nothing. But your feet feel which way the
# > ground falls. Take a small step that way. Feel again. Step again.
#
# Look where the step takes its points from: each wrong letter pays as much as the
# probability it held, and `a` receives the sum. So the boldest wrong answer pays most.
# And the surer the model becomes, the smaller its steps: nothing is left to correct.
#
# ### Why p - y? Three small wheels
#
# Wiggling each of 27 scores up and down takes 54 measurements. A large model has
# billions of numbers: that is hopeless. The formula needs *one* measurement. Where does
# it come from?
#
# Minus the logarithm of a fraction is a difference of two logarithms, so the loss is
#
# $$L = -\ln \frac{e^{z_a}}{S} = \ln S - z_a
#   \qquad\text{with}\qquad S = \sum_j e^{z_j}$$
#
# A score $z_j$ turns $e^{z_j}$, that turns $S$, and that turns $\ln S$: three wheels in
# a row. If one wheel turns the next twice as fast, and that one turns the next three
# times as fast, the last turns 2 x 3 times as fast. **Slopes in a row multiply.** That
# is the whole **chain rule**.
#
# You need the slopes of two functions only. Wiggle them.

# %%
x, nudge = 2.1, 1e-6
slope_exp = (math.exp(x + nudge) - math.exp(x)) / nudge
slope_log = (math.log(x + nudge) - math.log(x)) / nudge
print(f"at {x}: exp is {math.exp(x):.4f}, its slope {slope_exp:.4f}")
print(f"at {x}: 1/x is {1 / x:.4f}, the slope of ln {slope_log:.4f}")
assert math.isclose(slope_exp, math.exp(x), rel_tol=1e-5)
assert math.isclose(slope_log, 1 / x, rel_tol=1e-5)

# %% [markdown]
# The slope of $e^x$ is $e^x$ itself, and the slope of $\ln x$ is $1/x$. Now multiply
# along the row, for all letters at once. That is the slope of $\ln S$. The other part
# of the loss, $-z_a$, adds a slope of $-1$ to the right letter and 0 to all others.

# %%
wheel_1 = logits.exp()  # z_j turns exp(z_j): slope exp(z_j)
wheel_2 = 1.0  # exp(z_j) turns S: a sum passes each change on unchanged
wheel_3 = 1 / logits.exp().sum()  # S turns ln S: slope 1/S
by_chain_rule = wheel_1 * wheel_2 * wheel_3
torch.testing.assert_close(by_chain_rule, probs)  # the softmax is back!

by_chain_rule[a] -= 1  # from -z_a
torch.testing.assert_close(by_chain_rule, gradient)
by_chain_rule[:4]

# %% [markdown]
# So $p$ is the slope of $\ln S$, and the $-y$ is the slope of $-z_a$. Nothing else is
# in it.
#
# ### A machine that multiplies slopes
#
# Nobody derives such formulas for a whole network. A machine does it, and it is
# small. Every number remembers its **parents**, the numbers it came from, and the slope
# towards each of them. Four operations are enough for our loss. (Where you write
# `x + w`, Python calls `x.__add__(w)`; for `x * w` it calls `x.__mul__(w)`.)


# %%
class Value:
    def __init__(self, data, parents=()):
        self.data, self.parents, self.grad = data, parents, 0.0

    def __add__(self, other):
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        slopes = [(self, other.data), (other, self.data)]
        return Value(self.data * other.data, slopes)

    def exp(self):
        result = math.exp(self.data)
        return Value(result, [(self, result)])

    def log(self):
        return Value(math.log(self.data), [(self, 1 / self.data)])


# %% [markdown]
# Read the product: if $x$ grows by a little, $x \cdot w$ grows by $w$ times that. So
# the slope towards one factor is the other factor.
#
# Then the machine walks **backward**, from the loss to the scores. Each number hands
# its own slope on to its parents, multiplied by the slope between them. A number that
# was used twice gets two such messages, and they add up: hence the `+=`.


# %%
def backward(self):
    order = []

    def visit(value):  # parents first, so that nobody is asked too early
        if value not in order:
            for parent, _ in value.parents:
                visit(parent)
            order.append(value)

    visit(self)
    self.grad = 1.0
    for value in reversed(order):
        for parent, slope in value.parents:
            parent.grad += slope * value.grad


Value.backward = backward  # now every Value has it: loss.backward()

# %% [markdown]
# Try it where you can check it in your head: $x \cdot x + x$ at 3. The three uses of
# $x$ send the slopes 3, 3 and 1.

# %%
x = Value(3.0)
result = x * x + x
result.backward()
assert x.grad == 7.0
print(f"value {result.data}, slope {x.grad}")

# %% [markdown]
# Now the loss after `aar`, with all 27 letters. The machine has never heard of $p - y$.

# %% tags=["ledger:A6"]
scores = [Value(score) for score in logits.tolist()]
total = Value(0.0)
for score in scores:
    total = total + score.exp()
loss = total.log() + Value(-1.0) * scores[a]  # ln S - z_a
loss.backward()

by_machine = torch.tensor([score.grad for score in scores], dtype=torch.float64)
torch.testing.assert_close(by_machine, gradient)
print(f"loss {loss.data:.4f}, slopes", by_machine[:4])

# %% [markdown]
# ## Compare with torch
#
# Torch has the same machine, and it is called **autograd**. `requires_grad_()` tells it
# to keep an account of the parents. Four ways of yours, one gradient; and your five
# steps are those of the library.
#
# The last two lines show a trap, and you have built it yourself: slopes *add up*. Compute
# the loss again and ask again without clearing, and you get double. So every training
# loop has a `zero_grad()`.

# %%
z = logits.clone().requires_grad_()
F.cross_entropy(z, a).backward()
for ours in (slopes.double(), gradient, by_chain_rule, by_machine):
    torch.testing.assert_close(z.grad, ours, rtol=1e-4, atol=1e-6)

library = [state.probs[a].item() for state in descend(logits, 1, [1.0] * 5)]
assert [round(p, 2) for p in library] == p_by_step
print("wiggled = formula = chain rule = machine = torch", z.grad[:4])

F.cross_entropy(z, a).backward()
print(f"asked twice: {z.grad[a]:.2f} instead of {gradient[a]:.2f}")

# %% [markdown]
# ## See it

# %%
along = torch.linspace(-1, 5, 121, dtype=torch.float64)
moved = logits.repeat(121, 1)
moved[:, 1] = along
tangent = functional.cross_entropy(logits, a) + gradient[a] * (along - logits[a])
losses = [functional.cross_entropy(row, a).item() for row in moved]
plot_curves(
    {
        "loss": (along.tolist(), losses),
        "slope at 2.1": (along[40:85].tolist(), tangent[40:85].tolist()),
    },
    "The higher the score of a, the lower the loss",
    xlabel="score of a (the other 26 stay)",
    ylabel="loss in nats",
)

# %% [markdown]
# The dashed line touches the curve at our score, and its slope is the number you
# measured first. Further right the curve is flatter: there, steps become small.
#
# ## Play with it
#
# Five letters; the right one is `n`, and the model thought it the least likely. (The
# picture writes "onehot" for our $y$.) By keyboard: Tab moves from control to control,
# Space presses a button, the arrow keys move the slider.
#
# - **Press "One step" until `n` is ahead.** Which wrong letter pays most, and why? What
#   happens to the arrows?
# - **Press "Reset", slide the learning rate to 5, step once.** Is a larger step always
#   better? Keep your answer for the next section.

# %%
GradientSteps([0.5, 2.1, 0.3, -1.0, -2.0], [".", "a", "b", "i", "n"], "n")

# %% [markdown]
# ## Why does this work?
#
# **Why not take giant steps?** With a single right answer, the larger the step, the
# better. But the data do not have a single right answer. Here are both: one step at
# four rates, and then what follows `aar` in our names.

# %%
giant = [descend(logits, 1, [rate])[-1].loss for rate in (1, 2, 5, 20)]
assert giant == sorted(giant, reverse=True)
print("loss after one step of 1, 2, 5, 20:", [f"{loss:.3f}" for loss in giant])

contexts, following = names.windows(names.load_names(), context_size=3)
after_aar = following[(contexts == torch.tensor(names.encode("aar"))).all(1)]
share = torch.bincount(after_aar, minlength=27).double() / len(after_aar)
print(len(after_aar), "times:")
for i in share.nonzero().flatten().tolist():
    print(f"aar -> {names.ALPHABET[i]}: {share[i]:.2f}")

# %% [markdown]
# The loss is now the average over these names, and so is the gradient. The model gives
# all of them the same $p$; only $y$ differs. So the average gradient is $p$ minus *the
# shares above*. It is zero when the model's probabilities equal the shares. Now a step
# can be too large: it jumps over the valley and lands on the other side, higher up.


# %%
def losses_by_step(learning_rate, steps=22):
    z, losses = logits.clone(), []
    for _ in range(steps):
        log_p = functional.log_softmax(z)
        losses.append(-(share * log_p).sum().item())
        z = z - learning_rate * (log_p.exp() - share)
    return losses


small, good, large = losses_by_step(0.1), losses_by_step(4), losses_by_step(20)
lowest = functional.entropy(share).item()
assert lowest < good[-1] < small[-1]  # too small: not yet there
assert max(large[1:]) > large[0]  # too large: higher than the start
steps = list(range(22))
plot_curves(
    {"rate 4": (steps, good), "rate 0.1": (steps, small), "rate 20": (steps, large)},
    "Too small crawls, too large overshoots",
    xlabel="step",
    ylabel="loss in nats",
    lines={"entropy": lowest},
)

# %% [markdown]
# A slope is true only *here*. Over a short way the hill is nearly as straight as the
# slope says; over a long way it bends.
#
# **And a model with millions of numbers?** There the scores are computed from other
# numbers. One more wheel in the row: the chain rule carries $p - y$ on to them. Say
# there are three clues, and each letter has a weight for each clue. A letter's score is
# the sum of its weights times the clues; `weights @ clues` computes all 27.

# %% tags=["ledger:A9"]
clues = torch.tensor([1.0, -0.5, 2.0], dtype=torch.float64)
weights = torch.zeros(27, 3, dtype=torch.float64, requires_grad=True)
F.cross_entropy(weights @ clues, a).backward()
p = functional.softmax(weights.detach() @ clues)
each_times_each = torch.outer(p - y, clues)  # row: a letter, column: a clue
torch.testing.assert_close(weights.grad, each_times_each)
weights.grad[:3]

# %% [markdown]
# Each weight's slope is $p - y$ of its letter times the clue it multiplies. Numbers
# like these weights, which training changes, are called **parameters**.
#
# ### So why does the accuracy rise?
#
# **Accuracy** is the share of questions where the right letter came first. Training
# never looks at it, because it gives no direction: wiggle a score a little, and nobody
# changes places, so the slope is 0. Accuracy rises as a *side effect*: raise the right
# letter's probability often enough, and it overtakes the others. But the two can part
# company. Here are three made-up cases: the right letter's probability in four
# questions, before and after. Only two letters compete, so "first" means more than one
# half.

# %% tags=["ledger:A6"]
cases = {
    "loss falls, accuracy stays": ([0.58, 0.58, 0.10, 0.10], [0.86, 0.86, 0.40, 0.40]),
    "loss rises, accuracy rises": ([0.49, 0.49, 0.95, 0.95], [0.55, 0.55, 0.55, 0.10]),
    "loss falls, accuracy falls": ([0.51, 0.51, 0.51, 0.01], [0.49, 0.49, 0.49, 0.45]),
}
for what, pair in cases.items():
    before, after = (torch.tensor(p_right) for p_right in pair)
    loss = [-p.log().mean().item() for p in (before, after)]
    first = [(p > 0.5).float().mean().item() for p in (before, after)]
    print(f"{what}:  loss {loss[0]:.2f} -> {loss[1]:.2f},", end="  ")
    print(f"accuracy {first[0]:.0%} -> {first[1]:.0%}")
    assert ("loss falls" in what) == (loss[1] < loss[0])
    assert ("accuracy stays" in what) == (first[0] == first[1])

# %% [markdown]
# ## Check yourself
#
# ### Catch the slide
#
# You will often read: "the loss is the signal that updates the parameters." Good
# enough for a slide, but which part of the loss is the signal? Add 100 to it.

# %% tags=["ledger:A9"]
z = logits.clone().requires_grad_()
worse = F.cross_entropy(z, a) + 100
worse.backward()
torch.testing.assert_close(z.grad, gradient)
print(f"loss {worse.item():.2f}, slope at a still {z.grad[a]:.2f}")

# %% [markdown]
# The loss is enormous, and no parameter will notice. The signal is not how *high* you
# stand, it is how the ground *falls*.
#
# ### Questions
#
# **1.** The gradient of the 27 scores always adds up to 0. Why must it?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The probabilities add up to 1, and so does the one-hot list; the difference adds up to
# 0. Another way to see it: adding a constant to all scores changes nothing (lesson 2),
# so the loss is flat in that direction.
#
# </details>
#
# **2.** The model gives the right letter a probability of 0.999. How strongly does this
# prediction change the model?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Hardly at all: the slope is 0.999 minus 1. What a model knows already teaches it next
# to nothing.
#
# </details>
#
# **3.** Your loss jumps up and down and does not fall. What do you try first?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# A smaller learning rate. Then check that the gradients are cleared before each step.
#
# </details>
#
# **4.** Your turn: give `Value` a `__sub__` (what are its two slopes?), attach it as
# `backward` was, and run the cell of the 27 scores again with
# `loss = total.log() - scores[a]`. Its check must still pass.
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The slope towards the first number is 1, towards the second -1. The function returns
# `Value(self.data - other.data, [(self, 1.0), (other, -1.0)])`; then
# `Value.__sub__ = __sub__`.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** Measuring improves nothing. The gradient says which way the loss falls,
#   and a small step that way makes the model better.
# - **Formula.** $\partial L / \partial z = p - y$; a step is
#   $z \leftarrow z - \text{rate} \cdot (p - y)$. Slopes in a row multiply.
# - **Pitfall.** Slopes add up until you clear them. A step that is too large
#   overshoots. And accuracy is not what is trained.
# - **Moved into the library:** nothing. From now on, torch's `backward()` does what
#   your `Value` does, and you know what that is.
#
# **Homework:** [Homework 4](homework/hw04.ipynb), about 60 minutes. A badge under
# each check says at once whether your answer is right.
#
# **Next:** the gradient is zero when the probabilities equal the shares in the data. So
# why not simply count the shares? [5. Counting](05_counting.ipynb)
