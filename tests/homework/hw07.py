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
# WRONG forward: no activation function
# HINT Your hidden state is not squeezed: some of its numbers lie above 1. What bends the sums
# HINT before the output layer sees them?
def forward(X, weights):
    C, W1, b1, W2, b2 = weights
    return (C[X].flatten(1) @ W1 + b1) @ W2 + b2


# %%
# WRONG forward: another activation function
# HINT You bend the sums with relu. The network of the lesson has another function, which
# HINT gives numbers between -1 and 1.
def forward(X, weights):
    C, W1, b1, W2, b2 = weights
    return torch.relu(C[X].flatten(1) @ W1 + b1) @ W2 + b2


# %%
# WRONG forward: sigmoid
# HINT You bend the sums with sigmoid, which gives numbers between 0 and 1. The lesson's
# HINT function gives numbers between -1 and 1.
def forward(X, weights):
    C, W1, b1, W2, b2 = weights
    return torch.sigmoid(C[X].flatten(1) @ W1 + b1) @ W2 + b2


# %%
# WRONG forward: probabilities
# HINT These are probabilities. The logits are asked for, the scores before the softmax.
def forward(X, weights):
    C, W1, b1, W2, b2 = weights
    return F.softmax(torch.tanh(C[X].flatten(1) @ W1 + b1) @ W2 + b2, dim=-1)


# %%
# WRONG forward: tanh at the end, too
# HINT All your logits lie between -1 and 1. A logit may be any number: which layer needs the
# HINT activation function, and which does not?
def forward(X, weights):
    C, W1, b1, W2, b2 = weights
    return torch.tanh(torch.tanh(C[X].flatten(1) @ W1 + b1) @ W2 + b2)


# %%
# WRONG forward: the first bias forgotten
# HINT Without `b1` the hidden state is another one. What is added to each of the H sums?
def forward(X, weights):
    C, W1, b1, W2, b2 = weights
    return torch.tanh(C[X].flatten(1) @ W1) @ W2 + b2


# %%
# WRONG forward: the second bias forgotten
# HINT Your logits lack `b2`: what is added to the V scores at the end?
def forward(X, weights):
    C, W1, b1, W2, b2 = weights
    return torch.tanh(C[X].flatten(1) @ W1 + b1) @ W2


# %%
# WRONG forward: the newest letter first
# HINT You lay the embeddings side by side from the newest letter to the oldest. Which one
# HINT stands first in the task?
def forward(X, weights):
    C, W1, b1, W2, b2 = weights
    return torch.tanh(C[X.flip(1)].flatten(1) @ W1 + b1) @ W2 + b2


# %%
# WRONG forward: the first numbers of all letters, then the second ones
# HINT Side by side means: all E numbers of the first letter, then all of the second. You took
# HINT the first number of each letter, then the second number of each.
def forward(X, weights):
    C, W1, b1, W2, b2 = weights
    return torch.tanh(C[X].mT.flatten(1) @ W1 + b1) @ W2 + b2


# %%
# WRONG forward: the sizes of the lesson written in
# HINT 3 and 10 are the sizes of the lesson. This network has others: take them from the
# HINT tensors, or let `flatten(1)` find them.
def forward(X, weights):
    C, W1, b1, W2, b2 = weights
    return torch.tanh(C[X].view(-1, 30) @ W1 + b1) @ W2 + b2


# %%
# WRONG forward: everything in one row
# HINT You flattened the batch, too: all contexts became one long row. Which dimension has to
# HINT stay?
def forward(X, weights):
    C, W1, b1, W2, b2 = weights
    return torch.tanh(C[X].flatten() @ W1 + b1) @ W2 + b2


# %%
# WRONG forward: the embeddings added up
# HINT You added the embeddings of the letters. Then the network cannot tell which letter
# HINT stood where, and `W1` does not fit. How are T lists of E numbers laid side by side?
def forward(X, weights):
    C, W1, b1, W2, b2 = weights
    return torch.tanh(C[X].sum(1) @ W1 + b1) @ W2 + b2


# %%
# RIGHT forward: one-hot vectors and an einsum
def forward(X, weights):
    C, W1, b1, W2, b2 = weights
    one_hot = F.one_hot(X, len(C)).float()
    parts = W1.view(X.shape[1], C.shape[1], -1)
    h = torch.tanh(torch.einsum("btv,ve,teh->bh", one_hot, C, parts) + b1)
    return h.matmul(W2).add(b2)


