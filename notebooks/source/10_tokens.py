# %% [markdown]
# # 10. Tokens
#
# **What does the model actually see?**
#
# The models of the lessons so far read letters, or the words of a tiny world. A large
# language model reads neither. Before your question reaches the model, a program cuts
# it into pieces and replaces each piece by a number. In this lesson you write that
# program, first for four names and then for any text in any language.
#
# - **You will** build **byte-pair encoding**, the method of GPT-2 and of most models
#   since; watch four real tokenizers cut words, numbers and code; and find out why a
#   model that writes essays may miscount the letters of a word.
# - **You need** lessons 3 (bits), 5 (the table of pairs) and 9 (the floor of Tiny World).
# - **Time** 75 minutes. On a first reading, skip the parts marked *more*: then 50.
# - **Back** [9. How good can it get?](09_how_good_can_it_get.ipynb) ·
#   **Next** [11. Attention](11_attention.ipynb)

# %%
import itertools
import math
import random
from collections import Counter

import regex
import tiktoken
import torch

import tiny_world as world
from course_lib import mlp, names, tokenizer
from course_lib.engine.smollm import is_here, load_smollm2
from course_lib.engine.splits import published_sizes, table_date, true_splits
from course_lib.tokenizer import (
    END_OF_TEXT,
    GPT2_PATTERN,
    CharTokenizer,
    train_bpe,
)
from course_play.boxes import BLUE, ORANGE, Grid, plot_flow, plot_grids
from course_play.panels import plot_marked
from course_play.plots import plot_curves
from course_play.widgets import Predict, TokenizerExplorer

# %% [markdown]
# ## Predict first
#
# People like to tease chatbots with this question:
#
# > How many r's in strawberry?
#
# In 2023 and 2024 famous chatbots answered "two". One reason is the way in which they see
# the word.
# Into how many pieces is the word `strawberry` cut, there in the question, before GPT-2
# reads it?

# %% tags=["hide-input"]
# the answer is computed here; open this cell after your guess
question = true_splits("How many r's in strawberry?")["gpt2"]
start = "".join(question.pieces).index("strawberry")
ends = list(itertools.accumulate(map(len, question.pieces)))  # where each piece ends
n_pieces = sum(start < end < start + len("strawberry") for end in ends) + 1
Predict(
    "Into how many pieces does GPT-2's tokenizer cut `strawberry` in the question?",
    n_pieces,
    because="The cut depends on the space before the word. Below you see the pieces.",
)

# %% [markdown]
# ## Build it by hand
#
# A model computes with numbers, so text must become whole numbers first. This step is
# called **tokenization**. A piece of text that gets one number is a **token**, the list
# of all possible tokens is the **vocabulary**, and the number of a token in that list is
# its **id**. So which tokens should there be? We begin with the two obvious answers.
#
# ### One token for each character
#
# You know this from the names: `asha` was five predictions, because every letter and
# the end were tokens. Here is the same for a text of Tiny World.

# %% tags=["ledger:B2"]
tiny = world.World(seed=0)
documents = [tiny.document(i) for i in range(2000)]
held_out = [tiny.document(i, "val") for i in range(200)]
texts = [document.text for document in documents]

chars = CharTokenizer.from_text("".join(texts), special_tokens=[END_OF_TEXT])
ids = chars.encode(texts[0])
print(texts[0][:12], "->", ids[:12])
assert chars.decode(ids) == texts[0]

# %% tags=["ledger:B4"]
print(f"vocabulary: {chars.vocab_size} tokens")
print(f"this text: {len(ids)} tokens for {documents[0].n_words} words")
assert len(ids) > 3 * documents[0].n_words

# %% [markdown]
# The vocabulary is small, which is good: the table of pairs, or the embedding and the
# last layer of a network, have one row for each token. But the text is long. The MLP of
# lesson 7 saw three tokens. Three letters are not even a word.
#
# ### One token for each word
#
# Then take whole words. Texts get short, but now there is another trouble: a word that
# is not in the vocabulary has no id, so the model cannot read it at all. Such a word is
# **out of vocabulary** (elsewhere: OOV). How often does that happen in a text that the
# vocabulary was not made from?

# %% tags=["ledger:B3"]
new_words = [word for document in held_out for word in document.words]
for n in (10, 40, 160, 640):
    known = {word for document in documents[:n] for word in document.words}
    missing = sum(word not in known for word in new_words) / len(new_words)
    print(f"made from {n:3d} documents: {len(known):3d} words, {missing:6.1%} unknown")
assert missing == 0

# %% tags=["ledger:B3"]
splits = names.split_names(names.load_names())
unknown = [name for name in splits.val if name not in set(splits.train)]
print(f"{len(splits.train):,} names known; {len(unknown)} of {len(splits.val)} unknown")
assert len(unknown) == len(splits.val)

