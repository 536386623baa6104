"""What a lesson must keep to, as far as a machine can see it, without running it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from classroom.build import HIDE
from classroom.kernel import Cell, Notebook
from classroom.lessons import OWN_LESSONS
from classroom.states import WIDGET_VIEW
from course_play.reveal import NO_GUESS
from course_play.widgets.guesses import ASK

HEADINGS = (
    "Predict first",
    "Build it by hand",
    "Compare with torch",
    "See it",
    "Play with it",
    "Why does this work?",
    "Check yourself",
    "Recap",
)
CODE_LINES = 25
LINE_LENGTH = 88

FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
PICTURE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<target>[^)\s]*)")
HTML_PICTURE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
GLUED_FOLD = re.compile(r"</summary>(?!\n\s*\n).*|\S.*\n</details>")
SHELL = re.compile(r"^\s*[!%]{1,2}\s*(pip|conda|apt|wget|curl)\b|^\s*!", re.MULTILINE)
NETWORK = re.compile(
    r"https?://|\b(import|from)\s+(requests|urllib|httpx|aiohttp|ftplib)\b"
)
ABSOLUTE = re.compile(
    r"""(?:(?<=[\s"'(=])|^)(/(home|Users|root|work|tmp|usr|var|opt|mnt|content)/"""
    r"""|[A-Z]:\\\\?\w)"""
)
GUESS = re.compile(r"\breveal\(my_guess\b")
PREDICT = re.compile(r"^(?:\w+ = )?Predict\(", re.MULTILINE)
ADDRESS = re.compile(r"\bat 0x[0-9a-f]{6,}")
LONG_DECIMAL = re.compile(r"(?<![\w.])\d+\.\d{7,}")


@dataclass(frozen=True)
class Fault:
    """One thing to mend in a lesson, or (not `serious`) one to think about."""

    where: str
    message: str
    serious: bool = True

    def __str__(self) -> str:
        return f"{'' if self.serious else 'advice: '}{self.where}: {self.message}"


def find_faults(notebook: Notebook, name: str) -> list[Fault]:
    """Everything in a built lesson that the house style rules out.

    Args:
        notebook: the executed notebook.
        name: the lesson's name, `04_counting`: its title begins `# 4.`. To a teacher's
            own lesson, `50_our_data`, all of it is only advice.
    """
    faults = [*_headings(notebook, name)]
    rules: list[Callable[[Cell], Iterator[tuple[str, bool]]]]
    for number, cell in enumerate(notebook.cells, 1):
        rules = [_text_rules] if cell.cell_type == "markdown" else [_code, _outputs]
        where = f"{name}, cell {number} ({cell.id})"
        for rule in rules:
            faults += [Fault(where, message, hard) for message, hard in rule(cell)]
    if int(name[:2]) in OWN_LESSONS:
        return [replace(fault, serious=False) for fault in faults]
    return faults


def _headings(notebook: Notebook, name: str) -> Iterator[Fault]:
    text = "\n".join(_prose(cell) for cell in notebook.cells)
    tops = re.findall(r"^# +(.+?)\s*$", text, re.MULTILINE)
    start = f"{int(name[:2])}. "
    if len(tops) != 1:
        yield Fault(name, f"has {len(tops)} titles (# ...), not one: {tops}")
    elif not tops[0].startswith(start):
        yield Fault(name, f'the title is "# {tops[0]}", it should begin "# {start}"')
    elif not _prose(notebook.cells[0]).lstrip().startswith("# "):
        yield Fault(name, "the title is not the first line of the first cell")
    found = re.findall(r"^## +(.+?)\s*$", text, re.MULTILINE)
    if strange := [heading for heading in found if heading not in HEADINGS]:
        message = f"readers do not know these headings, use ###: {strange}"
        yield Fault(name, message, serious=False)


def _prose(cell: Cell) -> str:
    """The text of a markdown cell without its code blocks; "" for a code cell."""
    return FENCE.sub("", cell.source) if cell.cell_type == "markdown" else ""


def _text_rules(cell: Cell) -> Iterator[tuple[str, bool]]:
    for picture in PICTURE.finditer(cell.source):
        if not picture["alt"].strip():
            yield f"the picture {picture['target']} has no alt text", True
        if picture["target"].startswith(("http:", "https:", "//")):
            yield f"the picture {picture['target']} needs the network", True
    for tag in HTML_PICTURE.findall(cell.source):
        if not re.search(r'\balt="[^"]+"', tag):
            yield f"the picture {tag} has no alt text", True
        if "http" in tag:
            yield f"the picture {tag} needs the network", True
    if GLUED_FOLD.search(cell.source):
        yield "text in <details> stays raw without empty lines around it", True
    if ABSOLUTE.search(FENCE.sub("", cell.source)):
        yield f"absolute path {_shown(ABSOLUTE, cell.source)}", True


def _code(cell: Cell) -> Iterator[tuple[str, bool]]:
    lines = cell.source.splitlines()
    if len(lines) > CODE_LINES:
        yield f"{len(lines)} lines of code: is it one idea?", False
    longest = max(lines, key=len)
    if len(longest) > LINE_LENGTH:
        yield f"a line of {len(longest)} characters, at most {LINE_LENGTH}", True
    yield from _predictions(cell)
    if SHELL.search(cell.source):
        yield "no shell and no !pip in a lesson: the course is set up already", True
    if NETWORK.search(cell.source):
        yield f"no network in a lesson: {_shown(NETWORK, cell.source)}", True
    if ABSOLUTE.search(cell.source):
        yield f"absolute path {_shown(ABSOLUTE, cell.source)}", True


def _predictions(cell: Cell) -> Iterator[tuple[str, bool]]:
    """Is the answer to a question out of sight?"""
    tags = cell.metadata.get("tags", ())
    if GUESS.search(cell.source):
        if re.search(r"^assert ", cell.source, re.MULTILINE):
            yield "gives the answer away: assert in a later cell", True
        alone = re.match(r"(#.*\n)*print\(reveal\(", cell.source)
        if alone and HIDE not in tags:
            yield f'gives the answer away: fold it with tags=["{HIDE}"]', True
    if PREDICT.search(cell.source) and HIDE not in tags:
        yield f'its code holds the answer: fold it with tags=["{HIDE}"]', True
    if HIDE in tags and not cell.source.startswith("#"):
        yield "JupyterLab shows a folded cell's first line: begin with a comment", True


def _outputs(cell: Cell) -> Iterator[tuple[str, bool]]:
    if PREDICT.search(cell.source) and not all(map(_only_asks, cell.outputs)):
        yield "shows more than the question: let Predict(...) stand alone", True
    if "reveal(" in cell.source and not all(map(_keeps_quiet, cell.outputs)):
        yield "shows the answer before a guess: print reveal(...) alone", True
    for output in cell.outputs:
        data = output.get("data", {})
        if output.output_type == "error":
            yield "stores an error: catch it and print its message", True
        if output.get("name") == "stderr":
            yield "stores stderr: a lesson must not warn", True
        if WIDGET_VIEW in data:
            yield "stores a live widget: run course build", True
        if "image/png" in data and not _alt(output):
            yield (
                "its picture has no alt text: use a Picture of course_play.plots",
                True,
            )
        for text in (output.get("text", ""), *_texts(data)):
            yield from _output_text(text)


def _keeps_quiet(output: Notebook) -> bool:
    """Does a cell that reveals an answer say only that nobody has guessed?"""
    lines = output.get("text", "no printed line").splitlines()
    return all(line.endswith(NO_GUESS) for line in lines)


def _only_asks(output: Notebook) -> bool:
    """Is an output the question of a `Predict` that nobody has answered?"""
    told = output.get("data", {}).get("text/plain", "")
    return bool(told.startswith("Predict: ") and told.endswith(ASK))


def _alt(output: Notebook) -> str:
    return str(output.metadata.get("image/png", {}).get("alt", "")).strip()


def _texts(data: Notebook) -> list[str]:
    return [data[kind] for kind in ("text/plain", "text/html") if kind in data]


def _output_text(text: str) -> Iterator[tuple[str, bool]]:
    if ABSOLUTE.search(text):
        yield f"prints an absolute path: {_shown(ABSOLUTE, text)}", True
    if ADDRESS.search(text):
        yield f"prints a memory address: {_shown(ADDRESS, text)}", True
    if LONG_DECIMAL.search(text):
        shown = _shown(LONG_DECIMAL, text)
        yield f"prints {shown}: round it, another machine differs", False


def _shown(pattern: re.Pattern[str], text: str) -> str:
    """The line in which a pattern occurs, cut to a readable length."""
    found = pattern.search(text)
    if found is None:
        return ""
    end = text.find("\n", found.start())
    return text[found.start() : end if end >= 0 else len(text)][:60]
