"""How a Llama-shaped model is described and named by others: Hugging Face, llama.cpp.

Where we keep one matrix for queries, keys and values, they keep three. llama.cpp's
files (GGUF) also store the rows of queries and keys in another order.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from course_lib.gpt import GPTConfig

Names = Mapping[str, tuple[str, ...]]
"""Our name of a weight -> theirs, one above the other."""
_HUGGING_FACE = {
    "embedding": ("model.embed_tokens",),
    "norm": ("model.norm",),
    "head": ("lm_head",),
    "block": "model.layers.{}.",
    "norm_1": ("input_layernorm",),
    "attention.qkv": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    "attention.proj": ("self_attn.o_proj",),
    "norm_2": ("post_attention_layernorm",),
    "gate": ("mlp.gate_proj",),
    "up": ("mlp.up_proj",),
    "down": ("mlp.down_proj",),
}
_GGUF = {
    "embedding": ("token_embd",),
    "norm": ("output_norm",),
    "head": ("output",),
    "block": "blk.{}.",
    "norm_1": ("attn_norm",),
    "attention.qkv": ("attn_q", "attn_k", "attn_v"),
    "attention.proj": ("attn_output",),
    "norm_2": ("ffn_norm",),
    "gate": ("ffn_gate",),
    "up": ("ffn_up",),
    "down": ("ffn_down",),
}
_INNER = ("norm_", "attention", "gate", "up", "down")
_SIZES = {  # theirs -> ours
    "vocab_size": "vocab_size",
    "max_position_embeddings": "context_size",
    "hidden_size": "emb_dim",
    "num_attention_heads": "n_heads",
    "num_hidden_layers": "n_layers",
    "intermediate_size": "hidden_dim",
}
_FIXED: dict[str, Any] = {  # all that our GPT can be
    "model_type": "llama",
    "hidden_act": "silu",
    "attention_bias": False,
    "mlp_bias": False,
    "pretraining_tp": 1,
}
_LLAMA_FORM: dict[str, Any] = {  # what a GPT must be to be written as a Llama
    "positions": "rotary",
    "norm": "rms",
    "activation": "swiglu",
    "qk_norm": False,
    "bias": False,
}
_GGUF_SIZES = {  # theirs, after "llama." -> ours
    "context_length": "context_size",
    "embedding_length": "emb_dim",
    "attention.head_count": "n_heads",
    "block_count": "n_layers",
    "feed_forward_length": "hidden_dim",
}
ROPE_BASE, NORM_EPS = 10_000.0, 1e-6
"""What a file means that does not say them."""


def config_from_llama(theirs: Mapping[str, Any]) -> GPTConfig:
    """The configuration that the `config.json` of a Llama-shaped model describes.

    Raises:
        ValueError: naming the setting that is missing, or that our GPT cannot follow.

    >>> theirs = {"vocab_size": 49152, "max_position_embeddings": 8192}
    >>> theirs |= {"hidden_size": 576, "num_hidden_layers": 30}
    >>> theirs |= {"num_attention_heads": 9, "num_key_value_heads": 3}
    >>> config_from_llama(theirs | {"intermediate_size": 1536}).n_kv_heads
    3
    >>> config_from_llama(theirs)
    Traceback (most recent call last):
    ValueError: intermediate_size is missing: a Llama's config.json has it
    """
    for name, value in _FIXED.items():
        if theirs.get(name, value) != value:
            raise ValueError(
                f"{name} is {theirs[name]!r}: only {value!r} can be loaded"
            )
    for name in ("rope_scaling", "quantization_config", "sliding_window"):
        if theirs.get(name):
            raise ValueError(f"{name} is {theirs[name]!r}: it cannot be loaded")
    if missing := [name for name in _SIZES if name not in theirs]:
        raise ValueError(f"{missing[0]} is missing: a Llama's config.json has it")
    rope = theirs.get("rope_parameters") or {}  # newer files keep the base in there
    if rope.get("rope_type", "default") != "default":
        raise ValueError(
            f"rope_type is {rope['rope_type']!r}: only 'default' can be loaded"
        )
    base = theirs.get("rope_theta", rope.get("rope_theta", ROPE_BASE))
    sizes = {ours: theirs[name] for name, ours in _SIZES.items()}
    config = llama_config(
        **sizes,
        n_kv_heads=theirs.get("num_key_value_heads"),
        rotary_base=base,
        norm_eps=theirs.get("rms_norm_eps", NORM_EPS),
        tied=theirs.get("tie_word_embeddings", False),
    )
    if theirs.get("head_dim") not in (None, config.head_dim):
        raise ValueError(
            f"head_dim is {theirs['head_dim']!r}: only hidden_size / "
            f"num_attention_heads = {config.head_dim} can be loaded"
        )
    return config


def config_to_llama(config: GPTConfig) -> dict[str, Any]:
    """What transformers wants to find in the `config.json` of such a model.

    Raises:
        ValueError: naming the part that a Llama does not have.

    >>> config = llama_config(vocab_size=9, emb_dim=16, n_heads=2, n_layers=1)
    >>> config_from_llama(config_to_llama(config)).emb_dim
    16
    """
    for name, value in _LLAMA_FORM.items():
        if getattr(config, name) != value:
            raise ValueError(
                f"{name} is {getattr(config, name)!r}: a Llama has {value!r}; keep "
                "this model with course_lib.files.save"
            )
    sizes = {name: getattr(config, ours) for name, ours in _SIZES.items()}
    return {
        "architectures": ["LlamaForCausalLM"],
        **_FIXED,
        **sizes,
        "intermediate_size": config.inner_dim,
        "num_key_value_heads": config.kv_heads,
        "head_dim": config.head_dim,
        "rope_theta": config.rotary_base or ROPE_BASE,
        "rms_norm_eps": NORM_EPS if config.norm_eps is None else config.norm_eps,
        "tie_word_embeddings": config.tied,
        "torch_dtype": "float32",
    }


def config_from_gguf(
    fields: Mapping[str, Any], *, vocab_size: int, tied: bool
) -> GPTConfig:
    """The configuration that the header of a GGUF file describes.

    Args:
        fields: key -> value.
        vocab_size: rows of its embedding.
        tied: it has no output head of its own.

    Raises:
        ValueError: for another architecture than Llama's, a key that is missing, or a
            setting that our GPT cannot follow.

    >>> config_from_gguf({"general.architecture": "gemma3"}, vocab_size=9, tied=True)
    Traceback (most recent call last):
    ValueError: its architecture is 'gemma3': only 'llama' can be loaded
    """
    kind = fields.get("general.architecture")
    if kind != "llama":
        raise ValueError(f"its architecture is {kind!r}: only 'llama' can be loaded")
    own = {
        name.removeprefix("llama."): value
        for name, value in fields.items()
        if name.startswith("llama.")
    }
    if missing := [name for name in _GGUF_SIZES if name not in own]:
        raise ValueError(f"llama.{missing[0]} is missing in its header")
    for name in own:
        if name.startswith("rope.scaling") and own[name] not in (None, "none"):
            raise ValueError(f"llama.{name} is {own[name]!r}: it cannot be loaded")
    config = llama_config(
        vocab_size=vocab_size,
        **{ours: own[name] for name, ours in _GGUF_SIZES.items()},
        n_kv_heads=own.get("attention.head_count_kv"),
        rotary_base=_short(own.get("rope.freq_base", ROPE_BASE)),
        norm_eps=_short(own.get("attention.layer_norm_rms_epsilon", NORM_EPS)),
        tied=tied,
    )
    if own.get("rope.dimension_count", config.head_dim) != config.head_dim:
        raise ValueError(
            f"llama.rope.dimension_count is {own['rope.dimension_count']}: only the "
            f"width of a head, {config.head_dim}, can be loaded"
        )
    return config


def _short(value: float) -> float:
    """The number that was meant by one of 32 bits: 1e-05 by 9.999999747378752e-06."""
    return float(f"{value:.6g}")


def llama_config(**settings: Any) -> GPTConfig:
    """A Llama-shaped GPT: rotary, RMSNorm, SwiGLU, no biases (Touvron et al. 2023).

    The arguments are the other fields of `GPTConfig`.

    >>> llama_config(vocab_size=9, emb_dim=16, n_heads=2).activation
    'swiglu'
    """
    if settings.get("n_kv_heads") == settings.get("n_heads"):
        settings["n_kv_heads"] = None
    return GPTConfig(**_LLAMA_FORM, **settings)


def llama_names(config: GPTConfig) -> Names:
    """Our name of each weight -> its names in Hugging Face's layout.

    >>> llama_names(llama_config(vocab_size=9, n_layers=1))["blocks.0.up.weight"]
    ('model.layers.0.mlp.up_proj.weight',)
    """
    return _names(config, _HUGGING_FACE)


def gguf_names(config: GPTConfig) -> Names:
    """Our name of each weight -> its names in a GGUF file.

    >>> gguf_names(llama_config(vocab_size=9, n_layers=1))["embedding.weight"]
    ('token_embd.weight',)
    """
    return _names(config, _GGUF)


def _names(config: GPTConfig, table: Mapping[str, Any]) -> Names:
    whole = ("embedding", "norm", *(() if config.tied else ("head",)))
    inner = [part for part in table if part.startswith(_INNER)]
    names: dict[str, tuple[str, ...]] = {
        f"{part}.weight": (f"{table[part][0]}.weight",) for part in whole
    }
    for i in range(config.n_layers):
        before = table["block"].format(i)
        for part in inner:
            theirs = tuple(f"{before}{name}.weight" for name in table[part])
            names[f"blocks.{i}.{part}.weight"] = theirs
    return names


def in_halves(weight: Tensor, n_heads: int) -> Tensor:
    """Rows of queries or keys (H D, C) as rotary positions in halves want them.

    llama.cpp turns neighbours (0, 1), (2, 3) ...; Hugging Face and we turn number i of
    a head with number i + D / 2. The files differ in the order of the rows.

    >>> import torch
    >>> in_halves(torch.arange(4.0)[:, None], n_heads=1).flatten().tolist()
    [0.0, 2.0, 1.0, 3.0]
    """
    rows, columns = weight.shape
    pairs = weight.view(n_heads, rows // n_heads // 2, 2, columns)
    return pairs.transpose(1, 2).reshape(rows, columns)
