import {
  button, columns, drawIndex, fitted, fixed, frame, h, labelsOf, liveRegion, openScope,
  percent, plural, put, svg, uid,
} from "./base.js";

const END = 0;
const MOST_LETTERS = 30;

/** P(next | previous) of one row of counts; a row never seen stays all zero. */
export function rowProbs(counts) {
  const total = counts.reduce((a, b) => a + b, 0);
  return Array.from(counts, (count) => (total > 0 ? count / total : 0));
}

/** Has the walk reached the end mark after at least one step? */
export function isDone(walk) {
  return walk.length > 1 && walk.at(-1) === END;
}

const letters = (walk) => walk.filter((i) => i !== END);

/**
 * One step of { walk, used, words }: the next letter is drawn from the row of the last
 * one with the next of the dice. A walk of 30 letters, or one standing on a row that was
 * never seen, ends without a draw. After the end a new walk begins.
 */
export function stepOn({ walk, used, words }, counts, dice) {
  const path = isDone(walk) ? [END] : walk;
  const probs = rowProbs(counts[path.at(-1)]);
  const stuck = letters(path).length >= MOST_LETTERS || !probs.some((p) => p > 0);
  const next = stuck ? END : drawIndex(probs, dice[used % dice.length]);
  const longer = [...path, next];
  return {
    used: used + (stuck ? 0 : 1),
    words: isDone(longer) ? [...words, letters(longer)] : words,
    walk: longer,
  };
}

/** Steps until a word is finished. */
export function wordOn(state, counts, dice) {
  let now = stepOn(state, counts, dice);
  while (!isDone(now.walk)) now = stepOn(now, counts, dice);
  return now;
}

/** How blue a cell is: what never came is pale, what came once can be told from it. */
export const shade = (part) => (part > 0 ? (0.16 + 0.84 * Math.sqrt(part)).toFixed(3) : "0");

