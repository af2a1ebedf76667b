"""Plain two-sample tests of a sampler's draws, against exact ones, on a problem's features.

Not the audit's tests: a second opinion on which faults are there to be found.
"""

from itertools import combinations

import torch
from scipy import stats


def seeded(seed):
    """A generator."""
    return torch.Generator().manual_seed(seed)


def p_values(problem, y, x):
    """Two-sample p-values, by kind, of each feature of x against exact draws."""
    exact = problem.posterior(y).sample(4 * len(x), seeded(99))
    found = {}
    features = problem.features(y)
    for feature in features:
        values = [feature.map(points).numpy() for points in (x, exact)]
        if feature.categorical:
            table = torch.tensor(
                [[int((v == k).sum()) for k in range(len(feature.labels))] for v in values]
            )
            p = stats.chi2_contingency(table[:, table.sum(0) > 0]).pvalue
        else:
            p = stats.ks_2samp(*values).pvalue
        found[feature.kind] = min(found.get(feature.kind, 1.0), float(p) * len(features))
    found["joint shape"] = joint(x, exact)
    return found


def joint(x, exact, axes=6):
    """A p-value that products of three coordinates, along the widest axes, have the same law."""
    middle = exact.mean(0)
    widest = torch.linalg.eigh(exact.T.cov())[1][:, -axes:]
    both = [((points - middle) @ widest).T.numpy() for points in (x, exact)]
    triples = list(combinations(range(widest.shape[1]), 3))
    p = [stats.ks_2samp(*(z[list(t)].prod(0) for z in both)).pvalue for t in triples]
    return min([1.0, *p]) * max(1, len(triples))


def independence(x, again):
    """A p-value that rows are independent, and that another seed gives other rows."""
    if len(torch.cat([x, again]).unique(dim=0)) < 2 * len(x):
        return 0.0
    p = 1.0
    centred = x - x.mean(0)
    unit = torch.randn(x.shape[1], generator=seeded(7), dtype=torch.float64)
    for values in (centred @ unit, centred[:, 0]):
        p = min(p, float(stats.pearsonr(values[:-1:2], values[1::2]).pvalue))
    return 2 * p
