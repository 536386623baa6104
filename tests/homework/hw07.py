# KEPT once lists tuples arrays scalars: a gradient flows through tensors

# Homework 7: answers that must fail with their hint, and answers that must pass.

# %%
# WRONG windows: no padding at the start
# HINT The first letters of each name are never a target in your questions. What does the
# HINT model see when it has to write the first letter of a name?
def windows(words, context_size):
    X, Y = [], []
    for word in words:
        tokens = [ALPHABET.index(c) for c in word + "."]
        for i in range(context_size, len(tokens)):
            X.append(tokens[i - context_size : i])
            Y.append(tokens[i])
    return torch.tensor(X), torch.tensor(Y)


# %%
# WRONG windows: the end mark is never asked for
# HINT No target of yours is the end mark. How would a model that learns from these
# HINT questions know when to stop?
def windows(words, context_size):
    X, Y = [], []
    for word in words:
        context = [0] * context_size
        for letter in word:
            X.append(context)
            Y.append(ALPHABET.index(letter))
            context = context[1:] + Y[-1:]
    return torch.tensor(X), torch.tensor(Y)


# %%
# WRONG windows: a name looks into the one before
# HINT The context of a new name still holds the last letters of the name before it.
# HINT Where does your context begin anew?
def windows(words, context_size):
    X, Y = [], []
    context = [0] * context_size
    for word in words:
        for letter in word + ".":
            X.append(context)
            Y.append(ALPHABET.index(letter))
            context = context[1:] + Y[-1:]
    return torch.tensor(X), torch.tensor(Y)


# %%
# WRONG windows: newest letter first
# HINT Your contexts read backwards: at which end does the newest letter stand?
def windows(words, context_size):
    X, Y = [], []
    for word in words:
        context = [0] * context_size
        for letter in word + ".":
            X.append(context)
            Y.append(ALPHABET.index(letter))
            context = Y[-1:] + context[:-1]
    return torch.tensor(X), torch.tensor(Y)


# %%
# WRONG windows: the answer in the context
# HINT The last letter of each context is the target itself: the question gives its
# HINT answer away. Which comes first, noting the question or sliding the window?
def windows(words, context_size):
    X, Y = [], []
    for word in words:
        context = [0] * context_size
        for letter in word + ".":
            context = context[1:] + [ALPHABET.index(letter)]
            X.append(context)
            Y.append(context[-1])
    return torch.tensor(X), torch.tensor(Y)


# %%
# WRONG windows: padding on the wrong side
# HINT Your padding stands after the letters. In the example of the task, where do the
# HINT zeros of `[0, 0, 2]` stand?
def windows(words, context_size):
    X, Y = [], []
    for word in words:
        tokens = [ALPHABET.index(c) for c in word + "."]
        for i, token in enumerate(tokens):
            seen = tokens[max(0, i - context_size) : i]
            X.append(seen + [0] * (context_size - len(seen)))
            Y.append(token)
    return torch.tensor(X), torch.tensor(Y)


# %%
# WRONG windows: always three letters
# HINT Your contexts have three letters whatever is asked for: where do you use
# HINT `context_size`?
def windows(words, context_size):
    X, Y = [], []
    for word in words:
        context = [0, 0, 0]
        for letter in word + ".":
            X.append(context)
            Y.append(ALPHABET.index(letter))
            context = context[1:] + Y[-1:]
    return torch.tensor(X), torch.tensor(Y)


# %%
# WRONG windows: contexts and targets swapped
def windows(words, context_size):
    X, Y = [], []
    for word in words:
        context = [0] * context_size
        for letter in word + ".":
            X.append(context)
            Y.append(ALPHABET.index(letter))
            context = context[1:] + Y[-1:]
    return torch.tensor(Y), torch.tensor(X)


# %%
# RIGHT windows: cut from a padded list
def windows(words, context_size):
    rows = []
    for w in words:
        t = [0] * context_size + [ord(c) - 96 for c in w] + [0]
        rows += [t[i : i + context_size + 1] for i in range(len(w) + 1)]
    rows = torch.tensor(rows)
    return rows[:, :-1], rows[:, -1]


