"""The certified lower bound on delta: how often it exceeds the truth, and how much it finds."""

from collections.abc import Callable
from typing import Any

import torch
from hypothesis import strategies as st
from scipy import stats

from hardposterior.properties import claims
from hardposterior.properties.strategies import on_a_log_scale
from hardposterior.spec import closeness, closeness_bound
from hardposterior.spec.arithmetic import Floats
from hardposterior.spec.evidence import FALSE_ALARM, Outcome, Run, evidence, held, judged, refuted

NEEDS = ("closeness_lower_bound",)
DRAWS = 80, 60
"""Draws of the first and of the second law for one bound."""

GAP, NEAR = 1.5, 0.2
POWER_DRAWS, POWER_SHARE = 4_000, 0.55
POWER_ALPHA = FALSE_ALARM / 4
"""Beyond dev there are four bounds."""

Draw = Callable[[int, torch.Generator], torch.Tensor]


def normals(dim: int, shift: float = 0.0) -> Draw:
    """N(shift e_1, I)."""

    def draw(count: int, generator: torch.Generator) -> torch.Tensor:
        found = torch.randn(count, dim, generator=generator, dtype=torch.float64)
        found[:, 0] += shift
        return found

    return draw


def atoms(points: list[float]) -> Draw:
    """Equal masses on points of the line."""

    def draw(count: int, generator: torch.Generator) -> torch.Tensor:
        table = torch.tensor(points, dtype=torch.float64)
        return table[torch.randint(len(points), (count,), generator=generator)][:, None]

    return draw


def shifted_delta() -> float:
    """delta of N(0, I) and N(GAP e_1, I) at tau = NEAR."""
    return float(closeness.delta_by_coupling(Floats(), GAP, NEAR))


LEFT, RIGHT = [0.0, 1.0, 2.0], [0.0, 1.0, 5.0, 5.125, 1.25, 0.125]


def delta_of_atoms(tau: float) -> float:
    """delta of the two laws of atoms."""
    x, y = ([[point] for point in side] for side in (LEFT, RIGHT))
    p, q = [1] * len(x), [1] * len(y)
    return float(closeness.delta_of_the_best_coupling(Floats(), x, p, y, q, tau))


CASES: dict[str, tuple[Draw, Draw, float, Callable[[], float]]] = {
    "same law": (normals(1), normals(1), 0.0, lambda: 0.0),
    "same law, d = 32": (normals(32), normals(32), 0.0, lambda: 0.0),
    "shift": (normals(2), normals(2, GAP), NEAR, shifted_delta),
    "atoms": (atoms(LEFT), atoms(RIGHT), 0.25, lambda: delta_of_atoms(0.25)),
}


def times_exceeded(
    implementation: Any, name: str, alpha: float, repetitions: int, seed: int
) -> int:
    """How many of `repetitions` bounds exceed the true delta of a case."""
    draw_x, draw_y, tau, delta = CASES[name]
    generator = torch.Generator().manual_seed(seed)
    exceeded = 0
    for _ in range(repetitions):
        x, y = (draw(n, generator) for draw, n in zip((draw_x, draw_y), DRAWS, strict=True))
        found = implementation.closeness_lower_bound(x, y, tau, alpha)
        exceeded += bool(found.delta > delta() + 1e-12)
    return exceeded


@evidence(closeness_bound.CLOSENESS_BOUND, kind="statistical", scope="box", needs=NEEDS)
def bounds_of_the_implementation_exceed_delta_rarely(run: Run) -> Outcome:
    """Repetitions at alpha = 1/20 and 1/2; false alarm 1e-6 in all.

    A set tested on the draws that chose it exceeds in every repetition in 32 dimensions at 1/2.
    Found nearly surely in 40 repetitions: rates of .5 at alpha = 1/20 and of .98 at 1/2; in the
    2,000 of thorough rates of .09 and .58.
    """
    repetitions = run.size(40, 150, 2000)
    cells = [(name, alpha) for name in CASES for alpha in (0.05, 0.5)]
    p_value, call = 1.0, ""
    for done, (name, alpha) in enumerate(cells):
        exceeded = times_exceeded(run.implementation, name, alpha, repetitions, run.seed)
        chance = float(stats.binom.sf(exceeded - 1, repetitions, alpha)) * len(cells)
        if chance <= p_value:
            shown = f"implementation, {name!r}, {alpha}, {repetitions}, {run.seed}"
            p_value = chance
            call = f"{__name__}.times_exceeded({shown}) = {exceeded}"
        run.progress(done + 1, len(cells))
    return judged(p_value, repetitions * len(cells), call, detail=f"{len(cells)} cells")


def share_found(implementation: Any, dim: int, seed: int) -> float:
    """The bound from 4,000 draws a side at alpha = 2.5e-7 over the true delta of a shift."""
    generator = torch.Generator().manual_seed(seed)
    x = normals(dim)(POWER_DRAWS, generator)
    y = normals(dim, GAP)(POWER_DRAWS, generator)
    found = implementation.closeness_lower_bound(x, y, NEAR, POWER_ALPHA)
    return float(found.delta) / shifted_delta()


@evidence(closeness_bound.CLOSENESS_BOUND, kind="statistical", scope="step", needs=NEEDS)
def bounds_of_the_implementation_have_power(run: Run) -> Outcome:
    """A shift of 1.5 in 2 and 16 dimensions: 55 % of delta = .484 certified at alpha = 2.5e-7.

    The best half-space shows 77 % from 2,000 tested draws a side with a deviation of 3 % (20 seeds
    in either dimension): below 55 % or above 1 one time in 10^9 only. Finds bounds of .49 or 1.06
    times delta.
    """
    for done, dim in enumerate(run.size(1, 2, 2) * (2, 16)):
        share = share_found(run.implementation, dim, run.seed + done)
        if not POWER_SHARE <= share <= 1:
            call = f"{__name__}.share_found(implementation, {dim}, {run.seed + done}) = {share:.4g}"
            return refuted(call, cases=done + 1)
    return held(done + 1, detail=f"{share:.3f} of delta certified")


def register_claims() -> None:
    """Search for counterexamples to the statement itself."""
    probability = st.one_of(st.floats(0.001, 0.999), st.sampled_from([0.5, 1.0]))
    cases = st.fixed_dictionaries(
        {
            "inside": probability,
            "outside": probability,
            "trials": st.integers(1, 40),
            "others": st.integers(1, 40),
            "alpha": on_a_log_scale(1e-6, 0.9),
        }
    )
    claims.register(closeness_bound.CLOSENESS_BOUND, cases, 60)


register_claims()
