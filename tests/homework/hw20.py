# KEPT answer_loss lists tuples arrays: a gradient flows through the loss

# Homework 20: answers that must fail with their hint, and answers that must pass.


# %%
# WRONG encode: the end mark is not learned
# HINT Your assistant learns every word and never learns to stop: who writes <end>?
def encode(messages):
    tokens, mask = [0], [False]
    for role, text in messages:
        words = text.split()
        if set(words) & set(WORDS[:5]):
            raise ValueError("a mark")
        tokens.append(WORDS.index(MARKS[role]))
        mask.append(False)
        tokens += [WORDS.index(word) for word in words]
        mask += [role == "assistant"] * len(words)
        if role == "assistant":
            tokens.append(4)
            mask.append(False)
    return [tokens, mask]


# %%
# WRONG encode: the assistant's mark is learned
# HINT Your model learns to write <asst>. Who puts that mark there when somebody asks?
def encode(messages):
    tokens, mask = [0], [False]
    for role, text in messages:
        words = text.split()
        if set(words) & set(WORDS[:5]):
            raise ValueError("a mark")
        tokens.append(WORDS.index(MARKS[role]))
        mask.append(role == "assistant")
        tokens += [WORDS.index(word) for word in words]
        mask += [role == "assistant"] * len(words)
        if role == "assistant":
            tokens.append(4)
            mask.append(True)
    return [tokens, mask]


# %%
# WRONG encode: everything is learned
# HINT You count every token. Should the model learn to write the user's questions?
def encode(messages):
    tokens, mask = [0], [True]
    for role, text in messages:
        words = text.split()
        if set(words) & set(WORDS[:5]):
            raise ValueError("a mark")
        tokens.append(WORDS.index(MARKS[role]))
        mask.append(True)
        tokens += [WORDS.index(word) for word in words]
        mask += [True] * len(words)
        if role == "assistant":
            tokens.append(4)
            mask.append(True)
    return [tokens, mask]


# %%
# WRONG encode: all words but no marks
# HINT You learn from all words, whoever says them. Whose words should the model learn?
def encode(messages):
    tokens, mask = [0], [False]
    for role, text in messages:
        words = text.split()
        if set(words) & set(WORDS[:5]):
            raise ValueError("a mark")
        tokens.append(WORDS.index(MARKS[role]))
        mask.append(False)
        tokens += [WORDS.index(word) for word in words]
        mask += [True] * len(words)
        if role == "assistant":
            tokens.append(4)
            mask.append(True)
    return [tokens, mask]


# %%
# WRONG encode: the user in place of the assistant
# HINT Your model learns to ask. Which role should it learn?
def encode(messages):
    tokens, mask = [0], [False]
    for role, text in messages:
        words = text.split()
        if set(words) & set(WORDS[:5]):
            raise ValueError("a mark")
        tokens.append(WORDS.index(MARKS[role]))
        mask.append(False)
        tokens += [WORDS.index(word) for word in words]
        mask += [role == "user"] * len(words)
        if role == "assistant":
            tokens.append(4)
            mask.append(True)
    return [tokens, mask]


# %%
# WRONG encode: the rules are learned too
# HINT Your model learns to write its own rules. Who writes the system's message?
def encode(messages):
    tokens, mask = [0], [False]
    for role, text in messages:
        words = text.split()
        if set(words) & set(WORDS[:5]):
            raise ValueError("a mark")
        tokens.append(WORDS.index(MARKS[role]))
        mask.append(False)
        tokens += [WORDS.index(word) for word in words]
        mask += [role != "user"] * len(words)
        if role == "assistant":
            tokens.append(4)
            mask.append(True)
    return [tokens, mask]


# %%
# WRONG encode: an end after every message
# HINT You end every message. After whose words does <end> stand?
def encode(messages):
    tokens, mask = [0], [False]
    for role, text in messages:
        words = text.split()
        if set(words) & set(WORDS[:5]):
            raise ValueError("a mark")
        tokens.append(WORDS.index(MARKS[role]))
        mask.append(False)
        tokens += [WORDS.index(word) for word in words]
        mask += [role == "assistant"] * len(words)
        tokens.append(4)
        mask.append(role == "assistant")
    return [tokens, mask]


# %%
# WRONG encode: no end at all
# HINT No <end> anywhere: how does the program know that the answer is over?
def encode(messages):
    tokens, mask = [0], [False]
    for role, text in messages:
        words = text.split()
        if set(words) & set(WORDS[:5]):
            raise ValueError("a mark")
        tokens.append(WORDS.index(MARKS[role]))
        mask.append(False)
        tokens += [WORDS.index(word) for word in words]
        mask += [role == "assistant"] * len(words)
        pass
    return [tokens, mask]


# %%
# WRONG encode: only the last answer is learned
# HINT You learn the last answer only. Did the assistant not write the earlier ones?
def encode(messages):
    tokens, mask = [0], [False]
    for number, (role, text) in enumerate(messages, 1):
        words = text.split()
        if set(words) & set(WORDS[:5]):
            raise ValueError("a mark")
        tokens.append(WORDS.index(MARKS[role]))
        mask.append(False)
        tokens += [WORDS.index(word) for word in words]
        own = role == "assistant" and number == len(messages)
        mask += [own] * len(words)
        if role == "assistant":
            tokens.append(4)
            mask.append(own)
    return [tokens, mask]


# %%
# WRONG encode: the mask one place early
# HINT Your mask is shifted by one. It belongs to the tokens; the loss will do the
# HINT shifting.
def encode(messages):
    tokens, mask = [0], [False]
    for role, text in messages:
        words = text.split()
        if set(words) & set(WORDS[:5]):
            raise ValueError("a mark")
        tokens.append(WORDS.index(MARKS[role]))
        mask.append(False)
        tokens += [WORDS.index(word) for word in words]
        mask += [role == "assistant"] * len(words)
        if role == "assistant":
            tokens.append(4)
            mask.append(True)
    return [tokens, [*mask[1:], False]]


# %%
# WRONG encode: anybody may write marks
# HINT Your template lets a user write <asst> and speak for the assistant. What should
# HINT happen?
def encode(messages):
    tokens, mask = [0], [False]
    for role, text in messages:
        words = text.split()
        pass
        tokens.append(WORDS.index(MARKS[role]))
        mask.append(False)
        tokens += [WORDS.index(word) for word in words]
        mask += [role == "assistant"] * len(words)
        if role == "assistant":
            tokens.append(4)
            mask.append(True)
    return [tokens, mask]


# %%
# WRONG encode: only the user is checked
# HINT You refuse marks in the user's texts. Whose other texts could hold one?
def encode(messages):
    tokens, mask = [0], [False]
    for role, text in messages:
        words = text.split()
        if role == "user" and set(words) & set(WORDS[:5]):
            raise ValueError("a mark")
        tokens.append(WORDS.index(MARKS[role]))
        mask.append(False)
        tokens += [WORDS.index(word) for word in words]
        mask += [role == "assistant"] * len(words)
        if role == "assistant":
            tokens.append(4)
            mask.append(True)
    return [tokens, mask]


# %%
# WRONG encode: only two marks are refused
# HINT Some marks still get through. How many marks are there?
def encode(messages):
    tokens, mask = [0], [False]
    for role, text in messages:
        words = text.split()
        if set(words) & set(["<asst>", "<end>"]):
            raise ValueError("a mark")
        tokens.append(WORDS.index(MARKS[role]))
        mask.append(False)
        tokens += [WORDS.index(word) for word in words]
        mask += [role == "assistant"] * len(words)
        if role == "assistant":
            tokens.append(4)
            mask.append(True)
    return [tokens, mask]


