"""Decoding the phases, derived: the joint lattice, its cells, and the union bound."""

from fractions import Fraction

import sympy

from hardposterior.proofs_checks.arithmetic import Balls, Symbols
from hardposterior.proofs_checks.derivation import derive, series
from hardposterior.spec import measurement
from hardposterior.spec.evidence import Outcome, Run, evidence, proved, refuted

h, eps, R, beta, q, m = sympy.symbols("h eps R beta q m", positive=True)
i, k = sympy.symbols("i k", integer=True, nonnegative=True)


@evidence(measurement.PHASE_DECODING_EXACT, kind="symbolic", scope="whole")
def cells_of_the_other_lattice_add_up(run: Run) -> Outcome:
    """Scaled, both lattices together are eps Z / (2 R), of alternating phase; cells in beta units.

    The sum over odd k pairs up into the alternating sum; negative k mirror positive ones.
    """
    del run
    below = sympy.Function("Q")  # Q(z) = Phi(-z)
    cell = below((2 * (2 * i + 1) - 1) * h) - below((2 * (2 * i + 1) + 1) * h)
    pair = sum((-1) ** j * below((2 * (2 * i + j) + 1) * h) for j in (0, 1))
    step = eps / (2 * R)
    ctx, stated = Symbols(), measurement.PHASE_DECODING_EXACT

    def tail(z: sympy.Expr) -> sympy.Expr:
        return sympy.erfc(z / sympy.sqrt(2)) / 2

    return derive(
        {
            "left as stated": stated.left(ctx, h=h)
            - 2 * series(lambda j: tail((4 * j + 1) * h) - tail((4 * j + 3) * h)),
            "right as stated": stated.right(ctx, h=h)
            - 2 * series(lambda j: (-1) ** j * tail((2 * j + 1) * h)),
            "half a gap, in noise deviations": sympy.simplify(
                step / 2 / beta - measurement.decoding_ratio(R, eps, beta)
            ),
            "a cell is two terms": sympy.expand(cell - pair).subs(
                below((4 * i + 1) * h), below(sympy.expand((4 * i + 1) * h))
            ),
        }
    )


@evidence(measurement.PHASE_DECODING_EXACT, kind="certified", scope="step")
def both_sums_overlap(run: Run) -> Outcome:
    """The cells and the alternating series as tight balls on a grid of h from 1/32 to 8."""
    grid = [Fraction(j, 32) for j in range(1, run.size(257, 257, 257), 8)]
    with Balls(128) as ctx:
        for ratio in grid:
            left = measurement.coordinate_failure_by_cells(ctx, ctx.number(ratio))
            right = measurement.coordinate_failure(ctx, ctx.number(ratio))
            if not (left.overlaps(right) and (left - right).abs_upper() < left * 2.0**-64):
                return refuted(f"measurement.coordinate_failure(ctx, {ratio}) = {right} != {left}")
    return proved(len(grid))


@evidence(measurement.PHASE_DECODING, kind="symbolic", scope="whole")
def alternating_series_and_bernoulli(run: Run) -> Outcome:
    """q <= 2 Phi(-h): the terms after the first pair up to -(Phi(-(4i+3)h) - Phi(-(4i+5)h)) <= 0.

    1 - (1 - q)^m <= m q: equal at q = 0, and the slope of the gap is m (1 - (1 - q)^(m-1)) >= 0.
    """
    del run
    term = sympy.Function("Q")
    after = [(-1) ** j * term(2 * j + 1) for j in range(1, 5)]
    pairs = [-(term(3) - term(5)), -(term(7) - term(9))]
    gap = m * q - (1 - (1 - q) ** m)
    ctx = Symbols()
    failure = measurement.coordinate_failure(ctx, h)
    tail = sympy.erfc(h / sympy.sqrt(2)) / 2
    return derive(
        {
            "pairs": sympy.expand(sum(after) - sum(pairs)),
            "left as stated": measurement.any_failure(ctx, m, h)
            - (1 - sympy.exp(m * sympy.log(1 - failure))),
            "right as stated": measurement.failure_bound(ctx, m, h) - m * 2 * tail,
            "Bernoulli at 0": gap.subs(q, 0),
            "Bernoulli's slope": sympy.simplify(sympy.diff(gap, q) - m * (1 - (1 - q) ** (m - 1))),
        },
        detail="Phi(-z) falls in z, so every pair is nonpositive",
    )
