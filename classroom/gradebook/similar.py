"""Answers that are alike, when names and layout are taken away.

An answer becomes a row of plain tokens, every name of the student's own the same one;
from it come all runs of K tokens, thinned by winnowing (Schleimer, Wilkerson and Aiken,
SIGMOD 2003). What the notebook gave everybody is left out, and what remains weighs as
much as it surprises: a run that `m` of `n` students wrote is worth -log2(m / n) bits,
and nothing if more than a tenth of the class did. So what only two of 60 wrote is worth
five bits. It shows where to look, and proves nothing.
"""

import ast
import builtins
import io
import keyword
import math
import re
import tokenize
import zlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

K_CODE, K_WORDS, WINDOW = 7, 4, 3
ENOUGH_BITS = 20.0
"""Less than this can be chance: four runs of tokens that only two of 60 wrote."""
ENOUGH_SHARE = 0.6
"""So much of what is rare in one answer has to be in the other, too."""
MOST = 15
"""So many pairs of a homework are shown: those after them are more and more usual."""
USUAL = 10
"""What more than one in so many wrote is usual (two of a small class may be rare)."""
KNOWN = {*dir(builtins), *keyword.kwlist, "torch", "math", "np", "numpy", "random"}
LAYOUT = (
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT),
    *(tokenize.DEDENT, tokenize.ENDMARKER, tokenize.ENCODING),
)
Tokens = list[tuple[str, int]]
Prints = dict[tuple[str, ...], set[int]]


@dataclass(frozen=True)
class Alike:
    """Two answers to one task.

    Attributes:
        bits: what both wrote, by how rare it is in the class.
        share: of the bits of the answer that has fewer; 1.0: all of it is in the other.
        first: lines of the first answer that are alike.
        second: lines of the second.
    """

    bits: float
    share: float
    first: set[int]
    second: set[int]


@dataclass(frozen=True)
class Likeness:
    """Two students' answers to one homework.

    Attributes:
        first: a student.
        second: another.
        tasks: task or question -> how alike the answers are, where they are.
    """

    first: str
    second: str
    tasks: dict[str, Alike]

    @property
    def bits(self) -> float:
        """Of all these tasks."""
        return sum(alike.bits for alike in self.tasks.values())


def code_tokens(source: str) -> Tokens:
    """(token, line) without layout, comments and a student's own names.

    >>> [token for token, _ in code_tokens("def f(x):  # mine")]
    ['def', 'name', '(', 'name', ')', ':']
    >>> code_tokens("total = a+1.") == code_tokens("s  =  b + 1.0")
    True
    """
    try:
        raw = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError, ValueError):
        words = re.compile(r"\w+|[^\w\s]")
        return [
            (_plain_name(word, ""), number)
            for number, line in enumerate(source.splitlines(), start=1)
            for word in words.findall(line.partition("#")[0])
        ]
    found: Tokens = []
    for i, token in enumerate(raw):
        if token.type in LAYOUT or _is_docstring(raw, i):
            continue
        before = found[-1][0] if found else ""
        found.append((_plain(token, before), token.start[0]))
    return found


def _is_docstring(raw: Sequence[tokenize.TokenInfo], i: int) -> bool:
    """Is it a string that stands alone on its line?"""
    if raw[i].type != tokenize.STRING:
        return False
    before = raw[i - 1].type if i else tokenize.NEWLINE
    alone = before in LAYOUT
    return alone and i + 1 < len(raw) and raw[i + 1].type in LAYOUT


def _plain(token: tokenize.TokenInfo, before: str) -> str:
    if token.type == tokenize.NAME:
        return _plain_name(token.string, before)
    if token.type in (tokenize.NUMBER, tokenize.STRING):
        try:
            return repr(ast.literal_eval(token.string))
        except (ValueError, SyntaxError, MemoryError):
            return token.string
    return token.string


def _plain_name(name: str, before: str) -> str:
    return name if name in KNOWN or before == "." or not name.isidentifier() else "name"


def word_tokens(text: str) -> Tokens:
    """(word, line) of a text, in small letters."""
    return [
        (word, number)
        for number, line in enumerate(text.casefold().splitlines(), start=1)
        for word in re.findall(r"\w+", line)
    ]


def prints_of(tokens: Tokens, k: int) -> Prints:
    """Runs of k tokens -> their lines, the smallest hash of each window of runs."""
    texts = [token for token, _ in tokens]
    size = min(k, len(texts))
    if not size:
        return {}
    runs = [tuple(texts[i : i + size]) for i in range(len(texts) - size + 1)]
    ranks = [zlib.crc32("\0".join(run).encode("utf-8", "replace")) for run in runs]
    kept: Prints = defaultdict(set)
    for start in range(max(len(runs) - WINDOW + 1, 1)):
        window = range(start, min(start + WINDOW, len(runs)))
        chosen = min(window, key=lambda i: (ranks[i], -i))
        kept[runs[chosen]] |= {n for _, n in tokens[chosen : chosen + size]}
    return dict(kept)


def find_alike(
    answers: Mapping[str, Mapping[str, str]],
    given: Mapping[str, str],
    in_words: Sequence[str] = (),
) -> list[Likeness]:
    """Pairs of students whose answers are alike, the `MOST` striking first.

    Args:
        answers: student -> task or question -> what was handed in.
        given: task -> the cell that everybody got.
        in_words: which of the names are questions in words.
    """
    prints: dict[tuple[str, str], Prints] = {}
    names = sorted({name for own in answers.values() for name in own})
    for name in names:
        k, read = (K_WORDS, word_tokens) if name in in_words else (K_CODE, code_tokens)
        ours = prints_of(read(given.get(name, "")), k)
        for student, own in answers.items():
            mine = prints_of(read(own.get(name, "")), k)
            prints[student, name] = {p: at for p, at in mine.items() if p not in ours}
    bits = _bits(answers, names, prints)
    found = []
    for first, second in combinations(sorted(answers), 2):
        tasks = {
            name: alike
            for name in names
            if (alike := _alike(prints[first, name], prints[second, name], bits[name]))
        }
        if tasks:
            found.append(Likeness(first, second, tasks))
    return sorted(found, key=lambda pair: -pair.bits)[:MOST]


def _bits(
    answers: Mapping[str, object],
    names: Sequence[str],
    prints: Mapping[tuple[str, str], Prints],
) -> dict[str, dict[tuple[str, ...], float]]:
    """Name -> how much each run surprises, by how many students wrote it."""
    found = {}
    for name in names:
        counts = Counter(p for student in answers for p in prints[student, name])
        most = max(2, len(answers) // USUAL)
        found[name] = {
            p: -math.log2(m / len(answers)) if m <= most else 0.0
            for p, m in counts.items()
        }
    return found


def _alike(
    ours: Prints, theirs: Prints, bits: Mapping[tuple[str, ...], float]
) -> Alike | None:
    """How alike two answers are; None if it can be chance."""
    shared = ours.keys() & theirs.keys()
    common = sum(bits[p] for p in shared)
    least = min(sum(bits[p] for p in ours), sum(bits[p] for p in theirs))
    if common < ENOUGH_BITS or common < ENOUGH_SHARE * least:
        return None
    rare = [p for p in shared if bits[p]]
    left, right = (set().union(*(own[p] for p in rare)) for own in (ours, theirs))
    return Alike(common, common / least, left, right)
