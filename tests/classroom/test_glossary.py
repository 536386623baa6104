"""The glossary: complete, plain, in step with the lessons and with its pages."""

import re
from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.filters import markdown2html
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from classroom import glossary
from classroom.build import read_source
from classroom.glossary import Formula, Glossary, Word
from classroom.hover import SILENT_TAGS, hover_terms, is_used
from classroom.lessons import NOTEBOOKS, ROOT, Lesson, find_lessons
from course_play.diagrams import draw_formula

COURSE = glossary.read()
LESSONS = {lesson.number: lesson for lesson in find_lessons() if not lesson.is_own}
PLANNED = {"22", "24", "25"}
"""Lessons whose words are here already, and whose text is still to come."""
AWAITED = {
    *("padding", "catastrophic forgetting", "self-consistency", "linear probe"),
    *("expected calibration error", "logistic regression", "AUC", "preference pair"),
    *("sequence log-probability", "RLAIF", "sycophantic", "noise ceiling"),
}
"""Words that come into lessons 20, 21 and 23 when these are written again."""
EVERYWHERE = {"token"}
"""Lesson 10 builds it, but who has heard of chat programs has heard the word."""
MARK = re.compile(r'<dfn class="course-term" tabindex="0" data-says="[^"<>]*">|</dfn>')


@cache
def text_of(lesson: Lesson) -> str:
    cells = read_source(lesson.source).cells
    return "\n\n".join(c.source for c in cells if c.cell_type == "markdown")


def by_name(entry: Word | Formula) -> str:
    return entry.word if isinstance(entry, Word) else entry.name


def word(name: str, **more: object) -> Word:
    return Word(word=name, **{"says": f"It is {name}.", "lesson": "00", **more})  # type: ignore[arg-type]


def toml(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "glossary.toml"
    file.write_text(text, "utf-8")
    return file


# The words


def test_the_page_in_docs_is_made_from_the_glossary() -> None:
    page = glossary.PAGE.read_text("utf-8")
    assert page == glossary.whole_page(), "run: python -m classroom.glossary"


@pytest.mark.parametrize("number", LESSONS)
def test_each_bold_term_of_a_lesson_has_an_entry(number: str) -> None:
    missing = glossary.lacking(read_source(LESSONS[number].source), COURSE)
    assert missing == [], "add a [[word]] to docs/glossary.toml, or say in no_word why"


@pytest.mark.parametrize("number", sorted({w.lesson for w in COURSE.words}))
def test_the_lesson_of_a_word_uses_it(number: str) -> None:
    if number not in LESSONS:
        assert number in PLANNED, f"there is no lesson {number}"
        return
    text = text_of(LESSONS[number])
    words = [w for w in COURSE.words if w.lesson == number and w.word not in AWAITED]
    assert [w.word for w in words if not is_used(w, text)] == []


def test_a_sentence_needs_no_word_of_a_later_lesson() -> None:
    hard = [w for w in COURSE.words if w.mark and w.word not in EVERYWHERE]
    for entry in COURSE.words:
        later = [w for w in hard if w.lesson > entry.lesson]
        used = [w.word for w in later if is_used(w, entry.says)]
        assert used == [], f"{entry.word}: {entry.says}"


def test_most_sentences_are_short_and_of_short_words() -> None:
    lengths = sorted(len(entry.says.split()) for entry in COURSE.words)
    assert lengths[len(lengths) // 2] <= 20
    assert lengths[-1] <= glossary.MAX_WORDS
    letters = [len(w) for entry in COURSE.words for w in re.findall(r"\w+", entry.says)]
    assert sum(letters) / len(letters) < 5


def test_the_words_that_must_not_be_missing_are_there() -> None:
    needed = """
        self-attention, residual connection, hidden state, logits, backpropagation,
        autoregressive, activation function, unembedding, `lm_head`, induction head,
        circuit, QK circuit, OV circuit, attention sink, interpolation, LoRA,
        nucleus sampling, catastrophic forgetting, self-consistency, quantization,
        retrieval-augmented generation, prompt injection, prefill, decode,
        grouped-query attention, Goodhart's law, LLM-as-a-judge, verifiable rewards,
        reward model, Bradley-Terry, DPO, REINFORCE, baseline, GRPO, PPO clipping,
        KL divergence, linear probe, calibration, win rate, contamination, replay,
        chat template, loss mask, packing, system prompt, supervised fine-tuning,
        reward hacking"""
    terms = [term.strip() for term in " ".join(needed.split()).split(",")]
    assert [term for term in terms if not COURSE.knows(term)] == []


def test_what_is_listed_as_no_word_is_none() -> None:
    names = {glossary._key(name) for w in COURSE.words for name in (w.word, *w.names)}
    for reason, bold in COURSE.no_words.items():
        assert len(reason.split()) >= 5, f"{reason!r} is no reason"
        assert [term for term in bold if glossary._key(term) in names] == []


@pytest.mark.parametrize("entry", COURSE.formulas, ids=by_name)
def test_each_formula_can_be_drawn_and_has_a_lesson(entry: Formula) -> None:
    draw_formula(entry.tex)
    assert entry.lesson in {*LESSONS, *PLANNED}
    assert entry.shapes


def test_formulas_stand_in_the_order_of_the_lessons() -> None:
    numbers = [entry.lesson for entry in COURSE.formulas]
    assert numbers == sorted(numbers)


# Reading it

GOOD = '[[word]]\nword = "nat"\nsays = "A unit."\nlesson = "00"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace('"A unit."', '"A unit"'), "nat: 'A unit' does not end"),
        (GOOD.replace("A unit.", "a " * 31 + "."), "nat: 32 words; say it in 30"),
        (GOOD.replace("A unit", "A `unit`"), "nat: .* must be plain text"),
        (GOOD.replace("A unit", "A | unit"), "nat: a | would end the cell"),
        (GOOD.replace('"00"', '"0"'), "nat: lesson '0' is not two digits"),
        (GOOD.replace('lesson = "00"\n', ""), "nat: .*'lesson'"),
        (GOOD + "hover = true\n", "nat: there is no 'hover'; use"),
        (GOOD.replace('word = "nat"\n', ""), "an entry without 'word'"),
        (GOOD + GOOD.replace('"nat"', '"Nats"').replace("A u", "The u"), "Nats: two"),
    ],
)
def test_a_wrong_entry_is_refused_by_name(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("|", r"\|")):
        glossary.read(toml(tmp_path, text))


