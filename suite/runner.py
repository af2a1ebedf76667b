"""Running evidence: one piece in one worker, or many over an executor.

Workers receive names and numbers only (evidence id, seed, the implementation's module), never a
closure, so that the same call works in this process, in another, or on another machine.
"""

import dataclasses
import hashlib
import os
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from inspect import signature
from typing import Any

from hardposterior import rooms
from hardposterior.spec.evidence import Evidence, Outcome, Profile, Run

OWN = "hardposterior.impl"

Record = dict[str, Any]
"""One outcome as plain data, as the ledger keeps it."""


@dataclass(frozen=True)
class Plan:
    """What all workers of a run share."""

    seed: int = 0
    profile: Profile = "dev"
    implementation: str = OWN
    dtype: str = "float64"
    device: str = "cpu"


def seed_of(root: int, evidence_id: str) -> int:
    """The seed of one piece of evidence: it depends on the root seed and the id alone."""
    digest = hashlib.sha256(f"{root}/{evidence_id}".encode()).digest()
    return int.from_bytes(digest[:6], "big")


class Placed:
    """An implementation whose classes are built with a given dtype and device.

    Classes that take neither, such as circuits, stay as they are. One that takes a dtype, or any
    keyword, must have built what it was asked for: else it would be judged in another precision
    than the ledger says.
    """

    def __init__(self, implementation: Any, dtype: str, device: str) -> None:
        self.__name__ = implementation.__name__
        self._implementation, self._dtype, self._device = implementation, dtype, device

    def __getattr__(self, name: str) -> Any:
        import torch

        made = getattr(self._implementation, name)
        if not isinstance(made, type) or not takes(made, "dtype"):
            return made
        placed = {"dtype": getattr(torch, self._dtype), "device": self._device}
        return partial(built, made, placed)


def takes(made: type, name: str) -> bool:
    """Whether a class takes a keyword of this name, or any keyword at all."""
    parameters = signature(made).parameters
    return name in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def built(made: type, placed: dict[str, Any], *arguments: Any, **options: Any) -> Any:
    """An instance with dtype and device; `TypeError` if it has another dtype, or shows none."""
    given = {k: v for k, v in options.items() if k not in placed or v is not None}  # None: default
    options = {**{k: v for k, v in placed.items() if takes(made, k)}, **given}
    result = made(*arguments, **options)
    found = getattr(result, "dtype", "none to be seen")
    if found != options["dtype"]:
        raise TypeError(f"{made.__name__} was asked for {options['dtype']} and has dtype {found}")
    return result


def implementation_of(plan: Plan) -> Any:
    """The namespace that holds the public names of the implementation under test."""
    module = import_module(plan.implementation)
    if (plan.implementation, plan.dtype, plan.device) == (OWN, "float64", "cpu"):
        return module
    return Placed(module, plan.dtype, plan.device)


def missing_names(evidence: Evidence, implementation: Any) -> list[str]:
    """The public names that the evidence needs and the implementation lacks."""
    return [name for name in evidence.needs if not hasattr(implementation, name)]


def run_one(
    evidence_id: str, plan: Plan, progress: Callable[[int, int], None] | None = None
) -> Record:
    """Run one piece of evidence and return its record; whatever it raises becomes an `error`."""
    evidence = rooms.evidence()[evidence_id]
    seed = seed_of(plan.seed, evidence_id)
    started = time.perf_counter()
    try:
        implementation = implementation_of(plan)
        missing = missing_names(evidence, implementation)
        if missing:
            outcome = Outcome(status="not covered", detail=f"no {', '.join(missing)}")
        else:
            run = Run(seed, plan.profile, implementation, plan.dtype, plan.device)
            if progress is not None:
                run = dataclasses.replace(run, progress=progress)
            outcome = evidence.function(run)
    except (Exception, SystemExit) as error:  # a target that exits ends its row, not the run
        place = traceback.extract_tb(error.__traceback__)[-1]
        line = f"{type(error).__name__}: {error}".split("\n")[0]
        outcome = Outcome(status="error", detail=f"{line} ({place.name}, line {place.lineno})")
    return record_of(evidence, outcome, seed, time.perf_counter() - started)


