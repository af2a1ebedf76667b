"""The arithmetic context `ctx`: a formula is written once and evaluated in any number system.

A context turns constants into its own numbers and supplies the functions that Python operators
do not. Formulas use `+ - * / **` (integer exponents), comparisons only through the context, and
the functions below. Contexts for balls, intervals, symbols and 50 digits live in the rooms that
use them; `Floats` needs the standard library alone and serves `hardposterior.bounds`.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Protocol

Number = Any
"""A float, ball, interval, mpf or symbol: whatever the context computes with."""

Exact = int | float | Fraction
"""A constant that every context represents exactly or encloses."""


class Arithmetic(Protocol):
    """What a formula may ask of its arithmetic."""

    @property
    def pi(self) -> Number:
        """The constant pi."""

    def number(self, value: Any) -> Number:
        """`value` as a number of this context (a number of the context passes through)."""

    def exp(self, x: Number) -> Number: ...
    def expm1(self, x: Number) -> Number: ...
    def log(self, x: Number) -> Number: ...
    def log1p(self, x: Number) -> Number: ...
    def sqrt(self, x: Number) -> Number: ...
    def sin(self, x: Number) -> Number: ...
    def cos(self, x: Number) -> Number: ...
    def tanh(self, x: Number) -> Number: ...
    def atanh(self, x: Number) -> Number: ...
    def erfc(self, x: Number) -> Number: ...
    def lgamma(self, x: Number) -> Number: ...
    def absolute(self, x: Number) -> Number: ...
    def minimum(self, x: Number, y: Number) -> Number: ...
    def maximum(self, x: Number, y: Number) -> Number: ...

    def nearest_integer(self, x: Number) -> int:
        """An integer within one of `x`, all of it: where a two-sided series is started.

        Enclosing contexts raise `TooWide` where there is none.
        """

    def series(
        self, term: Callable[[Any], Number], tail: Callable[[int], Number], first: int = 0
    ) -> Number:
        """The sum of `term(j)` over j >= `first`.

        `tail(j)` bounds the sum of |term(i)| over i >= j. Enclosing contexts add it to their
        result, so a truncated series is never a gap in a proof.
        """

    def two_sided_series(
        self, term: Callable[[Any], Number], tail: Callable[[int], Number], centre: int
    ) -> Number:
        """The sum of `term(k)` over all integers k, outwards from `centre`.

        `tail(j)` bounds the sum of |term(k)| over |k - centre| >= j.
        """

    def derivative(self, function: Callable[[Number], Number], x: Number) -> Number:
        """The derivative of `function` at `x`; `NotImplementedError` where there is none."""


def standard_normal_cdf(ctx: Arithmetic, x: Number) -> Number:
    """Phi(x), through erfc so that the lower tail keeps its digits."""
    return ctx.erfc(-x / ctx.sqrt(ctx.number(2))) / 2


def partial_sum(
    term: Callable[[int], Number],
    tail: Callable[[int], Number],
    first: int,
    negligible: Callable[[Number, Number, Number], bool],
    most: int = 100_000,
) -> tuple[Number, Number]:
    """Add terms until `negligible(remainder, total, size)`; return total and remainder bound.

    `size` bounds the sum of the absolute values of all terms: a total that vanishes by cancellation
    is measured against it. At `most` terms the sum stops as well: the remainder says what is
    missing.
    """
    total = term(first)
    size = abs(total) + tail(first + 1)
    for j in range(first + 1, first + most):
        remainder = tail(j)
        if negligible(remainder, total, size):
            return total, remainder
        total = total + term(j)
    return total, tail(first + most)


class NotSummed(OverflowError):
    """A series whose remainder still counts after as many terms as are ever added."""


def whole_sum(
    term: Callable[[int], Number],
    tail: Callable[[int], Number],
    first: int,
    negligible: Callable[[Number, Number, Number], bool],
) -> Number:
    """The total of `partial_sum` for contexts that enclose nothing; `NotSummed` if cut short."""
    ended = False

    def ends(remainder: Number, total: Number, size: Number) -> bool:
        nonlocal ended
        ended = negligible(remainder, total, size)
        return ended

    total, remainder = partial_sum(term, tail, first, ends)
    if not ended:
        raise NotSummed(f"{total} and a remainder of up to {remainder}: too many terms")
    return total


def paired(term: Callable[[int], Number], centre: int) -> Callable[[int], Number]:
    """A two-sided series as a one-sided one: `term(centre + j) + term(centre - j)`."""
    return lambda j: term(centre + j) + term(centre - j) if j else term(centre)


class TooWide(ArithmeticError):
    """An enclosure too wide to name an integer near all of it: split the box or raise precision."""


class Floats:
    """Binary64 through `math`: the arithmetic of `hardposterior.bounds`."""

    pi = math.pi
    exp = staticmethod(math.exp)
    expm1 = staticmethod(math.expm1)
    log1p = staticmethod(math.log1p)
    sqrt = staticmethod(math.sqrt)
    sin = staticmethod(math.sin)
    cos = staticmethod(math.cos)
    tanh = staticmethod(math.tanh)
    atanh = staticmethod(math.atanh)
    erfc = staticmethod(math.erfc)
    lgamma = staticmethod(math.lgamma)
    absolute = staticmethod(abs)
    minimum = staticmethod(min)
    maximum = staticmethod(max)

    def number(self, value: Any) -> float:
        return float(value)

    def log(self, x: float) -> float:
        return math.log(x)

    def nearest_integer(self, x: float) -> int:
        return round(x)

    def series(
        self, term: Callable[[int], float], tail: Callable[[int], float], first: int = 0
    ) -> float:
        def negligible(rest: float, total: float, size: float) -> bool:
            return rest <= 2.0**-54 * max(abs(total), 2.0**-54 * size)

        return float(whole_sum(term, tail, first, negligible))

    def two_sided_series(
        self, term: Callable[[int], float], tail: Callable[[int], float], centre: int
    ) -> float:
        return self.series(paired(term, centre), tail)

    def derivative(self, function: Callable[[float], float], x: float) -> float:
        raise NotImplementedError("binary64 has no derivative worth the name")
