// Talking to a stage: the twin of course_lib.chat, for the assistant of Tiny World.
//
// An event is { kind, text }, a call { tool, text, result, problem }; kinds as in Python.
// A tool is a function from a text to a text; what it throws becomes a result that the
// model sees.
import { repr } from "./python.js";
import { checkKnobs, stream } from "./sampler.js";

const MAX_CALLS = 3; // in one answer
const FAR = 1000003; // after a tool: dice thrown twice would favour the same again

/** Use a tool; if it cannot be used, the model sees `failure` and you see why. */
export function callTool(tools, tool, text, failure) {
  if (!Object.hasOwn(tools, tool)) {
    return { tool, text, result: failure, problem: `there is no tool ${repr(tool)}` };
  }
  try {
    return { tool, text, result: tools[tool](text), problem: "" };
  } catch (error) { // the talk must go on
    return { tool, text, result: failure, problem: `${error.name}: ${error.message}` };
  }
}

/** Turns tokens that come one by one into the text that each of them adds. */
export class TextPieces {
  constructor(words, prompt = []) {
    this.words = words;
    this.last = prompt.slice(-1); // a word may look different after another one
  }

  add(token) {
    const before = this.words.decode(this.last);
    const text = this.words.decode([...this.last, token]);
    this.last = [token];
    return text.slice(before.length);
  }
}

/** Reads the assistant's tokens one by one, runs tools, keeps the books. */
class OpenTurn {
  constructor(template, tools, failure) {
    Object.assign(this, { template, tools, failure, ended: false });
    this.answer = { text: "", calls: [], problem: "", tokens: [] };
    this.open = null; // the tool whose call is being written
    this.begun = 0; // where the call's text begins
    this.pieces = new TextPieces(template.words);
  }

  /** Take one token of the model; gives the events that follow from it. */
  read(token) {
    const { template, answer } = this;
    answer.tokens.push(token);
    if (template.closes.has(token)) return this.call(template.closes.get(token));
    if (template.opens.has(token)) {
      this.open = template.opens.get(token);
      this.begun = answer.tokens.length;
    } else if (token === template.end) {
      this.ended = true;
      if (this.open !== null) {
        answer.problem = `a call of ${repr(this.open)} was never closed`;
      }
    } else if (this.open === null && token < template.words.size) {
      const added = this.pieces.add(token);
      const piece = answer.text ? added : added.trimStart();
      answer.text += piece;
      return piece ? [{ kind: "text", text: piece }] : [];
    }
    return [];
  }

  /** A call is closed: run the tool, put its result into the context. */
  call(tool) {
    const { template, answer, failure } = this;
    const inside = answer.tokens.slice(this.begun, -1);
    const ordinary = template.ordinary(inside);
    const text = template.words.decode(ordinary);
    const failed = (problem, said = text) => ({ tool, text: said, result: failure, problem });
    let call;
    if (this.open !== tool) call = failed("a call was closed and never opened", "");
    else if (ordinary.length !== inside.length) call = failed("a special token is in the call");
    else if (answer.calls.length >= MAX_CALLS) call = failed(`more than ${MAX_CALLS} calls`);
    else call = callTool(this.tools, tool, text, failure);
    this.open = null;
    let result;
    try {
      result = template.result(call.result);
    } catch (error) { // the tool said what the model cannot read
      call = failed(error.message);
      result = template.result(failure);
    }
    answer.tokens.push(...result);
    answer.calls.push(call);
    const shown = call.problem ? `${call.result} (${call.problem})` : call.result;
    return [{ kind: "call", text: `${tool}: ${text}` }, { kind: "result", text: shown }];
  }

  /** No more tokens come. */
  finish() {
    if (!this.ended && !this.answer.problem) {
      this.answer.problem = "the answer was cut: it may not be longer";
    }
  }
}

/** Let the model write until its turn ends, with pauses for tools. */
function* writeTurn(model, prompt, turn, { most, temperature, seed }) {
  const { template } = turn;
  const { tokens } = turn.answer;
  const room = model.config.context_size;
  while (!turn.ended && tokens.length < most && prompt.length + tokens.length <= room) {
    const before = tokens.length;
    const steps = stream(model, [...prompt, ...tokens], {
      max_new_tokens: most - before, temperature, seed: seed + FAR * before,
      ended: (written) => template.pauses(written.at(-1)), vocab_size: template.words.size,
    });
    for (const token of steps) yield* turn.read(token);
  }
  turn.finish();
}

/** The model's answer to one conversation: { text, calls, problem, tokens }. */
export function answerTo(model, template, messages, options = {}) {
  const { tools = {}, failure = "No", max_new_tokens: most = 48, temperature = 0,
    seed = 0 } = options;
  const turn = new OpenTurn(template, tools, failure);
  const steps = writeTurn(model, template.prompt(messages), turn, { most, temperature, seed });
  while (!steps.next().done);
  return turn.answer;
}

/** A conversation with a model, answer by answer. */
export class Chat {
  constructor(model, template, options = {}) {
    const { system = "", tools = {}, failure = "No", max_new_tokens: most = 48,
      temperature = 0, seed = 0 } = options;
    checkKnobs(model.config.vocab_size, { temperature });
    Object.assign(this, { model, template, tools, failure, temperature, seed });
    this.most = Math.min(most, model.config.context_size >> 1);
    this.messages = system ? [{ role: "system", text: system }] : [];
    template.encode(this.messages); // an unknown word is named at once
    this.answer = null;
  }

  /** The whole answer to a message; see `stream`. */
  ask(text) {
    const steps = this.stream(text);
    while (!steps.next().done);
    return this.answer;
  }

  /** Answer a message, event by event; the last whole answer is in `answer`. */
  * stream(text) {
    this.template.words.encode(text); // an unknown word is named at once
    const asked = [...this.messages, { role: "user", text }];
    const { kept, gone } = this.template.fit(asked, this.model.config.context_size - this.most);
    if (gone.length) {
      const n = gone.filter(({ role }) => role === "user").length;
      const turns = n > 1 ? `${n} turns` : "turn";
      yield { kind: "notice", text: `the context is full: forgot the oldest ${turns}` };
    }
    const turn = new OpenTurn(this.template, this.tools, this.failure);
    yield* writeTurn(this.model, this.template.prompt(kept), turn, this);
    this.answer = turn.answer;
    if (turn.answer.problem) yield { kind: "notice", text: turn.answer.problem };
    const said = this.said(turn.answer);
    if (!said.length) {
      yield { kind: "notice", text: "the answer is empty: this turn is not remembered" };
    }
    this.messages = said.length ? [...kept, ...said] : kept.slice(0, -1);
    this.seed += 1;
  }

  /** What joins the conversation: calls, results, and the answer; [] without one. */
  said({ tokens, calls }) {
    const { template } = this;
    const text = template.words.decode(template.ordinary(template.visible(tokens))).trim();
    if (!text) return [];
    const messages = calls.filter((call) => call.text.trim() && call.result.trim())
      .flatMap((call) => [{ role: "call", text: call.text, tool: call.tool },
        { role: "result", text: call.result }]);
    return [...messages, { role: "assistant", text }];
  }
}
