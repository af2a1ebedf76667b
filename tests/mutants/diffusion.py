"""Faults in reverse diffusion, denoisers and the reduction."""

from mutants.catalogue import mutant

UPPER = "upper-bound/reverse-diffusion-then-rejection"
INVERTS = "inversion/exact-posterior-inverts-as-promised"
CHANCE = "inversion/without-y-inversion-is-chance"
CALLS = "inversion/calls-are-counted"
MARGINAL = "inversion.marginal/constructed-y-is-a-drawn-y"
SCHEDULE = "reverse-diffusion/implemented-schedule-is-geometric"
STEPS = "reverse-diffusion/draws-of-the-implementation-follow-the-stated-steps"

MUTANTS = [
    mutant(
        "diffusion",
        "inner = (high * math.exp(math.log(low / high) * k / steps) for k in range(1, steps))",
        "inner = (high + (low - high) * k / steps for k in range(1, steps))",
        "an arithmetic schedule",
        SCHEDULE,
    ),
    mutant(
        "diffusion",
        "spread = there * math.sqrt(pull)",
        "spread = there * pull",
        "the variance of a step in place of its deviation",
        UPPER,
    ),
    mutant(
        "diffusion",
        "pull = (here - there) * (here + there) / here**2",
        "pull = (here - there) / here",
        "a ratio of levels where their squares belong",
        UPPER,
    ),
    mutant(
        "diffusion",
        "rows = [levels[0] * part for part in",
        "rows = [part for part in",
        "a start at standard deviation 1",
        STEPS,
    ),
    mutant(
        "denoisers",
        "return lambda x, sigma: x + sigma**2 * score(x, sigma)",
        "return lambda x, sigma: x + sigma * score(x, sigma)",
        "Tweedie's formula with sigma for its square",
    ),
    mutant(
        "denoisers",
        "return lambda x, sigma: x - sigma * noise(x, sigma)",
        "return lambda x, sigma: x - sigma**2 * noise(x, sigma)",
        "the predicted noise times sigma squared",
    ),
    mutant(
        "denoisers",
        "noise(x / math.hypot(1.0, sigma), t)",
        "noise(x / (1.0 + sigma), t)",
        "variance-preserving points scaled by a sum of deviations",
    ),
    mutant(
        "denoisers",
        "2 * (high - low) * area))",
        "(high - low) * area))",
        "a wrong discriminant",
    ),
    mutant(
        "denoisers",
        "math.log((1 - a) / a) / 2 for a in values",
        "math.log((1 - a) / a) for a in values",
        "log variances in a table of log levels",
    ),
    mutant(
        "inversion",
        "self.points += x.numel() // x.shape[-1] if x.dim() else 0",
        "self.points += x.numel()",
        "coordinates counted as points",
    ),
    mutant(
        "inversion",
        "return len(self.candidates)",
        "return len(self.candidates) - 1",
        "the last attempt is not counted",
        CALLS,
    ),
    mutant(
        "inversion",
        "return points + beta * normal(points.shape, generator, points)",
        "return points + beta / 2 * normal(points.shape, generator, points)",
        "constructed measurements with half the noise",
        MARGINAL,
    ),
    mutant(
        "inversion",
        "return (x[..., :n] > 0).to(torch.int64)",
        "return (x[..., :n] > 0.99).to(torch.int64)",
        "signs read with a threshold near 1",
        INVERTS,
    ),
    mutant(
        "inversion",
        "found = bool((words.image_bits(instance.function, candidates[-1]) == wanted).all())",
        "found = bool((words.image_bits(instance.function, candidates[-1]) == wanted).any())",
        "one right image bit passes for an inversion",
        CHANCE,
    ),
    mutant(
        "inversion",
        'arguments.reject(f"{name}.dtype", drawn.dtype, f"{dtype}")',
        "pass",
        "draws of another dtype are let in",
    ),
    mutant(
        "posterior_samplers",
        "return self.instance.posterior(y, beta).sample(count, generator)",
        "return self.instance.posterior(-y, beta).sample(count, generator)",
        "the posterior of the opposite measurement",
    ),
    mutant(
        "posterior_samplers",
        "x: torch.Tensor = self.instance.sample(count, generator)[0]",
        "x: torch.Tensor = self.instance.sample(count, generator)[0].abs()",
        "a prior whose hidden word is all ones",
    ),
    mutant(
        "posterior_samplers",
        "if len(found.samples) < count:",
        "if False:",
        "fewer draws than asked for pass for enough",
    ),
    mutant(
        "posterior_samplers",
        "image = (half_steps.remainder(2) == 0).to(torch.int64)",
        "image = (half_steps.remainder(2) == 1).to(torch.int64)",
        "the phases decoded the wrong way round",
    ),
    mutant(
        "posterior_samplers",
        "return torch.where(spoilt < self.delta, spare, x)",
        "return torch.where(spoilt < 4 * self.delta, spare, x)",
        "four times as many spoilt draws as delta allows",
    ),
    mutant(
        "word_search",
        "found.append(torch.tensor([(int(high[place]) << LANE) + k for k in lanes]))",
        "found.append(torch.tensor([(int(high[place]) << LANE) + k for k in lanes[:1]]))",
        "only the first preimage of a machine word",
    ),
    mutant(
        "word_search",
        "places = torch.arange(n - 1, -1, -1)",
        "places = torch.arange(n)",
        "preimages read with the first bit least significant",
    ),
]
