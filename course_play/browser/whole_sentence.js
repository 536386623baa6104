// The reader's own sentence: a text box that knows the vocabulary and says it politely.
import { button, h, plural, uid } from "../widgets/base.js";

export const MOST = 40; // tokens that the picture has room for
const OFFERED = 6;
const WORD = /<\/?[a-z]+>|[A-Za-z]+|[^\s]/g;

export const EXAMPLES = [
  ["two animals", "Once a baker had a cow and a lion. It said"],
  ["a horse", "Once there was a brave horse named Momo. It"],
  ["a name twice", "Once there was a shy cow named Pip. Good night,"],
  ["a pattern", "Code: dax cow; wug pig; dax"],
  ["a question", "Fenela has a blue hat. Question: What color hat does Fenela wear? Answer:"],
];

/** The words of a text that are not known, each once. */
export function unknownIn(text, words) {
  const parts = text.match(WORD) ?? [];
  return [...new Set(parts.filter((word) => !words.ids.has(word) || words.special.has(word)))];
}

/** Known words that begin like the last, unfinished word of a text. */
export function beginnings(text, words, n = OFFERED) {
  const [start] = /[A-Za-z]+$/.exec(text) ?? [""];
  if (!start) return [];
  const small = start.toLowerCase();
  return words.words.filter((word) => word.toLowerCase().startsWith(small) && word !== start
    && !words.special.has(word)).sort((a, b) => b.startsWith(start) - a.startsWith(start)
    || a.length - b.length).slice(0, n);
}

/** What is wrong with a text, as { text, near: [[wrong, word], ...] }; null if nothing. */
export function complaint(text, words) {
  const unknown = unknownIn(text, words);
  if (unknown.length) {
    const [first] = unknown;
    const near = words.special.has(first) ? [] : words.near(first);
    const more = unknown.length > 1 ? ` (and ${plural(unknown.length - 1, "other")})` : "";
    return { near: near.map((word) => [first, word]), text: `This small model knows only `
      + `${words.words.length} words, and “${first}”${more} is not one of them.`
      + (near.length ? " Did you mean" : " Please take another word.") };
  }
  const T = words.encode(text).length + 1;
  if (T > MOST) {
    return { near: [], text: `This sentence has ${plural(T, "token")}, and the picture has `
      + `room for ${MOST}. Please shorten it.` };
  }
  return null;
}

/** A text with another word in the place of a wrong one. */
export const replaced = (text, wrong, word) => text.replace(WORD, (one) =>
  (one === wrong ? word : one));

function suggestions(scope, words, input, use) {
  const list = h("ul", { role: "listbox", id: uid("offers"), class: "ltg-wm-offers",
    "aria-label": "Words that begin so", hidden: true });
  let [offers, at] = [[], -1];
  const show = (texts) => {
    [offers, at] = [texts, -1];
    list.hidden = !texts.length;
    list.replaceChildren(...texts.map((text, i) => {
      const one = h("li", { role: "option", id: `${list.id}-${i}`, "aria-selected": "false",
        text });
      scope.listen(one, "pointerdown", (event) => {
        event.preventDefault(); // the box keeps the focus
        use(text);
      });
      return one;
    }));
    input.setAttribute("aria-expanded", String(texts.length > 0));
    input.removeAttribute("aria-activedescendant");
  };
  const move = (step) => {
    at = (at + step + offers.length + 1) % (offers.length + 1); // the last place is none
    const none = at === offers.length;
    [...list.children].forEach((one, i) => one.setAttribute("aria-selected", String(i === at)));
    if (none) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `${list.id}-${at}`);
    if (none) at = -1;
  };
  return { list, show, move, chosen: () => offers[at], open: () => offers.length > 0 };
}

/** All words of the vocabulary, to read and to press. */
function wordList(scope, words, use) {
  const home = h("div", { class: "ltg-wm-all-words" });
  const node = h("details", { class: "ltg-wm-vocabulary" },
    h("summary", { text: `All ${words.words.length} words` }), home);
  scope.listen(node, "toggle", () => {
    if (home.childElementCount) return;
    home.append(...words.words.filter((word) => !words.special.has(word)).map((word) =>
      button(scope, word, () => use(word), { class: "ltg-wm-chip" })));
  });
  return node;
}

