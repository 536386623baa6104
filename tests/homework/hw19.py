# KEPT from_gpt2 lists tuples arrays scalars: load_state_dict takes tensors

# Homework 19: answers that must fail with their hint, and answers that must pass.

# %%
# WRONG from_gpt2: nothing turned
# HINT You kept all matrices as they are in the file. Which layers compute x W, and what
# HINT does Linear do with its weight?
PARTS = ["ln_1", "ln_2", "attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"]


def from_gpt2(theirs):
    C = theirs["ln_f.bias"].shape[0]
    ours = {
        "embedding.weight": theirs["wte.weight"],
        "position_embedding.weight": theirs["wpe.weight"],
        "norm.weight": theirs["ln_f.weight"],
        "norm.bias": theirs["ln_f.bias"],
    }
    i = 0
    while f"h.{i}.ln_1.bias" in theirs:
        for kind in ("weight", "bias"):
            part = {k: theirs[f"h.{i}.{k}.{kind}"] for k in PARTS}
            if kind == "weight":
                for k in PARTS[2:]:
                    part[k] = part[k]
            fused = part["attn.c_attn"]
            ours[f"blocks.{i}.norm_1.{kind}"] = part["ln_1"]
            ours[f"blocks.{i}.norm_2.{kind}"] = part["ln_2"]
            ours[f"blocks.{i}.query.{kind}"] = fused[:C]
            ours[f"blocks.{i}.key.{kind}"] = fused[C : 2 * C]
            ours[f"blocks.{i}.value.{kind}"] = fused[2 * C :]
            ours[f"blocks.{i}.proj.{kind}"] = part["attn.c_proj"]
            ours[f"blocks.{i}.up.{kind}"] = part["mlp.c_fc"]
            ours[f"blocks.{i}.down.{kind}"] = part["mlp.c_proj"]
        i += 1
    return ours


# %%
# WRONG from_gpt2: the square one not turned
# HINT All shapes fit, and yet the logits differ. Which matrix is square, so that nobody
# HINT complains when it lies the wrong way round?
PARTS = ["ln_1", "ln_2", "attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"]


def from_gpt2(theirs):
    C = theirs["ln_f.bias"].shape[0]
    ours = {
        "embedding.weight": theirs["wte.weight"],
        "position_embedding.weight": theirs["wpe.weight"],
        "norm.weight": theirs["ln_f.weight"],
        "norm.bias": theirs["ln_f.bias"],
    }
    i = 0
    while f"h.{i}.ln_1.bias" in theirs:
        for kind in ("weight", "bias"):
            part = {k: theirs[f"h.{i}.{k}.{kind}"] for k in PARTS}
            if kind == "weight":
                for k in ("attn.c_attn", "mlp.c_fc", "mlp.c_proj"):
                    part[k] = part[k].T
            fused = part["attn.c_attn"]
            ours[f"blocks.{i}.norm_1.{kind}"] = part["ln_1"]
            ours[f"blocks.{i}.norm_2.{kind}"] = part["ln_2"]
            ours[f"blocks.{i}.query.{kind}"] = fused[:C]
            ours[f"blocks.{i}.key.{kind}"] = fused[C : 2 * C]
            ours[f"blocks.{i}.value.{kind}"] = fused[2 * C :]
            ours[f"blocks.{i}.proj.{kind}"] = part["attn.c_proj"]
            ours[f"blocks.{i}.up.{kind}"] = part["mlp.c_fc"]
            ours[f"blocks.{i}.down.{kind}"] = part["mlp.c_proj"]
        i += 1
    return ours


# %%
# WRONG from_gpt2: query, key and value not turned back
# HINT The three parts are cut out rightly, but each of them is a square that lies the
# HINT wrong way round.
PARTS = ["ln_1", "ln_2", "attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"]


def from_gpt2(theirs):
    C = theirs["ln_f.bias"].shape[0]
    ours = {
        "embedding.weight": theirs["wte.weight"],
        "position_embedding.weight": theirs["wpe.weight"],
        "norm.weight": theirs["ln_f.weight"],
        "norm.bias": theirs["ln_f.bias"],
    }
    i = 0
    while f"h.{i}.ln_1.bias" in theirs:
        for kind in ("weight", "bias"):
            part = {k: theirs[f"h.{i}.{k}.{kind}"] for k in PARTS}
            if kind == "weight":
                for k in PARTS[2:]:
                    part[k] = part[k].T
            fused = part["attn.c_attn"]
            ours[f"blocks.{i}.norm_1.{kind}"] = part["ln_1"]
            ours[f"blocks.{i}.norm_2.{kind}"] = part["ln_2"]
            ours[f"blocks.{i}.query.{kind}"] = fused[:C].T
            ours[f"blocks.{i}.key.{kind}"] = fused[C : 2 * C].T
            ours[f"blocks.{i}.value.{kind}"] = fused[2 * C :].T
            ours[f"blocks.{i}.proj.{kind}"] = part["attn.c_proj"]
            ours[f"blocks.{i}.up.{kind}"] = part["mlp.c_fc"]
            ours[f"blocks.{i}.down.{kind}"] = part["mlp.c_proj"]
        i += 1
    return ours


# %%
# WRONG from_gpt2: key before query
# HINT Queries and keys have changed places. In which order does the file hold the three?
PARTS = ["ln_1", "ln_2", "attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"]


def from_gpt2(theirs):
    C = theirs["ln_f.bias"].shape[0]
    ours = {
        "embedding.weight": theirs["wte.weight"],
        "position_embedding.weight": theirs["wpe.weight"],
        "norm.weight": theirs["ln_f.weight"],
        "norm.bias": theirs["ln_f.bias"],
    }
    i = 0
    while f"h.{i}.ln_1.bias" in theirs:
        for kind in ("weight", "bias"):
            part = {k: theirs[f"h.{i}.{k}.{kind}"] for k in PARTS}
            if kind == "weight":
                for k in PARTS[2:]:
                    part[k] = part[k].T
            fused = part["attn.c_attn"]
            ours[f"blocks.{i}.norm_1.{kind}"] = part["ln_1"]
            ours[f"blocks.{i}.norm_2.{kind}"] = part["ln_2"]
            ours[f"blocks.{i}.key.{kind}"] = fused[:C]
            ours[f"blocks.{i}.query.{kind}"] = fused[C : 2 * C]
            ours[f"blocks.{i}.value.{kind}"] = fused[2 * C :]
            ours[f"blocks.{i}.proj.{kind}"] = part["attn.c_proj"]
            ours[f"blocks.{i}.up.{kind}"] = part["mlp.c_fc"]
            ours[f"blocks.{i}.down.{kind}"] = part["mlp.c_proj"]
        i += 1
    return ours


# %%
# WRONG from_gpt2: interleaved
# HINT You took every third number. The file holds all numbers of the query first: do its
# HINT neighbours belong together?
PARTS = ["ln_1", "ln_2", "attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"]


