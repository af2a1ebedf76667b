"""`make flakes` counts exact samplers that the audit blames, resumes, and fails on too many."""

import json

import flakes_audit
import pytest

from hardposterior.properties.audit.controls import exact_posterior, prior_alone
from hardposterior.properties.audit.problems import problems

ARGUMENTS = ["flakes_audit", "--audits", "60", "--state"]


@pytest.fixture
def counted(monkeypatch):
    """Every second seed is blamed, at no cost; the seeds that were asked for."""
    asked = []

    def blame(_sampler, _problem, _alpha, seed):
        asked.append(seed)
        return "refuted: in jest" if seed % 2 else None

    monkeypatch.setattr(flakes_audit, "blame", blame)
    return asked


def test_an_exact_sampler_is_not_blamed_and_the_prior_is():
    problem = problems(names=["mixture-2"])["mixture-2"]
    assert flakes_audit.blame(exact_posterior(problem), problem, 1e-6, 0) is None
    assert "refuted" in flakes_audit.blame(prior_alone(problem), problem, 1e-2, 0)


def test_too_many_false_alarms_fail_and_a_second_run_asks_nothing_again(
    counted, monkeypatch, tmp_path, capsys
):
    path = tmp_path / "state.json"
    monkeypatch.setattr("sys.argv", [*ARGUMENTS, str(path)])
    assert flakes_audit.main() == 1
    assert "30 of 60 exact samplers blamed" in capsys.readouterr().out
    assert len(counted) == 60
    assert flakes_audit.main() == 1
    assert len(counted) == 60
    kept = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**kept, "sources": "others"}), encoding="utf-8")
    flakes_audit.main()
    assert len(counted) == 120


def test_as_many_as_a_binomial_gives_are_allowed(monkeypatch, tmp_path):
    assert flakes_audit.allowed(1000, 1e-2) == 28
    monkeypatch.setattr("sys.argv", [*ARGUMENTS, str(tmp_path / "state.json")])
    monkeypatch.setattr(flakes_audit, "blame", lambda *asked: "x" if asked[-1] % 30 == 0 else None)
    assert flakes_audit.main() == 0
