// What a model holds inside, as the widgets of lessons 15 and 21 show it: the twins of
// course_lib.lens and of what LogitLens, AttentionExplorer and ToolTrace compute in
// Python when they are made. For a new text the page makes a new widget of these traits.
//
// Shape letters: L layers, H heads, T tokens, V vocabulary, S = L + 1 depths.
import { rankOrder, softmax } from "../widgets/base.js";
import { ValueError } from "./python.js";

const MOST_TOKENS = 64;
const N_TOP = 10;
const N_CANDIDATES = 6;

/** The bytes of numbers, as a Bytes trait arrives: a DataView. */
const viewOf = (numbers) => new DataView(numbers.buffer);

/** Read a text from the start: what `see` of `GPT.step` collects, token by token. */
export function readSeeing(model, tokens, options = {}) {
  model.rewind(0);
  return tokens.map((token) => {
    const see = {};
    model.step(token, { see, ...options });
    return see;
  });
}

function checkLength(tokens) {
  if (tokens.length < 1 || tokens.length > MOST_TOKENS) {
    throw new ValueError(`${tokens.length} tokens: give at most ${MOST_TOKENS}`);
  }
}

/** The logits (V,) of each depth after a token that was seen: S arrays. */
export const logitLens = (model, { layers }) => [layers[0].streamIn,
  ...layers.map((layer) => layer.streamOut)].map((stream) => model.read(stream));

/**
 * The traits of a `LogitLens` over a text. The model reads T tokens; `tokens` has T or
 * T + 1 of them, the last one is then only the true word after the end.
 */
export function lensTraits(model, vocabulary, tokens, nRead = tokens.length) {
  checkLength(tokens.slice(0, nRead));
  const seen = readSeeing(model, tokens.slice(0, nRead));
  const [S, T, V] = [model.config.n_layers + 1, nRead, model.config.vocab_size];
  const n = Math.min(N_TOP, V);
  const following = tokens.slice(1, T + 1);
  const top = new Int32Array(S * T * n);
  const topProbs = new Float32Array(S * T * n);
  const trueProbs = new Float32Array(S * following.length);
  const trueRanks = new Int32Array(S * following.length);
  seen.forEach((see, t) => logitLens(model, see).forEach((logits, depth) => {
    const probs = softmax(logits);
    const order = rankOrder(logits);
    order.slice(0, n).forEach((id, i) => {
      top[(depth * T + t) * n + i] = id;
      topProbs[(depth * T + t) * n + i] = probs[id];
    });
    if (t >= following.length) return;
    trueProbs[depth * following.length + t] = probs[following[t]];
    trueRanks[depth * following.length + t] = 1 + order.indexOf(following[t]);
  }));
  const shown = [...new Set(top)].sort((a, b) => a - b);
  const place = new Map(shown.map((id, i) => [id, i]));
  const word = (id) => vocabulary[id];
  return {
    shape: [S, T, V, n], tokens: tokens.slice(0, T).map(word), following: following.map(word),
    words: shown.map(word), top_words: viewOf(top.map((id) => place.get(id))),
    top_probs: viewOf(topProbs), true_probs: viewOf(trueProbs),
    true_ranks: viewOf(trueRanks), depth: S - 1, position: T - 1,
  };
}

/** The probabilities in float32 after each token of a text: T arrays (V,). */
const spoken = (seen) => seen.map(({ logits }) => Float32Array.from(softmax(logits)));

/** The traits of an `AttentionExplorer` over a text, each head switched off in turn. */
export function explorerTraits(model, vocabulary, tokens) {
  checkLength(tokens);
  const { n_layers: L, n_heads: H } = model.config;
  const T = tokens.length;
  const seen = readSeeing(model, tokens);
  const weights = new Float32Array(L * H * T * T);
  seen.forEach(({ layers }, t) => layers.forEach((layer, l) => layer.weights.forEach(
    (row, head) => weights.set(row, ((l * H + head) * T + t) * T))));
  const on = spoken(seen);
  const heads = Array.from({ length: L * H }, (_, i) => [Math.floor(i / H), i % H]);
  const off = heads.map((head) => spoken(readSeeing(model, tokens, { off: [head] })));
  model.rewind(0);
  return {
    shape: [L, H, T], tokens: tokens.map((id) => vocabulary[id]), causal: true,
    weights: viewOf(weights), layer: 0, head: 0, query: T - 1,
    ...ablationTraits(vocabulary, tokens, on, off),
  };
}

