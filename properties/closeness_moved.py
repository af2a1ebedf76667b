"""The certified lower bound where delta is known to be 0, or has to be estimated well.

A law moved by exactly tau has delta = 0 at tau, though each kind of closed set tells the two apart:
whoever does not let a set grow by tau certifies a difference that is none.
"""

from collections.abc import Callable

import torch
from scipy import stats

from hardposterior.spec import closeness_bound
from hardposterior.spec.evidence import FALSE_ALARM, Outcome, Run, evidence, held, judged, refuted

NEEDS = ("closeness_lower_bound",)
TAU = 0.6

Pair = tuple[torch.Tensor, torch.Tensor]


def along_a_line(x: torch.Tensor) -> torch.Tensor:
    """Every point moved by tau along the first axis."""
    return x + TAU * torch.eye(x.shape[1], dtype=x.dtype)[0]


def outwards(x: torch.Tensor) -> torch.Tensor:
    """Every point moved by tau away from 0."""
    found: torch.Tensor = x * (1 + TAU / x.norm(dim=-1, keepdim=True))
    return found


def inwards(x: torch.Tensor) -> torch.Tensor:
    """Every point moved by tau towards 0; all are further away."""
    found: torch.Tensor = x * (1 - TAU / x.norm(dim=-1, keepdim=True))
    return found


def from_the_middle(x: torch.Tensor) -> torch.Tensor:
    """The first coordinate moved by tau away from 0."""
    return torch.cat([x[:, :1] + TAU * x[:, :1].sign(), x[:, 1:]], -1)


def to_all_sides(x: torch.Tensor) -> torch.Tensor:
    """Points of many places, each moved by tau to one of two sides."""
    places = (4 * x).round()
    side = 2.0 * (torch.arange(len(x)) % 2)[:, None] - 1
    return places + TAU * side * torch.eye(x.shape[1], dtype=x.dtype)[0]


MOVES: dict[str, tuple[float, Callable[[torch.Tensor], torch.Tensor]]] = {
    "half-space": (0.4, along_a_line),
    "ball": (0.5, outwards),
    "outside": (0.2, inwards),
    "slab": (0.5, from_the_middle),
    "many balls": (1.0, to_all_sides),
}
"""By the kind of set that sees it: the law's scale, and where its points go."""


def moved(name: str, count: int, seed: int) -> Pair:
    """Draws of a normal law and of the moved law, independent."""
    generator = torch.Generator().manual_seed(seed)
    scale, move = MOVES[name]
    x, y = (
        scale * torch.randn(count, 2, generator=generator, dtype=torch.float64) for _ in range(2)
    )
    if name == "outside":
        x, y = outwards(outwards(x)), outwards(outwards(y))  # far enough to move inwards
    if name == "many balls":
        x = (4 * x).round()
    return x, move(y)


@evidence(closeness_bound.CLOSENESS_BOUND, kind="statistical", scope="box", needs=NEEDS)
def bounds_of_moved_laws_are_zero(run: Run) -> Outcome:
    """Laws moved by tau, each so that another kind of set sees it; false alarm 1e-6 in all.

    From 1500 draws a side. Finds any one kind of set that does not grow by tau.
    """
    count, level = run.size(1500, 3000, 10_000), FALSE_ALARM / (2 * len(MOVES))
    for done, name in enumerate(MOVES):
        for first, second in ((0, 1), (1, 0)):
            pair = moved(name, count, run.seed + done)
            found = run.implementation.closeness_lower_bound(
                pair[first], pair[second], TAU * (1 + 1e-9), level
            )
            if found.delta > 0:
                call = f"{__name__}.moved({name!r}, {count}, {run.seed + done})"
                return refuted(f"closeness_lower_bound(*{call}, {TAU}) = {found.delta:.3g} > 0")
    return held(2 * len(MOVES))


@evidence(closeness_bound.CLOSENESS_BOUND, kind="statistical", scope="box", needs=NEEDS)
def bounds_from_few_draws_of_one_law_exceed_delta_rarely(run: Run) -> Outcome:
    """Half of one law lies at 0, all else at 10: delta = 1/2, 80 draws against 1200.

    At alpha = 1/20; false alarm 1e-6; finds a rate of .3 in 80 repetitions. An estimate in place
    of a limit exceeds in a third of them.
    """
    repetitions, exceeded = run.size(80, 150, 1000), 0
    generator = torch.Generator().manual_seed(run.seed)

    def around(centers: torch.Tensor) -> torch.Tensor:
        noise = torch.rand(len(centers), 1, generator=generator, dtype=torch.float64)
        return centers[:, None] + 0.1 * noise

    for _ in range(repetitions):
        side = torch.rand(80, generator=generator, dtype=torch.float64) < 0.5
        x, y = around(10.0 * side), around(torch.full((1200,), 10.0))
        found = run.implementation.closeness_lower_bound(x, y, 1.0, 0.05)
        exceeded += bool(found.delta > 0.5)
    p_value = float(stats.binom.sf(exceeded - 1, repetitions, 0.05))
    return judged(p_value, repetitions, f"seed {run.seed}: {exceeded} of {repetitions} above 1/2")
