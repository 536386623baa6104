// Where everything of the picture lies. Flow runs along the model, lanes are the tokens:
// to the right and one below the other where there is room, else down and side by side.
import { BLOCK_PARTS } from "./whole_reading.js";

const ACROSS = 700; // from so many units on the model lies on its side
const TALLEST_LANE = 32;
const ROOM = 416; // for all lanes, where they lie one below the other

/** How long each piece is along the flow; "grow" ones share what room is left. */
function lengths(across, L, longest) {
  const block = across
    ? { norm1: 24, attention: 58, add1: 24, norm2: 24, forward: 48, add2: 24, stream: 24 }
    : { norm1: 26, attention: 88, add1: 26, norm2: 26, forward: 44, add2: 26, stream: 28 };
  const list = across ? [["words", 12 + 8.2 * longest], ["ids", 32], ["embedding", 46]]
    : [["words", 12 + 8 * longest], ["ids", 30], ["embedding", 48]];
  for (let layer = 0; layer < L; layer += 1) {
    list.push([`gap.${layer}`, across ? 12 : 34]);
    for (const part of [...BLOCK_PARTS, "stream"]) list.push([`${part}.${layer}`, block[part]]);
  }
  list.push(["gap.end", across ? 12 : 16], ["norm", across ? 24 : 26],
    ["logits", across ? 48 : 52]);
  return list;
}

const growth = (name) => ({ attention: 3, forward: 1, embedding: 0.6, logits: 0.6 }[
  name.split(".")[0]] ?? 0);

/**
 * The places for T tokens, of up to `longest` letters, and L blocks in so many units: { across, width, height, lane,
 * spans: { "attention.0": [from, to] }, middle(t), box(from, to), point(flow, t, side) }.
 *
 * `side` is how far from the middle of the lane: parts are drawn at -1, the stream at 1.
 */
export function layoutOf({ T, L, width, longest }) {
  const across = width >= ACROSS;
  const list = lengths(across, L, Math.max(5, longest));
  const total = list.reduce((sum, [, length]) => sum + length, 0);
  const spare = across ? Math.max(0, width - total - 2) : 0;
  const shares = list.reduce((sum, [name]) => sum + growth(name), 0);
  const gutter = across ? 60 : 76;
  const lane = across ? Math.max(17, Math.min(TALLEST_LANE, ROOM / T))
    : Math.min(TALLEST_LANE, (width - gutter - 2) / T);
  const spans = {};
  let at = across ? 1 : 0;
  for (const [name, length] of list) {
    const long = length + (spare * growth(name)) / shares;
    spans[name] = [at, at + long];
    at += long;
  }
  const middle = (t) => gutter + (t + 0.5) * lane;
  const offset = Math.min(6, lane / 4);
  const point = (flow, t, side = 0) => (across ? [flow, middle(t) + side * offset]
    : [middle(t) + side * offset, flow]);
  const box = (from, to, first = 0, last = T - 1) => (across
    ? { x: from, y: gutter + first * lane, width: to - from, height: (last - first + 1) * lane }
    : { x: gutter + first * lane, y: from, width: (last - first + 1) * lane, height: to - from });
  return { across, width, height: across ? gutter + T * lane + 40 : at + 4, gutter, lane, T, L,
    spans, middle, point, box, end: at };
}

/** Which lane a place [x, y] lies in; null outside all of them. */
export function laneAt({ across, gutter, lane, T }, [x, y]) {
  const t = Math.floor(((across ? y : x) - gutter) / lane);
  return t >= 0 && t < T ? t : null;
}
