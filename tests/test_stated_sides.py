"""Every whole derivation ends at the two sides as they are stated: a wrong side refutes it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any

import pytest
import sympy

from hardposterior import rooms
from hardposterior.spec.evidence import PROOFS, Run
from hardposterior.spec.statements import Bound, Identity

STATEMENTS = rooms.statements()
RUN = Run(seed=0)
WRONG = sympy.Symbol("wrong", positive=True)

QUADRATURE = "a quadrature in floats, compared by properties; the steps speak of the expectation"
DETACHED: dict[tuple[str, str], str] = {
    ("vertex-score", "left"): QUADRATURE,
    ("relu-score-small-noise", "left"): QUADRATURE,
    ("relu-score-small-noise.everywhere", "left"): QUADRATURE,
    ("relu-score-small-noise.both-phases", "left"): QUADRATURE,
    ("relu-score-small-noise.both-phases", "right"): QUADRATURE,
}
"""Sides that no derivation meets, and why."""

PROVED = [
    statement
    for statement in STATEMENTS
    if isinstance(statement, Bound | Identity)
    and any(e.scope == "whole" and e.kind in PROOFS for e in rooms.evidence_of(statement))
]
SIDES = [(statement.id, side) for statement in PROVED for side in ("left", "right")]


def raised(stated: Any) -> Any:
    """A symbol more, so that what is left of a step is short; doubled in other arithmetics."""
    return stated + WRONG if isinstance(stated, sympy.Expr) else stated * 2


def lowered(stated: Any) -> Any:
    """A symbol less, or halved: a bound that is attained is broken by a smaller right side."""
    return stated - WRONG if isinstance(stated, sympy.Expr) else stated / 2


@contextmanager
def another(formula: FunctionType, change: Callable[[Any], Any]) -> Iterator[None]:
    """Another formula in its place for whoever calls it, by whatever name it was imported."""
    code = formula.__code__
    stated = FunctionType(code, formula.__globals__, formula.__name__, formula.__defaults__)
    stated.__kwdefaults__ = formula.__kwdefaults__
    swapped = {"_stated": stated, "_changed": change}
    assert not formula.__closure__
    formula.__globals__.update(swapped)
    formula.__code__ = (lambda *at, **more: _changed(_stated(*at, **more))).__code__  # type: ignore[name-defined]  # noqa: F821
    try:
        yield
    finally:
        formula.__code__ = code
        for name in swapped:
            del formula.__globals__[name]


def refuted(identifier: str) -> bool:
    """Whether a proof of the statement is refuted, of the whole or of a step; derivations first.

    That hypotheses are needed is none: it is shown where the claim fails.
    """
    proofs = [
        e
        for e in rooms.evidence_of(STATEMENTS[identifier])
        if e.kind in PROOFS and e.name != "hypotheses-are-needed"
    ]
    proofs.sort(key=lambda e: (e.kind != "symbolic", e.scope != "whole"))
    return any(e.function(RUN).status == "refuted" for e in proofs)


@pytest.mark.parametrize(("identifier", "side"), SIDES)
def test_another_formula_in_place_of_a_side_refutes_a_proof(identifier, side):
    change = raised if side == "left" else lowered
    with another(getattr(STATEMENTS[identifier], side), change):
        found = refuted(identifier)
    assert found != ((identifier, side) in DETACHED), DETACHED.get((identifier, side))
