"""Along the reverse path the denoiser is a martingale (Appendix F): its error is orthogonal.

X_u = X + sqrt(u) Z as one Brownian path in u, D_u = E[X | X_u], mmse(u) = E|X - D_u|^2. Given X_u,
what X_{u'} adds for u' > u is noise, so E[D_u | X_{u'}] = D_{u'}.
"""

from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.statements import POSITIVE, STATEMENTS, Identity


def mmse_of_a_gaussian(variance: Number, u: Number) -> Number:
    """v u / (v + u), for the prior N(0, v)."""
    return variance * u / (variance + u)


def change_of_the_denoiser(ctx: Arithmetic, variance: Number, u: Number, more: Number) -> Number:
    """E|D_u - D_{u'}|^2 for N(0, v), u' = u + more: D_u = v / (v + u) X_u, E X_u X_{u'} = v + u."""
    del ctx
    near, far = variance + u, variance + u + more
    slope, frozen = variance / near, variance / far
    return slope**2 * near + frozen**2 * far - 2 * slope * frozen * near


def loss_of_the_frozen_denoiser(
    ctx: Arithmetic, variance: Number, u: Number, more: Number
) -> Number:
    """mmse(u') - mmse(u) for N(0, v), u' = u + more."""
    del ctx
    return mmse_of_a_gaussian(variance, u + more) - mmse_of_a_gaussian(variance, u)


ORTHOGONALITY = STATEMENTS.state(
    Identity(
        id="reverse-diffusion.orthogonality",
        paper="Appendix F",
        relation="special case",
        claim="for the prior N(0, v), E|D_u - D_{u'}|^2 = mmse(u') - mmse(u) for u < u'; for other "
        "laws the same by the proof's two lines, which are not derived here",
        domain={"variance": POSITIVE, "u": POSITIVE, "more": POSITIVE},
        left=change_of_the_denoiser,
        right=loss_of_the_frozen_denoiser,
        proof="D_{u'} = E[D_u | X_{u'}], as X_{u'} is X_u and independent noise; so X - D_{u'} is "
        "the sum of X - D_u and D_u - D_{u'}, which are orthogonal",
        depends=("smoothed-score",),
    )
)
