"""Certificates that a score network's error is small at every noise level of a range.

From what a network leaves as plain data (sizes, knots, boxes of noise levels), balls bound
sigma^2 E|s_hat - s|^2 on boxes of sigma, cut until each bound is below the target. The certificate
is plain data too, for `score_recheck` to verify again. Noise levels are scaled.

It speaks of the network in real arithmetic with the stored knots as they are, and values at the
knots within `profile_pieces.value_rounding` of the profile (2^-50 of tanh); what rounded weights
and sums add at run time is not covered.
"""

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hardposterior.proofs_checks.score_prover import BITS, CUTS, Prover

FORMAT, VERSION = "hardposterior network certificate", 1
HEADER = ("n", "m", "separation", "spacing", "window", "folds")
MOST_CUTS = 12

AHEAD = 16


@dataclass
class Boxes:
    """The boxes found so far, and the level at which the target is missed, if any."""

    done: list[dict[str, Any]]
    fails_at: float | None = None
    stuck: tuple[float, float] | None = None


def cut(low: float, high: float) -> float:
    """The geometric middle."""
    return math.sqrt(low) * math.sqrt(high)


def levels(low: float, high: float) -> list[float]:
    """Some levels from low to high: where a bound close to the target is looked at further up."""
    return [low * (high / low) ** (i / AHEAD) for i in range(AHEAD)] + [high]


def certify_box(prover: Prover, index: int, low: float, high: float, target: float) -> Boxes:
    """Bounds for [low, high], a part of the network's box `index`, cut until below `target`.

    With an infinite target the first cuts are all. Stops at the first level where it is missed.
    """
    found = Boxes([])
    todo = [(low, high, 0)]
    while todo:
        left, right, depth = todo.pop()
        middle = cut(left, right)
        splittable = left < middle < right
        if depth >= CUTS or not splittable:
            terms = prover.evaluate(left, right)
            if terms.bound <= target:
                entry = {"box": index, "low": left, "high": right}
                found.done.append({**entry, "terms": dict(terms.terms), "bound": terms.bound})
                continue
            if prover.misses(middle, target):
                found.fails_at = middle
                return found
            if depth >= MOST_CUTS or not splittable:
                found.stuck = (left, right)
                found.fails_at = next(
                    (level for level in levels(right, high) if prover.misses(level, target)), None
                )
                return found
        todo += [(middle, right, depth + 1), (left, middle, depth + 1)]
    return found


def digest(*parts: Any) -> str:
    """A fingerprint of plain data: an edit shows, and where."""
    text = json.dumps(parts, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def certify(
    data: Mapping[str, Any],
    low: float,
    high: float,
    target: float,
    about: Mapping[str, Any],
    progress: Callable[[int, int], None] | None = None,
) -> tuple[dict[str, Any], Boxes]:
    """A certificate on [low, high] for a network's `data`, and how it ended.

    `about` says what is claimed of whom and goes into the certificate. Where the bound misses the
    target at some level, or cannot be decided, the certificate ends there.
    """
    used = [i for i, b in enumerate(data["boxes"]) if b["low"] < high and b["high"] > low]
    found, provers = Boxes([]), {}
    for count, index in enumerate(used):
        box = data["boxes"][index]
        provers[index] = Prover(data, box)
        ends = max(low, box["low"]), min(high, box["high"])
        part = certify_box(provers[index], index, *ends, target)
        found.done += part.done
        if progress is not None:
            progress(count + 1, len(used))
        if part.fails_at is not None or part.stuck is not None:
            found.fails_at, found.stuck = part.fails_at, part.stuck
            break
    return assemble(data, provers, low, high, target, about, found.done), found


def assemble(
    data: Mapping[str, Any],
    provers: Mapping[int, Prover],
    low: float,
    high: float,
    target: float,
    about: Mapping[str, Any],
    boxes: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """The certificate as plain data, every entry with its digest."""
    import flint

    header = {
        "format": FORMAT,
        "version": VERSION,
        "claim": "the bound holds for sigma^2 E|s_hat - s|^2 at every scaled sigma of its box",
        **about,
        **{key: data[key] for key in HEADER},
        "low": low,
        "high": high,
        "target": target if math.isfinite(target) else None,
        "bits": BITS,
        "flint": flint.__version__,
    }
    knots = {}
    for i, prover in provers.items():
        own = {key: data["boxes"][i][key] for key in ("low", "high", "form", "knots")}
        knots[str(i)] = {**own, "parts": prover.parts}
    return {
        **header,
        "digest": digest(header),
        "knots": {i: {**entry, "digest": digest(i, entry)} for i, entry in knots.items()},
        "boxes": [{**entry, "digest": digest(entry)} for entry in boxes],
    }
