import {
  button, fitted, fixed, frame, h, liveRegion, openScope, percent, place, put, slider,
  svg, tiles,
} from "./base.js";
import { chart, growing, loss2, pathOf, pointAt } from "./curves.js";

const SMALL = { left: 4, right: 8, top: 24, bottom: 74, height: 80 };

/** A number in three digits: 0.00512, 0.731, 12.4. */
export function digits3(x) {
  if (x === null) return "not a number";
  if (x === 0) return "0";
  const size = Math.floor(Math.log10(Math.abs(x)));
  return fixed(x, Math.max(0, Math.min(6, 2 - size)));
}

/** The newest [step, text] at or before `step`; null where there is none. */
export const sampleAt = pointAt;

/** The step of the nearest sample before (way -1) or after (way 1) `step`; or null. */
export function nextSample(samples, step, way) {
  const steps = samples.map(([at]) => at).filter((at) => way * (at - step) > 0);
  if (!steps.length) return null;
  return way < 0 ? Math.max(...steps) : Math.min(...steps);
}

/** A small curve from 0 up, its value at the cursor in the heading. */
function smallChart(name, total, width) {
  const end = width - SMALL.right;
  const title = svg("text", { class: "ltg-td-name", x: SMALL.left, y: 14 });
  const path = svg("path", { class: "ltg-td-curve" });
  const dot = svg("circle", { class: "ltg-tc-dot ltg-tc-dot-0", r: 4 });
  const cursor = svg("line", { class: "ltg-tc-cursor", y1: SMALL.top - 4,
    y2: SMALL.bottom });
  const node = svg("svg", { viewBox: `0 0 ${width} ${SMALL.height}`, role: "img" },
    svg("path", { class: "ltg-axis", fill: "none",
      d: `M${SMALL.left} ${SMALL.bottom}H${end}` }), title, path, cursor, dot);
  const update = (points, at) => {
    const most = Math.max(...points.map(([, value]) => value ?? 0)) || 1;
    const x = (step) => SMALL.left + ((end - SMALL.left) * step) / total;
    const y = (value) => SMALL.bottom - ((SMALL.bottom - SMALL.top) * value) / most;
    const point = pointAt(points, at);
    const told = point ? digits3(point[1]) : "–";
    title.textContent = `${name} ${told}${width < 250 ? "" : ` (highest ${digits3(most)})`}`;
    path.setAttribute("d", pathOf(points, x, y));
    place(cursor, { x1: x(at), x2: x(at) });
    dot.toggleAttribute("hidden", !point || point[1] === null);
    place(dot, { cx: x(point ? point[0] : 0), cy: y(point?.[1] ?? 0) });
    node.setAttribute("aria-label", `Curve of the ${name}: ${told} at step ${at}, highest `
      + digits3(most));
  };
  return { node, update };
}

const LOSSES = ["train", "held out"];
const OTHERS = ["learning rate", "gradient norm"];

/** What the tiles say at a step. */
function tileTexts(read, floor, speed) {
  const loss = (point) => (point ? loss2(point[1]) : "–");
  const held = read("held out");
  return {
    train: loss(read("train")),
    held: loss(held),
    above: held && held[1] !== null && floor ? percent(held[1] / floor - 1, 0) : "–",
    speed: speed ? Math.round(speed).toLocaleString("en-US") : "–",
  };
}

function controls(scope, model, total, samplesOf, placeOf) {
  const look = (step) => put(model, { look: step });
  const knob = slider(scope, { label: "Look at step", min: 0, max: total, step: 1,
    value: 0, onInput: look, low: "start", high: "end" });
  const jump = (way) => () => {
    const step = nextSample(samplesOf(), placeOf(), way);
    if (step !== null) look(step);
  };
  const earlier = button(scope, "◀ Earlier sample", jump(-1));
  const later = button(scope, "Later sample ▶", jump(1));
  const follow = button(scope, "Follow the newest", () => look(null));
  const node = h("div", { class: "ltg-td-controls ltg-knobs" }, knob.node,
    h("div", { class: "ltg-row" }, earlier, later, follow));
  const update = (at) => {
    knob.set(at);
    const off = (one, yes) => one.setAttribute("aria-disabled", String(yes));
    off(earlier, nextSample(samplesOf(), at, -1) === null);
    off(later, nextSample(samplesOf(), at, 1) === null);
    off(follow, model.get("look") === null);
  };
  return { node, update };
}

