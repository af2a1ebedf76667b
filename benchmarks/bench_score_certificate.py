"""Cost of certificates: against n and m, against C, and balls against intervals on the same boxes.

    python -m pytest benchmarks/bench_score_certificate.py -s

One thread. Functions are Goldreich's, whose circuits are small: a certificate never runs them.
"""

import math
import time

import pytest
import torch

from hardposterior import calibrate, well_modeled
from hardposterior.named_functions import goldreich
from hardposterior.proofs_checks.score_prover import Prover
from hardposterior.proofs_checks.score_recheck import Evaluator


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def seconds(call):
    """CPU seconds of a call and what it returned."""
    start = time.process_time()
    found = call()
    return time.process_time() - start, found


def certified(d, C):
    """A certificate for n = m = d / 2, its seconds and boxes."""
    took, found = seconds(lambda: well_modeled(goldreich(d // 2, d // 2, seed=0).circuit, C=C))
    assert found.holds
    return found.certificate.seconds, took, len(found.certificate.data["boxes"])


def slope(xs, ys):
    """Least squares slope of log y against log x."""
    xs, ys = [math.log(x) for x in xs], [math.log(y) for y in ys]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    top = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    return top / sum((x - mean_x) ** 2 for x in xs)


def test_time_grows_slowly_in_d():
    """C = 2, d from 16 to 1024: the pieces grow with d, the circuit is not looked at."""
    print("\n    d  certificate  in all  boxes (C = 2)")
    sizes, times = (16, 64, 256, 1024), []
    for d in sizes:
        own, took, boxes = certified(d, 2.0)
        times.append(own)
        print(f"{d:5}  {own:9.2f} s  {took:4.1f} s  {boxes}")
    print(f"seconds grow like d^{slope(sizes, times):.2f}")
    assert slope(sizes, times) < 1.5


def test_time_grows_slowly_in_C():
    """d = 16, C from 1 to 6."""
    print("\n    C  certificate  in all  boxes (d = 16)")
    powers, times = (1.0, 2.0, 4.0, 6.0), []
    for C in powers:
        own, took, boxes = certified(16, C)
        times.append(own)
        print(f"{C:5}  {own:9.2f} s  {took:4.1f} s  {boxes}")
    print(f"seconds grow like C^{slope(powers, times):.2f}")
    assert slope(powers, times) < 4


@pytest.mark.parametrize("C", [2.0, 4.0, 10.0])
def test_the_two_formulas_alone(C):
    """V and U on the half line at n = m = 256: calibration and its proof."""
    took, found = seconds(lambda: calibrate(256, 256, C))
    print(
        f"\nC = {C:g}: {took:.2f} s, {len(found.certificate['boxes'])} boxes, R {found.separation}"
    )
    assert took < 60


def test_balls_are_faster_than_intervals():
    """The same boxes, one of every fifth of the network's, through both checkers."""
    found = well_modeled(goldreich(8, 8, seed=0).circuit, C=2)
    data, network = found.certificate.data, found.network.data()
    chosen = data["boxes"][::40]
    provers = {entry["box"]: Prover(network, network["boxes"][entry["box"]]) for entry in chosen}
    balls, _ = seconds(
        lambda: [provers[e["box"]].evaluate(e["low"], e["high"]) for e in chosen * 20]
    )
    evaluator = Evaluator(data)
    for entry in chosen:
        evaluator.terms(entry)  # tanh's knots once, as the prover has them
    intervals, _ = seconds(lambda: [evaluator.terms(entry) for entry in chosen])
    ratio = 20 * intervals / balls
    print(f"\n{len(chosen)} boxes: balls {1000 * balls / 20 / len(chosen):.2f} ms, intervals "
          f"{1000 * intervals / len(chosen):.1f} ms a box: {ratio:.0f} times")  # fmt: skip
    assert ratio > 20
