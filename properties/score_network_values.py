"""An implementation's score networks held to their formulas at 50 digits (Appendices C.4, C.7).

Knots and values are the ones it exports. Contract in float64: errors of at most `UNITS` roundings
of the terms' natural sizes. u is rounded in units of the range W and the steepest slope magnifies
that, so an image coordinate may err by R eps / sigma^2 (1 + K (W + 1)) roundings, sigma unscaled,
and by R^2 / t (1 + |x|). Direct profiles and tanh do not clip their argument: beyond the knots its
size takes the place of W and of the last knot, and every half period on the way counts. A bit
inside the sign window errs by 2^-21. In float32 the same with its own rounding.
"""

from typing import Any

import torch
from hypothesis import strategies as st

from hardposterior.properties.arithmetic import Decimals
from hardposterior.properties.claims import convert
from hardposterior.properties.netlists import DTYPES, Plain
from hardposterior.properties.relu_gadgets import ROUNDING, SIGN_ERROR
from hardposterior.properties.score_network_size import LARGE, NEEDS, configurations, network_of
from hardposterior.properties.search import search
from hardposterior.properties.strategies import on_a_log_scale
from hardposterior.spec import large_noise, relu_gadgets, relu_network, small_noise
from hardposterior.spec.arithmetic import Number
from hardposterior.spec.evidence import Outcome, Run, evidence
from hardposterior.spec.piecewise_linear import slopes
from hardposterior.spec.piecewise_network import folded_profile
from hardposterior.spec.score_network_size import folds_needed

UNITS = 16
ctx = Decimals(50)
HALF = ctx.number(0.5)


def small_noise_score(
    case: dict[str, Any], knots: Any, values: Any, x: list[Any]
) -> list[tuple[Number, Number]]:
    """The scaled score of the small-noise network at x, scaled, each with a radius.

    The radius is 0 but for an image bit b between 0 and 1, where the selections' K is left open and
    the offset is of size b |H_1| + (1 - b) |H_0| at most.
    """
    netlist = Plain(case["n"], case["gates"], case["outputs"])
    separation, spacing, sigma = (ctx.number(case[k]) for k in ("separation", "spacing", "sigma"))
    unscaled = separation * sigma
    t = 1 + unscaled**2
    window = ctx.number(case["window"]) / separation**2
    folds = folds_needed(case["reach"] / case["spacing"])
    bits = [relu_gadgets.sign_clamp(ctx, window, c) for c in x[: netlist.n]]
    wires = relu_network.wire_values(ctx, netlist, bits)
    found = [
        (separation**2 * (2 * bit - 1 - c) / t, ctx.number(0))
        for bit, c in zip(bits, x[: netlist.n], strict=True)
    ]
    for wire, c in zip(netlist.outputs, x[netlist.n :], strict=True):
        u = separation * c / (spacing * t)
        heights = [
            folded_profile(ctx, knots, values, phase, folds, u) for phase in (HALF, ctx.number(0))
        ]
        line, unit = -(separation**2) * c / t, separation * spacing / unscaled**2
        bit = wires[wire]
        chosen = bit * heights[1] + (1 - bit) * heights[0]
        if bit in (0, 1):
            found.append((line - unit * chosen, ctx.number(0)))
        else:
            most = bit * abs(heights[1]) + (1 - bit) * abs(heights[0])
            found.append((line, unit * most))
    return found


def natural_sizes(case: dict[str, Any], knots: Any, values: Any, x: list[Any]) -> list[Number]:
    """What one rounding of a term may cost each coordinate, over the rounding."""
    separation, spacing = ctx.number(case["separation"]), ctx.number(case["spacing"])
    unscaled = separation * ctx.number(case["sigma"])
    t = 1 + unscaled**2
    steep = max(abs(slope) for slope in slopes(knots, values))
    reach = 2 ** folds_needed(case["reach"] / case["spacing"])
    line = [separation**2 / t * (1 + abs(c)) for c in x]
    if case["form"] == LARGE:
        return [
            size + separation**2 / t * steep * max(knots[-1], separation**2 / t * abs(c))
            for size, c in zip(line, x, strict=True)
        ]
    unit = separation * spacing / unscaled**2
    found = line[: case["n"]]
    for size, c in zip(line[case["n"] :], x[case["n"] :], strict=True):
        u = 0 if case["folded"] else separation * abs(c) / (spacing * t)
        passed = 1 + 2 * min(u, reach)  # half periods, whose terms add up and cancel
        found.append(size + unit * (1 + steep * (reach + 1 + u) * passed))
    return found


