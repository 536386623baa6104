import {
  button, fixed, frame, h, liveRegion, openScope, put, slider, tiles,
} from "./base.js";
import { chart, growing, loss2, pointAt } from "./curves.js";

function render({ model, el, store }) {
  const scope = openScope();
  const total = model.get("total_steps");
  const root = frame(el, { name: "training-curve", title: "The loss while the model learns",
    hint: "Lower is better. Dashed grey lines are losses to compare with." });
  const bar = h("progress", { class: "ltg-tc-bar", max: total, "aria-label": "Training" });
  const status = h("p", { class: "ltg-tc-status" });
  const picture = chart(scope, total, model.get("lines"), model.get("loss_range"));
  const values = h("div", {});
  const live = liveRegion(scope);
  let shown = { names: "", board: null };
  let quarter = -1;
  const look = (step) => put(model, { look: step });
  const knob = slider(scope, { label: "Look at step", min: 0, max: total, step: 1,
    value: 0, onInput: look, low: "start", high: "end" });
  const follow = button(scope, "Follow the newest", () => look(null));
  const paintValues = (curves, at) => {
    const names = curves.map(({ name }) => name);
    if (names.join() !== shown.names) {
      shown = { names: names.join(), board: tiles(Object.fromEntries(names.map((name) => [
        name, `${name} loss`]))) };
      values.replaceChildren(shown.board.node);
    }
    shown.board?.set(Object.fromEntries(curves.map(({ name, points }) => {
      const point = pointAt(points, at);
      return [name, point ? `${loss2(point[1])}${point[1] === null ? "" : " nats"}` : "–"];
    })));
  };
  const paint = () => {
    const curves = store.read();
    const newest = Math.max(0, ...curves.map(({ points }) => points.at(-1)[0]));
    const at = model.get("look") ?? newest;
    const told = curves.map(({ name, points }) => {
      const point = pointAt(points, at);
      return `${name} ${point ? loss2(point[1]) : "not measured yet"}`;
    }).join(", ");
    const lines = Object.entries(model.get("lines")).map(([name, loss]) => `${name} `
      + fixed(loss)).join(", ");
    const spoken = `Step ${at} of ${total}: ${told || "no loss yet"}`;
    status.textContent = model.get("finished") ? `Training has finished. ${spoken}`
      : newest ? `Training: step ${newest} of ${total}.` : "Training has not begun yet.";
    bar.value = newest;
    bar.hidden = model.get("finished");
    knob.set(at);
    follow.setAttribute("aria-disabled", String(model.get("look") === null));
    paintValues(curves, at);
    picture.update(curves, at, `Loss curve. ${spoken}. Lines: ${lines || "none"}.`);
    const now = Math.floor((4 * newest) / total);
    if (now !== quarter || model.get("look") !== null) live.say(spoken);
    quarter = now;
  };
  let due = 0;
  const soon = () => { due ||= requestAnimationFrame(() => { due = 0; paint(); }); };
  scope.onClose(() => cancelAnimationFrame(due));
  scope.onClose(store.join(soon));
  scope.watch(model, ["look", "finished"], soon);
  root.append(h("div", { class: "ltg-tc-controls ltg-knobs" }, knob.node, follow), bar, status,
    picture.node, values, live.node);
  paint();
  return scope.close;
}

export default growing(render);
