"""What fuzzing found, each as a test of its own: one line and exit code 2, no file changed."""

import json

import pytest
from fuzz_calls import CALLS
from fuzz_rules import READING, contents, given_folder, held_to_the_rules, refilled

from hardposterior import command, ledger, verification
from hardposterior.usage import UsageError

DEEP_JSON = "[" * 99_999
DEEP_TOML = "k = " + "[" * 9999
INSTANCE = (
    "--instance instance.json --y y.json --count 2 --max-proposals 3000 --out new.safetensors"
)
RECORD = {
    "statement": "a", "name": "b", "kind": "property", "scope": "whole", "status": "held",
    "detail": "", "counterexample": None, "cases": 1, "seed": 0, "seconds": 0.1,
    "tightness": None, "p_value": None, "witnesses": [], "certificate": None,
}  # fmt: skip


@pytest.fixture(scope="module")
def given_files(tmp_path_factory):
    with given_folder(tmp_path_factory.mktemp("given"), audits=False) as folder:
        yield folder


@pytest.fixture
def refused(given_files, tmp_path, capsys):
    """Asserts that a call is refused in one line, with the folder as it was; gives the line."""
    folder = refilled(tmp_path / "scratch", given_files)

    def said(*arguments, **files):
        for name, content in files.items():
            (folder / name.replace("__", "/").replace("_", ".")).write_text(content)
        before = contents(folder)
        capsys.readouterr()
        assert command.main(list(arguments)) == 2
        line = capsys.readouterr().err
        assert line.count("\n") == 1
        assert line.startswith("hardposterior: ")
        assert contents(folder) == before
        return line

    return said


def test_a_message_about_two_lines_is_one_line(refused):
    assert "'a\\nb'" in refused("show", "a\nb")
    assert "a b" in refused("list", "--a\nb")


@pytest.mark.parametrize("call", ["verify --json=--", "sample --function=--", "network --sigma=--"])
def test_an_option_is_not_given_by_two_dashes(refused, call):
    assert "must be followed by a value" in refused(*call.split())


@pytest.mark.parametrize(
    ("call", "option"),
    [(call, option) for call, writes, _ in CALLS.values() for option in (*writes, *READING)
     if option in call] + [(["show", "lattice-smoothing", "--json", "x"], "--json")],
)  # fmt: skip
def test_a_name_that_is_too_long_for_a_file(refused, call, option):
    spoilt = [word for word in call if "baseline" not in word or option == "--baseline"]
    spoilt[spoilt.index(option) + 1] = "x" * 300
    assert option[2:] in refused(*spoilt)


def test_half_an_option_names_no_file_to_write(refused):
    call = "network --function random-table --n 3 --m 2 --sigma 0.5 --C 1 --e written.onnx"
    assert "unrecognized arguments: --e" in refused(*call.split())


def test_an_argument_has_no_null_character(refused):
    assert "must be without null characters" in refused("show", "a\0b")


@pytest.mark.parametrize("name", ["instance_json", "y_json", "circuit_json"])
def test_deep_json_is_no_instance(refused, name):
    refused("posterior", *INSTANCE.split(), **{name: DEEP_JSON})


@pytest.mark.parametrize("name", ["challenge", "manifest", "circuit", "calibration"])
def test_deep_json_is_no_challenge(refused, name):
    files = {f"problem__{name}_json": DEEP_JSON}
    refused("challenge", "check", "problem", "--solution", "secret.json", **files)


def test_deep_json_is_no_ledger_no_baseline_no_certificate(refused):
    refused("show", "acceptance", "--json", "ledger.json", ledger_json=DEEP_JSON)
    refused("audit", "json:loads", "--baseline", "deep.json", deep_json=DEEP_JSON)
    refused("well-modeled", "--recheck", "deep.json", deep_json=DEEP_JSON)


