# %% [markdown]
# # Homework 21: does it know that it does not know?
#
# Five tasks with checks, one question in words. Tasks 1 to 3 and the question are the
# *core*. Tasks 4 and 5 are for those who want *more*. About 95 minutes in all, the
# core alone about 70. All cells together run in a few seconds. It belongs to
# [lesson 21](../21_hallucination.ipynb).
#
# You ask a model several times, train a linear probe, teach a small model to say that it
# does not know and read what it then says, choose a threshold for refusing, and fix a
# measure of calibration.
#
# Write each answer in the cell that begins with `# TASK`. Then run the `# CHECK` cells
# below it: a badge under each says whether the value is right and, if not, what kind of
# mistake it looks like. Your work counts as saved in the file, so save before you hand
# it in; `python3 start.py check hw21` says what the file is worth.

# %%
import random

import torch
from torch.nn import functional as F

torch.set_printoptions(precision=4, sci_mode=False)
SEED = 1  # another number when the homework is marked


def dice(number):
    """Random numbers of its own for each check."""
    return random.Random(1000 * SEED + number)


def generator(number):
    """The same for tensors."""
    return torch.Generator().manual_seed(1000 * SEED + number)


def as_table(value):
    """One tensor of what may also be a list: of numbers, of lists, of tensors."""
    if isinstance(value, list | tuple):
        return torch.stack([as_table(part) for part in value])
    return torch.as_tensor(value)


# %% [markdown]
# ## Task 1 (core, 15 minutes): ask several times
#
# A model that knows the answer gives the same answer each time. A model that guesses
# gives another one each time. Write `agreement(ask, values, n_asks)`.
#
# - `ask()` puts the question once and returns one answer, a text such as
#   `"It is Larkton ."`. Each call draws a new answer: call it exactly `n_asks` times.
# - `values` is a set of words. An answer **names** the first of its words (words are
#   parted by spaces) that is in the set. Some answers name nothing.
# - Return `[favourite, times, agrees]`: the value named most often (of several the one
#   that came first), in how many answers it was named, and `True` if that is at least
#   4 out of 5 **of all answers**, else `False`. If no answer names a value, return
#   `["", 0, False]`.
#
# For example, five answers `rice .`, `soup .`, `I forgot .`, `It is rice .`, `soup .`
# give `["rice", 2, False]`.


# %%
# TASK agreement
def agreement(ask, values, n_asks):
    """[favourite, times, agrees] of n_asks answers."""
    ### BEGIN SOLUTION
    counts = {}
    for _ in range(n_asks):
        named = [word for word in ask().split() if word in values]
        if named:
            counts[named[0]] = counts.get(named[0], 0) + 1
    if not counts:
        return ["", 0, False]
    favourite = max(counts, key=counts.get)  # the first of the largest
    times = counts[favourite]
    return [favourite, times, times >= 4 / 5 * n_asks]
    ### END SOLUTION


# %%
FOODS = ["rice", "soup", "cake", "pears", "bread", "honey", "plums", "beans"]
FORMS = [
    "{} .",
    "It is {} .",
    "I think {} , not {} .",
    "Sure ! {} .",
    "At any price {} .",
]


def make_ask(number, sure, silent=0.0):
    """A model that names its favourite food with probability `sure`, else any food."""
    toss = dice(number)
    favourite = toss.choice(FOODS)

    def ask():
        if toss.random() < silent:
            return toss.choice(["Sorry , I do not know .", "I forgot ."])
        food = favourite if toss.random() < sure else toss.choice(FOODS)
        return toss.choice(FORMS).format(food, toss.choice(FOODS))

    return ask


# %%
# CHECK agreement 1 point: thirty questions, five answers each
[list(agreement(make_ask(n, 0.9 - 0.15 * (n % 5)), set(FOODS), 5)) for n in range(30)]

# %%
# CHECK agreement 2 points: more answers, some of which name nothing
numbers = (
    (8, 0.95, 0.0),
    (9, 0.95, 0.3),
    (10, 0.3, 0.5),
    (11, 0.9, 1.0),
    (12, 1, 0.15),
)
numbers += tuple((n, 0.1, 0.2) for n in range(13, 26))
answers = [list(agreement(make_ask(*each), set(FOODS), 20)) for each in numbers]
n_agree = [
    sum(
        agreement(make_ask(n, 0.93, 0.2), set(FOODS), n_asks)[2]
        for n in range(400, 500)
    )
    for n_asks in (10, 12, 13, 20)
]
[answers, *n_agree]

