"""Branch and bound, and the second checker: what is false is refuted, what is edited is refused."""

import copy
from fractions import Fraction as F

import pytest
import sympy

from hardposterior.proofs_checks import lattice as lattice_checks
from hardposterior.proofs_checks import lattice_denoiser, lattice_smoothing
from hardposterior.proofs_checks.branch_and_bound import certificate, positive_on
from hardposterior.proofs_checks.derivation import derive
from hardposterior.proofs_checks.outcomes import outcome_of, verified_again
from hardposterior.proofs_checks.recheck import CertificateError, first_gap, recheck
from hardposterior.spec import lattice, theta
from hardposterior.spec import lattice_denoiser as lattice_denoiser_spec
from hardposterior.spec import lattice_margins as margins
from hardposterior.spec import lattice_smoothing as lattice_smoothing_spec
from hardposterior.spec.evidence import Run

SQUARE = ((F(0), F(1)), (F(0), F(1)))
JOBS = [(margins.smoothing_margin, lattice_smoothing.SMOOTHING_DOMAIN), *lattice_denoiser.CHARTS]
JOBS += lattice_smoothing.PRODUCT_CHARTS


def ids(job):
    return job[0].__name__


@pytest.mark.parametrize("job", JOBS, ids=ids)
def test_the_second_checker_agrees(job):
    margin, domain = job
    data = certificate("claim", margin.__name__, domain, positive_on(margin, domain))
    assert recheck(data, margin, domain=domain, sample=40, seed=1) == min(40, len(data["boxes"]))


def bowl(ctx, x, y):
    """Positive on the unit square, least near (1/3, 2/3)."""
    third = ctx.number(F(1, 3))
    return (x - third) ** 2 + (y - 2 * third) ** 2 + ctx.number(F(1, 1000))


def sunk(ctx, x, y):
    """Negative near (1/3, 2/3)."""
    return bowl(ctx, x, y) - ctx.number(F(1, 500))


def test_a_true_claim_is_proved_and_covered():
    proof = positive_on(bowl, SQUARE)
    assert proof.proved
    assert first_gap(SQUARE, proof.boxes) is None
    area = sum((b[0][1] - b[0][0]) * (b[1][1] - b[1][0]) for b in proof.boxes)
    assert area == 1


def test_a_false_claim_is_refuted_with_an_exact_point():
    proof = positive_on(sunk, SQUARE)
    assert not proof.proved
    x, y = proof.counterexample
    assert (x - F(1, 3)) ** 2 + (y - F(2, 3)) ** 2 < F(1, 1000)
    data = certificate("claim", "sunk", SQUARE, proof)
    assert outcome_of([proof], [data]).status == "refuted"


def test_a_margin_that_vanishes_is_undecided_never_proved():
    proof = positive_on(lambda ctx, x: x * x, ((F(-1), F(2)),), most_boxes=200)
    data = certificate("claim", "square", ((F(-1), F(2)),), proof)
    assert outcome_of([proof], [data]).status == "undecided"


def test_precision_is_raised_until_a_point_is_decided():
    def tiny(ctx, x):
        return (1 + x * 0 + ctx.number(F(1, 2**300))) - 1

    proof = positive_on(tiny, ((F(0), F(1)),))
    assert proof.proved
    assert proof.bits > 300


def edited(change):
    proof = positive_on(bowl, SQUARE)
    data = copy.deepcopy(certificate("claim", "bowl", SQUARE, proof))
    change(data)
    return data


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d["boxes"].pop(3), "uncovered"),
        (lambda d: d["boxes"][0][0].__setitem__(1, "1/1000"), "uncovered"),
        (lambda d: d["boxes"][0].pop(), "2 variables expected"),
        (lambda d: d["boxes"][0][0].__setitem__(0, "x"), "not a list of pairs of fractions"),
        (lambda d: d["boxes"][0].__setitem__(0, ["1", "0"]), "out of order"),
    ],
)
def test_an_edited_certificate_is_refused(change, message):
    with pytest.raises(CertificateError, match=message):
        recheck(edited(change), bowl, domain=SQUARE, sample=None)


def test_a_certificate_of_a_smaller_domain_does_not_cover():
    half = ((F(0), F(1, 2)), (F(0), F(1)))
    data = certificate("claim", "bowl", half, positive_on(bowl, half))
    with pytest.raises(CertificateError, match=r"\[1/2, 1\] uncovered"):
        recheck(data, bowl, domain=SQUARE)


def test_boxes_that_cover_but_prove_nothing_are_refused():
    """One box over the whole square, for a claim that is false inside it."""
    data = {"boxes": [[["0", "1"], ["0", "1"]]]}
    with pytest.raises(CertificateError, match=r"box \[0, 1\] x \[0, 1\].*not certain there"):
        recheck(data, sunk, domain=SQUARE)


