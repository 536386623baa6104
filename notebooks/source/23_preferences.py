# %% [markdown]
# # 23. Preferences, and the whole pipeline
#
# **How does a model learn what people like?**
#
# The assistant of lessons 20 and 21 learned from examples of good answers. But nobody
# can write down the best name, or the kindest answer. People can do something easier:
# say which of two they like better. This lesson learns from that.
#
# - **You will** choose names; build a reward model, a policy gradient with its leash,
#   and DPO by hand; watch a reward being hacked; mend an assistant's manners; and see
#   the whole way from nothing to an assistant on one page.
# - **You need** lesson 7 (names), lesson 5 (KL) and lessons 20 and 21.
# - **Time** 90 minutes, of which the machine needs less than two.
# - **Back** [21. Hallucination](21_hallucination.ipynb) · **Next** the capstone, at the
#   end of this page

# %%
import copy
import math
import random
from dataclasses import replace
from itertools import pairwise
from statistics import mean

import torch
from torch.nn import functional as F

import tiny_world as world
from course_lib import batches, gpt, mlp, names
from course_lib import preferences as pref
from course_lib.train import TrainConfig, train
from course_play import plots
from course_play.reveal import reveal
from course_play.widgets import PreferenceButtons, RewardFrontier, StageSwitcher
from course_play.widgets.reward_frontier import FrontierPoint
from tiny_world import assistant
from tiny_world.assistant import stages
from tiny_world.assistant.report import world_gap
from tiny_world.assistant.voices import voice_of

torch.set_printoptions(precision=4, sci_mode=False)
END = names.END  # the dot: before a name and after it

# %% tags=["close", "words:0.4"]
# lesson 7's name generator; NameSequences reads whole names: (B, T) to (B, T, V)
splits = names.split_names(names.load_names())
X, Y = names.windows(splits.train, context_size=3)
model = mlp.NameMLP(mlp.NameMLPConfig(), torch.Generator().manual_seed(0))
recipe = TrainConfig(steps=600, learning_rate=0.01, schedule="linear")
*_, record = train(model, batches.mini_batches(X, Y, batch_size=256), recipe)
base = pref.frozen_copy(pref.NameSequences(model))  # stays as it is


def draw(model, n, seed):
    """n names as tokens, the end mark included, cut off at 20 letters."""
    return pref.sample_sequences(model, [[END]] * n, seed, end=END, max_new_tokens=20)


def text(name):
    return names.decode(name).rstrip(".")


print(
    f"loss {record.loss_nats:.1f};", ", ".join(text(name) for name in draw(base, 5, 0))
)

# %% [markdown]
# ## Predict first
#
# Its names have one or two letters `a`. Suppose that people like names with an `a`, so
# somebody **rewards** each `a` with one point, and trains the model for a high reward:
# 60 rounds of 64 names. **How many letters `a` does its average name have then?** (A name
# is cut off after 20 letters.)

# %%
my_guess = None


# %%
def count_a(prompts, answers):
    return [float(answer.count(names.encode("a")[0])) for answer in answers]


def sampler(model, prompts, seed):
    return draw(model, len(prompts), seed)


fond_of_a = copy.deepcopy(base).requires_grad_(True)
how = {"prompts_per_step": 1, "samples_per_prompt": 64, "learning_rate": 3e-3}
config = pref.PolicyConfig(steps=60, beta=0.0, **how)
*_, record = pref.train_policy(fond_of_a, base, [[END]], count_a, sampler, config)
before, after = ([text(a) for a in draw(m, 100, 1)] for m in (base, fond_of_a))
also = f"letters a in a name before: {mean(a.count('a') for a in before):.1f}"
for when, said in (("before", before), ("after", after)):
    also += f"\n{when}: {len(set(said))} different names of 100, such as {said[0]}"
print(reveal(my_guess, record.measures["reward"], digits=0, also=also))

# %% [markdown]
# <details style="margin-bottom: 1em"><summary>After your guess</summary>
#
# Twenty letters is where `draw` cuts a name off: it would go on.
#
# </details>
#
# A model gives you what you reward, not what you meant. So the lesson has two halves:
# *find out* what people like, and *do not trust* what you found.
#
# ## Build it by hand
#
# ### Which one?
#
# You choose (keys `a`, `b`, space for "cannot say"). Then run the cells below. Twelve
# choices are few, so for the others we simulate a person with a secret **taste**. People
# are not always sure: the better name wins with probability
# $\sigma(\text{difference} / 0.5)$, where $\sigma(x) = 1 / (1 + e^{-x})$.

