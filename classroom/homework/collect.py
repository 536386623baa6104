"""Finding the submissions in a folder: one file or one folder a student.

Names and dates are all that is looked at, and the receipts of `course submit`.
"""

import os
import stat
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from classroom.homework.owners import HOMEWORK, NOTEBOOK, name_of, owner_of
from classroom.homework.receipts import homework_in, is_receipt, read_receipt
from classroom.homework.roster import Line, find_lines, read_roster

ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
SKIPPED = {"__MACOSX", "Thumbs.db", "desktop.ini", ".ipynb_checkpoints", ".git"}
DEPTH = 5  # a hub's home: course/notebooks/homework/hw01.ipynb
MAX_FILES = 200
MAX_LOOKS = 20_000


@dataclass(frozen=True)
class Entry:
    """What one student handed in, as far as names and dates tell.

    Attributes:
        student: taken from the file's or the folder's name, or from the roster.
        name: the full name in the roster; "" without.
        path: the notebook to mark; None when there is none.
        why: why there is none.
        late: saved after the date due?
        notes: other files of the same student, and the like.
        key: the student as the files tell, whatever the roster says later.
        file: the notebook as it was handed in, for people to read.
        aliases: what the roster may call this student.
        handed_in: when, as the receipt of `course submit` says (ISO); "" without one.
    """

    student: str
    name: str = ""
    path: Path | None = None
    why: str = ""
    late: bool = False
    notes: tuple[str, ...] = ()
    key: str = ""
    file: str = ""
    aliases: tuple[str, ...] = ()
    handed_in: str = ""


@dataclass
class _Pile:
    """Everything that one student handed in: (attempt, notebook), and what is none."""

    files: list[tuple[tuple[int, ...], Path]] = field(default_factory=list)
    whys: list[str] = field(default_factory=list)
    late: bool = False


def collect(
    folder: Path,
    roster: Path | None = None,
    due: datetime | None = None,
    homework: str = "",
) -> list[Entry]:
    """One entry a student, in the order of their names.

    Args:
        folder: submissions, as files or as one folder a student.
        roster: see `read_roster`; who is in it and handed nothing in is listed too.
        due: files saved later are reported.
        homework: `hw03`: a file of that name goes before others of the same student.

    Raises:
        ValueError: the folder is no folder or is empty; the roster cannot be read.
    """
    return present(find_entries(folder, homework), roster, due)


def present(
    entries: Sequence[Entry], roster: Path | None = None, due: datetime | None = None
) -> list[Entry]:
    """The same, sorted, with what the roster and the date due say of them."""
    told = [_dated(entry, due) for entry in entries]
    if roster is not None:
        told = _enrolled(told, read_roster(roster))
    return sorted(told, key=lambda entry: (entry.student.casefold(), entry.student))


