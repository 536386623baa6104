# Homework 1: answers that must fail with their hint, and answers that must pass.

# %%
# WRONG center_rows: no keepdim
# HINT `mean` takes the dimension away that it works along, so the rows do not meet their
# HINT own means any more. What keeps the dimension, with length 1?
def center_rows(x):
    return x - x.mean(dim=1)


# %%
# WRONG center_rows: columns in place of rows
# HINT Now each column adds up to 0. Along which dimension do the numbers of a row lie?
def center_rows(x):
    return x - x.mean(dim=0)


# %%
# WRONG center_rows: the mean of all
# HINT You subtract the same number everywhere: whose mean should a row use?
def center_rows(x):
    return x - x.mean()


# %%
# WRONG center_rows: only the means
# HINT These are the means of the rows. They still have to be subtracted.
def center_rows(x):
    return x.mean(dim=1, keepdim=True)


# %%
# WRONG center_rows: the sum in place of the mean
# HINT You subtract the sum of a row. The mean is the sum divided by what?
def center_rows(x):
    return x - x.sum(dim=1, keepdim=True)


# %%
# WRONG center_rows: the other way round
# HINT You subtracted the numbers from the mean: which way round does the task say it?
def center_rows(x):
    return x.mean(dim=1, keepdim=True) - x


# %%
# WRONG center_rows: divided
# HINT You divided by the mean. The task says: subtract.
def center_rows(x):
    return x / x.mean(dim=1, keepdim=True)


# %%
# WRONG center_rows: both rows and columns
# HINT You subtracted the means of the columns as well: the task asks for the rows only.
def center_rows(x):
    x = x - x.mean(dim=1, keepdim=True)
    return x - x.mean(dim=0, keepdim=True)


# %%
# WRONG center_rows: no return
def center_rows(x):
    x - x.mean(dim=1, keepdim=True)


# %%
# RIGHT center_rows: row by row
def center_rows(x):
    return torch.stack([row - row.mean() for row in x])


# %%
# RIGHT center_rows: with numpy
import numpy as np


def center_rows(x):
    a = x.numpy()
    return a - a.mean(axis=1, keepdims=True)


# %%
# RIGHT center_rows: sum, length and unsqueeze
def center_rows(x):
    return x - (x.sum(-1) / x.shape[1]).unsqueeze(-1)


# %%
# WRONG pick: all rows with all targets
# HINT The colon takes all rows, so each row hands over a number for every target. Each
# HINT row should use its own target only: which list of row numbers belongs to them?
def pick(probs, targets):
    return probs[:, targets]


# %%
# WRONG pick: whole rows
# HINT You used the targets as row numbers and got whole rows. They are column numbers.
def pick(probs, targets):
    return probs[targets]


# %%
# WRONG pick: rows and columns exchanged
# HINT Your targets choose the rows. Which of the two places in `probs[..., ...]` is the
# HINT column?
def pick(probs, targets):
    return probs[targets, torch.arange(len(targets))]


# %%
# WRONG pick: gather without a column
# HINT `gather` wants the column numbers to stand beside their rows, as a column: what
# HINT makes a column of shape (N, 1) out of a list of shape (N,)?
def pick(probs, targets):
    return probs.gather(1, targets)


# %%
# WRONG pick: still a column
# HINT The numbers are the right ones, but they stand in a column of shape (N, 1). What
# HINT makes a list of it?
def pick(probs, targets):
    return probs.gather(1, targets.unsqueeze(1))


# %%
# WRONG pick: gather along the rows
# HINT You gathered along dimension 0, as if the targets were row numbers. Along which
# HINT dimension do the columns of a row lie?
def pick(probs, targets):
    return probs.gather(0, targets.unsqueeze(0)).squeeze(0)


# %%
# WRONG pick: the largest of each row
# HINT These are the largest numbers of the rows. The targets say which ones are wanted.
def pick(probs, targets):
    return probs.max(dim=1).values


# %%
# WRONG pick: the logarithms
# HINT You took the logarithm. The task asks for the probabilities themselves.
def pick(probs, targets):
    return probs[torch.arange(len(targets)), targets].log()


