"""From proofs by branch and bound to an outcome of evidence."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hardposterior.proofs_checks.branch_and_bound import (
    Box,
    Margin,
    Proof,
    certificate,
    positive_on,
)
from hardposterior.proofs_checks.recheck import CertificateError, NotCertain, recheck
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


def proved_on_charts(
    claim: str,
    charts: Sequence[tuple[Margin, Box]],
    progress: Callable[[int, int], None] | None = None,
) -> Outcome:
    """Prove every chart's margin positive on its domain; the certificate holds all of them."""
    proofs, data = [], []
    for margin, domain in charts:
        proofs.append(positive_on(margin, domain, progress=progress))
        name = f"{margin.__module__.rsplit('.', 1)[-1]}.{margin.__name__}"
        data.append(certificate(claim, name, domain, proofs[-1]))
    return outcome_of(proofs, data)


def verified_again(
    claim: str, charts: Sequence[tuple[Margin, Box]], sample: int, seed: int
) -> Outcome:
    """Make the certificate of every chart, pass it through JSON, and have it checked again.

    The second checker covers each chart's domain exactly and evaluates `sample` boxes in intervals.
    """
    checked = 0
    for margin, domain in charts:
        made = certificate(claim, margin.__name__, domain, positive_on(margin, domain))
        try:
            checked += recheck(
                json.loads(json.dumps(made)), margin, domain=domain, sample=sample, seed=seed
            )
        except NotCertain as error:
            return undecided(f"{margin.__name__}: {error}", cases=checked)
        except CertificateError as error:
            return refuted(f"{margin.__name__}: {error}", cases=checked)
    if not checked:
        return undecided("nothing was checked")
    return proved(checked, detail=f"coverage exact; {checked} boxes evaluated again in intervals")
