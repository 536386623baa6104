# Homework 16: answers that must fail with their hint, and answers that must pass.


# %%
# WRONG rate_at: the warm-up begins at nothing
# HINT Your first step has the rate 0, so it is wasted. At which step does the warm-up
# HINT reach `largest`, and what is the rate at step 0?
def rate_at(step, largest, smallest, steps, warmup):
    if step < warmup:
        return largest * step / warmup
    done = (step - warmup) / (steps - warmup)
    return smallest + (largest - smallest) * (1 + math.cos(math.pi * done)) / 2


# %%
# WRONG rate_at: the warm-up ends too low
# HINT Your warm-up is a little too low at every step: into how many equal pieces is
# HINT the way up divided?
def rate_at(step, largest, smallest, steps, warmup):
    if step < warmup:
        return largest * (step + 1) / (warmup + 1)
    done = (step - warmup) / (steps - warmup)
    return smallest + (largest - smallest) * (1 + math.cos(math.pi * done)) / 2


# %%
# WRONG rate_at: no warm-up
# HINT Your rate starts at `largest` although there is a warm-up: what happens in the
# HINT first `warmup` steps?
def rate_at(step, largest, smallest, steps, warmup):
    done = max(0, step - warmup) / (steps - warmup)
    return smallest + (largest - smallest) * (1 + math.cos(math.pi * done)) / 2


# %%
# WRONG rate_at: the cosine begins at step 0
# HINT Your warm-up is right. When it ends, your cosine has been falling for a while:
# HINT at which step does it begin?
def rate_at(step, largest, smallest, steps, warmup):
    if step < warmup:
        return largest * (step + 1) / warmup
    done = step / steps
    return smallest + (largest - smallest) * (1 + math.cos(math.pi * done)) / 2


# %%
# WRONG rate_at: the cosine begins after the warm-up and ends too late
# HINT Your cosine begins at the right step, but it takes too long: how many steps are
# HINT left when the warm-up is over?
def rate_at(step, largest, smallest, steps, warmup):
    if step < warmup:
        return largest * (step + 1) / warmup
    done = (step - warmup) / steps
    return smallest + (largest - smallest) * (1 + math.cos(math.pi * done)) / 2


# %%
# WRONG rate_at: the end one step early
# HINT Your cosine ends at the last step. The task lets it end one step later: at step
# HINT `steps`.
def rate_at(step, largest, smallest, steps, warmup):
    if step < warmup:
        return largest * (step + 1) / warmup
    done = (step - warmup) / (steps - warmup - 1)
    return smallest + (largest - smallest) * (1 + math.cos(math.pi * done)) / 2


# %%
# WRONG rate_at: a straight line
# HINT The ends of your fall are right, but it is a straight line. Which curve does the
# HINT task ask for?
def rate_at(step, largest, smallest, steps, warmup):
    if step < warmup:
        return largest * (step + 1) / warmup
    done = (step - warmup) / (steps - warmup)
    return largest + (smallest - largest) * done


# %%
# WRONG rate_at: down to nothing
# HINT Your rate falls to 0: where does `smallest` come in?
def rate_at(step, largest, smallest, steps, warmup):
    if step < warmup:
        return largest * (step + 1) / warmup
    done = (step - warmup) / (steps - warmup)
    return largest * (1 + math.cos(math.pi * done)) / 2


# %%
# WRONG rate_at: cut off at the smallest
# HINT Your rate heads for 0 and is cut off at `smallest`. The task wants the whole
# HINT wave to fit between `largest` and `smallest`.
def rate_at(step, largest, smallest, steps, warmup):
    if step < warmup:
        return largest * (step + 1) / warmup
    done = (step - warmup) / (steps - warmup)
    return max(smallest, largest * (1 + math.cos(math.pi * done)) / 2)


# %%
# WRONG rate_at: the smallest added to the whole wave
# HINT Your fall starts above `largest`: you lift the wave by `smallest`. How high must
# HINT the wave itself be then?
def rate_at(step, largest, smallest, steps, warmup):
    if step < warmup:
        return largest * (step + 1) / warmup
    done = (step - warmup) / (steps - warmup)
    return smallest + largest * (1 + math.cos(math.pi * done)) / 2


