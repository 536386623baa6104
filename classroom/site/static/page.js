// Small things that every page needs.

// What scrolls sideways can be reached with the Tab key, so that the arrows move it.
(() => {
  const WIDE = "article :is(pre, .table-wrapper, .course-wide)";
  const reach = () => document.querySelectorAll(WIDE).forEach((part) => {
    if (part.scrollWidth > part.clientWidth) part.tabIndex = 0;
    else part.removeAttribute("tabindex");
  });
  reach();
  document.addEventListener("click", ({ target }) => { // a chart fits the screen, or can be read
    target.closest?.(".course-wide")?.classList.toggle("course-fit");
    reach();
  });
  window.addEventListener("resize", reach);
})();

// What a model wrote is one long line: it is wrapped, tables are not.
(() => {
  const LONGEST = 120;
  document.querySelectorAll("article .cell_output").forEach((output) => {
    const lines = output.querySelector("pre")?.textContent.split("\n") ?? [];
    if (lines.some((line) => line.length > LONGEST)) output.classList.add("course-long-lines");
  });
})();

// A word of the glossary says what it means: under the pointer, by key, or by a touch.
(() => {
  const terms = [...document.querySelectorAll(".course-term")];
  if (!terms.length) return;
  const note = document.createElement("div");
  note.className = "course-note";
  note.id = "course-note";
  note.setAttribute("role", "tooltip");
  note.hidden = true;
  document.body.append(note);
  let shown = null;

  function show(term) {
    shown = term;
    note.textContent = term.dataset.says;
    note.hidden = false;
    term.setAttribute("aria-describedby", note.id);
    const at = term.getBoundingClientRect();
    const most = document.documentElement.clientWidth - note.offsetWidth - 8;
    note.style.left = `${Math.max(8, Math.min(at.left, most)) + window.scrollX}px`;
    const below = at.bottom + 6 + note.offsetHeight <= window.innerHeight;
    const top = below ? at.bottom + 6 : at.top - 6 - note.offsetHeight;
    note.style.top = `${top + window.scrollY}px`;
  }

  function hide() {
    shown?.removeAttribute("aria-describedby");
    shown = null;
    note.hidden = true;
  }

  for (const term of terms) {
    term.addEventListener("pointerenter", () => show(term));
    term.addEventListener("pointerleave", hide);
    term.addEventListener("focus", () => show(term));
    term.addEventListener("blur", hide);
    term.addEventListener("click", () => show(term));
  }
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
})();

// Long tables (the ledger of claims): only the rows that hold the typed words are shown.
(() => {
  const tables = [...document.querySelectorAll("article table")]
    .filter((table) => table.tBodies[0]?.rows.length > 9);
  if (!tables.length) return;
  tables.forEach((table) => table.classList.add("course-long"));
  const rows = tables.flatMap((table) => [...table.tBodies[0].rows]);
  const box = document.createElement("input");
  box.type = "search";
  box.id = "course-filter";
  const label = document.createElement("label");
  label.className = "course-filter";
  label.append("Show rows with ", box);
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  label.append(" ", said);
  (tables[0].closest(".table-wrapper") ?? tables[0]).before(label);
  box.addEventListener("input", () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = rows.filter((row) => {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      return !row.hidden;
    });
    const found = shown.length ? `${shown.length} of ${rows.length}` : "nothing found";
    said.textContent = words.length ? found : "";
    for (const table of tables) {
      table.hidden = ![...table.tBodies[0].rows].some((row) => !row.hidden);
    }
  });
})();