# %%
# RIGHT forward: question by question
def forward(X, weights):
    C, W1, b1, W2, b2 = weights
    rows = []
    for context in X.tolist():
        x = torch.cat([C[i] for i in context])
        rows.append((x @ W1 + b1).tanh() @ W2 + b2)
    return torch.stack(rows)


# %%
# RIGHT forward: numpy
import numpy as np


def forward(X, weights):
    C, W1, b1, W2, b2 = [w.double().numpy() for w in weights]
    x = C[X.numpy()].reshape(len(X), -1)
    return np.tanh(x @ W1 + b1) @ W2 + b2


# %%
# WRONG learn: the gradients are never cleared
# HINT Your gradients add up from step to step. What has to happen to `w.grad` after each
# HINT step, or before each `backward()`?
def learn(weights, X, Y, rate, n_steps):
    weights = [w.clone().requires_grad_() for w in weights]
    losses = []
    for _ in range(n_steps):
        loss = F.cross_entropy(scores(X, weights), Y)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            for w in weights:
                w -= rate * w.grad
    return losses, weights


# %%
# WRONG learn: uphill
# HINT Your loss grows: the gradient shows the way up. In which direction must the step go?
def learn(weights, X, Y, rate, n_steps):
    weights = [w.clone().requires_grad_() for w in weights]
    losses = []
    for _ in range(n_steps):
        loss = F.cross_entropy(scores(X, weights), Y)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            for w in weights:
                w += rate * w.grad
                w.grad = None
    return losses, weights


# %%
# WRONG learn: the rate of the lesson
# HINT You step with a rate of 0.1, whatever `rate` says.
def learn(weights, X, Y, rate, n_steps):
    weights = [w.clone().requires_grad_() for w in weights]
    losses = []
    for _ in range(n_steps):
        loss = F.cross_entropy(scores(X, weights), Y)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            for w in weights:
                w -= 0.1 * w.grad
                w.grad = None
    return losses, weights


# %%
# WRONG learn: the embedding stays
# HINT One of the five tensors has not moved: training changes the embedding, too.
def learn(weights, X, Y, rate, n_steps):
    weights = [w.clone().requires_grad_() for w in weights]
    losses = []
    for _ in range(n_steps):
        loss = F.cross_entropy(scores(X, weights), Y)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            for w in weights[1:]:
                w -= rate * w.grad
                w.grad = None
    return losses, weights


# %%
# WRONG learn: the biases stay
# HINT The two biases have not moved. Training changes all five tensors.
def learn(weights, X, Y, rate, n_steps):
    weights = [w.clone().requires_grad_() for w in weights]
    losses = []
    for _ in range(n_steps):
        loss = F.cross_entropy(scores(X, weights), Y)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            for w in [weights[0], weights[1], weights[3]]:
                w -= rate * w.grad
                w.grad = None
    return losses, weights


# %%
# WRONG learn: one step too few
# HINT Your list is one loss short. How many numbers does `range(n_steps)` give?
def learn(weights, X, Y, rate, n_steps):
    weights = [w.clone().requires_grad_() for w in weights]
    losses = []
    for _ in range(n_steps - 1):
        loss = F.cross_entropy(scores(X, weights), Y)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            for w in weights:
                w -= rate * w.grad
                w.grad = None
    return losses, weights


# %%
# WRONG learn: softmax before the loss
# HINT `cross_entropy` does the softmax itself. You have given it probabilities, and it made
# HINT a second softmax of them.
def learn(weights, X, Y, rate, n_steps):
    weights = [w.clone().requires_grad_() for w in weights]
    losses = []
    for _ in range(n_steps):
        loss = F.cross_entropy(F.softmax(scores(X, weights), dim=-1), Y)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            for w in weights:
                w -= rate * w.grad
                w.grad = None
    return losses, weights


# %%
# WRONG learn: the sum of the losses
# HINT You took the sum of all losses. The mean is asked for; with a sum the steps are hundreds
# HINT of times as large.
def learn(weights, X, Y, rate, n_steps):
    weights = [w.clone().requires_grad_() for w in weights]
    losses = []
    for _ in range(n_steps):
        loss = F.cross_entropy(scores(X, weights), Y, reduction="sum")
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            for w in weights:
                w -= rate * w.grad
                w.grad = None
    return losses, weights


# %%
# WRONG learn: the loss after the step
# HINT Your list is one step ahead: each loss is asked for before its step, so the first one
# HINT is that of the untrained network.
def learn(weights, X, Y, rate, n_steps):
    weights = [w.clone().requires_grad_() for w in weights]
    losses = []
    for _ in range(n_steps):
        F.cross_entropy(scores(X, weights), Y).backward()
        with torch.no_grad():
            for w in weights:
                w -= rate * w.grad
                w.grad = None
        losses.append(F.cross_entropy(scores(X, weights), Y).item())
    return losses, weights


