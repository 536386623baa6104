# %% [markdown]
# # 9. How good can it get?
#
# **What did the model learn, and how good can it get at all?**
#
# A loss of two nats per letter: is that good? You cannot say without knowing the best
# possible loss. The floor of lesson 5 was counted on one list; for names that nobody
# has listed, no one knows it. So in this lesson you write a small world in which the
# best loss is known *exactly*. Then you look into the names model with a doubting eye.
#
# - **You will** compute the exact entropy of a **grammar**, a small program that writes
#   sentences; meet Tiny World; see three kinds of model run against its floor; and test
#   what is said about the names model.
# - **You need** lessons 3, 5 and 7.
# - **Time** 45 minutes.
# - **Back** [8. Temperature](08_temperature.ipynb) · **Next** [10. Tokens](10_tokens.ipynb)

# %%
import copy
import itertools
import json
import math
import random
from collections import Counter

import torch

import tiny_world as world
from course_lib import batches, functional, mlp, names, ngram
from course_lib.generate import sample_names
from course_lib.train import TrainConfig, keep_best, train
from course_play import plots
from course_play.reveal import reveal
from course_play.widgets import EmbeddingMap

torch.set_printoptions(precision=4, sci_mode=False)

# %% [markdown]
# ## Predict first
#
# A toy writes one sentence: *the cat says meow*, *the dog says woof* or *the owl says
# hoot*. Each comes equally often. **How many nats does a perfect model pay for a whole
# sentence of four words?** (It pays the loss of each word.) Think first: which of the
# words are a surprise?

# %%
my_guess = None

# %% tags=["hide-input"]
# the answer: open this after your guess
print(reveal(my_guess, math.log(3), digits=3))

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>After your guess</summary>
#
# Only one word is a surprise, the animal, and it is one of three. "the" and "says" are
# always there, and once you know the animal you know the sound. A perfect model pays
# once.
#
# </details>
#
# ## Build it by hand
#
# Here is a slightly larger toy. It makes every choice through one function, `pick`, and
# it does not care how `pick` decides. Ours throws dice.

# %%
SOUNDS = {"cat": "meow", "dog": "woof", "owl": "hoot"}


def write(pick):
    animal = pick({"cat": 0.5, "dog": 0.25, "owl": 0.25})
    manner = pick({"softly": 0.9, "loudly": 0.1})
    return f"the {animal} {manner} says {SOUNDS[animal]}"


def throw(options):  # dice: each option with its own probability
    return random.choices(list(options), list(options.values()))[0]


random.seed(0)
[write(throw) for _ in range(3)]

# %% [markdown]
# **Entropy by listing everything.** There are few sentences, so write down all of them.
# The two choices do not depend on each other, so their probabilities multiply. The
# entropy is the mean of $-\ln p$.

# %%
chance = {"cat": 0.5, "dog": 0.25, "owl": 0.25, "softly": 0.9, "loudly": 0.1}
sentences = {}


def follow(script):  # a pick that reads from a script: no dice
    rest = list(script)
    return lambda options: rest.pop(0)


for animal, manner in itertools.product(SOUNDS, ("softly", "loudly")):
    text = write(follow([animal, manner]))
    sentences[text] = chance[animal] * chance[manner]
assert len(sentences) == 2 * len(SOUNDS)  # no two scripts write the same sentence
p = torch.tensor(list(sentences.values()), dtype=torch.float64)
listed = -(p * p.log()).sum()
print(f"{len(sentences)} sentences, together {p.sum():.2f}, entropy {listed:.4f} nats")

# %% [markdown]
# **Entropy by keeping the bill.** A rich world has too many texts to list. So let each
# text carry its own **bill**: whenever `pick` chooses, it notes $-\ln p$ of the choice.
# Probabilities multiply along a text, so the notes add up to $-\ln p$ of the whole
# text. The mean of many such bills is the entropy. There is one condition: the text
# must show which choices were made. If two scripts wrote the same sentence, its bill
# would be too high. (That is what the assert above is for.)


# %%
def write_with_bill():
    bill = []

    def pick(options):
        choice = throw(options)
        bill.append(-math.log(options[choice]))
        return choice

    text = write(pick)
    return text, sum(bill)


text, nats = write_with_bill()
assert math.isclose(nats, -math.log(sentences[text]))
mean_bill = sum(write_with_bill()[1] for _ in range(20_000)) / 20_000
print(f"{text!r} costs {nats:.4f} nats; the mean of 20,000 bills is {mean_bill:.2f}")
assert abs(mean_bill - listed) < 0.02

