// What widgets ask Python for in a notebook, answered by the models of this site.
//
// They are scripts in course/models, loaded with the first question. Above a picture whose
// model does not travel with the site the page says so (`classroom/site/asked.py`).
(() => {
  const FOLDER = document.currentScript.src.replace(/[^/]*$/, "course/models/");
  const TYPED = ["prompt_box", "stage_switcher", "token_lab"]; // nothing without a model
  let engine = null;

  /** The function (widget's name, its model, trait) that answers. */
  function answering() {
    engine ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${FOLDER}engine.js`;
      script.onload = () => resolve(window.courseEngine.answersIn(FOLDER));
      script.onerror = () => {
        engine = null; // another try may do better
        reject(new Error("the models of this site cannot be loaded"));
      };
      document.head.append(script);
    });
    return engine;
  }

  /** Who answers for the widget of a place; null if nobody can. */
  window.course.answersIn = (place) => {
    const kind = place.dataset.widget;
    if (!place.dataset.models) {
      if (TYPED.includes(kind)) hush(place);
      else place.querySelectorAll(".ltg-own").forEach(hush);
      return null;
    }
    return async (widget, trait) => (await answering())(kind, widget, trait);
  };

  /** Nobody answers: what would ask is switched off, what only shows stays. */
  function hush(place) {
    place.querySelectorAll("input[type=text], textarea").forEach((box) => { box.readOnly = true; });
    place.querySelectorAll("button").forEach((button) => { button.disabled = true; });
    place.querySelectorAll("input[type=range]").forEach((slider) => { slider.disabled = true; });
  }
})();
