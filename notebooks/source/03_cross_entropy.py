# %% [markdown]
# # 3. Cross-entropy
#
# **How wrong was the prediction?**
#
# In lesson 2 a model gave every next letter a probability. Then the name went on, and one
# letter really came. Was the prediction good? At the end of lesson 0 you measured the
# surprise of a table at one name. In this lesson you turn it into the number that the
# training of every language model makes small: the **loss**. You compute it for one name by
# hand, and then for any model and any number of names.
#
# - **You will** score the name `asha` letter by letter, find out why a logarithm is a good
#   way to score, and list the six steps from logits to loss.
# - **You need** lesson 0 (the table of pairs), lesson 1 (indexing, `gather`) and lesson 2
#   (logits, softmax).
# - **Time** 70 minutes. On a first reading, skip the parts marked *more*: then 60.
# - **Back** [2. Logits and softmax](02_logits_and_softmax.ipynb) ·
#   **Next** [4. Gradients](04_gradients.ipynb)

# %%
import math

import torch
from torch.nn import functional as F

from course_lib import functional, names, ngram
from course_play.boxes import ORANGE, Grid, plot_flow, plot_grids
from course_play.panels import plot_marked
from course_play.widgets import Predict, SurprisalCurve

torch.set_printoptions(precision=3, sci_mode=False)

# %% [markdown]
# ## Predict first
#
# In some list of names, an `h` follows after `s` in 70 % of all cases, and an `a` in the
# other 30 %. Nobody can know which of the two comes next. A model has to say a probability
# p for the `h`, so the `a` gets 1 - p. Then one of them comes, and the model pays the
# surprise: minus the logarithm of the probability that it gave to this letter. For example,
# a model that says 0.6 pays -ln 0.6 when the `h` comes, and -ln 0.4 when the `a` comes.
#
# The model must say the same p each time. Which p should it say, if it wants to pay as
# little as possible on average?

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
p_said = torch.linspace(0.01, 0.99, 99)  # (99,)
price = -(0.7 * p_said.log() + 0.3 * (1 - p_said).log())  # (99,)
cheapest = round(p_said[price.argmin()].item(), 2)
Predict(
    "The h comes in 70 % of all cases. Which p costs least on average?",
    f"{cheapest:.2f}",
    options=("0.50", "0.60", "0.70", "0.80", "0.90", "0.99"),
    because="A smaller p pays too much when the h comes, a larger p pays too much when "
    "the a comes. The lesson draws the whole curve.",
)

# %% [markdown]
# ## Build it by hand
#
# ### One name, letter by letter
#
# We take the table of lessons 0 and 1 again. It has counted in the training names which
# letter follows which. We add 1 to every count and divide each row by its sum.

# %%
all_names = names.load_names()
train_names = names.split_names(all_names).train  # the names to count
counts = ngram.bigram_counts(train_names) + 1  # (27, 27)
table = counts / counts.sum(dim=1, keepdim=True)  # (27, 27) / (27, 1)
assert torch.allclose(table.sum(dim=1), torch.ones(len(table)))  # rows add up to 1

# %% [markdown]
# Now the table reads `asha`. Before each letter it has an opinion about what comes next.
# We look up the probability $p$ that it gave to the letter that really came, and the
# surprise $-\ln p$. You know these five numbers from lesson 0. New is the last column,
# which adds them up.

# %%
total = 0.0
print("after  comes      p   -ln p    sum")
for before, after in zip(".asha", "asha.", strict=True):
    row, column = names.encode(before + after)
    p = table[row, column].item()
    total += -math.log(p)
    print(f"  {before}      {after}     {p:.3f}   {-math.log(p):.3f}  {total:.3f}")

mean_by_hand = total / len("asha.")
print(f"mean of {len('asha.')} predictions: {mean_by_hand:.3f}")

