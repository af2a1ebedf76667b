"""`hardposterior hardness`: the lower bound from end to end, each number with its statement."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from hardposterior.parsing import examples, refuse_beside, seed

if TYPE_CHECKING:
    from hardposterior.hardness_links import Link

FUNCTIONS = ("sha256", "goldreich", "random-table")
FORMAT, VERSION = "hardposterior hardness", 1


def add_hardness(commands: Any) -> None:
    """The arguments of `hardness`."""
    command = commands.add_parser(
        "hardness",
        help="work the lower bound out from end to end, in numbers",
        description=(
            "Work the lower bound out for one function: calibrate, build and count the "
            "score network, bound what a posterior sampler would invert, price the search. "
            "Every number names its statement; what is assumed is said."
        ),
        epilog=examples("hardposterior hardness --function sha256 --n 256 --C 2"),
    )
    command.add_argument(
        "--function", choices=FUNCTIONS, required=True, help="what is hidden in the prior"
    )
    command.add_argument("--n", type=int, required=True, metavar="N", help="hidden bits")
    command.add_argument("--m", type=int, metavar="M", help="image bits; default n, at most 256")
    command.add_argument(
        "--C", type=float, required=True, metavar="C", help="score error d^-C, d = n + m"
    )
    command.add_argument("--rounds", type=int, default=64, metavar="R", help="of SHA-256, 1 to 64")
    command.add_argument("--seed", type=seed, default=0, metavar="N", help="of a drawn function")
    command.add_argument("--json", type=Path, metavar="FILE", help="write every link as data")
    command.set_defaults(run=run_hardness)


def run_hardness(arguments: argparse.Namespace, console: Console) -> int:
    """Work the argument out, print it, and write it."""
    import torch

    from hardposterior.hardness_chain import hardness
    from hardposterior.ledger import check_writable, write_atomically

    if arguments.function != "sha256":
        refuse_beside(arguments, f"function {arguments.function}", ["rounds"])
    if arguments.json is not None:
        check_writable("json", arguments.json)
    torch.set_num_threads(1)  # a deep network is many small operations
    with console.status("calibrating, building and counting"):
        links = hardness(
            arguments.function,
            arguments.n,
            arguments.C,
            m=arguments.m,
            seed=arguments.seed,
            rounds=arguments.rounds,
        )
    print_links(links, console)
    if arguments.json is not None:
        named = {"function": arguments.function, "n": arguments.n, "C": arguments.C}
        content = {
            "format": FORMAT,
            "version": VERSION,
            **named,
            "links": [link.as_data() for link in links],
        }
        write_atomically(arguments.json, json.dumps(content, indent=1) + "\n")
        console.print(f"json: {arguments.json}", soft_wrap=True)
    return 0


def print_links(links: Sequence["Link"], console: Console) -> None:
    """Each step, each number, its statement and the statement's evidence."""
    from hardposterior.hardness_links import steps_of

    for number, step in enumerate(steps_of(links), 1):
        console.print(Text(f"{number} {step}", style="bold"))
        mentioned: set[str] = set()
        for link in (link for link in links if link.step == step):
            console.print(Text(f"  {link.name}: {link.text}"), soft_wrap=True)
            console.print(
                Text(f"    {link.statement}: {link.status}", style="cyan"), soft_wrap=True
            )
            if link.evidence and link.statement not in mentioned:
                names = ", ".join(name.split("/", 1)[1] for name in link.evidence)
                console.print(Text(f"    evidence {names}", style="dim"), soft_wrap=True)
            mentioned.add(link.statement)
    console.print("rerun any of it: hardposterior verify STATEMENT")
