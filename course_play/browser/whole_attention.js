// What is inside attention: one head, one token that looks, all tokens it may look at.
import { fixed, h, percent, place, rankOrder, svg } from "../widgets/base.js";
import {
  HEAD_NAMES, bar, cells, choice, farthest, imageOf, strip, sum, table, step,
} from "./whole_pieces.js";
import { headSteps, heated } from "./whole_reading.js";
import { turnDetails } from "./whole_turn.js";

const p = (text) => h("p", { text });

/** The vectors of the chosen pair of tokens. */
function vectorStep(at, found) {
  const { facts, scope, t, k, query, key } = at;
  const { gpt } = facts;
  const show = (values, name, note) => strip(scope, values, { name, note, all: true });
  return step(1, `Three vectors of ${gpt.D} numbers`,
    show(found.q, `query of ${query}`, "what I look for"),
    show(found.keys[k].k, `key of ${key}`, "what I am"),
    show(found.keys[k].v, `value of ${key}`, "what I tell"),
    p(`Three matrices make them out of the normed copy.${gpt.config.qk_norm
      ? " Queries and keys are then brought to one length." : ""}`),
    ...(gpt.places ? [] : [turnDetails({ ...at, t }, found)]));
}

/** Query times key, number by number, for the chosen pair of tokens. */
function pairStep({ k, query, key }, { q, keys }) {
  const { k: other, raw, score } = keys[k];
  const products = q.map((value, i) => value * other[i]);
  return step(2, "Query times key, number by number",
    p(`Does the key of ${key} fit the query of ${query}? Multiply the numbers that stand above `
      + "each other, and add up all products. (Choose another key in the table below.)"),
    cells([["query", q], ["× key", other], ["product", products]]),
    sum(["sum", `of ${q.length} products`], "=", [fixed(raw, 3), "query · key"], "÷",
      [fixed(Math.sqrt(q.length), 3), `√${q.length}`], "=", [fixed(score, 3), "score"]));
}

/** From scores to weights, for all keys. */
function weightStep({ facts, state, t, k, set }, { keys }) {
  const top = Math.max(...keys.filter(({ s }) => s <= t).map(({ score }) => score));
  const kind = `ltg-wm-is-${HEAD_NAMES[state.head % 4]}`;
  const rows = keys.map(({ s, raw, score, weight }) => {
    const later = s > t;
    const told = later ? h("span", {}, h("s", { text: fixed(score) }), " −∞") : fixed(score);
    return { here: s === k, later, cells: [
      choice(facts.words[s], `key-${s}`, s === k, () => set({ k: s })), fixed(raw), told,
      later ? "0" : Math.exp(score - top).toFixed(3), weight.toFixed(3), bar(weight, kind)] };
  });
  return step(3, "Scale, mask, softmax",
    p("Each score is divided by the root of the number of products. Tokens that come later are "
      + "hidden: the mask makes their score minus infinity, and e to that is 0. The softmax "
      + "makes shares of the rest, which add up to 1. (e is taken after the largest score was "
      + "subtracted.)"),
    table(["key of", "q · k", "÷ root, masked", "e to that", "weight", ""], rows, "weights"));
}

/** All weights of the head as a square: who looks where. */
function square({ facts, t, k, state, set, query }) {
  const T = facts.tokens.length;
  const matrix = facts.seen.map(({ layers }) => Float32Array.from({ length: T }, (_, s) =>
    layers[state.layer].weights[state.head][s] ?? 0));
  const image = svg("image", { href: imageOf(matrix, { most: 1 }).toDataURL(), width: T,
    height: T, class: "ltg-wm-image ltg-wm-pixels", preserveAspectRatio: "none" });
  const mark = svg("rect", { width: 1, height: 1, class: "ltg-wm-square-mark" });
  place(mark, { x: k, y: t });
  const lane = svg("rect", { x: 0, y: t, width: T, height: 1, class: "ltg-wm-square-row" });
  const node = svg("svg", { viewBox: `-0.1 -0.1 ${T + 0.2} ${T + 0.2}`, class: "ltg-wm-square",
    role: "img", "aria-label": `All weights of this head. Row ${t} is ${query}, which looks.` },
  svg("path", { d: `M0 0V${T}H${T}Z`, class: "ltg-wm-past" }), image, lane, mark);
  node.addEventListener("click", (event) => {
    const { left, top, width, height } = node.getBoundingClientRect();
    const at = (x, size) => Math.max(0, Math.min(T - 1, Math.floor((x / size) * T)));
    set({ t: at(event.clientY - top, height), k: at(event.clientX - left, width) });
  });
  return h("figure", { class: "ltg-wm-figure" }, node, h("figcaption", {
    text: "All words of this head: a row looks, a column is looked at. The upper half is the "
      + "future, which nobody sees." }));
}

