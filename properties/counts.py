"""Counts held to exact chances."""

from typing import Any

import numpy as np
from scipy import stats

RARE = 10
"""Cells of fewer expected counts are joined to one."""


def two_sided(law: Any, value: int) -> float:
    """A p-value for a whole number under a discrete law."""
    return float(min(1.0, 2 * min(law.cdf(value), law.sf(value - 1))))


def counts_p_value(counts: np.ndarray, chances: np.ndarray) -> float:
    """The p-value of counts under exact chances that add up to 1: binomials, Bonferroni.

    Not the chi-square law, to which eight counts in place of one have chance 1e-8 and less: they
    have 1e-5.
    """
    if counts[chances == 0].any():
        return 0.0
    total = int(counts.sum())
    rare = total * chances < RARE
    seen = [*counts[~rare].tolist(), int(counts[rare].sum())]
    exact = [*chances[~rare].tolist(), float(chances[rare].sum())]
    least = min(
        two_sided(stats.binom(total, min(1.0, chance)), count)
        for count, chance in zip(seen, exact, strict=True)
    )
    return min(1.0, len(seen) * least)
