"""A text of the reader's own: what a widget shows of it is asked for."""

from collections.abc import Callable, Mapping
from typing import Any

import traitlets

from course_play.widgets.base import CourseWidget

Ask = Callable[[str], Mapping[str, Any]]
"""A text to what a widget needs of it, by the names of its constructor."""


class OfOwnText(CourseWidget):
    """A picture of a text, with a box for a text of the reader's own (`own_text.js`).

    A subclass gives `text_traits`; its `__init__` calls `_take_texts` last. The view
    sets `text` and counts `asked` up; when `answered` has followed, all traits of the
    new text are there. A text that cannot be read changes nothing but `error`.
    """

    text = traitlets.Unicode("").tag(sync=True)
    asks = traitlets.Bool(False).tag(sync=True)
    asked = traitlets.Int(0).tag(sync=True)
    answered = traitlets.Int(0).tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)

    def text_traits(self, *args: Any, **parts: Any) -> dict[str, Any]:
        """The traits of a text, out of what `ask` gives.

        Raises:
            ValueError: for a text that the picture has no room for.
        """
        raise NotImplementedError(f"{type(self).__name__} must define text_traits()")

    def _take_texts(self, ask: Ask | None) -> None:
        if ask is None:
            return
        self._ask, self._question = ask, ("", 0)
        self.asks = True
        self.observe(lambda change: self._answer(), ["text", "asked"])

    def _answer(self) -> None:
        question = (self.text, self.asked)
        if question == self._question:
            return  # both changed at once: one answer is enough
        self._question = question
        with self.hold_sync():
            try:
                traits = self.text_traits(**self._ask(self.text))
            except ValueError as error:
                traits = {"error": str(error)}
            for name, value in {"error": "", **traits, "answered": self.asked}.items():
                setattr(self, name, value)
