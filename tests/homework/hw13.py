# KEPT block lists tuples arrays: a gradient flows through the stack of blocks

# Homework 13: answers that must fail with their hint, and answers that must pass.

# %%
# WRONG layer_norm: the variance divided by C - 1
# HINT All your numbers are a little too small. Your variance was divided by C - 1, as
# HINT torch does by default: by which number does the task divide?
def layer_norm(x, weight, bias, eps=1e-5):
    y = x - x.mean(-1, keepdim=True)
    return y / (x.var(-1, keepdim=True) + eps).sqrt() * weight + bias


# %%
# WRONG layer_norm: eps outside the root
# HINT Loud tokens are correct and quiet ones are not: this is what you get when eps stands
# HINT outside the root. To which number does the formula add it?
def layer_norm(x, weight, bias, eps=1e-5):
    y = x - x.mean(-1, keepdim=True)
    size = y.square().mean(-1, keepdim=True).sqrt()
    return y / (size + eps) * weight + bias


# %%
# WRONG layer_norm: no eps
# HINT Loud tokens are correct and quiet ones come out a little too loud: one small
# HINT ingredient of the third step is missing. Which?
def layer_norm(x, weight, bias, eps=1e-5):
    y = x - x.mean(-1, keepdim=True)
    return y / y.square().mean(-1, keepdim=True).sqrt() * weight + bias


# %%
# WRONG layer_norm: over the first axis
# HINT This is what you get when the mean goes over the first axis, so that tokens get
# HINT mixed. Which axis holds the numbers of one token?
def layer_norm(x, weight, bias, eps=1e-5):
    y = x - x.mean(0, keepdim=True)
    return y / (y.square().mean(0, keepdim=True) + eps).sqrt() * weight + bias


# %%
# WRONG layer_norm: over all numbers at once
# HINT You took one mean and one variance for the whole tensor. Whose loudness should a
# HINT token depend on?
def layer_norm(x, weight, bias, eps=1e-5):
    y = x - x.mean()
    return y / (y.square().mean() + eps).sqrt() * weight + bias


# %%
# WRONG layer_norm: the mean stays
# HINT This is RMSNorm, a relative from the lesson: the mean of your tokens is not 0.
# HINT Which step comes before the size is measured?
def layer_norm(x, weight, bias, eps=1e-5):
    return x / (x.square().mean(-1, keepdim=True) + eps).sqrt() * weight + bias


# %%
# WRONG layer_norm: the mean taken off, the size measured before
# HINT You subtract the mean, but the size you divide by still contains it. Of which
# HINT numbers does the task square and average?
def layer_norm(x, weight, bias, eps=1e-5):
    size = (x.square().mean(-1, keepdim=True) + eps).sqrt()
    return (x - x.mean(-1, keepdim=True)) / size * weight + bias


# %%
# WRONG layer_norm: no root
# HINT Loud tokens have become quiet, and very quiet ones behave oddly: you divided by
# HINT the variance. Which step turns a mean of squares into a size?
def layer_norm(x, weight, bias, eps=1e-5):
    y = x - x.mean(-1, keepdim=True)
    return y / (y.square().mean(-1, keepdim=True) + eps) * weight + bias


# %%
# WRONG layer_norm: the bias first
# HINT Without weights and biases you are correct. With them, your weights multiply the
# HINT biases too: what does step 4 do first?
def layer_norm(x, weight, bias, eps=1e-5):
    y = x - x.mean(-1, keepdim=True)
    return (y / (y.square().mean(-1, keepdim=True) + eps).sqrt() + bias) * weight


# %%
# WRONG layer_norm: the weights before the norm
# HINT Without weights and biases you are correct. With them, you scale the token before
# HINT it is normed, so the norm takes part of it away again. In which order do the steps
# HINT come?
def layer_norm(x, weight, bias, eps=1e-5):
    x = x * weight
    y = x - x.mean(-1, keepdim=True)
    return y / (y.square().mean(-1, keepdim=True) + eps).sqrt() + bias


# %%
# WRONG layer_norm: weights and biases forgotten
# HINT The first three steps are correct, and the fourth is missing: what are `weight` and
# HINT `bias` for?
def layer_norm(x, weight, bias, eps=1e-5):
    y = x - x.mean(-1, keepdim=True)
    return y / (y.square().mean(-1, keepdim=True) + eps).sqrt()


