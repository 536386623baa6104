"""What each word of a text costs, written above the word, for one model or several."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from course_play.bars import HATCHES
from course_play.panels import TitledPicture
from course_play.plots import COLORS, GREY, PAPER, hatch_bar, new_figure, on_paper

FREE = 0.005
"""A price below this many nats is drawn as free."""


def plot_prices(
    words: Sequence[str],
    prices: Mapping[str, Sequence[float]],
    title: str,
    *,
    per_row: int = 12,
) -> TitledPicture:
    """A text from left to right, and above each word a bar for its price in nats.

    Words that cost the first payer nothing are grey, all others bold. All rows have the
    same scale.

    Args:
        words: the text.
        prices: who pays -> the price of each word; up to four.
        title: states the finding.
        per_row: so many words stand in a row.

    Raises:
        ValueError: for no words, none or more than four who pay, or prices that do not
            fit the words.

    >>> plot_prices(["the", "cat"], {"perfect": [0.0, 0.69]}, "One word costs")
    One word costs. Prices in nats. perfect: the 0.00, cat 0.69.
    """
    if not words or not 1 <= len(prices) <= len(COLORS):
        raise ValueError(
            f"{len(words)} words, {len(prices)} prices: give 1 to 4 of them"
        )
    for name, values in prices.items():
        if len(values) != len(words):
            raise ValueError(f"{name!r} has {len(values)} prices, not {len(words)}")
    n_rows = -(-len(words) // per_row)
    figure = new_figure(8.2, 0.7 + 1.25 * n_rows)
    rows = figure.subplots(n_rows, 1, squeeze=False, sharey=True)[:, 0]
    on_paper(*rows)
    for row, axes in enumerate(rows):
        part = slice(row * per_row, (row + 1) * per_row)
        _draw_row(axes, words[part], {k: v[part] for k, v in prices.items()})
        axes.set_xlim(-0.6, min(per_row, len(words)) - 0.4)
    rows[n_rows // 2].set_ylabel("nats")
    figure.suptitle(title)
    if len(prices) > 1:
        handles, labels = rows[0].get_legend_handles_labels()
        figure.legend(
            handles,
            labels,
            loc="outside lower center",
            ncols=4,
            frameon=False,
            fontsize=9,
        )
    told = []
    for name, values in prices.items():
        listed = ", ".join(f"{w} {v:.2f}" for w, v in zip(words, values, strict=True))
        told.append(f"{name}: {listed}.")
    return TitledPicture(figure, f"{title}. Prices in nats. {' '.join(told)}")


def _draw_row(
    axes: Axes, words: Sequence[str], prices: Mapping[str, Sequence[float]]
) -> None:
    """One row of words; with a single payer the prices are written out."""
    n = len(prices)
    for i, (name, values) in enumerate(prices.items()):
        places = [x + (i - (n - 1) / 2) * 0.8 / n for x in range(len(words))]
        bars = axes.bar(places, values, 0.8 / n, label=name, color=COLORS[i])
        for bar in bars if i else ():
            hatch_bar(bar, COLORS[i], PAPER, HATCHES[i])
        if n == 1:
            shown = [f"{v:.2f}" if v >= FREE else "" for v in values]
            axes.bar_label(bars, shown, fontsize=8, padding=1)
    axes.set_xticks(range(len(words)), words, fontsize=9)
    axes.tick_params(axis="x", length=0)
    axes.margins(y=0.22)
    first = next(iter(prices.values()))
    for label, paid in zip(axes.get_xticklabels(), first, strict=True):
        label.set_color(GREY if paid < FREE else "black")
        label.set_fontweight("normal" if paid < FREE else "bold")
