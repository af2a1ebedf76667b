"""Challenges on disk: a problem that a posterior sampler may try to solve, and nothing else.

    challenge.json           sizes, separation and spacing (unscaled), beta (scaled), the hash
    circuit.json             the function, as `hardposterior function NAME --export FILE` writes it
    calibration.json         why the score of this prior is easy: a certificate
    measurement.safetensors  y (m,), float64, scaled; image (m,), uint8: what f should give
    manifest.json            SHA-256 of each of the above

Solutions are x in R^d whose first n signs f maps to the image. Who made y from x forgot x.
"""

import hashlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from hardposterior.calibration import Calibration
from hardposterior.function_command import hex_of
from hardposterior.impl import circuit_json
from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.circuits import Circuit
from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.words import signs
from hardposterior.named_functions import named
from hardposterior.usage import UsageError

FORMAT, VERSION = "hardposterior challenge", 1
MANIFEST = "manifest.json"
FILES = ("challenge.json", "circuit.json", "calibration.json", "measurement.safetensors")
TASK = (
    "Find x in R^d, d = n + m, such that f maps the signs of x_1..n (bit 1 where above 0) to the "
    "image. The prior is the hard instance of f; y is its last m coordinates plus beta N(0, I)."
)


@dataclass(frozen=True)
class Challenge:
    """A problem: `instance` and `beta`, `y` (m,), `image` (m,) bits; `about` names the function."""

    instance: HardInstance
    beta: float
    y: torch.Tensor
    image: torch.Tensor
    about: Mapping[str, Any]
    identity: str = field(default="", compare=False)


def draw_challenge(
    circuit: Circuit, found: Calibration, about: Mapping[str, Any]
) -> tuple[Challenge, torch.Tensor, torch.Tensor]:
    """A challenge at calibrated parameters, and the x (d,) and word (n,) that it was made from.

    The word comes from the system's source of secrets, as do the lattice points' and the noise's
    seed: no seed of ours stands for 2^n words.
    """
    instance = HardInstance(circuit, found.separation, found.spacing)
    word = torch.tensor([secrets.randbits(1) for _ in range(circuit.n)])
    generator = torch.Generator().manual_seed(secrets.randbits(63))
    image = circuit(word)
    hidden = signs(word, torch.float64) * found.separation
    hidden += torch.randn(circuit.n, generator=generator, dtype=torch.float64)
    points = instance.phases.sample(image, generator)
    x = torch.cat([hidden, points]) / found.separation
    y = instance.measurement(found.beta).observe(x, generator)
    return Challenge(instance, found.beta, y, image, about), x, word


def write_challenge(challenge: Challenge, found: Calibration, folder: Path) -> str:
    """Write the folder, which appears whole or not at all; return the manifest's SHA-256."""
    check_new(folder)
    law = challenge.instance
    about = {
        "format": FORMAT,
        "version": VERSION,
        "task": TASK,
        "function": dict(challenge.about),
        "n": law.n,
        "m": law.m,
        "C": found.C,
        "separation": law.separation,
        "spacing": law.spacing,
        "beta": challenge.beta,
        "image": hex_of(challenge.image.tolist()),
    }
    tensors = {"y": challenge.y.contiguous(), "image": challenge.image.to(torch.uint8)}
    contents = (
        json.dumps(about, indent=1).encode() + b"\n",
        circuit_json.to_json(law.function).encode(),
        json.dumps(found.certificate, indent=1).encode() + b"\n",
        save(tensors),
    )
    sums = {n: hashlib.sha256(c).hexdigest() for n, c in zip(FILES, contents, strict=True)}
    manifest = json.dumps({"format": FORMAT, "version": VERSION, "files": sums}, indent=1).encode()
    making = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for name, content in (*zip(FILES, contents, strict=True), (MANIFEST, manifest)):
            (making / name).write_bytes(content)
        making.chmod(0o755)
        os.replace(making, folder)  # onto nothing, or onto an empty folder
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return hashlib.sha256(manifest).hexdigest()


