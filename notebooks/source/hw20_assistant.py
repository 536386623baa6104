# %% [markdown]
# # Homework 20: from completer to assistant
#
# Five tasks with checks, one question in words. Tasks 1 to 3 and the question are the
# *core*. Tasks 4 and 5 are for those who want *more*. About 90 minutes in all, the core
# alone about 60. All cells together run in a few seconds. It belongs to
# [lesson 20](../20_assistant.ipynb).
#
# You write a chat template that nobody can cheat, fix a masked loss, fine-tune a small
# model and read what it says, pack conversations that must not see each other, and
# split data so that a test is a test.
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is right and, if not, what kind of
# mistake it looks like. Your work counts as saved in the file, so save before you hand
# it in; `python3 start.py check hw20` says what the file is worth.

# %%
import math
import random

import torch
from torch.nn import functional as F

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked


def dice(number):
    """A generator of random numbers of its own for each check."""
    return torch.Generator().manual_seed(1000 * SEED + number)


def as_table(value):
    """One tensor of what may also be a list: of numbers, of lists, of tensors."""
    if isinstance(value, list | tuple):
        return torch.stack([as_table(part) for part in value])
    return torch.as_tensor(value)


# %% [markdown]
# ## Task 1 (core, 15 minutes): a chat template
#
# Messages are pairs of a role and a text, such as `("user", "who are you ?")`. Write
# `encode(messages)`. It returns `[tokens, mask]`, two lists of the same length.
#
# - `tokens`: first `<eot>`. Then for each message the mark of its role (`<sys>`,
#   `<user>`, `<asst>`) and its words. What the assistant says is followed by `<end>`;
#   the other messages are not.
# - `mask`: `True` for the tokens that the assistant learns to write, its words and its
#   `<end>`. `False` for all others. `<asst>` is put there by the program, not by the
#   assistant.
# - If a text holds one of the five marks (`WORDS[:5]`), as in `"hello <asst> i am zed"`,
#   raise a `ValueError`. Nobody but the template may write marks.
#
# `WORDS.index(word)` is the token of a word. For example,
# `encode([("user", "hello"), ("assistant", "hello !")])` is
# `[[0, 2, 9, 3, 9, 6, 4], [False, False, False, False, True, True, True]]`.

# %%
MARKS = {"system": "<sys>", "user": "<user>", "assistant": "<asst>"}
WORDS = ["<eot>", "<sys>", "<user>", "<asst>", "<end>", "?", "!", ".", "i", "hello"]
WORDS += ["am", "you", "are", "who", "your", "name", "is", "pip", "zed", "puff"]


# %%
# TASK encode
def encode(messages):
    """[tokens, mask] of a conversation."""
    ### BEGIN SOLUTION
    pieces = [("<eot>", False)]
    for role, text in messages:
        words, own = text.split(), role == "assistant"
        if any(word.startswith("<") for word in words):
            raise ValueError(f"the {role}'s text holds a mark: {text}")
        pieces.append((MARKS[role], False))
        pieces += [(word, own) for word in words + ["<end>"] * own]
    return [[WORDS.index(word) for word, _ in pieces], [own for _, own in pieces]]
    ### END SOLUTION


# %%
def make_talk(number, n_turns=2, rule=True):
    """A conversation of random words, perhaps under a rule."""
    toss = random.Random(1000 * SEED + number)

    def say(low, high):
        return " ".join(toss.choices(WORDS[5:], k=toss.randrange(low, high)))

    talk = [("system", say(3, 6))] if rule else []
    for _ in range(n_turns):
        talk += [("user", say(2, 6)), ("assistant", say(2, 6))]
    return talk


# %%
# CHECK encode 1 point: the tokens of a talk with two turns, and of one without a rule
[encode(make_talk(1))[0], encode(make_talk(2, n_turns=1, rule=False))[0]]

# %%
# CHECK encode 1 point: the tokens that are learned, and the places where they stand
tokens, mask = encode(make_talk(3))
tokens = [token for token, own in zip(tokens, mask, strict=True) if own]
[tokens, [place for place, own in enumerate(mask) if own]]


