"""From functions that draw on axes to PNG files."""

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path

import torch
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

Drawing = Callable[[Axes], None]


def write(drawings: Iterable[Drawing], folder: Path) -> None:
    """Draw each into `folder`, named after its function."""
    torch.set_num_threads(1)
    folder.mkdir(parents=True, exist_ok=True)
    for draw in drawings:
        figure, axes = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
        draw(axes)
        if axes.axison:
            axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(folder / f"{draw.__name__}.png", dpi=130)
        plt.close(figure)
        print(folder / f"{draw.__name__}.png")


def main(drawings: Iterable[Drawing], description: str | None) -> None:
    """A script that draws into the folder of --out."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--out", type=Path, default=Path())
    write(drawings, parser.parse_args().out)
