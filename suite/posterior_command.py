"""`hardposterior posterior`: exact draws of a hard instance's posterior, kept on Ctrl-C."""

import argparse
import math
import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.live import Live

from hardposterior.parsing import examples, jobs, positive_integer, seed
from hardposterior.usage import UsageError
from hardposterior.whole_file import write_whole

if TYPE_CHECKING:
    from hardposterior.impl.hard_instance import HardInstance
    from hardposterior.impl.rejection_blocks import RejectionResult

HALF = 0.5
"""The delta of the bound that stands in for q(y) where there are too many words to add up."""


def add_posterior(commands: Any) -> None:
    """The arguments of `posterior`."""
    command = commands.add_parser(
        "posterior",
        help="draw x given y by rejection; Ctrl-C keeps the draws so far",
        description=(
            "Draw exactly from a hard instance's posterior, by rejection. The instance is "
            'JSON with the keys format ("hardposterior instance"), version (1), function (a '
            "file that `hardposterior function ... --export` wrote), separation, spacing, beta."
        ),
        epilog=examples(
            "hardposterior posterior --instance instance.json --y y.json \\\n"
            "    --count 100 --max-proposals 100000000"
        ),
    )
    command.add_argument(
        "--instance", type=Path, required=True, metavar="FILE", help="a hard instance (JSON)"
    )
    command.add_argument(
        "--y", type=Path, required=True, metavar="FILE", help="a list of m numbers (JSON)"
    )
    command.add_argument("--count", type=positive_integer, required=True, metavar="N", help="draws")
    command.add_argument(
        "--max-proposals",
        type=positive_integer,
        required=True,
        metavar="M",
        help="stop there, with fewer draws",
    )
    command.add_argument("--seed", type=seed, default=0, metavar="N", help="of the draws")
    command.add_argument("--jobs", type=jobs, default=1, metavar="N", help="worker processes")
    command.add_argument(
        "--out",
        type=Path,
        default=Path("draws.safetensors"),
        metavar="FILE",
        help="where the draws are kept",
    )
    command.set_defaults(run=run_posterior)


def expected_proposals(instance: "HardInstance", y: Any, beta: float) -> tuple[float, str]:
    """The mean number of proposals for one draw, 1 / q(y), and where it comes from."""
    from hardposterior import bounds
    from hardposterior.impl.words import LARGEST_N

    m = instance.m
    if instance.n <= LARGEST_N:
        log_p = float(instance.posterior(y, beta).log_evidence())
        log_q = m / 2 * math.log(2 * math.pi * beta**2) + log_p
        return math.exp(min(-log_q, 700)), "1 / q(y) with the exact p(y)"
    variance = max(float(instance.phases.variance(y.new_tensor(s))) for s in (-1.0, 1.0))
    moment = m * (variance / instance.separation**2 + beta**2)
    log_q = bounds.acceptance(
        m=m, beta=beta, delta=HALF, second_moment=moment, form="sharp", log=True
    )
    return math.exp(min(-log_q, 700)), "the sharp acceptance bound, for half of all y at least"


class Watch:
    """What the screen shows while draws are made, and the draws so far."""

    def __init__(self, count: int, expected: float) -> None:
        self.count, self.expected = count, expected
        self.started = time.perf_counter()
        self.result: RejectionResult | None = None
        self.screen: Live | None = None

    def __call__(self, result: "RejectionResult") -> None:
        """Take the result so far."""
        self.result = result
        if self.screen is not None:
            self.screen.update(self.line())

    def line(self) -> str:
        """Draws, proposals, rate, acceptance and the time that is left on average."""
        if self.result is None:
            return "starting"
        seconds = max(time.perf_counter() - self.started, 1e-9)
        rate = self.result.proposals / seconds
        found = len(self.result.samples)
        left = (self.count - found) * self.expected / rate
        accepted = self.result.acceptance
        return (
            f"{found:,} of {self.count:,} draws from {self.result.proposals:,} proposals "
            f"({rate:,.0f} a second); acceptance {accepted.estimate:.3g} "
            f"({accepted.low:.3g} to {accepted.high:.3g}); about {left:,.0f} s left"
        )


def run_posterior(arguments: argparse.Namespace, console: Console) -> int:
    """Draw, write what there is, and say how it went."""
    import torch

    from hardposterior.impl.fast_rejection import fast_rejection_sample
    from hardposterior.instance_file import files_of, load_instance, load_measurement
    from hardposterior.ledger import check_writable
    from hardposterior.verification import process_pool

    instance, beta = load_instance(arguments.instance)
    y = load_measurement(arguments.y, instance.m)
    check_writable("out", arguments.out, {**files_of(arguments.instance), "y": arguments.y})
    expected, source = expected_proposals(instance, y, beta)
    if arguments.max_proposals < expected:
        raise UsageError(
            f"max-proposals = {arguments.max_proposals}: must be at least {expected:.6g}, the mean "
            f"number for one draw ({source})"
        )
    console.print(f"expected proposals per draw: {expected:.6g} ({source})")
    watch, interrupted = Watch(arguments.count, expected), False
    pool = process_pool(arguments.jobs) if arguments.jobs > 1 else nullcontext()
    try:
        with pool as executor, Live(console=console, refresh_per_second=4) as screen:
            watch.screen = screen
            watch(
                fast_rejection_sample(
                    instance,
                    y,
                    beta,
                    arguments.count,
                    torch.Generator().manual_seed(arguments.seed),
                    max_proposals=arguments.max_proposals,
                    executor=executor,
                    progress=watch,
                )
            )
    except KeyboardInterrupt:
        interrupted = True
    if not console.is_terminal:
        console.line()  # where it is not one, the last line of `Live` is left open
    if watch.result is None:
        console.print("interrupted before the first proposals were done; nothing is written")
        return 130
    save(watch.result, arguments.seed, arguments.out)
    console.print(
        f"draws: {arguments.out}{' (interrupted)' if interrupted else ''}", soft_wrap=True
    )
    return 130 if interrupted else 0


def save(result: "RejectionResult", drawn_from: int, path: Path) -> None:
    """Write the draws and how they came about; the file appears whole or not at all."""
    from safetensors.torch import save as to_bytes

    accepted = result.acceptance
    about = {
        "seed": drawn_from,
        "proposals": result.proposals,
        "complete": result.complete,
        "acceptance": accepted.estimate,
        "acceptance_low": accepted.low,
        "acceptance_high": accepted.high,
    }
    content = to_bytes(
        {"samples": result.samples.contiguous()}, {key: str(value) for key, value in about.items()}
    )
    write_whole(path, content)
