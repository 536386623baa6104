// The whole model as one picture: the sentence flows through it, lane by lane.
import { fitted, h, openScope, percent, pointIn, svg } from "../widgets/base.js";
import { laneAt, layoutOf } from "./whole_layout.js";
import { HEAD_DASHES, HEAD_NAMES, imageOf } from "./whole_pieces.js";
import { keyOf, partsOf, sizeOf, spokenName } from "./whole_reading.js";

const LABELS = { words: ["words"], embedding: ["embed-", "ding"], norm1: ["norm"],
  attention: ["attention"], add1: ["+"], norm2: ["norm"], forward: ["feed-", "forward"],
  add2: ["+"], norm: ["norm"], logits: ["logits"] };
const curve = ([x1, y1], [x2, y2], across) => (across
  ? `M${x1} ${y1}C${(x1 + x2) / 2} ${y1} ${(x1 + x2) / 2} ${y2} ${x2} ${y2}`
  : `M${x1} ${y1}C${x1} ${(y1 + y2) / 2} ${x2} ${(y1 + y2) / 2} ${x2} ${y2}`);
const straight = ([x1, y1], [x2, y2]) => `M${x1} ${y1}L${x2} ${y2}`;

/** An image laid over a box of the picture. */
function laid(canvas, { x, y, width, height }) {
  return svg("image", { href: canvas.toDataURL(), x, y, width, height, class: "ltg-wm-image",
    preserveAspectRatio: "none" });
}

/** The labels of a part: above its column, or before its row. */
function label(lay, { part, layer }) {
  const lines = LABELS[part];
  const [from, to] = lay.spans[keyOf({ part, layer })];
  const middle = (from + to) / 2;
  const turned = part.startsWith("norm") || (lay.tight && lines[0].length > 1 && part !== "words");
  if (lay.across && turned) {
    const [x, y] = [middle + 4, lay.gutter - 8];
    return [svg("text", { x, y, transform: `rotate(-90 ${x} ${y})`, class: "ltg-wm-label",
      text: lines.join("").replace("embed-", "embed") })];
  }
  return lines.map((text, i) => svg("text", lay.across
    ? { x: middle, y: lay.gutter - 10 - 14 * (lines.length - 1 - i), "text-anchor": "middle",
      class: "ltg-wm-label", text }
    : { x: lay.gutter - 8, y: middle + 4 + 14 * (i - (lines.length - 1) / 2),
      "text-anchor": "end", class: "ltg-wm-label", text }));
}

/** One part that can be chosen: its column over all lanes, with its label. */
function partOf(lay, part) {
  const [from, to] = lay.spans[keyOf(part)];
  const [, end] = part.part === "words" ? lay.spans.ids : [0, to];
  const { x, y, width, height } = lay.box(from + 1, end - 1);
  const whole = lay.box(from, end);
  const room = lay.across
    ? { ...whole, y: y - lay.gutter + 22, height: height + lay.gutter - 22 }
    : { ...whole, x: x - 74, width: width + 74 };
  return svg("g", { role: "button", tabindex: -1, "data-part": keyOf(part),
    class: `ltg-wm-part ltg-wm-is-${part.part}`, "data-lm-suppress-shortcuts": "true",
    "aria-label": `${spokenName(part)}. Enter opens it.` },
  svg("rect", { ...room, rx: 5, class: "ltg-wm-hit" }),
  svg("rect", { x, y, width, height, rx: 5, class: "ltg-wm-body" }), ...label(lay, part));
}

