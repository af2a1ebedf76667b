"""Files of an audit: known failures with their reasons (TOML), and a baseline for CI (JSON)."""

import json
import tomllib
from pathlib import Path
from typing import Any

from hardposterior.auditing import BAD, SCHEMA, AuditReport, select
from hardposterior.usage import UsageError


def read_known(path: Path) -> dict[str, str]:
    """Known failures, `"problem/verdict" = "reason"` under [known]; `UsageError` otherwise."""
    known = None
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))["known"]
        if all(isinstance(v, str) and v.strip() and "/" in k for k, v in found.items()):
            known = dict(found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    if known is None:
        raise UsageError(
            f"known = {str(path)!r}: must be a TOML file with lines "
            '"problem/verdict" = "reason" under [known]'
        )
    for key in known:
        check_key(key)
    return known


def check_key(key: str) -> None:
    """`UsageError` for a known failure of no verdict: it would excuse nothing, and nobody knew."""
    (problem,) = select([key.partition("/")[0]], True)
    asked = ("exactness", "claim")
    names = [
        f"{problem.name}/{ask}{'' if ask in problem.asks else ' (hidden bits)'}" for ask in asked
    ]
    if key not in names:
        raise UsageError(f"known = {key!r}: must be {' or '.join(map(repr, names))}")


def read_baseline(path: Path) -> dict[str, str]:
    """What failed in an earlier audit, as known failures; `UsageError` for another file.

    Nothing can be relied on in an audit that is void, so it is no baseline.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        ours = data["kind"] == "hardposterior-audit" and data["schema"] == SCHEMA
        if ours and data["void"] is False:
            return {
                f"{row['problem']}/{row['asked']}": f"in the baseline: {row['status']}"
                for row in data["verdicts"]
                if row["status"] in BAD
            }
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass
    raise UsageError(
        f"baseline = {str(path)!r}: must be the --json file of an earlier audit, not void"
    )


def forgive(report: AuditReport, known: dict[str, str], baseline: dict[str, str]) -> None:
    """Take known failures out of the account; a known one that no longer fails is an error.

    A baseline asks for nothing: what it lists may have been mended.
    """
    rows: dict[str, Any] = {f"{v.problem}/{v.asked}": v for v in report.verdicts}
    report.known = {**baseline, **known}
    report.fixed = [k for k in known if k in rows and rows[k].status not in BAD]