# %%
# RIGHT windows: with unfold
def windows(words, context_size):
    blocks = []
    for w in words:
        padded = "." * context_size + w + "."
        t = torch.tensor([ALPHABET.find(c) for c in padded])
        blocks.append(t.unfold(0, context_size + 1, 1))
    both = torch.cat(blocks)
    return both[:, :context_size], both[:, context_size]


# %%
# RIGHT windows: numpy, letter by letter
import numpy as np


def windows(words, context_size):
    n = sum(len(w) + 1 for w in words)
    X, Y, row = np.zeros((n, context_size), dtype=int), np.zeros(n, dtype=int), 0
    for w in words:
        for i in range(len(w) + 1):
            for back in range(1, context_size + 1):
                if i - back >= 0:
                    X[row, context_size - back] = ALPHABET.index(w[i - back])
            Y[row] = 0 if i == len(w) else ALPHABET.index(w[i])
            row += 1
    return torch.from_numpy(X), torch.from_numpy(Y)


# %%
# WRONG parameters: no biases
# HINT You counted the weights of both layers, and the embeddings. What does a layer add
# HINT to its weighted sums?
def n_parameters(vocab_size, context_size, emb_dim, hidden_dim):
    hidden = context_size * emb_dim * hidden_dim
    return vocab_size * emb_dim + hidden + hidden_dim * vocab_size


def widest(budget):
    return (budget - 297) // 58


# %%
# WRONG parameters: one table of embeddings for each place
# HINT You counted the embeddings once for each place in the context. How many tables are
# HINT there, and who uses them?
def n_parameters(vocab_size, context_size, emb_dim, hidden_dim):
    embedding = context_size * vocab_size * emb_dim
    hidden = context_size * emb_dim * hidden_dim + hidden_dim
    return embedding + hidden + hidden_dim * vocab_size + vocab_size


def widest(budget):
    return (budget - 297) // 58


# %%
# WRONG parameters: the hidden layer sees one letter
# HINT In your count each hidden unit looks at a single embedding. How many numbers come
# HINT in when all letters of the context lie side by side?
def n_parameters(vocab_size, context_size, emb_dim, hidden_dim):
    hidden = emb_dim * hidden_dim + hidden_dim
    return vocab_size * emb_dim + hidden + hidden_dim * vocab_size + vocab_size


def widest(budget):
    return (budget - 297) // 58


# %%
# WRONG parameters: no embeddings
# HINT You counted both layers. The letters' own lists of numbers are trained, too.
def n_parameters(vocab_size, context_size, emb_dim, hidden_dim):
    hidden = context_size * emb_dim * hidden_dim + hidden_dim
    return hidden + hidden_dim * vocab_size + vocab_size


def widest(budget):
    return (budget - 297) // 58


# %%
# WRONG parameters: the biases of the output forgotten
# HINT Your count is short by one number for each letter. Which layer has a constant for
# HINT each letter?
def n_parameters(vocab_size, context_size, emb_dim, hidden_dim):
    hidden = context_size * emb_dim * hidden_dim + hidden_dim
    return vocab_size * emb_dim + hidden + hidden_dim * vocab_size


def widest(budget):
    return (budget - 297) // 58


# %%
# WRONG parameters: the formula of the lesson for every network
# HINT The numbers 297 and 58 belong to 27 letters, three of them as context, and
# HINT embeddings of 10. Where do they come from, in terms of these sizes?
def n_parameters(vocab_size, context_size, emb_dim, hidden_dim):
    return 297 + 58 * hidden_dim


def widest(budget):
    return (budget - 297) // 58


# %%
# WRONG parameters: rounded to the nearest width
# HINT Some of your networks cost more than the budget: what happens when the money is
# HINT enough for half a unit more?
def n_parameters(vocab_size, context_size, emb_dim, hidden_dim):
    each = context_size * emb_dim + 1 + vocab_size
    return vocab_size * (emb_dim + 1) + each * hidden_dim


