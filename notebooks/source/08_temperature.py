# %% [markdown]
# # 8. Temperature
#
# **How do we choose the next letter?**
#
# The network of lesson 7 gives each of 27 letters a probability. That is not a name yet.
# Somebody has to choose one letter, ask the network again, choose the next one, and stop
# at the right moment. So far we always drew at random. In this lesson you learn the other
# ways to choose. They are the settings that you find in many chat programs and in every
# programming interface to a large model: temperature, top-k and top-p. At the end you
# train a model on a list of your own, in any alphabet.
#
# - **You will** build greedy choice, sampling, temperature, top-k and top-p in a few lines
#   each, turn the knobs while ten names change before your eyes, and measure what each knob
#   costs.
# - **You need** lesson 2 (softmax), lesson 6 (held-out names, standard error) and lesson 7
#   (the name generator).
# - **Time** 50 minutes, and as long as you like for your own list. On a first reading, skip
#   the parts marked *more*: then 40.
# - **Back** [7. The name generator](07_name_generator.ipynb) ·
#   **Next** [9. How good can it get?](09_how_good_can_it_get.ipynb)

# %%
import math
from collections import Counter
from itertools import pairwise

import torch
from torch.nn import functional as F

from course_lib import batches, functional, generate, mlp, names, ngram, sampling
from course_lib.train import TrainConfig, keep_best, train
from course_play.boxes import BLUE, GREEN, ORANGE, plot_flow
from course_play.panels import plot_panels
from course_play.plots import plot_curves
from course_play.widgets import Predict, SamplingLab

torch.set_printoptions(precision=3, sci_mode=False)

# %% [markdown]
# ## Predict first
#
# Imagine the wildest of all name generators. At each step it draws one of the 27 symbols,
# and all of them are equally likely. One of the 27 is the full stop, and the full stop
# ends the name. How many letters does such a name have on average?

# %% tags=["hide-input", "ledger:C20"]
# the answer is computed here; look at it after your guess
# n letters: n times one of 26 symbols out of 27, then the end mark, 1 out of 27
mean_length = sum(n * (26 / 27) ** n / 27 for n in range(5000))
assert abs(mean_length - 26) < 1e-6
Predict(
    "How many letters does a name of the wildest generator have on average?",
    round(mean_length),
    unit="letters",
    because="One symbol in 27 is the end mark: on average the end is the 27th symbol.",
)

# %% [markdown]
# ## Build it by hand
#
# ### A model, and one of its rows
#
# First we need a model to play with. This is the recipe of lesson 7: three letters of
# context, 64 hidden units, Adam, and `keep_best` for early stopping.

# %% tags=["close"]
splits = names.split_names(names.load_names())
X, Y = names.windows(splits.train, context_size=3)  # (N, 3) and (N,)
X_val, Y_val = names.windows(splits.val, context_size=3)
model = mlp.NameMLP(mlp.NameMLPConfig(hidden_dim=64), torch.Generator().manual_seed(0))
records = train(
    model,
    batches.mini_batches(X, Y, batch_size=256),
    TrainConfig(steps=1200, learning_rate=0.01, schedule="linear", eval_every=100),
    evaluate=lambda m: batches.evaluate_loss(m, X_val, Y_val),
)
best = min(r.val_loss_nats for r in keep_best(records, model) if r.val_loss_nats)
print(f"held-out loss {best:.2f} nats per letter")

# %% [markdown]
# We follow the name `asha` again. The letters `as` have been written, so the network reads
# `.as`. What does it think of the next letter? Here are its five favourites.

# %% tags=["close:0.05"]
with torch.no_grad():
    logits = model(torch.tensor([names.encode(".as")]))[0]  # (1, 27) -> (27,)
probs = logits.softmax(-1)  # (27,)
favourites = probs.argsort(descending=True, stable=True)[:5].tolist()
for i in favourites:
    print(f"{names.ALPHABET[i]}   logit {logits[i]:5.2f}   p = {probs[i]:.3f}")
others = 1 - probs[favourites].sum()
print(f"the {len(probs) - len(favourites)} others together {others:.3f}")

# %% [markdown]
# The network prefers the `h`, as in `asha`. But the `a` is possible, too, and so are
# others. Which letter should we write? A rule for this choice is called a **decoding
# strategy** (elsewhere: sampling strategy), and to write with it is called **decoding**.
#
# ### One letter at a time
#
# Whatever the rule is, it stands inside the same loop. Ask the model, choose a letter, put
# it at the end of the name, drop the first letter of the context, and ask again.

# %%
plot_flow(
    [
        ("context", ". a s"),
        ("27 logits", "(27,)"),
        ("one letter", "h"),
        ("next context", "a s h, and again"),
    ],
    "One round of the writing loop: the second arrow is what this lesson is about",
    arrows=["model", "choose", "put it at the end"],
    colors=[BLUE, GREEN, ORANGE, BLUE],
)

