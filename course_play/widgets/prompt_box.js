import {
  button, columns, fixed, frame, h, liveRegion, openScope, plural, put, radios, slider,
  statusLine, tiles, uid,
} from "./base.js";

const LEVELS = [0.1, 1, 3];
const LEVEL_NAMES = ["expected", "likely", "unlikely", "a surprise"];
const MARKS = { surprise: "surprise", copies: "copies" };

/** 0 expected, 1 likely, 2 unlikely, 3 a surprise. */
export const surpriseLevel = (nats) => LEVELS.filter((limit) => nats >= limit).length;

/** The numbers below the words, and how strongly each word is marked, 0 to 3. */
export function wordMarks({ nats, copied, longest: [start, length] }, mark) {
  if (mark === "copies") {
    return copied.map((n, i) => ({ below: String(n),
      level: i >= start && i < start + length ? 3 : 0 }));
  }
  return nats.map((x) => (x === null ? { below: "-", level: 0 }
    : { below: x.toFixed(2), level: surpriseLevel(x) }));
}

/** Mean surprise at the model's own words, and how many words of a copy are its own. */
export function summary({ nats, n_prompt: n, longest: [start, length] }) {
  const own = nats.slice(n).filter((x) => x !== null);
  return {
    written: nats.length - n,
    mean: own.length ? own.reduce((a, b) => a + b, 0) / own.length : 0,
    copied: length,
    ownCopied: Math.max(0, start + length - Math.max(start, n)),
  };
}

/** Words of one writer as options of a list; the numbers stand below them. */
function wordRow(title) {
  const row = h("div", { class: "ltg-pb-row", role: "presentation", dir: "auto" });
  const node = h("div", { class: "ltg-pb-part", role: "presentation" },
    h("span", { class: "ltg-pb-who", text: title, "aria-hidden": "true" }), row);
  return { node, row };
}

/** All words, yours and the model's; arrow keys or a click choose one. */
function wordList(scope, pick) {
  const parts = [wordRow("you"), wordRow("model")];
  const node = h("div", { role: "listbox", tabindex: 0, class: "ltg-pb-words",
    "aria-label": "Words. Arrow keys choose one." }, ...parts.map((part) => part.node));
  let chosen = 0;
  let options = [];
  scope.listen(node, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const goal = { ArrowLeft: chosen - 1, ArrowUp: chosen - 1, ArrowRight: chosen + 1,
      ArrowDown: chosen + 1, Home: 0, End: options.length - 1 }[event.key];
    if (goal === undefined) return;
    pick(Math.max(0, Math.min(options.length - 1, goal)));
    event.preventDefault();
    event.stopPropagation();
  });
  scope.listen(node, "click", (event) => {
    const index = options.indexOf(event.target.closest("[role=option]"));
    if (index >= 0) pick(index);
  });
  const update = (answer, mark, at, id) => {
    chosen = at;
    const what = mark === "copies" ? "in a copy of" : "surprise";
    options = wordMarks(answer, mark).map(({ below, level }, i) => h("span", {
      role: "option", id: `${id}-${i}`, "aria-selected": String(i === at),
      class: `ltg-pb-word ltg-pb-${mark}-${level}`,
      "aria-label": `${answer.words[i]}, ${i < answer.n_prompt ? "yours" : "the model's"}, `
        + `${what} ${below}${mark === "surprise" && below !== "-"
          ? `, ${LEVEL_NAMES[level]}` : ""}` },
    h("span", { class: "ltg-pb-text", text: answer.words[i] }),
    h("span", { class: "ltg-pb-below", text: below })));
    parts[0].row.replaceChildren(...options.slice(0, answer.n_prompt));
    parts[1].row.replaceChildren(...options.slice(answer.n_prompt));
    parts[0].node.hidden = answer.n_prompt === 0;
    node.setAttribute("aria-activedescendant", `${id}-${at}`);
  };
  return { node, update };
}

const legendOf = (mark) => (mark === "copies"
  ? "Below each word: the length of the longest piece around it that the model has read "
    + "word for word. Striped: the longest of all."
  : "Below each word: its surprise, \u2212ln p. One stripe: likely, two: unlikely, three: "
    + "a surprise.");

