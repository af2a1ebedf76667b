"""Unconditional sampling by reverse diffusion (Appendix F): how far the output is from the law.

Variances u_0 > ... > u_K, neighbours in ratios of at most r; start N(0, u_0 I); each step uses the
denoiser frozen at its value D_hat_k(x_k). KL is that of p_{u_K}, the law smoothed at the last
level, relative to the output. e_k^2 = E|D_k - D_hat_k|^2 = u_k^2 E|s - s_hat|^2 and
mmse(u) = E|X - D_u|^2.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.statements import (
    COUNT,
    POSITIVE,
    REAL,
    STATEMENTS,
    Bound,
    Domain,
)

ABOVE_ONE = Domain("a number above 1", lambda r: 1 < r < float("inf"))
RATIOS = Domain("K numbers in [0, 1]", lambda ratios: all(0 <= a <= 1 for a in ratios))
SHARES = Domain("K + 1 numbers in [0, 1]", lambda shares: all(0 <= a <= 1 for a in shares))


def levels(top: Number, ratio: Number, steps: int) -> list[Number]:
    """u_k = u_0 / r^k for k = 0 to K."""
    return [top / ratio**k for k in range(steps + 1)]


def start_term(second_moment: Number, top: Number) -> Number:
    """E|X|^2 / (2 u_0): the start, by convexity."""
    return second_moment / (2 * top)


def discretization_by_mmse(
    ctx: Arithmetic, mmse: Callable[[Number], Number], variances: Sequence[Number], cells: int = 8
) -> Number:
    """(1/2) sum_k int (mmse(u_k) - mmse(u)) / u^2 du, by Simpson's rule in log u on each step.

    `mmse` is the law's own, `cells` an even number per step. The constant part is integrated
    exactly. For smooth mmse good to about (log r / cells)^4 of the value.
    """
    total = ctx.number(0)
    for here, there in pairwise(variances):
        width = ctx.log(here / there) / cells
        frozen = mmse(here)
        inner = ctx.number(0)
        for i in range(cells + 1):
            u = there * ctx.exp(i * width)
            weight = 1 if i in (0, cells) else 4 if i % 2 else 2
            inner = inner + weight * (frozen - mmse(u)) / u
        total = total + inner * width / 3
    return total / 2


def discretization_term(d: Number, ratio: Number, steps: Number) -> Number:
    """(1/2) d (r - 1) (1 + (K - 1) (1 - 1/r))."""
    return d * (ratio - 1) * (1 + (steps - 1) * (1 - 1 / ratio)) / 2


def score_term(score_error: Number, ratio: Number, steps: Number) -> Number:
    """(1/2) kappa^2 (r - 1) K where E|s - s_hat|^2 <= kappa^2 / u_k at every level."""
    return score_error * (ratio - 1) * steps / 2


def score_by_levels(score_errors: Sequence[Number], variances: Sequence[Number]) -> Number:
    """(1/2) sum_k e_k^2 (1 / u_{k+1} - 1 / u_k) where e_k^2 = u_k kappa_k^2."""
    steps = zip(score_errors, pairwise(variances), strict=True)
    return sum(error * (here / there - 1) / 2 for error, (here, there) in steps)


def divergence_bound(
    ctx: Arithmetic,
    d: Number,
    second_moment: Number,
    top: Number,
    ratio: Number,
    steps: Number,
    score_error: Number,
) -> Number:
    """The sum of the start, the discretization and the score term, in closed form."""
    del ctx
    return (
        start_term(second_moment, top)
        + discretization_term(d, ratio, steps)
        + score_term(score_error, ratio, steps)
    )


def output_variance(
    variance: Number, top: Number, ratio: Number, steps: int, error: Number
) -> Number:
    """The output's variance for the prior N(0, v) and D_hat_k(x) = (v / (v + u_k) + error) x."""
    now = top
    for u in levels(top, ratio, steps)[:-1]:
        slope = variance / (variance + u) + error
        kept = slope + (1 - slope) / ratio
        now = kept * kept * now + (u / ratio) * (1 - 1 / ratio)
    return now


def gaussian_divergence(
    ctx: Arithmetic, variance: Number, top: Number, ratio: Number, steps: int, error: Number
) -> Number:
    """KL(p_{u_K} | output) for one coordinate of the prior N(0, v): both laws are Gaussian."""
    target = variance + levels(top, ratio, steps)[-1]
    gap = target / output_variance(variance, top, ratio, steps, error)
    return (gap - 1 - ctx.log(gap)) / 2


