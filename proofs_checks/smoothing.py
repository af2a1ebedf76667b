"""Tweedie's formulas, derived for every law from the derivative of the Gaussian kernel."""

import sympy

from hardposterior.proofs_checks.arithmetic import Symbols
from hardposterior.proofs_checks.derivation import derive
from hardposterior.spec import smoothing
from hardposterior.spec.evidence import Outcome, Run, evidence

x, a = sympy.symbols("x a", real=True)
sigma = sympy.Symbol("sigma", positive=True)

ctx = Symbols()


def kernel_step() -> sympy.Expr:
    """phi_sigma'(x - a) - ((a - x) / sigma^2) phi_sigma(x - a)."""
    kernel = smoothing.gaussian_density(ctx, sigma**2, x - a)
    return sympy.diff(kernel, x) - (a - x) / sigma**2 * kernel


def moments_of_any_law() -> tuple[list[sympy.Expr], dict[sympy.Expr, sympy.Expr]]:
    """M_k = E[X^k phi_sigma(x - X)] and their derivatives, which the kernel step gives."""
    moments = [sympy.Function(f"M{k}")(x) for k in range(4)]
    slopes = {
        sympy.diff(moments[k], x): (moments[k + 1] - x * moments[k]) / sigma**2 for k in range(3)
    }
    return moments, slopes


@evidence(smoothing.SMOOTHED_SCORE, kind="symbolic", scope="whole")
def tweedie_follows_from_the_kernel(run: Run) -> Outcome:
    """d log p / dx = (D - x) / sigma^2 for every law, D = M_1 / M_0 and p = M_0."""
    del run
    (zeroth, first, *_), slopes = moments_of_any_law()
    score = sympy.diff(sympy.log(zeroth), x).subs(slopes)
    return derive(
        {
            "the kernel's derivative": kernel_step(),
            "Tweedie": score - (first / zeroth - x) / sigma**2,
        }
    )


@evidence(smoothing.SMOOTHED_SCORE, kind="symbolic", scope="box")
def tweedie_holds_for_three_symbolic_atoms(run: Run) -> Outcome:
    """The formulas as stated, both sides, for three atoms with symbolic places and weights."""
    del run
    atoms = sympy.symbols("a0:3", real=True)
    weights = sympy.symbols("w0:3", positive=True)
    law = (ctx, atoms, weights, sigma, x)
    left, right = smoothing.SMOOTHED_SCORE.left(*law), smoothing.SMOOTHED_SCORE.right(*law)
    return derive({"three atoms": sympy.together(left - right)})


def second_order_of_two_points() -> dict[str, sympy.Expr]:
    """Both sides as stated, in the moments of two points of symbolic places and weights."""
    atoms, weights = sympy.symbols("a0:2", real=True), sympy.symbols("w0:2", positive=True)
    zeroth, first, second = (
        sum(
            w * place**order * smoothing.gaussian_density(ctx, sigma**2, x - place)
            for w, place in zip(weights, atoms, strict=True)
        )
        for order in range(3)
    )
    law, stated = (ctx, atoms, weights, sigma, x), smoothing.SECOND_ORDER
    variance = second / zeroth - (first / zeroth) ** 2
    return {
        "left as stated": sympy.together(stated.left(*law) - sympy.diff(first / zeroth, x)),
        "right as stated": sympy.together(stated.right(*law) - variance / sigma**2),
    }


@evidence(smoothing.SECOND_ORDER, kind="symbolic", scope="whole")
def slope_is_the_posterior_variance(run: Run) -> Outcome:
    """D' = (M_2 / M_0 - (M_1 / M_0)^2) / sigma^2 for every law."""
    del run
    (zeroth, first, second, _), slopes = moments_of_any_law()
    slope = sympy.diff(first / zeroth, x).subs(slopes)
    variance = second / zeroth - (first / zeroth) ** 2
    return derive(
        {
            "the kernel's derivative": kernel_step(),
            "second order": slope - variance / sigma**2,
            **second_order_of_two_points(),
        }
    )
