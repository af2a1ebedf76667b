"""The error of the explicit score networks, proved for all n, m and C (Appendices C.8 and D)."""

import sympy

from hardposterior.proofs_checks.arithmetic import Balls, Symbols, Unchosen
from hardposterior.proofs_checks.explicit_network import (
    certain,
    choices_as_stated,
    largest_spacing,
    squared_separation,
)
from hardposterior.spec import calibration, explicit_network, theta, vertex_score, well_modeled
from hardposterior.spec import mixture_score as mixture
from hardposterior.spec import score_network as terms
from hardposterior.spec.evidence import Outcome, Run, evidence

n, m, k = sympy.symbols("n m k", positive=True, integer=True)
C = sympy.Symbol("C", nonnegative=True)
L, sigma, R, t, w, z, eps = sympy.symbols("L sigma R t w z eps", positive=True)
ctx = Symbols()


@evidence(well_modeled.RELU_SCORE_WINDOW, kind="symbolic", scope="whole")
def window_against_a_wrong_sign(run: Run) -> Outcome:
    """Pr[|x_i| < w] / p_e <= 2 w R (1 / t + 1 / R^2) exp(w R / t), and W / V <= 8 times that.

    phi falls on the window's side of R, so the chance is at most its width times its largest value.
    Mills: p_e >= phi(z) z / (1 + z^2): equal at infinity, where the gap falls to 0. Bonferroni:
    1 - (1 - p)^n >= n p - n (n - 1) p^2 / 2 >= n p / 2 for n p <= 1.
    """
    del run
    phi = sympy.exp(-(z**2) / 2) / sympy.sqrt(2 * sympy.pi)
    mills = sympy.erfc(z / sympy.sqrt(2)) / 2 - phi * z / (1 + z**2)
    root = sympy.sqrt(t)
    near = phi.subs(z, R / root - w / root)
    far = phi.subs(z, R / root)
    growth = sympy.exp(w * R / t - w**2 / (2 * t))
    width = 2 * w / root * (1 + (R / root) ** 2) / (R / root)
    p = sympy.Symbol("p", positive=True)
    vertex_image, window_image = n * p / 2 * m * eps**2 / 4, n * p * m * eps**2
    vertex_hidden, window_hidden = n * p * (2 * R / t) ** 2, n * p * (R / t) ** 2
    place = {"n": n, "m": m, "separation": R, "spacing": eps, "sigma": sigma}
    chance = terms.window_chance(ctx, R, sigma, w)
    cost = n * chance * ((R / (1 + sigma**2)) ** 2 + m * (eps / sigma**2) ** 2)
    vertex = vertex_score.vertex_score_bound(ctx, **place)
    with Balls(128) as balls:
        tenth = balls.number(1) / 10
        constants = {"8 * 2 * 2 exp(1/10) <= 36": 32 * balls.exp(tenth) < 36}
    return certain(
        {
            "phi near the window": sympy.simplify(near / far - growth),
            "Mills at infinity": sympy.limit(mills, z, sympy.oo),
            "Mills' slope": sympy.simplify(sympy.diff(mills, z) + 2 * phi / (1 + z**2) ** 2),
            "ratio": sympy.simplify(width - 2 * w * R * (1 / t + 1 / R**2)),
            "Bonferroni": sympy.expand(
                k * p - k * (k - 1) * p**2 / 2 - k * p / 2 - k * p / 2 * (1 - k * p) - k * p**2 / 2
            ),
            "W as stated": sympy.expand(well_modeled.window_cost(ctx, **place, window=w) - cost),
            "as stated": sympy.expand(
                well_modeled.share_of_the_vertex_bound(ctx, **place, window=w) - 36 * w * R * vertex
            ),
            "image": sympy.simplify(window_image / vertex_image - 8),
            "hidden": sympy.simplify(window_hidden / vertex_hidden - sympy.Rational(1, 4)),
        },
        constants,
        "1 / t + 1 / R^2 <= 2",
    )


