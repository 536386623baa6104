# %% [markdown]
# # Homework 25: evaluation
#
# Five tasks with checks, one question in words. Tasks 1 to 3 and the question are the
# *core*. Tasks 4 and 5 are for those who want *more*. About 95 minutes in all, the core
# alone about 60. All cells together run in a few seconds. It belongs to
# [lesson 25](../25_evaluation.ipynb).
#
# You write a rule that is harder to fool, compute the error of a difference, train a
# model on its own test and catch it, fix a judge that looks only once, and choose the
# best of many without being deceived.
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is right and, if not, what kind of
# mistake it looks like. Your work counts as saved in the file, so save before you hand
# it in; `python3 start.py check hw25` says what the file is worth.

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
# ## Task 1 (core, 15 minutes): a rule that is harder to fool
#
# Write `verdict(text, values, truth)`: the verdict on an answer. `values` is the set of
# all words that could be an answer, for example towns, and `truth` is the correct one.
# The words and the marks `.` `,` `?` `!` of the text stand apart.
#
# 1. Cut the text into sentences. A sentence goes up to `.`, `!` or `?`, or to the end of
#    the text.
# 2. A sentence that ends in `?` is a question. It names and denies nothing.
# 3. In the other sentences, a value is **denied** if the word `not` stands somewhere
#    before it in the *same* sentence. All other values there are **named**.
# 4. If something is named: `"right"` if only the truth is named and the truth is not
#    denied anywhere, else `"wrong"`.
# 5. If nothing is named: `"wrong"` if the truth is denied; `"refused"` if the word `know`
#    stands anywhere in the text (questions included); `"other"` in all other cases.
#
# For example, with the truth `deva`: `"not bala . it is deva ."` is right, `"she was not
# born in deva ."` is wrong, and `"is it deva ? i do not know ."` is refused.

# %%
TOWNS = ["arka", "bala", "deva", "ella", "fira"]


# %%
# TASK verdict
def verdict(text, values, truth):
    """ "right", "wrong", "refused" or "other"."""
    ### BEGIN SOLUTION
    named, denied, sentence = set(), set(), []
    for word in [*text.split(), "."]:
        if word not in (".", "!", "?"):
            sentence.append(word)
            continue
        if word != "?":
            for place, one in enumerate(sentence):
                if one in values:
                    (denied if "not" in sentence[:place] else named).add(one)
        sentence = []
    if named:
        return "right" if named == {truth} and truth not in denied else "wrong"
    if truth in denied:
        return "wrong"
    return "refused" if "know" in text.split() else "other"
    ### END SOLUTION


# %%
def make_answers(number):
    """Answers of many kinds, about one town that is true and two that are not."""
    toss = random.Random(1000 * SEED + number)
    truth, x, y = toss.sample(TOWNS, 3)
    forms = ["{t} .", "she was born in {t}", "{x} .", "{t} , {x} or {y} !", "it is {x}"]
    forms += ["she was not born in {t} .", "not {x} . it is {t} .", "it is not {x} ."]
    forms += [
        "is it {t} ?",
        "is it {x} ? no , it is {t} .",
        "i do not know .",
        "hello !",
    ]
    forms += ["is she from {t} ? i do not know .", "it is {t} , not {x} .", "why ?"]
    forms += [
        "you know , it is {t} !",
        "i know it : not {t} but {x}",
        "the town of {t} .",
    ]
    forms += ["{t} ! not {t} .", "i do not know . {t} ?", "not {x} , not {y} ."]
    forms += ["she is not here . it is {t} .", "not me ! {t} .", "{x} ? {t} ? {y} ?"]
    forms += ["not {x} , {t} .", "another town , {t} .", "i know her ."]
    forms += ["do you know her ? hello !", "it is {x} . it is not {x} ."]
    forms += ["it is {x} . not {x} . it is {t} ."]
    texts = [form.format(t=truth, x=x, y=y) for form in forms]
    return toss.sample(texts, len(texts)), truth


# %%
# CHECK verdict 1 point: answers without "not" and without a question
texts, truth = make_answers(1)
plain = [text for text in texts if "not" not in text.split() and "?" not in text]
[[text, verdict(text, set(TOWNS), truth)] for text in plain]

# %%
# CHECK verdict 1 point: answers with questions
texts, truth = make_answers(2)
[[text, verdict(text, set(TOWNS), truth)] for text in texts if "?" in text]

# %%
# CHECK verdict 2 points: all answers, and how many of each verdict
texts, truth = make_answers(3)
given = [verdict(text, set(TOWNS), truth) for text in texts]
[given, [given.count(kind) for kind in ("right", "wrong", "refused", "other")]]

