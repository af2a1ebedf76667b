"""Planted faults: an implementation with one line made wrong, to show that the checks have teeth.

A fault is applied to a copy of the implementation under another name; its properties must refute
it. `caught_by` names one piece of evidence that does.
"""

import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from hardposterior import rooms
from hardposterior.runner import seed_of
from hardposterior.spec.evidence import Outcome, Run

IMPL = Path(__file__).parent.parent / "impl"


@dataclass(frozen=True)
class Fault:
    """`old` replaced by `new`, once, in one module; what a mathematician would call the mistake."""

    module: str
    old: str
    new: str
    mistake: str
    caught_by: str


def planted(fault: Fault, folder: Path) -> ModuleType:
    """The implementation with the fault, imported from a copy in `folder`."""
    name = f"faulty_{folder.name.replace('-', '_')}"
    copy = folder / name
    copy.mkdir()
    for path in IMPL.glob("*.py"):
        text = path.read_text(encoding="utf-8").replace("hardposterior.impl", name)
        if path.stem == fault.module:
            if text.count(fault.old) != 1:
                raise ValueError(f"{fault.old!r} stands {text.count(fault.old)} times in {path}")
            text = text.replace(fault.old, fault.new)
        (copy / path.name).write_text(text, encoding="utf-8")
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))


def outcome_of(fault: Fault, folder: Path) -> Outcome:
    """What the evidence named by the fault makes of it; an exception counts as an error."""
    evidence = rooms.evidence()[fault.caught_by]
    run = Run(seed_of(0, evidence.id), "dev", planted(fault, folder), shrink=False)
    try:
        return evidence.function(run)
    except Exception as error:
        return Outcome(status="error", detail=str(error))


SCORE = "lattice-denoiser.score/implemented-score-matches-50-digits"
DENOISER = "lattice-denoiser/implemented-denoiser-matches-50-digits"
LOG_PROB = "lattice-density/implemented-log-density-matches-50-digits"
DRAWS = "discretized-gaussian/draws-of-the-implementation-follow-the-table"
TWEEDIE = "smoothed-score/implemented-score-and-denoiser-obey-tweedie"


STAIRCASE = "lattice-denoiser/implemented-offset-stays-within-half-a-spacing"


LATTICE = [
    Fault(
        "lattice_level",
        "start=zero - 2 * remainder",
        "start=zero + 2 * remainder",
        "the phase enters with the wrong sign",
        SCORE,
    ),
    Fault(
        "lattice_level",
        "frequency=math.pi / half[0]",
        "frequency=2 * math.pi / half[0]",
        "a factor 2 in the frequency of the Fourier form",
        SCORE,
    ),
    Fault(
        "lattice_level",
        "SWITCH = 1 / (2 * math.pi)",
        "SWITCH = 1 / (20 * math.pi)",
        "the series are switched a decade too early, where one of them has no digits left",
        SCORE,
    ),
    Fault(
        "lattice_kernel",
        "return affine(-2 * nome**2, inner, total)",
        "return total",
        "the theta series is truncated after its first pair of terms",
        LOG_PROB,
    ),
    Fault(
        "lattice_level",
        "precision=1 / variance[0]",
        "precision=1 / sigma",
        "sigma for sigma squared in the Gaussian's precision",
        SCORE,
    ),
    Fault(
        "lattice_level",
        "half_rest=(half[0] - half_high) + half[1]",
        "half_rest=half[0] - half_high",
        "the rounding error of t spacing is dropped, so phases far out lose digits",
        SCORE,
    ),
    Fault(
        "lattice_level",
        "center_rest, center_tail = two_sum(center[0] - center_high, center[1])",
        "center_rest, center_tail = center[0] - center_high, 0 * center[1]",
        "the phase's place is rounded to 53 bits",
        SCORE,
    ),
    Fault(
        "lattice_kernel",
        "total = torch.add(less_far, near, alpha=2)",
        "total = near",
        "only one neighbour of the nearest lattice point is summed",
        SCORE,
    ),
    Fault(
        "lattice_kernel",
        "return affine(x * (1 / at.t), wave, at.frequency * at.variance)",
        "return affine(x * (1 / at.t), wave, at.frequency)",
        "the denoiser's offset is not multiplied by sigma squared",
        DENOISER,
    ),
    Fault(
        "lattice_kernel",
        "return affine(affine(at.origin, point, at.spacing), mean, at.variance)",
        "return affine(affine(at.origin, point, at.spacing), mean, -at.variance)",
        "the denoiser leans away from the nearer neighbour",
        STAIRCASE,
    ),
    Fault(
        "lattice_level",
        "fourier_constant=0.5 * torch.log(t[0])",
        "fourier_constant=torch.log(t[0])",
        "the normaliser uses t where it should use its root",
        LOG_PROB,
    ),
    Fault(
        "lattice_level",
        "space_constant=torch.log(sigma) + (0.5 * math.log(2 * math.pi)",
        "space_constant=torch.log(sigma) + (math.log(2 * math.pi)",
        "2 pi for its root in the space form's normaliser",
        LOG_PROB,
    ),
    Fault(
        "lattice_level",
        "t = pair_sum((zero + 1, zero), variance)",
        "t = (1 + variance[0], zero)",
        "t is formed in 53 bits",
        SCORE,
    ),
    Fault(
        "lattice",
        "weights = torch.exp((least - square) / 2)",
        "weights = torch.exp((least - square))",
        "the masses of the law are exp(-a^2)",
        DRAWS,
    ),
    Fault(
        "lattice",
        "return points[order[place.clamp(max=len(points) - 1)]]",
        "return points[place.clamp(max=len(points) - 1)]",
        "the table is read in another order than it was summed",
        DRAWS,
    ),
    Fault(
        "lattice_kernel",
        "return torch.log1p(theta(total, at.nome)).sub_(squares).sub_(at.space_constant)",
        "return torch.log1p(total).sub_(squares).sub_(at.space_constant)",
        "far terms are left out of the density but not of its slope",
        LOG_PROB,
    ),
    Fault(
        "lattice_kernel",
        "        return affine(x * (-1 / at.t), wave, at.frequency)\n",
        "        return affine(x * (-1 / at.t), wave, 1.000001 * at.frequency)\n",
        "the lattice's share of the score is off by a millionth",
        TWEEDIE,
    ),
]
