"""Train on many devices, one process for each.

    torchrun --nproc-per-node 2 -m course_lib.engine.parallel --preset world --steps 100

Every process runs this. On several machines add torchrun's --nnodes and
--rdzv-endpoint; the folder of the checkpoint must be seen by all of them. A run that
was cut goes on when the same command is given again; with --max-restarts 3 torchrun
does that by itself.
"""

import argparse
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch.distributed as dist

from course_lib.batches import fingerprint
from course_lib.engine.parallel.sharded import (
    LeaderCheckpointer,
    ShardedCheckpointer,
    gather_weights,
)
from course_lib.engine.parallel.team import (
    Team,
    evaluate_together,
    join,
    replicate,
    shard,
)
from course_lib.engine.presets import PRESETS, Job, prepare
from course_lib.train import Checkpointer, Record, train

REPORTS = 10


def main(arguments: list[str] | None = None) -> int:
    """Join the other processes, train, and say how it goes; 0 if all went well.

    Returns:
        1 if training failed or a process was lost, 2 for wrong options or files.

    >>> main(["--preset", "world", "--steps", "0"])
    2
    """
    options = _options(arguments)
    step = 0
    try:
        with join() as team:
            say = _speaker(team)
            job = _prepare(options, team)
            for record in _records(options, job, team):
                step = record.step
                if record.val_loss_nats is not None:
                    say(_line(record, job))
            say(f"saved in {options.out}")
    except (ValueError, FileNotFoundError, FloatingPointError, MemoryError) as error:
        sys.stderr.write(f"parallel: {error}\n")
        return 2 if isinstance(error, ValueError) else 1
    except RuntimeError as error:  # gloo and NCCL have no error of their own
        if not _is_about_others(error):
            raise
        sys.stderr.write(
            f"parallel: after {step} updates another process was lost ({error}): give "
            f"the same command again; the run goes on from what is kept in "
            f"{options.out}\n"
        )
        return 1
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="torchrun --nproc-per-node N -m course_lib.engine.parallel",
        description="Train a preset on N devices.",
        epilog="Example: torchrun --nproc-per-node 2 -m course_lib.engine.parallel "
        "--preset shakespeare --text my.txt --out runs/mine.safetensors",
    )
    add = parser.add_argument
    add("--preset", choices=[*PRESETS], default="world")
    add("--text", type=Path, help="your own .txt")
    add("--steps", type=int, help="updates")
    add("--batch", type=int, help="rows in a batch, of all processes together")
    add("--seed", type=int, default=0)
    add("--save-every", type=int, default=500, help="updates between checkpoints")
    add("--optimizer", choices=["adamw", "muon"])
    add("--precision", choices=["float32", "bfloat16"], help="of matrix products")
    add("--accumulate", type=int, help="parts of a batch, for less memory")
    add("--recompute", action="store_true", default=None, help="for far less memory")
    add("--out", type=Path, default=Path("runs/parallel.safetensors"))
    add(
        "--shard",
        action="store_true",
        help="split the weights too (FSDP2), for models that do not fit on one device; "
        "the state is kept in the folder OUT.state",
    )
    return parser.parse_args(arguments)


def _prepare(options: argparse.Namespace, team: Team) -> Job:
    """The job on this process's device; process 0 goes first and makes the files."""
    names = ("steps", "save_every", "optimizer", "precision", "accumulate", "recompute")
    wanted = {name: getattr(options, name) for name in names}
    recipe = {name: value for name, value in wanted.items() if value is not None}
    with _leader_first(team):
        options.out.parent.mkdir(parents=True, exist_ok=True)
        return prepare(
            options.preset,
            text=options.text,
            tokens_at=options.out.with_suffix(".tokens"),
            recipe=recipe,
            batch_size=options.batch,
            seed=options.seed,
            device=team.device,
        )


@contextmanager
def _leader_first(team: Team) -> Iterator[None]:
    """Process 0 runs the block, then all the others do."""
    if team.rank > 0:
        dist.barrier()
    try:
        yield
    finally:
        if team.rank == 0 and team.size > 1:
            dist.barrier()


def _records(options: argparse.Namespace, job: Job, team: Team) -> Iterator[Record]:
    # The whole batch's hash, the same in every process.
    metadata = {"data": fingerprint(job.batch_at(0)), **job.metadata}
    if options.shard:
        model = shard(job.model, team, job.config.precision)
        folder = options.out.with_name(f"{options.out.name}.state")
        keeper: Checkpointer = ShardedCheckpointer(folder, team)
    else:
        model = replicate(job.model, team)
        keeper = LeaderCheckpointer(options.out, team, job.config.keep_last)
    yield from train(
        model,
        team.share(job.batch_at),
        job.config,
        evaluate=evaluate_together(team, job.evaluate),
        checkpoint=keeper,
        metadata=metadata,
        average=team.average,
    )
    if options.shard:
        sizes: Any = job.model.config
        gather_weights(options.out, {**metadata, "model": asdict(sizes)}, model, team)


def _speaker(team: Team) -> Callable[[str], None]:
    """Only process 0 speaks."""

    def say(text: str) -> None:
        if team.rank == 0:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()

    return say


def _line(record: Record, job: Job) -> str:
    held = record.val_loss_nats
    assert held is not None
    parts = [
        f"step {record.step:6,}  train {record.loss_nats:.4f}  held out {held:.4f}"
    ]
    if job.floor_nats is not None:
        parts.append(f"{held / job.floor_nats - 1:.1%} above the floor")
    bits = job.bits_per_byte(held)
    if bits is not None:
        parts.append(f"{bits:.3f} bits per byte")
    if math.isfinite(record.tokens_per_second):
        parts.append(f"{record.tokens_per_second:,.0f} tokens/s on this device")
    return "  ".join(parts)


def _is_about_others(error: RuntimeError) -> bool:
    words = ("Connection closed by peer", "Connection reset", "NCCL", "Broken pipe")
    return any(word in str(error) for word in (*words, "Timed out waiting"))


if __name__ == "__main__":
    sys.exit(main())
