"""Netlists and functions of bits that Hypothesis draws, as plain data; comparisons of bits."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any, NamedTuple

import torch
from hypothesis import strategies as st

from hardposterior.spec.circuits import ARITY

DTYPES = {"float32": torch.float32, "float64": torch.float64}


class Plain(NamedTuple):
    """A netlist as plain data, as the specification reads it."""

    n: int
    gates: list[tuple[str, tuple[int, ...]]]
    outputs: list[int]


@st.composite
def netlists(draw: st.DrawFn, inputs: int = 5, gates: int = 25) -> dict[str, Any]:
    """All kinds of gates, with repeated wires, constants, chains of NOT and dead gates."""
    n = draw(st.integers(1, inputs))
    found: list[tuple[str, tuple[int, ...]]] = []
    for place in range(draw(st.integers(0, gates))):
        name = draw(st.sampled_from(sorted(ARITY)))
        wire = st.integers(0, n + place - 1)
        found.append((name, tuple(draw(wire) for _ in range(ARITY[name]))))
    wire = st.integers(0, n + len(found) - 1)
    return {"n": n, "gates": found, "outputs": draw(st.lists(wire, min_size=1, max_size=4))}


def netlists_in_the_cube() -> st.SearchStrategy[dict[str, Any]]:
    """A netlist and a point of the cube, in 1024ths: computed without rounding in any precision."""
    coordinate = st.one_of(st.integers(0, 1024), st.sampled_from([0, 512, 1024]))
    return netlists().flatmap(
        lambda case: st.lists(
            coordinate.map(lambda k: k / 1024), min_size=case["n"], max_size=case["n"]
        ).map(lambda x: {**case, "x": x})
    )


def all_bits(n: int) -> list[tuple[int, ...]]:
    """Every row of n bits."""
    return list(product((0, 1), repeat=n))


def random_bits(count: int, n: int, seed: int) -> torch.Tensor:
    """Uniform bits of shape (count, n), int64."""
    return torch.randint(0, 2, (count, n), generator=torch.Generator().manual_seed(seed))


@contextmanager
def one_thread() -> Iterator[None]:
    """A network of many small operations gains nothing from threads, and loses on busy cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def wrong_rows(found: torch.Tensor, expected: list[list[int]]) -> float:
    """The number of rows that differ: 0 is right, a row is more than is allowed; no shape is."""
    right = torch.tensor(expected)
    if tuple(found.shape) != tuple(right.shape):
        return float("inf")
    return 2.0 * int((found.to(torch.int64) != right).any(dim=-1).sum())
