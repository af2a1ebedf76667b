"""`hardposterior audit MODULE:SAMPLER`: the verdicts in a table, and the files."""

import argparse
import json
import os
import sys
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from hardposterior.audit_progress import COLOURS, live
from hardposterior.parsing import examples, seed
from hardposterior.usage import UsageError


def add_audit(commands: Any) -> None:
    """The arguments of `audit`."""
    command = commands.add_parser(
        "audit",
        help="judge a posterior sampler on problems whose posterior is known",
        description=(
            "Judge a posterior sampler on problems whose posterior is known exactly. It is "
            "a function of yours, imported from the folder you are in:\n"
            "  sampler(denoise, A, y, beta, count, generator) -> x, shape (count, d)\n"
            "Exit code: 0 consistent, 1 not so, 3 void (a control misbehaved)."
        ),
        epilog=examples(
            "hardposterior audit my_module:my_sampler --html audit.html",
            "hardposterior audit my_module:my_sampler --problem mixture-8 --budget 10",
        ),
    )
    command.add_argument(
        "target", metavar="MODULE:SAMPLER", help="the module, and the function in it"
    )
    command.add_argument(
        "--problem", action="append", metavar="NAME", help="may be repeated; default all"
    )
    command.add_argument(
        "--verdict",
        choices=["exactness", "claim"],
        default="exactness",
        help="whether draws are exact, or (tau, delta)-close",
    )
    command.add_argument(
        "--tau",
        type=float,
        metavar="T",
        help="in units of a problem's scale; default 0.001, of a claim 0.05",
    )
    command.add_argument("--delta", type=float, metavar="D", help="of a claim; default 0.1")
    command.add_argument(
        "--alpha",
        type=float,
        default=1e-3,
        metavar="A",
        help="chance that a correct sampler is refuted at all",
    )
    command.add_argument(
        "--budget",
        type=float,
        default=60.0,
        metavar="SECONDS",
        help="of the sampler's time, all problems together",
    )
    command.add_argument(
        "--first", action="store_true", help="end a problem at its first certificate"
    )
    command.add_argument("--seed", type=seed, default=0, metavar="N", help="of problems and draws")
    command.add_argument(
        "--dtype",
        choices=["float64", "float32"],
        default="float64",
        help="of what the sampler is given",
    )
    command.add_argument(
        "--baseline", type=Path, metavar="FILE", help="an earlier --json: fail on new ones alone"
    )
    command.add_argument(
        "--known", type=Path, metavar="FILE", help="known failures, with reasons (TOML)"
    )
    command.add_argument("--json", type=Path, metavar="FILE", help="write the verdicts as data")
    command.add_argument("--html", type=Path, metavar="FILE", help="write the verdicts as a page")
    command.set_defaults(run=run_audit)


def run_audit(arguments: argparse.Namespace, console: Console) -> int:
    """Judge, print, write; 0 all consistent, 1 not so, 3 void, 130 interrupted.

    Ctrl-C keeps the verdicts reached so far.
    """
    import torch

    from hardposterior import audit_files, audit_page
    from hardposterior.auditing import agreed, audit, select
    from hardposterior.ledger import check_writable, write_atomically

    known = audit_files.read_known(arguments.known) if arguments.known else {}
    baseline = audit_files.read_baseline(arguments.baseline) if arguments.baseline else {}
    for name in ("json", "html"):
        if getattr(arguments, name) is not None:
            others = ("known", "baseline", "json")
            taken = {other: getattr(arguments, other) for other in others if other != name}
            check_writable(name, getattr(arguments, name), taken)
    check_target(arguments.target)
    torch.set_num_threads(1)
    wanted = select(arguments.problem, True)
    names = [p.name for p in wanted]
    options = ("verdict", "tau", "delta", "alpha", "budget", "dtype")
    asked = {name: getattr(arguments, name) for name in options}
    agreed(arguments.target, **asked)
    check_sampler(arguments.target, wanted[0], arguments.dtype)
    with live(console, names) as watch:
        report = audit(
            arguments.target,
            names,
            **asked,
            seed=arguments.seed,
            first=arguments.first,
            watch=watch,
            keep=True,
        )
    if report.interrupted:
        console.print(f"interrupted: {len(report.verdicts)} of {len(names)} problems are judged")
        if not report.verdicts:
            console.print("nothing is written")
            return 130
    audit_files.forgive(report, known, baseline)
    show(report, console)
    if arguments.json is not None:
        write_atomically(arguments.json, json.dumps(report.data(), indent=1) + "\n")
        console.print(f"json: {arguments.json}", soft_wrap=True)
    if arguments.html is not None:
        write_atomically(arguments.html, audit_page.page(report))
        console.print(f"report: {arguments.html}", soft_wrap=True)
    return 130 if report.interrupted else report.exit_code


def check_target(target: str) -> None:
    """`UsageError` where there is no such module; it is not imported here, but by the worker."""
    module, _, sampler = target.partition(":")
    if not module or not sampler:
        raise UsageError(f"target = {target!r}: must be of the form MODULE:SAMPLER")
    top = module.partition(".")[0]
    if top not in sys.modules and PathFinder.find_spec(top, [os.getcwd(), *sys.path]) is None:
        raise UsageError(f"target = {target!r}: must name a module here or installed, not {top!r}")


def check_sampler(target: str, problem: Any, dtype: str) -> None:
    """`UsageError` where a worker cannot get the sampler: no problem need be tried to know that."""
    from hardposterior.audit_process import START, Isolated
    from hardposterior.properties.audit.verdict import SamplerFailed

    try:
        with Isolated(target, problem, START, dtype) as draw:
            draw.start()
    except SamplerFailed as error:
        raise UsageError(f"target = {target!r}: must be a function to import ({error})") from error


def show(report: Any, console: Console) -> None:
    """The verdicts, what supports each, and the controls."""
    table = Table(
        Column("problem", no_wrap=True), "verdict", "what is wrong", "draws", "s", box=None
    )
    for row in report.verdicts:
        known = f"{row.problem}/{row.asked}" in report.known
        status = row.status + (" (known)" if known and row.status != "consistent" else "")
        wrong = ", ".join(row.kinds)
        colour = COLOURS.get(row.status, "bold red")
        table.add_row(
            Text(row.problem), Text(status, colour), wrong, f"{row.draws:,}", f"{row.seconds:.1f}"
        )
    console.print(table)
    for row in report.verdicts:
        for sentence in (row.detail, *(f"also wrong, {more}" for more in row.more)):
            console.print(Text(f"{row.problem}: {sentence}"), soft_wrap=True)
    for key in report.fixed:
        console.print(Text(f"known failure {key} no longer fails: remove it", "bold red"))
    wrong = [c for c in report.controls if not c.behaves]
    console.print(f"controls: {len(report.controls) - len(wrong)} of {len(report.controls)} behave")
    for c in wrong:
        line = f"VOID: on {c.problem}, {c.name} is {c.verdict.status}, must be {c.expected}"
        console.print(Text(line, "bold red"), soft_wrap=True)
