"""From proofs by branch and bound to an outcome of evidence."""

from collections.abc import Mapping, Sequence
from typing import Any

from hardposterior.proofs_checks.branch_and_bound import Proof
from hardposterior.spec.evidence import Outcome, proved, refuted, undecided


def outcome_of(proofs: Sequence[Proof], certificates: Sequence[Mapping[str, Any]]) -> Outcome:
    """Proved where every proof is; refuted with an exact point; else undecided with the box."""
    cases = sum(len(proof.boxes) for proof in proofs)
    for proof, data in zip(proofs, certificates, strict=True):
        if proof.counterexample is not None:
            point = ", ".join(f"Fraction('{value}')" for value in proof.counterexample)
            return refuted(f"{data['margin']}(ctx, {point}) < 0", cases=cases)
        if proof.stuck is not None:
            shown = " x ".join(f"[{float(a):.6g}, {float(b):.6g}]" for a, b in proof.stuck)
            return undecided(f"{data['margin']} undecided on {shown}", cases=cases)
    return proved(
        cases,
        certificate={"parts": list(certificates)},
        detail=f"{cases} boxes at {max(proof.bits for proof in proofs)} bits",
    )
