# %% [markdown]
# # 5. Counting
#
# **How far does a table get?**
#
# In lesson 0 you counted which letter follows which, and the table of counts wrote names.
# In lesson 4 you did not count: a table of scores was trained with the gradient, and it
# ended near the loss of the counted table. Was that luck? In this lesson you find that it
# had to be so. Then you give the table a longer memory, let it write better and better
# names, and see where this way ends.
#
# - **You will** train a table with one-hot vectors and cross-entropy, count what follows
#   two, three, four and five letters, and read the names that come out.
# - **You need** lesson [0](00_start_here.ipynb) (the table of pairs),
#   lesson [3](03_cross_entropy.ipynb) (the loss) and lesson [4](04_gradients.ipynb)
#   (the training loop).
# - **Time** 60 minutes. On a first reading, skip the part marked *more*: then 50. A good
#   place for a break is before *Longer memories*.
# - **Back** [4. Gradients](04_gradients.ipynb) ·
#   **Next** [6. Not fooling yourself](06_not_fooling_yourself.ipynb)

# %%
import math
import random
from collections import Counter

import torch
from torch.nn import functional as F

from course_lib import functional, generate, names, ngram
from course_play.boxes import BLUE, GREEN, ORANGE, Grid, plot_flow, plot_grids
from course_play.plots import plot_curves
from course_play.widgets import BigramMap, Predict

torch.set_printoptions(precision=3, sci_mode=False)
train_names = names.split_names(names.load_names()).train  # as in all lessons
V = names.VOCAB_SIZE  # 27: the full stop and 26 letters

# %% [markdown]
# ## Predict first
#
# The table of lesson 0 looked at one letter before it drew the next one. Now think of a
# table that looks at the last *five* letters. It has counted what follows every group of
# five letters in the training names. You let it write 1,000 names.

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
five = ngram.NGram.fit(train_names, 5)
written = generate.sample_names(five, 1000, generator=torch.Generator().manual_seed(1))
copied = sum(name in train_names for name in written)
choices = {20: "about 20", 200: "about 200", 500: "about 500", 850: "about 850"}
Predict(
    "How many of the 1,000 names are exact copies of training names?",
    choices[min(choices, key=lambda n: abs(n - copied))],
    options=tuple(choices.values()),
    because="The part on longer memories counts the copies for each length.",
)

# %% [markdown]
# ## Build it by hand
#
# ### One letter of memory
#
# We begin with what you know. A name becomes several **questions**: this context has been
# read, which letter comes next? The library function `names.windows` lists the
# questions of a list of names as two tensors, the contexts and the letters that really
# came, the **targets**. Here are the questions of `asha`, with one letter of context:

# %%
contexts, targets = names.windows(["asha"], context_size=1)  # (5, 1) and (5,)
for context, target in zip(contexts.tolist(), targets.tolist(), strict=True):
    print(context, target, "   ", names.decode(context), "->", names.decode([target]))

# %% [markdown]
# Now all training names: `N` questions. We count the pairs, and we divide each row by its
# sum. This time we add nothing to the counts, because we only score the names that we
# have counted: each pair that is asked has been counted at least once.
#
# (`Y` is the list of the letters that came, as numbers. The small $y$ of lesson 4 was the
# one-hot row of such a letter. And `shares` is now the whole table, a row for each letter.)

# %%
contexts, Y = names.windows(train_names, 1)  # (N, 1), (N,)
before = contexts[:, 0]  # (N,)
N = len(Y)
counts = ngram.bigram_counts(train_names).float()  # (V, V), as in lesson 1
shares = counts / counts.sum(dim=1, keepdim=True)  # (V, V), rows add up to 1
counted_loss = -shares[before, Y].log().mean()  # (N,) -> ()
print(f"{N:,} questions; loss of the counted table {counted_loss:.3f} nats")
print(f"loss of a table that knows nothing: ln {V} = {math.log(V):.3f}")

