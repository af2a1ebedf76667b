"""Draws in a file that is whole at every moment: finished batches, and what they are draws of."""

import json
import os
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from hardposterior.sampling import Request, Sampler
from hardposterior.usage import UsageError


def save(samples: torch.Tensor, sampler: Sampler, path: Path) -> None:
    """Write the finished draws and what they are; the file appears whole or not at all."""
    from safetensors.torch import save as to_bytes

    bits, image = sampler.read(samples)
    tensors = {
        "samples": samples.contiguous(),
        "hidden_bits": bits.to(torch.uint8),
        "image_bits": image.to(torch.uint8),
    }
    about = {
        "request": asdict(sampler.request),
        "separation": sampler.instance.separation,
        "spacing": sampler.instance.spacing,
        "first_sigma": sampler.schedule[0],
        "last_sigma": sampler.schedule[-1],
        "complete": len(samples) == sampler.request.count,
    }
    content = to_bytes(tensors, {key: json.dumps(value) for key, value in about.items()})
    try:
        write(content, path)
    except OSError as error:
        reason = (error.strerror or "not writable").lower()
        raise UsageError(f"out = {str(path)!r}: must be a writable file ({reason})") from error


def write(content: bytes, path: Path) -> None:
    """Replace `path` by `content` in one step."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def finished(request: Request, path: Path) -> torch.Tensor | None:
    """The draws of whole batches in a file of the same request; None where there is no file."""
    from safetensors import SafetensorError, safe_open

    if not path.exists():
        return None
    try:
        with safe_open(path, "pt") as file:
            about: dict[str, Any] = file.metadata() or {}
            same = json.loads(about.get("request", "null")) == asdict(request)
            samples = file.get_tensor("samples") if same else None
    except (OSError, ValueError, SafetensorError):
        samples = None
    if samples is None:
        raise UsageError(
            f"out = {str(path)!r}: must be a new file or one of the same request "
            "(another file is never overwritten)"
        )
    return samples
