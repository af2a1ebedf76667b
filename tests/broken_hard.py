"""Broken samplers of the hard instance: hidden bits, their spread, and the lattice."""

import torch
from broken import fault

HARD = "hard-table"
BITS = "hidden bits"


@fault(
    "share of draws with one hidden bit flipped", 0.1, 0.01, 0.1, seen="hidden bits", problem=HARD
)
def flipped_bit(call, size):
    x = call.exact()
    n = call.problem.dim - call.problem.measurements
    place = torch.randint(n, (call.count, 1), generator=call.generator)
    sign = 1 - 2.0 * (call.uniform() < size).double()
    return x.scatter(1, place, x.gather(1, place) * sign)


@fault(
    "share of draws with hidden bits of the prior", 1.0, 0.01, 1.0, seen="hidden bits", problem=HARD
)
def hidden_from_the_prior(call, size):
    """What guided diffusion does: the residual is right, the hidden bits are settled too early."""
    x = call.exact()
    n = call.problem.dim - call.problem.measurements
    prior = call.problem.prior.sample(call.count, call.generator)
    swapped = torch.cat([prior[:, :n], x[:, n:]], -1)
    return torch.where(call.uniform() < size, swapped, x)


@fault("noise off the lattice", 0.002, 2e-4, 0.002, seen="spread inside a mode", problem=HARD)
def off_lattice(call, size):
    x = call.exact()
    n = call.problem.dim - call.problem.measurements
    x[:, n:] += size * call.normal(call.count, call.problem.measurements)
    return x
