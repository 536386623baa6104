// The course's GPT in the browser: the twin of course_lib.gpt, one token at a time.
//
// Shape letters: T tokens read so far, C = emb_dim, H heads, K heads of keys and values,
// D = C / H, F width of the feed-forward layer, V vocabulary. A matrix is one
// Float32Array, row after row.
import { checkTensors, fullConfig } from "./config.js";
import { ValueError } from "./python.js";

const FLOAT32_EPS = 2 ** -23; // torch's own eps of a norm without one, as in QK-norm

const ERF_TERMS = [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806,
  0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277];

/** The error function, to 1.2e-7 (Press et al. 1992, Numerical Recipes, `erfcc`). */
export function erf(x) {
  const t = 1 / (1 + 0.5 * Math.abs(x));
  let sum = 0;
  for (let i = ERF_TERMS.length - 1; i >= 0; i -= 1) sum = ERF_TERMS[i] + t * sum;
  const tail = t * Math.exp(sum - x * x);
  return x >= 0 ? 1 - tail : tail - 1;
}

/** The bends of the feed-forward layer; that of "swiglu" is its gate's, SiLU. */
export const ACTIVATIONS = {
  gelu: (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2)),
  gelu_tanh: (x) => 0.5 * x * (1 + Math.tanh(0.7978845608028654 * (x + 0.044715 * x ** 3))),
  relu_squared: (x) => (x > 0 ? x * x : 0),
  swiglu: (x) => x / (1 + Math.exp(-x)),
};

/**
 * y = W x (+ bias): W (n, m), x (m,), y (n,). Blocks of four rows and two columns: fewer
 * numbers are fetched for each product, and many of them are under way at once.
 */
export function linear({ weight, bias }, x, y) {
  const m = x.length;
  const whole = m % 2 ? 0 : y.length - (y.length % 4); // rows that stand in a block
  for (let row = 0, p = 0; row < whole; row += 4, p += 4 * m) {
    const [q, r, s] = [p + m, p + 2 * m, p + 3 * m];
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let i = 0; i < m; i += 2) {
      const v = x[i];
      const w = x[i + 1];
      a += weight[p + i] * v + weight[p + i + 1] * w;
      b += weight[q + i] * v + weight[q + i + 1] * w;
      c += weight[r + i] * v + weight[r + i + 1] * w;
      d += weight[s + i] * v + weight[s + i + 1] * w;
    }
    y[row] = a;
    y[row + 1] = b;
    y[row + 2] = c;
    y[row + 3] = d;
  }
  for (let row = whole; row < y.length; row += 1) {
    let sum = 0;
    for (let i = 0; i < m; i += 1) sum += weight[row * m + i] * x[i];
    y[row] = sum;
  }
  if (bias) add(y, bias);
}

/** Add y to x, number by number: (C,), (C,). */
function add(x, y) {
  for (let i = 0; i < x.length; i += 1) x[i] += y[i];
}

/** Scores to weights that sum to 1, in place: the first `n` of them. */
function softmaxInPlace(scores, n) {
  let top = -Infinity;
  let sum = 0;
  for (let s = 0; s < n; s += 1) top = Math.max(top, scores[s]);
  for (let s = 0; s < n; s += 1) sum += scores[s] = Math.exp(scores[s] - top);
  for (let s = 0; s < n; s += 1) scores[s] /= sum;
}

/** weight and bias of one part, by its name. */
function part(tensors, name) {
  return { weight: tensors[`${name}.weight`], bias: tensors[`${name}.bias`] ?? null };
}

/** One block: its parts, and its rooms in the KV cache (T, K * D). */
function blockOf(tensors, config, layer) {
  const name = `blocks.${layer}`;
  const parts = ["norm_1", "norm_2", "up", "down", "gate"];
  const block = Object.fromEntries(parts.map((one) => [one, part(tensors, `${name}.${one}`)]));
  const room = config.context_size * config.n_kv_heads * (config.emb_dim / config.n_heads);
  return {
    ...block,
    layer,
    qkv: part(tensors, `${name}.attention.qkv`),
    proj: part(tensors, `${name}.attention.proj`),
    gain: config.qk_norm ? tensors[`${name}.attention.gain`][0] : null,
    keys: new Float32Array(room),
    values: new Float32Array(room),
  };
}

/**
 * A decoder-only transformer that reads one token at a time and keeps keys and values.
 *
 *     const model = new GPT({ tensors, config });
 *     let logits;
 *     for (const token of tokens) logits = model.step(token);
 *
 * `tensors` has a Float32Array for each name of the state dict (see `tensorSizes`),
 * `config` the fields of `GPTConfig`; what is left out has its default. `tokens` are the
 * T that were read; `rewind(n)` forgets all but the first n.
 */
