import {
  boundSlider, button, fixed, frame, h, liveRegion, logSoftmax, openScope, plural,
  softmax, svg, tiles, uid,
} from "./base.js";

const MOST_STEPS = 200;
const ROW = 30;
const TOP = 30;
// [left, right] of the three pictures that share the rows, in SVG units
const PANES = { logit: [56, 246], prob: [276, 416], gradient: [440, 656] };

/** dL/dz of the loss -ln p(target): p - onehot. */
export function lossGradient(logits, target) {
  return softmax(logits).map((p, i) => p - (i === target ? 1 : 0));
}

/** The states before, between and after steps of z <- z - rate * (p - onehot). */
export function descend(logits, target, rates) {
  const history = [];
  let z = Array.from(logits, Number);
  for (let n = 0; ; n += 1) {
    const slope = lossGradient(z, target);
    history.push({
      logits: z, probs: softmax(z), gradient: slope, loss: -logSoftmax(z)[target],
    });
    if (n === rates.length) return history;
    z = z.map((value, i) => value - rates[n] * slope[i]);
  }
}

/** The logit axis: the smallest even number that holds all values. */
export function logitReach(history) {
  const most = Math.max(...history.flatMap(({ logits }) => logits.map(Math.abs)));
  return Math.max(4, 2 * Math.ceil(most / 2));
}

/** The arrow axis: the largest gradient so far, so that arrows visibly shrink. */
export function arrowReach(history) {
  return Math.max(0.05, ...history.flatMap((state) => state.gradient.map(Math.abs)));
}

function pane([left, right], title, note, height) {
  return svg("g", {},
    svg("text", { x: (left + right) / 2, y: 10, class: "ltg-gs-head", text: title }),
    svg("text", { x: (left + right) / 2, y: height - 4, class: "ltg-gs-foot",
      text: note }));
}

/** One row: a label, the logit bar, the probability bar, the gradient arrow. */
function rowParts(label, index, isTarget) {
  const y = TOP + index * ROW;
  const name = svg("text", { x: 48, y: y + 19, class: "ltg-gs-label",
    text: isTarget ? `\u25b8 ${label}` : label });
  const bar = (kind) => svg("rect", { y: y + 6, height: 18, rx: 2,
    class: `ltg-gs-${kind}` });
  const number = () => svg("text", { y: y + 19, class: "ltg-gs-number" });
  const parts = {
    logit: bar("logit"), next: bar("next"), logitText: number(),
    prob: bar(isTarget ? "target" : "prob"), probText: number(),
    arrow: svg("path", { class: "ltg-gs-arrow" }), arrowText: number(),
  };
  const band = svg("rect", { x: 0, y: y + 1, width: 656, height: ROW - 2, rx: 4,
    class: isTarget ? "ltg-gs-band" : "ltg-gs-noband" });
  return { ...parts, y, node: svg("g", {}, band, name, ...Object.values(parts)) };
}

function setBar(node, from, to) {
  node.setAttribute("x", Math.min(from, to));
  node.setAttribute("width", Math.max(Math.abs(to - from), 0.5));
}

function setText(node, x, text, anchor = "start") {
  node.setAttribute("x", x);
  node.style.textAnchor = anchor;
  node.textContent = text;
}

function paintLogit(parts, value, next, reach) {
  const [left, right] = PANES.logit;
  const zero = (left + right) / 2;
  const place = (z) => zero + (z / reach) * ((right - left) / 2 - 34);
  setBar(parts.logit, zero, place(value));
  setBar(parts.next, zero, place(Math.max(-reach, Math.min(reach, next))));
  const out = value < 0 ? Math.min(place(value), place(next)) - 5
    : Math.max(place(value), place(next), zero) + 5;
  setText(parts.logitText, out, fixed(value), value < 0 ? "end" : "start");
}

function paintProb(parts, p) {
  const [left, right] = PANES.prob;
  const tip = left + p * (right - left - 36);
  setBar(parts.prob, left, tip);
  setText(parts.probText, tip + 5, fixed(p));
}

function paintArrow(parts, slope, reach) {
  const [left, right] = PANES.gradient;
  const zero = (left + right) / 2;
  const tip = zero + (slope / reach) * ((right - left) / 2 - 42);
  const back = tip - Math.sign(slope) * Math.min(9, Math.abs(tip - zero));
  const y = parts.y + 15;
  parts.arrow.setAttribute("d", `M${zero} ${y - 2.5}H${back}V${y - 7}L${tip} ${y}L${back} `
    + `${y + 7}V${y + 2.5}H${zero}Z`);
  parts.arrow.classList.toggle("ltg-gs-down", slope < 0);
  const text = slope > 0 ? `+${fixed(slope)}` : fixed(slope);
  setText(parts.arrowText, tip + (slope < 0 ? -5 : 5), text, slope < 0 ? "end" : "start");
}

function table(labels, target) {
  const height = TOP + labels.length * ROW + 24;
  const picture = svg("svg", { viewBox: `0 0 660 ${height}`, role: "img",
    class: "ltg-gs-table" });
  const rows = labels.map((label, i) => rowParts(label, i, i === target));
  const axis = (x) => svg("line", { x1: x, x2: x, y1: TOP - 4,
    y2: TOP + labels.length * ROW + 2, class: "ltg-axis" });
  picture.append(
    pane(PANES.logit, "logits z", "dashed: after one more step", height),
    pane(PANES.prob, "probabilities p", "sum to 1", height),
    pane(PANES.gradient, "gradient p \u2212 onehot", "", height),
    ...rows.map((row) => row.node),
    axis((PANES.logit[0] + PANES.logit[1]) / 2), axis(PANES.prob[0]),
    axis((PANES.gradient[0] + PANES.gradient[1]) / 2));
  const foot = picture.querySelectorAll(".ltg-gs-foot")[2];
  const update = (history, rate) => {
    const now = history.at(-1);
    const next = now.logits.map((z, i) => z - rate * now.gradient[i]);
    const reach = logitReach([...history, { logits: next }]);
    const longest = arrowReach(history);
    rows.forEach((parts, i) => {
      paintLogit(parts, now.logits[i], next[i], reach);
      paintProb(parts, now.probs[i]);
      paintArrow(parts, now.gradient[i], longest);
    });
    const sum = now.gradient.reduce((a, b) => a + b, 0);
    foot.textContent = `arrows sum to ${fixed(sum)}`;
    picture.setAttribute("aria-label", labels.map((label, i) => `${label}: logit `
      + `${fixed(now.logits[i])}, probability ${fixed(now.probs[i])}, gradient `
      + `${fixed(now.gradient[i])}`).join("; "));
  };
  return { node: picture, update };
}

