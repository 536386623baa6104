import hashlib
import math
import random
from collections import Counter, defaultdict
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import tiny_world as tiny
from tiny_world.lexicon import (
    ANIMALS,
    CODE_WORDS,
    COLORS,
    JOBS,
    SHE_NAMES,
    TRAITS,
    WORKPLACES,
)
from tiny_world.tales import code

N_DOCUMENTS = 20_000


@pytest.fixture(scope="module")
def world():
    return tiny.World(seed=0)


@pytest.fixture(scope="module")
def documents(world):
    return [world.document(i) for i in range(N_DOCUMENTS)]


def by_kind(documents):
    kinds = defaultdict(list)
    for document in documents:
        kinds[document.kind].append(document)
    return kinds


# ---- the documents are what they were, everywhere


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        ("train", "0deb352889e74dd51071b70197ce39b14201ffb747e86f49d0fcabb0d30c8639"),
        ("val", "e7faba9024016a0674ee60f3e4b26576979ba924fe8fbb5a7c7e5ff9857fff7e"),
    ],
)
def test_first_thousand_documents_have_the_pinned_hash(world, split, expected):
    text = "\n".join(world.document(i, split).text for i in range(1000))
    assert hashlib.sha256(text.encode()).hexdigest() == expected


def test_a_document_depends_on_its_number_alone(world):
    later = world.stream("val", start=40)
    assert [next(later) for _ in range(3)] == [
        tiny.World(seed=0).document(i, "val") for i in (40, 41, 42)
    ]


def test_splits_and_seeds_give_other_documents(world):
    assert world.document(0) != world.document(0, "val")
    assert world.document(0) != tiny.World(seed=1).document(0)
    assert world.famous != tiny.World(seed=1).famous


def test_kinds_come_in_their_shares(documents):
    counts = Counter(document.kind for document in documents)
    for kind, percent in tiny.KINDS.items():
        p = percent / 100
        error = math.sqrt(p * (1 - p) / N_DOCUMENTS)
        assert counts[kind] / N_DOCUMENTS == pytest.approx(p, abs=4 * error)


def test_documents_fit_into_a_context_of_128(documents):
    assert max(document.n_words for document in documents) < 128


def test_validation_documents_are_new(world, documents):
    known = {document.words for document in documents}
    val = [world.document(i, "val") for i in range(2000)]
    assert sum(document.words in known for document in val) / len(val) < 0.02


# ---- what pick and say promise


class StrictWriter(tiny.Writer):
    """Checks the two rules that make a text measurable."""

    def __init__(self, rng):
        super().__init__(rng)
        self.picked = None

    def pick(self, options, weights=None):
        assert self.picked is None, "two picks, and nothing said between them"
        firsts = [option.split()[0] for option in options]
        assert len(set(firsts)) == len(firsts), f"options begin alike: {options}"
        if weights is not None:
            assert len(weights) == len(options)
            assert all(isinstance(w, int) and w > 0 for w in weights)
        self.picked = super().pick(options, weights)
        return self.picked

    def say(self, text, tag=""):
        if self.picked is not None:
            assert (text + " ").startswith(self.picked + " "), "picked, but not said"
            self.picked = None
        super().say(text, tag)


def test_every_option_begins_with_another_word_and_is_said_next(world):
    grammar = tiny.Grammar(world.people)
    rng = random.Random(1)
    for _ in range(2000):
        pen = StrictWriter(rng)
        grammar.write(pen)
        assert pen.picked is None


def test_a_choice_is_drawn_in_proportion_to_its_weight():
    pen = tiny.Writer(random.Random(0))
    counts = Counter(pen.pick(("moo", "woof", "baa"), (1, 2, 7)) for _ in range(20_000))
    for word, weight in (("moo", 1), ("woof", 2), ("baa", 7)):
        assert counts[word] / 20_000 == pytest.approx(weight / 10, abs=0.015)


# ---- the parser


def test_five_hundred_documents_are_read_back_as_they_were_written(world):
    for i in range(500):
        document = world.document(i, "val")
        assert world.parse(document.text) == document
        assert world.parse(document.words) == document
        assert world.parse(list(document.words[:-1])) == document


class _WrongWordError(Exception):
    pass


