"""Faults in the lattice, its kernel, and the checks of arguments."""

from mutants.catalogue import mutant

LOG_PROB = "lattice-density/implemented-log-density-matches-50-digits"
SCORE = "lattice-denoiser.score/implemented-score-matches-50-digits"
DENOISER = "lattice-denoiser/implemented-denoiser-matches-50-digits"
DRAWS = "discretized-gaussian/draws-of-the-implementation-follow-the-table"
LATTICE_LEVELS = "lattice-denoiser.score/implemented-levels-in-a-tensor-match-50-digits"
TABLE = "discretized-gaussian/implemented-table-lists-the-masses"

MUTANTS = [
    mutant(
        "lattice",
        "low, high = math.ceil(-reach - self._phase), math.floor(reach - self._phase)",
        "low, high = math.ceil(-reach - self._phase), -1",
        "half of the lattice is left out of the table",
        DRAWS,
    ),
    mutant(
        "lattice",
        'return self._evaluate(x, sigma, "log_prob")',
        'return self._evaluate(x, 1.000001 * sigma, "log_prob")',
        "the density of another noise level",
        LOG_PROB,
    ),
    mutant(
        "lattice",
        'return self._evaluate(x, sigma, "score")',
        'return -self._evaluate(-x, sigma, "score")',
        "the score of the reflected lattice, -phase for phase",
        SCORE,
    ),
    mutant(
        "lattice",
        'return self._evaluate(x, sigma, "denoise")',
        'return x + sigma * self._evaluate(x, sigma, "score")',
        "Tweedie's formula with sigma for its square",
        DENOISER,
    ),
    mutant(
        "lattice",
        "return points.clone(), probabilities.clone()",
        "return points.clone(), probabilities.sqrt()",
        "roots of the masses in the table",
        TABLE,
    ),
    mutant(
        "lattice_level",
        "if spacing < 1:",
        "if spacing < 8:",
        "two waves of Poisson's sum where the lattice is coarse",
        LOG_PROB,
    ),
    mutant(
        "lattice_level",
        "torch.tensor(sigma, dtype=torch.float64)",
        "torch.tensor(sigma, dtype=torch.float32).double()",
        "sigma rounded to 24 bits",
        SCORE,
    ),
    mutant(
        "lattice_kernel",
        "return torch.addcmul(constant, x, slope)",
        "return torch.addcmul(constant, x, slope, value=1 + 1e-12)",
        "slopes of many levels off by 1e-12",
        "lattice-denoiser.score",
    ),
    mutant(
        "lattice_kernel",
        "constant == 0 else x.sub_(constant)",
        "abs(constant) < 1 else x.sub_(constant)",
        "small constants are not subtracted",
        SCORE,
    ),
    mutant(
        "lattice_kernel",
        "return isinstance(a, float) and a < bound",
        "return isinstance(a, float) and a < 1e12 * bound",
        "nomes below 1e-6 are neglected",
        SCORE,
    ),
    mutant(
        "lattice_kernel",
        "clamp(-at.reach, at.reach)",
        "clamp(-0.5 * at.reach, 0.5 * at.reach)",
        "places beyond an eighth of a cell are clamped",
        SCORE,
    ),
    mutant(
        "lattice_kernel",
        "slope = affine(1 - 3 * nome**4, affine(2 * nome, total, 3 * nome**3), total)",
        "slope = affine(1 - 3 * nome**4, affine(nome, total, 3 * nome**3), total)",
        "the series' derivative loses a factor 2",
        SCORE,
    ),
    mutant(
        "lattice_kernel",
        "amplitude = affine(2 * at.rho, odd, -8 * at.rho)",
        "amplitude = affine(2 * at.rho, odd, -4 * at.rho)",
        "no wave at the edges of cells",
        SCORE,
    ),
    mutant(
        "lattice_kernel",
        "return torch.where(at.q < SWITCH, space, fourier_form(x, at, quantity))",
        "return space",
        "levels in a tensor never use the Fourier form",
        LATTICE_LEVELS,
    ),
    mutant(
        "exact_arithmetic",
        "return s, (a - (s - part)) + (b - part)",
        "return s, b - part",
        "half of the rounding error of a sum",
    ),
    mutant(
        "exact_arithmetic",
        "SPLITTER = 2.0**27 + 1",
        "SPLITTER = 2.0**20 + 1",
        "halves of too many bits: their products round",
        SCORE,
    ),
    mutant(
        "exact_arithmetic",
        "high = scaled - (scaled - a)",
        "high = scaled - (scaled - a) * (1 + 2.0**-50)",
        "high halves off in their last bits: products of halves round",
        SCORE,
    ),
    mutant(
        "exact_arithmetic",
        "+ a_low * b_low",
        "- a_low * b_low",
        "the smallest partial product is subtracted",
        SCORE,
    ),
    mutant(
        "exact_arithmetic",
        "return two_sum(high, low + (x[1] + y[1]))",
        "return two_sum(high, x[1] + y[1])",
        "the rounding error of the heads' sum is lost",
        SCORE,
    ),
    mutant(
        "exact_arithmetic",
        "(x[0] * y[1] + x[1] * y[0])",
        "(x[0] * y[1])",
        "one of two cross terms of a product of pairs",
        SCORE,
    ),
    mutant(
        "exact_arithmetic",
        "return two_sum(first, rest / y[0])",
        "return first, 0 * rest",
        "a quotient of 53 bits passed off as a pair",
    ),
    mutant(
        "exact_arithmetic",
        "return (a / mantissa) * 2.0**-LEADING_BITS",
        "return (a / mantissa) * 2.0**-52",
        "leading parts of 52 bits: their multiples round",
        SCORE,
    ),
    mutant(
        "exact_arithmetic",
        "return torch.round(a / step) * step",
        "return torch.round(a / step + 0.5) * step",
        "a leading part that is not the nearest",
    ),
    mutant(
        "chunks",
        "x.requires_grad or x.device.type",
        "x.device.type",
        "points that need a gradient are cut into pieces without one",
    ),
    mutant(
        "chunks",
        "found[start * size : (start + 1) * size] = function(*piece)",
        "found[start * size : (start + 1) * size] = function(*piece).flip(0)",
        "pieces stored backwards",
    ),
    mutant(
        "arguments",
        "not isinstance(value, Real) or not math.isfinite(float(value)):",
        "not isinstance(value, Real) or math.isnan(float(value)):",
        "infinity taken for a finite number",
    ),
    mutant(
        "arguments",
        "float(value) > 0)",
        "float(value) >= 0)",
        "zero taken for a positive number",
    ),
    mutant(
        "arguments",
        "if number < low or (high is not None and number > high):",
        "if number < low:",
        "no upper limit of an integer",
    ),
    mutant(
        "arguments",
        "if value not in DTYPES:",
        "if False:",
        "every dtype is let in",
    ),
    mutant(
        "arguments",
        "if not isinstance(value, torch.Generator):",
        "if False:",
        "anything passes for a generator",
    ),
    mutant(
        "arguments",
        '.replace("\\n", " ")',
        "",
        "a message of several lines",
    ),
]
