// What the picture of the whole model shows, and how the page's address says it.

const FIRST_SENTENCE = "Once a baker had a cow and a lion. It said";

/**
 * `s` is the sentence, `part` what is open ("" is the whole model), `layer` and `head`
 * which one, `t` the chosen token (-1: the last), `k` the one it looks at (-1: most),
 * `n` the number of a vector that is read out (-1: the largest), `pair` of a rotation,
 * `word` the id of an answer (-1: the likeliest), `temp` the temperature, `seed` the
 * random seed, `step` the step of the tour (0: no tour).
 */
export const FRESH = Object.freeze({
  s: FIRST_SENTENCE, part: "", layer: 0, head: 0, t: -1, k: -1, n: -1, pair: 0, word: -1,
  temp: 1, seed: 0, step: 0,
});

/** "#s=The+cat&t=1" to a state; what is missing or no number is as in `FRESH`. */
export function readAddress(hash, fresh = FRESH) {
  const state = { ...fresh };
  for (const [key, text] of new URLSearchParams(hash.replace(/^#/, ""))) {
    if (!(key in state)) continue;
    if (typeof state[key] === "string") state[key] = text;
    else if (text !== "" && Number.isFinite(Number(text))) state[key] = Number(text);
  }
  return state;
}

/** The inverse of `readAddress`: only what differs from `FRESH`; "" if nothing does. */
export function writeAddress(state, fresh = FRESH) {
  const told = new URLSearchParams();
  for (const key of Object.keys(fresh)) {
    if (state[key] !== fresh[key]) told.set(key, String(state[key]));
  }
  return told.size ? `#${told}` : "";
}

/** A state that tells its watchers what has changed: f(state, names of the changes). */
export function openStore(first) {
  let state = { ...first };
  const watchers = [];
  return {
    get: () => state,
    set(changes) {
      const names = Object.keys(changes).filter((name) => state[name] !== changes[name]);
      if (!names.length) return;
      state = { ...state, ...changes };
      for (const watcher of watchers) watcher(state, names);
    },
    watch: (watcher) => watchers.push(watcher),
  };
}

/** Keeps the address and the state the same; the back button moves the state, too. */
export function tieToAddress(scope, store) {
  let timer = 0;
  const write = () => {
    const hash = writeAddress(store.get());
    if (hash === location.hash) return;
    history.replaceState(null, "", hash || location.pathname + location.search);
  };
  store.watch(() => {
    clearTimeout(timer);
    timer = setTimeout(write, 200); // browsers refuse hundreds of addresses in a row
  });
  scope.onClose(() => clearTimeout(timer));
  scope.listen(window, "hashchange", () => store.set(readAddress(location.hash)));
}
