"""`make flakes`: the statistical evidence under fresh seeds; its p-values must be super-uniform.

A check that raises a false alarm once in 10^6 runs cannot be seen to do so in 200 runs, but its
p-values can: Pr[p <= a] <= a must hold for every a. Per piece of evidence that is tested by the
one-sided Kolmogorov-Smirnov statistic and by binomial counts at `LEVELS`, each at `ALARM` over the
number of tests, so that a whole run with honest p-values fails with probability at most `ALARM`.
With 200 seeds and 20 pieces that sees Pr[p <= 0.01] = 0.10, Pr[p <= 0.1] = 0.28 or
Pr[p <= 0.5] = 0.74 with a probability above 0.9. A piece
without a p-value (it asks for power, say) must hold under every seed.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from concurrent.futures import as_completed
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from hardposterior import ledger, provenance, rooms
from hardposterior.runner import Plan, run_in_worker
from hardposterior.verification import process_pool

ALARM = 1e-6
LEVELS = (0.5, 0.1, 0.01)
FIRST = 10_000  # fresh: no test and no evidence runs with such a seed
State = dict[str, dict[str, Any]]


def main() -> int:
    """Run what is missing; exit code 1 if p-values are too small."""
    parser = argparse.ArgumentParser(prog="make flakes", description=__doc__.split("\n")[0])
    parser.add_argument("only", nargs="*", help="parts of evidence ids; default all statistical")
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=FIRST, help="the first seed")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--state", type=Path, default=Path("build/flakes.json"))
    arguments = parser.parse_args()
    console = Console()
    ids = [e.id for e in rooms.evidence() if e.kind == "statistical"]
    ids = [i for i in ids if not arguments.only or any(part in i for part in arguments.only)]
    seeds = range(arguments.first, arguments.first + arguments.seeds)
    state = earlier(arguments.state)
    # Seed by seed: an interrupted run has looked at every piece about equally often.
    todo = [(i, s) for s in seeds for i in ids if str(s) not in state.get(i, {})]
    arguments.state.parent.mkdir(parents=True, exist_ok=True)
    try:
        for identifier, seed, record in run_all(todo, arguments.jobs, console):
            kept = {key: record[key] for key in ("status", "p_value", "seconds", "detail")}
            state.setdefault(identifier, {})[str(seed)] = kept
            content = {"sources": provenance.fingerprint(), "state": state}
            ledger.write_atomically(arguments.state, json.dumps(content) + "\n")
    except KeyboardInterrupt:
        console.print(f"interrupted; run again to resume from {arguments.state}")
        return 130
    return report({i: state.get(i, {}) for i in ids}, console)


def earlier(path: Path) -> State:
    """What earlier runs of the same sources found."""
    if not path.exists():
        return {}
    content = json.loads(path.read_text(encoding="utf-8"))
    return dict(content["state"]) if content["sources"] == provenance.fingerprint() else {}


def run_all(
    todo: list[tuple[str, int]], jobs: int, console: Console
) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """(evidence id, seed, record) of every run as it is done."""
    shown = (TextColumn("seeds"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        Progress(*shown, console=console, transient=True) as progress,
        process_pool(jobs) as pool,
    ):
        task = progress.add_task("seeds", total=len(todo))
        futures = {pool.submit(run_in_worker, i, Plan(seed=s)): (i, s) for i, s in todo}
        try:
            for future in as_completed(futures):
                progress.advance(task)
                yield (*futures[future], future.result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def chances_of(p_values: list[float]) -> dict[str, float]:
    """How likely p-values at least as small are if they are super-uniform, test by test."""
    from scipy import stats

    found = float(stats.kstest(p_values, "uniform", alternative="greater").pvalue)
    chances = {f"Kolmogorov-Smirnov {found:.2g}": found}
    for level in LEVELS:
        hits = sum(p <= level for p in p_values)
        chance = float(stats.binom.sf(hits - 1, len(p_values), level))
        chances[f"{hits} of {len(p_values)} are <= {level} ({chance:.2g})"] = chance
    return chances


def faults_of(p_values: list[float], share: float) -> list[str]:
    """How p-values fail to be super-uniform, each test at level `share`."""
    return [said for said, chance in chances_of(p_values).items() if chance < share]


def report(state: State, console: Console) -> int:
    """A row for each piece, what is wrong with it, and the verdict."""
    table = Table("evidence", "runs", *(f"<= {a}" for a in LEVELS), "least", "not held", box=None)
    share = ALARM / max(1, len(state) * (1 + len(LEVELS)))
    wrong: dict[str, list[str]] = {}
    least_likely: list[tuple[float, str, str]] = []
    for identifier, runs in state.items():
        p_values = [r["p_value"] for r in runs.values() if r["p_value"] is not None]
        other = [r for r in runs.values() if r["status"] != "held"]
        counts = [str(sum(p <= level for p in p_values)) for level in LEVELS]
        least = f"{min(p_values):.2g}" if p_values else "-"
        table.add_row(identifier, str(len(runs)), *counts, least, str(len(other)))
        wrong[identifier] = faults_of(p_values, share) if p_values else []
        if p_values:
            tests = chances_of(p_values).items()
            least_likely += [(chance, identifier, said) for said, chance in tests]
        fell = {r["detail"] or r["status"] for r in other if r["p_value"] is None}
        if fell or not runs:
            wrong[identifier].append(f"not held, without a p-value ({'; '.join(sorted(fell))})")
    console.print(table)
    if least_likely:
        _, identifier, said = min(least_likely)
        console.print(
            f"least likely of {len(least_likely)} tests, each at {share:.2g}: {identifier}: {said}",
            soft_wrap=True,
        )
    bad = {identifier: said for identifier, said in wrong.items() if said}
    for identifier, said in bad.items():
        console.print(f"{identifier}: {', '.join(said)}"[:600], soft_wrap=True)
    console.print(
        f"{len(state)} pieces, {sum(map(len, state.values()))} runs: {len(bad)} with p-values "
        f"that are too small (false alarms of the whole: {ALARM:g})"
    )
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
