"""Where evidence runs changes no outcome, or says so: a Dask cluster, workers that fail."""

import json
import os
import subprocess
import sys
from concurrent.futures import Executor, Future
from pathlib import Path

import pytest

from hardposterior import verification
from hardposterior.runner import Plan, run_many
from hardposterior.usage import UsageError

PROFILE = os.environ.get("HARDPOSTERIOR_PROFILE", "dev")
SCORE = "lattice-denoiser.score/implemented-score-is-periodic"

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
