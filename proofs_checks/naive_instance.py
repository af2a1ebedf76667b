"""The naive instance gives f^-1 away: both formulas' errors, integrated rigorously by Arb."""

from fractions import Fraction
from typing import Any

from flint import acb, arb

from hardposterior.proofs_checks.arithmetic import Balls
from hardposterior.proofs_checks.branch_and_bound import certificate, positive_on
from hardposterior.proofs_checks.outcomes import outcome_of
from hardposterior.spec import naive_instance
from hardposterior.spec.arithmetic import Number
from hardposterior.spec.evidence import Outcome, Run, evidence, proved, refuted

MIDDLING = ((Fraction(1, 2), Fraction(1)),)
REACH = 9


class Complex:
    """Complex balls: the part of an arithmetic context that the two integrands use."""

    exp = staticmethod(acb.exp)
    sqrt = staticmethod(acb.sqrt)
    tanh = staticmethod(acb.tanh)
    erfc = staticmethod(acb.erfc)

    @property
    def pi(self) -> acb:
        return acb.pi()

    def number(self, value: Any) -> acb:
        return acb(value)


COMPLEX: Any = Complex()


def integral(integrand: Any) -> arb:
    """The integral over [-9, 9], enclosed by Arb to what the parameters' radii allow."""
    tolerance = arb(2) ** -24
    return acb.integral(lambda z, _: integrand(z), -REACH, REACH, abs_tol=tolerance).real


def vertex_margin(ctx: Balls, sigma: Number) -> Number:
    """E |s - s_r|^2 sigma^2 - 2/5 for one pair: the integrand is nonnegative outside [-9, 9]."""
    square = integral(lambda z: naive_instance.sign_integrand(COMPLEX, acb(sigma), z))
    return 2 * square / (sigma * sigma) - ctx.number(Fraction(2, 5))


def product_margin(ctx: Balls, sigma: Number) -> Number:
    """The same for the product formula; outside [-9, 9] both integrands are below phi."""
    ratio = 1 / (sigma * sigma)

    def certainty(size: Number) -> arb:
        return integral(lambda z: naive_instance.certainty_integrand(COMPLEX, acb(size), z))

    outside = ctx.erfc(REACH / ctx.sqrt(ctx.number(2)))
    gain = certainty(2 * ratio) - certainty(ratio) - outside
    return 2 * gain * ratio - ctx.number(Fraction(2, 5))


@evidence(naive_instance.NAIVE_REVEALS, kind="certified", scope="whole")
def both_errors_integrated_in_balls(run: Run) -> Outcome:
    """Arb's rigorous integration on boxes of sigma that cover [1/2, 1]; n pairs are n times one."""
    proofs, data = [], []
    for margin in (vertex_margin, product_margin):
        proofs.append(positive_on(margin, MIDDLING, bits=53, progress=run.progress))
        name = f"naive_instance.{margin.__name__}"
        data.append(certificate("naive-instance.reveals", name, MIDDLING, proofs[-1]))
    return outcome_of(proofs, data)


@evidence(naive_instance.NAIVE_REVEALS, kind="certified", scope="step")
def margins_are_the_stated_sides_apart(run: Run) -> Outcome:
    """Balls: the smaller margin is the right side less the left to 2^-16, at three noises.

    The right side's midpoint rule is no enclosure, but as close as that for these integrands.
    """
    del run
    stated = naive_instance.NAIVE_REVEALS
    with Balls(64) as balls:
        for noise in (Fraction(5, 8), Fraction(3, 4), Fraction(7, 8)):
            sigma, one = balls.number(noise), 1
            margin = balls.minimum(vertex_margin(balls, sigma), product_margin(balls, sigma))
            apart = stated.right(balls, n=one, sigma=sigma) - stated.left(balls, n=one)
            if not abs(apart - margin) < balls.number(Fraction(1, 2**16)):
                return refuted(f"naive-instance.reveals at sigma = {noise}: {apart}, not {margin}")
    return proved(3)
