import {
  boundSlider, fixed, frame, h, liveRegion, openScope, tiles,
} from "./base.js";

export const TEMPERATURES = [0.2, 0.6, 1, 1.5, 2];
const AGREE = 4; // of 5
const SIGNS = { true: "\u2713 ", false: "\u2717 " };
const NOTHING = "(nothing)";

/** The most frequent value, how often it came, where first, and whether it is enough. */
export function favouriteOf(values) {
  const times = new Map();
  for (const value of values) times.set(value, (times.get(value) ?? 0) + 1);
  const most = Math.max(...times.values());
  const value = [...times.keys()].find((key) => times.get(key) === most);
  return { value, times: most, at: values.indexOf(value),
    agrees: value !== "" && 5 * most >= AGREE * values.length };
}

export const placeOf = (temperature) =>
  TEMPERATURES.findIndex((known) => Math.abs(known - temperature) < 1e-6);

/** Each question at one temperature: its values, favourite and judgement; the counts. */
export function probeAt(rows, temperature) {
  const at = placeOf(temperature);
  const shown = rows.map(({ question, values, judgements }) => {
    const found = favouriteOf(values[at]);
    return { question, values: values[at], ...found, judgement: judgements[at][found.at] };
  });
  const agree = shown.filter((row) => row.agrees);
  const agreeTrue = agree.filter((row) => row.judgement === "true").length;
  return { shown, agreeTrue, agreeOther: agree.length - agreeTrue,
    disagree: shown.length - agree.length };
}

/** Each value once, in the order of its first coming, with how often it came. */
export function countsOf(values) {
  return [...new Set(values)].map((value) =>
    [value, values.filter((other) => other === value).length]);
}

/** What matters comes first: on a small screen a row is a card of its own. */
function table(rows, nAsks) {
  const heads = ["question", "favourite true?", "do they agree?", `${nAsks} answers`];
  const kinds = ["truth", "verdict", "answers"];
  const cells = rows.map(() => kinds.map((kind) =>
    h("td", { role: "cell", class: `ltg-pt-${kind}` })));
  const body = rows.map(({ question, truth }, i) => h("tr", { role: "row" },
    h("th", { scope: "row", role: "rowheader" }, question.replace(/ (?=[?.!]$)/, "\u00a0"),
      h("span", { class: "ltg-pt-known", text: truth ? `truth: ${truth}` : "nobody knows" })),
    ...cells[i]));
  const node = h("table", { class: "ltg-pt-table", role: "table",
    "aria-label": "Questions and answers" },
  h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, ...heads.map((text) =>
    h("th", { scope: "col", role: "columnheader", text })))),
  h("tbody", { role: "rowgroup" }, ...body));
  const update = (shown) => shown.forEach((row, i) => {
    const [truth, verdict, answers] = cells[i];
    answers.replaceChildren(...countsOf(row.values).map(([value, times]) => h("span", {
      class: value === row.value ? "ltg-pt-same" : "ltg-pt-other",
      text: `${value || NOTHING}${times > 1 ? ` \u00d7 ${times}` : ""}` })));
    verdict.replaceChildren(h("span", { class: row.agrees
      ? "ltg-pt-agrees" : "ltg-pt-disagrees", text: row.agrees ? "agree" : "disagree" }),
    ` (${row.times} of ${row.values.length})`);
    truth.textContent = `${SIGNS[row.judgement] ?? ""}${row.judgement}`;
    truth.classList.toggle("ltg-pt-trap", row.agrees && row.judgement === "false");
  });
  return { node, update };
}

function render({ model, el }) {
  const scope = openScope();
  const rows = model.get("rows");
  const nAsks = rows[0].values[0].length;
  const root = frame(el, { name: "probe-table", title: "Ask again: does it agree with itself?",
    hint: `Each question is asked ${nAsks} times. The answers agree if at least four of `
      + "five are the same; no truth is needed for that." });
  const heat = boundSlider(scope, model, "temperature", { label: "Temperature", min: 0,
    max: TEMPERATURES.length - 1, step: 1, read: placeOf, write: (i) => TEMPERATURES[i],
    format: (i) => fixed(TEMPERATURES[i], 1), low: "0.2", high: "2.0" });
  const facts = tiles({ yes: "agree, and true", trap: "agree, and not true",
    no: "disagree" });
  const list = table(rows, nAsks);
  const live = liveRegion(scope);
  root.append(h("div", { class: "ltg-knobs" }, heat.node, facts.node), list.node, live.node);
  const paint = () => {
    const temperature = model.get("temperature");
    const { shown, agreeTrue, agreeOther, disagree } = probeAt(rows, temperature);
    const of = (n) => `${n} of ${rows.length}`;
    facts.set({ yes: of(agreeTrue), trap: of(agreeOther), no: of(disagree) });
    list.update(shown);
    live.say(`Temperature ${fixed(temperature, 1)}: ${of(agreeTrue)} agree and are true, `
      + `${agreeOther} agree and are not, ${disagree} disagree`);
  };
  scope.watch(model, ["temperature"], paint);
  paint();
  return scope.close;
}

export default { render };