# %%
# CHECK encode 1 point: which texts are refused
def refused(messages):
    try:
        return len(encode(messages)[0])
    except ValueError:
        return "refused"


talk, toss = make_talk(4), random.Random(1000 * SEED + 5)
results = []
for mark in WORDS[:5]:
    for i, (role, text) in enumerate(talk):
        words = text.split()
        if toss.random() < 0.8:
            words.insert(toss.randrange(len(words) + 1), mark)
        results.append(refused([*talk[:i], (role, " ".join(words)), *talk[i + 1 :]]))
results

# %% [markdown]
# ## Task 2 (core, 12 minutes): a broken loss
#
# `answer_loss(logits, tokens, mask)` should be the mean loss in nats over all tokens of
# the batch that are learned. `tokens` and `mask` are (B, T), as in task 1; `logits` are
# (B, T, V). The logits at place `t` say what the model expects at place `t + 1`. The
# very first token is predicted by nobody. The function below has faults:
#
# - A model that is always sure and correct has a loss of about 0. Here its loss is large.
# - The longer the question, the smaller the loss, although the answers are equally bad.
#
# Fix it, and beware: all **tokens** should weigh the same. An answer of one word must
# not weigh as much as one of twenty.


# %%
# TASK answer_loss
def answer_loss(logits, tokens, mask):
    """Mean loss of the learned tokens, (B, T, V), (B, T), (B, T) -> a number."""
    ### BEGIN SOLUTION
    targets = tokens[:, 1:].masked_fill(~mask[:, 1:], -100)  # -100: does not count
    return F.cross_entropy(logits[:, :-1].mT, targets)
    ### END SOLUTION
    # ~ log_probs = logits.log_softmax(dim=-1)
    # ~ picked = log_probs.gather(-1, tokens[..., None])[..., 0]  # (B, T)
    # ~ own = picked * mask
    # ~ rows = own.mean(dim=1)
    # ~ return -rows.mean()


# %%
def make_batch(number, n_learned, T=9, V=7):
    """Random logits and tokens; the last tokens before the filling are learned."""
    source = dice(number)
    B = len(n_learned)
    logits = 2 * torch.randn(B, T, V, generator=source)
    tokens = torch.randint(V, (B, T), generator=source)
    end = torch.randint(T - 2, T + 1, (B,), generator=source)[:, None]
    place = torch.arange(T)
    own = (place < end) & (place >= end - torch.tensor(n_learned)[:, None])
    return logits, tokens, own


# %%
# CHECK answer_loss 1 point: one row, three times
[round(float(answer_loss(*make_batch(n, [4]))), 4) for n in (10, 14, 15)]

# %%
# CHECK answer_loss 1 point: a short answer and a long one
[round(float(answer_loss(*make_batch(n, [1, 6]))), 4) for n in (11, 12)]

# %%
# CHECK answer_loss 2 points: how hard the loss pulls at each place of the logits
logits, tokens, own = make_batch(13, [3, 1])
logits.requires_grad_()
answer_loss(logits, tokens, own).backward()
logits.grad.norm(dim=-1)

# %% [markdown]
# ## Task 3 (core, 25 minutes): teach it to answer, and read what it says
#
# Now fine-tune a model. It is as small as can be: a table of logits, `table`, of the
# shape `(V, V, V)`. `table[a, b]` holds the `V` logits of the token that comes after `a`
# and `b`. It has already read other sentences. Write two functions.
#
# - `tune(table, rows, masks, n, rate)`: `n` steps of plain gradient descent,
#   $W - \text{rate} \cdot \text{gradient}$. `rows` and `masks` are `(B, T)`, as in task 2.
#   The loss is the **mean** cross-entropy over all learned tokens of all rows; each of
#   them is predicted from the two tokens before it. (The first two tokens of a row are
#   never learned.) Return the new table. The old one must stay as it is.
# - `reply(table, prompt, most)`: `prompt` is a list of two or more tokens. Let the model
#   go on, always with the token of the largest logit. Each new token is chosen from the
#   last two tokens, and these may be its own.
#   Stop at token 4, `<end>`, or after `most` tokens. Return the new tokens, without the
#   prompt and without `<end>`, as a list.


