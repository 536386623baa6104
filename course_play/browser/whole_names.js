// The network of names in one picture: letters, embeddings, hidden units, logits, softmax,
// and the letter that is drawn. `mount(el, { weights, sizes })`, as `makeMlp` takes them.
//
// Shape letters: T letters that the network sees, C numbers a letter, H hidden units, V.
import {
  button, drawIndex, fixed, frame, h, labelsOf, liveRegion, mulberry32, openScope, percent,
  rankOrder, slider, softmax, uid,
} from "../widgets/base.js";
import { contextOf, makeMlp } from "../widgets/sampling_lab.js";
import { dartLine } from "./whole_output.js";
import { bar, farthest, step, strip, sum, table } from "./whole_pieces.js";

const END = 0;
const LONGEST = 20; // letters of a name
const SHOWN = 8; // letters in a table

/** All that happens after the letters so far: { tokens, embedded, ..., probs, u, id }. */
export function readName(network, text, { contextSize, letters }, { temp, seed }) {
  const see = { tokens: contextOf(text, contextSize, letters) };
  see.logits = network(see.tokens, see);
  see.probs = softmax(see.logits.map((z) => z / temp));
  see.order = rankOrder(see.probs);
  see.u = mulberry32(1000 * seed + [...text].length)();
  see.id = see.order[drawIndex(see.order.map((id) => see.probs[id]), see.u)];
  return see;
}

const p = (text) => h("p", { text });

/** The sections of the picture; `name(id)` is a letter as it is shown. */
function sections(scope, see, { contextSize: T, embDim: C }, name, { temp, unit, pick }) {
  const { tokens, embedded, before, hidden, logits, probs, order, id } = see;
  const most = farthest(embedded);
  const rows = tokens.map((token, i) => strip(scope, embedded.slice(i * C, (i + 1) * C), {
    name: name(token), note: `row ${token} of the table`, most, all: true }));
  const seen = h("div", { class: "ltg-wm-tokens" }, ...tokens.map((token) =>
    h("span", { class: "ltg-wm-tok", text: name(token) })));
  const best = order.slice(0, SHOWN);
  const high = farthest(best.map((one) => logits[one]));
  const scores = best.map((one) => ({ here: one === id, cells: [name(one),
    fixed(logits[one], 2), bar(Math.max(0, logits[one]) / high)] }));
  const shares = best.map((one) => ({ here: one === id, cells: [name(one),
    fixed(logits[one] / temp, 2), percent(probs[one]), bar(probs[one])] }));
  return [
    step(1, "Letters",
      p(`The network sees the last ${T} letters. Dots stand before a name.`), seen),
    step(2, "Embeddings", p(`Each letter picks its row of a table: ${C} numbers, which were `
      + `learned. Side by side they are ${T * C} numbers.`), ...rows),
    step(3, "Hidden layer", p(`Each of ${hidden.length} units multiplies the ${T * C} numbers `
      + "by its own weights, adds all up with its bias, and bends the sum by tanh."),
    strip(scope, hidden, { name: "after tanh", chosen: unit, pick, all: true, most: 1 }),
    sum([fixed(before[unit], 3), `the sum of unit ${unit}`], "→",
      [fixed(hidden[unit], 3), "its tanh"])),
    step(4, "Logits", p(`Each of ${logits.length} letters multiplies the ${hidden.length} `
      + "numbers by its own weights and adds up: its score, the logit."),
    table(["letter", "logit", ""], scores)),
    step(5, "Softmax", p(`Each logit is divided by the temperature, ${fixed(temp, 1)}, and e `
      + "to the power of it is divided by the sum of all of these: a probability."),
    table(["letter", "÷ T", "share", ""], shares)),
    step(6, "The drawn letter", p("All letters lie on a line, each as long as its probability. "
      + `The random number is ${fixed(see.u, 3)}. It falls on ${name(id)}.`),
    dartLine(see, probs.map((_, one) => name(one)))),
  ];
}

/** The text box for the letters so far; `read(text)` is told what can be read. */
function nameBox(scope, letters, read) {
  const says = h("p", { class: "ltg-status", id: uid("says"), role: "alert" });
  const input = h("input", { type: "text", class: "ltg-wm-input", maxlength: LONGEST,
    spellcheck: "false", autocomplete: "off", autocapitalize: "none",
    placeholder: "(start of a name)", "aria-label": "Letters so far",
    "aria-describedby": says.id });
  scope.listen(input, "input", () => {
    const text = input.value.toLowerCase();
    const strange = [...text].find((letter) => letters.indexOf(letter) <= END);
    says.textContent = strange === undefined ? ""
      : `The network knows only ${letters.slice(1).join("")}: it cannot read “${strange}”.`;
    if (strange === undefined) read(text);
  });
  const show = (text) => { if (input.value.toLowerCase() !== text) input.value = text; };
  return { input, says, show };
}

export function mount(el, { weights, sizes }) {
  const scope = openScope();
  const network = makeMlp(weights, sizes);
  const labels = labelsOf(sizes.letters);
  const name = (id) => (id === END ? "." : labels[id]);
  const state = { text: "ash", unit: 0, temp: 1, seed: 0 };
  const root = frame(el, { name: "whole-model", title: "A name through the network",
    hint: "Type the letters so far. Every number is the network's own; a dot ends a name." });
  const set = (changes) => { Object.assign(state, changes); paint(); };
  const box = nameBox(scope, sizes.letters, (text) => set({ text }));
  const take = button(scope, "", () => set(see.id === END ? { text: "", seed: state.seed + 1 }
    : { text: state.text + sizes.letters[see.id] }), { class: "ltg-button ltg-wm-next" });
  const again = button(scope, "Draw again", () => set({ seed: state.seed + 1 }));
  const heat = slider(scope, { label: "Temperature", min: 0.1, max: 2, step: 0.1, value: 1,
    format: (x) => fixed(x, 1), low: "surer", high: "wilder",
    onInput: (temp) => set({ temp }) });
  const units = slider(scope, { label: "Hidden unit", min: 0, max: sizes.hiddenDim - 1, step: 1,
    value: 0, onInput: (unit) => set({ unit }) });
  const content = h("div", { class: "ltg-wm-content" });
  const live = liveRegion(scope);
  let [see, inner] = [null, null];
  const paint = () => {
    inner?.close();
    inner = openScope();
    see = readName(network, state.text, sizes, state);
    content.replaceChildren(...sections(inner, see, sizes, name, { ...state,
      pick: (unit) => set({ unit }) }));
    box.show(state.text);
    units.set(state.unit);
    const full = [...state.text].length >= LONGEST;
    take.textContent = see.id === END ? "It ends here: a new name" : `Add “${name(see.id)}”`;
    take.disabled = full && see.id !== END;
    live.say(`After ${state.text || "the start"}: ${see.order.slice(0, 3).map((id) =>
      `${name(id)} ${percent(see.probs[id], 0)}`).join(", ")}. Drawn: ${name(see.id)}.`);
  };
  scope.onClose(() => inner?.close());
  root.append(h("div", { class: "ltg-wm-box" }, box.input, take, again), box.says, heat.node,
    units.node, h("h2", { class: "ltg-wm-title", text: "From letters to a letter" }), content,
    live.node);
  paint();
  return () => { scope.close(); root.remove(); };
}
