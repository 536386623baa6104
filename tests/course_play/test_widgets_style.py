"""The style sheets of the widgets: letters follow the reader, frames survive."""

import re
from pathlib import Path

import pytest

WIDGETS = Path(__file__).parents[2] / "course_play" / "widgets"
SHEETS = sorted(WIDGETS.glob("*.css"))
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
FONT = re.compile(r"\b(font(?:-size)?):\s*([^;}]+)")
FOLLOWS = re.compile(r"var\(--ltg-(size|small|large|huge)\)|\d(\.\d+)?em\b|^inherit$")

every_sheet = pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.stem)


def rules(sheet: Path) -> str:
    return COMMENT.sub("", sheet.read_text("utf-8"))


@every_sheet
def test_no_letter_has_a_size_of_its_own(sheet: Path) -> None:
    sizes = [value.strip() for _, value in FONT.findall(rules(sheet))]
    fixed = [size for size in sizes if not FOLLOWS.search(size)]
    # a floor under letters that shrink with the screen is no size of its own
    in_pixels = [size for size in sizes if "px" in size and "max(" not in size]
    assert fixed == in_pixels == []


@every_sheet
def test_a_layout_changes_with_the_letters_and_not_at_a_number_of_pixels(
    sheet: Path,
) -> None:
    assert re.findall(r"@container[^{]*\dpx[^{]*", rules(sheet)) == []


@every_sheet
def test_a_frame_that_is_not_seen_stays_unseen_in_forced_colours(sheet: Path) -> None:
    text = rules(sheet)
    unseen = re.findall(r"border(?:-\w+)?:[^;]*\dpx[^;]*transparent", text)
    assert not unseen or "forced-colors: active" in text
