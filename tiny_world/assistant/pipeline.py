"""All stages by one command, from nothing to a preferred assistant.

Each stage is a file in one folder; what is there already is not made again, and a base
model goes on from its last checkpoint. What each stage can do stands in its file.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import torch

from course_lib.device import pick_device
from course_lib.files import load, load_checkpoint, save
from course_lib.gpt import GPT
from tiny_world import Person, World, WorldTokenizer
from tiny_world.assistant.mixtures import Sorted
from tiny_world.assistant.report import Measures, facts_of, measure, measures_of
from tiny_world.assistant.roster import Asked, make_roster
from tiny_world.assistant.stages import STAGES, Report, chat_template, next_stage, quiet

KIND = "pipeline"
LARGER = {
    "people": 600,
    "shape": {"emb_dim": 256, "n_heads": 8, "n_layers": 6},
    "recipe": {"steps": 6000},
}
"""What a GPU makes of the same command: five times as many people to know."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to make; two runs of one plan give the same models."""

    seed: int = 0
    """Of the first weights, the talks and the samples."""
    people: int = 120
    """How many famous people the world has."""
    shape: Mapping[str, Any] = field(default_factory=dict)
    """Sizes of the model that differ from the preset "world"."""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the base model's training that differ."""

    def metadata(self) -> dict[str, Any]:
        """The plan in values that JSON can hold."""
        return {
            "seed": self.seed,
            "people": self.people,
            "shape": dict(self.shape),
            "recipe": dict(self.recipe),
        }


def plan_for(
    device: torch.device,
    *,
    seed: int = 0,
    people: int | None = None,
    shape: Mapping[str, Any] | None = None,
    recipe: Mapping[str, Any] | None = None,
) -> Plan:
    """The plan that fits a device: on CUDA a larger world and a larger model.

    >>> plan_for(torch.device("cpu")).people, plan_for(torch.device("cuda")).people
    (120, 600)
    """
    larger: Mapping[str, Any] = LARGER if device.type == "cuda" else {}
    return Plan(
        seed=seed,
        people=larger.get("people", 120) if people is None else people,
        shape={**larger.get("shape", {}), **(shape or {})},
        recipe={**larger.get("recipe", {}), **(recipe or {})},
    )


class Made(NamedTuple):
    """A stage that is there."""

    stage: str
    path: Path
    model: GPT
    measures: Measures
    found_before: bool
    """True if its file was there already."""


def stage_path(folder: Path, stage: str) -> Path:
    """Where a stage is kept.

    >>> stage_path(Path("runs"), "sft").name
    'sft.safetensors'
    """
    return Path(folder) / f"{stage}.safetensors"


def run_pipeline(
    folder: Path,
    plan: Plan,
    *,
    device: torch.device | None = None,
    report: Report = quiet,
) -> Iterator[Made]:
    """Make the stages that are missing in a folder, and yield all of them in order.

    A run that was stopped goes on when it is called again.

    Args:
        folder: where the stages are kept.
        plan: what to make.
        device: where to train; the best there is if not given.
        report: is told how it goes; a stage that is prepared or measured has no loss.

    Raises:
        ValueError: if the folder holds stages of another plan.
    """
    device = device or pick_device(None)
    roster = make_roster(World(seed=0, n_famous=plan.people))
    model: GPT | None = None
    found = Sorted()
    for stage in STAGES:
        path = stage_path(folder, stage)
        there = path.exists()
        if there:
            metadata = _checked_metadata(path, stage, plan)
            model = load(path).model.to(device)
            found = sorted_of(metadata["found"])
            measures = measures_of(metadata["measures"])
        else:
            report(f"preparing {stage}", 0, 1, math.nan)
            if stage == "base":
                model = _base(folder, plan, device, report)
            else:
                assert model is not None
                model, found = next_stage(
                    stage, model, roster, found, seed=plan.seed, report=report
                )
            report(f"measuring {stage}", 0, 1, math.nan)
            measures = measure(model, roster, stage)
            save_stage(path, model, stage, plan, found, measures)
            _running(folder).unlink(missing_ok=True)  # the base is safe now
        assert model is not None
        yield Made(stage, path, model, measures, there)


def save_stage(
    path: Path, model: GPT, stage: str, plan: Plan, found: Sorted, measures: Measures
) -> None:
    """Write a stage with all that the next one needs to know.

    >>> import tempfile
    >>> from tiny_world import load_base
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = stage_path(Path(folder), "base")
    ...     save_stage(path, load_base(), "base", Plan(), Sorted(), {})
    ...     load_checkpoint(path).metadata["stage"]
    'base'
    """
    tokenizer = WorldTokenizer() if stage == "base" else chat_template().tokenizer
    metadata = {
        "kind_of_run": KIND,
        "preset": "world" if stage == "base" else KIND,
        "stage": stage,
        "plan": plan.metadata(),
        "found": found.to_facts(),
        "measures": facts_of(measures),
    }
    save(path, model, tokenizer, metadata)


def _checked_metadata(path: Path, stage: str, plan: Plan) -> dict[str, Any]:
    metadata = load_checkpoint(path).metadata
    if metadata.get("kind_of_run") != KIND or metadata.get("stage") != stage:
        raise ValueError(f"{path} is not the stage {stage!r} of a pipeline: move it")
    if metadata["plan"] != plan.metadata():
        was = {k: v for k, v in metadata["plan"].items() if v != plan.metadata()[k]}
        raise ValueError(
            f"{path} was made with another plan ({was}): use the same options, "
            "another folder, or --overwrite"
        )
    return metadata


def _running(folder: Path) -> Path:
    """The checkpoint of a base model in training."""
    return Path(folder) / "base_running.safetensors"


def _base(folder: Path, plan: Plan, device: torch.device, report: Report) -> GPT:
    """Train the base model, from its last checkpoint if there is one."""
    from course_lib.engine.presets import prepare  # a lesson does not need them

    job = prepare(
        "world",
        shape=plan.shape,
        recipe=plan.recipe,
        seed=plan.seed,
        device=device,
        people=plan.people,
    )
    for record in job.start(_running(folder)):
        report("base", record.step, job.config.steps, record.loss_nats)
    model = job.model.eval()
    assert isinstance(model, GPT)
    return model


def sorted_of(metadata: Mapping[str, list[str]]) -> Sorted:
    """The inverse of `Sorted.to_facts`.

    >>> sorted_of({"known": ["Lumira Pickle job"], "unknown": []}).known[0].relation
    'job'
    """

    def asked(text: str) -> Asked:
        first, last, relation = text.split()
        return Asked(Person(first, last), relation)

    return Sorted(*(list(map(asked, metadata[name])) for name in ("known", "unknown")))