# %% [markdown]
# ### The same table, as a network
#
# Now the table of *scores* of lesson 4, `W`: one row for each letter before, one column for
# each letter after. The softmax makes a row of probabilities out of a row of scores, and
# training makes the scores better. There you looked rows up: `W[before]`.
#
# The same look-up can be written as a multiplication, and we need this form for larger
# networks. The letter is written as a **one-hot** vector (lesson 3), a row of zeros with a
# single 1, and this vector is multiplied with the table. The sign for it is `@`, the
# **matrix product**. A row vector times a table means: take the first number of the vector
# times the first row of the table, plus the second number times the second row, and so on.
# Here it is with four letters and invented scores:

# %%
letters = [".", "a", "h", "s"]
small = torch.tensor([[0, 9, 1, 7], [6, 2, 2, 3], [1, 8, 0, 0], [2, 5, 8, 1]])  # (4, 4)
one_h = F.one_hot(torch.tensor([2]), 4)  # (1, 4): h has the number 2
row = {(2, j): ORANGE for j in range(4)}
plot_grids(
    [
        Grid(one_h, "one-hot of h", columns=letters, marks={(0, 2): ORANGE}),
        Grid(small, "scores", letters, letters, row),
        Grid(one_h @ small, "row of h", columns=letters),
    ],
    "A one-hot vector times a table picks one row",
    signs=["@", "="],
)

# %% [markdown]
# Three of the four rows are multiplied by 0, so they vanish. The row of `h` is multiplied
# by 1, so it stays. **A one-hot vector times a table is a look-up.** For many letters at
# once, there is one one-hot row for each of them:

# %%
one_hot = F.one_hot(before, V).float()  # (N,) -> (N, V)
some_table = torch.randn(V, V, generator=torch.Generator().manual_seed(0))
product = one_hot @ some_table  # (N, V) @ (V, V) -> (N, V)
torch.testing.assert_close(product, some_table[before])  # the same rows, looked up
print(tuple(one_hot.shape), "@", tuple(some_table.shape), "->", tuple(product.shape))

# %% [markdown]
# In (N, **27**) @ (**27**, 27) the two lengths in the middle must be equal, and they
# disappear: what is left is (N, 27). Now our model is complete. This is all of it:

# %%
plot_flow(
    [
        ("letter before", "(N,)"),
        ("one-hot", f"(N, {V})"),
        ("logits", f"(N, {V})"),
        ("loss", "()"),
    ],
    "The smallest network: one table of scores, W",
    arrows=["one_hot", f"@ W\n({V}, {V})", "cross-entropy\nwith targets (N,)"],
    colors=[BLUE, BLUE, GREEN, ORANGE],
)

# %% [markdown]
# ### Train it
#
# The loop is the one of lesson 4, with two differences. The look-up is now
# `one_hot @ W`. And each step sees *all* questions and not a random batch, so there is no noise, and a
# larger learning rate is possible. On the way we keep some **snapshots**, copies of the
# log-probabilities that the scores stand for.

# %% tags=["close"]
W = torch.zeros(V, V, requires_grad=True)
snapshots = {}
for step in range(501):
    if step in (0, 10, 100, 500):
        snapshots[step] = W.detach().log_softmax(dim=1)  # (V, V)
    loss = F.cross_entropy(one_hot @ W, Y)  # (N, V) and (N,) -> ()
    loss.backward()
    with torch.no_grad():
        W -= 50 * W.grad
    W.grad = None

print(f"trained {loss.item():.3f}, counted {counted_loss:.3f}")
assert 0 < loss - counted_loss < 0.01

# %% [markdown]
# The trained table is nearly as good as the counted one, and not better. You know the reason
# from lesson 4: the gradient of a row is $p$ minus the shares, so it is zero when the
# probabilities *are* the shares. Here is the check: in 4.9 % of the questions after `a` the 1
# of the one-hot row stands at `s`, so the average there is 0.049.

