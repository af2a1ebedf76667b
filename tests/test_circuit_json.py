"""Circuits in JSON files: round trips, and every kind of damaged file refused in one line."""

import json
import os

import pytest

from hardposterior.impl import circuit_json
from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.circuit_json import from_json, load_circuit, save_circuit, to_json
from hardposterior.impl.circuits import Circuit
from hardposterior.impl.sha256_circuit import sha256

SMALL = Circuit(2, (("XOR", (0, 1)), ("ONE", ()), ("MUX", (2, 0, 3))), (4, 2))


@pytest.mark.parametrize("circuit", [SMALL, sha256(rounds=2), Circuit(1, (), (0,))])
def test_round_trip(tmp_path, circuit):
    path = tmp_path / "circuit.json"
    save_circuit(circuit, path)
    assert load_circuit(path) == circuit
    assert os.listdir(tmp_path) == ["circuit.json"]


def edited(**changes):
    return json.dumps(json.loads(to_json(SMALL)) | changes)


def without(key):
    content = json.loads(to_json(SMALL))
    del content[key]
    return json.dumps(content)


DAMAGED = {
    "empty": ("", "whole JSON document"),
    "truncated": (to_json(SMALL)[:-20], "whole JSON document"),
    "twice": (to_json(SMALL) * 2, "whole JSON document"),
    "too deep": ("[" * 200_000 + "]" * 200_000, "nested at most three deep"),
    "deep gates": (edited(gates="@").replace('"@"', "[" * 99_999 + "]" * 99_999), "nested"),
    "list": ("[]", "an object with the keys"),
    "extra key": (edited(name="f"), "an object with the keys"),
    "key twice": (to_json(SMALL).replace('"n": 2', '"n": 2, "n": 2'), "a key is given twice"),
    "no outputs": (without("outputs"), "an object with the keys"),
    "format": (edited(format="other"), "format = 'other'"),
    "version": (edited(version=2), "version = 2: must be 1"),
    "version true": (edited(version=True), "version = True: must be 1"),
    "n a string": (edited(n="2"), "n = '2'"),
    "n huge": (edited(n=10**18), "n = 1000000000000000000: must be an integer in"),
    "n of 9999 digits": (edited(n=0).replace('"n": 0', '"n": ' + "9" * 9999), "JSON document"),
    "NaN": (edited(n=float("nan")), "NaN is not JSON"),
    "m": (edited(m=3), "m = 3: must be 2, which is what the netlist has"),
    "m true": (to_json(Circuit(1, (), (0,))).replace('"m": 1', '"m": true'), "m = True"),
    "depth": (edited(depth=3), "depth = 3: must be 2"),
    "counts": (edited(gate_counts={"XOR": 1}), "gate_counts = .*must be .*'MUX': 1"),
    "gates not a list": (edited(gates={}), "gates = {}"),
    "gate not a list": (edited(gates=["XOR"]), r"gates\[0\] = 'XOR'"),
    "empty gate": (edited(gates=[[]]), r"gates\[0\] = \[\]"),
    "cycle": (edited(gates=[["XOR", 0, 3], ["AND", 2, 1]], outputs=[3]), "makes a cycle"),
    "dangling": (edited(gates=[["XOR", 0, 9]], outputs=[2]), r"gates\[0\] = .*missing wires"),
    "arity": (edited(gates=[["XOR", 0]], outputs=[2]), r"gates\[0\] = .*exactly 2"),
    "unknown gate": (edited(gates=[["NOR", 0, 1]], outputs=[2]), r"gates\[0\] = .*one of"),
    "unhashable gate": (edited(gates=[[["XOR"], 0, 1]], outputs=[2]), r"gates\[0\] = .*one of"),
    "outputs": (edited(outputs=[5]), r"outputs = 5: must be an integer in \[0, 4\]"),
    "outputs null": (edited(outputs=None), "outputs = None"),
}


@pytest.mark.parametrize("case", sorted(DAMAGED))
def test_damaged_files_are_one_line(tmp_path, case):
    text, message = DAMAGED[case]
    path = tmp_path / "circuit.json"
    path.write_text(text)
    with pytest.raises(InvalidArgument, match=message) as caught:
        load_circuit(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_truncation_is_refused():
    text = to_json(SMALL).strip()
    for length in range(len(text)):
        with pytest.raises(InvalidArgument, match="whole JSON document"):
            from_json(text[:length])


def test_bytes_that_are_not_text_are_refused():
    with pytest.raises(InvalidArgument, match="whole JSON document"):
        from_json(b"\xff\xfe\x00")


def test_a_huge_file_is_refused_without_reading_all_of_it(tmp_path):
    path = tmp_path / "huge.json"
    with open(path, "wb") as file:
        file.truncate(1 << 32)  # sparse: no disk is used
    with pytest.raises(InvalidArgument, match="a huge file"):
        load_circuit(path)


def test_a_failed_write_leaves_the_old_file_alone(tmp_path, monkeypatch):
    path = tmp_path / "circuit.json"
    save_circuit(SMALL, path)
    before = path.read_bytes()

    def full_disk(_):
        raise OSError("no space left on device")

    monkeypatch.setattr(circuit_json.os, "fsync", full_disk)
    with pytest.raises(OSError, match="no space left"):
        save_circuit(sha256(rounds=1), path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["circuit.json"]


def test_no_file_is_written_that_could_not_be_read(tmp_path, monkeypatch):
    size = len(circuit_json.to_json(SMALL))
    monkeypatch.setattr(circuit_json, "LARGEST_FILE", size)
    save_circuit(SMALL, tmp_path / "fits.json")
    assert load_circuit(tmp_path / "fits.json") == SMALL
    monkeypatch.setattr(circuit_json, "LARGEST_FILE", size - 1)
    with pytest.raises(InvalidArgument, match=f"circuit = '{size} bytes of JSON': must be at most"):
        save_circuit(SMALL, tmp_path / "too_large.json")
    assert os.listdir(tmp_path) == ["fits.json"]