function render({ model, el, store }) {
  const scope = openScope();
  const [total, floor] = [model.get("total_steps"), model.get("floor")];
  const root = frame(el, { name: "training-dashboard", title: "A training run",
    hint: "Losses in nats, lower is better; dashed grey lines are losses to compare with. "
      + "The slider walks back in time." });
  const bar = h("progress", { class: "ltg-tc-bar", max: total, "aria-label": "Training" });
  const status = h("p", { class: "ltg-tc-status" });
  const big = chart(scope, total, model.get("lines"), []);
  const small = OTHERS.map((name) => fitted(scope, (width) => smallChart(name, total, width)));
  const board = tiles({ train: "train loss", held: "held-out loss",
    above: "above the floor", speed: "tokens per second" });
  const heading = h("p", { class: "ltg-td-heading" });
  const text = h("p", { class: "ltg-td-sample" });
  const live = liveRegion(scope);
  let at = 0;
  const knobs = controls(scope, model, total, () => model.get("samples"), () => at);
  root.append(knobs.node, bar, status, h("div", { class: "ltg-sides" },
    h("div", {}, big.node, h("div", { class: "ltg-td-small" },
      ...small.map(({ node }) => node))),
    h("div", {}, board.node, heading, text)), live.node);

  const paintSample = () => {
    const sample = sampleAt(model.get("samples"), at);
    heading.textContent = sample ? `What it writes after ${sample[0]} steps`
      : "What it writes";
    text.textContent = sample ? sample[1] : "–";
    return sample ? `It writes: ${sample[1]}` : "";
  };
  const paintCurves = (curves, spoken) => {
    big.update(LOSSES.filter((name) => curves.has(name))
      .map((name) => ({ name, points: curves.get(name) })), at, spoken);
    OTHERS.forEach((name, i) => small[i].update(curves.get(name) ?? [], at));
  };
  let quarter = -1;
  const paint = () => {
    const curves = new Map(store.read().map(({ name, points }) => [name, points]));
    const newest = Math.max(0, ...[...curves.values()].map((points) => points.at(-1)[0]));
    at = model.get("look") ?? newest;
    const texts = tileTexts((name) => pointAt(curves.get(name) ?? [], at), floor,
      store.extras.speed);
    const done = model.get("finished");
    const spoken = `Step ${at} of ${total}: train ${texts.train}, held out ${texts.held}`
      + `${floor ? `, above the floor ${texts.above}` : ""}.`;
    status.textContent = done ? `Training has finished. ${spoken}` : newest
      ? `Training: step ${newest} of ${total}.` : "Training has not begun yet.";
    bar.value = newest;
    bar.hidden = done;
    board.set(texts);
    board.node.lastChild.hidden = !store.extras.speed;
    knobs.update(at);
    paintCurves(curves, `Loss curves. ${spoken}`);
    const writes = paintSample();
    const now = Math.floor((4 * newest) / total);
    if (now !== quarter || model.get("look") !== null) live.say(`${spoken} ${writes}`);
    quarter = now;
  };
  let due = 0;
  const soon = () => { due ||= requestAnimationFrame(() => { due = 0; paint(); }); };
  scope.onClose(() => cancelAnimationFrame(due));
  scope.onClose(store.join(soon));
  scope.watch(model, ["look", "finished", "samples"], soon);
  paint();
  return scope.close;
}

export default growing(render);
