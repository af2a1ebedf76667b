"""The smoothed lattice: 1e6 float64 points at one noise level, and 50 digits."""

import time
from collections.abc import Callable
from fractions import Fraction

import torch
from figure import Measured, Ratio, crowded, figure, times_faster, times_the_cost_of
from timing import Work, growth, ratio

from hardposterior.impl.lattice import DiscretizedGaussian
from hardposterior.proofs_checks.arithmetic import Balls
from hardposterior.proofs_checks.intervals import Intervals
from hardposterior.properties.arithmetic import Decimals
from hardposterior.spec.lattice import score

COUNT = 1_000_000
SHARE = 20
DIGITS = (25, 50, 100, 200, 400)

# (spacing, phase, sigma). v / spacing^2 decides the form and what it needs: two terms suffice below
# 1 / 42; the rounding of exponents is compensated between 1 / 3200 and 1 / 100.
CASES = {
    "two terms": (1.0, 0.3, 0.15),
    "compensated": (1.0, 0.3, 0.05),
    "all terms": (1.0, 0.3, 0.35),
    "phase 1/2": (1.0, 0.5, 0.15),
    "Fourier": (1.0, 0.3, 1.0),
}


def textbook(points: torch.Tensor, x: torch.Tensor, sigma: float) -> torch.Tensor:
    """The score by the softmax over all lattice points, in blocks that fit the memory."""
    prior = -(points**2) / 2
    parts = []
    for part in x.split(COUNT // SHARE):
        logits = prior - (part[:, None] - points) ** 2 / (2 * sigma**2)
        weights = torch.exp(logits - torch.logsumexp(logits, -1, keepdim=True))
        parts.append((weights @ points - part) / sigma**2)
    return torch.cat(parts)


def drawn(case: str, count: int = COUNT) -> tuple[DiscretizedGaussian, torch.Tensor, float]:
    """A law, noisy draws of it, and the noise level."""
    spacing, phase, sigma = CASES[case]
    law = DiscretizedGaussian(spacing, phase)
    generator = torch.Generator().manual_seed(0)
    x = law.sample(count, generator)
    return law, x + sigma * torch.randn(count, dtype=x.dtype, generator=generator), sigma


def passes(x: torch.Tensor) -> Work:
    """One pass of exp and one of sin over x, without fresh pages, which cost more."""
    out = torch.empty_like(x)
    return lambda: (torch.exp(x, out=out), torch.sin(x, out=out))


def on_one_thread(case: str, quantity: str) -> Callable[[], Measured]:
    def measure() -> Measured:
        law, x, sigma = drawn(case)
        few, points = x[: COUNT // SHARE], law.table()[0]

        def ours() -> torch.Tensor:
            return getattr(law, quantity)(x, sigma)

        def of_size(count: int) -> Work:
            _, rows, _ = drawn(case, count)
            return lambda: getattr(law, quantity)(rows, sigma)

        return Measured(
            times_faster(
                "the textbook sum in torch",
                lambda: textbook(points, few, sigma),
                ours,
                share=1 / SHARE,
            ),
            times_the_cost_of("exp and sin of the points", ours, passes(x)),
            {"points": growth((62_500, 250_000, 1_000_000), of_size)}
            if quantity == "score"
            else {},
        )

    return measure


def on_two_threads(case: str) -> Callable[[], Measured]:
    def measure() -> Measured:
        against = "exp and sin of the points"
        if reason := crowded(2):
            return Measured(bound=Ratio(against, skipped=reason))
        torch.set_num_threads(2)
        law, x, sigma = drawn(case)
        return Measured(
            bound=Ratio(
                against,
                ratio(lambda: law.score(x, sigma), passes(x), clock=time.perf_counter, rounds=15),
            )
        )

    return measure


for case in CASES:
    slug = case.replace(" ", "-").replace("/", "-").lower()
    figure(f"lattice-score-{slug}", f"score of a smoothed lattice, 1e6 points, {case}")(
        on_one_thread(case, "score")
    )
    figure(f"lattice-score-{slug}-2", f"the same on two threads, {case}")(on_two_threads(case))
for quantity in ("denoise", "log_prob"):
    figure(f"lattice-{quantity}", f"`{quantity}` of a smoothed lattice, 1e6 points, two terms")(
        on_one_thread("two terms", quantity)
    )

PLACE = {
    "spacing": Fraction(111, 100),
    "phase": Fraction(3, 10),
    "sigma": Fraction(1, 2),
    "x": Fraction(7, 5),
}


def evaluation(ctx: object) -> Work:
    """One score in an arithmetic of the specification."""
    place = {name: ctx.number(value) for name, value in PLACE.items()}  # type: ignore[attr-defined]
    return lambda: score(ctx, **place)


@figure("lattice-50-digits", "the specification's score in balls, 50 digits")
def fifty_digits() -> Measured:
    with Balls(170) as balls:
        return Measured(
            times_faster("mpmath", evaluation(Decimals(50)), evaluation(balls)),
            growth={"digits": growth(DIGITS, of_digits)},
        )


@figure("lattice-intervals", "the same enclosed: balls against intervals")
def enclosed() -> Measured:
    with Balls(170) as balls:
        return Measured(times_faster("mpmath.iv", evaluation(Intervals(170)), evaluation(balls)))


def of_digits(digits: int) -> Work:
    """One score in balls of so many digits."""
    balls = Balls(int(3.33 * digits) + 4)
    with balls:
        work = evaluation(balls)

    def evaluate() -> None:
        with balls:
            work()

    return evaluate


@figure("lattice-float64", "float64 scores to 1e-13 of the natural scale, 1e6 points")
def float64() -> Measured:
    law, x, sigma = drawn("two terms")
    places = [float(value) for value in x[:50]]
    digits = Decimals(50)
    spacing, phase, level = (digits.number(value) for value in (*CASES["two terms"],))

    def exact() -> None:
        for place in places:
            score(digits, spacing, phase, level, digits.number(place))

    return Measured(
        times_faster("mpmath, 50 digits", exact, lambda: law.score(x, sigma), share=50 / COUNT)
    )