# %% tags=["words:0.4"]
assert len(set(after)) < 10  # what the reward has made of them
pool = [text(name) for name in draw(base, 1000, 0) if name[-1] == END]
couples = [(a, b) for a, b in zip(pool[::2], pool[1::2], strict=False) if a != b]
buttons = PreferenceButtons([("A name, please.", a, b) for a, b in couples[:12]])
buttons


# %% tags=["ledger:B32", "counts:3", "words:0.2"]
def taste(name):
    """Ends in a or i; three to seven letters; no letter twice in a row."""
    twins = sum(x == y for x, y in pairwise(name))
    length = 0.5 * max(0, len(name) - 7) + max(0, 3 - len(name))
    return 2.0 * name.endswith(("a", "i")) - length - twins


dice = random.Random(0)
chosen = [(pair.chosen, pair.rejected) for pair in buttons.pairs]  # yours come first
sure = []  # how often the person agrees with their own taste
for a, b in couples[12:]:
    p = 1 / (1 + math.exp(-(taste(a) - taste(b)) / 0.5))
    chosen.append((a, b) if dice.random() < p else (b, a))
    sure.append(max(p, 1 - p))
as_tokens = [[names.encode(f"{name}.") for name in pair] for pair in chosen]
pairs = [pref.Pair([END], good, bad) for good, bad in as_tokens]
learn, held = pairs[:-120], pairs[-120:]
print(f"{len(pairs)} pairs, such as {chosen[-1][0]} before {chosen[-1][1]}")
print(f"nobody can foresee more than {mean(sure):.0%} of the choices")

# %% [markdown]
# A chat that asks "which answer do you prefer?" collects such pairs. What is done with
# them is a second question: a reward model, or DPO.
#
# ### A reward model
#
# Give each name one number, its **reward** $r$. **Bradley and Terry** (1952) said: A
# beats B with probability $\sigma(r_A - r_B)$. The loss is the cross-entropy of that.
# Only differences count: add 100 to all rewards and nothing changes.
#
# The reward model is the language model's own body with a new head of one output. The
# head starts at zero, so the loss starts at exactly ln 2. The simplest way to use it
# changes no weight: draw several names, keep the best. That is **best-of-n**. It works
# well, and every answer costs n draws, for ever.

# %%
r_chosen, r_rejected = torch.tensor([2.0, 0.5, 1.0]), torch.tensor([1.0, 0.5, 3.0])
p = 1 / (1 + torch.exp(-(r_chosen - r_rejected)))
by_hand = -p.log().mean()
torch.testing.assert_close(by_hand, pref.bradley_terry_loss(r_chosen, r_rejected))
torch.testing.assert_close(-p[1].log(), torch.tensor(math.log(2)))  # equal: a coin
-p.log()

# %% tags=["ledger:B21", "close:0.3", "counts:4"]
judge = pref.RewardModel(base, 64, pool="mean").requires_grad_(True)
config = pref.RewardConfig(steps=150, learning_rate=3e-3)
losses = [record.loss_nats for record in pref.train_reward(judge, learn, config)]
accuracy = pref.reward_accuracy(judge, held)
print(f"first loss {losses[0]:.4f}, ln 2 = {math.log(2):.4f}")
print(f"held-out pairs in the right order: {accuracy:.0%}")
assert abs(losses[0] - math.log(2)) < 1e-6
assert accuracy > 0.65


def learned(prompts, answers):
    return pref.rewards_of(judge, prompts, answers)


drawn = draw(base, 50 * 16, seed=5)
marks = torch.tensor(learned([[END]] * len(drawn), drawn)).view(50, 16)
for n in (1, 4, 16):
    best = marks[:, :n].argmax(dim=1).tolist()
    liked = mean(taste(text(drawn[16 * i + j])) for i, j in enumerate(best))
    print(f"best of {n:2d}: true taste {liked:.1f}")

