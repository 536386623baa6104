"""The authoring build, on small lessons made up here."""

import json
import os
import sys
from pathlib import Path

import pytest

from classroom import build, kernel, seals
from classroom.ledger import count_facts
from classroom.lessons import (
    Lesson,
    LessonError,
    find_lessons,
    orphans,
    settings_folder,
)

GOOD = '''\
# %% [markdown]
# # 4. Counting
#
# How far does a table get?

# %% setup
import os
import sys

import anywidget
import traitlets
import course_lib
from matplotlib.figure import Figure

# %% [markdown] Predict the widget
# ## Predict first

# %%
class Dial(anywidget.AnyWidget):
    """A widget with a picture and a text of itself, as those of the course."""

    _esm = "export default { render({ model, el }) { el.innerText = 'dial'; } }"
    value = traitlets.Int(3).tag(sync=True)

    def __repr__(self):
        return f"Dial at {self.value}"

    def _repr_mimebundle_(self, **options):
        data, metadata = super()._repr_mimebundle_(**options)
        figure = Figure(figsize=(1, 1))
        figure.subplots().plot([0, self.value])
        data |= {"text/plain": repr(self), "image/png": figure_png(figure)}
        return data, metadata | {"image/png": {"alt": "a line"}}


# %%
import base64
import io


def figure_png(figure):
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return base64.b64encode(file.getvalue()).decode()


dial = Dial(value=5)
assert dial.value == 5
dial

# %% tags=["nbval-ignore-output"]
display(Dial())
print(hash("same dice"), os.environ["OMP_NUM_THREADS"])

# %% [markdown]
# ## Predict first

# %%
for i in range(3):
    print(i, flush=True)
os.path.basename(os.getcwd()), sys.executable == EXECUTABLE
'''


def write_lesson(folder: Path, text: str, name: str = "04_counting") -> Lesson:
    source = folder / "notebooks" / "source" / f"{name}.py"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(text, encoding="utf-8")
    return Lesson(source)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Lesson:
    text = GOOD.replace("EXECUTABLE", repr(sys.executable))
    lesson = write_lesson(tmp_path_factory.mktemp("course"), text)
    assert build.build(lesson)
    return lesson


def cells_of(lesson: Lesson) -> list[dict]:
    return json.loads(lesson.notebook.read_text(encoding="utf-8"))["cells"]


def test_two_builds_are_byte_identical_and_the_second_seals(built: Lesson) -> None:
    before = built.notebook.read_bytes()
    assert seals.why_broken(built) == "it has no seal"
    assert not build.build(built), "a second build changed the file"
    assert built.notebook.read_bytes() == before
    assert seals.why_broken(built) == ""
    assert {"course_lib", "classroom.kernel"} < json.loads(
        built.seal.read_bytes()
    ).keys()
    assert "course_lib.train" not in json.loads(built.seal.read_bytes())


def test_a_build_leaves_no_other_file(built: Lesson) -> None:
    names = sorted(path.name for path in built.notebook.parent.iterdir())
    assert names == ["04_counting.ipynb", "source"]


def test_the_widget_view_goes_its_picture_and_text_stay(built: Lesson) -> None:
    text = built.notebook.read_text(encoding="utf-8")
    assert "widget-view" not in text
    assert "model_id" not in text
    [result] = cells_of(built)[4]["outputs"]
    assert sorted(result["data"]) == ["image/png", "text/plain"]
    assert result["data"]["text/plain"] == ["Dial at 5"]
    assert result["metadata"] == {"image/png": {"alt": "a line"}}


def test_ids_come_from_titles_headings_or_the_text(built: Lesson) -> None:
    ids = [cell["id"] for cell in cells_of(built)]
    assert ids[:3] == ["4-counting", "setup", "predict-the-widget"]
    assert ids[6] == "predict-first"
    assert len(set(ids)) == len(ids)


def test_an_equal_heading_gets_a_number(tmp_path: Path) -> None:
    text = "# %% [markdown]\n# # A\n\n# %% [markdown]\n# # A\n\n# %% a\n1\n"
    ids = [
        cell.id for cell in build.read_source(write_lesson(tmp_path, text).source).cells
    ]
    assert ids == ["a", "a-2", "a-3"]


def test_an_id_does_not_depend_on_the_cells_before(tmp_path: Path) -> None:
    one = build.read_source(write_lesson(tmp_path, "# %%\nx = 1\n").source)
    text = "# %%\ny = 1\n\n# %%\nx = 1\n"
    two = build.read_source(write_lesson(tmp_path, text).source)
    assert one.cells[0].id == two.cells[1].id


