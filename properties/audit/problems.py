"""The audit's problems by name."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from hardposterior.properties.audit.digits_problems import digits_problem
from hardposterior.properties.audit.hard_problems import local, secure_hash, table
from hardposterior.properties.audit.mixture_problems import coordinates, gaussian, mixture
from hardposterior.properties.audit.problem import Problem

MAKERS: dict[str, Callable[[str], Problem]] = {
    "gaussian-6": gaussian,
    "mixture-2": lambda name: mixture(name, 2, [0.2, 0.5, 0.3], 0.3, 1),
    "mixture-8": lambda name: mixture(name, 8, [0.4, 0.3, 0.2, 0.1], 0.2, coordinates(4, 8)),
    "mixture-8-random": lambda name: mixture(name, 8, [0.5, 0.25, 0.15, 0.1], 0.1, 3),
    "mixture-32": lambda name: mixture(name, 32, [0.3, 0.25, 0.2, 0.15, 0.1], 0.2, 8),
    "digits-inpainting": digits_problem,
    "digits-blur": digits_problem,
    "digits-downsampling": digits_problem,
}

HARD: dict[str, Callable[[Any, str], Problem]] = {
    "hard-table": table,
    "hard-goldreich": local,
    "hard-sha256": secure_hash,
}
"""Those that need an implementation."""


@cache
def made(name: str, implementation: Any) -> Problem:
    """The problem of this name, made once."""
    return MAKERS[name](name) if name in MAKERS else HARD[name](implementation, name)


def problems(implementation: Any = None, names: Iterable[str] | None = None) -> dict[str, Problem]:
    """The problems by name, in their order; those of `names`, or all.

    Every call makes the same problems: a worker needs a name alone. `implementation` has the public
    names of `hardposterior.impl`; without it the hard instances are left out.
    Raises `KeyError` for a name that is not among them.
    """
    known = [*MAKERS, *(HARD if implementation is not None else ())]
    chosen = known if names is None else list(names)
    for name in chosen:
        if name not in known:
            raise KeyError(name)
    return {name: made(name, None if name in MAKERS else implementation) for name in chosen}