# %% [markdown]
# > **For children (and for the rest of us).** A story dice game. Whenever the teller
# > throws the dice, a listener pays one coin for each thing that could not be known. If
# > the teller only repeats what everybody knows already, it is free. In the long run
# > nobody, however clever, can pay less than the dice cost.
#
# **What does a short-sighted model pay?** A bigram sees one word back. When the sound
# comes it sees only "says". It has forgotten the animal, and pays for it a second time.

# %%
pairs, firsts = Counter(), Counter()  # how often, per sentence
for sentence, prob in sentences.items():
    for pair in itertools.pairwise(["<start>", *sentence.split()]):
        pairs[pair] += prob
        firsts[pair[0]] += prob
# the best bigram table holds the shares, as in lesson 5
bigram_cost = -sum(n * math.log(n / firsts[a]) for (a, _), n in pairs.items())
animal_cost = functional.entropy(torch.tensor([0.5, 0.25, 0.25])).item()
assert math.isclose(bigram_cost, listed + animal_cost, rel_tol=1e-5)
extra = bigram_cost - listed
print(f"perfect {listed:.4f}, bigram {bigram_cost:.4f}, difference {extra:.4f}")

# %% [markdown]
# ### Tiny World
#
# The course has a bigger toy of the same kind: **Tiny World**. It writes stories,
# biographies, quizzes, lists, codes and echoes, about people who do not exist. It keeps
# the same bill, word by word, and a **tag** says what kind of word it is.

# %%
tiny = world.World(seed=0)
story = next(d for d in tiny.stream("val") if d.kind == "story")
print(story.text)
print(f"\n{story.n_words} words and marks, together {story.total_nats:.2f} nats")

# coref and hero: words that follow from who the story is about
free = [w for w, n, t in zip(story.words, story.nats, story.tags, strict=True)
        if n == 0 and t in ("coref", "hero")]  # fmt: skip
dear = sorted(zip(story.nats, story.words, strict=True), reverse=True)[:4]
print("free, for whoever remembers the start:", ", ".join(free))
print("dearest:", ", ".join(f"{word} {nats:.2f}" for nats, word in dear))

# %% [markdown]
# The free words are the interesting ones. Here every animal has one home and its own
# food, so they follow from what was said long before. A model with a short memory pays
# for them again and again.
#
# ## Compare with torch
#
# Is the bill right? The library can also *read*: it takes the bare text, finds the
# choices that must have been made, and adds up their cost. The sum is the same whether
# you then divide it by words or by characters. And the entropy of the toy is that of
# torch and of the library.

# %%
documents = [tiny.document(i, "val") for i in range(300)]
for document in documents:
    assert abs(tiny.parse(document.text).total_nats - document.total_nats) < 1e-9
per_word = world.floor(documents)
per_character = world.floor(documents, lambda d: d.n_chars)
print(f"floor: {per_word:.3f} nats per word = {per_character:.3f} nats per character")
total = per_word * sum(d.n_words for d in documents)
assert math.isclose(total, per_character * sum(d.n_chars for d in documents))

torch.testing.assert_close(functional.entropy(p), listed)
torch.testing.assert_close(torch.distributions.Categorical(p).entropy(), listed)

# %% [markdown]
# ## See it
#
# Now three kinds of model on Tiny World, all asked about the same held-out words. First
# the data: rows of text, and for each word the **window** of words before it. (Where a
# row begins, word number 0, the end mark `<eot>`, fills the window. The rows cut long
# documents off, and beginnings hold the most surprises. So the floor of the rows is a
# little higher than the one above.)

# %%
V = world.VOCAB_SIZE
held = world.token_rows(tiny, "val", 0, n_rows=128, length=129)
learn = world.token_rows(tiny, "train", 0, n_rows=2000, length=129)


def word_windows(tokens, context_size):
    padded = torch.nn.functional.pad(tokens[:, :-1], (context_size - 1, 0))
    # unfold: every run of context_size neighbours, (rows, 128, context_size)
    contexts = padded.unfold(1, context_size, 1)
    return contexts.reshape(-1, context_size), tokens[:, 1:].reshape(-1)


floor = held.nats[:, 1:].mean().item()
print(f"{learn.tokens.numel():,} words, {V} different; floor {floor:.3f} nats per word")
assert floor > per_word

# %% [markdown]
# **A table** of word pairs, with smoothing as in lesson 5.

# %% tags=["close"]
before, after = (t.flatten() for t in (learn.tokens[:, :-1], learn.tokens[:, 1:]))
# before * V + after is the number of the pair
counts = torch.bincount(before * V + after, minlength=V * V).view(V, V) + 0.01
bigram_logits = counts.log()
x_held, y_held = word_windows(held.tokens, 1)
bigram_loss = functional.cross_entropy(bigram_logits[x_held[:, 0]], y_held).item()
print(f"bigram: {bigram_loss:.2f} nats per word, floor {floor:.2f}")

