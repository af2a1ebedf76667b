"""The rooms together: importing them all fills the list of statements and of evidence."""

from importlib import import_module

from hardposterior.spec.catalogue import STATEMENTS
from hardposterior.spec.evidence import EVIDENCE, Evidence, EvidenceList
from hardposterior.spec.statements import Registry, Statement

EVIDENCE_MODULES = (
    "hardposterior.proofs_checks.smoothing",
    "hardposterior.proofs_checks.lattice",
    "hardposterior.proofs_checks.theta",
    "hardposterior.proofs_checks.lattice_smoothing",
    "hardposterior.proofs_checks.lattice_denoiser",
    "hardposterior.proofs_checks.witnesses",
    "hardposterior.properties.lattice",
    "hardposterior.proofs_checks.rejection",
    "hardposterior.proofs_checks.acceptance",
    "hardposterior.properties.rejection",
    "hardposterior.properties.acceptance",
    "hardposterior.proofs_checks.sha256",
    "hardposterior.proofs_checks.relu_gates",
    "hardposterior.proofs_checks.relu_rows",
    "hardposterior.proofs_checks.relu_gadgets",
    "hardposterior.properties.circuits",
    "hardposterior.properties.one_way_functions",
    "hardposterior.properties.sha256",
    "hardposterior.properties.relu_network",
    "hardposterior.properties.relu_gadgets",
    "hardposterior.proofs_checks.posterior_stability",
    "hardposterior.properties.posterior_stability",
    "hardposterior.proofs_checks.reverse_diffusion",
    "hardposterior.properties.reverse_diffusion",
)


def statements() -> Registry:
    """Every statement."""
    return STATEMENTS


def evidence() -> EvidenceList:
    """Every piece of evidence; imports torch, sympy and python-flint on the first call."""
    for module in EVIDENCE_MODULES:
        import_module(module)
    return EVIDENCE


def evidence_of(statement: Statement) -> list[Evidence]:
    """The evidence for one statement."""
    return evidence().of(statement)
