// Choosing the next token and writing on: the twin of course_lib.sampling and .generate.
// Options have the names that they have in Python. V is the size of the vocabulary.
import { ValueError } from "./python.js";

const COLDEST = 1e-37;
const STRONGEST = 1e6;

/**
 * The numbers of `torch.rand` in float32 from `torch.Generator().manual_seed(seed)`.
 *
 * The generator is mt19937 (Matsumoto and Nishimura 1998).
 */
export function torchDice(seed) {
  const state = new Uint32Array(624);
  let at = 624;
  state[0] = Number(BigInt.asUintN(32, BigInt(seed)));
  for (let i = 1; i < 624; i += 1) {
    state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
  }
  const refill = () => {
    for (let i = 0; i < 624; i += 1) {
      const y = (state[i] & 0x80000000) | (state[(i + 1) % 624] & 0x7fffffff);
      state[i] = state[(i + 397) % 624] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    at = 0;
  };
  return () => {
    if (at === 624) refill();
    let y = state[at];
    at += 1;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return (y & 0xffffff) / 2 ** 24;
  };
}

/** Raise a ValueError for the first knob that is out of range. */
export function checkKnobs(V, knobs) {
  const { temperature = 1, top_k: k = null, repetition_penalty: penalty = 1 } = knobs;
  if (!(Number.isFinite(temperature) && temperature >= 0)) {
    throw new ValueError(`temperature is ${temperature}: use a number > 0, or 0 for greedy`);
  }
  if (k !== null && !(k >= 1 && k <= V)) {
    throw new ValueError(`top_k is ${k}: use 1 .. ${V}, or None for all`);
  }
  for (const name of ["top_p", "min_p"]) {
    const share = knobs[name] ?? null;
    if (share !== null && !(share > 0 && share <= 1)) {
      throw new ValueError(`${name} is ${share}: use a number in (0, 1], or None for all`);
    }
  }
  if (!(penalty >= 1 / STRONGEST && penalty <= STRONGEST)) {
    throw new ValueError(`repetition_penalty is ${penalty}: use a number > 0, such as 1.1, `
      + "or 1 for none; at most 1,000,000");
  }
}

/** Where the largest logit stands, the first of equal ones. */
function argmax(logits) {
  let best = 0;
  for (let i = 1; i < logits.length; i += 1) if (logits[i] > logits[best]) best = i;
  return best;
}

/** How numbers of this kind of array are rounded. */
const roundingOf = (values) => (values instanceof Float32Array ? Math.fround : Number);

/** Divide by the sum. */
function renormalized(probs) {
  const sum = roundingOf(probs)(probs.reduce((a, b) => a + b, 0));
  return probs.map((p) => p / sum);
}

/**
 * The probabilities that the knobs leave, and of which tokens: { probs, order }, both of
 * the same length; order null means all V in order, else the largest comes first. They
 * are float32 or float64, as the logits are.
 */
export function keptProbs(logits, knobs) {
  const { temperature = 1, top_k = null, top_p = null, min_p = null } = knobs;
  const round = roundingOf(logits);
  let [kept, order] = [logits, null];
  if (top_k !== null || top_p !== null || min_p !== null) {
    order = Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a] || a - b)
      .slice(0, top_k ?? logits.length);
    kept = logits.constructor.from(order, (token) => logits[token]);
  }
  const top = kept[order ? 0 : argmax(kept)];
  const heat = round(Math.max(temperature, COLDEST));
  let probs = renormalized(kept.map((z) => Math.exp(round(round(z - top) / heat))));
  if (top_p !== null && top_p < 1) {
    let sum = 0;
    probs = renormalized(probs.map((p) => {
      sum += p;
      return round(round(sum) - p) >= round(top_p) ? 0 : p;
    }));
  }
  if (min_p !== null) {
    const least = round(round(min_p) * probs[0]);
    probs = renormalized(probs.map((p) => (p < least ? 0 : p)));
  }
  return { probs, order };
}

/** The distribution that the next token is drawn from: (V,) -> (V,). */
export function nextProbs(logits, knobs = {}) {
  checkKnobs(logits.length, knobs);
  checkLogits(logits);
  const all = new logits.constructor(logits.length);
  if (knobs.temperature === 0) {
    all[argmax(logits)] = 1;
    return all;
  }
  const { probs, order } = keptProbs(logits, knobs);
  if (!order) return probs;
  order.forEach((token, i) => { all[token] = probs[i]; });
  return all;
}

