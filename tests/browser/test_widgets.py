"""Each widget, touched as a student touches it: by key, by mouse, in both themes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator

from course_play.widgets import WIDGETS
from tests.course_play.widget_examples import example_of

from .accessibility import violations
from .lab import Lab, Notebook

SETUP = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from course_lib.train import Record
from tests.course_play.widget_examples import example_of
"""
PICTURE = """root => [...root.querySelectorAll(
    'svg, canvas, .ltg-gauge, .ltg-tokens, .ltg-card, [role=list], td')]
    .map(node => node.innerHTML + (node.toDataURL?.() ?? '')).join('')"""
HTML = "root => root.outerHTML"
SPOKEN = """root => [...root.querySelectorAll('[aria-live], output')]
    .map(node => node.textContent).join(' ').trim()"""

every_widget = pytest.mark.parametrize("name", list(WIDGETS))


def selector_of(name: str) -> str:
    return f".ltg-{WIDGETS[name].replace('_', '-')}"


def root_of(lab: Lab, name: str) -> Locator:
    """Return the drawn root of a widget of the gallery."""
    root = lab.page.locator(f".jp-OutputArea {selector_of(name)}")
    root.wait_for()
    return root


@pytest.fixture(scope="module")
def gallery(lab: Lab) -> Iterator[Notebook]:
    """Open a notebook that shows every widget, run."""
    cells = [f"{name} = example_of({name!r}).make()\n{name}" for name in WIDGETS]
    with lab.show(SETUP, *cells, name="gallery.ipynb") as notebook:
        yield notebook


def assert_it_moves(notebook: Notebook, name: str, root: Locator, key: bool) -> None:
    """Touch a widget once; picture, spoken words and the kernel's text must follow."""
    lab = notebook.lab
    lab.wait_until(lambda: root.evaluate(SPOKEN) != "")
    picture, spoken = root.evaluate(PICTURE), root.evaluate(SPOKEN)
    words = notebook.ask(name)
    if key:
        selector, *presses = example_of(name).keys
        root.locator(selector).focus()
        for press in presses:
            lab.page.keyboard.press(press)
    else:
        selector, x, y = example_of(name).mouse
        target = root.locator(selector)
        target.scroll_into_view_if_needed()
        box = target.bounding_box()
        assert box is not None, f"{selector} is not drawn"
        # click() waits until cells above, still being drawn, no longer push it about
        target.click(position={"x": x * box["width"], "y": y * box["height"]})
    lab.wait_until(lambda: root.evaluate(PICTURE) != picture)
    lab.wait_until(lambda: root.evaluate(SPOKEN) != spoken)
    lab.wait_until(lambda: notebook.ask(name) != words)


@every_widget
def test_a_key_moves_picture_and_words(gallery: Notebook, name: str) -> None:
    assert_it_moves(gallery, name, root_of(gallery.lab, name), key=True)


@every_widget
def test_the_mouse_moves_picture_and_words(gallery: Notebook, name: str) -> None:
    assert_it_moves(gallery, name, root_of(gallery.lab, name), key=False)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(gallery: Notebook, dark: bool) -> None:
    gallery.lab.theme(dark=dark)
    for name in WIDGETS:
        root_of(gallery.lab, name)
    assert violations(gallery.lab.page, ".jp-OutputArea .ltg") == []


def test_axe_looks_at_every_widget(gallery: Notebook) -> None:
    for name in WIDGETS:
        root = root_of(gallery.lab, name)
        root.evaluate("node => node.append(document.createElement('button'))")
    found = violations(gallery.lab.page, ".jp-OutputArea .ltg")
    for name in WIDGETS:
        root = root_of(gallery.lab, name)
        root.evaluate("node => node.lastChild.remove()")
    [where] = [where for rule, where in found if rule == "button-name"]
    assert where.count("<button>") == len(WIDGETS)


