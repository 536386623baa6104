import {
  fixed, frame, h, liveRegion, menu, openScope, plural, put, radios, tiles,
} from "./base.js";

const ROLE_NAMES = { system: "system: the rules", user: "user", assistant: "assistant",
  call: "call of a tool", result: "its result", mark: "mark of the template" };
const COUNTED = { answers: "the answers", everything: "everything" };

/** Which tokens count; the first is predicted by nobody and never does. */
export function whichCount({ learned, nats }, counted) {
  return nats.map((loss, i) => loss !== null && (counted === "everything" || learned[i]));
}

/** How many tokens count, and their mean loss in nats. */
export function maskSummary(row, counted) {
  const flags = whichCount(row, counted);
  const own = row.nats.filter((_, i) => flags[i]);
  return { n: own.length, mean: own.reduce((a, b) => a + b, 0) / Math.max(1, own.length) };
}

/** Above each token: its role where a new one begins, else nothing. */
export const roleLabels = (roles) => roles.map((role, i) =>
  (role === "mark" || role === roles[i - 1] ? "" : role));

function tokenList() {
  const node = h("div", { class: "ltg-lm-tokens", role: "list",
    "aria-label": "Tokens of the conversation" });
  const update = (row, counted) => {
    const flags = whichCount(row, counted);
    const labels = roleLabels(row.roles);
    node.replaceChildren(...row.words.map((word, i) => h("span", { role: "listitem",
      class: `ltg-lm-token ltg-frame ltg-lm-${row.roles[i]} `
        + `${flags[i] ? "ltg-lm-counts ltg-framed" : ""}` },
    h("span", { class: "ltg-lm-role", text: labels[i] }),
    h("span", { class: "ltg-lm-word", text: word }),
    h("span", { class: "ltg-lm-loss" }, row.nats[i] === null ? "\u2013"
      : fixed(row.nats[i]), h("span", { class: "ltg-spoken",
      text: flags[i] ? " nats, counts" : " nats, does not count" })))));
  };
  return { node, update };
}

function legend(roles) {
  const used = Object.keys(ROLE_NAMES).filter((role) => roles.has(role));
  return h("div", { class: "ltg-lm-legend" }, ...used.map((role) =>
    h("span", { class: `ltg-lm-${role}` }, h("span", { class: "ltg-lm-word",
      text: ROLE_NAMES[role] }))),
  h("span", { class: "ltg-lm-token ltg-frame ltg-framed ltg-lm-counts", text: "framed: counts" }));
}

function render({ model, el }) {
  const scope = openScope();
  const rows = model.get("rows");
  const root = frame(el, { name: "loss-mask", title: "Which tokens does the loss count?",
    hint: "Below each token: what it costs the model, \u2212ln p in nats. The line under "
      + "a token and the word above it say who wrote it." });
  const talks = menu(scope, { title: "Conversation", texts: rows.map((row) => row.label),
    onPick: (talk) => put(model, { talk }) });
  const choice = radios(scope, { title: "The loss counts", choices: COUNTED,
    onPick: (counted) => put(model, { counted }) });
  const facts = tiles({ mean: "mean loss over what counts", n: "tokens that count" });
  const list = tokenList();
  const live = liveRegion(scope);
  root.append(h("div", { class: "ltg-knobs" }, talks.node, choice.node), facts.node, list.node,
    legend(new Set(rows.flatMap((row) => row.roles))), live.node);
  const paint = () => {
    const row = rows.find(({ label }) => label === model.get("talk"));
    const what = model.get("counted");
    const { n, mean } = maskSummary(row, what);
    talks.set(row.label);
    choice.set(what);
    list.update(row, what);
    facts.set({ mean: `${fixed(mean)} nats`, n: `${n} of ${row.words.length}` });
    live.say(`${row.label}: the loss counts ${COUNTED[what]}, ${plural(n, "token")} of `
      + `${row.words.length}, mean loss ${fixed(mean)} nats`);
  };
  scope.watch(model, ["talk", "counted"], paint);
  paint();
  return scope.close;
}

export default { render };
