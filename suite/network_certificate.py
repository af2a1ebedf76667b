"""`certify_network`: a certified bound on a score network's error at every level of an interval."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hardposterior.impl import arguments
from hardposterior.impl.score_network import ScoreNetwork
from hardposterior.proofs_checks.score_certificate import certify
from hardposterior.usage import UsageError


@dataclass(frozen=True)
class NetworkCertificate:
    """Certified bounds on sigma^2 E|s_hat - s|^2, box by box; noise levels are scaled.

    `holds`: every level of [low, high] is covered, each bound at most `target`. Otherwise
    `fails_at` is a level at which the bound is above it (None where a box could not be decided,
    `stuck`). `data` is JSON; `hardposterior.proofs_checks.score_recheck.recheck_network` verifies
    it again.
    """

    low: float
    high: float
    target: float
    fails_at: float | None
    stuck: tuple[float, float] | None
    seconds: float
    data: Mapping[str, Any] = field(repr=False)

    @property
    def holds(self) -> bool:
        """Whether the whole interval is certified."""
        return self.fails_at is None and self.stuck is None

    @property
    def bound(self) -> float:
        """The largest bound; infinite where the interval is not certified."""
        return self.worst["bound"] if self.holds else math.inf

    @property
    def worst(self) -> Mapping[str, Any]:
        """The box with the largest bound, its terms by name."""
        found: Mapping[str, Any] = max(self.data["boxes"], key=lambda entry: entry["bound"])
        return found

    def at(self, sigma: float) -> Mapping[str, Any]:
        """The box that holds `sigma`: low, high, terms, bound. Raises `UsageError` outside."""
        sigma = arguments.positive("sigma", sigma)
        for entry in self.data["boxes"]:
            if entry["low"] <= sigma <= entry["high"]:
                found: Mapping[str, Any] = entry
                return found
        covered = [self.data["boxes"][0]["low"], self.data["boxes"][-1]["high"]]
        raise UsageError(f"sigma = {sigma!r}: must be in the certified interval {covered}")


def checked_interval(network: ScoreNetwork, interval: Any) -> tuple[float, float]:
    """(low, high) within the network's boxes."""
    whole = network.boxes[0].low, network.boxes[-1].high
    if interval is None:
        return whole
    try:
        low, high = (arguments.positive("sigma_interval", end) for end in interval)
    except TypeError as error:
        raise UsageError(f"sigma_interval = {interval!r}: must be a pair of numbers") from error
    if not whole[0] <= low < high <= whole[1]:
        raise UsageError(
            f"sigma_interval = {(low, high)!r}: must have low < high in [{whole[0]!r}, "
            f"{whole[1]!r}], the levels that the network covers"
        )
    return low, high


def certify_network(
    network: ScoreNetwork,
    sigma_interval: tuple[float, float] | None = None,
    *,
    target: float = math.inf,
    about: Mapping[str, Any] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> NetworkCertificate:
    """Bound sigma^2 E|s_hat - s|^2 for every scaled sigma in the interval, each term named.

    By default all levels of the network. Boxes are cut until below `target`; without one they are
    cut as often as shows the bound to a few per cent. The terms: vertex or mixture, pieces, sign
    window, wrong phase, tail. `about` is carried along in the certificate. `progress(done, all)`
    counts the network's boxes. Raises `UsageError`, `InvalidArgument`.

    >>> from hardposterior.impl import HardInstance
    >>> from hardposterior.named_functions import goldreich
    >>> network = ScoreNetwork(HardInstance(goldreich(8, 8, seed=0).circuit, 5.82, 1.11), 1e-4)
    >>> certificate = certify_network(network, (0.02, 0.03))
    >>> certificate.holds, certificate.bound < 16**-2
    (True, True)
    """
    import time

    if not isinstance(network, ScoreNetwork):
        raise UsageError(f"network = {network!r}: must be a ScoreNetwork")
    if not target > 0:
        raise UsageError(f"target = {target!r}: must be positive")
    low, high = checked_interval(network, sigma_interval)
    start = time.perf_counter()
    data, found = certify(network.data(), low, high, float(target), about or {}, progress)
    seconds = time.perf_counter() - start
    return NetworkCertificate(low, high, float(target), found.fails_at, found.stuck, seconds, data)