# %%
# WRONG encode: only the marks of roles are refused
# HINT You refuse the marks of the three roles. `WORDS[:5]` has two more: what could a
# HINT user do who may write them?
def encode(messages):
    tokens, mask = [0], [False]
    for role, text in messages:
        words = text.split()
        if set(words) & set(MARKS.values()):
            raise ValueError("a mark")
        tokens.append(WORDS.index(MARKS[role]))
        mask.append(False)
        tokens += [WORDS.index(word) for word in words]
        mask += [role == "assistant"] * len(words)
        if role == "assistant":
            tokens.append(4)
            mask.append(True)
    return [tokens, mask]


# %%
# WRONG encode: the end mark may be written
# HINT Somebody may write <end> into a text: what would the model take it for?
def encode(messages):
    tokens, mask = [0], [False]
    for role, text in messages:
        words = text.split()
        if set(words) & set(WORDS[:4]):
            raise ValueError("a mark")
        tokens.append(WORDS.index(MARKS[role]))
        mask.append(False)
        tokens += [WORDS.index(word) for word in words]
        mask += [role == "assistant"] * len(words)
        if role == "assistant":
            tokens.append(4)
            mask.append(True)
    return [tokens, mask]


# %%
# WRONG encode: the beginning may be written
# HINT Somebody may write <eot> into a text: what begins there, as the model sees it?
def encode(messages):
    tokens, mask = [0], [False]
    for role, text in messages:
        words = text.split()
        if set(words) & set(WORDS[1:5]):
            raise ValueError("a mark")
        tokens.append(WORDS.index(MARKS[role]))
        mask.append(False)
        tokens += [WORDS.index(word) for word in words]
        mask += [role == "assistant"] * len(words)
        if role == "assistant":
            tokens.append(4)
            mask.append(True)
    return [tokens, mask]


# %%
# WRONG encode: all is refused when one message is bad, but with another error
# HINT A mark makes your function stop, but not with the error that the task names.
def encode(messages):
    tokens, mask = [0], [False]
    for role, text in messages:
        words = text.split()
        assert not set(words) & set(WORDS[:5])
        tokens.append(WORDS.index(MARKS[role]))
        mask.append(False)
        tokens += [WORDS.index(word) for word in words]
        mask += [role == "assistant"] * len(words)
        if role == "assistant":
            tokens.append(4)
            mask.append(True)
    return [tokens, mask]


# %%
# WRONG encode: marks are dropped silently
# HINT You take the marks out and go on. The task asks for something louder.
def encode(messages):
    tokens, mask = [0], [False]
    for role, text in messages:
        words = text.split()
        words = [word for word in words if word not in WORDS[:5]]
        tokens.append(WORDS.index(MARKS[role]))
        mask.append(False)
        tokens += [WORDS.index(word) for word in words]
        mask += [role == "assistant"] * len(words)
        if role == "assistant":
            tokens.append(4)
            mask.append(True)
    return [tokens, mask]


# %%
# WRONG encode: no mark at the beginning
def encode(messages):
    tokens, mask = [], []
    for role, text in messages:
        words = text.split()
        if set(words) & set(WORDS[:5]):
            raise ValueError("a mark")
        tokens.append(WORDS.index(MARKS[role]))
        mask.append(False)
        tokens += [WORDS.index(word) for word in words]
        mask += [role == "assistant"] * len(words)
        if role == "assistant":
            tokens.append(4)
            mask.append(True)
    return [tokens, mask]


# %%
# WRONG encode: only the first word is looked at
# HINT You refuse a mark only where a text begins with it. Where else could it stand?
def encode(messages):
    tokens, mask = [0], [False]
    for role, text in messages:
        words = text.split()
        if words[0] in WORDS[:5]:
            raise ValueError("a mark")
        tokens.append(WORDS.index(MARKS[role]))
        mask.append(False)
        tokens += [WORDS.index(word) for word in words]
        mask += [role == "assistant"] * len(words)
        if role == "assistant":
            tokens.append(4)
            mask.append(True)
    return [tokens, mask]


# %%
# RIGHT encode: with a list of pairs
def encode(messages):
    pairs = [(0, False)]
    for role, text in messages:
        if "<" in text:
            raise ValueError(text)
        said = role == "assistant"
        line = f"{MARKS[role]} {text}" + " <end>" * said
        first, *rest = (WORDS.index(word) for word in line.split())
        pairs += [(first, False), *((token, said) for token in rest)]
    tokens, mask = zip(*pairs, strict=True)
    return list(tokens), list(mask)


# %%
# RIGHT encode: tuples, and the mask as 0 and 1 turned to bool by a tensor
def encode(messages):
    if any(word in WORDS[:5] for _, text in messages for word in text.split()):
        raise ValueError("nobody but the template writes marks")
    tokens, mask = [WORDS.index("<eot>")], [0]
    for role, text in messages:
        words = text.split() + ["<end>"] * (role == "assistant")
        tokens += map(WORDS.index, [MARKS[role], *words])
        mask += [0] + [int(role == "assistant")] * len(words)
    return tuple(tokens), tuple(torch.tensor(mask).bool().tolist())


# %%
# RIGHT encode: tokens first, mask afterwards
def encode(messages):
    for _, text in messages:
        for mark in WORDS[:5]:
            if mark in text.split():
                raise ValueError(f"{mark} in {text}")
    tokens = [0]
    for role, text in messages:
        tokens.append(WORDS.index(MARKS[role]))
        tokens.extend(WORDS.index(w) for w in text.split())
        if role == "assistant":
            tokens.append(WORDS.index("<end>"))
    mask, inside = [], False
    for token in tokens:
        mask.append(inside)
        inside = (inside or token == 3) and token != 4
    return [tokens, mask]


# %%
# RIGHT encode: a table of endings
ENDING = {"assistant": ["<end>"], "user": [], "system": []}


def encode(messages):
    number = {word: i for i, word in enumerate(WORDS)}
    tokens, mask = [number["<eot>"]], [False]
    for role, text in messages:
        if any(
            mark in text for mark in ("<eot>", "<sys>", "<user>", "<asst>", "<end>")
        ):
            raise ValueError("no marks in texts, please")
        own = text.split() + ENDING[role]
        tokens += [number[word] for word in [MARKS[role], *own]]
        mask += [False] + [bool(ENDING[role])] * len(own)
    return [tokens, mask]


# %%
# WRONG answer_loss: as given
# HINT Three things are wrong: where does the prediction of a token stand, by how many
# HINT do you divide, and what is averaged first?
def answer_loss(logits, tokens, mask):
    log_probs = logits.log_softmax(dim=-1)
    picked = log_probs.gather(-1, tokens[..., None])[..., 0]
    own = picked * mask
    rows = own.mean(dim=1)
    return -rows.mean()


# %%
# WRONG answer_loss: only the shift is mended
# HINT The shift is right. But by how many do you divide, and do all tokens weigh the
# HINT same?
def answer_loss(logits, tokens, mask):
    log_probs = logits[:, :-1].log_softmax(dim=-1)
    picked = log_probs.gather(-1, tokens[:, 1:, None])[..., 0]
    own = mask[:, 1:]
    return -(picked * own).mean(dim=1).mean()


# %%
# WRONG answer_loss: not shifted
# HINT You divide rightly, but compare each token with the logits at its own place.
# HINT Which logits predict it?
def answer_loss(logits, tokens, mask):
    log_probs = logits[:, :].log_softmax(dim=-1)
    picked = log_probs.gather(-1, tokens[:, :, None])[..., 0]
    own = mask[:, :]
    return -(picked * own).sum() / own.sum()


# %%
# WRONG answer_loss: the mask not shifted
# HINT Logits and tokens are shifted, the mask is not. Does it belong to the place that
# HINT predicts, or to the token that is predicted?
def answer_loss(logits, tokens, mask):
    log_probs = logits[:, :-1].log_softmax(dim=-1)
    picked = log_probs.gather(-1, tokens[:, 1:, None])[..., 0]
    own = mask[:, :-1]
    return -(picked * own).sum() / own.sum()


