"""Arithmetics that prove: balls (python-flint), intervals (mpmath.iv) and symbols (sympy).

Balls and intervals enclose: a comparison is true only where it is certainly true. A context is
entered to set its precision: `with Balls(128) as ctx`.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import flint
import sympy
from flint import arb, fmpq
from mpmath.ctx_iv import MPIntervalContext

from hardposterior.spec.arithmetic import Number, TooWide, paired, partial_sum


class Balls:
    """Arb balls at a working precision of `bits`."""

    def __init__(self, bits: int = 128) -> None:
        self.bits = bits
        self._outer: list[int] = []

    def __enter__(self) -> "Balls":
        self._outer.append(flint.ctx.prec)
        flint.ctx.prec = self.bits
        return self

    def __exit__(self, *_: object) -> None:
        flint.ctx.prec = self._outer.pop()

    @property
    def pi(self) -> arb:
        return arb.pi()

    def number(self, value: Any) -> arb:
        if isinstance(value, Fraction):
            return arb(fmpq(value.numerator, value.denominator))
        return arb(value)

    def box(self, low: Fraction, high: Fraction) -> arb:
        """The ball around [low, high]."""
        return self.number(low).union(self.number(high))

    def exp(self, x: arb) -> arb:
        """exp(x); around a value that underflows, the ball [0, upper end].

        flint's power of a ball whose midpoint is zero is not a number.
        """
        value = x.exp()
        if value.mid() != 0 or not value.is_finite():
            return value
        middle = value.abs_upper() / 2
        return arb(middle, middle)

    expm1 = staticmethod(arb.expm1)
    log = staticmethod(arb.log)
    log1p = staticmethod(arb.log1p)
    sqrt = staticmethod(arb.sqrt)
    sin = staticmethod(arb.sin)
    cos = staticmethod(arb.cos)
    tanh = staticmethod(arb.tanh)
    atanh = staticmethod(arb.atanh)
    erfc = staticmethod(arb.erfc)
    lgamma = staticmethod(arb.lgamma)
    absolute = staticmethod(abs)
    minimum = staticmethod(arb.min)
    maximum = staticmethod(arb.max)

    def nearest_integer(self, x: arb) -> int:
        if not x.is_finite() or not x.rad() < 0.5:
            raise TooWide(f"no integer is within one of all of {x}")
        mantissa, exponent = x.mid().man_exp()
        return round(Fraction(int(mantissa)) * Fraction(2) ** int(exponent))

    def series(self, term: Callable[[int], arb], tail: Callable[[int], arb], first: int = 0) -> arb:
        scale = arb(2) ** -self.bits

        def negligible(rest: arb, total: arb, size: arb) -> bool:
            if not total.is_finite():  # no further term can mend it
                return True
            enough = abs(total).upper().max(scale * size.upper())
            return bool(rest.is_finite() and rest <= scale * enough)

        total, rest = partial_sum(term, tail, first, negligible, most=4096)
        return total + arb(0, rest.abs_upper()) if rest.is_finite() else arb.nan()

    def two_sided_series(
        self, term: Callable[[int], arb], tail: Callable[[int], arb], centre: int
    ) -> arb:
        return self.series(paired(term, centre), tail)

    def derivative(self, function: Callable[[arb], arb], x: arb) -> arb:
        raise NotImplementedError("balls have no derivative here: state it as a series")


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


class Symbols:
    """sympy expressions; a series stays a `Sum`."""

    pi = sympy.pi
    exp = staticmethod(sympy.exp)
    log = staticmethod(sympy.log)
    sqrt = staticmethod(sympy.sqrt)
    sin = staticmethod(sympy.sin)
    cos = staticmethod(sympy.cos)
    tanh = staticmethod(sympy.tanh)
    atanh = staticmethod(sympy.atanh)
    erfc = staticmethod(sympy.erfc)
    lgamma = staticmethod(sympy.loggamma)
    absolute = staticmethod(sympy.Abs)
    minimum = staticmethod(sympy.Min)
    maximum = staticmethod(sympy.Max)

    def number(self, value: Any) -> sympy.Expr:
        return sympy.Rational(value) if isinstance(value, float) else sympy.sympify(value)

    def expm1(self, x: sympy.Expr) -> sympy.Expr:
        return sympy.exp(x) - 1

    def log1p(self, x: sympy.Expr) -> sympy.Expr:
        return sympy.log(1 + x)

    def nearest_integer(self, x: sympy.Expr) -> int:
        del x
        return 0

    def series(
        self,
        term: Callable[[Any], sympy.Expr],
        tail: Callable[[int], sympy.Expr],
        first: int = 0,
    ) -> sympy.Expr:
        del tail
        j = sympy.Symbol("j", integer=True, nonnegative=True)
        return sympy.Sum(term(j), (j, first, sympy.oo))

    def two_sided_series(
        self,
        term: Callable[[Any], sympy.Expr],
        tail: Callable[[int], sympy.Expr],
        centre: int,
    ) -> sympy.Expr:
        del tail, centre
        k = sympy.Symbol("k", integer=True)
        return sympy.Sum(term(k), (k, -sympy.oo, sympy.oo))

    def derivative(self, function: Callable[[sympy.Expr], sympy.Expr], x: sympy.Expr) -> sympy.Expr:
        z = sympy.Dummy("z", real=True)
        return sympy.diff(function(z), z).subs(z, x)
