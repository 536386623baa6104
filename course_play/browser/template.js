// The chat template: messages to tokens; the twin of course_lib.chat.template.
//
// A message is { role, text, tool }. Special tokens say who speaks; they are put in by
// id and never read from anybody's text.
import { ValueError, repr } from "./python.js";

const MAY_FOLLOW = { // role -> roles it may follow
  system: [""], user: ["", "system", "assistant"], assistant: ["user", "result"],
  call: ["user", "result"], result: ["call"],
};

/** Raise a ValueError for the first message that is empty or in the wrong place. */
function checkMessages(messages) {
  let before = "";
  messages.forEach(({ role, text }, i) => {
    if (!(role in MAY_FOLLOW)) {
      throw new ValueError(`message ${i + 1} has the role ${repr(role)}: use `
        + Object.keys(MAY_FOLLOW).join(", "));
    }
    if (!MAY_FOLLOW[role].includes(before)) {
      const allowed = MAY_FOLLOW[role].map((one) => one || "nothing").join(" or ");
      throw new ValueError(`message ${i + 1} is the ${role}'s: it must follow ${allowed}`);
    }
    if (!text.trim()) throw new ValueError(`message ${i + 1} (${role}) is empty`);
    before = role;
  });
}

/**
 * Messages to tokens. `words` is a `Words`, `markers` the names of the special tokens:
 * { begin, system, user, assistant, end, tools: { name: [before, after] }, result }.
 */
export class ChatTemplate {
  constructor(words, markers) {
    this.words = words;
    this.markers = markers;
    const { tools, result, ...single } = markers;
    const names = [...Object.values(single), ...Object.values(tools).flat(), ...result];
    const missing = [...new Set(names)].filter((name) => !words.special.has(name));
    if (missing.length) {
      throw new ValueError(`the tokenizer has no special token ${missing.join(", ")}`);
    }
    this.ids = new Map(names.map((name) => [name, words.special.get(name)]));
    this.end = this.ids.get(markers.end);
    const sides = (side) => new Map(Object.entries(tools)
      .map(([tool, pair]) => [this.ids.get(pair[side]), tool]));
    [this.opens, this.closes] = [sides(0), sides(1)];
    this.ofResult = result.map((name) => this.ids.get(name));
    this.special = new Set(words.special.values());
  }

  /** A conversation as tokens. */
  encode(messages) {
    checkMessages(messages);
    const tokens = [this.ids.get(this.markers.begin)];
    messages.forEach((message, i) => {
      const learned = ["assistant", "call"].includes(message.role);
      if (learned && messages[i - 1]?.role === "user") tokens.push(this.due());
      try {
        tokens.push(...this.tokensOf(message));
      } catch (error) {
        if (!(error instanceof ValueError)) throw error;
        throw new ValueError(`message ${i + 1} (${message.role}): ${error.message}`);
      }
    });
    return tokens;
  }

  /** A conversation that waits for the assistant's next token. */
  prompt(messages) {
    const last = messages.at(-1)?.role ?? "none";
    if (!["user", "result"].includes(last)) {
      throw new ValueError(`the last message is ${last}: the assistant is not due`);
    }
    return [...this.encode(messages), ...(last === "user" ? [this.due()] : [])];
  }

  due() {
    return this.ids.get(this.markers.assistant);
  }

  /** One message as tokens, with the marks around it. */
  tokensOf({ role, text: said, tool }) {
    const text = this.words.encode(said);
    if (role === "assistant") return [...text, this.end];
    if (role === "result") return this.result(said);
    if (role !== "call") return [this.ids.get(this.markers[role]), ...text];
    if (!(tool in this.markers.tools)) {
      const known = Object.keys(this.markers.tools).join(", ") || "none";
      throw new ValueError(`there is no tool ${repr(tool)}, only ${known}: take the `
        + "conversation out, or teach it to a model with tools");
    }
    const [before, after] = this.markers.tools[tool].map((name) => this.ids.get(name));
    return [before, ...text, after];
  }

  /** The tokens of what a tool gives back, its marks around it. */
  result(text) {
    const [before, after] = this.ofResult;
    return [before, ...this.words.encode(text), after];
  }

  /** Which tokens of an answer the model wrote: all but the tools' results. */
  written(answer) {
    const [before, after] = this.ofResult;
    let inside = false;
    return answer.map((token) => {
      inside ||= token === before;
      const own = !inside;
      inside &&= token !== after;
      return own;
    });
  }

  /** The tokens of an answer that the user reads: no calls, results, marks. */
  visible(answer) {
    const [before, after] = this.ofResult;
    let inside = false;
    return answer.filter((token) => {
      const opens = this.opens.has(token) || token === before;
      const closes = this.closes.has(token) || token === after;
      if (opens || closes) inside = opens;
      return !opens && !closes && !inside && token !== this.end;
    });
  }

  /** True where the model must wait: at the end, or for a tool. */
  pauses(token) {
    return token === this.end || this.closes.has(token);
  }

  /** The tokens that stand for text: no special ones. */
  ordinary(tokens) {
    return tokens.filter((token) => !this.special.has(token) && token < this.words.size);
  }

  /** { kept, gone }: the messages whose prompt has at most `size` tokens, and the others. */
  fit(messages, size) {
    let [kept, gone] = [messages, []];
    const nSystem = Number(kept[0]?.role === "system");
    for (let n = this.prompt(kept).length; n > size; n = this.prompt(kept).length) {
      const second = kept.findIndex((message, i) => message.role === "user"
        && kept.slice(0, i).some((one) => one.role === "user"));
      if (second < 0) {
        throw new ValueError(`the message and the system's take ${n} tokens and ${size} fit: `
          + `shorten it by ${n - size} or more`);
      }
      gone = [...gone, ...kept.slice(nSystem, second)];
      kept = [...kept.slice(0, nSystem), ...kept.slice(second)];
    }
    return { kept, gone };
  }
}
