"""The formulas of the course, printed."""

from __future__ import annotations

import re

from classroom.glossary import formula_sheet

from .lab import Lab


def test_all_formulas_fit_on_one_sheet_of_a4(lab: Lab) -> None:
    page = lab.page.context.new_page()
    try:
        page.set_content(formula_sheet())
        printed = page.pdf(prefer_css_page_size=True)
    finally:
        page.close()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    width, height = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed).groups()
    assert (round(float(width)), round(float(height))) == (595, 842)
