import {
  boundSlider, button, fixed, frame, h, liveRegion, openScope, plural, put, tiles,
} from "./base.js";

// ---- maths: the twins of course_lib.tokenizer.bpe -----------------------------------
// Bytes are strings here, one character of code 0 .. 255 a byte: they serve as keys.

const SPACE = "\\p{White_Space}";
/** How a text is cut before anything is merged: GPT-2's pattern, and SmolLM2's. */
const CUTS = {
  "gpt-2": `'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^${SPACE}\\p{L}\\p{N}]+`
    + `|${SPACE}+(?!\\P{White_Space})|${SPACE}+`,
  smollm: `\\p{N}|'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?[^${SPACE}\\p{L}\\p{N}]+`
    + `|${SPACE}+(?=\\p{N})|${SPACE}+(?!\\P{White_Space})|${SPACE}+`,
};

export const preTokens = (text, cut = "gpt-2") =>
  text.match(new RegExp(CUTS[cut], "gu")) ?? [];

/** The UTF-8 bytes of a text. */
export const bytesOf = (text) =>
  Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte));

/** Token -> id, from `first` on: a DataView of a length (2 bytes), the bytes, ... */
export function unpackTokens(view, first = 0) {
  const ids = new Map();
  for (let at = 0; at < view.byteLength;) {
    const end = at + 2 + view.getUint16(at, true);
    let token = "";
    for (at += 2; at < end; at += 1) token += String.fromCharCode(view.getUint8(at));
    ids.set(token, first + ids.size);
  }
  return ids;
}

/** Where the two neighbours stand whose joined bytes have the lowest id. */
function lowestPair(parts, ids) {
  let best = { id: Infinity, at: -1 };
  for (let at = 0; at + 1 < parts.length; at += 1) {
    const id = ids.get(parts[at] + parts[at + 1]);
    if (id !== undefined && id < best.id) best = { id, at };
  }
  return best;
}

/** All states of a text from bytes to tokens; each merge is done everywhere at once. */
export function growTokens(text, ids, cut = "gpt-2") {
  let pieces = preTokens(text, cut).map(bytesOf);
  const states = [{ token: null, pair: null, pieces }];
  for (;;) {
    const token = Math.min(...pieces.map((parts) => lowestPair(parts, ids).id));
    if (token === Infinity) return states;
    let pair = null;
    pieces = pieces.map((parts) => {
      let now = parts;
      for (;;) {
        const { id, at } = lowestPair(now, ids);
        if (id !== token) return now;
        pair ??= [now[at], now[at + 1]];
        now = [...now.slice(0, at), now[at] + now[at + 1], ...now.slice(at + 2)];
      }
    });
    states.push({ token, pair, pieces });
  }
}

const VISIBLE = { " ": "\u2423", "\n": "\u23ce", "\t": "\u21e5", "\r": "\u240d" };

/** Bytes as one reads them: whole characters as such, parts of one in hex. */
export function showBytes(bytes) {
  const numbers = Uint8Array.from(bytes, (byte) => byte.charCodeAt(0));
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(numbers);
    return Array.from(text, (c) => VISIBLE[c] ?? c).join("");
  } catch {
    return Array.from(numbers, (n) => n.toString(16).toUpperCase().padStart(2, "0"))
      .join(" ");
  }
}

/** The state that is shown: null, or a step past the end, is the last one. */
export const stateAt = (states, step) => states[Math.min(step ?? Infinity, states.length - 1)];

// ---- what is on the page -----------------------------------------------------------

const readable = (text) => Array.from(text, (c) => VISIBLE[c] ?? c).join("");

