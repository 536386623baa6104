import {
  boundSlider, button, fitted, fixed, frame, h, liveRegion, logSoftmax, openScope,
  pathThrough, plural, put, softmax, svg, tiles, uid,
} from "./base.js";

const MOST_STEPS = 200;
const ROW = 26;
const TOP = 26;
const FOOT = 22;
const NAMES = 52; // the room for the labels
const NARROW = 480; // below it the three pictures stand on top of each other

/** [left, right, top] of the three pictures, and the height of all, in SVG units. */
export function panesOf(width, n) {
  const tall = TOP + n * ROW + FOOT;
  if (width < NARROW) {
    const at = (i) => [NAMES, width - 4, i * tall];
    return { panes: { logit: at(0), prob: at(1), gradient: at(2) }, height: 3 * tall - 4 };
  }
  const x = (share) => NAMES + share * (width - NAMES - 4);
  return { panes: { logit: [x(0), x(0.32), 0], prob: [x(0.37), x(0.6), 0],
    gradient: [x(0.64), x(1), 0] }, height: tall };
}

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

function pane([left, right, top], title, note, n) {
  const foot = svg("text", { x: (left + right) / 2, y: top + TOP + n * ROW + 15,
    class: "ltg-gs-foot", text: note });
  const node = svg("g", {}, svg("text", { x: (left + right) / 2, y: top + 11,
    class: "ltg-gs-head", text: title }), foot);
  return { node, foot };
}

/** One row: labels, the logit bar, the probability bar, the gradient arrow. */
function rowParts(label, index, isTarget, { logit, prob, gradient }, width) {
  const bar = (kind, [, , top]) => svg("rect", { y: top + TOP + index * ROW + 4,
    height: ROW - 8, rx: 2, class: `ltg-gs-${kind}` });
  const number = ([, , top]) => svg("text", { y: top + TOP + index * ROW + 17,
    class: "ltg-gs-number" });
  const parts = {
    logit: bar("logit", logit), next: bar("next", logit), logitText: number(logit),
    prob: bar(isTarget ? "target" : "prob", prob), probText: number(prob),
    arrow: svg("path", { class: "ltg-gs-arrow" }), arrowText: number(gradient),
  };
  const tops = [...new Set([logit, prob, gradient].map(([, , top]) => top))];
  const named = tops.flatMap((top) => [
    svg("rect", { x: 0, y: top + TOP + index * ROW + 1, width, height: ROW - 2, rx: 4,
      class: isTarget ? "ltg-gs-band" : "ltg-gs-noband" }),
    svg("text", { x: NAMES - 8, y: top + TOP + index * ROW + 17, class: "ltg-gs-label",
      text: isTarget ? `\u25b8 ${label}` : label })]);
  const y = gradient[2] + TOP + index * ROW + ROW / 2;
  return { ...parts, y, node: svg("g", {}, ...named, ...Object.values(parts)) };
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

function paintLogit(parts, [left, right], value, next, reach) {
  const zero = (left + right) / 2;
  const place = (z) => zero + (z / reach) * ((right - left) / 2 - 38);
  setBar(parts.logit, zero, place(value));
  setBar(parts.next, zero, place(Math.max(-reach, Math.min(reach, next))));
  const out = value < 0 ? Math.min(place(value), place(next)) - 5
    : Math.max(place(value), place(next), zero) + 5;
  setText(parts.logitText, out, fixed(value), value < 0 ? "end" : "start");
}

function paintProb(parts, [left, right], p) {
  const tip = left + p * (right - left - 38);
  setBar(parts.prob, left, tip);
  setText(parts.probText, tip + 5, fixed(p));
}

function paintArrow(parts, [left, right], slope, reach) {
  const zero = (left + right) / 2;
  const tip = zero + (slope / reach) * ((right - left) / 2 - 44);
  const back = tip - Math.sign(slope) * Math.min(9, Math.abs(tip - zero));
  const { y } = parts;
  parts.arrow.setAttribute("d", `M${zero} ${y - 2.5}H${back}V${y - 7}L${tip} ${y}L${back} `
    + `${y + 7}V${y + 2.5}H${zero}Z`);
  parts.arrow.classList.toggle("ltg-gs-down", slope < 0);
  const text = slope > 0 ? `+${fixed(slope)}` : fixed(slope);
  setText(parts.arrowText, tip + (slope < 0 ? -5 : 5), text, slope < 0 ? "end" : "start");
}

function table(labels, target, width) {
  const n = labels.length;
  const { panes, height } = panesOf(width, n);
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img",
    class: "ltg-gs-table" });
  const rows = labels.map((label, i) => rowParts(label, i, i === target, panes, width));
  const axis = (x, top) => svg("line", { x1: x, x2: x, y1: top + TOP - 4,
    y2: top + TOP + n * ROW + 2, class: "ltg-axis" });
  const middle = ([left, right, top]) => axis((left + right) / 2, top);
  const last = pane(panes.gradient, "gradient p \u2212 onehot", "", n);
  picture.append(
    pane(panes.logit, "logits z", "dashed: after one more step", n).node,
    pane(panes.prob, "probabilities p", "sum to 1", n).node, last.node,
    ...rows.map((row) => row.node), middle(panes.logit),
    axis(panes.prob[0], panes.prob[2]), middle(panes.gradient));
  const update = (history, rate) => {
    const now = history.at(-1);
    const next = now.logits.map((z, i) => z - rate * now.gradient[i]);
    const reach = logitReach([...history, { logits: next }]);
    const longest = arrowReach(history);
    rows.forEach((parts, i) => {
      paintLogit(parts, panes.logit, now.logits[i], next[i], reach);
      paintProb(parts, panes.prob, now.probs[i]);
      paintArrow(parts, panes.gradient, now.gradient[i], longest);
    });
    const sum = now.gradient.reduce((a, b) => a + b, 0);
    last.foot.textContent = `arrows sum to ${fixed(sum)}`;
    picture.setAttribute("aria-label", labels.map((label, i) => `${label}: logit `
      + `${fixed(now.logits[i])}, probability ${fixed(now.probs[i])}, gradient `
      + `${fixed(now.gradient[i])}`).join("; "));
  };
  return { node: picture, update };
}

