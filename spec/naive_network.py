"""What networks of the two forms can be certified to do on the naive instance (Section 3).

Vertices sit at +-1, so scaled and unscaled units agree. Both bounds are times sigma^2.

No statements of their own: they only have to fail. `naive-instance.reveals` states that the errors
themselves are large; a test holds that a negative control stays one.
"""

from hardposterior.spec.arithmetic import Arithmetic, Number, standard_normal_cdf


def vertex_bound(ctx: Arithmetic, n: int, m: int, sigma: Number) -> Number:
    """(4 / sigma^2) (n p_e + (1 - (1 - p_e)^n) m), p_e = Phi(-1 / sigma).

    As for the hard instance: Jensen, and 2 / sigma^2 for every coordinate of a vertex that differs.
    """
    wrong = standard_normal_cdf(ctx, -1 / sigma)
    any_wrong = -ctx.expm1(n * ctx.log1p(-wrong))
    return 4 * (n * wrong + m * any_wrong) / (sigma * sigma)


def product_bound(ctx: Arithmetic, n: int, m: int, sigma: Number) -> Number:
    """4 (n + m) / sigma^2: posterior means and tanh are both in [-1, 1]."""
    del ctx
    return 4 * (n + m) / (sigma * sigma)


def smaller_bound(ctx: Arithmetic, n: int, m: int, sigma: Number) -> Number:
    """What the better of the two forms is certified to do, its own pieces and window aside."""
    return ctx.minimum(vertex_bound(ctx, n, m, sigma), product_bound(ctx, n, m, sigma))
