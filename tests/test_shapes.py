"""Shapes: every annotated method called with every annotated shape enforced by beartype."""

import subprocess
import sys

HOOKED = """
from jaxtyping import install_import_hook
annotated = ("lattice", "hard_instance", "naive_instance")
install_import_hook([f"hardposterior.impl.{name}" for name in annotated], "beartype.beartype")
import torch
from hardposterior.impl.functions import draw_table, random_table
from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.lattice import DiscretizedGaussian
from hardposterior.impl.naive_instance import NaiveInstance
generator = torch.Generator().manual_seed(0)
"""

CALLS = """
function = random_table(draw_table(3, 2, generator))
for dtype in (torch.float64, torch.float32):
    law = DiscretizedGaussian(1.1, 0.5, dtype=dtype)
    instance = HardInstance(function, 4.0, 1.1, dtype=dtype)
    naive = NaiveInstance(function, dtype=dtype)
    for batch in ((), (3,), (2, 3), (0,)):
        line = torch.randn(batch, generator=generator, dtype=dtype)
        points = torch.randn((*batch, 5), generator=generator, dtype=dtype)
        for level in (0.5, torch.full(batch, 0.5, dtype=dtype)):
            for method in (law.log_prob, law.score, law.denoise):
                assert method(line, level).shape == batch
            for prior in (instance, naive):
                assert prior.log_prob(points, level).shape == batch
                for method in (prior.score, prior.denoise):
                    assert method(points, level).shape == points.shape
            assert instance.vertex_score(points, level).shape == points.shape
            assert instance.mixture_score(points, level).shape == points.shape
            assert instance.vertex_mean(points, level).shape == points.shape
    for prior in (instance, naive):
        x, bits = prior.sample(4, generator)
        assert x.shape == (4, 5) and bits.shape == (4, 3)
    assert instance.covariance().shape == (5, 5)
    assert torch.func.vmap(lambda p: instance.score(p, 0.5))(points.new_zeros(4, 5)).shape == (4, 5)
print("shapes hold")
"""

WRONG = """
law = DiscretizedGaussian(1.0, 0.0)
law._evaluate = lambda x, sigma, quantity: x[:-1]
law.score(torch.zeros(3, dtype=torch.float64), 1.0)
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    """The code in a fresh interpreter, the hook installed before the implementation is imported."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", HOOKED + code],
        capture_output=True,
        text=True,
        check=False,
    )


def test_annotated_shapes_hold():
    done = run(CALLS)
    assert done.stdout.strip() == "shapes hold", done.stderr[-3000:]


def test_a_wrong_shape_is_seen():
    assert "TypeCheckError" in run(WRONG).stderr