def widest(budget):
    return round((budget - 297) / 58)


# %%
# WRONG parameters: the fixed part is not paid
# HINT You spend the whole budget on hidden units. Which parameters are there even with
# HINT no hidden unit at all?
def n_parameters(vocab_size, context_size, emb_dim, hidden_dim):
    each = context_size * emb_dim + 1 + vocab_size
    return vocab_size * (emb_dim + 1) + each * hidden_dim


def widest(budget):
    return budget // 58


# %%
# WRONG parameters: must stay below the budget
# HINT A network that costs exactly the budget is allowed: look at the first example of
# HINT `widest` in the task.
def n_parameters(vocab_size, context_size, emb_dim, hidden_dim):
    each = context_size * emb_dim + 1 + vocab_size
    return vocab_size * (emb_dim + 1) + each * hidden_dim


def widest(budget):
    hidden_dim = 1
    while 297 + 58 * (hidden_dim + 1) < budget:
        hidden_dim += 1
    return hidden_dim


# %%
# WRONG parameters: part of a unit
# HINT Your widths are no whole numbers. A network cannot have a part of a unit: may it
# HINT have the next larger number, or the next smaller one?
def n_parameters(vocab_size, context_size, emb_dim, hidden_dim):
    each = context_size * emb_dim + 1 + vocab_size
    return vocab_size * (emb_dim + 1) + each * hidden_dim


def widest(budget):
    return (budget - 297) / 58


# %%
# RIGHT parameters: build the network and count
def n_parameters(vocab_size, context_size, emb_dim, hidden_dim):
    network = NameMLP(hidden_dim, context_size, emb_dim, vocab_size)
    return sum(p.numel() for p in network.parameters())


def widest(budget):
    H = 0
    while n_parameters(27, 3, 10, H + 1) <= budget:
        H += 1
    return H


# %%
# RIGHT parameters: sizes of matrices, and math.floor
def n_parameters(V, T, C, H):
    shapes = [(V, C), (T * C, H), (1, H), (H, V), (1, V)]
    return sum(math.prod(shape) for shape in shapes)


def widest(budget):
    return math.floor((budget - 27 * 10 - 27) / (3 * 10 + 1 + 27))


# %%
# RIGHT parameters: the next larger width is too dear
def n_parameters(vocab_size, context_size, emb_dim, hidden_dim):
    return (
        vocab_size * emb_dim
        + (context_size * emb_dim + 1) * hidden_dim
        + (hidden_dim + 1) * vocab_size
    )


def widest(budget):
    return next(h for h in range(9999) if n_parameters(27, 3, 10, h + 1) > budget)


# %%
# WRONG train: as given
# HINT The weights do not move, and the loss begins almost exactly at the logarithm of
# HINT 27. Look at the lines after the loss: what does the optimizer find when it takes
# HINT its step? The second illness sits in the two lines that make the loss.
def train(model, X, Y, n_steps):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(n_steps):
        probs = F.softmax(model(X), dim=-1)
        loss = F.cross_entropy(probs, Y)
        losses.append(loss.item())
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
    return losses


# %%
# WRONG train: only the order cured
# HINT Now the weights move. But the largest logit that your loss can see is 1 and the
# HINT smallest 0. What does `cross_entropy` do itself with the numbers that it gets?
def train(model, X, Y, n_steps):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(n_steps):
        probs = F.softmax(model(X), dim=-1)
        loss = F.cross_entropy(probs, Y)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses


# %%
# WRONG train: only the loss cured
# HINT The loss is right now, but it stays where it began: the weights never move. What
# HINT gradient does the optimizer find when it takes its step?
def train(model, X, Y, n_steps):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(n_steps):
        loss = F.cross_entropy(model(X), Y)
        losses.append(loss.item())
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
    return losses


