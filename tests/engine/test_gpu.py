"""What only a CUDA device can show: the same results there, and the faster ways.

python3 start.py test -m gpu
"""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import tiny_world as world
from course_lib import preferences
from course_lib.batches import batch_loss
from course_lib.cache import KVCache
from course_lib.engine.presets import prepare
from course_lib.engine.speed import flops_per_token, peak_flops
from course_lib.files import load_checkpoint
from course_lib.gpt import GPT, GPTConfig
from course_lib.train import TrainConfig, train
from tiny_world import assistant, load_base, world_batches

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]
CONFIG = GPTConfig(vocab_size=world.VOCAB_SIZE, emb_dim=64, n_layers=2)
SOURCE = world_batches(world.World(seed=0), n_rows=4, length=64)


def new_model(config: GPTConfig = CONFIG) -> GPT:
    return GPT(config, torch.Generator().manual_seed(0))


def losses(model: GPT, config: TrainConfig, path: Path | None = None) -> list[float]:
    return [r.loss_nats for r in train(model, SOURCE, config, checkpoint=path)]


@torch.no_grad()
def test_logits_are_those_of_the_cpu():
    tokens = SOURCE(0).inputs
    model = load_base()
    expected = model(tokens)
    torch.testing.assert_close(
        model.cuda()(tokens.cuda()).cpu(), expected, atol=2e-3, rtol=0
    )


@torch.inference_mode()
def test_cache_works_there():
    model, tokens = new_model().cuda().eval(), SOURCE(0).inputs.cuda()
    cache = KVCache(CONFIG.cache_shape, 4, device="cuda")
    parts = [model(part, cache) for part in tokens.split([40, 1, 23], dim=1)]
    torch.testing.assert_close(torch.cat(parts, 1), model(tokens), atol=2e-3, rtol=0)


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_training_goes_as_on_the_cpu(optimizer: str):
    config = TrainConfig(steps=20, optimizer=optimizer, learning_rate=1e-3)  # type: ignore[arg-type]
    there = losses(new_model().cuda(), replace(config, compile=False))
    assert there == pytest.approx(losses(new_model(), config), abs=0.02)


def test_bfloat16_and_compiled_kernels_learn_as_well():
    config = TrainConfig(steps=60, learning_rate=3e-3, compile=False)
    exact = losses(new_model().cuda(), config)
    fast = losses(
        new_model().cuda(), replace(config, precision="bfloat16", compile=True)
    )
    assert fast[-1] == pytest.approx(exact[-1], abs=0.1)


def test_resumed_run_with_dropout_equals_one_that_never_stopped(tmp_path: Path):
    shape = replace(CONFIG, dropout=0.2)
    config = TrainConfig(steps=8, compile=False)
    torch.cuda.manual_seed(0)
    through = losses(new_model(shape).cuda(), config, tmp_path / "a.safetensors")
    torch.cuda.manual_seed(0)
    records = train(
        new_model(shape).cuda(), SOURCE, config, checkpoint=tmp_path / "b.safetensors"
    )
    for record in records:
        if record.step == 4:
            break
    records.close()  # type: ignore[attr-defined]
    resumed = losses(new_model(shape).cuda(), config, tmp_path / "b.safetensors")
    assert resumed == pytest.approx(through[4:], abs=1e-3)


def test_a_preset_trains_a_gpt_in_bfloat16_there():
    assert prepare("world", device="cuda").config.precision == "bfloat16"
    assert prepare("names", device="cuda").config.precision == "float32"


def test_recomputing_takes_less_memory():
    peaks = []
    for recompute in (False, True):
        model = new_model(replace(CONFIG, n_layers=8)).cuda()
        torch.cuda.reset_peak_memory_stats()
        losses(model, TrainConfig(steps=2, recompute=recompute, compile=False))
        peaks.append(torch.cuda.max_memory_allocated())
    assert peaks[1] < 0.8 * peaks[0]


def test_speed_stays_below_the_peak():
    peak = peak_flops(torch.device("cuda"), "bfloat16")
    records = list(train(new_model().cuda(), SOURCE, TrainConfig(steps=20)))
    used = records[-1].tokens_per_second * flops_per_token(new_model())
    assert 0 < used < peak


def test_torchrun_uses_nccl(tmp_path: Path):
    out = tmp_path / "run.safetensors"
    module = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "1"]
    options = ["--preset", "world", "--steps", "4", "--out", str(out)]
    command = [sys.executable, *module, "-m", "course_lib.engine.parallel", *options]
    subprocess.run(command, check=True, timeout=300)
    assert load_checkpoint(out).metadata["step"] == 4


def test_out_of_memory_says_how_many_rows_fit():
    free, _ = torch.cuda.mem_get_info()
    wide = GPT(GPTConfig(vocab_size=world.VOCAB_SIZE, context_size=2048)).cuda()
    per_row = 2048 * world.VOCAB_SIZE * 4
    rows = max(64, int(2 * free / per_row))
    source = world_batches(world.World(seed=0), n_rows=2, length=2048)
    one = source(0)

    def too_much(step: int):
        return type(one)(
            one.inputs[:1].expand(rows, -1), one.targets[:1].expand(rows, -1)
        )

    with pytest.raises(MemoryError, match="accumulate="):
        list(train(wide, too_much, TrainConfig(steps=1, compile=False)))
    assert batch_loss(wide, one).isfinite()


def test_a_stage_answers_there_as_on_the_cpu():
    stage = assistant.load_stage("tools")
    roster = assistant.make_roster(world.World(seed=0))
    asked = roster.strangers[:40]
    tools = assistant.world_tools(roster.world)
    template = assistant.chat_template()
    on_cpu = assistant.Examiner(stage.model, template, roster, tools=tools)
    expected = on_cpu.verdicts(asked)
    there = assistant.Examiner(stage.model.cuda(), template, roster, tools=tools)
    assert there.verdicts(asked) == expected


def test_demonstrations_and_preferences_are_learned_there():
    roster = assistant.make_roster(world.World(seed=0))
    model = assistant.load_stage("tools").model.cuda()
    mixture = assistant.stages.sft_mixture(roster)
    tuned = assistant.tune(model, mixture, steps=2)
    preferred = assistant.prefer(
        tuned, roster, config=preferences.DPOConfig(steps=2), n_each=1
    )
    assert next(preferred.parameters()).is_cuda