# %%
# WRONG answer_loss: shifted the wrong way
# HINT Your logits predict the token before them. A GPT predicts the one after.
def answer_loss(logits, tokens, mask):
    log_probs = logits[:, 1:].log_softmax(dim=-1)
    picked = log_probs.gather(-1, tokens[:, :-1, None])[..., 0]
    own = mask[:, :-1]
    return -(picked * own).sum() / own.sum()


# %%
# WRONG answer_loss: a mean of means
# HINT Each row has its own mean, and then all rows weigh the same. What should weigh
# HINT the same?
def answer_loss(logits, tokens, mask):
    log_probs = logits[:, :-1].log_softmax(dim=-1)
    picked = log_probs.gather(-1, tokens[:, 1:, None])[..., 0]
    own = mask[:, 1:]
    return (-(picked * own).sum(dim=1) / own.sum(dim=1)).mean()


# %%
# WRONG answer_loss: everything counts
# HINT You average over all tokens, the user's and the filling too. What is the mask
# HINT for?
def answer_loss(logits, tokens, mask):
    log_probs = logits[:, :-1].log_softmax(dim=-1)
    picked = log_probs.gather(-1, tokens[:, 1:, None])[..., 0]
    own = mask[:, 1:]
    return -picked.mean()


# %%
# WRONG answer_loss: a sum
# HINT This is the sum of the losses, not their mean.
def answer_loss(logits, tokens, mask):
    log_probs = logits[:, :-1].log_softmax(dim=-1)
    picked = log_probs.gather(-1, tokens[:, 1:, None])[..., 0]
    own = mask[:, 1:]
    return -(picked * own).sum()


# %%
# WRONG answer_loss: the sum of each row
# HINT You divide by the number of rows. How many tokens are there to share?
def answer_loss(logits, tokens, mask):
    log_probs = logits[:, :-1].log_softmax(dim=-1)
    picked = log_probs.gather(-1, tokens[:, 1:, None])[..., 0]
    own = mask[:, 1:]
    return -(picked * own).sum() / len(own)


# %%
# WRONG answer_loss: without the minus sign
# HINT A loss is not negative: what is the sign of a logarithm of a probability?
def answer_loss(logits, tokens, mask):
    log_probs = logits[:, :-1].log_softmax(dim=-1)
    picked = log_probs.gather(-1, tokens[:, 1:, None])[..., 0]
    own = mask[:, 1:]
    return (picked * own).sum() / own.sum()


# %%
# WRONG answer_loss: logits taken for log-probabilities
# HINT You picked logits. What makes log-probabilities of them?
def answer_loss(logits, tokens, mask):
    log_probs = logits[:, :-1]
    picked = log_probs.gather(-1, tokens[:, 1:, None])[..., 0]
    own = mask[:, 1:]
    return -(picked * own).sum() / own.sum()


# %%
# WRONG answer_loss: softmax over the places
# HINT Your softmax runs over the places of the text. Among what does the model choose?
def answer_loss(logits, tokens, mask):
    log_probs = logits[:, :-1].log_softmax(dim=1)
    picked = log_probs.gather(-1, tokens[:, 1:, None])[..., 0]
    own = mask[:, 1:]
    return -(picked * own).sum() / own.sum()


# %%
# WRONG answer_loss: the other way round
# HINT You count what the assistant did not write.
def answer_loss(logits, tokens, mask):
    log_probs = logits[:, :-1].log_softmax(dim=-1)
    picked = log_probs.gather(-1, tokens[:, 1:, None])[..., 0]
    own = mask[:, 1:]
    return -(picked * ~own).sum() / (~own).sum()


# %%
# WRONG answer_loss: probabilities in place of logarithms
# HINT You took 1 - p. What does a probability of p cost, in nats?
def answer_loss(logits, tokens, mask):
    log_probs = logits[:, :-1].log_softmax(dim=-1)
    picked = log_probs.gather(-1, tokens[:, 1:, None])[..., 0]
    own = mask[:, 1:]
    return ((1 - picked.exp()) * own).sum() / own.sum()


# %%
# RIGHT answer_loss: with torch's ignore_index
def answer_loss(logits, tokens, mask):
    targets = tokens.masked_fill(~mask, -100)[:, 1:]
    return torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), targets.flatten(), ignore_index=-100
    )


# %%
# RIGHT answer_loss: a float64 of numpy, and a float when nothing flows back
def answer_loss(logits, tokens, mask):
    each = F.cross_entropy(logits[:, :-1].mT, tokens[:, 1:], reduction="none")
    loss = each.double()[mask[:, 1:]].mean()
    return loss if loss.requires_grad else loss.numpy()[()]


# %%
# RIGHT answer_loss: token by token
def answer_loss(logits, tokens, mask):
    losses = []
    for row in range(len(tokens)):
        for t in range(1, tokens.shape[1]):
            if mask[row, t]:
                scores = logits[row, t - 1].double()
                losses.append(scores.logsumexp(0) - scores[tokens[row, t]])
    return torch.stack(losses).mean()


# %%
# RIGHT answer_loss: indices of what counts
def answer_loss(logits, tokens, mask):
    rows, where = mask[:, 1:].nonzero(as_tuple=True)
    probs = logits.softmax(-1)[rows, where, tokens[rows, where + 1]]
    return probs.log().mean().neg()


# %%
# WRONG tune: everything is learned
# HINT Either all tokens are learned, those of the user and the filling, too, or you
# HINT divide by their number. Only learned tokens count.
def tune(table, rows, masks, n, rate):
    W = table.clone().requires_grad_()
    counts = masks[:, 2:]
    for _ in range(n):
        logits = W[rows[:, :-2], rows[:, 1:-1]]
        loss = F.cross_entropy(logits.flatten(0, 1), rows[:, 2:].flatten())
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def reply(table, prompt, most):
    tokens = list(prompt)
    for _ in range(most):
        tokens.append(table[tokens[-2], tokens[-1]].argmax().item())
        if tokens[-1] == 4:
            tokens.pop()
            break
    return tokens[len(prompt) :]


# %%
# WRONG tune: the mask one place early
# HINT The mask says which tokens are learned. Your mask belongs to the token before the
# HINT one that is predicted.
def tune(table, rows, masks, n, rate):
    W = table.clone().requires_grad_()
    counts = masks[:, 1:-1]
    for _ in range(n):
        logits = W[rows[:, :-2], rows[:, 1:-1]]
        loss = F.cross_entropy(logits[counts], rows[:, 2:][counts])
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def reply(table, prompt, most):
    tokens = list(prompt)
    for _ in range(most):
        tokens.append(table[tokens[-2], tokens[-1]].argmax().item())
        if tokens[-1] == 4:
            tokens.pop()
            break
    return tokens[len(prompt) :]


# %%
# WRONG tune: the mask two places early
# HINT The mask stands at the first of the two tokens that are seen. It belongs to the
# HINT token that is predicted.
def tune(table, rows, masks, n, rate):
    W = table.clone().requires_grad_()
    counts = masks[:, :-2]
    for _ in range(n):
        logits = W[rows[:, :-2], rows[:, 1:-1]]
        loss = F.cross_entropy(logits[counts], rows[:, 2:][counts])
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def reply(table, prompt, most):
    tokens = list(prompt)
    for _ in range(most):
        tokens.append(table[tokens[-2], tokens[-1]].argmax().item())
        if tokens[-1] == 4:
            tokens.pop()
            break
    return tokens[len(prompt) :]


# %%
# WRONG tune: a sum in place of the mean
# HINT Your steps are too large by the number of learned tokens: is the loss a mean?
def tune(table, rows, masks, n, rate):
    W = table.clone().requires_grad_()
    counts = masks[:, 2:]
    for _ in range(n):
        logits = W[rows[:, :-2], rows[:, 1:-1]]
        loss = F.cross_entropy(logits[counts], rows[:, 2:][counts], reduction="sum")
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def reply(table, prompt, most):
    tokens = list(prompt)
    for _ in range(most):
        tokens.append(table[tokens[-2], tokens[-1]].argmax().item())
        if tokens[-1] == 4:
            tokens.pop()
            break
    return tokens[len(prompt) :]


