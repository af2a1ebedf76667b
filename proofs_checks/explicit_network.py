"""The size of the explicit score networks, proved for all n, m and C (Appendix C.8).

Identities are confirmed by sympy, constants compared by balls. L = log d >= log 2,
y = (3 C + 1) L / 4, D = exp(y); exp(x) >= 1 + x and log x <= x - 1 are used throughout.
"""

from typing import Any

import sympy

from hardposterior.proofs_checks.arithmetic import Balls, Symbols, Unchosen
from hardposterior.proofs_checks.derivation import derive
from hardposterior.spec import explicit_network, theta, well_modeled
from hardposterior.spec.evidence import Outcome, Run, evidence, proved, refuted

n, m = sympy.symbols("n m", positive=True, integer=True)
C = sympy.Symbol("C", nonnegative=True)
L, sigma, eps = sympy.symbols("L sigma eps", positive=True)
y = (3 * C + 1) * L / 4
ctx = Symbols()


def certain(steps: dict[str, sympy.Expr], constants: dict[str, Any], detail: str) -> Outcome:
    """Proved if every step vanishes and every constant's inequality is certainly true."""
    derived = derive(steps)
    if derived.status != "proved":
        return derived
    for name, holds in constants.items():
        if not holds:
            return refuted(f"{name!r} is not certain")
    return proved(len(steps) + len(constants), detail=detail)


def squared_separation() -> sympy.Expr:
    """R^2 = 4 (3 C_1 + 4) L, C_1 L = C L + log 4, as a formula of L."""
    return 4 * (3 * C * L + 3 * sympy.log(4) + 4 * L)


def inverse_spacing() -> sympy.Expr:
    """pi^2 / eps^2 = (C_1 / 2 + 2) L + log(C_1 + 4)."""
    return C * L / 2 + sympy.log(2) + 2 * L + sympy.log(C + sympy.log(4) / L + 4)


def weight_as_stated() -> sympy.Expr:
    """The left side of `relu-score.weights`, less the largest of the text's six weights."""
    unchosen = Unchosen()
    separation, spacing = explicit_network.calibrated(ctx, n, m, C)
    error = explicit_network.tanh_error(unchosen, n, m, C, sigma)
    found = 75 * separation**2
    for weight in (
        4 * explicit_network.lattice_reach(ctx, n, m, C) / spacing + 2,
        separation / spacing,
        separation * spacing / sigma**2,
        1 / (4 * theta.ratio(spacing, sigma)),
        sympy.log((2 - error) / error) / 2,
    ):
        found = unchosen.maximum(found, weight)
    return well_modeled.RELU_SCORE_WEIGHTS.left(unchosen, n=n, m=m, C=C, sigma=sigma) - found


def choices_as_stated() -> dict[str, sympy.Expr]:
    """R, eps and d^-C_1 = d^-C / 4, with L for log d."""
    separation, spacing = explicit_network.calibrated(ctx, n, m, C)
    shared = C + sympy.log(4) / L
    size = sympy.log(n + m)
    return {
        "R": sympy.simplify(separation**2 - squared_separation().subs(L, size)),
        "eps": sympy.simplify(sympy.pi**2 / spacing**2 - inverse_spacing().subs(L, size)),
        "a quarter": sympy.simplify(sympy.exp(-shared * L) - sympy.exp(-C * L) / 4),
    }


def largest_spacing(balls: Balls) -> Any:
    """eps^2 <= pi^2 / (5 log 2): L >= log 2, C_1 L >= log 4 and log(C_1 + 4) >= log 4."""
    return balls.pi**2 / (5 * balls.log(balls.number(2)))


def sizes_as_stated() -> dict[str, sympy.Expr]:
    """Both sides of `relu-score.polynomial`, in e, reach, eps and tau as the proof uses them."""
    sizes = (ctx, n, m, C, sigma)
    separation, spacing = explicit_network.calibrated(ctx, n, m, C)
    error, tau = explicit_network.piece_error(*sizes), explicit_network.tanh_error(*sizes)
    reach = explicit_network.lattice_reach(ctx, n, m, C)
    pieces, folds = 2 + 7 / (4 * sympy.sqrt(error)), 1 + reach / spacing
    knots = 1 + sympy.log((2 - tau) / tau) / 2 / sympy.sqrt(6 * sympy.sqrt(3) * tau)
    size = sympy.log(n + m)
    small = explicit_network.small_noise_parameters(*sizes)
    large = explicit_network.large_noise_parameters(*sizes)
    share = sympy.exp(-C * size) / 16
    eighth, t = sympy.Rational(1, 8), 1 + sigma**2
    most = sympy.exp((3 * C + 6) / 4 * size)
    return {
        "small": sympy.expand(small - (9 * n + m * (10 * pieces + 12 * folds + 64))),
        "large": sympy.expand(large - (n * (6 * knots + 10) + 2 * m)),
        "e": error - sympy.Min(eighth, sigma * sympy.sqrt(share / m) / spacing),
        "tau": tau - sympy.Min(eighth, sympy.sqrt(share / n) * t / (separation * sigma)),
        "reach": sympy.expand(reach**2 - 2 * ((3 * C + 1) * size + 4)),
        "left": explicit_network.network_parameters(*sizes) - sympy.Max(small, large),
        "right": explicit_network.polynomial(ctx, n, m, C) - 300 * most,
    }


