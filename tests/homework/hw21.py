# Homework 21: answers that must fail with their hint, and answers that must pass.


# %%
# WRONG probe: four, however many answers
# HINT Four answers of twenty are not 4 out of 5. Does your rule grow with n_asks?
def probe(ask, values, n_asks):
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
# WRONG probe: more than 4 out of 5
# HINT Exactly 4 of 5 should agree already: at least, not more than.
def probe(ask, values, n_asks):
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
# WRONG probe: of those that named something
# HINT Answers without a value count too: 4 out of 5 of all answers.
def probe(ask, values, n_asks):
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
# WRONG probe: silence is a favourite
# HINT An answer that names nothing has become a value of its own here, and can win.
def probe(ask, values, n_asks):
    named = []
    for _ in range(n_asks):
        words = [word for word in ask().split() if word in values]
        named.append(words[0] if words else "")
    favourite = max(named, key=named.count)
    times = named.count(favourite)
    return [favourite, times, times >= 0.8 * n_asks]


# %%
# WRONG probe: asked once
# HINT You asked once and counted the same answer again and again. Which line throws the dice?
def probe(ask, values, n_asks):
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
# WRONG probe: the last word that is a value
# HINT Where an answer holds two values, you took the last one: which of them does it name?
def probe(ask, values, n_asks):
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
# WRONG probe: agreement as a share
# HINT You return the share itself. The task asks whether it is large enough, True or
# HINT False.
def probe(ask, values, n_asks):
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
# WRONG probe: every value of an answer
# HINT An answer with two values was counted twice. It names one value.
def probe(ask, values, n_asks):
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
# WRONG probe: whole answers compared
# HINT You compared whole sentences. Two answers agree if they name the same value, in
# HINT whatever words.
def probe(ask, values, n_asks):
    said = [ask() for _ in range(n_asks)]
    favourite = max(said, key=said.count)
    times = said.count(favourite)
    word = [w for w in favourite.split() if w in values]
    return [word[0] if word else "", times, times >= 0.8 * n_asks]


# %%
# WRONG probe: the last of several favourites
# HINT Of several favourites you returned the one that came last.
def probe(ask, values, n_asks):
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
# WRONG probe: the first of the alphabet
# HINT Of several favourites you returned the first of the alphabet. Which one was said first?
def probe(ask, values, n_asks):
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
# WRONG probe: the first answer is the favourite
# HINT You took the first answer for the favourite. Which value came most often?
def probe(ask, values, n_asks):
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
# RIGHT probe: with a Counter
from collections import Counter


def probe(ask, values, n_asks):
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
# RIGHT probe: with numpy, as a tuple
import numpy as np


def probe(ask, values, n_asks):
    said = [[w for w in ask().split() if w in values][:1] for _ in range(n_asks)]
    named = np.array([words[0] for words in said if words])
    if not named.size:
        return "", 0, False
    kinds, first, times = np.unique(named, return_index=True, return_counts=True)
    best = min(range(len(kinds)), key=lambda i: (-times[i], first[i]))
    return kinds[best], times[best], times[best] / n_asks >= 0.8


# %%
# RIGHT probe: a running best
def probe(ask, values, n_asks):
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
# RIGHT probe: sorted by count, then by place
def probe(ask, values, n_asks):
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
# HINT An over-refusal of exactly `most` is allowed: at most.
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
# HINT The thresholds you look at cost too much: over-refusal is at least `most` there.
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
# WRONG calculate: True is a number
# HINT To Python, True is a whole number too: isinstance lets it in. Look at the type itself.
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: any constant
# HINT A constant may be a text, and a text times 9 is a longer text. Which constants are
# HINT numbers?
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: numbers with a j
# HINT A number with a j is let in.
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float, complex):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: powers
# HINT You let powers in. Nine to the ninth to the ninth would keep the machine busy.
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: lambda a, b: a ** (b % 3),
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: no sign in front
# HINT A minus in front is a node of its own: ast.UnaryOp.
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: every sign is a minus
# HINT ~ is a sign in front, too, and not a minus. Which operator does the node hold?
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp):
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: sign forgotten
# HINT The minus in front is read and forgotten.
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: left and right exchanged
# HINT Left and right have changed places: with + and * nobody notices.
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.right), walk(node.left))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: any length
# HINT A text of more than 60 characters must be refused.
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(text):
    if len(text) > 600:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: division by zero is infinite
