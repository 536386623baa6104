"""Why a homework may not go out: what the trials of its master and bank have shown."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from classroom.homework.bank import Answer, wrong_checks
from classroom.homework.compare import MAX_TEXT, same_value
from classroom.homework.trial import Trial, Variant

MAX_SECONDS = 60


def trial_faults(trial: Trial) -> Iterator[str]:
    """What went wrong with the master itself."""
    for key, error in trial.broken.items():
        yield f"{key} stops with {error} (seed {trial.seed})"
    for key, outcome in trial.outcomes[""].items():
        if outcome.value is None:
            yield f"{key} gives no value: {outcome.error} (seed {trial.seed})"
        elif len(outcome.value) > MAX_TEXT:
            yield f"{key} prints more than {MAX_TEXT:,} characters"
    if trial.seconds > MAX_SECONDS:
        yield f"takes {trial.seconds:.0f} s, at most {MAX_SECONDS}"


def seed_faults(trials: Sequence[Trial]) -> Iterator[str]:
    """Checks that one constant passes with two seeds."""
    for one, other in combinations(trials, 2):
        for key, outcome in one.outcomes[""].items():
            if same_value(outcome.text, other.outcomes[""][key].text):
                two = f"{one.seed} and {other.seed} give the same"
                yield f"{key} does not depend on SEED: {two}, so it could be hard-coded"


def public_faults(bank: Sequence[Answer], trials: Sequence[Trial]) -> Iterator[str]:
    """Wrong answers that pass a check with the public seed alone."""
    public, *others = trials
    for answer in (answer for answer in bank if not answer.right):
        wrong = wrong_checks(public, answer)
        for other in others:
            for key in wrong_checks(other, answer).keys() - wrong.keys():
                seeds = f"with SEED = {public.seed}, but fails with {other.seed}"
                yield f"{key}: {answer.title!r} passes it {seeds}"


def stub_faults(trials: Sequence[Trial], stubs: Sequence[Variant]) -> Iterator[str]:
    """Checks that pass without an answer."""
    for trial in trials:
        for stub in stubs:
            for key, outcome in trial.outcomes.get(stub.name, {}).items():
                if same_value(trial.outcomes[""][key].text, outcome.value or ""):
                    yield f"{key} passes without an answer"
