"""The whole pipeline with several seeds: every measure, its mean and its spread.

    python benchmarks/bench_assistant.py --folder runs/seeds --seeds 3

Takes about ten minutes a seed on one core; what the folder holds already is used. With
`--shipped-base` all seeds begin from the base model that travels with the course, and
only the chat stages are made: about four minutes a seed.
"""

import argparse
import time
from pathlib import Path
from statistics import mean, pstdev

import torch

from tiny_world import World, load_base
from tiny_world.assistant import (
    STAGES,
    Plan,
    Sorted,
    make_roster,
    measure,
    outside,
    run_pipeline,
)
from tiny_world.assistant.pipeline import save_stage, stage_path
from tiny_world.assistant.report import ROWS, Measures


def put_shipped_base(folder: Path, seed: int) -> None:
    """The stored base model as the first stage of a pipeline."""
    path = stage_path(folder, "base")
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        measures = measure(load_base(), make_roster(World(seed=0)), "base")
        save_stage(path, load_base(), "base", Plan(seed=seed), Sorted(), measures)


def results_of(folder: Path, seed: int) -> dict[str, Measures]:
    """All measures of one seed's stages; made now if they are missing."""
    results = {}
    start = time.perf_counter()
    cpu = torch.device("cpu")
    for made in run_pipeline(folder / f"seed_{seed}", Plan(seed=seed), device=cpu):
        results[made.stage] = made.measures
        how = "was there" if made.found_before else "made"
        print(
            f"seed {seed}: {made.stage} {how} after {time.perf_counter() - start:.0f} s"
        )
    return results


def cell(values: list[float]) -> str:
    """Mean and, in parentheses, the smallest and the largest of the seeds."""
    return f"{mean(values):.2f} ({min(values):.2f} .. {max(values):.2f})"


def main() -> None:
    """Run or read the seeds and print the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("runs/seeds"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--shipped-base", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.shipped_base:
        for seed in range(options.seeds):
            put_shipped_base(options.folder / f"seed_{seed}", seed)
    seeds = [results_of(options.folder, seed) for seed in range(options.seeds)]
    print(f"\n| measure | {' | '.join(STAGES)} |\n|---{'|---' * len(STAGES)}|")
    for name, row in ROWS.items():
        cells = [cell([seed[stage][name].mean for seed in seeds]) for stage in STAGES]
        print(f"| {row.label} | {' | '.join(cells)} |")
    spreads = [
        (pstdev([seed[stage][name].mean for seed in seeds]), stage, row.label)
        for name, row in ROWS.items()
        for stage in STAGES
    ]
    spread, stage, label = max(spreads)
    print(f"\nThe largest spread between seeds: {spread:.2f} ({stage}, {label}).")
    for number, results in enumerate(seeds):
        for line in outside(results) or ["all bands hold"]:
            print(f"seed {number}: {line}")


if __name__ == "__main__":
    main()