# %%
# WRONG tune: divided by all places
# HINT Either all tokens are learned, those of the user and the filling, too, or you
# HINT divide by their number. Only learned tokens count.
def tune(table, rows, masks, n, rate):
    W = table.clone().requires_grad_()
    counts = masks[:, 2:]
    for _ in range(n):
        logits = W[rows[:, :-2], rows[:, 1:-1]]
        loss = F.cross_entropy(logits[counts], rows[:, 2:][counts], reduction="sum")
        loss = loss / counts.numel()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def reply(table, prompt, most):
    tokens = list(prompt)
    for _ in range(most):
        tokens.append(table[tokens[-2], tokens[-1]].argmax().item())
        if tokens[-1] == 4:
            tokens.pop()
            break
    return tokens[len(prompt) :]


# %%
# WRONG tune: the mean of the rows
# HINT You take a mean for each row and then the mean of the rows. Here every token
# HINT should weigh the same.
def tune(table, rows, masks, n, rate):
    W = table.clone().requires_grad_()
    counts = masks[:, 2:]
    for _ in range(n):
        logits = W[rows[:, :-2], rows[:, 1:-1]]
        losses = F.cross_entropy(logits.mT, rows[:, 2:], reduction="none") * counts
        loss = (losses.sum(1) / counts.sum(1).clamp_min(1)).mean()
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def reply(table, prompt, most):
    tokens = list(prompt)
    for _ in range(most):
        tokens.append(table[tokens[-2], tokens[-1]].argmax().item())
        if tokens[-1] == 4:
            tokens.pop()
            break
    return tokens[len(prompt) :]


# %%
# WRONG tune: one step only
# HINT You do one step, however many are asked for.
def tune(table, rows, masks, n, rate):
    W = table.clone().requires_grad_()
    counts = masks[:, 2:]
    for _ in range(min(n, 1)):
        logits = W[rows[:, :-2], rows[:, 1:-1]]
        loss = F.cross_entropy(logits[counts], rows[:, 2:][counts])
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def reply(table, prompt, most):
    tokens = list(prompt)
    for _ in range(most):
        tokens.append(table[tokens[-2], tokens[-1]].argmax().item())
        if tokens[-1] == 4:
            tokens.pop()
            break
    return tokens[len(prompt) :]


# %%
# WRONG tune: one step too many
# HINT You do one step too many. With n = 0 the table should stay as it is.
def tune(table, rows, masks, n, rate):
    W = table.clone().requires_grad_()
    counts = masks[:, 2:]
    for _ in range(n + 1):
        logits = W[rows[:, :-2], rows[:, 1:-1]]
        loss = F.cross_entropy(logits[counts], rows[:, 2:][counts])
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def reply(table, prompt, most):
    tokens = list(prompt)
    for _ in range(most):
        tokens.append(table[tokens[-2], tokens[-1]].argmax().item())
        if tokens[-1] == 4:
            tokens.pop()
            break
    return tokens[len(prompt) :]


# %%
# WRONG tune: uphill
# HINT Your steps go uphill: the learned tokens become less probable.
def tune(table, rows, masks, n, rate):
    W = table.clone().requires_grad_()
    counts = masks[:, 2:]
    for _ in range(n):
        logits = W[rows[:, :-2], rows[:, 1:-1]]
        loss = F.cross_entropy(logits[counts], rows[:, 2:][counts])
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W + rate * gradient).detach().requires_grad_()
    return W.detach()


def reply(table, prompt, most):
    tokens = list(prompt)
    for _ in range(most):
        tokens.append(table[tokens[-2], tokens[-1]].argmax().item())
        if tokens[-1] == 4:
            tokens.pop()
            break
    return tokens[len(prompt) :]


# %%
# WRONG tune: n times the first gradient
# HINT You compute the gradient once and use it again and again. After a step it is
# HINT another one.
def tune(table, rows, masks, n, rate):
    W = table.clone().requires_grad_()
    counts = masks[:, 2:]
    logits = W[rows[:, :-2], rows[:, 1:-1]]
    loss = F.cross_entropy(logits[counts], rows[:, 2:][counts])
    (gradient,) = torch.autograd.grad(loss, W)
    return (W - n * rate * gradient).detach()


def reply(table, prompt, most):
    tokens = list(prompt)
    for _ in range(most):
        tokens.append(table[tokens[-2], tokens[-1]].argmax().item())
        if tokens[-1] == 4:
            tokens.pop()
            break
    return tokens[len(prompt) :]


# %%
# WRONG tune: gradients add up
# HINT Your gradients add up from step to step. What has to happen before each backward?
def tune(table, rows, masks, n, rate):
    W = table.clone().requires_grad_()
    counts = masks[:, 2:]
    for _ in range(n):
        logits = W[rows[:, :-2], rows[:, 1:-1]]
        F.cross_entropy(logits[counts], rows[:, 2:][counts]).backward()
        with torch.no_grad():
            W -= rate * W.grad
    return W.detach()


def reply(table, prompt, most):
    tokens = list(prompt)
    for _ in range(most):
        tokens.append(table[tokens[-2], tokens[-1]].argmax().item())
        if tokens[-1] == 4:
            tokens.pop()
            break
    return tokens[len(prompt) :]


# %%
# WRONG tune: the old table is changed
# HINT You change the table that you were given. Work on a copy.
def tune(table, rows, masks, n, rate):
    counts = masks[:, 2:]
    for _ in range(n):
        W = table.detach().clone().requires_grad_()
        logits = W[rows[:, :-2], rows[:, 1:-1]]
        loss = F.cross_entropy(logits[counts], rows[:, 2:][counts])
        (gradient,) = torch.autograd.grad(loss, W)
        table -= rate * gradient
    return table.clone()


def reply(table, prompt, most):
    tokens = list(prompt)
    for _ in range(most):
        tokens.append(table[tokens[-2], tokens[-1]].argmax().item())
        if tokens[-1] == 4:
            tokens.pop()
            break
    return tokens[len(prompt) :]


# %%
# WRONG tune: the two tokens in the wrong order
# HINT The two tokens before stand in the wrong order: table[a, b] is what comes after a
# HINT and then b.
def tune(table, rows, masks, n, rate):
    W = table.clone().requires_grad_()
    counts = masks[:, 2:]
    for _ in range(n):
        logits = W[rows[:, 1:-1], rows[:, :-2]]
        loss = F.cross_entropy(logits[counts], rows[:, 2:][counts])
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def reply(table, prompt, most):
    tokens = list(prompt)
    for _ in range(most):
        tokens.append(table[tokens[-2], tokens[-1]].argmax().item())
        if tokens[-1] == 4:
            tokens.pop()
            break
    return tokens[len(prompt) :]


# %%
# WRONG tune: the end is not learned
# HINT The answers never end: is <end> learned, too?
def tune(table, rows, masks, n, rate):
    W = table.clone().requires_grad_()
    counts = masks[:, 2:] & (rows[:, 2:] != 4)
    for _ in range(n):
        logits = W[rows[:, :-2], rows[:, 1:-1]]
        loss = F.cross_entropy(logits[counts], rows[:, 2:][counts])
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def reply(table, prompt, most):
    tokens = list(prompt)
    for _ in range(most):
        tokens.append(table[tokens[-2], tokens[-1]].argmax().item())
        if tokens[-1] == 4:
            tokens.pop()
            break
    return tokens[len(prompt) :]


# %%
# WRONG tune: a softmax before the loss
# HINT cross_entropy wants logits. You give it probabilities.
def tune(table, rows, masks, n, rate):
    W = table.clone().requires_grad_()
    counts = masks[:, 2:]
    for _ in range(n):
        logits = W[rows[:, :-2], rows[:, 1:-1]]
        loss = F.cross_entropy(logits[counts].softmax(-1), rows[:, 2:][counts])
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def reply(table, prompt, most):
    tokens = list(prompt)
    for _ in range(most):
        tokens.append(table[tokens[-2], tokens[-1]].argmax().item())
        if tokens[-1] == 4:
            tokens.pop()
            break
    return tokens[len(prompt) :]


