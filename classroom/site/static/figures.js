// The pages of the figures: the whole model, and the network of names.
(async () => {
  const folder = document.currentScript.src.replace(/[^/]*$/, "course/");
  /** Run a script of the site. */
  const ran = (name) => new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${folder}${name}.js`;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${name}.js cannot be loaded`));
    document.head.append(script);
  });
  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = `${folder}figure.css`;
  const styled = new Promise((resolve) => { style.onload = resolve; });
  document.head.append(style);

  const FIGURES = {
    "whole-model": async (place) => {
      await ran("models/engine");
      const course = window.courseEngine.courseIn(`${folder}models/`);
      const { model, words } = await course.voice("base");
      window.courseFigure.mount(place, { gpt: model, words });
    },
    "names-network": async (place) => { // the network that lesson 8 has trained
      const { state, buffers } = await window.course.fetched("state", place.dataset.state);
      const bytes = Uint8Array.from(atob(buffers.weights), (letter) => letter.charCodeAt(0));
      const sizes = { contextSize: state.context_size, embDim: state.emb_dim,
        hiddenDim: state.hidden_dim, letters: [...state.alphabet] };
      const weights = new Float32Array(bytes.buffer);
      window.courseFigure.mountNames(place, { weights, sizes });
    },
  };
  for (const [id, show] of Object.entries(FIGURES)) {
    const place = document.getElementById(id);
    if (!place) continue;
    try {
      await Promise.all([ran("figure"), styled]);
      await show(place);
    } catch (error) {
      place.querySelector("p").textContent = `The model cannot be shown: ${error.message}.`;
    }
  }
})();
