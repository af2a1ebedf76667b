"""The reduction's proof: its links derived, its event argument by z3, its numbers in balls."""

from fractions import Fraction

import sympy
import z3

from hardposterior.proofs_checks.arithmetic import Balls, Symbols, Unchosen
from hardposterior.proofs_checks.derivation import derive
from hardposterior.proofs_checks.solver import prove_all
from hardposterior.spec import inversion, inversion_links
from hardposterior.spec.evidence import Outcome, Run, evidence, proved, refuted

ctx = Symbols()
R = sympy.Symbol("R", positive=True)
tau = sympy.Symbol("tau", real=True)
n = sympy.Symbol("n", positive=True)
q, delta, p, A, w = sympy.symbols("q delta p A w", positive=True)


def worst_sampler() -> dict[str, sympy.Expr]:
    """1 - (what succeeds under the worst sampler) <= 2 delta - delta^2 + 1 - A (1 - q)^n.

    Two cells of masses u and 1 - u, of which b and delta - b are spoilt, with chances c of success;
    relu(z) = z + e, e >= 0. What the bound leaves is sum b (1 - c) + sum (u - b) e >= 0.
    """
    u, gone = sympy.symbols("u gone", nonnegative=True)
    c, e = sympy.symbols("c0:2", nonnegative=True), sympy.symbols("e0:2", nonnegative=True)
    masses, spoilt = (u, 1 - u), (gone, delta - gone)
    kept = [chance - delta + more for chance, more in zip(c, e, strict=True)]
    failure = 1 - inversion.success_left(masses, spoilt, kept)
    whole = sum(mass * chance for mass, chance in zip(masses, c, strict=True))
    left = sum(b * (1 - chance) for b, chance in zip(spoilt, c, strict=True))
    left += sum((mass - b) * more for mass, b, more in zip(masses, spoilt, e, strict=True))
    cells = ((A, p), (q, w))
    rows, chances = inversion.chances_of_success(ctx, n, R, tau, cells)
    strong = 1 - inversion_links.any_weak_coordinate(ctx, n, R, tau)
    mean_chance = sum(mass * chance for mass, chance in zip(rows, chances, strict=True))
    # one cell of mass 1, a share delta of it spoilt; max(z, 0) left open
    unchosen, agreed = Unchosen(), (A**2 + p**2) / (A + p) ** 2
    spoilt_mass = unchosen.minimum(sympy.Integer(1), delta)
    kept_chance = unchosen.maximum(agreed * strong - delta, sympy.Integer(0))
    stated = inversion.INVERSION.left(
        unchosen, n=n, separation=R, tau=tau, delta=delta, joint=((A, p),)
    )
    return {
        "left as stated": stated - (1 - (1 - spoilt_mass) * kept_chance),
        "the worst sampler": sympy.expand(2 * delta - delta**2 + 1 - whole - failure - left),
        "its chances": sympy.simplify(mean_chance - inversion_links.agreement(ctx, cells) * strong),
    }


@evidence(inversion.INVERSION, kind="symbolic", scope="whole")
def failures_of_the_worst_sampler_add_up(run: Run) -> Outcome:
    """1 - success <= 2 delta - delta^2 + 1 - A (1 - q)^n <= 2 delta + (1 - A) + (1 - (1 - q)^n).

    With inversion.exchange (1 - A <= 2 p) and inversion.signs (1 - (1 - q)^n <= n q) that is the
    bound as stated. That no sampler fails but for a cause is a step of its own:
    `every-failure-has-a-cause`.
    """
    del run
    b, c = sympy.symbols("b c", nonnegative=True)
    cells = ((A, p), (q, w))
    numbers = (n, R, tau, delta, cells)
    weak = inversion_links.any_weak_coordinate(ctx, n, R, tau)
    spoilt = 2 * delta - delta**2
    bound = inversion.failure_bound_of_cells(ctx, *numbers, (0, 1))
    sharp = inversion.sharp_failure_bound(ctx, *numbers, (0, 1))
    misses = inversion_links.decoding_error(ctx, cells, (0, 1))
    return derive(
        {
            **worst_sampler(),
            "two failures": sympy.expand(b + c - (1 - (1 - b) * (1 - c)) - b * c),
            "right": sympy.simplify(
                bound - (2 * delta + 2 * misses + inversion_links.sign_bound(ctx, n, R, tau))
            ),
            "sharp": sympy.simplify(sharp - (spoilt + 1 - (1 - misses) ** 2 * (1 - weak))),
            "2 delta": sympy.expand(2 * delta - spoilt - delta**2),
        }
    )


