"""`make bench`: measure every figure, each module in a fresh process, and write the table.

python benchmarks/run.py                  # all, into build/bench.json, bench.md, growth.svg
python benchmarks/run.py closeness search # these alone
python benchmarks/run.py --keep           # all, as the run that later ones are compared with
"""

import argparse
import datetime
import json
import os
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from difflib import get_close_matches
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import table
import torch
from figure import Measured, load, measured
from plot_growth import write_growth

from hardposterior.ledger import write_atomically
from hardposterior.provenance import commit

HERE = Path(__file__).parent
KEPT = HERE / "kept.json"
PAGE = HERE / "README.md"
HEAD = """# Benchmarks

Written by `make bench KEEP=1`; `make bench` measures again and compares with this run. Nothing here
is asserted in a test. Every number is a ratio in one run: both sides take turns in one process, and
a number is the median over rounds, in brackets an interval that holds the true median in 93 % of
runs (with fewer than 5 rounds: their range). Times are processor time on one thread, and wall time
where several work. *Times faster than* is against what one would otherwise use, so below 1 is
slower. *Times the cost of* is against what cannot be avoided. *Grows as the power of*: a fitted
exponent, over the sizes plotted below.
"""


def processor() -> str:
    """The processor's name, where the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def each(names: Sequence[str]) -> Iterator[tuple[str, Measured | Exception]]:
    """Measure these figures, those of one module in one fresh process."""
    figures = load()
    for _, group in groupby(names, key=lambda name: figures[name].measure.__module__):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
            for name in group:
                try:
                    yield name, fresh.submit(measured, name).result()
                except Exception as error:
                    yield name, error


def run(names: Sequence[str], out: Path) -> dict[str, Any]:
    """Measure the figures of these names; the file is whole after each."""
    figures, loads = load(), [os.getloadavg()[0]]
    started = time.monotonic()
    data: dict[str, Any] = {
        "kind": table.KIND,
        "schema": table.SCHEMA,
        "commit": (commit() or "unknown")[:12],
        "day": datetime.date.today().isoformat(),
        "minutes": 0.0,
        "machine": {
            "processor": processor(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "torch": torch.__version__,
            "load": [loads[0], loads[0]],
        },
        "rows": {},
    }
    for name, found in each(names):
        words = figures[name].words
        data["rows"][name] = (
            table.failed(words, found) if isinstance(found, Exception) else table.row(words, found)
        )
        loads.append(os.getloadavg()[0])
        data["machine"]["load"][1] = max(loads)
        data["minutes"] = (time.monotonic() - started) / 60
        write_atomically(out / "bench.json", json.dumps(data, indent=1) + "\n")
        shown = table.summary(data["rows"][name])
        print(f"{data['minutes']:5.1f} min  {name}: {shown}", flush=True)
    return data


def write(data: dict[str, Any], kept: dict[str, Any] | None, out: Path, keep: bool) -> None:
    """The table and the plot into `out`; over the kept run too where asked."""
    text = table.markdown(data, kept)
    write_atomically(out / "bench.md", text)
    write_growth(data, out / "growth.svg")
    if keep:
        write_atomically(KEPT, json.dumps(data, indent=1) + "\n")
        write_growth(data, HERE / "growth.svg")
        picture = "\n![How times grow with sizes](growth.svg)\n"
        write_atomically(PAGE, f"{HEAD}\n{table.markdown(data, None)}{picture}")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: 0 where every figure was measured, 1 where one failed, 2 for bad usage."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="FIGURE", help="default: all")
    parser.add_argument("--keep", action="store_true", help="compare later runs with this one")
    parser.add_argument("--list", action="store_true", help="show the figures and stop")
    parser.add_argument("--out", type=Path, default=Path("build"), help="a folder")
    given = parser.parse_args(arguments)
    figures = load()
    if given.list:
        print("\n".join(f"{name}: {figure.words}" for name, figure in figures.items()))
        return 0
    for name in given.names:
        if name not in figures:
            near = get_close_matches(name, figures) or sorted(figures)
            parser.error(f"FIGURE = {name}: must be one of {', '.join(near)}")
    if given.keep and given.names:
        parser.error("--keep: must come without names, a kept run holds every figure")
    try:
        kept = table.read(KEPT)
    except ValueError as error:
        parser.error(str(error))
    given.out.mkdir(parents=True, exist_ok=True)
    data = run(given.names or list(figures), given.out)
    whole = not any("failed" in found for found in data["rows"].values())
    write(data, kept, given.out, given.keep and whole)
    slower = table.slower(data, kept) or ["nothing is notably slower than the kept run"]
    print("\n".join(slower if kept else ["there is no kept run to compare with"]))
    print(given.out / "bench.md")
    if given.keep and not whole:
        print("not kept: a figure failed", file=sys.stderr)
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