# %% [markdown]
# A model that writes like this, each letter from the letters that it has written before,
# is called **autoregressive**. Nearly all models of this course are, and so are the large
# ones.


# %% tags=["ledger:C14", "ledger:B12"]
@torch.no_grad()
def write_name(model, choose, longest=20):
    context, name = [names.END] * 3, ""  # three full stops
    while len(name) < longest:
        logits = model(torch.tensor([context]))[0]  # (1, 27) -> (27,)
        token = choose(logits)
        if token == names.END:
            break
        name += names.ALPHABET[token]
        context = [*context[1:], token]  # slide the window
    return name


# %% [markdown]
# This is the loop of lesson 7, with one change: the rule for choosing comes in as an
# argument, `choose`. There are two ways to stop. Either the rule chooses the full stop, or
# the name has become too long. The second one is a safety belt, and you will soon see why
# it is needed. The rest of the lesson is about `choose`.
#
# ### Greedy: always the best letter
#
# The simplest rule takes the letter with the highest logit. It is called **greedy
# decoding**, because it takes the best piece now and does not think of later.


# %% tags=["ledger:A12", "ledger:C18", "words:0.3"]
def greedy(logits):
    return int(logits.argmax())


always = [write_name(model, greedy) for _ in range(5)]
print(", ".join(always))
assert len(set(always)) == 1

# %% [markdown]
# The same name each time. There is no chance in this rule, so the same question has always
# the same answer. For a name generator that is useless.
#
# Is it at least the most probable name? Not necessarily. A first letter that is best now
# may lead to places where nothing is very probable. Let us compare the probability of the
# whole greedy name with that of other short names of our list.


# %%
@torch.no_grad()
def probability(name):
    """The probability that sampling writes exactly this name."""
    contexts, targets = names.windows([name], 3)  # (N, 3) and (N,)
    log_probs = F.log_softmax(model(contexts), dim=-1)  # (N, 27)
    # as in lesson 3: from each row the one of its target, (N,)
    return log_probs[torch.arange(len(targets)), targets].sum().exp().item()


# %% tags=["close", "words:0.5"]
short = [name for name in names.load_names() if len(name) <= 4]
ranked = sorted({*short, always[0]}, key=probability, reverse=True)
for name in [always[0], *[n for n in ranked[:4] if n != always[0]]]:
    print(f"{name:6s} one name in {1 / probability(name):,.0f}")
assert probability(ranked[0]) > 1.3 * probability(always[0])

# %% [markdown]
# Keep two questions apart: "which letter is best now?" and "which name is best?" Greedy
# answers the first one. Here it misses a more probable name. (A search that keeps several
# beginnings alive and asks the second question is called **beam search**. Translation
# programs use it. For free writing it is rarely used, because the most probable text is
# often a dull one.)
#
# And here is the reason for the safety belt: 20 networks that have not been trained.

# %% tags=["ledger:C18", "ledger:B12"]
fresh = [
    mlp.NameMLP(mlp.NameMLPConfig(), torch.Generator().manual_seed(seed))
    for seed in range(20)
]
endless = [len(write_name(m, greedy)) == 20 for m in fresh]
print(
    f"{sum(endless)} of {len(fresh)} untrained networks had to be stopped, for example"
)
print(write_name(fresh[endless.index(True)], greedy))
assert sum(endless) > 0

# %% [markdown]
# Would the full stop have come a little later? There is a way to know. Greedy has no
# chance in it, and the network sees three letters. So if the same three letters come a
# second time, everything that followed them comes a second time, too, and so on: a circle
# without a full stop. We write on until the end comes or three letters come again.


# %%
@torch.no_grad()
def circle(model):
    """The letters that greedy repeats for ever; empty if the name ends."""
    context, name, seen = (names.END,) * 3, "", {}
    while context not in seen:
        seen[context] = len(name)
        token = greedy(model(torch.tensor([context]))[0])
        if token == names.END:
            return ""
        name += names.ALPHABET[token]
        context = (*context[1:], token)
    return name[seen[context] :]


# %% tags=["ledger:C18", "counts:1", "words:0.1"]
circles = [found for found in map(circle, fresh) if found]
print(f"{len(circles)} of {len(fresh)} untrained networks never stop")
print(f"shortest circle: {min(circles, key=len)}, longest: {max(circles, key=len)}")

# %% [markdown]
# For these networks the loop would run for ever without a limit. (So 20 letters alone
# prove nothing: one of the networks that had to be stopped would have found its end
# later.) Large models can walk in circles, too.
#
# ### Sampling: as often as the model thinks
#
# The other simple rule trusts the model. A letter with p = 0.25 is chosen in 25 of 100
# cases. This is the rule that you know. It is called **sampling** (elsewhere: ancestral
# sampling, pure sampling).

# %% tags=["ledger:C19", "words:0.5"]
generator = torch.Generator().manual_seed(7)


def sample(logits):
    return int(torch.multinomial(logits.softmax(-1), 1, generator=generator))


varied = [write_name(model, sample) for _ in range(5)]
print(", ".join(varied))
assert len(set(varied)) > 1

