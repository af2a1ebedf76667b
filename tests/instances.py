"""Functions, generators and lattices that the tests of the hard instance share."""

import mpmath as mp
import torch
from scipy import stats


class Table:
    """A random function from n to m bits, looked up in a table."""

    def __init__(self, n, m, seed=0):
        self.n, self.m = n, m
        generator = torch.Generator().manual_seed(seed)
        self.table = torch.randint(0, 2, (2**n, m), generator=generator)

    def __call__(self, bits):
        return self.table[(bits * 2 ** torch.arange(self.n - 1, -1, -1)).sum(-1)]


class Identity:
    """f(s) = s for any n."""

    def __init__(self, n):
        self.n = self.m = n

    def __call__(self, bits):
        return bits


class Parity:
    """For any n: all image bits are the parity."""

    def __init__(self, n, m):
        self.n, self.m = n, m

    def __call__(self, bits):
        return (bits.sum(-1, keepdim=True) % 2).expand(*bits.shape[:-1], self.m)


def generator(seed):
    return torch.Generator().manual_seed(seed)


def lattice(spacing, phase, low, high):
    first, last = int(mp.floor(low / spacing - phase)), int(mp.ceil(high / spacing - phase))
    return [spacing * (k + phase) for k in range(first, last + 1)]


def exact_binomial(count, trials, probability):
    """Two-sided p-value of a count, exact."""
    law = stats.binom(trials, probability)
    return min(1.0, 2 * min(law.cdf(count), law.sf(count - 1)))
