"""`make flakes` sees p-values that are too small, and accepts honest and cautious ones."""

import json

import numpy as np
import pytest
from flakes import earlier, faults_of, report
from rich.console import Console
from scipy import stats

SHARE = 1e-6 / 80
UNIFORM = np.random.default_rng(0).uniform(size=200)


@pytest.mark.parametrize(
    "p_values",
    [UNIFORM, np.sqrt(UNIFORM), np.minimum(1, 5 * UNIFORM), np.ones(200), np.ceil(UNIFORM * 4) / 4],
    ids=["uniform", "cautious", "Bonferroni", "all one", "discrete"],
)
def test_honest_p_values_pass(p_values):
    assert faults_of(list(p_values), SHARE) == []


@pytest.mark.parametrize(
    ("p_values", "said"),
    [
        (UNIFORM**3, "Kolmogorov-Smirnov"),
        (UNIFORM / 2, "Kolmogorov-Smirnov"),
        (np.where(np.arange(200) % 7 == 0, 1e-4, UNIFORM), "are <= 0.01"),
    ],
    ids=["cubed", "halved", "one in seven fails"],
)
def test_p_values_that_are_too_small_are_seen(p_values, said):
    assert said in " ".join(faults_of(list(p_values), SHARE))


@pytest.mark.parametrize(("level", "true"), [(0.5, 0.74), (0.1, 0.28), (0.01, 0.10)])
def test_the_stated_power_is_had(level, true):
    """Of 200 p-values a share of `true` is <= `level`: seen with a probability above 0.9."""
    hits = next(k for k in range(201) if faults_of([level] * k + [1.0] * (200 - k), SHARE))
    assert stats.binom.sf(hits - 1, 200, true) > 0.9
    assert stats.binom.sf(hits - 1, 200, level) < 2 * SHARE


def record(p_value, status="held"):
    return {"p_value": p_value, "status": status, "seconds": 0.0, "detail": "why"}


def test_the_report_judges_every_piece(capsys):
    state = {
        "honest": {str(k): record(float(p)) for k, p in enumerate(UNIFORM)},
        "small": {str(k): record(float(p) / 3) for k, p in enumerate(UNIFORM)},
        "power": {str(k): record(None) for k in range(200)},
    }
    console = Console(width=200)
    assert report({k: v for k, v in state.items() if k != "small"}, console) == 0
    assert report(state, console) == 1
    out = capsys.readouterr().out
    assert "small: Kolmogorov-Smirnov" in out
    assert "least likely of 8 tests" in out
    assert report({"power": {"0": record(None, "refuted")}}, console) == 1
    assert report({"not run": {}}, console) == 1


def test_results_of_other_sources_are_not_taken_over(tmp_path):
    path = tmp_path / "flakes.json"
    assert earlier(path) == {}
    path.write_text(json.dumps({"sources": "others", "state": {"a": {}}}))
    assert earlier(path) == {}
