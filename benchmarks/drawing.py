"""From functions that draw to SVG files that suit a light page and a dark one.

Text stays text. Colours are of one palette; in a dark page the file's own style sheet replaces each
by its dark twin, so a viewer that reads no style sheets shows the light version.
"""

import argparse
import html
import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import torch

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from hardposterior.ledger import write_atomically

PAPER, INK, LIGHT = "#ffffff", "#1c2126", "#8a939b"
RED, BLUE, GREEN, AMBER = "#a4161a", "#0b5f86", "#3f7d20", "#b36b00"
DARK = {
    PAPER: "#14181c",
    INK: "#e6e9ec",
    LIGHT: "#8a939b",
    RED: "#ff7b72",
    BLUE: "#62b8e8",
    GREEN: "#86d05f",
    AMBER: "#f0b050",
}
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "hardposterior",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": LIGHT,
    "grid.alpha": 0.25,
    "grid.linewidth": 0.5,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "axes.facecolor": PAPER,
    **dict.fromkeys(
        ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), INK
    ),
}


@dataclass(frozen=True)
class Picture:
    """A figure of the gallery: `draw` fills an empty one; the caption says what it shows.

    `statement` is the id of what it illustrates.
    """

    name: str
    title: str
    caption: str
    statement: str
    draw: Callable[[Figure], None]
    size: tuple[float, float] = (6.4, 4.0)


def svg(picture: Picture) -> str:
    """The picture as a file's text, the same at every run that draws the same."""
    torch.set_num_threads(1)
    buffer = io.StringIO()
    with mpl.rc_context(STYLE):
        figure = plt.figure(figsize=picture.size, layout="constrained")
        picture.draw(figure)
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        plt.close(figure)
    return dressed(buffer.getvalue(), picture.title)


def dressed(text: str, title: str) -> str:
    """With a title for screen readers, and a style sheet for dark pages."""
    rules = "".join(
        f"[style*='{kind}: {light}']{{{kind}:{dark} !important}}"
        for light, dark in DARK.items()
        for kind in ("fill", "stroke")
    )
    style = f"<style>@media (prefers-color-scheme:dark){{{rules}text{{fill:{DARK[INK]}}}}}</style>"
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.S)
    head = f"<title>{html.escape(title)}</title>{style}"
    text = re.sub(r"<svg [^>]*", lambda tag: f"{tag[0]} role='img'", text, count=1)
    text = text.replace("role='img'>", f"role='img'>{head}", 1)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def write(pictures: Iterable[Picture], folder: Path) -> list[Picture]:
    """Draw each into `folder`, named after it; return them."""
    folder.mkdir(parents=True, exist_ok=True)
    done = []
    for picture in pictures:
        path = folder / f"{picture.name}.svg"
        write_atomically(path, svg(picture))
        print(path, flush=True)
        done.append(picture)
    return done


def main(pictures: Iterable[Picture], description: str | None) -> None:
    """A script that draws into the folder of --out."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--out", type=Path, default=Path())
    write(pictures, parser.parse_args().out)
