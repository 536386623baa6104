"""train with a checkpoint: interrupted, killed, refused, resumed bit for bit."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from course_lib.batches import Batch, BatchSource, full_batch, mini_batches
from course_lib.files import load_checkpoint, save_checkpoint
from course_lib.mlp import NameMLP, NameMLPConfig
from course_lib.names import distinct_windows, load_names, windows
from course_lib.train import Record, TrainConfig, keep_best, train

NAMES = load_names()[::40]
X, Y = windows(NAMES, 3)
SOURCE = mini_batches(X, Y, 32)


def make(hidden_dim: int = 8) -> NameMLP:
    config = NameMLPConfig(hidden_dim=hidden_dim)
    return NameMLP(config, torch.Generator().manual_seed(0))


class WithDropout(nn.Module):
    """A model that draws from torch's global generator at each step."""

    def __init__(self) -> None:
        super().__init__()
        self.inner, self.dropout = make(), nn.Dropout(0.3)
        self.inner.head = nn.Sequential(self.dropout, self.inner.head)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.inner(tokens)


def run_until(stop: int, model: nn.Module, *args: object, **kw: object) -> list[Record]:
    """Records up to update `stop`, then leave the loop."""
    records = []
    for record in train(model, *args, **kw):
        records.append(record)
        if record.step == stop:
            break
    return records


def assert_same(one: nn.Module, other: nn.Module) -> None:
    for name, weight in one.state_dict().items():
        assert weight.equal(other.state_dict()[name]), name


@pytest.mark.parametrize("model_type", [make, WithDropout])
@pytest.mark.parametrize("schedule", ["constant", "linear", "cosine"])
@pytest.mark.parametrize("stops", [(0,), (7,), (3, 8, 11), (12,)])
def test_a_run_that_goes_on_equals_one_that_never_stopped(
    tmp_path: Path, model_type: type, schedule: str, stops: tuple[int, ...]
) -> None:
    config = TrainConfig(
        steps=12, schedule=schedule, warmup_steps=2, weight_decay=0.1,
        grad_clip=0.5, eval_every=4, save_every=5,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(5)
        whole = model_type()
        expected = list(train(whole, SOURCE, config, checkpoint=tmp_path / "whole"))
        torch.manual_seed(5)
        records = {}
        for stop in (*stops, 12):
            model = model_type()
            for record in run_until(
                stop, model, SOURCE, config, checkpoint=tmp_path / "parts"
            ):
                records[record.step] = record
            torch.rand(9)  # what others draw in between does not matter
    assert list(records.values()) == expected
    assert_same(model, whole)
    assert (tmp_path / "parts").read_bytes() == (tmp_path / "whole").read_bytes()


def test_a_finished_run_gives_its_last_record_and_trains_no_more(
    tmp_path: Path,
) -> None:
    config, model, again = TrainConfig(steps=4), make(), make()
    *_, last = train(model, SOURCE, config, checkpoint=tmp_path / "c")
    assert list(train(again, SOURCE, config, checkpoint=tmp_path / "c")) == [last]
    assert_same(model, again)


def test_a_run_whose_best_is_kept_saves_its_last_state_not_the_best(
    tmp_path: Path,
) -> None:
    config = TrainConfig(steps=3, eval_every=1)
    vals = iter([3.0, 2.0, 2.5, 2.6])
    model = make()
    records = train(
        model, SOURCE, config, evaluate=lambda m: next(vals), checkpoint=tmp_path / "c"
    )
    assert [r.step for r in keep_best(records, model)] == [0, 1, 2, 3]
    at_3, at_1 = make(), make()
    run_until(3, at_3, SOURCE, config)
    run_until(1, at_1, SOURCE, config)
    assert_same(model, at_1)
    stored = load_checkpoint(tmp_path / "c")
    assert stored.metadata["step"] == 3
    for name, weight in at_3.state_dict().items():
        assert stored.tensors[f"model.{name}"].equal(weight)


CONFIG = TrainConfig(steps=30, save_every=10)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    run_until(10, make(), SOURCE, CONFIG, checkpoint=tmp_path / "c")
    return tmp_path / "c"


def refuse(
    path: Path, message: str, model: nn.Module, source: BatchSource, config: TrainConfig
) -> None:
    """The run must stop at once, with the model and the file as they were."""
    before, weights = path.read_bytes(), model.state_dict()
    weights = {name: weight.clone() for name, weight in weights.items()}
    with pytest.raises(ValueError, match=message):
        next(train(model, source, config, checkpoint=path))
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]
    assert all(w.equal(weights[name]) for name, w in model.state_dict().items())


def test_another_model_config_or_data_set_is_refused(path: Path) -> None:
    wider, other_x = make(hidden_dim=9), mini_batches(X.roll(1, 0), Y, 32)
    other_y = mini_batches(X, Y.roll(1), 32)
    refuse(path, "was trained with model .*'hidden_dim': 8", wider, SOURCE, CONFIG)
    shorter = TrainConfig(steps=29, save_every=10)
    refuse(path, "was trained with config .*'steps': 30", make(), SOURCE, shorter)
    for source in (other_x, other_y, mini_batches(X, Y, 32, seed=1)):
        refuse(path, "was trained with data", make(), source, CONFIG)


