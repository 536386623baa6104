"""The whole way: gather the texts, run Sphinx, put the finished folder in its place.

Everything is made in a folder beside the target and moved there at the end, so a site
that is being looked at is never half a site, and a build that fails leaves it alone.
"""

import io
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from classroom import build, glossary, states
from classroom.hover import hover_terms
from classroom.kernel import Notebook
from classroom.lessons import NOTEBOOKS, ROOT, Lesson, LessonError, find_lessons
from classroom.site import carry, look, pages, scripts, search, teachers
from classroom.site.buttons import Elsewhere, buttons
from classroom.site.playground import Toy, playground, state_of, toys_of
from course_lib.engine.writing import put_in_place
from course_play.browser.export import write_all
from course_play.browser.figure import write_figure

HERE = Path(__file__).parent
PARTS = {
    "I. Probability, with names": range(10),
    "II. An attention GPT from an empty file": range(10, 20),
    "III. From completer to assistant": range(20, 26),
    "IV. A real one": range(26, 29),
    "Your own": range(50, 90),
    "Appendix": range(90, 100),
}
MARK = ".course-site"
"""A file in each finished site: only what carries it is ever replaced."""
STATE = re.compile(r"\{\{state (?P<widget>\w+)\}\}")
LIVE = re.compile(r"^\{\{live (?P<widget>\w+)\}\}$", re.MULTILINE)
WHERE = {
    "../docs/words_and_formulas.md": "words.md",
    "../../docs/words_and_formulas.md": "../words.md",
    "source/LEDGER.md": "ledger.md",
    "homework.md": "marking.md",
}
"""Where links of the notebooks lead on the site."""
SHEET = '\n<p><a href="formulas.html">The formulas on one sheet, to print</a></p>\n'
Say = Callable[[str], None]


@dataclass(frozen=True)
class Made:
    """A finished site."""

    folder: Path
    n_pages: int
    n_live: int
    """Places where a widget comes alive."""
    n_bytes: int


def make_site(
    target: Path,
    elsewhere: Elsewhere | None = None,
    *,
    single: bool = False,
    guide: bool = True,
    say: Say = lambda text: None,
) -> Made:
    """Build the site from the executed notebooks into a folder.

    Args:
        target: the folder, which is made, or replaced if it holds a site.
        elsewhere: where else a lesson can be opened; nowhere if not given.
        single: each lesson as one file, too.
        guide: the teacher's guide, too, which gives the answers to guesses away.
        say: is told what is being done.

    Raises:
        LessonError: a lesson is not built, or is out of step; nothing is written.
        ValueError: the folder holds something that is no site of the course.
    """
    _refuse_foreign(target)
    lessons = find_lessons()
    for lesson in lessons:
        if differs := build.drift(lesson):
            raise LessonError(lesson.name, differs[0])
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".site-") as work:
        source, out = Path(work) / "source", Path(work) / "site"
        say(f"gathering {len(lessons)} lessons ...")
        n_live = gather(source, lessons, elsewhere or Elsewhere(), single, guide)
        say("Sphinx writes the pages ...")
        run_sphinx(source, out, Path(work) / "doctrees")
        say("marking the words of the glossary ...")
        for lesson in lessons:
            page = out / f"{lesson.name}.html"
            page.write_text(hover_terms(page.read_text("utf-8")), encoding="utf-8")
        if single:
            say("packing each lesson into one file ...")
            carry.write_singles(out, [lesson.name for lesson in lessons])
        (out / MARK).write_text("made by: course site\n", encoding="utf-8")
        if target.exists():
            shutil.rmtree(target)
        put_in_place(out, target)
    files = [path for path in target.rglob("*") if path.is_file()]
    n_pages = sum(path.suffix == ".html" for path in files)
    return Made(target, n_pages, n_live, sum(path.stat().st_size for path in files))


def _refuse_foreign(target: Path) -> None:
    if target.is_dir() and any(target.iterdir()) and not (target / MARK).exists():
        raise ValueError(
            f"{target} holds files that `course site` did not make: use another folder"
        )
    if target.exists() and not target.is_dir():
        raise ValueError(f"{target} is a file: name a folder")