function render({ model, el }) {
  const scope = openScope();
  const id = uid("pb");
  const root = frame(el, { name: "prompt-box", title: "Prompt box",
    hint: "Type the beginning of a text and press Enter: the model goes on." });
  let sent = null;
  const ask = (changes) => {
    sent = input.value;
    put(model, { ...changes, asked: model.get("asked") + 1 });
    paint();
  };
  const input = h("input", { type: "text", class: "ltg-pb-input", autocomplete: "off",
    spellcheck: "false", dir: "auto", "aria-label": "Prompt", value: model.get("prompt") });
  scope.listen(input, "keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") ask({ prompt: input.value });
  });
  const chips = model.get("examples").map((text) => button(scope, text, () => {
    input.value = text;
    ask({ prompt: text });
  }));
  const go = button(scope, "Go on", () => ask({ prompt: input.value }));
  const dice = button(scope, "Other dice", () => ask({ prompt: input.value,
    roll: model.get("roll") + 1 }));
  let soon = 0;
  scope.onClose(() => clearTimeout(soon));
  const heat = slider(scope, { label: "Temperature", min: 0, max: 2, step: 0.1,
    value: model.get("temperature"), format: (t) => (t === 0 ? "0 (greedy)" : fixed(t, 1)),
    onInput(temperature) { // one question for a whole drag
      clearTimeout(soon);
      soon = setTimeout(() => ask({ temperature, prompt: input.value }), 150);
    } });
  const marks = radios(scope, { title: "Mark", label: "Mark the words by",
    choices: MARKS, onPick: (mark) => put(model, { mark }) });
  const status = statusLine(scope);
  const list = wordList(scope, (word) => {
    put(model, { word });
    paint();
  });
  const legend = h("p", { class: "ltg-hint" });
  const numbers = tiles({ mean: "surprise at its own words", copy: "longest known piece",
    fresh: "a new text has, on average" });
  const place = h("p", { class: "ltg-pb-place" });
  const bars = columns(scope, { n: 5, width: 640, height: 110 });
  const live = liveRegion(scope);
  function paint() {
    const answer = model.get("answer");
    const mark = model.get("mark");
    const at = Math.min(model.get("word"), answer.words.length - 1);
    const waiting = model.get("asked") !== model.get("answered");
    const error = model.get("error");
    status.say(waiting || !error ? "" : `I cannot read this prompt: ${error}`, waiting);
    root.classList.toggle("ltg-pb-waiting", waiting);
    root.setAttribute("aria-busy", String(waiting));
    marks.set(mark);
    list.update(answer, mark, at, id);
    legend.textContent = legendOf(mark);
    const { mean, copied, ownCopied } = summary(answer);
    numbers.set({ mean: `${fixed(mean)} nats per word`,
      copy: `${plural(copied, "word")}, ${ownCopied} its own`,
      fresh: answer.fresh === null ? "\u2013" : `${fixed(answer.fresh, 0)} words` });
    const rows = answer.expected[at];
    place.textContent = rows.length ? `In place of \u201c${answer.words[at]}\u201d it expected:`
      : "Nothing stands before this word.";
    bars.node.style.display = rows.length ? "" : "none";
    if (rows.length) {
      bars.update(rows.map(([label, value]) => ({ label, value, note: fixed(value),
        marked: label === answer.words[at] })),
      `In place of ${answer.words[at]} the model expected `
        + rows.map(([label, p]) => `${label} ${fixed(p)}`).join(", "), 1);
    }
    const said = answer.words.slice(answer.n_prompt).join(" ");
    live.say(waiting ? "Asking the model" : `The model goes on: ${said}. Longest known piece `
      + `${copied} words. Chosen: ${answer.words[at]}, number below `
      + `${wordMarks(answer, mark)[at].below}.`);
  }
  scope.watch(model, ["answer", "answered", "error", "mark", "word"], paint);
  scope.watch(model, ["temperature"], () => heat.set(model.get("temperature")));
  scope.watch(model, ["prompt"], () => { // unless something else is being typed
    if (input.value === sent || document.activeElement !== input) {
      input.value = model.get("prompt");
    }
  });
  root.append(
    h("div", { class: "ltg-row" }, input, go, dice),
    chips.length ? h("div", { class: "ltg-row ltg-pb-chips" },
      h("span", { class: "ltg-hint", text: "or take" }), ...chips) : "",
    status.node, list.node,
    h("div", { class: "ltg-row ltg-pb-knobs" }, marks.node, heat.node), legend,
    h("div", { class: "ltg-sides" }, h("div", {}, place, bars.node), numbers.node),
    live.node,
  );
  paint();
  return scope.close;
}

export default { render };