# %% [markdown]
# Tiny World has few words, so after some reading nothing is unknown any more. Names are
# the other extreme: our list holds each name only once, so *every* held-out name is
# unknown as a word. Real text lies between the two. It always brings new names, typing
# errors and other languages, and most words of a large vocabulary are rare.
#
# ### Bytes: nothing is unknown
#
# Characters can be unknown too. Our 60 characters contain no Hindi. But every computer stores every text as **bytes**, numbers from 0 to 255. The usual rule
# for that is called **UTF-8**. So we take the 256 bytes as our first vocabulary.

# %% tags=["ledger:B5"]
for text in ("asha", "é", "नमस्ते"):
    raw = list(text.encode())  # UTF-8
    print(f"{text}: {len(text)} characters, {len(raw)} bytes: {raw[:6]}")
try:
    chars.encode("नमस्ते")
except ValueError as error:
    print("a fixed alphabet:", str(error).split(",")[0])

# %% [markdown]
# An English letter is one byte, `é` is two, and each Hindi character is three. (If you
# read Hindi, you count four letters in नमस्ते. Python counts six, because Unicode
# stores a vowel sign, and the sign that joins two consonants, as characters of their
# own. Such stored characters are called **code points**.)

# %% tags=["ledger:B9"]
bytes_only = tokenizer.BPETokenizer([])  # 256 bytes and no merge
for text in (*splits.val, "नमस्ते", "🙂"):
    assert bytes_only.decode(bytes_only.encode(text)) == text
print("bytes can write every text, and get it back")

# %% [markdown]
# With bytes nothing is unknown any more. But texts are as long as with characters, and
# Hindi is three times longer still. So the next task is to make them shorter.
#
# ### The first merges, round by round
#
# The idea of **byte-pair encoding** (BPE) fits into one sentence: *what often stands
# side by side becomes one token.* We follow it with four names.

# %%
four = ["asha", "ashani", "nisha", "usha"]
words = [list(name.encode()) for name in four]  # each word a list of bytes
print(words[0], "=", [chr(byte) for byte in words[0]])

# %% [markdown]
# **Count.** `itertools.pairwise("asha")` gives the neighbours `as`, `sh` and `ha`. How
# often does each pair of neighbours occur, in all four words together?


# %% tags=["ledger:B6"]
def count_pairs(words):
    """How often each pair of neighbours stands in the words."""
    return Counter(pair for word in words for pair in itertools.pairwise(word))


for pair, n in count_pairs(words).most_common(4):
    print(f"{pair} = {bytes(pair).decode()}: {n} times")

# %% [markdown]
# Two pairs occur four times. A rule for ties is needed, or two people who train on the
# same text get two different tokenizers. Ours: the pair with the smaller first id wins, and
# if those are equal too, the one with the smaller second id. The `h` is byte 104 and the
# `s` is byte 115, so `ha` wins.
#
# **Merge.** The pair gets the next free id. The bytes use 0 to 255, so that is 256. In
# each word, 256 replaces the pair. We write a new list from left to right, and when the last
# thing that we wrote and the next part are the pair, the token takes their place.


# %% tags=["ledger:B6"]
def merge(word, pair, token):
    """The word with every `pair` replaced by `token`, from left to right."""
    merged = []
    for part in word:
        if merged and (merged[-1], part) == pair:
            merged[-1] = token
        else:
            merged.append(part)
    return merged


print(words[0], "->", merge(words[0], (104, 97), 256))

# %% [markdown]
# **Repeat.** Count again, in the shorter words. The new token takes part like any
# other. Here are the first four rounds:


# %% tags=["ledger:B6", "ledger:B8"]
def best_pair(words):
    """The most frequent pair; of equals, the one with the smaller ids."""
    counts = count_pairs(words)
    return min(counts, key=lambda pair: (-counts[pair], pair))


spelled = {i: bytes([i]) for i in range(256)}  # id -> the bytes that it stands for
rounds = [words]
for token in range(256, 260):
    a, b = pair = best_pair(rounds[-1])
    spelled[token] = spelled[a] + spelled[b]
    pair_told = f"{spelled[a].decode()} + {spelled[b].decode()}"
    print(f"token {token}: {pair_told:9} seen {count_pairs(rounds[-1])[pair]} times")
    rounds.append([merge(word, pair, token) for word in rounds[-1]])

# %%
cells = [
    ["|".join(spelled[i].decode() for i in word) for word in row] for row in rounds
]
new = {
    (i, j): ORANGE
    for i in range(1, 5)
    for j in range(4)
    if cells[i][j] != cells[i - 1][j]
}
rows = ["bytes", *(f"round {i}: {spelled[255 + i].decode()}" for i in range(1, 5))]
plot_grids([Grid(cells, "", rows, four, new)], "Frequent neighbours grow together")

