import {
  boundSlider, button, columns, drawIndex, entropy, fixed, frame, h, labelsOf, liveRegion,
  mulberry32, numbersOf, openScope, percent, plural, put, rankOrder, softmax, tiles,
  toBits, uid,
} from "./base.js";

const LETTERS = [...".abcdefghijklmnopqrstuvwxyz"]; // of the lessons
const END = 0; // '.' ends a name and pads its start

// ---- maths: the twins of course_lib.generate and course_lib.mlp --------------------

/**
 * Temperature, then top-k, then top-p, each time renormalised; null is "off", T = 0 is
 * greedy, ties go to the lower index. `before` is the distribution before the cuts.
 */
export function nextProbs(logits, { temperature = 1, topK = null, topP = null } = {}) {
  const order = rankOrder(logits);
  const top = logits[order[0]];
  const greedy = temperature === 0;
  const before = greedy
    ? Array.from(logits, (_, i) => (i === order[0] ? 1 : 0))
    : softmax(Array.from(logits, (z) => (z - top) / temperature));
  let ranked = order.map((i) => before[i]);
  const renormalise = () => {
    const sum = ranked.reduce((a, b) => a + b, 0);
    ranked = ranked.map((p) => p / sum);
  };
  if (topK !== null && !greedy) {
    ranked = ranked.map((p, rank) => (rank < topK ? p : 0));
    renormalise();
  }
  if (topP !== null && topP < 1 && !greedy) {
    let sum = 0;
    ranked = ranked.map((p) => {
      sum += p;
      return sum - p >= topP ? 0 : p;
    });
    renormalise();
  }
  const probs = new Array(logits.length).fill(0);
  order.forEach((i, rank) => { probs[i] = ranked[rank]; });
  return { probs, before, order };
}

/**
 * NameMLP from its weights, float32 in the order of its parameters: a function of tokens
 * that gives logits (V,). It fills `see`: embedded (T * C,), before and hidden (H,).
 */
export function makeMlp(weights, { contextSize, embDim, hiddenDim, letters = LETTERS }) {
  const V = letters.length;
  const width = contextSize * embDim;
  let at = 0;
  const take = (n) => weights.subarray(at, (at += n));
  const embedding = take(V * embDim);
  const [hidden, hiddenBias] = [take(hiddenDim * width), take(hiddenDim)];
  const [head, headBias] = [take(V * hiddenDim), take(V)];
  const layer = (matrix, bias, x) => Array.from(bias, (b, row) =>
    x.reduce((sum, value, i) => sum + matrix[row * x.length + i] * value, b));
  return (tokens, see = {}) => {
    const embedded = tokens.flatMap((t) =>
      Array.from(embedding.subarray(t * embDim, (t + 1) * embDim)));
    const before = layer(hidden, hiddenBias, embedded);
    Object.assign(see, { embedded, before, hidden: before.map(Math.tanh) });
    return layer(head, headBias, see.hidden);
  };
}

/** The last letters of `text` as tokens, padded in front with the dot. */
export function contextOf(text, contextSize, letters = LETTERS) {
  const tokens = [...text].map((letter) => letters.indexOf(letter));
  return [...new Array(contextSize).fill(END), ...tokens].slice(-contextSize);
}

/** Uniforms, one row per name; another roll gives other dice. */
export function dice(seed, roll, nNames, maxLen) {
  const next = mulberry32(seed + Math.imul(roll, 0x9e3779b1));
  return Array.from({ length: nNames }, () => Array.from({ length: maxLen }, next));
}

/** One name: `probsAfter(text)` gives the distribution, `row` the dice. */
export function writeName(prompt, probsAfter, row, maxLen, letters = LETTERS) {
  const given = [...prompt].length;
  let text = prompt;
  for (let t = 0; given + t < maxLen; t += 1) {
    const token = drawIndex(probsAfter(text), row[t]);
    if (token === END) return { text, ended: true };
    text += letters[token];
  }
  return { text, ended: false };
}

/** A model that remembers the logits of each context it has seen. */
export function makeReader(weights, sizes) {
  const mlp = makeMlp(weights, sizes);
  const seen = new Map();
  return (text) => {
    const tokens = contextOf(text, sizes.contextSize, sizes.letters);
    const key = tokens.join();
    if (!seen.has(key)) seen.set(key, mlp(tokens));
    return seen.get(key);
  };
}

