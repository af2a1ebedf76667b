"""Options that would be ignored are refused; what a pipe gets; the version."""

import os
import subprocess
import sys

import pytest

from hardposterior.command import main

COMMAND = [sys.executable, "-m", "hardposterior"]


IGNORED = [
    "network --sigma 0.1 --instance prior.json --C 4",
    "well-modeled --recheck network.json --n=8",
    "well-modeled --recheck network.json --json other.json",
    "hardness --function goldreich --n 64 --C 2 --rounds 8",
    "challenge new --function random-table --n 8 --rounds 8 --out here",
]


@pytest.mark.parametrize("line", IGNORED)
def test_options_without_a_say_are_refused(line, capsys):
    code = main(line.split())
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert "must not be given beside --" in err


def test_ids_stand_whole_in_a_file_or_a_pipe(tmp_path):
    long = "relu-score-small-noise.both-phases/wrong-signs-are-independent-of-the-image"
    asked = [*COMMAND, "verify", "one-way-functions.goldreich", long]
    # In words: readline, which pytest imports, sets COLUMNS where os.environ does not see it.
    free = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    done = subprocess.run(asked, capture_output=True, text=True, cwd=tmp_path, env=free, check=True)
    first = [line.split()[0] for line in done.stdout.splitlines() if line.strip()]
    assert long.split("/", maxsplit=1)[0] in first


def test_version(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("hardposterior 0.")
