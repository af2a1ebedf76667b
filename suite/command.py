"""The command line, one subcommand for each job. Exit code 2 is bad usage, in one line."""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from hardposterior.parsing import Parser, examples, given, jobs, seed
from hardposterior.usage import UsageError

DEFAULT_LEDGER = Path(".hardposterior/ledger.json")
WIDE = 160
"""Columns where nothing folds them."""


def add_statements(commands: "argparse._SubParsersAction[Parser]") -> None:
    """The arguments of `list` and `show`."""
    listing = commands.add_parser(
        "list",
        help="list the statements",
        description="List every statement: its form, how it stands to the paper's, its evidence.",
        epilog=examples("hardposterior list"),
    )
    listing.set_defaults(run=run_list)
    shown = commands.add_parser(
        "show",
        help="show one statement: claim, hypotheses, proof, evidence",
        description="Show one statement: claim, domain, hypotheses, both sides, proof, evidence.",
        epilog=examples("hardposterior show lattice-smoothing"),
    )
    shown.add_argument("id", metavar="ID", help="as `hardposterior list` has it")
    shown.add_argument(
        "--json",
        type=Path,
        default=DEFAULT_LEDGER,
        metavar="FILE",
        help="the ledger whose outcomes are shown",
    )
    shown.set_defaults(run=run_show)


def add_verify(commands: "argparse._SubParsersAction[Parser]") -> None:
    """The arguments of `verify`."""
    verify = commands.add_parser(
        "verify",
        help="check statements and print the ledger",
        description="Run the evidence of statements and print the ledger; an interrupted run "
        "resumes. Exit code: 0 all hold, 1 something refuted, undecided or in error.",
        epilog=examples(
            "hardposterior verify lattice-smoothing --profile ci --jobs 2",
            "hardposterior verify --impl my_module --html report.html",
        ),
    )
    verify.add_argument("ids", nargs="*", metavar="ID", help="statements or evidence; default all")
    verify.add_argument(
        "--impl", default="hardposterior.impl", metavar="MODULE", help="the implementation to hold"
    )
    verify.add_argument(
        "--profile", choices=["dev", "ci", "thorough"], default="dev", help="how hard to try"
    )
    verify.add_argument("--jobs", type=jobs, default=1, metavar="N", help="worker processes")
    verify.add_argument(
        "--dask", metavar="ADDRESS", help="a scheduler's, to run there; e.g. tcp://host:8786"
    )
    verify.add_argument("--seed", type=seed, default=0, metavar="N", help="of every search")
    verify.add_argument(
        "--dtype",
        choices=["float64", "float32"],
        default="float64",
        help="of the implementation held",
    )
    verify.add_argument("--device", default="cpu", help="of the implementation held")
    verify.add_argument(
        "--json", type=Path, default=DEFAULT_LEDGER, metavar="FILE", help="where the ledger is kept"
    )
    verify.add_argument("--html", type=Path, metavar="FILE", help="write the report")
    verify.set_defaults(run=run_verify)


def parser() -> Parser:
    """All commands."""
    from hardposterior import function_command
    from hardposterior.audit_command import add_audit
    from hardposterior.calibration_command import add_calibrate
    from hardposterior.challenge_command import add_challenge
    from hardposterior.hardness_command import add_hardness
    from hardposterior.network_command import add_network
    from hardposterior.posterior_command import add_posterior
    from hardposterior.sample_command import add_sample
    from hardposterior.well_modeled_command import add_well_modeled

    top = Parser(
        prog="hardposterior",
        description="Diffusion posterior sampling is computationally intractable (arXiv:2402.12727)"
        ": the lemmas checked, and samplers held to them.",
        epilog=examples(
            "hardposterior show lattice-smoothing",
            "hardposterior verify lattice-smoothing",
            "hardposterior verify --help",
        ),
    )
    top.add_argument("--version", action="version", version=f"%(prog)s {version('hardposterior')}")
    commands = top.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)
    add_statements(commands)
    add_verify(commands)
    add_calibrate(commands)
    function_command.add_parser(commands)
    add_network(commands)
    add_well_modeled(commands)
    add_sample(commands)
    add_posterior(commands)
    add_hardness(commands)
    add_challenge(commands)
    add_audit(commands)
    return top


