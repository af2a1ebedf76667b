"""The mixture score's bounds, derived: the Hilbert-metric bound, and what it costs a score."""

import random

import sympy

from hardposterior.proofs_checks.arithmetic import Balls, Symbols
from hardposterior.proofs_checks.derivation import derive, series
from hardposterior.proofs_checks.theta import cosines
from hardposterior.spec import hard_instance, mixture_score
from hardposterior.spec.evidence import Outcome, Run, evidence, held, refuted
from hardposterior.spec.lattice_smoothing import LATTICE_SMOOTHING, LATTICE_SMOOTHING_PRODUCT
from hardposterior.spec.smoothing import gaussian_density
from hardposterior.spec.statements import Bound
from hardposterior.spec.theta import eta_of

x, mu, value = sympy.symbols("x mu l", real=True)
A, B, R, t, L, eps, sigma = sympy.symbols("A B R t L eps sigma", positive=True)
share = sympy.Symbol("q", nonnegative=True)
p = sympy.Symbol("p", positive=True)

ctx = Symbols()


def hilbert_metric_bound() -> dict[str, sympy.Expr]:
    """Reweighting by a likelihood in [A^2, B^2] moves a law by at most tanh(log(B / A) / 2).

    Total variation is E (l / mu - 1)_+, mu = E l. The chord of (l - mu)_+ over [A^2, B^2] lies
    above it, so two values at the ends, B^2 with probability q, are worst; then q is chosen.
    """
    low, high = A**2, B**2
    chord = (value - low) * (high - mu) / (high - low)
    average = share * high + (1 - share) * low
    two_values = share * (1 - share) * (high - low) / average
    gap = (B - A) * (share * B - (1 - share) * A) ** 2 / ((B + A) * average)
    return {
        # the chord is nonnegative for l <= mu, and for l >= mu above l - mu by a product
        "chord": sympy.simplify(chord - (value - mu) - (high - value) * (mu - low) / (high - low)),
        "two values": sympy.simplify(share * (high - average) / average - two_values),
        "worst share": sympy.simplify((B - A) / (B + A) - two_values - gap),
        "tanh": sympy.simplify(
            (sympy.tanh(L / 4) - (B - A) / (B + A)).subs(B, A * sympy.exp(L / 2)).rewrite(sympy.exp)
        ),
    }


def scores_of_the_mixture() -> dict[str, sympy.Expr]:
    """grad log h as stated, and a hidden score as (R E[s_i | x] - x_i) / t."""
    plus, minus = (gaussian_density(ctx, t, x - c) for c in (R, -R))
    hidden, image = mixture_score.mixture_score(ctx, 1, R, sympy.sqrt(t - 1), [x, x])
    flat = gaussian_density(ctx, t, x)
    mean = (plus - minus) / (plus + minus)
    return {
        "hidden": sympy.simplify(
            (sympy.diff(sympy.log((plus + minus) / 2), x) - hidden).rewrite(sympy.exp)
        ),
        "mean of a bit": sympy.simplify((hidden - (R * mean - x) / t).rewrite(sympy.exp)),
        "image": sympy.simplify(sympy.diff(sympy.log(flat), x) - image),
    }


def sides_as_stated(statement: Bound, gap: sympy.Expr, odds: sympy.Expr) -> dict[str, sympy.Expr]:
    """|s - grad log h|^2 and m B^2 + n (2 R / t)^2 tanh^2(L / 4), for one bit and its image."""
    place, tables = sympy.symbols("x0:2", real=True), [[0], [1]]
    at = {"table": tables, "separation": R, "spacing": eps, "sigma": sigma, "x": place}
    exact = hard_instance.score(ctx, **at)
    mean = R * sympy.tanh(R * place[0] / (1 + sigma**2))
    off = [exact[0] - (mean - place[0]) / (1 + sigma**2), exact[1] + place[1] / (1 + sigma**2)]
    hidden = 2 * R / (1 + sigma**2) * sympy.tanh(odds / 4)
    return {
        "left as stated": statement.left(ctx, **at) - (off[0] ** 2 + off[1] ** 2),
        "right as stated": statement.right(ctx, **at) - (gap**2 + hidden**2),
    }


def nomes_of_the_lattice() -> tuple[sympy.Expr, sympy.Expr]:
    """rho and rho_0."""
    variance = sigma**2 / (1 + sigma**2)
    rho, rho_0 = (sympy.exp(-2 * sympy.pi**2 * v / eps**2) for v in (variance, 1))
    return rho, rho_0


