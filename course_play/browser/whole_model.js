// The whole model in one picture: a GPT through which the reader's own sentence flows.
//
//     import { mount } from "./whole_model.js";
//     const close = mount(el, { gpt, words });
//
// `gpt` is a `GPT` of gpt.js, `words` a `Words` of words.js. What is shown stands in the
// page's address, unless `address: false`.
import { frame, h, liveRegion, openScope, percent, rankOrder } from "../widgets/base.js";
import { detailsPanel, isPart } from "./whole_details.js";
import { wholePicture } from "./whole_drawing.js";
import { listenToKeys } from "./whole_keys.js";
import { outcome, outputPanel } from "./whole_output.js";
import { legend } from "./whole_pieces.js";
import {
  inBlock, keyOf, lensOf, openReader, spokenName, without,
} from "./whole_reading.js";
import { MOST, complaint, sentenceBox } from "./whole_sentence.js";
import { FRESH, openStore, readAddress, tieToAddress } from "./whole_state.js";
import { tourCard } from "./whole_tour.js";

const START = 0; // <eot>, with which every text begins
const PAUSE = 700; // milliseconds between two words that are written

/** The exact bend of the model, for the picture of its curve. */
const BENDS = {
  relu_squared: (x) => (x > 0 ? x * x : 0),
  swiglu: (x) => x / (1 + Math.exp(-x)),
};
const gelu = (x) => 0.5 * x * (1 + Math.tanh(0.7978845608028654 * (x + 0.044715 * x ** 3)));

/** What is known about a sentence: its tokens, and all that the model computed. */
export function factsOf(gpt, words, read, text) {
  const tokens = [START, ...words.encode(text)];
  const seen = read(tokens);
  const [lenses, silenced] = [[], {}];
  return { gpt, tokens, seen, vocabulary: words.words, words: tokens.map((id) => words.words[id]),
    L: gpt.config.n_layers, bend: BENDS[gpt.config.activation] ?? gelu,
    lens: (t) => lenses[t] ??= lensOf(gpt, seen[t]),
    without: (layer, head) => silenced[`${layer}.${head}`] ??= without(gpt, tokens, layer, head) };
}

/** The state with everything inside its range. */
export function settled(state, { tokens, seen, L, gpt }) {
  const T = tokens.length;
  const clamp = (x, n) => Math.max(0, Math.min(n - 1, Math.round(x)));
  const t = state.t < 0 ? T - 1 : clamp(state.t, T);
  const [layer, head] = [clamp(state.layer, L), clamp(state.head, gpt.config.n_heads)];
  const [most] = rankOrder(seen[t].layers[layer].weights[head]);
  return { ...state, part: isPart(state.part) ? state.part : "", t, layer, head,
    k: state.k < 0 ? most : clamp(state.k, T),
    n: state.n < 0 ? -1 : clamp(state.n, gpt.config.hidden_dim),
    temp: Math.max(0.1, Math.min(2, state.temp)) };
}

const firstState = (words, address) => {
  const state = address ? readAddress(location.hash) : { ...FRESH };
  return complaint(state.s, words) ? { ...state, s: FRESH.s } : state;
};

