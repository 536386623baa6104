"""Every widget: its arguments, its text, its PNG twin."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
import test_widgets_chat
import torch
from widget_js import WIDGETS

import course_lib.widgets as widgets
from course_lib import world
from course_lib.assistant.voices import Voice
from course_lib.chat import Event
from course_lib.gpt import GPT, GPTConfig
from course_lib.mlp import NameMLP, NameMLPConfig
from course_lib.names import ALPHABET
from course_lib.tokenizer import train_bpe
from course_lib.train import Record
from course_lib.widgets import SamplingLab, SoftmaxBars, SurprisalCurve
from course_lib.widgets.base import CourseWidget, module_text, style_text
from course_lib.widgets.reward_frontier import FrontierPoint

NAMES = ["aarav", "asha", "bala", "meera", "ravi", "zoya"]
VIEW = "application/vnd.jupyter.widget-view+json"


def model() -> NameMLP:
    return NameMLP(NameMLPConfig(hidden_dim=8), torch.Generator().manual_seed(0))


def curve() -> CourseWidget:
    made = widgets.TrainingCurve(100)
    made.add(0, train=3.3, val=3.31)
    made.add(50, train=2.4, val=2.5)
    return made


def dashboard() -> CourseWidget:
    made = widgets.TrainingDashboard(100, lines={"ln 9": 2.2}, floor=0.8)
    made.add(Record(0, 2.2, 2.2, 0.01, grad_norm=1.0, sample="cow cow"))
    made.add(Record(50, 1.4, 1.5, 0.005, grad_norm=0.5, sample="The cow said moo."))
    return made


def embedding_map() -> CourseWidget:
    snapshots = torch.randn(3, 27, 2, generator=torch.Generator().manual_seed(0))
    groups = ["vowel" if a in "aeiou" else "consonant" for a in ALPHABET]
    return widgets.EmbeddingMap(snapshots, [0, 10, 20], list(ALPHABET), groups)


def prompt_box() -> CourseWidget:
    config = GPTConfig(vocab_size=world.VOCAB_SIZE, emb_dim=16, n_layers=1)
    model = GPT(config, torch.Generator().manual_seed(0))
    known = world.encode("Once there was a shy cow. It said moo.")
    words = world.WorldTokenizer()
    return widgets.PromptBox(model, words, known, prompt="It said moo.", fresh=3.0)


MAKE: dict[str, Callable[[], CourseWidget]] = {
    "GuessGame": lambda: widgets.GuessGame(NAMES, seed=1),
    "SoftmaxBars": lambda: SoftmaxBars([0.5, 2.1, 0.3], list("iar")),
    "SurprisalCurve": lambda: SurprisalCurve(p=0.58),
    "GradientSteps": lambda: widgets.GradientSteps([0.5, 2.1, 0.3], list("iar"), 1),
    "BigramMap": lambda: widgets.BigramMap(torch.ones(27, 27), list(ALPHABET)),
    "TrainingCurve": curve,
    "SamplingLab": lambda: SamplingLab(model(), NAMES, prompt="aa", top_k=5),
    "EmbeddingMap": embedding_map,
    "TokenizerExplorer": lambda: widgets.TokenizerExplorer(
        train_bpe("banana bandana " * 3, 264), "a banana"
    ),
    "AttentionExplorer": lambda: widgets.AttentionExplorer(
        torch.ones(2, 3, 5, 5).tril() / torch.arange(1.0, 6.0)[:, None],
        ["the", "cat", "sat", "down", "."],
    ),
    "ScoreMatrix": lambda: widgets.ScoreMatrix(torch.eye(3), list("abc")),
    "DepthProfile": lambda: widgets.DepthProfile(n_layers=8),
    "LogitLens": lambda: widgets.LogitLens(
        torch.randn(3, 4, 12, generator=torch.Generator().manual_seed(0)),
        [1, 2, 3, 4, 5],
        list("abcdefghijkl"),
    ),
    "ContextCost": widgets.ContextCost,
    "KVCacheStepper": lambda: widgets.KVCacheStepper(list("abcdef"), n_prompt=2),
    "TrainingDashboard": dashboard,
    "PromptBox": prompt_box,
    **test_widgets_chat.MAKE,
    "StageSwitcher": lambda: widgets.StageSwitcher(
        [Voice("echo", lambda words: iter([Event("text", words)]), None)],
        question="Who are you ?",
    ),
    "PreferenceButtons": lambda: widgets.PreferenceButtons([("Hi !", "Hi .", "No .")]),
    "RewardFrontier": lambda: widgets.RewardFrontier(
        [FrontierPoint(0.3, 1.9, 2.0, ("soup .",)), FrontierPoint(0, 2.5, 9.0, ())]
    ),
}
every_widget = pytest.mark.parametrize("name", list(widgets.TABLE))


def test_the_table_lists_every_widget_there_is() -> None:
    modules = {path.stem for path in WIDGETS.glob("*.js")} - {"base", "curves"}
    assert {info.module for info in widgets.TABLE.values()} == modules
    assert set(widgets.__all__) == {*widgets.TABLE, "TABLE", "WidgetInfo"}
    assert MAKE.keys() == widgets.TABLE.keys()
    with pytest.raises(AttributeError, match="Nothing"):
        widgets.Nothing  # noqa: B018


@every_widget
def test_its_text_depends_on_its_state_alone(name: str) -> None:
    first, second = MAKE[name](), MAKE[name]()
    assert repr(first) == repr(second) == first.describe()
    assert repr(first).startswith(name)
    assert "0x" not in repr(first)


@every_widget
def test_it_comes_with_a_png_alt_text_and_plain_text(name: str) -> None:
    widget = MAKE[name]()
    data, metadata = widget._repr_mimebundle_()
    png = base64.b64decode(data["image/png"])
    assert png.startswith(b"\x89PNG")
    assert len(png) < 100_000
    alt = metadata["image/png"]["alt"]
    assert alt == widget.picture().alt
    assert len(alt) > 20
    assert data["text/plain"] == repr(widget)
    assert data[VIEW]["model_id"] == widget.model_id
    assert widget._repr_mimebundle_()[0]["image/png"] == data["image/png"]


@every_widget
def test_its_module_and_style_are_one_text_each(name: str) -> None:
    widget = MAKE[name]()
    module = widgets.TABLE[name].module
    assert widget._esm == module_text(module)
    assert widget._css == style_text(module)
    assert len(widget._esm) < 40_000


def test_a_widget_must_say_what_it_shows() -> None:
    bare = CourseWidget()
    with pytest.raises(NotImplementedError, match="CourseWidget must define describe"):
        bare.describe()
    with pytest.raises(NotImplementedError, match="CourseWidget must define picture"):
        bare.picture()


@pytest.mark.parametrize(
    ("logits", "labels", "said"),
    [
        ([], [], "0 logits: give 1 to 8"),
        ([0.0] * 9, ["x"] * 9, "9 logits: give 1 to 8"),
        ([1.0, 2.0], ["a"], "2 logits need as many labels, not 1"),
        ([1.0, float("inf")], ["a", "b"], "logit inf is not finite"),
        ([float("nan")], ["a"], "logit nan is not finite"),
    ],
)
def test_softmax_bars_refuse_what_they_cannot_show(
    logits: list[float], labels: list[str], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        SoftmaxBars(logits, labels)


def test_adding_to_all_logits_moves_no_probability() -> None:
    bars = SoftmaxBars([0.5, 2.1, 0.3], list("iar"))
    before = bars.probs
    bars.shift = 4.5
    assert bars.probs == pytest.approx(before, abs=1e-15)
    assert "4.5 added to all" in repr(bars)


def test_softmax_bars_widen_their_sliders_for_large_logits() -> None:
    assert SoftmaxBars([1000.0, 999.5], ["a", "b"]).reach == 1000
    assert SoftmaxBars([1.0], ["a"]).reach == 6


@pytest.mark.parametrize("p", [0.0, -0.1, 1.01, float("nan")])
def test_surprisal_refuses_what_is_no_probability(p: float) -> None:
    with pytest.raises(ValueError, match=f"p is {p}"):
        SurprisalCurve(p=p)
    curve = SurprisalCurve()
    with pytest.raises(ValueError, match=f"p is {p}"):
        curve.p = p


def test_a_certain_prediction_costs_nothing() -> None:
    assert SurprisalCurve(p=1).loss_nats == 0
    assert "costs 0.00 nats" in repr(SurprisalCurve(p=1))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"temperature": -0.5}, "temperature is -0.5"),
        ({"temperature": 3.5}, "temperature is 3.5"),
        ({"temperature": float("nan")}, "temperature is nan"),
        ({"top_k": 0}, "top_k is 0"),
        ({"top_k": 28}, "top_k is 28"),
        ({"top_p": 0.0}, "top_p is 0.0"),
        ({"top_p": 1.5}, "top_p is 1.5"),
        ({"prompt": "Aar"}, "prompt 'Aar' holds 'A'"),
        ({"prompt": "a."}, r"prompt 'a\.' holds '\.'"),
        ({"prompt": "a" * 21}, "prompt has 21 letters"),
        ({"n_names": 0}, "n_names is 0"),
        ({"n_names": 41}, "n_names is 41"),
    ],
)
def test_the_lab_refuses_knobs_out_of_range(words: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        SamplingLab(model(), NAMES, **words)
    (knob,) = words
    if knob != "n_names":
        lab = SamplingLab(model(), NAMES)
        with pytest.raises(ValueError, match=said):
            setattr(lab, knob, words[knob])


def test_the_lab_wants_a_name_mlp_of_27_letters() -> None:
    with pytest.raises(ValueError, match="model is a Linear: give a NameMLP"):
        SamplingLab(torch.nn.Linear(2, 2), NAMES)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="vocab_size is 5"):
        SamplingLab(NameMLP(NameMLPConfig(vocab_size=5)), NAMES)


def test_the_lab_keeps_its_own_copy_of_the_model() -> None:
    trained = model()
    lab = SamplingLab(trained, NAMES)
    before = lab.probs
    with torch.no_grad():
        trained.head.bias += torch.arange(27)
    assert lab.probs == before
    assert trained.head.weight.dtype == torch.float32


def test_the_same_dice_give_the_same_names_until_they_are_rolled_again() -> None:
    lab = SamplingLab(model(), NAMES, seed=3)
    names = lab.names
    lab.temperature = 2.5
    lab.temperature = 1.0
    assert lab.names == names
    lab.roll = 1
    assert lab.names != names
    assert SamplingLab(model(), NAMES, seed=4).names != names


def test_greedy_writes_one_name_and_marks_it_memorised_when_it_is_known() -> None:
    greedy = SamplingLab(model(), [], temperature=0).names
    assert len(set(greedy)) == 1
    lab = SamplingLab(model(), greedy, temperature=0)
    assert lab.memorised == [True] * 10
    assert "(memorised)" in repr(lab)
    assert max(lab.probs) == 1


def test_names_begin_with_the_prompt_and_are_cut_at_30_letters() -> None:
    endless = model()
    with torch.no_grad():
        endless.head.bias[0] = -1e4  # the end mark never comes
    names = SamplingLab(endless, NAMES, prompt="asha").names
    assert all(name.startswith("asha") and len(name) == 30 for name in names)


def test_every_temperature_has_its_line_at_the_restaurant() -> None:
    lab = SamplingLab(model(), NAMES)
    lines = set()
    for step in range(61):
        lab.temperature = min(3.0, 0.05 * step)
        lines.add(repr(lab).split("restaurant: ")[1].split("\n")[0])
    assert len(lines) == 7