# %% [markdown]
# Is it true that each letter comes as often as its probability says? We draw 20,000
# letters after `.as` and compare. By chance, the share of a letter differs from p by about
# one standard error. For shares it is $\sqrt{p(1-p)/n}$: the formula of lesson 6, because
# yes-or-no answers have a standard deviation of $\sqrt{p(1-p)}$.

# %% tags=["ledger:C19", "close:0.05"]
n = 20_000
drawn = torch.multinomial(probs, n, replacement=True, generator=generator)  # (n,)
shares = torch.bincount(drawn, minlength=len(probs)) / n  # (27,)
errors = (probs * (1 - probs) / n).sqrt()  # (27,)
for i in favourites[:4]:
    print(f"{names.ALPHABET[i]}: p = {probs[i]:.3f}, came {shares[i]:.3f}", end=", ")
    print(f"standard error {errors[i]:.3f}")
assert ((shares - probs).abs() <= 5 * errors + 1 / n).all()  # all 27 letters

# %% [markdown]
# Each of the four shares lies within about two standard errors of its probability. So
# sampling writes what the model thinks, no more and no less.
#
# ### Temperature
#
# Greedy is too stiff, and sampling is sometimes too wild. Between the two lies a dial: we
# divide all logits by one number $T$, the **temperature**, before the softmax.
#
# $$p_i = \frac{e^{z_i / T}}{\sum_j e^{z_j / T}}$$
#
# Follow the two best letters after `.as`. Softmax turns *differences* of logits into
# *ratios* of probabilities (lesson 2). If T is one half, the difference doubles, and the
# ratio is squared. If T is 2, the difference is halved, and the ratio becomes its square
# root.

# %% tags=["ledger:C21", "ledger:A13", "close:0.05"]
first, second = favourites[:2]
for T in (0.5, 1.0, 2.0):
    p = (logits / T).softmax(-1)  # (27,)
    difference = (logits[first] - logits[second]) / T
    ratio = p[first] / p[second]
    assert torch.isclose(ratio, difference.exp())
    print(f"T = {T}: difference {difference:.2f}, ratio {ratio:.2f}", end=", ")
    print(f"p({names.ALPHABET[first]}) = {p[first]:.3f}")

# %% [markdown]
# Here is the whole row at the three temperatures, side by side. The order of the letters
# never changes; only the heights do.

# %% tags=["close:0.05"]
panels = {}
for T in (0.5, 1.0, 2.0):
    p = (logits / T).softmax(-1)  # (27,)
    panels[f"T = {T}"] = [*p[favourites].tolist(), 1 - p[favourites].sum().item()]
assert panels["T = 2.0"][-1] == max(panels["T = 2.0"])
labels = [*[names.ALPHABET[i] for i in favourites], "rest"]
plot_panels(
    panels,
    labels,
    "After .as: cold is peaked, hot is flat (rest: the 22 others together)",
    same_scale=True,
)

# %% [markdown]
# - **T = 0.5** (cold): the favourite takes nearly everything it can get.
# - **T = 1**: the model's own opinion. Here, and only here, the probabilities are those that
#   it has learned.
# - **T = 2** (hot): the differences melt. Look at the last bar. Each of the 22 other letters
#   is still rare, but together they are now the most probable choice.
#
# So how many letters are really open? Lesson 3 gave a number for that: $e^H$, where $H$ is
# the entropy. Ten equally likely letters count as 10. We call it the **effective number of
# choices** (elsewhere: perplexity of the distribution).

# %% tags=["close"]
temperatures = torch.logspace(-1, 2, 40)  # 40 temperatures from 0.1 to 100
choices = [functional.entropy((logits / T).softmax(-1)).exp() for T in temperatures]
plot_curves(
    {"effective choices": (temperatures.tolist(), [c.item() for c in choices])},
    "One dial, from a single choice to all 27",
    xlabel="temperature (logarithmic scale)",
    ylabel="effective choices",
    lines={"greedy": 1, "at T = 1": functional.entropy(probs).exp(), "all alike": 27},
    log_x=True,
)

# %% [markdown]
# Towards $T = 0$ only the best letter remains. Towards infinity all 27 become equal: this
# is the wildest generator of the beginning.
#
# > **For children (and for the rest of us).** A hungry family chooses a restaurant. Cold
# > and careful, they go where they always go. At a normal temperature they mostly go to the
# > good ones and now and then to another. Hot-headed, they walk into any door. It may be
# > wonderful. It may be a shoe shop.
#
# Let the family choose. And what about $T = 0$ itself?

# %% tags=["ledger:C24", "ledger:C22"]
doors = {"the usual": 3.0, "a good one": 2.0, "a shoe shop": -1.0}
for T in (2.0, 1.0, 0.1, 0.0):
    p = (torch.tensor(list(doors.values())) / T).softmax(-1)  # (3,)
    visits = [f"{door} {x:.0%}" for door, x in zip(doors, p.tolist(), strict=True)]
    print(f"T = {T}: {', '.join(visits)}")
    assert p.isnan().any() == (T == 0)

