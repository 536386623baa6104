// The keys of the picture: arrows move along the parts and among the words.
import { inBlock, keyOf, partsOf } from "./whole_reading.js";

/** Where a key leads: { part } or { t } that is meant, null for other keys. */
export function goalOf(key, { across, at, t, T, L }) {
  const list = partsOf(L).map(keyOf).filter((one) => one !== "probs");
  const place = list.indexOf(at);
  const inside = (x, n) => Math.max(0, Math.min(n - 1, x));
  const [back, on, up, down] = across ? ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]
    : ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"];
  const [part, layer] = at.split(".");
  const block = (step) => (inBlock(part) ? `${part}.${inside(Number(layer) + step, L)}`
    : list[inside(step < 0 ? 0 : list.length - 1, list.length)]);
  return {
    [back]: { part: list[inside(place - 1, list.length)] },
    [on]: { part: list[inside(place + 1, list.length)] },
    [up]: { t: inside(t - 1, T) },
    [down]: { t: inside(t + 1, T) },
    Home: { part: list[0] },
    End: { part: list.at(-1) },
    PageUp: { part: block(-1) },
    PageDown: { part: block(1) },
  }[key] ?? null;
}

/** Arrows, Enter and Space in the picture; Escape, wherever a part is open. */
export function listenToKeys(scope, root, stage, { chosen, leave, open, move, pick }) {
  scope.listen(root, "keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || !chosen().opened) return;
    event.preventDefault();
    leave();
  });
  scope.listen(stage, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const picture = event.target.closest?.(".ltg-wm-picture");
    if (!picture) return;
    if (event.key === "Enter" || event.key === " ") open(chosen().at);
    else {
      const goal = goalOf(event.key, { ...chosen(), across: picture.matches(".ltg-wm-across") });
      if (!goal) return;
      if (goal.part) move(goal.part);
      else pick(goal.t);
    }
    event.preventDefault();
    event.stopPropagation();
  });
}