/**
 * The box with its examples. read(text) is called with texts that the model can read,
 * next() for one more word, write() to write on and on, or to stop that.
 */
export function sentenceBox(scope, words, { read, next, write }) {
  const hint = uid("hint");
  const input = h("input", { type: "text", class: "ltg-wm-input", autocomplete: "off",
    autocapitalize: "off", spellcheck: "false", role: "combobox", "aria-expanded": "false",
    "aria-autocomplete": "list", "aria-label": "Your sentence", "aria-describedby": hint });
  const says = h("p", { class: "ltg-status ltg-wm-says", id: hint, role: "status" });
  let timer = 0;
  let told; // what is wrong, as it is shown
  scope.onClose(() => clearTimeout(timer));
  const set = (text) => {
    input.value = text;
    settle(true);
  };
  const append = (word) => {
    const before = input.value.replace(/[A-Za-z]+$/, ""); // without the unfinished word
    const gap = before && !before.endsWith(" ") && !/^[.,!?:;]/.test(word) ? " " : "";
    input.value = `${before}${gap}${word}`;
    offers.show([]);
    settle(true);
    input.focus();
  };
  const offers = suggestions(scope, words, input, append);
  input.setAttribute("aria-controls", offers.list.id);
  /** Reads what stands there. While a word is being typed, it may be unfinished. */
  const settle = (done) => {
    const text = words.spell(input.value.trim());
    if (done && text !== input.value.trim()) input.value = text;
    const wrong = complaint(text, words);
    const typing = !done && beginnings(input.value, words).length > 0
      && unknownIn(text.replace(/[A-Za-z]+$/, ""), words).length === 0;
    if (wrong?.text !== told || typing) { // what is being pressed must stay where it is
      told = typing ? undefined : wrong?.text;
      says.replaceChildren(...(told ? [h("span", { text: told }), ...wrong.near.map(([bad, word]) =>
        button(scope, word, () => set(replaced(input.value, bad, word)),
          { class: "ltg-wm-chip" })), h("span", { class: "ltg-wm-side",
        text: "(The picture keeps the last sentence.)" })] : []));
    }
    input.setAttribute("aria-invalid", String(Boolean(wrong) && !typing));
    if (!wrong) read(text);
  };
  scope.listen(input, "input", () => {
    offers.show(beginnings(input.value, words));
    clearTimeout(timer);
    timer = setTimeout(() => settle(false), 120);
  });
  scope.listen(input, "blur", () => {
    offers.show([]);
    clearTimeout(timer);
    settle(true);
  });
  scope.listen(input, "keydown", (event) => {
    if (event.key === "Enter") {
      const word = offers.chosen();
      if (word) append(word);
      else {
        offers.show([]);
        settle(true);
      }
    } else if (["ArrowDown", "ArrowUp"].includes(event.key) && offers.open()) {
      offers.move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape" && offers.open()) offers.show([]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const examples = h("div", { class: "ltg-wm-examples" }, h("span", { class: "ltg-label",
    text: "Try:" }), ...EXAMPLES.map(([name, text]) => button(scope, name, () => set(text),
    { class: "ltg-wm-chip", title: text })), wordList(scope, words, append));
  const more = button(scope, "Next word", next, { class: "ltg-button ltg-wm-next" });
  const on = button(scope, "Write on", write);
  const node = h("div", { class: "ltg-wm-sentence" }, h("div", { class: "ltg-wm-box" }, input,
    more, on, offers.list), examples, says);
  return { node, show: (text) => { if (document.activeElement !== input) input.value = text; },
    writing: (writes) => { on.textContent = writes ? "Stop" : "Write on"; },
    say(text) {
      told = null;
      says.replaceChildren(...(text ? [h("span", { text })] : []));
    } };
}
