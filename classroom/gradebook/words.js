// Saves a mark as soon as a field is left or a box ticked; the table on disk decides.
"use strict";
{
  const send = async (where, what) => {
    const answer = await fetch(where, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(what),
    });
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.error);
    return told;
  };
  const here = location.pathname.replace(/\/$/, "");
  const tell = (state, text, failed) => {
    state.textContent = text;
    state.classList.toggle("failed", failed);
  };
  const count = () => {
    document.getElementById("done").textContent =
      document.querySelectorAll("article.marked").length;
  };

  for (const article of document.querySelectorAll("article")) {
    const form = article.querySelector("form");
    const state = article.querySelector(".state");
    const seen = () => ({
      rubric: [...form.querySelectorAll("[name=tick]:checked")].map((b) => +b.value),
      points: form.points.value,
      comment: form.comment.value,
    });
    let was = seen();
    let waiting = Promise.resolve();
    const save = async () => {
      const now = seen();
      if (JSON.stringify(now) === JSON.stringify(was)) return;
      tell(state, "saving …", false);
      try {
        const told = await send(here, {
          student: article.dataset.student,
          of_text: article.dataset.text,
          was,
          ...now,
        });
        was = now;
        article.classList.toggle("marked", told.marked);
        tell(state, told.marked ? `saved: ${told.points} points` : "saved, no points yet",
          false);
        count();
      } catch (error) {
        tell(state, `NOT saved: ${error.message}`, true);
      }
    };
    form.addEventListener("change", () => { waiting = waiting.then(save); });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const fields = [...document.querySelectorAll("article [name=points]")];
      const next = fields[fields.indexOf(form.points) + 1];
      waiting = waiting.then(save);
      if (next) next.focus();
    });
  }

  const criterion = document.getElementById("criterion");
  criterion.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await send(`${here}/rubric`, {
        what: criterion.what.value,
        points: criterion.points.value,
      });
      location.reload();
    } catch (error) {
      tell(criterion.querySelector(".state"), `NOT saved: ${error.message}`, true);
    }
  });
  document.getElementById("hide").addEventListener("change", (event) => {
    document.body.classList.toggle("hiding", event.target.checked);
  });
}
