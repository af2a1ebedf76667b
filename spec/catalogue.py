"""Every statement, in the order of the paper: importing this module fills the registry."""

from hardposterior.spec import lattice, lattice_denoiser, lattice_smoothing, smoothing, theta
from hardposterior.spec.statements import STATEMENTS

ROOMS = (smoothing, lattice, theta, lattice_smoothing, lattice_denoiser)

__all__ = ["ROOMS", "STATEMENTS"]
