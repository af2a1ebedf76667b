"""The roles of an implementation: the public names that the properties hold to the claims.

Arrays are named `Array` and left open: any object with the arithmetic and indexing of a torch
tensor serves. An implementation need not offer every role; what it lacks is reported.
"""

from typing import Any, Protocol

from hardposterior.spec.circuit_roles import CIRCUIT_ROLES
from hardposterior.spec.closeness_roles import CLOSENESS_ROLES
from hardposterior.spec.score_roles import SCORE_ROLES

Array = Any
Generator = Any


class DiscretizedGaussian(Protocol):
    """psi_{eps,theta} and its smoothing (Appendix C.5); unit standard deviation."""

    spacing: float
    phase: float

    def __init__(self, spacing: float, phase: float) -> None: ...

    def sample(self, shape: tuple[int, ...], generator: Generator) -> Array:
        """Independent draws of the unsmoothed law."""

    def table(self) -> tuple[Array, Array]:
        """Points, increasing, and their probabilities; all but a negligible mass."""

    def log_prob(self, x: Array, sigma: Array) -> Array:
        """log of the density of psi * N(0, sigma^2) at x, elementwise."""

    def score(self, x: Array, sigma: Array) -> Array:
        """The derivative of `log_prob` in x."""

    def denoise(self, x: Array, sigma: Array) -> Array:
        """E[X | X + sigma Z = x]."""


class Function(Protocol):
    """A hidden function of bits {0, 1}, row by row: (..., n) to (..., m)."""

    n: int
    m: int

    def __call__(self, bits: Array) -> Array: ...


class LinearMeasurement(Protocol):
    """y = A x + beta N(0, I_m), |A| <= 1 (Section 1)."""

    def __init__(self, A: Array, beta: float) -> None: ...

    def observe(self, x: Array, generator: Generator) -> Array:
        """One y (..., m) for each x (..., d)."""

    def log_likelihood(self, y: Array, x: Array) -> Array:
        """log p(y | x), normalised."""


class Posterior(Protocol):
    """The exact law of x given y for the hard instance (Appendix B)."""

    words: Array
    """Bits (k, n), the words that probabilities refer to."""

    def hidden_probabilities(self) -> Array:
        """P(s | y) for every word, in the order of counting with the first bit most significant."""

    def hidden_bit_probabilities(self) -> Array:
        """P(bit i of s is 1 | y), shape (n,)."""

    def image_bit_probabilities(self) -> Array:
        """P(bit j of f(s) is 1 | y), shape (m,)."""

    def image_probability(self, bits: Array) -> Array:
        """P(f(s) = bits | y), shape (...), for bits (..., m)."""

    def log_evidence(self) -> Array:
        """log p(y)."""

    def log_prob(self, x: Array) -> Array:
        """log p(x | y): Lebesgue in the hidden coordinates, counting on the lattices."""

    def sample(self, count: int, generator: Generator) -> Array:
        """Draws of x, shape (count, n + m)."""


class HardInstance(Protocol):
    """The hard instance (Appendix A) in scaled units, `function` hidden in the phases."""

    def __init__(self, function: Function, separation: float, spacing: float) -> None: ...

    def sample(self, count: int, generator: Generator) -> tuple[Array, Array]:
        """x (count, n + m) and the hidden bits (count, n)."""

    def log_prob(self, x: Array, sigma: Array) -> Array:
        """log p_sigma(x), shape (...), x (..., n + m)."""

    def score(self, x: Array, sigma: Array) -> Array:
        """grad log p_sigma(x)."""

    def denoise(self, x: Array, sigma: Array) -> Array:
        """E[X | X + sigma Z = x]."""

    def vertex_mean(self, x: Array, sigma: Array) -> Array:
        """E[(s, f(s)) | X + sigma Z = x]."""

    def vertex_score(self, x: Array, sigma: Array) -> Array:
        """The score of the vertex that the signs of x_1..n show (Appendix C.2)."""

    def mixture_score(self, x: Array, sigma: Array) -> Array:
        """The score of the law without lattices (Appendix C.6)."""

    def covariance(self) -> Array:
        """Cov X, shape (d, d)."""

    def measurement(self, beta: float) -> LinearMeasurement:
        """The last m coordinates, measured."""

    def posterior(self, y: Array, beta: float) -> Posterior:
        """The law of x given y (m,)."""


class NaiveInstance(Protocol):
    """The uniform law on (s, f(s)) (Section 3), the negative control."""

    def __init__(self, function: Function) -> None: ...

    def sample(self, count: int, generator: Generator) -> tuple[Array, Array]:
        """x (count, n + m) and the hidden bits (count, n)."""

    def log_prob(self, x: Array, sigma: Array) -> Array:
        """log p_sigma(x)."""

    def score(self, x: Array, sigma: Array) -> Array:
        """grad log p_sigma(x)."""

    def denoise(self, x: Array, sigma: Array) -> Array:
        """E[X | X + sigma Z = x]."""


class RejectionResult(Protocol):
    """What a rejection sampler found: `samples` (k, d) and how many `proposals` it drew."""

    samples: Array
    proposals: int


class RejectionSample(Protocol):
    """Exact posterior draws from draws of the prior (Appendix E)."""

    def __call__(
        self,
        proposal: Any,
        measurement: LinearMeasurement,
        y: Array,
        count: int,
        generator: Generator,
        *,
        max_proposals: int,
    ) -> RejectionResult:
        """`count` draws of x given y (m,), proposals `proposal(count, generator) -> (count, d)`."""


class FastRejectionSample(Protocol):
    """The same on the hard instance, by whatever is quick there."""

    def __call__(
        self,
        instance: HardInstance,
        y: Array,
        beta: float,
        count: int,
        generator: Generator,
        *,
        max_proposals: int,
    ) -> RejectionResult:
        """`count` draws of x given y (m,), scaled."""


class ReverseDiffusion(Protocol):
    """Unconditional sampling with a frozen denoiser (Appendix F)."""

    def __call__(
        self,
        denoise: Any,
        dim: int,
        schedule: Any,
        count: int,
        generator: Generator,
        *,
        dtype: Any,
    ) -> Array:
        """Draws (count, dim) at the last level of `schedule`; `denoise(x, sigma)` is given."""


class Invert(Protocol):
    """The reduction (Appendix B): a posterior sampler finds preimages."""

    def __call__(
        self,
        instance: HardInstance,
        image_bits: Array,
        posterior_sampler: Any,
        generator: Generator,
        *,
        beta: float,
        attempts: int = 1,
    ) -> Any:
        """An object with `found`, `bits` (n,), `sampler_calls` and `denoiser_calls`.

        `posterior_sampler(denoise, A, y, beta, count, generator) -> (count, d)`, y (m,).
        """


class Preimages(Protocol):
    """Exhaustive search."""

    def __call__(self, function: Function, image: Array) -> Array:
        """All words (k, n) that `function` maps to `image` (m,)."""


ROLES: dict[str, type] = {
    "DiscretizedGaussian": DiscretizedGaussian,
    "HardInstance": HardInstance,
    "LinearMeasurement": LinearMeasurement,
    "invert": Invert,
    "preimages": Preimages,
    "NaiveInstance": NaiveInstance,
    "rejection_sample": RejectionSample,
    "fast_rejection_sample": FastRejectionSample,
    "reverse_diffusion": ReverseDiffusion,
    **CIRCUIT_ROLES,
    **CLOSENESS_ROLES,
    **SCORE_ROLES,
}