# %% [markdown]
# Read it from top to bottom. In round 1 `h` and `a` become one token in all four names.
# In round 2 the pair `s`, `ha` is the most frequent, so it becomes `sha`. In round 3 the
# pair `a`, `sha` makes `asha` one single token: a whole name. Two names contain it.
# (`n`, `i` occurs twice as well. The rule for ties decides: `a` is byte 97 and `n` is 110.)
# After round 4 every remaining pair occurs once, so we stop.
#
# > **In one plain sentence.** You and a friend agree on a new sign for whatever you write
# > most often, and later on new signs for pairs of signs; what is rare you still spell
# > letter by letter.
#
# ### The whole trainer
#
# The same in one function. It returns the list of **merges**. This list, in its order,
# *is* the trained tokenizer.


# %% tags=["ledger:B6"]
def learn(words, n_merges):
    """The merged pairs in order; merge number i makes the token 256 + i."""
    merges = []
    for token in range(256, 256 + n_merges):
        pair = best_pair(words)
        words = [merge(word, pair, token) for word in words]
        merges.append(pair)
    return merges


merges = learn(words, 4)
print(merges)
print("spelled: h + a, s + ha, a + sha, n + i")
assert [spelled[a] + spelled[b] for a, b in merges] == [b"ha", b"sha", b"asha", b"ni"]

# %% [markdown]
# To **encode** a new text, apply the merges to its bytes, in the order in which they
# were learned. To **decode**, put the bytes of the tokens side by side.


# %%
def encode(text, merges):
    word = list(text.encode())
    for token, pair in enumerate(merges, start=256):
        word = merge(word, pair, token)
    return word


def decode(tokens, merges):
    spelled = [bytes([i]) for i in range(256)]
    for a, b in merges:
        spelled.append(spelled[a] + spelled[b])
    return b"".join(spelled[token] for token in tokens).decode()


for text in ("asha", "manisha", "ñandú 🙂"):
    tokens = encode(text, merges)
    assert decode(tokens, merges) == text
    print(f"{text}: {len(text.encode())} bytes, {len(tokens)} tokens")

# %% [markdown]
# `asha` is one token now. `manisha` was not among the four names, but its pieces were.
# The last text shares nothing with them, so it stays in bytes. It is long, but it
# can be read.
#
# ### Cut first, then merge
#
# In a sentence there are spaces, and pairs reach across them. So before any merging the
# text is cut into **pre-tokens**, and no merge crosses a cut. GPT-2 makes this cut
# with one **regular expression**, a pattern that describes pieces of text. At each place of
# the text its parts are tried in the order of this table, from top to bottom, and the first
# one that fits takes its piece:
#
# | part of the pattern | what it takes | for example |
# |---|---|---|
# | `'(?:[sdmt]\|ll\|ve\|re)` | English endings with an apostrophe | `'s`, `'t`, `'ll` |
# | ` ?\p{L}+` | letters of any language, and one space before them | ` cats` |
# | ` ?\p{N}+` | digits, and one space before them | ` 250` |
# | ` ?[^\s\p{L}\p{N}]+` | other signs, and one space before them | `!`, ` ==` |
# | `\s+(?!\S)` | several spaces, without the last one before a word | the indent of code |
# | `\s+` | all other spaces and line ends | |
#
# (`\p{L}` means any letter, `\p{N}` any digit, `\s` a space or line end, `\S` anything else,
# `+` one or more, `?` one or none. `[...]` means one of these signs, `[^...]` one sign that
# is none of these, `(?:...|...)` one of these alternatives, and `(?!\S)` "what comes next
# must not be a `\S`". You need not learn this by heart.)


# %%
def visible(text):
    """Spaces and line ends as signs that can be seen."""
    return text.replace(" ", "␣").replace("\n", "⏎")


sentence = "Asha's 3 cats don't eat 250 eggs!"
pieces = regex.findall(GPT2_PATTERN, sentence)
assert "".join(pieces) == sentence
plot_grids(
    [Grid([list(map(visible, pieces))])], "No merge will cross one of these cuts"
)

# %% [markdown]
# The space belongs to the word that *follows* it. That is why the same word often has two
# tokens, one with a space and one without. Now two lines of Python:

# %%
code = "if x == 127:\n    return x"
print("|".join(map(visible, regex.findall(GPT2_PATTERN, code))))

# %% [markdown]
# Of the four spaces before `return`, three stand with the line end, and the fourth belongs
# to the word, as everywhere. From text to ids there are four steps:

# %%
merged = [encode(piece, merges) for piece in regex.findall(GPT2_PATTERN, "asha met")]
assert [len(word) for word in merged] == [1, 4]
plot_flow(
    [
        ("text", "'asha met'"),
        ("pre-tokens", "asha|␣met"),
        ("bytes", "4 and 4"),
        ("tokens", "asha|␣|m|e|t"),
        ("ids", f"{merged[0][0]}, {merged[1][0]}, ..."),
    ],
    "From a text to whole numbers",
    arrows=["cut", "UTF-8", "merge", "look up"],
    colors=[BLUE, BLUE, BLUE, BLUE, ORANGE],
)

