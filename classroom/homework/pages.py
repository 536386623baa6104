"""The pages that a grading run leaves: one for each student, one for the class.

Plain HTML without a script; everything that came out of a submission is shown as text.
"""

import html
import statistics
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

MAX_SHOWN = 2000
MAX_WORDS = 100_000  # an answer in words is read to its end
MAX_MISTAKES = 12
KEPT = {"\n", "\t", "\u200c", "\u200d"}  # joiners belong to several scripts
STYLE = """
:root { color-scheme: light dark; --right: #009E73; --wrong: #D55E00;
  --link: #005a94; background: Canvas; }
@media (prefers-color-scheme: dark) { :root { --link: #7cc4f8; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem; background: Canvas; color: CanvasText; }
a { color: var(--link); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .8rem;
  border-top: 1px solid #8886; overflow-wrap: break-word; }
td:last-child { overflow-wrap: anywhere; }
@media (max-width: 40rem) { th, td { padding: .35rem .4rem; } }
td.points, th.points { text-align: right; white-space: nowrap; }
tr.right td:first-child { border-left: 6px solid var(--right); }
tr.wrong td:first-child { border-left: 6px solid var(--wrong); }
pre { margin: .2rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
pre, code { font-size: .85em; }
svg text { fill: currentColor; font-size: 12px; }
svg rect { fill: #0072B2; }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def plain(text: object, most: int = MAX_SHOWN) -> str:
    r"""Text without control, direction and surrogate characters, cut to a length.

    >>> plain("a\x1b[31mb\u202ec")
    'a[31mbc'
    """
    cut = str(text)[:most]
    return "".join(
        letter
        for letter in cut
        if letter in KEPT or unicodedata.category(letter) not in ("Cc", "Cf", "Cs")
    )


def one_line(text: object) -> str:
    r"""The same, for where a second line would look like somebody else's.

    >>> one_line("eve.ipynb\n11 of 11  bob.ipynb")
    'eve.ipynb 11 of 11 bob.ipynb'
    """
    return " ".join(plain(text).split())


def escape(text: object, most: int = MAX_SHOWN) -> str:
    """The same, safe inside HTML."""
    return html.escape(plain(text, most))


def page_of(title: str, body: Iterable[str], style: str = "") -> bytes:
    """A whole page, without a script.

    Args:
        title: as text.
        body: as HTML.
        style: CSS of this kind of page.
    """
    head = (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<meta name="viewport" content="width=device-width">\n'
        f"<title>{escape(title)}</title><style>{STYLE}{style}</style></head>"
        "<body><main>\n"
    )
    return (head + "\n".join(body) + "\n</main></body></html>\n").encode()


def student_page(record: Mapping[str, Any], title: str) -> bytes:
    """What a student gets back: points, a hint for each lost point, own words."""
    who = record["name"] or record["student"]
    total = f"{record['points']} of {record['worth']} points"
    body = [f"<h1>{escape(title)}</h1>", f"<p>{escape(who)}: <b>{total}</b></p>"]
    if record["why"]:
        body.append(f"<p>Not marked: {escape(record['why'])}.</p>")
    if record["checks"]:
        body.append("<table><tr><th>task</th><th>looks at</th>")
        body.append('<th class="points">points</th><th>hint</th></tr>')
        body += [check_row(check) for check in record["checks"]]
        body.append("</table>")
    remarks = [*record["notes"], *(f"stopped: {stop}" for stop in record["stops"])]
    if remarks:
        body.append("<h2>Notes</h2><ul>")
        body += [f"<li>{escape(remark)}</li>" for remark in remarks]
        body.append("</ul>")
    for name, text in record["opens"].items():
        body.append(f"<h2>In your words: {escape(name)}</h2>")
        body.append(f"<pre>{escape(text, MAX_WORDS) or 'no answer'}</pre>")
    body.append(
        f"<p>Marked with <code>SEED = {record['seed']}</code>: put this number into "
        "your notebook to see the same values.</p>"
    )
    return page_of(f"{title}: {who}", body)


def check_row(check: Mapping[str, Any]) -> str:
    """A line of a table: task, what is looked at, points, hint."""
    right = check["points"] == check["worth"]
    shown = f"<pre>{escape(check['shown'])}</pre>" if check["hint"] else ""
    return (
        f'<tr class="{"right" if right else "wrong"}"><td>{escape(check["task"])}</td>'
        f"<td>{escape(check['label'])}</td>"
        f'<td class="points">{check["points"]} / {check["worth"]}</td>'
        f"<td>{escape(check['hint']) or 'right'}{shown}</td></tr>"
    )


def class_page(
    title: str,
    rows: Sequence[Mapping[str, Any]],
    checks: Mapping[str, str],
    worth: int,
) -> bytes:
    """The teacher's page: histogram, checks, mistakes, limits, everyone.

    Args:
        title: of the homework.
        rows: one short record a student, see `report.brief`.
        checks: names of the checks, in order, and what each looks at.
        worth: reachable points.
    """
    marked = [row for row in rows if not row["why"]]
    body = [f"<h1>{escape(title)}: the class</h1>"]
    body.append(f"<p>{len(rows)} students, {len(marked)} marked.</p>")
    if others := [row for row in rows if row["why"]]:
        names = ", ".join(row["name"] or row["student"] for row in others)
        body.append(f"<p>Without marks ({len(others)}): {escape(names)}.</p>")
    if marked:
        body += ["<h2>Points</h2>", histogram([r["points"] for r in marked], worth)]
        body.append(_middle([row["points"] for row in marked], worth))
        body += [_mistakes(marked)]
        body += ["<h2>Hardest checks</h2>", _hardest(marked, checks)]
    stopped = [row for row in rows if row["stops"]]
    if stopped:
        body.append("<h2>Ran into a limit</h2><ul>")
        body += [
            f"<li>{escape(row['student'])}: {escape('; '.join(row['stops']))}</li>"
            for row in stopped
        ]
        body.append("</ul>")
    body += _everyone(rows, worth)
    return page_of(f"{title}: the class", body)


def _everyone(rows: Sequence[Mapping[str, Any]], worth: int) -> Iterator[str]:
    yield "<h2>Everyone</h2><table><tr><th>student</th>"
    yield '<th class="points">points</th><th>notes</th></tr>'
    for row in rows:
        who = f"{row['student']} {row['name']}".strip()
        notes = "; ".join([*([row["why"]] if row["why"] else []), *row["notes"]])
        link = f'<a href="feedback/{html.escape(row["page"])}">{escape(who)}</a>'
        yield (
            f'<tr><td>{link}</td><td class="points">{row["points"]} / {worth}</td>'
            f"<td>{escape(notes)}</td></tr>"
        )
    yield "</table>"


def _middle(points: Sequence[float], worth: float) -> str:
    """Mean and median in a sentence."""
    mean, half = statistics.fmean(points), statistics.median(points)
    return f"<p>Mean {mean:.1f}, median {half:g} of {worth:g} points.</p>"


def _mistakes(marked: Sequence[Mapping[str, Any]]) -> str:
    """The hints that most students got: what to talk about in class."""
    counts = Counter((task, hint) for row in marked for task, hint in row["hints"])
    counts = Counter({key: n for key, n in counts.items() if key[1]})
    if not counts:
        return ""
    lines = ['<h2>Most frequent mistakes</h2><table><tr><th class="points">students']
    lines.append("</th><th>task</th><th>the hint that they got</th></tr>")
    lines += [
        f'<tr><td class="points">{number}</td><td>{escape(task)}</td>'
        f"<td>{escape(hint)}</td></tr>"
        for (task, hint), number in counts.most_common(MAX_MISTAKES)
    ]
    left = len(counts) - MAX_MISTAKES
    more = f"<p>{left} more hints, each for fewer students.</p>" if left > 0 else ""
    return "\n".join([*lines, f"</table>{more}"])


def _hardest(marked: Sequence[Mapping[str, Any]], checks: Mapping[str, str]) -> str:
    passed = {c: sum(row["passed"].get(c, False) for row in marked) for c in checks}
    lines = ["<table><tr><th>check</th><th>looks at</th>"]
    lines.append('<th class="points">passed by</th></tr>')
    lines += [
        f"<tr><td>{escape(check)}</td><td>{escape(checks[check])}</td>"
        f'<td class="points">{passed[check]} of {len(marked)}</td></tr>'
        for check in sorted(checks, key=lambda check: passed[check])
    ]
    return "\n".join([*lines, "</table>"])


def histogram(points: Sequence[int], worth: int) -> str:
    """How many students reached how many points: bars, and the same in words."""
    counts = Counter(points)
    step = max(1, -(-(worth + 1) // 25))
    groups = [
        range(low, min(low + step, worth + 1)) for low in range(0, worth + 1, step)
    ]
    numbers = [sum(counts[p] for p in group) for group in groups]
    tallest = max([*numbers, 1])
    width = 640 // len(groups)
    parts = []
    for i, (group, number) in enumerate(zip(groups, numbers, strict=True)):
        height = 120 * number // tallest
        x, middle = 10 + i * width, 10 + i * width + width // 2
        parts.append(
            f'<rect x="{x}" y="{140 - height}" width="{width - 3}" height="{height}"/>'
            f'<text x="{middle}" y="155" text-anchor="middle">{group[0]}</text>'
        )
        if number:
            parts.append(
                f'<text x="{middle}" y="{135 - height}" text-anchor="middle">{number}'
                "</text>"
            )
    words = ", ".join(
        f"{number} with {group[0]}" + (f" to {group[-1]}" if len(group) > 1 else "")
        for group, number in zip(groups, numbers, strict=True)
        if number
    )
    return (
        f'<svg viewBox="0 0 660 160" role="img" aria-label="Students by points: '
        f'{words}">{"".join(parts)}</svg><p>Students by points: {words}.</p>'
    )
