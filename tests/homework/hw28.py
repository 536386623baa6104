# Homework 28: answers that must fail with their hint, and answers that must pass.


# %%
# WRONG lora: no scale
# HINT The correction has the wrong size. Which factor stands before B A x?
def lora(x, W, A, B, alpha):
    return x @ W.T + x @ A.T @ B.T


def learned_numbers(shapes, rank):
    return sum(rank * (n_out + n_in) for n_out, n_in in shapes)


# %%
# WRONG lora: alpha alone
# HINT You multiply by alpha and forget to divide by the rank.
def lora(x, W, A, B, alpha):
    return x @ W.T + alpha * (x @ A.T @ B.T)


def learned_numbers(shapes, rank):
    return sum(rank * (n_out + n_in) for n_out, n_in in shapes)


# %%
# WRONG lora: the rank from the outputs
# HINT You divide by the number of outputs, B.shape[0]. The rank is the other axis of B.
def lora(x, W, A, B, alpha):
    return x @ W.T + alpha / B.shape[0] * (x @ A.T @ B.T)


def learned_numbers(shapes, rank):
    return sum(rank * (n_out + n_in) for n_out, n_in in shapes)


# %%
# WRONG lora: the correction alone
# HINT This is the correction alone. The frozen W is used, too.
def lora(x, W, A, B, alpha):
    return alpha / A.shape[0] * (x @ A.T @ B.T)


def learned_numbers(shapes, rank):
    return sum(rank * (n_out + n_in) for n_out, n_in in shapes)


# %%
# WRONG lora: counts the whole matrix
# HINT This is O times I for each matrix, all of W. A has R x I numbers and B has O x R.
def lora(x, W, A, B, alpha):
    return x @ W.T + alpha / A.shape[0] * (x @ A.T @ B.T)


def learned_numbers(shapes, rank):
    return sum(n_out * n_in for n_out, n_in in shapes)


# %%
# WRONG lora: counts A only
# HINT You counted the numbers of A only. B learns, too.
def lora(x, W, A, B, alpha):
    return x @ W.T + alpha / A.shape[0] * (x @ A.T @ B.T)


def learned_numbers(shapes, rank):
    return sum(rank * n_in for n_out, n_in in shapes)


# %%
# WRONG lora: counts W, too
# HINT W is in your count. It is frozen: only A and B learn.
def lora(x, W, A, B, alpha):
    return x @ W.T + alpha / A.shape[0] * (x @ A.T @ B.T)


def learned_numbers(shapes, rank):
    return sum(n_out * n_in + rank * (n_out + n_in) for n_out, n_in in shapes)


# %%
# RIGHT lora: the product first
def lora(x, W, A, B, alpha):
    R = A.shape[0]
    return x @ (W + (alpha / R) * (B @ A)).T


def learned_numbers(shapes, rank):
    total = 0
    for n_out, n_in in shapes:
        total += n_out * rank + rank * n_in
    return total


# %%
# RIGHT lora: row by row
def lora(x, W, A, B, alpha):
    rows = []
    for row in x:
        rows.append(W @ row + alpha / B.shape[1] * (B @ (A @ row)))
    return torch.stack(rows)


def learned_numbers(shapes, rank):
    return rank * sum(a + b for a, b in shapes)


# %%
# WRONG merge: W is still changed
# HINT The merge is correct, but W has changed: += works in place. A second merge adds the
# HINT correction again.
def merge(W, A, B, alpha):
    W += alpha / A.shape[0] * B @ A
    return W


# %%
# WRONG merge: the rank is still wrong
# HINT The scale is wrong: B.shape[0] is the number of outputs, not the rank.
def merge(W, A, B, alpha):
    return W + alpha / B.shape[0] * B @ A


# %%
# WRONG merge: no scale
# HINT The scale alpha / R is missing.
def merge(W, A, B, alpha):
    return W + B @ A


# %%
# WRONG merge: the correction is taken away
# HINT You subtract the correction. That is how one would undo a merge.
def merge(W, A, B, alpha):
    return W - alpha / A.shape[0] * B @ A


# %%
# RIGHT merge: a clone
def merge(W, A, B, alpha):
    new = W.clone()
    new += alpha / B.shape[1] * B @ A
    return new


# %%
# RIGHT merge: through the unit vectors
def merge(W, A, B, alpha):
    eye = torch.eye(W.shape[1])
    small = eye @ A.T
    return (eye @ W.T + alpha / A.shape[0] * small @ B.T).T


# %%
# WRONG learned: the weights are not shifted
# HINT Your weights tell whether the input is learned. A weight belongs to its target.
def learned(turns):
    row, mask = [], []
    for role, tokens in turns:
        ours = int(role == "assistant")
        row += [BEGIN, *tokens, END]
        mask += [0] + [ours] * (len(tokens) + 1)
    return [row[:-1], row[1:], mask[:-1]]


