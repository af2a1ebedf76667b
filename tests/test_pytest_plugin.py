"""The pytest plugin: ids, selection, JUnit XML, one line for bad options, nothing heavy unasked."""

import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

pytest_plugins = ("pytester",)

HERE = Path(__file__).parent
OWN = """
import sys

def test_light():
    heavy = {"torch", "numpy", "scipy", "hypothesis", "sympy", "rich"} & set(sys.modules)
    assert not heavy, heavy
    assert "hardposterior.pytest_plugin" in sys.modules
"""
PRIOR = """
import torch

def prior(denoise, A, y, beta, count, generator):
    # gaussian-6's prior from its denoiser, whatever y is
    eye = torch.eye(A.shape[1], dtype=A.dtype)
    K = denoise(eye, 1.0) - denoise(0 * eye, 1.0)
    C = torch.linalg.solve(eye - K, K)
    root = torch.linalg.cholesky((C + C.T) / 2)
    return torch.randn(count, len(eye), generator=generator, dtype=A.dtype) @ root.T
"""
WRONG_CONTROL = """
from hardposterior.properties.audit import controls

controls.exact_posterior = controls.prior_alone
"""


@pytest.fixture
def run(pytester, monkeypatch):
    """Pytest in a process and a folder of its own, with this plugin and no other."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    pytester.makepyfile(test_own=OWN, target=PRIOR)

    def running(*arguments):
        return pytester.runpytest_subprocess("-p", "hardposterior.pytest_plugin", *arguments)

    return running


def audited(run, target, *arguments):
    """One run on one small problem, and its case in the JUnit file."""
    done = run(
        f"--hardposterior={target}",
        "--hardposterior-problem=gaussian-6",
        "--hardposterior-budget=1",
        "--junit-xml=junit.xml",
        *arguments,
    )
    (case,) = ET.parse("junit.xml").getroot().iter("testcase")
    assert (case.get("classname"), case.get("name")) == ("hardposterior", "gaussian-6/exactness")
    return done, case


def test_it_is_off_and_light_unless_asked(run):
    run("-W", "error").assert_outcomes(passed=1)


def test_installing_makes_it_known():
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"hardposterior": "hardposterior.pytest_plugin"}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--hardposterior=nocolon"], "sampler = 'nocolon': must be of the form MODULE:SAMPLER"),
        (["--hardposterior=a:b", "--hardposterior-alpha=2"], "alpha = 2.0: must be in (0, 1)"),
        (["--hardposterior=a:b", "--hardposterior-delta=0.1"], "left out for exactness"),
        (["--hardposterior=a:b", "--hardposterior-problem=mixtur-2"], "nearest: mixture-2"),
        (["--hardposterior=a:b", "--hardposterior-known=none.toml"], "known = 'none.toml': must"),
        (["--hardposterior=a:b", "--hardposterior-tau=far"], "invalid float value: 'far'"),
        (["--hardposterior-tau=1"], "--hardposterior-tau needs --hardposterior MODULE:SAMPLER"),
    ],
)
def test_a_bad_option_is_one_line(run, arguments, line):
    done = run(*arguments)
    assert done.ret == pytest.ExitCode.USAGE_ERROR == 4
    said = done.outlines + done.errlines
    assert sum(line in text for text in said) == 1, said
    assert not any("Traceback" in text for text in said)


def test_ids_are_problem_and_check(run):
    done = run("--hardposterior=target:prior", "--hardposterior-verdict=claim", "--co", "-q")
    assert done.ret == 0
    for name in ("mixture-8/claim", "digits-blur/claim", "hard-sha256/hidden-bits"):
        assert f"hardposterior::{name}" in done.outlines
    assert "test_light" not in done.stdout.str()


def test_a_path_is_collected_too_and_k_chooses(run):
    chosen = [f"--hardposterior-problem={name}" for name in ("gaussian-6", "mixture-2")]
    done = run("--hardposterior=a:b", *chosen, "--co", "-q", "-k", "gauss or own", "test_own.py")
    assert done.outlines[:2] == ["test_own.py::test_light", "hardposterior::gaussian-6/exactness"]


def test_an_exact_sampler_passes(run):
    done, case = audited(run, "hostile_samplers:exact")
    done.assert_outcomes(passed=1)
    said = {p.get("name"): p.get("value") for p in case.iter("property")}
    assert said["verdict"] == "consistent"
    assert int(said["draws"]) > 1000
    assert 0 < float(said["smallest"]) < 1


def test_a_broken_sampler_fails_with_its_certificate(run):
    done, case = audited(run, "target:prior")
    done.assert_outcomes(failed=1)
    message = case.find("failure").text
    assert message.startswith("gaussian-6: refuted: at this y: ")
    assert "mass than the posterior on {" in message
    assert "run again: hardposterior audit target:prior --problem gaussian-6" in message
    assert "pytest_plugin.py" not in message


def test_a_known_failure_is_expected_and_one_that_does_not_import_is_a_failure(run):
    Path("known.toml").write_text('[known]\n"gaussian-6/exactness" = "not mended yet"\n')
    done = run(
        "--hardposterior=nowhere:sampler",
        "--hardposterior-problem=gaussian-6",
        "--hardposterior-problem=mixture-2",
        "--hardposterior-known=known.toml",
        "--junit-xml=junit.xml",
    )
    done.assert_outcomes(failed=1, xfailed=1)
    (failure,) = ET.parse("junit.xml").getroot().iter("failure")
    assert failure.text.startswith("mixture-2: failed: nowhere does not import")


def test_a_known_failure_that_no_longer_fails_is_a_failure(run):
    Path("known.toml").write_text('[known]\n"gaussian-6/exactness" = "not mended yet"\n')
    done, case = audited(run, "hostile_samplers:exact", "--hardposterior-known=known.toml")
    done.assert_outcomes(failed=1)
    assert "known failure gaussian-6/exactness" in ET.tostring(case, "unicode")


def test_a_void_audit_is_an_error(run, pytester):
    pytester.makeconftest(WRONG_CONTROL)
    done, case = audited(run, "hostile_samplers:exact")
    done.assert_outcomes(errors=1)
    words = "the audit is void: on gaussian-6, exact posterior is refuted, must be consistent"
    assert case.find("error").text == words