# %% [markdown]
# What happens if we forget to cut? `train_bpe` of the course's library learns as our
# `learn` does, but faster, and it takes the pattern as an argument. Its second argument
# is the size of the whole vocabulary: here 600, that is 256 bytes, 343 merges and one
# special token (below). The pattern `[\s\S]+` means "anything, in one piece".

# %%
cut = train_bpe(texts[:300], 600)
uncut = train_bpe(texts[:300], 600, pattern=r"[\s\S]+")
with_was = []
for label, bpe in (("cut", cut), ("uncut", uncut)):
    learned = [bpe.token_bytes(i).decode() for i in range(256, 599)]
    across = sum(" " in token.strip() for token in learned)
    with_was.append([t for t in learned if regex.search(r"\bwas\b", t)])
    print(f"{label}: {across} tokens reach across words; `was` is in", with_was[-1])
assert len(with_was[0]) == 1 < 5 < len(with_was[1])

# %% [markdown]
# With the cut, `was` is one token. Without it, the same word is hidden in nine tokens, each
# with an id of its own. The model would have to learn nine times what `was` means, and a
# quarter of all the merges (86 of 343) go into phrases of this one collection of stories.
#
# ## Compare with torch
#
# torch has no tokenizer, so we compare with two others: with the course's library, and
# with **tiktoken**, the program that OpenAI uses. It takes our merges as they are: for
# each token its bytes and its id (its **rank**).

# %%
by_hand = learn([list(name.encode()) for name in splits.train], 40)
fast = train_bpe(splits.train, 256 + 40, special_tokens=())
assert list(fast.merges) == by_hand
first = [fast.token_bytes(i).decode() for i in range(256, 264)]
print("first tokens of all names:", *first)

# %%
engine = tiktoken.Encoding(
    "ours",
    pat_str=fast.pattern,
    mergeable_ranks=fast.ranks,  # bytes -> id
    special_tokens={},
)
for name in splits.val:
    assert encode(name, by_hand) == fast.encode(name) == engine.encode(name)
print("by hand = course_lib = tiktoken on", len(splits.val), "held-out names")

# %% [markdown]
# One thing is added to the vocabulary by hand. A **special token** stands for no text.
# `<|endoftext|>`, for example, says that a document ends here. Only the program may
# insert it: if a user types these letters, they are ordinary text. Otherwise a user
# could pretend that the conversation has ended, or speak in another's name.

# %%
typed = cut.encode(f"Good night{END_OF_TEXT}")
allowed = cut.encode(f"Good night{END_OF_TEXT}", allow_special=True)
end = cut.special_tokens[END_OF_TEXT]
assert end not in typed
assert allowed[-1] == end
print(f"typed: {len(typed)} tokens; by the program: {len(allowed)}, the last is {end}")

# %% [markdown]
# ## See it
#
# ### Real tokenizers
#
# Four tokenizers that the world uses: `gpt2` (2019), `cl100k` (GPT-4), `o200k` (GPT-4o)
# and the one of **SmolLM2**, the real model that you will open in lesson 26. How the
# first three cut our examples stands in a table of the course. SmolLM2's tokenizer works
# *live* if its file is on your machine (`course data fetch smollm2`). If not, the splits
# that we stored are shown. (You need not read the next two cells. `smollm_split` gives
# the pieces of a text with `|` between them. For a text of your own you need the file;
# the other three know only the texts of their table and stop with a ValueError.)

# %% tags=["hide-input"]
# what SmolLM2's tokenizer made of our examples: stored for machines without its file
STORED = {
    split.replace("|", ""): split
    for split in (
        "st|raw|berry", " strawberry", "How| many| r|'s| in| strawberry|?",
        "s| t| r| a| w| b| e| r| r| y", "1|2|3|4|5|6|7", " |1|2|7", "   | return| x",
        "The| cat| sat| on| the| mat", "The| cat| sat| on| the| ", "egg", "Egg",
        "EG|G", " egg", " Egg", " E|GG", "न|म|स|्|त|े", "un|h|appiness", "Chat|GPT",
        "N|ip|un", "A|ar|av", " A|ar|av", "asha", " as|ha", "A|sha", "Hello",
    )
}  # fmt: skip


# %%
smollm = load_smollm2()[1] if is_here() else None  # the model's tokenizer


def smollm_split(text):
    if smollm is None:
        return STORED.get(text, "not stored: fetch the file and run again")
    parts = map(smollm.token_bytes, smollm.encode(text))
    return "|".join(part.decode("utf-8", "backslashreplace") for part in parts)


assert all(smollm_split(text) == split for text, split in STORED.items())
for text in ("asha", " asha", "Asha"):
    print(f"{text!r:7} -> {visible(smollm_split(text))}")

