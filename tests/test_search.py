"""The search for counterexamples: it finds, it shrinks, and its seed alone decides."""

import sys
import types

import pytest
from hypothesis import strategies as st

from hardposterior.properties.search import search
from hardposterior.spec.evidence import Run

CASES = st.fixed_dictionaries({"x": st.floats(-100, 100), "k": st.integers(-100, 100)})
seen: list[tuple[float, int]] = []


def small(x, k):
    """At most 1 where |x| <= 50."""
    seen.append((x, k))
    return abs(x) / 50


def harmless(x, k):
    """Always within its allowance."""
    seen.append((x, k))
    return 0.5


def raises(x, k):
    """An error is a counterexample as well."""
    del x
    return 1 / (1 if k < 10 else 0)


def undefined(x, k):
    """Not a number is not within the allowance."""
    del x, k
    return float("nan")


def run(check, seed=3, **more):
    return search(Run(seed=seed), check, CASES, examples=200, on_implementation=False, **more)


def test_a_claim_that_holds_is_held():
    outcome = run(harmless, tightness=True)
    assert outcome.status == "held"
    assert outcome.cases == 200
    assert outcome.tightness == 0.5


def test_a_counterexample_is_found_and_made_small():
    outcome = run(small)
    assert outcome.status == "refuted"
    assert outcome.counterexample == f"{__name__}.small(x=51.0, k=0)"
    assert "times the allowance" in outcome.detail


@pytest.mark.parametrize("check", [raises, undefined])
def test_errors_and_nan_are_counterexamples(check):
    assert run(check).status == "refuted"


def test_the_seed_alone_decides_whatever_modules_are_loaded(tmp_path):
    def drawn(seed):
        seen.clear()
        run(harmless, seed)
        return list(seen)

    first = drawn(3)
    path = tmp_path / "somebodys.py"
    path.write_text("CONSTANTS = [31.4159, 27.1828, 17, -23, 42.42, 1.2345, 9.87, 55, 66]\n" * 3)
    module = types.ModuleType("somebodys")
    module.__file__ = str(path)
    sys.modules["somebodys"] = module
    try:
        assert drawn(3) == first
        assert drawn(4) != first
    finally:
        del sys.modules["somebodys"]
