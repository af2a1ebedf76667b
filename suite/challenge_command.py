"""`hardposterior challenge new|check|ladder`: problems for other people's samplers."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from hardposterior.parsing import examples, refuse_beside, seed
from hardposterior.usage import UsageError

if TYPE_CHECKING:
    from hardposterior.challenge_solution import Verdict

FUNCTIONS = ("sha256", "goldreich", "random-table")
RUNGS = (8, 12, 16, 20, 24, 32, 40, 48, 64, 96, 128, 192, 256)
"""Hidden bits of a ladder."""


def add_challenge(commands: Any) -> None:
    """The arguments of `challenge`."""
    new_problem = "hardposterior challenge new --function sha256 --n 256 --out problem"
    new_ladder = "hardposterior challenge ladder --function sha256 --out ladder"
    solution = "hardposterior challenge check problem --solution draws.safetensors"
    challenge = commands.add_parser(
        "challenge",
        help="write a problem for a posterior sampler, or judge a solution",
        description=(
            "Write posteriors that nobody knows how to sample, or judge draws of one. A "
            "draw shows a preimage of a one-way function in its signs: that is checked by the "
            "function alone."
        ),
        epilog=examples(new_problem, solution, new_ladder),
    )
    actions = challenge.add_subparsers(
        required=True, metavar="ACTION", parser_class=type(challenge)
    )
    new = actions.add_parser(
        "new",
        help="write one problem, without its secret",
        description="Write one problem into a new folder. Its secret is kept nowhere.",
        epilog=examples(new_problem),
    )
    new.add_argument("--n", type=int, required=True, metavar="N", help="hidden bits")
    new.add_argument("--m", type=int, metavar="M", help="image bits; default n, at most 256")
    add_function(new)
    new.add_argument(
        "--planted-secret", type=Path, metavar="FILE", help="write the x behind y here as well"
    )
    new.set_defaults(run=run_new)
    ladder = actions.add_parser(
        "ladder",
        help="write problems of 8 to 256 hidden bits",
        description="Write problems of growing size, 8 to 256 hidden bits, into a new folder.",
        epilog=examples(new_ladder),
    )
    add_function(ladder)
    ladder.add_argument(
        "--most", type=int, default=256, metavar="N", help="no problem with more hidden bits"
    )
    ladder.set_defaults(run=run_ladder)
    check = actions.add_parser(
        "check",
        help="judge a solution (of a ladder: a folder of them); exit code 1 if none",
        description=(
            "Judge draws by the function alone. Exit code: 0 if a row of the solution "
            "maps to the image, 1 if none does."
        ),
        epilog=examples(solution),
    )
    check.add_argument("folder", type=Path, metavar="DIR", help="a problem, or a ladder")
    check.add_argument(
        "--solution",
        type=Path,
        required=True,
        metavar="FILE",
        help="draws (safetensors or JSON); of a ladder a folder",
    )
    check.set_defaults(run=run_check)


def add_function(command: Any) -> None:
    """What names the function, the calibration and the folder."""
    command.add_argument(
        "--function", choices=FUNCTIONS, required=True, help="what is to be inverted"
    )
    command.add_argument("--rounds", type=int, default=64, metavar="R", help="of SHA-256, 1 to 64")
    command.add_argument(
        "--seed", type=seed, default=0, metavar="N", help="of a drawn function, not of the secret"
    )
    command.add_argument("--C", type=float, default=2.0, metavar="C", help="calibrate for d^-C")
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new folder")


def make(arguments: argparse.Namespace, n: int, m: int, out: Path, secret: Path | None) -> str:
    """Calibrate, draw and write one problem; return its identity."""
    from hardposterior.calibration import calibrate
    from hardposterior.challenge_folder import check_new, draw_challenge, write_challenge
    from hardposterior.function_command import hex_of
    from hardposterior.ledger import check_writable, write_atomically
    from hardposterior.named_functions import named, parameters_of

    if arguments.function != "sha256":
        refuse_beside(arguments, f"function {arguments.function}", ["rounds"])
    about = parameters_of(arguments.function, n, m, arguments.seed, arguments.rounds)
    circuit = named(**about).circuit
    check_new(out)
    if secret is not None:
        if out.resolve() in (secret.resolve(), *secret.resolve().parents):
            raise UsageError(f"planted-secret = {str(secret)!r}: must lie outside {str(out)!r}")
        check_writable("planted-secret", secret)
    found = calibrate(n, m, arguments.C)
    challenge, x, word = draw_challenge(circuit, found, about)
    identity = write_challenge(challenge, found, out)
    if secret is not None:
        planted = {"bits": hex_of(word.tolist()), "x": x.tolist()}
        write_atomically(secret, json.dumps(planted) + "\n")
    return identity


def run_new(arguments: argparse.Namespace, console: Console) -> int:
    """Write one problem."""
    m = min(arguments.n, 256) if arguments.m is None else arguments.m
    identity = make(arguments, arguments.n, m, arguments.out, arguments.planted_secret)
    console.print(f"challenge: {arguments.out} ({identity})", soft_wrap=True, highlight=False)
    if arguments.planted_secret is not None:
        console.print(f"secret: {arguments.planted_secret}", soft_wrap=True)
    return 0


def run_ladder(arguments: argparse.Namespace, console: Console) -> int:
    """Write the rungs; each is whole as soon as it is there."""
    from hardposterior.challenge_folder import check_new
    from hardposterior.impl.functions import LARGEST_TABLE

    most = LARGEST_TABLE if arguments.function == "random-table" else arguments.most
    rungs = [n for n in RUNGS if n <= min(arguments.most, most)]
    if not rungs:
        raise UsageError(f"most = {arguments.most}: must be an integer >= {RUNGS[0]}")
    check_new(arguments.out)
    arguments.out.mkdir(exist_ok=True)
    quiet = not console.is_terminal
    for n in track(rungs, "rungs", console=console, transient=True, disable=quiet):
        identity = make(arguments, n, n, arguments.out / f"n{n:03}", None)
        console.print(f"n{n:03} {identity}", soft_wrap=True, highlight=False)
    console.print(f"ladder: {arguments.out}", soft_wrap=True)
    return 0


def run_check(arguments: argparse.Namespace, console: Console) -> int:
    """Judge one solution, or each rung's."""
    from hardposterior.challenge_folder import MANIFEST, read_challenge
    from hardposterior.challenge_solution import judge, load_solution

    folder: Path = arguments.folder
    rungs = sorted(path.parent for path in folder.glob(f"n*/{MANIFEST}"))
    if rungs and not (folder / MANIFEST).exists():
        return run_check_ladder(rungs, arguments.solution, console)
    challenge = read_challenge(folder)
    verdict = judge(challenge, load_solution(arguments.solution, challenge.instance.d))
    law, function = challenge.instance, challenge.about["name"]
    identity = f"{challenge.identity} ({function}, n {law.n}, m {law.m})"
    return print_verdict(verdict, identity, console)