def from_gpt2(theirs):
    C = theirs["ln_f.bias"].shape[0]
    ours = {
        "embedding.weight": theirs["wte.weight"],
        "position_embedding.weight": theirs["wpe.weight"],
        "norm.weight": theirs["ln_f.weight"],
        "norm.bias": theirs["ln_f.bias"],
    }
    i = 0
    while f"h.{i}.ln_1.bias" in theirs:
        for kind in ("weight", "bias"):
            part = {k: theirs[f"h.{i}.{k}.{kind}"] for k in PARTS}
            if kind == "weight":
                for k in PARTS[2:]:
                    part[k] = part[k].T
            fused = part["attn.c_attn"]
            ours[f"blocks.{i}.norm_1.{kind}"] = part["ln_1"]
            ours[f"blocks.{i}.norm_2.{kind}"] = part["ln_2"]
            ours[f"blocks.{i}.query.{kind}"] = fused[0::3]
            ours[f"blocks.{i}.key.{kind}"] = fused[1::3]
            ours[f"blocks.{i}.value.{kind}"] = fused[2::3]
            ours[f"blocks.{i}.proj.{kind}"] = part["attn.c_proj"]
            ours[f"blocks.{i}.up.{kind}"] = part["mlp.c_fc"]
            ours[f"blocks.{i}.down.{kind}"] = part["mlp.c_proj"]
        i += 1
    return ours


# %%
# WRONG from_gpt2: norms exchanged
# HINT The two norms of a block have changed places: which one comes before the attention?
PARTS = ["ln_1", "ln_2", "attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"]


def from_gpt2(theirs):
    C = theirs["ln_f.bias"].shape[0]
    ours = {
        "embedding.weight": theirs["wte.weight"],
        "position_embedding.weight": theirs["wpe.weight"],
        "norm.weight": theirs["ln_f.weight"],
        "norm.bias": theirs["ln_f.bias"],
    }
    i = 0
    while f"h.{i}.ln_1.bias" in theirs:
        for kind in ("weight", "bias"):
            part = {k: theirs[f"h.{i}.{k}.{kind}"] for k in PARTS}
            if kind == "weight":
                for k in PARTS[2:]:
                    part[k] = part[k].T
            fused = part["attn.c_attn"]
            ours[f"blocks.{i}.norm_1.{kind}"] = part["ln_2"]
            ours[f"blocks.{i}.norm_2.{kind}"] = part["ln_1"]
            ours[f"blocks.{i}.query.{kind}"] = fused[:C]
            ours[f"blocks.{i}.key.{kind}"] = fused[C : 2 * C]
            ours[f"blocks.{i}.value.{kind}"] = fused[2 * C :]
            ours[f"blocks.{i}.proj.{kind}"] = part["attn.c_proj"]
            ours[f"blocks.{i}.up.{kind}"] = part["mlp.c_fc"]
            ours[f"blocks.{i}.down.{kind}"] = part["mlp.c_proj"]
        i += 1
    return ours


# %%
# WRONG from_gpt2: reshaped in place of turned
# HINT You changed the shapes with reshape. Does that move the number in row 0, column 1
# HINT to row 1, column 0?
PARTS = ["ln_1", "ln_2", "attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"]


def from_gpt2(theirs):
    C = theirs["ln_f.bias"].shape[0]
    ours = {
        "embedding.weight": theirs["wte.weight"],
        "position_embedding.weight": theirs["wpe.weight"],
        "norm.weight": theirs["ln_f.weight"],
        "norm.bias": theirs["ln_f.bias"],
    }
    i = 0
    while f"h.{i}.ln_1.bias" in theirs:
        for kind in ("weight", "bias"):
            part = {k: theirs[f"h.{i}.{k}.{kind}"] for k in PARTS}
            if kind == "weight":
                for k in PARTS[2:]:
                    part[k] = part[k].reshape(part[k].shape[::-1])
            fused = part["attn.c_attn"]
            ours[f"blocks.{i}.norm_1.{kind}"] = part["ln_1"]
            ours[f"blocks.{i}.norm_2.{kind}"] = part["ln_2"]
            ours[f"blocks.{i}.query.{kind}"] = fused[:C]
            ours[f"blocks.{i}.key.{kind}"] = fused[C : 2 * C]
            ours[f"blocks.{i}.value.{kind}"] = fused[2 * C :]
            ours[f"blocks.{i}.proj.{kind}"] = part["attn.c_proj"]
            ours[f"blocks.{i}.up.{kind}"] = part["mlp.c_fc"]
            ours[f"blocks.{i}.down.{kind}"] = part["mlp.c_proj"]
        i += 1
    return ours


# %%
# WRONG from_gpt2: the first block everywhere
# HINT All your blocks are alike: which number in a name says to which block it belongs?
PARTS = ["ln_1", "ln_2", "attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"]


def from_gpt2(theirs):
    C = theirs["ln_f.bias"].shape[0]
    ours = {
        "embedding.weight": theirs["wte.weight"],
        "position_embedding.weight": theirs["wpe.weight"],
        "norm.weight": theirs["ln_f.weight"],
        "norm.bias": theirs["ln_f.bias"],
    }
    i = 0
    while f"h.{i}.ln_1.bias" in theirs:
        for kind in ("weight", "bias"):
            part = {k: theirs[f"h.0.{k}.{kind}"] for k in PARTS}
            if kind == "weight":
                for k in PARTS[2:]:
                    part[k] = part[k].T
            fused = part["attn.c_attn"]
            ours[f"blocks.{i}.norm_1.{kind}"] = part["ln_1"]
            ours[f"blocks.{i}.norm_2.{kind}"] = part["ln_2"]
            ours[f"blocks.{i}.query.{kind}"] = fused[:C]
            ours[f"blocks.{i}.key.{kind}"] = fused[C : 2 * C]
            ours[f"blocks.{i}.value.{kind}"] = fused[2 * C :]
            ours[f"blocks.{i}.proj.{kind}"] = part["attn.c_proj"]
            ours[f"blocks.{i}.up.{kind}"] = part["mlp.c_fc"]
            ours[f"blocks.{i}.down.{kind}"] = part["mlp.c_proj"]
        i += 1
    return ours


# %%
# WRONG from_gpt2: embeddings turned too
# HINT You turned the embeddings as well. What is a row of an embedding, in the file and
# HINT in our model?
PARTS = ["ln_1", "ln_2", "attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"]


