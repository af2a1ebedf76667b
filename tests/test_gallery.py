"""The gallery: its page, its files, and that they can be read on a light page and a dark one."""

import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

pytest.importorskip("matplotlib")
sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
import drawing
import figures

from hardposterior.spec import catalogue
from hardposterior.spec.statements import STATEMENTS

FOLDER = figures.DOCS / "gallery"
SVG = "{http://www.w3.org/2000/svg}"


def luminance(colour):
    """Relative luminance, as WCAG 2 defines it."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colour", [c for c in drawing.DARK if c != drawing.PAPER])
def test_colours_stand_out_on_both_papers(colour):
    least = 7 if colour == drawing.INK else 3
    assert contrast(colour, drawing.PAPER) >= least
    assert contrast(drawing.DARK[colour], drawing.DARK[drawing.PAPER]) >= least


@pytest.mark.parametrize("picture", figures.PICTURES.values(), ids=figures.PICTURES)
def test_a_picture_says_what_it_shows_and_its_file_can_be_read(picture):
    assert catalogue
    assert picture.statement in STATEMENTS
    assert len(picture.caption) > 100
    text = (FOLDER / f"{picture.name}.svg").read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    assert root.find(f"{SVG}title").text == picture.title
    assert "prefers-color-scheme:dark" in root.find(f"{SVG}style").text
    written = {"".join(node.itertext()) for node in root.iter(f"{SVG}text")}
    assert len(written) > 3  # text stays text
    assert "nan" not in written
    assert "/tmp" not in text
    assert "/home" not in text


def test_the_page_is_of_these_pictures_and_its_files_are_small():
    page = (figures.DOCS / "gallery.md").read_text(encoding="utf-8")
    assert page == figures.markdown(figures.PICTURES.values(), "gallery")
    files = {path.stem: path.stat().st_size for path in FOLDER.iterdir()}
    assert set(files) == set(figures.PICTURES)
    assert sum(files.values()) < 2**20


def plain(figure):
    figure.subplots().plot([0, 1], [1, 0], color=drawing.RED)


def test_a_drawn_file_is_the_same_twice_and_dresses_its_colours():
    picture = drawing.Picture("plain", "A < line", "", "", plain)
    text = drawing.svg(picture)
    assert text == drawing.svg(picture)
    assert f"stroke: {drawing.RED}" in text
    assert f"[style*='stroke: {drawing.RED}']{{stroke:{drawing.DARK[drawing.RED]}" in text
    assert ElementTree.fromstring(text).find(f"{SVG}title").text == "A < line"


def test_parts_of_figures_on_one_page_do_not_mix():
    picture = drawing.Picture("plain", "A line", "", "", plain)
    text = drawing.svg(picture)
    both = figures.apart(text, "one") + figures.apart(text, "two")
    found = [word.split('"')[0] for word in both.split(' id="')[1:]]
    assert len(found) == len(set(found))
    used = {
        word.split('"')[0].split(")")[0]
        for word in both.replace("url(#", 'href="#').split('href="#')[1:]
    }
    assert used <= set(found)


def test_a_page_of_its_own_holds_everything(tmp_path):
    picture = drawing.Picture("plain", "A line", "What it shows.", "closeness", plain)
    drawing.write([picture], tmp_path)
    page = figures.page([picture], tmp_path)
    assert "What it shows." in page
    assert "<svg" in page
    assert "http" not in page.replace("http://www.w3.org", "")


@pytest.mark.parametrize("arguments", [["latice"], ["--keep", "lattice"]])
def test_bad_usage(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        figures.main(arguments)
    assert caught.value.code == 2
    assert "must" in capsys.readouterr().err
