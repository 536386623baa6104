// A class in one room: guesses go to the teacher's computer, and come together there.
//
// Only `course site --class` adds this script to a page. A guess carries a random word
// that this browser made for itself, so a later guess takes the place of the earlier.
(() => {
  const KEY = "course-class-key";
  const ME = "course-class-guesser";
  const EVERY = 2000; // milliseconds between two looks at the class
  const asked = new URLSearchParams(location.search).get("teacher");
  if (asked) {
    sessionStorage.setItem(KEY, asked);
    history.replaceState(null, "", location.pathname + location.hash); // not for the projector
  }
  const key = sessionStorage.getItem(KEY);
  if (!localStorage.getItem(ME)) {
    localStorage.setItem(ME, Array.from(crypto.getRandomValues(new Uint32Array(3)),
      (n) => n.toString(36)).join(""));
  }
  const boxes = [];

  async function send(path, message) {
    const reply = await fetch(path, { method: "POST", body: JSON.stringify(message),
      headers: { "Content-Type": "application/json" } });
    const said = await reply.json();
    if (!reply.ok) throw new Error(said.wrong);
    return said;
  }

  /** A line below a question that says how things stand. */
  function line(place) {
    const note = document.createElement("p");
    note.className = "course-class";
    note.setAttribute("role", "status");
    place.append(note);
    return note;
  }

  function student(place, model) {
    const note = line(place);
    const question = model.get("question");
    const tell = async () => {
      const guess = model.get("guesses").at(-1) ?? "";
      try {
        await send("/class/guess", { question, guess, guesser: localStorage.getItem(ME) });
        note.textContent = guess ? `Your class has your guess: ${guess}` : "";
      } catch (error) {
        note.textContent = `Your class does not have your guess (${error.message}). `
          + "Is the teacher's computer still there? Guess again to send it.";
      }
    };
    model.on("change:guesses", tell);
  }

  function teacher(place, model) {
    const note = line(place);
    const show = document.createElement("button");
    show.type = "button";
    show.className = "course-class-show";
    show.textContent = "Show the guesses of the class";
    place.insertBefore(show, note);
    const box = { question: model.get("question"), guesses: [], following: false, note, model };
    show.addEventListener("click", () => {
      box.following = !box.following;
      show.textContent = box.following ? "Hide the guesses of the class"
        : "Show the guesses of the class";
      model.set("shown", false);
      model.set("guesses", box.following ? box.guesses : []);
    });
    boxes.push(box);
    if (boxes.length === 1) look();
  }

  async function look() {
    try {
      const all = await send("/class/guesses", { key });
      for (const box of boxes) {
        const guesses = (all[box.question] ?? []).slice(0, 500);
        const said = `${guesses.length} ${guesses.length === 1 ? "guess" : "guesses"}`;
        box.note.textContent = `Your class: ${said}`;
        const news = JSON.stringify(guesses) !== JSON.stringify(box.guesses);
        box.guesses = guesses;
        if (box.following && news && !box.model.get("shown")) box.model.set("guesses", guesses);
      }
    } catch (error) {
      for (const box of boxes) box.note.textContent = `No news of the class: ${error.message}`;
    }
    setTimeout(look, EVERY);
  }

  document.addEventListener("course:live", ({ target, detail }) => {
    if (target.dataset.widget !== "predict") return;
    (key ? teacher : student)(target, detail.model);
  });
})();
