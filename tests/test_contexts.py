"""The arithmetics: each encloses or approximates the same numbers."""

from fractions import Fraction
from types import SimpleNamespace

import pytest
import sympy
from flint import arb
from hypothesis import example, given
from hypothesis import strategies as st

from hardposterior.proofs_checks.arithmetic import Balls, Symbols
from hardposterior.proofs_checks.intervals import Intervals
from hardposterior.properties.arithmetic import Decimals
from hardposterior.spec.arithmetic import Floats, standard_normal_cdf

UNARY = ("exp", "expm1", "sin", "cos", "tanh", "erfc")


def fraction(value):
    """An mpf, exactly."""
    sign, mantissa, exponent, _ = value._mpf_
    return (-1) ** sign * Fraction(int(mantissa)) * Fraction(2) ** exponent


def ends(enclosure):
    """The exact ends of an interval or a ball."""
    if isinstance(enclosure, arb):
        parts = [end.man_exp() for end in (enclosure.lower(), enclosure.upper())]
        return [Fraction(int(m)) * Fraction(2) ** int(e) for m, e in parts]
    return [fraction(SimpleNamespace(_mpf_=end)) for end in enclosure._mpi_]


NEAR = Fraction(1, 10**50)
"""What the 60-digit reference may err by."""


@pytest.mark.parametrize("name", UNARY)
@given(x=st.floats(-6, 6))
@example(x=2.0)  # where erfc goes from a series to a continued fraction, at its slowest
def test_functions_agree_in_every_arithmetic(name, x):
    reference = Decimals(60)
    exact = fraction(getattr(reference, name)(reference.number(x)))
    size = max(1, abs(exact))
    assert abs(Fraction(getattr(Floats(), name)(x)) - exact) <= size / 10**14
    intervals = Intervals(128)
    with Balls(128) as balls:
        for context in (balls, intervals):
            low, high = ends(getattr(context, name)(context.number(x)))
            assert low <= exact + NEAR * size
            assert high >= exact - NEAR * size
            assert high - low <= size / 10**25


@pytest.mark.parametrize("name", [*UNARY, "log1p", "atanh"])
@given(low=st.floats(-0.9, 0.9), width=st.floats(0, 0.09), inside=st.floats(0, 1))
def test_a_box_encloses_every_point_in_it(name, low, width, inside):
    high = low + width
    point = min(max(low + inside * width, low), high)
    reference = Decimals(60)
    exact = fraction(getattr(reference, name)(reference.number(point)))
    with Balls(96) as balls:
        for context in (balls, Intervals(96)):
            bottom, top = ends(getattr(context, name)(context.box(Fraction(low), Fraction(high))))
            assert bottom - NEAR <= exact <= top + NEAR


def test_erfc_of_a_wide_interval_is_not_mpmaths():
    """mpmath's own erfc of [1, 1.01] is far wider than the range of erfc there."""
    enclosure = Intervals(96).erfc(Intervals(96).iv.mpf([1, 1.01]))
    assert 0.1531 < float(enclosure.a) < float(enclosure.b) < 0.1573


@given(base=st.floats(0.01, 0.95))
def test_a_truncated_series_encloses_its_sum(base):
    """sum_j base^j = 1 / (1 - base), whatever the truncation."""

    def geometric(ctx):
        r = ctx.number(base)
        return ctx.series(lambda j: r**j, lambda j: r**j / (1 - r)), 1 / (1 - r)

    with Balls(100) as balls:
        total, exact = geometric(balls)
        assert total.overlaps(exact)
    total, exact = geometric(Intervals(100))
    assert total.a <= exact.b
    assert total.b >= exact.a
    total, exact = geometric(Floats())
    assert total == pytest.approx(exact, rel=1e-12)


def test_a_forgotten_tail_is_seen():
    """With a tail that claims to be nothing, the enclosure loses the sum."""
    with Balls(100) as balls:
        half = balls.number(0.5)
        total = balls.series(lambda j: half**j, lambda j: balls.number(0))
        assert not total.overlaps(balls.number(2))


def test_a_power_of_an_underflowing_ball_is_a_number():
    with Balls(128) as balls:
        value = balls.exp(arb("-1e9", "9e8"))
        assert (value**4).is_finite()


def test_precision_is_restored():
    import flint

    before = flint.ctx.prec
    with Balls(500), Balls(77):
        assert flint.ctx.prec == 77
    assert flint.ctx.prec == before


def test_the_normal_cdf_keeps_its_lower_tail():
    assert standard_normal_cdf(Floats(), -30.0) == pytest.approx(4.906714e-198, rel=1e-6)
    assert str(standard_normal_cdf(Symbols(), Symbols().number(0))) == "1/2"


@pytest.mark.parametrize("context", [Floats(), Balls(), Intervals()])
def test_a_derivative_that_is_not_offered_says_so(context):
    with pytest.raises(NotImplementedError, match="derivative"):
        context.derivative(lambda x: x, 1)


def test_a_sum_in_a_sum_has_an_index_of_its_own():
    """Both were named k: the inner sum took the outer index for its own."""
    ctx = Symbols()
    z = sympy.Symbol("z", positive=True)

    def summed(outer):
        return ctx.two_sided_series(lambda k: z ** (outer + k), lambda j: j, 0)

    total = ctx.two_sided_series(summed, lambda j: j, 0)
    indices = {limit[0] for limit in total.limits}
    assert len(indices) == 2
    assert total.function.free_symbols == {z, *indices}
