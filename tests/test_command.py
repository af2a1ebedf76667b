"""The command line: exit codes, one-line errors, a ledger that survives whatever happens."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hardposterior import ledger
from hardposterior.command import main
from hardposterior.runner import Plan

QUICK = "lattice-density.space/fourier-coefficients-of-the-periodised-gaussian"
COMMAND = [sys.executable, "-m", "hardposterior"]


def run(capsys, *arguments):
    """Exit code, stdout and stderr of a command in this process."""
    code = main([str(a) for a in arguments])
    seen = capsys.readouterr()
    return code, seen.out, seen.err


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")


def test_verify_prints_the_ledger_and_writes_it(capsys, tmp_path):
    code, out, err = run(capsys, "verify", QUICK, "--html", "report.html")
    assert (code, err) == (0, "")
    assert "lattice-density.space" in out
    assert "weakest link: proved" in out
    data = json.loads((tmp_path / ".hardposterior/ledger.json").read_text())
    assert data["complete"]
    assert data["outcomes"][QUICK]["status"] == "proved"
    assert data["versions"]["torch"]
    assert "<h1>" in (tmp_path / "report.html").read_text()


def test_lines_of_a_narrow_or_piped_run_are_not_folded(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    _, out, _ = run(
        capsys, "verify", QUICK, "--json", "a-long-name-of-a-ledger-in-this-folder.json"
    )
    assert "\nledger: a-long-name-of-a-ledger-in-this-folder.json\n" in out
    assert "\nweakest link: proved (lattice-density.space)\n" in out


def test_list_and_show(capsys):
    code, out, _ = run(capsys, "list")
    assert code == 0
    assert "lattice-smoothing.product" in out
    run(capsys, "verify", QUICK)
    code, out, _ = run(capsys, "show", "lattice-density.space")
    assert code == 0
    for part in (
        "claim",
        "Appendix C.5",
        "left",
        "right",
        "proof",
        "proved",
        "hardposterior verify",
    ):
        assert part in out


def test_worker_processes_give_the_same_outcomes(capsys):
    ids = ["lattice-density.space", "lattice-smoothing.range"]
    run(capsys, "verify", *ids, "--seed", 7, "--json", "one.json")
    run(capsys, "verify", *ids, "--seed", 7, "--jobs", 2, "--json", "two.json")
    one, two = (json.loads(Path(f"{name}.json").read_text()) for name in ("one", "two"))
    for outcomes in (one["outcomes"], two["outcomes"]):
        for record in outcomes.values():
            record.pop("seconds")
    assert one["outcomes"] == two["outcomes"]


BAD = [
    (["verify", "lattice-smoothin"], "id = 'lattice-smoothin'.*nearest: lattice-smoothing"),
    (["show", "nothing"], "id = 'nothing': must be one of the"),
    (["verify", "--jobs", "0"], "'0': must be an integer in \\[1, 1024\\]"),
    (["verify", "--seed", "-1"], "must be an integer in"),
    (["verify", "--profile", "fast"], "invalid choice: 'fast'"),
    (["verify", "--impl", "no.such.module"], "impl = 'no.such.module': must be a module"),
    (["verify", "--device", "abacus"], "device = 'abacus': must be a device"),
    (
        ["verify", QUICK, "--json", "taken/ledger.json"],
        "json = 'taken/ledger.json': must be a writ",
    ),
    (["verify", QUICK, "--html", "taken/r.html"], "html = 'taken/r.html': must be a writable"),
    (["verify", QUICK, "--json", "."], "json = '.': must be a writable file"),
    (["verify", QUICK, "--json", "other.json"], "json = 'other.json': must be a new file or a led"),
    (["no-command"], "invalid choice: 'no-command'"),
    ([], "required: COMMAND"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=[" ".join(a) for a, _ in BAD])
def test_bad_usage_is_one_line_and_exit_code_2(capsys, tmp_path, arguments, message):
    (tmp_path / "taken").write_text("a file, not a folder")
    (tmp_path / "other.json").write_text('{"mine": 1}')
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert err.startswith("hardposterior: ")
    import re

    assert re.search(message, err), err
    assert (tmp_path / "other.json").read_text() == '{"mine": 1}'


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000, '{"kind": "hardposterior-ledger"}'])
def test_a_damaged_ledger_is_never_overwritten(capsys, tmp_path, text):
    (tmp_path / "l.json").write_text(text)
    code, _, err = run(capsys, "verify", QUICK, "--json", "l.json")
    assert code == 2
    assert "never overwritten" in err
    assert (tmp_path / "l.json").read_text() == text


BROKEN = """
from hardposterior.impl import DiscretizedGaussian as Right

