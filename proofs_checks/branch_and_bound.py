"""Proof on a box by branch and bound: split until a ball is certainly positive everywhere.

Three-valued: proved with a certificate, refuted with an exact point, or undecided with the box
that resisted. Precision is raised for a box whose midpoint alone is undecided.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb

from hardposterior.proofs_checks.arithmetic import Balls
from hardposterior.spec.arithmetic import Number, TooWide

Box = tuple[tuple[Fraction, Fraction], ...]
"""An interval of exact ends for each variable."""

Margin = Callable[..., Number]
"""`margin(ctx, *variables)`, positive on the whole box exactly where the claim holds there."""

MOST_BITS = 1024


@dataclass(frozen=True)
class Proof:
    """What branch and bound found: the boxes of a proof, a counterexample, or neither."""

    boxes: tuple[Box, ...] = ()
    counterexample: tuple[Fraction, ...] | None = None
    stuck: Box | None = None
    bits: int = 128

    @property
    def proved(self) -> bool:
        """Whether every box was certainly positive."""
        return self.counterexample is None and self.stuck is None


def midpoint(box: Box) -> tuple[Fraction, ...]:
    """The exact centre of a box."""
    return tuple((low + high) / 2 for low, high in box)


def halves(box: Box, domain: Box) -> tuple[Box, Box]:
    """Cut the side that is longest relative to the domain."""
    shares = [
        (high - low) / (top - bottom) if top > bottom else Fraction(0)
        for (low, high), (bottom, top) in zip(box, domain, strict=True)
    ]
    i = shares.index(max(shares))
    low, high = box[i]
    middle = (low + high) / 2
    return (
        (*box[:i], (low, middle), *box[i + 1 :]),
        (*box[:i], (middle, high), *box[i + 1 :]),
    )


def certainly_positive(margin: Margin, ctx: Any, box: Box) -> bool:
    """Whether the margin is certainly positive on the whole box."""
    try:
        return bool(margin(ctx, *(ctx.box(low, high) for low, high in box)) > 0)
    except TooWide:
        return False


def sign_at(margin: Margin, point: tuple[Fraction, ...], bits: int) -> tuple[int, int]:
    """The certain sign of the margin at a point (0: undecided) and the bits that decided it."""
    while bits <= MOST_BITS:
        with Balls(bits) as ctx:
            try:
                value = margin(ctx, *(ctx.number(x) for x in point))
            except TooWide:
                value = arb.nan()
            if value > 0:
                return 1, bits
            if value < 0:
                return -1, bits
        bits *= 2
    return 0, bits // 2


def positive_on(
    margin: Margin,
    domain: Box,
    *,
    bits: int = 128,
    most_boxes: int = 20_000,
    progress: Callable[[int, int], None] | None = None,
) -> Proof:
    """Prove `margin` > 0 on `domain`, or find an exact point where it is negative.

    `domain` is one interval of exact rationals for each variable. Undecided where `most_boxes`
    do not suffice or the sign at a midpoint stays unknown at `MOST_BITS`.
    """
    todo, done = [domain], []
    while todo:
        box = todo.pop()
        with Balls(bits) as ctx:
            if certainly_positive(margin, ctx, box):
                done.append(box)
                if progress is not None and len(done) % 64 == 0:
                    progress(len(done), len(done) + len(todo))
                continue
        sign, bits = sign_at(margin, midpoint(box), bits)
        if sign < 0:
            return Proof(counterexample=midpoint(box), bits=bits)
        if sign == 0 or len(done) + len(todo) >= most_boxes:
            return Proof(boxes=tuple(done), stuck=box, bits=bits)
        todo.extend(reversed(halves(box, domain)))
    return Proof(boxes=tuple(done), bits=bits)


def certificate(claim: str, margin: str, domain: Box, proof: Proof) -> Mapping[str, Any]:
    """A proof as data: exact rational ends as strings, the precision, the library's version."""
    import flint

    def text(box: Box) -> list[list[str]]:
        return [[str(low), str(high)] for low, high in box]

    return {
        "claim": claim,
        "margin": margin,
        "domain": text(domain),
        "boxes": [text(box) for box in proof.boxes],
        "bits": proof.bits,
        "flint": flint.__version__,
    }
