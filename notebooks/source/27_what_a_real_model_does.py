# %% [markdown]
# # 27. What a real model does
#
# **Which of the stories about language models are true of a real one?**
#
# You have heard such stories: it cannot count the letters of *strawberry*. What you
# tell it beats what it remembers. A head looks from "it" to the animal. Here you test
# each story on SmolLM2, the real model of lesson 26, with a number, its standard error
# and a **control**: the same measurement on a case in which the story should *not*
# hold. The model is small, and it often fails. This lesson says so each time, because a
# failure is also a result.
#
# - **You will** ask, count and compare with a control; find the heads that copy, switch
#   them off and see what they need; read what each layer would say; and race the model
#   against gzip.
# - **You need** lessons 15 (heads at work), 19 (base model), 21 (hallucination) and 26 (the
#   model).
# - **Time** 70 minutes for the core: run the cells of the parts marked *more* and leave their
#   text out. They take another 30 minutes. Each section stands for itself, so you can stop
#   after any of them.
# - **Back** [26. A real model in your own code](26_a_real_model.ipynb) ·
#   **Next** [28. Teach it something](28_teach_it_something.ipynb)

# %%
import math
import random
import zlib
from collections import Counter
from statistics import mean, stdev

import torch

import tiny_world as world
from course_lib import chat, lens
from course_lib.cache import KVCache
from course_lib.chat import ChatMLTemplate, Message, rate
from course_lib.copies import CopyMeter
from course_lib.engine.smollm import load_smollm2
from course_lib.generate import generate
from course_play import plots
from course_play.head_maps import plot_head_maps
from course_play.widgets import AttentionExplorer, LogitLens, Predict, PromptBox

smol, tokenizer, template = load_smollm2()
smol.requires_grad_(False)  # we read it, we do not train it
START = tokenizer.special_tokens["<|endoftext|>"]  # stands before every document
print(f"{sum(p.numel() for p in smol.parameters()):,} parameters,", end=" ")
print(f"{smol.config.n_layers} layers of {smol.config.n_heads} heads")

# %% [markdown]
# ## Predict first
#
# You ask the model about 20 people who do not exist: *Who is Zoltan Ostromersk?* (The
# surnames are glued from syllables, so that no such person lives.) It may answer what it
# likes. In how many of the 20 answers does it admit that it does not know the person?
#
# We need a rule that a program can apply. An answer **admits** ignorance if one of the phrases
# in `ADMITS` stands in it. The rule is generous: "I am not sure, but ..." would count.

# %%
SYLLABLES = """Orla Zoltan Alma Henrik Milo Tilda Casper Ingrid Boris Nora,
    Velmo Ostro Quilla Falko Torqui Wyndra Brale Zimto Kesto Murgo,
    nquist verk ntera mersk tano dlow borga pilov venna tash"""
FIRST, HEAD, TAIL = (row.split() for row in SYLLABLES.split(","))
invented = [f"{FIRST[i % 10]} {HEAD[i % 10]}{TAIL[(3 * i + i // 10) % 10]}"
            for i in range(20)]  # fmt: skip
ADMITS = ("not know", "n't know", "not sure", "n't sure", "no information", "not aware",
          "not familiar", "n't find", "n't have", "never heard", "sorry")  # fmt: skip


def admits(answer):
    return any(phrase in answer.lower() for phrase in ADMITS)


def ask(questions, system):
    """The likeliest answers (temperature 0), cut after 28 tokens."""
    talks = [[Message("system", system), Message("user", q)] for q in questions]
    return [a.text for a in chat.answers(smol, template, talks, max_new_tokens=28)]


print(", ".join(invented[:4]), "...")
print(admits("I don't know anybody of that name."), admits("She is a famous painter."))

# %% tags=["hide-input", "ledger:B24"]
# the answer is computed here; look at it after your guess
HONEST = "If you do not know a person, say only: I do not know."
who_is = [f"Who is {name}?" for name in invented]
as_usual, with_rule = ask(who_is, template.system), ask(who_is, HONEST)
admitted, ruled = (rate(map(admits, rows)) for rows in (as_usual, with_rule))
Predict(
    "In how many of the 20 answers does it admit that it does not know?",
    round(20 * admitted.mean),
    because=f"One answer: {as_usual[1]} ... With the system message {HONEST!r} it "
    f"admits its ignorance in {round(20 * ruled.mean)} of 20.",
)

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>After your guess</summary>
#
# An answer about somebody who does not exist, in the same calm tone as a true one, is a
# **hallucination** (elsewhere: confabulation), as in lesson 21. Here nobody trained it
# in on purpose. In the texts that the model has read, the question "Who is X?" is
# followed by who X is, and hardly ever by "I do not know": people who do not know do
# not write. So a description is the best prediction. We read only the first 28 tokens, so
# an admission that comes later would be missed.
#
# </details>
#
# ## Build it by hand
#
# The first half of this lesson is done with two instruments.
#
# **A share and its standard error.** If `n` cases are tried and a share `p` of them are
# hits, then another `n` cases would give another share. The **standard error**
# $\sqrt{p(1-p)/n}$ says how far off it would typically be. With 20 cases it is about a
# tenth: so we see large differences here, and no small ones.

# %%
hits = [True] * 15 + [False] * 5
p, n = sum(hits) / len(hits), len(hits)
error = math.sqrt(p * (1 - p) / n)
print(f"15 of 20: by hand {p:.2f} ± {error:.2f}, the library {rate(hits)}")
print(f" 0 of 20: by hand 0.00 ± 0.00, the library {rate([False] * 20)}")
assert str(rate(hits)) == f"{p:.2f} ± {error:.2f}"

# %% [markdown]
# In the second row the formula says ± 0, as if we were certain. But after 20 failures
# the next one could still be a hit. So for 0 of 20 the library takes the error of one
# hit in 21 cases, and for 20 of 20 likewise.
#
# **The next-token distribution.** Often we do not need an answer: the probabilities of
# the next token say it all, and they cost one forward pass. Two things make it cheap.
# Only the last position is wanted, so the **unembedding** (elsewhere: `lm_head`), the
# largest matrix of the model, reads only that. And what all prompts begin with is read
# once: its keys and values wait in a KV cache (lesson 18) for all of them. (Elsewhere:
# **prompt caching**.)


# %%
def next_logits(rows):
    """What comes after each row of tokens: lists of ids -> logits (B, V)."""
    tokens, real = chat.padded(rows)  # (B, T), filled at the right end
    same = (tokens == tokens[0]).all(0)  # (T,): has each row the same token here?
    n = min(int(same.cumprod(0).sum()), min(map(len, rows)) - 1)  # the shared beginning
    cache = KVCache(smol.config.cache_shape, 1, size=tokens.shape[1])
    smol(tokens[:1, :n], cache, features=True)
    cache.keep(torch.zeros(len(rows), dtype=torch.int64))  # a copy for each row
    stream = smol(tokens[:, n:], cache, features=True)  # (B, T - n, C)
    last = stream[torch.arange(len(rows)), real.sum(1) - 1 - n]  # (B, C)
    return last @ smol.embedding.weight.T  # (B, V): the head is the embedding


def after(texts):
    """What comes after each text, at the beginning of a document."""
    return next_logits([[START, *tokenizer.encode(text)] for text in texts])


def words(ids):
    return [tokenizer.decode([i]).strip() for i in ids.tolist()]


# %% tags=["close:0.02"]
prompts = ["The capital of France is", "The capital of Italy is"]
for prompt, logits in zip(prompts, after(prompts), strict=True):
    p, best = logits.softmax(-1).topk(3)
    print(prompt, *(f"{word} {x:.2f}" for word, x in zip(words(best), p, strict=True)))
ids = torch.tensor([[START, *tokenizer.encode(prompts[0])]])
torch.testing.assert_close(after(prompts)[:1], smol(ids)[:, -1], rtol=1e-3, atol=1e-3)

