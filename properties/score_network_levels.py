"""One score network over many noise levels, and the levels that it is made for (Appendix C.8).

What a network of several boxes does at one level is what a fresh network of that box does; what it
exports is what it was asked for; the boxes that an implementation chooses cover their range, and
none uses a form that is out of the question.
"""

from itertools import pairwise
from typing import Any

import torch
from hypothesis import strategies as st

from hardposterior.properties.circuits import circuit_of
from hardposterior.properties.netlists import Plain, netlists
from hardposterior.properties.score_network_size import LARGE, NEEDS, SMALL
from hardposterior.properties.search import search
from hardposterior.properties.strategies import on_a_log_scale
from hardposterior.spec import mixture_score, vertex_score, well_modeled
from hardposterior.spec.arithmetic import Floats, NotSummed
from hardposterior.spec.evidence import Outcome, Run, evidence

BOXES = ("HardInstance", "Circuit", "default_boxes")
CALIBRATED = ((8, 8, 5.82, 1.11), (64, 64, 8.1, 0.888))
"""n, m, R and eps for C = 2."""

ctx = Floats()
ROUNDING = 2.0**-48
ASKED = ("n", "m", "separation", "spacing", "accuracy", "window", "folds", "folded")


def levels_do_not_interfere(
    implementation: Any, edges: list[float], accuracy: float, window: float, seed: int, **case: Any
) -> float:
    """0 if each level has its own network and the data are those asked for, else 2 or more.

    Points lie on both sides of the sign windows and inside: inside, bits are fractions.
    """
    netlist = Plain(case["n"], case["gates"], case["outputs"])
    separation, spacing = case["separation"], case["spacing"]
    law = implementation.HardInstance(circuit_of(implementation, netlist), separation, spacing)
    forms = [SMALL] * (len(edges) - 2) + [LARGE]
    boxes = [
        implementation.NoiseBox(low, high, form, index == 0)
        for index, ((low, high), form) in enumerate(zip(pairwise(edges), forms, strict=True))
    ]
    options = {"fold": True, "window": window, "reach": 4 * spacing}
    network = implementation.ScoreNetwork(law, accuracy, boxes=boxes, **options)
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(6, netlist.n + len(netlist.outputs), generator=generator, dtype=law.dtype)
    x[3:] *= window / separation**2  # inside the sign windows, of bits that were exact before
    levels: list[tuple[float, torch.Tensor]] = []
    worst = 0.0
    for index, (low, high) in enumerate(pairwise(edges)):
        for share in (0.7, 0.2):
            level = low + share * (high - low)
            fresh = implementation.ScoreNetwork(law, accuracy, boxes=boxes[index:], **options)
            sizes = network.size(level), fresh.size(level)
            same = all(getattr(sizes[0], name) == getattr(sizes[1], name) for name in COUNTS)
            knots = list(network.knots(index)) == list(network.data()["boxes"][index]["knots"])
            alone = torch.cat([fresh(row[None], level) for row in x])
            size = float(alone.abs().max()) + separation**2
            errors = [network(x, level) - alone]
            errors.append((network.denoise(x, level) - x) / level**2 - alone)
            if hasattr(network, "at"):  # the network itself, without what `forward` remembers
                errors.append(network.at(level)(x) - alone)
            room = ROUNDING * (size + float(x.abs().max()) / level**2)
            worst = max(worst, *(float(e.abs().max()) / room for e in errors))
            worst = worst if same and knots else float("inf")
            levels.append((level, alone[len(levels) % 6]))
    rows = torch.arange(len(levels)) % 6
    mixed = network(x[rows], torch.tensor([level for level, _ in levels], dtype=law.dtype))
    for found, (_, alone) in zip(mixed, levels, strict=True):
        worst = max(worst, float((found - alone).abs().max()) / (ROUNDING * separation**2 * 1e3))
    return worst if described(network, boxes, accuracy, window, case) else float("inf")


COUNTS = ("depth", "neurons", "pass_through", "weights", "biases", "parameters", "largest_weight")