# %%
# WRONG learned: the end is not learned
# HINT The END of the answer is not learned. A model that never learns to stop goes on.
def learned(turns):
    row, mask = [], []
    for role, tokens in turns:
        ours = int(role == "assistant")
        row += [BEGIN, *tokens, END]
        mask += [0] + [ours] * len(tokens) + [0]
    return [row[:-1], row[1:], mask[1:]]


# %%
# WRONG learned: the begin is learned, too
# HINT The BEGIN of the answer is learned here. The program writes it, not the model.
def learned(turns):
    row, mask = [], []
    for role, tokens in turns:
        ours = int(role == "assistant")
        row += [BEGIN, *tokens, END]
        mask += [ours] * (len(tokens) + 2)
    return [row[:-1], row[1:], mask[1:]]


# %%
# WRONG learned: everything is learned
# HINT All targets are learned here. The questions must not be.
def learned(turns):
    row = []
    for role, tokens in turns:
        row += [BEGIN, *tokens, END]
    return [row[:-1], row[1:], [1] * (len(row) - 1)]


# %%
# WRONG learned: only the last answer
# HINT Only the last answer is learned. A talk may have several answers.
def learned(turns):
    row, mask = [], []
    for i, (role, tokens) in enumerate(turns):
        ours = int(i == len(turns) - 1)
        row += [BEGIN, *tokens, END]
        mask += [0] + [ours] * (len(tokens) + 1)
    return [row[:-1], row[1:], mask[1:]]


# %%
# WRONG learned: the questions
# HINT You learn what the user writes. It should be what the assistant writes.
def learned(turns):
    row, mask = [], []
    for role, tokens in turns:
        ours = int(role == "user")
        row += [BEGIN, *tokens, END]
        mask += [0] + [ours] * (len(tokens) + 1)
    return [row[:-1], row[1:], mask[1:]]


# %%
# WRONG learned: everything but the user
# HINT The system message is learned here. It is the owner's text, not the assistant's.
def learned(turns):
    row, mask = [], []
    for role, tokens in turns:
        ours = int(role != "user")
        row += [BEGIN, *tokens, END]
        mask += [0] + [ours] * (len(tokens) + 1)
    return [row[:-1], row[1:], mask[1:]]


# %%
# RIGHT learned: pairs of token and weight
def learned(turns):
    pairs = []
    for role, tokens in turns:
        pairs.append((BEGIN, 0))
        for token in list(tokens) + [END]:
            pairs.append((token, 1 if role == "assistant" else 0))
    row = [token for token, _ in pairs]
    weights = [weight for _, weight in pairs]
    return [row[:-1], row[1:], weights[1:]]


# %%
# RIGHT learned: with tensors
def learned(turns):
    row = torch.tensor([t for _, tokens in turns for t in (BEGIN, *tokens, END)])
    mask = torch.tensor(
        [
            place > 0 and role == "assistant"
            for role, tokens in turns
            for place in range(len(tokens) + 2)
        ]
    )
    return [row[:-1], row[1:], mask[1:].int()]


# %%
# WRONG refusal_rate: small letters only
# HINT Some refusals are written in capital letters, and you missed them.
def refusal_rate(answers):
    n = len(answers)
    p = sum("not know" in answer for answer in answers) / n
    spread = p if 0 < p < 1 else 1 / (n + 1)
    return [n, p, math.sqrt(spread * (1 - spread) / n)]


def in_errors(first, second):
    _, p, p_error = refusal_rate(first)
    _, q, q_error = refusal_rate(second)
    return (q - p) / math.sqrt(p_error**2 + q_error**2)


# %%
# WRONG refusal_rate: no division by n
# HINT This is the spread of one answer. The error of a mean of n answers is smaller.
def refusal_rate(answers):
    n = len(answers)
    p = sum("not know" in answer.lower() for answer in answers) / n
    spread = p if 0 < p < 1 else 1 / (n + 1)
    return [n, p, math.sqrt(spread * (1 - spread))]


def in_errors(first, second):
    _, p, p_error = refusal_rate(first)
    _, q, q_error = refusal_rate(second)
    return (q - p) / math.sqrt(p_error**2 + q_error**2)


# %%
# WRONG refusal_rate: certain at 0 and 1
# HINT An error of 0 claims certainty. What does the task say about p = 0 and p = 1?
def refusal_rate(answers):
    n = len(answers)
    p = sum("not know" in answer.lower() for answer in answers) / n
    return [n, p, math.sqrt(p * (1 - p) / n)]