# %% [markdown]
# Read the second line with me. After an `a`, the table expected an `s` in about one case
# of twenty. The `s` came all the same, so this letter costs most. In the third line it had
# given the `h` a large probability, so the surprise is small.
#
# The last line is the end of the name. Stopping is predicted like any letter, because a
# model must also know when to stop.
#
# At the end we divide the sum by the number of predictions: we take the **mean**.
# Otherwise a long name would look worse than a short one only because it has more letters.
# This mean is called the **cross-entropy loss** of the table on `asha` (elsewhere: negative
# log-likelihood, NLL, log loss; for short: the **loss**). Its unit is the **nat**, because
# we use the *natural* logarithm.
#
# (The table has an advantage here: `asha` is one of the names that it has counted, and an
# easy one. Lesson 6 shows how to be strict.)
#
# ### Why a logarithm?
#
# Lesson 0 gave the reason: probabilities of things that happen one after the other are
# multiplied, and the logarithm turns "times" into "plus". Let us see what would happen with
# another price. Somebody proposes to pay $1 - p$: certain and correct costs 0, certain and
# wrong costs 1. That looks simpler.
#
# How likely was the *whole* name? Multiply the five probabilities, each one given what came
# before it. (This is the **chain rule** of probability.)

# %%
before, after = names.encode(".asha"), names.encode("asha.")  # two lists of 5
letter_probs = table[before, after]  # (5,), fancy indexing as in lesson 1
whole = letter_probs.prod().item()  # all five, multiplied
print(f"probability of the whole name: {whole:.6f}, one name in {1 / whole:,.0f}")

# %% [markdown]
# Now pay for the name in two ways: letter by letter, and for the whole name at once.

# %%
log_price = -letter_probs.log().sum().item()
other_price = (1 - letter_probs).sum().item()
print(f"-ln p:  letter by letter {log_price:.3f}, at once {-math.log(whole):.3f}")
print(f"1 - p:  letter by letter {other_price:.3f}, at once {1 - whole:.3f}")
assert math.isclose(log_price, -math.log(whole), rel_tol=1e-5)
assert math.isclose(log_price, total, rel_tol=1e-5)

# %% [markdown]
# With the logarithm the price of a name does not depend on how you cut it into pieces. With
# $1 - p$ it does, and that is bad, because the same text can be cut in many ways: into
# letters, syllables or words. And paid at once, nearly every name would cost about 1, the
# ordinary ones and the strange ones alike. (The homework finds another weakness of $1 - p$.)
#
# There is also a practical reason. The probability of a long text is a product of very many
# small numbers, and a computer rounds it to 0. The sum of their logarithms is an ordinary
# number. For example, 300 letters with p = 0.05 each:

# %%
print("product:", 0.05**300, " sum of -ln p:", round(300 * -math.log(0.05), 1))

# %% [markdown]
# ### Why the minus sign?
#
# The logarithm of a probability is never positive, because a probability is never above 1,
# and ln 1 = 0. A loss should be large when things go badly, so we put a minus sign in
# front. Here are some values:

# %% tags=["ledger:C1", "ledger:C2", "ledger:C3", "ledger:C8"]
for p in (0.95, 0.58, 0.50, 0.10, 0.01):
    print(f"p = {p:.2f}: ln p = {math.log(p):.4f}, loss = -ln p = {-math.log(p):.4f}")

losses = -torch.linspace(0.01, 1, 100).log()  # (100,), for p from 0.01 to 1
# diff(): each number minus the one before
assert (losses.diff() < 0).all()  # the higher p, the lower the loss, always
assert math.log(1) == 0

# %% [markdown]
# - A probability of 1 costs nothing. So a loss of 0 means: certain every time, and correct
#   every time. (Where the next letter really is uncertain, no model can do that; see
#   *What is left at the lowest point* below.)
# - The lower the probability of what came, the higher the loss.
# - A probability of 0 costs infinitely much. This is why we added 1 to every count: one
#   single pair that the table calls impossible would spoil the score of a whole name.
#
# > **In one plain sentence.** You pay for every letter that surprises you, and the surer
# > you were that it would not come, the more you pay.
#
# ### The same in six steps
#
# The models of later lessons do not have a table of probabilities. They give logits, for
# all positions of a name at once. So we write the same calculation once more, with
# tensors. It has **six steps**, and they are the same for every language model:
#
# 1. the model gives **logits**, one row for each position;
# 2. the softmax makes **probabilities** of them;
# 3. from each row we pick the **probability of the target**, the letter that really came;
# 4. we take the **logarithm** of each;
# 5. we take their **average**;
# 6. we change the sign: the **loss**.
#
# First, what goes in, and what should come out. The model reads `.asha` and predicts, at
# each position, the letter after it. So the targets are the same name, one place further.