# %%
# WRONG layer_norm: the mean without keepdim
# HINT The mean has lost the last axis, so that it no longer stands beside the numbers of
# HINT its own token. Which argument of `mean` keeps the axis, with length 1?
def layer_norm(x, weight, bias, eps=1e-5):
    y = x - x.mean(dim=-1)
    variance = y.square().mean(dim=-1, keepdim=True)
    return y / (variance + eps).sqrt() * weight + bias


# %%
# WRONG layer_norm: the variance without keepdim
# HINT The mean has lost the last axis, so that it no longer stands beside the numbers of
# HINT its own token. Which argument of `mean` keeps the axis, with length 1?
def layer_norm(x, weight, bias, eps=1e-5):
    y = x - x.mean(dim=-1, keepdim=True)
    return y / (y.square().mean(dim=-1) + eps).sqrt() * weight + bias


# %%
# WRONG layer_norm: a sum and no keepdim
def layer_norm(x, weight, bias, eps=1e-5):
    return (x - x.mean(-1, keepdim=True)).square().sum(-1)


# %%
# WRONG layer_norm: changes nothing and returns nothing
def layer_norm(x, weight, bias, eps=1e-5):
    x = x - x.mean(-1, keepdim=True)
    x = x / (x.square().mean(-1, keepdim=True) + eps).sqrt() * weight + bias


# %%
# RIGHT layer_norm: with var and rsqrt
def layer_norm(x, weight, bias, eps=1e-5):
    variance, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
    return torch.addcmul(
        bias.to(x.dtype), (x - mean) * torch.rsqrt(variance + eps), weight
    )


# %%
# RIGHT layer_norm: with numpy, in double
import numpy as np


def layer_norm(x, weight, bias, eps=1e-5):
    a, w, b = (t.numpy().astype(np.float64) for t in (x, weight, bias))
    mean = a.mean(axis=-1, keepdims=True)
    return torch.from_numpy(
        (a - mean) / np.sqrt(a.var(-1, keepdims=True) + eps) * w + b
    )


# %%
# RIGHT layer_norm: an array, and lists inside
import numpy as np


def layer_norm(x, weight, bias, eps=1e-5):
    a = x.numpy()
    y = a - a.mean(-1, keepdims=True)
    y = y / (y.var(-1, keepdims=True) + eps) ** 0.5
    return (y * weight.numpy() + bias.numpy()).tolist()


# %%
# RIGHT layer_norm: token by token, in plain Python
def layer_norm(x, weight, bias, eps=1e-5):
    if x.dim() > 1:
        return torch.stack([layer_norm(part, weight, bias, eps) for part in x])
    numbers = x.tolist()
    m = sum(numbers) / len(numbers)
    size = math.sqrt(sum((n - m) ** 2 for n in numbers) / len(numbers) + eps)
    rows = zip(numbers, weight.tolist(), bias.tolist())
    return torch.tensor([(n - m) / size * w + b for n, w, b in rows])


# %%
# RIGHT layer_norm: mean of squares minus square of the mean, in single precision
def layer_norm(tokens, gain, shift, eps=1e-5):
    C = tokens.shape[-1]
    ones = torch.full((C, C), 1 / C)
    tokens = tokens.float()
    mean = torch.einsum("...i,ij->...j", tokens, ones)
    variance = torch.einsum("...i,ij->...j", tokens**2, ones) - mean**2
    return (tokens - mean) * (variance + eps) ** -0.5 * gain + shift


# %%
# WRONG gelu: no square root of two
# HINT Your exact form is too steep: look at what stands inside erf.
def gelu(x):
    return x * 0.5 * (1 + torch.erf(x))


def gelu_tanh(x):
    inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
    return 0.5 * x * (1 + torch.tanh(inner))


# %%
# WRONG gelu: no half
# HINT Your numbers are twice too large: for a large x, what should come out is x. One
# HINT factor is missing.
def gelu(x):
    return x * (1 + torch.erf(x / math.sqrt(2)))


def gelu_tanh(x):
    inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
    return x * (1 + torch.tanh(inner))