# %%
# WRONG pick: the mean
# HINT This is one number, their mean. The task asks for one number for each row.
def pick(probs, targets):
    return probs[torch.arange(len(targets)), targets].mean()


# %%
# WRONG pick: the first row for all
# HINT You took all numbers from the first row: each row has a target of its own.
def pick(probs, targets):
    return probs[0, targets]


# %%
# RIGHT pick: fancy indexing
def pick(probs, targets):
    return probs[torch.arange(len(targets)), targets]


# %%
# RIGHT pick: a loop
def pick(probs, targets):
    return [row[target].item() for row, target in zip(probs, targets)]


# %%
# RIGHT pick: a mask
def pick(probs, targets):
    mask = torch.arange(probs.shape[1]) == targets.unsqueeze(1)
    return (probs * mask).sum(dim=1)


# %%
# RIGHT pick: the diagonal
def pick(probs, targets):
    return probs[:, targets].diagonal()


# %%
# WRONG drop_rare: not rescaled
# HINT The rare numbers are gone, but the rows do not add up to 1 any more: what is
# HINT missing?
def drop_rare(probs, least):
    return torch.where(probs >= least, probs, 0.0)


# %%
# WRONG drop_rare: rescaled over the whole table
# HINT You divide by the sum of the whole table. Each row should add up to 1 on its own.
def drop_rare(probs, least):
    kept = torch.where(probs >= least, probs, 0.0)
    return kept / kept.sum()


# %%
# WRONG drop_rare: no keepdim
# HINT `sum` takes the dimension away that it works along, so the rows do not meet their
# HINT own sums any more. What keeps the dimension, with length 1?
def drop_rare(probs, least):
    kept = torch.where(probs >= least, probs, 0.0)
    return kept / kept.sum(dim=1)


# %%
# WRONG drop_rare: what is equal is dropped, too
# HINT A number that is exactly `least` is not below it: should it go?
def drop_rare(probs, least):
    kept = torch.where(probs > least, probs, 0.0)
    return kept / kept.sum(dim=1, keepdim=True)


# %%
# WRONG drop_rare: the mask the wrong way round
# HINT You kept what is rare and dropped the rest: look at the mask.
def drop_rare(probs, least):
    kept = torch.where(probs < least, probs, 0.0)
    return kept / kept.sum(dim=1, keepdim=True)


# %%
# WRONG drop_rare: in place
# HINT Your function changes the table that it was given. Make a new one (`clone` copies).
def drop_rare(probs, least):
    probs[probs < least] = 0
    return probs / probs.sum(dim=1, keepdim=True)


# %%
# WRONG drop_rare: set to least
# HINT You raised the rare numbers to `least`: they should become 0.
def drop_rare(probs, least):
    kept = probs.clamp(min=least)
    return kept / kept.sum(dim=1, keepdim=True)


# %%
# WRONG drop_rare: ones for all that stay
# HINT All that stay are equally likely now. They should keep their ratios: what does the
# HINT mask choose from?
def drop_rare(probs, least):
    kept = (probs >= least).float()
    return kept / kept.sum(dim=1, keepdim=True)


# %%
# WRONG drop_rare: picked out into a list
def drop_rare(probs, least):
    kept = probs[probs >= least]
    return kept / kept.sum()


# %%
# WRONG drop_rare: the columns rescaled
# HINT Now the columns add up to 1: along which dimension do the numbers of a row lie?
def drop_rare(probs, least):
    kept = torch.where(probs >= least, probs, 0.0)
    return kept / kept.sum(dim=0, keepdim=True).clamp(min=1e-9)


# %%
# RIGHT drop_rare: a copy, changed
def drop_rare(probs, least):
    kept = probs.clone()
    kept[kept < least] = 0
    return kept / kept.sum(dim=1, keepdim=True)


# %%
# RIGHT drop_rare: times the mask
def drop_rare(probs, least):
    kept = probs * (probs >= least)
    return kept / kept.sum(-1, keepdim=True)


