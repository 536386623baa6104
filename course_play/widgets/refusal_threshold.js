import {
  boundSlider, drag, fitted, fixed, frame, h, hatch, linear, liveRegion, openScope,
  pathThrough, percent, place, plot, put, svg, tiles, uid,
} from "./base.js";

const BOX = { left: 50, top: 26, base: 176 };
const MARGIN = 12; // on the right
const STRIPS = [{ base: 226, tall: 26 }, { base: 276, tall: 26 }];
const TALL = 316;
const NARROW = 460;
const N_BINS = 25;

/** Refuse where P > threshold, and count; precision is null if nothing is refused. */
export function refusing(known, unknown, threshold) {
  const above = (values) => values.filter((p) => p > threshold).length;
  const [caught, hurt] = [above(unknown), above(known)];
  return { unknown: caught, known: hurt,
    precision: caught + hurt ? caught / (caught + hurt) : null,
    recall: caught / unknown.length };
}

/** Corners [threshold, share refused] of the falling stairs from 0 to 1. */
export function shareCurve(values) {
  const ordered = [...values].sort((a, b) => a - b);
  const n = ordered.length;
  let share = ordered.filter((p) => p > 0).length / n;
  const corners = [[0, share]];
  ordered.forEach((p, i) => {
    if (p === 0 || ordered[i + 1] === p) return;
    corners.push([p, share]);
    share = (n - i - 1) / n;
    corners.push([p, share]);
  });
  return corners.at(-1)[0] === 1 ? corners : [...corners, [1, share]];
}

/** How many values fall into each of nBins equal parts of [0, 1]. */
export function binsOf(values, nBins = N_BINS) {
  const found = Array(nBins).fill(0);
  for (const p of values) found[Math.min(nBins - 1, Math.floor(p * nBins))] += 1;
  return found;
}

/** The values of one group as bars on the axis of the threshold. */
function strip(values, kind, name, { base, tall }, fill, xOf) {
  const found = binsOf(values);
  const most = Math.max(...found);
  const slot = (xOf(1) - xOf(0)) / N_BINS;
  const bars = found.flatMap((count, i) => {
    if (!count) return [];
    const high = Math.max(3, (count / most) * tall); // even a single value can be seen
    return [svg("rect", { x: xOf(i / N_BINS) + 1.5, width: slot - 3, y: base - high,
      height: high, style: fill ? `fill: ${fill}` : null })];
  });
  return svg("g", { class: `ltg-rt-${kind}` }, ...bars,
    svg("line", { x1: xOf(0), x2: xOf(1), y1: base + 0.5, y2: base + 0.5,
      class: "ltg-axis" }),
    svg("text", { x: xOf(0.5), y: base - tall - 6, "text-anchor": "middle",
      class: "ltg-tick", text: name }));
}

function axes({ x, words, rows, columns }, narrow) {
  const base = STRIPS[1].base;
  return [...rows([0, 0.5, 1], (share) => percent(share, 0),
    { gap: 8, kind: (share) => (share ? "ltg-grid" : "ltg-axis") }),
  ...columns([0, 0.25, 0.5, 0.75, 1], String, base + 18),
  words(x(0.5), base + 37, "P(\u201cSorry\u201d), and the threshold"),
  words(x(1), BOX.top - 12, narrow ? "share refused"
    : "share of each group that is refused", "end")];
}

