"""How the networks that `well_modeled` builds grow with d, counted from their tensors.

`python benchmarks/plot_network_growth.py --out FOLDER`; `make figures` draws it too.
n = m, C = 2, Goldreich's function; the largest over all small-noise boxes, circuit included.
"""

import numpy as np
import torch
from drawing import BLUE, INK, RED, Picture, main
from matplotlib.figure import Figure

from hardposterior import calibrate
from hardposterior.impl.functions import draw_neighbours, goldreich
from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.score_network import ScoreNetwork
from hardposterior.modeling import ACCURACY, SHARE, modeled_boxes

SIZES = [2**k for k in range(4, 13)]
C = 2.0
LINES = {"neurons": (INK, "o-"), "parameters": (BLUE, "s--"), "largest weight": (RED, "^:")}


def largest(d: int) -> tuple[int, int, float]:
    """Neurons, parameters and weight, each the largest at any small-noise level."""
    n = d // 2
    generator = torch.Generator().manual_seed(d)
    circuit = goldreich(draw_neighbours(n, n, generator), n=n)
    found = calibrate(n, n, C, share=SHARE)
    instance = HardInstance(circuit, found.separation, found.spacing)
    boxes = modeled_boxes(instance, C)
    network = ScoreNetwork(instance, ACCURACY * float(d) ** -C, boxes=boxes)
    small = [i for i, box in enumerate(boxes) if box.form == "small-noise"]
    heaviest = max(small, key=lambda i: len(network.knots(i)))
    sizes = [network.size(boxes[i].low * 1.0001) for i in (0, heaviest)]
    return tuple(max(size[key] for size in sizes) for key in (1, 5, 6))  # type: ignore[return-value]


def network_growth(figure: Figure) -> None:
    """Neurons, parameters and the largest weight against d, with fitted degrees."""
    axes = figure.subplots()
    rows = np.array([largest(d) for d in SIZES], dtype=float)
    for (name, (colour, style)), values in zip(LINES.items(), rows.T, strict=True):
        degree = np.polyfit(np.log(SIZES), np.log(values), 1)[0]
        steepest = np.diff(np.log2(values)).max()
        print(f"{name}: d^{degree:.2f}, at most d^{steepest:.2f} between neighbours: {values}")
        axes.loglog(SIZES, values, style, ms=4, color=colour, label=f"{name}, d^{degree:.2f}")
    axes.set(xlabel="d = n + m", ylabel="count, or largest |weight|")
    axes.legend()


PICTURES = (
    Picture(
        "network-growth",
        "Score networks as they are built, against d",
        "The largest over all small-noise levels in [d⁻², d²] at C = 2, Goldreich's function "
        "inside, n = m = d / 2; counted from the tensors. Powers are least squares fits over the "
        "points: all are polynomial in d, which is what well-modeled asks.",
        "well-modeled",
        network_growth,
    ),
)


if __name__ == "__main__":
    main(PICTURES, __doc__)
