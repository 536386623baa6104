"""assistant.pipeline: all stages by one command, stopped and gone on with, exactly."""

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import islice, pairwise
from pathlib import Path

import pytest
import torch

from course_lib.engine.checkpoint_file import from_metadata
from course_lib.files import load, load_checkpoint
from course_lib.gpt import GPT
from course_lib.preferences import DPOConfig
from tiny_world import World, base_run
from tiny_world.assistant import (
    STAGES,
    Judge,
    Plan,
    Roster,
    Sorted,
    make_roster,
    measure,
    pipeline,
    plan_for,
    report,
    run_pipeline,
    stages,
)
from tiny_world.assistant.pipeline import (
    Made,
    save_stage,
    sorted_of,
    stage_path,
)

PLAN = Plan(
    shape={"emb_dim": 32, "n_layers": 1},
    recipe={"steps": 6, "save_every": 2, "eval_every": 2},
)
CPU = torch.device("cpu")
Log = list[tuple[str, int]]


def quickly(patch: pytest.MonkeyPatch) -> None:
    """Stages of a second: few steps, few questions."""
    whole, judges = stages.sort_questions, stages.judge_of

    def sort_questions(model: GPT, roster: Roster, *, seed: int = 0) -> Sorted:
        few = replace(roster, probed=roster.probed[:8])
        return whole(model, few, n_margins=8, seed=seed)

    def judge_of(roster: Roster, *, ranks: int) -> Judge:
        judge = judges(roster, ranks=ranks)
        judge.prompts = judge.prompts[:8]
        return judge

    def world_gap(model: GPT, roster: Roster, stage: str) -> report.Measures:
        return {"world_gap": report.world_gap(model, roster.world)}

    for recipe in stages.RECIPES.values():
        patch.setitem(recipe, "steps", 2)
        patch.setitem(recipe, "batch_size", 4)
    prefer = partial(stages.prefer, config=DPOConfig(steps=2, batch_size=2), n_each=1)
    patch.setattr(stages, "sort_questions", sort_questions)
    patch.setattr(stages, "judge_of", judge_of)
    patch.setattr(stages, "prefer", prefer)
    patch.setattr(report, "WORLD_ROWS", 2)
    patch.setattr(base_run, "WORLD_ROWS", 2)
    patch.setattr(pipeline, "measure", world_gap)


@pytest.fixture(autouse=True, scope="module")
def quick() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        quickly(patch)
        yield


def run(
    folder: Path, plan: Plan = PLAN, n: int = 6, log: Log | None = None
) -> list[Made]:
    """The first n stages; what is reported goes into the log."""

    def tell(stage: str, step: int, steps: int, loss: float) -> None:
        if log is not None and not math.isnan(loss):  # an update, no announcement
            log.append((stage, step))

    return list(islice(run_pipeline(folder, plan, device=CPU, report=tell), n))


def roster_of(plan: Plan) -> Roster:
    return make_roster(World(seed=0, n_famous=plan.people))


