import {
  boundCheck, boundSlider, button, fitted, frame, h, hatch, liveRegion, openScope, plural,
  put, svg, tiles, uid,
} from "./base.js";

/** One step: how many tokens are computed, how many scores; see step_work in Python. */
export function stepWork(nRead, nNew, cache) {
  const first = cache ? nRead - nNew : 0;
  return { computed: nRead - first, scores: (nRead * (nRead + 1) - first * (first + 1)) / 2 };
}

/** The work of all steps up to `step`. */
export function totalWork(nPrompt, step, cache) {
  const sum = { computed: 0, scores: 0 };
  for (let i = 1; i <= step; i += 1) {
    const work = stepWork(nPrompt + i - 1, i === 1 ? nPrompt : 1, cache);
    sum.computed += work.computed;
    sum.scores += work.scores;
  }
  return sum;
}

const HEAD = 62;
const SIDE = 52;
const ROW = 24;

/** Steps downwards, tokens to the right; a filled square is computed, a ring is kept. */
function board(tokens, nSteps, width) {
  const id = uid("kept");
  const cell = Math.min(44, (width - SIDE - 30) / tokens.length);
  const thin = Math.max(2, Math.min(8, (cell - 20) / 2));
  const tilt = cell < 24 ? -58 : -38;
  const tall = HEAD + ROW * nSteps + 4;
  const node = svg("svg", { viewBox: `0 0 ${width} ${tall}`, role: "img",
    class: "ltg-kv-board" }, svg("defs", {}, hatch(id)));
  tokens.forEach((token, i) => {
    const [x, y] = [SIDE + cell * (i + 0.5), HEAD - 10];
    node.append(svg("text", { x, y, class: "ltg-kv-token", text: token,
      transform: `rotate(${tilt} ${x} ${y})` }));
  });
  const rows = Array.from({ length: nSteps }, (_, s) => {
    const y = HEAD + ROW * s;
    const name = svg("text", { x: SIDE - 10, y: y + 16, class: "ltg-kv-step",
      text: `step ${s + 1}` });
    const marks = tokens.map((_t, i) => svg("rect", { x: SIDE + cell * i + thin, y: y + 1,
      width: cell - 2 * thin, height: 19 }));
    const group = svg("g", {}, name, ...marks);
    node.append(group);
    return { group, marks };
  });
  const update = (nPrompt, step, cache, spoken) => {
    rows.forEach(({ group, marks }, s) => {
      const nRead = nPrompt + s;
      const { computed } = stepWork(nRead, s === 0 ? nPrompt : 1, cache);
      group.setAttribute("class", s + 1 === step ? "ltg-kv-now" : s + 1 < step ? "" : "ltg-kv-later");
      marks.forEach((mark, i) => {
        const state = i >= nRead ? "none" : i >= nRead - computed ? "new" : "kept";
        mark.setAttribute("class", `ltg-kv-${state}`);
        mark.setAttribute("rx", state === "kept" ? 10 : 3);
        mark.style.fill = state === "kept" ? `url(#${id})` : "";
      });
    });
    node.setAttribute("aria-label", spoken);
  };
  return { node, update };
}

function render({ model, el }) {
  const scope = openScope();
  const tokens = model.get("tokens");
  const nPrompt = model.get("n_prompt");
  const nSteps = tokens.length - nPrompt + 1;
  const root = frame(el, { name: "kv-cache-stepper", title: "One more word, with and without a cache",
    hint: "A solid square: query, key and value of this token are computed in this step. A "
      + "hatched circle: key and value are kept from before and only read." });
  const steps = boundSlider(scope, model, "step", { label: "Step", min: 1, max: nSteps,
    step: 1, format: (step) => `${step} of ${nSteps}` });
  const choice = boundCheck(scope, model, "cache", "keep keys and values (KV cache)");
  const next = button(scope, "Next word", () =>
    put(model, { step: model.get("step") === nSteps ? 1 : model.get("step") + 1 }));
  const facts = tiles({ now: "computed in this step", scores: "scores in this step",
    total: "computed so far", allScores: "scores so far" });
  const picture = fitted(scope, (width) => board(tokens, nSteps, width));
  const live = liveRegion(scope);
  root.append(h("div", { class: "ltg-knobs" }, steps.node, h("div", { class: "ltg-row" }, next,
    choice)), h("div", { class: "ltg-sides" }, picture.node, facts.node), live.node);
  const paint = () => {
    const [step, cache] = [model.get("step"), model.get("cache")];
    const now = stepWork(nPrompt + step - 1, step === 1 ? nPrompt : 1, cache);
    const sum = totalWork(nPrompt, step, cache);
    facts.set({ now: plural(now.computed, "token"), scores: String(now.scores),
      total: plural(sum.computed, "token"), allScores: String(sum.scores) });
    const said = `Step ${step} of ${nSteps} ${cache ? "with" : "without"} cache: `
      + `${plural(now.computed, "token")} computed, ${plural(now.scores, "score")}; `
      + `so far ${plural(sum.computed, "token")} computed, ${plural(sum.scores, "score")}`;
    picture.update(nPrompt, step, cache, said);
    live.say(said);
  };
  scope.watch(model, ["step", "cache"], paint);
  paint();
  return scope.close;
}

export default { render };
