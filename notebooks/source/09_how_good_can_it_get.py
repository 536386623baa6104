# %% [markdown]
# # 9. How good can it get?
#
# **How low can a loss get at all, and what does a loss not tell?**
#
# The network of lesson 7 pays about two nats for each letter. Is that good? You cannot
# say without knowing the best possible loss. In lesson 6 we counted a floor for one list
# of names. But for names that are on no list, and for English, nobody knows the floor. So
# in this lesson we write a small language *ourselves*. Because we made it, we know
# exactly how much of it can be predicted. Then we let models of three kinds run against
# that floor.
#
# - **You will** compute the exact entropy of a **grammar** (here: a small program that writes
#   sentences), see the price above each word of a story, compare three kinds of models with
#   the floor, and find out whether the probabilities of a model can be believed.
# - **You need** lesson 3 (cross-entropy, entropy), lesson 6 (held-out, over-fitting,
#   interpolation) and lesson 7 (the network).
# - **Time** 65 minutes, of which the machine needs about one. On a first reading, skip
#   the parts marked *more*: then 50.
# - **Back** [8. Temperature](08_temperature.ipynb) · **Next** [10. Tokens](10_tokens.ipynb)

# %%
import copy
import itertools
import json
import math
import random
from collections import Counter

import torch
from torch.nn import functional as F

import tiny_world as world
from course_lib import batches, functional, mlp, names, ngram
from course_lib.generate import sample_names
from course_lib.train import TrainConfig, keep_best, train
from course_play.boxes import GREY, ORANGE, plot_flow
from course_play.plots import plot_curves
from course_play.prices import plot_prices
from course_play.widgets import EmbeddingMap, Predict

torch.set_printoptions(precision=3, sci_mode=False)

# %% [markdown]
# ## Predict first
#
# A toy writes one sentence of four words: *the cat says meow*, *the dog says woof* or
# *the owl says hoot*. Each of the three comes equally often. A model that knows the toy
# perfectly reads the sentence word by word. Before each word it says what comes next, as
# well as anybody can, and it pays the surprise, $-\ln p$.

# %% tags=["hide-input"]
# the answer is computed here; look at it after your guess
three = [["the", x, "says", sound] for x, sound in enumerate(["meow", "woof", "hoot"])]
beginnings = [len({tuple(s[:i]) for s in three}) for i in range(5)]  # 1, 1, 3, 3, 3
surprising = [more > less for less, more in itertools.pairwise(beginnings)]
Predict(
    "For how many of the four words does the perfect model pay anything?",
    str(sum(surprising)),
    options=("0", "1", "2", "3", "4"),
    because="Only the animal is uncertain, one of three: it costs ln 3. "
    "`the` and `says` are always there, and who knows the animal knows its sound.",
)

# %% [markdown]
# ## Build it by hand
#
# ### A toy language
#
# Here is a slightly larger toy. It makes every choice through one function, `pick`. It
# does not care how `pick` decides: we can plug in a random choice, or something else.


# %%
SOUNDS = {"cat": "meow", "dog": "woof", "owl": "hoot"}


def write(pick):
    animal = pick({"cat": 0.5, "dog": 0.25, "owl": 0.25})
    manner = pick({"softly": 0.9, "loudly": 0.1})
    return f"the {animal} {manner} says {SOUNDS[animal]}"


# %%
random.seed(0)


def at_random(options):  # each option with its own probability
    return random.choices(list(options), list(options.values()))[0]


for _ in range(3):
    print(write(at_random))

# %% [markdown]
# ### The price of a sentence
#
# Take *the cat softly says meow* and read it with a perfect model. Two choices were made:
# the animal, with p = 0.5, and the manner, with p = 0.9. All other words follow.

# %%
path = {"the": 1.0, "cat": 0.5, "softly": 0.9, "says": 1.0, "meow": 1.0}
steps = [(word, f"{math.log(1 / p):.3f}") for word, p in path.items()]
colors = [GREY if p == 1 else ORANGE for p in path.values()]
plot_flow(steps, "What a perfect model pays for each word, in nats", colors=colors)

# %% [markdown]
# The price of the sentence is the sum. The other sentences have other prices. There are
# only six, so we list all of them. Each path through the grammar multiplies its
# probabilities.

# %%
chance = {"cat": 0.5, "dog": 0.25, "owl": 0.25, "softly": 0.9, "loudly": 0.1}
sentences = {}
for animal in SOUNDS:
    for manner in ("softly", "loudly"):
        text = f"the {animal} {manner} says {SOUNDS[animal]}"
        p = chance[animal] * chance[manner]
        sentences[text] = p
        print(f"{text:25s} p = {p:.3f}, -ln p = {-math.log(p):.3f}")

# %% [markdown]
# The **entropy** of the toy is the mean price, where each sentence counts as often as it
# comes. It is the lowest loss that any model can have on this language in the long run. We
# call it the **floor** (elsewhere: entropy rate, irreducible loss).

