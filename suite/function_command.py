"""`hardposterior function NAME`: sizes of a hidden function, a self-check, evaluation, export."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from hardposterior.parsing import examples, seed
from hardposterior.usage import UsageError

if TYPE_CHECKING:
    from hardposterior.named_functions import NamedFunction, SelfCheck

DRAWN = {
    "random-table": ("a uniform table", 8, 8),
    "goldreich": ("Goldreich's five-local function", 64, 64),
    "subset-sum": ("a sum of weights modulo 2^m", 32, 32),
}
"""Functions whose data are drawn: what they are, and the default n and m."""


def add_parser(commands: Any) -> None:
    """The arguments of `function`, one set of options for each name."""
    table = "hardposterior function random-table --n 8 --m 8 --eval a5"
    secure_hash = "hardposterior function sha256 --rounds 8 --export sha256.json"
    function = commands.add_parser(
        "function",
        help="build a hidden function: sizes, self-check, evaluation, export",
        description=(
            "Build a hidden function as a circuit and as a ReLU network, count both, and "
            "compare them with an independent definition. Exit code: 0 they agree, 1 not."
        ),
        epilog=examples(table, secure_hash),
    )
    names = function.add_subparsers(
        required=True, dest="name", metavar="NAME", parser_class=type(function)
    )
    for name, (what, n, m) in DRAWN.items():
        drawn = names.add_parser(
            name,
            help=what,
            description=f"Build {what}.",
            epilog=examples(f"hardposterior function {name} --n 8 --m 8 --eval a5"),
        )
        drawn.add_argument("--n", type=int, default=n, metavar="N", help="input bits")
        drawn.add_argument("--m", type=int, default=m, metavar="M", help="output bits")
        add_common(drawn)
    secure = names.add_parser(
        "sha256",
        help="SHA-256 of a message of fixed length",
        description="Build SHA-256 of a message of fixed length.",
        epilog=examples(secure_hash),
    )
    secure.add_argument(
        "--message-bits", type=int, default=256, metavar="N", help="length of the message"
    )
    secure.add_argument("--rounds", type=int, default=64, metavar="R", help="1 to 64")
    secure.add_argument("--digest-bits", type=int, default=256, metavar="M", help="1 to 256")
    add_common(secure)
    function.set_defaults(run=run)


def add_common(command: Any) -> None:
    """What every name takes."""
    command.add_argument(
        "--seed", type=seed, default=0, metavar="N", help="of drawn data and tried inputs"
    )
    command.add_argument(
        "--eval",
        metavar="HEX",
        help="print the image of these bits, first bit first, padded with zeros to whole digits",
    )
    command.add_argument("--export", type=Path, metavar="FILE", help="write the circuit as JSON")


def function_of(arguments: argparse.Namespace) -> "NamedFunction":
    """The function that the arguments name."""
    from hardposterior import named_functions

    if arguments.name == "sha256":
        return named_functions.secure_hash(
            arguments.message_bits, arguments.rounds, arguments.digest_bits
        )
    make = {
        "random-table": named_functions.random_table,
        "goldreich": named_functions.goldreich,
        "subset-sum": named_functions.subset_sum,
    }[arguments.name]
    return make(arguments.n, arguments.m, arguments.seed)


def bits_from_hex(text: str, n: int) -> list[int]:
    """The first n bits of hexadecimal digits; `UsageError` unless they are as many as n needs."""
    digits, spare = -(-n // 4), -n % 4
    shown = text if len(text) <= 80 else text[:77] + "..."
    zeros = f", the last {spare} bit(s) zero" if spare else ""
    error = UsageError(f"eval = {shown!r}: must be {digits} hex digits for {n} bits{zeros}")
    if len(text) != digits or not set(text) <= set("0123456789abcdefABCDEF"):
        raise error
    bits = [int(bit) for digit in text for bit in f"{int(digit, 16):04b}"]
    if any(bits[n:]):
        raise error
    return bits[:n]


def hex_of(bits: list[int]) -> str:
    """Bits, the first first, as hexadecimal digits; padded with zeros."""
    padded = [*bits, *[0] * (-len(bits) % 4)]
    return f"{int(''.join(map(str, padded)), 2):0{len(padded) // 4}x}"


def print_sizes(named: "NamedFunction", check: "SelfCheck", console: Console) -> None:
    """The circuit and its network in numbers."""
    circuit, sizes = named.circuit, check.sizes
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in circuit.gate_counts().items() if count)
    console.print(f"circuit  {circuit.n} bits to {circuit.m}, depth {circuit.depth}")
    console.print(f"gates    {len(circuit.gates):,} ({kinds or 'none'})")
    console.print(
        f"network  {sizes.neurons:,} neurons ({sizes.logic:,} logic, {sizes.carried:,} carried) in "
        f"{sizes.depth} layers, {sizes.parameters:,} parameters, largest {sizes.largest_weight:g}"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Build the function and report; exit code 1 if the self-check fails."""
    import torch

    from hardposterior.impl import save_circuit
    from hardposterior.ledger import check_writable
    from hardposterior.named_functions import self_check

    if arguments.export is not None:
        check_writable("export", arguments.export)
    torch.set_num_threads(1)  # a deep network is many small operations
    named = function_of(arguments)
    asked = None if arguments.eval is None else bits_from_hex(arguments.eval, named.circuit.n)
    check = self_check(named, arguments.seed)
    print_sizes(named, check, console)
    if check.wrong is not None:
        console.print(f"self-check FAILED at input {hex_of(check.wrong)}", soft_wrap=True)
        return 1
    console.print(
        f"self-check passed: circuit = reference on {check.inputs} inputs, network = circuit on "
        f"{check.network_inputs}"
    )
    if asked is not None:
        image = named.circuit(torch.tensor(asked)).tolist()
        console.print(f"f({hex_of(asked)}) = {hex_of(image)}", soft_wrap=True, highlight=False)
    if arguments.export is not None:
        save_circuit(named.circuit, arguments.export)
        console.print(f"circuit: {arguments.export}", soft_wrap=True)
    return 0
