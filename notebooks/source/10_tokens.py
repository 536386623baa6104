# %% [markdown]
# # 10. Tokens
#
# **What does the model actually see?**
#
# So far the model read letters. The large ones do not. Before they see your question,
# a program cuts it into pieces and replaces each piece by a number. In this lesson you
# write that program.
#
# - **You will** build **byte-pair encoding**, the cutting method of GPT-2 and of most
#   models since; cut your own name with it; and find out why a model that writes essays
#   may miscount the letters of a word.
# - **You need** lessons 3 and 5.
# - **Time** 40 minutes.
# - **Back** [9. How good can it get?](09_how_good_can_it_get.ipynb) ·
#   **Next** [11. Attention](11_attention.ipynb)

# %%
import itertools
import math
from collections import Counter

import tiktoken
import torch

import tiny_world as world
from course_lib import mlp, names, tokenizer
from course_lib.engine.splits import published_sizes, table_date, true_splits
from course_lib.tokenizer import END_OF_TEXT, CharTokenizer, train_bpe
from course_play import plots
from course_play.reveal import reveal
from course_play.widgets import TokenizerExplorer

# %% [markdown]
# ## Predict first
#
# People like to tease chatbots with this question: "How many r's in strawberry?"
# **Into how many pieces does GPT-2 cut the word `strawberry`, there in the question?**

# %%
my_guess = None

# %% tags=["hide-input"]
# the answer: open this after your guess
question = true_splits("How many r's in strawberry?")["gpt2"]
at = "".join(question.pieces).index("strawberry")
ends = list(itertools.accumulate(map(len, question.pieces)))  # where each piece ends
n_pieces = sum(at < end < at + len("strawberry") for end in ends) + 1
print(reveal(my_guess, n_pieces, digits=0, also=str(question)))

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>After your guess</summary>
#
# The whole word is one piece, together with the space before it.
#
# </details>
#
# A piece like this is called a **token**. The model gets its number and nothing else: no letters, so
# no r's to count. (The answer comes from a table in the course, made with the real
# tokenizers.)
#
# ## Build it by hand
#
# A model computes with numbers, so text must become whole numbers first. That is
# **tokenization**. The list of all possible tokens is the **vocabulary**, and a token's
# number in it is its **id**. Which tokens should there be? Start with the two obvious
# answers.
#
# **Characters.** You know this one: it was the names model. The vocabulary is tiny, but
# texts get long, and a letter alone means little.

# %% tags=["ledger:B2", "ledger:B4"]
tiny = world.World(seed=0)
documents = [tiny.document(i) for i in range(2000)]
held = [tiny.document(i, "val") for i in range(200)]
texts = [d.text for d in documents]

chars = CharTokenizer.from_text("".join(texts), special_tokens=[END_OF_TEXT])
tokens = chars.encode(texts[0])
print(texts[0][:34], "->", tokens[:12], "...")
print(f"{chars.vocab_size} ids; {len(tokens)} tokens for {documents[0].n_words} words")
assert chars.decode(tokens) == texts[0]

# %% [markdown]
# **Words.** A look-up table with one number per word. Texts get short. But what about a
# word that is not in the table? It is **out of vocabulary**, and the model cannot even
# read it. Count how often that happens in text that the table was not made from.

# %% tags=["ledger:B3"]
new_words = [word for d in held for word in d.words]
for n in (10, 40, 160, 640):
    known = {word for d in documents[:n] for word in d.words}
    missing = sum(word not in known for word in new_words) / len(new_words)
    print(f"table of {n:3d} documents: {len(known):3d} words, {missing:6.1%} unknown")

splits = names.split_names(names.load_names())
strangers = sum(name not in set(splits.train) for name in splits.val)
print(f"names: {len(splits.train):,} known, {strangers} of {len(splits.val)} unknown")
assert missing == 0
assert strangers == len(splits.val)

