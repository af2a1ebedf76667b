"""`audit`: a verdict, with a certificate, on anyone's posterior sampler."""

import math
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from typing import Any
from zlib import crc32

from hardposterior.usage import UsageError, unknown

SCHEMA = 1
SMALL_TAU, CLAIMED_TAU = 1e-3, 0.05
DELTA = 0.1
BAD = ("refuted", "not independent", "failed")


@dataclass
class AuditReport:
    """The verdicts on one sampler, problem by problem, with the controls that vouch for them."""

    target: str
    settings: dict[str, Any]
    verdicts: list[Any] = field(default_factory=list)
    controls: list[Any] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)
    fixed: list[str] = field(default_factory=list)
    interrupted: bool = False

    @property
    def void(self) -> bool:
        """Whether a control misbehaved: then nothing here can be relied on."""
        return any(not c.behaves for c in self.controls)

    @property
    def failures(self) -> list[str]:
        """`problem/verdict` of what counts against the sampler: not known, not in the baseline."""
        bad = [f"{v.problem}/{v.asked}" for v in self.verdicts if v.status in BAD]
        return [key for key in bad if key not in self.known]

    @property
    def exit_code(self) -> int:
        """0 all consistent (or known), 1 something refuted, not independent or failed, 3 void."""
        if self.void:
            return 3
        return int(bool(self.failures or self.fixed))

    def data(self) -> dict[str, Any]:
        """As JSON data, of the schema `audit_schema.SCHEMA`."""
        return {
            "kind": "hardposterior-audit",
            "schema": SCHEMA,
            "target": self.target,
            "settings": self.settings,
            "void": self.void,
            "interrupted": self.interrupted,
            "verdicts": [v.data() for v in self.verdicts],
            "controls": [
                {**asdict(c), "verdict": c.verdict.data(), "behaves": c.behaves}
                for c in self.controls
            ],
            "known": self.known,
            "no longer failing": self.fixed,
        }


def audit(
    sampler: Callable[..., Any] | str,
    problems: Iterable[Any] | None = None,
    *,
    verdict: str = "exactness",
    tau: float | None = None,
    delta: float | None = None,
    alpha: float = 1e-3,
    budget: float = 60.0,
    seed: int = 0,
    dtype: str = "float64",
    controls: bool = True,
    first: bool = False,
    watch: Callable[[str, Any], None] = lambda name, row: None,
    keep: bool = False,
) -> AuditReport:
    """Judge `sampler(denoise, A, y, beta, count, generator) -> (count, d)` by exact posteriors.

    A sampler named `"module:name"` runs in a process of its own, with limits; a callable runs in
    this one, without. `problems`: names, or `Problem`s (for a callable alone); default all.
    `tau` is in units of each problem's scale; `budget` counts the sampler's processor seconds over
    all problems; `alpha` bounds the probability that a correct sampler is blamed anywhere. Draws of
    one call and of all calls must be independent; a sampler may use randomness of its own besides
    the generator, but must not repeat itself for different generators. The budget is spent on
    naming all that is wrong with a sampler, unless `first`: then its first certificate ends a
    problem. `watch` is told, by a
    problem's name, what is being done (text) and its verdict. With `keep`, Ctrl-C ends the audit
    with the verdicts reached so far, marked as interrupted.

    A verdict speaks of calls of the sizes made here (8 to 512 draws, a few larger; one draw where
    hidden bits are asked), and is for samplers whose makers want to know: one that is built to
    recognise the audit's calls, problems or process can pass it.

    Raises `UsageError` for arguments outside their domain.

    >>> from hardposterior.properties.audit.problems import problems
    >>> from hardposterior.properties.audit.controls import prior_alone
    >>> problem = problems(names=["mixture-2"])["mixture-2"]
    >>> audit(prior_alone(problem), [problem], controls=False, first=True).verdicts[0].status
    'refuted'
    """
    given, claimed = agreed(
        sampler, verdict=verdict, tau=tau, delta=delta, alpha=alpha, budget=budget, dtype=dtype
    )
    isolated = isinstance(sampler, str)
    chosen = select(problems, isolated)
    name = sampler if isinstance(sampler, str) else getattr(sampler, "__qualname__", "sampler")
    report = AuditReport(
        name,
        {
            "verdict": verdict, "tau": given, "delta": claimed, "alpha": alpha, "budget": budget,
            "seed": seed, "dtype": dtype, "isolated": isolated, "first": first,
            "problems": len(chosen),
        },
    )  # fmt: skip
    try:
        for problem in chosen:
            judge_one(report, sampler, problem, controls, watch)
    except KeyboardInterrupt:
        if not keep:
            raise
        report.interrupted = True
    return report


