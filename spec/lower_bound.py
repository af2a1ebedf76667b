"""The lower bound (Appendix D): the chain from calibrated parameters to an inverted function.

It is conditional, asymptotic and average-case: derived, and never shown as verified. What is
checked is the chain at concrete n, m and C.
"""

from hardposterior.spec import calibration
from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.inversion_links import sign_bound
from hardposterior.spec.statements import COUNT, STATEMENTS, Bound, Derived


def failure_at_one_tenth(ctx: Arithmetic, n: int, m: int, C: Number) -> Number:
    """2 delta + 2 p_dec + n Phi(-R (1 - tau)), tau = delta = 1/10, at the explicit parameters."""
    tenth = ctx.number(1) / 10
    separation = calibration.explicit_separation(ctx, n, m, C)
    misses = 2 * calibration.explicit_decoding_failure(ctx, m)
    return 2 * tenth + misses + sign_bound(ctx, n, separation, tenth)


def twenty_one_hundredths(ctx: Arithmetic, **_: Number) -> Number:
    """0.21."""
    return ctx.number(21) / 100


INVERSION_CALIBRATED = STATEMENTS.state(
    Bound(
        id="inversion.calibrated",
        paper="Appendix D",
        relation="explicit",
        claim="for all n, m, C >= 0, at R = 2 sqrt((3 C + 4) log d) and p_dec <= 1/250: a "
        "(1/10, 1/10)-posterior sampler inverts f with probability >= 0.79",
        domain={"n": COUNT, "m": COUNT, "C": calibration.EXPONENT},
        left=failure_at_one_tenth,
        right=twenty_one_hundredths,
        proof="n Phi(-9 R / 10) <= n exp(-(81/50) (3 C + 4) log d) / 2 <= d^-(137/25) / 2 <= 1/500 "
        "for d >= 3; d = 2 by its own tail",
        depends=("inversion", "calibration", "calibration.beta"),
    )
)

LOWER_BOUND = STATEMENTS.state(
    Derived(
        id="lower-bound",
        paper="Introduction and Appendix D",
        relation="explicit",
        claim="if one-way functions exist, no polynomial-time (1/10, 1/10)-posterior sampler works "
        "on every well-modeled prior; if some need exponential time and m = Theta(n), "
        "2^Omega(m) is needed",
        proof="calibrated, the prior of a one-way function is well-modeled by polynomial networks, "
        "and a sampler of its posterior inverts the function with probability >= 0.79",
        depends=(
            "calibration",
            "calibration.beta",
            "well-modeled",
            "inversion",
            "inversion.calibrated",
            "one-way-functions.exist",
        ),
    )
)