# %%
def make_old(number, n=60, T=9):
    """Sentences of random words without marks, (n, T), each after <eot>, and a mask."""
    source = dice(number)
    chain = torch.rand(len(WORDS), len(WORDS), generator=source).double() ** 8
    chain[:, :5] = 0
    rows = torch.zeros(n, T, dtype=torch.long)
    for t in range(1, T):
        rows[:, t] = torch.multinomial(chain[rows[:, t - 1]], 1, generator=source)[:, 0]
    masks = torch.ones(n, T, dtype=torch.bool)
    masks[:, :2] = False
    return rows, masks


def make_table(rows, number):
    """A table of logits that has read these sentences, (V, V, V)."""
    V = len(WORDS)
    counts = 0.5 + torch.rand(V, V, V, generator=dice(number)).double() / 10
    one = torch.tensor(1.0).double()
    for t in range(2, rows.shape[1]):
        counts.index_put_(tuple(rows[:, t - 2 : t + 1].T), one, accumulate=True)
    return counts.log()


# %%
QUESTIONS = ["who are you", "hello", "your name", "is zed"]


def make_demos(number, longest=11):
    """Four talks as rows and masks (4, T), filled up with 0; and their prompts."""
    toss = random.Random(1000 * SEED + number)
    rows, masks, prompts = [], [], []
    for question in QUESTIONS:
        answer = toss.sample(WORDS[6:], k=toss.randrange(1, 5))
        before = [0, 2, *map(WORDS.index, question.split()), 3]
        own = [*map(WORDS.index, answer), 4]
        filling = longest - len(before) - len(own)
        rows.append([*before, *own, *[0] * filling])
        masks.append([False] * len(before) + [True] * len(own) + [False] * filling)
        prompts.append(before)
    return torch.tensor(rows), torch.tensor(masks), prompts


# %%
# TASK tune
def tune(table, rows, masks, n, rate):
    """The table after n steps on the learned tokens, (V, V, V) -> (V, V, V)."""
    ### BEGIN SOLUTION
    W = table.clone().requires_grad_()
    counts = masks[:, 2:]  # (B, T - 2)
    for _ in range(n):
        logits = W[rows[:, :-2], rows[:, 1:-1]]  # (B, T - 2, V)
        loss = F.cross_entropy(logits[counts], rows[:, 2:][counts])
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()
    ### END SOLUTION


def reply(table, prompt, most):
    """What the model says after the prompt, a list of tokens."""
    ### BEGIN SOLUTION
    new = []
    while len(new) < most:
        a, b = [*prompt, *new][-2:]
        token = table[a, b].argmax().item()
        if token == 4:
            break
        new.append(token)
    return new
    ### END SOLUTION


# %%
# CHECK tune 1 point: logits of learned tokens, after 1 and after 3 steps
old, _ = make_old(50)
table, (rows, masks, _) = make_table(old, 51), make_demos(52)
learned = masks.nonzero().tolist()[::3]  # which row, which token
triples = [tuple(rows[i, t - 2 : t + 1].tolist()) for i, t in learned]
steps = [as_table(tune(table, rows, masks, n, 3.0)) for n in (1, 3)]
[[round(float(new[triple]), 4) for triple in triples] for new in steps]

# %%
# CHECK tune 1 point: what is not learned, and the old table, stay as they are
old, _ = make_old(53)
table, (rows, masks, _) = make_table(old, 54), make_demos(55)
new = as_table(tune(table, rows, masks, 2, 3.0))
changed = (new - as_table(table)).abs().sum(-1) > 1e-3  # (V, V)
[table[2, 9], changed.nonzero()]

# %% [markdown]
# Now read. The same four questions, after more and more steps. Which of the four answers
# learns to stop last? After which step is the first word of each correct?


# %%
# CHECK tune 2 points: the four answers after 0, 1, 2 and 8 steps, in words
def in_words(tokens):
    return " ".join(WORDS[int(token)] for token in tokens)


