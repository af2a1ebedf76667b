"""Reverse diffusion: exact transitions, the whole bound for a Gaussian, Abel's summation."""

import sympy

from hardposterior.proofs_checks.arithmetic import Symbols
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


class OfLogarithms:
    """Sums of rational functions and multiples of logarithms: `rational` + log(`product`)."""

    def __init__(self, rational: sympy.Expr, product: sympy.Expr) -> None:
        self.rational, self.product = rational, product

    @classmethod
    def of(cls, expression: sympy.Expr) -> "OfLogarithms":
        """A sum of terms c log(z), c rational, and others."""
        rational, product = sympy.Integer(0), sympy.Integer(1)
        for term in sympy.Add.make_args(sympy.expand_mul(expression, deep=False)):
            factor, rest = term.as_independent(sympy.log)
            if rest == 1:
                rational += factor
            elif isinstance(rest, sympy.log) and factor.is_Rational:
                product *= rest.args[0] ** factor
            else:
                raise TypeError(f"neither rational nor a logarithm: {term}")
        return cls(rational, product)

    def __sub__(self, other: "OfLogarithms") -> "OfLogarithms":
        return OfLogarithms(self.rational - other.rational, self.product / other.product)

    @property
    def rest(self) -> sympy.Expr:
        """Vanishes where the sum does for all values: both parts by rational arithmetic alone."""
        return sympy.cancel(self.rational) ** 2 + (sympy.cancel(self.product) - 1) ** 2


def twice_kl(ratio: sympy.Expr) -> OfLogarithms:
    """2 KL(N(0, P) | N(0, Q)) = f(P / Q), f(z) = z - 1 - log z."""
    return OfLogarithms(ratio - 1, 1 / ratio)


def together(*parts: OfLogarithms, square: sympy.Expr) -> OfLogarithms:
    """The sum of the parts and of a rational term."""
    rational = sum((part.rational for part in parts), square)
    return OfLogarithms(rational, sympy.prod([part.product for part in parts]))


@evidence(reverse_diffusion.REVERSE_DIFFUSION, kind="symbolic", scope="whole")
def chain_rule_step_by_step(run: Run) -> Outcome:
    """Induction over the steps: KL after <= KL before + KL of the transitions = the step's terms.

    x ~ N(0, P) moves by slope a and variance S, the output N(0, Q) by slope b and variance T. The
    chain rule in both directions gives an identity whose extra terms are f(w / w') and a square,
    and f >= 0 as f(1) = 0 and f' has the sign of z - 1. The target moves from N(0, v + u) to
    N(0, v + u / r), the output by the sampler's step, first at u_0 from the start's f(1 + v / u_0).
    """
    del run
    P, Q, a, b, S, T, z, e = sympy.symbols("P Q a b S T z e", positive=True)
    P_next, Q_next = a**2 * P + S, b**2 * Q + T
    back, output_back = a * P / P_next, b * Q / Q_next
    left, output_left = P * S / P_next, Q * T / Q_next
    forward = together(twice_kl(P / Q), twice_kl(S / T), square=(a - b) ** 2 * P / T)
    backward = together(
        twice_kl(P_next / Q_next),
        twice_kl(left / output_left),
        square=(back - output_back) ** 2 * P_next / output_left,
    )
    below = u / r
    slope, spread = (v + below) / (v + u), (v + below) * (u - below) / (v + u)
    taken, noise = v / (v + u) + e, below * (u - below) / u
    kept = taken + (1 - taken) / r
    ctx = Symbols()
    start = reverse_diffusion.start_term(v, u)
    stated = reverse_diffusion.three_terms_for_a_gaussian(ctx, v, u, r, 1, e) - start
    of_step = together(twice_kl(spread / noise), square=(slope - kept) ** 2 * (v + u) / noise)
    output = reverse_diffusion.output_variance(v, u, r, 1, e)
    divergence = reverse_diffusion.gaussian_divergence(ctx, v, u, r, 1, e)
    at_start = together(twice_kl(1 + v / u), square=sympy.Integer(0))
    return derive(
        {
            "chain rule": (forward - backward).rest,
            "f vanishes at 1": twice_kl(sympy.Integer(1)).rest,
            "f has its least value there": sympy.diff(z - 1 - sympy.log(z), z) - (z - 1) / z,
            "the target's transition": sympy.cancel(slope**2 * (v + u) + spread - (v + below)),
            "the sampler's step": sympy.cancel(kept**2 * u + noise - output),
            "the step's terms": (of_step - OfLogarithms.of(2 * stated)).rest,
            "the start": (at_start - OfLogarithms(2 * start, 1 / (1 + v / u))).rest,
            "the left side": (
                OfLogarithms.of(2 * divergence) - twice_kl((v + below) / output)
            ).rest,
        }
    )