# %% tags=["close"]
row_a = F.one_hot(Y[before == 1], V).float().mean(dim=0)  # (cases, V) -> (V,); 1 is a
torch.testing.assert_close(row_a, shares[1])  # the mean of y is the row of shares
print(
    f"s after a: mean of y {row_a[19]:.3f}, trained {snapshots[500].exp()[1, 19]:.3f}"
)

# %% [markdown]
# > **In one plain sentence.** For a table, counting is the end of training: the best
# > probability of a letter is its share of all the cases in the data.
#
# ### Maximum likelihood
#
# Is there really no better table? Let us try to move one number: the probability of `s`
# after `a`. We give it many values, from 0.01 to 0.15, and let the other letters of the row
# share the rest as before. What happens to the loss on all the questions after an `a`?

# %%
after_a = Y[before == 1]  # (cases,)
tried = torch.linspace(0.01, 0.15, 141)  # (141,)
losses = []
for p in tried:
    row = shares[1] * (1 - p) / (1 - shares[1, 19])  # (V,), the others share the rest
    row[19] = p  # 19 is s
    losses.append(-row[after_a].log().mean().item())  # (cases,) -> one number
lowest = tried[losses.index(min(losses))].item()
assert abs(lowest - shares[1, 19]) < 0.002

# %%
share_s = shares[1, 19].item()
plot_curves(
    {
        "loss": (tried.tolist(), losses),
        f"share in the data, {share_s:.3f}": (
            [share_s] * 2,
            [min(losses), max(losses)],
        ),
    },
    "The loss is lowest where the probability equals the share",
    xlabel="probability of s after a",
    ylabel="loss after a, in nats",
)

# %% [markdown]
# A valley with a single lowest point, and it lies at the share. You know this valley: in
# lesson 3 the honest answer 0.70 cost least. It is the same for every letter and every row.
# (For all numbers at once, the part marked *more* has the reason.)
#
# The probability that a model gives to the whole data is called its **likelihood**.
# It is the product of the probabilities of all the letters that came. The loss is minus the
# logarithm of this product, divided by the number of questions. So the table with the lowest
# loss is also the table that gives the data the highest probability. It is called the
# **maximum likelihood** estimate (MLE), and for a table it is the table of shares.
#
# ### *More:* what is left, and what training removes
#
# Lesson 3 cut a loss into two parts. The **entropy** is what a model must pay even if it
# knows the truth. Here the truth is the list, and the entropy is the loss of the counted
# table. The **Kullback-Leibler divergence** (KL) is what another table pays on top, and it is
# never below 0. So no table can be better than the counted one. Look at both on the way of
# the training.

# %% tags=["ledger:B10", "close"]
weight = counts.sum(dim=1) / counts.sum()  # (V,): how often each row is asked
entropy = (weight * functional.entropy(shares)).sum()  # ()
for step, log_p in snapshots.items():
    paid = -log_p[before, Y].mean()  # (N,) -> ()
    kl = (weight * functional.kl_divergence(shares, log_p.exp())).sum()  # ()
    print(f"step {step:3d}: loss {paid:.3f} = entropy {entropy:.3f} + KL {kl:.3f}")
    torch.testing.assert_close(paid, entropy + kl, rtol=1e-4, atol=1e-4)

# %% tags=["ledger:B10", "close"]
torch.testing.assert_close(entropy, counted_loss)
assert kl < 0.01
print(f"KL of the counted table: {abs(counted_loss - entropy):.3f}")

# %% [markdown]
# The entropy stays the same in every line. Only the KL shrinks. So to make the
# cross-entropy small means to make the model's probabilities equal to the shares in the
# data. Every language model is first trained in this way, the largest ones too.
#
# ### Longer memories
#
# One letter is a poor memory. Let us count what follows *two* letters, or three, or $k$.
# The $k$ letters are the **context**. A table that looks at $k$ letters and counts what
# comes next is called an **n-gram** model, with $n = k + 1$, because it counts groups of n
# letters. So our table with $k = 1$ is a **bigram** model, and $k = 2$ makes a **trigram**
# model. (Elsewhere: a Markov chain of order $k$.)
#
# Here are the questions of `asha` with three letters of context. At the beginning of a
# name there are no letters yet, so we fill up with full stops.