# %%
assert len(sentences) == 6  # no two paths write the same sentence
p = torch.tensor(list(sentences.values()), dtype=torch.float64)  # (6,)
assert torch.isclose(p.sum(), torch.tensor(1.0, dtype=torch.float64))
listed = -(p * p.log()).sum().item()
print(f"entropy {listed:.4f} nats a sentence = {listed / 5:.4f} nats a word")

# %% [markdown]
# ### Keep the bill while you write
#
# A rich language has too many sentences to list. But the writer knows the price while it
# writes: whenever `pick` chooses, we note $-\ln p$ of the choice. At the end, the notes
# add up to $-\ln p$ of the whole sentence. (`pick` is a function inside a function, so it
# can write into `bill`.) Let us call the notes the **bill**. The mean of many bills comes
# near the entropy.


# %%
def write_with_bill():
    bill = []

    def pick(options):
        choice = at_random(options)
        bill.append(-math.log(options[choice]))
        return choice

    text = write(pick)
    return text, sum(bill)


# %%
text, nats = write_with_bill()
assert math.isclose(nats, -math.log(sentences[text]))
print(f"{text!r} costs {nats:.3f} nats")
bills = torch.tensor([write_with_bill()[1] for _ in range(20_000)])  # (20000,)
error = bills.std() / math.sqrt(len(bills))  # lesson 6
print(f"mean of 20,000 bills {bills.mean():.3f}, standard error {error:.3f}")
assert abs(bills.mean() - listed) < 5 * error

# %% [markdown]
# There is one condition. The reader must be able to see in the text which choices were
# made. If two different rows of choices wrote the same sentence, its bill would be too
# high, because the reader need not know which of the two it was. (That is why we checked
# that there are six different sentences.)
#
# > **For children (and for the rest of us).** A game of stories. Whenever the teller rolls a
# > die to decide what happens, a listener pays one coin for each thing that could not be
# > known. What everybody could know already is free. In the long run no listener, however
# > clever, can pay less than the dice cost.
#
# ### A short memory pays twice
#
# What does a model pay that sees only one word back, a bigram? When the sound comes, it
# sees only `says`. It has forgotten the animal, so it must pay for the animal once more.

# %%
pairs, firsts = Counter(), Counter()  # how often, per sentence
for sentence, prob in sentences.items():
    for pair in itertools.pairwise(["<start>", *sentence.split()]):
        pairs[pair] += prob
        firsts[pair[0]] += prob
# the best bigram table holds the shares (lesson 5)
bigram_cost = -sum(n * math.log(n / firsts[a]) for (a, _), n in pairs.items())
animal_cost = functional.entropy(torch.tensor([chance[a] for a in SOUNDS])).item()
print(f"bigram {bigram_cost:.4f} - floor {listed:.4f} = {bigram_cost - listed:.4f}")
print(f"the price of the animal alone:         {animal_cost:.4f}")
assert math.isclose(bigram_cost, listed + animal_cost, rel_tol=1e-5)

# %% [markdown]
# The two numbers agree. Here the distance of the bigram from the floor is exactly the
# price of what it has forgotten. (`n / firsts[a]` is the share of this pair among all
# pairs that begin like it.)
#
# ### Tiny World
#
# The course has a bigger language of the same kind. **Tiny World** is a program that
# writes stories, biographies, quizzes, lists, codes and echoes, about people and animals
# that do not exist. It keeps the bill word by word. Here is one of its stories.

# %%
tiny = world.World(seed=0)
stories = (d for d in tiny.stream("val") if d.kind == "story")
story = next(d for d in stories if "ate" in d.words)  # with a meal in it
print(story.text)
n_free = sum(nats == 0 for nats in story.nats)
print(f"\n{story.n_words} words and marks, {n_free} of them free", end=", ")
print(f"together {story.total_nats:.2f} nats")

# %% [markdown]
# And here is its bill. The bold words cost something, even for a reader who knows Tiny
# World perfectly. The grey words are free, because they follow from what was said before.

# %%
plot_prices(
    story.words,
    {"floor": story.nats},
    "Above each word: what a perfect reader pays for it",
    per_row=11,
)

# %% [markdown]
# Read it slowly, because the rest of the lesson is about this picture.
#
# - The **animal** and its **name** are dear when they come for the first time. Later the name
#   at the end of the story is free.
# - The **food** and the **home** are free. In Tiny World each kind of animal eats one thing
#   and lives in one place. Whoever remembers the animal knows both.
# - Most small words are free because of grammar.
# - The writer also decides how to call the animal (*The duck*, *Puff* or *It*), what it does
#   next, and when the story ends (*Good*). These choices cost something even at the end.
#
# A model with a short memory pays again and again for things that were said too long ago.
# A model that remembers pays once.
#
# ## Compare with torch
#
# Is the bill right? The library can also *read*. It takes the bare text, finds the choices
# that must have been made, and adds up their prices. Reader and writer must agree, on 300
# documents.

# %%
documents = [tiny.document(i, "val") for i in range(300)]
for document in documents:
    assert abs(tiny.parse(document.text).total_nats - document.total_nats) < 1e-9
per_word = world.floor(documents)
per_character = world.floor(documents, lambda d: d.n_chars)
print(f"floor: {per_word:.3f} nats per word, {per_character:.3f} nats per character")