/** How the values are mixed, weight by weight. */
function mixStep({ scope, facts, t, query }, { keys, mix }) {
  const seen = keys.filter(({ s, weight }) => s <= t && weight >= 0.01);
  const most = farthest(mix, ...seen.map(({ v }) => v));
  return step(4, "Mix the values",
    p(`Each token also has a value: what it tells those who look at it. ${query} takes each `
      + "value times its weight and adds them up. (Weights below 0.01 are left out of the "
      + "picture.)"),
    ...seen.map(({ s, v, weight }) => strip(scope, v.map((value) => value * weight), { most,
      name: `${weight.toFixed(3)} × the value of “${facts.words[s]}”` })),
    strip(scope, mix, { name: "= the mix of this head", most, all: true }));
}

/** The heads side by side, and the matrix that makes one finding of them. */
function joinStep({ scope, facts, here, state, set }) {
  const { D, config: { n_heads: H } } = facts.gpt;
  const marks = h("div", { class: "ltg-wm-heads", "aria-hidden": "true" },
    ...Array.from({ length: H }, (_, head) => h("span", { class: `ltg-wm-${HEAD_NAMES[head % 4]}${
      head === state.head ? " ltg-wm-now" : ""}` }, h("b", { text: `head ${head}` }))));
  return step(5, "Put the heads side by side, and project",
    p(`All ${H} heads have done this at the same time, each with its own ${D} numbers. Side by `
      + `side they are ${here.mixed.length} numbers again. One more matrix (proj) makes of `
      + "them what is added to the stream."),
    strip(scope, here.mixed, { name: "the mixes of all heads", all: true,
      pick: (n) => set({ head: Math.floor(n / D) }) }), marks,
    strip(scope, here.projected, { name: "projected: what attention found", all: true }));
}

/** What the model would say without this head: the words likely with or without it. */
function silentStep({ facts, state, t, query }) {
  const { temp, layer, head } = state;
  const on = heated(facts.seen[t].logits, temp);
  const off = heated(facts.without(layer, head)[t], temp);
  const shown = rankOrder(on.map((share, id) => Math.max(share, off[id]))).slice(0, 6)
    .sort((a, b) => on[b] - on[a]);
  const rows = shown.map((id) => ({ cells: [facts.vocabulary[id], percent(on[id]), bar(on[id]),
    percent(off[id]), bar(off[id], "ltg-wm-striped")] }));
  const moved = on.reduce((total, share, id) => total + Math.abs(share - off[id]), 0) / 2;
  return step(6, "What if this head were switched off?",
    p(`Then its ${facts.gpt.D} numbers would be 0. After ${query}, ${percent(moved, 0)} of the `
      + `probability would go to other words.${
        moved < 0.02 ? " So this head matters little here." : ""}`),
    table(["next word", "head on", "", "head off", ""], rows, "off"));
}

/** How much of its attention the token gives to the chosen one, in words. */
function finding({ t, k, query, key }, { keys }) {
  if (k > t) return `${key} comes later than ${query}: the mask hides it.`;
  const { weight } = keys[k];
  const sink = k === 0 && t > 0 && weight > 0.5 ? " Many heads rest on the first token when "
    + "they find nothing to look for: it is an attention sink." : "";
  return `${query} gives ${key} ${percent(weight)} of its attention.${sink}`;
}

/** One head of attention, step by step. */
export function attentionPart(given) {
  const { facts, state, t, k } = given;
  const at = { ...given, query: `“${facts.words[t]}”`, key: `“${facts.words[k]}”` };
  const found = headSteps(facts.gpt, facts.seen, state.layer, state.head, t);
  return [p("Attention is the only place where tokens learn from each other. Each token asks a "
    + "question (query), shows what it is (key), and has something to tell (value). All three "
    + "come from the same text, so this is self-attention."),
  h("p", { class: "ltg-wm-finding", text: finding(at, found) }),
  vectorStep(at, found), pairStep(at, found),
  h("div", { class: "ltg-wm-pair ltg-wm-wide-first" }, weightStep(at, found), square(at)),
  mixStep(at, found), joinStep(at), silentStep(at)];
}
