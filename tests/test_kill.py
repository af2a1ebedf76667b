"""`kill -9` at drawn moments: every file parses, nothing runs on, and the next run is as good.

A run that was killed and run again must leave what an uninterrupted run leaves, times aside.
"""

import json
import os
import random
import time

import pytest
from killing import Killed, parts, survivors, unreadable
from safetensors.torch import load_file

from hardposterior import whole_file
from hardposterior.command import main

PROFILE = os.environ.get("HARDPOSTERIOR_PROFILE", "dev")
SEED = int(os.environ.get("HARDPOSTERIOR_SEED", "0"))
KILLS = {"dev": 1, "ci": 2, "thorough": 25}[PROFILE]  # of every command, each followed by a rerun

SAMPLER = """
import torch

def sampler(denoise, A, y, beta, count, generator):
    return torch.randn(count, A.shape[1], generator=generator, dtype=A.dtype)

def stuck(denoise, A, y, beta, count, generator):
    open("stuck", "w").close()
    while True:
        pass
"""

CHEAP = "lattice-density.space rejection-exact.rounds"
CALLS = {
    "verify": f"verify {CHEAP} --json ledger.json --html ledger.html",
    "verify in two processes": f"verify {CHEAP} --json ledger.json --html ledger.html --jobs 2",
    "sample": (
        "sample --function random-table --n 3 --m 2 --C 1 --count 6 --steps 20 --batch 1 "
        "--out draws.safetensors"
    ),
    "posterior": (
        "posterior --instance instance.json --y y.json --count 20000 --max-proposals 9000000 "
        "--out draws.safetensors"
    ),
    "audit": (
        "audit blind:sampler --problem mixture-2 --budget 20 --json audit.json --html audit.html"
    ),
}
BY_DEFAULT = ("verify", "sample", "posterior", "audit")
CODES = {name: int(name == "audit") for name in CALLS}
"""A sampler that is blind to y is refuted."""

EXPORT = "function random-table --n 3 --m 2 --export circuit.json"


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """What makes a folder with the files that the commands read, as the working folder."""

    def made(name):
        folder = tmp_path / name
        folder.mkdir()
        monkeypatch.chdir(folder)
        assert main(EXPORT.split()) == 0
        (folder / "blind.py").write_text(SAMPLER)
        instance = {"format": "hardposterior instance", "version": 1, "function": "circuit.json"}
        instance |= {"separation": 5.82, "spacing": 1.11, "beta": 0.3}
        (folder / "instance.json").write_text(json.dumps(instance))
        (folder / "y.json").write_text("[0.1, 0.2]")
        return folder

    return made


def without_times(value):
    """JSON data without what two runs need not share: seconds, and whether sources changed."""
    if isinstance(value, dict):
        return {k: without_times(v) for k, v in value.items() if k not in ("seconds", "commit")}
    return [without_times(v) for v in value] if isinstance(value, list) else value


def results(folder):
    """What the files say, by name; of an audit, which draws for some seconds, the verdicts."""
    found = {}
    for path in sorted(folder.glob("*.*")):
        if path.name == "audit.json":
            data = json.loads(path.read_text())
            rows = [*data["verdicts"], *(c["verdict"] for c in data["controls"])]
            found[path.name] = [(row["problem"], row["asked"], row["status"]) for row in rows]
        elif path.suffix == ".json":
            found[path.name] = without_times(json.loads(path.read_text()))
        elif path.suffix == ".safetensors":
            found[path.name] = {key: value.tolist() for key, value in load_file(path).items()}
        else:
            found[path.name] = "there"
    return found


@pytest.mark.parametrize("name", CALLS if PROFILE == "thorough" else BY_DEFAULT)
def test_a_killed_run_leaves_whole_files_and_runs_again_to_the_same_end(folders, name):
    words = CALLS[name].split()
    again = CALLS[name].removesuffix(" --jobs 2").split()  # jobs change no outcome
    folder, began = folders("whole"), time.monotonic()
    assert main(again) == CODES[name]
    seconds, expected = time.monotonic() - began, results(folder)
    assert unreadable(folder) == parts(folder) == []
    drawn = random.Random(f"{SEED}/{name}")
    for index in range(KILLS):
        folder = folders(str(index))
        moment, group = drawn.uniform(0, 1.1 * seconds), drawn.random() < 0.5
        Killed(folder, *words).after(moment, group)
        said = f"seed {SEED}, kill {index}: after {moment:.3f} of {seconds:.3f} s, group: {group}"
        assert survivors(folder) == [], said
        assert unreadable(folder) == [], said
        assert main(again) == CODES[name], said
        assert results(folder) == expected, said
        assert unreadable(folder) == parts(folder) == [], said


@pytest.mark.parametrize("group", [True, False] if PROFILE == "thorough" else [False])
def test_an_audit_killed_while_its_sampler_hangs_leaves_no_process(folders, group):
    folder = folders("work")
    words = "audit blind:stuck --problem mixture-2 --json audit.json"
    assert Killed(folder, *words.split()).once_there("stuck", group=group)
    assert survivors(folder) == []
    assert not (folder / "audit.json").exists()


def test_the_workers_of_a_verify_that_is_killed_alone_end(folders):
    folder = folders("work")
    words = "verify rejection-exact.rounds lattice-density.space --json ledger.json --jobs 2"
    assert Killed(folder, *words.split()).once_there("ledger.json", 0.5, group=False)
    assert survivors(folder) == []


IN_PLACE = """
import time
def in_place(path, content):
    with open(path, "wb", buffering=0) as file:
        for place in range(0, len(content), 64):
            file.write(content[place : place + 64])
            time.sleep(0.02)
ledger.write_whole = in_place
"""
BEFORE_IT_APPEARS = """
import os, time
def replace(part, path):
    Path("about to").touch()
    time.sleep(600)
os.replace = replace
"""
QUICK = ["calibrate", "--n", "1", "--m", "1", "--C", "0.2", "--json", "proof.json"]


def test_a_file_written_in_place_is_seen(folders):
    folder = folders("work")
    assert Killed(folder, *QUICK, plant=IN_PLACE).once_there("proof.json", 0.05)
    assert unreadable(folder) == ["proof.json"]


def test_a_part_is_left_by_a_writer_that_is_killed_and_goes_with_the_next_run(folders):
    folder = folders("work")
    assert Killed(folder, *QUICK, plant=BEFORE_IT_APPEARS).once_there("about to")
    assert len(parts(folder)) == 1
    assert not (folder / "proof.json").exists()
    assert main(QUICK) == 0
    assert parts(folder) == []


def test_the_part_of_a_writer_that_lives_stays_and_so_do_other_files(tmp_path):
    path = tmp_path / "a.json"
    handle, name = whole_file.locked_part(path)
    others = [".a.json.x.y.part", ".b.json.x.part", "a.json.x.part", ".a.json.x.tmp"]
    for other in others:
        (tmp_path / other).touch()
    whole_file.write_whole(path, b"1")
    assert path.read_bytes() == b"1"
    assert {p.name for p in tmp_path.iterdir()} == {"a.json", os.path.basename(name), *others}
    os.close(handle)
    whole_file.write_whole(path, b"2")
    assert {p.name for p in tmp_path.iterdir()} == {"a.json", *others}
