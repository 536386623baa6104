"""Which head looks where: a small map for each habit, a cell for each head.

Shape letters: `L` layers, `H` heads.
"""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from torch import Tensor

from course_play.plots import ORANGE, Picture, new_figure

Head = tuple[int, int]
"""(layer, head), from 0."""


def plot_head_maps(
    maps: Mapping[str, Tensor],
    title: str,
    *,
    marked: Mapping[str, Sequence[Head]] | None = None,
    label: str = "mean attention weight",
) -> Picture:
    """Maps (L, H) of numbers from 0 to 1, side by side; `marked` heads are framed.

    Layers go upwards, as the stream does; layers and heads are counted from 0.

    Raises:
        ValueError: for no maps, maps of different shapes, or a marked map that is not
            there.

    >>> import torch
    >>> habits = {"first token": torch.eye(2), "word before": torch.zeros(2, 2)}
    >>> plot_head_maps(habits, "Two", marked={"first token": [(1, 1)]})
    Two: Maps of 2 layers x 2 heads. first token: the largest 1.00 at layer 0, head 0; \
framed (1, 1) 1.00. word before: the largest 0.00 at layer 0, head 0.
    """
    marked = marked or {}
    shapes = {tuple(values.shape) for values in maps.values()}
    if len(shapes) != 1 or len(next(iter(shapes))) != 2:
        raise ValueError(f"maps have shapes {sorted(shapes)}: give one shape (L, H)")
    if strange := set(marked) - set(maps):
        raise ValueError(f"marked names {sorted(strange)}: use {', '.join(maps)}")
    ((L, H),) = shapes
    width, height = max(0.16 * H, 1.4), max(0.15 * L, 1.2)  # of one map, in inches
    figure = new_figure(0.9 + (width + 0.55) * len(maps), 1.5 + height)
    panels = figure.subplots(1, len(maps), sharey=True, squeeze=False)[0]
    told, above = [], (0.5, 1 + 0.045 / height)
    for axes, (name, values) in zip(panels, maps.items(), strict=True):
        table = values.detach().cpu().double()
        image = axes.imshow(
            table.numpy(), cmap="cividis_r", vmin=0, vmax=1, origin="lower"
        )
        axes.annotate(name, above, xycoords="axes fraction", ha="center", fontsize=9)
        axes.set(xlabel="head", xticks=range(0, H, max(1, H // 4)))
        axes.set_yticks(range(0, L, max(1, L // 6)))
        told.append(_told(name, table, marked.get(name, ())))
        for layer, head in marked.get(name, ()):
            _frame(axes, layer, head)
    panels[0].set_ylabel("layer")
    figure.colorbar(image, ax=list(panels), label=label, shrink=0.8)
    figure.suptitle(title, fontsize=11)
    alt = f"{title}: Maps of {L} layers x {H} heads. {' '.join(told)}"
    return Picture(figure, alt)


def _frame(axes: Axes, layer: int, head: int) -> None:
    xs = [head - 0.5, head + 0.5, head + 0.5, head - 0.5, head - 0.5]
    ys = [layer - 0.5, layer - 0.5, layer + 0.5, layer + 0.5, layer - 0.5]
    axes.plot(xs, ys, color=ORANGE, linewidth=1.8, clip_on=False)


def _told(name: str, table: Tensor, marked: Sequence[Head]) -> str:
    layer, head = divmod(int(table.argmax()), table.shape[1])
    text = f"{name}: the largest {table.max():.2f} at layer {layer}, head {head}"
    if marked:
        listed = ", ".join(f"{(i, j)} {table[i, j]:.2f}" for i, j in marked)
        text += f"; framed {listed}"
    return f"{text}."
