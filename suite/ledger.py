"""The ledger: outcomes joined to statements, as a JSON file that is whole at every moment."""

import json
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import NoneType
from typing import Any

from hardposterior import rooms
from hardposterior.provenance import commit, fingerprint, versions
from hardposterior.runner import OWN, Plan, Record, seed_of
from hardposterior.spec.evidence import PROOFS
from hardposterior.spec.statements import Assumed, Derived, Statement
from hardposterior.usage import UsageError
from hardposterior.whole_file import write_whole

SCHEMA = 1

STRENGTH = (
    "refuted",
    "error",
    "undecided",
    "no evidence",
    "rests on a refuted one",
    "not covered",
    "assumed",
    "derived",
    "held",
    "proved on a box",
    "proved",
)
"""What a statement can be, the weakest link first."""

FAILED = ("refuted", "error", "undecided", "no evidence", "rests on a refuted one")


@dataclass
class Ledger:
    """The outcomes of one run, by evidence id."""

    plan: Plan
    wanted: list[str]
    sources: str = field(default_factory=fingerprint)
    commit: str | None = field(default_factory=commit)
    outcomes: dict[str, Record] = field(default_factory=dict)
    resumed: int = 0

    @property
    def complete(self) -> bool:
        """Whether every wanted piece of evidence has an outcome."""
        return all(evidence_id in self.outcomes for evidence_id in self.wanted)

    def data(self) -> dict[str, Any]:
        """The ledger as JSON data."""
        return {
            "kind": "hardposterior-ledger",
            "schema": SCHEMA,
            "complete": self.complete,
            "plan": asdict(self.plan),
            "sources": self.sources,
            "commit": self.commit,
            "versions": versions(),
            "wanted": self.wanted,
            "outcomes": {key: self.outcomes[key] for key in sorted(self.outcomes)},
        }

    def save(self, path: Path) -> None:
        """Write atomically: a reader sees the old file or the new one, never a part."""
        write_atomically(path, json.dumps(self.data(), indent=1) + "\n")

    def resume(self, path: Path) -> int:
        """Take over the outcomes of an interrupted run of the same plan; return how many."""
        if not path.exists():
            return 0
        data = read(path)
        same = (
            data["plan"] == asdict(self.plan)
            and data["sources"] == self.sources
            and data["versions"] == versions()
        )
        # Another implementation's sources are not known, so its outcomes are not taken over.
        if data["complete"] or not same or self.plan.implementation != OWN:
            return 0
        kept = {
            key: record
            for key, record in data["outcomes"].items()
            if key in self.wanted and may_be_kept(key, record, self.plan)
        }
        self.outcomes.update(kept)
        self.resumed = len(kept)
        return len(kept)


def may_be_kept(key: str, record: Record, plan: Plan) -> bool:
    """Whether a record from a file is one that this evidence could have left under this plan.

    Nobody can tell who wrote a file; but a record of another statement, kind, scope or seed, or a
    proof by what does not prove, is none of ours.
    """
    own = rooms.evidence()[key]
    identity = {
        "statement": own.statement.id,
        "name": own.name,
        "kind": own.kind,
        "scope": own.scope,
        "seed": seed_of(plan.seed, key),
    }
    allowed = {"held", "refuted", "undecided"} | ({"proved"} if own.kind in PROOFS else set())
    same = all(record[name] == value for name, value in identity.items())
    return same and record["status"] in allowed


TEXT, COUNT, NUMBER = (str,), (int,), (int, float)
FIELDS: dict[str, tuple[type, ...]] = {
    "statement": TEXT,
    "name": TEXT,
    "kind": TEXT,
    "scope": TEXT,
    "status": TEXT,
    "detail": TEXT,
    "counterexample": (str, NoneType),
    "cases": COUNT,
    "seed": COUNT,
    "seconds": NUMBER,
    "tightness": (*NUMBER, NoneType),
    "p_value": (*NUMBER, NoneType),
    "witnesses": (list,),
    "certificate": (dict, NoneType),
}
"""What an outcome consists of in a file."""


def is_record(value: Any) -> bool:
    """Whether JSON data are an outcome as `record_of` makes them."""
    return (
        isinstance(value, dict)
        and value.keys() == FIELDS.keys()
        and all(
            isinstance(value[key], allowed) and not isinstance(value[key], bool)
            for key, allowed in FIELDS.items()
        )
        and value["status"] in STRENGTH
    )


def read(path: Path) -> dict[str, Any]:
    """A ledger file's data; `UsageError` where the file is something else."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        ours = data["kind"] == "hardposterior-ledger" and data["schema"] == SCHEMA
        whole = {"complete", "plan", "sources", "versions", "outcomes"} <= data.keys()
        if ours and whole and all(is_record(r) for r in data["outcomes"].values()):
            return dict(data)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    raise UsageError(
        f"json = {str(path)!r}: must be a new file or a ledger of schema {SCHEMA} "
        "(another file is never overwritten)"
    )


def write_atomically(path: Path, text: str) -> None:
    """Replace `path` by `text` in one step."""
    write_whole(path, text.encode("utf-8", "backslashreplace"))


def check_writable(name: str, path: Path, taken: Mapping[str, Path | None] | None = None) -> None:
    """Tell before the work starts that a file cannot be written; `UsageError`.

    `taken`: files that the same command reads or writes, by option; none may be overwritten.
    """
    for other, used in (taken or {}).items():
        if used is not None and used.resolve() == path.resolve():
            raise UsageError(f"{name} = {str(path)!r}: must not be the file of {other}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(21, "is a folder")
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        reason = (error.strerror or "not writable").lower()
        raise UsageError(f"{name} = {str(path)!r}: must be a writable file ({reason})") from error


def status_of(statement: Statement, records: Iterable[Record]) -> str:
    """What the evidence makes of a statement: its failures first, then its strongest proof.

    A step never shows a statement as proved; `Assumed` and `Derived` are never shown as verified.
    """
    records = list(records)
    found = {record["status"] for record in records}
    for status in ("refuted", "error", "undecided"):
        if status in found:
            return status
    if isinstance(statement, Assumed | Derived):
        return statement.form
    good = [r for r in records if r["scope"] != "step" and r["status"] in ("proved", "held")]
    proofs = {r["scope"] for r in good if r["status"] == "proved" and r["kind"] in PROOFS}
    if "whole" in proofs:
        return "proved"
    if "box" in proofs:
        return "proved on a box"
    if good:
        return "held"
    return "not covered" if "not covered" in found else "no evidence"


def undermined(own: Mapping[str, str], depends: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """The statuses, with every statement marked that rests on a refuted one, at any depth.

    What has failed by itself keeps its own status.
    """
    marked = dict(own)
    fallen = [name for name, status in own.items() if status == "refuted"]
    while fallen:
        name = fallen.pop()
        for above, sources in depends.items():
            if name in sources and marked.get(above, "refuted") not in FAILED:
                marked[above] = "rests on a refuted one"
                fallen.append(above)
    return marked


def tightness_of(records: Iterable[Record]) -> float | None:
    """The worst ratio left / right that any evidence saw."""
    seen = [record["tightness"] for record in records if record["tightness"] is not None]
    return max(seen, default=None)