# %% [markdown]
# ### No gradient flows through words
#
# We want the model itself to change. (A model that is trained by what it does is called
# a **policy**.) Can we not just go uphill? No, says the first cell, with three answers
# instead of names: drawing is a throw of dice, and dice have no slope.
#
# But the *probability* of what was drawn has one. The slope of the expected reward is
# the average of $r \cdot \nabla \log p$ over what was drawn: **REINFORCE** (Williams
# 1992). With three answers it can also be computed exactly; the second cell does both.

# %%
logits = torch.tensor([1.0, 0.0, -1.0], requires_grad=True)
rewards = torch.tensor([0.0, 3.0, 1.0])  # of answers 0, 1 and 2
p = logits.softmax(0)
generator = torch.Generator().manual_seed(0)
drawn = torch.multinomial(p, 8, replacement=True, generator=generator)
try:
    rewards[drawn].mean().backward()
except RuntimeError as error:
    print(error)

# %% tags=["ledger:B30", "close"]
(exact,) = torch.autograd.grad((p * rewards).sum(), logits)
drawn = torch.multinomial(p, 20000, replacement=True, generator=generator)
score = F.one_hot(drawn, 3) - p.detach()  # gradient of log p of each drawn answer
for label, advantage in (
    ("reward", rewards[drawn]),
    ("reward - mean", rewards[drawn] - rewards[drawn].mean()),
):
    each = advantage[:, None] * score
    torch.testing.assert_close(each.mean(0), exact, rtol=0, atol=0.05)
    noise, slope = each.std(0).norm(), each.mean(0)[1]
    print(f"{label:13s} noise {noise:.1f}, gradient at answer 1: {slope:.1f}")
print(f"exact                    gradient at answer 1: {exact[1]:.1f}")

# %% [markdown]
# > **For children (and for the rest of us).** A dog does tricks at random. The more you
# > like a trick, the more biscuits it gets. It does the well-paid ones more often. You
# > need not know *how* it does them. But it will also learn to beg.
#
# Minus the mean is better. On average $\nabla \log p$ is 0, so the gradient stays and
# the noise falls. "Better than usual" is praised, "worse than usual" is scolded: that
# difference is the **advantage**.
#
# ### The leash
#
# To keep the model near its start, make it pay for each nat of divergence; `beta` is the
# price. The KL of the next letter is a sum over the whole alphabet, exact at each place.
# Only the places are drawn. (The loss does not count that a changed policy visits other
# places: a usual short cut.)


# %%
def reinforce(reward, beta, steps=60, n=64):
    policy = copy.deepcopy(base).requires_grad_(True)
    optimizer = torch.optim.AdamW(policy.parameters(), lr=3e-3, weight_decay=0.0)
    for step in range(steps):
        answers = draw(policy, n, seed=step)
        r = torch.tensor(reward([[END]] * n, answers))
        rows = pref.rows_of([[END]] * n, answers)
        now = pref.scored(policy, rows)  # ln p of all letters; .total: of whole names
        with torch.no_grad():
            old = pref.scored(base, rows)
        kl = (now.log_probs.exp() * (now.log_probs - old.log_probs)).sum(-1)
        kl = (kl * now.loss_mask).sum(1)  # nats per name
        loss = (beta * kl - (r - r.mean()) * now.total).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return policy


betas = (0.0, 0.1, 0.3, 0.5, 1.0, 2.0)
policies = {beta: reinforce(learned, beta) for beta in betas}

# %% [markdown]
# Before we look at these six, the other way.
#
# ### DPO
#
# **Direct preference optimisation** (Rafailov and others 2023) needs no reward model
# and draws nothing. Take ln p of a whole answer, the sum over its letters. By how many
# nats has the policy raised the chosen answer above the frozen **reference**? And the
# rejected one? The difference is the **margin**. Put `beta` times the margin into
# Bradley and Terry's loss. (It is the `beta` of the leash: see "Why does this work?".) At
# the start policy and reference agree, all margins are 0, and the loss is ln 2, whatever
# the pairs.
#
# The model does not choose: people chose, and its probabilities follow.


# %% tags=["ledger:B31"]
def dpo(policy, reference, pairs, beta):
    rows = pref.pair_rows(pairs)  # the chosen ones, then the rejected ones
    chosen, rejected = pref.scored(policy, rows).total.chunk(2)
    with torch.no_grad():
        old_chosen, old_rejected = pref.scored(reference, rows).total.chunk(2)
    margin = (chosen - old_chosen) - (rejected - old_rejected)
    return -F.logsigmoid(beta * margin).mean()


