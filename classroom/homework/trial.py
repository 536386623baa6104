"""Trying a master out: many seeds, many variants of an answer, one import of torch.

A trial runs trusted cells in order, in IPython (so that a value is printed as in a
notebook). Before an answer cell it forks once per variant of that answer; the child
goes on with the variant in place, up to the last check of that task, and reports what
the checks gave. So fifty wrong answers cost little more than one run.
"""

import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from classroom.homework.assignment import Step, needed, with_seed
from classroom.homework.compare import MAX_TEXT
from classroom.homework.hints import NO_VALUE, Outcome
from classroom.homework.settings import prepared, settings_code
from classroom.homework.workplace import quiet_environment, set_out

WALL_S = 600
AS_IS = ""


@dataclass(frozen=True)
class Variant:
    """Another text for one answer cell.

    Attributes:
        name: unique within a trial.
        task: the task whose answer it replaces.
        source: the cell.
    """

    name: str
    task: str
    source: str


@dataclass(frozen=True)
class Trial:
    """What one seed gave.

    Attributes:
        outcomes: variant's name ("" for the master) -> key of a check -> outcome.
        broken: key of a cell of the master that stopped with an error -> the error.
        seconds: how long the master itself took, without variants and imports.
    """

    seed: int
    outcomes: dict[str, dict[str, Outcome]]
    broken: dict[str, str]
    seconds: float


def run_trials(
    steps: Sequence[Step], seeds: Sequence[int], variants: Sequence[Variant] = ()
) -> list[Trial]:
    """Run trusted cells once per seed, and each variant once per seed.

    Variants are left out where the system cannot fork (Windows).

    Raises:
        RuntimeError: the process that runs them died or hung; the text says why.
        ValueError: a file that the cells need is missing.
    """
    job = {
        "steps": [asdict(step) for step in steps if step.kind != "open"],
        "seeds": list(seeds),
        "variants": [asdict(v) for v in variants] if hasattr(os, "fork") else [],
    }
    with tempfile.TemporaryDirectory(prefix="course-trial-") as folder:
        place = set_out(Path(folder), needed(steps))
        try:
            done = subprocess.run(
                [sys.executable, "-m", __name__],
                input=json.dumps(job).encode(),
                capture_output=True,
                cwd=place,
                env=quiet_environment(),
                timeout=WALL_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"the trial took longer than {WALL_S} s") from None
    if done.returncode:
        why = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise RuntimeError(f"the trial stopped: {' | '.join(why[-3:])}")
    return _read_trials(done.stdout.decode(), seeds)


def _read_trials(lines: str, seeds: Sequence[int]) -> list[Trial]:
    """One line per variant and seed, in any order."""
    by_seed = {seed: Trial(seed, {}, {}, 0.0) for seed in seeds}
    for line in lines.splitlines():
        record = json.loads(line)
        trial = by_seed[record["seed"]]
        found = {key: Outcome(**one) for key, one in record["outcomes"].items()}
        trial.outcomes[record["variant"]] = found
        if record["variant"] == AS_IS:
            by_seed[record["seed"]] = Trial(
                trial.seed, trial.outcomes, record["broken"], record["seconds"]
            )
    return list(by_seed.values())


class _Bench:
    """The child's side: an IPython in which cells are run."""

    def __init__(self, job: dict[str, Any], out: int) -> None:
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config

        self.steps = [Step(**step) for step in job["steps"]]
        self.variants = [Variant(**variant) for variant in job["variants"]]
        config = Config()
        config.HistoryManager.enabled = False
        self.code = settings_code(self.steps)
        self.shell: Any = InteractiveShell.instance(config=config)
        self.out = out

    def run_cell(self, source: str) -> Outcome:
        result = self.shell.run_cell(source, store_history=False)
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            return Outcome(error=f"{type(error).__name__}: {error}"[:1000])
        if result.result is None:
            return Outcome(error=NO_VALUE)
        formats = self.shell.display_formatter.format(result.result)[0]
        return Outcome(value=formats.get("text/plain", "")[: MAX_TEXT + 1])

    def run_step(self, step: Step, seed: int) -> Outcome:
        if step.kind == "task":
            return self.run_cell(with_seed(step.source, seed))
        return self.run_cell(prepared(step.source, seed, self.code))

    def run_seed(self, seed: int) -> None:
        outcomes: dict[str, Outcome] = {}
        broken: dict[str, str] = {}
        began = os.times()
        for index, step in enumerate(self.steps):
            if step.kind == "badges":
                continue
            if step.kind == "task":
                for variant in self.variants:
                    if variant.task == step.task:
                        in_child(partial(self.vary, variant, index, seed))
            outcome = self.run_step(step, seed)
            if step.kind == "check":
                outcomes[step.key] = outcome
            elif outcome.error not in ("", NO_VALUE):
                broken[step.key] = outcome.error
        now = os.times()
        seconds = now.user + now.system - began.user - began.system
        self.report(seed, AS_IS, outcomes, broken=broken, seconds=round(seconds, 2))

    def vary(self, variant: Variant, index: int, seed: int) -> None:
        rest = self.steps[index + 1 :]
        own = [s.key for s in rest if s.kind == "check" and s.task == variant.task]
        outcomes: dict[str, Outcome] = {}
        first = self.run_cell(with_seed(variant.source, seed))
        for step in rest:
            if step.kind == "check" and step.key not in own:
                continue
            outcome = self.run_step(step, seed)
            if step.key in own:
                stopped = first.error not in ("", NO_VALUE)
                failed = stopped and outcome.error.startswith("NameError")
                outcomes[step.key] = first if failed else outcome
            if step.key == own[-1]:
                break
        self.report(seed, variant.name, outcomes)

    def report(
        self, seed: int, variant: str, outcomes: dict[str, Outcome], **more: Any
    ) -> None:
        plain = {key: asdict(outcome) for key, outcome in outcomes.items()}
        record = {"seed": seed, "variant": variant, "outcomes": plain, **more}
        data = (json.dumps(record) + "\n").encode()
        while data:
            data = data[os.write(self.out, data) :]


def in_child(work: Callable[[], None]) -> None:
    """Run `work()` in a forked copy of this process and wait for its end."""
    child = os.fork()
    if child:
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status:
            raise RuntimeError(f"a forked trial ended with exit code {status}")
        return
    status = 1
    try:
        work()
        status = 0
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(status)


def main() -> None:
    """The child: a job on stdin, one JSON line per variant and seed on stdout."""
    job = json.loads(sys.stdin.buffer.read())
    sys.stdin = open(os.devnull)  # noqa: SIM115  # input() must not wait
    out = os.dup(1)
    bench = _Bench(job, out)
    nothing = open(os.devnull, "w")  # noqa: SIM115
    with redirect_stdout(nothing), redirect_stderr(nothing):
        given = [step for step in bench.steps if step.kind == "given"]
        bench.run_cell(given[0].source)  # imports once, before the seeds part
        for seed in job["seeds"]:
            if hasattr(os, "fork"):
                in_child(partial(bench.run_seed, seed))
            else:
                bench.run_seed(seed)


if __name__ == "__main__":
    main()
