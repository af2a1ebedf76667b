"""The report: self-contained, escaped, and alive in a real browser where one is found."""

import re

import pytest
from browser import needs_browser, seen_by

from hardposterior import report
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
        ("sigma_{1}", "<i>σ</i><sub>1</sub>"),
        ("spin < depths", "spin &lt; depths"),
        ("sqrt t", "√ t"),
    ],
)
def test_claims_are_typeset(text, shown):
    assert report.typeset(text) == shown


PROBE = """
<script>
addEventListener('load',()=>{
  const errors=window.__errors||[];
  const cards=[...document.querySelectorAll('.card')];
  const filter=document.getElementById('filter');
  filter.value='range';filter.dispatchEvent(new Event('input'));
  const visible=cards.filter(card=>!card.hidden).map(card=>card.id);
  cards.forEach(card=>{card.open=true});
  const button=document.querySelector('button.copy');
  button.click();
  setTimeout(()=>{document.body.dataset.seen=JSON.stringify({errors,visible,
    wide:document.documentElement.scrollWidth>innerWidth,copied:button.textContent})},500);
});
</script></body>"""


@needs_browser
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_lives_in_a_browser(book, tmp_path, width):
    found = seen_by(PROBE, report.page(book), tmp_path, width)
    assert found["errors"] == []
    assert found["visible"] == ["lattice-smoothing.range"]
    assert found["copied"] == "copied"
    assert not found["wide"], "the page scrolls sideways"
