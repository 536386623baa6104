import {
  fitted, fixed, frame, h, liveRegion, numbersOf, openScope, percent, put, svg, uid,
} from "./base.js";
import { ofOwnText } from "./own_text.js";


/** The n keys with the largest weights; zeros are left out, ties go left first. */
export function topKeys(row, n) {
  return Array.from(row, (w, j) => [j, w]).sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, n).filter(([, w]) => w > 0);
}

/** e to the entropy: 1 if all weight lies on one key, T if it is spread evenly. */
export function wordsLookedAt(row) {
  return Math.exp(-row.reduce((sum, w) => (w > 0 ? sum + w * Math.log(w) : sum), 0));
}

/** -ln p in nats; infinite for p = 0. */
export const surprise = (p) => (p > 0 ? -Math.log(p) + 0 : Infinity);

/** The (T, T) matrix of one head out of all (L, H, T, T) numbers, as T rows. */
export function headMatrix(numbers, [, H, T], layer, head) {
  const start = (layer * H + head) * T * T;
  return Array.from({ length: T }, (_, q) =>
    Array.from(numbers.subarray(start + q * T, start + (q + 1) * T)));
}

/** After word q: [{ word, on, off, true }] of the chosen head. */
export function changes({ words, truth, on, off }, [, H, T], layer, head, q) {
  const K = words[q].length;
  const start = ((layer * H + head) * T + q) * K;
  return words[q].map((word, i) => ({ word, on: on[q * K + i], off: off[start + i],
    true: truth[q] === i }));
}

/** Where a cell of the matrix lies: T rows below the labels of the keys. */
export function mapLayout(tokens, width = 684, tall = 420) {
  const longest = Math.min(14, Math.max(...tokens.map((token) => token.length), 3));
  const wanted = Math.min(Math.floor((width - 14 - longest * 7.2) / (tokens.length + longest * 0.28)),
    Math.floor((tall - longest * 6.6) / tokens.length));
  const cell = Math.max(3, Math.min(38, wanted));
  const font = cell < 6 ? 10 : 12.6; // only every n-th name where they would touch
  const room = longest * font * 0.62;
  const left = Math.ceil(room + 8);
  const top = Math.ceil(room * 0.85 + 12);
  return { cell, font, left, top, height: top + cell * tokens.length + 2,
    every: Math.max(1, Math.ceil((0.95 * font) / cell)) };
}

const short = (token) => (token.length > 14 ? `${token.slice(0, 13)}…` : token);

/** A small picture of a whole head; half-transparent blue suits light and dark. */
function thumbnail(matrix) {
  const T = matrix.length;
  const canvas = h("canvas", { width: T, height: T, "aria-hidden": "true" });
  const pen = canvas.getContext("2d");
  matrix.forEach((row, q) => row.forEach((w, k) => {
    pen.fillStyle = `rgb(46 136 196 / ${Math.sqrt(w)})`;
    if (w > 0) pen.fillRect(k, q, 1, 1);
  }));
  return canvas;
}

/** One radio button per head, rows are layers, with what it costs to switch it off. */
function headPicker(scope, [L, H], matrixOf, losses, pick) {
  const name = uid("head");
  const inputs = [];
  const rows = Array.from({ length: L }, (_, layer) => h("div", { class: "ltg-ae-layer" },
    h("span", { class: "ltg-ae-layer-name", "aria-hidden": "true", text: `layer ${layer}`
      + (losses.length ? ", and what the loss gains when a head is off" : "") }),
    ...Array.from({ length: H }, (__, head) => {
      const i = layer * H + head;
      const more = losses.length ? losses[1 + i] - losses[0] : null;
      const cost = more === null ? "" : `${more < 0 ? "" : "+"}${fixed(more)}`;
      const input = h("input", { type: "radio", name, value: i,
        "aria-label": `layer ${layer}, head ${head}`
          + (cost ? `; switched off, the loss changes by ${cost} nats` : "") });
      scope.listen(input, "change", () => pick(layer, head));
      inputs.push(input);
      return h("label", { class: "ltg-ae-head ltg-frame" }, thumbnail(matrixOf(layer, head)),
        h("span", { class: "ltg-ae-caption", "aria-hidden": "true", text: `head ${head}` }),
        ...(cost ? [h("span", { class: "ltg-ae-cost", text: cost, "aria-hidden": "true" })]
          : []), input);
    })));
  const node = h("div", { role: "radiogroup", "aria-label": "Layer and head",
    class: "ltg-ae-picker" }, ...rows);
  const update = (layer, head) => inputs.forEach((input, i) => {
    input.checked = i === layer * H + head;
    input.closest("label").classList.toggle("ltg-framed", input.checked);
  });
  return { node, update };
}

