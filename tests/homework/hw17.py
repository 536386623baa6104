# KEPT run lists tuples arrays tensors scalars: a state_dict goes back as it is
# KEPT zoo lists tuples arrays scalars: the optimizer needs the parameters themselves

# Homework 17: answers that must fail with their hint, and answers that must pass.


# %%
# WRONG newton_schulz: no norm first
# HINT You do not divide by the norm first, or you divide by less. The singular values may
# HINT be far above 1, and there the curve throws them to infinity.
def newton_schulz(matrix, rounds):
    x = matrix
    for _ in range(rounds):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x


# %%
# WRONG newton_schulz: divided by the largest number
# HINT You divide by the largest number of the matrix. That is not its norm: which
# HINT squares must be added up?
def newton_schulz(matrix, rounds):
    x = matrix / matrix.abs().max()
    for _ in range(rounds):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x


# %%
# WRONG newton_schulz: divided by the largest singular value
# HINT You divide by the largest singular value. That would do as well, but the task
# HINT asks for the root of the sum of the squares.
def newton_schulz(matrix, rounds):
    x = matrix / torch.linalg.matrix_norm(matrix, 2)
    for _ in range(rounds):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x


# %%
# WRONG newton_schulz: divided by the square
# HINT You divide by the sum of the squares: which step is missing before you divide?
def newton_schulz(matrix, rounds):
    x = matrix / matrix.square().sum()
    for _ in range(rounds):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x


# %%
# WRONG newton_schulz: rows divided, each by its own
# HINT You divide each row by its own norm. That changes the directions: the whole
# HINT matrix has one norm.
def newton_schulz(matrix, rounds):
    x = F.normalize(matrix, dim=1)
    for _ in range(rounds):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x


# %%
# WRONG newton_schulz: one round too few
# HINT You do one round less than asked for: how often does `range(rounds - 1)` run?
def newton_schulz(matrix, rounds):
    x = matrix / matrix.norm()
    for _ in range(rounds - 1):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x


# %%
# WRONG newton_schulz: one round too many
# HINT You do one round more than asked for. What should come out with 0 rounds?
def newton_schulz(matrix, rounds):
    x = matrix / matrix.norm()
    for _ in range(rounds + 1):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x


# %%
# WRONG newton_schulz: always five rounds
# HINT You always do five rounds: what is `rounds` for?
def newton_schulz(matrix, rounds):
    x = matrix / matrix.norm()
    for _ in range(5):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x


# %%
# WRONG newton_schulz: single numbers to the power of three
# HINT You raise each number of the matrix to a power. The formula multiplies matrices:
# HINT what does `@` do that `*` does not?
def newton_schulz(matrix, rounds):
    x = matrix / matrix.norm()
    for _ in range(rounds):
        square = x @ x.T
        x = 3.4445 * x - 4.7750 * x**3 + 2.0315 * x**5
    return x


# %%
# WRONG newton_schulz: plus in the middle
# HINT All three of your terms have a plus: look at the sign of the 4.7750.
def newton_schulz(matrix, rounds):
    x = matrix / matrix.norm()
    for _ in range(rounds):
        square = x @ x.T
        x = 3.4445 * x + (4.7750 * square + 2.0315 * square @ square) @ x
    return x


# %%
# WRONG newton_schulz: without the last term
# HINT Your last term, with five matrices, is missing.
def newton_schulz(matrix, rounds):
    x = matrix / matrix.norm()
    for _ in range(rounds):
        square = x @ x.T
        x = 3.4445 * x - 4.7750 * square @ x
    return x


# %%
# WRONG newton_schulz: without the middle term
# HINT Your middle term, with three matrices, is missing.
def newton_schulz(matrix, rounds):
    x = matrix / matrix.norm()
    for _ in range(rounds):
        square = x @ x.T
        x = 3.4445 * x + 2.0315 * square @ square @ x
    return x


# %%
# WRONG newton_schulz: the last two coefficients exchanged
# HINT You have exchanged two coefficients: which one belongs to the product of three?
def newton_schulz(matrix, rounds):
    x = matrix / matrix.norm()
    for _ in range(rounds):
        square = x @ x.T
        x = 3.4445 * x + (2.0315 * square - 4.7750 * square @ square) @ x
    return x


# %%
# WRONG newton_schulz: the wrong square, the wrong power
# HINT In your last term there are three matrices too few: the square is needed twice.
def newton_schulz(matrix, rounds):
    x = matrix / matrix.norm()
    for _ in range(rounds):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square) @ x
    return x


# %%
# WRONG newton_schulz: the textbook's polynomial
# HINT These are the coefficients of a textbook, 1.5 and -0.5. The task has others, and
# HINT one term more.
def newton_schulz(matrix, rounds):
    x = matrix / matrix.norm()
    for _ in range(rounds):
        square = x @ x.T
        x = 1.5 * x - 0.5 * square @ x
    return x


# %%
# WRONG newton_schulz: divided in each round
# HINT You divide by the norm in every round. Only the first matrix is divided:
# HINT afterwards no singular value is above 1 anyway.
def newton_schulz(matrix, rounds):
    x = matrix / matrix.norm()
    for _ in range(rounds):
        x = x / x.norm()
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x


# %%
# WRONG newton_schulz: each round from the start
# HINT Each of your rounds begins with the first matrix again, so three rounds give
# HINT what one gives.
def newton_schulz(matrix, rounds):
    start = matrix / matrix.norm()
    x = start
    for _ in range(rounds):
        square = start @ start.T
        x = 3.4445 * start + (-4.7750 * square + 2.0315 * square @ square) @ start
    return x


