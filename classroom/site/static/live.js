// Brings the widgets of a page to life: no kernel, no server, from a folder, too.
//
// Texts come as classic scripts (a page from a folder may load nothing else), each a call
// `course.take(kind, name, value)`. A widget's module imports the base by a URL that is
// made here of the base's text, so the base is loaded once for all widgets.
(() => {
  const HERE = document.currentScript.src.replace(/[^/]*$/, "course/");
  const early = window.course?.early ?? []; // in a page that is one file
  const arrived = new Map(early.map(([kind, name, value]) => [`${kind}/${name}`, value]));
  const asked = new Map();
  const urls = new Map();

  window.course = {
    take: (kind, name, value) => arrived.set(`${kind}/${name}`, value),
  };

  /** The value that a script hands over; each script is loaded once. */
  function fetched(kind, name) {
    const key = `${kind}/${name}`;
    if (arrived.has(key)) return Promise.resolve(arrived.get(key));
    if (!asked.has(key)) {
      asked.set(key, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = `${HERE}${key}.js`;
        script.onload = () => resolve(arrived.get(key));
        script.onerror = () => reject(new Error(`${key}.js cannot be loaded`));
        document.head.append(script);
      }));
    }
    return asked.get(key);
  }
  window.course.fetched = fetched;

  /** A module's URL and the styles that it needs, those of its imports first. */
  async function moduleOf(name) {
    if (!urls.has(name)) urls.set(name, built(name));
    return urls.get(name);
  }

  async function built(name) {
    const { text, style, needs } = await fetched("module", name);
    const parts = await Promise.all(needs.map(moduleOf));
    let code = text;
    needs.forEach((need, i) => { code = code.replace(`"./${need}.js"`, `"${parts[i].url}"`); });
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    const styles = new Map(parts.flatMap((part) => [...part.styles]));
    if (style) styles.set(name, style);
    return { url, styles };
  }

  function addStyles(styles) {
    for (const [name, text] of styles) {
      if (document.getElementById(`course-style-${name}`)) continue;
      const sheet = document.createElement("style");
      sheet.id = `course-style-${name}`;
      sheet.textContent = text;
      document.head.append(sheet);
    }
  }

  const bytesOf = (text) =>
    new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);

  /**
   * What anywidget gives a view. Traits that the view has changed go to `ask`, one by
   * one, when it saves them; what an answer sets is told to the view alone.
   */
  function modelOf({ state, buffers }) {
    const traits = structuredClone(state);
    for (const [name, text] of Object.entries(buffers)) traits[name] = bytesOf(text);
    const told = new EventTarget();
    const changed = new Set();
    const model = {
      ask: null,
      get: (name) => traits[name],
      set(name, value) {
        if (traits[name] === value) return;
        traits[name] = value;
        changed.add(name);
        told.dispatchEvent(new CustomEvent(`change:${name}`));
        told.dispatchEvent(new CustomEvent("change"));
      },
      save_changes() {
        const names = [...changed];
        changed.clear();
        names.forEach((name) => model.ask?.(model, name)?.catch((error) => console.error(error)));
      },
      send() {},
      on: (event, read) => told.addEventListener(event, read),
      off: (event, read) => told.removeEventListener(event, read),
    };
    return model;
  }

  async function enliven(place) {
    const kind = place.dataset.widget;
    const [stored, { url, styles }] = await Promise.all([
      fetched("state", place.dataset.state), moduleOf(kind)]);
    const widget = (await import(url)).default;
    const el = document.createElement("div");
    const model = modelOf(stored);
    addStyles(styles);
    await widget.initialize?.({ model });
    await widget.render({ model, el });
    place.replaceChildren(el);
    model.ask = window.course.answersIn?.(place) ?? null;
    place.dataset.live = "yes";
    place.dispatchEvent(new CustomEvent("course:live", { bubbles: true, detail: { model } }));
  }

  /** A picture that could not come alive says why, and what may help. */
  function sayStill(place, error) {
    const note = document.createElement("p");
    note.className = "course-still";
    note.textContent = `This picture stands still: ${error.message}. Load the page again; if `
      + "that does not help, the folder of the site is not whole, or the browser is too old.";
    place.before(note);
  }

  function begin() {
    const near = new IntersectionObserver((seen) => {
      for (const { target } of seen.filter((one) => one.isIntersecting)) {
        near.unobserve(target);
        enliven(target).catch((error) => {
          target.dataset.live = "no";
          sayStill(target, error);
          console.error(error);
        });
      }
    }, { rootMargin: "600px" });
    document.querySelectorAll(".course-widget").forEach((place) => near.observe(place));
  }

  begin();
})();
