"""deepinv's samplers with defaults under the audit: `python benchmarks/audit_deepinv.py`.

Every sampler is audited on every problem as by `hardposterior audit hardposterior.deepinv_adapter:
NAME --problem PROBLEM`, in a process of its own. Besides the verdict the table shows, from the
draws at the y of the certificate, what went wrong: on a hard
instance the share of draws whose hidden bits explain y, with its exact 99 % interval and chance;
elsewhere the total variation of the mode weights. Resumes; prints why where deepinv is missing.
"""

import argparse
import datetime
import importlib.util
import json
import sys
from pathlib import Path

import torch

from hardposterior import audit, deepinv_adapter, impl, ledger, provenance
from hardposterior.properties.audit import intervals
from hardposterior.properties.audit.problems import problems

SAMPLERS = ("dps", "pigdm", "diffpir", "ddrm", "moment_matching")
PROBLEMS = ("mixture-8", "hard-table", "hard-goldreich")


def measured(name, problem_name, budget, seed):
    """One audit, as data, and what its draws show."""
    report = audit(f"{deepinv_adapter.__name__}:{name}", [problem_name], budget=budget, seed=seed)
    row = report.verdicts[0]
    kept = {
        "sampler": name, "problem": problem_name, "status": row.status, "void": report.void,
        "kinds": row.kinds, "detail": row.detail, "also": row.more,
        "draws": row.draws, "y": row.tried, "seconds": round(row.seconds, 1),
    }  # fmt: skip
    problem = problems(impl, [problem_name])[problem_name]
    if row.asked.endswith("(hidden bits)") and row.certificate:
        hits, trials, *_ = row.certificate.sampler
        kept["hidden bits"] = success(hits, trials, problem.chance)
    elif row.plots and row.plots["bars"]:
        bars = row.plots["bars"][0]
        if problem.hidden_bits is not None:
            hits = bars["sampler"][1] * bars["draws"]
            assert abs(hits - round(hits)) < 1e-6, (hits, bars["draws"])
            kept["hidden bits"] = success(round(hits), bars["draws"], problem.chance)
        else:
            pairs = zip(bars["exact"], bars["sampler"], strict=True)
            kept["total variation of mode weights"] = sum(abs(p - q) for p, q in pairs) / 2
    return kept


def success(hits, trials, chance):
    """How often hidden bits explain y, with exact limits at 1/2 % on each side."""
    low, high = (limit(hits, trials, 0.005) for limit in (intervals.lower, intervals.upper))
    return {"hits": hits, "draws": trials, "low": low, "high": high, "chance": chance}


def line(row):
    """A row of the table."""
    bits, apart = row.get("hidden bits"), row.get("total variation of mode weights")
    shown = "-"
    if bits:
        shown = (
            f"hidden bits {bits['hits'] / bits['draws']:.3f} [{bits['low']:.3f}, "
            f"{bits['high']:.3f}] of {bits['draws']:,}, chance {bits['chance']:.2g}"
        )
    elif apart is not None:
        shown = f"mode weights off by {apart:.3f} (TV)"
    cells = (row["problem"], row["sampler"], row["status"], ", ".join(row["kinds"]) or "-", shown)
    return f"| {' | '.join(cells)} | {row['draws']:,} | {row['seconds']:.0f} |"


def main():
    """Audit what is missing from the file, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--problem", action="append", metavar="NAME")
    parser.add_argument("--sampler", action="append", choices=SAMPLERS)
    parser.add_argument("--budget", type=float, default=30.0, help="seconds for each audit")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("build/audit_deepinv.json"))
    arguments = parser.parse_args()
    if importlib.util.find_spec("deepinv") is None:
        print("skipped: deepinv is not installed (the extra 'deepinv')")
        return 0
    torch.set_num_threads(1)
    rows = json.loads(arguments.out.read_text("utf-8"))["rows"] if arguments.out.exists() else []
    done = {(row["problem"], row["sampler"]) for row in rows}
    for problem in arguments.problem or PROBLEMS:
        for name in arguments.sampler or SAMPLERS:
            if (problem, name) not in done:
                rows.append(measured(name, problem, arguments.budget, arguments.seed))
                print(line(rows[-1]), flush=True)
                kept = {
                    "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
                    "sources": provenance.fingerprint(), "budget": arguments.budget,
                    "seed": arguments.seed, "rows": rows,
                }  # fmt: skip
                arguments.out.parent.mkdir(parents=True, exist_ok=True)
                ledger.write_atomically(arguments.out, json.dumps(kept, indent=1) + "\n")
    print("| problem | sampler | verdict | named | from its draws | draws | s |\n|" + "---|" * 7)
    print("\n".join(map(line, rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
