"""The certified lower bound on delta: binomial tails increase in p, and two limits share alpha."""

import sympy

from hardposterior.proofs_checks.arithmetic import Symbols
from hardposterior.proofs_checks.derivation import derive
from hardposterior.spec import closeness_bound
from hardposterior.spec.evidence import Outcome, Run, evidence

n, i = sympy.symbols("n i", positive=True, integer=True)
p, alpha = sympy.symbols("p alpha", positive=True)


def binomial_term(trials: sympy.Expr, hits: sympy.Expr) -> sympy.Expr:
    """Pr[Binomial(trials, p) = hits]."""
    return sympy.binomial(trials, hits) * p**hits * (1 - p) ** (trials - hits)


@evidence(closeness_bound.CLOSENESS_BOUND, kind="symbolic", scope="whole")
def tails_increase_and_limits_share_alpha(run: Run) -> Outcome:
    """d/dp of each binomial term telescopes, so a tail has the slope n Pr[Bin(n - 1, p) = k - 1].

    It increases: the limit exceeds p exactly where the tail at p is below alpha / 2, that is from
    the first such count on, which comes up with the tail's own probability, below alpha / 2.
    """
    del run
    # All in units of the term itself, C(n, i) p^i (1 - p)^(n - i).
    slope = sympy.diff(i * sympy.log(p) + (n - i) * sympy.log(1 - p), p)
    before = sympy.binomial(n - 1, i - 1) / sympy.binomial(n, i)
    same = sympy.binomial(n - 1, i) / sympy.binomial(n, i)
    steps = {
        "one success less": sympy.combsimp(before) - i / n,
        "one failure less": sympy.combsimp(same) - (n - i) / n,
        "a term's slope telescopes": sympy.simplify(
            n * (i / n / p - (n - i) / n / (1 - p)) - slope
        ),
        "nothing beyond the last": binomial_term(sympy.Integer(6), sympy.Integer(7)),
        "two halves": alpha / 2 + alpha / 2 - closeness_bound.stated_level(Symbols(), alpha),
    }
    # at alpha / 2 = 3/20: 4 of 4 hits have probability 1/16 and 3 of 3 have 1/8, one less too much
    half, share = sympy.Rational(1, 2), sympy.Rational(3, 10)
    left = closeness_bound.CLOSENESS_BOUND.left(Symbols(), half, half, 4, 3, share)
    steps["left as stated"] = left - sympy.Rational(3, 16)
    for trials in (1, 4, 7):
        for hits in range(1, trials + 1):
            tail = closeness_bound.at_least(Symbols(), hits, trials, p)
            stated = trials * binomial_term(sympy.Integer(trials - 1), sympy.Integer(hits - 1))
            steps[f"slope of Pr[Bin({trials}, p) >= {hits}]"] = sympy.expand(
                sympy.diff(tail, p) - stated
            )
    return derive(steps, detail="a term's slope telescopes; tails of 1, 4 and 7 trials")
