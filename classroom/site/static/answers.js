// What widgets ask Python for in a notebook, answered by the models in this page.
//
// The models are scripts in course/models, loaded when somebody asks the first question.
// A picture whose model does not travel with the site says so.
(() => {
  const FOLDER = document.currentScript.src.replace(/[^/]*$/, "course/models/");
  const NAMES = { prompt_box: "PromptBox", stage_switcher: "StageSwitcher",
    token_lab: "TokenLab", tool_trace: "ToolTrace" };
  const OTHERS = ["prompt_box", "stage_switcher", "token_lab"]; // hold no answers of their own
  let loading = null;

  /** The engine and the models of this site. */
  function models() {
    loading ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${FOLDER}engine.js`;
      script.onload = () => resolve(window.courseEngine.courseIn(FOLDER));
      script.onerror = () => reject(new Error("the models of this site cannot be loaded"));
      document.head.append(script);
    });
    return loading;
  }
  window.course.models = models;

  /** What the engine needs to answer in a widget's place; null if it cannot. */
  const SETTINGS = {
    async prompt_box(course) {
      const [{ model, words }, known] = await Promise.all([course.voice("base"), course.reader()]);
      return { model, words, known };
    },
    async stage_switcher(course, widget) {
      const voices = widget.get("names").map((name) => [name, () => course.voice(name)]);
      return { voices: Object.fromEntries(voices), world: await course.world() };
    },
    async tool_trace(course) {
      return { voice: await course.voice("tools") };
    },
  };

  /** Which models a picture would ask, by the place that it has on its page. */
  const asksFor = (place) => (place.dataset.models ?? "").split(" ").filter(Boolean);

  window.course.answersIn = (place) => {
    const kind = place.dataset.widget;
    if (!(kind in NAMES)) return null;
    const asked = asksFor(place);
    if (!asked.length) {
      if (OTHERS.includes(kind)) place.append(stillBecause());
      return null;
    }
    let setting = null;
    return async (widget, trait) => {
      const course = await models();
      if (!window.courseEngine.asks(NAMES[kind], trait)) return;
      setting ??= SETTINGS[kind](course, widget);
      await window.courseEngine.answer(NAMES[kind], widget, trait, await setting);
    };
  };

  function stillBecause() {
    const note = document.createElement("p");
    note.className = "course-still";
    note.textContent = "The model that answers here was trained in the lesson, or is too large for a "
      + "page: you see what it said when the lesson was built. In the notebook you can ask it.";
    return note;
  }
})();