def find_entries(folder: Path, homework: str = "") -> list[Entry]:
    """One entry for each student who handed something in.

    Raises:
        ValueError: the folder is no folder or is empty.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder} is not a folder of submissions")
    piles: defaultdict[tuple[str, str], _Pile] = defaultdict(_Pile)
    whole = HOMEWORK.fullmatch(homework)
    wanted = int(whole[1]) if whole else None
    for path in sorted(folder.iterdir()):
        others = wanted is not None and homework_in(path.name) not in (None, wanted)
        if not _is_left_out(path) and not others:
            owner = owner_of(name_of(path), stat.S_ISDIR(_status(path)[0]))
            pile = piles[owner.who, owner.number]
            found, why = _look_at(path)
            pile.files += [(owner.attempt, where) for where in found]
            pile.whys += [why] if why else []
            pile.late |= owner.late
    if not piles:
        raise ValueError(f"{folder} holds no submissions")
    namesakes = Counter(who for who, _ in piles)
    entries = []
    for (who, number), pile in piles.items():
        key = who if namesakes[who] == 1 else f"{who} ({number})"
        entry = _entry(key, pile, folder, wanted)
        entries.append(replace(entry, aliases=(key, who, number)))
    return entries


def _is_left_out(path: Path) -> bool:
    """Is it the system's, not a student's? A notebook never is, whatever its name."""
    name = path.name
    if name in SKIPPED or not name.startswith("."):
        return name in SKIPPED or is_receipt(path)
    if name.startswith("._") and path.with_name(name[2:]).exists():
        return True  # macOS keeps a file's icon there
    known = NOTEBOOK.search(name) or path.suffix.lower() in ARCHIVES
    return not known and not stat.S_ISDIR(_status(path)[0])


def _status(path: Path) -> tuple[int, float]:
    """Mode and date; zeros for what is gone, in a folder where people are at work."""
    try:
        status = path.lstat()
    except OSError:
        return 0, 0.0
    return status.st_mode, status.st_mtime


def _user(path: Path) -> int:
    """Who owns a file, where a class hands in to one folder; 0 if unknown."""
    try:
        return path.lstat().st_uid
    except OSError:
        return 0


def _look_at(path: Path) -> tuple[list[Path], str]:
    """(notebooks, what is wrong) for one thing in the folder."""
    mode, name = _status(path)[0], name_of(path)
    if stat.S_ISDIR(mode):
        return _notebooks_in(path)
    if NOTEBOOK.search(path.name):
        return [path], ""
    if stat.S_ISLNK(mode):
        return [], f"{name} is a link: hand in the file or the folder itself"
    if path.suffix.lower() in ARCHIVES:
        return [], f"{name} is an archive: unpack it first"
    return [], f"{name} is not a notebook (.ipynb)"


def _notebooks_in(folder: Path) -> tuple[list[Path], str]:
    """The notebooks in a folder, those that lie least deep first."""
    found: list[Path] = []
    level, looks = [folder], 0
    for _ in range(DEPTH):
        below: list[Path] = []
        for path in (inside for place in level for inside in _inside(place)):
            looks += 1
            if looks > MAX_LOOKS or len(found) > MAX_FILES:
                return found, "too many files in the folder: not all were looked at"
            if stat.S_ISDIR(_status(path)[0]):
                below += [] if path.name.startswith(".") else [path]
            elif NOTEBOOK.search(path.name) and not _is_left_out(path):
                found.append(path)
        level = below
    return found, "" if found else "no notebook in the folder"


def _inside(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(folder.iterdir())
    except OSError:
        return


def _entry(key: str, pile: _Pile, folder: Path, wanted: int | None) -> Entry:
    """The last attempt counts, then one named like the homework, then the newest."""

    def rank(one: tuple[tuple[int, ...], Path]) -> tuple[object, ...]:
        attempt, path = one
        mode, saved = _status(path)
        whole = HOMEWORK.fullmatch(NOTEBOOK.sub("", path.name)) is not None
        fits = _fits(path.relative_to(folder), wanted)
        return stat.S_ISREG(mode), fits, attempt, whole, saved, path.name

    notes = ["the course site marks it as late"] if pile.late else []
    if not pile.files:
        return Entry(key, why="; ".join(pile.whys), late=pile.late, key=key)
    users = {_user(path) for _, path in pile.files}
    if len(users) > 1:
        names = ", ".join(sorted(path.name for _, path in pile.files)[:5])
        why = f"{names} belong to different users of this machine: take out what is not"
        return Entry(key, why=f"{why} from {key}", late=pile.late, key=key)
    ranked = sorted(pile.files, key=rank)
    shown = [path.relative_to(folder).as_posix() for _, path in ranked]
    texts = [os.fsencode(x).decode("utf-8", "backslashreplace") for x in shown]
    if len(texts) > 1:
        others = ", ".join(sorted(texts[:-1])[:5])
        more = f" and {len(texts) - 6} more" if len(texts) > 6 else ""
        notes.append(f"{texts[-1]} was marked, not {others}{more}")
    notes += pile.whys
    path = ranked[-1][1]
    receipt = read_receipt(path)
    told = receipt.time if receipt else ""
    return Entry(key, "", path, "", pile.late, (*notes,), key, texts[-1], (), told)


def _fits(path: Path, wanted: int | None) -> int:
    """2: it is named like the homework; 1: like none; 0: like another."""
    for part in reversed((*path.parts[:-1], NOTEBOOK.sub("", path.name))):
        if numbers := {int(number) for number in HOMEWORK.findall(part)}:
            return 2 if wanted is None or wanted in numbers else 0
    return 1


def _dated(entry: Entry, due: datetime | None) -> Entry:
    if due is None or entry.path is None:
        return entry
    saved, how = datetime.fromtimestamp(_status(entry.path)[1]), "saved"
    if entry.handed_in:
        told = datetime.fromisoformat(entry.handed_in)
        saved, how = told.astimezone().replace(tzinfo=None), "handed in"
    if saved <= due:
        return entry
    note = f"{how} {saved:%Y-%m-%d %H:%M}, after the date due"
    return replace(entry, late=True, notes=(*entry.notes, note))


def _enrolled(entries: Sequence[Entry], roster: Sequence[Line]) -> list[Entry]:
    """Names from the roster; those who are missing, and those not in it."""
    owners: defaultdict[str, list[Entry]] = defaultdict(list)
    rest: list[Entry] = []
    for entry in entries:
        lines = find_lines(roster, entry.aliases)
        if len(lines) == 1:
            owners[lines[0].student].append(entry)
            continue
        which = ", ".join(line.student for line in lines)
        note = f"{which} of the roster?" if lines else "not in the roster"
        rest.append(replace(entry, notes=(*entry.notes, note)))
    for line in roster:
        mine = sorted(owners[line.student], key=lambda entry: entry.key != line.student)
        if not mine:
            rest.append(Entry(line.student, line.name, why="nothing was handed in"))
        for nth, entry in enumerate(mine):
            others = ", ".join(
                other.file or other.key for other in mine if other != entry
            )
            note = f"{line.student} handed in {others} too: look at both"
            notes = (*entry.notes, note) if others else entry.notes
            student = line.student if nth == 0 else f"{line.student} ({entry.key})"
            rest.append(replace(entry, student=student, name=line.name, notes=notes))
    return rest
