# %% [markdown]
# # 7. How good can it get?
#
# **What did the model learn, and how good can it get at all?**
#
# A loss of two nats: is that good? You cannot say without knowing the best possible
# loss. For names nobody knows it. So in this lesson you write a small world in which
# the best loss is known *exactly*, and then look into the names model with a doubting
# eye.
#
# - **You will** compute the exact entropy of a grammar, meet the Tiny World, see three
#   kinds of model run against its floor, and test what is said about the names model.
# - **You need** lessons 2, 4 and 5.
# - **Time** 45 minutes.
# - **Back** [6. Temperature](06_temperature.ipynb) · **Next** lesson 8, tokens

# %%
import itertools
import json
import math
import random
from collections import Counter

import torch

from course_lib import batches, functional, mlp, names, plots, world
from course_lib.generate import sample_names
from course_lib.predict import reveal
from course_lib.train import TrainConfig, keep_best, train
from course_lib.widgets import EmbeddingMap

torch.set_printoptions(precision=4, sci_mode=False)

# %% [markdown]
# ## Predict first
#
# A toy writes one sentence: *the cat says meow*, *the dog says woof* or *the owl says
# hoot*. Each comes equally often. **How many nats does a perfect model pay for a whole
# sentence of four words?** Think first: which of the words are a surprise?

# %%
my_guess = None

# %%
print(reveal(my_guess, math.log(3), digits=3))

# %% [markdown]
# Only one word is a surprise, the animal, and it is one of three. "the" and "says" are
# always there, and once you know the animal you know the sound. A perfect model pays
# once.
#
# ## Build it by hand
#
# Here is a slightly larger toy. It makes every random choice through one function,
# `pick`.

# %%
SOUNDS = {"cat": "meow", "dog": "woof", "owl": "hoot"}


def write(pick):
    animal = pick({"cat": 0.5, "dog": 0.25, "owl": 0.25})
    manner = pick({"softly": 0.9, "loudly": 0.1})
    return f"the {animal} {manner} says {SOUNDS[animal]}"


def throw(options):
    return random.choices(list(options), list(options.values()))[0]


random.seed(0)
[write(throw) for _ in range(3)]

# %% [markdown]
# **Entropy by listing everything.** There are few sentences, so write down all of them
# with their probabilities and take the mean of $-\ln p$.

# %%
chance = {"cat": 0.5, "dog": 0.25, "owl": 0.25, "softly": 0.9, "loudly": 0.1}
sentences = {}
for animal, manner in itertools.product(SOUNDS, ("softly", "loudly")):
    script = [animal, manner]
    text = write(lambda options, script=script: script.pop(0))
    sentences[text] = chance[animal] * chance[manner]
p = torch.tensor(list(sentences.values()), dtype=torch.float64)
listed = -(p * p.log()).sum()
print(f"{len(sentences)} sentences, together {p.sum():.2f}, entropy {listed:.4f} nats")

# %% [markdown]
# **Entropy by keeping the bill.** A rich world has too many texts to list. But each
# text carries its own bill: whenever `pick` chooses, it notes $-\ln p$ of the choice.
# The sum is the surprise of this text, and the mean over many texts is the entropy.


# %%
def write_with_bill():
    bill = []

    def pick(options):
        choice = throw(options)
        bill.append(-math.log(options[choice]))
        return choice

    return write(pick), sum(bill)


text, nats = write_with_bill()
assert math.isclose(nats, -math.log(sentences[text]))
mean_bill = sum(write_with_bill()[1] for _ in range(20_000)) / 20_000
print(f"{text!r} costs {nats:.4f} nats; the mean of 20,000 bills is {mean_bill:.2f}")
assert abs(mean_bill - listed) < 0.02

# %% [markdown]
# > **For children (and for the rest of us).** A story dice game. Whenever the teller
# > throws the dice, a listener pays one coin for each thing that could not be known. If
# > the teller only repeats what everybody knows already, it is free. Nobody, however
# > clever, can pay less than the dice cost.
#
# **What does a short-sighted model pay?** A bigram sees one word back. When the sound
# comes it sees only "says". It has forgotten the animal, and pays for it a second time.

