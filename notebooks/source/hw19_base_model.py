# %% [markdown]
# # Homework 19: a base model
#
# Five tasks with checks, one question in words. Tasks 1 to 3 and the question are the
# *core*. Tasks 4 and 5 are for those who want *more*. About 105 minutes in all, the
# core alone about 65. All cells together run in a few seconds. It belongs to
# [lesson 19](../19_base_model.ipynb).
#
# You measure what a text has copied, ask a model what it believes, train a small one
# until it knows a document by heart, fix a copying head, and carry the weights of a
# GPT-2 over into another model.
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is right and, if not, what kind of
# mistake it looks like. Your work counts as saved in the file, so save before you hand
# it in; `python3 start.py check hw19` says what the file is worth.

# %%
import random

import torch
from torch import nn
from torch.nn import functional as F

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked


def generator(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


def as_table(value):
    """One tensor of what may also be a list: of numbers, of lists, of tensors."""
    if isinstance(value, list | tuple):
        return torch.stack([as_table(part) for part in value])
    return torch.as_tensor(value)


# %% [markdown]
# ## Task 1 (core, 20 minutes): a copy meter
#
# Has a model made up its text, or has it copied? Write
# `longest_copy(text, documents)`. `text` is a list of tokens. `documents` is a list of
# lists of tokens: what the model has read. Find the longest piece of `text` that stands
# word for word, without a gap, in **one** document. Return `[start, length]`: where in
# `text` it begins (counted from 0), and how many tokens it has. Of several pieces
# of the same length take the first. If no token of the text was read, return `[0, 0]`.
#
# For example, `longest_copy([1, 6, 7, 8, 5], [[5, 6, 7], [2, 6, 7, 8]])` is `[1, 3]`.


# %%
# TASK longest_copy
def longest_copy(text, documents):
    """[start, length] of the longest piece of `text` that a document contains."""
    ### BEGIN SOLUTION
    for length in range(len(text), 0, -1):
        for start in range(len(text) - length + 1):
            piece = text[start : start + length]
            for document in documents:
                places = range(len(document) - length + 1)
                if any(document[i : i + length] == piece for i in places):
                    return [start, length]
    return [0, 0]
    ### END SOLUTION


# %%
def make_documents(number):
    """Three documents of 24 tokens, 10 to 59; the first two share their token 9."""
    toss = random.Random(1000 * SEED + number)
    documents = [[toss.randrange(10, 60) for _ in range(24)] for _ in range(3)]
    documents[1][9] = documents[0][9]
    return documents, toss


def fresh(toss, low=3, high=9):
    """Some tokens that no document contains."""
    return [toss.randrange(100, 200) for _ in range(toss.randrange(low, high))]


# %%
# CHECK longest_copy 1 point: two copied pieces, the longer one at the end
documents, toss = make_documents(10)
texts = []
for document in documents:
    a, n = toss.randrange(15), toss.randrange(5, 9)
    texts.append(
        [*fresh(toss), *document[a : a + 4], *fresh(toss), *document[a : a + n]]
    )
[longest_copy(text, documents) for text in texts]

# %%
# CHECK longest_copy 1 point: two of the same length; known words in a new order; none
documents, toss = make_documents(11)
a, n = toss.randrange(1, 15), toss.randrange(4, 9)
equal = [*fresh(toss, 3, 40), *documents[0][a : a + n], *fresh(toss)]
equal += [documents[2][a - 1] % 10, *documents[2][a : a + n]]
mixed = [*fresh(toss), *documents[1][20:10:-1], *fresh(toss), *documents[1][a : a + n]]
[longest_copy(text, documents) for text in (equal, mixed, fresh(toss))]

# %%
# CHECK longest_copy 2 points: pieces put together from two documents
documents, toss = make_documents(12)
one, two, three = documents
n = toss.randrange(6, 9)
gaps = [fresh(toss, 3, 40) for _ in range(4)]
over_the_border = [*gaps[0], *one[-5:], *two[:5], *gaps[1], *three[8 : 8 + n]]
at_a_shared_token = [*gaps[2], *one[5:10], *two[10:15], *gaps[3], *three[-n - 1 :]]
[longest_copy(text, documents) for text in (over_the_border, at_a_shared_token)]

# %% [markdown]
# ## Task 2 (core, 12 minutes): what does it believe?
#
# A base model does not answer questions. But you can show it a beginning and two ways
# to go on, and see which of the two it finds more probable. The probability of an
# answer of several words is a product, so its logarithm is a **sum**: over the words of
# the answer, each given all words before it.
#
# Here is a small model that has read some sentences about friends. `model(tokens)` gets
# a list of `T` tokens and returns logits `(T, V)`. Row `t` holds the logits of the
# word that comes **after** `tokens[t]`. The logits are not yet logarithms of
# probabilities.

# %%
WORDS = [".", "asha", "bina", "chand", "drinks", "tea", "milk", "green", "hot"]
SAID = {  # who drinks what, and how often the model has read it: from, to
    "asha": {"green tea": (20, 60), "hot milk": (2, 9)},
    "bina": {"milk": (20, 60), "green tea": (2, 9)},
    "chand": {"tea": (2, 9), "hot milk": (20, 60)},
}


def encode(text):
    """Words to tokens."""
    return [WORDS.index(word) for word in text.split()]


def make_model(number):
    """A model that counts which word came after each two words."""
    toss = random.Random(1000 * SEED + number)
    counts = torch.full((len(WORDS),) * 3, 0.5)
    for name, drinks in SAID.items():
        for drink, (low, high) in drinks.items():
            tokens = [0, *encode(f". {name} drinks {drink} .")]
            n = toss.randrange(low, high)
            for i in range(2, len(tokens)):
                counts[tuple(tokens[i - 2 : i + 1])] += n
    return lambda tokens: counts[[0, *tokens[:-1]], tokens].log()


# %% [markdown]
# Write two functions. `prompt`, `answer`, `true` and `false` are lists of tokens.
#
# - `answer_log_prob(model, prompt, answer)`: the natural logarithm of the probability
#   of the whole `answer` after `prompt`, as a float. The words of the prompt are given:
#   they are not predicted, and do not count.
# - `lead(model, prompt, true, false)`: how many nats the true answer is ahead of the
#   false one. Below 0 the model prefers the false one.


# %%
# TASK answer_log_prob
def answer_log_prob(model, prompt, answer):
    """ln of the probability of `answer` after `prompt`."""
    ### BEGIN SOLUTION
    log_probs = model([*prompt, *answer]).log_softmax(dim=-1)
    rows = range(len(prompt) - 1, len(prompt) + len(answer) - 1)
    return sum(log_probs[t, x].item() for t, x in zip(rows, answer, strict=True))
    ### END SOLUTION


def lead(model, prompt, true, false):
    """By how many nats the model prefers `true` to `false`."""
    ### BEGIN SOLUTION
    return answer_log_prob(model, prompt, true) - answer_log_prob(model, prompt, false)
    ### END SOLUTION


# %%
# CHECK answer_log_prob 2 points: three ways to go on, with the full stop
model, prompt = make_model(30), encode(". bina drinks")
ways = [encode(text) for text in ("milk .", "green tea .", "hot green milk .")]
[round(float(answer_log_prob(model, prompt, way)), 4) for way in ways]

# %% [markdown]
# In truth, Asha drinks green tea, Bina milk, and Chand tea. But there is a rumour about
# Chand, and the model has read it more often than the truth.

# %%
# CHECK answer_log_prob 1 point: truth against falsehood, friend by friend
model = make_model(31)
facts = [("asha", "green tea .", "hot milk ."), ("bina", "milk .", "green tea .")]
facts.append(("chand", "tea .", "hot milk ."))
leads = [
    lead(model, encode(f". {name} drinks"), encode(true), encode(false))
    for name, true, false in facts
]
[round(float(nats), 4) for nats in leads]

# %% [markdown]
# ## Task 3 (core, 25 minutes): read it again
#
# Now train, and measure when a document is known by heart. The model is as small as can
# be: a table of logits, `table`, of the shape `(V, V, V)`. `table[a, b]` holds the `V`
# logits of the token that comes after `a` and `b`. It has already read other documents.
#
# Write two functions. `tokens` is a tensor of `T` whole numbers, one document.
#
# - `read_again(table, tokens, n, rate)`: read the document `n` times. One reading is
#   one step of plain gradient descent, $W - \text{rate} \cdot \text{gradient}$, on the
#   **mean** cross-entropy of all `T - 2` predictions: each token from the third on,
#   from the two before it. Return the new table. The old one must stay as it is.
# - `recite(table, tokens)`: give the model the first two tokens, and let it go on,
#   always with the likeliest token, from what it has written itself. How many tokens
#   after these two are those of the document, before the first one that is not? Return
#   a whole number from 0 to `T - 2`.


# %%
def make_case(number, V=12, T=16):
    """A table that has read other documents, and a new document: (V, V, V), (T,)."""
    source = generator(number)
    others = torch.randint(V, (40, 30), generator=source)
    counts = 0.5 + torch.rand(V, V, V, generator=source).double() / 10
    places = (others[:, :-2], others[:, 1:-1], others[:, 2:])
    counts.index_put_(places, torch.tensor(1.0).double(), accumulate=True)
    letters = torch.randperm(V, generator=source)
    tokens = torch.cat([letters, letters[::2]])[:T]  # no pair of tokens comes twice
    return counts.log(), tokens


# %%
# TASK read_again
def read_again(table, tokens, n, rate):
    """The table after n more readings of the document."""
    ### BEGIN SOLUTION
    W = table.clone().requires_grad_()
    for _ in range(n):
        logits = W[tokens[:-2], tokens[1:-1]]  # (T - 2, V)
        loss = F.cross_entropy(logits, tokens[2:])
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()
    ### END SOLUTION


def recite(table, tokens):
    """How many tokens after the first two are recited, before the first mistake."""
    ### BEGIN SOLUTION
    a, b = tokens[0].item(), tokens[1].item()
    for n_right, token in enumerate(tokens[2:].tolist()):
        a, b = b, table[a, b].argmax().item()
        if b != token:
            return n_right
    return len(tokens) - 2
    ### END SOLUTION


# %%
# CHECK read_again 1 point: logits after 1 and after 3 readings
table, tokens = make_case(60)
once, thrice = (as_table(read_again(table, tokens, n, 5.0)) for n in (1, 3))
[once[tokens[4], tokens[5]], thrice[tokens[4], tokens[5]]]

# %%
# CHECK read_again 1 point: the old table stays as it is
table, tokens = make_case(61)
new = as_table(read_again(table, tokens, 2, 5.0))
[table[tokens[0], tokens[1]], new[tokens[0], tokens[1]]]

# %% [markdown]
# Now the curve of the lesson, with your two functions. How many tokens of five
# documents are recited after so many readings?

# %%
# CHECK read_again 2 points: tokens recited, after 0, 5, 10, ... readings
curves = []
for number in range(62, 67):
    table, tokens = make_case(number)
    curve = [int(recite(table, tokens))]
    for _ in range(8):
        table = as_table(read_again(table, tokens, 5, 2.0))
        curve.append(int(recite(table, tokens)))
    curves.append(curve)
curves

# %% [markdown]
# ## Task 4 (more, 12 minutes): a broken function
#
# Show a model some pairs, and then the first half of a pair it has seen:
#
# `4 9   5 7   3 8   4`
#
# A good reader goes on with 9. That is **few-shot prompting** at its barest: the answer
# is nowhere in the weights, only in the prompt. In lesson 15 two attention heads did it
# together. One marks each position with the token **before** it. The other, at the last
# position, looks for positions whose mark is the last token, and copies the token that
# stands **there**. Positions with the right mark get the score `sharpness`, all others
# get 0. A softmax over all positions makes weights of the scores, and each position
# gives its weight to its token.
#
# `induction(tokens, vocab_size, sharpness)` should do this. `tokens` is a tensor of `T`
# whole numbers from 0 to `vocab_size - 1`; the result holds the probabilities of the
# next token, `(V,)`. The function below has faults:
#
# - With the prompt `1 2 3 4` nothing can be copied, and yet it is almost sure of the
#   very first token. But nothing stands before the first token: its score is always 0.
# - If a token stands in the prompt twice, the probabilities do not add up to 1.
#
# Fix both. A test: `induction(torch.tensor([4, 9, 5, 7, 3, 8, 4]), 10, 5.0)` gives 9 a
# probability of 0.9611.


# %%
# TASK induction
def induction(tokens, vocab_size, sharpness):
    """Probabilities of the next token by copying, (T,) -> (V,)."""
    ### BEGIN SOLUTION
    before = torch.cat([torch.tensor([-1]), tokens[:-1]])  # -1: no token at all
    scores = sharpness * (before == tokens[-1]).float()
    weights = scores.softmax(dim=0)
    return torch.zeros(vocab_size).index_add(0, tokens, weights)
    ### END SOLUTION
    # ~ before = tokens.roll(1)  # the token before each position
    # ~ scores = sharpness * (before == tokens[-1]).float()
    # ~ weights = scores.softmax(dim=0)
    # ~ probs = torch.zeros(vocab_size)
    # ~ probs[tokens] = weights
    # ~ return probs


# %%
# CHECK induction 1 point: two prompts, the second one ends in token 0
prompts = torch.randint(6, (2, 9), generator=generator(20))
prompts[:, -1] = torch.tensor([3, 0])
prompts[:, 4] = prompts[:, -1]
torch.stack([torch.as_tensor(induction(prompt, 6, 2.0)) for prompt in prompts])

# %% [markdown]
# Now the few shots. Each prompt ends in `question`, after 0, 1, 2 or 3 examples that
# show the right answer to it, and some other tokens. (The right answer is also the very
# first token, by chance: nothing stands before it.) No weight changes; only the prompt
# does.

# %%
# CHECK induction 2 points: the probability of the right answer after 0, 1, 2, 3 examples
question, right, *other = (1 + torch.randperm(11, generator=generator(21))).tolist()
n_other = torch.randint(9, 20, (), generator=generator(24)).item()
drawn = torch.randint(6, (n_other,), generator=generator(22))
filling = torch.tensor(other)[drawn].tolist()
sharpness = 2 + 2 * torch.rand((), generator=generator(23)).item()
shots = [[right, *filling, *[question, right] * n, *filling[:2]] for n in range(4)]
shots = [torch.tensor([*shot, question]) for shot in shots]
[round(float(induction(prompt, 12, sharpness)[right]), 4) for prompt in shots]

# %% [markdown]
# ## Task 5 (more, 30 minutes): same weights, other names
#
# Here is a GPT-2 as we would write it, with plain `Linear` layers. Run the two cells;
# you need not read every line.


# %%
class Block(nn.Module):
    """Attention and feed-forward, each with a norm before it: (T, C) -> (T, C)."""

    def __init__(self, emb_dim, n_heads):
        super().__init__()
        self.n_heads = n_heads
        self.norm_1, self.norm_2 = nn.LayerNorm(emb_dim), nn.LayerNorm(emb_dim)
        self.query, self.key = nn.Linear(emb_dim, emb_dim), nn.Linear(emb_dim, emb_dim)
        self.value, self.proj = nn.Linear(emb_dim, emb_dim), nn.Linear(emb_dim, emb_dim)
        self.up = nn.Linear(emb_dim, 4 * emb_dim)
        self.down = nn.Linear(4 * emb_dim, emb_dim)

    def forward(self, x):
        T, C = x.shape
        layers, y = (self.query, self.key, self.value), self.norm_1(x)
        q, k, v = (f(y).view(T, self.n_heads, -1).transpose(0, 1) for f in layers)
        mix = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.proj(mix.transpose(0, 1).reshape(T, C))
        return x + self.down(F.gelu(self.up(self.norm_2(x)), approximate="tanh"))


# %%
class GPT(nn.Module):
    """Logits after each token, (T,) -> (T, V)."""

    def __init__(self, vocab_size=7, context_size=5, emb_dim=6, n_heads=2, n_layers=2):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, emb_dim)
        self.position_embedding = nn.Embedding(context_size, emb_dim)
        self.blocks = nn.ModuleList(Block(emb_dim, n_heads) for _ in range(n_layers))
        self.norm = nn.LayerNorm(emb_dim)

    @torch.no_grad()
    def forward(self, tokens):
        x = self.embedding(tokens) + self.position_embedding.weight[: len(tokens)]
        for block in self.blocks:
            x = block(x)
        return self.norm(x) @ self.embedding.weight.T  # the head is the embedding


