# Homework 0: answers that must fail with their hint, and answers that must pass.

# %%
# WRONG blind_surprise: the slide believed
# HINT This is the slide's way of counting: which symbol is not a letter and can come
# HINT next all the same?
def blind_surprise(letters):
    return math.log(len(letters))


# %%
# WRONG blind_surprise: base ten
# HINT This is the logarithm to base ten. Which logarithm does the task name?
def blind_surprise(letters):
    return math.log10(len(letters) + 1)


# %%
# WRONG blind_surprise: base two
# HINT This is the surprise in bits, from the logarithm to base two. In which unit does
# HINT the course measure?
def blind_surprise(letters):
    return math.log2(len(letters) + 1)


# %%
# WRONG blind_surprise: the probability
# HINT This is the probability of each symbol. The surprise is a logarithm: of which
# HINT number?
def blind_surprise(letters):
    return 1 / (len(letters) + 1)


# %%
# WRONG blind_surprise: the number of symbols
# HINT You counted the symbols. One step is missing from their number to a surprise.
def blind_surprise(letters):
    return len(letters) + 1


# %%
# WRONG blind_surprise: two full stops
# HINT You counted two symbols more than there are letters. It is the same full stop at
# HINT the beginning and at the end: how many different symbols can come next?
def blind_surprise(letters):
    return math.log(len("." + letters + "."))


# %%
# WRONG blind_surprise: always ln 27
# HINT This is the number for 26 letters. What does your function do with the letters
# HINT that it gets?
def blind_surprise(letters):
    return math.log(27)


# %%
# WRONG blind_surprise: the logarithm of the probability
def blind_surprise(letters):
    return math.log(1 / (len(letters) + 1))


# %%
# WRONG blind_surprise: printed, not returned
def blind_surprise(letters):
    print(math.log(len(letters) + 1))


# %%
# RIGHT blind_surprise: minus the logarithm of the probability
def blind_surprise(letters):
    p = 1 / len([*letters, "."])
    return -math.log(p)


# %%
# RIGHT blind_surprise: with torch
import torch


def blind_surprise(letters):
    symbols = set(letters + ".")
    return torch.tensor(float(len(symbols))).log().item()


# %%
# RIGHT blind_surprise: the mean over all symbols
def blind_surprise(letters):
    symbols = sorted(letters + ".")
    p = 1 / len(symbols)
    return sum(p * math.log(1 / p) for _ in symbols)


# %%
# WRONG count_pairs: no full stops
# HINT The full stops are missing: how should a model know where a name begins and ends?
def count_pairs(word_list):
    counts = {}
    for name in word_list:
        for i in range(len(name) - 1):
            pair = name[i : i + 2]
            counts[pair] = counts.get(pair, 0) + 1
    return counts


# %%
# WRONG count_pairs: no full stop at the end
# HINT The last pair of each name is missing, its last letter and a full stop: where does
# HINT a full stop belong, and how far does your loop go?
def count_pairs(word_list):
    counts = {}
    for name in word_list:
        text = "." + name
        for i in range(len(text) - 1):
            pair = text[i : i + 2]
            counts[pair] = counts.get(pair, 0) + 1
    return counts


# %%
# WRONG count_pairs: no full stop at the beginning
# HINT Your names end but do not begin: where else does a full stop belong?
def count_pairs(word_list):
    counts = {}
    for name in word_list:
        text = name + "."
        for a, b in zip(text, text[1:]):
            counts[a + b] = counts.get(a + b, 0) + 1
    return counts


# %%
# WRONG count_pairs: every second pair
# HINT Your pairs do not overlap, so every second one is missing. Which pairs are there
# HINT in "abc"?
def count_pairs(word_list):
    counts = {}
    for name in word_list:
        text = f".{name}."
        for i in range(0, len(text) - 1, 2):
            pair = text[i : i + 2]
            counts[pair] = counts.get(pair, 0) + 1
    return counts


# %%
# WRONG count_pairs: one for each pair
# HINT Each pair has the count 1: what happens when it comes a second time?
def count_pairs(word_list):
    counts = {}
    for name in word_list:
        text = f".{name}."
        for a, b in zip(text, text[1:]):
            counts[a + b] = 1
    return counts


