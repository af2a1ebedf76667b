"""The denoiser along the reverse path: the orthogonality identity, derived for a Gaussian."""

import sympy

from hardposterior.proofs_checks.arithmetic import Symbols
from hardposterior.proofs_checks.derivation import derive
from hardposterior.spec import denoiser_martingale
from hardposterior.spec.evidence import Outcome, Run, evidence

v, u, more = sympy.symbols("v u more", positive=True)
x, z = sympy.symbols("x z", real=True)


@evidence(denoiser_martingale.ORTHOGONALITY, kind="symbolic", scope="whole")
def regression_and_orthogonality(run: Run) -> Outcome:
    """D_u regresses on X_{u'} with D_{u'}'s slope, mmse is its residual, and the sum is orthogonal.

    X ~ N(0, v), X_u = X + sqrt(u) Z, X_{u'} = X_u + sqrt(u' - u) Z': all jointly Gaussian, so the
    conditional mean is the regression, by covariances.
    """
    del run
    ctx = Symbols()
    near, far = v + u, v + u + more
    slope, frozen = v / near, v / far
    residual = v - slope**2 * near
    error = sympy.Poly(x - slope * (x + z), x, z) ** 2
    moments = {(2, 0): v, (0, 2): u, (1, 1): 0}
    mean_square = sum(c * moments[power] for power, c in error.terms())
    left = denoiser_martingale.change_of_the_denoiser(ctx, v, u, more)
    right = denoiser_martingale.loss_of_the_frozen_denoiser(ctx, v, u, more)
    mmse = denoiser_martingale.mmse_of_a_gaussian(v, u)
    return derive(
        {
            "the denoiser is the regression": sympy.simplify(slope * near - v),
            "a martingale": sympy.simplify(slope * near / far - frozen),
            "mmse is the residual": sympy.simplify(residual - mmse),
            "mmse by moments": sympy.simplify(mean_square - mmse),
            "orthogonal": sympy.simplify((v - frozen**2 * far) - residual - left),
            "stated": sympy.simplify(left - right),
        }
    )