# %%
# WRONG rate_at: not halved
# HINT Your fall starts far above `largest`: 1 + cos goes from 2 to 0. What should go
# HINT from 1 to 0?
def rate_at(step, largest, smallest, steps, warmup):
    if step < warmup:
        return largest * (step + 1) / warmup
    done = (step - warmup) / (steps - warmup)
    return smallest + (largest - smallest) * (1 + math.cos(math.pi * done))


# %%
# WRONG rate_at: a whole wave
# HINT Your rate falls and rises again: you run through a whole cosine wave. Which part
# HINT of it is asked for?
def rate_at(step, largest, smallest, steps, warmup):
    if step < warmup:
        return largest * (step + 1) / warmup
    done = (step - warmup) / (steps - warmup)
    return smallest + (largest - smallest) * (1 + math.cos(2 * math.pi * done)) / 2


# %%
# WRONG rate_at: upside down
# HINT After the warm-up your rate jumps down and rises: what is the cosine of 0, and
# HINT which rate belongs to it?
def rate_at(step, largest, smallest, steps, warmup):
    if step < warmup:
        return largest * (step + 1) / warmup
    done = (step - warmup) / (steps - warmup)
    return smallest + (largest - smallest) * (1 - math.cos(math.pi * done)) / 2


# %%
# WRONG rate_at: a warm-up of 0 divides
# HINT With a warm-up all is right. Without one you divide by 0: what should be skipped
# HINT then?
def rate_at(step, largest, smallest, steps, warmup):
    rising = largest * (step + 1) / warmup
    done = (step - warmup) / (steps - warmup)
    falling = smallest + (largest - smallest) * (1 + math.cos(math.pi * done)) / 2
    return rising if step < warmup else falling


# %%
# WRONG rate_at: no return at the end
def rate_at(step, largest, smallest, steps, warmup):
    if step < warmup:
        return largest * (step + 1) / warmup
    done = (step - warmup) / (steps - warmup)
    rate = smallest + (largest - smallest) * (1 + math.cos(math.pi * done)) / 2


# %%
# RIGHT rate_at: a square of half the cosine
def rate_at(step, largest, smallest, steps, warmup):
    if warmup > step:
        return (step + 1) * (largest / warmup)
    angle = (step - warmup) * math.pi / (2 * (steps - warmup))
    return largest * math.cos(angle) ** 2 + smallest * math.sin(angle) ** 2


# %%
# RIGHT rate_at: with torch, the two ends mixed
def rate_at(step, largest, smallest, steps, warmup):
    if step + 1 <= warmup:
        return torch.linspace(0, largest, warmup + 1)[step + 1].item()
    wave = torch.cos(torch.linspace(0, torch.pi, steps - warmup + 1))
    middle, height = (largest + smallest) / 2, (largest - smallest) / 2
    return (middle + height * wave[step - warmup]).item()


# %%
# RIGHT rate_at: a tensor without axes
def rate_at(step, largest, smallest, steps, warmup):
    done = torch.tensor((step - warmup) / (steps - warmup), dtype=torch.float64)
    cosine = smallest + (largest - smallest) * (1 + torch.cos(torch.pi * done)) / 2
    rising = largest * (step + 1) / torch.tensor(warmup)
    return torch.where(torch.tensor(step < warmup), rising, cosine)


# %%
# RIGHT rate_at: a float64 of numpy
import numpy as np


def rate_at(step, largest, smallest, steps, warmup):
    if step < warmup:
        return np.float64(largest) * (step + 1) / warmup
    wave = np.cos(np.pi * (step - warmup) / (steps - warmup))
    return smallest + 0.5 * (largest - smallest) * (1 + wave)


# %%
# RIGHT rate_at: a list of all rates, with numpy
def rate_at(step, largest, smallest, steps, warmup):
    import numpy as np

    up = [largest * (i + 1) / warmup for i in range(warmup)]
    share = (1 + np.cos(np.linspace(0, np.pi, steps - warmup, endpoint=False))) / 2
    down = share * largest + (1 - share) * smallest
    return float([*up, *down][step])