def growth_of_the_choices() -> dict[str, sympy.Expr]:
    """What L, C and the logarithm are in terms of y, and what bounds reach / eps and R^2."""
    shift = sympy.Symbol("x", positive=True)
    return {
        "C L": sympy.expand(C * L - (4 * y - L) / 3),
        "log 4 / L <= 2": sympy.expand_log(sympy.log(4) - 2 * sympy.log(2)),
        "L <= 4 y": sympy.expand(4 * y - L - 3 * C * L),
        # log(6 + C) <= log 6 + C / 6
        "tangent at 6": sympy.simplify(
            sympy.diff(sympy.log(6) + shift / 6 - sympy.log(6 + shift), shift)
            - shift / (6 * (6 + shift))
        ),
        # 4 reach^2 = ... and reach sqrt(B) <= (reach^2 + B) / 2
        "reach^2": sympy.expand(2 * ((3 * C + 1) * L + 4) - (8 * y + 8)),
        "B without its logarithm": sympy.expand(
            (C * L / 2 + 2 * L) - (2 * y / 3 + sympy.Rational(11, 6) * L)
        ),
        "R^2 over (C + 1/3) L": sympy.expand(
            squared_separation() / 4 - 3 * sympy.log(4) - 12 * (C * L + L / 3) + 9 * C * L
        ),
    }


def growth_constants(balls: Balls) -> dict[str, bool]:
    """reach / eps <= 2.7 D: reach^2 + B <= 16.5 y + 10.5 and exp(y) >= 1 + y."""
    log2 = balls.log(balls.number(2))
    of_log = 4 / (3 * log2) / 6  # C / 6 <= of_log y, as C <= 4 y / (3 L)
    slope = 8 + balls.number(2) / 3 + balls.number(22) / 3 + of_log
    constant = 8 + log2 + balls.log(balls.number(6))
    return {
        "slope": slope < balls.number(33) / 2,
        "constant": constant < balls.number(21) / 2,
        "2 pi 2.7": balls.number(33) / 2 < 2 * balls.pi * balls.number(27) / 10,
    }


@evidence(well_modeled.RELU_SCORE_POLYNOMIAL, kind="symbolic", scope="whole")
def pieces_and_folds_in_powers_of_d(run: Run) -> Outcome:
    """Small: 9 n + m (80 D + 45 D + 64) <= 300 d D. Large: n (16 + 12 G) + 2 m <= 300 d G.

    1 / sqrt e is at most 3, or 2 sqrt(eps) m^(1/4) d^(3C/4) <= 3 D. With s = 1 / tau at most 8 or
    2 sqrt n R d^(C/2), pieces are 1 + s^(1/2) log(2 s) / (2 c), c^2 = 6 sqrt 3, log x <=
    (4 / e) x^(1/4); s^(3/4) <= 7.2 G, G = d^((3 C + 2) / 4), as R^2 / 4 <= 12 d^(C + 1/3).
    """
    del run
    D, G = sympy.exp(y), sympy.exp((3 * C + 2) * L / 4)
    s = sympy.Symbol("s", positive=True)
    # R^(3/4) = (4 * 12 d^(C + 1/3))^(3/8), n <= d
    largest = (2 * sympy.sqrt(sympy.exp(L)) * sympy.exp(C * L / 2)) ** sympy.Rational(3, 4)
    largest *= (48 * sympy.exp((C + sympy.Rational(1, 3)) * L)) ** sympy.Rational(3, 8)
    scale = 2 ** sympy.Rational(3, 4) * 48 ** sympy.Rational(3, 8)
    with Balls(128) as balls:
        spacing = balls.sqrt(largest_spacing(balls))
        seven = balls.exp(balls.log(balls.number(2)) * 3 / 4 + balls.log(balls.number(48)) * 3 / 8)
        fourth = balls.exp(balls.log(balls.number(2)) / 4)
        each = (
            4
            / balls.exp(balls.number(1))
            * fourth
            / (2 * balls.sqrt(6 * balls.sqrt(balls.number(3))))
        )
        constants = {
            **growth_constants(balls),
            "1 / sqrt(1/8) <= 3": balls.sqrt(balls.number(8)) < 3,
            "2 sqrt eps <= 3": 2 * balls.sqrt(spacing) < 3,
            "8 pieces a D": 2 + balls.number(7) / 4 * 3 < 8,
            "small": balls.number(80 + 12 * 3.75 + 64) < 300,
            "7.2 G": seven < balls.number(72) / 10,
            "8^(3/4) <= 7.2": balls.exp(balls.log(balls.number(8)) * 3 / 4) < balls.number(72) / 10,
            "2 pieces a G": each * balls.number(72) / 10 < 2,
            "3 log 4 <= 12": 3 * balls.log(balls.number(4)) < 12,
        }
    return certain(
        {
            **sizes_as_stated(),
            **growth_of_the_choices(),
            "d D": sympy.simplify(sympy.exp(L) * D - sympy.exp((3 * C + 5) * L / 4)),
            "d G": sympy.simplify(sympy.exp(L) * G - sympy.exp((3 * C + 6) * L / 4)),
            "m^(1/4) d^(3C/4)": sympy.simplify(
                sympy.exp(L) ** sympy.Rational(1, 4) * sympy.exp(3 * C * L / 4) - D
            ),
            "16^(1/4)": sympy.Integer(16) ** sympy.Rational(1, 4) - 2,
            "s^(3/4)": sympy.simplify(
                sympy.expand_log(sympy.log(largest / (scale * G)), force=True)
            ),
            # log x - (4 / e) x^(1/4) is largest, 0, at x = e^4
            "log x <= (4 / e) x^(1/4)": sympy.log(sympy.exp(4)) - 4 / sympy.E * sympy.exp(1),
            "its slope": sympy.diff(sympy.log(s) - 4 / sympy.E * s ** sympy.Rational(1, 4), s)
            - (1 - s ** sympy.Rational(1, 4) / sympy.E) / s,
            "sigma / t <= 1/2": sympy.simplify(
                sympy.Rational(1, 2)
                - sigma / (1 + sigma**2)
                - (1 - sigma) ** 2 / (2 * (1 + sigma**2))
            ),
        },
        constants,
        "n + m = d; D <= G",
    )


