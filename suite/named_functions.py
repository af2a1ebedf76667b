"""The hidden functions by name, each a circuit beside its reference definition."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch

from hardposterior.impl import arguments, functions
from hardposterior.impl.circuits import Circuit
from hardposterior.impl.relu_network import ReluNetwork, Sizes
from hardposterior.impl.sha256_circuit import LARGEST_MESSAGE, sha256
from hardposterior.spec import one_way_functions as reference
from hardposterior.spec import sha256 as standard
from hardposterior.spec.circuits import Bits, bits_of
from hardposterior.usage import unknown

MOST_BITS = 1024
"""Of inputs and outputs where the function itself sets no limit."""

MOST_IMAGES_OF_A_TABLE = 32

LARGEST_DIGEST = 256


@dataclass(frozen=True)
class NamedFunction:
    """A circuit, and what it should compute."""

    circuit: Circuit
    value: Callable[[Bits], list[int]]


def random_table(n: int, m: int, seed: int) -> NamedFunction:
    """A uniform table from n to m bits, drawn with `seed`."""
    arguments.integer("m", m, 1, MOST_IMAGES_OF_A_TABLE)
    table = functions.draw_table(n, m, torch.Generator().manual_seed(seed))
    return NamedFunction(
        functions.random_table(table), partial(reference.random_table, table.tolist())
    )


def goldreich(n: int, m: int, seed: int) -> NamedFunction:
    """Goldreich's function with x1 + x2 + x3 + x4 x5, neighbours drawn with `seed`."""
    arguments.integer("n", n, functions.LOCALITY, MOST_BITS)
    arguments.integer("m", m, 1, MOST_BITS)
    neighbours = functions.draw_neighbours(n, m, torch.Generator().manual_seed(seed))
    predicate = [reference.parity_of_three_and_a_product(bits_of(k, 5)) for k in range(32)]
    value = partial(reference.goldreich, neighbours.tolist(), predicate)
    return NamedFunction(functions.goldreich(neighbours, n=n), value)


def subset_sum(n: int, m: int, seed: int) -> NamedFunction:
    """The sum of n weights modulo 2^m, drawn with `seed`."""
    arguments.integer("n", n, 1, MOST_BITS)
    arguments.integer("m", m, 1, MOST_BITS)
    weights = functions.draw_weights(n, m, torch.Generator().manual_seed(seed))
    return NamedFunction(
        functions.subset_sum(weights, m), partial(reference.subset_sum, weights, m)
    )


def secure_hash(message_bits: int, rounds: int, digest_bits: int) -> NamedFunction:
    """SHA-256, fully or in part."""
    circuit = sha256(message_bits, rounds, digest_bits)
    value = partial(standard.sha256, rounds=rounds, digest_bits=digest_bits)
    return NamedFunction(circuit, value)


def parameters_of(name: str, n: int, m: int, seed: int, rounds: int = 64) -> dict[str, Any]:
    """What `named` needs to make this function again, without what plays no part in it."""
    drawn = {"rounds": rounds} if name == "sha256" else {"seed": seed}
    return {"name": name, "n": n, "m": m, **drawn}


def named(name: str, n: int, m: int, seed: int = 0, rounds: int = 64) -> NamedFunction:
    """The function of n bits and m image bits that goes by this name."""
    if name == "sha256":
        arguments.integer("n", n, 1, LARGEST_MESSAGE)
        arguments.integer("m", m, 1, LARGEST_DIGEST)
        return secure_hash(n, rounds, m)
    makers = {"random-table": random_table, "goldreich": goldreich, "subset-sum": subset_sum}
    if name not in makers:
        raise unknown("function", name, ["sha256", *makers])
    return makers[name](n, m, seed)


@dataclass(frozen=True)
class SelfCheck:
    """How many inputs the circuit and its network were tried on, and the first that is wrong."""

    inputs: int
    network_inputs: int
    sizes: Sizes
    wrong: list[int] | None


def self_check(named: NamedFunction, seed: int) -> SelfCheck:
    """The circuit against the reference, the network in float32 against the circuit.

    All inputs up to ten bits, else 256 random ones; the network on the first four of them.
    """
    n = named.circuit.n
    if n <= 10:
        rows = torch.tensor([bits_of(k, n) for k in range(2**n)])
    else:
        rows = torch.randint(0, 2, (256, n), generator=torch.Generator().manual_seed(seed))
    found = named.circuit(rows).tolist()
    network: ReluNetwork = named.circuit.to_relu()
    images: Any = network(rows[:4].float()).tolist()
    wrong = None
    for index, row in enumerate(rows.tolist()):
        right = found[index] == named.value(row)
        if not right or (index < len(images) and images[index] != found[index]):
            wrong = row
            break
    return SelfCheck(len(rows), len(images), network.sizes(), wrong)