/** All names of the lab for one setting of the sliders. */
export function writeNames(logitsAfter, { prompt, knobs, rows, maxLen, letters }) {
  const cache = new Map();
  const probsAfter = (text) => {
    const logits = logitsAfter(text);
    if (!cache.has(logits)) cache.set(logits, nextProbs(logits, knobs).probs);
    return cache.get(logits);
  };
  return rows.map((row) => writeName(prompt, probsAfter, row, maxLen, letters));
}

// ---- what is on the page -----------------------------------------------------------

function promptBox(scope, model, letters) {
  const capitals = letters.some((letter) => letter !== letter.toLowerCase());
  const read = () => (capitals ? input.value : input.value.toLowerCase()).normalize("NFC");
  const known = letters === LETTERS ? "a to z" : "the letters of its list";
  const note = h("span", { class: "ltg-complaint", id: uid("note"), role: "alert" });
  const input = h("input", { type: "text", size: 12, maxlength: 20, spellcheck: "false",
    autocomplete: "off", autocapitalize: "none", "aria-describedby": note.id,
    dir: "auto", placeholder: "(start)" });
  const complain = (text) => {
    note.textContent = text;
    if (text) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  };
  scope.listen(input, "input", () => {
    const text = read();
    const strange = [...text].find((letter) => letters.indexOf(letter) <= END);
    if (strange !== undefined) {
      const named = strange === " " ? "a space" : `“${strange}”`;
      complain(`The model knows only ${known}: it cannot read ${named}.`);
      return;
    }
    complain("");
    put(model, { prompt: text });
  });
  const show = () => {
    if (read() !== model.get("prompt")) {
      input.value = model.get("prompt");
      complain("");
    }
  };
  scope.watch(model, ["prompt"], show);
  show();
  return h("div", { class: "ltg-row ltg-prompt" },
    h("label", { class: "ltg-row" }, h("span", { text: "Name so far" }), input), note);
}

function knobs(scope, model, V) {
  const off = (last) => ({
    read: (x) => x ?? last, write: (x) => (x >= last ? null : x) });
  return [
    boundSlider(scope, model, "temperature", { label: "Temperature", min: 0, max: 3,
      step: 0.05, low: "0 greedy", high: "3 wild",
      format: (T) => (T === 0 ? "0 = greedy" : fixed(T)) }),
    boundSlider(scope, model, "top_k", { label: "Top-k", min: 1, max: V, step: 1,
      low: "1 letter", high: "all letters", ...off(V),
      format: (k) => (k >= V ? "off" : `${k} of ${V}`) }),
    boundSlider(scope, model, "top_p", { label: "Top-p", min: 0.05, max: 1, step: 0.05,
      low: "5 %", high: "all the mass", ...off(1),
      format: (p) => (p >= 1 ? "off" : fixed(p)) }),
  ].map((made) => made.node);
}

/** The top of the scale: the smallest of these that holds the tallest bar. */
const scaleFor = (most) => [0.1, 0.2, 0.4, 0.6, 0.8].find((top) => most <= top) ?? 1;

function nextLetterView(scope, letters) {
  const labels = labelsOf(letters);
  const spell = (token) => (token === END ? "end" : labels[token]);
  const bars = columns(scope, { n: letters.length, height: 180 });
  const title = h("div", { class: "ltg-subtitle" });
  const key = h("span", { class: "ltg-key" }, ...[
    [h("span", { class: "ltg-swatch" }), "can come next"],
    [h("span", { class: "ltg-swatch ltg-swatch-cut" }), "cut by top-k or top-p"],
    [h("code", { text: "." }), "the name ends"],
  ].map((pair) => h("span", {}, ...pair)));
  const node = h("section", {}, h("div", { class: "ltg-headline" }, title, key),
    bars.node);
  const show = (prompt, { probs, before, order }) => {
    title.textContent = prompt ? `Next letter after “${prompt}”` : "First letter of a name";
    const items = order.map((token) => {
      const cut = probs[token] === 0 && before[token] > 0;
      const value = cut ? before[token] : probs[token];
      const note = value >= 0.005 && !cut ? fixed(100 * value, 0) : "";
      return { label: labels[token], value, cut, note };
    });
    const tallest = order.slice(0, 6).filter((token) => probs[token] > 0)
      .map((token) => `${spell(token)} ${percent(probs[token], 0)}`).join(", ");
    const most = Math.max(...items.map((item) => item.value));
    bars.update(items, `Bars of the next letter, tallest first: ${tallest}.`,
      scaleFor(most));
  };
  return { node, show };
}