class ScriptedPen(tiny.Pen):
    """Takes the choices it is told and never looks at the text: an honest search."""

    def __init__(self, target, script):
        super().__init__()
        self.target = target
        self.script = script
        self.sizes = []

    def pick(self, options, weights=None):
        if len(self.sizes) == len(self.script):
            self.script.append(0)
        taken = self.script[len(self.sizes)]
        self.sizes.append(len(options))
        weights = weights or [1] * len(options)
        self._surprise -= math.log(weights[taken] / sum(weights))
        return options[taken]

    def say(self, text, tag=""):
        for word in text.split():
            if self.target[len(self.words) : len(self.words) + 1] != (word,):
                raise _WrongWordError
            super().say(word, tag)


def derivations(grammar, words):
    """-log p of every way to write `words`: all choices tried, none by lookahead."""
    script, found = [], []
    while True:
        pen = ScriptedPen(words, script)
        try:
            grammar.write(pen)
            found.append(sum(pen.nats))
        except _WrongWordError:
            pass
        del script[len(pen.sizes) :]
        while script and script[-1] + 1 == pen.sizes[len(script) - 1]:
            script.pop()
        if not script:
            return found
        script[-1] += 1


def test_exhaustive_search_finds_exactly_one_derivation(world, documents):
    grammar = tiny.Grammar(world.people)
    for kind, some in by_kind(documents).items():
        short = [d for d in some[:60] if d.n_words <= 45][:6]
        assert len(short) == 6, kind
        for document in short:
            (nats,) = derivations(grammar, document.words)
            assert nats == pytest.approx(document.total_nats, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Once there was a shy wombat.", r"word 6 is 'wombat', which is not in"),
        ("Once there was a shy cow", r"after word 6; expected one of 'named', '\.'"),
        ("Once there was a shy cow. It said oink.", r"word 10 is 'oink'; .* 'moo'"),
        ("Once there was a cow.", r"word 5 is 'cow'; expected one of 8 words such as"),
        ("", r"the text ends after word 0; expected one of 45 words such as 'Once'"),
        ("Code: dax cow; dax pig.", r"word 7 is 'pig'; expected 'cow'"),
        ("Meet Otto.", r"word 1 is 'Meet', which is not in the vocabulary"),
    ],
)
def test_text_from_elsewhere_is_refused_with_its_place(world, text, message):
    with pytest.raises(ValueError, match=message):
        world.parse(text)


def test_unknown_words_are_named_once_with_words_that_look_like_them() -> None:
    with pytest.raises(ValueError, match="near words") as caught:
        tiny.encode("what is the lake of fooood in mooo ?")
    said = str(caught.value)
    assert said.startswith("word 1 is 'what', which is not in the vocabulary of Tiny")
    assert {"What", "food", "moo"} <= set(said.partition("near words: ")[2].split(", "))
    assert "world." not in said
    with pytest.raises(ValueError, match="use other words") as caught:
        tiny.encode("x" * 360)
    assert len(str(caught.value)) < 160


def test_spelling_changes_capitals_of_unknown_words_only() -> None:
    words = tiny.WorldTokenizer()
    for word in tiny.VOCABULARY:
        assert words.spell(word) == word
    assert words.spell("where WAS  the\tcow born?") == "Where was  the\tcow born?"
    assert words.spell("IT said <EOT> Mooo") == "IT said <EOT> Mooo"


def test_two_documents_at_once_are_refused(world):
    words = world.document(0).words
    with pytest.raises(ValueError, match=rf"word {len(words) + 1} .* nothing more"):
        world.parse([*words, *words])


def test_a_document_that_lacks_its_last_word_is_refused(world, documents):
    for document in documents[:200]:
        cut = document.words[:-2]
        with pytest.raises(ValueError, match=f"text ends after word {len(cut)};"):
            world.parse(cut)


# ---- the exact entropy


def entropy(*probs):
    return -sum(p * math.log(p) for p in probs)


def code_entropy(n_said=1, n_known=0):
    """Exact nats of the rest of a code, from its rules and not from its program."""
    n_words, n_meanings = len(CODE_WORDS), len(ANIMALS)
    n_new = n_words - n_known
    p_new = 1.0 if n_known == 0 else 0.0 if n_new == 0 else 0.35
    total = 0.0
    for p, n_options, grows in ((p_new, n_new, 1), (1 - p_new, n_known, 0)):
        if p > 0:
            total += p * (math.log(n_options / p) + grows * math.log(n_meanings))
            total += p * _code_entropy_after(n_said, n_known + grows)
    return total


