"""What the letters in claims and proof sketches stand for, where a statement does not say so.

A letter belongs to families of statements: elsewhere it may mean something else.
"""

import re
from collections.abc import Iterable

LATTICE = ("lattice-", "discretized-gaussian", "mixture-score", "near-optimality.entropy")
SCORE = (*LATTICE, "vertex-score", "calibration", "piecewise-linear-score", "relu-", "well-modeled")
INSTANCE = (*SCORE, "hard-instance", "phase-decoding", "inversion", "near-optimality", "naive-")
DIMENSION = ("calibration", "relu-", "well-modeled", "inversion", "hard-instance", "naive-")
SAMPLING = (
    "smoothed-score",
    "reverse-diffusion",
    "lattice-",
    "piecewise-linear-score",
    "relu-score",
)

LETTERS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("d", "n + m, the dimension", DIMENSION),
    ("R", "the separation: hidden bits sit near +-R (unscaled)", INSTANCE),
    ("eps", "the spacing of the lattices (unscaled)", INSTANCE),
    ("theta", "the phase of a lattice eps (Z + theta)", SCORE),
    ("s_sigma", "the score of p_sigma = p * N(0, sigma^2 I), grad log p_sigma", SCORE),
    ("s_hat", "the network's score", SCORE),
    ("D", "the denoiser E[X | X + sigma Z = x]", ("lattice-", "piecewise-linear-score")),
    ("D_sigma", "the denoiser E[X | X + sigma Z = x]", SAMPLING),
    ("t", "1 + sigma^2", SCORE),
    ("v", "sigma^2 / t", SCORE),
    ("mu", "x / t", SCORE),
    ("u", "mu / eps - theta", LATTICE),
    ("q", "v / eps^2", ("piecewise-linear-score", "lattice-denoiser")),
    ("k", "the index of a lattice point, in E[k] under weights exp(-(k - u)^2 / (2 q))",
     ("piecewise-linear-score.flat", "piecewise-linear-score.second-order",
      "piecewise-linear-score.sign")),
    ("H", "the profile: mu - D = eps H(place)", ("piecewise-linear-score", "relu-score-small")),
    ("rho", "exp(-2 pi^2 v / eps^2)", SCORE),
    ("eta", "2 rho / (1 - rho^3)", SCORE),
    ("rho_0", "exp(-2 pi^2 / eps^2)", SCORE),
    ("eta_0", "2 rho_0 / (1 - rho_0^3)", SCORE),
    ("T", "T(u) = 1 + 2 sum_{j>=1} rho^(j^2) cos(2 pi j u)", LATTICE),
    ("T_0", "1 + 2 sum_{j>=1} rho_0^(j^2) cos(2 pi j theta)", LATTICE),
    ("B", "the bound of lattice-smoothing", ("mixture-score", "calibration")),
    ("V", "the bound of vertex-score", ("calibration", "relu-score")),
    ("U", "the bound of mixture-score", ("calibration", "relu-score")),
    ("h_sigma", "the product law without f: hidden bits at +-R, image coordinates N(0, t)",
     ("mixture-score", "relu-score")),
    ("s_{r,sigma}", "the score of the component of vertex r alone", ("vertex-score",)),
    ("p_e", "Phi(-R / sqrt t), the chance that noise turns a hidden sign", SCORE),
    ("q(y)", "the chance that a proposal is accepted", ("acceptance", "rejection", "upper-bound")),
    ("S", "at least E|y - c|^2 for some c", ("acceptance", "upper-bound")),
    ("p_dec", "the chance that the nearest lattice point decodes a wrong bit", ("inversion",)),
    ("u_k", "the variance levels, u_0 > ... > u_K", ("reverse-diffusion",)),
    ("mmse(u)", "E|X - E[X | X + sqrt(u) Z]|^2", ("reverse-diffusion",)),
    ("A^tau", "the points within tau of A", ("closeness", "posterior-")),
    ("Phi", "the normal distribution function", ("",)),
    ("phi_{sqrt t}", "the density of N(0, t)", LATTICE),
    ("relu", "max(0, .)", ("relu-", "piecewise-linear-score")),
)  # fmt: skip
"""Each letter, what it stands for, and the ids (or their beginnings) where it does."""


def used(letter: str, text: str) -> bool:
    """Whether the letter stands in the text by itself, and the text does not define it."""
    bare = rf"(?<!\w){re.escape(letter)}(?![\w'])"
    defined = rf"(?:^|[,;:] |with |where ){bare}(?:\([a-z]\))? :?= |{bare} := "
    return bool(re.search(bare, text)) and not re.search(defined, text)


def notation(identifier: str, texts: Iterable[str]) -> list[tuple[str, str]]:
    """The letters that a statement's texts use without saying what they stand for.

    >>> [letter for letter, _ in notation("lattice-denoiser", ["|D(x) - mu| <= eps / 2"])]
    ['eps', 'D', 't', 'mu']
    """
    here = [
        (letter, meaning)
        for letter, meaning, families in LETTERS
        if any(identifier.startswith(family) for family in families)
    ]
    text = " ; ".join(texts)
    found: list[tuple[str, str]] = []
    while new := [entry for entry in here if entry not in found and used(entry[0], text)]:
        found += new
        text += "".join(f" ; {meaning}" for _, meaning in new)
    return [entry for entry in here if entry in found]
