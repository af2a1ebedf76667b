"""Faults in (tau, delta)-closeness: transport, closed sets, the search for them."""

from mutants.catalogue import equivalent, mutant

FLOW = "closeness/implemented-flow-equals-the-best-of-all-sets"
RARELY = "closeness.lower-bound/bounds-of-the-implementation-exceed-delta-rarely"
POWER = "closeness.lower-bound/bounds-of-the-implementation-have-power"
FEW = "closeness.lower-bound/bounds-from-few-draws-of-one-law-exceed-delta-rarely"
MOVED = "closeness.lower-bound/bounds-of-moved-laws-are-zero"
METRIC = "closeness.triangle/implemented-delta-is-like-a-metric"

MUTANTS = [
    mutant(
        "closeness",
        "if abs(xs[i] - ys[j]) <= tau:",
        "if abs(xs[i] - ys[j]) < tau:",
        "an open neighbourhood on the line",
        FLOW,
    ),
    mutant(
        "closeness",
        "    return _least_delta(left, right, tau)\n\n\ndef closeness_curve",
        "    return _least_delta(left, right, 2 * tau)\n\n\ndef closeness_curve",
        "twice the distance",
    ),
    mutant(
        "closeness",
        "deltas = [_least_delta(left, right, tau) for tau in checked]",
        "deltas = [_least_delta(left, right, tau) for tau in sorted(checked)]",
        "a curve in the order of tau, whatever was asked",
        METRIC,
    ),
    mutant(
        "closeness",
        "return torch.from_numpy(minimum_cut(left, right, tau))",
        "return torch.from_numpy(~minimum_cut(left, right, tau))",
        "the other side of the cut",
        FLOW,
    ),
    mutant(
        "closeness",
        'if arguments.finite("tau", tau) < 0:',
        "if False:",
        "a negative tau is let in",
    ),
    mutant(
        "closeness",
        "if x.shape[1] != y.shape[1]:",
        "if x.shape[1] < y.shape[1]:",
        "samples of different dimensions are let in",
    ),
    mutant(
        "transport",
        "return (total - int(self.moved.sum(dtype=np.int64))) / total",
        "return 1 - int(self.moved.sum(dtype=np.int64)) / (total + 1)",
        "one unit too much in the total mass",
        FLOW,
    ),
    mutant(
        "transport",
        "[count * (common // total) for count in counts.tolist()]",
        "[count for count in counts.tolist()]",
        "laws of different totals are not brought to common units",
        FLOW,
    ),
    mutant(
        "transport",
        'found = piece.sparse_distance_matrix(tree, tau, output_type="ndarray")',
        'found = piece.sparse_distance_matrix(tree, tau, p=1, output_type="ndarray")',
        "the norm of sums in place of the Euclidean one",
        FLOW,
    ),
    mutant(
        "transport",
        "through = np.minimum(np.repeat(supply, np.diff(near.indptr)), demand[near.indices])",
        "through = np.minimum(1, demand[near.indices])",
        "each pair moves one unit at most",
        FLOW,
    ),
    mutant(
        "transport",
        "return np.isin(np.arange(near.shape[0]), reached)",
        "return unused",
        "a cut that is not searched from the unused supply",
        FLOW,
    ),
    mutant(
        "closeness_bound",
        "at_least = binomial_lower(inside, len(ours), alpha / 2)",
        "at_least = inside / len(ours)",
        "an estimate in place of a confidence limit",
        FEW,
    ),
    mutant(
        "closeness_bound",
        "both[best.more][1::2], both[other][1::2], tau, level)",
        "both[best.more][0::2], both[other][0::2], tau, level)",
        "the set is tested on the draws that chose it",
        RARELY,
    ),
    mutant(
        "closeness_bound",
        "if hits else 0.0",
        "if hits > 100 else 0.0",
        "a limit that gives up below 100 hits",
    ),
    mutant(
        "closed_sets",
        "return 4.0 * (dim + 4) * float(np.finfo(np.float64).eps)",
        "return -4.0 * (dim + 4) * float(np.finfo(np.float64).eps)",
        "rounding helps the bound in place of hurting it",
    ),
    mutant(
        "closed_sets",
        "return points @ self.normal - self._error(points, 0.0) >= self.level",
        "return points @ self.normal - self._error(points, 0.0) <= self.level",
        "the opposite half-space",
        "closeness.lower-bound",
    ),
    mutant(
        "closed_sets",
        "reach = tau * float(np.linalg.norm(self.normal))",
        "reach = 0 * tau * float(np.linalg.norm(self.normal))",
        "a half-space that does not grow by tau",
        MOVED,
    ),
    mutant(
        "closed_sets",
        "return (points[:, self.axis] >= self.low) & (points[:, self.axis] <= self.high)",
        "return (points[:, self.axis] >= self.low) | (points[:, self.axis] <= self.high)",
        "the whole line for a slab",
        "closeness.lower-bound",
    ),
    mutant(
        "closed_sets",
        "return np.maximum(self.low - x, x - self.high) <= tau * (1 + rounding(1))",
        "return np.minimum(self.low - x, x - self.high) <= tau * (1 + rounding(1))",
        "a slab that grows to the whole line",
    ),
    mutant(
        "closed_sets",
        "return np.asarray(far * (1 - rounding(len(self.center))) >= self.radius)",
        "return np.asarray(far * (1 - rounding(len(self.center))) >= self.radius / 2)",
        "the complement of half the ball",
        "closeness.lower-bound",
    ),
    mutant(
        "closed_sets",
        "return np.asarray((far + tau) * (1 + rounding(len(self.center))) >= self.radius)",
        "return np.asarray((far - tau) * (1 + rounding(len(self.center))) >= self.radius)",
        "a complement that shrinks by tau",
        MOVED,
    ),
    mutant(
        "closed_sets",
        "return nearest <= self.radius\n",
        "return nearest <= 2 * self.radius\n",
        "balls of twice the radius",
        "closeness.lower-bound",
    ),
    mutant(
        "closed_sets",
        "return nearest <= self.radius + tau",
        "return nearest <= self.radius",
        "balls that do not grow by tau",
        MOVED,
    ),
    mutant(
        "closeness_line",
        "lower = _best_trades(mass - behind, mass - ahead)",
        "lower = _best_trades(mass - ahead, mass - behind)",
        "buying at the selling price",
        "closeness",
    ),
    mutant(
        "set_search",
        "yield Balls(center[None, :], max(0.0, -_best_level(-far_p, -far_q, tau)[1]))",
        "yield Outside(center, max(0.0, -_best_level(-far_p, -far_q, tau)[1]))",
        "no ball is proposed",
    ),
    mutant(
        "set_search",
        "return [*found, *(-normal for normal in found)]\n\n\ndef _unions",
        "return found\n\n\ndef _unions",
        "half-spaces look one way only",
    ),
    equivalent(
        "set_search",
        "for center in (p.mean(axis=0), q.mean(axis=0)):",
        "for center in (q.mean(axis=0), p.mean(axis=0)):",
        "candidates in another order",
        "the best candidate is the best in any order",
        POWER,
    ),
]