def three_terms_for_a_gaussian(
    ctx: Arithmetic, variance: Number, top: Number, ratio: Number, steps: int, error: Number
) -> Number:
    """E|X|^2 / (2 u_0) + half the integrals of (mmse(u_k) - mmse(u)) / u^2 and of e_k^2 / u^2."""
    total = start_term(variance, top)
    for u in levels(top, ratio, steps)[:-1]:
        below = u / ratio
        gap = 1 / below - 1 / u
        mmse = variance * u / (variance + u)
        integral = ctx.log(ratio) - ctx.log((variance + u) / (variance + below))
        total = total + (mmse * gap - integral) / 2 + error * error * (variance + u) * gap / 2
    return total


def abel_sum(
    ctx: Arithmetic,
    ratio: Number,
    steps: int,
    top: Number,
    ratios: Sequence[Number],
    shares: Sequence[Number],
) -> Number:
    """(1/2) sum_k (M_k - M_{k+1}) (1 / u_{k+1} - 1 / u_k), where M_k <= u_k falls with k.

    Step k has the ratio 1 + a (r - 1), a in [0, 1] the k-th of `ratios`; M_{k+1} is the share of
    the most that it can be.
    """
    here = ctx.number(top)
    mmse = ctx.number(shares[0]) * here
    total = ctx.number(0)
    for k in range(steps):
        there = here / (1 + ctx.number(ratios[k]) * (ratio - 1))
        after = ctx.number(shares[k + 1]) * ctx.minimum(mmse, there)
        total = total + (mmse - after) * (1 / there - 1 / here)
        here, mmse = there, after
    return total / 2


def discretization_per_coordinate(
    ctx: Arithmetic, ratio: Number, steps: int, **_: Number
) -> Number:
    """(1/2) (r - 1) (1 + (K - 1) (1 - 1/r))."""
    return discretization_term(ctx.number(1), ratio, steps)


def chi_square_tail(ctx: Arithmetic, d: int, z: Number) -> Number:
    """Pr[chi2_d > z], from Q_{d+2} = Q_d + (z/2)^(d/2) e^(-z/2) / Gamma(d/2 + 1)."""
    half = z / 2
    odd = d % 2
    total = ctx.erfc(ctx.sqrt(half)) if odd else ctx.number(0)
    for twice in range(odd, d - odd, 2) if odd else range(0, d, 2):
        power = ctx.number(twice) / 2
        total = total + ctx.exp(power * ctx.log(half) - half - ctx.lgamma(power + 1))
    return total


def closeness_bound(
    ctx: Arithmetic, divergence: Number, d: int, tau: Number, last: Number
) -> Number:
    """sqrt(KL / 2) + Pr[chi2_d > tau^2 / u_K]: the output is (tau, this)-close to the law."""
    return ctx.sqrt(divergence / 2) + chi_square_tail(ctx, d, tau * tau / last)


GEOMETRIC = {"top": POSITIVE, "ratio": ABOVE_ONE, "steps": COUNT}

REVERSE_DIFFUSION = STATEMENTS.state(
    Bound(
        id="reverse-diffusion",
        paper="Appendix F",
        relation="special case",
        claim="for the prior N(0, v), KL(p_{u_K} | output) <= E|X|^2 / (2 u_0) + "
        "(1/2) sum_k int (mmse(u_k) - mmse(u)) / u^2 du + (1/2) sum_k e_k^2 "
        "(1 / u_{k+1} - 1 / u_k); for other laws the same by Girsanov, which is not derived here",
        domain={"variance": POSITIVE, **GEOMETRIC, "error": REAL},
        left=gaussian_divergence,
        right=three_terms_for_a_gaussian,
        proof="Girsanov; the denoiser is a martingale in reverse time, so the two errors are "
        "orthogonal; the start by convexity. For N(0, v) each step's transition errs by exactly "
        "its terms, and the chain rule of KL adds them up",
        depends=("smoothed-score", "reverse-diffusion.orthogonality"),
    )
)

REVERSE_DIFFUSION_STEPS = STATEMENTS.state(
    Bound(
        id="reverse-diffusion.discretization",
        paper="Appendix F",
        relation="explicit",
        claim="the middle term is at most (1/2) d (r - 1) (1 + (K - 1) (1 - 1/r)) where mmse(u) "
        "rises with u and is at most d u, as every law's does; levels in ratios of at most r",
        domain={**GEOMETRIC, "ratios": RATIOS, "shares": SHARES},
        left=abel_sum,
        right=discretization_per_coordinate,
        proof="X_u is X_{u'} with more noise for u' < u, and estimates X to within d u in mean "
        "square; 1 / u_{k+1} - 1 / u_k <= (r - 1) / u_k; Abel summation",
        depends=("reverse-diffusion",),
    )
)
