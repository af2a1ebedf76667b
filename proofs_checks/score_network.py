"""The error of a score network, derived term by term (Appendices C.3 to C.8)."""

import sympy

from hardposterior.proofs_checks.arithmetic import Symbols
from hardposterior.proofs_checks.derivation import derive
from hardposterior.spec import score_network
from hardposterior.spec.evidence import Outcome, Run, evidence

ctx = Symbols()


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
