"""Faults in the hard instance's sums: phases, points, words, enumeration, cumulants."""

from mutants.catalogue import mutant

HARD_SCORE = "hard-instance/implemented-score-matches-the-sum-over-vertices"
HARD_DENSITY = "hard-instance/implemented-log-density-matches-the-sum-over-vertices"
HARD_POSTERIOR = "hard-instance/implemented-posterior-matches-enumeration"
HARD_DRAWS = "hard-instance/draws-of-the-implementation-follow-the-definition"
HARD_DENOISER = "hard-instance/implemented-denoiser-matches-the-sum-over-vertices"
HARD_LEVELS = "hard-instance/implemented-levels-stay-with-their-points"
HARD_SLOPE = "smoothed-score/implemented-density-of-an-instance-has-the-score-as-its-slope"
MANY_WORDS = "hard-instance/implemented-sums-over-many-words-are-whole"
GIVEN_Y = "hard-instance/implemented-probabilities-given-y-match-enumeration"
DENSITY_GIVEN_Y = "hard-instance/implemented-density-given-y-matches-enumeration"
MANY_GIVEN_Y = "hard-instance/implemented-posterior-over-many-words-is-whole"

MUTANTS = [
    mutant(
        "phases",
        "PHASES = (0.5, 0.0)",
        "PHASES = (0.0, 0.5)",
        "the two phases exchanged",
        HARD_SCORE,
    ),
    mutant(
        "phases",
        "return torch.where(bits == 1, one, zero)",
        "return torch.where(bits == 0, one, zero)",
        "draws from the other bit's lattice",
        HARD_DRAWS,
    ),
    mutant(
        "phases",
        "zero, one = (law.log_prob(x, sigma) for law in self.laws)\n        return zero, one",
        "zero, one = (law.log_prob(x, sigma) for law in self.laws)\n        return one, zero",
        "the two phases' densities exchanged",
        HARD_DENSITY,
    ),
    mutant(
        "phases",
        "zero, one = (law.score(x, sigma) for law in self.laws)\n"
        "        return (1 + mean) / 2 * one + (1 - mean) / 2 * zero",
        "zero, one = (law.score(x, sigma) for law in self.laws)\n"
        "        return (1 + mean) / 2 * one + (1 + mean) / 2 * zero",
        "both phases weighed alike in the score",
        HARD_SCORE,
    ),
    mutant(
        "phases",
        "zero, one = (law.denoise(x, sigma) for law in self.laws)\n"
        "        return (1 + mean) / 2 * one + (1 - mean) / 2 * zero",
        "zero, one = (law.denoise(x, sigma) for law in self.laws)\n        return (one + zero) / 2",
        "the denoiser's phases averaged without the posterior",
        HARD_DENOISER,
    ),
    mutant(
        "phases",
        "lattice_moments(self.spacing, phase)[1] for phase",
        "lattice_moments(self.spacing, 0.5)[1] for phase",
        "one phase's variance for both",
        "well-modeled.covariance",
    ),
    mutant(
        "phases",
        "return -point.square() / 2 - point.new_tensor(sums)[bits]",
        "return -point.square() / 2 - point.new_tensor(sums)[1 - bits]",
        "each phase normalised by the other's sum",
        DENSITY_GIVEN_Y,
    ),
    mutant(
        "phases",
        "return math.log(total) - shortest, second / total",
        "return math.log(total), second / total",
        "the heaviest point's weight is left out of the sum",
        DENSITY_GIVEN_Y,
    ),
    mutant(
        "points",
        "if x.dtype != dtype:",
        "if False:",
        "points of another dtype are let in",
    ),
    mutant(
        "points",
        "return sigma.to(x.dtype)[..., None]",
        "return sigma.to(x.dtype).mean().expand(x.shape[:-1])[..., None]",
        "one mean level in place of a level for each point",
        HARD_LEVELS,
    ),
    mutant(
        "points",
        "return torch.randn(shape, generator=generator",
        "return 0.9 * torch.randn(shape, generator=generator",
        "noise of standard deviation 0.9",
        "linear-measurement/noise-of-the-implementation-is-normal",
    ),
    mutant(
        "words",
        "return 2 * bits.to(dtype) - 1",
        "return 1 - 2 * bits.to(dtype)",
        "bits with the opposite signs",
        HARD_DRAWS,
    ),
    mutant(
        "words",
        "return bool(condition.all())",
        "return bool(condition.any())",
        "a condition that holds somewhere is taken to hold everywhere",
    ),
    mutant(
        "words",
        "    image_bits(function, torch.zeros(2, int(function.n), dtype=torch.int64))\n",
        "",
        "a hidden function is not probed",
    ),
    mutant(
        "words",
        "if bits.dim() == 0 or bits.shape[-1] != width:",
        "if bits.dim() == 0:",
        "bits of any width are let in",
    ),
    mutant(
        "words",
        "if image.shape[:-1] != bits.shape[:-1]:",
        "if False:",
        "an image with other rows than the words is let in",
    ),
    mutant(
        "words",
        "places = torch.arange(n - 1, -1, -1, device=device)",
        "places = torch.arange(n, device=device)",
        "words counted with the first bit least significant",
        "hard-instance",
    ),
    mutant(
        "words",
        "if function.n > LARGEST_N:",
        "if function.n > 2 * LARGEST_N:",
        "sums over 2^40 words are tried",
    ),
    mutant(
        "enumeration",
        "return (self.vertices[:, : self.n] > 0).to(torch.int64)",
        "return (self.vertices[:, : self.n] < 0).to(torch.int64)",
        "every word complemented",
        GIVEN_Y,
    ),
    mutant(
        "enumeration",
        "torch.zeros_like(fields) if origin is None else self.vertices[origin]",
        "torch.zeros_like(fields)",
        "weights are not taken relative to the heaviest word",
        GIVEN_Y,
    ),
    mutant(
        "enumeration",
        "ones += weights[rows] @ (block > 0).to(self.dtype)",
        "ones += weights[rows] @ block",
        "mean signs in place of frequencies",
        HARD_POSTERIOR,
    ),
    mutant(
        "enumeration",
        "found += self._same_image(wanted, block).to(self.dtype) @ weights[rows]",
        "found = self._same_image(wanted, block).to(self.dtype) @ weights[rows]",
        "only the last block of words counts",
        MANY_GIVEN_Y,
    ),
    mutant(
        "enumeration",
        "other = ~self._same_image(b, block)",
        "other = self._same_image(b, block)",
        "the words with another image are summed",
        DENSITY_GIVEN_Y,
    ),
    mutant(
        "enumeration",
        "total = total * decay + weights.sum(-1, keepdim=True)",
        "total = total + weights.sum(-1, keepdim=True)",
        "earlier blocks are not rescaled to the running maximum",
        MANY_WORDS,
    ),
    mutant(
        "cumulants",
        "return first - mass * mean",
        "return first",
        "a raw moment in place of a cumulant",
        HARD_SLOPE,
    ),
    mutant(
        "cumulants",
        "_by_points(lambda h: vertices.moments(h)[0], fields, width=1)",
        "_by_points(lambda h: vertices.moments(h)[0] + 1e-9, fields, width=1)",
        "a log-partition off by 1e-9",
        HARD_DENSITY,
    ),
    mutant(
        "cumulants",
        "return _Cumulant.apply(vertices, fields)  #",
        "return _Cumulant.apply(vertices, fields.float().to(fields.dtype))  #",
        "fields rounded to 24 bits before the mean",
        HARD_SCORE,
    ),
    mutant(
        "cumulants",
        "return _LogPartition.apply(vertices, fields)  #",
        "return _LogPartition.apply(vertices, fields.detach())  #",
        "a log-partition without derivatives",
        HARD_SLOPE,
    ),
]