# %%
# WRONG gelu: the share alone
# HINT These are the shares of the bell curve themselves, between 0 and 1. What does a
# HINT GELU do with x and its share?
def gelu(x):
    return 0.5 * (1 + torch.erf(x / math.sqrt(2)))


def gelu_tanh(x):
    inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
    return 0.5 * (1 + torch.tanh(inner))


# %%
# WRONG gelu: with a sigmoid
# HINT This is a third form, with a sigmoid and 1.702. It is near, but it is not one of the
# HINT two that are asked for: which function measures the bell curve?
def gelu(x):
    return x * torch.sigmoid(1.702 * x)


def gelu_tanh(x):
    return x * torch.sigmoid(1.702 * x)


# %%
# WRONG gelu: the tanh form twice
# HINT Both of your functions give the form with tanh. It is near the exact one, but the
# HINT thousandths show the gap.
def gelu(x):
    inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
    return 0.5 * x * (1 + torch.tanh(inner))


def gelu_tanh(x):
    return gelu(x)


# %%
# WRONG gelu: the exact form twice
# HINT Your form of GPT-2 gives what the exact one gives. It should differ from it a
# HINT little, at -2 by a ten-thousandth: where is its tanh?
def gelu(x):
    return x * 0.5 * (1 + torch.erf(x / math.sqrt(2)))


def gelu_tanh(x):
    return gelu(x)


# %%
# WRONG gelu: the square in place of the cube
# HINT The exact form is correct. In the other one, compare the power of x inside the tanh
# HINT with the formula.
def gelu(x):
    return x * 0.5 * (1 + torch.erf(x / math.sqrt(2)))


def gelu_tanh(x):
    inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x**2)
    return 0.5 * x * (1 + torch.tanh(inner))


# %%
# WRONG gelu: the decimal point of the constant
# HINT The exact form is correct, and in the other one the term with the cube is ten times
# HINT too strong: read the constant once more.
def gelu(x):
    return x * 0.5 * (1 + torch.erf(x / math.sqrt(2)))


def gelu_tanh(x):
    inner = math.sqrt(2 / math.pi) * (x + 0.44715 * x**3)
    return 0.5 * x * (1 + torch.tanh(inner))


# %%
# WRONG gelu: the first factor of the tanh form
# HINT The exact form is correct. In the other one, the number in front of the bracket is
# HINT about 2.5, and it should be below 1: is its fraction upside down?
def gelu(x):
    return x * 0.5 * (1 + torch.erf(x / math.sqrt(2)))


def gelu_tanh(x):
    inner = math.sqrt(2 * math.pi) * (x + 0.044715 * x**3)
    return 0.5 * x * (1 + torch.tanh(inner))


# %%
# WRONG gelu: a ReLU
# HINT This is the ReLU: it cuts all negative numbers to 0. Your formula should let a little
# HINT of them through.
def gelu(x):
    return x.clamp(min=0)


def gelu_tanh(x):
    return x.clamp(min=0)


# %%
# WRONG gelu: the sign inside
def gelu(x):
    return -x * 0.5 * (1 + torch.erf(x / math.sqrt(2)))


def gelu_tanh(x):
    return -x * 0.5 * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


# %%
# RIGHT gelu: the bell curve of the standard library
from statistics import NormalDist


def gelu(x):
    return torch.tensor([z * NormalDist().cdf(z) for z in x.tolist()])


def gelu_tanh(x):
    k = (2 / math.pi) ** 0.5
    return torch.tensor(
        [z / 2 * (1 + math.tanh(k * (z + 0.044715 * z * z * z))) for z in x.tolist()]
    )


# %%
# RIGHT gelu: a distribution of torch, and a sigmoid of twice the number
def gelu(x):
    return x * torch.distributions.Normal(0.0, 1.0).cdf(x)


def gelu_tanh(x):
    twice = 2 * (2 / torch.pi) ** 0.5 * x * (1 + 0.044715 * x.pow(2))
    return x * torch.sigmoid(twice)


# %%
# RIGHT gelu: lists, number by number
def gelu(x):
    return [z / 2 * (1 + math.erf(z / math.sqrt(2))) for z in x.tolist()]


def gelu_tanh(x):
    k = math.sqrt(2 / math.pi)
    return [z / 2 * (1 + math.tanh(k * (z + 0.044715 * z**3))) for z in x.tolist()]