# %%
pairs, firsts = Counter(), Counter()
for sentence, prob in sentences.items():
    for pair in itertools.pairwise(["<start>", *sentence.split()]):
        pairs[pair] += prob
        firsts[pair[0]] += prob
bigram_cost = -sum(n * math.log(n / firsts[a]) for (a, _), n in pairs.items())
animal_cost = functional.entropy(torch.tensor([0.5, 0.25, 0.25])).item()
assert math.isclose(bigram_cost, listed + animal_cost, rel_tol=1e-5)
print(f"perfect {listed:.4f}, bigram {bigram_cost:.4f}, difference {animal_cost:.4f}")

# %% [markdown]
# ### Tiny World
#
# The course has a bigger toy of the same kind: **Tiny World**. It writes stories,
# biographies, quizzes, lists, codes and echoes, about people who do not exist. All
# later lessons use it. Every document comes with its bill, word by word.

# %%
tiny = world.World(seed=0)
story = next(d for d in tiny.stream("val") if d.kind == "story")
print(story.text)
print(f"\n{story.n_words} words and marks, together {story.total_nats:.2f} nats")

free = [w for w, n, t in zip(story.words, story.nats, story.tags, strict=True)
        if n == 0 and t in ("coref", "hero")]  # fmt: skip
dear = sorted(zip(story.nats, story.words, strict=True), reverse=True)[:4]
print("free, for whoever remembers the start:", ", ".join(free))
print("dearest:", ", ".join(f"{word} {nats:.2f}" for nats, word in dear))

# %% [markdown]
# The free words are the interesting ones. They follow from something said long before.
# A model with a short memory pays for them again and again.
#
# ## Compare with torch
#
# Is the bill right? The library can also *read*: it takes the bare text, finds the
# choices that must have been made, and adds up their cost. And the sum over a document
# does not depend on the unit you divide by.

# %%
documents = [tiny.document(i, "val") for i in range(300)]
for document in documents:
    assert abs(tiny.parse(document.text).total_nats - document.total_nats) < 1e-9
per_word = world.floor(documents)
per_character = world.floor(documents, lambda d: d.n_chars)
print(f"floor: {per_word:.3f} nats per word = {per_character:.3f} nats per character")
torch.testing.assert_close(functional.entropy(p), listed)

# %% [markdown]
# ## See it
#
# Now three kinds of model on Tiny World, all asked about the same held-out words. First
# the data: rows of text, and for each word the words before it. (Where a row begins,
# word number 0, the end mark `<eot>`, fills the window.)

# %%
V = world.VOCAB_SIZE
held = world.token_rows(tiny, "val", 0, n_rows=128, length=129)
learn = world.token_rows(tiny, "train", 0, n_rows=2000, length=129)


def word_windows(tokens, context_size):
    padded = torch.nn.functional.pad(tokens[:, :-1], (context_size - 1, 0))
    contexts = padded.unfold(1, context_size, 1)  # (rows, 128, context_size)
    return contexts.reshape(-1, context_size), tokens[:, 1:].reshape(-1)


floor = held.nats[:, 1:].mean().item()
print(f"{learn.tokens.numel():,} words, {V} different; floor {floor:.3f} nats per word")

# %% [markdown]
# **A table** of word pairs, with smoothing as in lesson 4.

# %%
before, after = (t.flatten() for t in (learn.tokens[:, :-1], learn.tokens[:, 1:]))
counts = torch.bincount(before * V + after, minlength=V * V).view(V, V) + 0.01
bigram_logits = counts.log()
x_held, y_held = word_windows(held.tokens, 1)
bigram_loss = functional.cross_entropy(bigram_logits[x_held[:, 0]], y_held).item()
print(f"bigram: {bigram_loss:.2f} nats per word, floor {floor:.2f}")

