"""`calibrate`: separation, spacing and measurement noise for given n, m and C, with a proof."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any

from scipy import special

from hardposterior.calibration_search import SLACK, Problem, largest_ratio
from hardposterior.proofs_checks.calibration_certificate import (
    Parameters,
    decoding_is_certain,
    prove,
)
from hardposterior.spec.arithmetic import Floats
from hardposterior.spec.calibration import explicit_separation, explicit_spacing
from hardposterior.usage import UsageError

DIGITS = 5
MOST_OCTAVES = 240
"""Beyond, sigma^-4 at sigma = d^-C overflows binary64 in the search."""


class CalibrationError(RuntimeError):
    """The search's result could not be proved; the message says where."""


@dataclass(frozen=True)
class Calibration:
    """Parameters with min(V, U) sigma^2 <= share d^-C for every unscaled sigma >= d^-C.

    `separation` R and `spacing` eps are unscaled; `beta`, scaled, has p_dec <= 1/250. All are short
    decimals; `certificate` covers them and the binary64 numbers nearest to them, and
    `hardposterior.proofs_checks.calibration_certificate.recheck_calibration` verifies it again.
    """

    n: int
    m: int
    C: float
    share: float
    separation: float
    spacing: float
    beta: float
    certificate: Mapping[str, Any] = field(repr=False)

    @property
    def ratio(self) -> float:
        """spacing / separation."""
        return self.spacing / self.separation

    @property
    def law(self) -> float:
        """(spacing / separation) log d, bounded above and below as d grows."""
        return self.ratio * math.log(self.n + self.m)


def short(value: float, rounding: str) -> Fraction:
    """`value` to `DIGITS` significant decimal digits, rounded down or up."""
    exact = Decimal(value)
    step = Decimal(1).scaleb(exact.adjusted() - DIGITS + 1)
    return Fraction(exact.quantize(step, rounding=rounding))


def checked(n: Any, m: Any, C: Any, share: Any) -> tuple[int, int, float, float]:
    """The arguments, or a `UsageError` that names the wrong one."""
    for name, size in (("n", n), ("m", m)):
        if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size < 2**40:
            raise UsageError(f"{name} = {size!r}: must be an integer in [1, 2^40)")
    for name, value in (("C", C), ("share", share)):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UsageError(f"{name} = {value!r}: must be a number")
    most = MOST_OCTAVES / math.log2(n + m)
    if not 0 <= C <= most:
        raise UsageError(f"C = {C!r}: must be in [0, {most:.4g}] for d = {n + m}")
    if not 1e-9 <= share <= 1:
        raise UsageError(f"share = {share!r}: must be in [1e-9, 1]")
    return n, m, float(C), float(share)


def largest_beta(m: int, separation: Fraction, spacing: Fraction) -> float:
    """The largest scaled noise with 2 m Phi(-eps / (4 R beta)) <= 1/250, not rounded."""
    return float(spacing / separation / 4) / -float(special.ndtri(1 / (500 * m)))


def calibrate(n: int, m: int, C: float, *, share: float = 1.0) -> Calibration:
    """The largest spacing / separation found with min(V, U) sigma^2 <= share d^-C, proved.

    For every unscaled sigma >= d^-C, d = n + m, U the sharp form (`mixture-score.sharp`); `share`
    is what a network leaves to the exact formulas. `beta` (scaled) is the largest noise with
    p_dec <= 1/250. Raises `UsageError` on arguments out of range.

    >>> found = calibrate(8, 8, 2)
    >>> found.ratio > 0.19
    True
    """
    n, m, C, share = checked(n, m, C, share)
    d = n + m
    floats = Floats()
    problem = Problem(n, m, lowest=d**-C, target=(1 - SLACK) * share * d**-C)
    # a smaller share asks for more: the search may go up to twice this separation
    start = explicit_separation(floats, n, m, C) + math.sqrt(-8 * math.log(share))
    separation, spacing = largest_ratio(problem, start, explicit_spacing(floats, n, m, C))
    if not math.isfinite(separation):
        raise CalibrationError(f"no feasible separation up to {2 * start:.4g}")
    # a spacing above 2 R would cost the covariance its bound (`well-modeled.covariance`)
    spacing = min(spacing, (2 - SLACK) * separation)
    parameters = Parameters(
        n,
        m,
        Fraction(C),
        short(separation, ROUND_CEILING),
        short(spacing, ROUND_FLOOR),
        Fraction(share),
    )
    proof, certificate = prove(parameters)
    if not proof.proved:
        where = proof.counterexample or proof.stuck
        raise CalibrationError(f"not proved at {parameters}: octaves {where}")
    beta = short(largest_beta(m, parameters.separation, parameters.spacing), ROUND_FLOOR)
    if not decoding_is_certain(parameters, beta):
        raise CalibrationError(f"p_dec <= 1/250 is not certain at beta = {beta}")
    return Calibration(
        n,
        m,
        C,
        share,
        float(parameters.separation),
        float(parameters.spacing),
        float(beta),
        {**certificate, "beta": str(beta)},
    )
