// The page of the whole model: its picture, and the base model that it shows.
(async () => {
  const place = document.getElementById("whole-model");
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
  try {
    await Promise.all([ran("figure"), ran("models/engine"), styled]);
    const course = window.courseEngine.courseIn(`${folder}models/`);
    const { model, words } = await course.voice("base");
    window.courseFigure.mount(place, { gpt: model, words });
  } catch (error) {
    place.querySelector("p").textContent = `The model cannot be shown: ${error.message}.`;
  }
})();