by_dpo = copy.deepcopy(base).requires_grad_(True)
first = dpo(by_dpo, base, learn, beta=0.1).item()
print(f"{first:.4f} = ln 2")
assert abs(first - math.log(2)) < 1e-6

# %% tags=["close:0.5"]
optimizer = torch.optim.AdamW(by_dpo.parameters(), lr=1e-3, weight_decay=0.0)
for step in range(150):
    batch = random.Random(step).choices(learn, k=32)
    loss = dpo(by_dpo, base, batch, beta=0.1)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def look(policy):
    answers = draw(policy, 1000, seed=9)
    rows = pref.rows_of([[END]] * 1000, answers)
    with torch.no_grad():
        now, old = pref.scored(policy, rows), pref.scored(base, rows)
    kl = pref.kl_per_token(now.log_probs, old.log_probs) * now.loss_mask
    words = [text(answer) for answer in answers]
    return words, mean(map(taste, words)), kl.sum(1).mean().item(), answers


for label, policy in (("start", base), ("DPO", by_dpo)):
    words, liked, kl, _ = look(policy)
    print(f"{label:5s} true taste {liked:.1f}, KL {kl:.1f} nats per name")

# %% [markdown]
# ## Compare with torch
#
# Bradley and Terry's loss is torch's `binary_cross_entropy_with_logits` on the
# difference. The KL is torch's `kl_div`, whose arguments stand the other way round. The
# library's `group_advantages` (GRPO, 2024) compares an answer with the others to the same
# prompt, as we did, and divides by the spread.
#
# And **PPO**, the method of the famous papers? Drawing is dear, so it updates several
# times on the same answers. By then the policy has moved: the ratio new/old probability
# is no longer 1. The gain is ratio × advantage, and PPO clips it: once a token has moved
# 20 % the way its advantage wants (up for +, down for -), it gets no further push. What
# is "usual", PPO asks a second network, the value model; GRPO takes the mean of a group.

# %%
difference = r_chosen - r_rejected
torch.testing.assert_close(
    by_hand, F.binary_cross_entropy_with_logits(difference, torch.ones(3))
)
p_log, q_log = torch.randn(2, 5, 27, generator=generator).log_softmax(-1)
kl = (p_log.exp() * (p_log - q_log)).sum(-1)
torch.testing.assert_close(
    kl, F.kl_div(q_log, p_log, reduction="none", log_target=True).sum(-1)
)
torch.testing.assert_close(kl, pref.kl_per_token(p_log, q_log))
r = torch.tensor([[1.0, 2.0, 6.0]])
centred = r - r.mean()
torch.testing.assert_close(pref.group_advantages(r, scale=False), centred)
rows = pref.pair_rows(learn[:50])
totals = [half for m in (by_dpo, base) for half in pref.scored(m, rows).total.chunk(2)]
library, _ = pref.dpo_loss(*totals, beta=0.1)
torch.testing.assert_close(dpo(by_dpo, base, learn[:50], beta=0.1), library)
print(f"by hand = torch = course_lib, such as a KL of {kl[0].item():.2f} nats")

# %%
for advantage in (1.0, -1.0):
    for ratio in (0.7, 1.0, 1.3):
        log_p = torch.tensor([[math.log(ratio)]], requires_grad=True)
        better = torch.tensor([advantage])  # than usual
        gain = pref.surrogate(log_p, torch.zeros(1, 1), better, clip=0.2)
        (push,) = torch.autograd.grad(gain.sum(), log_p)
        print(f"advantage {advantage:4.1f}, ratio {ratio}: push {push.item():4.1f}")
        if ratio == 1.0:  # not moved yet: REINFORCE
            assert push.item() == advantage

# %% [markdown]
# ## See it
#
# Now look at the six policies. How much does the reward model like their names, how much
# does the person, and how far have they gone? Compare where the curves turn, not their
# heights: the person divides by 0.5, so even a perfect reward would be twice the
# taste, plus some constant.


