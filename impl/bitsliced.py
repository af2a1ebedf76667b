"""Bit-sliced evaluation: 64 inputs a machine word, every gate one to three bitwise operations.

Gates are lowered to AND, OR and XOR of two wires (NOT is XOR with ones), equal operations shared,
and wires are assigned to a small pool of rows that are reused as soon as they are dead, so that the
live rows stay in the processor's cache while a block of words runs through the whole circuit.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from hardposterior.impl.arguments import reject
from hardposterior.impl.circuits import Circuit

BLOCK = 2048  # words of 64 inputs that run through the circuit together
PIECE = 512  # inputs that are transposed together, so that the strided side stays in the cache

Operation = tuple[Callable[..., Any], int, int, int]  # ufunc, two rows read, row written
Words = np.ndarray[Any, np.dtype[np.uint64]]


class BitSliced:
    """A compiled circuit; `operations` bitwise operations per word, `rows` live rows."""

    def __init__(self, circuit: Circuit) -> None:
        self.n = circuit.n
        self.m = circuit.m
        lowered, outputs = _lower(circuit)
        self._program, self._outputs, self.rows = _assign_rows(circuit.n, lowered, outputs)
        self.operations = len(self._program)

    def __call__(self, bits: torch.Tensor) -> torch.Tensor:
        """f of every row of `bits`, shape (..., n) of 0 and 1, as shape (..., m), same dtype."""
        if not isinstance(bits, torch.Tensor) or bits.is_complex():
            reject("bits", bits, "a real torch.Tensor of 0 and 1")
        if bits.ndim == 0 or bits.shape[-1] != self.n:
            reject("bits.shape", tuple(bits.shape), f"(..., {self.n})")
        ones = bits.detach() != 0
        if not bool((bits == ones).all()):
            reject("bits", "a tensor with another entry", "0 or 1 in every entry")
        flat = ones.cpu().reshape(-1, self.n).numpy()
        out = unpack(self.words(pack(flat)), len(flat))
        values = torch.from_numpy(out).to(bits.device, bits.dtype)
        return values.reshape(*bits.shape[:-1], self.m)

    def words(self, inputs: Words) -> Words:
        """The circuit on words: `inputs` of shape (n, words), output of shape (m, words)."""
        if (
            not isinstance(inputs, np.ndarray)
            or inputs.dtype != np.uint64
            or inputs.ndim != 2
            or inputs.shape[0] != self.n
        ):
            reject("inputs", getattr(inputs, "shape", inputs), f"a uint64 array ({self.n}, words)")
        outputs = np.empty((self.m, inputs.shape[1]), dtype=np.uint64)
        width = min(BLOCK, inputs.shape[1])
        pool = np.empty((self.rows, width), dtype=np.uint64)
        for start in range(0, inputs.shape[1], BLOCK):
            block = inputs[:, start : start + width]
            size = block.shape[1]
            rows = [pool[i, :size] for i in range(self.rows)]
            pool[: self.n, :size] = block
            pool[self.n] = ~np.uint64(0)
            for operation, a, b, out in self._program:
                operation(rows[a], rows[b], rows[out])
            for index, row in enumerate(self._outputs):
                outputs[index, start : start + size] = rows[row]
        return outputs


def pack(bits: np.ndarray[Any, Any]) -> Words:
    """Bits of shape (count, n) as words of shape (n, ceil(count / 64)); input j is bit j % 64."""
    count, n = bits.shape
    raw = np.zeros((n, -(-count // 64) * 8), dtype=np.uint8)
    for start in range(0, count, PIECE):
        columns = np.ascontiguousarray(bits[start : start + PIECE].T)
        octets = np.packbits(columns, axis=1, bitorder="little")
        raw[:, start // 8 : start // 8 + octets.shape[1]] = octets
    return raw.view("<u8").astype(np.uint64, copy=False)


def unpack(words: Words, count: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The first `count` inputs of `words`, shape (m, words), as bits of shape (count, m)."""
    raw = np.ascontiguousarray(words).astype("<u8", copy=False).view(np.uint8)
    bits = np.empty((count, len(words)), dtype=np.uint8)
    for start in range(0, count, PIECE):
        rows = bits[start : start + PIECE]
        octets = raw[:, start // 8 : (start + PIECE) // 8]
        rows[:] = np.unpackbits(octets, axis=1, count=len(rows), bitorder="little").T
    return bits


def _lower(circuit: Circuit) -> tuple[list[Operation], list[int]]:
    """Two-wire operations; wires 0 to n - 1 the inputs, n the ones, then one for each operation."""
    ones = circuit.n
    program: list[Operation] = []
    shared: dict[tuple[str, int, int], int] = {}

    def wire_of(operation: Callable[..., Any], a: int, b: int) -> int:
        key = (operation.__name__, min(a, b), max(a, b))
        if key not in shared:
            program.append((operation, a, b, ones + 1 + len(program)))
            shared[key] = ones + len(program)
        return shared[key]

    def xor(a: int, b: int) -> int:
        return wire_of(np.bitwise_xor, a, b)

    def both(a: int, b: int) -> int:
        return wire_of(np.bitwise_and, a, b)

    lower: dict[str, Callable[..., int]] = {
        "ZERO": lambda: xor(ones, ones),
        "ONE": lambda: ones,
        "NOT": lambda a: xor(a, ones),
        "AND": both,
        "OR": lambda a, b: wire_of(np.bitwise_or, a, b),
        "XOR": xor,
        "XOR3": lambda a, b, c: xor(xor(a, b), c),
        "MAJ": lambda a, b, c: xor(both(xor(a, b), xor(a, c)), a),
        "MUX": lambda e, f, g: xor(both(xor(f, g), e), g),
    }
    wires = list(range(circuit.n))
    for name, sources in circuit.gates:
        wires.append(lower[name](*(wires[source] for source in sources)))
    return program, [wires[output] for output in circuit.outputs]


def _assign_rows(
    n: int, program: list[Operation], outputs: list[int]
) -> tuple[list[Operation], list[int], int]:
    """The program on rows of a pool instead of wires: a row is reused once its wire is dead."""
    last = {wire: index for index, (_, a, b, _) in enumerate(program) for wire in (a, b)}
    last |= dict.fromkeys([*outputs, n], len(program))
    row = {wire: wire for wire in range(n + 1)}
    rows = n + 1
    free: list[int] = []
    placed: list[Operation] = []
    for index, (operation, a, b, out) in enumerate(program):
        reads = row[a], row[b]
        free.extend(row[wire] for wire in {a, b} if last[wire] == index)
        if not free:
            free.append(rows)
            rows += 1
        row[out] = free.pop()
        placed.append((operation, *reads, row[out]))
    return placed, [row[wire] for wire in outputs], rows