/** The frame and the name of a block. */
function blockFrame(lay, layer) {
  const from = lay.spans[`norm1.${layer}`][0];
  const to = lay.spans[`stream.${layer}`][1];
  const { x, y, width, height } = lay.box(from - 3, to + 1);
  const frame = lay.across ? { x, y: y - lay.gutter + 18, width, height: height + lay.gutter - 14 }
    : { x: x - 76, y: y - 1, width: width + 76, height: height + 2 };
  return [svg("rect", { ...frame, rx: 9, class: "ltg-wm-block" }),
    svg("text", { class: "ltg-wm-block-name", text: `block ${layer}`,
      ...(lay.across ? { x: x + width / 2, y: 13, "text-anchor": "middle" }
        : { x: 4, y: y - 6 }) })];
}

/** The words and their ids, at the start of their lanes. */
function words(lay, facts) {
  const [, to] = lay.spans.words;
  const [idFrom, idTo] = lay.spans.ids;
  const turned = !lay.across;
  return facts.words.map((text, t) => {
    const [x, y] = lay.point(turned ? to - 6 : to - 8, t);
    const [ix, iy] = lay.point((idFrom + idTo) / 2, t);
    const every = Math.ceil(9 / lay.lane); // names that would touch are left out
    const small = lay.lane < 20 ? `font-size: ${Math.max(0.64, lay.lane / 20)}em` : "";
    const kind = `ltg-wm-word${t % every ? " ltg-wm-left-out" : ""}`;
    return svg("g", { class: kind, "data-t": t, "aria-hidden": "true" },
      svg("text", { x: turned ? x + 4 : x, y: turned ? y : y + 4.5, style: small,
        "text-anchor": turned ? "start" : "end", class: "ltg-wm-token", text,
        ...(turned ? { transform: `rotate(-90 ${x + 4} ${y})` } : {}) }),
      svg("text", { x: turned ? ix + 4 : ix, y: turned ? iy : iy + 4, style: small,
        "text-anchor": "middle", class: "ltg-wm-id", text: facts.tokens[t],
        ...(turned ? { transform: `rotate(-90 ${ix + 4} ${iy})` } : {}) }));
  });
}

/** The strips of numbers that are drawn for all lanes at once. */
function strips(lay, facts) {
  const { seen } = facts;
  const tall = lay.lane > 24 ? [8, 8] : [6, 4];
  const make = (name, rows, most, side) => {
    const [from, to] = lay.spans[name];
    const room = lay.box(from + 2, to - 2);
    const canvas = imageOf(rows, { most, tall: tall[0], gap: tall[1], turned: !lay.across });
    const shift = (lay.lane * tall[1]) / (tall[0] + tall[1]) / 2 + side * Math.min(6, lay.lane / 4);
    const wells = side < 0 ? [] : rows.map((_, t) => {
      const { x, y, width, height } = lay.box(from + 2, to - 2, t, t);
      const thick = (lay.lane * tall[0]) / (tall[0] + tall[1]);
      return svg("rect", { class: "ltg-wm-ground", ...(lay.across
        ? { x, y: y + shift, width, height: thick }
        : { x: x + shift, y, width: thick, height }) });
    });
    return [...wells, laid(canvas, lay.across ? { ...room, y: room.y + shift }
      : { ...room, x: room.x + shift })];
  };
  const typical = (rows) => 2.5 * Math.max(...rows.map(sizeOf));
  const shown = (name, rows, side) => make(name, rows, typical(rows), side);
  return [shown("embedding", seen.map(({ embedded }) => embedded), 1),
    ...Array.from({ length: lay.L }, (_, l) => [
      shown(`forward.${l}`, seen.map(({ layers }) => layers[l].inner), -1),
      shown(`stream.${l}`, seen.map(({ layers }) => layers[l].streamOut), 1)]),
    shown("logits", seen.map(({ logits }) => logits), 1)].flat(3);
}