# %%
# WRONG clip: the slide
# HINT This is what the slide does: it cuts every number by itself, so the arrow points
# HINT somewhere else afterwards. What do (3, 4) and (0.6, 0.8) have in common?
def global_norm(gradients):
    return math.sqrt(sum(g.square().sum().item() for g in gradients))


def clip(gradients, longest):
    return [g.clamp(-longest, longest) for g in gradients]


# %%
# WRONG clip: each tensor by itself
# HINT You shorten each tensor by its own length. Together the tensors are one arrow:
# HINT by how many factors may it be multiplied?
def global_norm(gradients):
    return math.sqrt(sum(g.square().sum().item() for g in gradients))


def clip(gradients, longest):
    return [g * min(1.0, longest / g.norm().item()) for g in gradients]


# %%
# WRONG clip: short ones grow
# HINT A long gradient comes out right. A short one is made longer: what should happen
# HINT to it?
def global_norm(gradients):
    return math.sqrt(sum(g.square().sum().item() for g in gradients))


def clip(gradients, longest):
    norm = global_norm(gradients)
    return [g * longest / norm for g in gradients]


# %%
# WRONG clip: only short ones change
# HINT You leave long gradients alone and change the short ones: which way does your
# HINT comparison look?
def global_norm(gradients):
    return math.sqrt(sum(g.square().sum().item() for g in gradients))


def clip(gradients, longest):
    norm = global_norm(gradients)
    return [g * max(1.0, longest / norm) for g in gradients]


# %%
# WRONG clip: to length one
# HINT The direction is kept, and your long gradients get the length 1, whatever the
# HINT limit is. Which length is asked for?
def global_norm(gradients):
    return math.sqrt(sum(g.square().sum().item() for g in gradients))


def clip(gradients, longest):
    norm = global_norm(gradients)
    return [g / norm if norm > longest else g.clone() for g in gradients]


# %%
# WRONG clip: in place
# HINT The result is right, but you wrote into the tensors that were given to you:
# HINT whoever uses them again finds them changed. What kind of tensors should `clip`
# HINT return?
def global_norm(gradients):
    return math.sqrt(sum(g.square().sum().item() for g in gradients))


def clip(gradients, longest):
    norm = global_norm(gradients)
    for g in gradients:
        g *= min(1.0, longest / norm)
    return gradients


# %%
# WRONG clip: no root
# HINT This is the square of the length: which step is missing?
def global_norm(gradients):
    return sum(g.square().sum().item() for g in gradients)


def clip(gradients, longest):
    norm = global_norm(gradients)
    return [g * min(1.0, longest / norm) for g in gradients]


# %%
# WRONG clip: lengths added up
# HINT You add up the lengths of the tensors. Arrows at right angles do not add up like
# HINT that: 3 and 4 make 5. What does add up?
def global_norm(gradients):
    return sum(g.norm().item() for g in gradients)


def clip(gradients, longest):
    norm = global_norm(gradients)
    return [g * min(1.0, longest / norm) for g in gradients]


# %%
# WRONG clip: absolute values
# HINT You add up the numbers without their signs. The length of an arrow is measured
# HINT otherwise: what happens to each number before the sum?
def global_norm(gradients):
    return sum(g.abs().sum().item() for g in gradients)


def clip(gradients, longest):
    norm = global_norm(gradients)
    return [g * min(1.0, longest / norm) for g in gradients]


# %%
# WRONG clip: the mean square
# HINT You take a mean where the length has a sum: this is the size of lesson 13, not
# HINT the length of the arrow.
def global_norm(gradients):
    return torch.cat([g.flatten() for g in gradients]).square().mean().sqrt().item()


def clip(gradients, longest):
    norm = global_norm(gradients)
    return [g * min(1.0, longest / norm) for g in gradients]


# %%
# WRONG clip: the largest number
# HINT This is the largest single number. An arrow with many small numbers can be long,
# HINT too: how is its length measured?
def global_norm(gradients):
    return max(g.abs().max().item() for g in gradients)


def clip(gradients, longest):
    norm = global_norm(gradients)
    return [g * min(1.0, longest / norm) for g in gradients]