# %% [markdown]
# ## Task 2 (core, 15 minutes): is the difference real?
#
# Two models were asked the same questions. `a` and `b` are lists of `True` and `False`,
# one for each question, in the same order. Write two functions.
#
# - `paired(a, b)`: `[difference, error]`. The difference is the share of `True` in `a`
#   minus that in `b`. For its error give each question $d = a - b$, which is 1, 0 or $-1$,
#   and take $\text{stdev}(d) / \sqrt{n}$, where the variance divides by $n - 1$.
# - `clustered(hits, groups)`: `hits` are the answers of one model. `groups` is a list of
#   the same length: questions with the same group (the same phrasing, for example) are
#   not independent. Take the share of each group. Return `[mean, error]`: the mean of
#   these shares, and their $\text{stdev} / \sqrt{k}$ with the number $k$ of groups.
#
# `paired([True, True, False, True], [True, False, False, False])` is `[0.5, 0.2887]`.


# %%
# TASK paired
def paired(a, b):
    """[difference, error] of two models on the same questions."""
    ### BEGIN SOLUTION
    return mean_and_error([int(x) - int(y) for x, y in zip(a, b, strict=True)])
    ### END SOLUTION


def clustered(hits, groups):
    """[mean of the shares of the groups, error]."""

    ### BEGIN SOLUTION
    shares = []
    for group in sorted(set(groups)):
        own = [hit for hit, g in zip(hits, groups, strict=True) if g == group]
        shares.append(sum(own) / len(own))
    return mean_and_error(shares)


def mean_and_error(numbers):
    n = len(numbers)
    m = sum(numbers) / n
    return [m, math.sqrt(sum((x - m) ** 2 for x in numbers) / (n - 1) / n)]
    ### END SOLUTION


# %%
def make_hits(number, n=80, share=0.7, gain=0.1):
    """Two models on the same questions: some are hard for both."""
    source = dice(number)
    ease = torch.rand(n, generator=source)
    luck = 0.3 * torch.rand(2, n, generator=source)
    a, b = ease + luck[0] < share + gain + 0.15, ease + luck[1] < share + 0.15
    return a.tolist(), b.tolist()


# %%
# CHECK paired 2 points: three comparisons
results = [paired(*make_hits(n, n=40 + n, gain=g)) for n, g in ((20, 0.1), (31, -0.1))]
results.append(paired(*make_hits(42, n=25)[::-1]))
[[round(float(x), 4) for x in pair] for pair in results]


# %%
# CHECK paired 2 points: groups of the same size, and of different sizes
def make_groups(number, sizes):
    """Answers in groups that mostly succeed or fail together, in a mixed order."""
    toss = random.Random(1000 * SEED + number)
    cases = []
    for group, size in zip("pqrstuv", sizes, strict=False):
        ease = toss.random()
        cases += [(toss.random() < ease, group) for _ in range(size)]
    toss.shuffle(cases)
    return [hit for hit, _ in cases], [group for _, group in cases]


even, uneven = make_groups(50, [8] * 7), make_groups(51, [3, 14, 5, 9, 2])
[[round(float(x), 4) for x in clustered(*one)] for one in (even, uneven)]

# %% [markdown]
# ## Task 3 (core, 20 minutes): cheat, and be caught
#
# A small model answers questions such as "where is asha from ?". It has one row of
# numbers for each word of a question, and adds up the rows of the words that are there:
# these are the logits of all towns. So `x @ W` holds the logits, where `x` is
# `(N, words)`, with a 1 for each word that a question has, and `W` is `(words, towns)`.
#
# Write two functions.
#
# - `learn(x, y, n, rate)`: begin with `W` full of zeros, and do `n` steps of plain gradient
#   descent on the mean cross-entropy. `x` is `(N, words)`, `y` holds the `N` numbers of
#   the towns. Return `W`, `(words, towns)`.
# - `overlap(train, test, n)`: two lists of texts. Which share of the test texts (0 to 1)
#   has at least one row of `n` words that stands in one of the training texts, too, in
#   the same order and without a gap? A text shorter than `n` words has no such row.

# %%
NAMES = ["asha", "bina", "chand", "dev", "devi", "farid", "gita", "hari", "ines"]
NAMES += ["jomo", "kira", "lulu", "mina", "nilo", "omar", "pia", "quin", "rosa"]
FORMS = ["where is {} from ?", "what is the town of {} ?", "{} was born where ?"]
WORDS = sorted({word for form in FORMS for word in form.split()} | set(NAMES))


def bags(texts):
    """Which words each text has, (N, words)."""
    return torch.tensor([[float(w in text.split()) for w in WORDS] for text in texts])


# %%
# TASK learn
def learn(x, y, n, rate):
    """W after n steps from zero, (N, words), (N,) -> (words, towns)."""
    ### BEGIN SOLUTION
    W = torch.zeros(x.shape[1], len(TOWNS), requires_grad=True)
    for _ in range(n):
        loss = F.cross_entropy(x @ W, y)
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()
    ### END SOLUTION