# %% [markdown]
# The two floors are the same bill, divided once by words and once by characters. When you
# compare losses, always ask: nats per *what*? And for the toy, torch and the library give
# the same entropy as our list.

# %%
n_words = sum(d.n_words for d in documents)
n_chars = sum(d.n_chars for d in documents)
assert math.isclose(per_word * n_words, per_character * n_chars)
assert math.isclose(functional.entropy(p).item(), listed)
assert math.isclose(torch.distributions.Categorical(p).entropy().item(), listed)
print(f"{n_words:,} words, {n_chars:,} characters")

# %% [markdown]
# ## See it
#
# ### Three kinds of models
#
# Now we let models run against the floor: tables, networks with a fixed window, and a
# small GPT. All of them are asked about the same held-out words. The texts are cut into
# rows of 129 words. Word number 0 is the end mark `<eot>`, which stands between two
# documents.

# %%
V = world.VOCAB_SIZE
held = world.token_rows(tiny, "val", 0, n_rows=128, length=129)
learn = world.token_rows(tiny, "train", 0, n_rows=2000, length=129)
floor = held.nats[:, 1:].mean().item()
print(f"{learn.tokens.numel():,} words to learn from, {V} different words")
print(f"{held.tokens[:, 1:].numel():,} held-out words, floor {floor:.3f} nats per word")
assert floor > per_word
heads = [n for d in documents for n in d.nats[:10]]
tails = [n for d in documents for n in d.nats[10:]]
print(f"first ten words of a document {sum(heads) / len(heads):.2f}", end=", ")
print(f"later ones {sum(tails) / len(tails):.2f} nats per word")

# %% [markdown]
# (The floor of the rows is a little higher than that of the 300 whole documents. The rows
# cut their last document off, so they hold more beginnings than ends, and beginnings hold
# the most surprises.)
#
# A model with a window of $k$ words needs questions: $k$ words, and the word that comes.
# `unfold` gives every run of $k$ neighbours in a row. Where a row begins, end marks fill
# the window.


# %%
def word_windows(tokens, k):
    """Rows (N, L + 1) -> contexts (N * L, k) and targets (N * L,)."""
    padded = F.pad(tokens[:, :-1], (k - 1, 0))  # (N, L + k - 1), END in front
    contexts = padded.unfold(1, k, 1)  # (N, L, k)
    return contexts.reshape(-1, k), tokens[:, 1:].reshape(-1)


# %%
toy_row = torch.tensor([[0, 7, 8, 9]])  # (1, 4)
print(word_windows(toy_row, 2))

# %% [markdown]
# **The tables.** First word pairs, then interpolation with up to four words (lesson 6).
# As in lesson 7, each word gets a sign of its own, as if it were a letter of a large
# alphabet. The strength and the memory are chosen on the held-out words themselves, which
# favours the table a little.

# %% tags=["close"]
signs = names.ALPHABET[names.END] + "".join(chr(0x4E00 + i) for i in range(1, V))
rows = ["".join(signs[i] for i in row) for row in learn.tokens.tolist()]
four_words = ngram.NGram.fit(rows, 4, strength=15, interpolate=True, alphabet=signs)
pair_table = ngram.NGram.fit(rows, 1, strength=15, interpolate=True, alphabet=signs)


def held_loss(model):
    x, y = word_windows(held.tokens, model.context_size)
    return batches.evaluate_loss(model, x, y)


# %% tags=["close"]
table_losses = {}
for strength in (15, 60, 240):
    table = four_words
    while table is not None:  # the same strength for it and the shorter ones it asks
        table.strength, table = strength, table.shorter
    for one in (four_words.shorter, four_words):
        table_losses[one.context_size, strength] = held_loss(one)
for (memory, strength), loss in table_losses.items():
    print(f"{memory} words, strength {strength:3d}: {loss:.2f}")
ladder = {"pairs": held_loss(pair_table)}
ladder["table, 4 words"] = min(table_losses.values())
print(f"pairs {ladder['pairs']:.2f}, floor {floor:.2f} nats per word")

# %% [markdown]
# Four words beat three, but only by a little. (We stop at four. The best value lies at
# the edge of the search, so a longer memory may still be a little better. The networks
# below were not searched at all.)
#
# **The networks.** The same class as for names, with windows of three and of ten words.


# %%
def train_mlp(k):
    config = mlp.NameMLPConfig(vocab_size=V, context_size=k, emb_dim=24, hidden_dim=128)
    model = mlp.NameMLP(config, torch.Generator().manual_seed(0))
    records = train(
        model,
        batches.mini_batches(*word_windows(learn.tokens, k), batch_size=512),
        TrainConfig(steps=600, learning_rate=0.01, schedule="linear", eval_every=100),
        evaluate=held_loss,
    )
    return model, {r.step * 512: r.val_loss_nats for r in records if r.val_loss_nats}


# %% tags=["close"]
mlp_3, curve_3 = train_mlp(3)
mlp_10, curve_10 = train_mlp(10)
ladder |= {"MLP, 3 words": curve_3[600 * 512], "MLP, 10 words": curve_10[600 * 512]}
print(f"MLP-3 {ladder['MLP, 3 words']:.2f}, MLP-10 {ladder['MLP, 10 words']:.2f}")