def record_of(evidence: Evidence, outcome: Outcome, seed: int, seconds: float) -> Record:
    """An outcome, joined with what it is evidence of."""
    return {
        "statement": evidence.statement.id,
        "name": evidence.name,
        "kind": evidence.kind,
        "scope": evidence.scope,
        **dataclasses.asdict(outcome),
        "witnesses": list(outcome.witnesses),
        "seed": seed,
        "seconds": round(seconds, 3),
    }


def single_threaded() -> None:
    """Worker processes share the cores among themselves: one torch thread each."""
    import torch

    torch.set_num_threads(1)


def run_in_worker(evidence_id: str, plan: Plan) -> Record:
    """`run_one` with one torch thread, in whatever kind of worker."""
    single_threaded()
    return run_one(evidence_id, plan)


Pool = Callable[[], AbstractContextManager[Executor]]


@contextmanager
def dask_pool(address: str) -> Iterator[Executor]:
    """The workers of a Dask cluster as an executor. The one place that knows Dask."""
    from distributed import Client

    client = Client(address, timeout="10s", set_as_default=False)
    with client, client.get_executor() as executor:
        yield executor


def dask_workers(address: str, call: Callable[[], Any]) -> list[tuple[int, Any]]:
    """(threads, what `call()` gives) for each worker of a Dask cluster; raises what Dask raises."""
    from distributed import Client

    with Client(address, timeout="10s", set_as_default=False) as client:
        threads = client.nthreads()
        return [(threads[worker], found) for worker, found in client.run(call).items()]


def stop(executor: Executor) -> None:
    """Leave what is under way, and drop the rest."""
    try:
        executor.shutdown(wait=False, cancel_futures=True)
    except TypeError:  # Dask's knows no such argument, and drops all of it
        executor.shutdown(wait=False)


def run_many(evidence_ids: Sequence[str], plan: Plan, pool: Pool) -> Iterator[tuple[str, Record]]:
    """Run evidence over executors made by `pool`, yielding records as they are done.

    When a worker process dies, whatever was under way is a suspect and is run again, each in a pool
    of its own; the one whose worker dies there too is an error, the others lose nothing. A Dask
    cluster tries a lost task again by itself. Where it is lost as a whole, `CancelledError`.
    """
    left = list(evidence_ids)
    while left:
        suspects: list[str] = []
        with pool() as executor:
            futures: dict[Future[Record], str] = {
                executor.submit(run_in_worker, evidence_id, plan): evidence_id
                for evidence_id in left
            }
            try:
                while futures:
                    done, _ = wait(futures, return_when=FIRST_COMPLETED)
                    for future in done:
                        record = result_of(future, futures[future], plan)
                        evidence_id = futures.pop(future)
                        left.remove(evidence_id)
                        yield evidence_id, record
            except BrokenProcessPool:
                # Only the first few in the queue can have been under way.
                suspects = list(futures.values())[: 2 * (os.cpu_count() or 1) + 2]
            except BaseException:
                stop(executor)
                raise
        for evidence_id in suspects:
            left.remove(evidence_id)
            yield evidence_id, run_alone(evidence_id, plan, pool)


def result_of(future: Future[Record], evidence_id: str, plan: Plan) -> Record:
    """A worker's record; an error where the worker could not give one."""
    try:
        return future.result()
    except (BrokenProcessPool, CancelledError):
        raise
    except Exception as error:  # `run_one` raises nothing: the worker is to blame
        return lost(evidence_id, plan, f"its worker failed ({type(error).__name__})")


def lost(evidence_id: str, plan: Plan, detail: str) -> Record:
    """The record of evidence whose worker gave none."""
    outcome = Outcome(status="error", detail=detail)
    return record_of(rooms.evidence()[evidence_id], outcome, seed_of(plan.seed, evidence_id), 0.0)


def run_alone(evidence_id: str, plan: Plan, pool: Pool) -> Record:
    """Run one suspect in a pool of its own; an error if its worker dies."""
    with pool() as executor:
        try:
            return executor.submit(run_in_worker, evidence_id, plan).result()
        except BrokenProcessPool:
            return lost(evidence_id, plan, "its worker process died twice")
