# Homework 21: answers that must fail with their hint, and answers that must pass.


# %%
# WRONG agreement: four, however many answers
# HINT Four answers of twenty are not 4 out of 5. Does your rule grow with n_asks?
def agreement(ask, values, n_asks):
    named = []
    for _ in range(n_asks):
        words = [word for word in ask().split() if word in values]
        if words:
            named.append(words[0])
    if not named:
        return ["", 0, False]
    favourite = max(named, key=named.count)
    times = named.count(favourite)
    return [favourite, times, times >= 4]


# %%
# WRONG agreement: more than 4 out of 5
# HINT Exactly 4 of 5 should agree already: at least, not more than.
def agreement(ask, values, n_asks):
    named = []
    for _ in range(n_asks):
        words = [word for word in ask().split() if word in values]
        if words:
            named.append(words[0])
    if not named:
        return ["", 0, False]
    favourite = max(named, key=named.count)
    times = named.count(favourite)
    return [favourite, times, times > 0.8 * n_asks]


# %%
# WRONG agreement: of those that named something
# HINT Answers without a value count too: 4 out of 5 of all answers.
def agreement(ask, values, n_asks):
    named = []
    for _ in range(n_asks):
        words = [word for word in ask().split() if word in values]
        if words:
            named.append(words[0])
    if not named:
        return ["", 0, False]
    favourite = max(named, key=named.count)
    times = named.count(favourite)
    return [favourite, times, times >= 0.8 * len(named)]


# %%
# WRONG agreement: silence is a favourite
# HINT An answer that names nothing has become a value of its own here, and can win.
def agreement(ask, values, n_asks):
    named = []
    for _ in range(n_asks):
        words = [word for word in ask().split() if word in values]
        named.append(words[0] if words else "")
    favourite = max(named, key=named.count)
    times = named.count(favourite)
    return [favourite, times, times >= 0.8 * n_asks]


# %%
# WRONG agreement: asked once
# HINT You asked once and counted the same answer again and again. Which line throws the dice?
def agreement(ask, values, n_asks):
    named = []
    answer = ask()
    for _ in range(n_asks):
        words = [word for word in answer.split() if word in values]
        if words:
            named.append(words[0])
    if not named:
        return ["", 0, False]
    favourite = max(named, key=named.count)
    times = named.count(favourite)
    return [favourite, times, times >= 0.8 * n_asks]


# %%
# WRONG agreement: the last word that is a value
# HINT Where an answer holds two values, you took the last one: which of them does it name?
def agreement(ask, values, n_asks):
    named = []
    for _ in range(n_asks):
        words = [word for word in ask().split() if word in values]
        if words:
            named.append(words[-1])
    if not named:
        return ["", 0, False]
    favourite = max(named, key=named.count)
    times = named.count(favourite)
    return [favourite, times, times >= 0.8 * n_asks]


# %%
# WRONG agreement: agreement as a share
# HINT You return the share itself. The task asks whether it is large enough, True or
# HINT False.
def agreement(ask, values, n_asks):
    named = []
    for _ in range(n_asks):
        words = [word for word in ask().split() if word in values]
        if words:
            named.append(words[0])
    if not named:
        return ["", 0, 0.0]
    favourite = max(named, key=named.count)
    times = named.count(favourite)
    return [favourite, times, times / n_asks]


# %%
# WRONG agreement: every value of an answer
# HINT An answer with two values was counted twice. It names one value.
def agreement(ask, values, n_asks):
    named = []
    for _ in range(n_asks):
        words = [word for word in ask().split() if word in values]
        if words:
            named += words
    if not named:
        return ["", 0, False]
    favourite = max(named, key=named.count)
    times = named.count(favourite)
    return [favourite, times, times >= 0.8 * n_asks]


# %%
# WRONG agreement: whole answers compared
# HINT You compared whole sentences. Two answers agree if they name the same value, in
# HINT whatever words.
def agreement(ask, values, n_asks):
    said = [ask() for _ in range(n_asks)]
    favourite = max(said, key=said.count)
    times = said.count(favourite)
    word = [w for w in favourite.split() if w in values]
    return [word[0] if word else "", times, times >= 0.8 * n_asks]


# %%
# WRONG agreement: the last of several favourites
# HINT Of several favourites you returned the one that came last.
def agreement(ask, values, n_asks):
    named = []
    for _ in range(n_asks):
        words = [word for word in ask().split() if word in values]
        if words:
            named.append(words[0])
    if not named:
        return ["", 0, False]
    favourite = max(reversed(named), key=named.count)
    times = named.count(favourite)
    return [favourite, times, times >= 0.8 * n_asks]


# %%
# WRONG agreement: the first of the alphabet
# HINT Of several favourites you returned the first of the alphabet. Which one was said first?
def agreement(ask, values, n_asks):
    named = []
    for _ in range(n_asks):
        words = [word for word in ask().split() if word in values]
        if words:
            named.append(words[0])
    if not named:
        return ["", 0, False]
    favourite = max(sorted(named), key=named.count)
    times = named.count(favourite)
    return [favourite, times, times >= 0.8 * n_asks]


# %%
# WRONG agreement: the first answer is the favourite
# HINT You took the first answer for the favourite. Which value came most often?
def agreement(ask, values, n_asks):
    named = []
    for _ in range(n_asks):
        words = [word for word in ask().split() if word in values]
        if words:
            named.append(words[0])
    if not named:
        return ["", 0, False]
    favourite = named[0]
    times = named.count(favourite)
    return [favourite, times, times >= 0.8 * n_asks]


# %%
# WRONG agreement: rounded to the nearest
# HINT You round 4/5 of the answers. Of 13 answers, are 10 at least 4 out of 5?
def agreement(ask, values, n_asks):
    named = []
    for _ in range(n_asks):
        words = [word for word in ask().split() if word in values]
        if words:
            named.append(words[0])
    if not named:
        return ["", 0, False]
    favourite = max(named, key=named.count)
    times = named.count(favourite)
    return [favourite, times, times >= round(0.8 * n_asks)]


# %%
# WRONG agreement: a value inside another word
# HINT You find a value inside another word, as rice in price. Words are parted by spaces.
def agreement(ask, values, n_asks):
    named = []
    for _ in range(n_asks):
        text = ask()
        inside = sorted((v for v in values if v in text), key=text.index)
        if inside:
            named.append(inside[0])
    if not named:
        return ["", 0, False]
    favourite = max(named, key=named.count)
    times = named.count(favourite)
    return [favourite, times, times >= 0.8 * n_asks]


