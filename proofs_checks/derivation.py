"""Derivations by sympy: a proof is a list of named steps, each an expression that must vanish."""

from collections.abc import Callable, Mapping

import sympy

from hardposterior.proofs_checks.arithmetic import Symbols
from hardposterior.spec.evidence import Outcome, proved, refuted

Term = Callable[[sympy.Expr], sympy.Expr]


def vanishes(expression: sympy.Expr) -> bool:
    """Whether sympy reduces the expression to zero."""
    if expression == 0:
        return True
    for reduce in (sympy.expand, sympy.simplify, lambda e: sympy.simplify(e.rewrite(sympy.exp))):
        if reduce(expression) == 0:
            return True
    return False


def series(term: Term, first: int = 0) -> sympy.Sum:
    """The sum over integers from `first` on, as a stated series reads in symbols."""
    return Symbols().series(term, sympy.Integer, first)


def over_integers(term: Term) -> sympy.Sum:
    """The sum over all integers, as a stated series reads in symbols."""
    return Symbols().two_sided_series(term, sympy.Integer, 0)


def derive(steps: Mapping[str, sympy.Expr], detail: str = "") -> Outcome:
    """Proved if every step vanishes; else refuted with the step and what is left of it.

    >>> x = sympy.Symbol("x")
    >>> derive({"square": (x + 1) ** 2 - x**2 - 2 * x - 1}).status
    'proved'
    """
    if not steps:
        raise ValueError("a derivation needs a step")
    for name, expression in steps.items():
        if not isinstance(expression, sympy.Expr):
            raise TypeError(f"step {name!r} is no expression: {expression!r}")
        if not vanishes(expression):
            left = sympy.simplify(expression)
            return refuted(f"step {name!r} leaves {left}", cases=len(steps))
        if expression.atoms(sympy.Float):
            raise TypeError(f"step {name!r} vanishes only in rounded numbers: {expression!r}")
    return proved(len(steps), detail=detail or "; ".join(steps))