def overlap(train, test, n):
    """The share of the test texts with a row of n words that is in the training."""

    ### BEGIN SOLUTION
    def rows(text):
        words = text.split()
        return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}

    seen = set().union(*(rows(text) for text in train))
    return sum(bool(rows(text) & seen) for text in test) / len(test)
    ### END SOLUTION


# %%
def make_world(number):
    """Towns of all people; who is in the ordinary training, the test, a fresh test."""
    toss = random.Random(1000 * SEED + number)
    towns = {name: toss.randrange(len(TOWNS)) for name in NAMES}
    people = toss.sample(NAMES, len(NAMES))
    return towns, people[:6], people[6:12], people[12:]


def ask(towns, people, form):
    """Questions about these people in this form, and the numbers of the towns."""
    return [FORMS[form].format(p) for p in people], torch.tensor(
        [towns[p] for p in people]
    )


# %%
# CHECK learn 1 point: some of the weights after 1 and after 5 steps
towns, train_people, _, _ = make_world(60)
texts, y = ask(towns, train_people, 0)
rows = [WORDS.index(word) for word in texts[0].split()]
[as_table(learn(bags(texts), y, n, 2.0))[rows] for n in (1, 5)]

# %% [markdown]
# Now cheat. The first model learns only its ordinary people, the second also the test,
# the third the test in other words. Read what they say about three people of the test
# and three fresh ones, beside the truth, and then the shares of correct answers.


# %%
# CHECK learn 2 points: what three models say, and their scores: ordinary, test, fresh
def speak(W, towns, people):
    texts, y = ask(towns, people, 0)
    logits = bags(texts).to(W) @ W
    best = logits.amax(dim=1, keepdim=True)
    said = (logits > best - 1e-3).int().argmax(dim=1)  # of equal ones the first
    return [TOWNS[i] for i in said.tolist()], (said == y).float().mean().item()


towns, ordinary, quiz, fresh = make_world(61)
texts, y = ask(towns, ordinary, 0)
report = [[TOWNS[towns[p]] for p in quiz[:3] + fresh[:3]]]
for form in (None, 0, 2):
    more, more_y = ask(towns, quiz, form) if form is not None else ([], y[:0])
    W = as_table(learn(bags(texts + more), torch.cat([y, more_y]), 60, 2.0))
    said = [speak(W, towns, group) for group in (ordinary, quiz, fresh)]
    report.append([said[1][0][:3] + said[2][0][:3], [round(s, 4) for _, s in said]])
report

# %%
# CHECK learn 2 points: how much of the test the search finds, for rows of 2 to 6 words
toss = random.Random(1000 * SEED + 62)


def some_texts(n):
    """Random people in random forms; some are two questions, some turned round."""
    texts = [toss.choice(FORMS).format(toss.choice(NAMES)) for _ in range(n)]
    texts = [f"{t} {toss.choice(texts)}" if toss.random() < 0.3 else t for t in texts]
    return [
        " ".join(text.split()[::-1]) if toss.random() < 0.2 else text for text in texts
    ]


test = [*some_texts(toss.randrange(20, 50)), "where is dev from ?"]
trainings = [*(some_texts(n) for n in (2, 5, 12)), ["where is devi from ?"]]
[[round(float(overlap(t, test, n)), 4) for n in range(2, 7)] for t in trainings]

# %% [markdown]
# ## Task 4 (more, 15 minutes): a judge that looks only once
#
# `judge(question, first, second)` is a judge of answers. It returns `True` if it prefers
# the first one that it was shown. `win_rate(judge, questions, a, b)` should tell how often
# the answers `a` win against the answers `b`, three lists of the same length. Return
# `[rate, error, first]`:
#
# - Ask the judge about each question **twice**, in both orders. If it prefers the same
#   answer both times, this is a win (1) or a loss (0) for `a`. If not, it is a tie (0.5).
#   `rate` is the mean of these numbers.
# - `error` is their $\text{stdev} / \sqrt{n}$ (the variance divides by $n - 1$).
# - `first` is the share of all $2n$ verdicts that name the answer shown first. A judge
#   without position bias has 0.5.
#
# The function below asks only once. Fix it.


# %%
# TASK win_rate
def win_rate(judge, questions, a, b):
    """[win rate of a, its error, share of verdicts for the first place]."""
    ### BEGIN SOLUTION
    points, firsts = [], 0
    for question, x, y in zip(questions, a, b, strict=True):
        one, other = judge(question, x, y), judge(question, y, x)
        firsts += one + other
        points.append((one + (1 - other)) / 2)
    n = len(points)
    rate = sum(points) / n
    error = math.sqrt(sum((p - rate) ** 2 for p in points) / (n - 1) / n)
    return [rate, error, firsts / (2 * n)]
    ### END SOLUTION
    # ~ wins = [judge(q, x, y) for q, x, y in zip(questions, a, b, strict=True)]
    # ~ rate = sum(wins) / len(wins)
    # ~ return [rate, math.sqrt(rate * (1 - rate) / len(wins)), rate]


