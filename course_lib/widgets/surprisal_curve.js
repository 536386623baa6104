import {
  boundSlider, fitted, fixed, frame, h, liveRegion, openScope, svg, tiles, toBits,
} from "./base.js";

/** The loss of one prediction: nats, bits, and "as hard as 1 of so many". */
export function surprisal(p) {
  const nats = -Math.log(p) + 0; // + 0 turns -0 into 0
  return { nats, bits: toBits(nats), choices: 1 / p };
}

const HEIGHT = 290;
const LEFT = 40;
const MARGIN = 40; // on the right
const TOP = 30;
const FLOOR = HEIGHT - 42;
const scaleOf = (width) => (p) => LEFT + p * (width - MARGIN - LEFT);
const yOf = (nats, most) => FLOOR - Math.min(1, nats / most) * (FLOOR - TOP);

/** Whole bits that fit on an axis of so many nats: "half as likely" is 1 bit more. */
export function wholeBits(most) {
  const last = Math.floor(toBits(most) + 1e-9);
  const step = last > 9 ? 2 : 1;
  return Array.from({ length: Math.floor(last / step) + 1 }, (_, i) => i * step);
}

function curvePath(most, xOf) {
  const points = [];
  for (let x = 0; x <= 1; x += 0.005) {
    const p = Math.exp(-most) + x * x * (1 - Math.exp(-most)); // dense where it is steep
    points.push(`${xOf(p).toFixed(2)},${yOf(surprisal(p).nats, most).toFixed(2)}`);
  }
  points.push(`${xOf(1)},${FLOOR}`);
  return `M${points.join("L")}`;
}

function axes(most, xOf) {
  const right = xOf(1);
  const text = (x, y, words, anchor) => svg("text", {
    x, y, text: words, "text-anchor": anchor, class: "ltg-tick" });
  const parts = [];
  for (let nats = 0; nats <= most; nats += most > 6 ? 2 : 1) {
    const y = yOf(nats, most);
    parts.push(svg("line", { x1: LEFT, x2: right, y1: y, y2: y, class: "ltg-grid" }),
      text(LEFT - 7, y + 4, String(nats), "end"));
  }
  for (const bits of wholeBits(most)) {
    const y = yOf(bits * Math.LN2, most);
    parts.push(svg("line", { x1: right, x2: right + 5, y1: y, y2: y, class: "ltg-axis" }),
      text(right + 9, y + 4, String(bits), "start"));
  }
  for (const p of [0, 0.25, 0.5, 0.75, 1]) {
    parts.push(text(xOf(p), FLOOR + 17, String(p), "middle"));
  }
  parts.push(text(LEFT - 7, TOP - 16, "nats", "end"),
    text(right + 9, TOP - 16, "bits", "start"),
    text((LEFT + right) / 2, FLOOR + 35, right < 300 ? "p of what came" : "p, the probability of what really came",
      "middle"));
  return svg("g", {}, ...parts);
}

function drawing(most, marks, width) {
  const xOf = scaleOf(width);
  const guide = svg("path", { class: "ltg-guide" });
  const point = svg("circle", { r: 8, class: "ltg-point" });
  const dots = marks.map((p) => svg("circle", {
    cx: xOf(p), cy: yOf(surprisal(p).nats, most), r: 3.5, class: "ltg-dot" }));
  const picture = svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img",
    class: "ltg-curve-picture" }, axes(most, xOf),
  svg("path", { d: curvePath(most, xOf), class: "ltg-curve" }), guide, ...dots, point);
  const update = (p) => {
    const { nats, bits } = surprisal(p);
    const [x, y] = [xOf(p), yOf(nats, most)];
    guide.setAttribute("d", `M${LEFT},${y}H${x}V${FLOOR}`);
    point.setAttribute("cx", x);
    point.setAttribute("cy", y);
    picture.setAttribute("aria-label", "Curve of the loss, minus the logarithm of p: "
      + `0 at p = 1 and rising without end towards p = 0. The point is at p = `
      + `${fixed(p, 3)}, ${fixed(nats)} nats or ${fixed(bits)} bits.`);
  };
  return { node: picture, update };
}

function dragging(scope, { node: picture, room }, setP) {
  let held = false;
  const move = (event) => {
    if (!held) return;
    const box = picture.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * room();
    const p = (x - LEFT) / (scaleOf(room())(1) - LEFT);
    setP(Math.min(1, Math.max(0.01, Math.round(100 * p) / 100)));
  };
  scope.listen(picture, "pointerdown", (event) => {
    held = true;
    picture.setPointerCapture(event.pointerId);
    move(event);
  });
  scope.listen(picture, "pointermove", move);
  for (const end of ["pointerup", "pointercancel"]) {
    scope.listen(picture, end, () => { held = false; });
  }
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
    const choose = h("button", { type: "button", class: "ltg-choose",
      "data-lm-suppress-shortcuts": "true", text: markText(p),
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
  const setP = (p) => {
    model.set("p", p);
    model.save_changes();
  };
  const most = Math.max(5, Math.ceil(surprisal(model.get("p")).nats));
  const picture = fitted(scope, (width) => drawing(most, marks, width));
  dragging(scope, picture, setP);
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