# %%
# WRONG newton_schulz: in place
# HINT The result is right, but you divided the matrix that was given to you: whoever
# HINT uses it again finds it changed.
def newton_schulz(matrix, rounds):
    matrix /= matrix.norm()
    x = matrix
    for _ in range(rounds):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x


# %%
# WRONG newton_schulz: the true turns
# HINT You set all singular values to exactly 1. Newton-Schulz only comes near: the
# HINT task asks for its rounds.
def newton_schulz(matrix, rounds):
    U, S, Vt = torch.linalg.svd(matrix, full_matrices=False)
    return U @ Vt


# %%
# WRONG newton_schulz: only for wide matrices
# HINT Your tall matrix comes out lying on its side: if you transpose at the start,
# HINT what is left to do at the end?
def newton_schulz(matrix, rounds):
    x = matrix / matrix.norm()
    if x.shape[0] > x.shape[1]:
        x = x.T
    for _ in range(rounds):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x


# %%
# WRONG newton_schulz: nothing returned
def newton_schulz(matrix, rounds):
    x = matrix / matrix.norm()
    for _ in range(rounds):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x


# %%
# RIGHT newton_schulz: the smaller product, transposed
def newton_schulz(matrix, rounds):
    tall = matrix.size(0) > matrix.size(1)
    x = matrix.mT if tall else matrix
    x = x / x.square().sum().sqrt()
    for _ in range(rounds):
        a = x @ x.mT
        x = 3.4445 * x + (2.0315 * a @ a - 4.7750 * a) @ x
    return x.mT if tall else x


# %%
# RIGHT newton_schulz: the curve on the singular values
def newton_schulz(matrix, rounds):
    U, S, Vt = torch.linalg.svd(matrix, full_matrices=False)
    s = S / math.sqrt(float((S * S).sum()))
    for _ in range(rounds):
        s = 3.4445 * s - 4.775 * s**3 + 2.0315 * s**5
    return (U * s) @ Vt


# %%
# RIGHT newton_schulz: written as the formula stands, with itself
def newton_schulz(matrix, rounds, first=True):
    x = matrix / torch.linalg.norm(matrix) if first else matrix
    if rounds == 0:
        return x
    new = 3.4445 * x - 4.7750 * x @ x.T @ x + 2.0315 * x @ x.T @ x @ x.T @ x
    return newton_schulz(new, rounds - 1, first=False)


# %%
# RIGHT newton_schulz: with numpy
def newton_schulz(matrix, rounds):
    import numpy as np

    x = np.array(matrix, dtype=np.float64)
    x = x / np.linalg.norm(x)
    for _ in range(rounds):
        x = 3.4445 * x + (-4.7750 * x @ x.T + 2.0315 * x @ x.T @ x @ x.T) @ x
    return x


# %%
# RIGHT newton_schulz: a list of lists
def newton_schulz(matrix, rounds):
    x = matrix / sum(v * v for row in matrix.tolist() for v in row) ** 0.5
    for _ in range(rounds):
        inner = x.T @ x
        x = 3.4445 * x + x @ (-4.7750 * inner + 2.0315 * inner @ inner)
    return x.tolist()


# %%
# WRONG run: the checkpoint is not read
# HINT The second half starts again from step 0 with fresh weights: it ends rightly,
# HINT but all the work of the first half is done again. What becomes of `checkpoint`?
def run(until, checkpoint=None):
    model, optimizer, generator = new_parts()
    start = 0
    for step in range(start, until):
        one_step(step, model, optimizer, generator)
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "generator": generator.get_state(),
        "step": until,
    }


# %%
# WRONG run: the weights only
# HINT You put back the weights and the step. They are not all that the next step
# HINT depends on: what do the optimizer and the generator remember?
def run(until, checkpoint=None):
    model, optimizer, generator = new_parts()
    start = 0
    if checkpoint:
        model.load_state_dict(checkpoint["model"])
        start = checkpoint["step"]
    for step in range(start, until):
        one_step(step, model, optimizer, generator)
    return {
        "model": model.state_dict(),
        "step": until,
    }


# %%
# WRONG run: the optimizer forgotten
# HINT Weights, generator and step are back. AdamW has a memory too, of the gradients that
# HINT it has seen: is it in your checkpoint, and is it put back?
def run(until, checkpoint=None):
    model, optimizer, generator = new_parts()
    start = 0
    if checkpoint:
        model.load_state_dict(checkpoint["model"])
        generator.set_state(checkpoint["generator"])
        start = checkpoint["step"]
    for step in range(start, until):
        one_step(step, model, optimizer, generator)
    return {
        "model": model.state_dict(),
        "generator": generator.get_state(),
        "step": until,
    }


# %%
# WRONG run: the generator forgotten
# HINT Weights, optimizer and step are back. But the second half reads the same rows as
# HINT the first: who chooses them?
def run(until, checkpoint=None):
    model, optimizer, generator = new_parts()
    start = 0
    if checkpoint:
        model.load_state_dict(checkpoint["model"])
        optimizer.load_state_dict(checkpoint["optimizer"])
        start = checkpoint["step"]
    for step in range(start, until):
        one_step(step, model, optimizer, generator)
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "step": until,
    }


# %%
# WRONG run: the weights not put back
# HINT The optimizer, the generator and the step are back, and the model is a fresh one:
# HINT what has to be loaded as well?
def run(until, checkpoint=None):
    model, optimizer, generator = new_parts()
    start = 0
    if checkpoint:
        optimizer.load_state_dict(checkpoint["optimizer"])
        generator.set_state(checkpoint["generator"])
        start = checkpoint["step"]
    for step in range(start, until):
        one_step(step, model, optimizer, generator)
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "generator": generator.get_state(),
        "step": until,
    }