export class GPT {
  constructor({ tensors, config }) {
    this.config = fullConfig(config);
    checkTensors(tensors, this.config);
    const { emb_dim: C, n_heads: H, n_kv_heads: K, n_layers, context_size } = this.config;
    this.D = C / H;
    this.embedding = tensors["embedding.weight"];
    this.places = tensors["position_embedding.weight"] ?? null;
    this.norm = part(tensors, "norm");
    this.head = this.config.tied ? part(tensors, "embedding") : part(tensors, "head");
    this.blocks = Array.from({ length: n_layers }, (_, i) => blockOf(tensors, this.config, i));
    this.speeds = Array.from({ length: this.D >> 1 }, (_, i) =>
      Math.fround(this.config.rotary_base ** ((-2 * i) / this.D)));
    this.tokens = [];
    this.altered = Infinity; // the first token that was read with heads off
    const room = (n) => new Float32Array(n); // where a step computes
    [this.x, this.normed, this.mixed, this.out] = [room(C), room(C), room(C), room(C)];
    [this.stacked, this.scores] = [room(C + 2 * K * this.D), room(context_size)];
    [this.up, this.gate] = [room(this.config.hidden_dim), room(this.config.hidden_dim)];
    [this.cos, this.sin] = [room(this.D >> 1), room(this.D >> 1)];
  }

  /**
   * Read one token: gives the logits (V,) of the next one.
   *
   * `off` lists heads to silence, [[layer, head], ...] from 0, as `lens.heads_off`.
   * `see` is an object to fill: `embedded` (C,), `normed` (C,) before the output head,
   * `logits` (V,), and `layers`, for each layer
   *
   *     streamIn, normed1  (C,)
   *     q                  (H * D,)  as used: normed, stretched by the gain, turned
   *     k, v               (K * D,)  of this token; those before it are in the cache
   *     scores, weights    H arrays (T,), before and after the softmax
   *     mixed, projected   (C,)      what the heads found, side by side; through proj
   *     afterAttention     (C,)      the stream with it
   *     normed2            (C,)
   *     inner              (F,)      of the feed-forward layer, after the bend
   *     out, streamOut     (C,)      what it adds; the stream with it
   */
  step(token, { see = null, off = [] } = {}) {
    this.embed(token);
    if (off.length) this.altered = Math.min(this.altered, this.length);
    if (see) Object.assign(see, { embedded: this.x.slice(), layers: [] });
    for (const block of this.blocks) {
      const seen = see ? { streamIn: this.x.slice() } : null;
      const silent = off.filter(([layer]) => layer === block.layer).map(([, head]) => head);
      this.attend(block, silent, seen);
      this.feedForward(block, seen);
      if (seen) see.layers.push(seen);
    }
    this.tokens.push(token);
    const logits = this.read(this.x);
    if (see) Object.assign(see, { normed: this.normed.slice(), logits });
    return logits;
  }

  /** T: how many tokens were read. */
  get length() {
    return this.tokens.length;
  }

  /**
   * The logits (V,) after a whole text, one token or more. What the last reading has in
   * common with it is not read again.
   */
  readAll(tokens) {
    let same = 0;
    const most = Math.min(tokens.length - 1, this.length, this.altered);
    while (same < most && tokens[same] === this.tokens[same]) same += 1;
    this.rewind(same);
    let logits = null;
    for (const token of tokens.slice(same)) logits = this.step(token);
    return logits;
  }

  /** Forget all that was read but the first `n` tokens. */
  rewind(n = 0) {
    if (!(n >= 0 && n <= this.length)) {
      throw new ValueError(`cannot go back to ${n} tokens: ${this.length} were read`);
    }
    this.tokens.length = n;
    if (this.altered >= n) this.altered = Infinity;
  }

  /** Stream (C,) to logits (V,): of the last layer the answer, else the logit lens. */
  read(stream) {
    const logits = new Float32Array(this.config.vocab_size);
    this.normalize(stream, this.norm, this.normed);
    linear(this.head, this.normed, logits);
    return logits;
  }

  /** The stream of a new token, its embedding; and its place, added or as angles. */
  embed(token) {
    const { emb_dim: C, vocab_size: V, context_size: size } = this.config;
    if (!(Number.isInteger(token) && token >= 0 && token < V)) {
      throw new ValueError(`token ${token}: this model knows 0 .. ${V - 1}`);
    }
    if (this.length >= size) throw new ValueError(`this model reads up to ${size} tokens`);
    this.x.set(this.embedding.subarray(token * C, token * C + C));
    if (this.places) add(this.x, this.places.subarray(this.length * C, this.length * C + C));
    this.speeds.forEach((speed, i) => {
      const angle = Math.fround(this.length * speed);
      this.cos[i] = Math.cos(angle);
      this.sin[i] = Math.sin(angle);
    });
  }

