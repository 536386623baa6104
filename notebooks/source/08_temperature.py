# %% [markdown]
# # 8. Temperature
#
# **How do we choose the next letter?**
#
# The network of lesson 7 gives 27 probabilities. That is not a name yet. Somebody has
# to choose a letter, then the next, and stop at the right moment. This choosing is
# called **decoding**, and it has a few famous knobs.
#
# - **You will** build greedy choice, sampling, temperature, top-k and top-p in a few
#   lines each, and turn the knobs while ten names change before your eyes.
# - **You need** lessons 2 and 7: softmax and the name generator.
# - **Time** 40 minutes.
# - **Back** [7. The name generator](07_name_generator.ipynb) ·
#   **Next** [9. How good can it get?](09_how_good_can_it_get.ipynb)

# %%
import torch

from course_lib import batches, functional, generate, mlp, names, sampling
from course_lib.train import TrainConfig, keep_best, train
from course_play import plots
from course_play.reveal import reveal
from course_play.widgets import SamplingLab

torch.set_printoptions(precision=3, sci_mode=False)

# %% [markdown]
# We train the better recipe of lesson 7 again, to have a model to play with.

# %% tags=["close"]
splits = names.split_names(names.load_names())
X, Y = names.windows(splits.train, context_size=3)
X_val, Y_val = names.windows(splits.val, context_size=3)
model = mlp.NameMLP(mlp.NameMLPConfig(hidden_dim=64), torch.Generator().manual_seed(0))
records = train(
    model,
    batches.mini_batches(X, Y, batch_size=256),
    TrainConfig(steps=2000),
    evaluate=lambda m: batches.evaluate_loss(m, X_val, Y_val),
)
# the held-out loss is None between two evaluations
best = min(r.val_loss_nats for r in keep_best(records, model) if r.val_loss_nats)
print(f"held-out loss {best:.2f} nats per letter")

# %% [markdown]
# ## Predict first
#
# Imagine the wildest generator: at each step all 27 symbols, the end mark among them,
# are equally likely. **How many letters does a name have on average?**

# %%
my_guess = None

# %% tags=["hide-input", "ledger:C20"]
# the answer: open this after your guess
# n letters: n times another letter (chance 26/27), then the end mark (chance 1/27)
mean_length = sum(n * (26 / 27) ** n / 27 for n in range(5000))
print(reveal(my_guess, mean_length, digits=0))

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>After your guess</summary>
#
# Each step ends the name with one chance in 27, so on average the end is the 27th
# symbol, after 26 letters. Keep that in mind when you turn the heat up.
#
# </details>
#
# ## Build it by hand
#
# ### One letter at a time
#
# Start with three full stops. Ask the model, choose a letter, put it at the end, drop
# the first, ask again. There are two ways to stop: the end mark is chosen, or the name
# has become too long.


# %% tags=["ledger:C14", "ledger:B12"]
@torch.no_grad()
def write_name(model, choose, max_len=20):
    context, name = [0, 0, 0], ""
    while len(name) < max_len:
        logits = model(torch.tensor([context]))[0]
        token = choose(logits)
        if token == names.END:
            break
        name += names.ALPHABET[token]
        context = context[1:] + [token]  # slide the window
    return name


# %% [markdown]
# The lecture's version runs `while True` and has neither a limit nor a seed. It also
# records every step for a gradient that nobody asks for; `no_grad` switches that off.
# Ours takes the rule for choosing as an argument, `choose`. The rest of the lesson is
# about that one function.
#
# ### Greedy: always the best
#
# The simplest rule takes the letter with the highest score.


# %% tags=["ledger:A12", "ledger:C18"]
def greedy(logits):
    return int(logits.argmax())


always = [write_name(model, greedy) for _ in range(5)]
assert len(set(always)) == 1
always

# %% [markdown]
# The same whole name, for ever. No variety at all. And a model that has not been
# trained may go round in circles; only the limit of 20 letters saves you.

# %% tags=["ledger:C18", "ledger:B12"]
fresh = [
    mlp.NameMLP(mlp.NameMLPConfig(), torch.Generator().manual_seed(seed))
    for seed in range(20)
]
endless = [len(write_name(m, greedy)) == 20 for m in fresh]
print(f"{sum(endless)} of {len(fresh)} untrained models had to be stopped")
assert sum(endless) > 0

# %% [markdown]
# ### Sampling: throw the dice
#
# The other extreme trusts the model: draw each letter with exactly its probability.