function textBox(scope, model) {
  const input = h("textarea", { rows: 2, maxlength: model.get("longest"),
    spellcheck: "false", autocomplete: "off", autocapitalize: "none", dir: "auto" });
  const write = (text) => put(model, { step: null, text });
  scope.listen(input, "input", () => write(input.value));
  const show = () => {
    if (input.value !== model.get("text")) input.value = model.get("text");
  };
  scope.watch(model, ["text"], show);
  show();
  const examples = model.get("examples").map((text) =>
    button(scope, readable(text), () => write(text), { "aria-label": `Take “${text}”` }));
  const row = h("div", { class: "ltg-row ltg-examples" },
    h("span", { class: "ltg-hint", text: "or take" }), ...examples);
  return h("div", {}, h("label", { class: "ltg-text" }, h("span", { text: "Text" }), input),
    examples.length ? row : "");
}

/** The tokens in a row; colour and underline change from one to the next. */
function tokenList() {
  const node = h("ol", { class: "ltg-tokens", role: "list" });
  const show = ({ token, pieces }, ids) => {
    let place = 0;
    node.replaceChildren(...pieces.flatMap((parts) => parts.map((bytes, i) => {
      const id = ids.get(bytes);
      const names = ["ltg-token", `ltg-kind-${place % 4}`];
      if (i === 0) names.push("ltg-first");
      if (id === token) names.push("ltg-merged");
      place += 1;
      return h("li", { class: names.join(" ") },
        h("span", { class: "ltg-bytes", dir: "auto", text: showBytes(bytes) }),
        h("span", { class: "ltg-id", text: String(id) }));
    })));
  };
  return { node, show };
}

const mergeInWords = ({ token, pair }) => (pair === null
  ? "Nothing is merged yet: each byte is a token."
  : `${showBytes(pair[0])} + ${showBytes(pair[1])} → ${showBytes(pair.join(""))}, `
    + `token ${token}`);

function render({ model, el }) {
  const scope = openScope();
  const root = frame(el, { name: "tokenizer-explorer", title: "The tokenizer explorer",
    hint: "Type your name, or any text in any script. Then slide back to the bytes and "
      + "let the tokens grow, merge by merge." });
  const [ids, cut] = [unpackTokens(model.get("vocab"), model.get("first")), model.get("cut")];
  let states = growTokens(model.get("text"), ids, cut);
  const last = () => states.length - 1;
  const merges = boundSlider(scope, model, "step", {
    label: "Merges done", min: 0, max: Math.max(1, last()), step: 1,
    format: (n) => (n >= last() ? `all ${last()}` : `${n} of ${last()}`),
    read: (step) => Math.min(step ?? last(), last()),
    write: (n) => (n >= last() ? null : n),
  });
  const said = h("p", { class: "ltg-said", "data-role": "merge" });
  const list = tokenList();
  const numbers = tiles({ characters: "Characters", bytes: "Bytes (UTF-8)",
    tokens: "Tokens", each: "Bytes per token" });
  const live = liveRegion(scope);
  root.append(textBox(scope, model), merges.node, said, list.node, numbers.node,
    h("p", { class: "ltg-hint", text: "\u2423 is a space. Two hex digits are one byte "
      + "of a character that is not whole yet. A wider gap: no merge crosses it. "
      + "The small number is the token’s id." }), live.node);

  const paint = () => {
    const text = model.get("text");
    states = growTokens(text, ids, cut);
    merges.input.max = String(Math.max(1, last()));
    merges.input.disabled = last() === 0;
    merges.set(Math.min(model.get("step") ?? last(), last()));
    const state = stateAt(states, model.get("step"));
    const tokens = state.pieces.flat();
    const nBytes = tokens.join("").length;
    said.textContent = text === "" ? "No text yet." : mergeInWords(state);
    list.show(state, ids);
    numbers.set({ characters: String([...text].length), bytes: String(nBytes),
      tokens: String(tokens.length),
      each: tokens.length ? fixed(nBytes / tokens.length) : "–" });
    live.say(`${plural(tokens.length, "token")}: ${tokens.map(showBytes).join(", ")}. `
      + mergeInWords(state));
  };
  scope.watch(model, ["text", "step"], paint);
  paint();
  return scope.close;
}

export default { render };
