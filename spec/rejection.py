"""Rejection sampling from a posterior (Appendix E): exact, and how many proposals it takes.

A proposal x ~ p is accepted with probability exp(-|y - A x|^2 / (2 beta^2)). A law is given by
`atoms`, the values of A x, and `weights`; m = 1 where a formula needs a dimension.
"""

from collections.abc import Sequence

from hardposterior.spec.arithmetic import Arithmetic, Number
from hardposterior.spec.smoothing import LAW, mixture_density
from hardposterior.spec.statements import (
    COUNT,
    POSITIVE,
    PROBABILITY,
    REAL,
    STATEMENTS,
    Bound,
    Domain,
    Hypothesis,
    Identity,
)

INDEX = Domain("the index of an atom", lambda i: i == int(i) and i >= 0)
RATE = Domain("a number in (0, 1)", lambda q: 0 < q < 1)


def accepted_masses(
    ctx: Arithmetic, atoms: Sequence[Number], weights: Sequence[Number], beta: Number, y: Number
) -> list[Number]:
    """The chance that one proposal is this atom and is accepted, for each atom."""
    total = sum(weights[1:], weights[0])
    return [
        w / total * ctx.exp(-((y - atom) ** 2) / (2 * beta * beta))
        for w, atom in zip(weights, atoms, strict=True)
    ]


def acceptance_rate(
    ctx: Arithmetic, atoms: Sequence[Number], weights: Sequence[Number], beta: Number, y: Number
) -> Number:
    """q(y), the chance that one proposal is accepted."""
    masses = accepted_masses(ctx, atoms, weights, beta, y)
    return sum(masses[1:], masses[0])


def drawn_mass(
    ctx: Arithmetic,
    atoms: Sequence[Number],
    weights: Sequence[Number],
    beta: Number,
    y: Number,
    index: int,
) -> Number:
    """The chance that the first accepted proposal is this atom: the sum over its round."""
    mass = accepted_masses(ctx, atoms, weights, beta, y)[index]
    missed = 1 - acceptance_rate(ctx, atoms, weights, beta, y)
    return ctx.series(lambda k: missed**k * mass, lambda j: missed**j * mass / (1 - missed))


def posterior_mass(
    ctx: Arithmetic,
    atoms: Sequence[Number],
    weights: Sequence[Number],
    beta: Number,
    y: Number,
    index: int,
) -> Number:
    """P(atom | y), by Bayes."""
    masses = accepted_masses(ctx, atoms, weights, beta, y)
    return masses[index] / sum(masses[1:], masses[0])


def mean_proposals(
    ctx: Arithmetic, atoms: Sequence[Number], weights: Sequence[Number], beta: Number, y: Number
) -> Number:
    """The mean number of proposals up to the accepted one: the sum of k q (1 - q)^(k-1)."""
    q = acceptance_rate(ctx, atoms, weights, beta, y)

    def tail(j: int) -> Number:
        return (1 - q) ** max(j - 1, 0) * (j + (1 - q) / q)

    return ctx.series(lambda k: k * q * (1 - q) ** (k - 1), tail, first=1)


def inverse_rate(
    ctx: Arithmetic, atoms: Sequence[Number], weights: Sequence[Number], beta: Number, y: Number
) -> Number:
    """1 / ((2 pi beta^2)^(1/2) p(y)), p the density of y."""
    density = mixture_density(ctx, atoms, weights, beta, y)
    return 1 / (ctx.sqrt(2 * ctx.pi) * beta * density)


def truncated_mean(
    ctx: Arithmetic,
    atoms: Sequence[Number],
    weights: Sequence[Number],
    beta: Number,
    radius: Number,
    cells: int,
) -> Number:
    """E[1 / q(y); |y| <= r] by the midpoint rule, which is exact: p(y) / q(y) does not vary."""
    width = 2 * radius / cells
    middles = [width * (2 * i + 1) / 2 - radius for i in range(cells)]
    return sum(
        width
        * mixture_density(ctx, atoms, weights, beta, y)
        / acceptance_rate(ctx, atoms, weights, beta, y)
        for y in middles
    )


def truncated_mean_in_closed_form(
    ctx: Arithmetic, beta: Number, radius: Number, **_: Number
) -> Number:
    """2 r / (2 pi beta^2)^(1/2): it grows without limit with r."""
    return 2 * radius / (ctx.sqrt(2 * ctx.pi) * beta)


