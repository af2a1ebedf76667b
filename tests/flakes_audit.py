"""False alarms of the audit: exact samplers, fresh seeds, one small problem. Not part of CI.

`python tests/flakes_audit.py [AUDITS] [ALPHA]` exits 1 where more audits of an exact sampler end
otherwise than `consistent` than Binomial(audits, alpha) allows at one in a million.
"""

import sys

import torch

from hardposterior import audit
from hardposterior.properties.audit import intervals
from hardposterior.properties.audit.controls import exact_posterior
from hardposterior.properties.audit.problems import problems


def false_alarms(audits: int, alpha: float, first: int = 0) -> list[int]:
    """The seeds at which an exact sampler was blamed, among `audits` seeds from `first` on."""
    problem = problems(names=["mixture-2"])["mixture-2"]
    sampler = exact_posterior(problem)
    blamed = []
    for done, seed in enumerate(range(first, first + audits)):
        if done and done % 100 == 0:
            print(f"{done} audits, {len(blamed)} blamed", flush=True)
        report = audit(sampler, [problem], alpha=alpha, budget=0.1, seed=seed, controls=False)
        if report.verdicts[0].status != "consistent":
            blamed.append(seed)
            print(seed, report.verdicts[0].status, report.verdicts[0].detail, flush=True)
    return blamed


def allowed(audits: int, alpha: float) -> int:
    """The most false alarms that Binomial(audits, alpha) gives with probability 1 - 1e-6."""
    return intervals.least_hits(audits, alpha, 1e-6) - 1


if __name__ == "__main__":
    torch.set_num_threads(1)
    COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    ALPHA = float(sys.argv[2]) if len(sys.argv) > 2 else 1e-2
    found = false_alarms(COUNT, ALPHA)
    print(f"{len(found)} of {COUNT} exact samplers blamed; {allowed(COUNT, ALPHA)} allowed")
    sys.exit(int(len(found) > allowed(COUNT, ALPHA)))
