"""The course's words and formulas: one file, read here, and shown in three places.

`docs/glossary.toml` is the only source. From it come `docs/words_and_formulas.md`, the
pages of the site, and the marks that explain a word where a lesson uses it. After a
change: `python -m classroom.glossary` writes the page and names the bold words of the
lessons that are still missing.
"""

import html
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

from classroom.build import read_source
from classroom.kernel import Notebook
from classroom.lessons import NOTEBOOKS, ROOT, find_lessons

SOURCE = ROOT / "docs" / "glossary.toml"
PAGE = ROOT / "docs" / "words_and_formulas.md"
MAX_WORDS = 30
"""The longest that a sentence may be; two short ones are better than a long one."""
LESSON = re.compile(r"\d\d")
BOLD = re.compile(r"\*\*(?=\S)([^*]+?)(?<=\S)\*\*")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
NO_TERM = re.compile(r"[.,:;?!`$\[\]()=]|\A[\d ]+\Z")
LABELS = {"you will", "you need", "time", "back", "next"}
ORDERS = {
    *("ask", "begin", "choose", "find", "go", "look", "mark", "press", "raise", "set"),
    *("slide", "start", "switch", "take", "tell", "type", "walk"),
}
"""How the tasks of *Play with it* begin; these are no terms."""
LETTERS = """`B` texts in a batch, `T` tokens in a text, `C` numbers for each token,
`H` heads, `D = C / H`, `L` layers, `V` tokens in the vocabulary, `N` predictions."""
SHEET_STYLE = """@page { size: A4; margin: 10mm 12mm }
body { font: 9pt sans-serif; margin: 0; max-width: 186mm }
h1 { font-size: 13pt; margin: 0 } p { margin: 1mm 0 }
table { border-collapse: collapse; width: 100% }
td, th { border-bottom: 0.5pt solid #999; padding: 0.3mm 1mm; text-align: left }
@media screen { body { margin: 4mm } table { display: block; overflow-x: auto } }"""
Entry = TypeVar("Entry")


@dataclass(frozen=True, kw_only=True)
class Word:
    """A word of the course."""

    word: str
    """As the course writes it; brackets tell two meanings apart: `merge (of LoRA)`."""
    says: str
    """One or two plain sentences, `MAX_WORDS` words at most, no Markdown."""
    lesson: str
    """Two digits: the lesson that builds it."""
    elsewhere: list[str] = field(default_factory=list)
    """Other names, shown beside it."""
    forms: list[str] = field(default_factory=list)
    """Other forms of the word, which are not shown; plurals in -s need no entry."""
    mark: bool = True
    """Is it marked in texts? Not if it is an ordinary word, too, such as `key`."""

    @property
    def plain(self) -> str:
        """The word without what stands in brackets.

        >>> Word(word="merge (of LoRA)", says="", lesson="28").plain
        'merge'
        """
        return self.word.partition(" (")[0]

    @property
    def names(self) -> list[str]:
        """The word and its forms, as a text may show them."""
        return [self.plain, *self.forms]


@dataclass(frozen=True, kw_only=True)
class Formula:
    """A formula of the course."""

    name: str
    tex: str
    shapes: str
    """What its letters are, with the shape of each."""
    lesson: str


@dataclass(frozen=True)
class Glossary:
    """All words, all formulas, and the bold words that are none."""

    words: list[Word]
    formulas: list[Formula]
    no_words: dict[str, list[str]]
    """Reason -> what lessons print in bold without introducing a term."""

    def knows(self, term: str) -> bool:
        """Is a bold term an entry, another name of one, or listed as none?"""
        return _key(term) in self._known

    @cached_property
    def _known(self) -> frozenset[str]:
        ours = [n for w in self.words for n in (w.word, *w.names, *w.elsewhere)]
        listed = [n for many in self.no_words.values() for n in many]
        return frozenset(_key(name) for name in (*ours, *listed))


def read(path: Path = SOURCE) -> Glossary:
    """The glossary of a file.

    Raises:
        ValueError: an entry is wrong; the message names it.
    """
    data = tomllib.loads(path.read_text("utf-8"))
    words = [_entry(Word, one, "word") for one in data.get("word", [])]
    formulas = [_entry(Formula, one, "name") for one in data.get("formula", [])]
    reasons = data.get("no_word", [])
    no_words = {one["reason"]: list[str](one["bold"]) for one in reasons}
    for word in words:
        _check_word(word)
    _refuse_twins([(name, word.word) for word in words for name in _own_names(word)])
    _refuse_twins([(formula.name, formula.tex) for formula in formulas])
    return Glossary(words, formulas, no_words)


def _entry(kind: type[Entry], values: dict[str, Any], title: str) -> Entry:
    name = values.get(title, f"an entry without {title!r}")
    known = {f.name for f in fields(kind)}  # type: ignore[arg-type]  # a dataclass
    if strange := sorted(values.keys() - known):
        raise ValueError(f"{name}: there is no {strange[0]!r}; use {sorted(known)}")
    try:
        entry = kind(**values)
    except TypeError as error:
        raise ValueError(f"{name}: {error}") from None
    if not LESSON.fullmatch(values["lesson"]):
        raise ValueError(f"{name}: lesson {values['lesson']!r} is not two digits")
    if "|" in "".join(str(value) for value in values.values()):
        raise ValueError(f"{name}: a | would end the cell of a table")
    return entry