# %%
# WRONG train: old gradients are never cleared
# HINT The weights move, but each step follows the sum of all gradients so far. `backward`
# HINT adds to what is there already: what must happen in between?
def train(model, X, Y, n_steps):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(n_steps):
        loss = F.cross_entropy(model(X), Y)
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    return losses


# %%
# WRONG train: probabilities for the logarithm's place
# HINT Your loss is negative: it is the mean of minus p, and not of minus ln p.
def train(model, X, Y, n_steps):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(n_steps):
        loss = F.nll_loss(F.softmax(model(X), dim=-1), Y)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses


# %%
# WRONG train: another optimizer
# HINT The loss falls, but not as it should: the optimizer is another one than in the
# HINT code you were given.
def train(model, X, Y, n_steps):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    losses = []
    for _ in range(n_steps):
        loss = F.cross_entropy(model(X), Y)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses


# %%
# WRONG train: a new optimizer at each step
# HINT The steps are not those of Adam, which remembers earlier gradients: how often is
# HINT your optimizer made?
def train(model, X, Y, n_steps):
    losses = []
    for _ in range(n_steps):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        loss = F.cross_entropy(model(X), Y)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses


# %%
# WRONG train: the sum of the losses
# HINT This is the loss of all questions added up: what does the number of questions do
# HINT to it?
def train(model, X, Y, n_steps):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(n_steps):
        loss = F.cross_entropy(model(X), Y, reduction="sum")
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses


# %%
# WRONG train: no return
def train(model, X, Y, n_steps):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(n_steps):
        loss = F.cross_entropy(model(X), Y)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


# %%
# RIGHT train: softmax, logarithm and a gather
def train(model, X, Y, n_steps):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(n_steps):
        optimizer.zero_grad()
        probs = model(X).softmax(-1)
        loss = -probs[torch.arange(len(Y)), Y].log().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss)
    return losses


# %%
# RIGHT train: log_softmax twice does no harm
def train(model, X, Y, n_steps):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    while len(losses) < n_steps:
        loss = F.cross_entropy(F.log_softmax(model(X), dim=-1), Y)
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return losses


# %%
# RIGHT train: the gradient by torch.autograd.grad
def train(model, X, Y, n_steps):
    weights = list(model.parameters())
    adam = torch.optim.Adam(weights, lr=0.01)
    history = torch.zeros(n_steps)
    for i in range(n_steps):
        loss = F.nll_loss(F.log_softmax(model(X), -1), Y)
        for w, g in zip(weights, torch.autograd.grad(loss, weights)):
            w.grad = g
        adam.step()
        history[i] = loss.detach()
    return history


# %%
# WRONG once: different contexts, not different pairs
# HINT Each context is there once, with a single target. But one context has many
# HINT targets: what makes two questions the same?
def distinct(X, Y):
    X_once, where, counts = X.unique(dim=0, return_inverse=True, return_counts=True)
    Y_once = torch.zeros(len(X_once), dtype=torch.long)
    for i in range(len(Y) - 1, -1, -1):
        Y_once[where[i]] = Y[i]
    return X_once, Y_once, counts


def weighted_loss(logits, targets, counts):
    losses = F.cross_entropy(logits, targets, reduction="none")
    return (losses * counts).sum() / counts.sum()


# %%
# WRONG once: only neighbours are compared
# HINT Some questions are still there more than once: you have only merged equal ones
# HINT that are neighbours.
def distinct(X, Y):
    pairs = torch.cat([X, Y[:, None]], dim=1)
    pairs, counts = pairs.unique_consecutive(dim=0, return_counts=True)
    return pairs[:, :3], pairs[:, 3], counts


def weighted_loss(logits, targets, counts):
    losses = F.cross_entropy(logits, targets, reduction="none")
    return (losses * counts).sum() / counts.sum()


# %%
# WRONG once: every count is one
# HINT The questions are right, but each counts once. How often did each occur?
def distinct(X, Y):
    pairs = torch.cat([X, Y[:, None]], dim=1).unique(dim=0)
    return pairs[:, :3], pairs[:, 3], torch.ones(len(pairs), dtype=torch.long)


