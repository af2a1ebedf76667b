"""Challenges: written without their secret, judged by f alone, refused where damaged."""

import hashlib
import json
import random

import pytest
import torch
from safetensors.torch import load, load_file, save, save_file

from hardposterior.challenge_folder import FILES, MANIFEST, read_challenge
from hardposterior.challenge_solution import judge
from hardposterior.command import main
from hardposterior.function_command import hex_of
from hardposterior.impl.posterior_samplers import SearchSampler
from hardposterior.usage import UsageError


def run(*arguments):
    return main(["challenge", *map(str, arguments)])


@pytest.fixture(scope="module")
def problem(tmp_path_factory):
    """A challenge of 12 bits and the x behind it."""
    folder = tmp_path_factory.mktemp("problem")
    secret = folder / "secret.json"
    made = ("new", "--function", "goldreich", "--n", 12, "--out", folder / "a")
    assert run(*made, "--planted-secret", secret) == 0
    return folder / "a", torch.tensor(json.loads(secret.read_text())["x"], dtype=torch.float64)


@pytest.fixture
def copied(problem, tmp_path):
    """A copy that may be damaged, and the x behind it in a file."""
    folder = tmp_path / "copy"
    folder.mkdir()
    for name in (MANIFEST, *FILES):
        (folder / name).write_bytes((problem[0] / name).read_bytes())
    solution = tmp_path / "x.safetensors"
    save_file({"samples": problem[1]}, solution)
    return folder, solution


def test_the_planted_secret_is_a_solution(copied, capsys):
    folder, solution = copied
    assert run("check", folder, "--solution", solution) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "SOLVED: 1 of 1 rows" in said
    assert "12 of 12 image bits agree; 12 of 12 phases agree with its own bits" in said
    assert hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest() in said


def test_no_secret_is_in_the_folder(problem):
    folder, x = problem
    planted = json.loads((folder.parent / "secret.json").read_text())["bits"]
    assert planted == hex_of((x[:12] > 0).long().tolist())
    assert {path.name for path in folder.iterdir()} == {MANIFEST, *FILES}
    assert set(load_file(folder / "measurement.safetensors")) == {"y", "image"}
    about = json.loads((folder / "challenge.json").read_text())
    assert set(about["function"]) == {"name", "n", "m", "seed"}
    content = b"".join(path.read_bytes() for path in folder.iterdir())
    for value in x[:12].tolist():
        assert torch.tensor(value, dtype=torch.float64).numpy().tobytes() not in content
        assert repr(value).encode() not in content


def test_two_challenges_differ(tmp_path):
    for name in "ab":
        made = ("new", "--function", "random-table", "--n", 8, "--out", tmp_path / name)
        assert run(*made) == 0
    first, second = (read_challenge(tmp_path / name) for name in "ab")
    assert first.instance.function == second.instance.function
    assert not torch.equal(first.y, second.y)


def test_a_batch_is_judged_row_by_row(problem):
    folder, x = problem
    challenge = read_challenge(folder)
    law = challenge.instance
    flipped = x.clone()
    flipped[0] = -flipped[0]
    moved = x.clone()
    moved[12] += law.spacing / (2 * law.separation)  # the other phase
    verdict = judge(challenge, torch.stack([flipped, moved, x]))
    wrong = (x[:12] > 0).long()
    wrong[0] = 1 - wrong[0]
    image = law.function(wrong)
    expected = int((image == challenge.image).sum())
    assert verdict.agreeing.tolist() == [expected, 12, 12]
    assert verdict.phases.tolist() == [expected, 11, 12]
    assert verdict.solved.tolist() == [expected == 12, True, True]
    noise = (challenge.y - moved[12:]) / challenge.beta
    assert torch.isclose(verdict.residual[1], noise.norm() / 12**0.5)


