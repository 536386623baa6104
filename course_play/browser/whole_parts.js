// What is inside each part but attention, with every number of the chosen token.
import { fixed, h, percent, rankOrder } from "../widgets/base.js";
import { bar, bend, choice, farthest, strip, sum, table } from "./whole_pieces.js";
import { dartLine, draw } from "./whole_output.js";
import {
  alikeRows, beforeBend, dot, headRow, normSteps, product, sizeOf,
} from "./whole_reading.js";

const p = (...parts) => h("p", {}, ...parts);

/** The chosen number of a vector of C. */
const within = (n, C) => Math.max(0, Math.min(C - 1, n));

export function wordsPart({ facts, t, set }) {
  const rows = facts.words.map((word, i) => ({ here: i === t,
    cells: [i, choice(word, `word-${i}`, null, () => set({ t: i })), facts.tokens[i]] }));
  return [p("A tokenizer cuts the text into tokens. Here a token is a word or a punctuation "
    + "mark, and each has a fixed number, its id: its place in the list of "
    + `${facts.vocabulary.length} words.`),
  p("The first token, <eot> (end of text), is put in front by the course: it says that a new "
    + "text begins."),
  h("div", { class: "ltg-wm-short" }, table(["position", "token", "id"], rows))];
}

export function embeddingPart({ facts, see, t, scope, state, set }) {
  const { embedded } = see;
  const C = embedded.length;
  const id = facts.tokens[t];
  const most = farthest(embedded);
  const near = alikeRows(facts.gpt, id, 5);
  const rows = [[id, 1], ...near].map(([other, cosine]) => strip(scope,
    facts.gpt.embedding.subarray(other * C, (other + 1) * C), { name: `row ${other}: “${
      facts.vocabulary[other]}”`, note: other === id ? "" : `cosine ${fixed(cosine)}`, most,
    chosen: within(state.n, C), pick: (n) => set({ n }), all: other === id }));
  return [p(`The embedding is a table with a row of ${C} numbers for each word. The model `
    + `looks up row ${id}, because that is the id of “${facts.words[t]}”. These numbers were `
    + "learned, and they are the start of the residual stream of this token (its hidden state)."),
  rows[0],
  p("Which rows are most like it? (The cosine of two rows is 1 where they point the same way.)"),
  ...rows.slice(1)];
}

/** The norm of a part: from the stream to a copy of even size. */
function normPart({ facts, scope, state, set }, before, after, weight, reader) {
  const { mean, size } = normSteps(before, weight, facts.gpt.config);
  const n = within(state.n, before.length);
  const show = (values, name, note) => strip(scope, values, { name, note, chosen: n,
    pick: (one) => set({ n: one }), all: true });
  const meaned = facts.gpt.config.norm === "layer";
  return [p(`${reader} reads a copy of the stream, not the stream itself. The norm brings this `
    + `copy to an even size: ${meaned ? "subtract the mean, divide" : "divide"} by the size, `
    + "and stretch each number by its own learned gain."),
  show(before, "before: the stream", `mean ${fixed(mean, 3)}, size ${fixed(size, 3)}`),
  sum(...(meaned ? ["("] : []), [fixed(before[n], 3), `number ${n}`],
    ...(meaned ? ["−", [fixed(mean, 3), "mean"], ")"] : []), "÷", [fixed(size, 3), "size"], "×",
    [fixed(weight[n], 3), `gain ${n}`], "=", [fixed(after[n], 3), "after"]),
  show(after, "after: the copy", `size ${fixed(sizeOf(after), 3)}`)];
}

export const norm1Part = (at) => normPart(at, at.here.streamIn, at.here.normed1,
  at.block.norm_1.weight, "Attention");
export const norm2Part = (at) => normPart(at, at.here.afterAttention, at.here.normed2,
  at.block.norm_2.weight, "The feed-forward layer");
export const lastNormPart = (at) => normPart(at, at.see.layers.at(-1).streamOut, at.see.normed,
  at.facts.gpt.norm.weight, "The output head");

function addPart({ scope, state, set }, before, found, after, finder) {
  const n = within(state.n, before.length);
  const most = farthest(before, found, after);
  const show = (values, name) => strip(scope, values, { name, most, chosen: n,
    note: `size ${fixed(sizeOf(values))}`, pick: (one) => set({ n: one }), all: true });
  return [p(`What ${finder} has found is added to the stream, number by number. Nothing is `
    + "replaced. This plus is the residual connection: what the token carried before is still "
    + "in the sum."),
  show(before, "the stream before"), show(found, `+ what ${finder} found`),
  show(after, "= the stream after"),
  sum([fixed(before[n], 3), `number ${n}`], "+", [fixed(found[n], 3), "found"], "=",
    [fixed(after[n], 3), "after"])];
}

export const add1Part = (at) => addPart(at, at.here.streamIn, at.here.projected,
  at.here.afterAttention, "attention");
export const add2Part = (at) => addPart(at, at.here.afterAttention, at.here.out,
  at.here.streamOut, "the feed-forward layer");

const BENDS = { gelu: "GELU", gelu_tanh: "GELU", relu_squared: "squared ReLU", swiglu: "SwiGLU" };

