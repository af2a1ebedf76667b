"""(tau, delta)-closeness of two laws on the line, from their cdfs.

By Strassen's duality delta = sup P(A) - Q(A^tau) over closed A. On the line a gap of A that is no
wider than 2 tau can be filled without enlarging A^tau, so A is a union of intervals [a_i, b_i]
whose neighbourhoods do not meet. With F, G the cdfs of P, Q and '-' for limits from the left,

    P(A) - Q(A^tau) = sum_i R(b_i) - L(a_i),
    L(a) = F(a-) - G((a - tau)-),  R(b) = F(b) - G(b + tau):

the best gain of a trader who buys at L and later sells at R, as often as he likes.
"""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from hardposterior.impl import arguments
from hardposterior.impl.closeness import threshold

Cdf = Callable[[torch.Tensor], torch.Tensor]


def closeness_from_cdfs(
    cdf_x: Cdf, cdf_y: Cdf, tau: float, low: float, high: float, *, cells: int = 100_000
) -> tuple[float, float]:
    """Lower and upper bounds on the least delta of two laws on the line, given by their cdfs.

    A cdf takes a float64 tensor (n,) and returns its values (n,); it is right-continuous, so laws
    with atoms are allowed. The line is cut into `cells` equal cells on [low, high] and two tails.
    The lower value is attained by a union of cells, so it holds whatever the grid. The upper value
    only uses that cdfs do not decrease: it exceeds the lower one by about the mass of both laws in
    the cells where the best set has its ends, plus the mass of the first law in the tails. Both
    hold up to the rounding of the cdfs. More cells bring them together, except at a tau where
    delta jumps (atoms exactly tau apart).

    Raises `InvalidArgument` for tau <= 0 (cdfs on a grid give no upper bound on total variation),
    cells wider than 2 tau, low >= high, and a cdf that decreases or leaves [0, 1].

    >>> normal = torch.special.ndtr
    >>> low, high = closeness_from_cdfs(normal, lambda x: normal(x - 3), 1.0, -12.0, 15.0)
    >>> low <= 0.6826894921 <= high  # 2 Phi(1) - 1
    True
    """
    tau = threshold(tau)
    if tau == 0:
        arguments.reject("tau", tau, "above 0")
    low, high = arguments.finite("low", low), arguments.finite("high", high)
    if low >= high:
        arguments.reject("high", high, f"above low = {low!r}")
    cells = arguments.integer("cells", cells, 1)
    if (high - low) / cells > 2 * tau:
        arguments.reject("cells", cells, f"at least {(high - low) / (2 * tau):.6g}: width <= 2 tau")
    grid = np.linspace(low, high, cells + 1)
    mass = _values("cdf_x", cdf_x, grid)
    ahead = _values("cdf_y", cdf_y, grid + tau)
    behind = _values("cdf_y", cdf_y, grid - tau)

    lower = _best_trades(mass - behind, mass - ahead)
    # In the cell (g, h] no a costs less than F(g) - G(h - tau), no b brings more than
    # F(h) - G(g + tau). A gap inside a cell is at most 2 tau wide: nobody sells, then buys there.
    upper = _best_trades(mass[:-1] - behind[1:], mass[1:] - ahead[:-1], same_cell=True)
    tails = float(mass[0] + (1 - mass[-1]))
    return lower, max(lower, min(1.0, upper + tails))  # rounding must not swap them


def _best_trades(
    buy: NDArray[np.float64], sell: NDArray[np.float64], *, same_cell: bool = False
) -> float:
    """The largest sum of sell[j] - buy[i] over trades i < j (i <= j in the same cell) in order.

    A set that reaches to minus infinity starts for free, one to infinity ends for nothing.
    """
    free, holding = 0.0, 0.0
    for price, offer in zip(buy.tolist(), sell.tolist(), strict=True):
        bought = max(holding, free - price)
        sold = max(free, (bought if same_cell else holding) + offer)
        free, holding = sold, bought
    return max(free, holding)


def _values(name: str, cdf: Cdf, points: NDArray[np.float64]) -> NDArray[np.float64]:
    if not callable(cdf):
        arguments.reject(name, cdf, "callable")
    values = np.asarray(cdf(torch.from_numpy(points)), dtype=np.float64)
    if values.shape != points.shape:
        arguments.reject(name, f"values of shape {values.shape}", f"of shape {points.shape}")
    slack = 1e-12  # rounding inside the cdf
    if not np.all((values >= -slack) & (values <= 1 + slack)):
        arguments.reject(name, "values outside [0, 1]", "a cdf")
    if np.any(np.diff(values) < -slack):
        arguments.reject(name, "values that decrease", "a cdf")
    return values
