"""LoRA: small matrices that learn beside frozen ones (low-rank adaptation).

A finished model keeps all its weights. Beside some of its matrices W stand two thin
ones whose product B A is added to W: only they learn, so a run needs little memory and
what it has learned is a small file.

Shape letters: `I` inputs and `O` outputs of a layer, `R` = rank.
"""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn, uint8

from course_lib.choices import check_above_0
from course_lib.files import load_checkpoint, load_weights, save_checkpoint
from course_lib.gpt import GPT

KIND = "lora"
"""What a file of `save_lora` says it is."""
RANK, ALPHA = 8, 16.0
LAYERS = ("qkv", "proj")
"""The two matrices of attention, as Hu et al. take queries and values."""


class LoRALinear(nn.Module):
    """W x + b + (alpha / rank) B A x: a frozen layer and two thin ones that learn.

    B starts at zero, so a new layer gives what the old one gave.

    Args:
        base: the layer (I -> O) that is frozen from now on.
        rank: R, how many directions the correction has.
        alpha: alpha / rank scales it, so that another rank needs no other rate.
        generator: draws A, of standard deviation 1 / sqrt(I); None takes torch's
            global one.

    Raises:
        ValueError: for a rank that is no integer in 1 .. min(I, O), or an alpha that is
            not above 0.

    Source: Hu et al. 2021, section 4.1.

    >>> base = nn.Linear(6, 4)
    >>> layer, x = LoRALinear(base, rank=2), torch.ones(3, 6)
    >>> bool((layer(x) == base(x)).all()), layer.weight.shape
    (True, torch.Size([4, 6]))
    """

    def __init__(
        self,
        base: nn.Linear,
        rank: int = RANK,
        alpha: float = ALPHA,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        _check_size(base, rank, alpha)
        self.in_features, self.out_features = base.in_features, base.out_features
        self.rank, self.alpha, self.scale = rank, float(alpha), alpha / rank
        self.base = base.requires_grad_(False)
        kind = {"device": base.weight.device, "dtype": base.weight.dtype}
        self.lora_a = _empty(base.in_features, rank, **kind)
        self.lora_b = _empty(rank, base.out_features, **kind)
        where = generator.device if generator is not None else "cpu"
        drawn = torch.randn(
            rank, base.in_features, generator=generator, device=where
        ) / math.sqrt(base.in_features)
        with torch.no_grad():
            self.lora_a.weight.copy_(drawn)
            self.lora_b.weight.zero_()

    def forward(self, x: Tensor) -> Tensor:
        """(..., I) -> (..., O)."""
        small = self.lora_a(x)  # (..., R)
        out: Tensor = self.base(x) + self.scale * self.lora_b(small)  # (..., O)
        return out

    @property
    def weight(self) -> Tensor:
        """The one matrix (O, I) that does the same: W + (alpha / rank) B A."""
        small: Tensor = self.lora_b.weight @ self.lora_a.weight  # (O, I)
        return self.base.weight + self.scale * small

    @torch.no_grad()
    def merged(self, share: float = 1.0) -> nn.Linear:
        """The old layer, its weight now W + share * (alpha / rank) B A."""
        self.base.weight.lerp_(self.weight, share)
        return self.base


def add_lora(
    model: GPT,
    rank: int = RANK,
    alpha: float = ALPHA,
    layers: Sequence[str] = LAYERS,
    generator: torch.Generator | None = None,
) -> GPT:
    """Freeze a model and put a `LoRALinear` in place of some layers of every block.

    The model is changed and given back; what it answers is as before, until it learns.

    Args:
        model: any GPT.
        rank: R of every pair, see `LoRALinear`.
        alpha: see `LoRALinear`.
        layers: which ones: "qkv", "proj", "up", "down", with SwiGLU "gate".
        generator: draws every A, block by block.

    Raises:
        ValueError: for a model that has LoRA already, layers that a block does not
            have, or what `LoRALinear` refuses; the model is then unchanged.

    Source: Hu et al. 2021, section 4.2.

    >>> from course_lib.gpt import GPTConfig
    >>> model = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_heads=2, n_layers=1))
    >>> count_trainable(add_lora(model, rank=2))  # 2 * (16 + 48) + 2 * (16 + 16)
    192
    """
    if _lora_layers(model):
        raise ValueError("the model has LoRA layers already: merge_lora(model) first")
    if not layers or isinstance(layers, str):
        raise ValueError(f"layers are {layers!r}: name one or more, as ('qkv', 'proj')")
    chosen = [
        (part, name, child)
        for block in model.blocks
        for part in block.modules()
        for name, child in part.named_children()
        if isinstance(child, nn.Linear)
    ]
    known = list(dict.fromkeys(name for _, name, _ in chosen))
    if unknown := [name for name in layers if name not in known]:
        raise ValueError(f"a block has no layer {unknown[0]!r}: use {', '.join(known)}")
    chosen = [(part, name, child) for part, name, child in chosen if name in layers]
    for _, _, child in chosen:
        _check_size(child, rank, alpha)
    model.requires_grad_(False)
    for part, name, child in chosen:
        setattr(part, name, LoRALinear(child, rank, alpha, generator))
    return model


def _empty(n_in: int, n_out: int, **kind: Any) -> nn.Linear:
    """A layer without bias whose weights are still to come: no draw is wasted."""
    made: nn.Linear = nn.utils.skip_init(nn.Linear, n_in, n_out, bias=False, **kind)  # type: ignore[no-untyped-call]
    return made


def _check_size(base: nn.Linear, rank: int, alpha: float) -> None:
    most = min(base.in_features, base.out_features)
    if not isinstance(rank, int) or not 1 <= rank <= most:
        raise ValueError(f"rank is {rank!r}: use an integer in 1 .. {most}")
    check_above_0(alpha=alpha)


def merge_lora(model: GPT, share: float = 1.0) -> GPT:
    """Put plain layers back, each with W + (alpha / rank) B A as its weight.

    The model is changed and given back: the same logits up to rounding, no extra work
    for a token, and all its weights may learn again.

    Args:
        model: with LoRA layers.
        share: how much of what was learned is put in, above 0 and up to 1. A little
            less than all of it forgets much less of what the model could before
            (Wortsman et al. 2022).

    Raises:
        ValueError: for a model without LoRA layers, or another share.

    >>> from course_lib.gpt import GPTConfig
    >>> config = GPTConfig(vocab_size=9, emb_dim=16, n_heads=2, n_layers=1)
    >>> type(merge_lora(add_lora(GPT(config))).blocks[0].attention.qkv).__name__
    'Linear'
    """
    if not _lora_layers(model):
        raise ValueError("the model has no LoRA layers: add_lora(model) makes them")
    if not 0 < share <= 1:
        raise ValueError(f"share is {share}: use one above 0 and up to 1")
    for part in list(model.modules()):
        for name, child in list(part.named_children()):
            if isinstance(child, LoRALinear):
                setattr(part, name, child.merged(share))
    return model.requires_grad_(True)


@contextmanager
def without_lora(model: GPT) -> Iterator[GPT]:
    """The base as it was: inside the block the LoRA layers add nothing.

    >>> from course_lib.gpt import GPTConfig
    >>> model = add_lora(GPT(GPTConfig(vocab_size=9, emb_dim=16, n_layers=1)))
    >>> layer = model.blocks[0].attention.qkv
    >>> with without_lora(model):
    ...     layer.scale
    0.0
    >>> layer.scale
    2.0
    """
    scales = {layer: layer.scale for layer in _lora_layers(model).values()}
    for layer in scales:
        layer.scale = 0.0
    try:
        yield model
    finally:
        for layer, scale in scales.items():
            layer.scale = scale


def count_trainable(model: nn.Module) -> int:
    """How many numbers of a model learn; those of frozen weights do not.

    >>> base = nn.Linear(3, 2)
    >>> count_trainable(base), count_trainable(LoRALinear(base, rank=1))
    (8, 5)
    """
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def lora_metadata(model: GPT) -> dict[str, Any]:
    """What a file of LoRA weights says of itself: sizes, layers, which base.

    Raises:
        ValueError: for a model without LoRA layers, or with different ones.

    >>> from course_lib.gpt import GPTConfig
    >>> config = GPTConfig(vocab_size=9, emb_dim=16, n_heads=2, n_layers=1)
    >>> facts = lora_metadata(add_lora(GPT(config), rank=2))
    >>> facts["kind"], facts["lora"]["rank"], facts["lora"]["layers"]
    ('lora', 2, ['qkv', 'proj'])
    """
    found = _lora_layers(model)
    if len({(layer.rank, layer.alpha) for layer in found.values()}) != 1:
        raise ValueError("give a model with LoRA layers of one rank: see add_lora")
    layer = next(iter(found.values()))
    own = {
        "rank": layer.rank,
        "alpha": layer.alpha,
        "layers": list(dict.fromkeys(name.rpartition(".")[2] for name in found)),
        "base": base_fingerprint(model),
    }
    return {"kind": KIND, "lora": own}


def base_fingerprint(model: GPT) -> str:
    """sha256 over the frozen model: name, shape and float32 numbers of each weight.

    LoRA layers change nothing in it; once they are merged they do.

    >>> from course_lib.gpt import GPTConfig
    >>> model = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_heads=2, n_layers=1))
    >>> before = base_fingerprint(model)
    >>> base_fingerprint(add_lora(model)) == before
    True
    """
    digest = hashlib.sha256()
    weights = {
        name.replace(".base.", "."): weight
        for name, weight in model.state_dict().items()
        if not _is_small(name)
    }
    for name in sorted(weights):
        plain = weights[name].detach().float().cpu().contiguous()
        digest.update(f"{name} {tuple(plain.shape)}".encode())
        digest.update(plain.reshape(-1).view(uint8).numpy().data)
    return digest.hexdigest()


def save_lora(
    path: Path, model: GPT, metadata: Mapping[str, Any] | None = None
) -> None:
    """Write the small matrices alone, in one piece; the base stays where it is.

    Args:
        path: a .safetensors file.
        model: with LoRA layers.
        metadata: more to keep beside them, values that JSON can hold.

    Raises:
        ValueError: for a model without LoRA layers.
        OSError: if the folder cannot be written or the disk is full.

    >>> import tempfile
    >>> from course_lib.gpt import GPTConfig
    >>> model = GPT(GPTConfig(vocab_size=9, emb_dim=16, n_heads=2, n_layers=1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_lora(Path(folder, "small"), add_lora(model), {"about": "a zoo"})
    ...     load_lora(Path(folder, "small"), merge_lora(model))["about"]
    'a zoo'
    """
    tensors = {
        f"model.{name}": weight
        for name, weight in model.state_dict().items()
        if _is_small(name)
    }
    save_checkpoint(path, tensors, {**(metadata or {}), **lora_metadata(model)})


def load_lora(path: Path, model: GPT) -> dict[str, Any]:
    """Put what `save_lora`, or a training run, has kept beside the base it belongs to.

    Args:
        path: the small file.
        model: the base, a GPT without LoRA layers; it has them afterwards.

    Returns:
        What else stands in the file.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file is damaged, holds no LoRA weights, or belongs to another
            base; the model is then unchanged.

    >>> from course_lib.gpt import GPTConfig
    >>> load_lora(Path("nowhere.safetensors"), GPT(GPTConfig(vocab_size=9)))
    Traceback (most recent call last):
    FileNotFoundError: nowhere.safetensors: there is no checkpoint here
    """
    stored = load_checkpoint(path)
    facts = stored.metadata.get("lora")
    if stored.metadata.get("kind") != KIND or not isinstance(facts, dict):
        raise ValueError(f"{path} holds no LoRA weights: read it with files.load")
    here = base_fingerprint(model)
    if facts["base"] != here:
        named = stored.metadata.get("base")
        raise ValueError(
            f"{path} was trained beside another base, {f'{named}, ' if named else ''}"
            f"fingerprint {facts['base'][:12]}, and this one has {here[:12]}: load the "
            "base it was trained beside"
        )
    add_lora(model, facts["rank"], facts["alpha"], facts["layers"])
    try:
        load_weights(model, stored, trainable_only=True)
    except ValueError as error:
        merge_lora(model)
        raise ValueError(f"{path}: {error}") from None
    return stored.metadata


def _is_small(name: str) -> bool:
    """Is this the name of a weight that LoRA adds?"""
    return ".lora_a." in name or ".lora_b." in name


def _lora_layers(model: GPT) -> dict[str, LoRALinear]:
    named = model.named_modules()
    return {name: part for name, part in named if isinstance(part, LoRALinear)}