function nameChip({ text, ended }, prompt, known) {
  const old = ended && known.has(text);
  const rest = text.slice(prompt.length);
  return h("li", { class: old ? "ltg-chip ltg-old" : "ltg-chip ltg-new" },
    h("span", { class: "ltg-written" },
      h("span", { class: "ltg-given", text: prompt }),
      text ? rest : h("em", { text: "(no letter)" }), ended ? "" : "…"),
    h("span", { class: "ltg-mark", text: old ? "= memorised" : "+ new" }));
}

function namesView(scope, model, known) {
  const count = h("span", { class: "ltg-count" });
  const list = h("ul", { class: "ltg-names", role: "list" });
  const again = button(scope, "Roll the dice again",
    () => put(model, { roll: model.get("roll") + 1 }));
  const node = h("section", {}, h("div", { class: "ltg-headline" },
    h("div", { class: "ltg-subtitle", text: `${model.get("n_names")} names` }), count, again),
  list, h("p", { class: "ltg-hint", text: "The dice stay the same while you slide: a "
    + "name changes only because the probabilities did. Memorised = it stands in the "
    + "list the model learned from." }));
  const show = (names, prompt) => {
    list.replaceChildren(...names.map((name) => nameChip(name, prompt, known)));
    const old = names.filter((name) => name.ended && known.has(name.text)).length;
    const different = new Set(names.map((name) => name.text)).size;
    count.textContent = `${names.length - old} new, ${old} memorised, `
      + (different === 1 ? "all the same" : `${different} different`);
  };
  return { node, show, summary: () => count.textContent };
}

function readModel(model, letters) {
  return makeReader(numbersOf(model.get("weights")), { letters,
    contextSize: model.get("context_size"), embDim: model.get("emb_dim"),
    hiddenDim: model.get("hidden_dim") });
}

function render({ model, el }) {
  const scope = openScope();
  const own = [...model.get("alphabet")];
  const letters = own.join("") === LETTERS.join("") ? LETTERS : own;
  const root = frame(el, { name: "sampling-lab", title: "The sampling lab",
    hint: `The trained model scores ${letters.length} next letters. You decide how one is `
      + "chosen." });
  const known = new Set(model.get("known").split("\n"));
  const logitsAfter = readModel(model, letters);
  const waiter = h("p", { class: "ltg-waiter" });
  const bars = nextLetterView(scope, letters);
  const numbers = tiles({ entropy: "Entropy H of the letter",
    choices: h("span", { text: "Effective choices, e" }, h("sup", { text: "H" })),
    left: "Letters that can come" });
  const names = namesView(scope, model, known);
  const live = liveRegion(scope);
  root.append(promptBox(scope, model, letters), h("div", { class: "ltg-knobs" },
    ...knobs(scope, model, letters.length)), waiter, h("div", { class: "ltg-sides" },
    h("div", {}, bars.node, numbers.node), names.node), live.node);

  const paint = () => {
    const [prompt, T] = [model.get("prompt"), model.get("temperature")];
    const chosen = { temperature: T, topK: model.get("top_k"), topP: model.get("top_p") };
    const maxLen = model.get("max_len");
    const next = nextProbs(logitsAfter(prompt), chosen);
    const nats = entropy(next.probs);
    const kept = next.probs.filter((p) => p > 0).length;
    const lost = next.before.reduce((sum, p, i) => sum + (next.probs[i] > 0 ? 0 : p), 0);
    waiter.replaceChildren(h("b", { text: "At the restaurant: " }),
      model.get("restaurant").find(([limit]) => T <= limit)[1]);
    bars.show(prompt, next);
    numbers.set({ entropy: `${fixed(nats)} nats = ${fixed(toBits(nats))} bits`,
      choices: `${fixed(Math.exp(nats), 1)} letters`,
      left: `${kept} of ${letters.length}${lost > 0 ? `, ${percent(lost)} cut` : ""}` });
    const rows = dice(model.get("seed"), model.get("roll"), model.get("n_names"), maxLen);
    names.show(writeNames(logitsAfter,
      { prompt, knobs: chosen, rows, maxLen, letters }), prompt);
    live.say(`Effective choices ${fixed(Math.exp(nats), 1)}, ${plural(kept, "letter")} `
      + `can come next. ${names.summary()}.`);
  };
  scope.watch(model, ["prompt", "temperature", "top_k", "top_p", "seed", "roll"], paint);
  paint();
  return scope.close;
}

export default { render };
