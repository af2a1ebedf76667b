"""The report: self-contained, escaped, and alive in a real browser where one is found."""

import re

import pytest
from browser import browser, needs_browser  # noqa: F401 - a fixture

from hardposterior import report, rooms, typesetting
from hardposterior.verification import verify


@pytest.fixture(scope="module")
def book():
    return verify(["lattice-density", "lattice-smoothing.range"])


def test_the_page_needs_nothing_from_outside(book, tmp_path):
    report.write(book, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"(src|href)=[\"'](?!data:)", page)
    assert "@" not in re.sub(r"@media", "", page.split("<script>")[0])
    for statement in ("lattice-density", "lattice-density.space", "lattice-smoothing.range"):
        assert f"id='{statement}'" in page


def test_text_from_a_target_is_escaped(book):
    record = next(iter(book.outcomes.values()))
    before = record["counterexample"]
    record["counterexample"] = "<script>alert(1)</script>"
    try:
        assert "<script>alert" not in report.page(book)
        assert "&lt;script&gt;alert" in report.page(book)
    finally:
        record["counterexample"] = before


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rho^(2 k) <= T_0", "<i>ρ</i><sup>2 k</sup> ≤ T<sub>0</sub>"),
        ("p_dec, E|s_hat|", "p<sub>dec</sub>, E|s&#770;|"),
        ("[d^-C, 2^Omega(m)]", "[d<sup>-C</sup>, 2<sup><i>Ω</i>(m)</sup>]"),
        (
            "rho_0^(j^2), p_{u_K}",
            "<i>ρ</i><sub>0</sub><sup>j<sup>2</sup></sup>, p<sub>u<sub>K</sub></sub>",
        ),
        ("x_1..n, (h)_+", "x<sub>1..n</sub>, (h)<sub>+</sub>"),
        ("sigma_{1}", "<i>σ</i><sub>1</sub>"),
        ("spin < depths", "spin &lt; depths"),
        ("sqrt t", "√ t"),
    ],
)
def test_claims_are_typeset(text, shown):
    assert typesetting.typeset(text) == shown


def test_a_card_explains_its_letters_as_show_does():
    text = report.card(rooms.statements()["acceptance"], "proved", [])
    notation = text[text.index("<h3>Notation") : text.index("<h3>Hypotheses")]
    assert "<li>q(y): the chance that a proposal is accepted</li>" in notation
    assert "<li>second moment: a positive number</li>" in text
    assert "Notation" not in report.card(rooms.statements()["one-way-functions.exist"], "x", [])
    assert report.parameter("p_dec") == "p<sub>dec</sub>"


@needs_browser
def test_the_page_lives_in_a_browser(browser, book, tmp_path):  # noqa: F811
    browser.open(report.page(book), tmp_path)
    visible = browser.run(
        "filter.value='range';filter.dispatchEvent(new Event('input'));"
        "cards.filter(card=>!card.hidden).map(card=>card.id)"
    )
    assert visible == ["lattice-smoothing.range"]
    assert browser.errors == []


@needs_browser
def test_errors_of_a_page_are_seen(browser, tmp_path):  # noqa: F811
    browser.open("<!doctype html><script>missing()</script>", tmp_path)
    assert browser.errors
