import {
  boundSlider, columns, frame, h, liveRegion, numbersOf, openScope, percent, plural, put,
} from "./base.js";
import { ofOwnText } from "./own_text.js";


/** How far the stream has come: 0 is the embedding, then so many blocks. */
export function depthName(depth) {
  return depth === 0 ? "embedding" : `after ${plural(depth, "block")}`;
}

/**
 * One cell: { top: [[word, p], ...], rest, truth: [word, p, rank] or null } out of
 * facts = { shape: [D, T, V, K], words, following, topWords, topProbs, trueProbs,
 * trueRanks }, the last four flat.
 */
export function readCell(facts, depth, position) {
  const { shape: [, T, V, K], words, following } = facts;
  const start = (depth * T + position) * K;
  const top = Array.from({ length: K }, (_, i) =>
    [words[facts.topWords[start + i]], facts.topProbs[start + i]]);
  const rest = K === V ? 0 : Math.max(0, 1 - top.reduce((sum, [, p]) => sum + p, 0));
  const at = depth * following.length + position;
  const truth = position < following.length
    ? [following[position], facts.trueProbs[at], facts.trueRanks[at]] : null;
  return { top, rest, truth };
}

const isRight = ({ truth }) => truth !== null && truth[2] === 1;

function factsOf(model) {
  return {
    shape: model.get("shape"), words: model.get("words"), tokens: model.get("tokens"),
    following: model.get("following"),
    topWords: numbersOf(model.get("top_words"), Int32Array),
    topProbs: numbersOf(model.get("top_probs")),
    trueProbs: numbersOf(model.get("true_probs")),
    trueRanks: numbersOf(model.get("true_ranks"), Int32Array),
  };
}

/** One cell of the table: the best word, a bar under it, a tick if it is the true one. */
function makeCell(facts, d, t) {
  const reading = readCell(facts, d, t);
  const [word, p] = reading.top[0];
  const right = isRight(reading);
  const bar = h("span", { class: "ltg-ll-under" });
  bar.style.width = `${(100 * p).toFixed(1)}%`;
  return h("td", { role: "gridcell", tabindex: -1, "data-cell": `${t} ${d}`,
    class: `ltg-frame${right ? " ltg-ll-right" : ""}`,
    "aria-label": `${depthName(d)}: ${word} ${percent(p, 0)}${right ? ", right" : ""}` },
  h("span", { class: "ltg-ll-word", text: word, title: word }),
  h("span", { class: "ltg-ll-tick", text: right ? "✓" : "", "aria-hidden": "true" }), bar);
}

/** Words down, depths to the right, and the true next word at the end of each row. */
function lensTable(scope, facts, pick) {
  const { shape: [D, T], tokens, following } = facts;
  const heads = Array.from({ length: D }, (_, d) => h("th", { scope: "col",
    role: "columnheader", text: depthName(d) }));
  const cells = tokens.map((_, t) => Array.from({ length: D }, (__, d) => makeCell(facts, d, t)));
  const rows = tokens.map((token, t) => h("tr", { role: "row" },
    h("th", { scope: "row", role: "rowheader", text: token }), ...cells[t],
    h("td", { role: "gridcell", class: "ltg-ll-truth", text: following[t] ?? "?" })));
  const table = h("table", { role: "grid", class: "ltg-ll-table",
    "aria-label": "The next word, by word read and by depth" },
  h("thead", { role: "rowgroup" }, h("tr", { role: "row" },
    h("th", { scope: "col", role: "columnheader", text: "word read" }), ...heads,
    h("th", { scope: "col", role: "columnheader", text: "true next" }))),
  h("tbody", { role: "rowgroup" }, ...rows));
  const node = h("div", { class: "ltg-ll-scroll" }, table);
  let chosen = [T - 1, D - 1];
  scope.listen(table, "click", (event) => {
    const cell = event.target.closest("[data-cell]");
    if (cell) pick(...cell.dataset.cell.split(" ").map(Number));
  });
  scope.listen(table, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [t, d] = chosen;
    const goal = { ArrowUp: [t - 1, d], ArrowDown: [t + 1, d], ArrowLeft: [t, d - 1],
      ArrowRight: [t, d + 1], Home: [t, 0], End: [t, D - 1], PageUp: [0, d],
      PageDown: [T - 1, d] }[event.key];
    if (!goal) return;
    event.preventDefault();
    event.stopPropagation();
    const inside = (x, n) => Math.max(0, Math.min(n - 1, x));
    pick(inside(goal[0], T), inside(goal[1], D));
    cells[chosen[0]][chosen[1]].focus();
  });
  const update = (t, d) => {
    const [oldT, oldD] = chosen;
    cells[oldT][oldD].setAttribute("tabindex", -1);
    cells[oldT][oldD].removeAttribute("aria-selected");
    cells[oldT][oldD].classList.remove("ltg-framed");
    rows[oldT].classList.remove("ltg-ll-row");
    chosen = [t, d];
    cells[t][d].setAttribute("tabindex", 0);
    cells[t][d].setAttribute("aria-selected", "true");
    cells[t][d].classList.add("ltg-framed");
    rows[t].classList.add("ltg-ll-row");
    heads.forEach((head, i) => head.classList.toggle("ltg-ll-chosen", i === d));
    requestAnimationFrame(() => { // the chosen row is always in sight
      const [top, least] = [rows[t].offsetTop, rows[t].offsetTop - node.clientHeight + 60];
      node.scrollTop = Math.max(least, Math.min(top - 40, node.scrollTop));
    });
  };
  return { node, update };
}

