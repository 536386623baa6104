// What the widgets ask Python for, answered in the page.
//
// A widget's model is what anywidget gives a view: get(name), set(name, value),
// save_changes(). Those in `ANSWERS` ask something; the others (TokenizerExplorer, ...)
// hold all they show, and Python only checks what they choose.
//
// A page calls `answer` for each trait that a view has changed. What an answer sets may be
// reported in the same way: it asks nothing.
import { rankOrder, softmax } from "../widgets/base.js";
import { explorerTraits, lensTraits, traceOf } from "./inside.js";
import { answerLab } from "./lab.js";
import { ValueError, lengthOf } from "./python.js";
import { generate } from "./sampler.js";
import { answerTo } from "./talk.js";
import { rounded, tell } from "./traits.js";
import { truthTold } from "./voices.js";
import { splitWords } from "./words.js";

const N_EXPECTED = 5; // words that a PromptBox expected at each place
const LONGEST_QUESTION = 300; // characters that a StageSwitcher takes

const START = 0; // the mark that stands before a document of Tiny World

const pause = () => new Promise((resolve) => { setTimeout(resolve); });

/**
 * What each widget asks for. `traits` are those whose change is a question; `reply`
 * answers it, with what the page has made for it (`setting`):
 *
 *     PromptBox      { model, words, known }, known a CopyMeter; and, if they are not
 *                    0, 0, 24 and 0: start, stop, n_new, seed
 *     StageSwitcher  { voices, world }: voices by the names that the widget has, or
 *                    functions that promise them: { base: () => course.voice("base") }
 *     TokenLab       { model, words, start, seed }
 *     ToolTrace      nothing; with { voice } also questions that it has no trace of
 *     LogitLens, AttentionExplorer  { model, words }
 */
export const ANSWERS = {
  PromptBox: { traits: ["prompt", "temperature", "roll", "asked"], reply: answerPrompt },
  StageSwitcher: { traits: ["question", "asked"], reply: answerStages },
  TokenLab: { traits: ["text", "temperature", "top_k", "top_p", "roll"], reply: answerLab },
  ToolTrace: { traits: ["question"], reply: answerTrace },
  LogitLens: { traits: ["text", "asked"], reply: answerText(lensTraits, "depth") },
  AttentionExplorer: { traits: ["text", "asked"],
    reply: answerText(explorerTraits, "layer", "head") },
};

/** A widget's class by its name or its module's: "prompt_box" is a PromptBox. */
export const className = (name) => name.split("_")
  .map((part) => part[0].toUpperCase() + part.slice(1)).join("");

/** Does a change of this trait of this widget ask for anything? */
export const asks = (name, trait) =>
  ANSWERS[className(name)]?.traits.includes(trait) ?? false;

/**
 * Answer the change of a trait in place of Python; the promise says whether there was
 * anything to answer. Several traits that change at once are one question. `setting` may
 * be a function that gives a promise of it: then models load with the first question.
 */
export async function answer(name, widget, trait, setting) {
  if (!asks(name, trait)) return false;
  let made;
  try {
    made = await (typeof setting === "function" ? setting() : setting);
  } catch (error) { // a script that cannot be read
    if (widget.get("error") === undefined) throw error;
    tell(widget, { error: error.message });
    if (widget.get("answered") !== undefined) tell(widget, { answered: widget.get("asked") });
    return true;
  }
  return ANSWERS[className(name)].reply(widget, made, trait);
}

const lastAsked = new WeakMap(); // widget -> its last question

/** True for the same question once more. */
function askedBefore(widget, names) {
  const question = JSON.stringify(names.map((name) => widget.get(name)));
  if (lastAsked.get(widget) === question) return true;
  lastAsked.set(widget, question);
  return false;
}

// ---- PromptBox ---------------------------------------------------------------------

function answerPrompt(widget, setting) {
  tell(widget, { prompt: setting.words.spell(widget.get("prompt")) });
  if (askedBefore(widget, ANSWERS.PromptBox.traits)) return false;
  try {
    const found = promptAnswer(setting, { prompt: widget.get("prompt"),
      temperature: widget.get("temperature"), roll: widget.get("roll"),
      fresh: widget.get("answer").fresh ?? null });
    tell(widget, { answered: widget.get("asked"), error: "", word: 0, answer: found });
    tell(widget, { word: Math.min(found.n_prompt, found.words.length - 1) });
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    tell(widget, { answered: widget.get("asked"), error: error.message });
  }
  return true;
}

/** The trait `answer` of a PromptBox; a ValueError says why a prompt cannot be read. */
export function promptAnswer(setting, { prompt, temperature, roll, fresh }) {
  const { model, words, known, start = 0, stop = 0, n_new: nNew = 24, seed = 0 } = setting;
  const asked = words.encode(prompt);
  const before = start === null ? [] : [start];
  const begin = [...before, ...asked];
  const size = model.config.context_size;
  const most = Math.min(nNew, size - begin.length);
  if (!begin.length) throw new ValueError("it is empty: type a word");
  if (most < 1) {
    const fit = size - 1 - before.length;
    throw new ValueError(`it has ${asked.length} tokens: use at most ${fit}`);
  }
  const stops = stop === null ? [] : [stop];
  const written = generate(model, begin, { max_new_tokens: most, stop_tokens: stops,
    seed: seed + 1009 * roll, temperature, vocab_size: words.size });
  const tokens = [...begin, ...written, ...(written.length < most ? stops : [])];
  const shown = tokens.slice(before.length);
  if (!shown.length) throw new ValueError("the model says nothing after it");
  const piece = (token) => (token === stop ? "(end)" : words.decode([token]));
  return {
    n_prompt: asked.length, words: shown.map(piece), copied: known.cover(shown),
    longest: known.longest(shown), fresh, ...expectedAt(model, tokens, words.size, piece,
      before.length === 0),
  };
}

