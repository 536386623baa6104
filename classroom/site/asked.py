"""Who answers what is typed on a page; what it says where a picture stands still."""

import html
import re
from typing import Any

from classroom.lessons import Lesson
from course_play.widgets import WIDGETS
from tiny_world.assistant.stages import STAGES

ANSWERING = {*STAGES, "warm start", "mine"}
"""Names of models that can answer on a page."""
STAND_IN = "mine"
"""A model that only the lesson trains: on a page a stored stage answers for it."""
TYPED = ("prompt_box", "stage_switcher", "token_lab")
"""Widgets that show little until somebody types."""
NOT_STORED = (
    "This picture stands still here: its build stored no state of it. In the notebook "
    "you can touch it; `course build {number}` stores it, and `course site` takes it."
)
TOO_LARGE = (
    "You cannot ask here: the real model is too large for a page. You see what it said "
    "when the lesson was built; in the notebook you can ask it."
)
NOT_KEPT = (
    "You cannot ask here: the lesson trains this model, and it stays in the notebook, "
    "where you can ask it. You see what it said when the lesson was built."
)
ALONE = (
    "You cannot ask in a page that is one file: its models stay with the site. You see "
    "what they said when the lesson was built."
)
FOR_MINE = (
    "On this page the stored stage “sft” answers for “mine”, the model that the "
    "notebook trains: the same recipe, trained longer."
)


def asked_models(kept: dict[str, Any], lesson: Lesson) -> list[str]:
    """The stored models that a widget asks when somebody types; [] if none can answer.

    >>> from pathlib import Path
    >>> lesson = Lesson(Path("notebooks/source/20_assistant.py"))
    >>> kept = {"widget": "stage_switcher.StageSwitcher"}
    >>> asked_models({**kept, "state": {"names": ["base", "sft"]}}, lesson)
    ['base', 'sft']
    >>> asked_models({**kept, "state": {"names": ["base", "yours"]}}, lesson)
    []
    """
    if lesson.needs_model or lesson.is_own:
        return []
    kind = kept["widget"].partition(".")[0]
    names: list[str] = kept["state"].get("names", [])
    of_a_text = ["base"] if kept["state"].get("asks") else []
    asked = {
        "prompt_box": ["base"],
        "logit_lens": of_a_text,
        "attention_explorer": of_a_text,
        "tool_trace": ["tools"],
        "stage_switcher": names if set(names) <= ANSWERING else [],
    }
    return asked.get(kind, [])


def said_of(kept: dict[str, Any], lesson: Lesson) -> str:
    """One line above a widget whose models are not all here; "" where all is well.

    >>> from pathlib import Path
    >>> lesson = Lesson(Path("notebooks/source/26_a_real_model.py"))
    >>> said_of({"widget": "token_lab.TokenLab", "state": {}}, lesson)[:35]
    'You cannot ask here: the real model'
    """
    models = asked_models(kept, lesson)
    if STAND_IN in models:
        return FOR_MINE
    typed = kept["widget"].partition(".")[0] in TYPED or kept["state"].get("asks")
    if models or not typed:
        return ""
    return TOO_LARGE if lesson.needs_model else NOT_KEPT


def is_widget(output: Any) -> bool:
    """Is this output of a notebook the picture of one of the course's widgets?"""
    text = str(output.get("data", {}).get("text/plain", ""))
    name = re.match(r"\w+", text)
    return name is not None and name[0] in WIDGETS


def note(words: str) -> str:
    """The line as HTML; `words` in backticks are code.

    >>> note("run `course site`")
    '<p class="course-still">run <code>course site</code></p>'
    """
    text = re.sub(r"`(.+?)`", r"<code>\1</code>", html.escape(words, quote=False))
    return f'<p class="course-still">{text}</p>'
