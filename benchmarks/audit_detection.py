"""The smallest size of each broken sampler that the audit finds.

Each fault of the catalogue (tests/broken_samplers.py, tests/broken_hard.py) is audited for
exactness at sizes from gross to harmless, with what one problem gets of a default audit of all
problems: its share of alpha = 1e-3 and of 60 seconds, here of processor time. A kind is followed
down until a size is missed at some seed; its neutral size, which is no fault, must never be found.
Writes a table in Markdown beside its numbers in JSON; resumes.
"""

import argparse
import datetime
import json
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
import broken_hard  # noqa: F401 - registers its faults
import broken_samplers  # noqa: F401
from broken import FAULTS

from hardposterior import audit, impl, ledger, provenance
from hardposterior.properties.audit.problems import HARD, MAKERS, problems

SHARE = len(MAKERS) + len(HARD)
ALPHA, BUDGET = 1e-3 / SHARE, 60.0 / SHARE
RARE = "sometimes_wrong"
"""Found by a claim alone."""

WHOLE = {"shared_seed", "shared_batch", "stale_denoiser", "few_steps", "clipped"}
"""Kinds whose sizes cannot be halved."""

HALVINGS = 3
"""Below the catalogue's smallest size, where that is found."""


def audited(broken, size, seed):
    """(status, kind) of one audit."""
    problem = problems(impl, [broken.problem])[broken.problem]
    sampler = broken.on(problem, size)
    asked = {"alpha": ALPHA, "budget": BUDGET, "seed": seed, "controls": False, "first": True}
    row = audit(sampler, [problem], **asked).verdicts[0]
    return row.status, row.certificate.kind if row.certificate else ""


def followed(name, seeds, rows, keep):
    """Audit one kind from its grossest size down, until one is missed; `keep()` after each."""
    broken = FAULTS[name]
    sizes = list(reversed(broken.sizes))  # the catalogue has them from harmless to gross
    if name not in WHOLE:
        over = sizes[-1] - broken.neutral
        sizes += [broken.neutral + over / 2**k for k in range(1, HALVINGS + 1)]
    for size in (broken.neutral, *sizes):
        cell = rows.setdefault(name, {}).setdefault(f"{size:.4g}", {})
        for seed in seeds:
            if str(seed) not in cell:
                cell[str(seed)] = audited(broken, size, seed)
                keep()
        if size != broken.neutral and share(cell) < 1:
            return


def share(cell):
    """Of the seeds, how many found the fault."""
    return sum(status != "consistent" for status, _ in cell.values()) / len(cell)


def line(name, cells):
    """One row of the table."""
    broken = FAULTS[name]
    neutral = f"{broken.neutral:g}"
    tried = [size for size in cells if size != neutral]
    always = [size for size in tried if share(cells[size]) == 1]
    least = always[-1] if always else "-"
    shown = [kind or status for status, kind in cells.get(least, {}).values()]
    named = max(set(shown), key=shown.count) if shown else "-"
    found = ", ".join(
        f"{s}: {sum(status != 'consistent' for status, _ in cells[s].values())}/{len(cells[s])}"
        for s in (neutral, *tried)
    )
    return f"| {name} | {broken.words} | {broken.problem} | {least} | {named} | {found} |"


def table(kept):
    """The Markdown text."""
    seeds = kept["seeds"]
    head = [
        "# The smallest faults that the audit finds",
        "",
        f"By `python benchmarks/audit_detection.py` on {kept['date']}, commit {kept['commit']}, "
        f"{len(seeds)} seeds ({', '.join(map(str, seeds))}) for each size. One problem's share of "
        f"a default audit of all {SHARE}: alpha = {ALPHA:.2g}, {BUDGET:.2g} s of sampler time. "
        "`least` is the smallest size tried that every seed found; `found` lists how many seeds "
        "found each size, the neutral one (no fault) first; smaller sizes than the first that a "
        "seed missed were not tried.",
        "",
        "| fault | size is | problem | least | named | found |",
        "|" + "---|" * 6,
    ]
    return "\n".join([*head, *(line(n, c) for n, c in kept["rows"].items())]) + "\n"


def main():
    """Audit what is missing, writing both files as it goes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("only", nargs="*", help="faults; default all")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("build/audit_detection.json"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    kept = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": (provenance.commit() or "unknown")[:12],
        "sources": provenance.fingerprint(),
        "seeds": [100 + k for k in range(arguments.seeds)],
        "rows": {},
    }
    if arguments.out.exists():
        earlier = json.loads(arguments.out.read_text(encoding="utf-8"))
        if all(earlier[key] == kept[key] for key in ("sources", "seeds")):
            kept = earlier
    arguments.out.parent.mkdir(parents=True, exist_ok=True)

    def keep():
        ledger.write_atomically(arguments.out, json.dumps(kept, indent=1) + "\n")
        ledger.write_atomically(arguments.out.with_suffix(".md"), table(kept))

    for name in arguments.only or FAULTS:
        if name != RARE:
            followed(name, kept["seeds"], kept["rows"], keep)
            print(line(name, kept["rows"][name]), flush=True)


if __name__ == "__main__":
    main()
