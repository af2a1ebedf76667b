"""The ReLU network for the score of a hard instance (Appendix C.8), at every noise level.

Statement relu-score. Nothing is certified here: knots, boxes and circuit are plain data, and the
error they come with is for others to bound.
"""

from typing import Any

import torch

from hardposterior.impl import arguments
from hardposterior.impl.box_knots import box_knots, index_variance
from hardposterior.impl.circuit_memo import CircuitMemo
from hardposterior.impl.circuits import Circuit
from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.lattice_profile import offset
from hardposterior.impl.noise_boxes import (
    SMALL,
    box_index,
    checked_boxes,
    default_boxes,
)
from hardposterior.impl.piecewise_network import direct, folded, folds_for
from hardposterior.impl.points import checked_level, checked_points
from hardposterior.impl.relu_blocks import piecewise, side_by_side
from hardposterior.impl.relu_gadgets import sign_bits
from hardposterior.impl.score_forms import LargeNoise, ScoreSizes, SmallNoise, phase_choice

WINDOW = 2.0**-10


class ScoreNetwork:
    """The score of `instance`, whose function must be a `Circuit`, as ReLU networks.

    Scaled units. `accuracy` is what the pieces may add to sigma^2 E|s_hat - s|^2, see `box_knots`.
    The sign window, the wrong phase, and vertex or mixture score against the true score come on
    top.

    `boxes`: which form serves which levels, and which levels share knots: one `NoiseBox` after the
    other, by default `default_boxes(instance)`. A level outside them is refused.
    `fold`: folded profiles, else direct ones. `window` is the sign window's half width in units of
    1 / R, unscaled; `reach`, in standard deviations of a smoothed image coordinate, the part of the
    line on which lattices are represented (beyond, the score is -x / t). `dtype` defaults to the
    instance's. All on the CPU. Raises `InvalidArgument`.

    `forward` computes what `at` computes, but spares rows whose exact bits were seen before the
    circuit: see `CircuitMemo`.

    >>> from hardposterior.impl.functions import draw_table, random_table
    >>> generator = torch.Generator().manual_seed(0)
    >>> prior = HardInstance(random_table(draw_table(3, 2, generator)), separation=5.0, spacing=1.0)
    >>> network = ScoreNetwork(prior, accuracy=1e-2)
    >>> network(prior.sample(4, generator)[0], 0.5).shape
    torch.Size([4, 5])
    """

    def __init__(
        self,
        instance: HardInstance,
        accuracy: float,
        *,
        boxes: Any = None,
        fold: bool = True,
        window: float = WINDOW,
        reach: float = 10.0,
        dtype: torch.dtype | None = None,
    ) -> None:
        if not isinstance(instance, HardInstance):
            arguments.reject("instance", instance, "a HardInstance")
        if not isinstance(instance.function, Circuit):
            arguments.reject("instance.function", instance.function, "a Circuit")
        self.instance = instance
        self.circuit = instance.function
        self.n, self.m, self.d = instance.n, instance.m, instance.d
        self.accuracy = arguments.positive("accuracy", accuracy)
        self.boxes = checked_boxes(default_boxes(instance) if boxes is None else boxes)
        self.fold = bool(fold)
        self.window = arguments.positive("window", window) / instance.separation**2
        self.folds = folds_for(arguments.positive("reach", reach) / instance.spacing)
        self.dtype = arguments.dtype(instance.dtype if dtype is None else dtype)
        self._signs = sign_bits(self.window, self.n, self.dtype)
        self._choice = phase_choice(self.m, self.dtype)
        self._memo: CircuitMemo | None = None
        self._knots: dict[int, tuple[float, ...]] = {}
        self._latest: tuple[float, SmallNoise | LargeNoise] | None = None

    @property
    def memo(self) -> CircuitMemo:
        """The circuit's network and the rows of bits that it has seen."""
        if self._memo is None:
            self._memo = CircuitMemo(self.circuit.to_relu(self.dtype))
        return self._memo

    def knots(self, index: int) -> tuple[float, ...]:
        """Knots of box `index`: of the profile (small noise), from 0 to 1/2, or of tanh."""
        index = arguments.integer("index", index, 0, len(self.boxes) - 1)
        if index not in self._knots:
            self._knots[index] = box_knots(self.instance, self.accuracy, self.boxes[index])
        return self._knots[index]

    def values(self, sigma: float) -> tuple[float, ...]:
        """What the network at `sigma` interpolates at its knots."""
        sigma, index = self._placed(sigma)
        knots = torch.tensor(self.knots(index), dtype=torch.float64)
        if self.boxes[index].form != SMALL:
            return (*torch.tanh(knots[:-1]).tolist(), 1.0)
        inner = offset(knots.numpy()[1:-1], index_variance(self.instance, sigma))
        return (0.0, *inner.clip(0, 0.5).tolist(), 0.0)

    def data(self) -> dict[str, Any]:
        """What a certificate needs beside `circuit`, as numbers, strings, lists and dicts."""
        boxes = [
            {**box._asdict(), "knots": list(self.knots(index))}
            for index, box in enumerate(self.boxes)
        ]
        return {
            "n": self.n,
            "m": self.m,
            "separation": self.instance.separation,
            "spacing": self.instance.spacing,
            "accuracy": self.accuracy,
            "window": self.window,
            "folds": self.folds,
            "folded": self.fold,
            "boxes": boxes,
        }

    def at(self, sigma: float) -> SmallNoise | LargeNoise:
        """The network for one level: a module of affine maps and ReLU, (..., d) to (..., d).

        The circuit's network inside is shared by all levels.
        """
        sigma, index = self._placed(sigma)
        if self._latest is None or self._latest[0] != sigma:
            build = self._small if self.boxes[index].form == SMALL else self._large
            self._latest = sigma, build(sigma, self.knots(index))
        return self._latest[1]

    def size(self, sigma: float) -> ScoreSizes:
        """Neurons, parameters, depth and largest weight of `at(sigma)`, from its tensors.

        With N pieces (one less than the knots of the box) and a circuit of C neurons in D layers,
        small noise takes 2 n + C + m (4 folds + 2 N + 20) neurons in 1 + max(D + 2, folds + 6)
        layers where profiles are folded, else 2 n + C + m (4 (2^(folds + 1) - 1) N + 8) neurons in
        D + 3 layers; large noise n (2 N + 2) neurons in one layer.
        """
        return self.at(sigma).sizes()

    def forward(self, x: torch.Tensor, sigma: float | torch.Tensor) -> torch.Tensor:
        """The approximate score at x, (..., d); sigma a float or one level per point (...)."""
        checked_points("x", x, self.d, self.dtype)
        checked_level(sigma, x)
        if not isinstance(sigma, torch.Tensor):
            return self._at_one_level(x, sigma)
        rows = x.reshape(-1, self.d)
        levels = sigma.double().expand(x.shape[:-1]).reshape(-1)
        out = torch.empty_like(rows)
        for level in levels.unique().tolist():
            out[levels == level] = self._at_one_level(rows[levels == level], level)
        return out.reshape(x.shape)

    __call__ = score = forward

    def denoise(self, x: torch.Tensor, sigma: float | torch.Tensor) -> torch.Tensor:
        """The approximate E[X | X + sigma Z = x] = x + sigma^2 score, (..., d)."""
        level = checked_level(sigma, checked_points("x", x, self.d, self.dtype))
        return x + level**2 * self.forward(x, sigma)

    def _at_one_level(self, x: torch.Tensor, sigma: float) -> torch.Tensor:
        network = self.at(sigma)
        if isinstance(network, LargeNoise):
            return network.forward(x)
        bits = network.bits(x)
        return network.assemble(x, bits, self.memo(bits))

    def _placed(self, sigma: float) -> tuple[float, int]:
        """sigma as a float, and the box that it is in."""
        sigma = arguments.positive("sigma", sigma)
        return sigma, box_index(self.boxes, sigma)

    def _small(self, sigma: float, knots: tuple[float, ...]) -> SmallNoise:
        separation, spacing = self.instance.separation, self.instance.spacing
        unscaled = separation * sigma
        scale = separation / (spacing * (1 + unscaled**2))
        form = folded if self.fold else direct
        one = form(knots, self.values(sigma), scale, self.folds, self.dtype)
        offsets, circuit = side_by_side(one, self.m), self.memo.network
        parts = self._signs, circuit, offsets, self._choice
        return SmallNoise(*parts, separation, spacing, unscaled)

    def _large(self, sigma: float, knots: tuple[float, ...]) -> LargeNoise:
        separation, values = self.instance.separation, self.values(sigma)
        unscaled = separation * sigma
        points = [*(-knot for knot in knots[:0:-1]), *knots]
        heights = [*(-value for value in values[:0:-1]), *values]
        scale = separation**2 / (1 + unscaled**2)
        one = piecewise(points, heights, len(knots) - 1, scale, self.dtype)
        return LargeNoise(side_by_side(one, self.n), self.n, self.m, separation, unscaled)