def test_rungs_that_search_can_solve_are_solved(tmp_path, capsys, monkeypatch):
    # y shows another image with probability up to 1/250: fix what the system would draw
    monkeypatch.setattr("secrets.randbits", random.Random(0).getrandbits)
    ladder, solutions = tmp_path / "ladder", tmp_path / "solutions"
    made = ("ladder", "--function", "sha256", "--rounds", 12, "--most", 20)
    assert run(*made, "--out", ladder) == 0
    solutions.mkdir()
    for rung in ("n008", "n012", "n016"):
        challenge = read_challenge(ladder / rung)
        sampler = SearchSampler(challenge.instance)
        x = sampler(None, None, challenge.y, challenge.beta, 3, torch.Generator().manual_seed(0))
        save_file({"x": x}, solutions / f"{rung}.safetensors")
    wrong = [[0.5] * 40]
    (solutions / "n020.json").write_text(json.dumps(wrong))
    capsys.readouterr()
    assert run("check", ladder, "--solution", solutions) == 0
    said = capsys.readouterr().out
    assert "largest rung solved: 16 hidden bits" in said
    for path in solutions.iterdir():
        path.unlink()
    assert run("check", ladder, "--solution", solutions) == 1
    assert "no rung is solved" in capsys.readouterr().out


@pytest.mark.parametrize("name", FILES)
def test_an_edited_file_is_named(copied, name, capsys):
    folder, solution = copied
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    assert run("check", folder, "--solution", solution) == 2
    said = capsys.readouterr().err
    assert name in said
    assert "must have the checksum of the manifest" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("name", [MANIFEST, *FILES])
def test_a_missing_file_is_named(copied, name, capsys):
    folder, solution = copied
    (folder / name).unlink()
    assert run("check", folder, "--solution", solution) == 2
    said = capsys.readouterr().err
    assert name in said
    assert "must be there (the file is missing)" in said


def forge(folder, name, content):
    """Replace a file and its checksum."""
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"][name] = hashlib.sha256(content).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest))


def changed(folder, **values):
    about = json.loads((folder / "challenge.json").read_text())
    return json.dumps({**about, **values}).encode()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"version": 2}, "must have format 'hardposterior challenge' and version 1"),
        ({"beta": -1.0}, "beta = -1.0: must be a finite number above 0"),
        ({"separation": "x"}, "separation = 'x'"),
        ({"n": 13}, "must agree on n and m"),
        ({"image": "fff"}, "must have a finite y and one image"),
        ({"function": None}, "must hold a whole problem"),
        ({"function": {"name": "SHA-256"}}, "no name that is known here"),
        (
            {"function": {"name": "sha256", "n": 12, "m": 12, "rounds": 64}},
            "circuit.json is not SHA-256 as the function says",
        ),
        ({"function": {"name": "sha256", "n": 12, "m": 999, "rounds": 64}}, "m = 999"),
    ],
)
def test_a_consistent_folder_with_wrong_content_is_refused(copied, values, message):
    folder, _ = copied
    forge(folder, "challenge.json", changed(folder, **values))
    with pytest.raises(UsageError, match="challenge = ") as error:
        read_challenge(folder)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("challenge.json", b"{", "must be JSON"),
        ("challenge.json", b"[]", "must be a JSON object"),
        ("circuit.json", b"{}", "must hold a whole problem"),
        ("measurement.safetensors", b"junk", "must hold a whole problem"),
    ],
)
def test_a_forged_file_is_refused(copied, name, content, message):
    folder, _ = copied
    forge(folder, name, content)
    with pytest.raises(UsageError, match=message):
        read_challenge(folder)


@pytest.mark.parametrize(
    "change",
    [
        {"y": lambda y: y.to(torch.complex64)},
        {"y": lambda y: y > 0},
        {"y": lambda y: y.to(torch.int64)},
        {"image": lambda image: image + 2},
        {"image": lambda image: image + 0.5},
    ],
)
def test_a_measurement_of_another_kind_is_refused(copied, change):
    folder, _ = copied
    name = "measurement.safetensors"
    tensors = load((folder / name).read_bytes())
    forge(folder, name, save({k: change.get(k, lambda t: t)(t) for k, t in tensors.items()}))
    with pytest.raises(UsageError, match="y must be float64, and the image bits in uint8"):
        read_challenge(folder)


