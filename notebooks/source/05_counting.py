# %% [markdown]
# # 5. Counting
#
# **How far does a table get?**
#
# The best probabilities are the shares in the data, so said lesson 4. Shares can be
# counted. This lesson builds a whole language model without any training, makes its
# memory longer and longer, and watches where that breaks.
#
# - **You will** build a model that is one table, prove that training would find the
#   same table, see a longer memory make a worse model, and mend it.
# - **You need** lessons [3](03_cross_entropy.ipynb) and [4](04_gradients.ipynb): the
#   loss and its gradient.
# - **Time** 45 minutes.
# - **Back** [4. Gradients](04_gradients.ipynb) ·
#   **Next** [7. The name generator](07_name_generator.ipynb)

# %%
import itertools
import math
from collections import Counter

import torch
from torch.nn import functional as F

from course_lib import functional, names, ngram
from course_play.plots import plot_curves
from course_play.reveal import reveal
from course_play.widgets import BigramMap

torch.set_printoptions(precision=4, sci_mode=False)

# %% [markdown]
# ## Predict first
#
# We want to know what comes next in a name, and we look six letters back. A table for
# that has one row for every group of six characters: 27 choices, six times.
#
# First we put one name in ten aside: **held-out** names (also "validation" names),
# which the table never sees. Another tenth waits for the very end. We count the rest.

# %%
train, val, test = names.split_names(names.load_names())
assert not set(train) & set(val)
X6, Y6 = names.windows(train, context_size=6)
X6_val, Y6_val = names.windows(val, context_size=6)
print(f"{len(train):,} names to count, {len(val)} held out")
print(f"they ask {len(Y6):,} times: what comes after these six?")
print(f"the table has {27**6:,} rows")

# %% [markdown]
# **How many rows of that table will have at least one count in them?**

# %%
my_guess = None

# %% tags=["hide-input"]
# the answer: open this after your guess
print(reveal(my_guess, len({tuple(row) for row in X6.tolist()}), digits=0))

# %% [markdown]
# ## Build it by hand
#
# We begin with a memory of one letter. Such a table of pairs is called a **bigram**
# table. A name ends with a full stop, our **end mark**, and it begins with one too. So
# `asha` has five pairs: `.a`, `as`, `sh`, `ha`, `a.`

# %%
counts = torch.zeros(27, 27)
for name in train:
    path = names.encode(f".{name}.")
    for before, after in itertools.pairwise(path):
        counts[before, after] += 1

row_a = counts[1]
for i in row_a.topk(4).indices.tolist():
    print(f"a{names.ALPHABET[i]}: {row_a[i]:.0f} of {row_a.sum():.0f}")

# %% [markdown]
# Divide each row by its sum. Then each row is a distribution: what follows this letter,
# in shares. That is a complete language model. Its loss is the average surprise, as in
# lesson 3.

# %%
shares = counts / counts.sum(1, keepdim=True)
surprise = torch.where(counts > 0, -shares.log(), 0.0)  # pairs that never come cost 0
table_loss = (counts * surprise).sum() / counts.sum()
print(f"no idea: ln 27 = {math.log(27):.2f}; with the table: {table_loss:.2f}")

# %% [markdown]
# ### Could training find a better table?
#
# Forget the counts. Take 27 x 27 scores, all 0, and train them as in lesson 4. The
# average gradient of a row is its probabilities minus the shares in the data. Keep some
# **snapshots**, copies of the table on its way.

# %% tags=["ledger:B10", "close"]
scores = torch.zeros(27, 27)
snapshots = {}
for step in range(2001):
    if step in (0, 10, 100, 2000):
        snapshots[step] = functional.log_softmax(scores)
    scores -= 2.0 * (functional.softmax(scores) - shares)

trained = snapshots[2000].exp()
print(f"largest difference to the counted table: {(trained - shares).abs().max():.4f}")
assert (trained - shares).abs().max() < 0.01

# %% [markdown]
# Training comes ever nearer to what counting gives at once. For a table, the loss has
# exactly one lowest point, and it is the table of shares. Statisticians call it the
# **maximum likelihood** table: no other table gives the data a higher probability.
#
# Look at what the loss consists of on the way. Lesson 3 had two names for its parts:
# the **entropy** of the data, which no model can change, and the **Kullback-Leibler
# divergence** (KL), which is what the model pays on top.

