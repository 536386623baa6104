import {
  boundSlider, fitted, fixed, frame, h, linear, liveRegion, openScope, pathThrough, place,
  plot, pointIn, put, svg, tiles,
} from "./base.js";
import { niceTicks } from "./curves.js";

const TALL = 286;
const BOX = { left: 46, top: 34, base: TALL - 44 };
const MARGIN = 22; // on the right
const NARROW = 460;
const TICK_GAP = 0.08;

/** Where a KL stands on an axis from 0 to `most`, which grows like its root. */
export const klShare = (kl, most) => Math.sqrt(Math.max(0, kl) / most);

/** The end of the axis of KL. */
export function mostKl(values) {
  const most = Math.max(...values);
  return most > 0 ? 1.05 * most : 1;
}

/** 0 and numbers of the row 1, 2, 5, 10 ... up to `most`, none too close together. */
export function klTicks(most, gap = TICK_GAP) {
  const top = Math.floor(Math.log10(most));
  const ticks = [0];
  let last = 1 + 2 * gap;
  for (let power = top; power > top - 4; power -= 1) {
    for (const tick of [5, 2, 1].map((m) => m * 10 ** power)) {
      const at = klShare(tick, most);
      if (at <= 1 && last - at >= gap && at >= gap) {
        ticks.push(tick);
        last = at;
      }
    }
  }
  return ticks.sort((a, b) => a - b);
}

/** The ends of the axis of rewards, with some room. */
export function rewardRange(rewards) {
  const [low, high] = [Math.min(...rewards), Math.max(...rewards)];
  const room = Math.max(0.5, 0.08 * (high - low));
  return [low - room, high + room];
}

/** The index of the place [x, y] that is nearest. */
export function nearest(places, [x, y]) {
  const far = places.map(([px, py]) => (px - x) ** 2 + (py - y) ** 2);
  return far.indexOf(Math.min(...far));
}

/**
 * Which of the labels [x, y, text] fit above or below their points: [x, y] or null.
 * The first is always shown, above if it touches something at either side; each other
 * one only where it touches nothing.
 */
export function fittingLabels(labels, points, order, [left, right]) {
  const taken = points.map(([x, y]) => [x - 7, x + 7, y - 7, y + 7]);
  const placed = labels.map(() => null);
  order.forEach((i, rank) => {
    const [x, y, text] = labels[i];
    const half = 4 + 3.6 * text.length;
    const at = Math.max(left + half, Math.min(right - half, x));
    const boxAt = (base) => [at - half, at + half, base - 11, base + 3];
    const touches = (box) => taken.some(([a, b, c, d], k) => k !== i && a < box[1]
      && b > box[0] && c < box[3] && d > box[2]);
    const bases = [y - 12, y + 22];
    const base = bases.find((one) => !touches(boxAt(one))) ?? (rank ? null : bases[0]);
    if (base === null) return;
    taken.push(boxAt(base));
    placed[i] = [at, base];
  });
  return placed;
}

const diamond = (x, y, r) => `M${x} ${y - r}L${x + r} ${y}L${x} ${y + r}L${x - r} ${y}Z`;

/** What the two lines are called: the second is there if training raised another one. */
const namesOf = (anyHacked) => (anyHacked ? ["true taste", "reward model"] : ["reward"]);

/** Axes, grid and legend; what does not change. */
function ground({ words, line, rows, columns }, most, [low, high], anyHacked, width) {
  const { left, base } = BOX;
  const end = width - MARGIN;
  const [own, other] = namesOf(anyHacked);
  const key = (x, text) => svg("text", { x, y: 16, text });
  return [...rows(niceTicks(low, high, 5), (reward) => fixed(reward, high - low < 3 ? 1 : 0)),
    ...columns(klTicks(most, 34 / (end - left)), (kl) => String(Number(kl.toPrecision(1)))),
    line(base, "ltg-axis"),
    words((left + end) / 2, base + 38, width < NARROW ? "KL from the start (nats)"
      : "KL from the start (nats per answer, root scale)"),
    svg("circle", { class: "ltg-rf-dot", cx: left + 6, cy: 12, r: 5 }), key(left + 18, own),
    ...(anyHacked ? [svg("rect", { class: "ltg-rf-square", x: left + 90, y: 7.5, width: 9,
      height: 9 }), key(left + 106, other)] : [])];
}

