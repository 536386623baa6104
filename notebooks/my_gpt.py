# A whole GPT in one file: python my_gpt.py TEXT.txt [STEPS]
#
# It learns from the characters of any text and writes more of it. Between the two lines
# of equal signs stand the cells of lesson 14, word for word.
import math
import random
import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

if len(sys.argv) < 2:
    sys.exit("use: python my_gpt.py TEXT.txt [STEPS]")
text = Path(sys.argv[1]).read_text(encoding="utf-8")
steps = int(sys.argv[2]) if len(sys.argv) > 2 else 800
if len(text) < 1000:
    sys.exit(f"{len(text)} characters are too few to learn from: use 1,000 or more")
lines = text.splitlines()
if lines == sorted(lines):  # a list by alphabet: its last tenth would be all z
    random.Random(0).shuffle(lines)
    text = "\n".join(lines) + "\n"

# ======================================================================================

chars = sorted(set(text))  # the vocabulary
V = len(chars)
id_of = {char: i for i, char in enumerate(chars)}


def encode(text):  # a string of n characters -> ids (n,)
    return torch.tensor([id_of[char] for char in text])


def decode(ids):  # ids (n,) -> a string
    return "".join(chars[i] for i in ids.tolist())


ids = encode(text)
cut = int(0.9 * len(ids))
train_ids, held_ids = ids[:cut], ids[cut:]

T = 64  # context size: how many characters the model sees at once
C = 64  # width: how many numbers stand for one character
H = 4  # attention heads in each block
L = 2  # blocks (layers)


def random_windows(ids, B, generator):
    starts = torch.randint(len(ids) - T, (B,), generator=generator)  # (B,)
    places = starts[:, None] + torch.arange(T + 1)  # (B, 1) + (T + 1,) -> (B, T + 1)
    windows = ids[places]  # (B, T + 1)
    return windows[:, :-1], windows[:, 1:]  # inputs (B, T), targets (B, T)


class Attention(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.H = H
        self.qkv = nn.Linear(C, 3 * C)  # queries, keys and values of all heads
        self.proj = nn.Linear(C, C)  # mixes what the heads have found

    def forward(self, x):  # (B, T, C)
        B, T, C = x.shape
        q, k, v = self.qkv(x).chunk(3, dim=-1)  # (B, T, 3C): three of (B, T, C)
        q, k, v = (z.view(B, T, self.H, -1).transpose(1, 2) for z in (q, k, v))
        # now each is (B, H, T, D)
        scores = q @ k.mT / math.sqrt(C // self.H)  # (B, H, T, T)
        future = torch.ones(T, T, dtype=torch.bool).triu(1)  # (T, T), True: not allowed
        weights = scores.masked_fill(future, -math.inf).softmax(-1)  # (B, H, T, T)
        found = weights @ v  # (B, H, T, D)
        return self.proj(found.transpose(1, 2).reshape(B, T, C))  # (B, T, C)


class Block(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attention = Attention(C, H)
        self.up, self.down = nn.Linear(C, 4 * C), nn.Linear(4 * C, C)

    def forward(self, x):  # (B, T, C)
        x = x + self.attention(self.norm_1(x))  # (B, T, C): look at other positions
        return x + self.down(F.gelu(self.up(self.norm_2(x))))  # (B, T, C): each alone


class MyGPT(nn.Module):
    def __init__(self, V, T, C, H, L):
        super().__init__()
        self.embedding = nn.Embedding(V, C)
        self.position_embedding = nn.Embedding(T, C)
        self.blocks = nn.ModuleList(Block(C, H) for _ in range(L))
        self.norm = nn.LayerNorm(C)
        self.head = nn.Linear(C, V, bias=False)

    def forward(self, ids):  # (B, T)
        x = self.embedding(ids)  # (B, T, C)
        x = x + self.position_embedding.weight[: ids.shape[1]]  # + (T, C) -> (B, T, C)
        for block in self.blocks:
            x = block(x)  # (B, T, C)
        return self.head(self.norm(x))  # (B, T, V)


def set_first_weights(model, generator):
    for name, weight in model.named_parameters():
        if name.endswith(("proj.weight", "down.weight")):
            nn.init.normal_(weight, std=0.02 / math.sqrt(2 * L), generator=generator)
        elif weight.ndim == 2:  # all other matrices, and the embeddings
            nn.init.normal_(weight, std=0.02, generator=generator)
        elif name.endswith("bias"):
            nn.init.zeros_(weight)


generator = torch.Generator().manual_seed(0)
model = MyGPT(V, T, C, H, L)
set_first_weights(model, generator)


def loss_of(model, x, y):  # inputs (B, T), targets (B, T)
    logits = model(x)  # (B, T, V)
    return F.cross_entropy(logits.flatten(0, 1), y.flatten())  # (B*T, V), (B*T,)


@torch.no_grad()
def write(model, prompt, n, generator):
    ids = encode(prompt)[None]  # (1, length of the prompt)
    for _ in range(n):
        logits = model(ids[:, -T:])[0, -1]  # (V,): what comes next?
        next_id = torch.multinomial(logits.softmax(-1), 1, generator=generator)  # (1,)
        ids = torch.cat([ids, next_id[None]], dim=1)  # one longer
    return decode(ids[0])


n_rows = (len(held_ids) - 1) // T  # the held-out text, cut into rows of T
x_held = held_ids[: n_rows * T].view(n_rows, T)[:200]  # at most 200 rows
y_held = held_ids[1 : n_rows * T + 1].view(n_rows, T)[:200]  # shifted by one


@torch.no_grad()
def held_loss(model):
    return loss_of(model, x_held, y_held).item()


counts = torch.full((V, V), 0.1)  # a little for pairs that never occur
for a, b in zip(train_ids.tolist(), train_ids[1:].tolist(), strict=False):
    counts[a, b] += 1
table = (counts / counts.sum(1, keepdim=True)).log()  # (V, V): log p(next | this)
bigram_loss = -table[x_held, y_held].mean().item()


def train(model, optimizer, steps, generator):
    for _ in range(steps):
        x, y = random_windows(train_ids, 16, generator)  # (16, T) each
        loss = loss_of(model, x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


# ======================================================================================
print(f"{len(text):,} characters, {V} of them different")
print(f"ln V {math.log(V):.2f}, table of pairs {bigram_loss:.2f} (held-out loss)")
optimizer = torch.optim.AdamW(model.parameters(), lr=0.004)
for step in range(0, steps, 50):
    optimizer.param_groups[0]["lr"] = 0.004 if step < 0.75 * steps else 0.0005
    train(model, optimizer, min(50, steps - step), generator)
    trained_on = loss_of(model, *random_windows(train_ids, 64, generator)).item()
    print(f"step {min(step + 50, steps)}: ", end="")
    print(f"training loss {trained_on:.2f}, held-out loss {held_loss(model):.2f}")
print(write(model, "\n" if "\n" in id_of else chars[0], 500, generator))
