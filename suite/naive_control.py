"""The negative control: the same two forms of network, certified on the naive instance, fail."""

import math

from hardposterior.calibration import checked
from hardposterior.proofs_checks.arithmetic import Balls
from hardposterior.spec.naive_network import smaller_bound

LEVELS = 400


def naive_failure(n: int, m: int, C: float) -> tuple[float, float] | None:
    """The least of 400 levels in [d^-C, d^C] whose bound is certainly above d^-C, and that bound.

    On the naive instance of n hidden and m image bits, sigma^2 E|s_hat - s|^2; None where every
    level's bound holds. Evaluated in balls; the networks' own errors are left out, in their favour.

    >>> sigma, bound = naive_failure(8, 8, 2)
    >>> 0.1 < sigma < 0.5 and bound > 16**-2
    True
    """
    n, m, C, _ = checked(n, m, C, 1.0)
    reach = C * math.log(n + m)
    with Balls(128) as ctx:
        target = ctx.exp(-ctx.number(C) * ctx.log(ctx.number(n + m)))
        for i in range(LEVELS):
            sigma = math.exp(reach * (2 * i / (LEVELS - 1) - 1))
            bound = smaller_bound(ctx, n, m, ctx.number(sigma))
            if bound > target:
                return sigma, float(bound.upper())
    return None
