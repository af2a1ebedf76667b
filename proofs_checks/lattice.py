"""The discretized Gaussian's definition, checked where it can be checked exactly."""

from fractions import Fraction

from hardposterior.proofs_checks.arithmetic import Balls
from hardposterior.spec import lattice
from hardposterior.spec.evidence import Outcome, Run, evidence, proved, refuted


@evidence(lattice.DISCRETIZED_GAUSSIAN, kind="certified", scope="step")
def masses_add_up_to_one(run: Run) -> Outcome:
    """The masses at |k| <= 60 leave less than a Gaussian tail, in balls, on a grid of lattices."""
    spacings = [Fraction(n, 4) for n in range(1, run.size(9, 17, 33))]
    phases = [Fraction(n, 8) for n in range(8)]
    with Balls(128) as ctx:
        for spacing in spacings:
            for phase in phases:
                eps, theta = ctx.number(spacing), ctx.number(phase)
                total = sum(lattice.mass(ctx, eps, theta, k) for k in range(-60, 61))
                missing = 1 - total
                tail = lattice.gaussian_tail(ctx.exp(-eps * eps / 2), 60, 0)
                tail = tail / lattice.normaliser(ctx, eps, theta)
                noise = ctx.number(Fraction(1, 2**100))
                if not (-noise < missing < tail + noise):
                    return refuted(f"lattice.mass: spacing={spacing}, phase={phase}: {missing}")
    return proved(len(spacings) * len(phases))
