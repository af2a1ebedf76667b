"""The argument end to end: every number linked, nothing assumed or derived shown as verified."""

import json
from dataclasses import replace

import pytest

from hardposterior import hardness, hardness_network, hardness_sampling, rooms, well_modeled
from hardposterior.command import main
from hardposterior.hardness_links import steps_of
from hardposterior.impl.arguments import InvalidArgument

STEPS = [
    "the function",
    "the calibrated prior",
    "the score network",
    "a network for every n, m and C",
    "sampling the prior is easy",
    "sampling the posterior inverts",
    "what is assumed, and what follows",
    "rejection sampling",
]


@pytest.fixture(scope="module")
def links():
    return hardness("goldreich", 12, 2.0)


def named(links, name):
    (found,) = [link for link in links if link.name == name and "every n" not in link.step]
    return found


def test_every_link_has_a_statement_and_its_evidence(links):
    assert steps_of(links) == STEPS
    for link in links:
        statement = rooms.statements()[link.statement]
        assert link.evidence == [e.id for e in rooms.evidence_of(statement)]
        assert link.evidence or link.form == "assumed"


def test_nothing_assumed_or_derived_is_shown_as_verified(links):
    for link in links:
        if link.form == "derived":
            assert link.how == "derived"
            assert link.status.startswith("derived from")
        if link.form == "assumed":
            assert link.how == link.status == "assumed"
    follows = named(links, "follows")
    assert follows.status.endswith("under the assumption one-way-functions.exist")
    assert "that nothing as fast as the sampler finds" in named(links, "assumed").text


def test_numbers_are_those_of_the_chain(links):
    assert named(links, "any (1/10, 1/10)-sampler").value >= 0.79
    assert named(links, "any (1/10, 1/10)-sampler").how == "proved here"
    assert named(links, "exact scores' error").value == pytest.approx(0.5 * 24.0**-2)
    assert 0 < named(links, "closeness").value < 0.2
    assert named(links, "proposals a draw").value > 12
    assert named(links, "guaranteed").value > named(links, "proposals a draw").value
    assert named(links, "neurons").value > 1000


def test_the_explicit_network_is_certified_at_every_size(links):
    explicit = {link.name: link for link in links if link.step == "a network for every n, m and C"}
    assert explicit["score error"].value == pytest.approx(24.0**-2)
    assert "relu-score/" in explicit["score error"].evidence[0]
    assert explicit["any (1/10, 1/10)-sampler of it"].value > 0.79
    assert explicit["parameters"].value > named(links, "parameters").value


def test_a_table_is_a_control_for_which_nothing_is_assumed():
    links = hardness("random-table", 2, 1.0, m=3)
    assert "nothing: the table is given, and search tries 4 words" in named(links, "assumed").text
    assert named(links, "follows").text == "nothing, as nothing is assumed"


def test_a_target_too_easy_promises_nothing(monkeypatch):
    link = named(hardness("random-table", 2, 0.0), "closeness")
    assert link.value == 1
    assert link.text.startswith("nothing is promised, as the last levels are below the certified")
    monkeypatch.setattr(hardness_sampling, "TAU", 1.0)
    link = named(hardness("random-table", 1, 1.0), "closeness")
    assert link.value == 1
    assert link.text.startswith("nothing is promised, as delta would exceed 1")


def test_the_built_network_is_certified_at_every_level(links):
    error = named(links, "score error")
    assert error.how == "proved here"
    assert 0 < error.value <= 24.0**-2
    assert error.statement in ("relu-score-small-noise", "relu-score-large-noise")


def test_a_network_too_accurate_to_build_is_not_counted(monkeypatch):
    def too_many(*_, **__):
        raise InvalidArgument("error = 1e-29: must be large enough for 4194304 cells")

    monkeypatch.setattr(hardness_network, "well_modeled", too_many)
    for C in (2.0, 0.0):
        links = hardness("random-table", 2, C)
        assert named(links, "neurons").value == "not built"
        assert named(links, "neurons").how == "not certified here"


def test_a_certificate_that_misses_is_not_shown_as_proved(monkeypatch):
    def worse(circuit, C):
        found = well_modeled(circuit, C=C)
        return replace(found, certificate=replace(found.certificate, fails_at=0.25))

    monkeypatch.setattr(hardness_network, "well_modeled", worse)
    error = named(hardness("random-table", 2, 1.0), "score error")
    assert (error.value, error.how) == ("not certified", "not certified here")
    assert error.text == "not below d^-1 = 0.25 at sigma = 0.25"


def test_the_command_prints_and_writes_the_links(tmp_path, capsys):
    file = tmp_path / "links.json"
    arguments = ["--function", "sha256", "--rounds", "2", "--n", "6", "--C", "1.5"]
    assert main(["hardness", *arguments, "--json", str(file)]) == 0
    said = capsys.readouterr().out
    for part in (
        *STEPS,
        "SHA-256 of 6 bits (2 rounds, first 6 digest bits)",
        "lower-bound: derived",
    ):
        assert part in said
    content = json.loads(file.read_text())
    assert [content[k] for k in ("function", "n", "C")] == ["sha256", 6, 1.5]
    assert len(content["links"]) > 15
    for link in content["links"]:
        assert link["statement"] in said
        assert link["text"] in said
        assert set(link["evidence"]) == {
            e.id for e in rooms.evidence_of(rooms.statements()[link["statement"]])
        }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("sha256", "--n", "0", "--C", "2"), "n = 0: must be"),
        (("random-table", "--n", "17", "--C", "2"), "n = 17: must be an integer in [1, 16]"),
        (("goldreich", "--n", "8", "--C", "-1"), "C = -1.0: must be in [0"),
        (("goldreich", "--n", "8", "--C", "nan"), "C = nan"),
        (("goldreich", "--n", "8"), "required: --C"),
        (("goldreich", "--n", "8", "--m", "0", "--C", "2"), "m = 0"),
        (("sha256", "--n", "8", "--rounds", "65", "--C", "2"), "rounds = 65"),
        (("nothing", "--n", "8", "--C", "2"), "invalid choice"),
    ],
)
def test_bad_arguments_are_one_line(arguments, message, capsys):
    assert main(["hardness", "--function", *arguments]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1


def test_a_path_that_cannot_be_written_is_told_before_the_work(tmp_path, capsys):
    arguments = ["--function", "goldreich", "--n", "8", "--C", "2", "--json", str(tmp_path)]
    assert main(["hardness", *arguments]) == 2
    assert "json = " in capsys.readouterr().err