/** What the output head makes of what one inner number writes into the stream. */
function votes({ facts, block }, n) {
  const { emb_dim: C, hidden_dim: F } = facts.gpt.config;
  const written = Float32Array.from({ length: C }, (_, row) =>
    block.down.weight[row * F + n] * facts.gpt.norm.weight[row]);
  const logits = product(facts.gpt.head.weight, written, facts.vocabulary.length);
  return rankOrder(logits).slice(0, 4).map((id) => `“${facts.vocabulary[id]}”`).join(", ");
}

export function forwardPart(at) {
  const { facts, see, scope, state, set, here } = at;
  const before = beforeBend(facts.gpt, see, state.layer);
  const after = here.inner;
  const n = within(state.n, after.length);
  const rows = Math.max(1, Math.round(after.length / 128));
  const show = (values, name) => strip(scope, values, { name, rows, chosen: n,
    pick: (one) => set({ n: one }), all: true });
  const picks = rankOrder(after).slice(0, 5).map((one) => choice(
    `${one}: ${fixed(after[one], 1)}`, `strong-${one}`, null, () => set({ n: one })));
  const active = Array.from(after).filter((x) => x > 0.1).length;
  return [p(`Here each token is worked on by itself. A matrix makes ${after.length} numbers of `
    + `the ${here.normed2.length}, an activation function bends each of them, and a second `
    + `matrix makes ${here.out.length} of them again.`),
  strip(scope, here.normed2, { name: "the normed copy", all: true }),
  show(before, "up: before the bend"), show(after, "after the bend"),
  h("div", { class: "ltg-wm-pair" }, bend(facts.bend, before[n]), h("div", {},
    sum([fixed(before[n], 3), `inner number ${n}`], "→", [fixed(after[n], 3), "bent"]),
    p(`The activation function (${BENDS[facts.gpt.config.activation]}) lets large numbers pass `
      + `and keeps nearly all negative ones at 0. Here ${active} of ${after.length} are `
      + "above 0.1."),
    p("The largest now: ", ...picks),
    p(`If inner number ${n} wrote straight to the output head, it would speak for the words ${
      votes(at, n)}.`))),
  strip(scope, here.out, { name: "down: what is added to the stream", all: true })];
}

/** The ten largest logits, and the chosen word if it is none of them. */
function topTen(order, chosen) {
  const ten = order.slice(0, 10);
  return ten.includes(chosen) ? ten : [...ten.slice(0, 9), chosen];
}

export function logitsPart({ facts, see, t, scope, state, set }) {
  const { logits, normed } = see;
  const order = rankOrder(logits);
  const chosen = state.word >= 0 && state.word < logits.length ? state.word : order[0];
  const word = `“${facts.vocabulary[chosen]}”`;
  const weight = headRow(facts.gpt, chosen);
  const products = normed.map((value, i) => value * weight[i]);
  const most = farthest(order.slice(0, 10).map((id) => logits[id]));
  const rows = topTen(order, chosen).map((id) => ({ here: id === chosen, cells: [
    order.indexOf(id) + 1,
    choice(facts.vocabulary[id], `logit-${id}`, id === chosen, () => set({ word: id })),
    fixed(logits[id], 3), bar(Math.max(0, logits[id]) / most)] }));
  const show = (values, name) => strip(scope, values, { name, all: true });
  const { tied } = facts.gpt.config;
  return [p(`The output head (unembedding, lm_head) has a row w of ${normed.length} numbers `
    + `for each word.${tied ? " It is the embedding table once more (tied weights)." : ""} `
    + "The logit of a word is the dot product of x, the normed stream of "
    + `“${facts.words[t]}”, with the row of that word: multiply number by number and add up.`),
  h("div", { class: "ltg-wm-pair" }, table(["rank", "word", "logit", ""], rows), h("div", {},
    show(normed, "x: the normed stream"), show(weight, `w: the row of ${word}`),
    show(products, "x times w, number by number"),
    sum(["sum", `of ${products.length} products`], "=",
      [fixed(dot(normed, weight), 3), `the logit of ${word}`])))];
}

export function probsPart({ facts, see: { logits }, t, state }) {
  const { temp } = state;
  const drawn = draw(facts, t, state);
  const { probs, order } = drawn;
  const power = (z) => Math.exp((z - logits[order[0]]) / temp);
  const rows = order.slice(0, 10).map((id) => ({ here: id === drawn.id, cells: [
    facts.vocabulary[id], fixed(logits[id], 3), fixed(logits[id] / temp, 3),
    power(logits[id]).toFixed(3), probs[id].toFixed(3), bar(probs[id])] }));
  const all = logits.reduce((total, z) => total + power(z), 0);
  return [p(`Softmax makes probabilities of the ${logits.length} logits. First each logit is `
    + `divided by the temperature, ${fixed(temp, 1)}. Below 1 the likeliest word gains, above `
    + "1 the others do."),
  p("Then e is taken to the power of each (after the largest was subtracted, so that nothing "
    + `gets too large), and each is divided by the sum of all of them, ${all.toFixed(3)}.`),
  table(["word", "logit", "÷ T", "e to that", "share", ""], rows, "probs"),
  p("At last a random number between 0 and 1 is drawn. All words lie on a line, each as long "
    + "as its probability. The word on which the number falls comes next."),
  dartLine(drawn, facts.vocabulary),
  p(`The random number is ${fixed(drawn.u, 3)}. It falls on “${facts.vocabulary[drawn.id]}”, `
    + `which has ${percent(probs[drawn.id])}.`)];
}
