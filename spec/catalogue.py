"""Every statement, in the order of the paper: importing this module fills the registry."""

from hardposterior.spec import (
    acceptance,
    calibration,
    circuits,
    covariance,
    hard_instance,
    lattice,
    lattice_denoiser,
    lattice_smoothing,
    measurement,
    mixture_score,
    naive_instance,
    one_way_functions,
    posterior_stability,
    rejection,
    relu_gadgets,
    relu_gates,
    relu_network,
    relu_rows,
    sha256,
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
    posterior_stability,
    rejection,
    acceptance,
    circuits,
    one_way_functions,
    sha256,
    relu_gates,
    relu_network,
    relu_rows,
    relu_gadgets,
)

__all__ = ["ROOMS", "STATEMENTS"]
