"""`hardposterior sample`: unconditional draws, decoded and compared; kept and resumed on Ctrl-C."""

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from hardposterior.command import check_device
from hardposterior.function_command import DRAWN, hex_of
from hardposterior.parsing import examples, positive_integer, seed, steps

if TYPE_CHECKING:
    import torch

    from hardposterior.sampling import Sampler

SHOWN = 4
SIZES = {**{name: (n, m) for name, (_, n, m) in DRAWN.items()}, "sha256": (256, 256)}
"""The functions and their default n and m."""


def add_sample(commands: Any) -> None:
    """The arguments of `sample`."""
    command = commands.add_parser(
        "sample",
        help="draw x without a measurement; Ctrl-C keeps finished batches",
        description=(
            "Draw from a hard prior by reverse diffusion, with the function inside the "
            "score network, and count the draws whose phases agree with the function at their "
            "own sign bits."
        ),
        epilog=examples(
            "hardposterior sample --function goldreich --count 16 --steps 50",
            "hardposterior sample --function sha256 --count 256 --steps 1000 \\\n"
            "    --out draws.safetensors",
        ),
    )
    command.add_argument(
        "--function",
        choices=SIZES,
        required=True,
        metavar="NAME",
        help=f"hidden in the prior: {', '.join(SIZES)}",
    )
    command.add_argument("--count", type=positive_integer, default=256, metavar="N", help="draws")
    command.add_argument("--steps", type=steps, default=1000, metavar="K", help="noise levels")
    defaults = ", ".join(f"{name} {n}" for name, (n, _) in SIZES.items())
    command.add_argument(
        "--n", type=positive_integer, metavar="N", help=f"hidden bits (default {defaults})"
    )
    command.add_argument("--m", type=positive_integer, metavar="M", help="image bits (the same)")
    command.add_argument(
        "--C", type=float, default=2.0, metavar="C", help="score error d^-C, d = n + m"
    )
    command.add_argument(
        "--seed", type=seed, default=0, metavar="N", help="of the function's data and the draws"
    )
    command.add_argument(
        "--dtype", choices=["float32", "float64"], default="float32", help="of the draws"
    )
    command.add_argument("--device", default="cpu", help="of the draws; the network runs on cpu")
    command.add_argument(
        "--batch", type=positive_integer, default=128, metavar="N", help="draws at a time"
    )
    command.add_argument(
        "--out", type=Path, metavar="FILE", help="safetensors; run again to resume"
    )
    command.set_defaults(run=run_sample)


def run_sample(arguments: argparse.Namespace, console: Console) -> int:
    """Draw batch by batch, keep each, then show a few draws and how many agree."""
    import torch

    from hardposterior.ledger import check_writable
    from hardposterior.sample_file import finished, save
    from hardposterior.sampling import Request, Sampler

    check_device(arguments.device)
    if arguments.out is not None:
        check_writable("out", arguments.out)
    n, m = SIZES[arguments.function]
    request = Request(
        function=arguments.function,
        n=n if arguments.n is None else arguments.n,
        m=m if arguments.m is None else arguments.m,
        C=arguments.C,
        count=arguments.count,
        steps=arguments.steps,
        seed=arguments.seed,
        dtype=arguments.dtype,
        device=arguments.device,
        batch=arguments.batch,
    )
    kept = None if arguments.out is None else finished(request, arguments.out)
    torch.set_num_threads(1)  # a deep network is many small operations
    sampler = Sampler(request)
    parts = [] if kept is None else [kept]
    found = sum(len(part) for part in parts)
    describe(sampler, console)
    if found:
        console.print(
            f"resumed: {found} of {request.count} draws in {arguments.out}", soft_wrap=True
        )
    started, interrupted = time.perf_counter(), False
    first = request.batches if found == request.count else found // request.batch
    try:
        with bar(console, request.steps * (request.batches - first)) as advance:
            for index in range(first, request.batches):
                parts.append(sampler.batch(index, lambda done, total: advance()))
                if arguments.out is not None:
                    save(torch.cat(parts), sampler, arguments.out)
    except KeyboardInterrupt:
        interrupted = True
    drawn = sum(len(part) for part in parts)
    seconds = time.perf_counter() - started
    if drawn:
        report(sampler, torch.cat(parts), console)
    console.print(f"{drawn - found} draws in {seconds:.1f} s, {request.steps} steps each")
    if interrupted:
        lost = "nothing is kept: pass --out to keep finished batches"
        kept_in = f"{drawn} draws are in {arguments.out}: run again to resume"
        console.print(f"interrupted; {kept_in if drawn and arguments.out else lost}")
        return 130
    if arguments.out is not None:
        console.print(f"draws: {arguments.out}", soft_wrap=True)
    return 0


@contextmanager
def bar(console: Console, total: int) -> Iterator[Any]:
    """A progress bar over all steps of all batches; yields what moves it one step on."""
    columns = (TextColumn("sampling"), BarColumn(), MofNCompleteColumn(), TextColumn("steps"))
    times = (TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, *times, console=console, transient=True) as progress:
        task = progress.add_task("sampling", total=total)
        yield lambda: progress.advance(task)


def describe(sampler: "Sampler", console: Console) -> None:
    """What is drawn from: sizes, calibrated parameters, the network, the noise levels."""
    found, schedule = sampler.calibration, sampler.schedule
    sizes = sampler.network.size(schedule[-1])
    console.print(
        f"{sampler.request.function}: n = {found.n}, m = {found.m}, separation "
        f"{found.separation:g}, spacing {found.spacing:g} (calibrated for C = {found.C:g})"
    )
    console.print(
        f"network at the last level: {sizes.neurons:,} neurons, {sizes.parameters:,} parameters, "
        f"{sizes.depth} layers"
    )
    console.print(f"sigma from {schedule[0]:.4g} to {schedule[-1]:.4g} (scaled)")


def in_lines(digits: str) -> str:
    """Digits in lines of 16, so that three columns fit a terminal of 80."""
    return "\n".join(digits[i : i + 16] for i in range(0, len(digits), 16))


def report(sampler: "Sampler", samples: "torch.Tensor", console: Console) -> None:
    """A few draws in hex, those that disagree first, and the count of those that agree."""
    bits, image = (part.tolist() for part in sampler.read(samples))
    expected = [sampler.reference(row) for row in bits]
    order = sorted(range(len(bits)), key=lambda i: image[i] == expected[i])
    secure = sampler.request.function == "sha256"
    source = "hashlib" if sampler.by_hashlib else "reference"
    table = Table(title="Draws, in hex", show_lines=True)
    for heading in (
        "message" if secure else "hidden bits",
        "digest read from the phases" if secure else "image read from the phases",
        source,
    ):
        table.add_column(heading, overflow="fold")
    for i in order[:SHOWN]:
        table.add_row(*(in_lines(hex_of(row[i])) for row in (bits, image, expected)))
    console.print(table)
    agreeing = sum(found == right for found, right in zip(image, expected, strict=True))
    different = len({tuple(row) for row in bits})
    console.print(
        f"{agreeing} of {len(bits)} draws agree with {source} on their own sign bits; "
        f"{different} different words"
    )