# %% [markdown]
# **A preview: a small GPT.** To predict a word, it may look at *every* earlier word of
# its row, and it learns where to look. This looking back is called **attention**; you
# build it in lessons 11 to 14. Its training takes several minutes, so we load the trained
# model from a file. The file also holds the losses that were measured on these held-out
# words during its training. (The command `course snapshots` makes the file again.)

# %% tags=["close"]
gpt = world.load_base()
with torch.no_grad():
    logits = gpt(held.tokens[:, :-1])  # (128, 128) -> (128, 128, V)
targets = held.tokens[:, 1:]  # (128, 128)
by_gpt = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
ladder["GPT"] = by_gpt.mean().item()
above = by_gpt - held.nats[:, 1:].flatten()  # (N,)
error = above.std() / math.sqrt(len(above))
print(f"GPT minus floor: {above.mean():.3f}, standard error {error:.3f}")
print(f"GPT {ladder['GPT']:.3f}, floor {floor:.3f} nats per word")
assert min(ladder.values()) == ladder["GPT"] > floor

# %% [markdown]
# ### The comparison, with all that belongs to it
#
# A loss alone is not a fair comparison. The models have different sizes, and they have
# read different numbers of words. So we print both. (The networks draw their words at
# random from the same 258,000, the GPT always got new ones.)

# %%
stored = json.loads((names.NAMES_FILE.parent / "snapshots/world_base.json").read_text())
curve_gpt = {step * stored["words_per_step"]: loss for step, loss in stored["curve"]}
numbers = {"pairs": (pair_table.counts > 0).sum().item()}
chain, table = [], four_words
while table is not None:
    chain, table = [*chain, table], table.shorter
numbers["table, 4 words"] = sum((t.counts > 0).sum().item() for t in chain)
for what, net in {"MLP, 3 words": mlp_3, "MLP, 10 words": mlp_10, "GPT": gpt}.items():
    numbers[what] = sum(w.numel() for w in net.parameters())

# %% tags=["close", "counts:2"]
words_read = dict.fromkeys(ladder, learn.tokens.numel())
words_read |= {what: 600 * 512 for what in ("MLP, 3 words", "MLP, 10 words")}
words_read["GPT"] = max(curve_gpt)
print("model            numbers  words read   loss  above the floor")
for what, loss in ladder.items():
    print(
        f"{what:14s} {numbers[what]:9,}  {words_read[what]:10,}   {loss:.2f}", end="  "
    )
    print(f"{loss - floor:.2f} nats, {loss / floor - 1:.0%}")
assert list(ladder.values()) == sorted(ladder.values(), reverse=True)

# %% [markdown]
# ("Numbers" are the counts that a table stores, and the parameters of a network.) The GPT
# comes nearest to the floor, but it is also the largest and has read the most. Is it only
# that? The curves show the losses after the *same* number of words.

# %% tags=["close"]
equal = 600 * 512
print(
    f"after {equal:,} words: MLP-10 {curve_10[equal]:.2f}, GPT {curve_gpt[equal]:.2f}"
)
assert curve_gpt[equal] < curve_10[equal] - 0.1
curves = {"MLP, 3 words": curve_3, "MLP, 10 words": curve_10, "GPT": curve_gpt}
plot_curves(
    {what: (list(c)[1:], list(c.values())[1:]) for what, c in curves.items()},
    "After the same number of words, the model that looks back is ahead",
    xlabel="words read in training (logarithmic scale)",
    ylabel="held-out loss, nats per word",
    lines={
        "pairs": ladder["pairs"],
        "4 words": ladder["table, 4 words"],
        "floor": floor,
    },
    log_x=True,
)

# %% [markdown]
# The GPT is ahead after the same number of words. This is still no proof: it has more
# parameters, and we did not search for the best settings of the networks. Their curves
# are still falling at their end. But there is a reason why they cannot reach the floor:
# no training brings in a word that stands outside the window, unless another word inside
# the window gives it away. Let us see where the window loses. It is our story again, now
# with three bills.


# %%
def bill_of(model, words):
    """What a model pays for each word of a document, in nats: (L,)."""
    row = torch.tensor([world.encode([world.EOT, *words])])  # (1, L + 1)
    with torch.no_grad():
        if model is gpt:
            logits = gpt(row[:, :-1])[0]  # (1, L) -> (L, V)
        else:
            logits = model(word_windows(row, model.context_size)[0])  # (L, V)
    return F.cross_entropy(logits, row[0, 1:], reduction="none")


# %% tags=["close:0.1"]
bills = {"floor": story.nats}
for what, net in {"GPT": gpt, "MLP, 10 words": mlp_10}.items():
    bills[what] = bill_of(net, story.words).tolist()
plot_prices(
    story.words, bills, "Who has forgotten the animal pays for it again", per_row=11
)

