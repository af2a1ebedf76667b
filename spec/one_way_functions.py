"""Candidate one-way functions from explicit data (Appendix G): their reference definitions.

Numbers are read from bits with the most significant bit first.
"""

from collections.abc import Sequence

from hardposterior.spec.circuits import Bits, bits_of, number_of
from hardposterior.spec.statements import STATEMENTS, Definition, Domain

GOLDREICH_LOCALITY = 5


def random_table(table: Sequence[Bits], x: Bits) -> list[int]:
    """Row k of the table, k the number whose binary digits are x."""
    return list(table[number_of(x)])


def parity_of_three_and_a_product(x: Bits) -> int:
    """x1 + x2 + x3 + x4 x5 mod 2: the predicate that Goldreich's function is used with."""
    x1, x2, x3, x4, x5 = x
    return (x1 + x2 + x3 + x4 * x5) % 2


def goldreich(neighbours: Sequence[Sequence[int]], predicate: Bits, x: Bits) -> list[int]:
    """Bit j is the predicate at the five inputs that row j of `neighbours` names.

    `predicate` is a truth table of 32 bits: entry k for the five bits of k.
    """
    return [predicate[number_of([x[place] for place in row])] for row in neighbours]


def subset_sum(weights: Sequence[int], m: int, x: Bits) -> list[int]:
    """The m binary digits of the sum of weights[i] over the i with x_i = 1, modulo 2^m."""
    total = sum(weight for weight, bit in zip(weights, x, strict=True) if bit == 1)
    return bits_of(total % 2**m, m)


def is_table(table: Sequence[Bits]) -> bool:
    """Whether there are 2^n rows of bits, n >= 1, all of one length."""
    n = len(table).bit_length() - 1
    lengths = {len(row) for row in table}
    return n >= 1 and len(table) == 2**n and len(lengths) == 1 and 0 not in lengths


def are_neighbours(neighbours: Sequence[Sequence[int]]) -> bool:
    """Whether every row names five distinct inputs."""
    return all(
        len(row) == len(set(row)) == GOLDREICH_LOCALITY and min(row) >= 0 for row in neighbours
    )


BITS = Domain("bits 0 and 1, one an input", lambda x: set(x) <= {0, 1})

RANDOM_TABLE = STATEMENTS.state(
    Definition(
        id="one-way-functions.random-table",
        paper="Appendix G",
        relation="own",
        claim="f(x) is row k of a table of 2^n rows of m bits, k the number with the digits x",
        domain={"table": Domain("2^n rows of m bits", is_table), "x": BITS},
        formulas={"value": random_table},
        proof="a definition: every function of n bits is one of these",
    )
)

GOLDREICH = STATEMENTS.state(
    Definition(
        id="one-way-functions.goldreich",
        paper="Appendix G",
        relation="own",
        claim="bit j of f(x) is a fixed predicate of five distinct inputs that row j names; "
        "by default x1 + x2 + x3 + x4 x5 mod 2",
        domain={
            "neighbours": Domain("rows of five distinct inputs", are_neighbours),
            "predicate": Domain("a truth table of 32 bits", lambda table: len(table) == 32),
            "x": BITS,
        },
        formulas={"value": goldreich, "predicate": parity_of_three_and_a_product},
        proof="a definition (Goldreich 2000, Candidate one-way functions based on expander graphs)",
    )
)

SUBSET_SUM = STATEMENTS.state(
    Definition(
        id="one-way-functions.subset-sum",
        paper="Appendix G",
        relation="own",
        claim="f(x) is the sum of the weights w_i with x_i = 1, modulo 2^m, in binary",
        domain={
            "weights": Domain("integers >= 0, one an input", lambda w: min(w) >= 0),
            "m": Domain("a positive integer", lambda m: m >= 1),
            "x": BITS,
        },
        formulas={"value": subset_sum},
        proof="a definition (Impagliazzo and Naor 1996)",
    )
)