def test_the_metadata_says_python_3_and_nothing_of_this_machine(built: Lesson) -> None:
    notebook = json.loads(built.notebook.read_text(encoding="utf-8"))
    assert notebook["metadata"]["kernelspec"] == {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    assert "version" not in notebook["metadata"]["language_info"]
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    metadata = [cell["metadata"] for cell in notebook["cells"]]
    assert [m for m in metadata if m] == [{"tags": ["nbval-ignore-output"]}]


def test_a_tag_folds_the_code_that_gives_an_answer_away(tmp_path: Path) -> None:
    text = '# %% tags=["hide-input"]\n1 + 1\n\n# %%\n2 + 2\n'
    notebook = build.read_source(write_lesson(tmp_path, text).source)
    folded, plain = (dict(cell.metadata) for cell in notebook.cells)
    assert folded["jupyter"] == {"source_hidden": True}
    assert folded["tags"] == ["hide-input"]
    assert "jupyter" not in plain


def test_cells_are_counted_from_one(built: Lesson) -> None:
    counts = [c["execution_count"] for c in cells_of(built) if c["cell_type"] == "code"]
    assert counts == [1, 2, 3, 4, 5]


def test_prints_are_one_output_however_they_were_flushed(built: Lesson) -> None:
    stream, result = cells_of(built)[7]["outputs"]
    assert "".join(stream["text"]) == "0\n1\n2\n"
    assert result["data"]["text/plain"] == ["('notebooks', True)"]


def test_the_same_dice_on_every_machine(built: Lesson) -> None:
    stream = cells_of(built)[5]["outputs"][1]
    threads = os.environ.get("OMP_NUM_THREADS", "1")
    assert "".join(stream["text"]) == f"{hash_without_salt()} {threads}\n"


def hash_without_salt() -> int:
    import subprocess

    command = [sys.executable, "-c", "print(hash('same dice'))"]
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    return int(done.stdout)


def test_facts_are_counted(built: Lesson) -> None:
    assert count_facts(build.load(built.notebook)) == 1


def copy_of(lesson: Lesson, folder: Path) -> Lesson:
    twin = write_lesson(folder, lesson.source.read_text(encoding="utf-8"))
    twin.notebook.write_bytes(lesson.notebook.read_bytes())
    return twin


def test_in_sync_after_a_build(built: Lesson) -> None:
    assert build.drift(built) == []


def test_a_changed_source_is_seen(built: Lesson, tmp_path: Path) -> None:
    lesson = copy_of(built, tmp_path)
    text = lesson.source.read_text(encoding="utf-8")
    lesson.source.write_text(text.replace("Dial(value=5)", "Dial(value=6)"), "utf-8")
    [problem] = build.drift(lesson)
    line = text.split("\n").index("import base64") + 1
    assert f"04_counting.py:{line}, cell 5: text" in problem


@pytest.mark.parametrize(
    ("part", "value", "said"),
    [
        ("source", ["edited by hand"], "text"),
        ("id", "another", "id"),
        ("metadata", {"tags": ["x"]}, "tags"),
    ],
)
def test_a_changed_notebook_is_seen(
    built: Lesson, tmp_path: Path, part: str, value: object, said: str
) -> None:
    lesson = copy_of(built, tmp_path)
    notebook = json.loads(lesson.notebook.read_text(encoding="utf-8"))
    notebook["cells"][4][part] = value
    lesson.notebook.write_text(json.dumps(notebook), encoding="utf-8")
    [problem] = build.drift(lesson)
    assert f"cell 5: {said} changed" in problem


def test_a_cell_that_did_not_run_is_seen(built: Lesson, tmp_path: Path) -> None:
    lesson = copy_of(built, tmp_path)
    notebook = json.loads(lesson.notebook.read_text(encoding="utf-8"))
    notebook["cells"][4] |= {"execution_count": None, "outputs": []}
    lesson.notebook.write_text(json.dumps(notebook), encoding="utf-8")
    [problem] = build.drift(lesson)
    assert "did not run in order" in problem


def test_a_missing_added_or_broken_notebook_is_seen(
    built: Lesson, tmp_path: Path
) -> None:
    lesson = copy_of(built, tmp_path)
    lesson.source.write_text(f"{GOOD}\n# %%\n1\n".replace("EXECUTABLE", "0"), "utf-8")
    assert build.drift(lesson)
    lesson.notebook.write_text("{", "utf-8")
    assert "not a notebook" in build.drift(lesson)[0]
    lesson.notebook.unlink()
    assert "missing; run: course build" in build.drift(lesson)[0]


def test_an_orphan_is_found(built: Lesson, tmp_path: Path) -> None:
    lesson = copy_of(built, tmp_path)
    assert orphans(lesson.notebook.parent) == []
    lesson.source.unlink()
    assert orphans(lesson.notebook.parent) == [lesson.notebook]


BROKEN = '''\
# %% [markdown]
# # 5. Names

# %%

text = """
# %% this is no cell
"""

def half(x):
    return x / 0

# %% [markdown]
# ## See it

# %%
y = 1
half(y)
'''


def test_a_failure_names_cell_line_and_error_and_keeps_the_old(tmp_path: Path) -> None:
    lesson = write_lesson(tmp_path, BROKEN, "05_names")
    lesson.notebook.write_text("the old one", "utf-8")
    with pytest.raises(LessonError) as caught:
        build.build(lesson)
    assert f'05_names.py:{BROKEN.count(chr(10))}, cell 4, under "See it"' in str(
        caught.value
    )
    assert caught.value.detail.startswith("ZeroDivisionError: division by zero")
    assert "return x / 0" in caught.value.detail
    assert "\x1b" not in caught.value.detail
    assert lesson.notebook.read_text("utf-8") == "the old one"
    assert len(list(lesson.notebook.parent.iterdir())) == 2


@pytest.mark.parametrize(
    ("code", "line", "message"),
    [
        ("import warnings\nwarnings.warn('old')", 5, "must not warn"),
        ("x = = 2", 5, "SyntaxError"),
        ("import os\nos._exit(3)", 5, "the kernel died"),
    ],
)
def test_what_else_stops_a_build(
    tmp_path: Path, code: str, line: int, message: str
) -> None:
    text = f"# %% [markdown]\n# # 5. Names\n\n# %%\n{code}\n"
    lesson = write_lesson(tmp_path, text, "05_names")
    with pytest.raises(LessonError, match=message) as caught:
        build.build(lesson)
    assert f"05_names.py:{line}, cell 2" in caught.value.where
    assert not lesson.notebook.exists()


def test_a_cell_that_takes_too_long_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel, "CELL_TIMEOUT_S", 1)
    lesson = write_lesson(tmp_path, "# %%\nimport time\ntime.sleep(60)\n", "05_names")
    with pytest.raises(LessonError, match="longer than 1 s"):
        build.run(lesson)