# %% [markdown]
# ## See it
#
# First from outside: what does the model say?
#
# ### Can it count letters?
#
# The model does not see letters. It sees **tokens** (lesson 10). Look at what arrives.

# %%
for word in ("strawberry", "banana", "pepper", "bookkeeper"):
    inside = [tokenizer.decode([i]) for i in tokenizer.encode(f" {word}")]
    print(f"in a sentence {inside}; spelled out", end=" ")
    print(len(tokenizer.encode(" ".join(word))), "tokens")

# %% [markdown]
# So `strawberry` is *one* number, and no r stands in it. A popular piece of advice is
# to spell the word out first: then each letter is a token of its own. Does that help?
# Take 20 words whose counts are 1, 2 or 3, and put the same question both ways. We
# begin the answer for the model ("The answer is ") and look which digit it finds most
# probable. The blank at the end is needed, because in this vocabulary a digit and the
# blank before it are two tokens.

# %%
CASES = """strawberry r, banana a, pepper p, tomorrow o, raspberry r, eleven e,
    cinnamon n, letter t, giraffe f, coffee e, balloon l, elephant e, carrot r,
    window w, water r, orange a, lemon m, garden d, planet n, table b"""
cases = [case.split() for case in CASES.split(",")]
true = [word.count(letter) for word, letter in cases]
DIGITS = [tokenizer.encode(str(digit))[0] for digit in range(10)]


def counted(written):
    """The digit that it says; `written`: how the word stands in the question."""
    ask_for = "How many times does the letter {} occur in the word {}?"
    questions = [ask_for.format(letter, written(word)) for word, letter in cases]
    prompts = [template.prompt([Message("user", q)]) for q in questions]
    begun = [prompt + tokenizer.encode("The answer is ") for prompt in prompts]
    return next_logits(begun)[:, DIGITS].argmax(-1).tolist()


# %% tags=["close:0.15", "counts:1"]
letters = {}
print(f"{'':12s} correct       mean answer where 1, 2, 3 is true")
for name, written in (("as a word", str), ("spelled out", " ".join)):
    said = counted(written)
    letters[name] = rate(a == b for a, b in zip(said, true, strict=True))
    by_truth = [mean(a for a, b in zip(said, true, strict=True) if b == n)
                for n in (1, 2, 3)]  # fmt: skip
    print(f"{name:12s} {letters[name]}  ", *(f"{x:5.1f}" for x in by_truth))
always_2 = rate(n == 2 for n in true)
print(f"{'always 2':12s} {always_2}  ", *(f"{x:5.1f}" for x in (2, 2, 2)))
assert max(score.mean for score in letters.values()) < 0.45

# %% [markdown]
# It fails both ways: it is no better than somebody who always says 2. Look at the last
# three columns, too: its answers do not grow with the truth. So the tokens are a part
# of the reason, because in `strawberry` there is no r to see. But they are not the
# whole reason: in the spelled word each letter is there, and this model still does not
# count. (It had to say the digit at once. A larger model may write the letters down one
# by one and number them, and then be correct.)
#
# ### Does context beat memory?
#
# In lesson 19 the answer was yes: our Tiny World model believed everything. Now take
# three groups of 20: invented people, people whom many texts name, capitals.

# %%
KNOWN = """Albert Einstein:Ulm, Wolfgang Amadeus Mozart:Salzburg, Marie Curie:Warsaw,
    Napoleon Bonaparte:Ajaccio, Ludwig van Beethoven:Bonn, Pablo Picasso:Málaga,
    Sigmund Freud:Freiberg, Nikola Tesla:Smiljan, Galileo Galilei:Pisa,
    Vincent van Gogh:Zundert, Nelson Mandela:Mvezo, Karl Marx:Trier,
    Johann Sebastian Bach:Eisenach, Franz Kafka:Prague, Charles Dickens:Portsmouth,
    Benjamin Franklin:Boston, Immanuel Kant:Königsberg, Anne Frank:Frankfurt,
    Marco Polo:Venice, Edgar Allan Poe:Boston"""
birthplace = dict(pair.strip().split(":") for pair in KNOWN.split(","))
known = list(birthplace)
CAPITALS = """France:Paris, Italy:Rome, Japan:Tokyo, Germany:Berlin, Spain:Madrid,
    Russia:Moscow, Egypt:Cairo, Greece:Athens, Ireland:Dublin, Poland:Warsaw,
    Austria:Vienna, Portugal:Lisbon, Norway:Oslo, Hungary:Budapest, Cuba:Havana,
    Kenya:Nairobi, Peru:Lima, Thailand:Bangkok, Sweden:Stockholm, Finland:Helsinki"""
capital = dict(pair.strip().split(":") for pair in CAPITALS.split(","))
lies = [*capital.values()][7:] + [*capital.values()][:7]  # each gets another's capital
print(len(known), "known people,", len(capital), "capitals")

# %% [markdown]
# In front of the sentence to complete we put a false town, in one of three ways. This is what
# the model reads:

# %%
BORN, SEAT = "{} was born in the city of", "The capital of {} is"
WAYS = {
    "same words": "{end} {lie}. {end}",
    "other words": "{lie} is {what} {name}. {end}",
    "only mentioned": "{lie} is a nice town. {end}",
}
groups = {
    "invented people": (invented, BORN, "the birthplace of"),
    "known people": (known, BORN, "the birthplace of"),
    "capitals": (list(capital), SEAT, "the capital of"),
}


def lied_to(group, way):
    names, sentence, what = groups[group]
    return [
        WAYS[way].format(end=sentence.format(name), lie=lie, name=name, what=what)
        for name, lie in zip(names, lies, strict=True)
    ]


for way in WAYS:
    print(f"{way:15s}", lied_to("capitals", way)[0])

# %% [markdown]
# The third way tells nothing about the question: it is the control. A town that has
# just been mentioned may come to the model's mind only for that. As **believed** we
# count the cases in which the town that was told is the most probable next token.

# %% tags=["close:0.15", "ledger:B26"]
LIES = torch.tensor([tokenizer.encode(f" {town}")[0] for town in lies])
memory = {
    group: after([sentence.format(name) for name in names])
    for group, (names, sentence, _) in groups.items()
}
believes = {}
print(f"{'':15s}  p of its own first choice", *(f"{way:>15s}" for way in WAYS))
for group, logits in memory.items():
    own = logits.softmax(-1).max(-1).values.mean()
    believes[group] = {
        way: rate((after(lied_to(group, way)).argmax(-1) == LIES).tolist())
        for way in WAYS
    }
    shares = (f"{share!s:>15s}" for share in believes[group].values())
    print(f"{group:15s}  {own:25.2f}", *shares)
strangers, capitals = believes["invented people"], believes["capitals"]
assert strangers["same words"].mean > capitals["same words"].mean + 0.3
assert strangers["other words"].mean < strangers["only mentioned"].mean + 0.3
assert capitals["other words"].mean < 0.3

# %% [markdown]
# **So context does not simply beat memory.** Where the model knows nothing, it says the
# town that it was told in the same words, because then it only has to copy what stands
# there. But that is no belief yet: told in other words, it says the town hardly more
# often than after a sentence that tells nothing (the last two columns). About known
# people and capitals it says what it would have said before, or something else, and
# seldom the town that it was told. In Tiny World no text ever lied, so it always paid to
# trust the context. In real texts it does not always pay.
#
# In **retrieval-augmented generation** a program puts the correct document in front of
# the question. For that, our result is a warning: check that the answer comes from the
# document.
#
# ### Does asking ten times help? *(more)*
#
# Lesson 21 asked the same question several times: who guesses says something else each
# time. This is called **self-consistency**. Take our 20 invented people and, as a
# control, the 20 known ones. Let the model complete *X was born in the city of*, ten times
# at temperature 0.7, and keep the first token of each completion. (Ten draws from one
# distribution are ten askings: one forward pass is enough.) The **agreement** is the share
# of the most common of the ten.