/** The few next tokens that are likely with or without some head: course_play's compare. */
function ablationTraits(vocabulary, tokens, on, off) {
  const K = Math.min(N_CANDIDATES, vocabulary.length);
  const chosen = tokens.map((_, t) => {
    const most = on[t].map((p, id) => off.reduce((high, run) => Math.max(high, run[t][id]), p));
    if (t + 1 < tokens.length) most[tokens[t + 1]] = 2; // the truth is always shown
    const kept = rankOrder(most).slice(0, K).sort((a, b) => a - b);
    const rough = kept.map((id) => roundEven(1000 * on[t][id]));
    return rankOrder(rough).map((i) => kept[i]);
  });
  const pick = (run) => run.flatMap((probs, t) => chosen[t].map((id) => probs[id]));
  const loss = (run) => -tokens.slice(1).reduce((sum, id, t) => sum + Math.log(run[t][id]), 0)
    / (tokens.length - 1);
  return {
    words: chosen.map((ids) => ids.map((id) => vocabulary[id])),
    truth: chosen.map((ids, t) => ids.indexOf(tokens[t + 1])),
    on: viewOf(Float32Array.from(pick(on))), off: viewOf(Float32Array.from(off.flatMap(pick))),
    losses: tokens.length < 2 ? [] : [on, ...off].map(loss)
      .map((nats) => (Number.isFinite(nats) ? nats : 1e9)),
  };
}

const roundEven = (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

// ---- an answer with its tool calls, step by step -----------------------------------

const SAYINGS = {
  open: (piece, tool) => `The model writes ${piece}: it opens a call of the tool ${tool}.`,
  call: (piece) => `The model writes \u201c${piece}\u201d, a part of the call.`,
  close: (piece) => `The model writes ${piece}: the call is whole, and the model waits.`,
  text: (piece) => `The model writes \u201c${piece}\u201d, a part of the answer.`,
  end: (piece) => `The model writes ${piece}: the answer is whole.`,
};
const RESULT = "The result joins the context. The model reads it and did not write it.";

/** One token as text that can be seen; a mark by its name. */
export function pieceOf(template, token) {
  for (const [name, id] of template.ids) if (id === token) return name;
  return template.words.decode([token]);
}

/** One entry of `traces` of a `ToolTrace`: a question and the answer to it. */
export function traceOf(template, question, answer) {
  const prompt = template.prompt([{ role: "user", text: question }]);
  const marks = new Set(template.ids.values());
  const own = template.written(answer.tokens);
  const read = (n) => template.words.decode(template.visible(answer.tokens.slice(0, n)));
  const asked = prompt.map((token) => [token, marks.has(token) ? "template" : "you"]);
  const said = answer.tokens.map((token, i) => [token, own[i] ? "model" : "tool"]);
  return {
    question,
    tokens: [...asked, ...said].map(([token, by]) => [pieceOf(template, token), by]),
    steps: stepsOf(template, answer, own).map(([kind, n, calls, say]) =>
      ({ kind, n: prompt.length + n, calls, say, read: read(n) })),
    calls: answer.calls,
  };
}

/** Kind, answer tokens and calls so far, and a sentence, step by step. */
function stepsOf(template, answer, own) {
  const steps = [["question", 0, 0,
    `You ask. After ${template.markers.assistant} the model is due.`]];
  let [calls, inside] = [0, false];
  answer.tokens.forEach((token, i) => {
    const n = i + 1;
    if (!own[i]) { // the result, all of it in one step
      if (n === own.length || own[n]) steps.push(["result", n, calls, RESULT]);
      return;
    }
    const kind = kindOf(template, token, inside);
    inside = kind === "open" || kind === "call";
    const tool = template.opens.get(token) ?? template.closes.get(token) ?? "";
    steps.push([kind, n, calls, SAYINGS[kind](pieceOf(template, token), tool)]);
    if (kind !== "close") return;
    calls += 1;
    steps.push(["tool", n, calls, workOf(answer.calls[calls - 1])]);
  });
  if (answer.problem) {
    steps.push(["problem", own.length, calls, `The answer is not whole: ${answer.problem}.`]);
  }
  return steps;
}

/** What the model does by writing a token. */
function kindOf(template, token, inside) {
  if (template.opens.has(token)) return "open";
  if (template.closes.has(token)) return "close";
  if (token === template.end) return "end";
  return inside ? "call" : "text";
}

/** What the tool did, in a sentence. */
function workOf({ tool, text, result, problem }) {
  const given = `The tool ${tool} gets \u201c${text}\u201d and`;
  if (problem) {
    return `${given} fails (${problem}). The model will see \u201c${result}\u201d.`;
  }
  return `${given} gives \u201c${result}\u201d. This happens outside the model.`;
}