# %% [markdown]
# **A network** with a fixed window, the same class as for names: three words, then ten.


# %%
def train_mlp(context_size):
    config = mlp.NameMLPConfig(
        vocab_size=V, context_size=context_size, emb_dim=24, hidden_dim=128
    )
    model = mlp.NameMLP(config, torch.Generator().manual_seed(0))
    x, y = word_windows(learn.tokens, context_size)
    held_xy = word_windows(held.tokens, context_size)
    records = train(
        model,
        batches.mini_batches(x, y, batch_size=512),
        TrainConfig(steps=1500, eval_every=150),
        evaluate=lambda m: batches.evaluate_loss(m, *held_xy),
    )
    return model, {r.step * 512: r.val_loss_nats for r in records if r.val_loss_nats}


mlp_3, curve_3 = train_mlp(3)
mlp_10, curve_10 = train_mlp(10)
print(f"MLP-3 {min(curve_3.values()):.2f}, MLP-10 {min(curve_10.values()):.2f} nats")

# %% [markdown]
# **A preview.** The third model is a small GPT with attention. You build it in lessons
# 9 to 13. Its training takes several minutes, so its curve is stored in a file. (The
# command `course snapshots` makes the file again.) It was measured on the same
# held-out words.

# %%
stored = json.loads((names.NAMES_FILE.parent / "snapshots/world_gpt.json").read_text())
assert abs(stored["floor_nats"] - floor) < 1e-3
curve_gpt = {s * stored["words_per_step"]: loss for s, loss in stored["curve"]}
print(f"GPT {list(curve_gpt.values())[-1]:.2f} nats per word, floor {floor:.2f}")

# %%
curves = {"MLP, 3 words": curve_3, "MLP, 10 words": curve_10, "GPT (stored)": curve_gpt}
plots.plot_curves(
    {label: (list(c)[1:], list(c.values())[1:]) for label, c in curves.items()},
    "Only the model that looks back comes near the floor",
    xlabel="words learned from (logarithmic scale)",
    ylabel="held-out loss, nats per word",
    lines={"bigram": bigram_loss, "floor": floor},
    log_x=True,
)

# %% [markdown]
# The windows get stuck, however long they train. And now you can say by how much, for
# the floor is not an opinion: it is the bill.

# %%
ladder = {"bigram": bigram_loss} | {k: min(c.values()) for k, c in curves.items()}
for label, loss in ladder.items():
    print(f"{label:13s} {loss:.2f} nats per word, {loss / floor - 1:+.0%} of the floor")
assert list(ladder.values()) == sorted(ladder.values(), reverse=True)
assert min(ladder.values()) > floor

# %% [markdown]
# Where does the window lose? At the words that point far back.

# %%
x, y = word_windows(held.tokens, 10)
with torch.no_grad():
    picked = functional.log_softmax(mlp_10(x)).gather(1, y[:, None])[:, 0]
tags = held.tags[:, 1:].flatten()
for i, tag in enumerate(world.TAGS):
    if tag in ("coref", "context", "induction", "new"):
        gpt, best, n = stored["by_tag"][tag]
        mine = -picked[tags == i].mean()
        print(
            f"{tag:9s} {n:4d} words: floor {best:.2f}, MLP-10 {mine:.2f}, GPT {gpt:.2f}"
        )

# %% [markdown]
# *coref* are words behind a pronoun ("it sleeps in the ..."), *context* are facts told
# earlier, *induction* are code words seen before: free for a reader who remembers.
# *new* words surprise everybody. The GPT has solved the first two. The code words it has
# not worked out yet: that needs two layers to work together, and more training. (You
# will watch it happen in lesson 10.)
#
# ## Play with it
#
# Back to the names. Train the recipe of lesson 5, keep the embeddings on the way, and
# walk through its training.
#
# - **Slide from start to end.** (Click the slider, then use the arrow keys.) Do the
#   vowels come together?
# - **Look for a letter in a surprising place.** What does it have in common with its
#   neighbours in a name?

