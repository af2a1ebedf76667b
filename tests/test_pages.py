"""Both reports before a reader's eyes, keyboard, screen reader and printer; checks can fail."""

import page_checks
import pytest
from browser import browser, needs_browser  # noqa: F401 - a fixture

from hardposterior import audit, audit_page, report
from hardposterior.properties.audit.controls import exact_posterior, prior_alone
from hardposterior.properties.audit.problems import problems
from hardposterior.verification import verify

pytestmark = needs_browser
SCREENS = {"wide": (1280, False), "wide dark": (1280, True), "phone": (390, False)}
SCREENS["phone dark"] = (390, True)


def raises(*_):
    raise ValueError("<script>" + "long" * 50)


def audited():
    """A page with every kind of verdict but one, plots of every kind, and controls."""
    found = problems(names=["mixture-2", "gaussian-6", "digits-downsampling"])
    wrong, right, image = found.values()
    whole = audit(prior_alone(wrong), [wrong], budget=0.5)
    for problem, sampler in (
        (right, exact_posterior(right)), (image, prior_alone(image)), (right, raises),
    ):  # fmt: skip
        whole.verdicts += audit(sampler, [problem], controls=False, budget=0.5).verdicts
    whole.verdicts[-1].problem = "gaussian-6-again"
    whole.known = {"digits-downsampling/exactness": "a reason"}
    whole.fixed = ["gaussian-6/exactness"]
    whole.target = "a_module_of_mine:a_sampler"
    return audit_page.page(whole)


def verified():
    """A page with a proof, a bound's meter, and a refutation with a long counterexample."""
    book = verify(["lattice-density", "lattice-smoothing.range"])
    record = next(iter(book.outcomes.values()))
    record.update(status="refuted", counterexample="f(x=" + "0123456789" * 30 + ")")
    return report.page(book)


@pytest.fixture(scope="module")
def pages():
    return {"audit": audited(), "verify": verified()}


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("name", ["audit", "verify"])
def test_a_page_can_be_read(browser, pages, tmp_path, name, screen):  # noqa: F811
    width, dark = SCREENS[screen]
    browser.open(pages[name], tmp_path, width, dark)
    found = {
        check: page_checks.ask(browser, getattr(page_checks, check))
        for check in ("CONTRAST", "STRUCTURE", "CUT_OFF", "COLOUR_ALONE", "STATUS")
    }
    found["UNNAMED"] = page_checks.unnamed(browser)
    assert {check: faults for check, faults in found.items() if faults} == {}
    assert browser.errors == []


@pytest.mark.parametrize("name", ["audit", "verify"])
def test_the_keyboard_reaches_everything_and_one_sees_where_it_is(browser, pages, tmp_path, name):  # noqa: F811
    browser.open(pages[name], tmp_path)
    assert page_checks.unreached(browser) == []
    browser.run("document.querySelector('button.copy').focus()")
    browser.press("Enter")
    copied = "document.querySelector('button.copy').textContent==='copied'"
    assert page_checks.becomes(browser, copied)


@pytest.mark.parametrize("name", ["audit", "verify"])
def test_a_page_prints_dark_on_light_with_all_cards_open(browser, pages, tmp_path, name):  # noqa: F811
    browser.open(pages[name], tmp_path, 720, dark=True, media="print")
    assert page_checks.ask(browser, page_checks.ON_PAPER) == []
    assert page_checks.ask(browser, page_checks.CONTRAST) == []
    browser.open(pages[name], tmp_path)
    before = browser.run("document.querySelectorAll('details[open]').length")
    assert browser.run("dispatchEvent(new Event('beforeprint')),"
                       "document.querySelectorAll('details:not([open])').length") == 0  # fmt: skip
    browser.run("dispatchEvent(new Event('afterprint'))")
    assert browser.run("document.querySelectorAll('details[open]').length") == before
    browser.pdf(tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")


FAULTS = {
    "grey text": ("--soft:#5b636b", "--soft:#9aa3ab", "CONTRAST", "wide"),
    "grey text in dark style": ("--soft:#a8b0b7", "--soft:#5b636b", "CONTRAST", "wide dark"),
    "pale areas without an edge": ("stroke:var(--held)}.line", "}.line", "CONTRAST", "wide"),
    "a column without a header": ("<th scope='col' class='n'>mass", "<th>mass", "STRUCTURE",
                                  "wide"),
    "cards without headings": ("<h2>", "<b>", "STRUCTURE", "wide"),
    "a level left out": ("<h3>", "<h4>", "STRUCTURE", "wide"),
    "no landmark": ("<main>", "<div>", "STRUCTURE", "wide"),
    "a wide table": ("<div class='scroll'", "<div style='width:40rem'", "CUT_OFF", "phone"),
    "a long word": ("overflow-wrap:anywhere", "", "CUT_OFF", "phone"),
    "large letters in plots": ("font:10px", "font:40px", "CUT_OFF", "wide"),
    "colour alone": (">refuted</span>", "></span>", "COLOUR_ALONE", "wide"),
    "a silent filter": ("id='shown' role='status'", "id='shown'", "STATUS", "wide"),
    "a silent button": ("said.textContent='copied '+text", "", "STATUS", "wide"),
    "a dead filter": ("!words.every", "words.every", "STATUS", "wide"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(browser, pages, tmp_path, fault):  # noqa: F811
    old, new, check, screen = FAULTS[fault]
    assert old in pages["audit"]
    browser.open(pages["audit"].replace(old, new), tmp_path, *SCREENS[screen])
    assert page_checks.ask(browser, getattr(page_checks, check))


def test_faults_of_names_keyboard_and_paper_are_found(browser, pages, tmp_path):  # noqa: F811
    page = pages["audit"]
    browser.open(page.replace("aria-label='nearest", "data-x='nearest"), tmp_path)
    unlabelled = page.replace("role='img' aria-label", "role='img' data-label")
    browser.open(unlabelled, tmp_path)
    browser.run("document.querySelectorAll('details').forEach(d=>{d.open=true})")
    assert "image" in page_checks.unnamed(browser)
    browser.open(page.replace("outline:2px solid", "outline:0 none"), tmp_path)
    assert page_checks.unreached(browser)
    browser.open(page.replace("<button class='copy'", "<button tabindex='-1' class='copy'"),
                 tmp_path)  # fmt: skip
    assert page_checks.unreached(browser)
    for old, new in (
        ("@media screen and (prefers", "@media (prefers"),
        ("button,.filter,.rerun{display:none}", ""),
    ):
        assert old in page
        browser.open(page.replace(old, new), tmp_path, 720, dark=True, media="print")
        assert page_checks.ask(browser, page_checks.ON_PAPER)
