import {
  boundSlider, fixed, frame, h, liveRegion, logSumExp, openScope, percent, put, slider,
  softmax,
} from "./base.js";

/** e^z in words that fit: "7.39", "22,026", "1.97 x 10^434"; computed through log10. */
export function powerOfE(z) {
  if (z > -6 && z < 9.2) return Math.exp(z).toFixed(z < 2 ? 3 : z < 5 ? 2 : 1);
  const tens = z / Math.LN10;
  const exponent = Math.floor(tens);
  const digits = [...String(Math.abs(exponent))].map((d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]).join("");
  const front = Math.min(9.99, 10 ** (tens - exponent));
  return `${front.toFixed(2)} × 10${exponent < 0 ? "⁻" : ""}${digits}`;
}

/** What each row shows: the shifted logit, its power of e, its probability. */
export function softmaxRows(logits, shift) {
  const shifted = logits.map((z) => z + shift);
  return softmax(shifted).map((p, i) => ({ z: shifted[i], power: powerOfE(shifted[i]), p }));
}

function makeRow(scope, model, label, i) {
  const { input } = slider(scope, {
    label: `logit of ${label}`, min: -model.get("reach"), max: model.get("reach"),
    step: model.get("reach") > 50 ? 1 : 0.1, value: model.get("logits")[i],
    format: (z) => fixed(z, 1),
    onInput: (z) => put(model, {
      logits: model.get("logits").map((old, j) => (j === i ? z : old)) }),
  });
  const z = h("span", { class: "ltg-number" });
  const power = h("span", { class: "ltg-number ltg-power" });
  const fillBar = h("span", { class: "ltg-fill" });
  const p = h("span", { class: "ltg-number ltg-strong" });
  const cells = [h("span", { class: "ltg-name", text: label }), input, z, power,
    h("span", { class: "ltg-gauge" }, fillBar), p];
  const show = (row) => {
    z.textContent = fixed(row.z, 1);
    power.textContent = row.power;
    fillBar.style.width = `${100 * row.p}%`;
    p.textContent = percent(row.p);
    input.value = String(model.get("logits")[i]);
    input.setAttribute("aria-valuetext", `${fixed(row.z, 1)}, ${percent(row.p)}`);
  };
  return { cells, show };
}

const eToThe = (z) => h("span", { text: "e" }, h("sup", { text: z }));

function headings() {
  return ["", "drag the logit", "z", eToThe("z"), "its share of the sum", "p"];
}

function render({ model, el }) {
  const scope = openScope();
  const root = frame(el, {
    name: "softmax-bars", title: "Softmax: from scores to probabilities",
    hint: "Drag a logit: its bar grows at the cost of all others. Then add the same "
      + "number to every logit and watch the bars.",
  });
  const labels = model.get("labels");
  const rows = labels.map((label, i) => makeRow(scope, model, label, i));
  const sum = h("span", { class: "ltg-number ltg-power" });
  const table = h("div", { class: "ltg-softmax" },
    ...headings().map((cell) => h("span", { class: "ltg-head" }, cell)),
    ...rows.flatMap((row) => row.cells),
    ...["", "", "sum"].map((text) => h("span", { class: "ltg-total", text })), sum,
    h("span", { class: "ltg-total" }), h("span", { class: "ltg-total", text: "100 %" }));
  const shift = boundSlider(scope, model, "shift", {
    label: "Add to all", min: -5, max: 5, step: 0.5, format: (c) => fixed(c, 1),
  });
  const said = h("p", { class: "ltg-said" });
  const live = liveRegion(scope);
  root.append(table, shift.node, said, live.node);

  const paint = () => {
    const c = model.get("shift");
    const now = softmaxRows(model.get("logits"), c);
    rows.forEach((row, i) => row.show(now[i]));
    sum.textContent = powerOfE(logSumExp(now.map((row) => row.z)));
    if (c === 0) {
      said.replaceChildren("Each p is its ", eToThe("z"), " divided by the sum of all.");
    } else {
      said.replaceChildren("Every ", eToThe("z"), " is multiplied by ",
        eToThe(fixed(c, 1)), ` = ${powerOfE(c)}, and so is their sum: no share moves.`);
    }
    live.say(labels.map((label, i) => `${label} ${percent(now[i].p, 0)}`).join(", "));
  };
  scope.watch(model, ["logits", "shift"], paint);
  paint();
  return scope.close;
}

export default { render };