# %% tags=["ledger:C19"]
dice = torch.Generator().manual_seed(7)


def sample(logits):
    return int(torch.multinomial(logits.softmax(-1), 1, generator=dice))


varied = [write_name(model, sample) for _ in range(5)]
assert len(set(varied)) > 1
varied

# %% [markdown]
# ### Temperature
#
# Between the two lies a dial. Divide all logits by a number $T$, the **temperature**,
# before the softmax. Below 1 differences grow, above 1 they shrink.
#
# Here are the 27 logits after `aar` from lesson 2. How likely is `a`? And how many
# choices are really open? For that we use the **effective number of choices**, $e^H$,
# where $H$ is the entropy: ten equally likely letters count as 10.

# %% tags=["ledger:A13", "ledger:C20", "ledger:C21"]
aar = torch.tensor([0.5, 2.1, 0.3] + [-2.108] * 24)
expected = {0.1: 1.000, 0.5: 0.932, 1.0: 0.580, 2.0: 0.209, 100.0: 0.038}
for T, p_a in expected.items():
    probs = (aar / T).softmax(-1)
    assert abs(probs[1] - p_a) < 6e-4
    choices = functional.entropy(probs).exp()
    print(f"T = {T:5}: p(a) = {probs[1]:.3f}, effective choices {choices:4.1f}")

# %% [markdown]
# Towards $T = 0$ only the best letter remains; towards infinity all 27 become equal;
# at $T = 1$ you get the model's own opinion.
#
# > **For children (and for the rest of us).** A hungry family chooses a restaurant.
# > Cold and careful, they go where they always go. At normal temperature they go often
# > to the good ones and now and then to another. Hot-headed, they enter any door. It
# > may be wonderful. It may be a shoe shop.
#
# Let the family choose. And what about $T = 0$ itself? The lecture's function divides
# by it.

# %% tags=["ledger:C24", "ledger:C22"]
doors = {"the usual": 3.0, "a good one": 2.0, "a shoe shop": -1.0}
for T in (2.0, 1.0, 0.1, 0.0):
    chances = (torch.tensor(list(doors.values())) / T).softmax(-1)
    visits = [f"{door} {p:.0%}" for door, p in zip(doors, chances, strict=True)]
    print(f"T = {T}: {', '.join(visits)}")
    assert chances.isnan().any() == (T == 0)

# %% [markdown]
# So zero needs a rule of its own: it *means* greedy. A negative temperature would
# prefer the worst letter; the library refuses it. (The lecture's function has a second
# fault: it reads a variable `context_size` which it never receives.)
#
# ### Top-k: only the best k
#
# Sampling has a weakness. Each of the many bad letters is unlikely, but together they
# are not. **Top-k** keeps the $k$ highest scores and sets the others to minus
# infinity, so that the softmax shares everything among the survivors.


# %% tags=["ledger:A14", "ledger:A2"]
def keep_top_k(logits, k):
    order = logits.argsort(descending=True, stable=True)  # ties: lower index first
    cut = logits.clone()
    cut[order[k:]] = -torch.inf
    return cut


two_left = keep_top_k(aar, 2).softmax(-1)
assert (two_left > 0).sum() == 2
print("p(.), p(a), p(b):", two_left[:3])
before, after = (aar[1] - aar[0]).exp(), two_left[1] / two_left[0]
print(f"ratio p(a) / p(.): before {before:.2f}, after {after:.2f}")
print(f"loss if b comes: {-two_left[2].log().item()}")

# %% [markdown]
# The two survivors share the whole, and their *ratio* is what it was. A letter that was
# cut costs an infinite loss if it comes, so cut only when you *write*, never when you
# measure. Notice the word "stable": the 24 other letters have exactly the same score,
# and with $k = 5$ somebody must decide which two of them stay. We say: those that come
# first in the alphabet.
#
# ### Top-p: as many as needed
#
# A fixed $k$ does not fit every moment. After `kri` few letters make sense, at the
# start of a name many. **Top-p** keeps the smallest group of best letters whose
# probabilities add up to at least $p$.


# %% tags=["ledger:A14"]
def keep_top_p(logits, p):
    order = logits.argsort(descending=True, stable=True)
    probs = logits.softmax(-1)[order]
    mass_before = probs.cumsum(-1) - probs  # what the better letters hold already
    cut = logits.clone()
    cut[order[mass_before >= p]] = -torch.inf
    return cut


