"""What the search ranks first, and what it says of each page.

The search's index is Sphinx's own. A page from a folder may not read other pages, so
what a result says is built in: the question of a lesson, or, for a word of the
glossary, what it means; and the lesson that builds the word comes first.
"""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from classroom import glossary
from classroom.glossary import Word

LONGEST = 160
"""Characters that are said of a page."""
MARKS = re.compile(r"\[([^\]]*)\]\([^)]*\)|[*_`]|<[^>]*>")
SCORER = """\
// Made by classroom/site/search.py; Sphinx calls `Scorer.score` for each result.
const courseBuilt = %(built)s;
const courseAbout = %(about)s;
const courseAsked = (new URLSearchParams(location.search).get("q") ?? "")
  .trim().toLowerCase().replace(/\\s+/g, " ");
var Scorer = {
  objNameMatch: 11, objPartialMatch: 6, objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0, title: 15, partialTitle: 7, term: 5, partialTerm: 2,
  score(result) {
    const [page, , , , score] = result;
    const word = courseBuilt[courseAsked] ?? courseBuilt[courseAsked.replace(/s$/, "")];
    const built = word?.page === page;
    result[3] = built ? word.says : result[3] || courseAbout[page];
    return built ? score + 1000 : score;
  },
};
"""


def scorer(pages: Mapping[str, str], words: Iterable[Word]) -> str:
    r"""The script that ranks: `pages` holds each page's source, by its name.

    >>> word = Word(word="logits", says="Scores.", lesson="02")
    >>> script = scorer({"02_logits": "# 2. Logits\n\nWhat is a score?"}, [word])
    >>> script.splitlines()[1]
    'const courseBuilt = {"logits": {"page": "02_logits", "says": "Scores."}};'
    """
    lessons = {name[:2]: name for name in pages if re.match(r"\d\d_", name)}
    built: dict[str, dict[str, str]] = {}
    for word in words:
        told = {"page": lessons.get(word.lesson, ""), "says": word.says}
        for name in word.names:
            built.setdefault(name.lower(), told)
    about = {name: about_page(text) for name, text in pages.items()}
    tables = {"built": built, "about": about}
    return SCORER % {name: json.dumps(table) for name, table in tables.items()}


def about_page(text: str) -> str:
    r"""The first paragraph of a page in plain words, cut where it is long.

    >>> about_page("---\nx: y\n---\n# A title\n\n**How** [far](a.md)?\n\nMore.")
    'How far?'
    """
    _, *parts = re.split(r"\n\s*\n", text.partition("# ")[2])
    words = next((part for part in parts if re.match(r"[\w*\[]", part)), "")
    said = " ".join(MARKS.sub(r"\1", words).split())
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1].rstrip()}…"


def write_scorer(source: Path) -> Path:
    """Write the script for all pages whose sources lie in a folder; where it is."""
    pages = {}
    for path in sorted((*source.glob("**/*.md"), *source.glob("**/*.ipynb"))):
        name = path.relative_to(source)
        if name.parts[0].startswith("_"):
            continue
        text = path.read_text("utf-8")
        if path.suffix == ".ipynb":
            text = "".join(json.loads(text)["cells"][0]["source"])
        pages[name.with_suffix("").as_posix()] = text
    target = source / "scorer.js"
    target.write_text(scorer(pages, glossary.read().words), encoding="utf-8")
    return target
