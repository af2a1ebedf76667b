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
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
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

    Classes that take neither, such as circuits, stay as they are.
    """

    def __init__(self, implementation: Any, dtype: str, device: str) -> None:
        self.__name__ = implementation.__name__
        self._implementation, self._dtype, self._device = implementation, dtype, device

    def __getattr__(self, name: str) -> Any:
        import torch

        made = getattr(self._implementation, name)
        if not isinstance(made, type) or "dtype" not in signature(made).parameters:
            return made
        return partial(made, dtype=getattr(torch, self._dtype), device=self._device)


def implementation_of(plan: Plan) -> Any:
    """The namespace that holds the public names of the implementation under test."""
    module = import_module(plan.implementation)
    if (plan.dtype, plan.device) == ("float64", "cpu"):
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


def run_many(
    evidence_ids: Sequence[str], plan: Plan, pool: Callable[[], Executor]
) -> Iterator[tuple[str, Record]]:
    """Run evidence over executors made by `pool`, yielding records as they are done.

    When a worker dies, whatever was under way is a suspect and is run again, each in a pool of its
    own; the one whose worker dies there too is an error, the others lose nothing.
    """
    left = list(evidence_ids)
    while left:
        suspects: list[str] = []
        with pool() as executor:
            futures: dict[Future[Record], str] = {
                executor.submit(run_one, evidence_id, plan): evidence_id for evidence_id in left
            }
            try:
                while futures:
                    done, _ = wait(futures, return_when=FIRST_COMPLETED)
                    for future in done:
                        record = future.result()
                        evidence_id = futures.pop(future)
                        left.remove(evidence_id)
                        yield evidence_id, record
            except BrokenProcessPool:
                # Only the first few in the queue can have been under way.
                suspects = list(futures.values())[: 2 * (os.cpu_count() or 1) + 2]
            except BaseException:
                executor.shutdown(wait=False, cancel_futures=True)
                raise
        for evidence_id in suspects:
            left.remove(evidence_id)
            yield evidence_id, run_alone(evidence_id, plan, pool)


def run_alone(evidence_id: str, plan: Plan, pool: Callable[[], Executor]) -> Record:
    """Run one suspect in a pool of its own; an error if its worker dies."""
    with pool() as executor:
        try:
            return executor.submit(run_one, evidence_id, plan).result()
        except BrokenProcessPool:
            evidence = rooms.evidence()[evidence_id]
            outcome = Outcome(status="error", detail="its worker process died twice")
            return record_of(evidence, outcome, seed_of(plan.seed, evidence_id), 0.0)