def test_other_counts_of_the_same_windows_are_another_data_set(tmp_path: Path) -> None:
    x, y, counts = distinct_windows(NAMES, 3)
    path = tmp_path / "c"
    run_until(1, make(), full_batch(x, y, counts), CONFIG, checkpoint=path)
    other = full_batch(x, y, counts + 1)
    refuse(path, "was trained with data", make(), other, CONFIG)


def test_a_model_without_config_is_told_by_its_weights(tmp_path: Path) -> None:
    def plain(width: int) -> nn.Module:
        layers = [nn.Embedding(27, width), nn.Flatten(), nn.Linear(3 * width, 27)]
        return nn.Sequential(*layers)

    run_until(1, plain(4), SOURCE, CONFIG, checkpoint=tmp_path / "c")
    refuse(tmp_path / "c", r"weight '0\.weight' is \(27, 4\)", plain(5), SOURCE, CONFIG)


def test_a_damaged_or_foreign_checkpoint_is_refused(path: Path) -> None:
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    for data, message in (
        (b"", "cut short, damaged"),
        (whole[: len(whole) // 2], "cut short, damaged"),
        (whole[:-1], "cut short, damaged"),
        (bytes(flipped), "is damaged"),
        (b"my diary, not a checkpoint", "not a checkpoint"),
    ):
        path.write_bytes(data)
        refuse(path, message, make(), SOURCE, CONFIG)
    save_checkpoint(path, {"w": torch.ones(2)}, {"step": 3})
    refuse(path, "was trained with config None", make(), SOURCE, CONFIG)


def test_a_loss_that_is_not_finite_keeps_the_last_good_checkpoint(path: Path) -> None:
    def bad_later(step: int) -> Batch:
        weights = torch.full((32,), torch.nan) if step == 13 else None
        return SOURCE(step)._replace(weights=weights)

    before = path.read_bytes()
    with pytest.raises(FloatingPointError, match="loss is nan after 13 updates"):
        list(train(make(), bad_later, CONFIG, checkpoint=path))
    assert path.read_bytes() == before
    model, whole = make(), make()
    list(train(model, SOURCE, CONFIG, checkpoint=path))
    list(train(whole, SOURCE, CONFIG))
    assert_same(model, whole)


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_is_said_and_keeps_the_last_checkpoint(
    path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full_disk(*args: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = path.read_bytes()
    monkeypatch.setattr(os, call, full_disk)
    with pytest.raises(OSError, match="No space left on device"):
        list(train(make(), SOURCE, CONFIG, checkpoint=path))
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_a_place_that_cannot_be_written_is_said_at_step_0(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    records = train(make(), SOURCE, CONFIG, checkpoint=tmp_path / "file" / "c")
    with pytest.raises(OSError, match="file"):
        next(records)


def test_a_finished_run_trains_longer_as_a_run_of_that_length_would(
    tmp_path: Path,
) -> None:
    short, longer = (
        TrainConfig(steps=steps, schedule="constant") for steps in (20, 32)
    )
    list(train(make(), SOURCE, short, checkpoint=tmp_path / "c"))
    model, whole = make(), make()
    records = list(train(model, SOURCE, longer, checkpoint=tmp_path / "c"))
    assert [records[0].step, records[-1].step] == [20, 32]
    list(train(whole, SOURCE, longer))
    assert_same(model, whole)
    assert load_checkpoint(tmp_path / "c").metadata["config"]["steps"] == 32


LONG = TrainConfig(steps=1_000_000, save_every=20, schedule="constant")


def assert_goes_on_exactly(path: Path) -> int:
    """The checkpoint at `path` and five updates more equal a run from the start."""
    step = load_checkpoint(path).metadata["step"]
    resumed, whole = make(), make()
    run_until(step + 5, resumed, SOURCE, LONG, checkpoint=path)
    run_until(step + 5, whole, SOURCE, LONG)
    assert_same(resumed, whole)
    return step


def test_ctrl_c_during_an_update_lets_it_finish_and_saves(tmp_path: Path) -> None:
    def interrupted_source(step: int) -> Batch:
        if step == 33:
            signal.raise_signal(signal.SIGINT)
        return SOURCE(step)

    records = train(make(), interrupted_source, LONG, checkpoint=tmp_path / "c")
    with pytest.raises(KeyboardInterrupt):
        list(records)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert assert_goes_on_exactly(tmp_path / "c") == 33


def test_ctrl_c_between_updates_saves_too(tmp_path: Path) -> None:
    def read_records() -> None:
        for record in train(make(), SOURCE, LONG, checkpoint=tmp_path / "c"):
            if record.step == 33:
                signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        read_records()
    assert assert_goes_on_exactly(tmp_path / "c") == 33


SCRIPT = """
import sys
from pathlib import Path
from tests.engine.test_train_resume import LONG, SOURCE, make, train

while True:
    try:
        for n, record in enumerate(train(make(), SOURCE, LONG, checkpoint=Path("c"))):
            if n == 50:
                print("ready", flush=True)
    except KeyboardInterrupt:
        print("stopped at", record.step, flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to a child")
def test_a_real_ctrl_c_and_a_real_kill_leave_a_run_that_goes_on(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(root)}
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, env=environment,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        told = process.stdout.readline()
        assert process.stdout.readline() == "ready\n"  # gone on from the checkpoint
        process.kill()
    assert told.startswith("stopped at ")
    stopped = int(told.split()[-1])
    assert stopped >= 50
    assert assert_goes_on_exactly(tmp_path / "c") >= stopped
