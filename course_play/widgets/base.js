// What every widget shares, and the engine in ../browser: maths, words, elements. Plain
// functions, no network.
// In the browser this text comes first and the widget's own module follows it.

// ---- maths: the twins of course_lib.functional and course_lib.generate -------------

/** Indices by falling value; among equals the lower index comes first. */
export function rankOrder(values) {
  return Array.from(values, (_, i) => i).sort((a, b) => values[b] - values[a] || a - b);
}

/** ln of the sum of e^z, with the largest z taken out first so nothing overflows. */
export function logSumExp(logits) {
  const top = Math.max(...logits);
  return top + Math.log(logits.reduce((sum, z) => sum + Math.exp(z - top), 0));
}

export function logSoftmax(logits) {
  const total = logSumExp(logits);
  return Array.from(logits, (z) => z - total);
}

export function softmax(logits) {
  const top = Math.max(...logits);
  const powers = Array.from(logits, (z) => Math.exp(z - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((e) => e / sum);
}

/** Entropy in nats; 0 ln 0 counts as 0. */
export function entropy(probs) {
  return probs.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
}

export const toBits = (nats) => nats / Math.LN2;

/** The first index whose running sum exceeds u, 0 <= u < 1. */
export function drawIndex(probs, u) {
  let sum = 0;
  let last = 0;
  for (let i = 0; i < probs.length; i += 1) {
    if (probs[i] <= 0) continue;
    sum += probs[i];
    last = i;
    if (u < sum) return i;
  }
  return last; // rounding left the sum a hair under 1
}

/** Small seeded generator of uniforms in [0, 1), the same in Python (mulberry32). */
export function mulberry32(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// ---- words -------------------------------------------------------------------------

/** A number with so many decimals and a real minus sign; -0.00 becomes 0.00. */
export function fixed(x, digits = 2) {
  const text = Math.abs(x).toFixed(digits);
  return x < 0 && Number(text) !== 0 ? `\u2212${text}` : text;
}

/** 0.1234 -> "12.3 %"; small but not nothing -> "< 0.1 %". */
export function percent(p, digits = 1) {
  const least = 10 ** -digits;
  if (p > 0 && 100 * p < least / 2) return `< ${least.toFixed(digits)} %`;
  return `${(100 * p).toFixed(digits)} %`;
}

export const plural = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

// ---- elements ----------------------------------------------------------------------

const SVG_SPACE = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "text") node.textContent = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children);
  return node;
}

/**
 * An HTML element: h("p", { class: "ltg-note", text: "..." }, child, ...). JupyterLab
 * leaves the keys of whatever can have the focus alone.
 */
export function h(tag, attributes = {}, ...children) {
  const node = fill(document.createElement(tag), attributes, children);
  if (node.matches("input, textarea, select, button, [tabindex]")) {
    node.setAttribute("data-lm-suppress-shortcuts", "true");
  }
  return node;
}

/** An SVG element, same use as h(). */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG_SPACE, tag), attributes, children);
}

let used = 0;
/** An id no other element of the page has. */
export function uid(stem) {
  used += 1;
  return `ltg-${stem}-${used}-${Math.random().toString(36).slice(2, 8)}`;
}

/** Everything opened here is closed by scope.close(), which render() returns. */
export function openScope() {
  const undo = new AbortController();
  const scope = {
    listen(node, event, handler) {
      node.addEventListener(event, handler, { signal: undo.signal });
    },
    watch(model, names, handler) {
      for (const name of names) {
        model.on(`change:${name}`, handler);
        scope.onClose(() => model.off(`change:${name}`, handler));
      }
    },
    onClose(action) {
      undo.signal.addEventListener("abort", action, { once: true });
    },
    close: () => undo.abort(),
  };
  return scope;
}

/** Set traits and tell Python, unless all of them are so already. */
export function put(model, changes) {
  const news = Object.entries(changes).filter(([name, value]) => model.get(name) !== value);
  for (const [name, value] of news) model.set(name, value);
  if (news.length) model.save_changes();
}

