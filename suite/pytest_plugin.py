"""`pytest --hardposterior MODULE:SAMPLER`: the sampler audit as tests, ids `problem/check`.

Each problem is one test. Refuted, not independent and failed are failures; where a control
misbehaves the audit is void and every test is an error. With the option and no path the audit alone
is collected; -k, -x, -n and --junit-xml work as for any test. Every pytest run loads this module
where hardposterior is installed, so it imports nothing heavy unless the option is given.
"""

from pathlib import Path
from typing import Any

import pytest

NAME = "hardposterior"
DEFAULTS: dict[str, Any] = {
    "problem": None, "verdict": "exactness", "tau": None, "delta": None, "alpha": 1e-3,
    "budget": 60.0, "seed": 0, "first": False, "dtype": "float64", "baseline": None,
    "known": None,
}  # fmt: skip


class Blamed(AssertionError):
    """A verdict other than consistent, in words."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, those of `hardposterior audit`."""
    group = parser.getgroup(NAME, "audit of a posterior sampler (hardposterior)")
    group.addoption(
        f"--{NAME}",
        metavar="MODULE:SAMPLER",
        help="audit sampler(denoise, A, y, beta, count, generator) -> (count, d)",
    )

    def add(name: str, text: str, **more: Any) -> None:
        group.addoption(f"--{NAME}-{name}", help=text, **more)

    add("problem", "a problem; once for each (default: all)", action="append", metavar="NAME")
    add("verdict", "exactness (default), or the (tau, delta) claim", metavar="VERDICT")
    add("tau", "a distance, in units of a problem's scale", type=float, metavar="T")
    add("delta", "the share of y that a claim forgives", type=float, metavar="D")
    add("alpha", "chance to blame a correct sampler, over all", type=float, metavar="A")
    add("budget", "of sampler time over all problems", type=float, metavar="SECONDS")
    add("first", "end a problem at its first certificate", action="store_true", default=None)
    add("seed", "of all draws", type=int, metavar="N")
    add("dtype", "float64 (default) or float32", metavar="DTYPE")
    add("baseline", "JSON of an earlier audit: what failed there is expected", metavar="FILE")
    add("known", "TOML of known failures with reasons", metavar="FILE")


class Audit:
    """What one run of pytest audits: the report, and the items' way to it.

    alpha and the budget are shared by all chosen problems, as by `hardposterior audit`; what -k
    leaves out does not give its share to the others.
    """

    def __init__(self, target: str, options: dict[str, Any]) -> None:
        """Check everything; `UsageError` for what is out of bounds."""
        from hardposterior.audit_files import read_baseline, read_known
        from hardposterior.auditing import AuditReport, agreed, check, select

        values = {name: options[name] for name in ("alpha", "budget", "dtype", "verdict")}
        tau, delta = agreed(target, tau=options["tau"], delta=options["delta"], **values)
        seed = options["seed"]
        check("seed", seed, 0 <= seed < 2**31, "in [0, 2^31)")
        baseline, known = options["baseline"], options["known"]
        self.known = read_known(Path(known)) if known else {}
        self.baseline = read_baseline(Path(baseline)) if baseline else {}
        wanted = options["problem"] and dict.fromkeys(options["problem"])
        self.problems = {problem.name: problem for problem in select(wanted, True)}
        settings = {"tau": tau, "delta": delta, "seed": seed, "isolated": True, **values}
        settings["first"] = options["first"]
        self.report = AuditReport(target, {**settings, "problems": len(self.problems)})
        self.checked: set[str] = set()

    def void(self, names: list[str]) -> str | None:
        """Run the controls of these problems, once; which misbehave, in words."""
        from hardposterior.auditing import requested
        from hardposterior.properties.audit.judging import control
        from hardposterior.properties.netlists import one_thread

        settings = self.report.settings
        with one_thread():
            for name in names:
                if name not in self.checked:
                    problem = self.problems[name]
                    found = control(problem, settings["verdict"], requested(problem, settings))
                    self.report.controls += found
                    self.checked.add(name)
        if not self.report.void:
            return None
        wrong = [
            f"on {c.problem}, {c.name} is {c.verdict.status}, must be {c.expected}"
            for c in self.report.controls
            if not c.behaves
        ]
        return "the audit is void: " + "; ".join(wrong)

    def judge(self, name: str) -> Any:
        """The verdict on one problem."""
        from hardposterior.auditing import audit
        from hardposterior.properties.netlists import one_thread

        s = dict(self.report.settings)
        share = s.pop("problems")
        s = {**s, "alpha": s["alpha"] / share, "budget": s["budget"] / share}
        del s["isolated"]
        if s["verdict"] == "exactness":
            del s["delta"]
        with one_thread():
            (row,) = audit(self.report.target, [name], controls=False, **s).verdicts
        self.report.verdicts.append(row)
        return row


