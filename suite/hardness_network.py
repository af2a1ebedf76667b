"""The score network of a problem: its size over all noise levels, and what its error is."""

import math

from hardposterior.hardness_links import Link, first_stated
from hardposterior.hardness_problem import SHARE, Problem
from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.noise_boxes import default_boxes, default_switch
from hardposterior.impl.score_forms import ScoreSizes
from hardposterior.impl.score_network import ScoreNetwork
from hardposterior.planning import FLOATS
from hardposterior.spec import explicit_network, lower_bound

ACCURACY = 1 / 64
"""Of the target: what the pieces of the network may add."""


def network_sizes(problem: Problem) -> tuple[int, list[ScoreSizes]]:
    """How many boxes of noise levels there are, and the network's size at the foot of each.

    No sizes where a network so accurate has too many pieces to be built.
    """
    law, low = problem.instance, float(problem.instance.d) ** -problem.C
    boxes = default_boxes(law, low=low, high=float(law.d) ** max(problem.C, 1.0))
    network = ScoreNetwork(law, ACCURACY * problem.target, boxes=boxes)
    switch = default_switch(law)
    order = sorted(range(len(boxes)), key=lambda i: abs(math.log(boxes[i].low / switch)))
    try:
        for i in order:  # where pieces are most, first
            network.knots(i)
    except InvalidArgument:
        return len(boxes), []
    return len(boxes), [network.size(box.low) for box in boxes]


def explicit_links(problem: Problem) -> list[Link]:
    """The network that is certified for all sizes, at separations and spacings of its own."""
    step, law, C = "a network that is certified", problem.instance, problem.C
    n, m, place = law.n, law.m, (FLOATS, law.n, law.m, problem.C)
    separation, spacing = explicit_network.calibrated(*place)
    parameters = float(explicit_network.polynomial(*place))
    weight = float(explicit_network.weight_polynomial(*place))
    inverts = 1 - float(lower_bound.failure_at_one_tenth(FLOATS, n, m, C + extra(law.d)))
    circuit = problem.circuit.to_relu().sizes().parameters
    return [
        Link(
            step,
            "score error",
            problem.target,
            f"sigma^2 E|s_hat - s|^2 <= d^-{C:g} = {problem.target:.4g} for every sigma >= "
            f"d^-{C:g}, at R = {separation:.4f}, eps = {spacing:.4f}, explicit for all n, m, C",
            "relu-score",
            "by formula",
        ),
        Link(
            step,
            "parameters",
            parameters + circuit,
            f"300 d^((3 C + 6) / 4) = {parameters:.4g} at most, and the circuit's {circuit:,}",
            "relu-score.polynomial",
            "by formula",
        ),
        Link(
            step,
            "largest weight",
            weight,
            f"2000 d^(2 C + 1) = {weight:.4g} at most",
            "relu-score.weights",
            "by formula",
        ),
        Link(
            step,
            "any (1/10, 1/10)-sampler of it",
            inverts,
            f"finds a preimage with probability >= {inverts:.5f}",
            "inversion.calibrated",
            "by formula",
        ),
    ]


def extra(d: int) -> float:
    """log 4 / log d: the explicit network is calibrated for C and this."""
    return math.log(4) / math.log(d)


def network_links(problem: Problem) -> list[Link]:
    """The largest network over the noise levels, and what is certified of its error."""
    step, d = "the score network", problem.instance.d
    boxes, sizes = network_sizes(problem)
    statement = first_stated("relu-score.size", "relu-score", "relu-score-small-noise")
    pieces = ACCURACY * problem.target
    if sizes:
        most = max(sizes, key=lambda size: size.neurons)
        weight = max(size.largest_weight for size in sizes)
        numbers: tuple[tuple[str, float, str], ...] = (
            ("neurons", most.neurons, f"{most.neurons:,} at most over {boxes} noise levels"),
            ("parameters", most.parameters, f"{most.parameters:,}"),
            ("depth", most.depth, f"{most.depth:,}"),
            ("largest weight", weight, f"{weight:.6g} = d^{math.log(weight, d):.2f}"),
        )
        counted = [Link(step, *number, statement, "counted") for number in numbers]
    else:
        text = f"not built: too many pieces for an error of {pieces:.3g}"
        counted = [Link(step, "neurons", "not built", text, statement, "not certified here")]
    share = (1 - SHARE) * problem.target
    return [
        *counted,
        Link(
            step,
            "the network's own error",
            share,
            f"its share is {1 - SHARE:g} d^-{problem.C:g} = {share:.4g}; the pieces are built for "
            f"{pieces:.4g}",
            first_stated("relu-score", "relu-score-small-noise"),
            "not certified here",
        ),
    ]
