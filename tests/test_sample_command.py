"""`hardposterior sample`: draws that agree, files that resume, one clear line for bad input."""

import hashlib
import json
import os
import re

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from hardposterior import whole_file
from hardposterior.command import main
from hardposterior.function_command import hex_of
from hardposterior.sampling import Request, Sampler
from hardposterior.spec.circuits import bits_of

THOROUGH = os.environ.get("HARDPOSTERIOR_PROFILE") == "thorough"


def run(capsys, *arguments):
    """Exit code, stdout and stderr of the command in this process."""
    code = main(["sample", *(str(a) for a in arguments)])
    seen = capsys.readouterr()
    return code, seen.out, seen.err


def request(**more):
    small = {"function": "random-table", "n": 4, "m": 4, "C": 2.0, "count": 5, "steps": 30}
    rest = {"seed": 0, "dtype": "float32", "device": "cpu", "batch": 2}
    return Request(**(small | rest | more))


SMALL = ("--n", 4, "--m", 4, "--steps", 40)
BATCHES = ("--function", "random-table", *SMALL, "--count", 10, "--batch", 4)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("random-table", (4, 4)),
        ("goldreich", (8, 5)),
        ("subset-sum", (5, 6)),
        ("sha256", (16, 8)),
    ],
)
def test_every_named_function_is_sampled(capsys, name, sizes):
    """4,000 of 4,000 rows agreed at 40 steps. If a row fails with probability 1e-3 (far above that)

    three of 8 do with probability 6e-8; images drawn by chance pass with probability below 2e-5.
    """
    n, m = sizes
    options = ("--n", n, "--m", m, "--steps", 40, "--count", 8, "--out", "x.safetensors")
    code, out, err = run(capsys, "--function", name, *options)
    assert (code, err) == (0, "")
    agreeing = int(re.search(r"(\d+) of 8 draws agree", out)[1])
    assert agreeing >= 6
    stored = load_file("x.safetensors")
    bits, image = (stored[f"{part}_bits"].tolist() for part in ("hidden", "image"))
    assert hex_of(bits[0]) in out
    if name == "sha256":
        digests = [hashlib.sha256(bytes.fromhex(hex_of(row))).hexdigest()[:2] for row in bits]
        assert agreeing == sum(d == hex_of(i) for d, i in zip(digests, image, strict=True))


def test_the_reference_of_sha256_is_hashlib():
    made = Sampler(request(function="sha256", n=16, m=20))
    digest = hashlib.sha256(bytes([0x6A, 0x09])).hexdigest()
    assert made.by_hashlib
    assert hex_of(made.reference(bits_of(0x6A09, 16))) == digest[:5]
    part = Sampler(request(function="sha256", n=9, m=4))
    assert not part.by_hashlib
    assert part.reference(bits_of(3, 9)) == part.named.circuit(torch.tensor(bits_of(3, 9))).tolist()


def test_reading_follows_the_definition():
    """Exact draws of the instance, with the last level's noise, are read as they were made."""
    made = Sampler(request(n=6, m=5, dtype="float64"))
    x, bits = made.instance.sample(200, torch.Generator().manual_seed(1))
    noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(2), dtype=x.dtype)
    read, image = made.read(x + made.schedule[-1] * noise)
    assert torch.equal(read, bits)
    assert image.tolist() == [made.reference(row) for row in bits.tolist()]
    shifted = x + made.instance.spacing / (2 * made.instance.separation)
    assert torch.equal(made.read(shifted)[1], 1 - image)


def test_batches_do_not_change_and_are_independent(capsys):
    for path in ("a.safetensors", "b.safetensors"):
        run(capsys, *BATCHES, "--out", path)
    first, second = (load_file(f"{name}.safetensors")["samples"] for name in "ab")
    assert torch.equal(first, second)
    assert len(first.unique(dim=0)) == 10
    run(capsys, *BATCHES, "--seed", 1, "--out", "c.safetensors")
    assert not torch.equal(load_file("c.safetensors")["samples"], first)


def interrupted_after(whole):
    """`Sampler.batch` for some batches, then Ctrl-C in the middle of the next one."""
    right = Sampler.batch

    def batch(sampler, index, progress):
        def interrupt(done, total):
            if index >= whole and done == total // 2:
                raise KeyboardInterrupt
            progress(done, total)

        return right(sampler, index, interrupt)

    return batch


def test_an_interrupt_keeps_whole_batches_and_the_next_run_resumes(capsys, monkeypatch):
    run(capsys, *BATCHES, "--out", "whole.safetensors")
    with monkeypatch.context() as patched:
        patched.setattr(Sampler, "batch", interrupted_after(2))
        code, out, _ = run(capsys, *BATCHES, "--out", "x.safetensors")
    assert code == 130
    assert "interrupted; 8 draws are in x.safetensors: run again to resume" in out
    assert "8 of 8 draws agree" in out
    with safe_open("x.safetensors", "pt") as file:
        assert json.loads(file.metadata()["complete"]) is False
    drawn = []
    batch = Sampler.batch
    monkeypatch.setattr(Sampler, "batch", lambda s, i, p: drawn.append(i) or batch(s, i, p))
    code, out, _ = run(capsys, *BATCHES, "--out", "x.safetensors")
    assert (code, drawn) == (0, [2])
    assert "resumed: 8 of 10 draws" in out
    resumed, whole = (load_file(f"{name}.safetensors") for name in ("x", "whole"))
    assert all(torch.equal(resumed[key], whole[key]) for key in whole)
    code, out, _ = run(capsys, *BATCHES, "--out", "x.safetensors")
    assert (code, drawn) == (0, [2])
    assert "10 of 10 draws agree" in out