# %% [markdown]
# Tiny World is a closed world: after some reading no new document brings an unknown
# word. Names are the other extreme: our list holds each only once, so every held-out one
# is unknown. Real text lies between. It always brings new names, typing errors, other
# languages. A larger table helps only so far, and most of its words are rare.
#
# ### Bytes: nothing is ever unknown
#
# An alphabet can miss letters too. Ours has never seen Hindi. But a computer stores
# every text of every language as **bytes**, numbers from 0 to 255. The usual way to do
# that is called **UTF-8**. So take the 256 bytes as the first vocabulary.

# %% tags=["ledger:B5", "ledger:B9"]
for text in ("anna", "é", "नमस्ते"):
    print(f"{text}: {len(text)} characters, {len(text.encode())} bytes", end=" ")
    print(list(text.encode()[:6]))
try:
    chars.encode("नमस्ते")
except ValueError as error:
    print("a fixed alphabet:", str(error).split(",")[0])

bytes_only = tokenizer.BPETokenizer([])
for text in (*splits.val, "नमस्ते", "🙂"):
    assert bytes_only.decode(bytes_only.encode(text)) == text

# %% [markdown]
# Nothing is unknown any more, but texts are as long as with characters, and Hindi is
# longer still. So shorten them: whatever stands together often becomes one token.
#
# ### Merge the most frequent pair
#
# That is all of **byte-pair encoding** (BPE). Count all neighbouring pairs, give the
# most frequent pair a number of its own, put it in place of the pair, and repeat. Each
# round adds one token to the vocabulary.


# %% tags=["ledger:B6"]
def count_pairs(words):
    return Counter(pair for word in words for pair in itertools.pairwise(word))


def merge(word, pair, token):
    merged = []
    for part in word:
        if merged and (merged[-1], part) == pair:
            merged[-1] = token
        else:
            merged.append(part)
    return merged


words = [list(name.encode()) for name in ("anna", "ananya", "hannah", "nayana")]
best = count_pairs(words).most_common(3)
[(bytes(pair).decode(), n) for pair, n in best]

# %% [markdown]
# A tie. The rule for ties must be fixed, or two people get two tokenizers. Ours: the
# smaller first number wins, then the smaller second one. The byte of `a` is smaller than
# that of `n`, so `an` comes first.


# %% tags=["ledger:B6", "ledger:B8"]
def learn(words, n_merges):
    merges = []
    for token in range(256, 256 + n_merges):
        counts = count_pairs(words)
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        words = [merge(word, best, token) for word in words]
        merges.append(best)
    return merges, words


merges, shortened = learn(words, 5)
spelled = {i: bytes([i]) for i in range(256)}
for token, (a, b) in enumerate(merges, start=256):
    spelled[token] = spelled[a] + spelled[b]
    print(f"token {token}: {spelled[a].decode()} + {spelled[b].decode()}")
print([[spelled[token].decode() for token in word] for word in shortened])

# %% [markdown]
# To **encode** a new text, go through the merges in the order in which they were
# learned. To **decode**, join the bytes.


# %%
def encode(text):
    word = list(text.encode())
    for token, pair in enumerate(merges, start=256):
        word = merge(word, pair, token)
    return word


def decode(tokens):
    return b"".join(spelled[token] for token in tokens).decode()


for text in ("hanna", "banana", "ñandú 🙂"):
    assert decode(encode(text)) == text
print(encode("banana"), [spelled[token].decode() for token in encode("banana")])

# %% [markdown]
# > **For children (and for the rest of us).** You send telegrams and pay for each sign.
# > So you agree with your friend: "an" shall be ★. Soon you notice that "★a" comes
# > often, so that becomes ☾. You always shorten what you write most. A rare word you
# > can still spell, letter by letter.
#
# ### Cut first, then merge
#
# In a text with spaces, pairs reach across them. So the text is cut into **pre-tokens**
# first: a word with the space before it, a number, punctuation. No merge crosses a cut.
# What if we forget to cut?

