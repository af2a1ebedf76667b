"""Hidden functions as data: tables of bits, written as one hexadecimal number.

A counterexample then carries the function itself, not a seed. Also strategies for small hard
instances, with points whose scaled and unscaled forms are the same binary numbers.
"""

import random
from typing import Any

import torch
from hypothesis import strategies as st

from hardposterior.properties.strategies import on_a_log_scale
from hardposterior.spec.hard_instance import Table, hidden_bits


class Function:
    """A table as a function of bits, for an implementation."""

    def __init__(self, table: Table) -> None:
        self.n, self.m = hidden_bits(table), len(table[0])
        self.rows = torch.tensor([list(row) for row in table])

    def __call__(self, bits: torch.Tensor) -> torch.Tensor:
        places = 2 ** torch.arange(self.n - 1, -1, -1, device=bits.device)
        return self.rows.to(bits.device)[(bits * places).sum(-1)]


class Spread:
    """A table's function of some of n bits, at `places`."""

    def __init__(self, table: Table, n: int, places: list[int]) -> None:
        self.inner, self.n, self.m, self.places = Function(table), n, len(table[0]), places

    def __call__(self, bits: torch.Tensor) -> torch.Tensor:
        return self.inner(bits[..., self.places])


def table_of(n: int, m: int, digits: str) -> Table:
    """2^n rows of m bits from hexadecimal digits, the first row most significant.

    >>> table_of(1, 2, "6")
    ((0, 1), (1, 0))
    """
    size = m << n
    number = int(digits, 16)
    bits = [number >> (size - 1 - i) & 1 for i in range(size)]
    return tuple(tuple(bits[k * m : (k + 1) * m]) for k in range(1 << n))


def draw_digits(n: int, m: int, draw: random.Random) -> str:
    """A uniform table, as the digits of `table_of`."""
    return f"{draw.getrandbits(m << n):x}"


def parity(n: int, m: int) -> str:
    """The digits of f(s) = (parity of s, m times): a wrong sign changes every image bit."""
    rows = (("1" if k.bit_count() % 2 else "0") * m for k in range(1 << n))
    return f"{int(''.join(rows), 2):x}"


def digits(n: int, m: int) -> st.SearchStrategy[str]:
    """Tables of these sizes, as the digits of `table_of`."""
    return st.integers(0, (1 << (m << n)) - 1).map(lambda number: f"{number:x}")


def short(value: float) -> float:
    """`value` with 24 binary digits, so that products with short separations are exact."""
    return float(torch.tensor(value, dtype=torch.float32))


def separations() -> st.SearchStrategy[float]:
    """R in [1, 12], multiples of 1/4."""
    return st.integers(4, 48).map(lambda k: k / 4)


@st.composite
def instances(
    draw: st.DrawFn, largest: int = 4, sigma: tuple[float, float] = (1e-3, 1e2)
) -> dict[str, Any]:
    """A hard instance of at most `largest` bits a side, a scaled noise level and a scaled point.

    Hidden coordinates lie around +-1 or near 0, image coordinates around lattice points or
    midpoints; spacing / (R sigma) is at most 1e3, as implementations promise.
    """
    n, m = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    separation = draw(separations())
    spacing = short(draw(on_a_log_scale(0.3, 3.0)))
    level = short(draw(on_a_log_scale(max(sigma[0], spacing / (999 * separation)), sigma[1])))
    noise = (1 + (separation * level) ** 2) ** 0.5 / separation
    away = st.floats(-4, 4, allow_nan=False)
    hidden = [draw(st.sampled_from([-1.0, 1.0, 0.0])) + noise * draw(away) for _ in range(n)]
    steps = [draw(st.integers(-12, 12)) * spacing / (4 * separation) for _ in range(m)]
    image = [step + level * draw(away) for step in steps]
    return {
        "n": n,
        "m": m,
        "digits": draw(digits(n, m)),
        "separation": separation,
        "spacing": spacing,
        "sigma": level,
        "x": [short(c) for c in hidden + image],
    }


def instance_of(implementation: Any, case: dict[str, Any]) -> Any:
    """The implementation's hard instance for a drawn case."""
    table = table_of(case["n"], case["m"], case["digits"])
    return implementation.HardInstance(Function(table), case["separation"], case["spacing"])


def point_of(law: Any, x: Any) -> torch.Tensor:
    """A point as a tensor of the law's dtype and device."""
    return torch.tensor(x, dtype=law.dtype, device=law.device)