# %% tags=["close:0.1"]
for i, (word, tag) in enumerate(zip(story.words, story.tags, strict=True)):
    if tag in ("coref", "hero"):
        paid = ", ".join(f"{what} {bill[i]:.2f}" for what, bill in bills.items())
        print(f"word {i}, {word!r}: {paid}")

# %% [markdown]
# For the first words the bills are nearly alike. Some are even a little below the floor:
# on a single word a model may be lucky, as a player may be lucky with one roll of the
# dice. It pays for that in other stories, and the mean over many words cannot be below
# the floor. Then the network with the window falls behind. Look at three words:
#
# - **Puff**, the last one (word 30). The name was said 14 words before. That is outside
#   the window of ten, and nothing inside tells it. No training can bring it in. There are
#   20 pet names, so a reader who has forgotten it can only guess. At its first mention
#   `Puff` cost ln 20 = 3.00, and here it costs the network still more: from `It` one
#   cannot even see whether the animal has a name.
# - **seeds** (word 18). The duck was mentioned 8 words before. That is *inside* the
#   window. But each place in the window has its own weights. So the network must learn
#   "eight words after `duck` comes `seeds`" separately from the same rule for seven words
#   and for nine words.
# - **pond** (word 25). The duck is outside the window, but `seeds` is inside, and only
#   ducks eat seeds. A clever reader could know the pond from the seeds. The network has
#   learned this only in part: it pays less than for the other two.
#
# (The highest bar of all is the second `Puff`, word 16, which is not in the list. Its
# name was said 9 words before, just inside the window: the same trouble as with the
# seeds.)
#
# The GPT has learned to look back to the animal, wherever it stands.
#
# Is that so in all documents? Tiny World marks words with a **tag**. Four of the tags are:
#
# - *coref*: a sound, food or home of an animal that was last mentioned by a pronoun
#   ("**it** went home to the ..."), such as `pond` above (`seeds` and the last `Puff`
#   have another tag, *hero*: there the animal is named or its name is said again);
# - *context*: a fact about a person that was told earlier in the same text;
# - *induction*: the meaning of a code word that was explained before;
# - *new*: drawn freely, so nobody can know it.

# %% tags=["close:0.1"]
x, y = word_windows(held.tokens, 10)
with torch.no_grad():
    by_mlp = F.cross_entropy(mlp_10(x), y, reduction="none")  # (N,)
tags, best = held.tags[:, 1:].flatten(), held.nats[:, 1:].flatten()  # (N,) each
for i, tag in enumerate(world.TAGS):
    if tag in ("coref", "context", "induction", "new"):
        here = tags == i
        print(
            f"{tag:9s} {here.sum():4d} words: floor {best[here].mean():.2f}", end=", "
        )
        print(f"MLP-10 {by_mlp[here].mean():.2f}, GPT {by_gpt[here].mean():.2f}")

# %% [markdown]
# The first three kinds are free for a reader who remembers, and the GPT has learned them
# nearly perfectly. The *new* words surprise everybody. How the GPT can look up the
# meaning of a code word that nobody has ever used before is a story of its own: lesson 15
# tells it.
#
# ### And for real text?
#
# For English nobody knows the floor, because nobody has written the program behind it.
# What can one say?
#
# - **From above:** the held-out loss of any model is an upper bound. The true entropy is not
#   higher than the loss of the best model that we have. (A lower loss may come tomorrow.)
# - **From people:** Claude Shannon let people guess the next letter of a text in 1951.
#   From their guesses he estimated between 0.6 and 1.3 bits (0.4 to 0.9 nats) per letter
#   of English. The lower number assumes that people guess as well as anybody can.
# - **From curves:** train models of several sizes and look where the losses seem to level
#   off. The laws of such curves are called **scaling laws**.
# - **From below:** nothing that is certain. So a loss that is *too* good is a warning. On
#   Tiny World a loss below the floor is a bug; on English it may be a leak.
#
# ## Why does this work?
#
# ### What the loss does not tell: is the model honest?
#
# Back to the names. Lesson 3 called a model **calibrated** if, of all the letters to
# which it gives 30 %, 30 in 100 really come. We collect *all* probabilities that a
# network says about held-out names, sort them by their size into groups, and count how
# often they came true. First the recipe of lesson 7, with early stopping. (We keep its
# embeddings on the way; you play with them below.)

# %% tags=["close"]
splits = names.split_names(names.load_names())
X, Y = names.windows(splits.train, 3)  # (N, 3) and (N,)
X_val, Y_val = names.windows(splits.val, 3)
model = mlp.NameMLP(mlp.NameMLPConfig(hidden_dim=64), torch.Generator().manual_seed(0))
records = train(
    model,
    batches.mini_batches(X, Y, batch_size=256),
    TrainConfig(steps=1200, learning_rate=0.01, schedule="linear", eval_every=100),
    evaluate=lambda m: batches.evaluate_loss(m, X_val, Y_val),
)
snapshots = {}
for record in keep_best(records, model):
    if record.step % 100 == 0:
        snapshots[record.step] = model.embedding.weight.detach().clone()
print(f"held out {batches.evaluate_loss(model, X_val, Y_val):.2f} nats per letter")


