"""Draws in a file that is whole at every moment: finished batches, and what they are draws of."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from hardposterior.sampling import Request, Sampler
from hardposterior.usage import UsageError
from hardposterior.whole_file import write_whole


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
        write_whole(path, content)
    except OSError as error:
        reason = (error.strerror or "not writable").lower()
        raise UsageError(f"out = {str(path)!r}: must be a writable file ({reason})") from error


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