# %%
# RIGHT gelu: arrays of numpy
import numpy as np


def gelu(x):
    z = x.double().numpy()
    return z * torch.special.ndtr(x.double()).numpy()


def gelu_tanh(x):
    z = x.double().numpy()
    return z / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)))


# %%
# RIGHT gelu: what is left above, in double
def gelu(x):
    x = x.double()
    return 0.5 * x * torch.erfc(-x / 2**0.5)


def gelu_tanh(x):
    x = x.double()
    e = torch.exp(-2 * (x + 0.044715 * x**3) * math.sqrt(2 / math.pi))
    return x / (1 + e)


# %%
# WRONG block: no skips
# HINT Nothing of the stream comes through: your parts replace what they read. What does
# HINT a part of a block do with what it found?
def block(x, attention, feed_forward, norm_1, norm_2):
    x = attention(norm_1(x))
    return feed_forward(norm_2(x))


# %%
# WRONG block: the second skip forgotten
# HINT One of the two parts replaces the stream and does not add to it. Which one speaks
# HINT last?
def block(x, attention, feed_forward, norm_1, norm_2):
    x = x + attention(norm_1(x))
    return feed_forward(norm_2(x))


# %%
# WRONG block: the first skip forgotten
# HINT One of the two parts replaces the stream and does not add to it. What is left of x
# HINT after your first line?
def block(x, attention, feed_forward, norm_1, norm_2):
    x = attention(norm_1(x))
    return x + feed_forward(norm_2(x))


# %%
# WRONG block: the norms after the addition
# HINT This is post-norm, the form of 2017: the norms stand on the main road. GPT-2 moved
# HINT them: what is it that a part reads?
def block(x, attention, feed_forward, norm_1, norm_2):
    x = norm_1(x + attention(x))
    return norm_2(x + feed_forward(x))


# %%
# WRONG block: the stream itself is normed
# HINT The stream that you add to has been normed. Did the part get a normed copy, or did
# HINT you put the normed numbers in the stream's place?
def block(x, attention, feed_forward, norm_1, norm_2):
    x = norm_1(x)
    x = x + attention(x)
    x = norm_2(x)
    return x + feed_forward(x)


# %%
# WRONG block: norm_1 twice
# HINT Both parts read through the same norm. It runs, since the shapes agree, and one of
# HINT the two norms would never learn: read the names once more.
def block(x, attention, feed_forward, norm_1, norm_2):
    x = x + attention(norm_1(x))
    return x + feed_forward(norm_1(x))


# %%
# WRONG block: no second norm
# HINT The louder the stream, the more your second part says: what stands between the
# HINT stream and a part that reads it?
def block(x, attention, feed_forward, norm_1, norm_2):
    x = x + attention(norm_1(x))
    return x + feed_forward(x)


# %%
# WRONG block: no norms at all
# HINT Both parts read the stream as loud as it is. What are `norm_1` and `norm_2` for?
def block(x, attention, feed_forward, norm_1, norm_2):
    x = x + attention(x)
    return x + feed_forward(x)


# %%
# WRONG block: both parts side by side
# HINT Your feed-forward layer reads the stream as it was before attention spoke (some
# HINT models do that). Here it should see what attention has added: which x does it read?
def block(x, attention, feed_forward, norm_1, norm_2):
    return x + attention(norm_1(x)) + feed_forward(norm_2(x))


# %%
# WRONG block: feed-forward first
# HINT Both parts are there, with norm and plus, but their order is turned round: which
# HINT one comes first in a block?
def block(x, attention, feed_forward, norm_1, norm_2):
    x = x + feed_forward(norm_2(x))
    return x + attention(norm_1(x))


# %%
# WRONG block: the norm on what a part says
# HINT Your parts read the raw stream, and you norm what they say. On which side of a part
# HINT does its norm stand?
def block(x, attention, feed_forward, norm_1, norm_2):
    x = x + norm_1(attention(x))
    return x + norm_2(feed_forward(x))


# %%
# WRONG block: the first x added at the end
# HINT Your second plus adds the stream from before attention, so what attention said is
# HINT read once and then lost. To what should the second part add?
def block(x, attention, feed_forward, norm_1, norm_2):
    y = x + attention(norm_1(x))
    return x + feed_forward(norm_2(y))