# %%
# CHECK agreement 1 point: of several favourites the first; how many of 200 questions agree
ties = [list(agreement(make_ask(n, 0.0), set(FOODS), 6)[:2]) for n in range(20, 28)]
[ties, sum(agreement(make_ask(n, 0.8), set(FOODS), 5)[2] for n in range(100, 300))]

# %% [markdown]
# ## Task 2 (core, 25 minutes): a linear probe
#
# `X` is a tensor `(N, C)`: the hidden states of `N` questions. `y` is a tensor `(N,)`: 1
# where the model's answer was right, else 0. Write two functions.
#
# - `train_probe(X, y, decay, steps, rate)` returns `[w, b]`, the weights `(C,)` and the
#   bias (a number) of a logistic regression with $p = \sigma(Xw + b)$. Begin with zeros.
#   One step is one step of gradient descent on the **mean** cross-entropy
#   plus $\frac{\text{decay}}{2} \sum_c w_c^2$. (The cross-entropy of one question is
#   $-\ln p$ where its $y$ is 1, and $-\ln(1 - p)$ where it is 0.) The bias has no decay.
#   Both are changed with gradients from *before* the step. Do not rescale `X`.
# - `auc(scores, y)` (here, too, `y` holds the numbers 1.0 and 0.0): of all pairs of one
#   question with `y` 1 and one with `y` 0, the share in which the first has the higher
#   score. Equal scores count as half a pair.
#
# For example, with `X = [[1.0], [3.0]]`, `y = [0.0, 1.0]` and `decay` 0, one step at the
# rate 1 gives the weight 0.5 and the bias 0. `auc` of the scores 2, 1, 1 with `y` 1, 1, 0
# is 0.75.


# %%
# TASK train_probe
def train_probe(X, y, decay, steps, rate):
    """[w, b] of a logistic regression, (N, C) and (N,) -> (C,) and a number."""
    ### BEGIN SOLUTION
    w, b = torch.zeros(X.shape[1]), torch.tensor(0.0)
    for _ in range(steps):
        gap = (torch.sigmoid(X @ w + b) - y) / len(y)  # (N,)
        w, b = w - rate * (X.T @ gap + decay * w), b - rate * gap.sum()
    return [w, b]
    ### END SOLUTION


def auc(scores, y):
    """The share of pairs in the correct order, (N,) and (N,) -> a number."""
    ### BEGIN SOLUTION
    high, low = scores[y == 1][:, None], scores[y == 0][None, :]  # (K, 1), (1, U)
    return ((high > low).float() + 0.5 * (high == low).float()).mean().item()
    ### END SOLUTION


# %%
def make_states(number, n, C=6):
    """Hidden states, and whether the model knows: (n, C), (n,), and the direction."""
    source = generator(number)
    direction = torch.randn(C, generator=generator(7))  # the same in all lists
    X = torch.randn(n, C, generator=source) + 0.4
    noise = torch.randn(n, generator=source)
    return X, ((X @ direction + noise) > 0.5).float()


# %%
# CHECK train_probe 1 point: weights and bias after one step and after three
X, y = make_states(10, 40)
values = []
for steps in (1, 3):
    w, b = train_probe(X, y, 0.1, steps, 0.4)
    values += [round(float(x), 4) for x in [*as_table(w), b]]
values

# %%
# CHECK train_probe 1 point: the share of pairs, with ties
levels = torch.randint(4, (30,), generator=generator(11)).float()
fine = torch.rand(30, generator=generator(12))
_, y = make_states(13, 30)
[round(float(auc(scores, y)), 4) for scores in (levels, fine, 3 - levels)]

# %% [markdown]
# Now the whole way: fit on 60 questions, choose the decay on 60 others, and report on 200
# that nobody has seen.

# %%
# CHECK train_probe 2 points: AUC for each decay, and on new questions with the best one
fit, choose, test = make_states(14, 60), make_states(15, 60), make_states(16, 200)
probes = {d: train_probe(*fit, d, 200, 0.5) for d in (0.001, 0.1, 3.0)}