# %% tags=["nbval-ignore-output"]
points = []
for beta, policy in policies.items():
    words, liked, kl, answers = look(policy)
    mark = mean(learned([[END]] * 1000, answers))
    points.append(FrontierPoint(beta, liked, kl, tuple(words[:6]), hacked=mark))
    print(
        f"beta {beta:.1f}: reward model {mark:4.1f}, true taste {liked:z4.1f}, ", end=""
    )
    print(f"KL {kl:4.1f}, {len(set(words)):3d} different of 1000: {words[0]} ...")
tastes = {point.beta: point.reward for point in points}
assert tastes[0.0] < tastes[0.5] - 0.5  # hacked
assert tastes[2.0] < tastes[0.5]  # hardly moved
tight_first = points[::-1]
far = [point.kl for point in tight_first]
plots.plot_curves(
    {
        "reward model": (far, [point.hacked for point in tight_first]),
        "true taste": (far, [point.reward for point in tight_first]),
    },
    "The reward still rises when the taste has turned round",
    xlabel="KL from the start, nats per name",
    ylabel="mean of 1,000 names",
)

# %% [markdown]
# That is **reward hacking**, or over-optimisation. The reward model was right about most
# pairs of names of the *start* model, held-out ones too; then the policy went where those
# names never go. You catch it by what the reward does not contain: people's own taste,
# the KL, the number of different answers, and by reading samples.
#
# ### The assistant
#
# Now the model that talks. Its stage "tools" has learned from annotators with several
# manners: it is mostly right, and now polite, now curt. A simulated person likes right,
# polite, short answers.
#
# Before any training, the check of ln 2. Two slips are easy: **dropout** stays on in the
# policy, or *everything* is added up: prompt, results of tools, filling. Does the first
# loss show them?

# %% tags=["counts:25", "words:0.6"]
tiny = world.World(seed=0)
roster = assistant.make_roster(tiny)
template = assistant.chat_template()
tools_stage = pref.frozen_copy(assistant.load_stage("tools").model)
person = assistant.judge_of(roster)
exam = assistant.judge_of(roster, held_out=True)  # asks about other people
talks = person.compare(tools_stage, n_each=2)
talk_learn, talk_held = pref.split_pairs(talks)  # by prompt, never by pair
print(len(talks), "pairs, such as")
for label, tokens in zip(("", "chosen:  ", "rejected:"), talks[1], strict=True):
    print(label, template.tokenizer.decode(tokens))


# %% tags=["close:0.05"]
def first_loss(policy, everything):
    rows = pref.pair_rows(talk_learn[:16], None, template.loss_mask)
    scores = []
    for model in (policy, tools_stage):
        torch.manual_seed(0)  # for the dropout
        at = pref.scored(model, rows)
        total = at.picked.sum(1) if everything else at.total
        scores += total.detach().chunk(2)
    return pref.dpo_loss(*scores, beta=0.1)[0].item()


dropping = gpt.GPT(replace(tools_stage.config, dropout=0.1)).train()
dropping.load_state_dict(tools_stage.state_dict())
for label, policy in (("dropout off", tools_stage), ("dropout on", dropping)):
    for counted in ("answer", "everything"):
        loss = first_loss(policy, counted == "everything")
        print(f"{label:11s} log p of {counted:10s} {loss:.4f}")
        assert (abs(loss - math.log(2)) < 1e-6) == (policy is tools_stage)

# %% [markdown]
# Dropout shows at once: two different models are compared. The wrong sum does **not**
# show, because at the start both models are the same. (The prompt would do no harm later
# either: it is the same in both answers and cancels. Results and filling do not.) So a
# good first loss is necessary, and not enough.
#
# Now the real thing: a reward model, DPO, and GRPO with that reward (RLHF). And a naive
# reward, one point for each friendly word (`Please`, `Glad`, `help`, `friend` ...),
# without and with a leash.

# %% tags=["counts:4"]
talk_judge = pref.RewardModel(tools_stage, tools_stage.config.emb_dim).requires_grad_(
    True
)
config = pref.RewardConfig(steps=40)
*_, record = pref.train_reward(talk_judge, talk_learn, config)
accuracy = pref.reward_accuracy(talk_judge, talk_held)
print(f"reward model: {accuracy:.0%} of held-out pairs in the right order")
assert accuracy > 0.65

