"""Every hypothesis is needed: at its witness it fails, and the claim fails with it, in balls."""

from hardposterior.proofs_checks.arithmetic import Balls
from hardposterior.spec.catalogue import STATEMENTS
from hardposterior.spec.evidence import EVIDENCE, Evidence, Outcome, Run, proved, refuted
from hardposterior.spec.statements import Bound


def claim_fails_at_the_witnesses(statement: Bound) -> Outcome:
    """Proved if at each witness its hypothesis certainly fails and left > right certainly."""
    shown = []
    with Balls(256) as ctx:
        for hypothesis in statement.where:
            if hypothesis.witness is None:
                continue
            call = f"STATEMENTS[{statement.id!r}] at {dict(hypothesis.witness)}"
            point = {
                name: value if isinstance(value, int | tuple | list) else ctx.number(value)
                for name, value in hypothesis.witness.items()
            }
            if not hypothesis.margin(ctx, **point) <= 0:
                return refuted(f"{call}: {hypothesis.name} does not fail there")
            if not statement.left(ctx, **point) > statement.right(ctx, **point):
                return refuted(f"{call}: the claim does not fail there")
            shown.append(hypothesis.name)
    return proved(len(shown), witnesses=tuple(shown), detail=f"fails without {', '.join(shown)}")


def register(statement: Bound) -> None:
    """Add the check of a statement's witnesses as evidence (a step: it proves no claim)."""

    def hypotheses_are_needed(run: Run) -> Outcome:
        """At the witness of each hypothesis the claim certainly fails."""
        del run
        return claim_fails_at_the_witnesses(statement)

    EVIDENCE.add(
        Evidence(statement, "hypotheses-are-needed", "certified", "step", hypotheses_are_needed)
    )


for stated in STATEMENTS:
    if isinstance(stated, Bound) and any(h.witness is not None for h in stated.where):
        register(stated)
