# %% [markdown]
# # 0. Start here
#
# **Does my machine work, and what is a language model?**
#
# You play a guessing game against a very small language model, build that model
# yourself, and find out whether your computer is ready for the course.
#
# - **You will** run your first cells, guess names letter by letter, and write a
#   language model in twelve lines.
# - **You need** a little Python: lists, dictionaries, loops.
# - **Time** 20 minutes.
# - **Next** [2. Logits and softmax](02_logits_and_softmax.ipynb)
#
# This page is a **notebook**: text and program side by side. Click into the grey cell
# below and press **Shift + Enter**. The program runs, its result appears underneath,
# and you are in the next cell. Work from top to bottom. If you get lost, choose
# *Kernel*, then *Restart Kernel*, and begin again. You cannot break anything.

# %%
import math
import socket
from collections import Counter
from itertools import pairwise

import torch

from course_lib import device, names, ngram
from course_play import plots
from course_play.widgets import GuessGame, Predict

# %% [markdown]
# Nothing happened? Very good: the course is installed. Does your machine also
# calculate? The next cell adds up some numbers on the **device** it found. That is the
# processor (`cpu`) or a graphics card. All lessons run on a plain processor.

# %%
chosen = device.pick_device()
total = torch.arange(1, 101, device=chosen).sum().item()
assert total == 5050
print("1 + 2 + ... + 100 =", total)

# %% [markdown]
# ## Predict first
#
# In this course you guess before you see. A guess makes you curious, and a wrong guess
# even more than a right one.
#
# We use 26 letters and the full stop, which says "the name ends here": 27 symbols.
# Suppose you know nothing about names and call all 27 equally likely. **How surprised
# are you, on average, by the letter that comes?** We measure surprise with the natural
# logarithm (`math.log`), so the answer is the logarithm of some number, and you guess
# which one. The next cell holds the answer, so its code is folded away behind the bar
# with three dots. Run it with Shift + Enter, type your guess, and press *Show the answer*.

# %% tags=["hide-input"]
# a guess first: open this after you have seen the answer
Predict(
    "Your surprise is the natural logarithm of a number. Of which number?",
    27,
    because="All 27 symbols are equally likely, so your surprise is `math.log(27)`.",
)

# %% [markdown]
# (A picture instead of the box means that the cell has not run yet. In a class, all add
# their guesses before the answer is shown.)
#
# You will meet this number all through the first lessons: a model that knows nothing
# starts there, and everything it learns brings it further down. Lesson 3 explains why
# surprise is a logarithm. Its unit is called the **nat**.
#
# ## Build it by hand
#
# Here is our material: Indian given names, written with the letters a to z.

# %%
all_names = names.load_names()
print(len(all_names), "names, for example", ", ".join(all_names[1000:1005]))

# %% [markdown]
# Which letter follows an `a`? Go through all names, with a full stop at both ends, and
# count the neighbours. That is all the learning there is.


# %%
def count_followers(word_list):
    followers = {}
    for name in word_list:
        text = f".{name}."
        for previous, following in pairwise(text):  # "abc" has the pairs ab and bc
            followers.setdefault(previous, Counter())[following] += 1
    return followers


followers = count_followers(all_names)
followers["a"].most_common(5)

# %% [markdown]
# Divide by the total, and the counts become probabilities. Only the last letter of the
# text matters; at the very start the full stop stands in for it.


# %%
def next_letter(text):
    counts = followers[text[-1] if text else "."]
    total = sum(counts.values())
    return {letter: n / total for letter, n in counts.most_common()}


for text in ("", "a", "aar", "q"):
    chances = next_letter(text)
    best = max(chances, key=chances.get)
    print(f"after {text!r:6} best guess {best!r}, probability {chances[best]:.2f}")

# %% [markdown]
# You have just built a **language model**: a program that reads some text and gives a
# probability to everything that could come next. Yours sees one letter only. It is
# called a **bigram** model, because it knows pairs.
#
# > **For children (and for the rest of us).** Someone says "Once upon a ..." and you
# > know how it goes on. You have never learned a rule for it; you have heard it often.
# > A language model is a listener who has heard very much, and always bets on the next
# > word.
#
# ## Compare with torch
#
# The course library counts the same pairs, in a table of 27 rows and 27 columns. Row
# and column numbers come from `encode`: the full stop is 0, `a` is 1, `z` is 26.

# %%
table = ngram.bigram_counts(all_names)
for previous, counts in followers.items():
    for following, n in counts.items():
        row, column = names.encode(previous)[0], names.encode(following)[0]
        assert table[row, column] == n
assert table.sum() == sum(counts.total() for counts in followers.values())
print("by hand = library,", int(table.sum()), "pairs in a table of", tuple(table.shape))

# %% [markdown]
# ## See it

