"""The links of the reduction's proof, each on an implementation's draws, and the claims."""

import math
import random
from typing import Any

import torch
from hypothesis import strategies as st
from scipy import stats

from hardposterior.properties import claims
from hardposterior.properties.strategies import on_a_log_scale
from hardposterior.properties.tables import Function, digits, draw_digits, table_of
from hardposterior.spec import inversion, inversion_links, lower_bound, measurement
from hardposterior.spec.arithmetic import Floats
from hardposterior.spec.evidence import Outcome, Run, evidence, judged

FLOATS = Floats()


def generator_of(law: Any, seed: int) -> torch.Generator:
    """A generator on the law's device."""
    return torch.Generator(device=law.device or "cpu").manual_seed(seed)


def constructed_measurements(
    implementation: Any, law: Any, function: Function, beta: float, count: int, seed: int
) -> torch.Tensor:
    """y (count, m) as the reduction makes them from images of uniform words."""
    made = []

    def recording(denoise: Any, A: Any, y: Any, beta: float, count: int, generator: Any) -> Any:
        del denoise, beta, generator
        made.append(y)
        return y.new_zeros(count, A.shape[1])

    generator = generator_of(law, seed)
    words = torch.randint(0, 2, (count, function.n), generator=generator, device=law.device)
    for word in words:
        implementation.invert(law, function(word), recording, generator, beta=beta)
    return torch.stack(made).cpu()


def projections(y: torch.Tensor) -> list[Any]:
    """Every coordinate, sums and differences of neighbours, and the squared norm."""
    shifted = y.roll(1, -1)
    return [*y.T.numpy(), *(y + shifted).T.numpy(), *(y - shifted).T.numpy(), (y * y).sum(-1)]


def marginal_p_value(
    implementation: Any, n: int, m: int, digits: str, beta: float, count: int, seed: int
) -> float:
    """Constructed y against the prior's measurements: two-sample Kolmogorov-Smirnov, Bonferroni."""
    function = Function(table_of(n, m, digits))
    law = implementation.HardInstance(function, 2.0, 1.5)
    made = constructed_measurements(implementation, law, function, beta, count, seed)
    generator = generator_of(law, seed + 1)
    x, _ = law.sample(20 * count, generator)
    drawn = law.measurement(beta).observe(x, generator).cpu()
    pairs = zip(projections(made), projections(drawn), strict=True)
    p_values = [float(stats.ks_2samp(a, b, method="asymp").pvalue) for a, b in pairs]
    return min(1.0, len(p_values) * min(p_values))


@evidence(
    inversion_links.INVERSION_MARGINAL,
    kind="statistical",
    scope="box",
    needs=("HardInstance", "invert"),
)
def constructed_y_is_a_drawn_y(run: Run) -> Outcome:
    """Coordinates, sums, differences and norms of y, made and drawn; false alarm 1e-6.

    m = 3, one constant image bit, so that phases show. Finds a distance of .06 (.02 in thorough).
    """
    count = run.size(4500, 5000, 40_000)
    draw = random.Random(run.seed)
    rows = [f"{draw.getrandbits(2):02b}1" for _ in range(4)]
    case = (2, 3, f"{int(''.join(rows), 2):x}", 0.05, count, draw.getrandbits(48))
    p_value = marginal_p_value(run.implementation, *case)
    shown = ", ".join(map(repr, case))
    call = f"{__name__}.marginal_p_value(implementation, {shown}) = {p_value:.3g}"
    return judged(p_value, count, call)


def exchange_p_values(
    implementation: Any, n: int, m: int, digits: str, beta: float, count: int, seed: int
) -> tuple[float, float, float]:
    """Exchangeability of (s', y) and (s*, y), and how often f(s') is f(s*), measured and exact.

    P(s | y) and P(bit | y) at s' against the same at s*: by exchangeability the differences are
    symmetric about 0 (exact sign test; one for each hidden bit's agreement with sign(y_1)).
    """
    function = Function(table_of(n, m, digits))
    law = implementation.HardInstance(function, 4.0, 1.5)
    generator = generator_of(law, seed)
    x, stars = law.sample(count, generator)
    observed = law.measurement(beta).observe(x, generator)
    places = 2 ** torch.arange(n - 1, -1, -1)
    signs = torch.zeros(n + 1, 2, dtype=torch.int64)
    agree, exact = 0, 0.0
    for star, y in zip(stars.cpu(), observed, strict=True):
        posterior = law.posterior(y, beta)
        drawn = (posterior.sample(1, generator)[0, :n] > 0).long().cpu()
        p = posterior.hidden_probabilities().double().cpu()
        images = function.rows
        same = (images[:, None] == images[None]).all(-1).double()
        agree += int((function(star) == function(drawn)).all())
        exact += float(p @ same @ p)
        gap = float(p[(drawn * places).sum()] - p[(star * places).sum()])
        side = torch.tensor(
            [math.copysign(1, gap) if gap else 0, *((drawn - star) * y[0].sign().cpu())]
        )
        signs[:, 0] += side > 0
        signs[:, 1] += side < 0
    p_values = [
        float(stats.binomtest(int(a), int(a + b)).pvalue) if a + b else 1.0 for a, b in signs
    ]
    return min(1.0, len(p_values) * min(p_values)), agree / count, exact / count