# %%
# WRONG agreement: rounded down
# HINT Your limit is rounded down: 4 of 6 answers are less than 4 out of 5. Do not round.
def agreement(ask, values, n_asks):
    named = []
    for _ in range(n_asks):
        words = [word for word in ask().split() if word in values]
        if words:
            named.append(words[0])
    if not named:
        return ["", 0, False]
    favourite = max(named, key=named.count)
    times = named.count(favourite)
    return [favourite, times, times >= n_asks * 4 // 5]


# %%
# WRONG agreement: all but one
# HINT One answer of five may differ, and so four of twenty may. Your rule allows one, however
# HINT many answers there are.
def agreement(ask, values, n_asks):
    named = []
    for _ in range(n_asks):
        words = [word for word in ask().split() if word in values]
        if words:
            named.append(words[0])
    if not named:
        return ["", 0, False]
    favourite = max(named, key=named.count)
    times = named.count(favourite)
    return [favourite, times, times > n_asks - 2]


# %%
# WRONG agreement: silence has won
# HINT Where most answers name nothing, you return no favourite. Count only the answers that
# HINT name a value.
def agreement(ask, values, n_asks):
    named = []
    for _ in range(n_asks):
        words = [word for word in ask().split() if word in values]
        named.append(words[0] if words else "")
    favourite = max(named, key=named.count)
    times = named.count(favourite) if favourite else 0
    return [favourite, times, times >= 0.8 * n_asks]


# %%
# WRONG agreement: the first value of the set
# HINT Where an answer holds two values, you took the one that comes first in `values`. The
# HINT answer names the first of its own words.
def agreement(ask, values, n_asks):
    named = []
    for _ in range(n_asks):
        answer = ask().split()
        words = [value for value in sorted(values) if value in answer]
        if words:
            named.append(words[0])
    if not named:
        return ["", 0, False]
    favourite = max(named, key=named.count)
    times = named.count(favourite)
    return [favourite, times, times >= 0.8 * n_asks]


# %%
# WRONG agreement: asked once too often
# HINT You call `ask()` once too often. Each call draws a new answer: exactly n_asks calls.
def agreement(ask, values, n_asks):
    named = []
    for _ in range(n_asks + 1):
        words = [word for word in ask().split() if word in values]
        if words:
            named.append(words[0])
    if not named:
        return ["", 0, False]
    favourite = max(named, key=named.count)
    times = named.count(favourite)
    return [favourite, times, times >= 0.8 * n_asks]


# %%
# RIGHT agreement: with a Counter
from collections import Counter


def agreement(ask, values, n_asks):
    counts = Counter()
    for _ in range(n_asks):
        named = next((word for word in ask().split() if word in values), None)
        if named is not None:
            counts[named] += 1
    if not counts:
        return ["", 0, False]
    [(favourite, times)] = counts.most_common(1)
    return [favourite, times, 5 * times >= 4 * n_asks]


# %%
# RIGHT agreement: with numpy, as a tuple
import numpy as np


def agreement(ask, values, n_asks):
    said = [[w for w in ask().split() if w in values][:1] for _ in range(n_asks)]
    named = np.array([words[0] for words in said if words])
    if not named.size:
        return "", 0, False
    kinds, first, times = np.unique(named, return_index=True, return_counts=True)
    best = min(range(len(kinds)), key=lambda i: (-times[i], first[i]))
    return kinds[best], times[best], times[best] / n_asks >= 0.8


# %%
# RIGHT agreement: a running best
def agreement(ask, values, n_asks):
    answers = [ask() for _ in range(n_asks)]
    first = []
    for answer in answers:
        for word in answer.split(" "):
            if word in values:
                first.append(word)
                break
    best, times = "", 0
    for word in first:
        if first.count(word) > times:
            best, times = word, first.count(word)
    return best, times, times * 5 >= n_asks * 4


# %%
# RIGHT agreement: sorted by count, then by place
def agreement(ask, values, n_asks):
    said = []
    while n_asks > len(said):
        words = list(filter(values.__contains__, ask().split()))
        said.append((words + [""])[0])
    kinds = sorted(set(said) - {""}, key=lambda v: (-said.count(v), said.index(v)))
    favourite = kinds[0] if kinds else ""
    times = said.count(favourite) if kinds else 0
    return [favourite, times, times / n_asks >= 0.8]


# %%
# WRONG refusing: the threshold itself refused
# HINT A question whose probability equals the threshold is refused here. Larger, says the
# HINT task.
def refusing(p, unknown, threshold):
    caught = sum(x >= threshold for x, u in zip(p, unknown) if u)
    false = sum(x >= threshold for x, u in zip(p, unknown) if not u)
    n_unknown = sum(unknown)
    precision = caught / (caught + false) if caught + false else 1.0
    recall = caught / n_unknown
    over_refusal = false / (len(p) - n_unknown)
    return [precision, recall, over_refusal]


def choose_threshold(p, unknown, most):
    fits = [t for t in p if refusing(p, unknown, t)[2] <= most]
    return max(fits, key=lambda t: (refusing(p, unknown, t)[1], t))


# %%
# WRONG refusing: recall and precision exchanged
# HINT Precision and recall have changed places: which one has the refused questions below
# HINT the line?
def refusing(p, unknown, threshold):
    caught = sum(x > threshold for x, u in zip(p, unknown) if u)
    false = sum(x > threshold for x, u in zip(p, unknown) if not u)
    n_unknown = sum(unknown)
    precision = caught / (caught + false) if caught + false else 1.0
    recall = caught / n_unknown
    over_refusal = false / (len(p) - n_unknown)
    return [recall, precision, over_refusal]


def choose_threshold(p, unknown, most):
    fits = [t for t in p if refusing(p, unknown, t)[2] <= most]
    return max(fits, key=lambda t: (refusing(p, unknown, t)[0], t))


# %%
# WRONG refusing: over-refusal among all questions
# HINT You divided the false refusals by all questions. Which questions should be answered?
def refusing(p, unknown, threshold):
    caught = sum(x > threshold for x, u in zip(p, unknown) if u)
    false = sum(x > threshold for x, u in zip(p, unknown) if not u)
    n_unknown = sum(unknown)
    precision = caught / (caught + false) if caught + false else 1.0
    recall = caught / n_unknown
    over_refusal = false / len(p)
    return [precision, recall, over_refusal]


def choose_threshold(p, unknown, most):
    fits = [t for t in p if refusing(p, unknown, t)[2] <= most]
    return max(fits, key=lambda t: (refusing(p, unknown, t)[1], t))


# %%
# WRONG refusing: over-refusal among the refused
# HINT 1 - precision is a share of the refused. Over-refusal is a share of the questions that
# HINT should be answered.
def refusing(p, unknown, threshold):
    caught = sum(x > threshold for x, u in zip(p, unknown) if u)
    false = sum(x > threshold for x, u in zip(p, unknown) if not u)
    n_unknown = sum(unknown)
    precision = caught / (caught + false) if caught + false else 1.0
    recall = caught / n_unknown
    over_refusal = 1 - precision
    return [precision, recall, over_refusal]


def choose_threshold(p, unknown, most):
    fits = [t for t in p if refusing(p, unknown, t)[2] <= most]
    return max(fits, key=lambda t: (refusing(p, unknown, t)[1], t))


# %%
# WRONG refusing: recall among all questions
# HINT You divided what was caught by all questions. How many should be refused?
def refusing(p, unknown, threshold):
    caught = sum(x > threshold for x, u in zip(p, unknown) if u)
    false = sum(x > threshold for x, u in zip(p, unknown) if not u)
    n_unknown = sum(unknown)
    precision = caught / (caught + false) if caught + false else 1.0
    recall = caught / len(p)
    over_refusal = false / (len(p) - n_unknown)
    return [precision, recall, over_refusal]


def choose_threshold(p, unknown, most):
    fits = [t for t in p if refusing(p, unknown, t)[2] <= most]
    return max(fits, key=lambda t: (refusing(p, unknown, t)[1], t))


# %%
# WRONG refusing: accuracy for precision
# HINT This is the share of right decisions, answers included. Precision looks at the refused
# HINT ones only.
def refusing(p, unknown, threshold):
    caught = sum(x > threshold for x, u in zip(p, unknown) if u)
    false = sum(x > threshold for x, u in zip(p, unknown) if not u)
    n_unknown = sum(unknown)
    precision = (caught + len(p) - n_unknown - false) / len(p)
    recall = caught / n_unknown
    over_refusal = false / (len(p) - n_unknown)
    return [precision, recall, over_refusal]


def choose_threshold(p, unknown, most):
    fits = [t for t in p if refusing(p, unknown, t)[2] <= most]
    return max(fits, key=lambda t: (refusing(p, unknown, t)[1], t))


# %%
# WRONG refusing: no refusals, precision 0
# HINT Nothing is refused at threshold 1: which precision does the task want there?
def refusing(p, unknown, threshold):
    caught = sum(x > threshold for x, u in zip(p, unknown) if u)
    false = sum(x > threshold for x, u in zip(p, unknown) if not u)
    n_unknown = sum(unknown)
    precision = caught / (caught + false) if caught + false else 0.0
    recall = caught / n_unknown
    over_refusal = false / (len(p) - n_unknown)
    return [precision, recall, over_refusal]


def choose_threshold(p, unknown, most):
    fits = [t for t in p if refusing(p, unknown, t)[2] <= most]
    return max(fits, key=lambda t: (refusing(p, unknown, t)[1], t))


# %%
# WRONG refusing: answers the sure ones
# HINT You refuse where the probability is small.
def refusing(p, unknown, threshold):
    caught = sum(x < threshold for x, u in zip(p, unknown) if u)
    false = sum(x < threshold for x, u in zip(p, unknown) if not u)
    n_unknown = sum(unknown)
    precision = caught / (caught + false) if caught + false else 1.0
    recall = caught / n_unknown
    over_refusal = false / (len(p) - n_unknown)
    return [precision, recall, over_refusal]


def choose_threshold(p, unknown, most):
    fits = [t for t in p if refusing(p, unknown, t)[2] <= most]
    return max(fits, key=lambda t: (refusing(p, unknown, t)[1], t))


# %%
# WRONG refusing: the smallest threshold that fits
# HINT Of several thresholds with the same recall take the largest one.
def refusing(p, unknown, threshold):
    caught = sum(x > threshold for x, u in zip(p, unknown) if u)
    false = sum(x > threshold for x, u in zip(p, unknown) if not u)
    n_unknown = sum(unknown)
    precision = caught / (caught + false) if caught + false else 1.0
    recall = caught / n_unknown
    over_refusal = false / (len(p) - n_unknown)
    return [precision, recall, over_refusal]


def choose_threshold(p, unknown, most):
    fits = [t for t in p if refusing(p, unknown, t)[2] <= most]
    return max(fits, key=lambda t: (refusing(p, unknown, t)[1], -t))


# %%
# WRONG refusing: the largest threshold of all
# HINT The largest threshold refuses nothing. Which one has the highest recall?
def refusing(p, unknown, threshold):
    caught = sum(x > threshold for x, u in zip(p, unknown) if u)
    false = sum(x > threshold for x, u in zip(p, unknown) if not u)
    n_unknown = sum(unknown)
    precision = caught / (caught + false) if caught + false else 1.0
    recall = caught / n_unknown
    over_refusal = false / (len(p) - n_unknown)
    return [precision, recall, over_refusal]


def choose_threshold(p, unknown, most):
    fits = [t for t in p if refusing(p, unknown, t)[2] <= most]
    return max(fits)


# %%
# WRONG refusing: the price must be below
# HINT An over-refusal of exactly `max_over_refusal` is allowed: at most.
def refusing(p, unknown, threshold):
    caught = sum(x > threshold for x, u in zip(p, unknown) if u)
    false = sum(x > threshold for x, u in zip(p, unknown) if not u)
    n_unknown = sum(unknown)
    precision = caught / (caught + false) if caught + false else 1.0
    recall = caught / n_unknown
    over_refusal = false / (len(p) - n_unknown)
    return [precision, recall, over_refusal]


def choose_threshold(p, unknown, most):
    fits = [t for t in p if refusing(p, unknown, t)[2] < max(most, 1e-9)]
    return max(fits, key=lambda t: (refusing(p, unknown, t)[1], t))


# %%
# WRONG refusing: at least that price
# HINT The thresholds you look at cost too much: over-refusal is at least the
# HINT price there.
def refusing(p, unknown, threshold):
    caught = sum(x > threshold for x, u in zip(p, unknown) if u)
    false = sum(x > threshold for x, u in zip(p, unknown) if not u)
    n_unknown = sum(unknown)
    precision = caught / (caught + false) if caught + false else 1.0
    recall = caught / n_unknown
    over_refusal = false / (len(p) - n_unknown)
    return [precision, recall, over_refusal]


def choose_threshold(p, unknown, most):
    fits = [t for t in p if refusing(p, unknown, t)[2] >= most]
    return max(fits, key=lambda t: (refusing(p, unknown, t)[1], t))


# %%
# RIGHT refusing: with sets of places
def refusing(p, unknown, threshold):
    refused = {i for i, x in enumerate(p) if x > threshold}
    to_refuse = {i for i, u in enumerate(unknown) if u}
    both = refused & to_refuse
    rest = set(range(len(p))) - to_refuse
    precision = len(both) / len(refused) if refused else 1
    return precision, len(both) / len(to_refuse), len(refused & rest) / len(rest)


def choose_threshold(p, unknown, most):
    best = max(p)
    for threshold in p:
        new, old = refusing(p, unknown, threshold), refusing(p, unknown, best)
        better = new[1] > old[1] or (new[1] == old[1] and threshold > best)
        if new[2] <= most and better:
            best = threshold
    return best


# %%
# RIGHT refusing: with numpy
import numpy as np


def refusing(p, unknown, threshold):
    refused, unknown = np.array(p) > threshold, np.array(unknown)
    precision = unknown[refused].mean() if refused.any() else 1.0
    shares = refused[unknown].mean(), refused[~unknown].mean()
    return [float(precision), *map(float, shares)]


def choose_threshold(p, unknown, most):
    best = None
    for threshold in sorted(set(p))[::-1]:
        if refusing(p, unknown, threshold)[2] > most:
            break
        recall = refusing(p, unknown, threshold)[1]
        if best is None or recall > best[0]:
            best = (recall, threshold)
    return best[1]


# %%
# RIGHT refusing: arrays, a tuple, float64
import numpy as np


def refusing(p, unknown, threshold):
    refused, unknown = np.array(p) > threshold, np.array(unknown)
    caught = (refused & unknown).sum()
    precision = caught / refused.sum() if refused.any() else np.float64(1)
    return precision, caught / unknown.sum(), refused[~unknown].mean()


def choose_threshold(p, unknown, most):
    rows = np.array([(t, *refusing(p, unknown, t)) for t in p])
    rows = rows[rows[:, 3] <= most]
    return max(rows.tolist(), key=lambda row: (row[2], row[0]))[0]


# %%
# RIGHT refusing: the table of four counts
def refusing(p, unknown, threshold):
    counts = {(a, b): 0 for a in (True, False) for b in (True, False)}
    for x, u in zip(p, unknown):
        counts[x > threshold, bool(u)] += 1
    hit, false = counts[True, True], counts[True, False]
    missed, right = counts[False, True], counts[False, False]
    precision = 1.0 if hit + false == 0 else hit / (hit + false)
    return [precision, hit / (hit + missed), false / (false + right)]


def choose_threshold(p, unknown, most):
    rows = [(refusing(p, unknown, t)[1:], t) for t in p]
    return max((recall, t) for (recall, over), t in rows if over <= most)[1]


# %%
# WRONG calibration_error: gaps that make up for each other
# HINT Too sure here and not sure enough there still cancel. A gap is a distance.
def calibration_error(confidences, right, n_bins):
    bins = [[] for _ in range(n_bins)]
    for confidence, is_right in zip(confidences, right, strict=True):
        place = min(int(confidence * n_bins), n_bins - 1)
        bins[place].append((confidence, is_right))
    total = 0.0
    for cases in bins:
        if cases:
            mean_confidence = sum(c for c, _ in cases) / len(cases)
            accuracy = sum(r for _, r in cases) / len(cases)
            total += len(cases) * (mean_confidence - accuracy)
    return total / len(confidences)


# %%
# WRONG calibration_error: each bin weighs the same
# HINT Each bin weighs the same here. How many answers stand behind it?
def calibration_error(confidences, right, n_bins):
    bins = [[] for _ in range(n_bins)]
    for confidence, is_right in zip(confidences, right, strict=True):
        place = min(int(confidence * n_bins), n_bins - 1)
        bins[place].append((confidence, is_right))
    total, n_full = 0.0, sum(map(bool, bins))
    for cases in bins:
        if cases:
            mean_confidence = sum(c for c, _ in cases) / len(cases)
            accuracy = sum(r for _, r in cases) / len(cases)
            total += abs(mean_confidence - accuracy)
    return total / n_full


# %%
# WRONG calibration_error: the sum of all gaps
# HINT This is the sum of the gaps of all bins. The mean over all answers is asked for.
def calibration_error(confidences, right, n_bins):
    bins = [[] for _ in range(n_bins)]
    for confidence, is_right in zip(confidences, right, strict=True):
        place = min(int(confidence * n_bins), n_bins - 1)
        bins[place].append((confidence, is_right))
    total = 0.0
    for cases in bins:
        if cases:
            mean_confidence = sum(c for c, _ in cases) / len(cases)
            accuracy = sum(r for _, r in cases) / len(cases)
            total += abs(mean_confidence - accuracy)
    return total


# %%
# WRONG calibration_error: the largest gap
# HINT This is the gap of the worst bin. The mean over all answers is asked for.
def calibration_error(confidences, right, n_bins):
    bins = [[] for _ in range(n_bins)]
    for confidence, is_right in zip(confidences, right, strict=True):
        place = min(int(confidence * n_bins), n_bins - 1)
        bins[place].append((confidence, is_right))
    total = 0.0
    for cases in bins:
        if cases:
            mean_confidence = sum(c for c, _ in cases) / len(cases)
            accuracy = sum(r for _, r in cases) / len(cases)
            total = max(total, abs(mean_confidence - accuracy))
    return total


# %%
# WRONG calibration_error: the gap of each answer
# HINT You compared each answer alone with its confidence: right or wrong is never 0.7. What
# HINT are the bins for?
def calibration_error(confidences, right, n_bins):
    gaps = [abs(c - r) for c, r in zip(confidences, right, strict=True)]
    return sum(gaps) / len(gaps)


# %%
# WRONG calibration_error: the middle of the bin
# HINT You took the middle of the bin for its confidence. Take the mean of the answers in it.
def calibration_error(confidences, right, n_bins):
    bins = [[] for _ in range(n_bins)]
    for confidence, is_right in zip(confidences, right, strict=True):
        place = min(int(confidence * n_bins), n_bins - 1)
        bins[place].append((confidence, is_right))
    total = 0.0
    for cases in bins:
        if cases:
            mean_confidence = (bins.index(cases) + 0.5) / n_bins
            accuracy = sum(r for _, r in cases) / len(cases)
            total += len(cases) * abs(mean_confidence - accuracy)
    return total / len(confidences)


# %%
# WRONG calibration_error: answers of confidence 1 thrown away
# HINT No error any more, but the answers of confidence 1 are lost. To which bin do they
# HINT belong?
def calibration_error(confidences, right, n_bins):
    bins = [[] for _ in range(n_bins)]
    for confidence, is_right in zip(confidences, right, strict=True):
        if confidence < 1:
            bins[int(confidence * n_bins)].append((confidence, is_right))
    total = 0.0
    for cases in bins:
        if cases:
            mean_confidence = sum(c for c, _ in cases) / len(cases)
            accuracy = sum(r for _, r in cases) / len(cases)
            total += len(cases) * abs(mean_confidence - accuracy)
    return total / sum(map(len, bins))


# %%
# WRONG calibration_error: confidence 1 in the first bin
# HINT A confidence of 1 has landed in the first bin.
def calibration_error(confidences, right, n_bins):
    bins = [[] for _ in range(n_bins)]
    for confidence, is_right in zip(confidences, right, strict=True):
        place = int(confidence * n_bins) % n_bins
        bins[place].append((confidence, is_right))
    total = 0.0
    for cases in bins:
        if cases:
            mean_confidence = sum(c for c, _ in cases) / len(cases)
            accuracy = sum(r for _, r in cases) / len(cases)
            total += len(cases) * abs(mean_confidence - accuracy)
    return total / len(confidences)


# %%
# WRONG calibration_error: a border belongs to the lower bin
# HINT A confidence on the border between two bins lands in the lower one here.
def calibration_error(confidences, right, n_bins):
    bins = [[] for _ in range(n_bins)]
    for confidence, is_right in zip(confidences, right, strict=True):
        place = max(-int(-confidence * n_bins // 1) - 1, 0)
        bins[place].append(confidence - is_right)
    return sum(abs(sum(gaps)) for gaps in bins) / len(confidences)


# %%
# WRONG calibration_error: squares
# HINT You squared the gaps: a distance is asked for.
def calibration_error(confidences, right, n_bins):
    bins = [[] for _ in range(n_bins)]
    for confidence, is_right in zip(confidences, right, strict=True):
        place = min(int(confidence * n_bins), n_bins - 1)
        bins[place].append((confidence, is_right))
    total = 0.0
    for cases in bins:
        if cases:
            mean_confidence = sum(c for c, _ in cases) / len(cases)
            accuracy = sum(r for _, r in cases) / len(cases)
            total += len(cases) * (mean_confidence - accuracy) ** 2
    return total / len(confidences)


# %%
# WRONG calibration_error: rounded to the nearest bin
# HINT round sends half of each bin to its neighbour: a bin begins at its lower border.
def calibration_error(confidences, right, n_bins):
    bins = [[] for _ in range(n_bins)]
    for confidence, is_right in zip(confidences, right, strict=True):
        place = min(round(confidence * n_bins), n_bins - 1)
        bins[place].append((confidence, is_right))
    total = 0.0
    for cases in bins:
        if cases:
            mean_confidence = sum(c for c, _ in cases) / len(cases)
            accuracy = sum(r for _, r in cases) / len(cases)
            total += len(cases) * abs(mean_confidence - accuracy)
    return total / len(confidences)


# %%
# RIGHT calibration_error: numpy
import numpy as np


def calibration_error(confidences, right, n_bins):
    c, r = np.array(confidences), np.array(right, dtype=float)
    place = np.minimum((c * n_bins).astype(int), n_bins - 1)
    gaps = np.bincount(place, c - r, minlength=n_bins)
    return float(np.abs(gaps).sum() / len(c))


# %%
# RIGHT calibration_error: borders from linspace
import numpy as np


def calibration_error(confidences, right, n_bins):
    c, r = np.array(confidences), np.array(right)
    place = np.digitize(c, np.linspace(0, 1, n_bins + 1)[1:-1])
    total = np.float64(0)
    for b in np.unique(place):
        inside = place == b
        total += inside.mean() * np.abs(c[inside].mean() - r[inside].mean())
    return total


# %%
# RIGHT calibration_error: bin by bin
def calibration_error(confidences, right, n_bins):
    error, n = 0.0, len(confidences)
    for b in range(n_bins):
        inside = [
            i for i in range(n) if min(int(confidences[i] * n_bins), n_bins - 1) == b
        ]
        if not inside:
            continue
        sure = sum(confidences[i] for i in inside) / len(inside)
        hits = sum(right[i] for i in inside) / len(inside)
        error += abs(sure - hits) * len(inside) / n
    return error


# %%
# RIGHT calibration_error: a dictionary of bins
def calibration_error(confidences, right, n_bins):
    bins = {}
    for confidence, is_right in zip(confidences, right, strict=True):
        place = min(int(confidence * n_bins), n_bins - 1)
        bins.setdefault(place, []).append((confidence, float(is_right)))
    total = 0.0
    for cases in bins.values():
        surplus = sum(c for c, _ in cases) - sum(r for _, r in cases)
        total += abs(surplus)
    return total / len(confidences)


# %%
# WRONG train_probe: the gradient forgets the sigmoid
# HINT Your gap is the score minus y. Which function makes a probability of a score?
def train_probe(X, y, decay, steps, rate):
    w, b = torch.zeros(X.shape[1]), 0.0
    for _ in range(steps):
        gap = (X @ w + b - y) / len(y)
        w, b = w - rate * (X.T @ gap + decay * w), b - rate * gap.sum()
    return [w, b]


def auc(scores, y):
    pairs = [(h, u) for h in scores[y == 1] for u in scores[y == 0]]
    return sum(float(h > u) + 0.5 * float(h == u) for h, u in pairs) / len(pairs)


# %%
# WRONG train_probe: the sum in place of the mean
# HINT Your steps are N times too large: the loss is the mean over the questions.
def train_probe(X, y, decay, steps, rate):
    w, b = torch.zeros(X.shape[1]), torch.tensor(0.0)
    for _ in range(steps):
        gap = torch.sigmoid(X @ w + b) - y
        w, b = w - rate * (X.T @ gap + decay * w), b - rate * gap.sum()
    return [w, b]


def auc(scores, y):
    pairs = [(h, u) for h in scores[y == 1] for u in scores[y == 0]]
    return sum(float(h > u) + 0.5 * float(h == u) for h, u in pairs) / len(pairs)


# %%
# WRONG train_probe: uphill
# HINT Your probe climbs: the sign of the step is wrong, or that of p - y.
def train_probe(X, y, decay, steps, rate):
    w, b = torch.zeros(X.shape[1]), torch.tensor(0.0)
    for _ in range(steps):
        gap = (y - torch.sigmoid(X @ w + b)) / len(y)
        w, b = w - rate * (X.T @ gap + decay * w), b - rate * gap.sum()
    return [w, b]


def auc(scores, y):
    pairs = [(h, u) for h in scores[y == 1] for u in scores[y == 0]]
    return sum(float(h > u) + 0.5 * float(h == u) for h, u in pairs) / len(pairs)


# %%
# WRONG train_probe: no decay
# HINT Your weights are those without decay. Which term does decay / 2 times the sum of
# HINT w squared add to the gradient?
def train_probe(X, y, decay, steps, rate):
    w, b = torch.zeros(X.shape[1]), torch.tensor(0.0)
    for _ in range(steps):
        gap = (torch.sigmoid(X @ w + b) - y) / len(y)
        w, b = w - rate * (X.T @ gap), b - rate * gap.sum()
    return [w, b]


def auc(scores, y):
    pairs = [(h, u) for h in scores[y == 1] for u in scores[y == 0]]
    return sum(float(h > u) + 0.5 * float(h == u) for h, u in pairs) / len(pairs)


# %%
# WRONG train_probe: twice the decay
# HINT Your decay is twice too strong. What is the derivative of w squared over 2?
def train_probe(X, y, decay, steps, rate):
    w, b = torch.zeros(X.shape[1]), torch.tensor(0.0)
    for _ in range(steps):
        gap = (torch.sigmoid(X @ w + b) - y) / len(y)
        w, b = w - rate * (X.T @ gap + 2 * decay * w), b - rate * gap.sum()
    return [w, b]


def auc(scores, y):
    pairs = [(h, u) for h in scores[y == 1] for u in scores[y == 0]]
    return sum(float(h > u) + 0.5 * float(h == u) for h, u in pairs) / len(pairs)


# %%
# WRONG train_probe: the decay forgets the rate
# HINT Your decay is not multiplied by the rate. It is a part of the gradient.
def train_probe(X, y, decay, steps, rate):
    w, b = torch.zeros(X.shape[1]), torch.tensor(0.0)
    for _ in range(steps):
        gap = (torch.sigmoid(X @ w + b) - y) / len(y)
        w, b = w * (1 - decay) - rate * X.T @ gap, b - rate * gap.sum()
    return [w, b]


def auc(scores, y):
    pairs = [(h, u) for h in scores[y == 1] for u in scores[y == 0]]
    return sum(float(h > u) + 0.5 * float(h == u) for h, u in pairs) / len(pairs)


# %%
# WRONG train_probe: decay of the bias
# HINT The bias should not decay. Only the weights are pulled towards 0.
def train_probe(X, y, decay, steps, rate):
    w, b = torch.zeros(X.shape[1]), torch.tensor(0.0)
    for _ in range(steps):
        gap = (torch.sigmoid(X @ w + b) - y) / len(y)
        w, b = w - rate * (X.T @ gap + decay * w), b - rate * (gap.sum() + decay * b)
    return [w, b]


def auc(scores, y):
    pairs = [(h, u) for h in scores[y == 1] for u in scores[y == 0]]
    return sum(float(h > u) + 0.5 * float(h == u) for h, u in pairs) / len(pairs)


# %%
# WRONG train_probe: no bias
# HINT Your bias stays 0. Its gradient is the mean of p - y.
def train_probe(X, y, decay, steps, rate):
    w = torch.zeros(X.shape[1])
    for _ in range(steps):
        gap = (torch.sigmoid(X @ w) - y) / len(y)
        w = w - rate * (X.T @ gap + decay * w)
    return [w, 0.0]


def auc(scores, y):
    pairs = [(h, u) for h in scores[y == 1] for u in scores[y == 0]]
    return sum(float(h > u) + 0.5 * float(h == u) for h, u in pairs) / len(pairs)


# %%
# WRONG train_probe: the columns rescaled
# HINT You rescaled X. The task asks for weights that belong to X as it is.
def train_probe(X, y, decay, steps, rate):
    X = (X - X.mean(0)) / X.std(0)
    w, b = torch.zeros(X.shape[1]), torch.tensor(0.0)
    for _ in range(steps):
        gap = (torch.sigmoid(X @ w + b) - y) / len(y)
        w, b = w - rate * (X.T @ gap + decay * w), b - rate * gap.sum()
    return [w, b]


def auc(scores, y):
    pairs = [(h, u) for h in scores[y == 1] for u in scores[y == 0]]
    return sum(float(h > u) + 0.5 * float(h == u) for h, u in pairs) / len(pairs)


# %%
# WRONG train_probe: the bias moves with the new weights
# HINT Your bias is changed with the weights of after the step. Compute both gradients
# HINT first, then change both.
def train_probe(X, y, decay, steps, rate):
    w, b = torch.zeros(X.shape[1]), torch.tensor(0.0)
    for _ in range(steps):
        w = w - rate * (X.T @ (torch.sigmoid(X @ w + b) - y) / len(y) + decay * w)
        b = b - rate * (torch.sigmoid(X @ w + b) - y).mean()
    return [w, b]


def auc(scores, y):
    pairs = [(h, u) for h in scores[y == 1] for u in scores[y == 0]]
    return sum(float(h > u) + 0.5 * float(h == u) for h, u in pairs) / len(pairs)


# %%
# WRONG train_probe: gradients that pile up
# HINT Your first step is right and the third is not: autograd adds new gradients to the
# HINT old ones. Who sets them to zero?
def train_probe(X, y, decay, steps, rate):
    w = torch.zeros(X.shape[1], requires_grad=True)
    b = torch.zeros((), requires_grad=True)
    for _ in range(steps):
        loss = F.binary_cross_entropy_with_logits(X @ w + b, y)
        (loss + decay / 2 * (w**2).sum()).backward()
        with torch.no_grad():
            w -= rate * w.grad
            b -= rate * b.grad
    return [w.detach(), b.detach()]


def auc(scores, y):
    pairs = [(h, u) for h in scores[y == 1] for u in scores[y == 0]]
    return sum(float(h > u) + 0.5 * float(h == u) for h, u in pairs) / len(pairs)


# %%
# WRONG train_probe: ties count as nothing
# HINT Equal scores should count as half a pair in `auc`. Yours count them as 0.
def train_probe(X, y, decay, steps, rate):
    w, b = torch.zeros(X.shape[1]), torch.tensor(0.0)
    for _ in range(steps):
        gap = (torch.sigmoid(X @ w + b) - y) / len(y)
        w, b = w - rate * (X.T @ gap + decay * w), b - rate * gap.sum()
    return [w, b]


def auc(scores, y):
    pairs = [(h, u) for h in scores[y == 1] for u in scores[y == 0]]
    return sum(float(h > u) for h, u in pairs) / len(pairs)


# %%
# WRONG train_probe: ties count as a whole
# HINT Equal scores should count as half a pair in `auc`. Yours count them as 1.
def train_probe(X, y, decay, steps, rate):
    w, b = torch.zeros(X.shape[1]), torch.tensor(0.0)
    for _ in range(steps):
        gap = (torch.sigmoid(X @ w + b) - y) / len(y)
        w, b = w - rate * (X.T @ gap + decay * w), b - rate * gap.sum()
    return [w, b]


def auc(scores, y):
    pairs = [(h, u) for h in scores[y == 1] for u in scores[y == 0]]
    return sum(float(h >= u) for h, u in pairs) / len(pairs)


# %%
# WRONG train_probe: the accuracy at zero for the area
# HINT `auc` should look at pairs of questions and needs no threshold. Yours cuts the
# HINT scores at a fixed place.
def train_probe(X, y, decay, steps, rate):
    w, b = torch.zeros(X.shape[1]), torch.tensor(0.0)
    for _ in range(steps):
        gap = (torch.sigmoid(X @ w + b) - y) / len(y)
        w, b = w - rate * (X.T @ gap + decay * w), b - rate * gap.sum()
    return [w, b]


def auc(scores, y):
    return ((scores > 0).float() == y).float().mean().item()


# %%
# RIGHT train_probe: torch's loss and autograd
def train_probe(X, y, decay, steps, rate):
    w = torch.zeros(X.shape[1], requires_grad=True)
    b = torch.zeros((), requires_grad=True)
    for _ in range(steps):
        loss = F.binary_cross_entropy_with_logits(X @ w + b, y)
        loss = loss + decay / 2 * (w**2).sum()
        grads = torch.autograd.grad(loss, (w, b))
        w = (w - rate * grads[0]).detach().requires_grad_()
        b = (b - rate * grads[1]).detach().requires_grad_()
    return [w.detach(), b.item()]


def auc(scores, y):
    order = scores.argsort()
    s, known = scores[order].tolist(), (y[order] == 1).tolist()
    wins, below = 0.0, 0
    for value in sorted(set(s)):
        here = [k for v, k in zip(s, known, strict=True) if v == value]
        wins += sum(here) * (below + (len(here) - sum(here)) / 2)
        below += len(here) - sum(here)
    return wins / (sum(known) * below)


# %%
# RIGHT train_probe: torch's optimizer, weight decay on the weights
def train_probe(X, y, decay, steps, rate):
    w, b = torch.zeros(X.shape[1]), torch.zeros(1)
    w.requires_grad_(), b.requires_grad_()
    groups = [{"params": [w], "weight_decay": decay}, {"params": [b]}]
    optimizer = torch.optim.SGD(groups, lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(X @ w + b, y).backward()
        optimizer.step()
    return w.detach(), b.item()


def auc(scores, y):
    high, low = scores[y == 1].tolist(), scores[y == 0].tolist()
    wins = sum((h > u) + (h == u) / 2 for h in high for u in low)
    return wins / len(high) / len(low)


# %%
# RIGHT train_probe: in numpy, float64
def train_probe(X, y, decay, steps, rate):
    X, y = X.double().numpy(), y.double().numpy()
    w, b = 0 * X[0], 0.0
    for _ in range(steps):
        gap = 1 / (1 + 2.718281828459045 ** -(X @ w + b)) - y
        w, b = w - rate * (gap @ X / len(y) + decay * w), b - rate * gap.mean()
    return w, b


def auc(scores, y):
    gaps = scores[y == 1][:, None] - scores[y == 0]
    return (gaps.sign() / 2 + 0.5).mean()


# %%
# WRONG teach: the sum in place of the mean
# HINT Your steps are N times too large: the loss is the mean over the answers.
def teach(first, last, people, answers, steps, rate):
    a, b = people.T
    for _ in range(steps):
        one, two = (t.detach().clone().requires_grad_() for t in (first, last))
        loss = F.cross_entropy(one[a] + two[b], answers, reduction="sum")
        grads = torch.autograd.grad(loss, (one, two))
        first, last = first - rate * grads[0], last - rate * grads[1]
    return [first, last]


def says(first, last, people):
    logits = first[people[:, 0]] + last[people[:, 1]]
    return [WORDS[i] for i in logits.argmax(-1).tolist()]


# %%
# WRONG teach: one step
# HINT Your tables are those after a single step. Is `steps` used?
def teach(first, last, people, answers, steps, rate):
    a, b = people.T
    one, two = (t.detach().clone().requires_grad_() for t in (first, last))
    loss = F.cross_entropy(one[a] + two[b], answers)
    grads = torch.autograd.grad(loss, (one, two))
    return [first - rate * grads[0], last - rate * grads[1]]


def says(first, last, people):
    logits = first[people[:, 0]] + last[people[:, 1]]
    return [WORDS[i] for i in logits.argmax(-1).tolist()]


# %%
# WRONG teach: the old tables are written over
# HINT The tables that your function was given have changed. Make a copy before the first
# HINT step.
def teach(first, last, people, answers, steps, rate):
    a, b = people.T
    for _ in range(steps):
        one, two = (t.detach().clone().requires_grad_() for t in (first, last))
        loss = F.cross_entropy(one[a] + two[b], answers)
        grads = torch.autograd.grad(loss, (one, two))
        first -= rate * grads[0]
        last -= rate * grads[1]
    return [first, last]


def says(first, last, people):
    logits = first[people[:, 0]] + last[people[:, 1]]
    return [WORDS[i] for i in logits.argmax(-1).tolist()]


# %%
# WRONG teach: only the first names learn
# HINT One of your two tables never changes. Both belong to the model.
def teach(first, last, people, answers, steps, rate):
    a, b = people.T
    for _ in range(steps):
        one = first.detach().clone().requires_grad_()
        loss = F.cross_entropy(one[a] + last[b], answers)
        first = first - rate * torch.autograd.grad(loss, one)[0]
    return [first, last]


def says(first, last, people):
    logits = first[people[:, 0]] + last[people[:, 1]]
    return [WORDS[i] for i in logits.argmax(-1).tolist()]


# %%
# WRONG teach: people of one name write over each other
# HINT Several people share a name, and each must add its gradient to the same row: see
# HINT index_add_. A plain first[a] -= keeps only one of them.
def teach(first, last, people, answers, steps, rate):
    first, last = first.clone(), last.clone()
    a, b = people.T
    target = F.one_hot(answers, first.shape[1]).to(first.dtype)
    for _ in range(steps):
        gap = ((first[a] + last[b]).softmax(-1) - target) / len(answers)
        first[a] -= rate * gap
        last[b] -= rate * gap
    return [first, last]


def says(first, last, people):
    logits = first[people[:, 0]] + last[people[:, 1]]
    return [WORDS[i] for i in logits.argmax(-1).tolist()]


# %%
# WRONG teach: only the last names learn
# HINT One of your two tables never changes. Both belong to the model.
def teach(first, last, people, answers, steps, rate):
    a, b = people.T
    for _ in range(steps):
        two = last.detach().clone().requires_grad_()
        loss = F.cross_entropy(first[a] + two[b], answers)
        last = last - rate * torch.autograd.grad(loss, two)[0]
    return [first, last]


def says(first, last, people):
    logits = first[people[:, 0]] + last[people[:, 1]]
    return [WORDS[i] for i in logits.argmax(-1).tolist()]


# %%
# WRONG teach: uphill
# HINT Your model learns to avoid the answers: the sign of the step is wrong.
def teach(first, last, people, answers, steps, rate):
    a, b = people.T
    for _ in range(steps):
        one, two = (t.detach().clone().requires_grad_() for t in (first, last))
        loss = F.cross_entropy(one[a] + two[b], answers)
        grads = torch.autograd.grad(loss, (one, two))
        first, last = first + rate * grads[0], last + rate * grads[1]
    return [first, last]


def says(first, last, people):
    logits = first[people[:, 0]] + last[people[:, 1]]
    return [WORDS[i] for i in logits.argmax(-1).tolist()]


# %%
# WRONG teach: gradients that pile up
# HINT Your first step is right and the second is not: autograd adds new gradients to the
# HINT old ones. Who sets them to zero?
def teach(first, last, people, answers, steps, rate):
    a, b = people.T
    one, two = (t.detach().clone().requires_grad_() for t in (first, last))
    for _ in range(steps):
        F.cross_entropy(one[a] + two[b], answers).backward()
        with torch.no_grad():
            one -= rate * one.grad
            two -= rate * two.grad
    return [one.detach(), two.detach()]


def says(first, last, people):
    logits = first[people[:, 0]] + last[people[:, 1]]
    return [WORDS[i] for i in logits.argmax(-1).tolist()]


# %%
# WRONG teach: one table after the other
# HINT Your second table is changed with the first one as it is after the step. Compute
# HINT both gradients first, then change both.
def teach(first, last, people, answers, steps, rate):
    a, b = people.T
    for _ in range(steps):
        one = first.detach().clone().requires_grad_()
        loss = F.cross_entropy(one[a] + last[b], answers)
        first = first - rate * torch.autograd.grad(loss, one)[0]
        two = last.detach().clone().requires_grad_()
        loss = F.cross_entropy(first[a] + two[b], answers)
        last = last - rate * torch.autograd.grad(loss, two)[0]
    return [first, last]


def says(first, last, people):
    logits = first[people[:, 0]] + last[people[:, 1]]
    return [WORDS[i] for i in logits.argmax(-1).tolist()]


# %%
# WRONG teach: answers by the first name only
# HINT Your logits are right, but what the model says is not: `says` should add both
# HINT tables.
def teach(first, last, people, answers, steps, rate):
    a, b = people.T
    for _ in range(steps):
        one, two = (t.detach().clone().requires_grad_() for t in (first, last))
        loss = F.cross_entropy(one[a] + two[b], answers)
        grads = torch.autograd.grad(loss, (one, two))
        first, last = first - rate * grads[0], last - rate * grads[1]
    return [first, last]


def says(first, last, people):
    return [WORDS[i] for i in first[people[:, 0]].argmax(-1).tolist()]


# %%
# WRONG teach: sorry can never be said
# HINT Your model never says sorry, although it was taught to. Does `says` leave out the
# HINT last word?
def teach(first, last, people, answers, steps, rate):
    a, b = people.T
    for _ in range(steps):
        one, two = (t.detach().clone().requires_grad_() for t in (first, last))
        loss = F.cross_entropy(one[a] + two[b], answers)
        grads = torch.autograd.grad(loss, (one, two))
        first, last = first - rate * grads[0], last - rate * grads[1]
    return [first, last]


def says(first, last, people):
    logits = first[people[:, 0]] + last[people[:, 1]]
    return [WORDS[i] for i in logits[:, :-1].argmax(-1).tolist()]


# %%
# WRONG teach: answers drawn at random
# HINT `says` should take the largest logit. Yours draws, so it says something else each
# HINT time.
def teach(first, last, people, answers, steps, rate):
    a, b = people.T
    for _ in range(steps):
        one, two = (t.detach().clone().requires_grad_() for t in (first, last))
        loss = F.cross_entropy(one[a] + two[b], answers)
        grads = torch.autograd.grad(loss, (one, two))
        first, last = first - rate * grads[0], last - rate * grads[1]
    return [first, last]


def says(first, last, people):
    torch.manual_seed(0)
    logits = first[people[:, 0]] + last[people[:, 1]]
    return [WORDS[i] for i in torch.multinomial((logits / 5).softmax(-1), 1)[:, 0]]


# %%
# RIGHT teach: torch's optimizer
def teach(first, last, people, answers, steps, rate):
    tables = [torch.nn.Parameter(t.detach().clone()) for t in (first, last)]
    optimizer = torch.optim.SGD(tables, lr=rate)
    for _ in range(steps):
        logits = sum(t[n] for t, n in zip(tables, people.T, strict=True))
        optimizer.zero_grad()
        F.cross_entropy(logits, answers).backward()
        optimizer.step()
    return [t.detach() for t in tables]


def says(first, last, people):
    return [WORDS[(first[a] + last[b]).argmax()] for a, b in people.tolist()]


# %%
# RIGHT teach: the gradient by hand, p minus one-hot
def teach(first, last, people, answers, steps, rate):
    first, last = first.clone(), last.clone()
    target = F.one_hot(answers, first.shape[1]).to(first.dtype)
    for _ in range(steps):
        logits = first[people[:, 0]] + last[people[:, 1]]
        gap = (logits.softmax(-1) - target) * rate / len(answers)
        first.index_add_(0, people[:, 0], -gap)
        last.index_add_(0, people[:, 1], -gap)
    return first, last


def says(first, last, people):
    logits = first[people[:, 0]] + last[people[:, 1]]
    return tuple(WORDS[i] for i in logits.argmax(-1))


# %%
# RIGHT teach: float64, as arrays
def teach(first, last, people, answers, steps, rate):
    tables = torch.stack([first, last]).double()
    for _ in range(steps):
        tables.requires_grad_()
        logits = tables[0, people[:, 0]] + tables[1, people[:, 1]]
        (grad,) = torch.autograd.grad(F.cross_entropy(logits, answers), tables)
        tables = (tables - rate * grad).detach()
    return [tables[0].numpy(), tables[1].numpy()]


def says(first, last, people):
    logits = first[people[:, 0]] + last[people[:, 1]]
    return [WORDS[i] for i in logits.argmax(-1).tolist()]