# %%
cut = train_bpe(texts, 600)
uncut = train_bpe(texts[:600], 600, pattern=r"[\s\S]+")  # anything, in one piece
print(cut.split(texts[0])[:9])
for label, bpe in (("cut", cut), ("uncut", uncut)):
    learned = [bpe.token_bytes(i).decode() for i in range(256, 599)]
    across = [token for token in learned if " " in token.strip()]
    print(f"{label}: {len(across)} tokens with a space inside", *across[3:6], sep=" | ")

# %% [markdown]
# Uncut, many tokens are spent on phrases of this one collection of texts. Another text
# has little use for them.
#
# ## Compare with torch
#
# torch has no tokenizer. So compare with two others: with the course's library, which
# learns the same merges but far faster, and with **tiktoken**, the engine that OpenAI
# uses. It takes our merges as they are.

# %%
by_hand, _ = learn([list(name.encode()) for name in splits.train], 60)
fast = train_bpe(splits.train, 256 + 60, special_tokens=())
assert list(fast.merges) == by_hand

engine = tiktoken.Encoding(
    "ours",
    pat_str=fast.pattern,
    mergeable_ranks=fast.ranks,  # token -> id
    special_tokens={},
)
merges, spelled = by_hand, {i: fast.token_bytes(i) for i in range(316)}
for name in splits.val:
    assert encode(name) == fast.encode(name) == engine.encode(name)
print("by hand = course_lib = tiktoken on", len(splits.val), "held-out names")

# %% [markdown]
# One thing is added. A **special token** stands for no text: it ends a document. It may
# come from the program only. When a user types its name, that is ordinary text.

# %%
typed = cut.encode(f"Good night{END_OF_TEXT}")
allowed = cut.encode(f"Good night{END_OF_TEXT}", allow_special=True)
end = cut.special_tokens[END_OF_TEXT]
assert end not in typed
assert allowed[-1] == end
print(f"typed: {len(typed)} tokens; allowed: {len(allowed)}, the last one is {end}")

# %% [markdown]
# ## See it
#
# Does the choice matter? Lesson 9 gave us the exact floor of Tiny World. A document
# costs a perfect model a fixed number of nats, whatever the tokens are. Share them
# among fewer tokens, and each one costs more.
#
# So **never compare losses per token across tokenizers**. Share the nats among bytes
# instead, and count in bits: **bits per byte**. Here is the floor, and the bigram of
# lesson 5, a table of pairs, once for each tokenizer.


# %%
def bigram_nats(way):
    end = next(iter(way.special_tokens.values()))  # before and after each document
    rows, new_rows = (
        [torch.tensor([end, *way.encode(d.text), end]) for d in part]
        for part in (documents, held)
    )
    pairs = [row[:-1] * way.vocab_size + row[1:] for row in rows]  # number of a pair
    counts = torch.bincount(torch.cat(pairs), minlength=way.vocab_size**2) + 0.01
    table = counts.double().view(way.vocab_size, way.vocab_size)
    log_probs = (table / table.sum(1, keepdim=True)).log()
    nats = -sum(log_probs[row[:-1], row[1:]].sum().item() for row in new_rows)
    return nats, sum(len(row) - 1 for row in new_rows)


# %% tags=["ledger:C28", "ledger:B4", "close"]
ways = {"characters": chars, "words": world.WorldTokenizer()}
ways |= {f"BPE {size}": train_bpe(texts, size) for size in (900, 600, 400, 300)}
n_bytes = sum(d.n_chars for d in held)  # its end counts as one byte
lengths, bigram, floors = [], [], []
print("             ids  tokens/document  loss/token  floor/token  bits/byte  floor")
for label in ("characters", "BPE 300", "BPE 400", "BPE 600", "BPE 900", "words"):
    nats, n = bigram_nats(ways[label])
    floor = world.floor(held, lambda d, way=ways[label]: len(way.encode(d.text)) + 1)
    lengths.append(n / len(held))
    bigram.append(nats / n_bytes / math.log(2))
    floors.append(floor * n / n_bytes / math.log(2))
    numbers = f"{lengths[-1]:16.1f} {nats / n:11.2f} {floor:12.2f}"
    bits = f"{bigram[-1]:10.2f} {floors[-1]:6.2f}"
    print(f"{label:10s} {ways[label].vocab_size:5d} {numbers} {bits}")
