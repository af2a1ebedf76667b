# ruff: noqa: ARG001 - stand-ins have the arguments of what they stand for
"""Ctrl-C in an audit: the verdicts reached so far are kept, marked, and no file is half written."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from test_audit_report import breaks

from hardposterior import audit
from hardposterior.audit_progress import State, live
from hardposterior.audit_schema import SCHEMA
from hardposterior.command import main
from hardposterior.properties.audit import judging
from hardposterior.properties.audit.verdict import Verdict

HERE = Path(__file__).parent
NAMES = ["gaussian-6", "mixture-2"]


@pytest.fixture
def stopped_at(monkeypatch):
    """Ctrl-C while this problem is judged, or while its controls are run."""

    def stop(name, controls=False):
        def judge(problem, draw, asked, request):
            if problem.name == name and not controls:
                raise KeyboardInterrupt
            return Verdict(problem.name, asked, "consistent", "as planted")

        def control(problem, asked, request):
            if problem.name == name:
                raise KeyboardInterrupt
            return []

        monkeypatch.chdir(HERE)  # the module must be found, though it is not asked
        monkeypatch.setattr(judging, "judge", judge)
        monkeypatch.setattr(judging, "control", control)

    return stop


def run(folder):
    files = folder / "a.json", folder / "a.html"
    chosen = [f"--problem={name}" for name in NAMES]
    code = main(
        ["audit", "hostile_samplers:exact", *chosen, f"--json={files[0]}", f"--html={files[1]}"]
    )
    return code, *files


@pytest.mark.parametrize("controls", [False, True])
def test_the_verdicts_reached_are_kept(stopped_at, tmp_path, capsys, controls):
    stopped_at("mixture-2", controls)
    code, data, page = run(tmp_path)
    assert code == 130
    assert "interrupted: 1 of 2 problems are judged" in capsys.readouterr().out
    found = json.loads(data.read_text())
    assert breaks(found, SCHEMA) is None
    assert found["interrupted"] is True
    assert [row["problem"] for row in found["verdicts"]] == ["gaussian-6"]
    assert "Interrupted: 1 of 2 problems are judged" in page.read_text()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.html", "a.json"]


def test_before_the_first_verdict_nothing_is_written(stopped_at, tmp_path):
    stopped_at("gaussian-6")
    (tmp_path / "a.json").write_text("{}")
    code, data, page = run(tmp_path)
    assert code == 130
    assert data.read_text() == "{}"
    assert not page.exists()


def test_a_caller_gets_the_interrupt_unless_it_asks_for_what_is_there(stopped_at):
    stopped_at("mixture-2")
    with pytest.raises(KeyboardInterrupt):
        audit(lambda *_: None, NAMES)
    report = audit(lambda *_: None, NAMES, keep=True)
    assert report.interrupted
    assert [row.problem for row in report.verdicts] == ["gaussian-6"]


def test_every_problem_is_shown_while_it_runs():
    state = State(NAMES)
    state.rows["gaussian-6"] = Verdict("gaussian-6", "exactness", "refuted", draws=1234)
    state.rows["mixture-2"] = "consistent; controls"
    text = io.StringIO()
    Console(file=text, width=80).print(state.table())
    assert text.getvalue().split("\n")[1].split() == ["gaussian-6", "refuted", "1,234", "0.0"]
    assert "mixture-2" in text.getvalue()
    assert "consistent; controls" in text.getvalue()
    with live(Console(file=io.StringIO(), force_terminal=True), NAMES) as watch:
        watch("gaussian-6", "judging")
        watch("gaussian-6", state.rows["gaussian-6"])