def print_verdict(verdict: "Verdict", identity: str, console: Console) -> int:
    """The best row in words; exit code 1 unless a row is a solution."""
    from hardposterior.function_command import hex_of

    best, rows = verdict.best, len(verdict.agreeing)
    solved = int(verdict.solved.sum())
    console.print(f"challenge {identity}", soft_wrap=True, highlight=False)
    console.print(
        f"{'SOLVED' if solved else 'not solved'}: {solved} of {rows} rows map to the image"
    )
    console.print(
        f"best row {best}: {int(verdict.agreeing[best])} of {verdict.m} image bits agree; "
        f"{int(verdict.phases[best])} of {verdict.m} phases agree with its own bits; residual "
        f"{float(verdict.residual[best]):.3g} beta"
    )
    consistent = int((verdict.phases == verdict.m).sum())
    console.print(f"rows whose phases all agree with their own bits: {consistent} of {rows}")
    if solved:
        console.print(f"bits {hex_of(verdict.bits[best].tolist())}", soft_wrap=True)
    return 0 if solved else 1


def run_check_ladder(rungs: list[Path], solutions: Path, console: Console) -> int:
    """A table over the rungs; exit code 1 unless one is solved."""
    from hardposterior.challenge_folder import read_challenge
    from hardposterior.challenge_solution import judge, load_solution

    if not solutions.is_dir():
        raise UsageError(f"solution = {str(solutions)!r}: must be a folder for a ladder")
    ends = (".safetensors", ".json")
    named = {rung: [solutions / f"{rung.name}{end}" for end in ends] for rung in rungs}
    found = any(path.exists() for files in named.values() for path in files)
    if not found and any(solutions.iterdir()):  # an empty folder: nothing is solved yet
        first = " or ".join(path.name for path in named[rungs[0]])
        raise UsageError(
            f"solution = {str(solutions)!r}: must hold a file named like a rung, as {first}"
        )
    table, reach = Table("hidden bits", "rows", "solved", "best agreement", "own phases"), 0
    for rung in rungs:
        challenge = read_challenge(rung)
        file = next((path for path in named[rung] if path.exists()), None)
        n, m = challenge.instance.n, challenge.instance.m
        if file is None:
            table.add_row(str(n), "-", "-", "-", "-")
            continue
        verdict = judge(challenge, load_solution(file, challenge.instance.d))
        solved, best = int(verdict.solved.sum()), verdict.best
        reach = max(reach, n) if solved else reach
        agreement = f"{int(verdict.agreeing[best])} of {m}"
        own = f"{int(verdict.phases[best])} of {m}"
        table.add_row(str(n), str(len(verdict.agreeing)), str(solved), agreement, own)
    console.print(table)
    console.print(f"largest rung solved: {reach} hidden bits" if reach else "no rung is solved")
    return 0 if reach else 1