kind = copy.deepcopy(tools_stage).requires_grad_(True)
recipe = pref.DPOConfig(**stages.PREFERENCE)  # as the stage "preferred" was made
run = pref.train_dpo(kind, tools_stage, talk_learn, recipe, template.loss_mask)
first, *_ = list(run)
assert abs(first.loss_nats - math.log(2)) < 1e-6


# %%
def grpo(reward, beta):
    policy = copy.deepcopy(tools_stage).requires_grad_(True)
    how = {"steps": 20, "prompts_per_step": 6, "learning_rate": 5e-4}
    run = pref.train_policy(
        policy,
        tools_stage,
        person.prompts,
        reward,
        person.sample,
        pref.PolicyConfig(beta=beta, **how),
        template.loss_mask,
    )
    list(run)  # it trains while it is read
    return policy


def by_talk_judge(prompts, answers):
    return pref.rewards_of(talk_judge, prompts, answers)


versions = {"tools": tools_stage, "DPO": kind}
versions["GRPO, reward model"] = grpo(by_talk_judge, beta=0.3)
versions["friendly, leash"] = grpo(person.friendly, beta=0.3)
versions["friendly, no leash"] = grpo(person.friendly, beta=0.0)


# %%
def report(model):
    prompts, replies = exam.prompts, exam.sample(model, exam.prompts, seed=1)
    said = [exam.words(reply)[0] for reply in replies]
    truths = [exam.truth(prompt) or "know" for prompt in prompts]
    rows = pref.rows_of(prompts, replies, None, template.loss_mask)
    with torch.no_grad():
        now, old = pref.scored(model, rows), pref.scored(tools_stage, rows)
    kl = pref.kl_per_token(now.log_probs, old.log_probs) * now.loss_mask
    return {
        "taste": mean(exam.taste(prompts, replies)),
        "curt": mean("all" in words for words in said),
        "polite": mean("Please" in words or "Glad" in words for words in said),
        "right": mean(t in words for t, words in zip(truths, said, strict=True)),
        "KL": kl.sum(1).mean().item(),
        "distinct": len({" ".join(words) for words in said}) / len(said),
    }, " ".join(said[1][:9])


# %% tags=["nbval-ignore-output"]
asked = template.tokenizer.decode(exam.prompts[1])
print("below each line:", asked, f"(the truth: {exam.truth(exam.prompts[1])})")
print(
    " " * 18, *(f"{name:>8s}" for name in ("taste", "curt", "polite", "right")), end=""
)
print(f"{'KL':>9s}{'distinct':>9s}")
found = {}
for label, model in versions.items():
    found[label], sample = report(model)
    print(f"{label:18s}", *(f"{value:8.2f}" for value in found[label].values()))
    print(f"    {sample}")
assert found["DPO"]["taste"] > found["tools"]["taste"] + 0.3
assert found["DPO"]["curt"] < 0.15 < found["tools"]["curt"]
hacked = found["friendly, no leash"]
assert hacked["taste"] < -2 < found["friendly, leash"]["taste"]
assert hacked["KL"] > 5 * found["friendly, leash"]["KL"]

# %% [markdown]
# DPO has nearly ended the curtness. But always look at "right" as well: a reward model
# hardly minds when truth is lost. The naive reward without a leash makes a parrot of the
# assistant: never watch one number alone. Other random seeds give other rows: this table
# ranks nothing.
#
# ## Play with it
#
# The six policies for names again. Blue is the true taste; the squares are what the
# reward model says.
#
# - **Slide to beta = 0.** What happens to the names? Who still likes them?
# - **Slide back from there.** Where is the taste best? And what does the largest beta
#   leave as it was?

# %% tags=["nbval-ignore-output"]
RewardFrontier(points, beta=0.5)

# %% [markdown]
# ## Why does this work?
#
# **Why does DPO need no reward model?** Because the best policy on a leash is known. It
# says answer $y$ with a probability proportional to
# $p_{start}(y) \cdot e^{\,r(y)/\beta}$. Solve that for the reward:
# $r(y) = \beta \ln (p(y) / p_{start}(y))$, plus a constant that differences do not see.
# So each policy *is* a reward model. Check both.

