"""The benchmark for a CUDA device runs to its end on tiny models, without one."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.thorough
def test_every_table_of_the_gpu_benchmark_is_filled() -> None:
    done = subprocess.run(
        [sys.executable, "benchmarks/bench_gpu.py", "--small"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    tables = done.stdout.split("\n\n")[1:-1]
    assert [table.partition(",")[0] for table in tables] == [
        "training",
        "writing",
        "LoRA",
    ]
    for table in tables:
        speed = table.splitlines()[1].split(" | ")[1]
        assert re.fullmatch(r"[\d,]+", speed)
        assert int(speed.replace(",", "")) > 0
