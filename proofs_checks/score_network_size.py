"""The size formulas added up from their layers, for symbolic sizes (Appendix C.8)."""

import sympy

from hardposterior.proofs_checks.arithmetic import Symbols
from hardposterior.proofs_checks.derivation import derive
from hardposterior.spec import score_network_size as sizes
from hardposterior.spec.evidence import Outcome, Run, evidence

n, m, pieces = sympy.symbols("n m N", positive=True, integer=True)
circuit = sympy.Symbol("C", nonnegative=True, integer=True)


@evidence(sizes.RELU_SCORE_NEURONS, kind="symbolic", scope="whole")
def layers_add_up(run: Run) -> Outcome:
    """Folded: F + 2 layers of 4 among six others. Direct: 4 W = 2 (2^(F + 1) - 1) half periods."""
    del run
    folds = sympy.Symbol("F", positive=True, integer=True)
    folded = 2 + 4 * (folds + 2) + (2 * pieces + 2) + 4
    direct = 2 * (sizes.half_periods(folds) * pieces + 2)
    layers = {
        f"folded, F = {k}": sum(sizes.profile_layers(pieces, k, True)) - folded.subs(folds, k)
        for k in range(4)
    }
    whole = 2 * n + circuit + m * 4
    stated = 4 * folds + 2 * pieces + 20, 4 * (2 ** (folds + 1) - 1) * pieces + 8
    ctx, at = Symbols(), {"n": n, "m": m, "circuit": circuit, "pieces": pieces}
    for k in range(4):
        for way, one, texted in (("folded", folded, stated[0]), ("direct", direct, stated[1])):
            here = {**at, "folds": k, "folded": way == "folded"}
            layered = sizes.RELU_SCORE_NEURONS.left(ctx, **here)
            layers[f"left as stated, {way}, F = {k}"] = layered - (whole + m * one).subs(folds, k)
            right = sizes.RELU_SCORE_NEURONS.right(ctx, **here)
            total = 2 * n + circuit + m * texted
            layers[f"right as stated, {way}, F = {k}"] = right - total.subs(folds, k)
    return derive(
        {
            **{name: sympy.expand(step) for name, step in layers.items()},
            "folded": sympy.expand(whole + m * folded - (2 * n + circuit + m * stated[0])),
            "direct": sympy.simplify(whole + m * direct - (2 * n + circuit + m * stated[1])),
        },
        detail="a step of F adds a layer of 4",
    )