def from_gpt2(theirs):
    C = theirs["ln_f.bias"].shape[0]
    ours = {
        "embedding.weight": theirs["wte.weight"].T,
        "position_embedding.weight": theirs["wpe.weight"].T,
        "norm.weight": theirs["ln_f.weight"],
        "norm.bias": theirs["ln_f.bias"],
    }
    i = 0
    while f"h.{i}.ln_1.bias" in theirs:
        for kind in ("weight", "bias"):
            part = {k: theirs[f"h.{i}.{k}.{kind}"] for k in PARTS}
            if kind == "weight":
                for k in PARTS[2:]:
                    part[k] = part[k].T
            fused = part["attn.c_attn"]
            ours[f"blocks.{i}.norm_1.{kind}"] = part["ln_1"]
            ours[f"blocks.{i}.norm_2.{kind}"] = part["ln_2"]
            ours[f"blocks.{i}.query.{kind}"] = fused[:C]
            ours[f"blocks.{i}.key.{kind}"] = fused[C : 2 * C]
            ours[f"blocks.{i}.value.{kind}"] = fused[2 * C :]
            ours[f"blocks.{i}.proj.{kind}"] = part["attn.c_proj"]
            ours[f"blocks.{i}.up.{kind}"] = part["mlp.c_fc"]
            ours[f"blocks.{i}.down.{kind}"] = part["mlp.c_proj"]
        i += 1
    return ours


# %%
# WRONG from_gpt2: one set of biases forgotten
# HINT Only the query has a bias in your model. The bias of the fused layer has three
# HINT parts, too: where do the others go?
PARTS = ["ln_1", "ln_2", "attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"]


def from_gpt2(theirs):
    C = theirs["ln_f.bias"].shape[0]
    ours = {
        "embedding.weight": theirs["wte.weight"],
        "position_embedding.weight": theirs["wpe.weight"],
        "norm.weight": theirs["ln_f.weight"],
        "norm.bias": theirs["ln_f.bias"],
    }
    i = 0
    while f"h.{i}.ln_1.bias" in theirs:
        for kind in ("weight", "bias"):
            part = {k: theirs[f"h.{i}.{k}.{kind}"] for k in PARTS}
            if kind == "weight":
                for k in PARTS[2:]:
                    part[k] = part[k].T
            fused = part["attn.c_attn"]
            ours[f"blocks.{i}.norm_1.{kind}"] = part["ln_1"]
            ours[f"blocks.{i}.norm_2.{kind}"] = part["ln_2"]
            if kind == "bias":
                fused = fused.repeat(3)
                fused[C:] = 0
            ours[f"blocks.{i}.query.{kind}"] = fused[:C]
            ours[f"blocks.{i}.key.{kind}"] = fused[C : 2 * C]
            ours[f"blocks.{i}.value.{kind}"] = fused[2 * C :]
            ours[f"blocks.{i}.proj.{kind}"] = part["attn.c_proj"]
            ours[f"blocks.{i}.up.{kind}"] = part["mlp.c_fc"]
            ours[f"blocks.{i}.down.{kind}"] = part["mlp.c_proj"]
        i += 1
    return ours


# %%
# WRONG from_gpt2: no return
PARTS = ["ln_1", "ln_2", "attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"]


def from_gpt2(theirs):
    C = theirs["ln_f.bias"].shape[0]
    ours = {
        "embedding.weight": theirs["wte.weight"],
        "position_embedding.weight": theirs["wpe.weight"],
        "norm.weight": theirs["ln_f.weight"],
        "norm.bias": theirs["ln_f.bias"],
    }
    i = 0
    while f"h.{i}.ln_1.bias" in theirs:
        for kind in ("weight", "bias"):
            part = {k: theirs[f"h.{i}.{k}.{kind}"] for k in PARTS}
            if kind == "weight":
                for k in PARTS[2:]:
                    part[k] = part[k].T
            fused = part["attn.c_attn"]
            ours[f"blocks.{i}.norm_1.{kind}"] = part["ln_1"]
            ours[f"blocks.{i}.norm_2.{kind}"] = part["ln_2"]
            ours[f"blocks.{i}.query.{kind}"] = fused[:C]
            ours[f"blocks.{i}.key.{kind}"] = fused[C : 2 * C]
            ours[f"blocks.{i}.value.{kind}"] = fused[2 * C :]
            ours[f"blocks.{i}.proj.{kind}"] = part["attn.c_proj"]
            ours[f"blocks.{i}.up.{kind}"] = part["mlp.c_fc"]
            ours[f"blocks.{i}.down.{kind}"] = part["mlp.c_proj"]
        i += 1


# %%
# RIGHT from_gpt2: name by name
PARTS = ["ln_1", "ln_2", "attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"]


def from_gpt2(theirs):
    C = theirs["ln_f.bias"].shape[0]
    ours = {
        "embedding.weight": theirs["wte.weight"],
        "position_embedding.weight": theirs["wpe.weight"],
        "norm.weight": theirs["ln_f.weight"],
        "norm.bias": theirs["ln_f.bias"],
    }
    i = 0
    while f"h.{i}.ln_1.bias" in theirs:
        for kind in ("weight", "bias"):
            part = {k: theirs[f"h.{i}.{k}.{kind}"] for k in PARTS}
            if kind == "weight":
                for k in PARTS[2:]:
                    part[k] = part[k].T
            fused = part["attn.c_attn"]
            ours[f"blocks.{i}.norm_1.{kind}"] = part["ln_1"]
            ours[f"blocks.{i}.norm_2.{kind}"] = part["ln_2"]
            ours[f"blocks.{i}.query.{kind}"] = fused[:C]
            ours[f"blocks.{i}.key.{kind}"] = fused[C : 2 * C]
            ours[f"blocks.{i}.value.{kind}"] = fused[2 * C :]
            ours[f"blocks.{i}.proj.{kind}"] = part["attn.c_proj"]
            ours[f"blocks.{i}.up.{kind}"] = part["mlp.c_fc"]
            ours[f"blocks.{i}.down.{kind}"] = part["mlp.c_proj"]
        i += 1
    return ours


# %%
# RIGHT from_gpt2: by replacing words
import re


def from_gpt2(theirs):
    words = [
        (r"^wte", "embedding"),
        (r"^wpe", "position_embedding"),
        (r"^ln_f", "norm"),
        (r"^h\.", "blocks."),
        (r"ln_(\d)", r"norm_\1"),
        (r"attn\.c_proj", "proj"),
        (r"mlp\.c_fc", "up"),
        (r"mlp\.c_proj", "down"),
    ]
    ours = {}
    for name, weight in theirs.items():
        new = name
        for old, word in words:
            new = re.sub(old, word, new)
        if "c_attn" in new:
            n = weight.shape[-1] // 3
            for j, one in enumerate(["query", "key", "value"]):
                some = weight[..., j * n : (j + 1) * n]
                ours[new.replace("attn.c_attn", one)] = some.t()
        else:
            ours[new] = weight.t() if re.search(r"\.c_.*weight", name) else weight
    return ours


# %%
# RIGHT from_gpt2: through numpy
import numpy as np