def gather(
    source: Path,
    lessons: Sequence[Lesson],
    elsewhere: Elsewhere,
    single: bool = False,
    guide: bool = True,
) -> int:
    """Write everything that Sphinx reads; returns how many places come alive."""
    static = source / "_static"
    shutil.copytree(HERE / "static", static)
    write_figure(static / "course")
    toys: list[Toy] = []
    n_live = 0
    for lesson in lessons:
        page = pages.page_of(lesson, static)
        values = scripts.state_values(lesson.name, states.read(lesson))
        scripts.write_scripts(static / "course", "state", values)
        n_live += len(values)
        toys += toys_of(lesson.name, page)
        alone = f"{carry.SINGLE}/{lesson.name}.html" if single else ""
        _write_page(source, lesson.notebook, page, elsewhere, alone)
    for homework in homeworks():
        page = pages.prepared(build.load(homework), homework.stem, static, depth=1)
        _write_page(source, homework, page, elsewhere)
    shutil.copy(NOTEBOOKS / "my_gpt.py", source)
    _write(source / "_extra" / "formulas.html", glossary.formula_sheet().encode())
    scripts.write_scripts(static / "course", "module", scripts.widget_modules())
    write_all(static / "course" / "models")
    _write_texts(source, lessons, toys, teachers.texts() if guide else {})
    return n_live


def homeworks() -> list[Path]:
    """The homework notebooks, as students get them."""
    return sorted((NOTEBOOKS / "homework").glob("hw[0-9][0-9].ipynb"))


def _write_page(
    source: Path,
    notebook: Path,
    page: Notebook,
    elsewhere: Elsewhere,
    alone: str = "",
) -> None:
    """A notebook's page, with its buttons, and the notebook to take along."""
    inside = notebook.relative_to(NOTEBOOKS)
    for cell in page.cells:
        if cell.cell_type == "markdown":
            cell.source = pages.moved(cell.source, WHERE)
    path = f"notebooks/{inside.as_posix()}"
    depth = len(inside.parts) - 1
    page.cells.insert(1, buttons(path, elsewhere, depth, alone))
    _write(source / inside, build.serialise(page))
    _write(source / "_extra" / path, notebook.read_bytes())


def _write_texts(
    source: Path,
    lessons: Sequence[Lesson],
    toys: Sequence[Toy],
    guide: dict[str, str],
) -> None:
    places = {toy.module: toy.place for toy in reversed(toys)}
    files = {
        "ledger.md": NOTEBOOKS / "source" / "LEDGER.md",
        "marking.md": ROOT / "docs" / "homework.md",
        "hub.md": ROOT / "docs" / "hub.md",
        **{file.name: file for file in sorted((HERE / "text").glob("*.md"))},
    }
    texts = {name: file.read_text("utf-8") for name, file in files.items()}
    texts["ledger.md"] = pages.with_lessons(texts["ledger.md"], lessons)
    texts["playground.md"] = playground(toys)
    texts["words.md"] = glossary.whole_page(folder="") + SHEET
    texts.update(guide)
    for name, text in texts.items():
        text = LIVE.sub(lambda found: places.get(found["widget"], ""), text)
        text = STATE.sub(lambda found: state_of(places.get(found["widget"], "")), text)
        text = text.replace("{{contents}}", _contents(lessons, guide))
        _write(source / name, pages.moved(text, WHERE).encode())
    if guide:
        _write(source / "_extra" / teachers.BOOKLET, teachers.booklet().encode())


def _contents(lessons: Sequence[Lesson], guide: Collection[str]) -> str:
    """The tables of contents: each part's lessons, the homework, the other pages."""
    blocks = []
    for part, numbers in PARTS.items():
        names = [lesson.name for lesson in lessons if int(lesson.number) in numbers]
        if names:
            blocks.append(_toctree(part, names))
    tasks = [f"homework/{path.stem}" for path in homeworks()]
    blocks.append(_toctree("Homework", tasks))
    more = ["model", "names", "playground", "words", "ledger", "marking", "hub"]
    blocks.append(_toctree("More", more))
    if guide:
        blocks.append(_toctree("For teachers", [f"{teachers.FOLDER}/index"]))
    return "\n\n".join(blocks)


def _toctree(caption: str, names: Sequence[str]) -> str:
    lines = [f"```{{toctree}}\n:caption: {json.dumps(caption)[1:-1]}", ":hidden:", ""]
    return "\n".join([*lines, *names, "```"])


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def run_sphinx(source: Path, out: Path, doctrees: Path) -> None:
    """Make the pages.

    Raises:
        LessonError: Sphinx warns; its words name the page.
    """
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    said, scorer = io.StringIO(), str(search.write_scorer(source))
    with docutils_namespace(), patch_docutils(source):
        app = Sphinx(
            srcdir=source,
            confdir=None,
            outdir=out,
            doctreedir=doctrees,
            buildername="html",
            confoverrides=look.settings() | {"html_search_scorer": scorer},
            status=None,
            warning=said,
            freshenv=True,
        )
        app.build()
    if said.getvalue().strip():
        raise LessonError("the site", said.getvalue().replace(str(source), "").strip())
    for left in (".buildinfo", "objects.inv"):
        (out / left).unlink(missing_ok=True)