# %% tags=["ledger:B10", "close"]
weight = counts.sum(1) / counts.sum()  # how often each row is asked
entropy = (weight * functional.entropy(shares)).sum()
for step, log_p in snapshots.items():
    loss = -(counts * log_p).sum() / counts.sum()
    kl = (weight * functional.kl_divergence(shares, log_p.exp())).sum()
    print(f"step {step:4d}: loss {loss:.3f} = entropy {entropy:.3f} + KL {kl:.3f}")
    torch.testing.assert_close(loss, entropy + kl)
torch.testing.assert_close(entropy, table_loss)
assert kl < 0.005  # and the counted table itself has none at all

# %% [markdown]
# The entropy stays; only the KL shrinks. **So to make the cross-entropy small is to
# make the model's statistics equal to those of the data.** Every language model is
# first trained this way, the largest too.
#
# ### A longer memory
#
# One letter is a poor memory. Count what follows *two* letters, or three, or $k$. The
# group of $k$ letters is the **context**, and a table of contexts of any length is
# called an **n-gram** table. Most rows will be empty, so we store only those that
# occur.


# %%
class CountTable:
    def __init__(self, contexts, targets, extra=0.0):
        keys = [tuple(row) for row in contexts.tolist()]
        self.pairs = Counter(zip(keys, targets.tolist(), strict=True))
        self.totals = Counter(keys)
        self.extra = extra  # used below; 0 means: believe the counts

    def prob(self, context, target):
        total = self.totals[context] + 27 * self.extra
        if total == 0:
            return 1 / 27  # a row never seen: no idea
        return (self.pairs[context, target] + self.extra) / total

    def loss(self, contexts, targets):
        pairs = zip(contexts.tolist(), targets.tolist(), strict=True)
        probs = [self.prob(tuple(context), target) for context, target in pairs]
        return sum(-math.log(p) if p > 0 else math.inf for p in probs) / len(probs)


# %% [markdown]
# How does the loss on the training names fall, and how full is the table?

# %%
print("letters back          rows      seen   seen once   training loss")
floors = ngram.context_entropies(train, 6)
for k in range(1, 7):
    X, Y = names.windows(train, k)
    model = CountTable(X, Y)
    once = sum(n == 1 for n in model.totals.values()) / len(model.totals)
    assert (once > 0.5) == (k >= 4)  # see below
    loss = model.loss(X, Y)
    print(f"{k:12d} {27**k:13,d} {len(model.totals):9,d} {once:11.0%} {loss:15.2f}")
    assert math.isclose(loss, floors[k], rel_tol=1e-6)
assert floors[6] < 0.5 * floors[1]

# %% [markdown]
# The loss falls and falls. Six letters back it is less than half of the bigram's. The
# assert says why it stops there: this is the **entropy of the next letter, given the
# $k$ before it**, counted in these names. No model that sees $k$ letters can get lower
# on them. We call it the **floor**.
#
# But look at the column "seen once". From four letters on, most rows were seen exactly
# once. Such a row gives 100 % to the only letter it knows. Is that knowledge?
#
# ### Names it has never seen

# %%
for k in (1, 6):
    table = CountTable(*names.windows(train, k))
    X, Y = names.windows(val, k)
    never = [
        f"{names.ALPHABET[target]} after {names.decode(context)}"
        for context, target in zip(X.tolist(), Y.tolist(), strict=True)
        if table.prob(tuple(context), target) == 0
    ]
    print(f"{k} back: held-out loss {table.loss(X, Y)}")
    print(f"   {len(never)} impossible letters:", ", ".join(never[:3]), "...")
    assert math.isinf(table.loss(X, Y))

# %% [markdown]
# Infinite. One letter that the table has not seen in its row gets the probability 0,
# and minus the logarithm of 0 is infinite. The table says "impossible" when it should
# say "I have never seen that". The bigram table makes this mistake too, only less
# often.
#
# **The first cure: pretend.** Add a little to every count, as if every letter had been
# seen `extra` times more. This is called **add-k smoothing** (its k is our `extra`).

# %%
print("letters back   extra   training   held out")
result = {}
for k in (1, 2, 6):
    X, Y = names.windows(train, k)
    for extra in (0.01, 0.1, 1.0):
        model = CountTable(X, Y, extra)
        held_out = model.loss(*names.windows(val, k))
        result[k, extra] = (model.loss(X, Y), held_out)
        print(f"{k:12d} {extra:7} {result[k, extra][0]:10.2f} {held_out:10.2f}")

# %% [markdown]
# Now compare the first line with the seventh.

# %%
bigram, sixgram = result[1, 0.01], result[6, 0.01]
assert sixgram[0] < bigram[0]  # it wins in training
assert sixgram[1] > bigram[1]  # and loses where it counts
for what, i in (("training", 0), ("held out", 1)):
    winner = "six letters" if sixgram[i] < bigram[i] else "one letter"
    print(f"{what}: one letter {bigram[i]:.2f}, six letters {sixgram[i]:.2f},", end=" ")
    print("better:", winner)

