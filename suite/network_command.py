"""`hardposterior network`: the score network at one noise level, its size, and an ONNX file."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from hardposterior.parsing import examples, refuse_beside, seed

if TYPE_CHECKING:
    from hardposterior.impl.circuits import Circuit
    from hardposterior.impl.hard_instance import HardInstance
    from hardposterior.impl.score_forms import ScoreSizes

FUNCTIONS = {"random-table": 8, "goldreich": 8, "subset-sum": 8, "sha256": 256}
"""Functions by name, with the n and m that they have unless told otherwise."""

CHOICE = ("function", "n", "m", "C", "seed")
"""What names a function and its calibration."""

SHARE = 0.5
"""Of the target: calibrated for the exact formulas, what remains for the network's own error."""

ACCURACY = 1 / 64
"""Of the target: what the pieces may add."""


def add_function(command: Any) -> None:
    """The arguments that name a hidden function and its calibration."""
    command.add_argument(
        "--function",
        choices=FUNCTIONS,
        default="random-table",
        metavar="NAME",
        help=f"hidden in the prior: {', '.join(FUNCTIONS)}",
    )
    command.add_argument("--n", type=int, metavar="N", help="hidden bits (default 8; sha256 256)")
    command.add_argument("--m", type=int, metavar="M", help="image bits (default 8; sha256 256)")
    command.add_argument(
        "--C", type=float, default=2.0, metavar="C", help="score error d^-C, d = n + m"
    )
    command.add_argument("--seed", type=seed, default=0, metavar="N", help="of drawn functions")


def circuit_of(arguments: argparse.Namespace) -> "Circuit":
    """The circuit that the arguments name."""
    from hardposterior import named_functions

    default = FUNCTIONS[arguments.function]
    n = default if arguments.n is None else arguments.n
    m = default if arguments.m is None else arguments.m
    return named_functions.named(arguments.function, n, m, arguments.seed).circuit


def add_network(commands: Any) -> None:
    """The arguments of `network`."""
    command = commands.add_parser(
        "network",
        help="build a score network at one noise level: size, ONNX file",
        description="Build the ReLU score network at one noise level, count it, export it.",
        epilog=examples(
            "hardposterior network --sigma 0.05 --export score.onnx",
            "hardposterior network --sigma 0.05 --function sha256",
        ),
    )
    command.add_argument(
        "--sigma", type=float, required=True, metavar="S", help="noise level, scaled units"
    )
    command.add_argument(
        "--instance", type=Path, metavar="FILE", help="a hard instance (JSON), not a function"
    )
    add_function(command)
    command.add_argument(
        "--dtype", choices=["float64", "float32"], default="float64", help="of the weights"
    )
    command.add_argument("--export", type=Path, metavar="FILE", help="write an ONNX model")
    command.set_defaults(run=run_network)


def instance_of(arguments: argparse.Namespace) -> "HardInstance":
    """The instance in the file, or the named function's, calibrated."""
    from hardposterior.calibration import calibrate
    from hardposterior.impl.hard_instance import HardInstance
    from hardposterior.instance_file import load_instance

    if arguments.instance is not None:
        refuse_beside(arguments, "instance", CHOICE)
        return load_instance(arguments.instance)[0]
    circuit = circuit_of(arguments)
    found = calibrate(circuit.n, circuit.m, arguments.C, share=SHARE)
    return HardInstance(circuit, found.separation, found.spacing)


def print_sizes(sizes: "ScoreSizes", console: Console) -> None:
    """The network in numbers."""
    console.print(f"neurons        {sizes.neurons:,} ({sizes.pass_through:,} more if layered)")
    console.print(f"parameters     {sizes.parameters:,} ({sizes.weights:,} weights)")
    console.print(f"depth          {sizes.depth:,}")
    console.print(f"largest weight {sizes.largest_weight:.6g}")


def run_network(arguments: argparse.Namespace, console: Console) -> int:
    """Build the network, print its size, and write it."""
    import torch

    from hardposterior.impl.noise_boxes import default_boxes
    from hardposterior.impl.score_network import ScoreNetwork
    from hardposterior.instance_file import files_of
    from hardposterior.ledger import check_writable
    from hardposterior.modeling import pieces_for
    from hardposterior.onnx_file import dense_bytes, write_onnx

    if arguments.export is not None:
        given = arguments.instance
        check_writable("export", arguments.export, {} if given is None else files_of(given))
    torch.set_num_threads(1)  # a deep network is many small operations
    instance = instance_of(arguments)
    d, C = instance.d, arguments.C
    boxes = default_boxes(instance, low=float(d) ** -C, high=float(d) ** C)
    dtype = getattr(torch, arguments.dtype)
    network = ScoreNetwork(instance, ACCURACY * float(d) ** -C, boxes=boxes, dtype=dtype)
    with pieces_for(C):
        module = network.at(arguments.sigma)
    console.print(
        f"n {instance.n}, m {instance.m}, separation {instance.separation:g}, spacing "
        f"{instance.spacing:g} (unscaled), sigma {arguments.sigma:g} (scaled): "
        f"{type(module).__name__}"
    )
    print_sizes(module.sizes(), console)
    console.print(f"dense          {dense_bytes(module) / 1e9:,.6g} GB")
    if arguments.export is not None:
        written = write_onnx(module, arguments.export)
        console.print(f"onnx: {arguments.export} ({written:,} bytes)", soft_wrap=True)
    return 0