/** The loss after each step, as dots on a line that falls to 0. */
function lossCurve() {
  const [left, right, top, base] = [38, 600, 24, 100];
  const line = svg("path", { class: "ltg-gs-loss" });
  const dots = svg("g", { class: "ltg-gs-dots" });
  const note = svg("text", { class: "ltg-gs-number ltg-gs-strong" });
  const high = svg("text", { x: left - 6, y: top + 4, class: "ltg-gs-tick" });
  const last = svg("text", { x: right, y: base + 17, class: "ltg-gs-tick" });
  const picture = svg("svg", { viewBox: "0 0 660 122", role: "img" },
    svg("text", { x: left, y: 11, class: "ltg-gs-title",
      text: "loss \u2212ln p(target), in nats" }),
    svg("path", { d: `M${left} ${top - 4}V${base}H${right}`, class: "ltg-axis",
      fill: "none" }),
    svg("text", { x: left - 6, y: base + 4, class: "ltg-gs-tick", text: "0" }),
    svg("text", { x: left, y: base + 17, class: "ltg-gs-tick ltg-gs-first",
      text: "step 0" }),
    high, last, line, dots, note);
  const update = (losses) => {
    const steps = Math.max(10, losses.length - 1);
    const most = Math.max(...losses, 0.1);
    const x = (i) => left + ((right - left) * i) / steps;
    const y = (loss) => base - ((base - top) * loss) / most;
    const points = losses.map((loss, i) => [x(i).toFixed(1), y(loss).toFixed(1)]);
    line.setAttribute("d", `M${points.map((point) => point.join(" ")).join("L")}`);
    dots.replaceChildren(...points.map(([cx, cy]) => svg("circle", { cx, cy, r: 3 })));
    const [endX, endY] = points.at(-1).map(Number);
    setText(note, endX + 8, fixed(losses.at(-1)));
    note.setAttribute("y", Math.min(endY + 4, base - 5));
    high.textContent = fixed(most);
    last.textContent = `step ${steps}`;
    picture.setAttribute("aria-label", `Loss by step: ${losses.map((loss) => fixed(loss))
      .join(", ")}`);
  };
  return { node: picture, update };
}

function render({ model, el }) {
  const scope = openScope();
  const labels = model.get("labels");
  const target = model.get("target");
  const root = frame(el, {
    name: "gradient-steps",
    title: `How does measuring make it better? The answer is \u201c${labels[target]}\u201d`,
    hint: "Each step moves every logit against its arrow: z \u2190 z \u2212 rate \u00d7 "
      + "(p \u2212 onehot).",
  });
  const rows = table(labels, target);
  const curve = lossCurve();
  const live = liveRegion(scope);
  const facts = tiles({ step: "steps taken", p: `p(${labels[target]})`,
    loss: "loss", sum: "gradient at the target" });
  const put = (rates) => {
    model.set("rates", rates);
    model.save_changes();
  };
  const ahead = (n) => () => {
    const rates = model.get("rates");
    const more = Math.min(n, MOST_STEPS - rates.length);
    put([...rates, ...Array(more).fill(model.get("learning_rate"))]);
  };
  const one = button(scope, "One step", ahead(1));
  const ten = button(scope, "10 steps", ahead(10));
  const back = button(scope, "Step back", () => put(model.get("rates").slice(0, -1)));
  const reset = button(scope, "Reset", () => put([]));
  const most = Math.max(5, Math.ceil(model.get("learning_rate")));
  const knob = boundSlider(scope, model, "learning_rate", {
    label: "Learning rate", min: 0.1, max: most, step: 0.1, format: (x) => fixed(x, 1),
    low: "small steps", high: "big steps",
  });
  const paint = () => {
    const rates = model.get("rates");
    const history = descend(model.get("logits"), target, rates);
    const { probs, loss, gradient } = history.at(-1);
    rows.update(history, model.get("learning_rate"));
    curve.update(history.map((state) => state.loss));
    facts.set({ step: String(rates.length), p: fixed(probs[target]),
      loss: `${fixed(loss)} nats`, sum: fixed(gradient[target]) });
    const full = rates.length >= MOST_STEPS;
    // aria-disabled keeps the focus where it is when a button has nothing left to do
    for (const [node, off] of [[one, full], [ten, full], [back, !rates.length],
      [reset, !rates.length]]) node.setAttribute("aria-disabled", String(off));
    live.say(`After ${plural(rates.length, "step")}: probability of ${labels[target]} `
      + `${fixed(probs[target])}, loss ${fixed(loss)} nats`);
  };
  root.append(knob.node,
    h("div", { class: "ltg-row", role: "group", "aria-label": "Steps", id: uid("steps") },
      one, ten, back, reset), facts.node, rows.node, curve.node, live.node);
  scope.watch(model, ["rates", "learning_rate"], paint);
  paint();
  return scope.close;
}

export default { render };