# %% [markdown]
# In torch, 3 / 0 is infinite, and so is 2 / 0. The softmax then has to compare infinite
# with infinite, and that gives `nan` ("not a number"). So $T = 0$ needs a rule of its
# own: by agreement it *means* greedy.
#
# ### Top-k: only the best k
#
# Even at $T = 1$ sampling has a weakness. Each of the many bad letters is unlikely, but
# together they are not. A name of seven letters gives them eight chances (the end counts,
# too), and one bad letter spoils the name. **Top-k** sampling keeps the $k$ highest
# logits and sets the others to minus infinity. Because $e^{-\infty} = 0$, the softmax
# shares everything among the ones that stay.


# %% tags=["ledger:A14"]
def keep_top_k(logits, k):
    order = logits.argsort(descending=True, stable=True)  # (27,): best letter first
    cut = logits.clone()
    cut[order[k:]] = -torch.inf
    return cut


# %% [markdown]
# (`stable=True` decides what happens if two letters have exactly the same logit: the one
# that is first in the alphabet stays.) With $k = 2$, what happens after `.as`?

# %% tags=["ledger:A14", "ledger:A2", "close:0.05"]
two_left = keep_top_k(logits, 2).softmax(-1)  # (27,)
assert (two_left > 0).sum() == 2
for i in favourites[:3]:
    print(f"{names.ALPHABET[i]}: p = {probs[i]:.3f} before, {two_left[i]:.3f} after")
before, after = probs[first] / probs[second], two_left[first] / two_left[second]
torch.testing.assert_close(before, after)
print(f"ratio of the two: before {before:.2f}, after {after:.2f}")
third = favourites[2]
print(f"loss if {names.ALPHABET[third]} comes: {-two_left[third].log().item()}")

# %% [markdown]
# The two share the whole, and their *ratio* is what it was. The last line is a warning. If
# top-k removes the letter that really comes next, its probability is 0, and the loss is
# infinite. So top-k belongs to writing text, never to training and never to measuring a
# loss.
#
# ### Top-p: as many as needed
#
# A fixed $k$ does not fit every moment. At the start of a name many letters are possible,
# after `aks` hardly any but `h`, as in `lakshmi`. **Top-p** sampling (elsewhere:
# **nucleus sampling**; Holtzman and others, 2020) keeps the smallest group of best
# letters whose probabilities add up to at least $p$. That group is the *nucleus*.


# %% tags=["ledger:A14"]
def keep_top_p(logits, p):
    order = logits.argsort(descending=True, stable=True)  # (27,): best letter first
    falling = logits.softmax(-1)[order]  # (27,), the largest first
    mass_before = falling.cumsum(-1) - falling  # (27,): what the better letters hold
    cut = logits.clone()
    cut[order[mass_before >= p]] = -torch.inf  # the better ones are enough
    return cut


# %% tags=["counts:1"]
for text in ("...", ".as", "aks"):
    with torch.no_grad():
        row = model(torch.tensor([names.encode(text)]))[0]  # (27,)
    kept = keep_top_p(row, 0.8).isfinite().sum()
    print(f"after {text!r}: p = 0.8 needs {kept} of 27")

# %% [markdown]
# The more certain the model is, the smaller the nucleus.
#
# There are more knobs of this kind. **Min-p** removes letters that have less than a given
# share of the best letter's probability. A **repetition penalty** lowers the logits of
# what the text contains already; large models need it against walking in circles. You
# will meet both in the settings of real programs.
#
# ## Compare with torch
#
# The library does all of it in one function, `next_probs`, in this order: temperature,
# top-k, top-p. (For top-k the temperature makes no difference to *who* stays, because it
# never changes the order of the letters. For top-p it does: in a colder row fewer letters
# reach the sum.) It must give our numbers.

# %%
by_hand = keep_top_p(keep_top_k(logits / 0.8, 5), 0.9).softmax(-1)
library = sampling.next_probs(logits, temperature=0.8, top_k=5, top_p=0.9)
torch.testing.assert_close(by_hand, library)
torch.testing.assert_close(sampling.next_probs(logits), torch.softmax(logits, -1))
assert sampling.next_probs(logits, temperature=0)[first] == 1
print("by hand = library, for all knobs together, none, and temperature 0")

# %% [markdown]
# `sample_names` writes many names side by side, one letter of each at every step. The
# probabilities are the same, but the model is called once for each step and not once for
# each letter of each name.
#
# ## See it
#
# The same model and the same random seed at three temperatures. A star marks a name that
# is not in the training list.

# %% tags=["ledger:C23", "ledger:C15", "words:0.5"]
known = set(splits.train)


def starred(written, known):
    return ", ".join(f"{name}{'' if name in known else '*'}" for name in written)