# %%
EDGES = (0, 0.05, 0.1, 0.2, 0.4, 0.6, 1.01)


def calibration(net, X, Y):
    """For each group: what was said on average, what came, how many cases."""
    with torch.no_grad():
        said = net(X).softmax(-1)  # (N, 27)
    came = F.one_hot(Y, said.shape[1]).float()  # (N, 27)
    groups = [(said >= a) & (said < b) for a, b in itertools.pairwise(EDGES)]
    return [
        (said[g].mean().item(), came[g].mean().item(), int(g.sum())) for g in groups
    ]


# %% tags=["ledger:C5", "close:0.05", "counts:60"]
for said, came, n in calibration(model, X_val, Y_val):
    error = math.sqrt(came * (1 - came) / n)
    print(f"said {said:.2f}: came {came:.2f} +- {error:.2f} of the time, {n:6,} cases")
    assert abs(said - came) < 0.08

# %% [markdown]
# What it says comes true about as often as it says. (After the +- stands the standard
# error.) Nobody trained it for that. It follows from the loss: cross-entropy is a proper
# scoring rule, and an honest answer costs least (lesson 3).
#
# But it follows only as long as the model does not over-fit. We train a larger network on
# every sixth training name, and we do not stop it. From the same run we keep two copies:
# one from the step with the lowest held-out loss, and one from the end.

# %%
few_names = splits.train[::6]
few = names.windows(few_names, 3)  # (N, 3) and (N,)
late = mlp.NameMLP(mlp.NameMLPConfig(hidden_dim=200), torch.Generator().manual_seed(0))
records = train(
    late,
    batches.mini_batches(*few, batch_size=256),
    TrainConfig(steps=1400, learning_rate=0.004, schedule="constant", eval_every=50),
    evaluate=lambda m: batches.evaluate_loss(m, X_val, Y_val),
)

# %% tags=["close:0.1"]
lowest = math.inf
for record in records:
    if record.val_loss_nats and record.val_loss_nats < lowest:
        lowest, early = record.val_loss_nats, copy.deepcopy(late)
for what, net in {"stopped in time": early, "trained on": late}.items():
    on_few = batches.evaluate_loss(net, *few)
    held_out = batches.evaluate_loss(net, X_val, Y_val)
    print(
        f"{what:15s} its {len(few_names)} names {on_few:.2f}, held out {held_out:.2f}"
    )

# %% [markdown]
# Now the groups of both copies on held-out names, and for the second copy also on the
# names that it has learned from.

# %% tags=["ledger:C5", "close:0.1"]
lines = {
    "stopped in time": calibration(early, X_val, Y_val),
    "trained on": calibration(late, X_val, Y_val),
    "trained on, its own names": calibration(late, *few),
}
points = {"honest": ([0, 1], [0, 1])}
for what, groups in lines.items():
    points[what] = [said for said, _, _ in groups], [came for _, came, _ in groups]
picture = plot_curves(
    points,
    "Trained too long, a network promises more than it keeps",
    xlabel="probability that the network said",
    ylabel="how often it came true",
)
for line in picture.figure.axes[0].lines[1:]:
    line.set_marker("o")  # one point for each of the six groups
picture

# %% tags=["ledger:C5", "close:0.1", "counts:80"]
too_sure = {}
for what, groups in lines.items():
    said, came, n = groups[-1]
    too_sure[what] = said - came
    error = math.sqrt(came * (1 - came) / n)
    print(f"{what:25s} its surest {n:4d} cases: said {said:.2f}", end=", ")
    print(f"came {came:.2f} +- {error:.2f}")
assert too_sure["trained on"] > too_sure["stopped in time"] + 0.03
assert too_sure["trained on"] > 0.1 > too_sure["trained on, its own names"]

# %% [markdown]
# Such a picture is called a **reliability diagram** (elsewhere: calibration curve). A
# model whose curve is below the diagonal is **over-confident**: it promises more than
# comes true. On the names that it has learned from, its large probabilities are deserved.
# But it is just as sure on new names, and there they are not.
#
# The copy that was stopped in time is a little too sure as well: 0.71 against 0.63, with
# a standard error of 0.03. Even at its lowest held-out loss it knows its own 531 names
# better (1.94) than new ones (2.32). So early stopping makes the fault small; it does not
# remove it. (On its own names the late copy is even a little too careful.)
#
# For a calibrated model you can believe the numbers. For an over-confident one, a
# temperature above 1 (lesson 8) helps, because it makes all answers less sure. This
# repair is called **temperature scaling** (Guo and others, 2017). (We choose T on the
# same held-out names on which we then measure; one number chosen on thousands of
# questions does little harm.)

# %% tags=["close:0.1"]
with torch.no_grad():
    held_logits = late(X_val)  # (N, 27)
cost = {T: F.cross_entropy(held_logits / T, Y_val).item() for T in (1, 1.25, 1.5, 2, 3)}
for T, loss in cost.items():
    print(f"T = {T}: held-out loss {loss:.2f}")