/** The numbers of a Bytes trait, which arrives as a DataView. */
export function numbersOf(view, Kind = Float32Array) {
  return new Kind(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

/** The card a widget lives in: title, one line of what to do, then the content. */
export function frame(el, { name, title, hint = "" }) {
  const heading = h("div", { class: "ltg-title", id: uid("title"), text: title });
  const root = h("div", {
    class: `ltg ltg-${name}`, role: "group", "aria-labelledby": heading.id,
  });
  root.append(heading);
  if (hint) root.append(h("p", { class: "ltg-hint", text: hint }));
  el.replaceChildren(root);
  return root;
}

/** label, range input, value. `format(value)` is shown and spoken. */
export function slider(scope, options) {
  const { label, min, max, step, value, format = String, onInput, low, high } = options;
  const input = h("input", {
    type: "range", min, max, step, "aria-label": label });
  const output = h("span", { class: "ltg-value", "aria-hidden": "true" });
  const ends = low || high
    ? [h("span", { class: "ltg-ends", "aria-hidden": "true" },
        h("span", { text: low ?? "" }), h("span", { text: high ?? "" }))]
    : [];
  const set = (x) => {
    if (input.valueAsNumber !== x) input.value = String(x);
    output.textContent = format(x);
    input.setAttribute("aria-valuetext", format(x));
  };
  scope.listen(input, "input", () => {
    set(input.valueAsNumber);
    onInput(input.valueAsNumber);
  });
  set(value);
  const node = h("label", { class: "ltg-slider" },
    h("span", { class: "ltg-label", text: label, "aria-hidden": "true" }),
    h("span", { class: "ltg-track" }, input, ...ends), output);
  return { node, input, set };
}

/** A slider tied to a trait both ways; `read`/`write` translate (null for "off"). */
export function boundSlider(scope, model, name, options) {
  const { read = (x) => x, write = (x) => x, ...rest } = options;
  const made = slider(scope, {
    ...rest,
    value: read(model.get(name)),
    onInput: (x) => put(model, { [name]: write(x) }),
  });
  scope.watch(model, [name], () => made.set(read(model.get(name))));
  return made;
}

export function button(scope, label, onClick, attributes = {}) {
  const node = h("button", { type: "button", class: "ltg-button", text: label,
    ...attributes });
  scope.listen(node, "click", onClick);
  return node;
}

/** Text spoken by screen readers, a moment after the last change; not seen. */
export function liveRegion(scope, delay = 400) {
  const node = h("div", { class: "ltg-spoken", "aria-live": "polite", role: "status" });
  let timer = 0;
  scope.onClose(() => clearTimeout(timer));
  const say = (text) => {
    clearTimeout(timer);
    timer = setTimeout(() => { node.textContent = text; }, delay);
  };
  return { node, say };
}

/** A checkbox or radio button with its words: { node, input }. */
export function check(type, words, attributes = {}) {
  const input = h("input", { type, ...attributes });
  return { input, node: h("label", { class: "ltg-check" }, input, h("span", {}, words)) };
}

/** A checkbox tied to a trait. */
export function boundCheck(scope, model, name, words) {
  const { node, input } = check("checkbox", words);
  const show = () => { input.checked = model.get(name); };
  scope.listen(input, "change", () => put(model, { [name]: input.checked }));
  scope.watch(model, [name], show);
  show();
  return node;
}

/** One of `choices` { value: words } as radio buttons; `label` is what is spoken. */
export function radios(scope, { title, label = title, choices, onPick }) {
  const name = uid("radios");
  const made = Object.entries(choices).map(([value, words]) => {
    const one = check("radio", words, { name, value });
    scope.listen(one.input, "change", () => onPick(value));
    return one;
  });
  const node = h("div", { class: "ltg-radios", role: "radiogroup", "aria-label": label },
    h("span", { class: "ltg-label", text: title, "aria-hidden": "true" }),
    ...made.map((one) => one.node));
  const set = (value) => made.forEach(({ input }) => {
    input.checked = input.value === String(value);
  });
  return { node, set };
}

/** One of many texts in a list, under its title. */
export function menu(scope, { title, texts, onPick }) {
  const select = h("select", {}, ...texts.map((text) => h("option", { value: text, text })));
  scope.listen(select, "change", () => onPick(select.value));
  const node = h("label", { class: "ltg-menu" }, h("span", { text: title }), select);
  return { node, set: (text) => { select.value = text; } };
}

const PATIENCE = 5000; // milliseconds without news until we ask about the kernel

/** A line that says at once what is wrong, or that Python does not answer. */
export function statusLine(scope) {
  const node = h("p", { class: "ltg-status", role: "alert" });
  let late = 0;
  scope.onClose(() => clearTimeout(late));
  const say = (text, waiting = false) => {
    clearTimeout(late);
    node.textContent = text;
    if (waiting) late = setTimeout(() => {
      node.textContent = "No answer yet. In a notebook: is the kernel running? Run the cell again.";
    }, PATIENCE);
  };
  return { node, say };
}

/** A row of labelled numbers, { key: label }; set({ key: "1.23 nats" }) fills them. */
export function tiles(names) {
  const values = {};
  const node = h("dl", { class: "ltg-tiles" });
  for (const [key, label] of Object.entries(names)) {
    values[key] = h("dd", {});
    node.append(h("div", {}, h("dt", {}, label), values[key]));
  }
  const set = (texts) => {
    for (const [key, text] of Object.entries(texts)) values[key].textContent = text;
  };
  return { node, set };
}

/** A hatch pattern for an SVG; use fill: `url(#${id})`. */
export function hatch(id) {
  return svg("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse",
    patternTransform: "rotate(45)" },
    svg("rect", { width: 6, height: 6, class: "ltg-hatch-ground" }),
    svg("rect", { width: 2, height: 6, class: "ltg-hatch-line" }));
}

/**
 * A picture drawn for the room it gets: `make(width)` gives { node, update } with a
 * viewBox as wide as `width`, and is called again when the room changes. A unit is 1/14
 * of the reader's letter height, so letters are as large here as in the text around.
 */
export function fitted(scope, make) {
  const ruler = h("span", { class: "ltg-ruler", "aria-hidden": "true" });
  const home = h("div", { class: "ltg-fitted" });
  let [shown, width, last] = [null, 0, null];
  const draw = (room) => {
    if (room === width) return;
    width = room;
    shown = make(width);
    shown.node.setAttribute("font-size", 14);
    home.replaceChildren(ruler, shown.node);
    if (last) shown.update(...last);
  };
  draw(640);
  const eye = new ResizeObserver(() => {
    const em = parseFloat(getComputedStyle(home).fontSize);
    if (home.clientWidth > 0) draw(Math.round((14 * home.clientWidth) / em));
  });
  eye.observe(home);
  eye.observe(ruler); // its width tells when the reader's letters change
  scope.onClose(() => eye.disconnect());
  const update = (...values) => {
    last = values;
    shown.update(...values);
  };
  return { node: home, update, room: () => width };
}

export function place(node, attributes) {
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
}

/** The path of a line through points [x, y]. */
export const pathThrough = (points) => `M${points.map(([x, y]) =>
  `${x.toFixed(2)} ${y.toFixed(2)}`).join("L")}`;

/** Numbers between low and high as shares of the way. */
export const linear = (low, high) => (value) => (value - low) / (high - low);

/**
 * The axes of a chart between `left`, `right`, `top` and `base`; `x` and `y` say which
 * share of its axis a number is at. Gives both as places, and the parts of the axes.
 */
export function plot({ left, right, top, base, x: shareX, y: shareY }) {
  const x = (value) => left + (right - left) * shareX(value);
  const y = (value) => base - (base - top) * shareY(value);
  const words = (at, level, text, anchor = "middle") => svg("text", { x: at, y: level, text,
    "text-anchor": anchor, class: "ltg-tick" });
  const line = (level, kind) => svg("line", { class: kind, x1: left, x2: right, y1: level,
    y2: level });
  const rows = (values, say, { gap = 6, kind = () => "ltg-grid" } = {}) =>
    values.flatMap((value) => [line(y(value), kind(value)),
      words(left - gap, y(value) + 4, say(value), "end")]);
  const columns = (values, say, level = base + 17) =>
    values.map((value) => words(x(value), level, say(value)));
  return { x, y, words, line, rows, columns };
}

/** What the signs of a picture mean: [[sign, words], ...]. */
export const keyTo = (pairs) => h("ul", { class: "ltg-legend" }, ...pairs.map(
  ([sign, text]) => h("li", {}, sign, h("span", { text }))));

/** Where the pointer is in a picture, in its units. */
export function pointIn(picture, event) {
  const { left, top, width, height } = picture.getBoundingClientRect();
  const box = picture.viewBox.baseVal;
  return [((event.clientX - left) / width) * box.width,
    ((event.clientY - top) / height) * box.height];
}

/** Calls move([x, y]) where a `fitted` picture is pressed, and while it is held. */
export function drag(scope, { node }, move) {
  let held = false;
  const seen = (event) => held && move(pointIn(node.querySelector("svg"), event));
  scope.listen(node, "pointerdown", (event) => {
    held = true;
    node.setPointerCapture(event.pointerId);
    seen(event);
  });
  scope.listen(node, "pointermove", seen);
  for (const end of ["pointerup", "pointercancel"]) {
    scope.listen(node, end, () => { held = false; });
  }
}

/** Which of the texts [middle, y, width], best first, touch none before them. */
export function clearOf(texts, tall = 13) {
  const taken = [];
  return texts.map(([x, y, wide]) => {
    const free = taken.every(([ox, oy, ow]) => Math.abs(x - ox) >= (wide + ow) / 2
      || Math.abs(y - oy) >= tall);
    if (free) taken.push([x, y, wide]);
    return free;
  });
}

/** The letters of an alphabet as they can be seen: the twin of names.labels_of. */
export function labelsOf(alphabet) {
  const code = (letter) => letter.codePointAt(0).toString(16).toUpperCase();
  return Array.from(alphabet, (letter) => {
    if (/\p{Z}/u.test(letter)) return "\u2423";
    if (/\p{M}/u.test(letter)) return `\u25cc${letter}`;
    return /\p{C}/u.test(letter) ? `U+${code(letter).padStart(4, "0")}` : letter;
  });
}

/**
 * Upright bars. update([{ label, value, cut, marked, note }], spoken, top): height is
 * value / top, with lines at top and top / 2 (no top: the largest value fills the
 * picture). `cut` is hatched, `marked` orange, `note` stands above the bar; with
 * `pick(index)` the bars can be clicked (offer a key for the same).
 */
export function columns(scope, { n, height = 190, pick = null }) {
  return fitted(scope, (width) => columnsOf(scope, { n, width, height, pick }));
}

const LETTER = 0.62; // how wide a letter of the code font is, in ems
const DIGIT = 7.4; // how wide one of the small numbers is, in units

/** How large labels of so many letters can be in a slot, and in how many lines. */
export function labelLines(longest, slot) {
  const size = Math.max(10.5, Math.min(14, slot / (LETTER * longest || 1)));
  return { size, lines: Math.min(4, Math.ceil((LETTER * size * longest) / slot - 0.05)) || 1 };
}

function columnsOf(scope, { n, width, height, pick }) {
  const id = uid("hatch");
  const slot = width / n;
  const line = svg("line", { x1: 0, x2: width, class: "ltg-axis" });
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img",
    class: "ltg-columns" }, svg("defs", {}, hatch(id)), line);
  const scale = [1, 0.5].map((share) => {
    const rule = svg("line", { x1: 0, x2: width, class: "ltg-grid" });
    const text = svg("text", { x: width, class: "ltg-scale" });
    picture.append(rule);
    return { share, rule, text };
  });
  const bars = Array.from({ length: n }, (_, i) => {
    const x = i * slot;
    const bar = svg("rect", { x: x + slot * 0.12, width: slot * 0.76, rx: 2 });
    const note = svg("text", { x: x + slot / 2, class: "ltg-note" });
    const label = svg("text", { x: x + slot / 2, class: "ltg-letter" });
    const group = svg("g", {}, bar, label);
    if (pick) scope.listen(group, "click", () => pick(i));
    picture.append(group);
    return { bar, note, label, group };
  });
  picture.append(...bars.map(({ note }) => note), ...scale.map(({ text }) => text));
  const update = (items, spoken, top = null) => {
    const most = top ?? Math.max(...items.map((item) => item.value), 1e-12);
    const { size, lines } = labelLines(Math.max(...items.map(({ label }) => label.length)),
      slot);
    const base = height - 7 - 17 * lines;
    const tall = items.map(({ value }) => Math.max(0, Math.min(1, value / most)) * (base - 18));
    const byHeight = rankOrder(items.map(({ value, marked }) => value + (marked ? most : 0)))
      .filter((i) => items[i].note);
    const free = clearOf(byHeight.map((i) => [i * slot, base - tall[i],
      DIGIT * items[i].note.length]));
    const noted = new Set(byHeight.filter((_, rank) => free[rank]));
    place(line, { y1: base + 0.5, y2: base + 0.5 });
    items.forEach(({ label, cut = false, marked = false, note = "" }, i) => {
      const part = bars[i];
      place(part.bar, { y: base - tall[i], height: tall[i] });
      part.bar.style.fill = cut ? `url(#${id})` : "";
      const kind = cut ? "ltg-cut" : marked ? "ltg-marked" : "";
      part.group.setAttribute("class", `ltg-column ${kind}`);
      part.note.setAttribute("y", base - tall[i] - 5);
      part.note.textContent = noted.has(i) ? note : "";
      place(part.label, { y: base + 16 + 17 * (i % lines), style: `font-size: ${size / 14}em` });
      part.label.textContent = label;
    });
    for (const { share, rule, text } of scale) {
      const y = base - share * (base - 18) + 0.5;
      place(rule, { y1: y, y2: y });
      rule.style.display = top === null ? "none" : "";
      text.setAttribute("y", y - 4);
      text.textContent = top === null ? "" : percent(share * top, top < 0.2 ? 1 : 0);
    }
    picture.setAttribute("aria-label", spoken);
  };
  return { node: picture, update };
}