old, _ = make_old(56)
table, (rows, masks, prompts) = make_table(old, 57), make_demos(58)
spoken = []
for n in (0, 1, 2, 8):
    new = as_table(tune(table.clone(), rows, masks, n, 4.0))
    spoken.append([in_words(reply(new, prompt, 6)) for prompt in prompts])
spoken

# %% [markdown]
# And what was forgotten? Here the talks come as whole sentences of the old kind, so that
# they touch what the table knew. Thirty old sentences are mixed in (replay). The loss is
# measured on thirty *other* old sentences, because on those mixed in the model would look
# better than it is: before, after your `tune`, and after your `tune` with replay.

# %%
# CHECK tune 1 point: loss on old sentences not mixed in: before, after, with replay
old, every = make_old(59)
table, (other, _) = make_table(old, 60), make_old(61, n=8)
both, counted = torch.cat([other, old[:30]]), torch.cat([every[:8], every[:30]])
after = as_table(tune(table, other, every[:8], 20, 20.0))
mixed = as_table(tune(table, both, counted, 20, 20.0))
kept = old[30:]
[
    round(F.cross_entropy(W[kept[:, :-2], kept[:, 1:-1]].mT, kept[:, 2:]).item(), 4)
    for W in (table, after, mixed)
]

# %% [markdown]
# ## Task 4 (more, 15 minutes): packed, and apart
#
# A row holds several conversations, one after the other. Each begins with token 0,
# `<eot>`. If a row does not begin with 0, its first tokens are the rest of a
# conversation, and count as one too. Write two functions; `row` is a tensor of `T`
# whole numbers.
#
# - `may_see(row)`: a bool tensor (T, T). Row `i`, column `j` says whether token `i` may
#   look at token `j`: at itself and at earlier tokens of its own conversation only.
# - `places(row)`: the position of each token **in its own conversation**, from 0.
#
# For `torch.tensor([0, 5, 0, 7, 7])` the places are 0, 1, 0, 1, 2.


# %%
# TASK may_see
def may_see(row):
    """Who may look where, (T,) -> bool (T, T)."""
    ### BEGIN SOLUTION
    document = (row == 0).cumsum(dim=0)
    return (document[:, None] == document[None, :]).tril()
    ### END SOLUTION


def places(row):
    """The position of each token in its own conversation, (T,) -> (T,)."""
    ### BEGIN SOLUTION
    return may_see(row).sum(dim=1) - 1
    ### END SOLUTION


# %%
def make_row(number, T=8, first=True):
    """A row of conversations of 1 to 6 tokens."""
    source = dice(number)
    row = torch.randint(1, 9, (T,), generator=source)
    start = 0 if first else 2
    while start < T:
        row[start] = 0
        start += torch.randint(1, 7, (), generator=source).item()
    return row


# %%
# CHECK may_see 1 point: who may look where, in two rows
torch.stack([as_table(may_see(make_row(n, T=12))).int() for n in (20, 26)])

# %%
# CHECK may_see 1 point: rows that begin in the middle of a conversation
maps = [may_see(make_row(n, T=12, first=False)) for n in (21, 27, 28)]
maps = torch.stack([as_table(one).int() for one in maps])
[maps.sum(dim=1), maps.sum(dim=2)]  # how often each token is seen, how many it sees

# %%
# CHECK may_see 1 point: positions, with and without a 0 at the start
rows = make_row(22, T=16), make_row(23, T=16, first=False)
torch.stack([as_table(places(row)) for row in rows])


# %%
# CHECK may_see 1 point: attention over a packed row that favours near tokens
def attend(row, x):
    """A head that favours near tokens and may look only where it may."""
    place = as_table(places(row)).to(x)
    near = -0.5 * (place[:, None] - place[None, :]).abs()
    hidden = ~as_table(may_see(row)).bool()
    return (x @ x.T + near).masked_fill(hidden, -math.inf).softmax(dim=-1) @ x


row = make_row(24)
attend(row, torch.randn(len(row), 3, generator=dice(25)))

