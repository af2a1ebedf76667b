"""`make figures`: draw the gallery. Every curve is computed here, now.

    python benchmarks/figures.py                  # all, into build/figures, with index.html
    python benchmarks/figures.py lattice naive    # these alone
    python benchmarks/figures.py --keep           # all, into docs/gallery, with docs/gallery.md

Measured errors come from the same functions that the evidence uses; bounds from the spec.
"""

import argparse
import html
import sys
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

import plot_acceptance
import plot_audit
import plot_diffusion
import plot_inversion
import plot_network_growth
import plot_score_network
import plot_scores
import plot_upper_bound
from drawing import Picture, write

from hardposterior.ledger import write_atomically

DOCS = Path(__file__).parent.parent / "docs"
PICTURES = {
    picture.name: picture
    for module in (
        plot_scores,
        plot_acceptance,
        plot_upper_bound,
        plot_inversion,
        plot_audit,
        plot_diffusion,
        plot_network_growth,
        plot_score_network,
    )
    for picture in module.PICTURES
}
HEAD = """# Gallery

Every figure is computed by `make figures`; `make figures KEEP=1` writes this page. Bounds are the
specification's, measured points come from the functions that the evidence uses. Units are unscaled
(the underlying Gaussian has standard deviation 1) unless said. `hardposterior show ID` prints the
statement that a figure illustrates.
"""
STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:54rem;margin:2rem auto;padding:0 1rem;"
    "color-scheme:light dark}figure{margin:0 0 2.5rem}svg{max-width:100%;height:auto}"
)


def markdown(pictures: Iterable[Picture], folder: str) -> str:
    """The page of kept files."""
    parts = [
        f"## {p.title}\n\n![{p.title}]({folder}/{p.name}.svg)\n\n{p.caption} Statement: "
        f"`{p.statement}`.\n"
        for p in pictures
    ]
    return "\n".join([HEAD, *parts])


def page(pictures: Iterable[Picture], folder: Path) -> str:
    """One self-contained page with the files of `folder` inside."""
    parts = []
    for p in pictures:
        text = (folder / f"{p.name}.svg").read_text(encoding="utf-8")
        inline = apart(text[text.index("<svg") :], p.name)
        parts.append(
            f"<figure id='{p.name}'><h2>{html.escape(p.title)}</h2>{inline}<figcaption>"
            f"{html.escape(p.caption)} Statement: <code>{p.statement}</code>.</figcaption></figure>"
        )
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>hardposterior: gallery"
        f"</title><style>{STYLE}</style></head><body><h1>Gallery</h1>{''.join(parts)}</body></html>"
    )


def apart(svg: str, name: str) -> str:
    """Ids made the figure's own, so that figures on one page do not refer to each other's parts."""
    for before in (' id="', "url(#", 'xlink:href="#', 'href="#'):
        svg = svg.replace(before, f"{before}{name}-")
    return svg.replace(f'xlink:href="#{name}-{name}-', f'xlink:href="#{name}-')


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 2 for bad usage."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="FIGURE", help="default: all")
    parser.add_argument("--keep", action="store_true", help="write docs/gallery.md and its files")
    parser.add_argument("--out", type=Path, default=Path("build/figures"), help="a folder")
    given = parser.parse_args(arguments)
    for name in given.names:
        if name not in PICTURES:
            near = get_close_matches(name, PICTURES) or list(PICTURES)
            parser.error(f"FIGURE = {name}: must be one of {', '.join(near)}")
    if given.keep and given.names:
        parser.error("--keep: must come without names, the gallery holds every figure")
    folder = DOCS / "gallery" if given.keep else given.out
    pictures = write([PICTURES[name] for name in given.names or PICTURES], folder)
    if given.keep:
        write_atomically(DOCS / "gallery.md", markdown(pictures, "gallery"))
        print(DOCS / "gallery.md")
    else:
        write_atomically(folder / "index.html", page(pictures, folder))
        print(folder / "index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