# %% [markdown]
# **A network** with a fixed window, the same class as for names: three words, then ten.
# (MLP, *multi-layer perceptron*, is the name for networks of such layers.)


# %% tags=["close"]
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
# **A preview.** The third model is a small **GPT**. To predict a word it may look at
# *every* earlier word of its row, and it learns where to look. That looking back is
# called **attention**; you build it in lessons 11 to 16. Here you only see what it buys.
# Its training takes several minutes, so its curve is stored in a file, measured on the
# same held-out words. (The command `course snapshots` makes the file again.)

# %% tags=["close"]
stored = json.loads((names.NAMES_FILE.parent / "snapshots/world_base.json").read_text())
assert abs(stored["floor_nats"] - floor) < 1e-3
curve_gpt = {s * stored["words_per_step"]: loss for s, loss in stored["curve"]}
seen = max(curve_10)  # words that the MLPs have learned from
by_then = [loss for words, loss in curve_gpt.items() if words <= seen][-1]
print(f"after {seen:,} words: MLP-10 {curve_10[seen]:.2f}, GPT {by_then:.2f}")
assert by_then < curve_10[seen] - 0.1

# %% tags=["close", "counts:2"]
curves = {"MLP, 3 words": curve_3, "MLP, 10 words": curve_10, "GPT (stored)": curve_gpt}
ladder = {"bigram": bigram_loss} | {k: min(c.values()) for k, c in curves.items()}
for label, loss in ladder.items():
    print(
        f"{label:13s} {loss:.2f} nats per word, {loss / floor - 1:.0%} above the floor"
    )
assert list(ladder.values()) == sorted(ladder.values(), reverse=True)
assert min(ladder.values()) > floor

plots.plot_curves(
    {label: (list(c)[1:], list(c.values())[1:]) for label, c in curves.items()},
    "Only the model that looks back comes near the floor",
    xlabel="words learned from (logarithmic scale)",
    ylabel="held-out loss, nats per word",
    lines={"bigram": bigram_loss, "floor": floor},
    log_x=True,
)

# %% [markdown]
# Now you can say how good a loss is: so many per cent above the floor. And the floor is
# not an opinion, it is the bill.
#
# The GPT has learned from more words, and always from new ones. But it is ahead
# already where the MLPs stop. Longer training on more text would take the MLPs further
# down. It would not bring in a word that stands outside the window. Where does the
# window lose?

# %% tags=["close:0.05"]
x, y = word_windows(held.tokens, 10)
with torch.no_grad():
    picked = functional.log_softmax(mlp_10(x)).gather(1, y[:, None])[:, 0]
tags = held.tags[:, 1:].flatten()
for i, tag in enumerate(world.TAGS):
    if tag in ("coref", "context", "induction", "new"):
        gpt, best, _, n = stored["by_tag"][tag]
        assert n == (tags == i).sum()  # the very same words
        mine = -picked[tags == i].mean()
        print(
            f"{tag:9s} {n:4d} words: floor {best:.2f}, MLP-10 {mine:.2f}, GPT {gpt:.2f}"
        )

# %% [markdown]
# *coref* words say something of a pronoun ("it slept in the ..."), *context* words are
# facts told earlier, *induction* words are the meanings of code words explained before:
# all free for a reader who remembers. *new* words surprise everybody. The GPT has
# solved the first three. How it can look up a code word that nobody has ever used
# before, is a story of its own: lesson 12 tells it.
#
# ## Play with it
#
# Back to the names. Train the recipe of lesson 7, keep the embeddings on the way, and
# walk through its training.
#
# - **Slide from start to end.** (Click the slider, then use the arrow keys.) Do the
#   vowels come together?
# - **Find two letters that end close together.** Put one in the place of the other in
#   a name you know. Is it still a name?

# %% tags=["close"]
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
whole = batches.evaluate_loss(model, X_val, Y_val)
print(f"training {batches.evaluate_loss(model, X, Y):.2f}, held out {whole:.2f} nats")

# %% tags=["close:0.1"]
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
# A lecture shares out the work. The embedding learns the letters, the hidden layer that
# `aa` makes `r` likely, the output layer which letters follow. Test it: take one layer
# back to its first random weights and leave the others as they are.