def test_two_meanings_of_one_word_are_told_apart_in_brackets(tmp_path: Path) -> None:
    two = [GOOD.replace('"nat"', f'"merge (of {x})"') for x in ("LoRA", "tokens")]
    read = glossary.read(toml(tmp_path, "".join(two)))
    assert [entry.plain for entry in read.words] == ["merge", "merge"]
    assert read.knows("Merges")


def test_bold_terms_leave_labels_tasks_and_code_out() -> None:
    text = """**You will** meet the **loss\nmask**. **Pitfall.** See **3** and **`x`**.
- **Slide the temperature** up, then **load** it.
> **For children (and for the rest of us).** A **loss mask** again, **a < b = c**.

```
a **power** of b
```"""
    cells = [new_markdown_cell(text), new_code_cell("2 **x** 3")]
    notebook = new_notebook(cells=cells)
    assert glossary.bold_terms(notebook) == ["loss mask", "load"]
    course = Glossary([word("loss mask")], [], {})
    assert glossary.lacking(notebook, course) == ["load"]


# The pages


def test_each_row_of_a_page_leads_to_its_lesson() -> None:
    pages = (glossary.words_page(), glossary.formulas_page())
    for page, entries in zip(pages, (COURSE.words, COURSE.formulas), strict=True):
        rows = [line for line in page.splitlines() if line.startswith("|")]
        assert len(rows) == len(entries) + 2
        assert {row.count(" | ") for row in rows[2:]} == {3}
        names = re.findall(r"\]\((\w+\.ipynb)\) \|$", page, re.MULTILINE)
        assert len(names) == sum(entry.lesson in LESSONS for entry in entries)
        assert [name for name in names if not (NOTEBOOKS / name).exists()] == []


def test_words_are_sorted_and_the_folder_of_the_lessons_is_told() -> None:
    page = glossary.words_page("../notebooks/")
    names = re.findall(r"^\| \*\*(.+?)\*\* \|", page, re.MULTILINE)
    assert names == sorted(names, key=str.casefold)
    assert "[02](../notebooks/02_logits_and_softmax.ipynb)" in page


def test_the_sheet_of_formulas_draws_every_one_and_needs_no_network() -> None:
    soup = BeautifulSoup(glossary.formula_sheet(), "html.parser")
    drawn = [str(picture["alt"]) for picture in soup.find_all("img")]
    assert drawn == [entry.tex for entry in COURSE.formulas]
    assert "http" not in soup.get_text()
    assert "$" not in soup.get_text()


def test_the_links_to_the_page_still_lead_there() -> None:
    for name in ("README.md", "notebooks/source/00_start_here.py"):
        text = (ROOT / name).read_text("utf-8")
        assert re.search(r"\]\((\.\./)?docs/words_and_formulas\.md", text), name


# The marks


def marked(page: str, *words: Word) -> list[str]:
    """What is marked, in the order of the page."""
    soup = BeautifulSoup(hover_terms(page, words), "html.parser")
    return [found.get_text() for found in soup.find_all("dfn")]