# %%
# WRONG tune: the rate is divided by the batch
# HINT Your steps are too small by the number of rows. The mean over the tokens is all
# HINT that is divided.
def tune(table, rows, masks, n, rate):
    W = table.clone().requires_grad_()
    counts = masks[:, 2:]
    for _ in range(n):
        logits = W[rows[:, :-2], rows[:, 1:-1]]
        loss = F.cross_entropy(logits[counts], rows[:, 2:][counts])
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient / len(rows)).detach().requires_grad_()
    return W.detach()


def reply(table, prompt, most):
    tokens = list(prompt)
    for _ in range(most):
        tokens.append(table[tokens[-2], tokens[-1]].argmax().item())
        if tokens[-1] == 4:
            tokens.pop()
            break
    return tokens[len(prompt) :]


# %%
# WRONG tune: only the first row
# HINT Only the first row is learned.
def tune(table, rows, masks, n, rate):
    W = table.clone().requires_grad_()
    rows, masks = rows[:1], masks[:1]
    counts = masks[:, 2:]
    for _ in range(n):
        logits = W[rows[:, :-2], rows[:, 1:-1]]
        loss = F.cross_entropy(logits[counts], rows[:, 2:][counts])
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def reply(table, prompt, most):
    tokens = list(prompt)
    for _ in range(most):
        tokens.append(table[tokens[-2], tokens[-1]].argmax().item())
        if tokens[-1] == 4:
            tokens.pop()
            break
    return tokens[len(prompt) :]


# %%
# WRONG tune: the prompt is in the reply
# HINT Your reply begins with the prompt. Only the new tokens are asked for.
def tune(table, rows, masks, n, rate):
    W = table.clone().requires_grad_()
    counts = masks[:, 2:]
    for _ in range(n):
        logits = W[rows[:, :-2], rows[:, 1:-1]]
        loss = F.cross_entropy(logits[counts], rows[:, 2:][counts])
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def reply(table, prompt, most):
    tokens = list(prompt)
    for _ in range(most):
        tokens.append(table[tokens[-2], tokens[-1]].argmax().item())
        if tokens[-1] == 4:
            tokens.pop()
            break
    return tokens


# %%
# WRONG tune: the end is in the reply
# HINT <end> stands in your reply. It says that the answer is over, and is no part of
# HINT it.
def tune(table, rows, masks, n, rate):
    W = table.clone().requires_grad_()
    counts = masks[:, 2:]
    for _ in range(n):
        logits = W[rows[:, :-2], rows[:, 1:-1]]
        loss = F.cross_entropy(logits[counts], rows[:, 2:][counts])
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def reply(table, prompt, most):
    tokens = list(prompt)
    for _ in range(most):
        tokens.append(table[tokens[-2], tokens[-1]].argmax().item())
        if tokens[-1] == 4:
            break
    return tokens[len(prompt) :]


# %%
# WRONG tune: no stop
# HINT Your reply goes on after <end>. At which token does it stop?
def tune(table, rows, masks, n, rate):
    W = table.clone().requires_grad_()
    counts = masks[:, 2:]
    for _ in range(n):
        logits = W[rows[:, :-2], rows[:, 1:-1]]
        loss = F.cross_entropy(logits[counts], rows[:, 2:][counts])
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def reply(table, prompt, most):
    tokens = list(prompt)
    for _ in range(most):
        tokens.append(table[tokens[-2], tokens[-1]].argmax().item())
    return tokens[len(prompt) :]


# %%
# WRONG tune: one token too few
# HINT Your reply stops one token early where no <end> comes.
def tune(table, rows, masks, n, rate):
    W = table.clone().requires_grad_()
    counts = masks[:, 2:]
    for _ in range(n):
        logits = W[rows[:, :-2], rows[:, 1:-1]]
        loss = F.cross_entropy(logits[counts], rows[:, 2:][counts])
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def reply(table, prompt, most):
    tokens = list(prompt)
    for _ in range(most - 1):
        tokens.append(table[tokens[-2], tokens[-1]].argmax().item())
        if tokens[-1] == 4:
            tokens.pop()
            break
    return tokens[len(prompt) :]


# %%
# WRONG tune: one token too many
# HINT Your reply may have one token more than allowed.
def tune(table, rows, masks, n, rate):
    W = table.clone().requires_grad_()
    counts = masks[:, 2:]
    for _ in range(n):
        logits = W[rows[:, :-2], rows[:, 1:-1]]
        loss = F.cross_entropy(logits[counts], rows[:, 2:][counts])
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def reply(table, prompt, most):
    tokens = list(prompt)
    for _ in range(most + 1):
        tokens.append(table[tokens[-2], tokens[-1]].argmax().item())
        if tokens[-1] == 4:
            tokens.pop()
            break
    return tokens[len(prompt) :]


# %%
# WRONG tune: always from the prompt
# HINT You look at the last two tokens of the prompt again and again. The model goes on
# HINT from what it has written itself.
def tune(table, rows, masks, n, rate):
    W = table.clone().requires_grad_()
    counts = masks[:, 2:]
    for _ in range(n):
        logits = W[rows[:, :-2], rows[:, 1:-1]]
        loss = F.cross_entropy(logits[counts], rows[:, 2:][counts])
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def reply(table, prompt, most):
    new = []
    for _ in range(most):
        token = table[prompt[-2], prompt[-1]].argmax().item()
        if token == 4:
            break
        new.append(token)
    return new


# %%
# WRONG tune: stops at the wrong mark
# HINT Your reply goes on after <end>. At which token does it stop?
def tune(table, rows, masks, n, rate):
    W = table.clone().requires_grad_()
    counts = masks[:, 2:]
    for _ in range(n):
        logits = W[rows[:, :-2], rows[:, 1:-1]]
        loss = F.cross_entropy(logits[counts], rows[:, 2:][counts])
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def reply(table, prompt, most):
    tokens = list(prompt)
    for _ in range(most):
        tokens.append(table[tokens[-2], tokens[-1]].argmax().item())
        if tokens[-1] == 0:
            tokens.pop()
            break
    return tokens[len(prompt) :]


# %%
# WRONG tune: the first two tokens
# HINT You begin with the first two tokens of the prompt. The last two are those before
# HINT the answer.
def tune(table, rows, masks, n, rate):
    W = table.clone().requires_grad_()
    counts = masks[:, 2:]
    for _ in range(n):
        logits = W[rows[:, :-2], rows[:, 1:-1]]
        loss = F.cross_entropy(logits[counts], rows[:, 2:][counts])
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def reply(table, prompt, most):
    a, b = prompt[:2]
    new = []
    for _ in range(most):
        a, b = b, table[a, b].argmax().item()
        if b == 4:
            break
        new.append(b)
    return new


# %%
# WRONG tune: the context is not moved on
# HINT Your reply does not move on: after each new token, which two tokens are the last?
def tune(table, rows, masks, n, rate):
    W = table.clone().requires_grad_()
    counts = masks[:, 2:]
    for _ in range(n):
        logits = W[rows[:, :-2], rows[:, 1:-1]]
        loss = F.cross_entropy(logits[counts], rows[:, 2:][counts])
        (gradient,) = torch.autograd.grad(loss, W)
        W = (W - rate * gradient).detach().requires_grad_()
    return W.detach()


def reply(table, prompt, most):
    new, (a, b) = [], prompt[-2:]
    while len(new) < most:
        token = table[a, b].argmax().item()
        if token == 4:
            break
        new.append(token)
        a = b
    return new


