"""mpmath intervals as an arithmetic: what the second checker computes in.

Intervals enclose: a comparison is true only where it is certainly true.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from mpmath.ctx_iv import MPIntervalContext

from hardposterior.spec.arithmetic import Number, TooWide, paired, partial_sum


def rational(end: tuple[int, int, int, int]) -> Fraction | None:
    """The end of an mpmath interval as an exact fraction; None where it is not finite."""
    sign, mantissa, exponent, bits = end
    if not mantissa and exponent:  # mpmath's infinities and nan
        return None
    del bits
    size = Fraction(int(mantissa)) * Fraction(2) ** exponent
    return -size if sign else size


class Intervals:
    """mpmath intervals at a working precision of `bits`: the second checker's arithmetic.

    mpmath supplies exp, log, sqrt, sin and cos. Its exp is not always rounded outwards (at 128 bits
    its exp(2^-52) lies wholly below the value, by 2e-48), so what it returns is widened by 16 units
    in the last place. Its own erfc, tanh and atanh do not enclose or do not converge: the rest are
    enclosures made of the first five.
    """

    def __init__(self, bits: int = 96) -> None:
        self.iv = MPIntervalContext()
        self.iv.prec = bits
        self.sqrt = self.iv.sqrt

    def _widened(self, value: Number, size: Number) -> Number:
        unit = self.iv.ldexp(1, 5 - self.iv.prec)
        return value + unit * self.iv.mpf([-1, 1]) * abs(size).b

    def exp(self, x: Number) -> Number:
        value = self.iv.exp(x)
        return self._widened(value, value)

    def log(self, x: Number) -> Number:
        value = self.iv.log(x)
        return self._widened(value, value)

    def sin(self, x: Number) -> Number:
        return self._widened(self.iv.sin(x), self.iv.mpf(1))

    def cos(self, x: Number) -> Number:
        return self._widened(self.iv.cos(x), self.iv.mpf(1))

    @property
    def pi(self) -> Number:
        return +self.iv.pi

    def number(self, value: Any) -> Number:
        if isinstance(value, Fraction):
            return self.iv.mpf(value.numerator) / self.iv.mpf(value.denominator)
        return self.iv.mpf(value)

    def box(self, low: Fraction, high: Fraction) -> Number:
        """The interval around [low, high]."""
        return self.iv.mpf([self.number(low).a, self.number(high).b])

    def expm1(self, x: Number) -> Number:
        return self.exp(x) - 1

    def log1p(self, x: Number) -> Number:
        return self.log(1 + x)

    def tanh(self, x: Number) -> Number:
        return 1 - 2 / (self.exp(2 * x) + 1)

    def atanh(self, x: Number) -> Number:
        return (self.log1p(x) - self.log1p(-x)) / 2

    def erfc(self, x: Number) -> Number:
        """erfc decreases, so its ends are enclosed: by a fraction from 2 on, by Taylor below."""
        return self.iv.mpf([self._erfc(x.b).a, self._erfc(x.a).b])

    def _erfc(self, x: Number) -> Number:
        if x.a >= 2:
            return self._erfc_by_fraction(x)
        size = float(abs(x).b)
        outer = self.iv.prec
        self.iv.prec = outer + 16 + int(3 * size * size)
        try:
            power = total = self.iv.mpf(x)
            n = 0
            while n < size * size + 1 or abs(power).b > self.iv.ldexp(1, -self.iv.prec):
                n += 1
                power = -power * x * x / n
                total += power / (2 * n + 1)
            total += abs(power) * self.iv.mpf([-1, 1])  # alternating and falling from here on
            return 1 - 2 * total / self.sqrt(self.pi)
        finally:
            self.iv.prec = outer

    def _erfc_by_fraction(self, x: Number, depth: int = 120) -> Number:
        """exp(-x^2) / (sqrt(pi) D_0), D_k = x + ((k + 1) / 2) / D_{k+1}, x <= D_k for x > 0.

        Laplace's fraction; at x >= 2 the cut at `depth` leaves less than 1e-24 of the value.
        """
        denominator = x + self.iv.mpf([0, 1]) * depth / (2 * x)
        for k in range(depth - 1, 0, -1):
            denominator = x + self.iv.mpf(k) / (2 * denominator)
        return self.exp(-x * x) / (self.sqrt(self.pi) * denominator)

    def lgamma(self, x: Number) -> Number:
        raise NotImplementedError("no enclosure of lgamma in intervals")

    def absolute(self, x: Number) -> Number:
        return abs(x)

    def minimum(self, x: Number, y: Number) -> Number:
        return self.iv.mpf([min(x.a, y.a), min(x.b, y.b)])

    def maximum(self, x: Number, y: Number) -> Number:
        return self.iv.mpf([max(x.a, y.a), max(x.b, y.b)])

    def nearest_integer(self, x: Number) -> int:
        low, high = (rational(end) for end in x._mpi_)
        if low is None or high is None or high - low >= 1:
            raise TooWide(f"no integer is within one of all of {x}")
        return round((low + high) / 2)

    def series(
        self, term: Callable[[int], Number], tail: Callable[[int], Number], first: int = 0
    ) -> Number:
        scale = self.iv.mpf(2) ** -self.iv.prec

        def negligible(rest: Number, total: Number, size: Number) -> bool:
            small = (rest <= scale * abs(total).b) is True
            return small or (rest <= scale * scale * size.b) is True

        total, rest = partial_sum(term, tail, first, negligible, most=1024)
        return total + self.iv.mpf([-1, 1]) * abs(rest).b

    def two_sided_series(
        self, term: Callable[[int], Number], tail: Callable[[int], Number], centre: int
    ) -> Number:
        return self.series(paired(term, centre), tail)

    def derivative(self, function: Callable[[Number], Number], x: Number) -> Number:
        raise NotImplementedError("intervals have no derivative here: state it as a series")