# %%
# WRONG clip: the longest tensor
# HINT This is the length of the longest tensor in the list. The others belong to the
# HINT arrow as well.
def global_norm(gradients):
    return max(g.norm().item() for g in gradients)


def clip(gradients, longest):
    norm = global_norm(gradients)
    return [g * min(1.0, longest / norm) for g in gradients]


# %%
# WRONG clip: one long tensor
def global_norm(gradients):
    return math.sqrt(sum(g.square().sum().item() for g in gradients))


def clip(gradients, longest):
    flat = torch.cat([g.flatten() for g in gradients])
    return flat * min(1.0, longest / flat.norm().item())


# %%
# RIGHT clip: a norm of norms, and an if
def global_norm(gradients):
    return torch.stack([torch.linalg.vector_norm(g) for g in gradients]).norm().item()


def clip(gradients, longest):
    length = global_norm(gradients)
    if length <= longest:
        return [torch.clone(g) for g in gradients]
    return [longest * (g / length) for g in gradients]


# %%
# RIGHT clip: tensors without axes, and a tuple
def global_norm(gradients):
    return torch.stack([g.square().sum() for g in gradients]).sum().sqrt()


def clip(gradients, longest):
    factor = (longest / global_norm(gradients)).clamp(max=1)
    return tuple(g * factor for g in gradients)


# %%
# RIGHT clip: arrays of numpy
import numpy as np


def global_norm(gradients):
    return np.linalg.norm(np.concatenate([g.numpy().ravel() for g in gradients]))


def clip(gradients, longest):
    factor = min(1.0, longest / global_norm(gradients))
    return [g.numpy() * factor for g in gradients]


# %%
# RIGHT clip: hypot of all numbers
def global_norm(gradients):
    return math.hypot(*(x for g in gradients for x in g.flatten().tolist()))


def clip(gradients, longest):
    shrink = longest / max(longest, global_norm(gradients))
    return [g.mul(shrink) for g in gradients]


# %%
# RIGHT clip: with numpy and a small eps, as torch does
import numpy as np


def global_norm(gradients):
    return float(np.sqrt(sum(np.vdot(g.numpy(), g.numpy()) for g in gradients)))


def clip(gradients, longest):
    factor = np.clip(longest / (global_norm(gradients) + 1e-6), None, 1.0)
    return [torch.from_numpy(g.numpy() * factor) for g in gradients]


# %%
# WRONG accumulate: the whole batch at once
# HINT The gradient is right, but `loss_of` was given all rows at once: for that there
# HINT is no memory. How many rows may it get?
def accumulate(model, loss_of, inputs, targets, sizes):
    loss_of(model, inputs, targets).backward()


# %%
# WRONG accumulate: no share
# HINT Your gradient is too long: each part counts as if it were the whole batch. What
# HINT is the share of a part?
def accumulate(model, loss_of, inputs, targets, sizes):
    for x, y in zip(inputs.split(sizes), targets.split(sizes)):
        loss_of(model, x, y).backward()


# %%
# WRONG accumulate: every part counts the same
# HINT With equal parts you are right. With unequal ones your parts all count the same,
# HINT and a row in a small part counts more than one in a large part. What does the
# HINT example in the task say about 3.75?
def accumulate(model, loss_of, inputs, targets, sizes):
    for x, y in zip(inputs.split(sizes), targets.split(sizes)):
        (loss_of(model, x, y) / len(sizes)).backward()


# %%
# WRONG accumulate: times the rows
# HINT Each part counts with its rows, so the parts have the right weight among
# HINT themselves. But together they should count as one mean: what is missing?
def accumulate(model, loss_of, inputs, targets, sizes):
    for x, y in zip(inputs.split(sizes), targets.split(sizes)):
        (loss_of(model, x, y) * len(x)).backward()


# %%
# WRONG accumulate: divided by the rows
# HINT You divide the loss of a part by its rows, but it is a mean already. Which parts
# HINT should count more, the large ones or the small ones?
def accumulate(model, loss_of, inputs, targets, sizes):
    for x, y in zip(inputs.split(sizes), targets.split(sizes)):
        (loss_of(model, x, y) / len(x)).backward()