def _code_entropy_after(n_said, n_known):
    if n_said == 14:
        return 0.0
    if n_said < 3 or n_known < 2:
        return code_entropy(n_said + 1, n_known)
    return entropy(0.92, 0.08) + 0.92 * code_entropy(n_said + 1, n_known)


def test_mean_nats_of_codes_equal_their_entropy_computed_by_recursion():
    rng = random.Random(2)
    samples = []
    for _ in range(4000):
        pen = tiny.Writer(rng)
        code(pen)
        samples.append(sum(pen.nats))
    samples = torch.tensor(samples, dtype=torch.float64)
    error = samples.std().item() / math.sqrt(len(samples))
    assert samples.mean().item() == pytest.approx(code_entropy(), abs=4 * error)
    assert error < 0.01 * code_entropy()


def _enumerated(program):
    """Every document of a small program, with its nats."""
    script, found = [], []
    while True:
        pen = _FreePen(script)
        program(pen)
        found.append((tuple(pen.words), sum(pen.nats)))
        while script and script[-1] + 1 == pen.sizes[len(script) - 1]:
            script.pop()
        if not script:
            return found
        script[-1] += 1


class _FreePen(ScriptedPen):
    def __init__(self, script):
        super().__init__((), script)

    def say(self, text, tag=""):
        tiny.Pen.say(self, text, tag)


def test_probabilities_of_all_documents_of_a_small_program_sum_to_one():
    def program(pen):
        pen.say(first := pen.pick(("cow", "pig"), (3, 1)))
        for _ in range(3):
            if pen.pick((";", "."), (2, 1)) == ".":
                break
            pen.say(";")
            pen.say(pen.pick(("moo", "hay", "barn") if first == "cow" else ("oink",)))
        pen.say(".")

    found = _enumerated(program)
    assert len({words for words, _ in found}) == len(found)
    assert sum(math.exp(-nats) for _, nats in found) == pytest.approx(1, abs=1e-12)
    exact = sum(math.exp(-nats) * nats for _, nats in found)
    rng, total = random.Random(3), 0.0
    for _ in range(5000):
        pen = tiny.Writer(rng)
        program(pen)
        total += sum(pen.nats)
    assert total / 5000 == pytest.approx(exact, rel=0.03)


def test_first_word_is_charged_the_share_of_its_kind(documents):
    for document in documents[:2000]:
        share = tiny.KINDS[document.kind] / 100
        if document.kind == "biography":  # the first name is drawn as well
            assert document.nats[0] > -math.log(share)
        else:
            assert document.nats[0] == pytest.approx(-math.log(share), abs=1e-12)


def test_floor_shares_the_same_nats_among_other_units(documents):
    some = documents[:500]
    nats = sum(document.total_nats for document in some)
    per_word = tiny.floor(some)
    per_char = tiny.floor(iter(some), lambda document: document.n_chars)
    assert per_word * sum(d.n_words for d in some) == pytest.approx(nats)
    assert per_char * sum(len(d.text) + 1 for d in some) == pytest.approx(nats)


def test_floor_of_the_world_is_where_it_was(documents):
    assert tiny.floor(documents) == pytest.approx(0.777, abs=0.01)
    per_document = sum(d.total_nats for d in documents) / len(documents)
    assert per_document == pytest.approx(29.1, abs=0.3)


def test_floor_of_nothing_is_refused():
    with pytest.raises(ValueError, match="0 documents"):
        tiny.floor([])


# ---- what the words say


def test_tags_are_known_and_only_untagged_and_new_words_surprise(documents):
    seen = set()
    for document in documents:
        assert len(document.words) == len(document.nats) == len(document.tags)
        seen.update(document.tags)
        for tag, nats in zip(document.tags, document.nats, strict=True):
            assert nats >= 0
            if tag not in ("", "new"):
                assert nats == 0
            elif tag == "new":
                assert nats > 0
    assert seen == set(tiny.TAGS)