@every_widget
def test_tab_reaches_every_control(gallery: Notebook, name: str) -> None:
    root = root_of(gallery.lab, name)
    hidden = root.locator("input, button, select, [tabindex='0']").evaluate_all(
        "nodes => nodes.filter(node => node.disabled ? false : node.tabIndex < 0)"
        ".map(node => node.outerHTML)"
    )
    assert hidden == []


def test_the_training_curve_grows_as_losses_arrive(gallery: Notebook) -> None:
    root = root_of(gallery.lab, "TrainingCurve")
    before = root.evaluate(PICTURE)
    gallery.ask("TrainingCurve.add(60, train=1.5)")
    gallery.lab.wait_until(lambda: root.evaluate(PICTURE) != before)


def test_a_curve_is_shown_while_it_grows_and_is_gone_when_it_is_finished(
    lab: Lab,
) -> None:
    make = "from course_play.widgets import TrainingCurve\ncurve = TrainingCurve(9)\n"
    grow = "curve.show()\ncurve.add(1, train=3.0)"
    with lab.show(make + grow, name="growing.ipynb") as notebook:
        live = notebook.widget(0)
        live.wait_for()
        before = live.evaluate(PICTURE)
        notebook.ask("curve.add(5, train=2.0)")
        lab.wait_until(lambda: live.evaluate(PICTURE) != before)
        notebook.ask("curve.finish()")
        lab.wait_until(lambda: live.count() == 0)
        assert notebook.undrawn() == []
        assert notebook.complaints() == []
    end = "curve.finish()\ncurve"
    with lab.show(f"{make}{grow}\n{end}", name="grown.ipynb") as notebook:
        notebook.widget(0).wait_for()
        lab.wait_until(lambda: notebook.output_area(0).locator(".ltg").count() == 1)


def test_the_dashboard_grows_and_walks_back_from_sample_to_sample(
    gallery: Notebook,
) -> None:
    root, lab = root_of(gallery.lab, "TrainingDashboard"), gallery.lab
    gallery.ask("setattr(TrainingDashboard, 'look', None)")
    gallery.ask("TrainingDashboard.add(Record(40, 0.9, 0.9, 0.0, sample='40 frogs'))")
    sample = root.locator(".ltg-td-sample")
    lab.wait_until(lambda: sample.inner_text() == "40 frogs")
    assert "10,000" in root.locator(".ltg-tiles").inner_text()
    for step in (30, 20):
        root.get_by_role("button", name="Earlier sample").click()
        lab.wait_until(lambda step=step: sample.inner_text() == f"{step} cows")
    root.get_by_role("button", name="Follow the newest").click()
    lab.wait_until(lambda: sample.inner_text() == "40 frogs")
    assert "10,000" not in gallery.ask("TrainingDashboard.get_state()")


def test_the_sampling_lab_reads_a_typed_prompt(gallery: Notebook) -> None:
    root = root_of(gallery.lab, "SamplingLab")
    before = root.evaluate(PICTURE)
    prompt = root.get_by_label("Name so far")
    prompt.fill("ash")
    gallery.lab.wait_until(lambda: root.evaluate(PICTURE) != before)
    gallery.lab.wait_until(lambda: gallery.ask("SamplingLab.prompt") == "'ash'")
    prompt.fill("a1")
    assert "1" in root.get_by_role("alert").inner_text()
    assert gallery.ask("SamplingLab.prompt") == "'ash'"


def test_the_tokenizer_explorer_reads_any_script(gallery: Notebook) -> None:
    root = root_of(gallery.lab, "TokenizerExplorer")
    root.get_by_label("Text", exact=True).fill("meera न")
    gallery.lab.wait_until(lambda: "न" in gallery.ask("TokenizerExplorer.text"))
    tokens = root.locator(".ltg-bytes").all_inner_texts()
    assert "".join(tokens).startswith("meera")
    assert gallery.ask("list(map(len, TokenizerExplorer.tokens))").count(",") == (
        len(tokens) - 1
    )
    root.get_by_role("button", name="नमस्ते").click()
    gallery.lab.wait_until(lambda: "नमस्ते" in gallery.ask("TokenizerExplorer.text"))


