// The scripts of a page: loaded when somebody asks, each once. This works from file://.
import { CopyMeter } from "./copies.js";
import { voiceOf } from "./voices.js";

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
 * { world, voice, reader }, each a function that gives a promise. `voice(name, options)`
 * is the stage of this name, see `voiceOf`; `reader()` a CopyMeter of all that "base" has
 * read. What was made once is given again.
 */
export function courseIn(folder) {
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
  return { world, voice, reader };
}