# %% tags=["close:0.21", "counts:3", "words:0.3", "ledger:B24"]
generator = torch.Generator().manual_seed(0)


def asked_often(logits, temperature=0.7):
    """(B, V) logits -> of each row ten drawn tokens, as strings."""
    probs = (logits / temperature).softmax(-1)  # (B, V)
    drawn = torch.multinomial(probs, 10, replacement=True, generator=generator)
    return [words(row) for row in drawn]  # (B, 10)


said = {name: asked_often(memory[f"{name} people"]) for name in ("known", "invented")}
print(f"{known[18]}: {' '.join(said['known'][18])}")
print(f"{invented[0]}: {' '.join(said['invented'][0])}")
agreement = {
    name: [Counter(drawn).most_common(1)[0][1] / 10 for drawn in rows]
    for name, rows in said.items()
}
levels = 0.3, 0.5, 0.7, 0.9
print("agreement at least", *(f"{level:7.1f}" for level in levels))
for name, values in agreement.items():
    above = [rate(a >= level for a in values).mean for level in levels]
    print(f"share of {name:9s}", *(f"{share:7.2f}" for share in above))
pairs = [(a > b) + 0.5 * (a == b)
         for a in agreement["known"] for b in agreement["invented"]]  # fmt: skip
print(f"pairs in which the known person agrees more: {mean(pairs):.2f}")
assert mean(pairs) > 0.7

# %% [markdown]
# Asking ten times works: of one known and one invented person, the known one agrees
# more in about five pairs of six (three of six would be chance). But no threshold
# separates the two groups. At 0.5, for example, some of the known people are below it
# and some of the invented ones above.
#
# And what does agreement say about the *truth*? Look up where the known people were
# really born.

# %% tags=["words:0.3", "counts:2", "close:0.15"]
rows = [[START, *tokenizer.encode(BORN.format(person))] for person in known]
written = generate(smol, rows, max_new_tokens=4, temperature=0)
town = [tokenizer.decode(row).strip().split(",")[0] for row in written]
is_right = [birthplace[who] in t for who, t in zip(known, town, strict=True)]
sure = [a >= 0.7 for a in agreement["known"]]
for i, (who, where) in enumerate(birthplace.items()):
    if sure[i]:
        print(f"agreement {agreement['known'][i]:.1f} {who}: {town[i]} (true: {where})")
for name, wanted in (("0.7 or more", True), ("less", False)):
    found = rate(r for r, s in zip(is_right, sure, strict=True) if s is wanted)
    print(f"agreement {name}: born where it says {found}, n = {found.n}")
assert rate(is_right).mean < 0.5

# %% [markdown]
# Where the ten disagree, the answer is practically never true. Where they agree it
# sometimes is, so agreement is worth something. But most of the few sure answers are
# wrong, too: the model names what stands *near* the person in many texts, such as a
# town in which he worked, or his own name. Self-consistency cannot detect that, because
# all ten completions make the same mistake. **It finds guesses. It does not find the
# errors that the model is sure of.**
#
# ### Does it learn from examples in the prompt?
#
# Few-shot prompting (lesson 19): 30 words, and before each zero to four pairs of
# opposites. No weight changes. A GPT predicts at each position, so a row with five
# pairs asks five questions in one reading: at the first arrow it has seen no example,
# at the second one example, and so on.

# %% tags=["close:0.15", "ledger:B19"]
OPPOSITES = """hot:cold, big:small, up:down, fast:slow, old:young/new,
    happy:sad/unhappy, day:night, rich:poor, light:dark/heavy,
    open:closed/close/shut, high:low, left:right, hard:soft/easy,
    wet:dry, black:white, strong:weak, win:lose, early:late, long:short,
    full:empty, north:south, love:hate, true:false, push:pull,
    inside:outside, first:last, buy:sell, clean:dirty, good:bad/evil,
    near:far"""
opposite = {pair.split(":")[0].strip(): pair.split(":")[1].split("/")
            for pair in OPPOSITES.split(",")}  # fmt: skip
shuffled = random.Random(0).sample(list(opposite), 30)
# Row i has the words i, i + 7, i + 14 ...: so each word stands once in each place.
games = [[shuffled[(i + 7 * place) % 30] for place in range(5)] for i in range(30)]
asked = ["".join(f"{word} -> {opposite[word][0]}\n" for word in game) for game in games]
print(asked[0])
tokens, _ = chat.padded([[START, *tokenizer.encode(text)] for text in asked])
[ARROW] = tokenizer.encode(" ->")
at_arrows = smol(tokens, features=True)[tokens == ARROW]  # (B, T, C) -> (30 * 5, C)
best = (at_arrows @ smol.embedding.weight.T).argmax(-1).view(30, 5)
few_shot = []
for n in range(5):
    guesses = words(best[:, n])
    few_shot.append(
        rate(guess in opposite[game[n]]
             for guess, game in zip(guesses, games, strict=True))
    )  # fmt: skip
    print(f"{n} examples: {few_shot[-1]} correct, n = {few_shot[-1].n}")
assert few_shot[0].mean < 0.3
assert few_shot[1].mean > few_shot[0].mean + 0.3
assert few_shot[4].mean > 0.6

# %% [markdown]
# This story is true, also for a small model. Without an example, `hot ->` could go on
# in any way. One example tells the model which game is played, and with four it plays
# better still. (Each row asks for all 30 words, so the rows can be compared.)
#
# ### Does it recite what it has read? *(more)*
#
# The claim is that a model recites famous texts (**regurgitation**, elsewhere:
# memorization). Ours has also been fine-tuned on conversations, but what it read before
# that should still be in it. Here are openings that are all in the public domain, typed
# by us, and as a control sentences in the same old style that we made up for this
# lesson: nobody can have read those. The model reads the first ten tokens of each and
# goes on. The copy meter of lesson 19 returns the longest run of tokens that stands
# word for word in the true text.


# %%
def named_texts(block):
    """Paragraphs "name: text" -> {name: text on one line}."""
    parts = (part.split(": ", 1) for part in block.strip().split("\n\n"))
    return {name: " ".join(text.split()) for name, text in parts}


FAMOUS = named_texts("""
Declaration: We hold these truths to be self-evident, that all men are created
equal, that they are endowed by their Creator with certain unalienable Rights, that
among these are Life, Liberty and the pursuit of Happiness.

Constitution: We the People of the United States, in Order to form a more perfect
Union, establish Justice, insure domestic Tranquility, provide for the common
defence, promote the general Welfare

Lincoln: Four score and seven years ago our fathers brought forth on this continent,
a new nation, conceived in Liberty, and dedicated to the proposition that all men
are created equal.

Genesis: In the beginning God created the heaven and the earth. And the earth was
without form, and void; and darkness was upon the face of the deep.

Two Cities: It was the best of times, it was the worst of times, it was the age of
wisdom, it was the age of foolishness, it was the epoch of belief

Pride: It is a truth universally acknowledged, that a single man in possession of a
good fortune, must be in want of a wife.

Moby Dick: Call me Ishmael. Some years ago - never mind how long precisely - having
little or no money in my purse, and nothing particular to interest me on shore

Psalm 23: The Lord is my shepherd; I shall not want. He maketh me to lie down in
green pastures: he leadeth me beside the still waters.
""")
OWN = named_texts("""
law: We the Keepers of the river bridge, in order to guard the crossing from harm,
order the toll, forbid the driving of geese, and provide for the mending of planks

speech: Nine winters and a day ago our mothers carried down into this valley a new
lamp, lit in patience, and given to the promise that no child shall read in the
dark.

scripture: In the evening the miller weighed the barley and the salt. And the mill
was without wind, and still; and dust was upon the beard of the miller.

novel: It was the longest of autumns, it was the shortest of autumns, it was the
month of apples, it was the month of wasps, it was the week of the broken ladder

wit: It is a rule seldom written down, that a young woman who has inherited a good
piano must shortly receive a neighbour with a flute.

sea: Name me the ferryman. Last spring - it matters little in which week - having no
boots and only half a loaf, and no great wish to quarrel with my aunt
""")

