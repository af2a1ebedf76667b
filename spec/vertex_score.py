"""Small noise (Appendix C.2): the score of the vertex whose hidden word the signs show.

r = sgn(x_1..n), s_{r,sigma} the score of the component of (r, f(r)), t = 1 + sigma^2. Unscaled.
"""

from hardposterior.spec import lattice
from hardposterior.spec.arithmetic import Arithmetic, Number, standard_normal_cdf
from hardposterior.spec.hard_instance import PHASES
from hardposterior.spec.lattice import smoothed_variance
from hardposterior.spec.smoothing import gaussian_density
from hardposterior.spec.statements import COUNT, POSITIVE, STATEMENTS, Bound

SIZES = {
    "n": COUNT,
    "m": COUNT,
    "separation": POSITIVE,
    "spacing": POSITIVE,
    "sigma": POSITIVE,
}

CELLS = 160
"""Cells of each quadrature rule in `vertex_error_of_one_bit`."""


def sign_error(ctx: Arithmetic, separation: Number, sigma: Number) -> Number:
    """p_e = Phi(-R / sqrt t): the chance that one sign of x is not the hidden bit."""
    return standard_normal_cdf(ctx, -separation / ctx.sqrt(smoothed_variance(sigma)))


def any_sign_error(ctx: Arithmetic, n: int, separation: Number, sigma: Number) -> Number:
    """1 - (1 - p_e)^n, by log1p and expm1, as p_e may be far below the rounding of 1."""
    return -ctx.expm1(n * ctx.log1p(-sign_error(ctx, separation, sigma)))


def vertex_score_bound(
    ctx: Arithmetic, n: int, m: int, separation: Number, spacing: Number, sigma: Number, **_: Number
) -> Number:
    """V = n p_e (2 R / t)^2 + (1 - (1 - p_e)^n) m (eps / (2 sigma^2))^2."""
    hidden = 2 * separation / smoothed_variance(sigma)
    image = spacing / (2 * sigma * sigma)
    wrong = any_sign_error(ctx, n, separation, sigma)
    return n * sign_error(ctx, separation, sigma) * hidden**2 + wrong * m * image**2


def simpson_weight(i: int, cells: int) -> int:
    """1 4 2 4 ... 2 4 1."""
    return 1 if i in (0, cells) else 4 if i % 2 else 2


def vertex_error_of_one_bit(
    ctx: Arithmetic, separation: Number, spacing: Number, sigma: Number
) -> Number:
    """E |s_sigma - s_{r,sigma}|^2 for n = m = 1, f(s) = s, by quadrature.

    The error at x is w^2 |s_+ - s_-|^2, w the posterior probability of the word that r is not; so
    it integrates p_{-r}^2 / (2 (p_+ + p_-)) |s_+ - s_-|^2. Simpson's rule in |x_1| up to where
    the integrand is below 1e-17 of its size, the trapezoidal rule in x_2: for sigma >= 1 / 4 good
    to about 1e-6 of the value.
    """
    t = smoothed_variance(sigma)
    reach = ctx.minimum(9 * ctx.sqrt(t), 40 * t / separation)
    step = reach / CELLS
    near, far = [], []
    for i in range(CELLS + 1):
        near.append(gaussian_density(ctx, t, i * step - separation))
        far.append(gaussian_density(ctx, t, i * step + separation))
    width = 9 * ctx.sqrt(t) / CELLS
    total = ctx.number(0)
    for k in range(-CELLS, CELLS + 1):
        x = k * width
        image = [lattice.density(ctx, spacing, ctx.number(p), sigma, x) for p in PHASES]
        scores = [lattice.score(ctx, spacing, ctx.number(p), sigma, x) for p in PHASES]
        gap = (2 * separation / t) ** 2 + (scores[1] - scores[0]) ** 2
        for right, wrong in (image, image[::-1]):
            for i in range(CELLS + 1):
                other = far[i] * wrong
                joint = near[i] * right + other
                if joint > 0:
                    weight = simpson_weight(i, CELLS)
                    total = total + weight * gap * other * (other / joint) / 2
    return total * width * step / 3


def vertex_error_of_the_identity(
    ctx: Arithmetic, n: int, m: int, separation: Number, spacing: Number, sigma: Number
) -> Number:
    """E |s_sigma - s_{r,sigma}|^2 for f(s) = s (n = m): n independent instances of one bit."""
    if n != m:
        raise NotImplementedError("by quadrature for f(s) = s alone; other f by sampling")
    return n * vertex_error_of_one_bit(ctx, separation, spacing, sigma)


VERTEX_SCORE = STATEMENTS.state(
    Bound(
        id="vertex-score",
        paper="Appendix C.2",
        relation="explicit",
        claim="for every f, E |s_sigma - s_{r,sigma}|^2 <= V := n p_e (2 R / t)^2 + "
        "(1 - (1 - p_e)^n) m (eps / (2 sigma^2))^2, r = sgn(x_1..n), p_e = Phi(-R / sqrt t)",
        domain=SIZES,
        left=vertex_error_of_the_identity,
        right=vertex_score_bound,
        proof="s_sigma is the average of the vertices' scores over P(s | x); by Jensen the error "
        "is at most E |s_{s,sigma} - s_{r,sigma}|^2 over the joint law of (s, x), where r_i and "
        "s_i differ with probability p_e, independently: 2 R / t in a hidden coordinate that "
        "differs, at most eps / (2 sigma^2) in each image coordinate if any differs",
        depends=("hard-instance", "lattice-denoiser.phases"),
    )
)