/** The scatter; a click chooses the nearest point. */
function scatter(scope, points, pick, width) {
  const most = mostKl(points.map((point) => point.kl));
  const hacked = points.filter((point) => point.hacked !== null);
  const range = rewardRange([...points.map((point) => point.reward),
    ...hacked.map((point) => point.hacked)]);
  const chart = plot({ ...BOX, right: width - MARGIN, x: (kl) => klShare(kl, most),
    y: linear(...range) });
  const { x, y } = chart;
  const places = points.map((point) => [x(point.kl), y(point.reward)]);
  const squares = hacked.map((point) => [x(point.kl), y(point.hacked)]);
  const texts = points.map(() => svg("text", {}));
  const cursor = svg("line", { class: "ltg-guide", y1: BOX.top, y2: BOX.base });
  const mark = svg("path", { class: "ltg-mark" });
  const ring = svg("rect", { class: "ltg-rf-ring", width: 19, height: 19 });
  const node = svg("svg", { viewBox: `0 0 ${width} ${TALL}`, role: "img",
    class: "ltg-rf-chart" }, ...ground(chart, most, range, hacked.length > 0, width), cursor,
  svg("path", { class: "ltg-rf-hacked", d: squares.length ? pathThrough(squares) : null }),
  svg("path", { class: "ltg-rf-line", d: pathThrough(places) }),
  ...squares.map(([cx, cy]) => svg("rect", { class: "ltg-rf-square", x: cx - 4.5,
    y: cy - 4.5, width: 9, height: 9 })),
  ...places.map(([cx, cy]) => svg("circle", { class: "ltg-rf-dot", cx, cy, r: 5 })),
  ring, mark, ...texts);
  scope.listen(node, "click", (event) => {
    const found = nearest([...places, ...squares], pointIn(node, event));
    pick(found < places.length ? found : points.indexOf(hacked[found - places.length]));
  });
  const update = (at, spoken) => {
    const [cx, cy] = places[at];
    mark.setAttribute("d", diamond(cx, cy, 9));
    place(cursor, { x1: cx, x2: cx });
    const value = points[at].hacked;
    ring.style.display = value === null ? "none" : "";
    place(ring, { x: cx - 9.5, y: y(value ?? 0) - 9.5 });
    const labels = points.map((point, i) => [...places[i],
      i === at ? `β = ${point.name}` : point.name]);
    const order = [at, ...points.keys()].filter((i, rank) => rank === 0 || i !== at);
    const free = fittingLabels(labels, [...places, ...squares], order,
      [BOX.left, width]);
    texts.forEach((text, i) => {
      text.textContent = free[i] ? labels[i][2] : "";
      place(text, { class: `ltg-rf-label ltg-over${i === at ? " ltg-rf-chosen" : ""}`,
        x: free[i]?.[0] ?? 0, y: free[i]?.[1] ?? 0 });
    });
    node.setAttribute("aria-label", spoken);
  };
  return { node, update };
}

function render({ model, el }) {
  const scope = openScope();
  const points = model.get("points");
  const root = frame(el, { name: "reward-frontier", title: "What a longer leash buys",
    hint: "Each point is a model trained with another β, the price of moving away from "
      + "the start. Slide, or choose a point, and read what that model says." });
  const names = points.map((point) => point.name);
  const beta = boundSlider(scope, model, "at", { label: "Leash β", min: 0,
    max: points.length - 1, step: 1, format: (i) => `β = ${names[i]}`,
    low: `${names[0]}: tight`, high: `${names.at(-1)}: loose` });
  const anyHacked = points.some((point) => point.hacked !== null);
  const [own, other] = namesOf(anyHacked);
  const facts = tiles({ beta: "β", reward: own, kl: "KL from the start",
    ...(anyHacked ? { hacked: other } : {}) });
  const picture = fitted(scope, (width) => scatter(scope, points,
    (at) => put(model, { at }), width));
  const who = h("p", { class: "ltg-rf-who" });
  const says = h("ul", { class: "ltg-rf-samples", "aria-label": "What it says" });
  const live = liveRegion(scope);
  root.append(h("div", { class: "ltg-knobs" }, beta.node, facts.node), h("div", {
    class: "ltg-sides" }, picture.node, h("div", {}, who, says)), live.node);
  const paint = () => {
    const at = model.get("at");
    const { name, reward, kl, samples, hacked } = points[at];
    facts.set({ beta: name, reward: fixed(reward), kl: `${fixed(kl)} nats`,
      ...(anyHacked ? { hacked: hacked === null ? "\u2013" : fixed(hacked) } : {}) });
    const said = `β ${name}: ${own} ${fixed(reward)}, KL ${fixed(kl)} nats`
      + `${hacked === null ? "" : `, ${other} ${fixed(hacked)}`}`;
    picture.update(at, said);
    who.textContent = samples.length ? `With β = ${name} it says:` : "";
    says.replaceChildren(...samples.map((text) => h("li", { text })));
    live.say(`${said}. ${samples.length ? `It says: ${samples.join(" / ")}` : ""}`);
  };
  scope.watch(model, ["at"], paint);
  paint();
  return scope.close;
}

export default { render };