/** The text with a bar over each word; arrow keys, a click or the mouse choose one. */
function textBars(scope, tokens, causal, pick) {
  const list = uid("words");
  const words = tokens.map((token, i) => {
    const bar = h("span", { class: "ltg-ae-bar" });
    const share = h("span", { class: "ltg-ae-share" });
    const node = h("span", { role: "option", id: `${list}-${i}`, class: "ltg-ae-word ltg-frame" },
      h("span", { class: "ltg-ae-well", "aria-hidden": "true" }, share, bar),
      h("span", { class: "ltg-ae-token", text: token }));
    for (const event of ["click", "pointerenter"]) scope.listen(node, event, () => pick(i));
    return { node, bar, share };
  });
  const low = tokens.length > 20;
  const node = h("div", { role: "listbox", tabindex: 0,
    class: `ltg-ae-text${low ? " ltg-ae-low" : ""}`,
    "aria-label": "The word that looks. Arrow keys choose another." },
  ...words.map((word) => word.node));
  let chosen = 0;
  scope.listen(node, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const goal = { ArrowLeft: chosen - 1, ArrowUp: chosen - 1, ArrowRight: chosen + 1,
      ArrowDown: chosen + 1, Home: 0, End: tokens.length - 1 }[event.key];
    if (goal === undefined) return;
    pick(Math.max(0, Math.min(tokens.length - 1, goal)));
    event.preventDefault();
    event.stopPropagation();
  });
  const update = (q, row) => {
    chosen = q;
    node.setAttribute("aria-activedescendant", `${list}-${q}`);
    words.forEach((word, i) => {
      const later = causal && i > q;
      word.node.setAttribute("aria-selected", String(i === q));
      word.node.classList.toggle("ltg-ae-later", later);
      word.bar.style.height = `${((low ? 1.05 : 2.6) * row[i]).toFixed(2)}em`;
      word.share.textContent = row[i] >= 0.005 ? `${Math.round(100 * row[i])}` : "";
      word.node.setAttribute("aria-label", later ? `${tokens[i]}, comes later`
        : `${tokens[i]}, ${percent(row[i], 0)}`);
    });
  };
  return { node, update };
}

