"""The knots of a box of noise levels, from the accuracy asked for (Appendices C.4 and C.7)."""

import math

from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.lattice_profile import profile_knots, tanh_knots
from hardposterior.impl.noise_boxes import SMALL, NoiseBox


def index_variance(instance: HardInstance, sigma: float) -> float:
    """q = sigma^2 / (t spacing^2) of `lattice_profile`, at the scaled level sigma."""
    unscaled = instance.separation * sigma
    return (unscaled / instance.spacing) ** 2 / (1 + unscaled**2)


def box_knots(instance: HardInstance, accuracy: float, box: NoiseBox) -> tuple[float, ...]:
    """Knots that add at most `accuracy` to sigma^2 E|s_hat - s|^2 at every level of the box.

    Unscaled. Small noise: m profiles, each of error e in spacings, add m (spacing e)^2 / sigma^2,
    most at the lower end. Large noise: n tanh of sup error e add n (R e sigma / t)^2, most at the
    level nearest to 1. The one in mean square, unless the box says `everywhere`, the other in sup
    norm.
    """
    low, high = (instance.separation * level for level in (box.low, box.high))
    if box.form == SMALL:
        error = low * math.sqrt(accuracy / instance.m) / instance.spacing
        first, last = index_variance(instance, box.low), index_variance(instance, box.high)
        return profile_knots(first, last, error, everywhere=box.everywhere)
    worst = min(max(low, 1.0), high)
    share = instance.separation * worst / (1 + worst**2)
    return tanh_knots(math.sqrt(accuracy / instance.n) / share)