# %%
# WRONG block: numbers without their history
# HINT The numbers are right, but no gradient flows back through your block: what you
# HINT return has lost its history. Was it turned into a list or an array, or detached?
def block(x, attention, feed_forward, norm_1, norm_2):
    x = x + attention(norm_1(x))
    return (x + feed_forward(norm_2(x))).tolist()


# %%
# WRONG block: in place
# HINT Your result is correct, but you wrote into the tensor that was given to you: after
# HINT the call the caller's stream is gone. Does your plus make a new tensor?
def block(x, attention, feed_forward, norm_1, norm_2):
    x += attention(norm_1(x))
    x += feed_forward(norm_2(x))
    return x


# %%
# WRONG block: only what is added
# HINT This is what the two parts say. The stream itself is missing from it.
def block(x, attention, feed_forward, norm_1, norm_2):
    a = attention(norm_1(x))
    return a + feed_forward(norm_2(x + a))


# %%
# RIGHT block: on one line
def block(x, attention, feed_forward, norm_1, norm_2):
    return (y := x + attention(norm_1(x))) + feed_forward(norm_2(y))


# %%
# RIGHT block: a loop over the parts, into a copy
def block(stream, *parts):
    out = stream.clone()
    for part, norm in zip(parts[:2], parts[2:], strict=True):
        out += part(norm(out.clone()))
    return out


# %%
# RIGHT block: three terms
def block(x, attention, feed_forward, norm_1, norm_2):
    said = attention(norm_1(x))
    added = feed_forward(norm_2(said + x))
    return torch.stack([added, said, x]).sum(dim=0)


# %%
# WRONG stream_size: the slide
# HINT This is the slide's arithmetic: it adds sizes. What did the two columns of random
# HINT numbers show, whose squares you averaged?
def size_at_top(n_layers, scale):
    return 1 + 2 * n_layers * scale


def scale_for(n_layers, size):
    return (size - 1) / (2 * n_layers)


# %%
# WRONG stream_size: one addition for each block
# HINT You counted one addition for each block. How many parts of a block write into the
# HINT stream?
def size_at_top(n_layers, scale):
    return math.sqrt(1 + n_layers * scale**2)


def scale_for(n_layers, size):
    return math.sqrt((size**2 - 1) / n_layers)


# %%
# WRONG stream_size: the start forgotten
# HINT This is the size of all that is added. What was in the stream before the first
# HINT block?
def size_at_top(n_layers, scale):
    return math.sqrt(2 * n_layers) * scale


def scale_for(n_layers, size):
    return size / math.sqrt(2 * n_layers)


# %%
# WRONG stream_size: the variance
# HINT You work with mean squares, which do add up. What is the last step from a mean
# HINT square to a size?
def size_at_top(n_layers, scale):
    return 1 + 2 * n_layers * scale**2


def scale_for(n_layers, size):
    return (size**2 - 1) / (2 * n_layers)


# %%
# WRONG stream_size: the scale not squared
# HINT Your root is there, but the scale under it is not a mean square. By how much does
# HINT the mean square of numbers grow when they become twice as large?
def size_at_top(n_layers, scale):
    return math.sqrt(1 + 2 * n_layers * scale)


def scale_for(n_layers, size):
    return (size**2 - 1) / (2 * n_layers)


# %%
# WRONG stream_size: the size not squared on the way back
# HINT The size at the top is correct. On the way back you subtract 1 from the wanted size
# HINT itself: of which quantity does the start contribute 1?
def size_at_top(n_layers, scale):
    return math.sqrt(1 + 2 * n_layers * scale**2)


def scale_for(n_layers, size):
    return math.sqrt((size - 1) / (2 * n_layers))


# %%
# WRONG stream_size: the way back as a share of the size
# HINT The size at the top is correct. On the way back you shrink parts of size 1 by what is
# HINT too much at the top, but the start does not shrink with them. Solve your own
# HINT formula for the scale.
def size_at_top(n_layers, scale):
    return math.sqrt(1 + 2 * n_layers * scale**2)


def scale_for(n_layers, size):
    return size / math.sqrt(1 + 2 * n_layers)