assert max(floors) - min(floors) < 1e-9
assert bigram == sorted(bigram, reverse=True)

plots.plot_curves(
    {"bigram": (lengths, bigram), "floor": (lengths, floors)},
    "Longer tokens let a short memory see further",
    xlabel="tokens in a document: words on the left, characters on the right",
    ylabel="held-out bits per byte",
)

# %% [markdown]
# By *loss/token* BPE 600 would be the best, better than words. Bits per byte tell the
# truth. The table remembers one token, and a long token holds more of the past than a
# letter. The floor is the same for all.
#
# Why not words, then, if they are best here? Because this world is closed. In an open
# one, pieces are the compromise: frequent words whole, rare words spelled.
#
# ## Play with it
#
# This tokenizer has learned from names and from Tiny World. By keyboard: Tab, then the
# arrow keys.
#
# - **Type your name**, with a capital and without one. How many tokens?
# - **Slide "Merges done" back to 0**, then forward. Which pair grows together first?
# - **Take नमस्ते.** Why is every token one byte?
#
# The same can be done with GPT-2's own tokenizer where its file is there
# (`course data fetch r50k_base`): give
# `PretrainedTokenizer("gpt2")` of `course_lib.engine.ranks` instead.

# %% tags=["ledger:C36"]
mixed = train_bpe([*texts, *splits.train], 1024)
examples = ["aarav", " aarav", "Question: Who are you?", "नमस्ते", "🙂"]
TokenizerExplorer(mixed, "nipun met a merry horse", examples=examples)

# %% [markdown]
# ## Why does this work?
#
# **Because text repeats itself.** A few words make up most of a text. They become one
# token each. The rare ones stay in pieces.

# %% tags=["ledger:C33"]
often = Counter(word for d in documents for word in d.words if word.isalpha())
by_length = {}
for word, n in often.items():
    by_length.setdefault(len(cut.encode(f" {word}")), []).append(n)
means = [sum(found) / len(found) for _, found in sorted(by_length.items())]
for n_tokens, mean in zip(sorted(by_length), means, strict=True):
    words_here = len(by_length[n_tokens])
    print(f"{n_tokens} token(s): {words_here:3d} words, seen {mean:3.0f} times each")
assert means[0] > 4 * means[1]

# %% [markdown]
# It is the *string* that is frequent, not the word. Space and capitals make another
# token of it:

# %% tags=["ledger:C33", "ledger:C29"]
for text in ("Hello", "egg", "Egg", "EGG", " egg", " Egg", " EGG"):
    split = true_splits(text)["gpt2"]
    print(f"{text!r:8} {split!s:8} {list(split.ids)}")

# %% [markdown]
# **Is it the best way to cut?** No. BPE is **greedy**: it takes the best merge now and
# never looks ahead. For a short word all ways to cut it can be tried.


# %% tags=["ledger:B8"]
def fewest(text, ranks):
    raw = text.encode()
    best = [0]  # best[j]: fewest tokens for the first j bytes
    for j in range(1, len(raw) + 1):
        ends = [best[i] for i in range(j) if raw[i:j] in ranks]
        best.append(min(ends) + 1)
    return best[-1]


bpe = train_bpe(splits.train, 600)
worse = [n for n in splits.val if fewest(n, bpe.ranks) < len(bpe.encode(n))]
name = worse[0]
pieces = [bpe.token_bytes(i).decode() for i in bpe.encode(name)]
print(f"{len(worse)} of {len(splits.val)} held-out names could have fewer tokens")
print(f"{'|'.join(pieces)}: {len(pieces)}, at best {fewest(name, bpe.ranks)}")
assert 0 < len(worse) < 0.1 * len(splits.val)

