import {
  button, fixed, frame, h, liveRegion, openScope, slider, svg, tiles, uid,
} from "./base.js";

const BOX = { left: 46, top: 16, bottom: 246, width: 680, height: 288 };
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
export function rightEdge(lineTexts, curveTexts) {
  const widths = [...lineTexts.map((text) => 18 + 6.6 * text.length),
    ...curveTexts.map((text) => 45 + 7.8 * text.length)];
  return BOX.width - Math.min(300, Math.max(120, ...widths));
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

/** Points arrive as rows [name, step, loss]; `latest` holds each curve's newest one. */
function openStore() {
  let curves = new Map();
  let latest = new Map();
  const readers = new Set();
  const add = ([name, step, loss]) => {
    if (!curves.has(name)) curves.set(name, []);
    curves.get(name).push([step, loss]);
  };
  return {
    take({ rows, newest }) {
      rows.forEach(add);
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

const loss2 = (loss) => (loss === null ? "not a number" : fixed(loss));

/** The loss axis: as asked for, or wide enough for all lines and points. */
function lossRange(asked, lines, curves) {
  if (asked.length) return asked;
  const all = [...Object.values(lines), ...curves.flatMap(({ points }) => points
    .map(([, loss]) => loss).filter((loss) => loss !== null))];
  if (!all.length) return [0, 1];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const pad = Math.max(0.05, (high - low) * 0.06);
  return [low - pad, high + pad];
}

/** An SVG path; a loss that is not a number leaves a gap. */
function pathOf(points, x, y) {
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

function axisParts(x, y, right, [low, high], total) {
  const parts = [svg("path", { class: "ltg-axis", fill: "none",
    d: `M${BOX.left} ${BOX.top - 6}V${BOX.bottom}H${right}` })];
  for (const loss of niceTicks(low, high, 5)) {
    parts.push(svg("line", { class: "ltg-tc-grid", x1: BOX.left, x2: right,
      y1: y(loss), y2: y(loss) }), svg("text", { class: "ltg-tc-tick ltg-tc-end",
      x: BOX.left - 6, y: y(loss) + 4, text: fixed(loss, high - low < 1 ? 2 : 1) }));
  }
  for (const step of niceTicks(0, total, 5)) {
    if (!Number.isInteger(step)) continue;
    parts.push(svg("text", { class: "ltg-tc-tick ltg-tc-mid", x: x(step),
      y: BOX.bottom + 17, text: String(step) }));
  }
  parts.push(
    svg("text", { class: "ltg-tc-name", x: 4, y: 6, text: "loss (nats)" }),
    svg("text", { class: "ltg-tc-name ltg-tc-mid", x: (BOX.left + right) / 2,
      y: BOX.bottom + 36, text: "training step" }));
  return parts;
}

/** Labels in the right margin, moved apart, each tied to its height. */
function labelParts(labels, right) {
  const places = spread(labels.map(({ at }) => at), LABEL_GAP, BOX.top, BOX.bottom);
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

function chart(total, lines, asked) {
  const clip = uid("clip");
  const inner = svg("rect", { x: BOX.left, y: BOX.top - 6,
    height: BOX.bottom - BOX.top + 6 });
  const shape = svg("clipPath", { id: clip }, inner);
  const axes = svg("g", {});
  const inside = svg("g", { "clip-path": `url(#${clip})` });
  const labels = svg("g", {});
  const cursor = svg("line", { class: "ltg-tc-cursor", y1: BOX.top - 6, y2: BOX.bottom });
  const picture = svg("svg", { viewBox: `0 0 ${BOX.width} ${BOX.height}`, role: "img" },
    svg("defs", {}, shape), axes, inside, cursor, labels);
  const update = (curves, at, spoken) => {
    const range = lossRange(asked, lines, curves);
    const [low, high] = range;
    const y = (loss) => BOX.bottom - ((BOX.bottom - BOX.top) * (loss - low)) / (high - low);
    const clamp = (v) => Math.max(BOX.top - 6, Math.min(BOX.bottom, v));
    const refs = Object.entries(lines).filter(([, loss]) => loss >= low && loss <= high)
      .map(([name, loss]) => ({ loss, text: `${name}: ${fixed(loss)}` }));
    const marked = curves.map(({ name, points }, i) => {
      const [step, loss] = pointAt(points, at) ?? points[0];
      return { text: `${name} ${loss2(loss)}`, step, loss, kind: i % KINDS };
    });
    const right = rightEdge(refs.map(({ text }) => text), marked.map(({ text }) => text));
    const x = (step) => BOX.left + ((right - BOX.left) * step) / total;
    inner.setAttribute("width", right - BOX.left + 4);
    axes.replaceChildren(...axisParts(x, y, right, range, total));
    inside.replaceChildren(
      ...refs.map(({ loss }) => svg("line", { class: "ltg-tc-ref", x1: BOX.left,
        x2: right + 4, y1: y(loss), y2: y(loss) })),
      ...curves.map(({ points }, i) => svg("path", { d: pathOf(points, x, y),
        class: `ltg-tc-curve ltg-tc-${i % KINDS}` })),
      ...marked.filter(({ loss }) => loss !== null).map(({ step, loss, kind }) => svg(
        "circle", { class: `ltg-tc-dot ltg-tc-dot-${kind}`, cx: x(step), cy: y(loss),
          r: 4 })));
    labels.replaceChildren(...labelParts([
      ...refs.map(({ loss, text }) => ({ at: y(loss), text, kind: null })),
      ...marked.map(({ loss, text, kind }) => ({ kind, text,
        at: loss === null ? BOX.top : clamp(y(loss)) })),
    ], right));
    cursor.setAttribute("x1", x(at));
    cursor.setAttribute("x2", x(at));
    picture.setAttribute("aria-label", spoken);
  };
  return { node: picture, update };
}

function render({ model, el, store }) {
  const scope = openScope();
  const total = model.get("total_steps");
  const root = frame(el, { name: "training-curve", title: "The loss while the model learns",
    hint: "Lower is better. Dashed grey lines are losses to compare with." });
  const bar = h("progress", { class: "ltg-tc-bar", max: total, "aria-label": "Training" });
  const status = h("p", { class: "ltg-tc-status" });
  const picture = chart(total, model.get("lines"), model.get("loss_range"));
  const values = h("div", {});
  const live = liveRegion(scope);
  let shown = { names: "", board: null };
  let quarter = -1;
  const look = (step) => {
    model.set("look", step);
    model.save_changes();
  };
  const knob = slider(scope, { label: "Look at step", min: 0, max: total, step: 1,
    value: 0, onInput: look, low: "start", high: "end" });
  const follow = button(scope, "Follow the newest", () => look(null));
  const paintValues = (curves, at) => {
    const names = curves.map(({ name }) => name);
    if (names.join() !== shown.names) {
      shown = { names: names.join(), board: tiles(Object.fromEntries(names.map((name) => [
        name, `${name} loss`]))) };
      values.replaceChildren(shown.board.node);
    }
    shown.board?.set(Object.fromEntries(curves.map(({ name, points }) => {
      const point = pointAt(points, at);
      return [name, point ? `${loss2(point[1])}${point[1] === null ? "" : " nats"}` : "–"];
    })));
  };
  const paint = () => {
    const curves = store.read();
    const newest = Math.max(0, ...curves.map(({ points }) => points.at(-1)[0]));
    const at = model.get("look") ?? newest;
    const told = curves.map(({ name, points }) => {
      const point = pointAt(points, at);
      return `${name} ${point ? loss2(point[1]) : "not measured yet"}`;
    }).join(", ");
    const lines = Object.entries(model.get("lines")).map(([name, loss]) => `${name} `
      + fixed(loss)).join(", ");
    const spoken = `Step ${at} of ${total}: ${told || "no loss yet"}`;
    status.textContent = model.get("finished") ? `Training has finished. ${spoken}`
      : newest ? `Training: step ${newest} of ${total}.` : "Training has not begun yet.";
    bar.value = newest;
    bar.hidden = model.get("finished");
    knob.set(at);
    follow.setAttribute("aria-disabled", String(model.get("look") === null));
    paintValues(curves, at);
    picture.update(curves, at, `Loss curve. ${spoken}. Lines: ${lines || "none"}.`);
    const now = Math.floor((4 * newest) / total);
    if (now !== quarter || model.get("look") !== null) live.say(spoken);
    quarter = now;
  };
  let due = 0;
  const soon = () => { due ||= requestAnimationFrame(() => { due = 0; paint(); }); };
  scope.onClose(() => cancelAnimationFrame(due));
  scope.onClose(store.join(soon));
  scope.watch(model, ["look", "finished"], soon);
  root.append(bar, status, picture.node, values,
    h("div", { class: "ltg-tc-controls" }, knob.node, follow), live.node);
  paint();
  return scope.close;
}

// Called once for each model: points that arrive before a view exists are not lost.
function trainingCurve() {
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
}

// A page without a kernel may draw a finished curve straight away.
trainingCurve.render = ({ model, el }) => {
  const made = trainingCurve();
  const forget = made.initialize({ model });
  const close = made.render({ model, el });
  return () => {
    close();
    forget();
  };
};

export default trainingCurve;