def from_gpt2(theirs):
    w = {name: weight.numpy() for name, weight in theirs.items()}
    ours = {"embedding.weight": w["wte.weight"]}
    ours["position_embedding.weight"] = w["wpe.weight"]
    ours["norm.weight"], ours["norm.bias"] = w["ln_f.weight"], w["ln_f.bias"]
    n_layers = 1 + max(int(name.split(".")[1]) for name in w if name[:2] == "h.")
    for i in range(n_layers):
        for end in (".weight", ".bias"):
            trio = np.split(w[f"h.{i}.attn.c_attn{end}"], 3, axis=-1)
            for one, part in zip(("query", "key", "value"), trio):
                ours[f"blocks.{i}.{one}{end}"] = part.transpose()
            ours[f"blocks.{i}.proj{end}"] = w[f"h.{i}.attn.c_proj{end}"].transpose()
            ours[f"blocks.{i}.up{end}"] = w[f"h.{i}.mlp.c_fc{end}"].transpose()
            ours[f"blocks.{i}.down{end}"] = w[f"h.{i}.mlp.c_proj{end}"].transpose()
            for n in "12":
                ours[f"blocks.{i}.norm_{n}{end}"] = w[f"h.{i}.ln_{n}{end}"]
    return {name: torch.from_numpy(x.copy()) for name, x in ours.items()}


# %%
# WRONG longest_copy: all documents joined
# HINT You joined the documents, and a piece may now run from one into the next. Has the
# HINT model ever read that piece?
def longest_copy(text, documents):
    known = [token for document in documents for token in document]
    for length in range(len(text), 0, -1):
        for start in range(len(text) - length + 1):
            piece = text[start : start + length]
            if any(known[i : i + length] == piece for i in range(len(known))):
                return [start, length]
    return [0, 0]


# %%
# WRONG longest_copy: known tokens in any order
# HINT Each of these tokens was read, but not in this order. What does word for word mean?
def longest_copy(text, documents):
    known = {token for document in documents for token in document}
    best, n = [0, 0], 0
    for end, token in enumerate(text, 1):
        n = n + 1 if token in known else 0
        if n > best[1]:
            best = [end - n, n]
    return best


# %%
# WRONG longest_copy: a chain of pairs
# HINT Each pair of neighbours in this piece was read, but perhaps in different documents.
# HINT Does the whole piece stand in one of them?
def longest_copy(text, documents):
    pairs = {pair for d in documents for pair in zip(d, d[1:])}
    known = {token for document in documents for token in document}
    best, n = [0, 0], 0
    for end, token in enumerate(text, 1):
        if n and (text[end - 2], token) in pairs:
            n += 1
        else:
            n = 1 if token in known else 0
        if n > best[1]:
            best = [end - n, n]
    return best


# %%
# WRONG longest_copy: the last of several
# HINT This is the last of several pieces of the same length: when does your program take a
# HINT new one?
def longest_copy(text, documents):
    best = [0, 0]
    for start in range(len(text)):
        for length in range(1, len(text) - start + 1):
            piece = text[start : start + length]
            for d in documents:
                if any(d[i : i + length] == piece for i in range(len(d))):
                    if length >= best[1]:
                        best = [start, length]
    return best


# %%
# WRONG longest_copy: the end of the text missed
# HINT A piece at the very end of the text loses its last token: how far do your start and
# HINT your length run?
def longest_copy(text, documents):
    for length in range(len(text), 0, -1):
        for start in range(len(text) - length):
            piece = text[start : start + length]
            for document in documents:
                for i in range(len(document) - length + 1):
                    if document[i : i + length] == piece:
                        return [start, length]
    return [0, 0]


# %%
# WRONG longest_copy: the first and not the longest
# HINT This is the first copied piece, not the longest one: does your search go on after
# HINT it?
def longest_copy(text, documents):
    for start in range(len(text)):
        for length in range(len(text) - start, 0, -1):
            piece = text[start : start + length]
            for d in documents:
                if any(d[i : i + length] == piece for i in range(len(d))):
                    return [start, length]
    return [0, 0]


# %%
# WRONG longest_copy: the place in the document
# HINT The length is right. The place counts tokens of the document: of what should it
# HINT count them?
def longest_copy(text, documents):
    for length in range(len(text), 0, -1):
        for start in range(len(text) - length + 1):
            piece = text[start : start + length]
            for document in documents:
                for i in range(len(document) - length + 1):
                    if document[i : i + length] == piece:
                        return [i, length]
    return [0, 0]


# %%
# WRONG longest_copy: searched in a line of digits
# HINT You look for digits in a line of digits, and there a 5 is found in 45, too. Compare
# HINT whole tokens.
def longest_copy(text, documents):
    lines = [" ".join(map(str, document)) for document in documents]
    for length in range(len(text), 0, -1):
        for start in range(len(text) - length + 1):
            piece = " ".join(map(str, text[start : start + length]))
            if any(piece in line for line in lines):
                return [start, length]
    return [0, 0]


# %%
# WRONG longest_copy: with gaps
# HINT Your piece has gaps: it counts tokens that follow each other anywhere in the text.
# HINT Must they stand side by side?
def longest_copy(text, documents):
    best = [0, 0]
    for d in documents:
        n = [[0] * (len(d) + 1) for _ in range(len(text) + 1)]
        for i, x in enumerate(text):
            for j, y in enumerate(d):
                n[i + 1][j + 1] = (
                    n[i][j] + 1 if x == y else max(n[i][j + 1], n[i + 1][j])
                )
        if n[-1][-1] > best[1]:
            first = next(i for i, x in enumerate(text) if x in d)
            best = [first, n[-1][-1]]
    return best


# %%
# WRONG longest_copy: the piece itself
def longest_copy(text, documents):
    for length in range(len(text), 0, -1):
        for start in range(len(text) - length + 1):
            piece = text[start : start + length]
            for document in documents:
                for i in range(len(document) - length + 1):
                    if document[i : i + length] == piece:
                        return piece
    return [0, 0]


# %%
# RIGHT longest_copy: a table of lengths
def longest_copy(text, documents):
    best = [0, 0]
    for document in documents:
        row = [0] * (len(document) + 1)
        for end, token in enumerate(text, 1):
            row = [0] + [
                row[j] + 1 if word == token else 0 for j, word in enumerate(document)
            ]
            n = max(row)
            if (n, -(end - n)) > (best[1], -best[0]):
                best = [end - n, n]
    return best


# %%
# RIGHT longest_copy: a search in strings
def longest_copy(text, documents):
    read = "\n".join("".join(chr(1000 + token) for token in d) for d in documents)
    written = "".join(chr(1000 + token) for token in text)
    best_start, best_length = 0, 0
    for start in range(len(written)):
        while written[start : start + best_length + 1] in read:
            if start + best_length + 1 > len(written):
                break
            best_start, best_length = start, best_length + 1
    return [best_start, best_length]


# %%
# RIGHT longest_copy: a tuple, with difflib
from difflib import SequenceMatcher


def longest_copy(text, documents):
    found = [(0, 0)]
    for document in documents:
        match = SequenceMatcher(None, text, document, autojunk=False)
        best = match.find_longest_match()
        found.append((best.a if best.size else 0, best.size))
    return max(found, key=lambda one: (one[1], -one[0]))


