"""The claims themselves at high precision: both sides evaluated, no implementation involved.

A counterexample here refutes the statement, not the code.
"""

from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from hardposterior.properties.arithmetic import Decimals
from hardposterior.properties.search import search
from hardposterior.spec.catalogue import STATEMENTS
from hardposterior.spec.evidence import EVIDENCE, Evidence, Outcome, Run
from hardposterior.spec.statements import Bound, Identity, Statement, holds

DIGITS = 60


def claim_holds(identifier: str, **parameters: Any) -> float:
    """left / right of a bound, or |left - right| / (1e-30 scale) of an identity, at 60 digits.

    The scale of an identity is the larger side, but at least 1e-20. Cases that break a hypothesis,
    or whose sides lie below the working precision, are not counted.
    """
    statement = STATEMENTS[identifier]
    if not isinstance(statement, Bound | Identity):
        raise TypeError(f"{identifier} has no two sides")
    ctx = Decimals(DIGITS)
    numbers = {name: convert(ctx, value) for name, value in parameters.items()}
    assume(holds(ctx, statement, **numbers))
    left = statement.left(ctx, **numbers)
    right = statement.right(ctx, **numbers)
    if isinstance(statement, Identity):
        scale = max(abs(left), abs(right), ctx.number("1e-20"))
        return float(abs(left - right) / (ctx.number("1e-30") * scale))
    assume(abs(right) > ctx.number("1e-40"))
    return float(left / right) if right > 0 else float("inf")


def convert(ctx: Decimals, value: Any) -> Any:
    """Numbers of the context, also inside a sequence; integers stay what they are."""
    if isinstance(value, list | tuple):
        return [convert(ctx, item) for item in value]
    return value if isinstance(value, int) else ctx.number(value)


def register(statement: Statement, cases: st.SearchStrategy[dict[str, Any]], examples: int) -> None:
    """Add the search for a counterexample to `statement` over `cases` as evidence."""

    def no_counterexample_at_60_digits(run: Run) -> Outcome:
        """Both sides at 60 digits on cases that Hypothesis draws, favouring edges."""
        return search(
            run,
            claim_holds,
            cases.map(lambda case: {"identifier": statement.id, **case}),
            examples=run.size(examples, 2 * examples, 20 * examples),
            on_implementation=False,
            tightness=isinstance(statement, Bound),
        )

    EVIDENCE.add(
        Evidence(
            statement,
            "no-counterexample-at-60-digits",
            "property",
            "box",
            no_counterexample_at_60_digits,
        )
    )
