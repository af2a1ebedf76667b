"""hardposterior: the claims of arXiv:2402.12727 as specifications, code and checks.

Public names load on first use, so that `import hardposterior.spec` loads no torch.
"""

from importlib import import_module
from typing import Any

PUBLIC = {
    "AuditReport": "auditing",
    "Calibration": "calibration",
    "Ledger": "ledger",
    "NetworkCertificate": "network_certificate",
    "Plan": "runner",
    "UsageError": "usage",
    "audit": "auditing",
    "calibrate": "calibration",
    "certify_network": "network_certificate",
    "hardness": "hardness_chain",
    "plan": "planning",
    "verify": "verification",
    "well_modeled": "modeling",
}
MODULES = ("bounds", "impl", "proofs_checks", "properties", "spec")

__all__ = ["bounds", "impl", "proofs_checks", "properties", "spec", *PUBLIC]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name in PUBLIC:
        return getattr(import_module(f"hardposterior.{PUBLIC[name]}"), name)
    if name in MODULES:
        return import_module(f"hardposterior.{name}")
    raise AttributeError(f"module 'hardposterior' has no attribute {name!r}")
