// The words of Tiny World: the twin of tiny_world.words and tiny_world.lexicon.
import { BLANKS, ValueError, caseFold, closeMatches, lengthOf, repr } from "./python.js";

const WORD = new RegExp(`</?[a-z]+>|[A-Za-z]+|[^${BLANKS}]`, "gu");
const CLOSING = ".,!?:;";
const LONGEST_TOLD = 30; // letters of an unknown word that a message shows

/** Readable text to words; a punctuation mark is a word of its own. */
export const splitWords = (text) => text.match(WORD) ?? [];

/** Words to readable text; the inverse of `splitWords`. */
export function renderWords(words) {
  let text = "";
  let digitBefore = false;
  for (const word of words) {
    const digit = /^\p{Nd}+$/u.test(word);
    text += CLOSING.includes(word) || (digit && digitBefore) ? word : ` ${word}`;
    digitBefore = digit;
  }
  return text.startsWith(" ") ? text.slice(1) : text;
}

const shortened = (word) => (lengthOf(word) <= LONGEST_TOLD ? word
  : `${Array.from(word).slice(0, LONGEST_TOLD).join("")}...`);

/**
 * One token a word or punctuation mark.
 *
 * `vocabulary` lists the words of Tiny World, `special` its special tokens, `extra` more
 * words, such as "<calc>" or "7"; those in <> are special tokens, too.
 */
export class Words {
  constructor({ vocabulary, special, extra = [] }) {
    this.words = [...vocabulary, ...extra];
    this.size = this.words.length;
    this.ids = new Map(this.words.map((word, id) => [word, id]));
    const marks = extra.filter((word) => word.endsWith(">") && word.length > 1);
    this.special = new Map([...special, ...marks].map((word) => [word, this.ids.get(word)]));
    this.spellings = new Map(); // small letters -> ways to write it, in order
    for (const word of this.words) {
      const small = caseFold(word);
      this.spellings.set(small, [...(this.spellings.get(small) ?? []), word]);
    }
  }

  /** Text to token ids; a ValueError names a special token or what is unknown. */
  encode(text) {
    const words = splitWords(text);
    const place = words.findIndex((word) => this.special.has(word));
    if (place >= 0) {
      throw new ValueError(`word ${place + 1} is the special token ${repr(words[place])}, `
        + "which typed text must not hold: leave it out");
    }
    if (!words.every((word) => this.ids.has(word))) {
      throw new ValueError(this.aboutUnknown(words));
    }
    return words.map((word) => this.ids.get(word));
  }

  /** Token ids to text. */
  decode(tokens) {
    return renderWords(Array.from(tokens, (token, i) => {
      if (!(token >= 0 && token < this.size)) {
        throw new ValueError(`token ${i + 1} is ${token}; ids of Tiny World lie in `
          + `[0, ${this.size - 1}]`);
      }
      return this.words[token];
    }));
  }

  /** Unknown words with the capitals of the only known word that fits them. */
  spell(text) {
    return text.replace(WORD, (word) => {
      const fits = this.spellings.get(caseFold(word)) ?? [];
      return !this.ids.has(word) && fits.length === 1 ? fits[0] : word;
    });
  }

  /** Which words are unknown, and what could be meant. */
  aboutUnknown(words) {
    const unknown = words.map((word, i) => [i + 1, word]).filter(([, w]) => !this.ids.has(w));
    const [place, first] = unknown[0];
    const others = [...new Set(unknown.filter(([, word]) => word !== first)
      .map(([, word]) => repr(shortened(word))))];
    let told = `word ${place} is ${repr(shortened(first))}, which is not in the vocabulary of `
      + "Tiny World (capitals matter)";
    const are = others.length === 1 ? "is" : "are";
    if (others.length) told += `, nor ${are} ${others.join(", ")}`;
    const ranked = unknown.map(([, word]) => this.near(word));
    const near = [...new Set([0, 1, 2].flatMap((rank) => ranked.map((row) => row[rank])))]
      .filter(Boolean);
    if (!near.length) return `${told}: use other words`;
    return `${told}; near words: ${near.slice(0, 6).join(", ")}`;
  }

  /** Up to three known words that look like a word, the likest first. */
  near(word) {
    const small = Array.from(caseFold(word)).slice(0, LONGEST_TOLD).join("");
    return closeMatches(small, [...this.spellings.keys()])
      .flatMap((one) => this.spellings.get(one)).slice(0, 3);
  }
}
