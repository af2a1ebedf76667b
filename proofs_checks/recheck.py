"""The second checker of certificates: no search, its own arithmetic (mpmath intervals).

It reads a certificate as data. Coverage of the domain is checked always and exactly, in rational
numbers; the inequality is evaluated again on a sample of the boxes, or on all of them.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from hardposterior.proofs_checks.intervals import Intervals
from hardposterior.spec.arithmetic import Number, TooWide

Interval = tuple[Fraction, Fraction]
Box = tuple[Interval, ...]


class CertificateError(ValueError):
    """The certificate does not prove what it says; the message names the failing box."""


class NotCertain(CertificateError):
    """A box covers, but its inequality could not be seen in intervals."""


def read_box(data: Sequence[Sequence[str]]) -> Box:
    """A box from its strings; `CertificateError` where an end is no fraction or out of order."""
    try:
        if not all(isinstance(end, str) for pair in data for end in pair):
            raise TypeError("an end is not a string")
        box = tuple((Fraction(low), Fraction(high)) for low, high in (tuple(p) for p in data))
    except (ValueError, TypeError, ZeroDivisionError) as error:
        raise CertificateError(f"box {data!r}: not a list of pairs of fractions") from error
    if not box or any(low > high for low, high in box):
        raise CertificateError(f"box {data!r}: an end is out of order")
    return box


def first_gap(domain: Box, boxes: Sequence[Box]) -> str | None:
    """Where the boxes fail to cover the domain; None where they cover it.

    Between neighbouring ends of the first variable the set of boxes is constant, so the question
    descends to the remaining variables.
    """
    (low, high), rest = domain[0], domain[1:]
    cuts = sorted({low, high, *(end for box in boxes for end in box[0] if low < end < high)})
    slabs = list(pairwise(cuts)) or [(low, high)]
    for left, right in slabs:
        across = [box for box in boxes if box[0][0] <= left and right <= box[0][1]]
        if not across:
            return f"[{left}, {right}]"
        if rest:
            gap = first_gap(rest, [box[1:] for box in across])
            if gap is not None:
                return f"[{left}, {right}] x {gap}"
    return None


def recheck(
    certificate: Mapping[str, Any],
    margin: Callable[..., Number],
    *,
    domain: Box,
    sample: int | None = 64,
    seed: int = 0,
    bits: int = 96,
) -> int:
    """Verify a certificate again; return how many boxes were evaluated.

    `domain` is what the claim needs covered, stated by the caller and not by the certificate;
    `sample` boxes are drawn with `seed` (None: all). Raises `CertificateError`.
    """
    boxes = [read_box(data) for data in certificate["boxes"]]
    wrong = [box for box in boxes if len(box) != len(domain)]
    if wrong:
        raise CertificateError(f"box {wrong[0]}: {len(domain)} variables expected")
    for box in boxes:
        if any(a == b and low < high for (a, b), (low, high) in zip(box, domain, strict=True)):
            raise CertificateError(f"box {box}: a side has no width, so it covers nothing")
    gap = first_gap(domain, boxes)
    if gap is not None:
        raise CertificateError(f"the boxes leave {gap} uncovered")
    if sample is not None and sample < len(boxes):
        boxes = random.Random(seed).sample(boxes, sample)
    ctx = Intervals(bits)
    for box in boxes:
        try:
            certain = (margin(ctx, *(ctx.box(low, high) for low, high in box)) > 0) is True
        except TooWide:
            certain = False
        if not certain:
            shown = " x ".join(f"[{low}, {high}]" for low, high in box)
            raise NotCertain(f"box {shown}: the inequality is not certain there")
    return len(boxes)
