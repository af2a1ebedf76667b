"""The roles that a score network plays in an implementation: what the properties ask of it.

Scaled units, as for a `HardInstance`; arrays and dtypes are left open.
"""

from collections.abc import Sequence
from typing import Any, Protocol

Array = Any


class NoiseBox(Protocol):
    """Levels in [low, high] that share a form of the network and its knots.

    `form` is "small-noise" (C.4) or "large-noise" (C.7). `everywhere`: the pieces of small noise
    meet the accuracy in sup norm, not only in mean square under the own phase's law.
    """

    low: float
    high: float
    form: str
    everywhere: bool

    def __init__(self, low: float, high: float, form: str, everywhere: bool = False) -> None: ...


class ScoreSizes(Protocol):
    """Counts from tensors; compare `hardposterior.spec.score_network_size`."""

    depth: int
    neurons: int
    pass_through: int
    weights: int
    biases: int
    parameters: int
    largest_weight: float


class ScoreNetwork(Protocol):
    """The score of a hard instance, whose function is a circuit, as ReLU networks (C.8).

    `accuracy` is what the pieces may add to sigma^2 E|s_hat - s|^2; `window` the sign window's half
    width in units of 1 / R, unscaled; `reach`, in deviations of a smoothed image coordinate, the
    part of the line on which lattices are represented.
    """

    def __init__(
        self,
        instance: Any,
        accuracy: float,
        *,
        boxes: Sequence[NoiseBox],
        fold: bool = True,
        window: float = ...,
        reach: float = ...,
        dtype: Any = None,
    ) -> None: ...

    def __call__(self, x: Array, sigma: float) -> Array:
        """The approximate score at x, (..., d)."""

    def knots(self, index: int) -> Sequence[float]:
        """Knots of box `index`: places from 0 to 1/2, or tanh's from 0 on."""

    def values(self, sigma: float) -> Sequence[float]:
        """What the network at `sigma` interpolates at its knots."""

    def size(self, sigma: float) -> ScoreSizes:
        """Counts of the network at `sigma`."""

    def data(self) -> dict[str, Any]:
        """n, m, separation, spacing, window (scaled), folds and boxes, as plain data."""


class DefaultBoxes(Protocol):
    """The boxes of an instance where its user names none: all of [d^-2, d^2]."""

    def __call__(self, instance: Any) -> Sequence[NoiseBox]:
        """In order and without gaps, small noise first."""


SCORE_ROLES: dict[str, type] = {
    "NoiseBox": NoiseBox,
    "ScoreNetwork": ScoreNetwork,
    "default_boxes": DefaultBoxes,
}