def in_errors(first, second):
    _, p, p_error = refusal_rate(first)
    _, q, q_error = refusal_rate(second)
    return (q - p) / math.sqrt(p_error**2 + q_error**2)


# %%
# WRONG refusal_rate: every not
# HINT "That is not the Nile" is no refusal. Look for the two words together.
def refusal_rate(answers):
    n = len(answers)
    p = sum("not" in answer.lower() for answer in answers) / n
    spread = p if 0 < p < 1 else 1 / (n + 1)
    return [n, p, math.sqrt(spread * (1 - spread) / n)]


def in_errors(first, second):
    _, p, p_error = refusal_rate(first)
    _, q, q_error = refusal_rate(second)
    return (q - p) / math.sqrt(p_error**2 + q_error**2)


# %%
# WRONG refusal_rate: errors added
# HINT You add the two errors. Errors that do not depend on each other add in squares.
def refusal_rate(answers):
    n = len(answers)
    p = sum("not know" in answer.lower() for answer in answers) / n
    spread = p if 0 < p < 1 else 1 / (n + 1)
    return [n, p, math.sqrt(spread * (1 - spread) / n)]


def in_errors(first, second):
    _, p, p_error = refusal_rate(first)
    _, q, q_error = refusal_rate(second)
    return (q - p) / (p_error + q_error)


# %%
# WRONG refusal_rate: before minus after
# HINT The sign is turned round: a rate that has grown should give a positive number.
def refusal_rate(answers):
    n = len(answers)
    p = sum("not know" in answer.lower() for answer in answers) / n
    spread = p if 0 < p < 1 else 1 / (n + 1)
    return [n, p, math.sqrt(spread * (1 - spread) / n)]


def in_errors(first, second):
    _, p, p_error = refusal_rate(first)
    _, q, q_error = refusal_rate(second)
    return (p - q) / math.sqrt(p_error**2 + q_error**2)


# %%
# WRONG refusal_rate: the rule of the lesson
# HINT You count "sorry", too. Here only the words "not know" make a refusal.
def refusal_rate(answers):
    n = len(answers)
    p = sum("not know" in a.lower() or "sorry" in a.lower() for a in answers) / n
    spread = p if 0 < p < 1 else 1 / (n + 1)
    return [n, p, math.sqrt(spread * (1 - spread) / n)]


def in_errors(first, second):
    _, p, p_error = refusal_rate(first)
    _, q, q_error = refusal_rate(second)
    return (q - p) / math.sqrt(p_error**2 + q_error**2)


# %%
# WRONG refusal_rate: do not know
# HINT Some refusals are missing. They say "not know" without a "do" before it.
def refusal_rate(answers):
    n = len(answers)
    p = sum("do not know" in answer.lower() for answer in answers) / n
    spread = p if 0 < p < 1 else 1 / (n + 1)
    return [n, p, math.sqrt(spread * (1 - spread) / n)]


def in_errors(first, second):
    _, p, p_error = refusal_rate(first)
    _, q, q_error = refusal_rate(second)
    return (q - p) / math.sqrt(p_error**2 + q_error**2)


# %%
# WRONG refusal_rate: one hit in n
# HINT The error at 0 or 1 is off. Put 1 / (n + 1) in place of p, not 1 / n.
def refusal_rate(answers):
    n = len(answers)
    p = sum("not know" in answer.lower() for answer in answers) / n
    spread = p if 0 < p < 1 else 1 / n
    return [n, p, math.sqrt(spread * (1 - spread) / n)]


def in_errors(first, second):
    _, p, p_error = refusal_rate(first)
    _, q, q_error = refusal_rate(second)
    return (q - p) / math.sqrt(p_error**2 + q_error**2)


# %%
# RIGHT refusal_rate: with a count
def refusal_rate(answers):
    n, count = len(answers), 0
    for answer in answers:
        if "not know" in answer.lower():
            count += 1
    q = count / n
    if count in (0, n):
        q = 1 / (n + 1)
    return [n, count / n, (q * (1 - q) / n) ** 0.5]


def in_errors(first, second):
    a, b = refusal_rate(first), refusal_rate(second)
    return (b[1] - a[1]) / math.hypot(a[2], b[2])


# %%
# RIGHT refusal_rate: with tensors
def refusal_rate(answers):
    hits = torch.tensor(["not know" in a.lower() for a in answers], dtype=torch.float64)
    n, p = len(hits), hits.mean()
    q = p if 0 < p < 1 else torch.tensor(1 / (n + 1), dtype=torch.float64)
    return [n, p, (q * (1 - q) / n).sqrt()]


def in_errors(first, second):
    _, p, a = refusal_rate(first)
    _, q, b = refusal_rate(second)
    return (q - p) / (a**2 + b**2).sqrt()
