"""Posterior sampling by rejection from an imperfect prior sampler (Appendix E): all together.

Proposals come from p_hat, (tau, delta')-close to p; y from p; at most N proposals for each draw.
"""

from hardposterior.spec import acceptance, rejection
from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.posterior_stability import stability_bound
from hardposterior.spec.statements import STATEMENTS, Derived


def bad_measurements(acceptance_delta: Number, closeness: Number, alpha: Number) -> Number:
    """delta_a + delta' + alpha: the chance over y ~ p that q_hat(y) < bound(delta_a, S of p).

    Let B be that set of y. The laws of y under p and p_hat differ by at most delta' + alpha in
    total variation, so min(p, p_hat) has mass >= Pr_p[B] - delta' - alpha on B; it is below the
    level there, and its second moment is at most S: the bathtub leaves it mass delta_a.
    """
    return acceptance_delta + closeness + alpha


def guaranteed_delta(
    ctx: Arithmetic,
    closeness: Number,
    alpha: Number,
    acceptance_delta: Number,
    rounds_failure: Number,
) -> Number:
    """The least delta with bad + F / (delta - delta_r) <= delta.

    F = 2 (delta' + (1 - delta') alpha) is the expected failure of p_hat's exact posterior. Where y
    is not bad, N proposals fail with probability <= delta_r; by Markov the posterior's own failure
    exceeds delta - delta_r with probability <= F / (delta - delta_r).
    """
    bad = bad_measurements(acceptance_delta, closeness, alpha)
    expected = stability_bound(closeness, alpha)
    excess = bad - rounds_failure
    return rounds_failure + (excess + ctx.sqrt(excess * excess + 4 * expected)) / 2


def closeness_allowed(ctx: Arithmetic, delta: Number) -> Number:
    """A delta' + alpha that is enough for `delta`, with delta_a = delta_r = delta / 4.

    x with delta/4 + x + 2 x / (3 delta/4) = delta: x = (9/16) delta^2 / (2 + (3/4) delta).
    """
    return ctx.number(9) / 16 * delta * delta / (2 + ctx.number(3) / 4 * delta)


def log_rounds(
    ctx: Arithmetic,
    m: int,
    beta: Number,
    acceptance_delta: Number,
    second_moment: Number,
    rounds_failure: Number,
) -> Number:
    """The logarithm of N = log(1 / delta_r) / bound(delta_a), the sharp bound on q."""
    log_q = acceptance.log_sharp(ctx, m, beta, acceptance_delta, second_moment)
    return ctx.log(rejection.rounds(ctx, ctx.number(1), rounds_failure)) - log_q


UPPER_BOUND = STATEMENTS.state(
    Derived(
        id="upper-bound",
        paper="Appendix E",
        relation="explicit",
        claim="reverse diffusion with an L2-accurate score, K steps, then rejection of at most N "
        "proposals is a (tau, delta)-posterior sampler of K N network evaluations a draw; N is "
        "(1 / delta)(O(1) / (beta sqrt delta))^m log(1 / delta) where |Cov| = O(1) and beta <= 1",
        proof="Pr_{y~p}[q_hat(y) < bound(delta_a, S of p)] <= delta_a + delta' + alpha, by the "
        "bathtub for min(p, p_hat); Markov for the failure of p_hat's posterior; N rounds. "
        "reverse-diffusion is derived here for N(0, v); for other priors its bound is Girsanov's",
        depends=(
            "reverse-diffusion",
            "reverse-diffusion.discretization",
            "posterior-stability",
            "acceptance.sharp",
            "acceptance.rounds",
            "rejection-rounds",
        ),
    )
)