# %% tags=["words:0.3", "counts:3", "close:0.3", "ledger:B18"]
N_READ = 10
ids = [tokenizer.encode(text) for text in (*FAMOUS.values(), *OWN.values())]
said = generate(
    smol, [[START, *row[:N_READ]] for row in ids], max_new_tokens=16, temperature=0
)
lengths = [
    CopyMeter(row).longest(new).length for row, new in zip(ids, said, strict=True)
]
copied = {"famous": lengths[: len(FAMOUS)], "our own": lengths[len(FAMOUS) :]}
print(dict(zip(FAMOUS, lengths, strict=False)))
for name, runs in copied.items():
    print(f"{name}: longest piece {max(runs)} tokens, on average {mean(runs):.1f}")
assert max(copied["famous"]) >= 6
assert max(copied["our own"]) <= 5

# %% [markdown]
# One text is recited for a while, and then the model drifts away from it. The others
# are hardly recited at all. But is the memory gone? Ask in a kinder way: walk along the
# true text, and at each token see whether the model would have guessed it.


# %%
def surprise(texts):
    """Of each text: -ln p of its tokens (T,), and was each the first guess (T,)?"""
    rows = [[START, *tokenizer.encode(text)] for text in texts]
    tokens, real = chat.padded(rows)  # (B, T)
    log_probs = smol(tokens[:, :-1]).log_softmax(-1)  # (B, T - 1, V)
    targets, real = tokens[:, 1:], real[:, 1:]  # (B, T - 1)
    nats = -log_probs.gather(-1, targets[..., None])[..., 0]  # (B, T - 1)
    hits = log_probs.argmax(-1) == targets  # (B, T - 1)
    return [(nats[i, keep], hits[i, keep]) for i, keep in enumerate(real)]


# %% tags=["close:0.06"]
guessed = {}
for name, texts in (("famous", FAMOUS), ("our own", OWN)):
    found = [hits[N_READ:].float().mean().item()
             for _, hits in surprise(texts.values())]  # fmt: skip
    guessed[name] = mean(found)
    error = stdev(found) / math.sqrt(len(found))
    print(f"{name}: guesses {mean(found):.2f} ± {error:.2f} of the tokens", end=", ")
    print(f"n = {len(found)} texts")
assert guessed["famous"] > guessed["our own"] + 0.12

# %% [markdown]
# The famous texts are half remembered: the memory helps at each step. (Tokens of one
# text depend on each other. So the error is taken from the differences between whole
# texts, the standard deviation of their shares divided by $\sqrt{n}$. And our own texts
# are a little odd, so a part of the difference is that they are harder.) But the memory
# is too weak to go on alone, except in one of the eight.
#
# ### Who does it say it is? *(more)*
#
# A popular story says: without a system prompt, a model says that it is from OpenAI,
# because that is the most probable answer. Ours has a system prompt from its makers. We
# begin the answer for it and look at the next token, with and without that prompt.

# %% tags=["close:0.03", "words:0.3"]
bare = ChatMLTemplate(tokenizer, system="")
print(template.system)
for question, begun in (("Who made you?", "I was made by"),
                        ("What is your name?", "My name is")):  # fmt: skip
    for name, using in (("makers' prompt", template), ("no prompt", bare)):
        row = using.prompt([Message("user", question)]) + tokenizer.encode(begun)
        p = next_logits([row])[0].softmax(-1)  # (V,)
        best = p.topk(4).indices  # (4,)
        told = zip(words(best), p[best], strict=True)
        print(f"{begun} ... ({name}):", ", ".join(f"{w} {x:.2f}" for w, x in told))
        assert p[tokenizer.encode(" OpenAI")[0]] < 1e-3

# %% [markdown]
# The principle of the story is right: a name is one more thing to predict, and no self
# stands behind it. But what is most probable depends on the training texts. OpenAI gets
# less than one in a thousand. With the prompt of its makers the model knows a little of
# Hugging Face (`H` is how that begins) and of SmolLM (`Sm`). And when it is asked for
# its name it plays a character of a story, with the prompt or without it.
#
# So does it not read its system prompt? Write other names into the same sentence, and
# into a sentence of our own, and let it answer freely.

# %% tags=["words:0.4", "close:0.2", "counts:3", "ledger:B27"]
TWENTY = """Pip Zuri Bolo Mira Tansy Otto Kiri Juno Bram Lumi
    Anna Paul Rosa Hugo Vera Emil Nora Felix Clara Eva"""
NAMES = TWENTY.split()
SENTENCES = template.system, "Your name is SmolLM. You are the guide of a zoo."
WHO = "What is your name?", "Who are you?"


def introduces(names):
    """Answers to both sentences with each name in them, the questions in turn."""
    talks = [
        [
            Message("system", sentence.replace("SmolLM", name)),
            Message("user", WHO[i % 2]),
        ]
        for sentence in SENTENCES
        for i, name in enumerate(names)
    ]
    return [a.text for a in chat.answers(smol, template, talks, max_new_tokens=9)]


said = introduces([*NAMES, "SmolLM", "SmolLM"])
takes = []
for sentence, answers in zip(SENTENCES, (said[:22], said[22:]), strict=True):
    takes.append(rate(n in answer for n, answer in zip(NAMES, answers, strict=False)))
    n_smol = sum("SmolLM" in answer for answer in answers[20:])
    print(sentence)
    print(f"   takes {takes[-1]} of 20 names, and SmolLM {n_smol} of 2 times:")
    print(f"   {NAMES[1]}: {answers[1]} ...\n   SmolLM: {answers[20]} ...")
assert 0.1 < takes[1].mean < 0.9

# %% [markdown]
# It does read its prompt, because it takes some of the names. But with both sentences
# it is a minority, and SmolLM, an odd word of three tokens, is not among them: somebody
# called Elena is more probable. A system prompt is not a switch. It is text in front of
# the answer, and it changes probabilities. (In lesson 28 you give the model a name that
# stays.)
#
# ## See it
#
# Now from inside: what do its parts do? A head is written as (layer, head), both
# counted from 0.
#
# ### What does "it" look at?
#
# The best-known picture of attention shows this sentence. From "it" a line goes to
# *animal*; replace *tired* by *wide*, and the line goes to *street*. Does it here? Take
# the weights of all 270 heads from the token "it".


# %%
def look(texts):
    """Weights (B, L, H, T, T) of texts with equally many tokens; the words of each."""
    ids = torch.tensor([[START, *tokenizer.encode(text)] for text in texts])
    weights = lens.attention_weights(smol, ids).movedim(1, 0)  # (B, L, H, T, T)
    return weights, [["(start)", *words(row[1:])] for row in ids]


def best_heads(table, n):
    """The (layer, head) pairs with the largest numbers."""
    return [divmod(i, table.shape[1]) for i in table.flatten().topk(n).indices.tolist()]


# %% tags=["close:0.03", "ledger:C40"]
sentence = "The animal didn't cross the street because it was too"
(tired, wide), (seen_it, _) = look([f"{sentence} tired", f"{sentence} wide"])
it = seen_it.index("it")
animal, street = (tired[..., it, seen_it.index(noun)] for noun in ("animal", "street"))
for name, table in (("animal", animal), ("street", street)):
    top = [f"{head} {table[head]:.2f}" for head in best_heads(table, 3)]
    print(f"from it to {name}: heads {', '.join(top)}")
nobody = ((animal < 0.1) & (street < 0.1)).float().mean()
print(f"heads that give neither a tenth: {nobody:.2f} of {animal.numel()}")
change = (tired[..., it, :] - wide[..., it, :]).abs().max().item()
print(f"tired -> wide changes the look of 'it' by {change:.1f}")
assert change < 1e-4
assert animal.max() > 0.5