def questions() -> dict[str, tuple[z3.BoolRef, list[z3.BoolRef]]]:
    """The event argument: what has to go wrong for a failure, and how often it may.

    z = f(s*), g = decoded y, z' = f(s'); x' the posterior draw, coordinate i of it against the
    output's, at most tau apart; `fine` are the words that the output's signs spell.
    """
    star, decoded, drawn, output = z3.Ints("star decoded drawn output")
    sign, there, here, move = z3.Reals("sign there here move")
    near, strong = z3.Bools("near strong")
    own, other, bad, far = z3.Reals("own other bad far")
    success = output == star
    events = [z3.Implies(z3.And(near, strong), output == drawn)]
    signs = z3.Or(sign == 1, sign == -1)
    moved = z3.And(here - there <= move, there - here <= move)
    return {
        "a failure has a cause": (
            z3.Or(success, z3.Not(near), z3.Not(strong), decoded != star, decoded != drawn),
            events,
        ),
        "a strong coordinate keeps its sign": (
            sign * here > 0,
            [signs, moved, sign * there > move],
        ),
        "far with probability 2 delta - delta^2": (
            own + (1 - own) * other <= 2 * bad - bad * bad,
            [own >= 0, own <= bad, other >= 0, other <= bad, bad <= 1],
        ),
        "and at most 2 delta": (2 * far - far * far <= 2 * far, [far >= 0]),
    }


@evidence(inversion.INVERSION, kind="exhaustive", scope="step")
def every_failure_has_a_cause(run: Run) -> Outcome:
    """z3: a failure means a far draw, a weak coordinate, or one of two decoding errors.

    For any sampler: the output is within tau of an exact draw x' but on a share delta of all y and,
    elsewhere, with probability delta. The causes' probabilities are at most 2 delta,
    n Phi(-R (1 - tau)) (`inversion.signs`) and p_dec each (`inversion.exchange`): a union bound.
    """
    del run
    return prove_all(questions())


@evidence(inversion.INVERSION_SHARP, kind="symbolic", scope="whole")
def causes_that_are_independent(run: Run) -> Outcome:
    """Far or not: 2 delta - delta^2. Near: decoded twice and strong, independent given y.

    Strength is a matter of x' - s' alone, so the chance of both is A (1 - q)^n, and A >= (1 - p)^2
    by `inversion.exchange`. What is far may be what else would succeed: the two add up.
    """
    del run
    cells = ((A, p), (q, w))
    weak = inversion_links.any_weak_coordinate(ctx, n, R, tau)
    misses = inversion_links.decoding_error(ctx, cells, (0, 1))
    decoded = 1 - inversion_links.two_misses(ctx, cells, (0, 1))
    stated = inversion.sharp_failure_bound(ctx, n, R, tau, delta, cells, (0, 1))
    return derive(
        {
            "decoded twice": sympy.simplify(decoded - (1 - misses) ** 2),
            "as stated": sympy.simplify(
                stated - (2 * delta - delta**2) - (1 - decoded * (1 - weak))
            ),
            **worst_sampler(),
        }
    )


@evidence(inversion.INVERSION, kind="certified", scope="step")
def reference_bound_in_balls(run: Run) -> Outcome:
    """n = m = 8, R = 4, eps = 3/2, beta = 3/100, exact sampler: the bound is .9713 to 4 digits."""
    del run
    with Balls(128) as balls:
        numbers = [balls.number(Fraction(v)) for v in ("4", "3/2", "3/100", "0", "0")]
        bound = inversion.success_bound(balls, 8, 8, *numbers)
        low, high = balls.number(Fraction("0.97125")), balls.number(Fraction("0.97135"))
        if not (bound > low and bound < high):
            return refuted(f"inversion.success_bound(ctx, 8, 8, 4, 3/2, 3/100, 0, 0) = {bound}")
    return proved(detail=f"success >= {float(bound.mid()):.6f}")