def check_new(folder: Path) -> None:
    """`UsageError` unless a folder of this name can be made here."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"out = {str(folder)!r}: must be a new or an empty folder")
        with tempfile.TemporaryFile(dir=folder.parent):
            pass
    except OSError as error:
        reason = (error.strerror or "not writable").lower()
        raise UsageError(f"out = {str(folder)!r}: must be a writable folder ({reason})") from error


def read_challenge(folder: Path) -> Challenge:
    """The challenge in a folder; `UsageError` says which file is missing, edited or wrong."""
    contents, identity = checked_files(folder)
    about = parsed(folder, "challenge.json", contents["challenge.json"])
    where = f"challenge = {str(folder)!r}"
    if (about.get("format"), about.get("version")) != (FORMAT, VERSION):
        raise UsageError(f"{where}: must have format {FORMAT!r} and version {VERSION}")
    try:
        circuit = circuit_json.from_json(contents["circuit.json"])
        instance = HardInstance(circuit, about["separation"], about["spacing"])
        beta = instance.measurement(about["beta"]).beta
        y, image = measured(contents["measurement.safetensors"])
        function = dict(about["function"])
        check_function(function, contents["circuit.json"])
    except (InvalidArgument, SafetensorError, KeyError, TypeError, ValueError) as error:
        reason = f"no {error}" if isinstance(error, KeyError) else error
        raise UsageError(f"{where}: must hold a whole problem ({reason})") from error
    sizes = (about.get("n"), about.get("m"), tuple(y.shape), tuple(image.shape))
    if sizes != (circuit.n, circuit.m, (circuit.m,), (circuit.m,)):
        raise UsageError(f"{where}: must agree on n and m; sizes are {sizes}")
    if about.get("image") != hex_of(image.tolist()) or not bool(y.isfinite().all()):
        raise UsageError(f"{where}: must have a finite y and one image")
    return Challenge(instance, beta, y, image, function, identity)


def measured(content: bytes) -> tuple[torch.Tensor, torch.Tensor]:
    """y and the image's bits; `TypeError` where they are other than what was written."""
    tensors = load(content)
    y, image = tensors["y"], tensors["image"]
    if y.dtype != torch.float64 or image.dtype != torch.uint8 or bool((image > 1).any()):
        raise TypeError("y must be float64, and the image bits in uint8")
    return y, image.to(torch.int64)


def check_function(function: Mapping[str, Any], circuit: bytes) -> None:
    """`ValueError` where a circuit passes itself off as SHA-256, or has no known name.

    Drawn functions are what their circuit says; a seed that draws another today proves nothing.
    """
    if function.get("name") not in ("sha256", "goldreich", "random-table", "subset-sum"):
        raise ValueError(f"function {function.get('name')!r} has no name that is known here")
    if function["name"] == "sha256":
        own = circuit_json.to_json(named(**function).circuit)
        if own.encode() != circuit:
            raise ValueError("circuit.json is not SHA-256 as the function says")


def checked_files(folder: Path) -> tuple[dict[str, bytes], str]:
    """The files as bytes, each as the manifest has it, and the manifest's SHA-256."""
    contents = {name: read(folder, name) for name in (MANIFEST, *FILES)}
    manifest = parsed(folder, MANIFEST, contents[MANIFEST])
    sums = manifest.get("files")
    if not isinstance(sums, dict) or set(sums) != set(FILES):
        raise UsageError(f"challenge = {str(folder / MANIFEST)!r}: must list {', '.join(FILES)}")
    for name in FILES:
        if hashlib.sha256(contents[name]).hexdigest() != sums[name]:
            raise UsageError(
                f"challenge = {str(folder / name)!r}: must have the checksum of the manifest; "
                "the file was edited or damaged"
            )
    return contents, hashlib.sha256(contents[MANIFEST]).hexdigest()


def read(folder: Path, name: str) -> bytes:
    """One file of the folder."""
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        reason = "the file is missing" if isinstance(error, FileNotFoundError) else error.strerror
        raise UsageError(f"challenge = {str(folder / name)!r}: must be there ({reason})") from error


def parsed(folder: Path, name: str, content: bytes) -> dict[str, Any]:
    """A JSON object."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"challenge = {str(folder / name)!r}: must be JSON ({error})") from error
    if not isinstance(found, dict):
        raise UsageError(f"challenge = {str(folder / name)!r}: must be a JSON object")
    return found