function checkLogits(logits) {
  const largest = logits.some(Number.isNaN) ? NaN : logits[argmax(logits)];
  if (!Number.isFinite(largest)) {
    const told = Number.isNaN(largest) ? "nan" : largest > 0 ? "inf" : "-inf";
    throw new ValueError(`the model's logits are not numbers (the largest is ${told}): its `
      + "weights are bad");
  }
}

/** Draws one token after another for one text; what it draws depends on its seed. */
export class Dice {
  constructor(text, seed, V, knobs = {}) {
    checkKnobs(V, knobs);
    this.V = V;
    this.knobs = knobs;
    this.penalty = Math.fround(knobs.repetition_penalty ?? 1);
    this.seen = new Set(text);
    this.throw = torchDice(seed);
  }

  /** One token: logits (V or more,) -> its id. */
  draw(all) {
    let logits = all.subarray(0, this.V);
    checkLogits(logits);
    if (this.penalty !== 1) {
      logits = logits.map((z, token) => (!this.seen.has(token) ? z
        : z > 0 ? z / this.penalty : z * this.penalty));
    }
    const token = this.choose(logits);
    this.seen.add(token);
    return token;
  }

  choose(logits) {
    if (this.knobs.temperature === 0) return argmax(logits);
    const dart = 1 - this.throw(); // in (0, 1]
    const { probs, order } = keptProbs(logits, this.knobs);
    let sum = 0;
    const sums = probs.map((p) => {
      sum += p;
      return sum; // rounded where it is stored
    });
    const level = Math.fround(Math.fround(dart) * sums[sums.length - 1]);
    const place = sums.findIndex((one) => one >= level); // the first stretch that reaches it
    return order ? order[place] : place;
  }
}

/** The prompt, checked, and cut if that is wanted (then `dropped` is told what went). */
function fitting(model, prompt, most, dropped) {
  const { context_size: size, vocab_size: V } = model.config;
  if (!prompt.length) throw new ValueError("prompt 1 is empty: give it one token or more");
  for (const token of [Math.min(...prompt), Math.max(...prompt)]) {
    if (!(token >= 0 && token < V)) {
      throw new ValueError(`prompt 1 holds token ${token}: this model knows 0 .. ${V - 1}`);
    }
  }
  if (prompt.length <= size) return prompt;
  if (!dropped) {
    throw new ValueError(`prompt 1 has ${prompt.length} tokens and this model reads ${size}: `
      + `shorten it by ${prompt.length - size} or more, or give \`dropped\` to let the `
      + "oldest go");
  }
  const kept = Math.max(size >> 1, size - most, 1); // leave room to write in
  dropped(prompt.slice(0, -kept));
  return prompt.slice(-kept);
}

/**
 * The next tokens after a prompt, one by one, as long as somebody asks for them.
 *
 * It ends at one of the `stop_tokens`, which is not given; when `ended(written)` says so;
 * after `max_new_tokens`; and when the context is full. `dropped` as in Python: with it a
 * prompt that is too long loses its oldest tokens. The knobs: `temperature` (0 is
 * greedy), `top_k`, `top_p`, `min_p`, `repetition_penalty`. One prompt only, and no
 * sliding window.
 */
export function* stream(model, prompt, options) {
  const { max_new_tokens: most, stop_tokens: stops = [], ended = () => false, seed = 0,
    dropped = null, vocab_size: V = model.config.vocab_size, ...knobs } = options;
  if (!(most >= 1)) throw new ValueError(`max_new_tokens is ${most}: use 1 or more`);
  const text = fitting(model, prompt, most, dropped);
  const dice = new Dice(text, seed, V, knobs);
  const written = [];
  for (;;) {
    const logits = model.readAll([...text, ...written]);
    const token = dice.draw(logits);
    if (stops.includes(token)) return;
    written.push(token);
    yield token;
    const full = text.length + written.length > model.config.context_size;
    if (ended(written) || written.length === most || full) return;
  }
}

/** What the model writes after a prompt: the new tokens; for the options see `stream`. */
export const generate = (model, prompt, options) => [...stream(model, prompt, options)];
