"""From text to notebook, one way: `source/NN_topic.py` -> executed `NN_topic.ipynb`.

The text is the truth. A build executes it in a fresh kernel and keeps what a reader
should see and nothing that differs from run to run: two builds agree byte for byte.
"""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import jupytext
import nbformat

from classroom import kernel, seals, states
from classroom.kernel import Cell, Notebook
from classroom.lessons import KERNELSPEC, Lesson, LessonError, short
from course_lib.engine.writing import write_atomically

MAX_BYTES = 400_000
MARKER = re.compile(r"#\s*%%(\s|$)")
HEADING = re.compile(r"^#{1,6} +(.+)$", re.MULTILINE)
HIDE = "hide-input"
LOADED = "import sys; print(*sys.modules)"  # a last cell, which no reader sees
LANGUAGE = {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"}


def read_source(path: Path) -> Notebook:
    """The notebook a py:percent file describes, with stable cell ids, not executed.

    Each cell carries its first line in the file in `metadata.line` until `clean`.

    Raises:
        LessonError: not UTF-8, no cells, text before the first cell, or an empty cell.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise LessonError(short(path), f"not UTF-8 text: {error}") from error
    notebook = jupytext.reads(text, fmt="py:percent")
    cells = notebook.cells
    if not cells or cells[0].cell_type == "raw" or not _starts_with_marker(text):
        raise LessonError(short(path), 'a lesson is text that begins with "# %%"')
    taken: set[str] = set()
    for number, (cell, line) in enumerate(
        zip(cells, _lines_of(cells, text), strict=True), 1
    ):
        cell.source = cell.source.strip("\n")
        if not cell.source.strip():
            raise LessonError(
                f"{short(path)}:{line}, cell {number}", "the cell is empty"
            )
        cell.id = _free_id(cell, taken)
        cell.metadata = _metadata(cell)
        cell.metadata.line = line
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": KERNELSPEC, "language_info": LANGUAGE}
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def _starts_with_marker(text: str) -> bool:
    body = re.sub(r"\A# ---\n(#.*\n)*?# ---\n", "", text).lstrip()  # a jupytext header
    return MARKER.match(body) is not None


def _lines_of(cells: list[Cell], text: str) -> list[int]:
    """First line of each cell in the file, from 1; markers in strings are passed."""
    lines = text.splitlines()
    markers = [i for i, line in enumerate(lines) if MARKER.match(line)]
    bodies = [_next_text(lines, i + 1) for i in markers]
    found: list[int] = []
    at = 0
    for cell in cells:
        first = cell.source.strip("\n").split("\n")[0].rstrip()
        forms = {first, f"# {first}", f"#{first}", f'"""{first}', f'r"""{first}'}
        later = range(at, len(bodies))
        at = next((n for n in later if lines[bodies[n]].rstrip() in forms), at)
        found.append(bodies[min(at, len(bodies) - 1)] + 1)
        at += 1
    return found


def _next_text(lines: list[str], start: int) -> int:
    filled = (i for i in range(start, len(lines)) if lines[i].strip())
    return next(filled, len(lines) - 1)


def _free_id(cell: Cell, taken: set[str]) -> str:
    """A cell's id: its title, or heading, or a hash of its text; never twice."""
    heading = HEADING.search(cell.source) if cell.cell_type == "markdown" else None
    name = cell.metadata.get("title") or (heading[1] if heading else "")
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:48]
    slug = slug or hashlib.sha256(cell.source.encode()).hexdigest()[:12]
    count = 1
    unique = slug
    while unique in taken:
        count += 1
        unique = f"{slug}-{count}"
    taken.add(unique)
    return unique


def run(
    lesson: Lesson, on_cell: Callable[[int, int], None] = lambda done, total: None
) -> Notebook:
    """Execute a lesson's source in memory; nothing is written.

    Its metadata name the modules that were `loaded` in the end, until `clean`.

    Raises:
        LessonError: it cannot be read, or a cell fails or warns.
    """
    notebook = read_source(lesson.source)
    notebook.cells.append(nbformat.v4.new_code_cell(LOADED, metadata={"line": 0}))

    def describe(index: int, line: int) -> str:
        return _place(lesson.source, notebook, index, line)

    kernel.execute(notebook, lesson.notebook.parent, describe, on_cell)
    said = notebook.cells.pop().outputs
    notebook.metadata.loaded = "".join(one.get("text", "") for one in said).split()
    return notebook


def _place(source: Path, notebook: Notebook, index: int, line: int) -> str:
    """Where an error is: `file:line, cell N, under "heading"`."""
    headings = [
        found[1]
        for cell in notebook.cells[: index + 1]
        if cell.cell_type == "markdown"
        for found in HEADING.finditer(cell.source)
    ]
    under = f', under "{headings[-1]}"' if headings else ""
    first = notebook.cells[index].metadata.line
    return f"{short(source)}:{first + line}, cell {index + 1}{under}"


def render(
    lesson: Lesson, on_cell: Callable[[int, int], None] = lambda done, total: None
) -> bytes:
    """The bytes of the executed notebook, the same in every build.

    Raises:
        LessonError: see `run`; or the notebook is larger than `MAX_BYTES`.
    """
    return _content(lesson, run(lesson, on_cell))