# %%
# RIGHT longest_copy: a tensor
def longest_copy(text, documents):
    best = torch.zeros(2, dtype=torch.long)
    words = torch.tensor(text)
    for document in documents:
        grid = words[:, None] == torch.tensor(document)
        for offset in range(-len(text) + 1, len(document)):
            n = 0
            for i, same in enumerate(grid.diagonal(offset).tolist()):
                n = n + 1 if same else 0
                start = i - n + 1 + max(0, -offset)
                longer = n > best[1] or (n and n == best[1] and start < best[0])
                best = torch.tensor([start, n]) if longer else best
    return best


# %%
# RIGHT longest_copy: all pieces in a set
def longest_copy(text, documents):
    pieces = set()
    for d in documents:
        for i in range(len(d)):
            for j in range(i, len(d)):
                pieces.add(tuple(d[i : j + 1]))
    found = [
        (start - end, start)
        for start in range(len(text))
        for end in range(start + 1, len(text) + 1)
        if tuple(text[start:end]) in pieces
    ]
    if not found:
        return [0, 0]
    minus, start = min(found)
    return [start, -minus]


# %%
# WRONG induction: as given
# HINT Two things are wrong: what does roll put in front of the first token, and what
# HINT happens to a number in probs that is written twice?
def induction(tokens, vocab_size, sharpness):
    before = tokens.roll(1)
    scores = sharpness * (before == tokens[-1]).float()
    weights = scores.softmax(0)
    probs = torch.zeros(vocab_size)
    probs[tokens] = weights
    return probs


# %%
# WRONG induction: only the sum mended
# HINT The probabilities add up, but the first token still gets too much: what stands in
# HINT front of it?
def induction(tokens, vocab_size, sharpness):
    before = tokens.roll(1)
    scores = sharpness * (before == tokens[-1]).float()
    weights = scores.softmax(0)
    probs = torch.zeros(vocab_size).index_add(0, tokens, weights)
    return probs


# %%
# WRONG induction: only the first token mended
# HINT The first token is right, but the probabilities of a token that comes several times
# HINT are too small: which of its weights survives?
def induction(tokens, vocab_size, sharpness):
    before = torch.cat([torch.tensor([-1]), tokens[:-1]])
    scores = sharpness * (before == tokens[-1]).float()
    weights = scores.softmax(0)
    probs = torch.zeros(vocab_size)
    probs[tokens] = weights
    return probs


# %%
# WRONG induction: a real token in front
# HINT You put the number 0 in front of the first token. Is there a token with this number?
def induction(tokens, vocab_size, sharpness):
    before = torch.cat([torch.tensor([0]), tokens[:-1]])
    scores = sharpness * (before == tokens[-1]).float()
    weights = scores.softmax(0)
    probs = torch.zeros(vocab_size).index_add(0, tokens, weights)
    return probs


# %%
# WRONG induction: copies the match
# HINT Your head finds the last token itself, further up, and copies it. Which token did it
# HINT want to know?
def induction(tokens, vocab_size, sharpness):
    before = tokens
    scores = sharpness * (before == tokens[-1]).float()
    weights = scores.softmax(0)
    probs = torch.zeros(vocab_size).index_add(0, tokens, weights)
    return probs


# %%
# WRONG induction: looks at the token after
# HINT Your head copies the token that stood in front of the match, not the one after it:
# HINT in which direction did you shift?
def induction(tokens, vocab_size, sharpness):
    before = torch.cat([tokens[1:], torch.tensor([-1])])
    scores = sharpness * (before == tokens[-1]).float()
    weights = scores.softmax(0)
    probs = torch.zeros(vocab_size).index_add(0, tokens, weights)
    return probs


# %%
# WRONG induction: divided by the sum
# HINT Your numbers have been made to add up to 1 by a division. But a token that comes
# HINT twice has lost one of its weights before: which step loses it?
def induction(tokens, vocab_size, sharpness):
    before = torch.cat([torch.tensor([-1]), tokens[:-1]])
    scores = sharpness * (before == tokens[-1]).float()
    weights = scores.softmax(0)
    probs = torch.zeros(vocab_size)
    probs[tokens] = weights
    probs = probs / probs.sum()
    return probs


# %%
# WRONG induction: a softmax over the vocabulary
# HINT Your softmax runs over the vocabulary, so that a token which is not in the prompt
# HINT gets a share, too. Over what does the task let it run?
def induction(tokens, vocab_size, sharpness):
    before = torch.cat([torch.tensor([-1]), tokens[:-1]])
    scores = sharpness * (before == tokens[-1]).float()
    return torch.zeros(vocab_size).index_add(0, tokens, scores).softmax(dim=0)


# %%
# WRONG induction: no softmax
# HINT Positions without a match get nothing at all here. What does a softmax make of a
# HINT score of 0?
def induction(tokens, vocab_size, sharpness):
    before = torch.cat([torch.tensor([-1]), tokens[:-1]])
    scores = sharpness * (before == tokens[-1]).float()
    weights = scores / scores.sum().clamp(min=1e-9)
    probs = torch.zeros(vocab_size).index_add(0, tokens, weights)
    return probs


# %%
# WRONG induction: the first position shut out
# HINT Your first position has no weight at all. Nothing stands before it, so its score
# HINT is 0: what does a softmax make of a 0?
def induction(tokens, vocab_size, sharpness):
    scores = sharpness * (tokens.roll(1) == tokens[-1]).float()
    scores[0] = -float("inf")
    return torch.zeros(vocab_size).index_add(0, tokens, scores.softmax(0))


# %%
# WRONG induction: the last position cut off
# HINT The last position has no weight in your sum. It may be copied, like any other: how
# HINT many positions does the softmax run over?
def induction(tokens, vocab_size, sharpness):
    probs = torch.zeros(vocab_size)
    before = torch.cat([torch.tensor([-1]), tokens[:-1]])
    weights = (sharpness * (before == tokens[-1])[:-1].float()).softmax(0)
    return probs.index_add(0, tokens[:-1], weights)


# %%
# WRONG induction: tickets not divided
def induction(tokens, vocab_size, sharpness):
    before = torch.cat([torch.tensor([-1]), tokens[:-1]])
    scores = sharpness * (before == tokens[-1]).float()
    probs = torch.zeros(vocab_size).index_add(0, tokens, scores.exp())
    return probs


# %%
# RIGHT induction: with a loop
import math


def induction(tokens, vocab_size, sharpness):
    row = tokens.tolist()
    tickets = [1.0]
    for previous in row[:-1]:
        tickets.append(math.exp(sharpness) if previous == row[-1] else 1.0)
    probs = [0.0] * vocab_size
    for token, ticket in zip(row, tickets):
        probs[token] += ticket / sum(tickets)
    return torch.tensor(probs)


