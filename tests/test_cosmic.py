"""The general mutation tool: what it may skip, what its list must say, and one small run.

`make cosmic` runs it over the modules of the configuration.
"""

import os
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
from cosmic import equivalents
from cosmic.mutations import Mutation, diff, read_diff, why_not
from cosmic.run import FOLDER
from scratch import ROOT

CONFIG = tomllib.loads((FOLDER / "config.toml").read_text(encoding="utf-8"))
MODULES = {Path(file).stem: ROOT / file for file in CONFIG["cosmic-ray"]["module-path"]}
SOURCE = "def f(x: int | None) -> int:\n    y: int | str = 3\n    return x  | y\n"


def test_a_change_is_told_by_its_text_wherever_it_stands():
    changed = SOURCE.replace("x  | y", "x  ^ y")
    expected = Mutation("m", "f", "return x | y", "return x ^ y")
    assert read_diff("m", "f", diff(SOURCE, changed)) == expected
    assert read_diff("m", "f", diff("\n\n" + SOURCE, "\n\n" + changed)) == expected


@pytest.mark.parametrize(
    ("line", "column", "new", "reason"),
    [
        (1, 13, "&", "annotation"),
        (2, 11, "&", "annotation"),
        (3, 14, "&", None),
        (3, 14, "**&", "no Python"),
    ],
)
def test_only_annotations_and_what_is_no_python_are_skipped(line, column, new, reason):
    lines = SOURCE.split("\n")
    row = lines[line - 1]
    assert row[column] == "|"
    lines[line - 1] = row[:column] + new + row[column + 1 :]
    assert why_not(SOURCE, "\n".join(lines), (line, column)) == reason


def test_survivors_are_held_against_the_list():
    a, b, c, d = (Mutation("m", "", "x", text) for text in "abcd")
    compared = equivalents.compare([a, b, d], [d], [a, c, d])
    assert compared.unexplained == [b]
    assert compared.stale == [c, d]  # one is gone; one like the other is killed


@pytest.mark.parametrize("text", ["why = ''", "why = 'so'\nreason = 'more'", ""])
def test_an_entry_without_a_reason_is_refused(text, tmp_path):
    path = tmp_path / "list.toml"
    path.write_text(
        f"[[equivalent]]\nmodule = 'm'\nwhere = ''\nbefore = 'x'\nafter = ['y']\n{text}\n"
    )
    with pytest.raises(ValueError, match="an entry has"):
        equivalents.read(path)


def test_every_listed_line_still_stands_in_its_module():
    texts = {
        name: " ".join(path.read_text(encoding="utf-8").split()) for name, path in MODULES.items()
    }
    listed = equivalents.read(FOLDER / "equivalent.toml")
    gone = [m for m in listed if m.before not in texts[m.module]]
    assert not gone, "\n".join(map(str, gone))


def test_every_test_of_the_configuration_is_there():
    assert set(CONFIG["tests"]) == set(CONFIG["cpu-seconds"]) == set(MODULES)
    for names in CONFIG["tests"].values():
        assert all((ROOT / "tests" / f"{name}.py").exists() for name in names)


@pytest.mark.skipif(find_spec("cosmic_ray") is None, reason="needs the extra `mutation`")
def test_a_small_run_finds_the_survivor_keeps_its_session_and_heeds_the_list(tmp_path):
    for name, text in {
        "impl/m.py": "def least(x: int, y: int) -> int:\n    return x if x < y else y\n",
        "suite/__init__.py": "",
        "tests/test_m.py": "from hardposterior.impl.m import least\n\n\n"
        "def test_least():\n    assert least(1, 2) == least(2, 1) == 1\n",
        "pyproject.toml": "[tool.pytest.ini_options]\naddopts = ['--import-mode=importlib']\n",
        "config.toml": "preload.modules = []\ncpu-seconds.m = 20\ntests.m = ['test_m']\n"
        "cosmic-ray.module-path = ['impl/m.py']\n",
        "list.toml": "",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    files = {"root": "", "config": "config.toml", "equivalent": "list.toml"}
    places = [f"--{name}={tmp_path / file}" for name, file in files.items()]

    def run(*more):
        done = subprocess.run(
            [sys.executable, "-m", "cosmic.run", *places, *more],
            env={**os.environ, "PYTHONPATH": str(ROOT / "tests"), "COLUMNS": "120"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    code, text = run()
    assert code == 1, text
    assert "survived: m, least\n  - return x if x < y else y\n  + return x if x <= y else y" in text
    (tmp_path / "list.toml").write_text(
        "[[equivalent]]\nmodule = 'm'\nwhere = 'least'\nwhy = 'equals are equal'\n"
        "before = 'return x if x < y else y'\nafter = ['return x if x <= y else y']\n"
    )
    session = next((tmp_path / "build/cosmic").glob("m-*.sqlite"))
    kept = session.read_bytes()
    code, text = run()
    assert code == 0, text
    assert session.read_bytes() == kept  # nothing was run again
    (tmp_path / "tests/test_m.py").write_text("def test_failing():\n    assert False\n")
    code, text = run("--fresh")
    assert code == 2, text
    assert "the tests fail without any mutation" in text
