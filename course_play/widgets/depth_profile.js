import {
  boundCheck, fitted, fixed, frame, h, keyTo, liveRegion, numbersOf, openScope,
  pathThrough, plural, put, radios, slider, svg, tiles,
} from "./base.js";

const NORMS = { none: "no norm", before: "before each part", after: "after the addition" };
const NORM_NAMES = Object.keys(NORMS);
const FARTHEST = 30; // powers of ten that are told apart
const REACH = 10; // powers of ten that are drawn
const SUPER = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";
const PLOT = { left: 62, margin: 14, top: 10, base: 178 };
const STRIP = { top: 208, base: 242, height: 282 };

/** Stream, gradient and likeness by depth, for one way to build the stack. */
export function profileOf(numbers, knobs, scales, layers) {
  const depths = Math.max(...layers) + 1;
  const stack = ((Number(knobs.skip) * NORM_NAMES.length + NORM_NAMES.indexOf(knobs.norm))
    * scales.length + scales.indexOf(knobs.init_scale)) * layers.length
    + layers.indexOf(knobs.n_layers);
  return [0, 1, 2].map((row) => {
    const start = (3 * stack + row) * depths;
    return Array.from(numbers.slice(start, start + knobs.n_layers + 1));
  });
}

/** A size in words: plain if it is readable, else the power of ten. */
export function sizeText(logSize, spoken = false) {
  const power = Math.floor(Math.abs(logSize) + 0.5);
  if (power < 3) return fixed(10 ** logSize);
  const bound = Math.abs(logSize) < FARTHEST ? "" : logSize > 0 ? "over " : "under ";
  if (spoken) return `${bound}10 to the power ${logSize < 0 ? "minus " : ""}${power}`;
  const digits = Array.from(String(power), (digit) => SUPER[Number(digit)]).join("");
  return `${bound}10${logSize < 0 ? "\u207b" : ""}${digits}`;
}

/** What becomes of a signal, from log10 sizes at the far ends and the likeness. */
export function verdict(stream, gradient, alike) {
  for (const [what, logSize] of [["stream", stream], ["gradient", gradient]]) {
    if (Math.abs(logSize) >= 3) {
      return `the ${what} ${logSize > 0 ? "explodes" : "dies out"}`;
    }
  }
  if (alike >= 0.98) return "the sizes are fine, but all tokens have become the same";
  return "signal and gradient arrive, and the tokens still differ";
}

/** Where a depth and a size lie in the picture; sizes off the chart stay at its edge. */
export function placeOf(depth, logSize, nLayers, right = 668) {
  const held = Math.max(-REACH, Math.min(REACH, logSize));
  return [PLOT.left + ((right - PLOT.left) * depth) / nLayers,
    PLOT.base - ((PLOT.base - PLOT.top) * (held + REACH)) / (2 * REACH)];
}

/** The names of the lines; what lies beyond the outer ones is drawn on them. */
const tickText = (power) => (power === REACH ? "\u2265 " : power === -REACH ? "\u2264 " : "")
  + (power ? sizeText(power) : "1");

function marker(kind, x, y) {
  return kind === "stream" ? svg("circle", { cx: x, cy: y, r: 3.6 })
    : svg("rect", { x: x - 3.2, y: y - 3.2, width: 6.4, height: 6.4 });
}

function curve(kind, right) {
  const line = svg("path", { class: "ltg-dp-line" });
  const marks = svg("g", {});
  const node = svg("g", { class: `ltg-dp-${kind}` }, line, marks);
  const update = (logs) => {
    const points = logs.map((value, depth) => placeOf(depth, value, logs.length - 1, right));
    line.setAttribute("d", pathThrough(points));
    marks.replaceChildren(...points.map(([x, y]) => marker(kind, x, y)));
  };
  return { node, update };
}