# %%
# RIGHT induction: roll, then cure the first
def induction(tokens, vocab_size, sharpness):
    scores = sharpness * (tokens.roll(1) == tokens[-1]).double()
    scores[0] = 0
    one_hot = torch.nn.functional.one_hot(tokens, vocab_size).double()
    return scores.softmax(0) @ one_hot


# %%
# RIGHT induction: a list
def induction(tokens, vocab_size, sharpness):
    row = tokens.tolist()
    same = [False] + [token == row[-1] for token in row[:-1]]
    weights = torch.softmax(torch.tensor(same).double() * sharpness, 0).tolist()
    places = range(len(row))
    return [sum(weights[i] for i in places if row[i] == v) for v in range(vocab_size)]


# %%
# RIGHT induction: numpy counts with weights
import numpy as np


def induction(tokens, vocab_size, sharpness):
    t = tokens.numpy()
    e = np.ones(len(t))
    e[1:][t[:-1] == t[-1]] = np.exp(sharpness)
    return torch.from_numpy(np.bincount(t, e / e.sum(), minlength=vocab_size)).float()


# %%
# WRONG answer_log_prob: not shifted
# HINT You asked the row of each word for that word itself. Which word does row t predict?
def answer_log_prob(model, prompt, answer):
    n = len(prompt)
    log_probs = model(prompt + answer).log_softmax(-1)
    return sum(log_probs[n + i, token].item() for i, token in enumerate(answer))


def lead(model, prompt, true, false):
    return answer_log_prob(model, prompt, true) - answer_log_prob(model, prompt, false)


# %%
# WRONG answer_log_prob: the prompt counted too
# HINT You added up the words of the prompt as well. Which words does the model have to
# HINT predict, and which are given?
def answer_log_prob(model, prompt, answer):
    tokens = prompt + answer
    log_probs = model(tokens).log_softmax(-1)
    return sum(log_probs[t, x].item() for t, x in enumerate(tokens[1:]))


def lead(model, prompt, true, false):
    return answer_log_prob(model, prompt, true) - answer_log_prob(model, prompt, false)


# %%
# WRONG answer_log_prob: the mean
# HINT This is the mean over the words of the answer. What becomes of a product, when you
# HINT take its logarithm?
def answer_log_prob(model, prompt, answer):
    n = len(prompt)
    log_probs = model(prompt + answer).log_softmax(-1)
    picked = [log_probs[n - 1 + i, token].item() for i, token in enumerate(answer)]
    return sum(picked) / len(picked)


def lead(model, prompt, true, false):
    return answer_log_prob(model, prompt, true) - answer_log_prob(model, prompt, false)


# %%
# WRONG answer_log_prob: logits as they are
# HINT You added up logits. What is missing before they are logarithms of probabilities?
def answer_log_prob(model, prompt, answer):
    n = len(prompt)
    log_probs = model(prompt + answer)
    picked = [log_probs[n - 1 + i, token].item() for i, token in enumerate(answer)]
    return sum(picked)


def lead(model, prompt, true, false):
    return answer_log_prob(model, prompt, true) - answer_log_prob(model, prompt, false)


# %%
# WRONG answer_log_prob: the product without the logarithm
# HINT This is the probability itself: its logarithm is asked for.
def answer_log_prob(model, prompt, answer):
    n = len(prompt)
    log_probs = model(prompt + answer).log_softmax(-1)
    picked = [log_probs[n - 1 + i, token].item() for i, token in enumerate(answer)]
    return torch.tensor(picked).sum().exp().item()


def lead(model, prompt, true, false):
    return answer_log_prob(model, prompt, true) / answer_log_prob(model, prompt, false)


# %%
# WRONG answer_log_prob: only the first word
# HINT Only the first word of the answer counts here. What about the words after it?
def answer_log_prob(model, prompt, answer):
    n = len(prompt)
    log_probs = model(prompt + answer).log_softmax(-1)
    picked = [log_probs[n - 1 + i, token].item() for i, token in enumerate(answer)]
    return picked[0]


def lead(model, prompt, true, false):
    return answer_log_prob(model, prompt, true) - answer_log_prob(model, prompt, false)


# %%
# WRONG answer_log_prob: only the last word
# HINT Only the last word of the answer counts here, and that is a full stop.
def answer_log_prob(model, prompt, answer):
    n = len(prompt)
    log_probs = model(prompt + answer).log_softmax(-1)
    picked = [log_probs[n - 1 + i, token].item() for i, token in enumerate(answer)]
    return picked[-1]


def lead(model, prompt, true, false):
    return answer_log_prob(model, prompt, true) - answer_log_prob(model, prompt, false)


# %%
# WRONG answer_log_prob: each word after the prompt alone
# HINT Each word was scored as if it stood right behind the prompt. What has the model read
# HINT by the time it comes to the second word?
def answer_log_prob(model, prompt, answer):
    log_probs = model(prompt).log_softmax(-1)[-1]
    return sum(log_probs[token].item() for token in answer)


def lead(model, prompt, true, false):
    return answer_log_prob(model, prompt, true) - answer_log_prob(model, prompt, false)


# %%
# WRONG answer_log_prob: the false one ahead
# HINT Your lead is positive where the model prefers the false answer: which of the two
# HINT should be ahead?
def answer_log_prob(model, prompt, answer):
    n = len(prompt)
    log_probs = model(prompt + answer).log_softmax(-1)
    picked = [log_probs[n - 1 + i, token].item() for i, token in enumerate(answer)]
    return sum(picked)


def lead(model, prompt, true, false):
    return answer_log_prob(model, prompt, false) - answer_log_prob(model, prompt, true)


# %%
# WRONG answer_log_prob: word by word
# HINT You return one number for each word. How do they become the number of the whole
# HINT answer?
def answer_log_prob(model, prompt, answer):
    n = len(prompt)
    log_probs = model(prompt + answer).log_softmax(-1)
    picked = [log_probs[n - 1 + i, token].item() for i, token in enumerate(answer)]
    return picked


def lead(model, prompt, true, false):
    return answer_log_prob(model, prompt, true) - answer_log_prob(model, prompt, false)


# %%
# WRONG answer_log_prob: a loss
# HINT This is a loss: it is above 0. What is the sign of the logarithm of a probability?
def answer_log_prob(model, prompt, answer):
    n = len(prompt)
    log_probs = model(prompt + answer).log_softmax(-1)
    picked = [log_probs[n - 1 + i, token].item() for i, token in enumerate(answer)]
    return -sum(picked)


def lead(model, prompt, true, false):
    return answer_log_prob(model, prompt, true) - answer_log_prob(model, prompt, false)


# %%
# RIGHT answer_log_prob: word after word
import math


def answer_log_prob(model, prompt, answer):
    seen, total = list(prompt), 0.0
    for token in answer:
        e = [math.exp(z) for z in model(seen)[-1].tolist()]
        total += math.log(e[token] / sum(e))
        seen.append(token)
    return total


def lead(model, prompt, true, false):
    good, bad = (answer_log_prob(model, prompt, way) for way in (true, false))
    return good - bad