# %%
# WRONG run: the step forgotten
# HINT Your second half starts at step 0 again, with trained weights: it does too many
# HINT steps, and at too high a rate. What must a checkpoint say about the place?
def run(until, checkpoint=None):
    model, optimizer, generator = new_parts()
    start = 0
    if checkpoint:
        model.load_state_dict(checkpoint["model"])
        optimizer.load_state_dict(checkpoint["optimizer"])
        generator.set_state(checkpoint["generator"])
    for step in range(start, until):
        one_step(step, model, optimizer, generator)
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "generator": generator.get_state(),
    }


# %%
# WRONG run: the right number of steps with the wrong names
# HINT You do the right number of steps, but you number them from 0 again. `one_step`
# HINT uses the number: what for?
def run(until, checkpoint=None):
    model, optimizer, generator = new_parts()
    start = 0
    if checkpoint:
        model.load_state_dict(checkpoint["model"])
        optimizer.load_state_dict(checkpoint["optimizer"])
        generator.set_state(checkpoint["generator"])
        start = checkpoint["step"]
    for step in range(until - start):
        one_step(step, model, optimizer, generator)
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "generator": generator.get_state(),
        "step": until,
    }


# %%
# WRONG run: one step skipped
# HINT One step is missing between the two halves. The first one ended before step
# HINT `until`: which step is the next?
def run(until, checkpoint=None):
    model, optimizer, generator = new_parts()
    start = 0
    if checkpoint:
        model.load_state_dict(checkpoint["model"])
        optimizer.load_state_dict(checkpoint["optimizer"])
        generator.set_state(checkpoint["generator"])
        start = checkpoint["step"] + 1
    for step in range(start, until):
        one_step(step, model, optimizer, generator)
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "generator": generator.get_state(),
        "step": until,
    }


# %%
# WRONG run: one step twice
# HINT One step is done twice: the last of the first half is also the first of the
# HINT second. Which step is the next?
def run(until, checkpoint=None):
    model, optimizer, generator = new_parts()
    start = 0
    if checkpoint:
        model.load_state_dict(checkpoint["model"])
        optimizer.load_state_dict(checkpoint["optimizer"])
        generator.set_state(checkpoint["generator"])
        start = checkpoint["step"]
    for step in range(start, until):
        one_step(step, model, optimizer, generator)
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "generator": generator.get_state(),
        "step": until - 1,
    }


# %%
# WRONG run: until counts the new steps
# HINT Your second half is too long: `until` is a place, not a number of steps to do.
def run(until, checkpoint=None):
    model, optimizer, generator = new_parts()
    start = 0
    if checkpoint:
        model.load_state_dict(checkpoint["model"])
        optimizer.load_state_dict(checkpoint["optimizer"])
        generator.set_state(checkpoint["generator"])
        start = checkpoint["step"]
    for step in range(start, start + until):
        one_step(step, model, optimizer, generator)
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "generator": generator.get_state(),
        "step": until,
    }


# %%
# WRONG run: whole objects
# HINT Your checkpoint holds whole objects, which a careful reader of files refuses,
# HINT since they could contain any program. Which methods give you the numbers in
# HINT them?
def run(until, checkpoint=None):
    model, optimizer, generator = new_parts()
    start = 0
    if checkpoint:
        model, optimizer = checkpoint["model"], checkpoint["optimizer"]
        generator.set_state(checkpoint["generator"])
        start = checkpoint["step"]
    for step in range(start, until):
        one_step(step, model, optimizer, generator)
    return {
        "model": model,
        "optimizer": optimizer,
        "generator": generator.get_state(),
        "step": until,
    }


# %%
# WRONG run: nothing given back
def run(until, checkpoint=None):
    model, optimizer, generator = new_parts()
    start = 0
    if checkpoint:
        model.load_state_dict(checkpoint["model"])
        optimizer.load_state_dict(checkpoint["optimizer"])
        generator.set_state(checkpoint["generator"])
        start = checkpoint["step"]
    for step in range(start, until):
        one_step(step, model, optimizer, generator)
    states = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "generator": generator.get_state(),
        "step": until,
    }


# %%
# RIGHT run: the generator as a list, the step from the optimizer
def run(until, checkpoint=None):
    model, optimizer, generator = new_parts()
    start = 0
    if checkpoint:
        model.load_state_dict(checkpoint["model"])
        optimizer.load_state_dict(checkpoint["optimizer"])
        state = torch.tensor(checkpoint["generator"], dtype=torch.uint8)
        generator.set_state(state)
        start = int(optimizer.state[next(model.parameters())]["step"])
    for step in range(start, until):
        one_step(step, model, optimizer, generator)
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "generator": generator.get_state().tolist(),
    }


# %%
# RIGHT run: the numbers drawn again for the steps that are done
def run(until, checkpoint=None):
    model, optimizer, generator = new_parts()
    start = 0
    if checkpoint:
        model.load_state_dict(checkpoint["model"])
        optimizer.load_state_dict(checkpoint["optimizer"])
        start = checkpoint["step"]
        for _ in range(start):
            torch.randint(50, (8,), generator=generator)
    for step in range(start, until):
        one_step(step, model, optimizer, generator)
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "step": until,
    }


# %%
# RIGHT run: a while loop, nested
def run(until, checkpoint=None):
    model, optimizer, generator = new_parts()
    start = 0
    if checkpoint:
        rest = checkpoint["rest"]
        start, drawn = rest["next"], rest["generator"]
        generator.set_state(drawn)
        optimizer.load_state_dict(rest["adamw"])
        model.load_state_dict(checkpoint["model"])
    while start < until:
        one_step(start, model, optimizer, generator)
        start += 1
    rest = {"next": start, "generator": generator.get_state()}
    rest["adamw"] = optimizer.state_dict()
    return {"rest": rest, "model": model.state_dict()}


