// Weights as they travel in a page: half precision, base64, one script for each model.
import { GPT } from "./gpt.js";

/** The number that 16 bits stand for (IEEE 754 half precision). */
export function fromHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** base64 to bytes. */
export function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

let halves = null; // all 65,536 of them, for speed

/** base64 of halves, little-endian, to numbers. */
export function halvesOf(text) {
  halves ??= Float32Array.from({ length: 65536 }, (_, bits) => fromHalf(bits));
  const bytes = bytesOf(text);
  const numbers = new Float32Array(bytes.length / 2);
  for (let i = 0; i < numbers.length; i += 1) {
    numbers[i] = halves[bytes[2 * i] | (bytes[2 * i + 1] << 8)];
  }
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
    throw new Error(`the file has ${numbers.length} numbers, its index ${at}: it is damaged`);
  }
  return new GPT({ tensors, config });
}