# %% tags=["close:0.05", "counts:4"]
start, r, beta = torch.tensor([0.7, 0.2, 0.1]), torch.tensor([0.0, 1.0, 2.0]), 0.5
best = (start.log() + r / beta).softmax(0)
others = torch.cat([best[None], torch.rand(5000, 3, generator=generator)])
others = others / others.sum(1, keepdim=True)
worth = others @ r - beta * (others * (others / start).log()).sum(1)
assert worth.argmax() == 0  # none of 5,000 other policies is worth more
implied = beta * (best / start).log()
torch.testing.assert_close(implied - implied[0], r - r[0])

rows = pref.pair_rows(held)
with torch.no_grad():
    raised = pref.scored(by_dpo, rows).total - pref.scored(base, rows).total
good, bad = raised.chunk(2)
print("best policy on this leash:", [round(x, 2) for x in best.tolist()])
print(f"DPO's own order of held-out pairs: {(good > bad).float().mean():.0%} right")

# %% [markdown]
# **Why not simply train on the chosen answers?** That is supervised fine-tuning, and it
# never hears a "no". Compare all ways on the names.

# %%
by_sft = copy.deepcopy(base).requires_grad_(True)
optimizer = torch.optim.AdamW(by_sft.parameters(), lr=1e-3, weight_decay=0.0)
for step in range(150):
    batch = random.Random(step).choices(learn, k=32)
    rows = pref.rows_of([p.prompt for p in batch], [p.chosen for p in batch])
    loss = -pref.scored(by_sft, rows).total.mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

# %% tags=["ledger:B29", "ledger:B33", "ledger:C46", "nbval-ignore-output"]
X_val, Y_val = names.windows(splits.val, context_size=3)
ways = {"start": base, "SFT on the chosen": by_sft, "DPO": by_dpo}
ways |= {"reward model, RL": policies[0.5], "the same, no leash": policies[0.0]}
margins, lost = {}, {}
for label, policy in ways.items():
    words, liked, kl, _ = look(policy)
    with torch.no_grad():
        total = pref.scored(policy, pref.pair_rows(learn)).total
    good, bad = (half.mean().item() for half in total.chunk(2))
    margins[label] = good - bad
    lost[label] = batches.evaluate_loss(policy.model, X_val, Y_val)
    print(f"{label:18s} taste {liked:z4.1f}, KL {kl:4.1f}, ln p: ", end="")
    print(f"chosen {good:.1f}, rejected {bad:.1f}; loss on new {lost[label]:.1f}")
assert margins["DPO"] > margins["SFT on the chosen"] + 2
assert lost["DPO"] > lost["start"] + 0.1

# %% [markdown]
# SFT moves both by less than a nat or so: what it raises takes probability from all the
# rest, and nobody tells it from what. DPO pushes the rejected names down by many nats.
# (It has made even the chosen ones less probable: it trains nothing but the
# *difference*.) So teaching "I do not know" by examples, as in lesson 21, is SFT, not
# RLHF.
#
# **InstructGPT** (2022) had three stages: (1) demonstrations, SFT; (2) comparisons, a
# reward model; (3) reinforcement learning, PPO with a KL leash. **RLHF** is (2) and (3).
# DPO puts one loss in their place. Its paper found that simpler and about as good. Our
# table cannot decide it: one seed, one size of everything, and for RL we picked the
# `beta` after looking at the true taste.
#
# Is predicting the next token still "the only task"? The network does nothing else. But
# it is no longer *judged* by it: DPO's loss on new names is worse than at the start, and
# its names are liked better.
#
# ### The whole pipeline, on one page
#
# | question | answered in |
# |---|---|
# | How is pre-training done at scale? | [16](16_data_and_recipe.ipynb), [17](17_faster_safer_larger.ipynb), [19](19_base_model.ipynb) |
# | How does it come to follow instructions? | [20](20_assistant.ipynb) |
# | How does it become helpful and safe? | [21](21_hallucination.ipynb), this lesson |
# | How do the parts come together? | the table below |
#
# Each column is the model of one stage, begun from the column before it. The last line
# says what was forgotten: sft stands far above the base model. From honest on, old
# documents are mixed in (replay, lesson 20), and it reads nearly as well as before. And
# follow the taste: the last stage is liked best.
#
# Then ask them yourself. (A base model has no turns: it goes on with your words.)

