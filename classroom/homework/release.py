"""`course release`: what students get - lessons, library, homework, data; no solutions.

What goes out stands in `classroom.released`.
"""

import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from classroom.homework import author, publish
from classroom.homework.assignment import find_assignments
from classroom.homework.author import BEGIN
from classroom.lessons import ROOT, LessonError
from classroom.released import FOLDERS, released_files, stays
from course_lib.engine.writing import put_in_place, write_atomically

WHEN = (1980, 1, 1, 0, 0, 0)  # two releases of the same course are the same bytes


def release(target: Path, root: Path = ROOT) -> list[Path]:
    """Write the students' course to a new folder, or to a new `.zip`.

    Raises:
        ValueError: the target exists already.
        LessonError: a homework is not in step with its master, or a solution would go
            out; nothing is written.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        cure = "name a new folder or zip, or update an earlier release with --update"
        raise ValueError(f"{target} exists already: {cure}")
    files = _checked_files(root)
    if target.suffix == ".zip":
        _write_zip(target, files, root)
    else:
        _write_folder(target, files, root)
    return files


def update(target: Path, root: Path = ROOT) -> list[Path]:
    """Write the students' course over an earlier release, for example in a repository.

    Nothing is deleted; see `left_over`.

    Raises:
        ValueError: it is no release, or it has changes that no commit holds.
        LessonError: see `release`; nothing is written.
    """
    if not all((target / name).exists() for name in ("start.py", *FOLDERS[:2])):
        raise ValueError(f"{target} holds no earlier release: leave --update out")
    if any(target.glob("notebooks/source/hw*.py")) or (target / "tests").exists():
        raise ValueError(f"{target} holds the solutions: it is no place for students")
    if (target / ".git").exists():
        words = ["git", "status", "--porcelain", "--untracked-files=no"]
        done = subprocess.run(words, cwd=target, capture_output=True, text=True)
        if done.returncode or done.stdout:
            what = done.stdout.partition("\n")[0].strip() or done.stderr.strip()
            raise ValueError(f"{target}: commit or undo the changes first ({what})")
    files = _checked_files(root)
    for path in files:
        place = target / path
        if not place.resolve().is_relative_to(target.resolve()):
            raise ValueError(f"{place} leads out of {target}: remove the link")
    for path in files:
        content, place = (root / path).read_bytes(), target / path
        if not place.is_file() or place.read_bytes() != content:
            place.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(place, content)
            shutil.copymode(root / path, place)
    return files


def left_over(target: Path, files: list[Path]) -> list[str]:
    """Files in the course's folders of an updated release that it no longer has.

    >>> left_over(Path("no/such/folder"), [])
    []
    """
    there = (path for name in FOLDERS for path in sorted((target / name).rglob("*")))
    inside = [path.relative_to(target) for path in there if path.is_file()]
    extra = set(inside) - set(files)
    return [path.as_posix() for path in inside if path in extra and not stays(path)]


def _checked_files(root: Path) -> list[Path]:
    """The files to release, once nothing speaks against it."""
    files = list(released_files(root))
    masters = author.find_masters().values()
    faults = [fault for path in masters for fault in publish.drift(path)]
    faults += _leaks(files, root)
    if faults:
        raise LessonError("release", "\n".join(faults))
    return files


def _leaks(files: list[Path], root: Path) -> Iterator[str]:
    """Files that would give a solution away: a marker, or a bank of answers."""
    for path in files:
        shown = path.parts[0] in ("notebooks", "data")
        if shown and BEGIN in (root / path).read_text("utf-8", "replace"):
            yield f"{path.as_posix()} holds a solution"
    missing = set(author.find_masters()) - set(find_assignments())
    yield from (f"{name} is not built: course build {name}" for name in missing)


def _write_folder(target: Path, files: list[Path], root: Path) -> None:
    """All or nothing: it grows beside the target and takes its name at the end."""
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        for path in files:
            (scratch / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / path, scratch / path)
        scratch.chmod(0o755)
        if target.exists():
            target.rmdir()
        put_in_place(scratch, target)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise


def _write_zip(target: Path, files: list[Path], root: Path) -> None:
    from course_lib.engine.writing import appearing

    with (
        appearing(target) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for path in files:
            member = zipfile.ZipInfo(f"{target.stem}/{path.as_posix()}", WHEN)
            executable = path.name == "start.py"
            member.external_attr = (0o755 if executable else 0o644) << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, (root / path).read_bytes())
