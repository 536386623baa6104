// Small pictures of numbers: strips of colour, cells with their number, lying bars.
import { fixed, h, keyTo, place, svg } from "../widgets/base.js";

export const HEAD_NAMES = ["blue", "orange", "green", "pink"];
/** How the lines of each head are dashed, so that colour is not the only cue. */
export const HEAD_DASHES = ["", "7 3", "2 2.5", "8 3 2 3"];

const ABOVE = [0, 114, 178]; // half-transparent, these suit light and dark grounds
const BELOW = [222, 110, 10];

/** The largest distance from 0: what a strip shows in its fullest colour. */
export const farthest = (...rows) => rows.reduce((most, row) =>
  row.reduce((top, value) => Math.max(top, Math.abs(value)), most), 1e-9);

/** How much colour a number gets, 0 to 1: small ones are still seen. */
export const depth = (value, most) => Math.min(1, Math.abs(value) / most) ** 0.7;

export const shade = (value, most) => `rgb(${(value < 0 ? BELOW : ABOVE).join(" ")} / ${
  depth(value, most).toFixed(3)})`;

/**
 * Rows of numbers as an image, one pixel each, blue above 0 and orange below; `gap` empty
 * lines stand between rows that are `tall` lines high; `turned` makes columns of the rows.
 */
export function imageOf(rows, { most, tall = 1, gap = 0, turned = false }) {
  const long = rows[0].length;
  const deep = rows.length * (tall + gap);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = turned ? [deep, long] : [long, deep];
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(canvas.width, canvas.height);
  rows.forEach((row, r) => {
    const top = typeof most === "function" ? most(row) : most;
    for (let i = 0; i < long; i += 1) {
      const colour = row[i] < 0 ? BELOW : ABOVE;
      const alpha = Math.round(255 * depth(row[i], top));
      for (let line = 0; line < tall; line += 1) {
        const at = r * (tall + gap) + line;
        const pixel = 4 * (turned ? i * deep + at : at * long + i);
        image.data[pixel] = colour[0];
        image.data[pixel + 1] = colour[1];
        image.data[pixel + 2] = colour[2];
        image.data[pixel + 3] = alpha;
      }
    }
  });
  pen.putImageData(image, 0, 0);
  return canvas;
}

/** The numbers cut into so many rows, for strips too long for one. */
const inRows = (values, n) => Array.from({ length: n }, (_, r) =>
  values.subarray((r * values.length) / n, ((r + 1) * values.length) / n));

/** All numbers as text, made when somebody opens it. */
function spelledOut(scope, values, digits) {
  const list = h("div", { class: "ltg-wm-numbers" });
  const node = h("details", { class: "ltg-wm-all" },
    h("summary", { text: `All ${values.length} numbers` }), list);
  scope.listen(node, "toggle", () => {
    if (list.childElementCount) return;
    list.append(...Array.from(values, (value, i) => h("span", {},
      h("span", { class: "ltg-wm-at", text: `${i}` }), ` ${fixed(value, digits)}`)));
  });
  return node;
}

/**
 * One vector: its name, a strip of colours, the number that is read out framed and told.
 * A press picks another number: pick(n).
 */
export function strip(scope, values, options) {
  const { name, most = farthest(values), chosen = null, rows = 1, pick = null, digits = 3,
    note = "", all = false } = options;
  const long = values.length / rows;
  const canvas = imageOf(rows === 1 ? [values] : inRows(values, rows), { most });
  canvas.className = "ltg-wm-strip ltg-heat";
  canvas.style.height = `${Math.max(1.5, 0.95 * rows)}em`;
  const home = h("div", { class: "ltg-wm-well" }, canvas);
  if (chosen !== null) {
    const mark = h("span", { class: "ltg-wm-mark" });
    mark.style.left = `${(100 * (chosen % long)) / long}%`;
    mark.style.width = `${100 / long}%`;
    mark.style.top = `${(100 * Math.floor(chosen / long)) / rows}%`;
    mark.style.height = `${100 / rows}%`;
    home.append(mark);
  }
  if (pick) {
    scope.listen(home, "click", (event) => {
      const { left, top, width, height } = home.getBoundingClientRect();
      const row = Math.min(rows - 1, Math.floor((rows * (event.clientY - top)) / height));
      pick(row * long + Math.max(0, Math.min(long - 1,
        Math.floor((long * (event.clientX - left)) / width))));
    });
  }
  const value = chosen === null ? [] : [h("span", { class: "ltg-wm-reads",
    text: `number ${chosen}: ${fixed(values[chosen], digits)}` })];
  const told = [h("span", { class: "ltg-wm-name", text: name }),
    ...(note ? [h("span", { class: "ltg-wm-side", text: note })] : []), ...value];
  return h("div", { class: `ltg-wm-vector${all ? " ltg-wm-with-all" : ""}` },
    h("div", { class: "ltg-wm-told" }, ...told), home,
    ...(all ? [spelledOut(scope, values, digits)] : []));
}