/** The matrix: queries down, keys to the right, nothing where the future would be. */
function matrixMap(scope, tokens, causal, pick, look, width) {
  const T = tokens.length;
  const { cell, font, left, top, height, every } = mapLayout(tokens, width);
  const wide = Math.max(width, left + cell * T + 2);
  const picture = svg("svg", { viewBox: `0 0 ${wide} ${height}`, role: "img",
    class: "ltg-ae-map" });
  const gap = cell < 6 ? 0.3 : 1;
  const cells = tokens.map((_, q) => tokens.map((__, k) => {
    if (causal && k > q) return null;
    const x = left + k * cell;
    const y = top + q * cell;
    const box = svg("rect", { x, y, width: cell - gap, height: cell - gap, rx: gap,
      class: "ltg-ae-ground" });
    const rect = svg("rect", { x, y, width: cell - gap, height: cell - gap, rx: gap,
      class: "ltg-ae-cell ltg-heat", "data-at": `${q} ${k}` });
    const number = cell < 30 ? null : svg("text", { x: x + (cell - 1) / 2,
      y: y + cell / 2 + 3.5, class: "ltg-ae-number" });
    picture.append(box, rect, ...(number ? [number] : []));
    return { rect, number };
  }));
  const style = `font-size: ${font / 14}em`;
  const names = tokens.map((token, i) => {
    const middle = i * cell + cell / 2;
    const query = svg("text", { x: left - 6, y: top + middle + font * 0.32, style,
      class: "ltg-ae-query", text: i % every ? "" : short(token), "data-at": `${i} ${i}` });
    const x = left + middle + font * 0.3;
    const key = svg("text", { x, y: top - 5, style, text: i % every ? "" : short(token),
      transform: `rotate(-60 ${x} ${top - 5})`, class: "ltg-ae-key" });
    picture.append(query, key);
    return { query, key };
  });
  const focus = svg("rect", { height: cell + 1, rx: 3, x: left - 1.5,
    class: "ltg-ae-focus" });
  picture.append(focus);
  if (causal && T > 3 && cell * T > 160) {
    picture.append(svg("text", { x: left + cell * T - 4, y: top + 16,
      class: "ltg-ae-future", text: "later words: never seen" }));
  }
  const at = (event) => event.target.dataset?.at?.split(" ").map(Number);
  for (const event of ["pointerover", "click"]) {
    scope.listen(picture, event, (seen) => {
      const place = at(seen);
      if (!place) return;
      pick(place[0]);
      look(...place);
    });
  }
  const update = (q, matrix, spoken) => {
    cells.forEach((row, i) => row.forEach((part, k) => {
      if (!part) return;
      const w = matrix[i][k];
      part.rect.setAttribute("fill-opacity", Math.sqrt(w).toFixed(3));
      if (part.number) part.number.textContent = w >= 0.995 ? "1" : fixed(w).slice(1);
    }));
    names.forEach(({ query, key }, i) => {
      query.classList.toggle("ltg-ae-chosen", i === q);
      // the chosen word is always named; the names beside it make room
      if (every > 1) query.textContent = i === q || (i % every === 0 && Math.abs(i - q) >= every)
        ? short(tokens[i]) : "";
      key.classList.toggle("ltg-ae-seen", i <= q || !causal);
    });
    focus.setAttribute("y", top + q * cell - 1);
    focus.setAttribute("width", (causal ? q + 1 : T) * cell + 2);
    picture.setAttribute("aria-label", spoken);
  };
  return { node: picture, update };
}

/** The next word with the head on (blue) and off (orange, striped). */
function onAndOff(most, spaced) {
  const rows = Array.from({ length: most }, () => {
    const word = h("span", { class: "ltg-ae-next" });
    const sides = ["on", "off"].map((side) => {
      const bar = h("span", { class: `ltg-ae-fill ltg-ae-${side}` });
      const value = h("span", { class: "ltg-ae-value" });
      return { bar, value, gauge: h("span", { class: "ltg-ae-gauge" }, bar) };
    });
    return { word, sides };
  });
  const head = ["next word", "head on", "", "head off", ""].map((text) =>
    h("span", { class: "ltg-ae-column", text }));
  const table = h("div", { class: "ltg-ae-table", "aria-hidden": "true" }, ...head,
    ...rows.flatMap(({ word, sides }) => [word,
      ...sides.flatMap(({ gauge, value }) => [gauge, value])]));
  const title = h("p", { class: "ltg-ae-title" });
  const told = h("p", { class: "ltg-ae-told" });
  const node = h("div", { class: "ltg-ae-ablation" }, title, table, told);
  const update = (heading, items, text) => {
    title.textContent = heading;
    told.textContent = text;
    told.hidden = !text && !spaced;
    rows.forEach(({ word, sides }, i) => {
      const item = items[i];
      word.textContent = item ? `${item.true ? "✓ " : ""}${item.word}` : "";
      word.classList.toggle("ltg-ae-true", Boolean(item?.true));
      sides.forEach(({ bar, value }, j) => {
        const p = item ? [item.on, item.off][j] : 0;
        bar.style.width = `${100 * p}%`;
        value.textContent = item ? percent(p, 0) : "";
      });
    });
  };
  return { node, update };
}

