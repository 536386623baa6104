import { boundSlider, button, frame, h, liveRegion, menu, openScope, put } from "./base.js";

const ACTORS = { question: "you", tool: "tool", result: "tool" };
const WRITERS = { you: "you", template: "marks of the template", model: "the model",
  tool: "not written by the model" };
const LANES = { you: "you", model: "model", tool: "tool" };

/** One step: the tokens in the context (fresh: new in this step), who acts, the calls. */
export function traceAt(trace, step) {
  const { kind, n, calls, say, read } = trace.steps[step];
  const before = step ? trace.steps[step - 1].n : n;
  return { kind, say, read, actor: ACTORS[kind] ?? "model",
    tokens: trace.tokens.slice(0, n).map(([text, by], i) => ({ text, by,
      fresh: i >= before })),
    calls: trace.calls.slice(0, calls) };
}

/** Above each token: who wrote it where a new writer begins, else nothing. */
export const writerLabels = (tokens) => tokens.map(({ by }, i) =>
  (by === "template" || by === tokens[i - 1]?.by ? "" : by));

/** Three boxes: you, model, tool; the one that acts is framed and has an arrow. */
function lanes() {
  const parts = Object.entries(LANES).map(([key, name]) => {
    const arrow = h("span", { class: "ltg-tt-arrow", "aria-hidden": "true", text: "\u25b6" });
    return { key, node: h("span", { class: `ltg-tt-lane ltg-frame ltg-tt-${key}`, role: "listitem" },
      arrow, h("span", { class: "ltg-tt-name", text: name })) };
  });
  const node = h("div", { class: "ltg-tt-lanes", role: "list", "aria-label": "Who acts" },
    ...parts.map((part) => part.node));
  const set = (actor) => parts.forEach((part) => {
    if (part.key === actor) part.node.setAttribute("aria-current", "step");
    else part.node.removeAttribute("aria-current");
  });
  return { node, set };
}

function context() {
  const node = h("div", { class: "ltg-tt-tokens", role: "list",
    "aria-label": "Tokens in the context" });
  const update = (tokens) => {
    const labels = writerLabels(tokens);
    node.replaceChildren(...tokens.map(({ text, by, fresh }, i) => h("span", {
      role: "listitem", class: `ltg-tt-token ltg-frame ltg-tt-${by} `
        + `${fresh ? "ltg-tt-fresh ltg-framed" : ""}` },
    h("span", { class: "ltg-tt-by", text: labels[i] }),
    h("span", { class: "ltg-tt-word", text }))));
  };
  return { node, update };
}

function callList() {
  const node = h("div", { class: "ltg-tt-calls", role: "list", "aria-label": "Tool calls" });
  const update = (calls, working) => {
    node.hidden = calls.length === 0;
    node.replaceChildren(...calls.map(({ tool, text, result, problem }, i) => h("div", {
      role: "listitem",
      class: `ltg-tt-call ${working && i === calls.length - 1 ? "ltg-tt-working" : ""}` },
    h("strong", { text: tool }), h("code", { text }),
    h("span", { "aria-label": "gives", role: "img", text: "\u2192" }),
    h("code", { text: result }),
    ...(problem ? [h("span", { class: "ltg-tt-problem", text: `\u26a0 failed: ${problem}` })]
      : []))));
  };
  return { node, update };
}

function legend() {
  return h("div", { class: "ltg-tt-legend" }, ...Object.entries(WRITERS).map(([by, text]) =>
    h("span", { class: `ltg-tt-token ltg-tt-${by}` },
      h("span", { class: "ltg-tt-word", text }))));
}

function render({ model, el }) {
  const scope = openScope();
  const traces = model.get("traces");
  const root = frame(el, { name: "tool-trace", title: "A tool at work, step by step",
    hint: "Step through the answer. New tokens are framed; the line under a token says "
      + "who wrote it." });
  const traceNow = () => traces.find(({ question }) => question === model.get("question"));
  const lastStep = () => traceNow().steps.length - 1;
  const questions = menu(scope, { title: "Question",
    texts: traces.map(({ question }) => question),
    onPick: (question) => put(model, { question, step: 0 }) });
  const steps = boundSlider(scope, model, "step", { label: "Step", min: 0, max: lastStep(),
    step: 1, format: (step) => `${step} of ${lastStep()}` });
  const move = (by) => {
    const n = lastStep() + 1;
    put(model, { step: (model.get("step") + by + n) % n });
  };
  const who = lanes();
  const say = h("p", { class: "ltg-tt-say" });
  const tokens = context();
  const calls = callList();
  const read = h("span", { class: "ltg-tt-read" });
  const live = liveRegion(scope);
  root.append(h("div", { class: "ltg-knobs" }, questions.node, steps.node,
    h("div", { class: "ltg-row" }, button(scope, "Step back", () => move(-1)),
      button(scope, "Next step", () => move(1)), who.node)), say, tokens.node, legend(), calls.node,
  h("p", { class: "ltg-tt-out" }, h("span", { text: "The user reads" }), read), live.node);
  const paint = () => {
    const step = Math.min(model.get("step"), lastStep());
    const now = traceAt(traceNow(), step);
    questions.set(model.get("question"));
    steps.input.max = String(lastStep());
    steps.set(step);
    who.set(now.actor);
    say.textContent = now.say;
    tokens.update(now.tokens);
    calls.update(now.calls, now.kind === "tool");
    read.textContent = now.read || "(nothing yet)";
    live.say(`Step ${step} of ${lastStep()}. ${now.say} The user reads: `
      + `${now.read || "nothing yet"}`);
  };
  scope.watch(model, ["question", "step"], paint);
  paint();
  return scope.close;
}

export default { render };