def test_a_manifest_that_lists_other_files_is_refused(copied):
    folder, _ = copied
    (folder / MANIFEST).write_text(json.dumps({"files": {"x": "y"}}))
    with pytest.raises(UsageError, match=r"manifest.json.*must list challenge\.json"):
        read_challenge(folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (json.dumps([0.0] * 23), "must be of shape (24,) or (count, 24), not (23,)"),
        (json.dumps([[0.0] * 24] * 2 + [[0.0]]), "JSON numbers"),
        (json.dumps([]), "must be of shape (24,)"),
        (json.dumps([[[0.0] * 24]]), "must be of shape (24,)"),
        (json.dumps([0.0] * 23 + [float("nan")]), "must be finite numbers"),
        (json.dumps({"y": [0.0] * 24}), "JSON numbers ('x')"),
        (json.dumps(["a"] * 24), "JSON numbers"),
        (json.dumps([10**400] * 24), "JSON numbers"),
        ("{", "JSON numbers"),
        ("", "JSON numbers"),
    ],
)
def test_a_wrong_solution_is_refused(problem, tmp_path, content, message, capsys):
    (tmp_path / "x.json").write_text(content)
    assert run("check", problem[0], "--solution", tmp_path / "x.json") == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1


def test_a_tensor_file_without_draws_is_refused(problem, tmp_path, capsys):
    save_file({"z": torch.zeros(24)}, tmp_path / "x.safetensors")
    assert run("check", problem[0], "--solution", tmp_path / "x.safetensors") == 2
    assert "tensors ['z']" in capsys.readouterr().err
    save_file({"x": torch.zeros(24, dtype=torch.complex64)}, tmp_path / "x.safetensors")
    assert run("check", problem[0], "--solution", tmp_path / "x.safetensors") == 2
    assert "tensor 'x' is complex" in capsys.readouterr().err
    (tmp_path / "y.safetensors").write_bytes(b"no tensors")
    assert run("check", problem[0], "--solution", tmp_path / "y.safetensors") == 2
    assert run("check", problem[0], "--solution", tmp_path / "none.json") == 2
    assert "no such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--function", "sha256", "--n", 0), "n = 0: must be an integer in [1, 4096]"),
        (("--function", "sha256", "--n", 8, "--m", 300), "m = 300: must be an integer in [1, 256]"),
        (("--function", "random-table", "--n", 17), "n = 17: must be an integer in [1, 16]"),
        (("--function", "goldreich", "--n", 4), "n = 4: must be an integer in [5, 1024]"),
        (("--function", "goldreich", "--n", 8, "--C", -1), "C = -1.0: must be in [0"),
        (("--function", "nothing", "--n", 8), "invalid choice"),
        (("--function", "goldreich", "--n", "x"), "'x': must be an integer"),
        (("--function", "goldreich"), "required: --n"),
    ],
)
def test_bad_arguments_of_new(tmp_path, arguments, message, capsys):
    assert run("new", *arguments, "--out", tmp_path / "a") == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_paths_that_cannot_be_written(tmp_path, capsys):
    made = ("new", "--function", "goldreich", "--n", 8)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    (tmp_path / "file").touch()
    for out in ("full", "file", "file/a"):
        assert run(*made, "--out", tmp_path / out) == 2
        assert f"out = '{tmp_path / out}': must be" in capsys.readouterr().err
    secret = tmp_path / "full"
    assert run(*made, "--out", tmp_path / "a", "--planted-secret", secret) == 2
    assert "planted-secret" in capsys.readouterr().err
    assert not (tmp_path / "a").exists()
    assert run("ladder", "--function", "sha256", "--most", 7, "--out", tmp_path / "l") == 2
    assert "most = 7: must be an integer >= 8" in capsys.readouterr().err
    assert run("check", tmp_path / "full", "--solution", tmp_path) == 2
    (tmp_path / "empty").mkdir()
    assert run(*made, "--out", tmp_path / "empty") == 0


def test_a_ladder_wants_a_folder_of_solutions(tmp_path, capsys):
    ladder = tmp_path / "l"
    assert run("ladder", "--function", "random-table", "--most", 8, "--out", ladder) == 0
    assert run("check", ladder, "--solution", tmp_path / "none") == 2
    assert "must be a folder for a ladder" in capsys.readouterr().err
    assert run("check", ladder, "--solution", ladder / "n008") == 2
    said = capsys.readouterr().err
    assert "must hold a file named like a rung, as n008.safetensors or n008.json" in said


def test_a_folder_that_fails_while_it_is_written_leaves_nothing(tmp_path, monkeypatch):
    import hardposterior.challenge_folder as module

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(module.os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        run("new", "--function", "goldreich", "--n", 8, "--out", tmp_path / "a")
    assert list(tmp_path.iterdir()) == []
