"""A proof is no better than the claims that it rests on, and the ledger says so."""

from hardposterior import report, rooms
from hardposterior.derivations import conditional, conditions, premises


def test_premises_are_found_at_any_depth():
    statements = rooms.statements()
    for name, statement in ((s.id, s) for s in statements):
        found = premises(statement)
        assert set(statement.depends) <= set(found), name
        for below in found:
            assert set(statements[below].depends) <= set(found), name


def test_a_proof_from_a_weaker_claim_is_marked():
    found = dict.fromkeys((s.id for s in rooms.statements()), "proved")
    assert not conditions(found)
    found["closeness"] = "proved on a box"
    marked = conditions(found)
    assert set(marked) == {s.id for s in rooms.statements() if "closeness" in premises(s)}
    assert "closeness.triangle" in marked
    assert conditional("closeness.triangle", found) == "closeness (proved on a box)"
    card = report.card(rooms.statements()["closeness.triangle"], "proved", [], found)
    assert "Proved only as far as closeness (proved on a box)" in card
    assert "Proved only" not in report.card(rooms.statements()["closeness"], "held", [], found)


def test_definitions_and_what_was_not_looked_at_mark_nothing():
    assert not conditions({"closeness.triangle": "proved"})
    found = {"lattice-smoothing": "proved", "discretized-gaussian": "held"}
    assert "discretized-gaussian" in premises(rooms.statements()["lattice-smoothing"])
    assert not conditions(found)