def test_only_the_first_use_is_marked_and_the_longest_name_wins() -> None:
    words = (word("loss"), word("loss mask"), word("mask"))
    page = "<p>The loss mask hides; a mask, a loss, a loss mask, a mask.</p>"
    assert marked(page, *words) == ["loss mask", "mask", "loss"]


def test_a_mark_carries_its_sentence_and_can_be_reached_by_keyboard() -> None:
    entry = word("nat", says='A "unit" & more.')
    assert hover_terms("<p>One nat.</p>", [entry]) == (
        '<p>One <dfn class="course-term" tabindex="0" '
        'data-says="A &quot;unit&quot; &amp; more.">nat</dfn>.</p>'
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("logit", "Logits"),
        ("batch", "batches"),
        ("vocabulary", "vocabularies"),
        ("residual connection", "residual\n  connection"),
        ("Goodhart's law", "Goodhart’s law"),
        ("Goodhart's law", "Goodhart&#x27;s law"),
        ("SGD", "SGD"),
    ],
)
def test_other_forms_of_a_word_are_marked(name: str, shown: str) -> None:
    page = hover_terms(f"<p>so {shown} is</p>", [word(name)])
    assert f">{shown}</dfn>" in page


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("attention", "self-attention and attention-free"),
        ("mask", "unmasked, mask_1"),
        ("Adam", "adam"),
        ("DPO", "dpo"),
        ("loss mask", "loss <em>mask</em>"),
        ("key", ""),
    ],
)
def test_what_is_another_word_is_not_marked(name: str, text: str) -> None:
    page = f"<p>{text}</p>"
    assert hover_terms(page, [word(name)]) == page


def test_ordinary_words_are_not_marked() -> None:
    assert marked("<p>a key</p>", word("key", mark=False)) == []
    assert "mark = false" in glossary.SOURCE.read_text("utf-8")


@pytest.mark.parametrize("tag", sorted(SILENT_TAGS))
def test_nothing_is_marked_where_a_mark_would_disturb(tag: str) -> None:
    page = f"<div><{tag}>loss <b>loss</b></{tag}></div><p>loss</p>"
    soup = BeautifulSoup(hover_terms(page, [word("loss")]), "html.parser")
    (mark,) = soup.select(".course-term")
    assert mark.find_parent("p")


def test_code_cells_widgets_and_drawn_formulas_are_left_alone() -> None:
    page = (
        '<div class="cell docutils"><div>loss</div></div><p title="loss">a<br>'
        '<span class="math notranslate">loss</span><img alt="loss"> loss</p>'
        '<!-- loss --><div class="course-widget">loss</div>'
    )
    assert marked(page, word("loss")) == ["loss"]
    assert '"> <dfn' in hover_terms(page, [word("loss")])


def test_where_a_page_has_an_article_the_rest_is_left_alone() -> None:
    page = "<body><div>loss</div><article><p>a loss</p></article>loss</body>"
    assert "<p>a <dfn" in hover_terms(page, [word("loss")])
    assert len(marked(page, word("loss"))) == 1


PIECES = st.sampled_from(
    [
        *("loss", "Loss", "mask", "loss mask", " ", "\n", ". ", "&amp;", "&lt;b&gt;"),
        *("<p>", "</p>", "<code>", "</code>", "<b>", "</b>", "<br>", "<br/>", "&#39;"),
        *('<a href="loss">', "</a>", "<table><td>", "</td></table>", "<!-- loss -->"),
        *("<svg viewBox='0 0 1 1'>", "</svg>", "<", "&", "é", "<h2>", "</h2>"),
    ]
)


@given(st.lists(PIECES, max_size=25))
def test_without_its_marks_any_page_is_what_it_was(pieces: list[str]) -> None:
    page = "".join(pieces)
    words = [word("loss"), word("mask"), word("loss mask")]
    done = hover_terms(page, words)
    assert MARK.sub("", done) == page
    assert done.count("<dfn") <= len(words)
    assert hover_terms(done, words) == done


@pytest.mark.parametrize("number", ["00", "11", "18", "90"])
def test_a_lesson_is_marked_in_its_running_text_only(number: str) -> None:
    page = str(markdown2html(text_of(LESSONS[number])))
    done = hover_terms(page)
    assert MARK.sub("", done) == page
    marks = BeautifulSoup(done, "html.parser").find_all("dfn")
    assert len(marks) > 10
    assert [
        m.get_text() for m in marks if m.find_parent(list(SILENT_TAGS - {"dfn"}))
    ] == []
    says = [str(m["data-says"]) for m in marks]
    assert len(says) == len(set(says)), "a word is marked twice"
    assert set(says) <= {entry.says for entry in COURSE.words}
