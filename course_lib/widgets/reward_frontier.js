import {
  boundSlider, fitted, fixed, frame, h, liveRegion, openScope, svg, tiles,
} from "./base.js";
import { niceTicks } from "./curves.js";

const FIELD = { left: 46, right: 22, top: 34, bottom: 44, height: 286 };
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
const lineOf = (places) => places.map(([x, y], i) =>
  `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

/** What the two lines are called: the second is there if training raised another one. */
const namesOf = (anyHacked) => (anyHacked ? ["true taste", "reward model"] : ["reward"]);

/** Axes, grid and legend; what does not change. */
function ground(x, y, most, [low, high], anyHacked, width) {
  const [end, base] = [width - FIELD.right, FIELD.height - FIELD.bottom];
  const [own, other] = namesOf(anyHacked);
  const parts = niceTicks(low, high, 5).flatMap((reward) => [
    svg("line", { class: "ltg-grid", x1: FIELD.left, x2: end, y1: y(reward), y2: y(reward) }),
    svg("text", { class: "ltg-scale", x: FIELD.left - 6, y: y(reward) + 4,
      text: fixed(reward, high - low < 3 ? 1 : 0) })]);
  parts.push(...klTicks(most, 34 / (end - FIELD.left)).map((kl) => svg("text", { class: "ltg-rf-tick", x: x(kl),
    y: base + 17, text: String(Number(kl.toPrecision(1))) })));
  parts.push(
    svg("line", { class: "ltg-axis", x1: FIELD.left, x2: end, y1: base, y2: base }),
    svg("text", { class: "ltg-rf-tick", x: (FIELD.left + end) / 2, y: base + 38,
      text: width < NARROW ? "KL from the start (nats)"
        : "KL from the start (nats per answer, root scale)" }),
    svg("circle", { class: "ltg-rf-dot", cx: FIELD.left + 6, cy: 12, r: 5 }),
    svg("text", { class: "ltg-rf-key", x: FIELD.left + 18, y: 16, text: own }));
  if (anyHacked) {
    parts.push(svg("rect", { class: "ltg-rf-square", x: FIELD.left + 90, y: 7.5, width: 9,
      height: 9 }), svg("text", { class: "ltg-rf-key", x: FIELD.left + 106, y: 16,
      text: other }));
  }
  return parts;
}

/** The scatter; a click chooses the nearest point. */
function scatter(scope, points, pick, width) {
  const most = mostKl(points.map((point) => point.kl));
  const hacked = points.filter((point) => point.hacked !== null);
  const range = rewardRange([...points.map((point) => point.reward),
    ...hacked.map((point) => point.hacked)]);
  const base = FIELD.height - FIELD.bottom;
  const x = (kl) => FIELD.left + klShare(kl, most) * (width - FIELD.left - FIELD.right);
  const y = (reward) => base - (reward - range[0]) / (range[1] - range[0]) * (base - FIELD.top);
  const places = points.map((point) => [x(point.kl), y(point.reward)]);
  const squares = hacked.map((point) => [x(point.kl), y(point.hacked)]);
  const texts = points.map(() => svg("text", { class: "ltg-rf-label" }));
  const cursor = svg("line", { class: "ltg-rf-cursor", y1: FIELD.top, y2: base });
  const mark = svg("path", { class: "ltg-rf-mark" });
  const ring = svg("rect", { class: "ltg-rf-ring", width: 19, height: 19 });
  const node = svg("svg", { viewBox: `0 0 ${width} ${FIELD.height}`, role: "img",
    class: "ltg-rf-chart" }, ...ground(x, y, most, range, hacked.length > 0, width), cursor,
  svg("path", { class: "ltg-rf-hacked", d: lineOf(squares) }),
  svg("path", { class: "ltg-rf-line", d: lineOf(places) }),
  ...squares.map(([cx, cy]) => svg("rect", { class: "ltg-rf-square", x: cx - 4.5,
    y: cy - 4.5, width: 9, height: 9 })),
  ...places.map(([cx, cy]) => svg("circle", { class: "ltg-rf-dot", cx, cy, r: 5 })),
  ring, mark, ...texts);
  scope.listen(node, "click", (event) => {
    const box = node.getBoundingClientRect();
    const spot = [(event.clientX - box.left) / box.width * width,
      (event.clientY - box.top) / box.height * FIELD.height];
    const found = nearest([...places, ...squares], spot);
    pick(found < places.length ? found : points.indexOf(hacked[found - places.length]));
  });
  const update = (at, spoken) => {
    const [cx, cy] = places[at];
    mark.setAttribute("d", diamond(cx, cy, 9));
    cursor.setAttribute("x1", cx);
    cursor.setAttribute("x2", cx);
    const value = points[at].hacked;
    ring.style.display = value === null ? "none" : "";
    ring.setAttribute("x", cx - 9.5);
    ring.setAttribute("y", y(value ?? 0) - 9.5);
    const labels = points.map((point, i) => [...places[i],
      i === at ? `β = ${point.name}` : point.name]);
    const order = [at, ...points.keys()].filter((i, rank) => rank === 0 || i !== at);
    const free = fittingLabels(labels, [...places, ...squares], order,
      [FIELD.left, width]);
    texts.forEach((text, i) => {
      text.textContent = free[i] ? labels[i][2] : "";
      text.setAttribute("class", `ltg-rf-label${i === at ? " ltg-rf-chosen" : ""}`);
      text.setAttribute("x", free[i]?.[0] ?? 0);
      text.setAttribute("y", free[i]?.[1] ?? 0);
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
  const picture = fitted(scope, (width) => scatter(scope, points, (at) => {
    model.set("at", at);
    model.save_changes();
  }, width));
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
