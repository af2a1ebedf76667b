"""Where evidence runs and in which precision changes no outcome, or says so; what rests on what."""

import json
import os
import subprocess
import sys
from concurrent.futures import Executor, Future
from pathlib import Path

import pytest
import torch

from hardposterior import provenance, rooms, verification
from hardposterior.ledger import Ledger, undermined
from hardposterior.runner import OWN, Placed, Plan, implementation_of, run_many, run_one
from hardposterior.usage import UsageError

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


CLUSTER = """
import sys, time
from distributed import LocalCluster

if __name__ == "__main__":
    threads = int(sys.argv[1])
    with LocalCluster(
        n_workers=2, threads_per_worker=threads, processes=True, dashboard_address=None
    ) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def cluster(tmp_path):
    """Starts a local Dask cluster of two workers with some threads; gives its address."""
    pytest.importorskip("distributed")
    (tmp_path / "cluster.py").write_text(CLUSTER)
    running = []

    def start(threads):
        process = subprocess.Popen(
            [sys.executable, str(tmp_path / "cluster.py"), str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        running.append(process)
        return process.stdout.readline().strip()

    yield start
    for process in running:
        process.communicate(timeout=60)  # closes its stdin, which ends it


def verify(*arguments):
    """The command in a process of its own."""
    command = [sys.executable, "-m", "hardposterior", "verify", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def outcomes(path):
    """A ledger without its times."""
    data = json.loads(Path(path).read_text())
    for record in data["outcomes"].values():
        record.pop("seconds")
    return data


def test_a_dask_cluster_gives_the_same_ledger_today_and_after_a_restart(tmp_path, cluster):
    ids = ["discretized-gaussian", "lattice-density.space"]
    verification.verify(ids, Plan(seed=3), path=tmp_path / "one.json")
    for time in ("today", "restarted") if PROFILE == "thorough" else ("today",):
        path = tmp_path / f"{time}.json"
        done = verify(*ids, "--seed", 3, "--json", path, "--dask", cluster(1))
        assert (done.returncode, done.stderr) == (0, "")
        assert outcomes(path) == outcomes(tmp_path / "one.json")


@pytest.mark.skipif(PROFILE != "thorough", reason="starts a cluster")
def test_workers_of_several_threads_are_refused(tmp_path, cluster):
    done = verify(SCORE, "--json", tmp_path / "l.json", "--dask", cluster(2))
    assert done.returncode == 2
    assert "must have workers, of one thread each; they have [2, 2]" in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr


@pytest.mark.parametrize(
    ("workers", "message"),
    [
        ([], "must have workers, of one thread each; they have []"),
        ([(1, "ours"), (4, "ours")], "must have workers, of one thread each; they have [1, 4]"),
        ([(1, "ours"), (1, "theirs")], "must have workers that run these sources"),
        (OSError("no answer\nat all"), "must be a scheduler that answers (OSError: no answer)"),
        (ModuleNotFoundError("No module named 'distributed'"), "or install hardposterior[dask]"),
    ],
)
def test_a_cluster_that_cannot_be_used_is_bad_usage(monkeypatch, workers, message):
    def answer(_, call):
        if isinstance(workers, Exception):
            raise workers
        return [(threads, call() if whose == "ours" else "other") for threads, whose in workers]

    monkeypatch.setattr("hardposterior.runner.dask_workers", answer)
    with pytest.raises(UsageError) as seen:
        verification.check_cluster("tcp://127.0.0.1:8786")
    assert message in str(seen.value)
    assert "\n" not in str(seen.value)


def test_dask_is_not_mixed_up_with_other_workers():
    with pytest.raises(UsageError, match="jobs = 2: must be left out with dask"):
        verification.verify([SCORE], jobs=2, dask="tcp://127.0.0.1:8786")
    with pytest.raises(UsageError, match="must be a scheduler's address, tcp://HOST:PORT"):
        verification.verify([SCORE], dask="nowhere")


class Failing(Executor):
    """An executor whose tasks all end in one way."""

    def __init__(self, error):
        self.error = error

    def submit(self, *_):
        future = Future()
        if self.error is None:
            future.cancel()
            future.set_running_or_notify_cancel()
        else:
            future.set_exception(self.error)
        return future


def test_a_worker_that_fails_is_an_error_and_a_lost_cluster_ends_the_run(monkeypatch):
    records = list(run_many([SCORE], Plan(), lambda: Failing(RuntimeError("killed"))))
    assert [(key, r["status"], r["detail"]) for key, r in records] == [
        (SCORE, "error", "its worker failed (RuntimeError)")
    ]
    monkeypatch.setattr("hardposterior.runner.dask_workers", lambda _, call: [(1, call())])
    monkeypatch.setattr("hardposterior.runner.dask_pool", lambda _: Failing(None))
    with pytest.raises(UsageError, match="the cluster was lost; run again to resume"):
        verification.verify([SCORE], dask="tcp://127.0.0.1:8786")
