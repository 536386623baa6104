// What a small vocabulary makes of what people type: the twin of assistant.hearing.
import { caseFold, closeMatches, lengthOf } from "./python.js";
import { splitWords } from "./words.js";

const CONTRACTION = /[A-Za-z]+['\u2019][A-Za-z]+/gu;
const QUOTES = /["'\u2018\u2019\u201c\u201d]/gu;
const SIGNS = { "\u00d7": "*", "\u2212": "-" };

/**
 * A message as the words of a vocabulary: { text, unknown }. `world` holds the short
 * forms and the first and last names of Tiny World.
 */
export function heard(message, words, world) {
  const inFull = (one) => {
    const small = one.toLowerCase().replaceAll("\u2019", "'");
    return world.shortForms[small] ?? one;
  };
  const text = message.replace(CONTRACTION, inFull).replace(QUOTES, "")
    .replace(/[\u00d7\u2212]/gu, (sign) => SIGNS[sign]);
  const said = [];
  const unknown = new Set();
  for (const word of splitWords(text)) {
    const ways = words.spellings.get(caseFold(word)) ?? [];
    if (!ways.length) unknown.add(word);
    said.push(asSpelled(word, ways, said.at(-1), world));
  }
  return { text: said.join(" "), unknown: [...unknown] };
}

/** The way to spell a word that fits what stands before it. */
function asSpelled(word, ways, before, world) {
  if (ways.length < 2) return ways[0] ?? word;
  const begins = before === undefined || ".!?".includes(before);
  const capital = (way) => way[0] !== way[0].toLowerCase();
  if (begins || world.firstNames.includes(before)) return ways.find(capital);
  if (world.lastNames.includes(word)) return word;
  return ways.find((way) => way[0] !== way[0].toUpperCase());
}

/** What the assistant says to words that it does not know. */
export function aboutUnheard(unknown, words) {
  const kind = unknown.every((word) => /^\p{L}+$/u.test(word)) ? "word" : "sign";
  const told = unknown.slice(0, 3).map((word) => `"${Array.from(word).slice(0, 30).join("")}"`);
  const sentence = `I do not know the ${kind} ${told.join(" or ")}.`;
  const near = lengthOf(unknown[0]) < 200 ? closeMatches(unknown[0], words.words, 1, 0.8) : [];
  return near.length ? `${sentence} Did you mean "${near[0]}"?` : sentence;
}

/** The same voice, which hears messages as `heard` does and names unknown words. */
export function hearing(say, words, world, kind = "text") {
  return function* hears(text) {
    const { text: told, unknown } = heard(text, words, world);
    if (unknown.length) yield { kind, text: aboutUnheard(unknown, words) };
    else yield* say(told);
  };
}
