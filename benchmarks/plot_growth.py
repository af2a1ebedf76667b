"""How the figures of a bench run grow: one small panel for each, from the run's data."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from drawing import BLUE, INK, LIGHT, Picture, svg
from matplotlib.figure import Figure

from hardposterior.ledger import write_atomically

COLUMNS = 4


def panels(data: Mapping[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """(figure, in what, growth) of every growth of a run."""
    return [
        (name, within, grown)
        for name, row in data["rows"].items()
        for within, grown in row["growth"].items()
    ]


def drawn(figure: Figure, chosen: list[tuple[str, str, dict[str, Any]]]) -> None:
    """Points beside the fitted power, and the power 1 to compare with."""
    rows = -(-len(chosen) // COLUMNS)
    grid = figure.subplots(rows, COLUMNS, squeeze=False)
    for axes in grid.flat[len(chosen) :]:
        axes.set_axis_off()
    for axes, (name, within, grown) in zip(grid.flat, chosen, strict=False):
        sizes, times = np.array(grown["points"]).T
        power = grown["exponent"]["middle"]
        middle = np.exp(np.log(times).mean() - power * np.log(sizes).mean())
        axes.loglog(sizes, sizes / sizes[0], ":", color=LIGHT, lw=1)
        axes.loglog(sizes, middle * sizes**power, color=BLUE, lw=1.2)
        axes.loglog(sizes, times, "o", color=INK, ms=3.5)
        axes.set_title(name, fontsize=8)
        axes.set_xlabel(f"{within}\npower {power:.2f}", fontsize=7)
        axes.set_xticks(sizes, [f"{size:,.0f}" for size in sizes], fontsize=6)
        axes.tick_params(axis="y", labelsize=6)
        axes.minorticks_off()


def write_growth(data: Mapping[str, Any], path: Path) -> None:
    """The plot of a run, where anything grew."""
    chosen = panels(data)
    if not chosen:
        return
    height = 1.9 * -(-len(chosen) // COLUMNS)
    picture = Picture(
        "growth",
        "Time (or count) over that of the smallest size, with the fitted power; dotted: power 1",
        "",
        "",
        lambda figure: drawn(figure, chosen),
        (9, height),
    )
    write_atomically(path, svg(picture))