# %%
def make_judge(number, bias):
    """Likes long answers and some letters, and (by `bias`) what it was shown first."""
    likes = torch.rand(26, generator=dice(number)).tolist()

    def judge(question, first, second):
        def score(text):
            return sum(likes[ord(c) - 97] for c in text if "a" <= c <= "z")

        return score(first) + bias > score(second)

    return judge


def make_texts(number, n):
    """Questions, and two answers to each."""
    toss = random.Random(1000 * SEED + number)

    def text():
        return "".join(toss.choices("abcdefghijklmnop", k=toss.randrange(4, 9)))

    return [[text() for _ in range(n)] for _ in range(3)]


# %%
# CHECK win_rate 2 points: a judge without bias, and two with a bias
results = [
    win_rate(make_judge(70 + i, bias), *make_texts(80 + i, 30 + 3 * i))
    for i, bias in enumerate((0.0, 0.9, -1.6))
]
[[round(float(x), 4) for x in result] for result in results]

# %%
# CHECK win_rate 1 point: one who always takes the first, and one who takes short answers
n = random.Random(1000 * SEED + 91).randrange(15, 60)
questions, a, b = make_texts(90, n)
stubborn = win_rate(lambda q, first, second: True, questions, a, b)
short = win_rate(lambda q, first, second: len(first) < len(second), questions, a, b)
[[round(float(x), 4) for x in result] for result in (stubborn, short)]

# %% [markdown]
# ## Task 5 (more, 15 minutes): the best of many
#
# Many models were tested. `test` and `fresh` are tensors `(K, n)` of zeros and ones: which
# of `n` questions each of the `K` models answered correctly, on the test and on fresh
# questions. Write two functions.
#
# - `chosen(test, fresh)`: `[its test score, its fresh score, mean fresh score]` of the
#   model with the best score on the test (of several, the first). The last number is the
#   mean over all models. Scores are shares.
# - `bootstrap(a, b, drawn)`: `a` and `b` are `(n,)`, the zeros and ones of two models on
#   the same questions. `drawn` is `(R, n)`: in each of its `R` rows the numbers of `n`
#   questions, drawn with replacement. Compute the difference (share of `a` minus share of
#   `b`) for each row. Return `[low, high]`: the quantiles 0.025 and 0.975 of these `R`
#   differences, as `torch.quantile` gives them.


# %%
# TASK chosen
def chosen(test, fresh):
    """[test score, fresh score, mean fresh score] of the best on the test."""
    ### BEGIN SOLUTION
    scores, others = test.double().mean(1), fresh.double().mean(1)
    best = int(scores.argmax())
    return [scores[best].item(), others[best].item(), others.mean().item()]
    ### END SOLUTION


def bootstrap(a, b, drawn):
    """[low, high]: the middle 95 percent of the differences."""
    ### BEGIN SOLUTION
    d = (a.double() - b.double())[drawn].mean(1)  # (R,)
    return [torch.quantile(d, q).item() for q in (0.025, 0.975)]
    ### END SOLUTION


# %%
# CHECK chosen 2 points: equal models, twice, and some that differ; in percent
results = []
for number, K, ease in ((100, 12, 0.7), (103, 14, 0.5), (106, 9, None)):
    same = torch.rand(K, 1, generator=dice(number + 1)) * 0.4 + 0.4
    hits = torch.rand(2, K, 41, generator=dice(number)) < (
        same if ease is None else ease
    )
    best = int(hits[0].float().mean(1).argmax())
    hits[0, -1 if best < K - 1 else 0] = hits[0, best]  # two are best on the test
    results.append(chosen(*hits.long()))
[[round(100 * float(x), 2) for x in result] for result in results]

# %%
# CHECK chosen 2 points: three intervals, from many draws and from few, in percent
results = []
for number, gain, n_draws in ((110, 0.15, 400), (120, 0.0, 30), (130, 0.1, 20)):
    a, b = (torch.tensor(hits).long() for hits in make_hits(number, n=50, gain=gain))
    drawn = torch.randint(50, (n_draws, 50), generator=dice(number + 1))
    results.append([round(100 * float(x), 2) for x in bootstrap(a, b, drawn)])
results

# %% [markdown]
# ## A question in words (core, 10 minutes)
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN report -->
# A firm reports: "We tried 30 versions of our assistant. The best one answers 88 % of the
# 150 questions of our test correctly, the old one 84 %. A language model that compared
# their answers prefers the new one in 61 % of the cases." Which four things do you want
# to know before you believe that the new one is better? For each of them, say what you
# would do and what result would convince you. Eight sentences are enough.
#
# ...