best_T = min(cost, key=cost.get)
assert best_T > 1
said, came, n = calibration(lambda x: late(x) / best_T, X_val, Y_val)[-1]
error = math.sqrt(came * (1 - came) / n)
print(f"at T = {best_T} its surest {n} cases: said {said:.2f}", end=", ")
print(f"came {came:.2f} +- {error:.2f}")

# %% [markdown]
# At $T = 2$ the loss is 2.38 instead of 2.71. That is most of the way back to 2.32, the
# loss of the copy that was stopped in time, and no weight has changed. The order of the
# letters is what it was; the network only says it less loudly. It is very sure much less
# often now, and then it is right about as often as it says.
#
# ### Does it invent, or recite? (*more*)
#
# The share of the written names that are not in the training list is called the
# **novelty**. A high novelty is easy: rubbish is new, too. So we count how many *real*
# names a model writes that it was not trained on, the held-out names. And we let two
# tables write as well, each with a strength that suits it (lesson 6).

# %% tags=["ledger:C15", "close:0.5", "counts:8", "words:0.5"]
writers = {
    "table, 1 letter": ngram.NGram.fit(splits.train, 1, strength=1.0),
    "table, 5 letters": ngram.NGram.fit(splits.train, 5, strength=27, interpolate=True),
    "network": model,
}
found = {}
for what, writer in writers.items():
    written = sample_names(writer, 5000, generator=torch.Generator().manual_seed(0))
    found[what] = [set(written) & set(part) for part in (splits.train, splits.val)]
    new = names.novelty(written, splits.train)
    print(f"{what:17s} novelty {new:4.0%}", end=", ")
    print(f"{len(found[what][0])} training names, {len(found[what][1])} held-out names")
print("of the network:", ", ".join(sorted(found["network"][1])[:8]))

# %% tags=["close:0.3"]
share = {
    what: (len(train_found) / len(splits.train), len(val_found) / len(splits.val))
    for what, (train_found, val_found) in found.items()
}
for what, (of_train, of_val) in share.items():
    print(f"{what:17s} wrote {of_train:.1%} of the training names,", end=" ")
    print(f"{of_val:.1%} of the held-out names")
assert share["network"][1] > 1.3 * share["table, 1 letter"][1]
assert share["table, 5 letters"][0] > 1.3 * share["table, 5 letters"][1]
assert share["network"][0] < 1.3 * share["network"][1]

# %% [markdown]
# The network wrote 4.1 % of the training names and 4.5 % of the held-out names. (The
# counts of held-out names are small: the standard error of a count is about its square
# root, so 17 is 17 +- 4.) We can see no difference between names that it has seen and
# names that it has not. So it does not recite; it has learned patterns.
#
# A table with one letter hits some short names by luck; it is the mark to beat. The
# network finds more held-out names than this table, 17 against 7, about two standard
# errors. The table with five letters finds as many, 18. But it writes twice as large a
# share of the training names, 9.2 % against 4.7 %. In part it recites: over-fitting, seen
# in the samples.
#
# ## Play with it
#
# The embeddings of the names network, from start to end. The map shows the end first.
# (Press *Play*, or click the slider and use the arrow keys.)
#
# - **Slide to the start, then to the end.** Do the vowels come together?
# - **Find two letters that end close together.** Put one in the place of the other in a name
#   that you know. Is it still a name?

# %% tags=["close:0.1"]
stack = torch.stack(list(snapshots.values()))  # (S, 27, 10)
centred = stack - stack.mean(1, keepdim=True)
_, _, axes = torch.linalg.svd(centred[-1], full_matrices=False)  # main directions
axes = axes[:2] * axes[:2].sum(1, keepdim=True).sign()  # one sign on every machine
kind = ["end" if c == "." else "vowel" if c in "aeiou" else "consonant"
        for c in names.ALPHABET]  # fmt: skip
EmbeddingMap(centred @ axes.T, list(snapshots), list(names.ALPHABET), kind)

# %% [markdown]
# ## Check yourself
#
# ### Fix the slide (*more*)
#
# A slide sums up: "Nobody told the network anything. It saw only names, and now it knows
# the *rules* of names. Even the *vowels have come together*." You have seen what speaks
# for "patterns". Now test the vowels. A picture on a plane can deceive, so we measure in
# all ten dimensions. The **cosine** of two embeddings is 1 if they point in the same
# direction, 0 if they are at right angles, and -1 if they are opposite.


# %%
E = F.normalize(model.embedding.weight.detach(), dim=1)  # (27, 10), each of length 1
cosine = E @ E.T  # (27, 27)


def inside_and_outside(group):
    """Mean cosine of two letters of the group, and of one inside with one outside."""
    n, others = len(group), [i for i in range(1, 27) if i not in group]
    inside = cosine[group][:, group].sum() - n  # a letter with itself does not count
    return inside.item() / (n * n - n), cosine[group][:, others].mean().item()


# %% [markdown]
# And luck plays against the vowels: 1,000 groups of any five letters. How many of them
# are as much alike as the vowels, and how many are as far from all other letters?