# %% [markdown]
# The name `asha` is one token without a space and in small letters. With a space, or with a
# capital letter, it is two. (Change the texts and try your own name.)
#
# ### Spaces and capitals
#
# It is the *string* that has to be frequent, not the word.


# %% tags=["ledger:C33", "ledger:C29"]
def all_splits(text):
    found = {name: str(split) for name, split in true_splits(text).items()}
    return {**found, "SmolLM2": smollm_split(text)}


eggs = ("egg", "Egg", "EGG", " egg", " Egg", " EGG")
table = [[visible(split) for split in all_splits(text).values()] for text in eggs]
hello = true_splits("Hello")["gpt2"]
print(f"'Hello' is one token, too: {hello}, id {hello.ids[0]} in gpt2")
plot_grids(
    [Grid(table, "", list(map(visible, eggs)), list(all_splits("egg")))],
    "A space or a capital letter makes other tokens",
)

# %% [markdown]
# A small trap follows from this: a prompt that ends with a space. Look at the last token of
# the second line:

# %%
for text in ("The cat sat on the mat", "The cat sat on the "):
    print(visible(smollm_split(text)))

# %% [markdown]
# The usual token after `␣the` is `␣mat`, with its space. But after a token that is a lone
# space, `␣mat` would make a second space. So the model has to go on with `mat` without a
# space, and in text that was cut like the first line it never saw that. So it is safer not
# to end a prompt with a space. (How much it harms, we have not measured.)
#
# ### Numbers and code (*more*)


# %%
def draw(text, title):
    rows = {n: visible(s).split("|") for n, s in all_splits(text).items()}
    width = max(map(len, rows.values()))
    cells = [[*row, *[""] * (width - len(row))] for row in rows.values()]
    return plot_grids([Grid(cells, "", list(rows))], title)


draw("1234567", "One number, three ways to cut it")

# %% [markdown]
# The digits of a number are cut by frequency (`gpt2`), in groups of three from the
# left (the next two), or one by one. For adding numbers it matters which digits are
# the ones and which are the tens. In `123|456|7` the second token counts tens, hundreds
# and thousands, but in a number of six digits it would count ones, tens and hundreds. One
# token for each digit is longer but regular, so the makers of SmolLM2 chose a pattern
# that takes single digits.

# %%
draw("    return x", "Code begins with spaces: one token or one for each")

# %% [markdown]
# GPT-2's tokenizer had learned few long runs of spaces, so code was expensive: each
# space of the indent was a token. Newer tokenizers have read more code.
#
# ### Other languages

# %% tags=["ledger:B5", "ledger:C36"]
for text in ("नमस्ते", " Aarav"):
    for name, split in all_splits(text).items():
        n = len(split.split("|"))
        print(f"{visible(text)} {name:8} {n:2d} tokens: {visible(split)}")

# %% [markdown]
# All four can read this word, because bytes are tokens too (`\xe0` is Python's way to
# write a byte that is only a part of a character). But a tokenizer that has learned from
# little Hindi needs more tokens for it. More tokens mean less text in the same window, and a
# higher price, because services charge by the token.
#
# ### The strawberry

# %% tags=["ledger:C34"]
for text in ("strawberry", " strawberry", "How many r's in strawberry?"):
    for name, split in all_splits(text).items():
        print(f"{name:8} {visible(split)}")
assert set(all_splits(" strawberry").values()) == {" strawberry"}

# %% [markdown]
# Here is the answer to the first question. In the sentence there is a space before
# `strawberry`, and with this space the word is *one* token in all four. The model gets
# one id and no letters, so it cannot look at the letters and count. It can only
# *remember* how the word is spelled, as it remembers that Paris is in France. (Today's
# models usually remember it. For rare words it is harder.)
#
# ### Bits per byte
#
# Which tokenizer is the best? Take one document. A perfect model pays a fixed number of
# nats for it (lesson 9), whatever the tokens are. If these nats are shared among fewer
# tokens, each token costs more.

# %% tags=["close"]
one = held_out[0]
n_bytes = one.n_chars  # its end counts as one byte
print(f"the whole document: {one.total_nats:.1f} nats")
for label, n in (
    ("words", one.n_words),
    ("characters", len(chars.encode(one.text)) + 1),
):
    print(f"{n:3d} {label}: {one.total_nats / n:.2f} nats for each")
print(f"{n_bytes} bytes: {one.total_nats / n_bytes / math.log(2):.2f} bits for each")

# %% [markdown]
# The same document, the same perfect model, and still quite different losses per token.
# So **never compare losses per token across tokenizers**. Share the nats among the bytes
# of the text instead, and count them in bits. This is called **bits per byte**.
#
# $$\text{bits per byte} = \frac{\text{nats of the whole text}}{\text{bytes} \cdot \ln 2}$$
#
# Now we compare tokenizers with a real model, the table of pairs of lesson 5. It is quick
# to train, because it only counts. First the pairs of neighbours of all documents:


