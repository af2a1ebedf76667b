"""An implementation's functions held to their reference definitions (Appendix G).

Random functions are passed as data, not as seeds: the definition reads the same table, neighbours
or weights as the implementation.
"""

import random
from collections.abc import Callable
from typing import Any

import torch
from hypothesis import strategies as st

from hardposterior.properties.netlists import all_bits, random_bits, wrong_rows
from hardposterior.properties.search import search
from hardposterior.spec import one_way_functions as functions
from hardposterior.spec.circuits import Bits, bits_of
from hardposterior.spec.evidence import Outcome, Run, evidence, proved, refuted

BIT = st.integers(0, 1)
MOST_INPUTS = 1024
"""How many inputs of a drawn function are looked at: all of them up to ten bits."""


def wrong_inputs(circuit: Any, n: int, value: Callable[[Bits], list[int]]) -> float:
    """How many of all inputs, or of a thousand random ones, the circuit has wrong."""
    if circuit.n != n:
        return float("inf")
    rows = torch.tensor(all_bits(n)) if 2**n <= MOST_INPUTS else random_bits(MOST_INPUTS, n, n)
    return wrong_rows(circuit(rows), [value(row) for row in rows.tolist()])


def random_table_is_its_table(implementation: Any, table: list[list[int]]) -> float:
    """Wrong inputs of `random_table`."""
    n = len(table).bit_length() - 1
    circuit = implementation.random_table(torch.tensor(table))
    return wrong_inputs(circuit, n, lambda x: functions.random_table(table, x))


def goldreich_is_its_predicate(
    implementation: Any, n: int, neighbours: list[list[int]], predicate: list[int]
) -> float:
    """Wrong inputs of `goldreich`."""
    circuit = implementation.goldreich(torch.tensor(neighbours), predicate, n=n)
    return wrong_inputs(circuit, n, lambda x: functions.goldreich(neighbours, predicate, x))


def subset_sum_is_the_sum(implementation: Any, weights: list[int], m: int) -> float:
    """Wrong inputs of `subset_sum`."""
    circuit = implementation.subset_sum(weights, m)
    return wrong_inputs(circuit, len(weights), lambda x: functions.subset_sum(weights, m, x))


def tables(bits: int = 6, images: int = 4) -> st.SearchStrategy[dict[str, Any]]:
    """Tables of up to 2^bits rows."""
    return st.tuples(st.integers(1, bits), st.integers(1, images)).flatmap(
        lambda size: st.integers(0, 2 ** (2 ** size[0] * size[1]) - 1).map(
            lambda digits: {
                "table": [bits_of(digits >> (size[1] * k), size[1]) for k in range(2 ** size[0])]
            }
        )
    )


def goldreich_data() -> st.SearchStrategy[dict[str, Any]]:
    """Neighbours among up to ten inputs, and any predicate, the usual one among them."""
    usual = [functions.parity_of_three_and_a_product(x) for x in all_bits(5)]
    predicates = st.one_of(st.just(usual), st.lists(BIT, min_size=32, max_size=32))
    return st.integers(5, 10).flatmap(
        lambda n: st.fixed_dictionaries(
            {
                "n": st.just(n),
                "neighbours": st.lists(
                    st.permutations(range(n)).map(lambda order: list(order[:5])),
                    min_size=1,
                    max_size=6,
                ),
                "predicate": predicates,
            }
        )
    )


def subset_sums() -> st.SearchStrategy[dict[str, Any]]:
    """Up to ten weights modulo up to 2^70, the extreme weights among them."""
    return st.integers(1, 70).flatmap(
        lambda m: st.fixed_dictionaries(
            {
                "weights": st.lists(st.integers(0, 2**m - 1), min_size=1, max_size=10),
                "m": st.just(m),
            }
        )
    )


@evidence(functions.RANDOM_TABLE, kind="property", scope="box", needs=("random_table",))
def implemented_table_is_the_table(run: Run) -> Outcome:
    """All inputs of tables of up to six bits."""
    return search(run, random_table_is_its_table, tables(), examples=run.size(40, 100, 1000))


@evidence(functions.GOLDREICH, kind="property", scope="box", needs=("goldreich",))
def implemented_goldreich_is_its_predicate(run: Run) -> Outcome:
    """All inputs of functions of up to ten bits."""
    examples = run.size(20, 60, 600)
    return search(run, goldreich_is_its_predicate, goldreich_data(), examples=examples)


@evidence(functions.SUBSET_SUM, kind="property", scope="box", needs=("subset_sum",))
def implemented_subset_sum_is_the_sum(run: Run) -> Outcome:
    """All inputs of sums of up to ten weights of up to 70 bits."""
    return search(run, subset_sum_is_the_sum, subset_sums(), examples=run.size(20, 60, 600))


def exhausted(run: Run, n: int, circuit: Any, value: Callable[[Bits], list[int]]) -> Outcome:
    """All 2^n inputs of one circuit, in pieces."""
    for start in range(0, 2**n, 4096):
        rows = [bits_of(k, n) for k in range(start, min(start + 4096, 2**n))]
        if wrong_rows(circuit(torch.tensor(rows)), [value(row) for row in rows]):
            wrong = next(r for r in rows if circuit(torch.tensor(r)).tolist() != value(r))
            return refuted(f"seed {run.seed}: the circuit is wrong at {wrong}", cases=2**n)
        run.progress(start, 2**n)
    return proved(2**n)


@evidence(functions.RANDOM_TABLE, kind="exhaustive", scope="box", needs=("random_table",))
def every_input_of_a_table_of_16_bits(run: Run) -> Outcome:
    """The largest table, all 65,536 inputs."""
    chance = random.Random(run.seed)
    table = [[chance.getrandbits(1), chance.getrandbits(1)] for _ in range(2**16)]
    circuit = run.implementation.random_table(torch.tensor(table))
    return exhausted(run, 16, circuit, lambda x: functions.random_table(table, x))


@evidence(functions.GOLDREICH, kind="exhaustive", scope="box", needs=("goldreich",))
def every_input_of_16_bits_of_goldreich(run: Run) -> Outcome:
    """All inputs of one function with as many outputs as inputs, the usual predicate."""
    n, chance = 16, random.Random(run.seed)
    neighbours = [chance.sample(range(n), 5) for _ in range(n)]
    usual = [functions.parity_of_three_and_a_product(x) for x in all_bits(5)]
    circuit = run.implementation.goldreich(torch.tensor(neighbours), n=n)
    return exhausted(run, n, circuit, lambda x: functions.goldreich(neighbours, usual, x))


@evidence(functions.SUBSET_SUM, kind="exhaustive", scope="box", needs=("subset_sum",))
def every_input_of_a_sum_of_16_weights(run: Run) -> Outcome:
    """All inputs of one sum of 16 weights of 16 bits."""
    n, chance = 16, random.Random(run.seed)
    weights = [chance.getrandbits(16) for _ in range(n)]
    circuit = run.implementation.subset_sum(weights, 16)
    return exhausted(run, n, circuit, lambda x: functions.subset_sum(weights, 16, x))
