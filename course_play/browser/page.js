// The scripts of a page: loaded when somebody asks, each once. This works from file://.
import { answer, className } from "./answers.js";
import { CopyMeter } from "./copies.js";
import { voiceOf } from "./voices.js";

// Lesson 20's voices are chats that do not hear what is misspelled. The model that it
// trains is not kept: the stage "sft", trained longer by the same recipe, stands in.
const BARE = { hears: false, max_new_tokens: 24 };
const ALIASES = { "warm start": ["warm_start", BARE], mine: ["sft", BARE] };

/** Run a classic script, at most once; `document.head` must be there. */
function scriptLoader(folder) {
  const loading = new Map();
  return (name) => {
    if (!loading.has(name)) {
      loading.set(name, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.charset = "utf-8";
        script.src = `${folder}${name}.js`;
        script.onload = resolve;
        script.onerror = () => {
          loading.delete(name); // another try may do better
          reject(new Error(`${script.src} cannot be read`));
        };
        document.head.append(script);
      }));
    }
    return loading.get(name);
  };
}

/**
 * The models in a folder, an address that ends in "/", as `export.write_all` wrote it:
 * { world, voice, reader, setting }, functions that give promises. `voice(name, options)`
 * is the stage of this name, see `voiceOf`; `reader()` a CopyMeter of all that "base" has
 * read. What was made once is given again. `setting(name, widget)` is what `answer` needs
 * for a widget over the models of Tiny World; a StageSwitcher's voices are found by their
 * names, or by `aliases`: { mine: ["sft", { hears: false }] }.
 */
export function courseIn(folder, aliases = ALIASES) {
  const load = scriptLoader(folder);
  const voices = new Map(); // name and options -> voice
  let meter = null;
  const world = () => load("world").then(() => globalThis.courseWorld);
  const voice = async (name, options = {}) => {
    await Promise.all([load("world"), load(name)]);
    const key = JSON.stringify([name, options]);
    if (!voices.has(key)) {
      voices.set(key, voiceOf(globalThis.courseModels[name], globalThis.courseWorld, options));
    }
    return voices.get(key);
  };
  const reader = async () => {
    await load("read");
    meter ??= new CopyMeter(globalThis.courseRead.text, globalThis.courseRead.letters);
    return meter;
  };
  const setting = async (name, widget) => {
    const kind = className(name);
    if (kind === "StageSwitcher") {
      const made = Object.fromEntries(widget.get("names").map((one) =>
        [one, () => voice(...(aliases[one] ?? [one]))]));
      return { voices: made, world: await world() };
    }
    if (kind === "ToolTrace") return { voice: await voice("tools") };
    const { model, words } = await voice("base");
    if (kind === "TokenLab") return { model, words, start: 0 };
    if (kind !== "PromptBox") return { model, words };
    return { model, words, known: await reader() };
  };
  return { world, voice, reader, setting };
}

/**
 * A function (name of the widget, its model, trait) to call where a view has changed a
 * trait: it answers with the models in a folder, which load with the first question.
 */
export function answersIn(folder, aliases = ALIASES) {
  const course = courseIn(folder, aliases);
  return (name, widget, trait) =>
    answer(name, widget, trait, () => course.setting(name, widget));
}
