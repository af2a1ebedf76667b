"""Arithmetics that prove: balls (python-flint) and symbols (sympy).

Balls enclose: a comparison is true only where it is certainly true. A context is entered to set
its precision: `with Balls(128) as ctx`.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import flint
import sympy
from flint import arb, fmpq

from hardposterior.spec.arithmetic import TooWide, paired, partial_sum


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


def fresh(letter: str, term: Callable[[Any], sympy.Expr], **assumed: bool) -> sympy.Symbol:
    """An index for the sum of `term` that no symbol in it has: a sum in a sum has its own."""
    inside = sympy.sympify(term(sympy.Dummy(**assumed))).atoms(sympy.Symbol)
    taken = {symbol.name for symbol in inside if not isinstance(symbol, sympy.Dummy)}
    free = (letter + "'" * primes for primes in range(len(taken) + 1))
    return sympy.Symbol(next(name for name in free if name not in taken), **assumed)


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
        j = fresh("j", term, integer=True, nonnegative=True)
        return sympy.Sum(term(j), (j, first, sympy.oo))

    def two_sided_series(
        self,
        term: Callable[[Any], sympy.Expr],
        tail: Callable[[int], sympy.Expr],
        centre: int,
    ) -> sympy.Expr:
        del tail, centre
        k = fresh("k", term, integer=True)
        return sympy.Sum(term(k), (k, -sympy.oo, sympy.oo))

    def derivative(self, function: Callable[[sympy.Expr], sympy.Expr], x: sympy.Expr) -> sympy.Expr:
        z = sympy.Dummy("z", real=True)
        return sympy.diff(function(z), z).subs(z, x)


class Unchosen(Symbols):
    """Symbols that leave open which of two numbers is the smaller, and which the larger."""

    minimum = staticmethod(sympy.Function("min"))
    maximum = staticmethod(sympy.Function("max"))