# %%
splits = names.split_names(names.load_names())
X, Y = names.windows(splits.train, 3)
X_val, Y_val = names.windows(splits.val, 3)
model = mlp.NameMLP(mlp.NameMLPConfig(hidden_dim=64), torch.Generator().manual_seed(0))
records = train(
    model,
    batches.mini_batches(X, Y, batch_size=256),
    TrainConfig(steps=2000),
    evaluate=lambda m: batches.evaluate_loss(m, X_val, Y_val),
)
snapshots = {}
for record in keep_best(records, model):
    if record.step % 100 == 0:
        snapshots[record.step] = model.embedding.weight.detach().clone()
print(f"held-out loss {batches.evaluate_loss(model, X_val, Y_val):.2f} nats per letter")

# %%
stack = torch.stack(list(snapshots.values()))
centred = stack - stack.mean(1, keepdim=True)
_, _, axes = torch.linalg.svd(centred[-1], full_matrices=False)  # main directions
axes = axes[:2] * axes[:2].sum(1, keepdim=True).sign()  # one sign on every machine
kind = ["end" if c == "." else "vowel" if c in "aeiou" else "consonant"
        for c in names.ALPHABET]  # fmt: skip
EmbeddingMap(centred @ axes.T, list(snapshots), list(names.ALPHABET), kind)

# %% [markdown]
# ## Why does this work?
#
# ### What did it learn?
#
# "Vowels cluster together", says a lecture. A picture on a plane can deceive, so measure
# in all ten dimensions. The **cosine** of two embeddings is 1 if they point the same
# way, 0 if they have nothing in common.

# %% tags=["ledger:C16", "ledger:C10"]
E = torch.nn.functional.normalize(model.embedding.weight.detach(), dim=1)
cosine = E @ E.T
vowels = [i for i, k in enumerate(kind) if k == "vowel"]
others = [i for i, k in enumerate(kind) if k == "consonant"]
within_v = (cosine[vowels][:, vowels].sum() - 5) / 20
within_c = (cosine[others][:, others].sum() - 21) / 420
between = cosine[vowels][:, others].mean()
print(f"vowel-vowel {within_v:.2f}, consonant-consonant {within_c:.2f}")
print(f"vowel-consonant {between:.2f}")
assert within_v > between

# %% [markdown]
# Judge for yourself. Letters of one kind are a little more alike than letters of
# different kinds, and that is all the word "cluster" may mean here. No rule was stored;
# the numbers moved to where they were useful.
#
# **Is it sure when it should be?** Lesson 2 called a model calibrated if its "30 %" come
# true in 30 of 100 cases. Collect all predictions on held-out names, sort them by
# announced probability, and count.

# %% tags=["ledger:C5"]
with torch.no_grad():
    probs = functional.softmax(model(X_val))
happened = torch.nn.functional.one_hot(Y_val, 27).bool()
for low, high in ((0, 0.05), (0.05, 0.1), (0.1, 0.2), (0.2, 0.4), (0.4, 1)):
    chosen = (probs >= low) & (probs < high)
    said, came = probs[chosen].mean(), happened[chosen].float().mean()
    print(f"said {said:.2f}: came true {came:.2f} of the time")
    assert abs(said - came) < 0.1

# %% [markdown]
# Nobody asked for this. It follows from the loss, which pays for honesty.
#
# **Does it invent, or recite?** The share of names that are not in the training list is
# the **novelty**. To know whether it is high, compare with held-out names: real names
# that the model could have invented.

# %% tags=["ledger:C15"]
written = sample_names(model, 5000, generator=torch.Generator().manual_seed(0))
found = set(written) & set(splits.val)
print(f"novelty {names.novelty(written, splits.train):.0%} of {len(written):,} names")
print(f"it wrote {len(found)} of {len(splits.val)} held-out names, for example:")
print(", ".join(sorted(found)[:8]))
assert len(found) > 0