def run_list(arguments: argparse.Namespace, console: Console) -> int:
    """Print the list of statements."""
    from hardposterior import tables

    del arguments
    tables.statement_list(console)
    return 0


def run_show(arguments: argparse.Namespace, console: Console) -> int:
    """Print one statement, with the outcomes of the last run where a ledger is found."""
    from hardposterior import ledger, rooms
    from hardposterior.statement_text import show
    from hardposterior.usage import unknown

    if arguments.id not in rooms.statements():
        raise unknown("id", arguments.id, [s.id for s in rooms.statements()])
    records = []
    there = os.path.exists(arguments.json)  # `Path.exists` raises for a name that is too long
    if arguments.json != DEFAULT_LEDGER and not there:
        raise UsageError(f"json = {str(arguments.json)!r}: must be a ledger that is there")
    if there:
        outcomes = ledger.read(arguments.json)["outcomes"].values()
        records = [record for record in outcomes if record["statement"] == arguments.id]
    show(rooms.statements()[arguments.id], console, records)
    return 0


def run_verify(arguments: argparse.Namespace, console: Console) -> int:
    """Run the evidence with a live table, then print the ledger."""
    from hardposterior import ledger, report, tables, verification
    from hardposterior.progress import live
    from hardposterior.runner import Plan

    check_device(arguments.device)
    if arguments.html is not None:
        ledger.check_writable("html", arguments.html, {"json": arguments.json})
    plan = Plan(
        arguments.seed, arguments.profile, arguments.impl, arguments.dtype, arguments.device
    )
    verification.check_implementation(arguments.impl)
    wanted = verification.select(arguments.ids, arguments.impl)
    try:
        with live(console, wanted) as watch:
            book = verification.verify(
                arguments.ids,
                plan,
                jobs=arguments.jobs,
                dask=arguments.dask,
                path=arguments.json,
                watch=watch,
            )
    except KeyboardInterrupt:
        console.print(
            f"interrupted; what is done is in {arguments.json}: run again to resume", soft_wrap=True
        )
        return 130
    tables.ledger_table(book, console)
    if book.resumed:
        console.print(
            f"{book.resumed} of {len(wanted)} outcomes were taken over from an interrupted run in "
            f"{arguments.json}",
            soft_wrap=True,
        )
    console.print(f"ledger: {arguments.json}", soft_wrap=True)
    if arguments.html is not None:
        report.write(book, arguments.html)
        console.print(f"report: {arguments.html}", soft_wrap=True)
    return verification.exit_code(book)


def check_device(name: str) -> None:
    """`UsageError` where torch does not offer the device."""
    import torch

    try:
        torch.empty(1, device=name)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise UsageError(f"device = {name!r}: must be a device that torch offers here") from error


def parsed_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """The arguments as values; `UsageError` also for what argparse lets through."""
    for argument in arguments:
        if "\0" in argument:
            raise UsageError(f"argument {argument!r}: must be without null characters")
    parsed = parser().parse_args(arguments)
    for name, value in vars(parsed).items():
        if value == [] and name != "ids":  # of `--name=--`
            raise UsageError(f"argument --{name.replace('_', '-')}: must be followed by a value")
    parsed.given = given(arguments)
    return parsed


def screen() -> Console:
    """Where a command prints; in a file or a pipe, rows as wide as they need: grep finds ids."""
    console = Console()
    return console if console.is_terminal or "COLUMNS" in os.environ else Console(width=WIDE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names of files may be no text
    console = screen()
    try:
        parsed = parsed_arguments(sys.argv[1:] if arguments is None else arguments)
        return int(parsed.run(parsed, console))
    except ValueError as error:
        if not is_usage(error):
            raise
        line = " ".join(str(error).splitlines())
        Console(stderr=True).print(f"hardposterior: {line}", markup=False, soft_wrap=True)
        return 2


def is_usage(error: ValueError) -> bool:
    """Whether the error is about an argument rather than a fault of the project."""
    from hardposterior.impl.arguments import InvalidArgument

    return isinstance(error, UsageError | InvalidArgument)


if __name__ == "__main__":
    sys.exit(main())
