"""Every lesson and every homework's references, as on other processors: a table.

    python .ci/processors.py                 all of it: about ten minutes a column
    python .ci/processors.py 05 hw04         some
    python .ci/processors.py --only default  one column

A lesson passes when nbval confirms its stored outputs, a homework when its right
answers still print the stored references, and all asserts hold. The last column needs
no other kernels: it moves each weight by a rounding error after each update.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from classroom.homework import author
from classroom.homework.assignment import load_assignment
from classroom.homework.compare import same_value
from classroom.lessons import find_lessons
from classroom.outputs import rerun

SHAKEN = f"{Path(__file__).resolve().parent / 'shaken'}{os.pathsep}"
TWO = {"OMP_NUM_THREADS": "2"}
BASIC = {"ATEN_CPU_CAPABILITY": "default"}
CAPPED = {"ONEDNN_MAX_CPU_ISA": "SSE41", "MKL_CBWR": "COMPATIBLE"}
VARIATIONS = {
    "native": {},
    "two threads": TWO,
    "avx2": {"ATEN_CPU_CAPABILITY": "avx2"},
    "default": BASIC,
    "capped": CAPPED,
    "all at once": BASIC | CAPPED | TWO,
    "shaken": {
        "COURSE_SHAKE": "1:3e-7",
        "PYTHONPATH": SHAKEN + os.environ.get("PYTHONPATH", ""),
    },
}


def lesson_repeats(notebook: Path, variation: dict[str, str]) -> str:
    """What nbval says: "" when every cell repeats."""
    done = rerun(notebook, variation)
    return done.stdout if done.returncode else ""


def references_repeat(name: str, variation: dict[str, str]) -> str:
    """Which references come out otherwise, run in a process of its own."""
    words = [sys.executable, __file__, "--references", name]
    done = subprocess.run(
        words, env=os.environ | variation, capture_output=True, text=True, check=False
    )
    return done.stdout + (done.stderr if done.returncode else "")


def print_references(name: str) -> None:
    """A line for each check whose reference differs from the stored one."""
    stored = load_assignment(name)
    master = author.read_master(author.find_masters([name])[name])
    new = author.references(master, stored.seed)
    for key, value in stored.values.items():
        if not same_value(value, new.values[key]):
            print(f"{name} {key}: {value} is now {new.values[key]}")


def main() -> int:
    """Run the table; 1 when anything differed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", help="05, hw04, ...; all by default")
    parser.add_argument("--only", nargs="*", choices=list(VARIATIONS))
    parser.add_argument("--references", metavar="NAME", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.references:
        print_references(options.references)
        return 0
    lessons = {lesson.number: lesson.notebook for lesson in find_lessons()}
    names = options.names or [*lessons, *author.find_masters()]
    chosen = {n: VARIATIONS[n] for n in options.only or VARIATIONS}
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    print("| |", " | ".join(chosen), "|")
    print("|---|", "---|" * len(chosen), sep="")
    failures = []
    for name in names:
        row = []
        for label, variation in chosen.items():
            said = (
                lesson_repeats(lessons[name], variation)
                if name in lessons
                else references_repeat(name, variation)
            )
            row.append("differs" if said else "same")
            failures += [f"--- {name}, {label}\n{said}"] if said else []
        print(f"| {name} |", " | ".join(row), "|", flush=True)
    print(*failures, sep="\n")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