# %% [markdown]
# The table with six letters of memory has learned the names by heart. To do well on
# what you have seen and badly on what you have not is called **over-fitting**. Only
# held-out names show it. So they had better be really held out.
#
# ### A split that leaks
#
# We split by *name*. Many programs do it in another order: first cut the text into
# overlapping pieces, then shuffle the pieces, then put some of them aside. Here a piece
# is four questions in a row. We also shuffle single questions, with our list as it is
# and with each name five times, because real lists repeat a name as often as people
# bear it. The model stays the same: six letters, an `extra` of 0.01.


# %%
def shuffled_split(questions, piece):
    contexts, targets = questions
    generator = torch.Generator().manual_seed(0)
    starts = torch.randperm(len(targets) - piece + 1, generator=generator)
    pieces = starts.unsqueeze(1) + torch.arange(piece)  # (starts, piece)
    cut = len(pieces) * 8 // 10
    parts = (pieces[:cut].flatten(), pieces[cut:].flatten())
    return [(contexts[part], targets[part]) for part in parts]


def loss_and_known(counted, held_out):
    model = CountTable(*counted, extra=0.01)
    asked = zip(held_out[0].tolist(), held_out[1].tolist(), strict=True)
    known = sum(model.pairs[tuple(context), target] > 0 for context, target in asked)
    return model.loss(*held_out), known / len(held_out[1])


# %%
one_each = names.windows(names.load_names(), 6)
five_each = names.windows(names.load_names() * 5, 6)
splits = {
    "overlapping pieces": shuffled_split(one_each, piece=4),
    "single questions, each name 5 times": shuffled_split(five_each, piece=1),
    "single questions, each name once": shuffled_split(one_each, piece=1),
    "by name": [(X6, Y6), (X6_val, Y6_val)],
}
leaks = []
for how, split in splits.items():
    loss, known = loss_and_known(*split)
    leaks.append(loss)
    print(f"{how:36} held-out loss {loss:.2f}, {known:.1%} counted before")
assert max(leaks[:2]) < 0.5 * leaks[3]
assert abs(leaks[2] - leaks[3]) < 0.1

# %% [markdown]
# The first two losses look wonderful, and they are worthless. Nearly every "held-out"
# question, with its answer, stands in the counted part too: inside a neighbouring
# piece, or in another copy of the name. That is a **leak**. The third split is
# harmless, but only because our list has each name once. Splitting by name is safe in
# every case. With longer texts: split by document.
#
# ### The better cure: ask the shorter memory
#
# Add-k spreads its imaginary counts evenly over all letters. But we know more than
# that. If six letters are a rare context, the last five are less rare, and the last
# four still less. So let the imaginary counts look like the *shorter* table's
# prediction:
#
# $$p_k = \frac{\text{count} + s \cdot p_{k-1}}{\text{total} + s}$$
#
# A full row believes its counts; an empty row repeats what the shorter one says. We
# call this **back-off** (textbooks say "interpolation"; their back-off asks the shorter
# table only if the count is 0), and $s$, the **strength**, says how many counts the
# shorter opinion is worth. We take 27, one for each letter; you see below how to choose
# it.
#
# > **For children (and for the rest of us).** A new ice-cream shop. You have been there
# > once, and it was great. Will it be great next time? One visit is thin, so you also
# > think of the ice cream in this town, and of ice cream in general. After fifty visits
# > you need nobody's opinion.


# %%
def backoff_prob(tables, context, target, strength):
    shorter = 1 / 27  # no letters left: no idea
    if context:  # ask first what the table with one letter less would say
        shorter = backoff_prob(tables, context[1:], target, strength)
    table = tables[len(context)]
    count, total = table.pairs[context, target], table.totals[context]
    return (count + strength * shorter) / (total + strength)


tables = [CountTable(*names.windows(train, k)) for k in range(7)]
pairs = list(zip(X6_val.tolist(), Y6_val.tolist(), strict=True))
mixed = [backoff_prob(tables, tuple(context), target, 27) for context, target in pairs]
backoff_loss = sum(-math.log(p) for p in mixed) / len(mixed)
print(
    f"six letters back, held out: add-k {sixgram[1]:.2f}, back-off {backoff_loss:.2f}"
)
assert backoff_loss < min(held_out for _, held_out in result.values())

