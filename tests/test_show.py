"""`hardposterior show` serves every statement: whole, without cut lines, its letters explained."""

import re

import pytest
from rich.console import Console

from hardposterior import rooms
from hardposterior.command import main
from hardposterior.runner import Plan, run_one
from hardposterior.spec.notation import LETTERS, notation, used
from hardposterior.spec.statements import REAL, Assumed, Bound, Hypothesis, Registry
from hardposterior.statement_text import facts, show


def shown(statement, records=(), width=80):
    """What is printed for a statement."""
    console = Console(width=width, file=None)
    with console.capture() as capture:
        show(statement, console, list(records))
    return capture.get()


def flat(text):
    """Without line breaks and columns, as a reader joins them."""
    return " ".join(text.split())


@pytest.mark.parametrize("statement", list(rooms.statements()), ids=lambda s: s.id)
def test_a_statement_is_shown_whole(statement):
    text = shown(statement)
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text
    words = flat(text)
    for part in (statement.id, statement.form, statement.claim, statement.proof):
        assert flat(part) in words
    for name, domain in statement.domain.items():
        assert f"{name}: {domain.text}" in words
    for piece in rooms.evidence_of(statement):
        assert piece.name in text.splitlines(), "not on a line of its own, to be copied"
        assert flat(piece.summary) in words
    if isinstance(statement, Assumed):
        assert "no evidence: it is assumed" in words
    else:
        assert f"rerun: hardposterior verify {statement.id}" in words


def test_outcomes_of_the_last_run_are_shown():
    statement = rooms.statements()["lattice-density.space"]
    name = "fourier-coefficients-of-the-periodised-gaussian"
    record = run_one(f"{statement.id}/{name}", Plan())
    before, after = shown(statement), shown(statement, [{**record, "tightness": 0.25}])
    assert f"{name}\n  symbolic, whole claim: not run here" in before
    assert "ratio" not in before
    assert f"{name}\n  symbolic, whole claim: proved" in after
    assert "worst ratio left / right seen: 0.25" in after


def test_a_hypothesis_says_why_it_is_there():
    texts = [t for s in rooms.statements() for name, t in facts(s) if name == "hypothesis"]
    assert any("; without it false, e.g. at spacing = " in t for t in texts)
    assert any("; kept without a witness: " in t for t in texts)


def invented(claim, **more):
    """A statement that is in no list."""
    formula = lambda ctx, x: x  # noqa: E731
    return Registry().state(
        Bound(
            id="lattice-invented",
            paper="Appendix C.5",
            relation="own",
            claim=claim,
            domain={"x": REAL},
            proof="none",
            left=formula,
            right=formula,
            **more,
        )
    )


def test_letters_are_explained_and_what_explains_them_too():
    assert ("notation", "eta: 2 rho / (1 - rho^3)") in facts(invented("x <= eta"))
    letters = [t.split(":")[0] for name, t in facts(invented("x <= eta")) if name == "notation"]
    assert letters == ["eps", "t", "v", "rho", "eta"]
    assert not [row for row in facts(invented("x <= 1")) if row[0] == "notation"]


def test_what_a_statement_defines_itself_is_left_to_it():
    assert used("eta", "x <= eta")
    assert not used("eta", "x <= eta, eta = 2 rho / (1 - rho^3)")
    assert not used("B", "|s| <= B := 4 pi")
    assert used("t", "s(x) + x / t = 0")
    assert not used("eta", "theta and beta and eta_0")


def test_a_hypothesis_counts_as_said():
    need = Hypothesis(name="small", claim="eta = 2 rho / 3 < 1", margin=lambda ctx, x: x)
    letters = [n for n, _ in notation("lattice-x", [invented("x <= eta").claim, need.claim])]
    assert "eta" not in letters
    assert "rho" in letters


def test_every_letter_is_met_somewhere():
    met = {
        t.split(":")[0] for s in rooms.statements() for name, t in facts(s) if name == "notation"
    }
    assert met >= {letter for letter, _, _ in LETTERS}


def test_the_list_is_whole_on_a_screen_of_80_columns(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert not [line for line in lines if "…" in line]
    first = [line.split()[0] for line in lines]
    for statement in rooms.statements():
        assert statement.id in first


def test_the_list_begins_with_definitions_and_ends_with_the_upper_bound(capsys):
    main(["list"])
    found = re.findall(r"^([a-z][a-z0-9.-]+) ", capsys.readouterr().out, re.M)
    assert found.index("discretized-gaussian") < found.index("lattice-density")
    assert found.index("calibration") < found.index("inversion") < found.index("upper-bound")


def test_the_order_of_the_list_holds_every_statement_once():
    registry = Registry()
    for name in ("b", "a"):
        registry.state(Assumed(id=name, paper="", relation="own", claim="", proof=""))
    registry.arrange(["a", "b", "a"])
    assert [s.id for s in registry] == ["a", "b"]
    for order in (["a"], ["a", "b", "c"]):
        with pytest.raises(ValueError, match="must be every statement"):
            registry.arrange(order)