def weighted_loss(logits, targets, counts):
    losses = F.cross_entropy(logits, targets, reduction="none")
    return (losses * counts).sum() / counts.sum()


# %%
# WRONG once: a plain mean
# HINT This is the mean over the rows, a rare question counts as much as a frequent one.
# HINT Where do the counts come in?
def distinct(X, Y):
    pairs = torch.cat([X, Y[:, None]], dim=1)
    pairs, counts = pairs.unique(dim=0, return_counts=True)
    return pairs[:, :3], pairs[:, 3], counts


def weighted_loss(logits, targets, counts):
    return F.cross_entropy(logits, targets)


# %%
# WRONG once: the sum of all losses
# HINT This is the loss of all questions added up. Through what must a sum be divided to
# HINT be a mean, and how many questions stand behind the rows?
def distinct(X, Y):
    pairs = torch.cat([X, Y[:, None]], dim=1)
    pairs, counts = pairs.unique(dim=0, return_counts=True)
    return pairs[:, :3], pairs[:, 3], counts


def weighted_loss(logits, targets, counts):
    return (F.cross_entropy(logits, targets, reduction="none") * counts).sum()


# %%
# WRONG once: divided by the number of rows
# HINT You divided by the number of rows. How many questions stand behind the rows?
def distinct(X, Y):
    pairs = torch.cat([X, Y[:, None]], dim=1)
    pairs, counts = pairs.unique(dim=0, return_counts=True)
    return pairs[:, :3], pairs[:, 3], counts


def weighted_loss(logits, targets, counts):
    return (F.cross_entropy(logits, targets, reduction="none") * counts).mean()


# %%
# WRONG once: the counts inside the softmax
# HINT You multiplied the logits by the counts, which makes frequent rows surer of
# HINT themselves. What should count more often, the scores of a row or its loss?
def distinct(X, Y):
    pairs = torch.cat([X, Y[:, None]], dim=1)
    pairs, counts = pairs.unique(dim=0, return_counts=True)
    return pairs[:, :3], pairs[:, 3], counts


def weighted_loss(logits, targets, counts):
    return F.cross_entropy(logits * counts[:, None], targets)


# %%
# WRONG once: weights for the letters
# HINT The option `weight` of `cross_entropy` has one number for each letter of the
# HINT alphabet. The counts have one for each row: ask for the rows' losses first.
def distinct(X, Y):
    pairs = torch.cat([X, Y[:, None]], dim=1)
    pairs, counts = pairs.unique(dim=0, return_counts=True)
    return pairs[:, :3], pairs[:, 3], counts


def weighted_loss(logits, targets, counts):
    return F.cross_entropy(logits, targets, weight=counts.float())


# %%
# WRONG once: a plain number
# HINT Your loss is a plain number, so no gradient can flow back from it. Which step
# HINT turns the tensor into a number?
def distinct(X, Y):
    pairs = torch.cat([X, Y[:, None]], dim=1)
    pairs, counts = pairs.unique(dim=0, return_counts=True)
    return pairs[:, :3], pairs[:, 3], counts


def weighted_loss(logits, targets, counts):
    losses = F.cross_entropy(logits, targets, reduction="none")
    return (losses * counts).sum().item() / counts.sum().item()


# %%
# WRONG once: no minus sign
def distinct(X, Y):
    pairs = torch.cat([X, Y[:, None]], dim=1)
    pairs, counts = pairs.unique(dim=0, return_counts=True)
    return pairs[:, :3], pairs[:, 3], counts


def weighted_loss(logits, targets, counts):
    picked = logits.log_softmax(-1).gather(1, targets[:, None])[:, 0]
    return (picked * counts).sum() / counts.sum()


# %%
# RIGHT once: with a Counter
def distinct(X, Y):
    bag = Counter((*x, y) for x, y in zip(X.tolist(), Y.tolist()))
    rows = torch.tensor(list(bag))
    return rows[:, :3], rows[:, 3], torch.tensor(list(bag.values()))