# %%
# WRONG law: the floor forgotten
# HINT Your line is laid through the loss itself. The law is about the excess: what
# HINT must be taken away before the logarithm?
def fit_law(tokens, losses, floor):
    x = torch.tensor(tokens, dtype=torch.float64).log()
    y = torch.tensor(losses, dtype=torch.float64).log()
    dx = x - x.mean()
    slope = (dx * (y - y.mean())).sum() / (dx * dx).sum()
    return math.exp(y.mean() - slope * x.mean()), -slope.item()


def predict_loss(A, a, floor, tokens):
    return floor + A * tokens**-a


# %%
# WRONG law: the logarithm of the floor
# HINT You take the floor away after the logarithm. The excess is a difference of
# HINT losses: which comes first?
def fit_law(tokens, losses, floor):
    x = torch.tensor(tokens, dtype=torch.float64).log()
    y = torch.tensor(losses, dtype=torch.float64).log() - math.log(floor)
    dx = x - x.mean()
    slope = (dx * (y - y.mean())).sum() / (dx * dx).sum()
    return math.exp(y.mean() - slope * x.mean()), -slope.item()


def predict_loss(A, a, floor, tokens):
    return floor + A * tokens**-a


# %%
# WRONG law: the slope itself
# HINT Your a is negative: it is the slope of the line. How do the slope and a hang
# HINT together?
def fit_law(tokens, losses, floor):
    x = torch.tensor(tokens, dtype=torch.float64).log()
    y = (torch.tensor(losses, dtype=torch.float64) - floor).log()
    dx = x - x.mean()
    slope = (dx * (y - y.mean())).sum() / (dx * dx).sum()
    return math.exp(y.mean() - slope * x.mean()), slope.item()


def predict_loss(A, a, floor, tokens):
    return floor + A * tokens**-a


# %%
# WRONG law: the height not turned back
# HINT Your first number is ln A. How does one get A from it?
def fit_law(tokens, losses, floor):
    x = torch.tensor(tokens, dtype=torch.float64).log()
    y = (torch.tensor(losses, dtype=torch.float64) - floor).log()
    dx = x - x.mean()
    slope = (dx * (y - y.mean())).sum() / (dx * dx).sum()
    return (y.mean() - slope * x.mean()).item(), -slope.item()


def predict_loss(A, a, floor, tokens):
    return floor + A * tokens**-a


# %%
# WRONG law: the height in the middle
# HINT Your A is the excess in the middle of the points. The line has to be followed
# HINT back to where ln tokens is 0.
def fit_law(tokens, losses, floor):
    x = torch.tensor(tokens, dtype=torch.float64).log()
    y = (torch.tensor(losses, dtype=torch.float64) - floor).log()
    dx = x - x.mean()
    slope = (dx * (y - y.mean())).sum() / (dx * dx).sum()
    return math.exp(y.mean()), -slope.item()


def predict_loss(A, a, floor, tokens):
    return floor + A * tokens**-a


# %%
# WRONG law: the height with a plus
# HINT Your A is far too small: the height at 0 is the mean height *minus* the slope
# HINT times the mean place.
def fit_law(tokens, losses, floor):
    x = torch.tensor(tokens, dtype=torch.float64).log()
    y = (torch.tensor(losses, dtype=torch.float64) - floor).log()
    dx = x - x.mean()
    slope = (dx * (y - y.mean())).sum() / (dx * dx).sum()
    return math.exp(y.mean() + slope * x.mean()), -slope.item()


def predict_loss(A, a, floor, tokens):
    return floor + A * tokens**-a


# %%
# WRONG law: through the first and the last point
# HINT Your line goes through the first and the last point. For runs without luck that
# HINT is enough. What do the points between them say?
def fit_law(tokens, losses, floor):
    x = torch.tensor(tokens, dtype=torch.float64).log()
    y = (torch.tensor(losses, dtype=torch.float64) - floor).log()
    slope = (y[-1] - y[0]) / (x[-1] - x[0])
    return math.exp(y[0] - slope * x[0]), -slope.item()


def predict_loss(A, a, floor, tokens):
    return floor + A * tokens**-a


# %%
# WRONG law: through the first two points
# HINT Your line goes through the first two points only. Least squares listens to all
# HINT of them.
def fit_law(tokens, losses, floor):
    x = torch.tensor(tokens, dtype=torch.float64).log()
    y = (torch.tensor(losses, dtype=torch.float64) - floor).log()
    slope = (y[1] - y[0]) / (x[1] - x[0])
    return math.exp(y[0] - slope * x[0]), -slope.item()


def predict_loss(A, a, floor, tokens):
    return floor + A * tokens**-a


# %%
# WRONG law: the mean of the slopes
# HINT You take the mean of the slopes between neighbours, and that depends on the two
# HINT ends only. What does least squares minimise?
def fit_law(tokens, losses, floor):
    x = torch.tensor(tokens, dtype=torch.float64).log()
    y = (torch.tensor(losses, dtype=torch.float64) - floor).log()
    slope = ((y[1:] - y[:-1]) / (x[1:] - x[:-1])).mean()
    return math.exp(y.mean() - slope * x.mean()), -slope.item()


def predict_loss(A, a, floor, tokens):
    return floor + A * tokens**-a


# %%
# WRONG law: the line the other way round
# HINT Your line gives ln tokens for an excess, and then you turn it round. With luck
# HINT in the points that is another line: which of the two has the luck?
def fit_law(tokens, losses, floor):
    x = torch.tensor(tokens, dtype=torch.float64).log()
    y = (torch.tensor(losses, dtype=torch.float64) - floor).log()
    dy = y - y.mean()
    slope = (dy * dy).sum() / (dy * (x - x.mean())).sum()
    return math.exp(y.mean() - slope * x.mean()), -slope.item()


