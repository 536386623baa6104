import { button, check, frame, h, liveRegion, openScope, put, statusLine } from "./base.js";

const LONGEST = 300;

/** What a card says now: an answer to what was asked, or that it is still to come. */
export function cardOf(name, { answers, completes, asked }) {
  const answer = answers[name];
  if (!answer || answer.to !== asked) {
    return { state: "waiting", calls: [], text: "\u2026", note: "" };
  }
  if (answer.error) {
    return { state: "error", calls: [], text: answer.error, note: "cannot answer" };
  }
  return {
    state: "answer", calls: answer.calls, text: answer.text || "(nothing)",
    note: [answer.true ? "\u2713 has the true answer" : "",
      completes.includes(name) ? "goes on with your words" : "", answer.notice]
      .filter(Boolean).join("; "),
  };
}

/** The error that stands in all these cards, to be said once; "" if there is none. */
export function commonError(cards) {
  const texts = new Set(cards.map(({ state, text }) => (state === "error" ? text : "")));
  return texts.size === 1 ? [...texts][0] : "";
}

/** The names that are shown after one was switched, in the order of the voices. */
export function switched(names, shown, name) {
  const on = shown.includes(name) ? shown.filter((other) => other !== name)
    : [...shown, name];
  return names.filter((other) => on.includes(other));
}

function voiceCard(name) {
  const note = h("p", { class: "ltg-ss-note" });
  const calls = h("ul", { class: "ltg-ss-calls", "aria-label": "tools it used" });
  const text = h("p", { class: "ltg-ss-text", dir: "auto" });
  const node = h("div", { role: "listitem" },
    h("div", { class: "ltg-ss-name", text: name }), calls, text, note);
  const update = (shown, card) => {
    node.hidden = !shown;
    node.className = `ltg-card ltg-ss-card ltg-ss-${card.state}`;
    calls.replaceChildren(...card.calls.map((call) => h("li", { text: call })));
    calls.hidden = card.calls.length === 0;
    text.textContent = card.text;
    note.textContent = card.note;
    note.hidden = card.note === "";
  };
  return { node, update };
}

/** One switch a voice. */
function switches(scope, names, flip) {
  const boxes = names.map((name) => {
    const box = check("checkbox", name);
    scope.listen(box.input, "change", () => flip(name));
    return box;
  });
  const node = h("div", { role: "group", "aria-label": "Who is shown",
    class: "ltg-radios ltg-ss-switches" }, h("span", { text: "Show", "aria-hidden": "true" }),
  ...boxes.map((one) => one.node));
  const update = (shown) => boxes.forEach(({ input }, i) => {
    input.checked = shown.includes(names[i]);
  });
  return { node, update };
}

function render({ model, el }) {
  const scope = openScope();
  const names = model.get("names");
  const root = frame(el, { name: "stage-switcher", title: "One question, many answers",
    hint: "Type a question and press Enter. Each question is asked afresh: nobody "
      + "remembers the one before." });
  const change = (values) => {
    put(model, values);
    paint();
  };
  let sent = null;
  const ask = () => {
    sent = input.value;
    const question = sent.trim();
    if (question) change({ question, asked: model.get("asked") + 1 });
    else status.say("Type a question first.");
  };
  const chips = model.get("examples").map((text) => button(scope, text, () => {
    input.value = text;
    ask();
  }));
  const input = h("input", { type: "text", class: "ltg-ss-input", autocomplete: "off",
    spellcheck: "false", dir: "auto", maxlength: LONGEST, "aria-label": "Question" });
  input.value = model.get("question");
  scope.listen(input, "keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") ask();
  });
  const status = statusLine(scope);
  const truth = h("p", { class: "ltg-ss-truth" });
  const toggles = switches(scope, names, (name) => change({
    shown: switched(names, model.get("shown"), name) }));
  const cards = names.map((name) => voiceCard(name));
  const list = h("div", { class: "ltg-ss-cards", role: "list", "aria-label": "Answers" },
    ...cards.map((card) => card.node));
  const nobody = h("p", { class: "ltg-hint", text: "Nobody is shown: switch one on." });
  const live = liveRegion(scope);
  function paint() {
    const state = { answers: model.get("answers"), completes: model.get("completes"),
      asked: model.get("asked") };
    const shown = model.get("shown");
    const told = names.map((name) => cardOf(name, state));
    cards.forEach((card, i) => card.update(shown.includes(names[i]), told[i]));
    toggles.update(shown);
    const error = commonError(told.filter((_, i) => shown.includes(names[i])));
    list.hidden = shown.length === 0 || error !== "";
    nobody.hidden = shown.length > 0;
    const open = told.some((card, i) => card.state === "waiting"
      && shown.includes(names[i]));
    root.setAttribute("aria-busy", String(open));
    status.say(error && `Nobody can read this: ${error}`, open);
    const said = model.get("truth");
    truth.textContent = said && !open && !error ? `The true answer: ${said}` : "";
    const spoken = shown.map((name) => {
      const card = told[names.indexOf(name)];
      return `${name}${card.state === "error" ? " cannot answer" : ""}: ${card.text}`;
    });
    live.say(open ? "Asking the models" : error ? "No answer" // the alert says why
      : [truth.textContent, ...spoken].filter(Boolean).join(". ") || "Nobody is shown");
  }
  scope.watch(model, ["answers", "asked", "shown", "truth"], paint);
  scope.watch(model, ["question"], () => { // unless something else is being typed
    if (input.value === sent || document.activeElement !== input) {
      input.value = model.get("question");
    }
    paint();
  });
  root.append(h("div", { class: "ltg-row" }, input, button(scope, "Ask", ask)),
    chips.length ? h("div", { class: "ltg-row ltg-ss-chips" },
      h("span", { class: "ltg-hint", text: "or take" }), ...chips) : "",
    status.node, toggles.node, truth, list, nobody, live.node);
  paint();
  return scope.close;
}

export default { render };
