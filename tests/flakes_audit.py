"""False alarms of the audit: exact samplers, fresh seeds, one small problem. Not part of CI.

`make flakes` runs 1,000 audits at alpha = 1e-2, in process, and fails where more of them end
otherwise than `consistent` than Binomial(1000, 1e-2) allows at one in a million. A certificate's
limits are exact, so far fewer should: a rate of 5 % would be seen with a probability above 0.99.
An interrupted run resumes.
"""

import argparse
import json
import sys
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from hardposterior import audit, ledger, provenance
from hardposterior.properties.audit import intervals
from hardposterior.properties.audit.controls import exact_posterior
from hardposterior.properties.audit.problems import problems

PROBLEM = "mixture-2"
BUDGET = 0.1
"""Seconds of the sampler's time in one audit."""

FIRST = 20_000  # fresh: no test audits with such a seed


def blame(sampler, problem, alpha, seed):
    """The verdict where it is not `consistent`, in words; None otherwise."""
    found = audit(sampler, [problem], alpha=alpha, budget=BUDGET, seed=seed, controls=False)
    row = found.verdicts[0]
    return None if row.status == "consistent" else f"{row.status}: {row.detail}"


def false_alarms(audits, alpha, first=FIRST, path=None, watch=lambda done: None):
    """{seed: what an exact sampler was blamed for} among `audits` seeds from `first` on.

    With `path`, seeds of an earlier run of the same sources and alpha are taken over.
    """
    problem = problems(names=[PROBLEM])[PROBLEM]
    sampler = exact_posterior(problem)
    key = {"sources": provenance.fingerprint(), "alpha": alpha, "problem": PROBLEM}
    seen = {}
    if path is not None and path.exists():
        kept = json.loads(path.read_text(encoding="utf-8"))
        seen = kept["seen"] if all(kept[name] == key[name] for name in key) else {}
    for done, seed in enumerate(range(first, first + audits), start=1):
        if str(seed) not in seen:
            seen[str(seed)] = blame(sampler, problem, alpha, seed)
            if path is not None:
                ledger.write_atomically(path, json.dumps({**key, "seen": seen}) + "\n")
        watch(done)
    wanted = {seed: seen[str(seed)] for seed in range(first, first + audits)}
    return {seed: said for seed, said in wanted.items() if said is not None}


def allowed(audits, alpha):
    """The most false alarms that Binomial(audits, alpha) gives with probability 1 - 1e-6."""
    return intervals.least_hits(audits, alpha, 1e-6) - 1


def main():
    """Run what is missing; exit code 1 if an exact sampler is blamed too often."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--audits", type=int, default=1000)
    parser.add_argument("--alpha", type=float, default=1e-2)
    parser.add_argument("--first", type=int, default=FIRST, help="the first seed")
    parser.add_argument("--state", type=Path, default=Path("build/flakes_audit.json"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    console = Console()
    arguments.state.parent.mkdir(parents=True, exist_ok=True)
    shown = (TextColumn("audits"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    count, alpha = arguments.audits, arguments.alpha
    try:
        with Progress(*shown, console=console, transient=True) as progress:
            task = progress.add_task("audits", total=count)
            found = false_alarms(
                count, alpha, arguments.first, arguments.state,
                lambda done: progress.update(task, completed=done),
            )  # fmt: skip
    except KeyboardInterrupt:
        console.print(f"interrupted; run again to resume from {arguments.state}")
        return 130
    for seed, said in found.items():
        console.print(f"{seed}: {said}", soft_wrap=True)
    console.print(
        f"{len(found)} of {count} exact samplers blamed at alpha = {alpha:g}; "
        f"{allowed(count, alpha)} allowed"
    )
    return int(len(found) > allowed(count, alpha))


if __name__ == "__main__":
    sys.exit(main())