/** Both curves over the powers of ten, and the strip of bars below. */
function chart(width) {
  const right = width - PLOT.margin;
  const grid = [-10, -5, 0, 5, 10].map((power) => {
    const y = placeOf(0, power, 1)[1];
    return svg("g", {}, svg("line", { x1: PLOT.left, x2: right, y1: y, y2: y,
      class: power ? "ltg-grid" : "ltg-axis" }),
    svg("text", { x: PLOT.left - 10, y: y + 4, class: "ltg-dp-tick",
      text: tickText(power) }));
  });
  const curves = [curve("stream", right), curve("gradient", right)];
  const bars = svg("g", { class: "ltg-dp-bars" });
  const ticks = svg("g", {});
  const picture = svg("svg", { viewBox: `0 0 ${width} ${STRIP.height}`, role: "img" },
    ...grid, ...curves.map((one) => one.node),
    svg("text", { x: PLOT.left, y: STRIP.top - 6, class: "ltg-dp-head",
      text: width < 420 ? "how alike the tokens are"
        : "how alike the tokens are (full height: all the same)" }),
    svg("rect", { x: PLOT.left - 7, y: STRIP.top, width: right - PLOT.left + 14,
      height: STRIP.base - STRIP.top, class: "ltg-dp-room" }), bars, ticks,
    svg("text", { x: (PLOT.left + right) / 2, y: STRIP.height - 4,
      class: "ltg-dp-depth", text: "depth: layers passed" }));
  const update = (profile, spoken) => {
    const n = profile[0].length - 1;
    curves.forEach((one, i) => one.update(profile[i]));
    const wide = Math.min(14, (0.6 * (right - PLOT.left)) / n);
    bars.replaceChildren(...profile[2].map((alike, depth) => {
      const tall = Math.max(0, alike) * (STRIP.base - STRIP.top);
      return svg("rect", { x: placeOf(depth, 0, n, right)[0] - wide / 2, y: STRIP.base - tall,
        width: wide, height: tall });
    }));
    const every = n / 4;
    ticks.replaceChildren(...[0, 1, 2, 3, 4].map((i) => svg("text", {
      x: placeOf(i * every, 0, n, right)[0], y: STRIP.base + 16, class: "ltg-dp-count",
      text: String(i * every) })));
    picture.setAttribute("aria-label", spoken);
  };
  return { node: picture, update };
}

function legend() {
  const sample = (kind) => svg("svg", { viewBox: "0 0 34 12", width: 34, height: 12,
    "aria-hidden": "true" }, svg("g", { class: `ltg-dp-${kind}` },
    svg("path", { class: "ltg-dp-line", d: "M0 6H34" }), marker(kind, 17, 6)));
  return keyTo([[sample("stream"), "size of the stream, on the way forward"],
    [sample("gradient"), "size of the gradient, on the way back"]]);
}

function render({ model, el }) {
  const scope = openScope();
  const numbers = numbersOf(model.get("profiles"));
  const [scales, layers] = [model.get("scales"), model.get("layers")];
  const root = frame(el, { name: "depth-profile", title: "Does the signal arrive?",
    hint: "A stack of fresh layers, before any training. As long as both lines stay near 1, "
      + "all is well. Switch the skip connection off, or the norm: what reaches the end, and "
      + "what comes back?" });
  const skip = boundCheck(scope, model, "skip",
    "skip connection: each part adds to the stream");
  const norm = radios(scope, { title: "Norm", label: "Where the norm stands",
    choices: NORMS, onPick: (value) => put(model, { norm: value }) });
  const pick = (label, name, values, format, low, high) => slider(scope, { label, min: 0,
    max: values.length - 1, step: 1, value: values.indexOf(model.get(name)), low, high,
    format: (i) => format(values[i]), onInput: (i) => put(model, { [name]: values[i] }) });
  const scale = pick("Initial weights", "init_scale", scales, (x) => `\u00d7 ${x}`,
    "small", "large");
  const depth = pick("Layers", "n_layers", layers, (n) => plural(n, "layer"),
    "shallow", "deep");
  const facts = tiles({ stream: "stream at the end", gradient: "gradient at the start",
    alike: "tokens alike at the end" });
  const said = h("p", { class: "ltg-dp-verdict" });
  const picture = fitted(scope, chart);
  const live = liveRegion(scope);
  const paint = () => {
    const knobs = Object.fromEntries(["skip", "norm", "init_scale", "n_layers"]
      .map((name) => [name, model.get(name)]));
    const profile = profileOf(numbers, knobs, scales, layers);
    const ends = [profile[0].at(-1), profile[1][0], profile[2].at(-1)];
    const words = verdict(...ends);
    norm.set(knobs.norm);
    scale.set(scales.indexOf(knobs.init_scale));
    depth.set(layers.indexOf(knobs.n_layers));
    facts.set({ stream: sizeText(ends[0]), gradient: sizeText(ends[1]),
      alike: fixed(ends[2]) });
    said.textContent = `${words[0].toUpperCase()}${words.slice(1)}.`;
    const spoken = `${plural(knobs.n_layers, "layer")}, skip ${knobs.skip ? "on" : "off"}, `
      + `norm ${knobs.norm}, initial weights times ${knobs.init_scale}: ${words}. Stream at `
      + `the end ${sizeText(ends[0], true)}, gradient at the start `
      + `${sizeText(ends[1], true)}, tokens alike to ${fixed(ends[2])}`;
    picture.update(profile, spoken);
    live.say(spoken);
  };
  root.append(h("div", { class: "ltg-knobs" }, skip, norm.node, scale.node, depth.node),
    h("div", { class: "ltg-sides" }, h("div", {}, legend(), picture.node),
      h("div", {}, said, facts.node)), live.node);
  scope.watch(model, ["skip", "norm", "init_scale", "n_layers"], paint);
  paint();
  return scope.close;
}

export default { render };