# %%
# RIGHT drop_rare: lists
def drop_rare(probs, least):
    rows = [[p if p >= least else 0.0 for p in row] for row in probs.tolist()]
    return [[p / sum(row) for p in row] for row in rows]


# %%
# WRONG mean_gap: as given
# HINT A column less a list is a table, each prediction with each target. It has N times N
# HINT gaps: how can the two get the same shape?
def mean_gap(predictions, targets):
    gaps = predictions - targets
    return gaps.abs().mean()


# %%
# WRONG mean_gap: the sign kept
# HINT Gaps above and below cancel each other here: what about the sign?
def mean_gap(predictions, targets):
    return (predictions.squeeze(1) - targets).mean()


# %%
# WRONG mean_gap: the sign taken off the mean
# HINT You took the sign off at the end, when gaps above and below had cancelled already.
def mean_gap(predictions, targets):
    return (predictions.squeeze(1) - targets).mean().abs()


# %%
# WRONG mean_gap: the sum
# HINT This is the sum of the gaps: the task asks for their mean.
def mean_gap(predictions, targets):
    return (predictions.squeeze(1) - targets).abs().sum()


# %%
# WRONG mean_gap: the table summed, divided by N
# HINT You still add up a table of N times N gaps. How can the two get the same shape?
def mean_gap(predictions, targets):
    return (predictions - targets).abs().sum() / len(targets)


# %%
# WRONG mean_gap: squares
# HINT You squared the gaps: the task takes the sign off in another way.
def mean_gap(predictions, targets):
    return ((predictions.squeeze(1) - targets) ** 2).mean()


# %%
# WRONG mean_gap: only the first
# HINT This is the gap of the first prediction only.
def mean_gap(predictions, targets):
    return (predictions[0] - targets[0]).abs().mean()


# %%
# RIGHT mean_gap: the targets as a column
def mean_gap(predictions, targets):
    return (predictions - targets.unsqueeze(1)).abs().mean()


# %%
# RIGHT mean_gap: the diagonal of the table
def mean_gap(predictions, targets):
    return (predictions - targets).diagonal().abs().mean().item()


# %%
# RIGHT mean_gap: lists
def mean_gap(predictions, targets):
    pairs = list(zip(predictions.flatten().tolist(), targets.tolist()))
    return sum(abs(p - t) for p, t in pairs) / len(pairs)


# %%
# WRONG same_letter: place by place
# HINT You compared letters in the same place. Each letter of the one should meet each
# HINT letter of the other: what shape must `a` have, so that it is copied sideways?
def same_letter(a, b):
    return a == b


# %%
# WRONG same_letter: rows and columns exchanged
# HINT Your rows and columns are exchanged: which name's letters choose the row?
def same_letter(a, b):
    return a.unsqueeze(0) == b.unsqueeze(1)


# %%
# WRONG same_letter: somewhere in the other
# HINT This says whether, or how often, a letter is somewhere in the other name. The task
# HINT asks where: a table.
def same_letter(a, b):
    return torch.isin(a, b)


# %%
# WRONG same_letter: not equal
# HINT You say yes where the letters differ.
def same_letter(a, b):
    return a.unsqueeze(1) != b.unsqueeze(0)


# %%
# WRONG same_letter: the difference
# HINT These are differences of letter numbers. When are two letters equal?
def same_letter(a, b):
    return a.unsqueeze(1) - b.unsqueeze(0)


# %%
# WRONG same_letter: how many
# HINT This says whether, or how often, a letter is somewhere in the other name. The task
# HINT asks where: a table.
def same_letter(a, b):
    return (a.unsqueeze(1) == b.unsqueeze(0)).sum(dim=1)


# %%
# RIGHT same_letter: with None
def same_letter(a, b):
    return a[:, None] == b


# %%
# RIGHT same_letter: lists
def same_letter(a, b):
    return [[x == y for y in b.tolist()] for x in a.tolist()]


# %%
# RIGHT same_letter: the difference is 0
def same_letter(a, b):
    return torch.where(a.reshape(-1, 1) - b.reshape(1, -1) == 0, 1, 0)