/** The loss after each step, as dots on a line that falls to 0. */
function lossCurve(width) {
  const [left, right, top, base] = [38, width - 48, 24, 88];
  const line = svg("path", { class: "ltg-gs-loss" });
  const dots = svg("g", { class: "ltg-gs-dots" });
  const note = svg("text", { class: "ltg-gs-number ltg-gs-strong" });
  const high = svg("text", { x: left - 6, y: top + 4, class: "ltg-gs-tick" });
  const last = svg("text", { x: right, y: base + 17, class: "ltg-gs-tick" });
  const empty = svg("text", { x: (left + right) / 2 + 20, y: (top + base) / 2 + 4,
    class: "ltg-gs-foot", text: "each step adds a point here" });
  const picture = svg("svg", { viewBox: `0 0 ${width} 110`, role: "img" },
    svg("text", { x: left, y: 11, class: "ltg-gs-title",
      text: "loss \u2212ln p(target), in nats" }),
    svg("path", { d: `M${left} ${top - 4}V${base}H${right}`, class: "ltg-axis",
      fill: "none" }),
    svg("text", { x: left - 6, y: base + 4, class: "ltg-gs-tick", text: "0" }),
    svg("text", { x: left, y: base + 17, class: "ltg-gs-tick ltg-gs-first",
      text: "step 0" }),
    high, last, line, dots, note, empty);
  const update = (losses) => {
    const steps = Math.max(10, losses.length - 1);
    const most = Math.max(...losses, 0.1);
    const x = (i) => left + ((right - left) * i) / steps;
    const y = (loss) => base - ((base - top) * loss) / most;
    const points = losses.map((loss, i) => [x(i), y(loss)]);
    line.setAttribute("d", pathThrough(points));
    dots.replaceChildren(...points.map(([cx, cy]) => svg("circle", { cx, cy, r: 3 })));
    const [endX, endY] = points.at(-1);
    setText(note, endX + 8, fixed(losses.at(-1)));
    note.setAttribute("y", Math.min(endY + 4, base - 5));
    empty.style.display = losses.length > 1 ? "none" : "";
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
  const rows = fitted(scope, (width) => table(labels, target, width));
  const curve = fitted(scope, lossCurve);
  const live = liveRegion(scope);
  const facts = tiles({ step: "steps taken", p: `p(${labels[target]})`,
    loss: "loss", sum: "gradient at the target" });
  const take = (rates) => put(model, { rates });
  const ahead = (n) => () => {
    const rates = model.get("rates");
    const more = Math.min(n, MOST_STEPS - rates.length);
    take([...rates, ...Array(more).fill(model.get("learning_rate"))]);
  };
  const one = button(scope, "One step", ahead(1));
  const ten = button(scope, "10 steps", ahead(10));
  const back = button(scope, "Step back", () => take(model.get("rates").slice(0, -1)));
  const reset = button(scope, "Reset", () => take([]));
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
  root.append(h("div", { class: "ltg-knobs" }, knob.node, h("div", { class: "ltg-row",
    role: "group", "aria-label": "Steps", id: uid("steps") }, one, ten, back, reset)),
  facts.node, rows.node, curve.node, live.node);
  scope.watch(model, ["rates", "learning_rate"], paint);
  paint();
  return scope.close;
}

export default { render };
