"""Profiles, the header, and shapes checked at run time."""

import os
import platform

import pytest
import torch
from hypothesis import HealthCheck, settings

PROFILE = os.environ.get("HARDPOSTERIOR_PROFILE", "dev")
SEED = int(os.environ.get("HARDPOSTERIOR_SEED", "0"))

settings.register_profile("dev", max_examples=50, deadline=None, derandomize=True)
settings.register_profile("ci", max_examples=50, deadline=None, derandomize=True)
settings.register_profile(
    "thorough",
    max_examples=2000,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(PROFILE)

# Many small operations crawl when several threads contend for two busy cores.
torch.set_num_threads(1)


def pytest_report_header() -> list[str]:
    """What a reader needs to rerun this."""
    from hardposterior.provenance import versions

    shown = ", ".join(f"{name} {version}" for name, version in versions().items())
    return [
        f"hardposterior: profile {PROFILE}, seed {SEED}, float64 on cpu, {platform.machine()}",
        f"versions: {shown}",
    ]


@pytest.fixture
def generator() -> torch.Generator:
    """A generator of its own for every test."""
    return torch.Generator().manual_seed(SEED)
