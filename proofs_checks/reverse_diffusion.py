"""Reverse diffusion: exact transitions, the middle term in closed form, Abel's summation."""

import sympy

from hardposterior.proofs_checks.derivation import derive
from hardposterior.spec import reverse_diffusion
from hardposterior.spec.evidence import Outcome, Run, evidence

u, r, v, x, D = sympy.symbols("u r v x D", positive=True)
s = sympy.Symbol("s", positive=True)


@evidence(reverse_diffusion.REVERSE_DIFFUSION, kind="symbolic", scope="step")
def terms_of_a_gaussian(run: Run) -> Outcome:
    """The middle term's integral for mmse = v u / (v + u), and e_k^2 from a slope's error.

    The step is the exact transition of the frozen drift: its mean and variance solve
    dm/du = (m - D) / u and dV/du = 2 V / u - 1, down from m = x, V = 0 at u.
    """
    del run
    below = u / r
    mmse = v * s / (v + s)
    anti = sympy.log(s) - sympy.log(v + s)
    integral = v * (anti.subs(s, u) - anti.subs(s, below)) / v
    stated = sympy.log(r) - sympy.log((v + u) / (v + below))
    mean = D + s / u * (x - D)
    variance = s * (u - s) / u
    return derive(
        {
            "antiderivative": sympy.simplify(sympy.diff(anti, s) - mmse / s**2),
            "integral": sympy.simplify(sympy.expand_log(integral - stated, force=True)),
            "mean": sympy.simplify(sympy.diff(mean, s) - (mean - D) / s),
            "mean at u": sympy.simplify(mean.subs(s, u) - x),
            "variance": sympy.simplify(sympy.diff(variance, s) - (2 * variance / s - 1)),
            "variance at u": variance.subs(s, u),
        }
    )


@evidence(reverse_diffusion.REVERSE_DIFFUSION_STEPS, kind="symbolic", scope="whole")
def abel_summation(run: Run) -> Outcome:
    """sum (M_k - M_{k+1}) g_k = M_0 g_0 - M_K g_{K-1} + sum M_k (g_k - g_{k-1}).

    Here g_k = (r - 1) / u_k. M_k <= d u_k in every term with a plus sign; u_k g_k = r - 1 and
    u_k (g_k - g_{k-1}) = (r - 1)(1 - 1/r). The integral is at most the sum, as mmse(u) >= M_{k+1}
    on [u_{k+1}, u_k].
    """
    del run
    steps = 5
    M = sympy.symbols(f"M0:{steps + 1}", positive=True)
    g = sympy.symbols(f"g0:{steps}", positive=True)
    left = sum((M[k] - M[k + 1]) * g[k] for k in range(steps))
    right = M[0] * g[0] - M[steps] * g[steps - 1]
    right += sum(M[k] * (g[k] - g[k - 1]) for k in range(1, steps))
    gap = 1 / (u / r) - 1 / u
    before = 1 / u - 1 / (u * r)
    K, d = sympy.symbols("K d", positive=True)
    total = d * (r - 1) + (K - 1) * d * (r - 1) * (1 - 1 / r)
    return derive(
        {
            "Abel": sympy.expand(left - right),
            "first": sympy.simplify(u * gap - (r - 1)),
            "others": sympy.simplify(u * (gap - before) - (r - 1) * (1 - 1 / r)),
            "sum": sympy.simplify(total / 2 - reverse_diffusion.discretization_term(d, r, K)),
        }
    )