# %%
after_a = table[names.encode("a")[0]] / table[names.encode("a")[0]].sum()
best = names.ALPHABET[int(after_a.argmax())]
title = f"After a, {'the end' if best == '.' else best} is most likely"
plots.plot_probs(after_a, list(names.ALPHABET), title, mark=best)

# %% [markdown]
# Did you know before that names so often end after an `a`? The model did not know it
# either. It counted.
#
# ## Play with it
#
# A name is hidden. Guess its letters from left to right: press a letter key or click a
# button. The bigram model guesses too, but it sees only one letter, and you see all
# that is uncovered.
#
# - **Play three names.** Who has more right, you or the table?
# - **Watch the first letter of a name.** Why are you both so bad at it?

# %%
GuessGame(all_names, seed=0)

# %% [markdown]
# ## Why does this work?
#
# **Why is guessing the next letter worth anything?** Because to guess well you have to
# know a lot: which sounds go together, where names end, later which words fit, who did
# what, how a story goes on. Here is the average surprise of your table, next to that of
# a model without any knowledge. (The table is tested on the very names it has counted,
# which flatters it a little. Lesson 5 is stricter.)

# %%
ln_27 = math.log(27)
probs = table / table.sum(1, keepdim=True)
seen = table > 0  # pairs that occur; the others have no logarithm
bigram_surprise = -(table[seen] * probs[seen].log()).sum() / table.sum()
print(f"no knowledge {ln_27:.2f}, one letter of context {bigram_surprise:.2f} nats")
assert bigram_surprise < ln_27

# %% [markdown]
# **Is that what a chatbot does?** Lectures like to say: the same idea, just scaled up.
# The first half is right: large models too are trained to predict the next piece of
# text. The second half leaves out two things that this course does not leave out. A
# new way to look back over long texts, **attention**, comes in lessons 11 to 13, and
# the training that turns a text completer into an assistant in lessons 20 to 23.
#
# But the scale is real. Your table has 27 times 27 numbers. GPT-2, a famous model of
# 2019, holds far more. (Lesson 14 counts them one by one.)

# %% tags=["ledger:C17"]
gpt2_parameters = 1_557_611_200
print(f"your table: {table.numel()} numbers, the largest GPT-2: {gpt2_parameters:,}")
print(f"that is {gpt2_parameters / table.numel():,.0f} times as many")

# %% [markdown]
# **How do I know that all this is true?** Do not believe us. Every claim in the lessons
# is computed in front of you, and the important ones carry an `assert`: a line that
# stops the notebook if the claim is false. Try it: change the 5 below to a 6 and run
# the cell. (Its second line says in which forms you will meet every idea.)

# %% tags=["ledger:D14", "ledger:A16"]
assert 2 + 3 == 5
print("look for each big idea as a number, a picture, a line of code, a plain sentence")

# %% [markdown]
# **Do I need the internet?** No. The next cell makes every new connection of this
# program fail, loads the names again, and then puts things back.


# %%
def no_network(*address):
    raise OSError(f"the network is switched off: {address}")


real_connect = socket.socket.connect
socket.socket.connect = no_network
assert len(names.load_names()) == len(all_names)
socket.socket.connect = real_connect
print("the names came from your own disk")

# %% [markdown]
# ## Check yourself
#
# **1.** Which letter does your bigram model expect after `ravi`? And after `i`?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The same for both. It sees only the last letter, `i`. Try
# `next_letter("ravi")`.
#
# </details>
#
# **2.** The model gives a probability of 0 to some pairs. Is that wise?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# No. The pair was not in our list, but the next name may hold it, and then the model is
# infinitely surprised. Lesson 5 mends that.
#
# </details>
#
# **3.** Your turn: look up the five most likely first letters of a name.
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# `followers["."].most_common(5)`: the full stop at the start plays the part of
# the letter before.
#
# </details>
#
# **4.** Your turn: is your own name in the list? Would your model find it likely?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# `"yourname" in all_names`, in small letters. For the second question multiply
# `next_letter(before).get(letter, 0)` from the first full stop to the last.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** A language model gives a probability to everything that could come next.
# - **Formula.** Bigram: count of the pair, divided by the count of its first letter.
# - **Pitfall.** A model knows its list and nothing else.
# - **In the library:** `course_lib.names`, `course_lib.ngram`, `course_lib.device`.
#
# If anything on this page failed, type `python3 start.py doctor` in a terminal: it says
# what is missing and what to do.
#
# **Homework:** [Homework 0](homework/hw00.ipynb), about 15 minutes. A badge under
# each check says at once whether your answer is right.
#
# **Next:** neural networks do not count, they give scores. How does a score become a
# probability? [2. Logits and softmax](02_logits_and_softmax.ipynb)