/** The V x V grid: roving focus with the arrow keys, Enter or a click picks a row. */
function heatGrid(scope, labels, probs, counts, { pick, look }) {
  const n = labels.length;
  const most = Math.max(...probs.flat());
  const totals = counts.map((row) => row.reduce((a, b) => a + b, 0));
  const tell = (r, c) => `after ${labels[r]} comes ${labels[c]}: `
    + `${percent(probs[r][c])} (${counts[r][c]} of ${totals[r]})`;
  const style = `grid-template-columns: 1.6em repeat(${n}, minmax(0, 1fr))`;
  const heads = labels.map((text) => h("span", { role: "columnheader", text }));
  const grid = h("div", { role: "grid", class: "ltg-bm-grid", "aria-readonly": "true",
    "aria-label": "Probability of the next letter (columns) after the letter before "
      + "(rows). Arrow keys move, Enter picks the row." },
  h("div", { role: "row", style }, h("span", { role: "columnheader" },
    h("span", { class: "ltg-spoken", text: "letter before" })), ...heads));
  const cells = labels.map((_, r) => labels.map((__, c) => h("span", {
    role: "gridcell", tabindex: r || c ? -1 : 0, "aria-label": tell(r, c),
    class: "ltg-heat", style: `--share: ${shade(probs[r][c] / most)}`,
    "data-cell": `${r} ${c}`,
  })));
  const rows = labels.map((text, r) => h("div", { role: "row", style },
    h("span", { role: "rowheader", text, "data-cell": `${r} 0` }), ...cells[r]));
  grid.append(...rows);
  let focus = [0, 0];
  const move = (r, c, take = true) => {
    cells[focus[0]][focus[1]].tabIndex = -1;
    focus = [r, c];
    cells[r][c].tabIndex = 0;
    if (take) cells[r][c].focus({ preventScroll: false });
  };
  const at = (event) => event.target.closest("[data-cell]")?.dataset.cell.split(" ")
    .map(Number);
  scope.listen(grid, "click", (event) => {
    const cell = at(event);
    if (!cell) return;
    move(...cell);
    pick(cell[0]);
  });
  scope.listen(grid, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [r, c] = focus;
    const goal = { ArrowUp: [r - 1, c], ArrowDown: [r + 1, c], ArrowLeft: [r, c - 1],
      ArrowRight: [r, c + 1], Home: [r, 0], End: [r, n - 1], PageUp: [0, c],
      PageDown: [n - 1, c] }[event.key];
    if (event.key === "Enter" || event.key === " ") pick(r);
    else if (goal) move(...goal.map((i) => Math.max(0, Math.min(n - 1, i))));
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  for (const kind of ["focusin", "mouseover"]) {
    scope.listen(grid, kind, (event) => at(event) && look(tell(...at(event))));
  }
  const update = (chosen, next) => {
    rows.forEach((row, r) => row.setAttribute("aria-selected", String(r === chosen)));
    heads.forEach((head, c) => head.classList.toggle("ltg-bm-next", c === next));
    if (!grid.contains(document.activeElement)) move(chosen, focus[1], false);
  };
  return { node: grid, update };
}

/** The row laid end to end from 0 to 1, with the die that fell on it. */
function diceStrip(labels, width) {
  const [left, right] = [6, width - 6];
  const parts = svg("g", {});
  const marker = svg("path", { class: "ltg-bm-die" });
  const number = svg("text", { y: 11, class: "ltg-bm-u" });
  const picture = svg("svg", { viewBox: `0 0 ${width} 62`, role: "img" }, parts, marker, number,
    svg("text", { x: left, y: 59, class: "ltg-bm-end", text: "0" }),
    svg("text", { x: right, y: 59, class: "ltg-bm-end", text: "1" }));
  const x = (p) => left + p * (right - left);
  const piece = (p, i, start, hit) => {
    const bar = svg("rect", { x: x(start), y: 22, width: Math.max(0.4, x(p) - left - 0.8),
      height: 24, class: hit ? "ltg-bm-hit" : "ltg-bm-part" });
    const wide = x(p) - left > 11;
    const text = svg("text", { x: x(start + p / 2), y: 39, class: hit ? "ltg-bm-in"
      : "ltg-bm-text", text: wide ? labels[i] : "" });
    return svg("g", {}, bar, text);
  };
  const update = (probs, u, hit, spoken) => {
    let sum = 0;
    parts.replaceChildren(...probs.flatMap((p, i) => {
      const start = sum;
      sum += p;
      return p > 0 ? [piece(p, i, start, i === hit)] : [];
    }));
    const shown = u === null ? "none" : "";
    marker.style.display = shown;
    number.style.display = shown;
    if (u !== null) {
      marker.setAttribute("d", `M${x(u)} 24l-5 -9h10z`);
      number.setAttribute("x", Math.min(Math.max(x(u), left + 34), right - 34));
      number.textContent = `die ${fixed(u, 3)}`;
    }
    picture.setAttribute("aria-label", spoken);
  };
  return { node: picture, update };
}

function letterTiles(labels, walk) {
  const begin = walk[0] === END ? walk : [END, ...walk];
  return begin.map((i) => h("span", { class: i === END ? "ltg-bm-mark" : "ltg-bm-tile",
    text: labels[i] }));
}

function render({ model, el }) {
  const scope = openScope();
  const texts = model.get("labels");
  const labels = texts.map((text) => labelsOf(text).join(""));
  const counts = model.get("counts");
  const dice = model.get("dice");
  const probs = counts.map(rowProbs);
  const word = (indices) => indices.map((i) => texts[i]).join("");
  const state = () => ({ walk: model.get("walk"), used: model.get("used"),
    words: model.get("words") });
  const root = frame(el, { name: "bigram-map", title: "Which letter follows which?",
    hint: "Row: a letter. Column: the letter after it. The stronger the colour, the more "
      + `often they come in this order. \u201c${labels[END]}\u201d begins and ends a name. `
      + "Pick a row, then roll the die." });
  const readout = h("p", { class: "ltg-bm-readout", "aria-hidden": "true",
    text: "Point at a cell to read it." });
  const pick = (row) => put(model, { walk: [row] });
  const menu = h("select", {}, ...labels.map((text, i) =>
    h("option", { value: i, text: i === END ? `${text} (start)` : text })));
  scope.listen(menu, "change", () => pick(Number(menu.value)));
  const grid = heatGrid(scope, labels, probs, counts, { pick,
    look: (text) => { readout.textContent = text; } });
  const barsTitle = h("p", { class: "ltg-bm-head" });
  const bars = columns(scope, { n: labels.length, height: 112, pick });
  const stripTitle = h("p", { class: "ltg-bm-head" });
  const strip = fitted(scope, (width) => diceStrip(labels, width));
  const tiles = h("span", { class: "ltg-bm-walk" });
  const names = h("p", { class: "ltg-bm-names" });
  const live = liveRegion(scope);
  const row = h("label", { class: "ltg-row" }, h("span", { text: "Letter before" }), menu);
  const buttons = h("div", { class: "ltg-row ltg-knobs", role: "group",
    "aria-label": "Sample" }, row,
    button(scope, "Next letter", () => put(model, stepOn(state(), counts, dice))),
    button(scope, "Whole name", () => put(model, wordOn(state(), counts, dice))),
    button(scope, "Start over", () => put(model, { used: 0, words: [], walk: [END] })), tiles);
  const paintBars = (row) => {
    const best = Math.max(...probs[row]);
    const total = counts[row].reduce((a, b) => a + b, 0);
    const top = probs[row].map((p, i) => [p, i]).sort((a, b) => b[0] - a[0] || a[1] - b[1])
      .slice(0, 3).filter(([p]) => p > 0);
    const told = top.map(([p, i]) => `${labels[i]} ${percent(p)}`).join(", ");
    const shown = top.map(([, i]) => i);
    barsTitle.textContent = total
      ? `After \u201c${labels[row]}\u201d (${plural(total, "pair")}): ${told}`
      : `After \u201c${labels[row]}\u201d: never seen`;
    bars.update(probs[row].map((value, i) => ({ label: labels[i], value,
      marked: shown[0] === i, note: shown.includes(i) ? fixed(value) : "" })),
    barsTitle.textContent, best || 1);
  };
  const paintStrip = ({ walk, used }) => {
    const rolled = walk.length > 1 && used > 0;
    const from = rolled ? walk.at(-2) : walk.at(-1);
    const u = rolled ? dice[(used - 1) % dice.length] : null;
    const hit = rolled ? walk.at(-1) : null;
    stripTitle.textContent = rolled
      ? `The last die fell on \u201c${labels[hit]}\u201d in the row of \u201c${labels[from]}\u201d`
      : `The row of \u201c${labels[from]}\u201d laid end to end: the die will fall somewhere `
        + "between 0 and 1";
    strip.update(probs[from], u, hit, stripTitle.textContent);
  };
  const paint = () => {
    const now = state();
    const row = now.walk.at(-1);
    grid.update(row, now.walk.length > 1 ? row : null);
    menu.value = String(row);
    paintBars(row);
    paintStrip(now);
    tiles.replaceChildren(...letterTiles(labels, now.walk));
    names.textContent = now.words.length
      ? `Names so far (${now.words.length}): ${now.words.slice(-15).map(word).join(", ")}`
      : "Names so far: none yet";
    const done = isDone(now.walk) ? `, finished: ${word(letters(now.walk))}` : "";
    live.say(`${barsTitle.textContent}. The walk: ${word(letters(now.walk)) || "empty"}`
      + done);
  };
  root.append(buttons, h("div", { class: "ltg-sides" },
    grid.node, h("div", {}, readout, barsTitle, h("div", { class: "ltg-bm-bars" }, bars.node),
      stripTitle, strip.node, names)), live.node);
  scope.watch(model, ["walk", "words"], paint);
  paint();
  return scope.close;
}

export default { render };
