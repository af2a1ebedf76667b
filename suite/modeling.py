"""`well_modeled`: a calibrated hard instance, its score network, and a certificate for all levels.

Scaled noise levels in [d^-C, d^C], sigma^2 E|s_hat - s|^2 <= d^-C: the definition of well-modeled
with its constants explicit.
"""

import hashlib
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from scipy import optimize

from hardposterior.calibration import Calibration, calibrate
from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.circuit_json import to_json
from hardposterior.impl.circuits import Circuit
from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.noise_boxes import NoiseBox, default_boxes
from hardposterior.impl.score_network import ScoreNetwork
from hardposterior.network_certificate import NetworkCertificate, certify_network
from hardposterior.spec import mixture_score, vertex_score
from hardposterior.spec.arithmetic import Floats
from hardposterior.usage import UsageError

SHARE = 0.5
"""Of the target: what the vertex and the mixture score may take."""

ACCURACY = 1 / 64
"""Of the target: what the pieces may add."""

MARGIN = 2.0**-50
"""The range certified reaches so much beyond [d^-C, d^C], relatively: d^-C need not be a float."""


@dataclass(frozen=True)
class WellModeled:
    """A hard instance, the network of its score, and the certificate over [d^-C, d^C]."""

    C: float
    calibration: Calibration = field(repr=False)
    network: ScoreNetwork = field(repr=False)
    certificate: NetworkCertificate

    @property
    def holds(self) -> bool:
        """Whether the instance is certified to be well-modeled."""
        return self.certificate.holds


def crossing(n: int, m: int, separation: float, spacing: float) -> float:
    """The unscaled level at which V = U: from there on the mixture's bound is the smaller."""
    ctx = Floats()

    def gap(log_sigma: float) -> float:
        place = (n, m, separation, spacing, math.exp(log_sigma))
        mixture = mixture_score.sharp_bound_of_sizes(ctx, *place)
        return math.log(vertex_score.vertex_score_bound(ctx, *place)) - math.log(mixture)

    return math.exp(optimize.brentq(gap, math.log(spacing / 4), math.log(4.0)))


def modeled_boxes(instance: HardInstance, C: float) -> tuple[NoiseBox, ...]:
    """Boxes over [d^-C, d^C] and a little more, switching where the bounds cross."""
    d, n, m = float(instance.d), instance.n, instance.m
    switch = crossing(n, m, instance.separation, instance.spacing) / instance.separation
    low, high = d**-C * (1 - MARGIN), d**C * (1 + MARGIN)
    return default_boxes(instance, low=low, high=high, switch=switch)


@contextmanager
def pieces_for(C: float) -> Iterator[None]:
    """Pieces that are too many come of C, which the caller has chosen: the message says so."""
    try:
        yield
    except InvalidArgument as error:
        if not str(error).startswith("error = "):
            raise
        raise UsageError(
            f"C = {C!r}: must be smaller, for a network of fewer pieces ({error})"
        ) from error


def digest_of(circuit: Circuit) -> str:
    """The SHA-256 of the circuit's JSON form."""
    return hashlib.sha256(to_json(circuit).encode()).hexdigest()


def well_modeled(
    function: Circuit,
    n: int | None = None,
    m: int | None = None,
    C: float = 2.0,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> WellModeled:
    """Calibrate for C, build the score network of `function`, and certify it on [d^-C, d^C].

    `n` and `m` default to the function's, and must be them. Look at `.holds`; the certificate names
    the level where a bound misses d^-C. Raises `UsageError`, `InvalidArgument`.

    >>> from hardposterior.named_functions import goldreich
    >>> well_modeled(goldreich(8, 8, seed=0).circuit, C=2).holds
    True
    """
    if not isinstance(function, Circuit):
        raise UsageError(f"function = {function!r}: must be a Circuit")
    for name, given, own in (("n", n, function.n), ("m", m, function.m)):
        if given is not None and given != own:
            raise UsageError(f"{name} = {given!r}: must be {own}, the function's")
    if not C > 0:
        raise UsageError(f"C = {C!r}: must be positive, for a range of noise levels")
    found = calibrate(function.n, function.m, C, share=SHARE)
    instance = HardInstance(function, found.separation, found.spacing)
    target = float(instance.d) ** -C * (1 - MARGIN)
    boxes = modeled_boxes(instance, C)
    network = ScoreNetwork(instance, ACCURACY * target, boxes=boxes)
    about = {"C": float(C), "circuit": digest_of(function)}
    with pieces_for(C):
        certificate = certify_network(network, target=target, about=about, progress=progress)
    return WellModeled(float(C), found, network, certificate)