# %%
# RIGHT tune: with an optimizer and ignore_index
def tune(table, rows, masks, n, rate):
    W = torch.nn.Parameter(table.clone())
    optimizer = torch.optim.SGD([W], lr=rate)
    targets = rows[:, 2:].masked_fill(~masks[:, 2:], -100)
    for _ in range(n):
        optimizer.zero_grad()
        F.cross_entropy(W[rows[:, :-2], rows[:, 1:-1]].mT, targets).backward()
        optimizer.step()
    return W.data


def reply(table, prompt, most):
    a, b = prompt[-2:]
    new = []
    while len(new) < most:
        a, b = b, int(table[a, b].argmax())
        if b == 4:
            return new
        new.append(b)
    return new


# %%
# RIGHT tune: the gradient by hand, p minus onehot
def tune(table, rows, masks, n, rate):
    W = table.clone()
    spots = [(i, t) for i, t in masks.nonzero().tolist() if t > 1]
    for _ in range(n):
        step = torch.zeros_like(W)
        for i, t in spots:
            a, b, c = rows[i, t - 2], rows[i, t - 1], rows[i, t]
            step[a, b] += W[a, b].softmax(-1) / len(spots)
            step[a, b, c] -= 1 / len(spots)
        W = W - rate * step
    return W


def reply(table, prompt, most):
    tokens = list(prompt)
    for _ in range(most):
        tokens.append(table[tokens[-2], tokens[-1]].argmax().item())
        if tokens[-1] == 4:
            tokens.pop()
            break
    return tokens[len(prompt) :]


# %%
# WRONG may_see: only causal
# HINT Your tokens see all that came before, the conversation of somebody else too.
def may_see(row):
    return torch.ones(len(row), len(row), dtype=torch.bool).tril()


def places(row):
    document = (row == 0).cumsum(dim=0)
    return (document[:, None] == document).tril().sum(dim=1) - 1


# %%
# WRONG may_see: not causal
# HINT Within a conversation your tokens see what comes after them. Who may see the
# HINT future?
def may_see(row):
    document = (row == 0).cumsum(dim=0)
    return document[:, None] == document


def places(row):
    document = (row == 0).cumsum(dim=0)
    return (document[:, None] == document).tril().sum(dim=1) - 1


# %%
# WRONG may_see: into the future only
# HINT Your tokens see themselves and what comes later: which triangle is it?
def may_see(row):
    document = (row == 0).cumsum(dim=0)
    return (document[:, None] == document).triu()


def places(row):
    document = (row == 0).cumsum(dim=0)
    return (document[:, None] == document).tril().sum(dim=1) - 1


# %%
# WRONG may_see: not even itself
# HINT Your tokens do not see themselves. The first one sees nobody: what is a softmax
# HINT over nothing?
def may_see(row):
    document = (row == 0).cumsum(dim=0)
    return (document[:, None] == document).tril(-1)


def places(row):
    document = (row == 0).cumsum(dim=0)
    return (document[:, None] == document).tril().sum(dim=1) - 1


# %%
# WRONG may_see: the first conversation only
# HINT Only tokens of the first conversation see anything: what about the others?
def may_see(row):
    document = (row == 0).cumsum(dim=0)
    return (document[:, None] * document == 1).tril()


def places(row):
    document = (row == 0).cumsum(dim=0)
    return (document[:, None] == document).tril().sum(dim=1) - 1


# %%
# WRONG may_see: earlier conversations, not its own
# HINT You mask where the conversations are equal. It should be the other way round.
def may_see(row):
    document = (row == 0).cumsum(dim=0)
    return (document[:, None] != document).tril()


def places(row):
    document = (row == 0).cumsum(dim=0)
    return (document[:, None] == document).tril().sum(dim=1) - 1


# %%
# WRONG may_see: the beginning belongs to the one before
# HINT Your <eot> belongs to the conversation before it. A conversation begins with it.
def may_see(row):
    zero = row == 0
    document = zero.cumsum(dim=0) - zero.int()
    return (document[:, None] == document).tril()


def places(row):
    document = (row == 0).cumsum(dim=0)
    return (document[:, None] == document).tril().sum(dim=1) - 1


# %%
# WRONG may_see: documents by their tokens
# HINT You compare the tokens, and equal tokens see each other. What tells conversations
# HINT apart?
def may_see(row):
    return (row[:, None] == row).tril()


def places(row):
    document = (row == 0).cumsum(dim=0)
    return (document[:, None] == document).tril().sum(dim=1) - 1


# %%
# WRONG may_see: nobody before the first 0
# HINT A row may begin in the middle of a conversation. Those tokens see nobody: are
# HINT they no conversation?
def may_see(row):
    document = (row == 0).cumsum(dim=0)
    return ((document[:, None] == document) & (document > 0)).tril()


def places(row):
    document = (row == 0).cumsum(dim=0)
    return (document[:, None] == document).tril().sum(dim=1) - 1


# %%
# WRONG may_see: positions in the row
# HINT Your positions count through the whole row. Where does the second conversation
# HINT begin to count?
def may_see(row):
    document = (row == 0).cumsum(dim=0)
    return (document[:, None] == document).tril()


def places(row):
    return torch.arange(len(row))


# %%
# WRONG may_see: positions from 1
# HINT Your positions begin at 1.
def may_see(row):
    document = (row == 0).cumsum(dim=0)
    return (document[:, None] == document).tril()


def places(row):
    document = (row == 0).cumsum(dim=0)
    return (document[:, None] == document).tril().sum(dim=1)


# %%
# WRONG may_see: positions without the beginning
# HINT Your <eot> has no position of its own: the token after it begins at 0 again.
def may_see(row):
    document = (row == 0).cumsum(dim=0)
    return (document[:, None] == document).tril()


def places(row):
    count, result = 0, []
    for token in row.tolist():
        result.append(max(0, count - 1))
        count = 1 if token == 0 else count + 1
    for i, token in enumerate(row.tolist()):
        if token == 0:
            result[i] = 0
    return torch.tensor(result)


# %%
# WRONG may_see: the number of the conversation
# HINT These are numbers of conversations, not positions in them.
def may_see(row):
    document = (row == 0).cumsum(dim=0)
    return (document[:, None] == document).tril()


def places(row):
    return (row == 0).cumsum(dim=0)


# %%
# WRONG may_see: positions from 1 before the first 0
# HINT In a row that begins in the middle of a conversation your places begin at 1.
def may_see(row):
    document = (row == 0).cumsum(dim=0)
    return (document[:, None] == document[None, :]).tril()


def places(row):
    result, place = [], 0
    for token in row.tolist():
        place = 0 if token == 0 else place + 1
        result.append(place)
    return torch.tensor(result)


# %%
# RIGHT may_see: with two loops
def may_see(row):
    T = len(row)
    seen = torch.zeros(T, T, dtype=torch.bool)
    for i in range(T):
        for j in range(i, -1, -1):
            seen[i, j] = True
            if row[j] == 0:
                break
    return seen


def places(row):
    here, result = -1, []
    for token in row:
        here = 0 if token == 0 else here + 1
        result.append(here)
    return torch.tensor(result)


# %%
# RIGHT may_see: no border in between
def may_see(row):
    borders = (row == 0).int().cumsum(0)
    between = borders[:, None] - borders[None, :]  # borders after j, up to i
    i = torch.arange(len(row))
    return (between == 0) & (i[:, None] >= i)


def places(row):
    i = torch.arange(len(row))
    begins = torch.where(row == 0, i, torch.zeros_like(i)).cummax(0).values
    return i - begins


# %%
# RIGHT may_see: lists
def may_see(row):
    row, seen = row.tolist(), []
    for i in range(len(row)):
        begin = max((j for j in range(i + 1) if row[j] == 0), default=0)
        seen.append([begin <= j <= i for j in range(len(row))])
    return seen


def places(row):
    return [sum(line) - 1 for line in may_see(row)]


# %%
# RIGHT may_see: arrays of numpy
import numpy as np


def may_see(row):
    border = np.cumsum(row.numpy() == 0)
    return np.tril(np.equal.outer(border, border))