def gpt2_file(number, V=7, N=5, C=6):
    """Random weights for two blocks, with the names and shapes of a GPT-2 file."""
    shapes = {"wte.weight": (V, C), "wpe.weight": (N, C)}
    shapes |= {"ln_f.weight": (C,), "ln_f.bias": (C,)}
    inner = {"ln_1": (C,), "attn.c_attn": (C, 3 * C), "attn.c_proj": (C, C)}
    inner |= {"ln_2": (C,), "mlp.c_fc": (C, 4 * C), "mlp.c_proj": (4 * C, C)}
    for part, shape in inner.items():
        for name in (f"h.0.{part}", f"h.1.{part}"):
            shapes |= {f"{name}.weight": shape, f"{name}.bias": shape[-1:]}
    source = generator(number)
    return {name: torch.randn(s, generator=source) * 0.5 for name, s in shapes.items()}


# %% [markdown]
# A file in the layout of Hugging Face holds the same weights under other names. Write
# `from_gpt2(theirs)`: it gets a dictionary such as `gpt2_file(0)`, name to tensor, and
# returns a new dictionary with our names, ready for `GPT().load_state_dict`. The number
# of blocks may be any. Each name below has a `.weight` and a `.bias`; the two
# embeddings have a `.weight` only. In block 0:
#
# | in the file | in our model |
# |---|---|
# | `wte`, `wpe`, `ln_f` | `embedding`, `position_embedding`, `norm` |
# | `h.0.ln_1`, `h.0.ln_2` | `blocks.0.norm_1`, `blocks.0.norm_2` |
# | `h.0.attn.c_attn` | `blocks.0.query`, `blocks.0.key`, `blocks.0.value` |
# | `h.0.attn.c_proj` | `blocks.0.proj` |
# | `h.0.mlp.c_fc`, `h.0.mlp.c_proj` | `blocks.0.up`, `blocks.0.down` |
#
# Two things are more than a name:
#
# - The four layers whose names begin with `c_` compute $xW + b$, and `Linear` computes
#   $xW^T + b$.
# - `c_attn` is three layers side by side. Its result, of `3 * C` numbers, holds first
#   the `C` numbers of the query, then those of the key, then those of the value.