# %%
def questions(name, k):
    """All pairs (context of k letters, letter that came) of one name."""
    path = "." * k + name + "."
    return [(path[i : i + k], path[i + k]) for i in range(len(name) + 1)]


print(questions("asha", 3))

# %% [markdown]
# A table with a row for *every* group of five letters would be huge, and most rows would be
# empty. So we use a dictionary and store only the contexts that really came. Each row is a
# `Counter`, a dictionary that counts.
#
# > **Python:** `table.setdefault(context, Counter())` gives back the row of this context,
# > and makes an empty one if there is none yet. A `Counter` answers 0 for what it has never
# > counted; `row.total()` is the sum of its counts, and `row.most_common(5)` its five largest.


# %%
def count_table(name_list, k):
    """What came after each context of k letters: {context: Counter of letters}."""
    table = {}
    for name in name_list:
        for context, letter in questions(name, k):
            table.setdefault(context, Counter())[letter] += 1
    return table


tables = {k: count_table(train_names, k) for k in range(1, 9)}
print("after sh: ", dict(tables[2]["sh"].most_common(5)))
print("after ash:", dict(tables[3]["ash"].most_common(5)))
assert tables[1]["a"]["s"] == counts[1, 19]  # k = 1 is the table of lesson 0

# %% [markdown]
# ### Let them write
#
# Writing works as in lesson 0. The table looks at the last $k$ letters, draws the next one
# from their row, and goes on until it draws the full stop.


# %%
def write_name(table, k, generator):
    path = "." * k
    while len(path) < k + 30:  # no name gets longer than this
        row = table[path[-k:]]  # the last k letters
        letter = generator.choices(list(row), weights=list(row.values()))[0]
        if letter == ".":
            break
        path += letter
    return path[k:]


# %%
for k in (1, 2, 3, 4, 5):
    generator = random.Random(8)
    some = [write_name(tables[k], k, generator) for _ in range(7)]
    print(f"{k} back:", ", ".join(some))

# %% [markdown]
# Read the lines from top to bottom. With one letter of memory some names are hard to
# pronounce. With two they sound better, and with three or four you could take most of them
# for real names. With five they are perfect. Are they too good? Let each table write a
# thousand names, and count how many of them stand in the list that was counted.

# %%
known = set(train_names)
copies = {}
for k, table in tables.items():
    generator = random.Random(0)
    written = [write_name(table, k, generator) for _ in range(1000)]
    copies[k] = sum(name in known for name in written) / len(written)
    print(f"{k} back: {copies[k]:.0%} are copies of training names")
assert copies[3] < 0.3 < 0.8 < copies[5]

# %% [markdown]
# With five letters of memory most of the "new" names are copies. The table does not invent
# names any more: it has learned its list by heart, and reads from it. So if you want names
# that sound real *and* are new, take a memory of about three letters: most of the names above
# can be spoken, and only 16 % of a thousand are copies.
#
# ### Why long contexts get empty
#
# What has happened? Go back to `asha`, just before its end. What does the table know there,
# with one letter of memory, with two, with three?

# %%
path = ".asha"
boxes = []
for k in range(1, 6):
    row = tables[k][path[-k:]]
    then = ", ".join(f"{letter} {n}" for letter, n in row.most_common(3))
    boxes.append((path[-k:], f"cases: {row.total():,}\n{then}"))
plot_flow(
    boxes,
    "Each letter of memory leaves fewer cases: before the end of asha",
    arrows=["longer"] * 4,
    colors=[BLUE, BLUE, BLUE, BLUE, ORANGE],
)