/** Draw the figure into an element; gives what takes it away again. */
export function mount(el, { gpt, words, address = true }) {
  const scope = openScope();
  const store = openStore(firstState(words, address));
  const read = openReader(gpt);
  const root = frame(el, { name: "whole-model",
    title: "One sentence through a whole language model",
    hint: "A small GPT reads it here, in your browser. It was trained on "
      + `Tiny World, where there are ${words.words.length} words, and every number that you `
      + "see is its own." });
  const live = liveRegion(scope);
  let facts = null;
  let hovered = null;
  let at = null; // the part that has the place of the keys in the picture
  const open = (part, layer, more = {}, focused = true) => {
    store.set({ part, ...(inBlock(part) ? { layer } : {}), ...more });
    if (focused) details.focus();
    details.show();
  };
  const openKey = (key, t = null) => {
    const [part, layer] = key.split(".");
    hovered = null;
    open(part, Number(layer ?? 0), t === null ? {} : { t });
  };
  const leave = () => {
    store.set({ part: "" });
    picture.focus(at);
  };
  const box = sentenceBox(scope, words, {
    read: (s) => s !== store.get().s && store.set({ s, t: -1, k: -1 }),
    next: () => { writer.stop(); writer.next(); }, write: () => writer.toggle() });
  const writer = openWriter(scope, store, words, () => facts, box);
  const panel = outputPanel(scope, store, words.words, {
    word: (id) => open("logits", 0, { word: id }), open: () => open("probs", 0) });
  const picture = wholePicture(scope, {
    hover: (t) => { if (t !== hovered) { hovered = t; paint(false); } },
    pick: (t) => store.set({ t }),
    open: openKey });
  const details = detailsPanel(scope, store, { L: gpt.config.n_layers, H: gpt.config.n_heads },
    { go: open, leave });
  const tour = tourCard(scope, store);
  const overview = h("div", {}, picture.node, legend(gpt.config.n_heads));
  const stage = h("div", { class: "ltg-wm-stage" }, overview, details.node);
  tour.keep(stage);
  root.append(box.node, tour.node, h("div", { class: "ltg-wm-body-row" }, stage, panel.node),
    live.node);

  const paint = (changed = true) => {
    const state = settled(store.get(), facts);
    const { part } = state;
    const t = part ? state.t : hovered ?? state.t;
    if (part) at = keyOf(state);
    at ??= "words";
    overview.hidden = part !== "";
    details.node.hidden = part === "";
    if (part) details.update(facts, state, state.t, state.k);
    else picture.update(facts, t, at);
    const { probs, order } = panel.update(facts, t, state);
    if (!changed) return;
    box.show(state.s);
    root.dataset.step = state.step;
    const told = tour.update(facts, state, state.t);
    if (told) tour.bring(stage);
    live.say(told ?? spoken(facts, state, probs, order, at));
  };
  const refresh = () => {
    facts = factsOf(gpt, words, read, store.get().s);
    hovered = null;
    paint();
  };
  store.watch((state, names) => {
    if (!names.includes("s")) return paint();
    if (complaint(state.s, words)) return store.set({ s: FRESH.s });
    return refresh();
  });
  listenToKeys(scope, root, stage, { leave, pick: (t) => store.set({ t }), open: openKey,
    move: (key) => { at = key; paint(false); picture.focus(key); },
    chosen: () => ({ ...settled(store.get(), facts), at, opened: store.get().part !== "",
      T: facts.tokens.length, L: facts.L }) });
  if (address) tieToAddress(scope, store);
  refresh();
  return () => {
    writer.stop();
    scope.close();
    root.remove();
  };
}

/** What each head of a block looks at most, from token t. */
function looksOf({ seen, words }, layer, t) {
  const heads = seen[t].layers[layer].weights.map((row, head) => {
    const [most] = rankOrder(row);
    return `head ${head} looks at ${words[most]}, ${percent(row[most], 0)}`;
  });
  return `Attention of block ${layer}: ${heads.join("; ")}. `;
}

/** What a screen reader says after a change; `at` is the part that has the keys. */
function spoken(facts, state, probs, order, at) {
  const { t, part } = state;
  const top = order.slice(0, 3).map((id) => `${facts.vocabulary[id]} ${percent(probs[id], 0)}`);
  const where = part ? `${spokenName(state)}. ` : "";
  const [name, layer] = at.split(".");
  const looks = name === "attention" ? looksOf(facts, Number(layer), t) : "";
  return `${where}Token ${t + 1} of ${facts.tokens.length}, ${facts.words[t]}. ${looks}`
    + `Next: ${top.join(", ")}.`;
}

/** Appends what was drawn, once or on and on. */
function openWriter(scope, store, words, getFacts, box) {
  let timer = 0;
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    box.writing(false);
  };
  const next = () => {
    const facts = getFacts();
    const T = facts.tokens.length;
    const { temp, seed } = settled(store.get(), facts);
    const { id } = outcome(facts, { temp, seed });
    if (id === START) {
      box.say("The model drew <eot>: it says that the text ends here. Draw again, or begin a "
        + "new one.");
      return false;
    }
    if (T >= MOST) {
      box.say(`The picture has room for ${MOST} tokens, and they are all used. Begin a new `
        + "sentence.");
      return false;
    }
    box.say("");
    store.set({ s: words.decode([...facts.tokens.slice(1), id]), t: -1, k: -1, word: -1 });
    return true;
  };
  const toggle = () => {
    if (timer) return stop();
    if (!next()) return undefined;
    box.writing(true);
    timer = setInterval(() => { if (store.get().step > 0 || !next()) stop(); }, PAUSE); // no tour
    return undefined;
  };
  scope.onClose(() => clearInterval(timer));
  return { next, toggle, stop };
}
