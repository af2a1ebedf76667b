"""The hard instance's score, derived from its density."""

import sympy

from hardposterior.proofs_checks.derivation import derive
from hardposterior.spec import hard_instance
from hardposterior.spec.evidence import Outcome, Run, evidence

x, y = sympy.symbols("x y", real=True)
R = sympy.Symbol("R", positive=True)


@evidence(hard_instance.HARD_INSTANCE, kind="symbolic", scope="step")
def score_is_the_average_of_the_vertices_scores(run: Run) -> Outcome:
    """d log sum_s prod_i g_{i,s} / dx_i = sum_s P(s | x) g_{i,s}' / g_{i,s}; scaling by R.

    For every table of two words and two coordinates, with the densities left open.
    """
    del run
    g = [[sympy.Function(f"g{i}{bit}") for bit in (0, 1)] for i in (0, 1)]
    steps = {}
    for table in (((0,), (0,)), ((0,), (1,)), ((1,), (0,)), ((1,), (1,))):
        pairs = [tuple(f(z) for f in row) for row, z in zip(g, (x, y), strict=True)]
        joint = hard_instance.vertex_densities(table, pairs)
        log_density = sympy.log(sum(joint))
        for i, z in enumerate((x, y)):
            vertices = [(word[0], table[word[0]][0]) for word in hard_instance.words(1)]
            average = sum(
                weight * sympy.diff(sympy.log(pairs[i][vertex[i]]), z)
                for weight, vertex in zip(joint, vertices, strict=True)
            ) / sum(joint)
            steps[f"f = {table}, coordinate {i + 1}"] = sympy.together(
                sympy.diff(log_density, z) - average
            )
    density = sympy.Function("p")
    scaled = sympy.diff(sympy.log(R**2 * density(R * x)), x).doit()
    inner = sympy.diff(sympy.log(density(y)), y).subs(y, R * x).doit()
    steps["scaling"] = sympy.simplify(scaled - R * inner)
    return derive(steps)