for T in (0.5, 1.0, 1.5):
    generator = torch.Generator().manual_seed(3)
    ten = generate.sample_names(model, 10, temperature=T, generator=generator)
    print(f"T = {T}: {starred(ten, known)}\n")

# %% [markdown]
# Read the three lines aloud. The cold names are short and easy to say. The hot ones you
# could hardly give to a child. Some names are the same in two lines, because the random
# numbers are the same. (A star does not mean invented: `dev` is a real name that was held
# out.)
#
# ## Play with it
#
# Your model runs in the page. Each name is written with the *same* random numbers while
# you move the sliders, so a name changes only because you moved a slider. New names are
# marked with +, training names with =. (Tab reaches a slider, the arrow keys move it.)
#
# - **Slide the temperature to 0**, then to 3. When do the names stop being names?
# - **At temperature 1.5, slide top-k from 27 to 5.** What does it rescue?
# - **Type `kri`** as the beginning and compare top-p 0.5 with top-p 1.

# %% tags=["close", "counts:1", "words:0.3"]
SamplingLab(model, splits.train)

# %% [markdown]
# ## Why does this work?
#
# ### Probability against variety
#
# It is tempting to think that temperature and top-k help to find tokens close to the
# correct answer. But while a name is being written, there is no correct answer to be
# close to. What the knobs do is a trade: they buy probability and pay with variety, or
# the other way round.
#
# We measure both sides with 2,000 names for each setting. Probability: what the names
# cost the model itself (at $T = 1$, with all letters), in nats per letter; cheap means
# probable. Variety: how many are new, and how many different names there are (divided by
# 2,000). And how long they are.
#
# > **Python.** `a |= b` adds the entries of the dictionary b to the dictionary a.
# > `f(**knobs)` hands over the entries of a dictionary as named arguments: for
# > `{"top_k": 5}` it is `f(top_k=5)`. `pairwise([1, 2, 3])` gives the neighbours `(1, 2)`
# > and `(2, 3)`.


# %%
def measure(written):
    """The shares of new and of different names, nats per letter, letters per name."""
    x, y = names.windows(written, 3)  # (N, 3) and (N,)
    with torch.no_grad():
        price = F.cross_entropy(model(x), y).item()  # as the model itself sees it
    new = names.novelty(written, known)  # the share that is not in the list
    different = len(set(written)) / len(written)
    return new, different, price, sum(map(len, written)) / len(written)


# %% tags=["ledger:A11", "ledger:A12", "ledger:C15", "ledger:C25", "close:0.3", "counts:2"]
settings = {f"T = {T}": {"temperature": T} for T in (0.1, 0.25, 0.5, 1.0, 1.5, 3.0)}
settings |= {"top-k 5": {"top_k": 5}, "top-p 0.8": {"top_p": 0.8}}
written = {}
for what, knobs in settings.items():
    generator = torch.Generator().manual_seed(1)
    written[what] = generate.sample_names(model, 2000, generator=generator, **knobs)
    new, different, price, length = measure(written[what])
    print(f"{what:9s} {new:4.0%} new, {different:3.0%} different,", end=" ")
    print(f"{price:.2f} nats a letter, {length:4.1f} letters")

# %%
by_heat = [measure(written[what]) for what in settings if what.startswith("T")]
for colder, hotter in pairwise(by_heat):
    assert colder[0] < hotter[0]  # the hotter, the more new names
    assert colder[1] < hotter[1]  # and the more different ones
    assert colder[2] < hotter[2]  # and the less probable

# %% [markdown]
# Down the six temperatures everything grows: more new names, more different ones, and
# each letter costs the model more. Top-k and top-p (at $T = 1$) lie between $T = 0.5$ and
# $T = 1$ in both: they make the same kind of trade.
#
# Read "new" with care: an invented name that is written 300 times counts 300 times. A cold
# model repeats itself. What does it write all the time? Here are the five most
# frequent of its 2,000 names.

# %% tags=["words:0.25", "counts:30"]
for T in (0.25, 1.0):
    top = Counter(written[f"T = {T}"]).most_common(5)
    listed = [f"{starred([name], known)} {count}" for name, count in top]
    print(f"T = {T}: {', '.join(listed)}")

# %% [markdown]
# At $T = 0.25$ a handful of short names fill most of the list. Some of them have a star:
# a cold model does not only recite its training names. Why `sha`? Nobody on our list is
# called like that.

# %% tags=["close:0.1"]
everybody = names.load_names()
assert "sha" not in everybody
begin = sum(name.startswith("sha") for name in everybody)
end = sum(name.endswith("sha") for name in everybody)
print(f"sha begins {begin} names of our list and ends {end}, for example asha")
with torch.no_grad():
    after = model(torch.tensor([names.encode("sha")]))[0].softmax(-1)  # (27,)
print(f"after sha the network gives the full stop p = {after[names.END]:.2f}")