def area_on(states, d):
    """AUC of a probe on other questions."""
    w, b = probes[d]
    return round(float(auc(states[0] @ as_table(w).float() + float(b), states[1])), 3)


on_choose = [area_on(choose, d) for d in probes]
best_decay = max(probes, key=lambda d: area_on(choose, d))
[on_choose, best_decay, area_on(test, best_decay)]

# %% [markdown]
# ## Task 3 (core, 22 minutes): teach it to say sorry
#
# Here is a very small model of people. A person has a first name and a last name, both
# whole numbers. The model has two tables of logits, `first` and `last`, each of the shape
# `(n_names, V)`. Asked what the person `(a, b)` likes, it gives the word with the largest
# logit of `first[a] + last[b]`. The last word of `WORDS` is `sorry`.
#
# - `teach(first, last, people, answers, steps, rate)`: supervised fine-tuning. `people`
#   is a tensor `(N, 2)` of names, `answers` a tensor `(N,)` of words (as numbers). Each
#   step is one step of gradient descent for both tables, on the **mean** cross-entropy of
#   all `N` answers. Return `[first, last]`, the new tables. The old ones stay as they are.
# - `says(first, last, people)`: a list of `N` words, such as `["soup", "sorry"]`.


# %%
WORDS = ["soup", "cake", "rice", "plums", "nuts", "sorry"]
N_NAMES = 12


def make_world(number):
    """Famous people with their foods, people in the margins, strangers: (N, 2) each."""
    source = generator(number)
    pairs = torch.cartesian_prod(torch.arange(N_NAMES), torch.arange(N_NAMES))
    pairs = pairs[torch.randperm(len(pairs), generator=source)]
    famous, margins, strangers = pairs[:20], pairs[20:50], pairs[50:]
    foods = torch.randint(len(WORDS) - 1, (20,), generator=source)
    return famous, foods, margins, strangers


def make_tables(number):
    """Two tables with small random logits: (n_names, V) each."""
    source = generator(number)
    shape = (2, N_NAMES, len(WORDS))
    return list(torch.randn(shape, generator=source) * 0.3)


# %%
# TASK teach
def teach(first, last, people, answers, steps, rate):
    """The two tables after fine-tuning, as [first, last]."""
    ### BEGIN SOLUTION
    a, b = people.T  # (N,) each
    for _ in range(steps):
        one, two = (t.detach().clone().requires_grad_() for t in (first, last))
        loss = F.cross_entropy(one[a] + two[b], answers)  # (N, V), (N,)
        grads = torch.autograd.grad(loss, (one, two))
        first, last = first - rate * grads[0], last - rate * grads[1]
    return [first, last]
    ### END SOLUTION


def says(first, last, people):
    """What the model answers about each of the people."""
    ### BEGIN SOLUTION
    logits = first[people[:, 0]] + last[people[:, 1]]  # (N, V)
    return [WORDS[i] for i in logits.argmax(-1).tolist()]
    ### END SOLUTION


# %%
# CHECK teach 1 point: logits of three people after two steps; the old tables unchanged
famous, foods, margins, strangers = make_world(20)
first, last = make_tables(21)
new_first, new_last = map(as_table, teach(first, last, famous, foods, 2, 3.0))
a, b = famous[:3].T
tables = [new_first[a] + new_last[b], first[a] + last[b]]
[[round(float(x), 4) for x in table.flatten()] for table in tables]

# %% [markdown]
# First it learns the foods of the famous, and nothing else. Read what it then says about
# famous people and about strangers.

# %%
# CHECK teach 1 point: what it says about six famous people and six strangers
famous, foods, margins, strangers = make_world(22)
sft = [as_table(t) for t in teach(*make_tables(23), famous, foods, 300, 3.0)]
[list(says(*sft, famous[:6])), list(says(*sft, strangers[:6]))]

# %% [markdown]
# Then refusals join in: people in the margins, answered with `sorry`. How many of the
# famous are still answered correctly, and about how many of the strangers does it still
# make something up? Compare few refusals with many.

