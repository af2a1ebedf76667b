"""`hardposterior calibrate --n N --m M --C C`: print calibrated parameters, or write the proof."""

import argparse
import json
from pathlib import Path
from typing import Any

from rich.console import Console

from hardposterior.parsing import examples


def add_calibrate(commands: Any) -> None:
    """The arguments of `calibrate`."""
    calibrate = commands.add_parser(
        "calibrate",
        help="find separation, spacing and measurement noise, with a proof",
        description=(
            "Find a separation, a spacing and a measurement noise for which the score is "
            "known well enough at every noise level, and prove it by ball arithmetic."
        ),
        epilog=examples("hardposterior calibrate --n 64 --m 64 --C 2 --json calibration.json"),
    )
    calibrate.add_argument("--n", type=int, required=True, metavar="N", help="hidden bits")
    calibrate.add_argument("--m", type=int, required=True, metavar="M", help="image bits")
    calibrate.add_argument(
        "--C", type=float, required=True, metavar="C", help="score error d^-C, d = n + m"
    )
    calibrate.add_argument(
        "--share", type=float, default=1.0, metavar="S", help="of the target that may be used"
    )
    calibrate.add_argument("--json", type=Path, metavar="FILE", help="write the certificate")
    calibrate.set_defaults(run=run_calibrate)


def run_calibrate(arguments: argparse.Namespace, console: Console) -> int:
    """Calibrate, let the second checker verify the certificate again, and print both."""
    from hardposterior.calibration import calibrate
    from hardposterior.ledger import check_writable, write_atomically
    from hardposterior.proofs_checks.calibration_certificate import recheck_calibration

    if arguments.json is not None:
        check_writable("json", arguments.json)
    found = calibrate(arguments.n, arguments.m, arguments.C, share=arguments.share)
    _, boxes = recheck_calibration(found.certificate, sample=64)
    console.print(f"separation {found.separation:g}  (unscaled)")
    console.print(f"spacing    {found.spacing:g}  (unscaled)")
    console.print(f"beta       {found.beta:g}  (scaled; p_dec <= 1/250)")
    console.print(f"spacing / separation {found.ratio:.5f}, times log d {found.law:.4f}")
    share = "" if found.share == 1 else f"{found.share:g} "
    console.print(
        f"proved: min(V, sharp U) sigma^2 <= {share}d^-{found.C:g} for every sigma >= "
        f"d^-{found.C:g}, d = {found.n + found.m}: {len(found.certificate['boxes'])} boxes and a "
        f"tail; {boxes} of them checked again in intervals"
    )
    if arguments.json is not None:
        write_atomically(arguments.json, json.dumps(found.certificate, indent=1) + "\n")
        console.print(f"certificate: {arguments.json}", soft_wrap=True)
    return 0