def predict_loss(A, a, floor, tokens):
    return floor + A * tokens**-a


# %%
# WRONG law: without the mean
# HINT Your line is forced through the point 0, 0, so ln A is 0. It has a height of its
# HINT own: what must be taken away from both before the products?
def fit_law(tokens, losses, floor):
    x = torch.tensor(tokens, dtype=torch.float64).log()
    y = (torch.tensor(losses, dtype=torch.float64) - floor).log()
    slope = (x * y).sum() / (x * x).sum()
    return 1.0, -slope.item()


def predict_loss(A, a, floor, tokens):
    return floor + A * tokens**-a


# %%
# WRONG law: logarithms to base ten
# HINT Your slope is right, for it is the same with every base. Your A is not: you took
# HINT logarithms to base ten and turned them back with e.
def fit_law(tokens, losses, floor):
    x = torch.tensor(tokens, dtype=torch.float64).log10()
    y = (torch.tensor(losses, dtype=torch.float64) - floor).log10()
    dx = x - x.mean()
    slope = (dx * (y - y.mean())).sum() / (dx * dx).sum()
    return math.exp(y.mean() - slope * x.mean()), -slope.item()


def predict_loss(A, a, floor, tokens):
    return floor + A * tokens**-a


# %%
# WRONG law: the two exchanged
# HINT You return (a, A). The task asks for (A, a).
def fit_law(tokens, losses, floor):
    x = torch.tensor(tokens, dtype=torch.float64).log()
    y = (torch.tensor(losses, dtype=torch.float64) - floor).log()
    dx = x - x.mean()
    slope = (dx * (y - y.mean())).sum() / (dx * dx).sum()
    return -slope.item(), math.exp(y.mean() - slope * x.mean())


def predict_loss(A, a, floor, tokens):
    return floor + A * tokens**-a


# %%
# WRONG law: predicted without the floor
# HINT Your fit is right. What you predict is the excess: what has to be added for the
# HINT loss?
def fit_law(tokens, losses, floor):
    x = torch.tensor(tokens, dtype=torch.float64).log()
    y = (torch.tensor(losses, dtype=torch.float64) - floor).log()
    dx = x - x.mean()
    slope = (dx * (y - y.mean())).sum() / (dx * dx).sum()
    return math.exp(y.mean() - slope * x.mean()), -slope.item()


def predict_loss(A, a, floor, tokens):
    return A * tokens**-a


# %%
# WRONG law: predicted to grow
# HINT What you predict grows with the tokens: which sign has the exponent?
def fit_law(tokens, losses, floor):
    x = torch.tensor(tokens, dtype=torch.float64).log()
    y = (torch.tensor(losses, dtype=torch.float64) - floor).log()
    dx = x - x.mean()
    slope = (dx * (y - y.mean())).sum() / (dx * dx).sum()
    return math.exp(y.mean() - slope * x.mean()), -slope.item()


def predict_loss(A, a, floor, tokens):
    return floor + A * tokens**a


# %%
# WRONG law: predicted with a product
# HINT You multiply by -a in place of raising to its power.
def fit_law(tokens, losses, floor):
    x = torch.tensor(tokens, dtype=torch.float64).log()
    y = (torch.tensor(losses, dtype=torch.float64) - floor).log()
    dx = x - x.mean()
    slope = (dx * (y - y.mean())).sum() / (dx * dx).sum()
    return math.exp(y.mean() - slope * x.mean()), -slope.item()


def predict_loss(A, a, floor, tokens):
    return floor + A * tokens * -a


# %%
# WRONG law: the power of the product
# HINT You raise A to the power as well: what is done first, the power or the product?
def fit_law(tokens, losses, floor):
    x = torch.tensor(tokens, dtype=torch.float64).log()
    y = (torch.tensor(losses, dtype=torch.float64) - floor).log()
    dx = x - x.mean()
    slope = (dx * (y - y.mean())).sum() / (dx * dx).sum()
    return math.exp(y.mean() - slope * x.mean()), -slope.item()


def predict_loss(A, a, floor, tokens):
    return floor + (A * tokens) ** -a


# %%
# WRONG law: the floor in the product
# HINT You multiply the floor, too: it stands alone, whatever the number of tokens.
def fit_law(tokens, losses, floor):
    x = torch.tensor(tokens, dtype=torch.float64).log()
    y = (torch.tensor(losses, dtype=torch.float64) - floor).log()
    dx = x - x.mean()
    slope = (dx * (y - y.mean())).sum() / (dx * dx).sum()
    return math.exp(y.mean() - slope * x.mean()), -slope.item()


def predict_loss(A, a, floor, tokens):
    return (floor + A) * tokens**-a


# %%
# WRONG law: nothing predicted
def fit_law(tokens, losses, floor):
    x = torch.tensor(tokens, dtype=torch.float64).log()
    y = (torch.tensor(losses, dtype=torch.float64) - floor).log()
    dx = x - x.mean()
    slope = (dx * (y - y.mean())).sum() / (dx * dx).sum()
    return math.exp(y.mean() - slope * x.mean()), -slope.item()


def predict_loss(A, a, floor, tokens):
    floor + A * tokens**-a


# %%
# RIGHT law: with numpy's polyfit
import numpy as np


def fit_law(tokens, losses, floor):
    slope, height = np.polyfit(np.log(tokens), np.log(np.array(losses) - floor), 1)
    return np.exp(height), -slope