# %% [markdown]
# There are heads that look at the animal, and others that look at the street. Most look
# at neither. And *tired* or *wide* changes **nothing**. It cannot: a GPT reads from
# left to right, and when it reads "it", that word has not come yet. (The famous picture
# was made with an *encoder*, a transformer without the causal mask, in which each word
# sees the whole sentence.)
#
# Here is a fairer control: swap the two nouns, and leave all else as it is. A head that
# looks for what is *animate* (a person or an animal) must follow it to the second
# place. A head that looks for the *first noun* must stay. We choose heads on three
# pairs of nouns and look at their numbers on three other pairs: among 270 heads some
# will always look good on the pairs with which they were chosen.

# %%
PAIRS = "animal street, dog window, horse bridge, child door, bird roof, cat box"
nouns = [pair.split() for pair in PAIRS.split(",")]


def from_it(pairs):
    """Mean weights from "it" to the first and to the second noun: (2, L, H)."""
    weights, seen = look([f"The {a} stood near the {b} because it" for a, b in pairs])
    columns = [seen[0].index(pairs[0][0]), seen[0].index(pairs[0][1])]
    return weights[..., -1, columns].mean(0).movedim(-1, 0)


def swapped(pairs):
    """From it to the animate noun (as first, as second), to the thing (the same)."""
    one, two = from_it(pairs), from_it([pair[::-1] for pair in pairs])
    return one[0], two[1], two[0], one[1]


# %% tags=["close:0.04", "ledger:C40"]
live_1, live_2, thing_1, thing_2 = swapped(nouns[:3])  # each (L, H)
follows_life = torch.minimum(live_1, live_2) - torch.maximum(thing_1, thing_2)
follows_place = torch.minimum(live_1, thing_1) - torch.maximum(live_2, thing_2)
chosen = {"animate": best_heads(follows_life, 3), "first": best_heads(follows_place, 3),
          "the picture": best_heads(animal, 1)}  # fmt: skip
fresh = swapped(nouns[3:])
print("weight from it to         animate 1st  2nd   thing 1st  2nd")
for name, heads in chosen.items():
    for head in heads:
        a, b, c, d = (f"{table[head]:.2f}" for table in fresh)
        print(f"{name:12s} {head!s:10s} {a:>13s} {b}  {c:>10s} {d}")
live_1, live_2, thing_1, thing_2 = fresh
alive, ahead, brightest = (heads[0] for heads in chosen.values())
assert live_2[alive] > thing_1[alive] + 0.05
assert thing_1[ahead] > live_2[ahead] + 0.05
assert live_1[brightest] > max(live_2[brightest], thing_1[brightest]) + 0.05

# %% [markdown]
# Both kinds exist, also on nouns that were not used to find them. And the brightest
# head of the picture is a mixture: it looks more at what is animate, *and* more at what
# came first. So a bright line from "it" to *animal* may mean "the animate one", or only
# "the noun in front". One sentence cannot tell; the swapped one can.
#
# And does the model *understand* "it"? Ask it: *What was too tired? The* ... Here, too,
# the nouns must change places. The passive voice does that: *The street wasn't crossed
# by the animal because it was too tired.* A third prompt leaves the story away and asks
# at once, in order to see what the model says by habit.

# %%
TIRED = """animal cross crossed street tired wide, dog climb climbed hill weak steep,
    horse drink drunk water sick cold, child open opened box small heavy,
    bird leave left cage ill locked, cat eat eaten fish full rotten,
    man lift lifted table tired heavy, boy wear worn shirt shy dirty"""
riddles = [riddle.split() for riddle in TIRED.split(",")]
FORMS = {
    "active": "The {0} didn't {1} the {3} because it was too {4}. ",
    "passive": "The {3} wasn't {2} by the {0} because it was too {4}. ",
    "no story": "",
}


def picks_living(form, which):
    """Is the living one more probable? which = 0: it is meant, 1: the thing is."""
    prompts, ids = [], []
    for *story, why_one, why_thing in riddles:
        why = (why_one, why_thing)[which]
        told = FORMS[form].format(*story, why)
        prompts.append(f"{told}What was too {why}? The")
        ids.append([tokenizer.encode(f" {noun}")[0] for noun in (story[0], story[3])])
    both = after(prompts).gather(1, torch.tensor(ids))  # (B, 2)
    return (both[:, 0] > both[:, 1]).tolist()


# %% tags=["close:0.2", "ledger:C40"]
picks = {form: [picks_living(form, which) for which in (0, 1)] for form in FORMS}
print("says the living one, where    it is meant  the thing is meant")
for form, (one, thing) in picks.items():
    print(f"{form:27s} {rate(one)!s:>13s} {rate(thing)!s:>19s}")
found = picks["active"][1] + picks["passive"][1]  # says the living one: wrong here
thing_meant = rate(not living for living in found)
print(f"the thing is meant: correct in {thing_meant}, n = {thing_meant.n}")
assert rate(picks["active"][0]).mean - thing_meant.mean > 0.3

# %% [markdown]
# Who understands the sentences has a large number in the first column and a small one in
# the second. Our model says the living one in most cases, whoever is meant; where the
# thing is meant it is correct less often than a coin. The passive changes a part of it,
# so the order of the nouns matters. And look at the last row: without any story *wide*
# already makes the street likelier than *tired* does. So even the difference between
# the columns is no proof that the story was understood. A map of attention weights
# would not have told you all this: as lesson 15 said, a map is a question, not an
# answer.
#
# ### Which heads copy?
#
# An **induction head** (lesson 15) looks for an earlier position where my token stood,
# and from there one position further: what came next then? It needs no meaning, so test it where
# there is none: random tokens, and then the same tokens again.
#
# ```
# position 1   2   3   4  ...  31  32  33
# token    A   B   C   D  ...   A   B   C ...
#              ^                |
#              +---- looks -----+       "A stood at 1, so B comes next"
# ```

# %%
HALF = 30  # random tokens, twice


def copies(seed):
    """Two texts of random tokens, each said twice: (2, 1 + 2 * HALF)."""
    generator = torch.Generator().manual_seed(seed)
    once = torch.randint(1000, 40_000, (2, HALF), generator=generator)
    return torch.cat([torch.full((2, 1), START), once, once], dim=1)


def induction_scores(weights):
    """(L, B, H, T, T) -> (L, H): the mean weight on what came next last time."""
    queries = torch.arange(HALF + 1, 2 * HALF)  # in the second copy
    goals = queries - HALF + 1  # the token after the same token in the first copy
    return weights[..., queries, goals].mean((1, 3))  # over texts and queries


# %% tags=["close:0.03", "ledger:D11"]
weights = lens.attention_weights(smol, copies(0))  # (L, B, H, T, T)
induction = induction_scores(weights)
circuit = best_heads(induction, 12)
print("induction score:", ", ".join(f"{h} {induction[h]:.2f}" for h in circuit[:5]))
print(f"at even attention it would be about {1 / (1.5 * HALF):.2f};", end=" ")
print(f"median of all heads {induction.median():.2f}")
assert induction[circuit[0]] > 0.8
assert induction[circuit[11]] > 0.2

# %% [markdown]
# Are they only bystanders, or do they *do* the copying? Switch the twelve best off.
# There are two ways: let a head add nothing (**zero ablation**), or let it add its mean
# over a text (**mean ablation**). The second is fairer, because the layers above are
# used to something from it. This is where the switch sits:
#
# ```
# stream --> 9 heads --> what they found, side by side --> W_o --> added to the stream
# (T, C)                 (T, 9, 64)                        (T, C)
#                           |
#                        heads 6 and 7: the same 64 numbers at each position
# ```
#
# Torch lets us reach in with a **hook**, a function that sees the input of a part and
# may return another one.