# %% [markdown]
# Greedy is nearly always as good, and fast. That is why it is used.
#
# **Do tokens have a meaning?** Some look like word parts. But nobody told BPE about
# stems and endings. In Tiny World every `-er` below is the same ending.

# %% tags=["ledger:B9", "ledger:B7"]
jobs = [job for job in world.FACT_VALUES["job"] if job.endswith("er")]
cuts = {job: [cut.token_bytes(i) for i in cut.encode(f" {job}")] for job in jobs}
for pieces in cuts.values():
    print("|".join(piece.decode() for piece in pieces).strip(), end="  ")
split_at_er = [job for job, pieces in cuts.items() if pieces[-1] == b"er"]
assert 0 < len(split_at_er) < len(jobs)

# %% [markdown]
# Sometimes the cut falls before `er`, sometimes not. Pieces follow frequency. Where they
# look like grammar, grammar was frequent.
#
# ### Counting letters
#
# Back to the strawberry. Can a model count the letter `a` in a name? Take the simplest
# one there is: it gives every token a number and adds them up. The best numbers are
# those with the smallest squared errors on the training names (**least squares**). With
# characters the answer is obvious: 1 for `a`, 0 for the others. With BPE it must learn,
# token by token, how many a's each one holds, and it learns only about tokens that it
# has met.


# %% tags=["ledger:C35"]
def rows_of(some_names, way):
    rows = torch.zeros(len(some_names), way.vocab_size, dtype=torch.float64)
    for row, name in zip(rows, some_names, strict=True):
        for token in way.encode(name):
            row[token] += 1
    return rows, torch.tensor([n.count("a") for n in some_names], dtype=torch.float64)


def accuracy(way, n_names):
    x, y = rows_of(splits.train[:n_names], way)
    shrink = 0.01 * torch.eye(way.vocab_size, dtype=torch.float64)  # unmet tokens: 0
    weights = torch.linalg.solve(x.T @ x + shrink, x.T @ y)  # least squares
    x_val, y_val = rows_of(splits.val, way)
    return ((x_val @ weights).round() == y_val).double().mean().item()


# %% tags=["ledger:C35"]
sizes = [50, 100, 200, 400, 800, 1600, 3183]
readers = {"characters": CharTokenizer(names.ALPHABET)}
readers |= {f"BPE {size}": train_bpe(splits.train, size) for size in (300, 600, 1024)}
counted = {}
for label, way in readers.items():
    counted[label] = (sizes, [accuracy(way, n) for n in sizes])
    print(f"{label:10s}", *(f"{share:.2f}" for share in counted[label][1]))
assert min(counted["characters"][1]) == 1
assert counted["BPE 1024"][1][2] < 0.6 < 0.9 < counted["BPE 1024"][1][-1]

plots.plot_curves(
    counted,
    "The longer the tokens, the more must be learned to count a letter",
    xlabel="names learned from (logarithmic scale)",
    ylabel="share of held-out names counted right",
    log_x=True,
)

# %% [markdown]
# So it is not impossible, it is *indirect*. The letters of a token are a fact to be
# learned like any other fact, and for rare tokens it may be missing. Spelling and
# anagrams need the same fact. A trick that helps: put spaces between the letters. The
# last lines of "Catch the slide" show why.
#
# ### From our names model to a GPT
#
# What changes between the names model and a GPT? First the pieces: with longer ones the
# same window sees further. (`cl100k` is GPT-4's, `o200k` is GPT-4o's.)

# %% tags=["ledger:C27"]
window = mlp.NameMLPConfig().context_size
letters = sum(map(len, splits.val)) / sum(len(mixed.encode(n)) for n in splits.val)
print(f"names model: {names.VOCAB_SIZE} ids, sees {window} tokens = {window} letters")
reach = window * letters
print(f"the same with our BPE: {mixed.vocab_size:,} ids, about {reach:.0f} letters")
for name, size in published_sizes().items():
    print(f"{name}: {size:,} ids")

