"""`hardposterior function`: sizes, self-check, evaluation, export; bad usage in one line."""

import json
import os
import re

import pytest

from hardposterior.command import main
from hardposterior.function_command import bits_from_hex, hex_of
from hardposterior.impl import load_circuit
from hardposterior.spec.circuits import bits_of
from hardposterior.spec.sha256 import sha256
from hardposterior.usage import UsageError


def run(capsys, *arguments):
    """Exit code, stdout and stderr of the command in this process."""
    code = main(["function", *(str(a) for a in arguments)])
    seen = capsys.readouterr()
    return code, seen.out, seen.err


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["random-table", "--n", 6, "--m", 3], ["6 bits to 3", "on 64 inputs"]),
        (["goldreich", "--n", 12, "--m", 5], ["12 bits to 5", "on 256 inputs"]),
        (["subset-sum", "--n", 9, "--m", 20], ["9 bits to 20", "on 512 inputs"]),
        (["sha256", "--rounds", 2, "--digest-bits", 40], ["256 bits to 40", "on 256 inputs"]),
    ],
)
def test_sizes_and_self_check(capsys, arguments, parts):
    code, out, err = run(capsys, *arguments)
    assert (code, err) == (0, "")
    for part in [*parts, "self-check passed", "neurons", "parameters", "gates"]:
        assert part in out


def test_evaluation_is_the_standards(capsys):
    arguments = ["--message-bits", 8, "--rounds", 3, "--digest-bits", 11]
    code, out, _ = run(capsys, "sha256", *arguments, "--eval", "6A")
    assert code == 0
    digest = sha256(bits_of(0x6A, 8), 3, 11)
    assert f"f(6a) = {hex_of(digest)}" in out


def test_evaluation_follows_the_seed(capsys):
    arguments = ["random-table", "--n", 5, "--m", 6, "--eval", "b8"]
    images = []
    for seed in (1, 1, 2):
        _, out, _ = run(capsys, *arguments, "--seed", seed)
        images.append(out[out.index("f(b8) = ") :])
    assert images[0] == images[1] != images[2]


def test_export_is_a_circuit_that_loads(capsys, tmp_path):
    path = tmp_path / "new" / "sum.json"
    code, out, _ = run(capsys, "subset-sum", "--n", 4, "--m", 4, "--export", path)
    assert code == 0
    assert str(path) in out
    circuit = load_circuit(path)
    assert (circuit.n, circuit.m) == (4, 4)
    assert json.loads(path.read_text())["format"] == "hardposterior circuit"
    assert os.listdir(path.parent) == ["sum.json"]


def test_hex_and_bits_are_inverse():
    assert bits_from_hex("b8", 5) == [1, 0, 1, 1, 1]
    assert hex_of([1, 0, 1, 1, 1]) == "b8"
    assert hex_of(bits_from_hex("0A1f", 16)) == "0a1f"
    with pytest.raises(UsageError, match="last 3 bit"):
        bits_from_hex("bc", 5)


BAD = [
    (["sha256", "--rounds", 0], r"rounds = 0: must be an integer in \[1, 64\]"),
    (["sha256", "--rounds", 65], r"rounds = 65: must be an integer in \[1, 64\]"),
    (["sha256", "--digest-bits", 0], r"digest_bits = 0: must be an integer in \[1, 256\]"),
    (["sha256", "--digest-bits", 257], r"digest_bits = 257: must be an integer in \[1, 256\]"),
    (["sha256", "--message-bits", 5000], r"message_bits = 5000: must be"),
    (["sha256", "--rounds", "many"], "argument --rounds: 'many': must be an integer"),
    (["sha256", "--rounds", 1, "--eval", "00"], "eval = '00': must be 64 hex digits for 256 bits"),
    (["random-table", "--eval", "0x"], "eval = '0x': must be 2 hex digits for 8 bits"),
    (["random-table", "--n", 5, "--eval", "01"], "must be 2 hex digits for 5 bits, the last 3"),
    (["random-table", "--eval", ""], "eval = '': must be 2 hex digits"),
    (["random-table", "--eval", "f" * 5000], r"eval = 'f+\.\.\.': must be 2 hex digits"),
    (["random-table", "--n", 17], r"n = 17: must be an integer in \[1, 16\]"),
    (["random-table", "--m", 33], r"m = 33: must be an integer in \[1, 32\]"),
    (["random-table", "--rounds", 3], "unrecognized arguments: --rounds 3"),
    (["goldreich", "--n", 4], r"n = 4: must be an integer in \[5, 1024\]"),
    (["subset-sum", "--m", 0], r"m = 0: must be an integer in \[1, 1024\]"),
    (["subset-sum", "--n", 10**12], r"n = 1000000000000: must be an integer in \[1, 1024\]"),
    (["goldreich", "--seed", -1], "must be an integer in"),
    (["md5"], "argument NAME: invalid choice: 'md5'"),
    ([], "required: NAME"),
    (["random-table", "--export", "/dev/null/c.json"], "export = '/dev/null/c.json': must be a wr"),
    (["random-table", "--export", "."], "export = '.': must be a writable file"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_bad_usage_is_one_line_and_exit_code_2(capsys, arguments, message):
    code, out, err = run(capsys, *arguments)
    assert code == 2
    assert out == ""
    assert err.startswith("hardposterior: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert re.search(message, err), err


def test_a_failed_self_check_is_exit_code_1(capsys, monkeypatch):
    monkeypatch.setattr("hardposterior.spec.one_way_functions.subset_sum", lambda w, m, x: [0] * m)
    code, out, err = run(capsys, "subset-sum", "--n", 4, "--m", 4, "--export", "sum.json")
    assert (code, err) == (1, "")
    assert "self-check FAILED at input 1" in out
    assert not os.path.exists("sum.json")
