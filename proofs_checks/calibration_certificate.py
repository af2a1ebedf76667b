"""Certificates that given parameters are calibrated, and their second checker.

min(V, U) sigma^2 <= share d^-C on the half line sigma >= d^-C: boxes of w = log2(sigma d^C) up to
some w_1, in balls, and one inequality for the tail beyond.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, log2
from typing import Any

from hardposterior.proofs_checks.arithmetic import Balls
from hardposterior.proofs_checks.branch_and_bound import Proof, certificate, positive_on, sign_at
from hardposterior.proofs_checks.intervals import Intervals
from hardposterior.proofs_checks.recheck import CertificateError, recheck
from hardposterior.spec import calibration
from hardposterior.spec.arithmetic import Number

MARGIN = "calibration.calibration_margin"
TAIL = "calibration.calibration_tail_margin"


NEAR = Fraction(1, 2**50)
"""Relative distance within which a certificate covers the separation and the spacing."""


@dataclass(frozen=True)
class Parameters:
    """What a calibration certificate is about, unscaled.

    It covers every separation and spacing within `NEAR` of these: the nearest binary64 numbers too.
    """

    n: int
    m: int
    C: Fraction
    separation: Fraction
    spacing: Fraction
    share: Fraction = Fraction(1)

    def formula(self, function: Callable[..., Number]) -> Callable[..., Number]:
        """`function(ctx, octaves)`: a margin of the spec at these parameters."""

        def margin(ctx: Any, octaves: Number) -> Number:
            return function(
                ctx,
                self.n,
                self.m,
                ctx.number(self.C),
                around(ctx, self.separation),
                around(ctx, self.spacing),
                ctx.number(self.share),
                octaves,
            )

        return margin

    @property
    def octaves(self) -> float:
        """log2 d^C: how many octaves the target lies below 1."""
        return float(self.C) * log2(self.n + self.m)


def around(ctx: Any, value: Fraction) -> Number:
    """All numbers within `NEAR` of `value`, relatively."""
    return ctx.box(value * (1 - NEAR), value * (1 + NEAR))


def first_octave_of_the_tail(parameters: Parameters) -> Fraction | None:
    """Some w_1 at which the tail inequality certainly holds; None where it never does."""
    tail = parameters.formula(calibration.calibration_tail_margin)
    start = ceil(parameters.octaves)
    for w in range(start, 2 * start + 80, 2):
        if sign_at(tail, (Fraction(w),), 128)[0] > 0:
            return Fraction(w)
    return None


def prove(
    parameters: Parameters, progress: Callable[[int, int], None] | None = None
) -> tuple[Proof, Mapping[str, Any]]:
    """A proof on the half line and its certificate.

    Without a tail the certificate is empty and the proof is stuck; a noise level at which the
    claim fails is a counterexample, in octaves above d^-C.
    """
    margin = parameters.formula(calibration.calibration_margin)
    end = first_octave_of_the_tail(parameters)
    domain = ((Fraction(0), end or Fraction(2 * ceil(parameters.octaves) + 80)),)
    proof = positive_on(margin, domain, progress=progress)
    if proof.proved and end is None:
        return Proof(stuck=domain, bits=proof.bits), {"margin": TAIL}
    data = dict(certificate("calibration", MARGIN, domain, proof))
    data["tail"] = {"margin": TAIL, "from": str(end)}
    data["parameters"] = {
        "n": parameters.n,
        "m": parameters.m,
        **{name: str(getattr(parameters, name)) for name in FRACTIONS},
    }
    return proof, data


FRACTIONS = ("C", "separation", "spacing", "share")


def read_parameters(data: Mapping[str, Any]) -> Parameters:
    """The parameters that a certificate is about; `CertificateError` if it does not say."""
    try:
        given = data["parameters"]
        return Parameters(
            int(given["n"]), int(given["m"]), **{name: Fraction(given[name]) for name in FRACTIONS}
        )
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise CertificateError(f"parameters: {error!r}") from error


def working_bits(parameters: Parameters) -> int:
    """Bits for intervals, whose log1p and expm1 lose the digits below 1.

    p_e is at least about exp(-R^2 / 2), and the target is d^-C.
    """
    return 96 + ceil(parameters.octaves + 0.75 * float(parameters.separation) ** 2)


def recheck_calibration(
    data: Mapping[str, Any], *, sample: int | None = 64, seed: int = 0
) -> tuple[Parameters, int]:
    """Verify a certificate again, in intervals; return its parameters and the boxes evaluated.

    The boxes must cover w from 0 (sigma = d^-C) to the tail's start, always checked exactly, and
    the tail's inequality must hold there. Raises `CertificateError`.
    """
    parameters = read_parameters(data)
    sizes = min(parameters.n, parameters.m) >= 1 and 0 < parameters.share <= 1
    if not sizes or parameters.spacing <= 0 or parameters.separation < 1 or parameters.C < 0:
        raise CertificateError(f"parameters out of range: {parameters}")
    try:
        end = Fraction(data["tail"]["from"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise CertificateError(f"tail: {error!r}") from error
    if end < 0:
        raise CertificateError(f"tail from {end}: below sigma = d^-C")
    bits = working_bits(parameters)
    ctx = Intervals(bits)
    tail = parameters.formula(calibration.calibration_tail_margin)
    if (tail(ctx, ctx.number(end)) > 0) is not True:
        raise CertificateError(f"tail from {end}: the inequality is not certain there")
    margin = parameters.formula(calibration.calibration_margin)
    domain = ((Fraction(0), end),)
    checked = recheck(data, margin, domain=domain, sample=sample, seed=seed, bits=bits)
    return parameters, checked


def decoding_is_certain(parameters: Parameters, beta: Fraction) -> bool:
    """Whether p_dec <= 1 / 250 at this scaled noise, in balls."""
    with Balls(128) as ctx:
        margin = calibration.decoding_margin(
            ctx,
            parameters.m,
            around(ctx, parameters.separation),
            around(ctx, parameters.spacing),
            around(ctx, beta),
        )
        return bool(margin > 0)