# %% [markdown]
# | | names model | GPT |
# |---|---|---|
# | pieces | characters | byte-pair tokens |
# | network | MLP | transformer: lessons 11 to 14 |
# | looks back | three characters | much further: lessons 11 and 18 |
# | learned from | a list of names | much of the internet |
#
# ## Check yourself
#
# ### Catch the slide
#
# Slides like to show how a tokenizer cuts words. Five claims, from two of them. Which
# ones are true?
#
# 1. `unhappiness` becomes `un|happi|ness`. Another slide: `un|happiness`.
# 2. `ChatGPT` becomes `Chat|G|PT`.
# 3. `Nipun` becomes `N|ip|un`.
# 4. `strawberry` becomes `str|aw|berry`.
# 5. Characters "do not account for other languages".

# %% tags=["ledger:B5", "ledger:B7", "ledger:C30", "ledger:C31", "ledger:C32", "ledger:C34", "ledger:C36"]
slides = ("un|happi|ness", "Chat|G|PT", "N|ip|un", "str|aw|berry")
claims = {slide.replace("|", ""): slide for slide in slides}
claims[" strawberry"] = "str|aw|berry"
print(f"published tokenizers, asked on {table_date()}")
for text, slide in claims.items():
    found = true_splits(text)
    right = [name for name, split in found.items() if str(split) == slide]
    print(f"{text!r}: " + ", ".join(f"{n} {s}" for n, s in found.items()))
    print(f"    the slide's {slide} is right for: {', '.join(right) or 'none'}")
assert "un|happiness" not in map(str, true_splits("unhappiness").values())
print()
for text in ("नमस्ते", "Aarav", " Aarav", "s t r a w b e r r y"):
    for name, split in true_splits(text).items():
        print(f"{text!r} {name:7} {len(split.ids):2d} tokens: {split}")

# %% [markdown]
# Claim 1 is wrong for all three, in both forms: the beautiful cut by meaning is a wish.
# Claims 2 and 3 hold for the two older tokenizers, claim 4 for one of them only, and
# only without the space. Claim 5 blames the wrong thing. A *fixed alphabet* leaves other
# languages out; bytes do not. But a tokenizer that has read little Hindi cuts it into
# many tokens. The newer ones do better.
#
# ### Questions
#
# **1.** Two models are tested on one text. The first has a loss of 2.0 nats per token,
# the second of 3.0. Which one is better?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# You cannot know. If the tokens of the second are twice as long, it pays fewer nats for
# the whole text. Ask for bits per byte.
#
# </details>
#
# **2.** Can byte-level BPE meet a text that it cannot encode?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# No. If no merge fits, the bytes remain, and all 256 of them are tokens. It may take
# many tokens, but nothing is out of vocabulary.
#
# </details>
#
# **3.** You train BPE with one merge more. What happens to the tokens of texts that the
# new pair does not occur in?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Nothing. Merges are applied in the order in which they were learned, and the new one
# comes last. Texts that hold the pair get shorter.
#
# </details>
#
# **4.** Your turn: with twenty words of your own, each as `list(word.encode())`, run
# `merges, _ = learn(my_words, 10)`. Then `encode` a word that is not in the list.

# %% [markdown]
# ## Recap
#
# - **Idea.** A tokenizer turns text into integers. BPE begins with bytes and merges the
#   most frequent pair, again and again.
# - **Formula.** Bits per byte = nats of the whole text / (bytes × ln 2). Only that can be
#   compared across tokenizers.
# - **Pitfall.** Pieces follow frequency, not meaning; the space belongs to the token;
#   and a model does not see letters.
# - **Moved into the library:** `course_lib.tokenizer`: `CharTokenizer`, `train_bpe`,
#   `BPETokenizer`, `true_splits`.
#
# **Homework:** [Homework 10](homework/hw10.ipynb), about 55 minutes. A badge under
# each check says at once whether your answer is right.
#
# **Next:** longer tokens let a short memory reach a little further. But a story may need
# a word from a hundred tokens ago. [11. Attention](11_attention.ipynb) looks back.
