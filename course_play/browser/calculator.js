// The calculator: the twin of course_lib.chat.tools.calculate. What a model writes is
// parsed by hand and never evaluated as JavaScript. Values are exact fractions [a, b].
import { ValueError, lengthOf, repr, splitBlanks } from "./python.js";

const LONGEST = 100; // characters that it reads at most
const LARGEST = 10n ** 15n; // no number on the way may be larger
const TOKEN = /\d+\.\d*|\.\d+|\d+|\.\.\.|\*\*|\/\/|[-+*/().]/y;

/** The value of an arithmetic expression: numbers, + - * / and parentheses. */
export function calculate(expression) {
  if (lengthOf(expression) > 10 * LONGEST) { // do not even look for the spaces in it
    throw new ValueError(`an expression has 1 to ${LONGEST} characters`);
  }
  const text = splitBlanks(expression).join("");
  const n = lengthOf(text);
  if (n < 1 || n > LONGEST) {
    throw new ValueError(`an expression has 1 to ${LONGEST} characters, not ${n}`);
  }
  return shownValue(valueOf(parseArithmetic(text)));
}

/** A text to a tree as Python reads it: { kind, ... }; a ValueError if it cannot. */
export function parseArithmetic(text) {
  const tokens = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text);
    if (found === null) throw unreadable(text);
    tokens.push(found[0]);
  }
  const reader = new ArithmeticReader(text, tokens);
  const tree = reader.sum();
  if (reader.at < tokens.length) throw unreadable(text);
  return tree;
}

const unreadable = (text) => new ValueError(`cannot read ${repr(text)} as arithmetic`);
const NAMES = { "+": "Add", "-": "Sub", "*": "Mult", "/": "Div", "//": "FloorDiv" };

/** One method for each level of Python's grammar, the loosest first. */
class ArithmeticReader {
  constructor(text, tokens) {
    Object.assign(this, { text, tokens, at: 0 });
  }

  /** Takes the next token if it is one of these. */
  take(...wanted) {
    if (!wanted.includes(this.tokens[this.at])) return null;
    this.at += 1;
    return this.tokens[this.at - 1];
  }

  chain(signs, next) {
    let left = next();
    for (let sign = this.take(...signs); sign; sign = this.take(...signs)) {
      left = { kind: NAMES[sign], left, right: next() };
    }
    return left;
  }

  sum() {
    return this.chain(["+", "-"], () => this.product());
  }

  product() {
    return this.chain(["*", "/", "//"], () => this.signed());
  }

  signed() {
    const sign = this.take("+", "-");
    return sign ? { kind: sign === "+" ? "UAdd" : "USub", inner: this.signed() } : this.power();
  }

  power() {
    const left = this.called();
    return this.take("**") ? { kind: "Pow", left, right: this.signed() } : left;
  }

  /** An atom, and what is "called" behind it: 2(3) is a call, which fails later. */
  called() {
    let tree = this.atom();
    while (this.take("(")) {
      if (!this.take(")")) {
        this.take("*", "**");
        this.sum();
        this.close();
      }
      tree = { kind: "Call" };
    }
    return tree;
  }

  atom() {
    const token = this.tokens[this.at];
    this.at += 1;
    if (token === "...") return { kind: "Constant" };
    if (token === "(") {
      if (this.take(")")) return { kind: "Tuple" };
      const tree = this.sum();
      this.close();
      return tree;
    }
    if (!/^(\d+\.?\d*|\.\d+)$/.test(token ?? "") || /^0+[1-9]\d*$/.test(token)) {
      throw unreadable(this.text);
    }
    return { kind: "number", text: token };
  }

  close() {
    if (!this.take(")")) throw unreadable(this.text);
  }
}

/** The value of a tree as a fraction. */
function valueOf(tree) {
  const { kind } = tree;
  if (kind === "number") return bounded(fractionOf(tree.text));
  if (kind === "UAdd") return valueOf(tree.inner);
  if (kind === "USub") {
    const [a, b] = valueOf(tree.inner);
    return [-a, b];
  }
  if (!["Add", "Sub", "Mult", "Div"].includes(kind)) {
    throw new ValueError(`cannot calculate a ${kind}: use numbers, + - * / and ( )`);
  }
  const [a, b] = valueOf(tree.left);
  const [c, d] = valueOf(tree.right);
  if (kind === "Mult") return bounded([a * c, b * d]);
  if (kind === "Add") return bounded([a * d + c * b, b * d]);
  if (kind === "Sub") return bounded([a * d - c * b, b * d]);
  if (c === 0n) throw new ValueError("cannot divide by zero");
  return bounded(c < 0n ? [-a * d, -b * c] : [a * d, b * c]);
}

/** Digits to a fraction; with a point they are first a float, as in Python. */
function fractionOf(text) {
  if (!text.includes(".")) return [BigInt(text), 1n];
  const [digits, exponent = "0"] = String(Number(text)).split("e");
  const [whole, decimals = ""] = digits.split(".");
  const places = decimals.length - Number(exponent);
  const top = BigInt(whole + decimals);
  return places > 0 ? [top, 10n ** BigInt(places)] : [top * 10n ** BigInt(-places), 1n];
}

/** In lowest terms, and not too large. */
function bounded([a, b]) {
  let [x, y] = [a < 0n ? -a : a, b];
  while (y) [x, y] = [y, x % y];
  const [top, below] = [a / x, b / x];
  if (top > LARGEST * below || -top > LARGEST * below || below > LARGEST) {
    throw new ValueError("a number on the way is too large for the calculator");
  }
  return [top, below];
}

/** A whole number, or up to four decimals, a half to the even one. */
function shownValue([a, b]) {
  const scaled = (a < 0n ? -a : a) * 10000n;
  let n = scaled / b;
  const twice = 2n * (scaled % b);
  if (twice > b || (twice === b && n % 2n === 1n)) n += 1n;
  const text = `${n / 10000n}.${String(n % 10000n).padStart(4, "0")}`
    .replace(/0+$/, "").replace(/\.$/, "");
  return a < 0n && n > 0n ? `-${text}` : text;
}
