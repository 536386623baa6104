// A lesson as slides: the same page, its parts shown one screen at a time. The pictures in
// it stay alive. P or the button begins, the arrow keys go on and back, Escape ends.
(() => {
  const ROOM = 0.86; // of the window's height
  const article = document.querySelector("article[role=main]");
  const button = document.querySelector(".course-present");
  if (!article || !button) return;

  /** The parts in their order: a heading, a paragraph, a cell. Sections are opened up. */
  function partsOf(parent) {
    return [...parent.children].flatMap((child) =>
      (child.tagName === "SECTION" ? partsOf(child) : [child]));
  }

  const isHeading = (part) => /^H[1-6]$/.test(part.tagName);
  let slides = [];
  let at = 0;

  /** Fill slide after slide: a heading begins one, and so does what has no room left. */
  function divide() {
    const most = ROOM * window.innerHeight;
    slides = [];
    let height = Infinity;
    for (const part of partsOf(article)) {
      const own = part.getBoundingClientRect().height;
      if (own === 0 && !isHeading(part)) continue;
      if (isHeading(part) || height + own > most) {
        const before = slides.at(-1);
        const lone = before && before.every(isHeading);
        if (!lone) { slides.push([]); height = 0; }
      }
      slides.at(-1).push(part);
      height += own;
    }
  }

  function show(index) {
    at = Math.min(Math.max(index, 0), slides.length - 1);
    slides.forEach((slide, i) => slide.forEach((part) => {
      part.classList.toggle("course-off", i !== at);
    }));
    count.textContent = `${at + 1} / ${slides.length}`;
    window.scrollTo(0, 0);
  }

  const key = (text, label, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.setAttribute("aria-label", label);
    made.addEventListener("click", act);
    return made;
  };
  const count = document.createElement("span");
  count.className = "course-slide-count";
  count.setAttribute("role", "status");
  const bar = document.createElement("div");
  bar.className = "course-slide-bar";
  bar.append(key("\u2039", "The slide before", () => show(at - 1)), count,
    key("\u203a", "The next slide", () => show(at + 1)),
    key("\u00d7", "End the show", () => end()));
  document.body.append(bar);

  function begin() {
    const seen = partsOf(article).find((part) => part.getBoundingClientRect().bottom > 80);
    document.body.classList.add("course-presenting");
    divide();
    show(slides.findIndex((slide) => slide.includes(seen)));
  }

  function end() {
    const here = slides[at]?.[0];
    document.body.classList.remove("course-presenting");
    document.querySelectorAll(".course-off").forEach((part) => part.classList.remove("course-off"));
    here?.scrollIntoView();
  }

  const presenting = () => document.body.classList.contains("course-presenting");
  const TYPED = "input, textarea, select, [contenteditable], .course-widget";
  const isTyping = (node) => node.closest?.(TYPED);
  const STEPS = { ArrowRight: 1, PageDown: 1, " ": 1, ArrowLeft: -1, PageUp: -1 };

  button.addEventListener("click", begin);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && presenting()) { end(); return; }
    if (isTyping(event.target)) return;
    if (event.key === "p" || event.key === "P") {
      (presenting() ? end : begin)();
    } else if (presenting() && event.key in STEPS) {
      event.preventDefault();
      event.stopPropagation(); // the theme's own keys would turn the page
      show(at + STEPS[event.key]);
    }
  }, true);
  window.addEventListener("resize", () => {
    if (!presenting()) return;
    const first = slides[at][0];
    document.querySelectorAll(".course-off").forEach((part) => part.classList.remove("course-off"));
    divide();
    show(slides.findIndex((slide) => slide.includes(first)));
  });
})();
