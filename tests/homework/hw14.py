# Homework 14: answers that must fail with their hint, and answers that must pass.


# %%
# WRONG MyGPT: no plus around the parts
# HINT A token is noticed at other positions as strongly as at its own. What goes around each
# HINT part of the block, so that a position keeps what it is?
class Attention(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.H = H
        self.qkv, self.proj = nn.Linear(C, 3 * C), nn.Linear(C, C)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.H, C // self.H).permute(2, 0, 3, 1, 4)
        scores = q @ k.mT / math.sqrt(C // self.H)
        future = torch.ones(T, T, dtype=torch.bool).triu(1)
        weights = scores.masked_fill(future, -math.inf).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attention = Attention(C, H)
        self.up, self.down = nn.Linear(C, 4 * C), nn.Linear(4 * C, C)

    def forward(self, x):
        x = self.attention(self.norm_1(x))
        return self.down(F.gelu(self.up(self.norm_2(x))))


class MyGPT(nn.Module):
    def __init__(self, V, T, C, H, L):
        super().__init__()
        self.embedding, self.places = nn.Embedding(V, C), nn.Embedding(T, C)
        self.blocks = nn.ModuleList(Block(C, H) for _ in range(L))
        self.norm, self.head = nn.LayerNorm(C), nn.Linear(C, V, bias=False)
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                nn.init.normal_(weight, std=0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(weight)

    def forward(self, ids):
        x = self.embedding(ids) + self.places.weight[: ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


# %%
# WRONG MyGPT: no mask
# HINT Positions notice a token that comes after them: your model can read the answer. What
# HINT must be done to the scores of the future?
class Attention(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.H = H
        self.qkv, self.proj = nn.Linear(C, 3 * C), nn.Linear(C, C)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.H, C // self.H).permute(2, 0, 3, 1, 4)
        scores = q @ k.mT / math.sqrt(C // self.H)
        weights = scores.softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attention = Attention(C, H)
        self.up, self.down = nn.Linear(C, 4 * C), nn.Linear(4 * C, C)

    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        return x + self.down(F.gelu(self.up(self.norm_2(x))))


class MyGPT(nn.Module):
    def __init__(self, V, T, C, H, L):
        super().__init__()
        self.embedding, self.places = nn.Embedding(V, C), nn.Embedding(T, C)
        self.blocks = nn.ModuleList(Block(C, H) for _ in range(L))
        self.norm, self.head = nn.LayerNorm(C), nn.Linear(C, V, bias=False)
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                nn.init.normal_(weight, std=0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(weight)

    def forward(self, ids):
        x = self.embedding(ids) + self.places.weight[: ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


# %%
# WRONG MyGPT: the mask hides the position itself
# HINT Position 0 may look at nobody, not even at itself. Then its softmax divides by 0, and
# HINT nan spreads. May a position look at itself?
class Attention(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.H = H
        self.qkv, self.proj = nn.Linear(C, 3 * C), nn.Linear(C, C)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.H, C // self.H).permute(2, 0, 3, 1, 4)
        scores = q @ k.mT / math.sqrt(C // self.H)
        future = torch.ones(T, T, dtype=torch.bool).triu(0)
        weights = scores.masked_fill(future, -math.inf).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attention = Attention(C, H)
        self.up, self.down = nn.Linear(C, 4 * C), nn.Linear(4 * C, C)

    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        return x + self.down(F.gelu(self.up(self.norm_2(x))))


class MyGPT(nn.Module):
    def __init__(self, V, T, C, H, L):
        super().__init__()
        self.embedding, self.places = nn.Embedding(V, C), nn.Embedding(T, C)
        self.blocks = nn.ModuleList(Block(C, H) for _ in range(L))
        self.norm, self.head = nn.LayerNorm(C), nn.Linear(C, V, bias=False)
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                nn.init.normal_(weight, std=0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(weight)

    def forward(self, ids):
        x = self.embedding(ids) + self.places.weight[: ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


# %%
# WRONG MyGPT: no positions
# HINT The later positions do not notice that two earlier tokens have changed places.
# HINT Attention alone does not know the order: what is added to the embedding?
class Attention(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.H = H
        self.qkv, self.proj = nn.Linear(C, 3 * C), nn.Linear(C, C)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.H, C // self.H).permute(2, 0, 3, 1, 4)
        scores = q @ k.mT / math.sqrt(C // self.H)
        future = torch.ones(T, T, dtype=torch.bool).triu(1)
        weights = scores.masked_fill(future, -math.inf).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attention = Attention(C, H)
        self.up, self.down = nn.Linear(C, 4 * C), nn.Linear(4 * C, C)

    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        return x + self.down(F.gelu(self.up(self.norm_2(x))))


class MyGPT(nn.Module):
    def __init__(self, V, T, C, H, L):
        super().__init__()
        self.embedding, self.places = nn.Embedding(V, C), nn.Embedding(T, C)
        self.blocks = nn.ModuleList(Block(C, H) for _ in range(L))
        self.norm, self.head = nn.LayerNorm(C), nn.Linear(C, V, bias=False)
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                nn.init.normal_(weight, std=0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(weight)

    def forward(self, ids):
        x = self.embedding(ids)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


# %%
# WRONG MyGPT: the last norm forgotten
# HINT Your model is smaller by a few times C: what stands between the last block and the
# HINT head?
class Attention(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.H = H
        self.qkv, self.proj = nn.Linear(C, 3 * C), nn.Linear(C, C)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.H, C // self.H).permute(2, 0, 3, 1, 4)
        scores = q @ k.mT / math.sqrt(C // self.H)
        future = torch.ones(T, T, dtype=torch.bool).triu(1)
        weights = scores.masked_fill(future, -math.inf).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attention = Attention(C, H)
        self.up, self.down = nn.Linear(C, 4 * C), nn.Linear(4 * C, C)

    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        return x + self.down(F.gelu(self.up(self.norm_2(x))))


class MyGPT(nn.Module):
    def __init__(self, V, T, C, H, L):
        super().__init__()
        self.embedding, self.places = nn.Embedding(V, C), nn.Embedding(T, C)
        self.blocks = nn.ModuleList(Block(C, H) for _ in range(L))
        self.head = nn.Linear(C, V, bias=False)
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                nn.init.normal_(weight, std=0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(weight)

    def forward(self, ids):
        x = self.embedding(ids) + self.places.weight[: ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(x)


# %%
# WRONG MyGPT: no feed-forward layer
# HINT Your blocks only look at other positions. Which part of a block works on each
# HINT position by itself?
class Attention(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.H = H
        self.qkv, self.proj = nn.Linear(C, 3 * C), nn.Linear(C, C)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.H, C // self.H).permute(2, 0, 3, 1, 4)
        scores = q @ k.mT / math.sqrt(C // self.H)
        future = torch.ones(T, T, dtype=torch.bool).triu(1)
        weights = scores.masked_fill(future, -math.inf).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attention = Attention(C, H)

    def forward(self, x):
        return x + self.attention(self.norm_2(self.norm_1(x)))


class MyGPT(nn.Module):
    def __init__(self, V, T, C, H, L):
        super().__init__()
        self.embedding, self.places = nn.Embedding(V, C), nn.Embedding(T, C)
        self.blocks = nn.ModuleList(Block(C, H) for _ in range(L))
        self.norm, self.head = nn.LayerNorm(C), nn.Linear(C, V, bias=False)
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                nn.init.normal_(weight, std=0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(weight)

    def forward(self, ids):
        x = self.embedding(ids) + self.places.weight[: ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


# %%
# WRONG MyGPT: matrices without biases
# HINT All your matrices lack their biases. Here `nn.Linear` keeps them, except in the head.
class Attention(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.H = H
        self.qkv, self.proj = (
            nn.Linear(C, 3 * C, bias=False),
            nn.Linear(C, C, bias=False),
        )

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.H, C // self.H).permute(2, 0, 3, 1, 4)
        scores = q @ k.mT / math.sqrt(C // self.H)
        future = torch.ones(T, T, dtype=torch.bool).triu(1)
        weights = scores.masked_fill(future, -math.inf).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attention = Attention(C, H)
        self.up, self.down = (
            nn.Linear(C, 4 * C, bias=False),
            nn.Linear(4 * C, C, bias=False),
        )

    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        return x + self.down(F.gelu(self.up(self.norm_2(x))))


class MyGPT(nn.Module):
    def __init__(self, V, T, C, H, L):
        super().__init__()
        self.embedding, self.places = nn.Embedding(V, C), nn.Embedding(T, C)
        self.blocks = nn.ModuleList(Block(C, H) for _ in range(L))
        self.norm, self.head = nn.LayerNorm(C), nn.Linear(C, V, bias=False)
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                nn.init.normal_(weight, std=0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(weight)

    def forward(self, ids):
        x = self.embedding(ids) + self.places.weight[: ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


# %%
# WRONG MyGPT: a head with a bias
# HINT Your model has V numbers too many: does the output head have a bias?
class Attention(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.H = H
        self.qkv, self.proj = nn.Linear(C, 3 * C), nn.Linear(C, C)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.H, C // self.H).permute(2, 0, 3, 1, 4)
        scores = q @ k.mT / math.sqrt(C // self.H)
        future = torch.ones(T, T, dtype=torch.bool).triu(1)
        weights = scores.masked_fill(future, -math.inf).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attention = Attention(C, H)
        self.up, self.down = nn.Linear(C, 4 * C), nn.Linear(4 * C, C)

    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        return x + self.down(F.gelu(self.up(self.norm_2(x))))


class MyGPT(nn.Module):
    def __init__(self, V, T, C, H, L):
        super().__init__()
        self.embedding, self.places = nn.Embedding(V, C), nn.Embedding(T, C)
        self.blocks = nn.ModuleList(Block(C, H) for _ in range(L))
        self.norm, self.head = nn.LayerNorm(C), nn.Linear(C, V)
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                nn.init.normal_(weight, std=0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(weight)

    def forward(self, ids):
        x = self.embedding(ids) + self.places.weight[: ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


# %%
# WRONG MyGPT: a tied head
# HINT Your model has one matrix too few: in this task the head is not the embedding.
class Attention(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.H = H
        self.qkv, self.proj = nn.Linear(C, 3 * C), nn.Linear(C, C)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.H, C // self.H).permute(2, 0, 3, 1, 4)
        scores = q @ k.mT / math.sqrt(C // self.H)
        future = torch.ones(T, T, dtype=torch.bool).triu(1)
        weights = scores.masked_fill(future, -math.inf).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attention = Attention(C, H)
        self.up, self.down = nn.Linear(C, 4 * C), nn.Linear(4 * C, C)

    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        return x + self.down(F.gelu(self.up(self.norm_2(x))))


class MyGPT(nn.Module):
    def __init__(self, V, T, C, H, L):
        super().__init__()
        self.embedding, self.places = nn.Embedding(V, C), nn.Embedding(T, C)
        self.blocks = nn.ModuleList(Block(C, H) for _ in range(L))
        self.norm, self.head = nn.LayerNorm(C), nn.Linear(C, V, bias=False)
        self.head.weight = self.embedding.weight
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                nn.init.normal_(weight, std=0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(weight)

    def forward(self, ids):
        x = self.embedding(ids) + self.places.weight[: ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


# %%
# WRONG MyGPT: one block, used again and again
# HINT All your models have the numbers of one block. A list that repeats one block holds the
# HINT same block L times: how do you make L different ones?
class Attention(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.H = H
        self.qkv, self.proj = nn.Linear(C, 3 * C), nn.Linear(C, C)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.H, C // self.H).permute(2, 0, 3, 1, 4)
        scores = q @ k.mT / math.sqrt(C // self.H)
        future = torch.ones(T, T, dtype=torch.bool).triu(1)
        weights = scores.masked_fill(future, -math.inf).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attention = Attention(C, H)
        self.up, self.down = nn.Linear(C, 4 * C), nn.Linear(4 * C, C)

    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        return x + self.down(F.gelu(self.up(self.norm_2(x))))


class MyGPT(nn.Module):
    def __init__(self, V, T, C, H, L):
        super().__init__()
        self.embedding, self.places = nn.Embedding(V, C), nn.Embedding(T, C)
        self.blocks = nn.ModuleList([Block(C, H)] * L)
        self.norm, self.head = nn.LayerNorm(C), nn.Linear(C, V, bias=False)
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                nn.init.normal_(weight, std=0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(weight)

    def forward(self, ids):
        x = self.embedding(ids) + self.places.weight[: ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


# %%
# WRONG MyGPT: blocks in a plain list
# HINT Torch does not find the numbers of your blocks: a plain Python list hides them. Which
# HINT list does torch have for modules?
class Attention(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.H = H
        self.qkv, self.proj = nn.Linear(C, 3 * C), nn.Linear(C, C)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.H, C // self.H).permute(2, 0, 3, 1, 4)
        scores = q @ k.mT / math.sqrt(C // self.H)
        future = torch.ones(T, T, dtype=torch.bool).triu(1)
        weights = scores.masked_fill(future, -math.inf).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attention = Attention(C, H)
        self.up, self.down = nn.Linear(C, 4 * C), nn.Linear(4 * C, C)

    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        return x + self.down(F.gelu(self.up(self.norm_2(x))))


class MyGPT(nn.Module):
    def __init__(self, V, T, C, H, L):
        super().__init__()
        self.embedding, self.places = nn.Embedding(V, C), nn.Embedding(T, C)
        self.blocks = [Block(C, H) for _ in range(L)]
        self.norm, self.head = nn.LayerNorm(C), nn.Linear(C, V, bias=False)
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                nn.init.normal_(weight, std=0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(weight)

    def forward(self, ids):
        x = self.embedding(ids) + self.places.weight[: ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


# %%
# WRONG MyGPT: torch's usual first weights
# HINT The loss starts above ln V: these are torch's usual first weights. How large should
# HINT they be?
class Attention(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.H = H
        self.qkv, self.proj = nn.Linear(C, 3 * C), nn.Linear(C, C)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.H, C // self.H).permute(2, 0, 3, 1, 4)
        scores = q @ k.mT / math.sqrt(C // self.H)
        future = torch.ones(T, T, dtype=torch.bool).triu(1)
        weights = scores.masked_fill(future, -math.inf).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attention = Attention(C, H)
        self.up, self.down = nn.Linear(C, 4 * C), nn.Linear(4 * C, C)

    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        return x + self.down(F.gelu(self.up(self.norm_2(x))))


class MyGPT(nn.Module):
    def __init__(self, V, T, C, H, L):
        super().__init__()
        self.embedding, self.places = nn.Embedding(V, C), nn.Embedding(T, C)
        self.blocks = nn.ModuleList(Block(C, H) for _ in range(L))
        self.norm, self.head = nn.LayerNorm(C), nn.Linear(C, V, bias=False)

    def forward(self, ids):
        x = self.embedding(ids) + self.places.weight[: ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


# %%
# WRONG MyGPT: only the last position
# HINT Your model gives logits for one position only. It should give them for all: the loss
# HINT counts each of them.
class Attention(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.H = H
        self.qkv, self.proj = nn.Linear(C, 3 * C), nn.Linear(C, C)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.H, C // self.H).permute(2, 0, 3, 1, 4)
        scores = q @ k.mT / math.sqrt(C // self.H)
        future = torch.ones(T, T, dtype=torch.bool).triu(1)
        weights = scores.masked_fill(future, -math.inf).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attention = Attention(C, H)
        self.up, self.down = nn.Linear(C, 4 * C), nn.Linear(4 * C, C)

    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        return x + self.down(F.gelu(self.up(self.norm_2(x))))


class MyGPT(nn.Module):
    def __init__(self, V, T, C, H, L):
        super().__init__()
        self.embedding, self.places = nn.Embedding(V, C), nn.Embedding(T, C)
        self.blocks = nn.ModuleList(Block(C, H) for _ in range(L))
        self.norm, self.head = nn.LayerNorm(C), nn.Linear(C, V, bias=False)
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                nn.init.normal_(weight, std=0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(weight)

    def forward(self, ids):
        x = self.embedding(ids) + self.places.weight[: ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))[:, -1]


# %%
# WRONG MyGPT: probabilities
# HINT These are probabilities: none is below 0. The loss wants logits, and does the softmax
# HINT by itself.
class Attention(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.H = H
        self.qkv, self.proj = nn.Linear(C, 3 * C), nn.Linear(C, C)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.H, C // self.H).permute(2, 0, 3, 1, 4)
        scores = q @ k.mT / math.sqrt(C // self.H)
        future = torch.ones(T, T, dtype=torch.bool).triu(1)
        weights = scores.masked_fill(future, -math.inf).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attention = Attention(C, H)
        self.up, self.down = nn.Linear(C, 4 * C), nn.Linear(4 * C, C)

    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        return x + self.down(F.gelu(self.up(self.norm_2(x))))


class MyGPT(nn.Module):
    def __init__(self, V, T, C, H, L):
        super().__init__()
        self.embedding, self.places = nn.Embedding(V, C), nn.Embedding(T, C)
        self.blocks = nn.ModuleList(Block(C, H) for _ in range(L))
        self.norm, self.head = nn.LayerNorm(C), nn.Linear(C, V, bias=False)
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                nn.init.normal_(weight, std=0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(weight)

    def forward(self, ids):
        x = self.embedding(ids) + self.places.weight[: ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x)).softmax(-1)


# %%
# WRONG MyGPT: texts of the full length only
# HINT Your model reads texts of exactly T tokens. A shorter text has fewer positions: how many
# HINT rows of the position embedding does it need?
class Attention(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.H = H
        self.qkv, self.proj = nn.Linear(C, 3 * C), nn.Linear(C, C)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.H, C // self.H).permute(2, 0, 3, 1, 4)
        scores = q @ k.mT / math.sqrt(C // self.H)
        future = torch.ones(T, T, dtype=torch.bool).triu(1)
        weights = scores.masked_fill(future, -math.inf).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attention = Attention(C, H)
        self.up, self.down = nn.Linear(C, 4 * C), nn.Linear(4 * C, C)

    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        return x + self.down(F.gelu(self.up(self.norm_2(x))))


class MyGPT(nn.Module):
    def __init__(self, V, T, C, H, L):
        super().__init__()
        self.embedding, self.places = nn.Embedding(V, C), nn.Embedding(T, C)
        self.blocks = nn.ModuleList(Block(C, H) for _ in range(L))
        self.norm, self.head = nn.LayerNorm(C), nn.Linear(C, V, bias=False)
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                nn.init.normal_(weight, std=0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(weight)

    def forward(self, ids):
        x = self.embedding(ids) + self.places.weight
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


# %%
# RIGHT MyGPT: a module for each head
class Head(nn.Module):
    def __init__(self, C, D):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(C, D) for _ in range(3))

    def forward(self, x):
        q, k, v = self.query(x), self.key(x), self.value(x)
        scores = q @ k.transpose(1, 2) * q.shape[-1] ** -0.5
        below = torch.tril(torch.ones(x.shape[1], x.shape[1]))
        return F.softmax(scores.masked_fill(below == 0, float("-inf")), dim=-1) @ v


class Block(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.heads = nn.ModuleList([Head(C, C // H) for _ in range(H)])
        self.mix = nn.Linear(C, C)
        self.feed_forward = nn.Sequential(
            nn.Linear(C, 4 * C), nn.GELU(), nn.Linear(4 * C, C)
        )
        self.first, self.second = nn.LayerNorm(C), nn.LayerNorm(C)

    def forward(self, x):
        y = self.first(x)
        x = x + self.mix(torch.cat([head(y) for head in self.heads], dim=-1))
        return x + self.feed_forward(self.second(x))


class MyGPT(nn.Module):
    def __init__(self, V, T, C, H, L):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(V, C), nn.Embedding(T, C)
        self.blocks = nn.Sequential(*[Block(C, H) for _ in range(L)])
        self.ln_f, self.lm_head = nn.LayerNorm(C), nn.Linear(C, V, bias=False)
        self.apply(self.start)

    def start(self, module):
        if isinstance(module, (nn.Linear, nn.Embedding)):
            torch.nn.init.normal_(module.weight, mean=0.0, std=0.02)
            if getattr(module, "bias", None) is not None:
                torch.nn.init.zeros_(module.bias)

    def forward(self, ids):
        x = self.wte(ids) + self.wpe(torch.arange(ids.shape[1]))
        return self.lm_head(self.ln_f(self.blocks(x)))


# %%
# RIGHT MyGPT: one class, einsum, a mask that is added
class MyGPT(nn.Module):
    def __init__(self, V, T, C, H, L):
        super().__init__()
        self.H, self.E = H, nn.Embedding(V, C)
        self.P = nn.Parameter(torch.zeros(T, C))
        part = {"q": (C, C), "k": (C, C), "v": (C, C), "o": (C, C)}
        part |= {"up": (C, 4 * C), "down": (4 * C, C)}
        self.parts = nn.ModuleList(
            nn.ModuleDict({name: nn.Linear(*size) for name, size in part.items()})
            for _ in range(L)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(C) for _ in range(2 * L + 1))
        self.out = nn.Linear(C, V, bias=False)
        with torch.no_grad():
            for weight in self.parameters():
                if weight.dim() > 1:
                    weight.copy_(torch.randn(weight.shape) * 0.02)
            for one in self.parts:
                for layer in one.values():
                    layer.bias.fill_(0)

    def forward(self, ids):
        B, T = ids.shape
        x = self.E(ids) + self.P[:T]
        mask = torch.full((T, T), float("-inf")).triu(1)
        for i, part in enumerate(self.parts):
            y = self.norms[2 * i](x)
            q, k, v = (part[n](y).reshape(B, T, self.H, -1) for n in "qkv")
            a = torch.einsum("bthd,bshd->bhts", q, k) / q.shape[-1] ** 0.5 + mask
            y = torch.einsum("bhts,bshd->bthd", a.softmax(3), v).flatten(2)
            x = x + part["o"](y)
            x = x + part["down"](F.gelu(part["up"](self.norms[2 * i + 1](x))))
        return self.out(self.norms[-1](x))


# %%
# RIGHT MyGPT: the parts that end in the stream start smaller, dropout of 0
class Block(nn.Module):
    def __init__(self, C, H, L):
        super().__init__()
        self.H, self.ln1, self.ln2 = H, nn.LayerNorm(C), nn.LayerNorm(C)
        self.q, self.k, self.v, self.o = (nn.Linear(C, C) for _ in range(4))
        self.up, self.down, self.drop = (
            nn.Linear(C, 4 * C),
            nn.Linear(4 * C, C),
            nn.Dropout(0),
        )
        for layer in (self.q, self.k, self.v, self.o, self.up, self.down):
            small = (2 * L) ** -0.5 if layer in (self.o, self.down) else 1
            nn.init.normal_(layer.weight, 0, 0.02 * small)
            nn.init.constant_(layer.bias, 0)

    def attend(self, x):
        B, T, C = x.size()
        q, k, v = (
            f(x).view(B, T, self.H, -1).transpose(1, 2)
            for f in (self.q, self.k, self.v)
        )
        s = (q @ k.transpose(-2, -1)) / math.sqrt(q.size(-1))
        s[:, :, ~torch.ones(T, T).tril().bool()] = -1e9
        return self.o((s.softmax(-1) @ v).transpose(1, 2).contiguous().view(B, T, C))

    def forward(self, x):
        x = x + self.drop(self.attend(self.ln1(x)))
        return x + self.drop(self.down(F.gelu(self.up(self.ln2(x)))))


class MyGPT(nn.Module):
    def __init__(self, V, T, C, H, L):
        super().__init__()
        self.e, self.p, self.n = nn.Embedding(V, C), nn.Embedding(T, C), nn.LayerNorm(C)
        self.b = nn.ModuleList(Block(C, H, L) for _ in range(L))
        self.h = nn.Linear(C, V, bias=False)
        for layer in (self.e, self.p, self.h):
            layer.weight.data.normal_(0, 0.02)

    def forward(self, idx):
        where = torch.arange(idx.size(1)).expand_as(idx)
        x = self.e(idx) + self.p(where)
        for b in self.b:
            x = b(x)
        return F.linear(self.n(x), self.h.weight)


# %%
# WRONG train: never a step
# HINT Your model is as it was before. Which call computes the gradients, and which one
# HINT makes the step?
def windows(ids, starts, T):
    both = ids[starts[:, None] + torch.arange(T + 1)]
    return both[:, :-1], both[:, 1:]


def train(model, ids, T, steps):
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(steps):
        x, y = windows(ids, torch.randint(len(ids) - T, (16,)), T)
        loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()


# %%
# WRONG train: no backward
# HINT Your model is as it was before. Which call computes the gradients, and which one
# HINT makes the step?
def windows(ids, starts, T):
    both = ids[starts[:, None] + torch.arange(T + 1)]
    return both[:, :-1], both[:, 1:]


def train(model, ids, T, steps):
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(steps):
        x, y = windows(ids, torch.randint(len(ids) - T, (16,)), T)
        loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        optimizer.step()


# %%
# WRONG train: no shift
# HINT Inputs and targets are the same: your model learns to repeat what it has just read.
# HINT Which id is the target of a position?
def windows(ids, starts, T):
    both = ids[starts[:, None] + torch.arange(T + 1)]
    return both[:, :-1], both[:, :-1]


def train(model, ids, T, steps):
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(steps):
        x, y = windows(ids, torch.randint(len(ids) - T, (16,)), T)
        loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


# %%
# WRONG train: the shift backwards
# HINT Your targets are the ids *before* the inputs, which the model has already seen. Which
# HINT of the two is one further to the right?
def windows(ids, starts, T):
    both = ids[starts[:, None] + torch.arange(T + 1)]
    return both[:, 1:], both[:, :-1]


def train(model, ids, T, steps):
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(steps):
        x, y = windows(ids, torch.randint(len(ids) - T, (16,)), T)
        loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


# %%
# WRONG train: the next window as target
# HINT Your targets begin where the inputs end. The target of each position is only one
# HINT further than the position itself.
def windows(ids, starts, T):
    first = starts[:, None] + torch.arange(T)
    return ids[first], ids[(first + T) % len(ids)]


def train(model, ids, T, steps):
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(steps):
        x, y = windows(ids, torch.randint(len(ids) - T, (16,)), T)
        loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


# %%
# WRONG train: windows too short by one
# HINT Your windows have T - 1 positions: how many ids must be taken from each start, so that T
# HINT inputs and T targets fit in?
def windows(ids, starts, T):
    both = ids[starts[:, None] + torch.arange(T)]
    return both[:, :-1], both[:, 1:]


def train(model, ids, T, steps):
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(steps):
        x, y = windows(ids, torch.randint(len(ids) - T, (16,)), T)
        loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


# %%
# WRONG train: the logits in another order
# HINT Your logits and targets do not belong together: a `view` to (B, V, T) does not swap
# HINT dimensions. `flatten(0, 1)` keeps the order, and so does `transpose(1, 2)`.
def windows(ids, starts, T):
    both = ids[starts[:, None] + torch.arange(T + 1)]
    return both[:, :-1], both[:, 1:]


def train(model, ids, T, steps):
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(steps):
        x, y = windows(ids, torch.randint(len(ids) - T, (16,)), T)
        loss = F.cross_entropy(model(x).reshape(len(x), -1, T), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


# %%
# WRONG train: a slow SGD
# HINT With plain steps of 0.01 the model has hardly begun to learn. Which optimizer does the
# HINT task ask for?
def windows(ids, starts, T):
    both = ids[starts[:, None] + torch.arange(T + 1)]
    return both[:, :-1], both[:, 1:]


def train(model, ids, T, steps):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for _ in range(steps):
        x, y = windows(ids, torch.randint(len(ids) - T, (16,)), T)
        loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


# %%
# RIGHT train: a loop over the starts
def windows(ids, starts, T):
    x = torch.stack([ids[i : i + T] for i in starts.tolist()])
    return x, torch.stack([ids[i + 1 : i + T + 1] for i in starts.tolist()])


def train(model, ids, T, steps):
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for step in range(steps):
        ix = torch.randint(0, ids.numel() - T, (16,))
        xb, yb = windows(ids, ix, T)
        logits = model(xb)
        loss = F.cross_entropy(logits.view(-1, logits.size(-1)), yb.reshape(-1))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()


# %%
# RIGHT train: unfold, classes in the second dimension, a generator
def windows(ids, starts, T):
    runs = ids.unfold(0, T + 1, 1)[starts]
    return runs[:, :T], runs[:, 1 : T + 1]


def train(model, ids, T, steps):
    rng = torch.Generator().manual_seed(3)
    optimizer = torch.optim.AdamW(model.parameters(), 0.01, weight_decay=0.1)
    for _ in range(steps):
        model.zero_grad()
        x, y = windows(ids, torch.randint(len(ids) - T, (16,), generator=rng), T)
        F.cross_entropy(model(x).transpose(1, 2), y).backward()
        optimizer.step()


# %%
# RIGHT train: lists, and the loss by hand
import random


def windows(ids, starts, T):
    all_ids = ids.tolist()
    rows = [all_ids[i : i + T + 1] for i in starts.tolist()]
    return torch.tensor(rows)[:, :-1], torch.tensor(rows)[:, 1:]


def train(model, ids, T, steps):
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    drawn = random.Random(5)
    for _ in range(steps):
        starts = torch.tensor([drawn.randrange(len(ids) - T) for _ in range(16)])
        x, y = windows(ids, starts, T)
        log_p = torch.log_softmax(model(x), dim=-1)
        loss = -log_p.gather(-1, y[..., None]).mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()


# %%
# WRONG count_parameters: the head twice
# HINT This is the slide's slip: your tied head is counted although it is the embedding.
# HINT How many matrices does a tied model have at its two ends together?
def count_parameters(c):
    V, T, C, b = c.vocab_size, c.context_size, c.emb_dim, c.bias
    block = 4 * C * C + 2 * C * c.hidden + 2 * C + b * (4 * C + c.hidden + C + 2 * C)
    return 2 * V * C + T * C + c.n_layers * block + C * (1 + b)


# %%
# WRONG count_parameters: never a head of its own
# HINT You count the two ends of the model once, whether the head is tied or not. What
# HINT does a head of its own add?
def count_parameters(c):
    V, T, C, b = c.vocab_size, c.context_size, c.emb_dim, c.bias
    block = 4 * C * C + 2 * C * c.hidden + 2 * C + b * (4 * C + c.hidden + C + 2 * C)
    return V * C + T * C + c.n_layers * block + C * (1 + b)


# %%
# WRONG count_parameters: tied turned round
# HINT Tied and untied have changed places: which of the two models has one matrix more?
def count_parameters(c):
    V, T, C, b = c.vocab_size, c.context_size, c.emb_dim, c.bias
    block = 4 * C * C + 2 * C * c.hidden + 2 * C + b * (4 * C + c.hidden + C + 2 * C)
    return V * C * (1 + c.tied) + T * C + c.n_layers * block + C * (1 + b)


# %%
# WRONG count_parameters: no positions
# HINT Your number is too small by one matrix. A token learns a vector for what it is:
# HINT what else does this model learn a vector for?
def count_parameters(c):
    V, C, b = c.vocab_size, c.emb_dim, c.bias
    block = 4 * C * C + 2 * C * c.hidden + 2 * C + b * (4 * C + c.hidden + C + 2 * C)
    return V * C * (2 - c.tied) + c.n_layers * block + C * (1 + b)


# %%
# WRONG count_parameters: no last norm
# HINT You are very near: what is missing are a few times C numbers, after the last block.
def count_parameters(c):
    V, T, C, b = c.vocab_size, c.context_size, c.emb_dim, c.bias
    block = 4 * C * C + 2 * C * c.hidden + 2 * C + b * (4 * C + c.hidden + C + 2 * C)
    return V * C * (2 - c.tied) + T * C + c.n_layers * block


# %%
# WRONG count_parameters: one norm in a block
# HINT Each of your blocks is too small by the numbers of one norm: how many norms stand
# HINT in a block?
def count_parameters(c):
    V, T, C, b = c.vocab_size, c.context_size, c.emb_dim, c.bias
    block = 4 * C * C + 2 * C * c.hidden + C + b * (4 * C + c.hidden + C + C)
    return V * C * (2 - c.tied) + T * C + c.n_layers * block + C * (1 + b)


# %%
# WRONG count_parameters: no biases in the matrices
# HINT Your matrices have no biases. With `c.bias`, how many outputs does each matrix of a
# HINT block have?
def count_parameters(c):
    V, T, C, b = c.vocab_size, c.context_size, c.emb_dim, c.bias
    block = 4 * C * C + 2 * C * c.hidden + 2 * C * (1 + b)
    return V * C * (2 - c.tied) + T * C + c.n_layers * block + C * (1 + b)


# %%
# WRONG count_parameters: always with biases
# HINT You are right for models like GPT-2. `c.bias` can also be False: which numbers are
# HINT not there then?
def count_parameters(c):
    V, T, C = c.vocab_size, c.context_size, c.emb_dim
    block = 4 * C * C + 2 * C * c.hidden + 2 * C + 4 * C + c.hidden + C + 2 * C
    return V * C * (2 - c.tied) + T * C + c.n_layers * block + 2 * C


# %%
# WRONG count_parameters: no norms without biases
# HINT You are right for models like GPT-2. Without biases your norms have lost all their
# HINT numbers: which of the two kinds do they keep?
def count_parameters(c):
    V, T, C, b = c.vocab_size, c.context_size, c.emb_dim, c.bias
    block = 4 * C * C + 2 * C * c.hidden + b * (2 * C + 4 * C + c.hidden + C + 2 * C)
    return V * C * (2 - c.tied) + T * C + c.n_layers * block + 2 * C * b


# %%
# WRONG count_parameters: four times C, whatever the config says
# HINT You are right for models like GPT-2, whose feed-forward layer is four times as wide
# HINT as the stream. Where does a Config say how wide it is?
def count_parameters(c):
    V, T, C, b = c.vocab_size, c.context_size, c.emb_dim, c.bias
    block = 12 * C * C + 2 * C + b * 11 * C
    return V * C * (2 - c.tied) + T * C + c.n_layers * block + C * (1 + b)


# %%
# WRONG count_parameters: three matrices in attention
# HINT Your attention has a query, a key and a value. Which matrix is used when the heads
# HINT have done their work?
def count_parameters(c):
    V, T, C, b = c.vocab_size, c.context_size, c.emb_dim, c.bias
    block = 3 * C * C + 2 * C * c.hidden + 2 * C + b * (3 * C + c.hidden + C + 2 * C)
    return V * C * (2 - c.tied) + T * C + c.n_layers * block + C * (1 + b)


# %%
# WRONG count_parameters: up and not down
# HINT Your feed-forward layer goes up and never comes back: how many matrices has it?
def count_parameters(c):
    V, T, C, b = c.vocab_size, c.context_size, c.emb_dim, c.bias
    block = 4 * C * C + C * c.hidden + 2 * C + b * (4 * C + c.hidden + 2 * C)
    return V * C * (2 - c.tied) + T * C + c.n_layers * block + C * (1 + b)


# %%
# WRONG count_parameters: bytes
def count_parameters(c):
    V, T, C, b = c.vocab_size, c.context_size, c.emb_dim, c.bias
    block = 4 * C * C + 2 * C * c.hidden + 2 * C + b * (4 * C + c.hidden + C + 2 * C)
    return 4 * (V * C * (2 - c.tied) + T * C + c.n_layers * block + C * (1 + b))


# %%
# RIGHT count_parameters: a list of shapes
import math


def count_parameters(c):
    C, h = c.emb_dim, c.hidden
    shapes = [(c.vocab_size, C), (c.context_size, C), (C,)]
    shapes += [] if c.tied else [(c.vocab_size, C)]
    block = [(C,), (C, 3 * C), (C, C), (C,), (C, h), (h, C)]
    if c.bias:
        shapes.append((C,))
        block += [(C,), (3 * C,), (C,), (C,), (h,), (C,)]
    return sum(math.prod(s) for s in shapes + block * c.n_layers)


# %%
# RIGHT count_parameters: input by input
def count_parameters(c):
    V, T, C, L, hidden, bias, tied = c
    one = 1 if bias else 0  # a bias is the weight of an input that is always 1
    in_block = 3 * (C + one) * C + (C + one) * C + (C + one) * hidden
    in_block += (hidden + one) * C
    norms = (2 * L + 1) * (1 + one) * C
    heads = 0 if tied else V
    return L * in_block + norms + C * (V + T + heads)


# %%
# RIGHT count_parameters: helpers for a matrix and a norm
def count_parameters(c):
    def matrix(rows, columns):
        return rows * columns + (columns if c.bias else 0)

    def norm():
        return 2 * c.emb_dim if c.bias else c.emb_dim

    V, T, C, L, hidden, _, tied = c
    total = V * C + T * C + norm()
    for _ in range(L):
        total += norm() + matrix(C, 3 * C) + matrix(C, C)
        total += norm() + matrix(C, hidden) + matrix(hidden, C)
    return total if tied else total + V * C


# %%
# WRONG gpt: no last norm
# HINT Your logits are larger or smaller than they should be, most of them: what stands
# HINT between the last block and the head?
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][: len(tokens)]
    for block in blocks:
        x = block(x)
    return x @ w.get("out_head", w["embedding"]).T


def write(tokens, n, w, blocks):
    text = list(tokens)
    for _ in range(n):
        seen = torch.tensor(text[-len(w["positions"]) :])
        text.append(gpt(seen, w, blocks)[-1].argmax().item())
    return text[len(tokens) :]


# %%
# WRONG gpt: no positions
# HINT Your model knows which tokens there are, and not where. What is added to the
# HINT embedding?
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens]
    for block in blocks:
        x = block(x)
    return F.layer_norm(x, x.shape[-1:]) @ w.get("out_head", w["embedding"]).T


def write(tokens, n, w, blocks):
    text = list(tokens)
    for _ in range(n):
        seen = torch.tensor(text[-len(w["positions"]) :])
        text.append(gpt(seen, w, blocks)[-1].argmax().item())
    return text[len(tokens) :]


# %%
# WRONG gpt: the same position for all
# HINT Every token of yours gets the vector of the first place. Which row of the positions
# HINT belongs to the third token?
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][0]
    for block in blocks:
        x = block(x)
    return F.layer_norm(x, x.shape[-1:]) @ w.get("out_head", w["embedding"]).T


def write(tokens, n, w, blocks):
    text = list(tokens)
    for _ in range(n):
        seen = torch.tensor(text[-len(w["positions"]) :])
        text.append(gpt(seen, w, blocks)[-1].argmax().item())
    return text[len(tokens) :]


# %%
# WRONG gpt: always tied
# HINT You always use the embedding at the end. This model has a head of its own: what is
# HINT it called in `w`?
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][: len(tokens)]
    for block in blocks:
        x = block(x)
    return F.layer_norm(x, x.shape[-1:]) @ w["embedding"].T


def write(tokens, n, w, blocks):
    text = list(tokens)
    for _ in range(n):
        seen = torch.tensor(text[-len(w["positions"]) :])
        text.append(gpt(seen, w, blocks)[-1].argmax().item())
    return text[len(tokens) :]


# %%
# WRONG gpt: never tied
# HINT `w` has no "out_head" here: in a tied model, which matrix serves at both ends?
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][: len(tokens)]
    for block in blocks:
        x = block(x)
    return F.layer_norm(x, x.shape[-1:]) @ w["out_head"].T


def write(tokens, n, w, blocks):
    text = list(tokens)
    for _ in range(n):
        seen = torch.tensor(text[-len(w["positions"]) :])
        text.append(gpt(seen, w, blocks)[-1].argmax().item())
    return text[len(tokens) :]


# %%
# WRONG gpt: the blocks side by side
# HINT Each of your blocks reads the embedding. In a stack, what does the second block
# HINT read?
def gpt(tokens, w, blocks):
    start = w["embedding"][tokens] + w["positions"][: len(tokens)]
    x = start
    for block in blocks:
        x = block(start)
    return F.layer_norm(x, x.shape[-1:]) @ w.get("out_head", w["embedding"]).T


def write(tokens, n, w, blocks):
    text = list(tokens)
    for _ in range(n):
        seen = torch.tensor(text[-len(w["positions"]) :])
        text.append(gpt(seen, w, blocks)[-1].argmax().item())
    return text[len(tokens) :]


# %%
# WRONG gpt: a skip around each block
# HINT Your stream is added once more around each block. The blocks have their plus inside
# HINT already: what do they return?
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][: len(tokens)]
    for block in blocks:
        x = x + block(x)
    return F.layer_norm(x, x.shape[-1:]) @ w.get("out_head", w["embedding"]).T


def write(tokens, n, w, blocks):
    text = list(tokens)
    for _ in range(n):
        seen = torch.tensor(text[-len(w["positions"]) :])
        text.append(gpt(seen, w, blocks)[-1].argmax().item())
    return text[len(tokens) :]


# %%
# WRONG gpt: probabilities
# HINT Your rows add up to 1: these are probabilities. What are the scores called from
# HINT which they are made, and which of the two is asked for?
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][: len(tokens)]
    for block in blocks:
        x = block(x)
    z = F.layer_norm(x, x.shape[-1:]) @ w.get("out_head", w["embedding"]).T
    return z.softmax(-1)


def write(tokens, n, w, blocks):
    text = list(tokens)
    for _ in range(n):
        seen = torch.tensor(text[-len(w["positions"]) :])
        text.append(gpt(seen, w, blocks)[-1].argmax().item())
    return text[len(tokens) :]


# %%
# WRONG gpt: the prompt given back
# HINT The logits are right. Your list begins with the tokens that were given: which ones
# HINT are asked for?
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][: len(tokens)]
    for block in blocks:
        x = block(x)
    return F.layer_norm(x, x.shape[-1:]) @ w.get("out_head", w["embedding"]).T


def write(tokens, n, w, blocks):
    text = list(tokens)
    for _ in range(n):
        seen = torch.tensor(text[-len(w["positions"]) :])
        text.append(gpt(seen, w, blocks)[-1].argmax().item())
    return text


# %%
# WRONG gpt: the window does not move
# HINT The logits are right. When the text is longer than the model can see, you keep its
# HINT beginning, so the model never reads what it wrote. Which tokens should it see?
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][: len(tokens)]
    for block in blocks:
        x = block(x)
    return F.layer_norm(x, x.shape[-1:]) @ w.get("out_head", w["embedding"]).T


def write(tokens, n, w, blocks):
    text = list(tokens)
    for _ in range(n):
        seen = torch.tensor(text[: len(w["positions"])])
        text.append(gpt(seen, w, blocks)[-1].argmax().item())
    return text[len(tokens) :]


# %%
# WRONG gpt: no window
# HINT The logits are right. In `write` the text gets longer than there are positions, and
# HINT the model stops with an error: how many tokens may it see, and which?
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][: len(tokens)]
    for block in blocks:
        x = block(x)
    return F.layer_norm(x, x.shape[-1:]) @ w.get("out_head", w["embedding"]).T


def write(tokens, n, w, blocks):
    text = list(tokens)
    for _ in range(n):
        text.append(gpt(torch.tensor(text), w, blocks)[-1].argmax().item())
    return text[len(tokens) :]


# %%
# WRONG gpt: the first position asked
# HINT The logits are right. `write` reads them at the first position, which has seen one
# HINT token only: which position has seen them all?
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][: len(tokens)]
    for block in blocks:
        x = block(x)
    return F.layer_norm(x, x.shape[-1:]) @ w.get("out_head", w["embedding"]).T


def write(tokens, n, w, blocks):
    text = list(tokens)
    for _ in range(n):
        seen = torch.tensor(text[-len(w["positions"]) :])
        text.append(gpt(seen, w, blocks)[0].argmax().item())
    return text[len(tokens) :]


# %%
# WRONG gpt: all tokens read off at once
# HINT The logits are right. `write` does not read again what it has written: the second
# HINT new token depends on the first one. How often must the model be asked for n tokens?
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][: len(tokens)]
    for block in blocks:
        x = block(x)
    return F.layer_norm(x, x.shape[-1:]) @ w.get("out_head", w["embedding"]).T


def write(tokens, n, w, blocks):
    z = gpt(torch.tensor(tokens), w, blocks)[-1]
    return z.topk(n).indices.tolist()


# %%
# WRONG gpt: only the last position
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][: len(tokens)]
    for block in blocks:
        x = block(x)
    return (F.layer_norm(x, x.shape[-1:]) @ w.get("out_head", w["embedding"]).T)[-1:]


def write(tokens, n, w, blocks):
    return []


# %%
# RIGHT gpt: reduce, and a recursion
from functools import reduce


def gpt(tokens, w, blocks):
    where = torch.arange(tokens.shape[0])
    start = F.embedding(tokens, w["embedding"]) + F.embedding(where, w["positions"])
    top = reduce(lambda x, block: block(x), blocks, start)
    normed = F.layer_norm(top, top.shape[-1:])
    return F.linear(normed, w["out_head"] if "out_head" in w else w["embedding"])


def write(tokens, n, w, blocks):
    if n == 0:
        return []
    seen = tokens[max(0, len(tokens) - len(w["positions"])) :]
    new = int(torch.argmax(gpt(torch.tensor(seen), w, blocks), dim=-1)[-1])
    return [new, *write([*tokens, new], n - 1, w, blocks)]


# %%
# RIGHT gpt: one-hot vectors, the norm by hand, a deque
from collections import deque


def gpt(tokens, w, blocks):
    T, V = len(tokens), len(w["embedding"])
    x = torch.eye(V).double()[tokens] @ w["embedding"]
    x = x + torch.eye(len(w["positions"])).double()[:T] @ w["positions"]
    for i in range(len(blocks)):
        x = blocks[i](x)
    x = x - x.mean(1, keepdim=True)
    x = x / (x.pow(2).mean(1, keepdim=True) + 1e-5).sqrt()
    head = w["embedding"] if "out_head" not in w else w["out_head"]
    return torch.einsum("tc,vc->tv", x, head)


def write(tokens, n, w, blocks):
    window = deque(tokens, maxlen=len(w["positions"]))
    new = []
    while len(new) < n:
        z = gpt(torch.tensor(list(window)), w, blocks)[-1].tolist()
        new.append(z.index(max(z)))
        window.append(new[-1])
    return new


# %%
# RIGHT gpt: an array of logits, a tuple of tokens
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][: len(tokens)]
    for block in blocks:
        x = block(x)
    head = w["out_head"] if "out_head" in w else w["embedding"]
    return (F.layer_norm(x, x.shape[-1:]) @ head.T).numpy()


def write(tokens, n, w, blocks):
    text = tuple(tokens)
    for _ in range(n):
        seen = torch.tensor(text[-len(w["positions"]) :])
        text += (gpt(seen, w, blocks)[-1].argmax(),)
    return text[len(tokens) :]


# %%
# RIGHT gpt: in single precision
def gpt(tokens, w, blocks):
    x = w["embedding"][tokens] + w["positions"][range(len(tokens))]
    for block in blocks:
        x = block(x)
    head = w["out_head"] if "out_head" in w else w["embedding"]
    rows = [F.layer_norm(row, row.shape).float() for row in x]
    return torch.stack([head.float() @ row for row in rows])


def write(tokens, n, w, blocks):
    limit, text = w["positions"].shape[0], torch.tensor(tokens)
    for _ in range(n):
        new = gpt(text[-limit:], w, blocks)[-1].max(0).indices
        text = torch.cat([text, new[None]])
    return text[-n:].tolist()
