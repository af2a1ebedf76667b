"""z3: formulas over the reals and netlists over words, proved for all inputs or refuted."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import z3

from hardposterior.spec.arithmetic import Number
from hardposterior.spec.circuits import Netlist
from hardposterior.spec.evidence import Outcome, proved, refuted, undecided

WORK = 300_000_000
"""z3's own units for one question: 100 times what the dearest takes, minutes. Not milliseconds: a
busy machine must not change an outcome."""


class Reals:
    """z3's real arithmetic as an arithmetic context: what piecewise linear formulas need of it."""

    def number(self, value: Any) -> Number:
        if isinstance(value, z3.ExprRef):
            return value
        exact = Fraction(value)
        return z3.Q(exact.numerator, exact.denominator)

    def maximum(self, x: Number, y: Number) -> Number:
        return z3.If(x >= y, x, y)

    def minimum(self, x: Number, y: Number) -> Number:
        return z3.If(x <= y, x, y)

    def absolute(self, x: Number) -> Number:
        return z3.If(x >= 0, x, -x)

    def nearest_integer(self, x: Number) -> Number:
        return z3.ToReal(z3.ToInt(x + z3.Q(1, 2)))


def prove(name: str, claim: Any, given: Sequence[Any] = ()) -> Outcome:
    """Proved if no assignment meets `given` and breaks `claim`; else refuted with one that does.

    >>> x = z3.Real("x")
    >>> prove("square", x * x >= 0).status
    'proved'
    >>> prove("square", x * x > 0).counterexample
    'square at x = 0'
    """
    solver = z3.SolverFor("QF_NRA") if _is_real(claim) else z3.Solver()
    solver.set("rlimit", WORK)
    solver.add(*given, z3.Not(claim))
    answer = solver.check()
    if answer == z3.unsat:
        return proved()
    if answer == z3.unknown:
        return undecided(f"{name}: z3 gives up ({solver.reason_unknown()})")
    model = solver.model()
    values = ", ".join(f"{v} = {model[v]}" for v in sorted(model, key=str))
    return refuted(f"{name} at {values}")


def _is_real(claim: Any) -> bool:
    """Whether the claim is about real numbers."""
    stack, seen = [claim], set()
    while stack:
        node = stack.pop()
        if node.get_id() in seen:
            continue
        seen.add(node.get_id())
        if z3.is_real(node):
            return True
        stack.extend(node.children())
    return False


def prove_all(questions: Mapping[str, tuple[Any, Sequence[Any]]]) -> Outcome:
    """Proved if every claim is, each under what is given with it; else the first that is not."""
    for name, (claim, given) in questions.items():
        outcome = prove(name, claim, given)
        if outcome.status != "proved":
            return outcome
    return proved(len(questions), detail=", ".join(questions))


GATES: Mapping[str, Callable[..., Any]] = {
    "ZERO": lambda: z3.BoolVal(False),
    "ONE": lambda: z3.BoolVal(True),
    "NOT": z3.Not,
    "AND": z3.And,
    "OR": z3.Or,
    "XOR": z3.Xor,
    "XOR3": lambda a, b, c: z3.Xor(z3.Xor(a, b), c),
    "MAJ": lambda a, b, c: z3.Or(z3.And(a, b), z3.And(a, c), z3.And(b, c)),
    "MUX": z3.If,
}


def outputs_of(netlist: Netlist, inputs: Sequence[Any]) -> list[Any]:
    """The outputs of a netlist as Boolean expressions of its inputs."""
    wires = list(inputs)
    for name, sources in netlist.gates:
        wires.append(GATES[name](*(wires[source] for source in sources)))
    return [wires[output] for output in netlist.outputs]


def word_of(bits: Sequence[Any]) -> Any:
    """Booleans, the least significant first, as a bit vector."""
    one, zero = z3.BitVecVal(1, 1), z3.BitVecVal(0, 1)
    return z3.Concat(*(z3.If(bit, one, zero) for bit in reversed(bits)))


def equals_on_words(
    name: str, netlist: Netlist, function: Callable[..., Any], width: int = 32
) -> Outcome:
    """Whether a netlist on words, least significant bit first, is this function of bit vectors.

    Refuted with values of the words x0, x1, ... on which the two differ.
    """
    words = [z3.BitVec(f"x{i}", width) for i in range(netlist.n // width)]
    bits = [z3.Extract(i, i, word) == 1 for word in words for i in range(width)]
    found = word_of(outputs_of(netlist, bits))
    return prove(name, found == function(*words))
