"""Searching for a counterexample with Hypothesis, as evidence rather than as a test.

A check is a public function that returns how much of its allowance it used: at most 1 where the
claim holds. The search reports the worst share it saw, or the shrunken call that exceeds it.
"""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import UnsatisfiedAssumption

from hardposterior.properties.reproducible import seed_alone
from hardposterior.spec.evidence import Outcome, Run, held, refuted

Check = Callable[..., float]


class Exceeded(AssertionError):
    """The check used more than its allowance."""


def call_of(check: Check, drawn: dict[str, Any], implementation: Any = None) -> str:
    """The call that reproduces a case."""
    shown = ", ".join(f"{name}={value!r}" for name, value in drawn.items())
    target = ""
    if implementation is not None:
        target = getattr(implementation, "__name__", type(implementation).__name__) + ", "
    return f"{check.__module__}.{check.__name__}({target}{shown})"


def search(
    run: Run,
    check: Check,
    cases: st.SearchStrategy[dict[str, Any]],
    *,
    examples: int,
    on_implementation: bool = True,
    tightness: bool = False,
) -> Outcome:
    """Look for a case on which `check` exceeds 1, with `run.seed` alone as the source of chance.

    `check(implementation, **case)` or, without an implementation, `check(**case)`. With
    `tightness` the worst share is the worst ratio left / right of a bound.
    """
    first = (run.implementation,) if on_implementation else ()
    worst, tried = 0.0, 0
    last: dict[str, Any] = {}

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        verbosity=Verbosity.quiet,
        phases=(Phase.generate, Phase.shrink) if run.shrink else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    @seed(run.seed)
    @given(case=cases)
    def attempt(case: dict[str, Any]) -> None:
        nonlocal worst, tried, last
        last = case
        try:
            share = check(*first, **case)
        except (UnsatisfiedAssumption, Exceeded):
            raise
        except Exception as error:
            raise Exceeded(f"{type(error).__name__}: {error}") from error
        tried += 1
        if tried % 16 == 0:
            run.progress(tried, examples)
        if not share <= 1:
            raise Exceeded(f"{share:.3g} times the allowance")
        worst = max(worst, share)

    try:
        with seed_alone():
            attempt()
    except Exceeded as found:
        call = call_of(check, last, run.implementation if on_implementation else None)
        return refuted(call, cases=tried, detail=str(found).split("\n")[0])
    if tightness:
        return held(tried, tightness=worst)
    return held(tried, detail=f"worst error {worst:.2g} of the allowance")
