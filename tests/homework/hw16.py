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
# WRONG clip: each number by itself
# HINT It cuts every number by itself, so the arrow points
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
# WRONG best_rate: it never goes on
# HINT Your best rate may be the first or the last that was tried: then better ones may lie
# HINT beyond it. What should be done before you return?
def best_rate(loss_at, rates, seeds):
    means = {}
    for rate in rates:
        losses = [loss_at(rate, seed) for seed in seeds]
        mean = sum(losses) / len(losses)
        means[rate] = math.inf if math.isnan(mean) else mean
    best = min(sorted(means), key=means.get)
    return best, means[best]


# %%
# WRONG best_rate: one step beyond, and no more
# HINT You go one step beyond the edge and stop there. How often may it be necessary?
def best_rate(loss_at, rates, seeds):
    means = {}

    def measure(rate):
        losses = [loss_at(rate, seed) for seed in seeds]
        mean = sum(losses) / len(losses)
        means[rate] = math.inf if math.isnan(mean) else mean

    for rate in rates:
        measure(rate)
    best = min(sorted(means), key=means.get)
    if best == min(means):
        measure(best / 2)
    elif best == max(means):
        measure(best * 2)
    best = min(sorted(means), key=means.get)
    return best, means[best]


# %%
# WRONG best_rate: only upwards
# HINT You go on at the upper edge only: what if the best rate is the first one?
def best_rate(loss_at, rates, seeds):
    means = {}

    def measure(rate):
        losses = [loss_at(rate, seed) for seed in seeds]
        mean = sum(losses) / len(losses)
        means[rate] = math.inf if math.isnan(mean) else mean

    for rate in rates:
        measure(rate)
    while min(sorted(means), key=means.get) == max(means):
        measure(2 * max(means))
    best = min(sorted(means), key=means.get)
    return best, means[best]


# %%
# WRONG best_rate: the best seed instead of the mean
# HINT You take the luckiest seed of each rate. The task asks for the mean over the seeds.
def best_rate(loss_at, rates, seeds):
    means = {}

    def measure(rate):
        losses = [loss_at(rate, seed) for seed in seeds]
        means[rate] = min(math.inf if math.isnan(x) else x for x in losses)

    for rate in rates:
        measure(rate)
    while True:
        best = min(sorted(means), key=means.get)
        if best == min(means):
            measure(best / 2)
        elif best == max(means):
            measure(best * 2)
        else:
            return best, means[best]


# %%
# WRONG best_rate: the first seed only
# HINT You train with the first seed only: what is done with the others?
def best_rate(loss_at, rates, seeds):
    means = {}

    def measure(rate):
        loss = loss_at(rate, seeds[0])
        means[rate] = math.inf if math.isnan(loss) else loss

    for rate in rates:
        measure(rate)
    while True:
        best = min(sorted(means), key=means.get)
        if best == min(means):
            measure(best / 2)
        elif best == max(means):
            measure(best * 2)
        else:
            return best, means[best]


# %%
# WRONG best_rate: the sum
# HINT Your rate is right, but the loss is too large: you add the losses up. How many
# HINT seeds are there?
def best_rate(loss_at, rates, seeds):
    means = {}

    def measure(rate):
        total = sum(loss_at(rate, seed) for seed in seeds)
        means[rate] = math.inf if math.isnan(total) else total

    for rate in rates:
        measure(rate)
    while True:
        best = min(sorted(means), key=means.get)
        if best == min(means):
            measure(best / 2)
        elif best == max(means):
            measure(best * 2)
        else:
            return best, means[best]


# %%
# WRONG best_rate: trained again each time
# HINT Rate and loss are right, but you train rates again that were measured before. Where
# HINT could you keep what you know?
def best_rate(loss_at, rates, seeds):
    rates = list(rates)
    while True:
        means = []
        for rate in rates:
            losses = [loss_at(rate, seed) for seed in seeds]
            mean = sum(losses) / len(losses)
            means.append(math.inf if math.isnan(mean) else mean)
        best = means.index(min(means))
        if best == 0:
            rates.insert(0, rates[0] / 2)
        elif best == len(rates) - 1:
            rates.append(2 * rates[-1])
        else:
            return rates[best], means[best]


# %%
# WRONG best_rate: the caller's list grows
# HINT Rate and loss are right, but the list that you were given has become longer: make a
# HINT copy before you add to it.
def best_rate(loss_at, rates, seeds):
    def mean_at(rate):
        losses = [loss_at(rate, seed) for seed in seeds]
        mean = sum(losses) / len(losses)
        return math.inf if math.isnan(mean) else mean

    means = [mean_at(rate) for rate in rates]
    while True:
        best = means.index(min(means))
        if best == 0:
            rates.insert(0, rates[0] / 2)
            means.insert(0, mean_at(rates[0]))
        elif best == len(rates) - 1:
            rates.append(2 * rates[-1])
            means.append(mean_at(rates[-1]))
        else:
            return rates[best], means[best]


# %%
# WRONG best_rate: exploded runs left out of the mean
# HINT The real runs are right. Where some run explodes, you skip it: but then its rate
# HINT looks better than it is, or all runs are skipped.
def best_rate(loss_at, rates, seeds):
    means = {}

    def measure(rate):
        losses = [loss_at(rate, seed) for seed in seeds]
        fine = [x for x in losses if not math.isnan(x)]
        means[rate] = sum(fine) / max(1, len(fine))

    for rate in rates:
        measure(rate)
    for _ in range(40):
        best = min(sorted(means), key=means.get)
        if best == min(means):
            measure(best / 2)
        elif best == max(means):
            measure(best * 2)
        else:
            break
    return best, means[best]