class Ordered(Symbols):
    """Symbols whose smaller number is the second: of M_k <= u_k and u_{k+1}, as levels fall."""

    @staticmethod
    def minimum(first: sympy.Expr, second: sympy.Expr) -> sympy.Expr:
        del first
        return second


@evidence(reverse_diffusion.REVERSE_DIFFUSION_STEPS, kind="symbolic", scope="whole")
def abel_summation(run: Run) -> Outcome:
    """sum (M_k - M_{k+1}) / u_k = M_0 / u_0 - M_K / u_{K-1} + sum M_k (1 / u_k - 1 / u_{k-1}).

    M falls and 1 / u_{k+1} - 1 / u_k = (r_k - 1) / u_k is at most (r - 1) / u_k; M_k <= d u_k in
    every term with a plus sign, where u_k (1 / u_k - 1 / u_{k-1}) = 1 - 1 / r_{k-1} <= 1 - 1 / r.
    The integral is at most the sum, as mmse(u) >= M_{k+1} on [u_{k+1}, u_k].
    """
    del run
    steps = 5
    M = sympy.symbols(f"M0:{steps + 1}", positive=True)
    h = sympy.symbols(f"h0:{steps}", positive=True)  # 1 / u_k
    left = sum((M[k] - M[k + 1]) * h[k] for k in range(steps))
    right = M[0] * h[0] - M[steps] * h[steps - 1]
    right += sum(M[k] * (h[k] - h[k - 1]) for k in range(1, steps))
    # one step more adds (M - N) h on the left; on the right -M h_before gives way to -N h, M joins
    here, after, now, before = sympy.symbols("M N h h_before", positive=True)
    joined = here * (now - before) - after * now + here * before
    own, less = sympy.symbols("own less", positive=True)  # r_k, and r - r_k >= 0
    K, d = sympy.symbols("K d", positive=True)
    total = (r - 1) * (d + (K - 1) * d * (1 - 1 / r))
    stated, at = reverse_diffusion.REVERSE_DIFFUSION_STEPS, {"ratio": r, "steps": 2, "top": u}
    # two steps of the ratio r, M_0 = u, M_1 as large as it can be, M_2 a half of that
    by_steps = (u - u / r) * (r - 1) / u + (u / r - u / r**2 / 2) * (r - 1) * r / u
    shares = (1, 1, sympy.Rational(1, 2))
    taken = stated.left(Ordered(), **at, ratios=(1, 1), shares=shares)
    return derive(
        {
            "left as stated": sympy.simplify(taken - by_steps / 2),
            "right as stated": sympy.simplify(
                total.subs(d, 1) / 2 - stated.right(Symbols(), ratio=r, steps=K)
            ),
            "Abel": sympy.expand(left - right),
            "Abel, one step more": sympy.expand((here - after) * now - joined),
            "a step's weight": sympy.simplify((own + less - 1) / u - (own / u - 1 / u) - less / u),
            "a level's share": sympy.simplify(u * (1 / u - 1 / (u * own)) - (1 - 1 / own)),
            "it is largest for r": sympy.simplify(
                (1 - 1 / (own + less)) - (1 - 1 / own) - less / (own * (own + less))
            ),
            "sum": sympy.simplify(total / 2 - reverse_diffusion.discretization_term(d, r, K)),
        }
    )
