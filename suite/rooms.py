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
