"""High precision: mpmath's real numbers as an arithmetic context, for exploring, not proving."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from mpmath.ctx_mp import MPContext

from hardposterior.spec.arithmetic import Number, paired, whole_sum


class Decimals:
    """mpmath at `digits` decimal digits, independent of mpmath's global precision.

    >>> ctx = Decimals(50)
    >>> print(ctx.mp.nstr(ctx.exp(ctx.number(1)), 20))
    2.7182818284590452354
    """

    def __init__(self, digits: int = 50) -> None:
        self.mp = MPContext()
        self.mp.dps = digits
        self.exp = self.mp.exp
        self.expm1 = self.mp.expm1
        self.log = self.mp.log
        self.log1p = self.mp.log1p
        self.sqrt = self.mp.sqrt
        self.sin = self.mp.sin
        self.cos = self.mp.cos
        self.tanh = self.mp.tanh
        self.atanh = self.mp.atanh
        self.erfc = self.mp.erfc
        self.lgamma = self.mp.loggamma
        self.derivative = self.mp.diff

    @property
    def pi(self) -> Number:
        return +self.mp.pi

    def number(self, value: Any) -> Number:
        if isinstance(value, Fraction):
            return self.mp.mpf(value.numerator) / value.denominator
        return self.mp.mpf(value)

    def absolute(self, x: Number) -> Number:
        return abs(x)

    def minimum(self, x: Number, y: Number) -> Number:
        return min(x, y)

    def maximum(self, x: Number, y: Number) -> Number:
        return max(x, y)

    def nearest_integer(self, x: Number) -> int:
        return int(self.mp.nint(x))

    def series(
        self, term: Callable[[int], Number], tail: Callable[[int], Number], first: int = 0
    ) -> Number:
        scale = self.mp.ldexp(1, -self.mp.prec - 8)

        def negligible(rest: Number, total: Number, size: Number) -> bool:
            return bool(rest <= scale * max(abs(total), scale * size))

        return whole_sum(term, tail, first, negligible)

    def two_sided_series(
        self, term: Callable[[int], Number], tail: Callable[[int], Number], centre: int
    ) -> Number:
        return self.series(paired(term, centre), tail)