# %% tags=["ledger:C16", "close:0.05", "counts:40"]
vowels = names.encode("aeiou")
inside, outside = inside_and_outside(vowels)
consonants = [i for i in range(1, 27) if i not in vowels]
print(f"vowel-vowel {inside:.2f}, vowel-consonant {outside:.2f}", end=", ")
print(f"consonant-consonant {inside_and_outside(consonants)[0]:.2f}")
generator = torch.Generator().manual_seed(0)
drawn = [
    (torch.randperm(26, generator=generator)[:5] + 1).tolist() for _ in range(1000)
]
by_luck = [inside_and_outside(group) for group in drawn]
as_alike = sum(alike >= inside for alike, _ in by_luck)
as_apart = sum(apart <= outside for _, apart in by_luck)
print(f"of 1,000 groups: {as_alike} as alike, {as_apart} as far from the rest")

# %% tags=["ledger:C16"]
assert as_apart < 30
assert inside > outside

# %% [markdown]
# Which words of the slide can stay?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# "Patterns" can stay: the network writes held-out names as readily as training names, and
# more of them than the table with one letter. "Rules" cannot: it holds probabilities, and
# at a high temperature it breaks every rule of spelling (lesson 8). "Vowels have come
# together" is not quite what we measured. 175 of 1,000 groups drawn by luck are as much
# alike as the vowels, and the consonants are alike, too. But none of the 1,000 groups
# lies as far from all other letters. So the vowels stand *apart from the consonants*, in
# two loose groups, and the slide should say so.
#
# </details>
#
# ### Questions
#
# **1.** A model's loss on Tiny World is below the floor. What do you do?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Search for the bug. Nothing can be below the entropy, except by luck on a few words. Most
# often the model can see the word that it should predict.
#
# </details>
#
# **2.** In the toy, `softly` comes nine times in ten. What does this choice cost on
# average? Compute it, and say why it is cheaper than the animal.
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# -(0.9 ln 0.9 + 0.1 ln 0.1), about 0.325 nats. It is the entropy of the whole toy less the
# price of the animal. What is nearly certain is hardly a surprise, and the rare word costs
# much, but it comes rarely.
#
# </details>
#
# **3.** The network with ten words is better than the one with three. Why not take a
# window of one hundred?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Each place in the window has weights of its own. So a fact must be learned anew for
# every distance at which it may stand, and the layer grows with the window. Lesson 11
# finds another way.
#
# </details>
#
# **4.** Model A has a held-out loss of 1.9 nats per letter, model B of 6 nats per word. A
# word has about five letters and a space. Which one is better?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Model B. Six characters at 1.9 nats would cost 11.4 nats a word, and B pays 6. Losses
# can be compared only after the bills have been divided by the same thing.
#
# </details>
#
# **5.** In a place it rains on 70 % of all days. One weather forecast says "70 %" each
# day. Another one says "70 % rain" on 100 days, and it rains on 70 of them; on all other
# days it says 0 % or 100 %, and is always correct. Both are calibrated. Which one is
# better, and which number sees the difference?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The second one. Calibration does not see a difference between a forecast that knows much
# and one that only knows the average. The loss does: on the 100 days both pay the entropy
# of 70 %. On all other days the second one pays nothing, and the first one pays the same
# again.
#
# </details>
#
# **6.** Your turn, without an answer below: give the toy a fourth animal, in `SOUNDS`,
# `write` and `chance`. (The chances of the four animals must add up to 1. Take out the
# assert that there are six sentences, and run the cells down to the bigram.) What is the
# entropy now, and what does the bigram pay? Then change the sentence, in `write` and in
# the cell that lists all sentences, to `f"{manner} {animal} {SOUNDS[animal]}"`, and take
# out the last assert of the bigram cell. Why does the bigram reach the floor now?

# %% [markdown]
# ## Recap
#
# - **Idea.** Compare a loss with the best possible one. In a language that you program
#   yourself you know it exactly. A short memory pays twice.
# - **Formula.** Entropy = mean of the bills. A bill adds up $-\ln p$ of the choices.
# - **Pitfall.** Nats per what? And a low loss on the training names says nothing about
#   honesty: an over-fitted model is over-confident.
#
# | model | sees | shape: in -> out |
# |---|---|---|
# | table of k words | the last k words | (N, k) -> (N, V) |
# | MLP with a window | the last k words, each place with its own weights | (N, k) -> (N, V) |
# | GPT | all earlier words of the row | (B, T) -> (B, T, V) |
#
# | here | elsewhere |
# |---|---|
# | floor | entropy, entropy rate, irreducible loss |
# | bill, price of a word | surprisal, information content, code length |
# | window | context window of fixed size |
# | reliability diagram | calibration curve |
# | over-confident | one way to be miscalibrated |
# | novelty | share of new samples; its opposite: memorization |
#
# - **In the library:** `tiny_world` (the language, its reader, its floor),
#   `functional.entropy`, `names.novelty`.
#
# **Homework:** [Homework 9](homework/hw09.ipynb), about 90 minutes, of which 65 are core.
# A badge under each check says at once whether your answer is correct.
#
# **Next:** the pieces that a model reads are called **tokens**. So far they were letters,
# or whole words. What does a large model read? [10. Tokens](10_tokens.ipynb)
