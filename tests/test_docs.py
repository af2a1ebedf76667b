"""The pages of docs/ are tried: examples run, files work in a copy of the project."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hardposterior.command import main

ROOT = Path(__file__).parent.parent
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")}
FILES = re.compile(r"```\w+ title=(\S+)\n(.*?)```", re.S)
COMMANDS = re.compile(r"^    (hardposterior|pytest) (.*?) +# exit (\d)$", re.M)
EXAMPLES = [
    (page, block)
    for page, text in PAGES.items()
    for block in re.findall(r"```python\n(.*?)```", text, re.S)
]


@pytest.mark.parametrize(("page", "block"), EXAMPLES, ids=[page for page, _ in EXAMPLES])
def test_an_example_runs(page, block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(block, f"docs/{page}.md", "exec"), {"__name__": "example"})


def copy_of_the_project(folder):
    """A copy that imports as `hardposterior` where `folder` is on the path."""
    package = folder / "hardposterior"
    shutil.copytree(ROOT / "suite", package, ignore=shutil.ignore_patterns("__pycache__"))
    for room in ("spec", "impl", "properties", "proofs_checks"):
        shutil.copytree(ROOT / room, package / room, ignore=shutil.ignore_patterns("__pycache__"))
    return package


def script(folder, *arguments):
    """Python in a process that sees this folder first."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1", "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def command(folder, *arguments):
    """`hardposterior ...` in such a process."""
    return script(folder, "-m", "hardposterior.command", *arguments)


def test_the_statement_page_works_as_written_and_sees_the_fault_that_it_plants(tmp_path):
    package = copy_of_the_project(tmp_path)
    for name, text in FILES.findall(PAGES["statement"]):
        (package / name).write_text(text, encoding="utf-8")
    catalogue = package / "spec" / "catalogue.py"
    text = catalogue.read_text(encoding="utf-8").replace(
        "    smoothing,\n", "    smoothing,\n    sign_tail,\n"
    )
    catalogue.write_text(text, encoding="utf-8")
    done = command(tmp_path, "verify", "sign-tail")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"sign-tail +SCP +proved on a box", done.stdout), done.stdout
    stated = package / "spec" / "sign_tail.py"
    stated.write_text(
        stated.read_text(encoding="utf-8").replace("/ 2) / 2\n\n\nSIGN", "/ 2) / 3\n\n\nSIGN"),
        encoding="utf-8",
    )
    done = command(tmp_path, "verify", "sign-tail")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "refuted" in done.stdout


SPINS = '"mixture-2": lambda'
IGNORES_Y = """
import torch

def sampler(denoise, A, y, beta, count, generator):
    return 2.0 * torch.randint(0, 2, (count, 4), generator=generator).double() - 1
"""


def test_the_problem_page_works_as_written_and_sees_a_wrong_posterior(tmp_path):
    package = copy_of_the_project(tmp_path)
    for name, text in FILES.findall(PAGES["problem"]):
        (package / name if "/" in name else tmp_path / name).write_text(text, encoding="utf-8")
    listed = package / "properties" / "audit" / "problems.py"
    text = listed.read_text(encoding="utf-8")
    assert SPINS in text
    text = text.replace(SPINS, '"spins": spins,\n    ' + SPINS).replace(
        "import Problem\n",
        "import Problem\nfrom hardposterior.properties.audit.spins import spins\n",
    )
    listed.write_text(text, encoding="utf-8")
    (tmp_path / "blind.py").write_text(IGNORES_Y, encoding="utf-8")
    done = command(tmp_path, "audit", "blind:sampler", "--problem", "spins", "--budget", "1")
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"spins +refuted", done.stdout), done.stdout
    assert "controls: 2 of 2 behave" in done.stdout
    done = script(tmp_path, "check_spins.py")
    assert done.returncode == 0, done.stdout + done.stderr
    stated = package / "properties" / "audit" / "spins.py"
    text = stated.read_text(encoding="utf-8")
    assert "(2 * BETA**2)" in text
    stated.write_text(text.replace("(2 * BETA**2)", "(2 * BETA)"), encoding="utf-8")
    done = script(tmp_path, "check_spins.py")
    assert "this is not the posterior" in done.stderr


def test_the_target_page_s_commands_end_as_it_says(tmp_path, monkeypatch, capsys):
    for name, text in FILES.findall(PAGES["target"]):
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    found = COMMANDS.findall(PAGES["target"])
    assert len(found) >= 9
    for program, line, expected in found:
        if program == "pytest":
            done = script(tmp_path, "-m", "pytest", "-p", "no:cacheprovider", *shlex.split(line))
            code, said = done.returncode, done.stdout + done.stderr
        else:
            code, said = main(shlex.split(line)), capsys.readouterr().out
        assert code == int(expected), (line, said)
    assert "<!doctype html>" in (tmp_path / "audit.html").read_text(encoding="utf-8")