# %%
def pairs_of(way, some_documents):
    """Every token and the one after it: two tensors (n,)."""
    end = min(way.special_tokens.values())  # stands before and after each document
    rows = [torch.tensor([end, *way.encode(d.text), end]) for d in some_documents]
    return torch.cat([row[:-1] for row in rows]), torch.cat([row[1:] for row in rows])


# %% [markdown]
# Then the table: count the pairs in the training documents, add a small number to every
# place, and divide each row by its sum. (`bincount` counts whole numbers, so we give each
# pair a number of its own: row times V plus column.)


# %%
def bigram_nats(way, added, some_documents):
    """Nats of the documents for a table of pairs of the training documents."""
    V = way.vocab_size
    before, after = pairs_of(way, documents[:1800])
    counts = torch.bincount(before * V + after, minlength=V * V).view(V, V)
    table = counts.double() + added
    log_probs = (table / table.sum(1, keepdim=True)).log()  # (V, V)
    before, after = pairs_of(way, some_documents)
    return -log_probs[before, after].sum().item(), len(after)


# %% [markdown]
# The merges are learned from the first 1,800 documents, as the table is. Each tokenizer gets
# its own best number to add, of four, chosen on the other 200 documents. The result comes
# from 200 documents that took part in neither.

# %% tags=["ledger:C28", "ledger:B4", "close"]
ways = {"words": world.WorldTokenizer()}
ways |= {f"BPE {size}": train_bpe(texts[:1800], size) for size in (900, 600, 400, 300)}
ways["characters"] = chars
n_bytes = sum(document.n_chars for document in held_out)
lengths, bits = {}, {}
print("               V   added  tokens/document  loss/token  bits/byte")
for label, way in ways.items():
    price = {
        a: bigram_nats(way, a, documents[1800:])[0] for a in (1e-4, 1e-3, 0.01, 0.1)
    }
    added = min(price, key=price.get)
    nats, n_tokens = bigram_nats(way, added, held_out)
    lengths[label] = n_tokens / len(held_out)
    bits[label] = nats / n_bytes / math.log(2)
    shown = f"{lengths[label]:16.1f} {nats / n_tokens:11.2f} {bits[label]:10.2f}"
    print(f"{label:10s} {way.vocab_size:5d} {added:7} {shown}")
assert list(bits.values()) == sorted(bits.values())

# %% [markdown]
# In *loss/token* the order is mixed up. Bits per byte tell the truth: the longer the
# tokens, the better. Why? The table remembers one token, and a longer token holds more of
# the past than a single letter. (The words are helped a little more. They say nothing
# about spaces, because in Tiny World the spaces follow from the words.)

# %% tags=["close"]
floor = sum(document.total_nats for document in held_out) / n_bytes / math.log(2)
print(f"a perfect model pays {floor:.2f} bits per byte, with any of these tokens")
plot_marked(
    (list(lengths.values()), list(bits.values())),
    {label: (lengths[label], bits[label]) for label in ways if label != "BPE 900"},
    "Longer tokens let a short memory see further",
    xlabel="tokens in a document",
    ylabel="held-out bits per byte",
)

# %% [markdown]
# Why not words, then, if they are best here? Because this world is closed: it has no
# unknown words. In an open world, pieces are the compromise. Frequent words are whole, and
# rare words are spelled.
#
# ## Play with it
#
# This tokenizer has learned from names and from Tiny World. By keyboard: Tab, then the
# arrow keys.
#
# - **Type your name**, with a capital letter and without one. How many tokens?
# - **Slide "Merges done" back to 0**, then forward. Which pair grows together first?
# - **Take नमस्ते.** Why is every token one byte? (The tokenizer has learned from text without
#   any Hindi. These bytes never stood side by side there, so no merge joins them.)
#
# It shows those of its merges that your text uses. If you have fetched SmolLM2, put
# `smollm` in place of `mixed` and see the same for a real vocabulary.

# %% tags=["ledger:C36"]
mixed = train_bpe([*texts, *splits.train], 1024)
examples = ["aarav", " aarav", "Question: Who are you?", "नमस्ते", "🙂"]
TokenizerExplorer(mixed, "nipun met a merry horse", examples=examples)

# %% [markdown]
# ## Why does this work?
#
# **Because text repeats itself.** A few words make up most of a text, and they become
# one token each (in a vocabulary of 600).

# %% tags=["ledger:C33"]
often = Counter(word for d in documents for word in d.words if word.isalpha())
cut = train_bpe(texts, 600)
by_length = {}
for word, n in often.items():
    by_length.setdefault(len(cut.encode(f" {word}")), []).append(n)
