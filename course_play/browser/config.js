// What a model of the course is made of: the twin of course_lib.gpt.GPTConfig.
import { ValueError } from "./python.js";

const DEFAULTS = {
  context_size: 128, emb_dim: 128, n_heads: 4, n_kv_heads: null, n_layers: 3,
  positions: "rotary", rotary_base: null, norm: "layer", norm_eps: null,
  activation: "gelu", hidden_dim: null, qk_norm: true, bias: false, tied: true,
  dropout: 0, // only training drops anything
};
const CHOICES = {
  positions: ["rotary", "learned"],
  norm: ["layer", "rms"],
  activation: ["gelu", "gelu_tanh", "relu_squared", "swiglu"],
};

/** The config with its defaults; a ValueError names what this reader does not know. */
export function fullConfig(config) {
  for (const [name, value] of Object.entries(config)) {
    if (name !== "vocab_size" && !(name in DEFAULTS)) {
      throw new ValueError(`${name} is ${value}: this reader does not know such a part`);
    }
    if (name in CHOICES && !CHOICES[name].includes(value)) {
      throw new ValueError(`${name} is '${value}': use ${CHOICES[name].join(", ")}`);
    }
  }
  if (!config.vocab_size) throw new ValueError("the config has no vocab_size");
  const full = { ...DEFAULTS, ...config };
  full.n_kv_heads ??= full.n_heads;
  full.hidden_dim ??= 4 * full.emb_dim;
  full.rotary_base ??= 10000;
  full.norm_eps ??= full.norm === "rms" ? 1e-6 : 1e-5;
  return full;
}

/** The names of a model's tensors and how many numbers each has. */
export function tensorSizes(config) {
  const { vocab_size: V, context_size: T, emb_dim: C, n_heads: H, n_kv_heads: K,
    hidden_dim: F } = config;
  const sizes = { "embedding.weight": V * C };
  const put = (name, rows, columns, bias = config.bias) => {
    sizes[`${name}.weight`] = rows * columns;
    if (bias) sizes[`${name}.bias`] = rows;
  };
  const norm = (name) => put(name, C, 1, config.bias && config.norm === "layer");
  if (config.positions === "learned") put("position_embedding", T, C, false);
  if (!config.tied) put("head", V, C, false);
  norm("norm");
  for (let layer = 0; layer < config.n_layers; layer += 1) {
    const block = `blocks.${layer}`;
    norm(`${block}.norm_1`);
    norm(`${block}.norm_2`);
    if (config.qk_norm) sizes[`${block}.attention.gain`] = 1;
    put(`${block}.attention.qkv`, C + (2 * K * C) / H, C);
    put(`${block}.attention.proj`, C, C);
    if (config.activation === "swiglu") put(`${block}.gate`, F, C);
    put(`${block}.up`, F, C);
    put(`${block}.down`, C, F);
  }
  return sizes;
}

/** A ValueError names the first tensor that is missing, left over, or of another size. */
export function checkTensors(tensors, config) {
  const sizes = tensorSizes(config);
  for (const [name, size] of Object.entries(sizes)) {
    if (tensors[name]?.length !== size) {
      throw new ValueError(`tensor ${name} has ${tensors[name]?.length ?? "no"} numbers, `
        + `the config asks for ${size}`);
    }
  }
  const other = Object.keys(tensors).find((name) => !(name in sizes));
  if (other) throw new ValueError(`tensor ${other} has no place in this model`);
}
