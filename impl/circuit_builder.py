"""A builder of netlists: constants are folded, equal gates shared, dead gates removed.

Wires are handles of the builder: `ZERO`, `ONE`, `builder.inputs`, and what its methods return.
`build(outputs)` numbers the gates that the outputs need and returns the `Circuit`.
"""

from collections.abc import Sequence

from hardposterior.impl.arguments import integer, reject
from hardposterior.impl.circuits import FREE, LARGEST_COUNT, Circuit, Gate

ZERO = 0
ONE = 1


class CircuitBuilder:
    """Builds a circuit on `n` input bits; `levels[wire]` is the depth of a wire so far.

    >>> builder = CircuitBuilder(3)
    >>> builder.build([builder.maj(*builder.inputs)]).gates
    (('MAJ', (0, 1, 2)),)
    """

    def __init__(self, n: int) -> None:
        self.n = integer("n", n, 1, LARGEST_COUNT)
        self.inputs = tuple(range(2, 2 + n))
        self.levels = [0] * (2 + n)
        self._gates: list[Gate | None] = [("ZERO", ()), ("ONE", ())] + [None] * n
        self._shared: dict[Gate, int] = {}

    def _add(self, name: str, *wires: int) -> int:
        """The wire of this gate, a new one only if there is none like it."""
        gate = (name, wires)
        wire = self._shared.get(gate)
        if wire is None:
            wire = len(self._gates)
            self._shared[gate] = wire
            self._gates.append(gate)
            below = max(self.levels[w] for w in wires)
            self.levels.append(below if name in FREE else below + 1)
        return wire

    def _negated(self, wire: int) -> int | None:
        """The wire that `wire` is the NOT of, if it is one."""
        gate = self._gates[wire]
        return gate[1][0] if gate is not None and gate[0] == "NOT" else None

    def _opposite(self, a: int, b: int) -> bool:
        """Whether one is visibly the negation of the other."""
        return self._negated(a) == b or self._negated(b) == a or {a, b} == {ZERO, ONE}

    def not_(self, a: int) -> int:
        """1 - a."""
        if a in (ZERO, ONE):
            return ONE - a
        inner = self._negated(a)
        return self._add("NOT", a) if inner is None else inner

    def and_(self, a: int, b: int) -> int:
        """a b."""
        if ZERO in (a, b) or self._opposite(a, b):
            return ZERO
        if a in (ONE, b):
            return b
        if b == ONE:
            return a
        x, y = self._negated(a), self._negated(b)
        if x is not None and y is not None:
            return self.not_(self.or_(x, y))
        return self._add("AND", min(a, b), max(a, b))

    def or_(self, a: int, b: int) -> int:
        """a + b - a b."""
        if ONE in (a, b) or self._opposite(a, b):
            return ONE
        if a in (ZERO, b):
            return b
        if b == ZERO:
            return a
        x, y = self._negated(a), self._negated(b)
        if x is not None and y is not None:
            return self.not_(self.and_(x, y))
        return self._add("OR", min(a, b), max(a, b))

    def xor(self, *wires: int) -> int:
        """The parity of one, two or three wires.

        Constants and negations move to the outside, equal wires cancel: what is left is a gate on
        distinct positive wires, negated or not.
        """
        odd: set[int] = set()
        flip = False
        for wire in wires:
            inner = self._negated(wire)
            flip ^= inner is not None or wire == ONE
            odd ^= {wire if inner is None else inner}
        left = sorted(odd - {ZERO, ONE})
        if not left:
            out = ZERO
        elif len(left) == 1:
            out = left[0]
        else:
            out = self._add("XOR" if len(left) == 2 else "XOR3", *left)
        return self.not_(out) if flip else out

    def maj(self, a: int, b: int, c: int) -> int:
        """1 where at least two of the three are 1."""
        for x, y, z in ((a, b, c), (a, c, b), (b, c, a)):
            if x == y:
                return x
            if self._opposite(x, y):
                return z
        for x, y, z in ((a, b, c), (b, a, c), (c, a, b)):
            if x == ZERO:
                return self.and_(y, z)
            if x == ONE:
                return self.or_(y, z)
        return self._add("MAJ", *sorted((a, b, c)))

    def mux(self, e: int, f: int, g: int) -> int:  # noqa: PLR0911 (one rule, one return)
        """f where e = 1, g where e = 0."""
        inner = self._negated(e)
        if inner is not None:
            return self.mux(inner, g, f)
        if f == g or e == ONE:
            return f
        if e == ZERO:
            return g
        if self._opposite(f, g):
            return self.xor(e, g)
        if f in (e, ONE):
            return self.or_(e, g)
        if g in (e, ZERO):
            return self.and_(e, f)
        if f == ZERO or self._opposite(e, f):
            return self.and_(self.not_(e), g)
        if g == ONE or self._opposite(e, g):
            return self.or_(self.not_(e), f)
        x, y = self._negated(f), self._negated(g)
        if x is not None and y is not None:
            return self.not_(self.mux(e, x, y))
        return self._add("MUX", e, f, g)

    def build(self, outputs: Sequence[int]) -> Circuit:
        """The circuit of the gates that `outputs` depend on, in the order they were added."""
        for wire in outputs:
            if not 0 <= wire < len(self._gates):
                reject("outputs", wire, "wires of this builder")
        alive = [False] * len(self._gates)
        for wire in outputs:
            alive[wire] = True
        for wire in range(len(self._gates) - 1, -1, -1):
            gate = self._gates[wire]
            if alive[wire] and gate is not None:
                for source in gate[1]:
                    alive[source] = True
        number = {wire: index for index, wire in enumerate(self.inputs)}
        gates: list[Gate] = []
        for wire, gate in enumerate(self._gates):
            if alive[wire] and gate is not None:
                number[wire] = self.n + len(gates)
                gates.append((gate[0], tuple(number[source] for source in gate[1])))
        return Circuit(self.n, tuple(gates), tuple(number[wire] for wire in outputs))
