// Rotary positions: a pair of numbers of query and key as clock hands that are turned.
import { fixed, h, svg } from "../widgets/base.js";
import { sum } from "./whole_pieces.js";
import { unturned } from "./whole_reading.js";

const SAID = "A query and a key are turned by their position before they meet. Two numbers "
  + "form the tip of a clock hand, and each pair of numbers turns at its own speed. So the "
  + "score depends on how far apart the two tokens are. (Angles are in radians: a full turn is "
  + "6.283. The dashed hand is before the turn, the solid one after it.)";

/** One hand before and after its turn, and what is said of it. */
function clock(told, [x, y], [a, b], colour) {
  const long = Math.max(Math.hypot(x, y), 1e-9);
  const hand = (u, v, kind) => svg("path", { class: `ltg-wm-hand ${kind}`,
    d: `M0 0L${((u / long) * 44).toFixed(2)} ${((-v / long) * 44).toFixed(2)}` });
  return h("figure", { class: "ltg-wm-clock" },
    svg("svg", { viewBox: "-52 -52 104 104", "aria-hidden": "true" },
      svg("circle", { r: 48, class: "ltg-wm-dial" }), hand(x, y, "ltg-wm-before"),
      hand(a, b, `ltg-wm-after ltg-wm-${colour}`)),
    h("figcaption", { text: told }));
}

/** The slider that chooses a pair, with its words. */
function pairSlider(scope, set, pair, half) {
  const words = `Pair ${pair} of ${half}`;
  const input = h("input", { type: "range", min: 0, max: half - 1, step: 1, value: pair,
    "aria-label": "Pair of numbers", "aria-valuetext": words, "data-focus": "pair" });
  scope.listen(input, "input", () => set({ pair: input.valueAsNumber }));
  return h("label", { class: "ltg-wm-pairs" }, h("span", { "aria-hidden": "true",
    text: `${words}: numbers ${pair} and ${pair + half}` }), input);
}

/** What `headSteps` found, seen as turns of one pair: to open where somebody wants it. */
export function turnDetails({ facts, state, t, k, set, scope }, { q, keys }) {
  const { gpt, seen, words } = facts;
  const half = gpt.D / 2;
  const pair = Math.max(0, Math.min(half - 1, state.pair));
  const speed = gpt.speeds[pair];
  const [mine, other] = [t, k].map((place) =>
    unturned(gpt, seen[place], state.layer, state.head));
  const two = (x) => [x[pair], x[pair + half]];
  const tell = (name, place) => `${name} of “${words[place]}”, position ${place}: angle `
    + `${place} × ${speed.toPrecision(3)} = ${fixed(place * speed, 3)}`;
  return h("details", { class: "ltg-wm-more", "data-name": "turn" },
    h("summary", { text: "How do they know their places? Rotary positions" }),
    h("p", { text: SAID }), pairSlider(scope, set, pair, half),
    h("div", { class: "ltg-wm-clocks" },
      clock(tell("query", t), two(mine.q), two(q), "blue"),
      clock(tell("key", k), two(other.k), two(keys[k].k), "orange")),
    sum([`${t} − ${k} = ${t - k}`, "places apart"], "×", [speed.toPrecision(3), "speed"], "=",
      [fixed((t - k) * speed, 3), "angle between the turns"]));
}