# %%
# WRONG count_pairs: once for each name
# HINT You count a pair once for each name, even where it stands in the name twice.
def count_pairs(word_list):
    counts = {}
    for name in word_list:
        text = f".{name}."
        for pair in {a + b for a, b in zip(text, text[1:])}:
            counts[pair] = counts.get(pair, 0) + 1
    return counts


# %%
# WRONG count_pairs: the return inside the loop
# HINT These are the pairs of the first name only: where does your `return` stand?
def count_pairs(word_list):
    counts = {}
    for name in word_list:
        text = f".{name}."
        for a, b in zip(text, text[1:]):
            counts[a + b] = counts.get(a + b, 0) + 1
        return counts


# %%
# WRONG count_pairs: letters in place of pairs
# HINT You counted single letters. What is a pair of neighbours?
def count_pairs(word_list):
    counts = {}
    for name in word_list:
        for letter in f".{name}.":
            counts[letter] = counts.get(letter, 0) + 1
    return counts


# %%
# WRONG count_pairs: the names glued together
# HINT You glued all names together, so the end of one and the beginning of the next
# HINT became neighbours: what should stand between them?
def count_pairs(word_list):
    text = "." + "".join(word_list) + "."
    counts = {}
    for a, b in zip(text, text[1:]):
        counts[a + b] = counts.get(a + b, 0) + 1
    return counts


# %%
# WRONG count_pairs: tuples in place of strings
# HINT The counts are right, but your pairs are tuples like ("a", "n"). What should a key
# HINT look like?
def count_pairs(word_list):
    counts = {}
    for name in word_list:
        text = f".{name}."
        for pair in zip(text, text[1:]):
            counts[pair] = counts.get(pair, 0) + 1
    return counts


# %%
# WRONG count_pairs: no return
def count_pairs(word_list):
    counts = {}
    for name in word_list:
        text = f".{name}."
        for a, b in zip(text, text[1:]):
            counts[a + b] = counts.get(a + b, 0) + 1


# %%
# RIGHT count_pairs: a Counter and pairwise
from collections import Counter
from itertools import pairwise


def count_pairs(word_list):
    return Counter(a + b for name in word_list for a, b in pairwise(f".{name}."))


# %%
# RIGHT count_pairs: all names in one string
def count_pairs(word_list):
    text = "." + ".".join(word_list) + "."
    found = [text[i - 1] + text[i] for i in range(1, len(text))]
    return {pair: found.count(pair) for pair in set(found)}


# %%
# RIGHT count_pairs: a table of numpy
import numpy as np


def count_pairs(word_list):
    symbols = ".abcdefghijklmnopqrstuvwxyz"
    table = np.zeros((27, 27), dtype=int)
    for name in word_list:
        row = [symbols.index(letter) for letter in f".{name}."]
        np.add.at(table, (row[:-1], row[1:]), 1)
    places = np.argwhere(table)
    return {symbols[i] + symbols[j]: int(table[i, j]) for i, j in places}


# %%
# RIGHT count_pairs: half of the list, and the other half
def count_pairs(word_list):
    if len(word_list) != 1:
        middle = len(word_list) // 2
        some, more = count_pairs(word_list[:middle]), count_pairs(word_list[middle:])
        keys = some.keys() | more.keys()
        return {pair: some.get(pair, 0) + more.get(pair, 0) for pair in keys}
    counts, before = {}, "."
    for letter in word_list[0] + ".":
        counts.setdefault(before + letter, 0)
        counts[before + letter] += 1
        before = letter
    return counts


# %%
# WRONG first_letters: as given
# HINT Both mistakes are still there: which letters of a name does the program count, and
# HINT by what does it divide?
def first_letters(word_list):
    counts = {}
    for name in word_list:
        for letter in name:
            counts[letter] = counts.get(letter, 0) + 1
    return {letter: n / 26 for letter, n in counts.items()}


# %%
# WRONG first_letters: only the letters fixed
# HINT Now only first letters are counted. But the probabilities do not add up to 1: by
# HINT what do you divide?
def first_letters(word_list):
    counts = {}
    for name in word_list:
        counts[name[0]] = counts.get(name[0], 0) + 1
    return {letter: n / 26 for letter, n in counts.items()}