def described(
    network: Any, boxes: list[Any], accuracy: float, window: float, case: dict[str, Any]
) -> bool:
    """Whether the exported data are those that were asked for; lattices reach 4 periods."""
    data, separation = network.data(), case["separation"]
    asked = {
        "n": case["n"],
        "m": len(case["outputs"]),
        "separation": separation,
        "spacing": case["spacing"],
        "accuracy": accuracy,
        "window": window / separation**2,
        "folds": 3,
        "folded": True,
    }
    shown = [(box["low"], box["high"], box["form"], box["everywhere"]) for box in data["boxes"]]
    wanted = [(box.low, box.high, box.form, box.everywhere) for box in boxes]
    return shown == wanted and all(data[name] == asked[name] for name in ASKED)


def mixture_bound(*place: Any) -> float:
    """U, infinite at noise so small that its series is too long: U is far beyond V there."""
    try:
        return float(mixture_score.sharp_bound_of_sizes(ctx, *place))
    except NotSummed:
        return float("inf")


def chosen_boxes_are_sound(
    implementation: Any, n: int, m: int, separation: float, spacing: float
) -> float:
    """The error of the form used over 10^4 times the other's and 4 d^-2, by their formulas.

    The switch may be a rule of thumb, and is off near the crossing: a form is refuted that is out
    of the question. Infinite unless boxes of a ratio of at most 2 cover [d^-2, d^2] without gaps.
    """
    circuit = circuit_of(implementation, Plain(n, [], [0] * m))
    law = implementation.HardInstance(circuit, separation, spacing)
    boxes, d = implementation.default_boxes(law), float(n + m)
    whole = boxes[0].low == d**-2 and boxes[-1].high == d**2
    whole &= all(a.high == b.low for a, b in pairwise(boxes))
    whole &= all(1 < box.high / box.low <= 2 * (1 + 1e-9) for box in boxes)
    if not whole:
        return float("inf")
    worst = 0.0
    for box in boxes:
        sigma = separation * (box.low * box.high) ** 0.5
        place = (n, m, separation, spacing, sigma)
        bounds = {
            SMALL: vertex_score.vertex_score_bound(ctx, *place) * sigma**2,
            LARGE: mixture_bound(*place) * sigma**2,
        }
        used = bounds.pop(box.form)
        worst = max(worst, used / max(1e4 * min(bounds.values()), 4 * d**-2))
    return worst


@st.composite
def networks(draw: st.DrawFn) -> dict[str, Any]:
    """A netlist, an instance and three or four boxes in a row, the last at large noise."""
    separation, spacing = draw(st.floats(2, 8)), draw(st.floats(0.5, 1.5))
    edges = [draw(on_a_log_scale(0.05, 0.1)) * spacing / separation]
    for _ in range(draw(st.integers(2, 3))):
        edges.append(edges[-1] * draw(st.floats(1.5, 3.0)))
    return {
        **draw(netlists(3, 6)),
        "separation": separation,
        "spacing": spacing,
        "edges": [*edges, 10.0],
        "accuracy": draw(on_a_log_scale(1e-4, 1e-2)),
        "window": draw(on_a_log_scale(1e-3, 1e-1)),
        "seed": draw(st.integers(0, 2**31)),
    }


@evidence(well_modeled.RELU_SCORE, kind="property", scope="step", needs=NEEDS)
def implemented_levels_do_not_interfere(run: Run) -> Outcome:
    """Two or three boxes at small noise and one at large, n <= 3: against fresh networks."""
    if run.dtype != "float64":
        return Outcome(status="not covered", detail="compared to the last bits of float64")
    examples = run.size(12, 40, 400)
    return search(run, levels_do_not_interfere, networks(), examples=examples)


@evidence(well_modeled.RELU_SCORE, kind="property", scope="step", needs=BOXES)
def implemented_boxes_use_a_sound_form(run: Run) -> Outcome:
    """Instances calibrated for C = 2, n = m = 8 and 64: both formulas at the middle of each box."""
    cases = st.sampled_from(CALIBRATED).map(
        lambda found: dict(zip(("n", "m", "separation", "spacing"), found, strict=True))
    )
    return search(run, chosen_boxes_are_sound, cases, examples=run.size(4, 4, 4))
