"""How score networks grow: with the dimension, and with the range where profiles are not folded.

`python benchmarks/plot_score_network.py --out FOLDER`; `benchmarks/figures.py` draws the same two.
Counts are the spec's formulas, which the evidence holds to counted tensors (Appendix C.8).
"""

import math

import matplotlib as mpl
import numpy as np
import torch

mpl.use("Agg")
from drawing import main
from matplotlib.axes import Axes

from hardposterior import impl
from hardposterior.spec import explicit_network, relu_rows, score_network_size
from hardposterior.spec.arithmetic import Floats

FLOATS = Floats()
SIZES = [2**k for k in range(4, 13)]
COLOURS = ("#0b5f86", "#a4161a", "#3f7d20")
INK, LIGHT = "#1c2126", "#9aa3ab"


def local_circuit(d: int) -> relu_rows.Size:
    """Sizes of the network of Goldreich's function of d / 2 bits, as many image bits."""
    n = d // 2
    generator = torch.Generator().manual_seed(d)
    rows = [torch.randperm(n, generator=generator)[:5] for _ in range(n)]
    return relu_rows.size(impl.goldreich(torch.stack(rows), n=n))


def degree(values: list[float]) -> float:
    """The fitted exponent of d."""
    return float(np.polyfit(np.log(SIZES), np.log(values), 1)[0])


def growth_with_dimension(axes: Axes) -> None:
    """Parameters, circuit included, and the largest weight at sigma = d^-C, n = m = d / 2."""
    circuits = [local_circuit(d).parameters for d in SIZES]
    name = f"circuit alone, d^{degree(circuits):.2f}"
    axes.loglog(SIZES, circuits, color=INK, lw=1.2, label=name)
    for C, colour in zip((1.0, 2.0, 4.0), COLOURS, strict=True):
        place = [(d // 2, d // 2, C, float(d) ** -C * (1 + 1e-9)) for d in SIZES]
        counts = [
            explicit_network.network_parameters(FLOATS, *at) + circuit
            for at, circuit in zip(place, circuits, strict=True)
        ]
        weights = [explicit_network.network_weight(FLOATS, *at) for at in place]
        name = f"C = {C:g}: parameters d^{degree(counts):.2f}"
        axes.loglog(SIZES, counts, "o-", ms=3, color=colour, label=name)
        name = f"C = {C:g}: largest weight d^{degree(weights):.2f}"
        axes.loglog(SIZES, weights, ":", color=colour, label=name)
    axes.set(xlabel="d", title="Score networks, explicit parameters, smallest noise d^-C")
    axes.legend(fontsize=7)


def folded_against_direct(axes: Axes) -> None:
    """Neurons of one image coordinate with 40 pieces, over the range in spacings."""
    ranges = np.geomspace(1, 3000, 60)
    for folded, colour in ((True, COLOURS[0]), (False, COLOURS[1])):
        counts = [
            score_network_size.neurons(
                FLOATS, 0, 1, 0, 40, score_network_size.folds_needed(float(reach)), folded
            )
            for reach in ranges
        ]
        axes.loglog(ranges, counts, color=colour, label="folded" if folded else "direct")
    for reach in (10, 100, 1000):
        folds = score_network_size.folds_needed(reach)
        both = [
            score_network_size.neurons(FLOATS, 0, 1, 0, 40, folds, folded)
            for folded in (True, False)
        ]
        text = f"{both[1] / both[0]:.0f} times"
        axes.annotate(text, (reach, math.sqrt(both[0] * both[1])), fontsize=8, color=INK)
        axes.plot([reach, reach], both, color=LIGHT, lw=0.8)
    axes.set(xlabel="range / spacing", ylabel="neurons", title="One lattice's profile, 40 pieces")
    axes.legend(fontsize=8)


FIGURES = (growth_with_dimension, folded_against_direct)


if __name__ == "__main__":
    main(FIGURES, __doc__)
