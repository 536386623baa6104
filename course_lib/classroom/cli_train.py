"""`course train`: a model from the terminal."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

from course_lib.classroom import cli_pipeline
from course_lib.classroom import train_options as options
from course_lib.classroom.cli_names import NamesFile
from course_lib.classroom.progress import follow

if TYPE_CHECKING:  # torch takes seconds to import: only inside the commands
    from course_lib.presets import Job
    from course_lib.tokenizer import Tokenizer

# Which presets an option goes with, where not with all.
GPTS = ("world", "shakespeare", "gpt2-small", "pipeline")
TEXTS = ("shakespeare", "gpt2-small", "pipeline")
ONLY_WITH = {
    "--hidden": ("names",),
    "--names": ("names",),
    "--text": TEXTS,
    "--tokenizer": TEXTS,
    "--vocab": TEXTS,
    "--layers": GPTS,
    "--heads": GPTS,
    "--width": GPTS,
    "--context": GPTS,
    "--recompute": GPTS,
    "--muon-learning-rate": GPTS,
    "--chats": ("pipeline",),
    "--people": ("pipeline",),
}

# Settings of the model and of its training, and the options that set them.
SHAPE = {
    "hidden_dim": "hidden",
    "n_layers": "layers",
    "n_heads": "heads",
    "emb_dim": "width",
    "context_size": "context",
}
RECIPE = {
    "steps": "steps",
    "learning_rate": "learning_rate",
    "muon_learning_rate": "muon_learning_rate",
    "precision": "precision",
    "accumulate": "accumulate",
    "recompute": "recompute",
    "save_every": "save_every",
    "keep_last": "keep",
}


def register(app: typer.Typer) -> None:
    """Add `course train`."""
    app.command(
        epilog="Example: course train --preset shakespeare --text novel.txt --seed 1"
    )(train)


def train(
    preset: options.Preset = "names",
    text: options.TextFile = None,
    chats: options.ChatsFile = None,
    people: options.People = None,
    names: NamesFile = None,
    out: options.Out = None,
    steps: options.Steps = None,
    batch: options.Batch = None,
    learning_rate: options.LearningRate = None,
    muon_learning_rate: options.MuonLearningRate = None,
    seed: options.Seed = 0,
    hidden: options.Hidden = None,
    layers: options.Layers = None,
    heads: options.Heads = None,
    width: options.Width = None,
    context: options.Context = None,
    tokenizer: options.Tokenizer = None,
    vocab: options.Vocab = None,
    accumulate: options.Accumulate = None,
    recompute: options.Recompute = False,
    precision: options.Precision = None,
    save_every: options.SaveEvery = None,
    keep: options.Keep = None,
    log: options.LogFile = None,
    device: options.Device = None,
    resume: options.Resume = False,
    overwrite: options.Overwrite = False,
) -> None:
    """Train a model; held-out loss and what is known in advance stand beside it.

    Ctrl-C saves the last state; --resume goes on from it as if nothing had happened,
    also after a power cut (from the last checkpoint then).
    """
    begin(dict(locals()))


def begin(given: dict[str, Any]) -> None:
    """Train as the options say; `given` holds their values by name."""
    preset, resume, overwrite = given["preset"], given["resume"], given["overwrite"]
    out = given["out"] or Path("runs") / f"{preset}.safetensors"
    _check_options(given)
    if preset == "pipeline":
        cli_pipeline.check_options(given, (None, False))
        cli_pipeline.begin(given, *_changes(given))
        return
    _check_request(out, resume, overwrite)
    job = _prepared(given, out)
    console = Console(highlight=False, markup=False, soft_wrap=True)
    if resume:
        _check_same_run(out, job)
    if overwrite and out.exists():
        out.replace(out.with_name(f"{out.name}.old"))
    follow(console, job, out, given["log"])


def _check_options(given: dict[str, Any]) -> None:
    """Refuse options that do not go with the preset."""
    preset = given["preset"]
    if preset not in ("names", *GPTS):
        raise ValueError(
            f"there is no preset {preset!r}; presets: {', '.join(('names', *GPTS))}"
        )
    if given["resume"] and given["overwrite"]:
        raise ValueError("--resume and --overwrite exclude each other")
    for name, value in given.items():
        presets = ONLY_WITH.get(_option(name), (preset,))
        if value not in (None, False) and preset not in presets:
            raise ValueError(
                f"{_option(name)} goes with --preset {' or '.join(presets)}"
            )


def _changes(given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Sizes and settings that were given, by the names of the configs."""
    shape = {name: given[option] for name, option in SHAPE.items()}
    recipe = {name: given[option] for name, option in RECIPE.items()}
    return (
        {name: value for name, value in shape.items() if value},
        {name: value for name, value in recipe.items() if value not in (None, False)},
    )


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _check_request(out: Path, resume: bool, overwrite: bool) -> None:
    """Refuse, before any work, what cannot end well."""
    if resume and not out.exists():
        raise ValueError(f"{out}: nothing to resume; leave out --resume")
    if out.is_dir():
        raise ValueError(f"{out} is a folder; give a file name")
    if out.exists() and not (resume or overwrite):
        raise ValueError(f"{out} exists; add --resume or --overwrite, or change --out")


def _prepared(given: dict[str, Any], out: Path) -> "Job":
    import torch

    from course_lib.device import pick_device
    from course_lib.presets import prepare

    torch.manual_seed(given["seed"])  # of dropout; the rest has generators of its own
    where = pick_device(given["device"])
    shape, recipe = _changes(given)
    return prepare(
        given["preset"],
        text=given["text"] or given["names"],
        tokens_at=out.with_suffix(".tokens"),
        tokenizer=_saved_tokenizer(out) if given["resume"] else given["tokenizer"],
        vocab_size=given["vocab"],
        shape=shape,
        recipe=recipe,
        batch_size=given["batch"],
        seed=given["seed"],
        device=where,
    )


def _saved_tokenizer(out: Path) -> "Tokenizer | None":
    from course_lib.checkpoint import load_checkpoint
    from course_lib.tokenizer import from_facts

    facts = load_checkpoint(out).facts.get("tokenizer")
    return None if facts is None else from_facts(facts)


def _check_same_run(out: Path, job: "Job") -> None:
    """Say in the words of the command line which option differs from the saved run."""
    from course_lib.checkpoint import load_checkpoint
    from course_lib.train import HOW_ONLY

    saved = load_checkpoint(out).facts
    was_preset = saved.get("preset")
    if was_preset != job.preset:
        raise ValueError(f"{out} was begun with --preset {was_preset}")
    for kind, names, now in (
        ("config", RECIPE, job.config),
        ("model", SHAPE, job.model.config),
    ):
        for name, option in names.items():
            was, asked = saved.get(kind, {}).get(name), getattr(now, name, None)
            if was != asked and name not in HOW_ONLY:
                raise ValueError(
                    f"{out} was begun with {_option(option)} {was}, not {asked}"
                )