# %%
# WRONG accumulate: emptied in the loop
# HINT Only the last part is left: you empty the gradients before every part. When
# HINT should they be empty?
def accumulate(model, loss_of, inputs, targets, sizes):
    for x, y in zip(inputs.split(sizes), targets.split(sizes)):
        model.zero_grad()
        (loss_of(model, x, y) * len(x) / len(inputs)).backward()


# %%
# WRONG accumulate: the first rows again and again
# HINT Your parts overlap: each begins at its number in the list of parts. How many
# HINT rows came before it?
def accumulate(model, loss_of, inputs, targets, sizes):
    for i, n in enumerate(sizes):
        loss = loss_of(model, inputs[i : i + n], targets[i : i + n])
        (loss * n / len(inputs)).backward()


# %%
# WRONG accumulate: always the beginning
# HINT Every part of yours begins at the first row, so the early rows are read again
# HINT and again. Where does a part begin?
def accumulate(model, loss_of, inputs, targets, sizes):
    for n in sizes:
        (loss_of(model, inputs[:n], targets[:n]) * n / len(inputs)).backward()


# %%
# WRONG accumulate: parts of its own choice
# HINT The gradient is right, but your parts have sizes of their own: `sizes` says how
# HINT many rows each part has.
def accumulate(model, loss_of, inputs, targets, sizes):
    k = len(sizes)
    for x, y in zip(inputs.chunk(k), targets.chunk(k)):
        (loss_of(model, x, y) * len(x) / len(inputs)).backward()


# %%
# WRONG accumulate: every part as long as the first
# HINT The gradient is right, but all your parts are as long as the first one: what do the
# HINT other numbers in `sizes` say?
def accumulate(model, loss_of, inputs, targets, sizes):
    for x, y in zip(inputs.split(sizes[0]), targets.split(sizes[0])):
        (loss_of(model, x, y) * len(x) / len(inputs)).backward()


# %%
# WRONG accumulate: row by row
# HINT The gradient is right, but you go through the batch row by row, and that is slow.
# HINT How many rows may a part have?
def accumulate(model, loss_of, inputs, targets, sizes):
    for x, y in zip(inputs.split(1), targets.split(1)):
        (loss_of(model, x, y) / len(inputs)).backward()


# %%
# WRONG accumulate: the mean of the parts by the mean size
# HINT Your parts have a weight that does not depend on how many rows they have. Which
# HINT part should count more, one of five rows or one of one?
def accumulate(model, loss_of, inputs, targets, sizes):
    for x, y in zip(inputs.split(sizes), targets.split(sizes)):
        (loss_of(model, x, y) * sizes[0] / len(inputs)).backward()


# %%
# WRONG accumulate: no way back
def accumulate(model, loss_of, inputs, targets, sizes):
    total = 0
    for x, y in zip(inputs.split(sizes), targets.split(sizes)):
        total = total + loss_of(model, x, y) * len(x)
    total = total / len(inputs)


# %%
# RIGHT accumulate: slices with a running start
def accumulate(model, loss_of, inputs, targets, sizes):
    start = 0
    for n in sizes:
        here = slice(start, start + n)
        loss = loss_of(model, inputs[here], targets[here])
        (loss * (n / sum(sizes))).backward()
        start += n


# %%
# RIGHT accumulate: one loss, one way back
def accumulate(model, loss_of, inputs, targets, sizes):
    losses = [
        loss_of(model, x, y) * len(y)
        for x, y in zip(torch.split(inputs, sizes), torch.split(targets, sizes))
    ]
    (torch.stack(losses).sum() / targets.shape[0]).backward()


# %%
# RIGHT accumulate: autograd.grad, row by row in each part
def accumulate(model, loss_of, inputs, targets, sizes):
    weights = list(model.parameters())
    totals = [torch.zeros_like(w) for w in weights]
    rows, start = list(range(len(inputs))), 0
    for n in sizes:
        part = rows[start : start + n]
        start += n
        loss = loss_of(model, inputs[part], targets[part])
        for total, g in zip(totals, torch.autograd.grad(loss, weights)):
            total += n * g
    for w, total in zip(weights, totals):
        w.grad = total / len(rows)


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
        "dice": generator.get_state(),
        "step": until,
    }


