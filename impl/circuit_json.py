"""Circuits as JSON files, checked as a whole before anything is returned.

    {"format": "hardposterior circuit", "version": 1, "n": 2, "m": 1, "depth": 1,
     "gate_counts": {"AND": 1}, "gates": [["AND", 0, 1]], "outputs": [2]}

Wires are numbered as in `Circuit`. `m`, `depth` and `gate_counts` (kinds that occur) repeat what
the netlist says: a file in which they differ was damaged or edited, and is refused.
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Any, NoReturn

from hardposterior.impl.arguments import InvalidArgument, reject
from hardposterior.impl.circuits import Circuit

FORMAT = "hardposterior circuit"
VERSION = 1
LARGEST_FILE = 1 << 26  # bytes
KEYS = ("format", "version", "n", "m", "depth", "gate_counts", "gates", "outputs")


def save_circuit(circuit: Circuit, path: str | os.PathLike[str]) -> None:
    """Write `circuit` to `path`; the file appears whole or not at all.

    Raises `InvalidArgument` if the file would be too large to load, and `OSError` from the system.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_circuit(Circuit(1, (("NOT", (0,)),), (1,)), folder + "/not.json")
    ...     load_circuit(folder + "/not.json").gates
    (('NOT', (0,)),)
    """
    target = Path(path)
    text = to_json(circuit)
    if len(text) > LARGEST_FILE:
        reject("circuit", f"{len(text)} bytes of JSON", f"at most {LARGEST_FILE} bytes")
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise


def load_circuit(path: str | os.PathLike[str]) -> Circuit:
    """The circuit in the file `path`.

    Raises `InvalidArgument`, one line naming the file and what is wrong with it, and `OSError`
    where the file cannot be read.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_circuit(Circuit(2, (), (1, 0)), folder + "/swap.json")
    ...     load_circuit(folder + "/swap.json").outputs
    (1, 0)
    """
    with open(path, "rb") as file:
        data = file.read(LARGEST_FILE + 1)
    try:
        return from_json(data)
    except InvalidArgument as error:
        raise InvalidArgument(f"{os.fspath(path)}: {error}") from None


def to_json(circuit: Circuit) -> str:
    """`circuit` as JSON text, ASCII on one line."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "n": circuit.n,
        **_counts(circuit),
        "gates": [[name, *wires] for name, wires in circuit.gates],
        "outputs": circuit.outputs,
    }
    return json.dumps(content) + "\n"


def from_json(data: bytes | str) -> Circuit:
    """The circuit of JSON text; raises `InvalidArgument` unless all of it is right."""
    if len(data) > LARGEST_FILE:
        reject("circuit file", "a huge file", f"at most {LARGEST_FILE} bytes")
    try:
        content = json.loads(data, parse_constant=_no_constant, object_pairs_hook=_distinct)
    except RecursionError:
        reject("circuit file", "JSON nested too deep", "nested at most three deep")
    except InvalidArgument:
        raise
    except ValueError as error:  # malformed, truncated, not Unicode, or an integer of 5000 digits
        reject("circuit file", str(error), "a whole JSON document")
    if not isinstance(content, dict) or set(content) != set(KEYS):
        reject("circuit file", "JSON with other content", f"an object with the keys {KEYS}")
    for key, wanted in (("format", FORMAT), ("version", VERSION)):
        if content[key] != wanted or isinstance(content[key], bool):
            reject(key, content[key], repr(wanted))
    circuit = Circuit(content["n"], _gates(content["gates"]), content["outputs"])
    for key, right in _counts(circuit).items():
        if content[key] != right or isinstance(content[key], bool | float):
            reject(key, content[key], f"{right!r}, which is what the netlist has")
    return circuit


def _counts(circuit: Circuit) -> dict[str, Any]:
    """What the file repeats of its netlist."""
    counts = {name: count for name, count in circuit.gate_counts().items() if count}
    return {"m": circuit.m, "depth": circuit.depth, "gate_counts": counts}


def _gates(gates: object) -> tuple[Any, ...]:
    """Lists [name, wire, ...] as the pairs that `Circuit` checks."""
    if not isinstance(gates, list):
        reject("gates", gates, "a list of [name, wire, ...]")
    for index, gate in enumerate(gates):
        if not isinstance(gate, list) or not gate:
            reject(f"gates[{index}]", gate, "a list [name, wire, ...]")
    return tuple((gate[0], tuple(gate[1:])) for gate in gates)


def _no_constant(name: str) -> NoReturn:
    """NaN and the infinities are not JSON."""
    raise ValueError(f"{name} is not JSON")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object's members; a key given twice is refused."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key is given twice")
    return members
