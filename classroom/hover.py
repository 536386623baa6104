"""Marks the words of the glossary where a page uses them first.

A page is HTML, for example one that Sphinx has made. It is read, not rebuilt: the marks
are put in between, and every other byte stays.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser

from classroom.glossary import Word, read

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"}
SILENT_TAGS = {
    *("a", "button", "code", "dfn", "h1", "h2", "h3", "h4", "h5", "h6", "head", "kbd"),
    *("label", "math", "nav", "option", "pre", "samp", "script", "select", "style"),
    *("summary", "svg", "table", "textarea", "title"),
}
SILENT_CLASSES = {"cell", "math", "course-formula", "course-widget", "course-term"}
"""Elements inside which no word is marked: tags, and classes of Sphinx and the site."""


@dataclass(frozen=True)
class _Run:
    """A piece of a page between two tags: from where to where."""

    start: int
    end: int


class _Texts(HTMLParser):
    """Finds the pieces of running text in a page, and leaves the page as it is."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=False)
        starts = [0, *(m.end() for m in re.finditer("\n", page))]
        self._line_starts, self._page = starts, page
        self._open: list[tuple[str, bool]] = []
        self._only_article = "<article" in page
        self.runs: list[_Run] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").split()
        silent = tag in SILENT_TAGS or not SILENT_CLASSES.isdisjoint(classes)
        if tag not in VOID:
            self._open.append((tag, silent))

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        """`<br/>` holds nothing."""

    def handle_endtag(self, tag: str) -> None:
        if any(tag == name for name, _ in self._open):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        self._keep(len(data))

    def handle_charref(self, name: str) -> None:
        self._keep_reference(f"&#{name}")

    def handle_entityref(self, name: str) -> None:
        self._keep_reference(f"&{name}")

    def _keep_reference(self, text: str) -> None:
        start = self._start()
        self._keep(len(text) + self._page.startswith(f"{text};", start))

    def _start(self) -> int:
        line, column = self.getpos()
        return self._line_starts[line - 1] + column

    def _keep(self, length: int) -> None:
        article = not self._only_article or any(t == "article" for t, _ in self._open)
        if not article or any(silent for _, silent in self._open):
            return
        start = self._start()
        if self.runs and self.runs[-1].end == start:
            start = self.runs.pop().start
        self.runs.append(_Run(start, self._start() + length))


def hover_terms(page: str, words: Sequence[Word] | None = None) -> str:
    """A page whose words are marked where they come first, with what they mean.

    A mark is `<dfn class="course-term" tabindex="0" data-says="...">word</dfn>`. Only
    running text is marked: no code, link, heading, formula, table or widget, and where
    a page has an `<article>`, nothing outside it. Every other byte stays as it is,
    and marking a marked page changes nothing.

    Args:
        page: HTML, a whole page or a piece of one.
        words: whose uses are marked; None for those of the glossary.

    >>> word = Word(word="nat", says="A unit.", lesson="00")
    >>> hover_terms("<p>One nat, two nats.</p>", [word])[:60]
    '<p>One <dfn class="course-term" tabindex="0" data-says="A un'
    """
    marked = [w for w in (_ours() if words is None else words) if w.mark]
    names = sorted(((n, w) for w in marked for n in w.names), key=_longest_first)
    pattern = _pattern(tuple(name for name, _ in names))
    done = {word.word for word in marked if _opening(word) in page}
    parts, at = list[str](), 0
    for run in _Texts(page).runs:
        for found in pattern.finditer(page, run.start, run.end):
            word = names[(found.lastindex or 1) - 1][1]
            if word.word in done:
                continue
            done.add(word.word)
            parts += [page[at : found.start()], _opening(word), found[0], "</dfn>"]
            at = found.end()
    return "".join([*parts, page[at:]])


def is_used(word: Word, text: str) -> bool:
    """Does a text use a word, in any of its forms?

    >>> is_used(Word(word="loss mask", says="", lesson="20"), "Two loss masks")
    True
    """
    return _pattern(tuple(word.names)).search(text) is not None


def _opening(word: Word) -> str:
    says = html.escape(word.says, quote=True)
    return f'<dfn class="course-term" tabindex="0" data-says="{says}">'


@cache
def _ours() -> list[Word]:
    return read().words


def _longest_first(named: tuple[str, Word]) -> tuple[int, str]:
    return -len(named[0]), named[0]


@cache
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """One group for each name, the longer names first."""
    groups = "|".join(f"({_any_form(name)})" for name in names)
    return re.compile(rf"(?<![\w-])(?:{groups})(?![\w-])")


def _any_form(name: str) -> str:
    """A pattern for a name: at the start of a sentence, as a plural, over two lines.

    >>> bool(re.fullmatch(_any_form("vocabulary"), "Vocabularies"))
    True
    >>> bool(re.fullmatch(_any_form("Adam"), "adam"))
    False
    """
    body, ending = name, "s?" if name[-1].isalpha() else ""
    if re.search(r"[^aeiou]y\Z", name):
        body, ending = name[:-1], "(?:y|ies)"
    elif re.search(r"(?:s|x|ch|sh)\Z", name):
        ending = "(?:es)?"
    pattern = re.escape(body).replace(r"\ ", r"\s+")
    pattern = pattern.replace("'", "(?:'|’|&#x27;|&#39;|&rsquo;)")
    if name == name.lower() and name[0].isalpha():
        pattern = f"[{name[0]}{name[0].upper()}]{pattern[1:]}"
    return pattern + ending
