// What is inside attention: one head, one token that looks, all tokens it may look at.
import { fixed, h, percent, place, rankOrder, svg } from "../widgets/base.js";
import { HEAD_NAMES, bar, cells, farthest, imageOf, strip, sum } from "./whole_pieces.js";
import { headSteps, heated, unturned } from "./whole_reading.js";

const p = (text) => h("p", { text });
const step = (n, title, ...nodes) => h("section", { class: "ltg-wm-step" },
  h("h3", {}, h("span", { class: "ltg-wm-n", text: n, "aria-hidden": "true" }), title), ...nodes);

/** Query times key, number by number, for the chosen pair of tokens. */
function pairStep({ facts, t, k }, { q, keys }) {
  const key = keys[k];
  const products = q.map((value, i) => value * key.k[i]);
  return step(2, "Query times key, number by number",
    p(`Does the key of “${facts.words[k]}” fit the query of “${facts.words[t]}”? Multiply the numbers `
      + "that stand above each other, and add up all products. (Choose another key in the table below.)"),
    cells([["query", q], ["× key", key.k], ["product", products]]),
    sum(["sum", `of ${q.length} products`], "=", [fixed(key.raw, 3), "query · key"], "÷",
      [fixed(Math.sqrt(q.length), 3), `√${q.length}`], "=", [fixed(key.score, 3), "score"]));
}

/** From scores to weights, for all keys. */
function weightStep({ facts, t, k, set }, { keys }, kind) {
  const top = Math.max(...keys.filter(({ s }) => s <= t).map(({ score }) => score));
  const rows = keys.map(({ s, raw, score, weight }) => {
    const later = s > t;
    const pick = h("button", { type: "button", class: "ltg-wm-chip", "data-focus": `key-${s}`,
      text: facts.words[s], "aria-pressed": String(s === k) });
    pick.addEventListener("click", () => set({ k: s }));
    return h("tr", { class: `${s === k ? "ltg-wm-here" : ""} ${later ? "ltg-wm-later" : ""}` },
      h("td", {}, pick), h("td", { text: fixed(raw) }), h("td", {}, later
        ? h("span", {}, h("s", { text: fixed(score) }), " −∞") : fixed(score)),
      h("td", { text: later ? "0" : Math.exp(score - top).toFixed(3) }),
      h("td", { text: weight.toFixed(3) }), h("td", { class: "ltg-wm-wide" }, bar(weight, kind)));
  });
  const head = ["key of", "q · k", "÷ root, masked", "e to that", "weight", ""];
  return step(3, "Scale, mask, softmax",
    p("Each score is divided by the root of the number of products. Tokens that come later are hidden: "
      + "the mask makes their score minus infinity, and e to that is 0. The softmax makes shares of the "
      + "rest, which add up to 1. (e is taken after the largest score was subtracted.)"),
    h("div", { class: "ltg-wm-scroll" }, h("table", { class: "ltg-wm-table", "data-shows": "weights" },
      h("thead", {}, h("tr", {}, ...head.map((text) => (text ? h("th", { scope: "col", text }) : h("td", {}))))),
      h("tbody", {}, ...rows))));
}

/** All weights of the head as a square: who looks where. */
function square({ facts, t, k, state, set }) {
  const T = facts.tokens.length;
  const matrix = facts.seen.map(({ layers }) => Float32Array.from({ length: T }, (_, s) =>
    layers[state.layer].weights[state.head][s] ?? 0));
  const image = svg("image", { href: imageOf(matrix, { most: 1 }).toDataURL(), width: T, height: T,
    class: "ltg-wm-image ltg-wm-pixels", preserveAspectRatio: "none" });
  const mark = svg("rect", { width: 1, height: 1, class: "ltg-wm-square-mark" });
  place(mark, { x: k, y: t });
  const lane = svg("rect", { x: 0, y: t, width: T, height: 1, class: "ltg-wm-square-row" });
  const node = svg("svg", { viewBox: `-0.1 -0.1 ${T + 0.2} ${T + 0.2}`, class: "ltg-wm-square",
    role: "img", "aria-label": `All weights of this head. Row ${t} is “${facts.words[t]}”, which looks.` },
  svg("path", { d: `M0 0V${T}H${T}Z`, class: "ltg-wm-past" }), image, lane, mark);
  node.addEventListener("click", (event) => {
    const { left, top, width, height } = node.getBoundingClientRect();
    const at = (x, from, size) => Math.max(0, Math.min(T - 1, Math.floor(((x - from) / size) * T)));
    set({ t: at(event.clientY, top, height), k: at(event.clientX, left, width) });
  });
  return h("figure", { class: "ltg-wm-figure" }, node, h("figcaption", { text: "All words of this head: "
    + "a row looks, a column is looked at. The upper half is the future, which nobody sees." }));
}