def judge_one(
    report: AuditReport,
    sampler: Any,
    problem: Any,
    controls: bool,
    watch: Callable[[str, Any], None],
) -> None:
    """Add one problem's verdict, and its controls, to a report: both or neither."""
    import torch

    from hardposterior.audit_process import Isolated
    from hardposterior.properties.audit.judging import bind, control, judge

    asked, dtype = report.settings["verdict"], report.settings["dtype"]
    request = requested(problem, report.settings)
    watch(problem.name, "judging")
    with ExitStack() as stack:
        if isinstance(sampler, str):
            limit = 10 + 3 * request.budget
            draw: Any = stack.enter_context(Isolated(sampler, problem, limit, dtype))
        else:
            draw = bind(problem, sampler, getattr(torch, dtype))
        row = judge(problem, draw, asked, request)
    found = []
    if controls:
        watch(problem.name, f"{row.status}; controls")
        found = control(problem, asked, request)
    report.verdicts.append(row)
    report.controls += found
    watch(problem.name, row)


def agreed(
    sampler: Callable[..., Any] | str,
    *,
    verdict: str,
    tau: float | None,
    delta: float | None,
    alpha: float,
    budget: float,
    dtype: str,
) -> tuple[float, float]:
    """The tau and delta that are meant; `UsageError` for an argument of `audit` out of bounds."""
    check("alpha", alpha, 0 < alpha < 1, "in (0, 1)")
    check("budget", budget, 0 < budget < math.inf, "a finite number of seconds above 0")
    check("verdict", verdict, verdict in ("exactness", "claim"), "exactness or claim")
    check("dtype", dtype, dtype in ("float64", "float32"), "float64 or float32")
    check("delta", delta, delta is None or verdict == "claim", "left out for exactness (it is 0)")
    given = (SMALL_TAU if verdict == "exactness" else CLAIMED_TAU) if tau is None else tau
    claimed = (DELTA if delta is None else delta) if verdict == "claim" else 0.0
    check("tau", given, 0 <= given < math.inf, "a finite number >= 0")
    check("delta", claimed, 0 <= claimed < 1, "in [0, 1)")
    named = isinstance(sampler, str)
    check("sampler", sampler, named or callable(sampler), "a callable or 'module:name'")
    if isinstance(sampler, str):
        check("sampler", sampler, all(sampler.partition(":")[::2]), "of the form MODULE:SAMPLER")
    return given, claimed


def requested(problem: Any, settings: dict[str, Any]) -> Any:
    """What one problem is asked: its share of alpha and budget, and a seed of its own."""
    from hardposterior.properties.audit.verdict import Request

    s = settings
    return Request(
        s["tau"] * problem.scale,
        s["delta"],
        s["alpha"] / s["problems"],
        s["budget"] / s["problems"],
        (s["seed"] << 32) + crc32(problem.name.encode()),
        s["first"],
    )


def check(name: str, value: object, good: bool, allowed: str) -> None:
    """`UsageError` unless `good`."""
    if not good:
        raise UsageError(f"{name} = {value!r}: must be {allowed}")


def select(wanted: Iterable[Any] | None, isolated: bool) -> list[Any]:
    """The problems by name, or as they are; `UsageError` for one that is not known."""
    from hardposterior import impl
    from hardposterior.properties.audit.problem import Problem
    from hardposterior.properties.audit.problems import HARD, MAKERS
    from hardposterior.properties.audit.problems import problems as make

    chosen = []
    for item in [*MAKERS, *HARD] if wanted is None else wanted:
        if isinstance(item, Problem) and not isolated:
            chosen.append(item)
        elif item in MAKERS or item in HARD:
            chosen.append(make(impl, [item])[item])
        else:
            raise unknown("problem", str(item), [*MAKERS, *HARD])
    if not chosen:
        raise UsageError("problems = []: must be at least one")
    return chosen