# %% [markdown]
# The last line is good evidence that it learned patterns and not only a list: real
# names, never shown to it, written by itself.
#
# ### Two settings that decide everything
#
# **The learning rate.** Train a fresh model for 200 steps with each of several rates.


# %%
def after_200_steps(rate):
    fresh = mlp.NameMLP(mlp.NameMLPConfig(), torch.Generator().manual_seed(0))
    config = TrainConfig(steps=200, learning_rate=rate, schedule="constant")
    list(train(fresh, batches.mini_batches(X, Y, batch_size=256), config))
    return batches.evaluate_loss(fresh, X_val, Y_val)


rates = [1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0]
reached = [after_200_steps(rate) for rate in rates]
plots.plot_curves(
    {"after 200 steps": (rates, reached)},
    "Too small crawls, too large stumbles",
    xlabel="learning rate (logarithmic scale)",
    ylabel="held-out loss, nats",
    lines={"ln 27": math.log(27)},
    log_x=True,
)

# %% [markdown]
# Such a sweep is a **learning-rate finder**. Choose a rate near the lowest point.
#
# **The first weights.** Multiply the output layer's fresh weights and look at the loss
# before any training.

# %%
for factor in (0, 1, 10, 100):
    fresh = mlp.NameMLP(mlp.NameMLPConfig(), torch.Generator().manual_seed(0))
    with torch.no_grad():
        fresh.head.weight *= factor
        fresh.head.bias *= factor
    start = batches.evaluate_loss(fresh, X_val, Y_val)
    print(f"weights x {factor:3d}: loss {start:6.2f} before training")
    assert factor > 0 or math.isclose(start, math.log(27), rel_tol=1e-5)

# %% [markdown]
# Large first weights make a model *confidently wrong* before it has seen anything, and
# the first hundreds of steps only undo that. A start near the logarithm of 27 is a free
# check of your code.
#
# ## Check yourself
#
# ### Catch the slide
#
# "You gave it names. It learned the **rules** of names! The vowels cluster together."
# You have the tools to say it better. Which of the three measurements above (cosines,
# calibration, found held-out names) supports which half of the sentence?
#
# <details><summary>Answer</summary>
# The held-out names support "it learned patterns". The cosines support only a weak form
# of the second half: two loose groups. None of them shows a rule. The model holds
# probabilities, and a hot sampler shows how easily it breaks every rule of spelling.
# </details>
#
# ### Questions
#
# **1.** A model's loss on Tiny World is below the floor. What do you do?
#
# <details><summary>Answer</summary>
# Search the bug. Nothing can be below the entropy, except by luck on a few words. Most
# often the model can see the word it should predict.
# </details>
#
# **2.** In the toy, "softly" comes nine times in ten. What does that choice cost on
# average, and why is it so much cheaper than the animal?
#
# <details><summary>Answer</summary>
# The entropy of (0.9, 0.1). An event that is nearly certain is hardly a surprise; the
# rare one is dear but rare.
# </details>
#
# **3.** The MLP with ten words is better than the one with three. Why not take a window
# of one hundred?
#
# <details><summary>Answer</summary>
# Each place in the window has weights of its own, so a fact must be learned anew for
# every distance at which it may stand, and the layer grows. Lesson 9 finds another way.
# </details>
#
# **4.** Your turn: give the toy a fourth animal and let the sound be told *before* the
# animal. Does the entropy of a sentence change? Does the bigram's cost?
#
# <details><summary>Answer</summary>
# The order changes nothing for the entropy. The bigram still forgets whatever stands
# more than one word back.
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** Compare a loss with the best possible one. In a world that you program you
#   know it exactly.
# - **Formula.** Entropy = mean of the bills, $-\ln p$ of all choices made.
# - **Pitfall.** Claims about what a network "knows" must be measured, not looked at.
# - **In the library:** `course_lib.world` (the world, its parser, its floor),
#   `functional.entropy`, `names.novelty`.
#
# **Next:** so far a token was a letter or a word. What does a real model see?
# Lesson 8 is about tokens.
