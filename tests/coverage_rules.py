"""What a statement owes its readers besides a status: two kinds, a tightness, needed hypotheses."""

from hardposterior import rooms
from hardposterior.ledger import status_of
from hardposterior.runner import Record
from hardposterior.spec.evidence import PROOFS, Evidence
from hardposterior.spec.statements import Bound, Identity, Statement

SEARCH, WITNESSES = "no-counterexample-at-60-digits", "hypotheses-are-needed"

TIGHT = {
    "vertex-score": "quadrature-for-one-bit-stays-below-the-bound",
    "relu-gates.range": "no-fractional-input-leaves-the-unit-interval",
    "relu-gates.neurons": "implemented-neurons-stay-in-their-range",
    "relu-gates.polynomial": "drawn-netlists-stay-below-the-polynomial",
    "relu-gates.exact": "drawn-netlists-have-small-partial-sums",
    "relu-score-small-noise": "quadrature-stays-below-the-bound",
    "relu-score-small-noise.everywhere": "quadrature-stays-below-the-bound",
    "relu-score-small-noise.both-phases": "quadrature-stays-below-the-bound",
}
"""The evidence that says how tight a bound is, where the search at 60 digits does not."""

NEEDED = {
    "relu-sign": "clamp-is-no-bit-at-the-witness",
    "relu-selection.exact": "selection-is-not-exact-at-the-witness",
    "piecewise-linear-score.waves": "wave-leaves-the-distance-at-the-witness",
}
"""The evidence that an identity fails at the witness of its hypothesis."""


def needed(statement: Statement) -> set[str]:
    """The hypotheses that have a witness."""
    return {h.name for h in statement.where if h.witness is not None}


def says_how_tight(piece: Evidence) -> bool:
    """Whether a ratio of the two sides is due from this evidence."""
    statement = piece.statement
    return isinstance(statement, Bound) and piece.name == TIGHT.get(statement.id, SEARCH)


def shows_what_is_needed(piece: Evidence) -> bool:
    """Whether the failures at all witnesses are due from this evidence."""
    return piece.name == NEEDED.get(piece.statement.id, WITNESSES)


def debts(statement: Statement, pieces: list[Evidence]) -> list[str]:
    """What a statement lacks, as far as its evidence can be judged without being run."""
    found = []
    if isinstance(statement, Bound | Identity) and len({e.kind for e in pieces}) < 2:
        found.append("a second kind of evidence")
    if isinstance(statement, Bound) and not any(map(says_how_tight, pieces)):
        found.append("a tightness")
    if needed(statement) and not any(map(shows_what_is_needed, pieces)):
        found.append("a failure at its witnesses")
    return found


def due(piece: Evidence, record: Record) -> list[str]:
    """What an outcome lacks of what is due from its evidence."""
    found = []
    if says_how_tight(piece) and record["tightness"] is None:
        found.append("a tightness")
    if shows_what_is_needed(piece) and set(record["witnesses"]) != needed(piece.statement):
        found.append("a failure at its witnesses")
    return found


def promised(statement: Statement) -> str:
    """The status of a statement whose evidence all holds: `test_evidence` holds that it does."""
    return status_of(
        statement,
        [
            {"kind": e.kind, "scope": e.scope, "status": "proved" if e.kind in PROOFS else "held"}
            for e in rooms.evidence_of(statement)
        ],
    )