@evidence(well_modeled.RELU_SCORE_WEIGHTS, kind="symbolic", scope="whole")
def weights_in_powers_of_d(run: Run) -> Outcome:
    """E = d^(2 C + 1), log E = (2 C + 1) L: R^2 <= 16 log E + 12 log 4 <= 17 E, E >= 2.

    (R eps)^2 <= 24 pi^2, coefficient by coefficient. 1 / (4 q) = t eps^2 / (4 sigma^2) <= eps^2 / 2
    d^(2 C) where sigma <= 1, and less elsewhere. s <= 2 sqrt(17) E bounds tanh's last knot,
    log(2 s) / 2 <= s; D <= E bounds the clamp, and R / eps <= (R^2 + pi^2 / eps^2) / (2 pi).
    """
    del run
    power = (2 * C + 1) * L
    square, inverse = squared_separation(), inverse_spacing() - sympy.log(C + sympy.log(4) / L + 4)
    with Balls(128) as balls:
        log2, log4 = balls.log(balls.number(2)), balls.log(balls.number(4))
        spacing = largest_spacing(balls)
        most = (balls.number(17) + 17) / (2 * balls.pi)
        constants = {
            **growth_constants(balls),
            # 16 (E - 1) + 12 log 4 <= 17 E from E = 2 on
            "R^2 <= 17 E": 12 * log4 - 16 < 2,
            "75 R^2": balls.number(75 * 17) < 2000,
            "the clamp": 4 * balls.number(27) / 10 + 2 < 2000,
            "R / eps": most < 2000,
            "R eps": balls.pi * balls.sqrt(balls.number(24)) < 2000,
            "12 log 4 <= 24 (log 2 + log 4)": 12 * log4 < 24 * (log2 + log4),
            "1 / (4 q)": spacing / 2 < 2000,
            "tanh": 2 * balls.sqrt(balls.number(17)) < 2000,
        }
    return certain(
        {
            **choices_as_stated(),
            **growth_of_the_choices(),
            "left as stated": weight_as_stated(),
            "as stated": explicit_network.weight_polynomial(ctx, n, m, C)
            - 2000 * sympy.exp(power).subs(L, sympy.log(n + m)),
            "R^2": sympy.expand(square - (16 * power + 12 * sympy.log(4)) + 20 * C * L),
            "24 times the inverse": sympy.expand(
                24 * inverse - square - (24 * sympy.log(2) - 12 * sympy.log(4) + 32 * L)
            ),
            "D <= E": sympy.expand(power - y - (5 * C + 3) * L / 4),
            "1 / (4 q)": sympy.simplify(
                1 / (4 * theta.ratio(eps, sigma)) - (1 + sigma**2) * eps**2 / (4 * sigma**2)
            ),
        },
        constants,
        "every weight against 2000 E",
    )
