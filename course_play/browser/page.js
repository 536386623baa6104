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
 * { world, voice, reader }, each a function that gives a promise. `voice(name)` is the
 * stage of this name, see `voiceOf`; `reader()` a CopyMeter of all that "base" has read.
 */
export function courseIn(folder) {
  const load = scriptLoader(folder);
  const made = new Map(); // models are large: one of each
  const once = (name, make) => {
    if (!made.has(name)) {
      made.set(name, load(name).then(make));
      made.get(name).catch(() => made.delete(name));
    }
    return made.get(name);
  };
  const world = () => once("world", () => globalThis.courseWorld);
  const voice = async (name, options) => {
    const told = await world();
    return once(name, () => voiceOf(globalThis.courseModels[name], told, options));
  };
  const reader = () => once("read", () => {
    const { text, letters } = globalThis.courseRead;
    return new CopyMeter(text, letters);
  });
  return { world, voice, reader };
}