def test_the_prompt_box_asks_python_and_says_what_it_cannot_read(
    gallery: Notebook,
) -> None:
    root, lab = root_of(gallery.lab, "PromptBox"), gallery.lab
    prompt = root.get_by_label("Prompt")
    prompt.fill("The cow")
    prompt.press("Enter")
    lab.wait_until(lambda: "'The cow'" in gallery.ask("PromptBox.prompt"))
    lab.wait_until(
        lambda: root.locator(".ltg-pb-row >> nth=0").inner_text()[:3] == "The"
    )
    assert root.get_by_role("alert").inner_text() == ""
    prompt.fill("The yak")
    prompt.press("Enter")
    lab.wait_until(lambda: "'yak'" in root.get_by_role("alert").inner_text())
    prompt.fill("The cat")
    root.get_by_role("button", name="Go on").click()
    lab.wait_until(lambda: root.get_by_role("alert").inner_text() == "")
    root.get_by_role("button", name="Once there was").click()
    lab.wait_until(lambda: gallery.ask("PromptBox.prompt") == "'Once there was'")
    prompt.fill("IT " + "x" * 300)
    prompt.press("Enter")
    lab.wait_until(lambda: "near words" in root.get_by_role("alert").inner_text())
    assert root.evaluate("card => card.scrollWidth - card.clientWidth") == 0
    prompt.fill("once there was")
    prompt.press("Enter")  # the box shows how it was read
    lab.wait_until(lambda: prompt.input_value() == "Once there was")
    root.get_by_label("copies").check()
    lab.wait_until(lambda: gallery.ask("PromptBox.mark") == "'copies'")


def test_the_logit_lens_reads_a_typed_text_and_says_what_it_cannot_read(
    gallery: Notebook,
) -> None:
    root, lab = root_of(gallery.lab, "LogitLens"), gallery.lab
    box = root.get_by_label("A text of your own")
    heads = root.get_by_role("rowheader")
    box.fill("it said MOO.")
    box.press("Enter")
    lab.wait_until(
        lambda: heads.all_inner_texts() == ["<eot>", "it", "said", "moo", "."]
    )
    assert gallery.ask("LogitLens.read().top[0][0]") in (
        f"'{word}'" for word in root.locator(".ltg-ll-name").all_inner_texts()
    )
    assert box.evaluate("node => node === document.activeElement")
    box.fill("The yak")
    root.get_by_role("button", name="Look inside").click()
    lab.wait_until(lambda: "'yak'" in root.get_by_role("alert").inner_text())
    assert heads.count() == 5
    box.fill("The cow")
    box.press("Enter")
    lab.wait_until(lambda: heads.count() == 3)
    assert root.get_by_role("alert").inner_text() == ""


def test_space_presses_the_button_in_focus_and_else_cannot_say(
    gallery: Notebook,
) -> None:
    root, lab = root_of(gallery.lab, "PreferenceButtons"), gallery.lab
    gallery.ask("setattr(PreferenceButtons, 'choices', [])")
    lab.wait_until(lambda: "Case 1 of 6" in root.inner_text())
    root.locator("[tabindex='0']").focus()
    for key in (" ", "a", "u", "b"):
        lab.page.keyboard.press(key)
    root.get_by_role("button", name="A is better").focus()
    lab.page.keyboard.press(" ")
    choices = "['skip', 'b', 'a']"
    lab.wait_until(lambda: gallery.ask("PreferenceButtons.choices") == choices)
    for _ in range(5):
        root.get_by_role("button", name="Cannot say").click(force=True)
    lab.wait_until(lambda: "All cases are decided" in root.inner_text())
    lab.wait_until(lambda: gallery.ask("len(PreferenceButtons.pairs)") == "2")
    root.get_by_role("button", name="Undo").click()
    lab.wait_until(lambda: "Case 6 of 6" in root.inner_text())