# %%
# WRONG run: the weights only
# HINT You put back the weights and the step. They are not all that the next step
# HINT depends on: what do the optimizer and the dice remember?
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
# HINT Weights, dice and step are back. AdamW has a memory too, of the gradients that
# HINT it has seen: is it in your checkpoint, and is it put back?
def run(until, checkpoint=None):
    model, optimizer, generator = new_parts()
    start = 0
    if checkpoint:
        model.load_state_dict(checkpoint["model"])
        generator.set_state(checkpoint["dice"])
        start = checkpoint["step"]
    for step in range(start, until):
        one_step(step, model, optimizer, generator)
    return {
        "model": model.state_dict(),
        "dice": generator.get_state(),
        "step": until,
    }


# %%
# WRONG run: the dice forgotten
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
# HINT The optimizer, the dice and the step are back, and the model is a fresh one:
# HINT what has to be loaded as well?
def run(until, checkpoint=None):
    model, optimizer, generator = new_parts()
    start = 0
    if checkpoint:
        optimizer.load_state_dict(checkpoint["optimizer"])
        generator.set_state(checkpoint["dice"])
        start = checkpoint["step"]
    for step in range(start, until):
        one_step(step, model, optimizer, generator)
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "dice": generator.get_state(),
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
        generator.set_state(checkpoint["dice"])
    for step in range(start, until):
        one_step(step, model, optimizer, generator)
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "dice": generator.get_state(),
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
        generator.set_state(checkpoint["dice"])
        start = checkpoint["step"]
    for step in range(until - start):
        one_step(step, model, optimizer, generator)
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "dice": generator.get_state(),
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
        generator.set_state(checkpoint["dice"])
        start = checkpoint["step"] + 1
    for step in range(start, until):
        one_step(step, model, optimizer, generator)
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "dice": generator.get_state(),
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
        generator.set_state(checkpoint["dice"])
        start = checkpoint["step"]
    for step in range(start, until):
        one_step(step, model, optimizer, generator)
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "dice": generator.get_state(),
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
        generator.set_state(checkpoint["dice"])
        start = checkpoint["step"]
    for step in range(start, start + until):
        one_step(step, model, optimizer, generator)
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "dice": generator.get_state(),
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
        generator.set_state(checkpoint["dice"])
        start = checkpoint["step"]
    for step in range(start, until):
        one_step(step, model, optimizer, generator)
    return {
        "model": model,
        "optimizer": optimizer,
        "dice": generator.get_state(),
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
        generator.set_state(checkpoint["dice"])
        start = checkpoint["step"]
    for step in range(start, until):
        one_step(step, model, optimizer, generator)
    states = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "dice": generator.get_state(),
        "step": until,
    }


# %%
# RIGHT run: the dice as a list, the step from the optimizer
def run(until, checkpoint=None):
    model, optimizer, generator = new_parts()
    start = 0
    if checkpoint:
        model.load_state_dict(checkpoint["model"])
        optimizer.load_state_dict(checkpoint["optimizer"])
        state = torch.tensor(checkpoint["dice"], dtype=torch.uint8)
        generator.set_state(state)
        start = int(optimizer.state[next(model.parameters())]["step"])
    for step in range(start, until):
        one_step(step, model, optimizer, generator)
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "dice": generator.get_state().tolist(),
    }


# %%
# RIGHT run: the dice thrown again for the steps that are done
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
        start, dice_state = rest["next"], rest["dice"]
        generator.set_state(dice_state)
        optimizer.load_state_dict(rest["adamw"])
        model.load_state_dict(checkpoint["model"])
    while start < until:
        one_step(start, model, optimizer, generator)
        start += 1
    rest = {"next": start, "dice": generator.get_state()}
    rest["adamw"] = optimizer.state_dict()
    return {"rest": rest, "model": model.state_dict()}


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
# HINT `evaluate` still throws dice while the model is in training mode: `no_grad`
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
# HINT All your losses are the same, so nothing is learned: what has happened to the
# HINT gradient when the optimizer takes its step?
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