# %% [markdown]
# ## Task 5 (more, 15 minutes): a test that is a test
#
# Each record is a pair of a person and a form of question, such as
# `("asha", "where is {} from ?")`. Some people and some forms are held out. Write two
# functions.
#
# - `split(records, people, forms)`: `people` and `forms` are the sets that are held out.
#   Return four lists of **record numbers** (0 for the first record):
#   `[train, new_people, new_forms, both]`. Records of a held-out person in a form that
#   is not held out belong to `new_people`; the other way round, to `new_forms`; both
#   held out, to `both`. Nothing held out may be in `train`.
# - `leaked(train, test)`: two lists of **texts**. Which share of the test texts (0 to 1)
#   stands in the training, too? Capitals, the marks `.` `,` `?` `!` and the number of
#   spaces do not matter: `"Where is Asha from?"` and `"where is  asha from ?"` are the
#   same question. But `"is asha here"` and `"where is asha here from"` are not.


# %%
# TASK split
def split(records, people, forms):
    """[train, new_people, new_forms, both], four lists of record numbers."""
    ### BEGIN SOLUTION
    groups = [[], [], [], []]
    for number, (person, form) in enumerate(records):
        groups[(person in people) + 2 * (form in forms)].append(number)
    return groups
    ### END SOLUTION


def leaked(train, test):
    """The share of the test texts that were in the training."""

    ### BEGIN SOLUTION
    def plain(text):
        for mark in ".,?!":
            text = text.replace(mark, " ")
        return " ".join(text.lower().split())

    known = {plain(text) for text in train}
    return sum(plain(text) in known for text in test) / len(test)
    ### END SOLUTION


# %%
PEOPLE = ["asha", "bina", "chand", "dev", "esha", "farid", "gita", "hari"]
FORMS = ["where is {} from ?", "tell me where {} is from .", "what is the town of {} ?"]
FORMS += ["where was {} born ?", "what does {} like ?"]


def make_records(number, n=30):
    """Records, and the people and forms that are held out."""
    toss = random.Random(1000 * SEED + number)
    records = [(toss.choice(PEOPLE), toss.choice(FORMS)) for _ in range(n)]
    return records, set(toss.sample(PEOPLE, 3)), set(toss.sample(FORMS, 2))


def scribble(text, toss):
    """The same question as somebody else would type it."""
    words = text.split()
    if toss.random() < 0.5:
        words[0] = words[0].capitalize()
    if toss.random() < 0.4:
        words = [word.upper() if word in PEOPLE else word for word in words]
    gap = toss.choice([" ", " ", " ", "  "])
    text = gap.join(words)
    return text.replace(" ?", toss.choice(["?", " ?", "", " !"])).replace(
        " .", toss.choice([".", " ."])
    )


# %%
# CHECK split 1 point: four groups
split(*make_records(30))

# %%
# CHECK split 1 point: two more splits, only one kind held out
records, people, forms = make_records(31, n=16)
[split(records, people, set()), split(records, set(), forms)]

# %%
# CHECK split 2 points: the share that leaks, for three kinds of test
toss = random.Random(1000 * SEED + 32)
records, people, forms = make_records(33, n=100)
train_records = [r for r in records[:40] if r[0] not in people and r[1] not in forms]
train_texts = [form.format(person) for person, form in train_records]
by_chance = [scribble(form.format(person), toss) for person, form in records[40:]]
n_twice = toss.randrange(40, 80)
twice = [scribble(text, toss) for text in toss.choices(train_texts, k=n_twice)]
near_by = [f"{toss.choice(['and', 'so'])} {text}" for text in train_texts[:4]]
cut = [" ".join(text.split()[1:]) for text in train_texts[4:8]]
turned = [" ".join(reversed(text.split())) for text in train_texts[:2]]
tests = (
    by_chance,
    twice + by_chance[:9] + near_by,
    twice[:25] + cut + near_by + turned,
)
[round(float(leaked(train_texts, test)), 4) for test in tests]

# %% [markdown]
# ## A question in words (core, 8 minutes)
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN taught -->
# A friend has fine-tuned a base model on 5,000 conversations written by a larger model,
# and says: "I have taught it geography. It gets 98 % of my questions right." Which three
# things do you ask before you believe it? What does such training teach a model, what
# can it not teach, and what may the model have lost? Six sentences are enough.
#
# ...
