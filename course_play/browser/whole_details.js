// One part of the model, opened: its title, what can be chosen, and its numbers.
import { button, h, openScope, radios, rankOrder, uid } from "../widgets/base.js";
import { attentionPart } from "./whole_attention.js";
import { temperatureSlider } from "./whole_output.js";
import {
  add1Part, add2Part, embeddingPart, forwardPart, lastNormPart, logitsPart, norm1Part, norm2Part,
  probsPart, wordsPart,
} from "./whole_parts.js";
import { inBlock, keyOf, partsOf, spokenName } from "./whole_reading.js";

const CONTENT = { words: wordsPart, embedding: embeddingPart, norm1: norm1Part,
  attention: attentionPart, add1: add1Part, norm2: norm2Part, forward: forwardPart, add2: add2Part,
  norm: lastNormPart, logits: logitsPart, probs: probsPart };
const LESSONS = { words: "10_tokens", embedding: "07_name_generator", norm1: "13_transformer_block",
  attention: "11_attention", add1: "13_transformer_block", norm2: "13_transformer_block",
  forward: "13_transformer_block", add2: "13_transformer_block", norm: "14_gpt", logits: "14_gpt",
  probs: "08_temperature" };
const NUMBERED = new Set(["embedding", "norm1", "add1", "norm2", "forward", "add2", "norm"]);

export const lessonOf = (part) => `${LESSONS[part]}.html`;
export const isPart = (part) => part in CONTENT;

/** The tokens in a row; arrow keys or a press choose the one that is followed. */
export function tokenRow(scope, pick) {
  const id = uid("tokens");
  const node = h("div", { role: "listbox", tabindex: 0, class: "ltg-wm-tokens", id,
    "aria-label": "The token that is followed. Arrow keys choose another." });
  let [count, at] = [0, 0];
  scope.listen(node, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const goal = { ArrowLeft: at - 1, ArrowUp: at - 1, ArrowRight: at + 1, ArrowDown: at + 1,
      Home: 0, End: count - 1 }[event.key];
    if (goal === undefined) return;
    pick(Math.max(0, Math.min(count - 1, goal)));
    event.preventDefault();
    event.stopPropagation();
  });
  scope.listen(node, "click", (event) => {
    const one = event.target.closest("[data-t]");
    if (one) pick(Number(one.dataset.t));
  });
  const update = (words, t) => {
    [count, at] = [words.length, t];
    node.replaceChildren(...words.map((text, i) => h("span", { role: "option", id: `${id}-${i}`,
      "aria-selected": String(i === t), "data-t": i, class: "ltg-wm-tok", text })));
    node.setAttribute("aria-activedescendant", `${id}-${t}`);
  };
  return { node, update };
}

const MAP = { words: "words", embedding: "emb", norm1: "n", attention: "att", add1: "+", norm2: "n",
  forward: "ff", add2: "+", norm: "norm", logits: "logits", probs: "probs" };

/** The whole model as a row of small buttons: where we are, and the way to other parts. */
function partMap(scope, L, go) {
  const parts = partsOf(L);
  const buttons = parts.map((one) => {
    const node = h("button", { type: "button", text: MAP[one.part], "aria-label": nameOf(one),
      title: nameOf(one), class: `ltg-wm-stop ltg-wm-is-${one.part}` });
    scope.listen(node, "click", () => go(one.part, one.layer));
    return node;
  });
  const groups = Array.from({ length: L }, (_, layer) => h("span", { class: "ltg-wm-group" },
    h("span", { class: "ltg-wm-group-name", "aria-hidden": "true", text: layer }),
    ...buttons.filter((__, i) => inBlock(parts[i].part) && parts[i].layer === layer)));
  const node = h("div", { role: "toolbar", class: "ltg-wm-map",
    "aria-label": "Parts of the model" }, ...buttons.slice(0, 2), ...groups, ...buttons.slice(-3));
  let at = 0;
  scope.listen(node, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const goal = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0,
      End: parts.length - 1 }[event.key];
    if (goal === undefined || !parts[goal]) return;
    event.preventDefault();
    event.stopPropagation();
    go(parts[goal].part, parts[goal].layer, {}, false);
    buttons[goal].focus();
  });
  const update = (state) => {
    at = parts.findIndex((one) => keyOf(one) === keyOf(state));
    buttons.forEach((one, i) => {
      one.tabIndex = i === at ? 0 : -1;
      if (i === at) one.setAttribute("aria-current", "true");
      else one.removeAttribute("aria-current");
    });
  };
  return { node, update };
}

