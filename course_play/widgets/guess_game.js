import {
  button, columns, fixed, frame, h, labelsOf, liveRegion, openScope, percent, plural, put,
  rankOrder, tiles,
} from "./base.js";

const ALPHABET = [...".abcdefghijklmnopqrstuvwxyz"];
const END = 0;

/**
 * All turns that `guesses` (one letter each) make of the hidden names, and where the
 * game stands: { turns, name, at }, name = number of names already finished, at =
 * letters of the next one already seen.
 */
export function playGame(hidden, table, guesses, letters = ALPHABET) {
  const token = (letter) => letters.indexOf(letter);
  const turns = [];
  let name = 0;
  let at = 0;
  for (const letter of guesses) {
    if (name >= hidden.length) break;
    const text = [...`.${hidden[name]}.`];
    const row = table[token(text[at])];
    const truth = token(text[at + 1]);
    turns.push({ name, previous: token(text[at]), truth, guess: token(letter),
      favourite: rankOrder(row)[0], prob: row[truth] });
    at += 1;
    if (truth === END) {
      name += 1;
      at = 0;
    }
  }
  return { turns, name, at };
}

/** How many letters you and the table had right, and the mean of -ln p(truth). */
export function scoreOf(turns) {
  const count = (test) => turns.filter(test).length;
  const total = turns.reduce((sum, { prob }) => sum - Math.log(prob), 0);
  return {
    letters: turns.length,
    yours: count(({ guess, truth }) => guess === truth),
    table: count(({ favourite, truth }) => favourite === truth),
    surprise: turns.length ? total / turns.length : 0,
  };
}

/** How the game speaks of the letters of an alphabet. */
function speech(letters) {
  const labels = labelsOf(letters);
  const say = (i) => (i === END ? "the end" : `\u201c${labels[i]}\u201d`);
  const short = (i) => (i === END ? "end" : labels[i]);
  const before = (i) => (i === END ? "at the start" : `after ${say(i)}`);
  return { labels, say, short, before };
}

/** A button for each letter, nine in a row; they keep the focus when pressed. */
function letterKeys(scope, letters, { short }, choose) {
  const keys = letters.map((letter, i) => button(scope, short(i),
    () => choose(letter), { "aria-label": i === END ? "end of the name" : short(i) }));
  const node = h("div", { class: "ltg-gg-keys", role: "group", "aria-label": "Letters" },
    ...keys.slice(1), keys[END]);
  return { node, enable: (on) => keys.forEach((key) => key.setAttribute("aria-disabled",
    String(!on))) };
}

const mark = (right) => h("span", { class: right ? "ltg-gg-yes" : "ltg-gg-no",
  text: right ? "\u2713" : "\u2717", role: "img", "aria-label": right ? "right" : "wrong" });

/** The name so far: a column for each letter, a row each for you and the table. */
function boardRows(turns, open, { short }) {
  const cell = (...parts) => h("td", {}, ...parts);
  const row = (title, make, last) => h("tr", {}, h("th", { scope: "row", text: title }),
    ...turns.map(make), ...(open ? [cell(last)] : []));
  return [
    row("the name", ({ truth }) => h("td", { class: "ltg-gg-truth", text: short(truth) }),
      h("span", { class: "ltg-gg-open", text: "?" })),
    row("you", ({ guess, truth }) => cell(short(guess), mark(guess === truth)), ""),
    row("the table", ({ favourite, truth }) => cell(short(favourite),
      mark(favourite === truth)), ""),
    row("its p(truth)", ({ prob }) => cell(fixed(prob)), ""),
  ];
}

/** The turns of the name on the board: the one under way, or the one just finished. */
function onBoard({ turns, name, at }) {
  const shown = at > 0 ? name : name - 1;
  return turns.filter((turn) => turn.name === shown);
}

function statusText({ turns, name, at }, hidden, { before }) {
  const last = turns.at(-1);
  const over = name >= hidden.length;
  const ended = last && at === 0 ? `That was \u201c${hidden[name - 1]}\u201d. ` : "";
  if (over) return `${ended}All ${hidden.length} names are done.`;
  const where = `Name ${name + 1} of ${hidden.length}`;
  if (at === 0) return `${ended}${where}: which letter begins it?`;
  return `${where}: which letter comes ${before(last.truth)}?`;
}

function lastText(last, { say, before }) {
  if (!last) return "Guess a letter: then you see what the table thought.";
  const { previous, truth, guess, favourite, prob } = last;
  const verdict = guess === truth ? "right" : "wrong";
  return `The truth was ${say(truth)}, p = ${fixed(prob)} in the table. You said `
    + `${say(guess)} (${verdict}); the table, ${before(previous)}, said ${say(favourite)}.`;
}

