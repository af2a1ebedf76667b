"""The lattice's bounds reduced to two variables, in forms whose slack does not vanish.

Four parameters enter only through u and q = v / eps^2 (or rho), so a proof on a box of (q, u) is
a proof for every x, phase, spacing and sigma with that q. A margin is positive where its bound
holds. `proofs_checks` derives each reduction symbolically, then proves the margin in balls.
"""

from fractions import Fraction

from hardposterior.spec import theta
from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.lattice import gaussian_tail

TOP = Fraction(2267, 5000)
"""Just above the rho at which eta = 1 (the root of 1 - 2 rho - rho^3)."""


def bound_denominator(rho: Number) -> Number:
    """(1 - rho^3)^2 (1 - eta), a polynomial in rho."""
    return 1 - 2 * rho - 2 * rho**3 + 2 * rho**4 + rho**6


def smoothing_margin(ctx: Arithmetic, rho: Number, u: Number) -> Number:
    """A lower bound on (T + bound_denominator T' / (4 pi rho)) / rho for rho <= TOP.

    The term (1 - sin 2 pi u) / rho is replaced by (1 - sin 2 pi u) / TOP, which is no larger; what
    is left stays positive at rho = 0, where the two sides of the bound meet. u in [0, 1]: the
    other sign of T' is the reflection u -> 1 - u.
    """
    angle = 2 * ctx.pi * u
    sine, cosine = ctx.sin(angle), ctx.cos(angle)
    denominator = bound_denominator(rho)
    higher = ctx.series(
        lambda j: (
            2 * rho ** (j * j - 1) * ctx.cos(j * angle)
            - denominator * j * rho ** (j * j - 2) * ctx.sin(j * angle)
        ),
        lambda j: 4 * rho ** (j * j - 2) * (j / (1 - rho ** (2 * j)) ** 2),
        first=2,
    )
    first = (2 + 2 * rho**2 - 2 * rho**3 - rho**5) * sine
    return (1 - sine) / ctx.number(TOP) + 2 * cosine + first + higher


def product_margin(ctx: Arithmetic, rho: Number, w: Number) -> Number:
    """Slack of the product form from its factors k = 1 and k = 3, over rho^4, at w.

    With pi u = pi / 4 + phi the factor p = rho^k leaves a positive multiple of (p - tan phi)^2, so
    the bound is strict unless both squares vanish. At tan phi = rho + rho^2 w
    (rho - tan phi)^2 + rho^2 (rho^3 - tan phi)^2 is rho^4 times this; w in [-1, 1], since w^2 >= 1
    elsewhere.
    """
    del ctx
    return w * w + (1 - rho * rho + rho * w) ** 2


def product_margin_near_one(ctx: Arithmetic, log_gap: Number, w: Number) -> Number:
    """`product_margin` at rho = 1 - g and g w, over g^2, with g = 2^log_gap.

    At small q, rho is so near to 1 that the slack itself is of size g^2; w in [-4, 4], since
    w^2 >= 16 elsewhere.
    """
    gap = two_to_the(ctx, log_gap)
    return w * w + (2 - gap + (1 - gap) * w) ** 2


def two_to_the(ctx: Arithmetic, exponent: Number) -> Number:
    """2^exponent: q on a logarithmic scale."""
    return ctx.exp(exponent * ctx.log(ctx.number(2)))


def mean_index(ctx: Arithmetic, q: Number, u: Number) -> Number:
    """E[k] under weights exp(-(k^2 - 2 k u) / (2 q)), |u| <= 1/2: (D - mu) / eps = E[k] - u."""
    r = ctx.exp(-1 / (2 * q))
    scale = ctx.exp(u * u / (2 * q))

    def moment(order: int) -> Number:
        return ctx.two_sided_series(
            lambda k: ctx.exp(-(k * k - 2 * k * u) / (2 * q)) * k**order,
            lambda j: scale * (gaussian_tail(r, j, order) + gaussian_tail(r, j, 0)),
            0,
        )

    return moment(1) / moment(0)


def denoiser_margin_near_a_riser(ctx: Arithmetic, log_q: Number, z: Number) -> Number:
    """Slack of |E[k] - u| <= 1/2 at u = 1/2 - q z, for q <= 1/32 and z in [0, 8].

    At small q the denoiser jumps at u = 1/2, just where the lower side is attained: there the
    slack is measured in units of q, z + E[k] / q, and stays away from zero. The upper side has
    slack 1 - q z - E[k].
    """
    q = two_to_the(ctx, log_q)
    ratio = ctx.exp(-1 / q)

    def weight(k: int) -> Number:
        return ratio ** (k * (k - 1) // 2) * ctx.exp(-k * z)

    def tail(j: int) -> Number:
        # a weight is at most exp(8 |k|) ratio^(|k| (|k| - 1) / 2); ratio <= exp(-32) shrinks it
        # by exp(8 - 32 |k|) from one |k| to the next
        return 4 * (j + 1) * ctx.exp(ctx.number(8 * j)) * ratio ** (j * (j - 1) // 2)

    first = ctx.two_sided_series(lambda k: k * weight(k), tail, 0)
    mean = first / ctx.two_sided_series(weight, tail, 0)
    return ctx.minimum(z + mean / q, 1 - q * z - mean)


def denoiser_margin_far_from_a_riser(ctx: Arithmetic, log_q: Number) -> Number:
    """Slack of |E[k] - u| <= 1/2 for q <= 1/32 and u in [0, 1/2 - 8 q], for all u at once.

    Lower side, in units of q: only negative k can make E[k] negative, and u = 0 makes their
    weights largest. Upper side: the weight at k >= 1 is at most exp(-8 k), largest at
    u = 1/2 - 8 q.
    """
    q = two_to_the(ctx, log_q)
    r = ctx.exp(-1 / (2 * q))
    below = ctx.series(lambda k: k * r ** (k * k), lambda j: gaussian_tail(r, j, 1), first=1)
    step = ctx.exp(ctx.number(-8))
    above = step / (1 - step) ** 2
    return ctx.minimum(8 - below / q, ctx.number(1) / 2 - above)


def denoiser_margin_in_space(ctx: Arithmetic, log_q: Number, u: Number) -> Number:
    """(D - mu) / eps + 1/2 for u in [-1/2, 1/2] by the sum over the lattice."""
    return mean_index(ctx, two_to_the(ctx, log_q), u) - u + ctx.number(1) / 2


def denoiser_margin_in_frequency(ctx: Arithmetic, log_q: Number, u: Number) -> Number:
    """(D - mu) / eps + 1/2 for u in [0, 1] by the Fourier series: (D - mu) / eps = q T' / T."""
    q = two_to_the(ctx, log_q)
    rho = theta.nome(ctx, q)
    slope = q * theta.theta_slope(ctx, rho, u) / theta.theta(ctx, rho, u)
    return slope + ctx.number(1) / 2
