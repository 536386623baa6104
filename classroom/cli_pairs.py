"""`course train --preset dpo`: what pairs of your own make of an assistant."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from classroom.cli_pipeline import Bar
from classroom.cli_words import was_given
from course_lib.engine.writing import put_in_place

PRESET = "dpo"
START = "tools"
USED = ("preset", "pairs", "start", "out", "steps", "learning_rate", "seed", "batch")
"""Options that go with it, and --overwrite."""


def begin(given: Mapping[str, Any], out: Path) -> None:
    """Read the pairs, train a reward model and by DPO, and save the assistant."""
    _check_options(given)
    console = Console(highlight=False, markup=False, soft_wrap=True)
    console.print(f"reading {given['pairs']}")
    from course_lib.files import load, save
    from course_lib.preferences import DPOConfig
    from tiny_world.assistant.own_pairs import learn_pairs
    from tiny_world.assistant.shipped import shipped_path
    from tiny_world.assistant.stages import PREFERENCE, STAGES
    from tiny_world.assistant.voices import template_of

    start = given["start"] or START
    path = shipped_path(start) if start in STAGES else Path(start)
    model, tokenizer, metadata = load(path)
    template = None if tokenizer is None else template_of(tokenizer, metadata)
    if template is None or start == "base":
        raise ValueError(f"{start} is no assistant: begin from one that has turns")
    console.print(f"begins as {start}")
    changes = {"steps": given["steps"], "learning_rate": given["learning_rate"]}
    changes |= {"batch_size": given["batch"], "seed": given["seed"]}
    changes = {name: value for name, value in changes.items() if was_given(value)}
    with Bar(console) as bar:
        learned = learn_pairs(
            *(model, template, given["pairs"]),
            dpo=DPOConfig(**{**PREFERENCE, **changes}),
            report=bar.report,
            say=console.print,
        )
    console.print(
        f"{learned.n_learned} pairs learned, {learned.n_held_out} held out; in the "
        f"right order: {learned.reward_right:.0%} by the reward model, "
        f"{learned.policy_right:.0%} by DPO"
    )
    if out.exists():
        put_in_place(out, out.with_name(f"{out.name}.old"))
    save(out, learned.policy, tokenizer, {**metadata, "label": out.stem})
    console.print(f"saved in {out}; now: course chat {start} {out}")


def _check_options(given: Mapping[str, Any]) -> None:
    if not given["pairs"]:
        raise ValueError(
            "--preset dpo needs --pairs FILE.jsonl, with prompt, chosen and rejected"
        )
    for name, value in given.items():
        if name not in (*USED, "overwrite") and was_given(value):
            option = f"--{name.replace('_', '-')}"
            raise ValueError(f"{option} does not go with --preset {PRESET}")
