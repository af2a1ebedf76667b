"""What the numbers of a score network's certificate must be before a formula is asked.

A certificate may come from anybody: an integer or a float of JSON is taken only where the formulas
speak of it. Elsewhere terms may vanish or be negative (m = 0, d < 1, a window below 0), and then
anything holds.
"""

import math
from collections.abc import Mapping
from typing import Any

from hardposterior.proofs_checks.recheck import CertificateError

MOST_FOLDS, MOST_PARTS, WIDEST = 64, 1024, 100.0
"""Of folds, of parts of a piece, and of the separation: what longer ones cost has no end."""


def named(entry: Mapping[str, Any]) -> str:
    """A box as a message names it."""
    return f"box [{entry.get('low')!r}, {entry.get('high')!r}]"


def is_number(value: Any) -> bool:
    """A finite float, as JSON has it; never a flag, nor a text that reads as a fraction."""
    return isinstance(value, float) and math.isfinite(value)


def is_count(value: Any, least: int) -> bool:
    """An integer from `least` on, no flag."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def check_numbers(data: Mapping[str, Any]) -> None:
    """n, m >= 1, a window above 0, C >= 0 and so on; `CertificateError` names what is not."""
    rules = {
        "n": is_count(data["n"], 1),
        "m": is_count(data["m"], 1),
        "separation": is_number(data["separation"]) and 0 < data["separation"] <= WIDEST,
        "spacing": is_number(data["spacing"]) and data["spacing"] > 0,
        "window": is_number(data["window"]) and data["window"] > 0,
        "folds": is_count(data["folds"], 0) and data["folds"] <= MOST_FOLDS,
        "C": data.get("C") is None or (is_number(data["C"]) and data["C"] >= 0),
        "target": (data["target"] is None and data.get("C") is None) or is_number(data["target"]),
        "low": is_number(data["low"]),
        "high": is_number(data["high"]),
    }
    for name, good in rules.items():
        if not good:
            raise CertificateError(f"{name} = {data.get(name)!r}: not a hard instance's network")
    for entry in data["knots"].values():
        numbers = (entry["low"], entry["high"], *entry["knots"])
        parts = all(is_count(x, 1) and x <= MOST_PARTS for x in entry["parts"])
        if not parts or not all(is_number(x) for x in numbers):
            raise CertificateError(f"{named(entry)}: knots must be numbers, and parts counts")
    for entry in data["boxes"]:
        if not (is_number(entry["low"]) and is_number(entry["high"])):
            raise CertificateError(f"{named(entry)}: its ends must be numbers")