def places(row):
    return may_see(row).sum(axis=1) - 1.0


# %%
# RIGHT may_see: blocks of ones, with numpy
import numpy as np


def lengths(row):
    starts = [i for i, token in enumerate(row.tolist()) if token == 0 or i == 0]
    return np.diff([*starts, len(row)])


def may_see(row):
    blocks = [torch.ones(n, n) for n in lengths(row)]
    return torch.block_diag(*blocks).tril().bool()


def places(row):
    return torch.cat([torch.arange(n) for n in lengths(row)])


# %%
# WRONG split: mixed ones stay in the training
# HINT Half-new records are in your training. Then the held-out people are not held out.
def split(records, people, forms):
    train, new_people, new_forms, both = [], [], [], []
    for i, (person, form) in enumerate(records):
        if person in people and form in forms:
            both.append(i)
        else:
            train.append(i)
            if person in people:
                new_people.append(i)
            elif form in forms:
                new_forms.append(i)
    return [train, new_people, new_forms, both]


def leaked(train, test):
    def plain(text):
        return " ".join("".join(c for c in text.lower() if c not in ".,?!").split())

    known = [plain(text) for text in train]
    return sum(plain(text) in known for text in test) / len(test)


# %%
# WRONG split: forms not held out
# HINT Held-out forms stand in your training.
def split(records, people, forms):
    train, new_people, new_forms, both = [], [], [], []
    for i, (person, form) in enumerate(records):
        if person in people and form in forms:
            both.append(i)
        elif person in people:
            new_people.append(i)
        else:
            train.append(i)
            if form in forms:
                new_forms.append(i)
    return [train, new_people, new_forms, both]


def leaked(train, test):
    def plain(text):
        return " ".join("".join(c for c in text.lower() if c not in ".,?!").split())

    known = [plain(text) for text in train]
    return sum(plain(text) in known for text in test) / len(test)


# %%
# WRONG split: new people in any form
# HINT Your new people are asked in new forms, too: where belongs what is new in both
# HINT ways?
def split(records, people, forms):
    train, new_people, new_forms, both = [], [], [], []
    for i, (person, form) in enumerate(records):
        if person in people:
            new_people.append(i)
        if form in forms:
            new_forms.append(i)
        if person in people and form in forms:
            both.append(i)
        if person not in people and form not in forms:
            train.append(i)
    return [train, new_people, new_forms, both]


def leaked(train, test):
    def plain(text):
        return " ".join("".join(c for c in text.lower() if c not in ".,?!").split())

    known = [plain(text) for text in train]
    return sum(plain(text) in known for text in test) / len(test)


# %%
# WRONG split: the first that fits
# HINT A record that is new in both ways lands in the wrong group: which of your
# HINT questions comes first?
def split(records, people, forms):
    train, new_people, new_forms, both = [], [], [], []
    for i, (person, form) in enumerate(records):
        if person in people:
            new_people.append(i)
        elif form in forms:
            new_forms.append(i)
        elif person in people and form in forms:
            both.append(i)
        else:
            train.append(i)
    return [train, new_people, new_forms, both]


def leaked(train, test):
    def plain(text):
        return " ".join("".join(c for c in text.lower() if c not in ".,?!").split())

    known = [plain(text) for text in train]
    return sum(plain(text) in known for text in test) / len(test)


# %%
# WRONG split: people and forms exchanged
# HINT The two groups in the middle are exchanged.
def split(records, people, forms):
    train, new_people, new_forms, both = [], [], [], []
    for i, (person, form) in enumerate(records):
        if person in people and form in forms:
            both.append(i)
        elif form in forms:
            new_people.append(i)
        elif person in people:
            new_forms.append(i)
        else:
            train.append(i)
    return [train, new_people, new_forms, both]


def leaked(train, test):
    def plain(text):
        return " ".join("".join(c for c in text.lower() if c not in ".,?!").split())

    known = [plain(text) for text in train]
    return sum(plain(text) in known for text in test) / len(test)


# %%
# WRONG split: numbers from 1
# HINT Your record numbers begin at 1.
def split(records, people, forms):
    train, new_people, new_forms, both = [], [], [], []
    for i, (person, form) in enumerate(records, 1):
        if person in people and form in forms:
            both.append(i)
        elif person in people:
            new_people.append(i)
        elif form in forms:
            new_forms.append(i)
        else:
            train.append(i)
    return [train, new_people, new_forms, both]


def leaked(train, test):
    def plain(text):
        return " ".join("".join(c for c in text.lower() if c not in ".,?!").split())

    known = [plain(text) for text in train]
    return sum(plain(text) in known for text in test) / len(test)


# %%
# WRONG split: the records in place of their numbers
def split(records, people, forms):
    train, new_people, new_forms, both = [], [], [], []
    for i, (person, form) in enumerate(records):
        if person in people and form in forms:
            both.append((person, form))
        elif person in people:
            new_people.append((person, form))
        elif form in forms:
            new_forms.append((person, form))
        else:
            train.append((person, form))
    return [train, new_people, new_forms, both]


def leaked(train, test):
    def plain(text):
        return " ".join("".join(c for c in text.lower() if c not in ".,?!").split())

    known = [plain(text) for text in train]
    return sum(plain(text) in known for text in test) / len(test)


# %%
# WRONG split: training only where both are known and nothing else is kept
# HINT Your groups in the middle are empty: what is new in one way only?
def split(records, people, forms):
    train, new_people, new_forms, both = [], [], [], []
    for i, (person, form) in enumerate(records):
        if person in people and form in forms:
            both.append(i)
        elif person not in people and form not in forms:
            train.append(i)
    return [train, new_people, new_forms, both]


def leaked(train, test):
    def plain(text):
        return " ".join("".join(c for c in text.lower() if c not in ".,?!").split())

    known = [plain(text) for text in train]
    return sum(plain(text) in known for text in test) / len(test)


# %%
# WRONG split: texts compared as they are
# HINT You compare the texts letter by letter. What does not matter?
def split(records, people, forms):
    train, new_people, new_forms, both = [], [], [], []
    for i, (person, form) in enumerate(records):
        if person in people and form in forms:
            both.append(i)
        elif person in people:
            new_people.append(i)
        elif form in forms:
            new_forms.append(i)
        else:
            train.append(i)
    return [train, new_people, new_forms, both]


def leaked(train, test):
    return sum(text in train for text in test) / len(test)


# %%
# WRONG split: only capitals ignored
# HINT Capitals are ignored, marks are not.
def split(records, people, forms):
    train, new_people, new_forms, both = [], [], [], []
    for i, (person, form) in enumerate(records):
        if person in people and form in forms:
            both.append(i)
        elif person in people:
            new_people.append(i)
        elif form in forms:
            new_forms.append(i)
        else:
            train.append(i)
    return [train, new_people, new_forms, both]


def leaked(train, test):
    known = [" ".join(text.lower().split()) for text in train]
    return sum(" ".join(text.lower().split()) in known for text in test) / len(test)


# %%
# WRONG split: lower-cased and otherwise as they are
# HINT Capitals are ignored. What about marks, and how many spaces there are?
def split(records, people, forms):
    train, new_people, new_forms, both = [], [], [], []
    for i, (person, form) in enumerate(records):
        if person in people and form in forms:
            both.append(i)
        elif person in people:
            new_people.append(i)
        elif form in forms:
            new_forms.append(i)
        else:
            train.append(i)
    return [train, new_people, new_forms, both]


def leaked(train, test):
    known = {text.lower() for text in train}
    return sum(text.lower() in known for text in test) / len(test)


# %%
# WRONG split: only marks ignored
# HINT Marks are ignored, capitals are not.
def split(records, people, forms):
    train, new_people, new_forms, both = [], [], [], []
    for i, (person, form) in enumerate(records):
        if person in people and form in forms:
            both.append(i)
        elif person in people:
            new_people.append(i)
        elif form in forms:
            new_forms.append(i)
        else:
            train.append(i)
    return [train, new_people, new_forms, both]