# %%
# WRONG stream_size: each layer multiplies
# HINT Your stream grows by the same factor in each layer. Fresh parts do not know how
# HINT large the stream is: do they multiply it, or add to it?
def size_at_top(n_layers, scale):
    return (1 + scale**2) ** (n_layers / 2)


def scale_for(n_layers, size):
    return math.sqrt(size ** (2 / n_layers) - 1)


# %%
# WRONG stream_size: negative under the way back
def size_at_top(n_layers, scale):
    return -math.sqrt(1 + 2 * n_layers * scale**2)


def scale_for(n_layers, size):
    return -math.sqrt((size**2 - 1) / (2 * n_layers))


# %%
# RIGHT stream_size: block by block, and by halving
def size_at_top(n_layers, scale):
    size = 1.0
    for _ in range(n_layers):
        for _ in ("attention", "feed_forward"):
            size = math.hypot(size, scale)
    return size


def scale_for(n_layers, size):
    low, high = 0.0, size
    for _ in range(80):
        middle = (low + high) / 2
        if size_at_top(n_layers, middle) < size:
            low = middle
        else:
            high = middle
    return middle


# %%
# RIGHT stream_size: as vectors at right angles, with numpy
import numpy as np


def size_at_top(n_layers, scale):
    return float(np.linalg.norm([1.0] + [scale] * (2 * n_layers)))


def scale_for(n_layers, size):
    return float(np.sqrt(0.5 * (size + 1) * (size - 1) / n_layers))


# %%
# RIGHT stream_size: tensors without axes
def size_at_top(n_layers, scale):
    return (1 + 2 * n_layers * torch.tensor(scale).square()).sqrt()


def scale_for(n_layers, size):
    return ((torch.tensor(size, dtype=torch.float64) ** 2 - 1) / (2 * n_layers)).sqrt()


# %%
# RIGHT stream_size: float64 of numpy
import numpy as np


def size_at_top(n_layers, scale):
    return np.sqrt(1 + 2 * n_layers * scale**2)


def scale_for(n_layers, size):
    return np.sqrt((size**2 - 1) / n_layers / 2)


# %%
# RIGHT stream_size: with tensors of torch
def size_at_top(n, scale):
    squares = torch.full((2 * n,), scale, dtype=torch.float64) ** 2
    return (1 + squares.sum()).sqrt().item()


def scale_for(n, size):
    return (size**2 / (2 * n) - 0.5 / n) ** 0.5


# %%
# WRONG feed_forward_step: norm and question fixed, no growth
# HINT Two symptoms are gone, one is left: of what remains in training, the mean is too
# HINT small. By which factor, if a share is hidden?
def feed_forward_step(x, up, down, keep, share, training):
    normed = F.layer_norm(x, x.shape[-1:])
    added = F.gelu(normed @ up) @ down
    if training:
        added = added * keep
    return x + added


# %%
# WRONG feed_forward_step: only the norm fixed
# HINT Tokens no longer meet. The other two symptoms are left, and both have to do
# HINT with dropout: when should it hide something?
def feed_forward_step(x, up, down, keep, share, training):
    normed = F.layer_norm(x, x.shape[-1:])
    added = F.gelu(normed @ up) @ down
    added = added * keep
    return x + added


# %%
# WRONG feed_forward_step: dropout asks, the rest as given
# HINT Dropout is silent in use now. Two symptoms are left: in training too little is
# HINT added, and tokens still meet somewhere. Where?
def feed_forward_step(x, up, down, keep, share, training):
    normed = F.layer_norm(x.T, x.shape[:1]).T
    added = F.gelu(normed @ up) @ down
    if training:
        added = added * keep
    return x + added


# %%
# WRONG feed_forward_step: as given
# HINT All three symptoms are still there. Begin with the first: `feed_forward_step` has one
# HINT line in which tokens can meet. Which axis is it that the norm goes over?
def feed_forward_step(x, up, down, keep, share, training):
    normed = F.layer_norm(x.T, x.shape[:1]).T
    added = F.gelu(normed @ up) @ down
    added = added * keep
    return x + added