/** How the values are mixed, weight by weight. */
function mixStep({ scope, facts, t }, { keys, mix }) {
  const seen = keys.filter(({ s, weight }) => s <= t && weight >= 0.01);
  const most = farthest(mix, ...seen.map(({ v }) => v));
  return step(4, "Mix the values",
    p(`Each token also has a value: what it tells those who look at it. “${facts.words[t]}” takes each `
      + "value times its weight and adds them up. (Weights below 0.01 are left out of the picture.)"),
    ...seen.map(({ s, v, weight }) => strip(scope, v.map((value) => value * weight), { most,
      name: `${weight.toFixed(3)} × the value of “${facts.words[s]}”` })),
    strip(scope, mix, { name: "= the mix of this head", most, all: true }));
}

/** The heads side by side, and the matrix that makes one finding of them. */
function joinStep({ scope, facts, here, state, set }, D) {
  const H = facts.gpt.config.n_heads;
  const marks = h("div", { class: "ltg-wm-heads", "aria-hidden": "true" },
    ...Array.from({ length: H }, (_, head) => h("span", { class: `ltg-wm-${HEAD_NAMES[head % 4]}${
      head === state.head ? " ltg-wm-now" : ""}` }, h("b", { text: `head ${head}` }))));
  return step(5, "Put the heads side by side, and project",
    p(`All ${H} heads have done this at the same time, each with its own ${D} numbers. Side by side they `
      + `are ${here.mixed.length} numbers again. One more matrix (proj) makes of them what is added to the stream.`),
    strip(scope, here.mixed, { name: "the mixes of all heads", all: true,
      pick: (n) => set({ head: Math.floor(n / D) }) }), marks,
    strip(scope, here.projected, { name: "projected: what attention found", all: true }));
}

/** A pair of numbers of query and key as clock hands, before and after the turn. */
function clock(name, [x, y], [a, b], colour) {
  const long = Math.max(Math.hypot(x, y), 1e-9);
  const hand = (u, v, kind) => svg("path", { class: `ltg-wm-hand ${kind}`,
    d: `M0 0L${((u / long) * 44).toFixed(2)} ${((-v / long) * 44).toFixed(2)}` });
  return h("figure", { class: "ltg-wm-clock" }, svg("svg", { viewBox: "-52 -52 104 104",
    "aria-hidden": "true" }, svg("circle", { r: 48, class: "ltg-wm-dial" }), hand(x, y, "ltg-wm-before"),
  hand(a, b, `ltg-wm-after ltg-wm-${colour}`)), h("figcaption", { text: name }));
}

function turnDetails(at, { q, keys }) {
  const { facts, state, t, k, set, scope } = at;
  const { D } = facts.gpt;
  const half = D / 2;
  const pair = Math.max(0, Math.min(half - 1, state.pair));
  const speed = facts.gpt.speeds[pair];
  const [mine, other] = [t, k].map((place) => unturned(facts.gpt, facts.seen[place], state.layer, state.head));
  const two = (x) => [x[pair], x[pair + half]];
  const input = h("input", { type: "range", min: 0, max: half - 1, step: 1, value: pair,
    "aria-label": "Pair of numbers", "aria-valuetext": `pair ${pair} of ${half}`, "data-focus": "pair" });
  scope.listen(input, "input", () => set({ pair: input.valueAsNumber }));
  const tell = (place) => `${place} × ${speed.toPrecision(3)} = ${fixed(place * speed, 3)}`;
  return h("details", { class: "ltg-wm-more", "data-name": "turn" },
    h("summary", { text: "How do they know their places? Rotary positions" }),
    p("A query and a key are turned by their position before they meet. Two numbers form the tip of a "
      + "clock hand, and each pair of numbers turns at its own speed. So the score depends on how far "
      + "apart the two tokens are. (Angles are in radians: a full turn is 6.283. The dashed hand is before the turn, the solid one after it.)"),
    h("label", { class: "ltg-wm-pairs" }, h("span", { text: `Pair ${pair} of ${half}: numbers ${pair} and ${
      pair + half}`, "aria-hidden": "true" }), input),
    h("div", { class: "ltg-wm-clocks" },
      clock(`query of “${facts.words[t]}”, position ${t}: angle ${tell(t)}`, two(mine.q), two(q), "blue"),
      clock(`key of “${facts.words[k]}”, position ${k}: angle ${tell(k)}`, two(other.k),
        two(keys[k].k), "orange")),
    sum([`${t} − ${k} = ${t - k}`, "places apart"], "×", [speed.toPrecision(3), "speed"], "=",
      [fixed((t - k) * speed, 3), "angle between the turns"]));
}

