import {
  button, check, columns, fixed, frame, h, liveRegion, openScope, plural, put, statusLine,
  uid,
} from "./base.js";

// ---- the twins of guesses.py ---------------------------------------------------------

const LARGEST = 1e15;
const BINS = 12;
const MOST_GUESSES = 500;
const TIMES = { thousand: 1e3, million: 1e6, billion: 1e9, k: 1e3 };
const PER_CENT = ["%", "percent", "per cent"];
const FAMILIES = [[1, 2, 5], [1, 3], [1]];
const EXPONENTS = Array.from({ length: 28 }, (_, i) => i - 12);

/** A number with so many decimals and thousands apart. */
export function grouped(x, digits) {
  const [whole, part] = fixed(x, digits).split(".");
  const apart = whole.replace(/\B(?=([0-9]{3})+$)/g, ",");
  return part === undefined ? apart : `${apart}.${part}`;
}

/** How many decimals show a number exactly, or its first six digits. */
export function decimalsOf(x) {
  for (let digits = 0; digits < 12; digits += 1) {
    const text = Math.abs(x).toFixed(digits);
    const seen = text.replace(".", "").replace(/^0+/, "").length;
    if (Number(text) === Math.abs(x) || seen >= 6) return digits;
  }
  return 12;
}

/** A number as short as it is. */
export const plain = (x) => grouped(x, decimalsOf(x));

const withUnit = (text, unit) => (unit ? `${text} ${unit}` : text);

const squeeze = (text) => text.normalize("NFKC").replaceAll("\u2212", "-").toLowerCase()
  .replace(/\s+/g, " ").trim();

/** What two texts have in common that count as the same word. */
export const wordOf = (text) => squeeze(text).replaceAll("\u00df", "ss");

/** Digits with a point for decimals, out of any use of comma and point. */
function withPoint(text) {
  const commas = text.split(",").length - 1;
  const points = text.split(".").length - 1;
  if (commas && points) {
    const mark = text.lastIndexOf(",") > text.lastIndexOf(".") ? "," : ".";
    const group = mark === "," ? "." : ",";
    const pattern = new RegExp(`^[+-]?[0-9]{1,3}(?:\\${group}[0-9]{3})+\\${mark}[0-9]*$`);
    return pattern.test(text) ? text.replaceAll(group, "").replace(mark, ".") : "";
  }
  if (commas > 1 || points > 1) {
    const group = commas ? "," : ".";
    const pattern = new RegExp(`^[+-]?[0-9]{1,3}(?:\\${group}[0-9]{3})+$`);
    return pattern.test(text) ? text.replaceAll(group, "") : "";
  }
  if (/^[+-]?[1-9][0-9]{0,2},[0-9]{3}$/.test(text)) return text.replace(",", "");
  return text.replace(",", ".");
}

function numberIn(text) {
  const made = withPoint(text);
  const known = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,3})?$/.test(made);
  return known ? Number(made) : null;
}

/** A squeezed number without "about" before it and its unit after it. */
function withoutWords(text, unit) {
  const bare = text.replace(/^(~|\u2248|about ) ?/, "");
  const named = squeeze(unit);
  const names = PER_CENT.includes(named) ? PER_CENT : [named, named.replace(/s$/, "")];
  const rests = names.filter((name) => name && bare.endsWith(name))
    .map((name) => bare.slice(0, -name.length)).filter((rest) => /[0-9. ]$/.test(rest));
  return (rests[0] ?? bare).trim();
}

