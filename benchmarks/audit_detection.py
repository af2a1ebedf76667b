"""The smallest size of each broken sampler that is found: `python benchmarks/audit_detection.py`.

At fresh y, with 4000 draws and alpha = 1e-3 over all features, by two-sample tests on the problems'
features and tests of independence (tests/two_samples.py). Writes a table in Markdown.
"""

import argparse
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
import broken_hard
import broken_samplers
from broken import FAULTS, NOT_INDEPENDENT
from two_samples import independence, p_values, seeded

from hardposterior import impl
from hardposterior.properties.audit.problems import problems

ALPHA = 1e-3
CATALOGUES = (broken_samplers, broken_hard)


def found(broken, size, trial, count):
    """Whether the fault is found at one fresh y, and the kind that shows it most."""
    problem = problems(impl, [broken.problem])[broken.problem]
    y = problem.observe(seeded(1000 + trial))
    sampler = broken.on(problem, size)
    x, again = (
        sampler(problem.denoise, problem.A, y, problem.beta, count, seeded(2 * trial + k))
        for k in range(2)
    )
    shown = p_values(problem, y, x)
    shown[NOT_INDEPENDENT] = independence(x, again)
    kind = min(shown, key=shown.__getitem__)
    return 2 * shown[kind] < ALPHA, kind  # two families of tests


def row(broken, trials, count):
    """One line of the table: how often each size is found, and the smallest that always is."""
    cells, least, name = [], "-", ""
    for size in (broken.neutral, *broken.sizes):
        results = [found(broken, size, trial, count) for trial in range(trials)]
        hits = [kind for hit, kind in results if hit]
        cells.append(f"{size:g}: {len(hits)}/{trials}")
        if len(hits) == trials and least == "-":
            least, name = f"{size:g}", max(set(hits), key=hits.count)
    return f"| {broken.name} | {broken.words} | {', '.join(cells)} | {least} | {name} |"


def main():
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=10)
    parser.add_argument("--count", type=int, default=4000)
    parser.add_argument("--out", type=Path, default=Path("build/audit_detection.md"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    lines = [
        f"{arguments.count} draws at one y, alpha = {ALPHA:g}, {arguments.trials} fresh y a size; "
        "the first size is the neutral one.",
        "",
        "| sampler | size is | found | smallest always found | shown by |",
        "|---|---|---|---|---|",
    ]
    for name, broken in FAULTS.items():
        if name != "sometimes_wrong":
            lines.append(row(broken, arguments.trials, arguments.count))
            print(lines[-1], flush=True)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