def test_a_wrong_bound_is_refuted_by_the_balls():
    """B without its factor 1 / (1 - eta) is false, and found."""

    def weaker(ctx, rho, u):
        slope = theta.theta_slope(ctx, rho, u) / (4 * ctx.pi * rho)
        return theta.theta(ctx, rho, u) + (1 - rho**3) ** 2 * slope

    proof = positive_on(weaker, ((F(1, 10), F(2, 5)), (F(0), F(1))), most_boxes=4000)
    assert proof.counterexample is not None


def below_half(ctx, u):
    """ "T(u) < 1/2" at q = 1/4, false at every integer: T(0) is 1.014."""
    return ctx.number(F(1, 2)) - theta.theta_in_space(ctx, ctx.number(F(1, 4)), u)


@pytest.mark.parametrize("place", [F(2**140), F(2**60 + 100), F(2**54 + 3)])
def test_a_far_centre_is_found_exactly(place):
    """A series started at the wrong integer has an invalid tail, and proves what is false."""
    domain = ((place, place),)
    assert not positive_on(below_half, domain).proved
    with pytest.raises(CertificateError, match="not certain there"):
        recheck({"boxes": [[[str(place)] * 2]]}, below_half, domain=domain)


def test_a_box_without_width_does_not_pad_a_certificate():
    def padded(data):
        data["boxes"] += [[["1/2", "1/2"], ["0", "1"]]] * 100

    with pytest.raises(CertificateError, match="covers nothing"):
        recheck(edited(padded), bowl, domain=SQUARE)


@pytest.mark.parametrize("steps", [{}, {"a": False}])
def test_what_is_no_derivation_is_refused(steps):
    with pytest.raises((ValueError, TypeError)):
        derive(steps)


def test_a_zero_in_rounded_numbers_is_not_proved():
    x = sympy.Symbol("x")
    assert derive({"rounded": sympy.Float(0.0)}).status == "refuted"
    square = (x + sympy.Float(1.5)) ** 2
    with pytest.raises(TypeError, match="only in rounded numbers"):
        derive({"cancels": square - x**2 - sympy.Float(3.0) * x - sympy.Float(2.25)})


def test_a_step_that_does_not_vanish_is_refuted():
    assert derive({"wrong": sympy.Symbol("x") - 1}).status == "refuted"


def test_doubled_masses_are_refuted(monkeypatch):
    right = lattice.mass
    monkeypatch.setattr(lattice, "mass", lambda *a: 2 * right(*a))
    assert lattice_checks.masses_add_up_to_one(Run(seed=0)).status == "refuted"


def test_nothing_checked_is_not_verified():
    assert verified_again("claim", [], 10, 0).status == "undecided"


STATED = [
    (lattice_smoothing_spec.LATTICE_SMOOTHING, lattice_smoothing.geometric_series_of_the_bound),
    (lattice_smoothing_spec.LATTICE_SMOOTHING_PRODUCT, lattice_smoothing.every_factor_is_a_square),
    (lattice_smoothing_spec.LATTICE_SMOOTHING_DENSITY, lattice_smoothing.cosines_add_up_to_eta),
    (lattice_denoiser_spec.LATTICE_DENOISER, lattice_denoiser.pairing_the_lattice_points),
    (
        lattice_denoiser_spec.LATTICE_DENOISER_PHASES,
        lattice_denoiser.a_shift_rises_by_at_most_a_period,
    ),
]


@pytest.mark.parametrize(("statement", "proof"), STATED, ids=[s.id for s, _ in STATED])
def test_a_proof_is_of_the_stated_bound(statement, proof):
    """A right side a thousand times smaller is not what was proved."""
    right = statement.right
    assert proof(Run(seed=0)).status == "proved"
    object.__setattr__(statement, "right", lambda *a, **k: right(*a, **k) / 1000)
    try:
        assert proof(Run(seed=0)).status == "refuted"
    finally:
        object.__setattr__(statement, "right", right)


@pytest.mark.parametrize("top", [F(3, 10), F(4533, 10000)])
def test_a_domain_short_of_eta_one_is_refuted(monkeypatch, top):
    monkeypatch.setattr(lattice_smoothing, "SMOOTHING_DOMAIN", ((F(0), top), (F(0), F(1))))
    found = lattice_smoothing.margin_is_positive_for_every_rho_and_u(Run(seed=0))
    assert found.status == "refuted"


@pytest.mark.parametrize(
    ("chart", "domain"),
    [
        (0, ((F(-31), F(-5)), (F(0), F(7)))),
        (1, ((F(-31), F(-6)),)),
        (2, ((F(-4), F(-2)), (F(-1, 2), F(1, 2)))),
        (2, ((F(-5), F(-2)), (F(0), F(1, 2)))),
        (3, ((F(-3), F(8)), (F(0), F(1)))),
    ],
)
def test_charts_that_leave_a_gap_are_refuted(monkeypatch, chart, domain):
    charts = list(lattice_denoiser.CHARTS)
    charts[chart] = (charts[chart][0], domain)
    monkeypatch.setattr(lattice_denoiser, "CHARTS", tuple(charts))
    found = lattice_denoiser.margins_are_positive_on_every_chart(Run(seed=0))
    assert found.status == "refuted"
