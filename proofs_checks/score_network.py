"""What the error bounds of score networks share, derived: sums of errors and of their roots."""

import sympy

from hardposterior.proofs_checks.arithmetic import Symbols
from hardposterior.proofs_checks.derivation import derive
from hardposterior.spec import score_network
from hardposterior.spec.evidence import Outcome, Run, evidence

ctx = Symbols()
x, y = sympy.symbols("x y", real=True)


@evidence(score_network.RELU_PRODUCT_SCORE, kind="symbolic", scope="whole")
def errors_of_a_product_add(run: Run) -> Outcome:
    """By induction: a coordinate adds its own mean square to the mean over the cells so far.

    Cells of chances A and squares S, a law p and errors e: the sum over both of A p (S + e^2) is
    (sum A S)(sum p) + (sum A)(sum p e^2). And the formulas themselves for three symbolic laws.
    """
    del run
    chances, squares, law, error = (sympy.symbols(f"{name}0:3") for name in "ASpe")
    both = sum(
        chance * p * (square + e**2)
        for chance, square in zip(chances, squares, strict=True)
        for p, e in zip(law, error, strict=True)
    )
    mean = sum(chance * square for chance, square in zip(chances, squares, strict=True))
    own = sum(p * e**2 for p, e in zip(law, error, strict=True))
    laws = [sympy.symbols(f"p{i}_0:2", positive=True) for i in range(3)]
    errors = [sympy.symbols(f"e{i}_0:2") for i in range(3)]
    left, right = (
        side(ctx, laws, errors)
        for side in (score_network.error_of_the_product, score_network.sum_of_errors)
    )
    return derive(
        {
            "one more coordinate": sympy.expand(both - mean * sum(law) - sum(chances) * own),
            "three coordinates": sympy.together(left - right),
        }
    )


def triangle_inequality() -> dict[str, sympy.Expr]:
    """E (x + y)^2 <= (sqrt V + sqrt E)^2, V = E x^2 and E = E y^2, as E x y <= sqrt(V E).

    Cauchy-Schwarz: E (x sqrt E - y sqrt V)^2 >= 0 is 2 V E - 2 sqrt(V E) E x y >= 0.
    """
    first, second, cross = sympy.symbols("V E c", positive=True)
    moments = {x**2: first, y**2: second, x * y: cross}
    spread = sympy.expand((x * sympy.sqrt(second) - y * sympy.sqrt(first)) ** 2)
    expected = sum(
        spread.coeff(x, i).coeff(y, j) * moments[x**i * y**j] for i, j in ((2, 0), (1, 1), (0, 2))
    )
    bound = score_network.joined(ctx, first, [second])
    root = sympy.sqrt(first * second)
    return {
        "Cauchy-Schwarz": sympy.simplify(expected - 2 * root * (root - cross)),
        "sum": sympy.expand(bound - (first + second + 2 * cross) - 2 * (root - cross)),
    }