def _check_word(word: Word) -> None:
    says, length = word.says, len(word.says.split())
    if length > MAX_WORDS:
        raise ValueError(f"{word.word}: {length} words; say it in {MAX_WORDS}")
    if says != says.strip() or not says.endswith("."):
        raise ValueError(f"{word.word}: {says!r} does not end with a full stop")
    if re.search(r"[`$<>]|\*\*", says):
        raise ValueError(f"{word.word}: {says!r} must be plain text")


def _own_names(word: Word) -> list[str]:
    """What no other entry may be called. With brackets only the whole is its own."""
    return [word.word] if word.plain != word.word else word.names


def _refuse_twins(names: Sequence[tuple[str, str]]) -> None:
    """Raises if a name is that of two owners."""
    owners: dict[str, str] = {}
    for name, owner in names:
        if owners.setdefault(_key(name), owner) != owner:
            raise ValueError(f"{name}: two entries are called so; one is {owner!r}")


def _key(term: str) -> str:
    """A term as it is compared: without capitals, hyphens or a plural's s.

    >>> _key("Residual  Connections"), _key("bias"), _key("few-shot")
    ('residual connection', 'bias', 'few shot')
    """
    words = term.casefold().replace("-", " ").replace("’", "'").split()
    joined = " ".join(words)
    return joined[:-1] if re.search(r"[^suia']s\Z", joined) else joined


def bold_terms(notebook: Notebook) -> list[str]:
    """What a lesson's text prints in bold and that may be a term, each once.

    Labels (**You will**), headings that end with a full stop, code, formulas, numbers
    and tasks (**Slide the temperature**) are left out, and so is what is longer than
    four words.
    """
    found: dict[str, None] = {}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text = " ".join(FENCE.sub("", cell.source).replace("> ", "").split())
            found.update(dict.fromkeys(t for t in BOLD.findall(text) if _may_be(t)))
    return list(found)


def _may_be(bold: str) -> bool:
    words = bold.casefold().split()
    no_task = words[0] not in ORDERS or not bold[0].isupper()
    short = len(words) <= 4 and bold.casefold() not in LABELS
    return bool(short and no_task and not NO_TERM.search(bold))


def lacking(notebook: Notebook, glossary: Glossary) -> list[str]:
    """The bold terms of a lesson that the glossary does not know."""
    return [term for term in bold_terms(notebook) if not glossary.knows(term)]


def words_page(folder: str = "") -> str:
    """All words as a Markdown table.

    Args:
        folder: where the lessons are, seen from the page: "../notebooks/".

    Raises:
        ValueError: the glossary has an error.
    """
    head = ["word", "elsewhere", "in a sentence", "lesson"]
    words = sorted(read().words, key=lambda word: word.word.casefold())
    rows = [
        [f"**{w.word}**", ", ".join(w.elsewhere), w.says, _link(w.lesson, folder)]
        for w in words
    ]
    return _table(head, rows)


def formulas_page(folder: str = "") -> str:
    """All formulas as a Markdown table, and above it what their letters mean."""
    head = ["what", "formula", "letters and shapes", "lesson"]
    rows = [
        [f.name, f"${f.tex}$", f.shapes, _link(f.lesson, folder)]
        for f in read().formulas
    ]
    return f"{LETTERS}\n\n{_table(head, rows)}"


def formula_sheet() -> str:
    """The formulas as an HTML page of its own, drawn, for one sheet of A4."""
    from classroom.page import with_formulas

    rows = "".join(
        f"<tr><td>{html.escape(f.name)}</td><td>{with_formulas(f'${f.tex}$')}</td>"
        f"<td>{html.escape(f.shapes)}</td><td>{f.lesson}</td></tr>\n"
        for f in read().formulas
    )
    letters = LETTERS.replace("`", "")
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Formulas</title>
<style>{SHEET_STYLE}</style></head>
<body><h1>Formulas of the course</h1><p>{letters}</p>
<table><tr><th>what</th><th>formula</th><th>letters and shapes</th><th>lesson</th></tr>
{rows}</table></body></html>
"""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _link(number: str, folder: str) -> str:
    name = _lesson_names().get(number)
    return f"[{number}]({folder}{name}.ipynb)" if name else number


@cache
def _lesson_names() -> dict[str, str]:
    return {lesson.number: lesson.name for lesson in find_lessons()}


def whole_page(folder: str = f"../{NOTEBOOKS.name}/") -> str:
    """`docs/words_and_formulas.md`, or with another folder the same for elsewhere."""
    return f"""# Words and formulas

<!-- Written by `python -m classroom.glossary` from docs/glossary.toml. -->

The words of the course, what other books and programs call them, and the lesson that
builds each. The [formulas](#formulas) stand below.

## Words

{words_page(folder)}
## Formulas

{formulas_page(folder)}"""


def main() -> int:
    """Write the page; say which bold words of the lessons the glossary lacks."""
    glossary = read()
    PAGE.write_text(whole_page(), "utf-8")
    print(
        f"{len(glossary.words)} words, {len(glossary.formulas)} formulas: {PAGE.name}"
    )
    lost = 0
    for lesson in find_lessons():
        missing = [] if lesson.is_own else lacking(read_source(lesson.source), glossary)
        lost += len(missing)
        if missing:
            print(f"{lesson.name}: not in {SOURCE.name}: {', '.join(missing)}")
    return 1 if lost else 0


if __name__ == "__main__":
    raise SystemExit(main())
