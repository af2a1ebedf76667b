"""Every statement, in the order to read them in: importing this module fills the registry."""

from hardposterior.spec import (
    acceptance,
    calibration,
    circuits,
    closeness,
    closeness_bound,
    covariance,
    denoiser_martingale,
    hard_instance,
    inversion,
    inversion_links,
    large_noise,
    lattice,
    lattice_denoiser,
    lattice_profile,
    lattice_smoothing,
    lower_bound,
    measurement,
    mixture_score,
    naive_instance,
    near_optimality,
    one_way_functions,
    piecewise_linear,
    piecewise_network,
    posterior_stability,
    profile_interpolant,
    rejection,
    relu_gadgets,
    relu_gates,
    relu_network,
    relu_rows,
    reverse_diffusion,
    score_network,
    score_network_size,
    sha256,
    small_noise,
    smoothing,
    theta,
    upper_bound,
    vertex_score,
    well_modeled,
)
from hardposterior.spec.statements import STATEMENTS, Statement

ROOMS = (
    # definitions
    smoothing,
    lattice,
    hard_instance,
    measurement,
    closeness,
    closeness_bound,
    # the lower bound: the score is easy
    theta,
    lattice_smoothing,
    lattice_denoiser,
    vertex_score,
    mixture_score,
    calibration,
    covariance,
    naive_instance,
    circuits,
    one_way_functions,
    sha256,
    relu_gates,
    relu_network,
    relu_rows,
    relu_gadgets,
    lattice_profile,
    piecewise_linear,
    profile_interpolant,
    piecewise_network,
    score_network,
    small_noise,
    large_noise,
    score_network_size,
    well_modeled,
    # the lower bound: the posterior is hard
    posterior_stability,
    inversion_links,
    inversion,
    lower_bound,
    # the upper bound
    rejection,
    acceptance,
    denoiser_martingale,
    reverse_diffusion,
    upper_bound,
    near_optimality,
)

# The registry is filled in the order of imports, which hangs on who imports what first.
STATEMENTS.arrange(
    value.id for room in ROOMS for value in vars(room).values() if isinstance(value, Statement)
)

__all__ = ["ROOMS", "STATEMENTS"]
