"""Models and words of the course as scripts for a page that is opened from a disk.

A page from `file://` may load scripts, but neither modules nor data. So all that the
browser needs is written as classic scripts, which the pages of a site share: the code
(`engine.js`), the words and people of Tiny World (`world.js`), one for each model
(`base.js`, ...), and what the base model has read (`read.js`). The same models give the
same bytes.
"""

import base64
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from course_lib.files import load
from course_lib.gpt import GPT
from course_play.browser.bundle import bundle, parts_of
from tiny_world import (
    FIRST_NAMES,
    LAST_NAMES,
    N_FAMOUS,
    RELATIONS,
    SPECIAL_TOKENS,
    VOCABULARY,
    Person,
    World,
    WorldTokenizer,
    load_base,
    split_words,
    token_rows,
)
from tiny_world.assistant.hearing import SHORT_FORMS
from tiny_world.assistant.phrases import (
    KEY_WORDS,
    MARKERS,
    chat_tokenizer,
    phrasings,
)
from tiny_world.assistant.shipped import shipped_path
from tiny_world.assistant.stages import STAGES, chat_base

N_READ_ROWS, READ_ROW = 2200 * 8, 129
"""The rows that the base model has read, see lesson 19."""
LETTERS = [
    letter
    for letter in map(chr, (*range(0x20, 0x7F), *range(0x100, 0x250)))
    if letter not in '"\\'
]
"""Stand for tokens in `read.js`: the first ones take one byte, the others two."""


def engine_modules() -> list[str]:
    """The modules whose names the engine offers, each after what it needs.

    >>> engine_modules()[-1]
    'page'
    """
    return [name for name in parts_of("page") if name != "base"]


def engine_script() -> str:
    """All modules as one classic script, which sets `courseEngine`.

    >>> "import {" in engine_script()
    False
    """
    table = ", ".join(f"...{name}_js" for name in engine_modules())
    return (
        f'(() => {{\n"use strict";\n{bundle("page")}'
        f"globalThis.courseEngine = {{ {table} }};\n}})();\n"
    )


def world_told(world: World) -> dict[str, Any]:
    """The words, the people and their facts, as values that JSON can hold.

    >>> world_told(World(seed=0))["phrasings"]["job"][1]
    'What is the job of {} ?'
    """
    return {
        "vocabulary": VOCABULARY,
        "special": SPECIAL_TOKENS,
        "firstNames": FIRST_NAMES,
        "lastNames": LAST_NAMES,
        "shortForms": SHORT_FORMS,
        "markers": asdict(MARKERS),
        "keyWords": KEY_WORDS,
        "facts": {person.name: facts for person, facts in world.people.facts.items()},
        "phrasings": {relation: _forms(relation) for relation in RELATIONS},
    }


def world_script(world: World) -> str:
    """What `world_told` gives, as a script that sets `courseWorld`.

    >>> world_script(World(seed=0))[:38]
    'globalThis.courseWorld={"vocabulary":['
    """
    return f"globalThis.courseWorld={_json(world_told(world))};\n"


def _forms(relation: str) -> list[str]:
    """How people ask for a fact, words apart by spaces, "{}" for the name."""
    someone = Person("First", "Last")
    both = (phrasings(someone, relation, taught=taught) for taught in (True, False))
    told = (" ".join(split_words(form)) for forms in both for form in forms)
    return [form.replace(someone.name, "{}") for form in told]


def model_script(told: Mapping[str, Any]) -> str:
    """What `model_told` gives, as a script that sets `courseModels[name]`.

    >>> model_script({"name": "small"}).strip()
    '(globalThis.courseModels??={})["small"]={"name":"small"};'
    """
    place = f"(globalThis.courseModels??={{}})[{_json(told['name'])}]"
    return f"{place}={_json(told)};\n"


