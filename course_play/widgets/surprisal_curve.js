import {
  boundSlider, drag, fitted, fixed, frame, h, linear, liveRegion, openScope, pathThrough,
  place, plot, put, svg, tiles, toBits,
} from "./base.js";

/** The loss of one prediction: nats, bits, and "as hard as 1 of so many". */
export function surprisal(p) {
  const nats = -Math.log(p) + 0; // + 0 turns -0 into 0
  return { nats, bits: toBits(nats), choices: 1 / p };
}

const HEIGHT = 290;
const BOX = { left: 40, top: 30, base: HEIGHT - 42 };
const MARGIN = 40; // on the right

/** Whole bits that fit on an axis of so many nats: "half as likely" is 1 bit more. */
export function wholeBits(most) {
  const last = Math.floor(toBits(most) + 1e-9);
  const step = last > 9 ? 2 : 1;
  return Array.from({ length: Math.floor(last / step) + 1 }, (_, i) => i * step);
}

function curvePath(most, { x, y }) {
  const points = [];
  for (let share = 0; share <= 1; share += 0.005) { // dense where it is steep
    const p = Math.exp(-most) + share * share * (1 - Math.exp(-most));
    points.push([x(p), y(surprisal(p).nats)]);
  }
  return pathThrough([...points, [x(1), BOX.base]]);
}

function axes(most, right, { y, words, rows, columns }) {
  const step = most > 6 ? 2 : 1;
  const whole = Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
  const [left, above, below] = [BOX.left - 7, BOX.top - 16, BOX.base + 35];
  return [...rows(whole, String, { gap: 7 }),
    ...wholeBits(most).flatMap((bits) => {
      const level = y(bits * Math.LN2);
      return [svg("line", { x1: right, x2: right + 5, y1: level, y2: level,
        class: "ltg-axis" }), words(right + 9, level + 4, String(bits), "start")];
    }),
    ...columns([0, 0.25, 0.5, 0.75, 1], String),
    words(left, above, "nats", "end"), words(right + 9, above, "bits", "start"),
    words((BOX.left + right) / 2, below, right < 300 ? "p of what came"
      : "p, the probability of what really came")];
}

function drawing(most, marks, width) {
  const right = width - MARGIN;
  const chart = plot({ ...BOX, right, x: linear(0, 1),
    y: (nats) => Math.min(1, nats / most) });
  const { x, y } = chart;
  const guide = svg("path", { class: "ltg-sc-guide" });
  const point = svg("circle", { r: 8, class: "ltg-mark" });
  const dots = marks.map((p) => svg("circle", {
    cx: x(p), cy: y(surprisal(p).nats), r: 3.5, class: "ltg-dot" }));
  const picture = svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img",
    class: "ltg-curve-picture" }, ...axes(most, right, chart),
  svg("path", { d: curvePath(most, chart), class: "ltg-curve" }), guide, ...dots, point);
  const update = (p) => {
    const { nats, bits } = surprisal(p);
    guide.setAttribute("d", `M${BOX.left},${y(nats)}H${x(p)}V${BOX.base}`);
    place(point, { cx: x(p), cy: y(nats) });
    picture.setAttribute("aria-label", "Curve of the loss, minus the logarithm of p: "
      + `0 at p = 1 and rising without end towards p = 0. The point is at p = `
      + `${fixed(p, 3)}, ${fixed(nats)} nats or ${fixed(bits)} bits.`);
  };
  return { node: picture, update };
}

/** "0.58"; a p that needs more decimals and is 1 of n is written "1/n". */
function markText(p) {
  const short = fixed(p);
  const n = Math.round(1 / p);
  return Math.abs(p - Number(short)) > 1e-9 && Math.abs(1 / n - p) < 1e-9
    ? `1/${n}` : short;
}

function lossTable(scope, marks, setP) {
  const rows = marks.map((p) => {
    const { nats, bits } = surprisal(p);
    const choose = h("button", { type: "button", class: "ltg-choose", text: markText(p),
      "aria-label": `set p to ${fixed(p, 3)}` });
    scope.listen(choose, "click", () => setP(p));
    return { p, node: h("tr", {}, h("th", { scope: "row" }, choose),
      h("td", { text: fixed(nats) }), h("td", { text: fixed(bits) })) };
  });
  const node = h("table", { class: "ltg-losses" },
    h("caption", { text: "Loss table: press a p" }),
    h("thead", {}, h("tr", {}, ...["p", "nats", "bits"].map((text) =>
      h("th", { scope: "col", text })))),
    h("tbody", {}, ...rows.map((row) => row.node)));
  const show = (now) => rows.forEach((row) => {
    if (Math.abs(row.p - now) < 5e-4) row.node.setAttribute("aria-current", "true");
    else row.node.removeAttribute("aria-current");
  });
  return { node, show };
}

function render({ model, el }) {
  const scope = openScope();
  const root = frame(el, {
    name: "surprisal-curve", title: "How surprised? The loss of one prediction",
    hint: "Drag the point or the slider: p is what the model gave to the letter that "
      + "really came.",
  });
  const marks = model.get("marks");
  const setP = (p) => put(model, { p });
  const most = Math.max(5, Math.ceil(surprisal(model.get("p")).nats));
  const picture = fitted(scope, (width) => drawing(most, marks, width));
  drag(scope, picture, ([x]) => {
    const p = (x - BOX.left) / (picture.room() - MARGIN - BOX.left);
    setP(Math.min(1, Math.max(0.01, Math.round(100 * p) / 100)));
  });
  const table = lossTable(scope, marks, setP);
  const control = boundSlider(scope, model, "p", {
    label: "Probability p", min: 0.01, max: 1, step: 0.01, format: (p) => fixed(p, 3) });
  const numbers = tiles({ nats: "Loss −ln p", bits: "The same in bits",
    choices: "As hard as guessing 1 of" });
  const live = liveRegion(scope);
  root.append(h("div", { class: "ltg-knobs" }, control.node), numbers.node,
    h("div", { class: "ltg-beside" }, picture.node, table.node), live.node);

  const paint = () => {
    const p = model.get("p");
    const { nats, bits, choices } = surprisal(p);
    numbers.set({ nats: `${fixed(nats)} nats`, bits: `${fixed(bits)} bits`,
      choices: fixed(choices, choices < 10 ? 1 : 0) });
    picture.update(p);
    table.show(p);
    live.say(`p ${fixed(p, 2)}: loss ${fixed(nats)} nats, ${fixed(bits)} bits`);
  };
  scope.watch(model, ["p"], paint);
  paint();
  return scope.close;
}

export default { render };