class DiscretizedGaussian(Right):
    def score(self, x, sigma):
        return super().score(x, sigma) * (1 + 1e-9)
"""


def test_another_implementation_is_held_to_the_same_properties(capsys, tmp_path):
    (tmp_path / "theirs.py").write_text(BROKEN)
    ids = ["lattice-denoiser.score/implemented-score-matches-50-digits", "discretized-gaussian"]
    code, out, _ = run(capsys, "verify", *ids, "--impl", "theirs")
    assert code == 1
    assert "refuted" in out
    assert "score_matches_the_definition(theirs, spacing=" in out.replace("\n", "")
    records = json.loads(Path(".hardposterior/ledger.json").read_text())["outcomes"]
    assert records[f"{ids[1]}/draws-of-the-implementation-follow-the-table"]["status"] == "held"


def test_missing_names_are_reported_as_not_covered(capsys, tmp_path):
    (tmp_path / "partly.py").write_text("from hardposterior.impl import Circuit\n")
    code, out, _ = run(capsys, "verify", "discretized-gaussian", "--impl", "partly")
    assert code == 0
    assert "not covered: 2 checks (no DiscretizedGaussian)" in out


def test_a_module_without_any_public_name_is_no_implementation(capsys):
    code, _, err = run(capsys, "verify", "discretized-gaussian", "--impl", "os")
    assert code == 2
    assert err.startswith(
        "hardposterior: impl = 'os': must have public names of hardposterior.impl"
    )


def test_what_evidence_raises_is_an_error_in_its_row(capsys, tmp_path):
    (tmp_path / "raising.py").write_text(
        "class DiscretizedGaussian:\n    def __init__(self, *a):\n        raise OSError('full')\n"
    )
    code, out, _ = run(capsys, "verify", "discretized-gaussian", "--impl", "raising")
    assert code == 1
    assert "OSError: full" in out


def wait_for(condition, seconds=60):
    """Until the condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_a_killed_run_leaves_a_whole_ledger_and_resumes(capsys, tmp_path):
    path = tmp_path / "ledger.json"
    ids = ["lattice-density.space", "lattice-smoothing", "lattice-denoiser.score"]
    process = subprocess.Popen(
        [*COMMAND, "verify", *ids, "--json", str(path)], stdout=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: path.exists() and json.loads(path.read_text())["outcomes"])
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    before = json.loads(path.read_text())
    assert not before["complete"]
    code, _, _ = run(capsys, "verify", *ids, "--json", path)
    after = json.loads(path.read_text())
    assert code == 0
    assert after["complete"]
    for key, record in before["outcomes"].items():
        assert after["outcomes"][key] == record, "a finished outcome was computed again"


def test_a_ledger_of_other_sources_or_another_plan_is_not_resumed(capsys, tmp_path):
    path = tmp_path / "ledger.json"
    run(capsys, "verify", QUICK, "--json", path)
    data = json.loads(path.read_text())
    data["complete"] = False
    data["outcomes"][QUICK]["detail"] = "kept"
    for change, kept in (({}, True), ({"sources": "0"}, False)):
        path.write_text(json.dumps({**data, **change}))
        run(capsys, "verify", QUICK, "--json", path)
        seen = json.loads(path.read_text())["outcomes"][QUICK]["detail"]
        assert (seen == "kept") == kept
    path.write_text(json.dumps(data))
    run(capsys, "verify", QUICK, "--json", path, "--seed", 1)
    assert json.loads(path.read_text())["outcomes"][QUICK]["detail"] != "kept"