/** Lying bars: the likeliest words, then what all others share, hatched. */
function wordBars(n) {
  const rows = Array.from({ length: n + 1 }, (_, i) => {
    const word = h("span", { class: "ltg-ll-name" });
    const bar = h("span", { class: `ltg-ll-fill${i === n ? " ltg-ll-rest" : ""}` });
    const value = h("span", { class: "ltg-ll-value" });
    return { word, bar, value, gauge: h("span", { class: "ltg-gauge ltg-ll-gauge" }, bar) };
  });
  const title = h("p", { class: "ltg-ll-title" });
  const node = h("div", {}, title, h("div", { class: "ltg-ll-bars", "aria-hidden": "true" },
    ...rows.flatMap(({ word, gauge, value }) => [word, gauge, value])));
  const update = (heading, { top, rest, truth }, others) => {
    title.textContent = heading;
    rows.forEach(({ word, bar, value }, i) => {
      const [name, p] = i < n ? top[i] : [others, rest];
      const hit = i < n && truth !== null && truth[2] === i + 1;
      word.textContent = `${hit ? "✓ " : ""}${name}`;
      word.classList.toggle("ltg-ll-true", hit);
      bar.classList.toggle("ltg-ll-hit", hit);
      bar.style.width = `${(100 * p).toFixed(2)}%`;
      value.textContent = name ? percent(p) : "";
    });
  };
  return { node, update };
}

function render({ model, el }) {
  const scope = openScope();
  const root = frame(el, { name: "logit-lens", title: "What would it say if it stopped here?",
    hint: "Each row is a word the model has read, each column a depth. A cell holds the "
      + "word the head would say next, with a bar for its probability; ✓ marks the word "
      + "that really follows." });
  ofOwnText(scope, model, root, (inner) => lensOf(inner, model));
  return scope.close;
}

/** The lens over the text that the model holds: its nodes. */
function lensOf(scope, model) {
  const facts = factsOf(model);
  const { shape: [D, T, V, K], tokens, following } = facts;
  const knob = boundSlider(scope, model, "depth", {
    label: "Depth", min: 0, max: D - 1, step: 1, format: depthName,
  });
  const table = lensTable(scope, facts, (position, depth) => put(model, { position, depth }));
  const answers = wordBars(K);
  const byDepthTitle = h("p", { class: "ltg-ll-title" });
  const byDepth = columns(scope, { n: D + 1, height: 132,
    pick: (depth) => put(model, { depth: Math.min(depth, D - 1) }) });
  const told = h("p", { class: "ltg-ll-told" });
  const live = liveRegion(scope);
  const paintTruth = (t, depth) => {
    const all = Array.from({ length: D }, (_, d) => readCell(facts, d, t).truth);
    const known = all[0] !== null;
    byDepthTitle.textContent = known
      ? `The true next word, “${following[t]}”, by depth` : "The text ends here";
    const spoken = known ? all.map(([, p, rank], d) =>
      `${depthName(d)} ${percent(p)}, rank ${rank}`).join("; ") : "No true next word is known.";
    const many = D > 7;
    const bars = all.map((truth, d) => ({ label: String(d), value: truth ? truth[1] : 0,
      marked: d === depth, note: truth && !(many && d !== depth) ? `rank ${truth[2]}` : "" }));
    byDepth.update([...bars, { label: "", value: 0 }], spoken, 1); // the scale stands there
    told.textContent = known ? "Blocks so far; the height is its probability." : "";
    return known ? `The true next word is ${following[t]}: ${percent(all[depth][1])}, `
      + `rank ${all[depth][2]} of ${V}.` : "";
  };
  const paint = () => {
    const [t, depth] = [Math.min(model.get("position"), T - 1), model.get("depth")];
    const reading = readCell(facts, depth, t);
    table.update(t, depth);
    answers.update(`After “${tokens[t]}”, ${depthName(depth)}`, reading,
      K < V ? plural(V - K, "other") : "");
    const truth = paintTruth(t, depth);
    const first = reading.top.slice(0, 3).map(([word, p]) => `${word} ${percent(p, 0)}`);
    live.say(`Word ${t + 1} of ${T}, ${tokens[t]}, ${depthName(depth)}: ${first.join(", ")}. ${truth}`);
  };
  scope.watch(model, ["depth", "position"], paint);
  paint();
  return [h("div", { class: "ltg-knobs" }, knob.node), h("div", { class: "ltg-sides" },
    table.node, h("div", { class: "ltg-ll-panels" }, answers.node,
      h("div", {}, byDepthTitle, byDepth.node, told))), live.node];
}

export default { render };