# %% tags=["ledger:C10", "close:0.05"]
first = mlp.NameMLP(mlp.NameMLPConfig(hidden_dim=64), torch.Generator().manual_seed(0))
for layer in ("embedding", "hidden", "head"):
    mixed = copy.deepcopy(model)
    getattr(mixed, layer).load_state_dict(getattr(first, layer).state_dict())
    loss = batches.evaluate_loss(mixed, X_val, Y_val)
    print(f"{layer:9s} as at the start: loss {loss:.2f} instead of {whole:.2f}")
    assert loss > whole + 0.2

# %% [markdown]
# Whichever layer you take back, much of what was learned is gone: the others were tuned
# to it. The test does not say which layer holds which pattern, so it does not bear out
# the lecture.
#
# **Is it sure when it should be?** Lesson 3 called a model calibrated if its "30 %"
# come true in 30 of 100 cases. Collect all predictions on held-out names, sort them by
# announced probability, and count.

# %% tags=["ledger:C5", "close"]
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
# **Does it invent, or recite?** The share of written names that are not in the training
# list is the **novelty**. A high one is easy: rubbish is new, too. So count the real
# names among 5,000: training names, and held-out names, which no model here was
# trained on. And let poorer models write as well.

# %% tags=["ledger:C15", "close:0.5", "counts:2", "words:0.4"]
writers = {
    "untrained network": first,
    "table, 1 letter": ngram.NGram.fit(splits.train, 1, strength=1.0),
    "table, 5 letters": ngram.NGram.fit(splits.train, 5, strength=27, backoff=True),
    "network": model,
}
share = {}
for label, writer in writers.items():
    written = sample_names(writer, 5000, generator=torch.Generator().manual_seed(0))
    found = [set(written) & set(part) for part in (splits.train, splits.val)]
    share[label] = [len(found[0]) / len(splits.train), len(found[1]) / len(splits.val)]
    new = f"{label:17s} novelty {names.novelty(written, splits.train):4.0%}"
    print(f"{new}, wrote {share[label][0]:.1%} of the training names,", end=" ")
    print(f"{share[label][1]:.1%} of the held-out names")
print("held-out names by the network:", ", ".join(sorted(found[1])[:8]))
assert share["untrained network"][1] < share["table, 1 letter"][1]
assert share["network"][1] > 1.3 * share["table, 1 letter"][1]
assert share["table, 5 letters"][0] > 1.3 * share["table, 5 letters"][1]

# %% [markdown]
# Some short names anybody writes by luck, so the table with one letter is the mark to
# beat. The network finds many more: real names, never shown to it. That is evidence for
# patterns and not only a list. The table with five letters finds no fewer. But it writes
# training names far more often than held-out ones: in part it recites. That is
# **over-fitting**, seen in the samples. A network over-fits too if you let it, as
# lesson 7 did; here we kept the weights that were best on held-out names.
#
# ### Two settings that decide everything
#
# **The learning rate.** Train a fresh model for 200 steps with each of several rates.


# %% tags=["close:0.05"]
def fresh_model(factor=1):
    fresh = mlp.NameMLP(mlp.NameMLPConfig(), torch.Generator().manual_seed(0))
    with torch.no_grad():
        fresh.head.weight *= factor  # the output layer
        fresh.head.bias *= factor
    return fresh


def after_200_steps(fresh, rate):
    config = TrainConfig(steps=200, learning_rate=rate, schedule="constant")
    list(train(fresh, batches.mini_batches(X, Y, batch_size=256), config))
    return batches.evaluate_loss(fresh, X_val, Y_val)


rates = [1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0]
reached = [min(after_200_steps(fresh_model(), rate), 5) for rate in rates]
assert 1e-3 < rates[reached.index(min(reached))] < 0.1
plots.plot_curves(
    {"after 200 steps": (rates, reached)},
    "Too small crawls, too large stumbles",
    xlabel="learning rate (logarithmic scale)",
    ylabel="held-out loss, nats (5: or worse)",
    lines={"ln 27": math.log(27)},
    log_x=True,
)

# %% [markdown]
# Choose a rate near the lowest point. Such a search is called a **learning-rate
# finder**. (Ready-made ones raise the rate during a single run.)
#
# **The first weights.** Multiply the output layer's fresh weights. Look at the loss
# before any training, and after 200 steps.

# %% tags=["close"]
for factor in (0, 1, 10, 100):
    fresh = fresh_model(factor)
    start = batches.evaluate_loss(fresh, X_val, Y_val)
    later = after_200_steps(fresh, 0.01)
    print(f"weights x {factor:3d}: loss {start:5.2f}, after 200 steps {later:.1f}")
    assert factor > 0 or math.isclose(start, math.log(27), rel_tol=1e-5)
assert start > 10  # the last one: confident, and wrong