# %%
inputs = torch.tensor(names.encode(".asha"))  # (5,)
targets = torch.tensor(names.encode("asha."))  # (5,)
for i, t in zip(inputs.tolist(), targets.tolist(), strict=True):
    print(
        f"reads {names.ALPHABET[i]} ({i:2}), should predict {names.ALPHABET[t]} ({t})"
    )

# %% [markdown]
# **Steps 1 and 2.** Our model is still the table. Lesson 2 showed that the logarithms of
# its counts are logits, and that the softmax gives back its probabilities.

# %% tags=["ledger:A5"]
logits = counts[inputs].log()  # (5, 27), step 1: one row a position
probs = functional.softmax(logits)  # (5, 27), step 2
torch.testing.assert_close(probs, table[inputs])

# %% [markdown]
# **Step 3.** Row 0 needs the column of its target, `targets[0]`, row 1 needs the column
# `targets[1]`, and so on. That is fancy indexing with a list of rows and a list of columns.

# %% tags=["ledger:A5"]
positions = torch.arange(5)  # (5,): 0, 1, 2, 3, 4
target_probs = probs[positions, targets]  # (5,), step 3
target_probs

# %%
plot_grids(
    [
        Grid(
            probs,
            "probabilities",
            [f"after {letter}" for letter in ".asha"],
            list(names.ALPHABET),
            marks={(i, t): ORANGE for i, t in enumerate(targets.tolist())},
        ),
        Grid(target_probs.unsqueeze(1), "picked"),
    ],
    "Step 3 picks one number from each row",
    signs=["→"],
)

# %% [markdown]
# (The picked numbers are drawn as a column, so that each stands beside its row.) They are the
# numbers of the column `p` at the beginning. **Steps 4, 5 and 6** are short.

# %% tags=["ledger:A5"]
log_probs = target_probs.log()  # (5,), step 4
average = log_probs.mean()  # (), step 5
loss = -average  # (), step 6
print("log-probabilities:", log_probs)
print(f"average {average:.3f}, loss {loss:.3f}")
assert math.isclose(loss, mean_by_hand, rel_tol=1e-6)

# %% [markdown]
# It is the number that we found by hand. Here are the six steps in one drawing, with the
# shape of the tensor in each box.

# %%
plot_flow(
    [
        ("1 logits", "(5, 27)"),
        ("2 probabilities", "(5, 27)"),
        (
            "3 target probabilities",
            "(5,)\n" + " ".join(f"{p:.2f}" for p in target_probs),
        ),
        ("4 log-probabilities", "(5,)\n" + " ".join(f"{p:.2f}" for p in log_probs)),
        ("5 average", f"()\n{average:.2f}"),
        ("6 loss", f"()\n{loss:.2f}"),
    ],
    "Six steps from logits to loss",
    arrows=["softmax", "pick", "ln", "mean", "minus"],
    per_row=3,
)

# %% [markdown]
# ### Many names, and `gather`
#
# A model is trained on many names at once, a **batch**. Then logits have three dimensions:
# names, positions, letters. All predictions of all names are scored, not only the last one of each
# name. We take two names of the same length, `asha` and `neha`.

# %% tags=["ledger:A1"]
inputs = torch.tensor([names.encode(".asha"), names.encode(".neha")])  # (2, 5)
targets = torch.tensor([names.encode("asha."), names.encode("neha.")])  # (2, 5)
logits = counts[inputs].log()  # (2, 5, 27)
assert logits.shape[:-1] == targets.shape  # one row of logits for each target
print("logits", tuple(logits.shape), "targets", tuple(targets.shape))

# %% [markdown]
# For step 3 fancy indexing would now need a list for each dimension. `gather` from lesson 1
# is shorter: in each row of `probs` it takes the entry whose column stands in `index`. For
# `asha` alone the two would have the shapes (5, 27) and (5, 1), as in lesson 1. A batch only
# puts the number of names in front. And as the letters are the last dimension, we say -1.