# %% [markdown]
# The same six letters, the same counts, and now better than every line of the table
# above.
#
# ## Compare with torch
#
# The library counts with tensors, faster than your dictionaries, and gives
# log-probabilities. They serve as logits, because their softmax is the probabilities
# again. The loss is torch's.

# %%
torch.testing.assert_close(counts, ngram.bigram_counts(train).float())
flat = F.cross_entropy(shares.log()[X6[:, -1]], Y6)  # each row is picked by its letter
torch.testing.assert_close(flat, table_loss)

smooth = ngram.NGram.fit(train, 6, strength=27 * 0.01)  # 0.01 for each of 27 letters
library = F.cross_entropy(smooth(X6_val), Y6_val).item()
assert math.isclose(library, sixgram[1], rel_tol=1e-5)

deep = ngram.NGram.fit(train, 6, strength=27, backoff=True)
picked = deep(X6_val).exp().gather(1, Y6_val.unsqueeze(1)).squeeze(1)
torch.testing.assert_close(picked, torch.tensor(mixed))
print("bigram, add-k and back-off by hand = course_lib = torch")

# %% [markdown]
# ## See it
#
# How far back should we look? Try 0 to 8 letters. For each length: the floor on the
# training names, and the loss on held-out names, with add-k and with back-off.


# %% tags=["close"]
def held_out_loss(model):
    X, Y = names.windows(val, model.context_size)
    return functional.cross_entropy(model(X), Y).item()


def with_all_shorter(model):  # a back-off model carries the shorter ones inside
    return [] if model is None else [*with_all_shorter(model.shorter), model]


longest = ngram.NGram.fit(train, 8, strength=27, backoff=True)
rows = {
    "floor, all names": ngram.context_entropies(names.load_names(), 8),
    "floor, training": ngram.context_entropies(train, 8),
    "held out, back-off": [held_out_loss(m) for m in with_all_shorter(longest)],
    "held out, add 0.1": [
        held_out_loss(ngram.NGram.fit(train, k, strength=2.7)) for k in range(9)
    ],
}
for what, losses in rows.items():
    print(f"{what:19}", "  ".join(f"{loss:.2f}" for loss in losses))

# %% tags=["close"]
_, floors, backoff, add_k = rows.values()
gap = [held - floor for held, floor in zip(backoff, floors, strict=True)]
assert gap == sorted(gap)  # each letter of memory opens the gap further
assert floors[3] > 1.54  # see below
assert add_k.index(min(add_k)) == 2
assert backoff[4] < min(backoff) + 0.01  # after four letters: next to nothing
lengths = range(9)
plot_curves(
    {
        "held out, back-off": (lengths, backoff),
        "training floor": (lengths, floors),
        "held out, add 0.1": (lengths, add_k),
    },
    "The floor keeps sinking, held-out names do not follow",
    xlabel="letters of memory",
    ylabel="nats per letter",
    lines={"lecture": 1.54},
)

# %% [markdown]
# Three things to see. **With add-k**, a memory of two letters is the best. **With
# back-off** it pays to look further, but after four letters next to nothing is gained.
# **And the gap opens**: what a long memory adds is knowledge about *these* names, not
# about names.
#
# The line "lecture" is the loss that a lecture reports at the end of training a
# network that sees three letters. On our names no model that sees three letters can get
# there, not even in training: their floor lies above it. Lesson 7 trains that network.
#
# ## Play with it
#
# The bigram table, 27 rows, 27 columns. Click a row to see its bars. By keyboard: press
# Tab until the map has the focus, move with the arrow keys, choose with Enter.
#
# - **Choose the row `q`.** What follows? From how many pairs do you know that?
# - **Choose the row `.`** Which letters begin names most often?
# - **Let it walk a whole name, ten times.** Which names could be real? What does a
#   memory of one letter get wrong?

# %%
BigramMap(counts, list(names.ALPHABET))

# %% [markdown]
# ## Why does this work?
#
# **Where does the floor end?** Give the table a memory of twelve letters, enough for
# nearly every name. Then it is surprised only until it knows *which* of its names this
# is. There are as many choices as names, so a name costs the logarithm of their number,
# spread over its letters.

# %%
letters_per_name = len(Y6) / len(train)  # the end mark counts
know_by_heart = math.log(len(train)) / letters_per_name
deepest = ngram.context_entropy(train, 12)
print(f"ln {len(train)} over {letters_per_name:.2f} letters: {know_by_heart:.3f} nats")
print(f"floor with 12 letters of memory: {deepest:.3f} nats")
assert abs(deepest - know_by_heart) < 0.001