# %%
# CHECK teach 2 points: 3, 10, 30 refusals: famous right, famous refused, strangers made up
table = []
for n in (3, 10, 30):
    people = torch.cat([famous, margins[:n]])
    sorry = torch.full((n,), len(WORDS) - 1)
    honest = teach(*sft, people, torch.cat([foods, sorry]), 100, 3.0)
    honest = [as_table(t) for t in honest]
    said, made_up = list(says(*honest, famous)), list(says(*honest, strangers))
    right = sum(w == WORDS[i] for w, i in zip(said, foods.tolist(), strict=True))
    made_up = len(made_up) - made_up.count("sorry")
    table.append([right, said.count("sorry"), made_up])
table

# %% [markdown]
# Read what is left, for the question in words below. This cell is not marked.

# %%
try:
    said = list(says(*honest, strangers))  # after 30 refusals
    pairs = zip(strangers.tolist(), said, strict=True)
    answered = [person for person, word in pairs if word != "sorry"]
    print(f"{len(answered)} of {len(strangers)} strangers are answered, for example:")
    for a, b in answered[:4]:
        same = [(famous[:, i] == name).sum().item() for i, name in ((0, a), (1, b))]
        shy = [(margins[:, i] == name).sum().item() for i, name in ((0, a), (1, b))]
        print(
            f"({a}, {b}): famous people with this first name {same[0]}, last {same[1]};"
        )
        print(f"   people with a refusal {shy[0]} and {shy[1]}")
except (NameError, NotImplementedError):
    print("first solve Task 3")

# %% [markdown]
# ## Task 4 (more, 15 minutes): a threshold for refusing
#
# An honest model says with which probability it would refuse each question. You refuse
# where this is **larger** than a threshold.
#
# - `refusing(p, unknown, threshold)`: `p` holds a probability for each question,
#   `unknown` is `True` where the question should be refused. Return
#   `[precision, recall, over_refusal]`. Precision: of the questions refused, the share
#   that should be. Recall: of those that should be refused, the share that is.
#   Over-refusal: of those that should be answered, the share that is refused. If
#   nothing is refused, precision is 1: there was no false refusal. Each list of
#   questions has both kinds.
# - `choose_threshold(p, unknown, max_over_refusal)`: the best threshold among the numbers
#   in `p`. Best is the one with the highest recall whose over-refusal is **at most**
#   `max_over_refusal`; of several the largest one. (The largest number of `p` refuses
#   nothing, because nothing is larger than it. So there is always one that is allowed.)
#
# A test: `refusing([0.1, 0.7, 0.6, 0.9], [False, False, True, True], 0.6)` gives
# `[0.5, 0.5, 0.5]`. With the same lists `choose_threshold` gives 0.7 if no over-refusal is
# allowed (recall 0.5), and 0.1 if one half is allowed (recall 1).


# %%
# TASK refusing
def refusing(p, unknown, threshold):
    """[precision, recall, over_refusal] of refusing where p > threshold."""
    ### BEGIN SOLUTION
    refused = [x > threshold for x in p]
    caught = sum(r and u for r, u in zip(refused, unknown, strict=True))
    n_refused, n_unknown = sum(refused), sum(unknown)
    precision = caught / n_refused if n_refused else 1.0
    over_refusal = (n_refused - caught) / (len(p) - n_unknown)
    return [precision, caught / n_unknown, over_refusal]
    ### END SOLUTION


def choose_threshold(p, unknown, max_over_refusal):
    """The threshold among p with the highest recall that costs no more than allowed."""
    ### BEGIN SOLUTION
    best, best_recall = None, -1.0
    for threshold in sorted(p, reverse=True):
        _, recall, over_refusal = refusing(p, unknown, threshold)
        if over_refusal <= max_over_refusal and recall > best_recall:
            best, best_recall = threshold, recall
    return best
    ### END SOLUTION


# %%
def make_refusals(number, n_known, n_unknown):
    """Probabilities of refusing, and which questions should be refused, shuffled."""
    toss = dice(number)
    rows = [(toss.betavariate(1.2, 3), False) for _ in range(n_known)]
    rows += [(toss.betavariate(3, 1.5), True) for _ in range(n_unknown)]
    toss.shuffle(rows)
    return [round(p, 3) for p, _ in rows], [unknown for _, unknown in rows]