# %% [markdown]
# With three letters of memory the network sees `sha` and nothing else. It cannot know
# whether the name ends here or has only just begun. So the full stop is probable in both
# cases, and `sha` becomes a name.
#
# A hot model invents, and forgets how names are spelled. At $T = 3$ the names are on
# their way to the 26 letters of the wildest generator. (`sample_names` cuts a name at 30,
# so the mean at $T = 3$ is a little too small.)
#
# **Which temperature should I use?** Guides of 2024 and 2025 recommend 0.2 to 0.5 for
# program code, about 1 for stories, and a little more to collect ideas. These are rules of
# thumb. What is certain is the direction that we have just measured: lower if you want the
# one safe answer, higher if you want many different ones.
#
# ### Does temperature make the model better? (*more*)
#
# No: the weights do not change. But we can ask at which temperature the model's
# probabilities fit the held-out names best. (These names have also chosen the step at
# which the training stopped.) If it is near 1, the model is neither too sure of itself
# nor too careful.

# %% tags=["close"]
with torch.no_grad():
    held_out_logits = model(X_val)  # (N, 27)
fit = {}
for T in (0.5, 0.8, 0.9, 1.0, 1.1, 1.25, 2.0):
    fit[T] = F.cross_entropy(held_out_logits / T, Y_val).item()
    print(f"T = {T:4}: held-out loss {fit[T]:.3f}")
assert 0.8 < min(fit, key=fit.get) < 1.25

# %% [markdown]
# The lowest loss lies close to $T = 1$. Lesson 9 looks at this more closely: it is called
# *calibration*.
#
# ## Play with it
#
# ### Project: a model of your own list
#
# Everything that you have built works for any list of names in any alphabet: Greek
# islands, Korean family names, villages, Pokémon, mountains, medicines. Our example is a
# list of Indian first names in their own script, Devanagari. `आशा` is `asha`, and the
# next four names of the list are Anil, Sunil, Sunita and Anita.

# %%
TEXT = """
आशा अनिल सुनील सुनीता अनीता राम राजेश राकेश रमेश महेश गणेश दिनेश सुरेश नरेश मुकेश कमल
कमला विमला निर्मला सीता गीता मीना रीना टीना वीणा लीला शीला उषा निशा दिशा राधा मीरा
मोहन सोहन रोहन किशन अर्जुन भीम विजय अजय संजय धनंजय अमित सुमित रोहित मोहित ललित अंकित
पूजा अर्चना वंदना कल्पना सपना रचना अंजलि गीतांजलि प्रिया सुप्रिया विद्या माया छाया जया
विजया अनुराधा कविता सविता बबीता ममता समता लता स्मिता नम्रता संगीता रेखा सुरेखा लेखा
शिखा नेहा स्नेहा रवि कवि हरि गिरि शशि रश्मि लक्ष्मी सरस्वती पार्वती भारती आरती मालती
ज्योति कीर्ति प्रीति नीति दीप्ति तृप्ति शांति कांति क्रांति दीपक दीपा प्रदीप संदीप
कुलदीप मनदीप विकास प्रकाश आकाश अविनाश सतीश मनीष आशीष हरीश गिरीश जगदीश नीरज पंकज सूरज
धीरज मनोज सरोज अशोक आलोक विवेक अभिषेक
"""
own_names = TEXT.split()
print(f"{len(own_names)} names, for example {', '.join(own_names[:5])}")

# %% [markdown]
# The **alphabet** comes from the list: the full stop first, then all characters that
# occur, sorted. Every 27 of this course becomes `len(alphabet)`. Not every character is a
# letter: the signs with a dotted circle are vowel signs, which attach to the consonant
# before them.

# %%
alphabet = names.alphabet_of(own_names)
print(len(alphabet), "symbols:", " ".join(names.labels_of(alphabet)))
print(own_names[0], "->", names.encode(own_names[0], alphabet))
print(f"knowing nothing costs ln {len(alphabet)} = {math.log(len(alphabet)):.2f} nats")

# %% [markdown]
# Split the list, as always. It is so short that we use *all* names that are not training
# names as held-out names. Then train the network of lesson 7. Two things are new:
# `vocab_size=len(alphabet)`, and `alphabet=` in every function that reads or writes
# letters. And because the list is short, there are fewer steps, smaller mini-batches and
# a smaller learning rate.

# %%
own = names.split_names(own_names)
held_out = own.val + own.test
data = names.windows(own.train, 3, alphabet)  # (N, 3) and (N,)
held_out_data = names.windows(held_out, 3, alphabet)
print(f"{len(own.train)} training names, {len(held_out)} held-out names")


# %%
def own_network(rate):
    config = mlp.NameMLPConfig(vocab_size=len(alphabet), hidden_dim=64)
    network = mlp.NameMLP(config, torch.Generator().manual_seed(0))
    records = train(
        network,
        batches.mini_batches(*data, batch_size=64),
        TrainConfig(steps=300, learning_rate=rate, schedule="linear", eval_every=20),
        evaluate=lambda m: batches.evaluate_loss(m, *held_out_data),
    )
    list(keep_best(records, network))  # early stopping
    return network