# %%
# RIGHT answer_log_prob: minus the cross-entropy
def answer_log_prob(model, prompt, answer):
    logits = model(prompt + answer)[:-1][-len(answer) :]
    target = torch.tensor(answer)
    return -F.cross_entropy(logits.double(), target, reduction="sum").item()


def lead(model, prompt, true, false):
    return answer_log_prob(model, prompt, true) - answer_log_prob(model, prompt, false)


# %%
# RIGHT answer_log_prob: tensors without axes
def answer_log_prob(model, prompt, answer):
    log_probs = model([*prompt, *answer]).double().log_softmax(-1)[len(prompt) - 1 : -1]
    return log_probs[torch.arange(len(answer)), torch.tensor(answer)].sum()


def lead(model, prompt, true, false):
    return answer_log_prob(model, prompt, true) - answer_log_prob(model, prompt, false)


# %%
# RIGHT answer_log_prob: with a mask, as in training
def answer_log_prob(model, prompt, answer):
    tokens = torch.tensor(prompt + answer)
    log_probs = model(tokens.tolist()).log_softmax(-1)
    each = log_probs[:-1].gather(1, tokens[1:, None])[:, 0]
    mask = torch.arange(len(tokens) - 1) >= len(prompt) - 1
    return (each * mask).sum().item()


def lead(model, prompt, true, false):
    return answer_log_prob(model, prompt, true) - answer_log_prob(model, prompt, false)


# %%
# RIGHT answer_log_prob: the logarithm of a product of probabilities
import numpy as np


def answer_log_prob(model, prompt, answer):
    z = np.exp(model([*prompt, *answer]).double().numpy())
    p = z / z.sum(axis=1, keepdims=True)
    places = np.arange(len(answer)) + len(prompt) - 1
    return float(np.log(np.prod(p[places, answer])))


def lead(model, prompt, true, false):
    good = answer_log_prob(model, prompt, true)
    return float(np.log(np.exp(good) / np.exp(answer_log_prob(model, prompt, false))))


# %%
# WRONG read_again: uphill
# HINT Your logits of the true token fall when the document is read. In which direction
# HINT does the gradient point?
def read_again(table, tokens, n, rate):
    W = table.clone()
    for _ in range(n):
        W = W.detach().requires_grad_()
        loss = F.cross_entropy(W[tokens[:-2], tokens[1:-1]], tokens[2:])
        (g,) = torch.autograd.grad(loss, W)
        W = W + rate * g
    return W.detach()


def recite(table, tokens):
    written = tokens[:2].tolist()
    for token in tokens[2:].tolist():
        written.append(int(table[written[-2], written[-1]].argmax()))
        if written[-1] != token:
            return len(written) - 3
    return len(tokens) - 2


# %%
# WRONG read_again: the sum in place of the mean
# HINT Your steps are T - 2 times too large: is the loss a sum or a mean over the
# HINT predictions?
def read_again(table, tokens, n, rate):
    W = table.clone()
    for _ in range(n):
        W = W.detach().requires_grad_()
        loss = F.cross_entropy(
            W[tokens[:-2], tokens[1:-1]], tokens[2:], reduction="sum"
        )
        (g,) = torch.autograd.grad(loss, W)
        W = W - rate * g
    return W.detach()


def recite(table, tokens):
    written = tokens[:2].tolist()
    for token in tokens[2:].tolist():
        written.append(int(table[written[-2], written[-1]].argmax()))
        if written[-1] != token:
            return len(written) - 3
    return len(tokens) - 2


# %%
# WRONG read_again: one reading only
# HINT One reading is right. Is the document really read n times?
def read_again(table, tokens, n, rate):
    W = table.clone().requires_grad_()
    loss = F.cross_entropy(W[tokens[:-2], tokens[1:-1]], tokens[2:])
    (g,) = torch.autograd.grad(loss, W)
    return (W - rate * g).detach()


def recite(table, tokens):
    written = tokens[:2].tolist()
    for token in tokens[2:].tolist():
        written.append(int(table[written[-2], written[-1]].argmax()))
        if written[-1] != token:
            return len(written) - 3
    return len(tokens) - 2


# %%
# WRONG read_again: the gradient of the first reading, n times
# HINT One reading is right, but all your readings use the gradient of the first one. What
# HINT has changed after the first step?
def read_again(table, tokens, n, rate):
    W = table.clone().requires_grad_()
    loss = F.cross_entropy(W[tokens[:-2], tokens[1:-1]], tokens[2:])
    (g,) = torch.autograd.grad(loss, W)
    return (W - n * rate * g).detach()


def recite(table, tokens):
    written = tokens[:2].tolist()
    for token in tokens[2:].tolist():
        written.append(int(table[written[-2], written[-1]].argmax()))
        if written[-1] != token:
            return len(written) - 3
    return len(tokens) - 2


# %%
# WRONG read_again: the rate divided among the readings
# HINT One reading is right. With several your steps get shorter: does each reading have
# HINT the whole rate?
def read_again(table, tokens, n, rate):
    W = table.clone()
    for _ in range(n):
        W = W.detach().requires_grad_()
        loss = F.cross_entropy(W[tokens[:-2], tokens[1:-1]], tokens[2:])
        (g,) = torch.autograd.grad(loss, W)
        W = W - rate / n * g
    return W.detach()


def recite(table, tokens):
    written = tokens[:2].tolist()
    for token in tokens[2:].tolist():
        written.append(int(table[written[-2], written[-1]].argmax()))
        if written[-1] != token:
            return len(written) - 3
    return len(tokens) - 2


# %%
# WRONG read_again: gradients added up
# HINT One reading is right, but from the second on the old gradients are still in there:
# HINT when are they set to zero?
def read_again(table, tokens, n, rate):
    W = table.clone().requires_grad_()
    for _ in range(n):
        F.cross_entropy(W[tokens[:-2], tokens[1:-1]], tokens[2:]).backward()
        with torch.no_grad():
            W -= rate * W.grad
    return W.detach()


def recite(table, tokens):
    written = tokens[:2].tolist()
    for token in tokens[2:].tolist():
        written.append(int(table[written[-2], written[-1]].argmax()))
        if written[-1] != token:
            return len(written) - 3
    return len(tokens) - 2


# %%
# WRONG read_again: the old table changed
# HINT Your function writes into the table that it was given: what must you do before the
# HINT first step?
def read_again(table, tokens, n, rate):
    for _ in range(n):
        W = table.clone().requires_grad_()
        loss = F.cross_entropy(W[tokens[:-2], tokens[1:-1]], tokens[2:])
        table -= rate * torch.autograd.grad(loss, W)[0]
    return table


def recite(table, tokens):
    written = tokens[:2].tolist()
    for token in tokens[2:].tolist():
        written.append(int(table[written[-2], written[-1]].argmax()))
        if written[-1] != token:
            return len(written) - 3
    return len(tokens) - 2