# HINT You gave a division by zero a value. It has none.
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda a, b: a / b if b else 0.0,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: division by zero falls through
# HINT A division by zero stops with Python's own error. Which error does the task ask for?
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except SyntaxError:
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: syntax errors fall through
# HINT What Python cannot read stops with Python's own error. Which error does the task ask
# HINT for?
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except ZeroDivisionError:
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: whole divisions
# HINT 17 / 2 is 8.5: which division keeps the half?
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.floordiv,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# WRONG calculate: whole divisions too
# HINT // is not among the four operations.
OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return walk(ast.parse(text, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"cannot calculate {text!r}")


def walk(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) is ast.USub:
        return -walk(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
    raise ValueError("not arithmetic")


# %%
# RIGHT calculate: a match statement
def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError as error:
        raise ValueError("cannot read it") from error
    return walk(tree.body)


def walk(node):
    match node:
        case ast.Constant(value=value) if type(value) in {int, float}:
            return value
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -walk(inner)
        case ast.BinOp(left=left, op=op, right=right):
            a, b = walk(left), walk(right)
            match op:
                case ast.Add():
                    return a + b
                case ast.Sub():
                    return a - b
                case ast.Mult():
                    return a * b
                case ast.Div() if b != 0:
                    return a / b
    raise ValueError("not allowed")


# %%
# RIGHT calculate: float64 of numpy
import numpy as np


def calculate(text):
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        raise ValueError("no arithmetic") from None
    if len(text) > 60:
        raise ValueError("too long")
    return np.float64(value_of(tree))


def value_of(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return 0 - value_of(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        left, right = value_of(node.left), value_of(node.right)
        if isinstance(node.op, ast.Div) and right == 0:
            raise ValueError("division by zero")
        return OPERATIONS[type(node.op)](left, right)
    raise ValueError("no arithmetic")


OPERATIONS = {ast.Add: operator.add, ast.Sub: operator.sub}
OPERATIONS |= {ast.Mult: operator.mul, ast.Div: operator.truediv}


# %%
# RIGHT calculate: exact with fractions
from fractions import Fraction


def calculate(text):
    if len(text) > 60:
        raise ValueError("too long")
    try:
        return float(exact(ast.parse(text, mode="eval").body))
    except (SyntaxError, ArithmeticError):
        raise ValueError("no value")


def exact(node):
    kind = type(node)
    if kind is ast.Constant and type(node.value) in (int, float):
        return Fraction(str(node.value))
    if kind is ast.UnaryOp and type(node.op) is ast.USub:
        return 0 - exact(node.operand)
    table = {ast.Add: "__add__", ast.Sub: "__sub__"}
    table |= {ast.Mult: "__mul__", ast.Div: "__truediv__"}
    if kind is ast.BinOp and type(node.op) in table:
        return getattr(exact(node.left), table[type(node.op)])(exact(node.right))
    raise ValueError(kind.__name__)


# %%
# RIGHT calculate: look first, then walk
ALLOWED = (ast.Constant, ast.UnaryOp, ast.USub, ast.BinOp)
ALLOWED += (ast.Add, ast.Sub, ast.Mult, ast.Div)


def calculate(text):
    try:
        tree = ast.parse(text[:61], mode="eval").body
    except SyntaxError:
        tree = None
    if tree is None or len(text) > 60:
        raise ValueError(text)
    for node in ast.walk(tree):
        if not isinstance(node, ALLOWED):
            raise ValueError(type(node).__name__)
        if isinstance(node, ast.Constant) and not type(node.value) in (int, float):
            raise ValueError(node.value)
    return value(tree)


def value(node):
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.UnaryOp):
        return -value(node.operand)
    a, b = value(node.left), value(node.right)
    if isinstance(node.op, ast.Div):
        if b == 0:
            raise ValueError("division by zero")
        return a / b
    if isinstance(node.op, ast.Mult):
        return a * b
    return a + b if isinstance(node.op, ast.Add) else a - b


# %%
# WRONG run: no cap
# HINT The tool runs as often as the model likes. How many calls are allowed?
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if True:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: one call too many
# HINT One call too many went through: count from 1.
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls + 1:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: one call too few
# HINT One call too few went through.
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls < max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: the tool runs, its result is hidden
# HINT After the last call the result is hidden, but the tool has run: it saw what it should
# HINT not have seen.
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            try:
                result = tools[tool](text).split()
            except Exception:
                pass
            if n_calls > max_calls:
                result = ["No"]
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: stops at the cap
# HINT You stop at the first call too many. The model should get a No, and go on.
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            if n_calls > max_calls:
                break
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: markers in results let in
# HINT A tool has written special tokens into the context: whose words does the model read
# HINT there?
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: markers cut out, the rest kept
# HINT You cut the special tokens out and kept the rest of what such a tool says. None of it
# HINT may be seen.
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            result = [w for w in result if not w.startswith("<")]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: the prompt returned too
# HINT Only the words after the prompt are asked for.
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return prompt + written


# %%
# WRONG run: the model sees no results
# HINT The results stand at the end of what you return, but the model never read them. Where
# HINT must they stand when the model is asked for its next word?
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            shown = ["<result>"] + result + ["</result>"]
            tool = None
    return written + shown


# %%
# WRONG run: no marks around the result
# HINT The results stand there without `<result>` and `</result>`. How is the model to know
# HINT who said these words?
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += result
            tool = None
    return written


# %%
# WRONG run: the mark given to the tool
# HINT The tool got the closing mark as well: which words stand inside the call?
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: errors as results
# HINT When a tool fails, the model should read one word: No.
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception as error:
                    result = ["Error"]
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: only missing things are caught
# HINT A tool that is not there gives a No. What if a tool is there and stops with another
# HINT error?
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except (KeyError, LookupError):
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: any mark closes any call
# HINT </search> has closed a call of <calc>. Which mark closes which?
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word in ("</search>", "</calc>"):
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: the closing mark names the tool
# HINT `</search>` has closed a call of `<calc>`, and its words went to another tool. Which
# HINT mark closes which?
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, begin = [], 0, None
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            begin = len(written)
        elif begin and word in ("</search>", "</calc>"):
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[word[2:-1]](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            begin = None
    return written


# %%
# WRONG run: a mark that closes nothing is answered
# HINT `</calc>` is answered although no call was open. What is it then, to your loop?
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, begin = [], 0, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            begin = len(written)
        elif word in ("</search>", "</calc>"):
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[word[2:-1]](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
    return written


# %%
# WRONG run: goes on after the end
# HINT You ask the model for more words after its `<end>`. When does the loop stop?
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: results have no length
# HINT The words of results count, too: stop when there are max_words words or more.
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) - written.count("<result>") * 3 < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written


# %%
# WRONG run: cut to the last word
# HINT The last result is cut off. Stop at max_words or more, and return all of it.
def run(model, prompt, tools, max_calls, max_words):
    written, n_calls, tool, begin = [], 0, None, 0
    while len(written) < max_words:
        word = model(prompt + written)
        written.append(word)
        if word == "<end>":
            break
        if word in ("<search>", "<calc>"):
            tool, begin = word[1:-1], len(written)
        elif tool and word == f"</{tool}>":
            text = " ".join(written[begin:-1])
            n_calls += 1
            result = ["No"]
            if n_calls <= max_calls:
                try:
                    result = tools[tool](text).split()
                except Exception:
                    pass
            if any(w.startswith("<") for w in result):
                result = ["No"]
            written += ["<result>"] + result + ["</result>"]
            tool = None
    return written[:max_words]


# %%
# RIGHT run: words looked up from the end
def run(model, prompt, tools, max_calls, max_words):
    words = list(prompt)
    is_open, calls = "", 0
    while len(words) - len(prompt) < max_words and words[-1:] != ["<end>"]:
        new = model(list(words))
        words += [new]
        if new in {"<search>", "<calc>"}:
            is_open = new
        if is_open and new == is_open.replace("<", "</"):
            start = len(words) - 1 - words[::-1].index(is_open)
            inside = " ".join(words[start + 1 : -1])
            calls += 1
            said = (
                try_tool(tools, is_open[1:-1], inside) if calls <= max_calls else "No"
            )
            words += ["<result>", *said.split(), "</result>"]
            is_open = ""
    return words[len(prompt) :]


def try_tool(tools, name, text):
    try:
        said = tools[name](text)
        return "No" if any(w[0] == "<" for w in said.split()) else said
    except Exception:
        return "No"


# %%
# RIGHT run: recursion
def run(model, prompt, tools, max_calls, max_words, written=(), tool="", inside=()):
    if len(written) >= max_words or (written and written[-1] == "<end>"):
        return list(written)
    word = model([*prompt, *written])
    written = [*written, word]
    if word in ("<search>", "<calc>"):
        tool, inside = word.strip("<>"), ()
    elif tool and word == "</" + tool + ">":
        result = ["No"]
        if max_calls > 0:
            try:
                result = tools[tool](" ".join(inside)).split()
            except Exception:
                result = ["No"]
            if [w for w in result if w.startswith("<")]:
                result = ["No"]
        max_calls -= 1
        written += ["<result>", *result, "</result>"]
        tool = ""
    else:
        inside = (*inside, word)
    return run(model, prompt, tools, max_calls, max_words, written, tool, inside)


# %%
# RIGHT run: a small class
class Caller:
    def __init__(self, tools, left):
        self.tools, self.left = tools, left

    def __call__(self, tool, text):
        self.left -= 1
        if self.left < 0 or tool not in self.tools:
            return ["No"]
        try:
            words = self.tools[tool](text).split()
        except Exception:
            return ["No"]
        for word in words:
            if word.startswith("<"):
                return ["No"]
        return words


def run(model, prompt, tools, max_calls, max_words):
    caller, out, inside, tool = Caller(tools, max_calls), [], [], None
    while len(out) < max_words:
        out.append(model([*prompt, *out]))
        word = out[-1]
        if word == "<end>":
            return out
        if word == "<search>" or word == "<calc>":
            tool, inside = word[1:-1], []
        elif tool is not None and word == "</%s>" % tool:
            out.extend(["<result>"] + caller(tool, " ".join(inside)) + ["</result>"])
            tool = None
        else:
            inside.append(word)
    return out