/** The plus signs, on the lines of the stream. */
function pluses(lay) {
  const made = [];
  for (let layer = 0; layer < lay.L; layer += 1) {
    for (const part of ["add1", "add2"]) {
      const [from, to] = lay.spans[`${part}.${layer}`];
      const r = Math.max(2.5, Math.min(6, lay.lane / 5));
      for (let t = 0; t < lay.T; t += 1) {
        const [x, y] = lay.point((from + to) / 2, t, 1);
        const d = r * 0.6;
        made.push(svg("g", { class: "ltg-wm-plus", "data-t": t },
          svg("circle", { cx: x, cy: y, r }),
          svg("path", { d: `M${x - d} ${y}h${2 * d}M${x} ${y - d}v${2 * d}` })));
      }
    }
  }
  return made;
}

/** The line of the stream of a token, from its embedding to the logits. */
function streamLine(lay, t) {
  return svg("path", { class: "ltg-wm-stream", "data-t": t,
    d: straight(lay.point(lay.spans.embedding[1], t, 1), lay.point(lay.spans.logits[0], t, 1)) });
}

/** A dot that runs once along the line of the last token: something new is read. */
function spark(lay) {
  const [x, y] = lay.point(lay.spans.embedding[1], lay.T - 1, 1);
  const way = lay.spans.logits[0] - lay.spans.embedding[1];
  const dot = svg("circle", { cx: x, cy: y, r: 6, class: "ltg-wm-spark", "aria-hidden": "true" });
  dot.style.setProperty("--way", lay.across ? `${way}px, 0` : `0, ${way}px`);
  return dot;
}

const FORKS = [["norm1", "attention", "add1"], ["norm2", "forward", "add2"]];

/** Where a part reads a copy of the stream, and where it adds what it found. */
function forks(lay, t) {
  const paths = [];
  for (let layer = 0; layer < lay.L; layer += 1) {
    const span = (part) => lay.spans[`${part}.${layer}`];
    for (const [norm, work, add] of FORKS) {
      const start = span(norm)[0] - 4;
      paths.push(curve(lay.point(start, t, 1), lay.point(span(norm)[0] + 10, t, -1), lay.across),
        straight(lay.point(span(norm)[0] + 10, t, -1), lay.point(span(work)[0] + 2, t, -1)),
        curve(lay.point(span(work)[1] - 2, t, -1),
          lay.point((span(add)[0] + span(add)[1]) / 2, t, 1), lay.across));
    }
  }
  return svg("path", { class: "ltg-wm-fork", d: paths.join("") });
}

/** Lines from the tokens that are looked at to the token that looks. */
function looks(lay, facts, t, strong) {
  const lines = [];
  for (let layer = 0; layer < lay.L; layer += 1) {
    const [from, to] = lay.spans[`attention.${layer}`];
    const { weights } = facts.seen[t].layers[layer];
    weights.forEach((row, head) => row.forEach((weight, s) => {
      if (weight < (strong ? 0.07 : 0.15)) return;
      const side = strong ? (head - (weights.length - 1) / 2) * 0.5 - 1 : -1;
      lines.push(svg("path", { d: curve(lay.point(from + 2, s, side), lay.point(to - 2, t, side),
        lay.across), class: strong ? `ltg-wm-look ltg-wm-${HEAD_NAMES[head % 4]}` : "ltg-wm-glance",
      "stroke-dasharray": strong ? HEAD_DASHES[head % 4] || null : null,
      "stroke-width": (strong ? 0.8 + 3.6 * weight : 2.2 * weight).toFixed(2) }));
    }));
  }
  return lines;
}

/** What the head would say of the stream so far, after each block. */
function soFar(lay, facts, t) {
  return facts.lens(t).slice(1).map(([id, p], layer) => {
    const [from, to] = [lay.spans[`norm1.${layer}`][0], lay.spans[`stream.${layer}`][1]];
    const text = `${layer === lay.L - 1 ? "says" : "so far"}: “${facts.vocabulary[id]}” ${
      percent(p, 0)}`;
    return svg("text", { class: "ltg-wm-so-far", text, ...(lay.across
      ? { x: (from + to) / 2, y: lay.gutter + lay.T * lay.lane + 24, "text-anchor": "middle" }
      : { x: Math.max(lay.gutter + 200, lay.middle(lay.T - 0.5)), y: from - 7,
        "text-anchor": "end" }) });
  });
}