# %% [markdown]
# Each letter of memory cuts a row into up to 27 smaller rows, but the number of names stays
# the same. So the counts get thin. At the end (orange) the context `.asha` came once in the
# whole list, in the name `asha` itself. The table now says that after `.asha` a name ends
# with a probability of 100 %. It knows that from one single case.
#
# How common is this? Here are the numbers for all tables, and their loss on the training
# names.


# %%
def training_loss(table):
    """Mean surprise of a table about the questions that it has counted, in nats."""
    total = 0.0
    for row in table.values():
        for n in row.values():
            total += n * -math.log(n / row.total())  # n questions cost the same
    return total / N


# %%
print("letters        possible      rows   rows seen    questions   training")
print("   back            rows      seen        once      in them       loss")
once = {}
for k, table in tables.items():
    rare = sum(row.total() == 1 for row in table.values())
    once[k] = rare / len(table)
    loss = training_loss(table)
    print(f"{k:7d} {V**k:15,d} {len(table):9,d}", end="")
    print(f"{once[k]:12.0%} {rare / N:12.0%} {loss:10.2f}")
assert once[3] < 0.5 < once[4]
assert math.isclose(training_loss(tables[1]), counted_loss, rel_tol=1e-4)

# %% [markdown]
# The training loss falls and falls, so on the training names a longer memory is always
# better. But look at the other columns. Of the 14 million possible rows with five letters
# only a few thousand have been seen at all, so for most contexts the table knows nothing. And
# from four letters on, most of the rows that it has were seen exactly once. (Such a row is
# asked only once, so by *questions* their share is smaller: see the column beside it.) Such a
# row gives 100 % to the only letter that it knows.

# %%
lengths = list(tables)
plot_curves(
    {
        "rows seen only once": (lengths, list(once.values())),
        "written names that are copies": (lengths, list(copies.values())),
    },
    "Longer memory: thinner rows, more copies",
    xlabel="letters of memory",
    ylabel="share",
)

# %% [markdown]
# ### A name that was not counted
#
# `zara` is a real name, but it is not among the training names. How do the tables read it,
# letter by letter?

# %%
assert "zara" not in known
for k in (1, 2, 3, 4):
    print(f"{k} back:", end="")
    for context, letter in questions("zara", k):
        row = tables[k].get(context, Counter())  # an empty row if it never came
        print(f"   {context} -> {letter} {row[letter]}/{row.total()}", end="")
    print()

# %% [markdown]
# With one or two letters of memory every letter of `zara` has been seen in its row. With
# three, no `a` ever came after `zar`, so the table gives it the probability 0, and minus the
# logarithm of 0 is infinite. With four letters the table has no row for `zara` at all, "0/0".
# The table says "impossible" where it should say "I have not seen that yet".
#
# You know a cure from lesson 0: add something to each count. There it was 1. Let us call the
# number `extra`, because other numbers are possible, too.
#
# $$p = \frac{\text{count} + \text{extra}}{\text{total} + 27 \cdot \text{extra}}$$
#
# This is called **additive smoothing** (elsewhere: add-k smoothing, where k is what we call
# `extra`; Lidstone smoothing; with extra = 1: Laplace or add-one smoothing). Each of the 27
# letters gets the `extra`, so the total grows by 27 times as much, and the probabilities still
# add up to 1.


# %%
def prob(table, context, letter, extra):
    """The probability of a letter after a context, with additive smoothing."""
    row = table.get(context, Counter())
    return (row[letter] + extra) / (row.total() + V * extra)


def loss_of(name, k, extra):
    """The mean surprise about a name, in nats."""
    asked = questions(name, k)
    total = sum(-math.log(prob(tables[k], c, x, extra)) for c, x in asked)
    return total / len(asked)


assert math.isclose(sum(prob(tables[3], "zar", x, 0.1) for x in names.ALPHABET), 1)

# %% [markdown]
# Now every table can read both names: `asha`, which it has counted, and `zara`, which it has
# not. First with a very small `extra`:

# %%
for k in (1, 2, 3, 4, 5):
    asha, zara = loss_of("asha", k, 0.01), loss_of("zara", k, 0.01)
    print(f"{k} back: loss of asha {asha:.2f}, loss of zara {zara:.2f}")