def leaked(train, test):
    def plain(text):
        return " ".join("".join(c for c in text if c not in ".,?!").split())

    known = [plain(text) for text in train]
    return sum(plain(text) in known for text in test) / len(test)


# %%
# WRONG split: spaces not ignored
# HINT Capitals and marks are ignored. What about two spaces, or the space before a
# HINT mark?
def split(records, people, forms):
    train, new_people, new_forms, both = [], [], [], []
    for i, (person, form) in enumerate(records):
        if person in people and form in forms:
            both.append(i)
        elif person in people:
            new_people.append(i)
        elif form in forms:
            new_forms.append(i)
        else:
            train.append(i)
    return [train, new_people, new_forms, both]


def leaked(train, test):
    def plain(text):
        return "".join(c for c in text.lower() if c not in ".,?!")

    known = [plain(text) for text in train]
    return sum(plain(text) in known for text in test) / len(test)


# %%
# WRONG split: a text inside another
# HINT You find a test question inside a longer one, and call it the same.
def split(records, people, forms):
    train, new_people, new_forms, both = [], [], [], []
    for i, (person, form) in enumerate(records):
        if person in people and form in forms:
            both.append(i)
        elif person in people:
            new_people.append(i)
        elif form in forms:
            new_forms.append(i)
        else:
            train.append(i)
    return [train, new_people, new_forms, both]


def leaked(train, test):
    def plain(text):
        return " ".join("".join(c for c in text.lower() if c not in ".,?!").split())

    known = [plain(text) for text in train]
    return sum(any(plain(text) in one for one in known) for text in test) / len(test)


# %%
# WRONG split: a longer text around a known one
# HINT You find a training question inside a longer test question, and call it the same.
def split(records, people, forms):
    train, new_people, new_forms, both = [], [], [], []
    for i, (person, form) in enumerate(records):
        if person in people and form in forms:
            both.append(i)
        elif person in people:
            new_people.append(i)
        elif form in forms:
            new_forms.append(i)
        else:
            train.append(i)
    return [train, new_people, new_forms, both]


def leaked(train, test):
    def plain(text):
        return " ".join("".join(c for c in text.lower() if c not in ".,?!").split())

    known = [plain(text) for text in train]
    return sum(any(one in plain(text) for one in known) for text in test) / len(test)


# %%
# WRONG split: each text once
# HINT A test text that comes twice counts once. The share is one of all test texts.
def split(records, people, forms):
    train, new_people, new_forms, both = [], [], [], []
    for i, (person, form) in enumerate(records):
        if person in people and form in forms:
            both.append(i)
        elif person in people:
            new_people.append(i)
        elif form in forms:
            new_forms.append(i)
        else:
            train.append(i)
    return [train, new_people, new_forms, both]


def leaked(train, test):
    def plain(text):
        return " ".join("".join(c for c in text.lower() if c not in ".,?!").split())

    known, asked = {plain(t) for t in train}, {plain(t) for t in test}
    return len(known & asked) / len(asked)


# %%
# WRONG split: a share of the training
# HINT You divide by the number of training texts. The share is one of the test.
def split(records, people, forms):
    train, new_people, new_forms, both = [], [], [], []
    for i, (person, form) in enumerate(records):
        if person in people and form in forms:
            both.append(i)
        elif person in people:
            new_people.append(i)
        elif form in forms:
            new_forms.append(i)
        else:
            train.append(i)
    return [train, new_people, new_forms, both]


def leaked(train, test):
    def plain(text):
        return " ".join("".join(c for c in text.lower() if c not in ".,?!").split())

    known = [plain(text) for text in train]
    return sum(plain(text) in known for text in test) / len(train)


# %%
# WRONG split: the share that is clean
# HINT This is the share that does not leak.
def split(records, people, forms):
    train, new_people, new_forms, both = [], [], [], []
    for i, (person, form) in enumerate(records):
        if person in people and form in forms:
            both.append(i)
        elif person in people:
            new_people.append(i)
        elif form in forms:
            new_forms.append(i)
        else:
            train.append(i)
    return [train, new_people, new_forms, both]


def leaked(train, test):
    def plain(text):
        return " ".join("".join(c for c in text.lower() if c not in ".,?!").split())

    known = [plain(text) for text in train]
    return sum(plain(text) not in known for text in test) / len(test)


# %%
# WRONG split: a number in place of a share
# HINT This is how many leak. Which share is it?
def split(records, people, forms):
    train, new_people, new_forms, both = [], [], [], []
    for i, (person, form) in enumerate(records):
        if person in people and form in forms:
            both.append(i)
        elif person in people:
            new_people.append(i)
        elif form in forms:
            new_forms.append(i)
        else:
            train.append(i)
    return [train, new_people, new_forms, both]


def leaked(train, test):
    def plain(text):
        return " ".join("".join(c for c in text.lower() if c not in ".,?!").split())

    known = [plain(text) for text in train]
    return sum(plain(text) in known for text in test)


# %%
# WRONG split: the order of the words does not count
# HINT You compare which words a text has, and not their order. Is "is asha here" the same
# HINT question as "here is asha"?
def split(records, people, forms):
    train, new_people, new_forms, both = [], [], [], []
    for i, (person, form) in enumerate(records):
        if person in people and form in forms:
            both.append(i)
        elif person in people:
            new_people.append(i)
        elif form in forms:
            new_forms.append(i)
        else:
            train.append(i)
    return [train, new_people, new_forms, both]


def leaked(train, test):
    def plain(text):
        return sorted("".join(c for c in text.lower() if c not in ".,?!").split())

    known = [plain(text) for text in train]
    return sum(plain(text) in known for text in test) / len(test)


# %%
# RIGHT split: with sets of pairs
def split(records, people, forms):
    def group(p, f):
        return [
            i
            for i, (person, form) in enumerate(records)
            if (person in people) == p and (form in forms) == f
        ]

    return [
        group(False, False),
        group(True, False),
        group(False, True),
        group(True, True),
    ]


def leaked(train, test):
    table = str.maketrans(".,?!", "    ")
    known = {tuple(text.casefold().translate(table).split()) for text in train}
    return sum(
        tuple(t.casefold().translate(table).split()) in known for t in test
    ) / len(test)


# %%
# RIGHT split: tuples, and a share without axes
def split(records, people, forms):
    groups = [], [], [], []
    for i, (person, form) in enumerate(records):
        groups[(person in people) + 2 * (form in forms)].append(i)
    return tuple(tuple(group) for group in groups)


def leaked(train, test):
    def words(text):
        return "".join(c if c.isalpha() else " " for c in text.lower()).split()

    known = [words(text) for text in train]
    return torch.tensor([words(text) in known for text in test]).double().mean()


# %%
# RIGHT split: with regular expressions
import re


def split(records, people, forms):
    names = {(0, 0): [], (1, 0): [], (0, 1): [], (1, 1): []}
    for number, record in enumerate(records):
        names[int(record[0] in people), int(record[1] in forms)].append(number)
    return list(names.values())


def leaked(train, test):
    known = [re.findall(r"[a-z]+", text.lower()) for text in train]
    found = [re.findall(r"[a-z]+", text.lower()) in known for text in test]
    return found.count(True) / len(found)


# %%
# RIGHT split: by tensors and a counter
from collections import Counter


def split(records, people, forms):
    p = torch.tensor([person in people for person, _ in records])
    f = torch.tensor([form in forms for _, form in records])
    kinds = (~p & ~f, p & ~f, ~p & f, p & f)
    return [kind.nonzero().flatten().tolist() for kind in kinds]


def leaked(train, test):
    def key(text):
        for mark in (".", ",", "?", "!"):
            text = text.replace(mark, "")
        return text.upper().split()

    known = [key(text) for text in train]
    return Counter(key(text) in known for text in test)[True] / len(test)
