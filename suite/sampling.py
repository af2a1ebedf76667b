"""Unconditional draws of a calibrated hard instance by reverse diffusion with the ReLU network.

Nothing looks for a preimage: every draw starts from noise. Its hidden word is then read off the
signs of x_1..n and its image off the phases of the last m coordinates, and the two are compared
through a reference that shares nothing with the circuit inside the network.
"""

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch

from hardposterior.calibration import Calibration, calibrate
from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.diffusion import geometric_schedule, reverse_diffusion
from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.noise_boxes import default_boxes
from hardposterior.impl.score_network import ScoreNetwork
from hardposterior.named_functions import named
from hardposterior.runner import seed_of
from hardposterior.usage import UsageError

FINEST = 40
"""The last level, unscaled, is spacing / 40: a phase is misread with probability 2 Phi(-10)."""

WIDEST = 10
"""The first level is 10 sqrt(E|X|^2): the start adds at most 1 / 200 to the KL bound."""


@dataclass(frozen=True)
class Request:
    """Everything that the draws depend on; `seed` also draws the function's data."""

    function: str
    n: int
    m: int
    C: float
    count: int
    steps: int
    seed: int
    dtype: str
    device: str
    batch: int

    @property
    def batches(self) -> int:
        """How many batches the draws come in."""
        return math.ceil(self.count / self.batch)

    def rows(self, index: int) -> int:
        """The draws of one batch."""
        return min(self.batch, self.count - index * self.batch)


class Sampler:
    """The instance, its network and its noise levels for a request; scaled units."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.named = named(request.function, request.n, request.m, request.seed)
        self.calibration: Calibration = calibrate(request.n, request.m, request.C)
        self.dtype: torch.dtype = getattr(torch, request.dtype)
        found = self.calibration
        self.instance = HardInstance(
            self.named.circuit, found.separation, found.spacing, dtype=self.dtype
        )
        second_moment = request.n + (request.n + request.m) / found.separation**2
        self.schedule = geometric_schedule(
            WIDEST * math.sqrt(second_moment),
            found.spacing / (FINEST * found.separation),
            request.steps,
        )

    @cached_property
    def network(self) -> ScoreNetwork:
        """The network of accuracy d^-C over the levels of the schedule."""
        boxes = default_boxes(
            self.instance, low=self.schedule[-1], high=self.schedule[0], everywhere=True
        )
        accuracy = float(self.instance.d) ** -self.request.C
        network = ScoreNetwork(self.instance, accuracy, boxes=boxes)
        try:
            network.knots(0)  # the lowest levels need the most pieces
        except InvalidArgument as error:
            line = f"C = {self.request.C}: must be small enough for a network to be built"
            raise UsageError(f"{line} ({error})") from error
        return network

    def batch(self, index: int, progress: Callable[[int, int], None]) -> torch.Tensor:
        """The draws of one batch, (rows, n + m), on the CPU; the network itself runs there."""
        seed = seed_of(self.request.seed, f"sample/{index}")
        generator = torch.Generator(self.request.device).manual_seed(seed)

        def denoise(x: torch.Tensor, sigma: float) -> torch.Tensor:
            return self.network.denoise(x.cpu(), sigma).to(x.device)

        return reverse_diffusion(
            denoise,
            self.instance.d,
            self.schedule,
            self.request.rows(index),
            generator,
            dtype=self.dtype,
            progress=progress,
        ).cpu()

    def read(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Hidden bits (rows, n) by sign and image bits (rows, m) by the nearest lattice point.

        The draws are read as they are, noise of the last level included: points of phase 0 lie at
        even multiples of spacing / 2, those of phase 1/2 at odd ones.
        """
        n = self.instance.n
        halves = (2 * self.instance.separation / self.instance.spacing * x[:, n:]).round()
        return (x[:, :n] > 0).to(torch.int64), (halves.to(torch.int64) % 2 == 0).to(torch.int64)

    def reference(self, bits: list[int]) -> list[int]:
        """The image of hidden bits without the circuit: hashlib's where it hashes whole bytes."""
        if not self.by_hashlib:
            return self.named.value(bits)
        message = int("".join(map(str, bits)), 2).to_bytes(len(bits) // 8, "big")
        digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
        return [int(bit) for bit in f"{digest:0256b}"[: self.request.m]]

    @property
    def by_hashlib(self) -> bool:
        """Whether `hashlib` is the reference; else the definition in `hardposterior.spec`."""
        return self.request.function == "sha256" and self.request.n % 8 == 0
