"""Every widget: its arguments, its text, its PNG twin."""

import base64
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

import course_play.widgets as widgets
from classroom.lessons import Lesson
from course_lib.mlp import NameMLP, NameMLPConfig
from course_play.widgets import SamplingLab, SoftmaxBars, SurprisalCurve
from course_play.widgets.base import CourseWidget, module_text, style_text
from tests.course_play.widget_examples import example_of
from tests.course_play.widget_js import WIDGETS

NAMES = ["aarav", "asha", "bala", "meera", "ravi", "zoya"]
VIEW = "application/vnd.jupyter.widget-view+json"
LESSONS = Path(__file__).parents[2] / "notebooks" / "source"


def read(path: str | Path) -> str:
    return Path(path).read_text("utf-8")


def model() -> NameMLP:
    return NameMLP(NameMLPConfig(hidden_dim=8), torch.Generator().manual_seed(0))


every_widget = pytest.mark.parametrize("name", list(widgets.WIDGETS))


def test_every_script_is_a_widget_whose_type_is_known() -> None:
    """The names that mypy sees are those that a scan of the files finds."""
    helpers = {"base", "curves", "own_text"}
    scripts = {path.stem for path in WIDGETS.glob("*.js")} - helpers
    assert set(widgets.WIDGETS.values()) == scripts
    typed = re.findall(r"    from \.(\w+) import (\w+) as \2\n", read(widgets.__file__))
    assert {name: module for module, name in typed} == widgets.WIDGETS
    assert set(dir(widgets)) > widgets.WIDGETS.keys()
    with pytest.raises(AttributeError, match="Nothing"):
        widgets.Nothing  # noqa: B018


def test_no_widget_is_loaded_before_it_is_asked_for() -> None:
    program = (
        "import sys, course_play.widgets as w; dir(w); print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True
    )
    assert done.stdout == "False\n", done.stderr


@every_widget
def test_its_first_line_names_the_lessons_that_show_it(name: str) -> None:
    """All of them, or the first "and later" where nearly every lesson does."""
    first = read(WIDGETS / f"{widgets.WIDGETS[name]}.py").partition("\n")[0]
    numbers = r"(\d\d(?:(?:, | and )\d\d)*)"
    told = re.match(rf'"""Lessons? {numbers}( and later)?: ', first)
    assert told, first
    shown = [
        path.stem[:2]
        for path in sorted(LESSONS.glob("[0-9]*.py"))
        if re.search(rf"\b{name}\(", read(path)) and not Lesson(path).is_own
    ]
    assert re.findall(r"\d\d", told[1]) == (shown[:1] if told[2] else shown)


@every_widget
def test_its_text_depends_on_its_state_alone(name: str) -> None:
    first, second = example_of(name).make(), example_of(name).make()
    assert repr(first) == repr(second) == first.describe()
    assert repr(first).startswith(name)
    assert "0x" not in repr(first)


@every_widget
def test_it_comes_with_a_png_alt_text_and_plain_text(name: str) -> None:
    widget = example_of(name).make()
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
    widget = example_of(name).make()
    module = widgets.WIDGETS[name]
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
