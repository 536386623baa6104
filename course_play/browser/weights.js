// Weights as they travel in a page: half precision, base64, one script for each model.
import { GPT } from "./gpt.js";
import { ValueError } from "./python.js";

/** The number that 16 bits stand for (IEEE 754 half precision). */
export function fromHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** base64 to whole numbers of 16 bits, little-endian. */
export function shortsOf(text) {
  const letters = atob(text);
  const numbers = new Uint16Array(letters.length / 2);
  for (let i = 0; i < numbers.length; i += 1) {
    numbers[i] = letters.charCodeAt(2 * i) | (letters.charCodeAt(2 * i + 1) << 8);
  }
  return numbers;
}

let halves = null; // all 65,536 of them, made once

/** base64 of halves to numbers. */
export function halvesOf(text) {
  if (halves === null) {
    halves = new Float32Array(65536);
    for (let bits = 0; bits < 65536; bits += 1) halves[bits] = fromHalf(bits);
  }
  const numbers = new Float32Array(shortsOf(text));
  for (let i = 0; i < numbers.length; i += 1) numbers[i] = halves[numbers[i]];
  return numbers;
}

/**
 * The GPT that `export.py` wrote: { config, index, halves }, where `index` says how many
 * numbers each tensor has, in the order in which they stand.
 */
export function loadGPT({ config, index, halves: text }) {
  const numbers = halvesOf(text);
  const tensors = {};
  let at = 0;
  for (const [name, size] of index) {
    tensors[name] = numbers.subarray(at, at + size);
    at += size;
  }
  if (at !== numbers.length) {
    throw new ValueError(`the file has ${numbers.length} numbers, its index ${at}: it is `
      + "damaged");
  }
  return new GPT({ tensors, config });
}