means = {n: sum(found) / len(found) for n, found in sorted(by_length.items())}
for n_tokens, mean in means.items():
    n_words = len(by_length[n_tokens])
    print(f"{n_tokens} token(s): {n_words:3d} words, each seen {mean:3.0f} times")
assert means[1] > 4 * means[2]
share = sum(by_length[1]) / sum(often.values())
print(f"the {len(by_length[1])} words of one token make up {share:.0%} of the text")

# %% [markdown]
# Words of one token are seen far more often than words of two. (Among longer ones the
# order is not strict: a word is also cut by what it shares with others.)
#
# **Is it the best way to cut?** No. BPE is **greedy**: at each step it takes the merge that
# comes first in its list, and it never looks ahead. For a short word we can find the
# smallest possible number of tokens. `best[j]` is this number for the first `j` bytes. The
# last of these tokens begins at some byte `i`; before it stand the first `i` bytes, whose
# best number is known already. So we try every `i` and keep the smallest.


# %% tags=["ledger:B8"]
def fewest(text, ranks):
    """The smallest possible number of tokens."""
    raw = text.encode()
    best = [0]  # best[j]: fewest tokens for the first j bytes
    for j in range(1, len(raw) + 1):
        best.append(min(best[i] for i in range(j) if raw[i:j] in ranks) + 1)
    return best[-1]


bpe = train_bpe(splits.train, 600)
worse = [n for n in splits.val if fewest(n, bpe.ranks) < len(bpe.encode(n))]
name = worse[0]
greedy = [bpe.token_bytes(i).decode() for i in bpe.encode(name)]
print(f"{len(worse)} of {len(splits.val)} held-out names could have fewer tokens")
print(f"{'|'.join(greedy)}: {len(greedy)}, at best {fewest(name, bpe.ranks)}")
assert 0 < len(worse) < 0.1 * len(splits.val)

# %% [markdown]
# For these names the greedy cut is nearly always as *short* as possible (for all but 22 of
# 381), and it is fast. That does not mean that a model learns from it as well as from any
# other cut.
#
# ### Relatives of BPE (*more*)
#
# | name | how it learns | used by |
# |---|---|---|
# | BPE | begins with bytes or characters; merges the most frequent pair | GPT-2, Llama 3, SmolLM2 |
# | **WordPiece** | merges too, but the pair that is most frequent *compared with its parts*: count(ab) / (count(a) · count(b)); writes `##` before a piece inside a word | BERT |
# | **Unigram** | begins with far too many pieces, each with a probability; throws out those that the text misses least; cuts a new text in its most probable way | T5 |
#
# **SentencePiece** is not a fourth method but a program that does BPE or Unigram and treats
# the space as a character like any other (`▁`). Which method is best? Bostrom and
# Durrett (2020) trained models with both, and in their experiments Unigram was better than
# BPE. Still, BPE is the most used today.
#
# ### Do tokens have a meaning?
#
# Some look like parts of words. But BPE knows nothing of
# stems and endings. In Tiny World, every `-er` below is the same ending.

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
# ### Counting letters (*more*)
#
# Back to the strawberry. Can a model that sees tokens learn to count the letter `a` in a
# name? Take the simplest model: it gives every token a number and adds them up. The
# number of a token should become the number of a's in it. To find these numbers, the model
# gets names together with their right counts, and we take the numbers for which the squared
# errors, added over all these names, are smallest (**least squares**).
# `torch.linalg.solve` computes them in one step; small steps down the slope (lesson 4)
# would lead to the same place. `shrink` adds a very small price for large numbers, so that
# a token that was never met gets 0. First each name becomes a row that says how often each
# token occurs in it:


# %% tags=["ledger:C35"]
def rows_of(some_names, way):
    """How often each token stands in each name, (N, V)."""
    tokens = [way.encode(name) for name in some_names]
    row = torch.tensor([i for i, found in enumerate(tokens) for _ in found])
    column = torch.tensor([token for found in tokens for token in found])
    x = torch.zeros(len(tokens), way.vocab_size, dtype=torch.float64)
    one = torch.ones((), dtype=torch.float64)
    return x.index_put_((row, column), one, accumulate=True)


def accuracy(way, n_names):
    learn_from = random.Random(0).sample(splits.train, n_names)
    x = rows_of(learn_from, way)  # (N, V)
    y = torch.tensor([name.count("a") for name in learn_from], dtype=torch.float64)
    shrink = 0.01 * torch.eye(way.vocab_size, dtype=torch.float64)  # unmet tokens: 0
    weights = torch.linalg.solve(x.T @ x + shrink, x.T @ y)  # (V,)
    guesses = (rows_of(splits.val, way) @ weights).round().tolist()
    right = [g == name.count("a") for g, name in zip(guesses, splits.val, strict=True)]
    return sum(right) / len(right)