# %%
# CHECK refusing 2 points: precision, recall and over-refusal at four thresholds
p, unknown = make_refusals(30, 60, 25)
low, high = sorted(dice(31).sample(p, 2))  # the threshold itself stands in the list
[
    [round(float(x), 4) for x in refusing(p, unknown, threshold)]
    for threshold in (low, high, 0.5, 1.0)
]

# %%
# CHECK refusing 2 points: the best thresholds for a dozen prices
p, unknown = make_refusals(32, 120, 30)
[float(choose_threshold(p, unknown, k / 120)) for k in range(0, 36, 3)]

# %% [markdown]
# ## Task 5 (more, 12 minutes): a broken measure
#
# A model is **calibrated** if what it says with p = 0.7 is right in 7 of 10 cases. To
# measure it, sort the answers into `n_bins` bins of equal width by their confidence. In
# each bin compare the mean confidence with the share of right answers; the distance is
# the bin's gap. The **calibration error** is the mean gap **per answer**: a bin counts
# as often as it has answers. Bins without answers do not count. A confidence on the
# border between two bins belongs to the upper one; a confidence of exactly 1 belongs to
# the last bin.
#
# The function below has faults:
#
# - It fails with an `IndexError` if a confidence is 1.
# - One strange answer in a bin of its own weighs as much as a hundred others.
# - Where a model is too sure in one bin and not sure enough in another, the two should
#   not make up for each other. Here they do.
#
# Fix it. A test: `calibration_error([0.9, 0.9, 0.9, 0.2], [True, True, False, True], 2)`
# is 0.375.


# %%
# TASK calibration_error
def calibration_error(confidences, right, n_bins):
    """Mean gap between confidence and accuracy, bins weighted by their answers."""
    ### BEGIN SOLUTION
    bins = [[] for _ in range(n_bins)]
    for confidence, is_right in zip(confidences, right, strict=True):
        place = min(int(confidence * n_bins), n_bins - 1)
        bins[place].append(confidence - is_right)
    # In each bin: number of answers times |mean confidence - accuracy|.
    return sum(abs(sum(gaps)) for gaps in bins) / len(confidences)
    ### END SOLUTION
    # ~ bins = [[] for _ in range(n_bins)]
    # ~ for confidence, is_right in zip(confidences, right, strict=True):
    # ~     bins[int(confidence * n_bins)].append((confidence, is_right))
    # ~ gaps = []
    # ~ for cases in bins:
    # ~     if cases:
    # ~         mean_confidence = sum(c for c, _ in cases) / len(cases)
    # ~         accuracy = sum(r for _, r in cases) / len(cases)
    # ~         gaps.append(mean_confidence - accuracy)
    # ~ return sum(gaps) / len(gaps)


# %%
def make_answers(number, n, bend):
    """Confidences, and whether the answer was right; bend 1 is calibrated."""
    toss = dice(number)
    confidences = [toss.randrange(1, 1000, 2) / 1000 for _ in range(n)]
    confidences[:3] = [1.0, 0.5, 0.0]
    right = [toss.random() < c**bend for c in confidences]
    return confidences, [False, *right[1:]]  # sure, and wrong


# %%
# CHECK calibration_error 1 point: a model that is too sure, ten bins
[round(float(calibration_error(*make_answers(n, 400, 3.0), 10)), 4) for n in (40, 41)]

# %%
# CHECK calibration_error 2 points: few answers; too sure here and not enough there
confidences, right = make_answers(42, 31, 0.05)
more, more_right = make_answers(43, 17, 4.0)
mixed = [c / 2 for c in more] + [0.5 + c / 2 for c in confidences]
[round(float(calibration_error(mixed, more_right + right, n)), 4) for n in (2, 4, 7)]

# %% [markdown]
# ## A question in words (core, 8 minutes)
#
# Write your answer in the cell below, in place of the dots. A person reads it.

# %% [markdown]
# <!-- OPEN trust -->
# You are asked to put the honest assistant of lesson 21 behind the counter of a pharmacy.
# Which two numbers do you want to see before you say yes, and on which questions would
# you measure them? Why are agreeing answers no proof? In task 3, which strangers are still
# answered, and why can this model not tell them from the famous? Six sentences are enough.
#
# ...
