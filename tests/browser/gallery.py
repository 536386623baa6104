"""Every widget as full as its lesson makes it, drawn on one page without a kernel."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from ipywidgets.widgets.widget import _remove_buffers

from course_lib import assistant, functional, lens, names, world
from course_lib import widgets as w
from course_lib.assistant.voices import Voice
from course_lib.chat import Answer, Call, Event, Message
from course_lib.gpt import GPT, GPTConfig
from course_lib.mlp import NameMLP, NameMLPConfig
from course_lib.ngram import bigram_counts
from course_lib.pretrained import load_gpt
from course_lib.tokenizer import train_bpe
from course_lib.train import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from course_lib.widgets.base import CourseWidget

STORY = (
    "Once there was a shy cow named Puff. It met a dog. The moon was bright. "
    "It sat on the mat. It was hungry. When the rain stopped, it slept in the barn."
)
QUESTIONS = {
    "What does the shy cow named Puff like ?": "soup",
    "Where was Kirola Button born ?": "the old harbour",
    "What does Bardolo Maple like ?": "",
    "Who works as a baker in the village ?": "Mira Pond",
}


def dice() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def attention() -> CourseWidget:
    """All heads of the base model on a story of 44 tokens, each switched off once."""
    base = load_gpt()
    shown = [world.EOT, *world.split_words(STORY)]
    tokens = torch.tensor([world.encode(shown)])
    off = []
    with torch.no_grad():
        on = functional.softmax(base(tokens)[0])
        for head in [(layer, head) for layer in range(3) for head in range(4)]:
            with lens.heads_off(base, [head]):
                off.append(functional.softmax(base(tokens)[0]))
    return w.AttentionExplorer(
        lens.attention_weights(base, tokens)[:, 0],
        shown,
        vocabulary=world.VOCABULARY,
        probs=on,
        ablated=torch.stack(off).unflatten(0, (3, 4)),
        layer=2,
        head=1,
        query=shown.index("barn") - 1,
    )


def sampling_lab() -> CourseWidget:
    """A network trained for long enough to write names of the usual length."""
    known = names.load_names()
    X, Y = names.windows(known, 3)
    model = NameMLP(NameMLPConfig(), dice())
    adam = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(60):
        rows = torch.randint(len(X), (512,), generator=dice())
        adam.zero_grad()
        torch.nn.functional.cross_entropy(model(X[rows]), Y[rows]).backward()
        adam.step()
    return w.SamplingLab(model, known, temperature=0.5)


def logit_lens() -> CourseWidget:
    base = load_gpt()
    shown = [world.EOT, *world.split_words(STORY)[:20]]
    story = torch.tensor([world.encode(shown)])
    streams = lens.logit_lens(base, story[:, :-1])[:, 0]
    return w.LogitLens(streams, story[0], world.VOCABULARY, depth=1, position=14)


def training_curve() -> CourseWidget:
    lines = {"ln 27": 3.296, "bigram, held out": 2.463, "floor": 1.87}
    curve = w.TrainingCurve(1000, lines=lines)
    for i in range(1, 1001, 10):
        curve.add(i, train=1.9 + 1.4 / i**0.3, val=2.0 + 1.4 / i**0.3)
    curve.finish()
    return curve


def dashboard() -> CourseWidget:
    board = w.TrainingDashboard(300, lines={"ln 389": math.log(389)}, floor=1.05)
    for i in range(301):
        loss = 1.1 + 4.8 / (1 + i / 20)
        sample = None if i % 30 else STORY[: 60 + i // 3]
        rate = 0.01 * min(1, i / 15)
        held = None if i % 30 else loss + 0.05
        record = Record(i, loss, held, rate, grad_norm=3 / (1 + i / 9), sample=sample)
        board.add(record)
    board.finish()
    return board


def embedding_map() -> CourseWidget:
    start = torch.randn(27, 2, generator=dice())
    rest = names.ALPHABET[1:]
    kind = ["end", *("vowel" if c in "aeiou" else "consonant" for c in rest)]
    ends = torch.tensor([[2.0, 1.0] if k == "vowel" else [-1.0, 0.0] for k in kind])
    steps = list(range(0, 2001, 100))
    path = torch.stack([start + ends * (s / 1000) for s in steps])
    return w.EmbeddingMap(path, steps, list(names.ALPHABET), kind)


def talk() -> tuple[Any, Message, list[Message]]:
    asked = Message("user", "What is 17 + 28 ?")
    return (
        assistant.chat_template(),
        asked,
        [
            asked,
            Message("call", "17 + 28", "calc"),
            Message("result", "45"),
            Message("assistant", "17 + 28 = 45 ."),
        ],
    )


def loss_mask() -> CourseWidget:
    template, asked, sum_of = talk()
    model = GPT(GPTConfig(vocab_size=413), dice())
    return w.LossMask(model, template, {"a sum": sum_of, "a start": [asked]})


def tool_trace() -> CourseWidget:
    template, asked, sum_of = talk()
    tokens = template.encode(sum_of).tokens[len(template.prompt([asked])) :]
    answer = Answer("17 + 28 = 45.", [Call("calc", "17 + 28", "45")], tokens=tokens)
    return w.ToolTrace({asked.text: answer}, template, step=3)


def probe_table() -> CourseWidget:
    def ask(question: str, n: int, temperature: float) -> list[str]:
        calm = n - math.floor(2 * temperature)
        return ["She likes warm soup ."] * calm + ["She likes cake ."] * (n - calm)

    return w.ProbeTable(ask, QUESTIONS)


def stage_switcher() -> CourseWidget:
    def answer(words: str) -> Iterator[Event]:
        yield Event("text", f"{words} I do not know that, my friend.")

    stages = ("base", "sft", "honest", "tools", "preferred")
    voices = [Voice(name, answer, None) for name in stages]
    return w.StageSwitcher(voices, question="What does Bardolo Maple like ?")


def preference_buttons() -> CourseWidget:
    cases = [("A name, please.", "meerabh", f"shan{'ik' * i}") for i in range(12)]
    buttons = w.PreferenceButtons(cases)
    buttons.choices = ["a", "b", "skip"]
    return buttons


def reward_frontier() -> CourseWidget:
    names_written = ("aarina", "shani", "mairi", "anika", "tila", "rani")
    points = [
        (2.0, 0.31, 0.05, names_written, 0.2),
        (1.0, 0.44, 0.2, names_written, 0.5),
        (0.5, 0.61, 0.8, names_written, 1.1),
        (0.25, 0.7, 2.0, names_written, 1.9),
        (0.1, 0.55, 6.0, names_written, 3.0),
        (0, -2.3, 25.0, ("iiiiiiiiiiiiiiiiiiii",) * 6, 9.7),
    ]
    return w.RewardFrontier(points, beta=0.5)


def refusal_threshold() -> CourseWidget:
    known = torch.rand(120, generator=dice()) ** 6
    unknown = 1 - torch.rand(150, generator=dice()) ** 2
    return w.RefusalThreshold(known.tolist(), unknown.tolist(), threshold=0.3)


def token_explorer() -> CourseWidget:
    examples = ["aarav", " aarav", "Question: Who are you?", "नमस्ते", "🙂"]
    mixed = train_bpe([STORY, *names.load_names()[:400]], 500)
    return w.TokenizerExplorer(mixed, "nipun met a merry horse", examples=examples)


def prompt_box() -> CourseWidget:
    read = world.encode([world.EOT, *world.split_words(STORY)])
    words = world.WorldTokenizer()
    return w.PromptBox(load_gpt(), words, read, prompt="The shy cow was born in")


def score_matrix() -> CourseWidget:
    scores = [[1.0, 0, 0, 0], [2.0, 1, 0, 0], [0.0, 3, 0.5, 0], [0.0, 1, 1, 1]]
    return w.ScoreMatrix(scores, ["The", "cat", "was", "soft"])


def guess_game() -> CourseWidget:
    game = w.GuessGame(names.load_names(), seed=0)
    game.guesses = "ana"
    return game


FULL: dict[str, Callable[[], CourseWidget]] = {
    "GuessGame": guess_game,
    "SoftmaxBars": lambda: w.SoftmaxBars([0.5, 2.1, 0.3, -1, -2], list(".abin")),
    "SurprisalCurve": lambda: w.SurprisalCurve(p=0.58),
    "GradientSteps": lambda: w.GradientSteps([0.5, 2.1, 0.3, -1, -2], ".abin", "n"),
    "BigramMap": lambda: w.BigramMap(
        bigram_counts(names.load_names()), list(names.ALPHABET)
    ),
    "TrainingCurve": training_curve,
    "SamplingLab": sampling_lab,
    "EmbeddingMap": embedding_map,
    "TokenizerExplorer": token_explorer,
    "AttentionExplorer": attention,
    "ScoreMatrix": score_matrix,
    "DepthProfile": lambda: w.DepthProfile(n_layers=16),
    "LogitLens": logit_lens,
    "TrainingDashboard": dashboard,
    "ContextCost": lambda: w.ContextCost(n=1024),
    "KVCacheStepper": lambda: w.KVCacheStepper(
        world.split_words(STORY)[:10], n_prompt=3, step=4
    ),
    "PromptBox": prompt_box,
    "LossMask": loss_mask,
    "StageSwitcher": stage_switcher,
    "ProbeTable": probe_table,
    "RefusalThreshold": refusal_threshold,
    "ToolTrace": tool_trace,
    "PreferenceButtons": preference_buttons,
    "RewardFrontier": reward_frontier,
}

PAGE = """<!doctype html><meta charset="utf-8"><title>widgets</title><style>
:root { --jp-content-font-size1: 14px; } body { margin: 0; font-family: sans-serif; }
.shelf { padding: 8px; }</style><body><script type="module">
const modules = new Map();
const load = async (text) => {
    if (!modules.has(text)) {
        const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
        modules.set(text, (await import(url)).default);
    }
    const found = modules.get(text);
    return typeof found === 'function' ? found() : found;
};
/** What anywidget gives a view, without a kernel behind it. */
function modelOf(state) {
    const readers = new Map();
    return {
        get: (name) => state[name],
        set(name, value) {
            if (state[name] === value) return;
            state[name] = value;
            for (const read of readers.get(`change:${name}`) ?? []) read();
        },
        on: (event, read) => {
            if (!readers.has(event)) readers.set(event, new Set());
            readers.get(event).add(read);
        },
        off: (event, read) => readers.get(event)?.delete(read),
        save_changes() {}, send() {},
    };
}
const bytesOf = (text) => new DataView(
    Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
window.show = async ({ name, script, style, state, buffers }) => {
    const shelf = document.createElement('div');
    shelf.className = 'shelf';
    shelf.id = name;
    const sheet = document.createElement('style');
    sheet.textContent = style;
    const el = document.createElement('div');
    shelf.append(sheet, el);
    document.body.append(shelf);
    for (const [key, text] of Object.entries(buffers)) state[key] = bytesOf(text);
    const model = modelOf(state);
    const widget = await load(script);
    await widget.initialize?.({ model });
    await widget.render({ model, el });
};
window.ready = true;
</script></body>"""


def portable(name: str, widget: CourseWidget) -> dict[str, Any]:
    """What a page needs to draw the widget: script, style and state."""
    state, paths, buffers = _remove_buffers(widget.get_state())
    own = {k: v for k, v in state.items() if not k.startswith("_")}
    found = {
        path[0]: base64.b64encode(bytes(buffer)).decode("ascii")
        for path, buffer in zip(paths, buffers, strict=True)
    }
    skip = {"layout", "tabbable", "tooltip", "comm"}
    own = {k: v for k, v in own.items() if k not in skip}
    return {
        "name": name,
        "script": str(widget._esm),
        "style": str(widget._css),
        "state": json.loads(json.dumps(own)),
        "buffers": found,
    }


def everything() -> list[dict[str, Any]]:
    """All widgets in the order of the course, ready for a page."""
    return [portable(name, make()) for name, make in FULL.items()]
