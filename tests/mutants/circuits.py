"""Faults in circuits, beside those of `tests/faults_circuits.py`."""

from mutants.catalogue import mutant

GATES = "one-way-functions/implemented-evaluation-is-gate-by-gate"
FOLDS = "one-way-functions/every-gate-on-operands-that-fold"
FILES = "one-way-functions/implemented-files-keep-the-netlist"
PARTS = "one-way-functions.sha256/netlists-of-the-parts-equal-bit-vector-arithmetic"
PUBLISHED = "one-way-functions.sha256/published-digests"
MANY = "one-way-functions/implemented-evaluation-of-many-rows-is-that-of-few"

MUTANTS = [
    mutant(
        "circuits",
        "        return len(self.outputs)\n",
        "        return len(set(self.outputs))\n",
        "equal outputs counted once",
        "one-way-functions",
    ),
    mutant(
        "circuits",
        "level.append(below if name in FREE else below + 1)",
        "level.append(below + 1)",
        "a negation costs depth",
        "relu-gates.size",
    ),
    mutant(
        "circuits",
        "return {name: counts[name] for name in ARITY}",
        "return {name: min(1, counts[name]) for name in ARITY}",
        "kinds of gates in place of gates",
    ),
    mutant(
        "circuits",
        "        return BitSliced(self)\n",
        "        return BitSliced(Circuit(self.n, self.gates, self.outputs[::-1]))\n",
        "outputs evaluated backwards",
        GATES,
    ),
    mutant(
        "circuits",
        "return to_relu(self, dtype=dtype)",
        "return to_relu(self)",
        "the dtype asked for is ignored",
        "relu-gates.network",
    ),
    mutant(
        "circuits",
        "        return self.bitsliced(bits)\n",
        "        return 1 - self.bitsliced(bits)\n",
        "the complemented function",
        GATES,
    ),
    mutant(
        "circuits",
        "if wire >= n + index:",
        "if wire > n + index:",
        "a gate that reads itself is let in",
    ),
    mutant(
        "bitsliced",
        "pool[self.n] = ~np.uint64(0)",
        "pool[self.n] = np.uint64(1)",
        "a constant 1 on one input in 64",
        GATES,
    ),
    mutant(
        "bitsliced",
        "rows = bits[start : start + PIECE]\n",
        "rows = bits[start : start + PIECE][::-1]\n",
        "pieces unpacked backwards",
        GATES,
    ),
    mutant(
        "bitsliced",
        "raw[:, start // 8 : start // 8 + octets.shape[1]] = octets",
        "raw[:, : octets.shape[1]] = octets",
        "all pieces packed into the first place",
        MANY,
    ),
    mutant(
        "bitsliced",
        "ones = bits.detach() != 0",
        "ones = bits.detach() > 1",
        "every input read as 0",
        GATES,
    ),
    mutant(
        "circuit_builder",
        "return ONE - a",
        "return a",
        "constants are their own negation",
        FOLDS,
    ),
    mutant(
        "circuit_builder",
        "if ZERO in (a, b) or self._opposite(a, b):",
        "if ZERO in (a, b) or a == b:",
        "a and a is 0",
        FOLDS,
    ),
    mutant(
        "circuit_builder",
        "if ONE in (a, b) or self._opposite(a, b):",
        "if ONE in (a, b) or a == b:",
        "a or a is 1",
        FOLDS,
    ),
    mutant(
        "circuit_builder",
        "if x == ONE:\n                return self.or_(y, z)",
        "if x == ONE:\n                return self.and_(y, z)",
        "a majority with a 1 folded to AND",
        FOLDS,
    ),
    mutant(
        "circuit_builder",
        "if alive[wire] and gate is not None:\n                for",
        "if gate is not None and wire % 2:\n                for",
        "half of the needed gates are taken for dead",
        FOLDS,
    ),
    mutant(
        "circuit_json",
        "if len(text) > LARGEST_FILE:",
        "if len(text) > 2 * LARGEST_FILE:",
        "files are written that cannot be read",
    ),
    mutant(
        "circuit_json",
        'raise InvalidArgument(f"{os.fspath(path)}: {error}") from None',
        "raise",
        "a bad file is not named",
    ),
    mutant(
        "circuit_json",
        "if content[key] != right or isinstance(content[key], bool | float):",
        "if False:",
        "a file that contradicts itself is read",
    ),
    mutant(
        "circuit_json",
        '"gates": [[name, *wires] for name, wires in circuit.gates],',
        '"gates": [[name, *wires[::-1]] for name, wires in circuit.gates],',
        "wires of gates saved backwards: MUX is not symmetric",
        FILES,
    ),
    mutant(
        "circuit_words",
        "return [ONE if value >> i & 1 else ZERO for i in range(width)]",
        "return [ONE if value >> i & 1 else ZERO for i in range(width - 1)] + [ZERO]",
        "the highest bit of a constant lost",
        PUBLISHED,
    ),
    mutant(
        "circuit_words",
        "return word[places:] + word[:places]",
        "return word[-places:] + word[:-places]",
        "a rotation to the left",
        PARTS,
    ),
    mutant(
        "circuit_words",
        "return word[places:] + [ZERO] * places",
        "return [ZERO] * places + word[:-places]",
        "a shift to the left",
        PARTS,
    ),
    mutant(
        "circuit_words",
        "return [builder.not_(a) for a in word]",
        "return list(word)",
        "no negation before the subtraction of d",
        PUBLISHED,
    ),
    mutant(
        "circuit_words",
        "return [builder.xor(a, b, c) for",
        "return [builder.xor(a, b) for",
        "the third word left out of a parity",
        PARTS,
    ),
    mutant(
        "circuit_words",
        "return [builder.maj(a, b, c) for",
        "return [builder.maj(a, b, builder.not_(c)) for",
        "a majority with its third word negated",
        PARTS,
    ),
    mutant(
        "circuit_words",
        "return [builder.mux(a, b, c) for",
        "return [builder.or_(builder.and_(a, b), c) for",
        "Ch without the negation of its first word",
        PARTS,
    ),
]