@evidence(mixture_score.MIXTURE_SCORE, kind="symbolic", scope="whole")
def hilbert_metric_and_eta(run: Run) -> Outcome:
    """T in [1 - eta, 1 + eta], T_0 likewise: odds within L = 2 m (atanh eta + atanh eta_0).

    |E s_i - E' s_i| <= 2 TV for a bit of values +-1, so a hidden score errs by at most
    (2 R / t) tanh(L / 4); an image score is an average of lattice scores, each within B of -x / t.
    """
    del run
    eta, eta_0, m = sympy.symbols("eta eta_0 m", positive=True)
    odds = m * sympy.log((1 + eta) * (1 + eta_0) / ((1 - eta) * (1 - eta_0)))
    stated = 2 * m * (sympy.atanh(eta) + sympy.atanh(eta_0))
    rho, rho_0 = nomes_of_the_lattice()
    gap = LATTICE_SMOOTHING.right(ctx, spacing=eps, sigma=sigma)
    of_one_bit = stated.subs({m: 1, eta: eta_of(rho), eta_0: eta_of(rho_0)}, simultaneous=True)
    return derive(
        {
            **sides_as_stated(mixture_score.MIXTURE_SCORE, gap, of_one_bit),
            **hilbert_metric_bound(),
            **scores_of_the_mixture(),
            "odds": sympy.expand_log((odds - stated).rewrite(sympy.log), force=True),
        },
        detail="|T - 1| <= eta is a step of lattice-smoothing.density",
    )


@evidence(mixture_score.MIXTURE_SCORE_SHARP, kind="symbolic", scope="whole")
def hilbert_metric_and_the_range_of_theta(run: Run) -> Outcome:
    """T in [T(1/2), T(0)] by lattice-smoothing.range: the same with L from mixture-score.odds."""
    del run
    top, low, top_0, low_0 = sympy.symbols("T0 T1 S0 S1", positive=True)
    odds = sympy.log((top / low_0) / (low / top_0))
    stated = sympy.log(top * top_0 / (low * low_0))
    gap = LATTICE_SMOOTHING_PRODUCT.right(ctx, spacing=eps, sigma=sigma)
    # log(T(0) / T(1/2)) for rho and for rho_0, by mixture-score.odds
    of_one_bit = sum(mixture_score.MIXTURE_SCORE_ODDS.right(ctx, z) for z in nomes_of_the_lattice())
    return derive(
        {
            **sides_as_stated(mixture_score.MIXTURE_SCORE_SHARP, gap, of_one_bit),
            **hilbert_metric_bound(),
            **scores_of_the_mixture(),
            "odds": sympy.expand_log(odds - stated, force=True),
        }
    )


@evidence(mixture_score.MIXTURE_SCORE_ODDS, kind="symbolic", scope="whole")
def factors_of_jacobis_product(run: Run) -> Outcome:
    """A factor 1 + 2 p C + p^2 is (1 + p)^2 at C = 1, (1 - p)^2 at C = -1: 4 atanh p in the log.

    Jacobi's product is classical and recomputed under `lattice-smoothing.range`.
    """
    del run
    cosine = sympy.Symbol("C", real=True)
    factor = 1 + 2 * p * cosine + p**2
    quotient = 2 * (sympy.log(1 + p) - sympy.log(1 - p))
    ends = [cosines(p, u) for u in (sympy.Integer(0), sympy.Rational(1, 2))]
    stated = mixture_score.MIXTURE_SCORE_ODDS
    return derive(
        {
            "left as stated": stated.left(ctx, rho=p) - sympy.log(ends[0] / ends[1]),
            "right as stated": stated.right(ctx, rho=p)
            - 4 * series(lambda i: sympy.atanh(p ** (2 * i + 1))),
            "u = 0": sympy.expand(factor.subs(cosine, 1) - (1 + p) ** 2),
            "u = 1/2": sympy.expand(factor.subs(cosine, -1) - (1 - p) ** 2),
            "atanh": sympy.expand((quotient - 4 * sympy.atanh(p)).rewrite(sympy.log)),
        }
    )


@evidence(mixture_score.MIXTURE_SCORE_ODDS, kind="property", scope="box")
def both_forms_of_the_range_overlap(run: Run) -> Outcome:
    """log(T(0) / T(1/2)) and the sum of atanh overlap as tight balls, rho from 1e-60 to 0.9."""
    draw = random.Random(run.seed)
    count = run.size(60, 300, 5000)
    with Balls(320) as balls:
        for _ in range(count):
            number = draw.choice([draw.uniform(0, 0.9), 10 ** draw.uniform(-60, 0) * 0.9])
            nome = balls.number(number)
            left = mixture_score.range_of_theta(balls, nome)
            right = mixture_score.four_odd_atanh(balls, nome)
            if not (left.overlaps(right) and (left - right).abs_upper() < left * 2.0**-60):
                return refuted(
                    f"mixture_score.range_of_theta(ctx, {number!r}) = {left}, against {right}"
                )
    return held(count)
