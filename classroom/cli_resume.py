"""`course train --resume`: what a saved run was begun with, and what may change."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classroom.cli_words import NAMES

if TYPE_CHECKING:  # torch takes seconds to import: only inside the commands
    from course_lib.engine.presets import Job
    from course_lib.tokenizer import Tokenizer

SAME = {
    "names": "--names, --batch and --seed",
    "world": "--batch",
    "lora": "--chats, --batch and --seed",
}
"""Preset -> what decides its batches; for a text see `_check_data`."""
SHAPE = ("hidden_dim", "n_layers", "n_heads", "emb_dim", "context_size")
RECIPE = ("steps", "learning_rate", "muon_learning_rate", "precision", "warmup_steps")
HOW = ("accumulate", "recompute", "save_every", "keep_last")
"""Taken up as well, and free to differ; see `HOW_ONLY` in `engine.resume`."""


def saved_metadata(out: Path, preset: str) -> dict[str, Any]:
    """What the run that is saved in `out` was begun with.

    Raises:
        ValueError: for a file without a run, or of another preset.
    """
    from course_lib.files import load_checkpoint

    metadata = load_checkpoint(out).metadata
    if "step" not in metadata or "config" not in metadata:
        raise ValueError(f"{out} holds a model, but no run to resume: change --out")
    if metadata.get("preset") != preset:
        raise ValueError(f"{out} was begun with --preset {metadata.get('preset')}")
    return metadata


def taken_up(
    saved: Mapping[str, Any], shape: Mapping[str, Any], recipe: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Sizes and settings to go on with: what was given, else what was saved.

    >>> saved = {"config": {"steps": 9, "learning_rate": 0.1}, "model": {}}
    >>> taken_up(saved, {}, {"steps": 20})
    ({}, {'steps': 20, 'learning_rate': 0.1})
    """
    model, config = saved.get("model", {}), saved["config"]
    return (
        {name: model[name] for name in SHAPE if name in model} | dict(shape),
        {name: config[name] for name in (*RECIPE, *HOW) if name in config}
        | dict(recipe),
    )


def saved_tokenizer(
    saved: Mapping[str, Any], kind: str | None, vocab_size: int | None, out: Path
) -> "Tokenizer | None":
    """The tokenizer of the saved run, None for names.

    Raises:
        ValueError: if another one is asked for.
    """
    from course_lib.engine.checkpoint_file import from_metadata

    metadata = saved.get("tokenizer")
    if metadata is None:
        return None
    tokenizer = from_metadata(metadata)
    was = metadata.get("name", metadata["kind"])
    if kind is not None and kind != was:
        raise ValueError(f"{out} was begun with --tokenizer {was}, not {kind}")
    if vocab_size is not None and vocab_size != tokenizer.vocab_size:
        was = tokenizer.vocab_size
        raise ValueError(f"{out} was begun with --vocab {was}, not {vocab_size}")
    return tokenizer


def same_context(saved: Mapping[str, Any], context: int | None, out: Path) -> int:
    """How many tokens of an example the saved run of talks reads.

    Raises:
        ValueError: if another number is asked for.

    >>> same_context({"tokens_a_row": 512}, None, Path("run"))
    512
    """
    was = int(saved["tokens_a_row"])
    if context not in (None, was):
        raise ValueError(f"{out} was begun with --context {was}, not {context}")
    return was


def check_same_run(out: Path, saved: Mapping[str, Any], job: "Job") -> str:
    """Say in the words of the command line which option differs from the saved run.

    Returns:
        What goes on in another way, in words; "" if all is as it was.

    Raises:
        ValueError: naming what may not differ.
    """
    for kind, names, now in (
        ("config", RECIPE, job.config),
        ("model", SHAPE, job.model.config),
    ):
        for name in names:
            was, asked = saved.get(kind, {}).get(name), getattr(now, name, None)
            if was != asked and name != "steps":
                option = NAMES.get(name, f"--{name}")
                raise ValueError(f"{out} was begun with {option} {was}, not {asked}")
    _check_data(out, saved, job)
    return _steps_changed(out, saved, job)


def _check_data(out: Path, saved: Mapping[str, Any], job: "Job") -> None:
    from course_lib.batches import fingerprint

    if saved["data"] != fingerprint(job.batch_at(0)):
        same = SAME.get(job.preset, "--text, --batch and --seed")
        raise ValueError(
            f"{out} was begun with other data: give the same {same} as then, or "
            "another --out"
        )


def _steps_changed(out: Path, saved: Mapping[str, Any], job: "Job") -> str:
    was, done, now = saved["config"]["steps"], saved["step"], job.config.steps
    if now == was:
        return ""
    if now < was:
        raise ValueError(
            f"{out} was begun with --steps {was}, not {now}: use {was} or more"
        )
    rate = job.config.learning_rate_at(done)
    return (
        f"--steps {was:,} becomes {now:,}: the learning rate falls over all {now:,} "
        f"now, and goes on at {rate:.2g} after update {done:,}"
    )
