"""Every statement, in the order of the paper: importing this module fills the registry."""

from hardposterior.spec import (
    calibration,
    covariance,
    hard_instance,
    lattice,
    lattice_denoiser,
    lattice_smoothing,
    measurement,
    mixture_score,
    naive_instance,
    smoothing,
    theta,
    vertex_score,
)
from hardposterior.spec.statements import STATEMENTS

ROOMS = (
    smoothing,
    lattice,
    hard_instance,
    covariance,
    measurement,
    theta,
    lattice_smoothing,
    lattice_denoiser,
    vertex_score,
    mixture_score,
    calibration,
    naive_instance,
)

__all__ = ["ROOMS", "STATEMENTS"]