/** Cells with columns of numbers, rows [[title, values], ...] from top to bottom. */
export function cells(rows, digits = 2) {
  const n = rows[0][1].length;
  const tops = rows.map(([, values]) => farthest(values));
  const list = Array.from({ length: n }, (_, i) => h("div", { class: "ltg-wm-cell", role: "img",
    "aria-label": rows.map(([title, values]) => `${title} ${fixed(values[i], digits)}`).join(" ") },
    ...rows.map(([, values], r) => {
      const cell = h("span", { class: "ltg-wm-number", text: fixed(values[i], digits) });
      cell.style.backgroundColor = shade(0.6 * values[i], tops[r]);
      return cell;
    })));
  const keys = Array.from({ length: Math.ceil(n / 8) }, (_, i) => h("div", { "aria-hidden": "true",
    class: `ltg-wm-cell${i < n / 16 ? "" : " ltg-wm-narrow"}` },
  ...rows.map(([title]) => h("span", { class: "ltg-wm-number", text: title }))));
  return h("div", { class: "ltg-wm-cells" }, h("div", { class: "ltg-wm-keys" }, ...keys),
    h("div", { class: "ltg-wm-columns" }, ...list));
}

/** What colours and lines mean. */
export function legend(H) {
  const line = (head) => svg("svg", { viewBox: "0 0 30 12", class: "ltg-wm-sample",
    "aria-hidden": "true" }, svg("path", { d: "M1 6H29", "stroke-width": 3,
    class: `ltg-wm-look ltg-wm-${HEAD_NAMES[head % 4]}`,
    "stroke-dasharray": HEAD_DASHES[head % 4] || null }));
  const patch = h("span", { class: "ltg-wm-patch ltg-heat", "aria-hidden": "true" });
  return keyTo([...Array.from({ length: H }, (_, head) => [line(head),
    head ? `head ${head}` : "what a token looks at: head 0"]),
    [h("span", { class: "ltg-wm-sign", "aria-hidden": "true", text: "“ ”" }),
      "so far: what it would say if it stopped there"],
    [patch, "numbers below 0, and above"]]);
}

/** A numbered part of an explanation. */
export const step = (n, title, ...nodes) => h("section", { class: "ltg-wm-step" },
  h("h3", {}, h("span", { class: "ltg-wm-n", text: n, "aria-hidden": "true" }), title),
  ...nodes);

/** A lying bar for a share of 1. */
export function bar(share, kind = "") {
  const fill = h("span", { class: `ltg-wm-fill ${kind}` });
  fill.style.width = `${(100 * share).toFixed(2)}%`;
  return h("span", { class: "ltg-wm-gauge", "aria-hidden": "true" }, fill);
}

/** A line of arithmetic: parts that are texts, or [text, what it is] with a name below. */
export function sum(...parts) {
  return h("p", { class: "ltg-wm-sum" }, ...parts.map((part) => (typeof part === "string"
    ? h("span", { class: "ltg-wm-sign", text: part })
    : h("span", { class: "ltg-wm-term" }, h("b", { text: part[0] }),
      h("span", { text: part[1] })))));
}

/** A curve with the point (x, f(x)) marked: how an activation function bends. */
export function bend(f, x) {
  const [high, tall] = [Math.max(4, Math.ceil(Math.abs(x))), 130];
  const low = -high;
  const toX = (value) => 10 + (220 * (value - low)) / (high - low);
  const toY = (value) => tall - 24 - (value * (tall - 40)) / high;
  const points = Array.from({ length: 81 }, (_, i) => low + (i * (high - low)) / 80);
  const seen = Math.max(low, Math.min(high, x));
  const picture = svg("svg", { viewBox: `0 0 240 ${tall}`, class: "ltg-wm-bend", "font-size": 14,
    role: "img", "aria-label": `The bend: ${fixed(x)} becomes ${fixed(f(x))}` },
  svg("line", { x1: 10, x2: 230, y1: toY(0), y2: toY(0), class: "ltg-axis" }),
  svg("line", { x1: toX(0), x2: toX(0), y1: 8, y2: tall - 16, class: "ltg-grid" }),
  svg("path", { class: "ltg-wm-curve", d: `M${points.map((value) =>
    `${toX(value).toFixed(1)} ${toY(f(value)).toFixed(1)}`).join("L")}` }));
  const dot = svg("circle", { r: 6, class: "ltg-mark" });
  place(dot, { cx: toX(seen), cy: toY(f(seen)) });
  picture.append(dot, svg("text", { x: 10, y: tall - 4, class: "ltg-tick", text: `−${high}` }),
    svg("text", { x: toX(0), y: tall - 4, "text-anchor": "middle", class: "ltg-tick", text: "0" }),
    svg("text", { x: 230, y: tall - 4, "text-anchor": "end", class: "ltg-tick", text: `${high}` }));
  return picture;
}

/** A word to press; `focus` is its name where the page is drawn again. */
export function choice(text, focus, chosen, act) {
  const node = h("button", { type: "button", class: "ltg-wm-chip", "data-focus": focus, text,
    "aria-pressed": chosen === null ? null : String(chosen) });
  node.addEventListener("click", act);
  return node;
}

/**
 * A table of rows { cells, here, later }: texts and nodes, the chosen row marked, those of
 * the future pale. Columns without a title hold bars.
 */
export function table(titles, rows, shows = null) {
  const bars = titles.filter((title) => !title).length;
  const row = ({ cells: texts, here = false, later = false }) => h("tr", {
    class: `${here ? "ltg-wm-here" : ""} ${later ? "ltg-wm-later" : ""}` },
  ...texts.map((text, i) => h("td", { class: titles[i] ? "" : `ltg-wm-wide ltg-wm-bars-${bars}` },
    text)));
  return h("div", { class: "ltg-wm-scroll" }, h("table", { class: "ltg-wm-table",
    "data-shows": shows },
  h("thead", {}, h("tr", {}, ...titles.map((text) => (text ? h("th", { scope: "col", text })
    : h("td", {}))))), h("tbody", {}, ...rows.map(row))));
}
