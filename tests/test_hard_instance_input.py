"""Bad input of the hard instance: one line that names the argument, the value and what may be."""

import math
import re

import pytest
import torch
from instances import Parity, Table, generator

from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.hard_instance import HardInstance


def small(n=2, m=2, **kwargs):
    return HardInstance(Table(n, m), 2.0, 1.0, **kwargs)


class Odd:
    """A function with sizes as given that returns what it is told to."""

    def __init__(self, n, m, output):
        self.n, self.m, self.output = n, m, output

    def __call__(self, bits):
        return self.output(bits)


X = torch.zeros(3, 4, dtype=torch.float64)
BAD = [
    (
        lambda: HardInstance(Parity(21, 2), 2.0, 1.0).score(X.new_zeros(3, 23), 1.0),
        "function.n = 21: must be at most 20 .*use vertex_score or mixture_score",
    ),
    (
        lambda: HardInstance(Parity(24, 2), 2.0, 1.0).covariance(),
        "function.n = 24: must be at most",
    ),
    (
        lambda: HardInstance(Parity(24, 2), 2.0, 1.0).posterior(X[0, :2], 0.1),
        "function.n = 24: must be at most 20 .*preimages",
    ),
    (lambda: HardInstance(3, 2.0, 1.0), "function = 3: must be callable"),
    (lambda: HardInstance(lambda b: b, 2.0, 1.0), "function = .*integer attribute n"),
    (lambda: HardInstance(Odd(0, 1, lambda b: b), 2.0, 1.0), r"function.n = 0: must be an integer"),
    (lambda: HardInstance(Odd(2, 3, lambda b: b), 2.0, 1.0), r"function\(bits\).shape = \(2, 2\)"),
    (lambda: HardInstance(Odd(2, 2, lambda b: b[0]), 2.0, 1.0), r"function\(bits\).shape = \(2,\)"),
    (lambda: HardInstance(Odd(2, 2, lambda b: b + 2), 2.0, 1.0), r"function\(bits\) = 2: .*0 or 1"),
    (lambda: HardInstance(Odd(2, 2, lambda b: b - 0.5), 2.0, 1.0), r"function\(bits\) = -0.5"),
    (lambda: HardInstance(Odd(2, 2, lambda b: b.tolist()), 2.0, 1.0), "must be a tensor of bits"),
    (lambda: HardInstance(Odd(2, 2, lambda b: 2 * b), 2.0, 1.0).score(X, 1.0), "= 2: .*0 or 1"),
    (lambda: HardInstance(Table(2, 2), 0.0, 1.0), "separation = 0.0: .*above 0"),
    (lambda: HardInstance(Table(2, 2), 0.5, 1.0), "separation = 0.5: must be at least 1"),
    (lambda: HardInstance(Table(2, 2), math.nan, 1.0), "separation = nan"),
    (lambda: HardInstance(Table(2, 2), 2.0, -1.0), "spacing = -1.0: .*above 0"),
    (lambda: small(dtype=torch.float16), "dtype = torch.float16"),
    (lambda: small().sample(0, generator(0)), "count = 0: must be an integer >= 1"),
    (lambda: small().sample(3, None), "generator = None"),
    (lambda: small().score(X[:, :3], 1.0), r"x.shape = \(3, 3\): must be \(..., 4\)"),
    (lambda: small().score(X.tolist(), 1.0), "x = .*: must be a torch.float64 tensor"),
    (lambda: small().score(X.float(), 1.0), "x.dtype = torch.float32: must be torch.float64"),
    (lambda: small().score(X, 0.0), "sigma = 0.0"),
    (lambda: small().denoise(X, torch.tensor([1.0, 0.0, 2.0])), "sigma = 0.0: .*above 0"),
    (lambda: small().log_prob(X, torch.ones(2)), r"sigma.shape = \(2,\): .*broadcastable"),
    (lambda: small().vertex_score(X, 1.0, bits=X), r"bits.shape = \(3, 4\): must be \(..., 2\)"),
    (lambda: small().vertex_score(X, 1.0, bits=X[0, :2]), r"bits.shape = \(2,\): must be \(3, 2\)"),
    (lambda: small().vertex_score(X, 1.0, bits=X[:, :2] + 3), "bits = 3.0: must be bits"),
]


@pytest.mark.parametrize(("call", "message"), BAD, ids=[message for _, message in BAD])
def test_bad_input_is_one_clear_line(call, message):
    with pytest.raises(InvalidArgument) as caught:
        call()
    assert re.search(message, str(caught.value)), str(caught.value)
    assert "\n" not in str(caught.value)
