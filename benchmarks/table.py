"""The table of figures: as data, against the kept run, and in Markdown.

Only ratios are kept and compared. A figure is slower than it was where one of its numbers is worse
by more than `NOTABLE` and the two intervals are apart.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from figure import Measured

SCHEMA = 1
KIND = "hardposterior-bench"
NOTABLE = 1.25
Row = dict[str, Any]


def row(words: str, found: Measured) -> Row:
    """A figure as JSON data."""
    return {"words": words, **asdict(found)}


def failed(words: str, error: BaseException) -> Row:
    """A figure that ended in an error."""
    line = f"{type(error).__name__}: {error}".splitlines()[0]
    return {"words": words, **asdict(Measured()), "failed": line}


def read(path: Path) -> dict[str, Any] | None:
    """The kept run; None where there is none. `ValueError` in one line for another file."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: {error}".splitlines()[0]) from error
    if not isinstance(data, dict) or data.get("kind") != KIND or data.get("schema") != SCHEMA:
        raise ValueError(f"{path}: not a {KIND} file of schema {SCHEMA}")
    return data


def numbers(data: Row) -> dict[str, tuple[int, dict[str, float]]]:
    """The measured numbers of a row by name, each with +1 where more is worse, else -1."""
    found = {}
    for kind, sign in (("peer", -1), ("bound", 1)):
        if data[kind] and data[kind]["value"]:
            found[f"{kind}: {data[kind]['against']}"] = (sign, data[kind]["value"])
    for name, grown in data["growth"].items():
        found[f"growth: {name}"] = (1, {k: 10**v for k, v in grown["exponent"].items()})
    return found


def changes(now: Row, kept: Row | None) -> dict[str, tuple[float, bool]]:
    """How many times worse each number is than the kept one, and whether that is notable.

    For growth: at ten times the size, had both started equal.
    """
    if kept is None:
        return {}
    before, found = numbers(kept), {}
    for name, (sign, value) in numbers(now).items():
        if name not in before:
            continue
        old = before[name][1]
        worse = (value["middle"] / old["middle"]) ** sign
        apart = value["low"] > old["high"] if sign > 0 else value["high"] < old["low"]
        found[name] = (worse, apart and worse > NOTABLE)
    return found


def slower(data: Mapping[str, Any], kept: Mapping[str, Any] | None) -> list[str]:
    """A line for each number that is notably worse than in the kept run."""
    rows = kept["rows"] if kept else {}
    return [
        f"{name}, {number}: {worse:.2f} times worse than the kept run"
        for name, found in data["rows"].items()
        for number, (worse, notable) in changes(found, rows.get(name)).items()
        if notable
    ]


def short(value: float) -> str:
    """Three digits.

    >>> short(12345.6), short(1.234), short(0.0123)
    ('12,346', '1.23', '0.0123')
    """
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(value)))}f}" if value > 0 else f"{value:g}"


def cell(ratio: dict[str, Any] | None) -> str:
    """A ratio with its interval and what it is to."""
    if ratio is None:
        return ""
    if ratio["value"] is None:
        return f"{ratio['against']}: skipped, {ratio['skipped']}"
    value = ratio["value"]
    ends = f"{short(value['low'])} to {short(value['high'])}"
    return f"**{short(value['middle'])}** {ratio['against']} ({ends})"


def summary(data: Row) -> str:
    """A row in one line."""
    if "failed" in data:
        return f"failed: {data['failed']}"
    shown = (cell(data["peer"]), cell(data["bound"]), growths(data).replace("<br>", ", "))
    return "; ".join(filter(None, shown))


def growths(data: Row) -> str:
    """The exponents with their half widths."""
    cells = []
    for name, grown in data["growth"].items():
        e = grown["exponent"]
        half = (e["high"] - e["low"]) / 2
        spread = f" ± {half:.2f}" if half else ""
        cells.append(f"{name}: {e['middle']:.2f}{spread}")
    return "<br>".join(cells)


def since(now: Row, kept: Row | None) -> str:
    """The largest change, marked where it is notable."""
    found = changes(now, kept)
    if not found:
        return "-" if kept is None else ""
    name = max(found, key=lambda key: (found[key][1], found[key][0]))
    worse, notable = found[name]
    return f"**slower: {worse:.2f}**, {name}" if notable else f"{worse:.2f}"


def machine(data: Mapping[str, Any]) -> str:
    """Where a run was taken, in one line."""
    m = data["machine"]
    return (
        f"{m['processor']}, {m['cores']} cores, one thread but where said, Python {m['python']}, "
        f"torch {m['torch']}, commit {data['commit']}, {data['day']}; the load of the machine "
        f"was {m['load'][0]:.1f} at the start and {m['load'][1]:.1f} at most"
    )


def markdown(data: Mapping[str, Any], kept: Mapping[str, Any] | None) -> str:
    """The table of a run, with a column of changes where there is a kept one."""
    rows = kept["rows"] if kept else {}
    lines = [
        f"This run: {machine(data)}; it took {data['minutes']:.0f} minutes.",
        "",
        *((f"Kept run: {machine(kept)}.", "") if kept else ()),
        "| figure | times faster than | times the cost of | grows as the power of |"
        + (" change since the kept run |" if kept else ""),
        "|---|---|---|---|" + ("---|" if kept else ""),
    ]
    for name, found in data["rows"].items():
        if "failed" in found:
            cells = [f"failed: {found['failed']}", "", ""]
        else:
            cells = [cell(found["peer"]), cell(found["bound"]), growths(found)]
        if kept:
            cells.append(since(found, rows.get(name)))
        words = found["words"] + (f"; {found['speed']}" if found["speed"] else "")
        lines.append(f"| `{name}`: {words} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
