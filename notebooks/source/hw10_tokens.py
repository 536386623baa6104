# %% [markdown]
# # Homework 10: tokens
#
# Five tasks with checks, and one question in words. It belongs to
# [lesson 10](../10_tokens.ipynb).
#
# | task | what it trains | minutes |
# |---|---|---|
# | 1 *core* | learn the merges | 15 |
# | 2 *core* | any text to tokens, and back | 15 |
# | 3 *core* | compare two tokenizers fairly | 10 |
# | 4 *more* | learn to count a letter | 10 |
# | 5 *more* | fix a program that shows `���` | 15 |
#
# About 75 minutes in all, with 10 for the question at the end. All cells together run in
# a few seconds.
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is correct and, if not, what kind of
# mistake it looks like. What counts is the saved file, so save before you hand it in.
# `python3 start.py check hw10` says what the file is worth.

# %%
# NEEDS data/names.txt
import itertools
import math
import re
from pathlib import Path

import torch

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked
NAMES = Path("../../data/names.txt").read_text("utf-8").split()


def seeded(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


def pick(items, n, number):
    """n of the items at random; the same one may come twice."""
    chosen = torch.randint(len(items), (n,), generator=seeded(number))
    return [items[i] for i in chosen]


def merge(word, pair, token):
    """The list with each `pair` in it replaced by `token`, from left to right."""
    merged = []
    for part in word:
        if merged and (merged[-1], part) == pair:
            merged[-1] = token
        else:
            merged.append(part)
    return merged


# %% [markdown]
# ## Task 1 (core): learn the merges
#
# Write `learn_merges(words, n_merges)`, the training of byte-pair encoding.
#
# - `words` is a list of words, and each word a list of bytes (numbers below 256). A
#   pair never reaches from one word into the next.
# - Each round: count all neighbouring pairs in all words, take the most frequent one,
#   give it the next token number (256, then 257, ...) and put that number in place of
#   the pair, everywhere. `merge` above does the last step for one word.
# - **Ties:** of pairs that are equally frequent, the one with the smaller first number
#   wins; if those are equal too, the one with the smaller second number.
# - In `aaa` the pair (a, a) counts twice, though only one of the two can be merged.
#
# It returns the list of the `n_merges` pairs in the order in which they were learned.
# There are always enough pairs.
#
# An example: in `[[1, 2, 3], [1, 2]]` the pair (1, 2) occurs twice, so it becomes the
# token 256, and the words are `[[256, 3], [256]]`. The only pair left is (256, 3). So
# `learn_merges([[1, 2, 3], [1, 2]], 2)` gives `[(1, 2), (256, 3)]`.


# %%
# TASK learn_merges
def learn_merges(words, n_merges):
    """The merged pairs, in order."""
    ### BEGIN SOLUTION
    merges = []
    for token in range(256, 256 + n_merges):
        counts = {}
        for word in words:
            for pair in itertools.pairwise(word):
                counts[pair] = counts.get(pair, 0) + 1
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        words = [merge(word, best, token) for word in words]
        merges.append(best)
    return merges
    ### END SOLUTION


# %%
# CHECK learn_merges 1 point: a small language
texts = [*pick(["abbb", "cabbb", "abbbd"], 8, 0), *["cdcdcdcd"] * 3]
texts += ["".join(pick("acd", 6, i)) for i in range(1, 6)]
learn_merges([list(text.encode()) for text in texts], 8)

# %%
# CHECK learn_merges 1 point: nothing but ties
rows = [torch.randperm(8, generator=seeded(i)).tolist() for i in range(20, 24)]
learn_merges([[97 + letter for letter in row] for row in rows], 6)

# %%
# CHECK learn_merges 1 point: 300 names, the second half of 40 merges
learn_merges([list(name.encode()) for name in pick(NAMES, 300, 23)], 40)[-20:]

# %% [markdown]
# ## Task 2 (core): any text, there and back
#
# A tokenizer has read a little English, French and Hindi, and some smileys. Here are
# its merges. Merge number 0 made token 256, merge number 1 token 257, and so on.

# %%
MERGES = [
    (224, 164), (97, 110), (104, 101), (116, 258), (256, 190), (195, 169), (260, 256),
    (97, 116), (240, 159), (264, 153), (224, 165), (256, 168), (262, 174), (265, 130),
    (99, 263), (105, 110), (111, 110), (115, 263), (141, 256), (170, 116), (173, 262),
    (174, 256), (184, 266), (195, 275), (256, 276), (256, 277), (257, 97), (257, 100),
]  # fmt: skip
SYLLABLES = ["the", "at", "he", "sat", "an", "and", "a", "na", "été", "नाम", "भाषा"]
SYLLABLES += ["🙂", "🙃", "ं", "ê", " "]
len(MERGES)

# %% [markdown]
# Write `encode(text, merges)`: from a string to a list of whole numbers. It begins with
# the bytes of the text in UTF-8. (Leave out the cutting into words: a space is a byte
# like any other.)
#
# Write `decode(tokens, merges)`: from such a list back to the string. Tokens may come
# from a model, so their bytes need not be valid UTF-8. Put the character `�` in place
# of what cannot be read: Python does that if you ask for `errors="replace"`.
#
# Two examples: `encode("that", MERGES)` gives `[116, 104, 263]`, and
# `decode([240], MERGES)` gives `"�"`.


# %%
# TASK encode
def encode(text, merges):
    """The tokens of a text."""
    ### BEGIN SOLUTION
    tokens = list(text.encode())
    for token, pair in enumerate(merges, start=256):
        tokens = merge(tokens, pair, token)
    return tokens
    ### END SOLUTION


def decode(tokens, merges):
    """The text of some tokens."""
    ### BEGIN SOLUTION
    spelled = [bytes([i]) for i in range(256)]
    for a, b in merges:
        spelled.append(spelled[a] + spelled[b])
    return b"".join(spelled[token] for token in tokens).decode(errors="replace")
    ### END SOLUTION


# %%
# CHECK encode 1 point: English
[encode("".join(["sathe", *pick(SYLLABLES[:8], 5, n)]), MERGES) for n in (24, 25)]

# %%
# CHECK encode 1 point: every language
[encode("".join(pick(SYLLABLES[8:], 5, number)), MERGES) for number in (26, 27)]

# %%
# CHECK encode 1 point: decoding whatever comes
[
    decode([*pick(range(256, 284), 8, 28), *"नमस्ते 🙂".encode()], MERGES),
    decode(
        [*pick(range(256, 284), 6, 29), 240, 159, 104, *pick([257, 263], 3, 30)], MERGES
    ),
]

# %%
# CHECK encode 1 point: there and back, whole and cut off in the middle
text = "".join([*pick(SYLLABLES, 9, 31), "भाषा🙃"])
tokens = encode(text, MERGES)
[len(tokens), decode(tokens, MERGES), decode(tokens[:-1], MERGES)]

# %% [markdown]
# ## Task 3 (core): fix the slide
#
# A slide compares two tokenizers with the simplest model there is, a table of
# frequencies that does not look back at all. Under it stands: "*Letters have the lower
# loss per token, so letters are the better choice.*" Calculate the number that decides.
#
# Here are the two ways to cut a name. The pieces are the first ones that BPE learns
# from our list of names. (To stay short, this cutter takes the longest piece that fits,
# which is not always the cut of BPE.)

# %%
LETTERS = sorted(set("".join(NAMES)))
FOUND = """an sh ar ra al in am it ee ha at ya hi ri ma vi na su ka han la ja sha ni
har man en esh sa shi da ru de san ti hu ita ara di bi pa pra dra ku si ta"""
PIECES = FOUND.split()
VOCABULARIES = {"letters": LETTERS, "pieces": LETTERS + PIECES}


def cut(name, vocabulary):
    """The name as token numbers."""
    longest_first = sorted(vocabulary, key=len, reverse=True)
    found = re.findall("|".join(longest_first), name)
    return [vocabulary.index(piece) for piece in found]


[cut("ananya", vocabulary) for vocabulary in VOCABULARIES.values()]

# %% [markdown]
# Write `two_prices(train, held_out, vocab_size, n_bytes)`.
#
# - `train` and `held_out` are lists of names, each name a list of token numbers.
# - The model: a token's probability is its count in `train` plus 1, divided by the sum
#   of all `vocab_size` such numbers.
# - The first price is the mean loss of a token of `held_out`, in nats. (All tokens
#   weigh alike, in a short name and in a long one.)
# - The second price is the bits per byte of the same text: `n_bytes` is the number of
#   bytes of `held_out`.
#
# It returns both as a tuple of two floats.


# %%
# TASK two_prices
def two_prices(train, held_out, vocab_size, n_bytes):
    """(nats per token, bits per byte) of the table on the held-out names."""
    ### BEGIN SOLUTION
    counts = [1] * vocab_size
    for row in train:
        for token in row:
            counts[token] += 1
    nats = [math.log(sum(counts) / counts[token]) for row in held_out for token in row]
    return sum(nats) / len(nats), sum(nats) / math.log(2) / n_bytes
    ### END SOLUTION


# %%
# CHECK two_prices 2 points: a made-up text of five tokens
rows = [torch.randint(4, (6,), generator=seeded(i)).tolist() for i in range(32, 36)]
two_prices(rows[:2], [rows[2], rows[3][:3]], 5, 20 + SEED % 7)

# %%
# CHECK two_prices 1 point: the slide's two tokenizers; which one is the better?
read, new = pick(NAMES, 400, 36), pick(NAMES, 100, 37)
[
    two_prices(
        [cut(n, v) for n in read], [cut(n, v) for n in new], len(v), len("".join(new))
    )
    for v in VOCABULARIES.values()
]

# %% [markdown]
# Compare the two columns. The loss per token belongs to the tokens, the bits per byte
# to the text.
#
# ## Task 4 (more): learn to count a letter
#
# How many a's are in a name? The model of the lesson gives each token a number $w$ and
# adds up the numbers of a name's tokens. Nobody tells it how a token is spelled: it
# must find the numbers from names and right answers. Let $x$ be how often each token
# occurs in a name (twice counts 2), and $y$ the right answer. The best $w$ makes
#
# $$\sum_{\text{names}} (x \cdot w - y)^2 \;+\; 0.1 \sum_{\text{tokens}} w^2$$
#
# as small as possible. The second sum keeps a token that was never met at 0. It has the
# factor 0.1 here, ten times as much as in the lesson. You may solve the equations
# $(X^\top X + 0.1\,I)\,w = X^\top y$ with `torch.linalg.solve`, where the rows of $X$ are
# the names, or use gradient descent.
#
# Write `learn_counts(rows, answers, vocab_size)`: `rows` is a list of names as token
# numbers, `answers` a list of as many whole numbers. It returns the `vocab_size`
# numbers $w$, as a tensor.


# %%
# TASK learn_counts
def learn_counts(rows, answers, vocab_size):
    """How many of the letter each token seems to hold, (V,)."""
    ### BEGIN SOLUTION
    x = torch.zeros(len(rows), vocab_size, dtype=torch.float64)
    for i, row in enumerate(rows):
        for token in row:
            x[i, token] += 1
    y = torch.tensor(answers, dtype=torch.float64)
    shrink = 0.1 * torch.eye(vocab_size, dtype=torch.float64)
    return torch.linalg.solve(x.T @ x + shrink, x.T @ y)
    ### END SOLUTION


# %%
# CHECK learn_counts 2 points: four tokens, token 3 is never met
rows = [torch.randint(3, (5,), generator=seeded(i)).tolist() for i in range(38, 43)]
learn_counts(rows, [2 * row.count(0) + row.count(1) for row in rows], 4)

# %%
# CHECK learn_counts 1 point: a, n, an, ara, san after 30 and 1000 names
table = []
for n, v in [(30, LETTERS), (30, LETTERS + PIECES), (1000, LETTERS + PIECES)]:
    names = pick(NAMES, n, 43)
    w = learn_counts([cut(a, v) for a in names], [a.count("a") for a in names], len(v))
    asked = [v.index(t) for t in ("a", "n", "an", "ara", "san") if t in v]
    table.append([round(float(w[i]), 2) for i in asked])
table

# %% [markdown]
# The letters are learned from a handful of names. A rare piece is a guess, until enough
# names have been seen.
#
# ## Task 5 (more): fix the chat program
#
# A chat program shows each token as soon as the model has chosen it. In English all is
# well. But Hindi and smileys come out as `���`, although the model's tokens are right.
# The function below turns the bytes of each token into the text that is shown for it.
#
# Fix it. A character is shown with the token that **completes** it; a token that
# completes nothing shows `""`. What is never completed is never shown. Apart from the end,
# the bytes are always valid UTF-8.
#
# An example: `show([b"o", b"k\xc3", b"\xa9!"])` gives `["o", "k", "é!"]`, because
# `\xc3\xa9` are the two bytes of `é`.


# %%
# TASK show
def show(pieces):
    """For each token's bytes the text that can be shown now, a list of strings."""
    ### BEGIN SOLUTION
    shown, waiting = [], b""
    for piece in pieces:
        waiting += piece
        text = waiting.decode(errors="ignore")  # leaves out what is not complete
        waiting = waiting[len(text.encode()) :]
        shown.append(text)
    return shown
    ### END SOLUTION
    # ~ return [piece.decode(errors="replace") for piece in pieces]


# %%
# CHECK show 1 point: Hindi, two bytes in each token
raw = "".join(pick("नमस्तेभाषा", 6, 44)).encode()
show([raw[i : i + 2] for i in range(0, len(raw), 2)])

# %%
# CHECK show 2 points: a mixed text in tokens of 1 to 4 bytes, cut off in a smiley
raw = "".join([*pick(["ok", "é", "नाम", "🙂", "🙃"], 6, 45), "🙂🙂"]).encode()
sizes = [1, 3, *pick([1, 2, 3, 4], 40, 46)]
starts = [sum(sizes[:i]) for i in range(len(sizes))]
pieces = [raw[:-1][a : a + n] for a, n in zip(starts, sizes, strict=True)]
show([piece for piece in pieces if piece])

# %% [markdown]
# ## A question in words
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN meaning -->
# A slide says that a tokenizer cuts `unhappiness` into `un|happi|ness`, "because it has
# learned the parts that words are made of". GPT-2 cuts it into `un|h|appiness`. Explain
# to the author of the slide what byte-pair encoding looks for, and what would have to
# be true of a text for the cut on the slide to come out. Three or four sentences.
#
# ...
