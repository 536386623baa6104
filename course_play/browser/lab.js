// What a TokenLab asks Python for: the twin of course_play.widgets.token_lab.
import { drawIndex, mulberry32, rankOrder } from "../widgets/base.js";
import { ValueError } from "./python.js";
import { nextProbs } from "./sampler.js";
import { rounded, tell } from "./traits.js";

const N_BARS = 12;
const LONGEST_TEXT = 256; // tokens

const labs = new WeakMap(); // widget -> { text, tokens, logits }

/** Answer the change of a trait of a TokenLab; `setting` as in answers.js. */
export function answerLab(widget, setting, trait) {
  const { words, start = null, seed = 0 } = setting;
  if (trait === "text") tell(widget, { text: words.spell(widget.get("text")) });
  const lab = labs.get(widget);
  if (trait === "text" || !lab) {
    if (lab?.text === widget.get("text") && trait === "text") return false;
    if (!readLab(widget, setting) || trait !== "roll") return true;
  }
  if (trait !== "roll") {
    chooseLab(widget, words);
    return true;
  }
  const { tokens, logits } = labs.get(widget);
  if (tokens.length + (start === null ? 0 : 1) === labSize(setting)) {
    tell(widget, { error: `the text is full: ${tokens.length} tokens` });
    return true;
  }
  const u = mulberry32(seed + 0x9e3779b1 * widget.get("roll"))();
  const drawn = drawIndex(nextProbs(logits, knobsOf(widget)), u);
  const text = words.decode([...tokens, drawn]);
  tell(widget, { text });
  readLab(widget, setting, [...tokens, drawn]);
  return true;
}

const labSize = ({ model }) => Math.min(LONGEST_TEXT, model.config.context_size);

/** Score what comes after the text; one that cannot be read changes nothing. */
function readLab(widget, setting, drawn = null) {
  const { model, words, start = null } = setting;
  const text = widget.get("text");
  const before = start === null ? [] : [start];
  const most = labSize(setting) - before.length;
  try {
    const tokens = drawn ?? words.encode(text); // what was drawn may be a special token
    if (!tokens.length && !before.length) throw new ValueError("it is empty: type a word");
    if (tokens.length > most) {
      throw new ValueError(`it has ${tokens.length} tokens: use at most ${most}`);
    }
    const logits = model.readAll([...before, ...tokens]).subarray(0, words.size);
    labs.set(widget, { text, tokens, logits: Float64Array.from(logits) });
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    tell(widget, { error: error.message });
    return false;
  }
  tell(widget, { error: "" });
  chooseLab(widget, words);
  return true;
}

const knobsOf = (widget) => Object.fromEntries(["temperature", "top_k", "top_p"]
  .map((name) => [name, widget.get(name)]));

/** The distribution under the knobs, its tallest bars. */
function chooseLab(widget, words) {
  const { tokens, logits } = labs.get(widget);
  const knobs = knobsOf(widget);
  const before = nextProbs(logits, { temperature: knobs.temperature });
  const probs = nextProbs(logits, knobs);
  const piece = (token) => words.decode([token]).replaceAll(" ", "\u2423");
  const sum = (share) => probs.reduce((all, p, i) => all + share(p, before[i]), 0);
  tell(widget, { answer: {
    pieces: tokens.map(piece),
    bars: rankOrder(before).slice(0, N_BARS)
      .map((id) => [piece(id), rounded(probs[id]), rounded(before[id])]),
    kept: probs.filter((p) => p > 0).length,
    cut: rounded(sum((p, old) => (p === 0 ? old : 0))),
    nats: rounded(sum((p) => (p > 0 ? -p * Math.log(p) : 0))),
  } });
}
