"""The half-period profile of a lattice's denoiser (Appendix C.5), and the law of its argument.

H(u) = (mu - D) / eps = u - E[k], odd and of period 1 in u = mu / eps - theta, depends on nothing
but q = v / eps^2. On a half period it is a function of `place` = 1/2 - u in [0, 1/2], the distance
from the midpoint: there is its riser, and there floats have digits to spare. E[k] is taken under
weights exp(-(k (k - 1) + 2 k place) / (2 q)).
"""

from hardposterior.spec import lattice, theta
from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.lattice import LATTICE_DOMAIN, smoothed_variance
from hardposterior.spec.measurement import upper_tail
from hardposterior.spec.statements import POSITIVE, REAL, STATEMENTS, Bound, Domain, Identity

PLACE = Domain("a number in [0, 1/2]", lambda place: 0 <= place <= 0.5)


def index_moments(ctx: Arithmetic, q: Number, place: Number, orders: int) -> list[Number]:
    """E[k], ..., E[k^orders], orders <= 3: moments of the lattice index given x."""
    r = ctx.exp(-1 / (2 * q))

    def tail(j: int) -> Number:
        # for |k| >= 1 a weight is at most r^(|k| (|k| - 1)); k (k - 1) >= j (j - 1) + 2 j (k - j)
        if j == 0:
            return 1 + tail(1)
        step = r ** (2 * j)
        return 2 * j**3 * r ** (j * (j - 1)) * (1 + 4 * step + step**2) / (1 - step) ** 4

    def moment(order: int) -> Number:
        return ctx.two_sided_series(
            lambda k: k**order * ctx.exp(-(k * (k - 1) + 2 * k * place) / (2 * q)), tail, 0
        )

    total = moment(0)
    return [moment(order) / total for order in range(1, orders + 1)]


def mean_index(ctx: Arithmetic, q: Number, place: Number) -> Number:
    """E[k]."""
    return index_moments(ctx, q, place, 1)[0]


def profile(ctx: Arithmetic, q: Number, place: Number) -> Number:
    """H = 1/2 - place - E[k]."""
    return theta.half(ctx) - place - mean_index(ctx, q, place)


def profile_slope(ctx: Arithmetic, q: Number, place: Number) -> Number:
    """dH / dplace = Var[k] / q - 1."""
    first, second = index_moments(ctx, q, place, 2)
    return (second - first * first) / q - 1


def profile_bend(ctx: Arithmetic, q: Number, place: Number) -> Number:
    """d^2 H / dplace^2 = -kappa_3[k] / q^2."""
    first, second, third = index_moments(ctx, q, place, 3)
    return -(third - 3 * first * second + 2 * first**3) / (q * q)


def bend_by_derivative(ctx: Arithmetic, q: Number, place: Number) -> Number:
    """d^2 H / dplace^2, from H."""
    return ctx.derivative(lambda a: ctx.derivative(lambda b: profile(ctx, q, b), a), place)


def bend_size(ctx: Arithmetic, q: Number, place: Number) -> Number:
    """|d^2 H / dplace^2|."""
    return ctx.absolute(profile_bend(ctx, q, place))


def bend_envelope(ctx: Arithmetic, q: Number, place: Number) -> Number:
    """exp(-place / q) / q^2."""
    return ctx.exp(-place / q) / (q * q)


def chance_of_the_next_point(ctx: Arithmetic, q: Number, place: Number) -> Number:
    """exp(-place / q)."""
    return ctx.exp(-place / q)


def offset_at(
    ctx: Arithmetic, spacing: Number, phase: Number, sigma: Number, place: Number
) -> Number:
    """mu - D at x = t eps (theta + 1/2 - place)."""
    x = smoothed_variance(sigma) * spacing * (phase + theta.half(ctx) - place)
    return -lattice.denoiser_offset(ctx, spacing, phase, sigma, x)


def offset_by_profile(
    ctx: Arithmetic, spacing: Number, phase: Number, sigma: Number, place: Number
) -> Number:
    """eps H(place)."""
    del phase
    return spacing * profile(ctx, theta.ratio(spacing, sigma), place)


def density_of_the_argument(
    ctx: Arithmetic, spacing: Number, phase: Number, sigma: Number, x: Number
) -> Number:
    """The density of u mod 1 at u = x: the sum over k of t eps p_sigma(t eps (x + k + theta))."""
    scale = smoothed_variance(sigma) * spacing
    t_0 = theta.theta(ctx, theta.nome(ctx, 1 / (spacing * spacing)), phase)
    r = ctx.exp(-scale * spacing / 2)
    # p_sigma <= phi_{sqrt t} T(0) / T_0
    most = theta.theta(ctx, theta.nome(ctx, theta.ratio(spacing, sigma)), ctx.number(0)) / t_0
    peak = scale * most / ctx.sqrt(2 * ctx.pi * smoothed_variance(sigma))
    return ctx.two_sided_series(
        lambda k: scale * lattice.density(ctx, spacing, phase, sigma, scale * (x + k + phase)),
        lambda j: peak * lattice.gaussian_tail(r, j, 0),
        ctx.nearest_integer(-x - phase),
    )


