"""Acceptance of rejection against m and beta. `python benchmarks/plot_acceptance.py --out FOLDER`.

For a Gaussian prior N(0, I) and A the first m coordinates everything but the measured points is
closed form: y ~ N(0, (1 + beta^2) I), and q(y) depends on |y| alone.
"""

import math

import numpy as np
import torch
from drawing import BLUE, INK, RED, Picture, main
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from hardposterior import bounds
from hardposterior.impl.measurement import LinearMeasurement
from hardposterior.impl.rejection import rejection_sample

DELTA, DRAWS = 0.1, 200


def quantile(m: int, beta: float) -> float:
    """The DELTA-quantile of q(y), exactly."""
    square = stats.chi2.isf(DELTA, m)
    return math.exp(m / 2 * math.log(beta**2 / (1 + beta**2)) - square / 2)


def measured(m: int, beta: float) -> float:
    """Acceptance of rejection at a y whose q(y) is that quantile, from DRAWS accepted draws."""
    length = math.sqrt((1 + beta**2) * stats.chi2.isf(DELTA, m))
    y = torch.zeros(m, dtype=torch.float64)
    y[0] = length
    found = rejection_sample(
        lambda count, stream: torch.randn(count, m, dtype=torch.float64, generator=stream),
        LinearMeasurement(torch.eye(m, dtype=torch.float64), beta=beta),
        y,
        DRAWS,
        torch.Generator().manual_seed(m),
        max_proposals=10**9,
    )
    return found.acceptance.estimate


def both_bounds(axes: Axes, places: np.ndarray, cases: list[tuple[int, float]]) -> None:
    """The exact quantile and the two bounds below it."""
    axes.loglog(places, [quantile(*case) for case in cases], color=INK, label="q(y), exact")
    for form, style, colour in (("sharp", "--", BLUE), ("plain", ":", RED)):
        found = [
            bounds.acceptance(
                m=m, beta=beta, delta=DELTA, second_moment=m * (1 + beta**2), form=form
            )
            for m, beta in cases
        ]
        axes.loglog(places, found, style, color=colour, lw=1.6, label=f"{form} bound")


def acceptance(figure: Figure) -> None:
    """Against beta at m = 4 and against m at beta = .1."""
    left, right = figure.subplots(1, 2)
    fine, ms = np.geomspace(1e-2, 1, 60), np.arange(1, 17)
    both_bounds(left, fine, [(4, float(beta)) for beta in fine])
    betas = np.geomspace(0.15, 1, 5)
    found = [measured(4, float(beta)) for beta in betas]
    left.loglog(betas, found, "o", ms=4.5, mfc="none", color=INK, label="rejection, measured")
    left.set(xlabel="noise β (m = 4)", ylabel="share of proposals accepted")
    both_bounds(right, ms, [(int(m), 0.1) for m in ms])
    some = (1, 2, 3)
    right.loglog(some, [measured(m, 0.1) for m in some], "o", ms=4.5, mfc="none", color=INK)
    right.set(xlabel="measurements m (β = 0.1)")
    right.set_xticks((1, 2, 4, 8, 16), labels=("1", "2", "4", "8", "16"))
    right.minorticks_off()
    left.legend(loc="lower right")


PICTURES = (
    Picture(
        "acceptance",
        "Acceptance of rejection against β and m",
        "The prior N(0, I), m of its coordinates measured with noise β. Solid: the acceptance q(y) "
        "that a share 9/10 of all y exceed, exactly; circles: what rejection accepted there, 200 "
        "draws a point; below them the sharp and the plain bound at δ = 0.1, whose order β^m is "
        "that of the truth.",
        "acceptance",
        acceptance,
        (7.6, 3.8),
    ),
)


if __name__ == "__main__":
    main(PICTURES, __doc__)
