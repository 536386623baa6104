import { fitted, fixed, linear, place, plot, svg, uid } from "./base.js";

const FRAME = { left: 46, top: 22, base: 220 };
const [WIDTH, HEIGHT] = [680, 262];
const ROOMY = 420; // below it the labels stand under the picture, not beside it
const LABEL_GAP = 16;
const KINDS = 4;

/**
 * Places for labels that want to sit at `wanted` but need `gap` between them and must
 * stay in [low, high]: least squares, by pooling neighbours that would overlap.
 */
export function spread(wanted, gap, low, high) {
  const order = Array.from(wanted, (_, i) => i)
    .sort((a, b) => wanted[a] - wanted[b] || a - b);
  const pools = []; // of labels that touch: { sum, count } of wanted - rank * gap
  order.forEach((i, rank) => {
    let pool = { sum: wanted[i] - rank * gap, count: 1 };
    while (pools.length
      && pools.at(-1).sum / pools.at(-1).count >= pool.sum / pool.count) {
      const before = pools.pop();
      pool = { sum: before.sum + pool.sum, count: before.count + pool.count };
    }
    pools.push(pool);
  });
  const flat = pools.flatMap(({ sum, count }) => Array(count).fill(sum / count));
  const most = high - (order.length - 1) * gap;
  const placed = Array(order.length);
  order.forEach((i, rank) => {
    placed[i] = Math.max(low, Math.min(most, flat[rank])) + rank * gap;
  });
  return placed;
}

/** Where the axes end, so that the longest label fits between them and the edge. */
export function rightEdge(lineTexts, curveTexts, width = WIDTH) {
  const widths = [...lineTexts.map((text) => 18 + 6.8 * text.length),
    ...curveTexts.map((text) => 45 + 7.8 * text.length)];
  return width - Math.min(300, Math.max(120, ...widths));
}

/** Round numbers from low to high, about `wanted` of them. */
export function niceTicks(low, high, wanted) {
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i += 1) {
    ticks.push(i * step);
  }
  return ticks;
}

/** The last point [step, loss] at or before `step`; null where there is none. */
export function pointAt(points, step) {
  let found = null;
  for (const point of points) {
    if (point[0] > step) break;
    found = point;
  }
  return found;
}

/**
 * Points arrive as rows [name, step, loss]; `latest` holds each curve's newest one, and
 * `extras` what else was said with the newest message.
 */
export function openStore() {
  let curves = new Map();
  let latest = new Map();
  const readers = new Set();
  const extras = {};
  const add = ([name, step, loss]) => {
    if (!curves.has(name)) curves.set(name, []);
    curves.get(name).push([step, loss]);
  };
  return {
    extras,
    take({ rows, newest, ...more }) {
      rows.forEach(add);
      Object.assign(extras, more);
      latest = new Map(newest.map(([name, step, loss]) => [name, [step, loss]]));
      readers.forEach((read) => read());
    },
    load(rows) {
      curves = new Map();
      latest = new Map();
      rows.forEach(add);
      readers.forEach((read) => read());
    },
    read() {
      return [...curves].map(([name, points]) => {
        const last = latest.get(name);
        return { name, points: last && last[0] > points.at(-1)[0]
          ? [...points, last] : points };
      });
    },
    join(reader) {
      readers.add(reader);
      return () => readers.delete(reader);
    },
  };
}

export const loss2 = (loss) => (loss === null ? "not a number" : fixed(loss));

/** The loss axis: as asked for, or wide enough for all lines and points. */
export function lossRange(asked, lines, curves) {
  if (asked.length) return asked;
  const all = [...Object.values(lines), ...curves.flatMap(({ points }) => points
    .map(([, loss]) => loss).filter((loss) => loss !== null))];
  if (!all.length) return [0, 1];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const pad = Math.max(0.05, (high - low) * 0.06);
  return [low - pad, high + pad];
}

/** An SVG path; a loss that is not a number leaves a gap. */
export function pathOf(points, x, y) {
  let pen = "M";
  return points.map(([step, loss]) => {
    if (loss === null) {
      pen = "M";
      return "";
    }
    const piece = `${pen}${x(step).toFixed(1)} ${y(loss).toFixed(1)}`;
    pen = "L";
    return piece;
  }).join("");
}

function axisParts({ x, words, rows, columns }, right, [low, high], total) {
  const { left, top, base } = FRAME;
  return [svg("path", { class: "ltg-axis", fill: "none", d: `M${left} ${top - 6}V${base}H${right}` }),
    ...rows(niceTicks(low, high, 5), (loss) => fixed(loss, high - low < 1 ? 2 : 1),
      { kind: () => "ltg-tc-grid" }),
    ...columns(niceTicks(0, total, right > 300 ? 5 : 3).filter(Number.isInteger), String),
    words(4, 9, "loss (nats)", "start"), words((left + right) / 2, base + 37, "training step")];
}

