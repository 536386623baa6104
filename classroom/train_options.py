"""The options of `course train`."""

from pathlib import Path
from typing import Annotated

import typer

from classroom.cli_words import LARGEST_SEED

MOST_ROWS = 10**7

Preset = Annotated[
    str,
    typer.Option(help="names, world, shakespeare, gpt2-small, pipeline, dpo or lora."),
]
TextFile = Annotated[
    Path | None, typer.Option(help="A .txt to learn from, of any size.")
]
ChatsFile = Annotated[
    Path | None,
    typer.Option(help="A .jsonl of conversations: for lora; for pipeline with --text."),
]
PairsFile = Annotated[
    Path | None,
    typer.Option(help="A .jsonl of prompt, chosen, rejected (as for TRL): for dpo."),
]
Start = Annotated[
    str | None, typer.Option(help="For dpo: the stage (tools) or file to begin from.")
]
People = Annotated[
    int | None, typer.Option(min=8, help="Famous people in Tiny World: 120.")
]
Out = Annotated[
    Path | None, typer.Option(help="Where to save: runs/PRESET.safetensors.")
]
Steps = Annotated[int | None, typer.Option(min=1, help="Updates.")]
Batch = Annotated[
    int | None, typer.Option(min=1, max=MOST_ROWS, help="Rows in a batch.")
]
LearningRate = Annotated[float | None, typer.Option(help="The largest.")]
MuonLearningRate = Annotated[
    float | None, typer.Option(help="The largest, for the blocks' matrices.")
]
Seed = Annotated[
    int,
    typer.Option(min=0, max=LARGEST_SEED, help="Of the first weights and batches."),
]
Hidden = Annotated[int | None, typer.Option(min=1, help="Hidden units.")]
Layers = Annotated[int | None, typer.Option(min=1, help="Blocks.")]
Heads = Annotated[int | None, typer.Option(min=1, help="Heads in a block.")]
Width = Annotated[int | None, typer.Option(min=1, help="Numbers a token.")]
Context = Annotated[int | None, typer.Option(min=1, help="Tokens a row.")]
Tokenizer = Annotated[
    str | None, typer.Option(help="characters, bpe (learned here) or gpt2.")
]
Vocab = Annotated[int | None, typer.Option(min=257, help="Tokens of a bpe tokenizer.")]
Accumulate = Annotated[
    int | None, typer.Option(min=1, help="Parts of a batch, for less memory.")
]
Recompute = Annotated[
    bool, typer.Option("--recompute", help="A third slower, far less memory.")
]
Precision = Annotated[
    str | None, typer.Option(help="float32, or bfloat16 (a GPT on a GPU).")
]
SaveEvery = Annotated[
    int | None, typer.Option(min=1, help="Updates between two checkpoints.")
]
Keep = Annotated[int | None, typer.Option(min=1, help="Checkpoints that stay: 1.")]
LogFile = Annotated[
    Path | None, typer.Option(help="A .csv or .jsonl file, or a TensorBoard folder")
]
Device = Annotated[
    str | None, typer.Option(help="cpu, cuda or mps; without: the best there is.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on from the saved state.")]
Overwrite = Annotated[
    bool,
    typer.Option("--overwrite", help="Start again; the old file is kept as .old."),
]