@pytest.fixture(scope="module")
def whole(quick: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all stages, made without a stop."""
    folder = tmp_path_factory.mktemp("whole")
    run(folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def test_every_stage_is_one_file_and_found_again(whole: Path) -> None:
    before = contents(whole)
    assert sorted(before) == sorted(f"{stage}.safetensors" for stage in STAGES)
    log: Log = []
    made = run(whole, log=log)
    assert [one.stage for one in made] == list(STAGES)
    assert all(one.found_before for one in made)
    assert log == []
    assert contents(whole) == before


@pytest.mark.parametrize("n", range(1, len(STAGES)))
def test_a_run_that_stops_after_a_stage_goes_on_to_the_same_weights(
    tmp_path: Path, whole: Path, n: int
) -> None:
    for path in whole.iterdir():
        if STAGES.index(path.stem) < n:
            (tmp_path / path.name).write_bytes(path.read_bytes())
    log: Log = []
    made = run(tmp_path, log=log)
    assert [one.found_before for one in made] == [True] * n + [False] * (
        len(STAGES) - n
    )
    assert {stage for stage, _ in log} == set(STAGES[n:])
    assert contents(tmp_path) == contents(whole)


def test_the_same_plan_gives_the_same_files_and_another_seed_others(
    tmp_path: Path, whole: Path
) -> None:
    run(tmp_path / "again", n=2)
    expected = contents(whole)
    for name, data in contents(tmp_path / "again").items():
        assert data == expected[name]
    run(tmp_path / "other", replace(PLAN, seed=1), n=2)
    for name, data in contents(tmp_path / "other").items():
        assert data != expected[name]


class Stopped(Exception):
    """Somebody pressed a key."""


@pytest.mark.parametrize("at", [1, 3, 5])
def test_a_base_run_that_is_stopped_goes_on_where_it_was(
    tmp_path: Path, whole: Path, at: int
) -> None:
    def tell(stage: str, step: int, steps: int, loss: float) -> None:
        if step == at:
            raise Stopped

    with pytest.raises(Stopped):
        list(run_pipeline(tmp_path, PLAN, device=CPU, report=tell))
    assert list(contents(tmp_path)) == ["base_running.safetensors"]
    log: Log = []
    run(tmp_path, n=1, log=log)
    assert log == [("base", step) for step in range(at, 7)]
    expected = contents(whole)["base.safetensors"]
    assert contents(tmp_path) == {"base.safetensors": expected}


def test_a_stage_that_is_stopped_leaves_no_file(tmp_path: Path, whole: Path) -> None:
    def tell(stage: str, step: int, steps: int, loss: float) -> None:
        if stage == "sft":
            raise Stopped

    base = "base.safetensors"
    (tmp_path / base).write_bytes((whole / base).read_bytes())
    with pytest.raises(Stopped):
        list(run_pipeline(tmp_path, PLAN, device=CPU, report=tell))
    assert list(contents(tmp_path)) == [base]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"seed": 1}, "'seed': 0"),
        ({"people": 240}, "'people': 120"),
        ({"shape": {"emb_dim": 64, "n_layers": 1}}, "'shape': .*'emb_dim': 32"),
        ({"recipe": {"steps": 7}}, "'recipe': .*'steps': 6"),
    ],
)
def test_a_folder_of_another_plan_is_refused(
    whole: Path, changes: dict[str, object], told: str
) -> None:
    before = contents(whole)
    with pytest.raises(ValueError, match=rf"base.safetensors.*another plan.*{told}"):
        run(whole, replace(PLAN, **changes))
    assert contents(whole) == before


def test_a_run_in_progress_of_another_plan_is_refused(tmp_path: Path) -> None:
    def tell(stage: str, step: int, steps: int, loss: float) -> None:
        if step == 4:
            raise Stopped

    with pytest.raises(Stopped):
        list(run_pipeline(tmp_path, PLAN, device=CPU, report=tell))
    with pytest.raises(ValueError, match=r"base_running\.safetensors"):
        run(tmp_path, replace(PLAN, shape={"emb_dim": 64, "n_layers": 1}), n=1)


@pytest.mark.parametrize("stage", ["base", "honest", "preferred"])
@pytest.mark.parametrize("how", ["cut", "flipped", "empty"])
def test_a_damaged_file_is_named(
    tmp_path: Path, whole: Path, stage: str, how: str
) -> None:
    for name, data in contents(whole).items():
        (tmp_path / name).write_bytes(data)
    path = stage_path(tmp_path, stage)
    data = path.read_bytes()
    middle = len(data) // 2
    broken = {
        "cut": data[:middle],
        "flipped": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
        "empty": b"",
    }
    path.write_bytes(broken[how])
    with pytest.raises(ValueError, match=path.name):
        run(tmp_path)


def test_a_file_that_is_no_stage_is_named(tmp_path: Path, whole: Path) -> None:
    sft = (whole / "sft.safetensors").read_bytes()
    stage_path(tmp_path, "base").write_bytes(sft)
    with pytest.raises(ValueError, match=r"base.safetensors is not the stage 'base'"):
        run(tmp_path)


def test_a_file_holds_all_that_the_next_stage_needs(whole: Path) -> None:
    honest, tools = (
        load_checkpoint(stage_path(whole, stage)).metadata
        for stage in ("honest", "tools")
    )
    assert honest["plan"] == PLAN.metadata()
    assert honest["found"] == tools["found"]
    found = sorted_of(honest["found"])
    assert found.to_facts() == honest["found"]
    assert found.unknown
    roster = roster_of(PLAN)
    asked = {*found.known, *found.unknown}
    assert asked <= {*roster.taught, *roster.probed, *roster.margins}
    assert (
        from_metadata(honest["tokenizer"]).vocab_size == honest["model"]["vocab_size"]
    )
    assert list(honest["measures"]) == ["world_gap"]


def test_each_stage_differs_from_the_one_before(whole: Path) -> None:
    models = [load(stage_path(whole, stage)).model for stage in STAGES]
    assert models[0].config.vocab_size < models[1].config.vocab_size
    for one, other in pairwise(models[1:]):
        assert one.config == other.config
        assert not one.embedding.weight.equal(other.embedding.weight)


def test_a_plan_is_plain_data_and_larger_on_a_gpu() -> None:
    assert json.loads(json.dumps(PLAN.metadata())) == PLAN.metadata()
    cuda = plan_for(torch.device("cuda"), seed=3, shape={"n_layers": 4})
    assert cuda.shape == {"emb_dim": 256, "n_heads": 8, "n_layers": 4}
    assert (cuda.seed, cuda.people, cuda.recipe) == (3, 600, {"steps": 6000})
    assert plan_for(CPU, people=240, recipe={"steps": 9}) == Plan(
        people=240, recipe={"steps": 9}
    )


def test_a_larger_world_is_learned_by_its_own_people(tmp_path: Path) -> None:
    made = run(tmp_path, replace(PLAN, people=240), n=3)
    found = sorted_of(load_checkpoint(made[-1].path).metadata["found"])
    roster = roster_of(replace(PLAN, people=240))
    asked = {*found.known, *found.unknown}
    assert asked <= {*roster.taught, *roster.probed, *roster.margins}
    assert not asked <= set(roster_of(PLAN).taught)


@pytest.mark.slow
def test_a_small_model_is_measured_in_full(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(report, "N_STRANGERS", 32)
    monkeypatch.setattr(pipeline, "measure", measure)
    for made in run(tmp_path, n=2):
        assert made.measures.keys() == report.ROWS.keys()
        again = load_checkpoint(made.path).metadata["measures"]
        assert report.measures_of(again) == made.measures
    model = made.model
    save_stage(tmp_path / "x.safetensors", model, "sft", PLAN, Sorted(), made.measures)
    assert load(tmp_path / "x.safetensors").model.config == model.config
