// The page of the whole model: its picture, and the base model that it shows.
(async () => {
  const place = document.getElementById("whole-model");
  const folder = document.currentScript.src.replace(/[^/]*$/, "course/");
  const figure = () => new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${folder}figure.js`;
    script.onload = () => resolve(window.courseFigure);
    script.onerror = () => reject(new Error("the picture cannot be loaded"));
    document.head.append(script);
  });
  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = `${folder}figure.css`;
  document.head.append(style);
  try {
    const [{ mount }, { model, words }] = await Promise.all([figure(),
      window.course.models().then((course) => course.voice("base"))]);
    mount(place, { gpt: model, words });
  } catch (error) {
    place.querySelector("p").textContent = `The model cannot be shown: ${error.message}.`;
  }
})();