# %%
# WRONG first_letters: only the sum fixed
# HINT Your probabilities add up to 1, but they belong to all letters of the names. Which
# HINT letters does the task ask about?
def first_letters(word_list):
    counts = {}
    for name in word_list:
        for letter in name:
            counts[letter] = counts.get(letter, 0) + 1
    total = sum(counts.values())
    return {letter: n / total for letter, n in counts.items()}


# %%
# WRONG first_letters: all letters over the number of names
# HINT You divide by the number of names, but you count every letter of a name. How many
# HINT letters of each name should count?
def first_letters(word_list):
    counts = {}
    for name in word_list:
        for letter in name:
            counts[letter] = counts.get(letter, 0) + 1
    return {letter: n / len(word_list) for letter, n in counts.items()}


# %%
# WRONG first_letters: over the number of different letters
# HINT You divide by the number of different letters. Of what is a probability a share?
def first_letters(word_list):
    counts = {}
    for name in word_list:
        counts[name[0]] = counts.get(name[0], 0) + 1
    return {letter: n / len(counts) for letter, n in counts.items()}


# %%
# WRONG first_letters: counts
# HINT These are counts. What turns a count into a probability?
def first_letters(word_list):
    counts = {}
    for name in word_list:
        counts[name[0]] = counts.get(name[0], 0) + 1
    return counts


# %%
# WRONG first_letters: per cent
# HINT These are per cent: they add up to 100. To what do probabilities add up?
def first_letters(word_list):
    counts = {}
    for name in word_list:
        counts[name[0]] = counts.get(name[0], 0) + 1
    return {letter: 100 * n / len(word_list) for letter, n in counts.items()}


# %%
# WRONG first_letters: the last letter
# HINT This is how names end. Which place in a string has its first letter?
def first_letters(word_list):
    counts = {}
    for name in word_list:
        counts[name[-1]] = counts.get(name[-1], 0) + 1
    return {letter: n / len(word_list) for letter, n in counts.items()}


# %%
# WRONG first_letters: the second letter
# HINT This is the second letter of each name. With which number does Python begin to
# HINT count?
def first_letters(word_list):
    counts = {}
    for name in word_list:
        counts[name[1]] = counts.get(name[1], 0) + 1
    return {letter: n / len(word_list) for letter, n in counts.items()}


# %%
# WRONG first_letters: over all letters of all names
# HINT You divide by the number of all letters in all names. How many first letters are
# HINT there?
def first_letters(word_list):
    counts = {}
    for name in word_list:
        counts[name[0]] = counts.get(name[0], 0) + 1
    total = sum(len(name) for name in word_list)
    return {letter: n / total for letter, n in counts.items()}


# %%
# RIGHT first_letters: a Counter
from collections import Counter


def first_letters(word_list):
    counts = Counter(name[0] for name in word_list)
    return {letter: n / counts.total() for letter, n in counts.items()}


# %%
# RIGHT first_letters: the loop kept, with a break
def first_letters(word_list):
    counts = {}
    for name in word_list:
        for letter in name:
            counts[letter] = counts.get(letter, 0) + 1
            break
    total = sum(counts.values())
    return {letter: n / total for letter, n in counts.items()}


# %%
# RIGHT first_letters: a share of truths
from statistics import mean


def first_letters(word_list):
    letters = sorted({name[:1] for name in word_list})
    return {x: mean(float(name.startswith(x)) for name in word_list) for x in letters}


# %%
# RIGHT first_letters: numpy counts
import numpy as np


def first_letters(word_list):
    letters, counts = np.unique([name[0] for name in word_list], return_counts=True)
    shares = (counts / counts.sum()).tolist()
    return dict(zip(letters.tolist(), shares))


# %%
# WRONG first_letters: all 26 letters
# HINT Letters with which no name begins are in your dictionary, with a 0. Only letters
# HINT that occur belong in it.
def first_letters(word_list):
    probs = dict.fromkeys("abcdefghijklmnopqrstuvwxyz", 0.0)
    for name in word_list:
        probs[name[0]] += 1 / len(word_list)
    return probs


# %%
# WRONG mean_surprise: the sum
# HINT This is the sum of the surprises. The mean does not grow with the length of the name.
def mean_surprise(name, probs):
    return sum(-math.log(probs[b][a]) for b, a in zip("." + name, name + "."))


