"""How GPT-2 is described and named in Hugging Face's transformers.

The names of the weights differ from ours, and the four matrices of a block are stored
transposed (the layer is called Conv1D there); the numbers are the same.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from torch import Tensor

from course_lib.gpt import GPTConfig, gpt2_config, unfilled

PREFIX = "transformer."  # before all names but the head's; some files leave it out
HEAD = "lm_head.weight"
_WHOLE = {
    "embedding": "wte",
    "position_embedding": "wpe",
    "norm": "ln_f",
}
_IN_A_BLOCK = {
    "norm_1": "ln_1",
    "attention.qkv": "attn.c_attn",
    "attention.proj": "attn.c_proj",
    "norm_2": "ln_2",
    "up": "mlp.c_fc",
    "down": "mlp.c_proj",
}
_TRANSPOSED = ("c_attn.weight", "c_proj.weight", "c_fc.weight")
_ACTIVATIONS = {  # theirs -> ours; the first one of ours is written
    "gelu_new": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "gelu": "gelu",
    "relu2": "relu_squared",
}
_SIZES = {  # theirs -> (ours, what a config.json without it means)
    "vocab_size": ("vocab_size", 50_257),
    "n_positions": ("context_size", 1024),
    "n_embd": ("emb_dim", 768),
    "n_head": ("n_heads", 12),
    "n_layer": ("n_layers", 12),
}
_FIXED: dict[str, Any] = {  # all that our GPT can be
    "model_type": "gpt2",
    "layer_norm_epsilon": 1e-5,
    "scale_attn_weights": True,
    "scale_attn_by_inverse_layer_idx": False,
    "reorder_and_upcast_attn": False,
    "add_cross_attention": False,
}
_GPT2_FORM: dict[str, Any] = {  # what a GPT must be to be written as a GPT-2
    "positions": "learned",
    "norm": "layer",
    "qk_norm": False,
    "bias": True,
    "n_kv_heads": None,
    "norm_eps": None,
    "hidden_dim": None,
}


def config_from_gpt2(theirs: Mapping[str, Any]) -> GPTConfig:
    """The configuration that a GPT-2's `config.json` describes, without dropout.

    A setting that is not there has the value that transformers gives it.

    Raises:
        ValueError: naming the setting that our GPT cannot follow.

    >>> config_from_gpt2({"n_layer": 24, "n_head": 16, "n_embd": 1024}) == gpt2_config(
    ...     "medium"
    ... )
    True
    >>> config_from_gpt2({"activation_function": "silu"})
    Traceback (most recent call last):
    ValueError: activation_function is 'silu': only gelu_new, gelu_pytorch_tanh, gelu, \
relu2 can be loaded
    """
    for name, value in _FIXED.items():
        if theirs.get(name, value) != value:
            raise ValueError(
                f"{name} is {theirs[name]!r}: only {value!r} can be loaded"
            )
    for name in ("pruned_heads", "quantization_config"):
        if theirs.get(name):
            raise ValueError(f"{name} is {theirs[name]!r}: it cannot be loaded")
    activation = theirs.get("activation_function", "gelu_new")
    if activation not in _ACTIVATIONS:
        known = ", ".join(_ACTIVATIONS)
        raise ValueError(
            f"activation_function is {activation!r}: only {known} can be loaded"
        )
    sizes = {ours: theirs.get(name, usual) for name, (ours, usual) in _SIZES.items()}
    changes: dict[str, Any] = {"activation": _ACTIVATIONS[activation], **sizes}
    config = replace(
        gpt2_config(), tied=theirs.get("tie_word_embeddings", True), **changes
    )
    if theirs.get("n_inner") not in (None, inner := 4 * config.emb_dim):
        raise ValueError(
            f"n_inner is {theirs['n_inner']!r}: only 4 * n_embd = {inner} can be loaded"
        )
    return config


def config_to_gpt2(config: GPTConfig) -> dict[str, Any]:
    """What transformers wants to find in the `config.json` of such a model.

    The token that ends a text is GPT-2's own, 50,256, if the vocabulary is GPT-2's.

    Raises:
        ValueError: naming the part that GPT-2 does not have.

    >>> config_from_gpt2(config_to_gpt2(gpt2_config("xl"))) == gpt2_config("xl")
    True
    """
    for name, value in _GPT2_FORM.items():
        if getattr(config, name) != value:
            raise ValueError(
                f"{name} is {getattr(config, name)!r}: a GPT-2 has {value!r}; keep "
                "this model with course_lib.files.save"
            )
    if config.activation not in _ACTIVATIONS.values():
        raise ValueError(
            f"activation is {config.activation!r}: a GPT-2 has one of "
            f"{', '.join(_ACTIVATIONS.values())}; keep this model with "
            "course_lib.files.save"
        )
    end_token = 50_256 if config.vocab_size == 50_257 else None
    activation = next(t for t, o in _ACTIVATIONS.items() if o == config.activation)
    return {
        "architectures": ["GPT2LMHeadModel"],
        **_FIXED,
        **{name: getattr(config, ours) for name, (ours, _) in _SIZES.items()},
        "activation_function": activation,
        "n_inner": None,
        "tie_word_embeddings": config.tied,
        **dict.fromkeys(("attn_pdrop", "embd_pdrop", "resid_pdrop"), config.dropout),
        **dict.fromkeys(("bos_token_id", "eos_token_id"), end_token),
        "torch_dtype": "float32",
    }


def gpt2_names(config: GPTConfig) -> dict[str, str]:
    """Our name of each weight -> its name in Hugging Face's layout, with the prefix.

    >>> gpt2_names(gpt2_config())["blocks.0.up.weight"]
    'transformer.h.0.mlp.c_fc.weight'
    """
    return {name: _their_name(name) for name, _ in unfilled(config).named_parameters()}


def _their_name(ours: str) -> str:
    part, _, kind = ours.rpartition(".")
    if part == "head":
        return HEAD
    if part in _WHOLE:
        return f"{PREFIX}{_WHOLE[part]}.{kind}"
    _, number, inner = part.split(".", 2)
    return f"{PREFIX}h.{number}.{_IN_A_BLOCK[inner]}.{kind}"


def turned(name: str, weight: Tensor) -> Tensor:
    """The weight of that name (theirs) in the other layout, ours or theirs.

    A Conv1D keeps (in, out) what a Linear keeps as (out, in).

    >>> import torch
    >>> turned("transformer.h.0.mlp.c_fc.weight", torch.zeros(4, 16)).shape
    torch.Size([16, 4])
    """
    return weight.T if name.endswith(_TRANSPOSED) else weight
