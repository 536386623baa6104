"""The stages that travel with the course, so that a lesson starts in seconds.

`data/snapshots/assistant_<stage>.safetensors` holds the weights in half precision: the
rounding changes no answer that is counted. `course snapshots` makes them again.
"""

from pathlib import Path
from typing import NamedTuple

from course_lib.files import load
from course_lib.gpt import GPT
from tiny_world import WORLD_BASE, World, load_base
from tiny_world.assistant.mixtures import Sorted
from tiny_world.assistant.pipeline import Plan, save_stage, sorted_of
from tiny_world.assistant.report import Measures, measure, measures_of
from tiny_world.assistant.roster import make_roster
from tiny_world.assistant.stages import STAGES, Report, next_stage, quiet

SHIPPED = WORLD_BASE.parent


class Stage(NamedTuple):
    """A stage that was made before."""

    model: GPT
    found: Sorted
    """What the probe found, for the stages after it."""
    measures: Measures
    """What it can do, measured when it was made."""


def shipped_path(stage: str, folder: Path = SHIPPED) -> Path:
    """Where a stage is kept.

    Raises:
        ValueError: for a stage that is none of `STAGES`.

    >>> shipped_path("sft").name
    'assistant_sft.safetensors'
    """
    if stage not in STAGES:
        raise ValueError(f"stage is {stage!r}: use one of {', '.join(STAGES)}")
    return WORLD_BASE if stage == "base" else folder / f"assistant_{stage}.safetensors"


def load_stage(stage: str) -> Stage:
    """A stage of the assistant of Tiny World, seed 0, ready to be used.

    Raises:
        ValueError: for a stage that is none of `STAGES`.

    >>> load_stage("sft").model.config.n_layers
    3
    """
    if stage == "base":
        return Stage(load_base(), Sorted(), {})
    model, _, metadata = load(shipped_path(stage))
    return Stage(model, sorted_of(metadata["found"]), measures_of(metadata["measures"]))


def make_shipped(folder: Path = SHIPPED, report: Report = quiet) -> list[Path]:
    """Make the stages again from the stored base model, and write them."""
    roster = make_roster(World(seed=0))
    model, found, paths = load_base(), Sorted(), []
    for stage in STAGES[1:]:
        model, found = next_stage(stage, model, roster, found, report=report)
        model = model.half().float()  # the next stage begins as what is written
        measures = measure(model, roster, stage)
        path = shipped_path(stage, folder)
        save_stage(path, model.half(), stage, Plan(), found, measures)
        model = model.float()
        paths.append(path)
    return paths