def test_the_biggest_output_of_a_large_notebook_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "MAX_BYTES", 5_000)
    lesson = write_lesson(tmp_path, "# %%\n1\n\n# %% wide\n'x' * 9_000\n", "05_names")
    with pytest.raises(LessonError, match=r"cell 2 \(id wide\)"):
        build.build(lesson)
    assert not lesson.notebook.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "begins with"),
        (b"x = 1\n\n# %%\ny = 2\n", "begins with"),
        (b"# %%\n\n# %%\ny = 2\n", "cell 1\nthe cell is empty"),
        (b"# %%\nx = '\xff'\n", "not UTF-8"),
    ],
)
def test_a_source_that_is_no_lesson_is_refused(
    tmp_path: Path, content: bytes, message: str
) -> None:
    lesson = write_lesson(tmp_path, "")
    lesson.source.write_bytes(content)
    with pytest.raises(LessonError, match=message):
        build.read_source(lesson.source)


def test_a_full_disk_leaves_the_old_notebook(
    built: Lesson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson = copy_of(built, tmp_path)
    lesson.notebook.write_text("the old one", "utf-8")
    monkeypatch.setattr(build, "render", lambda lesson, on_cell: b"new")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        build.build(lesson)
    assert lesson.notebook.read_text("utf-8") == "the old one"
    assert len(list(lesson.notebook.parent.iterdir())) == 2


def test_lessons_are_found_by_number_or_name(tmp_path: Path) -> None:
    for name in ("10_heads", "02_loss", "hw02_loss", "notes"):
        write_lesson(tmp_path, "# %%\n1\n", name)
    folder = tmp_path / "notebooks"
    names = [lesson.name for lesson in find_lessons(notebooks=folder)]
    assert names == ["02_loss", "10_heads"]
    for word in ("2", "02", "02_loss", "notebooks/02_loss.ipynb"):
        assert [lesson.number for lesson in find_lessons([word], folder)] == ["02"]
    with pytest.raises(ValueError, match="no lesson '7'; lessons: 02, 10"):
        find_lessons(["7"], folder)


def test_appendices_come_after_all_lessons(tmp_path: Path) -> None:
    for name in ("90_gpus", "02_loss", "49_last", "91_more"):
        write_lesson(tmp_path, "# %%\n1\n", name)
    found = find_lessons(notebooks=tmp_path / "notebooks")
    kinds = [(lesson.number, lesson.is_appendix) for lesson in found]
    assert kinds == [("02", False), ("49", False), ("90", True), ("91", True)]


def test_a_read_only_course_keeps_its_settings_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from classroom import lessons

    (tmp_path / "build").write_text("a file where the folder should be", "utf-8")
    monkeypatch.setattr(lessons, "ROOT", tmp_path)
    monkeypatch.setattr(lessons.tempfile, "gettempdir", lambda: str(tmp_path / "tmp"))
    assert settings_folder("ipython").is_relative_to(tmp_path / "tmp")