# %%
def switch_off(layer, heads, means):
    """From now on these heads of a layer say their mean, until .remove()."""

    def hook(module, inputs):
        found = inputs[0].unflatten(-1, means.shape[1:]).clone()  # (B, T, H, D)
        found[..., heads, :] = means[layer, heads]
        return found.flatten(-2)  # (B, T, C)

    return smol.blocks[layer].attention.proj.register_forward_pre_hook(hook)


MARKET = named_texts("""
market: On Saturday the market comes to our street. The first carts arrive before it
is light, and by seven o'clock you can buy apples, honey, wool, and a kind of cheese
that nobody takes home twice. My brother always goes to the man who mends clocks. He
has no clock that needs mending, but he likes to listen. The man says that every
clock has a voice, and that most of them complain about the cold.
""")["market"]
market_ids = torch.tensor([[START, *tokenizer.encode(MARKET)]])  # (1, T)
means = lens.head_means(smol, market_ids)  # (L, H, D)
few = market_ids[:, :20]
handle = switch_off(18, [6, 7], means)
by_hand = smol(few)
handle.remove()
with lens.heads_off(smol, [(18, 6), (18, 7)], means):
    torch.testing.assert_close(smol(few), by_hand)
assert (by_hand - smol(few)).abs().max() > 0.01
print("by hand = course_lib.lens.heads_off, and it changes the logits")

# %% [markdown]
# We measure on new random tokens, not on those with which the heads were chosen: the
# loss on the first copy and on the second one. And on a text with invented names that
# come back: there we count apart the tokens that stood behind the same token before.
# The control: as many other heads, drawn at random *from the same layers*, three times.

# %%
LAKE = named_texts("""
lake: The village of Quillantera lies by a lake. Tilda Wyndraborga has a boat there.
On Sundays Tilda Wyndraborga rows across the lake to Ostromersk and sells fish. The
people of Ostromersk like fish, and they like Tilda Wyndraborga. In the evening
Tilda Wyndraborga leaves Ostromersk and rows home to Quillantera.
""")["lake"]
ids = tokenizer.encode(LAKE)
pairs = list(zip([START, *ids], ids, strict=False))
again = torch.tensor([pair in pairs[:i] for i, pair in enumerate(pairs)])  # (T,)
test = copies(1)  # (B, 1 + 2 * HALF), new random tokens


def losses(heads=(), means=None):
    """First copy, second copy, names that come back, other words; nats a token."""
    with lens.heads_off(smol, heads, means):
        log_probs = smol(test[:, :-1]).log_softmax(-1)  # (B, 2 * HALF, V)
        lake = surprise([LAKE])[0][0]  # (T,)
    nats = -log_probs.gather(-1, test[:, 1:, None])[..., 0]  # (B, 2 * HALF)
    parts = nats[:, :HALF], nats[:, HALF + 1 :], lake[again], lake[~again]
    return [part.mean().item() for part in parts]


def others(heads, seed):
    """As many other heads of the same layers, drawn at random."""
    dice, drawn = random.Random(seed), []
    for layer, n in Counter(layer for layer, _ in heads).items():
        free = [(layer, h) for h in range(9) if (layer, h) not in [*circuit, *heads]]
        drawn += dice.sample(free, n)
    return drawn


# %% tags=["close:0.6", "ledger:D11"]
runs = {"all heads on": losses(), "12 induction heads zero": losses(circuit)}
runs["12 induction heads mean"] = losses(circuit, means)
for seed in range(3):
    runs[f"12 others mean, seed {seed}"] = losses(others(circuit, seed), means)
print(f"{'':25s} first second  names other words")
for name, row in runs.items():
    print(f"{name:25s}", "  ".join(f"{nats:5.2f}" for nats in row))
print(f"names: {int(again.sum())} tokens, other words: {int((~again).sum())}")
on, off = runs["all heads on"], runs["12 induction heads mean"]
assert on[0] - on[1] > 8  # the second copy is nearly free
assert off[1] - on[1] > 6  # and no longer so without the twelve
assert off[2] - on[2] > 2.5
assert abs(off[3] - on[3]) < 1
assert all(runs[f"12 others mean, seed {i}"][1] < on[1] + 3 for i in range(3))

# %% [markdown]
# Compare the first three rows. Without the twelve heads, the loss on the second copy
# jumps back almost to that of random tokens, and the names that come back must be
# guessed anew. The other words hardly suffer. And the control: when twelve other heads
# of the same layers are missing, the copy gets a little worse and is still made. So
# these twelve heads do the copying, and in these texts they do little else.
#
# (The loss on the first copy is more than $\ln 49{,}152 = 10.8$, which a model without
# any opinion would have. This model always has one: it expects text, gets random
# tokens, and pays for it.)
#
# ### What do the copying heads need?
#
# The trick needs a second kind of head: one that looks at the **token before**. It
# brings each place its left neighbour, so that a later head can look for it. Let us
# find such heads, switch each of the best three off, and see what becomes of the copy
# *and of the induction heads*.

# %% tags=["close:0.3", "ledger:D11"]
before = weights.diagonal(-1, 3, 4)[..., 1:].mean((1, 3))  # (L, H)
helpers = best_heads(before, 3)
needs = {}
print("switched off       looks back  second copy   scores of the best 3 copying heads")
for heads in ([], *([helper] for helper in helpers), others(helpers, 0)):
    with lens.heads_off(smol, heads, means):
        log_probs = smol(test[:, :-1]).log_softmax(-1)
        scores = induction_scores(lens.attention_weights(smol, test))
    nats = -log_probs.gather(-1, test[:, 1:, None])[..., 0]
    needs[tuple(heads)] = nats[:, HALF + 1 :].mean().item()
    name = {0: "nothing", 1: str(heads[0]) if heads else ""}.get(len(heads), "3 others")
    back = f"{before[heads[0]]:.2f}" if len(heads) == 1 else "-"
    three = " ".join(f"{scores[head]:.2f}" for head in circuit[:3])
    print(f"{name:18s} {back:>10s} {needs[tuple(heads)]:12.2f}   {three}")
assert needs[(helpers[0],)] > needs[()] + 3
assert needs[(helpers[1],)] < needs[()] + 3

# %% [markdown]
# One head carries it. Without the best token-before head the copying heads above it do
# not find their place any more: their scores collapse, and with them the copy. The
# other two look back nearly as well, and this circuit does not use them: a map of
# attention had put all three on one list. So here is the **circuit** of lesson 15 in a
# real model: first bring each place its left neighbour, then look for it.
#
# ### Where do all the others look?
#
# Many heads seem to do nothing at all: they look at the very first token. This is
# called an **attention sink** (Xiao and others 2023). Four habits, all 270 heads:

# %% tags=["close:0.03", "ledger:D11"]
sink = weights[..., 2:, 0].mean((1, 3))  # (L, H): weight on the first token
in_prose = lens.attention_weights(smol, market_ids)[..., 2:, 0].mean((1, 3))  # (L, H)
for name, table in (("random tokens", sink), ("the market text", in_prose)):
    print(f"{name}: mean weight on the first token {table.mean():.2f};", end=" ")
    print(f"more than half in {(table > 0.5).float().mean():.2f} of the heads")
assert sink.mean() > 0.3
plot_head_maps(
    {"first token": sink, "token before": before, "after last time": induction,
     "it to animal": animal},
    "On random tokens half of the heads rest at the first one",
    marked={"token before": helpers[:1], "after last time": circuit[:3],
            "it to animal": best_heads(animal, 2)},
)  # fmt: skip

# %% [markdown]
# Frames mark the head that looks at the token before, and three heads that copy. The
# one stands *below* the others, as it must, because layers only read what lower layers
# have written. (The first layers, and layer 11, have hardly any sink: not every layer
# does what most do, and we do not know why.)
#
# ### Why do so many heads look at the first token? *(more)*
#
# Softmax makes the weights of a head sum to 1: a head that finds nothing must still
# look somewhere. What does it bring home from the first token? Compare the length of
# the value vectors.

# %% tags=["close:0.1"]
lengths = []