assert loss_of("asha", 5, 0.01) < loss_of("asha", 1, 0.01)
assert loss_of("zara", 5, 0.01) > loss_of("zara", 1, 0.01) + 0.5
for context in ("asha", ".asha"):
    row = tables[len(context)][context]
    print(f"the end after {context}: {row['.']} of {row.total()} cases")

# %% [markdown]
# For `asha`, memories of two, three and four letters are *worse* than one letter, and five
# letters are a little better. Where does the change at five come from? Look at the last
# question. After `asha` the end came in 4 of 12 cases, but after `.asha` in 1 of 1, and this
# one case is `asha` itself. So five letters are better here only because the table has seen
# exactly this name. For `zara`, which it has not seen, long memories are much worse than
# short ones. And now the same two names with five letters of memory and a larger `extra`:

# %%
for extra in (0.01, 0.1, 1):
    asha, zara = loss_of("asha", 5, extra), loss_of("zara", 5, extra)
    print(f"extra {extra:4}: loss of asha {asha:.2f}, loss of zara {zara:.2f}")

# %% [markdown]
# With `extra` = 1 the long memory becomes bad for `asha`, too, because its thin rows are
# hardly believed any more. For `zara` a larger `extra` helps at first (nothing is
# "impossible" any more) and then hurts, because in the thin rows all letters become nearly
# equally likely. Take a row that was seen once. Its only letter gets (1 + 1) / (1 + 27), and
# that is one in fourteen.
#
# So which memory is the best, and which `extra`? Two names cannot decide it. Lesson 6 shows how
# to decide such questions without fooling yourself.
#
# > **For children (and for the rest of us).** A new ice-cream shop. You have been there
# > once, and the ice cream was great. Will it *always* be great? One visit is not enough to
# > say "always". Someone who believes every single visit learns fast and is often wrong.
#
# ## Compare with torch
#
# The library has the same table, `ngram.NGram`, with tensors instead of dictionaries, so that
# thousands of questions are answered at once. Its `strength` is the number of imaginary
# counts in a whole row, that is 27 times our `extra`, because each of 27 letters gets one. It
# gives log-probabilities, and
# these are logits, because their softmax is the probabilities again (lesson 2).

# %%
for k, extra in ((1, 1), (3, 0.1), (5, 0.01)):
    model = ngram.NGram.fit(train_names, k, strength=V * extra)
    contexts, targets = names.windows(["zara"], k)  # (5, k), (5,)
    logits = model(contexts)  # (5, k) -> (5, V)
    torch_loss = F.cross_entropy(logits, targets).item()
    assert math.isclose(torch_loss, loss_of("zara", k, extra), rel_tol=1e-5)
print("zara: dictionaries by hand = course_lib = torch")

# %% [markdown]
# ## Play with it
#
# This is the bigram table, 27 rows and 27 columns. Click a row to see its bars. (By
# keyboard: press Tab until the map has the focus, move with the arrow keys, choose with
# Enter.)
#
# - **Choose the row `q`.** What follows? From how many cases do you know that?
# - **Choose the row `.`** Which letters begin names most often?
# - **Let it walk a whole name, ten times.** Which names could be real? What does a memory
#   of one letter get wrong?

# %%
BigramMap(counts, list(names.ALPHABET))

# %% [markdown]
# ## Why does this work?
#
# **Why does counting find the best table at once, and training needs hundreds of steps?**
# Because each row of a table is independent of all others. The best row can be written
# down: it is the row of shares. In a network with more than one layer the same numbers
# serve many contexts, and nobody can write down the best ones. Then training is the only
# way. Lesson 7 keeps your loop and your loss, and puts two layers in the place of the table.
#
# **Why is a longer memory not simply better?** Because each letter of memory cuts the data
# into smaller pieces, and a small piece is ruled by chance. And the table learns each row
# alone. It does not know that `sha` and `shi` are similar, so what it learns from one of
# them does not help with the other.
#
# **Did people really use this?** Yes. For decades, n-gram tables over *words* were the
# language models of speech recognition and translation. Their rows get empty even faster,
# because there are many more words than letters:

# %%
words = 50_000  # a usual vocabulary
for k in (1, 2, 3):
    print(f"words back: {k}, rows: {words**k:,}")

# %% [markdown]
# ## Check yourself
#
# **1.** What is the training loss of a table with $k = 0$, which sees no letter at all? What
# does it know?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# It knows how common each letter is. Its loss is the entropy of these shares, which lies
# between ln 27 and the loss of the bigram table. `training_loss(count_table(train_names, 0))`
# computes it. (`write_name` needs a small change: `path[-0:]` is the whole path.)
#
# </details>
#
# **2.** You add not 1 but a million to every count. What does the table predict, and what
# is its loss?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# All letters become equally likely after every context, because the real counts are tiny
# beside a million. The loss is ln 27, on any names.
#
# </details>
#
# **3.** `one_hot @ W` and `W[before]` give the same logits. Why do programs use the second
# form?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The product multiplies 26 of 27 numbers by 0 and adds them up, all for nothing. The
# look-up just reads one row. Lesson 7 calls such a look-up an *embedding*.
#
# </details>
#
# **4.** In the training loop, what happens without the line `W.grad = None`?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Gradients add up (lesson 4). Each step would use the sum of all gradients so far, and
# after a few steps the table would jump far beyond its goal.
#
# </details>
#
# **5.** Your turn, without an answer below. Let the tables write names of your own list:
# collect twenty or more words of one kind (villages, plants, first names of your class), in
# small letters a to z. From which $k$ on are nearly all names copies? Why is it a smaller $k$
# than for our list?

# %%
plants = """apple pear peach plum cherry lemon melon mango papaya banana onion carrot
potato tomato pepper lettuce spinach pumpkin radish cabbage"""
my_list = plants.split()  # put your words here
my_table = count_table(my_list, 2)
generator = random.Random(0)
print([write_name(my_table, 2, generator) for _ in range(5)])

# %% [markdown]
# ## Recap
#
# - **Idea.** A table of shares is the best table for its data: training by gradient descent
#   ends there, and counting finds it at once. A longer memory writes better names, until its
#   rows are so thin that it copies the list.
# - **Formula.** $p = (\text{count} + \text{extra}) / (\text{total} + 27 \cdot \text{extra})$.
#   The loss is entropy + KL, and the KL of the counted table is 0.
# - **Pitfall.** A row that was seen once says "100 %". A letter that was never seen costs
#   infinitely much. And a low training loss may only mean that the list was learned by heart.
#
# | tensor | shape |
# |---|---|
# | letters before, targets | (N,) |
# | one-hot | (N, V) |
# | table of scores W | (V, V) |
# | logits, `one_hot @ W` | (N, V) @ (V, V) -> (N, V) |
# | contexts of k letters, `names.windows` | (N, k) |
#
# | here | elsewhere |
# |---|---|
# | bigram, trigram, n-gram table | Markov chain of order 1, 2, n - 1 |
# | table of shares | maximum likelihood estimate (MLE), relative frequencies |
# | `one_hot @ W` | look-up, embedding; a linear layer without bias |
# | additive smoothing, `extra` | add-k, Lidstone, Laplace smoothing; pseudo-counts; alpha |
# | letters of memory | order, context length, context size |
#
# - **Moved into the library:** `course_lib.ngram`: `bigram_counts`, `NGram.fit`; and
#   `course_lib.names.windows`.
#
# **Homework:** [Homework 5](homework/hw05.ipynb), about 100 minutes, of which 80 are core. A
# badge under each check says at once whether your answer is correct.
#
# **Next:** for `asha` the long memory was better, for `zara` the short one. Which table is
# really the better model of names?
# [6. Not fooling yourself](06_not_fooling_yourself.ipynb)
