import {
  boundSlider, fitted, frame, h, liveRegion, openScope, place, plot, put, radios, svg,
  tiles, uid,
} from "./base.js";

const LEAST = 5;
const MOST = 21;
const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];
const TALL = 232;
const BOX = { left: 52, top: 12, base: TALL - 42 };
const MARGIN = 32; // on the right
const NARROW = 460;

/** The costs of a context of n tokens; see context_cost in Python. */
export function contextCost(n, width, layers) {
  return {
    scoreBytes: 2 * n * n, cacheBytes: 4 * layers * n * width,
    matrixFlops: 24 * width * width, attentionFlops: 4 * n * width, crossing: 6 * width,
  };
}

/** 2194830992000 -> "2.19 TB". */
export function inUnits(bytes) {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const value = bytes / 1000 ** power;
  const digits = value >= 100 || power === 0 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[power]}`;
}

const count = (n) => n.toLocaleString("en-US");
const mega = (flops) => `${(flops / 1e6).toLocaleString("en-US", {
  minimumFractionDigits: 1, maximumFractionDigits: 1 })} MFLOPs`;

const WORK = { 4: "10 k", 6: "1 M", 8: "100 M", 10: "10 G", 12: "1 T" };

/** Two lines on log scales: level for the matrices, rising for attention. */
function chart(wide) {
  const right = wide - MARGIN;
  const { x, y, words, rows, columns } = plot({ ...BOX, right,
    x: (n) => (Math.log2(n) - LEAST) / (MOST - LEAST),
    y: (flops) => (Math.log10(flops) - 4) / 8 });
  const line = (name) => svg("line", { class: name });
  const matrices = line("ltg-cc-matrices");
  const attention = line("ltg-cc-attention");
  const cross = line("ltg-guide");
  const dot = svg("circle", { r: 6, class: "ltg-mark" });
  const labels = [1, 2, 3].map(() => svg("text", { class: "ltg-cc-label ltg-over" }));
  const apart = wide < NARROW ? 8 : 4;
  const powers = Array.from({ length: (MOST - LEAST) / apart + 1 }, (_, i) => LEAST + i * apart);
  const clip = uid("clip");
  const node = svg("svg", { viewBox: `0 0 ${wide} ${TALL}`, role: "img",
    class: "ltg-cc-chart" },
  svg("defs", {}, svg("clipPath", { id: clip }, svg("rect", { x: BOX.left, y: BOX.top,
    width: right - BOX.left, height: BOX.base - BOX.top }))),
  ...rows(Object.keys(WORK).map((power) => 10 ** power), (flops) => WORK[Math.log10(flops)]),
  ...columns(powers.map((power) => 2 ** power), count, BOX.base + 16),
  words((BOX.left + wide) / 2, TALL - 6, "tokens in the context"),
  svg("g", { "clip-path": `url(#${clip})` }, matrices, attention, cross), dot, ...labels);
  const update = (n, width, layers, spoken) => {
    const from = contextCost(2 ** LEAST, width, layers);
    const to = contextCost(2 ** MOST, width, layers);
    const now = contextCost(n, width, layers);
    const level = y(from.matrixFlops);
    const [start, end] = [x(2 ** LEAST), x(2 ** MOST)];
    place(matrices, { x1: start, x2: end, y1: level, y2: level });
    place(attention, { x1: start, x2: end, y1: y(from.attentionFlops),
      y2: y(to.attentionFlops) });
    const at = x(now.crossing);
    place(cross, { x1: at, x2: at, y1: BOX.top, y2: BOX.base });
    place(dot, { cx: x(n), cy: y(now.attentionFlops) });
    const [level1, slope, crossing] = labels;
    place(level1, { x: BOX.left + 6, y: level - 6 });
    level1.textContent = "matrix products 24 d²";
    place(slope, { x: end - 2, "text-anchor": "end",
      y: y(to.attentionFlops) + 16 + (100 * (y(from.attentionFlops) - y(to.attentionFlops)))
        / (end - start) });
    slope.textContent = "attention 4 n d";
    place(crossing, { x: at + 6, y: BOX.base - 8 });
    crossing.textContent = `n = 6 d = ${count(now.crossing)}`;
    node.setAttribute("aria-label", spoken);
  };
  return { node, update };
}

function render({ model, el }) {
  const scope = openScope();
  const root = frame(el, { name: "context-cost", title: "What a longer context costs",
    hint: "Slide the number of tokens, choose a model. Memory is counted in numbers of "
      + "16 bits, work per token and layer." });
  const sizes = model.get("sizes");
  const pick = radios(scope, { title: "Model",
    choices: Object.fromEntries(sizes.map(([name], i) => [i, name])),
    onPick: (i) => put(model, { size: Number(i) }) });
  const tokens = boundSlider(scope, model, "log2_n", { label: "Tokens n", min: LEAST,
    max: MOST, step: 0.25, format: (power) => count(Math.round(2 ** power)) });
  const facts = tiles({ scores: "score matrix, one head and layer", cache: "KV cache",
    matrices: "matrix products", attention: "attention at token n" });
  const picture = fitted(scope, chart);
  const live = liveRegion(scope);
  root.append(h("div", { class: "ltg-knobs" }, pick.node, tokens.node), facts.node,
    picture.node, live.node);
  const paint = () => {
    const [label, width, layers] = sizes[model.get("size")];
    const n = Math.round(2 ** model.get("log2_n"));
    const cost = contextCost(n, width, layers);
    pick.set(model.get("size"));
    facts.set({ scores: inUnits(cost.scoreBytes), cache: inUnits(cost.cacheBytes),
      matrices: mega(cost.matrixFlops), attention: mega(cost.attentionFlops) });
    const more = cost.attentionFlops > cost.matrixFlops ? "attention" : "the matrices";
    const said = `${label}, ${count(n)} tokens: score matrix ${inUnits(cost.scoreBytes)}, `
      + `KV cache ${inUnits(cost.cacheBytes)}; ${more} cost${more === "attention" ? "s" : ""} `
      + `more; they are equal at ${count(cost.crossing)} tokens`;
    picture.update(n, width, layers, said);
    live.say(said);
  };
  scope.watch(model, ["log2_n", "size"], paint);
  paint();
  return scope.close;
}

export default { render };
