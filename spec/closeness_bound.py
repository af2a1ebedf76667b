"""A certified lower bound on the delta of two laws, from a set chosen on other data.

P(A) - Q(A^tau) <= delta for every closed A. With A fixed, `hits` of `trials` fresh draws of P lie
in A, and P(A) has the Clopper-Pearson lower limit: the p at which that many hits or more have
probability alpha / 2; likewise an upper limit for Q(A^tau).
"""

from math import comb

from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.statements import COUNT, PROBABILITY, STATEMENTS, Bound, Domain


def at_least(ctx: Arithmetic, hits: int, trials: int, p: Number) -> Number:
    """Pr[Binomial(trials, p) >= hits]."""
    terms = (comb(trials, i) * p**i * (1 - p) ** (trials - i) for i in range(hits, trials + 1))
    return sum(terms, ctx.number(0))


def chance_of_a_wrong_limit(ctx: Arithmetic, p: Number, trials: int, level: Number) -> Number:
    """Pr[the lower limit exceeds p].

    The limit at `hits` exceeds p exactly where Pr[Binomial(trials, p) >= hits] < level, as that
    probability increases with p; so it does from the first such count on.
    """
    for hits in range(1, trials + 1):
        tail = at_least(ctx, hits, trials, p)
        if tail < level:
            return tail
    return ctx.number(0)


def chance_to_exceed(
    ctx: Arithmetic, inside: Number, outside: Number, trials: int, others: int, alpha: Number
) -> Number:
    """Pr[P(A)'s limit too high] + Pr[Q(A^tau)'s limit too low], 1 - Q(A^tau) from below."""
    first = chance_of_a_wrong_limit(ctx, inside, trials, alpha / 2)
    return first + chance_of_a_wrong_limit(ctx, outside, others, alpha / 2)


def stated_level(ctx: Arithmetic, alpha: Number, **_: Number) -> Number:
    """alpha."""
    return ctx.number(alpha)


CHANCE = Domain("a number in [0, 1]", lambda p: 0 <= p <= 1)

CLOSENESS_BOUND = STATEMENTS.state(
    Bound(
        id="closeness.lower-bound",
        paper="Section 1",
        relation="own",
        claim="a set chosen on other draws, each of its two probabilities at its exact binomial "
        "limit at alpha / 2, gives a number that exceeds delta with probability at most alpha",
        domain={
            "inside": CHANCE,
            "outside": CHANCE,
            "trials": COUNT,
            "others": COUNT,
            "alpha": PROBABILITY,
        },
        left=chance_to_exceed,
        right=stated_level,
        proof="given the choice, hits are binomial; the limit is wrong where their upper tail is "
        "below alpha / 2, which has probability below alpha / 2 (never, where the true one is 0 or "
        "1); P(A) - Q(A^tau) <= Pr[X in A, X' not in A^tau] <= Pr[|X - X'| > tau] for any coupling",
        depends=("closeness",),
    )
)
