import {
  boundSlider, button, columns, fixed, frame, h, liveRegion, openScope, percent, plural,
  put, statusLine, tiles, toBits, uid,
} from "./base.js";

/** Bars for `columns`: what was cut is hatched and keeps its height before the cut. */
export const barItems = (bars) => bars.map(([label, p, before]) => {
  const cut = p === 0 && before > 0;
  const value = cut ? before : p;
  return { label, value, cut, note: value >= 0.005 && !cut ? percent(value, 0) : "" };
});

/** The top of the scale: the smallest of these that holds the tallest bar. */
export const scaleOf = (items) => [0.1, 0.2, 0.4, 0.6, 0.8].find((top) =>
  items.every(({ value }) => value <= top)) ?? 1;

const OFF_K = 201; // one step after the last that top-k can be

function lines(scope, model) {
  return [
    boundSlider(scope, model, "temperature", { label: "Temperature", min: 0, max: 3,
      step: 0.05, low: "0 greedy", high: "3 wild",
      format: (T) => (T === 0 ? "0 = greedy" : fixed(T)) }),
    boundSlider(scope, model, "top_k", { label: "Top-k", min: 1, max: OFF_K, step: 1,
      low: "1 token", high: "all", read: (k) => k ?? OFF_K,
      write: (k) => (k >= OFF_K ? null : Math.min(k, model.get("vocab_size"))),
      format: (k) => (k >= OFF_K ? "off" : String(k)) }),
    boundSlider(scope, model, "top_p", { label: "Top-p", min: 0.05, max: 1, step: 0.05,
      low: "5 %", high: "all the mass", read: (p) => p ?? 1,
      write: (p) => (p >= 1 ? null : p), format: (p) => (p >= 1 ? "off" : fixed(p)) }),
  ].map((made) => made.node);
}

function textArea(scope, model) {
  const id = uid("text");
  const input = h("textarea", { id, rows: 3, spellcheck: "false", autocomplete: "off",
    autocapitalize: "none", dir: "auto" });
  let sent = model.get("text");
  scope.listen(input, "input", () => {
    sent = input.value;
    put(model, { text: input.value });
  });
  const show = () => { // what Python has drawn, or spelt anew; not a late echo
    const text = model.get("text");
    if (text !== input.value && (text !== sent || document.activeElement !== input)) {
      input.value = text;
    }
  };
  scope.watch(model, ["text"], show);
  input.value = model.get("text");
  return h("div", { class: "ltg-tl-text" }, h("label", { for: id, text: "Text" }), input);
}

function render({ model, el }) {
  const scope = openScope();
  const root = frame(el, { name: "token-lab", title: "The token lab",
    hint: "Type a text, or draw its next token. The model scores all its tokens; you see "
      + "the likeliest. \u2423 is a space." });
  const examples = model.get("examples").map((text) =>
    button(scope, text, () => put(model, { text })));
  const draw = button(scope, "Draw the next token", () =>
    put(model, { roll: model.get("roll") + 1 }));
  const status = statusLine(scope);
  const title = h("div", { class: "ltg-tl-title" });
  const bars = columns(scope, { n: model.get("answer").bars.length, height: 190 });
  const numbers = tiles({ choices: "Effective choices", entropy: "Entropy",
    kept: "Tokens that can come" });
  const live = liveRegion(scope);
  const paint = () => {
    const { bars: rows, kept, cut, nats, pieces } = model.get("answer");
    const items = barItems(rows);
    const tallest = rows.slice(0, 4).map(([piece, p]) => `${piece} ${percent(p, 0)}`);
    status.say(model.get("error") ? `I cannot read this: ${model.get("error")}` : "");
    title.textContent = `The next token, after ${plural(pieces.length, "token")}`;
    bars.update(items, `Bars of the next token: ${tallest.join(", ")}.`, scaleOf(items));
    numbers.set({ choices: fixed(Math.exp(nats), 1),
      entropy: `${fixed(nats)} nats = ${fixed(toBits(nats))} bits`,
      kept: `${kept.toLocaleString("en")} of ${model.get("vocab_size").toLocaleString("en")}`
        + (cut > 0 ? `, ${percent(cut)} cut` : "") });
    live.say(`After ${pieces.slice(-3).join("")}: ${tallest.join(", ")}. Effective choices `
      + `${fixed(Math.exp(nats), 1)}, ${plural(kept, "token")} can come.`);
  };
  scope.watch(model, ["answer", "error"], paint);
  root.append(
    textArea(scope, model),
    h("div", { class: "ltg-row ltg-tl-row" }, draw,
      examples.length ? h("span", { class: "ltg-hint", text: "or take" }) : "", ...examples),
    status.node,
    h("div", { class: "ltg-knobs" }, ...lines(scope, model)),
    title, bars.node, numbers.node, live.node,
  );
  paint();
  return scope.close;
}

export default { render };