@pytest.mark.parametrize(
    "outcome",
    [
        3, None, [], {}, {**RECORD, "status": "fine"}, {**RECORD, "more": 1},
        {**RECORD, "cases": True}, {**RECORD, "seconds": "1"},
        {key: RECORD[key] for key in RECORD if key != "detail"},
    ],
)  # fmt: skip
def test_a_ledger_of_no_outcomes_is_no_ledger(refused, outcome):
    found = {
        "kind": "hardposterior-ledger", "schema": ledger.SCHEMA, "complete": True, "plan": {},
        "sources": "", "versions": {}, "outcomes": {"a/b": outcome},
    }  # fmt: skip
    content = json.dumps(found)
    assert "must be a new file or a ledger" in refused(
        "show", "acceptance", "--json", "other.json", other_json=content
    )
    assert ledger.is_record(RECORD)


@pytest.mark.parametrize("outcomes", [3, None, [], "x"])
def test_a_ledger_whose_outcomes_are_no_table_is_no_ledger(refused, outcomes):
    found = {"kind": "hardposterior-ledger", "schema": ledger.SCHEMA, "outcomes": outcomes}
    found |= {"complete": True, "plan": {}, "sources": "", "versions": {}}
    content = json.dumps(found)
    refused("show", "acceptance", "--json", "other.json", other_json=content)


@pytest.mark.parametrize("secret", ["new", "new/secret.json", "./new/../new/challenge.json"])
def test_a_secret_is_not_planted_over_its_challenge(refused, secret):
    call = "challenge new --function random-table --n 3 --C 1 --out new --planted-secret"
    assert "must lie outside" in refused(*call.split(), secret)


@pytest.mark.parametrize(
    "call",
    [
        f"posterior {INSTANCE} --out ./y.json", f"posterior {INSTANCE} --out instance.json",
        "network --instance instance.json --sigma 0.5 --export instance.json",
        "audit json:loads --known known.toml --json known.toml",
        "audit json:loads --baseline baseline.json --html baseline.json",
        "audit json:loads --json new.json --html new.json",
        "verify lattice-density.space --json new.json --html new.json",
    ],
)  # fmt: skip
def test_no_command_writes_over_what_it_reads_or_writes(refused, call):
    audit = {"kind": "hardposterior-audit", "schema": 1, "void": False, "verdicts": []}
    assert "must not be the file of" in refused(*call.split(), baseline_json=json.dumps(audit))


@pytest.mark.parametrize(
    "content",
    [
        DEEP_TOML, "known = 3", "[[known]]", 'known = ["a/b"]', '[known]\n"a/b" = 1',
        '[known]\n"a/b" = " "', '[known]\nab = "why"', '[known."a/b"]\nwhy = "x"', "", "[known",
    ],
)  # fmt: skip
def test_known_failures_are_a_table_of_reasons(refused, content):
    said = refused("audit", "json:loads", "--known", "known.toml", known_toml=content)
    assert "known = 'known.toml': must be a TOML file" in said


@pytest.mark.parametrize("jobs", ["1025", str(2**31), "9" * 20, "9" * 5000, "0"])
@pytest.mark.parametrize("call", ["verify acceptance", f"posterior {INSTANCE}"])
def test_jobs_are_as_many_as_the_system_can_count(refused, call, jobs):
    assert "--jobs" in refused(*call.split(), "--jobs", jobs)


def test_jobs_are_limited_for_callers_too():
    with pytest.raises(UsageError, match=r"jobs = 1025: must be an integer in \[1, 1024\]"):
        verification.verify(["acceptance"], jobs=1025)


def test_a_file_whose_name_is_no_text_is_written_and_named(given_files, tmp_path, capsys):
    folder = refilled(tmp_path / "scratch", given_files)
    call = ["calibrate", "--n", "1", "--m", "1", "--C", "0.2", "--json", "\udcff.json"]
    assert held_to_the_rules(folder, capsys, call, ["--json"]) == 0
    assert json.loads((folder / "\udcff.json").read_bytes())["boxes"]
