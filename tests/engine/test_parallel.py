"""Many processes learn what one learns, keep it, and survive the loss of one.

Torchrun starts those of which one is lost. The others are forked off a process that has
imported torch already, with the variables that torchrun would have set.
"""

import multiprocessing
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from course_lib.batches import Batch
from course_lib.engine.parallel import Team, join, replicate, shard
from course_lib.engine.parallel.__main__ import main
from course_lib.files import load_checkpoint
from course_lib.names import NAMES_FILE
from course_lib.train.state import RunState

CPU = torch.device("cpu")
STEPS = 6


def command(folder: Path, *more: str) -> list[str]:
    text = folder / "text.txt"
    if not text.exists():
        text.write_bytes(NAMES_FILE.read_bytes()[:6000])
    sizes = ["--steps", str(STEPS), "--batch", "4", "--save-every", "2"]
    return ["--preset", "shakespeare", "--text", str(text), *sizes, *more]


def torchrun(n: int, arguments: list[str]) -> list[str]:
    module = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(n)]
    return [sys.executable, *module, "-m", "course_lib.engine.parallel", *arguments]


def run(n: int, arguments: list[str], folder: Path) -> str:
    """What `n` processes say together; each must end well."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    said = [folder / f"said-{rank}" for rank in range(n)]
    processes = [
        context.Process(target=work, args=(rank, n, port, arguments, said[rank]))
        for rank in range(n)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=300)
        process.kill()
        process.join()
    texts = [path.read_text("utf-8") for path in said]
    assert [process.exitcode for process in processes] == [0] * n, texts
    assert texts[1:] == [""] * (n - 1)
    return texts[0]


def work(rank: int, n: int, port: str, arguments: list[str], said: Path) -> None:
    """One process of a run; what it says goes into a file."""
    where = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "OMP_NUM_THREADS": "1"}
    ranks = {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(n)}
    os.environ.update(where | ranks)
    torch.set_num_threads(1)
    sys.stdout = sys.stderr = said.open("w", encoding="utf-8")
    sys.exit(main(arguments))


def losses(output: str) -> dict[int, tuple[float, float]]:
    """step -> (training loss, held-out loss) of the lines a run has printed."""
    line = re.compile(r"step\s+(\d+)\s+train ([\d.]+)\s+held out ([\d.]+)")
    return {int(step): (float(a), float(b)) for step, a, b in line.findall(output)}


def weights(path: Path) -> dict[str, Tensor]:
    tensors = load_checkpoint(path).tensors
    return {name: t for name, t in tensors.items() if name.startswith("model.")}


def assert_same_weights(one: Path, two: Path, atol: float) -> None:
    ours, theirs = weights(one), weights(two)
    assert ours.keys() == theirs.keys()
    for name, weight in ours.items():
        torch.testing.assert_close(weight, theirs[name], atol=atol, rtol=0)


def kill_one_worker(parent: subprocess.Popen[str]) -> None:
    """SIGKILL to the first process that torchrun has started."""
    listing = ["ps", "-o", "pid=,args=", "--ppid", str(parent.pid)]
    rows = subprocess.run(listing, capture_output=True, text=True, check=True).stdout
    workers = [row.split()[0] for row in rows.splitlines() if "course_lib" in row]
    os.kill(int(workers[0]), signal.SIGKILL)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The checkpoint and the output of one process with the whole batch."""
    folder = tmp_path_factory.mktemp("alone")
    out = folder / "run.safetensors"
    lines: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.stdout, "write", lines.append)
        assert main(command(folder, "--out", str(out))) == 0
    return out, "".join(lines)


@pytest.mark.slow
def test_two_processes_learn_what_one_learns_though_one_was_killed(
    tmp_path: Path, alone: tuple[Path, str]
):
    out = tmp_path / "run.safetensors"
    arguments = command(tmp_path, "--out", str(out))
    with subprocess.Popen(
        torchrun(2, arguments), stdout=-1, stderr=subprocess.STDOUT, text=True
    ) as broken:
        while not out.exists():
            assert broken.poll() is None, broken.communicate()[0]
            time.sleep(0.01)
        kill_one_worker(broken)
        broken.communicate(timeout=300)
    assert broken.returncode != 0
    kept = load_checkpoint(out).metadata["step"]
    assert kept < STEPS
    after = losses(run(2, arguments, tmp_path))
    expected = losses(alone[1])
    assert min(after) >= kept
    assert max(after) == STEPS
    for step, pair in after.items():
        assert pair == pytest.approx(expected[step], abs=1e-4)
    assert_same_weights(out, alone[0], atol=1e-4)


