import {
  boundCheck, button, fitted, fixed, frame, h, keyTo, liveRegion, openScope, pathThrough,
  put, slider, svg, tiles,
} from "./base.js";

const PAD = 26;
const FLATNESS = 0.66; // height of the map by its width, but never above TALLEST
const TALLEST = 400;
const SIZE = 9; // half the width of a marker
const SECONDS = 6; // how long the whole training takes to play
const SHAPES = ["a circle", "a square", "a diamond", "a triangle"];

const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);

/**
 * How far apart the members of each group are, and how far from everyone else: the mean
 * distances { group: [within, outside] }, null where there is no pair.
 */
export function closeness(points, groups) {
  const mean = (all) => (all.length ? all.reduce((a, b) => a + b, 0) / all.length : null);
  const found = {};
  for (const group of new Set(groups)) {
    const within = [];
    const outside = [];
    points.forEach((a, i) => points.forEach((b, j) => {
      if (groups[i] !== group) return;
      if (groups[j] !== group) outside.push(distance(a, b));
      else if (i < j) within.push(distance(a, b));
    }));
    found[group] = [mean(within), mean(outside)];
  }
  return found;
}

/** One scale for both axes and all snapshots, so that distances can be compared. */
export function fitView(snapshots, width, height, pad) {
  const all = snapshots.flat();
  const [xs, ys] = [all.map((p) => p[0]), all.map((p) => p[1])];
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [low, high] = [Math.min(...ys), Math.max(...ys)];
  const scale = Math.min((width - 2 * pad) / (right - left || 1),
    (height - 2 * pad) / (high - low || 1));
  const [midX, midY] = [(left + right) / 2, (low + high) / 2];
  return { place: ([x, y]) => [width / 2 + (x - midX) * scale,
    height / 2 - (y - midY) * scale], scale };
}

/** The outline of a group's marker around (0, 0). */
function outline(kind) {
  const s = SIZE;
  return [
    `M${-s} 0a${s} ${s} 0 1 0 ${2 * s} 0a${s} ${s} 0 1 0 ${-2 * s} 0Z`,
    `M${1 - s} ${1 - s}h${2 * s - 2}v${2 * s - 2}h${2 - 2 * s}Z`,
    `M0 ${-s - 3}L${s + 3} 0L0 ${s + 3}L${-s - 3} 0Z`,
    `M0 ${-s - 3}L${s + 3} ${s - 2}H${-s - 3}Z`,
  ][kind];
}

const legend = (kinds) => keyTo(kinds.map((group, kind) => [
  svg("svg", { viewBox: "-16 -16 32 32", width: 20, height: 20, "aria-hidden": "true" },
    svg("path", { d: outline(kind), class: `ltg-em-mark ltg-em-${kind}` })), group]));

/** The letters at their places, with the paths they came along. */
function letterMap(snapshots, labels, kinds, groups, width) {
  const height = Math.round(Math.min(TALLEST, Math.max(230, FLATNESS * width)));
  const { place: placed } = fitView(snapshots, width, height, PAD);
  const tracks = labels.map((_, i) => snapshots.map((points) => placed(points[i])));
  const paths = labels.map((_, i) => svg("path", {
    class: `ltg-em-path ltg-em-${kinds.indexOf(groups[i])}` }));
  const marks = labels.map((_, i) => {
    const kind = kinds.indexOf(groups[i]);
    return svg("path", { d: outline(kind), class: `ltg-em-mark ltg-em-${kind}` });
  });
  // all letters lie above all markers, so that a crowd stays readable
  const texts = labels.map((text) => svg("text", { class: "ltg-em-letter", y: 4.5, text }));
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img",
    class: "ltg-em-map" }, svg("rect", { class: "ltg-em-ground", width, height, rx: 8 }), ...paths, ...marks, ...texts);
  const update = (index, withPaths, spoken) => {
    const points = snapshots[index].map(placed);
    points.forEach(([x, y], i) => {
      const shift = `translate(${x.toFixed(1)} ${y.toFixed(1)})`;
      marks[i].setAttribute("transform", shift);
      texts[i].setAttribute("transform", shift);
    });
    paths.forEach((path, i) => path.setAttribute("d",
      withPaths && index ? pathThrough(tracks[i].slice(0, index + 1)) : ""));
    picture.setAttribute("aria-label", spoken);
  };
  return { node: picture, update };
}

/** Calls `advance` at an even pace until it says stop; returns { start, stop, on }. */
function player(scope, pause, advance, onChange) {
  let timer = 0;
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    onChange(false);
  };
  scope.onClose(() => clearInterval(timer));
  return {
    start() {
      timer = setInterval(() => { if (!advance()) stop(); }, pause);
      onChange(true);
    },
    stop,
    on: () => timer !== 0,
  };
}

function render({ model, el }) {
  const scope = openScope();
  const snapshots = model.get("snapshots");
  const steps = model.get("steps");
  const labels = model.get("labels");
  const groups = model.get("groups");
  const kinds = [...new Set(groups)];
  const last = snapshots.length - 1;
  const root = frame(el, { name: "embedding-map", title: "Where does the model put each "
    + "letter?", hint: "Every letter is a point the model may move. Press Play, or slide "
    + "through the training from its start. Do letters of one kind end up together?" });
  const go = (index) => put(model, { index });
  const map = fitted(scope, (width) => letterMap(snapshots, labels, kinds, groups, width));
  const live = liveRegion(scope);
  const facts = tiles(Object.fromEntries(kinds.map((group) => [group, group])));
  const factsTitle = h("p", { class: "ltg-em-facts",
    text: "Mean distance to the letters of the same kind / to all others:" });
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const play = button(scope, "Play", () => (show.on() ? show.stop() : begin()));
  const show = player(scope, (1000 * SECONDS) / (last + 1), () => {
    go(Math.min(last, model.get("index") + 1));
    return model.get("index") < last;
  }, (on) => { play.textContent = on ? "Pause" : "Play"; });
  const begin = () => {
    if (model.get("index") >= last) go(0);
    show.start();
  };
  const knob = slider(scope, { label: "Training step", min: 0, max: last, step: 1,
    value: 0, format: (i) => String(steps[i]), low: "before training",
    high: "after training",
    onInput: (index) => {
      if (show.on()) show.stop();
      go(index);
    } });
  const choice = boundCheck(scope, model, "paths", "show the paths");
  const paint = () => {
    const index = model.get("index");
    const far = Object.entries(closeness(snapshots[index], groups));
    const text = (value) => (value === null ? "\u2013" : fixed(value));
    knob.set(index);
    facts.set(Object.fromEntries(far.map(([group, [within, outside]]) => [group,
      `${text(within)} / ${text(outside)}`])));
    const spoken = `Step ${steps[index]}: ${far.map(([group, [within, outside]]) => `mean `
      + `distance of ${group} letters to each other ${text(within)}, to the rest `
      + text(outside)).join("; ")}`;
    map.update(index, model.get("paths"), `Map of ${labels.length} letters. `
      + `${kinds.map((group, kind) => `${group} is ${SHAPES[kind]}`).join(", ")}. ${spoken}.`);
    live.say(spoken);
  };
  // someone who asked for less motion gets the slider, not the film
  if (calm) play.hidden = true;
  root.append(h("div", { class: "ltg-knobs" }, knob.node,
    h("div", { class: "ltg-row ltg-em-controls" }, play, choice, legend(kinds))),
  h("div", { class: "ltg-sides" }, map.node, h("div", {}, factsTitle, facts.node)), live.node);
  scope.watch(model, ["index", "paths"], paint);
  paint();
  return scope.close;
}

export default { render };
