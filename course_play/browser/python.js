// What Python has and JavaScript has not: its errors, its spelling, its near words.

/** What was given is out of range; its message says what to do instead. */
export class ValueError extends Error {
  constructor(message) {
    super(message);
    this.name = "ValueError";
  }
}

/** What was looked for is not there. */
export class LookupError extends Error {
  constructor(message) {
    super(message);
    this.name = "LookupError";
  }
}

/** Blanks as Python's str.split sees them, for a class in a regular expression. */
export const BLANKS = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029"
  + "\\u202f\\u205f\\u3000";
const BLANK_RUNS = new RegExp(`[${BLANKS}]+`, "gu");

/** The parts between blanks: str.split(). */
export const splitBlanks = (text) => text.split(BLANK_RUNS).filter((part) => part !== "");

/** How many characters a text has: len(). */
export const lengthOf = (text) => Array.from(text).length;

const ESCAPES = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** A text in quotes, what cannot be printed escaped: repr(). */
export function repr(text) {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const shown = Array.from(text, (letter) => {
    if (letter === quote) return `\\${letter}`;
    if (letter in ESCAPES) return ESCAPES[letter];
    if (letter === " " || !/[\p{C}\p{Z}]/u.test(letter)) return letter;
    const code = letter.codePointAt(0).toString(16);
    if (code.length < 3) return `\\x${code.padStart(2, "0")}`;
    return code.length < 5 ? `\\u${code.padStart(4, "0")}` : `\\U${code.padStart(8, "0")}`;
  });
  return quote + shown.join("") + quote;
}

/** Small letters for comparing: str.casefold(). */
export const caseFold = (text) => Array.from(text, (letter) => (letter === "\u0131" ? letter
  : letter.toUpperCase().toLowerCase())).join("");

/** The longest piece that a[from.. to] and b[.. ] share: [start in a, in b, length]. */
function longestMatch(a, b, [aFrom, aTo, bFrom, bTo]) {
  let best = [aFrom, bFrom, 0];
  let before = new Map(); // j -> length of the piece that ends at a[i - 1], b[j]
  for (let i = aFrom; i < aTo; i += 1) {
    const now = new Map();
    for (let j = bFrom; j < bTo; j += 1) {
      if (a[i] !== b[j]) continue;
      const length = (before.get(j - 1) ?? 0) + 1;
      now.set(j, length);
      if (length > best[2]) best = [i - length + 1, j - length + 1, length];
    }
    before = now;
  }
  return best;
}

/** How many letters two texts share, piece by piece, the longest first. */
function shared(a, b, [aFrom, aTo, bFrom, bTo] = [0, a.length, 0, b.length]) {
  const [i, j, n] = longestMatch(a, b, [aFrom, aTo, bFrom, bTo]);
  if (n === 0) return 0;
  return n + shared(a, b, [aFrom, i, bFrom, j]) + shared(a, b, [i + n, aTo, j + n, bTo]);
}

/** From 0 to 1, how alike two texts are (Ratcliff and Metzener 1988). */
export function likeness(a, b) {
  const [x, y] = [Array.from(a), Array.from(b)];
  return x.length + y.length ? (2 * shared(x, y)) / (x.length + y.length) : 1;
}

/** Up to n texts that look like a word, the likest first: difflib.get_close_matches(). */
export function closeMatches(word, texts, n = 3, cutoff = 0.6) {
  return texts.map((text) => ({ text, score: likeness(text, word) }))
    .filter(({ score }) => score >= cutoff)
    .sort((a, b) => b.score - a.score || (a.text < b.text ? 1 : -1))
    .slice(0, n).map(({ text }) => text);
}
