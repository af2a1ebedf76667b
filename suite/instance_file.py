"""Hard instances and measurements from files, checked.

    {"format": "hardposterior instance", "version": 1, "function": "circuit.json",
     "separation": 5.82, "spacing": 1.11, "beta": 0.013}

`function` names a circuit file beside it, as `hardposterior function NAME --export FILE` writes.
`separation` and `spacing` are unscaled, `beta` is scaled.
"""

import json
from pathlib import Path
from typing import Any

import torch

from hardposterior.impl.circuit_json import load_circuit
from hardposterior.impl.hard_instance import HardInstance
from hardposterior.usage import UsageError

FORMAT = "hardposterior instance"
VERSION = 1
KEYS = ("format", "version", "function", "separation", "spacing", "beta")


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; `ValueError` where a key comes twice: readers differ on which counts."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} twice")
    return found


def unreadable(name: str, value: str, error: OSError) -> UsageError:
    """A file that cannot be read, and why."""
    reason = (error.strerror or "not readable").lower()
    return UsageError(f"{name} = {value!r}: must be a readable file ({reason})")


def read_json(name: str, path: Path) -> Any:
    """The JSON document in a file; `UsageError` where there is none."""
    try:
        text = path.read_text(encoding="utf-8")
        return json.loads(text, object_pairs_hook=once)
    except OSError as error:
        raise unreadable(name, str(path), error) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name} = {str(path)!r}: must be a JSON document ({error})") from error


def read_instance(path: Path) -> dict[str, Any]:
    """What the file of an instance says, of the right form."""
    content = read_json("instance", path)
    if not isinstance(content, dict) or set(content) != set(KEYS):
        keys = ", ".join(KEYS)
        raise UsageError(f"instance = {str(path)!r}: must be an object with the keys {keys}")
    if (content["format"], content["version"]) != (FORMAT, VERSION):
        raise UsageError(
            f"instance = {str(path)!r}: must have format {FORMAT!r} and version {VERSION}"
        )
    if not isinstance(content["function"], str):
        raise UsageError(f"function = {content['function']!r}: must be the name of a circuit file")
    return content


def files_of(path: Path) -> dict[str, Path | None]:
    """The files that hold an instance, by the name that a message gives them."""
    circuit = path.parent / read_instance(path)["function"]
    return {"instance": path, "the instance's function": circuit}


def load_instance(path: Path) -> tuple[HardInstance, float]:
    """The instance in a file, and its beta."""
    content = read_instance(path)
    try:
        circuit = load_circuit(path.parent / content["function"])
    except OSError as error:
        raise unreadable("function", content["function"], error) from error
    return HardInstance(circuit, content["separation"], content["spacing"]), content["beta"]


def load_measurement(path: Path, m: int) -> torch.Tensor:
    """y (m,), float64: a JSON list of m numbers."""
    content = read_json("y", path)
    numbers = isinstance(content, list) and all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in content
    )
    if not numbers or len(content) != m:
        raise UsageError(f"y = {str(path)!r}: must be a JSON list of {m} numbers")
    return torch.tensor(content, dtype=torch.float64)