with torch.no_grad():
    for text in ("...", "kri"):
        logits = model(torch.tensor([names.encode(text)]))[0]
        kept = keep_top_p(logits, 0.9).isfinite().sum()
        print(f"after {text!r}: {kept} letters hold 90 % of the probability")

# %% [markdown]
# ## Compare with torch
#
# The library does all of it in one function, `next_probs`, in this order: temperature,
# top-k, top-p. It must give our numbers.

# %%
scaled = aar / 0.8
by_hand = keep_top_p(keep_top_k(scaled, 5), 0.95).softmax(-1)
library = sampling.next_probs(aar, temperature=0.8, top_k=5, top_p=0.95)
torch.testing.assert_close(by_hand, library)
torch.testing.assert_close(sampling.next_probs(aar), torch.softmax(aar, -1))
assert sampling.next_probs(aar, temperature=0)[1] == 1
library[:6]

# %% [markdown]
# Do the dice obey? Draw many letters and compare the counts with the probabilities.
# The usual measure, **chi-square**, should be near the number of letters minus one if
# only chance is at work.

# %% tags=["ledger:C19"]
draws, probs = 20_000, sampling.next_probs(aar)
counts = torch.bincount(
    torch.multinomial(probs, draws, replacement=True, generator=dice), minlength=27
)
chi_square = ((counts - draws * probs) ** 2 / (draws * probs)).sum()
print(f"chi-square {chi_square:.1f}, expected about {27 - 1}")
assert chi_square < 55  # chance alone passes this less than once in 1,000 times

# %% [markdown]
# And one practical gain: `sample_names` writes all names side by side, one letter of
# each at every step. The chances are the same, but the model is called once for each
# step and not once for each letter of each name.

# %% tags=["words:0.5"]
dice = torch.Generator().manual_seed(1)
many = generate.sample_names(model, 2000, generator=dice)
assert len(many) == 2000
many[:10]

# %% [markdown]
# ## See it

# %%
temperatures = torch.logspace(-1, 2, 40)
choices = [functional.entropy((aar / T).softmax(-1)).exp().item() for T in temperatures]
plots.plot_curves(
    {"effective choices": (temperatures.tolist(), choices)},
    "One dial, from a single choice to all 27",
    xlabel="temperature (logarithmic scale)",
    ylabel="effective choices",
    lines={
        "greedy": 1,
        "T = 1": functional.entropy(aar.softmax(-1)).exp(),
        "uniform": 27,
    },
    log_x=True,
)

# %% [markdown]
# ## Play with it
#
# Your model runs in the page. Each name is written with the *same* dice while you move
# the sliders, so a name changes only because the knob changed. New names and memorised
# ones are marked. (Tab reaches a slider, the arrow keys move it.)
#
# - **Slide the temperature to 0**, then to 3. When do the names stop being names?
# - **At temperature 1.5, slide top-k from 27 to 5.** What does it rescue?
# - **Type `kri`** as the beginning and compare top-p 0.5 with top-p 1.

# %% tags=["close", "counts:1", "words:0.3"]
SamplingLab(model, splits.train)

# %% [markdown]
# ## Why does this work?
#
# **Decoding knows no right answer.** Notes sometimes call these knobs "strategies to
# get tokens close to the correct answer". But while a name is being written there is
# no correct answer to be close to. The knobs trade *probability* against *variety*,
# nothing else. Let us measure the trade with 2,000 names at each temperature.

# %% tags=["ledger:A11", "ledger:A12", "ledger:C15", "ledger:C20", "close:0.3", "counts:2"]
known = set(splits.train)
rows = {}
for T in (0.25, 0.5, 1.0, 1.5, 3.0):
    dice = torch.Generator().manual_seed(1)
    written = generate.sample_names(model, 2000, temperature=T, generator=dice)
    new = names.novelty(written, known)
    length = sum(map(len, written)) / len(written)
    rows[T] = new, len(set(written)) / len(written)
    print(
        f"T = {T:4}: {new:.0%} new, {rows[T][1]:.0%} different, {length:4.1f} letters"
    )

assert rows[0.25][0] < rows[1.0][0] < rows[3.0][0]  # hotter: more new names
assert rows[0.25][1] < rows[1.0][1]  # and more different ones

# %% [markdown]
# A cold model repeats itself, and it falls back on training names more often. A hot one
# invents, and forgets how names are spelled. The last row is on its way to the length
# of the start, 26 letters (but names are cut at 30 letters).
#
# **Is a name new or learned by heart?** The lecture shows four names and says the model
# has learned the patterns. But a name that stands in the training list proves nothing.
# So we look it up, each time.