def network_follows_the_formulas(
    implementation: Any, dtype: str, places: list[float], **case: Any
) -> float:
    """The largest error over its allowance; x from `places`, in units that favour every regime."""
    network = network_of(implementation, dtype=DTYPES[dtype], **case)
    n, m = case["n"], len(case["outputs"])
    unscaled = case["separation"] * case["sigma"]
    window = case["window"] / case["separation"] ** 2
    period = case["spacing"] * (1 + unscaled**2) / case["separation"]
    units = [2 * window if abs(c) < 0.5 else 1.0 for c in places[:n]] + [4 * period] * m
    x = torch.tensor([[c * unit for c, unit in zip(places, units, strict=True)]])
    x = x.to(DTYPES[dtype])
    found = network(x, case["sigma"])[0].tolist()
    place = convert(ctx, x[0].tolist())
    knots, values = convert(ctx, network.knots(0)), convert(ctx, network.values(case["sigma"]))
    inside = False
    if case["form"] == LARGE:
        separation, sigma = ctx.number(case["separation"]), ctx.number(case["sigma"])
        point = [separation * c for c in place]
        exact = large_noise.large_noise_score(ctx, n, separation, separation * sigma, knots, point)
        exact = [(separation * value, ctx.number(0)) for value in exact]
    else:
        exact = small_noise_score(case, knots, values, place)
        inside = any(abs(c) < 1.001 * window for c in x[0, :n].tolist())
    # a fractional bit's error reaches every coordinate, through at most 3 gates a level
    rounding = SIGN_ERROR * 4 ** len(case["gates"]) if inside else UNITS * ROUNDING[DTYPES[dtype]]
    sizes = natural_sizes(case, knots, values, place)
    allowed = [rounding * size for size in sizes]
    errors = [abs(a - b) - radius for a, (b, radius) in zip(found, exact, strict=True)]
    return float(max(0, *(error / most for error, most in zip(errors, allowed, strict=True))))


@st.composite
def points_of_networks(draw: st.DrawFn, form: str) -> dict[str, Any]:
    """A configuration of this form and a point: in sign windows, on risers, beyond the range."""
    case = draw(configurations())
    case["form"] = form
    if form != LARGE:  # where the lattice shows, so that there is something to get wrong
        unscaled = case["spacing"] * draw(on_a_log_scale(2e-3, 0.6))
        case["sigma"] = unscaled / case["separation"]
    count = case["n"] + len(case["outputs"])
    anywhere = st.one_of(st.floats(-2, 2), st.integers(-8, 8).map(lambda k: k / 8))
    far = st.floats(-40, 40)
    return {
        **case,
        "dtype": draw(st.sampled_from(sorted(DTYPES))),
        "places": [draw(st.one_of(anywhere, anywhere, far)) for _ in range(count)],
    }


@evidence(small_noise.RELU_SCORE_SMALL_NOISE, kind="property", scope="step", needs=NEEDS)
def implemented_network_is_the_stated_one(run: Run) -> Outcome:
    """n <= 3, m <= 4, folded and direct, float32 and float64, all of x: 50 digits."""
    examples = run.size(50, 150, 1500)
    cases = points_of_networks("small-noise")
    return search(run, network_follows_the_formulas, cases, examples=examples)


@evidence(large_noise.RELU_SCORE_LARGE_NOISE, kind="property", scope="step", needs=NEEDS)
def implemented_tanh_is_the_stated_one(run: Run) -> Outcome:
    """n <= 3, m <= 4, float32 and float64, all of x: 50 digits."""
    examples = run.size(40, 100, 1000)
    return search(run, network_follows_the_formulas, points_of_networks(LARGE), examples=examples)