def weighted_loss(logits, targets, counts):
    share = counts / counts.sum()
    rows = torch.arange(len(targets))
    return -(share * torch.log_softmax(logits, -1)[rows, targets]).sum()


# %%
# RIGHT once: one number for each pair
def distinct(X, Y):
    code = X[:, 0] * 27**3 + X[:, 1] * 27**2 + X[:, 2] * 27 + Y
    table = torch.bincount(code, minlength=27**4)
    c = table.nonzero()[:, 0]
    X_once = torch.stack([c // 27**3, c // 27**2 % 27, c // 27 % 27], dim=1)
    return X_once, c % 27, table[c].double()


def weighted_loss(logits, targets, counts):
    losses = F.cross_entropy(logits, targets, reduction="none").double()
    return torch.dot(losses, counts.double()) / counts.sum()


# %%
# RIGHT once: rows repeated, numpy
import numpy as np


def distinct(X, Y):
    both = np.concatenate([X.numpy(), Y.numpy()[:, None]], axis=1)
    rows, n = np.unique(both, axis=0, return_counts=True)
    rows = rows[::-1].copy()
    n = n[::-1].copy()
    return torch.from_numpy(rows[:, :3]), torch.tensor(rows[:, 3]), torch.tensor(n)


def weighted_loss(logits, targets, counts):
    each = torch.arange(len(counts)).repeat_interleave(counts)
    return F.cross_entropy(logits[each], targets[each])


# %%
# WRONG slide: forgets the floor
# HINT You have found the steps that the loop does not print. Some of the lines it does
# HINT print show a loss that no model can have.
def floor(X, Y):
    contexts = [tuple(row) for row in X.tolist()]
    pairs, alone = Counter(zip(contexts, Y.tolist())), Counter(contexts)
    return -sum(n * math.log(n / alone[c]) for (c, _), n in pairs.items()) / len(Y)


def impossible(slide, n_steps, X, Y):
    return sorted(s for s in slide if s not in range(0, n_steps, 100))


# %%
# WRONG slide: each context counts once
# HINT You took the plain mean over the different contexts. Some are asked about a
# HINT hundred times and some once: how much should each count?
def floor(X, Y):
    after = {}
    for row, y in zip(X.tolist(), Y.tolist()):
        after.setdefault(tuple(row), Counter())[y] += 1
    nats = 0
    for bag in after.values():
        n = bag.total()
        nats -= sum(c / n * math.log(c / n) for c in bag.values())
    return nats / len(after)


def impossible(slide, n_steps, X, Y):
    low = floor(X, Y)
    return sorted(
        s for s, loss in slide.items() if loss < low or s % 100 or s >= n_steps
    )


# %%
# WRONG slide: the surprise of the whole pair
# HINT This is the surprise of context and target together. The model sees the context
# HINT for nothing: a share of which cases is asked for?
def floor(X, Y):
    pairs = Counter((*row, y) for row, y in zip(X.tolist(), Y.tolist()))
    return -sum(n / len(Y) * math.log(n / len(Y)) for n in pairs.values())


def impossible(slide, n_steps, X, Y):
    low = floor(X, Y)
    return sorted(
        s for s, loss in slide.items() if loss < low or s % 100 or s >= n_steps
    )


# %%
# WRONG slide: without the context
# HINT This is the floor for a model that sees nothing: your shares are those of all
# HINT targets. What changes when it may see the context?
def floor(X, Y):
    return -sum(n / len(Y) * math.log(n / len(Y)) for n in Counter(Y.tolist()).values())


def impossible(slide, n_steps, X, Y):
    low = floor(X, Y)
    return sorted(
        s for s, loss in slide.items() if loss < low or s % 100 or s >= n_steps
    )


# %%
# WRONG slide: in bits
# HINT These are bits. In which unit does the task, and `cross_entropy`, measure?
def floor(X, Y):
    contexts = [tuple(row) for row in X.tolist()]
    pairs, alone = Counter(zip(contexts, Y.tolist())), Counter(contexts)
    return -sum(n * math.log2(n / alone[c]) for (c, _), n in pairs.items()) / len(Y)


def impossible(slide, n_steps, X, Y):
    low = floor(X, Y)
    return sorted(
        s for s, loss in slide.items() if loss < low or s % 100 or s >= n_steps
    )


# %%
# WRONG slide: each different pair counts once
# HINT You took the mean over the different pairs. A pair that occurs ten times is asked
# HINT ten times: how much should it count?
def floor(X, Y):
    contexts = [tuple(row) for row in X.tolist()]
    pairs, alone = Counter(zip(contexts, Y.tolist())), Counter(contexts)
    return -sum(math.log(n / alone[c]) for (c, _), n in pairs.items()) / len(pairs)


def impossible(slide, n_steps, X, Y):
    low = floor(X, Y)
    return sorted(
        s for s, loss in slide.items() if loss < low or s % 100 or s >= n_steps
    )


# %%
# WRONG slide: the sum over all questions
# HINT This is the bill of all questions together: per question is asked for.
def floor(X, Y):
    contexts = [tuple(row) for row in X.tolist()]
    pairs, alone = Counter(zip(contexts, Y.tolist())), Counter(contexts)
    return -sum(n * math.log(n / alone[c]) for (c, _), n in pairs.items())


def impossible(slide, n_steps, X, Y):
    low = floor(X, Y)
    return sorted(
        s for s, loss in slide.items() if loss < low or s % 100 or s >= n_steps
    )


# %%
# WRONG slide: only the most frequent letter
# HINT You pay only for the letter that comes most often after each context. The others
# HINT come too, and they are dearer.
def floor(X, Y):
    after = {}
    for row, y in zip(X.tolist(), Y.tolist()):
        after.setdefault(tuple(row), Counter())[y] += 1
    bags = after.values()
    return -sum(b.total() * math.log(max(b.values()) / b.total()) for b in bags) / len(
        Y
    )


def impossible(slide, n_steps, X, Y):
    low = floor(X, Y)
    return sorted(
        s for s, loss in slide.items() if loss < low or s % 100 or s >= n_steps
    )


# %%
# WRONG slide: forgets what the loop prints
# HINT You have found the losses below the floor. Some other lines cannot be there either:
# HINT which steps does the loop print?
def floor(X, Y):
    contexts = [tuple(row) for row in X.tolist()]
    pairs, alone = Counter(zip(contexts, Y.tolist())), Counter(contexts)
    return -sum(n * math.log(n / alone[c]) for (c, _), n in pairs.items()) / len(Y)


def impossible(slide, n_steps, X, Y):
    low = floor(X, Y)
    return sorted(s for s, loss in slide.items() if loss < low)


# %%
# WRONG slide: the loop goes one step further
# HINT You let the loop print the step `n_steps`, too. What is the last number that
# HINT `range(n_steps)` gives?
def floor(X, Y):
    contexts = [tuple(row) for row in X.tolist()]
    pairs, alone = Counter(zip(contexts, Y.tolist())), Counter(contexts)
    return -sum(n * math.log(n / alone[c]) for (c, _), n in pairs.items()) / len(Y)


def impossible(slide, n_steps, X, Y):
    low = floor(X, Y)
    return sorted(
        s for s, loss in slide.items() if loss < low or s % 100 or s > n_steps
    )


# %%
# WRONG slide: both reasons at once
# HINT A line is impossible for one of the two reasons: it need not have both.
def floor(X, Y):
    contexts = [tuple(row) for row in X.tolist()]
    pairs, alone = Counter(zip(contexts, Y.tolist())), Counter(contexts)
    return -sum(n * math.log(n / alone[c]) for (c, _), n in pairs.items()) / len(Y)


def impossible(slide, n_steps, X, Y):
    low = floor(X, Y)
    printed = range(0, n_steps, 100)
    return sorted(s for s, loss in slide.items() if loss < low and s not in printed)


# %%
# WRONG slide: losses above the floor
# HINT You report the losses above the floor. Which side of the floor cannot be reached?
def floor(X, Y):
    contexts = [tuple(row) for row in X.tolist()]
    pairs, alone = Counter(zip(contexts, Y.tolist())), Counter(contexts)
    return -sum(n * math.log(n / alone[c]) for (c, _), n in pairs.items()) / len(Y)


def impossible(slide, n_steps, X, Y):
    low = floor(X, Y)
    return sorted(
        s for s, loss in slide.items() if loss > low or s % 100 or s >= n_steps
    )


# %%
# WRONG slide: the steps that can be
# HINT These are the honest lines: the others are asked for.
def floor(X, Y):
    contexts = [tuple(row) for row in X.tolist()]
    pairs, alone = Counter(zip(contexts, Y.tolist())), Counter(contexts)
    return -sum(n * math.log(n / alone[c]) for (c, _), n in pairs.items()) / len(Y)


def impossible(slide, n_steps, X, Y):
    low = floor(X, Y)
    printed = range(0, n_steps, 100)
    return sorted(s for s, loss in slide.items() if loss >= low and s in printed)


# %%
# RIGHT slide: a table and its entropies
def floor(X, Y):
    rows, where = X.unique(dim=0, return_inverse=True)
    table = torch.zeros(len(rows), 27, dtype=torch.double)
    table.index_put_((where, Y), torch.ones(len(Y), dtype=torch.double), True)
    share = table / table.sum(1, keepdim=True)
    return (torch.special.entr(share).sum(1) @ table.sum(1)).item() / len(Y)


def impossible(slide, n_steps, X, Y):
    honest = {s for s in range(n_steps) if s % 100 == 0}
    return [s for s in sorted(slide) if s not in honest or slide[s] < floor(X, Y)]


# %%
# RIGHT slide: the loss of the best table
def floor(X, Y):
    same = (X[:, None] == X[None]).all(-1)
    same_pair = same & (Y[:, None] == Y[None])
    return (same.sum(1) / same_pair.sum(1)).log().mean()


def impossible(slide, n_steps, X, Y):
    lowest, found = floor(X, Y), []
    for step in sorted(slide.keys()):
        if slide[step] < lowest:
            found.append(step)
        elif step % 100 != 0 or step > n_steps - 1:
            found.append(step)
    return found


# %%
# RIGHT slide: entropy of the pairs less entropy of the contexts
def floor(X, Y):
    def entropy(things):
        n = len(things)
        return sum(-k / n * math.log(k / n) for k in Counter(things).values())

    words = [str(x) for x in X.tolist()]
    return entropy(list(zip(words, Y.tolist()))) - entropy(words)


def impossible(slide, n_steps, X, Y):
    low = floor(X, Y)
    not_there = set(slide) - set(range(0, n_steps, 100))
    too_low = {step for step, loss in slide.items() if low > loss}
    return sorted(not_there | too_low)


# %%
# WRONG windows: one list for all rows
# HINT All rows of a name are the same: `X.append(context)` keeps no copy, and `pop` and
# HINT `append` go on changing that one list. Which line could make a new list?
def windows(words, context_size):
    X, Y = [], []
    for word in words:
        context = [0] * context_size
        for letter in word + ".":
            X.append(context)
            Y.append(ALPHABET.index(letter))
            context.pop(0)
            context.append(Y[-1])
    return torch.tensor(X), torch.tensor(Y)


# %%
# WRONG train: the loss after the step
# HINT Your list is one step ahead: each loss belongs to the weights before its step, so
# HINT the first one is that of the untrained model.
def train(model, X, Y, n_steps):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(n_steps):
        optimizer.zero_grad()
        F.cross_entropy(model(X), Y).backward()
        optimizer.step()
        losses.append(F.cross_entropy(model(X), Y).item())
    return losses
