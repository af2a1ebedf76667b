"""The second checker of score networks' certificates: no search, its own arithmetic (intervals).

It shares the spec's formulas and nothing else. Always, for all of a certificate: its numbers are
those of some network of a hard instance, its entries are as they were written, the boxes cover the
range without a gap, each lies in the network's box that it names, claimed bounds are below the
target and, where a network's data are given, the knots are the network's. The terms are evaluated
again, and must stay within what is claimed, on a sample of the boxes or on all of them.
"""

import hashlib
import json
import math
import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from hardposterior.proofs_checks.intervals import Intervals
from hardposterior.proofs_checks.recheck import CertificateError, NotCertain
from hardposterior.proofs_checks.score_numbers import check_numbers, named
from hardposterior.spec import calibration, network_terms
from hardposterior.spec.arithmetic import Number, TooWide

FORMAT, VERSION = "hardposterior network certificate", 1
CLAIM = "the bound holds for sigma^2 E|s_hat - s|^2 at every scaled sigma of its box"
OWN = ("n", "m", "separation", "spacing", "window", "folds")
FORMS = {"small-noise": network_terms.SMALL, "large-noise": network_terms.LARGE}


def fingerprint(*parts: Any) -> str:
    """The digest that a certificate should carry for these entries."""
    text = json.dumps(parts, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def check_written(data: Mapping[str, Any]) -> None:
    """Format, version, and every digest; `CertificateError` names what was edited."""
    if (data["format"], data["version"]) != (FORMAT, VERSION):
        raise CertificateError(f"format: must be {FORMAT!r}, version {VERSION}")
    if data["claim"] != CLAIM:
        raise CertificateError(f"claim: must be {CLAIM!r}")
    header = {k: v for k, v in data.items() if k not in ("digest", "knots", "boxes")}
    if data["digest"] != fingerprint(header):
        raise CertificateError("header: not what was certified (its digest differs)")
    for index, entry in data["knots"].items():
        bare = {k: v for k, v in entry.items() if k != "digest"}
        if entry["digest"] != fingerprint(index, bare):
            raise CertificateError(
                f"{named(entry)}, the network's box {index}: its knots are not those certified "
                "(the digest differs)"
            )
    for entry in data["boxes"]:
        bare = {k: v for k, v in entry.items() if k != "digest"}
        if entry["digest"] != fingerprint(bare):
            raise CertificateError(f"{named(entry)}: not what was certified (its digest differs)")


def check_cover(data: Mapping[str, Any]) -> None:
    """No gap from `low` to `high`; every box in the network's box that it names, below the target.

    All in the exact numbers that the floats are.
    """
    boxes = data["boxes"]
    if not boxes or boxes[0]["low"] != data["low"]:
        raise CertificateError(f"the boxes leave {data['low']!r}, the lower end, uncovered")
    for before, after in pairwise(boxes):
        if before["high"] != after["low"]:
            raise CertificateError(
                f"{named(after)}: does not begin where the one before ends, {before['high']!r}"
            )
    if boxes[-1]["high"] != data["high"]:
        raise CertificateError(f"{named(boxes[-1])}: the last ends before {data['high']!r}")
    for entry in boxes:
        if not 0 < entry["low"] < entry["high"]:
            raise CertificateError(f"{named(entry)}: covers nothing")
        own = data["knots"].get(str(entry["box"]))
        if own is None or not own["low"] <= entry["low"] <= entry["high"] <= own["high"]:
            raise CertificateError(f"{named(entry)}: not within the network's box {entry['box']}")
        if tuple(entry["terms"]) != FORMS[own["form"]]:
            raise CertificateError(f"{named(entry)}: must name the terms {FORMS[own['form']]}")
        numbers = (*entry["terms"].values(), entry["bound"])
        if not all(isinstance(x, float) and 0 <= x < math.inf for x in numbers):
            raise CertificateError(f"{named(entry)}: terms must be finite numbers >= 0")
        if data["target"] is not None and not entry["bound"] <= data["target"]:
            raise CertificateError(f"{named(entry)}: its bound is above the target")


def check_knots(data: Mapping[str, Any], network: Mapping[str, Any] | None) -> None:
    """Knots increase over the whole profile, and are those of the network where one is given."""
    for index, entry in data["knots"].items():
        knots = entry["knots"]
        small = entry["form"] == "small-noise"
        whole = len(knots) > 1 and knots[0] == 0 and (not small or knots[-1] == 0.5)
        if not whole or any(a >= b for a, b in pairwise(knots)):
            raise CertificateError(f"{named(entry)}: the knots of box {index} do not increase")
        if small and len(entry["parts"]) != len(knots) - 1:
            raise CertificateError(f"{named(entry)}: parts of box {index} do not fit its knots")
    if network is None:
        return
    for key in OWN:
        if data[key] != network[key]:
            raise CertificateError(f"{key} = {data[key]!r}: the network has {network[key]!r}")
    for index, entry in data["knots"].items():
        own = network["boxes"][int(index)] if int(index) < len(network["boxes"]) else {}
        for key in ("low", "high", "form", "knots"):
            if own.get(key) != entry[key]:
                raise CertificateError(f"{named(entry)}: {key} of box {index} not the network's")


def check_claim(data: Mapping[str, Any], ctx: Intervals) -> None:
    """Where C is given: the range is at least [d^-C, d^C] and the target at most d^-C."""
    if data.get("C") is None:
        return
    power = calibration.power_of_size(ctx, data["n"], data["m"], -ctx.number(Fraction(data["C"])))
    low, high, target = (ctx.number(Fraction(data[key])) for key in ("low", "high", "target"))
    if not ((low <= power) is True and (high * power >= 1) is True):
        raise CertificateError(f"[{data['low']}, {data['high']}] is not all of [d^-C, d^C]")
    if (target <= power) is not True:
        raise CertificateError(f"target = {data['target']!r}: not certainly at most d^-C")


class Evaluator:
    """The terms of one certificate in intervals."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        # log1p(-p_e) loses the digits of p_e, which is about exp(-R^2 / 2)
        self.ctx = Intervals(96 + math.ceil(0.75 * data["separation"] ** 2))
        self.tanh: dict[str, Number] = {}

    def number(self, value: float) -> Number:
        """The exact number that a float is."""
        return self.ctx.number(Fraction(value))

    def pieces(self, entry: Mapping[str, Any]) -> Sequence[network_terms.Piece]:
        """The pieces of the network's box, each with its parts."""
        found = []
        ends = [Fraction(knot) for knot in entry["knots"]]
        for (low, high), count in zip(pairwise(ends), entry["parts"], strict=True):
            cuts = [low + (high - low) * i / count for i in range(count + 1)]
            parts = [self.ctx.box(a, b) for a, b in pairwise(cuts)]
            found.append((self.ctx.number(low), self.ctx.number(high), parts))
        return found

    def terms(self, entry: Mapping[str, Any]) -> Mapping[str, Number]:
        """The terms on a box of the certificate."""
        data, ctx, index = self.data, self.ctx, str(entry["box"])
        own = data["knots"][index]
        separation, spacing = self.number(data["separation"]), self.number(data["spacing"])
        sigma = separation * ctx.box(Fraction(entry["low"]), Fraction(entry["high"]))
        place = (data["n"], data["m"], separation, spacing, sigma)
        if own["form"] == "large-noise":
            if index not in self.tanh:
                knots = [self.number(knot) for knot in own["knots"]]
                self.tanh[index] = network_terms.tanh_pieces_error(ctx, knots)
            return network_terms.large_noise_terms(ctx, *place, self.tanh[index])
        window = separation * self.number(data["window"])
        periods = ctx.number(Fraction(2 ** (data["folds"] + 1) - 1, 2))
        return network_terms.small_noise_terms(ctx, *place, window, periods, self.pieces(own))

    def check(self, entry: Mapping[str, Any]) -> None:
        """Every term is certainly within what the box claims, and their total too."""
        try:
            found = self.terms(entry)
        except (TooWide, ArithmeticError, ValueError) as error:
            raise NotCertain(f"{named(entry)}: {error}") from error
        for name, term in found.items():
            if (term <= self.number(entry["terms"][name])) is not True:
                raise NotCertain(f"{named(entry)}: the term {name!r} is not certainly as claimed")
        claimed = {name: self.number(value) for name, value in entry["terms"].items()}
        total = network_terms.total(self.ctx, claimed)
        if (total <= self.number(entry["bound"])) is not True:
            raise NotCertain(f"{named(entry)}: the bound is not certainly the terms' total")


def recheck_network(
    data: Mapping[str, Any],
    network: Mapping[str, Any] | None = None,
    *,
    sample: int | None = 32,
    seed: int = 0,
) -> int:
    """Verify a certificate again; return how many boxes were evaluated (`sample` None: all).

    `network` is the network's own plain data. Raises `CertificateError`, naming the failing box.
    """
    try:
        check_written(data)
        check_numbers(data)
        check_cover(data)
        check_knots(data, network)
        evaluator = Evaluator(data)
        check_claim(data, evaluator.ctx)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        if isinstance(error, CertificateError):
            raise
        reason = f"no {error}" if isinstance(error, KeyError) else repr(error)
        raise CertificateError(f"not a network certificate: {reason}") from error
    boxes = list(data["boxes"])
    if sample is not None and sample < len(boxes):
        boxes = random.Random(seed).sample(boxes, sample)
    for entry in boxes:
        evaluator.check(entry)
    return len(boxes)