def test_the_stage_switcher_asks_python_and_says_who_cannot_read(
    gallery: Notebook,
) -> None:
    root, lab = root_of(gallery.lab, "StageSwitcher"), gallery.lab
    cards = root.get_by_role("list", name="Answers")
    gallery.ask("setattr(StageSwitcher, 'shown', ['base', 'sft'])")
    question = root.get_by_label("Question")
    question.fill("Who said yak ?")
    question.press("Enter")
    alert = root.get_by_role("alert")
    lab.wait_until(lambda: alert.inner_text().count("no word of mine") == 1)
    assert not cards.is_visible()
    question.fill("Who said moo ?")
    root.get_by_role("button", name="Ask").click()
    lab.wait_until(lambda: cards.inner_text().count("Who said moo ? yes") == 2)
    assert alert.inner_text() == ""
    assert cards.inner_text().count("✓ has the true answer") == 2
    root.get_by_role("button", name="Are you moo ?").click()
    lab.wait_until(lambda: cards.inner_text().count("Are you moo ? yes") == 2)
    question.fill("Who said moo ?")
    question.press("Enter")
    root.get_by_label("sft").uncheck()
    lab.wait_until(lambda: gallery.ask("StageSwitcher.shown") == "['base']")
    lab.wait_until(lambda: cards.inner_text().count("Who said moo ? yes") == 1)


def test_the_answer_is_in_the_page_only_after_a_guess(lab: Lab) -> None:
    make = """
from course_play.widgets import Predict
box = Predict("How many?", 48151, unit="names", because="Because of the zebra.")
box"""
    with lab.show(make, name="predict.ipynb") as notebook:
        box = notebook.widget(0)
        show = box.get_by_role("button", name="Show the answer")
        typed = box.get_by_label("Your guess")
        secret = re.compile("48,?151|zebra")

        assert show.is_disabled()
        typed.fill("many")
        typed.press("Enter")
        assert "not a number" in box.get_by_role("alert").inner_text()
        typed.fill("50,000")
        typed.press("Enter")
        lab.wait_until(lambda: notebook.ask("box.guesses") == "['50,000']")
        assert box.get_by_role("alert").inner_text() == ""
        assert not secret.search(box.evaluate(HTML))
        notebook.ask("setattr(box, 'guesses', ['50,000', '7', '7'])")
        chips = box.get_by_role("list", name="Guesses")
        lab.wait_until(lambda: "7 \u00d7 2" in chips.inner_text())
        show.click()
        lab.wait_until(lambda: "The answer is 48,151 names." in box.inner_text())
        assert typed.is_disabled()
        lab.wait_until(lambda: notebook.ask("box.shown") == "True")
        box.get_by_role("button", name="Start again").click()
        assert not secret.search(box.evaluate(HTML))
        assert typed.evaluate("node => node === document.activeElement")
        assert notebook.complaints() == []


def test_an_option_that_is_chosen_becomes_a_guess_when_the_answer_is_shown(
    lab: Lab,
) -> None:
    make = """
from course_play.widgets import Predict
word = Predict("Which animal?", "zebra", options=["yak", "zebra"], because="Stripes.")
word"""
    with lab.show(make, name="options.ipynb") as notebook:
        word = notebook.widget(0)
        show = word.get_by_role("button", name="Show the answer")
        assert show.is_disabled()
        word.get_by_label("yak").focus()
        lab.page.keyboard.press("Space")
        assert "Stripes" not in word.evaluate(HTML)
        show.click()
        lab.wait_until(lambda: "You said yak." in word.inner_text())
        lab.wait_until(lambda: notebook.ask("word.guesses") == "['yak']")
        assert notebook.complaints() == []


def test_the_gallery_ran_without_complaints(gallery: Notebook) -> None:
    gallery.lab.page.wait_for_load_state("networkidle")
    assert gallery.complaints() == []
    assert gallery.undrawn() == []
    assert len(gallery.widget_cells()) == len(WIDGETS)