/** The number somebody typed, null if it is none; see read_number in Python. */
export function readNumber(typed, unit = "") {
  let text = withoutWords(squeeze(typed), unit);
  const times = Object.keys(TIMES).find((name) => text.endsWith(name)) ?? "";
  text = text.slice(0, text.length - times.length)
    .replace(/([0-9])[ '\u2019_](?=[0-9]{3}(?![0-9]))/g, "$1");
  if (/[0-9] +[0-9]/.test(text)) return null;
  const parts = text.replaceAll(" ", "").split("/").map(numberIn);
  if (parts.length > 2 || parts.includes(null)) return null;
  const [numerator, denominator = 1] = parts;
  if (denominator === 0) return null;
  const value = (numerator / denominator) * (TIMES[times] ?? 1);
  return Math.abs(value) <= LARGEST ? value : null;
}

/** Where the bars of a histogram begin: up to 12 of them, at round numbers. */
export function edgesOf(values) {
  const low = Math.min(...values);
  const high = Math.max(...values);
  if (low === high) return [low];
  const ladder = (family) => EXPONENTS.flatMap((e) => family.map((m) => Number(`${m}e${e}`)));
  if (low > 0 && high / low >= 100) {
    for (const family of FAMILIES) {
      const edges = ladder(family);
      const first = Math.max(0, edges.findLastIndex((edge) => edge <= low));
      const found = edges.slice(first).filter((edge) => edge <= high);
      if (found.length <= BINS) return found;
    }
  }
  const whole = values.every((value) => value === Math.trunc(value));
  for (const step of ladder([1, 2, 5]).filter((one) => one >= 1 || !whole)) {
    const [first, last] = [low, high].map((x) => Math.floor(x / step + 1e-9));
    if (last - first < BINS) {
      return Array.from({ length: last - first + 1 }, (_, i) =>
        Number(((first + i) * step).toPrecision(12)));
    }
  }
  return [low];
}

/** The bar a value is in: the last that begins at or below it. */
export function binOf(edges, value) {
  const near = value + 1e-9 * Math.abs(value);
  return Math.max(0, edges.findLastIndex((edge) => edge <= near));
}

/** Difference and ratio of a guess and the answer, in words. */
export function howFar(guess, answer, digits, unit = "") {
  const gap = Math.abs(guess - answer);
  const far = grouped(gap, Math.max(digits, decimalsOf(guess)));
  if (!/[1-9]/.test(far)) return "that is the answer";
  const more = guess > answer;
  const points = PER_CENT.includes(squeeze(unit));
  const said = `${far}${points ? " percentage points" : ""} ${more ? "above" : "below"}`
    + " the answer";
  const ratio = Math.max(guess, answer) / Math.min(guess, answer);
  if (guess > 0 && answer > 0 && ratio >= 1.95) {
    const times = grouped(ratio, ratio < 9.95 ? 1 : 0).replace(/\.0$/, "");
    return `${said}, ${more ? "" : "which is "}about ${times} times as large`;
  }
  if (answer === 0 || points) return said;
  const share = (100 * gap) / Math.abs(answer);
  const part = share < 1 ? "less than 1 %" : `${grouped(share, 0)} %`;
  return `${said}, ${part} ${more ? "more" : "less"}`;
}

function medianOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** What is said of one number or of those of a class, beside the answer. */
export function numberVerdict(guesses, answer, digits, unit = "") {
  const told = (guess) => `${withUnit(plain(guess), unit)}: `
    + `${howFar(guess, answer, digits, unit)}.`;
  const truth = `The answer is ${withUnit(grouped(answer, digits), unit)}.`;
  if (guesses.length === 1) return [truth, `You said ${told(guesses[0])}`];
  const closest = guesses.reduce((best, guess) =>
    (Math.abs(guess - answer) < Math.abs(best - answer) ? guess : best));
  return [truth, `The closest of ${guesses.length} guesses is ${told(closest)}`,
    `The middle one (the median) is ${told(medianOf(guesses))}`];
}

/** The same of words or options. */
export function wordVerdict(guesses, answer) {
  const truth = `The answer is ${answer}.`;
  const equal = guesses.filter((guess) => wordOf(guess) === wordOf(answer)).length;
  if (guesses.length === 1) {
    return [truth, equal ? "You said so." : `You said ${guesses[0]}.`];
  }
  return [truth, `${equal} of ${guesses.length} guesses ${equal === 1 ? "says" : "say"} so.`];
}

/** Each guess once, as it is shown, with how often it came: [[text, times], ...]. */
export function countsOf(guesses, numeric, unit) {
  const shown = new Map();
  const times = new Map();
  for (const guess of guesses) {
    const key = numeric ? plain(readNumber(guess, unit)) : wordOf(guess);
    if (!shown.has(key)) shown.set(key, numeric ? key : guess);
    times.set(key, (times.get(key) ?? 0) + 1);
  }
  return [...times].map(([key, n]) => [shown.get(key), n]);
}

// ---- what is seen --------------------------------------------------------------------

/** What Python sealed: { answer, digits, because }. Opened only to be shown. */
function unseal(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** Text in which `code` stands in backticks. */
const inline = (text) => text.split("`").map((part, i) =>
  (i % 2 ? h("code", { text: part }) : part));

/** A box to type in, or a radio button for each option: { node, read, clear }. */
function entry(scope, { options, numeric, unit, add, changed }) {
  const onEnter = (node) => scope.listen(node, "keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    add();
  });
  if (options.length) {
    const name = uid("options");
    const made = options.map((value) => check("radio", inline(value), { name, value }));
    for (const { input, node } of made) {
      node.querySelector("span").replaceChildren(...inline(input.value));
      scope.listen(input, "change", changed);
      onEnter(input);
    }
    const inputs = made.map(({ input }) => input);
    return { node: h("div", { class: "ltg-pd-options", role: "radiogroup",
      "aria-label": "Your guess" }, ...made.map(({ node }) => node)), inputs,
    read: () => inputs.find(({ checked }) => checked)?.value ?? "",
    clear: () => inputs.forEach((input) => { input.checked = false; }) };
  }
  const input = h("input", { type: "text", class: "ltg-pd-box", autocomplete: "off",
    autocapitalize: "none", spellcheck: "false", dir: "auto", maxlength: 60,
    size: numeric ? 10 : 18, inputmode: numeric ? "decimal" : null });
  scope.listen(input, "input", changed);
  onEnter(input);
  const node = h("label", { class: "ltg-pd-entry" }, h("span", { text: "Your guess" }), input,
    unit ? h("span", { text: unit }) : "");
  return { node, inputs: [input], read: () => input.value.trim(),
    clear: () => { input.value = ""; } };
}

/** One row for each answer: its words, a bar, how many; the answer is hatched. */
function bars(rows) {
  const most = Math.max(...rows.map(({ n }) => n), 1);
  return rows.map(({ text, n, marked }) => {
    const fill = h("span", { class: `ltg-pd-fill${marked ? " ltg-pd-marked" : ""}` });
    fill.style.width = `${(100 * n) / most}%`;
    return h("li", {}, h("span", { class: "ltg-pd-name" }, ...inline(text),
      marked ? h("b", { text: " \u2190 the answer" }) : ""),
    h("span", { class: "ltg-pd-track", "aria-hidden": "true" }, fill),
    h("span", { class: "ltg-pd-n", text: n }));
  });
}

/** All guesses of a class in one picture: { node, update(guesses, opened) }. */
function distribution(scope, { options, numeric, unit }) {
  const list = h("ul", { class: "ltg-pd-bars", role: "list", "aria-label": "All guesses" });
  const note = h("p", { class: "ltg-hint" });
  const node = h("div", { class: "ltg-pd-all" });
  const charts = new Map(); // one for each number of bars
  const chartOf = (n) => {
    if (!charts.has(n)) charts.set(n, columns(scope, { n, height: 130 }));
    return charts.get(n);
  };
  const words = (guesses, opened) => {
    const counts = countsOf(guesses, false, "");
    const known = options.map((option) =>
      [option, counts.find(([text]) => wordOf(text) === wordOf(option))?.[1] ?? 0]);
    const answer = opened && !options.length
      && !counts.some(([text]) => wordOf(text) === wordOf(opened.answer))
      ? [[opened.answer, 0]] : [];
    const rows = options.length ? known
      : counts.sort((a, b) => b[1] - a[1]).slice(0, 8);
    list.replaceChildren(...bars([...rows, ...answer].map(([text, n]) => ({ text, n,
      marked: Boolean(opened) && wordOf(text) === wordOf(opened.answer) }))));
    node.replaceChildren(list);
  };
  const numbers = (guesses, opened) => {
    const values = guesses.map((guess) => readNumber(guess, unit));
    const edges = edgesOf(opened ? [...values, opened.answer] : values);
    const at = opened ? binOf(edges, opened.answer) : -1;
    const counts = edges.map(() => 0);
    for (const value of values) counts[binOf(edges, value)] += 1;
    const chart = chartOf(edges.length);
    const single = edges.every((edge, i) => i === 0 || edge - edges[i - 1] === 1)
      && values.every((value) => value === Math.trunc(value));
    note.textContent = (single ? "" : "Each bar: the guesses from its number up to the next. ")
      + (opened ? "\u2713 marks the answer." : "");
    node.replaceChildren(chart.node, note);
    chart.update(edges.map((edge, i) => ({ label: plain(edge), value: counts[i],
      marked: i === at, note: `${counts[i] || ""} ${i === at ? "\u2713" : ""}`.trim() })),
    `All guesses: ${edges.map((edge, i) => [edge, i]).filter(([, i]) => counts[i] || i === at)
      .map(([edge, i]) => `${single ? "" : "from "}${plain(edge)} ${counts[i]}`
        + `${i === at ? " (here is the answer)" : ""}`).join(", ")}`);
  };
  const update = (guesses, opened) => {
    node.hidden = guesses.length < 2;
    if (node.hidden) node.replaceChildren();
    else if (numeric) numbers(guesses, opened);
    else words(guesses, opened);
  };
  return { node, update };
}

/** What cannot be a guess, in words; empty for a good one. */
function complaint(text, { options, numeric, unit }, n) {
  if (n >= MOST_GUESSES) return `${n} guesses are enough.`;
  if (!text) return options.length ? "Choose one first." : "Type your guess first.";
  if (numeric && readNumber(text, unit) === null) {
    return `\u201c${text}\u201d is not a number. Type one, such as 70 or 0.5.`;
  }
  return "";
}

function render({ model, el }) {
  const scope = openScope();
  const [question, options, numeric, unit] = ["question", "options", "numeric", "unit"]
    .map((name) => model.get(name));
  const about = { options, numeric, unit };
  const root = frame(el, { name: "predict", title: question,
    hint: `${options.length ? "Choose" : "Type"} your guess, then look at the answer. In a `
      + "class, add one guess after another." });
  root.querySelector(".ltg-title").replaceChildren(...inline(question));
  const status = statusLine(scope);
  const live = liveRegion(scope);
  /** Adds what is typed or chosen; false, and says why, if that is no guess. */
  const take = (changes = {}) => {
    const [text, guesses] = [box.read(), model.get("guesses")];
    const wrong = complaint(text, about, guesses.length);
    status.say(wrong);
    if (wrong) return false;
    box.clear();
    put(model, { guesses: [...guesses, text], ...changes });
    return true;
  };
  const box = entry(scope, { ...about, add: () => take(), changed: () => paint() });
  const add = button(scope, "Add guess", () => take());
  const show = button(scope, "Show the answer", () => {
    if (model.get("shown")) put(model, { shown: false });
    else if (box.read()) take({ shown: true });
    else if (model.get("guesses").length) put(model, { shown: true });
  }, { class: "ltg-button ltg-pd-show" });
  const undo = button(scope, "Undo last", () => {
    const guesses = model.get("guesses").slice(0, -1);
    put(model, { guesses, shown: model.get("shown") && guesses.length > 0 });
    if (!guesses.length) box.inputs[0].focus(); // this button is disabled now
  });
  const again = button(scope, "Start again", () => {
    box.clear();
    put(model, { guesses: [], shown: false });
    status.say("");
    box.inputs[0].focus();
  });
  const answer = h("div", { class: "ltg-card ltg-pd-answer" });
  const chips = h("ul", { class: "ltg-pd-chips", role: "list", "aria-label": "Guesses" });
  const all = distribution(scope, about);
  function paint() {
    const guesses = model.get("guesses");
    const opened = model.get("shown") && guesses.length ? unseal(model.get("sealed")) : null;
    const lines = opened ? (numeric
      ? numberVerdict(guesses.map((guess) => readNumber(guess, unit)), opened.answer,
        opened.digits, unit) : wordVerdict(guesses, opened.answer)) : [];
    if (opened?.because) lines.push(opened.because);
    answer.replaceChildren(...lines.map((line) => h("p", {}, ...inline(line))));
    answer.hidden = !opened;
    const counts = countsOf(guesses, numeric, unit);
    chips.replaceChildren(...counts.map(([text, n]) => h("li", {}, ...inline(text),
      n > 1 ? h("span", { class: "ltg-pd-times", text: ` \u00d7 ${n}` }) : "")));
    chips.hidden = !guesses.length;
    all.update(guesses, opened);
    show.textContent = opened ? "Hide the answer" : "Show the answer";
    show.disabled = !guesses.length && complaint(box.read(), about, 0) !== "";
    for (const node of [...box.inputs, add]) node.disabled = Boolean(opened);
    undo.disabled = again.disabled = !guesses.length;
    if (!opened) live.node.textContent = ""; // what was spoken last may hold the answer
    live.say(opened ? lines.join(" ").replaceAll("`", "") : guesses.length
      ? `${plural(guesses.length, "guess", "guesses")}, the last: ${guesses.at(-1)}`
      : "No guess yet");
  }
  scope.watch(model, ["guesses", "shown"], paint);
  root.append(
    h("div", { class: "ltg-pd-ask" }, box.node, add), status.node,
    h("div", { class: "ltg-row ltg-pd-buttons" }, show, undo, again),
    answer, chips, all.node, live.node,
  );
  paint();
  return scope.close;
}

export default { render };