# %%
# WRONG read_again: the two tokens exchanged
# HINT Your table is read as table[b, a]. Which of the two indices is the older token?
def read_again(table, tokens, n, rate):
    W = table.clone()
    for _ in range(n):
        W = W.detach().requires_grad_()
        loss = F.cross_entropy(W[tokens[1:-1], tokens[:-2]], tokens[2:])
        (g,) = torch.autograd.grad(loss, W)
        W = W - rate * g
    return W.detach()


def recite(table, tokens):
    written = tokens[:2].tolist()
    for token in tokens[2:].tolist():
        written.append(int(table[written[-1], written[-2]].argmax()))
        if written[-1] != token:
            return len(written) - 3
    return len(tokens) - 2


# %%
# WRONG read_again: the present token as its own target
# HINT Your targets are not shifted: the model learns to repeat the token that it has just
# HINT read.
def read_again(table, tokens, n, rate):
    W = table.clone()
    for _ in range(n):
        W = W.detach().requires_grad_()
        loss = F.cross_entropy(W[tokens[:-2], tokens[1:-1]], tokens[1:-1])
        (g,) = torch.autograd.grad(loss, W)
        W = W - rate * g
    return W.detach()


def recite(table, tokens):
    written = tokens[:2].tolist()
    for token in tokens[2:].tolist():
        written.append(int(table[written[-2], written[-1]].argmax()))
        if written[-1] != token:
            return len(written) - 3
    return len(tokens) - 2


# %%
# WRONG read_again: always fed the document
# HINT Your counts of recited tokens are too high. After a mistake the model should go on
# HINT from what it has written itself, and nothing after the first mistake counts.
def read_again(table, tokens, n, rate):
    W = table.clone()
    for _ in range(n):
        W = W.detach().requires_grad_()
        loss = F.cross_entropy(W[tokens[:-2], tokens[1:-1]], tokens[2:])
        (g,) = torch.autograd.grad(loss, W)
        W = W - rate * g
    return W.detach()


def recite(table, tokens):
    best = table[tokens[:-2], tokens[1:-1]].argmax(-1)
    return int((best == tokens[2:]).sum())


# %%
# WRONG read_again: the first two counted, too
# HINT Your counts are two too high: the first two tokens were given, so they are not
# HINT recited.
def read_again(table, tokens, n, rate):
    W = table.clone()
    for _ in range(n):
        W = W.detach().requires_grad_()
        loss = F.cross_entropy(W[tokens[:-2], tokens[1:-1]], tokens[2:])
        (g,) = torch.autograd.grad(loss, W)
        W = W - rate * g
    return W.detach()


def recite(table, tokens):
    written = tokens[:2].tolist()
    for token in tokens[2:].tolist():
        written.append(int(table[written[-2], written[-1]].argmax()))
        if written[-1] != token:
            return len(written) - 1
    return len(tokens)


# %%
# WRONG read_again: the mistake counted, too
# HINT Where a document is not recited to the end, your count is one too high: does the
# HINT first mistake count?
def read_again(table, tokens, n, rate):
    W = table.clone()
    for _ in range(n):
        W = W.detach().requires_grad_()
        loss = F.cross_entropy(W[tokens[:-2], tokens[1:-1]], tokens[2:])
        (g,) = torch.autograd.grad(loss, W)
        W = W - rate * g
    return W.detach()


def recite(table, tokens):
    written = tokens[:2].tolist()
    for token in tokens[2:].tolist():
        written.append(int(table[written[-2], written[-1]].argmax()))
        if written[-1] != token:
            return len(written) - 2
    return len(tokens) - 2


# %%
# WRONG read_again: all or nothing
# HINT You return 0 unless everything is recited. How many tokens are right before the
# HINT first mistake?
def read_again(table, tokens, n, rate):
    W = table.clone()
    for _ in range(n):
        W = W.detach().requires_grad_()
        loss = F.cross_entropy(W[tokens[:-2], tokens[1:-1]], tokens[2:])
        (g,) = torch.autograd.grad(loss, W)
        W = W - rate * g
    return W.detach()


def recite(table, tokens):
    written = tokens[:2].tolist()
    for _ in tokens[2:]:
        written.append(int(table[written[-2], written[-1]].argmax()))
    return len(tokens) - 2 if written == tokens.tolist() else 0


# %%
# RIGHT read_again: an optimizer of torch
def read_again(table, tokens, n, rate):
    W = nn.Parameter(table.clone())
    optimizer = torch.optim.SGD([W], lr=rate)
    for _ in range(n):
        loss = F.cross_entropy(W[tokens[:-2], tokens[1:-1]], tokens[2:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return W.detach()


def recite(table, tokens):
    written = tokens[:2].tolist()
    for token in tokens[2:].tolist():
        written.append(int(table[written[-2], written[-1]].argmax()))
        if written[-1] != token:
            return len(written) - 3
    return len(tokens) - 2


# %%
# RIGHT read_again: the gradient by hand, p minus onehot
def read_again(table, tokens, n, rate):
    a, b, c = tokens[:-2], tokens[1:-1], tokens[2:]
    W = table.clone()
    for _ in range(n):
        p = W[a, b].softmax(-1)
        p[torch.arange(len(c)), c] -= 1
        W.index_put_((a, b), -rate * p / len(c), accumulate=True)
    return W


def recite(table, tokens):
    a, b, right = tokens[0], tokens[1], 0
    for token in tokens[2:]:
        a, b = b, table[a, b].argmax()
        if b != token:
            break
        right += 1
    return torch.tensor(right)


# %%
# RIGHT read_again: with numpy, a list of lists
import numpy as np


def read_again(table, tokens, n, rate):
    W, t = table.numpy().copy(), tokens.tolist()
    for _ in range(n):
        G = np.zeros_like(W)
        for a, b, c in zip(t, t[1:], t[2:]):
            e = np.exp(W[a, b] - W[a, b].max())
            G[a, b] += e / e.sum()
            G[a, b, c] -= 1
        W -= rate * G / (len(t) - 2)
    return W


def recite(table, tokens):
    t, W = tokens.tolist(), np.asarray(table)
    said = t[:2]
    while len(said) < len(t):
        said.append(int(np.argmax(W[said[-2], said[-1]])))
    same = [x == y for x, y in zip(said, t)] + [False]
    return same.index(False) - 2


# %%
# RIGHT read_again: backward and zero by hand
def read_again(table, tokens, n, rate):
    W = table.clone().requires_grad_()
    for _ in range(n):
        W.grad = None
        log_p = W.log_softmax(-1)[tokens[:-2], tokens[1:-1], tokens[2:]]
        (-log_p.mean()).backward()
        W.data -= rate * W.grad
    return W.detach()


def recite(table, tokens):
    written = tokens[:2].tolist()
    for token in tokens[2:].tolist():
        written.append(int(table[written[-2], written[-1]].argmax()))
        if written[-1] != token:
            return len(written) - 3
    return len(tokens) - 2