/** What switching the head off does to the loss, in words. */
function lossWords(items, losses, i) {
  const hit = items.find((item) => item.true);
  const nats = (x) => (x < 1e6 ? fixed(x) : "infinitely many");
  const here = hit ? `The true next word is “${hit.word}”: its loss is `
    + `${nats(surprise(hit.on))} nats with the head on, ${nats(surprise(hit.off))} off. ` : "";
  return here + (losses.length ? `Whole text: ${nats(losses[0])} nats per word on, `
    + `${nats(losses[1 + i])} off.` : "");
}

function render({ model, el }) {
  const scope = openScope();
  const [L, H] = model.get("shape");
  const root = frame(el, { name: "attention-explorer", title: "Where does each word look?",
    hint: `${L * H > 1 ? "Pick a head. " : ""}Point at a word, or choose it with the arrow `
      + "keys: the bars show in percent where it looks. In the matrix a row is a word "
      + "that looks (query), a column a word that is looked at (key)." });
  ofOwnText(scope, model, root, (inner) => explorerOf(inner, model));
  return scope.close;
}

/** The explorer over the text that the model holds: its nodes. */
function explorerOf(scope, model) {
  const shape = model.get("shape");
  const [L, H, T] = shape;
  const many = L * H > 1;
  const tokens = model.get("tokens");
  const causal = model.get("causal");
  const numbers = numbersOf(model.get("weights"));
  const losses = model.get("losses");
  const known = model.get("words").length > 0;
  const facts = known ? { words: model.get("words"), truth: model.get("truth"),
    on: numbersOf(model.get("on")), off: numbersOf(model.get("off")) } : null;
  const matrixOf = (layer, head) => headMatrix(numbers, shape, layer, head);
  const picker = many ? headPicker(scope, shape, matrixOf, losses,
    (layer, head) => put(model, { layer, head })) : null;
  const text = textBars(scope, tokens, causal, (query) => put(model, { query }));
  const readout = h("p", { class: "ltg-ae-readout" });
  const tell = (q, k) => {
    const w = matrixOf(model.get("layer"), model.get("head"))[q][k];
    readout.textContent = `“${tokens[q]}” gives ${percent(w)} of its attention to “${tokens[k]}”.`;
  };
  const map = fitted(scope, (width) => matrixMap(scope, tokens, causal,
    (query) => put(model, { query }), tell, width));
  const panel = known ? onAndOff(facts.words[0].length, losses.length > 0) : null;
  const live = liveRegion(scope);

  const paint = () => {
    const [layer, head] = ["layer", "head"].map((key) => model.get(key));
    const q = Math.min(model.get("query"), T - 1);
    const matrix = matrixOf(layer, head);
    const row = matrix[q];
    const told = topKeys(row, 3).filter(([, w]) => w >= 0.005).map(([j, w]) => `“${tokens[j]}” ${percent(w, 0)}`)
      .join(", ");
    const where = many ? `Layer ${layer}, head ${head}: ` : "";
    readout.textContent = `${where}“${tokens[q]}” looks at ${told}; `
      + `as if at ${fixed(wordsLookedAt(row), 1)} words.`;
    picker?.update(layer, head);
    text.update(q, row);
    map.update(q, matrix, `Attention matrix, queries down, keys to the right. ${readout.textContent}`);
    let spoken = readout.textContent;
    if (panel) {
      const items = changes(facts, shape, layer, head, q);
      const words = lossWords(items, losses, layer * H + head);
      const which = many ? `layer ${layer}, head ${head}` : "the head";
      panel.update(`After “${tokens[q]}”, ${which} on and off`,
        items, words);
      spoken += ` Next word, on and off: ${items.slice(0, 3).map((item) =>
        `${item.word} ${percent(item.on, 0)}, ${percent(item.off, 0)}`).join("; ")}. ${words}`;
    }
    live.say(spoken);
  };
  scope.watch(model, ["layer", "head", "query"], paint);
  paint();
  return [h("div", { class: "ltg-knobs ltg-ae-strip" }, text.node, readout),
    h("div", { class: "ltg-sides" }, map.node, h("div", {}, ...(picker ? [picker.node] : []),
      ...(panel ? [panel.node] : []))), live.node];
}

export default { render };