def rounds(ctx: Arithmetic, q: Number, failure: Number) -> Number:
    """log(1 / delta') / q; rounding it up only helps."""
    return ctx.log(1 / failure) / q


def exact_rounds(ctx: Arithmetic, q: Number, failure: Number) -> Number:
    """log(1 / delta') / (-log(1 - q))."""
    return ctx.log(1 / failure) / -ctx.log1p(-q)


def failure_after(ctx: Arithmetic, q: Number, proposals: Number) -> Number:
    """(1 - q)^N: no proposal of N is accepted."""
    return ctx.exp(proposals * ctx.log1p(-q))


def failure_left(ctx: Arithmetic, q: Number, proposals: Number, **_: Number) -> Number:
    """(1 - q)^N."""
    return failure_after(ctx, q, proposals)


def failure_allowed(ctx: Arithmetic, failure: Number, **_: Number) -> Number:
    """delta'."""
    del ctx
    return failure


def failure_after_exact_rounds(ctx: Arithmetic, q: Number, failure: Number) -> Number:
    """(1 - q)^N at N = log(1 / delta') / (-log(1 - q))."""
    return failure_after(ctx, q, exact_rounds(ctx, q, failure))


def enough_rounds(ctx: Arithmetic, q: Number, failure: Number, proposals: Number) -> Number:
    """N - log(1 / delta') / q."""
    return proposals - rounds(ctx, q, failure)


FINITE_LAW = {"atoms": LAW, "weights": LAW, "beta": POSITIVE}

REJECTION_EXACT = STATEMENTS.state(
    Identity(
        id="rejection-exact",
        paper="Appendix E",
        relation="special case",
        claim="the first accepted proposal has exactly the law of x given y (finite laws, m = 1; "
        "the sum over rounds is the same for every law and m)",
        domain={**FINITE_LAW, "y": REAL, "index": INDEX},
        left=drawn_mass,
        right=posterior_mass,
        proof="a geometric series: the rounds before the accepted one are free of its value",
        depends=("posterior-sampler",),
    )
)

REJECTION_MEAN = STATEMENTS.state(
    Identity(
        id="rejection-exact.rounds",
        paper="Appendix E",
        relation="special case",
        claim="the number of proposals is geometric with mean 1 / q(y), "
        "q(y) = (2 pi beta^2)^(m/2) p(y) (finite laws, m = 1)",
        domain={**FINITE_LAW, "y": REAL},
        left=mean_proposals,
        right=inverse_rate,
        proof="sum of k q (1 - q)^(k-1) = 1 / q; q is p(y) but for the constant of the noise",
        depends=("rejection-exact",),
    )
)

REJECTION_INFINITE = STATEMENTS.state(
    Identity(
        id="rejection-exact.infinite-mean",
        paper="Appendix E",
        relation="own",
        claim="E over y of 1 / q(y) is infinite for every prior: "
        "E[1 / q(y); |y| <= r] = V_m r^m / (2 pi beta^2)^(m/2) (stated for m = 1)",
        domain={**FINITE_LAW, "radius": POSITIVE, "cells": COUNT},
        left=truncated_mean,
        right=truncated_mean_in_closed_form,
        proof="p(y) / q(y) = (2 pi beta^2)^(-m/2) for every y",
        depends=("rejection-exact.rounds",),
    )
)

REJECTION_ROUNDS = STATEMENTS.state(
    Bound(
        id="rejection-rounds",
        paper="Appendix E",
        relation="explicit",
        claim="N >= log(1 / delta') / q proposals all fail with probability <= delta'",
        domain={"q": RATE, "failure": PROBABILITY, "proposals": POSITIVE},
        where=(
            Hypothesis(
                name="N >= log(1 / delta') / q",
                claim="N >= log(1 / delta') / q",
                margin=enough_rounds,
                witness={"q": 0.5, "failure": 0.25, "proposals": 1.0},
            ),
        ),
        left=failure_left,
        right=failure_allowed,
        proof="-log(1 - q) >= q; at q = 1 the first is accepted",
        depends=("rejection-exact",),
    )
)

REJECTION_ROUNDS_EXACT = STATEMENTS.state(
    Identity(
        id="rejection-rounds.exact",
        paper="Appendix E",
        relation="sharper",
        claim="log(1 / delta') / (-log(1 - q)) proposals all fail with probability delta' exactly",
        domain={"q": RATE, "failure": PROBABILITY},
        left=failure_after_exact_rounds,
        right=failure_allowed,
        proof="(1 - q)^N = exp(N log(1 - q))",
    )
)