# %% tags=["ledger:C15", "ledger:C23", "words:0.3"]
for T in (0.5, 1.0, 1.5):
    dice = torch.Generator().manual_seed(3)
    written = generate.sample_names(model, 6, temperature=T, generator=dice)
    marked = [f"{name}{'' if name in known else '*'}" for name in written]
    print(f"T = {T}: {', '.join(marked)}")
print("* = new, not in the training list\n")

for name in ("arya", "priti", "kavish", "neha"):
    print(f"{name:6s} {'in the list' if name in known else 'not in the training list'}")

# %% [markdown]
# **Which temperature should I use?** Lectures of 2024 and 2025 recommend 0.2 to 0.5 for
# program code, about 1 for stories and a little more for brainstorming. These are rules
# of thumb, not measurements. What is certain is the direction: lower when one answer is
# wanted, higher when many are.

# %% tags=["ledger:C25"]
for purpose, T in (("code", 0.3), ("stories", 1.0), ("brainstorming", 1.3)):
    probs = sampling.next_probs(aar, temperature=T)
    choices = functional.entropy(probs).exp()
    print(f"{purpose:13s} T = {T}: {choices:4.1f} effective choices after aar")

# %% [markdown]
# ## Check yourself
#
# ### Catch the slide
#
# **Slide 1.** "Greedy decoding gives `a`, `a`, `a`." Our greedy names above are longer.
# It repeats the whole *name*, not a letter.
#
# **Slide 2.** "For logits 2.0, 1.0, 0.5, 0.1 the probabilities at $T = 1$ are .43, .26,
# .19, .12, and at $T = 2$ they are .32, .27, .22, .19." Check both.

# %% tags=["ledger:C21", "ledger:A13"]
z = torch.tensor([2.0, 1.0, 0.5, 0.1])
for T, slide in ((1, [0.43, 0.26, 0.19, 0.12]), (2, [0.32, 0.27, 0.22, 0.19])):
    true = (z / T).softmax(-1)
    assert (true - torch.tensor(slide)).abs().max() > 0.05
    print(f"T = {T}: slide {slide}, true {true}")
    told, is_so = slide[0] / slide[1], true[0] / true[1]
    print(f"       first / second: slide {told:.2f}, true {is_so:.2f}")

# %% [markdown]
# Both rows of the slide are too flat. A quick test: at $T = 1$ the first two logits
# differ by 1, so the first probability must be $e$ times the second. The slide's ratio
# is far from that.
#
# **Slide 3.** "Keep the top three of .4, .3, .1: that gives .53, .40, .07." Sharing out
# the rest must not change any ratio.

# %% tags=["ledger:A14"]
three = torch.tensor([0.4, 0.3, 0.1])
true = three / three.sum()
print("true:", true)
print(f"ratio of the first two: before {0.4 / 0.3:.2f}, on the slide {0.53 / 0.40:.2f}")
print(f"ratio of the last two:  before {0.3 / 0.1:.2f}, on the slide {0.40 / 0.07:.2f}")

# %% [markdown]
# ### Questions
#
# **1.** You halve the temperature. What happens to the ratio of two probabilities?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# It is squared. The difference of the logits doubles, and the ratio is the exponential
# of the difference. An advantage of 3 to 1 becomes 9 to 1.
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
# **3.** Why may top-k never be used while measuring a loss?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# A letter that was cut has probability 0. If it is the true one, the loss is infinite,
# as you saw in lesson 3.
#
# </details>
#
# **4.** Your turn: write a `choose` for `write_name` that never uses the letter `e`.
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Set the logit of index 5 to minus infinity, then sample as before. The softmax shares
# the probability of `e` among the others.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** Decoding turns probabilities into text. It trades probability against
#   variety.
# - **Formula.** $p_i \propto e^{z_i / T}$; top-k and top-p set losers to $-\infty$ and
#   share the rest.
# - **Pitfall.** $T = 0$ needs a rule of its own, and every loop needs a limit.
# - **Moved into the library:** `course_lib.sampling.next_probs`,
#   `course_lib.generate.sample_names`.
#
# **Homework:** [Homework 8](homework/hw08.ipynb), about 60 minutes. A badge under
# each check says at once whether your answer is right.
#
# **Next:** the names look good. How good are they, and how good could they be at all?
# [9. How good can it get?](09_how_good_can_it_get.ipynb)