# %% [markdown]
# A loss near that number is not a good model of names. It is a good copy of a list.
#
# **Why is a longer memory not simply better?** Each letter of memory splits every row
# into up to 27, and the data do not grow. The counts get thin, and thin counts are
# chance. Back-off knows that. But no table knows that `sha` and `shi` are *similar*:
# each row learns for itself. That is what a network will change.
#
# **Which strength, which length?** There is no formula. Try several, and let the
# held-out names decide. But now they have helped to choose, so the loss on them looks a
# little too good. That is what the last tenth, the **test** names, is for: use it
# once.

# %% tags=["close"]
tried = {}
for strength in (3, 27, 60):
    model = ngram.NGram.fit(train, 6, strength=strength, backoff=True)
    for shorter in with_all_shorter(model):
        tried[strength, shorter.context_size] = (held_out_loss(shorter), shorter)

strength, k = min(tried, key=lambda setting: tried[setting][0])
loss, best = tried[strength, k]
X, Y = names.windows(test, k)
final = F.cross_entropy(best(X), Y, reduction="none")  # one loss for each letter
by_chance = final.std() / math.sqrt(len(final))  # the standard error of their mean
print(f"best of {len(tried)}: strength {strength}, {k} letters, held out {loss:.2f}")
assert abs(final.mean() - loss) < 2 * by_chance
print(f"on the test names, once: {final.mean():.2f}, give or take {by_chance:.2f}")
print(f"with only three letters, held out: {tried[strength, 3][0]:.2f}")

# %% [markdown]
# "Give or take" is what luck does with so few test names, and the two losses differ by
# less than twice that. The network of lesson 7 sees three letters, so its rival is the
# last number.
#
# ## Check yourself
#
# ### Catch the slide
#
# "Training means matching the statistics of the training set." You have proved it
# above. Then the better the match, the better the model? Here is the perfect match: a
# memory of eight letters, no smoothing. What does it think of the held-out names?

# %% tags=["ledger:B10"]
X8, Y8 = names.windows(train, 8)
perfect = CountTable(X8, Y8)
kl = perfect.loss(X8, Y8) - floors[8]  # the loss is entropy + KL
assert abs(kl) < 1e-6
ruled_out = sum(math.isinf(perfect.loss(*names.windows([name], 8))) for name in val)
print(f"KL between training names and model: {abs(kl):.4f}")
print(f"held-out names it calls impossible: {ruled_out} of {len(val)}")
assert ruled_out > 0.9 * len(val)

# %% [markdown]
# The sentence is true, and it is a warning. We want the statistics of *names*, and we
# have only those of *some* names. Everything that keeps a model from matching too well,
# like smoothing, a small size or an early stop, helps with the difference.
#
# ### Questions
#
# **1.** You add not 0.1 but a million to every count. What does the model predict, and
# what is its loss?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# All letters become equally likely, whatever the context: the counts drown. The loss is
# the logarithm of 27, on any names.
#
# </details>
#
# **2.** Suppose `neelam` is a training name and `nilam` is held out. Is that a leak?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# A small one: the held-out name is easier than a truly new one. Splitting by name
# keeps exact copies apart, not cousins. If you care about names of a new *kind*,
# hold out the whole kind.
#
# </details>
#
# **3.** A friend's model has a training loss of 1.1 and a held-out loss of 1.2 on our
# names. What do you ask?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# "How did you split?" Our best table is far above that on held-out names, and 1.2 is
# close to knowing the list by heart. It smells of a leak.
#
# </details>
#
# **4.** Your turn: compute the loss of your own first name with `best`. (Hint:
# `names.windows(["yourname"], k)`.) Is it above or below the average?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# `X, Y = names.windows(["asha"], k)`, then `functional.cross_entropy(best(X), Y)`. Try
# names from another part of the world too: most of them cost more. Every model is at
# home in its data.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** Counting *is* training, for a table: shares are where gradient descent
#   ends.
# - **Formula.** $p = (\text{count} + s \cdot p_\text{shorter}) / (\text{total} + s)$;
#   the loss is entropy + KL; the floor is the entropy of the next letter given the
#   context.
# - **Pitfall.** A training loss proves nothing. Split by name, and look at held-out
#   names.
# - **Moved into the library:** `course_lib.ngram`: `bigram_counts`, `NGram.fit`,
#   `context_entropies`; and `course_lib.names`: `split_names`, `windows`.
#
# **Homework:** [Homework 5](homework/hw05.ipynb), about 60 minutes. A badge under
# each check says at once whether your answer is right.
#
# **Next:** a table with six letters of memory has hundreds of millions of rows, and
# each learns alone. A network needs far fewer numbers, and they share what they learn.
# [7. The name generator](07_name_generator.ipynb)