/** The slider that chooses one number of the vectors. */
function numberPicker(set) {
  const input = h("input", { type: "range", min: 0, step: 1,
    "aria-label": "Number that is read out" });
  const value = h("span", { class: "ltg-value", "aria-hidden": "true" });
  input.addEventListener("input", () => set({ n: input.valueAsNumber }));
  const node = h("label", { class: "ltg-slider" }, h("span", { class: "ltg-label", text: "Number",
    "aria-hidden": "true" }), h("span", { class: "ltg-track" }, input), value);
  const update = (n, most) => {
    input.max = String(most - 1);
    input.value = String(Math.min(n, most - 1));
    value.textContent = `${input.value} of ${most}`;
    input.setAttribute("aria-valuetext", value.textContent);
    node.hidden = false;
  };
  return { node, update };
}

/** The number that is read out, where nobody has chosen one: the farthest from 0. */
function telling(part, see, here) {
  const vector = { embedding: see.embedded, norm1: here.streamIn, add1: here.projected,
    norm2: here.afterAttention, forward: here.inner, add2: here.out,
    norm: see.layers.at(-1).streamOut }[part];
  return vector ? rankOrder(vector.map(Math.abs))[0] : 0;
}

const rangeOf = (n) => Object.fromEntries(Array.from({ length: n }, (_, i) => [i, String(i)]));

/**
 * The panel of one part. `go(part, layer)` opens another, `leave()` goes back to the whole
 * model. update(facts, state, t, k) fills it.
 */
export function detailsPanel(scope, store, { L, H }, { go, leave }) {
  const set = (changes) => store.set(changes);
  const title = h("h2", { class: "ltg-wm-title", tabindex: -1, id: uid("part") });
  const back = button(scope, "← Overview", leave, { class: "ltg-button ltg-wm-back" });
  const map = partMap(scope, L, go);
  const link = h("a", { class: "ltg-wm-lesson" });
  const blocks = radios(scope, { title: "Block", choices: rangeOf(L),
    onPick: (layer) => set({ layer: Number(layer) }) });
  const heads = radios(scope, { title: "Head", choices: rangeOf(H),
    onPick: (head) => set({ head: Number(head) }) });
  const tokens = tokenRow(scope, (t) => set({ t }));
  const number = numberPicker(set);
  const heat = temperatureSlider(scope, store);
  const content = h("div", { class: "ltg-wm-content" });
  const node = h("section", { class: "ltg-wm-details", "aria-labelledby": title.id, hidden: true },
    h("div", { class: "ltg-wm-bar" }, back, map.node), title, tokens.node,
    h("div", { class: "ltg-wm-pickers" }, blocks.node, heads.node), number.node, heat, content,
    h("p", {}, link));
  let inner = openScope(); // of what is shown now
  scope.onClose(() => inner.close());
  const update = (facts, asked, t, k) => {
    const { part, layer } = asked;
    const see = facts.seen[t];
    const here = see.layers[layer];
    const state = { ...asked, n: asked.n < 0 ? telling(part, see, here) : asked.n };
    inner.close();
    inner = openScope();
    title.textContent = nameOf(state);
    map.update(state);
    link.href = lessonOf(part);
    link.textContent = "The lesson that builds this part";
    tokens.update(facts.words, t);
    blocks.node.hidden = !inBlock(part);
    blocks.set(layer);
    heads.node.hidden = part !== "attention";
    heads.set(state.head);
    number.node.hidden = !NUMBERED.has(part);
    if (NUMBERED.has(part)) {
      number.update(state.n, part === "forward" ? facts.gpt.config.hidden_dim
        : facts.gpt.config.emb_dim);
    }
    heat.hidden = part !== "probs";
    refill(content, CONTENT[part]({ scope: inner, facts, state, set, t, k, see, here,
      block: facts.gpt.blocks[layer] }));
  };
  const show = () => { // its beginning, if that is out of sight
    const { top } = node.getBoundingClientRect();
    if (top < 0 || top > innerHeight - 120) node.scrollIntoView();
  };
  return { node, update, show, focus: () => title.focus({ preventScroll: true }) };
}

const nameOf = (one) => {
  const name = spokenName(one);
  return name[0].toUpperCase() + name.slice(1);
};

/** New content that keeps the focus, and open what was open. */
function refill(content, nodes) {
  const focused = content.contains(document.activeElement)
    ? document.activeElement.dataset.focus : null;
  const summary = (one) => one.dataset.name ?? one.closest(".ltg-wm-vector")?.querySelector(
    ".ltg-wm-name")?.textContent.replace(/“.*”/, "");
  const open = new Set([...content.querySelectorAll("details[open]")].map(summary));
  content.replaceChildren(...nodes);
  for (const one of content.querySelectorAll("details")) one.open = open.has(summary(one));
  if (focused) content.querySelector(`[data-focus="${focused}"]`)?.focus({ preventScroll: true });
}
