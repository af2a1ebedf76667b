"""Faults in functions of bits, beside those of `tests/faults_circuits.py`."""

from mutants.catalogue import mutant

PARTS = "one-way-functions.sha256/netlists-of-the-parts-equal-bit-vector-arithmetic"
PUBLISHED = "one-way-functions.sha256/published-digests"
TABLE = "one-way-functions.random-table/implemented-table-is-the-table"
SUM = "one-way-functions.subset-sum/implemented-subset-sum-is-the-sum"

MUTANTS = [
    mutant(
        "functions",
        "return builder.build([lookup(builder, builder.inputs, column) for column in columns])",
        "return builder.build([lookup(builder, builder.inputs, col) for col in columns[::-1]])",
        "the columns of a table backwards",
        TABLE,
    ),
    mutant(
        "functions",
        "return torch.randint(0, 2, (1 << n, m), generator=arguments.generator(generator))",
        "return torch.randint(0, 1, (1 << n, m), generator=arguments.generator(generator))",
        "a uniform table that is all zeros",
    ),
    mutant(
        "functions",
        "return draws.argsort(dim=1)[:, :LOCALITY].contiguous()",
        "return (draws * n).long()[:, :LOCALITY].contiguous()",
        "neighbours drawn with repetition",
    ),
    mutant(
        "functions",
        'arguments.integer("weights", weight, 0, (1 << m) - 1) for weight in weights]',
        'arguments.integer("weights", weight, 0, (1 << m) - 1) >> 1 << 1 for weight in weights]',
        "even weights only",
        SUM,
    ),
    mutant(
        "functions",
        "bits = torch.randint(0, 2, (n, m), generator=arguments.generator(generator))",
        "bits = torch.randint(0, 2, (1, m), generator=arguments.generator(generator)).expand(n, m)",
        "one weight for all inputs",
    ),
    mutant(
        "sha256_circuit",
        "return builder.build(digest[:digest_bits])",
        "return builder.build(digest[-digest_bits:])",
        "the last bits of a digest in place of the first",
        "one-way-functions.sha256",
    ),
    mutant(
        "sha256_circuit",
        "small0, small1 = small_sigma0(builder, words[-15]), small_sigma1(builder, words[-2])",
        "small0, small1 = small_sigma0(builder, words[-14]), small_sigma1(builder, words[-2])",
        "the schedule reads W_{t-14}",
        PARTS,
    ),
    mutant(
        "sha256_circuit",
        "return State(new_a, a, b, c, new_e, e, f, g)",
        "return State(new_a, a, b, c, new_e, e, g, f)",
        "two working words exchanged",
        PUBLISHED,
    ),
    mutant(
        "sha256_circuit",
        "rotate_right(a, 13), rotate_right(a, 22)",
        "rotate_right(a, 13), rotate_right(a, 21)",
        "a wrong rotation in Sigma_0",
        PARTS,
    ),
    mutant(
        "sha256_circuit",
        "rotate_right(y, 19), shift_right(y, 10)",
        "rotate_right(y, 19), shift_right(y, 9)",
        "a wrong shift in sigma_1",
        PARTS,
    ),
    mutant(
        "sha256_circuit",
        "candidate = 2\n",
        "candidate = 3\n",
        "the prime 2 forgotten",
        PUBLISHED,
    ),
    mutant(
        "sha256_circuit",
        "return isqrt(prime << 64) & 0xFFFFFFFF",
        "return isqrt(prime << 62) & 0xFFFFFFFF",
        "half of a square root",
        PUBLISHED,
    ),
    mutant(
        "sha256_circuit",
        "if middle**3 <= target else",
        "if middle**3 < 2 * target else",
        "the cube root of twice a prime",
        PUBLISHED,
    ),
    mutant(
        "sha256_words",
        "words = [list(builder.inputs[i : i + WIDTH]) for",
        "words = [list(builder.inputs[i : i + WIDTH])[::-1] for",
        "words read with the most significant bit first",
        PARTS,
    ),
    mutant(
        "__init__",
        "if name in PUBLIC:",
        'if name in PUBLIC and name != "NoiseBox":',
        "a public name that is not there",
    ),
]