/** Surprise at each token in nats, and what was likeliest in its place. */
function expectedAt(model, tokens, V, piece, first) {
  const nats = first ? [null] : []; // nothing stands before the first word
  const expected = first ? [[]] : [];
  tokens.slice(1).forEach((target, i) => {
    const probs = softmax(model.readAll(tokens.slice(0, i + 1)).subarray(0, V));
    nats.push(rounded(-Math.log(probs[target])));
    expected.push(rankOrder(probs).slice(0, N_EXPECTED)
      .map((token) => [piece(token), rounded(probs[token])]));
  });
  return { nats, expected };
}

// ---- StageSwitcher -----------------------------------------------------------------

async function answerStages(widget, { voices, world, spelling, truth = truthTold }) {
  const names = widget.get("names");
  const made = async (name) => {
    try {
      return await (typeof voices[name] === "function" ? voices[name]() : voices[name]);
    } catch (error) { // its script cannot be read
      return { chat: null, words: null, say: () => { throw new ValueError(error.message); } };
    }
  };
  const chats = names.filter((name) => !widget.get("completes").includes(name));
  const words = spelling ?? (chats.length ? (await made(chats[0])).words : null);
  if (words) tell(widget, { question: words.spell(widget.get("question")) });
  if (askedBefore(widget, ANSWERS.StageSwitcher.traits)) return false;
  const [question, asked] = [widget.get("question"), widget.get("asked")];
  tell(widget, { answers: {}, truth: world ? truth(question, world) : "" });
  const shown = widget.get("shown");
  const rows = [...names].sort((a, b) => shown.includes(b) - shown.includes(a));
  for (const name of rows) {
    const voice = await made(name);
    await pause(); // the page paints the cards that are there
    if (lastAsked.get(widget) !== JSON.stringify([question, asked])) return true;
    const found = stageAnswer(voice, question, { asked, truth: widget.get("truth") });
    tell(widget, { answers: { ...widget.get("answers"), [name]: found } });
  }
  return true;
}

/** What a voice says to a question that it hears as the first of a conversation. */
export function stageAnswer(voice, question, { asked = 0, truth = "", system = "" } = {}) {
  const found = { text: "", calls: [], notices: [], error: questionProblem(question) };
  const events = afresh(voice, system, () => voice.say(question));
  try {
    for (const event of found.error ? [] : events()) {
      if (event.kind === "text") found.text += event.text;
      else if (event.kind === "call") found.calls.push(event.text);
      else if (event.kind === "result" && found.calls.length) {
        found.calls[found.calls.length - 1] += ` \u2192 ${event.text}`;
      } else found.notices.push(event.text);
    }
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    found.error = error.message;
  }
  const { text, calls, notices, error } = found;
  return { to: asked, text: text.trim(), calls, notice: notices.join("; "), error,
    true: truth !== "" && splitWords(text).includes(truth) };
}

/** The events of a talk with nothing in it but the rules; the old one comes back. */
function afresh({ chat }, system, say) {
  return function* talk() {
    if (chat === null) {
      yield* say();
      return;
    }
    const before = { messages: chat.messages, seed: chat.seed };
    chat.messages = system ? [{ role: "system", text: system }] : [];
    try {
      yield* say();
    } finally {
      Object.assign(chat, before);
    }
  };
}

/** Why a question cannot be asked; empty if it can. */
function questionProblem(question) {
  if (!question.trim()) return "the question is empty: type one";
  const n = lengthOf(question);
  if (n <= LONGEST_QUESTION) return "";
  return `the question has ${n} characters: use at most ${LONGEST_QUESTION}`;
}

// ---- ToolTrace ---------------------------------------------------------------------

function answerTrace(widget, setting) {
  const question = widget.get("question");
  const traces = widget.get("traces");
  let trace = traces.find((one) => one.question === question);
  if (!trace && setting?.voice) {
    const { model, template, chat } = setting.voice;
    const told = answerTo(model, template, [{ role: "user", text: question }],
      { tools: chat.tools });
    trace = traceOf(template, question, told);
    tell(widget, { traces: [...traces, trace] });
  }
  if (!trace) return false;
  tell(widget, { step: Math.min(widget.get("step"), trace.steps.length - 1) });
  return true;
}

// ---- LogitLens, AttentionExplorer --------------------------------------------------

/** Answers with the traits of a picture of a text; what was chosen in it stays chosen. */
function answerText(traitsOf, ...chosen) {
  return (widget, { model, words }) => {
    if (askedBefore(widget, ["text", "asked"])) return false;
    const answered = widget.get("asked");
    try {
      const tokens = [START, ...words.encode(words.spell(widget.get("text")))];
      const traits = traitsOf(model, words.words, tokens);
      chosen.forEach((name) => delete traits[name]);
      tell(widget, { error: "", ...traits, answered });
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      tell(widget, { error: error.message, answered });
    }
    return true;
  };
}