def product_of_thetas(
    ctx: Arithmetic, spacing: Number, phase: Number, sigma: Number, x: Number
) -> Number:
    """T_q(u) T_{q'}(u + theta) / T_{q + q'}(theta), q' = 1 / (t eps^2), q + q' = 1 / eps^2."""
    rest = 1 / (smoothed_variance(sigma) * spacing * spacing)
    return (
        theta.theta(ctx, theta.nome(ctx, theta.ratio(spacing, sigma)), x)
        * theta.theta(ctx, theta.nome(ctx, rest), x + phase)
        / theta.theta(ctx, theta.nome(ctx, 1 / (spacing * spacing)), phase)
    )


def law_excess(ctx: Arithmetic, spacing: Number, sigma: Number) -> Number:
    """T_{q'}(0) / T_{q + q'}(1/2): u mod 1 has at most so many times the density T_q(u)."""
    rest = 1 / (smoothed_variance(sigma) * spacing * spacing)
    envelope = theta.theta(ctx, theta.nome(ctx, rest), ctx.number(0))
    return envelope / theta.theta(ctx, theta.nome(ctx, 1 / (spacing * spacing)), theta.half(ctx))


def wrapped_mass(ctx: Arithmetic, q: Number, low: Number, high: Number) -> Number:
    """The chance that N(0, q) mod 1 has a distance to the integers in [low, high]."""
    root = ctx.sqrt(q)
    r = ctx.exp(-1 / (2 * q))

    def term(k: Number) -> Number:
        return upper_tail(ctx, (k + low) / root) - upper_tail(ctx, (k + high) / root)

    return 2 * ctx.two_sided_series(term, lambda j: lattice.gaussian_tail(r, j, 0), 0)


def own_mass(ctx: Arithmetic, q: Number, low: Number, high: Number) -> Number:
    """What T_q gives the places in [low, high]: the likely law, around the lattice's own points."""
    return wrapped_mass(ctx, q, theta.half(ctx) - high, theta.half(ctx) - low)


def other_mass(ctx: Arithmetic, q: Number, low: Number, high: Number) -> Number:
    """The same under the other phase: around the midpoints, where the risers are."""
    return wrapped_mass(ctx, q, low, high)


PROFILE_DOMAIN = {"q": POSITIVE, "place": PLACE}

LATTICE_PROFILE = STATEMENTS.state(
    Identity(
        id="piecewise-linear-score.profile",
        paper="Appendix C.1, Appendix C.5",
        relation="own",
        claim="mu - D(x) = eps H(place) at x = t eps (theta + 1/2 - place): the profile H depends "
        "on q = v / eps^2 alone",
        domain={name: LATTICE_DOMAIN[name] for name in ("spacing", "phase", "sigma")}
        | {"place": PLACE},
        left=offset_at,
        right=offset_by_profile,
        proof="complete the square; (k - u)^2 - u^2 = k (k - 1) + 2 k place at u = 1/2 - place",
        depends=("lattice-denoiser.score",),
    )
)

PROFILE_SECOND_ORDER = STATEMENTS.state(
    Identity(
        id="piecewise-linear-score.second-order",
        paper="Section 1, Appendix C.1",
        relation="own",
        claim="d^2 H / dplace^2 = -kappa_3[k] / q^2, the third cumulant of the lattice index",
        domain=PROFILE_DOMAIN,
        left=bend_by_derivative,
        right=profile_bend,
        proof="the weights are an exponential family in place / q: each derivative raises the "
        "order of the cumulant",
        depends=("smoothed-score.second-order",),
    )
)

PROFILE_BEND = STATEMENTS.state(
    Bound(
        id="piecewise-linear-score.bend",
        paper="Appendix C.1",
        relation="own",
        claim="|d^2 H / dplace^2| <= exp(-place / q) / q^2 for place in [0, 1/2], every q",
        domain=PROFILE_DOMAIN,
        left=bend_size,
        right=bend_envelope,
        proof="weights are a^(k (k + 1) / 2) p^(k (k - 1) / 2), a = exp(-place / q), "
        "p = exp(-(1 - place) / q), 0 < p <= a <= 1; a - kappa_3 and a + kappa_3 are power series "
        "in a and p, positive there for q <= 1; beyond by the Fourier series of T'/T",
        depends=("piecewise-linear-score.second-order",),
    )
)

PROFILE_FLAT = STATEMENTS.state(
    Bound(
        id="piecewise-linear-score.flat",
        paper="Appendix C.1",
        relation="own",
        claim="E[k] <= exp(-place / q): away from the riser H is 1/2 - place up to so much",
        domain=PROFILE_DOMAIN,
        left=mean_index,
        right=chance_of_the_next_point,
        proof="w_(j+1) = w_1 w_j exp(-j / q), and (j + 1) exp(-j / q) <= 1 for q <= 1 / log 2; for "
        "larger q E[k] <= 1/2 - place <= exp(-place / q)",
        depends=("lattice-denoiser",),
    )
)

PROFILE_LAW = STATEMENTS.state(
    Identity(
        id="piecewise-linear-score.law",
        paper="Appendix C.1, Appendix C.5",
        relation="own",
        claim="u mod 1 has density T_q(u) T_{q'}(u + theta) / T_{q + q'}(theta), "
        "q' = 1 / (t eps^2), q + q' = 1 / eps^2: a wrapped N(0, q) but for a factor near 1",
        domain={**LATTICE_DOMAIN, "x": REAL},
        left=density_of_the_argument,
        right=product_of_thetas,
        proof="lattice-density, and Poisson summation of phi_{sqrt t} over the period t eps",
        depends=("lattice-density",),
    )
)