@evidence(
    inversion_links.INVERSION_EXCHANGE, kind="statistical", scope="box", needs=("HardInstance",)
)
def posterior_draws_are_exchangeable(run: Run) -> Outcome:
    """(s', y) and (s*, y) by sign tests, and Pr[f(s') != f(s*)] within 2 p_dec; false alarm 1e-6.

    n = m = 4 at h = 2, where a fifth of the draws disagree; R = 4 makes signs of x the words but
    for 1e-4. Finds words that win over s* in nine of ten disagreements (in thorough, 57 %).
    """
    draw = random.Random(run.seed)
    count = run.size(600, 2000, 20_000)
    beta, m = 0.046875, 4
    case = (4, m, draw_digits(4, m, draw), beta, count, draw.getrandbits(48))
    p_value, agree, exact = exchange_p_values(run.implementation, *case)
    h = measurement.decoding_ratio(4.0, 1.5, beta)
    bound = min(1.0, 2 * float(measurement.failure_bound(FLOATS, m, h)))
    own = float(stats.binom.sf(round((1 - agree) * count) - 1, count, bound))
    even = float(stats.binomtest(round(agree * count), count, min(1.0, exact)).pvalue)
    shown = ", ".join(map(repr, case))
    return judged(
        min(1.0, 3 * min(p_value, own, even)),
        count,
        f"{__name__}.exchange_p_values(implementation, {shown}) = {p_value:.3g}, {agree}, {exact}",
        detail=f"f(s') != f(s*): {1 - agree:.4f}, exact {1 - exact:.4f}, 2 p_dec {bound:.4f}",
    )


@evidence(inversion_links.INVERSION_SIGNS, kind="statistical", scope="box", needs=("HardInstance",))
def drawn_coordinates_are_as_weak_as_stated(run: Run) -> Outcome:
    """Prior draws with some s_i x_i <= tau, tau = 0, .1, .5, n = 8, R = 2 and 3: exact binomials.

    False alarm 1e-6; finds a chance (.01 to .75) off by a tenth, in thorough by 5 %.
    """
    count = run.size(500_000, 500_000, 2_000_000)
    p_values, call = [], ""
    for separation in (2.0, 3.0):
        law = run.implementation.HardInstance(Function(((0,),) * 256), separation, 1.0)
        x, bits = law.sample(count, generator_of(law, run.seed))
        weakest = ((2 * bits - 1) * x[:, :8]).amin(-1)
        for tau in (0.0, 0.1, 0.5):
            exact = float(inversion_links.any_weak_coordinate(FLOATS, 8, separation, tau))
            weak = int((weakest <= tau).sum())
            p_values.append(float(stats.binomtest(weak, count, exact).pvalue))
            if p_values[-1] == min(p_values):
                call = f"HardInstance(f, {separation}, 1.0): {weak} of {count} weak at {tau}"
    return judged(min(1.0, 6 * min(p_values)), 6 * count, call)


@st.composite
def joint_laws(draw: st.DrawFn) -> dict[str, Any]:
    """Masses of up to 4 cells and 5 images, often nearly decided by y, and a decoder."""
    images = draw(st.integers(1, 5))
    rows, decoder = [], []
    for _ in range(draw(st.integers(1, 4))):
        row = [draw(on_a_log_scale(1e-6, 1.0)) for _ in range(images)]
        guess = draw(st.integers(0, images - 1))
        row[guess] += draw(st.sampled_from([0.0, 1.0, 100.0]))
        rows.append(row)
        decoder.append(guess)
    return {"joint": rows, "decoder": decoder}


def even_laws() -> st.SearchStrategy[dict[str, Any]]:
    """A small error, spread over many images: two errors hardly ever agree."""
    return st.tuples(on_a_log_scale(1e-8, 1e-2), st.integers(2, 40)).map(
        lambda drawn: {"joint": [[1.0, *[drawn[0] / drawn[1]] * drawn[1]]], "decoder": [0]}
    )


@st.composite
def reductions(draw: st.DrawFn) -> dict[str, Any]:
    """Sizes, an accuracy of the sampler, and a joint law; often with little to lose."""
    return {
        "n": draw(st.integers(1, 64)),
        "separation": draw(on_a_log_scale(1.0, 12.0)),
        "tau": draw(st.one_of(st.sampled_from([0.0, 0.1]), st.floats(0, 1.5))),
        "delta": draw(st.one_of(st.sampled_from([0.0, 0.1, 1e-6]), st.floats(0, 1))),
        **draw(st.one_of(joint_laws(), even_laws())),
    }


@st.composite
def constructed_points(draw: st.DrawFn) -> dict[str, Any]:
    """A table of at most 3 x 3 bits and a scaled y near its lattices."""
    n, m = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    return {
        "table": table_of(n, m, draw(digits(n, m))),
        "separation": draw(on_a_log_scale(1.0, 12.0)),
        "spacing": draw(on_a_log_scale(0.3, 3.0)),
        "beta": draw(on_a_log_scale(0.01, 2.0)),
        "y": [draw(st.floats(-2, 2)) for _ in range(m)],
    }


def register_claims() -> None:
    """Search for counterexamples to the statements themselves."""
    claims.register(inversion_links.INVERSION_MARGINAL, constructed_points(), 30)
    laws = st.one_of(joint_laws(), even_laws())
    claims.register(inversion_links.INVERSION_EXCHANGE, laws, 100)
    signs = {
        "n": st.integers(1, 1000),
        "separation": on_a_log_scale(0.1, 12.0),
        "tau": st.floats(0, 2),
    }
    claims.register(inversion_links.INVERSION_SIGNS, st.fixed_dictionaries(signs), 60)
    claims.register(inversion.INVERSION, reductions(), 100)
    claims.register(inversion.INVERSION_SHARP, reductions(), 100)
    sizes = {
        "n": st.integers(1, 2**20),
        "m": st.integers(1, 2**20),
        "C": st.one_of(st.just(0.0), st.floats(0, 10)),
    }
    claims.register(lower_bound.INVERSION_CALIBRATED, st.fixed_dictionaries(sizes), 60)


register_claims()