# %% tags=["ledger:C45", "ledger:B21", "close"]
before_chat = assistant.load_stage("base").model
rows = world.token_rows(tiny, "val", 0, 32, 129)
floor = rows.nats[:, 1:].mean().item()
gap = world_gap(before_chat, tiny)
print(f"base: loss {floor + gap.mean:.2f}, floor {floor:.2f} nats per word\n")
results = {s: assistant.load_stage(s).measures for s in assistant.STAGES[1:]}
for label, *cells in assistant.table({"base": {"world_gap": gap}, **results}):
    print(f"{label:45s}", *(f"{cell.split(' ')[0]:>9s}" for cell in cells))
assert assistant.outside(results) == []

# %%
stranger = tiny.held_out[2]  # no stage has ever read about this one
voices = [voice_of(s) for s in ("base", "sft", "honest", "tools", "preferred")]
question = f"What does {stranger.name} like ?"
StageSwitcher(
    voices,
    question=question,
    truth=roster.truth_told,
    examples=[question, "What is 17 + 28 ?", "Who are you ?"],
)

# %% [markdown]
# ## Check yourself
#
# ### Catch the slide
#
# Notes on the life of a language model say: (1) RLHF is showing the model to answer "I
# don't know". (2) In DPO you make the model choose between two outputs and train it to
# choose the better one. (3) That is why a chat asks you which answer you prefer. (4) DPO
# is more stable, cheaper, and as good or better.
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# (1) No: that is SFT. (2) People choose. The model's log-ratio to a frozen reference is
# trained, nothing is drawn. (3) It collects comparisons; reward models can use them as
# well. (4) A claim of the paper, true of its experiments.
#
# </details>
#
# ### Questions
#
# **1.** The first loss of your DPO run is 0.71. What do you look for?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# A difference between policy and reference: dropout, another checkpoint, other
# rounding, masks that differ.
#
# </details>
#
# **2.** Reward 20, KL 100 nats. Good news?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Read samples first. A reward is a proxy, and so far from the start nobody has checked
# it.
#
# </details>
#
# **3.** Your turn: choose names by another taste with the buttons, all twelve. Run the
# cell with `taste` again, with `learn = learn[:12]` as its last line (yours come first),
# then the two cells under "DPO". Does your taste show in `look(by_dpo)[0][:20]`?
#
# <details style="margin-bottom: 1em"><summary>Answer</summary>
#
# Read the names: `held` is the simulated person's taste, so it cannot tell. With twelve
# pairs the margins grow quickly, but the model learns *these* names. Count how many pairs
# it takes until new names follow.
#
# </details>

# %% [markdown]
# ## Recap
#
# - **Idea.** People compare; a logistic loss turns comparisons into rewards (reward
#   model, then policy gradient) or directly into probabilities (DPO). A leash keeps the
#   model where the reward can be trusted.
# - **Formula.** $-\ln\sigma(r_A - r_B)$; for DPO $r = \beta \ln (p / p_{reference})$. Both
#   begin at ln 2.
# - **Pitfall.** What you reward is what you get.
# - **In the library:** `course_lib.preferences`; the stages are in
#   `tiny_world.assistant`.
#
# **Homework:** [Homework 23](homework/hw23.ipynb), about 60 minutes. A badge under
# each check says at once whether your answer is right.
#
# ### Capstone: an assistant of your own
#
# ```bash
# course train --preset pipeline --people 300 --width 192 --seed 7   # Tiny World, larger
# course train --preset pipeline --text my_world.txt --chats my_chats.jsonl
# course chat runs/pipeline                            # every stage, side by side
# ```
#
# Take one of the first two lines. (`my_chats.jsonl` has a talk a line:
# `{"messages": [{"role": "user", "content": "..."}, {"role": "assistant", ...}]}`. The
# second line makes two stages, base and sft; preferences are then up to you.) Hand in
# two pages, and the files. Twenty points:
#
# | points | for |
# |---|---|
# | 3 | it runs again from your commands and seed, to the same numbers |
# | 3 | loss against a yardstick (a floor, or an n-gram), held out, no leak |
# | 4 | five capabilities before and after each stage, with errors |
# | 4 | one choice changed alone (data, size, beta), two seeds, an honest reading |
# | 3 | one hack or failure found, with samples, and how you caught it |
# | 3 | what it must not be used for, and how a user is told |
#
# **Next:** [26. A real model in your own code](26_a_real_model.ipynb). Beside the
# ladder stands [the appendix on many GPUs](90_many_gpus.ipynb).