function drawing(scope, facts, handlers, width) {
  const lay = layoutOf({ T: facts.tokens.length, L: facts.L, width,
    longest: Math.max(...facts.words.map((word) => word.length)) });
  const parts = partsOf(facts.L).filter(({ part }) => part !== "probs");
  const under = svg("g", { class: "ltg-wm-under" });
  const over = svg("g", { class: "ltg-wm-over" });
  const buttons = parts.map((part) => partOf(lay, part));
  const glances = facts.tokens.flatMap((_, t) => looks(lay, facts, t, false));
  const node = svg("svg", { viewBox: `0 0 ${width} ${lay.height}`, role: "group",
    class: `ltg-wm-picture ${lay.across ? "ltg-wm-across" : "ltg-wm-down"}`,
    "aria-label": "The whole model. Arrow keys move along its parts and among the words." },
  ...Array.from({ length: facts.L }, (_, layer) => blockFrame(lay, layer)).flat(), under,
  ...buttons, svg("g", { class: "ltg-wm-pass" }, ...facts.tokens.map((_, t) => streamLine(lay, t)),
    ...glances, ...strips(lay, facts), ...pluses(lay), ...words(lay, facts), over));
  listen(scope, node, lay, handlers);
  node.append(spark(lay));
  const update = (t, chosenPart) => {
    under.replaceChildren(svg("rect", { ...lay.box(0, lay.end, t, t), rx: 6,
      class: "ltg-wm-lane" }));
    over.replaceChildren(forks(lay, t), ...looks(lay, facts, t, true), ...soFar(lay, facts, t));
    for (const one of node.querySelectorAll("[data-t]")) {
      one.classList.toggle("ltg-wm-chosen", Number(one.dataset.t) === t);
    }
    for (const one of buttons) {
      one.setAttribute("tabindex", one.dataset.part === chosenPart ? 0 : -1);
    }
  };
  return { node, update };
}

function listen(scope, node, lay, { hover, open, pick }) {
  const partAt = (event) => event.target.closest?.("[data-part]")?.dataset.part;
  scope.listen(node, "pointermove", (event) => {
    if (event.pointerType === "mouse") hover(laneAt(lay, pointIn(node, event)));
  });
  scope.listen(node, "pointerleave", () => hover(null));
  scope.listen(node, "click", (event) => {
    const t = laneAt(lay, pointIn(node, event));
    const part = partAt(event);
    if (t !== null && (!part || part === "words")) pick(t);
    else if (part) open(part, t);
  });
}

/** The picture: update(facts, t, part) draws it; focus(part) moves the focus there. */
export function wholePicture(scope, handlers) {
  let [facts, made] = [null, null];
  const home = fitted(scope, (width) => ({
    node: svg("svg", { viewBox: `0 0 ${width} 10` }),
    update() { made = null; redraw(); },
  }));
  let last = null;
  let inner = openScope(); // of the picture that is drawn now
  scope.onClose(() => inner.close());
  const redraw = () => {
    inner.close();
    inner = openScope();
    const old = home.node.querySelector("svg.ltg-wm-picture") ?? home.node.querySelector("svg");
    const held = old?.contains(document.activeElement) ? document.activeElement.dataset.part : null;
    made = drawing(inner, facts, handlers, home.room());
    made.node.setAttribute("font-size", 14);
    old.replaceWith(made.node);
    made.update(...last);
    if (held) focus(held);
  };
  const focus = (part) => home.node.querySelector(`[data-part="${part}"]`)?.focus();
  const update = (news, t, part) => {
    last = [t, part];
    if (news === facts && made) made.update(t, part);
    else {
      facts = news;
      home.update();
    }
  };
  return { node: home.node, update, focus };
}