def test_heroes_keep_their_sound_food_and_home(documents):
    for document in by_kind(documents)["story"]:
        words = document.words
        place = next(i for i, word in enumerate(words) if word in TRAITS)
        animal = words[place + 1]
        allowed = {*ANIMALS[animal], animal}
        if words[1] == "a":
            allowed.add(WORKPLACES[words[2]])
        ending = words.index("Good")
        for word, tag in list(zip(words, document.tags, strict=True))[:ending]:
            if tag in ("coref", "hero"):
                assert word in allowed
        assert set(words[ending + 3 : -2]) <= set(words[:ending])


def test_pronouns_agree_with_first_names(documents):
    for document in documents:
        if document.kind == "biography" or document.words[:2] == ("Once", "a"):
            first = document.words[0 if document.kind == "biography" else 4]
            wrong = {"He", "he"} if first in SHE_NAMES else {"She", "she"}
            assert not wrong & set(document.words)


def test_a_stands_only_before_consonants(documents):
    following = {
        after
        for document in documents
        for word, after in pairwise(document.words)
        if word == "a"
    }
    assert following >= {*JOBS, *COLORS, *TRAITS, *ANIMALS}
    assert not [word for word in following if word[0] in "aeiou"]


def test_echoes_say_the_same_two_or_three_times(documents):
    for document in by_kind(documents)["echo"][:300]:
        parts = document.text.removeprefix("Echo: ").removesuffix(".").split("; ")
        assert len(parts) in (2, 3)
        assert len(set(parts)) == 1


def test_answers_in_biographies_stand_earlier_in_the_text(documents):
    answers = 0
    for document in by_kind(documents)["biography"]:
        for place, tag in enumerate(document.tags):
            if tag == "context":
                answers += 1
                assert document.words[place] in document.words[:place]
    assert answers > 1000


# ---- the people


def test_nobody_of_the_held_out_is_ever_named(world, documents):
    hidden = {tuple(person) for person in world.held_out}
    for document in documents + [world.document(i, "val") for i in range(2000)]:
        assert not hidden & set(pairwise(document.words))


def test_everybody_is_famous_one_off_or_held_out(world):
    groups = world.famous, world.one_off, world.held_out
    assert [len(group) for group in groups] == [120, 1240, 240]
    assert len(set().union(*groups)) == 1600


def test_fame_is_log_uniform_over_two_decades(world, documents):
    weights = [world.people.weights[person] for person in world.famous]
    steps = [math.log(a / b) for a, b in pairwise(weights)]
    assert weights[0] / weights[-1] == pytest.approx(100)
    assert max(steps) - min(steps) < 2e-4
    rank = {tuple(person): i for i, person in enumerate(world.famous)}
    counts = Counter(
        rank[document.words[:2]] // 20
        for document in by_kind(documents)["biography"]
        if document.words[:2] in rank
    )
    total = sum(counts.values())
    for group in range(6):
        p = sum(weights[20 * group : 20 * group + 20]) / sum(weights)
        error = math.sqrt(p * (1 - p) / total)
        assert counts[group] / total == pytest.approx(p, abs=4 * error)


def test_three_biographies_in_ten_are_about_one_off_people(world, documents):
    biographies = by_kind(documents)["biography"]
    famous = {tuple(person) for person in world.famous}
    share = sum(d.words[:2] in famous for d in biographies) / len(biographies)
    assert share == pytest.approx(0.7, abs=0.025)


def test_famous_facts_never_change_and_one_off_facts_do(world, documents):
    told = defaultdict(set)
    for document in by_kind(documents)["biography"]:
        for word, tag in zip(document.words, document.tags, strict=True):
            if tag in ("fact", "new"):
                told[document.words[:2]].add(word)
    for person in world.famous:
        assert told[tuple(person)] <= set(world.facts(person).values())
    assert max(len(told[tuple(person)]) for person in world.one_off) > 4


def test_tables_of_facts_share_no_value():
    values = [value for table in tiny.FACT_VALUES.values() for value in table]
    assert len(set(values)) == len(values)


def test_one_off_people_have_no_fixed_facts(world):
    with pytest.raises(ValueError, match=r"has no fixed facts; ask about somebody in"):
        world.facts(world.one_off[0])


