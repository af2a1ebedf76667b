"""A score network's counted tensors held to the size formulas (Appendix C.8)."""

from typing import Any

from hypothesis import strategies as st

from hardposterior.properties import claims
from hardposterior.properties.circuits import circuit_of
from hardposterior.properties.netlists import Plain, netlists
from hardposterior.properties.search import search
from hardposterior.properties.strategies import on_a_log_scale
from hardposterior.spec import relu_rows
from hardposterior.spec import score_network_size as sizes
from hardposterior.spec.arithmetic import Floats
from hardposterior.spec.evidence import Outcome, Run, evidence

NEEDS = ("Circuit", "HardInstance", "NoiseBox", "ScoreNetwork")
ctx = Floats()
SMALL, LARGE = "small-noise", "large-noise"

ROUNDED = 2.0**-22
"""The sign's slope is rounded up to binary32."""


def network_of(
    implementation: Any,
    n: int,
    gates: list[Any],
    outputs: list[int],
    separation: float,
    spacing: float,
    sigma: float,
    accuracy: float,
    form: str,
    everywhere: bool,
    folded: bool,
    window: float,
    reach: float,
    dtype: Any = None,
) -> Any:
    """The implementation's network for one box around sigma, scaled."""
    circuit = circuit_of(implementation, Plain(n, gates, outputs))
    law = implementation.HardInstance(circuit, separation, spacing)
    box = implementation.NoiseBox(0.9 * sigma, 1.1 * sigma, form, everywhere)
    return implementation.ScoreNetwork(
        law, accuracy, boxes=[box], fold=folded, window=window, reach=reach, dtype=dtype
    )


def sizes_are_the_formula(implementation: Any, **case: Any) -> float:
    """0 if every count is the formula's and the largest weight is it but for rounding, else 2.

    Direct profiles may have fewer weights than stated, never more.
    """
    network = network_of(implementation, **case)
    counted = network.size(case["sigma"])
    netlist = Plain(case["n"], case["gates"], case["outputs"])
    n, m, folded = netlist.n, len(netlist.outputs), case["folded"]
    knots, values = network.knots(0), network.values(case["sigma"])
    pieces = len(knots) - 1
    separation, spacing, sigma = (case[name] for name in ("separation", "spacing", "sigma"))
    if case["form"] == LARGE:
        stated = sizes.large_noise_size(n, m, pieces)
        largest = sizes.largest_weight_large(ctx, separation, sigma, knots, values)
    else:
        circuit = relu_rows.size(netlist)
        folds = sizes.folds_needed(case["reach"] / spacing)
        window = case["window"] / separation**2
        flat = sizes.flat_pieces(knots, values)
        stated = sizes.small_noise_size(n, m, circuit, pieces, folds, folded, flat)
        largest = sizes.largest_weight_small(
            ctx, circuit, separation, spacing, sigma, window, folds, knots, values, folded
        )
    exact = ["depth", "neurons", "pass_through", "biases"]
    exact += ["weights", "parameters"] if folded or case["form"] == LARGE else []
    wrong = any(getattr(counted, name) != getattr(stated, name) for name in exact)
    wrong |= counted.weights > stated.weights
    wrong |= abs(counted.largest_weight - largest) > ROUNDED * largest
    return 2.0 * bool(wrong)


@st.composite
def configurations(draw: st.DrawFn) -> dict[str, Any]:
    """A netlist, an instance, one noise level and the network's options."""
    spacing = draw(on_a_log_scale(0.3, 3.0))
    return {
        **draw(netlists(3, 8)),
        "separation": draw(on_a_log_scale(1.0, 20.0)),
        "spacing": spacing,
        "sigma": draw(on_a_log_scale(1e-4, 1e2)),
        "accuracy": draw(on_a_log_scale(1e-6, 1e-1)),
        "form": draw(st.sampled_from([SMALL, SMALL, LARGE])),
        "everywhere": draw(st.booleans()),
        "folded": draw(st.booleans()),
        "window": draw(on_a_log_scale(1e-6, 1e-1)),
        "reach": spacing * draw(on_a_log_scale(0.3, 30.0)),
    }


@evidence(sizes.RELU_SCORE_SIZE, kind="property", scope="box", needs=NEEDS)
def implemented_sizes_are_the_formula(run: Run) -> Outcome:
    """n <= 3, m <= 4, both forms, folded and direct, reach up to 30 periods."""
    examples = run.size(60, 200, 2000)
    return search(run, sizes_are_the_formula, configurations(), examples=examples)


claims.register(
    sizes.RELU_SCORE_NEURONS,
    st.fixed_dictionaries(
        {
            **dict.fromkeys(("n", "m", "circuit", "pieces"), st.integers(1, 10**6)),
            "folds": st.integers(0, 20),
            "folded": st.booleans(),
        }
    ),
    60,
)