# %%
# WRONG feed_forward_step: grown by the wrong share
# HINT Of 100 numbers that are hidden with share 0.4, how many stay? You divide by the
# HINT share of the other ones.
def feed_forward_step(x, up, down, keep, share, training):
    normed = F.layer_norm(x, x.shape[-1:])
    added = F.gelu(normed @ up) @ down
    if training:
        added = added * keep / share
    return x + added


# %%
# WRONG feed_forward_step: shrunk in place of grown
# HINT You multiply by the share that stays, so what is added gets smaller still. What has
# HINT to happen to the rest so that the mean stays?
def feed_forward_step(x, up, down, keep, share, training):
    normed = F.layer_norm(x, x.shape[-1:])
    added = F.gelu(normed @ up) @ down
    if training:
        added = added * keep * (1 - share)
    return x + added


# %%
# WRONG feed_forward_step: shrunk in use, as in the first papers
# HINT You shrink the numbers when the model is used. That is another way to make the
# HINT means equal, but here, as in the lesson, use changes nothing: what grows instead?
def feed_forward_step(x, up, down, keep, share, training):
    normed = F.layer_norm(x, x.shape[-1:])
    added = F.gelu(normed @ up) @ down
    added = added * keep if training else added * (1 - share)
    return x + added


# %%
# WRONG feed_forward_step: the question turned round
# HINT Numbers are missing in use, and none in training: which of the two should `training`
# HINT switch on?
def feed_forward_step(x, up, down, keep, share, training):
    normed = F.layer_norm(x, x.shape[-1:])
    added = F.gelu(normed @ up) @ down
    if not training:
        added = added * keep / (1 - share)
    return x + added


# %%
# WRONG feed_forward_step: the hidden numbers kept
# HINT In training you keep exactly the numbers that should be hidden: where is `keep`
# HINT True?
def feed_forward_step(x, up, down, keep, share, training):
    normed = F.layer_norm(x, x.shape[-1:])
    added = F.gelu(normed @ up) @ down
    if training:
        added = added * ~keep / (1 - share)
    return x + added


# %%
# WRONG feed_forward_step: the stream drops too
# HINT You hide numbers of the stream itself. Dropout stands on the side road: it hides
# HINT part of what is added.
def feed_forward_step(x, up, down, keep, share, training):
    normed = F.layer_norm(x, x.shape[-1:])
    added = F.gelu(normed @ up) @ down
    y = x + added
    return y * keep / (1 - share) if training else y


# %%
# WRONG feed_forward_step: over both axes
# HINT The norm now goes over all numbers of all tokens, so they still meet. How many
# HINT numbers belong to one token?
def feed_forward_step(x, up, down, keep, share, training):
    normed = F.layer_norm(x, x.shape)
    added = F.gelu(normed @ up) @ down
    if training:
        added = added * keep / (1 - share)
    return x + added


# %%
# WRONG feed_forward_step: the transpose only half removed
def feed_forward_step(x, up, down, keep, share, training):
    normed = F.layer_norm(x, x.shape[-1:])
    added = F.gelu(normed @ up) @ down
    if training:
        added = added * keep / (1 - share)
    return (x + added).T.flatten()


# %%
# RIGHT feed_forward_step: norm by hand, where in place of times
def feed_forward_step(x, up, down, keep, share, training):
    normed = x - x.mean(1, keepdim=True)
    normed = normed / (normed.var(1, keepdim=True, correction=0) + 1e-5).sqrt()
    added = F.gelu(normed @ up) @ down
    if training:
        added = torch.where(keep, added / (1 - share), torch.zeros(()).double())
    return x + added


# %%
# RIGHT feed_forward_step: token by token
def feed_forward_step(x, up, down, keep, share, training):
    rows = []
    for token, stays in zip(x, keep):
        said = F.gelu(F.layer_norm(token, token.shape) @ up) @ down
        factor = stays.double() / (1 - share) if training else 1.0
        rows.append(token + said * factor)
    return torch.stack(rows)


# %%
# RIGHT feed_forward_step: the factor first, the norm transposed twice over the other axis
def feed_forward_step(x, up, down, keep, share, training):
    factor = keep.to(x.dtype).div(1 - share) if training else torch.ones_like(x)
    bent = F.gelu(torch.einsum("tc,cd->td", F.layer_norm(x, (x.size(1),)), up))
    return torch.addcmul(x, torch.einsum("td,dc->tc", bent, down), factor)