@pytest.mark.slow
def test_shards_learn_the_same_and_load_on_another_number_of_processes(
    tmp_path: Path, alone: tuple[Path, str]
):
    out = tmp_path / "run.safetensors"
    arguments = command(tmp_path, "--out", str(out), "--shard")
    found, expected = losses(run(2, arguments, tmp_path)), losses(alone[1])
    assert found.keys() == expected.keys()
    for step, pair in found.items():
        assert pair == pytest.approx(expected[step], abs=1e-4)
    assert_same_weights(out, alone[0], atol=1e-4)
    saved_by_two = weights(out)
    out.unlink()
    again = losses(run(1, arguments, tmp_path))
    assert list(again) == [STEPS]  # it went on from the end, not from the start
    for name, weight in weights(out).items():
        assert torch.equal(weight, saved_by_two[name])


def test_shares_make_up_the_batch():
    whole = Batch(torch.arange(12).view(6, 2), torch.arange(6))
    shares = [
        Team(rank=rank, size=3, device=CPU).share(lambda step: whole)(0)
        for rank in range(3)
    ]
    assert sorted(int(t) for share in shares for t in share.targets) == [*range(6)]
    for share in shares:
        assert torch.equal(share.inputs[:, 0], 2 * share.targets)


def test_mean_of_shared_gradients_is_the_gradient_of_the_batch():
    model = nn.Linear(3, 2)
    x = torch.randn(8, 3, generator=torch.Generator().manual_seed(0))
    y = torch.arange(8) % 2

    def gradient(batch: Batch) -> Tensor:
        loss = nn.functional.cross_entropy(model(batch.inputs), batch.targets)
        return torch.autograd.grad(loss, model.weight)[0]

    teams = [Team(rank=rank, size=4, device=CPU) for rank in range(4)]
    parts = [gradient(team.share(lambda step: Batch(x, y))(0)) for team in teams]
    torch.testing.assert_close(torch.stack(parts).mean(0), gradient(Batch(x, y)))


def test_uneven_shares_are_refused():
    team = Team(rank=0, size=4, device=CPU)
    source = team.share(lambda step: Batch(torch.zeros(6), torch.zeros(6)))
    with pytest.raises(ValueError, match="6 rows cannot be shared evenly by 4 proc"):
        source(0)


def test_weighted_batches_are_refused():
    team = Team(rank=0, size=2, device=CPU)
    ones = torch.ones(2)
    with pytest.raises(ValueError, match="weighted"):
        team.share(lambda step: Batch(ones, ones, ones))(0)


def test_without_torchrun_there_is_one_process(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("RANK", raising=False)
    with join() as team:
        assert (team.rank, team.size) == (0, 1)
        assert team.average(3.0) == 3.0
        model = nn.Linear(1, 1).to(team.device)
        assert replicate(model, team) is model
        with pytest.raises(ValueError, match="start more with torchrun"):
            shard(model, team)


def test_wrong_text_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    missing = str(tmp_path / "no.txt")
    assert main(["--preset", "shakespeare", "--text", missing]) != 0
    assert "no.txt" in capsys.readouterr().err


def test_lost_peer_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    def lose(*_: object, **__: object) -> None:
        raise RuntimeError("[gloo] Connection closed by peer [127.0.0.1]:1")

    monkeypatch.setattr("course_lib.engine.parallel.__main__._records", lose)
    out = tmp_path / "run.safetensors"
    assert main(command(tmp_path, "--out", str(out))) == 1
    said = capsys.readouterr().err
    assert "another process was lost" in said
    assert "give the same command again" in said
    assert str(out) in said


def test_state_has_no_wrapper_in_its_names():
    state = RunState(model=nn.Linear(1, 1), optimizers=[], metadata={})
    assert list(state.model.state_dict()) == ["weight", "bias"]
