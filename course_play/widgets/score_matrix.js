import {
  boundCheck, boundSlider, button, fixed, frame, h, liveRegion, openScope, put, softmax,
} from "./base.js";

const REACH = 20;

/** Softmax of each row of scale * scores; causal: later keys get 0. */
export function attend(scores, causal, scale) {
  return scores.map((row, q) => {
    const seen = causal ? row.slice(0, q + 1) : row;
    const shares = softmax(seen.map((score) => scale * score));
    return row.map((_, k) => shares[k] ?? 0);
  });
}

/** What was typed as a score: null if it is no number, else kept within the reach. */
export function readScore(text) {
  const score = text.trim() === "" ? NaN : Number(text);
  return Number.isFinite(score) ? Math.max(-REACH, Math.min(REACH, score)) : null;
}

const showScore = (score) => String(Math.round(score * 1000) / 1000);

function tableOf(title, tokens, bodyRows, last = []) {
  const top = h("tr", {}, h("td", {}), ...tokens.map((token) =>
    h("th", { scope: "col", text: token })), ...last);
  return h("table", { class: "ltg-sm-table" },
    h("caption", { text: title }), h("thead", {}, top), h("tbody", {}, ...bodyRows));
}

/** Number boxes for the scores; a masked one shows minus infinity instead. */
function scoreTable(scope, tokens, write) {
  const cells = tokens.map((query, q) => tokens.map((key, k) => {
    const input = h("input", { type: "number", step: 0.5, min: -REACH, max: REACH,
      "aria-label": `score of “${query}” for “${key}”`, class: "ltg-sm-score" });
    const masked = h("span", { class: "ltg-sm-masked" },
      h("span", { "aria-hidden": "true", text: "−∞" }),
      h("span", { class: "ltg-spoken", text: "masked" }));
    scope.listen(input, "input", () => {
      const score = readScore(input.value);
      if (score !== null) write(q, k, score);
    });
    return { input, masked };
  }));
  const node = tableOf("scores: edit them", tokens, tokens.map((token, q) => h("tr", {},
    h("th", { scope: "row", text: token }),
    ...cells[q].map(({ input, masked }) => h("td", {}, input, masked)))));
  for (const part of cells.flat()) { // leaving a box shows what counts
    scope.listen(part.input, "blur", () => { part.input.value = part.shown; });
  }
  const update = (scores, causal) => cells.forEach((row, q) => row.forEach((part, k) => {
    const hide = causal && k > q;
    part.input.disabled = hide;
    part.input.style.display = hide ? "none" : "";
    part.masked.style.display = hide ? "" : "none";
    part.shown = showScore(scores[q][k]);
    const editing = part.input === part.input.getRootNode().activeElement;
    if (!editing || readScore(part.input.value) !== scores[q][k]) {
      part.input.value = part.shown;
    }
  }));
  return { node, update };
}

/** The weights as tinted cells with numbers, and the sum of each row. */
function weightTable(tokens) {
  const cells = tokens.map(() => tokens.map(() => h("td", { class: "ltg-sm-weight ltg-heat" })));
  const sums = tokens.map(() => h("td", { class: "ltg-sm-sum" }));
  const node = tableOf("weights: softmax of each row", tokens, tokens.map((token, q) =>
    h("tr", {}, h("th", { scope: "row", text: token }), ...cells[q], sums[q])),
  [h("th", { scope: "col", class: "ltg-sm-sum", text: "sum" })]);
  const update = (weights, causal) => weights.forEach((row, q) => {
    row.forEach((w, k) => {
      const cell = cells[q][k];
      const none = causal && k > q;
      cell.textContent = none ? "0" : fixed(w);
      cell.classList.toggle("ltg-sm-none", none);
      cell.style.setProperty("--share", w.toFixed(3));
    });
    sums[q].textContent = fixed(row.reduce((a, b) => a + b, 0));
  });
  return { node, update };
}

function render({ model, el }) {
  const scope = openScope();
  const tokens = model.get("tokens");
  const first = model.get("scores");
  const root = frame(el, { name: "score-matrix", title: "From scores to attention weights",
    hint: "A row is a word that looks (query), a column a word it looks at (key). Change "
      + "a score by typing, or with the up and down arrow keys: the row shares out 1 anew." });
  const scores = scoreTable(scope, tokens, (q, k, score) => put(model, { scores:
    model.get("scores").map((row, i) => (i === q
      ? row.map((old, j) => (j === k ? score : old)) : row)) }));
  const weights = weightTable(tokens);
  const scale = boundSlider(scope, model, "scale", { label: "Multiply all by", min: 0,
    max: 5, step: 0.1, format: (x) => fixed(x, 1) });
  const mask = boundCheck(scope, model, "causal", "causal mask: hide later words");
  const live = liveRegion(scope);
  root.append(h("div", { class: "ltg-sm-pair" }, scores.node, weights.node), scale.node,
    h("div", { class: "ltg-row" }, mask,
      button(scope, "Scores as at first", () => put(model, { scores: first }))), live.node);
  const paint = () => {
    const causal = model.get("causal");
    const now = attend(model.get("scores"), causal, model.get("scale"));
    scores.update(model.get("scores"), causal);
    weights.update(now, causal);
    live.say(tokens.map((token, q) => `${token}: ${now[q].slice(0, causal ? q + 1 : undefined)
      .map((w) => fixed(w)).join(", ")}`).join("; "));
  };
  scope.watch(model, ["scores", "causal", "scale"], paint);
  paint();
  return scope.close;
}

export default { render };