/** What the model would say without this head: the words that are likely with or without it. */
function silentStep({ facts, state, t }) {
  const { temp, layer, head } = state;
  const on = heated(facts.seen[t].logits, temp);
  const off = heated(facts.without(layer, head)[t], temp);
  const shown = rankOrder(on.map((share, id) => Math.max(share, off[id]))).slice(0, 6)
    .sort((a, b) => on[b] - on[a]);
  const rows = shown.map((id) => h("tr", {}, h("td", { text: facts.vocabulary[id] }),
    h("td", { text: percent(on[id]) }), h("td", { class: "ltg-wm-half" }, bar(on[id])),
    h("td", { text: percent(off[id]) }), h("td", { class: "ltg-wm-half" },
      bar(off[id], "ltg-wm-striped"))));
  const moved = on.reduce((sumOf, share, id) => sumOf + Math.abs(share - off[id]), 0) / 2;
  return step(6, "What if this head were switched off?",
    p(`Then its ${facts.gpt.D} numbers would be 0. After “${facts.words[t]}”, ${percent(moved, 0)} of the `
      + `probability would go to other words.${moved < 0.02 ? " So this head matters little here." : ""}`),
    h("div", { class: "ltg-wm-scroll" }, h("table", { class: "ltg-wm-table", "data-shows": "off" },
      h("thead", {}, h("tr", {}, ...["next word", "head on", "", "head off", ""].map((text) => (text
        ? h("th", { scope: "col", text }) : h("td", {}))))), h("tbody", {}, ...rows))));
}

/** One head of attention, step by step. */
export function attentionPart(at) {
  const { facts, see, scope, state, t, k } = at;
  const { D } = facts.gpt;
  const found = headSteps(facts.gpt, facts.seen, state.layer, state.head, t);
  const kind = `ltg-wm-is-${HEAD_NAMES[state.head % 4]}`;
  const sink = k === 0 && t > 0 && found.keys[0].weight > 0.5 ? " Many heads rest on the first token when "
    + "they find nothing to look for: it is an attention sink." : "";
  const told = `“${facts.words[t]}” gives “${facts.words[k]}” ${percent(found.keys[k].weight)} of its attention.${sink}`;
  return [p("Attention is the only place where tokens learn from each other. Each token asks a question "
    + "(query), shows what it is (key), and has something to tell (value). All three come from the same "
    + "text, so this is self-attention."),
  h("p", { class: "ltg-wm-finding", text: k > t ? `“${facts.words[k]}” comes later than “${facts.words[t]}”: `
    + "the mask hides it." : told }),
  step(1, `Three vectors of ${D} numbers`,
    strip(scope, found.q, { name: `query of “${facts.words[t]}”`, note: "what I look for", all: true }),
    strip(scope, found.keys[k].k, { name: `key of “${facts.words[k]}”`, note: "what I am", all: true }),
    strip(scope, found.keys[k].v, { name: `value of “${facts.words[k]}”`, note: "what I tell", all: true }),
    p(`Three matrices make them out of the normed copy.${facts.gpt.config.qk_norm
      ? " Queries and keys are then brought to one length." : ""}`),
    ...(facts.gpt.places ? [] : [turnDetails(at, found)])),
  pairStep(at, found),
  h("div", { class: "ltg-wm-pair ltg-wm-wide-first" }, weightStep(at, found, kind), square(at)),
  mixStep(at, found), joinStep({ ...at, here: see.layers[state.layer] }, D), silentStep(at)];
}