# %% tags=["ledger:A1"]
probs = functional.softmax(logits)  # (2, 5, 27)
index = targets.unsqueeze(-1)  # (2, 5, 1)
target_probs = probs.gather(-1, index).squeeze(-1)  # (2, 5, 1) -> (2, 5)
log_probs = target_probs.log()  # (2, 5)
print(target_probs)
print("loss of each name:", -log_probs.mean(dim=-1))  # (2,)
print("loss of the batch:", round(-log_probs.mean().item(), 3))

# %% [markdown]
# `neha` costs more than `asha`. Look at its row: each of its first three letters had a
# probability below 0.06. The loss of the batch is the mean over all ten predictions.
#
# ### How books write it
#
# In papers you find the loss as a double sum over predictions $t$ (here all ten of the two
# names) and letters $v$; log is our ln:
#
# $$L = -\sum_t \sum_v y_{tv} \log p_{tv}$$
#
# Here $y_{tv}$ is 1 for the target and 0 for all other letters: a **one-hot** row. The
# zeros remove every letter but the target, so the inner sum is step 3 in another form.
# And note that this formula adds up over the predictions, whereas torch and this course
# take the *mean*.

# %% tags=["ledger:B37"]
y = F.one_hot(targets, names.VOCAB_SIZE)  # (2, 5, 27)
double_sum = -(y * probs.log()).sum()  # ()
loss = -log_probs.mean()  # ()
torch.testing.assert_close(double_sum, loss * targets.numel())
print(f"double sum {double_sum:.3f} = mean {loss:.3f} x {targets.numel()} predictions")

# %% [markdown]
# ### What makes the loss smaller?
#
# Every log-probability is at most 0, so the loss is at least 0. When the log-probabilities
# come closer to 0, the loss becomes smaller. We can check this: give every letter that
# really came two more points of score. `2 * y` is 2 at the target and 0 at all other
# letters.

# %% tags=["ledger:A3", "ledger:A4"]
assert (log_probs <= 0).all()
assert loss >= 0
raised = functional.softmax(logits + 2 * y)  # (2, 5, 27)
better = -raised.gather(-1, index).log().mean()  # ()
print(f"two points more for the targets: loss {loss:.2f} -> {better:.2f}")
assert better < loss

# %% [markdown]
# ### Joining steps 2 and 4
#
# The six steps are correct on paper. In a computer, step 2 can round a very small
# probability to 0, and then step 4 gives minus infinity. Lesson 2 has the cure:
# the `log_softmax` that you built goes from the logits to the log-probabilities directly.
# With it, the loss is three lines.


# %% tags=["ledger:A5"]
def cross_entropy(logits, targets):
    """Mean loss in nats: logits (..., V), targets (...) -> one number."""
    log_probs = functional.log_softmax(logits)  # (..., V), steps 1, 2 and 4
    picked = log_probs.gather(-1, targets.unsqueeze(-1))  # (..., 1), step 3
    return -picked.mean()  # (), steps 5 and 6


extreme = torch.tensor([[1000.0, 0.0]])  # the target is hopeless
print("six steps:  ", -functional.softmax(extreme)[0, 1].log().item())
print("three lines:", cross_entropy(extreme, torch.tensor([1])).item())

# %% [markdown]
# ## Compare with torch
#
# Torch's function is `F.cross_entropy`. It takes **logits**, not probabilities, and it does
# the softmax itself. It wants one row for each prediction, so the first two dimensions are
# joined into one.

# %% tags=["ledger:A5"]
flat_logits, flat_targets = logits.reshape(10, -1), targets.reshape(10)  # 10 = 2 x 5
by_torch = F.cross_entropy(flat_logits, flat_targets)  # (10, 27), (10,) -> ()
torch.testing.assert_close(loss, by_torch, rtol=1e-6, atol=1e-6)
torch.testing.assert_close(cross_entropy(logits, targets), by_torch)
torch.testing.assert_close(functional.cross_entropy(logits, targets), by_torch)
print(f"six steps = three lines = torch = course_lib = {by_torch:.3f}")

# %% [markdown]
# A frequent mistake is to give `F.cross_entropy` probabilities. There is no error message:
# torch takes them for logits, and applies a second softmax. Probabilities differ by 1 at
# most. So after the second softmax the likeliest letter has at most $e^1 = 2.7$ times the
# share of the least likely one, and 27 letters have to share. Even a model that knows the
# answers and gives each target the probability 1 then gets a large loss:

# %%
knows = F.one_hot(flat_targets, names.VOCAB_SIZE).float()  # (10, 27), probabilities
print("with the softmax done twice")
print(f"a model that knows the answers: {F.cross_entropy(knows, flat_targets):.3f}")
print(f"our table:                      {cross_entropy(probs, targets):.3f}")

# %% [markdown]
# ## See it
#
# This is the curve $-\ln p$, with the five predictions for `asha` on it.

# %%
xs = torch.linspace(0.02, 1, 200)  # (200,)
labels = ["a at the start", "s after a", "h after s", "a after h", "end after a"]
points = zip(target_probs[0].tolist(), (-log_probs[0]).tolist(), strict=True)
plot_marked(
    (xs.tolist(), (-xs.log()).tolist()),
    dict(zip(labels, points, strict=True)),
    "The s after a costs most",
    xlabel="probability of the letter that came",
    ylabel="loss in nats",
)

# %% [markdown]
# Towards the left the curve becomes steep. To put a small probability on what happens is
# expensive, and this is where a model can lose most.
#
# ## Play with it
#
# Drag the point along the curve, or use the arrow keys. (The white points are 1, the
# values of the part *Why the minus sign?*, and 1/27.)
#
# - **Slide from 1 to one half, then on to one quarter.** How much does the loss rise each
#   time?
# - **Slide from 0.02 to 0.01.** It is only a hundredth. Why does the loss rise by as much as
#   from 1 to one half?

# %%
SurprisalCurve(p=0.48)

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Each time p is halved, and each halving costs ln 2 = 0.69 nats, wherever it happens. For
# the loss it does not matter by how much p falls, but to which fraction of itself.
#
# </details>
#
# And now your own name, or any word in small letters a to z. How much does it surprise a
# table that has read Indian names?


# %%
def loss_of(name):
    """The mean loss of the table on one name."""
    logits = counts[torch.tensor(names.encode("." + name))].log()  # (T, 27)
    return cross_entropy(logits, torch.tensor(names.encode(name + "."))).item()


my_name = "asha"  # write yours
print(f"{my_name}: {loss_of(my_name):.3f} nats for each letter")

# %%
for name in ("neha", "krishna", "william", "qwerty"):
    print(f"{name:8s} {loss_of(name):.2f}")

# %% [markdown]
# Which names of the whole list does the table find most ordinary, and which ones strangest?
# (All names, also those that it has not counted.)