function chart(known, unknown, width) {
  const field = plot({ ...BOX, right: width - MARGIN, x: linear(0, 1), y: linear(0, 1) });
  const [xOf, yOf] = [field.x, field.y];
  const curveOf = (values, kind) => svg("path", { class: `ltg-rt-curve ltg-rt-${kind}`,
    d: pathThrough(shareCurve(values).map(([t, share]) => [xOf(t), yOf(share)])) });
  const narrow = width < NARROW;
  const id = uid("unknown");
  const guide = svg("line", { class: "ltg-rt-guide", y1: BOX.top - 8,
    y2: STRIPS[1].base });
  const dots = { unknown: svg("circle", { r: 7, class: "ltg-rt-dot ltg-rt-unknown" }),
    known: svg("rect", { width: 12, height: 12, class: "ltg-rt-dot ltg-rt-known" }) };
  const notes = { unknown: svg("text", { class: "ltg-rt-note ltg-over" }),
    known: svg("text", { class: "ltg-rt-note ltg-over" }) };
  const node = svg("svg", { viewBox: `0 0 ${width} ${TALL}`, role: "img",
    class: "ltg-rt-chart" }, svg("defs", {}, hatch(id)), ...axes(field, narrow),
  strip(unknown, "unknown", `${unknown.length} that should be refused`, STRIPS[0], null, xOf),
  strip(known, "known", `${known.length} that should be answered`, STRIPS[1], `url(#${id})`,
    xOf),
  curveOf(unknown, "unknown"), curveOf(known, "known"),
  guide, dots.unknown, dots.known, notes.unknown, notes.known);
  const update = (threshold, shares, spoken) => {
    const x = xOf(threshold);
    place(guide, { x1: x, x2: x });
    place(dots.unknown, { cx: x, cy: yOf(shares.unknown) });
    place(dots.known, { x: x - 6, y: yOf(shares.known) - 6 });
    const left = threshold > (narrow ? 0.3 : 0.7);
    for (const [key, share] of Object.entries(shares)) {
      const above = key === "unknown" && shares.unknown < 0.9;
      place(notes[key], { x: x + (left ? -13 : 13), "text-anchor": left ? "end" : "start",
        y: yOf(share) + (above || key === "known" ? -8 : 18) });
      notes[key].textContent = `${key}: ${percent(share, 0)}${narrow ? "" : " refused"}`;
    }
    if (Math.abs(shares.unknown - shares.known) < 0.12 && shares.unknown < 0.9) {
      notes.known.setAttribute("y", yOf(shares.known) + (shares.known > 0.1 ? 20 : -8));
      notes.unknown.setAttribute("y", yOf(shares.unknown) - (shares.known > 0.1 ? 8 : 26));
    }
    node.setAttribute("aria-label", spoken);
  };
  return { node, update };
}

function render({ model, el }) {
  const scope = openScope();
  const [known, unknown] = [model.get("known"), model.get("unknown")];
  const root = frame(el, { name: "refusal-threshold", title: "When should it say Sorry?",
    hint: "The model refuses where P(\u201cSorry\u201d) is above the threshold. Drag the "
      + "line or the slider." });
  const control = boundSlider(scope, model, "threshold", { label: "Threshold", min: 0,
    max: 1, step: 0.01, format: (t) => fixed(t), low: "refuses more", high: "refuses less" });
  const facts = tiles({ unknown: "unknown refused", known: "known refused (harm)",
    precision: "precision of refusing", recall: "recall of refusing" });
  const picture = fitted(scope, (width) => chart(known, unknown, width));
  drag(scope, picture, ([x]) => {
    const p = (x - BOX.left) / (picture.room() - MARGIN - BOX.left);
    put(model, { threshold: Math.min(1, Math.max(0, Math.round(100 * p) / 100)) });
  });
  const live = liveRegion(scope);
  root.append(h("div", { class: "ltg-knobs" }, control.node, facts.node), picture.node,
    h("p", { class: "ltg-hint ltg-rt-legend", text: "Solid line, circle: questions that "
      + "should be refused. Dashed line, square: questions that should be answered. "
      + "Below: how often each P(\u201cSorry\u201d) came." }), live.node);
  const paint = () => {
    const threshold = model.get("threshold");
    const now = refusing(known, unknown, threshold);
    const texts = { unknown: `${now.unknown} of ${unknown.length}`,
      known: `${now.known} of ${known.length}`,
      precision: now.precision === null ? "\u2013" : fixed(now.precision),
      recall: fixed(now.recall) };
    facts.set(texts);
    const said = `Threshold ${fixed(threshold)}: ${texts.unknown} unknown and ${texts.known} `
      + `known refused, precision ${now.precision === null ? "undefined" : texts.precision}, `
      + `recall ${texts.recall}`;
    picture.update(threshold, { unknown: now.unknown / unknown.length,
      known: now.known / known.length }, said);
    live.say(said);
  };
  scope.watch(model, ["threshold"], paint);
  paint();
  return scope.close;
}

export default { render };
