"""The pages of docs/ are tried: examples run, files work in a copy of the project."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")}
FILES = re.compile(r"```python title=(\S+)\n(.*?)```", re.S)
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


def verify(folder, identifier):
    """`hardposterior verify` in a process that sees the copy first."""
    return subprocess.run(
        [sys.executable, "-m", "hardposterior.command", "verify", identifier],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1", "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_the_statement_page_works_as_written_and_sees_the_fault_that_it_plants(tmp_path):
    package = copy_of_the_project(tmp_path)
    for name, text in FILES.findall(PAGES["statement"]):
        (package / name).write_text(text, encoding="utf-8")
    catalogue = package / "spec" / "catalogue.py"
    text = catalogue.read_text(encoding="utf-8").replace(
        "    smoothing,\n", "    smoothing,\n    sign_tail,\n"
    )
    catalogue.write_text(text, encoding="utf-8")
    done = verify(tmp_path, "sign-tail")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"sign-tail +SCP +proved on a box", done.stdout), done.stdout
    stated = package / "spec" / "sign_tail.py"
    stated.write_text(
        stated.read_text(encoding="utf-8").replace("/ 2) / 2\n\n\nSIGN", "/ 2) / 3\n\n\nSIGN"),
        encoding="utf-8",
    )
    done = verify(tmp_path, "sign-tail")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "refuted" in done.stdout