# %%
# WRONG mean_surprise: divided by the number of letters
# HINT You divide by the number of letters. How many steps does a name have, with its end?
def mean_surprise(name, probs):
    total = sum(-math.log(probs[b][a]) for b, a in zip("." + name, name + "."))
    return total / len(name)


# %%
# WRONG mean_surprise: no end
# HINT The last step is missing: the end of the name is predicted, too.
def mean_surprise(name, probs):
    steps = list(zip("." + name, name))
    return sum(-math.log(probs[b][a]) for b, a in steps) / len(steps)


# %%
# WRONG mean_surprise: no beginning
# HINT The first step is missing: which letter stands before the first one?
def mean_surprise(name, probs):
    steps = list(zip(name, name[1:] + "."))
    return sum(-math.log(probs[b][a]) for b, a in steps) / len(steps)


# %%
# WRONG mean_surprise: neither beginning nor end
# HINT The full stops are missing: how many steps does a name have?
def mean_surprise(name, probs):
    steps = list(zip(name, name[1:]))
    return sum(-math.log(probs[b][a]) for b, a in steps) / max(1, len(steps))


# %%
# WRONG mean_surprise: no minus sign
def mean_surprise(name, probs):
    total = sum(math.log(probs[b][a]) for b, a in zip("." + name, name + "."))
    return total / (len(name) + 1)


# %%
# WRONG mean_surprise: the surprise at the mean probability
# HINT You took the mean of the probabilities first. Which comes first here, the logarithm
# HINT or the mean?
def mean_surprise(name, probs):
    chances = [probs[b][a] for b, a in zip("." + name, name + ".")]
    return -math.log(sum(chances) / len(chances))


# %%
# WRONG mean_surprise: the mean probability
# HINT This is the mean of the probabilities. One step is missing from a probability to a
# HINT surprise.
def mean_surprise(name, probs):
    chances = [probs[b][a] for b, a in zip("." + name, name + ".")]
    return sum(chances) / len(chances)


# %%
# WRONG mean_surprise: before and after exchanged
# HINT You look up the letter before in the row of the letter after. Which of the two
# HINT comes first in `probs[...][...]`?
def mean_surprise(name, probs):
    total = sum(-math.log(probs[a][b]) for b, a in zip("." + name, name + "."))
    return total / (len(name) + 1)


# %%
# WRONG mean_surprise: in bits
# HINT This is in bits, from the logarithm to base two. Which logarithm does the task name?
def mean_surprise(name, probs):
    total = sum(-math.log2(probs[b][a]) for b, a in zip("." + name, name + "."))
    return total / (len(name) + 1)


# %%
# WRONG mean_surprise: base ten
# HINT This is the logarithm to base ten. Which logarithm does the task name?
def mean_surprise(name, probs):
    total = sum(-math.log10(probs[b][a]) for b, a in zip("." + name, name + "."))
    return total / (len(name) + 1)


# %%
# WRONG mean_surprise: the return inside the loop
# HINT This is the first step only: where does your `return` stand?
def mean_surprise(name, probs):
    total = 0
    for b, a in zip("." + name, name + "."):
        total += -math.log(probs[b][a])
        return total / (len(name) + 1)


# %%
# WRONG mean_surprise: printed, not returned
def mean_surprise(name, probs):
    total = sum(-math.log(probs[b][a]) for b, a in zip("." + name, name + "."))
    print(total / (len(name) + 1))


# %%
# RIGHT mean_surprise: the logarithm of the product
def mean_surprise(name, probs):
    text = f".{name}."
    chances = [probs[text[i]][text[i + 1]] for i in range(len(text) - 1)]
    return -math.log(math.prod(chances)) / len(chances)


# %%
# RIGHT mean_surprise: with pairwise and mean
from itertools import pairwise
from statistics import mean


def mean_surprise(name, probs):
    return mean(math.log(1 / probs[x][y]) for x, y in pairwise("." + name + "."))


# %%
# RIGHT mean_surprise: a tensor
import torch


def mean_surprise(name, probs):
    p = torch.tensor([probs[b][a] for b, a in zip("." + name, name + ".")])
    return -p.double().log().mean()