# %% [markdown]
# Large first weights make a model *confidently wrong* before it has seen anything. The
# last model spends its 200 steps on undoing that, and gets little further than the first
# two were at the start. A start near the logarithm of 27 is a free check of your code.
#
# ## Check yourself
#
# ### Catch the slide
#
# The lecture sums up: nobody told the network anything, it saw names only, and now it
# knows the *rules* of names; even the vowels have come together. You have seen what
# speaks for "patterns". Now test the vowels. A picture on a plane can deceive, so
# measure in all ten dimensions. The **cosine** of two embeddings is 1 if they point the
# same way, 0 if they are at right angles, -1 if they are opposite. And let chance play
# against the vowels: 1,000 groups of any five letters.

# %% tags=["ledger:C16", "close:0.05", "counts:5"]
E = torch.nn.functional.normalize(model.embedding.weight.detach(), dim=1)
cosine = E @ E.T


def inside_and_outside(group):
    n, others = len(group), [i for i in range(1, 27) if i not in group]
    inside = cosine[group][:, group].sum() - n  # a letter with itself does not count
    return inside.item() / (n * n - n), cosine[group][:, others].mean().item()


vowels, consonants = names.encode("aeiou"), names.encode("bcdfghjklmnpqrstvwxyz")
inside, outside = inside_and_outside(vowels)
print(f"vowel-vowel {inside:.2f}, vowel-consonant {outside:.2f}", end=", ")
print(f"consonant-consonant {inside_and_outside(consonants)[0]:.2f}")

dice = torch.Generator().manual_seed(0)
drawn = [(torch.randperm(26, generator=dice)[:5] + 1).tolist() for _ in range(1000)]
by_luck = [inside_and_outside(group) for group in drawn]
as_alike = sum(chance[0] >= inside for chance in by_luck) / len(by_luck)
as_apart = sum(chance[1] <= outside for chance in by_luck) / len(by_luck)
print(f"groups by luck: {as_alike:.0%} as alike, {as_apart:.0%} as far from the rest")
assert as_apart < 0.02 < as_alike
assert inside > outside

# %% [markdown]
# Which words of the summary can stay?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# "Patterns" can stay: the network wrote far more held-out names than the table of
# pairs. "Rules" cannot: it holds probabilities, and a hot sampler (lesson 8) breaks
# every rule of spelling. "Vowels come together" holds in a weak form. In this
# one training, groups drawn by luck are as alike often enough (other first weights may
# say otherwise). What luck hardly ever does is to
# put a group so far from the rest. There are two loose groups, vowels and consonants,
# and that is all that "cluster" may mean here.
#
# </details>
#
# ### Questions
#
# **1.** A model's loss on Tiny World is below the floor. What do you do?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Search for the bug. Nothing can be below the entropy, except by luck on a few words.
# Most often the model can see the word it should predict.
#
# </details>
#
# **2.** In the toy, "softly" comes nine times in ten. What does that choice cost on
# average, and why is it so much cheaper than the animal?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The entropy of (0.9, 0.1): the whole bill less the animal's. An event that is nearly
# certain is hardly a surprise; the rare one is dear but rare.
#
# </details>
#
# **3.** The MLP with ten words is better than the one with three. Why not take a window
# of one hundred?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Each place in the window has weights of its own, so a fact must be learned anew for
# every distance at which it may stand, and the layer grows. Lesson 11 finds another way.
#
# </details>
#
# **4.** Your turn: give the toy a fourth animal, in `SOUNDS`, `write` and `chance`.
# (The assert on the bigram's cost knows only the old toy: take it out.) What is the
# entropy now, and what does the bigram pay? Then change the sentence to `f"{manner} the
# {animal} says {SOUNDS[animal]}"` and to `f"{manner} {animal} {SOUNDS[animal]}"`. What
# changes?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# More animals, more entropy. The order of the words does not change it. The bigram
# still pays twice in the first sentence, since "says" hides the animal. In the last
# one the sound stands next to its animal, and the bigram pays the entropy exactly.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** Compare a loss with the best possible one. In a world that you program you
#   know it exactly.
# - **Formula.** Entropy = mean of the bills; a bill adds up $-\ln p$ of the choices.
# - **Pitfall.** What a network "knows" must be measured, and measured against luck.
# - **In the library:** `tiny_world` (the world, its parser, its floor),
#   `functional.entropy`, `names.novelty`.
#
# **Homework:** [Homework 9](homework/hw09.ipynb), about 60 minutes. A badge under
# each check says at once whether your answer is right.
#
# **Next:** the pieces that a model reads are called **tokens**. So far they were
# letters, or whole words. What does a large model see? [10. Tokens](10_tokens.ipynb)
