import { button, frame, h, liveRegion, openScope, plural, put } from "./base.js";

const LETTERS = { a: "A", b: "B", skip: "\u2013" };
const SAID = { a: "A is better", b: "B is better", skip: "cannot say" };

/** How often each button was pressed; see tally in Python. */
export function tally(choices) {
  const count = { a: 0, b: 0, skip: 0 };
  for (const choice of choices) count[choice] += 1;
  return count;
}

/** What a key means: a choice, "undo", or null. */
export function meaningOf(key) {
  return { a: "a", b: "b", " ": "skip", u: "undo" }[key.toLowerCase()] ?? null;
}

/** The choices after one more; a choice too many, or an undo of nothing, does nothing. */
export function after(choices, meaning, nCases) {
  if (meaning === "undo") return choices.slice(0, -1);
  return choices.length < nCases ? [...choices, meaning] : choices;
}

/** "3 pairs (2 A, 1 B), 1 cannot say" */
export function soFar(choices) {
  const { a, b, skip } = tally(choices);
  return `${plural(a + b, "pair")} (${a} A, ${b} B), ${skip} cannot say`;
}

function answerCard(letter) {
  const text = h("p", { class: "ltg-pr-text" });
  const node = h("div", { class: `ltg-card ltg-pr-card ltg-pr-${letter.toLowerCase()}` },
    h("span", { class: "ltg-pr-letter", text: letter }), text);
  return { node, text };
}

/** The case that waits: the prompt and two answers, or a word that all is done. */
function caseView() {
  const place = h("p", { class: "ltg-hint ltg-pr-place" });
  const prompt = h("p", { class: "ltg-pr-prompt" });
  const [a, b] = [answerCard("A"), answerCard("B")];
  const pair = h("div", { class: "ltg-pr-pair" }, a.node, b.node);
  const node = h("div", { class: "ltg-pr-case", role: "group", tabindex: 0 },
    place, prompt, pair);
  const update = (cases, at) => {
    const done = at >= cases.length;
    place.textContent = done ? "" : `Case ${at + 1} of ${cases.length}`;
    pair.hidden = done;
    node.setAttribute("aria-label", done ? "All cases are decided"
      : "Keys: A, B, space for cannot say, U for undo");
    if (done) {
      prompt.textContent = "All cases are decided.";
      return;
    }
    [prompt.textContent, a.text.textContent, b.text.textContent] = cases[at];
  };
  return { node, update };
}

/** One small box a case: the letter that was chosen, a dash, or nothing yet. */
function strip(n) {
  const boxes = Array.from({ length: n }, () => h("span", { class: "ltg-pr-box" }));
  const node = h("div", { class: "ltg-pr-strip", "aria-hidden": "true" }, ...boxes);
  const update = (choices) => boxes.forEach((box, i) => {
    box.textContent = LETTERS[choices[i]] ?? "";
    box.className = `ltg-pr-box ltg-pr-${choices[i] ?? "open"}`
      + `${i === choices.length ? " ltg-pr-now" : ""}`;
  });
  return { node, update };
}

function render({ model, el }) {
  const scope = openScope();
  const cases = model.get("cases");
  const root = frame(el, { name: "preference-buttons", title: "Which answer is better?",
    hint: "Press a button, or click the case and use the keys: A, B, space (cannot say), "
      + "U (undo). What you decide becomes a pair: chosen and rejected." });
  const view = caseView();
  const boxes = strip(cases.length);
  const count = h("p", { class: "ltg-pr-count" });
  const live = liveRegion(scope);
  const act = (meaning) => {
    const before = model.get("choices");
    const now = after(before, meaning, cases.length);
    if (now.length === before.length) return;
    put(model, { choices: now });
    paint(meaning);
  };
  const keys = [["A is better", "a"], ["Cannot say", "skip"], ["B is better", "b"]];
  const buttons = keys.map(([label, meaning]) => button(scope, label, () => act(meaning)));
  const undo = button(scope, "Undo", () => act("undo"));
  scope.listen(root, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const meaning = meaningOf(event.key);
    const presses = event.key === " " && event.target.closest("button");
    if (meaning === null || presses) return; // space presses the button in focus
    event.preventDefault();
    event.stopPropagation();
    act(meaning);
  });
  function paint(meaning = null) {
    const choices = model.get("choices");
    const at = choices.length;
    const done = at >= cases.length;
    view.update(cases, at);
    boxes.update(choices);
    count.textContent = `So far: ${soFar(choices)}`;
    for (const node of buttons) node.setAttribute("aria-disabled", String(done));
    undo.setAttribute("aria-disabled", String(at === 0));
    const last = meaning === "undo" ? "Taken back. " : meaning ? `${SAID[meaning]}. ` : "";
    const [prompt, a, b] = cases[at] ?? [];
    live.say(last + (done ? `All cases are decided: ${soFar(choices)}`
      : `Case ${at + 1} of ${cases.length}: ${prompt} A: ${a} B: ${b}`));
  }
  scope.watch(model, ["choices"], () => paint());
  root.append(view.node, h("div", { class: "ltg-row ltg-pr-buttons" }, ...buttons, undo),
    boxes.node, count, live.node);
  paint();
  return scope.close;
}

export default { render };