# %% tags=["close:0.1"]
network = own_network(rate=0.003)
own_loss = batches.evaluate_loss(network, *held_out_data)
print(f"knowing nothing {math.log(len(alphabet)):.2f}, network {own_loss:.2f} held out")
assert own_loss < math.log(len(alphabet))

# %% tags=["words:0.5"]
for T in (0.3, 0.6, 1.0):
    generator = torch.Generator().manual_seed(1)
    ten = generate.sample_names(
        network, 10, temperature=T, generator=generator, alphabet=alphabet
    )
    print(f"T = {T}: {starred(ten, set(own_names))}\n")

# %% [markdown]
# (A star: not in the list.) From a hundred names the network has learned much: at $T =
# 0.3$ most of what it writes could be read aloud. The hotter it is, the more often a
# vowel sign has no consonant to attach to (many screens then draw a dotted circle). That
# is a spelling mistake.
#
# **Your turn.** Write your list into a file `my_names.txt` beside this notebook, one name
# a line. 300 names are good, 1,000 are better. Replace the cell with `TEXT` by these
# lines and run all cells below it:
#
#     from pathlib import Path
#     own_names = names.load_names(Path("my_names.txt"), print)
#
# `load_names` puts capitals into small letters, leaves out repeated names, and tells you
# which characters look like slips. (The text above and below speaks of our list; with
# yours, the numbers are others, and there may be no vowel signs.)
#
# Which temperature gives the names that you like best? Which invented name would you use?
# Homework 8 ends with this project. You can have the sliders for your list, too:
# `SamplingLab(network, own.train, alphabet=alphabet)`.
#
# ### *More:* does the network beat a table on your list?
#
# Lesson 7 has a fair race on the names of the course. Here is the same race on a list of
# your own. Each rival gets the best of several settings. (They are chosen on the same
# held-out names; with such a short list we cannot afford a third part.) The network's
# loss will not be quite the one from above: here each *name* counts the same, above each
# letter did; and here the best of three learning rates is taken.


# %%
def losses_of(model):
    """The mean loss of each held-out name, one number a name."""
    pairs = [names.windows([name], model.context_size, alphabet) for name in held_out]
    with torch.no_grad():
        return torch.tensor([F.cross_entropy(model(x), y) for x, y in pairs])


def table(memory, strength):
    return ngram.NGram.fit(
        own.train, memory, strength=strength, interpolate=True, alphabet=alphabet
    )


# %% tags=["close:0.1"]
rivals = {
    "pairs": [table(1, s) for s in (3, 6, 12, 24)],
    "table": [table(memory, s) for memory in (2, 3, 4) for s in (3, 6, 12, 24)],
    "network": [own_network(rate) for rate in (0.001, 0.003, 0.01)],
}
losses = {}
for what, models in rivals.items():
    losses[what] = min(map(losses_of, models), key=torch.mean)  # (held-out names,)
    error = losses[what].std() / math.sqrt(len(held_out))
    print(f"{what:8s} {losses[what].mean():.2f}, standard error {error:.2f}")

# %% tags=["close:0.1"]
gap = losses["network"] - losses["table"]  # (held-out names,)
error = gap.std() / math.sqrt(len(gap))
print(f"network minus table: {gap.mean():+.2f}, standard error {error:.2f}")

# %% [markdown]
# The standard errors of the three losses are large, because the held-out names are few.
# The difference name by name (lesson 6) says more. Here the table is ahead, but by a
# little less than two standard errors. So the honest answer is: we do not know which is
# better on this list. A longer list would tell.
#
# ## Check yourself
#
# ### Fix the slides
#
# **Slide 1.** "For logits 2.0, 1.0, 0.5, 0.1 the probabilities at $T = 1$ are .43, .26,
# .19, .12, and at $T = 2$ they are .32, .27, .22, .19." Compute both rows.

# %% tags=["ledger:C21", "ledger:A13"]
z = torch.tensor([2.0, 1.0, 0.5, 0.1])  # (4,)
for T, slide in ((1, [0.43, 0.26, 0.19, 0.12]), (2, [0.32, 0.27, 0.22, 0.19])):
    true = (z / T).softmax(-1)  # (4,)
    assert (true - torch.tensor(slide)).abs().max() > 0.05
    print(f"T = {T}: slide {slide}, true {true}")
    told, is_so = slide[0] / slide[1], true[0] / true[1]
    print(f"       first / second: slide {told:.2f}, true {is_so:.2f}")

# %% [markdown]
# Both rows of the slide are too flat. There is a quick test that needs no computer: at
# $T = 1$ the first two logits differ by 1, so the first probability must be $e$ times the
# second.
#
# **Slide 2.** "Keep the top three of .4, .3, .1: that gives .53, .40, .07." Rescaling must
# not change any ratio.

# %% tags=["ledger:A14"]
three = torch.tensor([0.4, 0.3, 0.1])
print("true:", three / three.sum())
print(f"ratio of the first two: before {0.4 / 0.3:.2f}, on the slide {0.53 / 0.40:.2f}")
print(f"ratio of the last two:  before {0.3 / 0.1:.2f}, on the slide {0.40 / 0.07:.2f}")