# %%
ordered = sorted(all_names, key=loss_of)  # from the smallest loss to the largest
middle = ordered[len(ordered) // 2]
for name in ordered[:4] + [middle] + ordered[-4:]:
    print(f"{name:10s} {loss_of(name):.2f}")
print(f"asha is number {ordered.index('asha') + 1} of {len(ordered)}")

# %% [markdown]
# The line in the middle is a typical name; our example `asha` is one of the easiest. The
# strange ones at the end contain pairs of letters that are rare in our list. Some of them,
# such as `xerxes` and `conceicao`, come from other languages. The table does not know that:
# it knows pairs of letters and nothing else.

# %% [markdown]
# ## Why does this work?
#
# ### Bits, and perplexity
#
# A loss in nats is hard to imagine. Two other forms of the same number are common.
#
# - In **bits** we count halvings: p = 1/2 costs 1 bit, p = 1/4 costs 2 bits. One bit is
#   ln 2 = 0.693 nats, so we divide by ln 2.
# - The **perplexity** is $e^{L}$. A model that chooses among 6 equally likely letters gives
#   each of them p = 1/6, so its loss is ln 6, and $e^{\ln 6}$ is 6 again. So perplexity
#   answers the question: how many equally likely choices would be as hard?

# %%
examples = {
    "no idea": math.log(names.VOCAB_SIZE),  # every letter has p = 1/27
    "asha": loss_of("asha"),
    "p = 1/2": math.log(2),  # every letter that came had p = 1/2
}
for what, nats in examples.items():
    bits, perplexity = nats / math.log(2), math.exp(nats)
    print(f"{what:8s} {nats:.2f} nats = {bits:.2f} bits, perplexity {perplexity:.1f}")

# %% [markdown]
# A model without any knowledge gives each of 27 letters the same probability, and its
# loss is ln 27. Our table is as uncertain about `asha` as somebody who chooses among five or
# six letters.
#
# ### Why not count how often the model is right?
#
# That would be simpler: at each position, is the letter with the highest score the one
# that came? The share of hits is called the **accuracy**. Let us compare three models on
# our two names: the table, the table with all logits multiplied by 3 (it is now very sure
# of itself), and the table with a little more score for the letters that really came. (The
# third model knows the answers. It only serves to show what a small improvement does.)

# %%
models = {
    "table": logits,
    "table, too sure": 3 * logits,
    "table, improved": logits + 0.3 * y,
}
for what, z in models.items():
    hits = z.argmax(dim=-1) == targets  # (2, 5), True where the favourite came
    accuracy, z_loss = hits.float().mean(), cross_entropy(z, targets)
    print(f"{what:16s} accuracy {accuracy:.2f}   loss {z_loss:.3f}")

# %% [markdown]
# All three have the same accuracy, because the favourites are the same. The loss sees a
# difference: being too sure costs much, and every small improvement counts. To train a
# model we need a number that answers to small improvements, and accuracy does not.
#
# ### The honest answer is the best one
#
# Back to the question at the start. The `h` comes in 70 % of all cases, and a model says a
# probability for it. Which one gives the smallest loss on average? We try many. In 70 % of
# the cases the `h` comes, and the loss is $-\ln$ of what the model said. In the other 30 %
# it does not come, and the loss is $-\ln$ of the rest.

# %% tags=["ledger:C5"]
truth = 0.7
said = torch.linspace(0.01, 0.99, 99)  # (99,): 0.01, 0.02, ... 0.99
expected = -(truth * said.log() + (1 - truth) * (1 - said).log())  # (99,)
best = said[expected.argmin()].item()
assert abs(best - truth) < 0.006
print(f"the smallest average loss is at {best:.2f}: {expected.min():.3f} nats")

# %%
marked = {"0.50: too careful": 0.50, "0.70: honest": 0.70, "0.90: too sure": 0.90}
cost = {p: expected[(said - p).abs().argmin()].item() for p in marked.values()}
plot_marked(
    (said[29:95].tolist(), expected[29:95].tolist()),  # from 0.30 to 0.95
    {name: (p, cost[p]) for name, p in marked.items()},
    "The honest answer costs least",
    xlabel="probability that the model gives (truth: 0.70)",
    ylabel="average loss in nats",
)

# %% [markdown]
# Of all answers that we tried, the truth costs least. (Change `truth` in the cell that
# computes the curve, and run it: the best answer moves along.) A way of scoring with this
# property is called a **proper scoring rule**. So a model that is trained with this loss
# is pushed towards honest probabilities: it gains nothing by being surer than it can be.
# Whether it arrives there is another question. A model is called **calibrated** if, of
# all the letters to which it gives 70 %, 70 in 100 really come. Lesson 9 measures this.
#
# ### *More:* what is left at the lowest point
#
# The lowest point of the curve is not 0. Even a model that knows the truth is surprised
# sometimes, because the truth itself is uncertain. This smallest possible loss is called
# the **entropy** of the truth. What a worse model pays *on top* is called the
# **Kullback-Leibler divergence** (KL divergence, KL).

# %% tags=["ledger:C5"]
world = torch.tensor([0.7, 0.3])  # what really happens
model = torch.tensor([0.9, 0.1])  # what the model says: too sure
paid = -(world * model.log()).sum()  # its average loss
entropy = -(world * world.log()).sum()  # the loss of an honest model
extra = (world * (world / model).log()).sum()  # KL divergence
print(f"paid {paid:.3f} = entropy {entropy:.3f} + KL {extra:.3f}")
torch.testing.assert_close(paid, entropy + extra)
torch.testing.assert_close(entropy, functional.entropy(world))
torch.testing.assert_close(extra, functional.kl_divergence(world, model))

# %% [markdown]
# A model that sees no more than this can do nothing about the entropy. It can only make the
# KL divergence smaller. This is never below 0: it says the same as the curve above, that
# no answer costs less than the truth (for any number of letters: **Gibbs' inequality**).
# (A model that sees *more* letters faces a smaller entropy. Lesson 5 uses both words.)
#
# ### *More:* is this the loss that I learned before?
#
# Perhaps you have met the **logistic loss** (binary cross-entropy) for questions with
# yes and no. It is the cross-entropy with two choices. Take the logits 0 for "no" and 1.3
# for "yes", and let "yes" be the answer.

# %% tags=["ledger:A15"]
z = torch.tensor([[0.0, 1.3]])  # (1, 2): no, yes
yes = torch.tensor([1])  # (1,)
two_choices = cross_entropy(z, yes)
logistic = F.binary_cross_entropy_with_logits(z[0, 1], torch.tensor(1.0))
torch.testing.assert_close(two_choices, logistic)
print(f"cross-entropy of two choices {two_choices:.4f}, logistic loss {logistic:.4f}")

# %% [markdown]
# One more name. Torch's `nll_loss` does steps 3, 5 and 6 only: it wants log-probabilities.
# And the sum "entropy + KL" of the part before gives the same number again, because a
# certain answer has the entropy 0, so the KL divergence is the whole loss.

# %% tags=["ledger:A15"]
log_p = functional.log_softmax(z)  # (1, 2)
truth = F.one_hot(yes, 2).float()[0]  # (2,): certainly yes
divergence = functional.kl_divergence(truth, log_p[0].exp())
torch.testing.assert_close(F.nll_loss(log_p, yes), logistic)
torch.testing.assert_close(divergence + functional.entropy(truth), logistic)
print(f"nll_loss {F.nll_loss(log_p, yes):.4f}, KL + entropy {divergence:.4f}")

# %% [markdown]
# ## Check yourself
#
# ### Fix the slides
#
# Three statements that you may find on slides about this topic.
#
# **Slide 1.** "The model is 95 % sure and wrong: the loss is 3.0." It does not say where the
# other 5 % are.

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
Predict(
    "A model gives 0.95 to the wrong letter, and spreads the rest evenly over the 26 "
    "others. What is the loss?",
    f"about {-math.log(0.05 / 26):.1f}",
    options=("about 3.0", "about 4.6", "about 6.3", "infinite"),
    because="Each of the 26 letters gets only 0.05 / 26.",
)

# %% tags=["ledger:C4"]
all_on_truth = -math.log(0.05)
spread_evenly = -math.log(0.05 / 26)
print(f"all 5 % on the letter that came: {all_on_truth:.4f}")
print(f"5 % spread over 26 letters:      {spread_evenly:.4f}")
assert spread_evenly > 2 * all_on_truth

# %% [markdown]
# The slide is correct only if everything that was left lay on the letter that came. If it
# is spread evenly over the 26 other letters, the loss is more than twice as large.
#
# **Slide 2.** "The model keeps the few letters with the highest probabilities and then
# computes the cross-entropy." We keep three letters at each position.

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
lowest = logits.topk(3, dim=-1).values[..., -1:]  # (2, 5, 1)
three_kept = cross_entropy(logits.masked_fill(logits < lowest, -math.inf), targets)
Predict(
    "The loss of our two names over all letters is about 2.1. What is it over the best "
    "three letters of each row?",
    "infinite" if three_kept.isinf() else "larger than 2.1, but finite",
    options=("smaller than 2.1", "the same", "larger than 2.1, but finite", "infinite"),
    because="A target that is not among the best three has the probability 0.",
)

# %% tags=["ledger:A2"]
third_best = logits.topk(3, dim=-1).values[..., -1:]  # (2, 5, 1)
cut = logits.masked_fill(logits < third_best, -math.inf)  # (2, 5, 27), e to that is 0
print(f"loss over all letters:     {cross_entropy(logits, targets):.3f}")
print(f"loss over the best three:  {cross_entropy(cut, targets)}")

# %% [markdown]
# For example, the `s` after the first `a` of `asha` was not among the best three, so its
# probability became 0, and the loss infinite. Training needs the softmax over **all**
# letters. Keeping the best few belongs to *writing* text (lesson 8).
#
# **Slide 3.** "After `aar` the true next letter is `a`, index 1." The index is correct. But is
# there *one* true next letter? `names.windows` lists all pieces of three letters, each with
# the letter that follows.

# %% tags=["ledger:C6"]
contexts, following = names.windows(train_names, context_size=3)  # (N, 3), (N,)
is_aar = (contexts == torch.tensor(names.encode("aar"))).all(dim=1)  # (N,)
after_aar = following[is_aar]  # the letters that follow "aar"
share = torch.bincount(after_aar, minlength=names.VOCAB_SIZE) / len(after_aar)  # (27,)
for i in share.argsort(descending=True, stable=True)[:4].tolist():
    print(f"aar -> {names.ALPHABET[i]}: {share[i]:.0%} of {len(after_aar)}")
print(f"entropy of what follows: {functional.entropy(share):.2f} nats")
assert names.encode("a") == [1]

# %% [markdown]
# There is not *one* true next letter. There is a **distribution**, a list of shares (here
# only of five cases, so do not trust the shares). A model that sees only `aar` cannot
# have a lower average loss on these cases than the entropy of their distribution.
#
# ### Questions
#
# **1.** What is the loss of a model that gives all 27 letters the same probability? Does
# it depend on the letter that comes?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# It is ln 27, whichever letter comes. A network that has not been trained should start near
# this number. Lessons 4 and 7 check it.
#
# </details>
#
# **2.** Two models have the same accuracy: both have the correct letter first in 6 of 10
# cases. Can their losses differ?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Yes. Accuracy asks only which letter came first. The loss asks how much probability the
# correct letter received, also when it came second.
#
# </details>
#
# **3.** A model gives a letter the probability 0, and the letter comes. What is the loss?
# Can it happen with a softmax, and with a table of counts?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Infinite. A softmax of ordinary logits never gives exactly 0 (on paper). A table of
# counts does, when a pair was never seen. That is why we added 1 to the counts.
#
# </details>
#
# **4.** In one line of code, how do you get the loss of each name in a batch, in place of the
# loss of the whole batch? `log_probs` has the shape (B, T).
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# `-log_probs.mean(dim=-1)`, which has the shape (B,). (In lesson 7 names have different
# lengths, and all their predictions lie in one long list.)
#
# </details>
#
# **5.** Your turn. Invent a name of four letters or more that is *not* in the list and that
# costs less than every name in the list. Which letters does the table expect, one after the
# other? (Lesson 2 printed some of them.) The cell tells you when you have it.

# %%
my_name = "neha"  # write another one
if len(my_name) < 4:
    verdict = "too short: four letters at least"
elif my_name in all_names:
    verdict = "not yet: it is in the list"
else:
    cheaper = loss_of(my_name) < loss_of(ordered[0])
    verdict = "you have found one" if cheaper else "not yet"
print(f"{my_name}: {loss_of(my_name):.3f}, {verdict}")

# %% [markdown]
# ## Recap
#
# - **Idea.** The loss is the surprise about what came, $-\ln p$, averaged over all
#   predictions.
# - **Formula.** $L = -\frac{1}{N}\sum_n \ln p_n(\text{target})$ in nats. Bits: $L / \ln 2$.
#   Perplexity: $e^{L}$.
# - **Pitfall.** Give `F.cross_entropy` logits, never probabilities, and never a cut
#   vocabulary. A loss is never negative.
#
# | step | tensor | shape for B names, T positions, V letters |
# |---|---|---|
# | 1 | logits | (B, T, V) |
# | 2 | probabilities | (B, T, V) |
# | 3 | probabilities of the targets | (B, T) |
# | 4 | log-probabilities | (B, T) |
# | 5, 6 | average, loss | () |
#
# | here | elsewhere |
# |---|---|
# | loss | cross-entropy, negative log-likelihood, log loss |
# | surprise, $-\ln p$ | surprisal, information content, self-information |
# | targets | labels |
# | accuracy | hit rate, top-1 accuracy |
#
# - **Moved into the library:** `course_lib.functional.cross_entropy`, `entropy`,
#   `kl_divergence`, `perplexity`, `nats_to_bits`.
#
# **Homework:** [Homework 3](homework/hw03.ipynb), about 75 minutes, of which 50 are core. A
# badge under each check says at once whether your answer is correct.
#
# **Next:** you can say now how wrong a prediction was. But measuring alone improves
# nothing. Which of the logits should change, and by how much?
# [4. Gradients](04_gradients.ipynb)