AUDIT = pytest.StashKey[Audit]()


def pytest_configure(config: pytest.Config) -> None:
    """Check the options before anything is collected."""
    target = config.getoption(f"--{NAME}")
    given = {name: config.getoption(f"--{NAME}-{name}") for name in DEFAULTS}
    given = {name: value for name, value in given.items() if value is not None}
    if target is None:
        for name in given:
            raise pytest.UsageError(f"--{NAME}-{name} needs --{NAME} MODULE:SAMPLER")
        return
    from hardposterior.usage import UsageError

    try:
        config.stash[AUDIT] = Audit(target, {**DEFAULTS, **given})
    except UsageError as error:
        raise pytest.UsageError(f"--{NAME}: {error}") from error


def pytest_report_header(config: pytest.Config) -> str | None:
    """What is audited."""
    if AUDIT not in config.stash:
        return None
    report = config.stash[AUDIT].report
    s = report.settings
    return (
        f"{NAME}: {s['verdict']} of {report.target} on {s['problems']} problems, "
        f"alpha {s['alpha']:g}, {s['budget']:g} s, seed {s['seed']}"
    )


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """With the option and no path given, nothing else is collected."""
    given = config.args_source == pytest.Config.ArgsSource.ARGS
    return True if AUDIT in config.stash and not given else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add the audit's tests, before -k and -m choose."""
    if AUDIT not in config.stash:
        return
    found = config.stash[AUDIT]
    for problem in found.problems.values():
        check = found.report.settings["verdict"]
        hidden = check not in problem.asks
        key = f"{problem.name}/{check}" + (" (hidden bits)" if hidden else "")
        item = AuditItem.from_parent(
            session,
            name=f"{problem.name}/{'hidden-bits' if hidden else check}",
            nodeid=f"{NAME}::{problem.name}/{'hidden-bits' if hidden else check}",
            problem=problem.name,
        )
        for listed, strict in ((found.known, True), (found.baseline, False)):
            if key in listed:
                reason = listed[key] if not strict else f"known failure {key}: {listed[key]}"
                item.add_marker(pytest.mark.xfail(reason=reason, strict=strict, raises=Blamed))
                break
        items.append(item)


class AuditItem(pytest.Item):
    """The verdict on one problem."""

    def __init__(self, *, problem: str, **more: Any) -> None:
        super().__init__(**more)
        self.problem = problem

    def setup(self) -> None:
        """The controls of all items come first: a void audit is every item's error."""
        items = [i for i in self.session.items if isinstance(i, AuditItem)]
        void = self.config.stash[AUDIT].void([i.problem for i in items])
        if void is not None:
            pytest.fail(void, pytrace=False)

    def runtest(self) -> None:
        """Audit; `Blamed`, with the certificate in words, unless the sampler is consistent."""
        from hardposterior.audit_page import command
        from hardposterior.auditing import BAD

        found = self.config.stash[AUDIT]
        row = found.judge(self.problem)
        self.user_properties += [
            ("verdict", row.status), ("draws", row.draws), ("smallest", row.smallest),
        ]  # fmt: skip
        if row.status in BAD:
            again = command(found.report, self.problem)
            raise Blamed(f"{row.problem}: {row.status}: {row.detail}\nrun again: {again}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Words alone; a traceback for what is no verdict."""
        if excinfo.errisinstance(Blamed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """What is shown as the test's place."""
        return self.path, None, f"{NAME}::{self.name}"
