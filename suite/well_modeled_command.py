"""`hardposterior well-modeled`: certify a function's score network, or check a file."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Column, Table

from hardposterior.network_command import CHOICE, add_function, circuit_of
from hardposterior.parsing import examples, refuse_beside
from hardposterior.usage import UsageError

if TYPE_CHECKING:
    from hardposterior.modeling import WellModeled


def add_well_modeled(commands: Any) -> None:
    """The arguments of `well-modeled`."""
    command = commands.add_parser(
        "well-modeled",
        help="certify a score network at every noise level in [d^-C, d^C]",
        description=(
            "Build the ReLU score network and prove its mean squared error at every noise "
            "level in [d^-C, d^C]. Exit code: 0 certified, 1 not."
        ),
        epilog=examples(
            "hardposterior well-modeled --function sha256 --C 2 --json network.json",
            "hardposterior well-modeled --recheck network.json",
        ),
    )
    add_function(command)
    command.add_argument("--json", type=Path, metavar="FILE", help="write the certificate")
    command.add_argument(
        "--recheck", type=Path, metavar="FILE", help="instead, verify a certificate, all boxes"
    )
    command.set_defaults(run=run_well_modeled)


def recheck_file(path: Path, console: Console) -> int:
    """Verify a certificate in a file with the second checker."""
    from hardposterior.instance_file import read_json
    from hardposterior.proofs_checks.recheck import CertificateError
    from hardposterior.proofs_checks.score_recheck import recheck_network

    data = read_json("recheck", path)
    try:
        boxes = recheck_network(data, sample=None)
    except CertificateError as error:
        raise UsageError(f"recheck = {str(path)!r}: refused: {error}") from error
    worst = max(entry["bound"] for entry in data["boxes"])
    claimed = "" if data.get("C") is None else f" <= d^-{data['C']:g}, d = {data['n'] + data['m']}"
    console.print(
        f"certificate holds: sigma^2 E|s_hat - s|^2 <= {worst:.4g}{claimed}, n {data['n']}, "
        f"m {data['m']}, for every scaled sigma from {data['low']:g} to {data['high']:g}: {boxes} "
        "boxes checked again in intervals. It speaks of the knots that it lists; that they are a "
        "function's own network is not checked here",
        markup=False,
        soft_wrap=True,
    )
    return 0


def size_table(found: "WellModeled", console: Console) -> None:
    """Sizes of the network at levels over the range."""
    names = ("bound d^C", "pieces", "neurons", "parameters", "depth", "largest weight")
    table = Table("sigma (scaled)", Column("form", no_wrap=True), *names, box=None)
    table.pad_edge, table.collapse_padding = False, True
    boxes = found.network.boxes
    target = found.certificate.target
    for index in sorted({round(i * (len(boxes) - 1) / 7) for i in range(8)}):
        box = boxes[index]
        sigma = (box.low * box.high) ** 0.5
        sizes = found.network.size(sigma)
        table.add_row(
            f"{sigma:.3g}",
            box.form,
            f"{found.certificate.at(sigma)['bound'] / target:.3g}",
            f"{len(found.network.knots(index)) - 1:,}",
            f"{sizes.neurons:,}",
            f"{sizes.parameters:,}",
            f"{sizes.depth:,}",
            f"{sizes.largest_weight:.4g}",
        )
    console.print(table)


def run_well_modeled(arguments: argparse.Namespace, console: Console) -> int:
    """Certify, let the second checker verify a sample, print, write; exit code 1 if it fails."""
    import torch
    from rich.progress import Progress

    from hardposterior.ledger import check_writable, write_atomically
    from hardposterior.modeling import well_modeled
    from hardposterior.proofs_checks.score_recheck import recheck_network

    if arguments.recheck is not None:
        refuse_beside(arguments, "recheck", (*CHOICE, "json"))
        return recheck_file(arguments.recheck, console)
    if arguments.json is not None:
        check_writable("json", arguments.json)
    torch.set_num_threads(1)  # a deep network is many small operations
    circuit = circuit_of(arguments)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as screen:
        task = screen.add_task("boxes of noise levels", total=None)
        found = well_modeled(
            circuit,
            C=arguments.C,
            progress=lambda done, total: screen.update(task, completed=done, total=total),
        )
    proof, d = found.certificate, circuit.n + circuit.m
    console.print(
        f"n {circuit.n}, m {circuit.m}, separation {found.calibration.separation:g}, spacing "
        f"{found.calibration.spacing:g} (unscaled)"
    )
    if not proof.holds:
        where = f"sigma = {proof.fails_at:.6g}" if proof.fails_at else f"box {proof.stuck}"
        console.print(f"NOT certified: the bound misses d^-{arguments.C:g} at {where} (scaled)")
        return 1
    checked = recheck_network(proof.data, found.network.data())
    console.print(
        f"certified: sigma^2 E|s_hat - s|^2 <= {proof.bound:.4g} <= d^-{arguments.C:g}, d = {d}, "
        f"for every scaled sigma in [d^-{arguments.C:g}, d^{arguments.C:g}]: "
        f"{len(proof.data['boxes'])} boxes in {proof.seconds:.1f} s; {checked} of them checked "
        "again in intervals",
        markup=False,
        soft_wrap=True,
    )
    size_table(found, console)
    if arguments.json is not None:
        write_atomically(arguments.json, json.dumps(proof.data) + "\n")
        console.print(f"certificate: {arguments.json}", soft_wrap=True)
    return 0
