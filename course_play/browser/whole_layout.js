// Where everything of the picture lies. Flow runs along the model, lanes are the tokens:
// to the right and one below the other where there is room, else down and side by side.
import { BLOCK_PARTS } from "./whole_reading.js";

const ACROSS = 752; // from so many units on the model lies on its side
const TALLEST_LANE = 32;
const WIDEST_LANE = 52;
const ROOM = 416; // for all lanes, where they lie one below the other

/**
 * How long each piece is along the flow: [name, least, wished, share of what is left].
 * Where the model runs down there is no end of room, so least is wished.
 */
function lengths(across, L, longest) {
  const block = across
    ? [["norm1", 24, 24, 0], ["attention", 36, 58, 3], ["add1", 24, 24, 0], ["norm2", 24, 24, 0],
      ["forward", 28, 48, 1], ["add2", 24, 24, 0], ["stream", 12, 24, 0.3]]
    : [["norm1", 26, 26, 0], ["attention", 88, 88, 0], ["add1", 26, 26, 0], ["norm2", 26, 26, 0],
      ["forward", 44, 44, 0], ["add2", 26, 26, 0], ["stream", 28, 28, 0]];
  const words = 12 + 8.2 * longest;
  const list = across ? [["words", words, words, 0], ["ids", 32, 32, 0], ["embedding", 28, 46, 0.6]]
    : [["words", words, words, 0], ["ids", 30, 30, 0], ["embedding", 48, 48, 0]];
  const gap = across ? 9 : 34;
  for (let layer = 0; layer < L; layer += 1) {
    list.push([`gap.${layer}`, gap, gap + 3, 0]);
    for (const [part, ...rest] of block) list.push([`${part}.${layer}`, ...rest]);
  }
  list.push(["gap.end", across ? 9 : 16, across ? 12 : 16, 0], ["norm", 24, 26, 0],
    ["logits", across ? 28 : 52, across ? 48 : 52, 0.6]);
  return list;
}

/** The lengths that fill so much room: [name, length]; `tight` says whether it is scarce. */
function fill(list, room) {
  const sum = (column) => list.reduce((total, piece) => total + piece[column], 0);
  const [least, wished, shares] = [sum(1), sum(2), sum(3)];
  const part = Math.max(0, Math.min(1, (room - least) / Math.max(1, wished - least)));
  const spare = shares ? Math.max(0, room - wished) : 0;
  return { tight: part < 0.8, long: list.map(([name, low, high, share]) =>
    [name, low + part * (high - low) + (shares ? (spare * share) / shares : 0)]) };
}

/**
 * The places for T tokens, of up to `longest` letters, and L blocks in so many units:
 * { across, tight, width, height, lane,
 * spans: { "attention.0": [from, to] }, middle(t), box(from, to), point(flow, t, side) }.
 *
 * `side` is how far from the middle of the lane: parts are drawn at -1, the stream at 1.
 */
export function layoutOf({ T, L, width, longest }) {
  const across = width >= ACROSS;
  const { tight, long } = fill(lengths(across, L, Math.max(5, longest)), across ? width - 2 : 0);
  const gutter = !across ? 76 : tight ? 110 : 60;
  const lane = across ? Math.max(17, Math.min(TALLEST_LANE, ROOM / T))
    : Math.min(WIDEST_LANE, (width - gutter - 2) / T);
  const spans = {};
  let at = across ? 1 : 0;
  for (const [name, length] of long) {
    spans[name] = [at, at + length];
    at += length;
  }
  const middle = (t) => gutter + (t + 0.5) * lane;
  const offset = Math.min(6, lane / 4);
  const point = (flow, t, side = 0) => (across ? [flow, middle(t) + side * offset]
    : [middle(t) + side * offset, flow]);
  const box = (from, to, first = 0, last = T - 1) => (across
    ? { x: from, y: gutter + first * lane, width: to - from, height: (last - first + 1) * lane }
    : { x: gutter + first * lane, y: from, width: (last - first + 1) * lane, height: to - from });
  const height = across ? gutter + T * lane + 40 : at + 4;
  return { across, tight, width, height, gutter, lane, T, L, spans, middle, point, box, end: at };
}

/** Which lane a place [x, y] lies in; null outside all of them. */
export function laneAt({ across, gutter, lane, T }, [x, y]) {
  const t = Math.floor(((across ? y : x) - gutter) / lane);
  return t >= 0 && t < T ? t : null;
}