def error_as_stated() -> dict[str, sympy.Expr]:
    """V joined with P, the tail and W, times sigma^2, and U with tanh's, at n = m = C = 1."""
    one, unchosen, steps = sympy.Integer(1), Unchosen(), {}
    separation, spacing = explicit_network.calibrated(unchosen, one, one, one)
    periods = explicit_network.lattice_reach(unchosen, one, one, one) / spacing
    for name, noise in (("small", sympy.Rational(1, 10)), ("large", sympy.Integer(2))):
        place = (unchosen, one, one, separation, spacing, noise)
        square = explicit_network.piece_error(unchosen, one, one, one, noise) ** 2
        added = [
            terms.pieces_term(unchosen, one, spacing, noise, square),
            terms.tail_term(unchosen, one, spacing, noise, periods),
            terms.window_term(*place, 1 / (150 * separation)),
        ]
        root = sympy.sqrt(vertex_score.vertex_score_bound(*place)) + sympy.sqrt(sum(added))
        best = root**2 * noise**2
        if name == "large":
            off = explicit_network.tanh_error(unchosen, one, one, one, noise)
            tanh = separation / (1 + noise**2) * off
            mixed = sympy.sqrt(mixture.sharp_bound_of_sizes(*place)) + sympy.sqrt(tanh**2)
            best = unchosen.minimum(best, mixed**2 * noise**2)
        left = well_modeled.RELU_SCORE.left(unchosen, n=one, m=one, C=one, sigma=noise)
        steps[f"left as stated, {name} noise"] = left - best
    return steps


@evidence(well_modeled.RELU_SCORE, kind="symbolic", scope="whole")
def shares_of_the_target(run: Run) -> Outcome:
    """V or U takes a quarter of d^-C (calibration at C_1), every other term a sixteenth at most.

    sigma <= 1: V; p_e <= exp(-R^2 / 4) / 2 = d^-(3 C_1 + 4) / 2 makes n p_e <= 1, R >= 1, so
    W <= (36 / 150) V. The tail: exp(-reach^2 / 2) = d^-(3 C + 1) e^-4, 1 / sigma^2 <= d^(2 C),
    m <= d. sigma >= 1: U and tanh.
    """
    del run
    root = sympy.Symbol("root", positive=True)  # root^2 = d^-C / (16 m) or d^-C / (16 n)
    pieces = terms.pieces_term(ctx, m, eps, sigma, (sigma * root / eps) ** 2) * sigma**2
    tanh = terms.tanh_term(ctx, n, R, sigma, root * (1 + sigma**2) / (R * sigma)) * sigma**2
    reach = explicit_network.lattice_reach(ctx, n, m, C).subs(sympy.log(n + m), L)
    decay = sympy.exp(-(reach**2) / 2)
    # m 2 decay ratio eps^2 / (4 sigma^2) at m = d, sigma = d^-C, over d^-C
    tail = sympy.exp(L) * decay * sympy.exp(2 * C * L) / 2 * sympy.exp(C * L)
    half, three = sympy.Rational(1, 4), sympy.Rational(3, 16)
    with Balls(128) as balls:
        square = largest_spacing(balls)
        odds = balls.exp(mixture.four_odd_atanh(balls, theta.nome(balls, 1 / square)))
        log2 = balls.log(balls.number(2))
        constants = {
            "tail": balls.exp(balls.number(-4)) / 2 * odds * square * 16 < 1,
            "window": balls.number(36) / 150 / 4 * 16 < 1,
            "window w R": balls.number(1) / 150 < balls.number(1) / 10,
            "together": (balls.number(1) / 2 + balls.sqrt(balls.number(3)) / 4) < 1,
            "R >= 1": 4 * 4 * log2 > 1,
        }
    return certain(
        {
            **choices_as_stated(),
            **error_as_stated(),
            "pieces": sympy.simplify(pieces - m * root**2),
            "tanh": sympy.simplify(tanh - n * root**2),
            "tail": sympy.simplify(tail - sympy.exp(-4) / 2),
            "sum": sympy.simplify(
                terms.joined(ctx, half, [three]) - (sympy.Rational(1, 2) + sympy.sqrt(3) / 4) ** 2
            ),
            "p_e": sympy.simplify(
                sympy.exp(-squared_separation() / 4)
                - sympy.exp(-(3 * (C + sympy.log(4) / L) + 4) * L)
            ),
            "d^-C": calibration.error_target(ctx, n, m, C) - sympy.exp(-C * sympy.log(n + m)),
        },
        constants,
        "calibration gives V for sigma <= 1, U for sigma >= 1",
    )
