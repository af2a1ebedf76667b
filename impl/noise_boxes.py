"""Boxes of noise levels that share a form of the score network and its knots, as plain data."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from hardposterior.impl import arguments
from hardposterior.impl.hard_instance import HardInstance

SMALL, LARGE = "small-noise", "large-noise"
RATIO = 2**0.25  # of the ends of a box
MOST_BOXES = 100_000


class NoiseBox(NamedTuple):
    """Levels in [low, high], scaled units.

    `form`: "small-noise" (C.4: hidden bits read off x, the function, then lattice scores) or
    "large-noise" (C.7: tanh, no lattice). `everywhere` (of small noise): the pieces meet the error
    in sup norm, not only in mean square under the right phase, so that the wrong phase's network
    errs no more where it is used.

    >>> NoiseBox(0.5, 1.0, SMALL).everywhere
    False
    """

    low: float
    high: float
    form: str
    everywhere: bool = False


def default_boxes(
    instance: HardInstance,
    *,
    low: float | None = None,
    high: float | None = None,
    switch: float | None = None,
    ratio: float = RATIO,
    everywhere: bool = False,
) -> tuple[NoiseBox, ...]:
    """Boxes in geometric progression over [low, high], small noise below `switch`, large above.

    Defaults: [d^-2, d^2], the range of C = 2, and `default_switch`. A caller who has certified
    bounds passes the switch where they cross, or boxes of its own. Raises `InvalidArgument`.

    >>> import torch
    >>> from hardposterior.impl.functions import draw_table, random_table
    >>> table = draw_table(3, 2, torch.Generator().manual_seed(0))
    >>> boxes = default_boxes(HardInstance(random_table(table), separation=5.0, spacing=1.0))
    >>> boxes[0].form, boxes[-1].form
    ('small-noise', 'large-noise')
    """
    if not isinstance(instance, HardInstance):
        arguments.reject("instance", instance, "a HardInstance")
    low = arguments.positive("low", float(instance.d) ** -2 if low is None else low)
    high = arguments.positive("high", float(instance.d) ** 2 if high is None else high)
    if low >= high:
        arguments.reject("low", low, f"below high = {high!r}")
    ratio = arguments.positive("ratio", ratio)
    if ratio <= 1 or math.log(high / low) > MOST_BOXES * math.log(ratio):
        arguments.reject("ratio", ratio, f"above 1, and at most {MOST_BOXES} boxes in all")
    if switch is None:
        switch = default_switch(instance)
    switch = min(max(arguments.positive("switch", switch), low), high)
    parts = ((low, switch, SMALL, everywhere), (switch, high, LARGE, False))
    return tuple(
        NoiseBox(left, right, form, flag)
        for start, end, form, flag in parts
        if start < end
        for left, right in pairwise(_progression(start, end, ratio))
    )


def _progression(start: float, end: float, ratio: float) -> list[float]:
    """start = p_0 < ... < p_k = end in a constant ratio, at most `ratio`."""
    count = math.ceil(math.log(end / start) / math.log(ratio) - 1e-9)
    inner = [start * math.exp(math.log(end / start) * k / count) for k in range(1, count)]
    return [start, *inner, end]


def default_switch(instance: HardInstance) -> float:
    """The level, scaled, from which the network no longer looks at the lattice.

    Unscaled, a sign is wrong with a probability of order exp(-R^2 / (2 t)), and smoothing leaves a
    wave of relative amplitude of order exp(-2 pi^2 sigma^2 / (t spacing^2)) in a lattice's density;
    the squared errors of the two forms go with the first, and with the square of the second. They
    meet at sigma = spacing R / (2 sqrt(2) pi). A rule of thumb, without constants, and no bound:
    nothing but the choice between two networks hangs on it.
    """
    return instance.spacing / (2 * math.sqrt(2) * math.pi)


def checked_boxes(boxes: Any) -> tuple[NoiseBox, ...]:
    """`boxes` if they are `NoiseBox`es, each beginning where the one before ends."""
    if not isinstance(boxes, Sequence) or isinstance(boxes, str) or not boxes:
        arguments.reject("boxes", boxes, "a non-empty sequence of NoiseBox")
    for index, box in enumerate(boxes):
        where = f"boxes[{index}]"
        if not isinstance(box, NoiseBox) or box.form not in (SMALL, LARGE):
            arguments.reject(where, box, f"a NoiseBox of form {SMALL!r} or {LARGE!r}")
        if not arguments.positive(f"{where}.low", box.low) < arguments.positive(
            f"{where}.high", box.high
        ):
            arguments.reject(where, (box.low, box.high), "an interval with low < high")
        if index and box.low != boxes[index - 1].high:
            arguments.reject(f"{where}.low", box.low, f"{boxes[index - 1].high!r}: no gaps")
    return tuple(boxes)


def box_index(boxes: Sequence[NoiseBox], sigma: float) -> int:
    """The first box that holds `sigma`; raises `InvalidArgument` outside all of them."""
    for index, box in enumerate(boxes):
        if box.low <= sigma <= box.high:
            return index
    allowed = f"in [{boxes[0].low!r}, {boxes[-1].high!r}], the levels that the boxes cover"
    arguments.reject("sigma", sigma, allowed)