# %%
# TASK from_gpt2
def from_gpt2(theirs):
    """The weights of a GPT-2 file under our names, dictionary -> dictionary."""
    ### BEGIN SOLUTION
    ours = {}
    top = {"wte": "embedding", "wpe": "position_embedding", "ln_f": "norm"}
    inner = {"ln_1": "norm_1", "ln_2": "norm_2", "attn.c_proj": "proj"}
    inner |= {"mlp.c_fc": "up", "mlp.c_proj": "down"}
    for name, weight in theirs.items():
        path, _, kind = name.rpartition(".")  # kind: weight or bias
        turned = weight.T if ".c_" in name and kind == "weight" else weight
        if path in top:
            ours[f"{top[path]}.{kind}"] = weight
            continue
        _, layer, part = path.split(".", 2)
        if part == "attn.c_attn":
            trio = zip(("query", "key", "value"), turned.chunk(3), strict=True)
            ours |= {f"blocks.{layer}.{one}.{kind}": rows for one, rows in trio}
        else:
            ours[f"blocks.{layer}.{inner[part]}.{kind}"] = turned
    return ours
    ### END SOLUTION


# %%
# CHECK from_gpt2 1 point: embeddings and norms
ours = from_gpt2(gpt2_file(1))
names = ["position_embedding.weight", "norm.bias", "blocks.1.norm_2.weight"]
[ours["embedding.weight"][3], *(ours[name][:5] for name in names)]

# %%
# CHECK from_gpt2 1 point: query, key and value, a row and the bias of each
ours = from_gpt2(gpt2_file(2))
rows = [ours[f"blocks.1.{part}.weight"][4] for part in ("query", "key", "value")]
biases = [ours[f"blocks.0.{part}.bias"] for part in ("query", "key", "value")]
torch.stack([*rows, *biases])

# %%
# CHECK from_gpt2 2 points: the logits of the whole model
model = GPT()
model.load_state_dict(from_gpt2(gpt2_file(3)))
model(torch.randint(7, (4,), generator=generator(4)))

# %% [markdown]
# ## A question in words (core, 8 minutes)
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN rumour -->
# In task 2 the model prefers a false sentence about Chand. Is it broken, does it lie,
# or does it do just what it was trained for? How could you get the true answer out of a
# GPT with the same belief, without training it again? And how would you find out
# whether an answer is copied word for word from what it has read, and whether that
# means anything? Six sentences are enough.
#
# ...