# %%
# WRONG learn: the untrained tensors come back
# HINT The tensors that you give back are the untrained ones. Which list holds those that
# HINT your loop has changed?
def learn(weights, X, Y, rate, n_steps):
    ours = [w.clone().requires_grad_() for w in weights]
    losses = []
    for _ in range(n_steps):
        loss = F.cross_entropy(scores(X, ours), Y)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            for w in ours:
                w -= rate * w.grad
                w.grad = None
    return losses, weights


# %%
# WRONG learn: a new tensor at each step
# HINT `w = w - rate * w.grad` makes a new tensor, which is only called `w`: the tensors in the
# HINT list stay as they are. `w -= rate * w.grad` changes the tensor itself.
def learn(weights, X, Y, rate, n_steps):
    weights = [w.clone().requires_grad_() for w in weights]
    losses = []
    for _ in range(n_steps):
        loss = F.cross_entropy(scores(X, weights), Y)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            for w in weights:
                w = w - rate * w.grad
    return losses, weights


# %%
# WRONG learn: the step without no_grad
# HINT Torch refuses to change a tensor in place while it records for the gradient. Put the
# HINT step inside `with torch.no_grad():`.
def learn(weights, X, Y, rate, n_steps):
    weights = [w.clone().requires_grad_() for w in weights]
    losses = []
    for _ in range(n_steps):
        loss = F.cross_entropy(scores(X, weights), Y)
        losses.append(loss.item())
        loss.backward()
        for w in weights:
            w -= rate * w.grad
            w.grad = None
    return losses, weights


# %%
# WRONG learn: no gradient asked for
# HINT Nobody told torch to keep an account for these tensors: which method does that, before
# HINT the first `backward()`?
def learn(weights, X, Y, rate, n_steps):
    losses = []
    for _ in range(n_steps):
        loss = F.cross_entropy(scores(X, weights), Y)
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            for w in weights:
                w -= rate * w.grad
                w.grad = None
    return losses, weights


# %%
# WRONG learn: the result of a step is no leaf
# HINT After the first step your tensors are results of a calculation, and `backward()` leaves
# HINT no gradient in those. Change the tensors in place, inside `with torch.no_grad():`.
def learn(weights, X, Y, rate, n_steps):
    weights = [w.clone().requires_grad_() for w in weights]
    losses = []
    for _ in range(n_steps):
        loss = F.cross_entropy(scores(X, weights), Y)
        losses.append(loss.item())
        loss.backward()
        weights = [w - rate * w.grad for w in weights]
    return losses, weights


# %%
# WRONG learn: Adam
# HINT These are steps of Adam. Plain gradient descent is asked for: rate times gradient.
def learn(weights, X, Y, rate, n_steps):
    weights = [w.clone().requires_grad_() for w in weights]
    optimizer = torch.optim.Adam(weights, lr=rate)
    losses = []
    for _ in range(n_steps):
        loss = F.cross_entropy(scores(X, weights), Y)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses, weights


# %%
# RIGHT learn: with torch.optim.SGD
def learn(weights, X, Y, rate, n_steps):
    params = [w.requires_grad_() for w in weights]
    optimizer = torch.optim.SGD(params, lr=rate)
    losses = []
    for _ in range(n_steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(scores(X, params), Y)
        loss.backward()
        losses.append(loss.detach())
        optimizer.step()
    return losses, params


# %%
# RIGHT learn: with autograd.grad and new tensors
def learn(weights, X, Y, rate, n_steps):
    losses = []
    for _ in range(n_steps):
        weights = [w.detach().requires_grad_() for w in weights]
        loss = F.cross_entropy(scores(X, weights), Y)
        slopes = torch.autograd.grad(loss, weights)
        weights = [w - rate * g for w, g in zip(weights, slopes)]
        losses += [float(loss)]
    return losses, [w.detach() for w in weights]


# %%
# RIGHT learn: through .data, the loss by hand
def learn(weights, X, Y, rate, n_steps):
    for w in weights:
        w.requires_grad = True
    losses = []
    for _ in range(n_steps):
        log_p = scores(X, weights).log_softmax(-1)
        loss = -log_p[torch.arange(len(Y)), Y].mean()
        losses.append(loss.item())
        for w in weights:
            w.grad = None
        loss.backward()
        for w in weights:
            w.data -= rate * w.grad
    return losses, weights


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
from collections import Counter


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
