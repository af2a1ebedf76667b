"""Random tables, Goldreich's function and subset sum: exhaustive against independent arithmetic."""

import itertools

import pytest
import torch

from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.functions import (
    P5,
    draw_neighbours,
    draw_table,
    draw_weights,
    goldreich,
    random_table,
    subset_sum,
)


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def all_bits(n):
    return torch.tensor(list(itertools.product((0, 1), repeat=n)))


def numbers(bits):
    """Rows of bits as integers, most significant bit first."""
    return [int("".join(map(str, row)), 2) for row in bits.tolist()]


@pytest.mark.parametrize(("n", "m"), [(1, 1), (3, 5), (8, 8), (12, 3), (16, 1)])
def test_random_table_is_its_table(n, m):
    table = draw_table(n, m, seeded(n))
    circuit = random_table(table)
    assert (circuit.n, circuit.m) == (n, m)
    assert torch.equal(circuit(all_bits(n)), table)
    assert circuit.depth <= n


@pytest.mark.parametrize("bit", [0, 1])
def test_a_constant_table_needs_one_gate(bit):
    circuit = random_table(torch.full((8, 2), bit))
    assert len(circuit.gates) == 1
    assert circuit.depth == 0


def test_goldreich_is_its_predicate_on_every_input():
    neighbours = draw_neighbours(9, 12, seeded(1))
    predicate = draw_table(5, 1, seeded(2)).flatten().tolist()
    bits = all_bits(9)
    for table in (P5, predicate):
        circuit = goldreich(neighbours, table, n=9)
        expected = torch.tensor([[table[k] for k in numbers(bits[:, row])] for row in neighbours]).T
        assert torch.equal(circuit(bits), expected)


def test_p5_is_three_summands_and_a_product():
    x = all_bits(5)
    assert list(P5) == ((x[:, 0] + x[:, 1] + x[:, 2] + x[:, 3] * x[:, 4]) % 2).tolist()
    assert goldreich(torch.arange(5)[None]).gate_counts()["MUX"] == 0


def test_neighbours_are_distinct_and_cover_the_inputs():
    neighbours = draw_neighbours(7, 200, seeded(3))
    assert neighbours.shape == (200, 5)
    assert all(len(set(row)) == 5 for row in neighbours.tolist())
    assert set(neighbours.flatten().tolist()) == set(range(7))


@pytest.mark.parametrize(("n", "m"), [(1, 1), (2, 3), (5, 8), (10, 10), (12, 7), (9, 40)])
def test_subset_sum_is_the_sum_on_every_input(n, m):
    weights = draw_weights(n, m, seeded(10 * n + m))
    circuit = subset_sum(weights, m)
    assert (circuit.n, circuit.m) == (n, m)
    bits = all_bits(n)
    expected = [sum(w for w, x in zip(weights, row, strict=True) if x) % 2**m for row in bits]
    assert numbers(circuit(bits)) == expected


def test_subset_sum_carries_through_every_bit():
    circuit = subset_sum([2**64 - 1, 1], 64)
    assert numbers(circuit(all_bits(2))) == [0, 1, 2**64 - 1, 0]


def test_draws_depend_on_the_generator_alone():
    assert torch.equal(draw_table(4, 4, seeded(5)), draw_table(4, 4, seeded(5)))
    assert draw_weights(4, 80, seeded(5)) == draw_weights(4, 80, seeded(5))
    assert draw_weights(4, 80, seeded(5)) != draw_weights(4, 80, seeded(6))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: random_table(torch.zeros(6, 1)), r"table.shape = \(6, 1\): must be \(2\^n, m\)"),
        (lambda: random_table(torch.zeros(1, 1)), r"table.shape = \(1, 1\)"),
        (lambda: random_table(torch.zeros(0, 1)), r"table.shape = \(0, 1\)"),
        (lambda: random_table(torch.zeros(8)), r"table = torch.Size\(\[8\]\)"),
        (lambda: random_table(torch.full((2, 1), 0.5)), "table = .*0 or 1"),
        (lambda: draw_table(17, 1, seeded(0)), r"n = 17: must be an integer in \[1, 16\]"),
        (lambda: draw_table(3, 1, None), "generator = None"),
        (lambda: goldreich(torch.zeros(3, 4, dtype=torch.int64)), r"neighbours = .*\(m, 5\)"),
        (lambda: goldreich(torch.tensor([[0, 1, 2, 3, 3]])), "neighbours = .*five distinct"),
        (lambda: goldreich(torch.tensor([[-1, 1, 2, 3, 0]])), "neighbours = .*five distinct"),
        (lambda: goldreich(torch.arange(5)[None], [0, 1]), "predicate = '2 bits'"),
        (lambda: goldreich(torch.arange(5)[None], [2] * 32), "predicate = 2"),
        (lambda: goldreich(torch.arange(5)[None], n=4), "n = 4: must be an integer >= 5"),
        (lambda: draw_neighbours(4, 1, seeded(0)), "n = 4: must be an integer >= 5"),
        (lambda: subset_sum([], 4), r"weights = \[\]"),
        (lambda: subset_sum([16], 4), r"weights = 16: must be an integer in \[0, 15\]"),
        (lambda: subset_sum([1.5], 4), "weights = 1.5"),
        (lambda: subset_sum([1], 0), "modulus_bits = 0"),
    ],
)
def test_bad_arguments_are_one_line(call, message):
    with pytest.raises(InvalidArgument, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_drawn_tables_and_weights_are_uniform_bits():
    """Each bit in half of the draws, false alarm 1e-9 a bit; rows and inputs differ."""
    tables = torch.stack([draw_table(2, 3, seeded(k)) for k in range(400)]).double()
    assert (tables.mean(0) - 0.5).abs().max() < 6.2 / (2 * 400**0.5)
    assert len(tables.flatten(1).unique(dim=0)) > 350 * (1 - 400 / 2**12 / 2)
    weights = [draw_weights(3, 5, seeded(k)) for k in range(400)]
    bits = torch.tensor([[[w >> i & 1 for i in range(5)] for w in row] for row in weights]).double()
    assert (bits.mean(0) - 0.5).abs().max() < 6.2 / (2 * 400**0.5)
    assert sum(len(set(row)) == 3 for row in weights) > 300  # .91 of them, by chance
