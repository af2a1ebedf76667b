"""Balls around the terms of a score network's bound, on boxes of noise levels (scaled).

Reads what a network leaves as plain data, one of its boxes at a time.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from flint import arb

from hardposterior.proofs_checks.arithmetic import Balls
from hardposterior.spec import network_terms, profile_pieces, theta
from hardposterior.spec.arithmetic import Number, TooWide

BITS = 64
SLACK = 1 + 2**-5
"""A certificate claims so much more than its balls found: other arithmetics enclose otherwise."""

CUTS = 3
"""Every box of the network is cut into 2^3 before anything is looked at: bounds grow with width."""

PARTS = (1, 2, 4, 8, 16, 32)
"""Into how many parts a piece may be cut to enclose its bend."""

ENOUGH = 1.25
"""Of the error asked for: when to stop cutting."""

HALF = 0.5
"""What a piece errs by at most, in spacings."""


@dataclass(frozen=True)
class Terms:
    """The named terms on [low, high], upper ends of balls, and their total; None where infinite."""

    low: float
    high: float
    terms: Mapping[str, float]
    bound: float


def number(value: float) -> Fraction:
    """A float as the exact number that it is."""
    return Fraction(value)


def piece(ctx: Any, low: Fraction, high: Fraction, parts: int) -> network_terms.Piece:
    """A piece cut into equal parts, as numbers of the context."""
    ends = [low + (high - low) * i / parts for i in range(parts + 1)]
    return ctx.number(low), ctx.number(high), [ctx.box(a, b) for a, b in pairwise(ends)]


class Prover:
    """Evaluates one box of a network's data at boxes of noise levels, in balls."""

    def __init__(self, data: Mapping[str, Any], box: Mapping[str, Any]) -> None:
        self.data, self.box = data, box
        self.small = box["form"] == "small-noise"
        knots = [number(knot) for knot in box["knots"]]
        self.error: Number = None
        self.parts: list[int] = []
        with Balls(BITS) as ctx:
            if self.small:
                self.parts = self.chosen_parts(ctx, knots)
                self.pieces = [
                    piece(ctx, low, high, parts)
                    for (low, high), parts in zip(pairwise(knots), self.parts, strict=True)
                ]
            else:
                ends = [ctx.number(knot) for knot in knots]
                self.error = network_terms.tanh_pieces_error(ctx, ends)

    def chosen_parts(self, ctx: Balls, knots: Sequence[Fraction]) -> list[int]:
        """Into how many parts each piece is cut, so that its error is nearly what was asked for."""
        data = self.data
        separation, spacing = (ctx.number(number(data[key])) for key in ("separation", "spacing"))
        step = (self.box["high"] / self.box["low"]) ** (1 / 2**CUTS)
        levels = [self.box["low"], self.box["high"] / step]
        boxes = [ctx.box(number(low), number(low * step)) for low in levels]
        ratios = [theta.ratio(spacing, separation * box) for box in boxes]
        wanted = self.box["low"] * data["separation"] * math.sqrt(data["accuracy"] / data["m"])
        wanted *= ENOUGH / data["spacing"]
        chosen = []
        for low, high in pairwise(knots):
            for parts in PARTS:
                cut = piece(ctx, low, high, parts)
                errors = [profile_pieces.piece_error(ctx, q, *cut) for q in ratios]
                if all(error <= wanted for error in errors):
                    break
            else:  # a piece that is meant to be off needs no parts
                parts = 1 if any(error.upper() >= HALF for error in errors) else parts
            chosen.append(parts)
        return chosen

    def terms(self, ctx: Balls, low: float, high: float) -> Mapping[str, Number]:
        """The terms on [low, high], balls of the context."""
        data = self.data
        separation, spacing = (ctx.number(number(data[key])) for key in ("separation", "spacing"))
        sigma = separation * ctx.box(number(low), number(high))
        place = (data["n"], data["m"], separation, spacing, sigma)
        if not self.small:
            return network_terms.large_noise_terms(ctx, *place, self.error)
        window = separation * ctx.number(number(data["window"]))
        periods = ctx.number(2 ** data["folds"]) - ctx.number(1) / 2
        return network_terms.small_noise_terms(ctx, *place, window, periods, self.pieces)

    def evaluate(self, low: float, high: float) -> Terms:
        """Upper ends of the terms on [low, high]; infinite where the box is too wide."""
        return self.claimed(low, high, BITS, SLACK)

    def claimed(self, low: float, high: float, bits: int, slack: float) -> Terms:
        """The same at a precision, `slack` above what the balls found."""
        with Balls(bits) as ctx:
            try:
                named = self.terms(ctx, low, high)
                claimed = {name: upper(ball, slack) for name, ball in named.items()}
                whole = {name: ctx.number(number(value)) for name, value in claimed.items()}
                bound = upper(network_terms.total(ctx, whole), 1 + 2**-20)
            except (TooWide, OverflowError):
                names = network_terms.SMALL if self.small else network_terms.LARGE
                return Terms(low, high, dict.fromkeys(names, math.inf), math.inf)
        return Terms(low, high, claimed, bound)

    def misses(self, sigma: float, target: float) -> bool:
        """Whether the bound is above the target at one level, where nothing widens it."""
        return self.claimed(sigma, sigma, 2 * BITS, 1.0).bound > target


def upper(ball: arb, slack: float) -> float:
    """A float above the ball's upper end (of a number >= 0), by `slack`; positive."""
    value = float(ball.upper()) * slack
    if not math.isfinite(value):
        raise OverflowError
    return max(math.nextafter(value, math.inf), 5e-324)