def predict_loss(A, a, floor, tokens):
    return np.float64(floor + A / tokens**a)


# %%
# RIGHT law: torch.linalg.lstsq, tensors
def fit_law(tokens, losses, floor):
    x = torch.tensor(tokens).double().log()
    y = torch.tensor(losses).double().sub(floor).log()
    table = torch.stack([torch.ones_like(x), x], dim=1)
    height, slope = torch.linalg.lstsq(table, y[:, None]).solution[:, 0]
    return [height.exp(), -slope]


def predict_loss(A, a, floor, tokens):
    return torch.tensor(floor).double() + A * torch.tensor(tokens).double().pow(-a)


# %%
# RIGHT law: sums in plain Python
def fit_law(tokens, losses, floor):
    xs = [math.log(t) for t in tokens]
    ys = [math.log(loss - floor) for loss in losses]
    n, sx, sy = len(xs), sum(xs), sum(ys)
    sxx, sxy = sum(x * x for x in xs), sum(x * y for x, y in zip(xs, ys))
    slope = (n * sxy - sx * sy) / (n * sxx - sx**2)
    return math.e ** ((sy - slope * sx) / n), -slope


def predict_loss(A, a, floor, tokens):
    return floor + math.exp(math.log(A) - a * math.log(tokens))


# %%
# RIGHT law: base two, turned back with two
def fit_law(tokens, losses, floor):
    x, y = torch.tensor(tokens).double().log2(), torch.tensor(losses).double() - floor
    y = y.log2()
    slope = ((x - x.mean()) * y).sum() / ((x - x.mean()) * x).sum()
    return torch.stack([2 ** (y.mean() - slope * x.mean()), -slope])


def predict_loss(A, a, floor, tokens):
    return A / float(tokens) ** a + floor


# %%
# WRONG best_size: the six forgotten
# HINT You read six times too much: what does one token cost for each weight?
def best_size(operations, sizes, loss_of):
    pairs = [(size, operations / size) for size in sizes]
    return min(pairs, key=lambda pair: loss_of(*pair))


# %%
# WRONG best_size: divided by six, times the size
# HINT Check your units: a larger model can read fewer tokens for the same budget, not
# HINT more.
def best_size(operations, sizes, loss_of):
    pairs = [(size, operations / 6 * size) for size in sizes]
    return min(pairs, key=lambda pair: loss_of(*pair))


# %%
# WRONG best_size: two operations for each weight
# HINT You count the way forward only, two operations for each weight. The gradient
# HINT costs four more.
def best_size(operations, sizes, loss_of):
    pairs = [(size, operations / (2 * size)) for size in sizes]
    return min(pairs, key=lambda pair: loss_of(*pair))


# %%
# WRONG best_size: twenty tokens for each weight
# HINT You let each size read twenty tokens for each weight, whatever that costs. The
# HINT budget says how much it can read.
def best_size(operations, sizes, loss_of):
    pairs = [(size, 20 * size) for size in sizes]
    return min(pairs, key=lambda pair: loss_of(*pair))


# %%
# WRONG best_size: the largest model
# HINT You take the largest model. It may read so little that a smaller one ends lower:
# HINT who is asked for the loss?
def best_size(operations, sizes, loss_of):
    pairs = [(size, operations / (6 * size)) for size in sizes]
    return max(pairs)


# %%
# WRONG best_size: the smallest model
# HINT You take the smallest model. It reads the most text, but it may be too small to
# HINT use it: who is asked for the loss?
def best_size(operations, sizes, loss_of):
    pairs = [(size, operations / (6 * size)) for size in sizes]
    return min(pairs)


# %%
# WRONG best_size: the highest loss
# HINT You take the size with the largest loss.
def best_size(operations, sizes, loss_of):
    pairs = [(size, operations / (6 * size)) for size in sizes]
    return max(pairs, key=lambda pair: loss_of(*pair))


# %%
# WRONG best_size: the two exchanged for the law
# HINT You give the law the tokens where it wants the size.
def best_size(operations, sizes, loss_of):
    pairs = [(size, operations / (6 * size)) for size in sizes]
    return min(pairs, key=lambda pair: loss_of(pair[1], pair[0]))


# %%
# WRONG best_size: the loss as well
def best_size(operations, sizes, loss_of):
    pairs = [(size, operations / (6 * size)) for size in sizes]
    return min((loss_of(*pair), *pair) for pair in pairs)


# %%
# WRONG best_size: the pair turned round
# HINT You return the tokens first. The task asks for `(size, tokens)`.
def best_size(operations, sizes, loss_of):
    pairs = [(size, operations / (6 * size)) for size in sizes]
    return min(pairs, key=lambda pair: loss_of(*pair))[::-1]


# %%
# WRONG best_size: only the size
def best_size(operations, sizes, loss_of):
    return min(sizes, key=lambda size: loss_of(size, operations / (6 * size)))


# %%
# RIGHT best_size: a loop that keeps the best
def best_size(operations, sizes, loss_of):
    best = (math.inf, 0, 0)
    for n in sizes:
        d = operations / 6 / n
        loss = loss_of(n, d)
        if loss < best[0]:
            best = (loss, n, d)
    return list(best[1:])


# %%
# RIGHT best_size: with numpy
def best_size(operations, sizes, loss_of):
    import numpy as np

    n = np.array(sizes, dtype=float)
    d = operations / (6 * n)
    i = np.argmin([loss_of(*pair) for pair in zip(n, d)])
    return np.array([n[i], d[i]])


# %%
# RIGHT best_size: tensors, sorted
def best_size(operations, sizes, loss_of):
    losses = torch.tensor([loss_of(n, operations / 6 / n) for n in sizes]).double()
    size = sizes[losses.argsort()[0]]
    return torch.tensor(size), torch.tensor(operations / 6 / size).double()


