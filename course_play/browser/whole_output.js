// The end of the model: probabilities, the random number, and the word that is drawn.
import {
  button, drawIndex, fixed, h, mulberry32, percent, rankOrder, slider,
} from "../widgets/base.js";
import { bar } from "./whole_pieces.js";
import { heated } from "./whole_reading.js";

const SHOWN = 8;

/** The random number in [0, 1) of a seed, for a text of so many tokens. */
export const randomNumber = (seed, T) => mulberry32(1000 * seed + T)();

/** What is drawn after token t: { probs, order, u, id }. */
export function draw(facts, t, { temp, seed }) {
  const probs = heated(facts.seen[t].logits, temp);
  const order = rankOrder(probs);
  const u = randomNumber(seed, t + 1);
  const place = drawIndex(order.map((id) => probs[id]), u);
  return { probs, order, u, id: order[place] };
}

/** All probabilities as one line from 0 to 1, with the random number on it. */
export function dartLine({ probs, order, u, id }, vocabulary) {
  const line = h("div", { class: "ltg-wm-dart", "aria-hidden": "true" });
  let [from, told] = [0, 0];
  order.forEach((one, i) => {
    if (probs[one] < 0.004 && one !== id) return;
    const piece = h("span", { class: `ltg-wm-piece${one === id ? " ltg-wm-hit-piece" : ""}${
      i % 2 ? " ltg-wm-odd" : ""}` }, probs[one] > 0.09 ? vocabulary[one] : "");
    piece.style.left = `${100 * from}%`;
    piece.style.width = `${100 * probs[one]}%`;
    from += probs[one];
    told += 1;
    line.append(piece);
  });
  const needle = h("span", { class: "ltg-wm-needle" });
  needle.style.left = `${100 * u}%`;
  line.append(needle);
  return told ? line : h("div", {});
}

function rows(vocabulary, pick, scope) {
  const made = Array.from({ length: SHOWN }, () => {
    const word = h("span", { class: "ltg-wm-answer" });
    const gauge = bar(0);
    const share = h("span", { class: "ltg-wm-share" });
    const node = h("button", { type: "button", class: "ltg-wm-choice" }, word, gauge, share);
    const one = { node, word, gauge, share, id: null };
    scope.listen(node, "click", () => pick(one.id));
    return one;
  });
  const rest = h("p", { class: "ltg-wm-rest" });
  const update = ({ probs, order, id }, truth) => {
    made.forEach((one, i) => {
      one.id = order[i];
      one.word.textContent = vocabulary[one.id];
      one.gauge.firstChild.style.width = `${(100 * probs[one.id]).toFixed(2)}%`;
      one.gauge.firstChild.classList.toggle("ltg-wm-drawn", truth === null && one.id === id);
      one.gauge.firstChild.classList.toggle("ltg-wm-is-green", one.id === truth);
      one.share.textContent = percent(probs[one.id]);
      const marks = [one.id === id && truth === null ? "drawn" : "",
        one.id === truth ? "it comes next" : ""].filter(Boolean).join(", ");
      one.node.setAttribute("aria-label", `${vocabulary[one.id]}, ${percent(probs[one.id])}${
        marks && `, ${marks}`}. Opens its logit.`);
      one.node.classList.toggle("ltg-wm-true", one.id === truth);
    });
    const others = order.slice(SHOWN).reduce((sum, one) => sum + probs[one], 0);
    rest.textContent = `${probs.length - SHOWN} other words: ${percent(others)}`;
  };
  return { nodes: [...made.map(({ node }) => node), rest], update };
}

/** The slider of the temperature. */
export const temperatureSlider = (scope, store) => {
  const made = slider(scope, { label: "Temperature", min: 0.1, max: 2, step: 0.1,
    value: store.get().temp, format: (x) => fixed(x, 1), low: "surer", high: "wilder",
    onInput: (temp) => store.set({ temp }) });
  store.watch(({ temp }, names) => names.includes("temp") && made.set(temp));
  return made.node;
};

/**
 * What stands at the end of the picture. `actions`: word(id) opens a word's logit,
 * open() the part.
 */
export function outputPanel(scope, store, vocabulary, actions) {
  const title = h("button", { type: "button", class: "ltg-wm-out-title", "data-part": "probs" });
  const list = rows(vocabulary, actions.word, scope);
  const line = h("div", {});
  const told = h("p", { class: "ltg-wm-told-draw" });
  const again = button(scope, "Draw again", () => store.set({ seed: store.get().seed + 1 }));
  scope.listen(title, "click", actions.open);
  const node = h("div", { class: "ltg-wm-out" }, title, h("div", { class: "ltg-wm-two" },
    h("div", { class: "ltg-wm-answers" }, ...list.nodes),
    h("div", {}, temperatureSlider(scope, store), line, told, again)));
  const update = (facts, t, state) => {
    const drawn = draw(facts, t, state);
    const last = t === facts.tokens.length - 1;
    title.textContent = `After “${facts.words[t]}” comes`;
    list.update(drawn, last ? null : facts.tokens[t + 1]);
    line.replaceChildren(dartLine(drawn, vocabulary));
    line.style.visibility = last ? "" : "hidden"; // a word is drawn after the last token only
    told.textContent = last
      ? `The random number is ${fixed(drawn.u, 3)}. It falls on “${vocabulary[drawn.id]}”.`
      : `✓ In your sentence, “${facts.words[t + 1]}” comes next.`;
    again.disabled = !last;
    return drawn;
  };
  return { node, update };
}

/** What is drawn after the whole sentence. */
export const outcome = (facts, knobs) => draw(facts, facts.tokens.length - 1, knobs);
