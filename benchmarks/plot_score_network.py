"""How score networks grow: with the dimension, and with the range where profiles are not folded.

`python benchmarks/plot_score_network.py --out FOLDER`; `make figures` draws the same two.
Counts are the spec's formulas, which the evidence holds to counted tensors (Appendix C.8).
"""

import math

import numpy as np
import torch
from drawing import BLUE, GREEN, INK, LIGHT, RED, Picture, main
from matplotlib.figure import Figure

from hardposterior import impl
from hardposterior.spec import explicit_network, relu_rows, score_network_size
from hardposterior.spec.arithmetic import Floats

FLOATS = Floats()
SIZES = [2**k for k in range(4, 13)]
COLOURS, MARKS = (BLUE, RED, GREEN), ("o", "s", "^")


def local_circuit(d: int) -> relu_rows.Size:
    """Sizes of the network of Goldreich's function of d / 2 bits, as many image bits."""
    n = d // 2
    generator = torch.Generator().manual_seed(d)
    rows = [torch.randperm(n, generator=generator)[:5] for _ in range(n)]
    return relu_rows.size(impl.goldreich(torch.stack(rows), n=n))


def degree(values: list[float]) -> float:
    """The fitted exponent of d."""
    return float(np.polyfit(np.log(SIZES), np.log(values), 1)[0])


def growth_with_dimension(figure: Figure) -> None:
    """Parameters, circuit included, and the largest weight at sigma = d^-C, n = m = d / 2."""
    left, right = figure.subplots(1, 2)
    circuits = [local_circuit(d).parameters for d in SIZES]
    left.loglog(SIZES, circuits, "--", color=INK, label=f"circuit, d^{degree(circuits):.2f}")
    for C, colour, mark in zip((1.0, 2.0, 4.0), COLOURS, MARKS, strict=True):
        place = [(d // 2, d // 2, C, float(d) ** -C * (1 + 1e-9)) for d in SIZES]
        counts = [
            explicit_network.network_parameters(FLOATS, *at) + circuit
            for at, circuit in zip(place, circuits, strict=True)
        ]
        weights = [explicit_network.network_weight(FLOATS, *at) for at in place]
        for axes, values in ((left, counts), (right, weights)):
            name = f"C = {C:g}, d^{degree(values):.2f}"
            axes.loglog(SIZES, values, f"{mark}-", ms=4, color=colour, label=name)
    for axes, title in ((left, "Parameters"), (right, "Largest |weight|")):
        axes.set(xlabel="d = n + m", title=title)
        axes.legend()


def folded_against_direct(figure: Figure) -> None:
    """Neurons of one image coordinate with 40 pieces, over the range in spacings."""
    axes = figure.subplots()
    ranges = np.geomspace(1, 3000, 60)
    for folded, colour, style in ((True, BLUE, "-"), (False, RED, "--")):
        counts = [
            score_network_size.neurons(
                FLOATS, 0, 1, 0, 40, score_network_size.folds_needed(float(reach)), folded
            )
            for reach in ranges
        ]
        axes.loglog(ranges, counts, style, color=colour, label="folded" if folded else "direct")
    for reach in (10, 100, 1000):
        folds = score_network_size.folds_needed(reach)
        both = [
            score_network_size.neurons(FLOATS, 0, 1, 0, 40, folds, folded)
            for folded in (True, False)
        ]
        text = f" {both[1] / both[0]:.0f} times"
        axes.plot([reach, reach], both, color=LIGHT, lw=0.8)
        axes.annotate(text, (reach, math.sqrt(both[0] * both[1])), fontsize=8)
    axes.set(xlabel="range / spacing", ylabel="neurons")
    axes.legend()


PICTURES = (
    Picture(
        "network-explicit",
        "Explicit sizes of score networks at the smallest noise",
        "The specification's formulas at σ = d^-C, n = m = d / 2, with the counted circuit of "
        "Goldreich's function. Powers are least squares fits.",
        "relu-score.size",
        growth_with_dimension,
        (7.6, 3.8),
    ),
    Picture(
        "network-folds",
        "One lattice's profile, folded and direct",
        "Neurons of one image coordinate whose profile has 40 pieces a half period, by the "
        "formulas that the evidence holds to counted tensors: folding a range of L spacings takes "
        "of order log L layers, where direct pieces take of order L neurons.",
        "piecewise-linear-score.folding",
        folded_against_direct,
    ),
)


if __name__ == "__main__":
    main(PICTURES, __doc__)
