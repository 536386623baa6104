// The guided tour: twelve steps, each one or two plain sentences and a lesson that builds it.
import { button, fixed, h, percent, rankOrder } from "../widgets/base.js";
import { draw } from "./whole_output.js";

/** The key that a head looks at most from token t. */
function mostLooked({ seen, words }, t, layer, head) {
  const row = seen[t].layers[layer].weights[head];
  const best = rankOrder(row)[0];
  return `“${words[best]}” (${percent(row[best], 0)})`;
}

/** Each step: its title, where it goes, the lesson, and what it tells of (facts, t, state). */
export const STEPS = [
  { title: "A model reads your sentence", go: { part: "" }, lesson: "00_start_here",
    tell: ({ words }) => "This is a whole language model. Your sentence comes in at the start, "
      + `one line for each of its ${words.length} tokens, and at the end stands what could `
      + "come next.",
  },
  { title: "Words become numbers", go: { part: "words" }, lesson: "10_tokens",
    tell: ({ words, tokens, vocabulary }, t) => `The model knows ${vocabulary.length} words. `
      + `Each has a number, its token id: “${words[t]}” is ${tokens[t]}.`,
  },
  { title: "A row for each word", go: { part: "embedding" }, lesson: "07_name_generator",
    tell: ({ gpt, words }, t) => `The id picks a row of a learned table, the embedding: ${
      gpt.config.emb_dim} numbers that say what “${words[t]}” is like.`,
  },
  { title: "The residual stream", go: { part: "" }, lesson: "13_transformer_block",
    tell: ({ L }) => "Follow the blue line. The numbers of each token, its hidden state, are "
      + `carried through ${L} blocks. The parts read copies of them, and what they find is added.`,
  },
  { title: "The norm", go: { part: "norm1", layer: 0 }, lesson: "13_transformer_block",
    tell: () => "Before a part reads, its copy is brought to an even size, so that no token is "
      + "too loud and none too quiet.",
  },
  { title: "Attention: query times key", go: { part: "attention", layer: 2, head: 3 },
    lesson: "11_attention",
    tell: (facts, t) => "Each token looks back for what it needs: its query is compared with "
      + `the key of every token so far. In block 2, head 3, “${facts.words[t]}” looks most at ${
        mostLooked(facts, t, 2, 3)}.`,
  },
  { title: "Many heads at once", go: { part: "attention", layer: 0, head: 0 }, lesson: "12_heads",
    tell: (facts, t) => `A block has ${facts.gpt.config.n_heads} heads, and each looks in its `
      + `own way. In block 0, head 0 looks most at ${mostLooked(facts, t, 0, 0)}. Choose other `
      + "heads, and see at the end what the model would say without one.",
  },
  { title: "What was found is added", go: { part: "add1", layer: 2 },
    lesson: "13_transformer_block",
    tell: () => "The plus is the residual connection. Nothing that the token carried is torn "
      + "out: what attention found is written beside it.",
  },
  { title: "The feed-forward layer", go: { part: "forward", layer: 2 },
    lesson: "13_transformer_block",
    tell: ({ gpt }) => `Now each token is worked on alone: ${gpt.config.hidden_dim} inner `
      + "numbers, a bend that keeps the large ones, and back to the width of the stream.",
  },
  { title: "A score for each word", go: { part: "logits" }, lesson: "14_gpt",
    tell: ({ seen, vocabulary }, t) => {
      const [best] = rankOrder(seen[t].logits);
      return "The stream is compared with the row of every word. The largest of these scores, "
        + `the logits, is ${fixed(seen[t].logits[best], 1)}: “${vocabulary[best]}”.`;
    },
  },
  { title: "Probabilities, and one word", go: { part: "probs" }, lesson: "08_temperature",
    tell: (facts, t, state) => {
      const { probs, id } = draw(facts, t, state);
      return `Softmax makes probabilities of the logits, and one word is drawn: “${
        facts.vocabulary[id]}”, which had ${percent(probs[id])}. Move the temperature and `
        + "see the bars change.";
    },
  },
  { title: "One word further", go: { part: "" }, lesson: "14_gpt",
    tell: () => "The word that was drawn is added to the sentence, and all begins again. Press "
      + "Next word. This is called autoregressive generation: so a language model writes.",
  },
];

/** The card of the tour. update(...) gives what a screen reader says of a new step, or null. */
export function tourCard(scope, store) {
  let last = 0;
  const number = h("span", { class: "ltg-wm-step-n" });
  const title = h("b", {});
  const text = h("p", { class: "ltg-wm-tour-text" });
  const link = h("a", { class: "ltg-wm-lesson" });
  const goTo = (step) => {
    const { go } = STEPS[step - 1] ?? { go: { part: "" } };
    store.set({ ...go, step, t: -1, k: -1, n: -1 });
  };
  const back = button(scope, "Back", () => goTo(store.get().step - 1));
  const next = button(scope, "Next", () => {
    const { step } = store.get();
    goTo(step === STEPS.length ? 0 : step + 1);
  }, { class: "ltg-button ltg-wm-next" });
  const end = button(scope, "End tour", () => store.set({ step: 0 }),
    { class: "ltg-button ltg-wm-quiet" });
  const node = h("div", { class: "ltg-wm-tour", role: "group", "aria-label": "Guided tour" },
    h("div", { class: "ltg-wm-tour-words" },
      h("p", { class: "ltg-wm-tour-title" }, number, title), text),
    h("div", { class: "ltg-wm-tour-row" }, link, end, back, next));
  const update = (facts, state, t) => {
    const step = Math.max(0, Math.min(STEPS.length, state.step));
    node.classList.toggle("ltg-wm-idle", step === 0);
    back.hidden = step < 2;
    end.hidden = step === 0;
    link.hidden = step === 0;
    number.hidden = step === 0;
    next.textContent = step === 0 ? "Start the tour" : step === STEPS.length ? "Done" : "Next";
    if (step === 0) {
      title.textContent = "";
      text.textContent = `Point at a word to follow it, click a part to open it. Or take the `
        + `tour: ${STEPS.length} short steps.`;
      last = 0;
      return null;
    }
    const { title: name, tell, lesson } = STEPS[step - 1];
    number.textContent = `${step} of ${STEPS.length}`;
    title.textContent = name;
    text.textContent = tell(facts, t, state);
    link.href = `${lesson}.html`;
    link.textContent = `Lesson ${Number(lesson.slice(0, 2))}`;
    if (step === last) return null;
    last = step;
    return `Step ${step}: ${name}. ${text.textContent}`;
  };
  /** On a phone the card stays in sight: what it tells of comes up below it. */
  const bring = (stage) => {
    const { position, top, marginBottom } = getComputedStyle(node);
    if (position !== "sticky") return;
    const room = parseFloat(top) + node.offsetHeight + parseFloat(marginBottom);
    stage.style.scrollMarginTop = `${room}px`;
    stage.scrollIntoView({ block: "start" });
  };
  /** Does so again when a card on the edge grows: its words may follow a moment later. */
  const keep = (stage) => {
    const eye = new ResizeObserver(() => {
      const edge = parseFloat(getComputedStyle(node).top);
      if (Math.abs(node.getBoundingClientRect().top - edge) < 2) bring(stage);
    });
    eye.observe(node);
    scope.onClose(() => eye.disconnect());
  };
  return { node, update, bring, keep };
}