@pytest.mark.parametrize("options", [(), ("--out", "x.safetensors")])
def test_an_interrupt_of_the_first_batch_leaves_no_file(capsys, monkeypatch, options):
    monkeypatch.setattr(Sampler, "batch", interrupted_after(0))
    code, out, _ = run(capsys, *BATCHES, *options)
    assert code == 130
    assert "interrupted; nothing is kept" in out
    assert os.listdir() == []


def test_a_full_disk_is_one_line_and_leaves_the_last_whole_file(capsys, monkeypatch):
    """The disk fills up at the second batch: the first one stays, and nothing else."""
    replace, calls = os.replace, []

    def full(source, target):
        calls.append(target)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(whole_file.os, "replace", full)
    code, _, err = run(capsys, *BATCHES, "--out", "x.safetensors")
    assert code == 2
    assert "out = 'x.safetensors': must be a writable file (no space left on device)" in err
    assert os.listdir() == ["x.safetensors"]
    assert len(load_file("x.safetensors")["samples"]) == 4


def test_disagreeing_draws_are_counted_and_shown_first(capsys, monkeypatch):
    """A reference of another function: what the count says is not taken from the network."""
    right = Sampler.reference
    monkeypatch.setattr(
        Sampler, "reference", lambda s, bits: [1 - b if bits[0] else b for b in right(s, bits)]
    )
    code, out, _ = run(capsys, *BATCHES)
    assert code == 0
    agreeing = int(re.search(r"(\d+) of 10 draws agree", out)[1])
    assert agreeing < 10
    row = next(line for line in out.splitlines() if line.startswith("│"))
    _, image, expected = (part.strip() for part in row.strip("│").split("│"))
    assert image != expected


BAD = [
    (["--function", "md5"], "argument --function: invalid choice: 'md5'"),
    ([], "required: --function"),
    ([*BATCHES, "--count", 0], "argument --count: '0': must be an integer >= 1"),
    ([*BATCHES, "--steps", "many"], "argument --steps: 'many': must be an integer in"),
    ([*BATCHES, "--steps", 10**11], r"'100000000000': must be an integer in \[1, 10000000\]"),
    ([*BATCHES, "--batch", 0], "argument --batch: '0': must be an integer >= 1"),
    ([*BATCHES, "--seed", -1], "must be an integer in"),
    ([*BATCHES, "--C", -1], r"C = -1.0: must be in \[0, "),
    ([*BATCHES, "--C", 40], r"C = 40.0: must be small enough for a network to be built"),
    ([*BATCHES, "--C", "nan"], "C = nan: must be"),
    ([*BATCHES, "--dtype", "float16"], "invalid choice: 'float16'"),
    ([*BATCHES, "--device", "abacus"], "device = 'abacus': must be a device"),
    ([*BATCHES, "--n", 17], r"n = 17: must be an integer in \[1, 16\]"),
    (["--function", "goldreich", "--n", 4], r"n = 4: must be an integer in \[5, 1024\]"),
    (["--function", "sha256", "--m", 257], r"m = 257: must be an integer in \[1, 256\]"),
    ([*BATCHES, "--out", "."], "out = '.': must be a writable file"),
    ([*BATCHES, "--out", "taken/x"], "out = 'taken/x': must be a writable file"),
    ([*BATCHES, "--out", "taken"], "out = 'taken': must be a new file or one of the same request"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_bad_usage_is_one_line_and_exit_code_2(capsys, tmp_path, arguments, message):
    (tmp_path / "taken").write_text("mine")
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("hardposterior: ")
    assert err.count("\n") == 1
    assert re.search(message, err), err
    assert (tmp_path / "taken").read_text() == "mine"


def test_draws_of_another_request_are_never_overwritten(capsys):
    run(capsys, *BATCHES, "--out", "x.safetensors")
    before = load_file("x.safetensors")["samples"]
    code, _, err = run(capsys, *BATCHES, "--steps", 41, "--out", "x.safetensors")
    assert code == 2
    assert "out = 'x.safetensors': must be a new file or one of the same request" in err
    assert torch.equal(load_file("x.safetensors")["samples"], before)


@pytest.mark.skipif(not THOROUGH, reason="minutes: full SHA-256 at 256 bits, in the thorough run")
def test_full_sha256_draws_agree_with_hashlib(capsys):
    """64 of 64 agreed in another run; an image drawn by chance agrees with probability 2^-256."""
    code, out, _ = run(capsys, "--function", "sha256", "--count", 64, "--steps", 300)
    assert code == 0
    assert int(re.search(r"(\d+) of 64 draws agree", out)[1]) >= 63