function render({ model, el }) {
  const scope = openScope();
  const letters = [...model.get("alphabet")];
  const words = speech(letters);
  const { labels, say, short, before } = words;
  const hidden = model.get("hidden");
  const table = model.get("table");
  const root = frame(el, { name: "guess-game", title: "Guess the next letter",
    hint: "A name is hidden. Guess it letter by letter, and say when it ends. A table of "
      + `letter pairs, counted from ${model.get("n_counted").toLocaleString("en")} other names, guesses too.` });
  const choose = (letter) => {
    const guesses = model.get("guesses");
    if (playGame(hidden, table, guesses, letters).name >= hidden.length) return;
    put(model, { guesses: guesses + letter });
  };
  const keys = letterKeys(scope, letters, words, choose);
  const box = h("input", { type: "text", class: "ltg-gg-box", maxlength: 1, size: 2,
    "aria-label": "Type your guess, a letter, or a dot for the end of the name",
    autocomplete: "off", autocapitalize: "none", spellcheck: "false", dir: "auto" });
  const typed = (text) => {
    const letter = text.toLowerCase().normalize("NFC");
    if (letters.includes(letter)) choose(letter);
  };
  const take = () => {
    typed([...box.value].at(-1) ?? "");
    box.value = "";
  };
  scope.listen(box, "input", (event) => event.isComposing || take());
  scope.listen(box, "compositionend", take); // a syllable typed in several keys
  scope.listen(keys.node, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
    if (event.key === " ") return;
    typed(event.key);
    event.preventDefault();
    event.stopPropagation();
  });
  const again = button(scope, "Start again", () => put(model, { guesses: "" }));
  const status = h("p", { class: "ltg-gg-status" });
  const board = h("tbody", {});
  const scroll = h("div", { class: "ltg-gg-scroll", tabindex: "0", role: "group",
    "aria-label": "The name so far" }, h("table", { class: "ltg-gg-board" }, board));
  const scores = tiles({ yours: "you were right", table: "the table was right",
    surprise: "its mean \u2212ln p(truth)", blind: `all letters equal: ln ${letters.length}` });
  const told = h("p", { class: "ltg-gg-told" });
  const bars = columns(scope, { n: letters.length, height: 110 });
  const live = liveRegion(scope);
  const paint = () => {
    const game = playGame(hidden, table, model.get("guesses"), letters);
    const last = game.turns.at(-1);
    const { letters: n, yours, table: tableRight, surprise } = scoreOf(game.turns);
    const share = (part) => (n ? `${part} / ${n} = ${percent(part / n, 0)}`
      : "\u2013");
    const over = game.name >= hidden.length;
    status.textContent = statusText(game, hidden, words);
    board.replaceChildren(...boardRows(onBoard(game), game.at > 0 || !last, words));
    scroll.scrollLeft = scroll.scrollWidth; // where the game is
    scores.set({ yours: share(yours), table: share(tableRight),
      surprise: n ? `${fixed(surprise)} nats` : "\u2013",
      blind: `${fixed(Math.log(letters.length))} nats` });
    told.textContent = lastText(last, words);
    keys.enable(!over);
    box.readOnly = over;
    bars.node.style.display = last ? "" : "none";
    if (last) {
      live.say(`${last.guess === last.truth ? "Right" : "Wrong"}, it is ${say(last.truth)}. `
        + `You ${yours}, the table ${tableRight} of ${plural(n, "letter")}. `
        + status.textContent);
      bars.update(table[last.previous].map((value, i) => ({ label: labels[i], value,
        marked: i === last.truth,
        note: i === last.truth || i === last.favourite ? fixed(value) : "" })),
      `What the table expected ${before(last.previous)}: ${rankOrder(table[last.previous])
        .slice(0, 5).map((i) => `${short(i)} ${fixed(table[last.previous][i])}`).join(", ")}`);
    }
  };
  root.append(h("div", { class: "ltg-sides" }, h("div", {}, status,
    scroll, h("div", { class: "ltg-row" }, h("label", { class: "ltg-gg-type" }, h("span", {
      text: "Type a letter", "aria-hidden": "true" }), box), h("span", {
      class: "ltg-gg-or", text: "or press a key:" }), again),
    keys.node), h("div", {}, scores.node, told, bars.node)), live.node);
  scope.watch(model, ["guesses"], paint);
  paint();
  return scope.close;
}

export default { render };