def keep_values(module, inputs):
    values = module.heads(*inputs[:2])[2]  # (B, H, T, D)
    lengths.append(values.norm(dim=-1).mean((0, 1)))  # (T,)


layers = [block.attention for block in smol.blocks]
hooks = [layer.register_forward_pre_hook(keep_values) for layer in layers]
smol(few)
for hook in hooks:
    hook.remove()
lengths = torch.stack(lengths)  # (L, T)
ratio = (lengths[:, 0] / lengths[:, 1:].mean(1)).median()
print(f"the first token's value is {ratio:.2f} times as long as the others", end=" ")
print("(median of the layers)")
assert ratio < 0.5

# %% [markdown]
# The first token's value is short: adding it changes little. So the sink is a resting
# place: looking there is how a head says "nothing for me here".
#
# ### When does the answer come up? *(more)*
#
# The **logit lens** (lesson 15) lets each layer answer: the **residual stream**
# (elsewhere: hidden state) after each block goes straight through the last norm and the
# unembedding. We do it by hand for eight facts. Beside the probability of the true
# token we keep its **rank**: 1 means that it is the best of all 49,152.

# %% tags=["close:0.05", "counts:1"]
FACTS = {
    "The capital of France is": " Paris",
    "The opposite of hot is": " cold",
    "The author of Hamlet is William": " Shakespeare",
    "Two plus two equals": " four",
    "The capital of Japan is": " Tokyo",
    "The first president of the United States was George": " Washington",
    "Monday, Tuesday, Wednesday,": " Thursday",
    "The largest planet in our solar system is": " Jupiter",
}
rows = [[START, *tokenizer.encode(text)] for text in FACTS]
tokens, real = chat.padded(rows)  # (B, T)
stream = lens.residual_stream(smol, tokens)  # (31, B, T, C)
last = stream[:, torch.arange(len(rows)), real.sum(1) - 1]  # (31, B, C)
probs = (smol.norm(last) @ smol.embedding.weight.T).softmax(-1)  # (31, B, V)
targets = [tokenizer.encode(answer)[0] for answer in FACTS.values()]
p = torch.stack([probs[:, i, target] for i, target in enumerate(targets)])  # (B, 31)
rank = (probs.transpose(0, 1) > p[..., None]).sum(-1) + 1  # (B, 31)
print("p at the end   best from block")
for i, (text, answer) in enumerate(FACTS.items()):
    best = (rank[i] == 1).tolist()
    since = best.index(True) if any(best) else "never"
    print(f"{p[i, -1]:12.2f}   {since!s:>15s}  {text}{answer}")
print(f"best at the end: {rate((rank[:, -1] == 1).tolist())}, n = {len(FACTS)}")
assert p[:, :20].max() < 0.1

# %% tags=["close:2", "counts:600"]
drawn = [0, 1, 3, 5]
answers = [answer.strip() for answer in FACTS.values()]
plots.plot_curves(
    {answers[i]: (range(31), rank[i].tolist()) for i in drawn},
    "The answer climbs through the last layers before it is said",
    xlabel="blocks read",
    ylabel="rank of the true token (logarithmic)",
    ticks=range(0, 31, 5),
    log_y=True,
)

# %% [markdown]
# For about twenty layers the lens hardly sees the answer: hundreds or thousands of
# tokens come first. Then its rank climbs, and only in the last layers it has a
# probability that one would notice. This does not mean that the layers below are idle. They
# work in a code that the last norm and the unembedding cannot read.
#
# ## Compare with torch
#
# The surprise of a token was computed by hand, too. Torch's cross-entropy must give the
# same.

# %%
logits = smol(few[:, :-1])[0]  # (T, V)
nats = torch.nn.functional.cross_entropy(logits, few[0, 1:], reduction="none")
by_hand = surprise([tokenizer.decode(few[0, 1:].tolist())])[0][0]
torch.testing.assert_close(nats, by_hand, rtol=1e-4, atol=1e-4)
print("by hand = torch")

# %% [markdown]
# ### Against gzip: how well does it know kinds of text? *(more)*
#
# A model that predicts is a compressor (lesson 9): a token with probability p costs
# $-\log_2 p$ bits. Divide the sum by the number of **bytes**, so that tokenizers do not
# matter. All texts are written by the course, so that no text can be remembered as a
# whole.
#
# The rivals start from nothing, as gzip does: zlib (what gzip uses), and an n-gram over
# bytes that counts while it reads and mixes its contexts (**interpolation**, in the way
# of Witten and Bell: after a context that has been followed by many different bytes it
# trusts the shorter context more). Which length of context is best? We try four, and
# each text gets its best one.


# %%
def byte_ngram(data, order):
    """Bits per byte of a table that learns while it reads."""
    counts, bits = {}, 0.0
    for i, byte in enumerate(data):
        p, contexts = 1 / 256, [data[i - k : i] for k in range(min(order, i) + 1)]
        for context in contexts:  # the short ones first
            seen = counts.setdefault(context, Counter())
            kinds = len(seen)
            if kinds:
                p = (seen[byte] + kinds * p) / (seen.total() + kinds)
        bits -= math.log2(p)
        for context in contexts:
            counts[context][byte] += 1
    return bits / len(data)


def bits_per_byte(text):
    return surprise([text])[0][0].sum().item() / math.log(2) / len(text.encode())


# %%
CODE = '''def geese_on_the_bridge(wagons, per_wagon):
    """How many geese cross when each wagon scares half of them away."""
    geese = per_wagon * len(wagons)
    for wagon in wagons:
        if wagon.squeaks:
            geese -= geese // 2
    return geese


def toll(wagons, price=3):
    """What the miller pays, in cheese, for wagons that do not squeak."""
    return sum(price for wagon in wagons if not wagon.squeaks)
'''
GERMAN = named_texts("""
Markt: Am Samstag kommt der Markt in unsere Straße. Die ersten Wagen kommen, bevor
es hell ist, und um sieben Uhr kann man Äpfel, Honig und Wolle kaufen, und eine
Sorte Käse, die niemand zweimal nach Hause trägt. Mein Bruder geht immer zu dem
Mann, der Uhren repariert. Er hat keine Uhr, die man reparieren müsste, aber er hört
gern zu.
""")["Markt"]
tiny = world.World(seed=0)
documents = [tiny.document(i, "val") for i in range(3)]
seeded = random.Random(0)
LETTERS = "abcdefghijklmnopqrstuvwxyz "
texts = {
    "prose": MARKET,
    "code": CODE,
    "German": GERMAN,
    "Tiny World": "\n".join(world.render(d.words[:-1]) for d in documents),
    "random letters": "".join(seeded.choice(LETTERS) for _ in range(200)),
}

# %% tags=["close:0.03", "counts:2"]
table = {}
print(f"{'bits per byte':15s} SmolLM2  n-gram  (order)   zlib")
for name, text in texts.items():
    data = text.encode()
    order = min(range(1, 5), key=lambda n, data=data: byte_ngram(data, n))
    packed = 8 * len(zlib.compress(data, 9)) / len(data)
    table[name] = [bits_per_byte(text), byte_ngram(data, order), packed]
    ours, counted_, gzip = table[name]
    print(f"{name:15s} {ours:7.2f} {counted_:7.2f} {order:8d} {gzip:7.2f}")
floor = math.log2(len(LETTERS))
print(f"random letters: nobody can be below {floor:.2f} on average")
for name, (ours, *rivals) in table.items():
    assert ours < min(rivals) - 0.5 or name == "random letters"
assert abs(table["random letters"][0] - table["random letters"][2]) < 0.8
assert table["code"][0] < table["German"][0]
assert table["prose"][0] < table["German"][0]

# %% [markdown]
# English prose costs the model about a quarter of what zlib needs. German costs about
# twice as much as English: its makers trained it on English. Random letters cannot be
# predicted, nobody is below the entropy, and there the large model has next to no
# advantage.
#
# Words of caution. This is one text of each kind. The rivals have seen nothing but
# these few hundred bytes, so they are handicapped: on a long text they improve. And to
# unpack a text, the receiver needs the model, too. Now let a specialist read the same
# text: the GPT of Tiny World from lesson 16.