def _content(lesson: Lesson, notebook: Notebook) -> bytes:
    clean(notebook)
    content = serialise(notebook)
    if len(content) > MAX_BYTES:
        index, size = _biggest_output(notebook)
        detail = (
            f"the notebook would take {len(content):,} bytes, the limit is "
            f"{MAX_BYTES:,}; its biggest output is that of cell {index + 1} "
            f"(id {notebook.cells[index].id}): {size:,} bytes"
        )
        raise LessonError(short(lesson.source), detail)
    return content


def serialise(notebook: Notebook) -> bytes:
    """Notebook format 4.5 with sorted keys, checked against its schema."""
    nbformat.validate(notebook)
    text: str = nbformat.writes(notebook, version=nbformat.NO_CONVERT)
    return f"{text.rstrip()}\n".encode()


def _biggest_output(notebook: Notebook) -> tuple[int, int]:
    sizes = [len(str(cell.get("outputs", ""))) for cell in notebook.cells]
    return max(enumerate(sizes), key=lambda pair: pair[1])


def _metadata(cell: Notebook) -> Notebook:
    """What stays of it: the tags. One of them folds the code, as in Jupyter Book."""
    tags = cell.metadata.get("tags")
    folded = {"jupyter": {"source_hidden": True}} if HIDE in (tags or ()) else {}
    return nbformat.from_dict({**folded, **({"tags": tags} if tags else {})})


def clean(notebook: Notebook) -> None:
    """Take out, in place, all that is random, live or about this machine.

    Widget views go (their ids are random; a page that meets one without its kernel
    shows "model not found"); the picture and the text beside them stay.
    """
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": KERNELSPEC, "language_info": LANGUAGE}
    )
    for cell in notebook.cells:
        cell.metadata = _metadata(cell)
        if cell.cell_type == "code":
            cell.outputs = _tidy(cell.outputs)


def _tidy(outputs: list[Notebook]) -> list[Notebook]:
    kept: list[Notebook] = []
    for output in outputs:
        if output.output_type == "stream":
            if kept and kept[-1].get("name") == output.name:
                kept[-1].text += output.text  # where a print is cut depends on timing
                continue
        elif "data" in output:
            output.data.pop(states.WIDGET_VIEW, None)
            output.metadata.pop(states.WIDGET_VIEW, None)
            output.pop("transient", None)
            if not output.data:
                continue
        kept.append(output)
    return kept


def build(
    lesson: Lesson, on_cell: Callable[[int, int], None] = lambda done, total: None
) -> bool:
    """Build one lesson; True when the notebook on disk changed.

    If its code cells and their outputs were there before, the lesson is sealed.

    Raises:
        LessonError: the lesson fails; the old notebook is untouched.
    """
    notebook = run(lesson, on_cell)
    loaded, shown = notebook.metadata.loaded, states.taken_from(notebook)
    content = _content(lesson, notebook)
    before = lesson.notebook.read_bytes() if lesson.notebook.exists() else b""
    if before != content:
        write_atomically(lesson.notebook, content)
    states.write(lesson, shown)
    if seals.code_hash(before) == seals.code_hash(content):
        seals.write(lesson, loaded)
    return before != content


def load(path: Path) -> Notebook:
    """A notebook file.

    Raises:
        LessonError: it is missing or not a notebook.
    """
    try:
        return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    except FileNotFoundError:
        raise LessonError(short(path), "missing; run: course build") from None
    except (ValueError, nbformat.ValidationError) as error:
        detail = f"not a notebook ({str(error).splitlines()[0]}); run: course build"
        raise LessonError(short(path), detail) from error


def drift(lesson: Lesson) -> list[str]:
    """How the notebook on disk differs from its source, not executed; [] = in sync.

    Compared are the cells' kinds, texts, ids and tags, and that every code cell has run
    in order.
    """
    want = read_source(lesson.source)
    try:
        have = load(lesson.notebook)
    except LessonError as error:
        return [f"{error.where}: {error.detail}"]
    pairs = zip(want.cells, have.cells, strict=False)
    for number, (new, old) in enumerate(pairs, 1):
        here, there = _parts(new), _parts(old)
        changed = [part for part in here if here[part] != there[part]]
        if changed:
            where = f"{short(lesson.source)}:{new.metadata.line}, cell {number}"
            return [f"{where}: {' and '.join(changed)} changed; run: course build"]
    if len(want.cells) != len(have.cells):
        lengths = f"{len(want.cells)} cells in the source, {len(have.cells)} built"
        return [f"{short(lesson.notebook)}: {lengths}; run: course build"]
    runs = [cell.execution_count for cell in have.cells if cell.cell_type == "code"]
    if runs != list(range(1, len(runs) + 1)):
        return [f"{short(lesson.notebook)}: code cells did not run in order, once each"]
    return []


def _parts(cell: Cell) -> dict[str, object]:
    tags = cell.metadata.get("tags", [])
    return {"kind": cell.cell_type, "text": cell.source, "id": cell.id, "tags": tags}