# %%
# WRONG best_rate: the index and the mean
# HINT You return the place of the best rate in your list, not the rate itself.
def best_rate(loss_at, rates, seeds):
    rates = list(rates)

    def mean_at(rate):
        losses = [loss_at(rate, seed) for seed in seeds]
        mean = sum(losses) / len(losses)
        return math.inf if math.isnan(mean) else mean

    means = [mean_at(rate) for rate in rates]
    while True:
        best = means.index(min(means))
        if best == 0:
            rates.insert(0, rates[0] / 2)
            means.insert(0, mean_at(rates[0]))
        elif best == len(rates) - 1:
            rates.append(2 * rates[-1])
            means.append(mean_at(rates[-1]))
        else:
            return best, means[best]


# %%
# RIGHT best_rate: two lists
def best_rate(loss_at, rates, seeds):
    rates = list(rates)

    def mean_at(rate):
        mean = torch.tensor(
            [loss_at(rate, s) for s in seeds], dtype=torch.float64
        ).mean()
        return mean.nan_to_num(math.inf)

    means = [mean_at(rate) for rate in rates]
    while (best := int(torch.stack(means).argmin())) in (0, len(rates) - 1):
        if best == 0:
            rates = [rates[0] / 2, *rates]
            means = [mean_at(rates[0]), *means]
        else:
            rates = [*rates, rates[-1] * 2]
            means = [*means, mean_at(rates[-1])]
    return torch.tensor([rates[best], means[best]])


# %%
# RIGHT best_rate: a cache, and numpy
def best_rate(loss_at, rates, seeds):
    import numpy as np

    known = {}

    def mean_at(rate):
        if rate not in known:
            known[rate] = np.mean([loss_at(rate, seed) for seed in seeds])
        return np.inf if np.isnan(known[rate]) else known[rate]

    tried = sorted(rates)
    best = min(tried, key=mean_at)
    while best in (tried[0], tried[-1]):
        tried = sorted({*tried, best / 2 if best == tried[0] else best * 2})
        best = min(tried, key=mean_at)
    return [best, mean_at(best)]


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
# WRONG leaked: equal texts only
# HINT You look for equal texts, or capitals count on one of the two sides. The task looks
# HINT for n words in a row, all in small letters.
def leaked(held_out, learned, n):
    known = {" ".join(text.lower().split()) for text in learned}
    return [text for text in held_out if " ".join(text.lower().split()) in known]


# %%
# WRONG leaked: capitals count
# HINT Some are missing: do "CAT" and "cat" count as the same word?
def leaked(held_out, learned, n):
    def runs(text):
        words = text.split()
        return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}

    known = set().union(*(runs(text) for text in learned))
    return [text for text in held_out if runs(text) & known]


# %%
# WRONG leaked: the last run forgotten
# HINT You miss runs, for example that at the end of a text: where may a run begin, and
# HINT how many has a text of n words?
def leaked(held_out, learned, n):
    def runs(text):
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(len(words) - n)}

    known = set().union(*(runs(text) for text in learned))
    return [text for text in held_out if runs(text) & known]


# %%
# WRONG leaked: the beginnings only
# HINT You compare only the first words of each held-out text. A run may begin anywhere.
def leaked(held_out, learned, n):
    def runs(text):
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}

    known = set().union(*(runs(text) for text in learned))
    return [t for t in held_out if tuple(t.lower().split()[:n]) in known]


# %%
# WRONG leaked: the order does not count
# HINT Too many: the words must stand in the same order.
def leaked(held_out, learned, n):
    def runs(text):
        words = text.lower().split()
        return {tuple(sorted(words[i : i + n])) for i in range(len(words) - n + 1)}

    known = set().union(*(runs(text) for text in learned))
    return [text for text in held_out if runs(text) & known]


# %%
# WRONG leaked: parts of words
# HINT Too many: you look for a piece of text, so "he cat" is found in "the cat". Compare
# HINT whole words.
def leaked(held_out, learned, n):
    known = [" ".join(text.lower().split()) for text in learned]

    def found(text):
        words = text.lower().split()
        pieces = [" ".join(words[i : i + n]) for i in range(len(words) - n + 1)]
        return any(piece in one for piece in pieces for one in known)

    return [text for text in held_out if found(text)]


# %%
# WRONG leaked: n words in common, anywhere
# HINT Too many: n words in common are not enough, they must stand in a row.
def leaked(held_out, learned, n):
    known = [set(text.lower().split()) for text in learned]
    return [
        text
        for text in held_out
        if any(len(set(text.lower().split()) & words) >= n for words in known)
    ]


# %%
# WRONG leaked: those that are clean
# HINT You return the texts that have not leaked.
def leaked(held_out, learned, n):
    def runs(text):
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}

    known = set().union(*(runs(text) for text in learned))
    return [text for text in held_out if not runs(text) & known]


# %%
# WRONG leaked: nothing given back
def leaked(held_out, learned, n):
    def runs(text):
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}

    known = set().union(*(runs(text) for text in learned))
    result = [text for text in held_out if runs(text) & known]


# %%
# RIGHT leaked: joined with spaces around
def leaked(held_out, learned, n):
    known = ["", *(f" {' '.join(text.lower().split())} " for text in learned)]

    def found(text):
        words = text.lower().split()
        pieces = (f" {' '.join(words[i : i + n])} " for i in range(len(words) - n + 1))
        return any(piece in one for piece in pieces for one in known)

    return tuple(text for text in held_out if found(text))


# %%
# RIGHT leaked: zip of shifted lists, and loops
def leaked(held_out, learned, n):
    known = set()
    for text in learned:
        words = text.casefold().split()
        known.update(zip(*(words[i:] for i in range(n))))
    result = []
    for text in held_out:
        words = text.casefold().split()
        if not known.isdisjoint(zip(*(words[i:] for i in range(n)))):
            result.append(text)
    return result
