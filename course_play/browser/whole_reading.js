// What the model computes for a sentence, kept token by token; no pictures here.
//
// Shape letters: T tokens, C = emb_dim, H heads, D = C / H, F inner, V vocabulary.
import { rankOrder, softmax } from "../widgets/base.js";

/** Parts of a block in the order in which a token meets them. */
export const BLOCK_PARTS = ["norm1", "attention", "add1", "norm2", "forward", "add2"];

/** All parts, [{ part, layer }], in the order in which a token meets them. */
export function partsOf(L) {
  const blocks = Array.from({ length: L }, (_, layer) =>
    BLOCK_PARTS.map((part) => ({ part, layer })));
  return [{ part: "words", layer: 0 }, { part: "embedding", layer: 0 }, ...blocks.flat(),
    { part: "norm", layer: 0 }, { part: "logits", layer: 0 }, { part: "probs", layer: 0 }];
}

const SPOKEN = { words: "words and token ids", embedding: "embedding",
  norm1: "norm before attention", attention: "attention",
  add1: "plus: what attention found is added",
  norm2: "norm before the feed-forward layer", forward: "feed-forward layer",
  add2: "plus: what the feed-forward layer found is added", norm: "last norm", logits: "logits",
  probs: "probabilities and the next word" };

export const inBlock = (part) => BLOCK_PARTS.includes(part);
export const keyOf = ({ part, layer }) => (inBlock(part) ? `${part}.${layer}` : part);

/** What a part is called where it is spoken or a title. */
export const spokenName = ({ part, layer }) => (inBlock(part)
  ? `block ${layer}, ${SPOKEN[part]}` : SPOKEN[part]);

/** W x: W (n, m) row after row, x (m,), from row `from` on -> (n,). */
export function product(weight, x, n, from = 0) {
  const y = new Float32Array(n);
  for (let row = 0, at = from * x.length; row < n; row += 1) {
    let sum = 0;
    for (let i = 0; i < x.length; i += 1, at += 1) sum += weight[at] * x[i];
    y[row] = sum;
  }
  return y;
}

/** Root mean square of numbers: how large they are. */
export function sizeOf(x) {
  return Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / x.length);
}

/** The sum of the products, number by number. */
export const dot = (x, y) => x.reduce((sum, value, i) => sum + value * y[i], 0);

/** The steps of LayerNorm or RMSNorm: { mean, size, gain } with y = (x - mean) / size * gain. */
export function normSteps(x, weight, { norm, norm_eps: eps }) {
  const mean = norm === "layer" ? x.reduce((a, b) => a + b, 0) / x.length : 0;
  const size = Math.sqrt(sizeOf(x.map((value) => value - mean)) ** 2 + eps);
  return { mean, size, gain: weight };
}

/**
 * Reads sentences: read(tokens) gives an array with what `see` of `GPT.step` holds for
 * each token. What two sentences in a row have in common is not computed again.
 */
export function openReader(gpt) {
  let known = [];
  let held = [];
  return function read(tokens) {
    let same = 0;
    const most = Math.min(tokens.length, held.length, gpt.length);
    while (same < most && tokens[same] === held[same] && gpt.tokens[same] === held[same]) same += 1;
    gpt.rewind(same);
    known = known.slice(0, same);
    for (const token of tokens.slice(same)) {
      const see = {};
      gpt.step(token, { see });
      known.push(see);
    }
    held = [...tokens];
    return known;
  };
}

/** The numbers of one head: i-th (D,) of H side by side. */
export const headOf = (x, head, D) => x.subarray(head * D, (head + 1) * D);

/** Which head's keys and values a head reads: its own unless they are shared. */
export const keyHead = ({ n_heads: H, n_kv_heads: K }, head) => Math.floor((head * K) / H);

/**
 * All that one head does at token t: { q, scale, keys: [{ s, k, v, raw, score, weight }], mix }.
 *
 * `raw` is q times k, `score` that divided by root D. Later tokens have a raw score, too,
 * which the mask hides: their weight is 0.
 */
export function headSteps(gpt, seen, layer, head, t) {
  const { D, config } = gpt;
  const shared = keyHead(config, head);
  const here = seen[t].layers[layer];
  const q = headOf(here.q, head, D);
  const keys = seen.map(({ layers }, s) => {
    const k = headOf(layers[layer].k, shared, D);
    const raw = dot(q, k);
    return { s, k, v: headOf(layers[layer].v, shared, D), raw, score: raw / Math.sqrt(D),
      weight: s <= t ? here.weights[head][s] : 0 };
  });
  return { q, keys, scale: Math.sqrt(D), mix: headOf(here.mixed, head, D) };
}

/** The query and key of a token before they are turned by their place: (D,) each. */
export function unturned(gpt, see, layer, head) {
  const { D, config } = gpt;
  const block = gpt.blocks[layer];
  const { normed1 } = see.layers[layer];
  const from = { q: head * D, k: config.emb_dim + keyHead(config, head) * D };
  return Object.fromEntries(Object.entries(from).map(([name, row]) => {
    const x = product(block.qkv.weight, normed1, D, row);
    const size = config.qk_norm ? Math.sqrt(sizeOf(x) ** 2 + 2 ** -23) : 1;
    const gain = config.qk_norm && name === "q" ? block.gain : 1;
    return [name, x.map((value) => (value / size) * gain)];
  }));
}

/** The inner numbers (F,) of the feed-forward layer before the bend. */
export function beforeBend(gpt, see, layer) {
  return product(gpt.blocks[layer].up.weight, see.layers[layer].normed2, gpt.config.hidden_dim);
}

/** The logits (V,) after each token if one head were silent; nothing of it is kept. */
export function without(gpt, tokens, layer, head) {
  gpt.rewind(0);
  const logits = tokens.map((token) => gpt.step(token, { off: [[layer, head]] }));
  gpt.rewind(0);
  return logits;
}

/** The words an embedding row is most alike, by the cosine: [[id, cosine], ...]. */
export function alikeRows(gpt, id, n) {
  const { emb_dim: C, vocab_size: V } = gpt.config;
  const row = (i) => gpt.embedding.subarray(i * C, (i + 1) * C);
  const own = row(id);
  const cosines = Array.from({ length: V }, (_, i) =>
    dot(own, row(i)) / (C * sizeOf(own) * sizeOf(row(i))));
  return rankOrder(cosines).filter((i) => i !== id).slice(0, n).map((i) => [i, cosines[i]]);
}

/** Row `id` of the output head (C,). */
export function headRow(gpt, id) {
  const C = gpt.config.emb_dim;
  return gpt.head.weight.subarray(id * C, (id + 1) * C);
}

/** Logits to probabilities at a temperature above 0: (V,) -> (V,). */
export const heated = (logits, temperature) => softmax(Array.from(logits, (z) => z / temperature));

/** What the head would say of the stream after each block: [[id, p], ...], L + 1 of them. */
export function lensOf(gpt, see) {
  return [see.embedded, ...see.layers.map(({ streamOut }) => streamOut)].map((stream) => {
    const probs = softmax(Array.from(gpt.read(stream)));
    const best = rankOrder(probs)[0];
    return [best, probs[best]];
  });
}