  /** Attention: norm, look back, add to the stream what the heads found. */
  attend(block, silent, seen) {
    const { emb_dim: C, n_heads: H, n_kv_heads: K } = this.config;
    const { D, length: t, stacked } = this;
    const width = K * D;
    this.normalize(this.x, block.norm_1, this.normed);
    linear(block.qkv, this.normed, stacked); // (C + 2 K D,)
    for (let h = 0; h < H + K; h += 1) this.prepare(h * D, h < H ? block.gain : 1);
    block.keys.set(stacked.subarray(C, C + width), t * width);
    block.values.set(stacked.subarray(C + width), t * width);
    if (seen) {
      Object.assign(seen, { normed1: this.normed.slice(), q: stacked.slice(0, C),
        k: stacked.slice(C, C + width), v: stacked.slice(C + width), scores: [],
        weights: [] });
    }
    this.mixed.fill(0);
    for (let h = 0; h < H; h += 1) this.look(block, h, silent.includes(h), seen);
    linear(block.proj, this.mixed, this.out);
    add(this.x, this.out);
    if (seen) {
      Object.assign(seen, { mixed: this.mixed.slice(), projected: this.out.slice(),
        afterAttention: this.x.slice() });
    }
  }

  /** A query or key of one head, (D,) from `at` on: QK-norm and its turn, in place. */
  prepare(at, gain) {
    const { D, stacked, cos, sin } = this;
    if (this.config.qk_norm) {
      let squares = 0;
      for (let i = 0; i < D; i += 1) squares += stacked[at + i] ** 2;
      const scale = gain / Math.sqrt(squares / D + FLOAT32_EPS);
      for (let i = 0; i < D; i += 1) stacked[at + i] *= scale;
    }
    if (this.places) return;
    for (let i = 0; i < D / 2; i += 1) {
      const first = stacked[at + i];
      const second = stacked[at + D / 2 + i];
      stacked[at + i] = first * cos[i] - second * sin[i];
      stacked[at + D / 2 + i] = first * sin[i] + second * cos[i];
    }
  }

  /** What head h finds among the T tokens so far goes into its part of `mixed`. */
  look(block, h, silent, seen) {
    const { n_heads: H, n_kv_heads: K } = this.config;
    const { D, scores, stacked, mixed } = this;
    const T = this.length + 1;
    const from = Math.floor((h * K) / H) * D; // its keys, in a row of the cache
    for (let s = 0, at = from; s < T; s += 1, at += K * D) {
      let product = 0;
      for (let i = 0; i < D; i += 1) product += stacked[h * D + i] * block.keys[at + i];
      scores[s] = product / Math.sqrt(D);
    }
    seen?.scores.push(scores.slice(0, T));
    softmaxInPlace(scores, T);
    seen?.weights.push(scores.slice(0, T));
    if (silent) return;
    for (let s = 0, at = from; s < T; s += 1, at += K * D) {
      for (let i = 0; i < D; i += 1) mixed[h * D + i] += scores[s] * block.values[at + i];
    }
  }

  /** The feed-forward layer: norm, up, bend, down, add to the stream. */
  feedForward(block, seen) {
    const { up, gate } = this;
    const bend = ACTIVATIONS[this.config.activation];
    this.normalize(this.x, block.norm_2, this.normed);
    linear(block.up, this.normed, up);
    if (this.config.activation === "swiglu") {
      linear(block.gate, this.normed, gate);
      for (let i = 0; i < up.length; i += 1) up[i] *= bend(gate[i]);
    } else {
      for (let i = 0; i < up.length; i += 1) up[i] = bend(up[i]);
    }
    linear(block.down, up, this.out);
    add(this.x, this.out);
    if (seen) {
      Object.assign(seen, { normed2: this.normed.slice(), inner: up.slice(),
        out: this.out.slice(), streamOut: this.x.slice() });
    }
  }

  /** LayerNorm or RMSNorm: x (C,) into y (C,). */
  normalize(x, { weight, bias }, y) {
    const C = x.length;
    let mean = 0;
    let squares = 0;
    if (this.config.norm === "layer") {
      for (let i = 0; i < C; i += 1) mean += x[i] / C;
    }
    for (let i = 0; i < C; i += 1) squares += (x[i] - mean) ** 2;
    const scale = 1 / Math.sqrt(squares / C + this.config.norm_eps);
    for (let i = 0; i < C; i += 1) y[i] = (x[i] - mean) * scale * weight[i] + (bias?.[i] ?? 0);
  }
}