def model_told(
    name: str,
    model: GPT,
    tokenizer: WorldTokenizer,
    *,
    chat: bool = False,
    tools: bool = False,
) -> dict[str, Any]:
    """A GPT with its words, as values that JSON can hold.

    Args:
        name: of the voice.
        model: its weights are written with half precision, as stages are kept.
        tokenizer: of this model.
        chat: whether it knows turns; else it goes on with any words.
        tools: whether it may look things up and calculate.

    Raises:
        ValueError: for weights that half precision cannot hold.

    >>> from course_lib.gpt import GPTConfig
    >>> model = GPT(GPTConfig(vocab_size=389, emb_dim=8, n_heads=2, n_layers=1))
    >>> model_told("small", model, WorldTokenizer())["chat"]
    False
    """
    extra = list(tokenizer.extra)
    facts = {"name": name, "chat": chat, "tools": tools, "extra": extra}
    return {**facts, **packed(model)}


def packed(model: GPT) -> dict[str, Any]:
    """A GPT as `weights.js` reads it: config, index, and halves in base64.

    Raises:
        ValueError: for weights that half precision cannot hold.

    >>> from course_lib.gpt import GPTConfig
    >>> model = GPT(GPTConfig(vocab_size=3, emb_dim=8, n_heads=2, n_layers=1))
    >>> packed(model)["index"][-2:]
    [['embedding.weight', 24], ['norm.weight', 8]]
    """
    index, halves = [], bytearray()
    for name, weight in sorted(model.state_dict().items()):
        half = weight.detach().cpu().half()
        if not half.isfinite().all():
            raise ValueError(f"{name} holds a number that half precision cannot hold")
        index.append([name, weight.numel()])
        halves += half.contiguous().numpy().astype("<f2").tobytes()
    text = base64.b64encode(bytes(halves)).decode("ascii")
    return {"config": asdict(model.config), "index": index, "halves": text}


def stage_told(stage: str) -> dict[str, Any]:
    """A stage that travels with the course, see `model_told`.

    Raises:
        ValueError: for a name that is none of `STAGES`.

    >>> stage_told("sft")["tools"]
    False
    """
    model, tokenizer, metadata = load(shipped_path(stage))
    people = metadata.get("plan", {}).get("people", N_FAMOUS)
    if people != N_FAMOUS:
        raise ValueError(f"{stage} knows {people} people: the page has {N_FAMOUS}")
    assert isinstance(tokenizer, WorldTokenizer)
    tools = STAGES.index(stage) >= STAGES.index("tools")
    return model_told(stage, model, tokenizer, chat=stage != "base", tools=tools)


def warm_told() -> dict[str, Any]:
    """The base model with the words of chats, before any training: see lesson 20.

    >>> warm_told()["config"]["vocab_size"]
    476
    """
    warm = chat_base(load_base())
    return model_told("warm_start", warm, chat_tokenizer(), chat=True)


def read_told(tokens: Iterable[int]) -> dict[str, Any]:
    """What a model has read, a letter for each token; `letters` has those of the ids.

    Raises:
        ValueError: for more different tokens than there are `LETTERS`.

    >>> read_told([7, 7, 2])
    {'letters': ['', '', '!', '', '', '', '', ' '], 'text': '  !'}
    """
    ids = list(tokens)
    common = [token for token, _ in Counter(ids).most_common()]
    if len(common) > len(LETTERS):
        raise ValueError(f"{len(common)} different tokens: give up to {len(LETTERS)}")
    letters = dict(zip(common, LETTERS, strict=False))
    return {
        "letters": [letters.get(token, "") for token in range(max(ids) + 1)],
        "text": "".join(letters[token] for token in ids),
    }


def read_script(tokens: Iterable[int]) -> str:
    """What `read_told` gives, as a script that sets `courseRead`.

    >>> read_script([1]).strip()
    'globalThis.courseRead={"letters":[""," "],"text":" "};'
    """
    return f"globalThis.courseRead={_json(read_told(tokens))};\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def write_all(folder: Path) -> list[Path]:
    """Write all scripts into a folder, which is made: 14 MB.

    Raises:
        OSError: if the folder cannot be written.
    """
    world = World(seed=0)
    rows = token_rows(world, "train", 0, N_READ_ROWS, READ_ROW).tokens
    scripts = {
        "engine": engine_script(),
        "world": world_script(world),
        "read": read_script(rows.flatten().tolist()),
        **{stage: model_script(stage_told(stage)) for stage in STAGES},
        "warm_start": model_script(warm_told()),
    }
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, text in scripts.items():
        paths.append(folder / f"{name}.js")
        paths[-1].write_text(text, encoding="utf-8", newline="\n")
    return paths
