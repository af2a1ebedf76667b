"""The score network of a problem: its size over all noise levels, and what its error is."""

import math

from hardposterior.hardness_links import Link
from hardposterior.hardness_problem import Problem
from hardposterior.impl.arguments import InvalidArgument
from hardposterior.modeling import WellModeled, well_modeled
from hardposterior.planning import FLOATS
from hardposterior.spec import explicit_network, lower_bound


def modeled(problem: Problem) -> WellModeled | None:
    """The certified network; None at C = 0 and where one so accurate has too many pieces."""
    if problem.C == 0:
        return None
    try:
        return well_modeled(problem.circuit, C=problem.C)
    except InvalidArgument:
        return None


def explicit_links(problem: Problem) -> list[Link]:
    """The network that is certified for all sizes, at separations and spacings of its own."""
    step, law, C = "a network for every n, m and C", problem.instance, problem.C
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
    step, found = "the score network", modeled(problem)
    if found is None:
        text = f"not built: too many pieces for an error of {problem.target:.3g}, or no noise range"
        return [Link(step, "neurons", "not built", text, "relu-score.size", "not certified here")]
    boxes = found.network.boxes
    sizes = [found.network.size(box.low) for box in boxes]
    most = max(sizes, key=lambda size: size.neurons)
    weight = max(size.largest_weight for size in sizes)
    power = math.log(weight, problem.instance.d)
    numbers: tuple[tuple[str, float, str], ...] = (
        ("neurons", most.neurons, f"{most.neurons:,} at most over {len(boxes)} noise levels"),
        ("parameters", most.parameters, f"{most.parameters:,}"),
        ("depth", most.depth, f"{most.depth:,}"),
        ("largest weight", weight, f"{weight:.6g} = d^{power:.2f}"),
    )
    counted = [Link(step, *number, "relu-score.size", "counted") for number in numbers]
    return [*counted, error_link(step, problem, found)]


def error_link(step: str, problem: Problem, found: WellModeled) -> Link:
    """The certified error of this network at every level, or where the certificate misses."""
    proof, C = found.certificate, problem.C
    if not proof.holds:
        level = proof.fails_at if proof.fails_at is not None else proof.stuck
        text = f"not below d^-{C:g} = {problem.target:.4g} at sigma = {level}"
        return Link(step, "score error", "not certified", text, "relu-score", "not certified here")
    worst, cells = proof.worst, len(proof.data["boxes"])
    terms = ", ".join(f"{name} {value:.2g}" for name, value in worst["terms"].items())
    text = (
        f"sigma^2 E|s_hat - s|^2 <= {proof.bound:.4g} <= d^-{C:g} for every scaled sigma in "
        f"[d^-{C:g}, d^{C:g}]: {cells} boxes; the worst at {worst['low']:.4g} ({terms})"
    )
    form = "large" if "mixture" in worst["terms"] else "small"
    return Link(step, "score error", proof.bound, text, f"relu-score-{form}-noise", "proved here")
