"""The rooms together: importing them all fills the list of statements and of evidence."""

import pkgutil
from functools import cache
from importlib import import_module

from hardposterior import proofs_checks, properties
from hardposterior.spec.catalogue import STATEMENTS
from hardposterior.spec.evidence import EVIDENCE, Evidence, EvidenceList
from hardposterior.spec.statements import Registry, Statement


def statements() -> Registry:
    """Every statement."""
    return STATEMENTS


@cache
def evidence() -> EvidenceList:
    """Every piece of evidence; imports torch, sympy and python-flint on the first call."""
    for room in (proofs_checks, properties):
        for module in pkgutil.iter_modules(room.__path__):
            import_module(f"{room.__name__}.{module.name}")
    return EVIDENCE


def evidence_of(statement: Statement) -> list[Evidence]:
    """The evidence for one statement."""
    return evidence().of(statement)