/** The same labels in rows under a picture that has no margin to spare. */
function keyParts(labels, width) {
  let [x, y] = [0, HEIGHT + 12];
  const parts = labels.map(({ text, kind }) => {
    const wide = 40 + 7.6 * text.length;
    if (x > 0 && x + wide > width) [x, y] = [0, y + 19];
    const [from, level] = [x, y];
    x += wide;
    return svg("g", {}, svg("line", { x1: from, x2: from + 22, y1: level, y2: level,
      class: kind === null ? "ltg-tc-ref" : `ltg-tc-curve ltg-tc-${kind}` }),
    svg("text", { class: kind === null ? "ltg-tc-line-label" : "ltg-tc-label",
      x: from + 26, y: level + 4, text }));
  });
  return { parts, bottom: y + 8 };
}

/** Labels in the right margin, moved apart, each tied to its height. */
function labelParts(labels, right) {
  const places = spread(labels.map(({ at }) => at), LABEL_GAP, FRAME.top, FRAME.base);
  return labels.map(({ at, text, kind }, i) => {
    const place = places[i];
    const [from, to] = [right + 2, right + 14];
    const tie = svg("path", { class: "ltg-tc-tie", d: `M${from} ${at}L${to} ${place}` });
    if (kind === null) {
      return svg("g", {}, tie, svg("text", { class: "ltg-tc-line-label", x: to + 4,
        y: place + 4, text }));
    }
    return svg("g", {}, tie,
      svg("line", { class: `ltg-tc-curve ltg-tc-${kind}`, x1: to + 2, x2: to + 26,
        y1: place, y2: place }),
      svg("text", { class: "ltg-tc-label", x: to + 31, y: place + 4, text }));
  });
}

export function chart(scope, total, lines, asked) {
  return fitted(scope, (width) => chartOf(total, lines, asked, width));
}

function chartOf(total, lines, asked, width) {
  const narrow = width < ROOMY;
  const clip = uid("clip");
  const inner = svg("rect", { x: FRAME.left, y: FRAME.top - 6,
    height: FRAME.base - FRAME.top + 6 });
  const shape = svg("clipPath", { id: clip }, inner);
  const axes = svg("g", {});
  const inside = svg("g", { "clip-path": `url(#${clip})` });
  const labels = svg("g", {});
  const cursor = svg("line", { class: "ltg-tc-cursor", y1: FRAME.top - 6, y2: FRAME.base });
  const picture = svg("svg", { role: "img" },
    svg("defs", {}, shape), axes, inside, cursor, labels);
  const update = (curves, at, spoken) => {
    const range = lossRange(asked, lines, curves);
    const [low, high] = range;
    const refs = Object.entries(lines).filter(([, loss]) => loss >= low && loss <= high)
      .map(([name, loss]) => ({ loss, text: `${name}: ${fixed(loss)}` }));
    const marked = curves.map(({ name, points }, i) => {
      const [step, loss] = pointAt(points, at) ?? points[0];
      return { text: `${name} ${loss2(loss)}`, step, loss, kind: i % KINDS };
    });
    const right = narrow ? width - 12
      : rightEdge(refs.map(({ text }) => text), marked.map(({ text }) => text), width);
    const axis = plot({ ...FRAME, right, x: linear(0, total), y: linear(low, high) });
    const { x, y } = axis;
    const clamp = (v) => Math.max(FRAME.top - 6, Math.min(FRAME.base, v));
    inner.setAttribute("width", right - FRAME.left + 4);
    axes.replaceChildren(...axisParts(axis, right, range, total));
    inside.replaceChildren(
      ...refs.map(({ loss }) => svg("line", { class: "ltg-tc-ref", x1: FRAME.left,
        x2: right + 4, y1: y(loss), y2: y(loss) })),
      ...curves.map(({ points }, i) => svg("path", { d: pathOf(points, x, y),
        class: `ltg-tc-curve ltg-tc-${i % KINDS}` })),
      ...marked.filter(({ loss }) => loss !== null).map(({ step, loss, kind }) => svg(
        "circle", { class: `ltg-tc-dot ltg-tc-dot-${kind}`, cx: x(step), cy: y(loss),
          r: 4 })));
    const named = [...refs.map(({ loss, text }) => ({ at: y(loss), text, kind: null })),
      ...marked.map(({ loss, text, kind }) => ({ kind, text,
        at: loss === null ? FRAME.top : clamp(y(loss)) }))];
    const { parts, bottom } = narrow ? keyParts(named, width)
      : { parts: labelParts(named, right), bottom: HEIGHT };
    labels.replaceChildren(...parts);
    picture.setAttribute("viewBox", `0 0 ${width} ${bottom}`);
    place(cursor, { x1: x(at), x2: x(at) });
    picture.setAttribute("aria-label", spoken);
  };
  return { node: picture, update };
}

/**
 * A widget whose points arrive while it is shown. Made once for each model, so that
 * points which arrive before a view exists are not lost.
 */
export function growing(render) {
  const make = () => {
    const store = openStore();
    return {
      initialize({ model }) {
        const load = () => store.load(model.get("history"));
        load();
        model.on("change:history", load);
        model.on("msg:custom", store.take);
        return () => {
          model.off("change:history", load);
          model.off("msg:custom", store.take);
        };
      },
      render: ({ model, el }) => render({ model, el, store }),
    };
  };
  // A page without a kernel may draw a finished curve straight away.
  make.render = ({ model, el }) => {
    const made = make();
    const forget = made.initialize({ model });
    const close = made.render({ model, el });
    return () => {
      close();
      forget();
    };
  };
  return make;
}