def test_a_doctored_outcome_is_looked_at_again(capsys, tmp_path):
    """A search that calls itself a proof, or speaks of another statement, is no outcome of ours."""
    path, search = tmp_path / "ledger.json", "lattice-density.space/no-counterexample-at-60-digits"
    run(capsys, "verify", QUICK, search, "--json", path)
    data = json.loads(path.read_text())
    data["complete"] = False
    own = dict(data["outcomes"][search])
    assert ledger.may_be_kept(search, own, Plan())
    for change in (
        {"status": "proved"},
        {"kind": "symbolic"},
        {"scope": "whole"},
        {"name": "another"},
        {"seed": 5},
        {"statement": "lattice-smoothing"},
    ):
        assert not ledger.may_be_kept(search, {**own, **change}, Plan())
    for key in (QUICK, search):
        data["outcomes"][key]["detail"] = "kept"
    data["outcomes"][search].update(status="proved", kind="symbolic", scope="whole")
    path.write_text(json.dumps(data))
    _, out, _ = run(capsys, "verify", QUICK, search, "--json", path)
    found = json.loads(path.read_text())["outcomes"]
    assert found[QUICK]["detail"] == "kept"
    assert found[search]["status"] == "held"
    assert "1 of 2 outcomes were taken over from an interrupted run" in " ".join(out.split())


def test_a_worker_that_dies_is_replaced_and_then_reported(capsys, tmp_path):
    wanted = [
        f"discretized-gaussian/{name}"
        for name in ("draws-of-the-implementation-follow-the-table", "masses-add-up-to-one")
    ]
    (tmp_path / "deadly.py").write_text(
        "import os\nclass DiscretizedGaussian:\n    def __init__(self, *a):\n        os._exit(9)\n"
    )
    os.environ["PYTHONPATH"] = str(tmp_path)
    try:
        code, out, _ = run(capsys, "verify", *wanted, QUICK, "--impl", "deadly", "--jobs", 2)
    finally:
        del os.environ["PYTHONPATH"]
    assert code == 1
    assert "its worker process died twice" in out
    records = json.loads(Path(".hardposterior/ledger.json").read_text())["outcomes"]
    assert records[QUICK]["status"] == "proved"
    assert records["discretized-gaussian/masses-add-up-to-one"]["status"] == "proved"


def test_an_interrupt_says_how_to_go_on(capsys, monkeypatch):
    from hardposterior import runner

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "run_one", interrupted)
    code, out, _ = run(capsys, "verify", QUICK)
    assert code == 130
    assert "run again to resume" in out


def test_the_module_runs_as_a_command():
    done = subprocess.run(
        [*COMMAND, "--help"], capture_output=True, text=True, check=True, timeout=120
    )
    assert "verify" in done.stdout


EXITING = (
    "import sys\nclass DiscretizedGaussian:\n    def __init__(self, *a):\n        sys.exit(0)\n"
)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_target_that_exits_does_not_end_the_run_well(capsys, tmp_path, monkeypatch, jobs):
    (tmp_path / "exiting.py").write_text(EXITING)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    ids = ["discretized-gaussian", "--impl", "exiting", "--jobs", jobs]
    code, out, _ = run(capsys, "verify", *ids)
    assert code == 1
    assert "SystemExit" in out


def test_a_target_that_exits_at_import_is_bad_usage(capsys, tmp_path):
    (tmp_path / "leaving.py").write_text("raise SystemExit(0)")
    code, _, err = run(capsys, "verify", "--impl", "leaving")
    assert code == 2
    assert "impl = 'leaving': must be a module that imports" in err


def test_an_incomplete_ledger_is_no_success():
    from hardposterior.ledger import Ledger
    from hardposterior.runner import Plan
    from hardposterior.verification import exit_code

    assert exit_code(Ledger(Plan(), [QUICK])) == 1


def test_outcomes_of_another_implementation_are_not_taken_over(capsys, tmp_path):
    (tmp_path / "fickle.py").write_text("from hardposterior.impl import DiscretizedGaussian\n")
    arguments = ["verify", "discretized-gaussian", "--impl", "fickle", "--json", "l.json"]
    run(capsys, *arguments)
    data = json.loads(Path("l.json").read_text())
    data["complete"] = False
    for record in data["outcomes"].values():
        record["detail"] = "old"
    Path("l.json").write_text(json.dumps(data))
    run(capsys, *arguments)
    assert "old" not in Path("l.json").read_text()
