"""What a report draws of one y, as plain numbers: the sampler's draws beside exact ones."""

from typing import Any

import torch

from hardposterior.properties.audit.problem import Problem
from hardposterior.properties.audit.sets import values

DRAWN = 4_000
BINS = 40
POINTS = 250
IMAGES = 6


def pictures(
    problem: Problem, truth: torch.Tensor, y: torch.Tensor, q: torch.Tensor, own: torch.Generator
) -> dict[str, Any]:
    """Histograms and label shares of the features, a scatter plot, rows of images where x is one.

    `truth` (d,) is the x that y (m,) was drawn from; q (count, d) are draws of the sampler.
    """
    assert problem.posterior is not None
    p = problem.posterior(y).sample(DRAWN, own)
    shown: dict[str, Any] = {"y": y.tolist(), "bars": [], "histograms": []}
    lines = []
    for feature in problem.features(y):
        vq, vp = values(feature, q), values(feature, p)
        if feature.categorical:
            size = len(feature.labels)
            exact, sampler = (
                (torch.bincount(v, minlength=size).double() / len(v)).tolist() for v in (vp, vq)
            )
            shown["bars"].append(
                {"name": feature.words, "labels": list(feature.labels), "exact": exact,
                 "sampler": sampler, "draws": len(vq)}
            )  # fmt: skip
            continue
        low, high = _range(vq, vp)
        exact, sampler = (
            (torch.histc(v.clamp(low, high), BINS, low, high) / len(v)).tolist() for v in (vp, vq)
        )
        shown["histograms"].append(
            {"name": feature.words, "low": low, "high": high, "exact": exact, "sampler": sampler}
        )
        if feature.kind == "mean" or feature.name.startswith("position"):
            lines.append((feature.name, vp, vq))
    if len(lines) >= 2:
        (across, ap, aq), (up, bp, bq) = lines[:2]
        shown["scatter"] = {
            "names": [across, up],
            "exact": torch.stack([ap, bp], -1)[:POINTS].tolist(),
            "sampler": torch.stack([aq, bq], -1)[:POINTS].tolist(),
        }
    if problem.image is not None:
        back = problem.A.T @ y
        shown["images"] = {
            "height": problem.image[0],
            "width": problem.image[1],
            "rows": [
                {"name": "truth", "pixels": [truth.tolist()]},
                {"name": "measurement (carried back by A^T)", "pixels": [back.tolist()]},
                {"name": "exact posterior", "pixels": p[:IMAGES].tolist()},
                {"name": "sampler's draws", "pixels": q[:IMAGES].tolist()},
            ],
        }
    return shown


def _range(vq: torch.Tensor, vp: torch.Tensor) -> tuple[float, float]:
    """Nearly all of both; what lies beyond is counted in the last bins."""
    ends = torch.tensor([0.002, 0.998], dtype=torch.float64)
    low = min(float(torch.quantile(v, ends[0])) for v in (vq, vp))
    high = max(float(torch.quantile(v, ends[1])) for v in (vq, vp))
    return low, high if high > low else low + 1e-9