# %% tags=["ledger:C35"]
sizes = [50, 200, 800, 3183]
readers = {"characters": CharTokenizer(names.ALPHABET)}
readers |= {f"BPE {size}": train_bpe(splits.train, size) for size in (300, 1024)}
counted = {}
for label, way in readers.items():
    counted[label] = (sizes, [accuracy(way, n) for n in sizes])
    print(f"{label:10s}", *(f"{share:.2f}" for share in counted[label][1]))
assert min(counted["characters"][1]) == 1
assert counted["BPE 1024"][1][1] < 0.6 < 0.9 < counted["BPE 1024"][1][-1]

# %%
plot_curves(
    counted,
    "The longer the tokens, the more must be learned to count a letter",
    xlabel="names learned from (logarithmic scale)",
    ylabel="held-out names counted correctly",
    log_x=True,
    ticks=sizes,
)

# %% [markdown]
# With characters 50 names are enough. With the longest tokens 800 names bring it to nine in
# ten, and only all 3,183 to every name, because it must learn the letters of each token
# separately, and it learns only about tokens that it has met. So counting letters is not impossible, but it is *indirect*: the spelling of
# a token is a fact that must be learned like any other. Spelling and anagrams need the
# same facts. A trick that should help is to put spaces between the letters: then each letter
# is a token of its own (you see it in "Catch the slide").
#
# ### From our names model to a GPT (*more*)
#
# What changes between the names model and a GPT? First the pieces: with longer ones the
# same window sees further.

# %% tags=["ledger:C27"]
window = mlp.NameMLPConfig().context_size
letters = sum(map(len, splits.val)) / sum(len(mixed.encode(n)) for n in splits.val)
print(f"names model: {names.VOCAB_SIZE} ids, sees {window} tokens = {window} letters")
print(f"with our BPE: {mixed.vocab_size:,} ids, about {window * letters:.0f} letters")
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

# %% tags=["ledger:B7", "ledger:C30", "ledger:C31", "ledger:C32", "ledger:C34"]
print(f"the first three tokenizers were asked on {table_date()}")
for slide in ("un|happi|ness", "Chat|G|PT", "N|ip|un", "str|aw|berry"):
    found = all_splits(slide.replace("|", ""))
    agree = [name for name, split in found.items() if split == slide]
    print(", ".join(f"{n} {s}" for n, s in found.items()))
    print(f"    the slide's {slide} is what we find in: {', '.join(agree) or 'none'}")
assert "un|happiness" not in all_splits("unhappiness").values()

# %%
for name, split in all_splits("s t r a w b e r r y").items():
    print(f"{name:8} {visible(split)}")

# %% [markdown]
# Claim 1 is wrong for all four, in both forms. The beautiful cut by meaning is a wish.
# Claims 2 and 3 hold for some tokenizers and not for others. Claim 4 holds for one of
# them, and only without the space. Claim 5 blames the wrong thing: a *fixed alphabet*
# leaves other languages out, bytes do not.
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
# **4.** Do round 1 by hand for the words `aba` and `abab`: which pair is merged, and what
# do the words look like afterwards?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# `ab` occurs three times and `ba` twice. So `ab` becomes one token: `ab|a` and `ab|ab`.
#
# </details>
#
# **5.** Your turn: with twenty words of your own, each as `list(word.encode())`, run
# `mine = learn(my_words, 10)`. Then `encode(word, mine)` for a word that is not in the list.
#
# ## Recap
#
# - **Idea.** A tokenizer turns text into whole numbers. BPE begins with bytes and merges
#   the most frequent pair, again and again. No merge crosses a cut of the pattern.
# - **Formula.** Bits per byte = nats of the whole text / (bytes · ln 2). Only this can be
#   compared across tokenizers.
# - **Pitfall.** Pieces follow frequency, not meaning; the space belongs to the token
#   after it; a model does not see letters.
#
# | step | what it is | size |
# |---|---|---|
# | text | characters | n |
# | pre-tokens | pieces of text | as the pattern cuts |
# | bytes | numbers from 0 to 255 | at least n |
# | ids | numbers from 0 to V - 1 | as many as tokens, at most as many as bytes |
# | table of pairs | counts | (V, V) |
#
# | here | elsewhere |
# |---|---|
# | token | subword, word piece |
# | pre-token | pre-tokenization, split |
# | merges in their order | merge table, ranks |
# | out of vocabulary | OOV, unknown, `[UNK]` |
# | special token | control token |
#
# - **Moved into the library:** `course_lib.tokenizer`: `CharTokenizer`, `train_bpe`,
#   `BPETokenizer`; `course_lib.engine.splits.true_splits`.
#
# **Homework:** [Homework 10](homework/hw10.ipynb), about 75 minutes, of which 50 are
# core. A badge under each check says at once whether your answer is correct.
#
# **Next:** longer tokens let a short memory reach a little further. But a story may need
# a word from a hundred tokens ago. [11. Attention](11_attention.ipynb) looks back.