# %% tags=["close:0.03"]
base = world.load_base()
END = world.encode([world.EOT])[0]
bits = 0.0
for document in documents:
    tokens = torch.tensor([END, *world.encode(document.words)])
    with torch.no_grad():
        log_probs = base(tokens[None, :-1])[0].log_softmax(-1)
    bits -= log_probs.gather(1, tokens[1:, None]).sum().item() / math.log(2)
special = bits / len(texts["Tiny World"].encode())
sizes = [sum(p.numel() for p in model.parameters()) for model in (smol, base)]
print(f"Tiny World: SmolLM2 {table['Tiny World'][0]:.2f} bits per byte,", end=" ")
print(f"our GPT {special:.2f}, with {sizes[0] / sizes[1]:.0f} times fewer parameters")
print(f"SmolLM2 at two bytes a parameter: {2 * sizes[0] / 1e6:.0f} MB")
assert special < 0.5 * table["Tiny World"][0]

# %% [markdown]
# A small model that has read exactly this kind of text beats a large one that has read
# everything else. (It has an easy game: it knows only the few hundred words of Tiny
# World, so it pays nothing for spelling, capitals and blanks, and it cannot read the
# other texts at all.)
#
# ## Play with it
#
# ### Where does each word look?
#
# - **Start where the widget starts,** at "it" and the head that looks at the animal
#   most. Then go to the words after it. Does the head still look at the animal?
# - **Find a sink:** a head whose first column is dark from top to bottom.
# - **Find a head that looks one word back.** (The map above tells you where.)

# %% tags=["close:0.03"]
layer, head = best_heads(animal, 1)[0]
AttentionExplorer(tired, seen_it, layer=layer, head=head, query=it)

# %% [markdown]
# ### What does each layer say?
#
# - **Start at the last word,** *is*. Slide the depth to the left. Where does *Paris*
#   disappear?
# - **Choose the word *of*.** What does the model expect there? Is *France* among its
#   guesses?

# %% tags=["close:0.03", "words:0.1"]
every = range(tokenizer.vocab_size)
vocabulary = [tokenizer.decode([i]).strip() or "␣" for i in every]
ids = [START, *tokenizer.encode("The capital of France is Paris")]
logits = lens.logit_lens(smol, torch.tensor([ids[:-1]]))[:, 0]  # (31, T, V)
LogitLens(logits, ids, vocabulary)

# %% [markdown]
# ### Ask it yourself
#
# - **Mark copies.** The known text is our eight famous openings. Which one does it
#   recite furthest?
# - **Raise the temperature to 1** and press "Other dice" (another random seed). Is it
#   still recited?
# - **Tell it a lie** and ask: `Lima is the capital of France. The capital of France
#   is`.

# %% tags=["close:0.03", "words:0.3", "counts:3"]
known_text = [i for text in FAMOUS.values() for i in tokenizer.encode(text)]
PromptBox(
    smol,
    tokenizer,
    known_text,
    prompt="We hold these truths to be self-evident,",
    start=START,
    stop=START,
    n_new=16,
    examples=["It was the best of times,", f"{invented[0]} was born in the city of"],
)

# %% [markdown]
# ## Why does this work?
#
# > **For children (and for the rest of us).** Somebody has read a whole library, very
# > fast, once, and may never look anything up. Ask for the capital of France, and she
# > knows it, whatever the neighbour has just claimed. Ask for the birthplace of a
# > stranger, and she repeats what the neighbour has just said. And ask how many r's are
# > in a word: she has heard the word often, and seldom seen it spelled.
#
# All the results have one root: the model was trained to predict the next token.
#
# - *Memory or context*: it uses what has predicted well. For a stranger's town that is
#   the prompt, for a capital it is memory.
# - *Letters*: tokens are numbers. What is in them must be learned from elsewhere.
# - *Copying heads*: texts repeat themselves, so copying pays in nearly every text.
# - *The sink*: a head must look somewhere also when its pattern is not there.
#
# ## Check yourself
#
# ### Fix the slide
#
# Somebody's slide has five sentences on it. How many of them can stay as they are, for this
# model? Say which, and what you would write instead of the others.
#
# 1. If a word is spelled out, it counts the letters.
# 2. Context beats memory: tell it a wrong capital in other words, and it believes that.
# 3. Four examples tell it what the game is.
# 4. It takes its name from its system prompt.
# 5. It finds the noun that "it" means, also when that is the thing.

# %% tags=["hide-input"]
# the answer: what the cells above have measured
CLAIMS = {
    "1 counts letters": letters["spelled out"],
    "2 context beats memory": capitals["other words"],
    "3 learns from examples": few_shot[4],
    "4 takes names": takes[0],
    "5 finds the thing": thing_meant,
}
Predict(
    "How many of the five sentences can stay?",
    1,
    because="; ".join(f"{claim}: {share}" for claim, share in CLAIMS.items()),
)

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Only the third can stay. Instead of the second one should say: *it repeats what it is told in
# the same words where it knows nothing.* The fourth holds for some names and not for SmolLM.
# The first and the fifth are false for this model; of a larger one you must ask again.
#
# </details>
#
# ### Questions
#
# **1.** A friend shows you one sentence in which head (3, 8) looks from "it" to the
# animal. What would you ask for?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# The same sentence with the nouns swapped; several sentences; how many heads were
# looked through to find this one (270: some will always look good), and its number on
# sentences that were not used to find it; and what breaks if the head is switched off.
#
# </details>
#
# **2.** Ten answers of a model agree. What do you know, and what do you not know?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# That the model is sure. Not that it is right: see the birthplaces. Different answers
# are the stronger sign: then it guesses.
#
# </details>
#
# **3.** Three heads look at the token before. How do you find out which of them the
# copying heads need?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Not from their maps, which look alike. Switch each one off alone, and see what becomes
# of the copying heads above it and of the loss on the second copy. As a control switch
# other heads of the same layers off.
#
# </details>

# %% tags=["hide-input"]
# do the folded answers of this page still hold?
assert max(admitted.mean, ruled.mean) < 0.3
assert few_shot[4].mean > max(takes[0].mean, thing_meant.mean) + 0.2

# %% [markdown]
# ## Recap
#
# - **Idea.** Test a story about a model with a number, a control and an error bar. This
#   real, small model cannot count letters, repeats what it is told about strangers,
#   learns a game from one example, copies by a circuit of induction heads, rests at a
#   sink, and is a good compressor of what it has read.
# - **Formula.** Share $\pm \sqrt{p(1-p)/n}$; bits per byte = $\sum_t -\ln p_t / (\ln 2
#   \cdot \text{bytes})$; induction score = mean weight from a token to what followed it
#   last time.
# - **Pitfall.** One striking example proves nothing: swap the nouns, draw random heads
#   of the same layers, take texts that nobody has read, and test on other cases than
#   those with which you have chosen.
#
# | here | shape | elsewhere |
# |---|---|---|
# | attention weights | (L, B, H, T, T) | attention pattern |
# | `head_means` | (L, H, D) | what mean ablation puts in |
# | logit lens | (L + 1, B, T, V) | direct unembedding of the residual stream |
# | induction score | (L, H) | prefix-matching score |
#
# - **In the library:** `course_lib.lens` (`attention_weights`, `head_means`,
#   `heads_off`, `logit_lens`), `course_play.head_maps`, `course_lib.chat` (`rate`,
#   `answers`).
#
# **Homework:** [Homework 27](homework/hw27.ipynb), about 40 minutes. A badge under each
# check says at once whether your answer is right.
#
# **Next:** [28. Teach it something](28_teach_it_something.ipynb). Now you change it: it
# learns to say "I do not know" when it should, and a name that stays.
