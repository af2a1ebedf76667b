"""The KL bound of reverse diffusion, term by term, as floats: re-exported by `bounds`."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from hardposterior.impl import arguments
from hardposterior.spec import reverse_diffusion
from hardposterior.spec.arithmetic import Floats
from hardposterior.usage import UsageError

FLOATS = Floats()
CELLS_OF_AN_OCTAVE = 8


class Divergence(NamedTuple):
    """KL(p_{u_K} | output) <= start + discretization + score, d-dimensional; `last` is sigma_K."""

    start: float
    discretization: float
    score: float
    d: int
    last: float

    @property
    def total(self) -> float:
        """The bound on KL."""
        return self.start + self.discretization + self.score

    @property
    def total_variation(self) -> float:
        """sqrt(KL / 2) (Pinsker), at most 1."""
        return min(1.0, math.sqrt(self.total / 2))

    def closeness(self, tau: float) -> float:
        """delta: the output is (tau, delta)-close to the law itself, tau > 0; at most 1."""
        tau = arguments.positive("tau", tau)
        bound = reverse_diffusion.closeness_bound(FLOATS, self.total, self.d, tau, self.last**2)
        return min(1.0, float(bound))


def divergence(
    *,
    d: int,
    second_moment: float,
    schedule: Sequence[float],
    mmse: Callable[[float], float] | None = None,
    score_error: float | Sequence[float] = 0.0,
) -> Divergence:
    """The three terms of Appendix F for the levels of `schedule`, standard deviations.

    `second_moment` is E|X|^2. `mmse(u)` is the law's mean squared error at noise variance u: with
    it the discretization is the law's own (Simpson's rule in log u), without it the closed form
    for every law, at the largest ratio of neighbouring variances. `score_error` bounds
    sigma^2 E|s_hat - s|^2 at every level but the last, one number for each or one for all.

    >>> found = divergence(d=1, second_moment=1.0, schedule=[20 * 0.5**k for k in range(9)])
    >>> round(found.start, 6), round(found.discretization, 3)
    (0.00125, 9.375)
    """
    d = arguments.integer("d", d, 1)
    second_moment = not_negative("second_moment", second_moment)
    levels = checked_levels(schedule)
    variances = [sigma**2 for sigma in levels]
    steps = len(levels) - 1
    if isinstance(score_error, Sequence):
        errors = [not_negative(f"score_error[{k}]", e) for k, e in enumerate(score_error)]
    else:
        errors = [not_negative("score_error", score_error)] * steps
    if len(errors) != steps:
        raise UsageError(f"score_error = {len(errors)} numbers: must be {steps}, one for each step")
    ratio = max(here / there for here, there in pairwise(variances))
    if mmse is None:
        middle = reverse_diffusion.discretization_term(d, ratio, steps)
    elif callable(mmse):
        cells = 2 * math.ceil(CELLS_OF_AN_OCTAVE * max(1.0, math.log2(ratio)) / 2)
        middle = reverse_diffusion.discretization_by_mmse(FLOATS, mmse, variances, cells)
    else:
        raise UsageError(f"mmse = {mmse!r}: must be a function of the noise variance")
    return Divergence(
        start=reverse_diffusion.start_term(second_moment, variances[0]),
        discretization=middle,
        score=reverse_diffusion.score_by_levels(errors, variances),
        d=d,
        last=levels[-1],
    )


def checked_levels(schedule: Sequence[float]) -> list[float]:
    """At least two levels, positive and strictly decreasing; `UsageError` or `InvalidArgument`."""
    if not isinstance(schedule, Sequence) or isinstance(schedule, str) or len(schedule) < 2:
        raise UsageError(f"schedule = {schedule!r}: must be a sequence of at least two levels")
    levels = [arguments.positive(f"schedule[{k}]", sigma) for k, sigma in enumerate(schedule)]
    for k, (here, there) in enumerate(pairwise(levels)):
        if there >= here:
            raise UsageError(
                f"schedule[{k + 1}] = {there!r}: must be below schedule[{k}] = {here!r}"
            )
    return levels


def not_negative(name: str, value: object) -> float:
    """`value` as a finite float >= 0; `UsageError`."""
    if arguments.finite(name, value) < 0:
        raise UsageError(f"{name} = {value!r}: must be a finite number >= 0")
    return float(value)  # type: ignore[arg-type]