# %%
# WRONG zoo: only the groups still ill
# HINT `parameter_groups` still makes one group, in which everything decays. How can
# HINT you tell a matrix from a bias?
def parameter_groups(model, decay):
    return [{"params": list(model.parameters()), "weight_decay": decay}]


def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def evaluate(model, x, y):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        loss = F.cross_entropy(model(x), y).item()
    model.train(was_training)
    return loss


# %%
# WRONG zoo: only the step still ill
# HINT The first two losses are right, and then it goes wrong: in
# HINT `train_step`, what is in `.grad` before the second gradient is computed?
def parameter_groups(model, decay):
    matrices = [p for p in model.parameters() if p.ndim == 2]
    others = [p for p in model.parameters() if p.ndim != 2]
    first = {"params": matrices, "weight_decay": decay}
    return [first, {"params": others, "weight_decay": 0.0}]


def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


def evaluate(model, x, y):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        loss = F.cross_entropy(model(x), y).item()
    model.train(was_training)
    return loss


# %%
# WRONG zoo: only the evaluation still ill
# HINT `evaluate` still switches random numbers off while the model is in training mode: `no_grad`
# HINT switches the gradients off. What switches dropout off?
def parameter_groups(model, decay):
    matrices = [p for p in model.parameters() if p.ndim == 2]
    others = [p for p in model.parameters() if p.ndim != 2]
    first = {"params": matrices, "weight_decay": decay}
    return [first, {"params": others, "weight_decay": 0.0}]


def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def evaluate(model, x, y):
    with torch.no_grad():
        return F.cross_entropy(model(x), y).item()


# %%
# WRONG zoo: as given
# HINT All three functions still have their fault. Begin with `train_step`: what does torch do
# HINT with a new gradient if there is an old one?
def parameter_groups(model, decay):
    return [{"params": list(model.parameters()), "weight_decay": decay}]


def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


def evaluate(model, x, y):
    with torch.no_grad():
        return F.cross_entropy(model(x), y).item()


# %%
# WRONG zoo: the groups by name
# HINT The biases are safe now. The gains of the norms still decay: they are not called
# HINT bias. What do both have in common?
def parameter_groups(model, decay):
    named = list(model.named_parameters())
    biases = [p for name, p in named if "bias" in name]
    others = [p for name, p in named if "bias" not in name]
    first = {"params": others, "weight_decay": decay}
    return [first, {"params": biases, "weight_decay": 0.0}]


def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def evaluate(model, x, y):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        loss = F.cross_entropy(model(x), y).item()
    model.train(was_training)
    return loss


# %%
# WRONG zoo: the groups turned round
# HINT Now the matrices stay and the gains and biases decay: which of the two groups
# HINT gets the decay?
def parameter_groups(model, decay):
    matrices = [p for p in model.parameters() if p.ndim < 2]
    others = [p for p in model.parameters() if p.ndim >= 2]
    first = {"params": matrices, "weight_decay": decay}
    return [first, {"params": others, "weight_decay": 0.0}]


def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def evaluate(model, x, y):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        loss = F.cross_entropy(model(x), y).item()
    model.train(was_training)
    return loss


# %%
# WRONG zoo: the others not trained
# HINT The gains and biases have not moved at all: they are in no group, so nobody
# HINT trains them.
def parameter_groups(model, decay):
    matrices = [p for p in model.parameters() if p.ndim == 2]
    return [{"params": matrices, "weight_decay": decay}]


def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def evaluate(model, x, y):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        loss = F.cross_entropy(model(x), y).item()
    model.train(was_training)
    return loss


# %%
# WRONG zoo: nothing decays
# HINT Nothing decays any more: the matrices should.
def parameter_groups(model, decay):
    return [{"params": list(model.parameters()), "weight_decay": 0.0}]


def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def evaluate(model, x, y):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        loss = F.cross_entropy(model(x), y).item()
    model.train(was_training)
    return loss


# %%
# WRONG zoo: the decay left to AdamW
# HINT The gains and biases still decay, a little: a group that does not say how much
# HINT gets AdamW's usual value. What must your second group say?
def parameter_groups(model, decay):
    matrices = [p for p in model.parameters() if p.ndim == 2]
    others = [p for p in model.parameters() if p.ndim != 2]
    first = {"params": matrices, "weight_decay": decay}
    return [first, {"params": others}]


def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def evaluate(model, x, y):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        loss = F.cross_entropy(model(x), y).item()
    model.train(was_training)
    return loss


# %%
# WRONG zoo: emptied too late
# HINT All your losses are the same, so nothing is learned. Does the optimizer take a
# HINT step, and what has happened to the gradient by then?
def parameter_groups(model, decay):
    matrices = [p for p in model.parameters() if p.ndim == 2]
    others = [p for p in model.parameters() if p.ndim != 2]
    first = {"params": matrices, "weight_decay": decay}
    return [first, {"params": others, "weight_decay": 0.0}]


def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


def evaluate(model, x, y):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        loss = F.cross_entropy(model(x), y).item()
    model.train(was_training)
    return loss


# %%
# WRONG zoo: the step before the gradient
# HINT Your steps come one too late: the optimizer moves before the new gradient is
# HINT there. In which order do the two stand?
def parameter_groups(model, decay):
    matrices = [p for p in model.parameters() if p.ndim == 2]
    others = [p for p in model.parameters() if p.ndim != 2]
    first = {"params": matrices, "weight_decay": decay}
    return [first, {"params": others, "weight_decay": 0.0}]


def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    optimizer.step()
    optimizer.zero_grad()
    loss.backward()
    return loss.item()


