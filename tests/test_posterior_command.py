"""`hardposterior posterior`: draws in a file, Ctrl-C, and one clear line for bad input."""

import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from hardposterior import posterior_command
from hardposterior.command import main
from hardposterior.impl.circuit_json import save_circuit
from hardposterior.impl.fast_rejection import fast_rejection_sample
from hardposterior.impl.functions import draw_neighbours, draw_table, goldreich, random_table
from hardposterior.instance_file import load_instance


def run(capsys, *arguments):
    """Exit code, stdout and stderr of a command in this process."""
    code = main(["posterior", *(str(a) for a in arguments)])
    seen = capsys.readouterr()
    return code, seen.out, seen.err


def write(circuit, y, **more):
    save_circuit(circuit, "circuit.json")
    content = {
        "format": "hardposterior instance",
        "version": 1,
        "function": "circuit.json",
        "separation": 2.0,
        "spacing": 1.5,
        "beta": 0.25,
        **more,
    }
    with open("instance.json", "w") as file:
        json.dump(content, file)
    with open("y.json", "w") as file:
        json.dump(y, file)


FILES = ("--instance", "instance.json", "--y", "y.json")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    write(random_table(draw_table(3, 2, torch.Generator().manual_seed(5))), [0.4, -0.3])


def test_draws_are_those_of_the_sampler(capsys):
    code, out, err = run(capsys, *FILES, "--count", 50, "--max-proposals", 100_000, "--seed", 3)
    assert (code, err) == (0, "")
    assert "expected proposals per draw" in out
    assert "50 of 50 draws" in out
    instance, beta = load_instance(Path("instance.json"))
    found = fast_rejection_sample(
        instance,
        torch.tensor([0.4, -0.3], dtype=torch.float64),
        beta,
        50,
        torch.Generator().manual_seed(3),
        max_proposals=100_000,
    )
    assert torch.equal(load_file("draws.safetensors")["samples"], found.samples)
    with safe_open("draws.safetensors", "pt") as file:
        about = file.metadata()
    assert about["proposals"] == str(found.proposals)
    assert about["complete"] == "True"
    code, _, _ = run(
        capsys,
        *FILES,
        "--count",
        50,
        "--max-proposals",
        100_000,
        "--seed",
        3,
        "--jobs",
        2,
        "--out",
        "two.safetensors",
    )
    assert code == 0
    assert torch.equal(load_file("two.safetensors")["samples"], found.samples)


def test_an_interrupt_keeps_the_draws_so_far(capsys, monkeypatch):
    taken = posterior_command.Watch.__call__

    def interrupt(self, result):
        taken(self, result)
        if result.proposals > 200_000:
            raise KeyboardInterrupt

    monkeypatch.setattr(posterior_command.Watch, "__call__", interrupt)
    code, out, _ = run(capsys, *FILES, "--count", 10**6, "--max-proposals", 10**8)
    assert code == 130
    assert "interrupted" in out
    draws = load_file("draws.safetensors")["samples"]
    assert 100 < len(draws) < 10**6
    with safe_open("draws.safetensors", "pt") as file:
        assert file.metadata()["complete"] == "False"


def test_the_expectation_of_a_large_instance_comes_from_the_bound(capsys):
    write(goldreich(draw_neighbours(24, 2, torch.Generator().manual_seed(1)), n=24), [0.1, 0.2])
    code, out, err = run(capsys, *FILES, "--count", 3, "--max-proposals", 10**6)
    assert (code, err) == (0, "")
    assert "the sharp acceptance bound, for half of all y at least" in out


@pytest.mark.parametrize(
    ("y", "more", "options", "line"),
    [
        ([0.4], {}, (), "y = 'y.json': must be a JSON list of 2 numbers"),
        ([0.4, float("nan")], {}, (), "y = [0.4, nan]: must be finite"),
        ([0.4, 0.2], {"beta": 0}, (), "beta = 0: must be a finite number above 0"),
        ([0.4, 0.2], {"version": 2}, (), "instance = 'instance.json': must have format"),
        (
            [0.4, 0.2],
            {"extra": 2},
            (),
            "instance = 'instance.json': must be an object with the keys",
        ),
        (
            [0.4, 0.2],
            {"function": "none.json"},
            (),
            "function = 'none.json': must be a readable file (no such file or directory)",
        ),
        ([0.4, 0.2], {"separation": 0.5}, (), "separation = 0.5: must be at least 1"),
        ([0.4, 0.2], {}, ("--count", "0"), "argument --count: '0': must be an integer >= 1"),
    ],
)
def test_bad_input_is_one_clear_line(capsys, y, more, options, line):
    write(random_table(draw_table(3, 2, torch.Generator().manual_seed(5))), y, **more)
    arguments = ("--count", 5, "--max-proposals", 10_000, *options)
    code, _, err = run(capsys, *FILES, *arguments)
    assert code == 2
    assert err.startswith(f"hardposterior: {line}")
    assert err.count("\n") == 1


def test_the_circuit_that_the_instance_names_is_not_written_over(capsys):
    write(random_table(draw_table(3, 2, torch.Generator().manual_seed(5))), [0.4, 0.2])
    before = Path("circuit.json").read_bytes()
    arguments = ("--count", 5, "--max-proposals", 10_000, "--out", "circuit.json")
    code, _, err = run(capsys, *FILES, *arguments)
    assert code == 2
    assert "out = 'circuit.json': must not be the file of the instance's function" in err
    assert Path("circuit.json").read_bytes() == before


def test_a_pipe_gets_whole_lines(capsys):
    write(random_table(draw_table(3, 2, torch.Generator().manual_seed(5))), [0.4, 0.2])
    code, out, _ = run(capsys, *FILES, "--count", 5, "--max-proposals", 10_000)
    assert code == 0
    assert out.endswith("s left\ndraws: draws.safetensors\n")


def test_too_few_proposals_for_one_draw_say_how_many_are_expected(capsys):
    code, _, err = run(capsys, *FILES, "--count", 1, "--max-proposals", 2)
    assert code == 2
    assert "max-proposals = 2: must be at least 6.94" in err
    assert "the mean number for one draw (1 / q(y) with the exact p(y))" in err
