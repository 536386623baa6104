import { button, h, openScope, put, statusLine } from "./base.js";

/** A box for a text of one's own; it asks with Enter or with its button. */
function askRow(scope, model, redraw) {
  const input = h("input", { type: "text", class: "ltg-own-input", autocomplete: "off",
    spellcheck: "false", dir: "auto", "aria-label": "A text of your own",
    placeholder: "a text of your own", value: model.get("text") });
  const status = statusLine(scope);
  const row = h("div", { class: "ltg-row" }, input);
  const node = h("div", { class: "ltg-own" }, row, status.node);
  const show = () => {
    const waiting = model.get("asked") !== model.get("answered");
    const error = model.get("error");
    status.say(waiting || !error ? "" : `I cannot read this text: ${error}`, waiting);
    node.setAttribute("aria-busy", String(waiting));
  };
  const ask = () => {
    put(model, { text: input.value, asked: model.get("asked") + 1 });
    show();
  };
  scope.listen(input, "keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") ask();
  });
  row.append(button(scope, "Look inside", ask));
  scope.watch(model, ["answered"], () => {
    show();
    if (!model.get("error")) redraw();
  });
  show();
  return node;
}

/**
 * A picture of a text that stands in traits of `model`: `draw(scope)` gives its nodes,
 * and is called again with a fresh scope when another text has been answered.
 */
export function ofOwnText(scope, model, root, draw) {
  const body = h("div", {});
  let inner = null;
  const redraw = () => {
    inner?.close();
    inner = openScope();
    body.replaceChildren(...draw(inner));
  };
  scope.onClose(() => inner?.close());
  if (model.get("asks")) root.append(askRow(scope, model, redraw));
  root.append(body);
  redraw();
}