def evaluate(model, x, y):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        loss = F.cross_entropy(model(x), y).item()
    model.train(was_training)
    return loss


# %%
# WRONG zoo: the loss after the step
# HINT The steps are right, but you give the loss after each of them. Which one is
# HINT asked for?
def parameter_groups(model, decay):
    matrices = [p for p in model.parameters() if p.ndim == 2]
    others = [p for p in model.parameters() if p.ndim != 2]
    first = {"params": matrices, "weight_decay": decay}
    return [first, {"params": others, "weight_decay": 0.0}]


def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return F.cross_entropy(model(x), y).item()


def evaluate(model, x, y):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        loss = F.cross_entropy(model(x), y).item()
    model.train(was_training)
    return loss


# %%
# WRONG zoo: left in use
# HINT The losses are right, but the model that was being trained is not in training
# HINT mode afterwards: from now on it would train without dropout. What must be put
# HINT back?
def parameter_groups(model, decay):
    matrices = [p for p in model.parameters() if p.ndim == 2]
    others = [p for p in model.parameters() if p.ndim != 2]
    first = {"params": matrices, "weight_decay": decay}
    return [first, {"params": others, "weight_decay": 0.0}]


def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def evaluate(model, x, y):
    model.eval()
    with torch.no_grad():
        return F.cross_entropy(model(x), y).item()


# %%
# WRONG zoo: always back to training
# HINT The losses are right, and the model that was being trained is again. But a model
# HINT in use comes back in training mode: how can you know how it was before?
def parameter_groups(model, decay):
    matrices = [p for p in model.parameters() if p.ndim == 2]
    others = [p for p in model.parameters() if p.ndim != 2]
    first = {"params": matrices, "weight_decay": decay}
    return [first, {"params": others, "weight_decay": 0.0}]


def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def evaluate(model, x, y):
    model.eval()
    loss = F.cross_entropy(model(x), y).item()
    model.train()
    return loss


# %%
# WRONG zoo: back to training too early
# HINT Your model is back in training mode before the loss is computed, so dropout is
# HINT on again in both calls. In which order must these lines stand?
def parameter_groups(model, decay):
    matrices = [p for p in model.parameters() if p.ndim == 2]
    others = [p for p in model.parameters() if p.ndim != 2]
    first = {"params": matrices, "weight_decay": decay}
    return [first, {"params": others, "weight_decay": 0.0}]


def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def evaluate(model, x, y):
    model.eval()
    model.train()
    with torch.no_grad():
        return F.cross_entropy(model(x), y).item()


# %%
# WRONG zoo: the evaluation gives nothing
def parameter_groups(model, decay):
    matrices = [p for p in model.parameters() if p.ndim == 2]
    others = [p for p in model.parameters() if p.ndim != 2]
    first = {"params": matrices, "weight_decay": decay}
    return [first, {"params": others, "weight_decay": 0.0}]


def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def evaluate(model, x, y):
    model.eval()
    F.cross_entropy(model(x), y).item()


# %%
# RIGHT zoo: a group for each parameter, autograd.grad, a copy
def parameter_groups(model, decay):
    return [
        {"params": [p], "weight_decay": decay * (p.dim() == 2)}
        for p in model.parameters()
    ]


def train_step(model, optimizer, x, y):
    weights = list(model.parameters())
    loss = F.nll_loss(model(x).log_softmax(-1), y)
    for w, g in zip(weights, torch.autograd.grad(loss, weights)):
        w.grad = g
    optimizer.step()
    return float(loss)


def evaluate(model, x, y):
    import copy

    twin = copy.deepcopy(model).eval()
    return F.cross_entropy(twin(x), y).item()


# %%
# RIGHT zoo: emptied at the end, try and finally
def parameter_groups(model, decay):
    groups = {True: [], False: []}
    for weight in model.parameters():
        groups[len(weight.shape) > 1].append(weight)
    return [
        {"weight_decay": 0, "params": groups[False]},
        {"weight_decay": decay, "params": groups[True]},
    ]


def train_step(model, optimizer, x, y):
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=False)
    return loss.detach().item()


@torch.no_grad()
def evaluate(model, x, y):
    mode = model.training
    try:
        return F.cross_entropy(model.eval()(x), y).item()
    finally:
        model.train(mode)


# %%
# RIGHT zoo: losses as tensors without axes
def parameter_groups(model, decay):
    flat = [p for p in model.parameters() if p.dim() < 2]
    square = [p for p in model.parameters() if p.dim() > 1]
    return (
        {"params": flat, "weight_decay": 0.0},
        {"params": square, "weight_decay": decay},
    )


def train_step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.detach()


def evaluate(model, x, y):
    was_training = model.training
    with torch.no_grad():
        loss = F.cross_entropy(model.eval()(x), y)
    model.train(was_training)
    return loss


# %%
# RIGHT zoo: by the kinds of layers
def parameter_groups(model, decay):
    linear = [m for m in model.modules() if isinstance(m, nn.Linear)]
    ids = {id(m.weight) for m in linear}
    rest = [p for p in model.parameters() if id(p) not in ids]
    return [
        dict(params=[m.weight for m in linear], weight_decay=decay),
        dict(params=rest, weight_decay=0.0),
    ]


def train_step(model, optimizer, x, y):
    model.zero_grad()
    z = model(x)
    loss = (z.logsumexp(1) - z[torch.arange(len(y)), y]).mean()
    loss.backward()
    optimizer.step()
    return loss.tolist()


def evaluate(model, x, y):
    with torch.inference_mode():
        before = model.training
        z = model.train(False)(x)
        model.train(before)
        return -z.log_softmax(1)[range(len(y)), y].mean().item()
