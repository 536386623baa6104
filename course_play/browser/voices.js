// Every stage as somebody to talk to: the twin of tiny_world.assistant.voices.
import { calculate } from "./calculator.js";
import { hearing } from "./hearing.js";
import { LookupError, repr, splitBlanks } from "./python.js";
import { stream } from "./sampler.js";
import { Chat, TextPieces } from "./talk.js";
import { ChatTemplate } from "./template.js";
import { loadGPT } from "./weights.js";
import { Words, splitWords } from "./words.js";

const SHORT = 56; // tokens of an answer

/** The tools of Tiny World's assistant: its records and a calculator. */
export function worldTools(world) {
  const records = new Map(Object.entries(world.facts).flatMap(([name, facts]) =>
    Object.entries(facts).map(([relation, value]) =>
      [`${name} ${world.keyWords[relation]}`, value])));
  const search = (text) => {
    const key = splitBlanks(text).join(" ");
    if (!records.has(key)) {
      throw new LookupError(`the records have nothing on ${repr(key)}`);
    }
    return records.get(key);
  };
  return { search, calc: calculate };
}

/** The words that a model was trained with; `facts` is what its script says of it. */
export const wordsOf = (facts, world) => new Words({ vocabulary: world.vocabulary,
  special: world.special, extra: facts.extra });

const models = new WeakMap(); // facts -> their GPT

/** The GPT of a script, made once: its voices share it, and each reads from the start. */
export function modelOf(facts) {
  if (!models.has(facts)) models.set(facts, loadGPT(facts));
  return models.get(facts);
}

/**
 * A stage to talk to: { name, say, chat, model, words, template }, where `say(text)`
 * gives events. A base model has no turns: it goes on with your words. `facts` is what
 * the model's script says, `world` what that of the world says. With `hears: false` a
 * message must have the spelling of the vocabulary, as it must for a bare `Chat`.
 */
export function voiceOf(facts, world, options = {}) {
  const { temperature = 0, seed = 0, max_new_tokens: most = SHORT, system = "",
    hears = true } = options;
  const { name } = facts;
  const model = modelOf(facts);
  const words = wordsOf(facts, world);
  const told = (say, kind) => (hears ? hearing(say, words, world, kind) : say);
  if (!facts.chat) {
    const say = completer(model, words, { temperature, seed, most });
    return { name, say: told(say, "notice"), chat: null, model, words, template: null };
  }
  const template = new ChatTemplate(words, world.markers);
  const chat = new Chat(model, template, { system, tools: facts.tools ? worldTools(world) : {},
    max_new_tokens: most, temperature, seed });
  const say = told((text) => chat.stream(text), "text");
  return { name, say, chat, model, words, template };
}

/** A model that goes on with any words, until its document ends. */
function completer(model, words, { temperature, seed, most }) {
  const start = words.special.get("<eot>");
  return function* say(text) {
    const tokens = [start, ...words.encode(text)];
    const pieces = new TextPieces(words, text ? tokens : []);
    let gone = 0;
    const steps = stream(model, tokens, { max_new_tokens: most, stop_tokens: [start], seed,
      temperature, dropped: (old) => { gone = old.length; }, vocab_size: words.size });
    for (const token of steps) {
      const piece = pieces.add(token);
      if (!piece) continue;
      if (gone) yield { kind: "notice", text: `too long: ${gone} tokens were not read` };
      gone = 0;
      yield { kind: "text", text: piece };
    }
  };
}

/** The right answer to a question about a person in words; "" where nothing is fixed. */
export function truthTold(question, world) {
  const asked = splitWords(question);
  const text = asked.join(" ");
  for (const [name, facts] of Object.entries(world.facts)) {
    if (!name.split(" ").every((word) => asked.includes(word))) continue;
    for (const [relation, value] of Object.entries(facts)) {
      const forms = world.phrasings[relation];
      if (forms.some((form) => form.replaceAll("{}", name) === text)) return value;
    }
  }
  return "";
}