def test_statements_and_questions_are_the_world_s_own_words(world):
    person = world.famous[0]
    for relation, value in world.facts(person).items():
        statement = tiny.statement(person, relation, value)
        question = tiny.question(person, relation)
        told = f"{statement} One day {person.pronoun.lower()} met a shy cow ."
        world.parse(f"{told} Question : {question} Answer : {value} .".split())


@pytest.mark.parametrize("make", [tiny.question, lambda p, r: tiny.statement(p, r, "")])
def test_unknown_relations_are_refused(world, make):
    with pytest.raises(ValueError, match="relation is 'age'; use one of born, job"):
        make(world.famous[0], "age")


# ---- the vocabulary


@given(st.lists(st.sampled_from(tiny.VOCABULARY), max_size=40))
def test_words_survive_ids_and_readable_text(words):
    assert tiny.decode(tiny.encode(words)) == words
    assert tiny.split_words(tiny.render(words)) == words


def test_vocabulary_begins_with_the_special_tokens_and_repeats_nothing():
    assert tiny.VOCABULARY[: len(tiny.SPECIAL_TOKENS)] == tiny.SPECIAL_TOKENS
    assert len(set(tiny.VOCABULARY)) == tiny.VOCAB_SIZE
    assert 300 <= tiny.VOCAB_SIZE <= 400


def test_documents_use_every_word_that_is_not_kept_for_chat(documents):
    used = {word for document in documents for word in document.words}
    kept = set(
        [
            "Hello",
            "Yes",
            "No",
            "Sorry",
            "do",
            "not",
            "know",
            "Sure",
            "Glad",
            "help",
            "Thank",
            "thank",
            "Please",
            "friend",
            "That",
            "silly",
            "question",
            "You",
            "helper",
            "small",
            "model",
            "Tiny",
            "Your",
            "name",
            "made",
            "by",
            "and",
            "my",
        ]
    )
    specials = set(tiny.SPECIAL_TOKENS) - {tiny.EOT}
    assert set(tiny.VOCABULARY) - used == kept | specials


def test_unknown_words_and_ids_are_named_with_their_place():
    with pytest.raises(ValueError, match=r"word 3 is 'bark', which is not in the voc"):
        tiny.encode("It said bark.")
    with pytest.raises(ValueError, match=r"token 2 is 999; ids of Tiny World lie in"):
        tiny.decode([0, 999])
    with pytest.raises(ValueError, match=r"token 1 is -1"):
        tiny.decode([-1])


# ---- bad arguments


def test_wrong_split_index_and_seed_are_refused(world):
    with pytest.raises(ValueError, match="split is 'test'; use 'train' or 'val'"):
        world.document(0, "test")
    with pytest.raises(ValueError, match="index is -1; documents are numbered from 0"):
        world.document(-1)
    with pytest.raises(ValueError, match="seed is -3"):
        tiny.World(seed=-3)


# ---- rows of tokens


def test_rows_hold_the_documents_and_their_floors(world):
    rows = tiny.token_rows(world, "train", start=3, n_rows=2, length=96)
    assert rows.tokens.shape == rows.nats.shape == rows.tags.shape == (2, 96)
    assert rows.tokens.dtype == rows.tags.dtype == torch.int64
    assert rows.nats.dtype == torch.float32
    first = world.document(3 * 96)
    n = first.n_words
    assert tiny.decode(rows.tokens[0].tolist())[: n + 1] == ["<eot>", *first.words]
    assert rows.nats[0, 0] == 0
    assert rows.nats[0, 1 : n + 1].tolist() == pytest.approx(first.nats)
    names = tuple(tiny.TAGS)
    assert tuple(names[i] for i in rows.tags[0, 1 : n + 1]) == first.tags


def test_rows_can_be_taken_up_anywhere(world):
    whole = tiny.token_rows(world, "val", start=0, n_rows=5, length=64)
    part = tiny.token_rows(world, "val", start=3, n_rows=2, length=64)
    for mine, theirs in zip(part, whole, strict=True):
        assert torch.equal(mine, theirs[3:])


@pytest.mark.parametrize(("n_rows", "length"), [(0, 8), (1, 0)])
def test_empty_rows_are_refused(world, n_rows, length):
    with pytest.raises(ValueError, match="both need 1 or more"):
        tiny.token_rows(world, "train", 0, n_rows, length)