# %% [markdown]
# **Slide 3.** "The model writes arya, priti, kavish and neha: it has learned the patterns
# of names." A name that stands in the training list proves nothing. Look them up.

# %% tags=["ledger:C15"]
for name in ("arya", "priti", "kavish", "neha"):
    held = "real, and held out" if name in splits.val + splits.test else "on no list"
    print(f"{name:6s} {'training list' if name in known else held}")

# %% [markdown]
# Names that it may have learned by heart prove nothing. `neha` is the interesting one: our
# split held it out, so a model of ours that writes it has not copied it.
#
# ### Compute a row
#
# Take the logits of lesson 2: 0.5 for the full stop, 2.1 for `a`, 0.3 for `b`, and -2.108
# for each of the 24 others. Sketch p(a) for five temperatures, from 0.1 to 100, before
# you run the cell.

# %% tags=["ledger:A13", "ledger:C20", "ledger:C21"]
z = torch.tensor([0.5, 2.1, 0.3] + [-2.108] * 24)  # (27,)
expected = {0.1: 1.000, 0.5: 0.932, 1.0: 0.580, 2.0: 0.209, 100.0: 0.038}
for T, p_a in expected.items():
    p = (z / T).softmax(-1)  # (27,)
    assert abs(p[1] - p_a) < 6e-4
    print(f"T = {T:5}: p(a) = {p[1]:.3f}", end=", ")
    print(f"effective choices {functional.entropy(p).exp():4.1f}")

# %% [markdown]
# ### Questions
#
# **1.** You halve the temperature. What happens to the ratio of two probabilities?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# It is squared. The difference of the logits doubles, and the ratio is the exponential of
# the difference. An advantage of 3 to 1 becomes 9 to 1.
#
# </details>
#
# **2.** Top-k with $k = 1$: which other setting does the same?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Temperature 0. Only the best letter is left, and it gets all the probability.
#
# </details>
#
# **3.** The probabilities of five letters are .5, .2, .15, .1 and .05. Which letters does
# top-p keep for $p = 0.7$ and for $p = 0.8$? What are the new probabilities for $p = 0.7$?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# For 0.7 the first two: .5 + .2 = .7 is enough. For 0.8 the first three. The new
# probabilities for 0.7 are .5/.7 = .714 and .2/.7 = .286.
#
# </details>
#
# **4.** Why may top-k not be used while a loss is measured?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# A letter that was cut has probability 0. If it is the one that comes, the loss is
# infinite, as you saw in lesson 3.
#
# </details>
#
# **5.** Somebody writes: "greedy decoding gives `a`, `a`, `a`". What did ours repeat, and
# why not the same letter?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# It repeats the whole *name*. After each letter the context is another one, so the
# favourite is another one, too. (A network can also repeat one letter for ever: if the
# favourite after `kkk` is `k`. Some of our untrained ones do that.)
#
# </details>
#
# **6.** Your turn, without an answer below: write a `choose` for `write_name` that never
# uses the letter `e`, and let it write five names. Then one that makes every name start
# with `z`. (Which of the two is harder, and what is missing in `choose`?)

# %% [markdown]
# ## Recap
#
# - **Idea.** A language model gives probabilities; a decoding strategy turns them into text.
#   It trades probability against variety.
# - **Formula.** $p_i \propto e^{z_i / T}$. Top-k and top-p set the logits of the others to
#   $-\infty$ and let the softmax share the rest.
# - **Pitfall.** $T = 0$ needs a rule of its own. Every writing loop needs a limit. Top-k
#   and top-p are for writing, never for measuring a loss. (A loss at another temperature
#   is finite, but it is the loss of another model: say which T.)
#
# | step | tensor | shape |
# |---|---|---|
# | ask the model | logits | (1, V) -> (V,) |
# | divide by T | logits | (V,) |
# | top-k, top-p | logits, some $-\infty$ | (V,) |
# | softmax | probabilities | (V,) |
# | draw | one token | () |
#
# | here | elsewhere |
# |---|---|
# | decoding strategy | sampling strategy, sampler |
# | greedy | argmax decoding, temperature 0 |
# | sampling | ancestral sampling, pure sampling |
# | top-p | nucleus sampling |
# | effective number of choices | perplexity of a distribution |
# | the limit of the loop | `max_new_tokens`, `max_length` |
# | the full stop | end-of-sequence token, EOS, stop token |
#
# - **Moved into the library:** `course_lib.sampling.next_probs`,
#   `course_lib.generate.sample_names`.
#
# **Homework:** [Homework 8](homework/hw08.ipynb), about 100 minutes, of which 55 are core.
# A badge under each check says at once whether your answer is correct. It ends with the
# project.
#
# **Next:** the names look good. How good are they, and how good could they be at all?
# [9. How good can it get?](09_how_good_can_it_get.ipynb)
