// What widgets ask Python for in a notebook, answered by the models of this site.
//
// They are scripts in course/models, loaded with the first question. A picture whose model
// does not travel with the site says so.
(() => {
  const FOLDER = document.currentScript.src.replace(/[^/]*$/, "course/models/");
  const TYPED = ["prompt_box", "stage_switcher", "token_lab"]; // nothing without a model
  const STAND_IN = "mine"; // a model that only the lesson trains
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

  /** Who answers for the widget of a place; null if nobody can, and then it says so. */
  window.course.answersIn = (place) => {
    const kind = place.dataset.widget;
    const models = (place.dataset.models ?? "").split(" ").filter(Boolean);
    if (!models.length) {
      if (TYPED.includes(kind)) {
        say(place, "You cannot ask here: the model was trained in the lesson, or is too large for a "
          + "page. You see what it said when the lesson was built; in the notebook you can ask it.");
        hush(place);
      }
      return null;
    }
    if (models.includes(STAND_IN)) {
      say(place, "On this page the stored stage \u201csft\u201d answers for \u201cmine\u201d, the "
        + "model that the notebook trains: the same recipe, trained longer.");
    }
    return async (widget, trait) => (await answering())(kind, widget, trait);
  };

  function say(place, text) {
    const note = document.createElement("p");
    note.className = "course-still";
    note.textContent = text;
    place.prepend(note);
  }

  /** Nobody answers: what would ask is switched off, what only shows stays. */
  function hush(place) {
    place.querySelectorAll("input[type=text], textarea").forEach((box) => { box.readOnly = true; });
    place.querySelectorAll("button").forEach((button) => { button.disabled = true; });
    place.querySelectorAll("input[type=range]").forEach((slider) => { slider.disabled = true; });
  }
})();
