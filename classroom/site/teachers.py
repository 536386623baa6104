"""The teacher's guide on the site: its pages, and all of them as a booklet to print."""

import re
from collections.abc import Iterator
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString
from markdown_it import MarkdownIt

from classroom import guide
from classroom.page import with_formulas

FOLDER = "teachers"
"""Where the guide stands on the site; the lessons stand one folder above."""
BOOKLET = f"{FOLDER}/booklet.html"
WHERE = {
    f"({guide.TO_NOTEBOOKS}source/LEDGER.md": "(../ledger.md",
    guide.TO_NOTEBOOKS: "../",
    "(../homework.md": "(../marking.md",
    "(../words_and_formulas.md": "(../words.md",
    "(README.md": "(index.md",
}
"""What stands in the folder `docs`, and where that is on the site."""
TO_BOOKLET = '\n<p><a href="booklet.html">All pages as a booklet, to print</a></p>\n'
STYLE = """@page { size: A4; margin: 15mm 16mm 16mm;
  @bottom-center { content: counter(page); font: 8pt sans-serif } }
body { font: 9.2pt/1.35 sans-serif; margin: 0; color: #000; background: #fff }
article { break-before: page }
h1 { font-size: 15pt; margin: 0 0 2mm } h2 { font-size: 10.5pt; margin: 3mm 0 1mm }
h1, h2 { break-after: avoid } p, ul, ol { margin: 1mm 0 } li { margin: 0.6mm 0 }
ul, ol { padding-left: 5mm } tr, li, pre, .day { break-inside: avoid }
table { border-collapse: collapse; width: 100%; margin: 1mm 0 }
td, th { border: 0.4pt solid #999; padding: 0.5mm 1.2mm; text-align: left;
  vertical-align: top }
.plan :is(td, th):first-child, .day :is(td, th):first-child { width: 14mm }
.plan :is(td, th):nth-child(2), .plan :is(td, th):nth-child(3) { width: 32% }
pre, code { font: 8.4pt/1.3 monospace }
pre { background: #f3f3f3; padding: 1.5mm 2mm; margin: 1mm 0; white-space: pre }
a { color: inherit; text-decoration: none; border-bottom: 0.4pt dotted #777 }
@media screen { body { max-width: 182mm; margin: 5mm auto; padding: 0 4mm }
  article { border-top: 1pt solid #999; margin-top: 12mm; padding-top: 5mm }
  table, pre { display: block; overflow-x: auto } }"""


def texts(folder: Path = guide.FOLDER) -> dict[str, str]:
    """The pages for Sphinx: name in the source -> Markdown. None without a guide.

    Students are given the course without it (`classroom.homework.release`).
    """
    if not (folder / "README.md").is_file():
        return {}
    found = {f"{FOLDER}/{p.name}": _moved(p.read_text("utf-8")) for p in _files(folder)}
    first = found.pop(f"{FOLDER}/README.md")
    names = [p.stem for p in _files(folder) if p.stem != "README"]
    inside = "\n".join(["```{toctree}", ":hidden:", "", *names, "```"])
    title, rest = first.split("\n", 1)
    found[f"{FOLDER}/index.md"] = f"{title}\n{TO_BOOKLET}{rest}\n{inside}\n"
    return found


def _files(folder: Path) -> list[Path]:
    """How to use it, the plans, then lesson by lesson."""
    return [folder / "README.md", folder / "plans.md", *guide.pages(folder)]


def _moved(text: str) -> str:
    for before, after in WHERE.items():
        text = text.replace(before, after)
    return text


def booklet(folder: Path = guide.FOLDER) -> str:
    """The whole guide as one HTML page: contents, then each page on a new sheet."""
    articles = [_article(path) for path in _files(folder)]
    rows = "\n".join(f"<li>{_entry(article)}</li>" for article in articles)
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>The teacher's guide</title>
<style>{STYLE}</style></head>
<body><h1>From Logits to GPT: the teacher's guide</h1>
<ul class="contents">
{rows}
</ul>
{"".join(map(str, articles))}
</body></html>
"""


def _article(path: Path) -> Tag:
    """One page of the guide as HTML, with an id that the contents lead to."""
    page = MarkdownIt("commonmark").enable("table").render(path.read_text("utf-8"))
    soup = BeautifulSoup(f"<article>{page}</article>", "html.parser")
    article = soup.article
    assert article is not None
    article["id"] = f"page-{path.stem}"
    for table in article.find_all("table"):
        heads = [cell.get_text() for cell in table.find_all("th")]
        if heads[0] == "minutes":
            table["class"] = "plan" if len(heads) > 2 else "day"
    for link in article.find_all("a", href=True):
        link["href"] = _address(str(link["href"]))
    for text in _with_formulas(article):
        drawn = BeautifulSoup(with_formulas(str(text)), "html.parser")
        text.replace_with(*list(drawn.contents))
    return article


def _with_formulas(article: Tag) -> Iterator[NavigableString]:
    for text in article.find_all(string=re.compile(r"\$[^$]+\$")):
        if text.find_parent(["pre", "code"]) is None:
            yield text


def _entry(article: Tag) -> str:
    """A line of the contents."""
    head = article.h1
    assert head is not None, f"{article['id']} has no title"
    return f'<a href="#{article["id"]}">{head.decode_contents()}</a>'


def _address(to: str) -> str:
    """An address of a page of the guide as the booklet needs it.

    >>> _address("../../notebooks/05_counting.ipynb#train-it"), _address("05.md")
    ('../05_counting.html#train-it', '#page-05')
    """
    if re.fullmatch(r"\w+\.md", to):
        return f"#page-{to.removesuffix('.md')}"
    to = _moved(f"({to}").removeprefix("(")
    return re.sub(r"\.(md|ipynb)(?=#|$)", ".html", to)
