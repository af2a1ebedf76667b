"""The paper's bounds as functions of floats, for planning and for judging other code.

Each is a formula of `hardposterior.spec` evaluated in binary64. Where a bound says nothing, since
a hypothesis fails, the formula overflows or a series takes too many terms, it is infinite. Units:
unscaled, unless said.

>>> print(f"{score_gap(spacing=1.11, sigma=1.0):.3e}")
1.881e-03
"""

import functools
import inspect
import math
from collections.abc import Callable
from typing import Any, Literal

from hardposterior import diffusion_bounds
from hardposterior.spec import acceptance as acceptance_bounds
from hardposterior.spec import inversion as inversion_bounds
from hardposterior.spec import lattice_smoothing, rejection
from hardposterior.spec.arithmetic import Floats
from hardposterior.spec.statements import Formula, Statement, holds
from hardposterior.usage import UsageError

FLOATS = Floats()


def in_floats(formula: Formula, statement: Statement | None = None) -> Callable[..., float]:
    """`formula` without its context: keyword arguments in, a float out.

    Infinite where it says nothing; with `statement`, its hypotheses are checked first.
    """

    @functools.wraps(formula)
    def evaluated(**parameters: Any) -> float:
        try:
            if statement is not None and not holds(FLOATS, statement, **parameters):
                return math.inf
            return float(formula(FLOATS, **parameters))
        except (ZeroDivisionError, OverflowError):
            return math.inf

    named = list(inspect.signature(formula).parameters.values())[1:]
    evaluated.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [p.replace(kind=p.KEYWORD_ONLY) for p in named if p.kind is not p.VAR_KEYWORD],
        return_annotation=float,
    )
    return evaluated


eta = in_floats(lattice_smoothing.eta)
eta_0 = in_floats(lattice_smoothing.eta_0)
score_gap = in_floats(lattice_smoothing.score_gap_bound, lattice_smoothing.LATTICE_SMOOTHING)
score_gap_product = in_floats(lattice_smoothing.score_gap_product_bound)
density_gap = in_floats(
    lattice_smoothing.density_gap_bound, lattice_smoothing.LATTICE_SMOOTHING_DENSITY
)


Divergence = diffusion_bounds.Divergence
divergence = diffusion_bounds.divergence
rounds = in_floats(rejection.rounds)
inversion = in_floats(inversion_bounds.success_bound)


def acceptance(
    *,
    m: int,
    beta: float,
    delta: float,
    second_moment: float,
    form: Literal["plain", "sharp"] = "sharp",
    log: bool = False,
) -> float:
    """A lower bound on q(y), or its logarithm, for all y but a share delta (Appendix E).

    `second_moment` is S >= E|y - c|^2 for some c. The logarithm does not underflow.
    """
    formulas = {"plain": acceptance_bounds.log_plain, "sharp": acceptance_bounds.log_sharp}
    if form not in formulas:
        raise UsageError(f"form = {form!r}: must be 'plain' or 'sharp'")
    value = float(formulas[form](FLOATS, m, beta, delta, second_moment))
    return value if log else math.exp(value)
