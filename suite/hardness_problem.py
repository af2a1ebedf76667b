"""What `hardness` is about: a function, its calibrated prior, and a target for the score."""

from dataclasses import dataclass
from typing import Any

from hardposterior.calibration import Calibration
from hardposterior.impl.circuits import Circuit
from hardposterior.impl.hard_instance import HardInstance

TAU = DELTA = 0.1


@dataclass(frozen=True)
class Problem:
    """What every step of the argument is about."""

    about: dict[str, Any]
    circuit: Circuit
    found: Calibration
    instance: HardInstance
    C: float

    @property
    def target(self) -> float:
        """d^-C."""
        return float(self.instance.d) ** -self.C

    @property
    def target_noise(self) -> float:
        """d^-C again: the least unscaled noise at which the score's error is certified."""
        return float(self.instance.d) ** -self.C
