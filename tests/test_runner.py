"""In which precision evidence runs, what rests on what, and what a ledger was made of."""

import json
import os
import subprocess

import pytest
import torch

from hardposterior import provenance, rooms, verification
from hardposterior.ledger import Ledger, undermined
from hardposterior.runner import OWN, Placed, Plan, implementation_of, run_one

PROFILE = os.environ.get("HARDPOSTERIOR_PROFILE", "dev")

SCORE = "lattice-denoiser.score/implemented-score-is-periodic"
DRAWS = "discretized-gaussian/draws-of-the-implementation-follow-the-table"


class Namespace:
    """An implementation of one class."""

    __name__ = "theirs"

    def __init__(self, made):
        self.Made = made


class Obeys:
    def __init__(self, *, dtype=torch.float64, device=None):
        self.dtype, self.device = dtype, device


class ObeysWithoutDevice:
    def __init__(self, dtype=torch.float64):
        self.dtype = dtype


class Swallows:
    """Takes every keyword and stays in double precision."""

    dtype = torch.float64

    def __init__(self, **options):
        pass


class SwallowsAndHides:
    def __init__(self, **options):
        pass


class Ignores:
    """Takes a dtype and stays in double precision."""

    def __init__(self, dtype=torch.float64):  # noqa: ARG002
        self.dtype = torch.float64


class TakesNone:
    """Like a circuit."""


def built(made, dtype="float32"):
    return Placed(Namespace(made), dtype, "cpu").Made()


def test_a_class_is_built_with_the_dtype_and_device():
    found = built(Obeys)
    assert (found.dtype, found.device) == (torch.float32, "cpu")
    assert built(ObeysWithoutDevice).dtype == torch.float32
    assert isinstance(built(TakesNone), TakesNone)
    assert built(Swallows, "float64").dtype == torch.float64


def test_a_dtype_of_none_is_the_one_asked_for():
    assert Placed(Namespace(Obeys), "float32", "cpu").Made(dtype=None).dtype == torch.float32


@pytest.mark.parametrize("made", [Swallows, SwallowsAndHides, Ignores])
def test_a_class_that_ignores_the_dtype_is_seen(made):
    with pytest.raises(TypeError, match=f"{made.__name__} was asked for torch.float32 and has"):
        built(made)


SWALLOWING = """
from hardposterior.impl import DiscretizedGaussian as Right

def DiscretizedGaussian_made(*a, **options):
    return Right(*a)

class DiscretizedGaussian(Right):
    def __init__(self, *a, **options):
        super().__init__(*a)
"""


@pytest.mark.parametrize(("dtype", "status"), [("float64", "held"), ("float32", "error")])
def test_evidence_in_a_precision_that_is_ignored_is_an_error(tmp_path, monkeypatch, dtype, status):
    (tmp_path / "swallowing.py").write_text(SWALLOWING)
    monkeypatch.syspath_prepend(str(tmp_path))
    record = run_one(DRAWS, Plan(implementation="swallowing", dtype=dtype))
    assert record["status"] == status, record
    if status == "error":
        assert "was asked for torch.float32 and has dtype torch.float64" in record["detail"]


def test_another_implementation_is_placed_in_double_precision_too():
    assert isinstance(implementation_of(Plan(implementation="hardposterior.impl.lattice")), Placed)
    assert not isinstance(implementation_of(Plan()), Placed)
    assert Plan().implementation == OWN


def test_what_rests_on_a_refuted_statement_is_marked_at_any_depth():
    own = {
        "a": "refuted",
        "b": "proved",
        "c": "derived",
        "d": "held",
        "e": "undecided",
        "f": "held",
    }
    depends = {"a": (), "b": ("a",), "c": ("b",), "d": (), "e": ("a",), "f": ("missing",)}
    mark = "rests on a refuted one"
    assert undermined(own, depends) == {**own, "b": mark, "c": mark}
    assert undermined({**own, "a": "undecided"}, depends) == {**own, "a": "undecided"}


def test_the_ledger_of_a_whole_run_marks_dependants():
    book = Ledger(Plan(), [e.id for e in rooms.evidence()])
    for evidence in rooms.evidence():
        fell = evidence.statement.id == "lattice-smoothing"
        book.outcomes[evidence.id] = {
            "statement": evidence.statement.id,
            "kind": evidence.kind,
            "scope": evidence.scope,
            "status": "refuted" if fell else "held",
        }
    found = verification.statuses(book)
    above = [s.id for s in rooms.statements() if "lattice-smoothing" in s.depends]
    assert above
    assert {found[name] for name in above} == {"rests on a refuted one"}
    assert found["discretized-gaussian"] == "held"


def test_the_ledger_says_what_made_it(tmp_path):
    book = verification.verify([SCORE], Plan(seed=5, dtype="float32"), path=tmp_path / "l.json")
    data = json.loads((tmp_path / "l.json").read_text())
    assert data["plan"] == {
        "seed": 5,
        "profile": "dev",
        "implementation": OWN,
        "dtype": "float32",
        "device": "cpu",
    }
    assert data["outcomes"][SCORE]["seed"] > 0
    assert {"python", "torch", "hypothesis", "hardposterior"} <= data["versions"].keys()
    assert data["commit"] == book.commit


@pytest.mark.parametrize("state", ["tracked", "changed", "strange"])
def test_the_commit_is_that_of_the_sources(tmp_path, monkeypatch, state):
    def git(*arguments):
        who = ["-c", "user.name=n", "-c", "user.email=e@x"]
        command = ["git", *who, "-C", str(tmp_path), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    for key in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(key)
    source = tmp_path / "provenance.py"
    source.write_text("first")
    git("init", "-q")
    (tmp_path / "other").write_text("")
    git("add", "other" if state == "strange" else ".")
    git("commit", "-q", "-m", "m")
    head = git("rev-parse", "HEAD")
    if state == "changed":
        source.write_text("second")
    monkeypatch.setattr(provenance, "__file__", str(source))
    wanted = {"tracked": head, "changed": f"{head} + changes", "strange": None}
    assert provenance.commit() == wanted[state]


def test_a_file_in_a_folder_of_a_room_counts_among_the_sources(tmp_path, monkeypatch):
    (tmp_path / "audit").mkdir()
    monkeypatch.setattr(provenance, "room_folders", lambda: [str(tmp_path)])
    before = provenance.fingerprint()
    (tmp_path / "audit" / "new.py").write_text("x = 1")
    assert provenance.fingerprint() != before
