"""`course train`: a model from the terminal."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

from classroom import cli_pairs, cli_pipeline, cli_resume
from classroom import train_options as options
from classroom.cli_names import NamesFile
from classroom.cli_words import errors_in_options, was_given
from classroom.progress import follow
from course_lib.engine.writing import put_in_place

if TYPE_CHECKING:  # torch takes seconds to import: only inside the commands
    from course_lib.engine.presets import Job

# Which presets an option goes with, where not with all.
GPTS = ("world", "shakespeare", "gpt2-small", "pipeline")
LORA = "lora"
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
    "--context": (*GPTS, LORA),
    "--recompute": (*GPTS, LORA),
    "--muon-learning-rate": GPTS,
    "--chats": ("pipeline", LORA),
    "--people": ("pipeline",),
    "--pairs": (cli_pairs.PRESET,),
    "--start": (cli_pairs.PRESET,),
}

# Settings of the model and of its training, and the options that set them.
SHAPE_OPTIONS = {
    "hidden_dim": "hidden",
    "n_layers": "layers",
    "n_heads": "heads",
    "emb_dim": "width",
    "context_size": "context",
}
RECIPE_OPTIONS = {
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
    pairs: options.PairsFile = None,
    start: options.Start = None,
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

    Ctrl-C and SIGTERM save the last state; --resume goes on from it as if nothing had
    happened, also after a power cut (from the last checkpoint then). With a larger
    --steps it trains longer: the learning rate then falls over all of them.
    """
    given = dict(locals())
    with errors_in_options():
        begin(given)


def begin(given: dict[str, Any]) -> None:
    """Train as the options say; `given` holds their values by name."""
    preset, resume, overwrite = given["preset"], given["resume"], given["overwrite"]
    out = given["out"] or Path("runs") / f"{preset}.safetensors"
    _check_options(given)
    if preset == "pipeline":
        cli_pipeline.check_options(given)
        cli_pipeline.begin(given, *_changes(given))
        return
    _check_request(out, resume, overwrite)
    if preset == cli_pairs.PRESET:
        cli_pairs.begin(given, out)
        return
    console = Console(highlight=False, markup=False, soft_wrap=True)
    if given["text"] or given["chats"]:
        console.print(f"reading {given['text'] or given['chats']}")
    job, note = (_lora_job if preset == LORA else _prepared)(given, out)
    if note:
        console.print(note)
    if overwrite and out.exists():
        put_in_place(out, out.with_name(f"{out.name}.old"))
    follow(console, job, out, given["log"])


def _check_options(given: dict[str, Any]) -> None:
    """Refuse options that do not go with the preset."""
    preset = given["preset"]
    known = ("names", *GPTS, LORA, cli_pairs.PRESET)
    if preset not in known:
        raise ValueError(f"there is no preset {preset!r}; presets: {', '.join(known)}")
    if given["resume"] and given["overwrite"]:
        raise ValueError("--resume and --overwrite exclude each other")
    for name, value in given.items():
        presets = ONLY_WITH.get(_option(name), (preset,))
        if was_given(value) and preset not in presets:
            raise ValueError(
                f"{_option(name)} goes with --preset {' or '.join(presets)}"
            )
    if preset == LORA and not given["chats"]:
        raise ValueError(
            "--preset lora needs --chats FILE.jsonl, talks that show how to answer"
        )


def _changes(given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Sizes and settings that were given, by the names of the configs."""
    shape, recipe = (
        {name: given[option] for name, option in names.items()}
        for names in (SHAPE_OPTIONS, RECIPE_OPTIONS)
    )
    return (
        {name: value for name, value in shape.items() if was_given(value)},
        {name: value for name, value in recipe.items() if was_given(value)},
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


def _lora_job(given: dict[str, Any], out: Path) -> tuple["Job", str]:
    """The job of the preset lora, and a note on what goes on in another way."""
    from course_lib.engine.presets.own_talks import own_talks_job

    _, recipe = _changes(given)
    context, saved = given["context"], None
    if given["resume"]:
        saved = cli_resume.saved_metadata(out, LORA)
        _, recipe = cli_resume.taken_up(saved, {}, recipe)
        context = cli_resume.same_context(saved, context, out)
    job = own_talks_job(
        given["chats"],
        recipe=recipe,
        batch_size=given["batch"],
        context_size=context,
        seed=given["seed"],
        device=given["device"],
    )
    return job, cli_resume.check_same_run(out, saved, job) if saved else ""


def _prepared(given: dict[str, Any], out: Path) -> tuple["Job", str]:
    """The job, and a note on what goes on in another way than it was begun."""
    import torch

    from course_lib.device import pick_device
    from course_lib.engine.presets import prepare

    torch.manual_seed(given["seed"])  # of dropout; the rest has generators of its own
    where = pick_device(given["device"])
    shape, recipe = _changes(given)
    tokenizer, saved = given["tokenizer"], None
    if given["resume"]:
        saved = cli_resume.saved_metadata(out, given["preset"])
        shape, recipe = cli_resume.taken_up(saved, shape, recipe)
        tokenizer = cli_resume.saved_tokenizer(saved, tokenizer, given["vocab"], out)
    job = prepare(
        given["preset"],
        text=given["text"] or given["names"],
        tokens_at=out.with_suffix(".tokens"),
        tokenizer=tokenizer,
        vocab_size=given["vocab"],
        shape=shape,
        recipe=recipe,
        batch_size=given["batch"],
        seed=given["seed"],
        device=where,
    )
    return job, cli_resume.check_same_run(out, saved, job) if saved else ""
